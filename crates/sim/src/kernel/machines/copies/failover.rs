//! Who leads: a leader that is dead or cut off is missed, another is promoted, and what it does not have is lost.
//!
//! The others miss a leader that is down, or that at least half of all copies can't exchange messages with: a tie goes to
//! them, as with a witness on their side. A copy that the present leader was chosen without has no say before they meet. After detection, hold-down and promotion the most advanced of those in reach leads. A leader that was replaced
//! while it worked refuses from then on, or without fencing goes on for the callers on its side until the sides meet again:
//! then its own writes are discarded.

use super::log::{Entry, KEPT};
use super::{Alarm, Group, Mode, State, Waiter, Waiters, log, waited_for};
use crate::kernel::draws::derive;
use crate::kernel::engine::Engine;
use crate::kernel::frames::Health;
use crate::kernel::machines;
use crate::kernel::tables::NONE;
use crate::record::{Count, Ending, Timed};
use std::collections::{BTreeSet, VecDeque};

/// A leader that was replaced while it worked.
#[derive(Debug)]
pub(super) struct Fork {
    /// The leader of before.
    pub old: u32,
    /// Whether it refuses.
    pub fenced: bool,
    /// When another was promoted.
    since: u64,
    /// What it wrote that the new leader does not have.
    own: VecDeque<Entry>,
    /// What of this is not kept: how many.
    more: u64,
    /// Its writes that wait for acknowledgements.
    pub waiters: Waiters,
    /// Whether it has stopped waiting for them.
    alone: bool,
    /// Rows that the new leader has written since.
    rows: BTreeSet<u64>,
}

impl Fork {
    /// The new leader writes a row.
    pub fn rewritten(&mut self, row: u64) {
        if row != 0 && self.rows.len() < KEPT {
            self.rows.insert(row);
        }
    }
}

