//! The frame of a design: the keys that every design, operation, step, load and experiment has, whatever its kinds.
//!
//! What a component of some kind, a policy or a fault adds comes from the `Vocabulary`.

use crate::vocabulary::{Key, Shape};

const NAME: Shape = Shape::Name;
const DURATION: Shape = Shape::Duration;
const SHARE: Shape = Shape::Share;

const PLACE: &[Key] =
    &[Key::required("zones", Shape::List(&NAME), "Names of the region's zones, such as `[a, b, c]`.")];

const NETWORK: &[Key] = &[
    Key::default("within-zone", DURATION, "0s", "Round trip between two replicas in one zone."),
    Key::default("between-zones", DURATION, "0s", "Round trip between two zones of a region."),
    Key::optional(
        "between-regions",
        Shape::Either(&[Shape::Map("region", &Shape::Map("region", &DURATION)), Shape::Word(&["public"])]),
        "Round trips between regions, in either direction: `{ eu-west: { us-east: 70ms } }`. `public`: those that were \
         measured in public between regions of these names (`eu-west-1`, or `eu-west` for it).",
    ),
    Key::optional(
        "bandwidth",
        Shape::Bandwidth,
        "How fast a message is put on the wire: its size over this is added to its way. Without it sizes take no time.",
    ),
    Key::default(
        "loss",
        Shape::Share,
        "0%",
        "Share of messages lost on their way; each is sent again after 200 ms, then 400 ms, doubling.",
    ),
];

/// Whose requests a load's are.
pub const TENANTS: &[Key] = &[
    Key::required("count", Shape::Count, "How many tenants there are."),
    Key::optional("biggest", Shape::Share, "Share of the requests that are the biggest tenant's."),
    Key::optional(
        "rest",
        Shape::Popularity,
        "How the others (without `biggest`: all) share what is left: `zipf(1.1)`; evenly where it is missing.",
    ),
];

const KEEP: &[Key] = &[
    Key::required("atomic", Shape::List(&NAME), "Data sets that must change together."),
    Key::required("by", Shape::Word(&["transaction", "saga", "outbox"]), "What keeps them together."),
];

/// What an operation or a load must keep.
pub const TARGET: &[Key] = &[
    Key::optional("p99", DURATION, "99th percentile of the latency."),
    Key::optional("availability", Shape::Share, "Share of good requests."),
];

/// The keys of a design.
pub const DESIGN: &[Key] = &[
    Key::required("kind", Shape::Word(&["design"]), "`design`: what is built."),
    Key::required("version", Shape::Count, "Version of the language: 1."),
    Key::required("name", Shape::Text, "Its title, for people."),
    Key::optional("about", Shape::Text, "One sentence about it."),
    Key::optional(
        "places",
        Shape::Map("region", &Shape::Record(PLACE)),
        "Regions with their zones. Without it there is one place.",
    ),
    Key::optional("network", Shape::Record(NETWORK), "Round trips. Without it calls take no time."),
    Key::required("components", Shape::Map("component", &Shape::Record(COMPONENT)), "What it is made of, by name."),
    Key::optional("load", Shape::List(&Shape::Record(LOAD)), "What is asked of it."),
    Key::optional(
        "tenants",
        Shape::Record(TENANTS),
        "Whose requests they are, for loads that don't say it themselves.",
    ),
    Key::optional("experiments", Shape::List(&Shape::Record(EXPERIMENT)), "What it must stand."),
    Key::optional(
        "year",
        Shape::Record(YEAR),
        "How often what fails in a year, where that is known better than by facts.",
    ),
    Key::optional("keeps", Shape::List(&Shape::Record(KEEP)), "What became of data that must change together."),
];

/// The keys that every component has.
pub const COMPONENT: &[Key] = &[
    Key::required("kind", NAME, "Its kind, such as `service` or `database`."),
    Key::optional("place", Shape::Reference("place"), "The region, or `region/zone`, it is placed in."),
    Key::optional(
        "operations",
        Shape::Map("operation", &Shape::Operation),
        "What it can do, by name, for kinds that have operations.",
    ),
];

