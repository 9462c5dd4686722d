//! A release of a version that is worse: the short form, for a version that nothing else is said about.

use super::{Fault, settings, subject};
use crate::kernel::machines::releases::Version;
use crate::lower::releases::{EFFECTS, effects};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const BAD_RELEASE: &[Key] =
    &[Key::required("what", Shape::Reference("component"), "The component."), EFFECTS[0], EFFECTS[1], EFFECTS[2]];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "bad-release",
    manual: "A version that fails, is slow, or gets worse with time is released: all at once, unless the service's `release` says \
             otherwise. Where the event ends by `for`, somebody takes it back by the same way.",
    keys: &[Key::optional("bad-release", Shape::Record(BAD_RELEASE), "What is released, and what is wrong with it.")],
    leaves_out: &["What else a release may break: `release` of a version says that."],
    goes_with: &["release", "kill-switch", "errors", "slow"],
    example: crate::lower::example!("faults/bad-release"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let version = effects(&settings(argument));
        if version.errors == 0 && version.slow == 1.0 {
            lowering.diagnostics.push(
                Diagnostic::error("fault-at-nothing", "nothing is wrong with the version of `bad-release`")
                    .at(argument.span, "as good as the old one")
                    .help("write `errors: 20%` or `slow: 2x`"),
            );
            return Vec::new();
        }
        debug_assert!(version != Version::default(), "something is wrong with it");
        lowering.release_implied(&subject(argument), version, &[]).into_iter().collect()
    },
};
