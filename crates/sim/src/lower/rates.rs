//! How often a cache is read, from the load and the steps on the way, and what share of reads it can answer.
//!
//! Che's approximation (2002): an LRU cache of C items keeps an item for a characteristic time T after its last use, the
//! same for all, with the sum over items of 1 - exp(-rate T) equal to C. With a ttl that counts from the fill an item
//! yields at most rate x ttl hits a fill. Popularity is grouped by rank: the first thousand alone, then 1% wide groups.

use super::Lowering;
use super::kinds::passed_on;
use groundplan_model::design::{Load, Operation, Step, Verb};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Arrivals;
use std::collections::BTreeMap;

/// Calls within each other that are followed.
const DEPTH: usize = 24;

/// Reads of one store in one operation, as found so far.
type Known = BTreeMap<(u32, String), f64>;

/// Which reads are counted.
#[derive(Debug, Clone, Copy)]
struct Wanted<'a> {
    /// Of this store.
    store: u32,
    /// Of edges: of this operation alone.
    only: Option<&'a str>,
}

/// What is reckoned of a cache.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    /// Share of hits.
    pub hits: f64,
    /// Reads until an item that is not asked for any more has given way (the characteristic time).
    pub time: f64,
    /// Reads per second.
    pub rate: f64,
}

/// A law by which items are asked for, with their number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// Zipf's exponent.
    pub exponent: f64,
    /// Items.
    pub items: f64,
}

impl Lowering<'_> {
    /// What a cache in front of a store can answer.
    pub(crate) fn hit_ratio(&mut self, cache: u32, store: u32) -> Found {
        let settings = &self.parts[cache as usize].component.settings;
        if let Some(share) = settings.share("hit-ratio") {
            return Found { hits: share.0, ..Found::default() };
        }
        let (Some(asked), Some(capacity)) = (self.asked_of(cache, store), settings.count("capacity")) else {
            let name = &self.parts[cache as usize].component.name;
            let diagnostic = Diagnostic::error(
                "unknown-hit-ratio",
                format!("nothing says how often `{}` has what is asked for", name.value),
            )
            .at(name.span, "")
            .help("give `capacity` and `keys: zipf(0.9 2M)`, or `hit-ratio: 90%`");
            self.tell_once(diagnostic);
            return Found::default();
        };
        let ttl = settings.duration("ttl").map(|ttl| ttl.0);
        let rate = self.reads_of(cache, None).iter().map(|(_, rate)| rate).sum();
        let (hits, time) = che(asked, capacity as f64, ttl, rate);
        Found { hits, time, rate }
    }

    /// How the items behind a cache are asked for: by its own word, the store's, or that of the load that reads most.
    pub(crate) fn asked_of(&self, cache: u32, store: u32) -> Option<Asked> {
        let said = |part: u32| self.parts[part as usize].component.settings.popularity("keys");
        let by_load = || {
            let mut loads = self.reads_of(cache, None);
            loads.retain(|(load, _)| self.design.load[*load].settings.popularity("keys").is_some());
            loads.sort_by(|one, other| other.1.total_cmp(&one.1));
            self.design.load[loads.first()?.0].settings.popularity("keys")
        };
        let popularity = said(cache).or_else(|| said(store)).or_else(by_load)?;
        let items = popularity.items.unwrap_or(1_000_000.0).max(1.0);
        Some(Asked { exponent: popularity.exponent, items })
    }

    /// Reads per second that each load brings to a store; of edges the calls of what they keep, of one operation alone where it is
    /// named.
    pub(crate) fn reads_of(&self, store: u32, only: Option<&str>) -> Vec<(usize, f64)> {
        let store = Wanted { store, only };
        let mut found = Known::new();
        let mut by_load = Vec::new();
        for (nth, load) in self.design.load.iter().enumerate() {
            let rate = match (load.users, &load.think) {
                (Some(users), Some(think)) if think.mean() > 0.0 => users as f64 / think.mean(),
                (Some(_), _) => 0.0,
                (None, _) => open(load),
            };
            let mut sum = 0.0;
            for asked in load.asked() {
                let each = match (&asked.operation, &load.route) {
                    (Some(name), _) => self.reads_by_call(store, name, 0, &mut found),
                    (None, Some(route)) => (route.visits().iter().zip(&route.stops))
                        .map(|(visits, stop)| {
                            let step = std::slice::from_ref(&stop.step);
                            visits * self.reads_by_steps(store, None, step, 0, &mut found)
                        })
                        .sum(),
                    (None, None) => self.reads_by_steps(store, None, &load.steps, 0, &mut found),
                };
                sum += rate * asked.share * each;
            }
            by_load.push((nth, sum));
        }
        by_load
    }

    fn reads_by_call(&self, store: Wanted<'_>, name: &str, depth: usize, found: &mut Known) -> f64 {
        let Some((component, operation)) = name.split_once('.') else {
            return 0.0;
        };
        let Some(part) = self.parts.iter().position(|part| part.component.name.value == component) else {
            return 0.0;
        };
        if depth >= DEPTH {
            return 0.0;
        }
        if part as u32 == store.store {
            let kept = self.parts[part].component.settings.texts("caches").iter().any(|kept| kept.value == operation);
            return f64::from(u8::from(kept && store.only.is_none_or(|only| only == operation)));
        }
        match self.operation_of(part as u32, operation) {
            Some(operation) => self.reads_by_operation(store, part as u32, operation, depth, found),
            // Of several ways each brings the same reads where they lead to the same store; the first stands for all.
            None => passed_on(self.parts[part].component, operation)
                .first()
                .map_or(0.0, |next| self.reads_by_call(store, next, depth + 1, found)),
        }
    }

    fn reads_by_operation(
        &self,
        store: Wanted<'_>,
        part: u32,
        operation: &Operation,
        depth: usize,
        found: &mut Known,
    ) -> f64 {
        let key = (part, operation.name.value.clone());
        if let Some(known) = found.get(&key) {
            return *known;
        }
        let reads = self.reads_by_steps(store, Some(part), &operation.steps, depth + 1, found);
        found.insert(key, reads);
        reads
    }

    fn reads_by_steps(
        &self,
        store: Wanted<'_>,
        part: Option<u32>,
        steps: &[Step],
        depth: usize,
        found: &mut Known,
    ) -> f64 {
        if depth >= DEPTH {
            return 0.0;
        }
        let mut sum = 0.0;
        for step in steps {
            let times = step.settings.count("times").unwrap_or(1) as f64;
            let each = match &step.verb {
                Verb::Read(name) => f64::from(u8::from(self.holder_of(&name.value) == Some(store.store))),
                Verb::Call(name) | Verb::Send(name) => self.reads_by_call(store, name, depth + 1, found),
                Verb::Local(name) => part
                    .and_then(|part| Some((part, self.operation_of(part, name)?)))
                    .map_or(0.0, |(part, operation)| self.reads_by_operation(store, part, operation, depth, found)),
                Verb::Parallel(inner) | Verb::Transaction(_, inner) => {
                    self.reads_by_steps(store, part, inner, depth + 1, found)
                }
                Verb::Repeat(times, inner) => *times as f64 * self.reads_by_steps(store, part, inner, depth + 1, found),
                Verb::Branch(branches) => branches
                    .iter()
                    .map(|(share, inner)| share.0 * self.reads_by_steps(store, part, inner, depth + 1, found))
                    .sum(),
                Verb::Publish(name) | Verb::Enqueue(name) => self.reads_by_handlers(store, name, depth, found),
                _ => 0.0,
            };
            sum += times * each;
        }
        sum
    }

    fn reads_by_handlers(&self, store: Wanted<'_>, topic: &str, depth: usize, found: &mut Known) -> f64 {
        let mut sum = 0.0;
        for (part, component) in self.design.components.iter().enumerate() {
            for operation in &component.operations {
                if operation.handles.as_ref().is_some_and(|handles| handles.value == topic) {
                    sum += self.reads_by_operation(store, part as u32, operation, depth, found);
                }
            }
        }
        sum
    }
}

