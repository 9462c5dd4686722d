//! The deadline of a call: all its attempts and pauses together.

use super::Policy;
use crate::lower::nanoseconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "deadline",
    manual: "How long all attempts of a call may take together.",
    keys: &[Key::optional(
        "deadline",
        Shape::Duration,
        "Longest time of all attempts and pauses; no attempt is made after it.",
    )],
    leaves_out: &["Handing the deadline on to the callee: it works on after it."],
    goes_with: &["timeout", "retry", "queue-timeout"],
    example: crate::lower::example!("policies/deadline"),
    without: &["components.shop.operations.browse.0.deadline"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |_, settings, draft| {
        if let Some(deadline) = settings.duration("deadline") {
            draft.policy.deadline = nanoseconds(deadline).max(1);
            draft.guarded = true;
        }
    },
};
