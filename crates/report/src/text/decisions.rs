//! Decisions as text: by themselves (`decide`), as a part of a plan, and as questions (`ask`).

use crate::terminal::{Align, Page, Rich, Tone};
use crate::told;
use groundplan_knowledge::decision::{Decisions, Reason};
use groundplan_knowledge::rule::Side;
use groundplan_model::brief::Brief;

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
        page.item(2, "!", &Rich::from(condition.text.as_str()).and(Tone::Dim, &format!(" Lifted by: {cures}.")));
    }
}

/// Each decision with its main reasons, what came second, and what would change it.
pub(super) fn decisions(page: &mut Page, decisions: &Decisions) {
    page.heading("Decisions");
    for (nth, decision) in decisions.decisions.iter().enumerate() {
        if nth > 0 {
            page.gap();
        }
        let confidence =
            if decision.tie { "a tie".to_string() } else { format!("confidence {}", decision.confidence.word) };
        page.hanging(
            2,
            &Rich::new(Tone::Plain, &told::dimension(decision)),
            34,
            &Rich::new(Tone::Strong, &told::title(&decision.option)).and(Tone::Dim, &format!(" {confidence}")),
        );
        let most = if decision.dimension == told::STYLE { 4 } else { 2 };
        for reason in told::main_reasons(decision, most) {
            argument(page, reason, &decision.option);
        }
        if let Some(reason) = told::main_objection(decision) {
            argument(page, reason, &decision.option);
        }
        if let Some(runner_up) = &decision.runner_up {
            let text = Rich::new(Tone::Plain, &told::words(runner_up))
                .and(Tone::Dim, &format!(". {}", told::sentence(&decision.explanation)));
            page.hanging(4, &Rich::new(Tone::Dim, "second"), 13, &text);
        }
        if let Some(flip) = decision.flips.first() {
            page.hanging(4, &Rich::new(Tone::Dim, "stays"), 13, &Rich::from(told::flip(flip)));
        }
        let mut barred: Vec<String> = Vec::new();
        for reason in decision.reasons.iter().filter(|reason| reason.veto.is_some() && !reason.origin.is_ours()) {
            let option = told::words(&reason.option);
            if !barred.contains(&option) {
                barred.push(option);
            }
        }
        if !barred.is_empty() {
            let text = format!("keeps out {}", barred.join(", "));
            page.hanging(4, &Rich::new(Tone::Dim, "house"), 13, &Rich::from(text));
        }
        for option in decision.not_yet.iter().filter(|_| decision.dimension == told::STYLE) {
            let text = format!("{}: {}", told::words(&option.option), option.ready_when.join("; "));
            page.hanging(4, &Rich::new(Tone::Dim, "not yet"), 13, &Rich::from(text));
        }
    }
    for conflict in &decisions.conflicts {
        page.gap();
        let text = format!(
            "{}: nothing is possible while {}",
            told::title(&conflict.dimension),
            conflict.conditions.join(" and ")
        );
        page.item(2, "!", &Rich::new(Tone::Bad, &text));
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
        13,
        &Rich::new(Tone::Plain, &whose).and(Tone::Plain, &told::capital(&reason.text)).and(Tone::Dim, &grade),
    );
}

/// What to ask, because the answer would change a decision.
pub(super) fn questions(page: &mut Page, decisions: &Decisions) {
    if decisions.questions.is_empty() {
        return;
    }
    page.heading("Questions whose answer would change a decision");
    for question in &decisions.questions {
        let taken = format!(" Taken: {} = {}.", question.constraint, question.assumed);
        page.item(2, "?", &Rich::from(question.text.as_str()).and(Tone::Dim, &taken));
    }
}

/// Every default that was taken.
pub(super) fn assumptions(page: &mut Page, brief: &Brief) {
    if brief.assumptions.is_empty() {
        return;
    }
    page.heading("Assumed");
    let rows: Vec<Vec<Rich>> = brief
        .assumptions
        .iter()
        .map(|assumption| {
            vec![
                Rich::from(assumption.path.as_str()),
                Rich::new(Tone::Strong, &assumption.value),
                Rich::new(Tone::Dim, &assumption.why),
            ]
        })
        .collect();
    page.table(2, &[Align::Left, Align::Left, Align::Left], false, &rows);
}
