//! Decisions as text: by themselves (`decide`), and as a part of a plan. Each in a few lines: what carried it, what speaks against
//! it, what it stands before, what is ruled out, what it lacks, until when it stays.

use crate::clean::clean;
use crate::figure::with_amounts;
use crate::terminal::{Align, Page, Rich, Tone};
use crate::told::{self, Group};
use groundplan_knowledge::decision::{CheckState, Danger, Decision, Decisions, Reason};
use groundplan_knowledge::rule::Side;
use groundplan_model::brief::Brief;

/// Where the text of a decision's lines begins.
const TEXT: usize = 14;
/// Flip points of all decisions that are shown.
const NEAREST: usize = 6;
/// Questions that are shown; all of them are by `ask`.
const QUESTIONS: usize = 8;
/// Risks of the knowledge that are shown.
const DANGERS: usize = 8;

/// The decisions of a brief, without any measurement.
#[must_use]
pub fn decided(brief: &Brief, decisions: &Decisions) -> String {
    let mut page = Page::new();
    page.title(&brief.name);
    if !brief.about.is_empty() {
        page.paragraph(0, &Rich::new(Tone::Dim, &brief.about));
    }
    conditions(&mut page, decisions);
    self::decisions(&mut page, decisions);
    let dangers = told::unmeasured(decisions, None);
    if !dangers.is_empty() {
        page.heading("What can go wrong");
        self::dangers(&mut page, &dangers);
    }
    checklists(&mut page, decisions);
    road(&mut page, decisions);
    questions(&mut page, decisions);
    assumptions(&mut page, brief);
    page.finish()
}

/// What must be granted before the brief can be met.
fn conditions(page: &mut Page, decisions: &Decisions) {
    if decisions.conditions.is_empty() {
        return;
    }
    page.gap();
    page.paragraph(0, &Rich::new(Tone::Bad, "This holds only under conditions"));
    for condition in &decisions.conditions {
        let cures = condition.lifted_by.join("; or ");
        let text = told::sentence(&condition.text);
        page.item(2, "!", &Rich::from(text).and(Tone::Dim, &format!(" Lifted by: {cures}.")));
    }
}

/// All decisions, what their options do to one another, and what would change them first.
pub(super) fn decisions(page: &mut Page, decisions: &Decisions) {
    page.heading("Decisions");
    for (nth, group) in told::groups(decisions).iter().enumerate() {
        if nth > 0 {
            page.gap();
        }
        decision(page, group);
    }
    for conflict in &decisions.conflicts {
        page.gap();
        let of = conflict.subject.as_ref().map_or(String::new(), |set| format!(" of {}", clean(set)));
        let title = format!("{}{of}: nothing is possible", told::title(&conflict.dimension));
        page.paragraph(2, &Rich::new(Tone::Bad, &title));
        let text = if conflict.text.is_empty() { conflict.conditions.join(" and ") } else { conflict.text.clone() };
        page.paragraph(4, &Rich::from(text));
        for flip in conflict.resolved_by.iter().take(3) {
            let way =
                format!("{} is {}: then {}", clean(&flip.constraint), told::flip_at(flip), told::words(&flip.option));
            page.hanging(4, &Rich::new(Tone::Good, "way out"), TEXT, &Rich::from(way));
        }
    }
    let unasked = told::unasked(decisions);
    if !unasked.is_empty() {
        page.gap();
        page.paragraph(2, &Rich::new(Tone::Dim, &format!("Not asked for: {}.", unasked.join(", "))));
    }
    combinations(page, decisions);
    nearest(page, decisions);
}

