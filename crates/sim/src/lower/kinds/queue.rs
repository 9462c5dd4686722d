//! A queue: messages that whoever is free takes; what fails comes back, and after so many deliveries is parked.

use super::{Kind, log};
use crate::lower::repairs;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "queue",
    manual: "Messages that are handed to whichever consumer is free, at least once and in no order. What fails is \
             delivered again, and so is what a consumer has longer than `visibility`; where `dead-letters` stands, a \
             message is parked there after five deliveries.",
    keys: &[
        Key::default("append-time", Shape::Distribution, "exp(1ms)", "Time to take a message."),
        Key::default("copies", Shape::Count, "1", "Copies of a message, over the zones in order."),
        Key::default("acks", Shape::Word(&["all", "leader", "none"]), "all", "What an enqueue waits for."),
        Key::default("failover", Shape::Duration, "10s", "Time until a copy takes over from a dead broker."),
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
        Key::default(
            "visibility",
            Shape::Duration,
            "30s",
            "How long a message that one consumer has is hidden from the others; then it is delivered again.",
        ),
        Key::optional("delay", Shape::Duration, "How long a new message is hidden."),
        Key::optional(
            "group-by",
            Shape::Name,
            "Messages of one key, such as `order`, go one after the other in their order.",
        ),
        Key::optional("limit", Shape::Count, "Messages that may wait or be in work; beyond, they are refused."),
        Key::optional("keys", Shape::Popularity, "How often each key comes."),
    ],
    leaves_out: &[
        "Acknowledgements that are lost on their way.",
        "A consumer that lengthens the time a message is hidden while it works.",
    ],
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
