//! From weighed options to a decision that people can follow: reasons, the first difference, what was overruled, how
//! sure it is, what is lacking. What sets two options apart, position by position, stands in `compared`; what to ask in `ask`.

use crate::compared;
use crate::decide::Weighed;
use crate::decision::{Confidence, Decision, Extraction, Flip, Held, NotYet, Ranked, Reason, Unmet};
use crate::flip;
use crate::held::{self, Telling};
use crate::predicate::{Level, Predicate};
use crate::rule::{Effect, Grade, Scope, Side};
use crate::view::Subject;
use crate::weigh::{self, Position, Readiness, Speaking, Standing};
use crate::{Knowledge, OptionEntry};
use groundplan_model::brief::Brief;
use groundplan_model::units::significant;

/// Tells one decision; none where nothing is possible. `flips` are its own.
#[must_use]
pub fn decision(knowledge: &Knowledge, telling: &Telling, weighed: &Weighed, flips: Vec<Flip>) -> Option<Decision> {
    let brief = telling.view.brief;
    let dimension = &knowledge.dimensions[weighed.dimension];
    let name = |standing: &Standing| dimension.options[standing.option].name.clone();
    weighed.winner()?;
    let winner = weighed.standings.first()?;
    let runner_up = weighed.standings.get(1).filter(|second| second.readiness != Readiness::Impossible);
    let second = weighed.standings.get(1);
    let runs: Vec<[u32; 4]> = dimension.options.iter().map(|option| option.runs).collect();
    let position = second.map(|second| weigh::compare(winner, second, &runs).1);
    let overruled = overruled(winner, runner_up, position);
    let subject = weighed.set.map_or(Subject::Brief, Subject::Set);
    let reasons = weighed.standings.iter().flat_map(|standing| reasons(telling, standing, &name(standing), subject));
    let not_yet = weighed
        .standings
        .iter()
        .filter(|standing| standing.readiness == Readiness::NotYet)
        .map(|standing| {
            let lacking = || standing.speaking.iter().filter(|item| item.effect == Effect::Unready);
            NotYet {
                option: name(standing),
                lacks: lacking().map(|item| item.rule.text.clone()).collect(),
                ready_when: lacking().filter_map(|item| item.rule.lifted_by.clone()).collect(),
            }
        })
        .collect();
    let tie = matches!(position, Some(Position::LessToRun | Position::Order));
    let ranking = weighed.standings.iter().map(|standing| ranked(name(standing), standing)).collect();
    let mut explanation = explanation(&name(winner), second.map(|second| (name(second), second)), winner, position);
    if winner.readiness == Readiness::NotYet {
        explanation.push_str(" Every option lacks something; this one lacks the least that matters.");
    }
    if let Some((earlier, option)) = &weighed.fell_back {
        explanation
            .push_str(&format!(" First in the comparison stood {option}; it left nothing possible in a later question, so {earlier} gave way to the second."));
    }
    let better = runner_up.map(|second| compared::better(winner, second, &name(second)));
    Some(Decision {
        dimension: dimension.name.clone(),
        subject: weighed.set.map(|set| brief.data[set].name.value.clone()),
        option: name(winner),
        runner_up: runner_up.map(name),
        confidence: confidence(telling, winner, position, &flips),
        reasons: reasons.collect(),
        comparison: second.map(|second| compared::comparison(winner, second, &runs)).unwrap_or_default(),
        runner_up_better: better.unwrap_or_default(),
        unmet: unmet(telling, &dimension.options[winner.option], winner, subject),
        flips,
        explanation,
        overruled,
        tie,
        ranking,
        not_yet,
        fell_back: weighed.fell_back.clone(),
    })
}