fn decision(page: &mut Page, group: &Group<'_>) {
    let decision = group.first();
    let sure = if decision.tie { "a tie".to_string() } else { format!("confidence {}", decision.confidence.word) };
    let name = group.title();
    let option = Rich::new(Tone::Strong, &told::title(&decision.option)).and(Tone::Dim, &format!(", {sure}"));
    if name.chars().count() > 30 {
        page.paragraph(2, &Rich::new(Tone::Head, &name));
        page.paragraph(34, &option);
    } else {
        page.hanging(2, &Rich::new(Tone::Head, &name), 34, &option);
    }
    let most = if decision.dimension == told::STYLE { 4 } else { 2 };
    for reason in told::main_reasons(decision, most) {
        argument(page, reason, &decision.option);
    }
    if let Some(reason) = told::main_objection(decision) {
        argument(page, reason, &decision.option);
    }
    if let Some(runner_up) = &decision.runner_up {
        let mut rich = Rich::from(told::words(runner_up)).and(Tone::Dim, &format!(", {}", told::by(decision)));
        if let Some(better) = told::better(decision) {
            rich = rich.and(Tone::Plain, &format!("; it would be better {better}"));
        }
        page.hanging(4, &Rich::new(Tone::Dim, "before"), TEXT, &rich);
    }
    if let Some((earlier, option)) = &decision.fell_back {
        let text = format!("{} left nothing possible later, so {} gave way", told::words(option), told::words(earlier));
        page.hanging(4, &Rich::new(Tone::Warn, "fell back"), TEXT, &Rich::from(text));
    }
    ruled_out(page, decision);
    let barred = told::barred(decision);
    if !barred.is_empty() {
        page.hanging(4, &Rich::new(Tone::Dim, "house"), TEXT, &Rich::from(format!("keeps out {}", barred.join(", "))));
    }
    for unmet in &decision.unmet {
        let assumed = if unmet.assumed { ", assumed" } else { "" };
        let rich = Rich::from(told::capital(unmet.text.trim_end_matches('.')))
            .and(Tone::Dim, &format!(" ({}, now {}{assumed}): ", unmet.needs, unmet.now))
            .and(Tone::Plain, unmet.to_do.trim_end_matches('.'));
        page.hanging(4, &Rich::new(Tone::Warn, "lacks"), TEXT, &rich);
    }
    for option in decision.not_yet.iter().filter(|_| decision.dimension == told::STYLE) {
        let rich =
            Rich::from(format!("{}: ", told::words(&option.option))).and(Tone::Dim, &option.ready_when.join("; "));
        page.hanging(4, &Rich::new(Tone::Dim, "not yet"), TEXT, &rich);
    }
    if let Some(flip) = decision.flips.first() {
        page.hanging(4, &Rich::new(Tone::Dim, "stays"), TEXT, &Rich::from(told::flip(flip)));
    }
}

/// What can't be had, each option with the constraint that rules it out.
fn ruled_out(page: &mut Page, decision: &Decision) {
    let out = told::ruled_out(decision);
    let told = |(option, reason): &(&str, &Reason)| {
        let held = told::held(reason);
        let why = if held.is_empty() { clean(&reason.text) } else { held };
        format!("{} ({why})", told::words(option))
    };
    if !out.is_empty() {
        let list: Vec<String> = out.iter().map(told).collect();
        page.hanging(4, &Rich::new(Tone::Dim, "ruled out"), TEXT, &Rich::new(Tone::Dim, &list.join(", ")));
    }
}

fn argument(page: &mut Page, reason: &Reason, chosen: &str) {
    let (word, tone) = match reason.side {
        Side::For => ("for", Tone::Good),
        Side::Against => ("against", Tone::Bad),
    };
    let whose = if reason.option == chosen { String::new() } else { format!("{}: ", told::words(&reason.option)) };
    let sources: Vec<&str> = reason.sources.iter().map(|cite| cite.source.as_str()).collect();
    let cite = if sources.is_empty() { String::new() } else { format!(" [{}]", sources.join(", ")) };
    let house = if reason.origin.is_ours() { "" } else { ", a rule of the house" };
    let grade = format!(" ({}, {}{house}){cite}", reason.grade.word(), told::words(reason.concern.word()));
    page.hanging(
        4,
        &Rich::new(tone, word),
        TEXT,
        &Rich::new(Tone::Plain, &whose).and(Tone::Plain, &told::capital(&reason.text)).and(Tone::Dim, &grade),
    );
}

