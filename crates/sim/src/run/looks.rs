//! Replicating one load: on all threads, merged by index; with a precision, until two looks in a row are precise enough.
//!
//! Looks happen at 32, 48, 72, ... runs and nowhere else, the same on any number of threads. What is looked at stands in
//! `precise`; what is said of the runs afterwards does not.

use super::{Bench, Interrupted, Listener, Options, Progress, Replication, Trial, slices, slices_steady};
use crate::expectation::{Quantity, Subject};
use crate::record::Record;
use crate::verdict::{Labels, Observed, PrecisionVerdict};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More replications than this are added up in this many groups.
const GROUPS: u64 = 1000;

/// One load to be replicated.
pub(super) struct Load<'a> {
    /// Whose faults and settings; none for the plain load.
    pub(super) trial: Option<&'a Trial>,
    /// Whose expectations are judged by these runs.
    pub(super) asks: Vec<&'a Trial>,
    pub(super) warm_up: Seconds,
    pub(super) window: Seconds,
    pub(super) slices: u32,
    pub(super) stage: &'a str,
}

/// The replications of a load.
pub(super) struct Runs {
    /// Those that were finished, in the order of their numbers.
    pub(super) records: Vec<Record>,
    /// Their numbers, for pairing.
    pub(super) indices: Vec<u64>,
    /// Some are missing.
    pub(super) interrupted: Option<Interrupted>,
    /// Whether they are as precise as was asked.
    pub(super) precision: Option<PrecisionVerdict>,
}

/// Fewer finished runs than this say nothing.
pub(super) const RUNS_LEAST: usize = 2;

impl<'a> Load<'a> {
    /// The plain load of a bench, which some experiments may share.
    pub(super) fn plain(bench: &'a Bench<'_>, options: &Options, warm_up: Seconds) -> Load<'a> {
        let window = options.duration;
        let asks: Vec<&Trial> = bench.experiments.iter().filter(|trial| trial.shares_plain_load(options)).collect();
        let slices = if asks.is_empty() { slices_steady(window) } else { slices(window) };
        Load { trial: None, asks, warm_up, window, slices, stage: "plain load" }
    }

    /// All replications: as many as told, or as many as the precision wants.
    pub(super) fn run(&self, bench: &Bench<'_>, options: &Options, listener: Listener<'_>) -> Runs {
        let collapse = self.asks.iter().any(|trial| trial.asks_for_collapse());
        let least = if collapse { options.collapse_replications } else { 1 };
        let first = options.replications.max(least) as u64;
        let mut runs = Runs { records: vec![], indices: vec![], interrupted: None, precision: None };
        runs.add(self.batch(bench, options, 0..first, first, listener));
        let Some(wanted) = options.precision else { return runs.checked(first, options) };
        let (mut passes, mut asked) = (0, first);
        loop {
            let observed = Observed { records: &runs.records, confidence: options.confidence };
            passes = if precise(&bench.labels, observed, &self.asks, wanted) { passes + 1 } else { 0 };
            let next = (asked * 3).div_ceil(2).min(options.replications_max as u64);
            if passes == 2 || next <= asked || options.stop.asked() {
                runs.precision = Some(PrecisionVerdict { wanted, reached: passes == 2 });
                return runs.checked(asked, options);
            }
            runs.add(self.batch(bench, options, asked..next, next, listener));
            asked = next;
        }
    }

    /// Some replications, by index; those that an interruption leaves out are missing. Many are added up in groups as they are
    /// done, so that memory does not grow with their number; groups of independent runs are as independent, and each is a
    /// run that lasted as long as they together. Runs with faults stay apart: what a fault did is told run by run.
    pub(super) fn batch(
        &self,
        bench: &Bench<'_>,
        options: &Options,
        indices: std::ops::Range<u64>,
        of: u64,
        listener: Listener<'_>,
    ) -> Vec<(u64, Record)> {
        let done = AtomicUsize::new(indices.start as usize);
        let one = |index: u64| {
            if options.stop.asked() {
                return None;
            }
            let record = (bench.replicate)(&Replication {
                experiment: self.trial.map(|trial| trial.index),
                seed: options.seed,
                index,
                warm_up: self.warm_up,
                window: self.window,
                slices: self.slices,
            });
            // Asked to stop meanwhile, it may have stopped half-way.
            if options.stop.asked() {
                return None;
            }
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            listener(Progress { stage: self.stage, done, of: of as usize });
            Some(record)
        };
        let count = indices.end - indices.start;
        let faulty = self.trial.is_some_and(|trial| trial.faulty.is_some());
        let groups = if faulty { count } else { count.min(GROUPS) };
        let bound = move |group: u64| indices.start + count * group / groups.max(1);
        let found: Vec<Option<(u64, Record)>> = (0..groups)
            .into_par_iter()
            .map(|group| {
                let mut runs = (bound(group)..bound(group + 1)).map_while(one);
                let mut sum = runs.next()?;
                runs.for_each(|record| sum.absorb(&record));
                Some((bound(group), sum))
            })
            .collect();
        found.into_iter().flatten().collect()
    }
}

impl Runs {
    fn add(&mut self, found: Vec<(u64, Record)>) {
        for (index, record) in found {
            self.indices.push(index);
            self.records.push(record);
        }
    }

    /// Says what an interruption left out; what is too little to say anything is dropped.
    fn checked(mut self, asked: u64, options: &Options) -> Runs {
        let finished = super::runs(&self.records);
        if options.stop.asked() && finished < asked {
            self.interrupted = Some(Interrupted { finished, of: asked });
            if self.records.len() < RUNS_LEAST {
                self.records.clear();
                self.indices.clear();
            }
        }
        self
    }
}

/// Whether means, medians, p99 and throughput (relatively) and failures (against the error budget) are known well enough.
/// p99.9 counts only where an expectation names it.
fn precise(labels: &Labels, observed: Observed<'_>, asks: &[&Trial], precision: f64) -> bool {
    // On a log scale, as latencies are.
    let latency = |estimate: &Estimate| match (estimate.low, estimate.high) {
        (Some(low), Some(high)) if low > 0.0 => libm::log(high / low) / 2.0 <= precision,
        _ => false,
    };
    (0..labels.operations.len()).all(|index| {
        let figures = observed.operation(index);
        let availability = labels.targets.get(index).and_then(|target| target.availability).map(|share| share.0);
        let errors = figures.errors(None);
        let rate = errors.value.unwrap_or(0.0);
        let scale = rate.max(availability.map_or(0.0, |availability| 1.0 - availability));
        let failures = scale <= 0.0 || half_width(&errors).is_some_and(|half| half <= precision * scale);
        let throughput = figures.throughput();
        let steady =
            half_width(&throughput).zip(throughput.value).is_some_and(|(half, value)| half <= precision * value);
        let tail = asks.iter().all(|trial| {
            trial.expectations.iter().all(|expectation| match (expectation.subject, expectation.quantity) {
                (Subject::Operation(of), Quantity::Quantile(p)) if of == index && p > 0.99 => {
                    latency(&figures.quantile(p))
                }
                _ => true,
            })
        });
        failures
            && steady
            && tail
            && latency(&figures.mean())
            && latency(&figures.quantile(0.5))
            && latency(&figures.quantile(0.99))
    })
}

fn half_width(estimate: &Estimate) -> Option<f64> {
    estimate.low.zip(estimate.high).map(|(low, high)| (high - low) / 2.0)
}