/// What spoke of one option, in order of weight.
fn reasons(telling: &Telling, standing: &Standing, option: &str, subject: Subject) -> Vec<Reason> {
    let mut list: Vec<Reason> =
        standing.speaking.iter().map(|item| reason(telling, standing, item, option, subject)).collect();
    let key = |reason: &Reason| {
        let veto = ["impossible", "unready"].iter().position(|veto| reason.veto == Some(veto)).unwrap_or(2);
        let side = std::cmp::Reverse(reason.side); // Objections stand before supports of their grade.
        (veto, std::cmp::Reverse(reason.grade), side, !reason.counts, reason.concern)
    };
    list.sort_by(|one, other| key(one).cmp(&key(other)).then_with(|| one.rule.cmp(&other.rule)));
    list
}

/// What the chosen option needs and does not have: the rules that call it unready, and its preconditions that don't hold.
fn unmet(telling: &Telling, option: &OptionEntry, winner: &Standing, subject: Subject) -> Vec<Unmet> {
    let now = |held: &[Held]| -> String {
        let told: Vec<String> = held.iter().map(|held| format!("{} is {}", held.quantity, held.now)).collect();
        told.join(", ")
    };
    let lacking = winner.speaking.iter().filter(|item| item.effect == Effect::Unready);
    let by_rule = lacking.map(|item| {
        let needs: Vec<String> = item.rule.when.iter().map(held::negated).collect();
        let of = telling.subject(item.rule.scope, &item.subjects, subject);
        Unmet {
            needs: needs.join(" or "),
            now: now(&telling.rule(item.rule, &item.subjects, subject)),
            text: item.rule.text.clone(),
            to_do: item.rule.lifted_by.clone().unwrap_or_default(),
            assumed: item.rule.when.iter().any(|predicate| !telling.assumed(predicate, of).is_empty()),
            rule: Some(item.rule.id.clone()),
        }
    });
    let fails = |needs: &Predicate| needs.level(telling.view, telling.chosen, subject) == Level::No;
    let missing = option.preconditions.iter().filter(|item| fails(&item.needs));
    let by_option = missing.map(|item| Unmet {
        needs: item.needs.text(),
        now: now(&[telling.held(&item.needs, subject)]),
        text: item.text.clone(),
        to_do: item.to_do.clone(),
        assumed: !telling.assumed(&item.needs, subject).is_empty(),
        rule: None,
    });
    by_rule.chain(by_option).collect()
}

fn ranked(option: String, standing: &Standing) -> Ranked {
    let concerns = |ranks: &[Vec<weigh::Rank>; 3]| {
        [Grade::Strong, Grade::Normal, Grade::Slight]
            .map(|grade| ranks[grade as usize].iter().map(|(_, concern)| *concern).collect())
    };
    Ranked {
        option,
        readiness: match standing.readiness {
            Readiness::Ready => "ready",
            Readiness::NotYet => "not-yet",
            Readiness::Impossible => "impossible",
        },
        objections: concerns(&standing.objections),
        supports: concerns(&standing.supports),
        contested: compared::contested(standing),
    }
}

fn reason(telling: &Telling, standing: &Standing, item: &Speaking, option: &str, subject: Subject) -> Reason {
    let (side, grade, veto) = match item.effect {
        Effect::Argues(side, grade) => (side, grade, None),
        Effect::Impossible => (Side::Against, Grade::Strong, Some("impossible")),
        Effect::Unready => (Side::Against, Grade::Strong, Some("unready")),
    };
    Reason {
        rule: item.rule.id.clone(),
        option: option.to_string(),
        side,
        concern: item.rule.concern,
        grade,
        veto,
        lowered: item.lowered,
        text: item.rule.text.clone(),
        about: telling.names(item.rule.scope, &item.subjects),
        sources: item.rule.sources.clone(),
        because: item.rule.when.iter().map(Predicate::text).collect(),
        held: telling.rule(item.rule, &item.subjects, subject),
        counts: veto.is_some() || compared::counts(standing, item),
        contested: veto.is_none() && compared::is_contested(standing, item),
        lifted_by: item.rule.lifted_by.clone(),
        origin: item.rule.origin,
    }
}

