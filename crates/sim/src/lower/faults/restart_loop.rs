//! A process that dies again after each start, started again after pauses that double.

use super::{Fault, settings, subject};
use crate::kernel::tables::{Harm, RestartLoop};
use crate::lower::nanoseconds;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const RESTART_LOOP: &[Key] = &[
    Key::required("what", Shape::Reference("replica"), "`shop`, or `shop/2` for its second replica."),
    Key::default("every", Shape::Duration, "5s", "How long it runs after each start, until it dies again."),
    Key::default("backoff", Shape::Duration, "10s", "Pause before it is started again, doubled with each death."),
    Key::default("cap", Shape::Duration, "5min", "Longest pause."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "restart-loop",
    manual: "The process of a replica, or of all of a component, dies, is started again after a pause, works for a short \
             while, and dies again: each pause is twice the one before. Whatever is in work fails at each death. When the \
             fault ends, it starts once more, at once, and stays.",
    keys: &[Key::optional("restart-loop", Shape::Record(RESTART_LOOP), "What dies, how soon, and the pauses.")],
    leaves_out: &[
        "Pauses that are short again after the process has run for long.",
        "Replicas whose deaths are spread over time: all that are named die together at first.",
        "The leader of data with copies dies once: another copy leads.",
    ],
    goes_with: &["crash", "flapping", "load-balancer", "retry"],
    example: crate::lower::example!("faults/restart-loop"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let said = settings(argument);
        let time = |key, otherwise| nanoseconds(said.duration(key).unwrap_or(Seconds(otherwise)));
        let (runs, backoff, cap) = (time("every", 5.0).max(1), time("backoff", 10.0), time("cap", 300.0));
        let replicas = lowering.replicas_named(&subject(argument));
        let harm = |(first, count)| Harm::RestartLoop(RestartLoop { first, count, runs, backoff, cap });
        replicas.map(harm).into_iter().collect()
    },
};
