//! Relays that take records from a database to a log: those that look into an outbox, and those that read the database's log.
//!
//! An outbox is looked into at each poll, by a read at the database; what is found is published, then marked as sent by a
//! write. A capture reads the log of the database some time behind it and keeps its position now and then. Either begins
//! again, after a crash, at what it last noted: what it had published since goes out twice. Left out: the way of a relay's
//! statements over the network, and the time of its appends.

use super::{Machine, Operand};
use crate::kernel::draws::derive;
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::flows::Record;
use crate::kernel::frames::{Cold, Frame, Health, flag};
use crate::kernel::tables::{NONE, Tables};
use crate::record::{Count, Ending};
use std::collections::VecDeque;

/// Tickets of relays' frames begin here; below are those of consumers.
pub const TICKETS: u32 = 1 << 31;
/// Pause before a capture tries again a log that does not answer. Unit: ns.
const AGAIN: u64 = 1_000_000_000;

/// Rows: one for each relay.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The relays.
    pub relays: Vec<Relay>,
}

/// One relay.
#[derive(Debug, Clone, Copy)]
pub struct Relay {
    /// Its component.
    pub component: u32,
    /// The database.
    pub store: u32,
    /// The log.
    pub carrier: u32,
    /// Time between two looks; zero for one that reads the database's log. Unit: ns.
    pub poll: u64,
    /// Where it reads, and where it marks what it has sent: indices into `sites`.
    pub read: u32,
    /// See `read`.
    pub mark: u32,
    /// How far behind the database it reads. Unit: ns.
    pub lag: u64,
    /// How often it keeps its position. Unit: ns.
    pub flush: u64,
}

/// Nothing is asked of relays by operations: records come by `Append`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {}

/// What relays remind themselves of.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {
    /// An outbox is to be looked into.
    Look {
        /// The relay.
        relay: u32,
    },
    /// A record of the database's log can be read.
    Due {
        /// The relay.
        relay: u32,
    },
}

#[derive(Debug, Clone, Copy)]
struct Staged {
    topic: u32,
    record: Record,
    /// Whether it has been published before.
    echo: bool,
}

#[derive(Debug)]
struct State {
    staged: VecDeque<Staged>,
    /// Of a capture: what it has published since it kept its position, with the time.
    sent: VecDeque<(u64, Staged)>,
    /// The statement that it waits for, and whether that is a read.
    awaits: u32,
    reads: bool,
    /// Records published that are being marked.
    marked: usize,
    /// Whether an alarm is set.
    runs: bool,
}

/// All relays.
#[derive(Debug)]
pub struct Relays {
    states: Vec<State>,
}

impl Machine for Relays {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Relays {
        let state = |_: &Relay| State {
            staged: VecDeque::new(),
            sent: VecDeque::new(),
            awaits: NONE,
            reads: false,
            marked: 0,
            runs: false,
        };
        Relays { states: tables.machines.relays.relays.iter().map(state).collect() }
    }

    fn act(_: &mut Engine<'_>, _: u32, act: Act, _: Operand) -> u32 {
        match act {}
    }

    fn due(engine: &mut Engine<'_>, alarm: Alarm) {
        match alarm {
            Alarm::Look { relay } => engine.look_into_outbox(relay),
            Alarm::Due { relay } => {
                engine.machines.relays.states[relay as usize].runs = false;
                engine.hand_on_captured(relay);
            }
        }
    }

    fn down(engine: &mut Engine<'_>, replica: u32, _: Health) {
        for (nth, rule) in engine.tables.machines.relays.relays.iter().enumerate() {
            if engine.tables.components[rule.component as usize].first != replica {
                continue;
            }
            let noted = noted(engine.now, rule.flush);
            let state = &mut engine.machines.relays.states[nth];
            state.awaits = NONE;
            while let Some((_, staged)) = state.sent.back().copied().filter(|(sent, _)| *sent >= noted) {
                state.sent.pop_back();
                state.staged.push_front(Staged { echo: true, ..staged });
            }
        }
    }

    fn up(engine: &mut Engine<'_>, replica: u32) {
        for (nth, rule) in engine.tables.machines.relays.relays.iter().enumerate() {
            let concerned = [rule.component, rule.store, rule.carrier];
            if rule.poll == 0
                && concerned.iter().any(|part| engine.tables.components[*part as usize].first == replica)
            {
                engine.hand_on_captured(nth as u32);
            }
        }
    }
}

/// When a capture kept its position last. Unit: ns.
fn noted(now: u64, flush: u64) -> u64 {
    now.checked_div(flush).map_or(now, |times| times * flush)
}

