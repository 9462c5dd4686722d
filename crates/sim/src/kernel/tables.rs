//! A design as the engine runs it: flat tables, names gone, an index into a table where a name stood.
//!
//! Everything here stays unchanged during a run and is shared by all replications.

use super::arrivals::Stretch;
pub use super::balancing::{Algorithm, Balancer, Health, Outlier, Point};
use super::draws::{Keyed, Laws, Words as _, site};
pub use super::lasting::{Expiry, Poison, RestartLoop};
use super::machines::Rows;
pub use super::machines::{Act, Operand};
use super::network::{Cut, Message};
use super::popularity::Popularity;
use super::rows::RowLaw;
pub use super::rules::{Breaker, Budget, Cancel, Handed, Jitter, Lane, Others, Policy, Pool, Purpose, Rate, Throttle};
use super::samples::Asked;
pub use super::serving::{Discipline, Queueing, Sharing, Shed, WhenFull};
use crate::record::Ending;

/// No index, no lane, no limit: the absent entry of any column of `u32`.
pub const NONE: u32 = u32::MAX;

/// One instruction of an operation. 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// CPU time where cores never bind: a plain delay at the speed of the replica.
    Compute {
        /// Law of the CPU time.
        law: u16,
        /// Site of the draw.
        site: u32,
    },
    /// CPU time on shared cores.
    Share {
        /// Law of the CPU time.
        law: u16,
        /// Site of the draw.
        site: u32,
    },
    /// Time that uses no core.
    Wait {
        /// Law of the time.
        law: u16,
        /// Site of the draw.
        site: u32,
    },
    /// A call without policies: waits for the answer, fails where it fails.
    Call {
        /// Index into `sites`.
        site: u32,
    },
    /// A call with policies.
    Guarded {
        /// Index into `sites`.
        site: u32,
        /// Index into `policies`.
        policy: u32,
    },
    /// A call that does not wait and sees no failure.
    Send {
        /// Index into `sites`.
        site: u32,
    },
    /// An operation of the same process, on the same worker.
    Local {
        /// Index into `sites`.
        site: u32,
    },
    /// All branches at once; goes on at the `need`-th success or once that can't be reached.
    Split {
        /// First entry of `branches`.
        first: u32,
        /// Number of branches.
        count: u16,
        /// Successes needed.
        need: u16,
    },
    /// A block several times, one after the other.
    Repeat {
        /// Entry of the block.
        entry: u32,
        /// How many times.
        times: u32,
        /// Site that tells the turns apart.
        site: u32,
    },
    /// Goes to `to` with a probability, else on.
    Chance {
        /// Probability, in units of 2^-32.
        share: u32,
        /// Where to.
        to: u32,
        /// Site of the draw.
        site: u32,
    },
    /// Looks into a cache: goes on at a hit, to `to` at a miss.
    Lookup {
        /// Probability of a miss, in units of 2^-32.
        share: u32,
        /// Where to at a miss.
        to: u32,
        /// Site of the draw.
        site: u32,
    },
    /// Goes to `to`.
    Jump {
        /// Where to.
        to: u32,
    },
    /// The operation fails.
    Fail {
        /// With this ending.
        ending: Ending,
    },
    /// Replies, and goes on.
    Answer,
    /// Like `Return`, for operations that may have answered before.
    Leave,
    /// The operation of a component ends: the worker is free, the caller has its answer.
    Return,
    /// A block or an operation in process ends.
    Back,
    /// A request of the load ends.
    End,
    /// A request of the load is about to end well, in a run that is traced.
    Note,
    /// Opens a transaction: a session at a database that keeps its worker.
    Begin {
        /// Index into `sites`.
        site: u32,
    },
    /// Does something in the open session.
    Within {
        /// Index into `sites`.
        site: u32,
    },
    /// An attempt under policies whose turn at its caller's rate limit has come.
    Attempt,
    /// An attempt under policies that has its connection sets out.
    Depart,
    /// A connection in the place of one that was closed stands.
    Reopen,
    /// A message arrives that says that an attempt is not needed any more.
    Cancel,
    /// One of several copies of an attempt has got its worker.
    Starts,
    /// Fails where the deadline that came with the request is over.
    Check,
    /// A session has answered and waits for what comes next.
    Yield,
    /// A record for every consumer group of a topic.
    Append {
        /// Index into `topics`.
        topic: u32,
        /// Site of the partition's draw.
        site: u32,
    },
    /// The next access concerns a row.
    Row {
        /// Index into `row_laws`.
        law: u32,
    },
    /// The request may be poison to who handles it.
    Taste {
        /// Which of the operations that poison comes to.
        unit: u32,
    },
    /// Something is about to be written to a disk that may be full.
    Space,
    /// A machine with state does something.
    Machine {
        /// What.
        act: Act,
        /// With what.
        at: Operand,
    },
    /// A request is about to end ok: its latency is held against limits.
    JudgeLatency,
    /// A frame has got its worker: its wait is counted finely.
    JudgeWait,
    /// A walk goes on to its next stop: what it draws from now on is drawn anew.
    Rekey {
        /// Site of the new key.
        site: u32,
    },
    /// What an entry of the load was accepted for is done.
    Settle {
        /// Index into `sources`.
        entry: u32,
    },
}

