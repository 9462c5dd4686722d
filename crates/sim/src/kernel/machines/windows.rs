//! Stream processors: records gathered into windows of event time, results when a window is over, state kept at checkpoints.
//!
//! A window is over once the watermark has passed its end: no partition with records waiting has one from before. A record of
//! a window that is over is late and dropped. A crash takes windows and positions back to the last checkpoint: results since
//! then go out again, unless they only go out with their checkpoint. Left out: keys within a partition (a partition gives one
//! result a window), and the size of the state as it grows.

use super::{Machine, Operand};
use crate::kernel::draws::derive;
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::flows::{More, Record};
use crate::kernel::frames::Health;
use crate::kernel::tables::{NONE, Tables};
use crate::record::{Count, Timed};
use std::collections::BTreeMap;

/// Partitions that are told apart in a window; of more, some share a result.
const TOLD_APART: u32 = 64;

/// Rows: one for each processor.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The processors.
    pub processors: Vec<Processor>,
}

/// One processor.
#[derive(Debug, Clone, Copy)]
pub struct Processor {
    /// Its component.
    pub component: u32,
    /// Index of its group.
    pub group: u32,
    /// Topic of its results; `NONE` for none.
    pub to: u32,
    /// Length of a window. Unit: ns.
    pub size: u64,
    /// From the start of a window to that of the next. Unit: ns.
    pub slide: u64,
    /// How long after the end of a window its records are still waited for. Unit: ns.
    pub lateness: u64,
    /// Time between checkpoints. Unit: ns.
    pub checkpoint: u64,
    /// Whether results go out with their checkpoint only.
    pub once: bool,
}

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// A record is added to its windows. `unit`: the processor.
    Add,
}

/// What processors remind themselves of.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {
    /// A window may be over.
    Over {
        /// The processor.
        processor: u32,
    },
    /// Results go out with a checkpoint; those of before a crash do not.
    Out {
        /// The processor.
        processor: u32,
        /// Crashes so far.
        crashes: u32,
    },
}

/// Windows that are open, by number, with the partitions that have records in them.
type Open = BTreeMap<u64, u64>;

#[derive(Debug, Default)]
struct State {
    open: Open,
    /// Windows below are over.
    over: u64,
    /// As they were at the last checkpoint, and which that was.
    noted: (Open, u64, u64),
    /// Windows below have had their results published.
    published: u64,
    /// Event time of the latest record, by partition. Unit: ns.
    seen: Vec<u64>,
    /// Results that go out with the next checkpoint.
    pending: Vec<(u64, u64)>,
    crashes: u32,
    /// Whether an alarm is set.
    waits: bool,
}

/// All processors.
#[derive(Debug)]
pub struct Windows {
    states: Vec<State>,
}

impl Machine for Windows {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Windows {
        let processors = &tables.machines.windows.processors;
        let partitions = |processor: &Processor| tables.groups[processor.group as usize].partitions.max(1);
        let state = |processor| State { seen: vec![0; partitions(processor) as usize], ..State::default() };
        Windows { states: processors.iter().map(state).collect() }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        match act {
            Act::Add => engine.add_to_windows(f, at.unit),
        }
        f
    }

    fn due(engine: &mut Engine<'_>, alarm: Alarm) {
        match alarm {
            Alarm::Over { processor } => {
                engine.machines.windows.states[processor as usize].waits = false;
                engine.close_windows(processor);
            }
            Alarm::Out { processor, crashes } => {
                let state = &mut engine.machines.windows.states[processor as usize];
                if state.crashes == crashes {
                    for (window, partitions) in std::mem::take(&mut state.pending) {
                        engine.publish_window(processor, window, partitions);
                    }
                }
            }
        }
    }

