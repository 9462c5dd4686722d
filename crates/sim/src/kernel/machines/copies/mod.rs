//! Copies of data behind a leader: its log, followers that apply it, failover, and what reads at followers see.
//!
//! The leader's log is a line of sequence numbers. What a follower has received and applied follows from the times of the
//! log's entries (`log`), so that a follower that keeps up costs no event. `failover` holds who leads and what is lost with
//! a leader, `reads` what followers answer. Left out: followers that pull from one another; what a follower's apply thread
//! takes of the cores that answer reads; elections that fail. A write whose follower fails within its round trip is
//! acknowledged all the same.

mod failover;
mod log;
mod reads;

use super::{Machine, Operand};
use crate::kernel::draws::{derive, mix};
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::frames::{Frame, Health};
use crate::kernel::tables::{NONE, Tables};
use crate::record::{Count, Ending};
use self::failover::Fork;
use self::log::{Copy, Entry, Log};
use self::reads::Sessions;
use std::collections::VecDeque;

/// What a write waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The leader's own log.
    Async,
    /// So many followers that have received it; none once they have been waited for in vain.
    SemiSync,
    /// So many followers that have flushed it.
    Quorum,
    /// All followers, those left out that were waited for in vain.
    Sync,
}

/// A leader and its followers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// The component.
    pub component: u32,
    /// Its first replica, which leads at first.
    pub first: u32,
    /// Number of copies, the leader included.
    pub copies: u32,
    /// What a write waits for.
    pub mode: Mode,
    /// Followers that `SemiSync` and `Quorum` wait for.
    pub need: u32,
    /// How much later than by the network alone followers have a write: with `Async` in their log, else for readers. Unit: ns.
    pub lag: u64,
    /// Law of the time in which a follower applies one entry; `u16::MAX` for none.
    pub apply: u16,
    /// Time of a follower's flush. Unit: ns.
    pub flush: u64,
    /// How long writes wait for acknowledgements that don't come. Unit: ns.
    pub patience: u64,
    /// From the loss of a leader until another leads: detection, hold-down and promotion. Unit: ns.
    pub failover: u64,
    /// How much of it is detection; zero where it was given as a whole. Unit: ns.
    pub detection: u64,
    /// How much of it is hold-down. Unit: ns.
    pub hold_down: u64,
    /// Whether another may lead at all.
    pub promotes: bool,
    /// Whether one of another region may.
    pub across: bool,
    /// Whether a leader that was replaced refuses.
    pub fencing: bool,
    /// Whether reads go to followers.
    pub reads: bool,
    /// Whether a session sees its own writes.
    pub own_writes: bool,
    /// Whether a session never sees less than before.
    pub monotonic: bool,
    /// How long a read waits for its guarantee at a follower. Unit: ns.
    pub guarantee_wait: u64,
    /// Whether accesses say their rows.
    pub by_row: bool,
    /// First of the regions of its copies in `Rows::regions`.
    pub regions: u32,
}

/// Rows: one for each component with copies.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The groups of copies.
    pub groups: Vec<Group>,
    /// Regions of copies.
    pub regions: Vec<u16>,
    /// Group of a component, where it has one.
    pub unit_of: Vec<u32>,
}

impl Rows {
    /// The group of a component; `NONE` where it has none.
    #[must_use]
    pub fn unit(&self, component: u32) -> u32 {
        self.unit_of.get(component as usize).copied().unwrap_or(NONE)
    }

    /// Adds a group, and says where it stands.
    pub fn add(&mut self, group: Group, regions: &[u16]) -> u32 {
        let unit = self.groups.len() as u32;
        self.groups.push(Group { regions: self.regions.len() as u32, ..group });
        self.regions.extend(regions);
        let component = group.component as usize;
        if self.unit_of.len() <= component {
            self.unit_of.resize(component + 1, NONE);
        }
        self.unit_of[component] = unit;
        unit
    }
}

/// What operations ask. `unit` of the operand: the group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// Only a leader goes on.
    Lead,
    /// A write enters the log and waits for what its mode asks.
    Commit,
    /// A read: at a follower it may have to wait, or to go to the leader, by `to` of the operand.
    Read,
}

/// What is due by itself.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {
    /// Another copy is to lead, if nothing has changed since (`epoch`).
    Promote {
        /// The group.
        unit: u32,
        /// Its epoch when this was set.
        epoch: u32,
    },
    /// Writes have waited in vain.
    Patience {
        /// The group.
        unit: u32,
    },
}

/// A write that waits for acknowledgements.
#[derive(Debug, Clone, Copy)]
struct Waiter {
    /// Its place in the log; zero on a fork.
    seq: u64,
    since: u64,
    frame: u32,
    /// The number that the frame awaits.
    number: u32,
}

