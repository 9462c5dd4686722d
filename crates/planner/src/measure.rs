//! Running designs: how much effort, on which luck, and what comes back.
//!
//! Every design of a plan runs on the same seed, the same warm-up and the same number of replications, so that runs pair
//! up by index. How long and how often is fixed beforehand from the load alone, the same for every style.

use groundplan_model::brief::Brief;
use groundplan_model::design::Design;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::compile;
use groundplan_sim::record::{Ending, Record};
use groundplan_sim::run::{self, Listener, Options, Progress};
use groundplan_sim::statistics::difference;
use groundplan_sim::verdict::{ExperimentVerdict, SelfChecks, Verdict};

use crate::demand::{LoadLevel, entry_rate};

/// How much is run, fixed beforehand.
#[derive(Debug, Clone, PartialEq)]
pub struct Effort {
    /// Seed of all luck.
    pub seed: u64,
    /// Replications of the plain load.
    pub steady_replications: usize,
    /// How long each of them is observed.
    pub steady: Seconds,
    /// Dropped before.
    pub warm_up: Seconds,
    /// Replications of each fault.
    pub fault_replications: usize,
    /// Requests of one plain load, all replications.
    pub steady_requests: f64,
    /// Requests of one fault, all replications.
    pub fault_requests: f64,
}

/// Requests of the rarest entry point that its p99 needs: thirty sections with ten beyond it each.
const NEEDED_FOR_P99: f64 = 36_000.0;
impl Effort {
    /// What the load of a brief asks for.
    #[must_use]
    pub fn of(brief: &Brief, seed: u64) -> Effort {
        let rates: Vec<f64> = brief
            .load
            .iter()
            .map(|entry| entry_rate(brief, entry, LoadLevel::PeakAtHorizon).0)
            .filter(|rate| *rate > 0.0)
            .collect();
        let total: f64 = rates.iter().sum();
        let rarest = rates.iter().copied().fold(f64::INFINITY, f64::min);
        let steady_replications = 32;
        let steady = Seconds((NEEDED_FOR_P99 / steady_replications as f64 / rarest).clamp(5.0, 600.0));
        let experiment = crate::faults::BEFORE.0 + crate::faults::LASTS.0 + crate::faults::AFTER.0;
        // The more requests a run has, the fewer runs tell as much.
        let fault_replications = match total {
            total if total < 600.0 => 4,
            total if total < 6_000.0 => 3,
            _ => 2,
        };
        Effort {
            seed,
            steady_replications,
            steady,
            warm_up: Seconds((steady.0 * 0.2).clamp(5.0, 60.0)),
            fault_replications,
            steady_requests: total * steady.0 * steady_replications as f64,
            fault_requests: total * experiment * fault_replications as f64,
        }
    }

    fn options(&self, replications: usize, duration: Seconds) -> Options {
        Options {
            replications,
            seed: self.seed,
            duration,
            experiments: false,
            warm_up: Some(self.warm_up),
            ..Options::default()
        }
    }
}

/// What the plain load showed.
pub struct Steady {
    /// The figures.
    pub verdict: Verdict,
    /// The runs.
    pub records: Vec<Record>,
}

/// What one fault showed.
pub struct Faulted {
    /// The figures.
    pub verdict: ExperimentVerdict,
    /// Bad minutes of each run.
    pub bad_minutes: Vec<f64>,
    /// Acknowledged writes that each run lost.
    pub lost_writes: Vec<f64>,
    /// Requests of all runs together.
    pub requests: u64,
}

impl Faulted {
    /// Bad minutes that the fault cost, beyond what is bad without it; none where too few requests came.
    #[must_use]
    pub fn bad(&self) -> Estimate {
        if self.requests < ENOUGH_REQUESTS {
            return too_few(self.requests);
        }
        let total = self.verdict.blast_radius_total.as_ref();
        total.map_or_else(|| Estimate::unknown("not measured"), |radius| radius.bad_user_minutes.clone())
    }
}

/// Requests in all runs of a fault below which nothing is said of it: three would be one in a hundred.
pub const ENOUGH_REQUESTS: u64 = 300;

/// No figure, for want of requests.
#[must_use]
pub fn too_few(requests: u64) -> Estimate {
    Estimate::unknown(format!("only {requests} requests in all runs: too few to tell"))
}