fn combinations(page: &mut Page, decisions: &Decisions) {
    if decisions.combinations.is_empty() {
        return;
    }
    page.heading("Together");
    for one in &decisions.combinations {
        let short = |full: &String| told::words(full.rsplit('/').next().unwrap_or(full));
        let [first, second] = [&one.between[0], &one.between[1]].map(short);
        let (mark, tone) = if one.how == "clashes" { ("!", Tone::Warn) } else { ("+", Tone::Good) };
        let adds = if one.adds.is_empty() { String::new() } else { format!(" Adds: {}.", one.adds.join(", ")) };
        let rich = Rich::new(Tone::Strong, &format!("{first} and {second}: "))
            .and(Tone::Plain, &told::sentence(&one.text))
            .and(Tone::Dim, &format!("{adds} [{}]", one.sources.join(", ")));
        page.hanging(2, &Rich::new(tone, mark), 4, &rich);
    }
}

/// The changes of one constraint that change any decision, the nearest first.
fn nearest(page: &mut Page, decisions: &Decisions) {
    let turns = told::nearest(decisions, NEAREST);
    if turns.is_empty() {
        return;
    }
    page.heading("What would change first");
    let rows: Vec<Vec<Rich>> = turns
        .into_iter()
        .map(|(leeway, turn)| {
            vec![
                Rich::from(leeway.constraint.as_str())
                    .and(Tone::Dim, &format!(" now {}", with_amounts(&clean(&leeway.shown_now)))),
                Rich::new(Tone::Strong, &with_amounts(&clean(&turn.threshold))),
                Rich::from(told::turned(turn, 3)),
            ]
        })
        .collect();
    page.table(2, &[Align::Left, Align::Left, Align::Left], false, &rows);
}

/// Risks that hold for a brief and its choices, each with what helps.
pub(super) fn dangers(page: &mut Page, dangers: &[&Danger]) {
    for danger in dangers.iter().take(DANGERS) {
        let about = if danger.about.is_empty() { String::new() } else { format!(" ({})", danger.about.join(", ")) };
        let rich = Rich::new(Tone::Strong, &told::capital(&danger.title)).and(Tone::Dim, &about);
        page.item(2, "·", &rich.and(Tone::Plain, &format!(": {}", told::sentence(&danger.text))));
        let cures: Vec<String> =
            danger.mitigations.iter().map(|one| one.title.trim_end_matches('.').to_string()).collect();
        if !cures.is_empty() {
            page.hanging(4, &Rich::new(Tone::Dim, "cure"), 10, &Rich::from(cures.join("; ")));
        }
        let sources: Vec<&str> = danger.sources.iter().map(|cite| cite.source.as_str()).collect();
        page.hanging(4, &Rich::new(Tone::Dim, "from"), 10, &Rich::new(Tone::Dim, &sources.join(", ")));
    }
    if dangers.len() > DANGERS {
        let more = format!("{} more with --format json", dangers.len() - DANGERS);
        page.item(2, "·", &Rich::new(Tone::Dim, &more));
    }
}

/// What the checklists find missing; what holds and what nobody said is counted.
pub(super) fn checklists(page: &mut Page, decisions: &Decisions) {
    let items = || decisions.checklists.iter().flat_map(|list| &list.items);
    if items().next().is_none() {
        return;
    }
    page.heading("Before you adopt it");
    for item in items().filter(|item| item.state == CheckState::Not) {
        let rich =
            Rich::from(item.question.as_str()).and(Tone::Bad, " no").and(Tone::Dim, &format!(": {}", item.if_not));
        page.item(2, "·", &rich);
    }
    let count = |state: CheckState| items().filter(|item| item.state == state).count();
    let (holds, unknown) = (count(CheckState::Holds), count(CheckState::Unknown));
    let text = format!("{holds} of {} questions are answered with yes, {unknown} with nothing yet.", items().count());
    page.item(2, "·", &Rich::new(Tone::Dim, &text));
}

