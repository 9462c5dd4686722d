//! The shape of a brief's domain that no numeric constraint changes: how often one request of each entry point visits
//! each operation and each outside dependency, and which calls cross from one module to another.
//!
//! Computed once per brief. The numbers that constraints do change are put on top of it by `view`.

use groundplan_model::brief::{Answer, Brief, DataSet};
use groundplan_model::physics;
use std::collections::HashMap;

/// Visits per request, by entry point. Outer index: place in `Brief::load`.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Operations as (module, operation), the index of all columns below.
    pub ops: Vec<(usize, usize)>,
    /// Of each entry point, the operation it asks for.
    pub entry_op: Vec<Option<usize>>,
    /// `[entry][operation]`: visits per request, through calls, events and whatever follows.
    pub visits: Vec<Vec<f64>>,
    /// `[operation]`: the entry points whose requests visit it, ascending, with the visits per request.
    pub callers: Vec<Vec<(usize, f64)>>,
    /// `[module]`: its operations.
    pub module_ops: Vec<std::ops::Range<usize>>,
    /// `[set]`: the operations that read it, ascending, with how often.
    pub readers: Vec<Vec<(usize, f64)>>,
    /// `[set]`: the operations that write it, ascending, with how often.
    pub writers: Vec<Vec<(usize, f64)>>,
    /// `[operation]`: mean CPU time of one execution. Unit: seconds.
    pub work: Vec<f64>,
    /// `[set]`: the entry points whose answer waits for it, ascending.
    pub waiting: Vec<Vec<usize>>,
    /// `[entry][operation]`: visits per request that the answer waits for.
    pub needed: Vec<Vec<f64>>,
    /// `[entry][outside]`: calls per request, all.
    pub outside: Vec<Vec<f64>>,
    /// `[entry][outside]`: calls per request that the answer waits for.
    pub outside_needed: Vec<Vec<f64>>,
    /// `[entry]`: calls per request from one module to another that the answer waits for.
    pub crossings: Vec<f64>,
    /// `[entry]`: bytes asked and answered by those calls.
    pub crossing_bytes: Vec<f64>,
    /// `[entry]`: the longest chain of such calls.
    pub chain: Vec<f64>,
    /// `[entry]`: messages per request (events emitted, calls that may follow, work accepted first).
    pub messages: Vec<f64>,
    /// `[entry]`: bytes of those messages.
    pub message_bytes: Vec<f64>,
    /// `[entry]`: whether part of its work may follow the answer.
    pub may_follow: Vec<bool>,
    /// `[operation]`: indices of the data sets it reads, and how often.
    pub reads: Vec<Vec<(usize, f64)>>,
    /// `[operation]`: indices of the data sets it writes, and how often.
    pub writes: Vec<Vec<(usize, f64)>>,
    /// `[operation]`: whether it emits no event.
    pub silent: Vec<bool>,
    /// `[operation]`: modules that own the sets it must change together, without repetition.
    pub atomic_modules: Vec<Vec<usize>>,
    /// `[set]`: share of its reads that go to its most popular item; zero where its items aren't known.
    pub hottest: Vec<f64>,
    /// Light in fibre there and back between the two farthest regions with more than 1% of the users; zero with one.
    /// Unit: seconds.
    pub round_trip: f64,
}

/// What leaves an operation.
#[derive(Debug, Clone, Default)]
struct Edges {
    needed: Vec<usize>,
    follow: Vec<usize>,
    outside_needed: Vec<usize>,
    outside_follow: Vec<usize>,
}

