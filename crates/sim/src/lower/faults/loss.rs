//! Messages between two sides are lost more often, and come later for it.

use super::{Fault, missing, settings};
use crate::kernel::network::{Cut, Effect, Pairs};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const LOSS: &[Key] = &[
    Key::required(
        "between",
        Shape::List(&Shape::Reference("component or place")),
        "The two sides, each a component, a region or `region/zone`.",
    ),
    Key::required("share", Shape::Share, "Share of messages lost each time they are sent."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "loss",
    manual: "Messages between two sides are lost with a probability each time they are sent, and sent again after 200 ms, \
             then 400 ms, doubling up to 120 s; what is sent again once the fault is over passes. After 15 times the \
             connection is given up and callers hear nothing.",
    keys: &[Key::optional("loss", Shape::Record(LOSS), "Between which sides, and how many.")],
    leaves_out: &["Packets: a message is lost as a whole.", "Fast retransmission, which needs more packets to follow."],
    goes_with: &["partition", "timeout", "hedge", "latency"],
    example: crate::lower::example!("faults/loss"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let Some(share) = settings(argument).share("share") else {
            let example = "loss: { between: [shop, orders], share: 5% }";
            lowering.diagnostics.push(missing("loss", "share", argument.span, example));
            return Vec::new();
        };
        let Some((from, to)) = lowering.sides("loss", argument, false) else {
            return Vec::new();
        };
        vec![Harm::Cut(Cut { from, to, one_way: false, pairs: Pairs::ALL, effect: Effect::Lose(share.0) })]
    },
};