/// The strongest argument on one side that stands at a position of a standing, and is not contested.
fn standing_at<'a, 'b>(standing: &'b Standing<'a>, side: Side, grade: Grade) -> impl Iterator<Item = &'b Speaking<'a>> {
    let ranks = match side {
        Side::For => &standing.supports[grade as usize],
        Side::Against => &standing.objections[grade as usize],
    };
    ranks.iter().filter_map(move |(_, concern)| {
        let speaks = |item: &&Speaking| item.rule.concern == *concern && item.effect == Effect::Argues(side, grade);
        standing.speaking.iter().filter(speaks).min_by_key(|item| &item.rule.id)
    })
}

/// The first position at which winner and second differ, and the arguments that stand there.
fn explanation(
    name: &str,
    second: Option<(String, &Standing)>,
    winner: &Standing,
    position: Option<Position>,
) -> String {
    let (Some((other, second)), Some(position)) = (second, position) else {
        return format!("{name} is the only option.");
    };
    // Concerns that both have at this position set nothing apart; where all are shared, the first in the priorities does.
    let texts = |standing: &Standing, mirror: &Standing, side: Side, grade: Grade| -> String {
        let shared: Vec<_> = standing_at(mirror, side, grade).map(|item| item.rule.concern).collect();
        let all: Vec<&Speaking> = standing_at(standing, side, grade).collect();
        let own = all.iter().filter(|item| !shared.contains(&item.rule.concern));
        let own: Vec<&str> = own.map(|item| item.rule.text.trim_end_matches('.')).collect();
        if own.is_empty() { all.first().map_or(String::new(), |item| item.rule.text.clone()) } else { own.join("; ") }
    };
    // The argument about the concern that matters most.
    let first = |standing: &Standing, side: Side, grade: Grade| -> String {
        standing_at(standing, side, grade).next().map_or(String::new(), |item| item.rule.text.clone())
    };
    match position {
        Position::Readiness => {
            let veto = second.speaking.iter().find(|item| match second.readiness {
                Readiness::Impossible => item.effect == Effect::Impossible,
                _ => item.effect == Effect::Unready,
            });
            let how = if second.readiness == Readiness::Impossible { "can't be had" } else { "is not ready" };
            let why = veto.map_or(String::new(), |item| format!(": {}", item.rule.text));
            format!("{name} rather than {other}, which {how} here{why}.")
        }
        Position::Objections(grade) => {
            let (own, others) = (winner.objections[grade as usize].len(), second.objections[grade as usize].len());
            if own < others {
                let against = texts(second, winner, Side::Against, grade);
                format!("{name} rather than {other}, which meets more {}: {against}.", position.words())
            } else {
                let against = first(second, Side::Against, grade);
                format!(
                    "{name} rather than {other}: both meet as many {}, but what speaks against {other} matters more here: {against}.",
                    position.words()
                )
            }
        }
        Position::Supports(grade) => {
            let (own, others) = (winner.supports[grade as usize].len(), second.supports[grade as usize].len());
            if own > others {
                let for_it = texts(winner, second, Side::For, grade);
                format!("{name} rather than {other}: it has more {}: {for_it}.", position.words())
            } else {
                let for_it = first(winner, Side::For, grade);
                format!(
                    "{name} rather than {other}: both have as many {}, but what speaks for {name} matters more here: {for_it}.",
                    position.words()
                )
            }
        }
        Position::LessToRun => {
            format!("A tie between {name} and {other}, which the arguments don't set apart: {name} is less to run.")
        }
        Position::Order => {
            format!(
                "A tie between {name} and {other}, which neither arguments nor the amount to run set apart: the first listed is taken."
            )
        }
    }
}

