//! What a brief says about the system of today: what is deployed, where data lies, what hangs together, what hurts, what
//! must stay and what there is to move with.

use crate::calendar::Month;
use crate::span::Located;
use crate::units::{Bytes, PerSecond, Seconds, Share};

/// The system of today.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Today {
    /// What is deployed as one, in file order.
    pub deployables: Vec<Deployable>,
    /// Where data lies, in file order.
    pub stores: Vec<Store>,
    /// What hangs together.
    pub coupling: Vec<Coupling>,
    /// What was measured, by operation.
    pub measured: Vec<Measured>,
    /// What holds whom up.
    pub trouble: Vec<Trouble>,
    /// What must stay, and until when.
    pub fixed: Vec<Fixed>,
    /// What there is to move with.
    pub moving: Option<Move>,
}

/// What is deployed as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployable {
    /// Its name.
    pub name: Located<String>,
    /// The modules in it.
    pub modules: Vec<Located<String>>,
    /// How many run.
    pub replicas: Option<u64>,
    /// Time from one release to the next.
    pub release_every: Option<Seconds>,
    /// Share of releases that must be taken back or mended.
    pub failed: Option<Share>,
    /// Time until a failed one is restored.
    pub restore: Option<Seconds>,
}

/// Where data lies today.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// Its name.
    pub name: Located<String>,
    /// The data sets in it.
    pub holds: Vec<Located<String>>,
    /// Its size.
    pub size: Option<Bytes>,
    /// How busy its processors are at the peak.
    pub cpu_at_peak: Option<Share>,
}

/// Two modules that hang together.
#[derive(Debug, Clone, PartialEq)]
pub struct Coupling {
    /// The module that needs the other.
    pub from: Located<String>,
    /// The other.
    pub to: Located<String>,
    /// By what.
    pub by: Option<CoupledBy>,
    /// Share of the changes of one that come with a change of the other.
    pub co_change: Option<Share>,
    /// Calls from one to the other for one request.
    pub calls_per_request: Option<f64>,
}

/// By what two modules hang together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoupledBy {
    /// Both use the same table.
    SharedTable,
    /// Both use the same library of ours.
    SharedLibrary,
    /// One calls the other.
    Call,
    /// One handles events of the other.
    Event,
}

/// What was measured of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// `module.operation`.
    pub operation: Located<String>,
    /// 99th percentile of the answer.
    pub p99: Option<Seconds>,
    /// Share of good requests.
    pub availability: Option<Share>,
}

/// A module whose deployment another one holds up.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    /// The module that waits.
    pub blocked: Located<String>,
    /// The module it waits for.
    pub by: Located<String>,
    /// How often.
    pub times: PerSecond,
}

/// What must stay.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    /// A store or a deployable of today.
    pub keep: Located<String>,
    /// The month in which it may go; for good where none stands.
    pub until: Option<Month>,
}

/// What there is to move with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move {
    /// People who move it.
    pub people: u64,
    /// The time in which it is done.
    pub within: Seconds,
    /// How long the system may stand still for it, in one piece; as long as need be where nothing stands.
    pub downtime: Option<Seconds>,
}
