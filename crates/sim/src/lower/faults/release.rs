//! Another version of a component is released, by the way that the component's `release` says.

use super::{Fault, missing, settings, subject};
use groundplan_model::span::Located;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const RELEASE: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "The component."),
    Key::required("version", Shape::Name, "One of its `versions`."),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "release",
    manual: "Another version of a service is released: its replicas change in the stages, and under the judge, that the service's \
             `release` says. Where the event ends by `for`, somebody takes it back by the same way.",
    keys: &[Key::optional("release", Shape::Record(RELEASE), "What is released, and which version.")],
    leaves_out: &[
        "Two releases of one component at a time: the second does not begin, and is counted.",
        "Requests that are refused before an operation begins: no judge sees them.",
        "Consumers of records are not drained: what a replica has in work when it stops is delivered again.",
        "Timeouts of callers: a judge sees how an operation ended at the replica, and how long it took there.",
    ],
    goes_with: &["bad-release", "contract-break", "kill-switch", "service"],
    example: crate::lower::example!("faults/release"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let settings = settings(argument);
        let Some(version) = settings.text("version") else {
            let example = "release: { what: shop, version: v2 }";
            lowering.diagnostics.push(missing("release", "version", argument.span, example));
            return Vec::new();
        };
        let version = Located::new(version.to_string(), settings.span("version"));
        lowering.release_named(&subject(argument), &version).into_iter().collect()
    },
};
