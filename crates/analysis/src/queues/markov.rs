//! Exponential service, Poisson arrivals: M/M/1, M/M/c, Erlang's two formulas, M/G/infinity.

use crate::solve::{beyond, fall_below, mean_decay, positive};
use groundplan_model::units::{PerSecond, Seconds, Share};

/// Load on one server that keeps up: arrival rate over service rate. Unit: none.
///
/// Invariant: `0 <= load < 1`, so every mean wait is finite.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct StableLoad(f64);

impl StableLoad {
    /// Nothing if a rate is negative or not finite, if `service` is zero, or if arrivals reach service.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: PerSecond) -> Option<StableLoad> {
        let sane = arrivals.0 >= 0.0 && arrivals.0.is_finite() && positive(service.0);
        let load = arrivals / service;
        (sane && load < 1.0).then_some(StableLoad(load))
    }

    /// The load as a share of the server's time.
    #[must_use]
    pub fn share(self) -> Share {
        Share(self.0)
    }
}

/// Offered load in erlangs: arrival rate times mean service time, the servers busy if nobody ever waited.
///
/// Invariant: finite and not negative; it may exceed the number of servers.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct OfferedLoad(f64);

impl OfferedLoad {
    /// Nothing if `arrivals` is negative or not finite, or `service` (the rate of one server) is not positive.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: PerSecond) -> Option<OfferedLoad> {
        let sane = arrivals.0 >= 0.0 && positive(service.0);
        let offered = arrivals / service;
        (sane && offered.is_finite()).then_some(OfferedLoad(offered))
    }

    /// The number of erlangs.
    #[must_use]
    pub fn erlangs(self) -> f64 {
        self.0
    }
}

/// Erlang's loss formula: the share of arrivals that find all `servers` busy and are lost, whatever the law of
/// the holding time. Range: 0 to 1; 1 with no servers and any load. Cost: one pass over the servers.
///
/// Source: Erlang (1917), by the recursion `B(c) = a B(c-1) / (c + a B(c-1))`.
#[must_use]
pub fn erlang_b(offered: OfferedLoad, servers: u32) -> Share {
    let mut blocked = 1.0;
    for server in 1..=servers {
        blocked = next_blocked(offered.0, blocked, server);
    }
    Share(blocked)
}

/// One step of the recursion: from `server - 1` servers to `server`.
pub(crate) fn next_blocked(offered: f64, blocked: f64, server: u32) -> f64 {
    offered * blocked / (f64::from(server) + offered * blocked)
}

/// Erlang C from Erlang B at the same number of servers. The load must be below the servers.
pub(crate) fn waiting_share(offered: f64, blocked: f64, servers: u32) -> f64 {
    let load = offered / f64::from(servers);
    blocked / (1.0 - load * (1.0 - blocked))
}

/// Erlang's delay formula: the share of arrivals that wait in M/M/c. Range: 0 to 1, falling in `servers`.
/// Nothing if the load reaches the servers.
///
/// Source: Erlang (1917); `C = B / (1 - load (1 - B))`, Kleinrock, Queueing Systems I (1975), 3.4.
#[must_use]
pub fn erlang_c(offered: OfferedLoad, servers: u32) -> Option<Share> {
    (offered.0 < f64::from(servers)).then(|| Share(waiting_share(offered.0, erlang_b(offered, servers).0, servers)))
}

/// M/M/1: one exponential server, Poisson arrivals, first come first served.
///
/// Source of all methods: Kleinrock, Queueing Systems I (1975), 3.2; time in system is exponential with rate
/// `service - arrivals`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SingleServer {
    arrivals: PerSecond,
    service: PerSecond,
    load: StableLoad,
}

