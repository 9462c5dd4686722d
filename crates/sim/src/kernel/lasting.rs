//! What faults keep in force while they last: processes that are held down or die again and again, inputs that kill,
//! certificates that are not valid any more, full disks, clocks that are wrong.
//!
//! Looked at where it may matter and nowhere else: by instructions that only designs with such a fault have, by the gate
//! before a queue, and when a process starts. Left out: partial writes of a disk that fills up, and certificates that some
//! replicas have renewed.

use super::draws::{derive, mix};
use super::engine::{Engine, chance};
use super::faults::Control;
use super::frames::{Health, flag};
use super::tables::NONE;
use crate::record::{Count, Ending, Timed};

/// Site of the draws that say which inputs are poison.
const POISON: u32 = 0x9015;
/// Site of the ages of connections.
const AGE: u32 = 0xA6E;

/// A process that dies again after each start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestartLoop {
    /// First replica.
    pub first: u32,
    /// Number of replicas.
    pub count: u32,
    /// How long it runs after each start. Unit: ns.
    pub runs: u64,
    /// Pause before it is started again, doubled each time. Unit: ns.
    pub backoff: u64,
    /// Longest pause. Unit: ns.
    pub cap: u64,
}

/// Inputs that whoever handles them fails or dies of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Poison {
    /// Which operations take them: the `unit` of their `Taste`.
    pub unit: u32,
    /// Share of requests that carry one, in units of 2^-32.
    pub share: u32,
    /// Whether the process dies of it; else the operation fails.
    pub kills: bool,
}

/// A certificate that is not valid any more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expiry {
    /// Whose.
    pub component: u32,
    /// Longest age of a connection; `u64::MAX` where they live until a process ends. Unit: ns.
    pub lives: u64,
}

/// What is in force, each with the number of its fault.
#[derive(Debug, Default)]
pub(super) struct Lasting {
    loops: Vec<(usize, RestartLoop)>,
    /// Deaths in a loop: fault, replica, how many.
    deaths: Vec<(usize, u32, u32)>,
    poisons: Vec<Poison>,
    /// With the time since when.
    expired: Vec<(usize, Expiry, u64)>,
    /// Components whose disks are full, once for each fault.
    full: Vec<u32>,
    /// How far clocks of components are ahead. Unit: ns.
    skews: Vec<(u32, i64)>,
    /// Components of which a balancer has taken a replica out since the first fault began.
    noticed: Vec<u32>,
}