impl Frame {
    /// The shape of a brief. References that don't resolve and cycles, which a checked brief has none of, are skipped.
    #[must_use]
    pub fn of(brief: &Brief) -> Frame {
        let mut ops = Vec::new();
        let mut index = HashMap::new();
        for (m, module) in brief.modules.iter().enumerate() {
            for (o, operation) in module.operations.iter().enumerate() {
                index.insert(format!("{}.{}", module.name.value, operation.name.value), ops.len());
                ops.push((m, o));
            }
        }
        let outside: HashMap<&str, usize> =
            brief.outside.iter().enumerate().map(|(n, item)| (item.name.value.as_str(), n)).collect();
        let sets: HashMap<&str, usize> =
            brief.data.iter().enumerate().map(|(n, item)| (item.name.value.as_str(), n)).collect();
        let modules: HashMap<&str, usize> =
            brief.modules.iter().enumerate().map(|(n, item)| (item.name.value.as_str(), n)).collect();
        let mut handlers: HashMap<&str, Vec<usize>> = HashMap::new();
        for (n, (m, o)) in ops.iter().enumerate() {
            if let Some(event) = &brief.modules[*m].operations[*o].handles {
                handlers.entry(event.value.as_str()).or_default().push(n);
            }
        }

        let mut edges = vec![Edges::default(); ops.len()];
        let (mut reads, mut writes, mut atomic_modules, mut silent) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut own_messages, mut own_bytes) = (vec![0.0; ops.len()], vec![0.0; ops.len()]);
        for (n, (m, o)) in ops.iter().enumerate() {
            let operation = &brief.modules[*m].operations[*o];
            for call in &operation.calls {
                let follows = matches!(call.answer, Answer::FollowsWithin(_));
                if let Some(to) = index.get(call.to.value.as_str()) {
                    if follows { edges[n].follow.push(*to) } else { edges[n].needed.push(*to) }
                } else if let Some(to) = outside.get(call.to.value.as_str()) {
                    if follows { edges[n].outside_follow.push(*to) } else { edges[n].outside_needed.push(*to) }
                }
                if follows {
                    own_messages[n] += 1.0;
                    own_bytes[n] += operation.request.0;
                }
            }
            for event in &operation.emits {
                own_messages[n] += 1.0;
                own_bytes[n] += operation.request.0;
                edges[n].follow.extend(handlers.get(event.value.as_str()).into_iter().flatten());
            }
            let find = |accesses: &[groundplan_model::brief::Access]| -> Vec<(usize, f64)> {
                accesses.iter().filter_map(|item| Some((*sets.get(item.to.value.as_str())?, item.times))).collect()
            };
            reads.push(find(&operation.reads));
            let written = find(&operation.writes);
            silent.push(operation.emits.is_empty());
            writes.push(written);
            let mut owners: Vec<usize> = operation
                .atomic
                .iter()
                .filter_map(|set| {
                    let owner = &brief.data[*sets.get(set.value.as_str())?].owner;
                    modules.get(owner.value.as_str()).copied()
                })
                .collect();
            owners.sort_unstable();
            owners.dedup();
            atomic_modules.push(owners);
        }

        let order = topological(&edges);
        let payload: Vec<f64> = ops
            .iter()
            .map(|(m, o)| &brief.modules[*m].operations[*o])
            .map(|operation| operation.request.0 + operation.response.0)
            .collect();
        let mut frame = Frame {
            entry_op: brief.load.iter().map(|entry| index.get(entry.operation.value.as_str()).copied()).collect(),
            module_ops: module_ops(brief),
            readers: by_set(&reads, brief.data.len()),
            writers: by_set(&writes, brief.data.len()),
            work: ops.iter().map(|(m, o)| brief.modules[*m].operations[*o].work.mean()).collect(),
            callers: vec![Vec::new(); ops.len()],
            waiting: vec![Vec::new(); brief.data.len()],
            ops,
            visits: Vec::new(),
            needed: Vec::new(),
            outside: Vec::new(),
            outside_needed: Vec::new(),
            crossings: Vec::new(),
            crossing_bytes: Vec::new(),
            chain: Vec::new(),
            messages: Vec::new(),
            message_bytes: Vec::new(),
            may_follow: Vec::new(),
            reads,
            writes,
            silent,
            atomic_modules,
            hottest: brief.data.iter().map(hottest).collect(),
            round_trip: round_trip(brief),
        };
        for (e, entry) in brief.load.iter().enumerate() {
            let accepted = entry.accepted_p99.is_some();
            frame.walk(e, &edges, &order, outside.len(), (&own_messages, &own_bytes, &payload), accepted);
        }
        frame
    }

    /// Fills the columns of one entry point, in topological order.
    fn walk(
        &mut self,
        entry: usize,
        edges: &[Edges],
        order: &[usize],
        outsides: usize,
        own: (&[f64], &[f64], &[f64]),
        accepted: bool,
    ) {
        let count = self.ops.len();
        let (mut all, mut needed, mut depth) = (vec![0.0; count], vec![0.0; count], vec![0.0f64; count]);
        let (mut out_all, mut out_needed) = (vec![0.0; outsides], vec![0.0; outsides]);
        let (mut crossings, mut crossing_bytes, mut chain, mut messages, mut bytes) = (0.0, 0.0, 0.0f64, 0.0, 0.0);
        if let Some(op) = self.entry_op[entry] {
            all[op] = 1.0;
            needed[op] = 1.0;
        }
        let mut follows = accepted;
        for &op in order {
            if all[op] == 0.0 {
                continue;
            }
            messages += all[op] * own.0[op];
            bytes += all[op] * own.1[op];
            follows |= own.0[op] > 0.0;
            for &to in &edges[op].needed {
                all[to] += all[op];
                needed[to] += needed[op];
                let crosses = if self.ops[op].0 == self.ops[to].0 { 0.0 } else { 1.0 };
                crossings += needed[op] * crosses;
                crossing_bytes += needed[op] * crosses * own.2[to];
                if needed[op] > 0.0 {
                    depth[to] = depth[to].max(depth[op] + crosses);
                    chain = chain.max(depth[to]);
                }
            }
            for &to in &edges[op].follow {
                all[to] += all[op];
            }
            for &to in &edges[op].outside_needed {
                out_all[to] += all[op];
                out_needed[to] += needed[op];
            }
            for &to in &edges[op].outside_follow {
                out_all[to] += all[op];
            }
        }
        if accepted && messages == 0.0 {
            messages = 1.0;
        }
        for (op, visits) in all.iter().enumerate().filter(|(_, visits)| **visits > 0.0) {
            self.callers[op].push((entry, *visits));
        }
        for (op, _) in needed.iter().enumerate().filter(|(_, visits)| **visits > 0.0) {
            for (set, _) in self.reads[op].iter().chain(&self.writes[op]) {
                if self.waiting[*set].last() != Some(&entry) {
                    self.waiting[*set].push(entry);
                }
            }
        }
        self.visits.push(all);
        self.needed.push(needed);
        self.outside.push(out_all);
        self.outside_needed.push(out_needed);
        self.crossings.push(crossings);
        self.crossing_bytes.push(crossing_bytes);
        self.chain.push(chain);
        self.messages.push(messages);
        self.message_bytes.push(bytes);
        self.may_follow.push(follows);
    }
}

