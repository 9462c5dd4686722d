//! The plan: everything that comes out for one brief, as finished values. `report` tells it and computes nothing.

use crate::closed::ClosedForm;
use groundplan_knowledge::decision::Decisions;
use groundplan_model::brief::Brief;
use groundplan_model::design::Design;
use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_model::units::{Bytes, Money, PerSecond, Seconds, Share};
use groundplan_sim::verdict::Verdict;

/// Everything that comes out for one brief.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was asked, with its defaults filled in and listed.
    pub brief: Brief,
    /// The decision of each dimension, by rules alone.
    pub decisions: Decisions,
    /// Capacity, step by step.
    pub estimate: Vec<EstimateLine>,
    /// The designs measured side by side: one per style, in the order of the styles.
    pub candidates: Vec<Candidate>,
    /// Index of the chosen candidate.
    pub chosen: usize,
    /// Why this one, in one sentence: the rules chose it, or a measurement vetoed what they chose.
    pub chosen_because: String,
    /// Whether everything that must hold does.
    pub outcome: Outcome,
    /// What can go wrong with the chosen design, the worst first.
    pub risks: Vec<Risk>,
    /// How to bring it out.
    pub rollout: Vec<RolloutStage>,
    /// Inputs that matter most, the strongest first; at most three.
    pub drivers: Vec<Driver>,
    /// What this plan does not model.
    pub limits: Vec<String>,
    /// Seed of all runs.
    pub seed: u64,
}

impl Plan {
    /// The chosen design with all that was measured of it.
    #[must_use]
    pub fn choice(&self) -> &Candidate {
        &self.candidates[self.chosen]
    }
}

/// One line of the capacity estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimateLine {
    /// What is estimated: `writes per second`.
    pub name: String,
    /// The figure, in `unit`.
    pub value: f64,
    /// SI unit of `value`: `per second`, `bytes`, `bytes per month`, `items`, `requests at once`.
    pub unit: &'static str,
    /// The figure as people write it: `3.86/s`.
    pub shown: String,
    /// How it was reached, one step a line.
    pub steps: Vec<String>,
    /// Where it comes from.
    pub provenance: Provenance,
}

/// The architecture styles, in the order in which they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// One deployable with in-process calls.
    ModularMonolith,
    /// Services with their own data.
    Microservices,
    /// Services and a log for every event and every call that may follow.
    EventDriven,
    /// A monolith with single extractions.
    Hybrid,
}

impl Style {
    /// All of them, in order.
    pub const ALL: [Style; 4] = [Style::ModularMonolith, Style::Microservices, Style::EventDriven, Style::Hybrid];

    /// The option of the knowledge: `modular-monolith`.
    #[must_use]
    pub fn option(self) -> &'static str {
        match self {
            Style::ModularMonolith => "modular-monolith",
            Style::Microservices => "microservices",
            Style::EventDriven => "event-driven",
            Style::Hybrid => "hybrid",
        }
    }

    /// The option as a title: `Modular monolith`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Style::ModularMonolith => "Modular monolith",
            Style::Microservices => "Microservices",
            Style::EventDriven => "Event-driven",
            Style::Hybrid => "Hybrid",
        }
    }
}

