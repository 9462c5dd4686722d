//! Availability over a year as text: the verdict by operation, the ledger of the one that loses most, what was left out.

use super::shown;
use crate::figure::{self, Unit};
use crate::terminal::{Align, Page, Rich, Tone};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::YEAR;
use groundplan_planner::annual::{Annual, Found, Line, OperationYear};
use groundplan_planner::plan::Holds;
use groundplan_sim::statistics::performability::Spread;

/// Lines of the ledger that are shown; what is smaller is added up.
const SHOWN: usize = 25;

/// A year of a design as text of 80 columns.
#[must_use]
pub fn availability(annual: &Annual) -> String {
    let mut page = Page::new();
    page.title(&format!("{}, a year", annual.design));
    if annual.interrupted {
        page.paragraph(0, &Rich::new(Tone::Warn, "Interrupted: what was run is shown, and nothing is decided by it."));
    }
    page.heading("Availability over the year");
    operations(&mut page, &annual.operations);
    let worst = (0..annual.operations.len()).max_by(|a, b| {
        let lost = |nth: &usize| annual.operations[*nth].unavailability.value.unwrap_or(0.0);
        lost(a).total_cmp(&lost(b)).then(b.cmp(a))
    });
    if let Some(worst) = worst {
        ledger(&mut page, annual, worst);
    }
    omitted(&mut page, annual);
    page.gap();
    page.line(&verdict(annual));
    page.paragraph(
        0,
        &Rich::new(
            Tone::Dim,
            &format!(
                "{} runs of each fault, seed {}. 95% intervals by the delta method: chance in the runs, and the stated ranges of \
                 rates and lengths. Bad are requests that failed or were late, beyond those that are so without a fault.",
                annual.replications, annual.seed
            ),
        ),
    );
    page.finish()
}

fn operations(page: &mut Page, operations: &[OperationYear]) {
    let head = ["operation", "availability", "minutes lost", "budget", "verdict"];
    let mut rows = vec![head.iter().map(|word| Rich::new(Tone::Dim, word)).collect::<Vec<Rich>>()];
    for operation in operations {
        let lost = &operation.unavailability;
        let up = figure::figure(
            &Estimate {
                value: lost.value.map(|share| 1.0 - share),
                low: lost.high.map(|share| 1.0 - share),
                high: lost.low.map(|share| 1.0 - share),
                ..lost.clone()
            },
            Unit::Share,
        );
        let minutes = YEAR.0 / 60.0;
        let scaled = |part: Option<f64>| part.map(|share| share * minutes);
        let lost =
            Estimate { value: scaled(lost.value), low: scaled(lost.low), high: scaled(lost.high), ..lost.clone() };
        let budget =
            operation.target.map_or("–".to_string(), |target| Unit::Minutes.show((1.0 - target.0) * minutes));
        let (tone, word) = match (operation.target, operation.holds) {
            (None, _) => (Tone::Dim, "no target"),
            (_, Holds::Yes) => (Tone::Good, "holds"),
            (_, Holds::No) => (Tone::Bad, "fails"),
            (_, Holds::Undecided) => (Tone::Warn, "undecided"),
        };
        rows.push(vec![
            Rich::new(Tone::Plain, &operation.name),
            Rich::new(Tone::Plain, &up.value).and(Tone::Dim, &format!(" {}", up.spread)),
            shown(&lost, Unit::Minutes),
            Rich::new(Tone::Plain, &budget),
            Rich::new(tone, word),
        ]);
    }
    page.table(2, &[Align::Left, Align::Left, Align::Left, Align::Right, Align::Left], true, &rows);
    for operation in operations {
        if let Some(reason) = &operation.unavailability.reason {
            page.item(4, "!", &Rich::new(Tone::Warn, &format!("{}: {reason}", operation.name)));
        }
    }
}

