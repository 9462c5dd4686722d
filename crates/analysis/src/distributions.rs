//! Laws of service times and gaps: three moments, tail and quantile of each, and how to fit them.
//!
//! The laws are those a design can write. Empirical and mixed laws are left out; so is arithmetic on laws (sums
//! and maxima stand in `queues` and `attempts` for the laws that have one).
//!
//! ```
//! use groundplan_analysis::distributions::Law;
//! use groundplan_model::units::{Seconds, Share};
//!
//! let law = Law::lognormal_from_p50_p99(Seconds(0.010), Seconds(0.102)).expect("p50 below p99");
//! assert!(law.moments().mean() > Seconds(0.016)); // the mean lies well above the median
//! assert!((law.quantile(Share(0.99)).expect("inside 0 and 1").0 - 0.102).abs() < 1e-12);
//! ```

use crate::solve::{beyond, fall_below, mean_decay, positive};
use groundplan_model::units::{PerSecond, Seconds, Share};
use std::f64::consts::SQRT_2;

/// The standard normal's 99th percentile.
const NORMAL_P99: f64 = 2.326_347_874_040_841;

/// The first three raw moments of a time. Units: seconds to the first, second and third power.
///
/// Invariant: all finite and positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    mean: f64,
    second: f64,
    third: f64,
}

impl Moments {
    /// From `E[S]`, `E[S^2]`, `E[S^3]`. Nothing if one is not positive and finite, or if the second is below
    /// the square of the mean by more than rounding.
    #[must_use]
    pub fn new(mean: Seconds, second: f64, third: f64) -> Option<Moments> {
        let sane = positive(mean.0) && positive(second) && positive(third);
        let possible = second >= mean.0 * mean.0 * (1.0 - 1e-12);
        (sane && possible).then_some(Moments { mean: mean.0, second, third })
    }

    /// `E[S]`.
    #[must_use]
    pub fn mean(self) -> Seconds {
        Seconds(self.mean)
    }

    /// `E[S^2]`. Unit: seconds squared.
    #[must_use]
    pub fn second(self) -> f64 {
        self.second
    }

    /// `E[S^3]`. Unit: seconds cubed.
    #[must_use]
    pub fn third(self) -> f64 {
        self.third
    }

    /// Variance. Unit: seconds squared. Range: at least 0.
    #[must_use]
    pub fn variance(self) -> f64 {
        (self.second - self.mean * self.mean).max(0.0)
    }

    /// Squared coefficient of variation: variance over squared mean. Unit: none; 0 constant, 1 exponential.
    #[must_use]
    pub fn scv(self) -> f64 {
        self.variance() / (self.mean * self.mean)
    }
}

/// The law of a positive time. Made by the functions below, which are the only checks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law(Shape);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shape {
    Exponential { mean: f64 },
    Constant { value: f64 },
    Uniform { low: f64, high: f64 },
    Erlang { stages: u32, mean: f64 },
    Lognormal { location: f64, sigma: f64 },
    Hyperexponential { first: f64, rates: [f64; 2] },
    BoundedPareto { shape: f64, low: f64, high: f64 },
}

impl Law {
    /// Exponential. Nothing unless the mean is positive.
    #[must_use]
    pub fn exponential(mean: Seconds) -> Option<Law> {
        Law::of(positive(mean.0), Shape::Exponential { mean: mean.0 })
    }

    /// Always the same value. Nothing unless it is positive.
    #[must_use]
    pub fn constant(value: Seconds) -> Option<Law> {
        Law::of(positive(value.0), Shape::Constant { value: value.0 })
    }

    /// Uniform between two times. Nothing unless 0 <= low < high.
    #[must_use]
    pub fn uniform(low: Seconds, high: Seconds) -> Option<Law> {
        Law::of(low.0 >= 0.0 && low < high && positive(high.0), Shape::Uniform { low: low.0, high: high.0 })
    }

