//! Edge caches in front of an operation (a content delivery network): each client asks the nearest edge, a miss the origin.
//!
//! An edge is a hop with a memory: the luck of a request is that which it would have at the origin. What it holds is followed
//! like a cache's (`caching`).

use super::{Kind, answered_behind, cannot, passed_on, service};
use crate::kernel::draws;
use crate::kernel::tables::{Algorithm, Balancer, Component, Step};
use crate::lower::kinds::cache::look_through;
use crate::lower::steps::Context;
use crate::lower::{Ask, From, Lowering, caching, nanoseconds, unknown};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const PLACE: Shape = Shape::Reference("place");
const NAME: Shape = Shape::Name;
const COMPONENT: Shape = Shape::Reference("component");

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "cdn",
    manual: "Edge caches, one at each of its `places`. A request goes to the nearest edge that is believed up; operations that \
             it `caches` are answered there if it has the item, all others pass through. A miss asks the origin over the \
             network. Items are the data keys of the load (`keys`), for each operation its own.",
    keys: &[
        Key::optional("to", COMPONENT, "The origin: every operation goes there by its own name."),
        Key::optional(
            "routes",
            Shape::Map("operation", &Shape::Reference("operation")),
            "What each operation is called at the origin: `{ browse: shop.browse }`.",
        ),
        Key::required("caches", Shape::OneOrMany(&NAME), "The operations whose answers it keeps."),
        Key::required("places", Shape::List(&PLACE), "Where its edges are: regions, or zones such as `eu-west/a`."),
        Key::optional("capacity", Shape::Count, "Items that each edge holds."),
        Key::optional(
            "keys",
            Shape::Popularity,
            "How often each item is asked for; that of the load where it is missing.",
        ),
        caching::HIT_RATIO,
        caching::EVICTION,
        caching::TTL,
        caching::TTL_RESET,
        caching::TTL_JITTER,
        caching::EARLY_REFRESH,
        caching::SERVE_STALE,
        Key::default(
            "single-flight",
            Shape::Flag,
            "yes",
            "Whether those who miss an item that an edge is fetching wait for it (collapsed forwarding).",
        ),
        caching::FILL,
        caching::START,
        Key::default("hit", Shape::Distribution, "exp(1ms)", "Time of an edge for a request."),
        Key::default(
            "restart",
            Shape::Duration,
            "10s",
            "Time until an edge that crashed works again, with nothing in it.",
        ),
    ],
    leaves_out: &[
        "Tiers: a shield between edges and origin.",
        "Purges of single items when something is written: items live until their `ttl` is over.",
        "Edges that are busy: each serves as many at once as come.",
        "Sizes: an edge's answers take the time of the way, not of the wire.",
    ],
    goes_with: &["cache", "dns", "flush", "region-loss"],
    example: crate::lower::example!("components/cdn"),
    without: &["components.edge", "load.0.operation = shop.browse"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: true, declare, answers, emit, balances: None };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let component = lowering.parts[part as usize].component;
    let settings = &component.settings;
    let name = groundplan_model::text::shown(&component.name.value);
    let mut found = Vec::new();
    if let Some(place) = &component.place {
        let diagnostic = Diagnostic::error("place-of-edges", format!("{name} stands at several places"));
        found.push(diagnostic.at(place.span, "").help("write `places: [eu-west, us-east]` instead"));
    }
    let mut zones = Vec::new();
    for place in settings.texts("places") {
        match lowering.places.within(&place.value).first() {
            Some(zone) => zones.push(*zone),
            None => {
                let known = lowering.places.names();
                found.push(unknown("place", "unknown-place", &place, known.iter().map(String::as_str)));
            }
        }
    }
    if zones.is_empty() && found.is_empty() {
        let diagnostic = Diagnostic::error("no-edges", format!("{name} has no edge"));
        found.push(diagnostic.at(settings.span("places"), "").help("name at least one place, as `places: [eu-west]`"));
    }
    for operation in settings.texts("caches") {
        if passed_on(component, &operation.value).is_empty() {
            let diagnostic =
                Diagnostic::error("leads-nowhere", format!("nothing is behind {name} for `{}`", operation.value));
            found.push(
                diagnostic.at(operation.span, "kept by its edges").help("say where it goes with `to` or `routes`"),
            );
        }
    }
    lowering.diagnostics.extend(found);
    let restart = nanoseconds(settings.duration("restart").unwrap_or(service::RESTART));
    let followed = settings.get("capacity").is_some();
    let keeps = if followed { lowering.kept_by_cache(part) } else { 0 };
    lowering.declare(part, Component { restart, keeps, ..Component::default() }, zones.len() as u32);
    let row = &mut lowering.parts[part as usize];
    (row.placed, row.rows) = (!lowering.design.places.is_empty(), followed);
    let first = row.first as usize;
    for (nth, zone) in zones.into_iter().enumerate() {
        lowering.tables.zones[first + nth] = zone;
    }
    lowering.check_cache(part);
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

/// Under which name the items of an operation are kept.
fn items(name: &str, operation: &str) -> String {
    format!("{name}.{operation}")
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, target: u32) {
    let Ask::Operation(operation) = ask else {
        return;
    };
    let component = lowering.parts[part as usize].component;
    let Some(next) = passed_on(component, operation).into_iter().next() else {
        return;
    };
    let (origin, asked) = next.split_once('.').map_or((next.as_str(), None), |(origin, asked)| (origin, Some(asked)));
    let Some(origin) = lowering.parts.iter().position(|part| part.component.name.value == origin) else {
        return;
    };
    let asked = asked.map_or(Ask::Whole, |asked| Ask::Operation(asked.to_string()));
    let name = &component.name.value;
    let mut context = Context::operation(part, target, format!("{name}.{operation}"));
    let key = lowering.call_key(&mut context, origin as u32, &asked, None);
    let from = From { part: Some(part), target: Some(target), span: component.name.span, waits: true };
    let site = lowering.site(from, origin as u32, asked, &key);
    let dist = component.settings.dist("hit").cloned().unwrap_or(Dist::Exp(0.001));
    let law = lowering.law(&dist);
    let look = lowering.compute_step(Some(part), law, draws::site("hit"));
    lowering.push(look);
    let cached: Vec<String> = component.settings.texts("caches").into_iter().map(|cached| cached.value).collect();
    if !cached.contains(operation) {
        lowering.push(Step::Call { site });
        lowering.push(Step::Return);
        return;
    }
    let data = items(name, operation);
    lowering.choose_key(part, &data, &format!("{data} item"), None);
    let sets: Vec<(String, f64)> = cached
        .iter()
        .map(|cached| (items(name, cached), lowering.reads_of(part, Some(cached)).iter().map(|(_, rate)| rate).sum()))
        .collect();
    let memory = lowering.memory(part, &sets, origin as u32);
    look_through(lowering, memory, Step::Call { site });
}

/// How a request finds its edge.
pub(crate) fn nearest() -> Balancer {
    Balancer { algorithm: Algorithm::Nearest, ..Balancer::default() }
}
