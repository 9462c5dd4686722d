//! How consumers take records, and what becomes of those that were handled, failed or were lost.
//!
//! An owner of a partition handles a batch in order and commits at its end (or after each record). A failed record is
//! tried again in its place, or goes to a retry topic of its group. In a queue a failed record comes back after the pause, one
//! that is hidden too long at once; with an order by key, the others of its key wait. Left out: an acknowledgement that is
//! lost on its way.

use super::{Back, Line, NEVER, Record, Slot, Taken};
use crate::kernel::draws::derive;
use crate::kernel::engine::Engine;
use crate::kernel::events::Tag;
use crate::kernel::faults::Control;
use crate::kernel::frames::{Cold, Frame, Health, flag};
use crate::kernel::machines::relays::TICKETS;
use crate::kernel::tables::{Group, NONE};
use crate::record::{Count, Ending, Timed};

impl Line {
    /// Puts a record back, to be taken from a time on.
    fn put_back(&mut self, due: u64, taken: Taken) {
        let place = self.back.partition_point(|back| back.due <= due);
        self.back.insert(place, Back { due, taken: Taken { returned: true, ..taken } });
    }
}

impl Engine<'_> {
    /// A slot takes the next record, if it is free, its owner lives and there is one.
    pub(super) fn take(&mut self, id: u32) -> bool {
        let Slot { group, taken, wakes, owner, .. } = self.flows.slots[id as usize];
        if taken.is_some() || wakes != 0 {
            return false;
        }
        let tables = self.tables;
        let rule = &tables.groups[group as usize];
        let component = tables.sites[rule.site as usize].component;
        let broker = tables.components[rule.broker as usize].first;
        if self.flows.stopped[component as usize] != 0
            || self.flows.progress[group as usize].halted > self.now
            || self.conditions[owner as usize].health != Health::Up
            || self.conditions[broker as usize].health != Health::Up
        {
            return false;
        }
        let next = if rule.partitions > 0 { self.next_in_order(id, rule) } else { self.next_of_queue(id, rule) };
        let Some(taken) = next else {
            return false;
        };
        self.begin_handling(id, rule, taken);
        true
    }

    /// The next record of a partition, of the batch at hand or of a new one.
    fn next_in_order(&mut self, id: u32, rule: &Group) -> Option<Taken> {
        let topic = &self.tables.topics[rule.topic as usize];
        let Slot { group, line, polled, tries, .. } = self.flows.slots[id as usize];
        if topic.retention != NEVER {
            self.expire(group, line);
        }
        let at = &mut self.flows.lines[line as usize];
        let shelf = &self.flows.shelves[at.shelf as usize];
        let fresh = shelf.at(at.next);
        if let Some(back) = at.back.front().copied()
            && back.due <= self.now
            && fresh.is_none_or(|came| back.due <= came)
            && back.due <= self.now
        {
            at.back.pop_front();
            return Some(back.taken);
        }
        let Some(came) = fresh else {
            let due = at.back.front().map(|back| back.due);
            self.caught_up(group, line);
            due.into_iter().for_each(|due| self.arm(group, due));
            return None;
        };
        if came.saturating_add(topic.delay) > self.now {
            self.slot_waits(id, came.saturating_add(topic.delay));
            return None;
        }
        let slot = &mut self.flows.slots[id as usize];
        if slot.left == 0 {
            let next_poll = polled.saturating_add(rule.poll);
            if rule.poll > 0 && polled > 0 && next_poll > self.now {
                self.slot_waits(id, next_poll);
                return None;
            }
            slot.polled = self.now;
            slot.left = (shelf.end() - at.next).min(u64::from(rule.batch)) as u32;
        }
        let record = shelf.get(at.next)?;
        let again = at.next < at.given || shelf.is_echo(at.next);
        at.given = at.given.max(at.next + 1);
        Some(Taken { record, offset: at.next, deliveries: tries + 1, again, returned: false })
    }

    /// The next record of a queue that may be taken.
    fn next_of_queue(&mut self, id: u32, rule: &Group) -> Option<Taken> {
        let delay = self.tables.topics[rule.topic as usize].delay;
        let Slot { group, line, .. } = self.flows.slots[id as usize];
        loop {
            let at = &mut self.flows.lines[line as usize];
            let shelf = &self.flows.shelves[at.shelf as usize];
            let fresh = shelf.at(at.next).map(|came| came.saturating_add(delay));
            let back = at.back.front().map(|back| back.due);
            let due = match (fresh, back) {
                (Some(fresh), Some(back)) => fresh.min(back),
                (Some(due), None) | (None, Some(due)) => due,
                (None, None) => {
                    self.caught_up(group, line);
                    return None;
                }
            };
            if due > self.now {
                self.arm(group, due);
                return None;
            }
            let taken = if back == Some(due) {
                at.back.pop_front()?.taken
            } else {
                let record = shelf.get(at.next)?;
                let offset = at.next;
                at.next += 1;
                at.committed = at.next;
                Taken { record, offset, deliveries: 0, again: shelf.is_echo(offset), returned: false }
            };
            self.tidy(group, line);
            if taken.deliveries >= rule.deliveries {
                self.give_up_record(rule, &taken);
                self.done_with(group, line, rule, &taken);
                continue;
            }
            let key = taken.record.more.row;
            if rule.grouped && key != 0 && !taken.returned {
                let locked = &mut self.flows.lines[line as usize].locked;
                if let Some(waiting) = locked.get_mut(&key) {
                    waiting.push_back(taken);
                    continue;
                }
                locked.insert(key, Default::default());
            }
            return Some(Taken { deliveries: taken.deliveries + 1, ..taken });
        }
    }

    /// A slot's consumer begins with a record.
    fn begin_handling(&mut self, id: u32, rule: &Group, taken: Taken) {
        let tables = self.tables;
        let site = &tables.sites[rule.site as usize];
        let Slot { group, owner, .. } = self.flows.slots[id as usize];
        let record = taken.record;
        let age = self.now - record.at;
        self.watch.components[rule.broker as usize].lag.add(age);
        let progress = &mut self.flows.progress[group as usize];
        progress.oldest = progress.oldest.max(age);
        if taken.again && !rule.dedupe && !rule.once {
            self.watch.components[site.component as usize].duplicates += 1;
        }
        let slot = &mut self.flows.slots[id as usize];
        slot.taken = Some(taken);
        if rule.visibility != NEVER {
            slot.hidden = self.now.saturating_add(rule.visibility);
            let hidden = slot.hidden;
            self.arm(group, hidden);
        }
        let poisoned = !self.flows.curses.is_empty() && self.cursed(rule.topic, &record, |_| true);
        let c = self.alloc(Frame {
            start: self.now,
            mark: self.now,
            key: derive(record.key, site.key, taken.deliveries - 1),
            parent: NONE,
            ticket: id,
            awaits: 0,
            next: NONE,
            prev: NONE,
            timer: 0,
            replica: owner,
            pc: if poisoned { tables.poison } else { site.entry },
            site: rule.site,
            attempt: 0,
            status: 0,
            flags: flag::ALIVE | flag::CONSUMER,
        });
        if c == NONE {
            return;
        }
        if tables.cold {
            let more = record.more;
            self.cold[c as usize] = Cold { born: more.born, request: more.request, row: more.row, ..Cold::default() };
        }
        if poisoned && self.cursed(rule.topic, &record, |curse| curse.crashes) {
            // After what is running: the process is not to go while its frames are being walked.
            self.schedule(self.now, Control::ConsumerDies { replica: owner });
        }
        let before = std::mem::replace(&mut self.flows.beginning, id);
        let started = self.admit(c, site);
        self.flows.beginning = before;
        if started != NONE {
            self.wake(started);
        }
    }

    /// A slot's record is dealt with: it takes the next.
    ///
    /// What was turned away while it was handed over is not followed by the next at once, or a backlog would be walked through
    /// within one hand-over: a full consumer is asked again after the pause.
    fn take_next(&mut self, id: u32, pause: u64, ending: Ending) {
        if self.flows.beginning == id {
            let pause = if ending == Ending::Refused { pause.max(1) } else { 1 };
            self.slot_waits(id, self.now + pause);
        } else {
            self.take(id);
        }
    }

    /// A consumer has handled its record, well or badly; its frame goes.
    pub(in crate::kernel) fn handled(&mut self, c: u32, ending: Ending) {
        let id = self.frames[c as usize].ticket;
        self.release_frame(c);
        if id >= TICKETS {
            self.relay_answered(id, c, ending);
            return;
        }
        let slot = &mut self.flows.slots[id as usize];
        let Some(taken) = slot.taken.take() else {
            return;
        };
        let hidden = std::mem::replace(&mut slot.hidden, NEVER);
        let (group, line) = (slot.group, slot.line);
        let rule = &self.tables.groups[group as usize];
        if ending == Ending::Ok {
            self.note_order(group, rule, &taken);
        }
        if rule.partitions == 0 {
            self.handled_of_queue(group, line, rule, taken, ending, hidden == NEVER && rule.visibility != NEVER);
            self.take_next(id, rule.pause, ending);
            return;
        }
        if taken.returned {
            if ending == Ending::Ok || taken.deliveries >= rule.deliveries {
                if ending != Ending::Ok {
                    self.give_up_record(rule, &taken);
                }
                self.less_behind(group, 1);
            } else {
                let again = Taken { again: true, deliveries: taken.deliveries + 1, ..taken };
                self.flows.lines[line as usize].put_back(self.now + rule.pause, again);
            }
            self.take_next(id, rule.pause, ending);
            return;
        }
        if self.flows.lines[line as usize].next != taken.offset {
            // The group has been set to another place meanwhile.
            self.take_next(id, rule.pause, ending);
            return;
        }
        let mut gone = 1;
        if ending != Ending::Ok {
            if taken.deliveries >= rule.deliveries {
                self.give_up_record(rule, &taken);
            } else if rule.later {
                let again = Taken { again: true, deliveries: taken.deliveries + 1, ..taken };
                self.flows.lines[line as usize].put_back(self.now + rule.pause, again);
                gone = 0;
            } else {
                self.flows.slots[id as usize].tries = taken.deliveries;
                self.slot_waits(id, self.now + rule.pause.max(1));
                return;
            }
        }
        self.less_behind(group, gone);
        let at = &mut self.flows.lines[line as usize];
        at.next = taken.offset + 1;
        let slot = &mut self.flows.slots[id as usize];
        slot.tries = 0;
        slot.left = slot.left.saturating_sub(1);
        if let Some(checkpoint) = self.now.checked_div(rule.checkpoint) {
            if at.checkpoint != checkpoint {
                // What came before this record is in it.
                (at.checkpoint, at.committed) = (checkpoint, taken.offset);
                self.tidy(group, line);
            }
        } else if slot.left == 0 || rule.each {
            if rule.commit > 0 {
                slot.commits = true;
                self.slot_waits(id, self.now + rule.commit);
                return;
            }
            at.committed = at.next;
            self.tidy(group, line);
        }
        self.take_next(id, rule.pause, ending);
    }

    /// `late`: the record had come back while it was being handled.
    fn handled_of_queue(&mut self, group: u32, line: u32, rule: &Group, taken: Taken, ending: Ending, late: bool) {
        if late {
            // Whoever took it meanwhile answers for it; if nobody did, its acknowledgement still counts.
            let back = &mut self.flows.lines[line as usize].back;
            let place = back.iter().position(|back| back.taken.offset == taken.offset);
            if let Some(place) = place.filter(|_| ending == Ending::Ok) {
                back.remove(place);
                self.done_with(group, line, rule, &taken);
            }
            return;
        }
        if ending == Ending::Ok {
            self.done_with(group, line, rule, &taken);
        } else if taken.deliveries >= rule.deliveries {
            self.give_up_record(rule, &taken);
            self.done_with(group, line, rule, &taken);
        } else {
            let due = self.now + rule.pause;
            self.flows.lines[line as usize].put_back(due, Taken { again: true, ..taken });
            self.arm(group, due);
        }
    }

    /// A record leaves a queue; the next of its key may be taken.
    fn done_with(&mut self, group: u32, line: u32, rule: &Group, taken: &Taken) {
        self.less_behind(group, 1);
        let key = taken.record.more.row;
        if !rule.grouped || key == 0 {
            return;
        }
        let at = &mut self.flows.lines[line as usize];
        match at.locked.get_mut(&key).and_then(std::collections::VecDeque::pop_front) {
            Some(next) => {
                at.put_back(next.record.at, next);
                self.arm(group, self.now);
            }
            None => {
                at.locked.remove(&key);
            }
        }
    }

    /// A record that can't be handled goes to the dead letters, if there are any.
    fn give_up_record(&mut self, rule: &Group, taken: &Taken) {
        self.watch.tally(self.tables.sites[rule.site as usize].component, Count::DeadLetters, 1);
        if rule.dead_letters != NONE {
            self.append(rule.dead_letters, Record { at: self.now, ..taken.record });
        }
    }

    /// A record was handled: after a later one of its key?
    fn note_order(&mut self, group: u32, rule: &Group, taken: &Taken) {
        let key = taken.record.more.row;
        if key == 0 || !rule.ordered {
            return;
        }
        let latest = self.flows.latest[group as usize].entry(key);
        let replayed = taken.again && !taken.returned;
        if *latest > taken.record.at && !replayed {
            self.watch.tally(self.tables.sites[rule.site as usize].component, Count::OutOfOrder, 1);
        }
        *latest = (*latest).max(taken.record.at);
    }

    /// A consumer's frame is gone without a word: its record waits for another consumer.
    pub(in crate::kernel) fn record_lost(&mut self, c: u32) {
        let id = self.frames[c as usize].ticket;
        if id >= TICKETS {
            self.relay_answered(id, c, Ending::Lost);
            return;
        }
        let slot = &mut self.flows.slots[id as usize];
        let hidden = std::mem::replace(&mut slot.hidden, NEVER);
        let (group, line) = (slot.group, slot.line);
        let Some(taken) = slot.taken.take() else {
            return;
        };
        let rule = &self.tables.groups[group as usize];
        if rule.partitions > 0 {
            if taken.returned {
                self.flows.lines[line as usize].put_back(self.now, Taken { again: true, ..taken });
            }
            // Else its partition begins again where it has committed.
            return;
        }
        if rule.visibility == NEVER || hidden != NEVER {
            let due = if rule.visibility == NEVER { self.now } else { hidden };
            self.flows.lines[line as usize].put_back(due, Taken { again: true, ..taken });
            self.arm(group, due);
        }
    }

    /// A slot waits until a time.
    pub(super) fn slot_waits(&mut self, id: u32, until: u64) {
        self.flows.slots[id as usize].wakes = until;
        let flow = self.tables.topics.len() as u32 + id;
        self.at(until, Tag::Flow, flow);
    }

    /// A slot's wait may be over.
    pub(super) fn slot_due(&mut self, id: u32) {
        let slot = &mut self.flows.slots[id as usize];
        if slot.wakes != self.now {
            return;
        }
        slot.wakes = 0;
        if std::mem::take(&mut slot.commits) {
            let (group, line) = (slot.group, slot.line);
            let at = &mut self.flows.lines[line as usize];
            at.committed = at.next;
            self.tidy(group, line);
        }
        self.take(id);
    }

    /// A group's alarm: the end of a rebalance, records that can be taken again, records that were hidden too long.
    pub(super) fn group_due(&mut self, group: u32) {
        let progress = &mut self.flows.progress[group as usize];
        if progress.armed != self.now {
            return;
        }
        progress.armed = NEVER;
        let halted = progress.halted;
        if halted > self.now {
            self.arm(group, halted);
        } else if halted != 0 {
            self.flows.progress[group as usize].halted = 0;
            self.returns(group);
        }
        let (first, count) = self.flows.group_slots[group as usize];
        if self.tables.groups[group as usize].visibility != NEVER {
            let mut next = NEVER;
            for id in first..first + count {
                let Slot { taken: Some(taken), hidden, line, .. } = self.flows.slots[id as usize] else {
                    continue;
                };
                if hidden <= self.now {
                    self.flows.slots[id as usize].hidden = NEVER;
                    self.flows.lines[line as usize].put_back(self.now, Taken { again: true, ..taken });
                } else {
                    next = next.min(hidden);
                }
            }
            if next != NEVER {
                self.arm(group, next);
            }
        }
        for id in first..first + count {
            self.take(id);
        }
    }

    /// A line has nothing left: it has caught up, if it was behind.
    fn caught_up(&mut self, group: u32, line: u32) {
        if !self.flows.lines[line as usize].catching {
            return;
        }
        self.flows.lines[line as usize].catching = false;
        let progress = &mut self.flows.progress[group as usize];
        progress.lagging -= 1;
        if progress.lagging > 0 {
            return;
        }
        let (from, stood) = (progress.from, std::mem::replace(&mut progress.stood, NEVER));
        let rule = &self.tables.groups[group as usize];
        let consumer = self.tables.sites[rule.site as usize].component;
        for component in [rule.broker, consumer] {
            self.watch.timed(component, Timed::CatchUp, self.now - from);
            self.watch.timed(component, Timed::Behind, self.now.saturating_sub(stood.min(from)));
        }
    }
}