    /// Sum of `stages` equal exponentials; squared coefficient of variation 1/stages. Nothing without a stage
    /// or unless the mean is positive.
    #[must_use]
    pub fn erlang(stages: u32, mean: Seconds) -> Option<Law> {
        Law::of(stages > 0 && positive(mean.0), Shape::Erlang { stages, mean: mean.0 })
    }

    /// Lognormal with this median and 99th percentile. Nothing unless 0 < p50 < p99, or if the spread is so
    /// wide that the third moment overflows.
    #[must_use]
    pub fn lognormal_from_p50_p99(p50: Seconds, p99: Seconds) -> Option<Law> {
        if !positive(p50.0) || !positive(p99.0) || p50 >= p99 {
            return None;
        }
        let sigma = libm::log(p99 / p50) / NORMAL_P99;
        Law::lognormal(libm::log(p50.0), sigma)
    }

    /// Lognormal with this mean and squared coefficient of variation. Nothing unless both are positive, or if
    /// the third moment overflows.
    #[must_use]
    pub fn lognormal_from_mean_scv(mean: Seconds, scv: f64) -> Option<Law> {
        if !positive(mean.0) || !positive(scv) {
            return None;
        }
        let variance = libm::log1p(scv);
        Law::lognormal(libm::log(mean.0) - variance / 2.0, variance.sqrt())
    }

    /// Lognormal whose logarithm (of seconds) has this mean and standard deviation. Nothing unless `sigma` is
    /// positive, or if the third moment overflows.
    #[must_use]
    pub fn lognormal(location: f64, sigma: f64) -> Option<Law> {
        let law = Law::of(location.is_finite() && positive(sigma), Shape::Lognormal { location, sigma })?;
        positive(raw_lognormal(3.0, location, sigma)).then_some(law)
    }

    /// Two exponentials mixed so that each brings half of the mean. Nothing unless the mean is positive and
    /// the squared coefficient of variation at least 1.
    ///
    /// Source: balanced means, Whitt (1982).
    #[must_use]
    pub fn hyperexponential(mean: Seconds, scv: f64) -> Option<Law> {
        if !positive(mean.0) || !(1.0..1e15).contains(&scv) {
            return None;
        }
        let first = 0.5 * (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt());
        let rates = [2.0 * first / mean.0, 2.0 * (1.0 - first) / mean.0];
        Law::of(positive(rates[1]), Shape::Hyperexponential { first, rates })
    }

    /// Pareto with exponent `shape`, cut to lie between `low` and `high`. Nothing unless all are positive and
    /// low < high.
    #[must_use]
    pub fn bounded_pareto(shape: f64, low: Seconds, high: Seconds) -> Option<Law> {
        let sane = positive(shape) && positive(low.0) && positive(high.0) && low < high;
        Law::of(sane, Shape::BoundedPareto { shape, low: low.0, high: high.0 })
    }

    fn of(sane: bool, shape: Shape) -> Option<Law> {
        sane.then_some(Law(shape))
    }

    /// The first three moments. Source: each law's textbook moments; bounded Pareto by integration.
    #[must_use]
    pub fn moments(&self) -> Moments {
        let raw = |power: f64| self.raw(power);
        Moments { mean: raw(1.0), second: raw(2.0), third: raw(3.0) }
    }

