//! Waterfalls: a typical, a slow and a failed request of one replication, which is run again to follow them.
//!
//! The first replication is noted, the requests are picked, and the same replication with the same luck is followed. What
//! a span is, and what is left out, the kernel says (`kernel/trace`); how it is drawn, `report` does.

use super::design::{labels_of, trials};
use super::{Options, Replication, Trial, slices};
use crate::kernel::tables::NONE;
use crate::kernel::trace::{NEVER, Note, Span};
use crate::lower::{Compiled, follow, note_requests};
use crate::record::Ending;
use groundplan_model::design::Design;
use groundplan_model::units::Seconds;
use serde::Serialize;

/// Entries of the load whose requests are followed: the first ones.
const ENTRIES_MOST: usize = 6;
/// Fewer requests than this have no 99th percentile: the slowest stands for it.
const FEW: usize = 100;

/// One request, followed from its arrival to the end of all that was done for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waterfall {
    /// Its entry of the load.
    pub operation: String,
    /// `typical` (nearest the median), `slow` (nearest the 99th percentile, of few the slowest) or `failed`.
    pub which: &'static str,
    /// The experiment it is from; missing for the plain load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Which replication it is from, by its number from zero.
    pub replication: u64,
    /// When it arrived, since the start of the observed window. Unit: seconds.
    pub arrived: Seconds,
    /// How long it took. Unit: seconds.
    pub latency: Seconds,
    /// How it ended.
    pub ending: &'static str,
    /// What was done for it, the request itself first; each after the one that asked for it.
    pub spans: Vec<WaterfallSpan>,
}

/// One execution of an operation on behalf of a request. Times are seconds since the request arrived.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WaterfallSpan {
    /// What was asked for: `shop.browse`, `orders (write)`.
    pub name: String,
    /// The component; missing for the request itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Which of its replicas, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replica: Option<u32>,
    /// Index of the span that asked for it; null for the request itself.
    pub parent: Option<usize>,
    /// Which attempt of its call it was, from 1.
    pub attempt: u32,
    /// Whether it ran in its caller's process, on its caller's worker.
    pub local: bool,
    /// When it was asked for.
    pub start: f64,
    /// When it reached its replica.
    pub arrived: f64,
    /// When it got a worker (or a permit of its module); null if it never did.
    pub work: Option<f64>,
    /// How long it waited for that.
    pub wait: f64,
    /// When its caller went on: with its answer, or without.
    pub end: f64,
    /// When nothing of it was left, where that was later than its caller waited; null if it outlasted the run.
    pub until: Option<f64>,
    /// How its caller saw it end; `sent` where none waited.
    pub ending: &'static str,
}

