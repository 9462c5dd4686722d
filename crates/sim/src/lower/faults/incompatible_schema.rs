//! A producer's release writes records that its consumers cannot read until they are changed as well.

use super::Fault;
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const SCHEMA: &[Key] = &[
    Key::required("topic", Shape::Reference("topic"), "The topic."),
    Key::default("share", Shape::Share, "100%", "Share of the records that the new release writes."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "incompatible-schema",
    manual: "A share of the records of a topic is written in a form that its consumers cannot read. They fail until the \
             fault ends, which is when the consumers can read them. A `schema-registry` refuses them at the producer \
             instead: its calls fail, and nothing spoilt reaches a consumer.",
    keys: &[Key::optional("incompatible-schema", Shape::Record(SCHEMA), "Which topic, and what share.")],
    leaves_out: &["Records that are read wrongly instead of failing."],
    goes_with: &["poison", "log"],
    example: crate::lower::example!("faults/incompatible-schema"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let spoilt = lowering.spoilt("incompatible-schema", argument);
        spoilt.map(|(topic, share)| Harm::Poison { topic, share, schema: true, crashes: false }).into_iter().collect()
    },
};
