//! From a design that can be run to its verdict: pilots, warm-up, replications on all threads, experiments, judgement.
//!
//! Replications are independent and merge by index, so the bytes are the same on any number of threads. With a precision,
//! replications are added at 32, 48, 72, ... until two looks in a row are precise enough; looks happen nowhere else. What
//! one replication is, the kernel knows: here it is a function from `Replication` to `Record`.

mod design;
mod foresee;
mod judge;
mod kernel;
mod labels;
mod looks;
mod pairs;
mod sensitivity;
mod stop;
mod trial;
mod variants;
mod waterfall;

pub use design::{check_expectations, compare_designs, simulate, with_bench};
pub use foresee::foresee;
pub use labels::{labels, matching};
pub use pairs::{Comparison, OperationDifference, compare, paired};
pub use sensitivity::{ENDS, End, EndExpectation, EndOperation, Sensitivity};
pub use stop::{Interrupted, Stop};
pub use trial::Trial;
pub use waterfall::{Waterfall, WaterfallSpan, waterfalls};

use crate::record::Record;
use crate::statistics::{self, WarmUp};
use crate::verdict::{COLLAPSE_RUNS, ExperimentVerdict, Labels, Verdict, WINDOW, WarmUpVerdict};
use groundplan_model::units::{PerSecond, Seconds};
use judge::{judge, judge_plain};
use looks::{Load, Runs};

/// How to simulate.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Independent runs of each load; the first look if there is a precision.
    pub replications: usize,
    /// No more runs than this, whatever the precision.
    pub replications_max: usize,
    /// Threads of a pool of its own; those the caller runs on (all cores, if nobody said) where missing.
    pub threads: Option<usize>,
    /// Seed of all luck.
    pub seed: u64,
    /// How long the plain load is observed after warm-up.
    pub duration: Seconds,
    /// Whether to run the design's experiments.
    pub experiments: bool,
    /// Only the experiment of this name.
    pub experiment: Option<String>,
    /// Relative half-width at which it is precise enough.
    pub precision: Option<f64>,
    /// Warm-up to drop; found by pilots where missing.
    pub warm_up: Option<Seconds>,
    /// Confidence of intervals.
    pub confidence: f64,
    /// Runs that an experiment gets at least if it asks for a probability of collapse.
    pub collapse_replications: usize,
    /// Whether to run everything again, less often, with shorter and longer service times. Needs a whole design.
    pub sensitivity: bool,
    /// Asks runs to stop: what is finished is judged.
    pub stop: Stop,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            replications: 32,
            replications_max: 1000,
            threads: None,
            seed: 1,
            duration: Seconds(600.0),
            experiments: true,
            experiment: None,
            precision: None,
            warm_up: None,
            confidence: 0.95,
            collapse_replications: COLLAPSE_RUNS,
            sensitivity: false,
            stop: Stop::default(),
        }
    }
}

/// How far a simulation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// `warm-up`, `plain load` or the name of an experiment.
    pub stage: &'a str,
    /// Runs done in this stage.
    pub done: usize,
    /// Runs this stage will take, as far as is known.
    pub of: usize,
}

/// Told of progress from any thread.
pub type Listener<'a> = &'a (dyn Fn(Progress<'_>) + Sync);

/// One replication to run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replication {
    /// Faults and settings of this experiment; none for the plain load.
    pub experiment: Option<usize>,
    /// Seed of all luck.
    pub seed: u64,
    /// Which of the replications.
    pub index: u64,
    /// Simulated and dropped.
    pub warm_up: Seconds,
    /// Simulated and observed.
    pub window: Seconds,
    /// Slices that the window is cut into.
    pub slices: u32,
}

/// A design that can be run.
pub struct Bench<'a> {
    /// Its name.
    pub design: String,
    /// What the indices of records mean.
    pub labels: Labels,
    /// What it must stand.
    pub experiments: Vec<Trial>,
    /// Runs one replication; the same argument gives the same record.
    pub replicate: &'a (dyn Fn(&Replication) -> Record + Sync),
}

/// Slices for a window: 10 s each, or a whole part of that where fewer than 30 would fit; at most 720.
#[must_use]
pub fn slices(window: Seconds) -> u32 {
    let tens = ((window.0 / WINDOW.0).ceil().max(1.0) as u32).min(720);
    tens * 30u32.div_ceil(tens)
}

/// Slices for a window in which nothing happens that a series would show: as many as ten minutes have, so that memory
/// does not grow with the window.
fn slices_steady(window: Seconds) -> u32 {
    slices(window).min(60)
}

