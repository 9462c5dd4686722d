//! Releases: which version each replica runs, how another one is brought in and judged, and how it is taken back.
//!
//! A replica that is replaced gets no new work, ends what it has (up to a grace) and starts anew; or others start beside it
//! and take over. A judge sees what ended in whole windows of time, one after the other, each a delay after its end; these,
//! stages and start-up times are all that is scheduled. Which version an operation meets is found where it begins (a door).
//! Left out: refusals before an operation begins, which no judge sees, and two releases of one component at a time.

mod rows;

pub use self::rows::{Contract, Door, Judge, Manner, Release, Rollback, Rows, Version};

use super::{Alarm as AnyAlarm, Machine, Operand, Which};
use crate::kernel::engine::{Engine, Plan, chance};
use crate::kernel::frames::Health;
use crate::kernel::tables::{NONE, Tables};
use crate::record::{Count, Ending, Timed};
use std::ops::Range;

/// Steps in which what gets worse with time slows a replica down.
const WORSENINGS: u32 = 10;

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// An operation begins. `unit`: the door; `site`: that of its failures.
    Enter,
    /// An operation begins in process: only its steps may differ. `unit`: the door.
    Choose,
    /// An operation has ended well.
    Ended,
}

/// What is to happen to a replica or a component, which comes first, at a turn, which comes second.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {
    /// A replica that goes may have nothing left to do.
    Idle(u32, u32),
    /// A replica has had its time to end what it does.
    Grace(u32, u32),
    /// A replica beside the others has started.
    Started(u32, u32),
    /// A version gets worse.
    Worse(u32, u32, u32),
    /// A stage has been watched for as long as it should be.
    StageOver(u32, u32),
    /// The judge sees a window.
    Look(u32, u32, u64),
}

/// Where a replica stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It serves, or would if nothing had befallen it.
    Serving,
    /// It gets no new work and will start anew.
    Draining,
    /// It starts anew.
    Restarting,
    /// It starts beside the others.
    Starting,
    /// It has started, and waits for the others of its kind.
    Ready,
    /// It is not in use.
    Spare,
}

/// What a replica runs.
#[derive(Debug, Clone, Copy)]
struct Runs {
    version: u8,
    /// What it runs after its next start.
    next: u8,
    phase: Phase,
    /// Counts changes of phase, so that alarms of before are known as old.
    turn: u32,
    /// Counts changes of version, likewise.
    life: u32,
    /// Since when. Unit: ns.
    since: u64,
    /// How many times as slow its version makes it now.
    slowed: f64,
}

/// What ended in one window: of the new version all and the bad, of the old all and the bad.
#[derive(Debug, Clone, Copy, Default)]
struct Window {
    nth: u64,
    new: [u64; 2],
    old: [u64; 2],
}

/// The release of a component.
#[derive(Debug, Clone)]
struct Rollout {
    /// The last release that began; `NONE` for none.
    release: u32,
    active: bool,
    /// Whether it is on its way back, and whether the old replicas were kept until then.
    back: bool,
    kept: bool,
    /// Counts beginnings and turns, so that alarms of before are known as old.
    turn: u32,
    from: u8,
    to: u8,
    stage: u32,
    /// Replicas on their way to another version.
    pending: u32,
    /// When it began, when the first replica of its version served, when its stage did. Unit: ns.
    started: u64,
    served: u64,
    stage_began: u64,
    /// Beginning of the last window that was judged good; none yet.
    good: Option<u64>,
    /// Whether its stage waits for a verdict.
    waits: bool,
    /// Windows that are open or not seen yet.
    windows: Vec<Window>,
    /// Share of requests that go to the new version, in units of 2^-32; zero where replicas share evenly.
    weight: u32,
}

impl Default for Rollout {
    fn default() -> Rollout {
        Rollout {
            release: NONE,
            active: false,
            back: false,
            kept: false,
            turn: 0,
            from: 0,
            to: 0,
            stage: 0,
            pending: 0,
            started: 0,
            served: 0,
            stage_began: 0,
            good: None,
            waits: false,
            windows: Vec::new(),
            weight: 0,
        }
    }
}

