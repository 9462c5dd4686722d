//! Retries and fan-out: what an attempt policy does to load and failure, and what many leaves do to the tail.
//!
//! Failures are independent from attempt to attempt here, which is the kind case. Failures that come from
//! overload feed on the retries themselves: that loop is left to the simulator.
//!
//! ```
//! use groundplan_analysis::attempts::{Attempts, amplification};
//! use groundplan_model::units::Share;
//!
//! let policy = Attempts::new(Share(0.2), 3).expect("a share, and at least one attempt");
//! assert!((policy.mean() - 1.24).abs() < 1e-12);
//! assert_eq!(amplification(&[4, 4, 4]), Some(64)); // when nothing answers any more
//! ```

use crate::solve::{beyond, positive, share};
use groundplan_model::units::{Seconds, Share};

/// A call that is tried until it succeeds, `most` times in all at most; each attempt fails independently.
///
/// Source: the truncated geometric law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attempts {
    failing: f64,
    most: u32,
}

impl Attempts {
    /// `failing` is the probability that one attempt fails; `most` counts the first attempt. Nothing unless
    /// the probability lies in 0 to 1 and there is at least one attempt.
    #[must_use]
    pub fn new(failing: Share, most: u32) -> Option<Attempts> {
        (share(failing.0) && most > 0).then_some(Attempts { failing: failing.0, most })
    }

    /// Calls nested in calls, outermost first: each layer makes so many attempts of the layer below, over a
    /// bottom call that fails independently. Seen from the bottom they are one layer of the product. Nothing
    /// if a layer makes no attempt or the product exceeds a `u32`.
    #[must_use]
    pub fn nested(failing: Share, layers: &[u32]) -> Option<Attempts> {
        let most = amplification(layers).and_then(|most| u32::try_from(most).ok())?;
        Attempts::new(failing, most)
    }

    /// Mean number of attempts a request: `(1 - p^n) / (1 - p)`. Range: 1 to the most.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.failing >= 1.0 {
            return f64::from(self.most);
        }
        (self.once_succeeds() / (1.0 - self.failing)).clamp(1.0, f64::from(self.most))
    }

    /// Share of requests whose every attempt fails: `p^n`.
    #[must_use]
    pub fn failed(&self) -> Share {
        Share(libm::pow(self.failing, f64::from(self.most)))
    }

    /// Share of requests of which one attempt succeeds.
    #[must_use]
    pub fn succeeded(&self) -> Share {
        Share(self.once_succeeds())
    }

    /// Mean number of attempts a request where a budget allows at most this many retries for each request, on
    /// average (`Share(0.1)`: one in ten). Range: 1 to 1 + budget.
    #[must_use]
    pub fn mean_with_budget(&self, budget: Share) -> f64 {
        self.mean().min(1.0 + budget.0.max(0.0))
    }

    fn once_succeeds(&self) -> f64 {
        // 1 - p^n without loss where p is close to 1.
        if self.failing == 0.0 { 1.0 } else { -libm::expm1(f64::from(self.most) * libm::log(self.failing)) }
    }
}

/// Attempts at the bottom for each request at the top when nothing succeeds: the product of the layers.
/// Unit: attempts a request. Nothing if a layer makes no attempt or the product exceeds a `u64`.
///
/// Source: Site Reliability Engineering (2016), Addressing Cascading Failures.
#[must_use]
pub fn amplification(layers: &[u32]) -> Option<u64> {
    layers.iter().try_fold(
        1_u64,
        |product, &layer| {
            if layer == 0 { None } else { product.checked_mul(u64::from(layer)) }
        },
    )
}

/// Share of requests that meet at least one slow leaf of `leaves`, each slow independently.
///
/// Source: Dean and Barroso, The Tail at Scale, CACM (2013).
#[must_use]
pub fn fan_out_slow(slow: Share, leaves: u32) -> Share {
    if leaves == 0 {
        return Share(0.0);
    }
    let slow = slow.0.clamp(0.0, 1.0);
    Share(-libm::expm1(f64::from(leaves) * libm::log1p(-slow)).min(1.0))
}

/// The quantile each of `leaves` leaves must keep so that all of them together keep `quantile`: 99% over 100
/// leaves needs 99.99% at each. Nothing unless 0 < quantile < 1 and there is a leaf.
#[must_use]
pub fn leaf_quantile(quantile: Share, leaves: u32) -> Option<Share> {
    beyond(quantile.0)?;
    (leaves > 0).then(|| Share(libm::exp(libm::log(quantile.0) / f64::from(leaves))))
}

/// Mean time until the slowest of `leaves` independent exponential leaves has answered: `mean x (1 + 1/2 +
/// ... )`. Nothing without a leaf or unless the mean is positive.
#[must_use]
pub fn slowest_mean(mean: Seconds, leaves: u32) -> Option<Seconds> {
    let sane = leaves > 0 && positive(mean.0);
    sane.then(|| mean * (1..=leaves).rev().map(|leaf| 1.0 / f64::from(leaf)).sum::<f64>())
}

/// The time within which all of `leaves` independent exponential leaves have answered for `quantile` of the
/// requests. Nothing without a leaf, unless the mean is positive and 0 < quantile < 1.
#[must_use]
pub fn slowest_quantile(mean: Seconds, leaves: u32, quantile: Share) -> Option<Seconds> {
    beyond(quantile.0)?;
    let sane = leaves > 0 && positive(mean.0);
    // 1 - q^(1/n), without loss where it is small.
    sane.then(|| mean * -libm::log(-libm::expm1(libm::log(quantile.0) / f64::from(leaves))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn certain_failure_uses_every_attempt_and_certain_success_one() {
        let check = |failing, most, mean, failed| {
            let attempts = Attempts::new(Share(failing), most).unwrap();
            assert_eq!((attempts.mean(), attempts.failed()), (mean, Share(failed)));
        };
        check(1.0, 5, 5.0, 1.0);
        check(0.0, 5, 1.0, 0.0);
        check(0.3, 1, 1.0, 0.3);
        assert_eq!(Attempts::new(Share(0.5), 0), None);
        assert_eq!(Attempts::new(Share(1.5), 2), None);
        assert_eq!(Attempts::nested(Share(0.5), &[4, 0]), None);
    }

    #[test]
    fn an_amplification_too_large_to_count_is_nothing() {
        assert_eq!(amplification(&[u32::MAX; 2]), Some(u64::from(u32::MAX) * u64::from(u32::MAX)));
        assert_eq!(amplification(&[u32::MAX; 3]), None);
        assert_eq!(amplification(&[]), Some(1));
    }

    #[test]
    fn a_leaf_must_be_better_than_the_whole() {
        let leaf = leaf_quantile(Share(0.99), 100).unwrap();
        assert!((leaf.0 - 0.999_899_5).abs() < 1e-7, "{leaf:?}");
        assert!((fan_out_slow(Share(1.0 - leaf.0), 100).0 - 0.01).abs() < 1e-12);
        assert_eq!(fan_out_slow(Share(1.0), 3), Share(1.0));
        assert_eq!(fan_out_slow(Share(1.0), 0), Share(0.0));
    }
}
