//! Quantiles of pooled histograms, with intervals from how parts differ.
//!
//! The value is the quantile of all values together. For the interval, the share of values above it is a ratio of totals
//! with a jackknife error over the parts; that share's interval (of its log odds), carried back through the pooled histogram, is the
//! quantile's (Woodruff, Confidence intervals for medians and other position measures, JASA 47, 1952). So clusters count,
//! the interval may be lopsided, and nothing is averaged that is not a total. Exact to the bucket, 0.4% in a `Fine` one.

use super::ratio::{cluster_bounds, independent, jackknife_error, label};
use super::reference::student_quantile;
use super::{Parts, SECTIONS};
use crate::histogram::Histogram;
use groundplan_model::estimate::Estimate;

/// Values that must lie beyond a quantile before it is reported: 30 sections of 10.
pub const EXCEEDANCES: u64 = 10 * SECTIONS as u64;

/// The `p`-quantile over all parts. Unit: the histograms' (ns).
///
/// `unfinished`: by part, requests whose value is not known but larger than any seen; a quantile among them is "at least".
/// Null with its reason when fewer than `EXCEEDANCES` values lie beyond it on either side.
#[must_use]
pub fn quantile<const BITS: u32>(
    histograms: &[&Histogram<BITS>],
    unfinished: &[u64],
    p: f64,
    parts: Parts,
    confidence: f64,
) -> Estimate {
    let at = match Position::find(histograms, unfinished, p) {
        Ok(at) => at,
        Err(nothing) => return nothing,
    };
    let Position { value, ref above, .. } = at;
    let beyond = 1.0 - p;
    if let Err(reason) = independent(above, beyond, parts) {
        return Estimate { value: Some(value), low: None, high: None, reason: Some(reason), at_least: at.at_least };
    }
    // Where few parts have any beyond it, their number decides: see `share`.
    let fewer: Vec<(f64, f64)> =
        if beyond <= 0.5 { above.clone() } else { above.iter().map(|pair| (pair.1 - pair.0, pair.1)).collect() };
    if let Some((low, high)) = cluster_bounds(&fewer, confidence) {
        // Bounds on the share above it from its rarer side, as positions of its ends.
        let (low, high) = if beyond <= 0.5 { (1.0 - high, 1.0 - low) } else { (low, high) };
        return at.between(low, high, parts);
    }
    let Some(error) = jackknife_error(above) else {
        return Estimate {
            value: Some(value),
            low: None,
            high: None,
            reason: Some("all values lie in one part: no interval".into()),
            at_least: at.at_least,
        };
    };
    // On the scale of log odds, where the share above a high quantile can't become negative.
    let half = student_quantile(0.5 + confidence / 2.0, (above.len() - 1) as f64) * error / (p * beyond);
    let moved = |half: f64| 1.0 / (1.0 + beyond / p * libm::exp(-half));
    at.between(moved(-half), moved(half), parts)
}

/// One value per part whose mean is the quantile and whose spread is its error (its linearisation): for differences.
#[must_use]
pub fn quantile_pseudo_values<const BITS: u32>(histograms: &[&Histogram<BITS>], p: f64) -> Option<Vec<f64>> {
    let at = Position::find(histograms, &vec![0; histograms.len()], p).ok()?;
    let error = jackknife_error(&at.above)?;
    // Density at the quantile, from the width of one standard error to either side.
    let step = error.max(1e-4).min((1.0 - p) / 2.0).min(p / 2.0);
    let slope = (at.read(p + step).0 - at.read(p - step).0) / (2.0 * step);
    let mean = at.above.iter().map(|pair| pair.1).sum::<f64>() / at.above.len() as f64;
    Some(at.above.iter().map(|pair| at.value + slope * (pair.0 - (1.0 - p) * pair.1) / mean).collect())
}

/// A quantile found in the pooled histogram, and what each part has above it.
struct Position<const BITS: u32> {
    pooled: Histogram<BITS>,
    /// All values over the finished ones, at least 1.
    stretch: f64,
    value: f64,
    at_least: bool,
    /// By part: values above, values in all.
    above: Vec<(f64, f64)>,
}

