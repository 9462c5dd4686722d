//! What becomes of an attempt whose caller has given up: by its timeout, or because the caller itself was dropped.
//!
//! The message that says so takes the way of the network. `running` acts at once on what computes or waits, and on the
//! attempts below it whose calls say `cancel` too.

use super::Policy;
use crate::kernel::tables::Cancel;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "cancel",
    manual: "What happens to an attempt whose caller has given up: by its timeout or deadline, or because the caller \
             itself was dropped. The message that says so takes the way of the network; it acts at once on what \
             computes or waits.",
    keys: &[Key::default(
        "cancel",
        Shape::Word(&["none", "queued", "running"]),
        "none",
        "Whether an attempt that timed out is dropped: not at all, while it waits for a worker, or wherever it is.",
    )],
    leaves_out: &["What was asked without policies below what is dropped: it runs on."],
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
        draft.guarded |= draft.policy.cancel != Cancel::None;
    },
};