impl Engine<'_> {
    /// Processes are held down, or let go again: at once, or after their time to start.
    pub(super) fn keep_down(&mut self, nth: usize, begins: bool, first: u32, count: u32, at_once: bool) {
        let within = |r: u32| r >= first && r < first + count;
        if begins {
            self.lost.extend((first..first + count).map(|r| (nth, r)));
            self.crash(within, Health::Reset);
            return;
        }
        self.lost.retain(|(fault, _)| *fault != nth);
        for r in first..first + count {
            if self.conditions[r as usize].health == Health::Up || self.is_lost(r) {
                continue;
            }
            // Starts of before were in vain.
            self.conditions[r as usize].crashes += 1;
            if at_once {
                self.revive(r);
            } else {
                self.start_after(r, 0);
            }
        }
    }

    /// A process is started, after a pause.
    fn start_after(&mut self, r: u32, pause: u64) {
        let component = self.conditions[r as usize].component;
        let restart = self.tables.components[component as usize].restart;
        let crashes = self.conditions[r as usize].crashes;
        let up = self.now.saturating_add(pause).saturating_add(restart);
        self.schedule(up, Control::Restart { replica: r, crashes });
    }

    /// A restart loop begins, or ends with the next start.
    pub(super) fn loop_restarts(&mut self, nth: usize, begins: bool, rule: RestartLoop) {
        if begins {
            self.lasting.loops.push((nth, rule));
            self.crash(|r| r >= rule.first && r < rule.first + rule.count, Health::Reset);
            return;
        }
        self.lasting.loops.retain(|(fault, _)| *fault != nth);
        self.lasting.deaths.retain(|(fault, ..)| *fault != nth);
        for r in rule.first..rule.first + rule.count {
            if self.conditions[r as usize].health == Health::Reset && !self.is_lost(r) {
                // What makes it start well makes it start now.
                self.conditions[r as usize].crashes += 1;
                self.start_after(r, 0);
            }
        }
    }

    /// How much longer than its start a process that has died stays down: the pauses of its loops. Unit: ns.
    pub(super) fn pause_of_loops(&mut self, r: u32) -> u64 {
        let mut pause = 0;
        for nth in 0..self.lasting.loops.len() {
            let (fault, rule) = self.lasting.loops[nth];
            if r < rule.first || r >= rule.first + rule.count {
                continue;
            }
            let known = self.lasting.deaths.iter().position(|(loops, replica, _)| (*loops, *replica) == (fault, r));
            let at = known.unwrap_or_else(|| {
                self.lasting.deaths.push((fault, r, 0));
                self.lasting.deaths.len() - 1
            });
            let deaths = &mut self.lasting.deaths[at].2;
            let doubled = rule.backoff.saturating_mul(1 << (*deaths).min(62));
            *deaths += 1;
            pause = pause.max(doubled.min(rule.cap));
        }
        pause
    }

    /// A process has started: when it will die again.
    pub(super) fn dies_again(&mut self, r: u32) {
        let own = self.lasting.loops.iter().filter(|(_, rule)| r >= rule.first && r < rule.first + rule.count);
        if let Some(runs) = own.map(|(_, rule)| rule.runs).min() {
            let crashes = self.conditions[r as usize].crashes;
            self.schedule(self.now.saturating_add(runs), Control::Dies { replica: r, crashes });
        }
    }

    /// A process dies, unless it has in the meantime or its loop is over.
    pub(super) fn die(&mut self, r: u32, crashes: u32) {
        let looped = self.lasting.loops.iter().any(|(_, rule)| r >= rule.first && r < rule.first + rule.count);
        if looped && self.conditions[r as usize].crashes == crashes {
            self.crash(|other| other == r, Health::Reset);
        }
    }

    /// Inputs that kill come, or come no more.
    pub(super) fn poison(&mut self, begins: bool, poison: Poison) {
        put(&mut self.lasting.poisons, begins, poison);
    }

    /// An operation looks at its input. Returns the frame that goes on.
    pub(super) fn taste(&mut self, f: u32, unit: u32) -> u32 {
        let key = self.cold.get(f as usize).map_or(0, |cold| cold.request);
        let of = |poison: &&Poison| poison.unit == unit && chance(key, POISON.wrapping_add(unit), poison.share);
        let Some(poison) = self.lasting.poisons.iter().find(of).copied() else {
            return f;
        };
        let replica = self.frames[f as usize].replica;
        if !poison.kills || replica == NONE {
            return self.fail(f, Ending::Error);
        }
        // After what is running: others of this process may be in the midst of something.
        let crashes = self.conditions[replica as usize].crashes;
        self.schedule(self.now, Control::Killed { replica, crashes });
        self.park(f)
    }

    /// A process dies of what it was asked.
    pub(super) fn killed(&mut self, r: u32, crashes: u32) {
        if self.conditions[r as usize].crashes == crashes {
            let component = self.conditions[r as usize].component;
            self.watch.tally(component, Count::Killed, 1);
            self.crash(|other| other == r, Health::Reset);
        }
    }

    /// A certificate expires, or is renewed.
    pub(super) fn certificate(&mut self, nth: usize, begins: bool, expiry: Expiry) {
        let expired = &mut self.impairments[expiry.component as usize].expired;
        if begins {
            *expired += 1;
            self.lasting.expired.push((nth, expiry, self.now));
        } else {
            *expired = expired.saturating_sub(1);
            self.lasting.expired.retain(|(fault, ..)| *fault != nth);
        }
    }

    /// Whether an attempt at a component with an expired certificate goes over a connection that stood before. Users
    /// open one for each request; callers have one to each replica, until either process ends or it is too old.
    #[cold]
    pub(super) fn has_connection(&self, c: u32) -> bool {
        let frame = &self.frames[c as usize];
        let component = self.tables.sites[frame.site as usize].component;
        if frame.flags & flag::CONSUMER != 0 {
            return true;
        }
        let caller = match self.frames.get(frame.parent as usize) {
            Some(parent) if parent.flags & flag::ROOT != 0 || self.is_check(frame.site) => return false,
            Some(parent) => parent.replica,
            // A caller that does not wait.
            None => NONE,
        };
        self.lasting.expired.iter().filter(|(_, expiry, _)| expiry.component == component).all(|(_, expiry, since)| {
            let stood =
                |r: u32| self.conditions.get(r as usize).is_none_or(|end| end.crashes == 0 || end.down_since < *since);
            let pair = derive(mix(u64::from(frame.replica)) ^ self.plan.seed, AGE, caller);
            // Connections are of any age when the certificate expires.
            let left = ((u128::from(expiry.lives) * u128::from(pair >> 32)) >> 32) as u64;
            stood(caller) && stood(frame.replica) && (expiry.lives == u64::MAX || self.now - since < left)
        })
    }

    /// Disks are full, or have room again.
    pub(super) fn fill_disk(&mut self, begins: bool, component: u32) {
        put(&mut self.lasting.full, begins, component);
    }

    /// Something is about to be written. Returns the frame that goes on.
    pub(super) fn needs_space(&mut self, f: u32) -> u32 {
        let component = self.tables.sites[self.frames[f as usize].site as usize].component;
        if !self.lasting.full.contains(&component) {
            return f;
        }
        self.watch.tally(component, Count::NoSpace, 1);
        self.fail(f, Ending::Error)
    }

    /// The clocks of a component go wrong, or right again.
    pub(super) fn skew(&mut self, begins: bool, component: u32, ahead: i64) {
        put(&mut self.lasting.skews, begins, (component, ahead));
    }

    /// How far the clock of a replica is ahead; zero for a client's. Unit: ns.
    pub(super) fn ahead(&self, replica: u32) -> i64 {
        if self.lasting.skews.is_empty() {
            return 0;
        }
        let component = self.conditions.get(replica as usize).map_or(NONE, |condition| condition.component);
        self.lasting.skews.iter().filter(|(of, _)| *of == component).map(|(_, ahead)| ahead).sum()
    }

    /// What the clock of a replica shows. Unit: ns.
    pub(super) fn clock(&self, replica: u32) -> u64 {
        self.now.saturating_add_signed(self.ahead(replica))
    }

    /// A balancer takes a replica of a component out: the first time since faults began is when they were noticed.
    pub(super) fn notice(&mut self, component: u32) {
        let onset = self.faults().iter().map(|fault| self.plan.warm_up.saturating_add(fault.at)).min();
        if let Some(since) = onset.and_then(|onset| self.now.checked_sub(onset))
            && !self.lasting.noticed.contains(&component)
        {
            self.lasting.noticed.push(component);
            self.watch.timed(component, Timed::Noticed, since);
        }
    }

    /// What nothing of must be left when all faults are over: for tests.
    #[must_use]
    pub fn in_force(&self) -> usize {
        let Lasting { loops, poisons, expired, full, skews, .. } = &self.lasting;
        let impaired = self.impairments.iter().filter(|one| one.expired + one.errors > 0 || one.add > 0).count();
        let slow = self.conditions.iter().filter(|one| one.slow != self.tables.slow).count();
        let down = self.conditions.iter().filter(|one| one.health != Health::Up).count();
        loops.len()
            + poisons.len()
            + expired.len()
            + full.len()
            + skews.len()
            + self.lost.len()
            + self.cuts.len()
            + impaired
            + slow
            + down
    }
}

/// Adds one to a list, or takes an equal one out.
fn put<T: PartialEq>(list: &mut Vec<T>, add: bool, one: T) {
    if add {
        list.push(one);
    } else if let Some(at) = list.iter().position(|other| *other == one) {
        list.remove(at);
    }
}