impl<const BITS: u32> Position<BITS> {
    fn find(histograms: &[&Histogram<BITS>], unfinished: &[u64], p: f64) -> Result<Position<BITS>, Estimate> {
        let mut pooled = Histogram::<BITS>::default();
        for histogram in histograms {
            pooled.merge(histogram);
        }
        let finished = pooled.count();
        if finished == 0 {
            return Err(Estimate::unknown("no request ended ok"));
        }
        let all = finished + unfinished.iter().sum::<u64>();
        let beyond = all as f64 * p.min(1.0 - p);
        if beyond < EXCEEDANCES as f64 {
            return Err(Estimate::unknown(format!(
                "{} values lie beyond it, {EXCEEDANCES} are needed: {} times as many runs would do",
                beyond.round(),
                groundplan_model::units::significant(EXCEEDANCES as f64 / beyond.max(0.1)),
            )));
        }
        let mut at = Position {
            pooled,
            stretch: all as f64 / finished as f64,
            value: 0.0,
            at_least: false,
            above: Vec::with_capacity(histograms.len()),
        };
        (at.value, at.at_least) = at.read(p);
        let value = at.value as u64;
        for (histogram, &unfinished) in histograms.iter().zip(unfinished) {
            let count = histogram.count() + unfinished;
            at.above.push(((histogram.count_above(value) + unfinished) as f64, count as f64));
        }
        Ok(at)
    }

    /// The quantile with the values at these shares as its ends.
    fn between(&self, low: f64, high: f64, parts: Parts) -> Estimate {
        let value = self.value;
        let (low, high) = (self.read(low), self.read(high));
        Estimate {
            value: Some(value),
            low: Some(low.0.min(value)),
            high: (!high.1).then_some(high.0.max(value)),
            reason: if high.1 { Some("the upper end lies beyond the largest value seen".into()) } else { label(parts) },
            at_least: self.at_least,
        }
    }

