//! Footnotes of a table: a raised number at the figure, what it means below the table.

use super::shown;
use crate::figure::{self, Unit};
use crate::terminal::{Page, Rich, Tone};
use groundplan_model::estimate::Estimate;

/// Why figures are missing or have no interval, numbered in the order in which they are met.
#[derive(Default)]
pub(super) struct Notes(Vec<String>);

impl Notes {
    /// A figure with its interval set back; marked where something is missing.
    pub(super) fn cell(&mut self, estimate: &Estimate, unit: Unit) -> Rich {
        let cell = shown(estimate, unit);
        match figure::figure(estimate, unit).reason {
            Some(reason) => cell.and(Tone::Dim, &self.mark(&reason)),
            None => cell,
        }
    }

    /// A dash with its reason.
    pub(super) fn none(&mut self, reason: &str) -> Rich {
        let mark = self.mark(reason);
        Rich::new(Tone::Dim, &format!("–{mark}"))
    }

    /// The mark of a note, which is written once.
    pub(super) fn mark(&mut self, reason: &str) -> String {
        let reason = figure::in_full(reason);
        let at = self.0.iter().position(|note| *note == reason).unwrap_or_else(|| {
            self.0.push(reason);
            self.0.len() - 1
        });
        raised(at + 1)
    }

    /// Writes the notes, and begins again at one.
    pub(super) fn write(&mut self, page: &mut Page) {
        for (nth, note) in std::mem::take(&mut self.0).into_iter().enumerate() {
            page.item(2, &raised(nth + 1), &Rich::new(Tone::Dim, &note));
        }
    }
}

fn raised(number: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    number.to_string().bytes().map(|digit| DIGITS[usize::from(digit - b'0')]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::plain;

    #[test]
    fn every_note_has_its_mark() {
        let mut notes = Notes::default();
        let few = Estimate::unknown("7 values lie beyond it, 300 are needed: 42.9 times as many runs would do");
        let text = |rich: &Rich| rich.0.iter().map(|(_, text)| text.as_str()).collect::<String>();
        assert_eq!(text(&notes.cell(&few, Unit::Seconds)), "–¹");
        assert_eq!(text(&notes.none("workers are unlimited")), "–²");
        assert_eq!(text(&notes.cell(&few, Unit::Seconds)), "–¹");
        assert_eq!(text(&notes.cell(&Estimate::exact(2.0), Unit::Seconds)), "2s");
        let mut page = Page::new();
        notes.write(&mut page);
        let page = plain(&page.finish());
        assert!(page.contains("¹ too few requests: 7 values lie beyond it"), "{page}");
        assert!(page.contains("² workers are unlimited"), "{page}");
        assert_eq!(raised(12), "¹²");
    }
}
