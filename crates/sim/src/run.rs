//! From a design that can be run to its verdict: pilots, warm-up, replications on all threads, experiments, judgement.
//!
//! Replications are independent and merge by index, so the bytes are the same on any number of threads. With a precision,
//! replications are added at 32, 48, 72, ... until two looks in a row are precise enough; looks happen nowhere else. What
//! one replication is, the kernel knows: here it is a function from `Replication` to `Record`.

mod design;
mod kernel;
mod labels;
mod pairs;

pub use design::{check_expectations, compare_designs, simulate, with_bench};
pub use labels::{labels, matching};
pub use pairs::{Comparison, OperationDifference, compare, paired};

use crate::expectation::{self, Expectation, Holds, Quantity, Subject};
use crate::record::Record;
use crate::statistics::{self, WarmUp};
use crate::verdict::{
    Around, ExpectationVerdict, ExperimentVerdict, Faulty, Labels, Observed, SCHEMA_VERSION, SelfChecks, SeriesVerdict,
    Verdict, WINDOW, WarmUpVerdict, drop_means, series,
};
use groundplan_model::design::{Experiment, OperationTarget};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::{PerSecond, Seconds};
use groundplan_model::value::Value;
use indexmap::IndexMap;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// One experiment, read against the names of its design.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its name.
    pub name: String,
    /// Its index in the design.
    pub index: usize,
    /// How long it is observed.
    pub duration: Seconds,
    /// When faults are active; none without faults.
    pub faulty: Option<Faulty>,
    /// A warm-up of its own (`warm-up: none` is zero).
    pub warm_up: Option<Seconds>,
    /// Whether it is the plain load, apart from its duration.
    pub plain: bool,
    /// What is expected.
    pub expectations: Vec<Expectation>,
}

