//! Global steering by names: a client asks where to go, goes there by itself, and uses the answer until it expires.
//!
//! What stands behind is called from where the asker stands: a name takes no time and lies on nobody's way.

use super::{Kind, answered_behind, cannot};
use crate::kernel::draws;
use crate::kernel::machines::steering::{Act, Choice, Name};
use crate::kernel::tables::{self, Component, Operand, Step, share_bits};
use crate::lower::steps::Context;
use crate::lower::{Ask, From, Lowering, balancing, nanoseconds, unknown};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Located;
use groundplan_model::text::shown;
use groundplan_model::units::{Seconds, Share};
use groundplan_model::value::{Settings, Value};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const TTL: Seconds = Seconds(60.0);
const KEEPS: Seconds = Seconds(3600.0);
/// Most targets of one name.
const MOST: usize = 64;
/// Least probability of a way that a run may take: what reckons with the load must not take it for none.
const RARE: f64 = 1e-9;

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "dns",
    manual: "Sends each client to one of several regions: the nearest, by weights, or the first that is up. The client then calls \
             what stands there by itself, from where it is. An answer is used until its time to live is over, each client's at a \
             phase of its own; so after a region is lost clients go on asking it until the checks have found out and their \
             answers have expired. While no target is up, all are answered with.",
    keys: &[
        Key::required(
            "to",
            Shape::Map("region", &Shape::Reference("component")),
            "What stands in each region: every operation goes there by its own name: `{ eu-west: gateway-eu }`.",
        ),
        Key::default(
            "policy",
            Shape::Word(&["nearest", "weighted", "failover"]),
            "nearest",
            "`nearest`: by the round trip from where the client is. `weighted`: by `weights`. `failover`: the first of `to`.",
        ),
        Key::optional("weights", Shape::Map("region", &Shape::Share), "With `weighted`: shares that add up to 100%."),
        Key::default("ttl", Shape::Duration, "60s", "How long a client uses an answer before it asks again."),
        Key::default("ignores-ttl", Shape::Share, "0%", "Share of clients whose resolvers use an answer longer."),
        Key::default("keeps-for", Shape::Duration, "1h", "How long those use it."),
        balancing::HEALTH,
    ],
    leaves_out: &[
        "The time of a look-up, and look-ups that fail: answers come at once.",
        "What its checks can't see: a target is down for them when none of its replicas is up, whatever stands behind it.",
        "Clients that keep a connection open beyond the answer's time to live, and several answers of which clients try the next.",
        "Which client asks again: each request is a client's of its own, with a resolver that is busy enough to ask as soon as an answer has expired.",
        "Figures by region of the clients: give each region a load of its own.",
    ],
    goes_with: &["load-balancer", "region-loss", "partition"],
    example: crate::lower::example!("components/dns"),
    without: &["components.steering.ttl = 5min"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: true, declare, answers, emit, balances: None };

