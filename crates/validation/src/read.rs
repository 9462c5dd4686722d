//! From the text of a file to an item, or everything that is wrong with it.
//!
//! A file has a head and below it its designs, parted by lines of `---`. Each entry of the head's `runs` stands for one
//! design, in order, unless it says `design: 2`. Designs are those of the language, unchanged.

use crate::item::{Check, Expected, Figure, Item, Length, Run, Tolerance};
use groundplan_model::design::{Design, Experiment};
use groundplan_model::diagnostic::{Diagnostic, Severity, guess};
use groundplan_model::reader::quantities::{DURATION, SHARE, count, measured};
use groundplan_model::reader::read_design;
use groundplan_model::span::{Located, Span};
use groundplan_model::units::Seconds;
use groundplan_model::value::Settings;
use groundplan_model::yaml::{self, Node, NodeKind};
use groundplan_sim::lower::VOCABULARY;

/// Reads an item.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn read_item(text: &str) -> Result<Item, Vec<Diagnostic>> {
    let documents = documents(text);
    let mut reader = Reader { found: Vec::new() };
    let (head, diagnostics) = yaml::parse(&documents[0]);
    reader.found.extend(diagnostics);
    let mut designs = Vec::new();
    for document in &documents[1..] {
        let read = read_design(document, &VOCABULARY);
        reader.found.extend(read.diagnostics);
        designs.push(read.value);
    }
    let item = head.map(|head| reader.item(&head, &designs));
    if reader.found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(reader.found);
    }
    item.ok_or(reader.found)
}

/// The documents of a file, each with blanks for what stands before it, so that places are those of the file.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    let mut before = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" {
            let start = before + line.len();
            documents.push(
                text[..start]
                    .chars()
                    .map(|c| if c == '\n' { c.to_string() } else { " ".repeat(c.len_utf8()) })
                    .collect(),
            );
        } else if let Some(document) = documents.last_mut() {
            document.push_str(line);
        }
        before += line.len();
    }
    documents
}

struct Reader {
    found: Vec<Diagnostic>,
}

impl Reader {
    fn wrong(&mut self, code: &'static str, span: Span, headline: String, help: &str) {
        let diagnostic = Diagnostic::error(code, headline).at(span, "");
        self.found.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    fn keys(&mut self, node: &Node, known: &[&str]) {
        if !matches!(node.kind, NodeKind::Map(_)) {
            self.wrong("not-a-map", node.span, format!("a map with {} is expected here", known.join(", ")), "");
        }
        for (key, _) in node.entries() {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let help = guess(name, known.iter().copied()).map(|name| format!("did you mean `{name}`?"));
                self.wrong(
                    "unknown-key",
                    key.span,
                    format!("nothing reads the key `{name}`"),
                    help.as_deref().unwrap_or(""),
                );
            }
        }
    }

    fn text(&mut self, node: &Node, key: &str) -> String {
        match node.get(key).and_then(Node::text).map(str::trim) {
            Some(text) if !text.is_empty() => text.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => {
                self.wrong("missing-key", node.span, format!("`{key}` is missing or empty"), "");
                String::new()
            }
        }
    }

    fn item(&mut self, head: &Node, designs: &[Option<Design>]) -> Item {
        self.keys(head, &["kind", "version", "item", "title", "source", "setup", "left-out", "runs"]);
        if self.text(head, "kind") != "validation" {
            let span = head.get("kind").map_or(head.span, |kind| kind.span);
            self.wrong("wrong-kind", span, "the head of an item says `kind: validation`".into(), "");
        }
        let runs = head.get("runs").map_or(&[][..], Node::items);
        if runs.is_empty() {
            self.wrong("missing-key", head.span, "`runs` is missing or empty".into(), "");
        }
        Item {
            name: self.text(head, "item"),
            title: self.text(head, "title"),
            source: self.text(head, "source"),
            setup: self.text(head, "setup"),
            left_out: if head.get("left-out").is_some() { self.text(head, "left-out") } else { String::new() },
            runs: runs.iter().enumerate().filter_map(|(nth, run)| self.run(nth, run, designs)).collect(),
        }
    }

