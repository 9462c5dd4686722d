//! What the engine answers: decisions with their reasons and flip points, conflicts, questions, conditions.

use crate::constraint::Setting;
use crate::rule::{Cite, Concern, Grade, Origin, Side};
use crate::unit;
use groundplan_model::diagnostic::Diagnostic;
use serde::Serialize;

/// Everything that follows from one brief.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Decisions {
    /// One per dimension, and per data set for storage, in the order they were decided.
    pub decisions: Vec<Decision>,
    /// Dimensions in which nothing is possible, with the constraints that conflict.
    pub conflicts: Vec<Conflict>,
    /// What to ask, because the answer would change a decision.
    pub questions: Vec<Question>,
    /// Modules worth extracting from a monolith.
    pub extractions: Vec<Extraction>,
    /// What must be granted before the brief can be met (class 3).
    pub conditions: Vec<Condition>,
    /// What no design can do (class 1), with the arithmetic.
    pub impossible: Vec<Diagnostic>,
    /// How far each constraint can move before any decision changes; those that can move the least first. Constraints
    /// whose change changes nothing are left out.
    pub leeways: Vec<Leeway>,
    /// What the chosen options do to one another.
    pub combinations: Vec<Combination>,
    /// Risks of the knowledge whose conditions hold for the brief and the choices.
    pub risks: Vec<Danger>,
    /// The checklists, each item judged by what the brief says.
    pub checklists: Vec<Checked>,
    /// What to build and do when, as far as it applies here, the soonest first.
    pub road: Vec<Advice>,
}

impl Decisions {
    /// The nearest change of a number that changes any decision; none where no number does.
    #[must_use]
    pub fn nearest(&self) -> Option<(&Leeway, &Turn)> {
        let turns = self.leeways.iter().flat_map(|leeway| leeway.turns().map(move |turn| (leeway, turn)));
        let numbers = turns.filter(|(_, turn)| matches!(turn.at, Setting::Number(_)));
        numbers.min_by(|one, other| one.1.distance.total_cmp(&other.1.distance))
    }

    /// The checklist of a name.
    #[must_use]
    pub fn checklist(&self, id: &str) -> Option<&Checked> {
        self.checklists.iter().find(|item| item.checklist == id)
    }

    /// The decision of a dimension; `subject` is the data set for storage.
    #[must_use]
    pub fn of(&self, dimension: &str, subject: Option<&str>) -> Option<&Decision> {
        self.decisions.iter().find(|item| item.dimension == dimension && item.subject.as_deref() == subject)
    }

    /// The option of a dimension that has no subject.
    #[must_use]
    pub fn option(&self, dimension: &str) -> Option<&str> {
        self.of(dimension, None).map(|decision| decision.option.as_str())
    }
}

/// The answer to one dimension.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Decision {
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// What was chosen.
    pub option: String,
    /// What came second, impossible options left out.
    pub runner_up: Option<String>,
    /// All that spoke, in order of weight: the options as they were ranked, of each its vetoes, then its arguments as the
    /// comparison meets them (strong objections, strong supports, normal objections, ...), those that counted first.
    pub reasons: Vec<Reason>,
    /// The chosen option against the second, position by position, down to the one that decided and beyond it.
    pub comparison: Vec<Compared>,
    /// Concerns in which the runner-up stands better, by the brief's priorities.
    pub runner_up_better: Vec<Better>,
    /// What the chosen option rests on and the brief doesn't give.
    pub unmet: Vec<Unmet>,
    /// Single constraints whose change would change this decision: numbers, the nearest first,
    /// then words.
    pub flips: Vec<Flip>,
    /// Why this one and not the runner-up, in a sentence or two.
    pub explanation: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// Ids of rules that spoke for the runner-up or against the chosen option and were overruled.
    pub overruled: Vec<String>,
    /// Whether only the amount to run, or the registered order, set the two apart.
    pub tie: bool,
    /// All options in order.
    pub ranking: Vec<Ranked>,
    /// Options that lack a precondition, and what would make them ready.
    pub not_yet: Vec<NotYet>,
    /// Where an earlier choice had to give way: the dimension and the option it gave up.
    pub fell_back: Option<(String, String)>,
}

