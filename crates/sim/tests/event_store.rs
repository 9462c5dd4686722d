//! Event stores: appends by the expected version, reads that fold, snapshots, projections, on designs whose right answer is
//! known.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{ComponentRecord, Count, Ending, Record, Timed};

struct Run {
    compiled: Compiled,
    record: Record,
}

fn text(ledger: &str, steps: &str, rest: &str) -> String {
    format!(
        "kind: design\nversion: 1\nname: small\ncomponents:\n  \
         bank: {{ kind: service, workers: unlimited, operations: {{ pay: [ {steps} ], look: [ {{ read: ledger }} ] }} }}\n  \
         ledger: {{ kind: event-store, read-time: const(1ms), write-time: const(10ms), fold-time: 100us, {ledger} }}\n{rest}\n"
    )
}

impl Run {
    /// A bank and its ledger for 100 s from the first instant; other components, loads and an experiment.
    fn of(ledger: &str, steps: &str, rest: &str) -> Run {
        let text = text(ledger, steps, rest);
        let read = read_design(&text, &VOCABULARY);
        assert_eq!(read.errors().count(), 0, "{:#?}\n{text}", read.diagnostics);
        let design = read.value.unwrap();
        let compiled = compile(&design).unwrap_or_else(|found| panic!("{found:#?}\n{text}"));
        let spec = RunSpec {
            seed: 5,
            replication: 0,
            warm_up: Seconds(0.0),
            window: Seconds(100.0),
            drain_cap: Seconds(100.0),
            experiment: (!design.experiments.is_empty()).then_some(0),
            segment_width: Seconds(1.0),
        };
        let record = replicate(&compiled, &spec);
        for entry in &record.entries {
            assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "every request ends once");
        }
        Run { compiled, record }
    }

    fn component(&self, name: &str) -> &ComponentRecord {
        let index = self.compiled.names.components.iter().position(|known| known == name).unwrap();
        &self.record.components[index]
    }

    fn count(&self, what: Count) -> u64 {
        self.component("ledger").kept().count(what)
    }

    fn ended(&self, load: usize, ending: Ending) -> u64 {
        self.record.entries[load].ended[ending as usize]
    }

    /// Latencies of the ok requests of a load: sum and maximum in ms.
    fn latency_ms(&self, load: usize) -> (f64, f64) {
        let latency = &self.record.entries[load].latency;
        (latency.sum() as f64 / 1e6, latency.max() as f64 / 1e6)
    }
}

const WRITE: &str = "{ write: ledger }";
const PAIR: &str = "{ read: ledger, read-version: seen }, { write: ledger, write-if: seen }";
/// Thirty events at 0, and one look at a second.
const LOOK: &str =
    "load:\n  - { operation: bank.pay, arrivals: at(0s 30) }\n  - { operation: bank.look, arrivals: at(1s 1) }";

#[test]
fn a_read_folds_what_its_stream_has() {
    let run = Run::of("keys: uniform(1)", WRITE, LOOK);
    assert_eq!(run.latency_ms(1), (4.0, 4.0), "1 ms and thirty times 0.1 ms");
    assert_eq!((run.count(Count::Folds), run.count(Count::Folded)), (1, 30));
    let run = Run::of("keys: uniform(1), start-events: 200", WRITE, LOOK);
    assert_eq!((run.latency_ms(1), run.count(Count::Folded)), ((24.0, 24.0), 230));
    // A snapshot lies at 200: the thirty since are folded.
    let run = Run::of("keys: uniform(1), start-events: 200, snapshot-every: 100", WRITE, LOOK);
    assert_eq!(run.latency_ms(1), (4.0, 4.0));
    let run = Run::of("keys: uniform(1), start-events: 270, snapshot-every: 100", WRITE, LOOK);
    assert_eq!((run.latency_ms(1), run.count(Count::Folded)), ((1.0, 1.0), 0), "the snapshot is of all");
}