/// The keys of an operation; policies may stand beside them.
pub const OPERATION: &[Key] = &[
    Key::optional(
        "as",
        Shape::Reference("domain operation"),
        "The operation of the domain whose luck it shares in a comparison.",
    ),
    Key::optional("handles", Shape::Reference("event"), "The event it consumes."),
    Key::optional("target", Shape::Record(TARGET), "What it must keep."),
    Key::required("steps", Shape::Steps, "What it does, in order."),
    Key::optional("group", NAME, "The consumer group it reads in."),
    Key::default("batch", Shape::Count, "500", "Of a log: most records of a poll, handled one after the other."),
    Key::default(
        "poll",
        Shape::Duration,
        "0s",
        "Of a log: least time between two polls; without it a record is taken as it comes.",
    ),
    Key::default(
        "commit",
        Shape::Word(&["batch", "each"]),
        "batch",
        "Of a log: when what was handled is committed. A crash begins again there.",
    ),
    Key::default("commit-time", Shape::Duration, "0s", "Of a log: time of a commit; 10ms where `exactly-once` stands."),
    Key::default(
        "exactly-once",
        Shape::Flag,
        "no",
        "Of a log: batches are transactions, so that what a crash repeats counts once.",
    ),
    Key::default(
        "session-timeout",
        Shape::Duration,
        "45s",
        "Of a log: time until others take over from a dead consumer.",
    ),
    Key::default(
        "rebalance",
        Shape::Word(&["eager", "cooperative"]),
        "eager",
        "Of a log: whether the whole group stops while partitions are shared out anew, or those that move.",
    ),
    Key::default("rebalance-time", Shape::Duration, "3s", "Of a log: how long that takes."),
    Key::optional(
        "deliveries",
        Shape::Count,
        "Deliveries after which an event is given up: 5 where `dead-letters` stands, else no limit.",
    ),
    Key::default("redeliver-after", Shape::Duration, "1s", "Pause before an event that failed is delivered again."),
    Key::default(
        "on-failure",
        Shape::Word(&["block", "retry-later"]),
        "block",
        "Of a log: whether an event that failed is tried again in its place, before all that come after it, or out of turn.",
    ),
    Key::optional(
        "prefetch",
        Shape::Count,
        "Of a queue: events that a replica has in work at once; as many as it has workers where it is missing.",
    ),
    Key::optional("dedupe", NAME, "The key by which a repeated event is recognised and dropped."),
    Key::optional(
        "dead-letters",
        Shape::Reference("topic"),
        "Where an event goes that can't be handled: a queue, or a topic of a log.",
    ),
    Key::optional("from", Shape::Reference("store"), "Where the event is taken from, such as an outbox in the store."),
    Key::optional(
        "settles",
        Shape::Reference("domain operation"),
        "The accepted request that is settled when this ends.",
    ),
    Key::optional("compensates", Shape::Reference("domain operation"), "The operation that this undoes."),
    Key::optional("in", Shape::Size, "Size of what it is sent: over the network's `bandwidth` it takes its time."),
    Key::optional("out", Shape::Size, "Size of what it answers."),
];

