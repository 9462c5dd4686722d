//! Ratios of totals: means, rates, utilisations, shares.
//!
//! The value is always the total over the total, never a mean of ratios. Left out: second-order bias correction; with
//! parts as long as ours the bias is far inside the interval.

use super::reference::{poisson_bounds, student_quantile};
use super::{CORRELATION_MAX, Parts, lag_one_correlation};
use groundplan_model::estimate::Estimate;

/// Below this many parts with a failure, failures are rare and the bound is exact Poisson on clusters.
const CLUSTERS_ENOUGH: usize = 10;

/// Sum of numerators over sum of denominators, with the jackknife's interval over the parts.
///
/// `pairs`: (numerator, denominator) by part, in the order of time if they are sections.
#[must_use]
pub fn ratio(pairs: &[(f64, f64)], parts: Parts, confidence: f64) -> Estimate {
    let (top, bottom) = totals(pairs);
    if bottom <= 0.0 {
        return Estimate::unknown("nothing of the kind happened");
    }
    let value = top / bottom;
    if let Err(reason) = independent(pairs, value, parts) {
        return Estimate { value: Some(value), low: None, high: None, reason: Some(reason), at_least: false };
    }
    let Some(error) = jackknife_error(pairs) else {
        return Estimate {
            value: Some(value),
            low: None,
            high: None,
            reason: Some("all of it lies in one part: no interval".into()),
            at_least: false,
        };
    };
    let half = student_quantile(0.5 + confidence / 2.0, (pairs.len() - 1) as f64) * error;
    Estimate { reason: label(parts), ..Estimate::new(value, value - half, value + half) }
}

/// The share of `trials` that are `hits`, by part, with bounds that stay honest when hits (or misses) are rare.
///
/// Under ten parts with a hit, and some without: exact Poisson bounds on the number of parts with a hit, each counted as one
/// cluster of the mean size. No hit in n: at most 3/n at 95%, which takes the trials as independent.
#[must_use]
pub fn share(pairs: &[(u64, u64)], parts: Parts, confidence: f64) -> Estimate {
    let hits: u64 = pairs.iter().map(|pair| pair.0).sum();
    let trials: u64 = pairs.iter().map(|pair| pair.1).sum();
    if trials == 0 {
        return Estimate::unknown("no requests");
    }
    if hits * 2 > trials {
        let misses: Vec<(u64, u64)> = pairs.iter().map(|&(hits, trials)| (trials - hits, trials)).collect();
        return complement(share(&misses, parts, confidence));
    }
    let value = hits as f64 / trials as f64;
    if hits == 0 {
        return Estimate::new(0.0, 0.0, (-libm::log(1.0 - confidence) / trials as f64).min(1.0));
    }
    let pairs: Vec<(f64, f64)> = pairs.iter().map(|&(hits, trials)| (hits as f64, trials as f64)).collect();
    if let Some((low, high)) = cluster_bounds(&pairs, confidence) {
        return Estimate::new(value, low, high);
    }
    let found = ratio(&pairs, parts, confidence);
    Estimate { low: found.low.map(|low| low.max(0.0)), high: found.high.map(|high| high.min(1.0)), ..found }
}

/// The mean of a count per replication, such as writes lost, with bounds that stay honest when it is mostly zero.
///
/// Under ten replications with any: exact Poisson bounds on their number, each counted as one cluster of the mean size.
#[must_use]
pub fn count(counts: &[u64], confidence: f64) -> Estimate {
    let total: u64 = counts.iter().sum();
    let n = counts.len() as f64;
    let clusters = counts.iter().filter(|&&count| count > 0).count();
    if counts.is_empty() {
        return Estimate::unknown("no replications");
    }
    if total == 0 {
        return Estimate::new(0.0, 0.0, -libm::log(1.0 - confidence) / n);
    }
    let value = total as f64 / n;
    if counts.len() > 1 && clusters < CLUSTERS_ENOUGH && clusters < counts.len() {
        let (low, high) = poisson_bounds(clusters as u64, confidence);
        let each = value / clusters as f64;
        return Estimate::new(value, low * each, high * each);
    }
    let pairs: Vec<(f64, f64)> = counts.iter().map(|&count| (count as f64, 1.0)).collect();
    let found = ratio(&pairs, Parts::Replications, confidence);
    Estimate { low: found.low.map(|low| low.max(0.0)), ..found }
}