/// Where a call goes, by which way, and under which name it is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Site {
    /// First instruction of the operation.
    pub entry: u32,
    /// The component that is called.
    pub component: u32,
    /// Its first replica, of those that this call may reach.
    pub first: u32,
    /// Number of these replicas.
    pub count: u32,
    /// Index into the call records; `NONE` if not counted.
    pub pair: u32,
    /// Site that keys the callee's draws; zero hands the caller's key on (a hop).
    pub key: u32,
    /// Index into `balancers`; `NONE` where there is one replica.
    pub balancer: u32,
    /// Pool of permits that an operation in process needs.
    pub pool: u32,
    /// Lane of the patience with which a frame waits for a worker.
    pub patience: u32,
    /// Law of the patience with which a frame waits for a worker, where it is drawn; `u16::MAX` for none.
    pub patience_law: u16,
    /// Policy of the guarded step that this site belongs to.
    pub policy: u32,
    /// Index into `messages`: what its messages meet beyond a plain way; `NONE` for nothing.
    pub message: u32,
    /// Whether messages may take time.
    pub networked: bool,
    /// Whether something may stand before the queue: a rate limit, or a fault of an experiment.
    pub gated: bool,
}

impl Default for Site {
    fn default() -> Site {
        Site {
            entry: 0,
            component: 0,
            first: 0,
            count: 1,
            pair: NONE,
            key: 0,
            balancer: NONE,
            pool: NONE,
            patience: NONE,
            patience_law: u16::MAX,
            policy: NONE,
            message: NONE,
            networked: false,
            gated: false,
        }
    }
}

/// One component.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// First replica.
    pub first: u32,
    /// Number of replicas.
    pub count: u32,
    /// The last of these that are there only during a release.
    pub spares: u32,
    /// Workers of a replica; `NONE` for unlimited.
    pub workers: u32,
    /// Cores of a replica; `NONE` for unlimited.
    pub cores: u32,
    /// Whether frames share cores (otherwise cores never bind and are not modelled).
    pub shares: bool,
    /// How frames share them.
    pub sharing: Sharing,
    /// Waiters a replica takes; `NONE` for unbounded.
    pub queue: u32,
    /// How they wait, where it is not first come first served and refused when full.
    pub queueing: Option<Queueing>,
    /// First of the rules by which it sheds load, and their number.
    pub sheds: (u32, u32),
    /// Least time between admissions, for a rate limit. Zero for none. Unit: ns.
    pub spacing: u64,
    /// How far admissions may run ahead of the spacing (the burst). Unit: ns.
    pub burst: u64,
    /// Whether what exceeds the rate waits for its turn instead of being refused.
    pub excess_waits: bool,
    /// Time a replica needs to be back after a crash. Unit: ns.
    pub restart: u64,
    /// Whether each replica leads a part of the data of its own, and another copy of that part may lead in its place.
    pub each_leads: bool,
    /// For data with copies: time until another copy leads. `None` where nothing fails over. Unit: ns.
    pub failover: Option<u64>,
    /// Whether it only says where to go: its callers call what stands behind it from where they are.
    pub steers: bool,
    /// Replicas that stand by: they are not among those that share the work.
    pub standby: u32,
    /// What its machines count: bits of the words in `record::KEPT`.
    pub keeps: u64,
    /// Outages of an outside dependency: mean time between their ends and starts, and how long one lasts. Unit: ns.
    pub outages: Option<(f64, u64)>,
}

