//! Faults of experiments: what a design calls them, what the manual says, what they do.

mod aim;
pub mod bad_release;
pub mod certificate_expiry;
pub mod clock_skew;
pub mod config_push;
pub mod consumer_stop;
pub mod contract_break;
pub mod crash;
pub mod disk_full;
pub mod errors;
pub mod flapping;
pub mod flush;
pub mod hot_key;
pub mod incompatible_schema;
pub mod kill_switch;
pub mod latency;
pub mod leader_loss;
pub mod loss;
pub mod machine_loss;
pub mod outage;
pub mod partition;
pub mod poison;
pub mod poison_input;
pub mod rebalance;
pub mod region_loss;
pub mod release;
pub mod replay;
pub mod replica_lag;
pub mod restart_loop;
pub mod slow;
pub mod spike;
pub mod zone_loss;

use super::{Ask, Lowering, nanoseconds, unknown};
use crate::kernel::tables::{self, Harm, Step};
use crate::record::Word;
use groundplan_model::design;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::{Located, Span};
use groundplan_model::units::Seconds;
use groundplan_model::value::{Settings, Value};
use groundplan_model::vocabulary::KindWords;

/// One kind of fault.
pub struct Fault {
    /// Its name, manual and key.
    pub words: KindWords,
    /// Whether it stands before the queue of the component it names.
    pub(crate) gates: bool,
    /// What it does; diagnostics where its argument has no meaning.
    pub(crate) harms: fn(&mut Lowering<'_>, &Located<Value>) -> Vec<Harm>,
}

/// Every fault, in the order of the manual. To add one: a file beside this one and a line here.
pub static FAULTS: &[Fault] = &[
    crash::FAULT,
    restart_loop::FAULT,
    flapping::FAULT,
    machine_loss::FAULT,
    zone_loss::FAULT,
    region_loss::FAULT,
    leader_loss::FAULT,
    replica_lag::FAULT,
    slow::FAULT,
    poison_input::FAULT,
    config_push::FAULT,
    certificate_expiry::FAULT,
    disk_full::FAULT,
    clock_skew::FAULT,
    partition::FAULT,
    loss::FAULT,
    latency::FAULT,
    errors::FAULT,
    outage::FAULT,
    spike::FAULT,
    consumer_stop::FAULT,
    replay::FAULT,
    poison::FAULT,
    incompatible_schema::FAULT,
    flush::FAULT,
    hot_key::FAULT,
    rebalance::FAULT,
    release::FAULT,
    bad_release::FAULT,
    contract_break::FAULT,
    kill_switch::FAULT,
];

/// The words of every fault.
pub const WORDS: &[KindWords] = &{
    let mut words = [FAULTS[0].words; FAULTS.len()];
    let mut at = 1;
    while at < words.len() {
        words[at] = FAULTS[at].words;
        at += 1;
    }
    words
};

impl Lowering<'_> {
    /// Marks the components before whose queues a fault will stand.
    pub(crate) fn find_faulted(&mut self) {
        let own = self.design.experiments.iter().filter(|experiment| !experiment.is_varied());
        for fault in own.flat_map(|experiment| &experiment.faults) {
            self.cut |= [partition::WORDS.name, loss::WORDS.name].contains(&fault.kind.value.as_str());
            let gates = FAULTS.iter().any(|known| known.words.name == fault.kind.value && known.gates);
            for name in subjects(&fault.argument) {
                let known = self.parts.iter().position(|part| part.component.name.value == component_of(&name.value));
                let Some(part) = known else { continue };
                self.parts[part].gated |= gates;
                self.prepare(part as u32, fault, &name);
            }
        }
    }

    pub(crate) fn lower_experiments(&mut self) {
        let design = self.design;
        for experiment in &design.experiments {
            let empty = experiment.settings.text("start") == Some("empty");
            self.tables.machines.caches.empty.push(empty);
            if experiment.is_varied() {
                // It runs on variants of the design.
                self.tables.experiments.push(Vec::new());
                continue;
            }
            let faults = experiment.faults.iter().flat_map(|fault| self.fault(experiment, fault)).collect();
            self.tables.experiments.push(faults);
        }
        if self.tables.experiments.iter().any(|faults| !faults.is_empty()) {
            for balancer in self.tables.balancers.iter().filter(|balancer| balancer.believes()) {
                self.tables.components[balancer.component as usize].keeps |= Word::Noticed.bit();
            }
        }
    }

