//! What all targets tell alike: names of options and dimensions, main reasons, flip points in words, which entry points and sources
//! are shown. Selects and words what the plan holds; computes no figure.

use crate::clean::clean;
use crate::figure::{Unit, with_amounts};
use groundplan_knowledge::constraint::Setting;
use groundplan_knowledge::decision::{
    Answer, Change, Choice, Danger, Decision, Decisions, Flip, FlipSide, Leeway, Question, Reason, Turn,
};
use groundplan_knowledge::playbook::Section;
use groundplan_knowledge::rule::{Grade, Side};
use groundplan_model::brief::Brief;
use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_planner::plan::{Candidate, FaultOperation, FaultResult, LedgerLine, Outcome, Plan, Risk};
use groundplan_sim::verdict::ExperimentVerdict;
use serde::Serialize;
use std::collections::BTreeSet;

/// The dimension that comes first.
pub const STYLE: &str = "architecture-style";

/// `modular-monolith` as `Modular monolith`.
#[must_use]
pub fn title(name: &str) -> String {
    let words = clean(&name.replace('-', " "));
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// `modular-monolith` as `modular monolith`.
#[must_use]
pub fn words(name: &str) -> String {
    clean(&name.replace('-', " "))
}

/// The text with a capital, unless it begins with a name or a figure that a capital would change (`p99`, `shop.browse`).
#[must_use]
pub fn capital(text: &str) -> String {
    let text = clean(text);
    let first = text.split(' ').next().unwrap_or("");
    if first.contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '/')) {
        return text;
    }
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// The text with a capital and a full stop.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = capital(text);
    if text.ends_with(['.', '!', '?']) || text.is_empty() { text } else { format!("{text}.") }
}

/// What a decision is about: `Storage of orders`.
#[must_use]
pub fn dimension(decision: &Decision) -> String {
    match &decision.subject {
        Some(subject) => format!("{} of {}", title(&decision.dimension), clean(subject)),
        None => title(&decision.dimension),
    }
}

/// The arguments that carried a decision, the strongest first: for what was chosen, then against what came second.
#[must_use]
pub fn main_reasons(decision: &Decision, most: usize) -> Vec<&Reason> {
    let chosen = decision.reasons.iter().filter(|reason| reason.option == decision.option && reason.side == Side::For);
    let second = decision
        .reasons
        .iter()
        .filter(|reason| Some(reason.option.as_str()) == decision.runner_up.as_deref() && reason.side == Side::Against);
    let mut reasons: Vec<&Reason> = chosen.chain(second).collect();
    // What was contested, or outdone by an argument about the same concern, comes behind what counted.
    reasons.sort_by_key(|reason| (std::cmp::Reverse(reason.grade), !reason.counts));
    said_once(&mut reasons);
    reasons.truncate(most);
    reasons
}

/// All arguments in their order, what two of them say in the same words once.
#[must_use]
pub fn arguments(decision: &Decision) -> Vec<&Reason> {
    let mut reasons: Vec<&Reason> = decision.reasons.iter().collect();
    said_once(&mut reasons);
    reasons
}

/// Leaves out what an earlier argument says in the same words of the same option: two rules may share a text.
fn said_once(reasons: &mut Vec<&Reason>) {
    let mut said: Vec<(&str, Side, &str)> = Vec::new();
    reasons.retain(|reason| {
        let this = (reason.option.as_str(), reason.side, reason.text.as_str());
        let new = !said.contains(&this);
        said.push(this);
        new
    });
}

/// The strongest arguments for an option.
#[must_use]
pub fn reasons_for<'a>(decision: &'a Decision, option: &str, most: usize) -> Vec<&'a Reason> {
    let mut reasons: Vec<&Reason> =
        decision.reasons.iter().filter(|reason| reason.option == option && reason.side == Side::For).collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.grade));
    said_once(&mut reasons);
    reasons.truncate(most);
    reasons
}

/// The strongest argument against what was chosen, if it is more than slight.
#[must_use]
pub fn main_objection(decision: &Decision) -> Option<&Reason> {
    decision
        .reasons
        .iter()
        .filter(|reason| {
            reason.option == decision.option && reason.side == Side::Against && reason.grade > Grade::Slight
        })
        .max_by_key(|reason| reason.grade)
}

