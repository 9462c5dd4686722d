//! What a call may meet on its way beyond a free worker: a network, a gate, a full queue, silence.

use super::draws::Keyed;
use super::engine::{Engine, chance};
use super::events::Tag;
use super::frames::{Health, flag};
use super::guards::take_token;
use super::network::Fate;
use super::tables::NONE;
use crate::record::Ending;

/// Site of the draw of a frame's patience.
const PATIENCE: u32 = 0x9A71_E4CE;

impl Engine<'_> {
    /// A request sets out over the network.
    pub(super) fn depart(&mut self, c: u32) -> u32 {
        let frame = self.frames[c as usize];
        let caller = self.caller(frame.parent);
        if self.departures.len() <= c as usize {
            self.departures.resize(c as usize + 1, 0);
        }
        self.departures[c as usize] = self.now;
        match self.dispatch(c, frame.site, caller, false) {
            Fate::There => {
                let site = &self.tables.sites[frame.site as usize];
                return self.admit(c, site);
            }
            Fate::Travels => {}
            Fate::Gone => self.request_gone(c),
        }
        NONE
    }

    /// A message reaches its other end.
    pub(super) fn message(&mut self, c: u32) {
        if self.frames[c as usize].flags & flag::QUEUED != 0 {
            self.lose_patience(c);
            return;
        }
        let frame = &mut self.frames[c as usize];
        frame.awaits = 0;
        if frame.flags & flag::OUTBOUND != 0 {
            if frame.flags & flag::SESSION != 0 && frame.flags & flag::WORKER != 0 {
                frame.flags &= !flag::OUTBOUND;
                let f = self.deliver_session(c);
                self.exec(f);
                return;
            }
            // The way back is no work.
            frame.mark = self.now - frame.mark;
            let ending = Ending::ALL[frame.status as usize];
            let caller = self.deliver(c, ending);
            let f = if ending == Ending::Ok { caller } else { self.unwind(caller, ending) };
            self.exec(f);
            return;
        }
        if frame.flags & flag::WORKER != 0 {
            // A session goes on with the next thing asked of it.
            self.exec(c);
            return;
        }
        frame.mark = self.now;
        if frame.flags & (flag::DELAYED | flag::METERED) == 0 {
            frame.start = self.now;
        }
        let site = &self.tables.sites[frame.site as usize];
        let f = self.admit(c, site);
        self.exec(f);
    }

    /// What stands before a queue: a fault that answers, delays or fails, and a rate limit. False if it kept the frame.
    #[inline(never)]
    pub(super) fn gate(&mut self, c: u32) -> bool {
        if self.trace.is_some() && !self.trace_arrives(c) {
            return true;
        }
        let frame = self.frames[c as usize];
        let component = self.tables.sites[frame.site as usize].component;
        let impairment = self.impairments[component as usize];
        if impairment.outages > 0 {
            self.refuse(c, Ending::Error);
            return false;
        }
        if impairment.expired > 0 && !self.has_connection(c) {
            self.refuse(c, Ending::Error);
            return false;
        }
        if impairment.add > 0 && frame.flags & flag::DELAYED == 0 {
            self.held_up(c);
            self.frames[c as usize].flags |= flag::DELAYED;
            let number = self.at(self.now + impairment.add, Tag::Message, c);
            self.frames[c as usize].awaits = number;
            return false;
        }
        if impairment.errors > 0 && chance(frame.key, 0xE, impairment.errors) {
            self.refuse(c, Ending::Error);
            return false;
        }
        let rule = &self.tables.components[component as usize];
        if rule.spacing > 0 && frame.flags & flag::METERED == 0 {
            let mut next = self.conditions[frame.replica as usize].admit_at;
            if let Some(due) = take_token(&mut next, rule.spacing, rule.burst, self.now) {
                if !rule.excess_waits {
                    self.refuse(c, Ending::Refused);
                    return false;
                }
                self.conditions[frame.replica as usize].admit_at = next.max(self.now) + rule.spacing;
                self.held_up(c);
                self.frames[c as usize].flags |= flag::METERED;
                let number = self.at(due, Tag::Message, c);
                self.frames[c as usize].awaits = number;
                return false;
            }
            self.conditions[frame.replica as usize].admit_at = next;
        }
        if rule.sheds.1 > 0 && self.sheds(c) {
            self.refuse(c, Ending::Refused);
            return false;
        }
        self.frames[c as usize].flags &= !(flag::DELAYED | flag::METERED);
        if self.tables.deadlines && self.cold[c as usize].until <= self.clock(frame.replica) {
            self.refuse(c, Ending::Timeout);
            return false;
        }
        let site = &self.tables.sites[frame.site as usize];
        if site.patience_law != u16::MAX {
            self.draw_patience(c, site.patience_law);
        }
        true
    }

    /// A patience of its own for a frame that will have to wait for a worker.
    fn draw_patience(&mut self, c: u32, law: u16) {
        let frame = self.frames[c as usize];
        let replica = &self.replicas[frame.replica as usize];
        if replica.busy < replica.slots {
            return;
        }
        let time = self.tables.laws.draw(&self.ziggurat, law, &mut Keyed::new(frame.key, PATIENCE));
        let number = self.at(self.now.saturating_add(time), Tag::Message, c);
        self.frames[c as usize].awaits = number;
    }

    /// Answers a frame that never got a worker; the caller goes on after what is running.
    fn refuse(&mut self, c: u32, ending: Ending) {
        self.outside(c);
        self.frames[c as usize].mark = self.now;
        let caller = self.finish(c, ending);
        self.tell(caller);
    }

    /// Lets a caller that was told its answer go on after what is running.
    pub(super) fn tell(&mut self, caller: u32) {
        if caller != NONE {
            // It keeps the number it waits for: other copies of its attempt may still be out.
            let awaits = self.frames[caller as usize].awaits;
            self.ready.push((caller, awaits));
        }
    }

    /// No worker and no place in the queue: full, or down. Returns the frame that goes on.
    #[cold]
    pub(super) fn turned_away(&mut self, c: u32) -> u32 {
        if let Some(next) = self.stand_in_line(c) {
            return next;
        }
        self.outside(c);
        self.frames[c as usize].mark = self.now;
        let replica = self.frames[c as usize].replica;
        let ending = match self.conditions[replica as usize].health {
            Health::Up => Ending::Refused,
            Health::Reset => Ending::Error,
            Health::Silent => {
                self.haunt(c);
                return NONE;
            }
        };
        let caller = self.finish(c, ending);
        self.unwind(caller, ending)
    }

    /// No answer will come: what is left of the frame waits until its caller has had enough.
    pub(super) fn haunt(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        let component = self.tables.sites[frame.site as usize].component;
        self.watch.components[component as usize].ended[Ending::Lost as usize] += 1;
        if frame.flags & flag::CONSUMER != 0 {
            self.record_lost(c);
            self.release_frame(c);
            return;
        }
        self.ghost(c);
    }

    /// What is left of a frame waits until its caller has had enough.
    pub(super) fn ghost(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        let waited_for = frame.parent != NONE && self.frames[frame.parent as usize].awaits == frame.ticket;
        if !waited_for {
            self.let_go(c);
            self.release_frame(c);
            return;
        }
        let frame = &mut self.frames[c as usize];
        frame.awaits = 0;
        frame.flags = frame.flags & (flag::ALIVE | flag::OWED | flag::BALANCED) | flag::GHOST;
        if frame.timer == 0 && self.tables.silence != NONE {
            self.lane_push_awaits(self.tables.silence, c);
        }
    }

    /// An answer that is more than a hand-over: over the network, of a consumer, of a session, of one that answered before.
    #[inline(never)]
    pub(super) fn reply(&mut self, c: u32, ending: Ending) -> u32 {
        let frame = self.frames[c as usize];
        if frame.flags & flag::CONSUMER != 0 {
            self.handled(c, ending);
            return NONE;
        }
        if frame.flags & flag::SESSION != 0 {
            self.forget_session(c);
        }
        if frame.parent == NONE {
            return self.deliver(c, ending);
        }
        let caller = &self.frames[frame.parent as usize];
        if caller.awaits != frame.ticket {
            return self.deliver(c, ending);
        }
        match self.dispatch(c, frame.site, self.caller(frame.parent), true) {
            Fate::There => return self.deliver(c, ending),
            Fate::Travels => {
                let answer = &mut self.frames[c as usize];
                answer.status = ending as u8;
                answer.flags = answer.flags & !flag::WORKER | flag::OUTBOUND;
                // How long it was in work, until it arrives.
                answer.mark = self.now - frame.mark;
            }
            Fate::Gone => self.answer_gone(c),
        }
        NONE
    }

    /// Takes a waiter out of its replica's queue.
    pub(super) fn unlink(&mut self, c: u32) {
        self.left_queue(c);
        if self.leave_line(c) {
            return;
        }
        let frame = self.frames[c as usize];
        let replica = &mut self.replicas[frame.replica as usize];
        replica.touch(self.now);
        replica.queued -= 1;
        if frame.prev == NONE {
            replica.head = frame.next;
        }
        if frame.next == NONE {
            replica.tail = frame.prev;
        }
        if frame.prev != NONE {
            self.frames[frame.prev as usize].next = frame.next;
        }
        if frame.next != NONE {
            self.frames[frame.next as usize].prev = frame.prev;
        }
        let frame = &mut self.frames[c as usize];
        frame.flags &= !flag::QUEUED;
        frame.awaits = 0;
    }

    /// A frame begins to compute on shared cores.
    pub(super) fn share(&mut self, f: u32, work: u64) {
        // A number of its own: late answers to what it waited for before must not find it waiting.
        let number = self.next_number() as u32;
        let frame = &mut self.frames[f as usize];
        frame.awaits = number;
        frame.flags |= flag::SHARING;
        let replica = frame.replica;
        let rank = if self.cores[replica as usize].by_rank() { self.core_rank(f) } else { 0 };
        self.cores[replica as usize].start(self.now, f, work, rank);
        self.arm_cores(replica);
    }

    /// Arms the next finish, unless an event that comes no later is armed already.
    pub(super) fn arm_cores(&mut self, replica: u32) {
        let Some(finish) = self.cores[replica as usize].next_finish() else {
            self.cores[replica as usize].armed = 0;
            return;
        };
        let cores = &self.cores[replica as usize];
        if cores.armed != 0 && cores.armed_at <= finish {
            return;
        }
        let number = self.at(finish, Tag::Cores, replica);
        let cores = &mut self.cores[replica as usize];
        cores.armed = number;
        cores.armed_at = finish;
    }

    /// Shared cores may have finished a frame.
    pub(super) fn cores_due(&mut self, replica: u32, number: u32) {
        let cores = &mut self.cores[replica as usize];
        if cores.armed != number {
            return;
        }
        cores.armed = 0;
        cores.advance(self.now);
        let first = self.cores[replica as usize].finished();
        let mut others = false;
        while let Some(f) = first.and_then(|_| self.cores[replica as usize].finished()) {
            if !others {
                self.computed(first);
            }
            others = true;
            self.computed(Some(f));
        }
        self.arm_cores(replica);
        if let Some(f) = first.filter(|_| !others) {
            // Alone at this instant, as nearly always: no way round by the list of what is ready.
            self.frames[f as usize].flags &= !flag::SHARING;
            self.exec(f);
        }
    }

    fn computed(&mut self, f: Option<u32>) {
        if let Some(f) = f {
            self.frames[f as usize].flags &= !flag::SHARING;
            self.wake(f);
        }
    }
}
