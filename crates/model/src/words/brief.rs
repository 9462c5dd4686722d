//! The keys of a brief: shape, need, manual; and why each default is what it is. Keys of what few briefs speak of stand
//! in the modules below, by topic.

mod ai;
mod regulated;
mod tenants;
mod today;

use crate::vocabulary::{Key, Shape};

const NAME: Shape = Shape::Name;
const OPERATION: Shape = Shape::Reference("operation");
const DATA_SET: Shape = Shape::Reference("data set");
const DURATION: Shape = Shape::Duration;
const SHARE: Shape = Shape::Share;

/// Concerns, as `priorities` orders them.
pub const CONCERNS: &[&str] = &[
    "consistency",
    "latency",
    "scale",
    "recovery",
    "isolation",
    "release-independence",
    "operability",
    "compliance",
    "cost",
    "time-to-market",
];

/// What a platform may be able to do, with what is taken where a brief doesn't say.
pub const PLATFORM: &[Key] = &[
    Key::default("ci-cd", Shape::Degree, "partial", "Builds, tests and releases run by themselves."),
    Key::default("observability", Shape::Degree, "no", "Metrics, logs and traces of every part, in one place."),
    Key::default("infrastructure-as-code", Shape::Degree, "no", "Environments are made from files."),
    Key::default("sre", Shape::Degree, "no", "People whose work is reliability, with SLOs and error budgets."),
    Key::default("kubernetes", Shape::Degree, "no", "A cluster that somebody runs already."),
    Key::default("brokers", Shape::Degree, "no", "A message broker or log that somebody runs already."),
    Key::default("schema-registry", Shape::Degree, "no", "Schemas of events are kept and checked in one place."),
    Key::default("contract-tests", Shape::Degree, "no", "Contracts between parts are tested before a release."),
    Key::default("canary", Shape::Degree, "no", "A release goes to a few first and rolls back by itself."),
    Key::default("feature-flags", Shape::Degree, "no", "Features switch on and off without a release."),
    Key::default("gitops", Shape::Degree, "no", "What runs is what a repository says."),
    Key::default("model-registry", Shape::Degree, "no", "Models and their versions are kept in one place."),
    Key::default("catalogue", Shape::Degree, "no", "A list of all services with their owners."),
    Key::default("service-mesh", Shape::Degree, "no", "A mesh that somebody runs already."),
    Key::default("chaos-tests", Shape::Degree, "no", "Faults are tried on purpose, in the open."),
    Key::default("data-centre", Shape::Degree, "no", "Racks and machines of our own, with people who run them."),
];

const P99: &[Key] = &[Key::required("p99", Shape::Target(&DURATION), "99th percentile of the time it takes.")];

const PEAK: &[Key] = &[
    Key::required("factor", Shape::Factor, "Peak over mean, at least 1x."),
    Key::optional("for", DURATION, "How long a peak lasts."),
];

const LOAD: &[Key] = &[
    Key::required("operation", OPERATION, "The entry point, as `module.operation`."),
    Key::required("rate", Shape::Rate, "How often it is asked for: the mean over a busy day."),
    Key::default(
        "peak",
        Shape::Either(&[Shape::Factor, Shape::Record(PEAK)]),
        "3x",
        "The peak over the mean, at least 1x; `{ factor: 10x, for: 30min }` says how long it lasts.",
    ),
    Key::optional("p99", Shape::Target(&DURATION), "99th percentile of the time until the answer."),
    Key::optional("availability", Shape::Target(&SHARE), "Share of good requests, where it differs from the system's."),
    Key::optional(
        "accepted",
        Shape::Record(P99),
        "When the request must be accepted, where the work may be done later.",
    ),
    Key::optional("settled", Shape::Record(P99), "When the work must be done, where the answer may come before it."),
    Key::optional("by", NAME, "What the requests are parted by, such as `tenant`."),
    Key::optional(
        "from",
        Shape::Map("region", &SHARE),
        "Where the requests come from, as shares that add up to 100%, where it differs from the system's regions.",
    ),
];

/// How often, in words.
pub const RHYTHMS: &[&str] = &["hourly", "daily", "weekly", "monthly", "quarterly", "yearly"];

const ACCESS: &[Key] = &[
    Key::required("to", DATA_SET, "The data set."),
    Key::default("times", Shape::Number, "1", "How many times per execution (fan-out), at least 1."),
];

