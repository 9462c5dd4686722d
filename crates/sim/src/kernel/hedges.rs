//! Copies of one attempt: sent after a delay to other replicas, the first good answer counts.
//!
//! Each copy goes through the policies inside the hedge by itself. With more copies than replicas, those beyond go where
//! the balancer sends them. Left out: what servers tell each other reaches the caller at once (a copy that is not sent
//! yet is not sent once another has got its worker).

use super::draws::{Keyed, Words as _};
use super::engine::Engine;
use super::frames::flag;
use super::tables::{Cancel, NONE, Others, Policy, Step};
use crate::record::Ending;

/// Site of the draw among the replicas that have no copy yet.
const ELSEWHERE: u32 = 0xE15E_3E5E;

impl Engine<'_> {
    /// Another copy of an attempt that has not been answered yet.
    pub(super) fn send_copy(&mut self, f: u32) {
        let frame = self.frames[f as usize];
        self.tries[f as usize].hedge = 0;
        let Step::Guarded { site, policy } = self.tables.code[frame.pc as usize] else {
            return;
        };
        let rule = &self.tables.policies[policy as usize];
        let nth = self.tries[f as usize].copies;
        self.tries[f as usize].copies = nth + 1;
        if nth + 1 < rule.copies {
            self.lane_push_hedge(rule.hedge, f);
        }
        let turn = self.turn(f, rule).wrapping_add(nth << 16);
        let next = self.send_attempt(f, site, policy, turn);
        self.exec(next);
    }

    /// Moves a copy that was put beside another to a replica that has none, if there is one.
    pub(super) fn elsewhere(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        let site = &self.tables.sites[frame.site as usize];
        if !self.taken(frame.parent, c, frame.replica) {
            return;
        }
        let followed = frame.flags & flag::BALANCED != 0;
        let mut words = Keyed::new(frame.key, ELSEWHERE);
        let (mut best, mut least, mut ties) = (NONE, u32::MAX, 0u64);
        for at in 0..site.count {
            let replica = site.first + at;
            if !self.believed_by_its_balancer(c, at) || self.taken(frame.parent, c, replica) {
                continue;
            }
            let count = if followed { self.in_flight_of(c, at) } else { 0 };
            if count < least {
                (best, least, ties) = (replica, count, 1);
            } else if count == least {
                ties += 1;
                if ((words.word() >> 32) * ties) >> 32 == 0 {
                    best = replica;
                }
            }
        }
        if best == NONE {
            return;
        }
        self.send_elsewhere(c, best);
    }

    /// Nobody waits for an attempt any more that has been sent and has no ending yet.
    pub(super) fn left_alone(&mut self, c: u32, ending: Ending) {
        let frame = self.frames[c as usize];
        let pair = self.tables.sites[frame.site as usize].pair;
        if frame.flags & flag::LOCAL == 0
            && let Some(record) = self.watch.calls.get_mut(pair as usize)
        {
            record.ended[ending as usize] += 1;
        }
    }

    /// Whether another copy than this one is at a replica.
    fn taken(&self, f: u32, c: u32, replica: u32) -> bool {
        let mut copy = self.tries[f as usize].first;
        while copy != NONE {
            let frame = &self.frames[copy as usize];
            if copy != c && frame.flags & flag::LOCAL == 0 && frame.replica == replica {
                return true;
            }
            copy = self.dues[copy as usize].sibling;
        }
        false
    }

    /// Takes an attempt out of those that its caller waits for. False if the caller does not wait for it.
    pub(super) fn unlink_copy(&mut self, c: u32) -> bool {
        let frame = self.frames[c as usize];
        let f = frame.parent;
        if f == NONE || self.frames[f as usize].awaits != frame.ticket {
            return false;
        }
        let after = self.dues[c as usize].sibling;
        let mut copy = self.tries[f as usize].first;
        if copy == c {
            self.tries[f as usize].first = after;
            return true;
        }
        while copy != NONE {
            let due = &mut self.dues[copy as usize];
            if due.sibling == c {
                due.sibling = after;
                return true;
            }
            copy = due.sibling;
        }
        false
    }

    /// An attempt of a call is over: its other copies are on their own, or dropped.
    pub(super) fn end_copies(&mut self, f: u32, policy: &Policy) {
        let tried = &mut self.tries[f as usize];
        tried.hedge = 0;
        let mut copy = std::mem::replace(&mut tried.first, NONE);
        while copy != NONE {
            let next = self.dues[copy as usize].sibling;
            let flags = self.frames[copy as usize].flags;
            let dropped = policy.others == Others::OnCompletion;
            self.left_alone(copy, if dropped { Ending::Cancelled } else { Ending::Abandoned });
            if flags & (flag::LOCAL | flag::GHOST) != 0 {
                self.remove(copy);
            } else if dropped {
                self.let_go(copy);
                self.send_cancel(self.caller(f), copy, Cancel::Running);
            }
            copy = next;
        }
    }

    /// A copy has got its worker: those that still wait are told that they need not.
    pub(super) fn copy_starts(&mut self, c: u32) -> u32 {
        let frame = self.frames[c as usize];
        let f = frame.parent;
        if f == NONE || self.frames[f as usize].awaits != frame.ticket {
            return c;
        }
        self.tries[f as usize].hedge = 0;
        let mut copy = self.tries[f as usize].first;
        while copy != NONE {
            let next = self.dues[copy as usize].sibling;
            if copy != c {
                if self.frames[copy as usize].flags & flag::LOCAL != 0 {
                    self.remove(copy);
                } else {
                    self.send_cancel(self.caller(f), copy, Cancel::Queued);
                }
            }
            copy = next;
        }
        c
    }
}
