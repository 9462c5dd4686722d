//! Which replica a call goes to: by the view of the balancer's replica, among those it believes healthy.
//!
//! A balancer has no queue. Up to 64 endpoints are looked at one by one; of more, the least loaded are known by level.

use super::balancing::{Algorithm, Balancer, Point};
use super::draws::{Keyed, Words as _, mix};
use super::engine::Engine;
use super::frames::flag;
use super::levels::Levels;
use super::tables::{NONE, Site};

/// Endpoints up to which a search is as quick as an index.
const FEW: u32 = 64;
/// Most endpoints drawn for one choice.
const DRAWN: usize = 8;

impl Balancer {
    /// The view of a caller's replica (`NONE` for a client).
    #[must_use]
    pub fn view(&self, caller: u32) -> u32 {
        let own = caller.wrapping_sub(self.caller);
        self.views + if own < self.callers { own } else { 0 }
    }

    /// First of the in-flight counts of a view.
    #[must_use]
    pub fn base(&self, view: u32) -> u32 {
        self.counts + (view - self.views) * self.endpoints
    }
}

/// A number below `n`.
fn below(words: &mut Keyed, n: u32) -> u32 {
    (((words.word() >> 32) * u64::from(n)) >> 32) as u32
}

/// Whose a row is on a ring, if all are there.
#[must_use]
pub fn on_ring(ring: &[Point], row: u64) -> u32 {
    let at = ring.partition_point(|point| point.at < mix(row));
    ring[at % ring.len()].endpoint
}

