//! One attempt under policies: through breaker, throttle, rate limit, timeout, bulkhead and connection to the balancer.
//!
//! An attempt is a frame from its beginning. While it waits at its caller (for its turn, for a connection) it is a local
//! frame there; then it sets out. At its end it is settled once: outcomes are told, permits come back. Left out: a
//! connection that a crash of the callee has reset is taken for a good one.

use super::draws::{Keyed, Words as _, derive};
use super::engine::{Engine, chance};
use super::events::Tag;
use super::frames::{Cold, Frame, flag, status};
use super::guarded::shifted;
use super::guards::{reserve_token, take_token};
use super::pools::Permit;
use super::tables::{Handed, NONE, Policy, Step};
use crate::record::Ending;

/// Sites of draws within a policy's.
const THROTTLE: u32 = 0x7407_71E5;
const CONNECT: u32 = 0xC044_EC75;

/// What an attempt owes its caller's policies, and holds of them.
#[derive(Debug, Clone, Copy)]
pub struct Due {
    /// Which of the caller's replicas: whose state it is.
    own: u32,
    /// How often that replica had crashed: nothing is owed to a process that is gone.
    life: u32,
    /// The breaker's era in which it was let through.
    era: u32,
    /// Next of the attempts that its caller waits for.
    pub(super) sibling: u32,
    /// When it began. Unit: ns.
    pub(super) began: u64,
    bulkhead: bool,
    connection: bool,
}

impl Due {
    /// Nothing owed.
    pub const NOTHING: Due =
        Due { own: 0, life: 0, era: 0, sibling: NONE, began: 0, bulkhead: false, connection: false };
}

/// What a call under policies keeps while it tries.
#[derive(Debug, Clone, Copy)]
pub struct Try {
    /// First of the attempts that are out.
    pub(super) first: u32,
    /// Number of the timer that sends another copy of its attempt; zero for none.
    pub(super) hedge: u32,
    /// Copies of this attempt that have been sent.
    pub(super) copies: u32,
    /// Whether one of them has answered well.
    pub(super) good: bool,
    /// Attempts made, where their number has no limit.
    pub(super) turn: u32,
    /// When the last attempt began. Unit: ns.
    pub(super) began: u64,
}

impl Try {
    /// Nothing tried.
    pub const NEW: Try = Try { first: NONE, hedge: 0, copies: 0, good: false, turn: 0, began: 0 };
}

