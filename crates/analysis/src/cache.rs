//! Hit ratios under Zipf popularity: LRU by Che's approximation, the best fixed choice, expiry, and what skew
//! does to shards.
//!
//! Keys are drawn independently and all entries have one size. Left out: FIFO and RANDOM replacement, scans,
//! popularity that drifts.
//!
//! ```
//! use groundplan_analysis::cache::Popularity;
//!
//! let keys = Popularity::zipf(1.0, 1_000_000).expect("an exponent of at least 0 and one key");
//! let hits = keys.lru_hits(10_000);
//! assert!((hits.0 - 0.585_138).abs() < 1e-6);
//! assert!(hits < keys.best_static_hits(10_000));
//! ```

use groundplan_model::units::{PerSecond, Seconds, Share};

/// Keys in order of popularity: the i-th is asked for with a probability in proportion to `1 / i^exponent`.
///
/// Invariant: exponent 0 to 16, at least one key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Popularity {
    exponent: f64,
    keys: u64,
    total: f64,
}

/// Keys that are summed one by one; the rest are an integral by the midpoint rule, whose error is below a
/// 24th of the slope of the summand here (1e-8 of the sum for exponent 1).
const ONE_BY_ONE: u64 = 2_000;

impl Popularity {
    /// Nothing unless the exponent lies in 0 to 16 (0 is uniform) and there is a key.
    #[must_use]
    pub fn zipf(exponent: f64, keys: u64) -> Option<Popularity> {
        if !(0.0..=16.0).contains(&exponent) || keys == 0 {
            return None;
        }
        Some(Popularity { exponent, keys, total: weights(exponent, keys) })
    }

    /// Number of keys.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.keys
    }

    /// Share of requests that ask for one of the `most_popular` keys. Range: 0 to 1.
    #[must_use]
    pub fn top(&self, most_popular: u64) -> Share {
        if most_popular >= self.keys {
            return Share(1.0);
        }
        Share(weights(self.exponent, most_popular) / self.total)
    }

    /// Hit ratio of a cache that holds the `entries` most popular keys for good: no policy without knowledge
    /// of the future does better when keys are drawn independently.
    #[must_use]
    pub fn best_static_hits(&self, entries: u64) -> Share {
        self.top(entries)
    }

    /// Hit ratio of LRU with room for `entries`, in steady state. An approximation: within 0.005 for ten keys,
    /// within 0.0003 for thousands. Cost: about 20 passes over 2000 keys, however many there are.
    ///
    /// Source: Che, Tung and Wang, Hierarchical Web Caching Systems (2002).
    #[must_use]
    pub fn lru_hits(&self, entries: u64) -> Share {
        if entries == 0 {
            return Share(0.0);
        }
        if entries >= self.keys {
            return Share(1.0);
        }
        let age = self.characteristic_age(entries);
        Share(self.sum(|chance| chance * -libm::expm1(-chance * age)).clamp(0.0, 1.0))
    }

    /// Che's characteristic time of an LRU cache: a key is found if it was asked for within so many requests.
    /// Unit: requests. Infinite if every key fits, 0 without room.
    #[must_use]
    pub fn characteristic_age(&self, entries: u64) -> f64 {
        if entries == 0 {
            return 0.0;
        }
        if entries >= self.keys {
            return f64::INFINITY;
        }
        // The number of distinct keys in `age` requests is concave in `age` and at most `age`, so Newton's
        // steps from `entries` climb to the root from below.
        let room = entries as f64;
        let mut age = room;
        for _ in 0..200 {
            let distinct = self.sum(|chance| -libm::expm1(-chance * age));
            let slope = self.sum(|chance| chance * libm::exp(-chance * age));
            let next = age + (room - distinct) / slope;
            if next.is_nan() || next <= age * (1.0 + 1e-14) {
                break;
            }
            age = next;
        }
        age
    }

    /// Share of the load on the shard that holds the most popular key, where the other keys spread evenly over
    /// `shards`. Range: 1/shards to 1. Nothing without a shard.
    #[must_use]
    pub fn hottest_shard(&self, shards: u32) -> Option<Share> {
        let top = self.top(1).0;
        (shards > 0).then(|| Share(top + (1.0 - top) / f64::from(shards)))
    }

    /// The sum of a smooth function of each key's probability over all keys.
    fn sum(&self, part: impl Fn(f64) -> f64) -> f64 {
        let at = |rank: f64| part(power(rank, self.exponent) / self.total);
        sum_over_ranks(self.keys, at)
    }
}

/// `rank^(-exponent)`.
fn power(rank: f64, exponent: f64) -> f64 {
    if exponent == 1.0 { 1.0 / rank } else { libm::exp(-exponent * libm::log(rank)) }
}

