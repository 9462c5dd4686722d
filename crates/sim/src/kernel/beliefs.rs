//! What balancers believe of their endpoints: by checks, by how attempts end, or by word that all hear after a delay.
//!
//! Nothing is polled: when a replica goes down or comes back, the check that will notice is known, and so is the sweep at
//! which an ejected endpoint returns. A check fails where its replica is down; one that is slow or full passes, unless checks
//! ask for an operation (`machines/checks`).

use super::balancing::Balancer;
use super::draws::{derive, mix};
use super::engine::{Engine, chance};
use super::faults::Control;
use super::frames::flag;
use super::tables::NONE;
use crate::record::Ending;

/// Marks of an endpoint in a view.
const UNHEALTHY: u8 = 1;
const EJECTED: u8 = 2;
/// Site of the phases of checks.
const PHASE: u32 = 0xC4EC;
/// Site of the draw between an old version and a new one.
const SPLIT: u32 = 0x5B11;

/// The endpoints that may be chosen: those of a component as all know them, or those of one view.
#[derive(Debug, Clone, Default)]
pub(super) struct Roster {
    /// In order; not kept while all may be.
    pub up: Vec<u32>,
    /// Whether some may not.
    pub some_out: bool,
    /// Whether these are to be taken however few they are: who is not in service is left out also where belief is worth
    /// nothing.
    pub sure: bool,
    /// Whether `up` must be found anew.
    dirty: bool,
    /// Counts changes.
    pub version: u32,
}

/// What a view knows of an endpoint that may be ejected.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Suspect {
    in_a_row: u32,
    /// Ejections that count for the length of the next.
    ejections: u32,
    returned: u64,
}

