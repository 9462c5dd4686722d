//! What stands on the crib sheet, picked from the plan.

use super::{CribSheet, Failure};
use crate::clean::clean;
use crate::figure::{Unit, figure, in_short, line, money};
use crate::told::{self, sentence};
use groundplan_knowledge::{Reason, Side};
use groundplan_model::brief::{Brief, Level, OnCall};
use groundplan_model::estimate::Estimate;
use groundplan_model::units::{Bytes, PerSecond};
use groundplan_planner::plan::{Candidate, FaultResult, Plan, Risk};

impl CribSheet {
    /// The crib sheet of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> CribSheet {
        let choice = plan.choice();
        let style = plan.decisions.of(told::STYLE, None);
        let second = style.and_then(|decision| {
            let ranked = decision.runner_up.iter().chain([&decision.option]);
            ranked.into_iter().find(|option| *option != choice.style.option())
        });
        let others = told::groups(&plan.decisions).into_iter();
        let others = others.filter(|group| group.decisions[0].dimension != told::STYLE);
        // What speaks for it first: that is what one says.
        let mut main = style.map_or(Vec::new(), |decision| told::reasons_for(decision, choice.style.option(), 3));
        let against = style.map_or(Vec::new(), |decision| told::main_reasons(decision, usize::MAX));
        main.extend(against.into_iter().filter(|reason| reason.side == Side::Against));
        main.truncate(3);
        let mut reasons: Vec<String> = main.iter().map(|reason| reason_text(choice, reason)).collect();
        if let (true, Some(flip)) = (reasons.len() < 3, style.and_then(|decision| decision.flips.first())) {
            reasons.push(format!("The answer stays {}.", told::flip(flip)));
        }
        if reasons.len() < 3 {
            reasons.extend(style.map(|decision| sentence(&decision.explanation)));
        }
        CribSheet {
            name: clean(&plan.brief.name),
            about: clean(&plan.brief.about),
            conditions: told::first_of_all(plan)
                .map_or(Vec::new(), |(headline, points)| std::iter::once(headline.to_string()).chain(points).collect()),
            constraints: constraints(&plan.brief),
            choice: choice.style.title().to_string(),
            because: sentence(&plan.chosen_because),
            choices: second
                .map(|option| ("Second".to_string(), told::words(option)))
                .into_iter()
                .chain(others.map(|group| (group.title(), told::words(&group.first().option))))
                .collect(),
            reasons,
            failures: failures(plan),
            numbers: numbers(plan, choice),
            opening: opening(plan),
            footer: format!(
                "Figures with ± or (low..high) are simulated, 95% intervals, seed {}. Made by groundplan.",
                plan.seed
            ),
        }
    }
}

fn constraints(brief: &Brief) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut add = |name: &str, value: String| all.push((clean(name), clean(&value)));
    for entry in brief.load.iter().take(4) {
        let peak =
            if entry.peak.mid() > 1.0 { format!(" × {}", Unit::Number.show(entry.peak.mid())) } else { String::new() };
        let p99 = entry.p99.map_or(String::new(), |target| format!(", p99 {}", target.must));
        add(&entry.operation.value, format!("{}{peak}{p99}", entry.rate));
    }
    add("availability", brief.availability.must.to_string());
    for recovery in brief.recovery.iter().take(2) {
        let lost = match recovery.lost {
            groundplan_model::brief::Lost::Zone => "zone lost",
            groundplan_model::brief::Lost::Region => "region lost",
            groundplan_model::brief::Lost::Data => "data lost",
        };
        add(lost, format!("RTO {}, RPO {}", recovery.rto, recovery.rpo));
    }
    let data = Bytes(brief.data.iter().map(|data| data.size.0).sum());
    if data.0 > 0.0 {
        add("data today", data.to_string());
    }
    add("team", format!("{} engineers, {}, {}", brief.team.engineers, teams(brief), level(brief.team.maturity)));
    add("on call", on_call(brief.team.on_call).to_string());
    if !brief.regions.is_empty() {
        add(
            "users",
            brief.regions.iter().map(|(region, share)| format!("{region} {share}")).collect::<Vec<_>>().join(", "),
        );
    }
    if let Some(budget) = brief.budget {
        add("budget", format!("{} USD a month", Unit::Money.show(budget.must.0)));
    }
    if !brief.compliance.is_empty() {
        add("compliance", brief.compliance.join(", "));
    }
    all
}

fn teams(brief: &Brief) -> String {
    if brief.team.teams == 1 { "one team".into() } else { format!("{} teams", brief.team.teams) }
}

/// An argument in a sentence; one against another style says which.
fn reason_text(choice: &Candidate, reason: &Reason) -> String {
    if reason.option == choice.style.option() {
        return sentence(&reason.text);
    }
    format!("Not {}: {}", told::words(&reason.option), sentence(&clean(&reason.text)).trim_start())
}

/// What is done about a fault, or why nothing is.
fn cure(plan: &Plan, kept: &[String], fault: Option<&str>) -> String {
    if !kept.is_empty() {
        return sentence(&kept.join("; "));
    }
    match plan.choice().trials.iter().any(|trial| fault.is_some_and(|fault| trial.against == fault)) {
        true => "None kept: what was tried did not help.".into(),
        false => "None tried.".into(),
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Low => "low maturity",
        Level::Medium => "medium maturity",
        Level::High => "high maturity",
    }
}

fn on_call(on_call: OnCall) -> &'static str {
    match on_call {
        OnCall::None => "nobody",
        OnCall::BusinessHours => "business hours",
        OnCall::Always => "always",
    }
}

