//! The rules of policies as the engine reads them: what a caller does around a call, and what it keeps for that.

use super::tables::NONE;
use crate::record::Ending;

/// How the pause before another attempt is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Jitter {
    /// Exactly the pause.
    #[default]
    None,
    /// Uniform from zero to the pause.
    Full,
    /// Half the pause, and uniform up to it.
    Equal,
    /// Uniform from the first pause to three times the last one taken.
    Decorrelated,
}

/// What a caller does around a call. The absent parts are `NONE` or zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// Attempts in all, the first included; `MANY` for that many and more, of which `most` says how many.
    pub attempts: u8,
    /// Attempts in all, where they are many; `NONE` for unlimited.
    pub most: u32,
    /// Endings after which another attempt is made: bit `1 << Ending`.
    pub retry_on: u16,
    /// Law of the pause before the second attempt; `None` for no pause.
    pub backoff: Option<u16>,
    /// By how much the pause grows from attempt to attempt.
    pub growth: f64,
    /// Longest pause. Unit: ns.
    pub cap: u64,
    /// Spread of the pause.
    pub jitter: Jitter,
    /// Lane of the attempt timeout.
    pub timeout: u32,
    /// The attempt timeout; zero for none. Unit: ns.
    pub timeout_ns: u64,
    /// Time for all attempts; zero for none. Unit: ns.
    pub deadline: u64,
    /// Whether a deadline may bound this call: its own, or one that came with the request.
    pub bound: bool,
    /// The deadline that the callee is told.
    pub hands: Handed,
    /// First of the retry budgets, one a caller replica.
    pub budget: u32,
    /// First of the breakers, one a caller replica.
    pub breaker: u32,
    /// First of the throttles, one a caller replica.
    pub throttle: u32,
    /// First of the rate limits, one a caller replica.
    pub rate: u32,
    /// First of the pools of places in flight (the bulkhead), one a caller replica.
    pub bulkhead: u32,
    /// First of the pools of connections, one a caller replica; calls to the same callee may share it.
    pub pool: u32,
    /// Lane of the longest wait for a connection.
    pub pool_patience: u32,
    /// Law of the time to open a connection in the place of one that was closed; `None` for no time.
    pub connect: Option<u16>,
    /// Chance that an attempt that went well fails all the same, in units of 2^-32.
    pub fail: u32,
    /// Where to go on after the last failure; `NONE` to fail as well.
    pub fallback: u32,
    /// What happens to an attempt that timed out.
    pub cancel: Cancel,
    /// Lane after which another copy of an attempt is sent; `NONE` for none.
    pub hedge: u32,
    /// Copies of an attempt in all, the first included.
    pub copies: u32,
    /// What becomes of the other copies.
    pub others: Others,
    /// Whether attempts owe something at their end: set where anything above keeps a state or holds a permit.
    pub owed: bool,
    /// Site of the draws of pauses and failures.
    pub site: u32,
    /// First replica of the caller, which the indices above are relative to.
    pub caller: u32,
    /// Number of replicas of the caller; zero for a client, whose state no crash touches.
    pub callers: u32,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            attempts: 1,
            most: NONE,
            retry_on: Policy::RETRIED,
            backoff: None,
            growth: 1.0,
            cap: u64::MAX,
            jitter: Jitter::None,
            timeout: NONE,
            timeout_ns: 0,
            deadline: 0,
            bound: false,
            hands: Handed::Inherited,
            budget: NONE,
            breaker: NONE,
            throttle: NONE,
            rate: NONE,
            bulkhead: NONE,
            pool: NONE,
            pool_patience: NONE,
            connect: None,
            fail: 0,
            fallback: NONE,
            cancel: Cancel::None,
            hedge: NONE,
            copies: 1,
            others: Others::RunOn,
            owed: false,
            site: 1,
            caller: 0,
            callers: 0,
        }
    }
}

impl Policy {
    /// Attempts from which on their number is kept outside of the frame.
    pub const MANY: u8 = 255;
    /// What is retried unless told otherwise: timeout, lost, server error, refusal by the server.
    pub const RETRIED: u16 = 1 << Ending::Timeout as u16
        | 1 << Ending::Lost as u16
        | 1 << Ending::Error as u16
        | 1 << Ending::Refused as u16
        | 1 << Ending::Censored as u16;
}

/// What becomes of an attempt whose caller has given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cancel {
    /// It runs on.
    #[default]
    None,
    /// It is dropped if it still waits for a worker.
    Queued,
    /// It is dropped wherever it is.
    Running,
}

/// What becomes of the other copies of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Others {
    /// They run on.
    #[default]
    RunOn,
    /// They are dropped once one has answered well.
    OnCompletion,
    /// Those that still wait for a worker are dropped once one has got its own.
    OnStart,
}

/// The deadline that a call hands on to its callee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Handed {
    /// None.
    Nothing,
    /// The one that came with the request.
    #[default]
    Inherited,
    /// That one or the call's own, whichever is earlier.
    Own,
}

/// A bounded set of permits with waiters: connections of a caller, a bulkhead, the permits of a module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pool {
    /// Permits.
    pub permits: u32,
    /// Waiters; `NONE` for unbounded, zero to refuse at once.
    pub queue: u32,
}

/// A breaker that opens on a share of failed or slow attempts, or after so many failures in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breaker {
    /// Share of failures at which it opens.
    pub open_at: f64,
    /// Length of the window, where it judges by time. Unit: ns.
    pub window: u64,
    /// Last attempts that it judges by; zero to judge by time.
    pub count: u32,
    /// Fewest attempts before it may open.
    pub minimum: u32,
    /// Failures in a row that open it, instead of a share; zero for none.
    pub in_a_row: u32,
    /// Time beyond which an attempt is slow. Unit: ns.
    pub slow_above: u64,
    /// Share of slow attempts at which it opens; above 1 for none.
    pub slow_at: f64,
    /// How long it stays open. Unit: ns.
    pub cool_down: u64,
    /// Trials let through after that, which are judged together by the same shares.
    pub trials: u32,
}

/// A throttle that refuses by itself what its callee would refuse: by requests and accepts of the last while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// How many times what is accepted may be asked.
    pub k: f64,
    /// Length of the window. Unit: ns.
    pub window: u64,
}

/// A token bucket in time units: tokens come one every `spacing`, up to `burst` of them saved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Time between tokens. Unit: ns.
    pub spacing: u64,
    /// How much may be saved. Unit: ns.
    pub burst: u64,
    /// Whether what finds no token waits for its turn instead of being refused.
    pub waits: bool,
}

/// A retry budget: what each first attempt earns, what a retry costs is one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Earned by each first attempt, in millionths of a retry.
    pub earn: u32,
    /// Most that can be saved, in millionths of a retry; the bucket starts full.
    pub cap: u32,
}

/// What a lane's entries do when they are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Purpose {
    /// An attempt's caller gives up.
    Timeout,
    /// A frame has waited too long for a worker.
    Patience,
    /// A frame has waited too long for a permit.
    PoolPatience,
    /// A message reaches its other end.
    Message,
    /// A frame goes on.
    Resume,
    /// Another copy of an attempt is sent.
    Hedge,
    /// A caller finds out that no answer will come.
    Silence,
    /// A write has waited too long for the lock of its row.
    LockWait,
}

/// A constant delay: what is put in comes out in the same order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lane {
    /// The delay. Unit: ns.
    pub delay: u64,
    /// What it is for.
    pub purpose: Purpose,
}
