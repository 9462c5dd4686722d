//! Caches followed item by item: what each replica holds, who fetches what, who waits for whom, what expires.
//!
//! A look-up goes on at a hit and elsewhere at a miss. Whoever misses fetches and fills; with single flight those who miss
//! the same item meanwhile wait for that fetch and share its result or its failure. A refresh answers first and fetches
//! then. Nothing is swept: what has expired is found so. A look-up takes some tens of ns, a miss as much again. Writes that
//! are stored later stand in `behind`. Left out: a fetch that was under way when its item was written fills what it has read.

use super::behind::Behind;
use super::{Machine, Operand, Which};
use crate::kernel::contents::{Lives, Reads};
use crate::kernel::draws::{Keyed, Stream, Words as _, derive};
use crate::kernel::engine::{Engine, Plan, chance};
use crate::kernel::frames::{Frame, Health};
use crate::kernel::shelf::{Eviction, Index, Life, Shelf};
use crate::kernel::tables::{NONE, Point, Tables};
use crate::record::{Count, Ending};
use std::sync::{Arc, OnceLock};

/// Sites of draws.
const EARLY: u32 = 0xEA41_1E57;
const JITTER: u32 = 0x7177_E4ED;
const HOT: u32 = 0x4077_17E4;
/// The stream of what a cache holds at first.
const CONTENTS: u32 = 0x0C0A_7E00;

/// Rows: one for each cache that is followed, whatever it stands in front of.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The caches.
    pub units: Vec<Unit>,
    /// By experiment: whether it begins with empty caches.
    pub empty: Vec<bool>,
}

/// One cache: a shelf for each replica of the component that has it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The component under which it is counted.
    pub component: u32,
    /// First replica that has a shelf.
    pub first: u32,
    /// Number of these.
    pub count: u32,
    /// Items of one shelf.
    pub capacity: u32,
    /// Who gives way.
    pub eviction: Eviction,
    /// How long items live.
    pub lives: Lives,
    /// A life is up to this share shorter or longer.
    pub jitter: f64,
    /// How long an expired item may be used while it is refreshed. Unit: ns.
    pub stale: u64,
    /// Factor of early refreshes; zero for none.
    pub early: f64,
    /// Whether those who miss what is being fetched wait for it.
    pub single_flight: bool,
    /// Whether only what somebody still waits for is filled in.
    pub in_time: bool,
    /// Where a refresh begins.
    pub refresh: u32,
    /// Expected share of misses, in units of 2^-32; with `fixed` the share of reads that no item of it answers.
    pub miss: u32,
    /// Whether the share of hits is given: reads that can hit ask for all its items alike.
    pub fixed: bool,
    /// What it holds at first, and how many draws it takes to say so; none where it holds nothing.
    pub start: Option<Start>,
    /// Writes that are stored later.
    pub behind: Option<super::behind::Rule>,
}

/// What a cache holds at first.
#[derive(Debug, Clone)]
pub struct Start {
    /// How it is read; none where `fixed` items fill it.
    pub reads: Option<Reads>,
    /// Ring by which replicas share the rows: its first point and their number. None where each has all it is asked for.
    pub ring: Option<(u32, u32)>,
    /// Draws that it takes, about.
    pub draws: f64,
    /// Many draws are made once for all replications.
    pub shared: Arc<OnceLock<Vec<Shelf>>>,
}

/// Draws up to which each replication makes its own.
const OWN: f64 = 30_000.0;

impl Unit {
    /// Its shelves with nothing in them.
    fn shelves(&self) -> Vec<Shelf> {
        let expires = self.lives.ttl != u64::MAX;
        (0..self.count).map(|_| Shelf::new(self.capacity, self.eviction, expires)).collect()
    }

    fn start(&self, start: &Start, ring: &[Point], mut stream: Stream) -> Vec<Shelf> {
        let mut shelves = self.shelves();
        let Some(reads) = &start.reads else {
            for shelf in &mut shelves {
                for key in 1..=u64::from(self.capacity) {
                    shelf.put_last(key);
                }
            }
            return shelves;
        };
        if ring.is_empty() {
            for shelf in &mut shelves {
                reads.fill(std::slice::from_mut(shelf), self.eviction, self.lives, |_| 0, &mut stream);
            }
        } else {
            let home = |row: u64| crate::kernel::balance::on_ring(ring, row) as usize;
            reads.fill(&mut shelves, self.eviction, self.lives, home, &mut stream);
        }
        shelves
    }
}

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// Looks for the row of the access: goes on at a hit, to `to` at a miss. `unit`: the cache; `site`: of its own draws.
    Look,
    /// A refresh begins to fetch.
    Fetch,
    /// What was fetched is filled in.
    Fill,
    /// A row was written to the store: what is held of it is dropped.
    Forget,
    /// A row was written to the store: it is held as it is now.
    Put,
    /// A row is written here and stored later.
    Keep,
    /// Rows that were written here have been stored.
    Stored,
}

