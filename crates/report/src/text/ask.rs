//! Questions as text: one at a time for a conversation on a terminal, all of them for a list.

use crate::clean::clean;
use crate::terminal::{Align, Page, Rich, Tone};
use crate::told;
use groundplan_knowledge::decision::{Answer, Decisions, Question};
use groundplan_model::brief::Brief;
use groundplan_model::diagnostic::Diagnostic;

/// All questions of a brief, what could change most first.
#[must_use]
pub fn questions(brief: &Brief, decisions: &Decisions) -> String {
    let mut page = Page::new();
    page.title(&brief.name);
    if decisions.questions.is_empty() {
        page.paragraph(
            0,
            &Rich::from("Nothing to ask: no answer to what the brief leaves open would change a decision."),
        );
        return page.finish();
    }
    page.paragraph(0, &Rich::from("Questions whose answer would change a decision, what could change most first"));
    for (nth, question) in decisions.questions.iter().enumerate() {
        page.gap();
        ask(&mut page, &(nth + 1).to_string(), question);
    }
    page.gap();
    let how = "To answer: `groundplan ask BRIEF` on a terminal, or `--set PATH=VALUE`.";
    page.paragraph(0, &Rich::new(Tone::Dim, how));
    page.finish()
}

/// One question. `nth` is its number, `left` how many stand after it.
#[must_use]
pub fn question(question: &Question, nth: usize, left: usize) -> String {
    let mut page = Page::new();
    ask(&mut page, &nth.to_string(), question);
    if left > 0 {
        let more = if left == 1 { "1 more after this".to_string() } else { format!("{left} more after this") };
        page.paragraph(4, &Rich::new(Tone::Dim, &more));
    }
    page.finish()
}

fn ask(page: &mut Page, nth: &str, question: &Question) {
    let hinge = match question.decisions {
        1 => "one decision hinges on it".to_string(),
        many => format!("{many} decisions hinge on it"),
    };
    let taken = format!(", taken as {}; {hinge}", clean(&question.assumed));
    let head = Rich::new(Tone::Strong, &clean(&question.constraint)).and(Tone::Dim, &taken);
    page.hanging(0, &Rich::new(Tone::Dim, nth), 4, &head);
    let rows = question.answers.iter().map(|answer| {
        let mark = if answer.taken { "taken" } else { "" };
        vec![Rich::new(Tone::Dim, mark), Rich::from(told::answer(answer)), chosen(question, answer)]
    });
    let rows: Vec<Vec<Rich>> = rows.collect();
    page.table(4, &[Align::Left, Align::Left, Align::Left], false, &rows);
}

/// What is chosen at an answer: everything where it is the one taken, else what differs from it.
fn chosen(question: &Question, answer: &Answer) -> Rich {
    let taken = question.answers.iter().find(|one| one.taken);
    let mut rich = Rich::default();
    for choice in &answer.chosen {
        let there = taken.filter(|_| !answer.taken).and_then(|taken| {
            taken.chosen.iter().find(|one| one.dimension == choice.dimension && one.subject == choice.subject)
        });
        if there.is_some_and(|there| there.option == choice.option) {
            continue;
        }
        let of = choice.subject.as_ref().map_or(String::new(), |set| format!(" of {}", clean(set)));
        let option = choice.option.as_ref().map_or("nothing possible".to_string(), |option| told::words(option));
        let lead = if rich.0.is_empty() { told::title(&choice.dimension) } else { told::words(&choice.dimension) };
        let gap = if rich.0.is_empty() { "" } else { "; " };
        let tone = if answer.taken { Tone::Plain } else { Tone::Strong };
        rich = rich.and(Tone::Plain, &format!("{gap}{lead}{of}: ")).and(tone, &option);
    }
    if rich.0.is_empty() { Rich::new(Tone::Dim, "the same as taken") } else { rich }
}

/// What begins a conversation.
#[must_use]
pub fn greeting(brief: &Brief, decisions: &Decisions) -> String {
    let mut page = Page::new();
    page.title(&brief.name);
    let text = match decisions.questions.len() {
        0 => "Nothing to ask: no answer to what the brief leaves open would change a decision.",
        _ => {
            "These questions would change a decision. Answer as the language writes it; an empty line skips, q stops. What you \
             answered is written into the brief at the end; Ctrl-C leaves it as it was."
        }
    };
    page.paragraph(0, &Rich::new(Tone::Dim, text));
    page.gap();
    page.finish()
}

/// What an answer changed.
#[must_use]
pub fn difference(before: &Decisions, after: &Decisions) -> String {
    let mut page = Page::new();
    let mut changed = false;
    for decision in &after.decisions {
        let old = before.of(&decision.dimension, decision.subject.as_deref()).map(|old| old.option.as_str());
        if old != Some(decision.option.as_str()) {
            changed = true;
            let rich =
                Rich::from(format!("{}: {} → ", told::dimension(decision), old.map_or("nothing".into(), told::words)))
                    .and(Tone::Strong, &told::words(&decision.option));
            page.item(4, "→", &rich);
        }
    }
    for conflict in &after.conflicts {
        changed = true;
        let text = format!("{}: nothing is possible any more", told::title(&conflict.dimension));
        page.item(4, "!", &Rich::new(Tone::Bad, &text));
    }
    if !changed {
        page.paragraph(4, &Rich::new(Tone::Dim, "taken; no decision changes"));
    }
    page.gap();
    page.finish()
}

/// Asks for the other half of what is said whole.
#[must_use]
pub fn other_half(whole: &str, said: &str, other: &str) -> String {
    let mut page = Page::new();
    let text = format!("{whole} wants both its `rto` and its `rpo`: that is the `{said}`; what is the `{other}`?");
    page.paragraph(4, &Rich::new(Tone::Plain, &clean(&text)));
    page.finish()
}

/// Why an answer was not taken.
#[must_use]
pub fn not_taken(found: &[Diagnostic]) -> String {
    let mut page = Page::new();
    for diagnostic in found {
        let help = diagnostic.help.as_ref().map_or(String::new(), |help| format!("; {help}"));
        let notes: String = diagnostic.notes.iter().map(|note| format!("; {note}")).collect();
        let rich =
            Rich::new(Tone::Bad, "not taken: ").and(Tone::Plain, &format!("{}{notes}{help}", diagnostic.headline));
        page.paragraph(4, &rich);
    }
    page.finish()
}
