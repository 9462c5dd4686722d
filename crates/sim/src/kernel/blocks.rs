//! What a frame does inside its process: operations in process, branches at once, loops, early answers, sessions.
//!
//! Blocks run in frames of their own on their parent's worker. A session is a frame at a database that keeps its worker
//! from the first thing asked of it to the last, and answers in between.

use super::draws::derive;
use super::engine::Engine;
use super::frames::{Cold, Frame, flag};
use super::network::Fate;
use super::pools::Permit;
use super::tables::NONE;
use crate::record::Ending;

impl Engine<'_> {
    /// A call that no one waits for.
    pub(super) fn send(&mut self, f: u32, site_id: u32) -> u32 {
        let c = self.launch(f, site_id, 0);
        if c == NONE {
            return f;
        }
        // It leaves from where its caller is, then has none.
        let site = &self.tables.sites[site_id as usize];
        let replica = self.caller(f);
        if self.trace.is_some() {
            self.trace_sends(f, c);
        }
        self.frames[c as usize].parent = NONE;
        self.frames[f as usize].awaits = 0;
        if let Some(cold) = self.cold.get_mut(c as usize) {
            cold.until = u64::MAX;
        }
        let fate = if site.networked { self.dispatch(c, site_id, replica, false) } else { Fate::There };
        match fate {
            Fate::There => {
                let started = self.admit(c, site);
                if started != NONE {
                    self.wake(started);
                } else if self.holds_up(f, c) {
                    return NONE;
                }
            }
            Fate::Travels => {}
            Fate::Gone => self.request_gone(c),
        }
        f
    }

    /// A frame for a block on its parent's worker, with the same turn of luck each time it has the same site and turn.
    fn block(&mut self, f: u32, entry: u32, site: u32, key_site: u32, turn: u32, ticket: u32) -> u32 {
        let parent = self.frames[f as usize];
        let c = self.alloc(Frame {
            start: self.now,
            mark: self.now,
            key: if key_site == 0 { parent.key } else { derive(parent.key, key_site, turn) },
            parent: f,
            ticket,
            awaits: 0,
            next: NONE,
            prev: NONE,
            timer: 0,
            replica: parent.replica,
            pc: entry,
            site,
            attempt: 0,
            status: 0,
            flags: flag::ALIVE | flag::LOCAL,
        });
        if c != NONE && self.tables.cold {
            self.cold[c as usize] = self.cold[f as usize].handed_on();
        }
        if c != NONE && self.drops {
            if self.blocks_of.len() <= f as usize {
                self.blocks_of.resize(f as usize + 1, Vec::new());
            }
            self.blocks_of[f as usize].push(c);
        }
        c
    }

    fn await_answer(&mut self, f: u32) -> u32 {
        let number = self.next_number() as u32;
        self.frames[f as usize].awaits = number;
        if let Some(blocks) = self.blocks_of.get_mut(f as usize) {
            blocks.clear();
        }
        number
    }

    /// An operation of the same process.
    pub(super) fn local(&mut self, f: u32, site_id: u32) -> u32 {
        let site = &self.tables.sites[site_id as usize];
        let ticket = self.await_answer(f);
        let c = self.block(f, site.entry, site_id, site.key, 0, ticket);
        if c == NONE {
            return self.unwind(f, Ending::Refused);
        }
        if self.trace.is_some() {
            self.trace_arrives(c);
        }
        let pool = self.module_pool(c);
        if pool == NONE {
            return c;
        }
        match self.take_permit(pool, NONE, c) {
            Permit::Given => c,
            Permit::Queued => NONE,
            Permit::Refused => self.refuse_local(c),
        }
    }

    /// An operation in process did not get its module's permit. Returns the frame that goes on.
    pub(super) fn refuse_local(&mut self, c: u32) -> u32 {
        if self.trace.is_some() {
            self.trace_fails(c, Ending::Refused);
        }
        let caller = self.deliver(c, Ending::Refused);
        self.unwind(caller, Ending::Refused)
    }

    /// A block ends well.
    pub(super) fn back(&mut self, f: u32) -> u32 {
        self.give_permit(f);
        self.deliver(f, Ending::Ok)
    }

    /// Branches at once.
    pub(super) fn split(&mut self, f: u32, first: u32, count: u16, need: u16) -> u32 {
        let frame = self.frames[f as usize];
        let cold = f as usize;
        if frame.attempt == 0 {
            if count == 0 {
                return self.split_over(f);
            }
            let ticket = self.await_answer(f);
            let step = &mut self.frames[f as usize];
            step.attempt = 1;
            step.pc = frame.pc - 1;
            self.cold[cold].scratch = 0;
            self.cold[cold].open = u32::from(count);
            for nth in 0..u32::from(count) {
                let branch = self.tables.branches[(first + nth) as usize];
                let c = self.block(f, branch.entry, 0, branch.site, 0, ticket);
                if c != NONE {
                    self.wake(c);
                }
            }
            return NONE;
        }
        let ending = Ending::ALL[frame.status as usize];
        self.cold[cold].open -= 1;
        self.cold[cold].scratch += u64::from(ending == Ending::Ok);
        let (open, good) = (u64::from(self.cold[cold].open), self.cold[cold].scratch);
        if good >= u64::from(need) {
            return self.split_over(f);
        }
        if good + open < u64::from(need) {
            self.frames[f as usize].awaits = 0;
            return self.fail(f, ending);
        }
        self.frames[f as usize].pc = frame.pc - 1;
        NONE
    }

    fn split_over(&mut self, f: u32) -> u32 {
        let frame = &mut self.frames[f as usize];
        frame.awaits = 0;
        frame.attempt = 0;
        frame.status = Ending::Ok as u8;
        f
    }

    /// A block several times.
    pub(super) fn repeat(&mut self, f: u32, entry: u32, times: u32, site: u32) -> u32 {
        let frame = self.frames[f as usize];
        let cold = f as usize;
        if frame.attempt == 0 {
            self.cold[cold].scratch = 0;
        } else {
            let ending = Ending::ALL[frame.status as usize];
            if ending != Ending::Ok {
                return self.fail(f, ending);
            }
            self.cold[cold].scratch += 1;
        }
        let turn = self.cold[cold].scratch;
        if turn >= u64::from(times) {
            self.frames[f as usize].attempt = 0;
            return f;
        }
        let step = &mut self.frames[f as usize];
        step.attempt = 1;
        step.pc = frame.pc - 1;
        let ticket = self.await_answer(f);
        let c = self.block(f, entry, 0, site, turn as u32, ticket);
        if c == NONE { self.fail(f, Ending::Refused) } else { c }
    }

    /// Replies now: the frame carries the answer, a copy of it goes on with the work.
    pub(super) fn answer(&mut self, f: u32) -> u32 {
        let frame = self.frames[f as usize];
        if frame.parent == NONE {
            return f;
        }
        let g = self.alloc(Frame {
            start: self.now,
            parent: NONE,
            timer: 0,
            awaits: 0,
            flags: (frame.flags & (flag::ALIVE | flag::WORKER)) | flag::ANSWERED,
            ..frame
        });
        if g == NONE {
            return f;
        }
        if self.tables.cold {
            self.cold[g as usize] = Cold { until: u64::MAX, ..self.cold[f as usize] };
            self.cold[f as usize] = Cold::default();
        }
        if self.trace.is_some() {
            self.trace_answers(f, g);
        }
        self.went_on(g);
        self.frames[f as usize].flags &= !flag::WORKER;
        let caller = self.finish(f, Ending::Ok);
        self.tell(caller);
        g
    }

    /// The end of an operation that may have answered before.
    pub(super) fn leave_op(&mut self, f: u32) -> u32 {
        let frame = self.frames[f as usize];
        self.frames[f as usize].flags &= !flag::WORKER;
        self.release(frame.replica);
        if frame.flags & flag::ANSWERED != 0 {
            self.left(f);
            self.release_frame(f);
            return NONE;
        }
        self.finish(f, Ending::Ok)
    }

    /// Opens a session.
    pub(super) fn begin(&mut self, f: u32, site_id: u32) -> u32 {
        let policy = self.tables.sites[site_id as usize].policy;
        if policy != NONE {
            return self.begin_connected(f, site_id, policy);
        }
        let c = self.launch(f, site_id, 0);
        if c == NONE {
            return self.unwind(f, Ending::Refused);
        }
        self.frames[c as usize].flags |= flag::SESSION;
        let site = &self.tables.sites[site_id as usize];
        self.enter(c, site)
    }

    /// Asks something of the open session.
    pub(super) fn within(&mut self, f: u32, site_id: u32) -> u32 {
        let c = self.cold[f as usize].session;
        if c == NONE {
            return self.unwind(f, Ending::Error);
        }
        let site = &self.tables.sites[site_id as usize];
        let ticket = self.await_answer(f);
        let key = derive(self.frames[f as usize].key, site.key, 0);
        let caller = self.caller(f);
        let session = &mut self.frames[c as usize];
        session.ticket = ticket;
        session.pc = site.entry;
        session.key = key;
        let Cold { row, version, .. } = self.cold[f as usize];
        (self.cold[c as usize].row, self.cold[c as usize].version) = (row, version);
        match if site.networked { self.dispatch(c, site_id, caller, false) } else { Fate::There } {
            Fate::There => return c,
            Fate::Travels => {}
            Fate::Gone => self.session_gone(c),
        }
        NONE
    }

    /// A session has done what was asked and waits for more.
    pub(super) fn yield_session(&mut self, c: u32) -> u32 {
        let frame = self.frames[c as usize];
        let caller = self.frames[frame.parent as usize];
        let waits = caller.awaits == frame.ticket && self.tables.sites[frame.site as usize].networked;
        match if waits { self.dispatch(c, frame.site, self.caller(frame.parent), true) } else { Fate::There } {
            Fate::There => return self.deliver_session(c),
            Fate::Travels => self.frames[c as usize].flags |= flag::OUTBOUND,
            Fate::Gone => self.session_gone(c),
        }
        NONE
    }

    /// A session's answer reaches its caller; the session stays.
    pub(super) fn deliver_session(&mut self, c: u32) -> u32 {
        let frame = self.frames[c as usize];
        let caller = &mut self.frames[frame.parent as usize];
        if caller.awaits != frame.ticket {
            self.remove(c);
            return NONE;
        }
        caller.awaits = 0;
        caller.status = Ending::Ok as u8;
        self.cold[frame.parent as usize].session = c;
        frame.parent
    }

    /// A session ends: its caller has none.
    pub(super) fn forget_session(&mut self, c: u32) {
        let parent = self.frames[c as usize].parent;
        if let Some(cold) = self.cold.get_mut(parent as usize)
            && cold.session == c
        {
            cold.session = NONE;
        }
    }

    /// A frame that fails or dies takes its open session with it: rolled back, worker free.
    pub(super) fn abort_session(&mut self, f: u32) {
        let Some(cold) = self.cold.get_mut(f as usize) else {
            return;
        };
        let held = std::mem::take(&mut cold.held);
        let session = std::mem::replace(&mut cold.session, NONE);
        if held != 0 {
            self.machines_lose(f, held);
        }
        if session != NONE {
            self.remove(session);
        }
    }
}
