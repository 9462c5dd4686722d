//! A relational database: a leader that reads and writes with its workers, and copies that follow it.
//!
//! A transaction keeps one worker of the leader from its begin to its commit. How copies follow the leader, take its place
//! and answer reads stands in `replication`.

pub(super) mod locks;
mod replication;

pub(crate) use replication::{lead, replicate};

use super::{Kind, cannot, service, stores};
use crate::kernel::machines::locks::Act;
use crate::kernel::machines::repairs::Falls;
use crate::kernel::tables::{Component, Step};
use crate::lower::{Ask, By, Lowering, nanoseconds, repairs, serving, sharding};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const NAME: Shape = Shape::Name;
const SIZE: &[Key] = &[
    Key::optional("vcpu", Shape::Count, "Virtual cores of a machine, for its price."),
    Key::optional("memory", Shape::Size, "Memory of a machine, for its price."),
    Key::optional("storage", Shape::Size, "Storage of a machine, for its price."),
];

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "database",
    manual: "A relational database: a leader that reads and writes with its workers, and copies that follow it. A \
             transaction holds one worker from begin to commit. A write waits for the copies that `replication` names. When \
             the leader is lost, or half of all copies can't reach it, the most advanced copy in reach leads after \
             `failover`; acknowledged writes that it does not have are lost, and counted.",
    keys: &[
        Key::optional("holds", Shape::List(&NAME), "Data sets in it; steps may name them instead of the database."),
        Key::default(
            "workers",
            Shape::CountOrUnlimited,
            "unlimited",
            "Statements in work at once, transactions included.",
        ),
        Key::optional("cores", Shape::CountOrUnlimited, "CPU cores; as many as workers where it is missing."),
        Key::default(
            "queue",
            Shape::CountOrUnlimited,
            "unlimited",
            "Statements that may wait; beyond, they are refused.",
        ),
        serving::DISCIPLINE,
        serving::CODEL_KEY,
        serving::WHEN_FULL,
        serving::SHED_KEY,
        Key::optional(
            "queue-timeout",
            Shape::Distribution,
            "Longest wait for a worker; a law is drawn for each attempt.",
        ),
        Key::default("read-time", Shape::Distribution, "exp(3ms)", "Time of a read."),
        Key::default("write-time", Shape::Distribution, "exp(5ms)", "Time of a write."),
        Key::default(
            "range-time",
            Shape::Distribution,
            "exp(10ms)",
            "Time of a read of many rows in order (`by: range`).",
        ),
        Key::default(
            "join-time",
            Shape::Distribution,
            "exp(10ms)",
            "Time of a read of rows of several tables (`by: join`).",
        ),
        Key::default(
            "scan-time",
            Shape::Distribution,
            "exp(1s)",
            "Time of a read of everything, of a shard all it has (`by: scan`).",
        ),
        Key::default("commit-time", Shape::Distribution, "0s", "Time of a commit."),
        replication::COPIES,
        replication::COPIES_IN,
        replication::REPLICATION,
        replication::ACKNOWLEDGEMENTS,
        replication::ACK_TIMEOUT,
        replication::LAG,
        replication::APPLY_TIME,
        replication::FLUSH_TIME,
        replication::FAILOVER,
        replication::DETECTION,
        replication::PROMOTION,
        replication::HOLD_DOWN,
        replication::ACROSS_REGIONS,
        replication::FENCING,
        replication::READ_FROM,
        replication::GUARANTEE,
        replication::GUARANTEE_WAIT,
        Key::default(
            "restart",
            Shape::Duration,
            "30s",
            "Time until a copy works again after a crash; without copies, the database.",
        ),
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
        Key::optional("keys", Shape::Popularity, "How often each row is asked for."),
        sharding::SHARDS,
        sharding::SHARDING,
        sharding::SPLIT_POINTS,
        locks::LOCKS,
        locks::LOCK_TIMEOUT,
        Key::optional("size", Shape::Record(SIZE), "The machine; priced, not simulated."),
    ],
    leaves_out: &[
        "Transactions over several shards: one says its `key`, and all of it is done at the shard of that key.",
        "Copies of shards.",
        "Locks of reads, ranges and whole tables: a read takes none and sees what has committed.",
        "Whether rows that a transaction has read have changed when it commits, but by `write-if`.",
        "What applying takes of a copy's cores, and copies that follow other copies.",
        "A transaction is one entry of the log, and its row is that of its last access.",
        "Versions and locks that a leader which was replaced without `fencing` keeps of its own.",
        "Its memory: every read takes `read-time`, hot row or cold.",
    ],
    goes_with: &["cache", "outbox", "connections", "leader-loss", "zone-loss"],
    example: crate::lower::example!("components/database"),
    without: &["components.orders.replication"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let copies = replication::copies(settings);
    let row = Component {
        keeps: locks::keeps(lowering, part),
        standby: replication::standby(settings),
        restart: nanoseconds(settings.duration("restart").unwrap_or(Seconds(30.0))),
        ..service::row(settings)
    };
    let shards = lowering.shards(part);
    if shards > 1 && copies > 1 {
        let diagnostic =
            Diagnostic::error("shards-with-copies", "a database has shards or copies, not copies of each shard")
                .at(settings.span("shards"), "shards")
                .at(settings.span("copies"), "copies")
                .help("leave one of them out, or take a `key-value` or `document` store, whose shards have copies");
        lowering.diagnostics.push(diagnostic);
    }
    let keeps = row.keeps | lowering.keeps_shards(part);
    let row = lowering.serve(part, Component { keeps, ..row });
    lowering.declare(part, row, shards.max(copies));
    let store = &mut lowering.parts[part as usize];
    store.reach = shards;
    store.everywhere = &[By::Index, By::Range, By::Scan, By::Join];
    lowering.repairs(part, shards.max(copies), shards, Falls::Each);
    locks::declare(lowering, part);
    replication::follow(lowering, part);
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Operation(_) | Ask::Local(_) | Ask::Whole | Ask::Append(_) => Err(cannot(lowering, part, ask)),
        Ask::ReadBy(By::List | By::Search) => Err(cannot(lowering, part, ask).help(
            "it reads by key, index, range, join or scan; take an `object-store` to list, a `search-index` to search",
        )),
        _ => Ok(()),
    }
}

