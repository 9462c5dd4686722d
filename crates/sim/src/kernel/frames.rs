//! Frames (one execution of an operation each) and replicas (where they run), one cache line each.
//!
//! A frame waits either for an event or for an answer; `awaits` holds the number of that event or of that call. What
//! arrives with another number is stale: so nothing has to be searched and removed when a frame dies or gives up.

use super::tables::NONE;

/// Marks of a frame.
pub mod flag {
    /// A request of the load.
    pub const ROOT: u16 = 1;
    /// Runs on its parent's worker.
    pub const LOCAL: u16 = 1 << 1;
    /// Holds a worker of its replica.
    pub const WORKER: u16 = 1 << 2;
    /// Handles a record; `ticket` is the consumer's slot.
    pub const CONSUMER: u16 = 1 << 3;
    /// An attempt that owes its caller's policies its outcome, and what it holds of them.
    pub const OWED: u16 = 1 << 4;
    /// Counted as in flight by its balancer.
    pub const BALANCED: u16 = 1 << 5;
    /// The message on its way is the answer.
    pub const OUTBOUND: u16 = 1 << 6;
    /// Nothing of it is left but the caller's waiting.
    pub const GHOST: u16 = 1 << 7;
    /// A session: answers without ending.
    pub const SESSION: u16 = 1 << 8;
    /// Waits in the queue of its replica.
    pub const QUEUED: u16 = 1 << 9;
    /// Waits in a pool's queue.
    pub const POOL_QUEUED: u16 = 1 << 10;
    /// Computes on shared cores.
    pub const SHARING: u16 = 1 << 11;
    /// Its place in the slab is in use.
    pub const ALIVE: u16 = 1 << 12;
    /// Its answer has been given; it goes on by itself.
    pub const ANSWERED: u16 = 1 << 13;
    /// Its turn at a rate limit has been given.
    pub const METERED: u16 = 1 << 14;
    /// A fault has held it up on its way already.
    pub const DELAYED: u16 = 1 << 15;
    /// What makes an end more than a hand-over to the caller.
    pub const SPECIAL: u16 = CONSUMER | SESSION | ANSWERED;
}

/// Statuses beyond the endings: what a guarded call is told besides an outcome.
pub mod status {
    /// The pause is over: try again.
    pub const AGAIN: u8 = 255;
    /// The caller's own policies refused the attempt.
    pub const REFUSED_HERE: u8 = 254;
}

/// One execution of an operation.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub struct Frame {
    /// When it reached its component (for a request: when it arrived). Unit: ns.
    pub start: u64,
    /// When it began to wait, then when it got its worker. Unit: ns. For a request: its segment of the record.
    pub mark: u64,
    /// Key of its draws.
    pub key: u64,
    /// The frame that waits for it; `NONE` if no one does.
    pub parent: u32,
    /// The number its parent waits for.
    pub ticket: u32,
    /// The number of the event or call it waits for.
    pub awaits: u32,
    /// Next in a queue.
    pub next: u32,
    /// Previous in a queue.
    pub prev: u32,
    /// Number of the timer of its caller; zero for none.
    pub timer: u32,
    /// Where it runs; `NONE` for a client.
    pub replica: u32,
    /// Next instruction.
    pub pc: u32,
    /// Site it was called from; for a request its source.
    pub site: u32,
    /// Attempt of the step it is at; zero where the step has no say in failures.
    pub attempt: u8,
    /// How what it waited for ended.
    pub status: u8,
    /// See `flag`.
    pub flags: u16,
}

impl Frame {
    /// A frame that is no one's.
    pub const BLANK: Frame = Frame {
        start: 0,
        mark: 0,
        key: 0,
        parent: NONE,
        ticket: 0,
        awaits: 0,
        next: NONE,
        prev: NONE,
        timer: 0,
        replica: NONE,
        pc: 0,
        site: 0,
        attempt: 0,
        status: 0,
        flags: 0,
    };
}

/// The zone of clients of whom nothing says where they are.
pub const NOWHERE: u16 = u16::MAX;

