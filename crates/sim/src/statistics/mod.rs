//! Statistics: from the records of replications to figures with intervals. Knows no names and runs nothing.
//!
//! Replications are independent, so intervals come from how figures differ between them: totals over totals by the
//! jackknife (`ratio`), quantiles by carrying the interval of the share above them back to the pooled histogram
//! (`quantile`), rare failures by exact bounds on clusters (`share`). A single replication is cut into sections and says
//! so. Not here: regenerative cycles, control variates, importance sampling.

mod bootstrap;
mod pairs;
pub mod performability;
mod quantile;
mod ratio;
pub mod reference;
mod spread;
mod warm_up;

pub use bootstrap::{Resampled, bootstrap};
pub use pairs::{Difference, difference};
pub use quantile::{EXCEEDANCES, quantile, quantile_pseudo_values};
pub use ratio::{count, pseudo_values, ratio, share};
pub use spread::spread;
pub use warm_up::{WarmUp, warm_up};

/// What the parts of a figure are, and so whether they are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// Independent replications.
    Replications,
    /// Consecutive sections of one replication; they are checked for correlation before an interval is given.
    Sections,
}

/// How many sections one replication is cut into, at least.
pub const SECTIONS: usize = 30;

/// Sections with more lag-1 correlation than this give no interval.
pub const CORRELATION_MAX: f64 = 0.2;

/// Groups of consecutive slices, `SECTIONS` or a little more of them; the slices themselves if there are fewer.
///
/// Every group has the same number of slices; a remainder at the start is left out (it is nearest to the warm-up).
#[must_use]
pub fn sections(slices: usize) -> Vec<std::ops::Range<usize>> {
    let width = (slices / SECTIONS).max(1);
    let groups = slices / width;
    let first = slices - groups * width;
    (0..groups).map(|group| first + group * width..first + (group + 1) * width).collect()
}

/// Why one replication alone gives no interval for something that is kept only as a total.
pub const ONE_REPLICATION: &str = "one replication: no interval";

/// Lag-1 correlation of a series; zero if it doesn't vary.
#[must_use]
pub fn lag_one_correlation(series: &[f64]) -> f64 {
    let mean = series.iter().sum::<f64>() / series.len() as f64;
    let spread: f64 = series.iter().map(|value| (value - mean) * (value - mean)).sum();
    if spread <= 0.0 {
        return 0.0;
    }
    series.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>() / spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_of_one_width_and_end_at_the_end() {
        let check = |slices: usize, groups: usize, first: usize| {
            let found = sections(slices);
            assert_eq!((found.len(), found[0].start), (groups, first), "{slices} slices");
            assert_eq!(found.last().map(|range| range.end), Some(slices));
        };
        check(64, 32, 0);
        check(60, 30, 0);
        check(61, 30, 1);
        check(12, 12, 0);
    }

    #[test]
    fn correlation_of_an_alternating_series_is_negative_and_of_a_ramp_high() {
        let alternating: Vec<f64> = (0..40).map(|i| f64::from(i % 2)).collect();
        let ramp: Vec<f64> = (0..40).map(f64::from).collect();
        assert!(lag_one_correlation(&alternating) < -0.9);
        assert!(lag_one_correlation(&ramp) > 0.9);
        assert_eq!(lag_one_correlation(&[1.0; 8]), 0.0);
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Seeded draws for tests.

    use rand_core::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    pub(crate) struct Luck(Xoshiro256PlusPlus);

    impl Luck {
        pub(crate) fn new(seed: u64) -> Luck {
            Luck(Xoshiro256PlusPlus::seed_from_u64(seed))
        }

        /// Between 0 and 1, neither included.
        pub(crate) fn uniform(&mut self) -> f64 {
            ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
        }

        /// Of mean 1.
        pub(crate) fn exponential(&mut self) -> f64 {
            -libm::log(self.uniform())
        }

        pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
            let (mut count, mut time) = (0, self.exponential());
            while time < mean {
                count += 1;
                time += self.exponential();
            }
            count
        }
    }
}