    fn run(&mut self, nth: usize, node: &Node, designs: &[Option<Design>]) -> Option<Run> {
        self.keys(node, &["design", "quick", "whole", "figures"]);
        let wanted = match node.get("design").and_then(Node::text).map(count) {
            None => nth + 1,
            Some(Ok(wanted)) => wanted as usize,
            Some(Err(complaint)) => {
                self.wrong(complaint.code, node.span, complaint.headline, "");
                return None;
            }
        };
        let Some(design) = wanted.checked_sub(1).and_then(|at| designs.get(at)) else {
            let headline = format!("there is no design {wanted} below the head: the file has {}", designs.len());
            self.wrong("missing-design", node.span, headline, "put it below a line of `---`");
            return None;
        };
        let figures: Vec<Figure> =
            node.get("figures").map_or(&[][..], Node::items).iter().filter_map(|figure| self.figure(figure)).collect();
        let quick = node.get("quick").and_then(|length| self.length(length));
        let whole = node.get("whole").and_then(|length| self.length(length));
        if figures.is_empty() || (quick.is_none() && whole.is_none()) {
            self.wrong("missing-key", node.span, "a run has `figures`, and `quick` or `whole` or both".into(), "");
        }
        // One that can't be read has its diagnostics already.
        let design = asked(design.clone()?, &figures);
        Some(Run { design, quick, whole, figures })
    }

    fn length(&mut self, node: &Node) -> Option<Length> {
        self.keys(node, &["replications", "duration"]);
        let replications = count(&self.text(node, "replications"));
        let duration = measured(&self.text(node, "duration"), &DURATION);
        match (replications, duration) {
            (Ok(replications), Ok(duration)) if replications > 0 && duration.mid() > 0.0 => {
                Some(Length { replications: replications as usize, duration: Seconds(duration.mid()) })
            }
            (Err(complaint), _) | (_, Err(complaint)) => {
                self.wrong(complaint.code, node.span, complaint.headline, "");
                None
            }
            _ => {
                self.wrong("out-of-range", node.span, "a run has some replications and lasts some time".into(), "");
                None
            }
        }
    }

    fn figure(&mut self, node: &Node) -> Option<Figure> {
        self.keys(node, &["figure", "measure", "over", "expected", "tolerance", "check", "uncertainty"]);
        let written = self.text(node, "expected");
        let Some(expected) = expected(&written) else {
            let help = "write a number, `66.9ms`, `>= 3`, `<= 5%` or `0.55..0.7`";
            self.wrong("unreadable-value", node.span, format!("can't read the expected value `{written}`"), help);
            return None;
        };
        let tolerance = match node.get("tolerance").and_then(Node::text) {
            None => None,
            Some(text) => match tolerance(text) {
                Some(tolerance) => Some(tolerance),
                None => {
                    let help = "write a share of the expected value, `1%`, or a plain number in the measure's unit";
                    self.wrong("unreadable-value", node.span, format!("can't read the tolerance `{text}`"), help);
                    return None;
                }
            },
        };
        let point = expected.low == expected.high;
        let check = match node.get("check").and_then(Node::text) {
            None if point => Check::Interval,
            None => Check::Between,
            Some(word) => {
                let all = [Check::Interval, Check::Exact, Check::Near, Check::Between, Check::Wide];
                match all.into_iter().find(|check| check.word() == word) {
                    Some(check) => check,
                    None => {
                        let words: Vec<&str> = all.iter().map(|check| check.word()).collect();
                        let headline = format!("`{word}` is no check");
                        self.wrong("unknown-word", node.span, headline, &format!("one of {}", words.join(", ")));
                        return None;
                    }
                }
            }
        };
        if matches!(check, Check::Interval | Check::Near | Check::Wide) && (tolerance.is_none() || !point) {
            let headline = format!("the check `{}` has one expected value and a `tolerance`", check.word());
            self.wrong("missing-key", node.span, headline, "");
        }
        let uncertainty = node.get("uncertainty").and_then(Node::text).map(|text| text.parse::<f64>());
        if matches!(uncertainty, Some(Err(_))) {
            self.wrong("unreadable-value", node.span, "`uncertainty` is no number".into(), "");
        }
        Some(Figure {
            name: self.text(node, "figure"),
            measure: self.text(node, "measure"),
            over: node.get("over").map(|_| self.text(node, "over")),
            expected,
            tolerance,
            check,
            uncertainty: uncertainty.and_then(Result::ok).unwrap_or(0.0),
        })
    }
}

/// A value as it is written, or the ends of a range.
fn expected(text: &str) -> Option<Expected> {
    let made = |low: Option<&str>, high: Option<&str>| {
        let low = low.map(number).map_or(Some(None), |end| end.map(Some))?;
        let high = high.map(number).map_or(Some(None), |end| end.map(Some))?;
        let (_, slack, scale, unit) = high.or(low)?;
        Some(Expected {
            text: text.to_string(),
            low: low.map_or(f64::NEG_INFINITY, |end| end.0),
            high: high.map_or(f64::INFINITY, |end| end.0),
            slack,
            scale,
            unit,
        })
    };
    if let Some(low) = text.strip_prefix(">=") {
        made(Some(low), None)
    } else if let Some(high) = text.strip_prefix("<=") {
        made(None, Some(high))
    } else if let Some((low, high)) = text.split_once("..") {
        made(Some(low), Some(high))
    } else {
        made(Some(text), Some(text))
    }
}

