//! Faults and what else happens at its own time: the ends of the window, slices, restarts, outages, changed beliefs.
//!
//! Times that follow from a fault are scheduled when it occurs: nothing is polled. What a cut does to messages
//! stands in `network`, what a release does in `machines/releases`.

use super::draws::{Stream, Words as _};
use super::engine::Engine;
use super::events::Tag;
use super::frames::{Condition, Frame, Health, flag};
use super::guards::ThrottleState;
use super::machines::Alarm;
use super::tables::{Component, Fault, Harm, NONE};
use crate::record::{Count, Ending};

/// Something that happens at its own time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Control {
    WindowBegins,
    WindowEnds,
    Slice,
    Sample { nth: u32, every: u64 },
    Begin { fault: usize },
    Finish { fault: usize },
    Restart { replica: u32, crashes: u32 },
    Believe { replica: u32, up: bool, flips: u32 },
    Check { balancer: u32, view: u32, replica: u32, up: bool, flips: u32 },
    Return { balancer: u32, view: u32, endpoint: u32 },
    OutageBegins { component: u32 },
    OutageEnds { component: u32 },
    Reassign { group: u32 },
    ConsumerDies { replica: u32 },
    Dies { replica: u32, crashes: u32 },
    Killed { replica: u32, crashes: u32 },
    Machine { alarm: Alarm },
}

/// What faults do to the requests of a component at this moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Impairment {
    /// Outages in force.
    pub outages: u32,
    /// Added to each request's way. Unit: ns.
    pub add: u64,
    /// Chance to fail at once, in units of 2^-32.
    pub errors: u32,
    /// Expired certificates.
    pub expired: u32,
}

/// The chance that one of some independent failures comes true. Unit: 2^-32.
fn either(shares: impl Iterator<Item = u32>) -> u32 {
    let whole = 2f64.powi(32);
    // The largest share stands for always.
    let good = |share: u32| if share == u32::MAX { 0.0 } else { 1.0 - f64::from(share) / whole };
    ((1.0 - shares.map(good).product::<f64>()) * whole).round() as u32
}

/// A speed that has come back to what it was, whatever the order in which faults came and went.
fn restored(slow: f64) -> f64 {
    if (slow - 1.0).abs() < 1e-9 { 1.0 } else { slow }
}

