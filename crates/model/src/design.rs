//! A design: what is built. Components, their operations as steps, places, policies, load and experiments.
//!
//! Read by `reader`, made by the planner, compiled by `sim`, written by `writer`. Settings of components, steps and
//! faults stay values by key here: their words belong to the kinds, policies and faults in `sim`.

use crate::quantity::{Arrivals, Dist, Ranged};
use crate::round_trips;
use crate::span::{Located, Span};
use crate::units::{Bytes, PerSecond, Seconds, Share};
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
    /// Whose requests they are, for loads that don't say it themselves.
    pub tenants: Option<Settings>,
    /// What it must stand.
    pub experiments: Vec<Experiment>,
    /// The designs that experiments with `set` or `box` run on, one for each combination, in file order.
    pub variants: Vec<Variant>,
    /// How often what fails in a year, where the design says it.
    pub year: Option<Year>,
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

/// How long messages take, and what may befall them. Unit of times: seconds for a round trip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// Between two replicas in one zone.
    pub within_zone: Seconds,
    /// Between two zones of a region.
    pub between_zones: Seconds,
    /// Between pairs of regions, in either direction.
    pub between_regions: Vec<(String, String, Seconds)>,
    /// Whether they are those measured in public instead (`round_trips`).
    pub public: bool,
    /// Bytes per second at which a message is put on the wire; none where its size takes no time.
    pub bandwidth: Option<Bytes>,
    /// Share of messages lost on their way, each of which is sent again after a while.
    pub loss: Share,
}

impl Network {
    /// The round trip between two regions; none where nothing says it.
    #[must_use]
    pub fn between(&self, a: &str, b: &str) -> Option<Seconds> {
        if self.public {
            return round_trips::measured(a, b);
        }
        let fits = |(from, to, _): &&(String, String, Seconds)| (from == a && to == b) || (from == b && to == a);
        self.between_regions.iter().find(fits).map(|(_, _, time)| *time)
    }
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

/// One load: an operation that is asked for, a mix of them, steps of the client's own, or a route.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Load {
    /// Its name; where missing, the operation names it.
    pub name: Option<Located<String>>,
    /// `gateway.browse`; or none, with steps, a route or a `mix` among the settings.
    pub operation: Option<Located<String>>,
    /// Steps the client does in order, holding no server while it waits.
    pub steps: Vec<Step>,
    /// A walk between operations by shares.
    pub route: Option<Route>,
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

    /// Where its clients are: regions and the shares of the requests that come from there. Empty where that is not said.
    #[must_use]
    pub fn homes(&self) -> Vec<(&str, Share)> {
        match self.settings.get("from") {
            Some(Value::Text(region)) => vec![(region, Share(1.0))],
            Some(Value::Map(map)) => {
                map.0.iter().filter_map(|(region, share)| Some((region.as_str(), share.value.as_share()?))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What is asked, with the name its figures go by and its share of the requests: one for most loads, one for each
    /// operation of a mix or of a recording that names them.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        let named = |operation: &str, span: Span, share: f64| Asked {
            name: match &self.name {
                Some(name) => format!("{}/{operation}", name.value),
                None => operation.to_string(),
            },
            operation: Some(Located::new(operation.to_string(), span)),
            share,
        };
        if let Some(mix) = self.settings.map("mix") {
            let share = |value: &Value| if let Value::Share(share) = value { share.mid().0 } else { 0.0 };
            let parts = mix.0.iter().map(|(operation, value)| named(operation, value.span, share(&value.value)));
            return parts.collect();
        }
        if let Some(Located { value: Arrivals::Replay(trace), span }) = &self.arrivals
            && !trace.operations.is_empty()
        {
            let of = |nth: usize| trace.which.iter().filter(|which| **which == nth as u32).count();
            let all = trace.which.len().max(1) as f64;
            let parts = trace.operations.iter().enumerate();
            return parts.map(|(nth, operation)| named(operation, *span, of(nth) as f64 / all)).collect();
        }
        vec![Asked { name: self.title().to_string(), operation: self.operation.clone(), share: 1.0 }]
    }
}

/// One kind of request of a load.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The name its figures go by.
    pub name: String,
    /// The operation; none where the load has steps or a route of its own.
    pub operation: Option<Located<String>>,
    /// Its share of the load's requests.
    pub share: f64,
}

/// A walk between operations (a queueing network with routing by chance).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Route {
    /// Where it begins: stops by their shares, which add up to 100%.
    pub start: Vec<(Located<String>, Share)>,
    /// Its stops, in file order.
    pub stops: Vec<Stop>,
}

/// One stop of a route: what is done there, and where it goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Its name, unique in the route.
    pub name: Located<String>,
    /// What is done there.
    pub step: Step,
    /// Stops that may follow, by their shares; what is left of 100% leaves.
    pub next: Vec<(Located<String>, Share)>,
}

impl Route {
    /// The position of a stop.
    #[must_use]
    pub fn stop(&self, name: &str) -> Option<usize> {
        self.stops.iter().position(|stop| stop.name.value == name)
    }

    /// How often a walk comes to each stop on average; empty where some walk never ends. Index: as `stops`.
    #[must_use]
    pub fn visits(&self) -> Vec<f64> {
        let index = |name: &Located<String>| self.stop(name);
        let mut begun = vec![0.0; self.stops.len()];
        for (name, share) in &self.start {
            if let Some(at) = index(name) {
                begun[at] += share.0;
            }
        }
        let mut visits = begun.clone();
        // Walks are followed hop by hop; what still walks shrinks geometrically where every stop has a way out.
        let mut walking = begun;
        for _ in 0..100_000 {
            let mut next = vec![0.0; self.stops.len()];
            for (stop, share) in self.stops.iter().zip(&walking) {
                for (name, part) in &stop.next {
                    if let Some(at) = index(name) {
                        next[at] += share * part.0;
                    }
                }
            }
            for (sum, more) in visits.iter_mut().zip(&next) {
                *sum += more;
            }
            walking = next;
            if walking.iter().sum::<f64>() < 1e-12 {
                return visits;
            }
        }
        Vec::new()
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

impl Experiment {
    /// Whether it runs on variants of the design instead of the design itself.
    #[must_use]
    pub fn is_varied(&self) -> bool {
        ["set", "box"].iter().any(|key| self.settings.get(key).is_some())
    }
}

/// A design as an experiment with `set` or `box` sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Index of the experiment.
    pub experiment: usize,
    /// Where in its box: paths with their values; empty where it only sets something.
    pub at: Vec<(String, String)>,
    /// The design, with this experiment alone.
    pub design: Design,
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

/// How often what fails in a year.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Year {
    /// Faults with their rates.
    pub faults: Vec<YearlyFault>,
    /// Whether nothing else fails: facts are left aside.
    pub alone: bool,
}

/// A fault with its rate.
#[derive(Debug, Clone, PartialEq)]
pub struct YearlyFault {
    /// What happens.
    pub fault: Fault,
    /// How often, as a 95% range.
    pub rate: Ranged<PerSecond>,
    /// How long each time, as a 95% range; none where it ends by itself.
    pub lasts: Option<Ranged<Seconds>>,
}
