//! Failure and repair by chance: replicas, copies or chunks that fail after a time of their own and are repaired.
//!
//! Each unit has a stream of its own, keyed by seed, replication and name, so that it fails at the same times whatever
//! else happens. At time zero all work and are new. Left out: faults of an experiment as causes (they come besides), and
//! repairs that take longer while many are under way.

use super::{Alarm as Due, Machine, Operand};
use crate::kernel::draws::Stream;
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::tables::Tables;
use crate::record::{Count, Timed};
use std::collections::VecDeque;

/// Rows: one for each component that fails by itself.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The groups of units.
    pub groups: Vec<Group>,
    /// By experiment: whether it is over once data is lost. Empty where none is.
    pub until_lost: Vec<bool>,
}

/// What becomes of a component when one of its units fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Falls {
    /// Each unit is a replica, and is down.
    Each,
    /// One unit leads: with it the component is down until another leads.
    Leader,
    /// Any unit may serve: all of it is down while fewer than `needed` are there.
    Whole,
}

/// Units that fail and are repaired.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The component.
    pub component: u32,
    /// Its first replica.
    pub first: u32,
    /// Number of units.
    pub units: u32,
    /// Units without which data is lost; zero where no data is kept.
    pub needed: u32,
    /// Repairs at a time.
    pub repairers: u32,
    /// Law of a unit's life. Unit: ns.
    pub fails: u16,
    /// Law of a repair. Unit: ns.
    pub repair: u16,
    /// Names the streams of the units.
    pub stream: u32,
    /// What a failure does.
    pub falls: Falls,
}

/// Operations ask nothing of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {}

/// What is due. The group and the unit.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {
    /// A unit fails.
    Fails(u32, u32),
    /// A repair is done.
    Repaired(u32, u32),
}

#[derive(Debug)]
struct State {
    streams: Vec<Stream>,
    up: Vec<bool>,
    alive: u32,
    /// Units that wait for a repair, the first to fail first; and repairs under way.
    broken: VecDeque<u32>,
    repairing: u32,
    /// The unit that leads.
    leader: u32,
    /// Since when its data is whole; none while it is lost. Unit: ns.
    whole_since: Option<u64>,
}

/// The units of every group.
#[derive(Debug)]
pub struct Repairs {
    states: Vec<State>,
}

impl Machine for Repairs {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, plan: &Plan) -> Repairs {
        let state = |group: &Group| State {
            streams: (0..group.units)
                .map(|unit| Stream::new(plan.seed, plan.replication, group.stream.wrapping_add(unit.wrapping_mul(0x9E37_79B9))))
                .collect(),
            up: vec![true; group.units as usize],
            alive: group.units,
            broken: VecDeque::new(),
            repairing: 0,
            leader: 0,
            whole_since: Some(0),
        };
        Repairs { states: tables.machines.repairs.groups.iter().map(state).collect() }
    }

    fn begin(engine: &mut Engine<'_>) {
        for (nth, group) in engine.tables.machines.repairs.groups.iter().enumerate() {
            (0..group.units).for_each(|unit| engine.live(nth as u32, unit));
        }
    }

    fn act(_: &mut Engine<'_>, _: u32, act: Act, _: Operand) -> u32 {
        match act {}
    }

    fn due(engine: &mut Engine<'_>, alarm: Alarm) {
        match alarm {
            Alarm::Fails(group, unit) => engine.unit_fails(group, unit),
            Alarm::Repaired(group, unit) => engine.unit_repaired(group, unit),
        }
    }
}

/// The fault that holds a replica down, as `lost` knows it: no fault of an experiment has such a number.
fn cause(replica: u32) -> usize {
    usize::MAX - replica as usize
}