/// Waterfalls of the plain load, or of the experiment that the options name. `warm_up`: what the verdict dropped.
#[must_use]
pub fn waterfalls(design: &Design, compiled: &Compiled, options: &Options, warm_up: Seconds) -> Vec<Waterfall> {
    let labels = labels_of(design, compiled);
    let trials = trials(design, &labels).unwrap_or_default();
    let trial: Option<&Trial> =
        options.experiment.as_ref().and_then(|name| trials.iter().find(|trial| trial.name == *name));
    let window = trial.map_or(options.duration, |trial| trial.duration);
    let replication = Replication {
        experiment: trial.map(|trial| trial.index),
        seed: options.seed,
        index: 0,
        warm_up: trial.and_then(|trial| trial.warm_up).unwrap_or(warm_up),
        window,
        slices: slices(window),
    };
    let spec = replication.spec();
    let (_, notes) = note_requests(compiled, &spec);
    let entries = compiled.tables.sources.len().min(ENTRIES_MOST);
    let picked: Vec<(&'static str, Note)> = (0..entries as u32).flat_map(|entry| pick(&notes, entry)).collect();
    let wanted: Vec<Note> = picked.iter().map(|(_, note)| *note).collect();
    let (_, spans) = follow(compiled, &spec, &wanted);
    let begins = (replication.warm_up.0.max(0.0) * 1e9 + 0.5) as u64;
    picked
        .into_iter()
        .zip(spans)
        .map(|((which, note), spans)| Waterfall {
            operation: compiled.names.entries.get(note.entry as usize).cloned().unwrap_or_default(),
            which,
            experiment: trial.map(|trial| trial.name.clone()),
            replication: 0,
            arrived: seconds(note.start - begins.min(note.start)),
            latency: seconds(note.latency),
            ending: note.ending.word(),
            spans: told(compiled, &note, &spans),
        })
        .collect()
}

fn seconds(ns: u64) -> Seconds {
    Seconds(ns as f64 / 1e9)
}

/// The requests of an entry that are followed.
fn pick(notes: &[Note], entry: u32) -> Vec<(&'static str, Note)> {
    let mut ok: Vec<&Note> = notes.iter().filter(|note| note.entry == entry && note.ending == Ending::Ok).collect();
    ok.sort_by_key(|note| (note.latency, note.start));
    let mut picked = Vec::new();
    if let Some(last) = ok.len().checked_sub(1) {
        picked.push(("typical", *ok[last / 2]));
        let slow = if ok.len() < FEW { last } else { last * 99 / 100 };
        if slow > last / 2 {
            picked.push(("slow", *ok[slow]));
        }
    }
    let failed = notes.iter().find(|note| note.entry == entry && note.ending != Ending::Ok);
    picked.extend(failed.map(|note| ("failed", *note)));
    picked
}

fn told(compiled: &Compiled, note: &Note, spans: &[Span]) -> Vec<WaterfallSpan> {
    let at = |time: u64| time.saturating_sub(note.start) as f64 / 1e9;
    let (names, tables) = (&compiled.names, &compiled.tables);
    let mut told: Vec<WaterfallSpan> = Vec::with_capacity(spans.len());
    for (nth, span) in spans.iter().enumerate() {
        let root = span.parent == NONE;
        let site = tables.sites.get(span.site as usize).filter(|_| !root);
        let component =
            site.and_then(|site| tables.components.get(site.component as usize).map(|row| (site.component, row)));
        let sent = span.left <= span.arrived && span.left <= span.sent;
        let early = span.answered != NEVER && span.left != NEVER && span.answered <= span.left;
        let seen = if root {
            note.start + note.latency
        } else if early {
            span.answered
        } else if sent {
            span.end
        } else {
            span.left.min(span.end)
        };
        let gave_up = !early && !sent && (span.left < span.end || span.ending == Ending::Cancelled);
        let ending = match (root, sent, gave_up) {
            (true, ..) => note.ending.word(),
            (_, true, _) => "sent",
            (_, _, true) if span.timed => Ending::Timeout.word(),
            (_, _, true) => Ending::Abandoned.word(),
            _ => span.ending.word(),
        };
        let work = (span.work != NEVER).then_some(span.work);
        let waited = work.unwrap_or(span.end.min(seen)).max(span.arrived.min(seen));
        let same = |other: &Span| other.site == span.site && other.parent == span.parent && !root;
        told.push(WaterfallSpan {
            name: match root {
                true => names.entries.get(span.site as usize).cloned().unwrap_or_default(),
                false => names.asks.get(span.site as usize).cloned().unwrap_or_default(),
            },
            component: component.and_then(|(id, _)| names.components.get(id as usize).cloned()),
            replica: component.filter(|_| span.replica != NONE).map(|(_, row)| span.replica - row.first + 1),
            parent: (!root).then_some(span.parent as usize),
            attempt: 1 + spans[..nth].iter().filter(|other| same(other)).count() as u32,
            local: span.local && !root,
            start: at(span.sent),
            arrived: at(span.arrived.min(seen)),
            work: work.map(at),
            wait: (waited - span.arrived.min(waited)) as f64 / 1e9,
            end: at(seen),
            until: (span.end != NEVER).then(|| at(span.end.max(seen))),
            ending,
        });
    }
    told
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lower::{VOCABULARY, compile, replicate};
    use groundplan_model::reader::read_design;

    /// A shop whose payments are slow at times, behind a timeout and two attempts.
    const SHOP: &str = "kind: design\nversion: 1\nname: shop\nplaces: { eu: { zones: [a, b] } }\nnetwork: { within-zone: 0.2ms, between-zones: 1ms }\ncomponents:\n  gateway: { kind: load-balancer, place: eu, to: shop }\n  shop:\n    kind: service\n    place: eu\n    replicas: 2\n    workers: 8\n    operations:\n      order:\n        - compute: exp(2ms)\n        - local: check\n        - call: payments.pay\n          timeout: 20ms\n          retry: { attempts: 2, backoff: 5ms }\n        - transaction: db\n          steps: [ { write: db }, { write: db } ]\n        - send: mail\n      check: [ { compute: exp(1ms) } ]\n  payments: { kind: service, place: eu, replicas: 2, workers: 1, operations: { pay: [ { compute: exp(8ms) } ] } }\n  mail: { kind: external, latency: exp(80ms) }\n  db: { kind: database, place: eu, workers: 4, write-time: 3ms }\nload: [ { operation: gateway.order, arrivals: poisson(120/s) } ]\n";

    #[test]
    fn a_typical_a_slow_and_a_failed_request_are_followed() {
        let design = read_design(SHOP, &VOCABULARY).value.unwrap();
        let compiled = compile(&design).unwrap();
        let options = Options { duration: Seconds(60.0), ..Options::default() };
        let found = waterfalls(&design, &compiled, &options, Seconds(5.0));
        assert_eq!(found.iter().map(|found| found.which).collect::<Vec<_>>(), ["typical", "slow", "failed"]);
        for found in &found {
            let root = &found.spans[0];
            assert!((root.end - found.latency.0).abs() < 1e-9 && root.ending == found.ending, "{found:#?}");
            let names: Vec<&str> = found.spans.iter().map(|span| span.name.as_str()).collect();
            assert!(
                names.starts_with(&["gateway.order", "gateway.order", "shop.order", "shop.check", "payments.pay"]),
                "{names:?}"
            );
            for span in &found.spans[1..] {
                let parent = &found.spans[span.parent.unwrap()];
                assert!(
                    span.start >= parent.start && span.start <= span.arrived && span.arrived <= span.end,
                    "{span:?}"
                );
                assert!(span.ending == "sent" || span.end <= parent.until.unwrap() + 1e-9, "{span:?} in {parent:?}");
                assert!(span.work.is_none_or(|work| (work - span.arrived - span.wait).abs() < 1e-9), "{span:?}");
            }
        }
        let failed = &found[2];
        let tries: Vec<_> = failed.spans.iter().filter(|span| span.name == "payments.pay").collect();
        assert_eq!(failed.ending, "timeout");
        assert_eq!(
            tries.iter().map(|span| (span.attempt, span.ending)).collect::<Vec<_>>(),
            [(1, "timeout"), (2, "timeout")]
        );
        for span in &tries {
            assert!((span.end - span.start - 0.02).abs() < 1e-6, "given up after 20 ms: {span:?}");
            assert!(span.until.is_some_and(|until| until > span.end), "and it works on: {span:?}");
        }
        assert!((tries[1].start - tries[0].end - 0.005).abs() < 1e-6, "after a pause of 5 ms");
        let session = found[0].spans.iter().find(|span| span.name == "db (transaction)").unwrap();
        assert!(session.end - session.work.unwrap() > 0.006, "from its begin to its commit: {session:?}");
        // A request that went well has its times in a row: nothing is missing and nothing counted twice.
        let typical = &found[0];
        let order = &typical.spans[2];
        let inside: f64 = typical
            .spans
            .iter()
            .filter(|span| span.parent == Some(2) && span.ending != "sent")
            .map(|span| span.end - span.start)
            .sum();
        let own = order.end - order.work.unwrap() - inside;
        assert!(own > 0.0 && own < typical.latency.0, "{typical:#?}");
    }

    #[test]
    fn a_followed_run_has_the_same_record() {
        let text = include_str!("../../tests/designs/shop.yaml");
        let design = read_design(text, &VOCABULARY).value.unwrap();
        let compiled = compile(&design).unwrap();
        let replication = Replication {
            experiment: Some(1),
            seed: 3,
            index: 2,
            warm_up: Seconds(170.0),
            window: Seconds(30.0),
            slices: 30,
        };
        let spec = replication.spec();
        let plain = format!("{:?}", replicate(&compiled, &spec));
        let (record, notes) = note_requests(&compiled, &spec);
        assert_eq!(format!("{record:?}"), plain);
        let wanted: Vec<Note> = (0..2).flat_map(|entry| pick(&notes, entry)).map(|(_, note)| note).collect();
        let (record, spans) = follow(&compiled, &spec, &wanted);
        assert_eq!(format!("{record:?}"), plain);
        for (note, spans) in wanted.iter().zip(&spans) {
            assert_eq!(spans[0].end - spans[0].sent, note.latency, "{note:?}");
        }
    }
}
