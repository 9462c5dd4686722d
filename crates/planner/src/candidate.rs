//! One style from topology to measured candidate: project, size, price, run, mitigate, judge.

use crate::closed::closed_forms;
use crate::cost::{Prices, cost};
use crate::faults::{PlannedFault, faults};
use crate::flows::flows;
use crate::judge::{Book, Evidence, annual_availability, ledger, slos};
use crate::measure::{self, Effort, Faulted, Steady};
use crate::parameters::Parameters;
use crate::plan::{Band, Candidate, Cost, Delivery, FaultOperation, FaultResult, Holds, Size, SloResult};
use crate::project::{Projected, project, typical_round_trip};
use crate::topology::Topology;
use crate::trial;
use groundplan_knowledge::Knowledge;
use groundplan_model::brief::{Brief, LoadEntry, Lost};
use groundplan_model::design::{Design, Experiment};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::estimate::Estimate;
use groundplan_model::units::{Bytes, Seconds};
use groundplan_model::value::Settings;
use groundplan_sim::run::Listener;
use groundplan_sim::verdict::Verdict;
use indexmap::IndexMap;

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
    let tried = trial::mitigate(frame, draft.design, &draft.planned, &listener)?;
    let trial::Tried { mut design, runs, before, trials, kept } = tried;
    let steady = if kept { measure::steady(&design, frame.effort, &listener)? } else { draft.steady };
    let off_target = off_target(frame.brief, &steady.verdict);
    let results: Vec<FaultResult> = draft
        .planned
        .iter()
        .zip(&runs)
        .zip(&before)
        .map(|((planned, run), before)| fault_result(planned, run, kept.then(|| before.clone()), &off_target))
        .collect();
    let book = Book {
        brief: frame.brief,
        topology: &draft.topology,
        planned: &draft.planned,
        results: &results,
        steady: &steady.verdict,
    };
    let year = ledger(&book, None);
    let years: IndexMap<String, Estimate> = frame
        .brief
        .load
        .iter()
        .map(|entry| {
            let name = &entry.operation.value;
            (name.clone(), annual_availability(&ledger(&book, Some(name))))
        })
        .collect();
    let work = flows(&design, &draft.payloads, typical_round_trip(frame.parameters));
    let writes = work.components.values().map(|flow| flow.writes).sum();
    let slos = slos(&Evidence {
        brief: frame.brief,
        steady: &steady.verdict,
        faults: &results,
        years: &years,
        cost: &draft.cost,
        sizes: &draft.sizes,
        writes,
    });
    let bands = bands(frame, &design, &listener)?;
    expect(frame.brief, &mut design, frame.effort);
    let objections = objections(frame.brief, &slos, &bands);
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
        closed_forms: closed_forms(&design, &steady.verdict),
        // The series around each fault go along, for whoever draws them.
        steady: Verdict { experiments: runs.into_iter().map(|run| run.verdict).collect(), ..steady.verdict },
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

/// Name of a style's design in the plan's folder.
#[must_use]
pub fn file_name(style: crate::plan::Style) -> String {
    format!("design-{}.yaml", style.option())
}

/// What the measurements object to: musts that are missed, and musts that the ends of the assumed ranges would miss.
fn objections(brief: &Brief, slos: &[SloResult], bands: &[Band]) -> Vec<String> {
    let mut objections: Vec<String> = slos
        .iter()
        .filter(|slo| slo.must && slo.holds == Holds::No)
        .map(|slo| format!("{} misses its target of {}", slo.name, slo.target))
        .collect();
    for entry in &brief.load {
        let Some(target) = entry.p99.or(entry.accepted_p99) else { continue };
        let Some(band) = bands.iter().find(|band| band.operation == entry.operation.value) else { continue };
        let (low, high) = (band.low.value, band.high.value);
        if low.is_some_and(|low| low <= target.must.0) && high.is_none_or(|high| high > target.must.0) {
            objections.push(format!(
                "with all assumed inputs at their high ends the p99 of {} is {}, where {} is wanted",
                band.operation,
                high.map_or_else(|| "beyond measure".to_string(), |high| Seconds(high).to_string()),
                target.must
            ));
        }
    }
    objections
}

/// Entry points that miss their own targets without any fault: there is nothing that they could recover to.
fn off_target(brief: &Brief, steady: &Verdict) -> Vec<String> {
    let misses = |entry: &&LoadEntry| {
        let Some(figures) = steady.operations.get(&entry.operation.value) else { return false };
        let target = entry.p99.or(entry.accepted_p99);
        let late = target.is_some_and(|target| figures.latency.p99.value.is_some_and(|p99| p99 > target.must.0));
        let wanted = entry.availability.unwrap_or(brief.availability).must.0;
        late || figures.availability.value.is_some_and(|share| share < wanted)
    };
    brief.load.iter().filter(misses).map(|entry| entry.operation.value.clone()).collect()
}

fn fault_result(planned: &PlannedFault, run: &Faulted, before: Option<Estimate>, off_target: &[String]) -> FaultResult {
    let verdict = &run.verdict;
    let worst = verdict
        .recovery
        .iter()
        .filter(|(operation, _)| !off_target.contains(operation))
        .map(|(_, recovery)| recovery)
        .max_by(|a, b| {
            let rank = |estimate: &Estimate| (estimate.at_least, estimate.value.or(estimate.low).unwrap_or(0.0));
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        })
        .cloned();
    let known = |estimate: Option<Estimate>| match estimate {
        _ if run.requests < measure::ENOUGH_REQUESTS => measure::too_few(run.requests),
        Some(estimate) => estimate,
        None => Estimate::unknown("the targets are missed without a fault too"),
    };
    let mut bad_user_minutes = known(verdict.blast_radius_total.as_ref().map(|radius| radius.bad_user_minutes.clone()));
    // A fault whose effect outlived the observation cost at least this.
    bad_user_minutes.at_least |= worst.as_ref().is_some_and(|worst| worst.at_least);
    FaultResult {
        name: planned.name.clone(),
        about: planned.about.clone(),
        experiment: planned.name.clone(),
        blast_radius: known(verdict.blast_radius_total.as_ref().map(|radius| radius.peak.clone())),
        bad_user_minutes,
        bad_user_minutes_before: before,
        recovery: known(worst),
        lost_writes: measure::mean_of(&run.lost_writes),
        operations: verdict
            .blast_radius
            .iter()
            .map(|(operation, radius)| FaultOperation {
                operation: operation.clone(),
                blast_radius: known(Some(radius.peak.clone())),
                bad_user_minutes: known(Some(radius.bad_user_minutes.clone())),
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
    let Some(zone) = brief.recovery.iter().find(|recovery| recovery.lost == Lost::Zone) else { return };
    let databases: Vec<String> = design
        .components
        .iter()
        .filter(|component| component.kind.value == "database")
        .map(|component| component.name.value.clone())
        .collect();
    for experiment in design.experiments.iter_mut().filter(|experiment| experiment.name.value == "zone-loss") {
        for entry in &brief.load {
            let limit = groundplan_model::quantity::exact_seconds(zone.rto.0);
            experiment.expect.push(format!("recovery({}) <= {limit}", entry.operation.value).into());
        }
        if zone.rpo.0 <= 0.0 {
            experiment.expect.extend(databases.iter().map(|name| format!("lost-writes({name}) == 0").into()));
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
    if design.components.iter().any(|component| matches!(component.kind.value.as_str(), "log" | "queue")) {
        notes.push("records are handed over after the commit: an outbox in front of the broker is not modelled".into());
    }
    notes
}
