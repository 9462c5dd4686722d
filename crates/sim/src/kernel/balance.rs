//! Which replica a call goes to: by the balancer's own counts, among those it believes healthy.
//!
//! A balancer has no queue. Left out: indexing by load level (choosing among more than 64 replicas scans them).

use super::draws::{Keyed, Words as _};
use super::engine::Engine;
use super::frames::flag;
use super::tables::{Algorithm, Balancer, NONE, Site};

/// Below this share of believed healthy endpoints, all are used.
const PANIC: u64 = 2;

impl Engine<'_> {
    /// The replica for one attempt, and the mark of a frame that is counted as in flight.
    #[inline(never)]
    pub(super) fn choose(&mut self, site: &Site, key: u64) -> (u32, u16) {
        if site.count == 0 {
            return (NONE, 0);
        }
        let Some(&balancer) = self.tables.balancers.get(site.balancer as usize) else {
            return (site.first, 0);
        };
        let doubted = self.doubted[site.component as usize] > 0;
        let healthy = if doubted { self.healthy(site) } else { site.count };
        // Fail open: with few believed healthy, belief is worth nothing.
        let all = u64::from(healthy) * PANIC < u64::from(site.count);
        let among = if all { site.count } else { healthy };
        let mut words = Keyed::new(key, balancer.site);
        let mut below = |n: u32| (((words.word() >> 32) * u64::from(n)) >> 32) as u32;
        let endpoint = match balancer.algorithm {
            Algorithm::Random => self.nth(site, all || !doubted, below(among)),
            Algorithm::RoundRobin => {
                let cursor = &mut self.cursors[site.balancer as usize];
                let at = *cursor % among;
                *cursor = at + 1;
                self.nth(site, all || !doubted, at)
            }
            Algorithm::LeastConnections => {
                let (mut best, mut least, mut ties) = (0, u32::MAX, 0);
                for at in 0..among {
                    let endpoint = self.nth(site, all || !doubted, at);
                    let count = self.in_flight[(balancer.counts + endpoint) as usize];
                    if count < least {
                        (best, least, ties) = (endpoint, count, 1);
                    } else if count == least {
                        ties += 1;
                        if below(ties) == 0 {
                            best = endpoint;
                        }
                    }
                }
                best
            }
            Algorithm::PowerOf(d) => {
                let (mut best, mut least) = (0, u32::MAX);
                let mut drawn = [NONE; 8];
                for nth in 0..(d.min(among).min(8) as usize) {
                    let mut at = below(among);
                    while drawn[..nth].contains(&at) {
                        at = below(among);
                    }
                    drawn[nth] = at;
                    let endpoint = self.nth(site, all || !doubted, at);
                    let count = self.in_flight[(balancer.counts + endpoint) as usize];
                    if count < least {
                        (best, least) = (endpoint, count);
                    }
                }
                best
            }
        };
        (site.first + endpoint, self.count_in(&balancer, endpoint))
    }

    fn count_in(&mut self, balancer: &Balancer, endpoint: u32) -> u16 {
        if matches!(balancer.algorithm, Algorithm::Random | Algorithm::RoundRobin) {
            return 0;
        }
        self.in_flight[(balancer.counts + endpoint) as usize] += 1;
        flag::BALANCED
    }

    fn healthy(&self, site: &Site) -> u32 {
        let range = site.first as usize..(site.first + site.count) as usize;
        self.conditions[range].iter().filter(|condition| condition.believed).count() as u32
    }

    /// The n-th endpoint, of all or of those believed healthy.
    fn nth(&self, site: &Site, all: bool, n: u32) -> u32 {
        if all {
            return n;
        }
        let believed = (0..site.count).filter(|at| self.conditions[(site.first + at) as usize].believed);
        believed.into_iter().nth(n as usize).unwrap_or(0)
    }
}
