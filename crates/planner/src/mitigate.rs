//! The mitigations that are tried, each a change of a design: what it does, where, and what would show that it helps.
//!
//! The same list for every style. Whether one stays is decided in `trial`, by the experiment without it and with it.

use crate::faults::each_step_mut;
use crate::flows::flows;
use groundplan_model::brief::Brief;
use groundplan_model::design::{Component, Design, Verb};
use groundplan_model::quantity::Ranged;
use groundplan_model::units::{PerSecond, Seconds, Share};
use groundplan_model::value::{Settings, Value};
use indexmap::IndexMap;

/// One mitigation, applied.
#[derive(Debug, Clone)]
pub struct Mitigated {
    /// The policy.
    pub mitigation: &'static str,
    /// Where and how.
    pub about: String,
    /// The design with it.
    pub design: Design,
}

/// One kind of mitigation.
pub struct Mitigation {
    /// The faults it is meant for, by the start of their names.
    pub against: &'static [&'static str],
    /// Faults that it might make worse, and is weighed by too.
    pub also: &'static [&'static str],
    /// Applies it; none where there is nothing to apply it to.
    pub apply: fn(&Brief, &Design) -> Option<Mitigated>,
}

/// Every mitigation, in the order in which they are tried. To add one: a function and a line here.
pub const MITIGATIONS: &[Mitigation] = &[
    Mitigation { against: &["spike", "zone-loss"], also: &[], apply: bounded_queue },
    Mitigation { against: &["spike", "slow-"], also: &[], apply: rate_limit },
    Mitigation { against: &["slow-"], also: &[], apply: breaker },
    Mitigation { against: &["slow-"], also: &[], apply: bulkhead },
    Mitigation { against: &["replica-crash"], also: &["zone-loss"], apply: retry },
];

/// A timeout just above what the dependency usually takes, and a breaker behind it.
fn breaker(brief: &Brief, design: &Design) -> Option<Mitigated> {
    let mut changed = design.clone();
    let mut places = Vec::new();
    for component in &mut changed.components {
        for operation in &mut component.operations {
            each_step_mut(&mut operation.steps, &mut |step| {
                let Verb::Call(to) = &step.verb else { return };
                let Some(outside) = brief.outside(to) else { return };
                let timeout = usual_limit(&outside.latency);
                step.settings.set("timeout", Value::Duration(Ranged::exactly(timeout)));
                step.settings.set(
                    "breaker",
                    Value::Map(
                        Settings::new()
                            .with("open-at", Value::Share(Ranged::exactly(Share(0.5))))
                            .with("window", Value::Duration(Ranged::exactly(Seconds(10.0))))
                            .with("cool-down", Value::Duration(Ranged::exactly(Seconds(5.0)))),
                    ),
                );
                let place = format!("{}: give up after {timeout}, open at 50% over 10s", outside.name.value);
                if !places.contains(&place) {
                    places.push(place);
                }
            });
        }
    }
    (!places.is_empty()).then(|| Mitigated {
        mitigation: "timeout and breaker",
        about: places.join("; "),
        design: changed,
    })
}

/// Four times the 99th percentile that the dependency states, in steps that people would choose.
fn usual_limit(latency: &groundplan_model::quantity::Dist) -> Seconds {
    use groundplan_model::quantity::{Dist, NORMAL_P99};
    let p99 = match latency {
        Dist::LogNormal { p99, .. } => *p99,
        Dist::Exp(mean) => mean * 4.605,
        Dist::Const(value) => *value,
        Dist::Uniform(_, high) => *high,
        other => other.mean() * (1.0 + NORMAL_P99 * other.scv().sqrt()),
    };
    let rough = 4.0 * p99;
    let step = if rough >= 1.0 { 0.5 } else { 0.05 };
    Seconds((rough / step).ceil() * step)
}

/// Permits for the module that calls an outside dependency, so that a slow one can't take every worker of the process.
fn bulkhead(brief: &Brief, design: &Design) -> Option<Mitigated> {
    let mut changed = design.clone();
    let mut places = Vec::new();
    for component in &mut changed.components {
        let Some(workers) = component.settings.count("workers") else { continue };
        let modules: Vec<String> = modules_in(component);
        if modules.len() < 2 {
            continue;
        }
        let calling: Vec<String> = brief
            .modules
            .iter()
            .filter(|module| modules.contains(&module.name.value))
            .filter(|module| {
                module.operations.iter().any(|operation| {
                    operation.handles.is_none() && operation.calls.iter().any(|call| brief.outside(&call.to).is_some())
                })
            })
            .map(|module| module.name.value.clone())
            .collect();
        if calling.is_empty() {
            continue;
        }
        let permits = (workers / 2).max(1);
        let mut map = component.settings.map("modules").cloned().unwrap_or_default();
        for module in &calling {
            map.set(module, Value::Map(Settings::new().with("permits", Value::Count(permits))));
            places.push(format!("{module} in {}: at most {permits} of {workers} workers", component.name.value));
        }
        component.settings.set("modules", Value::Map(map));
    }
    (!places.is_empty()).then(|| Mitigated { mitigation: "bulkhead", about: places.join("; "), design: changed })
}

