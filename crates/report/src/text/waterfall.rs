//! Waterfalls as text: a tree of what was done for one request, each with its bar on one axis of time, in 80 columns.
//!
//! `-` is on its way, `.` waits for a worker, `=` works or waits for what it asked for, `~` goes on for nobody.

use crate::clean::{clean, columns};
use crate::figure::Unit;
use crate::terminal::{Page, Rich, Tone};
use groundplan_sim::run::{Waterfall, WaterfallSpan};

/// Columns of names, bars, and what is said beside them.
const NAME: usize = 28;
const BAR: usize = 30;
/// Spans that are drawn of one request.
const ROWS_MOST: usize = 40;
/// What works on for nobody is drawn until so many times the request's own time.
const AFTER: f64 = 1.5;

/// All waterfalls, as text that goes behind a verdict's; empty for none.
#[must_use]
pub fn waterfalls(all: &[Waterfall]) -> String {
    let mut page = Page::new();
    for (nth, one) in all.iter().enumerate() {
        if nth == 0 {
            page.heading(&match &one.experiment {
                Some(name) => format!("Requests of the experiment: {name}"),
                None => "Requests of the plain load".to_string(),
            });
            let legend = "- on its way, . waits for a worker, = works or waits for others, ~ goes on for nobody";
            page.paragraph(2, &Rich::new(Tone::Dim, legend));
        }
        waterfall(&mut page, one);
    }
    page.finish()
}

fn waterfall(page: &mut Page, one: &Waterfall) {
    page.gap();
    let ended = if one.ending == "ok" { Tone::Good } else { Tone::Bad };
    let kind = match one.which {
        "typical" => "a typical request (the median)",
        "slow" => "a slow request (the 99th percentile)",
        _ => "a failed request",
    };
    let head = Rich::new(Tone::Strong, &one.operation)
        .and(Tone::Plain, &format!(": {kind}, "))
        .and(ended, one.ending)
        .and(Tone::Plain, &format!(" after {}", one.latency))
        .and(Tone::Dim, &format!(", arrived at {} of run {}", one.arrived, one.replication));
    page.paragraph(2, &head);
    let last = one.spans.iter().map(|span| span.until.unwrap_or(f64::INFINITY)).fold(0.0, f64::max);
    let scale = last.min(one.latency.0 * AFTER).max(one.latency.0).max(1e-9);
    let end = Unit::Seconds.show(scale);
    let axis = format!("0{}{end}", " ".repeat(BAR.saturating_sub(1 + columns(&end))));
    page.drawn(2, &format!("{}{axis}", " ".repeat(NAME + 1)));
    let rows = in_order(&one.spans);
    for (nth, depth) in rows.iter().take(ROWS_MOST) {
        row(page, &one.spans[*nth], *depth, scale);
    }
    if rows.len() > ROWS_MOST {
        page.paragraph(2, &Rich::new(Tone::Dim, &format!("and {} more", rows.len() - ROWS_MOST)));
    }
}

/// Spans with their depth, each behind the one that asked for it, in the order in which they were asked for.
fn in_order(spans: &[WaterfallSpan]) -> Vec<(usize, usize)> {
    let mut rows = Vec::new();
    let mut open = vec![(0usize, 0usize)];
    while let Some((nth, depth)) = open.pop() {
        if nth >= spans.len() {
            break;
        }
        rows.push((nth, depth));
        let mut inner: Vec<usize> = (0..spans.len()).filter(|other| spans[*other].parent == Some(nth)).collect();
        inner.sort_by(|a, b| spans[*b].start.total_cmp(&spans[*a].start).then(b.cmp(a)));
        open.extend(inner.into_iter().map(|other| (other, depth + 1)));
    }
    rows
}

