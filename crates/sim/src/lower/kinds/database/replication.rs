//! What a write of a database waits for beyond its own time: its copies.
//!
//! Not here: which copy answers a read, and what becomes of the data when a leader dies (`kernel::machines::copies`).

use super::super::count_or;
use crate::kernel::machines::copies;
use crate::kernel::tables::{Act, Operand, Step};
use crate::lower::Lowering;
use groundplan_model::quantity::Dist;

/// Copies that a write waits for, the leader aside.
fn acknowledgements(replication: &str, copies: u32) -> u32 {
    match replication {
        "sync" => copies - 1,
        "quorum" => copies / 2,
        "semi-sync" => 1.min(copies - 1),
        _ => 0,
    }
}

/// The wait of a write for its copies, and the note that it is acknowledged.
pub(crate) fn replicate(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let copies = count_or(settings, "copies", 1).clamp(1, 1000) as u32;
    let replication = settings.text("replication").unwrap_or("async");
    let wait = lowering.replication_wait(part, copies, acknowledgements(replication, copies));
    if wait.0 > 0.0 {
        let law = lowering.law(&Dist::Const(wait.0));
        lowering.push(Step::Wait { law, site: 1 });
    }
    let groups = &lowering.tables.machines.copies.groups;
    if let Some(unit) = groups.iter().position(|group| group.component == part) {
        let act = Act::Copies(copies::Act::Acknowledge);
        lowering.push(Step::Machine { act, at: Operand { unit: unit as u32, ..Operand::default() } });
    }
}
