//! The quantities that rules may ask about: a name, a unit, a value over a brief, and which way each moves with each
//! class of constraints. To add one: a line in `CORE`, or in `topics` for what few briefs speak of.
//!
//! Every measure is non-negative and moves one way with each single constraint. Where the way depends on the brief (a
//! share of the load rises with its own rate and falls with the others) it is `Either`: such a measure may be compared
//! by itself, but not be combined with another that moves with the same class.

mod topics;

use crate::constraint::{self, Class, PLATFORM};
use crate::rule::Scope;
use crate::unit::{self, Dim};
use crate::view::{Subject, View};
use groundplan_model::brief::Lost;
use std::sync::LazyLock;

/// Which way something moves with a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Up with it.
    Up,
    /// Down with it.
    Down,
    /// One way, which depends on the brief.
    Either,
}

impl Way {
    /// The way of one over this.
    #[must_use]
    pub fn turned(self) -> Way {
        match self {
            Way::Up => Way::Down,
            Way::Down => Way::Up,
            Way::Either => Way::Either,
        }
    }
}

/// A quantity over a brief.
#[derive(Clone, Copy)]
pub struct Measure {
    /// Its name in rules.
    pub name: &'static str,
    /// Its unit; `word` for ordered words.
    pub unit: &'static str,
    /// The words, for ordered words.
    pub words: &'static [&'static str],
    /// Whom it is asked about.
    pub scope: Scope,
    /// Which way it moves with which constraints.
    pub ways: &'static [(Class, Way)],
    /// What it means.
    pub manual: &'static str,
    /// Its value.
    pub value: fn(&View, Subject) -> f64,
}

impl Measure {
    /// Its dimensions.
    #[must_use]
    pub fn dim(&self) -> Dim {
        unit::dim_of(self.unit).unwrap_or(Dim::NONE)
    }
}

impl std::fmt::Debug for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A measure by name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|measure| measure.name == name)
}

const LEVELS: &[&str] = &["low", "medium", "high"];
const DEGREES: &[&str] = &["no", "partial", "yes"];
const ON_CALL: &[&str] = &["none", "business-hours", "always"];

const LOAD: &[(Class, Way)] =
    &[(Class::Rate, Way::Up), (Class::Peak, Way::Up), (Class::Growth, Way::Up), (Class::Horizon, Way::Up)];
const MESSAGES: &[(Class, Way)] = &[
    (Class::Rate, Way::Up),
    (Class::Peak, Way::Up),
    (Class::Growth, Way::Up),
    (Class::Horizon, Way::Up),
    (Class::Replay, Way::Up),
];
const MIX: &[(Class, Way)] = &[(Class::Rate, Way::Either), (Class::Peak, Way::Either)];
const SIZE: &[(Class, Way)] = &[
    (Class::Size, Way::Up),
    (Class::Growth, Way::Up),
    (Class::Horizon, Way::Up),
    (Class::Key("data.*.keep"), Way::Up),
];
const FIXED: &[(Class, Way)] = &[];

macro_rules! up {
    ($class:expr) => {
        &[($class, Way::Up)]
    };
}

const fn of(
    scope: Scope,
    name: &'static str,
    unit: &'static str,
    ways: &'static [(Class, Way)],
    manual: &'static str,
    value: fn(&View, Subject) -> f64,
) -> Measure {
    Measure { name, unit, words: &[], scope, ways, manual, value }
}

const fn words(
    scope: Scope,
    name: &'static str,
    words: &'static [&'static str],
    ways: &'static [(Class, Way)],
    manual: &'static str,
    value: fn(&View, Subject) -> f64,
) -> Measure {
    Measure { name, unit: "word", words, scope, ways, manual, value }
}

macro_rules! platform {
    ($which:literal, $name:literal) => {
        words(Scope::Brief, $name, DEGREES, up!(Class::Platform($which)), "What the platform can do.", |view, _| {
            constraint::platform(view.brief, $which)
        })
    };
}

fn set(subject: Subject) -> usize {
    match subject {
        Subject::Set(n) => n,
        _ => unreachable!("the loader lets only rules about data sets ask about one"),
    }
}

fn module(subject: Subject) -> usize {
    match subject {
        Subject::Module(n) => n,
        _ => unreachable!("the loader lets only rules about modules ask about one"),
    }
}

