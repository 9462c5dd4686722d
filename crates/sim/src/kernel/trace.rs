//! Following chosen requests through a run that is made again: what they waited for, asked for, and left behind.
//!
//! A run that is traced uses tables of its own (`traced`): every site is gated and every client's end is noted, so that
//! what is looked for passes through code that stands off the hot path anyway; a run that is not traced pays nothing. While
//! a chosen request is in the system the run goes on instant by instant, and the frames it has are looked at in between.
//! The record is the same to the last byte. Left out: what a request hands on through logs and queues, and attempts that
//! its caller's own policies refused (they have no frame).

use super::engine::{Engine, Plan};
use super::events;
use super::frames::flag;
use super::tables::{NONE, Step, Tables};
use crate::record::{Ending, Record};

/// Requests that are noted, at most.
const NOTES_MOST: usize = 2_000_000;
/// Work that nobody waits for is followed this long after its request has ended. Unit: ns.
const AFTER: u64 = 10_000_000_000;
/// A time that has not come. Unit: ns.
pub const NEVER: u64 = u64::MAX;

/// A request of the observed window that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Its entry of the load.
    pub entry: u32,
    /// What its luck is keyed by.
    pub key: u64,
    /// When it arrived. Unit: ns.
    pub start: u64,
    /// How long it took. Unit: ns.
    pub latency: u64,
    /// How it ended.
    pub ending: Ending,
}

/// One execution of an operation on behalf of a request. Times in ns from the start of the run, `NEVER` for what did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Index of the span that asked for it; `NONE` for the request itself.
    pub parent: u32,
    /// The site it was asked at; for the request itself its entry of the load.
    pub site: u32,
    /// Where it ran; `NONE` for a client.
    pub replica: u32,
    /// Whether it ran on its caller's worker.
    pub local: bool,
    /// When it was asked for.
    pub sent: u64,
    /// When it reached its replica.
    pub arrived: u64,
    /// When it got a worker.
    pub work: u64,
    /// When its answer set out, where the answer takes a time of its own.
    pub answered: u64,
    /// When its caller went on without it.
    pub left: u64,
    /// When nothing of it was left.
    pub end: u64,
    /// How it ended by itself.
    pub ending: Ending,
    /// Whether its caller had a time by which it would give up.
    pub timed: bool,
    key: u64,
    ticket: u32,
}

/// What a run that is traced keeps.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Whether each site was gated before.
    gated: Vec<bool>,
    /// Requests of the window that have ended; none where some are followed.
    notes: Option<Vec<Note>>,
    /// Requests to be followed that have not been met yet.
    wanted: Vec<(usize, Note)>,
    /// Whether keys of requests stay what they are.
    keyed: bool,
    /// Spans by request, the request itself first.
    spans: Vec<Vec<Span>>,
    /// Places of the slab whose frames are followed: request and span.
    open: Vec<(u32, usize, usize)>,
    /// Frames that nobody waits for, on their way: place, key, request and span.
    sends: Vec<(u32, u64, usize, usize)>,
    /// Until when to look.
    latest: u64,
}

/// Tables by which a run can be traced: the same run, by ways that can be looked at.
#[must_use]
pub fn traced(tables: &Tables) -> Tables {
    let mut tables = tables.clone();
    let note = tables.code.len() as u32;
    for step in &mut tables.code {
        if *step == Step::End {
            *step = Step::Jump { to: note };
        }
    }
    tables.code.extend([Step::Note, Step::End]);
    tables.sites.iter_mut().filter(|site| site.component != NONE).for_each(|site| site.gated = true);
    tables
}

fn engine<'t>(tables: &Tables, with: &'t Tables, plan: Plan, trace: Trace) -> Engine<'t> {
    let mut engine = Engine::new(with, plan);
    let gated = tables.sites.iter().map(|site| site.gated).collect();
    let keyed = !tables.code.iter().any(|step| matches!(step, Step::Rekey { .. }));
    engine.trace = Some(Box::new(Trace { gated, keyed, ..trace }));
    engine
}

/// Runs one replication and notes every request of its window. `with`: what `traced` made of `tables`.
#[must_use]
pub fn note_requests(tables: &Tables, with: &Tables, plan: Plan) -> (Record, Vec<Note>) {
    let mut engine = engine(tables, with, plan, Trace { notes: Some(Vec::new()), ..Trace::default() });
    let fired = engine.fire();
    let notes = engine.trace.take().and_then(|trace| trace.notes).unwrap_or_default();
    (engine.close(fired), notes)
}

