//! The files of `knowledge/` that the binary carries, in their registered order. To add one: a file and a line here.

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/", $path)))),*]
    };
}

/// Path under `knowledge/` and text.
pub static FILES: &[(&str, &str)] = files![
    "sources/official.yaml",
    "sources/enterprise.yaml",
    "sources/expert.yaml",
    "sources/academic.yaml",
    "sources/case-studies.yaml",
    "facts/prices.yaml",
    "facts/capacities.yaml",
    "facts/hops.yaml",
    "facts/durations.yaml",
    "facts/availability.yaml",
    "facts/faults.yaml",
    "facts/teams.yaml",
    "facts/thresholds.yaml",
    "options/architecture-style/modular-monolith.yaml",
    "options/architecture-style/hybrid.yaml",
    "options/architecture-style/event-driven.yaml",
    "options/architecture-style/microservices.yaml",
    "options/storage/relational.yaml",
    "options/storage/sharded-relational.yaml",
    "options/storage/key-value.yaml",
    "options/storage/document.yaml",
    "options/storage/object-store.yaml",
    "options/storage/search.yaml",
    "options/messaging/in-process.yaml",
    "options/messaging/rpc.yaml",
    "options/messaging/queue.yaml",
    "options/messaging/pub-sub.yaml",
    "options/messaging/log.yaml",
    "options/deployment/single-region.yaml",
    "options/deployment/active-passive.yaml",
    "options/deployment/active-active.yaml",
];
