//! How often each instruction of compiled tables runs, by the load alone: what is expected, without running anything.
//!
//! Works on the tables, so that a new kind or policy is followed unasked. A visit of an operation brings so many visits of
//! those it calls (chances, loops and branches weighed in); what the load brings is carried on until it changes nothing.
//! Failures are taken to be rare where the design does not say how often they are. Left out: waiting, and whatever only
//! a run can tell (retries under overload, hedges, deadlines).

use crate::kernel::machines::{caches, streams};
use crate::kernel::tables::{Act, NONE, Step, Tables};
use std::collections::BTreeMap;

/// The weight of what runs on failures, misses and other things that may happen, though nobody said how often.
const RARE: f64 = 1e-9;
/// Ways back that are taken less often than this are at their end.
const FAINT: f64 = 1e-12;
/// Instructions that one visit is followed for, beyond eight times all there are.
const STEPS: usize = 200_000;
/// Rounds after which what still grows is said to grow for ever.
const ROUNDS: usize = 10_000;
/// A cycle that brings nearly one visit for each goes on for so long that it counts as endless.
const ENDLESS: f64 = 1.0 - 1e-6;

/// What is visited: an operation as it was compiled, or the client of a load.
#[derive(Debug, Clone, Default)]
struct Node {
    /// First instruction.
    entry: u32,
    /// Component that runs it; `NONE` for a client.
    component: u32,
    /// Instructions with how often each runs in one visit.
    steps: Vec<(u32, f64)>,
    /// Nodes that one visit brings about: how many visits, and whether the caller waits for them.
    next: Vec<(usize, f64, bool)>,
    /// Time of its own that one visit takes. Unit: ns.
    time: f64,
    /// Events that one visit takes, those of others aside.
    events: f64,
}

/// The expected traffic of a design.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    nodes: Vec<Node>,
    /// Visits of each node per second.
    visits: Vec<f64>,
    /// Runs of each instruction per second. Index: that of the code.
    pub steps: Vec<f64>,
    /// Calls of each site per second, the first attempts only. Index: that of the sites.
    pub sites: Vec<f64>,
    /// Records of each topic per second.
    pub topics: Vec<f64>,
    /// Time in work that a component is asked for. Unit: ns per second, over all replicas.
    pub work: Vec<f64>,
    /// Visits of a component per second.
    pub components: Vec<f64>,
    /// Look-ups of a component in its memory per second.
    pub looks: Vec<f64>,
    /// Events of one request of each source, its arrival included.
    pub events: Vec<f64>,
    /// The load of the design that each source belongs to, and its share of the load's requests.
    pub loads: Vec<(usize, f64)>,
}

/// Visits that bring about at least as many of themselves: first instructions, in the order in which one brings the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endless(pub Vec<u32>);

impl Traffic {
    /// What `rates` (requests per second of each source) bring about. `means`: mean of each law. Unit: ns.
    ///
    /// # Errors
    /// Where something brings itself about for ever.
    pub fn new(tables: &Tables, means: &[f64], rates: impl Fn(&Traffic, usize) -> f64) -> Result<Traffic, Endless> {
        let mut traffic = Traffic { nodes: nodes(tables, means), ..Traffic::default() };
        if let Some(cycle) = traffic.endless() {
            return Err(cycle);
        }
        let costs = traffic.backward(|node| node.events, |_| true);
        traffic.events = tables.sources.iter().map(|source| 1.0 + traffic.of(&costs, source.entry)).collect();
        let mut brought = vec![0.0; traffic.nodes.len()];
        for (source, row) in tables.sources.iter().enumerate() {
            if let Some(node) = traffic.node(row.entry) {
                brought[node] += rates(&traffic, source);
            }
        }
        traffic.visits = traffic.forward(brought);
        traffic.add_up(tables);
        Ok(traffic)
    }

    /// Time that one request of a source takes without any waiting, as far as its client waits for it. Unit: ns.
    #[must_use]
    pub fn unloaded(&self, entry: u32) -> f64 {
        self.of(&self.backward(|node| node.time, |waits| waits), entry)
    }

