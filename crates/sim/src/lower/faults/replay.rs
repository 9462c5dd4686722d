//! A projection is built anew: its consumers begin again with the first record that their logs keep.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "replay",
    manual: "The consumers of a component read their logs again from the first record kept, as fast as they can, and what \
             comes meanwhile waits behind: a projection is built anew. `catch-up` says how long that takes, `lag` how old \
             what they show is meanwhile.",
    keys: &[Key::optional("replay", Shape::Reference("component"), "`search`.")],
    leaves_out: &[
        "Records from before the run: the log is empty when the warm-up begins.",
        "A second projection that is built beside the first.",
    ],
    goes_with: &["log", "consumer-stop"],
    example: crate::lower::example!("faults/replay"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::Replay { component }).into_iter().collect()
    },
};
