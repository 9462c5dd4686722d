//! The choice among measured candidates: rules choose, measurements may veto; then what follows from the choice.

use crate::candidate::build;
use crate::cost::{Prices, cost};
use crate::flows::flows;
use crate::measure::Effort;
use crate::parameters::{Parameter, Parameters};
use crate::plan::{Candidate, Driver, Holds, Outcome, Plan, Risk, RolloutStage, SloResult, Style};
use crate::project::typical_round_trip;
use groundplan_knowledge::Knowledge;
use groundplan_knowledge::decision::{Condition, Decisions};
use groundplan_knowledge::rule::Side;
use groundplan_model::brief::{Brief, Degree};
use groundplan_model::estimate::Provenance;
use groundplan_model::units::{Seconds, Share, significant};

/// Puts the plan together.
#[must_use]
pub fn choose(
    brief: &Brief,
    knowledge: &Knowledge,
    parameters: &Parameters,
    effort: &Effort,
    decisions: Decisions,
    candidates: Vec<Candidate>,
) -> Plan {
    let ranking = ranking(&decisions);
    let (chosen, chosen_because) = pick(&ranking, &candidates);
    let outcome = outcome(&decisions, &candidates, chosen);
    let risks = risks(&decisions, &candidates[chosen]);
    let drivers = drivers(brief, knowledge, parameters, &decisions, &candidates[chosen]);
    let mut brief = brief.clone();
    brief.assumptions.extend(parameters.assumptions());
    Plan {
        estimate: crate::estimate::estimate(&brief),
        rollout: rollout(&brief),
        limits: limits(),
        brief,
        seed: effort.seed,
        decisions,
        candidates,
        chosen,
        chosen_because,
        outcome,
        risks,
        drivers,
    }
}

/// The styles in the order in which the rules rank them; impossible ones left out.
fn ranking(decisions: &Decisions) -> Vec<Style> {
    let by_option = |option: &str| Style::ALL.into_iter().find(|style| style.option() == option);
    let Some(decision) = decisions.of("architecture-style", None) else { return Style::ALL.to_vec() };
    let mut styles: Vec<Style> = by_option(&decision.option).into_iter().collect();
    for ranked in &decision.ranking {
        if ranked.readiness != "impossible"
            && let Some(style) = by_option(&ranked.option)
            && !styles.contains(&style)
        {
            styles.push(style);
        }
    }
    styles
}

/// Musts that are missed, whatever the assumed inputs are within their ranges.
fn missed(candidate: &Candidate) -> Vec<&str> {
    let at_both_ends = |slo: &SloResult| {
        let band = candidate
            .bands
            .iter()
            .find(|band| slo.name.starts_with("p99") && slo.operation.as_ref() == Some(&band.operation));
        band.is_none_or(|band| band.low.low.is_none_or(|low| low > slo.threshold))
    };
    let misses = candidate.slos.iter().filter(|slo| slo.must && slo.holds == Holds::No && at_both_ends(slo));
    misses.map(|slo| slo.name.as_str()).collect()
}

/// The first style of the ranking whose musts are not missed; the first one where all miss.
fn pick(ranking: &[Style], candidates: &[Candidate]) -> (usize, String) {
    let index = |style: Style| candidates.iter().position(|candidate| candidate.style == style);
    let first = ranking.first().copied().and_then(index).unwrap_or(0);
    let wanted = &candidates[first];
    if missed(wanted).is_empty() {
        return (
            first,
            format!("the rules choose {} and no measurement vetoes it", wanted.style.title().to_lowercase()),
        );
    }
    for style in ranking.iter().skip(1) {
        let Some(other) = index(*style) else { continue };
        if candidates[other].same_as != Some(wanted.style) && missed(&candidates[other]).is_empty() {
            let because = format!(
                "the rules choose {}, but it misses {}; {} is next and misses nothing",
                wanted.style.title().to_lowercase(),
                missed(wanted).join(", "),
                candidates[other].style.title().to_lowercase()
            );
            return (other, because);
        }
    }
    let because = format!(
        "the rules choose {}; it misses {}, and so does every other style",
        wanted.style.title().to_lowercase(),
        missed(wanted).join(", ")
    );
    (first, because)
}