/// An argument that was heard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// Id of the rule.
    pub rule: String,
    /// The option it speaks of.
    pub option: String,
    /// Which way.
    pub side: Side,
    /// What it is about.
    pub concern: Concern,
    /// How much it counts here; a veto counts as strong.
    pub grade: Grade,
    /// Whether it is a veto: `impossible` or `unready`.
    pub veto: Option<&'static str>,
    /// Whether a range lowered it by one grade.
    pub lowered: bool,
    /// Why.
    pub text: String,
    /// The modules or entry points it matched.
    pub about: Vec<String>,
    /// Where it comes from.
    pub sources: Vec<Cite>,
    /// The conditions that hold, as written.
    pub because: Vec<String>,
    /// The same with today's values.
    pub held: Vec<Held>,
    /// Whether it counted: the strongest of its concern and side, and no argument of equal grade spoke against it. Vetoes
    /// always count.
    pub counts: bool,
    /// Whether an argument of equal grade, concern and option spoke the other way, so that both count as none.
    pub contested: bool,
    /// What would lift it, where the rule says so.
    pub lifted_by: Option<String>,
    /// Whose rule it is.
    pub origin: Origin,
}

/// A condition that holds, with what it compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// As written in the rule.
    pub condition: String,
    /// What is compared: the left side as written, or the dimension for choices.
    pub quantity: String,
    /// Its value today, for people; the option for choices.
    pub now: String,
    /// The threshold, for people: a number, or a range such as `60s to 120s`; the option for choices.
    pub threshold: String,
    /// Paths of the brief's constraints that move it; empty where only the shape of the domain or a choice does.
    pub constraints: Vec<String>,
}

/// One position of the comparison of the chosen option with the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The position in words: `strong objections`.
    pub position: &'static str,
    /// What counts there for or against the chosen option.
    pub chosen: Vec<Counted>,
    /// The same of the other.
    pub other: Vec<Counted>,
    /// Who is ahead there: `chosen`, `other` or `neither`.
    pub ahead: &'static str,
    /// Whether this is the first position at which they differ, which decided.
    pub decides: bool,
}

/// A concern that counts at a position, with the rules that carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The concern.
    pub concern: Concern,
    /// Ids of the rules, in their order.
    pub rules: Vec<String>,
}

/// A concern in which the runner-up stands better than what was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Better {
    /// The concern.
    pub concern: Concern,
    /// What speaks for the runner-up: ids of rules.
    pub supports: Vec<String>,
    /// What speaks against the chosen option: ids of rules.
    pub objections: Vec<String>,
    /// Both as one sentence.
    pub text: String,
}

/// Something that the chosen option needs and the brief does not give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmet {
    /// What is missing, as a condition: `platform.observability >= yes`.
    pub needs: String,
    /// What it is today, for people.
    pub now: String,
    /// Why it is needed.
    pub text: String,
    /// What to do about it.
    pub to_do: String,
    /// Whether the brief says so itself, or a default was taken.
    pub assumed: bool,
    /// The rule that says so; none for a precondition of the option.
    pub rule: Option<String>,
}

/// A change of one constraint that changes a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// Path of the constraint.
    pub constraint: String,
    /// Unit of its numbers; `word` for ordered words.
    pub unit: &'static str,
    /// What it is now.
    pub now: Setting,
    /// The first value at which the decision differs.
    pub at: Setting,
    /// On which side.
    pub side: FlipSide,
    /// What is chosen there; `nothing possible` where it leaves nothing.
    pub option: String,
    /// `at` for people: three digits and a unit, or the word. `just under 1/day` or `just over 100ms` where the number
    /// itself still belongs to the other side, or reads as `now` does.
    pub shown: String,
    /// `now` for people, in the unit of `shown`; `not said` for a target that the brief doesn't set.
    pub shown_now: String,
}

