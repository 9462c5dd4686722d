//! Streams of events: how many each has, and what a read of one takes that folds those since its last snapshot.
//!
//! One count a stream, found by its row in a table with open addressing; streams that nobody has appended to in the run have
//! what they began with and no place in it. A snapshot lies at each multiple of `every`. Left out: the time in which snapshots
//! are written, and streams that are archived.

use super::{Machine, Operand};
use crate::kernel::draws::mix;
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::tables::{NONE, Tables};
use crate::record::Count;

/// Rows: one for each component that keeps streams.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The stores.
    pub stores: Vec<Store>,
}

/// A component that keeps streams.
#[derive(Debug, Clone, Copy)]
pub struct Store {
    /// The component.
    pub component: u32,
    /// Events of a stream before the run.
    pub start: u64,
    /// Events from one snapshot to the next; zero for none.
    pub every: u64,
    /// CPU time of an event when a stream is read. Unit: ns.
    pub fold: u64,
}

/// What operations ask. `unit`: the store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// The stream at hand has an event more.
    Append,
    /// The events of the stream at hand are applied, those since its last snapshot.
    Fold,
}

/// Nothing is due by itself.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {}

/// Places in a table that has been used; a power of two.
const PLACES: usize = 256;

/// How many events were appended to which stream: row and number, zero for an empty place; a power of two of them.
#[derive(Debug, Default)]
struct Counts {
    places: Vec<(u64, u64)>,
    taken: usize,
}

impl Counts {
    /// Where a stream stands, or would.
    fn place(&self, row: u64) -> usize {
        let mask = self.places.len() - 1;
        let mut at = mix(row) as usize & mask;
        while self.places[at].1 != 0 && self.places[at].0 != row {
            at = (at + 1) & mask;
        }
        at
    }

    fn appended(&self, row: u64) -> u64 {
        if self.places.is_empty() { 0 } else { self.places[self.place(row)].1 }
    }

    fn append(&mut self, row: u64) {
        if (self.taken + 1) * 2 > self.places.len() {
            let room = (self.places.len() * 2).max(PLACES);
            let before = std::mem::replace(&mut self.places, vec![(0, 0); room]);
            for known in before.into_iter().filter(|(_, count)| *count > 0) {
                let at = self.place(known.0);
                self.places[at] = known;
            }
        }
        let at = self.place(row);
        self.taken += usize::from(self.places[at].1 == 0);
        self.places[at] = (row, self.places[at].1 + 1);
    }
}

/// The streams of every store.
#[derive(Debug)]
pub struct Streams {
    counts: Vec<Counts>,
}

impl Store {
    /// CPU time that a read takes to fold, on average: between snapshots halfway, else that of what was there before the
    /// run. Unit: ns.
    #[must_use]
    pub fn mean_fold(&self) -> f64 {
        let events = if self.every > 0 { (self.every - 1) as f64 / 2.0 } else { self.start as f64 };
        events * self.fold as f64
    }

    /// Events that a read of a stream goes through.
    fn folded(&self, appended: u64) -> u64 {
        let events = self.start.saturating_add(appended);
        events.checked_rem(self.every).unwrap_or(events)
    }
}

impl Machine for Streams {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Streams {
        Streams { counts: tables.machines.streams.stores.iter().map(|_| Counts::default()).collect() }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        let store = engine.tables.machines.streams.stores[at.unit as usize];
        let row = engine.cold[f as usize].row;
        let counts = &mut engine.machines.streams.counts[at.unit as usize];
        match act {
            Act::Append => {
                counts.append(row);
                f
            }
            Act::Fold => {
                let events = store.folded(counts.appended(row));
                engine.watch.tally(store.component, Count::Folds, 1);
                engine.watch.tally(store.component, Count::Folded, events);
                let work = events.saturating_mul(store.fold);
                if work == 0 {
                    return f;
                }
                engine.compute(f, work);
                NONE
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::draws::{Stream, Words as _};
    use std::collections::BTreeMap;

    #[test]
    fn streams_are_counted_as_in_a_plain_table() {
        let (mut counts, mut known) = (Counts::default(), BTreeMap::<u64, u64>::new());
        let mut stream = Stream::new(1, 0, 0);
        for _ in 0..20_000 {
            let row = 1 + stream.word() % 3_000;
            assert_eq!(counts.appended(row), known.get(&row).copied().unwrap_or(0));
            counts.append(row);
            *known.entry(row).or_default() += 1;
        }
        assert_eq!(counts.taken, known.len());
        assert!(known.iter().all(|(row, count)| counts.appended(*row) == *count));
    }

    #[test]
    fn a_read_goes_through_what_came_since_the_last_snapshot() {
        let store = Store { component: 0, start: 250, every: 100, fold: 1 };
        assert_eq!([0, 49, 50, 51].map(|appended| store.folded(appended)), [50, 99, 0, 1]);
        assert_eq!(Store { every: 0, ..store }.folded(51), 301);
    }
}
