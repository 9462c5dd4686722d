//! What readers see later than it is written: copies that are behind by a constant time, an index that is refreshed by a beat.
//!
//! A write is seen once its time has come; a read of its key before that misses it, and is stale by the age of the oldest
//! write that it misses. Left out: delays that grow with the load, and writes that overtake one another.

use super::{Machine, Operand};
use crate::kernel::engine::{Engine, Plan, chance};
use crate::kernel::frames::Health;
use crate::kernel::tables::Tables;
use crate::record::{Count, Timed};
use std::collections::{BTreeMap, VecDeque};

/// Rows: one for each component with readers that are behind.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The views.
    pub views: Vec<View>,
}

/// When writes are seen.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The component.
    pub component: u32,
    /// How long after it was acknowledged. Unit: ns.
    pub delay: u64,
    /// Or at the next of these beats; zero for none. Unit: ns.
    pub beat: u64,
    /// Share of reads that see all at once, because the leader answers them, in units of 2^-32.
    pub leader: u32,
    /// Whether what is not seen yet is gone with its leader.
    pub lost: bool,
}

/// What operations ask. `unit`: the view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// A write is acknowledged.
    Wrote,
    /// A read looks. `site`: of the draw of who answers.
    Look,
}

/// Nothing is due by itself.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {}

/// A write that is not seen yet. Unit of times: ns.
#[derive(Debug, Clone, Copy)]
struct Write {
    seen: u64,
    at: u64,
    row: u64,
    replica: u32,
    /// Number of the next write of this row.
    next: u64,
}

/// Writes that are not seen yet, in their order, and by row the numbers of the first and last.
#[derive(Debug, Default)]
struct State {
    writes: VecDeque<Write>,
    /// Number of the first of them.
    first: u64,
    of_row: BTreeMap<u64, (u64, u64)>,
}

/// The state of every view.
#[derive(Debug)]
pub struct Views {
    states: Vec<State>,
}

impl State {
    /// Forgets what is seen by now.
    fn see(&mut self, now: u64) {
        while let Some(write) = self.writes.front().copied().filter(|write| write.seen <= now) {
            self.writes.pop_front();
            match self.of_row.get_mut(&write.row) {
                Some((first, last)) if *first < *last => *first = write.next,
                _ => {
                    self.of_row.remove(&write.row);
                }
            }
            self.first += 1;
        }
    }

    fn write(&mut self, seen: u64, at: u64, row: u64, replica: u32) {
        let number = self.first + self.writes.len() as u64;
        if let Some((_, last)) = self.of_row.get_mut(&row) {
            let before = std::mem::replace(last, number);
            self.writes[(before - self.first) as usize].next = number;
        } else {
            self.of_row.insert(row, (number, number));
        }
        self.writes.push_back(Write { seen, at, row, replica, next: number });
    }

    /// When the oldest write of a row that is not seen yet was acknowledged.
    fn missed(&self, row: u64) -> Option<u64> {
        let (first, _) = self.of_row.get(&row)?;
        Some(self.writes[(first - self.first) as usize].at)
    }
}

impl Machine for Views {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Views {
        Views { states: tables.machines.views.views.iter().map(|_| State::default()).collect() }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        let view = engine.tables.machines.views.views[at.unit as usize];
        let (now, row) = (engine.now, engine.cold[f as usize].row);
        let (key, replica) = (engine.frames[f as usize].key, engine.frames[f as usize].replica);
        let state = &mut engine.machines.views.states[at.unit as usize];
        state.see(now);
        match act {
            Act::Wrote => {
                let seen = match now.checked_div(view.beat) {
                    Some(beats) => (beats + 1) * view.beat,
                    None => now.saturating_add(view.delay),
                };
                state.write(seen, now, row, replica);
            }
            Act::Look => {
                let leads = view.leader > 0 && chance(key, at.site, view.leader);
                let missed = if leads { None } else { state.missed(row) };
                engine.watch.tally(view.component, Count::Reads, 1);
                engine.watch.tally(view.component, Count::StaleReads, u64::from(missed.is_some()));
                engine.watch.timed(view.component, Timed::Staleness, missed.map_or(0, |at| now - at));
            }
        }
        f
    }

    fn down(engine: &mut Engine<'_>, replica: u32, health: Health) {
        // A process that starts again has its disk.
        if health != Health::Silent {
            return;
        }
        let component = engine.conditions[replica as usize].component;
        for (view, state) in engine.tables.machines.views.views.iter().zip(&mut engine.machines.views.states) {
            if view.component != component || !view.lost {
                continue;
            }
            state.see(engine.now);
            let here = |write: &&Write| write.replica == replica;
            for write in state.writes.iter().filter(here) {
                engine.watch.components[component as usize].lost_writes += 1;
                engine.watch.timed(component, Timed::LostAge, engine.now - write.at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_misses_the_oldest_write_of_its_key_that_is_not_seen() {
        let mut state = State::default();
        for (at, row) in [(10, 1), (20, 2), (30, 1), (40, 1)] {
            state.see(at);
            state.write(at + 25, at, row, 0);
        }
        // The write of 10 was seen at 35.
        assert_eq!([1, 2, 3].map(|row| state.missed(row)), [Some(30), Some(20), None]);
        state.see(60);
        assert_eq!([1, 2].map(|row| state.missed(row)), [Some(40), None]);
        state.see(65);
        assert!(state.writes.is_empty() && state.of_row.is_empty());
    }
}
