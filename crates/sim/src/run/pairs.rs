//! Two designs under the same luck: the interval of the difference, operation by operation.

use super::judge::judge_plain;
use super::looks::{Load, Runs};
use super::{Bench, Listener, Options, Progress, on_threads, runs};
use crate::histogram::Fine;
use crate::record::{Ending, EntryRecord, Record};
use crate::statistics::{Difference, difference, pseudo_values, quantile_pseudo_values};
use crate::verdict::{SCHEMA_VERSION, Verdict, WarmUpVerdict};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use indexmap::IndexMap;
use serde::Serialize;

/// Two designs under the same load and luck.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Version of the JSON shape.
    pub schema_version: u32,
    /// Dropped at the start of each run of both: the larger of the two warm-ups. Unit: seconds.
    pub warm_up: Seconds,
    /// Pairs of runs.
    pub replications: u64,
    /// By the entry's name in the first design.
    pub operations: IndexMap<String, OperationDifference>,
    /// The plain load of the first design.
    pub first: Verdict,
    /// The plain load of the second design.
    pub second: Verdict,
}

impl Comparison {
    /// Whether both designs keep all their targets; undecided is not kept.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.first.holds() && self.second.holds()
    }

    /// Whether runs are missing because somebody asked to stop.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.first.interrupted() || self.second.interrupted()
    }
}

/// Second minus first, for one operation of both. Units: seconds, shares, per second.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperationDifference {
    /// The entry's name in the second design.
    pub second: String,
    /// Of the mean latency.
    pub mean: Difference,
    /// Of the median latency.
    pub p50: Difference,
    /// Of the 99th percentile of the latency.
    pub p99: Difference,
    /// Of the availability.
    pub availability: Difference,
    /// Of the goodput.
    pub goodput: Difference,
}

/// Runs the plain load of two designs with the same seeds and compares them. A precision is not looked at: pairs need
/// equal numbers of runs.
///
/// `operations`: which entry of the first is which of the second; see `paired`.
#[must_use]
pub fn compare(
    first: &Bench<'_>,
    second: &Bench<'_>,
    operations: &[(usize, usize)],
    options: &Options,
    listener: Listener<'_>,
) -> Comparison {
    let options = Options { precision: None, experiments: false, ..options.clone() };
    let (one, other) = (first.warm_up(&options, listener), second.warm_up(&options, listener));
    let warm_up = one.dropped.max(other.dropped);
    let side = |bench: &Bench<'_>, steadiness: WarmUpVerdict| {
        let titled = |progress: Progress<'_>| {
            let stage = format!("{}: {}", bench.design, progress.stage);
            listener(Progress { stage: &stage, ..progress });
        };
        on_threads(options.threads, || {
            let runs = Load::plain(bench, &options, warm_up).run(bench, &options, &titled);
            let steadiness = WarmUpVerdict { dropped: warm_up, ..steadiness };
            (judge_plain(bench, &options, steadiness, &runs), runs)
        })
    };
    let (first_verdict, one) = side(first, one);
    let (second_verdict, other) = side(second, other);
    let (one, other) = pairs(one, other);
    let differences = paired(&one, &other, operations, options.confidence);
    Comparison {
        schema_version: SCHEMA_VERSION,
        warm_up,
        replications: runs(&one),
        operations: operations
            .iter()
            .map(|(index, _)| first.labels.operations[*index].clone())
            .zip(operations.iter().zip(differences).map(|((_, index), difference)| OperationDifference {
                second: second.labels.operations[*index].clone(),
                ..difference
            }))
            .collect(),
        first: first_verdict,
        second: second_verdict,
    }
}

/// The runs that both have: an interruption leaves out different ones.
fn pairs(one: Runs, other: Runs) -> (Vec<Record>, Vec<Record>) {
    let mut others = other.indices.into_iter().zip(other.records).peekable();
    let mut found = (vec![], vec![]);
    for (index, record) in one.indices.into_iter().zip(one.records) {
        while others.next_if(|(behind, _)| *behind < index).is_some() {}
        if let Some((_, partner)) = others.next_if(|(same, other)| *same == index && other.runs == record.runs) {
            found.0.push(record);
            found.1.push(partner);
        }
    }
    found
}

/// Compares replications pair by pair; both designs ran with the same seed and warm-up.
///
/// `operations`: which entry of the first is which of the second. The differences are of jackknife pseudo-values, so that
/// they are differences of totals over totals and pooled quantiles, not of averages of per-run figures.
#[must_use]
pub fn paired(
    first: &[Record],
    second: &[Record],
    operations: &[(usize, usize)],
    confidence: f64,
) -> Vec<OperationDifference> {
    let runs = first.len().min(second.len());
    let (first, second) = (&first[..runs], &second[..runs]);
    operations
        .iter()
        .map(|&(one, other)| {
            let ratio = |pair: &dyn Fn(&EntryRecord, f64) -> (f64, f64)| {
                subtract(ratios(first, one, pair), ratios(second, other, pair), confidence)
            };
            let quantile = |p: f64| subtract(quantiles(first, one, p), quantiles(second, other, p), confidence);
            OperationDifference {
                second: String::new(),
                mean: ratio(&|entry, _| (entry.latency.sum() as f64 / 1e9, entry.latency.count() as f64)),
                p50: quantile(0.5),
                p99: quantile(0.99),
                availability: ratio(&|entry, _| {
                    let cancelled = entry.ended[Ending::Cancelled as usize];
                    (entry.ended[Ending::Ok as usize] as f64, (entry.arrived - cancelled) as f64)
                }),
                goodput: ratio(&|entry, window| (entry.in_time as f64, window)),
            }
        })
        .collect()
}

fn ratios(records: &[Record], entry: usize, pair: &dyn Fn(&EntryRecord, f64) -> (f64, f64)) -> Option<Vec<f64>> {
    let pairs: Vec<(f64, f64)> =
        records.iter().map(|record| pair(&record.entries[entry], record.window as f64 / 1e9)).collect();
    pseudo_values(&pairs)
}

fn quantiles(records: &[Record], entry: usize, p: f64) -> Option<Vec<f64>> {
    let histograms: Vec<&Fine> = records.iter().map(|record| &record.entries[entry].latency).collect();
    let values = quantile_pseudo_values(&histograms, p)?;
    Some(values.into_iter().map(|ns| ns / 1e9).collect())
}

fn subtract(first: Option<Vec<f64>>, second: Option<Vec<f64>>, confidence: f64) -> Difference {
    match (first, second) {
        (Some(first), Some(second)) => difference(&first, &second, confidence),
        _ => Difference { difference: Estimate::unknown("too few requests to compare"), variance_ratio: None },
    }
}
