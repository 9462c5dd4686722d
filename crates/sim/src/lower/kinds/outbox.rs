//! The relay of an outbox: takes what a database's transactions have recorded to a log, once every poll.

use super::{Kind, cannot};
use crate::kernel::tables::Component;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Poll interval where none is said.
pub(crate) const POLL: Seconds = Seconds(0.1);

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "outbox",
    manual: "Relays the events that a database's transactions have recorded to a log, once every `poll`. An event is \
             published if its transaction commits, and only then.",
    keys: &[
        Key::required("of", Shape::Reference("component"), "The database."),
        Key::required(
            "to",
            Shape::Reference("component"),
            "The log. It brings the topics that nothing else publishes to.",
        ),
        Key::default("outbox", Shape::Name, "outbox", "Name of the data set that steps write to."),
        Key::default("poll", Shape::Duration, "100ms", "Time between two looks into the database."),
    ],
    leaves_out: &[
        "The relay's own load on the database.",
        "A crash of the relay: records would wait in the database, none is lost.",
    ],
    goes_with: &["database", "log"],
    example: crate::lower::example!("components/outbox"),
    without: &["components.relay", "components.shop.operations.order.0.steps.1 = { publish: order-placed }"],
};

/// The kind.
pub(crate) const KIND: Kind = Kind {
    words: WORDS,
    has_operations: false,
    hop: false,
    declare: |lowering, part| lowering.declare(part, Component::default(), 1),
    answers: |lowering, part, ask| Err(cannot(lowering, part, ask)),
    emit: |_, _, _, _| {},
    balances: None,
};
