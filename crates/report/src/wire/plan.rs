//! The shape of `plan.json`.

use super::decide::{
    AroundJson, AssumptionJson, ConditionJson, ConflictJson, DecisionJson, QuestionJson, SourceJson, around,
    assumptions, condition, conflict, decision, question, sources,
};
use super::{PLAN_KIND, SCHEMA_VERSION};
use groundplan_knowledge::rule::Source;
use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_model::units::{Bytes, Money, PerSecond, Seconds, Share};
use groundplan_planner::closed::ClosedForm;
use groundplan_planner::plan::{
    Candidate, Cost, CostRange, Driver, EstimateLine, FaultResult, Holds, LedgerLine, Outcome, Plan, Risk,
    RolloutStage, Size, SloResult, Trial,
};
use groundplan_sim::verdict::Verdict;
use serde::Serialize;

/// Everything that comes out for one brief.
#[derive(Debug, Serialize)]
pub struct PlanJson<'a> {
    /// Version of this shape.
    pub schema_version: u32,
    /// `groundplan-plan`.
    pub kind: &'static str,
    /// Name of the brief.
    pub name: &'a str,
    /// What it is; may be empty.
    pub about: &'a str,
    /// Seed of all runs.
    pub seed: u64,
    /// Whether everything that must hold does.
    pub outcome: OutcomeJson<'a>,
    /// One per dimension, and per data set for storage; the first is `architecture-style`.
    pub decisions: Vec<DecisionJson<'a>>,
    /// Dimensions in which nothing is possible.
    pub conflicts: Vec<ConflictJson<'a>>,
    /// What to ask, because the answer would change a decision.
    pub questions: Vec<QuestionJson<'a>>,
    /// What must be granted before the brief can be met.
    pub conditions: Vec<ConditionJson<'a>>,
    /// Every default that was taken.
    pub assumptions: Vec<AssumptionJson<'a>>,
    /// What follows from all decisions together.
    #[serde(flatten)]
    pub around: AroundJson<'a>,
    /// Capacity, step by step.
    pub estimate: Vec<EstimateJson<'a>>,
    /// The designs measured side by side.
    pub designs: Vec<DesignJson<'a>>,
    /// Style of the chosen design.
    pub chosen: &'static str,
    /// Why this one.
    pub chosen_because: &'a str,
    /// What can go wrong with the chosen design, the worst first.
    pub risks: Vec<RiskJson<'a>>,
    /// How to bring it out.
    pub rollout: Vec<RolloutJson<'a>>,
    /// The targets of the chosen design.
    pub slos: Vec<SloJson<'a>>,
    /// Inputs that matter most.
    pub drivers: Vec<DriverJson<'a>>,
    /// What this plan does not model.
    pub limits: &'a [String],
    /// The sources that reasons and risks cite.
    pub sources: Vec<SourceJson<'a>>,
}

/// Whether everything that must hold does.
#[derive(Debug, Serialize)]
pub struct OutcomeJson<'a> {
    /// `met`, `missed`, `conditional` or `undecided`.
    pub status: &'static str,
    /// The constraint that binds, where it is missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binding: Option<&'a str>,
    /// The nearest brief that can be met, where it is missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<&'a str>,
    /// The conditions, or what is not decided.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub conditions: &'a [String],
}

/// One line of the capacity estimate.
#[derive(Debug, Serialize)]
pub struct EstimateJson<'a> {
    /// What is estimated.
    pub name: &'a str,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: &'a str,
    /// The figure as people write it.
    pub shown: &'a str,
    /// How it was reached.
    pub steps: &'a [String],
    /// Where it comes from.
    pub provenance: Provenance,
}

/// One style's design and what was measured of it.
#[derive(Debug, Serialize)]
pub struct DesignJson<'a> {
    /// `modular-monolith`, `microservices`, `event-driven` or `hybrid`.
    pub style: &'static str,
    /// Which projection of the style this is.
    pub variant: &'a str,
    /// The earlier style whose design is the same but for names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<&'static str>,
    /// What this projection could not do or does not show.
    pub notes: &'a [String],
    /// Name of its file in the plan's folder.
    pub file: &'a str,
    /// Things released by themselves.
    pub deployables: u64,
    /// Databases, caches and stores.
    pub stores: u64,
    /// Logs and queues.
    pub brokers: u64,
    /// What it costs a month.
    pub cost_month: CostJson<'a>,
    /// Sizes of all components.
    pub sizes: Vec<SizeJson<'a>>,
    /// The plain load.
    pub verdict: &'a Verdict,
    /// Closed forms that apply to parts of the design, beside the figures of the plain load.
    pub closed_forms: &'a [ClosedForm],
    /// What the ends of the assumed ranges do to the p99 of each entry point.
    pub bands: Vec<BandJson<'a>>,
    /// Each fault.
    pub faults: Vec<FaultJson<'a>>,
    /// What was tried against faults and missed targets.
    pub trials: Vec<TrialJson<'a>>,
    /// Each target of the brief.
    pub slos: Vec<SloJson<'a>>,
    /// Faults of a year added up.
    pub year: Vec<LedgerJson<'a>>,
    /// One minus the sum of the ledger.
    pub annual_availability: &'a Estimate,
    /// What the measurements object to.
    pub objections: &'a [String],
}

