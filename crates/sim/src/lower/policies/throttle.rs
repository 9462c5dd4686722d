//! Client-side throttling: a caller that is often refused refuses by itself, so that the callee need not.
//!
//! A request is refused here with probability max(0, (requests - k accepts) / (requests + 1)), both counted over the
//! window. Refusals of its own count as requests; accepted is what the callee answered, also with an error, but did not
//! refuse. Each caller replica has its own.

use super::Policy;
use crate::kernel::tables::Throttle;
use crate::lower::nanoseconds;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const THROTTLE: &[Key] = &[
    Key::default("k", Shape::Number, "2", "How many times what the callee accepts it may be asked, at least 1."),
    Key::default("window", Shape::Duration, "120s", "How far back requests and accepts are counted."),
];

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "throttle",
    manual: "Refuses at the caller what the callee would refuse anyway, with probability max(0, (requests - k accepts) / \
             (requests + 1)), both counted over the window. Its own refusals count as requests; accepted is what the \
             callee answered, also with an error, but did not refuse. What it refuses is not retried.",
    keys: &[Key::optional(
        "throttle",
        Shape::Record(THROTTLE),
        "Adaptive throttling of this call by its recent refusals, one for each caller replica.",
    )],
    leaves_out: &[
        "Classes of requests, of which the least important would go first.",
        "Forgetting little by little: the window moves in twenty-fourths.",
    ],
    goes_with: &["service", "retry", "rate-limit"],
    example: crate::lower::example!("policies/throttle"),
    without: &["components.shop.operations.browse.0.throttle"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(throttle) = settings.map("throttle") else {
            return;
        };
        draft.guarded = true;
        let rule = Throttle {
            k: throttle.number("k").unwrap_or(2.0).max(1.0),
            window: nanoseconds(throttle.duration("window").unwrap_or(Seconds(120.0))).max(24),
        };
        draft.policy.throttle = lowering.tables.throttles.len() as u32;
        lowering.tables.throttles.extend((0..draft.callers).map(|_| rule));
    },
};
