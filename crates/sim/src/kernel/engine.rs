//! The engine: one replication of a compiled design.
//!
//! Sketch, for five stations in a row (measured by `examples/speed.rs`): an event is a push and a pop of one word, a
//! draw, and then a walk through the instructions of the frames it wakes. A hop touches the lines of the frame, its
//! caller, its site, its replica and its component's counters, and allocates nothing once the run has warmed up.
//! A bare call pays for no policy, network, fault or session: these stand behind flags of its site or are
//! instructions of their own, in the files beside this one.

use super::attempts::{Due, Try};
use super::beliefs::{Roster, Suspect};
use super::computing;
use super::cores::Cores;
use super::draws::{Keyed, Laws, Words as _, Ziggurat, derive};
use super::events::{self, Events, Tag};
use super::faults::{Control, Impairment};
use super::flows::Flows;
use super::frames::{Cold, Condition, Frame, Health, Replica, flag};
use super::guards::{BreakerState, ThrottleState};
use super::lanes::Lane;
use super::lasting::Lasting;
use super::levels::Levels;
use super::lines::Line;
use super::machines::Machines;
use super::network::Cut;
use super::observe::Watch;
use super::pools::PoolState;
use super::queues;
use super::sources::SourceState;
use super::tables::{Algorithm, Balancer, NONE, Site, Step, Tables};
use super::trace::Trace;
use crate::histogram::Coarse;
use crate::record::{Ending, Record};
use std::sync::atomic::AtomicBool;

/// What to run. Unit of times: ns.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Seed of all chance.
    pub seed: u64,
    /// Which replication.
    pub replication: u64,
    /// Time before the window.
    pub warm_up: u64,
    /// Length of the observed window.
    pub window: u64,
    /// Longest time after the window for its requests to end.
    pub drain_cap: u64,
    /// Width of the slices of the record.
    pub slice: u64,
    /// Index into the experiments of the tables; none for no faults.
    pub experiment: Option<usize>,
}

/// What is held at the end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Leftovers {
    /// Frames alive.
    pub frames: usize,
    /// Workers in use.
    pub workers: usize,
    /// Frames in queues.
    pub waiters: usize,
    /// Permits and connections in use.
    pub permits: usize,
    /// Requests that balancers count as in flight.
    pub in_flight: usize,
    /// Row locks, and frames that wait for one.
    pub locks: usize,
}

