//! Load: requests come from open sources at their own pace, from users after they have thought.
//!
//! A source's stream is its own, keyed by seed, replication and name; its n-th request has the same key in every design.

use super::draws::{Stream, Words as _, derive, mix};
use super::engine::Engine;
use super::events::Tag;
use super::frames::{Cold, Frame, flag};
use super::tables::{Arrivals, NONE};
use crate::record::Ending;

/// The state of one source.
#[derive(Debug, Clone)]
pub struct SourceState {
    stream: Stream,
    /// Keys its requests.
    key: u64,
    /// Requests sent.
    sent: u64,
    /// State of a two-state source, and until when. Unit: ns.
    phase: usize,
    phase_until: f64,
    /// Exact time of the last arrival of an evenly spaced source. Unit: ns.
    exact: f64,
    /// How many times as much as usual it sends.
    pub(super) factor: f64,
}

impl Engine<'_> {
    pub(super) fn start_sources(&mut self) {
        let plan = self.plan;
        for (id, source) in self.tables.sources.iter().enumerate() {
            self.sources.push(SourceState {
                stream: Stream::new(plan.seed, plan.replication, source.name),
                key: mix(derive(mix(plan.seed), source.name, 0) ^ mix(plan.replication)),
                sent: 0,
                phase: 0,
                phase_until: 0.0,
                exact: 0.0,
                factor: 1.0,
            });
            let id = id as u32;
            match source.arrivals {
                Arrivals::Users { users, .. } => {
                    for _ in 0..users {
                        let think = self.gap(id);
                        self.at(think, Tag::Arrive, id);
                    }
                }
                Arrivals::At(time) => {
                    // Counted from the start of the window.
                    self.at(self.plan.warm_up.saturating_add(time), Tag::Arrive, id);
                }
                Arrivals::Constant(_) => {
                    // A random phase, or all even sources would beat in step.
                    let phase = self.sources[id as usize].stream.unit();
                    let gap = self.gap(id) as f64 * phase;
                    self.sources[id as usize].exact = gap;
                    self.at(gap as u64, Tag::Arrive, id);
                }
                _ => {
                    let gap = self.gap(id);
                    self.at(gap, Tag::Arrive, id);
                }
            }
        }
    }

    /// Time to a source's next arrival. Unit: ns.
    #[inline(always)]
    fn gap(&mut self, id: u32) -> u64 {
        let state = &mut self.sources[id as usize];
        match self.tables.sources[id as usize].arrivals {
            Arrivals::Poisson(mean) => {
                (self.ziggurat.exponential(&mut state.stream) * mean / state.factor + 0.5) as u64
            }
            Arrivals::Users { think, .. } => self.tables.laws.draw(&self.ziggurat, think, &mut state.stream),
            _ => self.other_gap(id),
        }
    }

    #[inline(never)]
    fn other_gap(&mut self, id: u32) -> u64 {
        let state = &mut self.sources[id as usize];
        let now = self.now as f64;
        let gap = match self.tables.sources[id as usize].arrivals {
            Arrivals::Constant(gap) => {
                state.exact += gap / state.factor;
                state.exact - now
            }
            Arrivals::Sine { mean, amplitude, period } => {
                // Thinning: candidates at the highest rate, kept with the share that the rate of the moment has of it.
                let top = (mean + amplitude) * state.factor;
                let mut at = now;
                loop {
                    at += self.ziggurat.exponential(&mut state.stream) / top;
                    let swing = libm::sin(std::f64::consts::TAU * at / period);
                    let rate = (mean + amplitude * swing).max(0.0) * state.factor;
                    if state.stream.unit() * top < rate {
                        break at - now;
                    }
                }
            }
            Arrivals::Mmpp { gaps, stays } => {
                let mut at = now;
                if state.sent == 0 && state.phase_until == 0.0 {
                    // Starts in its steady state.
                    state.phase = usize::from(state.stream.unit() * (stays[0] + stays[1]) >= stays[0]);
                    state.phase_until = self.ziggurat.exponential(&mut state.stream) * stays[state.phase];
                }
                loop {
                    let gap = self.ziggurat.exponential(&mut state.stream) * gaps[state.phase] / state.factor;
                    if at + gap < state.phase_until {
                        break at + gap - now;
                    }
                    at = state.phase_until;
                    state.phase = 1 - state.phase;
                    state.phase_until = at + self.ziggurat.exponential(&mut state.stream) * stays[state.phase];
                }
            }
            _ => 0.0,
        };
        (gap.max(0.0) + 0.5) as u64
    }

    /// A source sends.
    #[inline(always)]
    pub(super) fn arrive_source(&mut self, id: u32) {
        let source = &self.tables.sources[id as usize];
        match source.arrivals {
            Arrivals::Users { .. } => self.request(id),
            Arrivals::At(_) => self.requests(id),
            _ => {
                let gap = self.gap(id);
                self.at(self.now.saturating_add(gap), Tag::Arrive, id);
                if source.batch == 1 {
                    self.request(id);
                } else {
                    self.requests(id);
                }
            }
        }
    }

    #[inline(never)]
    fn requests(&mut self, id: u32) {
        for _ in 0..self.tables.sources[id as usize].batch {
            self.request(id);
        }
    }

    /// One request begins.
    #[inline(always)]
    fn request(&mut self, id: u32) {
        let source = &self.tables.sources[id as usize];
        let state = &mut self.sources[id as usize];
        state.sent += 1;
        let key = mix(state.key.wrapping_add(state.sent.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let f = self.place();
        if f == NONE {
            return;
        }
        let segment = self.watch.arrived(id, self.now);
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
            site: id,
            attempt: 0,
            status: 0,
            flags: flag::ALIVE | flag::ROOT,
        };
        if self.tables.cold {
            let data_key = self.tables.popularities.get(source.keys as usize).map_or(0, |keys| keys.draw(key));
            self.cold[f as usize] = Cold { born: self.now, priority: source.priority, data_key, ..Cold::default() };
        }
        self.walk(f);
    }

    /// One request ends.
    #[inline(always)]
    pub(super) fn end_request(&mut self, f: u32, ending: Ending) {
        let Frame { site: source, mark: segment, start, .. } = self.frames[f as usize];
        self.release_frame(f);
        let last = self.watch.ended(source, segment, start, self.now, ending);
        if last {
            self.end = self.end.min(self.now);
        }
        if let Arrivals::Users { .. } = self.tables.sources[source as usize].arrivals {
            let think = self.gap(source);
            self.at(self.now.saturating_add(think), Tag::Arrive, source);
        }
    }
}
