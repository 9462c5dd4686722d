//! Hedging: another copy of an attempt to another replica when the answer takes long; the first good one counts.

use super::Policy;
use crate::kernel::frames::COPIES;
use crate::kernel::tables::Purpose;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const HEDGE: &[Key] = &[
    Key::required("after", Shape::Duration, "How long one copy is waited for before the next is sent."),
    Key::default("copies", Shape::Count, "2", "Copies in all, the first included; at most 4."),
    Key::default(
        "cancel",
        Shape::Word(&["none", "on-completion"]),
        "none",
        "Whether the other copies are dropped once one has answered.",
    ),
];

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "hedge",
    manual: "Another copy of an attempt when its answer takes long, to another replica; the first good answer counts.",
    keys: &[Key::optional("hedge", Shape::Record(HEDGE), "Further copies of an attempt, on other replicas.")],
    leaves_out: &["`on-start`, where a copy that begins drops the others."],
    goes_with: &["load-balancer", "timeout", "cancel", "slow"],
    example: crate::lower::example!("policies/hedge"),
    without: &["components.shop.operations.browse.0.hedge"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(hedge) = settings.map("hedge") else {
            return;
        };
        draft.guarded = true;
        let after = hedge.duration("after").unwrap_or(Seconds(0.0));
        draft.policy.hedge = lowering.lane(after, Purpose::Hedge);
        draft.policy.copies = hedge.count("copies").unwrap_or(2).clamp(1, COPIES as u64) as u8;
        draft.policy.drop_others = hedge.text("cancel") == Some("on-completion");
    },
};
