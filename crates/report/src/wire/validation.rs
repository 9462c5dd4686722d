//! The shape of `validate`.

use super::{SCHEMA_VERSION, text};
use groundplan_model::estimate::Estimate;
use groundplan_validation::{Form, ItemOutcome, Row, Tolerance};
use serde::Serialize;

/// The validation table.
#[derive(Debug, Serialize)]
struct ValidationJson<'a> {
    /// Version of this shape.
    schema_version: u32,
    /// `quick` or `whole`.
    form: &'static str,
    /// Whether every figure holds.
    holds: bool,
    /// The items, in their registered order.
    items: Vec<ItemJson<'a>>,
}

#[derive(Debug, Serialize)]
struct ItemJson<'a> {
    item: &'a str,
    title: &'a str,
    source: &'a str,
    setup: &'a str,
    /// What of it is not run, and why; empty where all is.
    left_out: &'a str,
    holds: bool,
    events: u64,
    figures: Vec<FigureJson<'a>>,
}

#[derive(Debug, Serialize)]
struct FigureJson<'a> {
    figure: &'a str,
    /// The measure of the language.
    measure: &'a str,
    /// What it is divided by; null for no ratio.
    over: Option<&'a str>,
    /// As it is written in the item, with its digits.
    expected: &'a str,
    /// In the unit of the measure; null for an open end.
    expected_low: Option<f64>,
    expected_high: Option<f64>,
    /// `interval`, `exact`, `near`, `between` or `wide`.
    check: &'static str,
    /// In the unit of the measure; null where there is none.
    tolerance: Option<f64>,
    /// With its 95% interval.
    measured: &'a Estimate,
    /// The ends of the 99.9% interval.
    sure_low: Option<f64>,
    sure_high: Option<f64>,
    /// `holds`, `differs`, `too wide` or `unknown`.
    verdict: &'static str,
}

/// The table as JSON text, ending in a newline.
#[must_use]
pub fn validation(outcomes: &[ItemOutcome], form: Form) -> String {
    text(&ValidationJson {
        schema_version: SCHEMA_VERSION,
        form: match form {
            Form::Quick => "quick",
            Form::Whole => "whole",
        },
        holds: outcomes.iter().all(ItemOutcome::holds),
        items: outcomes
            .iter()
            .map(|outcome| ItemJson {
                item: &outcome.item.name,
                title: &outcome.item.title,
                source: &outcome.item.source,
                setup: &outcome.item.setup,
                left_out: &outcome.item.left_out,
                holds: outcome.holds(),
                events: outcome.events,
                figures: outcome.rows.iter().map(figure).collect(),
            })
            .collect(),
    })
}

fn figure(row: &Row) -> FigureJson<'_> {
    let figure = &row.figure;
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    FigureJson {
        figure: &figure.name,
        measure: &figure.measure,
        over: figure.over.as_deref(),
        expected: &figure.expected.text,
        expected_low: finite(figure.expected.low),
        expected_high: finite(figure.expected.high),
        check: figure.check.word(),
        tolerance: figure.tolerance.map(|tolerance: Tolerance| tolerance.around(figure.expected.low)),
        measured: &row.measured,
        sure_low: row.sure.low,
        sure_high: row.sure.high,
        verdict: row.verdict.word(),
    }
}
