//! Loads that ask for several operations: a route from stop to stop, a mix by shares; and whose requests they are.
//!
//! What an operation's name means is checked in `design_checks`; what any of it does, `sim` says.

use super::Reader;
use crate::design::{Route, Stop};
use crate::span::{Located, Span};
use crate::text::shown;
use crate::units::Share;
use crate::value::{Settings, Value};
use crate::vocabulary::Shape;
use crate::yaml::{Node, NodeKind};

const EXAMPLE: &str = "write `route: { start: A, A: { call: a.serve, next: { B: 60% } }, B: { call: b.serve } }`";

impl Reader<'_> {
    /// A map from names to shares. Names carry their places.
    fn shares(&mut self, node: &Node, key: Span) -> Vec<(Located<String>, Share)> {
        let Some(Located { value: Value::Map(map), .. }) = self.value(node, &Shape::Map("stop", &Shape::Share), key)
        else {
            return Vec::new();
        };
        let span =
            |name: &str| node.entries().iter().find(|(key, _)| key.text() == Some(name)).map(|(key, _)| key.span);
        let share = |(name, value): (String, Located<Value>)| {
            let Value::Share(share) = value.value else { return None };
            let span = span(&name).unwrap_or(value.span);
            Some((Located::new(name, span), share.mid()))
        };
        map.0.into_iter().filter_map(share).collect()
    }

    /// `route: { start: A, A: { call: a.serve, next: { B: 60%, C: 40% } }, ... }`.
    pub(super) fn route(&mut self, node: &Node, key: Span) -> Option<Route> {
        if node.spoiled {
            return None;
        }
        if !matches!(node.kind, NodeKind::Map(_)) {
            let diagnostic = self.error("wrong-shape", "`route` is no map of stops", key).help(EXAMPLE);
            self.push(diagnostic);
            return None;
        }
        self.path.push("route".into());
        let before = self.diagnostics.len();
        let mut route = Route::default();
        for (name, value) in node.entries() {
            if name.spoiled || value.spoiled {
                continue;
            }
            let text = name.text().unwrap_or("").to_string();
            self.path.push(text.clone());
            if text == "start" {
                route.start = match value.text() {
                    Some(first) => vec![(Located::new(first.to_string(), value.span), Share(1.0))],
                    None => self.shares(value, name.span),
                };
            } else if let Err(complaint) = super::scalars::check_name(&text, "stop") {
                self.complain(complaint, name.span);
            } else {
                route.stops.extend(self.stop(Located::new(text, name.span), value));
            }
            self.path.pop();
        }
        if self.diagnostics.len() == before {
            self.check_route(&route, key);
        }
        self.path.pop();
        Some(route)
    }

    /// A step with `next` beside its verb.
    fn stop(&mut self, name: Located<String>, node: &Node) -> Option<Stop> {
        let (next, rest): (Vec<_>, Vec<_>) =
            node.entries().iter().cloned().partition(|(key, _)| key.text() == Some("next"));
        let next = next.first().map_or_else(Vec::new, |(key, value)| {
            self.path.push("next".into());
            let next = self.shares(value, key.span);
            self.path.pop();
            next
        });
        let step = match node.kind {
            NodeKind::Map(_) => Node { kind: NodeKind::Map(rest), ..node.clone() },
            _ => node.clone(),
        };
        Some(Stop { name, step: self.step(&step)?, next })
    }

    fn check_route(&mut self, route: &Route, key: Span) {
        let stops: Vec<(&str, Span)> = route.stops.iter().map(|stop| (stop.name.as_str(), stop.name.span)).collect();
        let mut known = true;
        let named = route.start.iter().chain(route.stops.iter().flat_map(|stop| &stop.next));
        for (name, _) in named.filter(|(name, _)| route.stop(name).is_none()) {
            let diagnostic = self.unknown_name("unknown-stop", "stop of this route", name, &stops);
            self.push(diagnostic);
            known = false;
        }
        let begun: f64 = route.start.iter().map(|(_, share)| share.0).sum();
        if route.start.is_empty() {
            let diagnostic = self.error("missing-key", "the route has no `start`", key).help(EXAMPLE);
            self.push(diagnostic);
        } else if (begun - 1.0).abs() > 1e-9 {
            let headline = format!("the shares of `start` add up to {}, not 100%", Share(begun));
            let diagnostic = self
                .error("shares-not-whole", headline, key)
                .help("every walk begins somewhere: write `start: A`, or all shares");
            self.push(diagnostic);
        }
        for stop in &route.stops {
            let sum: f64 = stop.next.iter().map(|(_, share)| share.0).sum();
            if sum > 1.0 + 1e-9 {
                let headline =
                    format!("the shares of what follows {} add up to {}, beyond 100%", shown(&stop.name), Share(sum));
                let diagnostic = self
                    .error("shares-beyond-whole", headline, stop.name.span)
                    .help("what is left of 100% leaves; so the sum is at most 100%");
                self.push(diagnostic);
                known = false;
            }
        }
        if !known || route.stops.is_empty() {
            return;
        }
        // Stops from which some walk leaves: those that are left directly, and those before them.
        let leaves = |stop: &Stop| stop.next.iter().map(|(_, share)| share.0).sum::<f64>() < 1.0 - 1e-9;
        let mut ends: Vec<bool> = route.stops.iter().map(leaves).collect();
        let mut reached = vec![false; ends.len()];
        for (name, share) in &route.start {
            reached[route.stop(name).unwrap_or(0)] |= share.0 > 0.0;
        }
        for _ in 0..route.stops.len() {
            for (at, stop) in route.stops.iter().enumerate() {
                for next in stop.next.iter().filter(|(_, share)| share.0 > 0.0).filter_map(|(name, _)| route.stop(name))
                {
                    ends[at] |= ends[next];
                    reached[next] |= reached[at];
                }
            }
        }
        if let Some(at) = (0..ends.len()).find(|at| reached[*at] && !ends[*at]) {
            let stop = &route.stops[at];
            let headline = format!("a walk that comes to {} never leaves", shown(&stop.name));
            let diagnostic = self
                .error("endless-route", headline, stop.name.span)
                .help("let the shares of some `next` add up to less than 100%: what is left leaves");
            self.push(diagnostic);
        }
        if let Some(at) = (0..ends.len()).find(|at| !reached[*at]) {
            let stop = &route.stops[at];
            let headline = format!("no walk comes to {}", shown(&stop.name));
            self.push(crate::diagnostic::Diagnostic::warning("unreached-stop", headline).at(stop.name.span, ""));
        }
    }

    /// `mix: { shop.browse: 90%, shop.order: 10% }`: its operations are looked for, its shares added up.
    pub(super) fn check_mix(&mut self, node: &Node, settings: &Settings) {
        let (Some(mix), Some(map)) = (node.get("mix"), settings.map("mix")) else {
            return;
        };
        for (key, _) in mix.entries().iter().filter(|(key, _)| !key.spoiled) {
            let name = Located::new(key.text().unwrap_or("").to_string(), key.span);
            let path = self.path.clone();
            self.mentions.push(super::Mention { what: "operation", name, path });
        }
        let shares: Vec<Share> = map.0.values().filter_map(|value| value.value.as_share()).collect();
        let sum: f64 = shares.iter().map(|share| share.0).sum();
        if shares.len() == mix.entries().len() && (sum - 1.0).abs() > 1e-9 {
            let added: Vec<String> = shares.iter().map(Share::to_string).collect();
            let headline = format!("the shares of the mix add up to {}, not 100%", Share(sum));
            let diagnostic = self.error("shares-not-whole", headline, self.key_span(node, &["mix"])).note(format!(
                "{} = {}",
                added.join(" + "),
                Share(sum)
            ));
            self.push(diagnostic);
        }
    }

    /// `from: { eu-west: 70%, us-east: 30% }`, or one region.
    pub(super) fn check_from(&mut self, node: &Node, settings: &Settings) {
        let Some(from) = node.get("from").filter(|from| !from.spoiled) else {
            return;
        };
        let mut regions: Vec<Located<String>> = Vec::new();
        match settings.get("from") {
            Some(Value::Text(region)) => regions.push(Located::new(region.clone(), from.span)),
            Some(Value::Map(map)) => {
                let keys = from.entries().iter().filter(|(key, _)| !key.spoiled);
                regions.extend(keys.filter_map(|(key, _)| Some(Located::new(key.text()?.to_string(), key.span))));
                let shares: Vec<Share> = map.0.values().filter_map(|value| value.value.as_share()).collect();
                let sum: f64 = shares.iter().map(|share| share.0).sum();
                if shares.len() == from.entries().len() && (sum - 1.0).abs() > 1e-9 {
                    let added: Vec<String> = shares.iter().map(Share::to_string).collect();
                    let headline = format!("the shares of the clients add up to {}, not 100%", Share(sum));
                    let span = self.key_span(node, &["from"]);
                    let mut diagnostic = self.error("shares-not-whole", headline, span);
                    if !added.is_empty() {
                        diagnostic = diagnostic.note(format!("{} = {}", added.join(" + "), Share(sum)));
                    }
                    self.push(diagnostic.help("write such as `from: { eu-west: 70%, us-east: 30% }`, or one region"));
                }
            }
            _ => {}
        }
        let path = self.path.clone();
        let mentions = regions.into_iter().map(|name| super::Mention { what: "home", name, path: path.clone() });
        self.mentions.extend(mentions);
    }

    /// `tenants: { count: 4000, biggest: 30%, rest: zipf(1.1) }`.
    pub(super) fn check_tenants(&mut self, settings: &Settings) {
        let Some(tenants) = settings.map("tenants") else {
            return;
        };
        let span = settings.span("tenants");
        let count = tenants.count("count");
        if count == Some(0) || count.is_some_and(|count| count > u64::from(u32::MAX)) {
            let diagnostic = self
                .error("out-of-range", "the number of tenants is out of range", tenants.span("count"))
                .help("there are 1 to 4G tenants");
            self.push(diagnostic);
        }
        if count == Some(1) && tenants.share("biggest").is_some_and(|share| share.0 < 1.0) {
            let headline = format!("the only tenant can't have {}", tenants.share("biggest").unwrap_or(Share(1.0)));
            let diagnostic =
                self.error("shares-not-whole", headline, span).help("leave `biggest` away, or raise `count`");
            self.push(diagnostic);
        }
        if tenants.popularity("rest").is_some_and(|rest| rest.items.is_some()) {
            let diagnostic = self
                .error("stray-number", "`rest` has a number of its own", tenants.span("rest"))
                .help("`count` says how many tenants there are: write such as `rest: zipf(1.1)`");
            self.push(diagnostic);
        }
    }
}
