//! A replica that comes and goes: there for a while, away for a while.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// How long it is away where nobody says.
pub(crate) const DOWN: Seconds = Seconds(5.0);

const FLAPPING: &[Key] = &[
    Key::required("what", Shape::Reference("replica"), "`shop`, or `shop/2` for its second replica."),
    Key::required("up", Shape::Duration, "How long it is there each time."),
    Key::default("down", Shape::Duration, "5s", "How long it is away each time; its start is part of that."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "flapping",
    manual: "A replica, or all of a component, is away and back again and again until the fault ends: away first. What is \
             in work fails each time; callers see a reset while it is away. Checks that are slower than its coming and \
             going never notice, or believe the opposite of what is.",
    keys: &[Key::optional("flapping", Shape::Record(FLAPPING), "What flaps, and how fast.")],
    leaves_out: &["Times that vary: each coming and going is as long as the one before."],
    goes_with: &["restart-loop", "load-balancer", "retry"],
    example: crate::lower::example!("faults/flapping"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let replicas = lowering.replicas_named(&subject(argument));
        replicas.map(|(first, count)| Harm::Down { first, count, at_once: true }).into_iter().collect()
    },
};
