//! The key by which a callee recognises a repeated attempt. It changes no figure: plans and people read it.

use super::Policy;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "idempotency-key",
    manual: "What makes a repeated attempt recognisable. It changes no figure: plans and people read it.",
    keys: &[Key::optional(
        "idempotency-key",
        Shape::Name,
        "The key by which the callee recognises an attempt that it has done already.",
    )],
    leaves_out: &["The callee's memory of keys: the simulator repeats the work of a repeated attempt."],
    goes_with: &["retry"],
    example: crate::lower::example!("policies/idempotency-key"),
    without: &["components.shop.operations.order.0.idempotency-key"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy { words: WORDS, apply: |_, _, _| {} };
