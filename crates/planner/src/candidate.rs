//! One style from topology to measured candidate: project, size, price, run, mitigate, judge.

use crate::cost::{Prices, cost};
use crate::faults::{PlannedFault, faults};
use crate::flows::flows;
use crate::judge::{Evidence, annual_availability, ledger, slos};
use crate::measure::{self, Effort, Faulted, Steady};
use crate::mitigate::{MITIGATIONS, Mitigated};
use crate::parameters::Parameters;
use crate::plan::{Band, Candidate, Cost, Delivery, FaultOperation, FaultResult, Holds, Size, Trial};
use crate::project::{Projected, project, typical_round_trip};
use crate::topology::{Carrier, Topology};
use groundplan_knowledge::Knowledge;
use groundplan_model::brief::Brief;
use groundplan_model::design::{Design, Experiment};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::{Bytes, Seconds};
use groundplan_model::value::Settings;
use groundplan_sim::run::Listener;
use indexmap::IndexMap;
use rayon::prelude::*;

/// What every candidate of a plan shares.
pub struct Frame<'a> {
    /// The brief.
    pub brief: &'a Brief,
    /// Facts and prices.
    pub knowledge: &'a Knowledge,
    /// What is assumed.
    pub parameters: &'a Parameters,
    /// How much is run.
    pub effort: &'a Effort,
    /// Told of progress.
    pub listener: Listener<'a>,
}

/// A topology, projected, sized, priced and run under the plain load.
pub struct Draft {
    /// What it was made from.
    pub topology: Topology,
    /// The design, with the faults as experiments.
    pub design: Design,
    /// What its messages carry.
    pub payloads: IndexMap<String, Bytes>,
    /// Its sizes.
    pub sizes: Vec<Size>,
    /// Its cost.
    pub cost: Cost,
    /// The faults it will be tried with.
    pub planned: Vec<PlannedFault>,
    /// The plain load.
    pub steady: Steady,
}

impl Draft {
    /// Entry points whose p99 or availability misses a must under the plain load.
    #[must_use]
    pub fn misses(&self, brief: &Brief) -> usize {
        brief
            .load
            .iter()
            .filter(|entry| {
                let Some(figures) = self.steady.verdict.operations.get(&entry.operation.value) else { return true };
                let late =
                    entry.p99.is_some_and(|target| figures.latency.p99.low.is_none_or(|low| low > target.must.0));
                let wanted = entry.availability.unwrap_or(brief.availability).must.0;
                late || figures.availability.high.is_none_or(|high| high < wanted)
            })
            .count()
    }
}

/// Projects, sizes and prices a topology, without running it.
#[must_use]
pub fn build(brief: &Brief, topology: &Topology, parameters: &Parameters) -> (Projected, Vec<Size>) {
    let mut projected = project(brief, topology, parameters);
    let round_trip = typical_round_trip(parameters);
    // Twice: what a write waits for is known once its database has its copies.
    let mut sizes = Vec::new();
    for _ in 0..2 {
        let work = flows(&projected.design, &projected.payloads, round_trip);
        sizes = crate::size::size(&mut projected.design, brief, &work, parameters);
    }
    (projected, sizes)
}

/// A topology as a draft.
///
/// # Errors
/// Whatever the simulator says of the design: a fault of ours, since the design is made and not read.
pub fn draft(frame: &Frame<'_>, topology: Topology) -> Result<Draft, Vec<Diagnostic>> {
    let (projected, mut sizes) = build(frame.brief, &topology, frame.parameters);
    let mut design = projected.design;
    let work = flows(&design, &projected.payloads, typical_round_trip(frame.parameters));
    let cost = cost(frame.brief, &work, &mut sizes, &Prices::new(frame.knowledge));
    let planned = faults(frame.brief, &design, &sizes, frame.knowledge);
    design.experiments = planned.iter().map(PlannedFault::experiment).collect();
    let title = title(&topology);
    let steady = measure::steady(&design, frame.effort, &measure::titled(&title, frame.listener))?;
    Ok(Draft { topology, design, payloads: projected.payloads, sizes, cost, planned, steady })
}

fn title(topology: &Topology) -> String {
    format!("{} ({})", topology.style.title(), topology.variant)
}

