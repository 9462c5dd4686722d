//! Calls with policies, outermost first: fallback, deadline, retry, hedge, and then what `attempts` does for each attempt.
//!
//! The step stays the caller's next instruction until it is over; `attempt` counts what was tried, `status` says how
//! the last attempt ended, that a pause is over, or that the caller's own policies refused. A call whose policies keep
//! no state (retry, timeout) launches its attempts like a bare call; the others owe something at their end.

use super::attempts::Try;
use super::draws::{Keyed, Words as _};
use super::engine::Engine;
use super::frames::status;
use super::tables::{Jitter, NONE, Policy};
use crate::record::Ending;

/// Attempts beyond which their number is kept elsewhere.
const MANY: u8 = Policy::MANY;
/// The pause where attempts without limit and without pauses take no time. Unit: ns.
const BREATH: u64 = 1_000_000;

impl Engine<'_> {
    /// A guarded call's step, at its first execution and after each thing it waited for.
    #[inline(never)]
    pub(super) fn guarded(&mut self, f: u32, site_id: u32, policy_id: u32) -> u32 {
        let policy = &self.tables.policies[policy_id as usize];
        let frame = self.frames[f as usize];
        let pc = frame.pc - 1;
        if frame.attempt == 0 {
            self.first_attempt(f, site_id, policy);
        } else {
            match frame.status {
                status::AGAIN => {}
                status::REFUSED_HERE => {
                    if policy.hedge != NONE {
                        self.end_copies(f, policy);
                    }
                    return self.give_up(f, policy, Ending::Refused);
                }
                told => {
                    if let Some(next) = self.outcome(f, policy, Ending::ALL[told as usize], pc) {
                        return next;
                    }
                }
            }
        }
        let frame = &mut self.frames[f as usize];
        frame.attempt = frame.attempt.saturating_add(1);
        frame.pc = pc;
        if policy.attempts == MANY {
            let tried = &mut self.tries[f as usize];
            tried.turn += 1;
            tried.began = self.now;
        }
        let turn = self.turn(f, policy);
        if !policy.owed {
            return self.attempt(f, site_id, policy, turn);
        }
        let number = self.next_number() as u32;
        self.frames[f as usize].awaits = number;
        let tried = &mut self.tries[f as usize];
        tried.first = NONE;
        tried.good = false;
        tried.copies = 1;
        if policy.copies > 1 {
            self.lane_push_hedge(policy.hedge, f);
        }
        self.send_attempt(f, site_id, policy_id, turn)
    }

    /// What a call does once, before its first attempt.
    #[inline(always)]
    fn first_attempt(&mut self, f: u32, site_id: u32, policy: &Policy) {
        if policy.bound {
            let own = if policy.deadline > 0 { self.now.saturating_add(policy.deadline) } else { u64::MAX };
            let ahead = self.ahead(self.frames[f as usize].replica);
            let cold = &mut self.cold[f as usize];
            cold.deadline = own.min(shifted(cold.until, -ahead));
        }
        if policy.budget != NONE {
            let index = (policy.budget + Self::own(self.frames[f as usize].replica, policy)) as usize;
            let rule = self.tables.budgets[index];
            self.budgets[index] = (self.budgets[index] + rule.earn).min(rule.cap);
        }
        if policy.owed || policy.attempts == MANY {
            if self.tries.len() <= f as usize {
                self.tries.resize(f as usize + 1, Try::NEW);
            }
            self.tries[f as usize] = Try::NEW;
        }
        if policy.owed
            && let Some(record) = self.watch.calls.get_mut(self.tables.sites[site_id as usize].pair as usize)
        {
            record.calls += 1;
        }
    }

    /// Which attempt of its call it is, from zero: tells its draws apart.
    #[inline(always)]
    pub(super) fn turn(&self, f: u32, policy: &Policy) -> u32 {
        if policy.attempts == MANY {
            self.tries[f as usize].turn - 1
        } else {
            u32::from(self.frames[f as usize].attempt) - 1
        }
    }

    /// An attempt has ended. None if another is to be made at once; else the frame that goes on.
    fn outcome(&mut self, f: u32, policy: &Policy, ending: Ending, pc: u32) -> Option<u32> {
        let mut ending = ending;
        if policy.hedge != NONE {
            if self.tries[f as usize].good {
                ending = Ending::Ok;
            } else if self.tries[f as usize].first != NONE {
                // Another copy may still succeed.
                self.frames[f as usize].pc = pc;
                return Some(NONE);
            }
            self.end_copies(f, policy);
        }
        let frame = self.frames[f as usize];
        if ending == Ending::Ok {
            let frame = &mut self.frames[f as usize];
            frame.attempt = 0;
            frame.pc = pc + 1;
            self.lift_deadline(f, policy);
            return Some(f);
        }
        let more = match policy.attempts {
            MANY => self.tries[f as usize].turn < policy.most,
            attempts => frame.attempt < attempts,
        };
        let may = more && policy.retry_on & 1 << ending as u16 != 0;
        if !may {
            return Some(self.give_up(f, policy, ending));
        }
        let pause = self.pause(f, policy);
        if policy.bound && self.now.saturating_add(pause) >= self.cold[f as usize].deadline {
            return Some(self.give_up(f, policy, ending));
        }
        if policy.budget != NONE {
            let budget = &mut self.budgets[(policy.budget + Self::own(frame.replica, policy)) as usize];
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
        let frame = self.frames[f as usize];
        let nth = self.turn(f, policy) + 1;
        let Some(law) = policy.backoff else {
            // Attempts without limit that take no time would never let time pass.
            let stuck = policy.attempts == MANY && nth >= u32::from(MANY) && self.tries[f as usize].began == self.now;
            return if stuck { BREATH } else { 0 };
        };
        let mut words = Keyed::new(frame.key, policy.site ^ nth.wrapping_mul(0x9E37_79B9));
        let first = self.tables.laws.draw(&self.ziggurat, law, &mut words);
        let mut pause = first as f64;
        if policy.jitter == Jitter::Decorrelated {
            let last = if nth == 1 { first } else { self.cold[f as usize].scratch.max(first) };
            pause = first as f64 + words.unit() * (3.0 * last as f64 - first as f64);
        } else if policy.growth > 1.0 {
            for _ in 1..nth {
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

    /// Launches an attempt that owes nothing.
    fn attempt(&mut self, f: u32, site_id: u32, policy: &Policy, turn: u32) -> u32 {
        let c = self.launch(f, site_id, turn);
        if c == NONE {
            self.frames[f as usize].status = Ending::Refused as u8;
            return f;
        }
        self.start_timer(f, c, policy);
        let site = &self.tables.sites[site_id as usize];
        self.enter(c, site)
    }

    /// A call is over: its deadline binds nothing any more.
    fn lift_deadline(&mut self, f: u32, policy: &Policy) {
        if policy.bound {
            self.cold[f as usize].deadline = u64::MAX;
        }
    }

    /// No more attempts: the fallback, or failure.
    fn give_up(&mut self, f: u32, policy: &Policy, ending: Ending) -> u32 {
        self.lift_deadline(f, policy);
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

/// A deadline as another clock shows it; one that is none stays none. Unit: ns.
pub(super) fn shifted(until: u64, ahead: i64) -> u64 {
    if until == u64::MAX { until } else { until.saturating_add_signed(ahead) }
}
