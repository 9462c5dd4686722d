//! Replicating one load: on all threads, merged by index; with a precision, until two looks in a row are precise enough.
//!
//! Looks happen at 32, 48, 72, ... runs and nowhere else, the same on any number of threads. What is looked at stands in
//! `precise`; what is said of the runs afterwards does not.

use super::{Bench, Listener, Options, Progress, Replication, Trial, slices};
use crate::expectation::{Quantity, Subject};
use crate::record::Record;
use crate::verdict::{Labels, Observed};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More replications than this are added up in this many groups.
const GROUPS: u64 = 1000;

/// One load to be replicated.
pub(super) struct Load<'a> {
    pub(super) trial: Option<&'a Trial>,
    pub(super) warm_up: Seconds,
    pub(super) window: Seconds,
    pub(super) slices: u32,
    pub(super) stage: &'a str,
}

impl Load<'_> {
    pub(super) fn plain(options: &Options, warm_up: Seconds) -> Load<'static> {
        let (window, slices) = (options.duration, slices(options.duration));
        Load { trial: None, warm_up, window, slices, stage: "plain load" }
    }

    /// All replications: as many as told, or as many as the precision wants.
    pub(super) fn run(&self, bench: &Bench<'_>, options: &Options, listener: Listener<'_>) -> Vec<Record> {
        let first = options.replications.max(1);
        let mut records = self.batch(bench, options, 0..first as u64, first as u64, listener);
        let mut done = first;
        let Some(precision) = options.precision else { return records };
        let mut passes = 0;
        loop {
            let observed = Observed { records: &records, confidence: options.confidence };
            passes = if precise(&bench.labels, observed, self.trial, precision) { passes + 1 } else { 0 };
            let next = (done * 3).div_ceil(2).min(options.replications_max);
            if passes == 2 || next <= done {
                return records;
            }
            let more = done as u64..next as u64;
            records.extend(self.batch(bench, options, more, next as u64, listener));
            done = next;
        }
    }

    /// Some replications, by index. Many are added up in groups as they are done, so that memory does not grow with their
    /// number; groups of independent runs are as independent, and each is a run that lasted as long as they together.
    /// Runs with faults stay apart: what a fault did is told run by run.
    pub(super) fn batch(
        &self,
        bench: &Bench<'_>,
        options: &Options,
        indices: std::ops::Range<u64>,
        of: u64,
        listener: Listener<'_>,
    ) -> Vec<Record> {
        let done = AtomicUsize::new(indices.start as usize);
        let one = |index| {
            let record = (bench.replicate)(&Replication {
                experiment: self.trial.map(|trial| trial.index),
                seed: options.seed,
                index,
                warm_up: self.warm_up,
                window: self.window,
                slices: self.slices,
            });
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            listener(Progress { stage: self.stage, done, of: of as usize });
            record
        };
        let count = indices.end - indices.start;
        let faulty = self.trial.is_some_and(|trial| trial.faulty.is_some());
        if count <= GROUPS || faulty {
            return indices.into_par_iter().map(one).collect();
        }
        let bounds = move |group: u64| indices.start + count * group / GROUPS;
        (0..GROUPS)
            .into_par_iter()
            .map(|group| {
                let mut sum = one(bounds(group));
                (bounds(group) + 1..bounds(group + 1)).for_each(|index| sum.absorb(&one(index)));
                sum
            })
            .collect()
    }
}

/// Whether means, medians, p99 and throughput (relatively) and failures (against the error budget) are known well enough.
/// p99.9 counts only where an expectation names it.
fn precise(labels: &Labels, observed: Observed<'_>, trial: Option<&Trial>, precision: f64) -> bool {
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
        let tail = trial.is_none_or(|trial| {
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
