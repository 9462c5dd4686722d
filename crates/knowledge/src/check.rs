//! What `knowledge check` says beside what loading refuses: whether every rule and risk does on its examples what it says,
//! which options no example chooses, what rows of the blueprint name that isn't there, which grades the evidence caps,
//! which facts are old.
//!
//! Errors are faults of the files; notes are worth knowing. What a house lays over ours may change what our examples
//! say: of our own files that is a note. Which decisions of a folder of briefs a changed rule changes is found by
//! comparing `Knowledge::choose` of both versions over the folder; the face does the reading.

use crate::evaluate::Evaluator;
use crate::fact::Mark;
use crate::frame::Frame;
use crate::load::FileDiagnostic;
use crate::playbook::{Carrier, CoverageRow, Place};
use crate::predicate::{Level, Predicate};
use crate::rule::{Effect, Example, Origin, Rule};
use crate::view::{Subject, View};
use crate::{DIMENSIONS, Knowledge, decide, feasible, weigh};
use groundplan_model::brief::Brief;
use groundplan_model::diagnostic::{Diagnostic, Severity, guess};
use groundplan_model::reader;
use groundplan_model::span::Span;
use groundplan_model::vocabulary::{KindWords, Vocabulary};
use std::collections::{BTreeMap, BTreeSet};

/// Prices older than this beside the newest fact are told. Unit: years.
const PRICES_AGE: i32 = 3;
/// Other facts likewise.
const FACTS_AGE: i32 = 10;

/// What is tried on one brief.
#[derive(Default)]
struct Trials<'k> {
    rules: Vec<(&'k Rule, &'k Example)>,
    risks: Vec<(usize, &'k Example)>,
    /// Options that are said to be chosen here: place of the dimension, of the option, the data set.
    options: Vec<(usize, usize, Option<&'k str>)>,
}

impl Trials<'_> {
    /// Whether what is tried depends on what is chosen.
    fn asks_choices(&self, knowledge: &Knowledge) -> bool {
        let asks = |when: &[Predicate]| when.iter().any(|predicate| matches!(predicate, Predicate::Chosen { .. }));
        !self.options.is_empty()
            || self.rules.iter().any(|(rule, _)| asks(&rule.when))
            || self.risks.iter().any(|(n, _)| asks(&knowledge.risks[*n].when))
    }
}

impl Knowledge {
    /// Everything there is to say about the knowledge as a whole, in the order of files and places. What can't be used at
    /// all is refused by `load` already.
    ///
    /// Cost: the reading of each brief of an example, and a decision for those that ask for choices.
    #[must_use]
    pub fn check(&self) -> Vec<FileDiagnostic> {
        let mut checker = Checker { knowledge: self, house: self.has_house(), list: Vec::new() };
        let reached = checker.examples();
        checker.coverage_of_examples();
        checker.unreached(&reached);
        checker.capped();
        checker.products();
        checker.approvals();
        checker.carried();
        checker.guesses();
        checker.ages();
        let mut list = checker.list;
        list.sort_by_cached_key(|item| {
            let start = item.diagnostic.labels.first().map_or(0, |label| label.span.start);
            (item.file.clone(), start, item.diagnostic.code)
        });
        list
    }

    /// Faults and policies that risks name and designs don't have. Whoever knows the words of designs asks.
    #[must_use]
    pub fn unknown_words(&self, vocabulary: &Vocabulary) -> Vec<FileDiagnostic> {
        let mut list = Vec::new();
        let mut look = |what: &str, name: &str, known: &[KindWords], at: &Place| {
            if known.iter().any(|words| words.name == name) {
                return;
            }
            let diagnostic = Diagnostic::error(
                if what == "fault" { "unknown-fault" } else { "unknown-policy" },
                format!("designs have no {what} `{name}`"),
            );
            let help = guess(name, known.iter().map(|words| words.name)).map(|near| format!("did you mean `{near}`?"));
            let diagnostic = Diagnostic { help, ..diagnostic.at(at.span, "") };
            list.push(FileDiagnostic { file: at.file.clone(), diagnostic });
        };
        for risk in self.risks.values() {
            risk.tried_by.iter().for_each(|fault| look("fault", fault, vocabulary.faults, &risk.at));
            for mitigation in &risk.mitigations {
                if let Some(policy) = &mitigation.policy {
                    look("policy", policy, vocabulary.policies, &mitigation.at);
                }
            }
        }
        list
    }