impl Engine<'_> {
    /// A record is committed in a database and waits for its relay.
    pub(in crate::kernel) fn stage(&mut self, relay: u32, topic: u32, record: Record) {
        let rule = self.tables.machines.relays.relays[relay as usize];
        let state = &mut self.machines.relays.states[relay as usize];
        state.staged.push_back(Staged { topic, record, echo: false });
        if state.runs {
            return;
        }
        if let Some(looks) = self.now.checked_div(rule.poll) {
            state.runs = true;
            let next = (looks + 1) * rule.poll;
            self.remind(next, super::Alarm::Relays(Alarm::Look { relay }));
        } else {
            self.hand_on_captured(relay);
        }
    }

    fn answers_relay(&self, component: u32) -> bool {
        let first = self.tables.components[component as usize].first;
        self.conditions[first as usize].health == Health::Up && self.impairments[component as usize].outages == 0
    }

    /// A look into an outbox.
    fn look_into_outbox(&mut self, relay: u32) {
        let rule = self.tables.machines.relays.relays[relay as usize];
        self.remind(self.now + rule.poll, super::Alarm::Relays(Alarm::Look { relay }));
        if self.machines.relays.states[relay as usize].awaits == NONE && self.answers_relay(rule.component) {
            self.relay_asks(relay, rule.read, true);
        }
    }

    /// A statement of a relay at its database.
    fn relay_asks(&mut self, relay: u32, site_id: u32, reads: bool) {
        let tables = self.tables;
        let site = &tables.sites[site_id as usize];
        let c = self.alloc(Frame {
            start: self.now,
            mark: self.now,
            key: derive(self.now, site.key, relay),
            ticket: TICKETS | relay,
            replica: site.first,
            pc: site.entry,
            site: site_id,
            flags: flag::ALIVE | flag::CONSUMER,
            ..Frame::BLANK
        });
        if c == NONE {
            return;
        }
        if tables.cold {
            // A row of its own: relays meet no locks.
            self.cold[c as usize] = Cold { row: u64::from(NONE) << 32 | u64::from(relay), ..Cold::default() };
        }
        let state = &mut self.machines.relays.states[relay as usize];
        (state.awaits, state.reads) = (c, reads);
        let started = self.admit(c, site);
        if started != NONE {
            self.wake(started);
        }
    }

    /// The statement of a relay has ended, or will never.
    pub(in crate::kernel) fn relay_answered(&mut self, ticket: u32, c: u32, ending: Ending) {
        let relay = ticket & !TICKETS;
        let rule = self.tables.machines.relays.relays[relay as usize];
        let state = &mut self.machines.relays.states[relay as usize];
        if state.awaits != c {
            // The relay has died meanwhile: what it asked is undone.
            return;
        }
        state.awaits = NONE;
        if ending != Ending::Ok {
            return;
        }
        if !state.reads {
            state.staged.drain(..state.marked);
            return;
        }
        let count = state.staged.len();
        if count == 0 || !self.answers_relay(rule.carrier) {
            return;
        }
        for nth in 0..count {
            let Some(staged) = self.machines.relays.states[relay as usize].staged.get_mut(nth) else { break };
            let Staged { topic, record, echo } = *staged;
            staged.echo = true;
            self.publish_staged(rule.component, topic, record, echo);
        }
        self.machines.relays.states[relay as usize].marked = count;
        self.relay_asks(relay, rule.mark, false);
    }

    fn publish_staged(&mut self, component: u32, topic: u32, record: Record, echo: bool) {
        if echo {
            self.watch.tally(component, Count::Republished, 1);
        }
        self.distribute(topic, record, echo);
    }

    /// A capture publishes what it can read, and waits for the rest.
    fn hand_on_captured(&mut self, relay: u32) {
        let rule = self.tables.machines.relays.relays[relay as usize];
        if !self.answers_relay(rule.component) || !self.answers_relay(rule.store) {
            return;
        }
        let away = !self.answers_relay(rule.carrier);
        loop {
            let state = &mut self.machines.relays.states[relay as usize];
            let Some(staged) = state.staged.front().copied() else {
                return;
            };
            let due = staged.record.at.saturating_add(rule.lag);
            if due > self.now || away {
                if !state.runs {
                    state.runs = true;
                    let next = if away { self.now + AGAIN } else { due };
                    self.remind(next, super::Alarm::Relays(Alarm::Due { relay }));
                }
                return;
            }
            state.staged.pop_front();
            let noted = noted(self.now, rule.flush);
            while state.sent.front().is_some_and(|(sent, _)| *sent < noted) {
                state.sent.pop_front();
            }
            state.sent.push_back((self.now, staged));
            self.publish_staged(rule.component, staged.topic, staged.record, staged.echo);
        }
    }
}
