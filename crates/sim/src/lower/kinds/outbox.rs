//! The relay of an outbox: takes what a database's transactions have recorded to a log, once every poll.

use super::{Kind, cannot};
use crate::kernel::tables::Component;
use crate::lower::{Lowering, nanoseconds};
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Poll interval where none is said.
pub(crate) const POLL: Seconds = Seconds(0.1);

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "outbox",
    manual: "Relays the events that a database's transactions have recorded to a log, once every `poll`. An event is \
             published if its transaction commits, and only then. Each look is a read at the database, and what was \
             found is marked as sent by a write; a relay that dies between the two publishes again.",
    keys: &[
        Key::required("of", Shape::Reference("component"), "The database."),
        Key::required(
            "to",
            Shape::Reference("component"),
            "The log. It brings the topics that nothing else publishes to.",
        ),
        Key::default("outbox", Shape::Name, "outbox", "Name of the data set that steps write to."),
        Key::default("poll", Shape::Duration, "100ms", "Time between two looks into the database."),
        Key::default("restart", Shape::Duration, "30s", "Time until it works again after a crash."),
    ],
    leaves_out: &[
        "The way of its statements over the network, and the time of its appends.",
        "Looks before the first record has come.",
    ],
    goes_with: &["database", "log", "change-capture"],
    example: crate::lower::example!("components/outbox"),
    without: &["components.relay", "components.shop.operations.order.0.steps.1 = { publish: order-placed }"],
};

/// The kind.
pub(crate) const KIND: Kind = Kind {
    words: WORDS,
    has_operations: false,
    hop: false,
    declare: relay,
    answers: |lowering, part, ask| Err(cannot(lowering, part, ask)),
    emit: |_, _, _, _| {},
    balances: None,
};

/// Adds a relay's row.
pub(crate) fn relay(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let restart = nanoseconds(settings.duration("restart").unwrap_or(Seconds(30.0)));
    lowering.declare(part, Component { restart, ..Component::default() }, 1);
}
