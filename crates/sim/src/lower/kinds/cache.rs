//! A cache in front of a store: a hit takes `hit`, a miss also reads what it is a cache of.
//!
//! The share of hits is what `hit-ratio` says, else Che's approximation from capacity, popularity, ttl and the rate of
//! reads that the load brings (approximated, and in its steady state from the start).

use super::{Kind, cannot, count_or, service};
use crate::kernel::draws;
use crate::kernel::machines::repairs::Falls;
use crate::kernel::tables::{Component, Step, share_bits};
use crate::lower::steps::Context;
use crate::lower::{Ask, From, Lowering, nanoseconds, repairs};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::span::Located;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "cache",
    manual: "Holds the popular part of a store: a hit takes `hit`, a miss reads the store besides. The share of hits \
             is `hit-ratio`, or is computed from capacity, popularity, ttl and the rate of reads.",
    keys: &[
        Key::required("of", Shape::Reference("store"), "The store, or a data set in one, that a miss reads."),
        Key::optional("capacity", Shape::Count, "Items it holds, all replicas together."),
        Key::optional("ttl", Shape::Duration, "How long an item may be used after it was read."),
        Key::optional(
            "keys",
            Shape::Popularity,
            "How often each item is asked for; that of the store where it is missing.",
        ),
        Key::optional("hit-ratio", Shape::Share, "Share of hits, instead of computing it."),
        Key::default("hit", Shape::Distribution, "exp(0.3ms)", "Time to look up an item."),
        Key::default("replicas", Shape::Count, "1", "Copies, over the zones of the place in order."),
        Key::default("workers", Shape::CountOrUnlimited, "unlimited", "Look-ups in work at once, per replica."),
        Key::optional("cores", Shape::CountOrUnlimited, "CPU cores; as many as workers where it is missing."),
        Key::default("queue", Shape::CountOrUnlimited, "unlimited", "Look-ups that may wait, per replica."),
        Key::default("restart", Shape::Duration, "10s", "Time until a crashed replica works again."),
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
    ],
    leaves_out: &[
        "Which items it holds: the share of hits is computed for the steady state (Che's approximation), not followed item by item.",
        "Single flight: every miss reads the store.",
        "A cold start after a crash or a flush.",
    ],
    goes_with: &["database", "fallback", "crash"],
    example: crate::lower::example!("components/cache"),
    without: &["components.products", "components.shop.operations.browse.0.read = catalogue"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let replicas = count_or(settings, "replicas", 1).clamp(1, 10_000) as u32;
    let restart = nanoseconds(settings.duration("restart").unwrap_or(service::RESTART));
    lowering.declare(part, Component { restart, ..service::row(settings) }, replicas);
    lowering.repairs(part, replicas, 0, Falls::Each);
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Read | Ask::Write(_) => Ok(()),
        _ => Err(cannot(lowering, part, ask)),
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, target: u32) {
    let component = lowering.parts[part as usize].component;
    let Some(of) = component.settings.text("of") else {
        return;
    };
    let of = Located::new(of.to_string(), component.settings.span("of"));
    let Some(store) = lowering.holder_of(&of.value) else {
        let known: Vec<&str> = lowering.parts.iter().map(|part| part.component.name.value.as_str()).collect();
        let diagnostic = crate::lower::unknown("store", "unknown-component", &of, known);
        lowering.diagnostics.push(diagnostic);
        return;
    };
    let write = matches!(ask, Ask::Write(_));
    let backing = if write { Ask::Write(lowering.topics_of_write(store, &of.value)) } else { Ask::Read };
    let Some(kind) = lowering.parts[store as usize].kind else {
        return;
    };
    if let Err(diagnostic) = (kind.answers)(lowering, store, &backing) {
        lowering.diagnostics.push(diagnostic.at(of.span, "asked for here"));
        return;
    }
    let context = Context::operation(part, target, component.name.value.clone());
    let from = From { part: context.part, target: context.target, span: of.span, waits: true };
    let site = lowering.site(from, store, backing, &format!("{} behind", of.value));
    let dist = component.settings.dist("hit").cloned().unwrap_or(Dist::Exp(0.0003));
    let law = lowering.law(&dist);
    let look = lowering.compute_step(Some(part), law, draws::site("hit"));
    lowering.push(look);
    if !write {
        let miss = 1.0 - lowering.hit_ratio(part, store);
        let to = lowering.here() + 2;
        lowering.push(Step::Lookup { share: share_bits(miss), to, site: draws::site("miss") });
        lowering.push(Step::Return);
    }
    lowering.push(Step::Call { site });
    lowering.push(Step::Return);
}