/// What it does by itself.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {
    /// Rows that were written are to be stored now.
    Store {
        /// Of which shelf.
        shelf: u32,
    },
}

/// What a frame has to do with a cache.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    part: Part,
    /// Since when. Unit: ns.
    since: u64,
    /// Neighbours among those who wait.
    next: u32,
    prev: u32,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Nothing,
    Fetches { flight: u32 },
    Waits { flight: u32 },
    Stores { shelf: u32 },
}

const NO_LINK: Link = Link { part: Part::Nothing, since: 0, next: NONE, prev: NONE };

/// An item that is being fetched.
#[derive(Debug, Clone, Copy)]
struct Flight {
    key: u64,
    shelf: u32,
    /// Fetches under way.
    out: u32,
    /// First of those who wait; in a free place the next of these.
    first: u32,
}

/// What one replica keeps.
#[derive(Debug)]
struct Held {
    shelf: Shelf,
    flights: Index,
    flying: usize,
    behind: Behind,
}

/// All caches of a run.
#[derive(Debug)]
pub struct Caches {
    held: Vec<Held>,
    /// First shelf of each unit, and the unit of each shelf.
    first: Vec<u32>,
    unit_of: Vec<u32>,
    flights: Vec<Flight>,
    free: u32,
    /// By frame; grown when one has to do with a cache.
    links: Vec<Link>,
}

impl Caches {
    fn link(&mut self, f: u32) -> &mut Link {
        if self.links.len() <= f as usize {
            self.links.resize(f as usize + 1, NO_LINK);
        }
        &mut self.links[f as usize]
    }

    /// What waits to be stored at a shelf.
    pub(super) fn behind(&mut self, shelf: u32) -> &mut Behind {
        &mut self.held[shelf as usize].behind
    }

    /// The unit of a shelf, and the replica that has it.
    pub(super) fn owner<'t>(&self, tables: &'t Tables, shelf: u32) -> (&'t Unit, u32) {
        let nth = self.unit_of[shelf as usize];
        let unit = &tables.machines.caches.units[nth as usize];
        (unit, unit.first + (shelf - self.first[nth as usize]))
    }

    /// A frame stores a batch of a shelf.
    pub(super) fn stores(&mut self, f: u32, shelf: u32) {
        *self.link(f) = Link { part: Part::Stores { shelf }, ..NO_LINK };
    }

    fn flight_of(&self, shelf: u32, key: u64) -> Option<u32> {
        self.held[shelf as usize].flights.find(key, |flight| self.flights[flight as usize].key)
    }

    /// One more fetch of an item. Says whether it is the first under way.
    fn fetch(&mut self, f: u32, shelf: u32, key: u64, now: u64) -> bool {
        let known = self.flight_of(shelf, key);
        let flight = match known {
            Some(flight) => flight,
            None => {
                let flight = self.take_off(shelf, key);
                let held = &mut self.held[shelf as usize];
                held.flying += 1;
                if held.flying > held.flights.room() {
                    let mut wider = Index::new(2 * held.flying);
                    for (nth, other) in self.flights.iter().enumerate() {
                        if other.shelf == shelf && nth as u32 != flight {
                            wider.add(other.key, nth as u32);
                        }
                    }
                    held.flights = wider;
                }
                held.flights.add(key, flight);
                flight
            }
        };
        self.flights[flight as usize].out += 1;
        *self.link(f) = Link { part: Part::Fetches { flight }, since: now, ..NO_LINK };
        known.is_none()
    }

    fn take_off(&mut self, shelf: u32, key: u64) -> u32 {
        let flight = Flight { key, shelf, out: 0, first: NONE };
        match self.flights.get_mut(self.free as usize) {
            Some(place) => {
                let at = std::mem::replace(&mut self.free, place.first);
                *place = flight;
                at
            }
            None => {
                self.flights.push(flight);
                self.flights.len() as u32 - 1
            }
        }
    }

    /// A fetch is over. Returns the first of those who waited for it.
    fn land(&mut self, flight: u32) -> u32 {
        let row = &mut self.flights[flight as usize];
        row.out -= 1;
        let waiters = std::mem::replace(&mut row.first, NONE);
        if row.out == 0 {
            let Flight { key, shelf, .. } = *row;
            let held = &mut self.held[shelf as usize];
            held.flights.remove(key, flight, |flight| self.flights[flight as usize].key);
            held.flying -= 1;
            let row = &mut self.flights[flight as usize];
            (row.shelf, row.first) = (NONE, std::mem::replace(&mut self.free, flight));
        }
        waiters
    }

    fn wait(&mut self, f: u32, flight: u32, now: u64) {
        let first = std::mem::replace(&mut self.flights[flight as usize].first, f);
        *self.link(f) = Link { part: Part::Waits { flight }, since: now, next: first, prev: NONE };
        if first != NONE {
            self.links[first as usize].prev = f;
        }
    }

    fn wait_no_more(&mut self, flight: u32, link: Link) {
        match self.links.get_mut(link.prev as usize) {
            Some(before) => before.next = link.next,
            None => self.flights[flight as usize].first = link.next,
        }
        if let Some(after) = self.links.get_mut(link.next as usize) {
            after.prev = link.prev;
        }
    }

    /// A shelf has lost all it held, and nobody fetches for it any more.
    fn lose_shelf(&mut self, shelf: u32) {
        self.held[shelf as usize].shelf.clear();
        for link in &mut self.links {
            let of = match link.part {
                Part::Fetches { flight } | Part::Waits { flight } => self.flights[flight as usize].shelf,
                Part::Stores { shelf } => shelf,
                Part::Nothing => continue,
            };
            if of == shelf {
                *link = NO_LINK;
            }
        }
        for nth in 0..self.flights.len() as u32 {
            let row = &mut self.flights[nth as usize];
            if row.shelf == shelf {
                *row = Flight { key: 0, shelf: NONE, out: 0, first: std::mem::replace(&mut self.free, nth) };
            }
        }
        let held = &mut self.held[shelf as usize];
        held.flights.clear();
        held.flying = 0;
    }
}

