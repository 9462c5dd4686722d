//! The connection pool of a caller replica to a callee: an attempt holds one until its answer or its timeout.
//!
//! All calls of a component to the same callee that name `connections` share one pool; a call that names none needs
//! none, as over HTTP/2, which is `unlimited`. A connection whose answer never came (a timeout, a dropped attempt) is
//! closed, and counts again once another has been opened in its place.

use super::Policy;
use crate::kernel::tables::{NONE, Pool, Purpose};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// What a call, and a transaction, says of connections.
pub(crate) const KEYS: &[Key] = &[
    Key::optional(
        "connections",
        Shape::CountOrUnlimited,
        "Connections to the callee, per caller replica; attempts wait for a free one in their order.",
    ),
    Key::optional("pool-timeout", Shape::Duration, "Longest wait for a connection; then the attempt is refused."),
    Key::optional(
        "connect",
        Shape::Distribution,
        "Time to open a connection in the place of one that was closed; none where it is missing.",
    ),
];

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "connections",
    manual: "Connections that a caller replica has to its callee. An attempt takes one before it leaves and holds it \
             until its answer or its timeout; the others wait in order. All calls of a component to the same callee \
             that name `connections` share one pool; a call that names none needs none, as over HTTP/2, which is \
             `unlimited`. A connection whose answer never came is closed, and counts again once another has been \
             opened in its place. A `transaction` that names `connections` holds one from its begin to its end; one \
             that is rolled back gives it back whole.",
    keys: KEYS,
    leaves_out: &[
        "Idle connections that are closed: all are open at the start.",
        "Opening anew after a reset by the callee.",
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
        if let Some(patience) = settings.duration("pool-timeout") {
            draft.policy.pool_patience = lowering.lane(patience, Purpose::PoolPatience);
        }
        draft.policy.connect =
            settings.dist("connect").filter(|dist| **dist != Dist::Const(0.0)).map(|dist| lowering.law(dist));
        let permits = connections.min(u64::from(NONE) - 1) as u32;
        let callee = lowering.tables.sites[draft.site as usize].component;
        let key = (draft.caller.clone(), callee);
        let next = lowering.tables.pools.len() as u32;
        let first = *lowering.connections.entry(key).or_insert(next);
        if first == next {
            lowering.tables.pools.extend((0..draft.callers).map(|_| Pool { permits, queue: NONE }));
        } else if lowering.tables.pools[first as usize].permits != permits {
            let said = lowering.tables.pools[first as usize].permits;
            let callee = &lowering.parts[callee as usize].component.name.value;
            let diagnostic = Diagnostic::error(
                "connections-differ",
                format!("{} connections to `{callee}` here, {said} at another call of {}", permits, draft.caller),
            )
            .at(settings.span("connections"), "")
            .help("say the same number: calls to one callee share their connections");
            lowering.tell_once(diagnostic);
        }
        draft.policy.pool = first;
    },
};
