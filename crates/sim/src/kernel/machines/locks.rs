//! Row locks and versions of rows: who may write, who waits, what has moved since it was read.
//!
//! Strict two-phase locking: a write takes the exclusive lock of its row, first come first served, and holds it to the end of
//! its transaction, or its own. A deadlock is looked for when a write begins to wait, along the one chain of whom it waits for;
//! the youngest transaction of the circle is aborted. The table holds live locks only. A version is the number of writes that
//! had committed when a row was read; the table of last commits forgets those that no reader can have missed.
//! Left out: shared locks and those of ranges, locks that are granted out of turn, the time that a rollback takes.

use super::{Machine, Operand, Which};
use crate::kernel::draws::mix;
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::frames::flag;
use crate::kernel::tables::{NONE, Tables};
use crate::record::{Count, Ending, Timed};

/// Rows: one for each component that locks rows.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The components.
    pub stores: Vec<Store>,
    /// Most versions that the steps of one list remember, under names of their own.
    pub names: u32,
}

/// A component that locks rows.
#[derive(Debug, Clone, Copy)]
pub struct Store {
    /// The component.
    pub component: u32,
    /// Lane of the longest wait for a lock; `NONE` for no limit.
    pub patience: u32,
    /// Whether some step asks for the version of a row.
    pub versions: bool,
}

/// What operations ask. `unit`: the store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// At the store: the lock of the row at hand.
    Lock,
    /// At the store: what was written holds, and its locks are free.
    Commit,
    /// At the store: whoever asked learns the version of the row at hand.
    Note,
    /// At the store: fails where the row has moved since the version that the caller expects.
    Check,
    /// At the caller: the version just read is remembered. `site`: under which name.
    Keep,
    /// At the caller: the next write is of the row whose version is remembered, and expects it. `site`: the name.
    Expect,
}

/// Nothing is due by itself: waits end by their lane.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {}

/// A row that is locked.
#[derive(Debug, Clone, Copy)]
struct Lock {
    row: u64,
    store: u32,
    holder: u32,
    /// First and last that wait.
    head: u32,
    tail: u32,
    /// Next lock of the same holder.
    beside: u32,
    /// Next of its bucket, or of the free ones.
    next: u32,
    /// Since when it is held. Unit: ns.
    since: u64,
}

/// What a frame has of locks.
#[derive(Debug, Clone, Copy)]
struct Claim {
    /// The first lock it holds.
    held: u32,
    /// The lock it waits for.
    waits: u32,
    /// Its neighbours among those that wait.
    next: u32,
    prev: u32,
    /// Since when it waits. Unit: ns.
    since: u64,
    /// Tells apart those that began at one instant.
    turn: u64,
}

const NO_CLAIM: Claim = Claim { held: NONE, waits: NONE, next: NONE, prev: NONE, since: 0, turn: 0 };

/// A version as a frame remembers it; another frame's where the key is another.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    key: u64,
    row: u64,
    version: u64,
}

/// The version of what was never read: it has moved, whatever it was.
const NEVER: u64 = u64::MAX;
/// Places in a table that has been used; a power of two.
const PLACES: usize = 256;

/// All locks, and what has been written when.
#[derive(Debug)]
pub struct Locks {
    locks: Vec<Lock>,
    free: u32,
    /// First lock of each bucket; a power of two of them.
    buckets: Vec<u32>,
    live: usize,
    /// By frame; grown when one locks.
    claims: Vec<Claim>,
    turn: u64,
    /// Writes that have committed.
    commits: u64,
    /// What the frame's read has just learnt, by frame.
    noted: Vec<Seen>,
    /// What frames remember, by frame and name.
    seen: Vec<Seen>,
    names: usize,
    /// Last commit of rows: store, row and number, zero for an empty place; a power of two of them.
    last: Vec<(u32, u64, u64)>,
    /// The table before it was last made anew: its room serves the next.
    spare: Vec<(u32, u64, u64)>,
    written: usize,
}

/// Spreads rows over a table.
fn place(store: u32, row: u64, places: usize) -> usize {
    mix(row ^ (u64::from(store) << 32)) as usize & (places - 1)
}

