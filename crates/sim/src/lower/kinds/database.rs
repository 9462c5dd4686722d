//! A relational database: a leader that reads and writes with its workers, and copies that follow it.
//!
//! A transaction keeps one worker of the leader from its begin to its commit. With `sync` a write waits for a round trip
//! to all copies, with `quorum` to a majority, with `async` for none; what the copies do not have when the leader dies
//! (writes younger than `lag`) is lost. A dead leader's place is taken after `failover`. Reads may go to any copy.

mod locks;
mod replication;

pub(crate) use replication::replicate;

use super::{Kind, cannot, count_or, service};
use crate::kernel::machines::copies;
use crate::kernel::machines::locks::Act;
use crate::kernel::machines::repairs::Falls;
use crate::kernel::tables::{Component, Step};
use crate::lower::{Ask, Lowering, nanoseconds, repairs, serving};
use crate::record::Word;
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
             transaction holds one worker from begin to commit. A write waits for a round trip to the copies that \
             `replication` names; acknowledged writes that no copy has when the leader dies are lost. A copy leads \
             after `failover`.",
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
        Key::default("commit-time", Shape::Distribution, "0s", "Time of a commit."),
        Key::default("copies", Shape::Count, "1", "Copies of the data, the leader included, over the zones in order."),
        Key::default(
            "replication",
            Shape::Word(&["sync", "quorum", "semi-sync", "async"]),
            "async",
            "What a write waits for.",
        ),
        Key::default("lag", Shape::Duration, "1s", "With `async`: how far the copies are behind."),
        Key::default(
            "failover",
            Shape::Duration,
            "30s",
            "Time until a copy leads in place of a dead leader (detection and promotion).",
        ),
        Key::default(
            "read-from",
            Shape::Word(&["leader", "replica"]),
            "leader",
            "Who answers reads outside transactions.",
        ),
        Key::default("restart", Shape::Duration, "30s", "Time until it works again after a crash, without copies."),
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
        Key::optional("keys", Shape::Popularity, "How often each row is asked for."),
        locks::LOCKS,
        locks::LOCK_TIMEOUT,
        Key::optional("size", Shape::Record(SIZE), "The machine; priced, not simulated."),
    ],
    leaves_out: &[
        "Locks of reads, ranges and whole tables: a read takes none and sees what has committed.",
        "Whether rows that a transaction has read have changed when it commits, but by `write-if`.",
        "Time at the disks of the copies.",
        "`semi-sync` falling back to `async` when a copy is slow.",
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
    let copies = count_or(settings, "copies", 1).clamp(1, 1000) as u32;
    let replication = settings.text("replication").unwrap_or("async");
    let failover = nanoseconds(settings.duration("failover").unwrap_or(Seconds(30.0)));
    let lag = nanoseconds(settings.duration("lag").unwrap_or(Seconds(1.0)));
    let asynchronous = replication == "async" && copies > 1;
    let row = Component {
        failover: (copies > 1).then_some(failover),
        keeps: locks::keeps(lowering, part)
            | if asynchronous { Word::Unreplicated.bit() | Word::LostAge.bit() } else { 0 },
        restart: nanoseconds(settings.duration("restart").unwrap_or(Seconds(30.0))),
        ..service::row(settings)
    };
    let row = lowering.serve(part, row);
    let reads_at_copies = settings.text("read-from") == Some("replica");
    lowering.declare(part, row, if reads_at_copies { copies } else { 1 });
    lowering.parts[part as usize].reach = 1;
    let falls = if reads_at_copies { Falls::Each } else { Falls::Leader };
    lowering.repairs(part, copies, 1, falls);
    locks::declare(lowering, part);
    if asynchronous {
        let leader = lowering.parts[part as usize].first;
        lowering.tables.machines.copies.groups.push(copies::Group { component: part, leader, lag });
    }
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Operation(_) | Ask::Local(_) | Ask::Whole | Ask::Append(_) => Err(cannot(lowering, part, ask)),
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
        Ask::Read | Ask::ReadWithin => {
            let read = time(lowering, part, "read-time", Dist::Exp(0.003));
            lowering.push(read);
            locks::ask(lowering, part, Act::Note);
            lowering.push(if *ask == Ask::Read { Step::Return } else { Step::Yield });
        }
        Ask::Write(topics) => {
            locks::ask(lowering, part, Act::Lock);
            let write = time(lowering, part, "write-time", Dist::Exp(0.005));
            lowering.push(write);
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
