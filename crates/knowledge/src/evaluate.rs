//! Rules as tables, and what is chosen while single conditions change: every distinct condition is evaluated once, a rule is
//! re-read only when one of its conditions changes, and a decision only when one of its rules does.
//!
//! Sketch: 450 rules, 60 data sets and 13 dimensions make about 10,000 levels of conditions and 72 decisions, of a microsecond
//! each. A constraint that moves one condition of one data set re-weighs that one decision. Arguments are not told here, only
//! counted; `weigh` tells them, and a test holds the two against each other.

use crate::constraint::Class;
use crate::predicate::{Comparison, Expr, Level, Predicate};
use crate::rule::{Concern, Effect, Grade, Rule, Scope, Side};
use crate::view::{Subject, View};
use crate::weigh;
use crate::{Dimension, Knowledge};
use std::collections::HashMap;

/// A comparison that rules make, once however many make it.
pub struct Condition<'k> {
    /// The expression over the brief.
    left: &'k Expr,
    comparison: Comparison,
    /// Lower end of the threshold.
    low: f64,
    /// Upper end of the threshold.
    high: f64,
    /// Whom it is asked about: that of its finest measure.
    pub scope: Scope,
    /// Classes of constraints that move it.
    classes: Vec<Class>,
    /// Places of the rules that make it.
    rules: Vec<usize>,
    /// Place of its first level.
    offset: usize,
}

impl Condition<'_> {
    /// What it compares.
    #[must_use]
    pub fn value(&self, view: &View, subject: Subject) -> f64 {
        self.left.value(view, subject)
    }

    /// How far it holds of a value.
    #[must_use]
    pub fn level(&self, value: f64) -> Level {
        self.comparison.level(value, self.low, self.high)
    }

    /// The end of the threshold at which a level begins.
    #[must_use]
    pub fn threshold(&self, level: Level) -> f64 {
        let least = matches!(self.comparison, Comparison::AtLeast | Comparison::Over);
        if least == (level == Level::Full) { self.high } else { self.low }
    }
}

/// A rule with names as places.
struct Row<'k> {
    rule: &'k Rule,
    /// Place of its dimension.
    dimension: usize,
    /// Place of its option in the dimension.
    option: usize,
    /// Places of its comparisons.
    conditions: Vec<usize>,
    /// Choices that it asks of earlier dimensions: dimension, option, whether it must not be that.
    choices: Vec<(usize, usize, bool)>,
    /// Place of its first level: one for each decision of its dimension.
    offset: usize,
}

/// A set of options chosen, by place of the decision; none where nothing is possible.
pub type Choices = Vec<Option<usize>>;

/// An earlier choice that gave way so that a later question has an answer: dimension, and the option that it gave up.
pub type GaveWay = Vec<(usize, usize)>;

/// Knowledge over one brief: what holds, what is chosen, and what would be if single conditions held otherwise.
pub struct Evaluator<'k> {
    dimensions: &'k [Dimension],
    conditions: Vec<Condition<'k>>,
    rows: Vec<Row<'k>>,
    /// `[dimension]`: places of its rows.
    own: Vec<Vec<usize>>,
    /// `[dimension]`: dimensions with rules that ask for its choice.
    dependents: Vec<Vec<usize>>,
    /// Dimension and data set of each decision.
    pub decisions: Vec<(usize, Option<usize>)>,
    /// `[dimension]`: place of its first decision.
    first: Vec<usize>,
    /// How many there are of each scope: entries, modules, sets.
    counts: (usize, usize, usize),
    /// `[concern]`: its place in the brief's priorities.
    ranks: [u16; Concern::ALL.len()],
    /// `[dimension][option]`: its place by the amount there is to run.
    runs: Vec<Vec<u16>>,
    /// Of each condition and subject.
    levels: Vec<Level>,
    /// Of each rule and decision, choices left aside.
    rule_levels: Vec<Level>,
    /// What is chosen at first, before any earlier choice gives way.
    winners: Choices,
    dirty: Vec<bool>,
    undo: Undo,
}