/// Exact Poisson bounds on the share of hits, where fewer than ten parts have any and some have none: the number of parts
/// with a hit is what is known, each counts as one cluster of the mean size. None where there are enough.
pub(super) fn cluster_bounds(pairs: &[(f64, f64)], confidence: f64) -> Option<(f64, f64)> {
    let clusters = pairs.iter().filter(|pair| pair.0 > 0.0).count();
    let there = pairs.iter().filter(|pair| pair.1 > 0.0).count();
    if pairs.len() < 2 || clusters == 0 || clusters >= CLUSTERS_ENOUGH || clusters >= there {
        return None;
    }
    let (top, bottom) = totals(pairs);
    let (low, high) = poisson_bounds(clusters as u64, confidence);
    let each = top / bottom / clusters as f64;
    Some((low * each, (high * each).min(1.0)))
}

/// One value per part whose mean is the ratio and whose spread is its error: for differences between designs.
#[must_use]
pub fn pseudo_values(pairs: &[(f64, f64)]) -> Option<Vec<f64>> {
    let (top, bottom) = totals(pairs);
    let n = pairs.len() as f64;
    if pairs.len() < 2 || pairs.iter().any(|pair| bottom - pair.1 <= 0.0) {
        return None;
    }
    let value = top / bottom;
    Some(pairs.iter().map(|pair| n * value - (n - 1.0) * ((top - pair.0) / (bottom - pair.1))).collect())
}

/// Standard error of the ratio of totals by leaving out one part at a time.
pub(super) fn jackknife_error(pairs: &[(f64, f64)]) -> Option<f64> {
    let values = pseudo_values(pairs)?;
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Some((spread / (n - 1.0) / n).sqrt())
}

/// Whether an interval may be read from how these parts differ; else why not.
pub(super) fn independent(pairs: &[(f64, f64)], value: f64, parts: Parts) -> Result<(), String> {
    if pairs.len() < 2 {
        return Err(super::ONE_REPLICATION.into());
    }
    if parts == Parts::Sections {
        let residuals: Vec<f64> = pairs.iter().map(|pair| pair.0 - value * pair.1).collect();
        let correlation = lag_one_correlation(&residuals);
        if correlation > CORRELATION_MAX {
            return Err(format!(
                "one replication, and its sections are correlated ({correlation:.2} above {CORRELATION_MAX}): no interval"
            ));
        }
    }
    Ok(())
}

/// What an interval from sections must say of itself.
pub(super) fn label(parts: Parts) -> Option<String> {
    (parts == Parts::Sections).then(|| "batch means of one replication".into())
}

fn totals(pairs: &[(f64, f64)]) -> (f64, f64) {
    pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1))
}

