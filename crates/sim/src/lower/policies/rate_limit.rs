//! The caller's rate limit: a token bucket; what finds no token is refused and not retried, or waits for its turn.
//!
//! The wait is not part of the attempt's timeout, but of the deadline. A component's own `rate-limit` stands at its
//! door instead.

use super::Policy;
use crate::kernel::tables::Rate;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const RATE_LIMIT: &[Key] = &[
    Key::required("rate", Shape::Rate, "Attempts allowed."),
    Key::optional("burst", Shape::Count, "Attempts that may be made at once after a pause; 1 where it is missing."),
    Key::default("excess", Shape::Word(&["refuse", "wait"]), "refuse", "What happens to an attempt that exceeds it."),
];

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "rate-limit",
    manual: "Attempts that each caller replica may make: a token bucket. What finds no token is refused and not \
             retried, or waits for its turn, which is part of the deadline but not of the timeout. A component's own `rate-limit` stands at its door instead.",
    keys: &[Key::optional(
        "rate-limit",
        Shape::Record(RATE_LIMIT),
        "A token bucket before this call, one for each caller replica.",
    )],
    leaves_out: &["A limit that replicas share: each caller replica has its own bucket."],
    goes_with: &["retry", "max-requests", "spike"],
    example: crate::lower::example!("policies/rate-limit"),
    without: &["components.shop.operations.ship.0.rate-limit"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(limit) = settings.map("rate-limit") else {
            return;
        };
        let Some(rate) = limit.rate("rate").filter(|rate| rate.0 > 0.0) else {
            return;
        };
        draft.guarded = true;
        let spacing = (1e9 / rate.0 + 0.5).max(1.0) as u64;
        let burst = spacing.saturating_mul(limit.count("burst").unwrap_or(1).saturating_sub(1));
        let waits = limit.text("excess") == Some("wait");
        draft.policy.rate = lowering.tables.rates.len() as u32;
        lowering.tables.rates.extend((0..draft.callers).map(|_| Rate { spacing, burst, waits }));
    },
};
