//! Deciding stays fast: the large brief of the benchmark against its goals, with a margin for slow machines and for code that is not
//! optimised.

use super::large;
use crate::constraint;
use crate::measure::MEASURES;
use crate::rule::Scope;
use crate::{DIMENSIONS, Knowledge};

/// CPU time of this thread, where the system tells it. Unit: ms.
fn cpu_ms() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse::<f64>().ok().map(|ns| ns / 1e6)
}

fn spent(work: impl FnOnce()) -> Option<f64> {
    let before = cpu_ms()?;
    work();
    Some(cpu_ms()? - before)
}

#[test]
fn a_large_brief_is_decided_in_time() {
    let scope = |scope: Scope| match scope {
        Scope::Brief => "brief",
        Scope::Set => "set",
        Scope::Module => "module",
        Scope::Entry => "entry",
    };
    let quantities: Vec<large::Quantity> =
        MEASURES.iter().map(|measure| (measure.name, measure.unit, scope(measure.scope))).collect();
    let knowledge = Knowledge::load(&large::overlay(150, &DIMENSIONS, &quantities)).unwrap();
    let read = groundplan_model::reader::read_brief(&large::brief());
    let brief = read.value.unwrap_or_else(|| panic!("{:#?}", read.diagnostics));
    let sizes = (brief.load.len(), brief.modules.len(), brief.data.len());
    assert_eq!(sizes, (40, 30, 60));
    assert!(constraint::constraints(&brief).len() > 900);
    // Goals: 10 ms to choose, 200 ms to decide with all flip points.
    let margin = if cfg!(debug_assertions) { 40.0 } else { 4.0 };
    let (Some(choose), Some(decide)) =
        (spent(|| drop(knowledge.choose(&brief))), spent(|| drop(knowledge.decide(&brief))))
    else {
        return;
    };
    assert!(choose <= 10.0 * margin, "choosing took {choose} ms");
    assert!(decide <= 200.0 * margin, "deciding took {decide} ms");
}