    /// Time in work, by component, that one request of a source asks for. Unit: ns.
    #[must_use]
    pub fn demands(&self, entry: u32, components: usize) -> Vec<f64> {
        let mut brought = vec![0.0; self.nodes.len()];
        if let Some(node) = self.node(entry) {
            brought[node] = 1.0;
        }
        let mut demands = vec![0.0; components];
        for (node, visits) in self.nodes.iter().zip(self.forward(brought)) {
            if let Some(demand) = demands.get_mut(node.component as usize) {
                *demand += visits * node.time;
            }
        }
        demands
    }

    /// Visits per second of what begins at this instruction.
    #[must_use]
    pub fn visits(&self, entry: u32) -> f64 {
        self.node(entry).map_or(0.0, |node| self.visits[node])
    }

    fn node(&self, entry: u32) -> Option<usize> {
        self.nodes.binary_search_by_key(&entry, |node| node.entry).ok()
    }

    fn of(&self, column: &[f64], entry: u32) -> f64 {
        self.node(entry).map_or(0.0, |node| column[node])
    }

    /// What one visit of each node costs with all that it brings about.
    fn backward(&self, own: impl Fn(&Node) -> f64, follow: impl Fn(bool) -> bool) -> Vec<f64> {
        let mut costs: Vec<f64> = self.nodes.iter().map(&own).collect();
        for _ in 0..ROUNDS {
            let mut moved = 0.0f64;
            for at in 0..self.nodes.len() {
                let next = self.nodes[at].next.iter().filter(|(_, _, waits)| follow(*waits));
                let cost = own(&self.nodes[at]) + next.map(|(to, times, _)| times * costs[*to]).sum::<f64>();
                moved = moved.max((cost - costs[at]).abs() / cost.max(1e-300));
                costs[at] = cost;
            }
            if moved < 1e-9 {
                break;
            }
        }
        costs
    }