/// Time of a statement: what the setting says, or else.
pub(crate) fn time(lowering: &mut Lowering<'_>, part: u32, key: &str, otherwise: Dist) -> Step {
    let settings = &lowering.parts[part as usize].component.settings;
    let dist = settings.dist(key).cloned().unwrap_or(otherwise);
    let law = lowering.law(&dist);
    lowering.compute_step(Some(part), law, crate::kernel::draws::site(key))
}

fn append(lowering: &mut Lowering<'_>, topics: &[u32]) {
    for topic in topics {
        let (carrier, topic_name) = lowering.topics.names[*topic as usize].clone();
        let name = format!("record-{topic_name}");
        let key = lowering.record_key(*topic);
        lowering.choose_key(carrier, &topic_name, &name, key.as_deref());
        lowering.push(Step::Append { topic: *topic, site: crate::kernel::draws::site(&name) });
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    match ask {
        Ask::Read | Ask::ReadBy(_) => replication::read(lowering, part, ask, |lowering| {
            let (key, otherwise) = match ask {
                Ask::ReadBy(By::Range) => ("range-time", 0.01),
                Ask::ReadBy(By::Join) => ("join-time", 0.01),
                Ask::ReadBy(By::Scan) => ("scan-time", 1.0),
                _ => ("read-time", 0.003),
            };
            stores::cost(lowering, part, key, Dist::Exp(otherwise));
            if *ask == Ask::Read {
                locks::ask(lowering, part, Act::Note);
            }
            lowering.push(Step::Return);
        }),
        Ask::ReadWithin => {
            let read = time(lowering, part, "read-time", Dist::Exp(0.003));
            lowering.push(read);
            locks::ask(lowering, part, Act::Note);
            lowering.push(Step::Yield);
        }
        Ask::Write(topics) => {
            lead(lowering, part);
            locks::ask(lowering, part, Act::Lock);
            stores::cost(lowering, part, "write-time", Dist::Exp(0.005));
            locks::ask(lowering, part, Act::Check);
            replicate(lowering, part);
            append(lowering, topics);
            locks::ask(lowering, part, Act::Commit);
            lowering.push(Step::Return);
        }
        Ask::WriteWithin => {
            locks::ask(lowering, part, Act::Lock);
            let write = time(lowering, part, "write-time", Dist::Exp(0.005));
            lowering.push(write);
            locks::ask(lowering, part, Act::Check);
            lowering.push(Step::Yield);
        }
        Ask::Begin => {
            lead(lowering, part);
            lowering.push(Step::Yield);
        }
        Ask::Commit(topics) => {
            let commit = time(lowering, part, "commit-time", Dist::Const(0.0));
            if lowering.parts[part as usize].component.settings.get("commit-time").is_some() {
                lowering.push(commit);
            }
            replicate(lowering, part);
            append(lowering, topics);
            locks::ask(lowering, part, Act::Commit);
            lowering.push(Step::Return);
        }
        _ => {}
    }
}