/// Runs one replication and follows some of its requests. `with`: what `traced` made of `tables`.
#[must_use]
pub fn follow(tables: &Tables, with: &Tables, plan: Plan, wanted: &[Note]) -> (Record, Vec<Vec<Span>>) {
    let trace = Trace {
        wanted: wanted.iter().copied().enumerate().collect(),
        spans: vec![Vec::new(); wanted.len()],
        ..Trace::default()
    };
    let mut engine = engine(tables, with, plan, trace);
    let mut starts: Vec<u64> = wanted.iter().map(|note| note.start).collect();
    starts.sort_unstable_by(|a, b| b.cmp(a));
    let mut fired = 0;
    loop {
        let next = if engine.is_following() { engine.next_time() } else { NEVER };
        let time = next.min(starts.last().copied().unwrap_or(NEVER));
        if time == NEVER || !engine.go_to(time, &mut fired) {
            break;
        }
        while starts.last().is_some_and(|start| *start <= time) {
            starts.pop();
        }
        engine.see();
    }
    fired += engine.fire();
    let spans = engine.trace.take().map(|trace| trace.spans).unwrap_or_default();
    (engine.close(fired), spans)
}

impl Trace {
    /// The request and span that a frame in the slab belongs to.
    fn span_of(&self, slot: u32, engine: &Engine<'_>) -> Option<(usize, usize)> {
        let found = self.open.iter().find(|(open, ..)| *open == slot)?;
        self.spans[found.1][found.2].is_of(slot, engine).then_some((found.1, found.2))
    }

    /// Adds a span for a frame.
    fn open(&mut self, slot: u32, request: usize, span: Span, now: u64) {
        let spans = &mut self.spans;
        self.open.retain(|(open, request, nth)| {
            // Whose place it was has ended at this very instant.
            if *open == slot {
                spans[*request][*nth].close(now);
            }
            *open != slot
        });
        self.open.push((slot, request, self.spans[request].len()));
        self.spans[request].push(span);
    }
}

impl Span {
    /// Nothing of it is left.
    fn close(&mut self, now: u64) {
        // What ends well in the instant in which it gets its worker was never seen at work.
        if self.work == NEVER && self.ending == Ending::Ok {
            self.work = now;
        }
        self.end = now;
    }

    /// Whether the frame in a place of the slab is still the one of this span.
    fn is_of(&self, slot: u32, engine: &Engine<'_>) -> bool {
        let frame = &engine.frames[slot as usize];
        let same = match frame.flags & (flag::ROOT | flag::SESSION) {
            // The keys of these change on their way.
            flag::ROOT => self.parent == NONE && frame.start == self.sent,
            flag::SESSION => frame.start == self.arrived || self.arrived == NEVER,
            _ => frame.key == self.key,
        };
        frame.flags & flag::ALIVE != 0 && frame.site == self.site && same
    }
}

