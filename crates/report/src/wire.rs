//! JSON: `plan.json` and what `--format json` prints, as types of their own, versioned by [`SCHEMA_VERSION`].
//!
//! Durations are seconds, rates per second, sizes bytes, shares between 0 and 1, money in the plan's currency a month. A figure that was
//! simulated or carries an interval is `{ value, low, high, reason?, at_least? }` with its 95% interval; a null value has a reason.
//! Keys are in snake case, words in kebab case. A key may be added without a new version; none changes its meaning without one.
//!
//! The verdict has its shape in `sim`, which versions it by itself; it stands unchanged inside a design of the plan.

mod plan;

pub use plan::PlanJson;

use groundplan_knowledge::rule::Source;
use groundplan_model::diagnostic::{Diagnostic, Severity};
use groundplan_planner::plan::Plan;
use groundplan_sim::verdict::Verdict;
use serde::Serialize;

/// Version of all shapes here.
pub const SCHEMA_VERSION: u32 = 1;

/// What `kind` says in a `plan.json`; a folder that holds one is ours to replace.
pub const PLAN_KIND: &str = "groundplan-plan";

/// A plan as JSON text, ending in a newline. `sources` are those that the plan may cite.
#[must_use]
pub fn plan(plan: &Plan, sources: &[Source]) -> String {
    text(&PlanJson::of(plan, sources))
}

/// A verdict as JSON text, ending in a newline.
#[must_use]
pub fn verdict(verdict: &Verdict) -> String {
    text(verdict)
}

/// Any value of ours as JSON text, ending in a newline.
#[must_use]
pub fn text(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("our shapes have text keys only");
    text.push('\n');
    text
}

/// What a check says of one file.
#[derive(Debug, Clone, Serialize)]
pub struct CheckJson {
    /// Version of this shape.
    pub schema_version: u32,
    /// The files, in the order they were named.
    pub files: Vec<CheckedFile>,
}

/// One file that was checked.
#[derive(Debug, Clone, Serialize)]
pub struct CheckedFile {
    /// Its path, as it was named.
    pub file: String,
    /// `brief` or `design`; null where it can't be told.
    pub kind: Option<&'static str>,
    /// Whether it can be used.
    pub ok: bool,
    /// What is wrong.
    pub diagnostics: Vec<DiagnosticJson>,
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, Serialize)]
pub struct DiagnosticJson {
    /// Stable name of the fault.
    pub code: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: Severity,
    /// What is wrong.
    pub headline: String,
    /// Where; the first is the main one.
    pub places: Vec<PlaceJson>,
    /// Arithmetic and background.
    pub notes: Vec<String>,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceJson {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is said of it; may be empty.
    pub text: String,
}

impl DiagnosticJson {
    /// A diagnostic of a file with this text.
    #[must_use]
    pub fn of(diagnostic: &Diagnostic, source: &str) -> DiagnosticJson {
        let places = diagnostic.labels.iter().filter(|label| !label.span.is_none());
        DiagnosticJson {
            code: diagnostic.code,
            severity: diagnostic.severity,
            headline: diagnostic.headline.clone(),
            places: places
                .map(|label| {
                    let (line, column) = place(source, label.span.start as usize);
                    PlaceJson { line, column, text: label.text.clone() }
                })
                .collect(),
            notes: diagnostic.notes.clone(),
            help: diagnostic.help.clone(),
        }
    }
}

/// Line and column of a byte, both from 1.
#[must_use]
pub fn place(source: &str, byte: usize) -> (usize, usize) {
    let mut end = byte.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = &source[..end];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        assert_eq!(place("a\nbé: x", 6), (2, 4));
        assert_eq!(place("", 0), (1, 1));
        assert_eq!(place("é", 1), (1, 1));
        assert_eq!(place("a\n", 99), (2, 1));
    }
}
