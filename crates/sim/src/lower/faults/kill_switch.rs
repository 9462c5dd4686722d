//! Somebody switches off what was released.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "kill-switch",
    manual: "Somebody switches off what was released last at a service: all its replicas behave as before, at once, and none starts \
             anew. What `rollback: kill-switch` of a release does by its judge.",
    keys: &[Key::optional("kill-switch", Shape::Reference("component"), "The service.")],
    leaves_out: &["Time until the switch has reached every replica, and switches for a share of the users."],
    goes_with: &["release", "bad-release"],
    example: crate::lower::example!("faults/kill-switch"),
    without: &["experiments.0.faults.1"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let part = lowering.released_part(&subject(argument));
        part.map(|component| Harm::KillSwitch { component }).into_iter().collect()
    },
};
