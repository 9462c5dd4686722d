//! A brief: what is required, without technology. Read by `reader`, decided on by `knowledge`, projected by `planner`.

pub mod ai;
pub mod regulated;
pub mod tenants;
pub mod today;

pub use ai::{Agents, Ai, AnswerTargets, Corpus, Labels, People, PromptLog, Quality, Rights, RightsBy, Tool};
pub use regulated::{Audit, ChangeControl, IfDown, Opening, Outages, Releases, Run, Vendors};
pub use tenants::{Isolation, RestoreOne, TenantPromise, TenantShare, Tenants, Tier};
pub use today::{CoupledBy, Coupling, Deployable, Fixed, Measured, Move, Store, Today, Trouble};

use crate::quantity::{Dist, Popularity, Ranged, Target};
use crate::span::Located;
use crate::units::{Bytes, Money, PerSecond, Seconds, Share};
use crate::value::Growth;
use indexmap::IndexMap;

/// A brief, checked: every reference resolves, no operation calls itself through others, shares add up.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Its name.
    pub name: String,
    /// One sentence about it; may be empty.
    pub about: String,
    /// The entry points: who calls what, how often.
    pub load: Vec<LoadEntry>,
    /// Growth of the load per year, compound: `0.6` is 60%/year.
    pub growth: Ranged<f64>,
    /// Modules (bounded contexts), in file order.
    pub modules: Vec<Module>,
    /// Data sets, in file order.
    pub data: Vec<DataSet>,
    /// What is called and not owned.
    pub outside: Vec<Outside>,
    /// Share of good requests, for all operations that don't say otherwise.
    pub availability: Target<Share>,
    /// How often outages may come and how long they may last, where the brief says it.
    pub outages: Option<Outages>,
    /// Share of requests that may fail outside of outages.
    pub errors: Option<Share>,
    /// What must be recovered when something is lost, in file order.
    pub recovery: Vec<Recovery>,
    /// Where the users are: region and share.
    pub regions: Vec<(String, Share)>,
    /// Class of data (`pii`) to the region it must stay in.
    pub residency: Vec<(String, String)>,
    /// Regimes that apply (`gdpr`, `pci-dss`).
    pub compliance: Vec<String>,
    /// Who builds and runs it.
    pub team: Team,
    /// What the platform can do: `ci-cd`, `observability`, `infrastructure-as-code`, `sre`, `kubernetes`, `brokers`,
    /// `schema-registry`, `contract-tests`, `canary`, ... each always present.
    pub platform: IndexMap<String, Degree>,
    /// Money per month.
    pub budget: Option<Target<Money>>,
    /// Concerns in order, the most important first.
    pub priorities: Vec<String>,
    /// How much risk is accepted.
    pub risk: Level,
    /// How far ahead it is planned.
    pub horizon: Seconds,
    /// How releases go today.
    pub releases: Option<Releases>,
    /// What must be provable afterwards.
    pub audit: Option<Audit>,
    /// Work that runs by the clock, in file order.
    pub schedule: Vec<Run>,
    /// How dependent on a vendor it may be.
    pub vendors: Option<Vendors>,
    /// How changes are approved, and when none are made.
    pub change_control: Option<ChangeControl>,
    /// How many people use it.
    pub people: Option<People>,
    /// Labels that items carry.
    pub labels: Option<Labels>,
    /// Retrieval and models.
    pub ai: Option<Ai>,
    /// Tenants, their tiers and promises.
    pub tenants: Option<Tenants>,
    /// The system of today.
    pub today: Option<Today>,
    /// Every default that was taken.
    pub assumptions: Vec<Assumption>,
}

/// A default that was taken, or a reading that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The path of the constraint, such as `team.engineers`.
    pub path: String,
    /// What was assumed, as the language writes it.
    pub value: String,
    /// Why, or what it means.
    pub why: String,
}

