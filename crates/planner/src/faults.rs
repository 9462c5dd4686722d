//! The faults every design is tried with: the same in all styles, named for what happens and not for the component.
//!
//! Each run is observed for 60 s before the fault, 60 s of fault and 120 s after. Rates per year are facts with ranges;
//! where nobody measured one, the range is wide and says that it is assumed.

use crate::plan::Size;
use groundplan_knowledge::Knowledge;
use groundplan_model::brief::Brief;
use groundplan_model::design::{Component, Design, Experiment, Fault, Step, Verb};
use groundplan_model::quantity::Ranged;
use groundplan_model::span::Located;
use groundplan_model::units::Seconds;
use groundplan_model::value::{Settings, Value};

/// Observed before the fault begins.
pub const BEFORE: Seconds = Seconds(60.0);
/// How long the fault lasts.
pub const LASTS: Seconds = Seconds(60.0);
/// Observed after the fault has ended.
pub const AFTER: Seconds = Seconds(120.0);
/// How much slower a slow dependency is.
pub const SLOW: f64 = 10.0;
/// How much more load a spike brings than the peak that was planned for.
pub const SPIKE: f64 = 2.0;

/// One fault, as it hits one design.
#[derive(Debug, Clone)]
pub struct PlannedFault {
    /// Stable name, the same in all designs.
    pub name: String,
    /// What happens to this design.
    pub about: String,
    /// What hits: a word of the simulator and its argument.
    pub fault: Fault,
    /// How often a year, as a range.
    pub per_year: (f64, f64),
    /// Where the rate comes from.
    pub source: String,
}

impl PlannedFault {
    /// The experiment that shows it, without expectations.
    #[must_use]
    pub fn experiment(&self) -> Experiment {
        Experiment {
            name: self.name.as_str().into(),
            duration: BEFORE + LASTS + AFTER,
            faults: vec![self.fault.clone()],
            expect: Vec::new(),
            settings: Settings::new(),
        }
    }
}

/// All faults for one design, in the order of the plan.
#[must_use]
pub fn faults(brief: &Brief, design: &Design, sizes: &[Size], knowledge: &Knowledge) -> Vec<PlannedFault> {
    let rate = |id: &str| {
        let fact = knowledge.fact(id);
        // Rates are facts per second.
        let yearly = |rate: f64| rate * groundplan_model::units::YEAR.0;
        ((yearly(fact.low), yearly(fact.high)), format!("{} ({}, {})", fact.name, fact.source, fact.date))
    };
    let mut faults = Vec::new();
    if let Some(service) = busiest_service(brief, design) {
        let own = sizes.iter().find(|size| size.component == service.name.value);
        let machines: u64 = own.map_or(1, |size| size.replicas);
        let ((low, high), source) = rate("machine-failures");
        faults.push(planned(
            "replica-crash",
            format!("one copy of {} crashes and starts again", service.name.value),
            "crash",
            Value::Text(format!("{}/1", service.name.value)),
            (low * machines as f64, high * machines as f64),
            format!("{source}, {machines} machines of {}", service.name.value),
        ));
    }
    if let Some(place) = design.places.first() {
        let zone = place.zones.first().map_or("a", String::as_str);
        let (per_year, source) = rate("zone-losses");
        faults.push(planned(
            "zone-loss",
            format!("zone {}/{zone} is lost", place.name.value),
            "zone-loss",
            Value::Text(format!("{}/{zone}", place.name.value)),
            per_year,
            source,
        ));
    }
    if let Some((name, what)) = slow_dependency(brief, design) {
        let (per_year, source) = rate("slow-nodes");
        faults.push(planned(
            &format!("slow-{name}"),
            format!("{name} takes {SLOW} times as long"),
            "slow",
            Value::Map(
                Settings::new().with("what", Value::Text(what)).with("factor", Value::Factor(Ranged::exactly(SLOW))),
            ),
            per_year,
            source,
        ));
    }
    let (per_year, source) = rate("traffic-spikes");
    faults.push(planned(
        "spike",
        format!("the load is {SPIKE} times the peak that was planned for"),
        "spike",
        Value::Map(Settings::new().with("factor", Value::Factor(Ranged::exactly(SPIKE)))),
        per_year,
        source,
    ));
    faults
}

