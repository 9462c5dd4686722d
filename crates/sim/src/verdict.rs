//! The verdict: what was measured, with its intervals, and which expectations hold; as types and as JSON.
//!
//! Durations are seconds, rates per second, shares between 0 and 1. The shape is versioned by `SCHEMA_VERSION`. How figures
//! are computed lives in `observed` (one load) and `around` (before, during and after a fault). Not here: running anything,
//! and text for people.

mod alert;
mod around;
mod checks;
mod headroom;
mod levels;
mod observed;
mod slices;

pub use alert::Alert;
pub use around::{AVAILABILITY_ASSUMED, Around, BlastRadius, COLLAPSE_RUNS, Collapse, Faulty, Series, WINDOW, series};
pub use checks::{Check, SelfChecks, Violation};
pub use headroom::{Headroom, Resource};
pub use observed::{CallFigures, ComponentFigures, Observed, OperationFigures};
pub use slices::{ComponentSeries, component_series};

use crate::expectation::{Expectation, Figure, Holds, Quantity, Relation, State, Subject, Subjects, Unit};
use crate::lower::inputs::Input;
use crate::record::{How, KEPT};
use crate::run::{Interrupted, Sensitivity};
use groundplan_model::design::OperationTarget;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::{PerSecond, Seconds, significant};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Version of the JSON shape; grows when a key is renamed, removed or changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// What a simulation says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Version of this shape.
    pub schema_version: u32,
    /// Name of the design.
    pub design: String,
    /// Seed of all luck.
    pub seed: u64,
    /// Independent runs of the plain load.
    pub replications: u64,
    /// Events fired in all runs, pilots and experiments included.
    pub events: u64,
    /// How long each run of the plain load was observed. Unit: seconds.
    pub duration: Seconds,
    /// What was dropped before.
    pub warm_up: WarmUpVerdict,
    /// By entry of the load, for the plain load.
    pub operations: IndexMap<String, OperationVerdict>,
    /// By component, for the plain load.
    pub components: IndexMap<String, ComponentVerdict>,
    /// By `FROM->TO`, for the plain load.
    pub calls: IndexMap<String, CallVerdict>,
    /// Whether operations keep their own targets under the plain load.
    pub targets: Vec<ExpectationVerdict>,
    /// Share of runs of the plain load that collapse by themselves; missing where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collapse: Option<Estimate>,
    /// What runs that collapse and runs that do not show each, where both are common: then means are withheld.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regimes: Vec<Regime>,
    /// How far the load could grow; missing where nothing bounded is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headroom: Option<Headroom>,
    /// What other service times would do; missing unless it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// By experiment, in file order.
    pub experiments: Vec<ExperimentVerdict>,
    /// What must be true of every run of the plain load, and whether it was.
    #[serde(default)]
    pub self_checks: SelfChecks,
    /// The precision that was asked for, and whether it was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionVerdict>,
    /// How far the plain load came before it was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Interrupted>,
    /// Experiments that an interruption left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_run: Vec<String>,
}

/// A precision that runs were added for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrecisionVerdict {
    /// Relative half-width that was asked for.
    pub wanted: f64,
    /// Whether two looks in a row were as precise.
    pub reached: bool,
}

/// Runs of one kind, where there are two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regime {
    /// Whether these are the runs that collapse.
    pub collapsed: bool,
    /// How many they are.
    pub runs: u64,
    /// What they show, by entry of the load.
    pub operations: IndexMap<String, OperationVerdict>,
}

impl Verdict {
    /// Whether every target and every expectation holds; undecided is not held.
    #[must_use]
    pub fn holds(&self) -> bool {
        let of_experiments = self.experiments.iter().flat_map(|experiment| &experiment.expectations);
        self.targets.iter().chain(of_experiments).all(|expectation| expectation.holds == Holds::Yes)
    }

