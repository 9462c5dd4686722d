//! The rules of servers as the engine reads them: how their waiters are ordered, what happens when a queue is full, what is
//! shed.

use super::tables::NONE;

/// Who is served next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Discipline {
    /// First come, first served.
    #[default]
    Fifo,
    /// Last come, first served.
    Lifo,
    /// First come, first served; those that have waited too long for too long are dropped (RFC 8289).
    Codel {
        /// The wait that is put up with. Unit: ns.
        target: u64,
        /// How long waits may stay above it before one is dropped. Unit: ns.
        interval: u64,
    },
    /// The smallest priority number first, in order of arrival among equals.
    Priority,
    /// The least CPU time first, as it is known on arrival.
    Size,
    /// The least CPU time that is left first; on cores, whoever has less takes over.
    Remaining,
    /// The nearest deadline first; those without one last.
    Deadline,
}

/// What happens to a request that finds its queue full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenFull {
    /// It is refused.
    #[default]
    Refuse,
    /// The waiter that came first is refused, and it takes the free place.
    DropOldest,
    /// It stands before the queue, with all its caller holds, until there is a place.
    Block,
}

/// How requests wait at a component, where it is not first come first served and refused when full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Queueing {
    /// Who gets a free worker.
    pub discipline: Discipline,
    /// What happens when all places are taken.
    pub when_full: WhenFull,
    /// Whether all replicas serve one queue.
    pub shared: bool,
}

/// How the cores of a replica are given to the frames that compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sharing {
    /// Equally.
    #[default]
    Equal,
    /// To the best by this order; who is better takes over, who is put off resumes later where it was.
    Ranked(Discipline),
}

/// Requests of low priority that are refused while a replica is too busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shed {
    /// From this priority number on.
    pub priority: u8,
    /// While so many wait; `NONE` for no such threshold.
    pub waiting: u32,
    /// While the next to be served has waited so long; `u64::MAX` for no such threshold. Unit: ns.
    pub wait: u64,
}

impl Default for Shed {
    fn default() -> Shed {
        Shed { priority: 2, waiting: NONE, wait: u64::MAX }
    }
}