    /// The value at share `p` of all, and whether that lies among the unfinished (then the largest seen).
    fn read(&self, p: f64) -> (f64, bool) {
        let p = p.max(0.0) * self.stretch;
        let value = self.pooled.quantile(p.min(1.0)).unwrap_or(0);
        (value as f64, p > 1.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::histogram::{Coarse, Fine};
    use crate::statistics::testing::Luck;

    fn exponential_parts(luck: &mut Luck, parts: usize, each: usize) -> Vec<Fine> {
        (0..parts)
            .map(|_| {
                let mut fine = Fine::default();
                for _ in 0..each {
                    fine.add((luck.exponential() * 1e9) as u64);
                }
                fine
            })
            .collect()
    }

    #[test]
    fn quantile_intervals_cover_as_often_as_they_say() {
        let mut luck = Luck::new(21);
        let runs = 1000;
        for p in [0.5, 0.99] {
            let truth = -(1.0f64 - p).ln() * 1e9;
            let covered = (0..runs)
                .filter(|_| {
                    let parts = exponential_parts(&mut luck, 32, 1000);
                    let parts: Vec<&Fine> = parts.iter().collect();
                    quantile(&parts, &[0; 32], p, Parts::Replications, 0.95).contains(truth)
                })
                .count();
            let rate = covered as f64 / f64::from(runs);
            assert!((rate - 0.95).abs() < 0.03, "p {p}: covered {rate}");
        }
    }

    #[test]
    fn intervals_widen_when_values_cluster_by_part() {
        // Each part is slower or faster as a whole: sections differ far more than their counts alone would say.
        let mut luck = Luck::new(22);
        let runs = 1000;
        let mut truth = Fine::default();
        let draw = |luck: &mut Luck| {
            let factor = 0.5 + luck.uniform();
            let mut fine = Fine::default();
            for _ in 0..1000 {
                fine.add((luck.exponential() * factor * 1e9) as u64);
            }
            fine
        };
        for _ in 0..20_000 {
            truth.merge(&draw(&mut luck));
        }
        let truth = truth.quantile(0.99).unwrap() as f64;
        let covered = (0..runs)
            .filter(|_| {
                let parts: Vec<Fine> = (0..32).map(|_| draw(&mut luck)).collect();
                let parts: Vec<&Fine> = parts.iter().collect();
                quantile(&parts, &[0; 32], 0.99, Parts::Replications, 0.95).contains(truth)
            })
            .count();
        let rate = covered as f64 / f64::from(runs);
        assert!((rate - 0.95).abs() < 0.03, "covered {rate}");
    }

    #[test]
    fn a_tail_of_few_parts_has_the_bounds_of_their_number() {
        // Two of 32 parts have all that is slow: another 32 might have seven such, or a quarter of one.
        let parts: Vec<Fine> = (0..32)
            .map(|part| {
                let mut fine = Fine::default();
                for nth in 0..1000 {
                    fine.add(if part % 16 == 0 && nth < 300 { 100_000 + nth * 1000 } else { 1000 + nth });
                }
                fine
            })
            .collect();
        let parts: Vec<&Fine> = parts.iter().collect();
        let found = quantile(&parts, &[0; 32], 0.99, Parts::Replications, 0.95);
        // 600 of 32,000 are slow and 320 lie beyond: the value is 140 from the fast end of each part's 300.
        assert!((found.value.unwrap() / 240_000.0 - 1.0).abs() < 0.01, "{found:?}");
        // Exact bounds of a count of two: 0.242 and 7.225, so 39 or 1156 beyond: 20 from the slow end of each, or a fast one.
        assert!((found.high.unwrap() / 380_500.0 - 1.0).abs() < 0.005, "{found:?}");
        assert!(found.low.unwrap() < 2000.0, "{found:?}");
    }

    #[test]
    fn too_few_beyond_is_null_with_its_reason() {
        let mut luck = Luck::new(23);
        let parts = exponential_parts(&mut luck, 32, 1000);
        let parts: Vec<&Fine> = parts.iter().collect();
        let found = quantile(&parts, &[0; 32], 0.999, Parts::Replications, 0.95);
        assert!(found.value.is_none());
        assert_eq!(found.reason.unwrap(), "32 values lie beyond it, 300 are needed: 9.37 times as many runs would do");
    }

    #[test]
    fn unfinished_requests_make_it_at_least() {
        let mut luck = Luck::new(24);
        let parts = exponential_parts(&mut luck, 4, 10_000);
        let parts: Vec<&Fine> = parts.iter().collect();
        let some = quantile(&parts, &[50; 4], 0.99, Parts::Replications, 0.95);
        assert!(
            !some.at_least && some.value.unwrap() > 4.7e9,
            "half a percent unfinished moves p99 to p99.5: {some:?}"
        );
        let many = quantile(&parts, &[2000; 4], 0.99, Parts::Replications, 0.95);
        assert!(many.at_least && many.high.is_none());
    }

    #[test]
    fn pseudo_values_average_to_the_quantile_and_spread_as_its_error() {
        let mut luck = Luck::new(25);
        let parts = exponential_parts(&mut luck, 64, 2000);
        let parts: Vec<&Fine> = parts.iter().collect();
        let found = quantile(&parts, &[0; 64], 0.9, Parts::Replications, 0.95);
        let values = quantile_pseudo_values(&parts, 0.9).unwrap();
        let mean = values.iter().sum::<f64>() / 64.0;
        let error = (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 63.0 / 64.0).sqrt();
        assert!((mean / found.value.unwrap() - 1.0).abs() < 0.005);
        let half = (found.high.unwrap() - found.low.unwrap()) / 2.0;
        assert!((error * 1.998 / half - 1.0).abs() < 0.25, "error {error}, half-width {half}");
    }

    #[test]
    fn coarse_histograms_do_too() {
        let mut coarse = Coarse::default();
        for value in 0..10_000 {
            coarse.add(value);
        }
        let found = quantile(&[&coarse, &coarse], &[0, 0], 0.5, Parts::Replications, 0.95);
        assert!((found.value.unwrap() - 5000.0).abs() < 100.0);
    }
}
