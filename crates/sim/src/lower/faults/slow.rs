//! A grey failure: everything at a component takes several times as long.
//!
//! What is under way keeps its end where cores are not shared.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const SLOW: &[Key] = &[
    Key::required("what", Shape::Reference("replica"), "`shop`, or `shop/2` for its second replica."),
    Key::required(
        "factor",
        Shape::Either(&[Shape::Factor, Shape::Number]),
        "How many times as long everything takes: `10x`, or `10`.",
    ),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "slow",
    manual: "A replica, or all of a component, is slow but alive: a grey failure. Health checks pass.",
    keys: &[Key::optional("slow", Shape::Record(SLOW), "What, and how many times as long it takes.")],
    leaves_out: &["What is under way: it keeps its end where cores are not shared."],
    goes_with: &["timeout", "hedge", "max-requests", "latency"],
    example: crate::lower::example!("faults/slow"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let Some(factor) = settings(argument).number("factor").filter(|factor| *factor > 0.0) else {
            lowering.diagnostics.push(missing("slow", "factor", argument.span, "slow: { what: shop, factor: 10x }"));
            return Vec::new();
        };
        let replicas = lowering.replicas_named(&subject(argument));
        replicas.map(|(first, count)| Harm::Slow { first, count, factor }).into_iter().collect()
    },
};