impl Engine<'_> {
    /// The replica for the attempt `c` of a caller's frame `f`, and the mark of one that its balancer follows.
    #[inline(never)]
    pub(super) fn choose(&mut self, site: &Site, key: u64, f: u32, c: u32) -> (u32, u16) {
        if site.count == 0 {
            return (NONE, 0);
        }
        let tables = self.tables;
        let Some(balancer) = tables.balancers.get(site.balancer as usize) else {
            // Data with copies: its leader.
            return (self.leader_for(site.component, f).unwrap_or(site.first), 0);
        };
        if let Algorithm::Shard { map } = balancer.algorithm {
            return (site.first + self.shard_for(map, f), 0);
        }
        let view = balancer.view(self.frames[f as usize].replica);
        let id = self.roster_of(balancer, view, key);
        let roster = &self.rosters[id];
        let healthy = roster.up.len() as u64;
        // Fail open: with few believed healthy, belief is worth nothing.
        let few = healthy << 32 < u64::from(balancer.panic) * u64::from(site.count);
        let all = !roster.some_out || few && !roster.sure;
        let among = if all { site.count } else { healthy as u32 };
        if among == 0 {
            return (NONE, 0);
        }
        let base = balancer.base(view);
        let mut words = Keyed::new(key, balancer.site);
        let nth = |n: u32| if all { n } else { roster.up[n as usize] };
        let in_flight = |endpoint: u32| self.in_flight[(base + endpoint) as usize];
        let mut endpoint = match balancer.algorithm {
            Algorithm::Random | Algorithm::Shard { .. } => nth(below(&mut words, among)),
            Algorithm::RoundRobin => {
                let cursor = &mut self.cursors[view as usize];
                let at = *cursor % among;
                *cursor = at + 1;
                nth(at)
            }
            Algorithm::LeastConnections if among > FEW => self.least_loaded(id, view, balancer, all, &mut words),
            Algorithm::LeastConnections => {
                let (mut least, mut ties) = (u32::MAX, 0);
                for n in 0..among {
                    let count = in_flight(nth(n));
                    ties = if count < least { 1 } else { ties + u32::from(count == least) };
                    least = least.min(count);
                }
                let mut left = if ties > 1 { below(&mut words, ties) } else { 0 };
                let mut best = (0..among).map(nth).filter(|endpoint| in_flight(*endpoint) == least);
                loop {
                    match best.next() {
                        Some(_) if left > 0 => left -= 1,
                        other => break other.unwrap_or(0),
                    }
                }
            }
            Algorithm::Nearest => {
                let caller = self.caller(f);
                let far = |n: u32| self.delay_between(caller, site.first + nth(n));
                let least = (0..among).map(far).min().unwrap_or(0);
                let ties = (0..among).filter(|n| far(*n) == least).count() as u32;
                let turn = if ties > 1 { below(&mut words, ties) } else { 0 };
                nth((0..among).filter(|n| far(*n) == least).nth(turn as usize).unwrap_or(0))
            }
            Algorithm::PowerOf(d) => {
                // Drawn in random order: the first of equals is a random one.
                let (mut best, mut least) = (0, u32::MAX);
                let mut drawn = [NONE; DRAWN];
                for turn in 0..(d.min(among) as usize).min(DRAWN) {
                    let mut at = below(&mut words, among);
                    while drawn[..turn].contains(&at) {
                        at = below(&mut words, among);
                    }
                    drawn[turn] = at;
                    let count = in_flight(nth(at));
                    if count < least {
                        (best, least) = (nth(at), count);
                    }
                }
                best
            }
            Algorithm::ConsistentHash { first, count } | Algorithm::ByRow { first, count } => {
                let caller = &self.frames[f as usize];
                let said = self.cold.get(f as usize).map_or(0, |cold| match balancer.algorithm {
                    Algorithm::ByRow { .. } => cold.row,
                    _ => cold.data_key,
                });
                let hash = mix(if said == 0 { caller.key } else { said });
                let ring = &self.tables.rings[first as usize..(first + count) as usize];
                let at = ring.partition_point(|point| point.at < hash);
                let on = (0..ring.len()).map(|step| ring[(at + step) % ring.len()].endpoint);
                let usable = |endpoint: &u32| {
                    (all || roster.up.binary_search(endpoint).is_ok()) && in_flight(*endpoint) < balancer.max_requests
                };
                on.into_iter().find(usable).unwrap_or(NONE)
            }
        };
        if endpoint == NONE || self.in_flight_at(balancer, base, endpoint) >= balancer.max_requests {
            endpoint = self.not_full(id, balancer, base, all, &mut words);
            if endpoint == NONE {
                return (NONE, 0);
            }
        }
        if !balancer.follows() && !balancer.believes() {
            return (site.first + endpoint, 0);
        }
        if self.view_of.len() <= c as usize {
            self.view_of.resize(c as usize + 1, 0);
        }
        self.view_of[c as usize] = view;
        if !balancer.follows() {
            return (site.first + endpoint, 0);
        }
        self.count(balancer, view, endpoint, true);
        (site.first + endpoint, flag::BALANCED)
    }

    fn in_flight_at(&self, balancer: &Balancer, base: u32, endpoint: u32) -> u32 {
        if balancer.max_requests == NONE { 0 } else { self.in_flight[(base + endpoint) as usize] }
    }

    /// One of the least loaded of many.
    fn least_loaded(&mut self, id: usize, view: u32, balancer: &Balancer, all: bool, words: &mut Keyed) -> u32 {
        let roster = &self.rosters[id];
        // Beliefs and whether they count, as one number that is never zero.
        let version = roster.version * 2 + u32::from(all) + 2;
        let base = balancer.base(view) as usize;
        let levels = &mut self.levels[view as usize];
        if levels.version != version {
            levels.version = version;
            let count = |endpoint: u32| (endpoint, self.in_flight[base + endpoint as usize]);
            if all {
                levels.fill(balancer.endpoints, (0..balancer.endpoints).map(count));
            } else {
                levels.fill(balancer.endpoints, roster.up.iter().copied().map(count));
            }
        }
        let (least, _) = levels.least();
        least[below(words, least.len() as u32) as usize]
    }

    /// Any endpoint that is not full, where the chosen one is; `NONE` where all are.
    #[cold]
    fn not_full(&self, id: usize, balancer: &Balancer, base: u32, all: bool, words: &mut Keyed) -> u32 {
        let free = |endpoint: &u32| self.in_flight[(base + endpoint) as usize] < balancer.max_requests;
        let up = &self.rosters[id].up;
        let count =
            if all { (0..balancer.endpoints).filter(free).count() } else { up.iter().filter(|at| free(at)).count() };
        if count == 0 {
            return NONE;
        }
        let turn = below(words, count as u32) as usize;
        let found = if all {
            (0..balancer.endpoints).filter(free).nth(turn)
        } else {
            up.iter().copied().filter(free).nth(turn)
        };
        found.unwrap_or(NONE)
    }

    fn count(&mut self, balancer: &Balancer, view: u32, endpoint: u32, more: bool) {
        let count = &mut self.in_flight[(balancer.base(view) + endpoint) as usize];
        let levels: Option<&mut Levels> = self.levels.get_mut(view as usize).filter(|levels| levels.version != 0);
        if more {
            if let Some(levels) = levels {
                levels.more(endpoint, *count);
            }
            *count += 1;
        } else {
            if let Some(levels) = levels {
                levels.less(endpoint, *count);
            }
            *count = count.saturating_sub(1);
        }
    }

    /// Requests in flight at an endpoint, as the balancer that follows a frame counts them.
    pub(super) fn in_flight_of(&self, c: u32, endpoint: u32) -> u32 {
        let site = &self.tables.sites[self.frames[c as usize].site as usize];
        let balancer = &self.tables.balancers[site.balancer as usize];
        self.in_flight[(balancer.base(self.view_of[c as usize]) + endpoint) as usize]
    }

    /// An attempt is over, or no longer followed, for the balancer that sent it.
    pub(super) fn count_out(&mut self, c: u32) {
        let frame = self.frames[c as usize];
        let site = &self.tables.sites[frame.site as usize];
        let balancer = &self.tables.balancers[site.balancer as usize];
        self.count(balancer, self.view_of[c as usize], frame.replica - site.first, false);
    }

    /// An attempt that has not left yet goes to another replica.
    pub(super) fn send_elsewhere(&mut self, c: u32, replica: u32) {
        let followed = self.frames[c as usize].flags & flag::BALANCED != 0;
        if followed {
            self.count_out(c);
        }
        self.frames[c as usize].replica = replica;
        if followed {
            let site = &self.tables.sites[self.frames[c as usize].site as usize];
            let balancer = &self.tables.balancers[site.balancer as usize];
            self.count(balancer, self.view_of[c as usize], replica - site.first, true);
        }
    }
}
