//! A load balancer or gateway: passes requests on to a replica it believes healthy, by its own counts.
//!
//! It has one replica in each zone of its place unless it says otherwise, no queue and no time of its own. What it knows of
//! the replicas behind it (`balancing`) each of its own replicas knows for itself.

use super::{Kind, answered_behind, cannot, count_or, passed_on};
use crate::kernel::tables::{Balancer, Component, Step};
use crate::lower::steps::Context;
use crate::lower::{Ask, From, Lowering, balancing};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const COMPONENT: Shape = Shape::Reference("component");

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "load-balancer",
    manual: "Passes each request on to a replica of what stands behind it, chosen by its own counts among those that \
             it believes healthy. It has no queue and takes no time. Each of its replicas counts for itself.",
    keys: &[
        Key::optional(
            "to",
            Shape::OneOrMany(&COMPONENT),
            "The component behind it: every operation goes there by its own name.",
        ),
        Key::optional(
            "routes",
            Shape::Map("operation", &Shape::Reference("operation")),
            "What each operation is called behind it: `{ browse: shop.browse }`.",
        ),
        balancing::ALGORITHM,
        balancing::POINTS,
        balancing::MAX_REQUESTS,
        balancing::PANIC,
        balancing::HEALTH,
        balancing::OUTLIER,
        Key::optional("replicas", Shape::Count, "Copies; one in each zone of its place where it is missing."),
    ],
    leaves_out: &[
        "Weights, zones and subsets: every replica behind it may be chosen.",
        "Checks that find a slow or failing replica: only one that is down fails them, unless they ask for an operation (`health.check`); `outlier` sees the others.",
        "Its own time, its queue and its connections.",
    ],
    goes_with: &["service", "retry", "crash", "machine-loss"],
    example: crate::lower::example!("components/load-balancer"),
    without: &["components.gateway.algorithm"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: true, declare, answers, emit, balances: Some(rules) };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let component = lowering.parts[part as usize].component;
    let zones = component.place.as_ref().map_or(1, |place| lowering.places.within(place).len().max(1));
    let replicas = count_or(&component.settings, "replicas", zones as u64).clamp(1, 10_000) as u32;
    let wrong = balancing::check(&component.settings);
    lowering.diagnostics.extend(wrong);
    lowering.note_check(&component.settings);
    lowering.declare(part, Component::default(), replicas);
}

fn routed(lowering: &Lowering<'_>, part: u32, operation: &str) -> Option<(u32, Ask)> {
    let target = passed_on(lowering.parts[part as usize].component, operation).into_iter().next()?;
    let (component, operation) = target.split_once('.').map_or((target.as_str(), None), |(c, o)| (c, Some(o)));
    let part = lowering.parts.iter().position(|part| part.component.name.value == component)? as u32;
    Some((part, operation.map_or(Ask::Whole, |operation| Ask::Operation(operation.to_string()))))
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Operation(operation) => {
            let name = &lowering.parts[part as usize].component.name.value;
            answered_behind(lowering, &format!("{name}.{operation}"))
        }
        _ => Err(cannot(lowering, part, ask)),
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, target: u32) {
    let Ask::Operation(operation) = ask else {
        return;
    };
    let Some((behind, ask)) = routed(lowering, part, operation) else {
        return;
    };
    let component = lowering.parts[part as usize].component;
    let span = component.name.span;
    let mut context = Context::operation(part, target, format!("{}.{operation}", component.name.value));
    let key = lowering.call_key(&mut context, behind, &ask, None);
    let from = From { part: Some(part), target: Some(target), span, waits: true };
    let site = lowering.site(from, behind, ask, &key);
    lowering.push(Step::Call { site });
    lowering.push(Step::Return);
}

fn rules(lowering: &Lowering<'_>, part: u32) -> Balancer {
    balancing::rules(&lowering.parts[part as usize].component.settings)
}
