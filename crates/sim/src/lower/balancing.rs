//! How calls are spread over replicas: words that load balancers and calls without one share, and their meaning.

use super::kinds::count_or;
use super::{Ask, From, Lowering, nanoseconds, unknown};
use crate::kernel::draws;
use crate::kernel::machines::checks;
use crate::kernel::tables::{
    Act, Algorithm, Balancer, Health, NONE, Operand, Outlier, Point, Policy, Purpose, Step, share_bits,
};
use groundplan_model::diagnostic::{Diagnostic, Severity};
use groundplan_model::span::{Located, Span};
use groundplan_model::units::{Seconds, Share};
use groundplan_model::value::Settings;
use groundplan_model::vocabulary::{Key, Shape};

const HEALTH_KEYS: &[Key] = &[
    Key::default("every", Shape::Duration, "5s", "Time between two checks of a replica, from each balancer's replica."),
    Key::default("unhealthy-after", Shape::Count, "2", "Failed checks in a row after which it is taken out."),
    Key::default("healthy-after", Shape::Count, "2", "Good checks in a row after which it is put back."),
    Key::optional(
        "check",
        Shape::Reference("operation"),
        "An operation of what stands behind, `shop.health`, that each check asks for: it takes a worker and cores like any \
         request, and fails as one. Without it a check fails where its replica is down, and costs nothing.",
    ),
    Key::default("timeout", Shape::Duration, "1s", "With `check`: longest wait for its answer."),
];
const OUTLIER_KEYS: &[Key] = &[
    Key::default(
        "consecutive",
        Shape::Count,
        "5",
        "Failures in a row (errors, timeouts, refusals) that eject a replica.",
    ),
    Key::default(
        "sweep",
        Shape::Duration,
        "10s",
        "Time between two looks at who may return; one spent in service makes up for one ejection.",
    ),
    Key::default("base", Shape::Duration, "30s", "How long the first ejection lasts; the n-th lasts n times as long."),
    Key::default("max", Shape::Duration, "300s", "Longest ejection."),
    Key::default("at-most", Shape::Share, "10%", "Most replicas ejected at once; one always may be."),
];

/// How a replica is chosen.
pub(crate) const ALGORITHM: Key = Key::default(
    "algorithm",
    Shape::Text,
    "random",
    "`round-robin`, `random`, `least-connections`, `power-of-2` (or -d), or `consistent-hash` (by the request's data key where \
     it has one, else by the request). Each replica of the balancer counts for itself; ties are drawn.",
);
/// Points on the ring.
pub(crate) const POINTS: Key =
    Key::default("points", Shape::Count, "100", "With `consistent-hash`: points of each replica on the ring.");
/// The limit of an endpoint.
pub(crate) const MAX_REQUESTS: Key = Key::optional(
    "max-requests",
    Shape::Count,
    "Requests in flight at one replica, from each balancer's replica; where all are full, requests are refused.",
);
/// Fail open.
pub(crate) const PANIC: Key =
    Key::default("panic", Shape::Share, "50%", "Share of replicas believed healthy below which all are used.");
/// Active checks.
pub(crate) const HEALTH: Key = Key::optional(
    "health",
    Shape::Record(HEALTH_KEYS),
    "Checks of every replica; without them, a loss or return is known 10 s later.",
);
/// Passive checks.
pub(crate) const OUTLIER: Key =
    Key::optional("outlier", Shape::Record(OUTLIER_KEYS), "Ejects replicas that fail several times in a row.");

/// All of them.
pub(crate) const KEYS: &[Key] = &[ALGORITHM, POINTS, MAX_REQUESTS, PANIC, HEALTH, OUTLIER];