    /// Whether a folder was laid over what the binary carries.
    #[must_use]
    pub fn has_house(&self) -> bool {
        let facts = self.facts.values().map(|fact| fact.origin);
        let rules = self.rules.iter().map(|rule| rule.origin);
        let options = self.dimensions.iter().flat_map(|item| &item.options).map(|option| option.origin);
        let sources = self.sources.values().map(|source| source.origin);
        let technologies = self.technologies.values().map(|item| item.at.origin);
        let risks = self.risks.values().map(|risk| risk.at.origin);
        facts.chain(rules).chain(options).chain(sources).chain(technologies).chain(risks).any(|who| !who.is_ours())
    }
}

struct Checker<'k> {
    knowledge: &'k Knowledge,
    house: bool,
    list: Vec<FileDiagnostic>,
}

impl<'k> Checker<'k> {
    fn say(&mut self, severity: Severity, code: &'static str, headline: String, at: &Place) -> &mut Diagnostic {
        let diagnostic = Diagnostic { severity, ..Diagnostic::error(code, headline).at(at.span, "") };
        self.list.push(FileDiagnostic { file: at.file.clone(), diagnostic });
        let last = self.list.len() - 1;
        &mut self.list[last].diagnostic
    }

    /// A fault; of ours, where a house has changed what it rests on, worth knowing only.
    fn fault(&mut self, code: &'static str, headline: String, at: &Place) -> &mut Diagnostic {
        let severity = if self.house && at.origin.is_ours() { Severity::Note } else { Severity::Error };
        self.say(severity, code, headline, at)
    }

    fn note(&mut self, code: &'static str, headline: String, at: &Place) -> &mut Diagnostic {
        self.say(Severity::Note, code, headline, at)
    }

    /// Runs all examples, each brief once. Gives the options that were chosen in any: places of dimension and option.
    fn examples(&mut self) -> BTreeSet<(usize, usize)> {
        let knowledge = self.knowledge;
        let mut trials: BTreeMap<&str, Trials> = BTreeMap::new();
        for rule in &knowledge.rules {
            for example in &rule.examples {
                trials.entry(&example.brief).or_default().rules.push((rule, example));
            }
        }
        for (n, risk) in knowledge.risks.values().enumerate() {
            for example in &risk.examples {
                trials.entry(&example.brief).or_default().risks.push((n, example));
            }
        }
        for (d, dimension) in knowledge.dimensions.iter().enumerate() {
            for (o, option) in dimension.options.iter().enumerate() {
                if let Some(example) = &option.chosen_in {
                    let item = (d, o, example.set.as_deref());
                    trials.entry(&example.brief).or_default().options.push(item);
                }
            }
        }
        let all: usize = knowledge.dimensions.iter().map(|dimension| dimension.options.len()).sum();
        let mut reached = BTreeSet::new();
        // Most rules ask the brief alone. Decisions cost more than they do, so those that must be made come first, and the others
        // only while some option is not chosen yet.
        let (first, rest): (Vec<_>, Vec<_>) = trials.iter().partition(|(_, trial)| trial.asks_choices(knowledge));
        for (text, trial) in first.into_iter().chain(rest) {
            let read = reader::read_brief(text);
            match read.value {
                Some(brief) => {
                    let decide = reached.len() < all || trial.asks_choices(knowledge);
                    self.tried(&brief, trial, decide, &mut reached);
                }
                None => self.unreadable(trial, &read.diagnostics),
            }
        }
        reached
    }

