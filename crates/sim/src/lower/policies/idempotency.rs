//! The key by which a callee recognises a repeated attempt. It changes no timing; checks of a design read it.

use super::Policy;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "idempotency-key",
    manual: "What makes a repeated attempt recognisable.",
    keys: &[Key::optional(
        "idempotency-key",
        Shape::Name,
        "The key by which the callee recognises an attempt that it has done already.",
    )],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy { words: WORDS, apply: |_, _, _| {} };