impl SingleServer {
    /// `service` is the rate of the server. Nothing where [`StableLoad::new`] says nothing.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: PerSecond) -> Option<SingleServer> {
        let load = StableLoad::new(arrivals, service)?;
        Some(SingleServer { arrivals, service, load })
    }

    /// Share of time the server is busy.
    #[must_use]
    pub fn load(&self) -> StableLoad {
        self.load
    }

    /// The rate at which a busy server gains on its arrivals: the rate of the exponential time in system.
    #[must_use]
    pub fn drain(&self) -> PerSecond {
        self.service - self.arrivals
    }

    /// Mean time from arrival to departure.
    #[must_use]
    pub fn mean_sojourn(&self) -> Seconds {
        Seconds(1.0 / self.drain().0)
    }

    /// Mean time from arrival to the start of service.
    #[must_use]
    pub fn mean_wait(&self) -> Seconds {
        self.mean_sojourn() * self.load.0
    }

    /// Mean number in system, the one in service included.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.load.0 / (1.0 - self.load.0)
    }

    /// Mean number waiting.
    #[must_use]
    pub fn mean_waiting(&self) -> f64 {
        self.mean_in_system() * self.load.0
    }

    /// Share of time with at least `count` in system.
    #[must_use]
    pub fn share_at_least(&self, count: u32) -> Share {
        Share(libm::pow(self.load.0, f64::from(count)))
    }

    /// Share of requests whose time in system exceeds `time`.
    #[must_use]
    pub fn sojourn_tail(&self, time: Seconds) -> Share {
        Share(libm::exp(-self.drain().0 * time.0.max(0.0)))
    }

    /// The time in system that `quantile` of the requests do not exceed. Nothing unless 0 < quantile < 1.
    #[must_use]
    pub fn sojourn_quantile(&self, quantile: Share) -> Option<Seconds> {
        beyond(quantile.0).map(|rest| Seconds(-libm::log(rest) / self.drain().0))
    }

    /// The wait that `quantile` of the requests do not exceed; zero where so many do not wait at all. Nothing
    /// unless 0 < quantile < 1.
    #[must_use]
    pub fn wait_quantile(&self, quantile: Share) -> Option<Seconds> {
        let rest = beyond(quantile.0)?;
        if self.load.0 <= rest {
            return Some(Seconds(0.0));
        }
        Some(Seconds(libm::log(self.load.0 / rest) / self.drain().0))
    }
}

/// M/M/c: `servers` equal exponential servers behind one queue.
///
/// Source of all methods: Kleinrock, Queueing Systems I (1975), 3.4; a wait is zero with probability `1 - C`
/// and else exponential with rate `servers x service - arrivals`, independent of the service that follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServerPool {
    arrivals: PerSecond,
    service: PerSecond,
    servers: u32,
    waits: f64,
}

impl ServerPool {
    /// `service` is the rate of one server. Nothing if a rate is out of range, there is no server, or arrivals
    /// reach what the servers can do. Cost: one pass over the servers.
    #[must_use]
    pub fn new(arrivals: PerSecond, service: PerSecond, servers: u32) -> Option<ServerPool> {
        let waits = erlang_c(OfferedLoad::new(arrivals, service)?, servers)?.0;
        ServerPool::with_waits(arrivals, service, servers, waits)
    }

    /// For searches that carry Erlang B along: `waits` is Erlang C of exactly these numbers.
    pub(crate) fn with_waits(arrivals: PerSecond, service: PerSecond, servers: u32, waits: f64) -> Option<ServerPool> {
        let pool = ServerPool { arrivals, service, servers, waits };
        (pool.drain() > 0.0).then_some(pool)
    }

    fn drain(&self) -> f64 {
        f64::from(self.servers) * self.service.0 - self.arrivals.0
    }

    /// Share of the servers' time that is busy. Range: 0 up to, but not including, 1.
    #[must_use]
    pub fn load(&self) -> Share {
        Share(self.arrivals.0 / (f64::from(self.servers) * self.service.0))
    }

    /// Mean number of busy servers.
    #[must_use]
    pub fn mean_busy(&self) -> f64 {
        self.arrivals / self.service
    }

    /// Number of servers.
    #[must_use]
    pub fn servers(&self) -> u32 {
        self.servers
    }

    /// Share of requests that wait at all (Erlang C).
    #[must_use]
    pub fn share_waiting(&self) -> Share {
        Share(self.waits)
    }

    /// Mean time from arrival to the start of service, over all requests.
    #[must_use]
    pub fn mean_wait(&self) -> Seconds {
        Seconds(self.waits / self.drain())
    }