    fn unreadable(&mut self, trial: &Trials, diagnostics: &[Diagnostic]) {
        let told: Vec<&str> = diagnostics.iter().map(|item| item.headline.as_str()).collect();
        let headline = format!("this is no brief: {}", told.join("; "));
        let mut places: Vec<Place> = trial.rules.iter().map(|(rule, example)| rule.place(example.span)).collect();
        places.extend(trial.risks.iter().map(|(n, example)| self.risk(*n, example.span)));
        places.extend(trial.options.iter().map(|(d, o, _)| self.chosen_in(*d, *o)));
        for place in places {
            self.say(Severity::Error, "example-unreadable", headline.clone(), &place);
        }
    }

    fn risk(&self, n: usize, span: Span) -> Place {
        Place { span, ..self.knowledge.risks[n].at.clone() }
    }

    fn chosen_in(&self, dimension: usize, option: usize) -> Place {
        let option = &self.knowledge.dimensions[dimension].options[option];
        let span = option.chosen_in.as_ref().map_or(option.span, |example| example.span);
        Place { file: option.file.clone(), span, origin: option.origin }
    }

    fn tried(&mut self, brief: &Brief, trial: &Trials, decide: bool, reached: &mut BTreeSet<(usize, usize)>) {
        let knowledge = self.knowledge;
        let frame = Frame::of(brief);
        let view = View::new(brief, &frame);
        let weighed =
            if decide { decide::weigh_all(knowledge, brief, &Evaluator::new(knowledge, &view)) } else { Vec::new() };
        let chosen = decide::chosen(knowledge, &weighed);
        reached.extend(weighed.iter().filter_map(|item| Some((item.dimension, item.winner()?))));
        let set_named = |name: &str| brief.data.iter().position(|data| data.name.value == name);
        for (rule, example) in &trial.rules {
            let per_set = DIMENSIONS.iter().any(|(name, per_set)| *name == rule.dimension && *per_set);
            let subject = match &example.set {
                Some(name) => set_named(name).map(Subject::Set),
                None => Some(if per_set { Subject::Set(0) } else { Subject::Brief }),
            };
            if self.is_moved(rule.origin, &rule.when) {
                continue;
            }
            let level = subject.map(|subject| weigh::applies(rule, &view, &chosen, subject).0);
            self.said(&format!("rule `{}`", rule.id), example, level, &rule.place(example.span));
        }
        for (n, example) in &trial.risks {
            let risk = &knowledge.risks[*n];
            let subject = match &example.set {
                Some(name) => set_named(name).map(Subject::Set),
                None => Some(Subject::Brief),
            };
            if self.is_moved(risk.at.origin, &risk.when) {
                continue;
            }
            let level = subject.map(|subject| weigh::holds(risk.scope, &risk.when, &view, &chosen, subject).0);
            self.said(&format!("risk `{}`", risk.id), example, level, &self.risk(*n, example.span));
        }
        for (d, o, set) in &trial.options {
            let place = self.chosen_in(*d, *o);
            let subject =
                if knowledge.dimensions[*d].per_set { Some(set.and_then(set_named).unwrap_or(0)) } else { None };
            let item = weighed.iter().find(|item| item.dimension == *d && item.set == subject);
            let winner = item.and_then(decide::Weighed::winner);
            if winner != Some(*o) && !(self.house && place.origin.is_ours()) {
                let name = |o: usize| knowledge.dimensions[*d].options[o].name.clone();
                let instead = winner.map_or("nothing".to_string(), name);
                self.fault("example-fails", format!("{} is not chosen here, but {instead}", name(*o)), &place);
            }
        }
    }

    /// Whether an example of ours may come out otherwise because a house chooses otherwise: that is told by its decisions.
    fn is_moved(&self, origin: Origin, when: &[Predicate]) -> bool {
        self.house && origin.is_ours() && when.iter().any(|predicate| matches!(predicate, Predicate::Chosen { .. }))
    }

    fn said(&mut self, what: &str, example: &Example, level: Option<Level>, at: &Place) {
        match level {
            None => {
                let name = example.set.as_deref().unwrap_or_default();
                self.say(Severity::Error, "unknown-set", format!("the brief has no data set `{name}`"), at);
            }
            Some(level) if level == example.speaks => {}
            Some(level) => {
                let headline = format!("{what} speaks here: {}, not {}", word(level), word(example.speaks));
                self.fault("example-fails", headline, at);
            }
        }
    }

