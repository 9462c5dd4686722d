//! A queue: messages that whoever is free takes; what fails comes back, and after so many deliveries is parked.

use super::{Kind, log};
use crate::lower::repairs;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "queue",
    manual: "Messages that are handed to whichever consumer is free, at least once and in no order. What fails is \
             delivered again; where `dead-letters` stands, it is parked there after five deliveries.",
    keys: &[
        Key::default("append-time", Shape::Distribution, "exp(1ms)", "Time to take a message."),
        Key::default("copies", Shape::Count, "1", "Copies of a message, over the zones in order."),
        Key::default("acks", Shape::Word(&["all", "leader", "none"]), "all", "What an enqueue waits for."),
        Key::default("failover", Shape::Duration, "10s", "Time until a copy takes over from a dead broker."),
        Key::default("restart", Shape::Duration, "30s", "Time until it works again after a crash, without copies."),
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
    ],
    leaves_out: &["Order within groups of messages.", "A visibility timeout that ends before the handler does."],
    goes_with: &["log", "service", "consumer-stop"],
    example: crate::lower::example!("components/queue"),
    without: &[
        "components.shop.operations.ask.1 = { call: reporter.make }",
        "components.reporter.operations.make.handles",
        "components.reports",
    ],
};

/// The kind.
pub(crate) const KIND: Kind = Kind {
    words: WORDS,
    has_operations: false,
    hop: false,
    declare: log::declare,
    answers: log::answers,
    emit: log::emit,
    balances: None,
};