fn at_least<T: Clone>(column: &mut Vec<T>, length: usize, blank: T) {
    if column.len() < length {
        column.resize(length, blank);
    }
}

impl Locks {
    fn empty(names: usize) -> Locks {
        Locks {
            locks: Vec::new(),
            free: NONE,
            buckets: Vec::new(),
            live: 0,
            claims: Vec::new(),
            turn: 0,
            commits: 0,
            noted: Vec::new(),
            seen: Vec::new(),
            names,
            last: Vec::new(),
            spare: Vec::new(),
            written: 0,
        }
    }

    fn find(&self, store: u32, row: u64) -> u32 {
        if self.buckets.is_empty() {
            return NONE;
        }
        let mut l = self.buckets[place(store, row, self.buckets.len())];
        while let Some(lock) = self.locks.get(l as usize) {
            if lock.row == row && lock.store == store {
                break;
            }
            l = lock.next;
        }
        l
    }

    /// A lock that nobody had.
    fn take(&mut self, store: u32, row: u64, holder: u32, now: u64) {
        if self.live >= self.buckets.len() {
            self.spread();
        }
        let bucket = place(store, row, self.buckets.len());
        let lock = Lock {
            row,
            store,
            holder,
            head: NONE,
            tail: NONE,
            beside: self.claims[holder as usize].held,
            next: self.buckets[bucket],
            since: now,
        };
        let l = self.free;
        let l = match self.locks.get_mut(l as usize) {
            Some(free) => {
                self.free = std::mem::replace(free, lock).next;
                l
            }
            None => {
                self.locks.push(lock);
                self.locks.len() as u32 - 1
            }
        };
        self.buckets[bucket] = l;
        self.claims[holder as usize].held = l;
        self.live += 1;
    }

    /// More buckets, where all locks find a place anew.
    fn spread(&mut self) {
        let places = (self.buckets.len() * 2).max(PLACES);
        let before = std::mem::replace(&mut self.buckets, vec![NONE; places]);
        for mut l in before {
            while l != NONE {
                let lock = &mut self.locks[l as usize];
                let next = lock.next;
                let bucket = place(lock.store, lock.row, places);
                lock.next = std::mem::replace(&mut self.buckets[bucket], l);
                l = next;
            }
        }
    }

    /// A lock that nobody wants is gone.
    fn drop_lock(&mut self, l: u32) {
        let Lock { row, store, next, .. } = self.locks[l as usize];
        let bucket = place(store, row, self.buckets.len());
        if self.buckets[bucket] == l {
            self.buckets[bucket] = next;
        } else {
            let mut before = self.buckets[bucket];
            while self.locks[before as usize].next != l {
                before = self.locks[before as usize].next;
            }
            self.locks[before as usize].next = next;
        }
        self.locks[l as usize].next = self.free;
        self.free = l;
        self.live -= 1;
    }

    fn stand(&mut self, f: u32, l: u32, now: u64) {
        let lock = &mut self.locks[l as usize];
        let prev = std::mem::replace(&mut lock.tail, f);
        if prev == NONE {
            lock.head = f;
        } else {
            self.claims[prev as usize].next = f;
        }
        let claim = &mut self.claims[f as usize];
        (claim.waits, claim.prev, claim.next, claim.since) = (l, prev, NONE, now);
    }

    /// Takes a frame out of the line it waits in. Returns since when it waited, and the store; none where it did not.
    fn withdraw(&mut self, f: u32) -> Option<(u64, u32)> {
        let claim = &mut self.claims[f as usize];
        let Claim { waits, next, prev, since, .. } = *claim;
        let lock = self.locks.get_mut(waits as usize)?;
        (claim.waits, claim.next, claim.prev) = (NONE, NONE, NONE);
        if prev == NONE {
            lock.head = next;
        }
        if next == NONE {
            lock.tail = prev;
        }
        let store = lock.store;
        if let Some(before) = self.claims.get_mut(prev as usize) {
            before.next = next;
        }
        if let Some(behind) = self.claims.get_mut(next as usize) {
            behind.prev = prev;
        }
        Some((since, store))
    }

