//! A small vocabulary for tests, modelled on the designs of the language's own page.
#![allow(dead_code)]

use groundplan_model::vocabulary::{Key, KindWords, Shape, Vocabulary};

const DURATION: Shape = Shape::Duration;
const TOPIC: &[Key] = &[
    Key::optional("partitions", Shape::Count, "Partitions."),
    Key::optional("key", Shape::Name, "The key that picks one."),
];
const MODULE: &[Key] = &[Key::optional("permits", Shape::Count, "Permits.")];
const SIZE: &[Key] = &[Key::required("vcpu", Shape::Count, "Cores."), Key::required("memory", Shape::Size, "Memory.")];
const WHAT: &[Key] = &[
    Key::required("what", Shape::Reference("component"), "The component."),
    Key::optional("factor", Shape::Number, "How many times slower."),
    Key::optional("share", Shape::Share, "Share."),
    Key::optional("lag", DURATION, "Lag."),
];
const RETRY: &[Key] = &[
    Key::default("attempts", Shape::CountOrUnlimited, "2", "Attempts, the first included."),
    Key::optional("backoff", Shape::Distribution, "The first pause."),
    Key::optional("jitter", Shape::Word(&["none", "full", "equal", "decorrelated"]), "Jitter."),
    Key::optional("budget", Shape::Share, "Share of retries."),
];
const BREAKER: &[Key] = &[
    Key::optional("open-at", Shape::Share, "Share of failures."),
    Key::optional("window", DURATION, "Window."),
    Key::optional("cool-down", DURATION, "Pause."),
];

const fn kind(name: &'static str, keys: &'static [Key]) -> KindWords {
    KindWords { name, manual: "", keys, leaves_out: &[], goes_with: &[], example: "", without: &[] }
}

pub static VOCABULARY: Vocabulary = Vocabulary {
    kinds: &[
        kind(
            "load-balancer",
            &[
                Key::optional(
                    "algorithm",
                    Shape::Word(&["random", "round-robin", "least-connections"]),
                    "How it chooses.",
                ),
                Key::optional("to", Shape::Reference("component"), "What it serves."),
                Key::optional(
                    "routes",
                    Shape::Map("operation", &Shape::Reference("operation")),
                    "What it serves, by operation.",
                ),
            ],
        ),
        kind(
            "service",
            &[
                Key::default("replicas", Shape::Count, "1", "Replicas."),
                Key::optional("workers", Shape::CountOrUnlimited, "Requests in work at once."),
                Key::optional("cores", Shape::Count, "Cores."),
                Key::optional("queue", Shape::CountOrUnlimited, "Waiting."),
                Key::optional("size", Shape::Record(SIZE), "Machine."),
                Key::optional("modules", Shape::Map("module", &Shape::Record(MODULE)), "Modules."),
            ],
        ),
        kind(
            "cache",
            &[
                Key::required("of", Shape::Reference("component"), "What it is a cache of."),
                Key::optional("capacity", Shape::Count, "Items."),
                Key::optional("ttl", DURATION, "Time to live."),
                Key::optional("hit", Shape::Distribution, "Time of a hit."),
            ],
        ),
        kind(
            "database",
            &[
                Key::optional("workers", Shape::Count, "Connections in work."),
                Key::optional("read-time", Shape::Distribution, "Time of a read."),
                Key::optional("write-time", Shape::Distribution, "Time of a write."),
                Key::optional("keys", Shape::Popularity, "Popularity."),
                Key::optional("copies", Shape::Count, "Copies."),
                Key::optional("replication", Shape::Word(&["sync", "semi-sync", "async"]), "Replication."),
                Key::optional("failover", DURATION, "Failover."),
                Key::optional("holds", Shape::List(&Shape::Name), "Data sets."),
            ],
        ),
        kind(
            "log",
            &[
                Key::optional("copies", Shape::Count, "Copies."),
                Key::optional("acks", Shape::Word(&["none", "leader", "all"]), "Acknowledgements."),
                Key::optional("topics", Shape::Map("topic", &Shape::Record(TOPIC)), "Topics."),
            ],
        ),
        kind("queue", &[]),
        kind(
            "outbox",
            &[
                Key::required("of", Shape::Reference("component"), "The store."),
                Key::required("to", Shape::Reference("component"), "The log."),
                Key::optional("poll", DURATION, "How often it looks."),
            ],
        ),
        kind(
            "external",
            &[
                Key::optional("latency", Shape::Distribution, "Latency."),
                Key::optional("availability", Shape::Share, "Availability."),
                Key::optional("errors", Shape::Share, "Errors."),
                Key::optional("limit", Shape::Rate, "Limit."),
            ],
        ),
    ],
    policies: &[
        kind("timeout", &[Key::optional("timeout", DURATION, "Time for one attempt.")]),
        kind("retry", &[Key::optional("retry", Shape::Record(RETRY), "Tries again.")]),
        kind("breaker", &[Key::optional("breaker", Shape::Record(BREAKER), "Stops trying.")]),
        kind("idempotency", &[Key::optional("idempotency-key", Shape::Name, "The key.")]),
    ],
    faults: &[
        kind("zone-loss", &[Key::optional("zone-loss", Shape::Reference("place"), "A zone is lost.")]),
        kind("slow", &[Key::optional("slow", Shape::Record(WHAT), "Slower.")]),
        kind("replica-lag", &[Key::optional("replica-lag", Shape::Record(WHAT), "Lag.")]),
        kind("crash", &[Key::optional("crash", Shape::Reference("replica"), "A replica crashes.")]),
    ],
};

/// All that a brief can say beside the shop, in one.
pub const WHOLE: &str = include_str!("whole.yaml");

pub const MM1: &str = include_str!("mm1.yaml");
pub const SERVICES: &str = include_str!("services.yaml");
pub const SHOP: &str = include_str!("shop.yaml");
