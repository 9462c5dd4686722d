//! Writes that owe a record: between a write and the publication that tells it, an operation must not be lost.
//!
//! An operation that writes and then publishes does two things that nothing ties together. If it goes between the two, by a
//! crash or because the publication fails, the record is lost for good. Left out: a caller that tries the whole
//! operation again and so repairs it.

use super::{Machine, Operand, Which};
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::tables::{NONE, Tables};
use crate::record::Count;

/// Nothing of it stays unchanged but its instructions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rows;

/// What operations ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// A write is done whose record is to come. `unit`: the component of the topic.
    Owe,
    /// The record is out.
    Pay,
}

/// Nothing is due by itself.
#[derive(Debug, Clone, Copy)]
pub enum Alarm {}

/// Whom each frame owes a record: the component of its topic.
#[derive(Debug)]
pub struct Pledges {
    owed: Vec<u32>,
}

impl Machine for Pledges {
    type Rows = Rows;
    type Act = Act;
    type Alarm = Alarm;

    fn new(_: &Tables, _: &Plan) -> Pledges {
        Pledges { owed: Vec::new() }
    }

    fn act(engine: &mut Engine<'_>, f: u32, act: Act, at: Operand) -> u32 {
        match act {
            Act::Owe => {
                let owed = &mut engine.machines.pledges.owed;
                if owed.len() <= f as usize {
                    owed.resize(f as usize + 1, NONE);
                }
                owed[f as usize] = at.unit;
                engine.hold(f, Which::Pledges);
            }
            Act::Pay => engine.unhold(f, Which::Pledges),
        }
        f
    }

    fn lose(engine: &mut Engine<'_>, f: u32) {
        let component = engine.machines.pledges.owed[f as usize];
        engine.watch.tally(component, Count::LostEvents, 1);
    }
}
