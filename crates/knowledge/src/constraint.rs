//! The numeric and ordered constraints of a brief: their paths, how they are read and set, and where they may lie.
//!
//! A flip point is a value of one of these. Structure (which modules there are, who calls whom) is no constraint here.
//! Keys that few briefs speak of stand in a table of their own, `keys`.

pub mod keys;

use crate::unit;
use groundplan_model::brief::{Brief, Consistency, Degree, Level, Lost, OnCall, Recovery};
use groundplan_model::quantity::{Ranged, Target};
use groundplan_model::units::{Bytes, Money, PerSecond, Seconds, Share, YEAR};
use serde::{Serialize, Serializer};

/// What a constraint is about; measures say for each class which way they move with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// `load.OPERATION.rate`.
    Rate,
    /// `load.OPERATION.peak`.
    Peak,
    /// `load.OPERATION.p99`.
    P99,
    /// `load.OPERATION.availability`.
    EntryAvailability,
    /// `growth`.
    Growth,
    /// `horizon`.
    Horizon,
    /// `team.engineers`.
    Engineers,
    /// `team.teams`.
    Teams,
    /// `team.maturity`.
    Maturity,
    /// `team.on-call`.
    OnCall,
    /// `platform.NAME`; the number is its place in `PLATFORM`.
    Platform(usize),
    /// `domain.MODULE.changes`.
    Changes,
    /// `domain.MODULE.polyglot`.
    Polyglot,
    /// `data.SET.size`.
    Size,
    /// `data.SET.consistency`.
    Consistency,
    /// `data.SET.replay`.
    Replay,
    /// `data.SET.access.KIND`; the number is its place in `ACCESS`.
    Access(usize),
    /// `availability`.
    Availability,
    /// `recovery.rto`.
    Rto,
    /// `recovery.rpo`.
    Rpo,
    /// `recovery.region.rto`.
    RegionRto,
    /// `recovery.region.rpo`.
    RegionRpo,
    /// `budget`.
    Budget,
    /// `risk`.
    Risk,
    /// A key of the table `keys`, by its path there.
    Key(&'static str),
}

/// What a platform can do, in the order rules may name it.
pub const PLATFORM: [&str; 16] = [
    "ci-cd",
    "observability",
    "infrastructure-as-code",
    "sre",
    "kubernetes",
    "brokers",
    "schema-registry",
    "contract-tests",
    "canary",
    "gitops",
    "feature-flags",
    "model-registry",
    "catalogue",
    "service-mesh",
    "chaos-tests",
    "data-centre",
];

/// Ways to ask a data set that its operations don't tell.
pub const ACCESS: [&str; 9] = ["join", "search", "scan", "range", "similar", "traverse", "aggregate", "get", "put"];

const LEVELS: &[&str] = &["low", "medium", "high"];
const DEGREES: &[&str] = &["no", "partial", "yes"];
const ON_CALL: &[&str] = &["none", "business-hours", "always"];
const FLAGS: &[&str] = &["no", "yes"];
/// Words of consistency, the weakest promise first. `eventual-within` stands with its own bound.
pub const CONSISTENCY: &[&str] = &["eventual", "eventual-within", "read-your-writes", "strong"];

/// The values a constraint may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Domain {
    /// Any number between these.
    Real(f64, f64),
    /// Any whole number between these.
    Whole(u64, u64),
    /// One of these words, ordered.
    Words(&'static [&'static str]),
}

/// A value of a constraint, as shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// A number in the constraint's unit.
    Number(f64),
    /// A word.
    Word(&'static str),
}

impl Setting {
    /// The value as people write it, with the unit of its constraint.
    #[must_use]
    pub fn shown(&self, unit: &str) -> String {
        match self {
            Setting::Number(number) => unit::shown(*number, unit),
            Setting::Word(word) => (*word).to_string(),
        }
    }
}

/// The bare value. The least number above zero, where something changes that is above nothing, is told as zero.
impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Setting::Number(number) if unit::is_nothing(*number) => serializer.serialize_f64(0.0),
            Setting::Number(number) => serializer.serialize_f64(*number),
            Setting::Word(word) => serializer.serialize_str(word),
        }
    }
}

/// The bare value; `Setting::shown` is for people.
impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Setting::Number(number) => write!(f, "{number}"),
            Setting::Word(word) => write!(f, "{word}"),
        }
    }
}