#[derive(Default)]
struct Undo {
    levels: Vec<(usize, Level)>,
    rule_levels: Vec<(usize, Level)>,
    winners: Vec<(usize, Option<usize>)>,
}

/// Where an option stands, in numbers that compare as `weigh::compare` does: the better is less.
type Key = [u16; 15];

/// What spoke of an option: the strongest of each concern and side, from one for slight; and whether it can be had.
#[derive(Clone, Copy, Default)]
struct Tally {
    readiness: u16,
    against: [u8; Concern::ALL.len()],
    supports: [u8; Concern::ALL.len()],
}

impl<'k> Evaluator<'k> {
    /// Evaluates a brief.
    #[must_use]
    pub fn new(knowledge: &'k Knowledge, view: &View) -> Evaluator<'k> {
        let brief = view.brief;
        let counts = (brief.load.len(), brief.modules.len(), brief.data.len());
        let rank = |concern: Concern| {
            let place = brief.priorities.iter().position(|word| word == concern.word());
            u16::try_from(place.unwrap_or(brief.priorities.len())).unwrap_or(u16::MAX / 2).min(u16::MAX / 2)
        };
        let mut evaluator = Evaluator {
            dimensions: &knowledge.dimensions,
            conditions: Vec::new(),
            rows: Vec::new(),
            own: vec![Vec::new(); knowledge.dimensions.len()],
            dependents: vec![Vec::new(); knowledge.dimensions.len()],
            decisions: Vec::new(),
            first: Vec::new(),
            counts,
            ranks: Concern::ALL.map(rank),
            runs: knowledge.dimensions.iter().map(places_to_run).collect(),
            levels: Vec::new(),
            rule_levels: Vec::new(),
            winners: Vec::new(),
            dirty: Vec::new(),
            undo: Undo::default(),
        };
        for (d, dimension) in knowledge.dimensions.iter().enumerate() {
            evaluator.first.push(evaluator.decisions.len());
            if dimension.per_set {
                evaluator.decisions.extend((0..counts.2).map(|set| (d, Some(set))));
            } else {
                evaluator.decisions.push((d, None));
            }
        }
        let mut known: HashMap<&str, usize> = HashMap::new();
        for d in 0..knowledge.dimensions.len() {
            for rule in &knowledge.dimensions[d].rules {
                evaluator.row(d, &knowledge.rules[*rule], &mut known);
            }
        }
        for condition in &evaluator.conditions {
            for n in 0..evaluator.count(condition.scope) {
                let value = condition.value(view, subject(condition.scope, n));
                evaluator.levels.push(condition.level(value));
            }
        }
        for row in &evaluator.rows {
            for place in 0..evaluator.span(row.dimension) {
                evaluator.rule_levels.push(evaluator.level_of(row, place));
            }
        }
        evaluator.winners = vec![None; evaluator.decisions.len()];
        evaluator.dirty = vec![true; evaluator.decisions.len()];
        evaluator.settle();
        evaluator.undo = Undo::default();
        evaluator
    }

    /// Adds a rule; one that asks for a choice that nobody can make is left out.
    fn row(&mut self, dimension: usize, rule: &'k Rule, known: &mut HashMap<&'k str, usize>) {
        let options = &self.dimensions[dimension].options;
        let option = options.iter().position(|option| option.name == rule.option);
        let option = option.expect("the loader let in only rules of known options");
        let place = self.rows.len();
        let (mut conditions, mut choices) = (Vec::new(), Vec::new());
        for predicate in &rule.when {
            match predicate {
                Predicate::Compare { left, comparison, low, high, ways, text, .. } => {
                    let at = *known.entry(text.as_str()).or_insert_with(|| {
                        let scope = scope_of(left);
                        let offset = self.conditions.last().map_or(0, |last| last.offset + self.count(last.scope));
                        let classes = ways.iter().map(|(class, _)| *class).collect();
                        let (comparison, low, high) = (*comparison, *low, *high);
                        let rules = Vec::new();
                        self.conditions.push(Condition { left, comparison, low, high, scope, classes, rules, offset });
                        self.conditions.len() - 1
                    });
                    if !conditions.contains(&at) {
                        conditions.push(at);
                    }
                }
                Predicate::Chosen { dimension: named, option, negated } => {
                    let asked = self.dimensions.iter().position(|item| item.name == *named);
                    let wanted = asked.and_then(|at| {
                        self.dimensions[at]
                            .options
                            .iter()
                            .position(|item| item.name == *option)
                            .map(|place| (at, place))
                    });
                    match wanted {
                        Some((at, place)) => choices.push((at, place, *negated)),
                        None if *negated => {}
                        None => return,
                    }
                }
            }
        }
        for at in &conditions {
            self.conditions[*at].rules.push(place);
        }
        for (asked, ..) in &choices {
            if !self.dependents[*asked].contains(&dimension) {
                self.dependents[*asked].push(dimension);
            }
        }
        let offset = self.rows.last().map_or(0, |last| last.offset + self.span(last.dimension));
        self.own[dimension].push(place);
        self.rows.push(Row { rule, dimension, option, conditions, choices, offset });
    }

    /// How many subjects a scope has.
    fn count(&self, scope: Scope) -> usize {
        match scope {
            Scope::Brief => 1,
            Scope::Entry => self.counts.0,
            Scope::Module => self.counts.1,
            Scope::Set => self.counts.2,
        }
    }

    /// How many decisions a dimension has.
    fn span(&self, dimension: usize) -> usize {
        if self.dimensions[dimension].per_set { self.counts.2 } else { 1 }
    }

    /// The level of a condition of a rule, for one of the rule's subjects.
    fn level_at(&self, condition: usize, n: usize) -> Level {
        let condition = &self.conditions[condition];
        self.levels[condition.offset + if condition.scope == Scope::Brief { 0 } else { n }]
    }

    /// How far the comparisons of a rule hold of the `place`-th decision of its dimension.
    fn level_of(&self, row: &Row, place: usize) -> Level {
        let at = |n: usize| row.conditions.iter().map(|at| self.level_at(*at, n)).min().unwrap_or(Level::Full);
        match self.each(row) {
            None => at(place),
            Some(count) => (0..count).map(at).max().unwrap_or(Level::No),
        }
    }

    /// How many subjects a rule asks of which one is enough; none where it asks of what is decided.
    fn each(&self, row: &Row) -> Option<usize> {
        let scope = row.rule.scope;
        let own = scope == Scope::Brief || scope == Scope::Set && self.dimensions[row.dimension].per_set;
        (!own).then(|| self.count(scope))
    }

    /// The modules, entry points or data sets that a rule matches.
    fn matched(&self, row: &Row) -> Vec<usize> {
        let holds = |n: &usize| row.conditions.iter().all(|at| self.level_at(*at, *n) != Level::No);
        (0..self.each(row).unwrap_or(0)).filter(holds).collect()
    }

    /// Places of the conditions that a class of constraints moves.
    pub fn moving(&self, class: Class) -> impl Iterator<Item = usize> + '_ {
        (0..self.conditions.len()).filter(move |at| self.conditions[*at].classes.contains(&class))
    }