/// Writes in their order.
type Waiters = VecDeque<Waiter>;

/// The state of a group.
#[derive(Debug)]
struct State {
    /// The replica that leads.
    leader: u32,
    log: Log,
    /// By place in the group; that of the leader says nothing.
    copies: Vec<Copy>,
    waiters: Waiters,
    /// When the next alarm about them is due.
    armed: u64,
    /// Whether semi-synchronous writes go on as if asynchronous.
    fallen_back: bool,
    /// Since when there is no leader that the others can reach.
    lost_since: Option<u64>,
    /// Counts what makes an alarm that was set before void.
    epoch: u32,
    /// Whether a promotion waits for someone to promote.
    overdue: bool,
    /// Leaders that were replaced while they worked, and can't be reached yet.
    forks: Vec<Fork>,
    sessions: Sessions,
    /// Added to the lag by faults. Unit: ns.
    more_lag: u64,
    /// Key of the draws of applying.
    key: u64,
}

/// State of all groups.
#[derive(Debug)]
pub struct Copies {
    groups: Vec<State>,
    /// Reused to sort acknowledgements.
    times: Vec<u64>,
}

impl Machine for Copies {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, plan: &Plan) -> Copies {
        let state = |group: &Group| State {
            leader: group.first,
            log: Log::default(),
            copies: vec![Copy::default(); group.copies as usize],
            waiters: Waiters::new(),
            armed: 0,
            fallen_back: false,
            lost_since: None,
            epoch: 0,
            overdue: false,
            forks: Vec::new(),
            sessions: Sessions::default(),
            more_lag: 0,
            key: derive(mix(plan.seed) ^ plan.replication, 0xC09_1E5, group.component),
        };
        Copies { groups: tables.machines.copies.groups.iter().map(state).collect(), times: Vec::new() }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        match act {
            Act::Lead => engine.must_lead(f, at.unit),
            Act::Commit => engine.commit_write(f, at.unit),
            Act::Read => engine.read_copy(f, at),
        }
    }

    fn due(engine: &mut Engine<'_>, alarm: Alarm) {
        match alarm {
            Alarm::Promote { unit, epoch } => {
                if engine.machines.copies.groups[unit as usize].epoch == epoch {
                    engine.promote(unit);
                }
            }
            Alarm::Patience { unit } => engine.out_of_patience(unit),
        }
    }

    fn down(engine: &mut Engine<'_>, replica: u32, _: Health) {
        engine.copies_changed(replica);
    }

    fn up(engine: &mut Engine<'_>, replica: u32) {
        engine.copies_changed(replica);
    }

    fn begin(engine: &mut Engine<'_>) {
        for unit in 0..engine.machines.copies.groups.len() as u32 {
            engine.measure_ways(unit);
        }
    }

    fn rewired(engine: &mut Engine<'_>) {
        for unit in 0..engine.machines.copies.groups.len() as u32 {
            engine.review(unit);
        }
    }
}

impl Group {
    /// Its place of a replica; beyond the number of copies where it is none of its own.
    fn place(&self, replica: u32) -> usize {
        replica.wrapping_sub(self.first) as usize
    }
}

impl State {
    /// What is added to the way of an entry to a follower's log, and then until readers see it. Unit: ns.
    fn lags(&self, group: &Group) -> (u64, u64) {
        let lag = group.lag.saturating_add(self.more_lag);
        if group.mode == Mode::Async { (lag, 0) } else { (0, lag) }
    }

    /// The fork of a leader that was replaced.
    fn fork_of(&mut self, replica: u32) -> Option<&mut Fork> {
        self.forks.iter_mut().find(|fork| fork.old == replica)
    }

    /// When a write will have the acknowledgements that it waits for; none if they don't come as things are.
    fn acknowledged_at(&mut self, group: &Group, seq: u64, now: u64, times: &mut Vec<u64>) -> Option<u64> {
        let (ship, _) = self.lags(group);
        let leader = group.place(self.leader);
        let flush = if group.mode == Mode::SemiSync { 0 } else { group.flush };
        times.clear();
        let mut caught_up = 0;
        for (nth, copy) in self.copies.iter_mut().enumerate() {
            if nth == leader {
                continue;
            }
            if copy.away {
                if group.mode == Mode::Sync && !copy.out {
                    return None;
                }
                continue;
            }
            let level = copy.floor <= now;
            caught_up += u32::from(level);
            copy.out &= !level;
            if !copy.out {
                times.push(copy.arrival(&self.log, seq, ship).saturating_add(flush).saturating_add(copy.back).max(now));
            }
        }
        let need = match group.mode {
            Mode::Async => 0,
            Mode::Sync => times.len() as u32,
            Mode::SemiSync if self.fallen_back => {
                if caught_up < group.need {
                    return Some(now);
                }
                self.fallen_back = false;
                group.need
            }
            Mode::SemiSync | Mode::Quorum => group.need,
        };
        if need == 0 {
            return Some(now);
        }
        times.sort_unstable();
        times.get(need as usize - 1).copied()
    }
}

