//! A component answers nothing but errors.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "outage",
    manual: "A component, mostly an outside dependency, fails every attempt at once, with an error.",
    keys: &[Key::optional("outage", Shape::Reference("component"), "`payment-provider`.")],
    leaves_out: &["Silence: every attempt is answered, with an error (`machine-loss` is silent)."],
    goes_with: &["errors", "breaker", "fallback", "external"],
    example: crate::lower::example!("faults/outage"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: true,
    harms: |lowering, argument| {
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::Outage { component }).into_iter().collect()
    },
};