impl Default for Component {
    fn default() -> Component {
        Component {
            first: 0,
            count: 1,
            spares: 0,
            workers: NONE,
            cores: NONE,
            shares: false,
            sharing: Sharing::Equal,
            queue: NONE,
            queueing: None,
            sheds: (0, 0),
            spacing: 0,
            burst: 0,
            excess_waits: false,
            restart: 0,
            each_leads: false,
            failover: None,
            steers: false,
            standby: 0,
            keeps: 0,
            outages: None,
        }
    }
}

/// A branch of a `Split`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Branch {
    /// First instruction.
    pub entry: u32,
    /// Site that keys its draws.
    pub site: u32,
}

/// How requests come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrivals {
    /// Independent gaps of this mean. Unit: ns.
    Poisson(f64),
    /// Equal gaps. Unit: ns.
    Constant(f64),
    /// Rate that swings about a mean: rate and amplitude per ns, period in ns.
    Sine {
        /// Mean rate per ns.
        mean: f64,
        /// Amplitude per ns.
        amplitude: f64,
        /// Period in ns.
        period: f64,
    },
    /// Two states with a Poisson rate each. Unit: mean gap and mean stay in ns.
    Mmpp {
        /// Mean gap in either state; infinite for none.
        gaps: [f64; 2],
        /// Mean stay in either state.
        stays: [f64; 2],
    },
    /// All at one instant. Unit: ns.
    At(u64),
    /// Independent, at a rate that changes: a range of `stretches`.
    Profile {
        /// First stretch.
        first: u32,
        /// Number of stretches.
        count: u32,
    },
    /// Recorded: a range of `instants`.
    Replay {
        /// First instant.
        first: u32,
        /// Number of instants.
        count: u32,
        /// First entry of `recorded_kinds`, which says for each instant which of the load's kinds it is; `NONE` for one.
        kinds: u32,
    },
    /// Another kind of request of a load whose first row comes by itself.
    Part {
        /// The first row.
        of: u32,
    },
    /// This many users who think between an answer and their next request.
    Users {
        /// How many.
        users: u32,
        /// Law of the think time.
        think: u16,
    },
}

/// A source of load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source {
    /// How requests come.
    pub arrivals: Arrivals,
    /// Requests at each arrival.
    pub batch: u32,
    /// First instruction of the client.
    pub entry: u32,
    /// Hash of its stable name: keys its stream and its requests.
    pub name: u32,
    /// Latency within which an ok request is in time; `u64::MAX` where none is asked. Unit: ns.
    pub in_time: u64,
    /// Priority of its requests: 1 goes before 2.
    pub priority: u8,
    /// Index into `popularities`: which data its requests concern; `NONE` where that is not said.
    pub keys: u32,
    /// Kinds of request of this load: this row and those directly behind it.
    pub kinds: u32,
    /// Up to which share of the load's requests, in units of 2^-32, they are of this kind or one before it.
    pub upto: u32,
    /// Index into `tenants`: whose its requests are; `NONE` where that is not said.
    pub tenants: u32,
    /// First of the two entries of the record that keep figures of the biggest tenant and of the others.
    pub figures: u32,
    /// Index into `homes`: where its clients are; `NONE` where that is not said.
    pub homes: u32,
    /// How many sessions its requests belong to; `NONE` where each is one of its own.
    pub sessions: u32,
}

impl Source {
    /// The entry of the record that keeps the figures of a tenant.
    #[must_use]
    pub fn own_figures(&self, tenant: u32) -> u32 {
        self.figures + u32::from(tenant != 1)
    }
}

/// Whose requests they are: the biggest tenant's, or by popularity the others'.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tenants {
    /// Share of the biggest, in units of 2^-32; zero where the law of the rest is that of all.
    pub biggest: u32,
    /// The law of the rest, by rank.
    pub rest: Popularity,
}

impl Tenants {
    /// The tenant of a request, from 1, the biggest.
    #[must_use]
    pub fn draw(&self, key: u64) -> u32 {
        if self.biggest == 0 {
            return self.rest.draw(key) as u32;
        }
        let drawn = (Keyed::new(key, site("biggest tenant")).word() >> 32) as u32;
        if drawn < self.biggest || self.biggest == NONE { 1 } else { 1 + self.rest.draw(key) as u32 }
    }
}

