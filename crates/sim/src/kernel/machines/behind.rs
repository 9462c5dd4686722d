//! Writes that a cache acknowledges and stores later: what waits, what is on its way, what is lost.
//!
//! Writes of one row that wait are one. So many rows are stored in one write, one batch at a time for each replica: as soon as
//! a batch is full, at the latest `every` after the first of them came. What waits when its replica goes down is lost. Left
//! out: a batch that is on its way then counts as stored; a write never waits for room.

use super::caches::Alarm;
use super::{Alarm as Any, Which};
use crate::kernel::draws::derive;
use crate::kernel::engine::Engine;
use crate::kernel::frames::{Cold, Frame, flag};
use crate::kernel::shelf::Index;
use crate::kernel::tables::NONE;
use crate::record::{Count, Timed};
use std::collections::VecDeque;

/// When writes are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Longest wait for more. Unit: ns.
    pub every: u64,
    /// Rows of one write.
    pub batch: u32,
    /// What a batch runs.
    pub entry: u32,
    /// Site of its draws.
    pub site: u32,
}

/// A row that was written and is not stored.
#[derive(Debug, Clone, Copy)]
struct Pending {
    row: u64,
    writes: u32,
    /// When the first of its writes was acknowledged. Unit: ns.
    since: u64,
}

/// What waits at one replica.
#[derive(Debug, Default)]
pub(super) struct Behind {
    rows: VecDeque<Pending>,
    /// Where a row stands: its place among the waiting, from `gone` on.
    places: Index,
    /// Rows that have left in front, modulo 2^32.
    gone: u32,
    on_its_way: Vec<Pending>,
    busy: bool,
    armed: bool,
    batches: u32,
}

impl Behind {
    /// Whether a row waits to be stored, or is on its way.
    pub(super) fn has(&self, row: u64) -> bool {
        self.place(row).is_some() || self.on_its_way.iter().any(|pending| pending.row == row)
    }

    fn place(&self, row: u64) -> Option<u32> {
        self.places.find(row, |place| self.rows[place.wrapping_sub(self.gone) as usize].row)
    }

    fn add(&mut self, row: u64, now: u64) {
        if let Some(place) = self.place(row) {
            self.rows[place.wrapping_sub(self.gone) as usize].writes += 1;
            return;
        }
        // `NONE` marks an empty place of the index.
        if self.gone.wrapping_add(self.rows.len() as u32) == NONE || self.rows.len() >= self.places.room() {
            self.renumber();
        }
        self.places.add(row, self.gone.wrapping_add(self.rows.len() as u32));
        self.rows.push_back(Pending { row, writes: 1, since: now });
    }

    fn renumber(&mut self) {
        self.gone = 0;
        self.places = Index::new(2 * (self.rows.len() + 1));
        for (nth, pending) in self.rows.iter().enumerate() {
            self.places.add(pending.row, nth as u32);
        }
    }

    fn take(&mut self, many: u32) {
        for _ in 0..many {
            let Some(first) = self.rows.front().copied() else { break };
            let (rows, gone) = (&self.rows, self.gone);
            self.places.remove(first.row, gone, |place| rows[place.wrapping_sub(gone) as usize].row);
            self.rows.pop_front();
            self.gone = gone.wrapping_add(1);
            self.on_its_way.push(first);
        }
    }

    /// What was on its way waits again, before all others.
    fn put_back(&mut self) {
        while let Some(back) = self.on_its_way.pop() {
            match self.place(back.row) {
                Some(place) => {
                    let known = &mut self.rows[place.wrapping_sub(self.gone) as usize];
                    known.writes += back.writes;
                    known.since = back.since;
                }
                None => self.rows.push_front(back),
            }
            self.renumber();
        }
    }
}