impl Trial {
    /// Reads an experiment.
    ///
    /// # Errors
    /// Everything that is wrong with its expectations.
    pub fn read(index: usize, experiment: &Experiment, labels: &Labels) -> Result<Trial, Vec<Diagnostic>> {
        let (mut expectations, mut diagnostics) = (Vec::new(), Vec::new());
        for text in &experiment.expect {
            match expectation::parse(text, text.span, labels.subjects()) {
                Ok(expectation) => match unsampled(experiment, expectation.quantity) {
                    Some(diagnostic) => diagnostics.push(diagnostic.at(text.span, "expected here")),
                    None => expectations.push(expectation),
                },
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let settings = &experiment.settings;
        let warm_up = match (settings.text("warm-up"), settings.text("start")) {
            (Some("none"), _) => Some(Seconds(0.0)),
            (None, Some("empty")) => Some(settings.duration("warm-up").unwrap_or(Seconds(0.0))),
            _ => settings.duration("warm-up"),
        };
        Ok(Trial {
            name: experiment.name.value.clone(),
            index,
            duration: experiment.duration,
            faulty: faulty(experiment),
            warm_up,
            plain: experiment.faults.is_empty() && settings.0.is_empty(),
            expectations,
        })
    }

    /// What recovery is judged by: the operation's own target, else what this experiment expects of the operation.
    #[must_use]
    pub fn targets(&self, labels: &Labels) -> Vec<OperationTarget> {
        let mut targets = labels.targets.clone();
        targets.resize(labels.operations.len(), OperationTarget::default());
        for expectation in &self.expectations {
            let Subject::Operation(index) = expectation.subject else { continue };
            let target = &mut targets[index];
            match expectation.quantity {
                Quantity::Quantile(0.99) if target.p99.is_none() => target.p99 = Some(Seconds(expectation.threshold)),
                Quantity::Availability if target.availability.is_none() => {
                    target.availability = Some(groundplan_model::units::Share(expectation.threshold));
                }
                _ => {}
            }
        }
        targets
    }
}

/// What is wrong with asking for a number in the system at instants that the experiment does not look at.
fn unsampled(experiment: &Experiment, quantity: Quantity) -> Option<Diagnostic> {
    let at = match quantity {
        Quantity::Level(state, _) => state.at,
        Quantity::AllBusy => None,
        _ => return None,
    };
    let settings = &experiment.settings;
    let missing = |headline: &str, help: String| {
        Some(Diagnostic::error("no-samples", format!("the experiment {headline}")).help(help))
    };
    let Some(at) = at else {
        return match settings.duration("sample-every") {
            Some(every) if every.0 > 0.0 => None,
            _ => missing("does not say how often it looks at the state", "write `sample-every: 1s` beside it".into()),
        };
    };
    let looks = settings
        .list("sample-at")
        .iter()
        .any(|item| matches!(&item.value, Value::Duration(instant) if (instant.mid().0 * 1e9).round() as u64 == at));
    let instant = Seconds(at as f64 / 1e9);
    if looks {
        None
    } else {
        missing(
            &format!("does not look at the state at {instant}"),
            format!("write `sample-at: [{instant}]` beside it"),
        )
    }
}

fn faulty(experiment: &Experiment) -> Option<Faulty> {
    let from = experiment.faults.iter().map(|fault| fault.at.0).reduce(f64::min)?;
    let ends: Option<Vec<f64>> =
        experiment.faults.iter().map(|fault| fault.lasts.map(|lasts| fault.at.0 + lasts.0)).collect();
    let until = ends.and_then(|ends| ends.into_iter().reduce(f64::max));
    Some(Faulty { from: Seconds(from), until: until.map(Seconds) })
}

/// Slices for a window: 10 s each, or a whole part of that where fewer than 30 would fit; at most 720.
#[must_use]
pub fn slices(window: Seconds) -> u32 {
    let tens = ((window.0 / WINDOW.0).ceil().max(1.0) as u32).min(720);
    tens * 30u32.div_ceil(tens)
}

impl Bench<'_> {
    /// Runs the plain load and the experiments, and says what was measured.
    #[must_use]
    pub fn verdict(&self, options: &Options, listener: Listener<'_>) -> Verdict {
        let (mut verdict, records) = self.plain(options, listener);
        for trial in &self.experiments {
            let chosen = options.experiment.as_ref().is_none_or(|name| *name == trial.name);
            if !options.experiments || !chosen {
                continue;
            }
            if trial.plain && trial.duration == options.duration {
                verdict.experiments.push(judge(self, options, trial, &records));
                continue;
            }
            let (judged, records) = self.experiment(trial, options, verdict.warm_up.dropped, listener);
            verdict.events += fired(&records);
            verdict.experiments.push(judged);
        }
        verdict
    }

    /// The plain load alone: what was measured, and the replications behind it, for pairing with another design's.
    #[must_use]
    pub fn plain(&self, options: &Options, listener: Listener<'_>) -> (Verdict, Vec<Record>) {
        on_threads(options.threads, || {
            let (warm_up, events) = find_warm_up(self, options, listener);
            let records = Load::plain(options, warm_up.dropped).run(self, options, listener);
            let observed = Observed { records: &records, confidence: options.confidence };
            let verdict = Verdict {
                schema_version: SCHEMA_VERSION,
                design: self.design.clone(),
                seed: options.seed,
                replications: records.len() as u64,
                events: events + fired(&records),
                duration: options.duration,
                warm_up,
                operations: self.labels.operations(observed),
                components: self.labels.components(observed),
                calls: self.labels.calls(observed),
                targets: self.labels.targets(observed),
                experiments: Vec::new(),
                self_checks: SelfChecks::of(&records, &self.labels),
            };
            (verdict, records)
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
                warm_up: trial.warm_up.unwrap_or(warm_up),
                window: trial.duration,
                slices: slices(trial.duration),
                stage: &trial.name,
            };
            let records = load.run(self, options, listener);
            (judge(self, options, trial, &records), records)
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
        on_threads(options.threads, || Load::plain(options, warm_up).run(self, options, listener))
    }
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
    let slices = slices(window) * PILOT_SLICES;
    let pilot = Load { trial: None, warm_up: Seconds(0.0), window, slices, stage: "warm-up" };
    let records = pilot.batch(bench, options, 0..PILOTS, PILOTS, listener);
    let events = fired(&records);
    let pilots: Vec<Vec<f64>> = records
        .into_iter()
        .map(|mut record| {
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

/// One load to be replicated.
struct Load<'a> {
    trial: Option<&'a Trial>,
    warm_up: Seconds,
    window: Seconds,
    slices: u32,
    stage: &'a str,
}

impl Load<'_> {
    fn plain(options: &Options, warm_up: Seconds) -> Load<'static> {
        let (window, slices) = (options.duration, slices(options.duration));
        Load { trial: None, warm_up, window, slices, stage: "plain load" }
    }

    /// All replications: as many as told, or as many as the precision wants.
    fn run(&self, bench: &Bench<'_>, options: &Options, listener: Listener<'_>) -> Vec<Record> {
        let first = options.replications.max(1);
        let mut records = self.batch(bench, options, 0..first as u64, first as u64, listener);
        let Some(precision) = options.precision else { return records };
        let mut passes = 0;
        loop {
            let observed = Observed { records: &records, confidence: options.confidence };
            passes = if precise(&bench.labels, observed, self.trial, precision) { passes + 1 } else { 0 };
            let next = (records.len() * 3).div_ceil(2).min(options.replications_max);
            if passes == 2 || next <= records.len() {
                return records;
            }
            let more = records.len() as u64..next as u64;
            records.extend(self.batch(bench, options, more, next as u64, listener));
        }
    }

    /// Some replications, by index.
    fn batch(
        &self,
        bench: &Bench<'_>,
        options: &Options,
        indices: std::ops::Range<u64>,
        of: u64,
        listener: Listener<'_>,
    ) -> Vec<Record> {
        let done = AtomicUsize::new(indices.start as usize);
        indices
            .into_par_iter()
            .map(|index| {
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

/// The verdict on one experiment.
fn judge(bench: &Bench<'_>, options: &Options, trial: &Trial, records: &[Record]) -> ExperimentVerdict {
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
        replications: records.len() as u64,
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

#[cfg(test)]
mod tests;
