//! The circuit breaker: after too many failed or slow attempts all are refused at once for a while, then a few are tried.
//!
//! Each caller replica has its own. It counts attempts, not calls; whatever did not end well has failed, a conflict
//! apart. Attempts that the caller's own policies refused tell it nothing.

use super::Policy;
use crate::kernel::tables::Breaker;
use crate::lower::nanoseconds;
use groundplan_model::units::{Seconds, Share};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const SLOW: &[Key] = &[
    Key::required("above", Shape::Duration, "An attempt that takes longer is slow, however it ends."),
    Key::default("share", Shape::Share, "100%", "Share of slow attempts at which it opens."),
];

const BREAKER: &[Key] = &[
    Key::default("open-at", Shape::Share, "50%", "Share of failed attempts in the window at which it opens."),
    Key::default("window", Shape::Duration, "10s", "Length of the window; it moves in tenths."),
    Key::optional("count", Shape::Count, "Judges the last so many attempts instead of those of a window."),
    Key::default("minimum", Shape::Count, "20", "Fewest attempts before it may open; `count` where that is less."),
    Key::optional("slow", Shape::Record(SLOW), "Opens when too many attempts are slow as well."),
    Key::optional("in-a-row", Shape::Count, "Opens after so many failures in a row instead of at a share."),
    Key::default("cool-down", Shape::Duration, "5s", "How long it stays open."),
    Key::default(
        "trials",
        Shape::Count,
        "1",
        "Attempts let through after that; once all have ended it closes if their shares of failed and slow ones lie below those that open it.",
    ),
];

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "breaker",
    manual: "Refuses attempts at once while too many have failed or were slow. It opens when the share `open-at` of at \
             least `minimum` attempts in the window has failed; after `cool-down` it lets `trials` through, and closes \
             if the share of failures among them lies below `open-at`, else it opens again. It counts attempts, not \
             calls; conflicts and what the caller's own policies refused don't count. What it refuses is not retried.",
    keys: &[Key::optional(
        "breaker",
        Shape::Record(BREAKER),
        "A circuit breaker around this call, one for each caller replica.",
    )],
    leaves_out: &[
        "State that replicas share: each caller replica finds out by itself.",
        "Attempts from before it opened that end while it tries again: they count for nothing.",
    ],
    goes_with: &["timeout", "retry", "fallback", "outage"],
    example: crate::lower::example!("policies/breaker"),
    without: &["components.shop.operations.browse.0.breaker"],
};

/// Most attempts that a breaker remembers.
const MOST: u64 = 1_000_000;

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(breaker) = settings.map("breaker") else {
            return;
        };
        draft.guarded = true;
        let count = breaker.count("count").unwrap_or(0).min(MOST) as u32;
        let minimum = breaker.count("minimum").unwrap_or(20).clamp(1, 1_000_000_000) as u32;
        let slow = breaker.map("slow");
        let above = slow.and_then(|slow| slow.duration("above"));
        let rule = Breaker {
            open_at: breaker.share("open-at").unwrap_or(Share(0.5)).0,
            window: nanoseconds(breaker.duration("window").unwrap_or(Seconds(10.0))).max(10),
            count,
            minimum: if count > 0 { minimum.min(count) } else { minimum },
            in_a_row: breaker.count("in-a-row").unwrap_or(0).min(1_000_000_000) as u32,
            slow_above: above.map_or(u64::MAX, nanoseconds),
            slow_at: slow.map_or(2.0, |slow| slow.share("share").unwrap_or(Share(1.0)).0),
            cool_down: nanoseconds(breaker.duration("cool-down").unwrap_or(Seconds(5.0))).max(1),
            trials: breaker.count("trials").unwrap_or(1).clamp(1, 1_000_000) as u32,
        };
        draft.policy.breaker = lowering.tables.breakers.len() as u32;
        lowering.tables.breakers.extend((0..draft.callers).map(|_| rule));
    },
};
