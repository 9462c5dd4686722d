//! What caches of any kind have in common: their words, what is wrong with them, and the rows of the machine that follows them.
//!
//! A cache is followed item by item where its items are known (by `keys` and `capacity`, or by `hit-ratio` and `capacity`)
//! and all caches together hold at most four million. Else its share of hits is what `hit-ratio` says, or Che's approximation.

use super::kinds::count_or;
use super::{Lowering, draws, nanoseconds, rates};
use crate::kernel::contents::{Lives, Reads};
use crate::kernel::machines::caches::{Start, Unit};
use crate::kernel::popularity::Popularity;
use crate::kernel::shelf::Eviction;
use crate::kernel::tables::{Algorithm, Balancer, NONE, share_bits};
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::value::Settings;
use groundplan_model::vocabulary::{Key, Shape};
use std::collections::BTreeMap;

/// Most items that are followed in one run, over all caches and their replicas.
const FOLLOWED: u64 = 4_000_000;
/// Points of a replica on the ring by which replicas share rows.
const POINTS: u32 = 100;

/// Items it holds.
pub(crate) const CAPACITY: Key = Key::optional(
    "capacity",
    Shape::Count,
    "Items it holds: all replicas together, or each where each holds all it is asked for.",
);
/// How they are asked for.
pub(crate) const KEYS: Key = Key::optional(
    "keys",
    Shape::Popularity,
    "How often each item is asked for; that of the store where it is missing, else that of the load.",
);
/// A given share of hits.
pub(crate) const HIT_RATIO: Key = Key::optional(
    "hit-ratio",
    Shape::Share,
    "Share of hits, instead of following items. With `capacity` that share of the reads asks for so many items, all alike, which an empty cache has to read again.",
);
/// Who gives way.
pub(crate) const EVICTION: Key = Key::default(
    "eviction",
    Shape::Word(&["lru", "fifo"]),
    "lru",
    "What gives way when it is full: the least recently used, or the first that came.",
);
/// How long items live.
pub(crate) const TTL: Key =
    Key::optional("ttl", Shape::Duration, "How long an item may be used; for ever where it is missing.");
/// From when.
pub(crate) const TTL_RESET: Key = Key::default(
    "ttl-reset",
    Shape::Word(&["on-miss", "on-hit"]),
    "on-miss",
    "From when `ttl` counts: from the fill, or from the last use.",
);
/// How lives differ.
pub(crate) const TTL_JITTER: Key = Key::optional(
    "ttl-jitter",
    Shape::Share,
    "Each item lives up to this share longer or shorter, so that what was filled at once does not expire at once.",
);
/// Refreshes before the end.
pub(crate) const EARLY_REFRESH: Key = Key::optional(
    "early-refresh",
    Shape::Number,
    "A read refreshes an item before it expires, by chance: the nearer the end and the longer a fetch takes, the likelier (XFetch). 1 as published; more is earlier. The read itself is answered at once.",
);
/// Use beyond the end.
pub(crate) const SERVE_STALE: Key = Key::optional(
    "serve-stale",
    Shape::Duration,
    "So long after its `ttl` an item is still served, while one read refreshes it behind its answer, and when that fails.",
);
/// Fetches shared.
pub(crate) const SINGLE_FLIGHT: Key = Key::default(
    "single-flight",
    Shape::Flag,
    "no",
    "Whether those who miss an item that is being fetched wait for it and share its result or failure (request coalescing).",
);
/// Late fetches.
pub(crate) const FILL: Key = Key::default(
    "fill",
    Shape::Word(&["in-time", "always"]),
    "in-time",
    "Whether only what somebody still waits for is filled in: `in-time` leaves out what comes after a timeout on the way.",
);
/// The first content.
pub(crate) const START: Key = Key::default(
    "start",
    Shape::Word(&["steady", "empty"]),
    "steady",
    "Whether a run begins with what the cache holds in its steady state, or with nothing.",
);
/// What replicas hold.
pub(crate) const EACH_HOLDS: Key = Key::default(
    "each-replica-holds",
    Shape::Word(&["share", "all"]),
    "share",
    "Whether each replica holds a share of the items, by a hash of the row that callers know, or each all that it is asked for.",
);

/// What is known of caches while a design is lowered.
#[derive(Debug, Default)]
pub(crate) struct Caching {
    /// Rows of the machine by component; none where it is not followed.
    units: BTreeMap<u32, Option<u32>>,
    /// Items followed so far.
    followed: u64,
}

/// What a cache can answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Memory {
    /// It is followed: its row of the machine.
    Followed(u32),
    /// It hits by chance: the share of misses.
    Chance(f64),
}