fn outcome(decisions: &Decisions, candidates: &[Candidate], chosen: usize) -> Outcome {
    // What binds only at the horizon is a risk of the plan; what binds today is a condition of it.
    let today: Vec<String> = decisions.conditions.iter().filter(|condition| condition.today).map(stated).collect();
    if !today.is_empty() {
        return Outcome::Conditional(today);
    }
    let choice = &candidates[chosen];
    let worst = choice.slos.iter().find(|slo| slo.must && slo.holds == Holds::No);
    if let Some(slo) = worst {
        let met_by = candidates
            .iter()
            .find(|candidate| candidate.slos.iter().any(|other| other.name == slo.name && other.holds == Holds::Yes));
        let best = candidates
            .iter()
            .filter_map(|candidate| candidate.slos.iter().find(|other| other.name == slo.name)?.measured.value)
            .fold(None, |best: Option<f64>, value| {
                let higher_is_better = slo.target.starts_with("at least");
                Some(best.map_or(value, |best| if higher_is_better { best.max(value) } else { best.min(value) }))
            });
        let nearest = match (met_by, best) {
            (Some(other), _) => format!(
                "none with all of it: {} keeps {}, but not {}",
                other.style.title().to_lowercase(),
                slo.name,
                other
                    .slos
                    .iter()
                    .find(|missed| missed.must && missed.holds != Holds::Yes)
                    .map_or("everything else", |missed| missed.name.as_str())
            ),
            (None, Some(best)) => format!("{}: {} instead of {}", slo.name, shown(&slo.name, best), slo.target),
            (None, None) => "none that was measured".to_string(),
        };
        return Outcome::Missed { binding: format!("{}: {}", slo.name, slo.target), nearest };
    }
    let mut open: Vec<String> = choice
        .slos
        .iter()
        .filter(|slo| slo.must && slo.holds == Holds::Undecided)
        .map(|slo| format!("{}: {}", slo.name, slo.target))
        .collect();
    if let Some(option) = decisions.option("deployment")
        && option != "single-region"
    {
        open.push(format!("deployment: the rules choose {option}, the designs measured here stand in one region"));
    }
    if open.is_empty() { Outcome::Met } else { Outcome::Undecided(open) }
}

fn stated(condition: &Condition) -> String {
    format!("{}; to lift it: {}", condition.text, condition.lifted_by.join(", or "))
}

fn shown(name: &str, value: f64) -> String {
    if name.starts_with("availability") {
        Share(value).to_string()
    } else if name.starts_with("cost") {
        format!("{} USD", significant(value))
    } else if name.starts_with("use") {
        Share(value).to_string()
    } else {
        Seconds(value).to_string()
    }
}

/// Measured risks by what they cost a year, then what the rules say against the choice.
fn risks(decisions: &Decisions, choice: &Candidate) -> Vec<Risk> {
    let mut measured: Vec<(f64, Risk)> = choice
        .faults
        .iter()
        .map(|fault| {
            let line = choice.year.iter().find(|line| line.fault == fault.name);
            let minutes = line.map_or(0.0, |line| line.minutes_year.1);
            let more = if fault.bad_user_minutes.at_least { "at least " } else { "" };
            let value = fault.bad_user_minutes.value.unwrap_or(0.0);
            let peak = fault.blast_radius.value.unwrap_or(0.0);
            let mitigations: Vec<String> = choice
                .trials
                .iter()
                .filter(|trial| trial.kept && trial.against == fault.name)
                .map(|trial| format!("{}: {}", trial.mitigation, trial.about))
                .collect();
            let lost = fault.lost_writes.value.unwrap_or(0.0);
            let effect = if let Some(reason) =
                fault.bad_user_minutes.reason.as_ref().filter(|_| fault.bad_user_minutes.value.is_none())
            {
                reason.clone()
            } else if value <= 0.0 && lost <= 0.0 {
                "tried: no request failed or was late".to_string()
            } else {
                let lost = if lost > 0.0 {
                    format!(", {} acknowledged writes lost", significant(lost))
                } else {
                    String::new()
                };
                format!(
                    "{more}{} bad user-minutes each time, {} of the requests at worst, up to {} minutes a year{lost}",
                    significant(value),
                    Share(peak),
                    significant(minutes)
                )
            };
            let risk = Risk {
                title: fault.about.clone(),
                effect,
                mitigations,
                experiment: Some(fault.experiment.clone()),
                sources: Vec::new(),
            };
            (minutes, risk)
        })
        .collect();
    measured.sort_by(|a, b| b.0.total_cmp(&a.0));
    let later = decisions.conditions.iter().filter(|condition| !condition.today).map(|condition| Risk {
        title: condition.text.clone(),
        effect: "not today, but before the horizon; measured as if it were lifted by then".into(),
        mitigations: condition.lifted_by.clone(),
        experiment: None,
        sources: Vec::new(),
    });
    let measured: Vec<Risk> = measured.into_iter().map(|(_, risk)| risk).collect();
    let mut risks: Vec<Risk> = later.chain(measured).collect();
    if let Some(decision) = decisions.of("architecture-style", None) {
        let against = decision
            .reasons
            .iter()
            .filter(|reason| reason.side == Side::Against && reason.option == choice.style.option());
        risks.extend(against.map(|reason| Risk {
            title: reason.text.clone(),
            effect: "an opinion of its source, not measured".into(),
            mitigations: Vec::new(),
            experiment: None,
            sources: reason.sources.iter().map(|cite| cite.source.clone()).collect(),
        }));
    }
    risks
}

/// Stages by what the platform can do.
fn rollout(brief: &Brief) -> Vec<RolloutStage> {
    let can = |word: &str| brief.platform.get(word).is_some_and(|degree| *degree >= Degree::Partial);
    let gate = "no entry point burns its error budget faster than 14.4 times over an hour, p99 within its target";
    let stage = |title: &str, traffic: f64, hours: f64| RolloutStage {
        title: title.to_string(),
        traffic: Share(traffic),
        lasts: Seconds(hours * 3_600.0),
        gate: gate.to_string(),
    };
    if can("canary") {
        vec![
            stage("canary", 0.01, 1.0),
            stage("canary", 0.05, 1.0),
            stage("canary", 0.25, 4.0),
            stage("everybody", 1.0, 72.0),
        ]
    } else {
        vec![stage("one copy in one zone", 0.1, 1.0), stage("one zone", 0.33, 4.0), stage("everybody", 1.0, 72.0)]
    }
}

