//! What is observed of a run, and when: components and calls over the window, requests by their arrival in it.

use super::engine::{Engine, Plan};
use super::frames::flag;
use super::tables::{NONE, Tables};
use crate::histogram::{Coarse, Fine};
use crate::record::{Books, CallRecord, ComponentRecord, Count, Details, Ending, EntryRecord, Record, Segment, Timed};
use std::sync::atomic::Ordering;

/// Levels that are kept of one run at most: components times slices. Unit: two numbers each.
const LEVELS_MOST: usize = 1 << 16;
/// The segment of requests outside the window.
const OUTSIDE: u64 = u64::MAX;

/// The observations of a run.
#[derive(Debug)]
pub struct Watch {
    from: u64,
    window: u64,
    slice: u64,
    /// The segment of the next arrival, and its end since the start of the window.
    segment: u64,
    segment_end: u64,
    in_time: Vec<u64>,
    entries: Vec<EntryRecord>,
    /// Counts since the start of the run, or of the window once that is reached.
    pub(super) components: Vec<ComponentRecord>,
    /// Like `components`.
    pub(super) calls: Vec<CallRecord>,
    /// Components and calls as they were at the end of the window.
    frozen: Option<(Vec<ComponentRecord>, Vec<CallRecord>)>,
    /// Requests of the window that have not ended.
    open: u64,
    pub(super) over: bool,
    /// Requests in the system.
    live: i64,
    /// Integral of `live` over the current slice, less what is still in. Unit: request ns.
    area: i128,
    slice_start: u64,
    in_system: Vec<f64>,
    /// By slice of the window, then by component, as the record has it; and the integrals that are in it already.
    levels: Vec<[f32; 2]>,
    levels_told: Vec<[u128; 2]>,
    /// What only this experiment asks for.
    pub(super) details: Details,
}

fn blank_component() -> ComponentRecord {
    ComponentRecord {
        busy: 0,
        slots: 0,
        cores_busy: 0,
        cores: 0,
        queued: 0,
        in_system: 0,
        accepted: 0,
        ended: [0; Ending::COUNT],
        wait: Coarse::default(),
        time: Coarse::default(),
        queue_max: 0,
        wasted: 0,
        hits: 0,
        misses: 0,
        lost_writes: 0,
        duplicates: 0,
        lag: Coarse::default(),
        books: Books::default(),
        kept: None,
    }
}

fn blank_call() -> CallRecord {
    CallRecord {
        calls: 0,
        attempts: 0,
        refused_here: 0,
        ended: [0; Ending::COUNT],
        latency: Coarse::default(),
        unheard: 0,
        ejections: 0,
        ejected: 0,
    }
}

impl Watch {
    /// Nothing observed yet.
    #[must_use]
    pub fn new(tables: &Tables, plan: Plan) -> Watch {
        let segments = plan.window.div_ceil(plan.slice.max(1)).max(1) as usize;
        let entry = || EntryRecord {
            arrived: 0,
            ended: [0; Ending::COUNT],
            in_time: 0,
            latency: Fine::default(),
            longest: 0,
            segments: vec![Segment::default(); segments],
            settled: Fine::default(),
            failed: vec![[0; Ending::COUNT]; segments],
        };
        let in_time = |source: &u32| tables.sources[*source as usize].in_time;
        let entries = tables.sources.len() + tables.figures_of.len();
        let levels = segments * tables.components.len();
        let levelled = levels <= LEVELS_MOST;
        Watch {
            from: plan.warm_up,
            window: plan.window,
            slice: plan.slice.max(1),
            segment: 0,
            segment_end: plan.slice.max(1),
            in_time: (tables.sources.iter().map(|source| source.in_time))
                .chain(tables.figures_of.iter().map(in_time))
                .collect(),
            entries: (0..entries).map(|_| entry()).collect(),
            components: tables
                .components
                .iter()
                .map(|component| ComponentRecord {
                    kept: (component.keeps != 0).then(Box::default),
                    ..blank_component()
                })
                .collect(),
            calls: (0..tables.pairs).map(|_| blank_call()).collect(),
            frozen: None,
            open: 0,
            over: false,
            live: 0,
            area: 0,
            slice_start: 0,
            in_system: Vec::new(),
            levels: Vec::with_capacity(if levelled { levels } else { 0 }),
            levels_told: vec![[0; 2]; if levelled { tables.components.len() } else { 0 }],
            details: tables.asked.blank(tables, plan.experiment),
        }
    }

    /// Slices of the window.
    pub(super) fn segments(&self) -> usize {
        self.entries.first().map_or(0, |entry| entry.segments.len())
    }

