//! An experiment as it is run: read against the names of its design, with what recovery is judged by.

use super::Options;
use crate::expectation::{self, Expectation, Quantity, Subject};
use crate::lower::inputs::Input;
use crate::verdict::{Alert, Faulty, Labels};
use groundplan_model::design::{Experiment, OperationTarget};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::units::Seconds;
use groundplan_model::value::{Settings, Value};

/// One experiment, read against the names of its design.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its name.
    pub name: String,
    /// Its index in the design.
    pub index: usize,
    /// How long it is observed.
    pub duration: Seconds,
    /// When faults are active; none without faults.
    pub faulty: Option<Faulty>,
    /// A warm-up of its own (`warm-up: none` is zero).
    pub warm_up: Option<Seconds>,
    /// Whether it is the plain load, apart from its duration.
    pub plain: bool,
    /// When people would be called.
    pub alert: Alert,
    /// What of its recovery was given.
    pub inputs: Vec<Input>,
    /// What is expected.
    pub expectations: Vec<Expectation>,
}

impl Trial {
    /// Reads an experiment.
    ///
    /// # Errors
    /// Everything that is wrong with its expectations.
    pub fn read(index: usize, experiment: &Experiment, labels: &Labels) -> Result<Trial, Vec<Diagnostic>> {
        let (mut expectations, mut diagnostics) = (Vec::new(), Vec::new());
        for text in &experiment.expect {
            match expectation::parse(text, text.span, labels.subjects()) {
                Ok(expectation) => match unsampled(experiment, expectation.quantity) {
                    Some(diagnostic) => diagnostics.push(diagnostic.at(text.span, "expected here")),
                    None => expectations.push(expectation),
                },
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        let settings = &experiment.settings;
        let warm_up = match (settings.text("warm-up"), settings.text("start")) {
            (Some("none"), _) => Some(Seconds(0.0)),
            (None, Some("empty")) => Some(settings.duration("warm-up").unwrap_or(Seconds(0.0))),
            // What is waited for is counted from the first instant.
            (None, None) if settings.get("warm-up").is_none() && settings.text("until").is_some() => Some(Seconds(0.0)),
            _ => settings.duration("warm-up"),
        };
        Ok(Trial {
            name: experiment.name.value.clone(),
            index,
            duration: experiment.duration,
            faulty: faulty(experiment),
            alert: alert(settings),
            inputs: Vec::new(),
            warm_up,
            plain: experiment.faults.is_empty() && settings.0.is_empty(),
            expectations,
        })
    }

    /// Whether the runs of the plain load are its runs too.
    pub(super) fn shares_plain_load(&self, options: &Options) -> bool {
        let chosen = options.experiment.as_ref().is_none_or(|name| *name == self.name);
        options.experiments && chosen && self.plain && self.duration == options.duration
    }

    /// Whether something is expected of the probability of collapse, or of another share of runs.
    pub(super) fn asks_for_collapse(&self) -> bool {
        self.expectations.iter().any(|one| one.quantity == Quantity::Collapse || one.each.is_some())
    }

    /// What recovery is judged by: the operation's own target, else what this experiment expects of the operation.
    #[must_use]
    pub fn targets(&self, labels: &Labels) -> Vec<OperationTarget> {
        let mut targets = labels.targets.clone();
        targets.resize(labels.operations.len(), OperationTarget::default());
        for expectation in &self.expectations {
            let Subject::Operation(index) = expectation.subject else { continue };
            if expectation.each.is_some() {
                continue;
            }
            let target = &mut targets[index];
            match expectation.quantity {
                Quantity::Quantile(0.99) if target.p99.is_none() => target.p99 = Some(Seconds(expectation.threshold)),
                Quantity::Availability if target.availability.is_none() => {
                    target.availability = Some(groundplan_model::units::Share(expectation.threshold));
                }
                _ => {}
            }
        }
        targets
    }
}

/// What is wrong with asking for a number in the system at instants that the experiment does not look at.
fn unsampled(experiment: &Experiment, quantity: Quantity) -> Option<Diagnostic> {
    let at = match quantity {
        Quantity::Level(state, _) => state.at,
        Quantity::AllBusy => None,
        _ => return None,
    };
    let settings = &experiment.settings;
    let missing = |headline: &str, help: String| {
        Some(Diagnostic::error("no-samples", format!("the experiment {headline}")).help(help))
    };
    let Some(at) = at else {
        return match settings.duration("sample-every") {
            Some(every) if every.0 > 0.0 => None,
            _ => missing("does not say how often it looks at the state", "write `sample-every: 1s` beside it".into()),
        };
    };
    let looks = settings
        .list("sample-at")
        .iter()
        .any(|item| matches!(&item.value, Value::Duration(instant) if (instant.mid().0 * 1e9).round() as u64 == at));
    let instant = Seconds(at as f64 / 1e9);
    if looks {
        None
    } else {
        missing(
            &format!("does not look at the state at {instant}"),
            format!("write `sample-at: [{instant}]` beside it"),
        )
    }
}

fn alert(settings: &Settings) -> Alert {
    let said = settings.map("alert");
    let time = |key: &str, otherwise: Seconds| said.and_then(|said| said.duration(key)).unwrap_or(otherwise);
    let Alert { burn, long, short } = Alert::default();
    let burn = said.and_then(|said| said.number("burn")).unwrap_or(burn);
    Alert { burn, long: time("long", long), short: time("short", short) }
}

fn faulty(experiment: &Experiment) -> Option<Faulty> {
    let from = experiment.faults.iter().map(|fault| fault.at.0).reduce(f64::min)?;
    // A crash is over at once: what it does lasts as long as a restart, which is the design's affair. So is a flush.
    let ends: Option<Vec<f64>> = experiment
        .faults
        .iter()
        .map(|fault| match fault.lasts {
            Some(lasts) => Some(fault.at.0 + lasts.0),
            None => ["crash", "flush"].contains(&fault.kind.value.as_str()).then_some(fault.at.0),
        })
        .collect();
    let until = ends.and_then(|ends| ends.into_iter().reduce(f64::max));
    Some(Faulty { from: Seconds(from), until: until.map(Seconds) })
}
