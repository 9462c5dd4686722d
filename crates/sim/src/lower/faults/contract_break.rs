//! A release of a caller that speaks otherwise than its callee understands.

use super::{Fault, missing, settings};
use crate::kernel::machines::releases::Version;
use groundplan_model::span::Located;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const CONTRACT_BREAK: &[Key] = &[
    Key::required("from", Shape::Reference("component"), "The component that is released."),
    Key::required("to", Shape::Reference("component"), "The component that it calls, which stays as it is."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "contract-break",
    manual: "A version of a service is released that speaks to another otherwise than that one understands: calls of the replicas \
             that run it fail there. The way of the release, and contract tests before it, are those of the caller's `release`.",
    keys: &[Key::optional("contract-break", Shape::Record(CONTRACT_BREAK), "Who speaks otherwise, and to whom.")],
    leaves_out: &[
        "Contracts of data, events and what nobody waits for: calls that wait for an answer alone.",
        "Contract tests that miss what they should find: they find every break of what runs at that time.",
    ],
    goes_with: &["release", "bad-release", "retry", "breaker"],
    example: crate::lower::example!("faults/contract-break"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let settings = settings(argument);
        let named = |key: &str| settings.text(key).map(|name| Located::new(name.to_string(), settings.span(key)));
        let (Some(from), Some(to)) = (named("from"), named("to")) else {
            let key = if settings.get("from").is_none() { "from" } else { "to" };
            let example = "contract-break: { from: shop, to: payments }";
            lowering.diagnostics.push(missing("contract-break", key, argument.span, example));
            return Vec::new();
        };
        lowering.release_implied(&from, Version::default(), &[to]).into_iter().collect()
    },
};