const CALL: &[Key] = &[
    Key::required("to", Shape::Reference("operation or outside"), "An operation, or the name of something outside."),
    Key::optional(
        "answer",
        Shape::Word(&["needed"]),
        "`needed`: the caller can't answer without it. This is meant where nothing else stands.",
    ),
    Key::optional("follows-within", DURATION, "The answer may follow, within this time."),
];

const DOMAIN_OPERATION: &[Key] = &[
    Key::default("work", Shape::Distribution, "3ms", "CPU time of one execution; a bare duration is `exp` of it."),
    Key::default("in", Shape::Size, "1 KB", "Size of the request."),
    Key::default("out", Shape::Size, "2 KB", "Size of the answer."),
    Key::optional(
        "reads",
        Shape::List(&Shape::Short("to", ACCESS)),
        "Data sets it reads; `{ to: timeline, times: 10 }` says how often.",
    ),
    Key::optional(
        "writes",
        Shape::List(&Shape::Short("to", ACCESS)),
        "Data sets it writes; `{ to: timeline, times: 10 }` says how often.",
    ),
    Key::optional(
        "calls",
        Shape::List(&Shape::Short("to", CALL)),
        "Operations and outside dependencies it calls, in order.",
    ),
    Key::optional("emits", Shape::OneOrMany(&NAME), "Events it emits."),
    Key::optional("handles", Shape::Reference("event"), "The event it handles."),
    Key::optional("atomic", Shape::List(&DATA_SET), "Data sets that must change together or not at all."),
    Key::optional("effect", Shape::Word(&["once"]), "`once`: a repeated attempt must not act twice."),
    Key::optional("order-per", NAME, "What the order must be kept for, such as `account`."),
];

const MODULE: &[Key] = &[
    Key::optional("team", NAME, "The team that owns it."),
    Key::default(
        "changes",
        Shape::Either(&[Shape::Word(RHYTHMS), Shape::Rate]),
        "weekly",
        "How often it changes: `daily`, `weekly`, or a rate such as `3/day`.",
    ),
    Key::optional(
        "polyglot",
        Shape::Word(&["needed"]),
        "`needed`: it must have another language or runtime than the rest.",
    ),
    Key::required("operations", Shape::Map("operation", &Shape::Record(DOMAIN_OPERATION)), "What it does, by name."),
    Key::optional(
        "waits-for-deploy-of",
        Shape::OneOrMany(&Shape::Reference("module")),
        "Modules that must be released before it can be.",
    ),
];

const EVENTUAL: &[Key] = &[Key::required("eventual-within", DURATION, "Readers may see a state at most this old.")];

const TIMES: Shape = Shape::Either(&[Shape::Rate, Shape::Word(&["nightly", "hourly", "daily", "weekly", "monthly"])]);

const PATTERN: &[Key] = &[
    Key::optional("get", TIMES, "Reads of one item by its key."),
    Key::optional("put", TIMES, "Writes of one item by its key."),
    Key::optional("range", TIMES, "Reads of neighbouring items, by key or time."),
    Key::optional("join", TIMES, "Reads that join several sets."),
    Key::optional("search", TIMES, "Reads by words of a text."),
    Key::optional("similar", TIMES, "Reads by likeness (vectors)."),
    Key::optional("traverse", TIMES, "Walks along relations."),
    Key::optional("aggregate", TIMES, "Sums and counts over many items."),
    Key::optional("scan", TIMES, "Reads of everything."),
];

const DATA: &[Key] = &[
    Key::required("owner", Shape::Reference("module"), "The module that owns it."),
    Key::optional(
        "size",
        Shape::Size,
        "Its size today. Where it is missing: `items` times `item`, else 10 GB, an assumption.",
    ),
    Key::optional("item", Shape::Size, "Size of one item."),
    Key::optional("items", Shape::Count, "Number of items."),
    Key::optional("growth", Shape::Growth, "How it grows: `60%/year` or `200 GB/year`."),
    Key::optional("popularity", Shape::Popularity, "How often each item is asked for: `zipf(0.9)` or `uniform`."),
    Key::default(
        "consistency",
        Shape::Either(&[Shape::Word(&["strong", "read-your-writes", "eventual"]), Shape::Record(EVENTUAL)]),
        "strong",
        "What readers may see: `strong` (the last write), `read-your-writes`, `{ eventual-within: 5s }` or `eventual`.",
    ),
    Key::optional("holds", Shape::OneOrMany(&NAME), "Classes of data it holds, such as `pii`."),
    Key::optional("keep", DURATION, "How long items are kept."),
    Key::optional("replay", Shape::Flag, "Whether its history must be replayable."),
    Key::optional(
        "access",
        Shape::Record(PATTERN),
        "How it is read beyond what the operations say, as rates by pattern.",
    ),
];