    /// `E[S^power]` for the powers 1, 2 and 3.
    fn raw(&self, power: f64) -> f64 {
        let factorial = match power {
            p if p < 1.5 => 1.0,
            p if p < 2.5 => 2.0,
            _ => 6.0,
        };
        match self.0 {
            Shape::Exponential { mean } => factorial * libm::pow(mean, power),
            Shape::Constant { value } => libm::pow(value, power),
            Shape::Uniform { low, high } => {
                let above = power + 1.0;
                (libm::pow(high, above) - libm::pow(low, above)) / (above * (high - low))
            }
            Shape::Erlang { stages, mean } => {
                let stages = f64::from(stages);
                let rising = match power {
                    p if p < 1.5 => 1.0,
                    p if p < 2.5 => 1.0 + 1.0 / stages,
                    _ => (1.0 + 1.0 / stages) * (1.0 + 2.0 / stages),
                };
                rising * libm::pow(mean, power)
            }
            Shape::Lognormal { location, sigma } => raw_lognormal(power, location, sigma),
            Shape::Hyperexponential { first, rates } => {
                factorial * (first / libm::pow(rates[0], power) + (1.0 - first) / libm::pow(rates[1], power))
            }
            Shape::BoundedPareto { shape, low, high } => {
                let width = libm::log(high / low);
                let kept = -libm::expm1(-shape * width);
                // The integral of x^(power-shape-1), written so that power = shape needs no case of its own.
                let integral = mean_decay(-(power - shape) * width) * width;
                shape * libm::pow(low, power) * integral / kept
            }
        }
    }

    /// The share of times above `time`. Range: 0 to 1, falling.
    #[must_use]
    pub fn tail(&self, time: Seconds) -> Share {
        let time = time.0.max(0.0);
        Share(match self.0 {
            Shape::Exponential { mean } => libm::exp(-time / mean),
            Shape::Constant { value } => f64::from(u8::from(time < value)),
            Shape::Uniform { low, high } => ((high - time) / (high - low)).clamp(0.0, 1.0),
            Shape::Erlang { stages, mean } => erlang_tail(stages, f64::from(stages) * time / mean),
            Shape::Lognormal { location, sigma } => {
                if time == 0.0 {
                    1.0
                } else {
                    normal_tail((libm::log(time) - location) / sigma)
                }
            }
            Shape::Hyperexponential { first, rates } => {
                first * libm::exp(-rates[0] * time) + (1.0 - first) * libm::exp(-rates[1] * time)
            }
            Shape::BoundedPareto { shape, low, high } => {
                if time <= low {
                    1.0
                } else if time >= high {
                    0.0
                } else {
                    let reach = |from: f64| -libm::expm1(-shape * libm::log(high / from));
                    libm::pow(low / time, shape) * reach(time) / reach(low)
                }
            }
        })
    }

    /// The time that `quantile` of the draws do not exceed. Nothing unless 0 < quantile < 1. Cost: about 120
    /// tails.
    #[must_use]
    pub fn quantile(&self, quantile: Share) -> Option<Seconds> {
        let rest = beyond(quantile.0)?;
        Some(Seconds(fall_below(|time| self.tail(Seconds(time)).0, rest, self.raw(1.0))))
    }

    /// Rate of a server whose service times have this law: one over the mean.
    #[must_use]
    pub fn rate(&self) -> PerSecond {
        PerSecond(1.0 / self.raw(1.0))
    }
}

fn raw_lognormal(power: f64, location: f64, sigma: f64) -> f64 {
    libm::exp(power * location + power * power * sigma * sigma / 2.0)
}