/// What runs where. Index: replica, component; empty where nothing has versions.
#[derive(Debug)]
pub struct Releases {
    runs: Vec<Runs>,
    rollouts: Vec<Rollout>,
}

impl Releases {
    /// Whether an endpoint's replica runs what is being released.
    pub(in crate::kernel) fn is_new(&self, component: u32, replica: u32) -> bool {
        self.runs[replica as usize].version == self.rollouts[component as usize].to
    }

    /// Whether a replica stops because of a release: that is no crash.
    pub(in crate::kernel) fn stops(&self, replica: u32) -> bool {
        self.runs.get(replica as usize).is_some_and(|runs| matches!(runs.phase, Phase::Restarting | Phase::Spare))
    }

    /// The share of requests that go to a new version, where a release says so itself. Unit: 2^-32.
    pub(in crate::kernel) fn weight(&self, component: u32) -> Option<u32> {
        self.rollouts.get(component as usize).map(|rollout| rollout.weight).filter(|weight| *weight > 0)
    }
}

impl Machine for Releases {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Releases {
        let mut releases = Releases { runs: Vec::new(), rollouts: Vec::new() };
        if tables.machines.releases.doors.is_empty() {
            return releases;
        }
        for component in &tables.components {
            releases.runs.extend((0..component.count).map(|nth| Runs {
                version: 0,
                next: 0,
                phase: if nth < component.count - component.spares { Phase::Serving } else { Phase::Spare },
                turn: 0,
                life: 0,
                since: 0,
                slowed: 1.0,
            }));
            releases.rollouts.push(Rollout::default());
        }
        releases
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        match act {
            Act::Enter => engine.enter_version(f, at),
            Act::Choose => {
                engine.choose_version(f, at.unit);
                f
            }
            Act::Ended => {
                engine.unhold(f, Which::Releases);
                let component = engine.tables.sites[engine.frames[f as usize].site as usize].component;
                let within = engine.judge_of(component).map_or(u64::MAX, |judge| judge.within);
                let late = engine.now - engine.frames[f as usize].start > within;
                engine.version_ended(component, f, late);
                f
            }
        }
    }

    fn due(engine: &mut Engine<'_>, alarm: Alarm) {
        let current = |engine: &Engine<'_>, r: u32, turn: u32| engine.machines.releases.runs[r as usize].turn == turn;
        let going =
            |engine: &Engine<'_>, c: u32, turn: u32| engine.machines.releases.rollouts[c as usize].turn == turn;
        match alarm {
            Alarm::Idle(replica, turn) => {
                if current(engine, replica, turn) && engine.has_nothing_to_do(replica) {
                    engine.start_anew(replica);
                }
            }
            Alarm::Grace(replica, turn) => {
                if current(engine, replica, turn) {
                    match engine.runs(replica).phase {
                        Phase::Draining => engine.start_anew(replica),
                        // What it still has in work dies with it.
                        _ if engine.replicas[replica as usize].busy > 0 => {
                            engine.crash(|r| r == replica, Health::Reset);
                        }
                        _ => {}
                    }
                }
            }
            Alarm::Started(replica, turn) => {
                if current(engine, replica, turn) && engine.conditions[replica as usize].health == Health::Up {
                    engine.is_ready(replica);
                }
            }
            Alarm::Worse(replica, turn, nth) => {
                if engine.runs(replica).life == turn {
                    engine.get_worse(replica, nth);
                }
            }
            Alarm::StageOver(component, turn) => {
                if going(engine, component, turn) {
                    engine.stage_over(component);
                }
            }
            Alarm::Look(component, turn, nth) => {
                if going(engine, component, turn) {
                    engine.judge_looks(component, nth);
                }
            }
        }
    }

    fn down(engine: &mut Engine<'_>, replica: u32, _: Health) {
        if let Some(runs) = engine.machines.releases.runs.get_mut(replica as usize)
            && runs.phase == Phase::Draining
        {
            runs.phase = Phase::Restarting;
            runs.turn += 1;
        }
    }

