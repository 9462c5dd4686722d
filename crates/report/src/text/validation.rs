//! The validation table as text: each item with its setup, and below it what was expected and what was measured.

use crate::terminal::{Align, Page, Rich, Tone};
use groundplan_model::units::significant;
use groundplan_validation::{Check, Form, ItemOutcome, QUICK_WIDER, Row, Tolerance, Verdict};

/// Figures as they are shown: enough digits to see a difference of the usual tolerance.
const DIGITS: i32 = 5;
/// Columns of the table; with a space between and the indent they are 80.
const WIDE: [usize; 6] = [16, 10, 9, 18, 12, 8];
const ALIGNS: [Align; 6] = [Align::Left, Align::Right, Align::Right, Align::Left, Align::Left, Align::Left];

/// The table of these items.
#[must_use]
pub fn validation(outcomes: &[ItemOutcome], form: Form) -> String {
    let mut page = Page::new();
    page.title(match form {
        Form::Quick => "Validation, the quick form",
        Form::Whole => "Validation",
    });
    for outcome in outcomes {
        item(&mut page, outcome);
    }
    page.gap();
    let rows = || outcomes.iter().flat_map(|outcome| &outcome.rows);
    let (all, wrong) = (rows().count(), rows().filter(|row| row.verdict != Verdict::Holds).count());
    page.line(&match wrong {
        0 => Rich::new(Tone::Good, &format!("All {all} figures of {} items hold.", outcomes.len())),
        _ => Rich::new(Tone::Bad, &format!("{wrong} of {all} figures do not hold.")),
    });
    let wider = match form {
        Form::Quick => format!(", which may be {QUICK_WIDER} times as wide in the quick form"),
        Form::Whole => String::new(),
    };
    page.paragraph(
        0,
        &Rich::new(
            Tone::Dim,
            &format!(
                "Shown are 95% intervals. A figure holds if what is expected lies in the run's own 99.9% interval and half \
                 the 95% interval is no wider than the tolerance{wider}; figures marked = must match to the last digit, \
                 ~ come near, .. lie between, > be as ill known as they are."
            ),
        ),
    );
    page.finish()
}

fn item(page: &mut Page, outcome: &ItemOutcome) {
    page.gap();
    let item = &outcome.item;
    page.paragraph(0, &Rich::new(Tone::Head, &item.name).and(Tone::Strong, &format!(" {}", item.title)));
    page.paragraph(2, &Rich::new(Tone::Plain, &item.setup));
    page.paragraph(2, &Rich::new(Tone::Dim, &format!("Source: {}", item.source)));
    if !item.left_out.is_empty() {
        page.paragraph(2, &Rich::new(Tone::Dim, &format!("Left out: {}", item.left_out)));
    }
    if outcome.rows.is_empty() {
        return;
    }
    let head = ["figure", "expected", "measured", "interval", "half of", "verdict"];
    let mut rows = vec![head.iter().map(|word| Rich::new(Tone::Dim, word)).collect::<Vec<Rich>>()];
    rows.extend(outcome.rows.iter().map(cells));
    page.fixed_table(2, &ALIGNS, &WIDE, 1, true, &rows);
    for row in outcome.rows.iter().filter(|row| row.verdict != Verdict::Holds) {
        if let Some(reason) = &row.measured.reason {
            page.item(4, "!", &Rich::new(Tone::Warn, &format!("{}: {reason}", row.figure.name)));
        }
    }
}