    /// Whether anything was left out because somebody asked to stop.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        let experiments = self.experiments.iter().any(|experiment| experiment.interrupted.is_some());
        self.interrupted.is_some() || experiments || !self.not_run.is_empty()
    }

    /// What must be true of every run, those of experiments included. A violation is a mistake of ours.
    #[must_use]
    pub fn all_self_checks(&self) -> SelfChecks {
        let mut all = self.self_checks.clone();
        self.experiments.iter().for_each(|experiment| all.add(&experiment.self_checks));
        all
    }
}

/// The warm-up, and whether there is a steady state behind it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WarmUpVerdict {
    /// Dropped at the start of each run. Unit: seconds.
    pub dropped: Seconds,
    /// Whether the number of requests in the system settles.
    pub steady: bool,
    /// How fast it grows where it does not. Unit: requests per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub growth: Option<PerSecond>,
}

/// One entry of the load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationVerdict {
    /// Latency of requests that ended ok.
    pub latency: Latency,
    /// Requests that arrived, per second.
    pub arrivals: Estimate,
    /// Ended ok, per second.
    pub throughput: Estimate,
    /// Ended ok within the p99 target, or ok where there is none, per second.
    pub goodput: Estimate,
    /// Ended ok over all but the cancelled.
    pub availability: Estimate,
    /// Share of requests by how they failed; only causes that occurred.
    pub errors: IndexMap<String, Estimate>,
    /// Time to settle, for operations that are accepted first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<Quantiles>,
}

/// A latency in full. Unit: seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Mean.
    pub mean: Estimate,
    /// Median.
    pub p50: Estimate,
    /// 90th percentile.
    pub p90: Estimate,
    /// 99th percentile.
    pub p99: Estimate,
    /// 99.9th percentile.
    pub p999: Estimate,
}

/// A time in short. Unit: seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Mean.
    pub mean: Estimate,
    /// Median.
    pub p50: Estimate,
    /// 99th percentile.
    pub p99: Estimate,
}

/// Two quantiles. Unit: seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    /// Median.
    pub p50: Estimate,
    /// 99th percentile.
    pub p99: Estimate,
}

/// One component, over all its replicas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentVerdict {
    /// Workers in use over workers.
    pub utilisation: Estimate,
    /// Cores in use over cores.
    pub core_utilisation: Estimate,
    /// Arrivals that had to wait for a worker or were turned away, over all arrivals.
    pub saturation: Estimate,
    /// Mean number waiting.
    pub queue: Estimate,
    /// Most waiting at one replica at once.
    pub queue_max: u64,
    /// Mean number waiting or in work.
    pub in_system: Estimate,
    /// Wait for a worker. Unit: seconds.
    pub wait: Times,
    /// Time in the component of what ended ok. Unit: seconds.
    pub time: Times,
    /// Share refused of what came, where something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Estimate>,
    /// Worker time for callers that had given up, over worker time in use, where there was some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wasted: Option<Estimate>,
    /// Hits over look-ups, for caches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit_ratio: Option<Estimate>,
    /// Acknowledged writes that no copy holds, per run, for data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_writes: Option<Estimate>,
    /// Records handled again, per run, for logs and queues and their consumers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duplicates: Option<Estimate>,
    /// Age of records when taken, for logs and queues. Unit: seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag: Option<Times>,
    /// What its machines count, by the words of `record::KEPT` with `_` for `-`.
    #[serde(flatten)]
    pub kept: IndexMap<String, KeptVerdict>,
}

/// What a machine counts: a figure, or times in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeptVerdict {
    /// Times. Unit: seconds.
    Times(Times),
    /// A count per run, a share or a mean.
    Figure(Estimate),
}

