//! The consumers of a component stop taking records; those in work go on.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "consumer-stop",
    manual: "A component takes no more records from logs and queues until the fault ends; those in work go on.",
    keys: &[Key::optional("consumer-stop", Shape::Reference("component"), "`mailer`.")],
    leaves_out: &["Consumers of which only some stop."],
    goes_with: &["log", "queue"],
    example: crate::lower::example!("faults/consumer-stop"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::ConsumerStop { component }).into_iter().collect()
    },
};
