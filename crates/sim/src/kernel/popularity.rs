//! Which of many things is asked for: draws from a Zipf law over ranks, at the same cost for ten of them or a billion.
//!
//! Rejection-inversion (Hörmann and Derflinger, Rejection-inversion to generate variates from monotone discrete
//! distributions, 1996): no table, and hardly ever a second try. Left out: popularity that drifts in the course of a run.

use super::draws::{Keyed, Words as _, site};

/// A Zipf law over the ranks 1 to `items`: rank i has a weight of i to the power of minus the exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Popularity {
    items: u64,
    exponent: f64,
    /// Integrals of the hat at its two ends.
    ends: [f64; 2],
    /// Below this distance from its rank a draw is taken without a look at the weight.
    sure: f64,
    /// Site of the draws.
    site: u32,
}

/// `(exp(x) - 1) / x`, also near zero.
fn expm1_over(x: f64) -> f64 {
    if x.abs() > 1e-8 { libm::expm1(x) / x } else { 1.0 + x / 2.0 }
}

/// `ln(1 + x) / x`, also near zero.
fn log1p_over(x: f64) -> f64 {
    if x.abs() > 1e-8 { libm::log1p(x) / x } else { 1.0 - x / 2.0 }
}

impl Popularity {
    /// The law over so many ranks (at least one); exponent zero makes all alike. `name` keys its draws.
    #[must_use]
    pub fn new(exponent: f64, items: u64, name: &str) -> Popularity {
        let items = items.max(1);
        let mut law = Popularity { items, exponent, ends: [0.0; 2], sure: 0.0, site: site(name) };
        law.ends = [law.integral(1.5) - 1.0, law.integral(items as f64 + 0.5)];
        law.sure = 2.0 - law.inverse(law.integral(2.5) - law.weight(2.0));
        law
    }

    /// Number of ranks: the last is the least asked for.
    #[must_use]
    pub fn items(&self) -> u64 {
        self.items
    }

    /// The weight of a rank, of `whole`.
    #[must_use]
    pub fn weight_of(&self, rank: u64) -> f64 {
        self.weight(rank as f64)
    }

    /// The weights of all ranks together, within a millionth: the first thousand one by one, the rest by their integral.
    #[must_use]
    pub fn whole(&self) -> f64 {
        let few = self.items.min(1000);
        let first: f64 = (1..=few).map(|rank| self.weight(rank as f64)).sum();
        first + self.integral(self.items as f64 + 0.5) - self.integral(few as f64 + 0.5)
    }

    fn weight(&self, x: f64) -> f64 {
        libm::exp(-self.exponent * libm::log(x))
    }

    fn integral(&self, x: f64) -> f64 {
        let log = libm::log(x);
        expm1_over((1.0 - self.exponent) * log) * log
    }

    fn inverse(&self, y: f64) -> f64 {
        let t = (y * (1.0 - self.exponent)).max(-1.0);
        libm::exp(log1p_over(t) * y)
    }

    /// The rank that a request asks for, from 1; the same whenever it is asked. Cost: two or three transcendental calls.
    #[must_use]
    pub fn draw(&self, key: u64) -> u64 {
        let mut words = Keyed::new(key, self.site);
        let [low, high] = self.ends;
        loop {
            let y = high + words.unit() * (low - high);
            let x = self.inverse(y);
            let rank = ((x + 0.5) as u64).clamp(1, self.items);
            let middle = rank as f64;
            if middle - x <= self.sure || y >= self.integral(middle + 0.5) - self.weight(middle) {
                return rank;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::draws::mix;
    use super::*;

    /// The shares of the first ranks are those of the law within five standard errors.
    fn check(exponent: f64, items: u64) {
        let law = Popularity::new(exponent, items, "keys");
        let n = 200_000u64;
        let mut found = [0u64; 11];
        for key in 0..n {
            let rank = law.draw(mix(key));
            assert!((1..=items).contains(&rank), "{rank} of {items}");
            found[(rank.min(11) - 1) as usize] += 1;
        }
        let weight = |rank: u64| libm::pow(rank as f64, -exponent);
        let total: f64 = (1..=items).map(weight).sum();
        for rank in 1..=items.min(10) {
            let share = weight(rank) / total;
            let error = 5.0 * (share * (1.0 - share) / n as f64).sqrt();
            let measured = found[rank as usize - 1] as f64 / n as f64;
            assert!((measured - share).abs() <= error, "zipf({exponent} {items}), rank {rank}: {measured} for {share}");
        }
    }

    #[test]
    fn ranks_come_by_their_weights() {
        check(0.9, 20_000);
        check(1.0, 20_000);
        check(0.0, 7);
        check(2.5, 3);
        check(1.0, 1);
    }

    /// Validation item 57: a million keys, exponent 0.99, the first ten.
    #[test]
    fn a_million_keys_have_their_published_skew() {
        let law = Popularity::new(0.99, 1_000_000, "keys");
        let n = 400_000u64;
        let ranks: Vec<u64> = (0..n).map(|key| law.draw(mix(key))).collect();
        let share = |upto: u64| ranks.iter().filter(|rank| **rank <= upto).count() as f64 / n as f64;
        for (upto, expected) in [(1, 0.064_969_4), (10, 0.192_057), (10_000, 0.664_271)] {
            let error = 4.0 * (expected * (1.0 - expected) / n as f64).sqrt();
            assert!((share(upto) - expected).abs() < error, "first {upto}: {} for {expected}", share(upto));
        }
    }
}
