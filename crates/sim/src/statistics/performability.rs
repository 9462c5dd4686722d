//! Rare failures (performability, renewal-reward): what a year loses, from episodes that were run conditionally.
//!
//! U = U0 + sum over episodes of rate x `E[loss]`. Rates are known or stated with a range; losses come from runs in which the
//! episode is made to happen. The interval is the delta method's: each factor's spread carried through the product, all taken
//! as independent and added in quadrature. It holds where episodes are far shorter than their spacing. Source: Meyer, On
//! Evaluating the Performability of Degradable Computing Systems (1980); Ross, Stochastic Processes (1996), 3.6 (renewal
//! reward). Left out: rates that depend on one another (a common cause is an episode of its own).

use super::reference::student_quantile;
use groundplan_model::estimate::Estimate;

/// A number with its 95% range, which need not be even.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Lower end.
    pub low: f64,
    /// The number.
    pub value: f64,
    /// Upper end.
    pub high: f64,
}

impl Spread {
    /// A number that is known.
    #[must_use]
    pub fn exactly(value: f64) -> Spread {
        Spread { low: value, value, high: value }
    }

    /// So many times as much.
    #[must_use]
    pub fn times(self, factor: f64) -> Spread {
        Spread { low: self.low * factor, value: self.value * factor, high: self.high * factor }
    }
}

/// The mean of independent runs with its standard error, and what else widens it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Its standard error; zero where all runs agree.
    pub error: f64,
    /// Runs less one.
    pub freedom: f64,
    /// How much lower and higher it may be for reasons other than chance, at 95%: a length that is known by a range.
    pub other: (f64, f64),
}

impl Mean {
    /// A number that is known.
    #[must_use]
    pub fn exactly(value: f64) -> Mean {
        Mean { value, error: 0.0, freedom: 1.0, other: (0.0, 0.0) }
    }

    /// The mean of these runs.
    #[must_use]
    pub fn of(runs: &[f64]) -> Mean {
        let n = runs.len().max(1) as f64;
        let value = runs.iter().sum::<f64>() / n;
        let squares: f64 = runs.iter().map(|run| (run - value) * (run - value)).sum();
        let freedom = (n - 1.0).max(1.0);
        Mean { value, error: (squares / freedom / n).sqrt(), freedom, other: (0.0, 0.0) }
    }

    /// Half the interval below and above, chance and other reasons together.
    #[must_use]
    pub fn halves(&self, confidence: f64) -> (f64, f64) {
        let chance = student_quantile(0.5 + confidence / 2.0, self.freedom) * self.error;
        (hypot(chance, self.other.0), hypot(chance, self.other.1))
    }
}

/// One kind of episode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Episode {
    /// How often it begins. Unit: per year.
    pub rate: Spread,
    /// What one costs: minutes of everybody being down that would be as bad, as a part of a year.
    pub loss: Mean,
}

