//! A chain of single-server stations: the percentiles of the whole, which are not the sum of the parts'.
//!
//! Exact for M/M/1 stations in a row. Stations with several servers let requests overtake, and then times at
//! different stations are no longer independent: only their means add.

use super::markov::SingleServer;
use crate::solve::{beyond, fall_below, positive};
use groundplan_model::units::{PerSecond, Seconds, Share};

/// M/M/1 stations in a row: the time from entry to exit is a sum of independent exponentials.
///
/// Source: Burke (1956); Reich (1957).
#[derive(Debug, Clone, PartialEq)]
pub struct Tandem {
    drains: Vec<PerSecond>,
}

impl Tandem {
    /// Nothing without a station.
    #[must_use]
    pub fn new(stations: &[SingleServer]) -> Option<Tandem> {
        let drains: Vec<_> = stations.iter().map(SingleServer::drain).collect();
        (!drains.is_empty()).then_some(Tandem { drains })
    }

    /// Mean time from entry to exit.
    #[must_use]
    pub fn mean_sojourn(&self) -> Seconds {
        self.drains.iter().map(|drain| Seconds(1.0 / drain.0)).sum()
    }

    /// Share of requests that take longer than `time`.
    #[must_use]
    pub fn sojourn_tail(&self, time: Seconds) -> Share {
        Share(sum_tail(&self.drains, time.0))
    }

    /// The time that `quantile` of the requests do not exceed. Nothing unless 0 < quantile < 1.
    #[must_use]
    pub fn sojourn_quantile(&self, quantile: Share) -> Option<Seconds> {
        let rest = beyond(quantile.0)?;
        Some(Seconds(fall_below(|time| sum_tail(&self.drains, time), rest, self.mean_sojourn().0)))
    }
}

/// The probability that a sum of independent exponentials with these rates exceeds `time`; equal and nearly
/// equal rates are welcome. Nothing if there is no rate or one is not positive. Cost: stations cubed, times
/// the binary logarithm of `fastest rate x time`. Relative error: about 1e-16 times `fastest rate x time`.
///
/// Source: phase-type law (Neuts, 1981), evaluated by uniformisation with repeated squaring.
#[must_use]
pub fn hypoexponential_tail(rates: &[PerSecond], time: Seconds) -> Option<Share> {
    (!rates.is_empty() && rates.iter().all(|rate| positive(rate.0))).then(|| Share(sum_tail(rates, time.0)))
}

fn sum_tail(rates: &[PerSecond], time: f64) -> f64 {
    if time <= 0.0 {
        return 1.0;
    }
    if let [only] = rates {
        return libm::exp(-only.0 * time);
    }
    let size = rates.len();
    let fastest = rates.iter().fold(0.0_f64, |most, rate| most.max(rate.0));
    let mut span = fastest * time;
    if !span.is_finite() {
        return 0.0;
    }
    let mut doublings = 0;
    while span > 1.0 {
        span /= 2.0;
        doublings += 1;
    }
    // One step of the uniformised chain: stay in a station, or go on to the next. No entry is negative, so
    // nothing cancels.
    let stay: Vec<f64> = rates.iter().map(|rate| 1.0 - rate.0 / fastest).collect();
    let go: Vec<f64> = rates.iter().map(|rate| rate.0 / fastest).collect();
    let mut term = identity(size);
    let mut matrix = term.clone();
    for order in 1..=24 {
        let scale = span / f64::from(order);
        for row in 0..size {
            for column in (row..size).rev() {
                let from_left = if column > row { term[row * size + column - 1] * go[column - 1] } else { 0.0 };
                let here = term[row * size + column] * stay[column];
                term[row * size + column] = (here + from_left) * scale;
            }
        }
        for (sum, part) in matrix.iter_mut().zip(&term) {
            *sum += part;
        }
    }
    let decay = libm::exp(-span);
    for entry in &mut matrix {
        *entry *= decay;
    }
    for _ in 0..doublings {
        matrix = squared(&matrix, size);
    }
    matrix[..size].iter().sum::<f64>().min(1.0)
}

fn identity(size: usize) -> Vec<f64> {
    (0..size * size).map(|cell| if cell / size == cell % size { 1.0 } else { 0.0 }).collect()
}

/// The square of an upper triangular matrix.
fn squared(matrix: &[f64], size: usize) -> Vec<f64> {
    let mut square = vec![0.0; size * size];
    for row in 0..size {
        for column in row..size {
            square[row * size + column] =
                (row..=column).map(|by| matrix[row * size + by] * matrix[by * size + column]).sum();
        }
    }
    square
}