    /// Mean time from arrival to departure.
    #[must_use]
    pub fn mean_sojourn(&self) -> Seconds {
        self.mean_wait() + Seconds(1.0 / self.service.0)
    }

    /// Mean number waiting.
    #[must_use]
    pub fn mean_waiting(&self) -> f64 {
        self.arrivals.0 * self.mean_wait().0
    }

    /// Mean number in system, those in service included.
    #[must_use]
    pub fn mean_in_system(&self) -> f64 {
        self.mean_waiting() + self.mean_busy()
    }

    /// Share of requests that wait longer than `time`.
    #[must_use]
    pub fn wait_tail(&self, time: Seconds) -> Share {
        Share(self.waits * libm::exp(-self.drain() * time.0.max(0.0)))
    }

    /// The wait that `quantile` of the requests do not exceed; zero where so many do not wait at all. Nothing
    /// unless 0 < quantile < 1.
    #[must_use]
    pub fn wait_quantile(&self, quantile: Share) -> Option<Seconds> {
        let rest = beyond(quantile.0)?;
        if self.waits <= rest {
            return Some(Seconds(0.0));
        }
        Some(Seconds(libm::log(self.waits / rest) / self.drain()))
    }

    /// Share of requests whose time in system exceeds `time`: exact, also where the two rates meet.
    #[must_use]
    pub fn sojourn_tail(&self, time: Seconds) -> Share {
        let time = time.0.max(0.0);
        let (drain, service) = (self.drain(), self.service.0);
        let served = libm::exp(-service * time);
        // Wait and service together: two exponentials, written from the slower one so that nothing overflows.
        let (slow, fast) = (drain.min(service), drain.max(service));
        let both = libm::exp(-slow * time) * (1.0 + slow * time * mean_decay((fast - slow) * time));
        Share(((1.0 - self.waits) * served + self.waits * both).min(1.0))
    }

    /// The time in system that `quantile` of the requests do not exceed. Nothing unless 0 < quantile < 1.
    #[must_use]
    pub fn sojourn_quantile(&self, quantile: Share) -> Option<Seconds> {
        let rest = beyond(quantile.0)?;
        Some(Seconds(fall_below(|time| self.sojourn_tail(Seconds(time)).0, rest, self.mean_sojourn().0)))
    }
}

/// The number in service that `quantile` of the time is not exceeded where nobody ever waits (a serverless
/// pool, M/G/infinity): a Poisson quantile, whatever the law of the service time. Unit: requests.
/// Nothing unless 0 < quantile < 1. Cost: one pass over the answer.
///
/// Source: M/G/infinity is Poisson with mean `arrivals x mean service`, Takacs (1962).
#[must_use]
pub fn unlimited_in_service_quantile(offered: OfferedLoad, quantile: Share) -> Option<u64> {
    let rest = beyond(quantile.0)?;
    let mean = offered.0;
    if mean == 0.0 {
        return Some(0);
    }
    // Weights relative to the mode, outwards until they no longer count; so large means do not underflow.
    let mode = libm::floor(mean);
    let mut below = 0.0;
    let (mut weight, mut count) = (1.0, mode);
    while count > 0.0 && weight > 1e-300 {
        weight *= count / mean;
        count -= 1.0;
        below += weight;
    }
    let mut above = Vec::new();
    let (mut weight, mut count) = (1.0, mode);
    while weight > 1e-18 {
        above.push(weight);
        count += 1.0;
        weight *= mean / count;
    }
    let total = below + above.iter().sum::<f64>();
    // From the top down: the answer is the smallest count with at most `rest` beyond it.
    let mut beyond_count = 0.0;
    for (index, weight) in above.iter().enumerate().rev() {
        if beyond_count + weight > rest * total {
            return Some(mode as u64 + index as u64);
        }
        beyond_count += weight;
    }
    let (mut weight, mut count) = (1.0, mode);
    while count > 0.0 {
        weight *= count / mean;
        count -= 1.0;
        if beyond_count + weight > rest * total {
            return Some(count as u64);
        }
        beyond_count += weight;
    }
    Some(0)
}
