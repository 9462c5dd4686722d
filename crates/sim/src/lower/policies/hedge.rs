//! Hedging: another copy of an attempt to another replica when the answer takes long; the first good one counts.
//!
//! With `after: 0s` all copies go out at once (redundancy). `cancel: on-start` makes tied requests: once one copy has
//! got its worker, those that still wait are dropped, after the way between the two. Copies in work run on unless
//! `cancel: on-completion` says otherwise.

use super::Policy;
use crate::kernel::tables::{Others, Purpose};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const HEDGE: &[Key] = &[
    Key::required("after", Shape::Duration, "How long one copy is waited for before the next is sent."),
    Key::default("copies", Shape::Count, "2", "Copies in all, the first included; each on a replica of its own."),
    Key::default(
        "cancel",
        Shape::Word(&["none", "on-completion", "on-start"]),
        "none",
        "Whether the other copies are dropped: not at all, once one has answered well, or those that still wait for a worker once one has got its own.",
    ),
];

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "hedge",
    manual: "Another copy of an attempt when its answer takes long, to another replica; the first good answer counts. \
             With `after: 0s` all copies go out at once. Each goes through breaker, limits, timeout and connection by \
             itself.",
    keys: &[Key::optional("hedge", Shape::Record(HEDGE), "Further copies of an attempt, on other replicas.")],
    leaves_out: &[
        "A copy that is not sent yet once another has got its worker is not sent: the caller knows that at once.",
        "Distinct replicas where there are fewer of them than copies.",
    ],
    goes_with: &["load-balancer", "timeout", "cancel", "slow"],
    example: crate::lower::example!("policies/hedge"),
    without: &["components.shop.operations.browse.0.hedge"],
};

/// Most copies of one attempt.
const MOST: u64 = 1_000;

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(hedge) = settings.map("hedge") else {
            return;
        };
        draft.guarded = true;
        let after = hedge.duration("after").unwrap_or(Seconds(0.0));
        let copies = hedge.count("copies").unwrap_or(2).clamp(1, MOST);
        draft.policy.hedge = lowering.lane(after, Purpose::Hedge);
        draft.policy.copies = copies as u32;
        draft.policy.others = match hedge.text("cancel") {
            Some("on-completion") => Others::OnCompletion,
            Some("on-start") => Others::OnStart,
            _ => Others::RunOn,
        };
        let site = &lowering.tables.sites[draft.site as usize];
        let callee = &lowering.parts[site.component as usize];
        // A load balancer or an outside dependency stands for more than it shows.
        let one_name = callee.kind.is_none_or(|kind| kind.hop || !kind.has_operations);
        if copies > u64::from(site.count) && !one_name {
            let replicas = if site.count == 1 { "1 replica".to_string() } else { format!("{} replicas", site.count) };
            let diagnostic = Diagnostic::warning(
                "more-copies-than-replicas",
                format!("{copies} copies, but `{}` has {replicas}", callee.component.name.value),
            )
            .at(settings.span("hedge"), "some copies share a replica")
            .help("ask for no more copies than replicas");
            lowering.tell_once(diagnostic);
        }
    },
};