    /// A rule is tried both ways: where it speaks, and where it doesn't.
    fn coverage_of_examples(&mut self) {
        for rule in &self.knowledge.rules {
            if rule.origin == Origin::House && rule.examples.is_empty() && rule.is_stance() {
                continue; // Made from what a house says of a product; there is nothing to try.
            }
            let has = |no: bool| rule.examples.iter().any(|example| (example.speaks == Level::No) == no);
            let always = rule.when.iter().all(feasible::always);
            let missing = match (has(false), has(true) || always) {
                (true, true) => continue,
                (false, true) => "in which it speaks",
                (true, false) => "in which it is silent",
                (false, false) => "in which it speaks, nor one in which it is silent",
            };
            let headline = format!("rule `{}` has no example {missing}", rule.id);
            self.fault("without-example", headline, &rule.place(rule.span));
        }
    }

    fn unreached(&mut self, reached: &BTreeSet<(usize, usize)>) {
        for (d, dimension) in self.knowledge.dimensions.iter().enumerate() {
            for (o, option) in dimension.options.iter().enumerate() {
                if reached.contains(&(d, o)) {
                    continue;
                }
                let rules = dimension.rules.iter().map(|rule| &self.knowledge.rules[*rule]);
                let veto = rules.filter(|rule| rule.option == option.name && rule.effect == Effect::Impossible);
                let veto = veto.into_iter().find(|rule| rule.when.iter().all(feasible::always));
                let at = Place { file: option.file.clone(), span: option.span, origin: option.origin };
                let name = format!("{}/{}", dimension.name, option.name);
                match veto {
                    // What a house forbids is not chosen: that is what it wanted.
                    Some(rule) if rule.origin == Origin::House && (option.origin.is_ours() || rule.is_stance()) => {}
                    Some(rule) => {
                        let headline = format!("{name} can never be chosen: `{}` always rules it out", rule.id);
                        self.fault("never-chosen", headline, &at);
                    }
                    None => {
                        let diagnostic =
                            self.fault("never-chosen", format!("no example of the knowledge chooses {name}"), &at);
                        diagnostic.help = Some("give a brief that chooses it: `chosen-in: { brief: { ... } }`".into());
                    }
                }
            }
        }
    }

    fn capped(&mut self) {
        for rule in &self.knowledge.rules {
            if let Effect::Argues(_, grade) = rule.effect
                && grade < rule.consequence
            {
                let (wanted, allowed) = (rule.consequence.word(), grade.word());
                let headline =
                    format!("rule `{}` counts as {allowed}, not {wanted}: its sources carry no more", rule.id);
                self.note("grade-capped", headline, &rule.place(rule.span));
            }
        }
    }

