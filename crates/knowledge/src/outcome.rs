//! Known outcomes: what engineers chose, held against what is decided from a brief that says only what was known before.
//! Each case names in advance the question, the answers that count as agreement, and what a hundredth of it should choose.
//!
//! Nothing here takes part in deciding. A case may bring facts of its own time (what a machine held then), never rules.

use crate::decision::{Decision, Ranked, Reason};
use crate::rule::{Concern, Grade, Side};
use crate::{FileDiagnostic, Knowledge};
use groundplan_model::brief::Brief;
use groundplan_model::diagnostic::{Diagnostic, guess};
use groundplan_model::quantity::{Ranged, Target};
use groundplan_model::reader;
use groundplan_model::yaml::{self, Node};
use serde::Serialize;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../outcomes/", $path)))),*]
    };
}

/// The files of `outcomes/` that the binary carries. To add a case: a file and a line here.
static FILES: &[(&str, &str)] = files![
    "d01-stream-monitoring.yaml",
    "d02-event-routing.yaml",
    "d03-commerce.yaml",
    "d04-design-files.yaml",
    "d05-messages.yaml",
    "d06-bank.yaml",
    "d07-seven-apps.yaml",
    "d08-rides.yaml",
    "d09-films.yaml",
    "d10-board-games.yaml",
    "d11-photos.yaml",
];

/// By how much load, data and people of a twin are less.
const TWIN: f64 = 100.0;

/// A case.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its number, such as `D4`.
    pub case: String,
    /// In a few words, without a company's name.
    pub title: String,
    /// What the engineers chose.
    pub chose: String,
    /// What their reasons were about.
    pub reasons: Vec<Concern>,
    /// Ids of sources.
    pub sources: Vec<String>,
    /// The questions it answers.
    pub asks: Vec<Ask>,
    /// A file of facts of its time, laid over ours; empty for none.
    pub facts: String,
    /// Why the choice differs from theirs, where it does; empty where it doesn't.
    pub difference: String,
    /// The brief, as text.
    pub brief: String,
}

/// One question of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ask {
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// Options that count as agreement.
    pub agree: Vec<String>,
    /// What they gave up or turned down, where they say; the reasons are held against it too.
    pub instead_of: Option<String>,
    /// Options that a hundredth of the case should choose.
    pub twin: Vec<String>,
    /// Why.
    pub twin_why: String,
}

/// What was decided on one question of a case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The question.
    pub ask: Ask,
    /// What was chosen; none where nothing is possible.
    pub option: Option<String>,
    /// What came second.
    pub runner_up: Option<String>,
    /// Whether the choice is one of those that agree.
    pub agrees: bool,
    /// Concerns in which the choice stands better than the second, and than what the engineers gave up, the heaviest first.
    pub concerns: Vec<Concern>,
    /// The arguments behind them, in that order.
    pub arguments: Vec<(Concern, String)>,
    /// Whether one of those concerns is among the engineers' reasons.
    pub shares_reasons: bool,
    /// What the twin chooses.
    pub twin_option: Option<String>,
    /// Whether that was expected.
    pub twin_agrees: bool,
}

/// A case with its answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The case.
    pub outcome: Outcome,
    /// One per question.
    pub answers: Vec<Answer>,
}

impl Held {
    /// Whether every question is answered as the engineers did, for a reason that was theirs.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.answers.iter().all(|answer| answer.agrees && answer.shares_reasons)
    }

    /// Whether every twin chooses what was expected.
    #[must_use]
    pub fn twin_agrees(&self) -> bool {
        self.answers.iter().all(|answer| answer.twin_agrees)
    }
}

/// The cases that the binary carries.
///
/// # Errors
/// What is wrong with a file; a test keeps ours right.
pub fn outcomes() -> Result<Vec<Outcome>, Vec<FileDiagnostic>> {
    let mut list = Vec::new();
    let mut found = Vec::new();
    for (path, text) in FILES {
        match read(text) {
            Ok(outcome) => list.push(outcome),
            Err(diagnostics) => found.extend(
                diagnostics.into_iter().map(|diagnostic| FileDiagnostic { file: (*path).to_string(), diagnostic }),
            ),
        }
    }
    if found.is_empty() { Ok(list) } else { Err(found) }
}