/// Where a flip point lies: `at least 45`, `yes`, `high or more`.
#[must_use]
pub fn flip_at(flip: &Flip) -> String {
    let shown = with_amounts(&clean(&flip.shown));
    match (&flip.at, flip.side) {
        (Setting::Word("yes" | "high" | "always" | "strong"), FlipSide::AtOrAbove | FlipSide::Above) => shown,
        (Setting::Word("no" | "low" | "none" | "eventual"), FlipSide::AtOrBelow) => shown,
        (Setting::Word(_), FlipSide::AtOrAbove | FlipSide::Above) => format!("{shown} or more"),
        (Setting::Word(_), FlipSide::AtOrBelow) => format!("{shown} or less"),
        (Setting::Number(_), _) => with_amounts(&clean(&flip.threshold())),
    }
}

/// What the constraint of a flip point is now, in the unit of the point.
#[must_use]
pub fn flip_now(flip: &Flip) -> String {
    with_amounts(&clean(&flip.shown_now))
}

/// A flip point in words, of the decision it belongs to: `until team.engineers is at least 45 (now 14), then microservices`.
#[must_use]
pub fn flip(flip: &Flip) -> String {
    format!(
        "until {} is {} (now {}), then {}",
        clean(&flip.constraint),
        flip_at(flip),
        flip_now(flip),
        words(&flip.option)
    )
}

/// Half minutes since the beginning as a clock shows them: `5:30`.
#[must_use]
pub fn clock(halves: u32) -> String {
    format!("{}:{:02}", halves / 2, halves % 2 * 30)
}

/// A section of a talk for people.
#[must_use]
pub fn section(section: Section) -> &'static str {
    match section {
        Section::Constraints => "Constraints",
        Section::Estimate => "Estimate",
        Section::Architecture => "Architecture",
        Section::Slos => "Objectives",
        Section::TradeOffs => "Trade-offs",
        Section::FailureModes => "Failure modes",
        Section::Metrics => "Metrics",
        Section::Rollout => "Rollout",
    }
}

/// Decisions that read alike: one, or several data sets with the same answer for the same reasons.
#[derive(Debug)]
pub struct Group<'a> {
    /// The decisions; never empty.
    pub decisions: Vec<&'a Decision>,
}

impl<'a> Group<'a> {
    /// The one that is told for all: the one with the nearest flip point.
    #[must_use]
    pub fn first(&self) -> &'a Decision {
        self.decisions.iter().min_by_key(|decision| decision.flips.is_empty()).unwrap_or(&self.decisions[0])
    }

    /// What it is about: `Storage of orders, stock`.
    #[must_use]
    pub fn title(&self) -> String {
        let sets: Vec<String> = self.decisions.iter().filter_map(|one| one.subject.as_deref().map(clean)).collect();
        let dimension = title(&self.decisions[0].dimension);
        if sets.is_empty() { dimension } else { format!("{dimension} of {}", sets.join(", ")) }
    }
}

/// All decisions in their order, data sets that read alike together; what nobody asked for is left to `unasked`.
#[must_use]
pub fn groups(decisions: &Decisions) -> Vec<Group<'_>> {
    let heard = |decision: &Decision| -> Vec<String> {
        let main = main_reasons(decision, 2);
        main.iter().map(|reason| reason.rule.clone()).collect()
    };
    let mut list: Vec<Group> = Vec::new();
    for decision in decisions.decisions.iter().filter(|decision| !is_unasked(decision)) {
        let alike = list.iter_mut().find(|group| {
            let one = group.decisions[0];
            decision.subject.is_some()
                && one.dimension == decision.dimension
                && one.option == decision.option
                && one.runner_up == decision.runner_up
                && heard(one) == heard(decision)
        });
        match alike {
            Some(group) => group.decisions.push(decision),
            None => list.push(Group { decisions: vec![decision] }),
        }
    }
    list
}

