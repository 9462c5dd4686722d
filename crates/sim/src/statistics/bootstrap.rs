//! Intervals for figures that are no ratio: a peak, an integral, a time to recover, read from the sum of all replications.
//!
//! Whole replications are drawn with replacement, so that what happens inside one stays together. The draws come from a
//! generator of their own with a fixed seed: the same records give the same interval.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Draws per interval; percentiles at 2.5% then rest on ten of them.
const DRAWS: usize = 400;

/// A figure and the percentile interval of its resampled values; `None` stands for "never" and sorts last.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled {
    /// From all replications as they are.
    pub value: Option<f64>,
    /// Lower percentile.
    pub low: Option<f64>,
    /// Upper percentile.
    pub high: Option<f64>,
}

/// Several figures at once over `replications` replications; `figures` is given how often each replication is counted.
#[must_use]
pub fn bootstrap<const N: usize>(
    replications: usize,
    confidence: f64,
    figures: impl Fn(&[u32]) -> [Option<f64>; N],
) -> [Resampled; N] {
    let values = figures(&vec![1; replications]);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(0x5eed_b007);
    let mut draws: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(DRAWS));
    let mut weights = vec![0u32; replications];
    for _ in 0..DRAWS {
        weights.fill(0);
        for _ in 0..replications {
            let pick = (u128::from(rng.next_u64()) * replications as u128) >> 64;
            weights[pick as usize] += 1;
        }
        for (draws, value) in draws.iter_mut().zip(figures(&weights)) {
            draws.push(value.unwrap_or(f64::INFINITY));
        }
    }
    let tail = (1.0 - confidence) / 2.0;
    std::array::from_fn(|index| {
        let draws = &mut draws[index];
        draws.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let rank = (share * (DRAWS - 1) as f64).round() as usize;
            Some(draws[rank]).filter(|value| value.is_finite())
        };
        Resampled { value: values[index], low: at(tail), high: at(1.0 - tail) }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::statistics::testing::Luck;

    #[test]
    fn bootstrap_intervals_of_a_mean_cover_nearly_as_often_as_they_say() {
        let mut luck = Luck::new(41);
        let runs = 500;
        let covered = (0..runs)
            .filter(|_| {
                let values: Vec<f64> = (0..32).map(|_| luck.exponential()).collect();
                let [found] = bootstrap(32, 0.95, |weights| {
                    [Some(
                        values.iter().zip(weights).map(|(value, &weight)| value * f64::from(weight)).sum::<f64>()
                            / 32.0,
                    )]
                });
                found.low.unwrap() <= 1.0 && 1.0 <= found.high.unwrap()
            })
            .count();
        // Percentile intervals of 32 skewed values are known to cover a little less than they say.
        assert!((0.89..0.98).contains(&(f64::from(covered as u32) / f64::from(runs))), "{covered} of {runs}");
    }

    #[test]
    fn never_sorts_last() {
        let [found] = bootstrap(4, 0.95, |weights| [(weights[0] == 0).then_some(1.0)]);
        assert_eq!((found.value, found.low, found.high), (None, Some(1.0), None));
    }
}