impl Bench<'_> {
    /// Runs the plain load and the experiments, and says what was measured.
    #[must_use]
    pub fn verdict(&self, options: &Options, listener: Listener<'_>) -> Verdict {
        self.verdict_with_records(options, listener).0
    }

    /// The same, with the replications of the plain load.
    fn verdict_with_records(&self, options: &Options, listener: Listener<'_>) -> (Verdict, Vec<Record>) {
        let (mut verdict, runs) = self.plain_runs(options, listener);
        for trial in &self.experiments {
            let chosen = options.experiment.as_ref().is_none_or(|name| *name == trial.name);
            if !options.experiments || !chosen {
                continue;
            }
            if trial.shares_plain_load(options) {
                verdict.experiments.push(judge(self, options, trial, &runs));
                continue;
            }
            if options.stop.asked() {
                verdict.not_run.push(trial.name.clone());
                continue;
            }
            let (judged, records) = self.experiment(trial, options, verdict.warm_up.dropped, listener);
            verdict.events += fired(&records);
            verdict.experiments.push(judged);
        }
        (verdict, runs.records)
    }

    /// The plain load alone: what was measured, and the replications behind it, for pairing with another design's.
    #[must_use]
    pub fn plain(&self, options: &Options, listener: Listener<'_>) -> (Verdict, Vec<Record>) {
        let (verdict, runs) = self.plain_runs(options, listener);
        (verdict, runs.records)
    }

    fn plain_runs(&self, options: &Options, listener: Listener<'_>) -> (Verdict, Runs) {
        on_threads(options.threads, || {
            let (warm_up, events) = find_warm_up(self, options, listener);
            let runs = Load::plain(self, options, warm_up.dropped).run(self, options, listener);
            let mut verdict = judge_plain(self, options, warm_up, &runs);
            verdict.events += events;
            (verdict, runs)
        })
    }

    /// One experiment alone, after this warm-up: what was measured, and the replications behind it.
    #[must_use]
    pub fn experiment(
        &self,
        trial: &Trial,
        options: &Options,
        warm_up: Seconds,
        listener: Listener<'_>,
    ) -> (ExperimentVerdict, Vec<Record>) {
        on_threads(options.threads, || {
            let load = Load {
                trial: Some(trial),
                asks: vec![trial],
                warm_up: trial.warm_up.unwrap_or(warm_up),
                window: trial.duration,
                slices: slices(trial.duration),
                stage: &trial.name,
            };
            let runs = load.run(self, options, listener);
            (judge(self, options, trial, &runs), runs.records)
        })
    }

    /// The warm-up that the plain load needs.
    #[must_use]
    pub fn warm_up(&self, options: &Options, listener: Listener<'_>) -> WarmUpVerdict {
        on_threads(options.threads, || find_warm_up(self, options, listener).0)
    }

    /// The replications of the plain load, for comparing designs. `warm_up`: the largest over the designs compared.
    #[must_use]
    pub fn replications(&self, options: &Options, warm_up: Seconds, listener: Listener<'_>) -> Vec<Record> {
        on_threads(options.threads, || Load::plain(self, options, warm_up).run(self, options, listener).records)
    }
}

/// Replications behind these records.
fn runs(records: &[Record]) -> u64 {
    records.iter().map(|record| record.runs).sum()
}

fn fired(records: &[Record]) -> u64 {
    records.iter().map(|record| record.events).sum()
}

/// Runs on this many threads, if they can be had, else on those the caller runs on; the result does not depend on it.
fn on_threads<T: Send>(threads: Option<usize>, work: impl FnOnce() -> T + Send) -> T {
    let Some(threads) = threads else { return work() };
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Pilots that the warm-up is read from.
const PILOTS: u64 = 4;
/// Slices of a pilot for one of a run: MSER takes them in fives.
const PILOT_SLICES: u32 = 5;
/// Part of the window that is dropped at least: MSER weighs the bias of one run, and many runs show smaller ones.
const WARM_UP_LEAST: f64 = 0.05;
/// With fewer replications than this, pilots are a quarter as long, or they would cost more than the runs.
const FEW: usize = 8;

fn find_warm_up(bench: &Bench<'_>, options: &Options, listener: Listener<'_>) -> (WarmUpVerdict, u64) {
    if let Some(dropped) = options.warm_up {
        return (WarmUpVerdict { dropped, steady: true, growth: None }, 0);
    }
    let window = if options.replications < FEW { options.duration / 4.0 } else { options.duration };
    let slices = slices_steady(window) * PILOT_SLICES;
    let pilot = Load { trial: None, asks: vec![], warm_up: Seconds(0.0), window, slices, stage: "warm-up" };
    let found = pilot.batch(bench, options, 0..PILOTS, PILOTS, listener);
    let events = found.iter().map(|(_, record)| record.events).sum();
    let pilots: Vec<Vec<f64>> = found
        .into_iter()
        .map(|(_, mut record)| {
            // What is simulated after the window, for its last requests, is without new arrivals to tell of.
            record.in_system.truncate(slices as usize);
            record.in_system
        })
        .collect();
    let slice = window.0 / f64::from(slices);
    let least = options.duration.0 * WARM_UP_LEAST;
    let verdict = match statistics::warm_up(&pilots) {
        WarmUp::Cut(cut) => {
            WarmUpVerdict { dropped: Seconds((cut as f64 * slice).max(least)), steady: true, growth: None }
        }
        // There is nothing to wait for; what is observed is the growth.
        WarmUp::NoSteadyState { growth } => {
            WarmUpVerdict { dropped: Seconds(least), steady: false, growth: Some(PerSecond(growth / slice)) }
        }
    };
    (verdict, events)
}

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod tests;