fn cells(row: &Row) -> Vec<Rich> {
    let expected = &row.figure.expected;
    let show = |value: Option<f64>| value.map_or("–".to_string(), |value| digits(value * expected.scale));
    let unit = |text: String| if expected.unit.is_empty() { text } else { format!("{text}{}", expected.unit) };
    let measured = &row.measured;
    let interval = match (measured.low, measured.high) {
        (Some(low), Some(high)) if low == high => "exactly".to_string(),
        (None, None) => "–".to_string(),
        (low, high) => {
            let end =
                |end: Option<f64>| end.map_or("–".to_string(), |end| digits_of(end * expected.scale, DIGITS - 1));
            format!("{}..{}", end(low), end(high))
        }
    };
    let tone = match row.verdict {
        Verdict::Holds => Tone::Good,
        Verdict::TooWide => Tone::Warn,
        Verdict::Differs | Verdict::Unknown => Tone::Bad,
    };
    let mark = match row.figure.check {
        Check::Interval | Check::Between => "",
        Check::Exact => "=",
        Check::Near => "~",
        Check::Wide => ">",
    };
    vec![
        Rich::new(Tone::Plain, &row.figure.name),
        Rich::new(Tone::Plain, &format!("{mark}{}", expected.text)),
        Rich::new(Tone::Plain, &unit(show(measured.value))),
        Rich::new(Tone::Dim, &interval),
        Rich::new(Tone::Dim, &known(row)),
        Rich::new(tone, row.verdict.word()),
    ]
}

/// Half the interval of how much: `0.52 of 1%`.
fn known(row: &Row) -> String {
    let expected = &row.figure.expected;
    let half = row.measured.low.zip(row.measured.high).map(|(low, high)| (high - low) / 2.0);
    match (row.figure.tolerance, half) {
        (Some(Tolerance::Relative(share)), Some(half)) => {
            let of = significant(share * 100.0);
            format!("{:.2} of {of}%", half / expected.low.abs() * 100.0)
        }
        (Some(Tolerance::Absolute(width)), Some(half)) => {
            format!("{} of {}", digits_of(half * expected.scale, 2), significant(width * expected.scale))
        }
        (Some(Tolerance::Relative(share)), None) => format!("of {}%", significant(share * 100.0)),
        _ => String::new(),
    }
}

fn digits(value: f64) -> String {
    digits_of(value, DIGITS)
}

/// A number with so many significant digits, without an exponent.
fn digits_of(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor() as i32 + 1;
    let decimals = (digits - magnitude).clamp(0, 9) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundplan_model::estimate::Estimate;
    use groundplan_validation::read_item;

    #[test]
    fn a_table_fits_and_says_what_does_not_hold() {
        let item = read_item(
            "kind: validation
version: 1
item: X-1
title: one server
source: a book
setup: lambda 0.8, mu 1, and a good deal of text that goes on for longer than one line of a terminal is wide
runs:
  - whole: { replications: 2, duration: 10s }
    figures:
      - { figure: T, measure: mean(server.serve), expected: 5.000000, tolerance: 1% }
      - { figure: a long name of p99.9, measure: p99(server.serve), expected: 66.8885ms, tolerance: 0.001 }
      - { figure: fall, measure: mean(server.serve), expected: 0.55..0.7 }
      - { figure: attempts, measure: mean(server.serve), expected: 3, check: exact }
---
kind: design
version: 1
name: M/M/1
components: { server: { kind: service, operations: { serve: [ { compute: exp(1s) } ] } } }
load: [ { operation: server.serve, arrivals: poisson(0.8/s) } ]
",
        )
        .expect("the item is right");
        let measured = [
            (Estimate::new(5.012, 4.96, 5.06), Verdict::Holds),
            (Estimate::new(0.0712, 0.0701, 0.0722), Verdict::Differs),
            (Estimate::unknown("too few values"), Verdict::Unknown),
            (Estimate::exact(3.0), Verdict::Holds),
        ];
        let rows = item.runs[0].figures.iter().zip(measured).map(|(figure, (measured, verdict))| Row {
            figure: figure.clone(),
            sure: measured.clone(),
            measured,
            verdict,
        });
        let outcome = ItemOutcome { rows: rows.collect(), events: 10, item };
        let text = crate::terminal::plain(&validation(&[outcome], Form::Whole));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        insta::assert_snapshot!(text);
    }
}