    fn fault(&mut self, experiment: &design::Experiment, fault: &design::Fault) -> Vec<tables::Fault> {
        let Some(kind) = FAULTS.iter().find(|kind| kind.words.name == fault.kind.value) else {
            let known = FAULTS.iter().map(|kind| kind.words.name);
            let diagnostic = unknown("fault", "unknown-fault", &fault.kind, known);
            self.diagnostics.push(diagnostic);
            return Vec::new();
        };
        let harms = (kind.harms)(self, &fault.argument);
        let missed = self.aim(experiment, fault, &harms);
        self.pointless.extend(missed);
        let idle = self.never_bites(experiment, fault, &harms);
        self.diagnostics.extend(idle);
        let windows = self.windows(experiment, fault);
        let each = |harm: Harm| windows.iter().map(move |(at, until)| tables::Fault { at: *at, until: *until, harm });
        harms.into_iter().flat_map(each).collect()
    }

    /// The instruction by which records fail that a fault has spoilt.
    pub(crate) fn spoil_records(&mut self) {
        let spoils = |fault: &tables::Fault| matches!(fault.harm, Harm::Poison { .. });
        if self.tables.experiments.iter().flatten().any(spoils) {
            self.tables.poison = self.push(Step::Fail { ending: crate::record::Ending::Error });
        }
    }

    /// The topic of a fault that spoils records, and what share of them.
    pub(crate) fn spoilt(&mut self, fault: &'static str, argument: &Located<Value>) -> Option<(u32, u32)> {
        let settings = settings(argument);
        let Some(topic) = settings.text("topic") else {
            self.diagnostics.push(missing(
                fault,
                "topic",
                argument.span,
                &format!("{fault}: {{ topic: order-placed, share: 1% }}"),
            ));
            return None;
        };
        let name = Located::new(topic.to_string(), settings.span("topic"));
        let topic = self.topic_named(&name)?;
        let share = settings.share("share").map_or(u32::MAX, |share| tables::share_bits(share.0));
        Some((topic, share))
    }

    /// The replicas that `shop` or `shop/2` means: first and number.
    pub(crate) fn replicas_named(&mut self, name: &Located<String>) -> Option<(u32, u32)> {
        let (component, replica) = match name.value.split_once('/') {
            Some((component, replica)) => (component, Some(replica)),
            None => (name.value.as_str(), None),
        };
        let part = self.part_named(&Located::new(component.to_string(), name.span))? as usize;
        let (first, count) = (self.parts[part].first, self.parts[part].count);
        let Some(replica) = replica else {
            return Some((first, count));
        };
        // Those that are there only during a release have no number.
        let count = count - self.tables.components[part].spares;
        match replica.parse::<u32>().ok().filter(|nth| (1..=count).contains(nth)) {
            Some(nth) => Some((first + nth - 1, 1)),
            None => {
                self.diagnostics.push(
                    Diagnostic::error("unknown-replica", format!("`{component}` has no replica `{replica}`"))
                        .at(name.span, "asked for here")
                        .help(format!("its replicas are `{component}/1` to `{component}/{count}`")),
                );
                None
            }
        }
    }
}

/// Most times that a fault comes and goes.
const TIMES: f64 = 10_000.0;

impl Lowering<'_> {
    /// When a fault is there: once, or again and again where its argument says how often.
    fn windows(&mut self, experiment: &design::Experiment, fault: &design::Fault) -> Vec<(u64, u64)> {
        let at = nanoseconds(fault.at);
        let said = settings(&fault.argument);
        let lasts = fault.lasts.map(|lasts| lasts.0 - if_warned(&said));
        let until = lasts.map_or(u64::MAX, |lasts| at.saturating_add(nanoseconds(Seconds(lasts))));
        let Some((on, period)) = repeats(&said) else {
            return vec![(at, until)];
        };
        let word = fault.kind.value.as_str();
        let watched =
            fault.lasts.map_or(experiment.duration.0, |lasts| experiment.duration.0.min(fault.at.0 + lasts.0));
        if on.0 <= 0.0 || period.0 <= on.0 || (watched - fault.at.0) / period.0 > TIMES {
            let headline = format!("`{word}` comes every {period} and lasts {on}");
            let diagnostic = Diagnostic::error("fault-at-nothing", headline)
                .at(fault.argument.span, "no coming and going")
                .help("let it last for a while, shorter than the time from one to the next");
            self.diagnostics.push(diagnostic);
            return Vec::new();
        }
        let (on, period) = (nanoseconds(on), nanoseconds(period));
        let last = until.min(at.saturating_add(nanoseconds(Seconds(watched))));
        let begins = (0..).map(|nth| at + nth * period).take_while(|begins| *begins < last);
        begins.map(|begins| (begins, begins.saturating_add(on).min(until))).collect()
    }

    /// What a fault will look at or count must be there when operations are compiled.
    fn prepare(&mut self, part: u32, fault: &design::Fault, name: &Located<String>) {
        let word = fault.kind.value.as_str();
        let keeps = match word {
            "restart-loop" | "flapping" => Word::Crashes.bit(),
            "poison-input" => Word::Crashes.bit() | Word::Killed.bit(),
            "config-push" if settings(&fault.argument).flag("crash") == Some(true) => Word::Crashes.bit(),
            "disk-full" => Word::NoSpace.bit(),
            _ => 0,
        };
        self.tables.components[part as usize].keeps |= keeps;
        if word == disk_full::WORDS.name && !self.looks.full.contains(&part) {
            self.looks.full.push(part);
        }
        if word == poison_input::WORDS.name {
            let operation = name.value.split_once('.').map(|(_, operation)| operation.to_string());
            if self.looks.unit(part, operation.as_deref()).is_none() {
                self.looks.poisoned.push((part, operation));
            }
        }
    }

    /// Where a fault waits for what is asked: an input that may be poison, a disk that may be full.
    pub(crate) fn look_at_faults(&mut self, part: u32, ask: &Ask) {
        let writes = matches!(ask, Ask::Write(_) | Ask::WriteWithin | Ask::Append(_));
        if writes && self.looks.full.contains(&part) {
            self.push(Step::Space);
        }
        if self.parts[part as usize].kind.is_some_and(|kind| kind.hop) {
            return;
        }
        let units: Vec<u32> = self.looks.units(part, ask).collect();
        for unit in units {
            self.push(Step::Taste { unit });
        }
    }
}