/// One pair of caller and callee.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallVerdict {
    /// Attempts per second.
    pub rate: Estimate,
    /// Attempts over calls.
    pub amplification: Estimate,
    /// Attempts that did not end ok, over all but those that were dropped or left to themselves.
    pub errors: Estimate,
    /// Attempts that the caller's own policies refused, over all it set out to make; where any were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_here: Option<Estimate>,
    /// Attempts whose answer came when the caller waited for it no more, over all attempts; where there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wasted: Option<Estimate>,
    /// Time of ok attempts as the caller sees it. Unit: seconds.
    pub latency: Times,
}

/// One experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExperimentVerdict {
    /// Its name.
    pub name: String,
    /// How long it was observed. Unit: seconds.
    pub duration: Seconds,
    /// Independent runs.
    pub replications: u64,
    /// When faults are active, after warm-up; missing without faults. Unit: seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faulty: Option<Faulty>,
    /// By entry of the load.
    pub operations: IndexMap<String, OperationVerdict>,
    /// By component.
    pub components: IndexMap<String, ComponentVerdict>,
    /// By `FROM->TO`.
    pub calls: IndexMap<String, CallVerdict>,
    /// What was expected, and whether it holds.
    pub expectations: Vec<ExpectationVerdict>,
    /// Slices of time.
    pub series: SeriesVerdict,
    /// By entry: from the onset of the first fault to the first minute that meets the target. Empty without faults.
    pub recovery: IndexMap<String, Estimate>,
    /// By entry: from the onset of the first fault until the alert fires. Empty without faults.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub detected_by_alert: IndexMap<String, Estimate>,
    /// The alert; missing without faults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
    /// What of these times was given, not measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// By entry. Empty without faults.
    pub blast_radius: IndexMap<String, BlastRadius>,
    /// Over all requests, each counting the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blast_radius_total: Option<BlastRadius>,
    /// Share of runs that do not come back, where the faults end early enough to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collapse: Option<Estimate>,
    /// What runs that collapse and runs that do not show each, where both are common: then means are withheld.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regimes: Vec<Regime>,
    /// What must be true of every run, and whether it was.
    #[serde(default)]
    pub self_checks: SelfChecks,
    /// The precision that was asked for, and whether it was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<PrecisionVerdict>,
    /// How far it came before it was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Interrupted>,
    /// What it set in the design: paths with their values.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, String>,
    /// Every combination of its box. Its own figures are those of the combination that fares worst.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corners: Vec<CornerVerdict>,
}

/// One combination of an experiment's box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CornerVerdict {
    /// Paths with their values.
    pub at: IndexMap<String, String>,
    /// Independent runs.
    pub replications: u64,
    /// What was expected, and whether it holds here.
    pub expectations: Vec<ExpectationVerdict>,
}

/// Slices of an experiment, by entry of the load and by component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesVerdict {
    /// Length of a slice; the first begins after warm-up. Unit: seconds.
    pub slice: Seconds,
    /// Columns by entry.
    pub operations: IndexMap<String, Series>,
    /// Columns by component: the eight whose numbers in work and waiting change most.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub components: IndexMap<String, ComponentSeries>,
}

/// One expectation, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExpectationVerdict {
    /// As it was written.
    pub text: String,
    /// Whether it holds.
    pub holds: Holds,
    /// What was measured.
    pub measured: Estimate,
    /// What it was held against, in the same unit.
    pub threshold: f64,
    /// Runs that would probably decide it, where it is undecided and some number would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs_needed: Option<u64>,
}

/// What the indices of records mean: names, and what must be known of each to tell its figures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    /// Entries of the load.
    pub operations: Vec<String>,
    /// What each entry must keep; all empty where nobody said.
    pub targets: Vec<OperationTarget>,
    /// Components.
    pub components: Vec<String>,
    /// Which components keep data, and so can lose writes.
    pub keeps_data: Vec<bool>,
    /// Which components hand records to consumers, and so can hand one out twice.
    pub delivers: Vec<bool>,
    /// What the machines of each component count: bits of `record::KEPT`.
    pub keeps: Vec<u64>,
    /// Pairs of caller and callee, `FROM->TO`.
    pub calls: Vec<String>,
}

