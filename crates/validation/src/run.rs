//! Runs an item and compares: one row a figure, with what was measured and the verdict. Seeds are fixed.

use crate::item::{Check, Figure, Form, Item, Length, Run};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::estimate::Estimate;
use groundplan_model::span::Span;
use groundplan_sim::expectation::parse;
use groundplan_sim::lower::compile;
use groundplan_sim::record::Record;
use groundplan_sim::run::{Bench, Listener, Options, with_bench};
use groundplan_sim::verdict::{Observed, measure};

/// Confidence of the interval that the expected value must lie in.
pub const SURE: f64 = 0.999;
/// Confidence of the interval whose half-width is held against the tolerance.
pub const USUAL: f64 = 0.95;
/// In the quick form, an interval may be this many times as wide as the tolerance.
pub const QUICK_WIDER: f64 = 4.0;
/// Seed of all luck.
const SEED: u64 = 1;

/// What became of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemOutcome {
    /// The item.
    pub item: Item,
    /// One row a figure.
    pub rows: Vec<Row>,
    /// Events fired.
    pub events: u64,
}

impl ItemOutcome {
    /// Whether every figure holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.verdict == Verdict::Holds)
    }
}

/// One figure, measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The figure.
    pub figure: Figure,
    /// What was measured, with its 95% interval. In the unit of the measure.
    pub measured: Estimate,
    /// With its 99.9% interval.
    pub sure: Estimate,
    /// Whether it is as it must be.
    pub verdict: Verdict,
}

/// How a figure stands to what must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it must be.
    Holds,
    /// It is another value.
    Differs,
    /// It may be right, but is known less well than asked (or, of runs that must be too short, better).
    TooWide,
    /// Nothing was measured; the estimate has the reason.
    Unknown,
}

impl Verdict {
    /// The word of the table.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Differs => "differs",
            Verdict::TooWide => "too wide",
            Verdict::Unknown => "unknown",
        }
    }
}

/// Runs an item.
///
/// # Errors
/// What is wrong with its designs or measures.
pub fn run_item(
    item: &Item,
    form: Form,
    threads: Option<usize>,
    listener: Listener<'_>,
) -> Result<ItemOutcome, Vec<Diagnostic>> {
    let mut outcome = ItemOutcome { item: item.clone(), rows: Vec::new(), events: 0 };
    for run in &item.runs {
        if let Some(length) = run.length(form) {
            let (rows, events) = run_one(run, length, form, threads, listener)?;
            outcome.rows.extend(rows);
            outcome.events += events;
        }
    }
    Ok(outcome)
}

fn run_one(
    run: &Run,
    length: Length,
    form: Form,
    threads: Option<usize>,
    listener: Listener<'_>,
) -> Result<(Vec<Row>, u64), Vec<Diagnostic>> {
    let mut design = run.design.clone();
    if let Some(experiment) = design.experiments.first_mut() {
        experiment.duration = length.duration;
    }
    let compiled = compile(&design)?;
    let options = Options {
        replications: length.replications,
        duration: length.duration,
        seed: SEED,
        threads,
        ..Options::default()
    };
    with_bench(&design, &compiled, |bench| {
        let Some(trial) = bench.experiments.first() else { return (Vec::new(), 0) };
        let warm_up = match trial.warm_up {
            Some(own) => own,
            None => bench.warm_up(&options, listener).dropped,
        };
        let (_, records) = bench.experiment(trial, &options, warm_up, listener);
        let rows = run.figures.iter().map(|figure| row(figure, bench, &records, form)).collect();
        (rows, records.iter().map(|record| record.events).sum())
    })
}

fn row(figure: &Figure, bench: &Bench<'_>, records: &[Record], form: Form) -> Row {
    let at = |confidence| {
        let one = |measure_text: &str| match parse(&format!("{measure_text} >= 0"), Span::NONE, bench.labels.subjects())
        {
            Ok(asked) => measure(&asked, Observed { records, confidence }, None),
            Err(diagnostic) => Estimate::unknown(diagnostic.headline),
        };
        match &figure.over {
            None => one(&figure.measure),
            Some(over) => quotient(&one(&figure.measure), &one(over)),
        }
    };
    let (measured, sure) = (at(USUAL), at(SURE));
    let wider = if form == Form::Quick { QUICK_WIDER } else { 1.0 };
    let verdict = judge(figure, &measured, &sure, wider);
    Row { figure: figure.clone(), measured, sure, verdict }
}

/// One over the other. The interval is that of their ends, no narrower than the truth.
fn quotient(one: &Estimate, over: &Estimate) -> Estimate {
    let divided = |top: Option<f64>, bottom: Option<f64>| top.zip(bottom).map(|(top, bottom)| top / bottom);
    match (one.value, over.value) {
        (Some(_), Some(bottom)) if bottom > 0.0 => Estimate {
            value: divided(one.value, over.value),
            low: divided(one.low, over.high),
            high: divided(one.high, over.low.filter(|low| *low > 0.0)),
            reason: one.reason.clone().or_else(|| over.reason.clone()),
            at_least: one.at_least,
        },
        (Some(_), Some(_)) => Estimate::unknown("it is over nothing"),
        (Some(_), None) => over.clone(),
        _ => one.clone(),
    }
}