    /// Visits of all nodes, where each is `brought` so many from outside.
    fn forward(&self, brought: Vec<f64>) -> Vec<f64> {
        let mut from: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            for (to, times, _) in &node.next {
                from[*to].push((at, *times));
            }
        }
        let mut visits = brought.clone();
        for _ in 0..ROUNDS {
            let mut moved = 0.0f64;
            for at in 0..visits.len() {
                let sum = brought[at] + from[at].iter().map(|(other, times)| visits[*other] * times).sum::<f64>();
                moved = moved.max((sum - visits[at]).abs() / sum.max(1e-300));
                visits[at] = sum;
            }
            if moved < 1e-9 {
                break;
            }
        }
        visits
    }

    /// A cycle in which each visit brings at least one more, if there is one.
    fn endless(&self) -> Option<Endless> {
        for part in components(&self.nodes) {
            let inside = |node: usize| part.binary_search(&node).is_ok();
            let loops = part.len() > 1 || self.nodes[part[0]].next.iter().any(|(to, ..)| *to == part[0]);
            if loops && self.growth(&part) >= ENDLESS {
                return Some(Endless(self.round(part[0], inside)));
            }
        }
        None
    }

    /// By how much visits within a part multiply from one generation to the next, in the long run.
    fn growth(&self, part: &[usize]) -> f64 {
        let place = |node: usize| part.binary_search(&node).ok();
        let mut now = vec![1.0; part.len()];
        let mut logs = 0.0;
        let rounds = 400 + 4 * part.len();
        for round in 0..rounds {
            let mut next = vec![0.0; part.len()];
            for (at, node) in part.iter().enumerate() {
                for (to, times, _) in &self.nodes[*node].next {
                    if let Some(to) = place(*to) {
                        next[to] += now[at] * times;
                    }
                }
            }
            // Half stays where it is, so that a round of a length does not swing.
            let mixed: Vec<f64> = next.iter().zip(&now).map(|(next, now)| 0.5 * (next + now)).collect();
            let sum: f64 = mixed.iter().sum();
            if round >= rounds / 2 {
                logs += libm::log(sum / now.iter().sum::<f64>());
            }
            now = mixed.into_iter().map(|value| value / sum * part.len() as f64).collect();
        }
        2.0 * libm::exp(logs / (rounds - rounds / 2) as f64) - 1.0
    }

    /// A way from a node back to itself.
    fn round(&self, start: usize, inside: impl Fn(usize) -> bool) -> Vec<u32> {
        let mut came: BTreeMap<usize, usize> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for (to, times, _) in &self.nodes[at].next {
                if *to == start {
                    let mut way = vec![self.nodes[at].entry];
                    let mut at = at;
                    while let Some(before) = came.get(&at) {
                        way.push(self.nodes[*before].entry);
                        at = *before;
                    }
                    way.reverse();
                    return way;
                }
                if *times > RARE && inside(*to) && !came.contains_key(to) {
                    came.insert(*to, at);
                    queue.push_back(*to);
                }
            }
        }
        vec![self.nodes[start].entry]
    }

    fn add_up(&mut self, tables: &Tables) {
        self.steps = vec![0.0; tables.code.len()];
        self.sites = vec![0.0; tables.sites.len()];
        self.topics = vec![0.0; tables.topics.len()];
        self.work = vec![0.0; tables.components.len()];
        self.components = vec![0.0; tables.components.len()];
        self.looks = vec![0.0; tables.components.len()];
        for (node, visits) in self.nodes.iter().zip(&self.visits) {
            if let Some(component) = self.components.get_mut(node.component as usize) {
                *component += visits;
                self.work[node.component as usize] += visits * node.time;
            }
            for (pc, times) in &node.steps {
                let rate = visits * times;
                self.steps[*pc as usize] += rate;
                match tables.code[*pc as usize] {
                    Step::Lookup { .. } | Step::Machine { act: Act::Caches(caches::Act::Look), .. } => {
                        if let Some(looks) = self.looks.get_mut(node.component as usize) {
                            *looks += rate;
                        }
                    }
                    Step::Append { topic, .. } => self.topics[topic as usize] += rate,
                    Step::Machine { act: Act::Windows(_), at } => {
                        let to = tables.machines.windows.processors[at.unit as usize].to;
                        if let Some(results) = self.topics.get_mut(to as usize) {
                            *results += RARE * rate;
                        }
                    }
                    Step::Machine { act: Act::Caches(caches::Act::Keep), at } => {
                        if let Some(site) = stored_by(tables, at.unit) {
                            self.sites[site as usize] += rate;
                        }
                    }
                    step => {
                        if let Some(site) = site_of(step) {
                            self.sites[site as usize] += rate;
                        }
                    }
                }
            }
        }
        // What fails on its way to a consumer may be parked.
        for topic in 0..tables.topics.len() {
            for group in groups_of(tables, topic) {
                if let Some(parked) = self.topics.get(group.dead_letters as usize).copied() {
                    self.topics[group.dead_letters as usize] = parked.max(RARE * self.topics[topic]);
                }
            }
        }
    }
}

fn groups_of(tables: &Tables, topic: usize) -> &[crate::kernel::tables::Group] {
    let row = tables.topics[topic];
    tables.groups.get(row.first_group as usize..(row.first_group + row.groups) as usize).unwrap_or(&[])
}

/// The site at which a cache stores what was written to it: taken to be once for each write, as if no batch held two.
fn stored_by(tables: &Tables, unit: u32) -> Option<u32> {
    let entry = tables.machines.caches.units[unit as usize].behind?.entry;
    site_of(*tables.code.get(entry as usize)?)
}

fn site_of(step: Step) -> Option<u32> {
    match step {
        Step::Call { site }
        | Step::Guarded { site, .. }
        | Step::Send { site }
        | Step::Local { site }
        | Step::Begin { site }
        | Step::Within { site } => Some(site),
        _ => None,
    }
}