/// One constraint of one brief.
#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    /// Its path, such as `load.catalogue.browse.rate`.
    pub path: String,
    /// What it is about.
    pub class: Class,
    /// Place of the entry, module or data set it belongs to; zero for the brief's own.
    pub index: usize,
    /// Unit of its numbers.
    pub unit: &'static str,
    /// The values it may take.
    pub domain: Domain,
    /// Whether the brief has it. What it leaves out and could say stands without limit, at `UNSAID`.
    pub said: bool,
}

/// Where a target stands that nobody set: so high that it asks nothing. Unit: that of the target.
pub const UNSAID: f64 = 1e12;

impl Constraint {
    /// A value as it is shown.
    #[must_use]
    pub fn setting(&self, value: f64) -> Setting {
        match self.domain {
            Domain::Words(words) => Setting::Word(words[(value.max(0.0) as usize).min(words.len() - 1)]),
            _ => Setting::Number(value),
        }
    }

    /// The value in a brief. Words count from zero in their order.
    #[must_use]
    pub fn get(&self, brief: &Brief) -> f64 {
        let n = self.index;
        match self.class {
            Class::Rate => brief.load[n].rate.mid().0,
            Class::Peak => brief.load[n].peak.mid(),
            Class::P99 => brief.load[n].p99.map_or(UNSAID, |target| target.must.0),
            Class::EntryAvailability => brief.load[n].availability.unwrap_or(brief.availability).must.0,
            Class::Growth => brief.growth.mid(),
            Class::Horizon => brief.horizon.0,
            Class::Engineers => brief.team.engineers as f64,
            Class::Teams => brief.team.teams as f64,
            Class::Maturity => level(brief.team.maturity),
            Class::OnCall => f64::from(brief.team.on_call as u8),
            Class::Platform(which) => platform(brief, which),
            Class::Changes => brief.modules[n].changes.0,
            Class::Polyglot => f64::from(u8::from(brief.modules[n].polyglot)),
            Class::Size => brief.data[n].size.0,
            Class::Consistency => consistency(brief.data[n].consistency),
            Class::Replay => f64::from(u8::from(brief.data[n].replay)),
            Class::Access(which) => access(brief, n, ACCESS[which]),
            Class::Availability => brief.availability.must.0,
            Class::Rto => recovery(brief, Lost::Zone).map_or(0.0, |item| item.rto.0),
            Class::Rpo => recovery(brief, Lost::Zone).map_or(0.0, |item| item.rpo.0),
            Class::RegionRto => recovery(brief, Lost::Region).map_or(UNSAID, |item| item.rto.0),
            Class::RegionRpo => recovery(brief, Lost::Region).map_or(UNSAID, |item| item.rpo.0),
            Class::Budget => brief.budget.map_or(UNSAID, |target| target.must.0),
            Class::Risk => level(brief.risk),
            Class::Key(path) => keys::find(path).and_then(|key| (key.get)(brief, n)).unwrap_or(0.0),
        }
    }

