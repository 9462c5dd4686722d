//! How widely something varies: variance and standard deviation over all replications, with the jackknife's interval.

use super::ONE_REPLICATION;
use super::reference::student_quantile;
use groundplan_model::estimate::Estimate;

/// The variance, or its root, of all values together. `parts`: number, sum and sum of squares by replication.
#[must_use]
pub fn spread(parts: &[[f64; 3]], root: bool, confidence: f64) -> Estimate {
    let total = parts.iter().fold([0.0; 3], |sum, part| std::array::from_fn(|i| sum[i] + part[i]));
    let figure = |[count, sum, squares]: [f64; 3]| {
        let mean = sum / count;
        let variance = (squares / count - mean * mean).max(0.0);
        if root { variance.sqrt() } else { variance }
    };
    if total[0] <= 0.0 {
        return Estimate::unknown("nothing of the kind happened");
    }
    let value = figure(total);
    let n = parts.len() as f64;
    let without = |part: &[f64; 3]| std::array::from_fn(|i| total[i] - part[i]);
    if parts.len() < 2 || parts.iter().any(|part| total[0] - part[0] <= 0.0) {
        return Estimate { low: None, high: None, reason: Some(ONE_REPLICATION.into()), ..Estimate::exact(value) };
    }
    let values: Vec<f64> = parts.iter().map(|part| n * value - (n - 1.0) * figure(without(part))).collect();
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    let half = student_quantile(0.5 + confidence / 2.0, n - 1.0) * (squares / (n - 1.0) / n).sqrt();
    Estimate::new(value, (value - half).max(0.0), value + half)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::statistics::testing::Luck;

    #[test]
    fn the_spread_of_exponentials_is_their_mean() {
        let mut luck = Luck::new(5);
        let runs = 300;
        let mut covered = 0;
        for _ in 0..runs {
            let parts: Vec<[f64; 3]> = (0..24)
                .map(|_| {
                    (0..400)
                        .map(|_| luck.exponential())
                        .fold([0.0; 3], |[n, sum, squares], value| [n + 1.0, sum + value, squares + value * value])
                })
                .collect();
            covered += u32::from(spread(&parts, true, 0.95).contains(1.0));
            assert!((spread(&parts, false, 0.95).value.unwrap() - 1.0).abs() < 0.2);
        }
        let share = f64::from(covered) / f64::from(runs);
        assert!((0.91..0.985).contains(&share), "{share}");
    }

    #[test]
    fn one_part_has_no_interval_and_none_no_value() {
        assert_eq!(spread(&[[2.0, 2.0, 4.0]], false, 0.95).value, Some(1.0));
        assert!(spread(&[[2.0, 2.0, 4.0]], false, 0.95).low.is_none());
        assert!(spread(&[], false, 0.95).value.is_none());
    }
}