/// Whether the answer is `none` and nothing spoke against that: the brief doesn't ask for it.
fn is_unasked(decision: &Decision) -> bool {
    let against = |reason: &Reason| reason.option == decision.option && reason.side == Side::Against;
    decision.option == "none" && !decision.reasons.iter().any(against)
}

/// Dimensions that the brief does not ask for, in words.
#[must_use]
pub fn unasked(decisions: &Decisions) -> Vec<String> {
    decisions.decisions.iter().filter(|decision| is_unasked(decision)).map(|one| words(&one.dimension)).collect()
}

/// Options that the rules of a house keep out, in words.
#[must_use]
pub fn barred(decision: &Decision) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for reason in decision.reasons.iter().filter(|reason| reason.veto.is_some() && !reason.origin.is_ours()) {
        let option = words(&reason.option);
        if !list.contains(&option) {
            list.push(option);
        }
    }
    list
}

/// Options that can't be had, each with the argument that rules it out; what a house keeps out is told by `barred`.
#[must_use]
pub fn ruled_out(decision: &Decision) -> Vec<(&str, &Reason)> {
    let mut list: Vec<(&str, &Reason)> = Vec::new();
    let ours = |reason: &&Reason| reason.veto == Some("impossible") && reason.origin.is_ours();
    for reason in decision.reasons.iter().filter(ours) {
        if !list.iter().any(|(option, _)| *option == reason.option) {
            list.push((reason.option.as_str(), reason));
        }
    }
    list
}

/// The condition of an argument that says most, with today's value: `team.teams now 2 teams`; empty without one.
#[must_use]
pub fn held(reason: &Reason) -> String {
    // What a constraint moves can be changed; what the shape of the domain says comes second.
    let by_constraint = reason.held.iter().find(|held| !held.constraints.is_empty());
    by_constraint
        .or(reason.held.first())
        .map_or(String::new(), |held| format!("{} is {}", clean(&held.quantity), with_amounts(&clean(&held.now))))
}

/// How a decision was reached, in a clause: `by more normal supports`, or that it was a tie.
#[must_use]
pub fn by(decision: &Decision) -> String {
    match decision.comparison.iter().find(|one| one.decides) {
        Some(one) => match one.position {
            "whether it can be had now" => "which can't be had now".into(),
            "less to run" => "a tie: less to run".into(),
            "the registered order" => "a tie: listed first".into(),
            position => format!("by {position}"),
        },
        None => String::new(),
    }
}

/// What the runner-up would have been better at: `at cost: nothing is spread`; none where it is better at nothing.
#[must_use]
pub fn better(decision: &Decision) -> Option<String> {
    let better = decision.runner_up_better.first()?;
    let text = clean(&better.text);
    let why = text.split_once(": ").map_or(text.as_str(), |(_, why)| why).trim_end_matches('.');
    Some(format!("at {}: {why}", words(better.concern.word())))
}

/// A range of answers in words; one so narrow that both ends read alike is about that.
#[must_use]
pub fn answer(answer: &Answer) -> String {
    let shown = with_amounts(&clean(&answer.shown));
    match shown.split_once(" to ") {
        Some((low, high)) if low == high => format!("about {low}"),
        _ => shown,
    }
}

/// The other answers to a question and what each changes, at most this many.
#[must_use]
pub fn answers(question: &Question, most: usize) -> String {
    let taken = question.answers.iter().find(|answer| answer.taken);
    let mut parts = Vec::new();
    for answer in question.answers.iter().filter(|answer| !answer.taken) {
        let differs = |choice: &&Choice| !taken.is_some_and(|taken| taken.chosen.contains(choice));
        let changes: Vec<String> = answer
            .chosen
            .iter()
            .filter(differs)
            .map(|choice| {
                let of = choice.subject.as_ref().map_or(String::new(), |set| format!(" of {}", clean(set)));
                let option = choice.option.as_ref().map_or("nothing possible".into(), |option| words(option));
                format!("{}{of} {option}", words(&choice.dimension))
            })
            .collect();
        if !changes.is_empty() {
            parts.push(format!("{}: {}", self::answer(answer), changes.join(", ")));
        }
    }
    let more = parts.len().saturating_sub(most);
    parts.truncate(most);
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    parts.join("; ")
}