    /// Sets the value in a brief. A range becomes the plain number.
    pub fn set(&self, brief: &mut Brief, value: f64) {
        let n = self.index;
        let word = value.max(0.0) as usize;
        match self.class {
            Class::Rate => brief.load[n].rate = Ranged::exactly(PerSecond(value)),
            Class::Peak => brief.load[n].peak = Ranged::exactly(value),
            Class::P99 => brief.load[n].p99 = Some(Target::must(Seconds(value))),
            Class::EntryAvailability => brief.load[n].availability = Some(Target::must(Share(value))),
            Class::Growth => brief.growth = Ranged::exactly(value),
            Class::Horizon => brief.horizon = Seconds(value),
            Class::Engineers => brief.team.engineers = value as u64,
            Class::Teams => brief.team.teams = value as u64,
            Class::Maturity => brief.team.maturity = level_of(word),
            Class::OnCall => {
                brief.team.on_call = [OnCall::None, OnCall::BusinessHours, OnCall::Always][word.min(2)];
            }
            Class::Platform(which) => {
                let degree = [Degree::No, Degree::Partial, Degree::Yes][word.min(2)];
                brief.platform.insert(PLATFORM[which].to_string(), degree);
            }
            Class::Changes => brief.modules[n].changes = PerSecond(value),
            Class::Polyglot => brief.modules[n].polyglot = word > 0,
            Class::Size => brief.data[n].size = Bytes(value),
            Class::Consistency => {
                let within = match brief.data[n].consistency {
                    Consistency::EventualWithin(within) => within,
                    _ => Seconds(5.0),
                };
                brief.data[n].consistency = match word {
                    0 => Consistency::Eventual,
                    1 => Consistency::EventualWithin(within),
                    2 => Consistency::ReadYourWrites,
                    _ => Consistency::Strong,
                };
            }
            Class::Replay => brief.data[n].replay = word > 0,
            Class::Access(which) => set_access(brief, n, ACCESS[which], value),
            Class::Availability => brief.availability = Target::must(Share(value)),
            Class::Rto => set_recovery(brief, Lost::Zone, |item| item.rto = Seconds(value)),
            Class::Rpo => set_recovery(brief, Lost::Zone, |item| item.rpo = Seconds(value)),
            Class::RegionRto | Class::RegionRpo => {
                if recovery(brief, Lost::Region).is_none() {
                    let (rto, rpo) = (Seconds(UNSAID), Seconds(UNSAID));
                    brief.recovery.push(Recovery { lost: Lost::Region, rto, rpo, offline_copy: false });
                }
                let rto = self.class == Class::RegionRto;
                set_recovery(brief, Lost::Region, |item| {
                    *(if rto { &mut item.rto } else { &mut item.rpo }) = Seconds(value);
                });
            }
            Class::Budget => brief.budget = Some(Target::must(Money(value))),
            Class::Risk => brief.risk = level_of(word),
            Class::Key(path) => {
                if let Some(key) = keys::find(path) {
                    (key.set)(brief, n, value);
                }
            }
        }
    }
}

/// Low is zero.
pub(crate) fn level(level: Level) -> f64 {
    f64::from(level as u8)
}

fn level_of(word: usize) -> Level {
    [Level::Low, Level::Medium, Level::High][word.min(2)]
}

/// A platform's degree; missing is `no`.
pub(crate) fn platform(brief: &Brief, which: usize) -> f64 {
    brief.platform.get(PLATFORM[which]).map_or(0.0, |degree| f64::from(*degree as u8))
}

/// The place of a promise in `CONSISTENCY`.
pub(crate) fn consistency(consistency: Consistency) -> f64 {
    match consistency {
        Consistency::Eventual => 0.0,
        Consistency::EventualWithin(_) => 1.0,
        Consistency::ReadYourWrites => 2.0,
        Consistency::Strong => 3.0,
    }
}

/// The rate of one way to ask a data set; zero where the brief doesn't speak of it.
pub(crate) fn access(brief: &Brief, set: usize, kind: &str) -> f64 {
    let found = brief.data[set].access.iter().find(|(name, _)| name == kind);
    found.map_or(0.0, |(_, rate)| rate.0)
}

fn set_access(brief: &mut Brief, set: usize, kind: &str, value: f64) {
    let list = &mut brief.data[set].access;
    list.retain(|(name, _)| name != kind);
    if value > 0.0 {
        list.push((kind.to_string(), PerSecond(value)));
    }
}

/// What must be recovered after a loss, where the brief speaks of it.
pub(crate) fn recovery(brief: &Brief, lost: Lost) -> Option<&Recovery> {
    brief.recovery.iter().find(|item| item.lost == lost)
}

fn set_recovery(brief: &mut Brief, lost: Lost, change: impl Fn(&mut Recovery)) {
    brief.recovery.iter_mut().filter(|item| item.lost == lost).for_each(change);
}