    fn down(engine: &mut Engine<'_>, replica: u32, _: Health) {
        for (nth, rule) in engine.tables.machines.windows.processors.iter().enumerate() {
            if engine.tables.components[rule.component as usize].first != replica {
                continue;
            }
            let state = &mut engine.machines.windows.states[nth];
            state.open = state.noted.0.clone();
            state.over = state.noted.1;
            state.seen.fill(0);
            state.pending.clear();
            state.crashes += 1;
        }
    }
}

impl Engine<'_> {
    fn add_to_windows(&mut self, f: u32, processor: u32) {
        let rule = self.tables.machines.windows.processors[processor as usize];
        let born = self.cold[f as usize].born;
        let partition = self.partition_in_hand(self.frames[f as usize].ticket);
        self.note_windows(processor);
        let state = &mut self.machines.windows.states[processor as usize];
        let seen = &mut state.seen[partition as usize];
        *seen = born.max(*seen);
        let last = born / rule.slide;
        if last < state.over {
            self.watch.tally(rule.component, Count::LateRecords, 1);
            return;
        }
        let first = (born + rule.slide).saturating_sub(rule.size).div_ceil(rule.slide).min(last);
        for window in first.max(state.over)..=last {
            *state.open.entry(window).or_default() |= 1 << (partition % TOLD_APART);
        }
        self.close_windows(processor);
    }

    /// A checkpoint holds what came before it.
    fn note_windows(&mut self, processor: u32) {
        let rule = self.tables.machines.windows.processors[processor as usize];
        let checkpoint = self.now / rule.checkpoint.max(1);
        let state = &mut self.machines.windows.states[processor as usize];
        if checkpoint != state.noted.2 {
            state.noted = (state.open.clone(), state.over, checkpoint);
        }
    }

    /// Closes the windows that the watermark has passed.
    fn close_windows(&mut self, processor: u32) {
        let rule = self.tables.machines.windows.processors[processor as usize];
        self.note_windows(processor);
        loop {
            let state = &self.machines.windows.states[processor as usize];
            let Some((&window, &partitions)) = state.open.first_key_value() else {
                return;
            };
            let closes = (window * rule.slide + rule.size).saturating_add(rule.lateness);
            if self.now < closes {
                if !state.waits {
                    self.machines.windows.states[processor as usize].waits = true;
                    self.remind(closes, super::Alarm::Windows(Alarm::Over { processor }));
                }
                return;
            }
            let behind = (0..state.seen.len()).any(|nth| state.seen[nth] < closes && self.has_more(rule.group, nth as u32));
            let works = self.tables.components[rule.component as usize].first;
            if behind || self.conditions[works as usize].health != Health::Up {
                return;
            }
            let state = &mut self.machines.windows.states[processor as usize];
            state.open.remove(&window);
            state.over = window + 1;
            if !rule.once {
                self.publish_window(processor, window, partitions);
            } else if window >= state.published {
                if state.pending.is_empty() {
                    let next = (self.now / rule.checkpoint.max(1) + 1) * rule.checkpoint.max(1);
                    let crashes = state.crashes;
                    self.remind(next, super::Alarm::Windows(Alarm::Out { processor, crashes }));
                }
                self.machines.windows.states[processor as usize].pending.push((window, partitions));
            }
        }
    }

    /// The results of a window go out.
    fn publish_window(&mut self, processor: u32, window: u64, partitions: u64) {
        let rule = self.tables.machines.windows.processors[processor as usize];
        let state = &mut self.machines.windows.states[processor as usize];
        let echo = window < state.published;
        state.published = state.published.max(window + 1);
        let end = window * rule.slide + rule.size;
        self.watch.timed(rule.component, Timed::WindowDelay, self.now - end);
        self.watch.tally(rule.component, Count::Republished, u64::from(echo));
        if rule.to == NONE {
            return;
        }
        for partition in (0..TOLD_APART).filter(|nth| partitions & 1 << nth != 0) {
            let key = derive(window, rule.component, partition);
            let more = More { born: end, request: key, row: u64::from(partition) + 1 };
            self.distribute(rule.to, Record { at: self.now, key, more }, echo);
        }
    }
}