/// What would change decisions, the nearest first: the constraint with its value, until when all stays, what then turns.
#[must_use]
pub fn nearest(decisions: &Decisions, most: usize) -> Vec<(&Leeway, &Turn)> {
    let turns = decisions.leeways.iter().flat_map(|leeway| leeway.turns().map(move |turn| (leeway, turn)));
    let mut turns: Vec<(&Leeway, &Turn)> = turns.collect();
    turns.sort_by(|one, other| one.1.distance.total_cmp(&other.1.distance));
    turns.truncate(most);
    turns
}

/// What turns at a flip point, in words: `storage of orders to key value, messaging to log`.
#[must_use]
pub fn turned(turn: &Turn, most: usize) -> String {
    let change = |change: &Change| {
        let of = change.subject.as_ref().map_or(String::new(), |set| format!(" of {}", clean(set)));
        let to = change.to.as_ref().map_or("nothing possible".into(), |option| words(option));
        format!("{}{of} to {to}", words(&change.dimension))
    };
    let mut changes: Vec<String> = turn.changes.iter().take(most).map(change).collect();
    if turn.changes.len() > most {
        changes.push(format!("{} more", turn.changes.len() - most));
    }
    changes.join(", ")
}

/// Risks of the knowledge that hold here and that no measured risk of the plan shows already.
#[must_use]
pub fn unmeasured<'a>(decisions: &'a Decisions, plan: Option<&Plan>) -> Vec<&'a Danger> {
    let measured = |danger: &Danger| {
        plan.is_some_and(|plan| {
            let faults: Vec<&str> =
                plan.risks.iter().filter_map(|risk| fault_of(plan, risk)).map(|fault| fault.name.as_str()).collect();
            danger.tried_by.iter().any(|tried| faults.contains(&tried.as_str()))
        })
    };
    decisions.risks.iter().filter(|danger| !measured(danger)).collect()
}

/// Defaults that say the same, together: paths that differ in their last step, value, why.
#[must_use]
pub fn assumed(brief: &Brief) -> Vec<(String, &str, &str)> {
    let mut list: Vec<(&str, Vec<&str>, &str, &str)> = Vec::new();
    for one in &brief.assumptions {
        let (head, last) = one.path.rsplit_once('.').unwrap_or(("", &one.path));
        let alike = list.iter_mut().find(|(known, _, value, why)| {
            !head.is_empty() && *known == head && *value == one.value && *why == one.why
        });
        match alike {
            Some((_, names, ..)) => names.push(last),
            None => list.push((head, vec![last], &one.value, &one.why)),
        }
    }
    list.into_iter()
        .map(|(head, names, value, why)| {
            let dot = if head.is_empty() { "" } else { "." };
            (clean(&format!("{head}{dot}{}", names.join(", "))), value, why)
        })
        .collect()
}

/// A decision of a brief that other knowledge makes otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Name of the brief.
    pub brief: String,
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// What is chosen without the other knowledge; none where nothing is possible.
    pub from: Option<String>,
    /// What is chosen with it.
    pub to: Option<String>,
}

/// What is chosen: dimension, data set, option.
type Choices = [(String, Option<String>, Option<String>)];

impl Changed {
    /// What differs between two ways to decide a brief.
    #[must_use]
    pub fn between(brief: &str, before: &Choices, after: &Choices) -> Vec<Changed> {
        let old = |dimension: &str, subject: &Option<String>| {
            before
                .iter()
                .find(|(known, of, _)| known == dimension && of == subject)
                .and_then(|(.., option)| option.clone())
        };
        after
            .iter()
            .map(|(dimension, subject, to)| Changed {
                brief: brief.to_string(),
                dimension: dimension.clone(),
                subject: subject.clone(),
                from: old(dimension, subject),
                to: to.clone(),
            })
            .filter(|change| change.from != change.to)
            .collect()
    }
}

/// Ids of all sources that the plan cites.
#[must_use]
pub fn cited(plan: &Plan) -> BTreeSet<String> {
    let of_risks = plan.risks.iter().flat_map(|risk| risk.sources.iter().cloned());
    let of_rates = plan.candidates.iter().flat_map(|candidate| &candidate.year).map(|line| line.source.clone());
    cited_by(&plan.decisions).into_iter().chain(of_risks).chain(of_rates).collect()
}

