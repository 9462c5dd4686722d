//! A zone is gone with all in it, silently.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use crate::lower::unknown;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "zone-loss",
    manual: "A zone is gone until the fault ends: callers hear nothing of what was in it.",
    keys: &[Key::optional("zone-loss", Shape::Reference("place"), "`eu-west/a`.")],
    leaves_out: &["Machines that the other zones run out of while they take over."],
    goes_with: &["region-loss", "machine-loss", "database"],
    example: crate::lower::example!("faults/zone-loss"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let name = subject(argument);
        let zones = if name.value.contains('/') { lowering.places.within(&name.value) } else { Vec::new() };
        if zones.is_empty() {
            let known = lowering.places.names();
            let diagnostic = unknown("zone", "unknown-place", &name, known.iter().map(String::as_str));
            lowering.diagnostics.push(diagnostic);
        }
        zones.into_iter().map(|zone| Harm::ZoneLoss { zone }).collect()
    },
};
