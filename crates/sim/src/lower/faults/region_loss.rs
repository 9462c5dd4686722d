//! A region is gone: all its zones at once, silently.

use super::{Fault, subject};
use crate::kernel::tables::Harm;
use crate::lower::unknown;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "region-loss",
    manual: "A region is gone until the fault ends: callers hear nothing of what was in it.",
    keys: &[Key::optional("region-loss", Shape::Reference("place"), "`eu-west`.")],
    leaves_out: &["Names and routes that move users to another region."],
    goes_with: &["zone-loss"],
    example: crate::lower::example!("faults/region-loss"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let name = subject(argument);
        let zones = lowering.places.within(&name.value);
        if zones.is_empty() {
            let known: Vec<&str> = lowering.design.places.iter().map(|place| place.name.value.as_str()).collect();
            let diagnostic = unknown("region", "unknown-place", &name, known);
            lowering.diagnostics.push(diagnostic);
        }
        zones.into_iter().map(|zone| Harm::ZoneLoss { zone }).collect()
    },
};