/// Ids of all sources that decisions cite.
#[must_use]
pub fn cited_by(decisions: &Decisions) -> BTreeSet<String> {
    let reasons = decisions.decisions.iter().flat_map(|decision| &decision.reasons);
    let cites = reasons.flat_map(|reason| &reason.sources).chain(decisions.risks.iter().flat_map(|risk| &risk.sources));
    let combinations = decisions.combinations.iter().flat_map(|one| one.sources.iter().cloned());
    cites.map(|cite| cite.source.clone()).chain(combinations).collect()
}

/// The candidates that differ; one that is the same as an earlier one is left out.
#[must_use]
pub fn distinct(plan: &Plan) -> Vec<&Candidate> {
    plan.candidates.iter().filter(|candidate| candidate.same_as.is_none()).collect()
}

/// A candidate by the number of its style, for colours.
#[must_use]
pub fn class(candidate: &Candidate) -> usize {
    candidate.style as usize
}

/// Entry points to show, at most this many: those nearest their p99 target first, in the order of the brief.
#[must_use]
pub fn entries(plan: &Plan, most: usize) -> Vec<String> {
    let choice = plan.choice();
    let tension = |name: &str| {
        let target = plan.brief.load.iter().find(|entry| entry.operation.value == name).and_then(|entry| entry.p99);
        let p99 = entry(choice, name).and_then(|figures| figures.latency.p99.value).unwrap_or(0.0);
        target.map_or(p99 / 1e6, |target| p99 / target.must.0)
    };
    let mut names: Vec<(usize, String)> =
        plan.brief.load.iter().map(|entry| entry.operation.value.clone()).enumerate().collect();
    names.sort_by(|a, b| tension(&b.1).total_cmp(&tension(&a.1)));
    names.truncate(most);
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

/// The figures of an entry point of the brief in a candidate: under its own name, or under the one the design gives it.
#[must_use]
pub fn entry<'a>(candidate: &'a Candidate, name: &str) -> Option<&'a groundplan_sim::verdict::OperationVerdict> {
    by_entry(candidate, &candidate.steady.operations, name)
}

/// Looks a name of the brief up among names of a design's load.
fn by_entry<'a, T>(candidate: &Candidate, figures: &'a indexmap::IndexMap<String, T>, name: &str) -> Option<&'a T> {
    figures.get(name).or_else(|| {
        let flat = name.replace('.', "-");
        let load = candidate.design.load.iter().map(groundplan_model::design::Load::title);
        load.into_iter()
            .find(|title| title.rsplit('.').next() == Some(flat.as_str()))
            .and_then(|title| figures.get(title))
    })
}

/// What the ends of the assumed ranges do to the p99 of an entry point: `45ms..71ms`; and why an end is missing.
#[must_use]
pub fn band<'a>(candidate: &'a Candidate, name: &str) -> Option<(String, Option<&'a str>)> {
    let band = candidate.bands.iter().find(|band| band.operation == name)?;
    let show = |end: &Estimate| end.value.map_or_else(|| "–".to_string(), |value| Unit::Seconds.show(value));
    let (low, high) = (show(&band.low), show(&band.high));
    let missing = [&band.low, &band.high].into_iter().find(|end| end.value.is_none());
    let reason = missing.map(|end| end.reason.as_deref().unwrap_or(NOT_MEASURED));
    Some((if low == high { low } else { format!("{low}..{high}") }, reason))
}

/// Why a design has no figure where others have one.
pub const NOT_MEASURED: &str = "not measured in this design";

/// What a fault strikes, where it is the same in all designs.
#[must_use]
pub fn about_all(candidates: &[&Candidate], name: &str) -> Option<String> {
    let mut all = candidates.iter().flat_map(|candidate| &candidate.faults).filter(|fault| fault.name == name);
    let first = all.next()?;
    all.all(|fault| fault.about == first.about).then(|| clean(&first.about))
}

/// Said in place of a share that the fault can't have made worse.
pub const BAD_BEFORE: &str = "bad before the fault already";