impl Engine<'_> {
    /// A time of a unit's own stream from now.
    fn after(&mut self, group: u32, unit: u32, law: u16) -> u64 {
        let stream = &mut self.machines.repairs.states[group as usize].streams[unit as usize];
        let time = self.tables.laws.draw(&self.ziggurat, law, stream);
        self.now.saturating_add(time)
    }

    /// A unit works, until it fails.
    fn live(&mut self, group: u32, unit: u32) {
        let law = self.tables.machines.repairs.groups[group as usize].fails;
        let time = self.after(group, unit, law);
        self.remind(time, Due::Repairs(Alarm::Fails(group, unit)));
    }

    fn unit_fails(&mut self, nth: u32, unit: u32) {
        let group = self.tables.machines.repairs.groups[nth as usize];
        let now = self.now;
        let state = &mut self.machines.repairs.states[nth as usize];
        state.up[unit as usize] = false;
        state.alive -= 1;
        state.broken.push_back(unit);
        let (alive, leads) = (state.alive, state.leader == unit);
        let lost = (alive < group.needed).then(|| state.whole_since.take()).flatten();
        self.watch.tally(group.component, Count::Failures, 1);
        if let Some(since) = lost {
            self.watch.tally(group.component, Count::DataLosses, 1);
            self.watch.timed(group.component, Timed::DataLost, now - since);
            let rows = &self.tables.machines.repairs;
            if self.plan.experiment.is_some_and(|nth| rows.until_lost.get(nth) == Some(&true)) {
                self.window_cut_short();
            }
        }
        match group.falls {
            Falls::Each => self.hold_down(group.first + unit),
            Falls::Leader if leads => {
                self.elect(nth);
                self.hold_down(group.first);
            }
            Falls::Whole if alive + 1 == group.needed => self.each_of(group.component, Self::hold_down),
            _ => {}
        }
        self.next_repair(nth);
    }

    fn unit_repaired(&mut self, nth: u32, unit: u32) {
        let group = self.tables.machines.repairs.groups[nth as usize];
        let now = self.now;
        let state = &mut self.machines.repairs.states[nth as usize];
        state.up[unit as usize] = true;
        state.alive += 1;
        state.repairing -= 1;
        let alive = state.alive;
        if alive == group.units && state.whole_since.is_none() {
            state.whole_since = Some(now);
        }
        self.live(nth, unit);
        match group.falls {
            Falls::Each => self.let_up(group.first + unit),
            Falls::Leader if alive == 1 => {
                self.elect(nth);
                self.let_up(group.first);
            }
            Falls::Whole if alive == group.needed => self.each_of(group.component, Self::let_up),
            _ => {}
        }
        self.next_repair(nth);
    }

    /// Repairers take the next of what is broken.
    fn next_repair(&mut self, nth: u32) {
        let group = self.tables.machines.repairs.groups[nth as usize];
        loop {
            let state = &mut self.machines.repairs.states[nth as usize];
            if state.repairing >= group.repairers {
                return;
            }
            let Some(unit) = state.broken.pop_front() else { return };
            state.repairing += 1;
            let time = self.after(nth, unit, group.repair);
            self.remind(time, Due::Repairs(Alarm::Repaired(nth, unit)));
        }
    }

    /// Another unit leads, if one works.
    fn elect(&mut self, nth: u32) {
        let state = &mut self.machines.repairs.states[nth as usize];
        if let Some(next) = state.up.iter().position(|up| *up) {
            state.leader = next as u32;
        }
    }

    fn each_of(&mut self, component: u32, change: fn(&mut Self, u32)) {
        let row = &self.tables.components[component as usize];
        (row.first..row.first + row.count).for_each(|replica| change(self, replica));
    }

    fn hold_down(&mut self, replica: u32) {
        self.lose(cause(replica), true, |r| r == replica);
    }

    /// A replica is repaired: it works again at once, unless a fault of the experiment holds it down.
    fn let_up(&mut self, replica: u32) {
        self.lost.retain(|(fault, _)| *fault != cause(replica));
        if !self.is_lost(replica) {
            self.revive(replica);
        }
    }

    /// Whether a replica has no unit that could take its place.
    pub(in crate::kernel) fn nothing_leads(&self, replica: u32) -> bool {
        let groups = self.tables.machines.repairs.groups.iter().zip(&self.machines.repairs.states);
        groups.into_iter().any(|(group, state)| {
            group.first == replica && group.falls == Falls::Leader && !state.up[state.leader as usize]
        })
    }
}
