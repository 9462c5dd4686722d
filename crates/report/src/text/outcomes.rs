//! Known outcomes as text: the table of choices beside what the engineers chose, then the reasons and the differences.

use crate::terminal::{Align, Page, Rich, Tone};
use groundplan_knowledge::outcome::{Answer, Held};

/// Columns of the table; with a space between and the indent they are 80.
const WIDE: [usize; 5] = [4, 18, 20, 18, 14];
const ALIGNS: [Align; 5] = [Align::Left; 5];

/// The cases with their answers.
#[must_use]
pub fn outcomes(list: &[Held]) -> String {
    let mut page = Page::new();
    page.title("Known outcomes");
    page.paragraph(
        0,
        &Rich::from(
            "Decisions that engineers took, told as briefs of what was known before, and what is decided from them. The \
             twin has a hundredth of the load, the data, the people and the money.",
        ),
    );
    let head = ["case", "question", "engineers", "here", "twin"];
    let mut rows = vec![head.iter().map(|word| Rich::new(Tone::Dim, word)).collect::<Vec<Rich>>()];
    for held in list {
        for (nth, answer) in held.answers.iter().enumerate() {
            let case = if nth == 0 { held.outcome.case.as_str() } else { "" };
            rows.push(vec![
                Rich::new(Tone::Strong, case),
                Rich::from(question(answer).as_str()),
                Rich::from(answer.ask.agree.join(" or ").as_str()),
                Rich::new(tone(answer.agrees && answer.shares_reasons), chosen(answer.option.as_ref())),
                Rich::new(tone(answer.twin_agrees), chosen(answer.twin_option.as_ref())),
            ]);
        }
    }
    page.gap();
    page.fixed_table(2, &ALIGNS, &WIDE, 1, true, &rows);
    page.gap();
    let (agreed, twins) = count(list);
    page.line(&Rich::new(
        tone(agreed == list.len()),
        &format!("{agreed} of {} cases agree, for a reason that was theirs; {twins} twins do as expected.", list.len()),
    ));
    for held in list {
        case(&mut page, held);
    }
    page.finish()
}

/// Cases that agree, and cases whose twins do as expected.
pub(crate) fn count(list: &[Held]) -> (usize, usize) {
    (list.iter().filter(|held| held.agrees()).count(), list.iter().filter(|held| held.twin_agrees()).count())
}

/// The question of an answer: the dimension, and the data set of storage.
pub(crate) fn question(answer: &Answer) -> String {
    let subject = answer.ask.subject.as_ref().map_or(String::new(), |set| format!(" of {set}"));
    format!("{}{subject}", answer.ask.dimension)
}

pub(crate) fn chosen(option: Option<&String>) -> &str {
    option.map_or("nothing possible", String::as_str)
}

fn tone(good: bool) -> Tone {
    if good { Tone::Good } else { Tone::Warn }
}

fn case(page: &mut Page, held: &Held) {
    page.heading(&format!("{} {}", held.outcome.case, held.outcome.title));
    page.paragraph(2, &Rich::new(Tone::Dim, "They: ").and(Tone::Plain, &held.outcome.chose));
    let about: Vec<&str> = held.outcome.reasons.iter().map(|concern| concern.word()).collect();
    page.paragraph(2, &Rich::new(Tone::Dim, &format!("Their reasons: {}.", about.join(", "))));
    for answer in &held.answers {
        let second = answer.runner_up.as_ref().map_or(String::new(), |option| format!(", before {option}"));
        page.paragraph(
            2,
            &Rich::new(Tone::Dim, "Here: ")
                .and(tone(answer.agrees), chosen(answer.option.as_ref()))
                .and(Tone::Plain, &format!("{second} ({}).", question(answer))),
        );
        for (concern, argument) in &answer.arguments {
            let shared = held.outcome.reasons.contains(concern);
            let mark = if shared { "=" } else { "-" };
            page.item(4, mark, &Rich::from(argument.as_str()).and(Tone::Dim, &format!(" ({})", concern.word())));
        }
        if !answer.twin_agrees {
            page.paragraph(
                2,
                &Rich::new(
                    Tone::Warn,
                    &format!(
                        "Its twin chooses {} where {} was expected: {}.",
                        chosen(answer.twin_option.as_ref()),
                        answer.ask.twin.join(" or "),
                        answer.ask.twin_why
                    ),
                ),
            );
        }
    }
    if !(held.agrees() && held.twin_agrees()) {
        page.paragraph(2, &Rich::new(Tone::Warn, "The difference: ").and(Tone::Plain, &held.outcome.difference));
    }
}
