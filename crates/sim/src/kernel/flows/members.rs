//! Who takes part in a group: consumers that die, come back, are stopped; partitions that are shared out anew.
//!
//! What a dead consumer had is given to others after the session timeout. A member that is back before goes on with what it
//! had (static membership). While partitions are shared out anew an eager group stops as a whole, a cooperative one only
//! with the partitions that move. Left out: consumers that are too slow between two polls and count as dead.

use super::{Latest, NEVER, Slot};
use crate::kernel::engine::Engine;
use crate::kernel::faults::Control;
use crate::kernel::frames::Health;

impl Engine<'_> {
    /// Consumers of these replicas have died: their partitions begin again where they have committed, and after the
    /// session timeout others take over.
    pub(in crate::kernel) fn consumers_lost(&mut self, lost: impl Fn(u32) -> bool) {
        for group in 0..self.tables.groups.len() as u32 {
            let rule = &self.tables.groups[group as usize];
            let (first, count) = self.flows.group_slots[group as usize];
            let mut hit = false;
            for id in first..first + count {
                let slot = &mut self.flows.slots[id as usize];
                if !lost(slot.owner) {
                    continue;
                }
                hit = true;
                if rule.partitions > 0 {
                    (slot.wakes, slot.commits, slot.left, slot.tries) = (0, false, 0, 0);
                    let at = &mut self.flows.lines[slot.line as usize];
                    if rule.checkpoint > 0 && at.checkpoint != self.now / rule.checkpoint {
                        // Nothing was handled since the last checkpoint: it is in it.
                        at.committed = at.next;
                    }
                    let again = at.next - at.committed;
                    at.next = at.committed;
                    self.more_behind(group, again);
                }
            }
            if hit {
                self.stands(group);
                if rule.partitions > 0 {
                    self.schedule(self.now.saturating_add(rule.session), Control::Reassign { group });
                }
            }
        }
    }

    /// A component's consumers, or a broker, have come back.
    pub(in crate::kernel) fn consumers_back(&mut self, component: u32) {
        for group in 0..self.tables.groups.len() as u32 {
            let rule = &self.tables.groups[group as usize];
            if self.tables.sites[rule.site as usize].component == component {
                self.reassign(group);
            } else if rule.broker == component {
                self.goes_on(group);
            }
        }
    }

    /// Gives the partitions of a group to the consumers that live, if some have none who lives or one has too few.
    pub(in crate::kernel) fn reassign(&mut self, group: u32) {
        let tables = self.tables;
        let rule = &tables.groups[group as usize];
        let site = &tables.sites[rule.site as usize];
        let up = |engine: &Self, r: u32| engine.conditions[r as usize].health == Health::Up;
        let all = site.first..site.first + site.count;
        let alive: Vec<u32> = all.clone().filter(|r| up(self, *r)).collect();
        // Whose session is not over counts as a member and keeps what it has.
        let member = |engine: &Self, r: u32| {
            up(engine, r) || engine.now < engine.conditions[r as usize].down_since.saturating_add(rule.session)
        };
        let members: Vec<u32> = all.filter(|r| member(self, *r)).collect();
        let (first, count) = self.flows.group_slots[group as usize];
        if rule.partitions == 0 || alive.is_empty() {
            self.goes_on(group);
            return;
        }
        let mut has: Vec<u32> = vec![0; members.len()];
        let mut orphans = false;
        for slot in &self.flows.slots[first as usize..(first + count) as usize] {
            match members.iter().position(|r| *r == slot.owner) {
                Some(place) => has[place] += 1,
                None => orphans = true,
            }
        }
        let (least, most) = (has.iter().min().copied().unwrap_or(0), has.iter().max().copied().unwrap_or(0));
        if !orphans && most - least <= 1 {
            self.goes_on(group);
            return;
        }
        // Each keeps its share of what it has; the rest goes to those who live and have least.
        let share = count / members.len() as u32;
        let mut larger = count % members.len() as u32;
        has.fill(0);
        let mut moved = Vec::new();
        for id in first..first + count {
            let kept = members.iter().position(|r| *r == self.flows.slots[id as usize].owner).filter(|place| {
                let room = has[*place] < share || has[*place] == share && larger > 0;
                larger -= u32::from(room && has[*place] == share);
                room
            });
            match kept {
                Some(place) => has[place] += 1,
                None => moved.push(id),
            }
        }
        for id in &moved {
            let living = (0..members.len()).filter(|place| up(self, members[*place]));
            let Some(place) = living.min_by_key(|place| has[*place]) else { continue };
            has[place] += 1;
            self.flows.slots[*id as usize].owner = members[place];
        }
        let over = self.now.saturating_add(rule.rebalance);
        // Who gives a partition up commits what it has done of it, and ends what it has in hand.
        let stopping: Vec<u32> = if rule.eager { (first..first + count).collect() } else { moved };
        for id in stopping {
            let slot = &mut self.flows.slots[id as usize];
            slot.left = 0;
            let at = &mut self.flows.lines[slot.line as usize];
            at.committed = at.next;
            if !rule.eager && rule.rebalance > 0 {
                self.slot_waits(id, over);
            }
        }
        if rule.eager && rule.rebalance > 0 {
            self.flows.progress[group as usize].halted = over;
            self.stands(group);
            self.arm(group, over);
        } else {
            self.goes_on(group);
        }
    }

    /// Stops or starts the consumers of a component.
    pub(in crate::kernel) fn stop_consumers(&mut self, component: u32, stop: bool) {
        let stopped = &mut self.flows.stopped[component as usize];
        *stopped = if stop { *stopped + 1 } else { stopped.saturating_sub(1) };
        let goes_on = *stopped == 0;
        for group in 0..self.tables.groups.len() as u32 {
            if self.tables.sites[self.tables.groups[group as usize].site as usize].component == component {
                if stop {
                    self.stands(group);
                } else if goes_on {
                    self.goes_on(group);
                }
            }
        }
    }

    /// The consumers of a component begin again with the first record that their logs keep.
    pub(in crate::kernel) fn begin_again(&mut self, component: u32) {
        for group in 0..self.tables.groups.len() as u32 {
            let rule = &self.tables.groups[group as usize];
            if rule.partitions == 0 || self.tables.sites[rule.site as usize].component != component {
                continue;
            }
            let horizon = self.now.saturating_sub(self.tables.topics[rule.topic as usize].retention);
            self.stands(group);
            self.flows.latest[group as usize] = Latest::default();
            let (first, count) = self.flows.group_slots[group as usize];
            for id in first..first + count {
                let slot = &mut self.flows.slots[id as usize];
                (slot.left, slot.tries) = (0, 0);
                let at = &mut self.flows.lines[slot.line as usize];
                let shelf = &self.flows.shelves[at.shelf as usize];
                let mut from = shelf.first();
                while shelf.at(from).is_some_and(|came| came < horizon) {
                    from += 1;
                }
                let again = at.next - from;
                (at.next, at.committed, at.given) = (from, from, from);
                self.more_behind(group, again);
            }
            self.goes_on(group);
        }
    }

    /// A group stands still, in part or as a whole.
    pub(super) fn stands(&mut self, group: u32) {
        let progress = &mut self.flows.progress[group as usize];
        progress.stood = progress.stood.min(self.now);
    }

    /// Whoever may take something of a group does.
    fn goes_on(&mut self, group: u32) {
        self.returns(group);
        let (first, count) = self.flows.group_slots[group as usize];
        for id in first..first + count {
            self.take(id);
        }
    }

    /// A group that stood still begins to catch up with what has come meanwhile.
    pub(super) fn returns(&mut self, group: u32) {
        if self.flows.progress[group as usize].stood == NEVER {
            return;
        }
        let (first, count) = self.flows.group_slots[group as usize];
        let mut lagging = 0;
        for id in first..first + count {
            let Slot { line, owner, .. } = self.flows.slots[id as usize];
            let at = &mut self.flows.lines[line as usize];
            let waits = self.flows.shelves[at.shelf as usize].end() > at.next || !at.back.is_empty();
            if waits && !at.catching && self.conditions[owner as usize].health == Health::Up {
                at.catching = true;
                lagging += 1;
            }
        }
        let progress = &mut self.flows.progress[group as usize];
        if lagging > 0 {
            if progress.lagging == 0 {
                progress.from = self.now;
            }
            progress.lagging += lagging;
        } else if progress.lagging == 0 {
            progress.stood = NEVER;
        }
    }
}
