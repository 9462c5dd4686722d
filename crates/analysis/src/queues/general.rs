//! Service of any law: M/G/1 exactly, M/G/1 under processor sharing, and an approximation for many servers.

use super::markov::{ServerPool, StableLoad};
use crate::distributions::Moments;
use crate::solve::beyond;
use groundplan_model::units::{PerSecond, Seconds, Share};

/// M/G/1, first come first served: Poisson arrivals, one server, service of any law with three moments.
///
/// Source: Pollaczek (1930), Khinchine (1932); variance from Takacs, Kleinrock, Queueing Systems I (1975), 5.7.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeneralServer {
    arrivals: PerSecond,
    service: Moments,
    load: StableLoad,
}

impl GeneralServer {
    /// Nothing if the arrival rate is out of range or the server does not keep up.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: Moments) -> Option<GeneralServer> {
        let load = StableLoad::new(arrivals, PerSecond(1.0 / service.mean().0))?;
        Some(GeneralServer { arrivals, service, load })
    }

    /// Share of time the server is busy.
    #[must_use]
    pub fn load(&self) -> StableLoad {
        self.load
    }

    /// Mean time from arrival to the start of service: `arrivals E[S^2] / (2 (1 - load))`.
    #[must_use]
    pub fn mean_wait(&self) -> Seconds {
        Seconds(self.arrivals.0 * self.service.second() / (2.0 * self.idle()))
    }

    /// Variance of the wait: `mean wait^2 + arrivals E[S^3] / (3 (1 - load))`. Unit: seconds squared.
    #[must_use]
    pub fn wait_variance(&self) -> f64 {
        let mean = self.mean_wait().0;
        mean * mean + self.arrivals.0 * self.service.third() / (3.0 * self.idle())
    }

    /// Mean time from arrival to departure.
    #[must_use]
    pub fn mean_sojourn(&self) -> Seconds {
        self.mean_wait() + self.service.mean()
    }

    /// Variance of the time from arrival to departure; wait and own service are independent. Unit: seconds
    /// squared.
    #[must_use]
    pub fn sojourn_variance(&self) -> f64 {
        self.wait_variance() + self.service.variance()
    }

    /// Mean number in system.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.arrivals.0 * self.mean_sojourn().0
    }

    fn idle(&self) -> f64 {
        1.0 - self.load.share().0
    }
}

/// M/G/1 under egalitarian processor sharing: one core shared equally by all present. Only the mean of the
/// service law matters.
///
/// Source: Kleinrock, Queueing Systems II (1976), 4.4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharedServer {
    mean_service: Seconds,
    load: StableLoad,
}

impl SharedServer {
    /// Nothing if a number is out of range or the core does not keep up.
    #[must_use]
    pub fn new(arrivals: PerSecond, mean_service: Seconds) -> Option<SharedServer> {
        let load = StableLoad::new(arrivals, PerSecond(1.0 / mean_service.0))?;
        Some(SharedServer { mean_service, load })
    }

    /// Mean time from arrival to departure over all requests.
    #[must_use]
    pub fn mean_sojourn(&self) -> Seconds {
        self.sojourn_of(self.mean_service)
    }

    /// Mean time from arrival to departure of a request that needs `service` on an idle core.
    #[must_use]
    pub fn sojourn_of(&self, service: Seconds) -> Seconds {
        service / (1.0 - self.load.share().0)
    }
}

/// Approximate mean wait with `scv_arrivals` and `scv_service` (squared coefficients of variation, at least 0)
/// instead of the 1 and 1 of `pool`. Exact for M/M/c and, with one server and Poisson arrivals, for M/G/1;
/// elsewhere an approximation.
///
/// Source: Allen and Cunneen; Allen, Probability, Statistics and Queueing Theory (1990), 5.
#[must_use]
pub fn approximate_mean_wait(pool: &ServerPool, scv_arrivals: f64, scv_service: f64) -> Seconds {
    pool.mean_wait() * ((scv_arrivals.max(0.0) + scv_service.max(0.0)) / 2.0)
}

/// Approximate wait quantile under the same scaling: those who wait are taken to wait exponentially. Nothing
/// unless 0 < quantile < 1. An approximation, better the closer the servers are to full.
///
/// Source: heavy-traffic limit of Kingman (1962) laid over [`approximate_mean_wait`].
#[must_use]
pub fn approximate_wait_quantile(
    pool: &ServerPool,
    scv_arrivals: f64,
    scv_service: f64,
    quantile: Share,
) -> Option<Seconds> {
    beyond(quantile.0)?;
    let scale = (scv_arrivals.max(0.0) + scv_service.max(0.0)) / 2.0;
    Some(pool.wait_quantile(quantile)? * scale)
}