/// How far one constraint can move before any decision changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leeway {
    /// Path of the constraint.
    pub constraint: String,
    /// Unit of its numbers; `word` for ordered words.
    pub unit: &'static str,
    /// What it is now.
    pub now: Setting,
    /// `now` for people.
    pub shown_now: String,
    /// The nearest change downwards.
    pub below: Option<Turn>,
    /// The nearest change upwards.
    pub above: Option<Turn>,
    /// Whether the brief gives it; a default, or nothing at all, otherwise.
    pub given: bool,
}

impl Leeway {
    /// The changes there are, downwards first.
    pub fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.below.iter().chain(&self.above)
    }

    /// `stays until ..., then ...`, both sides.
    #[must_use]
    pub fn text(&self) -> String {
        let sides: Vec<String> = self.turns().map(Turn::text).collect();
        format!("{} (now {}): everything stays {}", self.constraint, self.shown_now, sides.join("; and "))
    }
}

/// The nearest value of a constraint on one side at which a decision changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Turn {
    /// The first value at which a decision differs.
    pub at: Setting,
    /// On which side.
    pub side: FlipSide,
    /// `at` for people, as in `Flip`.
    pub shown: String,
    /// Where the other side begins: `at least 4 teams`, `below 1/day`, or the word.
    pub threshold: String,
    /// The decisions that differ there.
    pub changes: Vec<Change>,
    /// How far it is from now: the logarithm of the ratio; a step of a word counts as a doubling, a yes or no as tenfold.
    pub distance: f64,
}

impl Turn {
    /// `until it is ..., then ...`.
    #[must_use]
    pub fn text(&self) -> String {
        let changes: Vec<String> = self.changes.iter().map(Change::text).collect();
        format!("until it is {}, then {}", self.threshold, changes.join(", "))
    }
}

/// A decision that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// What is chosen now; none where nothing is possible now.
    pub from: Option<String>,
    /// What is chosen there; none where nothing is possible there.
    pub to: Option<String>,
}

impl Change {
    /// `storage of orders turns from relational to key-value`.
    #[must_use]
    pub fn text(&self) -> String {
        let of = self.subject.as_ref().map_or(String::new(), |set| format!(" of {set}"));
        let from = self.from.as_deref().unwrap_or(NOTHING);
        format!("{}{of} turns from {from} to {}", self.dimension, self.to.as_deref().unwrap_or(NOTHING))
    }
}

/// The value of a target that the brief doesn't set.
pub(crate) const NOT_SAID: &str = "not said";
/// What is chosen where nothing is possible.
pub(crate) const NOTHING: &str = "nothing possible";
pub(crate) const JUST_UNDER: &str = "just under ";
pub(crate) const JUST_OVER: &str = "just over ";

impl Flip {
    /// `stays until ..., then ...`, of the decision it belongs to.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "stays until {} is {} (now {}), then {}",
            self.constraint,
            self.threshold(),
            self.shown_now,
            self.option
        )
    }

    /// Where the other option stands, for people: `at least 4 teams`, `at most 200ms`, `below 1/day`, `above 100ms`, or
    /// the word.
    #[must_use]
    pub fn threshold(&self) -> String {
        threshold(&self.at, self.side, &self.shown)
    }
}

/// Where the other side of a flip point begins, for people.
pub(crate) fn threshold(at: &Setting, side: FlipSide, shown: &str) -> String {
    if let Setting::Word(word) = at {
        return (*word).to_string();
    }
    match (shown.strip_prefix(JUST_UNDER), shown.strip_prefix(JUST_OVER), side) {
        (Some(number), ..) => format!("below {number}"),
        (_, Some(number), _) => format!("above {number}"),
        (.., FlipSide::AtOrAbove) => format!("at least {shown}"),
        (.., FlipSide::Above) => format!("above {shown}"),
        (.., FlipSide::AtOrBelow) => format!("at most {shown}"),
    }
}

