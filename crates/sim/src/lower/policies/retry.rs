//! Retries: which failures, how many attempts, what pause, within which budget.
//!
//! Retried are timeouts, losses, errors and refusals by the callee, or what `on` names; never refusals of the caller's own
//! policies. The first pause doubles from attempt to attempt unless it follows a law, which is
//! then drawn each time. Attempts without limit and without a pause that take no time take a breath of 1 ms after 255.

use super::Policy;
use crate::kernel::tables::{self, Budget, Jitter, NONE};
use crate::lower::nanoseconds;
use crate::record::Ending;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::value::Value;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const ENDING: Shape = Shape::Word(&["timeout", "lost", "error", "refused", "conflict"]);
const RETRY: &[Key] = &[
    Key::default("attempts", Shape::CountOrUnlimited, "3", "Attempts in all, the first included."),
    Key::default(
        "backoff",
        Shape::Distribution,
        "0s",
        "First pause. A duration doubles from attempt to attempt; a law such as `exp(20ms)` is drawn each time.",
    ),
    Key::optional("growth", Shape::Factor, "By how much the pause grows; `2x` for a duration, `1x` for a law."),
    Key::default("jitter", Shape::Word(&["none", "full", "equal", "decorrelated"]), "none", "How the pause is spread."),
    Key::optional("cap", Shape::Duration, "Longest pause."),
    Key::optional(
        "on",
        Shape::List(&ENDING),
        "Failures after which it is tried again; `[timeout, lost, error, refused]` where it is missing.",
    ),
    Key::optional("budget", Shape::Share, "Retries allowed per first attempt, over time; ten may be saved up."),
];

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "retry",
    manual: "Further attempts after a failure. Timeouts, losses, errors and refusals by the callee are retried; \
             refusals by the caller's own policies are not, nor conflicts unless `on` names them: what conflicts must be \
             read again, so it is the call of the whole operation that is retried. The caller keeps its worker while it \
             pauses.",
    keys: &[Key::optional(
        "retry",
        Shape::Record(RETRY),
        "Further attempts after a failure, on a replica that is chosen anew.",
    )],
    leaves_out: &[
        "Hints of the callee about when to come back.",
        "A budget that several calls share: each call of each caller replica has its own.",
    ],
    goes_with: &["timeout", "deadline", "breaker", "idempotency-key", "errors"],
    example: crate::lower::example!("policies/retry"),
    without: &["components.shop.operations.browse.0.retry"],
};

/// Retries that may be saved up.
const SAVED: u32 = 10;

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        let Some(retry) = settings.map("retry") else {
            return;
        };
        draft.guarded = true;
        let policy = &mut draft.policy;
        policy.attempts = match retry.get("attempts") {
            Some(Value::Unlimited) => tables::Policy::MANY,
            _ => {
                let attempts = retry.count("attempts").unwrap_or(3).max(1);
                if attempts >= u64::from(tables::Policy::MANY) {
                    policy.most = attempts.min(u64::from(NONE) - 1) as u32;
                }
                attempts.min(u64::from(tables::Policy::MANY)) as u8
            }
        };
        let on = retry.texts("on");
        if retry.get("on").is_some() {
            let bits = Ending::ALL.iter().filter(|ending| on.iter().any(|on| on.value == ending.word()));
            policy.retry_on = bits.fold(0, |bits, ending| bits | 1 << *ending as u16);
        }
        if retry.get("on").is_some() && on.is_empty() {
            let diagnostic = Diagnostic::error("retry-on-nothing", "no failure is tried again")
                .at(retry.span("on"), "")
                .help("name some, such as `on: [conflict]`, or leave `retry` out");
            lowering.tell_once(diagnostic);
            return;
        }
        let law = match retry.get("backoff") {
            Some(Value::Dist(dist)) => dist.clone(),
            Some(Value::Duration(duration)) => Dist::Const(duration.mid().0),
            _ => Dist::Const(0.0),
        };
        let steady = matches!(law, Dist::Const(_));
        if law.mean() > 0.0 {
            policy.backoff = Some(lowering.law(&law));
        }
        policy.growth = retry.number("growth").unwrap_or(if steady { 2.0 } else { 1.0 });
        policy.cap = retry.duration("cap").map_or(u64::MAX, nanoseconds);
        policy.jitter = match retry.text("jitter") {
            Some("full") => Jitter::Full,
            Some("equal") => Jitter::Equal,
            Some("decorrelated") => Jitter::Decorrelated,
            _ => Jitter::None,
        };
        if let Some(budget) = retry.share("budget") {
            policy.budget = lowering.tables.budgets.len() as u32;
            let rule = Budget { earn: (budget.0 * 1e6) as u32, cap: SAVED * 1_000_000 };
            lowering.tables.budgets.extend((0..draft.callers).map(|_| rule));
        }
    },
};
