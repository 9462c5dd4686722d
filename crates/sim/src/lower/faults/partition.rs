//! A partition: messages between two sides don't get through.

use super::{Fault, settings};
use crate::kernel::draws;
use crate::kernel::network::{Cut, Effect, Pairs, Side};
use crate::kernel::tables::{Harm, NONE, share_bits};
use crate::lower::{Lowering, unknown};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Located;
use groundplan_model::text::shown;
use groundplan_model::value::Value;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const PARTITION: &[Key] = &[
    Key::required(
        "between",
        Shape::List(&Shape::Reference("component or place")),
        "The two sides, each a component, a region or `region/zone`: `[shop, orders]`, `[eu-west/a, eu-west/b]`. Clients \
         of a region stand at its edge, which the region does not mean: `[eu-west/edge, us-east]`.",
    ),
    Key::default("one-way", Shape::Flag, "no", "`yes`: only messages from the first side to the second are stopped."),
    Key::default(
        "hold",
        Shape::Flag,
        "no",
        "`yes`: what is sent arrives once the partition is healed, instead of never.",
    ),
    Key::default(
        "share",
        Shape::Share,
        "100%",
        "Share of the pairs of replicas that can't talk: drawn once for the fault, so that a pair either can or can't.",
    ),
];

/// Words of the fault.
pub const WORDS: KindWords = KindWords {
    name: "partition",
    manual: "Messages between two sides are lost, requests and answers alike: callers hear nothing; calls without a \
             timeout end after 30 s. Work whose answer is lost was for nothing. Followers of a database on the other side of its leader receive nothing until it is \
             healed; a leader that half of all copies can't reach is replaced (`failover`).",
    keys: &[Key::optional("partition", Shape::Record(PARTITION), "Between which sides, in which directions.")],
    leaves_out: &[
        "What health checks would notice: balancers go on calling what they can't reach.",
        "Consumers and copies of logs and queues that can't reach one another: their ways are no calls.",
        "An open transaction that lives through it: a lost message rolls it back.",
    ],
    goes_with: &["loss", "timeout", "retry", "zone-loss"],
    example: crate::lower::example!("faults/partition"),
    without: &["experiments.0.faults"],
};

/// The fault.
pub(crate) const FAULT: Fault = Fault {
    words: WORDS,
    gates: false,
    harms: |lowering, argument| {
        let settings = settings(argument);
        let effect = if settings.flag("hold") == Some(true) { Effect::Hold } else { Effect::Drop };
        let one_way = settings.flag("one-way") == Some(true);
        let Some((from, to)) = lowering.sides("partition", argument, one_way) else {
            return Vec::new();
        };
        let mut pairs = Pairs::ALL;
        if let Some(share) = settings.share("share").filter(|share| share.0 < 1.0) {
            // By the names of the sides: the same pairs in every design that has them.
            let sides: Vec<String> = settings.texts("between").into_iter().map(|name| name.value).collect();
            pairs = Pairs { share: share_bits(share.0), site: draws::site(&format!("partition {}", sides.join(" "))) };
        }
        vec![Harm::Cut(Cut { from, to, one_way, pairs, effect })]
    },
};