/// Whether targets were missed before the fault already: it makes nothing worse, and still they are not met in the end.
#[must_use]
pub fn bad_before(blast_radius: &Estimate, recovery: &Estimate) -> bool {
    blast_radius.value == Some(0.0) && recovery.at_least
}

/// The same of a fault of a plan.
#[must_use]
pub fn fault_bad_before(fault: &FaultResult) -> bool {
    bad_before(&fault.blast_radius, &fault.recovery)
}

/// The same of one entry point, where the candidate's verdict holds its recovery.
#[must_use]
pub fn operation_bad_before(candidate: &Candidate, fault: &FaultResult, operation: &FaultOperation) -> bool {
    experiment(candidate, fault)
        .and_then(|experiment| by_entry(candidate, &experiment.recovery, &operation.operation))
        .is_some_and(|recovery| bad_before(&operation.blast_radius, recovery))
}

/// The fault that shows a risk.
#[must_use]
pub fn fault_of<'a>(plan: &'a Plan, risk: &Risk) -> Option<&'a FaultResult> {
    plan.choice().faults.iter().find(|fault| risk.experiment.as_deref() == Some(fault.experiment.as_str()))
}

/// What a risk does.
#[must_use]
pub fn effect(plan: &Plan, risk: &Risk) -> String {
    let text = with_amounts(&clean(&risk.effect));
    match fault_of(plan, risk) {
        Some(fault) if fault_bad_before(fault) => format!("{BAD_BEFORE}; it made nothing worse"),
        _ => text,
    }
}

/// Where the rate of a line of the ledger comes from, told by what its source says: estimates of the house are assumed.
#[must_use]
pub fn rate_provenance(line: &LedgerLine) -> Provenance {
    if line.source.contains("(house,") {
        Provenance::Assumed
    } else if line.source.contains("in the brief") {
        Provenance::Given
    } else if line.source.contains("under the plain load") {
        Provenance::Simulated
    } else {
        Provenance::LookedUp
    }
}

/// The assumed inputs that the simulated figures rest on.
#[must_use]
pub fn inputs(plan: &Plan) -> &[String] {
    plan.choice().bands.first().map_or(&[], |band| &band.inputs)
}

/// The experiment of a fault with its series, where the candidate's verdict holds it.
#[must_use]
pub fn experiment<'a>(candidate: &'a Candidate, fault: &FaultResult) -> Option<&'a ExperimentVerdict> {
    candidate.steady.experiments.iter().find(|experiment| experiment.name == fault.experiment)
}

/// The series of an entry point in an experiment.
#[must_use]
pub fn series<'a>(
    candidate: &Candidate,
    experiment: &'a ExperimentVerdict,
    name: &str,
) -> Option<&'a groundplan_sim::verdict::Series> {
    by_entry(candidate, &experiment.series.operations, name)
}

/// When the first fault of an experiment begins and the last ends. Unit: seconds after warm-up.
#[must_use]
pub fn fault_window(experiment: &ExperimentVerdict) -> Option<(f64, f64)> {
    let faulty = experiment.faulty?;
    Some((faulty.from.0, faulty.until.map_or(experiment.duration.0, |until| until.0)))
}

/// All faults of the candidates by name, in the order in which they first appear.
#[must_use]
pub fn faults<'a>(candidates: &[&'a Candidate]) -> Vec<&'a FaultResult> {
    let mut seen = BTreeSet::new();
    let all = candidates.iter().flat_map(|candidate| &candidate.faults);
    all.filter(|fault| seen.insert(fault.name.clone())).collect()
}

/// What must be said before all else, as a headline and its points; none where everything holds.
#[must_use]
pub fn first_of_all(plan: &Plan) -> Option<(&'static str, Vec<String>)> {
    let all = |texts: &[String]| texts.iter().map(|text| with_amounts(&clean(text))).collect();
    match &plan.outcome {
        Outcome::Met => None,
        Outcome::Missed { binding, nearest } => Some((
            "No design that was tried meets this brief",
            vec![
                format!("What binds: {}", with_amounts(&clean(binding))),
                format!("The nearest that can be met: {}", with_amounts(&clean(nearest))),
            ],
        )),
        Outcome::Conditional(conditions) => Some(("This plan holds only under conditions", all(conditions))),
        Outcome::Undecided(what) => Some(("Not everything could be decided with the runs made", all(what))),
    }
}

