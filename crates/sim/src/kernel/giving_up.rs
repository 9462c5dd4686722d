//! Callers that give up, and what becomes of the work that nobody waits for any more.
//!
//! An attempt whose caller has given up runs on unless it is told; the message that tells it takes its way. What is
//! dropped takes with it what it had asked for where its own calls say `cancel`. Left out: work below orphaned work is
//! not counted as wasted, only that of the attempt itself.

use super::engine::Engine;
use super::frames::{Cold, Frame, flag};
use super::tables::{Cancel, NONE, Step};
use crate::record::Ending;

impl Engine<'_> {
    /// A caller's timeout: it goes on, the attempt is on its own.
    pub(super) fn give_up_waiting(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        self.frames[c as usize].timer = 0;
        let waited_for = frame.parent != NONE && self.frames[frame.parent as usize].awaits == frame.ticket;
        let at_caller = frame.flags & flag::LOCAL != 0;
        let site = &self.tables.sites[frame.site as usize];
        if waited_for && !at_caller && site.pair != NONE {
            self.watch.calls[site.pair as usize].ended[Ending::Timeout as usize] += 1;
        }
        self.settle(c, Ending::Timeout);
        let cancel = self.tables.policies.get(site.policy as usize).map_or(Cancel::None, |policy| policy.cancel);
        if at_caller || frame.flags & flag::GHOST != 0 {
            self.remove(c);
        } else {
            if waited_for {
                // Nobody waits for it any more, but for other copies perhaps.
                self.frames[c as usize].ticket = self.next_number() as u32;
            }
            if cancel != Cancel::None {
                let caller = self.caller(frame.parent);
                self.send_cancel(caller, c, cancel);
            }
        }
        if !waited_for || (frame.flags & flag::OWED != 0 && self.tries[frame.parent as usize].first != NONE) {
            return;
        }
        self.frames[frame.parent as usize].awaits = 0;
        let f = self.unwind(frame.parent, Ending::Timeout);
        self.exec(f);
    }

    /// Tells an attempt that it is not needed any more.
    pub(super) fn send_cancel(&mut self, from: u32, c: u32, how: Cancel) {
        let frame = self.frames[c as usize];
        let networked = self.tables.sites[frame.site as usize].networked;
        let delay = if networked { self.cancel_delay(c, frame.site, from) } else { Some(0) };
        let Some(delay) = delay else {
            return;
        };
        if delay == 0 {
            self.cancel(c, how);
            return;
        }
        // The message is a frame of its own: the attempt may wait for something else meanwhile.
        let g = self.alloc(Frame {
            parent: c,
            next: frame.ticket,
            pc: self.tables.stubs + 3,
            status: how as u8,
            flags: flag::ALIVE,
            ..Frame::BLANK
        });
        if g == NONE {
            return;
        }
        if let Some(cold) = self.cold.get_mut(g as usize) {
            *cold = Cold::default();
        }
        self.resume_at(self.now.saturating_add(delay), g);
    }

    /// The message that an attempt is not needed has arrived where it is.
    pub(super) fn cancel_arrives(&mut self, g: u32) -> u32 {
        let Frame { parent: c, next: ticket, status, .. } = self.frames[g as usize];
        self.release_frame(g);
        let frame = &self.frames[c as usize];
        if frame.flags & flag::ALIVE != 0 && frame.ticket == ticket {
            self.cancel(c, if status == Cancel::Queued as u8 { Cancel::Queued } else { Cancel::Running });
        }
        NONE
    }

    /// Drops an attempt, unless it has answered already or the message comes too late for what it says.
    fn cancel(&mut self, c: u32, how: Cancel) {
        let frame = self.frames[c as usize];
        let answered = frame.flags & flag::OUTBOUND != 0;
        if answered || (how == Cancel::Queued && frame.flags & flag::QUEUED == 0) {
            return;
        }
        let site = &self.tables.sites[frame.site as usize];
        if frame.parent != NONE && self.frames[frame.parent as usize].awaits == frame.ticket {
            // A copy: the last that is waited for is not dropped.
            let first = self.tries[frame.parent as usize].first;
            if first == c && self.dues[c as usize].sibling == NONE {
                return;
            }
            if site.pair != NONE {
                self.watch.calls[site.pair as usize].ended[Ending::Cancelled as usize] += 1;
            }
        }
        self.remove(c);
    }

    /// Takes a frame away wherever it is, with what it holds, and tells no one.
    pub(super) fn remove(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        if self.trace.is_some() {
            self.trace_fails(c, Ending::Cancelled);
        }
        self.cancelled(c);
        if frame.flags & flag::QUEUED != 0 {
            self.unlink(c);
        }
        if frame.flags & flag::POOL_QUEUED != 0 {
            self.unlink_pool(c);
        }
        if frame.flags & flag::SHARING != 0 {
            self.cores[frame.replica as usize].remove(self.now, c);
            self.arm_cores(frame.replica);
        }
        self.stop_computing(c);
        self.let_go(c);
        self.drop_children(c);
        self.abort_session(c);
        if frame.flags & flag::LOCAL != 0 {
            self.give_permit(c);
        }
        if frame.flags & flag::WORKER != 0 {
            self.left(c);
            self.frames[c as usize].flags &= !flag::WORKER;
            self.wasted(c);
            self.release(frame.replica);
        }
        self.release_frame(c);
    }

    /// What a frame that goes away was waiting for: blocks of its own go with it, and attempts as their calls say.
    fn drop_children(&mut self, c: u32) {
        let Frame { awaits, pc, attempt, .. } = self.frames[c as usize];
        if awaits == 0 {
            return;
        }
        let step = self.tables.code.get(pc as usize).copied();
        if let Some(Step::Guarded { policy, .. }) = step
            && attempt > 0
            && self.tables.policies[policy as usize].owed
        {
            let cancel = self.tables.policies[policy as usize].cancel;
            let tried = &mut self.tries[c as usize];
            tried.hedge = 0;
            let mut child = std::mem::replace(&mut tried.first, NONE);
            while child != NONE {
                let next = self.dues[child as usize].sibling;
                let dropped = cancel != Cancel::None;
                self.left_alone(child, if dropped { Ending::Cancelled } else { Ending::Abandoned });
                if self.frames[child as usize].flags & (flag::LOCAL | flag::GHOST) != 0 {
                    self.remove(child);
                } else {
                    self.let_go(child);
                    if dropped {
                        self.send_cancel(self.caller(c), child, cancel);
                    }
                }
                child = next;
            }
            return;
        }
        let blocks = matches!(step, Some(Step::Split { .. } | Step::Repeat { .. })) && attempt > 0;
        let local = matches!(self.tables.code[pc.saturating_sub(1) as usize], Step::Local { .. });
        if !(blocks || local) {
            return;
        }
        let Some(blocks) = self.blocks_of.get_mut(c as usize) else {
            return;
        };
        let mut blocks = std::mem::take(blocks);
        for child in blocks.drain(..) {
            // Some are over, and their places may be another's.
            let frame = &self.frames[child as usize];
            let own = frame.flags & flag::ALIVE != 0 && frame.flags & flag::LOCAL != 0;
            if own && frame.parent == c && frame.ticket == awaits {
                self.remove(child);
            }
        }
        // Its room serves whoever has this place next.
        self.blocks_of[c as usize] = blocks;
    }
}
