//! What service times a fifth shorter and a fifth longer would do to a verdict, run for run under the same luck.
//!
//! Near saturation a small mistake in a service time is a large one in a latency: so every verdict is told again at both
//! ends. All service times change together, those of outside dependencies too; think times, pauses, timeouts and the
//! network stay. Not here: how far the load could grow (`verdict` reads that from what is in use).

use super::{Bench, Listener, Options, Progress};
use crate::expectation::Holds;
use crate::record::Record;
use crate::statistics::{WarmUp, warm_up};
use crate::verdict::{SelfChecks, Verdict};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Service times at the ends, as factors.
pub const ENDS: [f64; 2] = [0.8, 1.2];
/// Runs at an end for one of the verdict; both ends together then cost about half as much as it.
const SHARE_OF_RUNS: usize = 4;

/// A verdict at other service times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// Runs at either end, of each load.
    pub replications: u64,
    /// Both ends.
    pub ends: Vec<End>,
}

/// What one end shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// All service times, as a factor of the design's.
    pub service_times: f64,
    /// Whether the number of requests in the system settles under the plain load.
    pub steady: bool,
    /// By entry of the load, for the plain load.
    pub operations: IndexMap<String, EndOperation>,
    /// All targets and expectations, in the order of the verdict.
    pub expectations: Vec<EndExpectation>,
}

/// One entry of the load at one end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndOperation {
    /// 99th percentile of the latency. Unit: seconds.
    pub p99: Estimate,
    /// Ended ok over all but the cancelled.
    pub availability: Estimate,
}

/// One target or expectation at one end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndExpectation {
    /// The experiment it belongs to; missing for targets under the plain load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// As it was written.
    pub text: String,
    /// Whether it holds there.
    pub holds: Holds,
    /// What was measured there.
    pub measured: Estimate,
}

/// How runs at an end are made: as those of the verdict, but fewer, and after its warm-up.
pub(super) fn options_at_ends(options: &Options, verdict: &Verdict) -> Options {
    let replications = (options.replications / SHARE_OF_RUNS).max(2);
    Options {
        replications,
        collapse_replications: replications,
        precision: None,
        warm_up: Some(verdict.warm_up.dropped),
        sensitivity: false,
        ..options.clone()
    }
}

/// One end, its events and its self-checks. None if it was interrupted.
pub(super) fn end(
    bench: &Bench<'_>,
    options: &Options,
    service_times: f64,
    listener: Listener<'_>,
) -> Option<(End, u64, SelfChecks)> {
    let titled = |progress: Progress<'_>| {
        let stage = format!("service times {service_times}x: {}", progress.stage);
        listener(Progress { stage: &stage, ..progress });
    };
    let (verdict, records) = bench.verdict_with_records(options, &titled);
    if verdict.interrupted() {
        return None;
    }
    let operation = |(name, figures): (&String, &crate::verdict::OperationVerdict)| {
        let (p99, availability) = (figures.latency.p99.clone(), figures.availability.clone());
        (name.clone(), EndOperation { p99, availability })
    };
    let expectation = |experiment: Option<&String>, judged: &crate::verdict::ExpectationVerdict| EndExpectation {
        experiment: experiment.cloned(),
        text: judged.text.clone(),
        holds: judged.holds,
        measured: judged.measured.clone(),
    };
    let targets = verdict.targets.iter().map(|judged| expectation(None, judged));
    let others = verdict.experiments.iter().flat_map(|experiment| {
        experiment.expectations.iter().map(|judged| expectation(Some(&experiment.name), judged))
    });
    let end = End {
        service_times,
        steady: settles(records, options),
        operations: verdict.operations.iter().map(operation).collect(),
        expectations: targets.chain(others).collect(),
    };
    Some((end, verdict.events, verdict.all_self_checks()))
}

/// Whether the number in the system settles, from runs that were not made for finding out.
fn settles(records: Vec<Record>, options: &Options) -> bool {
    if records.iter().any(|record| record.unbounded) {
        return false;
    }
    let slices = records.first().and_then(|record| record.entries.first()).map_or(1, |entry| entry.segments.len());
    let slice = options.duration.0 / slices as f64;
    let warm = options.warm_up.unwrap_or(Seconds(0.0)).0;
    let watched = ((warm + options.duration.0) / slice) as usize;
    let series: Vec<Vec<f64>> = records
        .into_iter()
        .map(|mut record| {
            record.in_system.truncate(watched);
            record.in_system
        })
        .collect();
    matches!(warm_up(&series), WarmUp::Cut(_))
}