/// A plain load, over which what does not go on evenly is thought to be spread. Unit: s.
const SPREAD: f64 = 600.0;

/// Requests per second of an open load, in the mean of ten minutes.
pub(crate) fn open(load: &Load) -> f64 {
    requests(load, SPREAD) / SPREAD
}

/// Requests of an open load in its first seconds, in the mean.
pub(crate) fn requests(load: &Load, seconds: f64) -> f64 {
    match load.arrivals.as_deref() {
        Some(Arrivals::At(_, count)) => f64::from(*count),
        Some(Arrivals::Steps(steps)) => (steps.iter().enumerate())
            .map(|(nth, (from, rate))| {
                let until = steps.get(nth + 1).map_or(seconds, |next| next.0.0.min(seconds));
                rate.0 * (until - from.0).max(0.0)
            })
            .sum(),
        Some(Arrivals::Ramp(from, to, over)) => {
            let rising = over.0.min(seconds);
            let reached = if over.0 > 0.0 { from.0 + (to.0 - from.0) * rising / over.0 } else { to.0 };
            rising * (from.0 + reached) / 2.0 + to.0 * (seconds - rising)
        }
        Some(Arrivals::Replay(trace)) => trace.instants.partition_point(|at| *at < seconds) as f64,
        Some(arrivals) => arrivals.mean_rate().0 * seconds,
        None => 0.0,
    }
}

