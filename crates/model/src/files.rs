//! Files that a design names: recorded durations (`empirical(times.csv)`) and arrivals (`replay(trace.csv)`).
//!
//! Nothing here touches a disk: a face hands files in as a `Files`. What stands in them is checked line by line; a file
//! with a mistake is refused as a whole, with the line. Left out: columns beyond the second, other formats than lines.

use crate::design::{Design, Operation, Step, Verb};
use crate::diagnostic::Diagnostic;
use crate::quantity::{Arrivals, Dist, Recorded, Trace};
use crate::reader::quantities::{DURATION, measured};
use crate::span::Span;
use crate::text::shown;
use crate::value::{Settings, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// The most lines of a recording. At a line of some ten bytes a face need not read beyond `MAX_RECORDING`.
pub const MAX_LINES: usize = 10_000_000;

/// The most bytes of a recording that a face should read.
pub const MAX_RECORDING: u64 = 256_000_000;

/// Where the text of a file comes from. Names are as the design has them: relative to the design's own file.
pub trait Files {
    /// The text of a file.
    ///
    /// # Errors
    /// Why it can't be read, in words that follow a colon.
    fn read(&self, name: &str) -> Result<String, String>;
}

/// Reads every file that a design names into it. Returns what is wrong with them.
pub fn attach(design: &mut Design, files: &dyn Files) -> Vec<Diagnostic> {
    let mut attached = Attached { files, durations: HashMap::new(), traces: HashMap::new(), diagnostics: Vec::new() };
    for component in &mut design.components {
        attached.settings(&mut component.settings);
        for Operation { steps, settings, .. } in &mut component.operations {
            attached.settings(settings);
            attached.steps(steps);
        }
    }
    for load in &mut design.load {
        let span = load.name.as_ref().or(load.operation.as_ref()).map_or(Span::NONE, |name| name.span);
        if let Some(arrivals) = &mut load.arrivals {
            attached.arrivals(&mut arrivals.value, arrivals.span);
        }
        if let Some(think) = &mut load.think {
            attached.dist(think, span);
        }
        attached.settings(&mut load.settings);
        attached.steps(&mut load.steps);
        for stop in load.route.iter_mut().flat_map(|route| &mut route.stops) {
            attached.steps(std::slice::from_mut(&mut stop.step));
        }
    }
    attached.diagnostics
}

struct Attached<'f> {
    files: &'f dyn Files,
    /// What was read already; none for a file with a mistake, which is told once.
    durations: HashMap<String, Option<Recorded>>,
    traces: HashMap<String, Option<Trace>>,
    diagnostics: Vec<Diagnostic>,
}