fn hypot(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

/// What one kind of episode costs a year, with the delta method's interval: a share of the year.
#[must_use]
pub fn cost(episode: &Episode, confidence: f64) -> Estimate {
    let (below, above) = halves(episode, confidence);
    let value = episode.rate.value * episode.loss.value;
    // No episode makes a year better; noise about nothing may seem to.
    Estimate::new(value, (value - below).max(value.min(0.0)), value + above)
}

fn halves(episode: &Episode, confidence: f64) -> (f64, f64) {
    let Episode { rate, loss } = episode;
    let (less, more) = loss.halves(confidence);
    let size = loss.value.abs();
    (
        hypot((rate.value - rate.low) * size, rate.value * less),
        hypot((rate.high - rate.value) * size, rate.value * more),
    )
}

/// The unavailability of a year: what fails without any fault, all episodes, and what was omitted, charged as total outage.
#[must_use]
pub fn unavailability(base: &Estimate, episodes: &[Episode], omitted: f64, confidence: f64) -> Estimate {
    let Some(steady) = base.value else {
        return Estimate::unknown("what fails without a fault was not measured");
    };
    let start = (steady - base.low.unwrap_or(0.0), base.high.unwrap_or(1.0) - steady);
    let (mut value, mut below, mut above) = (steady, start.0, start.1);
    for episode in episodes {
        let (less, more) = halves(episode, confidence);
        value += episode.rate.value * episode.loss.value;
        (below, above) = (hypot(below, less), hypot(above, more));
    }
    let bounded = |share: f64| share.clamp(0.0, 1.0);
    // What was omitted may cost nothing: it raises the value and the upper end alone.
    Estimate::new(bounded(value + omitted), bounded(value - below), bounded(value + above + omitted))
}

/// The rate at which two kinds of episodes come to overlap, and how long both last then on average. Exact for independent
/// Poisson beginnings with fixed lengths, and for exponential ones. Rates per year, lengths in parts of a year.
#[must_use]
pub fn overlap((rate_a, length_a): (f64, f64), (rate_b, length_b): (f64, f64)) -> (f64, f64) {
    let both = length_a + length_b;
    if both <= 0.0 { (0.0, 0.0) } else { (rate_a * rate_b * both, length_a * length_b / both) }
}

/// The probability that three or more episodes are under way, where on average `load` are (a Poisson number of them).
#[must_use]
pub fn three_or_more(load: f64) -> f64 {
    // Near zero the difference would lose all its digits.
    if load < 1e-3 {
        return load * load * load / 6.0;
    }
    1.0 - libm::exp(-load) * (1.0 + load + load * load / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_that_fails_and_is_repaired() {
        // 1000 h and 1 h: renewals every 1001 h, each an hour of outage. Validation O-59: 0.999001.
        let year = 8760.0;
        let rate = Spread::exactly(year / 1001.0);
        let episode = Episode { rate, loss: Mean::exactly(1.0 / year) };
        let found = unavailability(&Estimate::exact(0.0), &[episode], 0.0, 0.95);
        assert!((1.0 - found.value.unwrap_or(0.0) - 0.999_001).abs() < 1e-6);
        assert_eq!((found.low, found.high), (found.value, found.value), "all of it is known");
    }

    #[test]
    fn two_in_parallel_are_down_together_as_their_product_says() {
        let (rate, length) = (8.0, 1e-3);
        let (pairs, both) = overlap((rate, length), (rate, length));
        assert!((pairs * both - (rate * length) * (rate * length)).abs() < 1e-12);
        let (pairs, both) = overlap((2.0, 0.01), (5.0, 0.002));
        assert!((pairs * both - 2.0 * 0.01 * 5.0 * 0.002).abs() < 1e-12);
    }

    #[test]
    fn spreads_add_up_in_quadrature_and_keep_their_sides() {
        let episode = |low: f64, high: f64| Episode {
            rate: Spread { low, value: 1.0, high },
            loss: Mean { value: 0.01, error: 0.0, freedom: 7.0, other: (0.0, 0.0) },
        };
        let one = cost(&episode(0.7, 1.4), 0.95);
        assert!((one.low.unwrap_or(0.0) - 0.007).abs() < 1e-12 && (one.high.unwrap_or(0.0) - 0.014).abs() < 1e-12);
        let both = unavailability(&Estimate::exact(0.0), &[episode(0.7, 1.3), episode(0.6, 1.4)], 0.0, 0.95);
        assert!((both.value.unwrap_or(0.0) - 0.02).abs() < 1e-12);
        assert!((both.high.unwrap_or(0.0) - 0.025).abs() < 1e-12, "3 and 4 make 5");
    }

    /// Rate and mean loss drawn again and again: the interval holds the truth as often as it says.
    #[test]
    fn the_interval_covers() {
        use crate::kernel::draws::{Stream, Words as _};
        let mut stream = Stream::new(7, 0, 1);
        let mut normal = || (0..12).map(|_| stream.unit()).sum::<f64>() - 6.0;
        let (rate, loss) = (4.0, 1e-4);
        let mut held = 0;
        for _ in 0..2000 {
            let stated = rate * (1.0 + 0.1 * normal());
            let runs: Vec<f64> = (0..8).map(|_| loss * (1.0 + 0.3 * normal())).collect();
            let half = 1.96 * 0.1 * rate;
            let spread = Spread { low: stated - half, value: stated, high: stated + half };
            held += usize::from(cost(&Episode { rate: spread, loss: Mean::of(&runs) }, 0.95).contains(rate * loss));
        }
        // 95% of 2000, within five standard deviations.
        assert!((1850..=1950).contains(&held), "{held}");
    }

    #[test]
    fn three_at_once_are_rare() {
        assert!((three_or_more(1e-3) / (1e-9 / 6.0) - 1.0).abs() < 1e-2);
        assert!((three_or_more(0.5) - 0.014_388).abs() < 1e-6);
        assert_eq!(three_or_more(0.0), 0.0);
    }
}