/// One style's design and what was measured of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The style.
    pub style: Style,
    /// Which projection of the style this is: `services by team`, `extracts search`.
    pub variant: String,
    /// The earlier style whose design is the same but for names, if any; its measurements are shared.
    pub same_as: Option<Style>,
    /// What this projection could not do or does not show, for the reader: `nothing but notifications moves to the log`.
    pub notes: Vec<String>,
    /// The design with the mitigations that were kept.
    pub design: Design,
    /// Name of its file in the plan's folder.
    pub file: String,
    /// Deployables: things released by themselves.
    pub deployables: u64,
    /// Databases, caches and stores.
    pub stores: u64,
    /// Brokers: logs and queues.
    pub brokers: u64,
    /// Sizes of all components.
    pub sizes: Vec<Size>,
    /// Records that are handed on: from an outbox, queue or log to who handles them, at the peak of the horizon.
    pub deliveries: Vec<Delivery>,
    /// What it costs a month.
    pub cost: Cost,
    /// The plain load (all peaks at once, at the horizon), with the mitigations that were kept.
    pub steady: Verdict,
    /// Closed forms that apply to parts of the design, beside what the plain load measured.
    pub closed_forms: Vec<ClosedForm>,
    /// What the ends of the assumed ranges do to the p99 of each entry point under the plain load.
    pub bands: Vec<Band>,
    /// Each fault, with the mitigations that were kept.
    pub faults: Vec<FaultResult>,
    /// What was tried.
    pub trials: Vec<Trial>,
    /// Each SLO of the brief.
    pub slos: Vec<SloResult>,
    /// Faults of a year added up.
    pub year: Vec<LedgerLine>,
    /// One minus the ledger's sum: availability over a year.
    pub annual_availability: Estimate,
    /// What the measurements object to; shown beside the decision.
    pub objections: Vec<String>,
}

/// A simulated figure with all assumed inputs at their low ends, and at their high ends.
#[derive(Debug, Clone)]
pub struct Band {
    /// The entry point whose p99 it is.
    pub operation: String,
    /// All assumed inputs at their low ends. Unit: seconds.
    pub low: Estimate,
    /// All assumed inputs at their high ends. Unit: seconds.
    pub high: Estimate,
    /// The assumed inputs it rests on: `CPU of a hop 20us..200us`.
    pub inputs: Vec<String>,
}

/// How often records go from where they lie to a component that handles them. Computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The database, queue or log.
    pub from: String,
    /// Who handles them.
    pub to: String,
    /// Records per second.
    pub rate: PerSecond,
}

/// One component's size.
#[derive(Debug, Clone)]
pub struct Size {
    /// The component.
    pub component: String,
    /// Its kind.
    pub kind: String,
    /// Copies.
    pub replicas: u64,
    /// Cores of one copy.
    pub vcpu: f64,
    /// Memory of one copy.
    pub memory: Bytes,
    /// Storage of one copy at the horizon.
    pub storage: Bytes,
    /// Load at the peak of the horizon.
    pub load: PerSecond,
    /// Expected utilisation at that load.
    pub utilisation: Share,
    /// How the size was reached, one step a line.
    pub steps: Vec<String>,
    /// Its part of the monthly cost.
    pub cost: CostRange,
}

/// Money per month, as a range.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CostRange {
    /// Reserved prices, low ends.
    pub low: Money,
    /// On-demand prices, high ends.
    pub high: Money,
}

/// What a design costs a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// All of it.
    pub total: CostRange,
    /// The parts: compute, data, brokers, traffic, ...
    pub parts: Vec<CostPart>,
    /// Currency.
    pub currency: &'static str,
}

/// One part of a cost.
#[derive(Debug, Clone, PartialEq)]
pub struct CostPart {
    /// What it is for.
    pub name: String,
    /// How much.
    pub range: CostRange,
    /// The arithmetic, with dated unit prices.
    pub steps: Vec<String>,
}

/// What one fault did to a design.
#[derive(Debug, Clone)]
pub struct FaultResult {
    /// Stable name, the same in all designs: `replica-crash`, `zone-loss`, `slow-payment-provider`, `spike`.
    pub name: String,
    /// What happens: `one copy of app crashes`.
    pub about: String,
    /// The experiment of the design that shows it.
    pub experiment: String,
    /// Share of requests that fail or are late, in its worst 10 s. Unit: share.
    pub blast_radius: Estimate,
    /// Bad requests integrated, as minutes of everybody being down. Unit: minutes.
    pub bad_user_minutes: Estimate,
    /// The same without the mitigations that were kept; none where nothing was kept.
    pub bad_user_minutes_before: Option<Estimate>,
    /// From the onset until the targets hold again. Unit: seconds.
    pub recovery: Estimate,
    /// Acknowledged writes that were lost.
    pub lost_writes: Estimate,
    /// By entry point: blast radius and bad minutes.
    pub operations: Vec<FaultOperation>,
}

