//! The deadline of a call: all its attempts and pauses together, and whether the callee is told.
//!
//! A callee that is told looks at it when the request arrives, when it gets its worker and before each step, and its own
//! calls wait no longer than that: what is late fails as `timeout`. It is told on by every call below, but not by `send`
//! and not beyond an early `answer`. Left out: what is late within one `compute` or `wait` goes on to its end.

use super::Policy;
use crate::kernel::tables::Handed;
use crate::lower::nanoseconds;
use groundplan_model::design::{Design, Step, Verb};
use groundplan_model::value::{Settings, Value};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the policy.
pub const WORDS: KindWords = KindWords {
    name: "deadline",
    manual: "How long all attempts of a call may take together. A callee that is told (`propagate: yes`) looks at it \
             when the request arrives, when it gets its worker and before each step, and its own calls wait no longer \
             than that: what is late fails as `timeout`.",
    keys: &[
        Key::optional(
            "deadline",
            Shape::Duration,
            "Longest time of all attempts and pauses; no attempt is made after it.",
        ),
        Key::optional(
            "propagate",
            Shape::Flag,
            "Whether the callee is told the deadline: `yes` this call's own or what came with the request, whichever is earlier; `no` none. Where it is missing only what came with the request is told on.",
        ),
    ],
    leaves_out: &[
        "What is late within one `compute` or `wait` goes on to its end.",
        "A deadline is not told on by `send`, nor beyond an early `answer`.",
    ],
    goes_with: &["timeout", "retry", "queue-timeout"],
    example: crate::lower::example!("policies/deadline"),
    without: &["components.shop.operations.browse.0.deadline"],
};

/// The policy.
pub(crate) const POLICY: Policy = Policy {
    words: WORDS,
    apply: |lowering, settings, draft| {
        if let Some(deadline) = settings.duration("deadline") {
            draft.policy.deadline = nanoseconds(deadline).max(1);
            draft.policy.bound = true;
            draft.guarded = true;
        }
        // Where deadlines are told on, every call is bound by them.
        if lowering.tables.deadlines {
            draft.policy.bound = true;
            draft.guarded = true;
            draft.policy.hands = match settings.flag("propagate") {
                Some(true) => Handed::Own,
                Some(false) => Handed::Nothing,
                None => Handed::Inherited,
            };
        }
    },
};

/// Whether any call of a design tells its callee a deadline.
pub(crate) fn told(design: &Design) -> bool {
    let operations = design.components.iter().flat_map(|component| &component.operations);
    design.load.iter().any(|load| says(&load.settings) || any(&load.steps))
        || operations.into_iter().any(|operation| any(&operation.steps))
}

fn says(settings: &Settings) -> bool {
    let fallback = match settings.get("fallback") {
        Some(Value::Steps(steps)) => any(steps),
        _ => false,
    };
    fallback || (settings.duration("deadline").is_some() && settings.flag("propagate") == Some(true))
}

fn any(steps: &[Step]) -> bool {
    steps.iter().any(|step| {
        says(&step.settings)
            || match &step.verb {
                Verb::Parallel(steps) | Verb::Transaction(_, steps) | Verb::Repeat(_, steps) => any(steps),
                Verb::Branch(branches) => branches.iter().any(|(_, steps)| any(steps)),
                _ => false,
            }
    })
}