/// The share of the most popular item: one over the generalized harmonic number of the items, whose first thousand terms
/// are added and whose rest is an integral (within 1e-6 of it).
fn hottest(set: &DataSet) -> f64 {
    let said = set.popularity.and_then(|popularity| popularity.items).or(set.items);
    let Some(items) = said.filter(|items| *items >= 1.0) else { return 0.0 };
    let exponent = set.popularity.map_or(0.0, |popularity| popularity.exponent);
    let first = items.min(1_000.0) as u32;
    let sum: f64 = (1..=first).map(|n| libm::pow(f64::from(n), -exponent)).sum();
    let (low, high) = (f64::from(first) + 0.5, items + 0.5);
    let rest = if high <= low {
        0.0
    } else if (exponent - 1.0).abs() < 1e-9 {
        libm::log(high / low)
    } else {
        (libm::pow(high, 1.0 - exponent) - libm::pow(low, 1.0 - exponent)) / (1.0 - exponent)
    };
    1.0 / (sum + rest)
}

fn round_trip(brief: &Brief) -> f64 {
    let large: Vec<&str> =
        brief.regions.iter().filter(|(_, share)| share.0 > 0.01).map(|(region, _)| region.as_str()).take(64).collect();
    let pairs = large.iter().enumerate().flat_map(|(n, a)| large[n + 1..].iter().map(move |b| (*a, *b)));
    pairs.filter_map(|(a, b)| physics::fibre_round_trip(a, b)).map(|trip| trip.0).fold(0.0, f64::max)
}

/// Of each module, its operations.
fn module_ops(brief: &Brief) -> Vec<std::ops::Range<usize>> {
    let mut next = 0;
    let mut range = |count: usize| {
        next += count;
        next - count..next
    };
    brief.modules.iter().map(|module| range(module.operations.len())).collect()
}

/// Accesses of operations, turned round: of each data set, the operations.
fn by_set(accesses: &[Vec<(usize, f64)>], sets: usize) -> Vec<Vec<(usize, f64)>> {
    let mut list = vec![Vec::new(); sets];
    for (op, accesses) in accesses.iter().enumerate() {
        for (set, times) in accesses {
            list[*set].push((op, *times));
        }
    }
    list
}

/// Callers before what they call, over calls and events alike.
fn topological(edges: &[Edges]) -> Vec<usize> {
    let next = |n: usize| edges[n].needed.iter().chain(&edges[n].follow).copied();
    let (mut seen, mut order) = (vec![false; edges.len()], Vec::with_capacity(edges.len()));
    for root in 0..edges.len() {
        // Depth first with a stack of our own, so that no brief can overflow ours.
        let mut stack = vec![(root, false)];
        while let Some((n, done)) = stack.pop() {
            if done {
                order.push(n);
            } else if !seen[n] {
                seen[n] = true;
                stack.push((n, true));
                stack.extend(next(n).filter(|to| !seen[*to]).map(|to| (to, false)));
            }
        }
    }
    order.reverse();
    order
}