fn entry(subject: Subject) -> usize {
    match subject {
        Subject::Entry(n) => n,
        _ => unreachable!("the loader lets only rules about entry points ask about one"),
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn follows(view: &View, wanted: bool) -> f64 {
    let part: f64 = view.rate.iter().zip(&view.frame.may_follow).filter(|(_, f)| **f == wanted).map(|(r, _)| r).sum();
    ratio(part, view.rate.iter().sum())
}

/// For each entry point with an availability of its own, how much more failure it allows than the system.
fn allowed_over_system(view: &View) -> impl Iterator<Item = f64> {
    let missed = |share: groundplan_model::units::Share| (1.0 - share.0).max(1e-9);
    let system = missed(view.brief.availability.must);
    view.brief.load.iter().filter_map(move |entry| Some(missed(entry.availability?.must) / system))
}

use Scope::{Brief, Entry, Module, Set};

/// Every quantity, in the order the manual lists them.
pub static MEASURES: LazyLock<Vec<Measure>> = LazyLock::new(|| [CORE, topics::TOPICS].concat());

/// What every brief speaks of. To add one: a line here.
static CORE: &[Measure] = &[
    of(Brief, "load.total.rate", "/s", up!(Class::Rate), "Requests over all entry points, mean today.", |v, _| {
        v.rate_now.iter().sum()
    }),
    of(
        Brief,
        "load.total.peak-at-horizon",
        "/s",
        LOAD,
        "Requests over all entry points, all peaks at once.",
        |v, _| v.rate.iter().sum(),
    ),
    of(
        Brief,
        "load.cores-at-horizon",
        "vCPU",
        LOAD,
        "Cores busy with the operations' own work at that peak.",
        |v, _| v.cores(),
    ),
    of(Brief, "load.max-peak", "x", up!(Class::Peak), "The highest peak over mean of an entry point.", |v, _| {
        v.brief.load.iter().map(|entry| entry.peak.mid()).fold(0.0, f64::max)
    }),
    of(Brief, "load.max-fan-out", "1", FIXED, "The most writes that one execution makes to a data set.", |v, _| {
        v.frame.writes.iter().flatten().map(|(_, times)| *times).fold(0.0, f64::max)
    }),
    of(
        Brief,
        "load.messages-at-horizon",
        "/s",
        MESSAGES,
        "Events, calls that may follow, work accepted first and writes to replayed sets, at that peak.",
        |v, _| v.per_second(&v.messages().0),
    ),
    of(Brief, "load.message-flow-at-horizon", "B/s", MESSAGES, "Bytes of those messages.", |v, _| {
        v.per_second(&v.messages().1)
    }),
    of(
        Brief,
        "load.may-follow-share",
        "share",
        MIX,
        "Share of requests of which a part may follow the answer.",
        |v, _| follows(v, true),
    ),
    of(
        Brief,
        "load.work-after-share",
        "share",
        MIX,
        "Share of the busy cores whose work may follow the answer.",
        |v, _| {
            let busy = |visits: &[Vec<f64>]| -> f64 {
                let one = |visits: &[f64]| visits.iter().zip(&v.frame.work).map(|(n, work)| n * work).sum::<f64>();
                v.rate.iter().zip(visits).map(|(rate, visits)| rate * one(visits)).sum()
            };
            let all = busy(&v.frame.visits);
            ratio((all - busy(&v.frame.needed)).max(0.0), all)
        },
    ),
    of(Brief, "load.all-needed-share", "share", MIX, "Share of requests of which nothing may follow.", |v, _| {
        follows(v, false)
    }),
    of(
        Brief,
        "load.crossings-per-core-second",
        "/s",
        MIX,
        "Calls from module to module that an answer waits for, per second of the operations' own work.",
        |v, _| ratio(v.per_second(&v.frame.crossings), v.cores()),
    ),
    of(
        Brief,
        "load.crossing-flow-per-core-second",
        "/s",
        MIX,
        "Bytes those calls carry, per second of the operations' own work (bytes counted, so per second).",
        |v, _| ratio(v.per_second(&v.frame.crossing_bytes), v.cores()),
    ),
    of(
        Brief,
        "load.bytes-per-crossing",
        "B",
        MIX,
        "Mean bytes of a call from module to module that an answer waits for, both ways.",
        |v, _| ratio(v.per_second(&v.frame.crossing_bytes), v.per_second(&v.frame.crossings)),
    ),
    of(
        Brief,
        "load.availability-laxer",
        "1",
        &[(Class::EntryAvailability, Way::Down), (Class::Availability, Way::Up)],
        "How much more failure the laxest entry point allows than the system; 1 where none allows more.",
        |v, _| allowed_over_system(v).fold(1.0, f64::max),
    ),
    of(
        Brief,
        "load.availability-stricter",
        "1",
        &[(Class::EntryAvailability, Way::Up), (Class::Availability, Way::Down)],
        "How much less failure the strictest entry point allows than the system; 1 where none allows less.",
        |v, _| allowed_over_system(v).map(|ratio| 1.0 / ratio).fold(1.0, f64::max),
    ),
    of(Brief, "domain.modules", "1", FIXED, "Modules.", |v, _| v.brief.modules.len() as f64),
    of(Brief, "domain.events", "1", FIXED, "Operations that handle an event.", |v, _| {
        v.brief.modules.iter().flat_map(|m| &m.operations).filter(|o| o.handles.is_some()).count() as f64
    }),
    of(Brief, "domain.follow-calls", "1", FIXED, "Calls whose answer may follow.", |v, _| {
        let calls = v.brief.modules.iter().flat_map(|m| &m.operations).flat_map(|o| &o.calls);
        calls.filter(|c| matches!(c.answer, groundplan_model::brief::Answer::FollowsWithin(_))).count() as f64
    }),
    of(Brief, "domain.max-handlers", "1", FIXED, "The most operations that handle one event.", |v, _| {
        let events = v.brief.modules.iter().flat_map(|m| &m.operations).flat_map(|o| &o.emits);
        events.map(|event| v.brief.handlers(&event.value).count()).max().unwrap_or(0) as f64
    }),
    of(
        Brief,
        "domain.atomic-across-modules",
        "1",
        FIXED,
        "Operations that change together what different modules own.",
        |v, _| v.atomic_across(false),
    ),
    of(
        Brief,
        "domain.atomic-across-teams",
        "1",
        FIXED,
        "Operations that change together what different teams own.",
        |v, _| v.atomic_across(true),
    ),
    of(Brief, "domain.changes", "/s", up!(Class::Changes), "Changes over all modules.", |v, _| {
        v.brief.modules.iter().map(|module| module.changes.0).sum()
    }),
    of(
        Brief,
        "domain.changes.daily-modules",
        "1",
        up!(Class::Changes),
        "Modules that change daily or more.",
        |v, _| v.brief.modules.iter().filter(|module| module.changes.0 >= 1.0 / 86_400.0).count() as f64,
    ),
    of(Brief, "domain.polyglot-modules", "1", up!(Class::Polyglot), "Modules that need another runtime.", |v, _| {
        v.brief.modules.iter().filter(|module| module.polyglot).count() as f64
    }),
    of(Brief, "data.sets", "1", FIXED, "Data sets.", |v, _| v.brief.data.len() as f64),
    of(Brief, "data.total-at-horizon", "B", SIZE, "All data at the horizon.", |v, _| {
        (0..v.brief.data.len()).map(|n| v.size(n)).sum()
    }),
    of(Brief, "data.largest-at-horizon", "B", SIZE, "The largest data set at the horizon.", |v, _| {
        (0..v.brief.data.len()).map(|n| v.size(n)).fold(0.0, f64::max)
    }),
    of(Brief, "data.most-writes", "/s", LOAD, "Writes to the most written data set at the horizon's peak.", |v, _| {
        (0..v.brief.data.len()).map(|set| v.writes(set)).fold(0.0, f64::max)
    }),
    of(
        Brief,
        "data.hottest-reads",
        "/s",
        LOAD,
        "Reads of the most popular item of any data set at the horizon's peak; zero where no items are known.",
        |v, _| v.frame.hottest.iter().enumerate().map(|(set, share)| v.reads(set) * share).fold(0.0, f64::max),
    ),
    of(Brief, "data.replay-sets", "1", up!(Class::Replay), "Data sets whose history must be replayable.", |v, _| {
        v.brief.data.iter().filter(|data| data.replay).count() as f64
    }),
    of(Brief, "data.strong-sets", "1", up!(Class::Consistency), "Data sets read with strong consistency.", |v, _| {
        v.brief.data.iter().filter(|data| constraint::consistency(data.consistency) >= 3.0).count() as f64
    }),
    of(
        Brief,
        "data.strong-p99",
        "s",
        &[(Class::P99, Way::Up), (Class::Consistency, Way::Down)],
        "The strictest p99 of an answer that waits for a strongly consistent data set.",
        |v, _| {
            let strong = |n: &usize| constraint::consistency(v.brief.data[*n].consistency) >= 3.0;
            (0..v.brief.data.len()).filter(strong).map(|n| v.set_p99(n)).fold(FOREVER, f64::min)
        },
    ),
    of(Brief, "team.engineers", "people", up!(Class::Engineers), "People who build.", |v, _| {
        v.brief.team.engineers as f64
    }),
    of(Brief, "team.teams", "teams", up!(Class::Teams), "Teams they form.", |v, _| v.brief.team.teams as f64),
    words(
        Brief,
        "team.maturity",
        LEVELS,
        up!(Class::Maturity),
        "Experience in running distributed systems.",
        |v, _| constraint::level(v.brief.team.maturity),
    ),
    words(Brief, "team.on-call", ON_CALL, up!(Class::OnCall), "When somebody answers a page.", |v, _| {
        f64::from(v.brief.team.on_call as u8)
    }),
    platform!(0, "platform.ci-cd"),
    platform!(1, "platform.observability"),
    platform!(2, "platform.infrastructure-as-code"),
    platform!(3, "platform.sre"),
    platform!(4, "platform.kubernetes"),
    platform!(5, "platform.brokers"),
    platform!(6, "platform.schema-registry"),
    platform!(7, "platform.contract-tests"),
    platform!(8, "platform.canary"),
    platform!(9, "platform.gitops"),
    platform!(10, "platform.feature-flags"),
    platform!(11, "platform.model-registry"),
    platform!(12, "platform.catalogue"),
    platform!(13, "platform.service-mesh"),
    platform!(14, "platform.chaos-tests"),
    platform!(15, "platform.data-centre"),
    of(Brief, "regions.count", "1", FIXED, "Regions the users are in.", |v, _| v.brief.regions.len() as f64),
    of(Brief, "regions.abroad-share", "share", FIXED, "Share of users outside the largest region.", |v, _| {
        let largest = v.brief.regions.iter().map(|(_, share)| share.0).fold(0.0, f64::max);
        if v.brief.regions.is_empty() { 0.0 } else { (1.0 - largest).max(0.0) }
    }),
    of(Brief, "compliance.count", "1", FIXED, "Regimes that apply.", |v, _| v.brief.compliance.len() as f64),
    of(Brief, "residency.count", "1", FIXED, "Classes of data that must stay in a region.", |v, _| {
        v.brief.residency.len() as f64
    }),
    of(
        Brief,
        "availability",
        "share",
        up!(Class::Availability),
        "Share of good requests that must be kept.",
        |v, _| v.brief.availability.must.0,
    ),
    of(Brief, "recovery.rto", "s", up!(Class::Rto), "Time until it works again after a zone is lost.", |v, _| {
        constraint::recovery(v.brief, Lost::Zone).map_or(FOREVER, |item| item.rto.0)
    }),
    of(Brief, "recovery.rpo", "s", up!(Class::Rpo), "Age of the writes that may be lost with a zone.", |v, _| {
        constraint::recovery(v.brief, Lost::Zone).map_or(FOREVER, |item| item.rpo.0)
    }),
    of(Brief, "recovery.region.rto", "s", up!(Class::RegionRto), "The same for a region.", |v, _| {
        constraint::recovery(v.brief, Lost::Region).map_or(FOREVER, |item| item.rto.0)
    }),
    of(Brief, "recovery.region.rpo", "s", up!(Class::RegionRpo), "The same for a region.", |v, _| {
        constraint::recovery(v.brief, Lost::Region).map_or(FOREVER, |item| item.rpo.0)
    }),
    of(Brief, "budget", "USD/month", up!(Class::Budget), "Money per month; without one, no limit.", |v, _| {
        v.brief.budget.map_or(FOREVER, |target| target.must.0)
    }),
    words(Brief, "risk", LEVELS, up!(Class::Risk), "How much risk is accepted.", |v, _| {
        constraint::level(v.brief.risk)
    }),
    of(Set, "set.size-at-horizon", "B", SIZE, "Size of the data set at the horizon.", |v, s| v.size(set(s))),
    of(Set, "set.item", "B", up!(Class::Size), "Size of one item; zero where the brief doesn't tell.", |v, s| {
        let data = &v.brief.data[set(s)];
        let derived = data.items.map(|items| ratio(data.size.0, items));
        data.item.map(|item| item.0).or(derived).unwrap_or(0.0)
    }),
    of(Set, "set.reads", "/s", LOAD, "Reads at the horizon's peak.", |v, s| v.reads(set(s))),
    of(Set, "set.writes", "/s", LOAD, "Writes at the horizon's peak.", |v, s| v.writes(set(s))),
    of(Set, "set.joins", "/s", up!(Class::Access(0)), "Questions that combine it with other data.", |v, s| {
        constraint::access(v.brief, set(s), "join")
    }),
    of(Set, "set.searches", "/s", up!(Class::Access(1)), "Questions for words or many conditions.", |v, s| {
        constraint::access(v.brief, set(s), "search")
    }),
    of(Set, "set.scans", "/s", up!(Class::Access(2)), "Questions that read most of it.", |v, s| {
        constraint::access(v.brief, set(s), "scan")
    }),
    words(
        Set,
        "set.consistency",
        constraint::CONSISTENCY,
        up!(Class::Consistency),
        "What its readers may see.",
        |v, s| constraint::consistency(v.brief.data[set(s)].consistency),
    ),
    of(Set, "set.atomic-with-others", "1", FIXED, "Operations that change it together with another set.", |v, s| {
        v.set_atomic(set(s))
    }),
    of(Set, "set.replay", "1", up!(Class::Replay), "One if its history must be replayable.", |v, s| {
        f64::from(u8::from(v.brief.data[set(s)].replay))
    }),
    of(Set, "set.p99", "s", up!(Class::P99), "The strictest p99 of an answer that waits for it.", |v, s| {
        v.set_p99(set(s)).min(FOREVER)
    }),
    of(Module, "module.cores", "vCPU", LOAD, "Cores busy with its own work at the horizon's peak.", |v, s| {
        v.module_cores(module(s))
    }),
    of(Module, "module.cores-share", "share", MIX, "Its share of all cores busy.", |v, s| {
        ratio(v.module_cores(module(s)), v.cores())
    }),
    of(Module, "module.changes", "/s", up!(Class::Changes), "How often it changes.", |v, s| {
        v.brief.modules[module(s)].changes.0
    }),
    of(
        Module,
        "module.changes-over-rest",
        "1",
        &[(Class::Changes, Way::Either)],
        "How often it changes over the mean of the other modules.",
        |v, s| {
            let all: f64 = v.brief.modules.iter().map(|m| m.changes.0).sum();
            let own = v.brief.modules[module(s)].changes.0;
            let others = v.brief.modules.len().saturating_sub(1) as f64;
            if others < 1.0 { 1.0 } else { own / ((all - own).max(1e-12) / others) }
        },
    ),
    of(Module, "module.polyglot", "1", up!(Class::Polyglot), "One if it needs another runtime.", |v, s| {
        f64::from(u8::from(v.brief.modules[module(s)].polyglot))
    }),
    of(Module, "module.atomic", "1", FIXED, "Operations that change its data with another module's.", |v, s| {
        v.module_atomic(module(s))
    }),
    of(Module, "module.needed-share", "share", MIX, "Share of its executions that an answer waits for.", |v, s| {
        v.module_needed(module(s))
    }),
    of(Entry, "entry.chain", "1", FIXED, "Calls from module to module in a row that the answer waits for.", |v, s| {
        v.frame.chain[entry(s)]
    }),
    of(Entry, "entry.p99", "s", up!(Class::P99), "Its p99 target; very long without one.", |v, s| {
        v.brief.load[entry(s)].p99.map_or(FOREVER, |target| target.must.0)
    }),
    of(
        Entry,
        "entry.abroad-share",
        "share",
        FIXED,
        "Share of its requests from outside the region where most of them come from.",
        |v, s| {
            let own = &v.brief.load[entry(s)].from;
            let from = if own.is_empty() { &v.brief.regions } else { own };
            let largest = from.iter().map(|(_, share)| share.0).fold(0.0, f64::max);
            if from.is_empty() { 0.0 } else { (1.0 - largest).max(0.0) }
        },
    ),
    of(Entry, "entry.rate-at-horizon", "/s", LOAD, "Its peak at the horizon.", |v, s| v.rate[entry(s)]),
];

/// Where a brief sets no limit. Unit: seconds, thirty thousand years.
const FOREVER: f64 = 1e12;

const _: () = assert!(PLATFORM.len() == 16, "one measure for each thing a platform can do");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_platform_word_has_one() {
        for (n, measure) in MEASURES.iter().enumerate() {
            assert!(MEASURES[..n].iter().all(|earlier| earlier.name != measure.name), "{}", measure.name);
            assert!(!measure.manual.is_empty());
        }
        for name in PLATFORM {
            let measure = find(&format!("platform.{name}")).expect(name);
            assert_eq!(measure.ways.len(), 1);
            assert!(matches!(measure.ways[0].0, Class::Platform(n) if PLATFORM[n] == name), "{name}");
        }
    }
}
