//! Compactions: after so many writes a shard of a log-structured store merges its files, and is slow meanwhile.
//!
//! Left out: how large files are, levels, and reads that grow dearer before a compaction.

use super::{Alarm as Due, Machine, Operand};
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::tables::Tables;
use crate::record::Count;

/// Rows: one for each component that compacts.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The rules.
    pub rules: Vec<Rule>,
    /// Replicas under all rules.
    pub replicas: u32,
}

/// When a component's shards compact, and what it does to them.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The component.
    pub component: u32,
    /// Its first replica.
    pub first: u32,
    /// Where its replicas stand among those of all rules.
    pub place: u32,
    /// Writes of a shard between two.
    pub after: u64,
    /// How long one lasts. Unit: ns.
    pub lasts: u64,
    /// How many times as long everything takes meanwhile.
    pub slow: f64,
}

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// A write is done. `unit`: the rule.
    Wrote,
}

/// A compaction is over: the rule and the replica.
#[derive(Debug, Clone, Copy)]
pub struct Alarm(u32, u32);

/// Writes since the last compaction, by replica, and whether one is under way.
#[derive(Debug)]
pub struct Compactions {
    shards: Vec<(u64, bool)>,
}

impl Machine for Compactions {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Compactions {
        Compactions { shards: vec![(0, false); tables.machines.compactions.replicas as usize] }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        let Act::Wrote = act;
        let rule = engine.tables.machines.compactions.rules[at.unit as usize];
        let replica = engine.frames[f as usize].replica;
        let (writes, under_way) = &mut engine.machines.compactions.shards[(rule.place + replica - rule.first) as usize];
        *writes += 1;
        if *writes >= rule.after && !*under_way {
            (*writes, *under_way) = (0, true);
            engine.watch.tally(rule.component, Count::Compactions, 1);
            engine.slow_down(replica, 1, |slow| slow * rule.slow);
            engine.remind(engine.now.saturating_add(rule.lasts), Due::Compactions(Alarm(at.unit, replica)));
        }
        f
    }

    fn due(engine: &mut Engine<'_>, Alarm(unit, replica): Alarm) {
        let rule = engine.tables.machines.compactions.rules[unit as usize];
        engine.machines.compactions.shards[(rule.place + replica - rule.first) as usize].1 = false;
        engine.slow_down(replica, 1, |slow| slow / rule.slow);
    }
}