/// Runs the plain load of a design.
///
/// # Errors
/// Whatever the simulator says of the design.
pub fn steady(design: &Design, effort: &Effort, listener: Listener<'_>) -> Result<Steady, Vec<Diagnostic>> {
    let compiled = compile(design)?;
    let options = effort.options(effort.steady_replications, effort.steady);
    let (verdict, records) = run::with_bench(design, &compiled, |bench| bench.plain(&options, listener))?;
    sound(&verdict.self_checks)?;
    Ok(Steady { verdict, records })
}

/// Runs the plain load more briefly: for bands, where the middle is known already.
///
/// # Errors
/// Whatever the simulator says of the design.
pub fn brief_steady(design: &Design, effort: &Effort, listener: Listener<'_>) -> Result<Verdict, Vec<Diagnostic>> {
    let compiled = compile(design)?;
    // As many sections as the p99 needs, each a third as long.
    let options = effort.options(effort.steady_replications, Seconds((effort.steady.0 / 2.0).max(5.0)));
    let verdict = run::with_bench(design, &compiled, |bench| bench.plain(&options, listener).0)?;
    sound(&verdict.self_checks)?;
    Ok(verdict)
}

/// Refuses runs that do not add up: that is a mistake of the simulator, and no plan may rest on it.
fn sound(checks: &SelfChecks) -> Result<(), Vec<Diagnostic>> {
    let Some(violation) = checks.violations.first() else { return Ok(()) };
    let text = format!("a run does not add up: {} at {}", violation.check.words(), violation.subject);
    Err(vec![Diagnostic::error("self-check", text)])
}

/// Runs one experiment of a design, by name.
///
/// # Errors
/// Whatever the simulator says of the design.
pub fn fault(design: &Design, name: &str, effort: &Effort, listener: Listener<'_>) -> Result<Faulted, Vec<Diagnostic>> {
    let compiled = compile(design)?;
    run::with_bench(design, &compiled, |bench| {
        let Some(trial) = bench.experiments.iter().find(|trial| trial.name == name) else {
            return Err(vec![Diagnostic::error("unknown-experiment", format!("no experiment is called `{name}`"))]);
        };
        let options = effort.options(effort.fault_replications, trial.duration);
        let (verdict, records) = bench.experiment(trial, &options, effort.warm_up, listener);
        sound(&verdict.self_checks)?;
        Ok(Faulted {
            verdict,
            bad_minutes: bad_minutes(&records),
            lost_writes: lost_writes(&records),
            requests: requests(&records),
        })
    })?
}

/// Requests that failed or were late, per run, as minutes of everybody being down: the share of bad requests times the
/// observed minutes.
#[must_use]
pub fn bad_minutes(records: &[Record]) -> Vec<f64> {
    records
        .iter()
        .map(|record| {
            let (mut bad, mut all) = (0u64, 0u64);
            for entry in &record.entries {
                let counted = entry.arrived - entry.ended[Ending::Cancelled as usize];
                all += counted;
                bad += counted - entry.in_time.min(counted);
            }
            let minutes = record.window as f64 / 60e9;
            if all == 0 { 0.0 } else { bad as f64 / all as f64 * minutes }
        })
        .collect()
}

fn requests(records: &[Record]) -> u64 {
    records.iter().flat_map(|record| &record.entries).map(|entry| entry.arrived).sum()
}

/// Acknowledged writes that no copy holds, per run.
fn lost_writes(records: &[Record]) -> Vec<f64> {
    let lost = |record: &Record| record.components.iter().map(|component| component.lost_writes as f64).sum();
    records.iter().map(lost).collect()
}

/// The mean of a figure per run, with its interval.
#[must_use]
pub fn mean_of(per_run: &[f64]) -> Estimate {
    let zeros = vec![0.0; per_run.len()];
    difference(&zeros, per_run, 0.95).difference
}

/// The difference of a figure per run, second minus first, with its interval.
#[must_use]
pub fn paired(first: &[f64], second: &[f64], confidence: f64) -> Estimate {
    let runs = first.len().min(second.len());
    difference(&first[..runs], &second[..runs], confidence).difference
}

/// Forwards progress under a title.
pub fn titled<'a>(title: &'a str, listener: Listener<'a>) -> impl Fn(Progress<'_>) + Sync + 'a {
    move |progress| {
        let stage = format!("{title}: {}", progress.stage);
        listener(Progress { stage: &stage, done: progress.done, of: progress.of });
    }
}
