//! The shape of `knowledge cases`.

use super::{SCHEMA_VERSION, text};
use groundplan_knowledge::outcome::{Answer, Held};
use groundplan_knowledge::rule::Concern;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct OutcomesJson<'a> {
    /// Version of this shape.
    schema_version: u32,
    cases: Vec<CaseJson<'a>>,
}

#[derive(Debug, Serialize)]
struct CaseJson<'a> {
    case: &'a str,
    title: &'a str,
    /// What the engineers chose.
    chose: &'a str,
    /// What their reasons were about.
    reasons: &'a [Concern],
    sources: &'a [String],
    /// Whether every question is answered as they did, for a reason that was theirs.
    agrees: bool,
    /// Why it differs; empty where it doesn't.
    difference: &'a str,
    answers: &'a [Answer],
}

/// The cases as JSON text, ending in a newline.
#[must_use]
pub fn outcomes(list: &[Held]) -> String {
    let cases = list.iter().map(|held| CaseJson {
        case: &held.outcome.case,
        title: &held.outcome.title,
        chose: &held.outcome.chose,
        reasons: &held.outcome.reasons,
        sources: &held.outcome.sources,
        agrees: held.agrees(),
        difference: &held.outcome.difference,
        answers: &held.answers,
    });
    text(&OutcomesJson { schema_version: SCHEMA_VERSION, cases: cases.collect() })
}