/// What one fault did to one entry point.
#[derive(Debug, Clone)]
pub struct FaultOperation {
    /// The entry point.
    pub operation: String,
    /// Worst 10 s. Unit: share.
    pub blast_radius: Estimate,
    /// Unit: minutes.
    pub bad_user_minutes: Estimate,
}

/// One mitigation that was tried: the experiment without it and with it, on the same requests.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What it was tried against: the name of a fault, or `steady load`.
    pub against: String,
    /// The policy: `breaker`, `bulkhead`, `bounded queue`, ...
    pub mitigation: String,
    /// Where and how: `on every call of payment-provider: open at 50% over 10s`.
    pub about: String,
    /// What is measured: `bad user-minutes`, `p99 of catalogue.browse`.
    pub measure: String,
    /// Without it.
    pub before: Estimate,
    /// With it.
    pub after: Estimate,
    /// The difference per replication, with minus without.
    pub difference: Estimate,
    /// Whether it stays in the design.
    pub kept: bool,
    /// Why (not), in one sentence.
    pub because: String,
}

/// One SLO and whether it holds.
#[derive(Debug, Clone)]
pub struct SloResult {
    /// `p99 of catalogue.browse`.
    pub name: String,
    /// Entry point it belongs to; none for the system's.
    pub operation: Option<String>,
    /// What must hold, as people write it: `at most 200ms`.
    pub target: String,
    /// The threshold in SI units.
    pub threshold: f64,
    /// What was measured.
    pub measured: Estimate,
    /// Whether it holds.
    pub holds: Holds,
    /// Whether the brief says must (else want).
    pub must: bool,
    /// Whether it was simulated or computed.
    pub provenance: Provenance,
}

/// Yes, no, or not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The interval clears the threshold.
    Yes,
    /// The interval misses the threshold.
    No,
    /// The interval touches the threshold.
    Undecided,
}

/// One line of the ledger of a year.
#[derive(Debug, Clone)]
pub struct LedgerLine {
    /// The fault.
    pub fault: String,
    /// How often a year, as a range.
    pub per_year: (f64, f64),
    /// Where the rate comes from.
    pub source: String,
    /// Bad minutes per occurrence.
    pub minutes_each: Estimate,
    /// Bad minutes a year, as a range.
    pub minutes_year: (f64, f64),
}

/// Whether everything that must hold does.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// All musts hold in the chosen design.
    Met,
    /// Class 2: missed by every design tried.
    Missed {
        /// The constraint that binds.
        binding: String,
        /// The nearest brief that can be met.
        nearest: String,
    },
    /// Class 3: possible only under these conditions, stated first.
    Conditional(Vec<String>),
    /// Some must could not be decided with the runs made.
    Undecided(Vec<String>),
}

/// One risk of the chosen design.
#[derive(Debug, Clone)]
pub struct Risk {
    /// What can happen.
    pub title: String,
    /// How bad it is, in measured terms where it was measured.
    pub effect: String,
    /// What is done about it.
    pub mitigations: Vec<String>,
    /// The experiment that shows it, or none where it is an opinion with a source.
    pub experiment: Option<String>,
    /// Sources, for opinions.
    pub sources: Vec<String>,
}

/// One stage of the rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct RolloutStage {
    /// What is done.
    pub title: String,
    /// Share of the traffic.
    pub traffic: Share,
    /// How long at least.
    pub lasts: Seconds,
    /// What must hold to go on, else it is rolled back.
    pub gate: String,
}

/// One input that matters, with its break-even.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// The input: `peak of catalogue.browse`.
    pub input: String,
    /// What it is now, and whether given or assumed.
    pub now: String,
    /// Where it comes from.
    pub provenance: Provenance,
    /// At which value something changes, and what.
    pub break_even: String,
}
