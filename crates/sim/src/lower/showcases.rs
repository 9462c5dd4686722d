//! Examples of single parameters and of loads: what deserves a design of its own beside those of kinds, policies and faults.
//!
//! Each goes by the word and the parameter that it shows. What they mean stands where they are defined.

use groundplan_model::vocabulary::KindWords;

const fn showcase(
    name: &'static str,
    manual: &'static str,
    goes_with: &'static [&'static str],
    example: &'static str,
    without: &'static [&'static str],
) -> KindWords {
    KindWords { name, manual, keys: &[], leaves_out: &[], goes_with, example, without }
}

/// Every one, in the order of the manual. To add one: a design in `examples/reference/more/` and a line here.
pub const SHOWCASES: &[KindWords] = &[
    showcase(
        "service.discipline",
        "Some requests go before others.",
        &["service", "service.shed"],
        example!("more/service.discipline"),
        &["components.shop.discipline"],
    ),
    showcase(
        "service.shed",
        "The least important requests are refused while the service is busy.",
        &["service", "service.discipline"],
        example!("more/service.shed"),
        &["components.shop.shed"],
    ),
    showcase(
        "service.shared-queue",
        "One queue for all replicas.",
        &["service", "load-balancer"],
        example!("more/service.shared-queue"),
        &["components.shop.shared-queue"],
    ),
    showcase(
        "service.fails",
        "Replicas fail by themselves and are repaired, one at a time.",
        &["service", "load-balancer.health", "crash"],
        example!("more/service.fails"),
        &["components.shop.fails", "components.shop.repair", "components.shop.repairers"],
    ),
    showcase(
        "database.fails",
        "Copies fail by themselves until data is lost.",
        &["database", "service.fails"],
        example!("more/database.fails"),
        &["components.orders.copies"],
    ),
    showcase(
        "database.locks",
        "A row that every transaction writes: its lock is a queue of its own.",
        &["database", "write-if"],
        example!("more/database.locks"),
        &["components.main.keys"],
    ),
    showcase(
        "database.shards",
        "Shards by hash carry what shards by range can't.",
        &["database", "key-value", "hot-key", "rebalance"],
        example!("more/database.shards"),
        &["components.orders.sharding = range"],
    ),
    showcase(
        "load-balancer.health",
        "Checks find a lost replica sooner.",
        &["load-balancer", "machine-loss"],
        example!("more/load-balancer.health"),
        &["components.gateway.health"],
    ),
    showcase(
        "balance.outlier",
        "A caller leaves out a replica that fails it.",
        &["balance", "load-balancer", "slow"],
        example!("more/balance.outlier"),
        &["components.shop.operations.browse.0.balance"],
    ),
    showcase(
        "deadline.propagate",
        "The callee is told how long its answer is of use.",
        &["deadline", "cancel"],
        example!("more/deadline.propagate"),
        &["components.shop.operations.browse.0.propagate"],
    ),
    showcase(
        "load.users",
        "A closed load: users who wait for their answers.",
        &["service"],
        example!("more/load.users"),
        &["load.0 = { operation: shop.browse, arrivals: poisson(120/s) }"],
    ),
    showcase(
        "load.mix",
        "Several operations by shares.",
        &["service"],
        example!("more/load.mix"),
        &["load.0.mix = { shop.browse: 50%, shop.report: 50% }"],
    ),
    showcase(
        "load.steps",
        "A client that does several things in order, and holds no server meanwhile.",
        &["service"],
        example!("more/load.steps"),
        &[
            "load.0 = { name: tandem, operation: first.serve, arrivals: poisson(100/s) }",
            "components.first.operations.serve = [ { compute: exp(5ms) }, { call: second.serve } ]",
        ],
    ),
    showcase(
        "load.tenants",
        "The biggest tenant and the others, measured apart.",
        &["service"],
        example!("more/load.tenants"),
        &["tenants.biggest"],
    ),
    showcase(
        "load.from",
        "Clients in regions: those far away wait for the way there and back.",
        &["load-balancer", "partition", "region-loss"],
        example!("more/load.from"),
        &["load.0.from"],
    ),
    showcase(
        "network.public",
        "Round trips between regions as they were measured in public.",
        &["database", "load-balancer"],
        example!("more/network.public"),
        &["network.between-regions = { eu-west-1: { us-east-1: 54ms } }"],
    ),
    showcase(
        "partition.share",
        "A partial partition: some pairs of replicas can't talk, others can.",
        &["partition", "loss", "retry"],
        example!("more/partition.share"),
        &["experiments.0.faults.0.partition.share"],
    ),
    showcase(
        "arrivals.ramp",
        "A load that grows while it is observed.",
        &["service", "spike"],
        example!("more/arrivals.ramp"),
        &["load.0.arrivals = poisson(20/s)"],
    ),
    showcase(
        "release.canary",
        "A few replicas get a new version first, and a judge watches them.",
        &["service", "release", "bad-release"],
        example!("more/release.canary"),
        &["components.shop.release"],
    ),
    showcase(
        "release.rolling",
        "Replicas change their version one after another, each with one that starts beside the old ones.",
        &["service", "release"],
        example!("more/release.rolling"),
        &["components.shop.release.surge"],
    ),
    showcase(
        "release.blue-green",
        "As many replicas again get the new version, and requests are switched to them and back at once.",
        &["service", "release", "bad-release"],
        example!("more/release.blue-green"),
        &["components.shop.release.strategy"],
    ),
    showcase(
        "release.rollback",
        "A switch takes a version back at once, where a way back by new starts takes its time.",
        &["service", "release", "kill-switch"],
        example!("more/release.rollback"),
        &["components.shop.release.rollback"],
    ),
    showcase(
        "release.contract-tests",
        "A version that others would not understand is not released.",
        &["service", "release", "contract-break"],
        example!("more/release.contract-tests"),
        &["components.shop.release.contract-tests"],
    ),
    showcase(
        "cache.single-flight",
        "One fetch for all who miss an item at once.",
        &["cache", "cache.early-refresh"],
        example!("more/cache.single-flight"),
        &["components.pages.single-flight"],
    ),
    showcase(
        "cache.early-refresh",
        "An item that is much read is refreshed before it expires.",
        &["cache", "cache.single-flight"],
        example!("more/cache.early-refresh"),
        &["components.pages.early-refresh"],
    ),
    showcase(
        "cache.ttl-jitter",
        "Items that were filled at once do not expire at once.",
        &["cache"],
        example!("more/cache.ttl-jitter"),
        &["components.products.ttl-jitter"],
    ),
    showcase(
        "cache.serve-stale",
        "What has expired is served while it is refreshed, and while the store is away.",
        &["cache", "outage"],
        example!("more/cache.serve-stale"),
        &["components.products.serve-stale"],
    ),
    showcase(
        "cache.writes-behind",
        "Writes are acknowledged at once and stored later, many in one; what waits is lost with the cache.",
        &["cache", "crash"],
        example!("more/cache.writes-behind"),
        &["components.counts.writes"],
    ),
];