/// Money a month.
#[derive(Debug, Serialize)]
pub struct CostJson<'a> {
    /// Reserved prices, low ends.
    pub low: Money,
    /// On-demand prices, high ends.
    pub high: Money,
    /// Currency.
    pub currency: &'a str,
    /// The parts.
    pub parts: Vec<CostPartJson<'a>>,
}

/// One part of a cost.
#[derive(Debug, Serialize)]
pub struct CostPartJson<'a> {
    /// What it is for.
    pub name: &'a str,
    /// Low end.
    pub low: Money,
    /// High end.
    pub high: Money,
    /// The arithmetic, with dated unit prices.
    pub steps: &'a [String],
}

/// One component's size.
#[derive(Debug, Serialize)]
pub struct SizeJson<'a> {
    /// The component.
    pub component: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Copies.
    pub replicas: u64,
    /// Cores of one copy.
    pub vcpu: f64,
    /// Memory of one copy.
    pub memory: Bytes,
    /// Storage of one copy.
    pub storage: Bytes,
    /// Load at the peak of the horizon.
    pub load: PerSecond,
    /// Expected use at that load.
    pub utilisation: Share,
    /// How the size was reached.
    pub steps: &'a [String],
    /// Its part of the cost, low end.
    pub cost_low: Money,
    /// Its part of the cost, high end.
    pub cost_high: Money,
}

/// A p99 with all assumed inputs at their low ends, and at their high ends.
#[derive(Debug, Serialize)]
pub struct BandJson<'a> {
    /// The entry point.
    pub operation: &'a str,
    /// Inputs at their low ends.
    pub low: &'a Estimate,
    /// Inputs at their high ends.
    pub high: &'a Estimate,
    /// The assumed inputs it rests on.
    pub inputs: &'a [String],
}

/// What one fault did.
#[derive(Debug, Serialize)]
pub struct FaultJson<'a> {
    /// Stable name.
    pub name: &'a str,
    /// What happens.
    pub about: &'a str,
    /// The experiment of the design that shows it.
    pub experiment: &'a str,
    /// Share of requests that fail or are late, in the worst 10 s.
    pub blast_radius: &'a Estimate,
    /// Minutes of everybody being down that would be as bad.
    pub bad_user_minutes: &'a Estimate,
    /// The same without the mitigations that were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad_user_minutes_before: Option<&'a Estimate>,
    /// Seconds from the onset until the targets hold again.
    pub recovery: &'a Estimate,
    /// Acknowledged writes that were lost.
    pub lost_writes: &'a Estimate,
    /// By entry point.
    pub operations: Vec<FaultOperationJson<'a>>,
}

/// What one fault did to one entry point.
#[derive(Debug, Serialize)]
pub struct FaultOperationJson<'a> {
    /// The entry point.
    pub operation: &'a str,
    /// In its worst 10 s.
    pub blast_radius: &'a Estimate,
    /// Minutes of its users being down that would be as bad.
    pub bad_user_minutes: &'a Estimate,
}

/// One mitigation that was tried.
#[derive(Debug, Serialize)]
pub struct TrialJson<'a> {
    /// The fault, or `steady load`.
    pub against: &'a str,
    /// The policy.
    pub mitigation: &'a str,
    /// Where and how.
    pub about: &'a str,
    /// What is measured.
    pub measure: &'a str,
    /// Without it.
    pub before: &'a Estimate,
    /// With it.
    pub after: &'a Estimate,
    /// With minus without, paired by replication.
    pub difference: &'a Estimate,
    /// Whether it stays in the design.
    pub kept: bool,
    /// Why (not).
    pub because: &'a str,
}

