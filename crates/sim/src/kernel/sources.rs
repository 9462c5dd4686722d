//! Load: requests come from open sources at their own pace, from users after they have thought, from recordings.
//!
//! A source's stream is its own, keyed by seed, replication and name; its n-th request has the same key in every design.
//! What a request asks for, whose it is and which data it concerns are drawn by that key.

use super::arrivals::Pace;
use super::draws::{Keyed, Stream, Words as _, derive, mix, site, whole};
use super::engine::Engine;
use super::events::Tag;
use super::frames::{Cold, Frame, NOWHERE, flag};
use super::tables::{Arrivals, Fault, NONE, Source};
use crate::record::Ending;

/// Where the kind of a mix's request is drawn.
const KIND: u32 = site("kind of request");
/// Where it is drawn where a request's client is.
const HOME: u32 = site("home of the client");
/// Where a request's session is drawn.
const SESSION: u32 = site("session");

/// The state of one source.
#[derive(Debug, Clone)]
pub struct SourceState {
    pace: Pace,
    /// Keys its requests.
    key: u64,
    /// Requests sent.
    sent: u64,
    /// Whether each arrival of an open source is one request, always of the same kind.
    plain: bool,
    /// Whether something follows the end of a request: a user thinks, a tenant's figures are kept.
    after: bool,
    /// Place in a recording.
    place: u32,
    /// What a recording owes of requests where a spike multiplies them by no whole number.
    owed: f64,
}