impl Engine<'_> {
    /// The roster of a view, for a request of this key.
    pub(super) fn roster_of(&mut self, balancer: &Balancer, view: u32, key: u64) -> usize {
        let own = balancer.believes();
        let id = if own { self.tables.components.len() + view as usize } else { balancer.component as usize };
        if self.rosters[id].dirty {
            self.renew(id, balancer, view, key);
        }
        id
    }

    #[cold]
    fn renew(&mut self, id: usize, balancer: &Balancer, view: u32, key: u64) {
        let component = &self.tables.components[balancer.component as usize];
        let base = balancer.base(view) as usize;
        let roster = &mut self.rosters[id];
        let (marks, conditions) = (&self.marks, &self.conditions);
        let usable = |endpoint: &u32| {
            if balancer.believes() {
                marks[base + *endpoint as usize] == 0
            } else {
                conditions[(component.first + endpoint) as usize].believed
            }
        };
        let serves = |endpoint: &u32| conditions[(component.first + endpoint) as usize].present;
        roster.up.clear();
        roster.up.extend((0..component.count).filter(serves).filter(usable));
        let all = (0..component.count).filter(serves).count();
        roster.sure = all < component.count as usize;
        if roster.sure && (roster.up.len() as u64) << 32 < u64::from(balancer.panic) * all as u64 {
            roster.up.clear();
            roster.up.extend((0..component.count).filter(serves));
        }
        roster.some_out = roster.up.len() < component.count as usize;
        roster.dirty = false;
        roster.version += 1;
        if let Some(weight) = self.machines.releases.weight(balancer.component) {
            // Each request has a roster of its own: that of the version that it is sent to.
            let new = chance(key, SPLIT, weight);
            let releases = &self.machines.releases;
            let fits = |endpoint: &u32| releases.is_new(balancer.component, component.first + endpoint) == new;
            if roster.up.iter().any(fits) {
                roster.up.retain(fits);
            }
            (roster.some_out, roster.sure, roster.dirty) = (true, true, true);
        }
    }

    /// The endpoints of a component may be others now.
    pub(super) fn rosters_changed(&mut self, component: u32) {
        self.rosters[component as usize].dirty = true;
        for balancer in &self.tables.balancers {
            if balancer.component == component && balancer.believes() {
                for view in balancer.views..balancer.views + balancer.callers {
                    self.rosters[self.tables.components.len() + view as usize].dirty = true;
                }
            }
        }
    }

    /// A replica is taken into service, or out of it: all balancers are told at once.
    pub(super) fn enrol(&mut self, r: u32, present: bool) {
        let condition = &mut self.conditions[r as usize];
        let component = condition.component;
        condition.present = present;
        if present {
            // What was noticed of its life before is of no interest.
            condition.believed = true;
            condition.flips += 1;
            let endpoint = r - self.tables.components[component as usize].first;
            for balancer in &self.tables.balancers {
                if balancer.component == component && balancer.believes() {
                    for view in balancer.views..balancer.views + balancer.callers {
                        self.marks[(balancer.base(view) + endpoint) as usize] &= !UNHEALTHY;
                    }
                }
            }
        }
        self.rosters_changed(component);
    }

    /// Replicas that are there only during a release are not in service at first.
    pub(super) fn keep_spares_back(&mut self) {
        for row in &self.tables.components {
            for r in row.first + row.count - row.spares..row.first + row.count {
                self.enrol(r, false);
            }
        }
    }

    fn mark(&mut self, balancer: &Balancer, view: u32, endpoint: u32, mark: u8, on: bool) {
        let at = (balancer.base(view) + endpoint) as usize;
        if on {
            self.notice(balancer.component);
        }
        let marks = &mut self.marks[at];
        *marks = if on { *marks | mark } else { *marks & !mark };
        self.rosters[self.tables.components.len() + view as usize].dirty = true;
    }

    /// Whether the balancer that sends a frame believes that an endpoint is there.
    pub(super) fn believed_by_its_balancer(&self, c: u32, endpoint: u32) -> bool {
        let frame = &self.frames[c as usize];
        let site = &self.tables.sites[frame.site as usize];
        match self.tables.balancers.get(site.balancer as usize) {
            Some(balancer) if balancer.believes() => {
                self.marks[(balancer.base(self.view_of[c as usize]) + endpoint) as usize] == 0
            }
            _ => self.conditions[(site.first + endpoint) as usize].believed,
        }
    }

    /// All hear that a replica is gone or back.
    pub(super) fn believe(&mut self, r: u32, up: bool) {
        let condition = &mut self.conditions[r as usize];
        if condition.believed != up {
            condition.believed = up;
            self.rosters[condition.component as usize].dirty = true;
        }
    }

    /// A replica has gone down or come back: when that will be noticed.
    pub(super) fn news_of(&mut self, r: u32, up: bool) {
        let condition = &mut self.conditions[r as usize];
        condition.flips += 1;
        let (flips, component) = (condition.flips, condition.component);
        let heard = self.now.saturating_add(self.tables.health_delay);
        self.schedule(heard, Control::Believe { replica: r, up, flips });
        let endpoint = r - self.tables.components[component as usize].first;
        for (id, balancer) in self.tables.balancers.iter().enumerate() {
            let Some(health) = balancer.health.filter(|health| balancer.component == component && health.asks == 0)
            else {
                continue;
            };
            let checks = if up { health.healthy_after } else { health.unhealthy_after };
            for view in balancer.views..balancer.views + balancer.callers {
                let phase = mix(derive(mix(u64::from(view)), PHASE, endpoint) ^ mix(self.plan.seed)) % health.every;
                let next = phase + (self.now + health.every - phase) / health.every * health.every;
                let noticed = next.saturating_add(u64::from(checks - 1).saturating_mul(health.every));
                self.schedule(noticed, Control::Check { balancer: id as u32, view, replica: r, up, flips });
            }
        }
    }

    /// The last of the checks that it takes to notice.
    pub(super) fn check_over(&mut self, balancer: u32, view: u32, r: u32, up: bool) {
        let balancer = &self.tables.balancers[balancer as usize];
        let endpoint = r - self.tables.components[balancer.component as usize].first;
        self.mark(balancer, view, endpoint, UNHEALTHY, !up);
    }

    /// Real checks have changed a view's mind.
    pub(super) fn believe_check(&mut self, balancer: u32, view: u32, endpoint: u32, up: bool) {
        let balancer = &self.tables.balancers[balancer as usize];
        self.mark(balancer, view, endpoint, UNHEALTHY, !up);
    }

    /// How an attempt at an endpoint has ended, as the view that sent it sees it.
    pub(super) fn judge_endpoint(&mut self, c: u32, ending: Ending) {
        let frame = self.frames[c as usize];
        if self.suspects.is_empty() || frame.flags & flag::BALANCED == 0 {
            return;
        }
        let site = &self.tables.sites[frame.site as usize];
        let balancer = &self.tables.balancers[site.balancer as usize];
        let Some(rule) = balancer.outlier else {
            return;
        };
        let view = self.view_of[c as usize];
        let endpoint = frame.replica - site.first;
        let at = (balancer.base(view) + endpoint) as usize;
        let suspect = &mut self.suspects[at];
        match ending {
            Ending::Error | Ending::Timeout | Ending::Lost | Ending::Refused => suspect.in_a_row += 1,
            Ending::Ok => suspect.in_a_row = 0,
            _ => return,
        }
        if suspect.in_a_row < rule.consecutive || self.marks[at] & EJECTED != 0 {
            return;
        }
        suspect.in_a_row = 0;
        let base = balancer.base(view) as usize;
        let out = self.marks[base..base + balancer.endpoints as usize].iter().filter(|mark| **mark & EJECTED != 0);
        let out = out.count() as u64;
        if out > 0 && out << 32 >= u64::from(rule.at_most) * u64::from(balancer.endpoints) {
            return;
        }
        // Each sweep that found it healthy makes up for one ejection.
        let suspect = &mut self.suspects[at];
        let sweeps = self.now / rule.sweep - suspect.returned / rule.sweep;
        suspect.ejections = suspect.ejections.saturating_sub(sweeps.min(u64::from(NONE)) as u32) + 1;
        let longest = rule.max.max(rule.base);
        let lasts = rule.base.saturating_mul(u64::from(suspect.ejections)).min(longest);
        // It returns at the first sweep after that.
        let returns = self.now.saturating_add(lasts).div_ceil(rule.sweep).saturating_mul(rule.sweep);
        suspect.returned = returns;
        if site.pair != NONE {
            let record = &mut self.watch.calls[site.pair as usize];
            record.ejections += 1;
            record.ejected += u128::from(lasts);
        }
        self.mark(balancer, view, endpoint, EJECTED, true);
        self.schedule(returns, Control::Return { balancer: site.balancer, view, endpoint });
    }

    /// An ejected endpoint may be chosen again.
    pub(super) fn return_endpoint(&mut self, balancer: u32, view: u32, endpoint: u32) {
        let balancer = &self.tables.balancers[balancer as usize];
        self.mark(balancer, view, endpoint, EJECTED, false);
    }
}
