//! Where the warm-up ends: MSER-5 on the number of requests in the system, averaged over pilot replications.
//!
//! Source: White, An effective truncation heuristic for bias reduction in simulation output, Simulation 69 (1997).
//! Only for pilots without faults: across a fault there is no steady state to find. Left out: spectral tests.

use super::reference::student_quantile;

/// Slices per batch: the 5 of MSER-5.
const BATCH: usize = 5;

/// What the pilots say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WarmUp {
    /// Drop this many slices.
    Cut(usize),
    /// The number in the system keeps growing. Unit: requests per slice.
    NoSteadyState {
        /// Slope of the number in the system over the second half.
        growth: f64,
    },
}

/// The cut for these pilots; `pilots[replication][slice]` is the mean number in the system in that slice.
///
/// A cut beyond half, or the lack of one, means no steady state if the pilots also agree (at 99%) that the number in the
/// system goes on growing, by a tenth of its level or more over the second half; otherwise it was noise, and the best cut
/// inside the first half is taken.
#[must_use]
pub fn warm_up(pilots: &[Vec<f64>]) -> WarmUp {
    let slices = pilots.iter().map(Vec::len).min().unwrap_or(0);
    let batches = slices / BATCH;
    if batches < 4 {
        return WarmUp::Cut(0);
    }
    let mean_of = |range: std::ops::Range<usize>| -> f64 {
        let count = (range.len() * pilots.len()) as f64;
        pilots.iter().map(|pilot| pilot[range.clone()].iter().sum::<f64>()).sum::<f64>() / count
    };
    let series: Vec<f64> = (0..batches).map(|batch| mean_of(batch * BATCH..(batch + 1) * BATCH)).collect();
    let cut = mser(&series, batches - 2);
    if cut * 2 > batches
        && let Some(growth) = growth(pilots, slices)
    {
        return WarmUp::NoSteadyState { growth };
    }
    let cut = if cut * 2 > batches { mser(&series, batches / 2) } else { cut };
    WarmUp::Cut(cut * BATCH)
}

/// The cut that minimises the squared standard error of what is left. Range: 0 to `limit`.
fn mser(series: &[f64], limit: usize) -> usize {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    // From the back, so that sums grow by one term a cut; values are shifted by the last one against cancellation.
    let shift = series[series.len() - 1];
    for cut in (0..series.len()).rev() {
        let value = series[cut] - shift;
        count += 1.0;
        sum += value;
        squares += value * value;
        if cut <= limit && count > 1.0 {
            let error = ((squares - sum * sum / count) / (count * count)).max(0.0);
            // Of equals the earlier cut is kept, for it drops less.
            if error <= best.0 {
                best = (error, cut);
            }
        }
    }
    best.1
}

/// Slope over the second half, if the pilots agree that it is positive and large.
fn growth(pilots: &[Vec<f64>], slices: usize) -> Option<f64> {
    let half = slices / 2..slices;
    let centre = (half.start + half.end - 1) as f64 / 2.0;
    let spread: f64 = half.clone().map(|slice| (slice as f64 - centre) * (slice as f64 - centre)).sum();
    let slopes: Vec<f64> = pilots
        .iter()
        .map(|pilot| half.clone().map(|slice| (slice as f64 - centre) * pilot[slice]).sum::<f64>() / spread)
        .collect();
    let n = slopes.len() as f64;
    let mean = slopes.iter().sum::<f64>() / n;
    let level = pilots.iter().map(|pilot| pilot[half.clone()].iter().sum::<f64>()).sum::<f64>() / n / half.len() as f64;
    if mean <= 0.0 || mean * half.len() as f64 <= 0.1 * level {
        return None;
    }
    if slopes.len() > 1 {
        let error = (slopes.iter().map(|slope| (slope - mean) * (slope - mean)).sum::<f64>() / (n - 1.0) / n).sqrt();
        if mean <= student_quantile(0.99, n - 1.0) * error {
            return None;
        }
    }
    Some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::Luck;

    fn pilots(seed: u64, level: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
        let mut luck = Luck::new(seed);
        (0..8)
            .map(|_| {
                let mut noise = 0.0;
                (0..200)
                    .map(|slice| {
                        noise = 0.7 * noise + (luck.uniform() - 0.5);
                        level(f64::from(slice)) + noise
                    })
                    .collect()
            })
            .collect()
    }

    #[test]
    fn a_transient_is_cut_and_little_else() {
        for seed in 0..20 {
            let found = warm_up(&pilots(seed, |t| 10.0 - 10.0 * (-t / 8.0).exp()));
            let WarmUp::Cut(cut) = found else { panic!("seed {seed}: {found:?}") };
            assert!((10..=100).contains(&cut), "seed {seed}: cut {cut}");
        }
    }

    #[test]
    fn a_stationary_series_never_lacks_a_steady_state() {
        for seed in 0..50 {
            let found = warm_up(&pilots(seed, |_| 5.0));
            assert!(matches!(found, WarmUp::Cut(cut) if cut <= 100), "seed {seed}: {found:?}");
        }
    }

    #[test]
    fn growth_is_told_with_its_rate() {
        let found = warm_up(&pilots(3, |t| 2.0 * t));
        let WarmUp::NoSteadyState { growth } = found else { panic!("{found:?}") };
        assert!((growth - 2.0).abs() < 0.05, "{growth}");
    }

    #[test]
    fn a_handful_of_slices_is_not_cut() {
        assert_eq!(warm_up(&[vec![1.0; 12]]), WarmUp::Cut(0));
        assert_eq!(warm_up(&[]), WarmUp::Cut(0));
    }
}
