//! The leader's log, and how far each follower is in it.
//!
//! Entries are times: a follower has received an entry once it has been shipped and has come over the network, in order, and
//! not before it was reachable. Without a law of applying it is then applied, and its place in the log is found by a search
//! through times; with one, the finish of each entry is known when it is written (one queue, one server), and kept until it
//! is past. Entries that all copies have are dropped, and so are those beyond a million; what is asked of older ones is
//! answered by the oldest that is known.

use super::Group;
use crate::kernel::draws::{Keyed, site};
use std::collections::{BTreeSet, VecDeque};

/// Entries that are kept for followers that are away.
pub(super) const KEPT: usize = 1 << 20;

/// The draws of one application.
pub(super) fn luck(key: u64) -> Keyed {
    Keyed::new(key, site("apply"))
}

/// One write.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// When it was written. Unit: ns.
    pub at: u64,
    /// When it is acknowledged; `u64::MAX` while that is not known. Unit: ns.
    pub acked: u64,
    /// Its row; zero where rows are not told apart.
    pub row: u64,
    /// Who wrote it.
    pub session: u64,
}

/// Entries that not all copies have. Sequence numbers begin at 1.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    /// The last that was dropped.
    before: u64,
    /// Row and number of each entry.
    rows: BTreeSet<(u64, u64)>,
}

impl Log {
    /// The number of the last entry.
    pub fn head(&self) -> u64 {
        self.before + self.entries.len() as u64
    }

    /// The last entry that is not kept any more.
    pub fn before(&self) -> u64 {
        self.before
    }

    pub fn push(&mut self, entry: Entry) -> u64 {
        self.entries.push_back(entry);
        let seq = self.head();
        if entry.row != 0 {
            self.rows.insert((entry.row, seq));
        }
        seq
    }

    /// An entry; of those that are dropped the oldest that is known.
    pub fn entry(&self, seq: u64) -> Option<&Entry> {
        self.entries.get(seq.saturating_sub(self.before + 1) as usize)
    }

    pub fn acknowledge(&mut self, seq: u64, acked: u64) {
        if seq > self.before
            && let Some(entry) = self.entries.get_mut((seq - self.before - 1) as usize)
        {
            entry.acked = acked;
        }
    }

    /// The last entry written no later than a time.
    pub fn written_by(&self, time: u64) -> u64 {
        self.before + self.entries.partition_point(|entry| entry.at <= time) as u64
    }

    /// Entries acknowledged by now of those behind a number: how many, and the first of them.
    pub fn missing(&self, behind: u64, now: u64) -> (u64, Option<&Entry>) {
        let from = behind.saturating_sub(self.before) as usize;
        let known = self.entries.partition_point(|entry| entry.acked <= now);
        if known <= from {
            return (0, None);
        }
        ((known - from) as u64, self.entries.get(from))
    }

    /// Entries of a row acknowledged by now of those behind a number: their numbers.
    pub fn missing_of(&self, row: u64, behind: u64, now: u64) -> impl Iterator<Item = &Entry> {
        let numbers = self.rows.range((row, behind + 1)..=(row, u64::MAX)).map(|(_, seq)| *seq);
        numbers.filter_map(|seq| self.entry(seq)).filter(move |entry| entry.acked <= now)
    }

    /// Takes away what stands behind a number: the entries, and how many are not kept any more.
    pub fn cut(&mut self, behind: u64) -> (VecDeque<Entry>, u64) {
        let from = (behind.saturating_sub(self.before) as usize).min(self.entries.len());
        for (nth, entry) in self.entries.iter().enumerate().skip(from) {
            if entry.row != 0 {
                self.rows.remove(&(entry.row, self.before + 1 + nth as u64));
            }
        }
        let forgotten = self.before.saturating_sub(behind);
        self.before = self.before.min(behind);
        (self.entries.split_off(from), forgotten)
    }

    /// Drops what all copies have.
    pub fn trim(&mut self, group: &Group, copies: &mut [Copy], leader: u32, more_lag: u64, now: u64) {
        let lag = group.lag.saturating_add(more_lag);
        while let Some(front) = self.entries.front().copied() {
            let seq = self.before + 1;
            let mut others = copies.iter_mut().enumerate().filter(|(nth, _)| *nth != group.place(leader));
            let all = front.acked <= now && others.all(|(_, copy)| copy.is_past(&front, seq, lag, now));
            if !all && self.entries.len() <= KEPT {
                return;
            }
            self.entries.pop_front();
            self.before = seq;
            if front.row != 0 {
                self.rows.remove(&(front.row, seq));
            }
        }
    }
}