fn regions(settings: &Settings) -> Vec<(String, Located<String>)> {
    let entries = settings.map("to").into_iter().flat_map(|to| to.0.iter());
    let named = entries.filter_map(|(region, value)| match &value.value {
        Value::Text(component) => Some((region.clone(), Located::new(component.clone(), value.span))),
        _ => None,
    });
    named.collect()
}

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let component = lowering.parts[part as usize].component;
    let settings = &component.settings;
    let name = shown(&component.name.value);
    let mut found = Vec::new();
    if let Some(place) = &component.place {
        found.push(
            Diagnostic::error("place-of-a-name", format!("{name} stands in no place: it is asked from everywhere"))
                .at(place.span, "")
                .help("take `place` away; what it leads to has one"),
        );
    }
    let to = regions(settings);
    if to.is_empty() || to.len() > MOST {
        let headline = match to.len() {
            0 => format!("{name} leads nowhere"),
            many => format!("{name} leads to {many} regions: the most is {MOST}"),
        };
        let span = if settings.span("to").is_none() { component.name.span } else { settings.span("to") };
        found.push(
            Diagnostic::error("leads-nowhere", headline)
                .at(span, "")
                .help("write `to: { eu-west: gateway-eu, us-east: gateway-us }`"),
        );
    }
    for (region, target) in &to {
        if lowering.places.within(region).is_empty() {
            let said = Located::new(region.clone(), target.span);
            let known: Vec<String> = lowering.design.places.iter().map(|place| place.name.value.clone()).collect();
            found.push(unknown("place", "unknown-place", &said, known.iter().map(String::as_str)));
        }
    }
    for key in ["ttl", "keeps-for"] {
        if settings.duration(key).is_some_and(|time| time.0 <= 0.0) {
            found.push(
                Diagnostic::error(
                    "out-of-range",
                    format!("a `{key}` of zero: an answer would be old before it is used"),
                )
                .at(settings.span(key), "")
                .help("write such as `60s`; authorities answer with 30 s to 5 min"),
            );
        }
    }
    if settings.map("health").and_then(|health| health.duration("every")).is_some_and(|every| every.0 <= 0.0) {
        let span = settings.map("health").map_or(settings.span("health"), |health| health.span("every"));
        found.push(
            Diagnostic::error("out-of-range", "checks every 0s never end")
                .at(span, "")
                .help("write such as `every: 10s`"),
        );
    }
    if settings.get("keeps-for").is_some() && settings.share("ignores-ttl").is_none_or(|share| share.0 <= 0.0) {
        found.push(
            Diagnostic::warning("idle-key", "`keeps-for` says nothing where every resolver keeps to `ttl`")
                .at(settings.span("keeps-for"), "without `ignores-ttl`")
                .help("write such as `ignores-ttl: 10%`, or leave it out"),
        );
    }
    found.extend(wrong_weights(settings, &to));
    let nearest = settings.text("policy").unwrap_or("nearest") == "nearest";
    if nearest && to.len() > 1 && lowering.design.load.iter().all(|load| load.homes().is_empty()) {
        found.push(
            Diagnostic::warning(
                "nearest-to-nowhere",
                format!("{name} sends clients to the nearest region, and no load says where they are"),
            )
            .at(component.name.span, "the first region is as near as any")
            .help("write such as `from: { eu-west: 70%, us-east: 30% }` on the load"),
        );
    }
    lowering.diagnostics.extend(found);
    lowering.tables.far = true;
    lowering.declare(part, Component { steers: true, ..Component::default() }, 1);
}

fn wrong_weights(settings: &Settings, to: &[(String, Located<String>)]) -> Option<Diagnostic> {
    let weighted = settings.text("policy") == Some("weighted");
    let Some(weights) = settings.map("weights") else {
        return weighted.then(|| {
            Diagnostic::error("missing-key", "`weighted` has no `weights`")
                .at(settings.span("policy"), "")
                .help("write such as `weights: { eu-west: 90%, us-east: 10% }`")
        });
    };
    if !weighted {
        let stray = Diagnostic::error("stray-weights", "only `policy: weighted` looks at weights");
        return Some(
            stray.at(settings.span("weights"), "").help("write `policy: weighted` beside them, or take them away"),
        );
    }
    if let Some((region, value)) = weights.0.iter().find(|(region, _)| !to.iter().any(|(known, _)| known == *region)) {
        let said = Located::new(region.clone(), value.span);
        return Some(unknown("region of `to`", "unknown-place", &said, to.iter().map(|(region, _)| region.as_str())));
    }
    let sum: f64 = weights.0.values().filter_map(|share| share.value.as_share()).map(|share| share.0).sum();
    if (sum - 1.0).abs() > 1e-9 {
        let headline = format!("the weights add up to {}, not 100%", Share(sum));
        return Some(Diagnostic::error("shares-not-whole", headline).at(settings.span("weights"), ""));
    }
    None
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    let Ask::Operation(operation) = ask else {
        return Err(cannot(lowering, part, ask));
    };
    let name = &lowering.parts[part as usize].component.name.value;
    answered_behind(lowering, &format!("{name}.{operation}"))
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, target: u32) {
    let Ask::Operation(operation) = ask else {
        return;
    };
    let component = lowering.parts[part as usize].component;
    let unit = lowering.steered(part);
    let Some(name) = lowering.tables.machines.steering.names.get(unit as usize).cloned() else {
        return;
    };
    let resolve = lowering.push(Step::Return);
    // Never run: the ways by their usual shares, for what reckons with the load before a run.
    let shares = lowering.usual_shares(&name);
    let first = lowering.here() + shares.len() as u32;
    let mut left = 1.0;
    for (nth, share) in shares.iter().enumerate() {
        let to = first + 2 * nth as u32;
        let last = nth + 1 == shares.len();
        let taken = (share / f64::max(left, RARE)).clamp(RARE, 1.0 - RARE);
        let site = draws::site(&format!("{} {nth}", component.name.value));
        lowering.push(if last { Step::Jump { to } } else { Step::Chance { share: share_bits(taken), to, site } });
        left -= share;
    }
    let mut context = Context::operation(part, target, format!("{}.{operation}", component.name.value));
    for callee in &name.targets {
        let ask = Ask::Operation(operation.clone());
        let key = lowering.call_key(&mut context, *callee, &ask, Some(""));
        let from = From { part: Some(part), target: Some(target), span: component.name.span, waits: true };
        let site = lowering.site(from, *callee, ask, &key);
        lowering.push(Step::Call { site });
        lowering.push(Step::Return);
    }
    let at = Operand { unit, site: 0, to: first };
    lowering.tables.code[resolve as usize] = Step::Machine { act: tables::Act::Steering(Act::Resolve), at };
}

