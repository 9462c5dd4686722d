//! What is done instead when all attempts have failed.

use super::Policy;
use groundplan_model::value::Value;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "fallback",
    manual: "What is done instead of failing, once the last attempt has failed or the deadline has passed.",
    keys: &[Key::optional(
        "fallback",
        Shape::Either(&[Shape::Steps, Shape::Word(&["skip"])]),
        "Steps that stand in for a call that failed, or `skip` to go on without its answer.",
    )],
    leaves_out: &["What the stand-in is worth: a request that ended by it counts as ok."],
    goes_with: &["timeout", "retry", "breaker", "outage"],
    example: crate::lower::example!("policies/fallback"),
    without: &["components.shop.operations.browse.1.fallback"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |_, settings, draft| match settings.get("fallback") {
        Some(Value::Steps(steps)) => {
            draft.steps = steps;
            draft.skip = steps.is_empty();
            draft.guarded = true;
        }
        Some(Value::Text(_)) => {
            draft.skip = true;
            draft.guarded = true;
        }
        _ => {}
    },
};