fn complement(share: Estimate) -> Estimate {
    Estimate {
        value: share.value.map(|value| 1.0 - value),
        low: share.high.map(|high| 1.0 - high),
        high: share.low.map(|low| 1.0 - low),
        ..share
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::statistics::testing::Luck;

    #[test]
    fn the_jackknife_of_equal_denominators_is_the_t_interval() {
        let pairs: Vec<(f64, f64)> = [4.0, 6.0, 5.0, 7.0, 3.0].iter().map(|&value| (value, 1.0)).collect();
        let found = ratio(&pairs, Parts::Replications, 0.95);
        // Mean 5, standard deviation sqrt(2.5), t(4) = 2.776: half-width 1.963.
        assert!((found.value.unwrap() - 5.0).abs() < 1e-12);
        assert!((found.high.unwrap() - 6.963).abs() < 1e-3, "{found:?}");
        assert!((found.low.unwrap() - 3.037).abs() < 1e-3);
    }

    #[test]
    fn rare_failures_get_exact_bounds_on_clusters() {
        // One of 32 replications had an outage of 50 requests: the next run may see none or five.
        let mut pairs = vec![(0u64, 1000u64); 32];
        pairs[7].0 = 50;
        let found = share(&pairs, Parts::Replications, 0.95);
        let value = 50.0 / 32_000.0;
        assert!((found.value.unwrap() - value).abs() < 1e-15);
        assert!((found.high.unwrap() / value - 5.572).abs() < 1e-3);
        assert!((found.low.unwrap() / value - 0.0253).abs() < 1e-4);
        let availability: Vec<(u64, u64)> = pairs.iter().map(|pair| (pair.1 - pair.0, pair.1)).collect();
        let available = share(&availability, Parts::Replications, 0.95);
        assert!((available.low.unwrap() - (1.0 - found.high.unwrap())).abs() < 1e-12);
    }

    #[test]
    fn nothing_in_n_is_three_over_n() {
        let found = share(&[(0, 500), (0, 500)], Parts::Replications, 0.95);
        assert_eq!(found.value, Some(0.0));
        assert!((found.high.unwrap() - 0.003).abs() < 1e-5);
        assert!(share(&[(0, 0)], Parts::Replications, 0.95).value.is_none());
    }

    #[test]
    fn counts_that_are_mostly_zero_keep_honest_bounds() {
        let check = |counts: &[u64], low: f64, high: f64| {
            let found = count(counts, 0.95);
            assert!((found.low.unwrap() - low).abs() < 1e-3 && (found.high.unwrap() - high).abs() < 1e-3, "{found:?}");
        };
        check(&[0; 32], 0.0, 0.0936);
        check(&[0, 0, 0, 8], 0.0506, 11.143);
        check(&[3, 3, 3, 3], 3.0, 3.0);
    }

    #[test]
    fn one_part_gives_a_value_and_says_why_no_interval() {
        let found = ratio(&[(3.0, 2.0)], Parts::Replications, 0.95);
        assert_eq!((found.value, found.low), (Some(1.5), None));
        assert!(found.reason.unwrap().contains("one replication"));
    }

    #[test]
    fn correlated_sections_give_no_interval() {
        let ramp: Vec<(f64, f64)> = (0..32).map(|i| (f64::from(i), 1.0)).collect();
        let found = ratio(&ramp, Parts::Sections, 0.95);
        assert!(found.low.is_none() && found.reason.unwrap().contains("correlated"));
    }

    #[test]
    fn ratio_intervals_cover_as_often_as_they_say() {
        // Ratio of two random totals: true value 0.5 * E[service] / 1, with counts that vary between parts.
        let mut luck = Luck::new(11);
        let runs = 2000;
        let covered = (0..runs)
            .filter(|_| {
                let pairs: Vec<(f64, f64)> = (0..32)
                    .map(|_| {
                        let n = 50 + (luck.uniform() * 100.0) as u32;
                        ((0..n).map(|_| luck.exponential()).sum::<f64>(), f64::from(n))
                    })
                    .collect();
                ratio(&pairs, Parts::Replications, 0.95).contains(1.0)
            })
            .count();
        let rate = covered as f64 / f64::from(runs);
        assert!((rate - 0.95).abs() < 0.03, "covered {rate}");
    }

    #[test]
    fn share_intervals_cover_when_failures_cluster() {
        // Outages of geometric size: the number of outages in a part is Poisson with mean 2, each of mean size 20 of 1000.
        let mut luck = Luck::new(12);
        let runs = 2000;
        let covered = (0..runs)
            .filter(|_| {
                let pairs: Vec<(u64, u64)> = (0..32)
                    .map(|_| {
                        let mut hits = 0.0;
                        for _ in 0..luck.poisson(2.0) {
                            hits += (luck.exponential() * 20.0).ceil();
                        }
                        (hits as u64, 1000)
                    })
                    .collect();
                // The mean of the ceiling of an exponential of mean 20 is 1/(1 - e^(-1/20)).
                let truth = 2.0 / (1.0 - (-0.05f64).exp()) / 1000.0;
                share(&pairs, Parts::Replications, 0.95).contains(truth)
            })
            .count();
        let rate = covered as f64 / f64::from(runs);
        assert!((rate - 0.95).abs() < 0.03, "covered {rate}");
    }

    #[test]
    fn rare_share_intervals_cover_at_least_as_often_as_they_say() {
        let mut luck = Luck::new(13);
        let runs = 2000;
        let covered = (0..runs)
            .filter(|_| {
                let pairs: Vec<(u64, u64)> = (0..32).map(|_| (luck.poisson(0.1), 10_000)).collect();
                share(&pairs, Parts::Replications, 0.95).contains(1e-5)
            })
            .count();
        let rate = covered as f64 / f64::from(runs);
        assert!(rate > 0.92, "covered {rate}");
    }
}
