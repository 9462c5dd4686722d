//! What must hold of every brief: flips flip, losers don't matter, support never hurts, order doesn't matter.

use super::{knowledge, reference, sample};
use crate::Knowledge;
use crate::constraint::{self, Setting};
use crate::decision::FlipSide;
use crate::evaluate::Evaluator;
use crate::frame::Frame;
use crate::measure::{MEASURES, Way};
use crate::predicate::Predicate;
use crate::rule::Scope;
use crate::view::{Chosen, Subject, View};
use crate::weigh::Readiness;
use groundplan_model::brief::Brief;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn briefs() -> Vec<Brief> {
    vec![sample::brief(), sample::many_teams(), sample::intake(), sample::one_hot_module()]
}

/// The number behind a setting.
pub(super) fn number(constraint: &constraint::Constraint, setting: &Setting) -> f64 {
    match (setting, constraint.domain) {
        (Setting::Number(number), _) => *number,
        (Setting::Word(word), constraint::Domain::Words(words)) => {
            words.iter().position(|known| known == word).unwrap() as f64
        }
        (Setting::Word(word), _) => panic!("{word} is no number"),
    }
}

fn chosen(knowledge: &Knowledge, brief: &Brief, dimension: &str, subject: &Option<String>) -> String {
    let choices = knowledge.choose(brief);
    let (_, _, option) = choices.into_iter().find(|(name, set, _)| name == dimension && set == subject).unwrap();
    option.unwrap_or("nothing possible".into())
}

#[test]
fn flips_flip_at_their_value_and_not_just_before() {
    let mut seen = 0;
    for brief in briefs() {
        seen += flips_flip(knowledge(), &brief);
    }
    assert!(seen > 50, "{seen} flips were tried");
}

#[test]
fn what_changes_above_nothing_is_told_as_zero() {
    let mut above = 0;
    for brief in briefs() {
        for flip in knowledge().decide(&brief).decisions.iter().flat_map(|decision| &decision.flips) {
            let least = matches!(flip.at, Setting::Number(at) if at > 0.0 && at < f64::MIN_POSITIVE);
            assert_eq!(flip.side == FlipSide::Above, least, "{flip:?}");
            assert!(!least || flip.threshold().starts_with("above 0"), "{flip:?}");
            above += usize::from(least);
        }
    }
    assert!(above > 0);
}

/// What is chosen with one constraint at a value; each point is decided once.
struct Points<'a> {
    knowledge: &'a Knowledge,
    brief: &'a Brief,
    all: Vec<constraint::Constraint>,
    today: Answers,
    known: BTreeMap<(String, u64), Answers>,
}

type Answers = Vec<(String, Option<String>, Option<String>)>;

impl Points<'_> {
    fn constraint(&self, path: &str) -> constraint::Constraint {
        self.all.iter().find(|item| item.path == path).unwrap().clone()
    }

    fn at(&mut self, constraint: &constraint::Constraint, value: f64) -> &Answers {
        // The value of today is what the brief itself says, which need not be a plain number.
        if value == constraint.get(self.brief) {
            return &self.today;
        }
        self.known.entry((constraint.path.clone(), value.to_bits())).or_insert_with(|| {
            let mut changed = self.brief.clone();
            constraint.set(&mut changed, value);
            self.knowledge.choose(&changed)
        })
    }
}