impl Attached<'_> {
    fn settings(&mut self, settings: &mut Settings) {
        for located in settings.0.values_mut() {
            self.value(&mut located.value, located.span);
        }
    }

    fn value(&mut self, value: &mut Value, span: Span) {
        match value {
            Value::Dist(dist) => self.dist(dist, span),
            Value::Arrivals(law) => self.arrivals(law, span),
            Value::List(items) => items.iter_mut().for_each(|item| self.value(&mut item.value, item.span)),
            Value::Map(settings) => self.settings(settings),
            Value::Steps(steps) => self.steps(steps),
            _ => {}
        }
    }

    fn steps(&mut self, steps: &mut [Step]) {
        for step in steps {
            let span = step.span;
            match &mut step.verb {
                Verb::Compute(dist) | Verb::Wait(dist) => self.dist(dist, span),
                Verb::Parallel(inner) | Verb::Transaction(_, inner) | Verb::Repeat(_, inner) => self.steps(inner),
                Verb::Branch(ways) => ways.iter_mut().for_each(|(_, inner)| self.steps(inner)),
                _ => {}
            }
            self.settings(&mut step.settings);
        }
    }

    fn dist(&mut self, dist: &mut Dist, span: Span) {
        match dist {
            Dist::Mixture(parts) => parts.iter_mut().for_each(|(_, part)| self.dist(part, span)),
            Dist::Empirical(recorded) => {
                let name = recorded.file.clone();
                if !self.durations.contains_key(&name) {
                    let read = self.read(&name, span, |text| Ok(durations(&name, text)?.into()));
                    let found = read.map(|values| Recorded { file: name.clone(), values });
                    self.durations.insert(name.clone(), found);
                }
                if let Some(Some(found)) = self.durations.get(&name) {
                    *recorded = found.clone();
                }
            }
            _ => {}
        }
    }

    fn arrivals(&mut self, law: &mut Arrivals, span: Span) {
        match law {
            Arrivals::Batch(_, inner) => self.arrivals(inner, span),
            Arrivals::Replay(trace) => {
                let name = trace.file.clone();
                if !self.traces.contains_key(&name) {
                    let found = self.read(&name, span, |text| arrivals(&name, text));
                    self.traces.insert(name.clone(), found);
                }
                if let Some(Some(found)) = self.traces.get(&name) {
                    *trace = found.clone();
                }
            }
            _ => {}
        }
    }

    fn read<T>(&mut self, name: &str, span: Span, parse: impl FnOnce(&str) -> Result<T, Box<Diagnostic>>) -> Option<T> {
        let parsed = match self.files.read(name) {
            Ok(text) => parse(&text),
            Err(why) => {
                let headline = format!("{} can't be read: {why}", shown(name));
                Err(Box::new(
                    Diagnostic::error("unreadable-recording", headline)
                        .help("the name of a recording is relative to the file of the design"),
                ))
            }
        };
        match parsed {
            Ok(value) => Some(value),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic.at(span, "named here"));
                None
            }
        }
    }
}

fn mistake(name: &str, line: usize, what: &str, help: &str) -> Box<Diagnostic> {
    let headline = format!("line {line} of {} {what}", shown(name));
    Box::new(Diagnostic::error("bad-recording", headline).help(help))
}

/// The lines that say something, with their numbers: blank ones and comments are skipped, and a heading in words.
fn lines<'t>(name: &str, text: &'t str) -> Result<Vec<(usize, &'t str)>, Box<Diagnostic>> {
    let said = text.lines().enumerate().map(|(nth, line)| (nth + 1, line.trim()));
    let mut lines: Vec<(usize, &str)> =
        said.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).take(MAX_LINES + 2).collect();
    if lines.first().is_some_and(|(_, line)| line.starts_with(|c: char| c.is_alphabetic() || c == '"')) {
        lines.remove(0);
    }
    if lines.len() > MAX_LINES {
        let headline = format!("{} has more than {MAX_LINES} lines", shown(name));
        let diagnostic = Diagnostic::error("recording-too-large", headline).help("record a shorter time, or a sample");
        return Err(Box::new(diagnostic));
    }
    if lines.is_empty() {
        let diagnostic = Diagnostic::error("empty-recording", format!("{} holds no values", shown(name)))
            .help("write one value in seconds a line, such as `0.25`");
        return Err(Box::new(diagnostic));
    }
    Ok(lines)
}

/// Seconds, as a plain number or with a unit.
fn seconds(name: &str, line: usize, text: &str, help: &str) -> Result<f64, Box<Diagnostic>> {
    let text = text.trim();
    let value = match text.parse::<f64>() {
        Ok(value) => value,
        Err(_) => match measured(text, &DURATION) {
            Ok(value) if !value.is_range() => value.low,
            _ => return Err(mistake(name, line, &format!("has no time: {}", shown(text)), help)),
        },
    };
    if value < 0.0 {
        return Err(mistake(name, line, &format!("is negative: {}", shown(text)), help));
    }
    if !value.is_finite() || value > DURATION.high {
        return Err(mistake(name, line, &format!("is out of range: {}", shown(text)), "a time is at most 1000 years"));
    }
    Ok(value)
}

/// Recorded durations: one a line, in seconds or with a unit; in any order. They come back rising.
fn durations(name: &str, text: &str) -> Result<Vec<f64>, Box<Diagnostic>> {
    let help = "write one duration a line, in seconds such as `0.012`, or with a unit such as `12ms`";
    let mut values = Vec::new();
    for (line, text) in lines(name, text)? {
        values.push(seconds(name, line, text, help)?);
    }
    values.sort_by(f64::total_cmp);
    Ok(values)
}