/// `measured` is at 95%, `sure` at 99.9%; intervals may be `wider` times the tolerance.
fn judge(figure: &Figure, measured: &Estimate, sure: &Estimate, wider: f64) -> Verdict {
    let Some(value) = measured.value else { return Verdict::Unknown };
    let expected = &figure.expected;
    let tolerance = figure.tolerance.map_or(0.0, |tolerance| tolerance.around(expected.low));
    let ends = |estimate: &Estimate| if estimate.at_least { None } else { estimate.low.zip(estimate.high) };
    let half = |(low, high): (f64, f64)| (high - low) / 2.0;
    match figure.check {
        Check::Interval => {
            let (Some(sure), Some(usual)) = (ends(sure), ends(measured)) else { return Verdict::Unknown };
            // The expected value is itself known to its digits, or to its own interval, only.
            let slack = expected.slack + figure.uncertainty * 1.68;
            if expected.low < sure.0 - slack || expected.low > sure.1 + slack {
                Verdict::Differs
            } else if half(usual) > tolerance * wider {
                Verdict::TooWide
            } else {
                Verdict::Holds
            }
        }
        // A hair more than half a digit, for the arithmetic of floats.
        Check::Exact if (value - expected.low).abs() <= expected.slack * 1.000_001 => Verdict::Holds,
        Check::Near => match ends(measured) {
            None => Verdict::Unknown,
            Some(_) if (value - expected.low).abs() > tolerance => Verdict::Differs,
            Some(ends) if half(ends) > tolerance * wider => Verdict::TooWide,
            Some(_) => Verdict::Holds,
        },
        Check::Between => match ends(measured) {
            None => Verdict::Unknown,
            Some((low, high)) if low >= expected.low && high <= expected.high => Verdict::Holds,
            Some((low, high)) if high < expected.low || low > expected.high => Verdict::Differs,
            Some(_) => Verdict::TooWide,
        },
        Check::Wide => match ends(measured) {
            Some(ends) if half(ends) < tolerance => Verdict::TooWide,
            // No interval at all says as much.
            _ => Verdict::Holds,
        },
        Check::Exact => Verdict::Differs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Expected, Tolerance};

    fn figure(check: Check, low: f64, high: f64) -> Figure {
        Figure {
            name: "T".into(),
            measure: "mean(server.serve)".into(),
            over: None,
            expected: Expected { text: "5.0".into(), low, high, slack: 0.05, scale: 1.0, unit: "" },
            tolerance: Some(Tolerance::Relative(0.01)),
            check,
            uncertainty: 0.0,
        }
    }

    #[test]
    fn a_judge_can_say_no() {
        let verdict = |check, value: f64, half: f64| {
            let usual = Estimate::new(value, value - half, value + half);
            let sure = Estimate::new(value, value - 1.7 * half, value + 1.7 * half);
            let ends = if check == Check::Between { (4.5, 5.5) } else { (5.0, 5.0) };
            judge(&figure(check, ends.0, ends.1), &usual, &sure, 1.0)
        };
        assert_eq!(verdict(Check::Interval, 5.04, 0.04), Verdict::Holds);
        assert_eq!(verdict(Check::Interval, 5.2, 0.04), Verdict::Differs);
        assert_eq!(verdict(Check::Interval, 5.01, 0.06), Verdict::TooWide);
        assert_eq!(verdict(Check::Exact, 5.05, 0.0), Verdict::Holds);
        assert_eq!(verdict(Check::Exact, 5.06, 0.0), Verdict::Differs);
        assert_eq!(verdict(Check::Near, 5.049, 0.01), Verdict::Holds);
        assert_eq!(verdict(Check::Near, 5.06, 0.01), Verdict::Differs);
        assert_eq!(verdict(Check::Near, 5.01, 0.2), Verdict::TooWide);
        assert_eq!(verdict(Check::Between, 5.0, 0.4), Verdict::Holds);
        assert_eq!(verdict(Check::Between, 5.3, 0.4), Verdict::TooWide);
        assert_eq!(verdict(Check::Between, 6.0, 0.4), Verdict::Differs);
        assert_eq!(verdict(Check::Wide, 9.0, 0.06), Verdict::Holds);
        assert_eq!(verdict(Check::Wide, 5.0, 0.04), Verdict::TooWide);
        let unknown = Estimate::unknown("too few");
        assert_eq!(judge(&figure(Check::Exact, 5.0, 5.0), &unknown, &unknown, 1.0), Verdict::Unknown);
    }

    #[test]
    fn a_quotient_is_no_surer_than_its_parts() {
        let found = quotient(&Estimate::new(3.0, 2.0, 4.0), &Estimate::new(2.0, 1.0, 4.0));
        assert_eq!((found.value, found.low, found.high), (Some(1.5), Some(0.5), Some(4.0)));
        assert!(quotient(&Estimate::exact(1.0), &Estimate::exact(0.0)).value.is_none());
    }
}
