//! Differences between two designs that were run with the same luck, replication by replication.

use super::reference::student_quantile;
use groundplan_model::estimate::Estimate;
use serde::Serialize;

/// A difference, and what the shared luck was worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Second minus first, with the interval of the per-replication difference.
    pub difference: Estimate,
    /// Variance of the difference with independent runs over the one with shared luck: above 1, sharing paid.
    /// None where nothing varies.
    pub variance_ratio: Option<f64>,
}

/// The mean of `second - first` over replications with equal index.
#[must_use]
pub fn difference(first: &[f64], second: &[f64], confidence: f64) -> Difference {
    assert_eq!(first.len(), second.len(), "pairs need equal numbers of replications");
    let each: Vec<f64> = first.iter().zip(second).map(|(first, second)| second - first).collect();
    let n = each.len() as f64;
    if each.is_empty() {
        return Difference { difference: Estimate::unknown("no replications"), variance_ratio: None };
    }
    let mean = each.iter().sum::<f64>() / n;
    if each.len() < 2 {
        let difference = Estimate {
            value: Some(mean),
            low: None,
            high: None,
            reason: Some(super::ONE_REPLICATION.into()),
            at_least: false,
        };
        return Difference { difference, variance_ratio: None };
    }
    let together = variance(&each);
    let half = student_quantile(0.5 + confidence / 2.0, n - 1.0) * (together / n).sqrt();
    let apart = variance(first) + variance(second);
    Difference {
        difference: Estimate::new(mean, mean - half, mean + half),
        variance_ratio: (together > 0.0).then(|| apart / together),
    }
}

fn variance(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::statistics::testing::Luck;

    #[test]
    fn shared_luck_narrows_the_difference() {
        let mut luck = Luck::new(31);
        let shared: Vec<f64> = (0..32).map(|_| luck.exponential()).collect();
        let second: Vec<f64> = shared.iter().map(|value| value + 0.1 + 0.05 * luck.exponential()).collect();
        let found = difference(&shared, &second, 0.95);
        assert!(found.difference.contains(0.15), "{found:?}");
        assert!(found.variance_ratio.unwrap() > 20.0);
        assert!(found.difference.high.unwrap() - found.difference.low.unwrap() < 0.1);
    }

    #[test]
    fn equal_runs_differ_by_exactly_nothing() {
        let found = difference(&[1.0, 2.0, 4.0], &[1.0, 2.0, 4.0], 0.95);
        assert_eq!(found.difference, Estimate::exact(0.0));
        assert_eq!(found.variance_ratio, None);
    }
}