impl Machine for Caches {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, plan: &Plan) -> Caches {
        let rows = &tables.machines.caches;
        let empty = plan.experiment.and_then(|id| rows.empty.get(id)).copied().unwrap_or(false);
        let (mut held, mut first, mut unit_of) = (Vec::new(), Vec::new(), Vec::new());
        for (nth, unit) in rows.units.iter().enumerate() {
            let shelves = match unit.start.as_ref().filter(|_| !empty) {
                None => unit.shelves(),
                Some(start) => {
                    let ring = start.ring.map_or(&[][..], |(first, count)| {
                        &tables.rings[first as usize..(first + count) as usize]
                    });
                    let site = CONTENTS | nth as u32;
                    if start.draws <= OWN {
                        unit.start(start, ring, Stream::new(plan.seed, plan.replication, site))
                    } else {
                        start.shared.get_or_init(|| unit.start(start, ring, Stream::new(0, 0, site))).clone()
                    }
                }
            };
            first.push(held.len() as u32);
            for shelf in shelves {
                unit_of.push(nth as u32);
                held.push(Held { shelf, flights: Index::new(4), flying: 0, behind: Behind::default() });
            }
        }
        Caches { held, first, unit_of, flights: Vec::new(), free: NONE, links: Vec::new() }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        match act {
            Act::Look => engine.look_up(f, at),
            Act::Fetch => {
                let (shelf, key) = engine.wanted(f, at);
                if let Some(key) = key {
                    engine.fetch_item(f, at.unit, shelf, key, false);
                }
                f
            }
            Act::Fill => {
                engine.fill(f, at);
                f
            }
            Act::Forget => {
                let (shelf, key) = engine.wanted(f, at);
                let shelf = &mut engine.machines.caches.held[shelf as usize].shelf;
                if let Some(place) = key.and_then(|key| shelf.find(key)) {
                    shelf.remove(place);
                }
                f
            }
            Act::Put => {
                let (shelf, key) = engine.wanted(f, at);
                if let Some(key) = key {
                    engine.put_item(f, at.unit, shelf, key, None);
                }
                f
            }
            Act::Keep => {
                let (shelf, key) = engine.wanted(f, at);
                if let Some(key) = key {
                    engine.put_item(f, at.unit, shelf, key, None);
                }
                engine.keep_write(f, at.unit, shelf);
                f
            }
            Act::Stored => {
                if let Part::Stores { shelf } = engine.take_link(f).part {
                    engine.stored(shelf);
                }
                f
            }
        }
    }

    fn due(engine: &mut Engine<'_>, alarm: Alarm) {
        let Alarm::Store { shelf } = alarm;
        engine.store_due(shelf);
    }

    fn down(engine: &mut Engine<'_>, replica: u32, _: Health) {
        for (nth, unit) in engine.tables.machines.caches.units.iter().enumerate() {
            let own = replica.wrapping_sub(unit.first);
            if own < unit.count {
                let shelf = engine.machines.caches.first[nth] + own;
                engine.lose_writes(shelf);
                engine.machines.caches.lose_shelf(shelf);
            }
        }
    }

    fn lose(engine: &mut Engine<'_>, f: u32) {
        let link = engine.take_link(f);
        match link.part {
            Part::Nothing => {}
            Part::Fetches { flight } => {
                let waiters = engine.machines.caches.land(flight);
                engine.tell_waiters(waiters, Ending::Error);
            }
            Part::Waits { flight } => engine.machines.caches.wait_no_more(flight, link),
            Part::Stores { shelf } => engine.not_stored(shelf),
        }
    }
}

