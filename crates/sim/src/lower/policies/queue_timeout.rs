//! Patience of a call: it leaves the callee's queue after a time, but is not interrupted once in work.
//!
//! A time that follows a law is drawn for each attempt. A component's own `queue-timeout` holds for calls that say
//! nothing.

use super::Policy;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "queue-timeout",
    manual: "How long an attempt waits in the callee's queue; once in work it is left alone. A time that follows a \
             law is drawn for each attempt. A component's own `queue-timeout` holds for calls that say nothing.",
    keys: &[Key::optional(
        "queue-timeout",
        Shape::Distribution,
        "Longest wait in the callee's queue; in work it is left alone. A law such as `exp(2s)` is drawn for each attempt.",
    )],
    leaves_out: &["The cost of leaving: the queue drops the attempt at once and tells the caller."],
    goes_with: &["service", "timeout", "spike"],
    example: crate::lower::example!("policies/queue-timeout"),
    without: &["components.shop.operations.browse.0.queue-timeout"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        if let Some(patience) = settings.dist("queue-timeout") {
            lowering.be_patient(draft.site, patience);
            // An attempt that leaves its queue may be tried again: `retry` says so.
            draft.guarded |= settings.get("retry").is_some();
        }
    },
};