/// A number with its unit: value in the unit of the measure, half a unit of its last digit, scale and unit.
fn number(text: &str) -> Option<(f64, f64, f64, &'static str)> {
    let text = text.trim();
    let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (digits, unit) = (&text[..split], text[split..].trim());
    let (scale, unit) = [("", 1.0), ("ms", 1e3), ("%", 1e2), ("h", 1.0 / 3600.0)]
        .into_iter()
        .find(|(known, _)| *known == unit)
        .map(|(known, scale)| (scale, known))?;
    let value: f64 = digits.parse().ok()?;
    let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len()) as i32;
    Some((value / scale, 0.5 * 10f64.powi(-decimals) / scale, scale, unit))
}

fn tolerance(text: &str) -> Option<Tolerance> {
    if text.trim_end().ends_with('%') {
        return measured(text, &SHARE).ok().map(|share| Tolerance::Relative(share.mid()));
    }
    text.trim().parse().ok().filter(|width: &f64| width.is_finite() && *width >= 0.0).map(Tolerance::Absolute)
}

/// The design with one experiment, whose expectations name every measure: so the runs keep what is asked for exactly.
fn asked(mut design: Design, figures: &[Figure]) -> Design {
    design.experiments.truncate(1);
    if design.experiments.is_empty() {
        design.experiments.push(Experiment {
            name: Located::new(design.name.clone(), Span::NONE),
            duration: Seconds(600.0),
            faults: Vec::new(),
            expect: Vec::new(),
            settings: Settings::new(),
        });
    }
    if let Some(experiment) = design.experiments.first_mut() {
        let measures = figures.iter().flat_map(|figure| std::iter::once(&figure.measure).chain(&figure.over));
        experiment.expect = measures.map(|measure| Located::new(format!("{measure} >= 0"), Span::NONE)).collect();
    }
    design
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HEAD: &str = "kind: validation
version: 1
item: X-1
title: an example
source: none
setup: one server
runs:
  - figures:
      - { figure: T, measure: mean(server.serve), expected: 5.0, tolerance: 1% }
      - { figure: p50, measure: p50(server.serve), expected: 66.8885ms, tolerance: 0.001 }
      - { figure: fall, measure: p99(server.serve), over: mean(server.serve), expected: 0.55..0.7 }
    whole: { replications: 32, duration: 10min }
---
kind: design
version: 1
name: M/M/1
components: { server: { kind: service, operations: { serve: [ { compute: exp(1s) } ] } } }
load: [ { operation: server.serve, arrivals: poisson(0.8/s) } ]
";

    #[test]
    fn an_item_is_read_with_the_digits_of_its_figures() {
        let item = read_item(HEAD).unwrap();
        let [run] = &item.runs[..] else { panic!("{item:?}") };
        assert_eq!((run.quick, run.whole.unwrap().replications), (None, 32));
        let [one, other, shape] = &run.figures[..] else { panic!("{run:?}") };
        assert_eq!((one.expected.low, one.expected.slack, one.check), (5.0, 0.05, Check::Interval));
        assert_eq!(one.tolerance, Some(Tolerance::Relative(0.01)));
        assert!((other.expected.low - 0.066_888_5).abs() < 1e-12 && (other.expected.slack - 5e-8).abs() < 1e-12);
        assert_eq!((shape.expected.low, shape.expected.high, shape.check), (0.55, 0.7, Check::Between));
        assert_eq!(run.design.experiments[0].expect.len(), 4);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let check = |from: &str, to: &str, code: &str| {
            let text = HEAD.replacen(from, to, 1);
            let found = read_item(&text).unwrap_err();
            assert!(found.iter().any(|diagnostic| diagnostic.code == code), "{to}: {found:?}");
        };
        check("expected: 5.0", "expected: five", "unreadable-value");
        check("tolerance: 1%", "tolerance: much", "unreadable-value");
        check(", tolerance: 1%", "", "missing-key");
        check("tolerance: 1%", "tolerance: 1%, check: about", "unknown-word");
        check("kind: validation", "kind: design", "wrong-kind");
        check("source: none", "sauce: none", "unknown-key");
        check("duration: 10min", "duration: 10", "missing-unit");
        check("  - figures", "  - design: 2\n    figures", "missing-design");
        let text = HEAD.replacen("kind: service", "kind: servise", 1);
        // Kinds are known to `sim` alone; the reader of designs lets any through or says where it stands.
        if let Err(found) = read_item(&text) {
            let at = text.find("servise").unwrap();
            assert!(found.iter().any(|diagnostic| format!("{diagnostic:?}").contains(&at.to_string())), "{found:?}");
        }
    }
}