impl Engine<'_> {
    fn works(&self, replica: u32) -> bool {
        self.conditions[replica as usize].health == Health::Up
    }

    /// Whether two replicas are up and messages pass both ways.
    fn in_touch(&self, one: u32, other: u32) -> bool {
        self.works(one) && self.works(other) && self.passes(one, other, NONE) && self.passes(other, one, NONE)
    }

    /// One-way delays from a group's leader.
    pub(super) fn measure_ways(&mut self, unit: u32) {
        let group = &self.tables.machines.copies.groups[unit as usize];
        let leader = self.machines.copies.groups[unit as usize].leader;
        for nth in 0..group.copies {
            let ways = (self.delay_between(leader, group.first + nth), self.delay_between(group.first + nth, leader));
            let copy = &mut self.machines.copies.groups[unit as usize].copies[nth as usize];
            (copy.delay, copy.back) = ways;
        }
    }

    /// What is up and in reach may have changed.
    pub(super) fn review(&mut self, unit: u32) {
        let group = self.tables.machines.copies.groups[unit as usize];
        self.reach_copies(unit, &group);
        let healed = |engine: &Self| {
            let state = &engine.machines.copies.groups[unit as usize];
            state.forks.iter().position(|fork| engine.in_touch(fork.old, state.leader))
        };
        while let Some(nth) = healed(self) {
            self.heal(unit, nth, &group);
        }
        let missed = self.is_missed(unit, &group);
        let state = &mut self.machines.copies.groups[unit as usize];
        match (missed, state.lost_since) {
            (true, None) if group.promotes => {
                state.lost_since = Some(self.now);
                state.epoch += 1;
                let alarm = Alarm::Promote { unit, epoch: state.epoch };
                let due = self.now.saturating_add(group.failover);
                if due < self.end {
                    self.remind(due, machines::Alarm::Copies(alarm));
                }
            }
            (true, Some(_)) if state.overdue => self.promote(unit),
            (false, Some(_)) => {
                state.lost_since = None;
                state.epoch += 1;
                state.overdue = false;
            }
            _ => {}
        }
        self.release_waiters(unit);
    }

    /// Finds out which followers the leader reaches.
    fn reach_copies(&mut self, unit: u32, group: &Group) {
        let leader = self.machines.copies.groups[unit as usize].leader;
        for nth in 0..group.copies as usize {
            let replica = group.first + nth as u32;
            if replica == leader {
                continue;
            }
            let away = !self.in_touch(leader, replica);
            let alive = self.works(replica);
            let now = self.now;
            let state = &mut self.machines.copies.groups[unit as usize];
            let (ship, _) = state.lags(group);
            let copy = &mut state.copies[nth];
            if away && !copy.away {
                // What is on the wire arrives, but not at the dead.
                let by = if alive { now.saturating_add(copy.delay) } else { now };
                copy.settle(&state.log, ship, by);
                copy.away = true;
            } else if !away && copy.away {
                copy.away = false;
                copy.aside = false;
                copy.floor = now.saturating_add(copy.delay);
                self.apply_again(unit, nth);
            }
        }
    }

    /// Finds out when a follower applies what it will receive.
    pub(super) fn apply_again(&mut self, unit: u32, nth: usize) {
        let group = &self.tables.machines.copies.groups[unit as usize];
        let state = &mut self.machines.copies.groups[unit as usize];
        if group.apply == u16::MAX || state.copies[nth].away || group.first + nth as u32 == state.leader {
            return;
        }
        let (ship, show) = state.lags(group);
        let State { copies, log, key, .. } = state;
        let copy = &mut copies[nth];
        copy.skip_to(log.before());
        for seq in copy.to_apply()..=log.head() {
            let takes = derive(*key, nth as u32, seq as u32);
            let takes = self.tables.laws.draw(&self.ziggurat, group.apply, &mut log::luck(takes));
            let arrival = copy.arrival(log, seq, ship).max(self.now);
            let shown = copy.apply(seq, arrival.saturating_add(show), takes);
            if let Some(entry) = log.entry(seq) {
                self.watch.timed(group.component, Timed::ReplicaLag, shown - entry.at);
            }
        }
    }

    /// Whether the others miss the leader.
    fn is_missed(&self, unit: u32, group: &Group) -> bool {
        let leader = self.machines.copies.groups[unit as usize].leader;
        if !self.works(leader) {
            return true;
        }
        let copies = &self.machines.copies.groups[unit as usize].copies;
        let others = (group.first..group.first + group.copies).filter(|replica| *replica != leader);
        let others = others.filter(|other| self.works(*other) && !copies[group.place(*other)].aside);
        let apart = others.filter(|other| !self.in_touch(leader, *other)).count() as u32;
        2 * apart >= group.copies
    }

    /// The most advanced follower that may lead; none in reach.
    fn candidate(&self, unit: u32, group: &Group) -> Option<u32> {
        let state = &self.machines.copies.groups[unit as usize];
        let regions = &self.tables.machines.copies.regions[group.regions as usize..];
        let home = regions[group.place(state.leader)];
        let all = group.first..group.first + group.copies;
        let (ship, _) = state.lags(group);
        let mut best: Option<(u64, u32)> = None;
        for replica in all.clone() {
            let place = group.place(replica);
            if state.forks.iter().any(|fork| fork.old == replica) {
                continue;
            }
            if replica == state.leader || !self.works(replica) || !(group.across || regions[place] == home) {
                continue;
            }
            if self.works(state.leader) {
                // Cut off are both sides: the one with half of the copies or more decides.
                let with = all.clone().filter(|other| *other == replica || self.in_touch(replica, *other)).count() as u32;
                if self.in_touch(replica, state.leader) || state.copies[place].aside || 2 * with < group.copies {
                    continue;
                }
            }
            let has = state.copies[place].received(&state.log, ship, self.now);
            if best.is_none_or(|(most, _)| has > most) {
                best = Some((has, replica));
            }
        }
        best.map(|(_, replica)| replica)
    }

    /// Another copy leads, where one is in reach.
    pub(super) fn promote(&mut self, unit: u32) {
        let group = self.tables.machines.copies.groups[unit as usize];
        let candidate = self.candidate(unit, &group);
        let state = &mut self.machines.copies.groups[unit as usize];
        let Some(replica) = candidate else {
            state.overdue = true;
            return;
        };
        let place = group.place(replica);
        let ready = state.copies[place].has_applied();
        if ready > self.now {
            // First it applies what it has received.
            let alarm = Alarm::Promote { unit, epoch: state.epoch };
            self.remind(ready, machines::Alarm::Copies(alarm));
            return;
        }
        state.overdue = false;
        state.epoch += 1;
        let missed = state.lost_since.take().unwrap_or(self.now);
        let old = std::mem::replace(&mut state.leader, replica);
        let (ship, _) = state.lags(&group);
        let has = state.copies[place].received(&state.log, ship, self.now);
        let (beyond, forgotten) = state.log.cut(has);
        for copy in &mut state.copies {
            copy.cut(has, self.now);
            copy.away = true;
        }
        state.copies[group.place(old)].led_until(has, self.now);
        state.sessions.cut(has);
        let waiters = std::mem::take(&mut state.waiters);
        let alone = state.fallen_back || group.mode == Mode::Async || state.copies.iter().any(|copy| copy.out);
        self.watch.tally(group.component, Count::Failovers, 1);
        self.watch.timed(group.component, Timed::FailoverTime, self.now - missed);
        if self.works(old) {
            // Copies on its side may be as many as it waits for.
            let others = (group.first..group.first + group.copies).filter(|other| *other != old);
            let beside = others.filter(|other| *other != replica && self.in_touch(old, *other)).count() as u32;
            let enough = matches!(group.mode, Mode::SemiSync | Mode::Quorum) && beside >= group.need;
            let alone = alone || enough;
            let fork = Fork {
                old,
                fenced: group.fencing,
                since: self.now,
                own: VecDeque::new(),
                more: if group.fencing { 0 } else { forgotten },
                waiters: Waiters::new(),
                alone,
                rows: BTreeSet::new(),
            };
            let state = &mut self.machines.copies.groups[unit as usize];
            state.forks.push(fork);
            if group.fencing {
                self.write_off(&group, beyond, forgotten, self.now);
                waiters.into_iter().for_each(|waiter| self.drop_write(waiter, Ending::Refused));
            } else if let Some(fork) = state.forks.last_mut() {
                fork.own = beyond;
                fork.waiters = waiters;
            }
        } else {
            let died = self.conditions[old as usize].down_since;
            self.write_off(&group, beyond, forgotten, died);
        }
        self.measure_ways(unit);
        self.reach_copies(unit, &group);
        // Who promotes knows whom it can't reach.
        let state = &mut self.machines.copies.groups[unit as usize];
        let leader = group.place(state.leader);
        let others = state.copies.iter_mut().enumerate().filter(|(nth, _)| *nth != leader);
        let mut in_reach = 0;
        for (_, copy) in others {
            copy.out = group.mode == Mode::Sync && copy.away;
            copy.aside = copy.away;
            in_reach += u32::from(!copy.away);
        }
        state.fallen_back = group.mode == Mode::SemiSync && in_reach < group.need;
        self.review(unit);
    }

    /// Acknowledged writes are gone, and `more` that are not kept. `when`: when their leader stopped. Unit: ns.
    fn write_off(&mut self, group: &Group, gone: VecDeque<Entry>, more: u64, when: u64) {
        self.watch.components[group.component as usize].lost_writes += more;
        for entry in gone.into_iter().filter(|entry| entry.acked <= when) {
            self.watch.components[group.component as usize].lost_writes += 1;
            self.watch.timed(group.component, Timed::LostAge, when.saturating_sub(entry.at));
        }
    }

    /// A leader that was replaced and the one in its place can reach each other again.
    fn heal(&mut self, unit: u32, nth: usize, group: &Group) {
        let state = &mut self.machines.copies.groups[unit as usize];
        let fork = state.forks.remove(nth);
        let now = self.now;
        let conflicts = fork.own.iter().filter(|entry| {
            let both = if group.by_row { fork.rows.contains(&entry.row) } else { entry.at >= fork.since };
            entry.acked <= now && both
        });
        let conflicts = conflicts.count() as u64 + fork.more;
        self.watch.tally(group.component, Count::Conflicting, conflicts);
        self.write_off(group, fork.own, fork.more, now);
        fork.waiters.into_iter().for_each(|waiter| self.drop_write(waiter, Ending::Refused));
    }

    /// A write at a leader that was replaced.
    pub(super) fn commit_on_fork(&mut self, f: u32, unit: u32, entry: Entry) -> u32 {
        let replica = self.frames[f as usize].replica;
        let group = &self.tables.machines.copies.groups[unit as usize];
        let state = &mut self.machines.copies.groups[unit as usize];
        let Some(fork) = state.fork_of(replica).filter(|fork| !fork.fenced) else {
            return self.fail(f, Ending::Refused);
        };
        if !fork.alone {
            let patience = group.patience;
            return self.wait_for_copies(f, unit, 0, patience);
        }
        if fork.own.len() < KEPT {
            fork.own.push_back(Entry { acked: self.now, ..entry });
        } else {
            fork.more += 1;
        }
        self.watch.tally(group.component, Count::Acknowledged, 1);
        self.watch.tally(group.component, Count::Unreplicated, 1);
        f
    }

    /// Leaders that were replaced have waited in vain.
    pub(super) fn forks_out_of_patience(&mut self, unit: u32, group: &Group) {
        let now = self.now;
        let mut gone: Vec<Waiter> = Vec::new();
        for fork in &mut self.machines.copies.groups[unit as usize].forks {
            while let Some(waiter) = fork.waiters.front().copied() {
                if waiter.since.saturating_add(group.patience) > now && !fork.alone {
                    break;
                }
                fork.waiters.pop_front();
                // Without its quorum it never acknowledges.
                fork.alone |= group.mode != Mode::Quorum;
                if fork.alone && fork.own.len() < KEPT && waited_for(&self.frames, &waiter) {
                    fork.own.push_back(Entry { at: waiter.since, acked: now, row: 0, session: 0 });
                }
                gone.push(Waiter { seq: u64::from(fork.alone), ..waiter });
            }
        }
        for waiter in gone {
            if waiter.seq == 0 {
                self.drop_write(waiter, Ending::Timeout);
            } else {
                self.go_on(waiter, group.component, now, true);
            }
        }
    }

    /// Of several leaders the one that a caller can reach: the newest first.
    pub(super) fn leader_in_reach(&self, state: &State, f: u32) -> u32 {
        let caller = self.caller(f);
        let reaches = |replica: u32| self.passes(caller, replica, f) && self.passes(replica, caller, f);
        if caller == NONE || reaches(state.leader) {
            return state.leader;
        }
        let old = state.forks.iter().rev().map(|fork| fork.old).find(|old| reaches(*old));
        old.unwrap_or(state.leader)
    }
}
