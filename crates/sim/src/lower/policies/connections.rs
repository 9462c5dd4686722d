//! The connection pool of a caller replica for this call: an attempt holds one until its answer or its timeout.
//!
//! Each call site has a pool of its own. With `max-requests` as well, the smaller of the two numbers holds.

use super::Policy;
use crate::kernel::tables::{NONE, Pool, Purpose};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "connections",
    manual: "Connections that a caller replica has for this call. An attempt takes one before it leaves and holds it \
             until its answer or its timeout; the others wait in order. With `max-requests` as well, the smaller of \
             the two numbers holds.",
    keys: &[
        Key::optional("connections", Shape::Count, "Connections, per caller replica; attempts wait for a free one."),
        Key::optional("pool-timeout", Shape::Duration, "Longest wait for a connection; then the call is refused."),
    ],
    leaves_out: &[
        "A pool that several calls of a component to the same callee share: each call has its own.",
        "The time to open a connection.",
    ],
    goes_with: &["database", "max-requests", "timeout"],
    example: crate::lower::example!("policies/connections"),
    without: &["components.shop.operations.browse.0.connections", "components.shop.operations.browse.0.pool-timeout"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(connections) = settings.count("connections") else {
            return;
        };
        draft.guarded = true;
        let patience = match settings.duration("pool-timeout") {
            Some(patience) => lowering.lane(patience, Purpose::PoolPatience),
            None => NONE,
        };
        let permits = connections.min(u64::from(NONE) - 1) as u32;
        if draft.policy.pool == NONE {
            draft.policy.pool = lowering.tables.pools.len() as u32;
            let pool = Pool { permits, queue: NONE, patience };
            lowering.tables.pools.extend((0..draft.callers).map(|_| pool));
        } else {
            for pool in &mut lowering.tables.pools[draft.policy.pool as usize..] {
                pool.permits = pool.permits.min(permits);
            }
        }
    },
};