/// Tries every flip of every decision and every leeway of a brief, both sides: one step short it stands, at the point it changes as
/// is said. Gives the number of flips.
fn flips_flip(knowledge: &Knowledge, brief: &Brief) -> usize {
    let mut seen = 0;
    let (today, all) = (knowledge.choose(brief), constraint::constraints(brief));
    let mut points = Points { knowledge, brief, all, today, known: BTreeMap::new() };
    let decisions = knowledge.decide(brief);
    let decided =
        decisions.decisions.iter().map(|item| (&item.dimension, &item.subject, Some(&item.option), &item.flips));
    let stuck = decisions.conflicts.iter().map(|item| (&item.dimension, &item.subject, None, &item.resolved_by));
    for (dimension, subject, option, flips) in decided.chain(stuck) {
        let of = |answers: &Answers| {
            answers.iter().find(|(name, set, _)| name == dimension && set == subject).unwrap().2.clone()
        };
        for flip in flips {
            let constraint = points.constraint(&flip.constraint);
            let at = number(&constraint, &flip.at);
            let there = of(points.at(&constraint, at));
            assert_eq!(there.as_deref().unwrap_or("nothing possible"), flip.option, "{} {flip:?}", brief.name);
            let before = of(points.at(&constraint, step_short(&constraint, at, flip.side)));
            assert_eq!(before.as_ref(), option, "{} just before {flip:?}", brief.name);
            seen += 1;
        }
    }
    for leeway in &decisions.leeways {
        let constraint = points.constraint(&leeway.constraint);
        for turn in leeway.turns() {
            let at = number(&constraint, &turn.at);
            let before = points.at(&constraint, step_short(&constraint, at, turn.side)).clone();
            assert_eq!(before, points.today, "{} just before {leeway:?}", brief.name);
            let there = points.at(&constraint, at).clone();
            let differ = points.today.iter().zip(there).filter(|(one, other)| **one != *other);
            let differ: Vec<_> = differ.map(|(one, other)| (&one.0, &one.1, &one.2, other.2)).collect();
            let said: Vec<_> =
                turn.changes.iter().map(|item| (&item.dimension, &item.subject, &item.from, item.to.clone())).collect();
            assert_eq!(said, differ, "{} at {leeway:?}", brief.name);
        }
    }
    seen
}

/// The neighbour of a point on the side of today.
pub(super) fn step_short(constraint: &constraint::Constraint, at: f64, side: FlipSide) -> f64 {
    match (constraint.domain, side) {
        (constraint::Domain::Real(..), FlipSide::AtOrAbove | FlipSide::Above) => f64::from_bits(at.to_bits() - 1),
        (constraint::Domain::Real(..), FlipSide::AtOrBelow) => f64::from_bits(at.to_bits() + 1),
        (_, FlipSide::AtOrAbove | FlipSide::Above) => at - 1.0,
        (_, FlipSide::AtOrBelow) => at + 1.0,
    }
}

/// A brief of ours with a few constraints set to any value they may take.
fn any_brief() -> impl Strategy<Value = Brief> {
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), 0.0f64..1.0), 0..8);
    (0..briefs().len(), changes).prop_map(|(which, changes)| {
        let mut brief = briefs().swap_remove(which);
        for (index, share) in changes {
            let all = constraint::constraints(&brief);
            let constraint = index.get(&all);
            constraint.set(&mut brief, at(constraint, share));
        }
        brief
    })
}