impl Engine<'_> {
    /// Lets something happen at a time.
    pub(super) fn schedule(&mut self, time: u64, control: Control) {
        let slot = match self.spent_controls.pop() {
            Some(slot) => {
                self.controls[slot as usize] = control;
                slot
            }
            None => {
                self.controls.push(control);
                self.controls.len() as u32 - 1
            }
        };
        self.at(time, Tag::Control, slot);
    }

    pub(super) fn schedule_controls(&mut self) {
        let plan = self.plan;
        self.schedule(plan.warm_up, Control::WindowBegins);
        // Before the end of the window: it may be the end of the run, and a sample may be taken there.
        self.schedule_samples();
        self.schedule(plan.warm_up + plan.window, Control::WindowEnds);
        // Slices of the window begin where it begins.
        let slice = plan.slice.max(1);
        self.schedule(plan.warm_up.checked_sub(1).map_or(slice, |before| before % slice + 1), Control::Slice);
        for fault in 0..self.faults().len() {
            let Fault { at, until, .. } = self.faults()[fault];
            self.schedule(plan.warm_up.saturating_add(at), Control::Begin { fault });
            if until != u64::MAX {
                self.schedule(plan.warm_up.saturating_add(until), Control::Finish { fault });
            }
        }
        for (id, component) in self.tables.components.iter().enumerate() {
            if let Some((every, last)) = component.outages {
                self.start_outages(id as u32, every, last);
            }
        }
    }

    pub(super) fn faults(&self) -> &[Fault] {
        self.plan.experiment.and_then(|id| self.tables.experiments.get(id)).map_or(&[], Vec::as_slice)
    }

    /// The outages of an outside dependency over the whole run, in their steady state.
    fn start_outages(&mut self, component: u32, every: f64, last: u64) {
        let mut stream = Stream::new(self.plan.seed, self.plan.replication, 0x0FF0_0000 | component);
        let mut at = 0.0;
        if stream.unit() < last as f64 / (every + last as f64) {
            // It runs at time zero already: its age is uniform.
            at = stream.unit() * last as f64;
            self.schedule(0, Control::OutageBegins { component });
            self.schedule(at as u64, Control::OutageEnds { component });
        }
        loop {
            at += self.ziggurat.exponential(&mut stream) * every;
            if at >= self.end as f64 {
                return;
            }
            self.schedule(at as u64, Control::OutageBegins { component });
            at += last as f64;
            self.schedule(at as u64, Control::OutageEnds { component });
        }
    }

    /// Something happens at its own time.
    pub(super) fn control(&mut self, slot: u32) {
        match self.controls[slot as usize] {
            Control::WindowBegins => self.window_begins(),
            Control::WindowEnds if self.watch.over => {}
            Control::WindowEnds => self.window_ends(),
            Control::Slice => {
                self.slice_over();
                let next = self.now + self.plan.slice.max(1);
                self.at(next, Tag::Control, slot);
            }
            Control::Sample { nth, every } => {
                self.sample(nth);
                let next = self.now + every;
                if every > 0 && next <= self.plan.warm_up + self.plan.window {
                    self.at(next, Tag::Control, slot);
                }
            }
            Control::Begin { fault } => self.harm(fault, true),
            Control::Finish { fault } => self.harm(fault, false),
            Control::Restart { replica, crashes } => {
                if self.conditions[replica as usize].crashes == crashes && self.may_start(replica) {
                    self.revive(replica);
                }
            }
            Control::Believe { replica, up, flips } => {
                if self.conditions[replica as usize].flips == flips {
                    self.believe(replica, up);
                }
            }
            Control::Check { balancer, view, replica, up, flips } => {
                if self.conditions[replica as usize].flips == flips {
                    self.check_over(balancer, view, replica, up);
                }
            }
            Control::Return { balancer, view, endpoint } => {
                // Ejections come again and again: their place is used again.
                self.spent_controls.push(slot);
                self.return_endpoint(balancer, view, endpoint);
            }
            Control::OutageBegins { component } => self.impairments[component as usize].outages += 1,
            Control::OutageEnds { component } => {
                let impairment = &mut self.impairments[component as usize];
                impairment.outages = impairment.outages.saturating_sub(1);
            }
            Control::Reassign { group } => {
                self.spent_controls.push(slot);
                self.reassign(group);
            }
            Control::ConsumerDies { replica } => {
                self.spent_controls.push(slot);
                if self.conditions[replica as usize].health == Health::Up {
                    self.crash(|r| r == replica, Health::Reset);
                }
            }
            Control::Dies { replica, crashes } => {
                self.spent_controls.push(slot);
                self.die(replica, crashes);
            }
            Control::Killed { replica, crashes } => {
                self.spent_controls.push(slot);
                self.killed(replica, crashes);
            }
            Control::Machine { alarm } => {
                // Machines set alarms again and again.
                self.spent_controls.push(slot);
                self.machine_due(alarm);
            }
        }
    }

    fn harm(&mut self, nth: usize, begins: bool) {
        let fault = self.faults()[nth];
        match fault.harm {
            Harm::Crash { first, count } => {
                if begins {
                    self.crash(|r| r >= first && r < first + count, Health::Reset);
                }
            }
            Harm::Loss { first, count } => self.lose(nth, begins, |r| r >= first && r < first + count),
            Harm::ZoneLoss { zone } => {
                let zones: Vec<u16> = self.conditions.iter().map(|condition| condition.zone).collect();
                self.lose(nth, begins, |r| zones[r as usize] == zone);
            }
            Harm::LeaderLoss { component } => {
                let first = self.tables.components[component as usize].first;
                let held = self.lost.iter().find(|(fault, _)| *fault == nth).map(|(_, r)| *r);
                let leader = if begins { self.leader_of(component) } else { held };
                let leader = leader.unwrap_or(first);
                self.lose(nth, begins, |r| r == leader);
            }
            Harm::ReplicaLag { component, add } => self.add_lag(component, add, begins),
            Harm::Slow { first, count, factor } => {
                self.slow_down(first, count, |slow| if begins { slow * factor } else { restored(slow / factor) });
            }
            Harm::Latency { component, add } => {
                let impairment = &mut self.impairments[component as usize];
                impairment.add = if begins { impairment.add + add } else { impairment.add.saturating_sub(add) };
            }
            Harm::Errors { component, share } => {
                let known = (component, share);
                if begins {
                    self.erring.push(known);
                } else if let Some(at) = self.erring.iter().position(|other| *other == known) {
                    self.erring.remove(at);
                }
                let shares = self.erring.iter().filter(|(other, _)| *other == component).map(|(_, share)| *share);
                self.impairments[component as usize].errors = either(shares);
            }
            Harm::Outage { component } => {
                let impairment = &mut self.impairments[component as usize];
                let outages = impairment.outages;
                impairment.outages = if begins { outages + 1 } else { outages.saturating_sub(1) };
            }
            // Known since the run began: see `Pace`.
            Harm::Spike { .. } => {}
            Harm::Cut(cut) => {
                let healed =
                    if fault.until == u64::MAX { u64::MAX } else { self.plan.warm_up.saturating_add(fault.until) };
                if begins {
                    self.cuts.push((cut, healed));
                } else if let Some(at) = self.cuts.iter().position(|known| *known == (cut, healed)) {
                    self.cuts.remove(at);
                }
                self.machines_rewired();
            }
            Harm::Flush { component } => {
                if begins {
                    self.flush_cache(component);
                }
            }
            Harm::HotKey { space, share } => {
                if begins {
                    self.hot_keys.push((space, share));
                } else if let Some(at) = self.hot_keys.iter().position(|known| *known == (space, share)) {
                    self.hot_keys.remove(at);
                }
            }
            Harm::Rebalance { map, to, lasts } => {
                if begins {
                    self.reshard(map, to, lasts);
                }
            }
            Harm::ConsumerStop { component } => self.stop_consumers(component, begins),
            // Known since the run began: see `flows`.
            Harm::Poison { .. } => {}
            Harm::Replay { component } => {
                if begins {
                    self.begin_again(component);
                }
            }
            Harm::Down { first, count, at_once } => self.keep_down(nth, begins, first, count, at_once),
            Harm::RestartLoop(rule) => self.loop_restarts(nth, begins, rule),
            Harm::PoisonInput(poison) => self.poison(begins, poison),
            Harm::Expiry(expiry) => self.certificate(nth, begins, expiry),
            Harm::DiskFull { component } => self.fill_disk(begins, component),
            Harm::Skew { component, ahead } => self.skew(begins, component, ahead),
            Harm::Release { release } => self.roll_out(release, begins),
            Harm::KillSwitch { component } => {
                if begins {
                    self.kill_switch(component);
                }
            }
        }
    }

    /// Replicas take another multiple of their time from now on.
    pub(super) fn slow_down(&mut self, first: u32, count: u32, change: impl Fn(f64) -> f64) {
        for r in first..first + count {
            let slow = &mut self.conditions[r as usize].slow;
            *slow = change(*slow);
            let speed = 1.0 / *slow;
            if let Some(cores) = self.cores.get_mut(r as usize) {
                cores.set_speed(self.now, speed);
                // The armed event may come too late now.
                cores.armed = 0;
                self.arm_cores(r);
            }
        }
        self.slowed = self.drops || self.conditions.iter().any(|condition| condition.slow != 1.0);
    }

    /// Time that something takes at a replica that may be slow.
    #[cold]
    pub(super) fn stretch(&self, replica: u32, time: u64) -> u64 {
        let slow = self.conditions.get(replica as usize).map_or(1.0, |condition| condition.slow);
        if slow == 1.0 { time } else { (time as f64 * slow) as u64 }
    }

    fn component_of(&self, replica: u32) -> (u32, &Component) {
        let component = self.conditions[replica as usize].component;
        (component, &self.tables.components[component as usize])
    }

    /// Replicas go down with all that is in work there.
    pub(super) fn crash(&mut self, within: impl Fn(u32) -> bool, health: Health) {
        for r in 0..self.replicas.len() as u32 {
            if !within(r) || self.conditions[r as usize].health == Health::Silent {
                continue;
            }
            let (component, rule) = self.component_of(r);
            let rule = *rule;
            let condition = &mut self.conditions[r as usize];
            let was_up = condition.health == Health::Up;
            condition.health = health;
            condition.crashes += 1;
            condition.down_since = self.now;
            let crashes = condition.crashes;
            let replica = &mut self.replicas[r as usize];
            replica.touch(self.now);
            replica.slots = 0;
            replica.limit = 0;
            if was_up {
                self.news_of(r, false);
            }
            let leads = r == rule.first || rule.each_leads;
            if let Some(failover) = rule.failover.filter(|_| leads) {
                self.schedule(self.now.saturating_add(failover), Control::Restart { replica: r, crashes });
            } else if health == Health::Reset {
                let pause = self.pause_of_loops(r);
                let up = self.now.saturating_add(pause).saturating_add(rule.restart);
                self.schedule(up, Control::Restart { replica: r, crashes });
            }
            let crashed = u64::from(!self.machines.releases.stops(r));
            self.watch.tally(component, Count::Crashes, crashed);
            self.machine_down(r, health);
            self.logs_lose(r);
            self.renew_guards(r);
            self.open_door(r);
        }
        let down = |engine: &Self, r: u32| r != NONE && within(r) && engine.conditions[r as usize].health != Health::Up;
        for f in 0..self.frames.len() as u32 {
            let Frame { flags, replica, .. } = self.frames[f as usize];
            // An answer on its way has left already; a session is here also while one of its answers is on its way.
            let there = flags & (flag::WORKER | flag::QUEUED | flag::LOCAL) != 0;
            if flags & flag::ALIVE == 0 || !there || !down(self, replica) {
                continue;
            }
            if flags & flag::QUEUED != 0 && self.waits_elsewhere(replica) {
                continue;
            }
            if flags & flag::SHARING != 0 {
                self.cores[replica as usize].remove(self.now, f);
                self.frames[f as usize].flags &= !flag::SHARING;
            }
            self.stop_computing(f);
            if flags & flag::POOL_QUEUED != 0 {
                // Its pool is new already.
                self.frames[f as usize].flags &= !flag::POOL_QUEUED;
            }
            if flags & flag::QUEUED != 0 {
                self.left_queue(f);
                // It had no worker: nothing was for nothing.
                self.frames[f as usize].mark = self.now;
            } else if flags & flag::LOCAL == 0 {
                self.left(f);
            }
            self.abort_session(f);
            if let Some(tried) = self.tries.get_mut(f as usize) {
                // The dead send no more copies.
                tried.hedge = 0;
            }
            if flags & (flag::LOCAL | flag::ANSWERED) != 0 {
                self.release_frame(f);
                continue;
            }
            self.frames[f as usize].flags &= !(flag::WORKER | flag::QUEUED | flag::OUTBOUND);
            self.frames[f as usize].awaits = 0;
            if flags & flag::SESSION != 0 {
                self.forget_session(f);
            }
            if health == Health::Silent || flags & flag::CONSUMER != 0 {
                self.haunt(f);
            } else {
                let caller = self.finish(f, Ending::Error);
                self.tell(caller);
            }
        }
        for r in 0..self.replicas.len() as u32 {
            if down(self, r) {
                let replica = &mut self.replicas[r as usize];
                replica.busy = 0;
                replica.queued = 0;
                replica.head = NONE;
                replica.tail = NONE;
                self.close_line(r);
                if let Some(cores) = self.cores.get_mut(r as usize) {
                    cores.armed = 0;
                }
            }
        }
        let conditions: Vec<bool> = (0..self.replicas.len() as u32).map(|r| down(self, r)).collect();
        self.consumers_lost(|r| conditions[r as usize]);
    }

    /// What a process keeps in mind is gone with it.
    fn renew_guards(&mut self, r: u32) {
        for policy in &self.tables.policies {
            let own = r.wrapping_sub(policy.caller);
            if own >= policy.callers {
                continue;
            }
            for pool in [policy.pool, policy.bulkhead] {
                if pool != NONE {
                    self.reset_pool(pool + own);
                }
            }
            if policy.breaker != NONE {
                self.breakers[(policy.breaker + own) as usize].renew();
            }
            if policy.throttle != NONE {
                self.throttles[(policy.throttle + own) as usize] = ThrottleState::new();
            }
            if policy.rate != NONE {
                self.rates[(policy.rate + own) as usize] = 0;
            }
            if policy.budget != NONE {
                let index = (policy.budget + own) as usize;
                self.budgets[index] = self.tables.budgets[index].cap;
            }
        }
        for site in &self.tables.sites {
            if site.pool != NONE && site.component == self.conditions[r as usize].component {
                let first = self.tables.components[site.component as usize].first;
                self.reset_pool(site.pool + (r - first));
            }
        }
    }

    /// Machines are lost, or those that a fault had lost are there again: where no other fault holds them, their processes
    /// start.
    pub(super) fn lose(&mut self, nth: usize, begins: bool, within: impl Fn(u32) -> bool) {
        if begins {
            self.lost.extend((0..self.replicas.len() as u32).filter(|r| within(*r)).map(|r| (nth, r)));
            self.crash(within, Health::Silent);
            return;
        }
        self.lost.retain(|(fault, _)| *fault != nth);
        for r in 0..self.replicas.len() as u32 {
            if within(r) && self.conditions[r as usize].health != Health::Up && !self.is_lost(r) {
                let restart = self.component_of(r).1.restart;
                let crashes = self.conditions[r as usize].crashes;
                self.schedule(self.now.saturating_add(restart), Control::Restart { replica: r, crashes });
            }
        }
    }

    pub(super) fn is_lost(&self, r: u32) -> bool {
        self.lost.iter().any(|(_, lost)| *lost == r)
    }

    /// Whether a replica that is down can come back now: its machine is there, or another copy leads in its place.
    fn may_start(&self, r: u32) -> bool {
        let Condition { down_since, component, .. } = self.conditions[r as usize];
        let rule = &self.tables.components[component as usize];
        let fails_over = (r == rule.first || rule.each_leads)
            && rule.failover.is_some_and(|takes| self.now >= down_since.saturating_add(takes));
        fails_over && !self.nothing_leads(r) || !self.is_lost(r)
    }

    /// A replica works again: started anew, or another copy leads in its place.
    pub(super) fn revive(&mut self, r: u32) {
        if self.conditions[r as usize].health == Health::Up {
            return;
        }
        let (component, rule) = self.component_of(r);
        let rule = *rule;
        let condition = &mut self.conditions[r as usize];
        condition.health = Health::Up;
        // Another copy that leads stands on a machine of its own.
        self.lost.retain(|(_, lost)| *lost != r);
        self.reopen(r);
        self.news_of(r, true);
        if rule.failover.is_some() && (r == rule.first || rule.each_leads) {
            // Clients of data are told of the new leader.
            self.believe(r, true);
        }
        self.consumers_back(component);
        self.machine_up(r);
        if rule.failover.is_none() || r != rule.first {
            self.dies_again(r);
        }
    }
}