/// What to build and do when.
pub(super) fn road(page: &mut Page, decisions: &Decisions) {
    // What holds for everybody is told by `knowledge list recommendation`; here stands what this brief gives a reason for.
    let due = || decisions.road.iter().filter(|advice| !advice.held.is_empty());
    if due().next().is_none() {
        return;
    }
    page.heading("What to build when");
    for advice in due() {
        let rich = Rich::new(Tone::Strong, told::due(advice.due)).and(Tone::Plain, &format!(": {}", advice.text));
        page.item(2, "·", &rich);
    }
}

/// What to ask, because the answer would change a decision.
pub(super) fn questions(page: &mut Page, decisions: &Decisions) {
    if decisions.questions.is_empty() {
        return;
    }
    page.heading("Questions whose answer would change a decision");
    for question in decisions.questions.iter().take(QUESTIONS) {
        let rich = Rich::new(Tone::Strong, &question.constraint)
            .and(Tone::Dim, &format!(" taken as {}", question.assumed))
            .and(Tone::Plain, &format!(": {}", told::answers(question, 2)));
        page.item(2, "?", &rich);
    }
    let more = decisions.questions.len().saturating_sub(QUESTIONS);
    let more = if more > 0 { format!("{more} more; ") } else { String::new() };
    page.item(
        2,
        "·",
        &Rich::new(Tone::Dim, &format!("{more}`groundplan ask BRIEF` asks them and writes the answers down")),
    );
}

/// Every default that was taken.
pub(super) fn assumptions(page: &mut Page, brief: &Brief) {
    if brief.assumptions.is_empty() {
        return;
    }
    page.heading("Assumed");
    let rows: Vec<Vec<Rich>> = told::assumed(brief)
        .into_iter()
        .map(|(path, value, why)| vec![Rich::from(path), Rich::new(Tone::Strong, value), Rich::new(Tone::Dim, why)])
        .collect();
    page.table(2, &[Align::Left, Align::Left, Align::Left], false, &rows);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clean::columns;
    use crate::terminal::{WIDTH, plain};
    use groundplan_knowledge::Knowledge;
    use groundplan_knowledge::decision::{Combination, Unmet};
    use groundplan_model::reader::read_brief;

    #[test]
    fn every_decision_is_told_or_folded_within_eighty_columns() {
        let knowledge = Knowledge::embedded();
        for text in [
            include_str!("../../../../examples/small-team.brief.yaml"),
            include_str!("../../../../examples/web-shop.brief.yaml"),
        ] {
            let brief = read_brief(text).value.unwrap();
            let mut decisions = knowledge.decide(&brief);
            let unmet = Unmet {
                needs: "platform.observability >= yes".into(),
                now: "partial".into(),
                text: "a request can be followed".into(),
                to_do: "traces first".into(),
                assumed: true,
                rule: None,
            };
            decisions.decisions[0].unmet.push(unmet);
            decisions.combinations.push(Combination {
                overlap: "x".into(),
                between: ["messaging/log".into(), "compute/batch-workers".into()],
                how: "clashes",
                text: "a batch waits \u{1b}[31mlong".into(),
                adds: vec!["a clock".into()],
                sources: vec!["ddia".into()],
            });
            let told = plain(&decided(&brief, &decisions));
            for line in told.lines() {
                assert!(columns(line) <= WIDTH && !line.contains('\u{1b}'), "{line}");
            }
            let folded = told.split("Not asked for: ").nth(1).map_or("", |rest| rest.split('.').next().unwrap_or(""));
            let folded = folded.replace('\n', " ");
            for decision in &decisions.decisions {
                let name = told::words(&decision.dimension);
                let words: Vec<&str> = name.split(' ').collect();
                let is_folded = words.iter().all(|word| folded.contains(word));
                assert!(
                    told.contains(&told::title(&decision.dimension)) || is_folded,
                    "{name} is missing from\n{told}"
                );
            }
            for part in [
                "lacks",
                "stays",
                "before",
                "ruled out",
                "What would change first",
                "log and batch workers:",
                "Adds: a clock",
            ] {
                assert!(told.contains(part), "{part} is missing from\n{told}");
            }
        }
    }
}
