//! Two designs under the same luck: the interval of the difference, operation by operation.

use super::{Bench, Listener, Options};
use crate::histogram::Fine;
use crate::record::{Ending, EntryRecord, Record};
use crate::statistics::{Difference, difference, pseudo_values, quantile_pseudo_values};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::Seconds;
use indexmap::IndexMap;
use serde::Serialize;

/// Two designs under the same load and luck.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Dropped at the start of each run of both: the larger of the two warm-ups. Unit: seconds.
    pub warm_up: Seconds,
    /// Runs of each.
    pub replications: u64,
    /// By the entry's name in the first design.
    pub operations: IndexMap<String, OperationDifference>,
}

/// Second minus first, for one operation of both. Units: seconds, shares, per second.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperationDifference {
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
    let options = Options { precision: None, ..options.clone() };
    let warm_up = first.warm_up(&options, listener).dropped.max(second.warm_up(&options, listener).dropped);
    let one = first.replications(&options, warm_up, listener);
    let other = second.replications(&options, warm_up, listener);
    let differences = paired(&one, &other, operations, options.confidence);
    Comparison {
        warm_up,
        replications: one.len() as u64,
        operations: operations
            .iter()
            .map(|(index, _)| first.labels.operations[*index].clone())
            .zip(differences)
            .collect(),
    }
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