/// All that can be visited, by first instruction.
fn nodes(tables: &Tables, means: &[f64]) -> Vec<Node> {
    let clients = tables.sources.iter().map(|source| (source.entry, NONE));
    let callees = tables.sites.iter().filter(|site| site.component != NONE).map(|site| (site.entry, site.component));
    let entries: BTreeMap<u32, u32> = clients.chain(callees).collect();
    let place: BTreeMap<u32, usize> = entries.keys().enumerate().map(|(at, entry)| (*entry, at)).collect();
    entries.iter().map(|(entry, component)| node(tables, means, &place, *entry, *component)).collect()
}

fn node(tables: &Tables, means: &[f64], place: &BTreeMap<u32, usize>, entry: u32, component: u32) -> Node {
    let mut node = Node { entry, component, steps: runs(tables, entry), ..Node::default() };
    let mut next: Vec<(usize, f64, bool)> = Vec::new();
    let mut visit = |entry: u32, times: f64, waits: bool| {
        if let Some(to) = place.get(&entry) {
            next.push((*to, times, waits));
        }
    };
    for (pc, weight) in &node.steps {
        let step = tables.code[*pc as usize];
        match step {
            Step::Compute { law, .. } | Step::Share { law, .. } | Step::Wait { law, .. } => {
                node.time += weight * means.get(law as usize).copied().unwrap_or(0.0);
                node.events += weight;
            }
            Step::Machine { act: Act::Streams(streams::Act::Fold), at } => {
                node.time += weight * tables.machines.streams.stores[at.unit as usize].mean_fold();
                node.events += weight;
            }
            Step::Guarded { site, policy } => {
                let (attempts, _) = attempts(tables, policy);
                called(tables, &mut node.events, weight * attempts, site);
                visit(tables.sites[site as usize].entry, weight * attempts, true);
            }
            Step::Append { topic, .. } => {
                for group in groups_of(tables, topic as usize) {
                    visit(tables.sites[group.site as usize].entry, *weight, false);
                }
            }
            Step::Machine { act: Act::Windows(_), at } => {
                let to = tables.machines.windows.processors[at.unit as usize].to as usize;
                let groups = if to < tables.topics.len() { groups_of(tables, to) } else { &[] };
                for group in groups {
                    visit(tables.sites[group.site as usize].entry, RARE * *weight, false);
                }
            }
            Step::Machine { act: Act::Caches(caches::Act::Keep), at } => {
                if let Some(site) = stored_by(tables, at.unit) {
                    visit(tables.sites[site as usize].entry, *weight, false);
                }
            }
            step => {
                if let Some(site) = site_of(step) {
                    called(tables, &mut node.events, *weight, site);
                    visit(tables.sites[site as usize].entry, *weight, !matches!(step, Step::Send { .. }));
                }
            }
        }
    }
    node.next = next;
    node
}