/// Three ways to fail: the plan's risks, the worst first; then faults that no risk speaks of; then what was tried and did no harm.
fn failures(plan: &Plan) -> Vec<Failure> {
    let choice = plan.choice();
    let (harmless, harmful): (Vec<&Risk>, Vec<&Risk>) =
        plan.risks.iter().partition(|risk| told::effect(plan, risk).contains(NO_HARM));
    let told = |risk: &&Risk| Failure {
        title: told::capital(&risk.title),
        effect: sentence(&told::effect(plan, risk)),
        mitigation: cure(plan, &risk.mitigations, risk.experiment.as_deref()),
    };
    let untold = choice
        .faults
        .iter()
        .filter(|fault| plan.risks.iter().all(|risk| risk.experiment.as_deref() != Some(fault.experiment.as_str())));
    let fault = |fault: &FaultResult| {
        let kept = choice.trials.iter().filter(|trial| trial.kept && trial.against == fault.name);
        let kept: Vec<String> = kept.map(|trial| format!("{} {}", trial.mitigation, trial.about)).collect();
        let worst = if told::fault_bad_before(fault) {
            told::BAD_BEFORE.to_string()
        } else {
            format!("worst 10 s: {} of requests", line(&fault.blast_radius, Unit::Share))
        };
        Failure {
            title: told::capital(&fault.about),
            effect: format!("{worst}; {} of everybody being down", line(&fault.bad_user_minutes, Unit::Minutes)),
            mitigation: cure(plan, &kept, Some(&fault.name)),
        }
    };
    let calm = |risk: &&Risk| Failure { mitigation: "None needed.".into(), ..told(risk) };
    harmful.iter().map(told).chain(untold.map(fault)).chain(harmless.iter().map(calm)).take(3).collect()
}

/// What the planner says of a fault that did nothing.
const NO_HARM: &str = "no request failed or was late";

/// The name of the line of the estimate that holds the peak of an entry point.
const PEAK: &str = ": peak at the horizon";

/// All peaks at once, by the brief.
fn peaks(plan: &Plan) -> PerSecond {
    PerSecond(plan.estimate.iter().filter(|line| line.name.ends_with(PEAK)).map(|line| line.value).sum())
}

/// A figure without its interval, or in a few words why there is none.
fn told_or_why(estimate: &Estimate, unit: Unit) -> String {
    match (estimate.value, &estimate.reason) {
        (None, Some(reason)) => clean(in_short(reason)),
        _ => figure(estimate, unit).value,
    }
}

fn numbers(plan: &Plan, choice: &Candidate) -> Vec<(String, String)> {
    let mut numbers = Vec::new();
    for name in told::entries(plan, 2) {
        if let Some(figures) = told::entry(choice, &name) {
            numbers.push((format!("p99 of {}", clean(&name)), told_or_why(&figures.latency.p99, Unit::Seconds)));
        }
    }
    let peaks = peaks(plan);
    if peaks.0 > 0.0 {
        numbers.push(("requests at all peaks, at the horizon".into(), peaks.to_string()));
    }
    numbers.push(("availability over a year".into(), figure(&choice.annual_availability, Unit::Share).value));
    numbers.push(("cost a month".into(), format!("{} {}", money(choice.cost.total), choice.cost.currency)));
    let cores: f64 = choice.sizes.iter().map(|size| size.vcpu * size.replicas as f64).sum();
    if cores > 0.0 {
        numbers.push(("vCPU in all".into(), Unit::Number.show(cores)));
    }
    numbers.push((
        "deployables, stores, brokers".into(),
        format!("{}, {}, {}", choice.deployables, choice.stores, choice.brokers),
    ));
    let worst = choice
        .faults
        .iter()
        .filter_map(|fault| Some((fault.bad_user_minutes.value?, fault)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, fault)| fault);
    if let Some(fault) = worst {
        let value = figure(&fault.bad_user_minutes, Unit::Minutes).value;
        numbers.push((format!("bad user-minutes, {}", told::words(&fault.name)), value));
    }
    numbers
}

/// The sentence to open with: constraints first, then the choice, then why, then what would change it.
fn opening(plan: &Plan) -> String {
    let brief = &plan.brief;
    let choice = plan.choice();
    let peaks = peaks(plan);
    let mut given = Vec::new();
    if peaks.0 > 0.0 {
        given.push(format!("{peaks} at the peak of the horizon"));
    }
    if let Some((entry, target)) =
        brief.load.iter().filter_map(|entry| Some((entry, entry.p99?))).min_by(|a, b| a.1.must.0.total_cmp(&b.1.must.0))
    {
        given.push(format!("a p99 of {} for {}", target.must, clean(&entry.operation.value)));
    }
    given.push(format!("{} availability", brief.availability.must));
    if let Some(recovery) = brief.recovery.first() {
        given.push(format!("an RTO of {}", recovery.rto));
    }
    given.push(format!("{} engineers in {}", brief.team.engineers, teams(brief)));
    let last = given.pop().unwrap_or_default();
    let given = if given.is_empty() { last } else { format!("{} and {last}", given.join(", ")) };
    let style = plan.decisions.of(told::STYLE, None);
    let because =
        style.map_or(String::new(), |decision| match told::reasons_for(decision, choice.style.option(), 1).first() {
            Some(reason) => format!(" First of all: {}", sentence(&reason.text)),
            None => " Nothing speaks against it that does not speak louder against the others.".into(),
        });
    let flip = style
        .and_then(|decision| decision.flips.first())
        .map_or(String::new(), |flip| format!(" My answer stays {}.", told::flip(flip)));
    format!("We have {given}. I would build {}.{because}{flip}", told::style_clause(choice.style))
}