/// One entry point.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadEntry {
    /// `module.operation`.
    pub operation: Located<String>,
    /// Mean over a busy day.
    pub rate: Ranged<PerSecond>,
    /// Peak over mean, at least one.
    pub peak: Ranged<f64>,
    /// How long a peak lasts, where the brief says it.
    pub peak_lasts: Option<Seconds>,
    /// 99th percentile of the answer.
    pub p99: Option<Target<Seconds>>,
    /// Share of good requests, where it differs from the system's.
    pub availability: Option<Target<Share>>,
    /// 99th percentile until accepted, where an answer may come before the work is done.
    pub accepted_p99: Option<Target<Seconds>>,
    /// 99th percentile until settled.
    pub settled_p99: Option<Target<Seconds>>,
    /// What its requests are parted by (`tenant`).
    pub by: Option<String>,
    /// Where its requests come from, where that differs from the system's regions; else empty.
    pub from: Vec<(String, Share)>,
}

/// A module: a bounded context with its operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// Its name.
    pub name: Located<String>,
    /// The team that owns it; the module's own name where the brief doesn't say and has several teams.
    pub team: String,
    /// How often it changes. Unit: changes per second.
    pub changes: PerSecond,
    /// Whether it needs another language or runtime than the rest.
    pub polyglot: bool,
    /// Modules that must be released before it can be.
    pub waits_for: Vec<Located<String>>,
    /// What it does.
    pub operations: Vec<DomainOperation>,
}

/// What a module does.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainOperation {
    /// Its name, unique in its module.
    pub name: Located<String>,
    /// CPU time of one execution.
    pub work: Dist,
    /// Size of the request.
    pub request: Bytes,
    /// Size of the answer.
    pub response: Bytes,
    /// Data it reads.
    pub reads: Vec<Access>,
    /// Data it writes.
    pub writes: Vec<Access>,
    /// What it calls: operations (`module.operation`) and outside dependencies.
    pub calls: Vec<DomainCall>,
    /// Events it emits.
    pub emits: Vec<Located<String>>,
    /// The event it handles.
    pub handles: Option<Located<String>>,
    /// Data sets that must change together.
    pub atomic: Vec<Located<String>>,
    /// Whether a repeated attempt must not act twice.
    pub effect_once: bool,
    /// What its order must be kept for (`account`).
    pub order_per: Option<String>,
}

/// A read or write of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// The data set.
    pub to: Located<String>,
    /// How many times per execution (fan-out); at least one.
    pub times: f64,
}

/// A call of the domain.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainCall {
    /// `module.operation`, or the name of an outside dependency.
    pub to: Located<String>,
    /// Whether its answer is needed now or may follow.
    pub answer: Answer,
}

/// When the answer of a call is needed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// Before the caller can answer.
    Needed,
    /// It may follow within this time.
    FollowsWithin(Seconds),
}

/// A data set.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSet {
    /// Its name.
    pub name: Located<String>,
    /// The module that owns it.
    pub owner: Located<String>,
    /// Its size today.
    pub size: Bytes,
    /// Size of one item.
    pub item: Option<Bytes>,
    /// Number of items.
    pub items: Option<f64>,
    /// How it grows.
    pub growth: Option<Growth>,
    /// How often each item is asked for.
    pub popularity: Option<Popularity>,
    /// What readers may see.
    pub consistency: Consistency,
    /// Classes of data it holds (`pii`, `cards`).
    pub holds: Vec<String>,
    /// How long items are kept.
    pub keep: Option<Seconds>,
    /// Whether its history must be replayable.
    pub replay: bool,
    /// Access pattern beyond what the operations say: `get`, `put`, `range`, `join`, `search`, `similar`, `traverse`,
    /// `aggregate`, `scan` with rates; a word such as `nightly` is the rate it means.
    pub access: Vec<(String, PerSecond)>,
}

