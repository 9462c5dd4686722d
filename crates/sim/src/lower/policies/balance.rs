//! Client-side balancing: a call chooses among the replicas of what it calls by rules of its own, without a hop.

use super::Policy;
use crate::lower::balancing;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "balance",
    manual: "How a call chooses among the replicas of what it calls, where no load balancer stands between: each replica \
             of the caller has its own counts and beliefs.",
    keys: &[Key::optional(
        "balance",
        Shape::Record(balancing::KEYS),
        "How this call chooses among replicas; random where it is missing.",
    )],
    leaves_out: &["Weights, zones and subsets: every replica may be chosen.", "Views that several calls share."],
    goes_with: &["load-balancer", "retry", "hedge"],
    example: crate::lower::example!("policies/balance"),
    without: &["components.shop.operations.browse.0.balance"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(said) = settings.map("balance") else {
            return;
        };
        let wrong = balancing::check(said);
        lowering.diagnostics.extend(wrong);
        lowering.note_check(said);
        draft.balance = Some(balancing::rules(said));
    },
};
