//! Requests that wait in a line (`lines`): other orders than that of arrival, doors, shared queues, and what is shed.
//!
//! The hot path knows plain queues alone. A replica whose requests wait in a line has no place in its own queue
//! (`limit` is zero) and one waiter for ever (`queued` is one), so that what finds no free worker is turned away into the
//! line, and who gives a worker back looks there. Where replicas share a line they have no workers of their own either.

use super::draws::{Keyed, Words as _};
use super::engine::Engine;
use super::frames::{Frame, Health, Replica, flag};
use super::lines::{Line, rank_by_order};
use super::serving::{Discipline, Queueing, Sharing, WhenFull};
use super::tables::{Component, NONE, Tables};
use crate::record::Ending;

/// Mark of a frame (`prev`) that waits in a line; `next` is its token. No frame has such an index.
const IN_LINE: u32 = NONE - 1;
/// Mark of a frame (`prev`) that stands before a line.
const AT_DOOR: u32 = NONE - 2;
/// Blocks and operations in process within each other that a rank is looked for through.
const DEPTH: u32 = 64;
/// Site of the draw of a free worker where replicas share a line.
const FREE_WORKER: u32 = 0x5EA7;

/// Whether a frame still waits with a token.
fn waits(frames: &[Frame], f: u32, token: u32) -> bool {
    let frame = &frames[f as usize];
    frame.flags & flag::QUEUED != 0 && frame.next == token && (frame.prev == IN_LINE || frame.prev == AT_DOOR)
}

/// The lines of a design and, for each replica, which is its own (`NONE` for a plain queue); no entries without lines.
#[must_use]
pub(super) fn lines_of(tables: &Tables) -> (Vec<Line>, Vec<u32>) {
    let mut lines: Vec<Line> = Vec::new();
    let mut line_of = Vec::new();
    if tables.components.iter().all(|component| component.queueing.is_none()) {
        return (lines, line_of);
    }
    for component in &tables.components {
        for nth in 0..component.count {
            let Some(queueing) = component.queueing else {
                line_of.push(NONE);
                continue;
            };
            if nth == 0 || !queueing.shared {
                lines.push(Line::new(queueing.when_full == WhenFull::DropOldest));
            }
            line_of.push(lines.len() as u32 - 1);
            if queueing.shared
                && let Some(line) = lines.last_mut()
            {
                line.idle.extend((0..component.workers).map(|_| component.first + nth));
            }
        }
    }
    (lines, line_of)
}

impl Replica {
    /// An idle replica of a component; see the head of `queues` for those whose requests wait in a line.
    #[must_use]
    pub(super) fn of(component: &Component) -> Replica {
        match component.queueing {
            None => Replica::new(component.workers, component.queue),
            Some(queueing) => {
                let slots = if queueing.shared { 0 } else { component.workers };
                Replica { queued: 1, ..Replica::new(slots, 0) }
            }
        }
    }
}

