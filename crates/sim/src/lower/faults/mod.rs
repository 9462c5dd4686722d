//! Faults of experiments: what a design calls them, what the manual says, what they do.

mod aim;
pub mod consumer_stop;
pub mod crash;
pub mod errors;
pub mod incompatible_schema;
pub mod latency;
pub mod leader_loss;
pub mod loss;
pub mod machine_loss;
pub mod outage;
pub mod partition;
pub mod poison;
pub mod region_loss;
pub mod slow;
pub mod spike;
pub mod zone_loss;

use super::{Lowering, nanoseconds, unknown};
use crate::kernel::tables::{self, Harm};
use groundplan_model::design;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::{Located, Span};
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
    machine_loss::FAULT,
    zone_loss::FAULT,
    region_loss::FAULT,
    leader_loss::FAULT,
    slow::FAULT,
    partition::FAULT,
    loss::FAULT,
    latency::FAULT,
    errors::FAULT,
    outage::FAULT,
    spike::FAULT,
    consumer_stop::FAULT,
    poison::FAULT,
    incompatible_schema::FAULT,
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
            let name = subject(&fault.argument);
            if let Some(part) = self.parts.iter_mut().find(|part| gates && part.component.name.value == name.value) {
                part.gated = true;
            }
        }
    }

    pub(crate) fn lower_experiments(&mut self) {
        let design = self.design;
        for experiment in &design.experiments {
            if experiment.is_varied() {
                // It runs on variants of the design.
                self.tables.experiments.push(Vec::new());
                continue;
            }
            let faults = experiment.faults.iter().flat_map(|fault| self.fault(experiment, fault)).collect();
            self.tables.experiments.push(faults);
        }
    }

    fn fault(&mut self, experiment: &design::Experiment, fault: &design::Fault) -> Vec<tables::Fault> {
        let Some(kind) = FAULTS.iter().find(|kind| kind.words.name == fault.kind.value) else {
            let known = FAULTS.iter().map(|kind| kind.words.name);
            let diagnostic = unknown("fault", "unknown-fault", &fault.kind, known);
            self.diagnostics.push(diagnostic);
            return Vec::new();
        };
        let at = nanoseconds(fault.at);
        let until = fault.lasts.map_or(u64::MAX, |lasts| at.saturating_add(nanoseconds(lasts)));
        let harms = (kind.harms)(self, &fault.argument);
        let missed = self.aim(experiment, fault, &harms);
        self.pointless.extend(missed);
        harms.into_iter().map(|harm| tables::Fault { at, until, harm }).collect()
    }

    /// The instruction by which records fail that a fault has spoilt.
    pub(crate) fn spoil_records(&mut self) {
        let spoils = |fault: &tables::Fault| matches!(fault.harm, Harm::Poison { .. });
        if self.tables.experiments.iter().flatten().any(spoils) {
            self.tables.poison = self.push(tables::Step::Fail { ending: crate::record::Ending::Error });
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
        let part = self.part_named(&Located::new(component.to_string(), name.span))?;
        let part = &self.parts[part as usize];
        let (first, count) = (part.first, part.count);
        let Some(replica) = replica else {
            return Some((first, count));
        };
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
