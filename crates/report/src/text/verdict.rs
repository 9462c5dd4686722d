//! A verdict as text: entry points, components, calls that say something, targets; then each experiment.

use super::notes::Notes;
use super::{facts, shown};
use crate::figure::{self, Unit, of_expectation};
use crate::terminal::{Align, Page, Rich, Tone};
use crate::told;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use groundplan_planner::closed::ClosedForm;
use groundplan_sim::expectation::Holds;
use groundplan_sim::lower::inputs::Input;
use groundplan_sim::run::Interrupted;
use groundplan_sim::verdict::{
    CallVerdict, ComponentVerdict, CornerVerdict, ExpectationVerdict, ExperimentVerdict, Headroom, OperationVerdict,
    PrecisionVerdict, Regime, Resource, SelfChecks, Verdict, Violation,
};
use indexmap::IndexMap;

/// A verdict as text of 80 columns, with the closed forms that apply to parts of its design.
#[must_use]
pub fn verdict(verdict: &Verdict, closed_forms: &[ClosedForm]) -> String {
    let mut page = Page::new();
    page.title(&verdict.design);
    let mut notes = Notes::default();
    interrupted(&mut page, verdict);
    if verdict.replications > 0 && !verdict.operations.is_empty() {
        page.heading("Plain load");
        page.paragraph(2, &Rich::new(Tone::Dim, &runs(verdict)));
        if !verdict.warm_up.steady {
            let growth = verdict
                .warm_up
                .growth
                .map_or(String::new(), |growth| format!("; requests in the system grow by {growth}"));
            page.paragraph(2, &Rich::new(Tone::Bad, &format!("no steady state{growth}")));
        }
        operations(&mut page, &verdict.operations, &mut notes);
        components(&mut page, &verdict.components, &mut notes);
        calls(&mut page, &verdict.calls, &mut notes);
        notes.write(&mut page);
        collapse(&mut page, verdict.collapse.as_ref(), &verdict.regimes, &mut notes);
        notes.write(&mut page);
        super::closed::section(&mut page, closed_forms);
        expectations(&mut page, "Targets", &verdict.targets);
        headroom(&mut page, verdict.headroom.as_ref());
    }
    for experiment in &verdict.experiments {
        self::experiment(&mut page, experiment, &mut notes);
    }
    if let Some(sensitivity) = &verdict.sensitivity {
        super::sensitivity::section(&mut page, verdict, sensitivity);
    }
    page.gap();
    let all: Vec<&ExpectationVerdict> = verdict
        .targets
        .iter()
        .chain(verdict.experiments.iter().flat_map(|experiment| &experiment.expectations))
        .collect();
    page.line(&summary(&all, verdict.interrupted()));
    page.paragraph(
        0,
        &Rich::new(
            Tone::Dim,
            &format!("{} events, seed {}; intervals are 95%", Unit::Count.show(verdict.events as f64), verdict.seed),
        ),
    );
    self_checks(&mut page, &verdict.all_self_checks());
    page.finish()
}

/// One line if all is well; what is wrong with us if not.
pub(super) fn self_checks(page: &mut Page, checks: &SelfChecks) {
    if checks.violated == 0 {
        if checks.held > 0 {
            let held = Unit::Count.show(checks.held as f64);
            page.paragraph(0, &Rich::new(Tone::Dim, &format!("self-checks: {held} held")));
        }
        return;
    }
    let all = checks.held + checks.violated;
    let headline = format!("{} of {all} self-checks do not hold; do not rely on these figures.", checks.violated);
    page.paragraph(0, &Rich::new(Tone::Bad, &headline));
    for violation in checks.violations.iter().take(3) {
        let Violation { check, subject, run, one, other } = violation;
        let text = format!("{} at {subject}, run {run}: {one} against {other}", check.words());
        page.paragraph(2, &Rich::new(Tone::Bad, &text));
    }
}

fn runs(verdict: &Verdict) -> String {
    let dropped = verdict.warm_up.dropped;
    let warm_up = if dropped.0 > 0.0 { format!(" after {dropped} of warm-up") } else { String::new() };
    let runs = plural(verdict.replications, "run");
    format!("{runs} of {}{warm_up}{}", verdict.duration, unreached(verdict.precision))
}