/// On which side of a flip point the other option stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlipSide {
    /// At the value and above.
    AtOrAbove,
    /// At the value and below.
    AtOrBelow,
    /// Above the value, which is zero: anything at all. The number kept is the least that a computer knows; it is told as zero.
    Above,
}

impl FlipSide {
    /// The side as it is told of a value: above zero, not from the least number on.
    #[must_use]
    pub(crate) fn of(self, at: &Setting) -> FlipSide {
        match (self, at) {
            (FlipSide::AtOrAbove, Setting::Number(at)) if *at > 0.0 && unit::is_nothing(*at) => FlipSide::Above,
            _ => self,
        }
    }
}

/// How sure a decision is, in a word and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Confidence {
    /// `high`, `medium` or `low`.
    pub word: &'static str,
    /// What it rests on.
    pub text: String,
}

/// An option with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ranked {
    /// The option.
    pub option: String,
    /// `ready`, `not-yet` or `impossible`.
    pub readiness: &'static str,
    /// Concerns with strong, normal, slight objections that nothing contests.
    pub objections: [Vec<Concern>; 3],
    /// Concerns with strong, normal, slight supports that nothing contests.
    pub supports: [Vec<Concern>; 3],
    /// Concerns with arguments of equal grade both ways, which count as none.
    pub contested: Vec<Concern>,
}

/// An option that lacks a precondition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotYet {
    /// The option.
    pub option: String,
    /// What it lacks: the rules' texts.
    pub lacks: Vec<String>,
    /// What would make it ready.
    pub ready_when: Vec<String>,
}

/// Nothing is possible in a dimension.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Conflict {
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// The smallest set of conditions that rules out every option, as written in the rules.
    pub conditions: Vec<String>,
    /// The rules that say so, one per option.
    pub rules: Vec<String>,
    /// The same conditions with today's values.
    pub held: Vec<Held>,
    /// Single constraints whose change makes something possible, the nearest first.
    pub resolved_by: Vec<Flip>,
    /// All of it in words: the conditions with their values, and the nearest way out.
    pub text: String,
}

/// What to ask: a constraint that nobody gave and on which decisions hinge.
///
/// Questions stand in this order: those that can change more decisions first; of equally many those whose weightiest
/// decision could change at an earlier position of the comparison; then those whose answer need lie less far from what was
/// taken; then by path.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Question {
    /// Path of the constraint that nobody gave.
    pub constraint: String,
    /// What was taken instead; `none` where nothing was, `no limit` for a target that nobody set.
    pub assumed: String,
    /// Unit of its numbers; `word` for ordered words.
    pub unit: &'static str,
    /// The words it may be, for ordered words.
    pub words: Vec<&'static str>,
    /// The first decision that hinges on it.
    pub dimension: String,
    /// Its data set, for storage.
    pub subject: Option<String>,
    /// What is chosen as it stands.
    pub now: String,
    /// The nearest other answers: value, and what is chosen there.
    pub otherwise: Vec<Flip>,
    /// How many decisions differ between the answers.
    pub decisions: usize,
    /// The weightiest position at which one of them was decided, in words.
    pub position: &'static str,
    /// How far the nearest answer that changes something lies, as in `Turn::distance`.
    pub distance: f64,
    /// All answers, in order: ranges of numbers, or words, with what is chosen at each.
    pub answers: Vec<Answer>,
    /// The question itself.
    pub text: String,
}

/// A range of answers to a question within which no decision changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The lowest value.
    pub from: Setting,
    /// The highest value.
    pub to: Setting,
    /// The range for people: `below 200/s`, `200/s to 5k/s`, `yes`.
    pub shown: String,
    /// Whether what was taken lies in it.
    pub taken: bool,
    /// What is chosen there, of the decisions that hinge on it.
    pub chosen: Vec<Choice>,
}

