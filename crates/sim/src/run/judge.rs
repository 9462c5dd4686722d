//! What is said of the plain load and of an experiment: figures, expectations, and what happened around faults.
//!
//! Where some runs collapse and others do not, means are withheld and either kind is told by itself. Where an interruption
//! left too few runs, nothing is said but that.

use super::looks::{RUNS_LEAST, Runs};
use super::{Bench, Options, Trial, fired, slices};
use crate::expectation::{Condition, Expectation, Holds};
use crate::record::Record;
use crate::statistics::reference::wilson;
use crate::verdict::{
    Around, Collapse, ExpectationVerdict, ExperimentVerdict, Headroom, Labels, Observed, Regime, SCHEMA_VERSION,
    SelfChecks, SeriesVerdict, Verdict, WarmUpVerdict, component_series, drop_means, measure, series,
};
use groundplan_model::design::OperationTarget;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use indexmap::IndexMap;

/// The verdict on the plain load, without experiments.
pub(super) fn judge_plain(bench: &Bench<'_>, options: &Options, warm_up: WarmUpVerdict, runs: &Runs) -> Verdict {
    let (labels, records) = (&bench.labels, &runs.records);
    let observed = Observed { records, confidence: options.confidence };
    let mut verdict = Verdict {
        schema_version: SCHEMA_VERSION,
        design: bench.design.clone(),
        seed: options.seed,
        replications: super::runs(records),
        events: fired(records),
        duration: options.duration,
        warm_up,
        operations: IndexMap::new(),
        components: IndexMap::new(),
        calls: IndexMap::new(),
        targets: labels.targets(observed),
        collapse: None,
        regimes: Vec::new(),
        headroom: None,
        sensitivity: None,
        experiments: Vec::new(),
        self_checks: SelfChecks::of(records, labels),
        precision: runs.precision,
        interrupted: runs.interrupted,
        not_run: Vec::new(),
    };
    if records.is_empty() {
        too_few(&mut verdict.targets);
        return verdict;
    }
    verdict.operations = labels.operations(observed);
    verdict.components = labels.components(observed);
    verdict.calls = labels.calls(observed);
    verdict.headroom = Headroom::of(&verdict.components);
    let mut targets = labels.targets.clone();
    targets.resize(labels.operations.len(), Default::default());
    let collapse = Around::faultless(records, &targets, options.confidence).collapse();
    if let Some(collapse) = collapse.filter(|collapse| collapse.collapsed.contains(&true)) {
        if collapse.two_regimes {
            let share = collapse.probability.value.unwrap_or(0.0);
            drop_means(&mut verdict.operations, &mut verdict.components, &mut verdict.calls, share);
            verdict.regimes = regimes(labels, records, &collapse, options);
        }
        verdict.collapse = Some(collapse.probability);
    }
    verdict
}