    /// Products that no catalogue knows.
    fn products(&mut self) {
        let known = &self.knowledge.technologies;
        for option in self.knowledge.dimensions.iter().flat_map(|item| &item.options) {
            for name in option.technologies.iter().filter(|name| !known.contains_key(*name)) {
                let at = Place { file: option.file.clone(), span: option.span, origin: option.origin };
                let near = guess(name, known.keys().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
                let headline = format!(
                    "{}/{} names `{name}`, which no `kind: technologies` file describes",
                    option.dimension, option.name
                );
                self.note("unknown-technology", headline, &at).help = near;
            }
        }
    }

    /// Dimensions in which only approved products may be used and none is approved.
    fn approvals(&mut self) {
        for only in &self.knowledge.only_approved {
            if !self.knowledge.approves_any(&only.dimension) {
                let headline = format!(
                    "only approved products may be used for {}, and no product that provides one of its options is approved",
                    only.dimension
                );
                let help = "give one `stance: approved` under `technologies`, and the options it provides where ours don't say";
                self.fault("nothing-approved", headline, &only.at).help = Some(help.into());
            }
        }
    }

    /// Rows of the blueprint that name what isn't there.
    fn carried(&mut self) {
        for row in self.knowledge.coverage.values() {
            for (carrier, id) in &row.carried_by {
                if !self.knowledge.carries(*carrier, id) {
                    let headline = format!("row {} names the {} `{id}`, which is not there", row.id, carrier.word());
                    self.fault("not-carried", headline, &row.at);
                }
            }
        }
    }

    /// Figures that nobody published, told as if they were exact.
    fn guesses(&mut self) {
        for fact in self.knowledge.facts.values().filter(|fact| fact.mark == Mark::Assumed && !fact.is_range()) {
            let at = Place { file: fact.file.clone(), span: fact.span, origin: fact.origin };
            self.note("no-range", format!("fact `{}` is assumed (A) and has no range", fact.id), &at);
        }
    }

    fn ages(&mut self) {
        let year = |date: &str| date.get(..4).and_then(|text| text.parse::<i32>().ok());
        let newest = self.knowledge.facts.values().filter_map(|fact| year(&fact.date)).max().unwrap_or(0);
        for fact in self.knowledge.facts.values() {
            let limit = if fact.money().is_some() { PRICES_AGE } else { FACTS_AGE };
            if let Some(age) = year(&fact.date).map(|year| newest - year).filter(|age| *age > limit) {
                let at = Place { file: fact.file.clone(), span: fact.span, origin: fact.origin };
                let headline = format!("fact `{}` is {age} years older than the newest one ({})", fact.id, fact.date);
                self.note("old-fact", headline, &at);
            }
        }
    }
}

impl Knowledge {
    /// Whether what a row of the blueprint names is there. Words of the language are looked up by whoever knows them all.
    #[must_use]
    pub fn carries(&self, carrier: Carrier, id: &str) -> bool {
        let pair = id.split_once('/');
        match carrier {
            Carrier::Rule => self.rule(id).is_some(),
            Carrier::Option => pair.is_some_and(|(dimension, option)| self.option(dimension, option).is_some()),
            Carrier::Overlap => self.overlaps.contains_key(id),
            Carrier::Comparison => match pair {
                None => self.comparisons.contains_key(id),
                Some((aspect, option)) => self.comparisons.get(aspect).is_some_and(|table| {
                    let named = |row: &crate::playbook::ComparisonRow| {
                        row.option.1 == option || format!("{}/{}", row.option.0, row.option.1) == option
                    };
                    table.rows.iter().any(named)
                }),
            },
            Carrier::Risk => self.risks.contains_key(id) || self.risk_groups.contains_key(id),
            Carrier::Mitigation => self.risks.values().flat_map(|risk| &risk.mitigations).any(|item| item.id == id),
            Carrier::Checklist => match pair {
                None => self.checklists.contains_key(id),
                Some((list, item)) => {
                    self.checklists.get(list).is_some_and(|list| list.items.iter().any(|known| known.id == item))
                }
            },
            Carrier::Trend => self.trends.contains_key(id) || self.trends.values().any(|trend| trend.group == id),
            Carrier::Recommendation => match pair {
                None => self.recommendations.values().any(|item| item.group == id),
                Some(_) => self.recommendations.contains_key(id),
            },
            Carrier::Script => self.scripts.contains_key(id),
            Carrier::Source => self.sources.contains_key(id),
            Carrier::SourceType => self.source_types.contains_key(id),
            Carrier::Fact => self.facts.contains_key(id),
            Carrier::Technology => self.technologies.contains_key(id),
            Carrier::Dimension => self.dimension(id).is_some(),
            Carrier::Term => !id.is_empty(),
        }
    }

    /// Rules that carry a row, by id.
    #[must_use]
    pub fn rules_of<'a>(&'a self, row: &'a CoverageRow) -> Vec<&'a Rule> {
        let named = row.carried_by.iter().filter(|(carrier, _)| *carrier == Carrier::Rule);
        named.filter_map(|(_, id)| self.rule(id)).collect()
    }
}

impl Rule {
    /// A place in its file.
    fn place(&self, span: Span) -> Place {
        Place { file: self.file.clone(), span, origin: self.origin }
    }
}

fn word(level: Level) -> &'static str {
    match level {
        Level::No => "no",
        Level::Inside => "lower",
        Level::Full => "yes",
    }
}
