//! A service: replicas that execute operations with workers and cores.
//!
//! A worker is held from admission to the answer, also through waits and calls. Cores are shared equally by the frames
//! that compute, or go to the best; where there are as many as workers and no request computes twice at once they never
//! bind and are not modelled. How requests wait stands in `lower/serving`. A module's permits are taken before its operations run and given back at
//! their end; where none is free the operation is refused.

use super::{Kind, cannot, count_or, limit};
use crate::kernel::machines::repairs::Falls;
use crate::kernel::tables::{Component, NONE, Pool};
use crate::lower::{Ask, Lowering, nanoseconds, releases, repairs, serving};
use groundplan_model::design::{self, Verb};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::units::Seconds;
use groundplan_model::value::{Settings, Value};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const SIZE: &[Key] = &[
    Key::optional("vcpu", Shape::Count, "Virtual cores of a machine, for its price."),
    Key::optional("memory", Shape::Size, "Memory of a machine, for its price."),
];
const MODULE: &[Key] = &[Key::optional(
    "permits",
    Shape::Count,
    "Operations of the module at once, per replica; beyond, they are refused.",
)];
const RATE_LIMIT: &[Key] = &[
    Key::required("rate", Shape::Rate, "Requests admitted, per replica."),
    Key::optional("burst", Shape::Count, "Requests that may come at once after a pause; 1 where it is missing."),
    Key::default("excess", Shape::Word(&["refuse", "wait"]), "refuse", "What happens to what exceeds it."),
];

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "service",
    manual: "Replicas that execute operations. A request holds a worker of its replica from admission to its answer, \
             also while it waits for calls; who finds none free waits in the replica's queue. Cores are shared \
             equally by the operations that compute.",
    keys: &[
        Key::default("replicas", Shape::Count, "1", "Copies, spread over the zones of the place in order."),
        Key::default("workers", Shape::CountOrUnlimited, "unlimited", "Requests in work at once, per replica."),
        Key::optional(
            "cores",
            Shape::CountOrUnlimited,
            "CPU cores of a replica, shared by what computes; as many as workers where it is missing.",
        ),
        Key::default(
            "queue",
            Shape::CountOrUnlimited,
            "unlimited",
            "Requests that may wait for a worker, per replica; beyond, they are refused.",
        ),
        serving::DISCIPLINE,
        serving::CODEL_KEY,
        serving::PREEMPTIVE,
        serving::WHEN_FULL,
        serving::SHARED_QUEUE,
        serving::SHED_KEY,
        Key::optional(
            "queue-timeout",
            Shape::Distribution,
            "Longest wait for a worker; then the request leaves. A law is drawn for each attempt.",
        ),
        Key::optional("rate-limit", Shape::Record(RATE_LIMIT), "Requests admitted per second, per replica."),
        Key::default("restart", Shape::Duration, "10s", "Time until a crashed replica works again."),
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
        Key::optional(
            "modules",
            Shape::Map("module", &Shape::Record(MODULE)),
            "Bulkheads inside the process, by module.",
        ),
        releases::VERSIONS_KEY,
        releases::RELEASE_KEY,
        Key::optional("size", Shape::Record(SIZE), "The machine of a replica; priced, not simulated."),
    ],
    leaves_out: &[
        "Start-up that differs from replica to replica.",
        "Sizes and deadlines that are not known in full: `sjf` takes the CPU time of the operation itself as if its calls went well, `srpt` orders cores by what is left of the computation at hand.",
        "A wait for a core: with `preemptive` who is put off counts as in work.",
        "A sender over a network: a full queue that blocks does not hold it up.",
        "Memory, garbage collection and the time to switch between threads.",
    ],
    goes_with: &["load-balancer", "timeout", "max-requests", "crash", "slow"],
    example: crate::lower::example!("components/service"),
    without: &["components.shop.queue"],
};

/// The kind.
pub(crate) const KIND: Kind = Kind {
    words: WORDS,
    has_operations: true,
    hop: false,
    declare,
    answers,
    emit: |lowering, part, ask, target| lowering.versioned(part, ask, target),
    balances: None,
};

/// Restart time where none is said.
pub(crate) const RESTART: Seconds = Seconds(10.0);

/// The row of something with workers, cores and a queue.
pub(crate) fn row(settings: &Settings) -> Component {
    let workers = limit(settings, "workers");
    let cores = if settings.get("cores").is_some() { limit(settings, "cores") } else { workers };
    let mut component = Component {
        workers,
        cores,
        shares: cores < workers,
        queue: limit(settings, "queue"),
        restart: nanoseconds(settings.duration("restart").unwrap_or(RESTART)),
        ..Component::default()
    };
    if let Some(rule) = settings.map("rate-limit")
        && let Some(rate) = rule.rate("rate").filter(|rate| rate.0 > 0.0)
    {
        component.spacing = (1e9 / rate.0 + 0.5).max(1.0) as u64;
        component.burst = component.spacing.saturating_mul(count_or(rule, "burst", 1).saturating_sub(1));
        component.excess_waits = rule.text("excess") == Some("wait");
    }
    component
}

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let replicas = count_or(settings, "replicas", 1).clamp(1, 100_000) as u32;
    let mut row = row(settings);
    if row.cores != NONE && lowering.steps_of_versions(part).any(at_once) {
        // More may compute than hold a worker.
        row.shares = true;
    }
    let spares = lowering.spares(part, replicas);
    let row = lowering.serve(part, Component { spares, ..row });
    lowering.declare(part, row, replicas + spares);
    lowering.repairs(part, replicas, 0, Falls::Each);
    let Some(Value::Map(modules)) = settings.get("modules") else {
        return;
    };
    for (name, module) in &modules.0 {
        let Value::Map(module) = &module.value else { continue };
        let Some(permits) = module.count("permits") else { continue };
        let first = lowering.tables.pools.len() as u32;
        let pool = Pool { permits: permits.min(u64::from(NONE) - 1) as u32, queue: 0 };
        lowering.tables.pools.extend((0..replicas + spares).map(|_| pool));
        lowering.parts[part as usize].modules.insert(name.clone(), first);
    }
}

/// Whether steps compute at once, within one request.
fn at_once(steps: &[design::Step]) -> bool {
    let computes = |step: &design::Step| matches!(step.verb, Verb::Compute(_) | Verb::Local(_));
    steps.iter().any(|step| match &step.verb {
        Verb::Parallel(branches) => branches.iter().any(|step| computes(step) || at_once(std::slice::from_ref(step))),
        Verb::Branch(branches) => branches.iter().any(|(_, steps)| at_once(steps)),
        Verb::Repeat(_, steps) | Verb::Transaction(_, steps) => at_once(steps),
        _ => false,
    })
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Operation(name) | Ask::Local(name) if lowering.operation_of(part, name).is_some() => Ok(()),
        _ => Err(cannot(lowering, part, ask)),
    }
}
