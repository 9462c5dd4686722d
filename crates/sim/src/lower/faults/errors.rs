//! A share of the attempts at a component fails at once.

use super::{Fault, missing, settings, subject};
use crate::kernel::tables::{Harm, share_bits};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const ERRORS: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "The component that is called."),
    Key::required("share", Shape::Share, "Share of attempts that fail."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "errors",
    manual: "A component answers a share of the attempts with an error, at once.",
    keys: &[Key::optional("errors", Shape::Record(ERRORS), "Which component, and what share.")],
    leaves_out: &["Time before the error: it comes at once."],
    goes_with: &["outage", "retry", "breaker"],
    example: crate::lower::example!("faults/errors"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: true,
    harms: |lowering, argument| {
        let Some(share) = settings(argument).share("share") else {
            lowering.diagnostics.push(missing("errors", "share", argument.span, "errors: { what: shop, share: 20% }"));
            return Vec::new();
        };
        let part = lowering.part_named(&subject(argument));
        part.map(|component| Harm::Errors { component, share: share_bits(share.0) }).into_iter().collect()
    },
};