fn ledger(page: &mut Page, annual: &Annual, worst: usize) {
    page.heading(&format!("Ledger of {}", annual.operations[worst].name));
    let head = ["cause", "a year", "lasts", "minutes each", "minutes a year"];
    let mut rows = vec![head.iter().map(|word| Rich::new(Tone::Dim, word)).collect::<Vec<Rich>>()];
    let steady = annual.operations[worst].steady.value.unwrap_or(0.0) * YEAR.0 / 60.0;
    rows.push(vec![
        Rich::new(Tone::Plain, "no fault at all"),
        Rich::new(Tone::Dim, "–"),
        Rich::new(Tone::Dim, "–"),
        Rich::new(Tone::Dim, "–"),
        Rich::new(Tone::Plain, &Unit::Minutes.show(steady)),
    ]);
    let mut lines: Vec<&Line> = annual.lines.iter().collect();
    lines.sort_by(|a, b| year_of(b, worst).total_cmp(&year_of(a, worst)));
    for line in lines.iter().take(SHOWN) {
        let mark = match line.how {
            Found::Run => "",
            Found::Extended => " *",
            Found::Unfinished => " >",
            Found::Charged => " +",
        };
        rows.push(vec![
            Rich::new(Tone::Plain, &line.name).and(Tone::Dim, mark),
            Rich::new(Tone::Plain, &spread(line.rate, Unit::Number)),
            Rich::new(Tone::Plain, &spread(line.lasts, Unit::Seconds)),
            shown(&line.minutes_each[worst], Unit::Minutes),
            shown(&line.minutes_year[worst], Unit::Minutes),
        ]);
    }
    page.table(2, &[Align::Left, Align::Left, Align::Left, Align::Left, Align::Left], true, &rows);
    if lines.len() > SHOWN {
        let rest: f64 = lines[SHOWN..].iter().map(|line| year_of(line, worst)).sum();
        let text = format!("{} smaller ones add {}.", lines.len() - SHOWN, Unit::Minutes.show(rest));
        page.paragraph(2, &Rich::new(Tone::Dim, &text));
    }
    let any = |how: Found| annual.lines.iter().any(|line| line.how == how);
    let mut notes = Vec::new();
    if any(Found::Extended) {
        notes.push("* held for 2 min at most; what it costs in the end is carried on for as long as it lasts");
    }
    if any(Found::Unfinished) {
        notes.push("> not over when it was watched no more: it costs at least this");
    }
    if any(Found::Charged) {
        notes.push("+ not run: everybody is taken to be down while it lasts");
    }
    for note in notes {
        page.paragraph(2, &Rich::new(Tone::Dim, note));
    }
    let mut sources: Vec<&str> = lines.iter().map(|line| line.source.split(';').next().unwrap_or_default()).collect();
    sources.sort_unstable();
    sources.dedup();
    page.paragraph(2, &Rich::new(Tone::Dim, &format!("Rates: {}.", sources.join("; "))));
}

fn year_of(line: &Line, operation: usize) -> f64 {
    line.minutes_year[operation].value.unwrap_or(0.0)
}

fn spread(spread: Spread, unit: Unit) -> String {
    let Spread { low, value, high } = spread;
    if low == high {
        return unit.show(value);
    }
    format!("{} ({}..{})", unit.show(value), unit.show(low), unit.show(high))
}

fn omitted(page: &mut Page, annual: &Annual) {
    page.heading("What was left out, and whether the method holds");
    let omitted = annual.omitted;
    let minutes = |share: f64| Unit::Minutes.show(share * YEAR.0 / 60.0);
    let allowed = match omitted.allowed {
        Some(allowed) => format!("a tenth of the smallest budget is {}", minutes(allowed)),
        None => "no target says how much may be".to_string(),
    };
    page.paragraph(
        2,
        &Rich::new(
            Tone::Plain,
            &format!(
                "{} pairs of causes that were not run ({} a year), three or more at once ({}): charged as total outage; {allowed}.",
                omitted.pairs,
                minutes(omitted.of_pairs),
                minutes(omitted.of_more)
            ),
        ),
    );
    let spacing = if annual.spacing.0.is_finite() { Unit::Seconds.show(annual.spacing.0) } else { "–".into() };
    let tone = if annual.valid { Tone::Plain } else { Tone::Bad };
    let says = if annual.valid { "far apart" } else { "too dense to be taken one by one" };
    page.paragraph(
        2,
        &Rich::new(
            tone,
            &format!(
                "An episode lasts {} on average, and one begins every {spacing}: {says}.",
                Unit::Seconds.show(annual.episode.0)
            ),
        ),
    );
}

fn verdict(annual: &Annual) -> Rich {
    let asked: Vec<&OperationYear> = annual.operations.iter().filter(|operation| operation.target.is_some()).collect();
    let count = |holds: Holds| asked.iter().filter(|operation| operation.holds == holds).count();
    match (count(Holds::No), count(Holds::Undecided), asked.len()) {
        (_, _, 0) => Rich::new(Tone::Dim, "No operation has a target: `--target 99.9%` holds them against one."),
        (0, 0, all) => Rich::new(Tone::Good, &format!("All {all} targets hold over a year.")),
        (0, open, all) => {
            Rich::new(Tone::Warn, &format!("{open} of {all} targets are not decided: the interval touches the budget."))
        }
        (wrong, _, all) => Rich::new(Tone::Bad, &format!("{wrong} of {all} targets do not hold over a year.")),
    }
}
