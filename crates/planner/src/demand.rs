//! How often each operation of the domain runs and each data set is touched, from the entry points alone.
//!
//! Closed form: rates flow along calls, and along events from those who emit to those who handle. The domain has no
//! cycle of operations (the reader refuses them), so one depth-first walk per entry point adds everything up.

use groundplan_model::brief::{Brief, DomainOperation, LoadEntry};
use groundplan_model::units::{PerSecond, Share};
use indexmap::IndexMap;

/// At which load things are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadLevel {
    /// The mean of today.
    MeanToday,
    /// The mean at the horizon.
    MeanAtHorizon,
    /// All peaks at once, at the horizon: what is sized for and measured.
    PeakAtHorizon,
}

/// The rate of one entry point at a level.
#[must_use]
pub fn entry_rate(brief: &Brief, entry: &LoadEntry, level: LoadLevel) -> PerSecond {
    let mean = entry.rate.mid();
    match level {
        LoadLevel::MeanToday => mean,
        LoadLevel::MeanAtHorizon => mean * brief.growth_factor(),
        LoadLevel::PeakAtHorizon => mean * (brief.growth_factor() * entry.peak.mid().max(1.0)),
    }
}

/// How often things happen. Unit: per second.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Demand {
    /// Executions per `module.operation`.
    pub operations: IndexMap<String, PerSecond>,
    /// Reads per data set.
    pub reads: IndexMap<String, PerSecond>,
    /// Writes per data set.
    pub writes: IndexMap<String, PerSecond>,
    /// Calls per outside dependency.
    pub outside: IndexMap<String, PerSecond>,
    /// Events per name.
    pub events: IndexMap<String, PerSecond>,
}

impl Demand {
    /// What the whole load of a brief asks for.
    #[must_use]
    pub fn of(brief: &Brief, level: LoadLevel) -> Demand {
        let mut demand = Demand::default();
        for entry in &brief.load {
            demand.walk(brief, &entry.operation, entry_rate(brief, entry, level));
        }
        demand
    }

    fn walk(&mut self, brief: &Brief, path: &str, rate: PerSecond) {
        let Some((_, operation)) = brief.operation(path) else { return };
        add(&mut self.operations, path, rate);
        for access in &operation.reads {
            add(&mut self.reads, &access.to, rate * access.times);
        }
        for access in &operation.writes {
            add(&mut self.writes, &access.to, rate * access.times);
        }
        for call in &operation.calls {
            if brief.outside(&call.to).is_some() {
                add(&mut self.outside, &call.to, rate);
            } else {
                self.walk(brief, &call.to, rate);
            }
        }
        for event in &operation.emits {
            add(&mut self.events, event, rate);
            let handlers: Vec<String> =
                brief.handlers(event).map(|(module, handler)| path_of(&module.name, handler)).collect();
            for handler in handlers {
                self.walk(brief, &handler, rate);
            }
        }
    }
}

/// `module.operation`.
#[must_use]
pub fn path_of(module: &str, operation: &DomainOperation) -> String {
    format!("{module}.{}", operation.name.value)
}

/// Share of the calls between modules, and of the events, that may follow: what an event-driven projection can move.
#[must_use]
pub fn share_of_calls_that_may_follow(brief: &Brief) -> Share {
    use groundplan_model::brief::Answer;
    let calls = brief.modules.iter().flat_map(|module| &module.operations).flat_map(|operation| &operation.calls);
    let (mut follow, mut all) = (0.0, 0.0);
    for call in calls {
        all += 1.0;
        if matches!(call.answer, Answer::FollowsWithin(_)) {
            follow += 1.0;
        }
    }
    Share(if all > 0.0 { follow / all } else { 0.0 })
}

fn add(map: &mut IndexMap<String, PerSecond>, name: &str, rate: PerSecond) {
    *map.entry(name.to_string()).or_default() += rate;
}