/// How often each instruction runs in one visit of what begins at `entry`, those that never run left out.
fn runs(tables: &Tables, entry: u32) -> Vec<(u32, f64)> {
    let mut runs: BTreeMap<u32, f64> = BTreeMap::new();
    // Blocks stand before the step that runs them, and walks of a client go back; everything else goes forward.
    let mut open = BTreeMap::from([(entry, 1.0)]);
    let mut left = 8 * tables.code.len() + STEPS;
    while let Some((pc, weight)) = open.pop_first() {
        let Some(step) = tables.code.get(pc as usize).copied().filter(|_| left > 0) else { break };
        left -= 1;
        *runs.entry(pc).or_insert(0.0) += weight;
        let mut go = |to: u32, weight: f64| {
            if weight > if to > pc { 0.0 } else { FAINT } {
                *open.entry(to).or_insert(0.0) += weight;
            }
        };
        match step {
            Step::Jump { to } => go(to, weight),
            Step::Chance { share, to, .. } => {
                let taken = if share == NONE { 1.0 } else { f64::from(share) / 4_294_967_296.0 };
                go(to, weight * taken);
                go(pc + 1, weight * (1.0 - taken));
            }
            Step::Machine { act: Act::Caches(caches::Act::Look), at } => {
                let share = tables.machines.caches.units[at.unit as usize].miss;
                let missed = (f64::from(share) / 4_294_967_295.0).clamp(RARE, 1.0 - RARE);
                go(at.to, weight * missed);
                go(pc + 1, weight * (1.0 - missed));
            }
            Step::Lookup { share, to, .. } => {
                let missed = (f64::from(share) / 4_294_967_295.0).clamp(RARE, 1.0 - RARE);
                go(to, weight * missed);
                go(pc + 1, weight * (1.0 - missed));
            }
            Step::Split { first, count, .. } => {
                for branch in tables.branches.iter().skip(first as usize).take(count as usize) {
                    go(branch.entry, weight);
                }
                go(pc + 1, weight);
            }
            Step::Repeat { entry, times, .. } => {
                go(entry, weight * f64::from(times));
                go(pc + 1, weight);
            }
            Step::Guarded { policy, .. } => {
                let (_, gives_up) = attempts(tables, policy);
                go(pc + 1, weight * (1.0 - gives_up));
                let fallback = tables.policies[policy as usize].fallback;
                if fallback != NONE && fallback != pc + 1 {
                    go(fallback, weight * gives_up.max(RARE));
                }
            }
            Step::Machine { act: Act::Releases(_), at } => {
                // What other versions do may happen.
                for entry in entries_of(tables, at.unit) {
                    go(entry, weight * RARE);
                }
                go(pc + 1, weight);
            }
            Step::Fail { .. } | Step::Leave | Step::Return | Step::Back | Step::End | Step::Yield => {}
            _ => go(pc + 1, weight),
        }
    }
    runs.into_iter().collect()
}

/// Where the steps of other versions begin, behind a door.
fn entries_of(tables: &Tables, door: u32) -> impl Iterator<Item = u32> {
    let releases = &tables.machines.releases;
    let door = releases.doors.get(door as usize).filter(|door| door.entries != NONE);
    let count = |component: u32| {
        let first = releases.first[component as usize];
        let later = releases.first[component as usize + 1..].iter().find(|next| **next != NONE);
        later.map_or(releases.versions.len() as u32, |next| *next) - first
    };
    let range = door.map_or(0..0, |door| door.entries as usize..(door.entries + count(door.component)) as usize);
    releases.entries[range].iter().copied().filter(|entry| *entry != NONE)
}

/// Attempts of a guarded call by the failures that the design itself says, and the share of calls that fail for good.
fn attempts(tables: &Tables, policy: u32) -> (f64, f64) {
    let rule = &tables.policies[policy as usize];
    let fails = if rule.fail == NONE { 1.0 } else { f64::from(rule.fail) / 4_294_967_296.0 };
    let tries = f64::from(rule.attempts.max(1));
    let gives_up = libm::pow(fails, tries);
    (if fails < 1.0 { (1.0 - gives_up) / (1.0 - fails) } else { tries }, gives_up)
}

/// Messages there and back are events where there is a network.
fn called(tables: &Tables, events: &mut f64, times: f64, site: u32) {
    if tables.sites[site as usize].networked {
        *events += 2.0 * times;
    }
}

