//! Change data capture: reads the log of a database and publishes what was committed, without a query.

use super::{Kind, cannot, outbox};
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// How often a position is kept where nothing is said: `offset.flush.interval.ms` of Kafka Connect.
pub(crate) const FLUSH: Seconds = Seconds(60.0);

const NAME: Shape = Shape::Name;

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "change-capture",
    manual: "Reads the log of a database, `lag` behind it, and publishes a record for each committed write: nothing is \
             published that was not committed, and no commit is forgotten. It asks nothing of the database's workers. After \
             a crash it reads again from the position that it last kept, so that what came since goes out twice.",
    keys: &[
        Key::required("of", Shape::Reference("component"), "The database."),
        Key::required(
            "to",
            Shape::Reference("component"),
            "The log. It brings the topics that nothing else publishes to.",
        ),
        Key::optional(
            "captures",
            Shape::List(&NAME),
            "Data sets whose writes it publishes; all of the database's where missing.",
        ),
        Key::default("lag", Shape::Duration, "100ms", "Time from a commit until it has read and published it."),
        Key::default("flush", Shape::Duration, "60s", "How often it keeps its position."),
        Key::default("restart", Shape::Duration, "30s", "Time until it works again after a crash."),
    ],
    leaves_out: &[
        "Its reads at the disk of the database.",
        "A limit of what it can read: a backlog after a crash goes out at once.",
        "Logs that the database has thrown away before they were read.",
    ],
    goes_with: &["database", "log", "outbox"],
    example: crate::lower::example!("components/change-capture"),
    without: &[
        "components.capture",
        "components.shop.operations.order = [ { write: orders }, { publish: order-placed } ]",
    ],
};

/// The kind.
pub(crate) const KIND: Kind = Kind {
    words: WORDS,
    has_operations: false,
    hop: false,
    declare: outbox::relay,
    answers: |lowering, part, ask| Err(cannot(lowering, part, ask)),
    emit: |_, _, _, _| {},
    balances: None,
};