impl Engine<'_> {
    pub(super) fn start_sources(&mut self) {
        let plan = self.plan;
        let none: &[Fault] = &[];
        let faults = plan.experiment.and_then(|id| self.tables.experiments.get(id)).map_or(none, Vec::as_slice);
        for (id, source) in self.tables.sources.iter().enumerate() {
            let id = id as u32;
            let Source { arrivals, name, .. } = *source;
            let stream = Stream::new(plan.seed, plan.replication, name);
            let attended = |of: u32| matches!(self.tables.sources[of as usize].arrivals, Arrivals::Users { .. });
            let owner = if let Arrivals::Part { of } = arrivals { of } else { id };
            let paced = !matches!(arrivals, Arrivals::Users { .. } | Arrivals::At(_) | Arrivals::Replay { .. });
            self.sources.push(SourceState {
                pace: Pace::new(id, arrivals, stream, faults, plan.warm_up),
                key: mix(derive(mix(plan.seed), name, 0) ^ mix(plan.replication)),
                sent: 0,
                plain: paced && source.batch == 1 && source.kinds == 1,
                after: attended(owner) || source.tenants != NONE,
                place: 0,
                owed: 0.0,
            });
        }
        for id in 0..self.tables.sources.len() as u32 {
            match self.tables.sources[id as usize].arrivals {
                Arrivals::Users { users, .. } => (0..users).for_each(|_| self.think(id)),
                // Counted from the start of the window.
                Arrivals::At(time) => {
                    self.at(plan.warm_up.saturating_add(time), Tag::Arrive, id);
                }
                Arrivals::Replay { .. } => self.replay(id),
                Arrivals::Part { .. } => {}
                _ => self.schedule_arrival(id),
            }
        }
    }

    /// A source's next arrival.
    #[inline(always)]
    fn schedule_arrival(&mut self, id: u32) {
        let pace = &mut self.sources[id as usize].pace;
        let time = if pace.mean > 0.0 {
            let gap = whole(self.ziggurat.exponential(&mut pace.stream) * pace.mean);
            self.now.saturating_add(gap)
        } else {
            self.next_arrival(id)
        };
        self.at(time, Tag::Arrive, id);
    }

    #[inline(never)]
    fn next_arrival(&mut self, id: u32) -> u64 {
        let arrivals = self.tables.sources[id as usize].arrivals;
        let pace = &mut self.sources[id as usize].pace;
        let next = pace.next(self.tables, arrivals, &self.ziggurat, self.now, self.plan.warm_up);
        ((next + 0.5) as u64).max(self.now)
    }

    /// A user thinks, then asks.
    fn think(&mut self, id: u32) {
        if let Arrivals::Users { think, .. } = self.tables.sources[id as usize].arrivals {
            let stream = &mut self.sources[id as usize].pace.stream;
            let think = self.tables.laws.draw(&self.ziggurat, think, stream);
            self.at(self.now.saturating_add(think), Tag::Arrive, id);
        }
    }

    /// The next arrival of a recording, if it has one.
    fn replay(&mut self, id: u32) {
        if let Arrivals::Replay { first, count, .. } = self.tables.sources[id as usize].arrivals {
            let place = self.sources[id as usize].place;
            if place < count {
                let time = self.tables.instants[(first + place) as usize];
                self.at(self.plan.warm_up.saturating_add(time), Tag::Arrive, id);
            }
        }
    }

    /// A source sends. Returns the frame of its last request, which goes on.
    #[inline(always)]
    pub(super) fn arrive_source(&mut self, id: u32) -> u32 {
        if !self.sources[id as usize].plain {
            return self.arrive_otherwise(id);
        }
        self.schedule_arrival(id);
        let key = self.next_key(id);
        self.request(id, key)
    }

    #[inline(never)]
    fn arrive_otherwise(&mut self, id: u32) -> u32 {
        let source = &self.tables.sources[id as usize];
        let (mut count, mut row) = (source.batch, NONE);
        match source.arrivals {
            Arrivals::Users { .. } | Arrivals::At(_) => {}
            Arrivals::Replay { kinds, .. } => {
                let state = &mut self.sources[id as usize];
                if kinds != NONE {
                    row = id + self.tables.recorded_kinds[(kinds + state.place) as usize];
                }
                state.place += 1;
                state.owed += f64::from(count) * state.pace.factor_at(self.now);
                count = (state.owed + 1e-9) as u32;
                state.owed -= f64::from(count);
                self.replay(id);
            }
            _ => self.schedule_arrival(id),
        }
        let mut last = NONE;
        for _ in 0..count {
            self.exec(last);
            let key = self.next_key(id);
            let row = if row == NONE { self.row_of(id, key) } else { row };
            last = self.request(row, key);
        }
        last
    }

    /// The key of a source's next request.
    #[inline(always)]
    fn next_key(&mut self, id: u32) -> u64 {
        let state = &mut self.sources[id as usize];
        state.sent += 1;
        mix(state.key.wrapping_add(state.sent.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// What kind of request of a mix it is: the rows of one load stand side by side.
    fn row_of(&self, id: u32, key: u64) -> u32 {
        let kinds = self.tables.sources[id as usize].kinds;
        if kinds <= 1 {
            return id;
        }
        let drawn = (Keyed::new(key, KIND).word() >> 32) as u32;
        (id..id + kinds - 1).find(|row| drawn < self.tables.sources[*row as usize].upto).unwrap_or(id + kinds - 1)
    }

    /// One request begins: of the kind of a row of the sources. Returns its frame, which goes on.
    #[inline(always)]
    fn request(&mut self, row: u32, key: u64) -> u32 {
        let source = &self.tables.sources[row as usize];
        let f = self.place();
        if f == NONE {
            return NONE;
        }
        let segment = self.watch.arrived(row, self.now);
        self.frames[f as usize] = Frame {
            start: self.now,
            mark: segment,
            key,
            parent: NONE,
            ticket: 0,
            awaits: 0,
            next: NONE,
            prev: NONE,
            timer: 0,
            replica: NONE,
            pc: source.entry,
            site: row,
            attempt: 0,
            status: 0,
            flags: flag::ALIVE | flag::ROOT,
        };
        if self.tables.cold {
            let data_key = self.tables.popularities.get(source.keys as usize).map_or(0, |keys| keys.draw(key));
            self.cold[f as usize] =
                Cold { born: self.now, priority: source.priority, data_key, request: key, ..Cold::default() };
            // Either index: all bits are set in neither.
            if source.tenants & source.homes & source.sessions != NONE {
                self.whose(f, row, key, segment);
            }
        }
        f
    }

    /// Whose a request is, from where it comes, and to which session it belongs.
    #[inline(never)]
    fn whose(&mut self, f: u32, row: u32, key: u64, segment: u64) {
        let source = &self.tables.sources[row as usize];
        if let Some(tenants) = self.tables.tenants.get(source.tenants as usize) {
            let tenant = tenants.draw(key);
            self.cold[f as usize].tenant = tenant;
            self.watch.also_arrived(source.own_figures(tenant), segment);
        }
        if let Some(homes) = self.tables.homes.get(source.homes as usize) {
            let drawn = (Keyed::new(key, HOME).word() >> 32) as u32;
            let home = homes.iter().find(|(upto, _)| drawn < *upto).or(homes.last());
            self.cold[f as usize].home = home.map_or(NOWHERE, |(_, zone)| *zone);
        }
        if source.sessions != NONE {
            let drawn = Keyed::new(key, SESSION).word() >> 32;
            self.cold[f as usize].client = ((drawn * u64::from(source.sessions)) >> 32) as u32 + 1;
        }
    }

    /// One request ends.
    #[inline(always)]
    pub(super) fn end_request(&mut self, f: u32, ending: Ending) {
        let Frame { site: row, mark: segment, start, .. } = self.frames[f as usize];
        self.release_frame(f);
        let last = self.watch.ended(row, segment, start, self.now, ending);
        if last {
            self.end = self.end.min(self.now);
        }
        if self.sources[row as usize].after {
            self.after_request(f, row, segment, start, ending);
        }
    }

    /// The figures of a tenant; the next of a user.
    #[inline(never)]
    fn after_request(&mut self, f: u32, row: u32, segment: u64, start: u64, ending: Ending) {
        let source = &self.tables.sources[row as usize];
        if source.tenants != NONE {
            let entry = source.own_figures(self.cold[f as usize].tenant);
            self.watch.also_ended(entry, segment, self.now - start, ending);
        }
        let owner = if let Arrivals::Part { of } = source.arrivals { of } else { row };
        self.think(owner);
    }
}