/// Share of hits of an LRU cache by Che's approximation, and its characteristic time in reads (zero where all items fit).
/// Unit of `rate`: reads per second; of `ttl`: seconds.
pub(crate) fn che(asked: Asked, capacity: f64, ttl: Option<f64>, rate: f64) -> (f64, f64) {
    let items = asked.items;
    if capacity <= 0.0 {
        return (0.0, 0.0);
    }
    // Groups of ranks: how many, and the weight of one.
    let mut groups: Vec<(f64, f64)> = Vec::new();
    let mut rank = 1.0;
    while rank <= items {
        let count = if rank < 1000.0 { 1.0 } else { libm::floor(rank * 0.01) }.min(items - rank + 1.0);
        let middle = rank + (count - 1.0) / 2.0;
        groups.push((count, libm::pow(middle, -asked.exponent)));
        rank += count;
    }
    let total: f64 = groups.iter().map(|(count, weight)| count * weight).sum();
    // Time is counted in reads, so that the rate is one.
    for group in &mut groups {
        group.1 /= total;
    }
    let held = |time: f64| -> f64 { groups.iter().map(|(count, p)| count * (1.0 - libm::exp(-p * time))).sum() };
    let keeps_all = capacity >= items;
    let mut time = capacity;
    if !keeps_all {
        let (mut low, mut high) = (0.0, capacity);
        while held(high) < capacity && high < 1e18 {
            high *= 2.0;
        }
        for _ in 0..60 {
            time = (low + high) / 2.0;
            if held(time) < capacity { low = time } else { high = time }
        }
    }
    let hits = groups
        .iter()
        .map(|(count, p)| {
            let by_capacity = if keeps_all { f64::INFINITY } else { libm::expm1(p * time) };
            let by_age = ttl.map_or(f64::INFINITY, |ttl| p * rate * ttl);
            let hits = by_capacity.min(by_age);
            count * p * if hits.is_finite() { hits / (1.0 + hits) } else { 1.0 }
        })
        .sum();
    (hits, if keeps_all { 0.0 } else { time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(exponent: f64, items: f64, capacity: f64, expected: f64) {
        let (found, _) = che(Asked { exponent, items }, capacity, None, 1.0);
        assert!((found - expected).abs() < 0.01, "zipf({exponent} {items}), {capacity}: {found} against {expected}");
    }

    #[test]
    fn a_uniform_popularity_hits_by_its_share() {
        check(0.0, 10_000.0, 2_500.0, 0.25);
        check(0.0, 100.0, 100.0, 1.0);
        check(0.0, 100.0, 500.0, 1.0);
    }

    /// An exact LRU, simulated draw by draw, has the share of hits that the approximation says.
    #[test]
    fn it_agrees_with_an_exact_lru() {
        use crate::kernel::draws::{Stream, Words as _};
        let (items, capacity, exponent) = (2_000usize, 200usize, 0.9);
        let mut sums = Vec::new();
        let mut sum = 0.0;
        for rank in 1..=items {
            sum += libm::pow(rank as f64, -exponent);
            sums.push(sum);
        }
        let mut stream = Stream::new(7, 0, 0);
        // Least recently used first.
        let mut held: std::collections::VecDeque<usize> = std::collections::VecDeque::new();
        let (mut hits, mut reads) = (0u32, 0u32);
        for nth in 0..60_000 {
            let at = stream.unit() * sum;
            let item = sums.partition_point(|upto| *upto < at);
            let hit = held.iter().position(|known| *known == item);
            if let Some(place) = hit {
                held.remove(place);
            } else if held.len() == capacity {
                held.pop_front();
            }
            held.push_back(item);
            if nth >= 10_000 {
                reads += 1;
                hits += u32::from(hit.is_some());
            }
        }
        let exact = f64::from(hits) / f64::from(reads);
        check(exponent, items as f64, capacity as f64, exact);
    }

    /// Validation item 55: published values of the approximation, with its characteristic time.
    #[test]
    fn it_has_its_published_values() {
        for (items, exponent, capacity, hits, time) in [
            (1e4, 0.8, 100.0, 0.156_625, 110.791),
            (1e4, 0.8, 1000.0, 0.436_660, 1472.48),
            (1e5, 1.0, 1000.0, 0.506_170, 1735.53),
            (1e6, 1.0, 1e4, 0.585_138, 20_649.7),
            (100.0, 1.0, 20.0, 0.567_938, 30.0),
        ] {
            let (found, within) = che(Asked { exponent, items }, capacity, None, 1.0);
            assert!((found - hits).abs() < 2e-5, "zipf({exponent} {items}), {capacity}: {found} against {hits}");
            assert!(items < 1e3 || (within / time - 1.0).abs() < 1e-4, "{within} against {time}");
        }
    }

    #[test]
    fn a_short_life_costs_hits() {
        let asked = Asked { exponent: 0.9, items: 1e6 };
        let (long, _) = che(asked, 1e5, Some(1e6), 100.0);
        let (short, _) = che(asked, 1e5, Some(10.0), 100.0);
        assert!(short < long / 2.0, "{short} against {long}");
    }
}