impl Lowering<'_> {
    /// Whether rows of a cache are shared out among its replicas.
    pub(crate) fn shares_rows(&self, part: u32) -> bool {
        let component = self.parts[part as usize].component;
        component.kind.value == "cache" && component.settings.text("each-replica-holds") != Some("all")
    }

    /// How calls find the replica of a cache that has their row.
    pub(crate) fn by_row() -> Balancer {
        Balancer { algorithm: Algorithm::ByRow { first: 0, count: POINTS }, ..Balancer::default() }
    }

    /// Whether one fetch serves all who miss: what edges do unless they say otherwise.
    fn flies_alone(&self, part: u32) -> bool {
        let component = self.parts[part as usize].component;
        component.settings.flag("single-flight").unwrap_or(component.kind.value == "cdn")
    }

    /// The words that a cache counts.
    pub(crate) fn kept_by_cache(&self, part: u32) -> u64 {
        let settings = &self.parts[part as usize].component.settings;
        let mut keeps = Word::Evictions.bit() | Word::Stampede.bit();
        let when = |key: &str, word: Word| if settings.get(key).is_some() { word.bit() } else { 0 };
        keeps |= when("ttl", Word::Expired) | when("serve-stale", Word::StaleServed);
        keeps |= when("serve-stale", Word::Refreshes) | when("early-refresh", Word::Refreshes);
        if self.flies_alone(part) {
            keeps |= Word::Coalesced.bit();
        }
        if settings.text("writes") == Some("behind") {
            keeps |= Word::FlushLag.bit() | Word::LostAge.bit();
        }
        keeps
    }

    /// What is wrong with the words of a cache.
    pub(crate) fn check_cache(&mut self, part: u32) {
        let component = self.parts[part as usize].component;
        let settings = &component.settings;
        let mut found = Vec::new();
        let mut error = |code, headline: String, key: &str, label: &str, help: &str| {
            found.push(Diagnostic::error(code, headline).at(settings.span(key), label.to_string()).help(help));
        };
        if settings.count("capacity") == Some(0) {
            error(
                "out-of-range",
                "a cache with a `capacity` of 0 holds nothing".into(),
                "capacity",
                "holds nothing",
                "write how many items it holds, as `capacity: 200k`, or take the cache away",
            );
        }
        if settings.duration("ttl").is_some_and(|ttl| ttl.0 <= 0.0) {
            error(
                "out-of-range",
                "with a `ttl` of zero every item has expired when it comes".into(),
                "ttl",
                "never a hit",
                "write how long an item may be used, as `ttl: 10min`, or leave `ttl` out",
            );
        }
        if settings.share("ttl-jitter").is_some_and(|share| share.0 > 1.0) {
            error(
                "out-of-range",
                "lives can't be shorter by more than all of them".into(),
                "ttl-jitter",
                "more than 100%",
                "write at most `ttl-jitter: 100%`",
            );
        }
        if settings.number("early-refresh").is_some_and(|factor| factor <= 0.0 || !factor.is_finite()) {
            error(
                "out-of-range",
                "an `early-refresh` of nothing refreshes nothing".into(),
                "early-refresh",
                "not above 0",
                "write `early-refresh: 1`, or leave it out",
            );
        }
        if settings.popularity("keys").and_then(|keys| keys.items).is_some_and(|items| items < 1.0) {
            error(
                "out-of-range",
                "`keys` are asked for, and there are none".into(),
                "keys",
                "over no keys",
                "write how many there are, as `keys: zipf(0.9 2M)`",
            );
        }
        for key in ["ttl-jitter", "early-refresh", "serve-stale"] {
            if settings.get(key).is_some() && settings.get("ttl").is_none() {
                error(
                    "idle-key",
                    format!("`{key}` says nothing where items never expire"),
                    key,
                    "without a `ttl`",
                    "write how long an item may be used, as `ttl: 10min`",
                );
            }
        }
        for key in ["ttl", "keys"] {
            if settings.get(key).is_some() && settings.get("hit-ratio").is_some() {
                error(
                    "idle-key",
                    format!("`{key}` says nothing where `hit-ratio` is given"),
                    key,
                    "beside `hit-ratio`",
                    "leave one of them out",
                );
            }
        }
        self.diagnostics.append(&mut found);
    }

    /// What a cache in front of a store holds. `sets`: the data sets whose items it holds, with the rate at which they are
    /// read; `store`: the component that a miss asks.
    pub(crate) fn memory(&mut self, part: u32, sets: &[(String, f64)], store: u32) -> Memory {
        if let Some(known) = self.caching.units.get(&part) {
            return match known {
                Some(unit) => Memory::Followed(*unit),
                None => Memory::Chance(1.0 - self.hit_ratio(part, store).hits),
            };
        }
        let settings = &self.parts[part as usize].component.settings;
        let (first, count) = (self.parts[part as usize].first, self.parts[part as usize].count);
        let fixed = settings.share("hit-ratio").map(|share| share.0);
        let Some(capacity) = settings.count("capacity").filter(|capacity| *capacity > 0) else {
            self.caching.units.insert(part, None);
            return Memory::Chance(1.0 - self.hit_ratio(part, store).hits);
        };
        let shared = self.shares_rows(part);
        let lives = Lives {
            ttl: settings.duration("ttl").map_or(u64::MAX, |ttl| nanoseconds(ttl).max(1)),
            slides: settings.text("ttl-reset") == Some("on-hit"),
        };
        let mut unit = Unit {
            component: part,
            first,
            count,
            capacity: 0,
            eviction: if settings.text("eviction") == Some("fifo") { Eviction::Fifo } else { Eviction::Lru },
            lives,
            jitter: settings.share("ttl-jitter").map_or(0.0, |share| share.0.clamp(0.0, 1.0)),
            stale: settings.duration("serve-stale").map_or(0, nanoseconds),
            early: settings.number("early-refresh").unwrap_or(0.0).max(0.0),
            single_flight: self.flies_alone(part),
            in_time: settings.text("fill") != Some("always"),
            refresh: NONE,
            miss: 0,
            fixed: fixed.is_some(),
            start: None,
            behind: None,
        };
        let empty = settings.text("start") == Some("empty");
        let mut found = self.hit_ratio(part, store);
        let of_sets = sets.len().max(1) as f64;
        if let Some(asked) = self.asked_of(part, store).filter(|_| of_sets > 1.0 && fixed.is_none()) {
            // Data sets share the room, about evenly.
            let ttl = (unit.lives.ttl != u64::MAX).then_some(unit.lives.ttl as f64 / 1e9);
            let (hits, time) = rates::che(asked, capacity as f64 / of_sets, ttl, found.rate / of_sets);
            (found.hits, found.time) = (hits, time * of_sets);
        }
        unit.miss = share_bits(1.0 - found.hits);
        let asked = self.asked_of(part, store);
        // More than there are to hold take no room.
        let most = match asked {
            Some(asked) if !unit.fixed => asked.items * sets.len() as f64,
            _ => f64::INFINITY,
        };
        let each = if shared { capacity.div_ceil(u64::from(count)) } else { capacity };
        let each = (each as f64).min(most.max(1.0)) as u64;
        let items = each.saturating_mul(u64::from(count));
        if self.caching.followed.saturating_add(items) > FOLLOWED {
            self.caching.units.insert(part, None);
            self.say_approximated(part, items);
            return Memory::Chance(1.0 - found.hits);
        }
        self.caching.followed += items;
        unit.capacity = each.max(1) as u32;
        if !empty && (unit.fixed || asked.is_some()) {
            unit.start = Some(Start { reads: None, ring: None, draws: 0.0, shared: Default::default() });
            if let (false, Some(asked), Some(start)) = (unit.fixed, asked, &mut unit.start) {
                let law = Popularity::new(asked.exponent, asked.items.max(1.0) as u64, "data key");
                let rates = sets.iter().map(|(_, rate)| rate.max(1e-9)).sum::<f64>();
                let mut upto = 0.0;
                let spaces = sets.iter().map(|(name, rate)| {
                    upto += rate.max(1e-9) / rates;
                    (upto, draws::site(&self.data_set(part, name)) & 0x00FF_FFFF)
                });
                let spaces = spaces.collect();
                let rate = found.rate / 1e9 / if shared { 1.0 } else { f64::from(count) };
                let read = self.parts[store as usize].component.settings.dist("read-time");
                let took = (read.map_or(0.003, groundplan_model::quantity::Dist::mean) * 1e9) as u64;
                start.reads = Some(Reads { popularity: law, spaces, rate, took, most: (3.0 * found.time) as u64 });
                start.draws = found.time * if shared { 1.0 } else { f64::from(count) };
                if shared && count > 1 {
                    let name = self.parts[part as usize].component.name.value.clone();
                    if let Algorithm::ConsistentHash { first, count } = self.ring(&name, count, POINTS) {
                        start.ring = Some((first, count));
                    }
                }
            }
        }
        let units = &mut self.tables.machines.caches.units;
        units.push(unit);
        let nth = units.len() as u32 - 1;
        self.caching.units.insert(part, Some(nth));
        Memory::Followed(nth)
    }

    fn say_approximated(&mut self, part: u32, items: u64) {
        let component = self.parts[part as usize].component;
        let name = &component.name.value;
        self.diagnostics.push(
            Diagnostic::warning(
                "approximated",
                format!("`{name}` is too large to be followed item by item: its share of hits is approximated"),
            )
            .at(component.settings.span("capacity"), format!("{items} items, over all replicas"))
            .note(format!("all caches together are followed up to {FOLLOWED} items; beyond, Che's approximation at the rate of the load"))
            .help("a flush or a restart does not empty it; scale keys and capacity down together to follow it"),
        );
    }

    /// Whether a component has a cache that can be emptied.
    pub(crate) fn can_be_emptied(&self, part: u32) -> bool {
        self.tables.machines.caches.units.iter().any(|unit| unit.component == part)
    }
}

/// Rows that a batch stores, and how long it waits for them.
pub(crate) fn batches(settings: &Settings) -> (u32, u64) {
    let batch = count_or(settings, "store-batch", 100).clamp(1, 1_000_000) as u32;
    let every = settings.duration("store-every").map_or(1_000_000_000, nanoseconds).max(1);
    (batch, every)
}
