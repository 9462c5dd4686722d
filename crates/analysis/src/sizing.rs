//! How much of it is needed: Little's law, growth, the smallest pool that keeps its promises, what pooling
//! gains, what a lost zone costs.
//!
//! All of it assumes Poisson arrivals and exponential service (M/M/c); smoother or heavier service moves the
//! waits as [`crate::queues::approximate_mean_wait`] says. Autoscaling and daily cycles are left out.
//!
//! ```
//! use groundplan_analysis::sizing::{Need, smallest_pool};
//! use groundplan_model::units::{PerSecond, Seconds, Share};
//!
//! let need = Need::new(PerSecond(2_000.0), PerSecond(100.0), Share(0.6))
//!     .and_then(|need| need.sojourn_within(Seconds(0.050), Share(0.99)))
//!     .expect("rates above zero and shares inside 0 and 1");
//! assert_eq!(smallest_pool(&need).map(|pool| pool.servers()), Ok(34));
//! ```

use crate::queues::{OfferedLoad, ServerPool, SingleServer};
use crate::queues::{next_blocked, waiting_share};
use crate::solve::{positive, share};
use groundplan_model::units::{PerSecond, Seconds, Share};
use std::fmt;

/// The largest pool that is looked for.
pub const MOST_SERVERS: u32 = 10_000_000;

/// Little's law: the mean number present when requests come at `rate` and each stays for `stay`. Unit:
/// requests. Holds for any arrivals, service and order.
///
/// Source: Little (1961).
#[must_use]
pub fn in_flight(rate: PerSecond, stay: Seconds) -> f64 {
    rate.0 * stay.0
}

/// A rate after `years` of growing by `yearly` a year: `rate x (1 + yearly)^years`. `Share(0.5)` is half as
/// much again each year; below 0 it shrinks, and at -1 or less nothing is left.
#[must_use]
pub fn grown(rate: PerSecond, yearly: Share, years: f64) -> PerSecond {
    rate * libm::pow((1.0 + yearly.0).max(0.0), years)
}

/// What a pool of equal servers is asked for: a load it may not exceed, and at most one promise on waits and
/// one on times in system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    arrivals: PerSecond,
    service: PerSecond,
    load_ceiling: Share,
    wait: Option<Promise>,
    sojourn: Option<Promise>,
}

/// `share` of the requests stay within `limit`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Promise {
    limit: Seconds,
    share: Share,
}

impl Need {
    /// `service` is the rate of one server; `load_ceiling` the largest share of its time it may be busy, so
    /// 1 minus headroom. Nothing unless arrivals are at least 0, service is positive and 0 < ceiling <= 1.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: PerSecond, load_ceiling: Share) -> Option<Need> {
        OfferedLoad::new(arrivals, service)?;
        let sane = share(load_ceiling.0) && load_ceiling.0 > 0.0;
        sane.then_some(Need { arrivals, service, load_ceiling, wait: None, sojourn: None })
    }

    /// Also: `share` of the requests wait no longer than `limit`. Nothing unless the limit is at least 0 and
    /// 0 < share < 1.
    #[must_use]
    pub fn wait_within(self, limit: Seconds, share: Share) -> Option<Need> {
        let promise = Promise::new(limit, share)?;
        Some(Need { wait: Some(promise), ..self })
    }

    /// Also: `share` of the requests are in and out within `limit`. Nothing unless the limit is at least 0 and
    /// 0 < share < 1.
    #[must_use]
    pub fn sojourn_within(self, limit: Seconds, share: Share) -> Option<Need> {
        let promise = Promise::new(limit, share)?;
        Some(Need { sojourn: Some(promise), ..self })
    }

    fn met_by(&self, pool: &ServerPool) -> bool {
        let ceiling = self.load_ceiling.0 * (1.0 + 1e-12);
        pool.load().0 <= ceiling
            && self.wait.is_none_or(|wait| wait.kept(pool.wait_tail(wait.limit)))
            && self.sojourn.is_none_or(|sojourn| sojourn.kept(pool.sojourn_tail(sojourn.limit)))
    }

    /// The number of servers below which the load alone exceeds the ceiling or the servers.
    fn least(&self) -> f64 {
        libm::ceil(self.arrivals / self.service / self.load_ceiling.0 * (1.0 - 1e-12)).max(1.0)
    }

    /// Service alone must leave room: with endless servers the time in system is one service time.
    fn possible(&self) -> Result<(), Unreachable> {
        let Some(Promise { limit, share }) = self.sojourn else { return Ok(()) };
        let at_best = Seconds(-libm::log(1.0 - share.0) / self.service.0);
        if at_best < limit { Ok(()) } else { Err(Unreachable::ServiceAlone { at_best, limit, share }) }
    }
}

