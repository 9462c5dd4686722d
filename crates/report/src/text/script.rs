//! What to say about a brief, as text: the clock in the margin, sentences, numbers, likely questions.

use crate::terminal::{Align, Page, Rich, Tone};
use crate::told;
use groundplan_planner::script::Talk;

/// What to say about a brief.
#[must_use]
pub fn script(name: &str, talk: &Talk) -> String {
    let mut page = Page::new();
    page.title(&format!("{name}: {} minutes", talk.minutes));
    for part in &talk.parts {
        page.gap();
        let clock = format!("{}–{}", told::clock(part.from), told::clock(part.until));
        page.hanging(0, &Rich::new(Tone::Dim, &clock), 14, &Rich::new(Tone::Head, told::section(part.section)));
        for text in &part.says {
            page.paragraph(4, &Rich::from(text.as_str()));
        }
        let rows: Vec<Vec<Rich>> = part
            .figures
            .iter()
            .map(|figure| {
                let steps = figure.steps.last().map_or("", String::as_str);
                vec![
                    Rich::from(figure.name.as_str()),
                    Rich::new(Tone::Strong, &figure.shown),
                    Rich::new(Tone::Dim, steps),
                ]
            })
            .collect();
        page.table(6, &[Align::Left, Align::Right, Align::Left], false, &rows);
        for asked in &part.asked {
            page.hanging(4, &Rich::new(Tone::Warn, "?"), 6, &Rich::new(Tone::Strong, &asked.question));
            let cite =
                if asked.sources.is_empty() { String::new() } else { format!(" [{}]", asked.sources.join(", ")) };
            page.paragraph(6, &Rich::from(asked.answer.as_str()).and(Tone::Dim, &cite));
        }
    }
    if !talk.turns.is_empty() {
        page.heading("What would change my mind");
        talk.turns.iter().for_each(|turn| page.item(4, "·", &Rich::from(turn.as_str())));
    }
    page.finish()
}
