//! What is said of an experiment: its figures, its expectations, and what happened around its faults.

use super::{Bench, Options, Trial, slices};
use crate::expectation::Holds;
use crate::record::Record;
use crate::verdict::{
    Around, ExpectationVerdict, ExperimentVerdict, Observed, SelfChecks, SeriesVerdict, drop_means, series,
};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use indexmap::IndexMap;

/// The verdict on one experiment.
pub(super) fn judge(bench: &Bench<'_>, options: &Options, trial: &Trial, records: &[Record]) -> ExperimentVerdict {
    let labels = &bench.labels;
    let observed = Observed { records, confidence: options.confidence };
    let around = trial.faulty.map(|faulty| Around::new(records, &trial.targets(labels), faulty, options.confidence));
    let mut operations = labels.operations(observed);
    let mut components = labels.components(observed);
    let collapse = around.as_ref().and_then(Around::collapse);
    let mut expectations: Vec<ExpectationVerdict> =
        trial.expectations.iter().map(|expectation| labels.judge(expectation, observed, around.as_ref())).collect();
    if let Some(collapse) = &collapse
        && collapse.two_regimes
    {
        drop_means(&mut operations, &mut components, collapse.probability.value.unwrap_or(0.0));
        let reason = "two regimes: some runs collapse, the others recover";
        for (judged, expectation) in expectations.iter_mut().zip(&trial.expectations) {
            if expectation.quantity.is_mean() {
                judged.measured = Estimate::unknown(reason);
                judged.holds = Holds::Undecided;
                judged.runs_needed = None;
            }
        }
    }
    let by_operation = |index: usize| labels.operations[index].clone();
    let all = 0..labels.operations.len();
    let mut recovery = IndexMap::new();
    let mut blast_radius = IndexMap::new();
    if let Some(around) = &around {
        recovery = all.clone().map(|index| (by_operation(index), around.recovery(index))).collect();
        blast_radius = all.clone().map(|index| (by_operation(index), around.blast_radius(index))).collect();
    }
    ExperimentVerdict {
        name: trial.name.clone(),
        duration: trial.duration,
        replications: super::runs(records),
        faulty: trial.faulty,
        operations,
        components,
        calls: labels.calls(observed),
        expectations,
        series: SeriesVerdict {
            slice: Seconds(trial.duration.0 / f64::from(slices(trial.duration))),
            operations: all.map(|index| (by_operation(index), series(records, index))).collect(),
        },
        recovery,
        blast_radius,
        blast_radius_total: around.as_ref().map(Around::blast_radius_total),
        collapse: collapse.map(|collapse| collapse.probability),
        self_checks: SelfChecks::of(records, labels),
    }
}
