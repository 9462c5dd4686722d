//! The shape of `availability`.

use super::{SCHEMA_VERSION, text};
use groundplan_model::estimate::Estimate;
use groundplan_planner::annual::{Annual, Found, Line, OperationYear};
use groundplan_planner::plan::Holds;
use groundplan_sim::statistics::performability::Spread;
use indexmap::IndexMap;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct AvailabilityJson<'a> {
    /// Version of this shape.
    schema_version: u32,
    design: &'a str,
    seed: u64,
    /// Runs of each fault.
    replications: usize,
    events: u64,
    interrupted: bool,
    /// Whether every target holds.
    holds: bool,
    operations: IndexMap<&'a str, OperationJson<'a>>,
    ledger: Vec<LineJson<'a>>,
    omitted: OmittedJson,
    /// Mean length of an episode. Unit: seconds.
    episode: f64,
    /// Mean time between the beginnings of two; null where nothing fails. Unit: seconds.
    spacing: Option<f64>,
    /// Whether episodes are so far apart that the method holds.
    valid: bool,
}

#[derive(Debug, Serialize)]
struct OperationJson<'a> {
    /// Share of requests that fails without any fault.
    steady: &'a Estimate,
    /// One minus the availability of the year.
    unavailability: &'a Estimate,
    /// Null where none is said.
    target: Option<f64>,
    /// `yes`, `no` or `undecided`; null without a target.
    holds: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct RangeJson {
    value: f64,
    low: f64,
    high: f64,
}

#[derive(Debug, Serialize)]
struct LineJson<'a> {
    cause: &'a str,
    /// Per year.
    rate: RangeJson,
    /// Unit: seconds.
    lasts: RangeJson,
    source: &'a str,
    /// `run`, `extended`, `unfinished` or `charged`.
    how: &'static str,
    /// From its beginning until nothing is worse than usual. Unit: seconds.
    episode: f64,
    /// By operation: minutes of everybody being down that one is as bad as.
    minutes_each: IndexMap<&'a str, &'a Estimate>,
    /// By operation.
    minutes_year: IndexMap<&'a str, &'a Estimate>,
}

#[derive(Debug, Serialize)]
struct OmittedJson {
    /// Pairs of causes that were not run.
    pairs: usize,
    /// Share of the year in which one of them is under way.
    of_pairs: f64,
    /// Share of the year in which three or more causes are.
    of_more: f64,
    /// The share that was allowed; null without a target.
    allowed: Option<f64>,
}

/// A year of a design as JSON text, ending in a newline.
#[must_use]
pub fn availability(annual: &Annual) -> String {
    let names: Vec<&str> = annual.operations.iter().map(|operation| operation.name.as_str()).collect();
    text(&AvailabilityJson {
        schema_version: SCHEMA_VERSION,
        design: &annual.design,
        seed: annual.seed,
        replications: annual.replications,
        events: annual.events,
        interrupted: annual.interrupted,
        holds: annual.holds(),
        operations: annual.operations.iter().map(|one| (one.name.as_str(), operation(one))).collect(),
        ledger: annual.lines.iter().map(|one| line(one, &names)).collect(),
        omitted: OmittedJson {
            pairs: annual.omitted.pairs,
            of_pairs: annual.omitted.of_pairs,
            of_more: annual.omitted.of_more,
            allowed: annual.omitted.allowed,
        },
        episode: annual.episode.0,
        spacing: annual.spacing.0.is_finite().then_some(annual.spacing.0),
        valid: annual.valid,
    })
}

fn operation(operation: &OperationYear) -> OperationJson<'_> {
    let holds = match operation.holds {
        Holds::Yes => "yes",
        Holds::No => "no",
        Holds::Undecided => "undecided",
    };
    OperationJson {
        steady: &operation.steady,
        unavailability: &operation.unavailability,
        target: operation.target.map(|target| target.0),
        holds: operation.target.map(|_| holds),
    }
}

fn line<'a>(line: &'a Line, names: &[&'a str]) -> LineJson<'a> {
    let range = |spread: Spread| RangeJson { value: spread.value, low: spread.low, high: spread.high };
    LineJson {
        cause: &line.name,
        rate: range(line.rate),
        lasts: range(line.lasts),
        source: &line.source,
        how: match line.how {
            Found::Run => "run",
            Found::Extended => "extended",
            Found::Unfinished => "unfinished",
            Found::Charged => "charged",
        },
        episode: line.episode.0,
        minutes_each: names.iter().copied().zip(&line.minutes_each).collect(),
        minutes_year: names.iter().copied().zip(&line.minutes_year).collect(),
    }
}