/// Whether someone still waits for a write: what is acknowledged to nobody is not acknowledged.
fn waited_for(frames: &[Frame], waiter: &Waiter) -> bool {
    let frame = &frames[waiter.frame as usize];
    let heard = frame.parent == NONE || frames[frame.parent as usize].awaits == frame.ticket;
    frame.awaits == waiter.number && heard
}

impl Engine<'_> {
    /// Only a leader goes on: one that leads, or one that was replaced and does not know.
    fn must_lead(&mut self, f: u32, unit: u32) -> u32 {
        let replica = self.frames[f as usize].replica;
        let state = &mut self.machines.copies.groups[unit as usize];
        let leads = state.leader == replica || state.fork_of(replica).is_some_and(|fork| !fork.fenced);
        if leads { f } else { self.fail(f, Ending::Refused) }
    }

    /// A write enters the log. Returns the frame that goes on.
    fn commit_write(&mut self, f: u32, unit: u32) -> u32 {
        let replica = self.frames[f as usize].replica;
        let now = self.now;
        let cold = self.cold[f as usize];
        let group = &self.tables.machines.copies.groups[unit as usize];
        let Copies { groups, times } = &mut self.machines.copies;
        let state = &mut groups[unit as usize];
        let entry = Entry { at: now, acked: u64::MAX, row: if group.by_row { cold.row } else { 0 }, session: cold.session_of() };
        if state.leader != replica {
            return self.commit_on_fork(f, unit, entry);
        }
        state.log.trim(group, &mut state.copies, state.leader, state.more_lag, now);
        let seq = state.log.push(entry);
        if !state.forks.is_empty() && group.by_row {
            let row = entry.row;
            state.forks.iter_mut().for_each(|fork| fork.rewritten(row));
        }
        if group.reads {
            state.sessions.forget(state.log.before());
            state.sessions.wrote(entry.session, seq);
        }
        let (ship, show) = state.lags(group);
        let leader = group.place(state.leader);
        let mut first = u64::MAX;
        for (nth, copy) in state.copies.iter_mut().enumerate().filter(|(nth, copy)| *nth != leader && !copy.away) {
            let arrival = copy.arrival(&state.log, seq, ship);
            first = first.min(arrival);
            let shown = if group.apply == u16::MAX {
                arrival.saturating_add(show)
            } else {
                let key = derive(state.key, nth as u32, seq as u32);
                let takes = self.tables.laws.draw(&self.ziggurat, group.apply, &mut log::luck(key));
                copy.apply(seq, arrival.saturating_add(show), takes)
            };
            self.watch.timed(group.component, crate::record::Timed::ReplicaLag, shown - now);
        }
        let acked = if group.mode == Mode::Async { Some(now) } else { state.acknowledged_at(group, seq, now, times) };
        let component = group.component;
        let Some(acked) = acked else {
            let patience = group.patience;
            return self.wait_for_copies(f, unit, seq, patience);
        };
        state.log.acknowledge(seq, acked);
        self.watch.tally(component, Count::Acknowledged, 1);
        self.watch.tally(component, Count::Unreplicated, u64::from(first > acked));
        if acked <= now {
            return f;
        }
        self.resume_at(acked, f);
        NONE
    }

    /// A write waits for followers that can't be reached.
    fn wait_for_copies(&mut self, f: u32, unit: u32, seq: u64, patience: u64) -> u32 {
        self.park(f);
        let waiter = Waiter { seq, since: self.now, frame: f, number: self.frames[f as usize].awaits };
        let state = &mut self.machines.copies.groups[unit as usize];
        match state.fork_of(self.frames[f as usize].replica) {
            Some(fork) if seq == 0 => fork.waiters.push_back(waiter),
            _ => state.waiters.push_back(waiter),
        }
        self.arm_patience(unit, self.now.saturating_add(patience));
        NONE
    }

    fn arm_patience(&mut self, unit: u32, due: u64) {
        let state = &mut self.machines.copies.groups[unit as usize];
        if state.armed <= self.now && due < self.end {
            state.armed = due;
            self.remind(due, super::Alarm::Copies(Alarm::Patience { unit }));
        }
    }

    /// Writes have waited for followers in vain.
    fn out_of_patience(&mut self, unit: u32) {
        let group = self.tables.machines.copies.groups[unit as usize];
        let late = |waiter: &Waiter, now: u64| waiter.since.saturating_add(group.patience) <= now;
        let now = self.now;
        let state = &mut self.machines.copies.groups[unit as usize];
        state.armed = 0;
        if state.waiters.front().is_some_and(|waiter| late(waiter, now)) {
            match group.mode {
                Mode::SemiSync => {
                    state.fallen_back = true;
                    self.watch.tally(group.component, Count::Fallbacks, 1);
                }
                Mode::Sync => {
                    let left_out = state.copies.iter_mut().filter(|copy| copy.away && !copy.out);
                    left_out.for_each(|copy| copy.out = true);
                    self.watch.tally(group.component, Count::Fallbacks, 1);
                }
                Mode::Async | Mode::Quorum => {
                    let waiters = &mut state.waiters;
                    let many = waiters.iter().take_while(|waiter| late(waiter, now)).count();
                    let gone: Vec<Waiter> = waiters.drain(..many).collect();
                    gone.into_iter().for_each(|waiter| self.drop_write(waiter, Ending::Timeout));
                }
            }
            self.release_waiters(unit);
        }
        self.forks_out_of_patience(unit, &group);
        let state = &self.machines.copies.groups[unit as usize];
        let next = state.waiters.front().into_iter().chain(state.forks.iter().filter_map(|fork| fork.waiters.front()));
        if let Some(since) = next.map(|waiter| waiter.since).min() {
            self.arm_patience(unit, since.saturating_add(group.patience));
        }
    }

    /// Lets writes go on that have their acknowledgements now.
    fn release_waiters(&mut self, unit: u32) {
        let group = self.tables.machines.copies.groups[unit as usize];
        loop {
            let Copies { groups, times } = &mut self.machines.copies;
            let state = &mut groups[unit as usize];
            let Some(waiter) = state.waiters.front().copied() else { return };
            let Some(acked) = state.acknowledged_at(&group, waiter.seq, self.now, times) else { return };
            state.waiters.pop_front();
            if waited_for(&self.frames, &waiter) {
                state.log.acknowledge(waiter.seq, acked);
            }
            let alone = group.mode == Mode::SemiSync && state.fallen_back;
            self.go_on(waiter, group.component, acked, alone);
        }
    }

    /// A write that waited is acknowledged.
    fn go_on(&mut self, waiter: Waiter, component: u32, acked: u64, alone: bool) {
        if waited_for(&self.frames, &waiter) {
            self.watch.tally(component, Count::Acknowledged, 1);
            self.watch.tally(component, Count::Unreplicated, u64::from(alone));
        }
        if self.frames[waiter.frame as usize].awaits != waiter.number {
            return;
        }
        if acked <= self.now { self.wake(waiter.frame) } else { self.resume_at(acked, waiter.frame) }
    }

    /// A write that waited fails: what became of it is unknown.
    fn drop_write(&mut self, waiter: Waiter, ending: Ending) {
        if self.frames[waiter.frame as usize].awaits == waiter.number {
            self.frames[waiter.frame as usize].awaits = 0;
            let next = self.fail(waiter.frame, ending);
            self.tell(next);
        }
    }

    /// A fault adds to the lag of a component's copies, or takes away again.
    pub(in crate::kernel) fn add_lag(&mut self, component: u32, add: u64, begins: bool) {
        let unit = self.tables.machines.copies.unit(component);
        let Some(group) = self.tables.machines.copies.groups.get(unit as usize) else { return };
        let now = self.now;
        let state = &mut self.machines.copies.groups[unit as usize];
        let (before, _) = state.lags(group);
        for copy in state.copies.iter_mut().filter(|copy| !copy.away) {
            copy.settle(&state.log, before, now);
        }
        state.more_lag = if begins { state.more_lag + add } else { state.more_lag.saturating_sub(add) };
        for nth in 0..group.copies as usize {
            self.apply_again(unit, nth);
        }
    }

    /// The replica that leads a component in the eyes of a caller.
    pub(in crate::kernel) fn leader_for(&self, component: u32, f: u32) -> Option<u32> {
        let unit = self.tables.machines.copies.unit(component);
        let state = self.machines.copies.groups.get(unit as usize)?;
        Some(if state.forks.is_empty() { state.leader } else { self.leader_in_reach(state, f) })
    }

    /// The replica that leads a component.
    pub(in crate::kernel) fn leader_of(&self, component: u32) -> Option<u32> {
        let unit = self.tables.machines.copies.unit(component);
        self.machines.copies.groups.get(unit as usize).map(|state| state.leader)
    }

    /// A replica went down or came back.
    fn copies_changed(&mut self, replica: u32) {
        let unit = self.tables.machines.copies.unit(self.conditions[replica as usize].component);
        if let Some(group) = self.tables.machines.copies.groups.get(unit as usize)
            && group.place(replica) < group.copies as usize
        {
            self.review(unit);
        }
    }
}