    /// A request arrives. Returns the segment that it belongs to, `OUTSIDE` if it does not count.
    #[inline(always)]
    pub(super) fn arrived(&mut self, entry: u32, now: u64) -> u64 {
        self.live += 1;
        self.area -= i128::from(now - self.slice_start);
        let since = now.wrapping_sub(self.from);
        if since >= self.window {
            return OUTSIDE;
        }
        // Arrivals come in order of time: no division.
        while since >= self.segment_end {
            self.next_segment();
        }
        self.open += 1;
        self.entries[entry as usize].segments[self.segment as usize].arrived += 1;
        self.segment
    }

    /// The next slice begins. Its latencies will mostly lie where those of the last one did.
    #[cold]
    #[inline(never)]
    fn next_segment(&mut self) {
        self.segment += 1;
        self.segment_end += self.slice;
        let next = self.segment as usize;
        for entry in &mut self.entries {
            if let (before, [segment, ..]) = entry.segments.split_at_mut(next)
                && let Some(last) = before.last()
            {
                segment.latency.make_room_like(&last.latency);
            }
        }
    }

    /// A request of a segment ends. True if it was the last one of a window that is over.
    #[inline(always)]
    pub(super) fn ended(&mut self, entry: u32, segment: u64, start: u64, now: u64, ending: Ending) -> bool {
        self.live -= 1;
        self.area += i128::from(now - self.slice_start);
        if segment == OUTSIDE {
            return false;
        }
        self.open -= 1;
        self.count(entry, segment, now - start, ending);
        self.over && self.open == 0
    }

    /// A request that has arrived counts for another entry as well.
    pub(super) fn also_arrived(&mut self, entry: u32, segment: u64) {
        if segment != OUTSIDE {
            self.entries[entry as usize].segments[segment as usize].arrived += 1;
        }
    }

    /// A request that counts for another entry as well has ended.
    pub(super) fn also_ended(&mut self, entry: u32, segment: u64, latency: u64, ending: Ending) {
        if segment != OUTSIDE {
            self.count(entry, segment, latency, ending);
        }
    }

    #[inline(always)]
    fn count(&mut self, entry: u32, segment: u64, latency: u64, ending: Ending) {
        let in_time = self.in_time[entry as usize];
        let entry = &mut self.entries[entry as usize];
        let nth = segment as usize;
        let segment = &mut entry.segments[nth];
        if ending == Ending::Ok {
            segment.ok += 1;
            entry.latency.add_to_both(&mut segment.latency, latency);
            segment.in_time += u64::from(latency <= in_time);
        } else {
            entry.ended[ending as usize] += 1;
            entry.failed[nth][ending as usize] += 1;
            segment.cancelled += u64::from(ending == Ending::Cancelled);
        }
    }

    /// A component's machine counts some.
    #[inline]
    pub(super) fn tally(&mut self, component: u32, what: Count, many: u64) {
        if let Some(kept) = &mut self.components[component as usize].kept {
            kept.add(what, many);
        }
    }

    /// A component's machine counts a time. Unit: ns.
    #[inline]
    pub(super) fn timed(&mut self, component: u32, what: Timed, ns: u64) {
        if let Some(kept) = &mut self.components[component as usize].kept {
            kept.time(what, ns);
        }
    }

    /// What a request was accepted for is done.
    pub(super) fn settle(&mut self, entry: u32, born: u64, now: u64) {
        if born.wrapping_sub(self.from) < self.window
            && let Some(entry) = self.entries.get_mut(entry as usize)
        {
            entry.settled.add(now - born);
        }
    }
}

/// What an entry's segments say together, which is not counted twice while the run goes on.
fn add_up(entry: &mut EntryRecord) {
    for segment in &mut entry.segments {
        segment.latency_sum = segment.latency.sum();
        entry.latency.take_totals(&segment.latency);
        entry.arrived += segment.arrived;
        entry.ended[Ending::Ok as usize] += segment.ok;
        entry.in_time += segment.in_time;
    }
}