/// The modules whose operations a service holds.
fn modules_in(component: &Component) -> Vec<String> {
    let mut modules = Vec::new();
    for operation in &component.operations {
        if let Some((module, _)) = operation.stands_for.as_ref().and_then(|path| path.split_once('.'))
            && !modules.iter().any(|known| known == module)
        {
            modules.push(module.to_string());
        }
    }
    modules
}

/// No more waiters than can still be answered in time: what comes beyond is refused at once.
fn bounded_queue(brief: &Brief, design: &Design) -> Option<Mitigated> {
    let mut changed = design.clone();
    let mut places = Vec::new();
    let work = flows(design, &IndexMap::new(), Seconds(0.0));
    let patience = brief
        .load
        .iter()
        .filter_map(|entry| entry.p99.or(entry.accepted_p99))
        .map(|target| target.must.0)
        .fold(f64::INFINITY, f64::min);
    let patience = if patience.is_finite() { patience } else { 1.0 };
    for component in &mut changed.components {
        if component.kind.value != "service" {
            continue;
        }
        let Some(workers) = component.settings.count("workers") else { continue };
        let cores = component.settings.count("cores").unwrap_or(workers);
        let flow = work.components.get(&component.name.value).copied().unwrap_or_default();
        let work = if flow.rate.0 > 0.0 { flow.cores / flow.rate.0 } else { 0.0 };
        if work <= 0.0 {
            continue;
        }
        // What the cores of one copy get through within the tightest promise, less what is in work already.
        let queue = ((cores as f64 * patience / work) as u64).saturating_sub(workers).clamp(cores.max(1), 10_000);
        if component.settings.count("queue").is_some_and(|today| today <= queue) {
            continue;
        }
        component.settings.set("queue", Value::Count(queue));
        let most = workers.min(((cores as f64 * patience / work) as u64).max(cores * 2));
        component.settings.set("workers", Value::Count(most));
        places.push(format!("{}: {most} in work and {queue} waiting in each copy", component.name.value));
    }
    (!places.is_empty()).then(|| Mitigated { mitigation: "bounded queue", about: places.join("; "), design: changed })
}

/// No more requests than the cores of each copy get through: what comes beyond is refused before it waits.
fn rate_limit(_: &Brief, design: &Design) -> Option<Mitigated> {
    let mut changed = design.clone();
    let mut places = Vec::new();
    let work = flows(design, &IndexMap::new(), Seconds(0.0));
    for component in changed.components.iter_mut().filter(|component| component.kind.value == "service") {
        let flow = work.components.get(&component.name.value).copied().unwrap_or_default();
        let Some(cores) = component.settings.count("cores") else { continue };
        if flow.cores <= 0.0 || component.settings.get("rate-limit").is_some() {
            continue;
        }
        let most = (cores as f64 * flow.rate.0 / flow.cores * ADMITTED).floor().max(1.0);
        component.settings.set(
            "rate-limit",
            Value::Map(
                Settings::new()
                    .with("rate", Value::Rate(Ranged::exactly(PerSecond(most))))
                    .with("burst", Value::Count((most / 10.0).ceil().max(1.0) as u64)),
            ),
        );
        places.push(format!("{}: {} admitted to each copy", component.name.value, PerSecond(most)));
    }
    (!places.is_empty()).then(|| Mitigated { mitigation: "rate limit", about: places.join("; "), design: changed })
}

/// Share of what the cores get through that a rate limit admits: the rest keeps queues short.
const ADMITTED: f64 = 0.9;

/// One more attempt on another copy, within a budget, and not longer waited for than an answer may take.
fn retry(brief: &Brief, design: &Design) -> Option<Mitigated> {
    let mut changed = design.clone();
    let policy = || {
        Value::Map(
            Settings::new()
                .with("attempts", Value::Count(2))
                .with("backoff", Value::Duration(Ranged::exactly(Seconds(0.05))))
                .with("jitter", Value::Text("full".into()))
                .with("budget", Value::Share(Ranged::exactly(Share(0.2)))),
        )
    };
    let mut places = Vec::new();
    for load in &mut changed.load {
        let name = load.title().to_string();
        let Some(entry) = brief.load.iter().find(|entry| entry.operation.value == name) else { continue };
        let Some((_, operation)) = brief.operation(&entry.operation) else { continue };
        let once = operation.effect_once;
        // What writes and does not say that it acts once may not be asked for twice.
        if !once && writes(brief, &entry.operation) {
            continue;
        }
        if once {
            load.settings.set("idempotency-key", Value::Text(crate::project::operation_name(&entry.operation)));
        }
        let limit = entry.p99.or(entry.accepted_p99).map_or(Seconds(1.0), |target| target.must);
        let timeout = Seconds((limit.0 * 2.0).max(0.2));
        load.settings.set("timeout", Value::Duration(Ranged::exactly(timeout)));
        load.settings.set("retry", policy());
        let key = if once { ", with an idempotency key" } else { "" };
        places
            .push(format!("{name}: a second attempt after {timeout} or a reset, for 20% of the requests at most{key}"));
    }
    (!places.is_empty()).then(|| Mitigated {
        mitigation: "retry with a budget",
        about: places.join("; "),
        design: changed,
    })
}

/// Whether an operation, or what it calls, writes anything.
fn writes(brief: &Brief, path: &str) -> bool {
    brief.operation(path).is_some_and(|(_, operation)| {
        !operation.writes.is_empty() || operation.calls.iter().any(|call| writes(brief, &call.to))
    })
}