/// Reads a case: `kind: outcome`.
///
/// # Errors
/// Everything that is wrong with it, each with its place.
pub fn read(text: &str) -> Result<Outcome, Vec<Diagnostic>> {
    let (tree, mut found) = yaml::parse(text);
    let Some(tree) = tree else { return Err(found) };
    let mut known = |node: &Node, names: &[&str]| {
        for (key, _) in node.entries() {
            let name = key.text().unwrap_or_default();
            if !names.contains(&name) {
                let error = Diagnostic::error("unknown-key", format!("nothing reads the key `{name}`"));
                let near = guess(name, names.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                found.push(Diagnostic { help: near, ..error.at(key.span, "") });
            }
        }
    };
    known(&tree, &["kind", "case", "title", "chose", "reasons", "sources", "asks", "facts", "difference", "brief"]);
    for ask in tree.get("asks").map(Node::items).unwrap_or_default() {
        known(ask, &["dimension", "subject", "agree", "instead-of", "twin", "twin-why"]);
    }
    let text_of = |node: &Node, key: &str| node.get(key).and_then(Node::text).unwrap_or_default().trim().to_string();
    let list_of = |node: &Node, key: &str| -> Vec<String> {
        let items = node.get(key).map(Node::items).unwrap_or_default();
        items.iter().filter_map(Node::text).map(str::to_string).collect()
    };
    let mut missing = |node: &Node, what: &str| {
        found.push(Diagnostic::error("missing-key", format!("`{what}` is missing or empty")).at(node.span, ""));
    };
    let said = |text: String| Some(text).filter(|text| !text.is_empty());
    let asks: Vec<Ask> = tree
        .get("asks")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .map(|node| {
            let ask = Ask {
                dimension: text_of(node, "dimension"),
                subject: said(text_of(node, "subject")),
                instead_of: said(text_of(node, "instead-of")),
                agree: list_of(node, "agree"),
                twin: list_of(node, "twin"),
                twin_why: text_of(node, "twin-why"),
            };
            if ask.dimension.is_empty() || ask.agree.is_empty() || ask.twin.is_empty() || ask.twin_why.is_empty() {
                missing(node, "dimension, agree, twin or twin-why");
            }
            ask
        })
        .collect();
    let outcome = Outcome {
        case: text_of(&tree, "case"),
        title: text_of(&tree, "title"),
        chose: text_of(&tree, "chose"),
        reasons: list_of(&tree, "reasons").iter().filter_map(|word| Concern::of(word)).collect(),
        sources: list_of(&tree, "sources"),
        asks,
        facts: text_of(&tree, "facts"),
        difference: text_of(&tree, "difference"),
        brief: tree.get("brief").and_then(Node::text).unwrap_or_default().to_string(),
    };
    let empty = [
        ("case", outcome.case.is_empty()),
        ("title", outcome.title.is_empty()),
        ("chose", outcome.chose.is_empty()),
        ("reasons", outcome.reasons.is_empty()),
        ("sources", outcome.sources.is_empty()),
        ("asks", outcome.asks.is_empty()),
        ("brief", outcome.brief.is_empty()),
    ];
    empty.iter().filter(|(_, empty)| *empty).for_each(|(name, _)| missing(&tree, name));
    if found.is_empty() { Ok(outcome) } else { Err(found) }
}

impl Outcome {
    /// Decides the case and its twin, and holds both against what was written in advance.
    ///
    /// # Errors
    /// Where the brief or the facts of its time can't be read.
    pub fn hold(&self, knowledge: &Knowledge) -> Result<Held, Vec<Diagnostic>> {
        let read = reader::read_brief(&self.brief);
        let Some(brief) = read.value else { return Err(read.diagnostics) };
        let of_its_time;
        let knowledge = if self.facts.is_empty() {
            knowledge
        } else {
            let overlay = [("facts/of-its-time.yaml".to_string(), self.facts.clone())];
            of_its_time = Knowledge::load(&overlay)
                .map_err(|found| found.into_iter().map(|item| item.diagnostic).collect::<Vec<_>>())?;
            &of_its_time
        };
        let decisions = knowledge.decide(&brief);
        let small = knowledge.choose(&twin(&brief));
        let answers = self
            .asks
            .iter()
            .map(|ask| {
                let decision = decisions.of(&ask.dimension, ask.subject.as_deref());
                let twin_option = small
                    .iter()
                    .find(|(dimension, subject, _)| *dimension == ask.dimension && *subject == ask.subject)
                    .and_then(|(.., option)| option.clone());
                self.answer(ask, decision, twin_option)
            })
            .collect();
        Ok(Held { outcome: self.clone(), answers })
    }

    fn answer(&self, ask: &Ask, decision: Option<&Decision>, twin_option: Option<String>) -> Answer {
        let option = decision.map(|decision| decision.option.clone());
        let (concerns, arguments) = decision.map(|decision| better(decision, ask)).unwrap_or_default();
        Answer {
            agrees: option.as_ref().is_some_and(|option| ask.agree.contains(option)),
            runner_up: decision.and_then(|decision| decision.runner_up.clone()),
            shares_reasons: concerns.iter().any(|concern| self.reasons.contains(concern)),
            twin_agrees: twin_option.as_ref().is_some_and(|option| ask.twin.contains(option)),
            ask: ask.clone(),
            option,
            concerns,
            arguments,
            twin_option,
        }
    }
}

/// Concerns in which the choice stands better than the second, and than what was given up, with the arguments.
fn better(decision: &Decision, ask: &Ask) -> (Vec<Concern>, Vec<(Concern, String)>) {
    let mut found: Vec<(Concern, String)> = Vec::new();
    let [first, second, ..] = &decision.ranking[..] else { return Default::default() };
    than(decision, first, second, &mut found);
    let given_up = decision.ranking.iter().filter(|item| Some(&item.option) == ask.instead_of.as_ref());
    given_up.filter(|item| item.option != first.option).for_each(|item| than(decision, first, item, &mut found));
    let mut told = Vec::new();
    found.retain(|(_, text)| {
        !told.contains(text) && {
            told.push(text.clone());
            true
        }
    });
    let mut concerns = Vec::new();
    for (concern, _) in &found {
        if !concerns.contains(concern) {
            concerns.push(*concern);
        }
    }
    (concerns, found)
}

/// Where one option stands better than another, the heaviest grade first.
fn than(decision: &Decision, first: &Ranked, second: &Ranked, found: &mut Vec<(Concern, String)>) {
    let mut add = |concern: Concern, option: &str, side: Side| {
        let of_it = |reason: &&Reason| reason.option == option && reason.concern == concern && reason.side == side;
        let said = decision.reasons.iter().filter(of_it);
        found.extend(said.max_by_key(|reason| reason.grade).map(|reason| (concern, reason.text.clone())));
    };
    if first.readiness != second.readiness {
        let vetoes = decision.reasons.iter().filter(|reason| reason.option == second.option && reason.veto.is_some());
        vetoes.for_each(|reason| found.push((reason.concern, reason.text.clone())));
    } else {
        for grade in Grade::ALL.into_iter().rev() {
            let place = 2 - grade as usize;
            let less = |one: &[Concern], other: &[Concern]| -> Vec<Concern> {
                one.iter().filter(|concern| !other.contains(concern)).copied().collect()
            };
            less(&second.objections[place], &first.objections[place])
                .into_iter()
                .for_each(|concern| add(concern, &second.option, Side::Against));
            less(&first.supports[place], &second.supports[place])
                .into_iter()
                .for_each(|concern| add(concern, &first.option, Side::For));
        }
    }
}

/// A hundredth of the load, the data, the people and the money; never below one person, one team, one tenant.
#[must_use]
pub fn twin(brief: &Brief) -> Brief {
    let mut twin = brief.clone();
    for entry in &mut twin.load {
        entry.rate = Ranged::exactly(entry.rate.mid() / TWIN);
    }
    for set in &mut twin.data {
        set.size = set.size / TWIN;
        set.items = set.items.map(|items| items / TWIN);
        set.access.iter_mut().for_each(|(_, rate)| *rate = *rate / TWIN);
    }
    twin.team.engineers = (twin.team.engineers / TWIN as u64).max(1);
    twin.team.teams = (twin.team.teams / TWIN as u64).max(1);
    twin.budget = twin.budget.map(|budget| Target { must: budget.must / TWIN, ..budget });
    twin
}