    /// A condition.
    #[must_use]
    pub fn condition(&self, place: usize) -> &Condition<'k> {
        &self.conditions[place]
    }

    /// Those that a condition is asked about, with the place of their level.
    pub fn subjects(&self, condition: usize) -> impl Iterator<Item = (usize, Subject)> + use<> {
        let (offset, scope) = (self.conditions[condition].offset, self.conditions[condition].scope);
        (0..self.count(scope)).map(move |n| (offset + n, subject(scope, n)))
    }

    /// Whether a rule could be changed by a condition on a subject while only a class of constraints moves: none of the rule's
    /// conditions that stay keeps it silent.
    #[must_use]
    pub fn is_live(&self, condition: usize, subject: Subject, class: Class) -> bool {
        self.conditions[condition].rules.iter().any(|row| {
            let row = &self.rows[*row];
            let stays = |at: &&usize| !self.conditions[**at].classes.contains(&class);
            let others = || row.conditions.iter().filter(stays);
            let holds = |n: usize| others().all(|at| self.level_at(*at, n) != Level::No);
            match subject {
                Subject::Set(n) | Subject::Module(n) | Subject::Entry(n) => holds(n),
                Subject::Brief => (0..self.each(row).unwrap_or(self.span(row.dimension))).any(holds),
            }
        })
    }

    /// Says how far a condition holds of a subject; `settle` makes it count.
    pub fn set_level(&mut self, condition: usize, slot: usize, level: Level) {
        let before = std::mem::replace(&mut self.levels[slot], level);
        if before == level {
            return;
        }
        self.undo.levels.push((slot, before));
        let of_set = self.conditions[condition].scope == Scope::Set;
        let n = slot - self.conditions[condition].offset;
        for at in 0..self.conditions[condition].rules.len() {
            let row = &self.rows[self.conditions[condition].rules[at]];
            let own = of_set && self.each(row).is_none();
            let places = if own { n..n + 1 } else { 0..self.span(row.dimension) };
            let first = self.first[row.dimension];
            // Rules about modules and entry points say the same of every data set.
            let shared = self.each(row).map(|_| self.level_of(row, 0));
            for place in places {
                let level = shared.unwrap_or_else(|| self.level_of(row, place));
                let kept = row.offset + place;
                if self.rule_levels[kept] != level {
                    self.undo.rule_levels.push((kept, self.rule_levels[kept]));
                    self.rule_levels[kept] = level;
                    self.dirty[first + place] = true;
                }
            }
        }
    }

    /// Whether a rule speaks on any decision under these choices.
    #[must_use]
    pub fn is_heard(&self, rule: &str, choices: &[Option<usize>]) -> bool {
        let Some(row) = self.rows.iter().find(|row| row.rule.id == rule) else { return false };
        (0..self.span(row.dimension)).any(|place| self.speaks(row, place, choices) != Level::No)
    }

    /// Keeps a rule silent on every decision; `settle` makes it count, `rollback` lets it speak again.
    pub fn silence(&mut self, rule: &str) {
        let Some(at) = self.rows.iter().position(|row| row.rule.id == rule) else { return };
        let (offset, dimension) = (self.rows[at].offset, self.rows[at].dimension);
        for place in 0..self.span(dimension) {
            let before = std::mem::replace(&mut self.rule_levels[offset + place], Level::No);
            if before != Level::No {
                self.undo.rule_levels.push((offset + place, before));
                self.dirty[self.first[dimension] + place] = true;
            }
        }
    }

    /// Weighs again what has changed.
    pub fn settle(&mut self) {
        for decision in 0..self.decisions.len() {
            if !std::mem::replace(&mut self.dirty[decision], false) {
                continue;
            }
            let winner = self.best(decision, &self.winners);
            if winner == self.winners[decision] {
                continue;
            }
            self.undo.winners.push((decision, self.winners[decision]));
            self.winners[decision] = winner;
            let (dimension, set) = self.decisions[decision];
            if set.is_none() {
                for n in 0..self.dependents[dimension].len() {
                    let later = self.dependents[dimension][n];
                    let from = self.first[later];
                    let to = from + self.span(later);
                    self.dirty[from..to].fill(true);
                }
            }
        }
    }

    /// Back to the brief as it stands.
    pub fn rollback(&mut self) {
        for (place, level) in self.undo.levels.drain(..).rev() {
            self.levels[place] = level;
        }
        for (place, level) in self.undo.rule_levels.drain(..).rev() {
            self.rule_levels[place] = level;
        }
        for (place, winner) in self.undo.winners.drain(..).rev() {
            self.winners[place] = winner;
        }
    }

    /// What is chosen, after earlier choices gave way where later questions would else have no answer.
    #[must_use]
    pub fn chosen(&self) -> (Choices, GaveWay) {
        let (mut best, mut gave_way) = (self.winners.clone(), GaveWay::new());
        let stuck = |choices: &Choices| choices.iter().filter(|choice| choice.is_none()).count();
        // Each dimension gives way at most once, and only where that leaves fewer questions without an answer.
        while let Some(dimension) = self.clash(&best) {
            let Some(given) = best[self.first[dimension]] else { break };
            if gave_way.iter().any(|(known, _)| *known == dimension) {
                break;
            }
            let mut trial_gave = gave_way.clone();
            trial_gave.push((dimension, given));
            let Some(trial) = self.pass(&trial_gave) else { break };
            if stuck(&trial) >= stuck(&best) {
                break;
            }
            (best, gave_way) = (trial, trial_gave);
        }
        (best, gave_way)
    }

    /// What is chosen when some dimensions take their second; none where one of them has no second.
    fn pass(&self, gave_way: &GaveWay) -> Option<Choices> {
        let mut choices = self.winners.clone();
        let mut dirty = vec![false; self.decisions.len()];
        for (dimension, _) in gave_way {
            dirty[self.first[*dimension]] = true;
        }
        for decision in 0..self.decisions.len() {
            if !dirty[decision] {
                continue;
            }
            let (dimension, set) = self.decisions[decision];
            let winner = if gave_way.iter().any(|(known, _)| *known == dimension) {
                let ranked = self.ranked(decision, &choices);
                let (second, _) = ranked.get(1).filter(|(_, key)| key[0] != IMPOSSIBLE)?;
                Some(*second)
            } else {
                self.best(decision, &choices)
            };
            if winner != choices[decision] {
                choices[decision] = winner;
                if set.is_none() {
                    for later in &self.dependents[dimension] {
                        let from = self.first[*later];
                        dirty[from..from + self.span(*later)].fill(true);
                    }
                }
            }
        }
        Some(choices)
    }

    /// The earlier dimension that the vetoes of a question without any possible option name.
    fn clash(&self, choices: &Choices) -> Option<usize> {
        let stuck = choices.iter().position(Option::is_none)?;
        let (dimension, _) = self.decisions[stuck];
        let place = stuck - self.first[dimension];
        let ranked = self.ranked(stuck, choices);
        ranked.iter().find_map(|(option, _)| {
            let vetoes = self.own[dimension].iter().map(|row| &self.rows[*row]).filter(|row| {
                let level = self.speaks(row, place, choices);
                row.option == *option && weigh::effect_at(row.rule.effect, level) == Some(Effect::Impossible)
            });
            let naming = vetoes.filter(|row| !row.choices.is_empty());
            naming.min_by(|one, other| one.rule.id.cmp(&other.rule.id)).map(|row| row.choices[0].0)
        })
    }

    /// How far a rule speaks on a decision, under these choices.
    fn speaks(&self, row: &Row, place: usize, choices: &[Option<usize>]) -> Level {
        let made = |(dimension, option, negated): &(usize, usize, bool)| {
            (choices[self.first[*dimension]] == Some(*option)) != *negated
        };
        if row.choices.iter().all(made) { self.rule_levels[row.offset + place] } else { Level::No }
    }

    /// What spoke of each option of a decision, counted.
    fn keys(&self, decision: usize, choices: &[Option<usize>]) -> Vec<Key> {
        let (dimension, _) = self.decisions[decision];
        let place = decision - self.first[dimension];
        let mut tallies = vec![Tally::default(); self.dimensions[dimension].options.len()];
        for row in &self.own[dimension] {
            let row = &self.rows[*row];
            if self.rule_levels[row.offset + place] == Level::No {
                continue;
            }
            if let Some(effect) = weigh::effect_at(row.rule.effect, self.speaks(row, place, choices)) {
                tallies[row.option].hear(effect, row.rule.concern);
            }
        }
        tallies.iter().enumerate().map(|(option, tally)| self.key(dimension, option, tally)).collect()
    }

    fn key(&self, dimension: usize, option: usize, tally: &Tally) -> Key {
        let mut key = [0; 15];
        key[0] = tally.readiness;
        for (n, grade) in [3u8, 2, 1].into_iter().enumerate() {
            // How many concerns, and the most important of them.
            let count = |own: &[u8], mirror: &[u8]| {
                let (mut many, mut first) = (0u16, u16::MAX / 2);
                for concern in 0..own.len() {
                    if own[concern] == grade && mirror[concern] != grade {
                        many += 1;
                        first = first.min(self.ranks[concern]);
                    }
                }
                (many, first)
            };
            let (objections, objected) = count(&tally.against, &tally.supports);
            let (supports, supported) = count(&tally.supports, &tally.against);
            key[1 + 4 * n] = objections;
            key[2 + 4 * n] = u16::MAX - objected;
            key[3 + 4 * n] = u16::MAX - supports;
            key[4 + 4 * n] = supported;
        }
        key[13] = self.runs[dimension][option];
        key[14] = option as u16;
        key
    }

    /// The options of a decision from the best to the worst.
    fn ranked(&self, decision: usize, choices: &[Option<usize>]) -> Vec<(usize, Key)> {
        let mut ranked: Vec<(usize, Key)> = self.keys(decision, choices).into_iter().enumerate().collect();
        ranked.sort_by_key(|(_, key)| *key);
        ranked
    }

    fn best(&self, decision: usize, choices: &[Option<usize>]) -> Option<usize> {
        let keys = self.keys(decision, choices);
        let (option, key) = keys.iter().enumerate().min_by_key(|(_, key)| **key)?;
        (key[0] != IMPOSSIBLE).then_some(option)
    }

    /// Everything that speaks on a decision under these choices: place of the option, the rule, how far, and the modules, entry
    /// points or data sets that it matched.
    #[must_use]
    pub fn speaking(&self, decision: usize, choices: &[Option<usize>]) -> Vec<(usize, &'k Rule, Level, Vec<usize>)> {
        let (dimension, _) = self.decisions[decision];
        let place = decision - self.first[dimension];
        let rows = self.own[dimension].iter().map(|row| &self.rows[*row]);
        let heard = rows.map(|row| (row, self.speaks(row, place, choices))).filter(|(_, level)| *level != Level::No);
        heard.map(|(row, level)| (row.option, row.rule, level, self.matched(row))).collect()
    }
}