/// The verbs of a step.
pub const VERBS: &[Key] = &[
    Key::optional("compute", Shape::Distribution, "CPU time at nominal speed."),
    Key::optional("wait", Shape::Distribution, "Time that uses no core."),
    Key::optional(
        "call",
        Shape::Reference("operation"),
        "Calls an operation or an outside dependency and waits for the answer.",
    ),
    Key::optional("send", Shape::Reference("operation"), "Calls, doesn't wait, and sees no failure."),
    Key::optional("read", Shape::Reference("store"), "Reads from a store, a cache, or a data set that one holds."),
    Key::optional("write", Shape::Reference("store"), "Writes to a store, or to a data set that one holds."),
    Key::optional("publish", Shape::Reference("topic"), "Publishes an event and waits for the log's acknowledgement."),
    Key::optional(
        "enqueue",
        Shape::Reference("component"),
        "Puts a message on a queue and waits for its acknowledgement.",
    ),
    Key::optional("local", Shape::Reference("local operation"), "Runs an operation of the same component, in process."),
    Key::optional("parallel", Shape::Steps, "Runs all of these at once; `need` says how many must succeed."),
    Key::optional("branch", Shape::Map("share", &Shape::Steps), "One of several ways, by shares that add up to 100%."),
    Key::optional("transaction", Shape::Reference("store"), "Runs `steps` in one transaction of a store."),
    Key::optional("repeat", Shape::Count, "Runs `steps` this many times."),
    Key::optional("answer", Shape::Word(&["accepted"]), "Replies to the caller, and goes on."),
];

/// Settings that every step may have; policies may stand beside them.
pub const STEP: &[Key] = &[
    Key::optional("steps", Shape::Steps, "The steps of a `transaction` or `repeat`."),
    Key::optional(
        "as",
        Shape::Reference("domain operation"),
        "The step of the domain whose luck it shares in a comparison.",
    ),
    Key::optional("key", NAME, "The key it concerns, such as `order`."),
    Key::optional(
        "by",
        Shape::Word(&["key", "index", "range", "list", "scan", "join", "search"]),
        "How a `read` finds what it reads; by key where it is missing (at a search index: by `search`). Each kind of store says \
         which of them it can, and what they cost.",
    ),
    Key::optional("times", Shape::Count, "How many times it is done, one after the other (in `parallel`: at once)."),
    Key::optional("need", Shape::Count, "How many of a `parallel` must succeed; all where it is missing."),
    Key::optional("to", Shape::Word(&["each-replica"]), "`each-replica`: once to every replica."),
    Key::optional("fail", Shape::Share, "Share of attempts that fail by themselves."),
    Key::optional("request", Shape::Size, "Size of what is sent, instead of the operation's `in`."),
    Key::optional("response", Shape::Size, "Size of the answer, instead of the operation's `out`."),
];

/// The keys of a load; policies may stand beside them.
pub const LOAD: &[Key] = &[
    Key::optional("name", NAME, "Its name; where it is missing the operation names it."),
    Key::optional("operation", Shape::Reference("operation"), "The operation that is asked for."),
    Key::optional("steps", Shape::Steps, "Instead of an operation: what the client does, in order, holding no server."),
    Key::optional("arrivals", Shape::Arrivals, "How requests of an open load arrive."),
    Key::optional("users", Shape::Count, "Users of a closed load, each with one request at a time."),
    Key::optional("think", Shape::Distribution, "How long a user thinks between an answer and the next request."),
    Key::optional("target", Shape::Record(TARGET), "What must be kept."),
    Key::optional(
        "as",
        Shape::Reference("domain operation"),
        "The operation of the domain whose luck it shares in a comparison.",
    ),
    Key::optional("priority", Shape::Count, "1 goes before 2."),
    Key::optional(
        "from",
        Shape::Either(&[Shape::Map("region", &SHARE), NAME]),
        "Where its clients are: a region, or several by shares that add up to 100%: `{ eu-west: 70%, us-east: 30% }`. \
         Their calls take the network's way from the edge of that region, as far from its zones as these are from one \
         another. Without it clients are nowhere, and their calls take no time.",
    ),
    Key::optional(
        "sessions",
        Shape::Count,
        "How many sessions its requests belong to, each drawn: what reads at copies promise, they promise a session. Without \
         it each request is one of its own.",
    ),
    Key::optional(
        "keys",
        Shape::Popularity,
        "Which data a request concerns, by popularity over so many keys: `zipf(0.9 2M)`, `uniform(2M)`.",
    ),
    Key::optional(
        "mix",
        Shape::Map("operation asked for", &Shape::Share),
        "Instead of an operation: several, by shares that add up to 100%. Each has figures of its own.",
    ),
    Key::optional(
        "tenants",
        Shape::Record(TENANTS),
        "Whose requests they are. Figures of the biggest tenant and of the others stand beside those of all.",
    ),
    Key::optional(
        "route",
        Shape::Route,
        "Instead of an operation: a walk from stop to stop. Each is a step with `next`, shares of where it goes on; what \
         is left of 100% leaves. `start` names the first stop, or several by shares.",
    ),
];