impl Engine<'_> {
    /// Which of the caller's replicas a frame runs at.
    pub(super) fn own(replica: u32, policy: &Policy) -> u32 {
        if replica == NONE { 0 } else { replica.wrapping_sub(policy.caller) }
    }

    /// Sends a copy of an attempt, the first with number zero. Returns the frame that goes on.
    pub(super) fn send_attempt(&mut self, f: u32, site_id: u32, policy_id: u32, turn: u32) -> u32 {
        let policy = &self.tables.policies[policy_id as usize];
        let site = &self.tables.sites[site_id as usize];
        let frame = self.frames[f as usize];
        let own = Self::own(frame.replica, policy);
        let mut era = 0;
        if policy.breaker != NONE {
            let index = (policy.breaker + own) as usize;
            match self.breakers[index].allows(&self.tables.breakers[index], self.now) {
                Some(passed) => era = passed,
                None => return self.refused_here(f),
            }
        }
        let key = if site.key == 0 && turn == 0 { frame.key } else { derive(frame.key, site.key, turn) };
        let Some(begins) = self.turn_of(policy, own, key) else {
            self.forget(policy, own, era);
            return self.refused_here(f);
        };
        let c = self.alloc(Frame {
            start: self.now,
            mark: self.now,
            key,
            parent: f,
            ticket: frame.awaits,
            replica: frame.replica,
            pc: self.tables.stubs,
            site: site_id,
            flags: flag::ALIVE | flag::LOCAL | flag::OWED,
            ..Frame::BLANK
        });
        if c == NONE {
            return self.refused_here(f);
        }
        self.hand_on(f, c, policy);
        if self.dues.len() <= c as usize {
            self.dues.resize(c as usize + 1, Due::NOTHING);
        }
        let first = std::mem::replace(&mut self.tries[f as usize].first, c);
        let life = self.conditions.get(frame.replica as usize).map_or(0, |condition| condition.crashes);
        self.dues[c as usize] = Due { own, life, era, sibling: first, began: self.now, ..Due::NOTHING };
        if begins <= self.now {
            return self.begin_attempt(c);
        }
        if policy.bound && self.cold[f as usize].deadline != u64::MAX {
            let number = self.at(self.cold[f as usize].deadline.max(self.now), Tag::Timer, c);
            self.frames[c as usize].timer = number;
        }
        self.resume_at(begins, c);
        NONE
    }

    /// Opens a session over one of the caller's connections, which it holds to its end. Returns the frame that goes on.
    pub(super) fn begin_connected(&mut self, f: u32, site_id: u32, policy_id: u32) -> u32 {
        let policy = &self.tables.policies[policy_id as usize];
        let site = &self.tables.sites[site_id as usize];
        if let Some(record) = self.watch.calls.get_mut(site.pair as usize) {
            record.calls += 1;
        }
        if self.tries.len() <= f as usize {
            self.tries.resize(f as usize + 1, Try::NEW);
        }
        self.tries[f as usize] = Try::NEW;
        let number = self.next_number() as u32;
        self.frames[f as usize].awaits = number;
        let frame = self.frames[f as usize];
        let c = self.alloc(Frame {
            start: self.now,
            mark: self.now,
            key: derive(frame.key, site.key, 0),
            parent: f,
            ticket: number,
            replica: frame.replica,
            pc: self.tables.stubs,
            site: site_id,
            flags: flag::ALIVE | flag::LOCAL | flag::OWED | flag::SESSION,
            ..Frame::BLANK
        });
        if c == NONE {
            return self.refused_here(f);
        }
        self.hand_on(f, c, policy);
        if self.dues.len() <= c as usize {
            self.dues.resize(c as usize + 1, Due::NOTHING);
        }
        let life = self.conditions.get(frame.replica as usize).map_or(0, |condition| condition.crashes);
        let own = Self::own(frame.replica, policy);
        self.dues[c as usize] = Due { own, life, began: self.now, ..Due::NOTHING };
        self.begin_attempt(c)
    }

    /// A session is rolled back by its caller: its connection serves again.
    pub(super) fn roll_back(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        if frame.flags & flag::OWED != 0 {
            let policy = &self.tables.policies[self.tables.sites[frame.site as usize].policy as usize];
            self.hand_back(c, policy, false);
        }
    }

    /// When an attempt may begin, by the throttle and the rate limit; `None` where they refuse it.
    fn turn_of(&mut self, policy: &Policy, own: u32, key: u64) -> Option<u64> {
        if policy.throttle != NONE {
            let index = (policy.throttle + own) as usize;
            let drawn = Keyed::new(key, policy.site ^ THROTTLE).unit();
            if self.throttles[index].refuses(&self.tables.throttles[index], self.now, drawn) {
                return None;
            }
        }
        if policy.rate != NONE {
            let index = (policy.rate + own) as usize;
            let rule = self.tables.rates[index];
            let next = &mut self.rates[index];
            if rule.waits {
                return Some(reserve_token(next, rule.spacing, rule.burst, self.now));
            }
            if take_token(next, rule.spacing, rule.burst, self.now).is_some() {
                return None;
            }
        }
        Some(self.now)
    }

    /// What a callee is told of its request: all that is the request's, and a deadline where the call says so.
    pub(super) fn hand_on(&mut self, f: u32, c: u32, policy: &Policy) {
        if !self.tables.cold {
            return;
        }
        let cold = self.cold[f as usize];
        let mut told = cold.handed_on();
        match policy.hands {
            Handed::Nothing => told.until = u64::MAX,
            Handed::Inherited => {}
            Handed::Own => told.until = shifted(cold.deadline, self.ahead(self.frames[f as usize].replica)),
        }
        self.cold[c as usize] = told;
    }

    /// An attempt's turn has come: its clock runs, and it takes what it needs of the caller.
    pub(super) fn begin_attempt(&mut self, c: u32) -> u32 {
        let frame = self.frames[c as usize];
        let policy = &self.tables.policies[self.tables.sites[frame.site as usize].policy as usize];
        self.start_timer(frame.parent, c, policy);
        let own = self.dues[c as usize].own;
        if policy.bulkhead != NONE {
            if self.take_permit(policy.bulkhead + own, NONE, c) != Permit::Given {
                return self.refuse_attempt(c);
            }
            self.dues[c as usize].bulkhead = true;
        }
        if policy.pool != NONE {
            // Where it goes on once it has a connection.
            self.frames[c as usize].pc = self.tables.stubs + 1;
            match self.take_permit(policy.pool + own, policy.pool_patience, c) {
                Permit::Given => self.dues[c as usize].connection = true,
                Permit::Queued => return NONE,
                Permit::Refused => return self.refuse_attempt(c),
            }
        }
        self.set_out(c)
    }

    /// A permit has been given to a frame that waited for it.
    pub(super) fn granted(&mut self, c: u32) {
        if self.frames[c as usize].flags & flag::OWED != 0 {
            self.dues[c as usize].connection = true;
        }
    }

    /// An attempt has what it needs: it goes to a replica. Returns the frame that goes on.
    pub(super) fn set_out(&mut self, c: u32) -> u32 {
        let frame = self.frames[c as usize];
        let site = &self.tables.sites[frame.site as usize];
        if site.pair != NONE {
            self.watch.calls[site.pair as usize].attempts += 1;
        }
        let (replica, balanced) =
            if site.count == 1 { (site.first, 0) } else { self.choose(site, frame.key, frame.parent, c) };
        let own = &mut self.frames[c as usize];
        own.start = self.now;
        own.mark = self.now;
        own.awaits = 0;
        own.pc = site.entry;
        if replica == NONE {
            let caller = self.deliver(c, Ending::Refused);
            return self.unwind(caller, Ending::Refused);
        }
        own.replica = replica;
        own.flags = frame.flags & !flag::LOCAL | balanced;
        if site.count > 1 && site.balancer != NONE && self.dues[c as usize].sibling != NONE {
            self.elsewhere(c);
        }
        self.enter(c, site)
    }

    /// An attempt is waited for until its timeout or its call's deadline, whichever comes first.
    pub(super) fn start_timer(&mut self, f: u32, c: u32, policy: &Policy) {
        let deadline = if policy.bound { self.cold[f as usize].deadline } else { u64::MAX };
        let left = deadline.saturating_sub(self.now);
        if policy.timeout != NONE && policy.timeout_ns <= left {
            self.lane_push_timer(policy.timeout, c);
        } else if deadline != u64::MAX {
            let number = self.at(self.now + left, Tag::Timer, c);
            self.frames[c as usize].timer = number;
        }
    }

    /// The caller's own policies turn an attempt away that has a frame already. Returns the frame that goes on.
    pub(super) fn refuse_attempt(&mut self, c: u32) -> u32 {
        let f = self.frames[c as usize].parent;
        self.let_go(c);
        self.release_frame(c);
        self.refused_here(f)
    }

    /// The caller's own policies have turned an attempt away: others may be out, or the call gives up.
    fn refused_here(&mut self, f: u32) -> u32 {
        let frame = self.frames[f as usize];
        // A transaction that got no connection is no call that could try again.
        let begins = frame.attempt == 0;
        if let Step::Guarded { site, .. } | Step::Begin { site } =
            self.tables.code[frame.pc as usize - usize::from(begins)]
            && let Some(record) = self.watch.calls.get_mut(self.tables.sites[site as usize].pair as usize)
        {
            record.refused_here += 1;
        }
        if begins {
            return self.unwind(f, Ending::Refused);
        }
        if self.tries[f as usize].first != NONE {
            return NONE;
        }
        self.frames[f as usize].status = status::REFUSED_HERE;
        f
    }

    /// An attempt that the breaker had let through tells it nothing.
    fn forget(&mut self, policy: &Policy, own: u32, era: u32) {
        if policy.breaker != NONE {
            self.breakers[(policy.breaker + own) as usize].forget(era);
        }
    }

    /// An attempt has ended for its caller: its policies learn how, and get back what it holds. Returns the ending that
    /// the caller sees.
    #[inline(never)]
    pub(super) fn settle(&mut self, c: u32, ending: Ending) -> Ending {
        let frame = self.frames[c as usize];
        if frame.flags & flag::OWED == 0 {
            self.judge_endpoint(c, ending);
            self.uncount(c);
            return ending;
        }
        let policy = &self.tables.policies[self.tables.sites[frame.site as usize].policy as usize];
        let failed = policy.fail > 0 && chance(frame.key, policy.site, policy.fail);
        let ending = if ending == Ending::Ok && failed { Ending::Error } else { ending };
        self.judge_endpoint(c, ending);
        let due = self.dues[c as usize];
        if self.owner_lives(policy, due) {
            if policy.breaker != NONE {
                let index = (policy.breaker + due.own) as usize;
                let bad = !matches!(ending, Ending::Ok | Ending::Conflict);
                let took = self.now - due.began;
                self.breakers[index].outcome(&self.tables.breakers[index], self.now, due.era, bad, took);
            }
            if policy.throttle != NONE && matches!(ending, Ending::Ok | Ending::Error | Ending::Conflict) {
                let index = (policy.throttle + due.own) as usize;
                self.throttles[index].accepted(&self.tables.throttles[index], self.now);
            }
        }
        if self.unlink_copy(c) && ending == Ending::Ok {
            self.tries[frame.parent as usize].good = true;
        }
        self.hand_back(c, policy, matches!(ending, Ending::Timeout | Ending::Lost));
        ending
    }

    /// An attempt goes away without an outcome; what it holds of its caller's comes back.
    #[inline(never)]
    pub(super) fn let_go(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        if frame.flags & flag::OWED == 0 {
            self.uncount(c);
            return;
        }
        let policy = &self.tables.policies[self.tables.sites[frame.site as usize].policy as usize];
        let due = self.dues[c as usize];
        if self.owner_lives(policy, due) {
            self.forget(policy, due.own, due.era);
        }
        self.unlink_copy(c);
        self.hand_back(c, policy, true);
    }

    /// Whether the process whose state an attempt touches is still the one that made it.
    fn owner_lives(&self, policy: &Policy, due: Due) -> bool {
        policy.callers == 0 || self.conditions[(policy.caller + due.own) as usize].crashes == due.life
    }

    /// Permits and places come back. A connection whose answer never came is closed, and opened again.
    fn hand_back(&mut self, c: u32, policy: &Policy, closed: bool) {
        self.uncount(c);
        let key = self.frames[c as usize].key;
        self.frames[c as usize].flags &= !flag::OWED;
        let due = self.dues[c as usize];
        if !self.owner_lives(policy, due) {
            return;
        }
        if due.bulkhead {
            self.return_permit(policy.bulkhead + due.own);
        }
        if due.connection {
            let pool = policy.pool + due.own;
            match policy.connect.filter(|_| closed) {
                None => self.return_permit(pool),
                Some(law) => {
                    let mut words = Keyed::new(key, policy.site ^ CONNECT);
                    let time = self.tables.laws.draw(&self.ziggurat, law, &mut words);
                    let replica = if policy.callers == 0 { NONE } else { policy.caller + due.own };
                    self.reconnect(pool, replica, time);
                }
            }
        }
    }

    /// A connection is opened anew: a frame of its own, which dies with the caller's process.
    fn reconnect(&mut self, pool: u32, replica: u32, time: u64) {
        let flags = flag::ALIVE | flag::LOCAL;
        let g = self.alloc(Frame { replica, pc: self.tables.stubs + 2, flags, ..Frame::BLANK });
        if g == NONE {
            return;
        }
        if self.pool_of.len() <= g as usize {
            self.pool_of.resize(g as usize + 1, NONE);
        }
        self.pool_of[g as usize] = pool;
        if let Some(cold) = self.cold.get_mut(g as usize) {
            *cold = Cold::default();
        }
        self.resume_at(self.now.saturating_add(time), g);
    }

    /// A new connection stands.
    pub(super) fn reopened(&mut self, g: u32) -> u32 {
        self.return_permit(self.pool_of[g as usize]);
        self.release_frame(g);
        NONE
    }

    /// A balancer no longer counts a frame as in flight.
    fn uncount(&mut self, c: u32) {
        if self.frames[c as usize].flags & flag::BALANCED != 0 {
            self.count_out(c);
            self.frames[c as usize].flags &= !flag::BALANCED;
        }
    }
}
