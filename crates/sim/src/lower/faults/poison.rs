//! Records that no consumer can handle: they fail each time, or take the consumer's process down.

use super::{Fault, settings};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const POISON: &[Key] = &[
    Key::required("topic", Shape::Reference("topic"), "The topic or queue."),
    Key::default("share", Shape::Share, "100%", "Share of the records that come while it lasts."),
    Key::default("crashes", Shape::Flag, "no", "Whether such a record takes the process of its consumer down."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "poison",
    manual: "A share of the records that come to a topic or queue while it lasts can never be handled. Without \
             `dead-letters` (or `deliveries`) each blocks its partition for ever. With `crashes: yes` it takes the \
             consumer's process down each time; a log, unlike a queue, does not count deliveries over crashes.",
    keys: &[Key::optional("poison", Shape::Record(POISON), "Which topic, what share, and whether consumers crash.")],
    leaves_out: &["Time that a handler takes before it fails: it fails at once."],
    goes_with: &["log", "queue", "incompatible-schema"],
    example: crate::lower::example!("faults/poison"),
    without: &["components.mailer.operations.send.dead-letters", "experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let crashes = settings(argument).flag("crashes").unwrap_or(false);
        let spoilt = lowering.spoilt("poison", argument);
        spoilt.map(|(topic, share)| Harm::Poison { topic, share, schema: false, crashes }).into_iter().collect()
    },
};
