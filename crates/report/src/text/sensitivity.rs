//! What shorter and longer service times would do, beside what was measured.

use super::notes::Notes;
use crate::figure::Unit;
use crate::terminal::{Align, Page, Rich, Tone};
use groundplan_sim::expectation::Holds;
use groundplan_sim::run::{End, Sensitivity};
use groundplan_sim::verdict::Verdict;

/// The section: each entry of the load at both ends, and the expectations that turn.
pub(super) fn section(page: &mut Page, verdict: &Verdict, sensitivity: &Sensitivity) {
    page.heading("If all service times were shorter or longer");
    let mut notes = Notes::default();
    let mut head = vec![Rich::default(), Rich::default(), Rich::from("as designed")];
    head.extend(sensitivity.ends.iter().map(|end| Rich::from(times(end))));
    let mut rows = vec![head];
    for (name, operation) in &verdict.operations {
        let mut late = vec![Rich::from(name.as_str()), Rich::new(Tone::Dim, "p99")];
        let mut ok = vec![Rich::default(), Rich::new(Tone::Dim, "ok")];
        late.push(notes.cell(&operation.latency.p99, Unit::Seconds));
        ok.push(notes.cell(&operation.availability, Unit::Share));
        for end in &sensitivity.ends {
            let Some(at_end) = end.operations.get(name) else { continue };
            late.push(notes.cell(&at_end.p99, Unit::Seconds));
            ok.push(notes.cell(&at_end.availability, Unit::Share));
        }
        rows.extend([late, ok]);
    }
    let right = Align::Right;
    page.table(2, &[Align::Left, Align::Left, right, right, right], true, &rows);
    for end in sensitivity.ends.iter().filter(|end| !end.steady) {
        let text = format!("{}: no steady state; figures grow with the length of a run", times(end));
        page.paragraph(2, &Rich::new(Tone::Bad, &text));
    }
    notes.write(page);
    turns(page, verdict, sensitivity);
}

/// Targets and expectations that are answered otherwise at an end.
fn turns(page: &mut Page, verdict: &Verdict, sensitivity: &Sensitivity) {
    let of_experiments = verdict.experiments.iter().flat_map(|experiment| &experiment.expectations);
    let mut rows = vec![];
    for (nth, judged) in verdict.targets.iter().chain(of_experiments).enumerate() {
        let ends: Vec<Holds> =
            sensitivity.ends.iter().filter_map(|end| Some(end.expectations.get(nth)?.holds)).collect();
        if ends.iter().all(|holds| *holds == judged.holds) {
            continue;
        }
        let mut row = vec![Rich::from(judged.text.as_str()), word(judged.holds)];
        row.extend(ends.into_iter().map(word));
        rows.push(row);
    }
    if rows.is_empty() {
        if sensitivity.ends.iter().any(|end| !end.expectations.is_empty()) {
            page.paragraph(2, &Rich::new(Tone::Dim, "No expectation is answered otherwise at either end."));
        }
        return;
    }
    let mut head = vec![Rich::default(), Rich::from("as designed")];
    head.extend(sensitivity.ends.iter().map(|end| Rich::from(times(end))));
    rows.insert(0, head);
    page.gap();
    page.table(2, &[Align::Left; 4], true, &rows);
}

fn times(end: &End) -> String {
    format!("{}x", end.service_times)
}

fn word(holds: Holds) -> Rich {
    match holds {
        Holds::Yes => Rich::new(Tone::Good, "holds"),
        Holds::No => Rich::new(Tone::Bad, "does not hold"),
        Holds::Undecided => Rich::new(Tone::Warn, "not decided"),
    }
}