    fn up(engine: &mut Engine<'_>, replica: u32) {
        let Some(runs) = engine.machines.releases.runs.get(replica as usize).copied() else {
            return;
        };
        match runs.phase {
            Phase::Restarting => {
                engine.change_phase(replica, Phase::Serving);
                engine.run_version(replica, runs.next);
                engine.enrol(replica, true);
                engine.arrived(replica);
            }
            Phase::Starting => engine.is_ready(replica),
            // A new process begins anew to get worse.
            _ => engine.run_version(replica, runs.version),
        }
    }

    fn lose(engine: &mut Engine<'_>, f: u32) {
        let component = engine.tables.sites[engine.frames[f as usize].site as usize].component;
        engine.version_ended(component, f, true);
    }
}

impl Engine<'_> {
    fn rollout(&mut self, component: u32) -> &mut Rollout {
        &mut self.machines.releases.rollouts[component as usize]
    }

    fn runs(&self, replica: u32) -> Runs {
        self.machines.releases.runs[replica as usize]
    }

    fn release_of(&self, component: u32) -> Option<Release> {
        let rollout = self.machines.releases.rollouts.get(component as usize)?;
        self.tables.machines.releases.releases.get(rollout.release as usize).copied()
    }

    /// Who watches a component now.
    fn judge_of(&self, component: u32) -> Option<Judge> {
        let release = self.release_of(component)?;
        let rollout = &self.machines.releases.rollouts[component as usize];
        release.judge.filter(|_| rollout.active && !rollout.back)
    }

    fn replicas_of(&self, component: u32) -> Range<u32> {
        let row = &self.tables.components[component as usize];
        row.first..row.first + row.count
    }

    fn change_phase(&mut self, replica: u32, phase: Phase) -> u32 {
        let runs = &mut self.machines.releases.runs[replica as usize];
        runs.phase = phase;
        runs.turn += 1;
        runs.turn
    }

    /// An operation begins: its version may fail it, not understand its caller, or do something else than the first.
    fn enter_version(&mut self, f: u32, at: Operand) -> u32 {
        let tables = &self.tables.machines.releases;
        let door = tables.doors[at.unit as usize];
        let frame = self.frames[f as usize];
        let runs = self.runs(frame.replica);
        let first = tables.first[door.component as usize];
        if first != NONE {
            self.watch.tally(door.component, Count::Entered, 1);
            self.watch.tally(door.component, Count::Exposed, u64::from(runs.version != 0));
            self.hold(f, Which::Releases);
        }
        let (from, count) = door.contracts;
        if count > 0 {
            let caller = self.caller_of(f);
            let who = self.conditions.get(caller as usize).map_or(NONE, |condition| condition.component);
            let contracts = &tables.contracts[from as usize..(from + count) as usize];
            let broken = |contract: &Contract| {
                contract.caller == who && !contract.holds(self.runs(caller).version, runs.version)
            };
            if contracts.iter().any(broken) {
                self.watch.tally(door.component, Count::NotUnderstood, 1);
                return self.fail(f, Ending::Error);
            }
        }
        if first != NONE {
            let version = tables.versions[first as usize + runs.version as usize];
            if version.errors > 0 {
                let age = self.now - runs.since;
                let share = match version.after {
                    0 => version.errors,
                    after if age >= after => version.errors,
                    after => (f64::from(version.errors) * (age as f64 / after as f64)) as u32,
                };
                if chance(frame.key, at.site, share) {
                    return self.fail(f, Ending::Error);
                }
            }
        }
        self.choose_version(f, at.unit);
        f
    }

    /// An operation goes on with the steps of its replica's version.
    fn choose_version(&mut self, f: u32, door: u32) {
        let tables = &self.tables.machines.releases;
        let entries = tables.doors[door as usize].entries;
        if entries == NONE {
            return;
        }
        let version = self.runs(self.frames[f as usize].replica).version;
        let entry = tables.entries[entries as usize + version as usize];
        if entry != NONE {
            self.frames[f as usize].pc = entry;
        }
    }

    /// The replica that called an operation, also through those that only pass requests on; `NONE` for a client or nobody.
    fn caller_of(&self, f: u32) -> u32 {
        let mut parent = self.frames[f as usize].parent;
        while let Some(frame) = self.frames.get(parent as usize) {
            let Some(condition) = self.conditions.get(frame.replica as usize) else {
                return NONE;
            };
            if !self.tables.machines.releases.hops[condition.component as usize] {
                return frame.replica;
            }
            parent = frame.parent;
        }
        NONE
    }

    /// An operation has ended, well or badly.
    fn version_ended(&mut self, component: u32, f: u32, bad: bool) {
        let replica = self.frames[f as usize].replica;
        let Runs { version, phase, turn, .. } = self.runs(replica);
        if phase == Phase::Draining && self.replicas[replica as usize].busy <= 1 {
            self.remind(self.now, AnyAlarm::Releases(Alarm::Idle(replica, turn)));
        }
        let Some(judge) = self.judge_of(component) else {
            return;
        };
        let now = self.now;
        let rollout = self.rollout(component);
        let Some(since) = now.checked_sub(rollout.served).filter(|_| !rollout.windows.is_empty()) else {
            return;
        };
        let nth = since / judge.window;
        let slots = rollout.windows.len() as u64;
        let new = version == rollout.to;
        let window = &mut rollout.windows[(nth % slots) as usize];
        if window.nth != nth {
            *window = Window { nth, ..Window::default() };
        }
        let side = if new { &mut window.new } else { &mut window.old };
        side[0] += 1;
        side[1] += u64::from(bad);
    }

    /// Whether a replica has nothing in work and nobody waiting.
    fn has_nothing_to_do(&self, r: u32) -> bool {
        self.replicas[r as usize].busy == 0 && self.waiters_at(r) == 0
    }

    /// From now on a replica runs a version.
    fn run_version(&mut self, r: u32, version: u8) {
        let component = self.conditions[r as usize].component;
        let now = self.now;
        let runs = &mut self.machines.releases.runs[r as usize];
        let slowed = std::mem::replace(&mut runs.slowed, 1.0);
        (runs.version, runs.next, runs.since) = (version, version, now);
        runs.life += 1;
        if slowed != 1.0 {
            self.slow_down(r, 1, |slow| slow / slowed);
        }
        let first = self.tables.machines.releases.first[component as usize];
        if first == NONE {
            return;
        }
        let rule = self.tables.machines.releases.versions[first as usize + version as usize];
        if rule.slow != 1.0 {
            self.get_worse(r, if rule.after == 0 { WORSENINGS } else { 0 });
        }
    }

    /// A version is so many tenths as slow as it will be.
    fn get_worse(&mut self, r: u32, nth: u32) {
        let component = self.conditions[r as usize].component;
        let first = self.tables.machines.releases.first[component as usize];
        let runs = &mut self.machines.releases.runs[r as usize];
        let rule = self.tables.machines.releases.versions[first as usize + runs.version as usize];
        let factor = 1.0 + (rule.slow - 1.0) * f64::from(nth) / f64::from(WORSENINGS);
        let before = std::mem::replace(&mut runs.slowed, factor);
        let turn = runs.life;
        if factor != before {
            self.slow_down(r, 1, |slow| slow / before * factor);
        }
        if nth < WORSENINGS {
            let next = self.now + rule.after / u64::from(WORSENINGS);
            self.remind(next, AnyAlarm::Releases(Alarm::Worse(r, turn, nth + 1)));
        }
    }

    /// A release begins, or is taken back because its time is over.
    pub(in crate::kernel) fn roll_out(&mut self, id: u32, begins: bool) {
        let release = self.tables.machines.releases.releases[id as usize];
        let component = release.component;
        let now = self.now;
        if !begins {
            if self.rollout(component).release == id {
                self.take_back(component, false);
            }
            return;
        }
        // One release at a time; and what others would not understand does not begin where that is tested.
        if self.rollout(component).active || release.tested && self.breaks_contracts(component, release.version) {
            self.watch.tally(component, Count::Stopped, 1);
            return;
        }
        let rollout = self.rollout(component);
        let running = if rollout.back || rollout.release == NONE { rollout.from } else { rollout.to };
        let slots = release.judge.map_or(0, |judge| judge.delay / judge.window.max(1) + 2);
        *rollout = Rollout {
            release: id,
            active: true,
            turn: rollout.turn + 1,
            from: running,
            to: release.version,
            started: now,
            served: u64::MAX,
            windows: vec![Window::default(); slots as usize],
            ..Rollout::default()
        };
        self.shift(component);
    }

    /// Whether others do not understand a version of a component, as they are.
    fn breaks_contracts(&mut self, component: u32, version: u8) -> bool {
        let tables = self.tables;
        let runs = |engine: &Self, of: u32| {
            let rollout = &engine.machines.releases.rollouts[of as usize];
            let new = rollout.release != NONE && !rollout.back;
            if of == component { version } else if new { rollout.to } else { rollout.from }
        };
        tables.machines.releases.contracts.iter().any(|contract| {
            (contract.caller == component || contract.callee == component)
                && !contract.holds(runs(self, contract.caller), runs(self, contract.callee))
        })
    }

    /// Somebody turns a release off: all replicas behave as before.
    pub(in crate::kernel) fn kill_switch(&mut self, component: u32) {
        if self.machines.releases.rollouts.get(component as usize).is_some_and(|rollout| rollout.release != NONE) {
            self.take_back(component, true);
        }
    }

    /// The version that replicas of a component move to now.
    fn aim(&mut self, component: u32) -> u8 {
        let rollout = self.rollout(component);
        if rollout.back { rollout.from } else { rollout.to }
    }

    /// The next replicas change their version.
    fn shift(&mut self, component: u32) {
        let Some(release) = self.release_of(component) else { return };
        let aim = self.aim(component);
        let Rollout { back, kept, stage, .. } = *self.rollout(component);
        let row = &self.tables.components[component as usize];
        let all = row.count - row.spares;
        let (first, count) = release.stages;
        let stages = &self.tables.machines.releases.stages[first as usize..(first + count) as usize];
        let steps = stages.iter().zip(std::iter::once(&0).chain(stages)).map(|(to, from)| to - from);
        let batch = steps.max().unwrap_or(all);
        let serves = |runs: &Runs| matches!(runs.phase, Phase::Serving | Phase::Draining | Phase::Restarting);
        let there = self.replicas_of(component).filter(|r| serves(&self.runs(*r)));
        let have = there.filter(|r| self.runs(*r).next == aim).count() as u32;
        let goal = if back && release.manner == Manner::InPlace { all } else if back { (have + batch).min(all) } else { stages[stage as usize] };
        let need = goal.saturating_sub(have) as usize;
        let moves = |engine: &Self, r: u32| {
            let runs = engine.runs(r);
            runs.phase == Phase::Serving && runs.next != aim
        };
        match release.manner {
            Manner::InPlace => {
                let chosen: Vec<u32> =
                    self.replicas_of(component).filter(|r| moves(self, *r)).take(need).collect();
                for r in chosen {
                    self.run_version(r, aim);
                }
            }
            Manner::Restart => {
                let chosen: Vec<u32> =
                    self.replicas_of(component).filter(|r| moves(self, *r)).take(need).collect();
                self.rollout(component).pending += chosen.len() as u32;
                for r in chosen {
                    self.depart_replica(r, aim, release.grace);
                }
            }
            Manner::Beside | Manner::Kept => {
                let spare = |r: &u32| self.runs(*r).phase == Phase::Spare;
                let chosen: Vec<u32> = self.replicas_of(component).filter(spare).take(need).collect();
                self.rollout(component).pending += chosen.len() as u32;
                for r in chosen {
                    let kept = kept && self.runs(r).version == aim;
                    self.machines.releases.runs[r as usize].next = aim;
                    let turn = self.change_phase(r, Phase::Starting);
                    let up = self.conditions[r as usize].health == Health::Up;
                    if kept && up {
                        self.is_ready(r);
                    } else {
                        let ready = self.now.saturating_add(row.restart);
                        self.remind(ready, AnyAlarm::Releases(Alarm::Started(r, turn)));
                    }
                }
                return self.swap_when_ready(component);
            }
        }
        if self.rollout(component).pending == 0 {
            self.staged(component);
        }
    }

    /// A replica gets no new work, ends what it has, and starts anew.
    fn depart_replica(&mut self, r: u32, next: u8, grace: u64) {
        self.machines.releases.runs[r as usize].next = next;
        if self.conditions[r as usize].health != Health::Up {
            // It comes back with the new version.
            self.change_phase(r, Phase::Restarting);
            return;
        }
        let turn = self.change_phase(r, Phase::Draining);
        let component = self.conditions[r as usize].component;
        if self.tables.components[component as usize].count == 1 {
            // Nobody takes over: what comes now is turned away.
            self.conditions[r as usize].health = Health::Reset;
            let replica = &mut self.replicas[r as usize];
            replica.touch(self.now);
            (replica.slots, replica.limit) = (0, 0);
        } else {
            self.enrol(r, false);
        }
        if self.has_nothing_to_do(r) {
            self.start_anew(r);
        } else {
            self.remind(self.now.saturating_add(grace), AnyAlarm::Releases(Alarm::Grace(r, turn)));
        }
    }

    fn start_anew(&mut self, r: u32) {
        self.change_phase(r, Phase::Restarting);
        self.crash(|other| other == r, Health::Reset);
    }

    /// A replica beside the others has started.
    fn is_ready(&mut self, r: u32) {
        let next = self.runs(r).next;
        self.change_phase(r, Phase::Ready);
        if self.runs(r).version != next || self.runs(r).slowed != 1.0 {
            self.run_version(r, next);
        } else {
            self.machines.releases.runs[r as usize].since = self.now;
        }
        let component = self.conditions[r as usize].component;
        self.swap_when_ready(component);
    }

    /// Replicas that have started beside the others take over from as many of them once all are there.
    fn swap_when_ready(&mut self, component: u32) {
        let ready = self.replicas_of(component).filter(|r| self.runs(*r).phase == Phase::Ready).count() as u32;
        if ready < self.rollout(component).pending {
            return;
        }
        let Some(release) = self.release_of(component) else { return };
        let aim = self.aim(component);
        self.rollout(component).pending = 0;
        let goes = |runs: Runs| runs.phase == Phase::Serving && runs.version != aim;
        let go: Vec<u32> =
            self.replicas_of(component).filter(|r| goes(self.runs(*r))).take(ready as usize).collect();
        for r in self.replicas_of(component) {
            if self.runs(r).phase == Phase::Ready {
                self.change_phase(r, Phase::Serving);
                self.enrol(r, true);
            }
        }
        for r in go {
            let turn = self.change_phase(r, Phase::Spare);
            self.enrol(r, false);
            if release.manner == Manner::Beside {
                let ends = self.now.saturating_add(release.grace);
                self.remind(ends, AnyAlarm::Releases(Alarm::Grace(r, turn)));
            }
        }
        self.staged(component);
    }

    /// A replica serves with its new version.
    fn arrived(&mut self, r: u32) {
        let component = self.conditions[r as usize].component;
        let rollout = self.rollout(component);
        rollout.pending = rollout.pending.saturating_sub(1);
        if rollout.pending == 0 {
            self.staged(component);
        }
    }

    /// All replicas of a stage are there.
    fn staged(&mut self, component: u32) {
        let now = self.now;
        let Some(release) = self.release_of(component).filter(|_| self.machines.releases.rollouts[component as usize].active)
        else {
            return;
        };
        let Rollout { back, stage, turn, from, started, .. } = *self.rollout(component);
        if back {
            let left = self.replicas_of(component).any(|r| {
                let runs = self.runs(r);
                runs.phase != Phase::Spare && runs.next != from
            });
            if left {
                return self.shift(component);
            }
            self.watch.timed(component, Timed::RolledBack, now - started);
            self.rollout(component).active = false;
            return;
        }
        let rollout = self.rollout(component);
        rollout.stage_began = now;
        rollout.waits = false;
        rollout.weight = if stage == 0 && release.stages.1 > 1 { release.weight } else { 0 };
        if release.weight > 0 {
            self.rosters_changed(component);
        }
        if stage == 0 {
            self.rollout(component).served = now;
            if let Some(judge) = release.judge {
                let first = now.saturating_add(judge.window).saturating_add(judge.delay);
                self.remind(first, AnyAlarm::Releases(Alarm::Look(component, turn, 0)));
            }
        }
        self.remind(now.saturating_add(release.every), AnyAlarm::Releases(Alarm::StageOver(component, turn)));
    }

    /// A stage has been watched for long enough.
    fn stage_over(&mut self, component: u32) {
        let Some(release) = self.release_of(component) else { return };
        let rollout = self.rollout(component);
        if let Some(judge) = release.judge
            && rollout.good.is_none_or(|since| since < rollout.stage_began)
        {
            rollout.waits = !judge.promotes;
            let waits = rollout.waits;
            self.watch.tally(component, Count::Undecided, 1);
            if waits {
                return;
            }
        }
        self.next_stage(component);
    }

    fn next_stage(&mut self, component: u32) {
        let Some(release) = self.release_of(component) else { return };
        let rollout = self.rollout(component);
        rollout.waits = false;
        if rollout.stage + 1 < release.stages.1 {
            rollout.stage += 1;
            self.shift(component);
        } else {
            // Everything runs the new version, and has been watched.
            rollout.active = false;
            rollout.turn += 1;
        }
    }

    /// The judge sees a window of the past.
    fn judge_looks(&mut self, component: u32, nth: u64) {
        let Some(judge) = self.judge_of(component) else { return };
        let Some(release) = self.release_of(component) else { return };
        let rollout = self.rollout(component);
        let turn = rollout.turn;
        let seen = rollout.windows[(nth % rollout.windows.len() as u64) as usize];
        let began = rollout.served + nth * judge.window;
        let share = |side: [u64; 2]| if side[0] == 0 { 0.0 } else { side[1] as f64 / side[0] as f64 };
        if seen.nth == nth && seen.new[0] >= judge.minimum.max(1) {
            let new = share(seen.new);
            let bad = new > judge.above && new > judge.worse * share(seen.old);
            if !bad {
                rollout.good = Some(began);
                if rollout.waits && began >= rollout.stage_began {
                    self.next_stage(component);
                }
            } else if release.rollback == Rollback::None {
                // It stops where it is.
                rollout.turn += 1;
                return;
            } else {
                return self.take_back(component, release.rollback == Rollback::Switch);
            }
        }
        let next = self.now.saturating_add(judge.window);
        self.remind(next, AnyAlarm::Releases(Alarm::Look(component, turn, nth + 1)));
    }

    /// A release is taken back: by the way it came, or by a switch at once.
    fn take_back(&mut self, component: u32, switch: bool) {
        let keeps = self.release_of(component).is_some_and(|release| release.manner == Manner::Kept);
        let rollout = self.rollout(component);
        if rollout.back {
            return;
        }
        rollout.back = true;
        rollout.kept = rollout.active && keeps;
        rollout.active = true;
        rollout.turn += 1;
        rollout.waits = false;
        let weighted = std::mem::replace(&mut rollout.weight, 0) > 0;
        let from = rollout.from;
        if weighted {
            self.rosters_changed(component);
        }
        self.watch.tally(component, Count::RolledBack, 1);
        let mut pending = 0;
        for r in self.replicas_of(component) {
            match self.runs(r).phase {
                Phase::Draining if self.conditions[r as usize].health == Health::Up => {
                    let version = self.runs(r).version;
                    self.machines.releases.runs[r as usize].next = version;
                    self.change_phase(r, Phase::Serving);
                    self.enrol(r, true);
                }
                Phase::Draining | Phase::Restarting => {
                    self.machines.releases.runs[r as usize].next = from;
                    pending += 1;
                }
                Phase::Starting | Phase::Ready => {
                    self.change_phase(r, Phase::Spare);
                }
                _ => {}
            }
            if switch && self.runs(r).phase == Phase::Serving && self.runs(r).version != from {
                self.run_version(r, from);
            }
        }
        self.rollout(component).pending = pending;
        self.shift(component);
    }
}