impl Engine<'_> {
    /// A slice of the run is over.
    pub(super) fn slice_over(&mut self) {
        if self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            self.end = 0;
        }
        let watch = &mut self.watch;
        let width = self.now - watch.slice_start;
        if width > 0 {
            let area = watch.area + i128::from(watch.live) * i128::from(width);
            watch.in_system.push(area as f64 / width as f64);
        }
        // Those who stay entered this slice at its start.
        watch.area = 0;
        watch.slice_start = self.now;
        // The last slice is taken where the window ends.
        if self.now > self.watch.from && self.now - self.watch.from < self.watch.window {
            self.take_levels();
        }
    }

    /// What components had in work and waiting in the slice that ends now.
    fn take_levels(&mut self) {
        for (nth, component) in self.tables.components.iter().enumerate() {
            if nth >= self.watch.levels_told.len() {
                return;
            }
            let mut busy = 0;
            for replica in &mut self.replicas[component.first as usize..(component.first + component.count) as usize] {
                replica.touch(self.now);
                busy += replica.busy_area;
            }
            let now = [busy, self.waiting_area(component)];
            let told = std::mem::replace(&mut self.watch.levels_told[nth], now);
            self.watch.levels.push([(now[0] - told[0]) as f32 / 1e9, (now[1] - told[1]) as f32 / 1e9]);
        }
    }

    /// The window begins: what was counted before is forgotten.
    pub(super) fn window_begins(&mut self) {
        for replica in &mut self.replicas {
            replica.touch(self.now);
            replica.busy_area = 0;
            replica.queued_area = 0;
        }
        for line in &mut self.lines {
            line.touch(self.now);
            line.area = 0;
        }
        self.cpu = self.still_to_compute();
        for cores in &mut self.cores {
            cores.advance(self.now);
            cores.busy_area = 0.0;
        }
        for record in &mut self.watch.components {
            let held_up = record.books.held_up;
            let kept = record.kept.take().map(|_| Box::default());
            *record = ComponentRecord { kept, ..blank_component() };
            record.books.held_up = held_up;
        }
        for (component, inside) in self.inside() {
            let books = &mut self.watch.components[component as usize].books;
            (books.at_start, books.time_at_start, books.wait_at_start) = inside;
        }
        self.watch.calls.iter_mut().for_each(|record| *record = blank_call());
        self.watch.details.forget_waits();
        self.flows_begin();
        self.machines_forget();
    }

    /// The window ends before its time: what the experiment waits for has come.
    pub(super) fn window_cut_short(&mut self) {
        if !self.watch.over && self.now >= self.watch.from {
            self.watch.window = (self.now - self.watch.from).max(1);
            self.window_ends();
        }
    }

    /// The window ends: components and calls are as they are now.
    pub(super) fn window_ends(&mut self) {
        self.freeze();
        self.take_levels();
        self.watch.over = true;
        if self.watch.open == 0 {
            self.end = self.end.min(self.now);
        }
    }

    fn freeze(&mut self) {
        let from = self.watch.from.min(self.now);
        let passed = u128::from((self.now - from).min(self.watch.window));
        self.flows_tell();
        let mut components = self.watch.components.clone();
        let rests = self.still_to_compute();
        for (component, record) in self.tables.components.iter().zip(&mut components) {
            record.queued += self.waiting_area(component);
            let always = u128::from(component.count - component.standby - component.spares);
            if component.workers != NONE {
                record.slots += u128::from(component.workers) * passed * always;
            }
            if component.cores != NONE {
                record.cores += u128::from(component.cores) * passed * always;
            }
            for r in component.first..component.first + component.count {
                let r = r as usize;
                let replica = &mut self.replicas[r];
                replica.touch(self.now);
                record.busy += replica.busy_area;
                if component.shares {
                    let cores = &mut self.cores[r];
                    cores.advance(self.now);
                    record.cores_busy += cores.busy_area as u128;
                } else {
                    record.cores_busy += u128::from(self.cpu[r].saturating_sub(rests[r]));
                }
            }
            record.in_system = record.busy + record.queued;
        }
        for (component, inside) in self.inside() {
            let books = &mut components[component as usize].books;
            (books.at_end, books.time_at_end, books.wait_at_end) = inside;
        }
        self.watch.frozen = Some((components, self.watch.calls.clone()));
    }

    /// The entry that keeps the figures of a request's tenant.
    pub(super) fn figures_of(&self, request: usize) -> Option<usize> {
        let source = &self.tables.sources[self.frames[request].site as usize];
        (source.tenants != NONE).then(|| source.own_figures(self.cold[request].tenant) as usize)
    }

    /// The record of the run.
    pub(super) fn close(mut self, events: u64) -> Record {
        if self.watch.frozen.is_none() {
            self.freeze();
        }
        let mut censored = vec![0u64; self.watch.entries.len()];
        for (f, frame) in self.frames.iter().enumerate() {
            if frame.flags & flag::ROOT != 0 && frame.start.wrapping_sub(self.watch.from) < self.watch.window {
                let slice = ((frame.start - self.watch.from) / self.watch.slice) as usize;
                let figures = self.figures_of(f);
                for entry in [Some(frame.site as usize), figures].into_iter().flatten() {
                    censored[entry] += 1;
                    self.watch.entries[entry].failed[slice][Ending::Censored as usize] += 1;
                }
            }
        }
        for (entry, censored) in self.watch.entries.iter_mut().zip(censored) {
            entry.ended[Ending::Censored as usize] += censored;
            add_up(entry);
            entry.longest = entry.latency.max();
        }
        let growth = if self.unbounded { self.watch.live as f64 / self.now.max(1) as f64 * 1e9 } else { 0.0 };
        let (components, calls) = self.watch.frozen.unwrap_or_default();
        Record {
            window: self.watch.window,
            entries: self.watch.entries,
            components,
            calls,
            in_system: self.watch.in_system,
            levels: self.watch.levels,
            details: self.watch.details,
            runs: 1,
            events,
            unbounded: self.unbounded,
            growth,
        }
    }
}