const IMPOSSIBLE: u16 = 2;

impl Tally {
    fn hear(&mut self, effect: Effect, concern: Concern) {
        let concern = concern as usize;
        let number = |grade: Grade| grade as u8 + 1;
        match effect {
            Effect::Impossible => self.readiness = IMPOSSIBLE,
            Effect::Unready => self.readiness = self.readiness.max(1),
            Effect::Argues(Side::Against, grade) => self.against[concern] = self.against[concern].max(number(grade)),
            Effect::Argues(Side::For, grade) => self.supports[concern] = self.supports[concern].max(number(grade)),
        }
    }
}

/// Of each option its place by the amount there is to run; equal amounts have equal places.
fn places_to_run(dimension: &Dimension) -> Vec<u16> {
    let amounts: Vec<[u32; 4]> = dimension.options.iter().map(|option| option.runs).collect();
    amounts.iter().map(|own| amounts.iter().filter(|other| *other < own).count() as u16).collect()
}

/// Whom an expression is asked about: the scope of its finest measure.
fn scope_of(expression: &Expr) -> Scope {
    let mut scope = Scope::Brief;
    expression.each(&mut |part| {
        if let Expr::Measure(measure) = part
            && measure.scope != Scope::Brief
        {
            scope = measure.scope;
        }
    });
    scope
}

fn subject(scope: Scope, n: usize) -> Subject {
    match scope {
        Scope::Brief => Subject::Brief,
        Scope::Set => Subject::Set(n),
        Scope::Module => Subject::Module(n),
        Scope::Entry => Subject::Entry(n),
    }
}
