//! What reads at followers see: how old it is, and what a session was promised.
//!
//! A session carries the highest number that it has written and the highest that it has seen. Where it was promised to see
//! these, a read waits at its follower, and goes to the leader if that takes too long; at a leader that was replaced it is
//! refused then, or answered where that one does not know. How stale a read is: the age of the oldest acknowledged write
//! that it misses, of its row where rows are told apart, else of all. What a session did is forgotten once all copies have
//! it, and beyond 65,536 reads and writes under way.

use super::Copies;
use crate::kernel::engine::Engine;
use crate::kernel::tables::{NONE, Operand};
use crate::record::{Count, Ending, Timed};
use std::collections::{BTreeMap, VecDeque};

/// What is remembered of sessions, at most.
const REMEMBERED: usize = 1 << 16;
/// Missing writes of one row that are looked at.
const LOOKED_AT: usize = 256;
/// Marks a frame that has waited for its guarantee in vain; below stands what it needs, which is zero before it has waited.
const WAITED: u64 = 1 << 63;

/// The highest numbers that a session has written and seen.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    written: u64,
    seen: u64,
}

/// Sessions that may know more than some copy.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_key: BTreeMap<u64, Seen>,
    order: VecDeque<(u64, u64)>,
}

impl Sessions {
    pub fn wrote(&mut self, session: u64, seq: u64) {
        self.by_key.entry(session).or_default().written = seq;
        self.order.push_back((seq, session));
    }

    fn saw(&mut self, session: u64, seq: u64, before: u64) {
        if seq <= before {
            return;
        }
        let known = self.by_key.entry(session).or_default();
        if known.seen < seq {
            known.seen = seq;
            self.order.push_back((seq, session));
        }
    }

    fn of(&self, session: u64) -> Seen {
        self.by_key.get(&session).copied().unwrap_or_default()
    }

    /// Forgets what all copies have.
    pub fn forget(&mut self, before: u64) {
        while let Some((seq, session)) = self.order.front().copied() {
            if seq > before && self.order.len() <= REMEMBERED {
                return;
            }
            self.order.pop_front();
            let known = self.of(session);
            if known.written.max(known.seen) <= seq {
                self.by_key.remove(&session);
            }
        }
    }

    /// What stands behind a number is not there.
    pub fn cut(&mut self, behind: u64) {
        for known in self.by_key.values_mut() {
            known.written = known.written.min(behind);
            known.seen = known.seen.min(behind);
        }
        for (seq, _) in &mut self.order {
            *seq = (*seq).min(behind);
        }
    }
}

impl Engine<'_> {
    /// A read at whichever copy it came to. Returns the frame that goes on.
    pub(super) fn read_copy(&mut self, f: u32, at: Operand) -> u32 {
        let group = &self.tables.machines.copies.groups[at.unit as usize];
        let replica = self.frames[f as usize].replica;
        let cold = self.cold[f as usize];
        let (session, now) = (cold.session_of(), self.now);
        let Copies { groups, .. } = &mut self.machines.copies;
        let state = &mut groups[at.unit as usize];
        let lags = state.lags(group);
        let head = state.log.head();
        let leads = state.leader == replica;
        let has = if leads { head } else { state.copies[group.place(replica)].shown(&state.log, group, lags, now) };
        let mut known = state.sessions.of(session);
        if cold.scratch != 0 {
            // What others of its session have done since it came is not what it was promised.
            let needs = cold.scratch & !WAITED;
            known.written = if group.own_writes { known.written.min(needs) } else { known.written };
            known.seen = if group.monotonic { known.seen.min(needs) } else { known.seen };
        }
        let needs = if group.own_writes { known.written } else { 0 }.max(if group.monotonic { known.seen } else { 0 });
        // A leader that was replaced and does not know answers as a leader; one that knows can reach none to ask.
        let fenced = state.fork_of(replica).map(|fork| fork.fenced);
        if has < needs && fenced != Some(false) {
            if cold.scratch & WAITED != 0 || group.guarantee_wait == 0 {
                if fenced == Some(true) {
                    return self.fail(f, Ending::Refused);
                }
                self.watch.tally(group.component, Count::Redirected, 1);
                self.frames[f as usize].pc = at.to;
                return f;
            }
            // It looks again when the follower has what it needs, or when it has waited long enough.
            let last = now.saturating_add(group.guarantee_wait);
            let due = state.copies[group.place(replica)].shows_at(&state.log, group, lags, needs).unwrap_or(u64::MAX);
            self.cold[f as usize].scratch = needs | if due >= last { WAITED } else { 0 };
            self.frames[f as usize].pc -= 1;
            self.resume_at(due.min(last).max(now), f);
            return NONE;
        }
        let by_row = group.by_row && cold.row != 0;
        let (mut versions, mut oldest, mut own) = (0, u64::MAX, false);
        if !leads && by_row {
            for entry in state.log.missing_of(cold.row, has, now).take(LOOKED_AT) {
                versions += 1;
                oldest = oldest.min(entry.acked);
                own |= entry.session == session;
            }
        } else if !leads {
            let (many, first) = state.log.missing(has, now);
            versions = many;
            oldest = first.map_or(u64::MAX, |entry| entry.acked);
            own = known.written > has;
        }
        state.sessions.saw(session, has, state.log.before());
        self.watch.tally(group.component, Count::Reads, 1);
        self.watch.tally(group.component, Count::StaleReads, u64::from(versions > 0));
        self.watch.tally(group.component, Count::VersionsBehind, versions);
        self.watch.tally(group.component, Count::BrokenOwnWrites, u64::from(own));
        self.watch.tally(group.component, Count::BrokenMonotonic, u64::from(known.seen > has));
        self.watch.timed(group.component, Timed::Staleness, if versions > 0 { now - oldest } else { 0 });
        f
    }
}