impl DataSet {
    /// Years until a horizon of which the items added are still kept at its end. Unit: years.
    #[must_use]
    pub fn years_kept(&self, horizon: f64) -> f64 {
        self.keep.map_or(horizon, |keep| horizon.min(keep / crate::units::YEAR))
    }
}

/// What readers of a data set may see.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Consistency {
    /// The last write, always.
    Strong,
    /// One's own writes.
    ReadYourWrites,
    /// A state at most this old.
    EventualWithin(Seconds),
    /// Any earlier state.
    Eventual,
}

/// Something called and not owned.
#[derive(Debug, Clone, PartialEq)]
pub struct Outside {
    /// Its name.
    pub name: Located<String>,
    /// How long an answer takes.
    pub latency: Dist,
    /// Share of the time it is up.
    pub availability: Option<Share>,
    /// Share of attempts that fail by themselves.
    pub errors: Option<Share>,
    /// How often it may be called.
    pub limit: Option<PerSecond>,
    /// When it is open, and what may be done while it is down.
    pub opening: Opening,
}

/// What must be recovered when something is lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recovery {
    /// What is lost.
    pub lost: Lost,
    /// Time until it works again.
    pub rto: Seconds,
    /// How much written data may be lost, as age.
    pub rpo: Seconds,
    /// Whether a copy must lie where nobody reaches it from the running system.
    pub offline_copy: bool,
}

/// What a recovery target speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// A machine or zone (a bare `recovery` speaks of this).
    Zone,
    /// A region.
    Region,
    /// The data itself.
    Data,
}

/// Who builds and runs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Team {
    /// People who build.
    pub engineers: u64,
    /// Teams they form.
    pub teams: u64,
    /// Experience in running distributed systems.
    pub maturity: Level,
    /// When somebody answers a page.
    pub on_call: OnCall,
    /// What they know.
    pub skills: Vec<String>,
}

/// Low, medium, high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

/// When somebody answers a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnCall {
    /// Nobody.
    None,
    /// In business hours.
    BusinessHours,
    /// Always.
    Always,
}

/// No, partial, yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Degree {
    /// Missing.
    No,
    /// Partly there.
    Partial,
    /// There.
    Yes,
}

impl Brief {
    /// The years of the horizon.
    #[must_use]
    pub fn horizon_years(&self) -> f64 {
        self.horizon / crate::units::YEAR
    }
    /// How much larger the load is at the horizon: `(1 + growth) ^ years`.
    #[must_use]
    pub fn growth_factor(&self) -> f64 {
        libm::pow(1.0 + self.growth.mid(), self.horizon_years())
    }
    /// A module by name.
    #[must_use]
    pub fn module(&self, name: &str) -> Option<&Module> {
        self.modules.iter().find(|module| module.name.value == name)
    }
    /// An operation by `module.operation`.
    #[must_use]
    pub fn operation(&self, path: &str) -> Option<(&Module, &DomainOperation)> {
        let (module, operation) = path.split_once('.')?;
        let module = self.module(module)?;
        Some((module, module.operations.iter().find(|candidate| candidate.name.value == operation)?))
    }
    /// A data set by name.
    #[must_use]
    pub fn data_set(&self, name: &str) -> Option<&DataSet> {
        self.data.iter().find(|data| data.name.value == name)
    }
    /// An outside dependency by name.
    #[must_use]
    pub fn outside(&self, name: &str) -> Option<&Outside> {
        self.outside.iter().find(|outside| outside.name.value == name)
    }
    /// The operations that handle an event, as module and operation.
    pub fn handlers<'a>(&'a self, event: &'a str) -> impl Iterator<Item = (&'a Module, &'a DomainOperation)> + 'a {
        self.modules.iter().flat_map(move |module| {
            module
                .operations
                .iter()
                .filter(move |operation| operation.handles.as_ref().is_some_and(|handled| handled.value == event))
                .map(move |operation| (module, operation))
        })
    }
}
