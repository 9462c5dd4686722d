//! Calls with policies, outermost first: fallback, deadline, retry, breaker, rate limit, attempt timeout, pool.
//!
//! The step stays the caller's next instruction until it is over; `attempt` counts what was tried, `status` says how
//! the last attempt ended or that a pause or a wait for a permit is over. Copies of
//! an attempt (hedging) share its ticket: the first good answer counts. Left out: client-side throttling by the rate of
//! refusals, tied requests; a cancel message takes no time of its own.

use super::draws::{Keyed, Words as _};
use super::engine::{Engine, chance, is_signal};
use super::events::Tag;
use super::frames::{COPIES, flag, status};
use super::guards::take_token;
use super::pools::Permit;
use super::tables::{Jitter, NONE, Policy, Step};
use crate::record::Ending;

/// Attempts beyond which only those with pauses go on.
const MANY: u8 = 255;

impl Engine<'_> {
    /// A guarded call's step, at its first execution and after each thing it waited for.
    #[inline(never)]
    pub(super) fn guarded(&mut self, f: u32, site_id: u32, policy_id: u32) -> u32 {
        let policy = &self.tables.policies[policy_id as usize];
        let frame = self.frames[f as usize];
        let pc = frame.pc - 1;
        let own = if frame.replica == NONE { 0 } else { frame.replica.wrapping_sub(policy.caller) };
        if frame.attempt > 0 {
            match frame.status {
                status::AGAIN => {}
                status::GRANTED => {
                    self.frames[f as usize].flags &= !flag::UNSPENT;
                    return self.attempt(f, site_id, policy_id, pc);
                }
                status::NO_PERMIT => return self.give_up(f, policy, Ending::Refused),
                told => {
                    debug_assert!(!is_signal(told), "a signal is handled above");
                    if let Some(next) = self.outcome(f, policy, own, Ending::ALL[told as usize], pc) {
                        return next;
                    }
                }
            }
        } else {
            if policy.deadline > 0 {
                self.cold[f as usize].deadline = self.now + policy.deadline;
            }
            if policy.budget != NONE {
                let index = (policy.budget + own) as usize;
                let rule = self.tables.budgets[index];
                self.budgets[index] = (self.budgets[index] + rule.earn).min(rule.cap);
            }
        }
        if policy.breaker != NONE {
            let index = (policy.breaker + own) as usize;
            if !self.breakers[index].allows(&self.tables.breakers[index], self.now) {
                return self.give_up(f, policy, Ending::Refused);
            }
        }
        if policy.rate != NONE {
            let index = (policy.rate + own) as usize;
            let rule = self.tables.rates[index];
            if take_token(&mut self.rates[index], rule.spacing, rule.burst, self.now).is_some() {
                return self.give_up(f, policy, Ending::Refused);
            }
        }
        let frame = &mut self.frames[f as usize];
        frame.attempt = frame.attempt.saturating_add(1);
        frame.pc = pc;
        if policy.pool != NONE {
            match self.take_permit(policy.pool + own, f) {
                Permit::Given => {}
                Permit::Queued => return NONE,
                Permit::Refused => return self.give_up(f, policy, Ending::Refused),
            }
        }
        self.attempt(f, site_id, policy_id, pc)
    }

    /// An attempt has ended. None if another is to be made at once; else the frame that goes on.
    fn outcome(&mut self, f: u32, policy: &Policy, own: u32, ending: Ending, pc: u32) -> Option<u32> {
        let frame = self.frames[f as usize];
        if policy.hedge != NONE {
            if ending != Ending::Ok && self.others_out(f) {
                // Another copy may still succeed.
                self.frames[f as usize].pc = pc;
                return Some(NONE);
            }
            self.end_copies(f, policy);
        }
        let key = frame.key;
        let nth = u32::from(frame.attempt);
        let failed = policy.fail > 0 && chance(key, policy.site.wrapping_add(nth), policy.fail);
        let ending = if ending == Ending::Ok && failed { Ending::Error } else { ending };
        if policy.breaker != NONE {
            let index = (policy.breaker + own) as usize;
            self.breakers[index].outcome(&self.tables.breakers[index], self.now, ending == Ending::Ok);
        }
        if ending == Ending::Ok {
            let frame = &mut self.frames[f as usize];
            frame.attempt = 0;
            frame.pc = pc + 1;
            return Some(f);
        }
        let may = policy.retry_on & 1 << ending as u16 != 0
            && (policy.attempts == MANY || frame.attempt < policy.attempts)
            && (frame.attempt < MANY || policy.backoff.is_some());
        if !may {
            return Some(self.give_up(f, policy, ending));
        }
        let pause = self.pause(f, policy);
        if policy.deadline > 0 && self.now.saturating_add(pause) >= self.cold[f as usize].deadline {
            return Some(self.give_up(f, policy, ending));
        }
        if policy.budget != NONE {
            let budget = &mut self.budgets[(policy.budget + own) as usize];
            if *budget < 1_000_000 {
                return Some(self.give_up(f, policy, ending));
            }
            *budget -= 1_000_000;
        }
        if pause == 0 {
            return None;
        }
        let frame = &mut self.frames[f as usize];
        frame.pc = pc;
        frame.status = status::AGAIN;
        self.resume_at(self.now.saturating_add(pause), f);
        Some(NONE)
    }

    /// The pause before the next attempt. Unit: ns.
    fn pause(&mut self, f: u32, policy: &Policy) -> u64 {
        let Some(law) = policy.backoff else {
            return 0;
        };
        let frame = self.frames[f as usize];
        // Beyond the last count, the clock tells the draws apart.
        let turn = if frame.attempt < MANY { u32::from(frame.attempt) } else { (self.now >> 10) as u32 };
        let mut words = Keyed::new(frame.key, policy.site ^ turn.wrapping_mul(0x9E37_79B9));
        let first = self.tables.laws.draw(&self.ziggurat, law, &mut words);
        let mut pause = first as f64;
        if policy.jitter == Jitter::Decorrelated {
            let last = self.cold[f as usize].scratch.max(first);
            let last = if frame.attempt == 1 { first } else { last };
            pause = first as f64 + words.unit() * (3.0 * last as f64 - first as f64);
        } else if policy.growth > 1.0 {
            for _ in 1..frame.attempt {
                pause *= policy.growth;
                if pause >= policy.cap as f64 {
                    break;
                }
            }
        }
        pause = pause.min(policy.cap as f64);
        match policy.jitter {
            Jitter::Full => pause *= words.unit(),
            Jitter::Equal => pause *= 0.5 + 0.5 * words.unit(),
            Jitter::None => {}
            Jitter::Decorrelated => self.cold[f as usize].scratch = pause as u64,
        }
        (pause + 0.5) as u64
    }

    /// Sends one attempt.
    fn attempt(&mut self, f: u32, site_id: u32, policy_id: u32, pc: u32) -> u32 {
        let policy = &self.tables.policies[policy_id as usize];
        let frame = &mut self.frames[f as usize];
        frame.pc = pc;
        let turn = if frame.attempt < MANY { u32::from(frame.attempt) - 1 } else { (self.now >> 10) as u32 };
        let c = self.launch(f, site_id, turn);
        if c == NONE {
            if policy.pool != NONE {
                let replica = self.frames[f as usize].replica;
                let own = if replica == NONE { 0 } else { replica - policy.caller };
                self.return_permit(policy.pool + own);
            }
            self.frames[f as usize].status = Ending::Refused as u8;
            return f;
        }
        if policy.pool != NONE {
            self.frames[c as usize].flags |= flag::POOLED;
        }
        self.start_timer(f, c, policy);
        if policy.hedge != NONE {
            self.cold[f as usize].copies = [NONE; COPIES];
            self.cold[f as usize].copies[0] = c;
            self.cold[f as usize].open = 1;
            if policy.copies > 1 {
                self.lane_push_hedge(policy.hedge, f);
            }
        }
        let site = &self.tables.sites[site_id as usize];
        self.enter(c, site)
    }

    /// An attempt is waited for until its timeout or its call's deadline, whichever comes first.
    fn start_timer(&mut self, f: u32, c: u32, policy: &Policy) {
        let left = if policy.deadline > 0 { self.cold[f as usize].deadline.saturating_sub(self.now) } else { u64::MAX };
        if policy.timeout != NONE && policy.timeout_ns <= left {
            self.lane_push_timer(policy.timeout, c);
        } else if policy.deadline > 0 {
            let number = self.at(self.now + left, Tag::Timer, c);
            self.frames[c as usize].timer = number;
        }
    }

    /// Another copy of an attempt that has not been answered yet, to another replica if there is one.
    pub(super) fn send_copy(&mut self, f: u32) {
        let frame = self.frames[f as usize];
        self.cold[f as usize].hedge = 0;
        let Step::Guarded { site: site_id, policy: policy_id } = self.tables.code[frame.pc as usize] else {
            return;
        };
        let policy = &self.tables.policies[policy_id as usize];
        let sent = self.cold[f as usize].copies.iter().filter(|copy| **copy != NONE).count();
        let turn = u32::from(frame.attempt) - 1 + ((sent as u32) << 16);
        let c = self.launch(f, site_id, turn);
        self.frames[f as usize].awaits = frame.awaits;
        if c == NONE {
            return;
        }
        self.frames[c as usize].ticket = frame.awaits;
        self.elsewhere(f, c);
        let cold = &mut self.cold[f as usize];
        cold.copies[sent] = c;
        cold.open += 1;
        if sent + 1 < usize::from(policy.copies).min(COPIES) {
            self.lane_push_hedge(policy.hedge, f);
        }
        self.start_timer(f, c, policy);
        let site = &self.tables.sites[site_id as usize];
        let next = self.enter(c, site);
        self.exec(next);
    }

    /// Moves a new copy to a replica that has none of the others, if it was put beside one.
    fn elsewhere(&mut self, f: u32, c: u32) {
        let copies = self.cold[f as usize].copies;
        let site = &self.tables.sites[self.frames[c as usize].site as usize];
        let taken = |engine: &Self, replica: u32| {
            copies.iter().any(|copy| *copy != NONE && engine.frames[*copy as usize].replica == replica)
        };
        let first = self.frames[c as usize].replica;
        let mut replica = first;
        for _ in 0..site.count {
            let usable = self.conditions[replica as usize].believed || replica == first;
            if usable && !taken(self, replica) {
                break;
            }
            replica = site.first + (replica - site.first + 1) % site.count;
        }
        if replica != first {
            if self.frames[c as usize].flags & flag::BALANCED != 0 {
                let counts = self.tables.balancers[site.balancer as usize].counts;
                self.in_flight[(counts + first - site.first) as usize] -= 1;
                self.in_flight[(counts + replica - site.first) as usize] += 1;
            }
            self.frames[c as usize].replica = replica;
        }
    }

    /// One copy has failed: whether others are still out.
    fn others_out(&mut self, f: u32) -> bool {
        let cold = &mut self.cold[f as usize];
        cold.open = cold.open.saturating_sub(1);
        cold.open > 0
    }

    /// A copy's timeout: true if another is still out, and the caller goes on waiting for that.
    pub(super) fn copy_failed(&mut self, f: u32, policy: u32, c: u32) -> bool {
        if self.tables.policies.get(policy as usize).is_none_or(|policy| policy.hedge == NONE) || !self.others_out(f) {
            return false;
        }
        // Nobody waits for this copy any more.
        let number = self.next_number() as u32;
        self.frames[c as usize].ticket = number;
        true
    }

    /// An attempt is over: its other copies are on their own, or dropped.
    fn end_copies(&mut self, f: u32, policy: &Policy) {
        let ticket = self.frames[f as usize].awaits;
        let copies = std::mem::replace(&mut self.cold[f as usize].copies, [NONE; COPIES]);
        self.cold[f as usize].hedge = 0;
        for copy in copies.into_iter().filter(|copy| *copy != NONE) {
            let frame = self.frames[copy as usize];
            if frame.flags & flag::ALIVE == 0 || frame.parent != f || frame.ticket != ticket {
                continue;
            }
            self.let_go(copy);
            if frame.flags & flag::GHOST != 0 || policy.drop_others {
                self.remove(copy);
            }
        }
    }

    /// No more attempts: the fallback, or failure.
    fn give_up(&mut self, f: u32, policy: &Policy, ending: Ending) -> u32 {
        if policy.fallback != NONE {
            let frame = &mut self.frames[f as usize];
            frame.attempt = 0;
            frame.status = Ending::Ok as u8;
            frame.pc = policy.fallback;
            return f;
        }
        self.fail(f, ending)
    }
}
