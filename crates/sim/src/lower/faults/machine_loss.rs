//! Machines are gone: callers hear nothing until their timeouts. They start again when the fault ends.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "machine-loss",
    manual: "The machine of a replica, or of all of a component, is gone until the fault ends. Callers hear nothing, \
             and learn of it by their timeouts or by health checks.",
    keys: &[Key::optional("machine-loss", Shape::Reference("replica"), "`shop`, or `shop/2` for its second replica.")],
    leaves_out: &["A machine that comes back with its data lost."],
    goes_with: &["crash", "timeout", "load-balancer"],
    example: crate::lower::example!("faults/machine-loss"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let replicas = lowering.replicas_named(&subject(argument));
        replicas.map(|(first, count)| Harm::Loss { first, count }).into_iter().collect()
    },
};
