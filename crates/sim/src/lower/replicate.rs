//! One replication of a compiled design: the same arguments give the same record.

use super::{Compiled, nanoseconds};
use crate::kernel::engine::{Engine, Plan};
use crate::kernel::trace::{self, Note, Span};
use crate::record::Record;
use groundplan_model::units::Seconds;
use std::sync::atomic::AtomicBool;

/// What to run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunSpec {
    /// Seed of all chance.
    pub seed: u64,
    /// Which replication.
    pub replication: u64,
    /// Time before the window.
    pub warm_up: Seconds,
    /// Length of the observed window.
    pub window: Seconds,
    /// Longest time after the window for its requests to end; what has not ended then is censored.
    pub drain_cap: Seconds,
    /// Index of the design's experiment whose faults happen; none for the plain load.
    pub experiment: Option<usize>,
    /// Width of the slices of the record.
    pub segment_width: Seconds,
}

/// Runs one replication.
#[must_use]
pub fn replicate(compiled: &Compiled, spec: &RunSpec) -> Record {
    Engine::new(&compiled.tables, plan(spec)).run()
}

/// Runs one replication that can be stopped from outside; its record is then of no use.
#[must_use]
pub fn replicate_until(compiled: &Compiled, spec: &RunSpec, stop: &AtomicBool) -> Record {
    Engine::new(&compiled.tables, plan(spec)).until(stop).run()
}

/// Runs one replication as `replicate` does, and notes every request of its window.
#[must_use]
pub fn note_requests(compiled: &Compiled, spec: &RunSpec) -> (Record, Vec<Note>) {
    trace::note_requests(&compiled.tables, &trace::traced(&compiled.tables), plan(spec))
}

/// Runs one replication as `replicate` does, and follows some of its requests: their spans, in their order.
#[must_use]
pub fn follow(compiled: &Compiled, spec: &RunSpec, wanted: &[Note]) -> (Record, Vec<Vec<Span>>) {
    trace::follow(&compiled.tables, &trace::traced(&compiled.tables), plan(spec), wanted)
}

fn plan(spec: &RunSpec) -> Plan {
    Plan {
        seed: spec.seed,
        replication: spec.replication,
        warm_up: nanoseconds(spec.warm_up),
        window: nanoseconds(spec.window).max(1),
        drain_cap: nanoseconds(spec.drain_cap),
        slice: nanoseconds(spec.segment_width).max(1),
        experiment: spec.experiment,
    }
}