impl Labels {
    /// The names for reading expectations.
    #[must_use]
    pub fn subjects(&self) -> Subjects<'_> {
        Subjects { operations: &self.operations, components: &self.components, calls: &self.calls }
    }

    /// All operations' figures.
    #[must_use]
    pub fn operations(&self, observed: Observed<'_>) -> IndexMap<String, OperationVerdict> {
        named(&self.operations, |index| {
            let figures = observed.operation(index);
            OperationVerdict {
                latency: Latency {
                    mean: figures.mean(),
                    p50: figures.quantile(0.5),
                    p90: figures.quantile(0.9),
                    p99: figures.quantile(0.99),
                    p999: figures.quantile(0.999),
                },
                arrivals: figures.arrivals(),
                throughput: figures.throughput(),
                goodput: figures.goodput(),
                availability: figures.availability(),
                errors: figures.causes().map(|cause| (cause.word().to_string(), figures.errors(Some(cause)))).collect(),
                settled: figures.settled(0.5).zip(figures.settled(0.99)).map(|(p50, p99)| Quantiles { p50, p99 }),
            }
        })
    }

    /// All components' figures.
    #[must_use]
    pub fn components(&self, observed: Observed<'_>) -> IndexMap<String, ComponentVerdict> {
        named(&self.components, |index| {
            let figures = observed.component(index);
            let is = |column: &[bool]| column.get(index).copied().unwrap_or(false);
            ComponentVerdict {
                utilisation: figures.utilisation(),
                core_utilisation: figures.core_utilisation(),
                saturation: figures.saturation(),
                queue: figures.queue(),
                queue_max: figures.queue_max(),
                in_system: figures.in_system(),
                wait: Times {
                    mean: figures.wait_mean(),
                    p50: figures.wait_quantile(0.5),
                    p99: figures.wait_quantile(0.99),
                },
                time: Times {
                    mean: figures.time_mean(),
                    p50: figures.time_quantile(0.5),
                    p99: figures.time_quantile(0.99),
                },
                refused: figures.errors(crate::record::Ending::Refused),
                wasted: figures.wasted(),
                hit_ratio: figures.hit_ratio(),
                lost_writes: is(&self.keeps_data).then(|| figures.lost_writes()),
                duplicates: is(&self.delivers).then(|| figures.duplicates()),
                lag: figures.has_lag().then(|| Times {
                    mean: figures.lag_mean(),
                    p50: figures.lag_quantile(0.5),
                    p99: figures.lag_quantile(0.99),
                }),
                kept: self.kept(index, figures),
            }
        })
    }

    /// What the machines of a component count.
    fn kept(&self, index: usize, figures: ComponentFigures<'_>) -> IndexMap<String, KeptVerdict> {
        let keeps = self.keeps.get(index).copied().unwrap_or(0);
        let kept = KEPT.iter().enumerate().filter(|(nth, _)| keeps & (1 << nth) != 0);
        kept.map(|(_, word)| {
            let told = match word.how {
                How::Time(timed) => KeptVerdict::Times(Times {
                    mean: figures.kept_mean(timed),
                    p50: figures.kept_quantile(timed, 0.5),
                    p99: figures.kept_quantile(timed, 0.99),
                }),
                how => KeptVerdict::Figure(figures.kept(how)),
            };
            (word.name.replace('-', "_"), told)
        })
        .collect()
    }

    /// All pairs' figures.
    #[must_use]
    pub fn calls(&self, observed: Observed<'_>) -> IndexMap<String, CallVerdict> {
        named(&self.calls, |index| {
            let figures = observed.call(index);
            CallVerdict {
                rate: figures.rate(),
                amplification: figures.amplification(),
                errors: figures.errors(),
                refused_here: figures.refused_here(),
                wasted: figures.wasted(),
                latency: Times { mean: figures.mean(), p50: figures.quantile(0.5), p99: figures.quantile(0.99) },
            }
        })
    }

    /// Whether each operation keeps its own targets.
    #[must_use]
    pub fn targets(&self, observed: Observed<'_>) -> Vec<ExpectationVerdict> {
        let mut judged = Vec::new();
        for (index, (name, target)) in self.operations.iter().zip(&self.targets).enumerate() {
            let mut judge = |text: String, quantity, relation, threshold, unit| {
                let subject = Subject::Operation(index);
                judged.push(self.judge(
                    &Expectation { text, quantity, subject, relation, threshold, unit, each: None },
                    observed,
                    None,
                ));
            };
            if let Some(p99) = target.p99 {
                judge(
                    format!("p99({name}) <= {p99}"),
                    Quantity::Quantile(0.99),
                    Relation::AtMost,
                    p99.0,
                    Unit::Seconds,
                );
            }
            if let Some(share) = target.availability {
                let text = format!("availability({name}) >= {share}");
                judge(text, Quantity::Availability, Relation::AtLeast, share.0, Unit::Share);
            }
        }
        judged
    }

    /// Measures and judges one expectation.
    #[must_use]
    pub fn judge(
        &self,
        expectation: &Expectation,
        observed: Observed<'_>,
        around: Option<&Around>,
    ) -> ExpectationVerdict {
        self.judge_measured(expectation, measure(expectation, observed, around), observed)
    }

    /// Judges an expectation of what was measured.
    #[must_use]
    pub fn judge_measured(
        &self,
        expectation: &Expectation,
        mut measured: Estimate,
        observed: Observed<'_>,
    ) -> ExpectationVerdict {
        let mut holds = expectation.judge(&measured);
        if measured.value.is_none()
            && expectation.each.is_none()
            && let (Quantity::Quantile(p), Subject::Operation(index)) = (expectation.quantity, expectation.subject)
        {
            // Too few values for the quantile, but perhaps enough to say on which side of the threshold it lies.
            let beyond = observed.operation(index).beyond((expectation.threshold * 1e9) as u64);
            holds = match (expectation.relation, beyond.low, beyond.high) {
                (Relation::AtMost, _, Some(high)) if high <= 1.0 - p => Holds::Yes,
                (Relation::AtMost, Some(low), _) if low > 1.0 - p => Holds::No,
                (Relation::AtLeast, Some(low), _) if low >= 1.0 - p => Holds::Yes,
                (Relation::AtLeast, _, Some(high)) if high < 1.0 - p => Holds::No,
                _ => Holds::Undecided,
            };
            if let (Some(low), Some(high), Some(reason)) = (beyond.low, beyond.high, &mut measured.reason) {
                let share = |share: f64| groundplan_model::units::Share(share).to_string();
                reason.push_str(&format!("; {} to {} take longer than the threshold", share(low), share(high)));
            }
        }
        let runs_needed = match (holds, expectation.quantity, expectation.subject) {
            (Holds::Yes | Holds::No, ..) => None,
            (_, Quantity::Quantile(p), Subject::Operation(index)) if measured.value.is_none() => {
                observed.operation(index).runs_for_quantile(p)
            }
            _ => expectation.runs_needed(&measured, observed.runs() as usize),
        };
        ExpectationVerdict {
            text: expectation.text.clone(),
            holds,
            measured,
            threshold: expectation.threshold,
            runs_needed,
        }
    }
}