/// What only some designs need of a frame.
#[derive(Debug, Clone, Copy)]
pub struct Cold {
    /// Absolute time by which the calls of the current step must be done. Unit: ns.
    pub deadline: u64,
    /// Last pause, turns done or successes of branches, as the current step has it.
    pub scratch: u64,
    /// Branches still out.
    pub open: u32,
    /// Its open session.
    pub session: u32,
    /// Machines that keep something for it and must be told when it goes otherwise than by its own instructions: their bits.
    pub held: u32,
    /// Priority of the request behind it: 1 goes before 2.
    pub priority: u8,
    /// Whose request it is: a tenant by rank, from 1, the biggest; zero where there are none.
    pub tenant: u32,
    /// Rank of the data key that the request behind it concerns, from 1; zero for none. A rank is a name, not a place:
    /// who spreads keys hashes it.
    pub data_key: u64,
    /// Key of the request behind it: the same for all that is done for it.
    pub request: u64,
    /// Zone of the client behind the request; `NOWHERE` where nothing says it.
    pub home: u16,
    /// Session that the request belongs to, from 1; zero where it is one of its own.
    pub client: u32,
    /// The row that the access at hand concerns; zero for none. See `rows`.
    pub row: u64,
    /// The version of that row that a write expects, as `machines::locks` numbers it; zero for whichever.
    pub version: u64,
    /// When the request behind it arrived. Unit: ns.
    pub born: u64,
    /// Absolute time after which nobody is interested in its answer. Unit: ns.
    pub until: u64,
}

impl Cold {
    /// The session of the request behind it.
    #[must_use]
    pub fn session_of(&self) -> u64 {
        if self.client == 0 { self.request } else { u64::from(self.client) }
    }

    /// What a frame hands on to those it calls or starts: what is the request's.
    #[inline(always)]
    #[must_use]
    pub fn handed_on(&self) -> Cold {
        Cold {
            born: self.born,
            priority: self.priority,
            tenant: self.tenant,
            data_key: self.data_key,
            request: self.request,
            home: self.home,
            client: self.client,
            row: self.row,
            version: self.version,
            until: self.until,
            ..Cold::default()
        }
    }
}

impl Default for Cold {
    fn default() -> Cold {
        Cold {
            deadline: u64::MAX,
            scratch: 0,
            open: 0,
            session: NONE,
            held: 0,
            priority: 1,
            tenant: 0,
            data_key: 0,
            request: 0,
            home: NOWHERE,
            client: 0,
            row: 0,
            version: 0,
            born: 0,
            until: u64::MAX,
        }
    }
}

/// Where frames run.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub struct Replica {
    /// Workers in use.
    pub busy: u32,
    /// Workers there; `NONE` for unlimited, zero while down.
    pub slots: u32,
    /// First waiter.
    pub head: u32,
    /// Last waiter.
    pub tail: u32,
    /// Waiters.
    pub queued: u32,
    /// Most waiters.
    pub limit: u32,
    /// When the integrals were brought up to date. Unit: ns.
    pub last: u64,
    /// Integral of `busy`. Unit: worker ns.
    pub busy_area: u128,
    /// Integral of `queued`. Unit: frame ns.
    pub queued_area: u128,
}

impl Replica {
    /// An idle replica.
    #[must_use]
    pub fn new(slots: u32, limit: u32) -> Replica {
        Replica { busy: 0, slots, head: NONE, tail: NONE, queued: 0, limit, last: 0, busy_area: 0, queued_area: 0 }
    }

    /// Brings the integrals up to date. Must precede every change of `busy` and `queued`.
    #[inline(always)]
    pub fn touch(&mut self, now: u64) {
        let passed = now - self.last;
        self.busy_area += u128::from(u64::from(self.busy) * passed);
        self.queued_area += u128::from(u64::from(self.queued) * passed);
        self.last = now;
    }
}

/// How a replica is, beyond its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It works.
    Up,
    /// Its process is down: callers see a reset.
    Reset,
    /// Its machine is gone: callers hear nothing.
    Silent,
}

/// What only some runs need of a replica.
#[derive(Debug, Clone, Copy)]
pub struct Condition {
    /// How it is.
    pub health: Health,
    /// Whether balancers believe that it is up.
    pub believed: bool,
    /// Whether it is in service: who is started beside others, or stopped to start anew, is not.
    pub present: bool,
    /// Where it is now (a promoted copy stands in another zone).
    pub zone: u16,
    /// Counts crashes, so that an old restart does not revive it after a new crash.
    pub crashes: u32,
    /// Counts how often it went down or came back, so that news of before are known as old.
    pub flips: u32,
    /// The component it belongs to.
    pub component: u32,
    /// Earliest time at which the rate limit admits the next request. Unit: ns.
    pub admit_at: u64,
    /// How many times as long everything takes.
    pub slow: f64,
    /// Since when it is down. Unit: ns.
    pub down_since: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_replicas_take_one_cache_line() {
        assert_eq!(size_of::<Frame>(), 64);
        assert_eq!(size_of::<Replica>(), 64);
    }
}
