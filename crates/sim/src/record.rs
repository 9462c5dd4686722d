//! What one replication leaves behind: counts, integrals and histograms, by the arrival instant of each request.
//!
//! The kernel fills it, `statistics` reads it. No intervals and no names here: an index means what `Names` says it means.

mod kept;
mod sum;

pub use kept::{Count, How, KEPT, Kept, KeptWord, NOTHING, Timed, Word};

use crate::histogram::{Coarse, Fine};

/// How a request, call or attempt ends. Each ends exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Ending {
    /// Answered with success.
    Ok,
    /// Turned away: queue full, rate limit, shed, breaker open, pool exhausted, no backend.
    Refused,
    /// The caller's `timeout`, `queue-timeout` or `deadline` ran out.
    Timeout,
    /// The caller stopped waiting before an answer.
    Abandoned,
    /// The callee answered with an error, or its process was reset.
    Error,
    /// An optimistic write met another version, or a lock was lost.
    Conflict,
    /// Cancelled by its caller.
    Cancelled,
    /// No answer will ever come: the machine, zone or network is gone.
    Lost,
    /// Unfinished when observation ended.
    Censored,
}

impl Ending {
    /// How many endings there are.
    pub const COUNT: usize = 9;
    /// All endings, in the order of their numbers.
    pub const ALL: [Ending; Ending::COUNT] = [
        Ending::Ok,
        Ending::Refused,
        Ending::Timeout,
        Ending::Abandoned,
        Ending::Error,
        Ending::Conflict,
        Ending::Cancelled,
        Ending::Lost,
        Ending::Censored,
    ];

    /// The word that verdicts use.
    #[must_use]
    pub fn word(self) -> &'static str {
        ["ok", "refused", "timeout", "abandoned", "error", "conflict", "cancelled", "lost", "censored"][self as usize]
    }
}

/// One slice of the observed window. Requests belong to the slice in which they arrived.
#[derive(Debug, Clone, Default)]
pub struct Segment {
    /// Requests that arrived.
    pub arrived: u64,
    /// Of these, ended ok.
    pub ok: u64,
    /// Of these, ended ok within the operation's p99 target (or ok where it has none).
    pub in_time: u64,
    /// Cancelled ones, which count neither for nor against availability.
    pub cancelled: u64,
    /// Sum of the latencies of the ok ones. Unit: ns.
    pub latency_sum: u128,
    /// Latencies of the ok ones. Unit: ns.
    pub latency: Coarse,
}

/// One entry of the load: what its callers saw.
#[derive(Debug, Clone)]
pub struct EntryRecord {
    /// Requests that arrived inside the window.
    pub arrived: u64,
    /// How they ended. Index: `Ending`.
    pub ended: [u64; Ending::COUNT],
    /// Ended ok within the p99 target (or ok where there is none).
    pub in_time: u64,
    /// Latencies of the ok ones. Unit: ns.
    pub latency: Fine,
    /// The longest of them, summed over the runs. Unit: ns.
    pub longest: u64,
    /// Slices of the window of equal width.
    pub segments: Vec<Segment>,
    /// First settled minus arrival, for operations that are accepted first and settled later. Unit: ns. Empty otherwise.
    pub settled: Fine,
    /// By slice of the window: how those that did not end ok ended. Index: `Ending`.
    pub failed: Vec<[u64; Ending::COUNT]>,
}

/// One component, summed over its replicas, over the window.
///
/// What a hop touches stands first: a line of counts, then a line each for waits and times.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct ComponentRecord {
    /// Frames admitted or queued (arrivals that were not refused).
    pub accepted: u64,
    /// Most frames waiting at one replica at once.
    pub queue_max: u64,
    /// Frames that ended here. Index: `Ending`.
    pub ended: [u64; Ending::COUNT],
    /// Cache hits, for caches.
    pub hits: u64,
    /// Cache misses, for caches.
    pub misses: u64,
    /// Acknowledged writes that no surviving copy holds, for data.
    pub lost_writes: u64,
    /// Records handled more than once, for consumers.
    pub duplicates: u64,
    /// Waits before a worker was given, zero included. Unit: ns.
    pub wait: Coarse,
    /// Time in the component of frames that ended ok. Unit: ns.
    pub time: Coarse,
    /// Integral of workers in use. Unit: worker ns.
    pub busy: u128,
    /// Integral of workers there (0 where unlimited). Unit: worker ns.
    pub slots: u128,
    /// Integral of computing frames weighted by the core share they get. Unit: core ns.
    pub cores_busy: u128,
    /// Integral of cores there (0 where unlimited). Unit: core ns.
    pub cores: u128,
    /// Integral of frames waiting in queues. Unit: frame ns.
    pub queued: u128,
    /// Integral of frames in the component, waiting or in work. Unit: frame ns.
    pub in_system: u128,
    /// Worker time spent on frames whose caller had already given up. Unit: worker ns.
    pub wasted: u128,
    /// Age of a record when its consumer took it, for logs and queues. Unit: ns.
    pub lag: Coarse,
    /// What the books of the window need besides, to be closed exactly.
    pub books: Books,
    /// What its machines count, where it has any.
    pub kept: Option<Box<Kept>>,
}

