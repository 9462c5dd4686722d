//! The leader of data with copies dies; another takes over after the data's `failover`.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "leader-loss",
    manual: "The leader of a database or log is gone, and silent. A copy takes its place after the `failover` time; \
             without copies it restarts when the fault ends. The old leader is a follower when it is back.",
    keys: &[Key::optional("leader-loss", Shape::Reference("component"), "`orders`.")],
    leaves_out: &["Elections that fail and are held again."],
    goes_with: &["database", "log", "zone-loss"],
    example: crate::lower::example!("faults/leader-loss"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::LeaderLoss { component }).into_iter().collect()
    },
};