/// A follower.
#[derive(Debug, Clone, Default)]
pub(super) struct Copy {
    /// What it had received for certain when something changed last.
    pub known: u64,
    /// It receives nothing behind that before this time. Unit: ns.
    pub floor: u64,
    /// Whether the leader can't reach it.
    pub away: bool,
    /// Whether writes don't wait for it any more.
    pub out: bool,
    /// Whether the leader was chosen without it, and they have not met since: it has no say.
    pub aside: bool,
    /// One-way delays from the leader and back. Unit: ns.
    pub delay: u64,
    /// See `delay`.
    pub back: u64,
    /// Finish of the last entry whose application is known.
    last: u64,
    /// Number of that entry.
    computed: u64,
    /// Finishes of entries up to that one that were not past when they were last looked at. Unit: ns.
    finishes: VecDeque<u64>,
}

impl Copy {
    /// When an entry is in its log. `ship`: what is added to the way.
    pub fn arrival(&self, log: &Log, seq: u64, ship: u64) -> u64 {
        match log.entry(seq) {
            Some(entry) if seq > self.known => self.arrival_of(entry, ship),
            _ => 0,
        }
    }

    fn arrival_of(&self, entry: &Entry, ship: u64) -> u64 {
        entry.at.saturating_add(ship).saturating_add(self.delay).max(self.floor)
    }

    /// The last entry in its log at a time.
    pub fn received(&self, log: &Log, ship: u64, time: u64) -> u64 {
        if self.away || time < self.floor {
            return self.known;
        }
        match time.checked_sub(ship.saturating_add(self.delay)) {
            Some(time) => log.written_by(time).max(self.known),
            None => self.known,
        }
    }

    /// The last entry that it shows to readers.
    pub fn shown(&mut self, log: &Log, group: &Group, (ship, show): (u64, u64), now: u64) -> u64 {
        if group.apply == u16::MAX {
            return match now.checked_sub(show) {
                Some(time) => self.received(log, ship, time),
                None => self.known,
            };
        }
        self.forget(now);
        self.computed - self.finishes.len() as u64
    }

    /// When it shows an entry; none if that can't be said while it is away.
    pub fn shows_at(&self, log: &Log, group: &Group, (ship, show): (u64, u64), seq: u64) -> Option<u64> {
        if group.apply == u16::MAX {
            return (!self.away).then(|| self.arrival(log, seq, ship).saturating_add(show));
        }
        let past = self.computed - self.finishes.len() as u64;
        if seq <= past { Some(0) } else { self.finishes.get((seq - past - 1) as usize).copied() }
    }

    /// When it has applied everything that it has received. Unit: ns.
    pub fn has_applied(&self) -> u64 {
        self.finishes.back().copied().unwrap_or(0)
    }

    fn forget(&mut self, now: u64) {
        while self.finishes.front().is_some_and(|finish| *finish <= now) {
            self.finishes.pop_front();
        }
    }

    /// Applies one more entry behind all others. Returns when it is done.
    pub fn apply(&mut self, seq: u64, arrival: u64, takes: u64) -> u64 {
        self.last = self.last.max(arrival).saturating_add(takes);
        self.computed = seq;
        self.finishes.push_back(self.last);
        self.last
    }

    /// Whether an entry says nothing of it any more.
    fn is_past(&mut self, entry: &Entry, seq: u64, lag: u64, now: u64) -> bool {
        if seq > self.known && (self.away || self.arrival_of(entry, lag) > now) {
            return false;
        }
        if self.finishes.is_empty() {
            return true;
        }
        self.forget(now);
        seq <= self.computed - self.finishes.len() as u64
    }

    /// Holds what it has received by now. `ship`: what is added to the way.
    pub fn settle(&mut self, log: &Log, ship: u64, time: u64) {
        self.known = self.received(log, ship, time);
        self.unapply(self.known, time);
    }

    /// What stands behind a number is not there.
    pub fn cut(&mut self, behind: u64, now: u64) {
        self.known = self.known.min(behind);
        self.unapply(behind, now);
    }

    /// Forgets applications behind a number.
    fn unapply(&mut self, behind: u64, now: u64) {
        if self.computed > behind {
            let many = (self.computed - behind).min(self.finishes.len() as u64) as usize;
            self.finishes.truncate(self.finishes.len() - many);
            self.computed = behind;
            self.last = self.finishes.back().copied().unwrap_or(now.min(self.last));
        }
    }

    /// Number of the first entry whose application is not known.
    pub fn to_apply(&self) -> u64 {
        self.computed + 1
    }

    /// It led until now, and has nothing behind a number.
    pub fn led_until(&mut self, behind: u64, now: u64) {
        self.known = behind;
        self.computed = behind;
        self.finishes.clear();
        self.last = now;
    }

    /// Leaves entries out whose application nobody knows any more.
    pub fn skip_to(&mut self, seq: u64) {
        self.computed = self.computed.max(seq);
    }
}