impl Lowering<'_> {
    /// The row of a component that steers.
    fn steered(&mut self, part: u32) -> u32 {
        let names = &self.tables.machines.steering.names;
        if let Some(known) = names.iter().position(|name| name.component == part) {
            return known as u32;
        }
        let component = self.parts[part as usize].component;
        let settings = &component.settings;
        let to = regions(settings);
        let found = to.iter().filter_map(|(region, target)| Some((region.as_str(), self.part_named(target)?)));
        let found: Vec<(&str, u32)> = found.take(MOST).collect();
        let health = settings.map("health");
        let checks = |key: &str| health.and_then(|health| health.count(key)).unwrap_or(2).clamp(1, 1_000_000) as u32;
        let every = health.and_then(|health| health.duration("every")).unwrap_or(Seconds(5.0));
        let time = |key: &str, otherwise: Seconds| nanoseconds(settings.duration(key).unwrap_or(otherwise)).max(1);
        let choice = match settings.map("weights") {
            Some(weights) => {
                Choice::Weighed(found.iter().map(|(region, _)| weights.share(region).unwrap_or_default().0).collect())
            }
            None => Choice::Ordered(self.orders(&found, settings.text("policy") == Some("failover"))),
        };
        let name = Name {
            component: part,
            targets: found.iter().map(|(_, part)| *part).collect(),
            choice,
            ttl: time("ttl", TTL),
            ignores: share_bits(settings.share("ignores-ttl").unwrap_or_default().0),
            keeps: time("keeps-for", KEEPS),
            every: nanoseconds(every).max(1),
            unhealthy_after: checks("unhealthy-after"),
            healthy_after: checks("healthy-after"),
            site: draws::site(&format!("{} answers", component.name.value)),
        };
        if !name.targets.is_empty() {
            self.tables.machines.steering.names.push(name);
        }
        self.tables.machines.steering.names.len() as u32 - u32::from(!self.tables.machines.steering.names.is_empty())
    }

    /// For each zone, the targets in the order in which they are preferred.
    fn orders(&self, found: &[(&str, u32)], as_written: bool) -> Vec<u8> {
        let mut orders = Vec::new();
        for zone in 0..self.tables.zone_count {
            let away = |nth: &u8| {
                let there = self.places.within(found[usize::from(*nth)].0);
                there.iter().map(|there| self.round_trip(zone, *there).0).fold(f64::INFINITY, f64::min)
            };
            let mut order: Vec<u8> = (0..found.len() as u8).collect();
            if !as_written {
                // A sort that keeps equals in the order of the file.
                order.sort_by(|a, b| away(a).total_cmp(&away(b)));
            }
            orders.extend(order);
        }
        orders
    }

    /// Which share of the requests goes to each target while all are up, each load counted alike.
    fn usual_shares(&self, name: &Name) -> Vec<f64> {
        let count = name.targets.len();
        let mut shares = vec![0.0; count];
        match &name.choice {
            Choice::Weighed(weights) => shares.clone_from(weights),
            Choice::Ordered(order) => {
                let mut add = |zone: u16, share: f64| shares[usize::from(order[usize::from(zone) * count])] += share;
                let loads = self.design.load.len().max(1) as f64;
                for load in &self.design.load {
                    let homes = load.homes();
                    if homes.is_empty() {
                        add(self.tables.zone_count - 1, 1.0 / loads);
                    }
                    for (region, share) in homes {
                        add(self.places.edge(region).unwrap_or(self.tables.zone_count - 1), share.0 / loads);
                    }
                }
            }
        }
        shares
    }
}
