//! JSON: `plan.json` and what `--format json` prints, as types of their own, versioned by [`SCHEMA_VERSION`].
//!
//! Durations are seconds, rates per second, sizes bytes, shares between 0 and 1, money in the plan's currency a month. A figure that was
//! simulated or carries an interval is `{ value, low, high, reason?, at_least? }` with its 95% interval; a null value has a reason.
//! Keys are in snake case, words in kebab case. A key may be added without a new version; none changes its meaning without one.
//!
//! The verdict has its shape in `sim`, which versions it by itself; it stands unchanged inside a design of the plan.

mod availability;
mod decide;
mod knowledge;
mod outcomes;
mod plan;
mod reference;
mod script;
mod validation;

pub use availability::availability;
pub use decide::{decisions, questions};
pub use knowledge::{
    alone, coverage, knowledge, knowledge_check, knowledge_compare, knowledge_search, knowledge_sheet,
};
pub use outcomes::outcomes;
pub use plan::PlanJson;
pub use reference::{reference, reference_entries};
pub use script::script;
pub use validation::validation;

use groundplan_knowledge::rule::Source;
use groundplan_planner::closed::ClosedForm;
use groundplan_planner::plan::Plan;
use groundplan_sim::run::Waterfall;
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

/// A verdict, and the closed forms that apply to parts of its design.
#[derive(Debug, Clone, Serialize)]
struct VerdictJson<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    /// `subject`, `measure`, `model`, `approximate` (the assumption that is bent, or null), `value`, `simulated`.
    closed_forms: &'a [ClosedForm],
    /// Requests that were followed, where that was asked for.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    waterfalls: &'a [Waterfall],
}

/// A verdict as JSON text, ending in a newline.
#[must_use]
pub fn verdict(verdict: &Verdict, closed_forms: &[ClosedForm], waterfalls: &[Waterfall]) -> String {
    text(&VerdictJson { verdict, closed_forms, waterfalls })
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
    /// What is wrong, as `model` writes it: `{ file, line, column, end, code, severity, message, help, notes, labels }`.
    pub diagnostics: serde_json::Value,
}
