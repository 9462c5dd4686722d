//! What becomes of an attempt whose caller has given up. The message that says so takes no time.

use super::Policy;
use crate::kernel::tables::Cancel;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "cancel",
    manual: "What happens to an attempt that timed out.",
    keys: &[Key::default(
        "cancel",
        Shape::Word(&["none", "queued", "running"]),
        "none",
        "Whether an attempt that timed out is dropped: not at all, while it waits for a worker, or wherever it is.",
    )],
    leaves_out: &["The way of the message that cancels: it takes no time."],
    goes_with: &["timeout", "hedge"],
    example: crate::lower::example!("policies/cancel"),
    without: &["components.shop.operations.browse.0.cancel"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |_, settings, draft| {
        draft.policy.cancel = match settings.text("cancel") {
            Some("queued") => Cancel::Queued,
            Some("running") => Cancel::Running,
            _ => Cancel::None,
        };
    },
};