/// The design that is built, in a clause: `a modular monolith`.
#[must_use]
pub fn article(words: &str) -> String {
    let vowel = words.starts_with(['a', 'e', 'i', 'o', 'u']);
    if words.ends_with('s') { words.to_string() } else { format!("{} {words}", if vowel { "an" } else { "a" }) }
}

/// The clause for a style's design: `a modular monolith`, `an event-driven design`.
#[must_use]
pub fn style_clause(style: groundplan_planner::plan::Style) -> String {
    use groundplan_planner::plan::Style;
    match style {
        Style::ModularMonolith => article("modular monolith"),
        Style::Microservices => article("microservices"),
        Style::EventDriven => article("event-driven design"),
        Style::Hybrid => article("hybrid of a monolith and single services"),
    }
}

/// When a recommendation is due, for people.
#[must_use]
pub fn due(word: &str) -> &'static str {
    match word {
        "years-1-2" => "In years 1 and 2",
        "years-3-5" => "In years 3 to 5",
        "continuous" => "Again and again",
        _ => "From now on",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundplan_knowledge::rule::{Concern, Origin};

    #[test]
    fn options_read_as_words() {
        assert_eq!(title("modular-monolith"), "Modular monolith");
        assert_eq!(title(""), "");
        assert_eq!(article("event-driven design"), "an event-driven design");
        assert_eq!(article("microservices"), "microservices");
    }

    #[test]
    fn a_sentence_keeps_names_as_they_are() {
        assert_eq!(sentence("few teams agree"), "Few teams agree.");
        assert_eq!(sentence("shop.browse is slow!"), "shop.browse is slow!");
        assert_eq!(capital("p99 of shop.browse"), "p99 of shop.browse");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn what_two_rules_say_alike_is_told_once() {
        let reason = |rule: &str, grade: Grade, text: &str| Reason {
            rule: rule.into(),
            option: "queue".into(),
            side: Side::For,
            concern: Concern::Scale,
            grade,
            veto: None,
            lowered: false,
            text: text.into(),
            about: Vec::new(),
            sources: Vec::new(),
            because: Vec::new(),
            held: Vec::new(),
            counts: grade == Grade::Strong,
            contested: false,
            lifted_by: None,
            origin: Origin::Groundplan,
        };
        let reasons = vec![
            reason("weak", Grade::Normal, "peaks wait"),
            reason("strong", Grade::Strong, "peaks wait"),
            reason("other", Grade::Slight, "workers are spared"),
        ];
        let decision = Decision { option: "queue".into(), reasons, ..Decision::default() };
        let rules = |reasons: Vec<&Reason>| reasons.iter().map(|reason| reason.rule.clone()).collect::<Vec<_>>();
        assert_eq!(rules(main_reasons(&decision, 2)), ["strong", "other"]);
        assert_eq!(rules(reasons_for(&decision, "queue", 3)), ["strong", "other"]);
    }

    #[test]
    fn flips_say_both_sides() {
        let point = Flip {
            constraint: "team.engineers".into(),
            unit: "1",
            now: Setting::Number(14.0),
            at: Setting::Number(45.0),
            side: FlipSide::AtOrAbove,
            option: "microservices".into(),
            shown: "45".into(),
            shown_now: "14".into(),
        };
        assert_eq!(flip(&point), "until team.engineers is at least 45 (now 14), then microservices");
        let rate = Flip { shown: "just over 1/day".into(), shown_now: "0.143/day".into(), ..point.clone() };
        assert!(flip(&rate).contains("is above 1/day (now 0.143/day), then"), "{}", flip(&rate));
        let word = Flip { now: Setting::Word("no"), at: Setting::Word("yes"), shown: "yes".into(), ..point };
        assert_eq!(flip_at(&word), "yes");
        assert_eq!(flip_at(&Flip { at: Setting::Word("medium"), shown: "medium".into(), ..word }), "medium or more");
    }
}