/// At most three inputs that matter, each with the value at which something changes.
fn drivers(
    brief: &Brief,
    knowledge: &Knowledge,
    parameters: &Parameters,
    decisions: &Decisions,
    choice: &Candidate,
) -> Vec<Driver> {
    let mut drivers = Vec::new();
    if let Some(decision) = decisions.of("architecture-style", None)
        && let Some(flip) = decision.flips.first()
    {
        drivers.push(Driver {
            input: flip.constraint.clone(),
            now: flip.shown_now.clone(),
            provenance: if brief.assumptions.iter().any(|assumption| assumption.path == flip.constraint) {
                Provenance::Assumed
            } else {
                Provenance::Given
            },
            break_even: format!("once it is {}, the rules choose {}", flip.threshold(), flip.option),
        });
    }
    if let Some(size) = choice
        .sizes
        .iter()
        .filter(|size| size.utilisation.0 > 0.0)
        .max_by(|a, b| a.utilisation.0.total_cmp(&b.utilisation.0))
    {
        drivers.push(Driver {
            input: "the peak at the horizon".into(),
            now: format!("{} on {}", size.load, size.component),
            provenance: Provenance::Computed,
            break_even: format!("at {}x, {} has no room left", significant(1.0 / size.utilisation.0), size.component),
        });
    }
    drivers.extend(hop_driver(brief, knowledge, parameters));
    drivers.truncate(3);
    drivers
}

/// At which CPU of a hop services cost as much as the monolith, or that they never do.
fn hop_driver(brief: &Brief, knowledge: &Knowledge, parameters: &Parameters) -> Option<Driver> {
    if brief.modules.len() < 2 {
        return None;
    }
    let price = |hop: f64, services: bool| {
        let mut at = parameters.clone();
        let scale = hop / parameters.hop_cpu.mid().0;
        at.hop_cpu = Parameter::exactly(Seconds(hop));
        at.hop_cpu_per_kb = Parameter::exactly(parameters.hop_cpu_per_kb.mid() * scale);
        let topology = if services {
            crate::topology::microservices(brief).into_iter().next()?
        } else {
            crate::topology::modular_monolith(brief)
        };
        let (projected, mut sizes) = build(brief, &topology, &at);
        let work = flows(&projected.design, &projected.payloads, typical_round_trip(&at));
        let total = cost(brief, &work, &mut sizes, &Prices::new(knowledge)).total;
        Some((total.low.0 + total.high.0) / 2.0)
    };
    let now = parameters.hop_cpu.mid().0;
    let gap = |hop: f64| Some(price(hop, true)? - price(hop, false)?);
    let free = gap(0.0)?;
    let break_even = if free >= 0.0 {
        format!(
            "even with free calls services by module cost {} USD a month more: smallest copies and databases, not calls",
            significant(free)
        )
    } else {
        let (mut low, mut high) = (0.0, now.max(1e-6));
        let mut doublings = 0;
        while gap(high)? < 0.0 && doublings < 12 {
            high *= 2.0;
            doublings += 1;
        }
        if gap(high)? < 0.0 {
            format!("services by module cost less at any CPU of a call up to {}", Seconds(high))
        } else {
            for _ in 0..20 {
                let middle = (low + high) / 2.0;
                if gap(middle)? < 0.0 { low = middle } else { high = middle }
            }
            format!("services by module cost less while a message takes under about {} of CPU", Seconds(high))
        }
    };
    Some(Driver {
        input: "CPU of a message on each side".into(),
        now: parameters.hop_cpu.to_string(),
        provenance: Provenance::Assumed,
        break_even,
    })
}

/// What plans don't model yet.
fn limits() -> Vec<String> {
    [
        "One region: everything stands where most users are or where data must stay; users elsewhere add their own round trip.",
        "Sagas: the record and the extra calls are there; compensations, and what users see in between, are not.",
        "Releases and bad deployments are not simulated, nor is what teams cost each other.",
        "Crashes of other services' copies and of database leaders by themselves are not in the ledger; a lost zone takes leaders.",
        "A zone is lost for 60 s; what a longer loss would do beyond failing over is not shown.",
        "Decisions on storage and messaging are not built into the designs yet: relational databases, and a queue or log for every event.",
        "Locks on hot rows, replica lag, cache contents and network bandwidth are not simulated.",
        "Outages of outside dependencies are in the ledger of the year by the brief's availability; the runs have none.",
        "Faults come one at a time; common causes beyond a zone (configuration, certificates, DNS) are not in the ledger.",
        "Garbage collection, JIT and cache locality are left out.",
        "Comparison at equal SLO only: what the same budget would buy in each style is not shown.",
    ]
    .into_iter()
    .map(String::from)
    .collect()
}
