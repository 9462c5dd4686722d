//! How far the load could grow before something is used up, read from what is in use.
//!
//! What is used grows with the load in proportion where a frame's time at its worker does not depend on the load: at
//! cores, and at workers that wait for nobody. A worker that waits for a slower callee is kept longer, so that the factor is
//! an upper bound. Left out: rate limits, pools of connections and permits, closed loads, which slow down with
//! their system, and data in shards, whose load is uneven.

use super::ComponentVerdict;
use groundplan_model::estimate::Estimate;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The first thing to be used up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Headroom {
    /// The component with the least of it.
    pub component: String,
    /// What is used up there.
    pub resource: Resource,
    /// How many times this load would use it up, at most: one over the share that is in use.
    pub factor: Estimate,
}

/// What a component can run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// Slots for requests in work.
    Workers,
    /// CPU time.
    Cores,
}

impl Headroom {
    /// The bottleneck of these components; none where nothing bounded is in use.
    #[must_use]
    pub fn of(components: &IndexMap<String, ComponentVerdict>) -> Option<Headroom> {
        let mut most: Option<(f64, &String, Resource, &Estimate)> = None;
        // Over shards the load is uneven: the hottest is used up long before all of them together are.
        let even = |component: &ComponentVerdict| !component.kept.contains_key("hottest_shard");
        for (name, component) in components.iter().filter(|(_, component)| even(component)) {
            for (resource, used) in
                [(Resource::Workers, &component.utilisation), (Resource::Cores, &component.core_utilisation)]
            {
                let Some(value) = used.value.filter(|value| *value > 0.0) else { continue };
                if most.is_none_or(|(largest, ..)| value > largest + 1e-9) {
                    most = Some((value, name, resource, used));
                }
            }
        }
        let (value, name, resource, used) = most?;
        let over = |share: f64| (share > 0.0).then(|| 1.0 / share);
        let factor = Estimate {
            value: Some(1.0 / value),
            low: used.high.and_then(over),
            high: used.low.and_then(over),
            ..used.clone()
        };
        Some(Headroom { component: name.clone(), resource, factor })
    }
}