/// How far the load could grow.
fn headroom(page: &mut Page, headroom: Option<&Headroom>) {
    let Some(Headroom { component, resource, factor }) = headroom else { return };
    let Some(value) = factor.value else { return };
    let what = match resource {
        Resource::Workers => "workers",
        Resource::Cores => "cores",
    };
    page.gap();
    let text = if value <= 1.001 {
        format!("{component} has nothing to spare: this load uses its {what} up")
    } else {
        let times = figure::figure(factor, Unit::Number).line();
        format!("{component} has the least to spare: {times} times this load uses its {what} up, at most")
    };
    page.paragraph(2, &Rich::new(Tone::Plain, &text));
}

/// What is said of runs that are not as precise as was asked.
fn unreached(precision: Option<PrecisionVerdict>) -> String {
    let missed = precision.filter(|precision| !precision.reached);
    missed.map_or(String::new(), |missed| {
        format!("; not yet as precise as was asked ({})", Unit::Share.show(missed.wanted))
    })
}

/// What is missing because somebody asked to stop.
pub(super) fn interrupted(page: &mut Page, verdict: &Verdict) {
    if !verdict.interrupted() {
        return;
    }
    let cut = |what: &str, cut: Option<Interrupted>, runs: u64| {
        cut.map(|cut| {
            let too_few = if runs == 0 { ", too few to say anything" } else { "" };
            format!("{} of {} runs of {what} are in{too_few}", cut.finished, cut.of)
        })
    };
    let mut parts: Vec<String> = cut("the plain load", verdict.interrupted, verdict.replications).into_iter().collect();
    for experiment in verdict.experiments.iter().filter(|experiment| experiment.interrupted != verdict.interrupted) {
        parts.extend(cut(&format!("`{}`", experiment.name), experiment.interrupted, experiment.replications));
    }
    if !verdict.not_run.is_empty() {
        let names: Vec<String> = verdict.not_run.iter().map(|name| format!("`{name}`")).collect();
        parts.push(format!("not run: {}", names.join(", ")));
    }
    page.gap();
    page.paragraph(0, &Rich::new(Tone::Bad, &format!("Interrupted: {}.", parts.join("; "))));
}

/// How often runs do not come back, and what either kind shows where both are common.
fn collapse(page: &mut Page, collapse: Option<&Estimate>, regimes: &[Regime], notes: &mut Notes) {
    let Some(collapse) = collapse else { return };
    let mut rich = Rich::new(Tone::Dim, "runs that do not come back: ");
    rich.0.extend(notes.cell(collapse, Unit::Share).0);
    page.paragraph(2, &rich);
    if regimes.is_empty() {
        return;
    }
    let mut rows = vec![["", "", "p50", "p99", "ok", "goodput"].map(Rich::from).to_vec()];
    for regime in regimes {
        let kind = if regime.collapsed { "collapse" } else { "do not" };
        for (nth, (name, operation)) in regime.operations.iter().enumerate() {
            let which = if nth == 0 { format!("{} {kind}", plural(regime.runs, "run")) } else { String::new() };
            rows.push(vec![
                Rich::from(which),
                Rich::from(name.as_str()),
                notes.cell(&operation.latency.p50, Unit::Seconds),
                notes.cell(&operation.latency.p99, Unit::Seconds),
                notes.cell(&operation.availability, Unit::Share),
                notes.cell(&operation.goodput, Unit::PerSecond),
            ]);
        }
    }
    let right = Align::Right;
    page.table(2, &[Align::Left, Align::Left, right, right, right, right], true, &rows);
}