/// All constraints of a brief, in the order of its keys, and the targets that it could set and doesn't: a p99 of an entry point,
/// a recovery of regions, a budget. What else it does not speak of is no constraint of it.
#[must_use]
pub fn constraints(brief: &Brief) -> Vec<Constraint> {
    let mut list = Vec::new();
    let mut add = |path: String, class: Class, index: usize, unit: &'static str, domain: Domain| {
        list.push(Constraint { path, class, index, unit, domain, said: true });
    };
    for (n, entry) in brief.load.iter().enumerate() {
        let name = &entry.operation.value;
        let rate = entry.rate.mid().0.max(1e-3);
        add(format!("load.{name}.rate"), Class::Rate, n, "/s", Domain::Real(rate * 1e-4, rate * 1e4));
        add(format!("load.{name}.peak"), Class::Peak, n, "x", Domain::Real(1.0, entry.peak.mid().max(1.0) * 1e3));
        // An answer that may follow later has its target under `accepted`, and can't have one here as well.
        if entry.p99.is_some() || entry.accepted_p99.is_none() {
            let now = entry.p99.map_or(1.0, |p99| p99.must.0.max(1e-6));
            add(format!("load.{name}.p99"), Class::P99, n, "s", Domain::Real(now * 1e-4, now * 1e4));
        }
        if entry.availability.is_some() {
            add(format!("load.{name}.availability"), Class::EntryAvailability, n, "share", AVAILABILITY);
        }
    }
    add("growth".into(), Class::Growth, 0, "share/year", Domain::Real(0.0, 20.0));
    for (n, module) in brief.modules.iter().enumerate() {
        let name = &module.name.value;
        let day = 1.0 / 86_400.0;
        add(format!("domain.{name}.changes"), Class::Changes, n, "/s", Domain::Real(day / 3_650.0, day * 1_000.0));
        add(format!("domain.{name}.polyglot"), Class::Polyglot, n, "word", Domain::Words(FLAGS));
    }
    for (n, set) in brief.data.iter().enumerate() {
        let name = &set.name.value;
        let size = set.size.0.max(1.0);
        add(format!("data.{name}.size"), Class::Size, n, "B", Domain::Real(size * 1e-6, size * 1e6));
        add(format!("data.{name}.consistency"), Class::Consistency, n, "word", Domain::Words(CONSISTENCY));
        add(format!("data.{name}.replay"), Class::Replay, n, "word", Domain::Words(FLAGS));
        for (which, kind) in ACCESS.iter().enumerate() {
            let now = access(brief, n, kind);
            let domain = Domain::Real(0.0, now.max(1.0) * 1e4);
            add(format!("data.{name}.access.{kind}"), Class::Access(which), n, "/s", domain);
        }
    }
    add("availability".into(), Class::Availability, 0, "share", AVAILABILITY);
    if recovery(brief, Lost::Zone).is_some() {
        for (path, class) in [("recovery.rto", Class::Rto), ("recovery.rpo", Class::Rpo)] {
            add(path.into(), class, 0, "s", Domain::Real(0.0, YEAR.0));
        }
    }
    for (path, class) in [("recovery.region.rto", Class::RegionRto), ("recovery.region.rpo", Class::RegionRpo)] {
        add(path.into(), class, 0, "s", Domain::Real(0.0, YEAR.0));
    }
    add("team.engineers".into(), Class::Engineers, 0, "people", Domain::Whole(1, 10_000));
    add("team.teams".into(), Class::Teams, 0, "teams", Domain::Whole(1, 1_000));
    add("team.maturity".into(), Class::Maturity, 0, "word", Domain::Words(LEVELS));
    add("team.on-call".into(), Class::OnCall, 0, "word", Domain::Words(ON_CALL));
    for (which, name) in PLATFORM.iter().enumerate() {
        add(format!("platform.{name}"), Class::Platform(which), 0, "word", Domain::Words(DEGREES));
    }
    add("budget".into(), Class::Budget, 0, "USD/month", Domain::Real(0.0, UNSAID));
    add("risk".into(), Class::Risk, 0, "word", Domain::Words(LEVELS));
    add("horizon".into(), Class::Horizon, 0, "s", Domain::Real(YEAR.0 / 12.0, YEAR.0 * 20.0));
    for key in keys::KEYS {
        for (n, name) in (key.names)(brief).iter().enumerate() {
            if (key.get)(brief, n).is_some() {
                add(key.path.replace('*', name), Class::Key(key.path), n, key.unit, key.domain);
            }
        }
    }
    // What the brief says belongs to the domain, however unusual. Negative values (a shrinking load) have no flips.
    list.retain(|constraint| constraint.get(brief) >= 0.0);
    for constraint in &mut list {
        let now = constraint.get(brief);
        constraint.said = match constraint.class {
            Class::P99 => brief.load[constraint.index].p99.is_some(),
            Class::RegionRto | Class::RegionRpo => recovery(brief, Lost::Region).is_some(),
            Class::Budget => brief.budget.is_some(),
            _ => true,
        };
        match &mut constraint.domain {
            Domain::Real(low, high) => (*low, *high) = (low.min(now), high.max(now)),
            Domain::Whole(low, high) => (*low, *high) = ((*low).min(now as u64), (*high).max(now as u64)),
            Domain::Words(_) => {}
        }
    }
    list
}

const AVAILABILITY: Domain = Domain::Real(0.5, 0.999_999_9);