impl Engine<'_> {
    /// A write is acknowledged, to be stored later.
    pub(super) fn keep_write(&mut self, f: u32, unit: u32, shelf: u32) {
        let unit = &self.tables.machines.caches.units[unit as usize];
        let Some(rule) = unit.behind else { return };
        let row = self.cold[f as usize].row;
        self.watch.tally(unit.component, Count::Acknowledged, 1);
        let behind = self.machines.caches.behind(shelf);
        behind.add(row, self.now);
        if behind.busy {
            return;
        }
        if behind.rows.len() >= rule.batch as usize {
            self.store(shelf);
        } else if !behind.armed {
            behind.armed = true;
            self.remind(self.now.saturating_add(rule.every), Any::Caches(Alarm::Store { shelf }));
        }
    }

    /// The longest wait is over.
    pub(super) fn store_due(&mut self, shelf: u32) {
        let behind = self.machines.caches.behind(shelf);
        behind.armed = false;
        if !behind.busy && !behind.rows.is_empty() {
            self.store(shelf);
        }
    }

    /// A batch sets out, in a frame of its own at its replica.
    fn store(&mut self, shelf: u32) {
        let (unit, replica) = self.machines.caches.owner(self.tables, shelf);
        let Some(rule) = unit.behind else { return };
        let behind = self.machines.caches.behind(shelf);
        behind.take(rule.batch);
        behind.busy = true;
        behind.batches = behind.batches.wrapping_add(1);
        let row = behind.on_its_way.first().map_or(0, |first| first.row);
        let key = derive(row ^ u64::from(replica), rule.site, behind.batches);
        let flags = flag::ALIVE | flag::LOCAL;
        let g = self.alloc(Frame { start: self.now, key, replica, pc: rule.entry, flags, ..Frame::BLANK });
        if g == NONE {
            return;
        }
        self.cold[g as usize] = Cold { row, request: key, born: self.now, ..Cold::default() };
        self.machines.caches.stores(g, shelf);
        self.hold(g, Which::Caches);
        self.wake(g);
    }

    /// A batch is stored.
    pub(super) fn stored(&mut self, shelf: u32) {
        let (unit, _) = self.machines.caches.owner(self.tables, shelf);
        let now = self.now;
        let behind = self.machines.caches.behind(shelf);
        behind.busy = false;
        for pending in behind.on_its_way.drain(..) {
            self.watch.timed(unit.component, Timed::FlushLag, now - pending.since);
        }
        self.go_on_storing(shelf);
    }

    /// A batch was not stored: it waits again.
    pub(super) fn not_stored(&mut self, shelf: u32) {
        let behind = self.machines.caches.behind(shelf);
        behind.busy = false;
        behind.put_back();
        self.store_later(shelf);
    }

    fn go_on_storing(&mut self, shelf: u32) {
        let (unit, _) = self.machines.caches.owner(self.tables, shelf);
        let full = unit.behind.map_or(usize::MAX, |rule| rule.batch as usize);
        if self.machines.caches.behind(shelf).rows.len() >= full {
            self.store(shelf);
        } else {
            self.store_later(shelf);
        }
    }

    fn store_later(&mut self, shelf: u32) {
        let (unit, _) = self.machines.caches.owner(self.tables, shelf);
        let every = unit.behind.map_or(u64::MAX, |rule| rule.every);
        let behind = self.machines.caches.behind(shelf);
        if !behind.armed && !behind.rows.is_empty() {
            behind.armed = true;
            self.remind(self.now.saturating_add(every), Any::Caches(Alarm::Store { shelf }));
        }
    }

    /// A replica is down: what waited there is lost.
    pub(super) fn lose_writes(&mut self, shelf: u32) {
        let (unit, _) = self.machines.caches.owner(self.tables, shelf);
        let now = self.now;
        let behind = self.machines.caches.behind(shelf);
        behind.busy = false;
        behind.on_its_way.clear();
        behind.places.clear();
        for pending in behind.rows.drain(..) {
            self.watch.components[unit.component as usize].lost_writes += u64::from(pending.writes);
            self.watch.timed(unit.component, Timed::LostAge, now - pending.since);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_leave_in_their_order_and_come_back_before_all_others() {
        let mut behind = Behind::default();
        for (nth, row) in [5, 7, 5, 9, 11, 7].into_iter().enumerate() {
            behind.add(row, nth as u64);
        }
        let rows = |behind: &Behind| behind.rows.iter().map(|row| (row.row, row.writes, row.since)).collect::<Vec<_>>();
        assert_eq!(rows(&behind), [(5, 2, 0), (7, 2, 1), (9, 1, 3), (11, 1, 4)]);
        behind.take(2);
        assert!(behind.has(5) && behind.has(9) && !behind.has(6));
        behind.add(7, 20);
        assert_eq!(rows(&behind), [(9, 1, 3), (11, 1, 4), (7, 1, 20)]);
        behind.put_back();
        assert_eq!(rows(&behind), [(5, 2, 0), (9, 1, 3), (11, 1, 4), (7, 3, 1)]);
        for row in 0..1000 {
            behind.add(row, 30);
            behind.take(1);
        }
        assert!(behind.rows.len() <= 4);
    }
}
