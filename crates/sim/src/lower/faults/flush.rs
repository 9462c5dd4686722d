//! All that a cache holds is dropped, at one instant.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "flush",
    manual: "A cache is emptied at one instant, in all its replicas, and goes on working: every read misses until items \
             have been read again. Writes that it has still to store are kept.",
    keys: &[Key::optional("flush", Shape::Reference("component"), "`products`: a cache that is followed.")],
    leaves_out: &["A flush of one replica, or of some of the items."],
    goes_with: &["cache", "crash", "timeout"],
    example: crate::lower::example!("faults/flush"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::Flush { component }).into_iter().collect()
    },
};