impl Default for Source {
    fn default() -> Source {
        Source {
            arrivals: Arrivals::Poisson(1e9),
            batch: 1,
            entry: 0,
            name: 1,
            in_time: u64::MAX,
            priority: 1,
            keys: NONE,
            kinds: 1,
            upto: NONE,
            tenants: NONE,
            figures: NONE,
            homes: NONE,
            sessions: NONE,
        }
    }
}

/// Where records go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Topic {
    /// The log, queue or database that holds it.
    pub component: u32,
    /// First of its groups.
    pub first_group: u32,
    /// Number of groups.
    pub groups: u32,
    /// A relay's poll interval: records wait for its next tick. Zero for none. Unit: ns.
    pub poll: u64,
    /// Partitions of a log, each in order; zero for a queue, whose records go to whoever is free.
    pub partitions: u32,
    /// Whether the key of a record decides its partition.
    pub keyed: bool,
    /// Index of the relay that brings its records; `NONE` where they come at once.
    pub relay: u32,
    /// Whether what all groups have handled is kept all the same, for a replay.
    pub kept: bool,
    /// Whether a registry refuses records that consumers could not read.
    pub registered: bool,
    /// How long after it came a record is seen. Unit: ns.
    pub delay: u64,
    /// How old a record becomes at most; `u64::MAX` for ever. Unit: ns.
    pub retention: u64,
    /// Records that a group may be behind before appends are refused; `u64::MAX` for no limit.
    pub limit: u64,
    /// How far copies are behind a leader that acknowledges without them; zero where it waits for them. Unit: ns.
    pub tail: u64,
}

/// A group of consumers of one topic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// The topic's component, under which lag is counted.
    pub broker: u32,
    /// The consumers' operation.
    pub site: u32,
    /// Index into `topics`.
    pub topic: u32,
    /// Partitions of a log, each in order; zero for a queue, whose records go to whoever is free.
    pub partitions: u32,
    /// For a queue: records one replica has in work at once.
    pub prefetch: u32,
    /// Deliveries after which a record is parked; `NONE` for no limit.
    pub deliveries: u32,
    /// Where parked records go: a topic, or `NONE`.
    pub dead_letters: u32,
    /// Time until what a dead consumer had is given to another. Unit: ns.
    pub session: u64,
    /// Pause before a failed record is delivered again. Unit: ns.
    pub pause: u64,
    /// Whether the consumer recognises what it has handled before.
    pub dedupe: bool,
    /// For a log: most records of a poll.
    pub batch: u32,
    /// Least time between two polls. Unit: ns.
    pub poll: u64,
    /// Time of a commit. Unit: ns.
    pub commit: u64,
    /// Where positions are kept with checkpoints: the time between two; else zero. Unit: ns.
    pub checkpoint: u64,
    /// Whether each record is committed, not each batch.
    pub each: bool,
    /// Whether what a consumer did of a batch that it did not commit is undone.
    pub once: bool,
    /// Whether a failed record of a log goes to a retry topic instead of being tried again in its place.
    pub later: bool,
    /// Whether a rebalance stops the whole group.
    pub eager: bool,
    /// Time of a rebalance. Unit: ns.
    pub rebalance: u64,
    /// For a queue: how long a record is hidden from others while one handles it; `u64::MAX` until its end. Unit: ns.
    pub visibility: u64,
    /// For a queue: whether records of one key go one after the other.
    pub grouped: bool,
    /// Whether records have keys that an order can be kept by.
    pub ordered: bool,
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Harm {
    /// The process dies: callers see a reset. It restarts at once, which takes the component's time.
    Crash {
        /// First replica.
        first: u32,
        /// Number of replicas.
        count: u32,
    },
    /// Machines are gone: callers hear nothing. They start again when the fault ends.
    Loss {
        /// First replica.
        first: u32,
        /// Number of replicas.
        count: u32,
    },
    /// Everything in a zone is gone.
    ZoneLoss {
        /// The zone.
        zone: u16,
    },
    /// Cores and waits of a component take this many times as long.
    Slow {
        /// First replica.
        first: u32,
        /// Number of replicas.
        count: u32,
        /// Factor.
        factor: f64,
    },
    /// Requests to a component take longer on their way. Unit: ns.
    Latency {
        /// The component.
        component: u32,
        /// Added to each request.
        add: u64,
    },
    /// Attempts at a component fail with a probability, in units of 2^-32.
    Errors {
        /// The component.
        component: u32,
        /// Probability.
        share: u32,
    },
    /// A component answers nothing but errors.
    Outage {
        /// The component.
        component: u32,
    },
    /// Sources send this many times as much.
    Spike {
        /// The source, or `NONE` for all open ones.
        source: u32,
        /// Factor.
        factor: f64,
    },
    /// The leader of data with copies dies.
    LeaderLoss {
        /// The component.
        component: u32,
    },
    /// Copies of data are further behind. Unit: ns.
    ReplicaLag {
        /// The component.
        component: u32,
        /// Added to the lag.
        add: u64,
    },
    /// Messages between two sides are dropped, held or lost.
    Cut(Cut),
    /// All that a component's caches hold is dropped.
    Flush {
        /// The component.
        component: u32,
    },
    /// A share of the accesses to a data set concerns one key. In units of 2^-32.
    HotKey {
        /// The data set, as rows have it.
        space: u32,
        /// Share.
        share: u32,
    },
    /// A store gets more shards.
    Rebalance {
        /// The map of its keys.
        map: u32,
        /// Shards in the end.
        to: u32,
        /// How long the move takes. Unit: ns.
        lasts: u64,
    },
    /// Consumers of a component stop taking records.
    ConsumerStop {
        /// The component.
        component: u32,
    },
    /// Consumers of a component begin again with the first record that their logs keep.
    Replay {
        /// The component.
        component: u32,
    },
    /// Records of a topic that come while it lasts can't be handled.
    Poison {
        /// The topic.
        topic: u32,
        /// Share of the records, in units of 2^-32.
        share: u32,
        /// Whether they can be read once the fault is over, and are refused where a registry stands before the topic.
        schema: bool,
        /// Whether they take the consumer's process down.
        crashes: bool,
    },
    /// Processes die, callers see a reset, and none starts before the fault ends.
    Down {
        /// First replica.
        first: u32,
        /// Number of replicas.
        count: u32,
        /// Whether they are back at its end, without the time that a start takes.
        at_once: bool,
    },
    /// Processes die again and again.
    RestartLoop(RestartLoop),
    /// Some requests kill, or fail, whoever handles them.
    PoisonInput(Poison),
    /// New connections fail.
    Expiry(Expiry),
    /// Writes fail.
    DiskFull {
        /// The component.
        component: u32,
    },
    /// Clocks are wrong.
    Skew {
        /// The component.
        component: u32,
        /// How far they are ahead. Unit: ns.
        ahead: i64,
    },
    /// Another version is released; at the end it is taken back.
    Release {
        /// Index into the releases of `machines`.
        release: u32,
    },
    /// What was released at a component is switched off.
    KillSwitch {
        /// The component.
        component: u32,
    },
}