    /// Locks held and frames that wait for one.
    pub(in crate::kernel) fn out(&self) -> usize {
        self.live + self.claims.iter().filter(|claim| claim.waits != NONE).count()
    }

    /// The number of the last commit to a row; zero where no one can have missed it.
    fn last_commit(&self, store: u32, row: u64) -> u64 {
        if self.last.is_empty() {
            return 0;
        }
        let mask = self.last.len() - 1;
        let mut at = place(store, row, self.last.len());
        loop {
            match self.last[at] {
                (_, _, 0) => return 0,
                (other, known, number) if other == store && known == row => return number,
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn set_last(&mut self, store: u32, row: u64, number: u64) {
        let mask = self.last.len() - 1;
        let mut at = place(store, row, self.last.len());
        loop {
            match self.last[at] {
                (_, _, 0) => {
                    self.written += 1;
                    break;
                }
                (other, known, _) if other == store && known == row => break,
                _ => at = (at + 1) & mask,
            }
        }
        self.last[at] = (store, row, number);
    }

    fn know(&mut self, f: u32) {
        let f = f as usize;
        at_least(&mut self.noted, f + 1, Seen::default());
        at_least(&mut self.seen, (f + 1) * self.names, Seen::default());
    }
}

impl Machine for Locks {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Locks {
        Locks::empty(tables.machines.locks.names as usize)
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        match act {
            Act::Lock => return engine.lock(f, at.unit),
            Act::Commit => {
                engine.unlock(f, true);
                engine.unhold(f, Which::Locks);
            }
            Act::Note => engine.note_version(f),
            Act::Check => return engine.check_version(f, at.unit),
            Act::Keep => engine.keep_version(f, at.site),
            Act::Expect => engine.expect_version(f, at.site),
        }
        f
    }

    fn lose(engine: &mut Engine<'_>, f: u32) {
        engine.stop_waiting(f);
        engine.unlock(f, false);
    }
}

impl Engine<'_> {
    /// A write wants the lock of its row. Returns the frame that goes on.
    fn lock(&mut self, f: u32, store: u32) -> u32 {
        let row = self.cold[f as usize].row;
        let rule = self.tables.machines.locks.stores[store as usize];
        self.watch.tally(rule.component, Count::Locked, 1);
        let locks = &mut self.machines.locks;
        at_least(&mut locks.claims, f as usize + 1, NO_CLAIM);
        if locks.claims[f as usize].held == NONE {
            locks.turn += 1;
            locks.claims[f as usize].turn = locks.turn;
        }
        let l = locks.find(store, row);
        if l == NONE {
            locks.take(store, row, f, self.now);
            self.hold(f, Which::Locks);
            return f;
        }
        if locks.locks[l as usize].holder == f {
            return f;
        }
        locks.stand(f, l, self.now);
        let victim = self.deadlocked(f);
        self.watch.tally(rule.component, Count::LockWaits, 1);
        if victim != NONE {
            self.watch.tally(rule.component, Count::Deadlocks, 1);
        }
        if victim == f {
            self.stop_waiting(f);
            return self.fail(f, Ending::Conflict);
        }
        self.hold(f, Which::Locks);
        match rule.patience {
            NONE => {
                self.park(f);
            }
            patience => self.lane_push_awaits(patience, f),
        }
        if victim != NONE {
            self.stop_waiting(victim);
            self.unlock(victim, false);
            self.unhold(victim, Which::Locks);
            // It fails when its turn comes, after what is running.
            self.frames[victim as usize].status = Ending::Conflict as u8;
            self.wake(victim);
        }
        NONE
    }

    /// Whether a frame that has just begun to wait closes a circle: then its youngest transaction.
    fn deadlocked(&self, f: u32) -> u32 {
        let locks = &self.machines.locks;
        let age = |f: u32| (self.frames[f as usize].start, locks.claims[f as usize].turn);
        let mut youngest = f;
        let mut on = f;
        while let Some(lock) = locks.locks.get(locks.claims[on as usize].waits as usize) {
            on = lock.holder;
            if on == f {
                return youngest;
            }
            if age(on) > age(youngest) {
                youngest = on;
            }
        }
        NONE
    }

    /// A frame waits no longer, however that came.
    fn stop_waiting(&mut self, f: u32) {
        if let Some((since, store)) = self.machines.locks.withdraw(f) {
            let component = self.tables.machines.locks.stores[store as usize].component;
            self.watch.timed(component, Timed::LockWait, self.now - since);
        }
    }

    /// All locks of a frame are free: each goes to the first that waits for it. `commits`: what was written under them holds.
    fn unlock(&mut self, f: u32, commits: bool) {
        let Some(claim) = self.machines.locks.claims.get_mut(f as usize) else {
            return;
        };
        let mut l = std::mem::replace(&mut claim.held, NONE);
        while l != NONE {
            let Lock { row, store, head, beside, since, .. } = self.machines.locks.locks[l as usize];
            let rule = self.tables.machines.locks.stores[store as usize];
            self.watch.timed(rule.component, Timed::LockHeld, self.now - since);
            if commits && rule.versions {
                self.committed(store, row);
            }
            if head == NONE {
                self.machines.locks.drop_lock(l);
            } else {
                self.stop_waiting(head);
                let locks = &mut self.machines.locks;
                let lock = &mut locks.locks[l as usize];
                (lock.holder, lock.since) = (head, self.now);
                lock.beside = std::mem::replace(&mut locks.claims[head as usize].held, l);
                self.wake(head);
            }
            l = beside;
        }
    }

    /// A frame has waited too long for a lock.
    pub(in crate::kernel) fn lock_timeout(&mut self, f: u32) {
        let locks = &self.machines.locks;
        if let Some(lock) = locks.locks.get(locks.claims[f as usize].waits as usize) {
            let component = self.tables.machines.locks.stores[lock.store as usize].component;
            self.watch.tally(component, Count::LockTimeouts, 1);
        }
        let f = self.fail(f, Ending::Conflict);
        self.exec(f);
    }

    /// A row has been written for good.
    fn committed(&mut self, store: u32, row: u64) {
        if (self.machines.locks.written + 1) * 2 > self.machines.locks.last.len() {
            self.forget_commits();
        }
        let locks = &mut self.machines.locks;
        locks.commits += 1;
        let number = locks.commits;
        locks.set_last(store, row, number);
    }

    /// Makes room for last commits: those that every reader alive has seen are forgotten, and if they are few the table grows.
    fn forget_commits(&mut self) {
        let locks = &self.machines.locks;
        let mut oldest = locks.commits;
        for (f, (frame, cold)) in self.frames.iter().zip(&self.cold).enumerate() {
            if frame.flags & flag::ALIVE == 0 {
                continue;
            }
            if cold.version != 0 && cold.version != NEVER {
                oldest = oldest.min(cold.version - 1);
            }
            let names = locks.seen.get(f * locks.names..(f + 1) * locks.names).unwrap_or_default();
            for seen in names.iter().chain(locks.noted.get(f)) {
                if seen.key == frame.key && seen.version != 0 && seen.version != NEVER {
                    oldest = oldest.min(seen.version - 1);
                }
            }
        }
        let kept = locks.last.iter().filter(|(_, _, number)| *number > oldest).count();
        // Looking through all frames must not come often.
        let places = ((kept + 1) * 4).max(self.frames.len()).max(PLACES).next_power_of_two();
        let locks = &mut self.machines.locks;
        let places = places.max(locks.last.len());
        std::mem::swap(&mut locks.last, &mut locks.spare);
        locks.last.clear();
        locks.last.resize(places, (0, 0, 0));
        locks.written = 0;
        for nth in 0..locks.spare.len() {
            let (store, row, number) = locks.spare[nth];
            if number > oldest {
                locks.set_last(store, row, number);
            }
        }
    }

    /// Whoever asked for the row at hand learns its version, if it still waits.
    fn note_version(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        let Some(caller) = self.frames.get(frame.parent as usize).filter(|caller| caller.awaits == frame.ticket) else {
            return;
        };
        let locks = &mut self.machines.locks;
        let seen = Seen { key: caller.key, row: self.cold[c as usize].row, version: locks.commits + 1 };
        locks.know(frame.parent);
        locks.noted[frame.parent as usize] = seen;
    }

    /// The version just read is remembered under a name; none where the read went on without an answer.
    fn keep_version(&mut self, f: u32, name: u32) {
        let (key, row) = (self.frames[f as usize].key, self.cold[f as usize].row);
        let locks = &mut self.machines.locks;
        locks.know(f);
        let noted = locks.noted[f as usize];
        let read = noted.key == key && noted.row == row;
        let version = if read { noted.version } else { NEVER };
        locks.seen[f as usize * locks.names + name as usize] = Seen { key, row, version };
        locks.noted[f as usize] = Seen::default();
    }

    /// The next write is of a row whose version is remembered, and expects it.
    fn expect_version(&mut self, f: u32, name: u32) {
        let locks = &mut self.machines.locks;
        locks.know(f);
        let seen = locks.seen[f as usize * locks.names + name as usize];
        let cold = &mut self.cold[f as usize];
        (cold.row, cold.version) =
            if seen.key == self.frames[f as usize].key { (seen.row, seen.version) } else { (0, NEVER) };
    }

    /// A write that expects a version fails where the row has moved. Returns the frame that goes on.
    fn check_version(&mut self, c: u32, store: u32) -> u32 {
        let (row, version) = (self.cold[c as usize].row, self.cold[c as usize].version);
        if version == 0 {
            return c;
        }
        let component = self.tables.machines.locks.stores[store as usize].component;
        self.watch.tally(component, Count::Conditional, 1);
        if version != NEVER && self.machines.locks.last_commit(store, row) < version {
            return c;
        }
        self.watch.tally(component, Count::Conflicts, 1);
        self.fail(c, Ending::Conflict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::draws::{Stream, Words as _};
    use std::collections::BTreeMap;

    /// Locks that come and go at random are found as in a plain table.
    #[test]
    fn locks_are_found_by_their_row() {
        let mut locks = Locks::empty(0);
        locks.claims = vec![NO_CLAIM; 8];
        let mut known: BTreeMap<(u32, u64), u32> = BTreeMap::new();
        let mut stream = Stream::new(1, 0, 0);
        for _ in 0..20_000 {
            let word = stream.word();
            let (store, row) = ((word & 1) as u32, (word >> 8) % 300);
            let found = locks.find(store, row);
            assert_eq!(known.get(&(store, row)).copied().unwrap_or(NONE), found);
            if found == NONE {
                locks.take(store, row, (word >> 40) as u32 & 7, 0);
                known.insert((store, row), locks.find(store, row));
            } else {
                locks.drop_lock(found);
                known.remove(&(store, row));
            }
        }
        assert_eq!(locks.live, known.len());
    }

    /// Who stands in a line leaves it from any place, and the others keep their order.
    #[test]
    fn lines_keep_their_order() {
        let mut locks = Locks::empty(0);
        locks.claims = vec![NO_CLAIM; 6];
        locks.take(0, 1, 0, 0);
        let l = locks.find(0, 1);
        (1..6).for_each(|f| locks.stand(f, l, u64::from(f)));
        for (leaves, left) in [(3, vec![1, 2, 4, 5]), (1, vec![2, 4, 5]), (5, vec![2, 4]), (2, vec![4]), (4, vec![])] {
            assert_eq!(locks.withdraw(leaves), Some((u64::from(leaves), 0)));
            let mut line = Vec::new();
            let mut f = locks.locks[l as usize].head;
            while f != NONE {
                line.push(f);
                f = locks.claims[f as usize].next;
            }
            assert_eq!((line.last().copied().unwrap_or(NONE), &line), (locks.locks[l as usize].tail, &left));
        }
        assert_eq!(locks.withdraw(4), None, "it waits no more");
    }
}
