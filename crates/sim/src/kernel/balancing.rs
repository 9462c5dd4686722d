//! The rules of balancers as the engine reads them: how they choose, and what makes them believe that an endpoint is there.

use super::tables::NONE;

/// How a replica is chosen among those believed healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// One after the other.
    RoundRobin,
    /// Any of them.
    #[default]
    Random,
    /// The shard of the row that is accessed: no other has it.
    Shard {
        /// Which of the maps of the machine of shards.
        map: u32,
    },
    /// Fewest requests in flight as this balancer sees it; ties are drawn.
    LeastConnections,
    /// Those that a message reaches soonest; ties are drawn.
    Nearest,
    /// The least loaded of so many distinct ones that are drawn.
    PowerOf(u32),
    /// The next on a ring of hashes after that of the request's key.
    ConsistentHash {
        /// First point of the ring in `rings`.
        first: u32,
        /// Number of points.
        count: u32,
    },
    /// The next on a ring of hashes after that of the row that is accessed.
    ByRow {
        /// First point of the ring in `rings`.
        first: u32,
        /// Number of points.
        count: u32,
    },
}

/// A point of a ring: an endpoint stands at several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// Where on the ring.
    pub at: u64,
    /// Whose.
    pub endpoint: u32,
}

/// Active checks of every endpoint: they find one that is down, unless they are real and ask it for an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Time between two checks of an endpoint. Unit: ns.
    pub every: u64,
    /// Failed checks in a row after which it is believed gone.
    pub unhealthy_after: u32,
    /// Good checks in a row after which it is believed back.
    pub healthy_after: u32,
    /// Longest wait for the answer of a real check. Unit: ns.
    pub timeout: u64,
    /// The name of the operation that a real check asks for, hashed; zero where checks are not real.
    pub asks: u32,
}

/// Ejection of endpoints by how attempts end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlier {
    /// Failures in a row that eject.
    pub consecutive: u32,
    /// Time between two looks at who may return. Unit: ns.
    pub sweep: u64,
    /// How long the first ejection lasts; the n-th lasts n times as long. Unit: ns.
    pub base: u64,
    /// Longest ejection. Unit: ns.
    pub max: u64,
    /// Most endpoints ejected at once, in units of 2^-32; one always may be.
    pub at_most: u32,
}

/// A balancer. Each replica of the caller has a view of its own: counts, a turn and, with checks or ejection, beliefs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balancer {
    /// How it chooses.
    pub algorithm: Algorithm,
    /// First of its in-flight counts: one an endpoint, for each view.
    pub counts: u32,
    /// Number of endpoints.
    pub endpoints: u32,
    /// First replica of the caller.
    pub caller: u32,
    /// Number of these; one for a client.
    pub callers: u32,
    /// First of its views.
    pub views: u32,
    /// The component that stands behind it.
    pub component: u32,
    /// Site of its draws.
    pub site: u32,
    /// Below this share of endpoints believed healthy all are used, in units of 2^-32.
    pub panic: u32,
    /// Most requests in flight at one endpoint, from one view; `NONE` for no limit.
    pub max_requests: u32,
    /// Checks of its own; without, it learns of a loss after a delay that all share.
    pub health: Option<Health>,
    /// Ejection.
    pub outlier: Option<Outlier>,
}

impl Default for Balancer {
    fn default() -> Balancer {
        Balancer {
            algorithm: Algorithm::Random,
            counts: 0,
            endpoints: 1,
            caller: 0,
            callers: 1,
            views: 0,
            component: 0,
            site: 0,
            panic: 1 << 31,
            max_requests: NONE,
            health: None,
            outlier: None,
        }
    }
}

impl Balancer {
    /// Whether it keeps counts of requests in flight, or must hear how attempts end.
    #[must_use]
    pub fn follows(&self) -> bool {
        let counts = matches!(self.algorithm, Algorithm::LeastConnections | Algorithm::PowerOf(_));
        counts || self.max_requests != NONE || self.outlier.is_some()
    }

    /// Whether it has beliefs of its own.
    #[must_use]
    pub fn believes(&self) -> bool {
        self.health.is_some() || self.outlier.is_some()
    }
}
