//! How calls are spread over replicas: words that load balancers and calls without one share, and their meaning.

use super::kinds::count_or;
use super::{Lowering, nanoseconds, unknown};
use crate::kernel::draws;
use crate::kernel::tables::{Algorithm, Balancer, Health, NONE, Outlier, Point, share_bits};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Located;
use groundplan_model::units::{Seconds, Share};
use groundplan_model::value::Settings;
use groundplan_model::vocabulary::{Key, Shape};

const HEALTH_KEYS: &[Key] = &[
    Key::default("every", Shape::Duration, "5s", "Time between two checks of a replica, from each balancer's replica."),
    Key::default("unhealthy-after", Shape::Count, "2", "Failed checks in a row after which it is taken out."),
    Key::default("healthy-after", Shape::Count, "2", "Good checks in a row after which it is put back."),
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
    /// Adds a balancer between a caller (none for a client) and a component, with these rules.
    pub(crate) fn add_balancer(&mut self, caller: Option<u32>, callee: u32, rules: Balancer) -> u32 {
        let part = &self.parts[callee as usize];
        let (name, endpoints) = (part.component.name.value.clone(), part.count);
        let (first, callers) = match caller.map(|caller| &self.parts[caller as usize]) {
            Some(caller) => (caller.first, caller.count.max(1)),
            None => (0, 1),
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