/// The state of one replication.
#[derive(Debug)]
pub struct Engine<'t> {
    pub(super) tables: &'t Tables,
    code: &'t [Step],
    sites: &'t [Site],
    laws: &'t Laws,
    pub(super) plan: Plan,
    pub(super) now: u64,
    /// When to stop.
    pub(super) end: u64,
    number: u64,
    pub(super) events: Events,
    pub(super) frames: Vec<Frame>,
    /// The first free place of the slab; each leads to the next by its `next`.
    free: u32,
    pub(super) cold: Vec<Cold>,
    pub(super) replicas: Vec<Replica>,
    pub(super) conditions: Vec<Condition>,
    /// CPU time used at each replica where cores are not shared. Unit: ns.
    pub(super) cpu: Vec<u64>,
    /// Lines of waiters that are no plain queues, and for each replica which is its own; empty where there is none.
    pub(super) lines: Vec<Line>,
    pub(super) line_of: Vec<u32>,
    /// Who sent a frame that stands before a full line, and the number it awaits; grown when one does.
    pub(super) senders: Vec<(u32, u32)>,
    /// Shared cores of each replica; empty where no component shares.
    pub(super) cores: Vec<Cores>,
    pub(super) lanes: Vec<Lane>,
    /// Frames that go on at this instant, with the number that each awaits.
    pub(super) ready: Vec<(u32, u32)>,
    /// How many of `ready` have had their turn.
    ready_gone: usize,
    pub(super) sources: Vec<SourceState>,
    pub(super) in_flight: Vec<u32>,
    pub(super) cursors: Vec<u32>,
    /// Endpoints that may be chosen: by component, then by view. See `beliefs`.
    pub(super) rosters: Vec<Roster>,
    /// What views believe of endpoints, and what makes them; like `in_flight`, empty where no balancer has beliefs of its own.
    pub(super) marks: Vec<u8>,
    pub(super) suspects: Vec<Suspect>,
    /// Endpoints by load, for views of many; empty where no balancer asks for it.
    pub(super) levels: Vec<Levels>,
    /// When a frame's request set out over the network; grown when one does. Unit: ns.
    pub(super) departures: Vec<u64>,
    /// The view that follows a frame; grown when one does.
    pub(super) view_of: Vec<u32>,
    pub(super) impairments: Vec<Impairment>,
    /// Shares of failures in force, with their component; replicas that faults hold down, with the fault.
    pub(super) erring: Vec<(u32, u32)>,
    pub(super) lost: Vec<(usize, u32)>,
    pub(super) lasting: Lasting,
    /// Data sets of which one key is asked for by a share of all accesses, in units of 2^-32.
    pub(super) hot_keys: Vec<(u32, u32)>,
    /// Cuts in force, and when each is healed; `u64::MAX` for never.
    pub(super) cuts: Vec<(Cut, u64)>,
    /// Whether frames may be dropped in the midst of their work; then when each computes until, and the blocks that each
    /// waits for. Unit: ns.
    pub(super) drops: bool,
    pub(super) computed_at: Vec<u64>,
    pub(super) blocks_of: Vec<Vec<u32>>,
    /// Whether computes are to be looked at: a replica is slow, or frames may be dropped.
    pub(super) slowed: bool,
    pub(super) pools: Vec<PoolState>,
    /// The pool that a frame waits for; grown when one does.
    pub(super) pool_of: Vec<u32>,
    /// What attempts under policies owe, and what their calls keep; grown when one is made.
    pub(super) dues: Vec<Due>,
    pub(super) tries: Vec<Try>,
    pub(super) breakers: Vec<BreakerState>,
    pub(super) throttles: Vec<ThrottleState>,
    pub(super) rates: Vec<u64>,
    pub(super) budgets: Vec<u32>,
    pub(super) flows: Flows,
    /// Machines with state.
    pub(super) machines: Machines,
    pub(super) controls: Vec<Control>,
    /// Places in `controls` that can be used again.
    pub(super) spent_controls: Vec<u32>,
    pub(super) watch: Watch,
    pub(super) ziggurat: Box<Ziggurat>,
    pub(super) unbounded: bool,
    /// Asks the run to stop; looked at once a slice.
    pub(super) stop: Option<&'t AtomicBool>,
    /// What a traced run keeps; none in all others.
    pub(super) trace: Option<Box<Trace>>,
}