/// What is chosen in a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The dimension.
    pub dimension: String,
    /// The data set, for storage.
    pub subject: Option<String>,
    /// The option; none where nothing is possible.
    pub option: Option<String>,
}

/// What two chosen options do to one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Combination {
    /// Id of the overlap in the knowledge.
    pub overlap: String,
    /// The two options, `dimension/option`, in the order of the dimensions.
    pub between: [String; 2],
    /// `complements` or `clashes`.
    pub how: &'static str,
    /// How.
    pub text: String,
    /// Tools or practices that it calls for.
    pub adds: Vec<String>,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// A risk of the knowledge that this brief and these choices run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Danger {
    /// Its id.
    pub risk: String,
    /// The group it belongs to.
    pub group: String,
    /// For people.
    pub title: String,
    /// What it is.
    pub text: String,
    /// The conditions that hold, with today's values; empty where it always stands.
    pub held: Vec<Held>,
    /// The modules or entry points it is about.
    pub about: Vec<String>,
    /// Assumed inputs among what its conditions rest on.
    pub assumed: Vec<String>,
    /// What one would see.
    pub signals: Vec<String>,
    /// Faults or experiments of the simulator that show it.
    pub tried_by: Vec<String>,
    /// What helps.
    pub mitigations: Vec<Remedy>,
    /// Where it comes from.
    pub sources: Vec<Cite>,
}

/// What helps against a risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// Its id.
    pub mitigation: String,
    /// For people.
    pub title: String,
    /// What it does.
    pub text: String,
    /// The policy of the language that does it, where there is one.
    pub policy: Option<String>,
    /// Where it comes from.
    pub sources: Vec<Cite>,
}

/// A recommendation of the knowledge that applies here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Its group.
    pub group: String,
    /// Its id.
    pub item: String,
    /// When: `always`, `years-1-2`, `years-3-5` or `continuous`.
    pub due: &'static str,
    /// What to do.
    pub text: String,
    /// Why.
    pub why: String,
    /// Its conditions with today's values; empty where it always applies.
    pub held: Vec<Held>,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// A checklist, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Its id.
    pub checklist: String,
    /// For people.
    pub title: String,
    /// Its items, in their order.
    pub items: Vec<CheckedItem>,
}

/// An item of a checklist, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckedItem {
    /// Its id.
    pub item: String,
    /// The question.
    pub question: String,
    /// What the brief says of it.
    pub state: CheckState,
    /// Its conditions with today's values, those that hold and those that don't.
    pub held: Vec<Held>,
    /// Paths of the brief that answer it.
    pub asks: Vec<String>,
    /// What to do where it doesn't hold.
    pub if_not: String,
    /// Ids of sources.
    pub sources: Vec<String>,
}

/// Whether an item of a checklist holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// The brief says so.
    Holds,
    /// The brief says otherwise.
    Not,
    /// Nobody said: what it rests on was assumed, or the brief has no word for it.
    Unknown,
}

/// A module worth extracting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Extraction {
    /// The module.
    pub module: String,
    /// The rule that names it.
    pub rule: String,
    /// The concern of the objection that extracting it removes.
    pub concern: Concern,
    /// Why.
    pub why: String,
}

/// Something that must be granted before an operation can meet its targets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Condition {
    /// The entry point.
    pub operation: String,
    /// Which target: `availability`, `p99` or `rate`.
    pub target: &'static str,
    /// The outside dependencies in the way.
    pub outside: Vec<String>,
    /// Whether it can't be met today already, and not only at the horizon.
    pub today: bool,
    /// What can't be met, with the arithmetic.
    pub text: String,
    /// What would lift it.
    pub lifted_by: Vec<String>,
}