/// The sum of the weights of the first `keys` ranks.
fn weights(exponent: f64, keys: u64) -> f64 {
    sum_over_ranks(keys, |rank| power(rank, exponent))
}

/// `f(1) + f(2) + ... + f(keys)`, the first ranks one by one, the rest by an integral in the logarithm of the
/// rank: panels of five Gauss points, at most a quarter of an e-fold wide.
fn sum_over_ranks(keys: u64, f: impl Fn(f64) -> f64) -> f64 {
    const POINTS: [(f64, f64); 5] = [
        (0.0, 0.568_888_888_888_888_9),
        (-0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (0.538_469_310_105_683_1, 0.478_628_670_499_366_47),
        (-0.906_179_845_938_664, 0.236_926_885_056_189_08),
        (0.906_179_845_938_664, 0.236_926_885_056_189_08),
    ];
    let first = keys.min(ONE_BY_ONE);
    // Smallest terms first.
    let head: f64 = (1..=first).rev().map(|rank| f(rank as f64)).sum();
    if keys == first {
        return head;
    }
    let low = libm::log(first as f64 + 0.5);
    let high = libm::log(keys as f64 + 0.5);
    let panels = libm::ceil((high - low) * 4.0).max(1.0) as u32;
    let half = (high - low) / f64::from(panels) / 2.0;
    let mut tail = 0.0;
    for panel in (0..panels).rev() {
        let middle = low + half * f64::from(2 * panel + 1);
        for (point, weight) in POINTS {
            let rank = libm::exp(middle + half * point);
            tail += weight * half * rank * f(rank);
        }
    }
    tail + head
}

/// Hit ratio for one key asked for at `rate` whose entry lives for `lifetime` from its fill: each miss buys
/// `rate x lifetime` hits.
///
/// Source: renewal argument.
#[must_use]
pub fn hits_with_expiry(rate: PerSecond, lifetime: Seconds) -> Share {
    let asked = (rate.0 * lifetime.0).max(0.0);
    Share(if asked.is_finite() { asked / (1.0 + asked) } else { 1.0 })
}

/// Hit ratio for one key asked for at `rate` (Poisson) whose entry lives for `lifetime` from its last use.
///
/// Source: the share of exponential gaps below the lifetime.
#[must_use]
pub fn hits_with_sliding_expiry(rate: PerSecond, lifetime: Seconds) -> Share {
    Share(-libm::expm1(-(rate.0 * lifetime.0).max(0.0)))
}

/// Mean number of backend calls for each expiry of a key asked for at `rate`, if a call takes `recompute` and
/// requests that find it under way call as well. With coalescing (single flight) it is 1.
#[must_use]
pub fn stampede(rate: PerSecond, recompute: Seconds) -> f64 {
    1.0 + (rate.0 * recompute.0).max(0.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn zipf(exponent: f64, keys: u64) -> Popularity {
        Popularity::zipf(exponent, keys).unwrap()
    }

    #[test]
    fn the_integral_agrees_with_the_sum() {
        for exponent in [0.0, 0.5, 0.8, 0.99, 1.0, 1.2, 2.0] {
            let keys = 300_000;
            let sum: f64 = (1..=keys).rev().map(|rank| power(rank as f64, exponent)).sum();
            let found = weights(exponent, keys);
            assert!((found / sum - 1.0).abs() < 1e-8, "{exponent}: {found} {sum}");
        }
    }

    #[test]
    fn the_ends_of_the_room_hold() {
        let keys = zipf(0.9, 1_000);
        assert_eq!(keys.lru_hits(0), Share(0.0));
        assert_eq!(keys.lru_hits(1_000), Share(1.0));
        assert_eq!(keys.best_static_hits(1_000), Share(1.0));
        assert!(keys.lru_hits(999).0 > 0.99);
        assert_eq!(Popularity::zipf(-0.1, 10), None);
        assert_eq!(Popularity::zipf(1.0, 0), None);
    }

    #[test]
    fn uniform_keys_hit_in_proportion() {
        let keys = zipf(0.0, 1_000_000_000);
        assert!((keys.best_static_hits(1_000_000).0 - 0.001).abs() < 1e-9);
        assert!((keys.lru_hits(100_000_000).0 - 0.1).abs() < 1e-9);
    }

    #[test]
    fn a_billion_keys_lie_between_the_bounds() {
        let keys = zipf(0.9, 1_000_000_000);
        let mut before = Share(0.0);
        for entries in [1, 1_000, 1_000_000, 100_000_000, 999_999_999] {
            let hits = keys.lru_hits(entries);
            assert!(hits > before && hits <= keys.best_static_hits(entries), "{entries}: {hits:?}");
            before = hits;
        }
    }
}
