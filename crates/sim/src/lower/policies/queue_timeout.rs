//! Patience of a call: it leaves the callee's queue after a time, but is not interrupted once in work.
//!
//! A component's own `queue-timeout` holds for calls that say nothing.

use super::Policy;
use crate::kernel::tables::{NONE, Purpose};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "queue-timeout",
    manual: "How long an attempt waits in the callee's queue; once in work it is left alone. A component's own \
             `queue-timeout` holds for calls that say nothing.",
    keys: &[Key::optional(
        "queue-timeout",
        Shape::Duration,
        "Longest wait in the callee's queue; in work it is left alone.",
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
        if let Some(patience) = settings.duration("queue-timeout") {
            let lane = lowering.lane(patience, Purpose::Patience);
            // The site of this call is the last one that was made.
            if let Some(site) = lowering.tables.sites.last_mut().filter(|site| site.component != NONE) {
                site.patience = lane;
            }
            // An attempt that leaves its queue may be tried again: `retry` says so.
            draft.guarded |= settings.get("retry").is_some();
        }
    },
};