const OUTSIDE: &[Key] = &[
    Key::default("latency", Shape::Distribution, "exp(100ms)", "How long an answer takes."),
    Key::optional("availability", SHARE, "Share of the time it is up (outages)."),
    Key::optional("errors", SHARE, "Share of attempts that fail by themselves."),
    Key::optional("limit", Shape::Rate, "How often it may be called."),
    Key::optional("if-down", Shape::Record(regulated::IF_DOWN), "What may be done while it is down."),
    Key::optional(
        "hours",
        Shape::Hours,
        "When it is open each day, such as `07:00-18:00`; always where nothing stands.",
    ),
];

const AVAILABILITY: &[Key] = &[
    Key::required("share", Shape::Target(&SHARE), "Share of good requests."),
    Key::optional(
        "outages",
        Shape::Record(regulated::OUTAGES),
        "How often outages may come and how long they may last.",
    ),
    Key::optional("errors", SHARE, "Share of requests that may fail outside of outages."),
];

const RECOVERY: &[Key] = &[
    Key::required("rto", DURATION, "Time until it works again."),
    Key::required("rpo", DURATION, "How much written data may be lost, as age; `0s` for none."),
    Key::optional(
        "lost",
        Shape::Word(&["zone", "region", "data"]),
        "What is lost: `zone` (a machine or zone) where nothing stands, `region`, or the `data` itself.",
    ),
    Key::optional(
        "copy",
        Shape::Word(&["none", "offline"]),
        "`offline`: a copy lies where nobody reaches it from the running system; `none` where nothing stands.",
    ),
];

const TEAM: &[Key] = &[
    Key::default("engineers", Shape::Count, "8", "People who build."),
    Key::default("teams", Shape::Count, "1", "Teams they form."),
    Key::default(
        "maturity",
        Shape::Word(&["low", "medium", "high"]),
        "medium",
        "Experience in running distributed systems.",
    ),
    Key::default(
        "on-call",
        Shape::Word(&["none", "business-hours", "always"]),
        "business-hours",
        "When somebody answers a page.",
    ),
    Key::optional("skills", Shape::OneOrMany(&NAME), "What they know, such as `java` or `postgres`."),
];

/// The keys of a brief.
pub const BRIEF: &[Key] = &[
    Key::required("kind", Shape::Word(&["brief"]), "`brief`: what is required, no technology."),
    Key::required("version", Shape::Count, "Version of the language: 1."),
    Key::required("name", Shape::Text, "Its title, for people."),
    Key::optional("about", Shape::Text, "One sentence about it."),
    Key::required("load", Shape::List(&Shape::Record(LOAD)), "The entry points: who calls what, how often."),
    Key::default("growth", Shape::YearlyGrowth, "0%/year", "Growth of the load per year, compound."),
    Key::required(
        "domain",
        Shape::Map("module", &Shape::Record(MODULE)),
        "Modules (bounded contexts) and what they do, not where they run.",
    ),
    Key::optional("data", Shape::Map("data set", &Shape::Record(DATA)), "Data sets, each owned by a module."),
    Key::optional("outside", Shape::Map("outside", &Shape::Record(OUTSIDE)), "What is called and not owned."),
    Key::default(
        "availability",
        Shape::Either(&[Shape::Target(&SHARE), Shape::Record(AVAILABILITY)]),
        "99.9%",
        "Share of good requests, for all operations that don't say otherwise.",
    ),
    Key::default(
        "recovery",
        Shape::Either(&[Shape::Record(RECOVERY), Shape::List(&Shape::Record(RECOVERY))]),
        "{ rto: 1h, rpo: 5min }",
        "What must be recovered when something is lost; a list with `lost` says it for zone, region and data.",
    ),
    Key::default(
        "regions",
        Shape::Map("region", &SHARE),
        "{ eu-west: 100% }",
        "Where the users are, as shares that add up to 100%.",
    ),
    Key::optional("residency", Shape::Map("class of data", &NAME), "The region that a class of data must stay in."),
    Key::optional("compliance", Shape::OneOrMany(&NAME), "Regimes that apply, such as `gdpr` or `pci-dss`."),
    Key::default("team", Shape::Record(TEAM), "{}", "Who builds and runs it."),
    Key::default(
        "platform",
        Shape::Record(PLATFORM),
        "{}",
        "What the platform can do: `yes`, `partial` or `no` for each.",
    ),
    Key::optional("budget", Shape::Target(&Shape::MoneyPerMonth), "Money per month for running it."),
    Key::default(
        "priorities",
        Shape::List(&Shape::Word(CONCERNS)),
        "[cost, time-to-market]",
        "Concerns in order, the most important first; those not named come last.",
    ),
    Key::default("risk", Shape::Word(&["low", "medium", "high"]), "medium", "How much risk is accepted."),
    Key::default("horizon", DURATION, "1 year", "How far ahead it is planned."),
    Key::optional(
        "releases",
        Shape::Record(regulated::RELEASES),
        "How often releases fail and how long it takes to restore.",
    ),
    Key::optional("audit", Shape::Record(regulated::AUDIT), "What must be provable afterwards."),
    Key::optional("schedule", Shape::List(&Shape::Record(regulated::RUN)), "Work that runs by the clock, every day."),
    Key::optional("vendors", Shape::Record(regulated::VENDORS), "How dependent on a vendor it may be."),
    Key::optional(
        "change-control",
        Shape::Record(regulated::CHANGE_CONTROL),
        "How changes are approved, when none are made.",
    ),
    Key::optional("people", Shape::Record(ai::PEOPLE), "How many people use it, how often."),
    Key::optional("labels", Shape::Record(ai::LABELS), "Labels that items carry and where they may be."),
    Key::optional("ai", Shape::Record(ai::AI), "Retrieval and models."),
    Key::optional("tenants", Shape::Record(tenants::TENANTS), "Tenants, their tiers and promises."),
    Key::optional("today", Shape::Record(today::TODAY), "The system of today."),
];

