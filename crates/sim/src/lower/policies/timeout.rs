//! The attempt timeout: the caller goes on without the answer; the callee does not know.

use super::Policy;
use crate::kernel::tables::Purpose;
use crate::lower::nanoseconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "timeout",
    manual: "How long one attempt is waited for. The caller goes on without the answer; the callee doesn't know, and \
             works on unless `cancel` says otherwise. Without it, an attempt into silence is lost after 30s.",
    keys: &[Key::optional(
        "timeout",
        Shape::Duration,
        "Longest time of one attempt; the callee works on (see `cancel`).",
    )],
    leaves_out: &["Separate times to connect and to read."],
    goes_with: &["cancel", "retry", "deadline", "slow"],
    example: crate::lower::example!("policies/timeout"),
    without: &["components.shop.operations.browse.0.timeout"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        if let Some(timeout) = settings.duration("timeout") {
            draft.policy.timeout = lowering.lane(timeout, Purpose::Timeout);
            draft.policy.timeout_ns = nanoseconds(timeout);
            draft.guarded = true;
        }
    },
};