/// What settings say of a balancer, without its place in the tables; the points of its ring stand in `count`.
pub(crate) fn rules(settings: &Settings) -> Balancer {
    let points = count_or(settings, "points", 100).clamp(1, 10_000) as u32;
    Balancer {
        algorithm: algorithm(settings, points).unwrap_or_default(),
        panic: share_bits(settings.share("panic").unwrap_or(Share(0.5)).0),
        max_requests: settings.count("max-requests").map_or(NONE, |count| count.min(u64::from(NONE)) as u32),
        health: settings.map("health").map(|said| Health {
            every: nanoseconds(said.duration("every").unwrap_or(Seconds(5.0))).max(1),
            unhealthy_after: count_or(said, "unhealthy-after", 2).clamp(1, 1_000_000) as u32,
            healthy_after: count_or(said, "healthy-after", 2).clamp(1, 1_000_000) as u32,
            timeout: nanoseconds(said.duration("timeout").unwrap_or(Seconds(1.0))).max(1),
            asks: said.text("check").map_or(0, |name| draws::site(name).max(1)),
        }),
        outlier: settings.map("outlier").map(|said| {
            let time = |key, otherwise| nanoseconds(said.duration(key).unwrap_or(Seconds(otherwise)));
            Outlier {
                consecutive: count_or(said, "consecutive", 5).clamp(1, 1_000_000) as u32,
                sweep: time("sweep", 10.0).max(1),
                base: time("base", 30.0),
                max: time("max", 300.0),
                at_most: share_bits(said.share("at-most").unwrap_or(Share(0.1)).0),
            }
        }),
        ..Balancer::default()
    }
}

/// The algorithm that settings name; none where the word is unknown.
fn algorithm(settings: &Settings, points: u32) -> Option<Algorithm> {
    match settings.text("algorithm") {
        Some("round-robin") => Some(Algorithm::RoundRobin),
        Some("least-connections") => Some(Algorithm::LeastConnections),
        Some("consistent-hash") => Some(Algorithm::ConsistentHash { first: 0, count: points }),
        Some("random") | None => Some(Algorithm::Random),
        Some(other) => {
            let d = other.strip_prefix("power-of-")?;
            let d = if d == "two" { 2 } else { d.parse().ok().filter(|d| (1..=8).contains(d))? };
            Some(Algorithm::PowerOf(d))
        }
    }
}

/// What is wrong with an algorithm that nothing is called.
pub(crate) fn check(settings: &Settings) -> Option<Diagnostic> {
    if algorithm(settings, 1).is_some() {
        return None;
    }
    let said = Located::new(settings.text("algorithm")?.to_string(), settings.span("algorithm"));
    let known = ["round-robin", "random", "least-connections", "power-of-2", "consistent-hash"];
    Some(unknown("algorithm", "unknown-algorithm", &said, known))
}

