//! What experiments ask to be observed beside the usual: limits and waits that their expectations name, and samples.
//!
//! Expectations are read leniently here; what is wrong with them is said where they are judged.

use super::{Ask, Lowering, nanoseconds};
use crate::expectation::{Quantity, Subject, Subjects, parse};
use crate::kernel::samples::Sampling;
use groundplan_model::design::Experiment;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::value::Value;

impl Lowering<'_> {
    /// Finds what this design's experiments ask for.
    pub(crate) fn find_asked(&mut self) {
        let design = self.design;
        let operations = super::loads::entry_names(design);
        let components: Vec<String> = self.parts.iter().map(|part| part.component.name.value.clone()).collect();
        let subjects = Subjects { operations: &operations, components: &components, calls: &[] };
        let own = || design.experiments.iter().filter(|experiment| !experiment.is_varied());
        let texts = own().flat_map(|experiment| &experiment.expect);
        let asked = &mut self.tables.asked;
        for asking in texts.filter_map(|text| parse(text, text.span, subjects).ok()) {
            match (asking.subject, asking.quantity) {
                (Subject::Operation(entry), Quantity::Within(limit)) => {
                    asked.limits.resize(operations.len(), Vec::new());
                    if !asked.limits[entry].contains(&limit) {
                        asked.limits[entry].push(limit);
                    }
                }
                (Subject::Component(part), Quantity::WaitWithin(limit)) => {
                    asked.waits.resize(components.len(), None);
                    let limits = asked.waits[part].get_or_insert_default();
                    if !limits.contains(&limit) {
                        limits.push(limit);
                    }
                }
                (Subject::Component(part), Quantity::WaitQuantile(_) | Quantity::WaitSpread(_)) => {
                    asked.waits.resize(components.len(), None);
                    asked.waits[part].get_or_insert_default();
                }
                _ => {}
            }
        }
        for experiment in own() {
            for item in experiment.settings.list("sample-at") {
                if let Value::Duration(instant) = &item.value
                    && instant.mid() > experiment.duration
                {
                    self.pointless.push(
                        Diagnostic::error("sample-never-taken", "the experiment is over before it looks")
                            .at(item.span, format!("it lasts {}", experiment.duration))
                            .help("look earlier, or let it last longer"),
                    );
                }
            }
        }
        if design.experiments.iter().any(|experiment| sampling(experiment).is_some()) {
            asked.samples =
                design.experiments.iter().map(|experiment| sampling(experiment).unwrap_or_default()).collect();
        }
    }

    /// Whether requests of this source, or those of some of its tenants, are held against limits.
    pub(crate) fn limits_asked(&self, source: usize) -> bool {
        let asked = |entry: usize| self.tables.asked.limits.get(entry).is_some_and(|limits| !limits.is_empty());
        let names = super::loads::entry_names(self.design);
        let own = |name: &String| {
            names.get(source).is_some_and(|own| {
                name.strip_prefix(own.as_str()).is_some_and(|rest| rest == "/biggest" || rest == "/others")
            })
        };
        asked(source) || names.iter().enumerate().any(|(entry, name)| own(name) && asked(entry))
    }

    /// Whether waits for a worker before this are asked for.
    pub(crate) fn waits_asked(&self, part: u32, ask: &Ask) -> bool {
        let waits = self.tables.asked.waits.get(part as usize).is_some_and(Option::is_some);
        waits
            && matches!(
                ask,
                Ask::Operation(_)
                    | Ask::Whole
                    | Ask::Read
                    | Ask::ReadBy(_)
                    | Ask::Write(_)
                    | Ask::Begin
                    | Ask::Append(_)
            )
    }
}

/// When an experiment looks at the state; none where it never does.
fn sampling(experiment: &Experiment) -> Option<Sampling> {
    let settings = &experiment.settings;
    let at = settings.list("sample-at").iter().filter_map(|item| match &item.value {
        Value::Duration(duration) => Some(nanoseconds(duration.mid())),
        _ => None,
    });
    let sampling = Sampling { at: at.collect(), every: settings.duration("sample-every").map_or(0, nanoseconds) };
    (sampling.every > 0 || !sampling.at.is_empty()).then_some(sampling)
}