/// Why a default is what it is, by path; a `*` stands for one name.
///
/// Those with `true` are listed once for the whole brief and not once for each name.
pub const REASONS: &[(&str, bool, &str)] = &[
    ("load.*.peak", false, "interactive load peaks at two to four times its daily mean"),
    ("growth", false, "no growth is known"),
    ("domain.*.operations.*.work", true, "the work of an operation isn't said"),
    ("domain.*.operations.*.in", true, "a small JSON request"),
    ("domain.*.operations.*.out", true, "a small JSON answer"),
    ("domain.*.changes", false, "a team in active development releases about once a week"),
    ("domain.*.operations.*.reads.*.times", true, "each read happens once"),
    ("domain.*.operations.*.writes.*.times", true, "each write happens once"),
    ("data.*.consistency", false, "the safe reading: a reader must see the last write"),
    ("outside.*.latency", false, "a call of another organisation over the internet"),
    ("availability", false, "three nines: 43 minutes a month"),
    ("recovery", false, "what a managed database with backups gives"),
    ("regions", false, "one region"),
    ("team.engineers", false, "one team that two pizzas feed"),
    ("team.teams", false, "one team"),
    ("team.maturity", false, "some experience in running distributed systems"),
    ("team.on-call", false, "somebody answers in business hours"),
    ("platform.*", false, "not said, so not relied on"),
    ("priorities", false, "cheap first, then soon"),
    ("risk", false, "neither timid nor bold"),
    ("horizon", false, "a year ahead"),
    ("audit.order", false, "an order of all entries costs throughput, so it is not assumed"),
    ("audit.tamper-evident", false, "not said, so not asked for"),
    ("audit.one-owner", false, "not said, so not asked for"),
    ("change-control.approval", false, "the author's own judgement, with automatic checks"),
    ("people.active-at-peak", false, "one person in twenty at the busiest hour"),
    ("people.each", false, "a question every six minutes"),
    ("ai.rights.by", false, "the finest reading: each document has rights of its own"),
    ("ai.rights.filter", false, "the safe reading: what may not be seen is never fetched"),
    ("ai.answer.tokens-in", false, "a question with a handful of passages"),
    ("ai.answer.tokens-out", false, "a few paragraphs"),
    ("ai.agents.steps", false, "a plan, two uses of tools, an answer"),
    ("tenants.share.rest", false, "each next tenant as large as its rank says"),
    ("tenants.tiers.*.isolation", false, "the cheapest that works"),
    ("tenants.tiers.*.keys", false, "not said, so not asked for"),
];