#[test]
fn streams_grow_each_for_itself() {
    let steps = "{ write: one }, { write: one }, { write: two }, { read: one }";
    let run =
        Run::of("keys: uniform(1), holds: [one, two]", steps, "load: [ { operation: bank.pay, arrivals: at(0s 1) } ]");
    assert_eq!((run.latency_ms(0).0, run.count(Count::Folded)), (31.2, 2));
    // Five events a second in one stream: a read that comes with each finds 0, 1, 2 and so on.
    let steps = "{ read: ledger }, { write: ledger }";
    let run = Run::of("keys: uniform(1)", steps, "load: [ { operation: bank.pay, arrivals: constant(5/s) } ]");
    let reads = run.count(Count::Folds);
    assert!((499..=500).contains(&reads), "{reads}");
    assert_eq!(run.count(Count::Folded), reads * (reads - 1) / 2);
    // The last of them takes 11 ms and 0.1 ms for each before it.
    let most = run.latency_ms(0).1;
    assert!((most - 11.0 - (reads - 1) as f64 / 10.0).abs() < 0.11, "{most}");
}

/// Folding is CPU time: at cores that are shared it goes at their pace, and on a slow machine slowly.
#[test]
fn folding_takes_the_cores() {
    let load = "load: [ { operation: bank.look, arrivals: at(0s 2) }, { operation: bank.pay, arrivals: at(50s 1) } ]";
    let ledger = |cores: &str| format!("keys: uniform(1), start-events: 100, {cores}");
    assert_eq!(Run::of(&ledger("workers: 2"), WRITE, load).latency_ms(0), (22.0, 11.0));
    let (sum, most) = Run::of(&ledger("workers: 2, cores: 1"), WRITE, load).latency_ms(0);
    assert!((sum - 44.0).abs() < 0.01 && (most - 22.0).abs() < 0.01, "{sum} {most}");
    let slow = "experiments: [ { name: x, duration: 100s, faults: [ { at: 0s, for: 10s, slow: { what: ledger, factor: 3x } } ] } ]";
    let late = load.replace("at(0s 2)", "at(1s 2)");
    assert_eq!(Run::of(&ledger(""), WRITE, &format!("{late}\n{slow}")).latency_ms(0), (66.0, 33.0));
}

#[test]
fn an_append_expects_the_version_that_was_read() {
    let load = "load: [ { operation: bank.pay, arrivals: at(0s 3) }, { operation: bank.look, arrivals: at(1s 1) } ]";
    let run = Run::of("keys: uniform(1)", PAIR, load);
    assert_eq!((run.ended(0, Ending::Ok), run.ended(0, Ending::Conflict)), (1, 2));
    assert_eq!((run.count(Count::Conflicts), run.count(Count::Conditional)), (2, 3));
    assert_eq!(run.count(Count::Folded), 1, "what conflicts is no event");
    // Without a version all are appended, and in two streams nobody is in another's way.
    let run = Run::of("keys: uniform(1)", "{ read: ledger }, { write: ledger }", load);
    assert_eq!((run.ended(0, Ending::Ok), run.count(Count::Folded)), (3, 3));
}

/// What moves a version in the time that folding takes makes the append conflict: long streams conflict more.
#[test]
fn long_streams_conflict_where_short_ones_do_not() {
    let load =
        "load:\n  - { operation: bank.pay, arrivals: at(0s 1) }\n  - { operation: other.pay, arrivals: at(20ms 1) }";
    let other = "  other: { kind: service, operations: { pay: [ { write: ledger } ] } }";
    let conflicts = |start: u32| {
        let run = Run::of(&format!("keys: uniform(1), start-events: {start}"), PAIR, &format!("{other}\n{load}"));
        run.ended(0, Ending::Conflict)
    };
    // It has appended at 11 ms; or it writes from 51 ms on, when the other's event is there.
    assert_eq!((conflicts(0), conflicts(500)), (0, 1));
}

/// A projection that takes 10 ms an event.
const VIEW: &str = "  view: { kind: service, workers: 1, operations: { show: { handles: paid, from: ledger, steps: [ { compute: const(10ms) } ] } } }";