/// What an expectation asks for, measured.
#[must_use]
pub fn measure(expectation: &Expectation, observed: Observed<'_>, around: Option<&Around>) -> Estimate {
    let no_fault = || Estimate::unknown("the experiment has no fault");
    match expectation.subject {
        Subject::Operation(index) => {
            let figures = observed.operation(index);
            match expectation.quantity {
                Quantity::Mean => figures.mean(),
                Quantity::Quantile(p) => figures.quantile(p),
                Quantity::Longest => figures.longest(),
                Quantity::Throughput => figures.throughput(),
                Quantity::Goodput => figures.goodput(),
                Quantity::Availability => figures.availability(),
                Quantity::Errors(cause) => figures.errors(cause),
                Quantity::Within(limit) => figures.within(limit),
                Quantity::Spread(figure) => figures.spread(figure),
                Quantity::InSystem => figures.level(State::default(), Figure::Mean),
                Quantity::Level(state, figure) => figures.level(state, figure),
                Quantity::Recovery => around.map_or_else(no_fault, |around| around.recovery(index)),
                Quantity::DetectedByAlert => around.map_or_else(no_fault, |around| around.detected_by_alert(index)),
                Quantity::BlastRadius => around.map_or_else(no_fault, |around| around.blast_radius(index).peak),
                Quantity::BadMinutes => {
                    around.map_or_else(no_fault, |around| around.blast_radius(index).bad_user_minutes)
                }
                Quantity::Collapse => around.map_or_else(no_fault, |around| {
                    around.collapse_of(index).map_or_else(
                        || Estimate::unknown("a fault lasts into the last quarter"),
                        |collapse| collapse.probability,
                    )
                }),
                _ => Estimate::unknown("not measured of operations"),
            }
        }
        Subject::Component(index) => {
            let figures = observed.component(index);
            match expectation.quantity {
                Quantity::Mean => figures.time_mean(),
                Quantity::Quantile(p) => figures.time_quantile(p),
                Quantity::Utilisation => figures.utilisation(),
                Quantity::CoreUtilisation => figures.core_utilisation(),
                Quantity::Queue => figures.queue(),
                Quantity::InSystem => figures.in_system(),
                Quantity::WaitMean => figures.wait_mean(),
                Quantity::WaitQuantile(p) => figures.wait_quantile(p),
                Quantity::WaitWithin(limit) => figures.wait_within(limit),
                Quantity::WaitSpread(figure) => figures.wait_spread(figure),
                Quantity::Spread(figure) => figures.time_spread(figure),
                Quantity::Level(state, figure) => figures.level(state, figure),
                Quantity::AllBusy => figures.all_busy(),
                Quantity::HitRatio => figures.hit_ratio().unwrap_or_else(|| Estimate::unknown("nothing was looked up")),
                Quantity::LostWrites => figures.lost_writes(),
                Quantity::Duplicates => figures.duplicates(),
                Quantity::LagQuantile(p) => figures.lag_quantile(p),
                Quantity::Kept(how) => figures.kept(how),
                Quantity::KeptQuantile(timed, p) => figures.kept_quantile(timed, p),
                Quantity::KeptMean(timed) => figures.kept_mean(timed),
                Quantity::KeptSd(timed) => figures.kept_sd(timed),
                _ => Estimate::unknown("not measured of components"),
            }
        }
        Subject::Call(index) => {
            let figures = observed.call(index);
            match expectation.quantity {
                Quantity::Mean => figures.mean(),
                Quantity::Quantile(p) => figures.quantile(p),
                Quantity::Amplification => figures.amplification(),
                Quantity::RefusedHere => figures.refused_here().unwrap_or_else(|| Estimate::exact(0.0)),
                Quantity::Ejections => figures.ejections(),
                Quantity::Ejected => figures.ejected(),
                Quantity::Rate => figures.rate(),
                _ => Estimate::unknown("not measured of calls"),
            }
        }
    }
}