/// One target and whether it holds.
#[derive(Debug, Serialize)]
pub struct SloJson<'a> {
    /// What it is about.
    pub name: &'a str,
    /// Entry point it belongs to; null for the system's.
    pub operation: Option<&'a str>,
    /// What must hold, as people write it.
    pub target: &'a str,
    /// The threshold.
    pub threshold: f64,
    /// What was measured.
    pub measured: &'a Estimate,
    /// `yes`, `no` or `undecided`.
    pub holds: &'static str,
    /// Whether the brief says must (else want).
    pub must: bool,
    /// `simulated` or `computed`.
    pub provenance: Provenance,
}

/// One line of the ledger of a year.
#[derive(Debug, Serialize)]
pub struct LedgerJson<'a> {
    /// The fault.
    pub fault: &'a str,
    /// How often a year, low end.
    pub per_year_low: f64,
    /// How often a year, high end.
    pub per_year_high: f64,
    /// Where the rate comes from.
    pub source: &'a str,
    /// Bad minutes per occurrence.
    pub minutes_each: &'a Estimate,
    /// Bad minutes a year, low end.
    pub minutes_year_low: f64,
    /// Bad minutes a year, high end.
    pub minutes_year_high: f64,
}

/// One risk.
#[derive(Debug, Serialize)]
pub struct RiskJson<'a> {
    /// What can happen.
    pub title: &'a str,
    /// How bad it is.
    pub effect: &'a str,
    /// What is done about it.
    pub mitigations: &'a [String],
    /// The experiment that shows it; null for opinions.
    pub experiment: Option<&'a str>,
    /// Sources, for opinions.
    pub sources: &'a [String],
}

/// One stage of the rollout.
#[derive(Debug, Serialize)]
pub struct RolloutJson<'a> {
    /// What is done.
    pub title: &'a str,
    /// Share of the traffic.
    pub traffic: Share,
    /// Seconds it lasts at least.
    pub lasts: Seconds,
    /// What must hold to go on.
    pub gate: &'a str,
}

/// One input that matters.
#[derive(Debug, Serialize)]
pub struct DriverJson<'a> {
    /// The input.
    pub input: &'a str,
    /// What it is now.
    pub now: &'a str,
    /// Where it comes from.
    pub provenance: Provenance,
    /// At which value something changes, and what.
    pub break_even: &'a str,
}

impl<'a> PlanJson<'a> {
    /// The plan in this shape.
    #[must_use]
    pub fn of(plan: &'a Plan, sources: &'a [Source]) -> PlanJson<'a> {
        let choice = plan.choice();
        PlanJson {
            schema_version: SCHEMA_VERSION,
            kind: PLAN_KIND,
            name: &plan.brief.name,
            about: &plan.brief.about,
            seed: plan.seed,
            outcome: outcome(&plan.outcome),
            decisions: plan.decisions.decisions.iter().map(decision).collect(),
            conflicts: plan.decisions.conflicts.iter().map(conflict).collect(),
            questions: plan.decisions.questions.iter().map(question).collect(),
            conditions: plan.decisions.conditions.iter().map(condition).collect(),
            assumptions: assumptions(&plan.brief),
            around: around(&plan.decisions),
            estimate: plan.estimate.iter().map(estimate).collect(),
            designs: plan.candidates.iter().map(design).collect(),
            chosen: choice.style.option(),
            chosen_because: &plan.chosen_because,
            risks: plan.risks.iter().map(risk).collect(),
            rollout: plan.rollout.iter().map(stage).collect(),
            slos: choice.slos.iter().map(slo).collect(),
            drivers: plan.drivers.iter().map(driver).collect(),
            limits: &plan.limits,
            sources: self::sources(&crate::told::cited(plan), sources),
        }
    }
}

fn outcome(outcome: &Outcome) -> OutcomeJson<'_> {
    let plain = |status, conditions| OutcomeJson { status, binding: None, nearest: None, conditions };
    match outcome {
        Outcome::Met => plain("met", &[]),
        Outcome::Missed { binding, nearest } => {
            OutcomeJson { status: "missed", binding: Some(binding), nearest: Some(nearest), conditions: &[] }
        }
        Outcome::Conditional(conditions) => plain("conditional", conditions),
        Outcome::Undecided(what) => plain("undecided", what),
    }
}

fn estimate(line: &EstimateLine) -> EstimateJson<'_> {
    EstimateJson {
        name: &line.name,
        value: line.value,
        unit: line.unit,
        shown: &line.shown,
        steps: &line.steps,
        provenance: line.provenance,
    }
}