/// A value of a constraint: a share of the way through its domain, on a logarithmic scale for numbers.
fn at(constraint: &constraint::Constraint, share: f64) -> f64 {
    match constraint.domain {
        constraint::Domain::Real(low, high) => {
            let low = if low > 0.0 { low } else { high * 1e-9 };
            (low * (high / low).powf(share)).clamp(low, high)
        }
        constraint::Domain::Whole(low, high) => {
            let least = low.max(1) as f64;
            (least * (high as f64 / least).powf(share)).round()
        }
        constraint::Domain::Words(words) => (words.len() as f64 * share).floor(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn flips_flip_on_any_brief(brief in any_brief()) {
        flips_flip(knowledge(), &brief);
    }

    /// The tables choose what the plain road chooses, and so do the standings that are told.
    #[test]
    fn both_roads_choose_alike(brief in any_brief()) {
        let frame = Frame::of(&brief);
        let view = View::new(&brief, &frame);
        let evaluator = Evaluator::new(knowledge(), &view);
        let plain: Vec<Option<usize>> =
            reference::choose(knowledge(), &view).into_iter().map(|(_, _, option)| option).collect();
        prop_assert_eq!(&plain, &evaluator.chosen().0);
        let told = crate::decide::weigh_all(knowledge(), &brief, &evaluator);
        prop_assert_eq!(plain, told.iter().map(|item| item.winner()).collect::<Vec<_>>());
    }
    #[test]
    fn the_greedy_result_is_the_first_vector_without_a_veto_on_any_brief(brief in any_brief()) {
        greedy_is_first(&brief);
    }
}

#[test]
fn the_greedy_result_is_the_first_vector_without_a_veto_on_every_example() {
    for brief in briefs().into_iter().chain(examples()) {
        greedy_is_first(&brief);
    }
}

/// What is chosen is the lexicographically first vector of ranks in which every question has an answer. Where an earlier choice gave
/// way, the decision says so, and only that every question has an answer is held; where no vector is without a veto, there is a
/// conflict.
fn greedy_is_first(brief: &Brief) {
    let frame = Frame::of(brief);
    let view = View::new(brief, &frame);
    let (choices, gave_way) = Evaluator::new(knowledge(), &view).chosen();
    let mut vector = Vec::new();
    let found = first_vector(&view, 0, &mut Vec::new(), &mut vector);
    assert_eq!(found, choices.iter().all(Option::is_some), "{}: an answer to every question", brief.name);
    if found && gave_way.is_empty() {
        assert_eq!(choices, vector.into_iter().map(Some).collect::<Vec<_>>(), "{}", brief.name);
    } else if !gave_way.is_empty() {
        let decisions = knowledge().decide(brief);
        assert_eq!(decisions.decisions.iter().filter(|item| item.fell_back.is_some()).count(), gave_way.len());
    }
}

/// Depth first over the options of each question in their order: the lexicographically first vector of ranks. Only questions that a
/// later rule asks about are tried beyond their first possible option: others leave nothing to later ones.
fn first_vector(view: &View, dimension: usize, chosen: &mut Chosen, vector: &mut Vec<usize>) -> bool {
    let Some(entry) = knowledge().dimensions.get(dimension) else { return true };
    let before = vector.len();
    let possible = |chosen: &Chosen, subject: Subject| -> Vec<usize> {
        let standings = reference::standings(knowledge(), dimension, view, chosen, subject);
        let standings = standings.into_iter().filter(|item| item.readiness != Readiness::Impossible);
        standings.map(|item| item.option).collect()
    };
    if entry.per_set {
        for set in 0..view.brief.data.len() {
            let Some(option) = possible(chosen, Subject::Set(set)).first().copied() else {
                vector.truncate(before);
                return false;
            };
            vector.push(option);
        }
        let found = first_vector(view, dimension + 1, chosen, vector);
        vector.truncate(if found { vector.len() } else { before });
        return found;
    }
    let asks =
        |predicate: &Predicate| matches!(predicate, Predicate::Chosen { dimension, .. } if *dimension == entry.name);
    let asked = knowledge().rules.iter().any(|rule| rule.when.iter().any(asks));
    let options = possible(chosen, Subject::Brief);
    for option in options.into_iter().take(if asked { usize::MAX } else { 1 }) {
        chosen.push((entry.name.clone(), entry.options[option].name.clone()));
        vector.push(option);
        if first_vector(view, dimension + 1, chosen, vector) {
            return true;
        }
        chosen.pop();
        vector.truncate(before);
    }
    false
}

/// The examples of the repository and the known cases.
fn examples() -> Vec<Brief> {
    let texts = [
        include_str!("../../../../examples/b2b-tenants.brief.yaml"),
        include_str!("../../../../examples/clearance-assistant.brief.yaml"),
        include_str!("../../../../examples/monitoring.brief.yaml"),
        include_str!("../../../../examples/monolith-today.brief.yaml"),
        include_str!("../../../../examples/pastebin.brief.yaml"),
        include_str!("../../../../examples/payments-core.brief.yaml"),
        include_str!("../../../../examples/small-team.brief.yaml"),
        include_str!("../../../../examples/web-shop-impossible.brief.yaml"),
        include_str!("../../../../examples/web-shop.brief.yaml"),
        include_str!("cases/bank.brief.yaml"),
        include_str!("cases/commerce.brief.yaml"),
        include_str!("cases/games.brief.yaml"),
        include_str!("cases/routing.brief.yaml"),
    ];
    let read = |text: &str| groundplan_model::reader::read_brief(text).value.unwrap();
    texts.into_iter().map(read).collect()
}

/// Rules spread by counting over all quantities, with ranges and choices: what people would hardly write.
#[test]
fn flips_flip_with_made_up_rules() {
    let scope = |scope: Scope| match scope {
        Scope::Brief => "brief",
        Scope::Set => "set",
        Scope::Module => "module",
        Scope::Entry => "entry",
    };
    let quantities: Vec<super::large::Quantity> =
        MEASURES.iter().map(|measure| (measure.name, measure.unit, scope(measure.scope))).collect();
    let more = Knowledge::load(&super::large::overlay(300, &crate::DIMENSIONS, &quantities)).unwrap();
    let seen: usize = briefs().iter().map(|brief| flips_flip(&more, brief)).sum();
    assert!(seen > 50, "{seen}");
}

/// Messaging is possible only with services, or above some load: the style gives way, and does so no longer where the load is.
#[test]
fn flips_flip_where_choices_give_way_and_where_nothing_is_possible() {
    let veto = |when: &str| -> Vec<(String, String)> {
        let messaging = knowledge().dimensions().iter().find(|item| item.name == "messaging").unwrap();
        let options = messaging.options.iter().map(|option| &option.name);
        let fact = "kind: facts\nfacts:\n  little: { name: little, value: 900/s, range: 600/s..1200/s, source: blueprint, date: '2026', mark: A }\n";
        let rules = options.map(|option| {
            format!("  - {{ rule: no-{option}, dimension: messaging, option: {option}, when: {when}, impossible: scale, text: x, sources: {{ blueprint: arithmetic }} }}\n")
        });
        let rules = format!("kind: rules\nrules:\n{}", rules.collect::<String>());
        vec![("facts/little.yaml".into(), fact.into()), ("rules/none.yaml".into(), rules)]
    };
    let clash = veto("[architecture-style is modular-monolith, \"load.total.rate >= fact.little\"]");
    let clash = Knowledge::load(&clash).unwrap();
    let mut busy = sample::brief();
    busy.load[0].rate = groundplan_model::quantity::Ranged::exactly(groundplan_model::units::PerSecond(1_500.0));
    assert!(clash.decide(&busy).of("architecture-style", None).unwrap().fell_back.is_some());
    assert!(flips_flip(&clash, &busy) > 0 && flips_flip(&clash, &sample::brief()) > 0);
    let rate = |knowledge: &Knowledge, brief: &Brief| {
        let decisions = knowledge.decide(brief);
        decisions.leeways.into_iter().find(|item| item.constraint == "load.front.ask.rate").unwrap()
    };
    assert!(rate(&clash, &sample::brief()).above.is_some(), "the style gives way above some load");

    let nothing = Knowledge::load(&veto("[\"load.total.rate >= fact.little\"]")).unwrap();
    let decisions = nothing.decide(&busy);
    let [conflict] = &decisions.conflicts[..] else { panic!("{:?}", decisions.conflicts) };
    assert_eq!(conflict.dimension, "messaging");
    assert_eq!(conflict.held[0].now, "1600/s");
    assert_eq!(conflict.held[0].threshold, "600/s to 1200/s");
    assert!(conflict.resolved_by.iter().any(|flip| flip.constraint == "load.front.ask.rate"), "{conflict:#?}");
    assert!(conflict.text.contains("load.front.ask.rate below 1100/s (now 1500/s)"), "{}", conflict.text);
    assert!(flips_flip(&nothing, &busy) > 0 && flips_flip(&nothing, &sample::brief()) > 0);
}

#[test]
fn flips_flip_on_every_example() {
    for brief in examples() {
        assert!(flips_flip(knowledge(), &brief) > 0, "{}", brief.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The shape of a brief is what no constraint changes.
    #[test]
    fn frames_do_not_move(brief in any_brief(), share in 0.0f64..1.0) {
        let frame = format!("{:?}", Frame::of(&brief));
        for constraint in constraint::constraints(&brief) {
            let mut changed = brief.clone();
            constraint.set(&mut changed, at(&constraint, share));
            let mut restored = changed.clone();
            crate::flip::restore(&mut restored, &brief, &constraint);
            prop_assert!(restored == brief, "{} is taken back", constraint.path);
            prop_assert_eq!(&frame, &format!("{:?}", Frame::of(&changed)), "{}", constraint.path);
        }
    }

    /// What flips rest on: a measure moves with each constraint as it says, and not at all with the others.
    #[test]
    fn measures_move_as_they_say(brief in any_brief(), one in 0.0f64..1.0, two in 0.0f64..1.0, three in 0.0f64..1.0) {
        let mut shares = [one, two, three];
        shares.sort_by(f64::total_cmp);
        measures_move(&brief, shares);
    }
}

#[test]
fn measures_move_as_they_say_on_every_example() {
    for brief in examples() {
        measures_move(&brief, [0.3, 0.6, 0.9]);
    }
}

fn measures_move(brief: &Brief, shares: [f64; 3]) {
    let frame = Frame::of(brief);
    for constraint in constraint::constraints(brief) {
        let changed = shares.map(|share| {
            let mut changed = brief.clone();
            constraint.set(&mut changed, at(&constraint, share));
            changed
        });
        let views = changed.each_ref().map(|brief| View::new(brief, &frame));
        for measure in MEASURES.iter() {
            let subjects = match measure.scope {
                Scope::Brief => vec![Subject::Brief],
                Scope::Set => (0..brief.data.len()).map(Subject::Set).collect(),
                Scope::Module => (0..brief.modules.len()).map(Subject::Module).collect(),
                Scope::Entry => (0..brief.load.len()).map(Subject::Entry).collect(),
            };
            for subject in subjects {
                let values = views.each_ref().map(|view| (measure.value)(view, subject));
                let [a, b, c] = values;
                // Sums of many floats may differ in their last digits where nothing moves.
                let not_less = |a: f64, b: f64| b >= a - a.abs() * 1e-9;
                let way = measure.ways.iter().find(|(class, _)| *class == constraint.class).map(|(_, way)| *way);
                let (up, down) = (not_less(a, b) && not_less(b, c), not_less(c, b) && not_less(b, a));
                let holds = match way {
                    None => up && down,
                    Some(Way::Up) => up,
                    Some(Way::Down) => down,
                    Some(Way::Either) => up || down,
                };
                assert!(holds, "{} with {}: {values:?}", measure.name, constraint.path);
                assert!(values.iter().all(|value| *value >= 0.0 && value.is_finite()), "{values:?}");
            }
        }
    }
}

#[test]
fn removing_a_loser_never_changes_the_winner() {
    for brief in briefs() {
        for decision in &knowledge().decide(&brief).decisions {
            for loser in decision.ranking.iter().skip(1) {
                let mut fewer = knowledge().clone();
                remove(&mut fewer, &decision.dimension, &loser.option);
                assert_eq!(chosen(&fewer, &brief, &decision.dimension, &decision.subject), decision.option);
            }
        }
    }
}

fn remove(knowledge: &mut Knowledge, dimension: &str, option: &str) {
    let rules = knowledge.rules.clone();
    let entry = knowledge.dimensions.iter_mut().find(|item| item.name == dimension).unwrap();
    entry.options.retain(|item| item.name != option);
    entry.rules.retain(|rule| rules[*rule].option != option);
}

#[test]
fn adding_support_never_hurts() {
    use crate::rule::{Concern, Effect, Grade, Side};
    let mut more = knowledge().clone();
    let place = more.rules.len();
    more.rules.push(more.rules[0].clone());
    for brief in briefs() {
        for (n, decision) in knowledge().decide(&brief).decisions.iter().enumerate() {
            let dimension = more.dimensions.iter().position(|item| item.name == decision.dimension).unwrap();
            more.dimensions[dimension].rules.push(place);
            let rule = &mut more.rules[place];
            rule.id = "added".into();
            rule.dimension = decision.dimension.clone();
            rule.option = decision.option.clone();
            rule.scope = Scope::Brief;
            rule.when = Vec::new();
            // Three concerns of each decision, so that all have their turn.
            for concern in (0..3).map(|k| Concern::ALL[(3 * n + k) % Concern::ALL.len()]) {
                for grade in Grade::ALL {
                    more.rules[place].effect = Effect::Argues(Side::For, grade);
                    more.rules[place].concern = concern;
                    assert_eq!(chosen(&more, &brief, &decision.dimension, &decision.subject), decision.option);
                }
            }
            more.dimensions[dimension].rules.pop();
        }
    }
}

#[test]
fn the_order_of_rules_does_not_matter() {
    let mut turned = knowledge().clone();
    turned.dimensions.iter_mut().for_each(|dimension| dimension.rules.reverse());
    for brief in briefs() {
        let (one, other) = (knowledge().decide(&brief), turned.decide(&brief));
        assert!(one == other, "{}", brief.name);
    }
}