impl Promise {
    fn new(limit: Seconds, share: Share) -> Option<Promise> {
        let sane = limit.0 >= 0.0 && limit.0.is_finite() && share.0 > 0.0 && share.0 < 1.0;
        sane.then_some(Promise { limit, share })
    }

    fn kept(&self, tail: Share) -> bool {
        tail.0 <= 1.0 - self.share.0
    }
}

/// Why no number of servers meets a need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unreachable {
    /// Service without any wait already takes longer than promised.
    ServiceAlone {
        /// The quantile of the service time itself.
        at_best: Seconds,
        /// What was promised.
        limit: Seconds,
        /// The share of requests it was promised for.
        share: Share,
    },
    /// More than [`MOST_SERVERS`] would be needed.
    TooMany,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreachable::ServiceAlone { at_best, limit, share } => {
                write!(f, "{share} of requests within {limit} is out of reach: service alone takes {at_best}")
            }
            Unreachable::TooMany => write!(f, "more than {MOST_SERVERS} servers would be needed"),
        }
    }
}

impl std::error::Error for Unreachable {}

/// The smallest number of servers behind one queue that meets the need.
///
/// Errors: see [`Unreachable`]. Cost: one pass over the servers, the Erlang recursion carried along.
pub fn smallest_pool(need: &Need) -> Result<ServerPool, Unreachable> {
    need.possible()?;
    let offered = need.arrivals / need.service;
    let least = need.least();
    if least > f64::from(MOST_SERVERS) {
        return Err(Unreachable::TooMany);
    }
    let mut blocked = 1.0;
    for servers in 1..=MOST_SERVERS {
        blocked = next_blocked(offered, blocked, servers);
        if f64::from(servers) < least || f64::from(servers) <= offered {
            continue;
        }
        let waits = waiting_share(offered, blocked, servers);
        let pool = ServerPool::with_waits(need.arrivals, need.service, servers, waits);
        if let Some(pool) = pool.filter(|pool| need.met_by(pool)) {
            return Ok(pool);
        }
    }
    Err(Unreachable::TooMany)
}

/// The smallest number of replicas, each with `slots` servers behind a queue of its own and an equal share of
/// the arrivals at random, that meets the need at each replica. A balancer that looks at queues does better;
/// this is the bound for one that does not. Returns the number of replicas and one replica's pool.
///
/// Errors: see [`Unreachable`]; a replica without slots meets nothing. Cost: about 50 passes over the slots.
pub fn smallest_split(need: &Need, slots: u32) -> Result<(u32, ServerPool), Unreachable> {
    need.possible()?;
    if slots == 0 {
        return Err(Unreachable::TooMany);
    }
    let replica = |replicas: u32| {
        let pool = ServerPool::new(need.arrivals / f64::from(replicas), need.service, slots)?;
        need.met_by(&pool).then_some(pool)
    };
    // Fewer arrivals a replica never hurt, so the answer can be bracketed and halved.
    let mut fails = 0;
    let mut meets = 1;
    while replica(meets).is_none() {
        fails = meets;
        if meets >= MOST_SERVERS {
            return Err(Unreachable::TooMany);
        }
        meets = (meets * 2).min(MOST_SERVERS);
    }
    while meets - fails > 1 {
        let middle = fails + (meets - fails) / 2;
        if replica(middle).is_some() {
            meets = middle;
        } else {
            fails = middle;
        }
    }
    replica(meets).map(|pool| (meets, pool)).ok_or(Unreachable::TooMany)
}

/// One queue before all servers against a queue before each, at the same load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pooling {
    /// Mean time in system with one shared queue.
    pub pooled: Seconds,
    /// Mean time in system with arrivals dealt out at random to single servers.
    pub split: Seconds,
}

impl Pooling {
    /// `service` is the rate of one server. Nothing where [`ServerPool::new`] says nothing.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: PerSecond, servers: u32) -> Option<Pooling> {
        let pooled = ServerPool::new(arrivals, service, servers)?.mean_sojourn();
        let split = SingleServer::new(arrivals / f64::from(servers), service)?.mean_sojourn();
        Some(Pooling { pooled, split })
    }

    /// How many times longer requests stay in the split system. Range: at least 1.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.split / self.pooled
    }
}

/// The load on what remains when `lost` of `parts` equal parts (zones, replicas) fail and the load moves
/// evenly. Range: may exceed 1. Nothing if no part remains.
#[must_use]
pub fn load_after_loss(load: Share, parts: u32, lost: u32) -> Option<Share> {
    (lost < parts).then(|| Share(load.0 * f64::from(parts) / f64::from(parts - lost)))
}