/// A fault of an experiment. Times count from the start of the window. Unit: ns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fault {
    /// When it begins.
    pub at: u64,
    /// When it ends; `u64::MAX` for never.
    pub until: u64,
    /// What it does.
    pub harm: Harm,
}

/// A design, compiled.
#[derive(Debug, Clone)]
pub struct Tables {
    /// All instructions.
    pub code: Vec<Step>,
    /// All laws.
    pub laws: Laws,
    /// Call sites. The first stands for blocks: no component, no name.
    pub sites: Vec<Site>,
    /// Policies of guarded calls.
    pub policies: Vec<Policy>,
    /// Branches of parallel steps.
    pub branches: Vec<Branch>,
    /// Components.
    pub components: Vec<Component>,
    /// Zone of each replica.
    pub zones: Vec<u16>,
    /// Lane of a message from one zone to another, `NONE` for no delay: `[from * zone_count + to]`. Empty without a network.
    pub ways: Vec<u32>,
    /// Number of zones.
    pub zone_count: u16,
    /// What messages of call sites meet; their ways stand behind the plain ones in `ways`.
    pub messages: Vec<Message>,
    /// Share of messages between zones lost each time they are sent.
    pub loss: f64,
    /// Whether a caller's place may be another than its replica's: clients that are somewhere, names that steer.
    pub far: bool,
    /// Balancers.
    pub balancers: Vec<Balancer>,
    /// Length of the column of in-flight counts.
    pub balancer_counts: u32,
    /// Number of views.
    pub views: u32,
    /// Rings of consistent hashing, each in order.
    pub rings: Vec<Point>,
    /// Constant delays.
    pub lanes: Vec<Lane>,
    /// Lane after which a caller without a timeout learns that no answer will come.
    pub silence: u32,
    /// Pools of permits.
    pub pools: Vec<Pool>,
    /// Breakers.
    pub breakers: Vec<Breaker>,
    /// Rules by which components shed load.
    pub sheds: Vec<Shed>,
    /// Throttles.
    pub throttles: Vec<Throttle>,
    /// Where `Attempt`, `Depart`, `Reopen` and `Cancel` stand in the code, in this order.
    pub stubs: u32,
    /// Whether deadlines are handed on from callers to callees.
    pub deadlines: bool,
    /// Rate limits.
    pub rates: Vec<Rate>,
    /// Retry budgets.
    pub budgets: Vec<Budget>,
    /// Which data requests concern.
    pub popularities: Vec<Popularity>,
    /// How rows of accesses are found.
    pub row_laws: Vec<RowLaw>,
    /// Whose requests are.
    pub tenants: Vec<Tenants>,
    /// Where clients are: up to which share of the requests, in units of 2^-32, they come from a zone or one before it.
    pub homes: Vec<Vec<(u32, u16)>>,
    /// Stretches of changing rates.
    pub stretches: Vec<Stretch>,
    /// Recorded instants, from the start of the window. Unit: ns.
    pub instants: Vec<u64>,
    /// For recorded instants of several kinds: which.
    pub recorded_kinds: Vec<u32>,
    /// Entries of the record behind those of the sources: two each for a source with tenants. Which source.
    pub figures_of: Vec<u32>,
    /// Sources of load; one entry of the record each.
    pub sources: Vec<Source>,
    /// Topics of logs, queues and relays.
    pub topics: Vec<Topic>,
    /// Consumer groups, those of one topic side by side.
    pub groups: Vec<Group>,
    /// Where the instruction stands by which records fail that can't be handled.
    pub poison: u32,
    /// Whether records say whose they are.
    pub records_whole: bool,
    /// Rows of the machines with state.
    pub machines: Rows,
    /// Number of call records.
    pub pairs: u32,
    /// Faults of each experiment.
    pub experiments: Vec<Vec<Fault>>,
    /// What experiments ask to be observed beside the usual.
    pub asked: Asked,
    /// Time until balancers know that a replica is gone or back. Unit: ns.
    pub health_delay: u64,
    /// All service times take this many times as long as their laws say: 1 but where sensitivity is asked for.
    pub slow: f64,
    /// Whether frames need the cold column: deadlines, loops, sessions, settling.
    pub cold: bool,
    /// Most frames alive at once; beyond, the load grows without bound. Below 2^25, which is what an event can name. Four
    /// million take a quarter of a GB in each thread, a GB with the cold column, and say what more of them would say.
    pub frame_cap: u32,
}