/// What operations look at because of the faults of some experiment.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    /// Components whose disks may be full.
    pub full: Vec<u32>,
    /// Operations, or whole components, to which poison comes. Index: the unit.
    pub poisoned: Vec<(u32, Option<String>)>,
}

impl Looks {
    /// The unit of poison for an operation, or for all that a component is asked.
    pub fn unit(&self, part: u32, operation: Option<&str>) -> Option<u32> {
        let same = |(known, of): &(u32, Option<String>)| *known == part && of.as_deref() == operation;
        self.poisoned.iter().position(same).map(|unit| unit as u32)
    }

    fn units<'a>(&'a self, part: u32, ask: &'a Ask) -> impl Iterator<Item = u32> + 'a {
        let of = move |operation: &Option<String>| match (operation, ask) {
            (Some(operation), Ask::Operation(name) | Ask::Local(name)) => operation == name,
            (Some(_), _) => false,
            // Once for each request: not again within its transaction.
            (None, ask) => !matches!(ask, Ask::ReadWithin | Ask::WriteWithin | Ask::Commit(_)),
        };
        let units = self.poisoned.iter().enumerate();
        units.filter(move |(_, (known, operation))| *known == part && of(operation)).map(|(unit, _)| unit as u32)
    }
}

/// How long it is there, and from its coming to its next: of a fault that comes and goes.
fn repeats(said: &Settings) -> Option<(Seconds, Seconds)> {
    let up_and_down = said.duration("up").map(|up| {
        let down = said.duration("down").unwrap_or(flapping::DOWN);
        (down, Seconds(up.0 + down.0))
    });
    up_and_down.or_else(|| said.duration("last").zip(said.duration("every")))
}

/// How long before a certificate expires its renewal begins. Unit: seconds.
fn if_warned(said: &Settings) -> f64 {
    said.duration("warned").map_or(0.0, |warned| warned.0)
}

/// The component of `shop`, `shop/2` or `shop.browse`.
fn component_of(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap_or(name)
}

/// All that a fault's argument names: itself, or what its `what` lists.
pub(crate) fn subjects(argument: &Located<Value>) -> Vec<Located<String>> {
    match &argument.value {
        Value::Map(settings) if settings.text("what").is_none() => settings.texts("what"),
        _ => vec![subject(argument)],
    }
}

/// What a fault's argument names: itself, or its `what`.
pub(crate) fn subject(argument: &Located<Value>) -> Located<String> {
    match &argument.value {
        Value::Text(name) => Located::new(name.clone(), argument.span),
        Value::Map(settings) => Located::new(
            settings.text("what").unwrap_or("").to_string(),
            if settings.span("what").is_none() { argument.span } else { settings.span("what") },
        ),
        _ => Located::new(String::new(), argument.span),
    }
}

/// The settings of a fault's argument.
pub(crate) fn settings(argument: &Located<Value>) -> Settings {
    match &argument.value {
        Value::Map(settings) => settings.clone(),
        _ => Settings::new(),
    }
}

/// What is wrong where a fault lacks a key.
pub(crate) fn missing(fault: &str, key: &str, span: Span, example: &str) -> Diagnostic {
    Diagnostic::error("missing-key", format!("the fault `{fault}` has no `{key}`"))
        .at(span, "")
        .help(format!("write `{example}`"))
}