/// The load up to which `lost` of `parts` equal parts may fail without the rest exceeding `ceiling`. Nothing
/// if no part remains.
#[must_use]
pub fn load_that_survives(ceiling: Share, parts: u32, lost: u32) -> Option<Share> {
    (lost < parts).then(|| Share(ceiling.0 * f64::from(parts - lost) / f64::from(parts)))
}

/// Replicas over `zones` equal zones so that `needed` remain when one zone is lost; a multiple of the zones.
/// With a single zone nothing can remain, and `needed` is returned unchanged.
#[must_use]
pub fn replicas_surviving_zone_loss(needed: u32, zones: u32) -> u32 {
    if zones < 2 { needed } else { needed.div_ceil(zones - 1) * zones }
}

/// Headroom of a load under a ceiling of 1: how many times the present arrivals the servers could just carry.
/// Nothing unless the load is positive.
#[must_use]
pub fn headroom(load: Share) -> Option<f64> {
    positive(load.0).then(|| 1.0 / load.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const MU: PerSecond = PerSecond(100.0);

    fn need(arrivals: f64, ceiling: f64) -> Need {
        Need::new(PerSecond(arrivals), MU, Share(ceiling)).unwrap()
    }

    #[test]
    fn a_ceiling_alone_is_a_division() {
        let check = |arrivals, ceiling, servers| {
            assert_eq!(smallest_pool(&need(arrivals, ceiling)).map(|pool| pool.servers()), Ok(servers));
        };
        check(0.0, 0.6, 1);
        check(600.0, 0.6, 10);
        check(601.0, 0.6, 11);
        check(600.0, 1.0, 7); // at 6 servers the load is 1 and waits have no bound
        check(1e6, 0.7, 14_286);
    }

    #[test]
    fn the_smallest_pool_meets_the_promise_and_one_less_does_not() {
        let need = need(1_950.0, 1.0).wait_within(Seconds(0.005), Share(0.99)).unwrap();
        let pool = smallest_pool(&need).unwrap();
        assert!(pool.wait_tail(Seconds(0.005)).0 <= 0.01);
        let fewer = ServerPool::new(PerSecond(1_950.0), MU, pool.servers() - 1).unwrap();
        assert!(fewer.wait_tail(Seconds(0.005)).0 > 0.01, "{fewer:?}");
    }

    #[test]
    fn a_promise_below_the_service_time_is_out_of_reach() {
        let need = need(10.0, 0.5).sojourn_within(Seconds(0.040), Share(0.99)).unwrap();
        let unreachable = smallest_pool(&need).unwrap_err();
        assert_eq!(unreachable.to_string(), "99% of requests within 40ms is out of reach: service alone takes 46.1ms");
        assert_eq!(smallest_split(&need, 4).unwrap_err(), unreachable);
    }

    #[test]
    fn a_split_needs_no_fewer_servers_than_a_pool() {
        let need = need(2_000.0, 0.8).sojourn_within(Seconds(0.060), Share(0.99)).unwrap();
        let pool = smallest_pool(&need).unwrap();
        let (replicas, replica) = smallest_split(&need, 4).unwrap();
        assert!(replicas * 4 >= pool.servers());
        assert!(replica.sojourn_tail(Seconds(0.060)).0 <= 0.01);
        assert!(smallest_split(&need, 0).is_err());
    }

    #[test]
    fn static_stability_is_arithmetic() {
        // O-51.
        let check = |load, zones, expected: f64| {
            let after = load_after_loss(Share(load), zones, 1).unwrap().0;
            assert!((after - expected).abs() < 5e-6, "{after}");
        };
        check(0.6, 3, 0.9);
        check(0.5, 2, 1.0);
        check(0.7, 4, 0.933_33);
        assert_eq!(load_after_loss(Share(0.5), 2, 2), None);
        assert_eq!(load_that_survives(Share(0.9), 3, 1).map(|load| (load.0 * 1e9).round() / 1e9), Some(0.6));
        assert_eq!(replicas_surviving_zone_loss(4, 3), 6);
        assert_eq!(replicas_surviving_zone_loss(5, 3), 9);
        assert_eq!(replicas_surviving_zone_loss(5, 1), 5);
    }

    #[test]
    fn growth_compounds() {
        assert!((grown(PerSecond(1000.0), Share(0.5), 2.0).0 - 2250.0).abs() < 1e-9);
        assert_eq!(grown(PerSecond(1000.0), Share(0.0), 3.0), PerSecond(1000.0));
        assert_eq!(grown(PerSecond(1000.0), Share(-2.0), 3.0), PerSecond(0.0));
        assert!((headroom(Share(0.25)).unwrap() - 4.0).abs() < 1e-12);
    }
}
