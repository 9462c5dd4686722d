//! A log: topics with partitions, each an ordered sequence of records that consumer groups read at their own pace.
//!
//! With `acks: all` an append waits for a round trip to the copies that make a majority. A partition's records are
//! handled one after the other by its owner in each group.

use super::{Kind, cannot, count_or, database, service};
use crate::kernel::draws;
use crate::kernel::machines::repairs::Falls;
use crate::kernel::tables::{Component, NONE, Step};
use crate::lower::{Ask, Lowering, nanoseconds, repairs};
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::span::Located;
use groundplan_model::units::Seconds;
use groundplan_model::value::Value;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const TOPIC: &[Key] = &[
    Key::default("partitions", Shape::Count, "12", "Partitions: what may be handled at once in a group."),
    Key::optional(
        "of",
        Shape::Name,
        "The data set whose every write a record is to tell: `lost-events` counts operations that wrote and went before \
         they had published.",
    ),
    Key::optional(
        "key",
        Shape::Name,
        "What decides the partition, such as `order`: records of one key lie in one partition and keep their order.",
    ),
];

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "log",
    manual: "Topics of ordered records that any number of consumer groups read, each at its own pace. The records of \
             a partition are handled one after the other by one owner in each group. Who publishes waits for what \
             `acks` says.",
    keys: &[
        Key::required("topics", Shape::Map("topic", &Shape::Record(TOPIC)), "Its topics, by name."),
        Key::default("append-time", Shape::Distribution, "exp(1ms)", "Time to append a record at the leader."),
        Key::default("copies", Shape::Count, "1", "Copies of each partition, over the zones in order."),
        Key::default("acks", Shape::Word(&["all", "leader", "none"]), "all", "What an append waits for."),
        Key::default("failover", Shape::Duration, "10s", "Time until a copy leads in place of a dead leader."),
        Key::default("restart", Shape::Duration, "30s", "Time until it works again after a crash, without copies."),
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
        Key::default(
            "lag",
            Shape::Duration,
            "10ms",
            "With `acks: leader` or `none`, and copies: how far these are behind. Consumers see what the copies have.",
        ),
        Key::optional("retention", Shape::Duration, "How old a record becomes; for ever where it is missing."),
        Key::optional("limit", Shape::Count, "Records that a group may be behind; beyond, appends are refused."),
        Key::optional("keys", Shape::Popularity, "How often each key comes."),
        Key::optional("size", Shape::Record(SIZE), "The machine of a broker; priced, not simulated."),
    ],
    leaves_out: &[
        "Retention by size.",
        "Fetches as messages of their own: a consumer has a record as soon as it may take it.",
        "With `exactly-once`: what a handler published before its batch was undone stays.",
    ],
    goes_with: &["outbox", "queue", "consumer-stop", "leader-loss"],
    example: crate::lower::example!("components/log"),
    without: &[
        "components.shop.operations.order.1 = { call: mailer.send }",
        "components.mailer.operations.send.handles",
        "components.events",
    ],
};
const SIZE: &[Key] = &[
    Key::optional("vcpu", Shape::Count, "Virtual cores of a machine, for its price."),
    Key::optional("memory", Shape::Size, "Memory of a machine, for its price."),
    Key::optional("storage", Shape::Size, "Storage of a machine, for its price."),
];

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

pub(crate) fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let copies = count_or(settings, "copies", 1).clamp(1, 1000);
    let failover = nanoseconds(settings.duration("failover").unwrap_or(Seconds(10.0)));
    let says = |key: &str| {
        let said = |topic: &Located<Value>| matches!(&topic.value, Value::Map(topic) if topic.get(key).is_some());
        settings.map("topics").is_some_and(|topics| topics.0.iter().any(|(_, topic)| said(topic)))
    };
    let (keyed, tells) = (says("key"), says("of"));
    let rows = keyed || settings.get("group-by").is_some();
    let row = Component {
        failover: (copies > 1).then_some(failover),
        restart: nanoseconds(settings.duration("restart").unwrap_or(Seconds(30.0))),
        workers: NONE,
        cores: NONE,
        shares: false,
        ..service::row(settings)
    };
    lowering.declare(part, row, 1);
    lowering.repairs(part, copies as u32, 1, Falls::Leader);
    lowering.parts[part as usize].rows = rows;
    if tells {
        lowering.tables.components[part as usize].keeps |= Word::LostEvents.bit();
    }
}

pub(crate) fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    if matches!(ask, Ask::Append(_)) { Ok(()) } else { Err(cannot(lowering, part, ask)) }
}

pub(crate) fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    let Ask::Append(topic) = ask else {
        return;
    };
    let settings = &lowering.parts[part as usize].component.settings;
    let copies = count_or(settings, "copies", 1).clamp(1, 1000) as u32;
    let all = settings.text("acks").unwrap_or("all") == "all";
    let append = database::time(lowering, part, "append-time", Dist::Exp(0.001));
    lowering.push(append);
    let wait = lowering.replication_wait(part, copies, if all { copies / 2 } else { 0 });
    if wait.0 > 0.0 {
        let law = lowering.law(&Dist::Const(wait.0));
        lowering.push(Step::Wait { law, site: 1 });
    }
    let name = lowering.topics.names[*topic as usize].1.clone();
    lowering.push(Step::Append { topic: *topic, site: draws::site(&name) });
    lowering.push(Step::Return);
}
