//! Global steering by names: which of several places a client is sent to, by an answer that is as old as its time to live.
//!
//! Nothing is kept for a client. Its resolver asks again whenever its answer has expired, at a phase of its own that is
//! drawn by the request; so the answer it has now is what was true when it last asked, and a short history of what was
//! true suffices. Checks are not polled: when a target goes down or comes back, the check that will notice is known.

use super::{Machine, Operand};
use crate::kernel::draws::{Keyed, Words as _, derive, mix};
use crate::kernel::engine::{Engine, Plan, chance};
use crate::kernel::frames::Health;
use crate::kernel::tables::{NONE, Tables};
use std::collections::VecDeque;

/// Sites of draws within a name's.
const PHASE: u32 = 0xD45_0001;
const IGNORES: u32 = 0xD45_0002;
const WEIGHED: u32 = 0xD45_0003;
const CHECKS: u32 = 0xD45_0004;

/// Rows: one for each component that steers.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The names that are asked for.
    pub names: Vec<Name>,
}

/// How a target is chosen among those taken for healthy.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// The first of an order that each zone of callers has for itself: targets side by side, zone after zone.
    Ordered(Vec<u8>),
    /// By these weights.
    Weighed(Vec<f64>),
}

/// One name and what it may stand for.
#[derive(Debug, Clone)]
pub struct Name {
    /// The component that steers.
    pub component: u32,
    /// The components that it may stand for. At most 64.
    pub targets: Vec<u32>,
    /// How one of them is chosen.
    pub choice: Choice,
    /// How long an answer is used. Unit: ns.
    pub ttl: u64,
    /// Share of resolvers that use it longer, in units of 2^-32.
    pub ignores: u32,
    /// How long those do. Unit: ns.
    pub keeps: u64,
    /// Time between two checks of a target. Unit: ns.
    pub every: u64,
    /// Failed checks in a row after which a target is taken for down.
    pub unhealthy_after: u32,
    /// Good checks in a row after which it is taken for up.
    pub healthy_after: u32,
    /// Site of its draws.
    pub site: u32,
}

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// The frame goes on where its answer leads. `unit`: the name; `to`: the first of the calls, which are two
    /// instructions apart.
    Resolve,
}

/// The checks are over that it takes to notice.
#[derive(Debug, Clone, Copy)]
pub struct Alarm {
    name: u32,
    target: u32,
    up: bool,
    flips: u32,
}

/// What is known of a name's targets.
#[derive(Debug, Clone)]
struct State {
    /// Since when which targets are taken for down: a bit each. In order; the first holds since ever.
    history: VecDeque<(u64, u64)>,
    /// Which targets are down in truth.
    down: u64,
    /// Counts how often a target went down or came back, so that news of before are known as old.
    flips: Vec<u32>,
}

/// The names of a run.
#[derive(Debug)]
pub struct Steering {
    states: Vec<State>,
}

impl Machine for Steering {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Steering {
        let state = |name: &Name| State {
            history: VecDeque::from([(0, 0)]),
            down: 0,
            flips: vec![0; name.targets.len()],
        };
        Steering { states: tables.machines.steering.names.iter().map(state).collect() }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        match act {
            Act::Resolve => {
                let target = engine.resolve_name(f, at.unit as usize);
                engine.frames[f as usize].pc = at.to + 2 * target;
            }
        }
        f
    }

    fn due(engine: &mut Engine<'_>, alarm: Alarm) {
        let state = &mut engine.machines.steering.states[alarm.name as usize];
        if state.flips[alarm.target as usize] != alarm.flips {
            return;
        }
        let (bit, now) = (1 << alarm.target, engine.now);
        let known = state.history.back().map_or(0, |(_, down)| *down);
        state.history.push_back((now, if alarm.up { known & !bit } else { known | bit }));
        // What no answer is as old as any more.
        let name = &engine.tables.machines.steering.names[alarm.name as usize];
        let oldest = now.saturating_sub(name.ttl.max(name.keeps));
        while state.history.get(1).is_some_and(|(since, _)| *since <= oldest) {
            state.history.pop_front();
        }
    }

    fn down(engine: &mut Engine<'_>, replica: u32, _: Health) {
        engine.target_changed(replica);
    }

    fn up(engine: &mut Engine<'_>, replica: u32) {
        engine.target_changed(replica);
    }
}

impl Engine<'_> {
    /// The target that a frame's caller is sent to.
    fn resolve_name(&self, f: u32, nth: usize) -> u32 {
        let name = &self.tables.machines.steering.names[nth];
        let frame = &self.frames[f as usize];
        let key = match self.cold[f as usize].request {
            0 => frame.key,
            request => request,
        };
        let keeps = if chance(key, name.site ^ IGNORES, name.ignores) { name.keeps } else { name.ttl };
        let phase = mix(derive(key, name.site ^ PHASE, 0)) % keeps;
        let asked = self.now.saturating_sub((self.now + keeps - phase) % keeps);
        let history = &self.machines.steering.states[nth].history;
        let down = history.iter().rev().find(|(since, _)| *since <= asked).map_or(0, |(_, down)| *down);
        let count = name.targets.len();
        // With none left, all are as good as any.
        let all = u64::MAX >> (64 - count);
        let usable = if down & all == all { all } else { all & !down };
        match &name.choice {
            Choice::Ordered(order) => {
                let zone = match self.caller(f) {
                    NONE => self.tables.zone_count - 1,
                    caller => self.spot(caller).1,
                };
                let order = &order[usize::from(zone) * count..][..count];
                let first = order.iter().find(|target| usable >> **target & 1 == 1);
                first.map_or(0, |target| u32::from(*target))
            }
            Choice::Weighed(weights) => {
                let weight = |target: usize| if usable >> target & 1 == 1 { weights[target] } else { 0.0 };
                let sum: f64 = (0..count).map(weight).sum();
                let mut left = Keyed::new(key, name.site ^ WEIGHED).unit() * sum;
                let mut last = usable.trailing_zeros();
                for target in (0..count).filter(|target| weight(*target) > 0.0) {
                    last = target as u32;
                    left -= weight(target);
                    if left < 0.0 {
                        break;
                    }
                }
                last
            }
        }
    }

    /// A replica has gone down or come back: whether that changes anything for those who steer to its component.
    fn target_changed(&mut self, replica: u32) {
        let tables = self.tables;
        let component = self.conditions[replica as usize].component;
        for (nth, name) in tables.machines.steering.names.iter().enumerate() {
            for (target, _) in name.targets.iter().enumerate().filter(|(_, target)| **target == component) {
                let rule = &tables.components[component as usize];
                let replicas = &self.conditions[rule.first as usize..(rule.first + rule.count) as usize];
                let up = replicas.iter().any(|condition| condition.health == Health::Up);
                let state = &mut self.machines.steering.states[nth];
                if up == (state.down >> target & 1 == 0) {
                    continue;
                }
                state.down ^= 1 << target;
                state.flips[target] += 1;
                let flips = state.flips[target];
                let own = mix(self.plan.seed) ^ mix(self.plan.replication);
                let phase = mix(derive(own, name.site ^ CHECKS, target as u32)) % name.every;
                let next = phase + (self.now + name.every - phase) / name.every * name.every;
                let checks = if up { name.healthy_after } else { name.unhealthy_after };
                let noticed = next.saturating_add(u64::from(checks - 1).saturating_mul(name.every));
                let alarm = Alarm { name: nth as u32, target: target as u32, up, flips };
                self.remind(noticed, super::Alarm::Steering(alarm));
            }
        }
    }
}