/// A draft with its faults run, its mitigations tried and its SLOs judged.
///
/// # Errors
/// Whatever the simulator says of a design.
pub fn finish(frame: &Frame<'_>, draft: Draft) -> Result<Candidate, Vec<Diagnostic>> {
    let title = title(&draft.topology);
    let listener = measure::titled(&title, frame.listener);
    let mut design = draft.design;
    let mut trials = Vec::new();
    let mut runs: Vec<Faulted> = draft
        .planned
        .par_iter()
        .map(|planned| measure::fault(&design, &planned.name, frame.effort, &listener))
        .collect::<Result<_, _>>()?;
    let before: Vec<Vec<f64>> = runs.iter().map(|run| run.bad_minutes.clone()).collect();
    // How many mitigations the design had when a fault was last run with it.
    let mut kept = 0;
    let mut run_with = vec![0; runs.len()];
    for mitigation in MITIGATIONS {
        for (nth, planned) in draft.planned.iter().enumerate() {
            let meant = mitigation.against.iter().any(|name| planned.name.starts_with(name));
            let needed = measure::mean_of(&runs[nth].bad_minutes);
            if !meant || needed.value.is_none_or(|minutes| minutes < WORTH_MENDING) {
                continue;
            }
            let Some(mitigated) = (mitigation.apply)(frame.brief, &design) else { continue };
            if run_with[nth] != kept {
                runs[nth] = measure::fault(&design, &planned.name, frame.effort, &listener)?;
                run_with[nth] = kept;
            }
            let with = measure::fault(&mitigated.design, &planned.name, frame.effort, &listener)?;
            let trial = weigh(planned, &mitigated, &runs[nth].bad_minutes, &with.bad_minutes);
            if trial.kept {
                kept += 1;
                design = mitigated.design;
                runs[nth] = with;
                run_with[nth] = kept;
            }
            trials.push(trial);
        }
    }
    let mut steady = draft.steady;
    if kept > 0 {
        // Everything that was kept acts together from here on: figures taken with less are taken again.
        for (nth, planned) in draft.planned.iter().enumerate() {
            if run_with[nth] != kept {
                runs[nth] = measure::fault(&design, &planned.name, frame.effort, &listener)?;
            }
        }
        steady = measure::steady(&design, frame.effort, &listener)?;
    }
    let kept = kept > 0;
    let results: Vec<FaultResult> = draft
        .planned
        .iter()
        .zip(&runs)
        .zip(&before)
        .map(|((planned, run), before)| fault_result(planned, run, kept.then_some(before)))
        .collect();
    let year = ledger(frame.brief, &draft.planned, &results, None);
    let years: IndexMap<String, Estimate> = frame
        .brief
        .load
        .iter()
        .map(|entry| {
            let name = &entry.operation.value;
            (name.clone(), annual_availability(&ledger(frame.brief, &draft.planned, &results, Some(name))))
        })
        .collect();
    let slos = slos(&Evidence {
        brief: frame.brief,
        steady: &steady.verdict,
        faults: &results,
        years: &years,
        cost: &draft.cost,
    });
    let bands = bands(frame, &design, &listener)?;
    expect(frame.brief, &mut design, frame.effort);
    let objections = slos
        .iter()
        .filter(|slo| slo.must && slo.holds == Holds::No)
        .map(|slo| format!("{} misses its target of {}", slo.name, slo.target))
        .collect();
    let work = flows(&design, &draft.payloads, typical_round_trip(frame.parameters));
    let deliveries = work.deliveries.into_iter().map(|((from, to), rate)| Delivery { from, to, rate }).collect();
    let count = |kinds: &[&str]| draft.sizes.iter().filter(|size| kinds.contains(&size.kind.as_str())).count() as u64;
    let topology = &draft.topology;
    Ok(Candidate {
        style: topology.style,
        variant: topology.variant.clone(),
        same_as: None,
        notes: notes(frame.brief, topology, &design),
        file: file_name(topology.style),
        deployables: count(&["service"]),
        stores: count(&["database", "cache"]),
        brokers: count(&["log", "queue"]),
        sizes: draft.sizes,
        deliveries,
        cost: draft.cost,
        // The series around each fault go along, for whoever draws them.
        steady: groundplan_sim::verdict::Verdict {
            experiments: runs.into_iter().map(|run| run.verdict).collect(),
            ..steady.verdict
        },
        bands,
        faults: results,
        trials,
        slos,
        annual_availability: annual_availability(&year),
        year,
        objections,
        design,
    })
}

/// Bad minutes from which on a fault is worth a mitigation. Unit: minutes; three seconds of everybody being down.
const WORTH_MENDING: f64 = 0.05;

/// Name of a style's design in the plan's folder.
#[must_use]
pub fn file_name(style: crate::plan::Style) -> String {
    format!("design-{}.yaml", style.option())
}

/// Keeps a mitigation if the paired difference is below zero beyond doubt.
fn weigh(planned: &PlannedFault, mitigated: &Mitigated, without: &[f64], with: &[f64]) -> Trial {
    let difference = measure::paired(without, with, 0.95);
    let (before, after) = (measure::mean_of(without), measure::mean_of(with));
    let helps = difference.high.is_some_and(|high| high < 0.0);
    let hurts = difference.low.is_some_and(|low| low > 0.0);
    let because = match (helps, hurts) {
        (true, _) => {
            let share = match (before.value, difference.value) {
                (Some(before), Some(difference)) if before > 0.0 => {
                    format!(" ({:.0}% fewer bad minutes)", -100.0 * difference / before)
                }
                _ => String::new(),
            };
            format!("the interval of the difference lies below zero{share}")
        }
        (_, true) => "it makes things worse".to_string(),
        _ => "no difference that the runs can tell from chance".to_string(),
    };
    Trial {
        against: planned.name.clone(),
        mitigation: mitigated.mitigation.to_string(),
        about: mitigated.about.clone(),
        measure: "bad user-minutes".into(),
        before,
        after,
        difference,
        kept: helps,
        because,
    }
}