impl Default for Tables {
    fn default() -> Tables {
        Tables {
            code: Vec::new(),
            laws: Laws::default(),
            sites: vec![Site { component: NONE, ..Site::default() }],
            policies: Vec::new(),
            branches: Vec::new(),
            components: Vec::new(),
            zones: Vec::new(),
            ways: Vec::new(),
            zone_count: 0,
            messages: Vec::new(),
            loss: 0.0,
            far: false,
            balancers: Vec::new(),
            balancer_counts: 0,
            views: 0,
            rings: Vec::new(),
            lanes: Vec::new(),
            silence: NONE,
            pools: Vec::new(),
            breakers: Vec::new(),
            sheds: Vec::new(),
            throttles: Vec::new(),
            stubs: 0,
            deadlines: false,
            rates: Vec::new(),
            budgets: Vec::new(),
            popularities: Vec::new(),
            row_laws: Vec::new(),
            tenants: Vec::new(),
            homes: Vec::new(),
            stretches: Vec::new(),
            instants: Vec::new(),
            recorded_kinds: Vec::new(),
            figures_of: Vec::new(),
            sources: Vec::new(),
            topics: Vec::new(),
            groups: Vec::new(),
            poison: 0,
            records_whole: false,
            machines: Rows::default(),
            pairs: 0,
            experiments: Vec::new(),
            asked: Asked::default(),
            health_delay: 10_000_000_000,
            slow: 1.0,
            cold: false,
            frame_cap: 1 << 22,
        }
    }
}

/// A probability in units of 2^-32, as the tables hold it.
#[must_use]
pub fn share_bits(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 4_294_967_296.0).min(4_294_967_295.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_takes_sixteen_bytes() {
        assert_eq!(size_of::<Step>(), 16);
    }
}