/// The standard normal's tail beyond `z`.
fn normal_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// The probability that fewer than `stages` events of a Poisson count with this mean have happened.
fn erlang_tail(stages: u32, mean: f64) -> f64 {
    if mean == 0.0 {
        return 1.0;
    }
    // From the largest term outwards, in logarithms, so that many stages neither overflow nor vanish.
    let last = stages - 1;
    let peak = (mean as u32).min(last);
    let log_peak = f64::from(peak) * libm::log(mean) - mean - libm::lgamma(f64::from(peak) + 1.0);
    let mut total = 1.0;
    let mut term = 1.0;
    for count in (0..peak).rev() {
        term *= f64::from(count + 1) / mean;
        total += term;
    }
    let mut term = 1.0;
    for count in peak + 1..=last {
        term *= mean / f64::from(count);
        total += term;
    }
    (libm::exp(log_peak) * total).min(1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(law: Option<Law>, mean: f64, scv: f64) {
        let moments = law.unwrap().moments();
        assert!((moments.mean().0 / mean - 1.0).abs() < 1e-6, "{law:?}: {moments:?}");
        assert!((moments.scv() - scv).abs() < 1e-5 * scv.max(1.0), "{law:?}: {}", moments.scv());
    }

    #[test]
    fn moments_are_the_textbook_ones() {
        check(Law::exponential(Seconds(2.0)), 2.0, 1.0);
        check(Law::constant(Seconds(2.0)), 2.0, 0.0);
        check(Law::uniform(Seconds(0.0), Seconds(2.0)), 1.0, 1.0 / 3.0);
        check(Law::erlang(4, Seconds(3.0)), 3.0, 0.25);
        check(Law::lognormal_from_mean_scv(Seconds(1.0), 4.0), 1.0, 4.0);
        check(Law::lognormal(-0.804_718_956, 1.268_636_2), 1.0, 4.0);
        check(Law::hyperexponential(Seconds(1.0), 10.0), 1.0, 10.0);
    }

    #[test]
    fn bounded_pareto_has_the_moments_of_its_integral() {
        // O-06: mean 2.970003 and SCV 32.67 on [1, 10000] with exponent 1.5.
        let moments = Law::bounded_pareto(1.5, Seconds(1.0), Seconds(10_000.0)).unwrap().moments();
        assert!((moments.mean().0 - 2.970_003).abs() < 5e-7, "{moments:?}");
        assert!((moments.scv() - 32.67).abs() < 5e-3, "{}", moments.scv());
        // An exponent equal to a power is the logarithmic case.
        let moments = Law::bounded_pareto(1.0, Seconds(1.0), Seconds(10.0)).unwrap().moments();
        assert!((moments.mean().0 - 10f64.ln() / 0.9).abs() < 1e-12, "{moments:?}");
    }

    #[test]
    fn a_quantile_undoes_the_tail() {
        let one = Seconds(1.0);
        for law in [
            Law::exponential(one),
            Law::uniform(one, Seconds(3.0)),
            Law::erlang(7, one),
            Law::erlang(5000, one),
            Law::lognormal_from_mean_scv(one, 4.0),
            Law::hyperexponential(one, 10.0),
            Law::bounded_pareto(1.5, one, Seconds(1e4)),
        ] {
            for quantile in [0.01, 0.5, 0.99, 0.9999] {
                let time = law.unwrap().quantile(Share(quantile)).unwrap();
                let tail = law.unwrap().tail(time).0;
                assert!((tail - (1.0 - quantile)).abs() < 1e-9, "{law:?} at {quantile}: {tail}");
            }
        }
        assert_eq!(Law::constant(one).unwrap().quantile(Share(0.5)), Some(one));
    }

    #[test]
    fn a_lognormal_fit_passes_through_its_two_points() {
        let law = Law::lognormal_from_p50_p99(Seconds(0.02), Seconds(0.5)).unwrap();
        assert!((law.quantile(Share(0.5)).unwrap().0 - 0.02).abs() < 1e-12);
        assert!((law.quantile(Share(0.99)).unwrap().0 - 0.5).abs() < 1e-12);
    }

    #[test]
    fn nonsense_makes_no_law() {
        let (zero, one) = (Seconds(0.0), Seconds(1.0));
        for law in [
            Law::exponential(zero),
            Law::exponential(Seconds(f64::NAN)),
            Law::constant(Seconds(-1.0)),
            Law::uniform(one, one),
            Law::erlang(0, one),
            Law::lognormal_from_p50_p99(one, one),
            Law::lognormal_from_mean_scv(one, 0.0),
            Law::lognormal(0.0, 40.0),
            Law::hyperexponential(one, 0.9),
            Law::bounded_pareto(1.5, one, one),
        ] {
            assert_eq!(law, None);
        }
    }
}