/// The verdict on one experiment.
pub(super) fn judge(bench: &Bench<'_>, options: &Options, trial: &Trial, runs: &Runs) -> ExperimentVerdict {
    let (labels, records) = (&bench.labels, &runs.records);
    let observed = Observed { records, confidence: options.confidence };
    let targets = trial.targets(labels);
    let around = match trial.faulty {
        Some(faulty) => Around::new(records, &targets, faulty, options.confidence).alerting(trial.alert),
        None => Around::faultless(records, &targets, options.confidence),
    };
    let mut expectations: Vec<ExpectationVerdict> = trial
        .expectations
        .iter()
        .map(|expectation| match expectation.each {
            None => labels.judge(expectation, observed, Some(&around)),
            Some(condition) => {
                let share = share_of_runs(expectation, condition, records, &targets, trial, options.confidence);
                labels.judge_measured(expectation, share, observed)
            }
        })
        .collect();
    let mut verdict = ExperimentVerdict {
        name: trial.name.clone(),
        duration: trial.duration,
        replications: super::runs(records),
        faulty: trial.faulty,
        operations: IndexMap::new(),
        components: IndexMap::new(),
        calls: IndexMap::new(),
        expectations: Vec::new(),
        series: SeriesVerdict {
            slice: Seconds(trial.duration.0 / f64::from(slices(trial.duration))),
            operations: IndexMap::new(),
            components: IndexMap::new(),
        },
        recovery: IndexMap::new(),
        detected_by_alert: IndexMap::new(),
        alert: trial.faulty.map(|_| trial.alert),
        inputs: trial.inputs.clone(),
        blast_radius: IndexMap::new(),
        blast_radius_total: None,
        collapse: None,
        regimes: Vec::new(),
        self_checks: SelfChecks::of(records, labels),
        precision: runs.precision,
        interrupted: runs.interrupted,
        set: IndexMap::new(),
        corners: Vec::new(),
    };
    if records.is_empty() {
        too_few(&mut expectations);
        return ExperimentVerdict { expectations, ..verdict };
    }
    verdict.operations = labels.operations(observed);
    verdict.components = labels.components(observed);
    verdict.calls = labels.calls(observed);
    let named = || labels.operations.iter().cloned().enumerate();
    verdict.series.operations = named().map(|(index, name)| (name, series(records, index))).collect();
    verdict.series.components = component_series(records, &labels.components);
    if trial.faulty.is_some() {
        verdict.recovery = named().map(|(index, name)| (name, around.recovery(index))).collect();
        verdict.detected_by_alert = named().map(|(index, name)| (name, around.detected_by_alert(index))).collect();
        verdict.blast_radius = named().map(|(index, name)| (name, around.blast_radius(index))).collect();
        verdict.blast_radius_total = Some(around.blast_radius_total());
    }
    let told = |collapse: &Collapse| trial.faulty.is_some() || collapse.collapsed.contains(&true);
    if let Some(collapse) = around.collapse().filter(told) {
        if collapse.two_regimes {
            let share = collapse.probability.value.unwrap_or(0.0);
            drop_means(&mut verdict.operations, &mut verdict.components, &mut verdict.calls, share);
            withhold_means(&mut expectations, &trial.expectations);
            verdict.regimes = regimes(labels, records, &collapse, options);
        }
        verdict.collapse = Some(collapse.probability);
    }
    ExperimentVerdict { expectations, ..verdict }
}

/// The share of runs that stand so by themselves, with the interval of a share (Wilson).
fn share_of_runs(
    expectation: &Expectation,
    condition: Condition,
    records: &[Record],
    targets: &[OperationTarget],
    trial: &Trial,
    confidence: f64,
) -> Estimate {
    let stands = |record: &Record| {
        let records = std::slice::from_ref(record);
        let around = match trial.faulty {
            Some(faulty) => Around::new(records, targets, faulty, confidence).alerting(trial.alert),
            None => Around::faultless(records, targets, confidence),
        };
        let measured = measure(expectation, Observed { records, confidence }, Some(&around));
        measured.value.map(|value| condition.met(value))
    };
    let found: Vec<bool> = records.iter().filter_map(stands).collect();
    if found.is_empty() {
        return Estimate::unknown("no run shows it");
    }
    let (hits, trials) = (found.iter().filter(|met| **met).count() as u64, found.len() as u64);
    let (low, high) = wilson(hits, trials, confidence);
    Estimate::new(hits as f64 / trials as f64, low, high)
}

/// What either kind of run shows by itself.
fn regimes(labels: &Labels, records: &[Record], collapse: &Collapse, options: &Options) -> Vec<Regime> {
    let of = |collapsed: bool| {
        let those = records.iter().zip(&collapse.collapsed).filter(|(_, one)| **one == collapsed);
        let those: Vec<Record> = those.map(|(record, _)| record.clone()).collect();
        let observed = Observed { records: &those, confidence: options.confidence };
        Regime { collapsed, runs: super::runs(&those), operations: labels.operations(observed) }
    };
    vec![of(false), of(true)]
}

fn withhold_means(judged: &mut [ExpectationVerdict], expectations: &[Expectation]) {
    let reason = "two regimes: some runs collapse, the others do not";
    for (judged, expectation) in judged.iter_mut().zip(expectations) {
        if expectation.quantity.is_mean() && expectation.each.is_none() {
            judged.measured = Estimate::unknown(reason);
            judged.holds = Holds::Undecided;
            judged.runs_needed = None;
        }
    }
}

/// Nothing can be said.
fn too_few(judged: &mut [ExpectationVerdict]) {
    for judged in judged {
        judged.measured = Estimate::unknown(format!("interrupted before {RUNS_LEAST} runs were in"));
        judged.holds = Holds::Undecided;
        judged.runs_needed = None;
    }
}
