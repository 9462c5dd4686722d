//! A component whose clocks are wrong. It matters where instants of one clock are read by another: deadlines told on.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::Harm;
use crate::lower::nanoseconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const CLOCK_SKEW: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "The component whose clocks are wrong."),
    Key::required("skew", Shape::Duration, "How far they are off."),
    Key::default("behind", Shape::Flag, "no", "`yes`: they are late; else they are ahead."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "clock-skew",
    manual: "The clocks of a component are ahead, or behind. Deadlines that are told on (`propagate: yes`) travel as \
             instants: a callee whose clock is ahead takes requests for late that are not, one whose clock is behind goes \
             on for callers that have given up. Everything that measures how long something takes (timeouts, pauses, ages) \
             is not touched.",
    keys: &[Key::optional("clock-skew", Shape::Record(CLOCK_SKEW), "Whose clocks, and how far they are off.")],
    leaves_out: &[
        "Clocks that drift: they are off by the same all the time, on all replicas.",
        "Deadlines that travel as what is left of them: these need no clock.",
        "Tokens and certificates that are not valid yet.",
    ],
    goes_with: &["deadline", "certificate-expiry"],
    example: crate::lower::example!("faults/clock-skew"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let said = settings(argument);
        let Some(skew) = said.duration("skew") else {
            lowering.diagnostics.push(missing(
                "clock-skew",
                "skew",
                argument.span,
                "clock-skew: { what: shop, skew: 5s }",
            ));
            return Vec::new();
        };
        let by = nanoseconds(skew).min(i64::MAX as u64) as i64;
        let ahead = if said.flag("behind") == Some(true) { -by } else { by };
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::Skew { component, ahead }).into_iter().collect()
    },
};
