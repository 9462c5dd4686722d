//! The four styles as topologies: which modules form a deployable, and what carries what may follow.
//!
//! A style is nothing but a partition of the modules and a carrier of events; one builder (`project`) turns every
//! topology into a design, so that no style gets code of its own.

use crate::plan::Style;
use groundplan_model::brief::{Answer, Brief};

/// What carries an event from one deployable to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// A managed queue per handler: delivered once to it, then gone.
    Queue,
    /// A replicated log that keeps its records: any number of groups, replayable.
    Log,
}

/// One deployable: released as one, failing as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unit {
    /// Its name in the design.
    pub name: String,
    /// Modules in it, in the order of the brief.
    pub modules: Vec<String>,
}

/// A way to deploy the domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topology {
    /// The style it belongs to.
    pub style: Style,
    /// Which variant of the style: `by team`.
    pub variant: String,
    /// The deployables.
    pub units: Vec<Unit>,
    /// What carries events between deployables.
    pub carrier: Carrier,
    /// Whether calls that may follow and events inside a deployable go through the carrier too.
    pub everything_that_may_follow: bool,
}

impl Topology {
    /// Index of the unit that holds a module.
    #[must_use]
    pub fn unit_of(&self, module: &str) -> Option<usize> {
        self.units.iter().position(|unit| unit.modules.iter().any(|name| name == module))
    }

    /// Whether two topologies build the same design but for names: the same partition, and the same carrier wherever
    /// one is used.
    #[must_use]
    pub fn builds_the_same(&self, other: &Topology, brief: &Brief) -> bool {
        let partition = |topology: &Topology| {
            let mut units: Vec<Vec<String>> = topology.units.iter().map(|unit| unit.modules.clone()).collect();
            units.sort();
            units
        };
        partition(self) == partition(other) && self.carried(brief) == other.carried(brief)
    }

    /// What goes through a carrier: the carrier and the names of the events and calls; empty where nothing does.
    fn carried(&self, brief: &Brief) -> Vec<(Carrier, String)> {
        let mut carried = Vec::new();
        for module in &brief.modules {
            for operation in &module.operations {
                for event in &operation.emits {
                    for (handler, _) in brief.handlers(event) {
                        if self.event_is_carried(&module.name, &handler.name) {
                            carried.push((self.carrier, format!("{}>{}", event.value, handler.name.value)));
                        }
                    }
                }
                for call in &operation.calls {
                    if self.call_is_carried(&call.answer) {
                        carried.push((
                            self.carrier,
                            format!("{}.{}>{}", module.name.value, operation.name.value, call.to.value),
                        ));
                    }
                }
            }
        }
        carried.sort_by(|a, b| a.1.cmp(&b.1));
        carried
    }

    /// Whether an event from one module to another goes through the carrier.
    #[must_use]
    pub fn event_is_carried(&self, from: &str, to: &str) -> bool {
        self.everything_that_may_follow || self.unit_of(from) != self.unit_of(to)
    }

    /// Whether a call goes through the carrier instead of being waited for.
    #[must_use]
    pub fn call_is_carried(&self, answer: &Answer) -> bool {
        self.everything_that_may_follow && matches!(answer, Answer::FollowsWithin(_))
    }
}

/// One deployable with in-process calls.
#[must_use]
pub fn modular_monolith(brief: &Brief) -> Topology {
    Topology {
        style: Style::ModularMonolith,
        variant: "one deployable".into(),
        units: vec![Unit { name: "app".into(), modules: names(brief) }],
        carrier: Carrier::Queue,
        everything_that_may_follow: false,
    }
}

/// Services with their own data: by module, and by team where that differs.
#[must_use]
pub fn microservices(brief: &Brief) -> Vec<Topology> {
    let by_module = Topology {
        style: Style::Microservices,
        variant: "services by module".into(),
        units: by_module(brief),
        carrier: Carrier::Queue,
        everything_that_may_follow: false,
    };
    let by_team = Topology { variant: "services by team".into(), units: by_team(brief), ..by_module.clone() };
    // One team's services by team would be the monolith itself; as many teams as modules, the services by module.
    let differs = by_team.units.len() > 1 && by_team.units.len() < by_module.units.len();
    if differs { vec![by_module, by_team] } else { vec![by_module] }
}

/// Services, and a log for every event and every call that may follow: by module, and by team where that differs.
#[must_use]
pub fn event_driven(brief: &Brief) -> Vec<Topology> {
    microservices(brief)
        .into_iter()
        .map(|topology| Topology {
            style: Style::EventDriven,
            variant: format!("{}, events in a log", topology.variant),
            carrier: Carrier::Log,
            everything_that_may_follow: true,
            ..topology
        })
        .collect()
}

/// The monolith with these modules taken out, each a service of its own.
#[must_use]
pub fn hybrid(brief: &Brief, extracted: &[String]) -> Topology {
    let mut units = vec![Unit {
        name: "app".into(),
        modules: names(brief).into_iter().filter(|name| !extracted.contains(name)).collect(),
    }];
    units.extend(extracted.iter().map(|module| Unit { name: module.clone(), modules: vec![module.clone()] }));
    units.retain(|unit| !unit.modules.is_empty());
    Topology {
        style: Style::Hybrid,
        variant: if extracted.is_empty() {
            "extracts nothing".into()
        } else {
            format!("extracts {}", extracted.join(", "))
        },
        units,
        carrier: Carrier::Queue,
        everything_that_may_follow: false,
    }
}

fn names(brief: &Brief) -> Vec<String> {
    brief.modules.iter().map(|module| module.name.value.clone()).collect()
}

fn by_module(brief: &Brief) -> Vec<Unit> {
    names(brief).into_iter().map(|name| Unit { name: name.clone(), modules: vec![name] }).collect()
}

fn by_team(brief: &Brief) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    for module in &brief.modules {
        match units.iter_mut().find(|unit| unit.name == module.team) {
            Some(unit) => unit.modules.push(module.name.value.clone()),
            None => units.push(Unit { name: module.team.clone(), modules: vec![module.name.value.clone()] }),
        }
    }
    units
}