fn row(page: &mut Page, span: &WaterfallSpan, depth: usize, scale: f64) {
    let replica = span.replica.map_or(String::new(), |replica| format!(" /{replica}"));
    let again = if span.attempt > 1 { format!(" #{}", span.attempt) } else { String::new() };
    let indent = " ".repeat(depth.min(10));
    let room = NAME - depth.min(10) - columns(&replica) - columns(&again);
    let mut name = clean(&span.name);
    if columns(&name) > room {
        name = name.chars().take(room.saturating_sub(1)).collect::<String>() + "…";
    }
    let used = columns(&indent) + columns(&name) + columns(&replica) + columns(&again);
    let took = Unit::Seconds.show(span.end - span.start);
    let ending = if span.ending == "ok" { String::new() } else { format!(" {}", span.ending) };
    let fill = " ".repeat(NAME.saturating_sub(used));
    page.drawn(2, &format!("{indent}{name}{replica}{again}{fill} {} {took}{ending}", bar(span, scale)));
}

/// One bar of `BAR` columns: each shows what the span did in the middle of its time, and something at least is shown.
fn bar(span: &WaterfallSpan, scale: f64) -> String {
    let width = scale / BAR as f64;
    let state = |at: f64| {
        let until = span.until.unwrap_or(f64::INFINITY);
        if at < span.start || at >= until.max(span.end) {
            ' '
        } else if at < span.arrived {
            '-'
        } else if span.ending != "sent" && at >= span.end {
            '~'
        } else if span.work.is_none_or(|work| at < work) && span.wait > 0.0 {
            '.'
        } else {
            '='
        }
    };
    let mut cells: Vec<char> = (0..BAR).map(|nth| state((nth as f64 + 0.5) * width)).collect();
    let first = ((span.start / width) as usize).min(BAR - 1);
    if cells[first] == ' ' && span.start <= scale && cells.iter().all(|cell| *cell == ' ') {
        cells[first] = if span.wait > (span.end - span.start) / 2.0 { '.' } else { '=' };
    }
    if span.until.is_none_or(|until| until > scale * (1.0 + 1e-9)) && cells[BAR - 1] != ' ' {
        cells[BAR - 1] = '>';
    }
    cells.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::{WIDTH, plain};
    use groundplan_model::units::Seconds;

    fn span(name: &str, parent: Option<usize>, times: [f64; 4], ending: &'static str) -> WaterfallSpan {
        let [start, work, end, until] = times;
        WaterfallSpan {
            name: name.into(),
            component: Some("shop".into()),
            replica: parent.map(|_| 2),
            parent,
            attempt: 1,
            local: false,
            start,
            arrived: start,
            work: Some(work),
            wait: work - start,
            end,
            until: Some(until),
            ending,
        }
    }

    #[test]
    fn a_waterfall_fits_a_terminal_and_shows_what_was_for_nobody() {
        let mut again = span("payments.authorise-with-a-very-long-name", Some(1), [0.6, 0.6, 0.8, 0.8], "ok");
        again.attempt = 2;
        let one = Waterfall {
            operation: "shop.order".into(),
            which: "slow",
            experiment: None,
            replication: 0,
            arrived: Seconds(12.5),
            latency: Seconds(0.8),
            ending: "ok",
            spans: vec![
                span("shop.order", None, [0.0, 0.0, 0.8, 0.8], "ok"),
                span("shop.order", Some(0), [0.0, 0.2, 0.8, 0.8], "ok"),
                span("payments.authorise", Some(1), [0.2, 0.2, 0.5, 1.0], "timeout"),
                again,
            ],
        };
        let text = plain(&waterfalls(&[one]));
        for line in text.lines() {
            assert!(columns(line) <= WIDTH, "{line}");
        }
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(" /2")).collect();
        assert!(lines[0].contains("......====="), "a wait, then work: {text}");
        assert!(lines[1].contains("=~") && lines[1].ends_with("300ms timeout"), "given up, working on: {text}");
        assert!(lines[2].contains(" #2") && lines[2].ends_with("200ms"), "{text}");
    }
}
