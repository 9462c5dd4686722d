//! Health checks that ask a replica for one of its operations: they compete for its workers and cores like any request, and
//! how they end decides what the balancer believes.
//!
//! One prober for each view of a balancer and each endpoint, which asks, waits for the outcome, and asks again at the next
//! instant of its own phase. Only balancers that name an operation have any: the others know beforehand when a check will
//! notice (`beliefs`). Left out: a balancer that starts anew with no beliefs.

use super::{Machine, Operand};
use crate::kernel::draws::{derive, mix, site};
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::frames::{Frame, flag};
use crate::kernel::tables::{NONE, Tables};

/// Site of the phases and the luck of checks.
const PHASE: u32 = site("phase of checks");

/// Rows: what is probed.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// One for each endpoint of a balancer.
    pub probes: Vec<Probe>,
}

/// How an endpoint of a balancer is probed.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// The balancer.
    pub balancer: u32,
    /// The endpoint.
    pub endpoint: u32,
    /// First instruction of a prober.
    pub entry: u32,
    /// The site that the operation is asked at.
    pub site: u32,
}

/// What a prober says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// The check went well. `to`: where the next one begins.
    Passed,
    /// It failed, or took too long. `to`: where the next one begins.
    Failed,
}

/// Probers wait by themselves.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {}

/// A prober, and what it has seen.
#[derive(Debug, Clone, Copy)]
struct Prober {
    balancer: u32,
    view: u32,
    endpoint: u32,
    /// Checks in a row that went against what is believed.
    against: u32,
    /// Whether the endpoint is believed to be there.
    up: bool,
}

/// All probers. A prober's frame has its place here in `ticket`, as nobody waits for it.
#[derive(Debug)]
pub struct Checks {
    probers: Vec<Prober>,
}

impl Machine for Checks {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(_: &Tables, _: &Plan) -> Checks {
        Checks { probers: Vec::new() }
    }

    fn begin(engine: &mut Engine<'_>) {
        for probe in &engine.tables.machines.checks.probes {
            let balancer = &engine.tables.balancers[probe.balancer as usize];
            let every = balancer.health.map_or(1, |health| health.every);
            for view in balancer.views..balancer.views + balancer.callers {
                let key = mix(derive(mix(u64::from(view)), PHASE, probe.endpoint) ^ mix(engine.plan.seed));
                let key = derive(key, PHASE, engine.plan.replication as u32);
                let prober =
                    Prober { balancer: probe.balancer, view, endpoint: probe.endpoint, against: 0, up: true };
                let at = engine.machines.checks.probers.len() as u32;
                engine.machines.checks.probers.push(prober);
                let first = key % every;
                let replica = if balancer.caller == NONE { NONE } else { balancer.caller + (view - balancer.views) };
                let f = engine.alloc(Frame {
                    start: first,
                    key,
                    ticket: at,
                    replica,
                    pc: probe.entry,
                    flags: flag::ALIVE,
                    ..Frame::BLANK
                });
                if f != NONE {
                    engine.resume_at(first, f);
                }
            }
        }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        let nth = engine.frames[f as usize].ticket as usize;
        let prober = &mut engine.machines.checks.probers[nth];
        let health = engine.tables.balancers[prober.balancer as usize].health;
        let passed = act == Act::Passed;
        prober.against = if passed == prober.up { 0 } else { prober.against + 1 };
        let wanted = health.map_or(1, |health| if passed { health.healthy_after } else { health.unhealthy_after });
        if prober.against >= wanted {
            prober.against = 0;
            prober.up = passed;
            let Prober { balancer, view, endpoint, .. } = *prober;
            engine.believe_check(balancer, view, endpoint, passed);
        }
        let every = health.map_or(1, |health| health.every);
        let now = engine.now;
        let frame = &mut engine.frames[f as usize];
        frame.pc = at.to;
        // At the next instant of its phase that is still to come.
        frame.start += ((now - frame.start) / every + 1) * every;
        let next = frame.start;
        engine.resume_at(next, f);
        NONE
    }
}

impl Engine<'_> {
    /// Whether a site is that of a check.
    pub(in crate::kernel) fn is_check(&self, site: u32) -> bool {
        self.tables.machines.checks.probes.iter().any(|probe| probe.site == site)
    }
}