/// The keys of an experiment.
pub const EXPERIMENT: &[Key] = &[
    Key::required("name", Shape::Text, "Its name."),
    Key::default("duration", DURATION, "10min", "How long it is observed, after warm-up."),
    Key::optional("faults", Shape::List(&Shape::Record(FAULT)), "What is done to the design, and when."),
    Key::optional("expect", Shape::List(&Shape::Text), "What must hold, such as `p99(gateway.browse) <= 200ms`."),
    Key::optional(
        "start",
        Shape::Word(&["empty", "warm"]),
        "`empty`: observed from the first instant, when nothing is there yet.",
    ),
    Key::optional(
        "warm-up",
        Shape::Either(&[DURATION, Shape::Word(&["none"])]),
        "How long it runs before it is observed; found by itself where it is missing.",
    ),
    Key::optional(
        "alert",
        Shape::Record(ALERT),
        "When people are called: both windows burn an operation's error budget so many times faster than evenly.",
    ),
    Key::optional("sample-at", Shape::List(&DURATION), "Instants, after warm-up, at which the state is looked at."),
    Key::optional("sample-every", DURATION, "How often the state is looked at, for its distribution."),
    Key::optional(
        "until",
        NAME,
        "What ends it early: `data-lost`, the first time that fewer copies or chunks are left than data needs. It begins \
         at the first instant unless it says its `warm-up`.",
    ),
    Key::optional(
        "set",
        Shape::Map("path", &Shape::Text),
        "What is otherwise in the design it runs on, by path: `{ components.shop.queue: 50 }`. Keys that are missing are added; items \
         of lists go by name or place, from 0. A value that is a map stands in quotes.",
    ),
    Key::optional(
        "box",
        Shape::Map("path", &Shape::List(&Shape::Text)),
        "Values that it is tried at, by path: `{ components.db.read-time: [4ms, 6ms] }`. Every combination is run, and what is \
         expected must hold at each.",
    ),
];

/// The keys of an alert on the burn rate of an error budget.
pub const ALERT: &[Key] = &[
    Key::default("burn", Shape::Number, "14.4", "Times the even pace at which the budget is spent."),
    Key::default("long", DURATION, "1h", "The long window, which must burn as fast."),
    Key::default("short", DURATION, "5min", "The short window, which must as well, so that it clears soon."),
];

/// The keys of a fault beside the word for what it does.
pub const FAULT: &[Key] = &[
    Key::default("at", DURATION, "0s", "When it begins, after warm-up."),
    Key::optional("for", DURATION, "How long it lasts; to the end where it is missing."),
];

/// The keys of the year.
pub const YEAR: &[Key] = &[
    Key::optional(
        "faults",
        Shape::List(&Shape::Record(YEARLY)),
        "Faults with their rates, in the words of an experiment: `{ machine-loss: shop/1, rate: 2/year, for: 5min }`. Each stands instead of \
         the facts about the same fault of the same component or place.",
    ),
    Key::default(
        "others",
        Shape::Word(&["facts", "none"]),
        "facts",
        "What else fails: what `facts` say of machines, zones, changes and what is outside, or `none` of it.",
    ),
];

/// The keys of a fault of the year beside the word for what it does.
pub const YEARLY: &[Key] = &[
    Key::required(
        "rate",
        Shape::Rate,
        "How often it happens: `2/year`; a range `1/year..4/year` is taken for a 95% range.",
    ),
    Key::optional(
        "for",
        DURATION,
        "How long it lasts each time, with a range if need be; what ends by itself (a crash) needs none.",
    ),
];