fn plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn summary(all: &[&ExpectationVerdict], interrupted: bool) -> Rich {
    let count = |holds: Holds| all.iter().filter(|expectation| expectation.holds == holds).count();
    let (yes, no, undecided) = (count(Holds::Yes), count(Holds::No), count(Holds::Undecided));
    let (good, bad, warn) = (Tone::Good, Tone::Bad, Tone::Warn);
    match (all.len(), yes, no, undecided) {
        (0, ..) if interrupted => Rich::new(warn, "Nothing that was expected has been tried."),
        (0, ..) => Rich::new(Tone::Dim, "Nothing was expected: no target and no expectation."),
        (1, 1, ..) => Rich::new(good, "The one expectation holds."),
        (1, _, 1, _) => Rich::new(bad, "The one expectation does not hold."),
        (1, ..) => Rich::new(warn, "The one expectation is not decided."),
        (all, _, 0, 0) => Rich::new(good, &format!("All {all} expectations hold.")),
        (all, _, 0, _) => Rich::new(warn, &format!("{undecided} of {all} expectations {} not decided", are(undecided))),
        (all, ..) => {
            let more = match undecided {
                0 => String::new(),
                some => format!(", {some} {} not decided", are(some)),
            };
            let do_not = if no == 1 { "does not" } else { "do not" };
            Rich::new(bad, &format!("{no} of {all} expectations {do_not} hold")).and(warn, &more)
        }
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn operations(page: &mut Page, operations: &IndexMap<String, OperationVerdict>, notes: &mut Notes) {
    for (name, operation) in operations {
        page.gap();
        page.paragraph(2, &Rich::new(Tone::Strong, name));
        let latency = &operation.latency;
        let mut row = |word: &str, estimate: &Estimate, unit| [Rich::new(Tone::Dim, word), notes.cell(estimate, unit)];
        let left = [
            row("mean", &latency.mean, Unit::Seconds),
            row("p50", &latency.p50, Unit::Seconds),
            row("p90", &latency.p90, Unit::Seconds),
            row("p99", &latency.p99, Unit::Seconds),
            row("p99.9", &latency.p999, Unit::Seconds),
        ];
        let mut right = vec![
            row("arrivals", &operation.arrivals, Unit::PerSecond),
            row("throughput", &operation.throughput, Unit::PerSecond),
            row("goodput", &operation.goodput, Unit::PerSecond),
            row("availability", &operation.availability, Unit::Share),
        ];
        if let Some(settled) = &operation.settled {
            right.push(row("settled p99", &settled.p99, Unit::Seconds));
        }
        for (cause, share) in &operation.errors {
            right.push(row(cause, share, Unit::Share));
        }
        let blank = || [Rich::default(), Rich::default()];
        let rows: Vec<Vec<Rich>> = (0..left.len().max(right.len()))
            .map(|nth| {
                let cells =
                    [left.get(nth).cloned().unwrap_or_else(blank), right.get(nth).cloned().unwrap_or_else(blank)];
                cells.concat()
            })
            .collect();
        page.fixed_table(4, &[Align::Left, Align::Left, Align::Left, Align::Left], &[6, 24, 13, 24], 2, false, &rows);
    }
}

fn components(page: &mut Page, components: &IndexMap<String, ComponentVerdict>, notes: &mut Notes) {
    if components.is_empty() {
        return;
    }
    page.heading("Components");
    let head = ["", "in use", "saturated", "waiting", "wait p99", "time p99"].map(Rich::from).to_vec();
    let mut rows = vec![head];
    let mut more: Vec<(String, Vec<Rich>)> = Vec::new();
    for (name, component) in components {
        rows.push(vec![
            Rich::from(name.as_str()),
            notes.cell(&component.utilisation, Unit::Share),
            notes.cell(&component.saturation, Unit::Share),
            notes.cell(&component.queue, Unit::Number),
            notes.cell(&component.wait.p99, Unit::Seconds),
            notes.cell(&component.time.p99, Unit::Seconds),
        ]);
        let facts = facts::of(component);
        if !facts.is_empty() {
            more.push((name.clone(), facts));
        }
    }
    let right = Align::Right;
    page.table(2, &[Align::Left, right, right, right, right, right], true, &rows);
    for (name, facts) in more {
        facts::line(page, Tone::Plain, &name, facts);
    }
}

fn calls(page: &mut Page, calls: &IndexMap<String, CallVerdict>, notes: &mut Notes) {
    if calls.is_empty() {
        return;
    }
    page.heading("Calls");
    let mut head = ["", "rate", "attempts per call", "errors", "p99"].map(Rich::from).to_vec();
    let refuses = calls.values().any(|call| call.refused_here.is_some());
    if refuses {
        head.push(Rich::from("refused by the caller"));
    }
    let wastes = calls.values().any(|call| call.wasted.is_some());
    if wastes {
        head.push(Rich::from("wasted"));
    }
    let columns = head.len();
    let mut rows = vec![head];
    for (name, call) in calls {
        rows.push(vec![
            Rich::from(name.replace("->", " → ")),
            notes.cell(&call.rate, Unit::PerSecond),
            notes.cell(&call.amplification, Unit::Number),
            notes.cell(&call.errors, Unit::Share),
            notes.cell(&call.latency.p99, Unit::Seconds),
        ]);
        if let Some(row) = rows.last_mut().filter(|_| refuses) {
            row.push(call.refused_here.as_ref().map_or_else(Rich::default, |share| notes.cell(share, Unit::Share)));
        }
        if let Some(row) = rows.last_mut().filter(|_| wastes) {
            row.push(call.wasted.as_ref().map_or_else(Rich::default, |share| notes.cell(share, Unit::Share)));
        }
    }
    let mut aligns = vec![Align::Right; columns];
    aligns[0] = Align::Left;
    page.table(2, &aligns, true, &rows);
}

fn experiment(page: &mut Page, experiment: &ExperimentVerdict, notes: &mut Notes) {
    page.heading(&format!("Experiment: {}", experiment.name));
    let runs = plural(experiment.replications, "run");
    let runs = format!("{runs} of {}{}", Seconds(experiment.duration.0), unreached(experiment.precision));
    page.paragraph(2, &Rich::new(Tone::Dim, &runs));
    if !experiment.set.is_empty() {
        page.paragraph(2, &Rich::new(Tone::Dim, &format!("with {}", settings(&experiment.set))));
    }
    let faulty = !experiment.recovery.is_empty() || !experiment.blast_radius.is_empty();
    let mut head: Vec<Rich> = ["", "p50", "p99", "ok"].map(Rich::from).to_vec();
    if faulty {
        head.extend(["worst 10 s", "bad min", "recovery"].map(Rich::from));
    }
    let mut rows = vec![head];
    for (name, operation) in &experiment.operations {
        let mut row = vec![
            Rich::from(name.as_str()),
            notes.cell(&operation.latency.p50, Unit::Seconds),
            notes.cell(&operation.latency.p99, Unit::Seconds),
            notes.cell(&operation.availability, Unit::Share),
        ];
        if faulty {
            let none = || Estimate::unknown("no fault");
            let blast = experiment.blast_radius.get(name);
            let peak = blast.map_or_else(none, |blast| blast.peak.clone());
            let minutes = blast.map_or_else(none, |blast| blast.bad_user_minutes.clone());
            let recovery = experiment.recovery.get(name).cloned().unwrap_or_else(none);
            row.push(if told::bad_before(&peak, &recovery) {
                Rich::from("bad before").and(Tone::Dim, &notes.mark(told::BAD_BEFORE))
            } else {
                notes.cell(&peak, Unit::Share)
            });
            row.push(notes.cell(&minutes, Unit::Number));
            row.push(notes.cell(&recovery, Unit::Seconds));
        }
        rows.push(row);
    }
    let aligns: Vec<Align> = (0..rows[0].len()).map(|nth| if nth == 0 { Align::Left } else { Align::Right }).collect();
    page.table(2, &aligns, true, &rows);
    for (name, component) in &experiment.components {
        facts::line(page, Tone::Dim, name, facts::harmful(component));
    }
    collapse(page, experiment.collapse.as_ref(), &experiment.regimes, notes);
    detection(page, experiment, notes);
    notes.write(page);
    super::around::section(page, experiment);
    let heading = match experiment.corners.len() {
        0 => "Expected".to_string(),
        many => format!("Expected at each of {many} combinations; the figures are those of the worst"),
    };
    expectations(page, &heading, &experiment.expectations);
    corners(page, &experiment.corners);
}

/// When people would have been called, and what of these times nobody measured.
fn detection(page: &mut Page, experiment: &ExperimentVerdict, notes: &mut Notes) {
    let alarmed = experiment.detected_by_alert.iter().filter(|(_, found)| found.value.is_some() && !found.at_least);
    for (nth, (name, found)) in alarmed.enumerate() {
        if nth == 0 {
            page.gap();
        }
        let mut rich = Rich::new(Tone::Dim, &format!("an alert on {name} fires after "));
        rich.0.extend(notes.cell(found, Unit::Seconds).0);
        page.paragraph(2, &rich);
    }
    if !experiment.inputs.is_empty() {
        let shown = |input: &Input| match &input.component {
            Some(component) => format!("{component}: {} {}", input.name, input.value),
            None => format!("{} {}", input.name, input.value),
        };
        let all: Vec<String> = experiment.inputs.iter().map(shown).collect();
        page.paragraph(2, &Rich::new(Tone::Dim, &format!("given, not measured: {}", all.join("; "))));
    }
}

/// `components.db.queue = 50, ...`
fn settings(at: &IndexMap<String, String>) -> String {
    at.iter().map(|(path, value)| format!("{path} = {value}")).collect::<Vec<_>>().join(", ")
}

/// Every combination of a box: a line each, with what was measured for each expectation.
fn corners(page: &mut Page, corners: &[CornerVerdict]) {
    let Some(first) = corners.first() else { return };
    let paths: Vec<&str> = first.at.keys().map(String::as_str).collect();
    page.paragraph(4, &Rich::new(Tone::Dim, &format!("by {}:", paths.join(", "))));
    for corner in corners {
        let values: Vec<&str> = corner.at.values().map(String::as_str).collect();
        let mut line = Rich::new(Tone::Dim, &format!("{}: ", values.join(", ")));
        for (nth, expectation) in corner.expectations.iter().enumerate() {
            let tone = match expectation.holds {
                Holds::Yes => Tone::Good,
                Holds::No => Tone::Bad,
                Holds::Undecided => Tone::Warn,
            };
            let measured = figure::line(&expectation.measured, of_expectation(&expectation.text));
            line = line.and(tone, &format!("{}{measured}", if nth > 0 { ", " } else { "" }));
        }
        page.paragraph(4, &line);
    }
}

pub(super) fn expectations(page: &mut Page, heading: &str, expectations: &[ExpectationVerdict]) {
    if expectations.is_empty() {
        return;
    }
    page.gap();
    page.paragraph(2, &Rich::new(Tone::Dim, heading));
    let rows: Vec<Vec<Rich>> = expectations
        .iter()
        .map(|expectation| {
            let word = match expectation.holds {
                Holds::Yes => Rich::new(Tone::Good, "holds"),
                Holds::No => Rich::new(Tone::Bad, "does not hold"),
                Holds::Undecided => Rich::new(Tone::Warn, "not decided"),
            };
            let mut measured = shown(&expectation.measured, of_expectation(&expectation.text));
            if let Some(runs) = expectation.runs_needed {
                measured = measured.and(Tone::Dim, &format!(" (about {runs} runs would tell)"));
            } else if let (None, Some(reason)) = (expectation.measured.value, &expectation.measured.reason) {
                measured = measured.and(Tone::Dim, &format!(" {}", figure::in_full(reason)));
            }
            vec![Rich::from(expectation.text.as_str()), word, measured]
        })
        .collect();
    page.table(4, &[Align::Left, Align::Left, Align::Left], false, &rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_tells_what_was_tried_and_how_it_went() {
        let expectation = |holds| ExpectationVerdict {
            text: "p99(a.b) <= 1s".into(),
            measured: Estimate::exact(1.0),
            threshold: 1.0,
            holds,
            runs_needed: None,
        };
        let told = |all: &[Holds], interrupted: bool| {
            let all: Vec<ExpectationVerdict> = all.iter().map(|holds| expectation(*holds)).collect();
            let line = summary(&all.iter().collect::<Vec<_>>(), interrupted);
            line.0.into_iter().map(|(_, text)| text).collect::<String>()
        };
        use Holds::{No, Undecided, Yes};
        assert_eq!(told(&[], false), "Nothing was expected: no target and no expectation.");
        assert_eq!(told(&[], true), "Nothing that was expected has been tried.");
        assert_eq!(told(&[Yes], false), "The one expectation holds.");
        assert_eq!(told(&[No], false), "The one expectation does not hold.");
        assert_eq!(told(&[Undecided], false), "The one expectation is not decided.");
        assert_eq!(told(&[Yes, Yes], false), "All 2 expectations hold.");
        assert_eq!(told(&[Yes, Undecided], false), "1 of 2 expectations is not decided");
        assert_eq!(told(&[No, No, Undecided], false), "2 of 3 expectations do not hold, 1 is not decided");
    }
}
