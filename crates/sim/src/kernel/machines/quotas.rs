//! Quotas: units a second that a shard or prefix gives, by token buckets; what exceeds them is refused.
//!
//! An access takes as many units as it is large. Left out: units lent from one shard to another, and limits that grow with
//! use.

use super::{Machine, Operand};
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::guards::take_token;
use crate::kernel::tables::Tables;
use crate::record::{Count, Ending};

/// Rows: one for each limit of a component.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// The limits.
    pub limits: Vec<Limit>,
    /// Buckets of all limits: one for each replica.
    pub buckets: u32,
}

/// Units a second, per replica of a component.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The component.
    pub component: u32,
    /// Its first replica.
    pub first: u32,
    /// First of its buckets.
    pub bucket: u32,
    /// Time in which one unit comes. Unit: ns.
    pub spacing: u64,
    /// How far units may be saved up. Unit: ns.
    pub burst: u64,
}

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// Takes `site` units of the limit `unit`, or is refused.
    Take,
}

/// Nothing is due by itself.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {}

/// When each bucket has its next unit. Unit: ns.
#[derive(Debug)]
pub struct Quotas {
    next: Vec<u64>,
}

impl Machine for Quotas {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(tables: &Tables, _: &Plan) -> Quotas {
        Quotas { next: vec![0; tables.machines.quotas.buckets as usize] }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        let Act::Take = act;
        let limit = engine.tables.machines.quotas.limits[at.unit as usize];
        let replica = engine.frames[f as usize].replica;
        let next = &mut engine.machines.quotas.next[(limit.bucket + replica - limit.first) as usize];
        let wait = take_token(next, limit.spacing.saturating_mul(u64::from(at.site)), limit.burst, engine.now);
        engine.watch.tally(limit.component, Count::Metered, 1);
        if wait.is_none() {
            return f;
        }
        engine.watch.tally(limit.component, Count::Throttled, 1);
        engine.fail(f, Ending::Refused)
    }
}