/// Takes means out of figures that mix two regimes: a mean over runs that recover and runs that collapse describes neither.
pub fn drop_means(
    operations: &mut IndexMap<String, OperationVerdict>,
    components: &mut IndexMap<String, ComponentVerdict>,
    calls: &mut IndexMap<String, CallVerdict>,
    collapsed: f64,
) {
    let reason = format!("two regimes: {}% of runs collapse, the others do not", significant(collapsed * 100.0));
    let drop = |figures: &mut [&mut Estimate]| {
        figures.iter_mut().for_each(|figure| **figure = Estimate::unknown(reason.as_str()));
    };
    for operation in operations.values_mut() {
        drop(&mut [&mut operation.latency.mean, &mut operation.throughput, &mut operation.goodput]);
    }
    for component in components.values_mut() {
        drop(&mut [
            &mut component.utilisation,
            &mut component.core_utilisation,
            &mut component.saturation,
            &mut component.queue,
            &mut component.in_system,
            &mut component.wait.mean,
            &mut component.time.mean,
        ]);
    }
    for call in calls.values_mut() {
        drop(&mut [&mut call.rate, &mut call.amplification, &mut call.latency.mean]);
    }
}

fn named<T>(names: &[String], figures: impl Fn(usize) -> T) -> IndexMap<String, T> {
    names.iter().enumerate().map(|(index, name)| (name.clone(), figures(index))).collect()
}

