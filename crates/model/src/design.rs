//! A design: what is built. Components, their operations as steps, places, policies, load and experiments.
//!
//! Read by `reader`, made by the planner, compiled by `sim`, written by `writer`. Settings of components, steps and
//! faults stay values by key here: their words belong to the kinds, policies and faults in `sim`.

use crate::quantity::{Arrivals, Dist};
use crate::span::{Located, Span};
use crate::units::{Seconds, Share};
use crate::value::{Settings, Value};

/// A design.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Design {
    /// Its name.
    pub name: String,
    /// One sentence about it; may be empty.
    pub about: String,
    /// Regions with their zones. Empty: calls take no time and there is one place.
    pub places: Vec<Place>,
    /// Round trips.
    pub network: Network,
    /// Components, in file order.
    pub components: Vec<Component>,
    /// What is asked of it.
    pub load: Vec<Load>,
    /// What it must stand.
    pub experiments: Vec<Experiment>,
    /// What a projection kept of the brief's `atomic`.
    pub keeps: Vec<Keep>,
}

/// A region with its zones.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Name of the region.
    pub name: Located<String>,
    /// Names of its zones; at least one.
    pub zones: Vec<String>,
}

/// Round-trip times. Unit: seconds for a round trip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// Between two replicas in one zone.
    pub within_zone: Seconds,
    /// Between two zones of a region.
    pub between_zones: Seconds,
    /// Between pairs of regions, in either direction.
    pub between_regions: Vec<(String, String, Seconds)>,
}

/// One component.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Its name, unique in the design.
    pub name: Located<String>,
    /// Its kind: a word of the vocabulary (`service`, `database`, ...).
    pub kind: Located<String>,
    /// The region, or `region/zone`, it is placed in.
    pub place: Option<Located<String>>,
    /// What it can do, for kinds that have operations.
    pub operations: Vec<Operation>,
    /// Everything else its kind has words for.
    pub settings: Settings,
}

impl Component {
    /// A component without operations or settings yet.
    #[must_use]
    pub fn new(name: &str, kind: &str) -> Component {
        Component {
            name: name.into(),
            kind: kind.into(),
            place: None,
            operations: Vec::new(),
            settings: Settings::new(),
        }
    }
    /// Sets one setting.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Component {
        self.settings.set(key, value);
        self
    }
    /// Places it.
    #[must_use]
    pub fn placed(mut self, place: &str) -> Component {
        self.place = Some(place.into());
        self
    }
}

/// One operation of a component.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// Its name, unique in its component.
    pub name: Located<String>,
    /// The operation of the domain whose luck it shares (`as: checkout.place-order`).
    pub stands_for: Option<Located<String>>,
    /// The event it handles, if it is a consumer.
    pub handles: Option<Located<String>>,
    /// What it must keep.
    pub target: Option<OperationTarget>,
    /// What it does, in order.
    pub steps: Vec<Step>,
    /// Everything else: `group`, `dedupe`, `dead-letters`, `from`, `settles`, `compensates`, ...
    pub settings: Settings,
}

impl Operation {
    /// An operation with these steps.
    #[must_use]
    pub fn new(name: &str, steps: Vec<Step>) -> Operation {
        Operation { name: name.into(), stands_for: None, handles: None, target: None, steps, settings: Settings::new() }
    }
}

/// What an operation must keep.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OperationTarget {
    /// 99th percentile of the latency.
    pub p99: Option<Seconds>,
    /// Share of good requests.
    pub availability: Option<Share>,
}

/// One step: exactly one verb and its settings.
#[derive(Debug, Clone)]
pub struct Step {
    /// What is done.
    pub verb: Verb,
    /// Settings of the step: policies (`timeout`, `retry`, ...), `key`, `times`, `as`, `fail`.
    pub settings: Settings,
    /// Where it stands.
    pub span: Span,
}

/// Equality ignores where it stands.
impl PartialEq for Step {
    fn eq(&self, other: &Step) -> bool {
        self.verb == other.verb && self.settings == other.settings
    }
}

impl Step {
    /// A step without settings.
    #[must_use]
    pub fn new(verb: Verb) -> Step {
        Step { verb, settings: Settings::new(), span: Span::NONE }
    }
    /// Sets one setting.
    #[must_use]
    pub fn with(mut self, key: &str, value: Value) -> Step {
        self.settings.set(key, value);
        self
    }
}

