//! Requests to a component take longer on their way.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::Harm;
use crate::lower::nanoseconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const LATENCY: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "The component that is called."),
    Key::required("add", Shape::Duration, "Added to each request."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "latency",
    manual: "Requests to a component take longer to reach it. They hold no worker of it meanwhile.",
    keys: &[Key::optional("latency", Shape::Record(LATENCY), "Which component, and how much longer.")],
    leaves_out: &["The way back: all of it is added to the way there."],
    goes_with: &["slow", "timeout"],
    example: crate::lower::example!("faults/latency"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: true,
    harms: |lowering, argument| {
        let Some(add) = settings(argument).duration("add") else {
            lowering.diagnostics.push(missing("latency", "add", argument.span, "latency: { what: shop, add: 100ms }"));
            return Vec::new();
        };
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::Latency { component, add: nanoseconds(add) }).into_iter().collect()
    },
};