fn design(candidate: &Candidate) -> DesignJson<'_> {
    DesignJson {
        style: candidate.style.option(),
        variant: &candidate.variant,
        same_as: candidate.same_as.map(|style| style.option()),
        notes: &candidate.notes,
        file: &candidate.file,
        deployables: candidate.deployables,
        stores: candidate.stores,
        brokers: candidate.brokers,
        cost_month: cost(&candidate.cost),
        sizes: candidate.sizes.iter().map(size).collect(),
        verdict: &candidate.steady,
        closed_forms: &candidate.closed_forms,
        bands: candidate
            .bands
            .iter()
            .map(|band| BandJson { operation: &band.operation, low: &band.low, high: &band.high, inputs: &band.inputs })
            .collect(),
        faults: candidate.faults.iter().map(fault).collect(),
        trials: candidate.trials.iter().map(trial).collect(),
        slos: candidate.slos.iter().map(slo).collect(),
        year: candidate.year.iter().map(ledger).collect(),
        annual_availability: &candidate.annual_availability,
        objections: &candidate.objections,
    }
}

fn cost(cost: &Cost) -> CostJson<'_> {
    let CostRange { low, high } = cost.total;
    CostJson {
        low,
        high,
        currency: cost.currency,
        parts: cost
            .parts
            .iter()
            .map(|part| CostPartJson {
                name: &part.name,
                low: part.range.low,
                high: part.range.high,
                steps: &part.steps,
            })
            .collect(),
    }
}

fn size(size: &Size) -> SizeJson<'_> {
    SizeJson {
        component: &size.component,
        kind: &size.kind,
        replicas: size.replicas,
        vcpu: size.vcpu,
        memory: size.memory,
        storage: size.storage,
        load: size.load,
        utilisation: size.utilisation,
        steps: &size.steps,
        cost_low: size.cost.low,
        cost_high: size.cost.high,
    }
}

fn fault(fault: &FaultResult) -> FaultJson<'_> {
    FaultJson {
        name: &fault.name,
        about: &fault.about,
        experiment: &fault.experiment,
        blast_radius: &fault.blast_radius,
        bad_user_minutes: &fault.bad_user_minutes,
        bad_user_minutes_before: fault.bad_user_minutes_before.as_ref(),
        recovery: &fault.recovery,
        lost_writes: &fault.lost_writes,
        operations: fault
            .operations
            .iter()
            .map(|one| FaultOperationJson {
                operation: &one.operation,
                blast_radius: &one.blast_radius,
                bad_user_minutes: &one.bad_user_minutes,
            })
            .collect(),
    }
}

fn trial(trial: &Trial) -> TrialJson<'_> {
    TrialJson {
        against: &trial.against,
        mitigation: &trial.mitigation,
        about: &trial.about,
        measure: &trial.measure,
        before: &trial.before,
        after: &trial.after,
        difference: &trial.difference,
        kept: trial.kept,
        because: &trial.because,
    }
}

fn slo(slo: &SloResult) -> SloJson<'_> {
    SloJson {
        name: &slo.name,
        operation: slo.operation.as_deref(),
        target: &slo.target,
        threshold: slo.threshold,
        measured: &slo.measured,
        holds: match slo.holds {
            Holds::Yes => "yes",
            Holds::No => "no",
            Holds::Undecided => "undecided",
        },
        must: slo.must,
        provenance: slo.provenance,
    }
}

fn ledger(line: &LedgerLine) -> LedgerJson<'_> {
    LedgerJson {
        fault: &line.fault,
        per_year_low: line.per_year.0,
        per_year_high: line.per_year.1,
        source: &line.source,
        minutes_each: &line.minutes_each,
        minutes_year_low: line.minutes_year.0,
        minutes_year_high: line.minutes_year.1,
    }
}

fn risk(risk: &Risk) -> RiskJson<'_> {
    RiskJson {
        title: &risk.title,
        effect: &risk.effect,
        mitigations: &risk.mitigations,
        experiment: risk.experiment.as_deref(),
        sources: &risk.sources,
    }
}

fn stage(stage: &RolloutStage) -> RolloutJson<'_> {
    RolloutJson { title: &stage.title, traffic: stage.traffic, lasts: stage.lasts, gate: &stage.gate }
}

fn driver(driver: &Driver) -> DriverJson<'_> {
    DriverJson { input: &driver.input, now: &driver.now, provenance: driver.provenance, break_even: &driver.break_even }
}
