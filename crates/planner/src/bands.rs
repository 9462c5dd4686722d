//! A design with every assumed input at one end of its range, its sizes unchanged.

use crate::faults::each_step_mut;
use crate::parameters::{Parameter, Parameters};
use groundplan_model::design::{Design, Verb};
use groundplan_model::quantity::Dist;
use groundplan_model::value::Value;

/// An end of the ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All at the low end.
    Low,
    /// All at the high end.
    High,
}

/// The design at one end.
#[must_use]
pub fn at(design: &Design, parameters: &Parameters, end: End) -> Design {
    let mut changed = design.clone();
    let pick = |range: &Parameter| if end == End::Low { range.low.0 } else { range.high.0 };
    let hop = pick(&parameters.hop_cpu) / parameters.hop_cpu.mid().0;
    let read = pick(&parameters.store_read);
    let write = pick(&parameters.store_write);
    for component in &mut changed.components {
        if component.kind.value == "database" {
            component.settings.set("read-time", Value::Dist(Dist::Exp(read)));
            component.settings.set("write-time", Value::Dist(Dist::Exp(write)));
        }
        for operation in &mut component.operations {
            each_step_mut(&mut operation.steps, &mut |step| {
                let hops = step.settings.text("as").is_some_and(|name| name.contains(".hop-"));
                if let (true, Verb::Compute(work)) = (hops, &step.verb) {
                    step.verb = Verb::Compute(work.scaled(hop));
                }
            });
        }
    }
    changed
}