impl<'t> Engine<'t> {
    /// An idle system at time zero with its first arrivals and its faults scheduled.
    #[must_use]
    pub fn new(tables: &'t Tables, plan: Plan) -> Engine<'t> {
        let mut replicas = Vec::new();
        let mut conditions = Vec::new();
        let mut cores = Vec::new();
        let shares = tables.components.iter().any(|component| component.shares);
        for (id, component) in tables.components.iter().enumerate() {
            for _ in 0..component.count {
                conditions.push(Condition {
                    health: Health::Up,
                    believed: true,
                    present: true,
                    zone: tables.zones.get(replicas.len()).copied().unwrap_or(0),
                    crashes: 0,
                    flips: 0,
                    component: id as u32,
                    admit_at: 0,
                    slow: 1.0,
                    down_since: 0,
                });
                replicas.push(Replica::of(component));
                if shares {
                    cores.push(Cores::new(component.cores, component.sharing));
                }
            }
        }
        let (lines, line_of) = queues::lines_of(tables);
        let any = |has: fn(&Balancer) -> bool| tables.balancers.iter().any(has);
        let believes = any(Balancer::believes);
        let suspects = any(|balancer| balancer.outlier.is_some());
        let levels = any(|balancer| balancer.algorithm == Algorithm::LeastConnections);
        let faults = plan.experiment.and_then(|id| tables.experiments.get(id));
        let drops = computing::may_drop(tables, faults.map_or(&[], Vec::as_slice));
        let mut engine = Engine {
            tables,
            code: &tables.code,
            sites: &tables.sites,
            laws: &tables.laws,
            plan,
            now: 0,
            end: plan.warm_up + plan.window + plan.drain_cap,
            number: 0,
            events: Events::default(),
            frames: Vec::with_capacity(1024),
            free: NONE,
            cold: Vec::new(),
            cpu: vec![0; replicas.len()],
            replicas,
            conditions,
            cores,
            lines,
            line_of,
            senders: Vec::new(),
            lanes: tables.lanes.iter().map(|lane| Lane::new(*lane)).collect(),
            ready: Vec::with_capacity(64),
            ready_gone: 0,
            sources: Vec::new(),
            in_flight: vec![0; tables.balancer_counts as usize],
            cursors: vec![0; tables.views as usize],
            rosters: vec![Roster::default(); tables.components.len() + tables.views as usize],
            marks: vec![0; if believes { tables.balancer_counts as usize } else { 0 }],
            suspects: vec![Suspect::default(); if suspects { tables.balancer_counts as usize } else { 0 }],
            levels: vec![Levels::default(); if levels { tables.views as usize } else { 0 }],
            departures: Vec::new(),
            view_of: Vec::new(),
            impairments: vec![Impairment::default(); tables.components.len()],
            erring: Vec::new(),
            lost: Vec::new(),
            lasting: Lasting::default(),
            hot_keys: Vec::new(),
            cuts: Vec::new(),
            drops,
            computed_at: Vec::new(),
            blocks_of: Vec::new(),
            slowed: drops,
            pools: tables.pools.iter().map(|pool| PoolState::new(pool.permits)).collect(),
            pool_of: Vec::new(),
            dues: Vec::new(),
            tries: Vec::new(),
            breakers: tables.breakers.iter().map(BreakerState::new).collect(),
            throttles: vec![ThrottleState::new(); tables.throttles.len()],
            rates: vec![0; tables.rates.len()],
            budgets: tables.budgets.iter().map(|budget| budget.cap).collect(),
            flows: Flows::new(tables, &plan),
            machines: Machines::new(tables, &plan),
            controls: Vec::new(),
            spent_controls: Vec::new(),
            watch: Watch::new(tables, plan),
            ziggurat: Ziggurat::new(),
            unbounded: false,
            trace: None,
            stop: None,
        };
        if tables.slow != 1.0 {
            engine.slow_down(0, engine.replicas.len() as u32, |slow| slow * tables.slow);
        }
        engine.keep_spares_back();
        engine.schedule_controls();
        engine.machines_begin();
        engine.start_sources();
        engine
    }

    /// Lets the run be stopped from outside. Its record is then of no use.
    #[must_use]
    pub fn until(mut self, stop: &'t AtomicBool) -> Engine<'t> {
        self.stop = Some(stop);
        self
    }

    /// Runs to the end and hands over what was observed.
    #[must_use]
    pub fn run(mut self) -> Record {
        let fired = self.fire();
        self.close(fired)
    }

    /// Runs up to a time, for looking at a run from outside; it goes on from there. Returns how many events fired.
    pub fn advance(&mut self, until: u64) -> u64 {
        let end = self.end;
        let until = until.min(end);
        self.end = until;
        let fired = self.fire();
        if self.end == until {
            self.end = end;
        }
        fired
    }

    /// Like `run`, and says what was still held at the end: after a load that ends, nothing may be.
    #[must_use]
    pub fn run_and_look(mut self) -> (Record, Leftovers) {
        let fired = self.fire();
        let leftovers = Leftovers {
            frames: self.frames.iter().filter(|frame| frame.flags & flag::ALIVE != 0).count(),
            workers: self.replicas.iter().map(|replica| replica.busy as usize).sum(),
            waiters: self.count_waiters(),
            permits: self.permits_out(),
            in_flight: self.in_flight.iter().map(|count| *count as usize).sum(),
            locks: self.machines.locks.out(),
        };
        (self.close(fired), leftovers)
    }

    pub(super) fn fire(&mut self) -> u64 {
        let mut fired = 0;
        while let Some(key) = self.events.pop() {
            let time = events::time(key);
            if time >= self.end {
                // It stays due.
                self.events.push(key);
                break;
            }
            self.now = time;
            fired += 1;
            let slot = events::slot(key);
            let mut f = match Tag::of(key) {
                Tag::Resume => {
                    if self.frames[slot as usize].awaits != events::number(key) {
                        continue;
                    }
                    slot
                }
                Tag::Arrive => self.arrive_source(slot),
                _ => {
                    self.other_event(key);
                    self.next_ready()
                }
            };
            while f != NONE {
                self.walk(f);
                f = self.next_ready();
            }
        }
        fired
    }

    /// Events that are not the load's nor the end of a delay.
    #[inline(never)]
    fn other_event(&mut self, key: u128) {
        let slot = events::slot(key);
        match Tag::of(key) {
            Tag::Lane => self.lane_due(slot),
            Tag::Cores => self.cores_due(slot, events::number(key)),
            Tag::Control => self.control(slot),
            Tag::Message => {
                if self.frames[slot as usize].awaits == events::number(key) {
                    self.message(slot);
                }
            }
            Tag::Timer => {
                if self.frames[slot as usize].timer == events::number(key) {
                    self.give_up_waiting(slot);
                }
            }
            Tag::Flow => self.flow_due(slot),
            Tag::Resume | Tag::Arrive => {}
        }
    }

    /// The next frame of those that became ready at this instant, in the order in which they did; `NONE` after the last.
    #[inline(always)]
    fn next_ready(&mut self) -> u32 {
        while let Some(&(f, number)) = self.ready.get(self.ready_gone) {
            self.ready_gone += 1;
            let frame = &self.frames[f as usize];
            if frame.awaits == number {
                let failed = frame.status != Ending::Ok as u8 && frame.attempt == 0;
                let f = if failed { self.unwind(f, Ending::ALL[frame.status as usize]) } else { f };
                if f != NONE {
                    return f;
                }
            }
        }
        self.ready.clear();
        self.ready_gone = 0;
        NONE
    }

    /// A number no other event or call has, whose low half is not zero.
    #[inline(always)]
    pub(super) fn next_number(&mut self) -> u64 {
        self.number += 1;
        if self.number as u32 == 0 {
            self.number += 1;
        }
        self.number
    }

    /// Schedules an event.
    #[inline(always)]
    pub(super) fn at(&mut self, time: u64, tag: Tag, slot: u32) -> u32 {
        let number = self.next_number();
        self.events.push(events::key(time, number, tag, slot));
        number as u32
    }

    #[inline(always)]
    pub(super) fn resume_at(&mut self, time: u64, f: u32) {
        let number = self.at(time, Tag::Resume, f);
        self.frames[f as usize].awaits = number;
    }

    /// Lets a frame go on at this instant, after what is running.
    #[inline(always)]
    pub(super) fn wake(&mut self, f: u32) {
        let number = self.next_number() as u32;
        self.frames[f as usize].awaits = number;
        self.ready.push((f, number));
    }

    /// A place in the slab for a frame, which the caller fills at once: built elsewhere and moved here, it would take a
    /// detour through the stack. `NONE` once the cap is reached.
    #[inline(always)]
    pub(super) fn place(&mut self) -> u32 {
        let f = self.free;
        match self.frames.get(f as usize) {
            Some(place) => {
                self.free = place.next;
                f
            }
            None => self.grow(),
        }
    }

    /// A frame in the slab; `NONE` once the cap is reached.
    pub(super) fn alloc(&mut self, frame: Frame) -> u32 {
        let f = self.place();
        if f != NONE {
            self.frames[f as usize] = frame;
        }
        f
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> u32 {
        if self.frames.len() >= self.tables.frame_cap as usize {
            self.unbounded = true;
            self.end = 0;
            return NONE;
        }
        self.frames.push(Frame::BLANK);
        if self.tables.cold {
            self.cold.push(Cold::default());
        }
        (self.frames.len() - 1) as u32
    }

    /// Gives a frame's place back.
    #[inline(always)]
    pub(super) fn release_frame(&mut self, f: u32) {
        let frame = &mut self.frames[f as usize];
        frame.flags = 0;
        frame.awaits = 0;
        frame.timer = 0;
        frame.next = self.free;
        self.free = f;
    }

    /// Walks a frame's instructions, and those of the frames it starts and answers, until all wait.
    #[inline(never)]
    pub(super) fn exec(&mut self, f: u32) {
        self.walk(f);
    }

    /// `exec`, in line where frames mostly go on.
    #[inline(always)]
    pub(super) fn walk(&mut self, mut f: u32) {
        while f != NONE {
            let frame = &mut self.frames[f as usize];
            let pc = frame.pc;
            frame.pc = pc + 1;
            match self.code[pc as usize] {
                Step::Compute { law, site } => {
                    let (key, replica) = (frame.key, frame.replica);
                    let mut time = self.laws.draw(&self.ziggurat, law, &mut Keyed::new(key, site));
                    if self.slowed {
                        time = self.compute_time(f, replica, time);
                    }
                    if let Some(cpu) = self.cpu.get_mut(replica as usize) {
                        *cpu += time;
                    }
                    self.resume_at(self.now.saturating_add(time), f);
                    return;
                }
                Step::Call { site } => f = self.call(f, site),
                Step::Return => f = self.answered(f),
                Step::End => {
                    self.end_request(f, Ending::Ok);
                    return;
                }
                Step::Wait { law, site } => {
                    let (key, replica) = (frame.key, frame.replica);
                    let mut time = self.laws.draw(&self.ziggurat, law, &mut Keyed::new(key, site));
                    if self.slowed {
                        time = self.stretch(replica, time);
                    }
                    self.resume_at(self.now.saturating_add(time), f);
                    return;
                }
                Step::Share { law, site } => {
                    let mut work = self.laws.draw(&self.ziggurat, law, &mut Keyed::new(frame.key, site));
                    // What is computed next is computed on: one share of the cores serves both, and an event is saved.
                    while let Some(&Step::Share { law, site }) = self.code.get(frame.pc as usize) {
                        let more = self.laws.draw(&self.ziggurat, law, &mut Keyed::new(frame.key, site));
                        work = work.saturating_add(more);
                        frame.pc += 1;
                    }
                    self.share(f, work);
                    return;
                }
                Step::Guarded { site, policy } => f = self.guarded(f, site, policy),
                Step::Chance { share, to, site } => {
                    if chance(frame.key, site, share) {
                        frame.pc = to;
                    }
                }
                Step::Jump { to } => frame.pc = to,
                Step::Lookup { share, to, site } => {
                    let miss = chance(frame.key, site, share);
                    if miss {
                        frame.pc = to;
                    }
                    let component = self.sites[frame.site as usize].component;
                    let record = &mut self.watch.components[component as usize];
                    record.hits += u64::from(!miss);
                    record.misses += u64::from(miss);
                }
                other => f = self.seldom(f, other),
            }
        }
    }

    /// Instructions that only some designs have.
    #[inline(never)]
    fn seldom(&mut self, f: u32, step: Step) -> u32 {
        match step {
            Step::Send { site } => self.send(f, site),
            Step::Local { site } => self.local(f, site),
            Step::Split { first, count, need } => self.split(f, first, count, need),
            Step::Repeat { entry, times, site } => self.repeat(f, entry, times, site),
            Step::Fail { ending } => self.fail(f, ending),
            Step::Answer => self.answer(f),
            Step::Leave => self.leave_op(f),
            Step::Back => self.back(f),
            Step::Begin { site } => self.begin(f, site),
            Step::Within { site } => self.within(f, site),
            Step::Yield => self.yield_session(f),
            Step::Append { topic, site } => self.appends(f, topic, site),
            Step::Machine { act, at } => self.act(f, act, at),
            Step::Taste { unit } => self.taste(f, unit),
            Step::Space => self.needs_space(f),
            Step::Row { law } => {
                self.choose_row(f, law);
                f
            }
            Step::Note => {
                self.note(f, Ending::Ok);
                f
            }
            Step::JudgeLatency => {
                self.judge_latency(f);
                f
            }
            Step::JudgeWait => {
                self.judge_wait(f);
                f
            }
            Step::Rekey { site } => {
                let frame = &mut self.frames[f as usize];
                frame.key = derive(frame.key, site, 0);
                f
            }
            Step::Attempt => self.begin_attempt(f),
            Step::Depart => self.set_out(f),
            Step::Reopen => self.reopened(f),
            Step::Cancel => self.cancel_arrives(f),
            Step::Starts => self.copy_starts(f),
            Step::Check => {
                let clock = self.clock(self.frames[f as usize].replica);
                let late = self.cold.get(f as usize).is_some_and(|cold| cold.until <= clock);
                if late { self.fail(f, Ending::Timeout) } else { f }
            }
            Step::Settle { entry } => {
                let born = self.cold.get(f as usize).map_or(0, |cold| cold.born);
                self.watch.settle(entry, born, self.now);
                f
            }
            // Those that `exec` handles itself.
            _ => f,
        }
    }

    /// A call without policies. Returns the frame that goes on.
    #[inline(always)]
    fn call(&mut self, f: u32, site_id: u32) -> u32 {
        let c = self.launch(f, site_id, 0);
        if c == NONE {
            return self.unwind(f, Ending::Refused);
        }
        self.enter(c, &self.sites[site_id as usize])
    }

    /// Makes the callee's frame. `NONE` if there is no replica to call.
    #[inline(always)]
    pub(super) fn launch(&mut self, f: u32, site_id: u32, turn: u32) -> u32 {
        let site = &self.sites[site_id as usize];
        let number = self.next_number() as u32;
        let caller = &mut self.frames[f as usize];
        caller.awaits = number;
        let key = if site.key == 0 && turn == 0 { caller.key } else { derive(caller.key, site.key, turn) };
        let c = self.place();
        if c == NONE {
            return NONE;
        }
        let (replica, balanced) = if site.count == 1 { (site.first, 0) } else { self.choose(site, key, f, c) };
        if site.pair != NONE {
            let record = &mut self.watch.calls[site.pair as usize];
            record.calls += u64::from(turn == 0);
            record.attempts += 1;
        }
        if replica == NONE {
            self.release_frame(c);
            return NONE;
        }
        self.frames[c as usize] = Frame {
            start: self.now,
            mark: self.now,
            key,
            parent: f,
            ticket: number,
            awaits: 0,
            next: NONE,
            prev: NONE,
            timer: 0,
            replica,
            pc: site.entry,
            site: site_id,
            attempt: 0,
            status: 0,
            flags: flag::ALIVE | balanced,
        };
        if self.tables.cold {
            self.cold[c as usize] = self.cold[f as usize].handed_on();
        }
        c
    }

    /// Sends a callee's frame to its replica.
    #[inline(always)]
    pub(super) fn enter(&mut self, c: u32, site: &Site) -> u32 {
        if site.networked { self.depart(c) } else { self.admit(c, site) }
    }

    /// A frame reaches its replica: it gets a worker, waits for one, or is turned away.
    #[inline(always)]
    pub(super) fn admit(&mut self, c: u32, site: &Site) -> u32 {
        if site.gated && !self.gate(c) {
            return NONE;
        }
        let frame = &mut self.frames[c as usize];
        let replica = &mut self.replicas[frame.replica as usize];
        replica.touch(self.now);
        if replica.busy < replica.slots {
            replica.busy += 1;
            frame.flags |= flag::WORKER;
            let record = &mut self.watch.components[site.component as usize];
            record.accepted += 1;
            record.wait.add_zero();
            c
        } else if replica.queued < replica.limit {
            let tail = replica.tail;
            replica.tail = c;
            replica.queued += 1;
            frame.flags |= flag::QUEUED;
            frame.mark = self.now;
            frame.next = NONE;
            frame.prev = tail;
            let record = &mut self.watch.components[site.component as usize];
            record.accepted += 1;
            record.queue_max = record.queue_max.max(u64::from(replica.queued));
            if tail == NONE {
                replica.head = c;
            } else {
                self.frames[tail as usize].next = c;
            }
            if site.patience != NONE {
                self.lane_push_awaits(site.patience, c);
            }
            NONE
        } else {
            self.turned_away(c)
        }
    }

    /// A worker is free: the next waiter gets it.
    #[inline(always)]
    pub(super) fn release(&mut self, r: u32) {
        let replica = &mut self.replicas[r as usize];
        replica.touch(self.now);
        let head = replica.head;
        if head == NONE || replica.busy > replica.slots {
            if replica.queued == 0 {
                replica.busy -= 1;
            } else {
                self.serve_line(r);
            }
            return;
        }
        replica.queued -= 1;
        let frame = &mut self.frames[head as usize];
        let next = frame.next;
        let waited = self.now - frame.mark;
        frame.mark = self.now;
        frame.flags = frame.flags & !flag::QUEUED | flag::WORKER;
        let component = self.sites[frame.site as usize].component;
        replica.head = next;
        if next == NONE {
            replica.tail = NONE;
        } else {
            self.frames[next as usize].prev = NONE;
        }
        self.watch.components[component as usize].wait.add(waited);
        self.wake(head);
    }

    /// An operation has ended at its component (its worker is free already). Returns the caller, told how it ended.
    #[inline(always)]
    pub(super) fn finish(&mut self, c: u32, ending: Ending) -> u32 {
        if ending != Ending::Ok && self.trace.is_some() {
            self.trace_fails(c, ending);
        }
        let frame = &self.frames[c as usize];
        let site = &self.sites[frame.site as usize];
        let record = &mut self.watch.components[site.component as usize];
        record.ended[ending as usize] += 1;
        if ending == Ending::Ok {
            record.time.add(self.now - frame.start);
        }
        if site.networked || frame.flags & flag::SPECIAL != 0 {
            return self.reply(c, ending);
        }
        self.deliver(c, ending)
    }

    /// An operation has ended well and its worker is free: `release`, `finish` and `deliver` in one for what most answers
    /// are. Returns the caller.
    #[inline(always)]
    fn answered(&mut self, c: u32) -> u32 {
        let Frame { parent, ticket, start, replica, flags, site, .. } = self.frames[c as usize];
        let site = &self.sites[site as usize];
        self.release(replica);
        if site.networked || parent == NONE || flags & (flag::SPECIAL | flag::OWED | flag::BALANCED) != 0 {
            return self.finish(c, Ending::Ok);
        }
        self.release_frame(c);
        let time = self.now - start;
        let place = Coarse::place(time);
        let record = &mut self.watch.components[site.component as usize];
        record.ended[Ending::Ok as usize] += 1;
        record.time.add_at(place, time);
        let caller = &mut self.frames[parent as usize];
        if caller.awaits != ticket {
            self.unheard(c);
            return NONE;
        }
        caller.status = Ending::Ok as u8;
        if site.pair != NONE {
            let record = &mut self.watch.calls[site.pair as usize];
            record.ended[Ending::Ok as usize] += 1;
            record.latency.add_at(place, time);
        }
        parent
    }

    /// The answer reaches the caller, if it still waits for it; the callee's frame is gone.
    #[inline(always)]
    pub(super) fn deliver(&mut self, c: u32, ending: Ending) -> u32 {
        let Frame { parent, ticket, start, site, flags, .. } = self.frames[c as usize];
        let mut ending = ending;
        if flags & (flag::OWED | flag::BALANCED) != 0 {
            ending = self.settle(c, ending);
        }
        self.release_frame(c);
        if parent == NONE {
            return NONE;
        }
        let caller = &mut self.frames[parent as usize];
        if caller.awaits != ticket {
            self.unheard(c);
            return NONE;
        }
        caller.status = ending as u8;
        let Site { pair, networked, .. } = self.sites[site as usize];
        if pair != NONE {
            let record = &mut self.watch.calls[pair as usize];
            record.ended[ending as usize] += 1;
            if ending == Ending::Ok {
                let since = if networked { self.departures.get(c as usize).copied().unwrap_or(start) } else { start };
                record.latency.add(self.now - since);
            }
        }
        parent
    }

    /// An answer comes when nobody waits for it any more.
    #[cold]
    fn unheard(&mut self, c: u32) {
        self.wasted(c);
        let pair = self.sites[self.frames[c as usize].site as usize].pair;
        if let Some(record) = self.watch.calls.get_mut(pair as usize) {
            record.unheard += 1;
        }
    }

    /// The time since a frame got its worker was for nothing. The frame may have been given back just now.
    #[cold]
    pub(super) fn wasted(&mut self, c: u32) {
        let Frame { site, mark, .. } = self.frames[c as usize];
        let component = self.sites[site as usize].component;
        if let Some(record) = self.watch.components.get_mut(component as usize) {
            record.wasted += u128::from(self.now - mark);
        }
    }
}

/// Whether a chance, in units of 2^-32, comes true for a key at a site.
#[inline(always)]
#[must_use]
pub(super) fn chance(key: u64, site: u32, share: u32) -> bool {
    let drawn = (Keyed::new(key, site).word() >> 32) as u32;
    drawn < share || share == NONE
}
