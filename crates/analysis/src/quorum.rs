//! Waiting for k of n answers: fixed delays, exponential ones, and the bound that light sets.
//!
//! Left out: staleness of partial quorums and elections (those are simulated), and answers that depend on each
//! other.
//!
//! ```
//! use groundplan_analysis::quorum::commit_latency;
//! use groundplan_model::units::Seconds;
//!
//! // A leader and two followers: the nearer follower decides.
//! let rounds = [Seconds(0.070), Seconds(0.119)];
//! assert_eq!(commit_latency(3, &rounds), Some(Seconds(0.070)));
//! ```

use crate::solve::{beyond, fall_below, positive};
use groundplan_model::units::{Seconds, Share};

/// The `k`-th smallest of fixed delays. Nothing if `k` is 0 or there are fewer delays.
#[must_use]
pub fn kth_fixed(delays: &[Seconds], k: u32) -> Option<Seconds> {
    let mut sorted = delays.to_vec();
    sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let index = (k as usize).checked_sub(1)?;
    sorted.get(index).copied()
}

/// Votes that make a majority of `members`.
#[must_use]
pub fn majority(members: u32) -> u32 {
    members / 2 + 1
}

/// The time a leader of a group of `members` needs to commit by majority, itself included: the round trip to
/// the last follower it must hear from. `followers` holds the round trips to those alive, which may be fewer
/// than `members - 1`. Nothing processed and no jitter. Nothing if no majority is left; zero for a single
/// member.
#[must_use]
pub fn commit_latency(members: u32, followers: &[Seconds]) -> Option<Seconds> {
    match majority(members) - 1 {
        0 if members == 0 => None,
        0 => Some(Seconds(0.0)),
        acknowledgements => kth_fixed(followers, acknowledgements),
    }
}

/// The time of the k-th answer of n that are asked at once and answer independently after exponential times
/// of one mean.
///
/// Source: order statistics of exponentials, Renyi (1953): the gaps between answers are exponential with
/// rates n, n-1, ...
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KthExponential {
    asked: u32,
    needed: u32,
    mean: f64,
}

impl KthExponential {
    /// Nothing unless 1 <= needed <= asked and the mean is positive.
    #[must_use]
    pub fn new(needed: u32, asked: u32, mean: Seconds) -> Option<KthExponential> {
        let sane = (1..=asked).contains(&needed) && positive(mean.0);
        sane.then_some(KthExponential { asked, needed, mean: mean.0 })
    }

    /// Mean time: `mean x (1/n + 1/(n-1) + ... )`, k terms. Cost: k.
    #[must_use]
    pub fn mean(&self) -> Seconds {
        let terms: f64 = (0..self.needed).map(|answered| 1.0 / f64::from(self.asked - answered)).sum();
        Seconds(self.mean * terms)
    }

    /// Share of requests that wait longer than `time`: fewer than k of n have answered. Cost: k.
    #[must_use]
    pub fn tail(&self, time: Seconds) -> Share {
        let log_silent = -time.0 / self.mean;
        if log_silent >= 0.0 {
            return Share(1.0);
        }
        let log_answered = libm::log(-libm::expm1(log_silent));
        let mut log_ways = 0.0;
        let mut total = 0.0;
        for answered in 0..self.needed {
            let silent = f64::from(self.asked - answered);
            total += libm::exp(log_ways + f64::from(answered) * log_answered + silent * log_silent);
            log_ways += libm::log(silent / f64::from(answered + 1));
        }
        Share(total.min(1.0))
    }

    /// The time that `quantile` of the requests do not exceed. Nothing unless 0 < quantile < 1.
    #[must_use]
    pub fn quantile(&self, quantile: Share) -> Option<Seconds> {
        let rest = beyond(quantile.0)?;
        Some(Seconds(fall_below(|time| self.tail(Seconds(time)).0, rest, self.mean)))
    }
}

/// A distance. Unit: kilometres.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Kilometres(pub f64);

/// A point on the globe. Unit: degrees, north and east positive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    latitude: f64,
    longitude: f64,
}

/// Mean radius of the earth (IUGG). Unit: kilometres.
const EARTH_RADIUS: f64 = 6_371.008_8;

/// Speed of light in a vacuum over the refractive index of fibre, 1.468. Unit: kilometres a second.
const LIGHT_IN_FIBRE: f64 = 299_792.458 / 1.468;

impl Place {
    /// Nothing unless latitude lies in -90 to 90 and longitude in -180 to 180.
    #[must_use]
    pub fn new(latitude: f64, longitude: f64) -> Option<Place> {
        let sane = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        sane.then_some(Place { latitude, longitude })
    }

    /// Great-circle distance on a sphere; within 0.6% of the ellipsoid's.
    ///
    /// Source: the haversine formula.
    #[must_use]
    pub fn distance(self, other: Place) -> Kilometres {
        let half_sine = |degrees: f64| {
            let sine = libm::sin(degrees.to_radians() / 2.0);
            sine * sine
        };
        let parallels = libm::cos(self.latitude.to_radians()) * libm::cos(other.latitude.to_radians());
        let chord = half_sine(other.latitude - self.latitude) + parallels * half_sine(other.longitude - self.longitude);
        Kilometres(2.0 * EARTH_RADIUS * libm::asin(chord.clamp(0.0, 1.0).sqrt()))
    }
}

/// The least round trip over a distance: light in fibre along the great circle, there and back. No network is
/// faster; real ones take 1.3 to 2.6 times as long.
///
/// Source: refractive index 1.468 of single-mode fibre at 1550 nm.
#[must_use]
pub fn fibre_round_trip(distance: Kilometres) -> Seconds {
    Seconds(2.0 * distance.0 / LIGHT_IN_FIBRE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_majority_that_is_gone_commits_nothing() {
        let ms = |value: f64| Seconds(value / 1e3);
        let check = |members, followers: &[Seconds], expected| {
            assert_eq!(commit_latency(members, followers), expected);
        };
        check(0, &[], None);
        check(1, &[], Some(Seconds(0.0)));
        check(2, &[ms(5.0)], Some(ms(5.0)));
        check(3, &[], None);
        check(4, &[ms(9.0), ms(1.0), ms(5.0)], Some(ms(5.0)));
        check(5, &[ms(1.0)], None);
    }

    #[test]
    fn coordinates_give_the_distance_between_cities() {
        let place = |latitude, longitude| Place::new(latitude, longitude).unwrap();
        let (dublin, ashburn) = (place(53.3498, -6.2603), place(39.0438, -77.4874));
        let distance = dublin.distance(ashburn).0;
        assert!((distance - 5461.1).abs() < 30.0, "{distance}");
        assert!(dublin.distance(dublin).0.abs() < 1e-9);
        let antipodes = place(10.0, 20.0).distance(place(-10.0, -160.0)).0;
        assert!((antipodes - std::f64::consts::PI * EARTH_RADIUS).abs() < 1e-3, "{antipodes}");
        assert_eq!(Place::new(91.0, 0.0), None);
    }

    #[test]
    fn the_last_of_many_stays_finite() {
        let all = KthExponential::new(100_000, 100_000, Seconds(1.0)).unwrap();
        let half = all.quantile(Share(0.5)).unwrap().0;
        // Gumbel's limit: ln n - ln ln 2.
        assert!((half - (100_000f64.ln() - 2f64.ln().ln())).abs() < 1e-4, "{half}");
    }
}