impl Engine<'_> {
    fn line_at(&self, r: u32) -> Option<u32> {
        self.line_of.get(r as usize).copied().filter(|id| *id != NONE)
    }

    fn queueing_at(&self, r: u32) -> (Queueing, u32) {
        let component = &self.tables.components[self.conditions[r as usize].component as usize];
        (component.queueing.unwrap_or_default(), component.queue)
    }

    /// A frame found no free worker. Where it may wait in a line, it does; None where its component has none.
    ///
    /// Else the frame that goes on: itself, where a worker of another replica is free; a caller that is told of a refusal.
    pub(super) fn stand_in_line(&mut self, c: u32) -> Option<u32> {
        let replica = self.frames[c as usize].replica;
        let id = self.line_at(replica)?;
        let (queueing, limit) = self.queueing_at(replica);
        if queueing.shared {
            if let Some(r) = self.free_worker(id, self.frames[c as usize].key) {
                let frame = &mut self.frames[c as usize];
                frame.replica = r;
                frame.flags |= flag::WORKER;
                let component = self.tables.sites[frame.site as usize].component;
                let replica = &mut self.replicas[r as usize];
                replica.touch(self.now);
                replica.busy += 1;
                let record = &mut self.watch.components[component as usize];
                record.accepted += 1;
                record.wait.add_zero();
                return Some(c);
            }
            let component = &self.tables.components[self.conditions[replica as usize].component as usize];
            let all = component.first as usize..(component.first + component.count) as usize;
            if self.conditions[all].iter().all(|condition| condition.health != Health::Up) {
                return None;
            }
        } else if self.conditions[replica as usize].health != Health::Up {
            return None;
        }
        let full = self.lines[id as usize].waiting >= limit;
        if full
            && (queueing.when_full == WhenFull::Refuse || (queueing.when_full == WhenFull::DropOldest && limit == 0))
        {
            self.outside(c);
            let caller = self.finish(c, Ending::Refused);
            return Some(self.unwind(caller, Ending::Refused));
        }
        if full && queueing.when_full == WhenFull::DropOldest {
            let frames = &self.frames;
            if let Some(oldest) = self.lines[id as usize].oldest(|f, token| waits(frames, f, token)) {
                self.unlink(oldest);
                self.turn_out(oldest);
            }
        }
        let order = self.next_number();
        let at_door = full && queueing.when_full == WhenFull::Block;
        let frame = &mut self.frames[c as usize];
        frame.mark = self.now;
        frame.flags |= flag::QUEUED;
        frame.next = order as u32;
        frame.prev = if at_door { AT_DOOR } else { IN_LINE };
        let site = &self.tables.sites[frame.site as usize];
        self.watch.components[site.component as usize].accepted += 1;
        self.lines[id as usize].touch(self.now);
        if at_door {
            let frames = &self.frames;
            self.lines[id as usize].stand_at_door(order, c, |f, token| waits(frames, f, token));
        } else {
            self.join_line(id, queueing.discipline, order, c);
        }
        if site.patience != NONE {
            self.lane_push_awaits(site.patience, c);
        }
        Some(NONE)
    }

    fn join_line(&mut self, id: u32, discipline: Discipline, order: u64, c: u32) {
        let rank = self.rank(c, discipline, order);
        let frames = &self.frames;
        let line = &mut self.lines[id as usize];
        line.join(rank, order, c, |f, token| waits(frames, f, token));
        let component = self.tables.sites[frames[c as usize].site as usize].component;
        let record = &mut self.watch.components[component as usize];
        record.queue_max = record.queue_max.max(u64::from(line.waiting));
    }

    /// Where a frame stands in an order: the smallest goes first.
    fn rank(&self, c: u32, discipline: Discipline, order: u64) -> u64 {
        match discipline {
            Discipline::Fifo | Discipline::Lifo | Discipline::Codel { .. } => rank_by_order(discipline, order),
            Discipline::Priority => u64::from(self.priority_of(c)),
            Discipline::Size | Discipline::Remaining => self.size_of(c),
            Discipline::Deadline => self.deadline_of(c),
        }
    }

    fn priority_of(&self, f: u32) -> u8 {
        self.cold.get(f as usize).map_or(1, |cold| cold.priority)
    }

    /// By when a frame's request must be done, as far as is known where it runs. Unit: ns.
    fn deadline_of(&self, f: u32) -> u64 {
        let Some(own) = self.cold.get(f as usize) else {
            return u64::MAX;
        };
        let parent = self.frames[f as usize].parent;
        let of_call = self.cold.get(parent as usize).map_or(u64::MAX, |cold| cold.deadline);
        own.deadline.min(own.until).min(of_call)
    }

    /// A worker has been given back where requests wait in a line, or no more may be in work.
    #[inline(never)]
    pub(super) fn serve_line(&mut self, r: u32) {
        let Some(id) = self.line_at(r) else {
            self.replicas[r as usize].busy -= 1;
            return;
        };
        let shared = self.queueing_at(r).0.shared;
        let replica = &self.replicas[r as usize];
        let fewer = !shared && replica.busy > replica.slots;
        match if fewer { None } else { self.next_in_line(id, r) } {
            Some(f) => self.give_worker(f, r),
            None => {
                self.replicas[r as usize].busy -= 1;
                if shared {
                    self.lines[id as usize].idle.push(r);
                }
            }
        }
    }

    fn give_worker(&mut self, f: u32, r: u32) {
        let frame = &mut self.frames[f as usize];
        let waited = self.now - frame.mark;
        frame.mark = self.now;
        frame.replica = r;
        frame.flags = frame.flags & !flag::QUEUED | flag::WORKER;
        frame.next = NONE;
        frame.prev = NONE;
        let component = self.tables.sites[frame.site as usize].component;
        self.watch.components[component as usize].wait.add(waited);
        self.wake(f);
    }

    /// Takes the next waiter out of a line of this replica's; those that CoDel drops on the way are refused.
    fn next_in_line(&mut self, id: u32, r: u32) -> Option<u32> {
        let (queueing, _) = self.queueing_at(r);
        self.lines[id as usize].touch(self.now);
        loop {
            let frames = &self.frames;
            let lives = |f: u32, token: u32| waits(frames, f, token);
            let line = &mut self.lines[id as usize];
            let Some(f) = line.next(lives).or_else(|| line.enter(lives)) else {
                line.codel.empty();
                return None;
            };
            let others = line.waiting > 0;
            let mark = frames[f as usize].mark;
            let waited = self.now - mark;
            let dropped = match queueing.discipline {
                Discipline::Codel { target, interval } => line.codel.drops(target, interval, self.now, waited, others),
                _ => false,
            };
            let sender = self.at_door_of(f);
            self.call_from_door(id, r);
            if let Some(sender) = sender {
                self.let_sender_go(sender);
            }
            if !dropped {
                return Some(f);
            }
            self.left_queue(f);
            self.frames[f as usize].flags &= !flag::QUEUED;
            self.frames[f as usize].awaits = 0;
            self.turn_out(f);
        }
    }

    /// A waiter that was let in is refused all the same; its caller goes on after what is running.
    fn turn_out(&mut self, f: u32) {
        // It had no worker: nothing was for nothing.
        self.frames[f as usize].mark = self.now;
        let caller = self.finish(f, Ending::Refused);
        self.tell(caller);
    }

    /// Places in a line are free: those before it take them.
    fn call_from_door(&mut self, id: u32, r: u32) {
        let (queueing, limit) = self.queueing_at(r);
        while self.lines[id as usize].at_door > 0 && self.lines[id as usize].waiting < limit {
            let frames = &self.frames;
            let Some(f) = self.lines[id as usize].enter(|f, token| waits(frames, f, token)) else {
                return;
            };
            let sender = self.at_door_of(f);
            let order = self.next_number();
            let frame = &mut self.frames[f as usize];
            frame.prev = IN_LINE;
            frame.next = order as u32;
            self.join_line(id, queueing.discipline, order, f);
            if let Some(sender) = sender {
                self.let_sender_go(sender);
            }
        }
    }

    /// Takes a waiter out of its line. False if it waits in a plain queue.
    pub(super) fn leave_line(&mut self, c: u32) -> bool {
        let frame = self.frames[c as usize];
        let Some(id) = self.line_at(frame.replica) else {
            return false;
        };
        let sender = self.at_door_of(c);
        let line = &mut self.lines[id as usize];
        line.touch(self.now);
        if frame.prev == AT_DOOR {
            line.at_door -= 1;
        } else {
            line.waiting -= 1;
        }
        let left = &mut self.frames[c as usize];
        left.flags &= !flag::QUEUED;
        left.awaits = 0;
        left.next = NONE;
        left.prev = NONE;
        if let Some(sender) = sender {
            self.let_sender_go(sender);
        }
        self.call_from_door(id, frame.replica);
        true
    }

    /// Who sent what stands at a door and is held up there: the frame and the number that it awaits.
    fn at_door_of(&self, c: u32) -> Option<(u32, u32)> {
        let frame = &self.frames[c as usize];
        let held_up = frame.prev == AT_DOOR && frame.parent == NONE && frame.flags & flag::CONSUMER == 0;
        let sender = self.senders.get(c as usize).copied().filter(|_| held_up);
        sender.filter(|(_, awaits)| *awaits == frame.ticket)
    }

    fn let_sender_go(&mut self, (sender, awaits): (u32, u32)) {
        if self.frames[sender as usize].awaits == awaits {
            self.frames[sender as usize].status = Ending::Ok as u8;
            self.ready.push((sender, awaits));
        }
    }

    /// Whether what a frame sends stands before a full line: then the frame is held up until it has a place.
    pub(super) fn holds_up(&mut self, f: u32, c: u32) -> bool {
        let sent = &self.frames[c as usize];
        if sent.flags & flag::QUEUED == 0 || sent.prev != AT_DOOR {
            return false;
        }
        let number = self.next_number() as u32;
        self.frames[f as usize].awaits = number;
        self.frames[c as usize].ticket = number;
        if self.senders.len() <= c as usize {
            self.senders.resize(c as usize + 1, (NONE, 0));
        }
        self.senders[c as usize] = (f, number);
        true
    }

    /// A free worker of those that share a line, drawn, and taken.
    fn free_worker(&mut self, id: u32, key: u64) -> Option<u32> {
        let idle = &mut self.lines[id as usize].idle;
        if idle.is_empty() {
            return None;
        }
        let at = ((Keyed::new(key, FREE_WORKER).word() >> 32) * idle.len() as u64) >> 32;
        Some(idle.swap_remove(at as usize))
    }

    /// Whether those who wait at a replica outlive it: in a line that others serve too.
    pub(super) fn waits_elsewhere(&self, r: u32) -> bool {
        self.line_at(r).is_some() && self.queueing_at(r).0.shared
    }

    /// A replica is down: nobody waits there.
    pub(super) fn close_line(&mut self, r: u32) {
        let Some(id) = self.line_at(r) else {
            return;
        };
        if self.queueing_at(r).0.shared {
            self.lines[id as usize].idle.retain(|free| *free != r);
        } else {
            self.lines[id as usize].touch(self.now);
            self.lines[id as usize].clear();
        }
        self.replicas[r as usize].queued = 1;
    }

    /// What stands at the door of a replica that goes down holds nobody up any more.
    pub(super) fn open_door(&mut self, r: u32) {
        let Some(id) = self.line_at(r) else {
            return;
        };
        if self.queueing_at(r).0.shared {
            return;
        }
        let before = self.lines[id as usize].door().filter(|(f, token)| waits(&self.frames, *f, *token));
        let senders: Vec<(u32, u32)> = before.filter_map(|(f, _)| self.at_door_of(f)).collect();
        for sender in senders {
            self.let_sender_go(sender);
        }
    }

    /// A replica is there again: it has its workers and places, and takes what waits in a line that it shares.
    pub(super) fn reopen(&mut self, r: u32) {
        let component = self.tables.components[self.conditions[r as usize].component as usize];
        let fresh = Replica::of(&component);
        let replica = &mut self.replicas[r as usize];
        replica.touch(self.now);
        replica.slots = fresh.slots;
        replica.limit = fresh.limit;
        let Some(id) = self.line_at(r) else {
            return;
        };
        if !self.queueing_at(r).0.shared {
            return;
        }
        for _ in 0..component.workers {
            match self.next_in_line(id, r) {
                Some(f) => {
                    self.replicas[r as usize].busy += 1;
                    self.give_worker(f, r);
                }
                None => self.lines[id as usize].idle.push(r),
            }
        }
    }

    /// Whether a component refuses a frame because it is too busy for its priority.
    pub(super) fn sheds(&mut self, c: u32) -> bool {
        let frame = self.frames[c as usize];
        let component = &self.tables.components[self.conditions[frame.replica as usize].component as usize];
        let rules = component.sheds.0 as usize..(component.sheds.0 + component.sheds.1) as usize;
        if rules.is_empty() {
            return false;
        }
        let replica = &self.replicas[frame.replica as usize];
        let (waiting, next) = match self.line_at(frame.replica) {
            Some(id) => {
                let frames = &self.frames;
                let line = &mut self.lines[id as usize];
                (line.waiting, line.peek(|f, token| waits(frames, f, token)).unwrap_or(NONE))
            }
            None => (replica.queued, replica.head),
        };
        let wait = if next == NONE { 0 } else { self.now - self.frames[next as usize].mark };
        let priority = self.priority_of(c);
        self.tables.sheds[rules]
            .iter()
            .any(|rule| priority >= rule.priority && (waiting >= rule.waiting || wait >= rule.wait))
    }

    /// Rank of a frame for cores that go to the best.
    pub(super) fn core_rank(&self, f: u32) -> u64 {
        let replica = self.frames[f as usize].replica;
        let component = &self.tables.components[self.conditions[replica as usize].component as usize];
        match component.sharing {
            Sharing::Equal => 0,
            Sharing::Ranked(by) => {
                // What an operation in process or a block computes counts for the frame that holds the worker.
                let mut holder = f;
                for _ in 0..DEPTH {
                    let frame = &self.frames[holder as usize];
                    if frame.flags & flag::LOCAL == 0 || frame.parent == NONE {
                        break;
                    }
                    holder = frame.parent;
                }
                self.rank(holder, by, self.frames[holder as usize].mark)
            }
        }
    }

    /// Frames that wait at a replica, those that stand before its line included; none where replicas share a line.
    pub(super) fn waiters_at(&self, r: u32) -> u64 {
        match self.line_at(r) {
            None => u64::from(self.replicas[r as usize].queued),
            Some(_) if self.queueing_at(r).0.shared => 0,
            Some(id) => self.lines[id as usize].waiters(),
        }
    }

    /// Frames that wait in the line that the replicas of a component share.
    pub(super) fn waiters_shared(&self, component: &Component) -> u64 {
        let shared = component.queueing.is_some_and(|queueing| queueing.shared);
        self.line_at(component.first).filter(|_| shared).map_or(0, |id| self.lines[id as usize].waiters())
    }

    /// Frames that wait, in queues and lines.
    pub(super) fn count_waiters(&self) -> usize {
        let plain = (0..self.replicas.len()).filter(|r| self.line_at(*r as u32).is_none());
        let queued: usize = plain.map(|r| self.replicas[r].queued as usize).sum();
        let lined: usize = self.lines.iter().map(|line| (line.waiting + line.at_door) as usize).sum();
        queued + lined
    }

    /// Integral of the waiters of a component up to now, those before a line included. Unit: frame ns.
    pub(super) fn waiting_area(&mut self, component: &Component) -> u128 {
        let mut area = 0;
        for nth in 0..component.count {
            let r = component.first + nth;
            match self.line_at(r) {
                None => {
                    self.replicas[r as usize].touch(self.now);
                    area += self.replicas[r as usize].queued_area;
                }
                Some(id) if nth == 0 || component.queueing.is_some_and(|queueing| !queueing.shared) => {
                    self.lines[id as usize].touch(self.now);
                    area += self.lines[id as usize].area;
                }
                Some(_) => {}
            }
        }
        area
    }
}