fn fault_result(planned: &PlannedFault, run: &Faulted, before: Option<&Vec<f64>>) -> FaultResult {
    let verdict = &run.verdict;
    let worst = verdict
        .recovery
        .values()
        .max_by(|a, b| {
            let rank = |estimate: &Estimate| (estimate.at_least, estimate.value.or(estimate.low).unwrap_or(0.0));
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
        .cloned();
    FaultResult {
        name: planned.name.clone(),
        about: planned.about.clone(),
        experiment: planned.name.clone(),
        blast_radius: verdict
            .blast_radius_total
            .as_ref()
            .map_or_else(|| Estimate::unknown("not measured"), |radius| radius.peak.clone()),
        bad_user_minutes: measure::mean_of(&run.bad_minutes),
        bad_user_minutes_before: before.map(|before| measure::mean_of(before)),
        recovery: worst.unwrap_or_else(|| Estimate::unknown("not measured")),
        lost_writes: measure::mean_of(&run.lost_writes),
        operations: verdict
            .blast_radius
            .iter()
            .map(|(operation, radius)| FaultOperation {
                operation: operation.clone(),
                blast_radius: radius.peak.clone(),
                bad_user_minutes: radius.bad_user_minutes.clone(),
            })
            .collect(),
    }
}

/// The p99 of each entry point with all assumed inputs at their low ends and at their high ends, the sizes unchanged.
fn bands(frame: &Frame<'_>, design: &Design, listener: Listener<'_>) -> Result<Vec<Band>, Vec<Diagnostic>> {
    let parameters = frame.parameters;
    let inputs = vec![
        format!("CPU of a message on each side {} plus {} a KB", parameters.hop_cpu, parameters.hop_cpu_per_kb),
        format!("time of a read in a database {}", parameters.store_read),
        format!("time of a write in a database {}", parameters.store_write),
    ];
    let low =
        measure::brief_steady(&crate::bands::at(design, parameters, crate::bands::End::Low), frame.effort, listener)?;
    let high =
        measure::brief_steady(&crate::bands::at(design, parameters, crate::bands::End::High), frame.effort, listener)?;
    Ok(low
        .operations
        .iter()
        .zip(high.operations.values())
        .map(|((operation, low), high)| Band {
            operation: operation.clone(),
            low: low.latency.p99.clone(),
            high: high.latency.p99.clone(),
            inputs: inputs.clone(),
        })
        .collect())
}

/// Writes what must hold into the design, so that anyone can run it again.
fn expect(brief: &Brief, design: &mut Design, effort: &Effort) {
    let mut steady = Experiment {
        name: "all peaks at once".into(),
        duration: effort.steady,
        faults: Vec::new(),
        expect: Vec::new(),
        settings: Settings::new(),
    };
    for entry in &brief.load {
        let name = &entry.operation.value;
        if let Some(target) = entry.p99.or(entry.accepted_p99) {
            let limit = groundplan_model::quantity::exact_seconds(target.must.0);
            steady.expect.push(format!("p99({name}) <= {limit}").into());
        }
    }
    design.experiments.insert(0, steady);
    let rto = brief.recovery.first().map_or(Seconds(3_600.0), |recovery| recovery.rto);
    for experiment in design.experiments.iter_mut().filter(|experiment| experiment.name.value == "zone-loss") {
        for entry in &brief.load {
            let limit = groundplan_model::quantity::exact_seconds(rto.0);
            experiment.expect.push(format!("recovery({}) <= {limit}", entry.operation.value).into());
        }
    }
}

/// What a reader should know of a projection.
fn notes(brief: &Brief, topology: &Topology, design: &Design) -> Vec<String> {
    let mut notes = Vec::new();
    if topology.everything_that_may_follow {
        let follow = crate::demand::share_of_calls_that_may_follow(brief);
        let events =
            brief.modules.iter().flat_map(|module| &module.operations).any(|operation| !operation.emits.is_empty());
        match (follow.0 > 0.0, events) {
            (false, false) => {
                notes.push("nothing may follow later and nothing is emitted: no call moves to the log".into())
            }
            (false, true) => notes.push("only events move to the log: every call's answer is needed at once".into()),
            (true, _) => notes.push(format!("{follow} of the calls may follow later and move to the log")),
        }
    }
    for keep in design.keeps.iter().filter(|keep| keep.by == "saga") {
        notes.push(format!(
            "{} no longer change in one transaction: a saga keeps them together, with anomalies in between that are not counted",
            keep.atomic.join(" and ")
        ));
    }
    if topology.carrier == Carrier::Log && design.components.iter().any(|component| component.kind.value == "log") {
        notes.push("records are published after the commit: an outbox in front of the log is not modelled".into());
    }
    notes
}
