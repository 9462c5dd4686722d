//! A process crash: what is in work fails, callers see a reset; it restarts at once, which takes its time.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "crash",
    manual: "The process of a replica, or of all of a component, dies and is started again, which takes its `restart` \
             time. What is in work and what waits there fails at once; callers see a reset.",
    keys: &[Key::optional("crash", Shape::Reference("replica"), "`shop`, or `shop/2` for its second replica.")],
    leaves_out: &["A queue that outlives its process: what waits fails with what is in work."],
    goes_with: &["machine-loss", "retry", "load-balancer"],
    example: crate::lower::example!("faults/crash"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let replicas = lowering.replicas_named(&subject(argument));
        replicas.map(|(first, count)| Harm::Crash { first, count }).into_iter().collect()
    },
};