fn planned(
    name: &str,
    about: String,
    kind: &str,
    argument: Value,
    per_year: (f64, f64),
    source: String,
) -> PlannedFault {
    let fault = Fault { kind: kind.into(), argument: Located::from(argument), at: BEFORE, lasts: Some(LASTS) };
    PlannedFault { name: name.to_string(), about, fault, per_year, source }
}

/// The service that the busiest entry point enters.
#[must_use]
pub fn busiest_service<'a>(brief: &Brief, design: &'a Design) -> Option<&'a Component> {
    let mut busiest: Option<&groundplan_model::brief::LoadEntry> = None;
    for entry in &brief.load {
        let rate = |entry: &groundplan_model::brief::LoadEntry| {
            crate::demand::entry_rate(brief, entry, crate::demand::LoadLevel::PeakAtHorizon).0
        };
        if busiest.is_none_or(|best| rate(entry) > rate(best)) {
            busiest = Some(entry);
        }
    }
    let operation = busiest?.operation.value.clone();
    design.components.iter().find(|component| {
        component.operations.iter().any(|candidate| {
            candidate.stands_for.as_ref().is_some_and(|name| name.value == operation) && candidate.target.is_some()
        })
    })
}

/// What is made slow: the outside dependency with the most calls that are waited for; without one, the database that
/// the busiest entry point reads or writes first. Its name in the brief and in the design.
fn slow_dependency(brief: &Brief, design: &Design) -> Option<(String, String)> {
    let demand = crate::demand::Demand::of(brief, crate::demand::LoadLevel::PeakAtHorizon);
    // Called while somebody waits: at once where the answer is needed, and in some styles where it might follow.
    let called = |name: &str, needed: bool| {
        brief.modules.iter().flat_map(|module| &module.operations).any(|operation| {
            operation.handles.is_none()
                && operation
                    .calls
                    .iter()
                    .any(|call| call.to.value == name && (!needed || !crate::project::may_follow(&call.answer)))
        })
    };
    let busiest_outside = |needed: bool| {
        brief.outside.iter().filter(|outside| called(&outside.name, needed)).max_by(|a, b| {
            let rate = |name: &str| demand.outside.get(name).map_or(0.0, |rate| rate.0);
            rate(&a.name).total_cmp(&rate(&b.name))
        })
    };
    let outside = busiest_outside(true).or_else(|| busiest_outside(false));
    if let Some(outside) = outside {
        return Some((outside.name.value.clone(), outside.name.value.clone()));
    }
    let busiest = brief.load.iter().max_by(|a, b| {
        let rate = |entry| crate::demand::entry_rate(brief, entry, crate::demand::LoadLevel::PeakAtHorizon).0;
        rate(a).total_cmp(&rate(b))
    })?;
    let data = first_data(brief, &busiest.operation)?;
    let database = design
        .components
        .iter()
        .find(|component| component.settings.texts("holds").iter().any(|held| held.value == data))?;
    Some((data, database.name.value.clone()))
}

/// The first data set that an operation, or what it calls, touches.
fn first_data(brief: &Brief, path: &str) -> Option<String> {
    let (_, operation) = brief.operation(path)?;
    let own = operation.reads.iter().chain(&operation.writes).next().map(|access| access.to.value.clone());
    own.or_else(|| operation.calls.iter().find_map(|call| first_data(brief, &call.to))).or_else(|| {
        operation.emits.iter().find_map(|event| {
            brief
                .handlers(event)
                .find_map(|(module, handler)| first_data(brief, &crate::demand::path_of(&module.name, handler)))
        })
    })
}

/// Walks all steps, nested ones too.
pub fn each_step_mut(steps: &mut Vec<Step>, visit: &mut dyn FnMut(&mut Step)) {
    for step in steps {
        visit(step);
        match &mut step.verb {
            Verb::Parallel(inner) | Verb::Transaction(_, inner) | Verb::Repeat(_, inner) => each_step_mut(inner, visit),
            Verb::Branch(ways) => {
                for (_, inner) in ways {
                    each_step_mut(inner, visit);
                }
            }
            _ => {}
        }
    }
}
