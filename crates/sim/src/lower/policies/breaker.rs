//! The circuit breaker: after too many failures attempts are refused at once for a while, then a few are tried.
//!
//! Each caller replica has its own. It counts attempts, not calls.

use super::Policy;
use crate::kernel::tables::Breaker;
use crate::lower::nanoseconds;
use groundplan_model::units::{Seconds, Share};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const BREAKER: &[Key] = &[
    Key::default("open-at", Shape::Share, "50%", "Share of failed attempts in the window at which it opens."),
    Key::default("window", Shape::Duration, "10s", "Length of the window."),
    Key::default("minimum", Shape::Count, "20", "Fewest attempts in the window before it may open."),
    Key::optional("count", Shape::Count, "Opens after so many failures in a row instead."),
    Key::default("cool-down", Shape::Duration, "5s", "How long it stays open."),
    Key::default("trials", Shape::Count, "1", "Attempts let through after that; all must succeed to close it."),
];

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "breaker",
    manual: "Refuses attempts at once while too many have failed. It opens when the share `open-at` of at least \
             `minimum` attempts in the window has failed; after `cool-down` it lets `trials` through, and closes if \
             all of them succeed. What it refuses is not retried.",
    keys: &[Key::optional(
        "breaker",
        Shape::Record(BREAKER),
        "A circuit breaker around this call, one for each caller replica.",
    )],
    leaves_out: &["State that replicas share: each caller replica finds out by itself."],
    goes_with: &["timeout", "retry", "fallback", "outage"],
    example: crate::lower::example!("policies/breaker"),
    without: &["components.shop.operations.browse.0.breaker"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(breaker) = settings.map("breaker") else {
            return;
        };
        draft.guarded = true;
        let rule = Breaker {
            open_at: breaker.share("open-at").unwrap_or(Share(0.5)).0,
            window: nanoseconds(breaker.duration("window").unwrap_or(Seconds(10.0))).max(10),
            minimum: breaker.count("minimum").unwrap_or(20).clamp(1, 1_000_000_000) as u32,
            in_a_row: breaker.count("count").unwrap_or(0).min(1_000_000_000) as u32,
            cool_down: nanoseconds(breaker.duration("cool-down").unwrap_or(Seconds(5.0))).max(1),
            trials: breaker.count("trials").unwrap_or(1).clamp(1, 1_000_000) as u32,
        };
        draft.policy.breaker = lowering.tables.breakers.len() as u32;
        lowering.tables.breakers.extend((0..draft.callers).map(|_| rule));
    },
};
