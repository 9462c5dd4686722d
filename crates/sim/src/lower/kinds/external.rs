//! An outside dependency: a latency, outages, errors of its own and a limit. It has no queue we could see.
//!
//! `availability` means outages: one a month of the matching length, unless `outages` says both. During one every
//! attempt fails at once. What exceeds the limit is refused; a second's worth may come at once.

use super::{Kind, cannot, count_or};
use crate::kernel::draws;
use crate::kernel::tables::{Component, Step, share_bits};
use crate::lower::{Ask, Lowering};
use crate::record::Ending;
use groundplan_model::quantity::Dist;
use groundplan_model::units::{MONTH, Seconds};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const OUTAGES: &[Key] = &[
    Key::required("every", Shape::Duration, "Mean time from the start of one outage to that of the next."),
    Key::required("last", Shape::Duration, "How long one lasts."),
];

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "external",
    manual: "A dependency that others run: its latency, its outages, its errors, its limit. `availability` means \
             outages, one a month of the matching length; `outages` says them in full. During one every attempt fails \
             at once. What exceeds the limit is refused; a second's worth may come at once.",
    keys: &[
        Key::required("latency", Shape::Distribution, "Time to its answer, network included."),
        Key::optional(
            "availability",
            Shape::Share,
            "Share of time it is there: one outage a month of the matching length.",
        ),
        Key::optional("outages", Shape::Record(OUTAGES), "Its outages, instead of one a month."),
        Key::optional("errors", Shape::Share, "Share of attempts that fail by themselves."),
        Key::optional("limit", Shape::Rate, "Attempts it takes; beyond, it refuses."),
    ],
    leaves_out: &[
        "Its queue and its load: it takes `latency` however many ask.",
        "Errors that come in bursts, beside outages: each attempt fails by itself.",
    ],
    goes_with: &["timeout", "retry", "breaker", "fallback", "outage"],
    example: crate::lower::example!("components/external"),
    without: &["components.bank.limit"],
};

/// The kind.
pub(crate) const KIND: Kind = Kind {
    words: WORDS,
    has_operations: false,
    hop: false,
    declare,
    answers: |lowering, part, ask| match ask {
        Ask::Whole => Ok(()),
        _ => Err(cannot(lowering, part, ask)),
    },
    emit,
    balances: None,
};

fn outages(settings: &groundplan_model::value::Settings) -> Option<(f64, u64)> {
    let (every, last) = match settings.map("outages") {
        Some(said) => (said.duration("every")?, said.duration("last")?),
        None => {
            let away = 1.0 - settings.share("availability")?.0;
            (MONTH, Seconds(MONTH.0 * away))
        }
    };
    let up = every.0 - last.0;
    (last.0 > 0.0 && up > 0.0).then_some((up * 1e9, (last.0 * 1e9) as u64))
}

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let mut row = Component { outages: outages(settings), ..Component::default() };
    if let Some(limit) = settings.rate("limit").filter(|limit| limit.0 > 0.0) {
        row.spacing = (1e9 / limit.0 + 0.5).max(1.0) as u64;
        row.burst = 1_000_000_000u64.saturating_sub(row.spacing);
    }
    let replicas = count_or(settings, "replicas", 1) as u32;
    lowering.declare(part, row, replicas);
}

fn emit(lowering: &mut Lowering<'_>, part: u32, _ask: &Ask, _target: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let latency = settings.dist("latency").cloned().unwrap_or(Dist::Const(0.0));
    let law = lowering.law(&latency);
    lowering.push(Step::Wait { law, site: draws::site("latency") });
    if let Some(errors) = settings.share("errors") {
        let to = lowering.here() + 2;
        lowering.push(Step::Chance { share: share_bits(errors.0), to, site: draws::site("error") });
        lowering.push(Step::Return);
        lowering.push(Step::Fail { ending: Ending::Error });
    } else {
        lowering.push(Step::Return);
    }
}