impl Engine<'_> {
    /// The shelf that a frame looks at, and under which key its row stands there; none for what is never held.
    fn wanted(&self, f: u32, at: Operand) -> (u32, Option<u64>) {
        let unit = &self.tables.machines.caches.units[at.unit as usize];
        let frame = &self.frames[f as usize];
        let shelf = self.machines.caches.first[at.unit as usize] + (frame.replica - unit.first);
        if !unit.fixed {
            return (shelf, Some(self.cold[f as usize].row));
        }
        let hot = !chance(frame.key, at.site, unit.miss);
        let nth = Keyed::new(derive(frame.key, at.site, 1), HOT).word() >> 32;
        (shelf, hot.then_some(1 + ((nth * u64::from(unit.capacity)) >> 32)))
    }

    fn take_link(&mut self, f: u32) -> Link {
        self.unhold(f, Which::Caches);
        self.machines.caches.links.get_mut(f as usize).map_or(NO_LINK, |link| std::mem::replace(link, NO_LINK))
    }

    /// Looks for an item. Returns the frame that goes on.
    fn look_up(&mut self, f: u32, at: Operand) -> u32 {
        let (shelf, key) = self.wanted(f, at);
        let (now, tables) = (self.now, self.tables);
        let unit = &tables.machines.caches.units[at.unit as usize];
        let Some(key) = key else {
            return self.missed(f, at);
        };
        let held = &mut self.machines.caches.held[shelf as usize];
        let place = held.shelf.find(key);
        let mut expired = false;
        if let Some(place) = place {
            let life = held.shelf.life(place);
            let fresh = life.until > now;
            if fresh || life.until.saturating_add(unit.stale) > now {
                held.shelf.touch(place);
                if fresh && unit.lives.slides {
                    held.shelf.live(place, Life { until: now.saturating_add(unit.lives.ttl), ..life });
                }
                self.watch.components[unit.component as usize].hits += 1;
                let refreshes = if fresh {
                    unit.early > 0.0 && self.early(f, unit, life)
                } else {
                    self.watch.tally(unit.component, Count::StaleHits, 1);
                    true
                };
                if unit.stale > 0 {
                    self.watch.tally(unit.component, Count::Looks, 1);
                }
                let together = fresh && !unit.single_flight;
                if refreshes && (together || self.machines.caches.flight_of(shelf, key).is_none()) {
                    self.watch.tally(unit.component, Count::Refreshes, 1);
                    self.frames[f as usize].pc = unit.refresh;
                }
                return f;
            }
            expired = true;
        }
        if unit.behind.is_some() && held.behind.has(key) {
            // It waits to be stored: whoever asks has it from there.
            self.watch.components[unit.component as usize].hits += 1;
            return f;
        }
        if unit.stale > 0 {
            self.watch.tally(unit.component, Count::Looks, 1);
        }
        if unit.single_flight
            && let Some(flight) = self.machines.caches.flight_of(shelf, key)
        {
            self.watch.components[unit.component as usize].misses += 1;
            self.watch.tally(unit.component, Count::Misses, 1);
            self.watch.tally(unit.component, Count::Coalesced, 1);
            self.machines.caches.wait(f, flight, now);
            self.hold(f, Which::Caches);
            return self.park(f);
        }
        self.fetch_item(f, at.unit, shelf, key, expired);
        self.missed(f, at)
    }

    fn missed(&mut self, f: u32, at: Operand) -> u32 {
        let component = self.tables.machines.caches.units[at.unit as usize].component;
        self.watch.components[component as usize].misses += 1;
        self.watch.tally(component, Count::Misses, 1);
        self.frames[f as usize].pc = at.to;
        f
    }

    /// Whether a read refreshes what is still fresh: the sooner it expires and the longer a fetch takes, the likelier (XFetch:
    /// Vattani, Chierichetti, Lowenstein, Optimal probabilistic cache stampede prevention, VLDB 2015).
    fn early(&self, f: u32, unit: &Unit, life: Life) -> bool {
        let left = (life.until - self.now) as f64;
        let scale = life.took as f64 * unit.early;
        // The smallest draw there is gives 37.
        left < 37.0 * scale && left < -scale * libm::log(Keyed::new(self.frames[f as usize].key, EARLY).unit())
    }

    /// A frame begins to fetch an item.
    fn fetch_item(&mut self, f: u32, unit: u32, shelf: u32, key: u64, expired: bool) {
        let component = self.tables.machines.caches.units[unit as usize].component;
        let first = self.machines.caches.fetch(f, shelf, key, self.now);
        self.hold(f, Which::Caches);
        self.watch.tally(component, Count::StoreReads, 1);
        self.watch.tally(component, Count::Fetches, u64::from(first));
        self.watch.tally(component, Count::Expired, u64::from(first && expired));
    }

    /// What a frame has fetched is there.
    fn fill(&mut self, f: u32, at: Operand) {
        let link = self.take_link(f);
        let Part::Fetches { flight } = link.part else {
            return;
        };
        let unit = &self.tables.machines.caches.units[at.unit as usize];
        let Flight { key, shelf, .. } = self.machines.caches.flights[flight as usize];
        if !unit.in_time || self.is_awaited(f) {
            self.put_item(f, at.unit, shelf, key, Some(self.now - link.since));
        }
        let waiters = self.machines.caches.land(flight);
        self.tell_waiters(waiters, Ending::Ok);
    }

    /// Whether everybody from a frame up to its request still waits for the answer.
    fn is_awaited(&self, f: u32) -> bool {
        let mut frame = &self.frames[f as usize];
        if self.cold[f as usize].until <= self.now {
            return false;
        }
        while frame.parent != NONE {
            let caller: &Frame = &self.frames[frame.parent as usize];
            if caller.awaits != frame.ticket {
                return false;
            }
            frame = caller;
        }
        true
    }

    /// Puts an item on a shelf. `took`: how long it took to fetch; none where it was written.
    fn put_item(&mut self, f: u32, unit: u32, shelf: u32, key: u64, took: Option<u64>) {
        let unit = &self.tables.machines.caches.units[unit as usize];
        let held = &mut self.machines.caches.held[shelf as usize];
        let (place, gave_way) = held.shelf.put(key);
        if gave_way {
            self.watch.tally(unit.component, Count::Evictions, 1);
        }
        if unit.lives.ttl == u64::MAX {
            return;
        }
        let mut ttl = unit.lives.ttl;
        if unit.jitter > 0.0 {
            let turn = 2.0 * Keyed::new(self.frames[f as usize].key, JITTER).unit() - 1.0;
            ttl = (ttl as f64 * (1.0 + unit.jitter * turn)).max(1.0) as u64;
        }
        let took = took.unwrap_or_else(|| held.shelf.life(place).took);
        held.shelf.live(place, Life { until: self.now.saturating_add(ttl), took });
    }

    /// Those who waited for a fetch learn how it ended.
    fn tell_waiters(&mut self, first: u32, ending: Ending) {
        // The one who came last stands first: they go on in the order in which they came.
        let caches = &mut self.machines.caches;
        let (mut w, mut earliest) = (first, NONE);
        while w != NONE {
            earliest = w;
            w = caches.links[w as usize].next;
        }
        let mut w = earliest;
        while w != NONE {
            let before = self.machines.caches.links[w as usize].prev;
            self.take_link(w);
            self.frames[w as usize].status = ending as u8;
            self.wake(w);
            w = before;
        }
    }

    /// All that a component's caches hold is dropped.
    pub(in crate::kernel) fn flush_cache(&mut self, component: u32) {
        for (nth, unit) in self.tables.machines.caches.units.iter().enumerate() {
            if unit.component == component {
                let first = self.machines.caches.first[nth] as usize;
                for held in &mut self.machines.caches.held[first..first + unit.count as usize] {
                    held.shelf.clear();
                }
            }
        }
    }
}