/// Strongly connected parts (Tarjan 1972, without recursion), each sorted.
fn components(nodes: &[Node]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let count = nodes.len();
    let (mut index, mut low) = (vec![NEW; count], vec![0usize; count]);
    let (mut on, mut stack, mut parts, mut next) = (vec![false; count], Vec::new(), Vec::new(), 0);
    for root in 0..count {
        if index[root] != NEW {
            continue;
        }
        let mut walk = vec![(root, 0usize)];
        while let Some((at, edge)) = walk.pop() {
            if edge == 0 {
                (index[at], low[at]) = (next, next);
                next += 1;
                stack.push(at);
                on[at] = true;
            }
            if let Some((to, ..)) = nodes[at].next.get(edge).copied() {
                walk.push((at, edge + 1));
                if index[to] == NEW {
                    walk.push((to, 0));
                } else if on[to] {
                    low[at] = low[at].min(index[to]);
                }
                continue;
            }
            if low[at] == index[at] {
                let mut part = Vec::new();
                while let Some(node) = stack.pop() {
                    on[node] = false;
                    part.push(node);
                    if node == at {
                        break;
                    }
                }
                part.sort_unstable();
                parts.push(part);
            }
            if let Some((parent, _)) = walk.last() {
                low[*parent] = low[*parent].min(low[at]);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::kernel::tables::{Arrivals, Site, Source, share_bits};

    /// A load that calls what begins at 2, whose code and sites follow.
    fn tables(code: &[Step], sites: &[u32]) -> Tables {
        let mut tables = Tables { code: vec![Step::Call { site: 1 }, Step::End], ..Tables::default() };
        tables.code.extend_from_slice(code);
        tables.sites.extend(sites.iter().enumerate().map(|(component, entry)| Site {
            entry: *entry,
            component: component as u32,
            ..Site::default()
        }));
        tables.components = vec![crate::kernel::tables::Component::default(); sites.len()];
        tables.sources = vec![Source {
            arrivals: Arrivals::Poisson(1e9),
            batch: 1,
            entry: 0,
            name: 1,
            in_time: u64::MAX,
            ..Source::default()
        }];
        tables
    }

    fn traffic(tables: &Tables) -> Result<Traffic, Endless> {
        Traffic::new(tables, &[5.0], |_, _| 10.0)
    }

    #[test]
    fn chances_and_loops_are_weighed() {
        let code = [
            // A block that calls site 2, three times in a quarter of all cases.
            Step::Chance { share: share_bits(0.25), to: 4, site: 0 },
            Step::Return,
            Step::Jump { to: 7 },
            Step::Call { site: 2 },
            Step::Back,
            Step::Repeat { entry: 5, times: 3, site: 0 },
            Step::Return,
            Step::Compute { law: 0, site: 0 },
            Step::Return,
        ];
        let found = traffic(&tables(&code, &[2, 9])).unwrap();
        assert!((found.sites[2] - 7.5).abs() < 1e-6, "{:?}", found.sites);
        assert!((found.work[1] - 37.5).abs() < 1e-6, "{:?}", found.work);
        assert!((found.events[0] - 1.75).abs() < 1e-6, "an arrival and three computations in a quarter of all cases");
    }

    #[test]
    fn what_sends_to_itself_grows_for_ever_or_dies_out() {
        let sends = |share: f64| {
            tables(
                &[
                    Step::Chance { share: share_bits(share), to: 4, site: 0 },
                    Step::Return,
                    Step::Send { site: 1 },
                    Step::Return,
                ],
                &[2],
            )
        };
        assert_eq!(traffic(&sends(1.0)).unwrap_err(), Endless(vec![2]));
        let visits = traffic(&sends(0.9)).unwrap().visits(2);
        assert!((visits - 100.0).abs() < 1e-3, "ten for each that came: {visits}");
    }

    #[test]
    fn a_walk_that_comes_back_is_followed_to_its_end() {
        // A client asks, and asks again in nine of ten cases.
        let mut tables = tables(&[Step::Return], &[4]);
        tables.code = vec![
            Step::Call { site: 1 },
            Step::Chance { share: share_bits(0.9), to: 0, site: 0 },
            Step::End,
            Step::End,
            Step::Compute { law: 0, site: 0 },
            Step::Return,
        ];
        let found = traffic(&tables).unwrap();
        assert!((found.sites[1] - 100.0).abs() < 1e-3, "{:?}", found.sites);
    }

    #[test]
    fn a_round_of_two_is_found_whole() {
        let code = [Step::Send { site: 2 }, Step::Return, Step::Send { site: 1 }, Step::Return];
        assert_eq!(traffic(&tables(&code, &[2, 4])).unwrap_err(), Endless(vec![2, 4]));
    }
}
