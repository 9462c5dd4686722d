//! planner: projects a domain into designs, sizes them, tries them and keeps what works; never prints.

pub mod annual;
pub mod bands;
pub mod candidate;
pub mod choose;
pub mod closed;
pub mod cost;
pub mod demand;
pub mod estimate;
pub mod faults;
pub mod flows;
pub mod judge;
pub mod measure;
pub mod mitigate;
pub mod parameters;
pub mod plan;
pub mod project;
pub mod script;
pub mod size;
pub mod topology;
pub mod trial;

use crate::candidate::{Draft, Frame, draft, finish};
use crate::measure::Effort;
use crate::parameters::Parameters;
use crate::plan::{Candidate, Plan, Style};
use crate::topology::Topology;
use groundplan_knowledge::Knowledge;
use groundplan_model::brief::Brief;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::units::significant;
use groundplan_sim::run::Listener;
use rayon::prelude::*;

/// How to plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Options {
    /// Seed of all luck; 1 where missing.
    pub seed: Option<u64>,
    /// Threads; all cores where missing. Plans do not depend on it.
    pub threads: Option<usize>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// No design can meet the brief, with the arithmetic.
    Impossible(Vec<Diagnostic>),
    /// A design that we made can't be run: a fault of ours.
    Ours(Vec<Diagnostic>),
}

/// What will be run for a brief, for people, before it runs.
#[must_use]
pub fn schedule(brief: &Brief, options: &Options) -> Vec<String> {
    let effort = Effort::of(brief, options.seed.unwrap_or(1));
    vec![
        format!(
            "plain load: {} runs of {} for each design, about {}M requests",
            effort.steady_replications,
            effort.steady,
            significant(effort.steady_requests / 1e6)
        ),
        format!(
            "each fault: {} runs of {} for each design, about {}M requests; again for each mitigation",
            effort.fault_replications,
            faults::BEFORE + faults::LASTS + faults::AFTER,
            significant(effort.fault_requests / 1e6)
        ),
    ]
}

/// A brief as a plan.
///
/// # Errors
/// What is impossible for every design, with the arithmetic; or what the simulator says of a design that we made.
pub fn plan(brief: &Brief, knowledge: &Knowledge, options: &Options, listener: Listener<'_>) -> Result<Plan, Failure> {
    let decisions = knowledge.decide(brief);
    if !decisions.impossible.is_empty() {
        return Err(Failure::Impossible(decisions.impossible));
    }
    let parameters = Parameters::from_knowledge(knowledge);
    let effort = Effort::of(brief, options.seed.unwrap_or(1));
    let frame = Frame { brief, knowledge, parameters: &parameters, effort: &effort, listener };
    let extracted: Vec<String> = {
        let mut modules: Vec<String> = Vec::new();
        for extraction in &decisions.extractions {
            if !modules.contains(&extraction.module) {
                modules.push(extraction.module.clone());
            }
        }
        modules
    };

    let work = || styles(&frame, &extracted);
    let candidates =
        match options.threads.map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build()) {
            Some(Ok(pool)) => pool.install(work),
            _ => work(),
        }
        .map_err(Failure::Ours)?;
    Ok(choose::choose(brief, knowledge, &parameters, &effort, decisions, candidates))
}

/// One candidate per style, in order. Styles are independent of each other and run side by side.
fn styles(frame: &Frame<'_>, extracted: &[String]) -> Result<Vec<Candidate>, Vec<Diagnostic>> {
    let brief = frame.brief;
    let variants = |style: Style| match style {
        Style::ModularMonolith => vec![topology::modular_monolith(brief)],
        Style::Microservices => topology::microservices(brief),
        Style::EventDriven => topology::event_driven(brief),
        Style::Hybrid if extracted.is_empty() => vec![topology::hybrid(brief, &[])],
        // One extraction at a time: each has to show by itself what it is worth.
        Style::Hybrid => extracted.iter().map(|module| topology::hybrid(brief, std::slice::from_ref(module))).collect(),
    };
    // A style whose variants an earlier style builds too, all of them and no others, is not run again.
    let mut seen: Vec<(Style, Vec<Topology>)> = Vec::new();
    let mut plans: Vec<Result<Vec<Topology>, (Style, Topology)>> = Vec::new();
    for style in Style::ALL {
        let own = variants(style);
        let earlier = seen.iter().find(|(_, theirs)| {
            theirs.len() == own.len()
                && own.iter().all(|own| theirs.iter().any(|theirs| theirs.builds_the_same(own, brief)))
        });
        match earlier {
            Some((earlier, _)) => plans.push(Err((*earlier, own[0].clone()))),
            None => {
                seen.push((style, own.clone()));
                plans.push(Ok(own));
            }
        }
    }
    let measured: Vec<Option<Candidate>> = plans
        .par_iter()
        .map(|plan| match plan {
            Ok(variants) => finish(frame, better_variant(frame, variants.clone())?).map(Some),
            Err(_) => Ok(None),
        })
        .collect::<Result<_, _>>()?;
    let mut candidates: Vec<Candidate> = Vec::new();
    for (plan, measured) in plans.iter().zip(measured) {
        match (plan, measured) {
            (Err((earlier, topology)), _) => {
                let earlier = candidates.iter().find(|candidate| candidate.style == *earlier);
                let same = earlier.map(|earlier| same_as(earlier, topology));
                candidates.extend(same);
            }
            (Ok(_), measured) => candidates.extend(measured),
        }
    }
    Ok(candidates)
}

/// A candidate that builds the same as an earlier one: its measurements are shared, not repeated.
fn same_as(earlier: &Candidate, topology: &Topology) -> Candidate {
    let mut candidate = earlier.clone();
    candidate.same_as = Some(earlier.same_as.unwrap_or(earlier.style));
    candidate.style = topology.style;
    candidate.variant = earlier.variant.clone();
    candidate.file = candidate::file_name(topology.style);
    candidate.design.name =
        candidate.design.name.replace(&earlier.style.title().to_lowercase(), &topology.style.title().to_lowercase());
    candidate
}

/// The variant of a style that misses least under the plain load; among equals the cheaper.
fn better_variant(frame: &Frame<'_>, variants: Vec<Topology>) -> Result<Draft, Vec<Diagnostic>> {
    let mut best: Option<Draft> = None;
    for topology in variants {
        let draft = draft(frame, topology)?;
        let rank = |draft: &Draft| (draft.misses(frame.brief), draft.cost.total.low.0 + draft.cost.total.high.0);
        let better = best.as_ref().is_none_or(|best| {
            let (new, old) = (rank(&draft), rank(best));
            new.0 < old.0 || (new.0 == old.0 && new.1 < old.1)
        });
        if better {
            best = Some(draft);
        }
    }
    best.ok_or_else(|| vec![Diagnostic::error("no-topology", "the brief has no module to deploy")])
}
