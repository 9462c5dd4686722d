//! Bounded queues and pools: M/M/c/K, of which M/M/1/K and the loss system M/M/c/c are cases.

use crate::solve::positive;
use groundplan_model::units::{PerSecond, Seconds, Share};

/// M/M/c/K: `servers` exponential servers and room for `room` requests in all, those in service included; an
/// arrival that finds no room is lost. Any load is allowed.
///
/// Source: Kleinrock, Queueing Systems I (1975), 3.6 (birth-death chain cut at K).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundedQueue {
    arrivals: PerSecond,
    lost: f64,
    mean_in_system: f64,
    mean_busy: f64,
}

impl BoundedQueue {
    /// `service` is the rate of one server. Nothing if a rate is not positive, there is no server, or less
    /// room than servers. Cost: one pass over `room`.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: PerSecond, servers: u32, room: u32) -> Option<BoundedQueue> {
        if !positive(arrivals.0) || !positive(service.0) || servers == 0 || room < servers {
            return None;
        }
        let offered = arrivals / service;
        let rate_ratio = |count: u32| offered / f64::from(count.min(servers));
        // Weights are relative to the most likely state, so that neither end overflows.
        let mode = if offered >= f64::from(servers) { room } else { offered as u32 };
        let busy = |count: u32| f64::from(count.min(servers));
        let mut total = 1.0;
        let mut in_system = f64::from(mode);
        let mut at_work = busy(mode);
        let mut weight = 1.0;
        for count in (0..mode).rev() {
            weight /= rate_ratio(count + 1);
            total += weight;
            in_system += weight * f64::from(count);
            at_work += weight * busy(count);
        }
        let mut full = 1.0;
        for count in mode + 1..=room {
            full *= rate_ratio(count);
            total += full;
            in_system += full * f64::from(count);
            at_work += full * busy(count);
        }
        Some(BoundedQueue {
            arrivals,
            lost: full / total,
            mean_in_system: in_system / total,
            mean_busy: at_work / total,
        })
    }

    /// Share of arrivals that find no room.
    #[must_use]
    pub fn loss(&self) -> Share {
        Share(self.lost)
    }

    /// Rate of requests served.
    #[must_use]
    pub fn throughput(&self) -> PerSecond {
        self.arrivals * (1.0 - self.lost)
    }

    /// Mean time from arrival to departure of the requests let in.
    #[must_use]
    pub fn mean_sojourn(&self) -> Seconds {
        Seconds(self.mean_in_system / self.throughput().0)
    }

    /// Mean number in system.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_system
    }

    /// Mean number of busy servers.
    #[must_use]
    pub fn mean_busy(&self) -> f64 {
        self.mean_busy
    }
}