impl Lowering<'_> {
    /// The two sides of a fault between replicas; a diagnostic where they are none, or no message passes between them.
    pub(crate) fn sides(&mut self, fault: &str, argument: &Located<Value>, one_way: bool) -> Option<(Side, Side)> {
        let names = settings(argument).texts("between");
        let [from, to] = names.as_slice() else {
            let diagnostic = Diagnostic::error("not-two-sides", format!("a {fault} is between two sides"))
                .at(argument.span, "")
                .help("write `between: [shop, orders]`, or two places");
            self.diagnostics.push(diagnostic);
            return None;
        };
        let sides = (self.side(from), self.side(to));
        let (Some(first), Some(second)) = sides else {
            return None;
        };
        if !self.calls_between(&first, &second) && !(self.calls_between(&second, &first)) {
            let (a, b) = (shown(from), shown(to));
            let headline = match [(&first, &a), (&second, &b)].into_iter().find(|(side, _)| !self.is_peopled(side)) {
                Some((_, name)) => format!("the {fault} isolates nothing: no replica stands in {name}"),
                None => format!("the {fault} isolates nothing: no call passes between {a} and {b}"),
            };
            let what = if one_way { "in either direction, for answers pass as well" } else { "" };
            let diagnostic = Diagnostic::error("cut-through-nothing", headline)
                .at(from.span, what)
                .help("name two sides of which one calls the other");
            self.diagnostics.push(if self.consumes(&first, &second) || self.consumes(&second, &first) {
                diagnostic.note(
                    "one takes records of the other: ways of consumers are not simulated, and no partition stops them;                      `consumer-stop` does",
                )
            } else {
                diagnostic
            });
            return None;
        }
        Some((first, second))
    }

    fn side(&mut self, name: &Located<String>) -> Option<Side> {
        if let Some(part) = self.parts.iter().position(|part| part.component.name.value == name.value) {
            return Some(Side { component: part as u32, zone: 0, zones: 0 });
        }
        let zones = self.places.within(&name.value);
        if let Some(first) = zones.first() {
            return Some(Side { component: NONE, zone: *first, zones: zones.len() as u16 });
        }
        let places = self.places.names();
        let parts = self.parts.iter().map(|part| part.component.name.value.as_str());
        let known = parts.chain(places.iter().map(String::as_str));
        let diagnostic = unknown("component or place", "unknown-place", name, known);
        self.diagnostics.push(diagnostic);
        None
    }

    /// Whether a replica of a component stands on a side.
    fn stands_on(&self, part: u32, side: &Side) -> bool {
        if side.component != NONE {
            return side.component == part;
        }
        let part = &self.parts[part as usize];
        let zones = &self.tables.zones[part.first as usize..(part.first + part.count) as usize];
        zones.iter().any(|zone| zone.wrapping_sub(side.zone) < side.zones)
    }

    fn is_peopled(&self, side: &Side) -> bool {
        let clients = self.client_calls.iter().any(|(zone, _)| side.has((NONE, *zone)));
        clients || (0..self.parts.len() as u32).any(|part| self.stands_on(part, side))
    }

    fn calls_between(&self, from: &Side, to: &Side) -> bool {
        let reaches = |callee: u32| self.reached(callee).into_iter().any(|callee| self.stands_on(callee, to));
        let mut clients = self.client_calls.iter();
        self.call_pairs().any(|(caller, callee)| self.stands_on(caller, from) && reaches(callee))
            || clients.any(|(zone, callee)| from.has((NONE, *zone)) && reaches(*callee))
            || self.tables.machines.copies.groups.iter().any(|group| {
                let part = group.component;
                self.stands_on(part, from) && self.stands_on(part, to) && from.component == NONE && to.component == NONE
            })
    }

    /// Whether something on one side takes records that something on the other holds.
    fn consumes(&self, holder: &Side, taker: &Side) -> bool {
        self.tables.topics.iter().filter(|topic| self.stands_on(topic.component, holder)).any(|topic| {
            let groups = &self.tables.groups[topic.first_group as usize..(topic.first_group + topic.groups) as usize];
            groups.iter().any(|group| {
                let site = self.tables.sites.get(group.site as usize);
                site.is_some_and(|site| self.stands_on(site.component, taker))
            })
        })
    }

    /// What a call reaches: the callee, or what it says where to go.
    pub(super) fn reached(&self, callee: u32) -> Vec<u32> {
        if self.tables.components[callee as usize].steers {
            self.call_pairs().filter(|(caller, _)| *caller == callee).map(|(_, behind)| behind).collect()
        } else {
            vec![callee]
        }
    }
}