impl Lowering<'_> {
    /// Remembers which operation the checks of some settings ask for, and what is wrong with that.
    pub(crate) fn note_check(&mut self, settings: &Settings) {
        let Some(health) = settings.map("health") else { return };
        if let Some(name) = health.text("check") {
            self.checks.push(Located::new(name.to_string(), health.span("check")));
        } else if health.get("timeout").is_some() {
            let diagnostic =
                Diagnostic::warning("idle-policy", "`timeout` says nothing of checks that ask for nothing")
                    .at(health.span("timeout"), "")
                    .help("write `check: shop.health` beside it, an operation that each check asks for");
            self.tell_once(diagnostic);
        }
    }

    /// Emits the probers of balancers whose checks are real.
    pub(crate) fn emit_checks(&mut self) {
        let mut used = Vec::new();
        for id in 0..self.tables.balancers.len() {
            let balancer = self.tables.balancers[id];
            let Some(health) = balancer.health.filter(|health| health.asks != 0) else { continue };
            let known = self.checks.iter().find(|name| draws::site(&name.value).max(1) == health.asks).cloned();
            let asked = known.and_then(|name| Some((self.operation_named(&name)?, name)));
            let Some(((part, ask), name)) = asked.filter(|((part, _), _)| *part == balancer.component) else {
                // What else stands behind it is checked as if nothing were asked.
                self.tables.balancers[id].health = Some(Health { asks: 0, ..health });
                continue;
            };
            used.push(name.value.clone());
            self.probers(id as u32, part, &ask, &name);
        }
        for name in std::mem::take(&mut self.checks) {
            if !used.contains(&name.value) && !self.diagnostics.iter().any(|other| other.severity == Severity::Error) {
                let diagnostic = Diagnostic::error("check-elsewhere", format!("nothing checks `{}`", name.value))
                    .at(name.span, "no replica to choose from stands behind")
                    .help("name an operation of a component of several replicas that stands behind");
                self.diagnostics.push(diagnostic);
            }
        }
    }

    fn probers(&mut self, id: u32, part: u32, ask: &Ask, name: &Located<String>) {
        let balancer = self.tables.balancers[id as usize];
        let health =
            balancer.health.unwrap_or(Health { every: 1, unhealthy_after: 1, healthy_after: 1, timeout: 1, asks: 1 });
        let caller = self.parts.iter().position(|part| part.first == balancer.caller && part.count == balancer.callers);
        let caller = caller.filter(|_| balancer.caller != NONE).map(|caller| caller as u32);
        for endpoint in 0..balancer.endpoints {
            let from = From { part: caller, target: None, span: Span::NONE, waits: false };
            let key = format!("check {} {endpoint}", name.value);
            let site = self.site(from, part, ask.clone(), &key);
            let row = &mut self.tables.sites[site as usize];
            row.first += endpoint;
            row.count = 1;
            row.pair = NONE;
            row.balancer = NONE;
            let timeout = self.lane(Seconds(health.timeout as f64 / 1e9), Purpose::Timeout);
            let policy = self.tables.policies.len() as u32;
            // What stands before it is looked at when the rest of a compute is sought: no compute.
            let start = self.push(Step::Jump { to: 0 });
            let entry = self.here();
            self.tables.code[start as usize] = Step::Jump { to: entry };
            self.push(Step::Rekey { site: draws::site(&key) });
            self.push(Step::Guarded { site, policy });
            let at = Operand { unit: id, site: endpoint, to: entry };
            self.push(Step::Machine { act: Act::Checks(checks::Act::Passed), at });
            let fallback = self.push(Step::Machine { act: Act::Checks(checks::Act::Failed), at });
            self.tables.policies.push(Policy {
                caller: balancer.caller,
                callers: if caller.is_some() { balancer.callers } else { 0 },
                site: draws::site(&key),
                timeout,
                timeout_ns: health.timeout,
                fallback,
                ..Policy::default()
            });
            self.tables.sites[site as usize].policy = policy;
            self.tables.machines.checks.probes.push(checks::Probe { balancer: id, endpoint, entry, site });
        }
    }

    /// Adds a balancer between a caller (none for a client) and a component, with these rules.
    pub(crate) fn add_balancer(&mut self, caller: Option<u32>, callee: u32, rules: Balancer) -> u32 {
        let part = &self.parts[callee as usize];
        let (name, endpoints) = (part.component.name.value.clone(), part.count);
        let (first, callers) = match caller.map(|caller| &self.parts[caller as usize]) {
            Some(caller) => (caller.first, caller.count.max(1)),
            None => (NONE, 1),
        };
        let mut rules = rules;
        // Whoever is free serves what waits in one queue: a choice says no more than where a message goes.
        if self.tables.components[callee as usize].queueing.is_some_and(|queueing| queueing.shared) {
            rules = Balancer { health: rules.health, panic: rules.panic, ..Balancer::default() };
        }
        // A key lies in one shard: there is nothing to choose, whatever is believed of it.
        let map = self.parts[callee as usize].map;
        if map != NONE {
            rules = Balancer { algorithm: Algorithm::Shard { map }, ..Balancer::default() };
        }
        if let Algorithm::ConsistentHash { count: points, .. } = rules.algorithm {
            rules.algorithm = self.ring(&name, endpoints, points);
        }
        if let Algorithm::ByRow { count: points, .. } = rules.algorithm
            && let Algorithm::ConsistentHash { first, count } = self.ring(&name, endpoints, points)
        {
            rules.algorithm = Algorithm::ByRow { first, count };
        }
        self.tables.balancers.push(Balancer {
            counts: self.tables.balancer_counts,
            endpoints,
            caller: first,
            // A client has no replica: its one view is the first.
            callers,
            views: self.tables.views,
            component: callee,
            site: draws::site(&format!("{name} choice")),
            ..rules
        });
        self.tables.balancer_counts += callers * endpoints;
        self.tables.views += callers;
        self.tables.balancers.len() as u32 - 1
    }

    /// The ring of a component: the same for all who hash over it.
    pub(crate) fn ring(&mut self, name: &str, endpoints: u32, points: u32) -> Algorithm {
        let first = self.tables.rings.len() as u32;
        let key = draws::mix(u64::from(draws::site(&format!("{name} ring"))));
        let point = |endpoint: u32, nth: u32| Point {
            at: draws::mix(key ^ (u64::from(endpoint) << 32 | u64::from(nth))),
            endpoint,
        };
        self.tables.rings.extend((0..endpoints).flat_map(|endpoint| (0..points).map(move |nth| point(endpoint, nth))));
        self.tables.rings[first as usize..].sort_unstable();
        Algorithm::ConsistentHash { first, count: endpoints * points }
    }
}
