//! Machines with state: what keeps something between requests, such as copies of data, locks, caches, logs.
//!
//! One file a machine, one line in the list below; the list expands to one struct of all states, one enum of what they do
//! and one `match`. An operation reaches a machine by `Step::Machine`, a machine wakes itself by an alarm, and hears of
//! replicas that go down or come back and of frames that go with something of it in hand. A design without machines has none
//! of these instructions and pays nothing. What a machine counts goes to `record::kept`.

use super::engine::{Engine, Plan};
use super::faults::Control;
use super::frames::Health;
use super::tables::{NONE, Tables};
use std::fmt::Debug;

/// With what an instruction of a machine works. What each number means, the machine's instruction says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Operand {
    /// A row of the machine.
    pub unit: u32,
    /// A site of draws, or another row.
    pub site: u32,
    /// Where to go on otherwise.
    pub to: u32,
}

/// One kind of machine. `Engine` is handed in whole: a machine may wake, fail, delay and draw.
pub(super) trait Machine: Sized {
    /// What of it stays unchanged during a run: part of the tables.
    type Rows: Debug + Clone + Default;
    /// What operations may ask of it. One byte.
    type Act: Debug + Clone + Copy + PartialEq;
    /// What it reminds itself of.
    type Alarm: Debug + Clone + Copy;

    /// Its state at time zero.
    fn new(tables: &Tables, plan: &Plan) -> Self;
    /// An operation asks something of it. Returns the frame that goes on at once; `NONE` where it waits (the machine wakes it
    /// by `resume_at` or `wake`) or has failed (`fail` returns who goes on).
    fn act(engine: &mut Engine<'_>, f: u32, act: Self::Act, at: Operand) -> u32;
    /// The run begins: what is to happen by itself is scheduled.
    fn begin(_: &mut Engine<'_>) {}
    /// An alarm is due.
    fn due(_: &mut Engine<'_>, _: Self::Alarm) {}
    /// A replica has gone down. Frames that were there go after this.
    fn down(_: &mut Engine<'_>, _replica: u32, _: Health) {}
    /// A replica works again.
    fn up(_: &mut Engine<'_>, _replica: u32) {}
    /// Who can reach whom has changed.
    fn rewired(_: &mut Engine<'_>) {}
    /// The window begins: what was counted before it is forgotten.
    fn forget(_: &mut Engine<'_>) {}
    /// A frame that has something of this machine in hand (`Engine::hold`) goes otherwise than by its own instructions.
    fn lose(_: &mut Engine<'_>, _f: u32) {}
}

macro_rules! machines {
    ($($field:ident: $State:ident;)*) => {
        $(pub mod $field; pub(super) use $field::$State;)*

        /// Rows of all machines.
        #[derive(Debug, Clone, Default)]
        pub struct Rows { $(#[doc = concat!("Of `", stringify!($field), "`.")] pub $field: $field::Rows,)* }

        /// States of all machines.
        #[derive(Debug)]
        pub struct Machines { $(pub(super) $field: $State,)* }

        impl Machines {
            /// As they are at time zero.
            #[must_use]
            pub fn new(tables: &Tables, plan: &Plan) -> Machines {
                Machines { $($field: <$State as Machine>::new(tables, plan),)* }
            }
        }

        /// What operations ask of machines.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub enum Act { $(#[doc = concat!("Of `", stringify!($field), "`.")] $State($field::Act),)* }

        /// What machines remind themselves of.
        #[derive(Debug, Clone, Copy)]
        #[allow(dead_code, reason = "some machines remind themselves of nothing")]
        pub(super) enum Alarm { $($State($field::Alarm),)* }

        /// Machines by number, for the bits of `Cold::held`.
        #[derive(Debug, Clone, Copy)]
        pub(super) enum Which { $($State,)* }

        impl Engine<'_> {
            /// An operation asks something of a machine. Returns the frame that goes on.
            pub(super) fn act(&mut self, f: u32, act: Act, at: Operand) -> u32 {
                match act { $(Act::$State(act) => <$State as Machine>::act(self, f, act, at),)* }
            }

            /// The run begins.
            pub(super) fn machines_begin(&mut self) {
                $(<$State as Machine>::begin(self);)*
            }

            /// The window begins.
            pub(super) fn machines_forget(&mut self) {
                $(<$State as Machine>::forget(self);)*
            }

            /// An alarm is due.
            pub(super) fn machine_due(&mut self, alarm: Alarm) {
                match alarm { $(Alarm::$State(alarm) => <$State as Machine>::due(self, alarm),)* }
            }

            /// A replica has gone down.
            pub(super) fn machine_down(&mut self, replica: u32, health: Health) {
                $(<$State as Machine>::down(self, replica, health);)*
            }

            /// Who can reach whom has changed.
            pub(super) fn machines_rewired(&mut self) {
                $(<$State as Machine>::rewired(self);)*
            }

            /// A replica works again.
            pub(super) fn machine_up(&mut self, replica: u32) {
                $(<$State as Machine>::up(self, replica);)*
            }

            /// A frame goes that machines keep something for.
            pub(super) fn machines_lose(&mut self, f: u32, held: u32) {
                $(if held & 1 << Which::$State as u32 != 0 { <$State as Machine>::lose(self, f); })*
            }
        }
    };
}

pub mod behind;

// Every machine. To add one: a file beside this one and a line here.
machines! {
    copies: Copies;
    repairs: Repairs;
    locks: Locks;
    steering: Steering;
    caches: Caches;
    shards: Shards;
    quotas: Quotas;
    views: Views;
    compactions: Compactions;
    releases: Releases;
    relays: Relays;
    pledges: Pledges;
    checks: Checks;
    windows: Windows;
    streams: Streams;
}

impl Engine<'_> {
    /// Lets a machine do something later.
    pub(super) fn remind(&mut self, time: u64, alarm: Alarm) {
        self.schedule(time, Control::Machine { alarm });
    }

    /// A machine keeps something for a frame and wants to hear if the frame goes otherwise than by its own instructions.
    pub(super) fn hold(&mut self, f: u32, which: Which) {
        self.cold[f as usize].held |= 1 << which as u32;
    }

    /// A machine keeps nothing for a frame any more.
    pub(super) fn unhold(&mut self, f: u32, which: Which) {
        self.cold[f as usize].held &= !(1 << which as u32);
    }

    /// A frame waits for a machine: it goes on when `wake` or `resume_at` says so.
    pub(super) fn park(&mut self, f: u32) -> u32 {
        // A number of its own: nothing else must find it waiting.
        let number = self.next_number() as u32;
        self.frames[f as usize].awaits = number;
        NONE
    }
}
