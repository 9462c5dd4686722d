//! The bulkhead: at most so many of this call's attempts in flight; what comes beyond is refused.
//!
//! An attempt has its place until its answer or its timeout, also while it waits for a connection.

use super::Policy;
use crate::kernel::tables::{NONE, Pool};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "max-requests",
    manual: "Attempts of this call in flight at once, for each caller replica: a bulkhead. What comes beyond is \
             refused at once and not retried. An attempt has its place until its answer or its timeout, also while it \
             waits for a connection.",
    keys: &[Key::optional(
        "max-requests",
        Shape::Count,
        "Attempts in flight at once, per caller replica; beyond, they are refused at once.",
    )],
    leaves_out: &["Permits that several calls share: each call of each caller replica has its own."],
    goes_with: &["connections", "timeout", "slow"],
    example: crate::lower::example!("policies/max-requests"),
    without: &["components.shop.operations.browse.0.max-requests"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(permits) = settings.count("max-requests") else {
            return;
        };
        draft.guarded = true;
        draft.policy.bulkhead = lowering.tables.pools.len() as u32;
        let pool = Pool { permits: permits.min(u64::from(NONE) - 1) as u32, queue: 0 };
        lowering.tables.pools.extend((0..draft.callers).map(|_| pool));
    },
};
