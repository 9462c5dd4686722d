//! Two designs side by side: figures of either, the difference run by run, and what the shared luck was worth.

use super::notes::Notes;
use super::verdict::{expectations, interrupted, self_checks};
use crate::figure::Unit;
use crate::terminal::{Align, Page, Rich, Tone};
use groundplan_model::estimate::Estimate;
use groundplan_sim::run::Comparison;
use groundplan_sim::statistics::Difference;
use groundplan_sim::verdict::Verdict;

/// A comparison as text of 80 columns.
#[must_use]
pub fn comparison(comparison: &Comparison) -> String {
    let Comparison { first, second, warm_up, replications, .. } = comparison;
    let mut page = Page::new();
    page.title(&format!("{} and {}", first.design, second.design));
    for side in [first, second] {
        interrupted(&mut page, side);
    }
    page.gap();
    let runs =
        format!("{replications} pairs of runs of {} after {warm_up} of warm-up, under the same luck", first.duration);
    page.paragraph(2, &Rich::new(Tone::Dim, &runs));
    page.paragraph(2, &Rich::from(format!("A: {}", first.design)));
    page.paragraph(2, &Rich::from(format!("B: {}", second.design)));
    for side in [first, second].into_iter().filter(|side| !side.warm_up.steady) {
        page.paragraph(2, &Rich::new(Tone::Bad, &format!("no steady state: {}", side.design)));
    }
    let mut notes = Notes::default();
    for (name, difference) in &comparison.operations {
        let (Some(one), Some(other)) = (first.operations.get(name), second.operations.get(&difference.second)) else {
            continue;
        };
        page.gap();
        page.paragraph(2, &Rich::new(Tone::Strong, name));
        let mut rows = vec![["", "A", "B", "B less A", "luck"].map(Rich::from).to_vec()];
        let mut row = |word: &str, one: &Estimate, other: &Estimate, difference: &Difference, unit: Unit| {
            let luck =
                difference.variance_ratio.map_or_else(|| "–".into(), |ratio| format!("{}x", Unit::Number.show(ratio)));
            rows.push(vec![
                Rich::new(Tone::Dim, word),
                notes.cell(one, unit),
                notes.cell(other, unit),
                notes.cell(&difference.difference, unit),
                Rich::from(luck),
            ]);
        };
        row("mean", &one.latency.mean, &other.latency.mean, &difference.mean, Unit::Seconds);
        row("p50", &one.latency.p50, &other.latency.p50, &difference.p50, Unit::Seconds);
        row("p99", &one.latency.p99, &other.latency.p99, &difference.p99, Unit::Seconds);
        row("ok", &one.availability, &other.availability, &difference.availability, Unit::Share);
        row("goodput", &one.goodput, &other.goodput, &difference.goodput, Unit::PerSecond);
        let right = Align::Right;
        page.table(4, &[Align::Left, right, right, right, right], true, &rows);
    }
    notes.write(&mut page);
    alone(&mut page, comparison);
    expectations(&mut page, "Targets of A", &first.targets);
    expectations(&mut page, "Targets of B", &second.targets);
    page.gap();
    let luck = "luck: how many times as many independent runs the same interval would take; intervals are 95%";
    page.paragraph(0, &Rich::new(Tone::Dim, luck));
    let mut checks = first.self_checks.clone();
    checks.add(&second.self_checks);
    self_checks(&mut page, &checks);
    page.finish()
}

/// Entries that only one of them has.
fn alone(page: &mut Page, comparison: &Comparison) {
    let mut say = |side: &Verdict, letter: &str, paired: &dyn Fn(&String) -> bool| {
        let names: Vec<&str> = side.operations.keys().filter(|name| !paired(name)).map(String::as_str).collect();
        if !names.is_empty() {
            page.gap();
            page.paragraph(2, &Rich::new(Tone::Dim, &format!("only in {letter}: {}", names.join(", "))));
        }
    };
    say(&comparison.first, "A", &|name| comparison.operations.contains_key(name));
    say(&comparison.second, "B", &|name| comparison.operations.values().any(|other| other.second == *name));
}