#[cfg(test)]
pub(crate) mod testing {
    //! Records made by hand.

    use crate::histogram::{Coarse, Fine};
    use crate::record::{Books, CallRecord, ComponentRecord, Ending, EntryRecord, Record, Segment};

    /// Ten minutes with one entry, one component, one pair: `each` requests a slice of which some time out, the others take
    /// 1, 2, ... ms in turn.
    pub(crate) fn record_with(slices: usize, each: u64, bad: impl Fn(usize) -> u64) -> Record {
        let window = 600_000_000_000;
        let mut entry = EntryRecord {
            longest: 0,
            arrived: 0,
            ended: [0; Ending::COUNT],
            in_time: 0,
            latency: Fine::default(),
            segments: vec![],
            settled: Fine::default(),
            failed: vec![],
        };
        let mut wait = Coarse::default();
        for slice in 0..slices {
            let bad = bad(slice).min(each);
            let mut segment = Segment { arrived: each, ok: each - bad, in_time: each - bad, ..Segment::default() };
            for request in 0..each - bad {
                let ns = (request + 1) * 1_000_000;
                segment.latency.add(ns);
                segment.latency_sum += u128::from(ns);
                entry.latency.add(ns);
                wait.add(ns / 2);
            }
            entry.arrived += each;
            entry.ended[Ending::Ok as usize] += each - bad;
            entry.ended[Ending::Timeout as usize] += bad;
            entry.in_time += each - bad;
            entry.segments.push(segment);
            let mut failed = [0; Ending::COUNT];
            failed[Ending::Timeout as usize] = bad;
            entry.failed.push(failed);
        }
        let mut component = ComponentRecord {
            busy: u128::from(window) * 3,
            slots: u128::from(window) * 4,
            cores_busy: u128::from(window),
            cores: 0,
            queued: u128::from(window) / 2,
            in_system: u128::from(window) * 7 / 2,
            accepted: entry.arrived,
            ended: entry.ended,
            wait: wait.clone(),
            time: wait.clone(),
            queue_max: 9,
            wasted: 0,
            hits: 80,
            misses: 20,
            lost_writes: 0,
            duplicates: 0,
            lag: Coarse::default(),
            books: Books::default(),
            kept: None,
        };
        // What no request accounts for is as if it were there at the end.
        component.books.time_at_end = component.in_system - component.time.sum();
        component.books.wait_at_end = component.queued - component.wait.sum();
        let call = CallRecord {
            calls: entry.arrived,
            attempts: entry.arrived * 5 / 4,
            refused_here: 0,
            ended: entry.ended,
            latency: wait,
            unheard: 0,
            ejections: 0,
            ejected: 0,
        };
        Record {
            window,
            entries: vec![entry],
            components: vec![component],
            calls: vec![call],
            in_system: vec![3.5; 64],
            levels: vec![],
            details: Default::default(),
            runs: 1,
            events: 1000,
            unbounded: false,
            growth: 0.0,
        }
    }
}
