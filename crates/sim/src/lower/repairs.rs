//! What fails by itself and is repaired: words that kinds with replicas, copies or chunks share, and their meaning.

use super::Lowering;
use crate::kernel::machines::repairs::{Falls, Group};
use crate::kernel::{draws, tables::NONE};
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::value::Value;
use groundplan_model::vocabulary::{Key, Shape};

/// How long a unit works.
pub(crate) const FAILS: Key = Key::optional(
    "fails",
    Shape::Distribution,
    "How long a replica (of data: a copy or chunk) works until it fails by itself: `exp(1000h)`. It is silent then, and \
     goes with what it holds.",
);
/// How long its repair takes.
pub(crate) const REPAIR: Key =
    Key::optional("repair", Shape::Distribution, "Time from its turn with a repairer until it works again.");
/// How many are repaired at once.
pub(crate) const REPAIRERS: Key = Key::default(
    "repairers",
    Shape::CountOrUnlimited,
    "unlimited",
    "Repairs at a time; others wait, the first to fail first.",
);

impl Lowering<'_> {
    /// Lets a component's units fail and be repaired, where its settings say so. `needed`: units without which its data is
    /// lost, zero for none. Called after `declare`.
    pub(crate) fn repairs(&mut self, part: u32, units: u32, needed: u32, falls: Falls) {
        let component = self.parts[part as usize].component;
        let settings = &component.settings;
        let said = |key| settings.get(key).is_some();
        let error = |code: &'static str, headline: String, key: &str, label: &str, help: &str| {
            Diagnostic::error(code, headline).at(settings.span(key), label.to_string()).help(help)
        };
        let name = &component.name.value;
        let Some(fails) = settings.dist("fails").cloned() else {
            for key in ["repair", "repairers"].into_iter().filter(|key| said(key)) {
                let headline = format!("`{key}` says nothing of `{name}`, which never fails by itself");
                let help = "say how long it works, as `fails: exp(1000h)`, or leave it out";
                self.diagnostics.push(error("never-fails", headline, key, "", help));
            }
            return;
        };
        let Some(repair) = settings.dist("repair").cloned() else {
            let headline = format!("nothing says how long a repair of `{name}` takes");
            self.diagnostics.push(error("missing-key", headline, "fails", "fails here", "write `repair: exp(1h)`"));
            return;
        };
        if fails.mean() <= 0.0 {
            let headline = format!("`{name}` fails as soon as it works");
            let help = "give it a time to work, as `fails: exp(1000h)`";
            self.diagnostics.push(error("out-of-range", headline, "fails", "no time at all", help));
            return;
        }
        if settings.count("repairers") == Some(0) {
            let headline = format!("nobody repairs `{name}`");
            let help = "write `repairers: 1`, or leave it out: all repairs at once";
            self.diagnostics.push(error("out-of-range", headline, "repairers", "no repair ever begins", help));
            return;
        }
        let fails = self.law(&fails);
        let repair = self.law(&repair);
        let repairers = match settings.get("repairers") {
            Some(Value::Count(count)) => (*count).min(u64::from(NONE)) as u32,
            _ => NONE,
        };
        let row = &mut self.tables.components[part as usize];
        row.keeps |= Word::Failures.bit();
        if needed > 0 {
            row.keeps |= Word::DataLosses.bit() | Word::DataLost.bit();
        }
        let first = row.first;
        let stream = draws::site(&format!("{name} failures"));
        let group = Group { component: part, first, units, needed, repairers, fails, repair, stream, falls };
        self.tables.machines.repairs.groups.push(group);
    }

    /// Reads what ends experiments early.
    pub(crate) fn find_ends(&mut self) {
        let design = self.design;
        let until = |experiment: &groundplan_model::design::Experiment| experiment.settings.text("until").is_some();
        if !design.experiments.iter().any(until) {
            return;
        }
        for experiment in &design.experiments {
            let Some(word) = experiment.settings.text("until") else { continue };
            let span = experiment.settings.span("until");
            if word != "data-lost" {
                self.diagnostics.push(
                    Diagnostic::error("unknown-end", format!("no experiment ends with `{word}`"))
                        .at(span, "asked for here")
                        .help("write `until: data-lost`, or leave it out: the experiment lasts its `duration`"),
                );
            } else if !self.tables.machines.repairs.groups.iter().any(|group| group.needed > 0) {
                self.pointless.push(
                    Diagnostic::error("never-ends", "no data is ever lost by failures of its copies")
                        .at(span, "waited for here")
                        .help("give a store `fails: exp(1000h)` and `repair: exp(1h)`"),
                );
            }
        }
        self.tables.machines.repairs.until_lost = design.experiments.iter().map(until).collect();
    }
}