impl Engine<'_> {
    fn is_following(&self) -> bool {
        self.trace.as_ref().is_some_and(|trace| !trace.open.is_empty() && self.now <= trace.latest)
    }

    /// When the next event is due.
    fn next_time(&mut self) -> u64 {
        let Some(key) = self.events.pop() else { return NEVER };
        self.events.push(key);
        events::time(key)
    }

    /// Fires all events up to a time, that included; false once the run is over.
    fn go_to(&mut self, time: u64, fired: &mut u64) -> bool {
        let end = self.end;
        if time >= end {
            return false;
        }
        self.end = time + 1;
        *fired += self.fire();
        if self.end != time + 1 {
            return false;
        }
        self.end = end;
        true
    }

    /// A request has ended.
    pub(super) fn note(&mut self, f: u32, ending: Ending) {
        let Some(notes) = self.trace.as_mut().and_then(|trace| trace.notes.as_mut()) else { return };
        let frame = &self.frames[f as usize];
        if frame.start.wrapping_sub(self.plan.warm_up) < self.plan.window && notes.len() < NOTES_MOST {
            let (start, latency) = (frame.start, self.now - frame.start);
            notes.push(Note { entry: frame.site, key: frame.key, start, latency, ending });
        }
    }

    /// A frame reaches its replica, or begins in its caller's process. False if nothing stood before it in a plain run.
    #[cold]
    pub(super) fn trace_arrives(&mut self, c: u32) -> bool {
        let Some(mut trace) = self.trace.take() else { return true };
        let frame = self.frames[c as usize];
        let gated = trace.gated.get(frame.site as usize).copied().unwrap_or(true);
        self.meet(&mut trace, c);
        if let Some((request, span)) = trace.span_of(c, self) {
            let span = &mut trace.spans[request][span];
            span.arrived = span.arrived.min(self.now);
        }
        self.trace = Some(trace);
        gated
    }

    /// A frame's request sets out on a way whose length only the messages know.
    #[cold]
    pub(super) fn trace_departs(&mut self, c: u32) {
        let Some(mut trace) = self.trace.take() else { return };
        self.meet(&mut trace, c);
        if let Some((request, span)) = trace.span_of(c, self) {
            trace.spans[request][span].arrived = NEVER;
        }
        self.trace = Some(trace);
    }

    /// Opens a span for a frame on behalf of a request that is followed.
    fn meet(&self, trace: &mut Trace, c: u32) {
        let frame = self.frames[c as usize];
        if trace.notes.is_none() && trace.span_of(c, self).is_none() {
            let found = match frame.parent {
                NONE => trace.sends.iter().find(|send| send.0 == c && send.1 == frame.key).map(|send| (send.2, send.3)),
                parent => self.follower(trace, parent),
            };
            if let Some((request, parent)) = found {
                let mut span = self.span(c, parent as u32);
                if frame.parent == NONE {
                    span.left = span.sent;
                }
                trace.open(c, request, span, self.now);
            }
        }
    }

    /// The span of the frame that asks: its own, or that of what it is a block of.
    fn follower(&self, trace: &mut Trace, mut parent: u32) -> Option<(usize, usize)> {
        while parent != NONE {
            if let Some(found) = trace.span_of(parent, self) {
                return Some(found);
            }
            let frame = &self.frames[parent as usize];
            if frame.flags & flag::ROOT != 0 {
                let met = trace.wanted.iter().position(|(_, note)| {
                    note.entry == frame.site && note.start == frame.start && (note.key == frame.key || !trace.keyed)
                })?;
                let (request, note) = trace.wanted.swap_remove(met);
                let root = Span { work: frame.start, arrived: frame.start, ..self.span(parent, NONE) };
                trace.open(parent, request, root, self.now);
                trace.latest = trace.latest.max(note.start.saturating_add(note.latency).saturating_add(AFTER));
                return Some((request, 0));
            }
            if frame.flags & flag::LOCAL == 0 {
                return None;
            }
            parent = frame.parent;
        }
        None
    }

    /// A span for a frame that is here now.
    fn span(&self, c: u32, parent: u32) -> Span {
        let frame = self.frames[c as usize];
        let caller = self.caller(frame.parent);
        let site = &self.tables.sites[if parent == NONE { 0 } else { frame.site as usize }];
        let way = if site.networked { self.way(caller, frame.replica, 0) } else { NONE };
        let on_its_way = self.tables.lanes.get(way as usize).map_or(0, |lane| lane.delay);
        let owed = frame.flags & flag::OWED != 0;
        let sent = match self.dues.get(c as usize).filter(|_| owed) {
            Some(due) => due.began,
            None => frame.start.min(self.now - on_its_way.min(self.now)),
        };
        Span {
            parent,
            site: frame.site,
            replica: frame.replica,
            local: frame.flags & flag::LOCAL != 0,
            sent,
            arrived: self.now,
            work: NEVER,
            answered: NEVER,
            left: NEVER,
            end: NEVER,
            ending: Ending::Ok,
            timed: frame.timer != 0,
            key: frame.key,
            ticket: frame.ticket,
        }
    }

    /// A frame that nobody waits for leaves its caller.
    #[cold]
    pub(super) fn trace_sends(&mut self, f: u32, c: u32) {
        let Some(mut trace) = self.trace.take() else { return };
        if let Some((request, span)) = self.follower(&mut trace, f) {
            trace.sends.push((c, self.frames[c as usize].key, request, span));
        }
        self.trace = Some(trace);
    }

    /// A frame has answered: what it still does is done by another.
    #[cold]
    pub(super) fn trace_answers(&mut self, f: u32, g: u32) {
        let Some(mut trace) = self.trace.take() else { return };
        if let Some((request, span)) = trace.span_of(f, self) {
            trace.spans[request][span].answered = self.now;
            trace.open.retain(|(open, ..)| *open != f && *open != g);
            trace.open.push((g, request, span));
        }
        self.trace = Some(trace);
    }

    /// A frame ends in another way than well.
    #[cold]
    #[inline(never)]
    pub(super) fn trace_fails(&mut self, c: u32, ending: Ending) {
        let Some(mut trace) = self.trace.take() else { return };
        if self.frames[c as usize].flags & flag::ROOT != 0 && trace.notes.is_some() {
            self.trace = Some(trace);
            self.note(c, ending);
            return;
        }
        if let Some((request, span)) = trace.span_of(c, self) {
            let span = &mut trace.spans[request][span];
            if span.ending == Ending::Ok {
                span.ending = ending;
            }
        }
        self.trace = Some(trace);
    }

    /// Sees what has become of the frames that are followed, between two instants.
    fn see(&mut self) {
        let Some(mut trace) = self.trace.take() else { return };
        let now = self.now;
        let mut open = std::mem::take(&mut trace.open);
        open.retain(|(slot, request, nth)| {
            let span = &mut trace.spans[*request][*nth];
            let frame = self.frames[*slot as usize];
            let there = span.is_of(*slot, self);
            let asks = frame.flags & flag::POOL_QUEUED == 0;
            let works = frame.flags & flag::WORKER != 0 || (span.local && asks);
            if span.work == NEVER && works && there {
                span.work = now;
            }
            span.timed |= there && frame.timer != 0;
            if there && frame.flags & flag::GHOST != 0 {
                span.ending = Ending::Lost;
            }
            if there && frame.flags & (flag::OUTBOUND | flag::SESSION) == flag::OUTBOUND && span.answered == NEVER {
                span.answered = now;
            }
            let caller = self.frames.get(frame.parent as usize);
            let waited_for = caller.is_some_and(|caller| caller.awaits == span.ticket && frame.ticket == span.ticket);
            let session = frame.flags & flag::SESSION != 0;
            if there && !session && span.left == NEVER && span.parent != NONE && !waited_for {
                span.left = now;
            }
            if !there {
                span.close(now);
            }
            there
        });
        open.extend(std::mem::take(&mut trace.open));
        trace.open = open;
        self.trace = Some(trace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::draws::{Law, Laws, site};
    use crate::kernel::tables::{Arrivals, Component, Site, Source};

    /// One server in front of another, with 70 and 80% of load.
    fn tandem() -> Tables {
        Tables {
            code: vec![
                Step::Call { site: 1 },
                Step::End,
                Step::Compute { law: 0, site: site("front") },
                Step::Call { site: 2 },
                Step::Return,
                Step::Compute { law: 1, site: site("back") },
                Step::Return,
            ],
            laws: Laws { laws: vec![Law::Exp(1e6), Law::Exp(8e6)], ..Laws::default() },
            sites: vec![
                Site { component: NONE, ..Site::default() },
                Site { entry: 2, key: site("serve"), ..Site::default() },
                Site { entry: 5, key: site("behind"), component: 1, first: 1, ..Site::default() },
            ],
            components: vec![
                Component { workers: 4, cores: 4, queue: 3, ..Component::default() },
                Component { first: 1, workers: 1, cores: 1, ..Component::default() },
            ],
            zones: vec![0, 0],
            sources: vec![Source { arrivals: Arrivals::Poisson(10e6), name: site("load"), ..Source::default() }],
            ..Tables::default()
        }
    }

    const PLAN: Plan = Plan {
        seed: 7,
        replication: 3,
        warm_up: 1_000_000_000,
        window: 30_000_000_000,
        drain_cap: 10_000_000_000,
        slice: 1_000_000_000,
        experiment: None,
    };

    #[test]
    fn a_traced_run_is_the_same_run() {
        let tables = tandem();
        let with = traced(&tables);
        let plain = format!("{:?}", Engine::new(&tables, PLAN).run());
        let (record, notes) = note_requests(&tables, &with, PLAN);
        assert_eq!(format!("{record:?}"), plain);
        assert_eq!(notes.len() as u64, record.entries[0].arrived - record.entries[0].ended[Ending::Censored as usize]);
        let failed = notes
            .iter()
            .find(|note| note.ending == Ending::Refused)
            .copied()
            .expect("a queue of three is full at times");
        let longest = notes.iter().max_by_key(|note| note.latency).copied().expect("there are requests");
        let wanted = [notes[10], longest, failed, notes[11]];
        let (record, spans) = follow(&tables, &with, PLAN, &wanted);
        assert_eq!(format!("{record:?}"), plain);
        for (note, spans) in wanted.iter().zip(&spans) {
            assert_eq!((spans[0].sent, spans[0].end), (note.start, note.start + note.latency), "{note:?}");
            for span in &spans[1..] {
                let parent = &spans[span.parent as usize];
                assert!(parent.sent <= span.sent && span.end <= parent.end, "spans nest: {spans:?}");
                assert!(span.sent <= span.arrived && (span.work == NEVER || span.arrived <= span.work), "{span:?}");
            }
            if note.ending == Ending::Ok {
                let [root, front, back] = spans[..] else { panic!("{spans:?}") };
                let parts =
                    [front.work - front.arrived, back.sent - front.work, back.end - back.sent, root.end - back.end];
                assert_eq!(parts.iter().sum::<u64>(), note.latency, "wait, work, call and nothing after it: {spans:?}");
                assert_eq!(root.end, back.end);
            } else {
                assert_eq!((spans.len(), spans[1].ending, spans[1].work), (2, Ending::Refused, NEVER), "{spans:?}");
            }
        }
    }
}