impl ComponentRecord {
    /// What its machines have counted; nothing where it has none.
    #[must_use]
    pub fn kept(&self) -> &Kept {
        self.kept.as_deref().unwrap_or(&NOTHING)
    }
}

/// What crosses the ends of the window, and what leaves a component otherwise than by ending well.
///
/// With these the flow of frames and Little's law are identities of whole numbers, and every run can be held against
/// them. All of it is counted where nothing is hurried: at the ends of the window and where something goes wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    /// Frames waiting or in work when the window began.
    pub at_start: u64,
    /// Frames waiting or in work when it ended.
    pub at_end: u64,
    /// Ends of frames that never got in: turned away, or cancelled on their way.
    pub outside: u64,
    /// Frames that answered and went on working: they are in without having been accepted.
    pub went_on: u64,
    /// Such frames that left: they ended when they answered.
    pub went: u64,
    /// Time already spent here by those that were here at the start. Unit: ns.
    pub time_at_start: u128,
    /// Time spent here so far by those that were here at the end. Unit: ns.
    pub time_at_end: u128,
    /// Time spent here by those that left otherwise than by ending well. Unit: ns.
    pub time_of_others: u128,
    /// Time already waited by those that waited at the start. Unit: ns.
    pub wait_at_start: u128,
    /// Time waited so far by those that waited at the end. Unit: ns.
    pub wait_at_end: u128,
    /// Time waited by those that left the queue without a worker. Unit: ns.
    pub wait_of_others: u128,
    /// Frames may have been held up before they were let in (a rate limit that lets wait, a fault that delays), so that
    /// times here begin before the frame counts as in.
    pub held_up: bool,
}

/// One pair of caller and callee.
///
/// What a call touches stands first: two lines.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct CallRecord {
    /// Time of ok attempts as the caller sees it, network included. Unit: ns.
    pub latency: Coarse,
    /// Calls: executed steps.
    pub calls: u64,
    /// Attempts, the first included, local refusals excluded.
    pub attempts: u64,
    /// How attempts ended. Index: `Ending`.
    pub ended: [u64; Ending::COUNT],
    /// Attempts that the caller's own policies refused (breaker, throttle, rate limit, bulkhead, connections).
    pub refused_here: u64,
    /// Answers that came when the caller waited for them no more.
    pub unheard: u64,
    /// Endpoints that balancers ejected.
    pub ejections: u64,
    /// How long these ejections were to last, in all. Unit: ns.
    pub ejected: u128,
}

/// One replication.
#[derive(Debug, Clone)]
pub struct Record {
    /// Length of the observed window; of runs that were added up, of all together. Unit: ns.
    pub window: u64,
    /// Per entry of the load.
    pub entries: Vec<EntryRecord>,
    /// Per component.
    pub components: Vec<ComponentRecord>,
    /// Per pair of caller and callee.
    pub calls: Vec<CallRecord>,
    /// Mean number of requests in the system per slice from time zero, warm-up included; for warm-up detection.
    pub in_system: Vec<f64>,
    /// By slice of the window, then by component: integrals of workers in use and of frames waiting. Empty where components
    /// are very many, and shorter where the run broke off. Unit: worker s, frame s.
    pub levels: Vec<[f32; 2]>,
    /// What only some experiments ask for.
    pub details: Details,
    /// Replications in it: one, or those that were added up.
    pub runs: u64,
    /// Events fired, warm-up and drain included.
    pub events: u64,
    /// Whether the cap on frames was hit: the load grows without bound.
    pub unbounded: bool,
    /// How fast the number in flight grew until the cap was hit, from the start of the run; zero where it was not hit.
    /// Unit: requests per s.
    pub growth: f64,
}

/// What only some experiments ask for.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// By entry: ok requests within each latency asked for. Empty where none is.
    pub limits: Vec<Vec<Within>>,
    /// By component, where its waits are asked for.
    pub waits: Vec<Option<Waits>>,
    /// The state, by instant; the periodic samples come last.
    pub samples: Vec<Sample>,
}

/// How many were within a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// The limit. Unit: ns.
    pub limit: u64,
    /// How many, by slice of the window (waits: one count). Empty for none.
    pub count: Vec<u64>,
}

/// Waits of one component, finely: frames that got a worker in the window, by the wait since they were called.
#[derive(Debug, Clone, Default)]
pub struct Waits {
    /// Unit: ns.
    pub waits: Fine,
    /// Counted exactly.
    pub within: Vec<Within>,
}

/// The state at one instant, or at all periodic ones.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The instant, since the start of the window; none for the periodic ones. Unit: ns.
    pub at: Option<u64>,
    /// By component.
    pub components: Vec<Levels>,
    /// By entry: requests in the system.
    pub entries: Vec<Fine>,
}

/// Numbers waiting or in work that were found at a component. They are exact up to 255, then within 0.4%.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    /// In all replicas together.
    pub total: Fine,
    /// At each replica.
    pub each: Fine,
    /// How often all workers were in use.
    pub all_busy: u64,
}

impl Details {
    /// Forgets the waits of the warm-up.
    pub fn forget_waits(&mut self) {
        for waits in self.waits.iter_mut().flatten() {
            waits.waits = Fine::default();
            waits.within.iter_mut().for_each(|within| within.count.fill(0));
        }
    }
}