#[test]
fn projections_follow_in_order_and_are_built_anew() {
    let faults = |fault: &str| format!("experiments: [ {{ name: x, duration: 100s, faults: [ {fault} ] }} ]");
    let load = "load: [ { operation: bank.pay, arrivals: constant(50/s) } ]";
    let run = |fault: &str| {
        Run::of("keys: uniform(100), partitions: 1", WRITE, &format!("{VIEW}\n{load}\n{}", faults(fault)))
    };
    let plain = run("");
    let ok = |run: &Run| run.component("view").ended[Ending::Ok as usize];
    assert!((4_997..=5_000).contains(&ok(&plain)), "{}", ok(&plain));
    // 2000 events and 50/s more, at 100/s: 40 s.
    let anew = run("{ at: 40s, replay: view }");
    let catch_up = anew.component("ledger").kept().times(Timed::CatchUp).max();
    assert!((catch_up as f64 / 1e9 - 40.0).abs() < 0.1, "{catch_up}");
    assert!((ok(&anew) as i64 - 7_000).abs() <= 4, "{}", ok(&anew));
    assert_eq!(plain.component("view").kept().count(Count::OutOfOrder), 0);
    let waits = Run::of(
        "keys: uniform(1)",
        WRITE,
        &format!("{VIEW}\nload: [ {{ operation: bank.pay, arrivals: at(0s 10) }} ]"),
    );
    assert_eq!((ok(&waits), waits.latency_ms(0).1), (10, 10.0), "who appends does not wait for projections");
}

#[test]
fn events_of_one_stream_are_handled_one_after_the_other() {
    let view = VIEW.replace("workers: 1", "replicas: 8, workers: 8");
    let all = |keys: &str| {
        let run = Run::of(keys, WRITE, &format!("{view}\nload: [ {{ operation: bank.pay, arrivals: at(0s 100) }} ]"));
        run.component("view").kept().count(Count::LagOldest) as f64 / 1e9
    };
    // The last of a hundred waits for 99 before it; of a hundred streams twelve partitions go at once.
    let (one, many) = (all("keys: uniform(1)"), all("keys: uniform(10k)"));
    assert!((one - 0.99).abs() < 0.02 && many < 0.4, "{one} {many}");
}

fn wrong(ledger: &str, steps: &str) -> Vec<Diagnostic> {
    let text = text(
        ledger,
        steps,
        "load: [ { operation: bank.pay, arrivals: at(0s 1) }, { operation: bank.look, arrivals: at(0s 1) } ]",
    );
    let read = read_design(&text, &VOCABULARY);
    match read.value {
        Some(design) if read.diagnostics.is_empty() => {
            compile(&design).map(|compiled| compiled.warnings).unwrap_or_else(|found| found)
        }
        _ => read.diagnostics,
    }
}

#[test]
fn what_makes_no_sense_is_told_where_it_stands() {
    for (ledger, steps, code, found, help) in [
        ("keys: uniform(9), snapshot-every: 0", WRITE, "out-of-range", "never ends", "snapshot-every: 100"),
        ("keys: uniform(9), partitions: 0", WRITE, "out-of-range", "no projection", "partitions: 1"),
        ("start-events: 9", WRITE, "missing-key", "keys", ""),
        (
            "keys: uniform(9)",
            "{ write: ledger }, { read: ledger, by: scan }",
            "wrong-component",
            "can't be read",
            "projection",
        ),
        (
            "keys: uniform(9)",
            "{ transaction: ledger, steps: [ { write: ledger } ] }",
            "wrong-component",
            "no transactions",
            "saga",
        ),
    ] {
        let told = wrong(ledger, steps);
        let diagnostic =
            told.iter().find(|diagnostic| diagnostic.code == code).unwrap_or_else(|| panic!("{ledger}: {told:#?}"));
        let whole = format!("{diagnostic:?}");
        assert!(whole.contains(found) && whole.contains(help), "{whole}");
        assert!(!diagnostic.labels.is_empty(), "it says where: {whole}");
    }
    assert_eq!(wrong("keys: uniform(9)", PAIR), []);
}