/// Rules that spoke the other way at later positions than the one that decided.
fn overruled(winner: &Standing, runner_up: Option<&Standing>, position: Option<Position>) -> Vec<String> {
    let (Some(second), Some(decided)) = (runner_up, position) else { return Vec::new() };
    let mut list = Vec::new();
    let later = weigh::POSITIONS.iter().skip_while(|position| **position != decided).skip(1);
    for position in later {
        let (standing, side, grade) = match position {
            Position::Supports(grade) => (second, Side::For, *grade),
            Position::Objections(grade) => (winner, Side::Against, *grade),
            _ => continue,
        };
        // What speaks alike of both options sets nothing apart and is not overruled.
        let mirror = if side == Side::For { winner } else { second };
        let alike: Vec<_> = standing_at(mirror, side, grade).map(|item| item.rule.concern).collect();
        let here = standing_at(standing, side, grade).filter(|item| !alike.contains(&item.rule.concern));
        list.extend(here.map(|item| item.rule.id.clone()));
    }
    list
}

/// In words: the position that decided, the nearest flip, and how many assumed inputs the winner's arguments rest on.
fn confidence(telling: &Telling, winner: &Standing, position: Option<Position>, flips: &[Flip]) -> Confidence {
    let mut degree: i32 = match position {
        None | Some(Position::Readiness) => 3,
        Some(Position::Objections(Grade::Strong) | Position::Supports(Grade::Strong)) => 3,
        Some(Position::Objections(Grade::Normal) | Position::Supports(Grade::Normal)) => 2,
        _ => 1,
    };
    let mut parts = vec![
        position.map_or("nothing else is possible".to_string(), |position| format!("decided by {}", position.words())),
    ];
    match flip::nearest(flips) {
        Some((ratio, flip)) => {
            let far = significant(ratio);
            let far = if far == "1" { String::new() } else { format!(", {far}x away") };
            parts.push(format!(
                "the nearest flip of a number is to {}, once {} is {} (now {}{far})",
                flip.option,
                flip.constraint,
                flip.threshold(),
                flip.shown_now
            ));
            degree -= i32::from(ratio < 1.5);
        }
        None => parts.push("no single number flips it".to_string()),
    }
    let assumed = assumed_inputs(telling, winner);
    if !assumed.is_empty() {
        parts.push(format!("the arguments rest on assumed inputs: {}", assumed.join(", ")));
        degree -= i32::from(assumed.len() >= 2);
    }
    let word = match degree {
        3.. => "high",
        2 => "medium",
        _ => "low",
    };
    Confidence { word, text: parts.join("; ") }
}

/// Paths of defaults that the winner's arguments moved with.
fn assumed_inputs(telling: &Telling, winner: &Standing) -> Vec<String> {
    let moves = |path: &str| {
        telling.constraints.iter().filter(|item| item.path == path).any(|item| {
            let mut rules = winner.speaking.iter().map(|speaking| speaking.rule);
            rules.any(|rule| rule.when.iter().any(|predicate| predicate.moves_with(item.class)))
        })
    };
    telling.view.brief.assumptions.iter().map(|item| item.path.clone()).filter(|path| moves(path)).collect()
}

/// The modules that rules call worth extracting, each with the first rule that does.
#[must_use]
pub fn extractions(brief: &Brief, weighed: &[Weighed]) -> Vec<Extraction> {
    let mut list: Vec<Extraction> = Vec::new();
    for item in weighed.iter().flat_map(|item| &item.standings).flat_map(|standing| &standing.speaking) {
        if !item.rule.extracts || item.rule.scope != Scope::Module {
            continue;
        }
        for module in &item.subjects {
            let module = brief.modules[*module].name.value.clone();
            list.push(Extraction {
                module,
                rule: item.rule.id.clone(),
                concern: item.rule.concern,
                why: item.rule.text.clone(),
            });
        }
    }
    let order = |name: &str| brief.modules.iter().position(|module| module.name.value == name);
    list.sort_by(|one, other| (order(&one.module), &one.rule).cmp(&(order(&other.module), &other.rule)));
    list.dedup();
    list
}