/// Recorded arrivals: an instant a line, in order, and after a comma the operation that is asked for.
fn arrivals(name: &str, text: &str) -> Result<Trace, Box<Diagnostic>> {
    let help = "write one instant in seconds a line, such as `12.5`, or with an operation, `12.5,shop.browse`";
    let (mut instants, mut which) = (Vec::new(), Vec::new());
    let mut operations: Vec<String> = Vec::new();
    let mut known: HashMap<&str, u32> = HashMap::new();
    for (line, text) in lines(name, text)? {
        let (instant, operation) = match text.split_once(',') {
            Some((instant, operation)) => (instant, Some(operation.trim().trim_matches('"'))),
            None => (text, None),
        };
        let at = seconds(name, line, instant, help)?;
        if let Some(last) = instants.last().filter(|last| at < **last) {
            let what = format!("goes back in time: {at} after {last}");
            return Err(mistake(name, line, &what, "sort the lines by their instants"));
        }
        if instants.is_empty() || which.is_empty() != operation.is_some() {
            instants.push(at);
        } else {
            let what = if which.is_empty() { "names an operation, those before don't" } else { "names no operation" };
            return Err(mistake(name, line, what, "name an operation in every line, or in none"));
        }
        if let Some(operation) = operation {
            if operation.is_empty() || operation.len() > 200 {
                return Err(mistake(name, line, "names no operation after its comma", help));
            }
            let next = operations.len() as u32;
            let index = *known.entry(operation).or_insert(next);
            if index == next {
                operations.push(operation.to_string());
            }
            if operations.len() > 1_000 {
                return Err(mistake(
                    name,
                    line,
                    "names the 1001st operation",
                    "at most 1000 operations are told apart",
                ));
            }
            which.push(index);
        }
    }
    Ok(Trace { file: name.into(), instants: instants.into(), operations: operations.into(), which: Arc::from(which) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn recordings_are_read_line_by_line() {
        assert_eq!(durations("t", "duration\n0.3\n\n12ms\n# quiet\n0.1\n").unwrap(), [0.012, 0.1, 0.3]);
        let trace = arrivals("t", "0\n0.5\n0.5\n2s\n").unwrap();
        assert_eq!((&*trace.instants, trace.operations.len()), (&[0.0, 0.5, 0.5, 2.0][..], 0));
        let trace = arrivals("t", "at,operation\r\n0,a.x\r\n1, b.y\r\n2,a.x\r\n").unwrap();
        assert_eq!(&*trace.operations, ["a.x", "b.y"]);
        assert_eq!(&*trace.which, [0, 1, 0]);
    }

    #[test]
    fn what_is_wrong_with_a_recording_is_said_with_its_line() {
        let check = |text: &str, headline: &str| {
            assert_eq!(arrivals("t.csv", text).unwrap_err().headline, headline, "{text:?}");
        };
        check("1\n2\nx\n", "line 3 of `t.csv` has no time: `x`");
        check("1\n-2\n", "line 2 of `t.csv` is negative: `-2`");
        check("1\n\n0.5\n", "line 3 of `t.csv` goes back in time: 0.5 after 1");
        check("1\ninf\n", "line 2 of `t.csv` is out of range: `inf`");
        check("1\nNaN\n", "line 2 of `t.csv` is out of range: `NaN`");
        check("# nothing\n\n", "`t.csv` holds no values");
        check("1,a\n2\n", "line 2 of `t.csv` names no operation");
        check("1\n2,a\n", "line 2 of `t.csv` names an operation, those before don't");
        check("1,\n", "line 1 of `t.csv` names no operation after its comma");
        assert_eq!(durations("d.csv", "").unwrap_err().code, "empty-recording");
        assert_eq!(durations("d.csv", "5 parsecs").unwrap_err().headline, "line 1 of `d.csv` has no time: `5 parsecs`");
    }
}