/// What a step does. The words are those of the language.
#[derive(Debug, Clone, PartialEq)]
pub enum Verb {
    /// `compute: exp(3ms)`: CPU time at nominal speed.
    Compute(Dist),
    /// `wait: 50ms`: time that uses no core.
    Wait(Dist),
    /// `call: payments.authorise`: waits for the answer.
    Call(Located<String>),
    /// `send: audit.note`: does not wait and sees no failure.
    Send(Located<String>),
    /// `read: products`.
    Read(Located<String>),
    /// `write: orders`.
    Write(Located<String>),
    /// `publish: order-placed`: waits for the log's acknowledgement.
    Publish(Located<String>),
    /// `enqueue: jobs`: waits for the queue's acknowledgement.
    Enqueue(Located<String>),
    /// `local: reserve`: an operation of the same component, in process.
    Local(Located<String>),
    /// `parallel: [...]`: all at once; the setting `need` says how many must succeed.
    Parallel(Vec<Step>),
    /// `branch: { 98%: [...], 2%: [...] }`.
    Branch(Vec<(Share, Vec<Step>)>),
    /// `transaction: orders-db` with `steps`.
    Transaction(Located<String>, Vec<Step>),
    /// `repeat: 3` with `steps`.
    Repeat(u64, Vec<Step>),
    /// `answer: accepted`: replies, and goes on.
    Answer(Located<String>),
}

impl Verb {
    /// The word of the language.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verb::Compute(_) => "compute",
            Verb::Wait(_) => "wait",
            Verb::Call(_) => "call",
            Verb::Send(_) => "send",
            Verb::Read(_) => "read",
            Verb::Write(_) => "write",
            Verb::Publish(_) => "publish",
            Verb::Enqueue(_) => "enqueue",
            Verb::Local(_) => "local",
            Verb::Parallel(_) => "parallel",
            Verb::Branch(_) => "branch",
            Verb::Transaction(..) => "transaction",
            Verb::Repeat(..) => "repeat",
            Verb::Answer(_) => "answer",
        }
    }
}

/// One load: an operation that is asked for, or steps of the client's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Its name; where missing, the operation names it.
    pub name: Option<Located<String>>,
    /// `gateway.browse`; or none, with steps.
    pub operation: Option<Located<String>>,
    /// Steps the client does in order, holding no server while it waits.
    pub steps: Vec<Step>,
    /// Open arrivals.
    pub arrivals: Option<Located<Arrivals>>,
    /// Closed load: this many users ...
    pub users: Option<u64>,
    /// ... who think this long between an answer and the next request.
    pub think: Option<Dist>,
    /// Everything else: `timeout`, `retry`, `priority`, `as`, `target`, ...
    pub settings: Settings,
}

impl Load {
    /// The name that results are given under.
    #[must_use]
    pub fn title(&self) -> &str {
        match (&self.name, &self.operation) {
            (Some(name), _) => name,
            (None, Some(operation)) => operation,
            (None, None) => "load",
        }
    }
}

/// Load, faults, duration, expectations.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// Its name, unique in the design.
    pub name: Located<String>,
    /// How long it is observed, after warm-up.
    pub duration: Seconds,
    /// What is done to the design.
    pub faults: Vec<Fault>,
    /// What must hold, as text that `sim` reads.
    pub expect: Vec<Located<String>>,
    /// Everything else: `warm-up`, `start`, `sample-at`, `until`.
    pub settings: Settings,
}

/// One fault of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Its kind: a word of the vocabulary (`zone-loss`, `crash`, ...).
    pub kind: Located<String>,
    /// What stands behind the word: `eu-west/a`, or a map (`{ what: db, factor: 10x }`).
    pub argument: Located<Value>,
    /// When it begins, after warm-up.
    pub at: Seconds,
    /// How long it lasts; to the end where missing.
    pub lasts: Option<Seconds>,
}

/// What became of data that must change together.
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    /// The data sets.
    pub atomic: Vec<String>,
    /// `transaction`, `saga` or `outbox`.
    pub by: String,
}
