//! A disk that is full: writes fail, reads go on.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "disk-full",
    manual: "The disk of a database, log, queue or other store is full: every write fails, with an error, once it has a \
             worker; reads go on. A write within a transaction ends the transaction.",
    keys: &[Key::optional("disk-full", Shape::Reference("component"), "`orders`.")],
    leaves_out: &[
        "Stores that stop as a whole, and those that make room by themselves.",
        "Copies whose disks have room: all of a component's are full.",
    ],
    goes_with: &["database", "log", "errors", "outage"],
    example: crate::lower::example!("faults/disk-full"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::DiskFull { component }).into_iter().collect()
    },
};
