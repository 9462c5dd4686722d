//! Copies of data behind a leader: which acknowledged writes they do not have yet, and what is lost with the leader.
//!
//! Copies are a constant time behind. Left out: the queue in which a follower applies what it received.

use super::{Machine, Operand};
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::frames::Health;
use crate::kernel::tables::Tables;
use crate::record::{Count, Timed};
use std::collections::VecDeque;

/// Rows: one for each component whose copies lag.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The groups of copies.
    pub groups: Vec<Group>,
}

/// A leader and its copies.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The component.
    pub component: u32,
    /// The replica that leads.
    pub leader: u32,
    /// How far the copies are behind. Unit: ns.
    pub lag: u64,
}

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// A write is acknowledged before its copies have it. `unit`: the group.
    Acknowledge,
}

/// Nothing is due by itself.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {}

/// Times of writes that not all copies may have, by group.
#[derive(Debug)]
pub struct Copies {
    recent: Vec<VecDeque<u64>>,
}

impl Machine for Copies {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Copies {
        Copies { recent: vec![VecDeque::new(); tables.machines.copies.groups.len()] }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        match act {
            Act::Acknowledge => {
                let group = engine.tables.machines.copies.groups[at.unit as usize];
                let recent = &mut engine.machines.copies.recent[at.unit as usize];
                let horizon = engine.now.saturating_sub(group.lag);
                while recent.front().is_some_and(|time| *time < horizon) {
                    recent.pop_front();
                }
                recent.push_back(engine.now);
                engine.watch.tally(group.component, Count::Acknowledged, 1);
                engine.watch.tally(group.component, Count::Unreplicated, 1);
            }
        }
        f
    }

    fn down(engine: &mut Engine<'_>, replica: u32, _: Health) {
        for (nth, group) in engine.tables.machines.copies.groups.iter().enumerate() {
            if group.leader != replica {
                continue;
            }
            let horizon = engine.now.saturating_sub(group.lag);
            for time in std::mem::take(&mut engine.machines.copies.recent[nth]) {
                if time > horizon {
                    engine.watch.components[group.component as usize].lost_writes += 1;
                    engine.watch.timed(group.component, Timed::LostAge, engine.now - time);
                }
            }
        }
    }
}
