//! Designs that can't be run say why before they run; what is no mistake is let through; nothing panics.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::{Diagnostic, Severity};
use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::run::{Options, foresee};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// A shop behind a load balancer; the steps of its operation, other operations, components, loads and experiments.
fn design(changes: &[(&str, &str)]) -> String {
    let change = |what: &str| changes.iter().find(|(name, _)| *name == what).map_or("", |(_, text)| *text);
    let arrivals = if change("arrivals").is_empty() { "poisson(50/s)" } else { change("arrivals") };
    format!(
        "kind: design\nversion: 1\nname: x\nplaces: {{ eu: {{ zones: [a, b] }} }}\ncomponents:\n  \
         gateway: {{ kind: load-balancer, to: shop }}\n  \
         shop: {{ kind: service, place: eu/a, replicas: 2, workers: 8, operations: {{ browse: [ {{ compute: exp(2ms) }}, \
         {{ read: db }}{} ]{} }} }}\n  db: {{ kind: database }}\n{}\nload: [ {{ operation: gateway.browse, arrivals: {arrivals} }}{} ]\n{}\n",
        change("steps"),
        change("operations"),
        change("components"),
        change("load"),
        change("experiments"),
    )
}

/// Everything that is said of a design before it runs.
fn said(text: &str) -> Vec<Diagnostic> {
    let read = read_design(text, &VOCABULARY);
    let mut found = read.diagnostics;
    if let Some(design) = read.value {
        match compile(&design) {
            Ok(compiled) => {
                found.extend(foresee(&design, &compiled, &Options { threads: Some(2), ..Options::default() }));
                found.extend(compiled.warnings);
            }
            Err(errors) => found.extend(errors),
        }
    }
    found
}

/// A design with these changes gets one diagnostic, with this code and these words, at this text of it.
#[track_caller]
fn check(changes: &[(&str, &str)], code: &str, words: &str, at: &str) {
    let text = design(changes);
    let found = said(&text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    let diagnostic = &found[0];
    assert_eq!(diagnostic.code, code, "{diagnostic:#?}");
    assert!(diagnostic.headline.contains(words), "{diagnostic:#?}");
    assert!(diagnostic.help.is_some(), "what would be right is said: {diagnostic:#?}");
    let span = diagnostic.labels[0].span;
    assert_eq!(&text[span.start as usize..span.end as usize], at, "{diagnostic:#?}");
}

#[track_caller]
fn fine(changes: &[(&str, &str)]) {
    let text = design(changes);
    assert_eq!(said(&text), [], "{text}");
}

const OTHER: (&str, &str) = ("components", "  other: { kind: database }");
const EVENTS: &str = "  events: { kind: log, topics: { placed: {}, done: {} } }\n  mailer: { kind: service, operations: \
                      { on: { handles: placed, steps: [ { compute: 1ms }STEPS ] } } }";

#[test]
fn what_is_right_is_let_through() {
    fine(&[]);
    // Overload is a result, not a mistake.
    fine(&[("arrivals", "poisson(1M/s)")]);
    // Loads that change, are mixed, or walk.
    for load in [
        "{ operation: gateway.browse, arrivals: steps(0s 0/s 5min 100/s) }",
        "{ operation: gateway.browse, arrivals: ramp(0/s 100/s 5min) }",
        "{ name: many, mix: { gateway.browse: 90%, gateway.note: 10% }, arrivals: poisson(50/s) }",
        "{ name: walk, route: { start: A, A: { call: gateway.browse, next: { A: 90% } } }, arrivals: poisson(5/s) }",
    ] {
        let note = if load.contains("note") { ", note: [ { compute: 1ms } ]" } else { "" };
        let text =
            design(&[("operations", note)]).replace("{ operation: gateway.browse, arrivals: poisson(50/s) }", load);
        assert_eq!(said(&text), [], "{text}");
    }
    // What is parked may wait for people.
    let parked = "  jobs: { kind: queue }\n  parked: { kind: queue }\n  worker: { kind: service, operations: { work: { handles: \
                  jobs, dead-letters: parked, steps: [ { compute: 1ms } ] } } }";
    fine(&[("steps", ", { enqueue: jobs }"), ("components", parked)]);
    // A fallback runs when something fails; a cache that holds all misses when it is cold.
    fine(&[
        ("steps", ", { call: mail, timeout: 1s, fallback: [ { write: other } ] }"),
        ("components", "  mail: { kind: external, latency: exp(1ms) }\n  other: { kind: database }"),
    ]);
    fine(&[
        ("steps", ", { read: near }"),
        ("components", "  near: { kind: cache, of: far, hit-ratio: 100% }\n  far: { kind: database }"),
    ]);
    // Sends that die out.
    fine(&[
        ("steps", ", { send: shop.note }"),
        ("operations", ", note: [ { compute: 1ms }, { branch: { 90%: [ { send: shop.note } ], 10%: [] } } ]"),
    ]);
    // In a transaction an operation in process stands in line.
    fine(&[
        ("steps", ", { transaction: db, steps: [ { write: db }, { local: note } ] }"),
        ("operations", ", note: [ { compute: 1ms } ]"),
    ]);
}

#[test]
fn an_edge_without_traffic() {
    let edges = [
        ", { branch: { 0%: [ { write: other } ], 100%: [] } }",
        ", { repeat: 0, steps: [ { write: other } ] }",
        ", { compute: 1ms, fail: 100% }, { write: other }",
        ", { call: gateway.note, fail: 100% }, { write: other }",
    ];
    for (nth, steps) in edges.into_iter().enumerate() {
        let note = if nth == 3 { ", note: [ { compute: 1ms } ]" } else { "" };
        check(&[("steps", steps), ("operations", note), OTHER], "no-traffic", "`shop.browse` asks of `other`", "other");
    }
    let handled = EVENTS.replace("STEPS", "");
    check(&[("components", &handled)], "no-traffic", "`mailer.on` handles `placed`, which nothing publishes", "placed");
    let text = design(&[("steps", ", { write: other, times: 0 }"), OTHER]);
    assert!(said(&text).iter().any(|found| found.code == "no-traffic" && found.headline.contains("0 times")), "{text}");
    check(&[("arrivals", "poisson(0/s)")], "silent-load", "`gateway.browse` sends nothing", "poisson(0/s)");
}

#[test]
fn a_circle_without_end() {
    let circle = ", a: [ { call: shop.b } ], b: [ { call: gateway.a } ]";
    check(
        &[("steps", ", { call: shop.a }"), ("operations", circle)],
        "call-cycle",
        "`shop.a` waits for an answer of itself",
        "gateway.a",
    );
    let balancers = "  one: { kind: load-balancer, to: two }\n  two: { kind: load-balancer, to: one }";
    check(&[("steps", ", { call: one.x }"), ("components", balancers)], "call-cycle", "passed on without end", "one");
    let sends = ", a: [ { send: shop.b } ], b: [ { send: gateway.a } ]";
    check(
        &[("steps", ", { send: shop.a }"), ("operations", sends)],
        "endless-cascade",
        "brings itself about for ever",
        "shop.b",
    );
    let grows = ", a: [ { branch: { 60%: [ { send: shop.a }, { send: shop.a } ], 40%: [] } } ]";
    check(
        &[("steps", ", { send: shop.a }"), ("operations", grows)],
        "endless-cascade",
        "`shop.a` brings itself about",
        "shop.a",
    );
    let handler = EVENTS.replace("STEPS", ", { publish: placed }");
    check(
        &[("steps", ", { publish: placed }"), ("components", &handler)],
        "endless-cascade",
        "`mailer.on` brings itself about",
        "placed",
    );
    let users = ", { name: u, operation: nil.no, users: 5 }";
    let nil = "  nil: { kind: service, operations: { no: [] } }";
    let found = said(&design(&[("components", nil), ("load", users)]));
    assert_eq!(found[0].code, "no-time-passes", "{found:#?}");
}

#[test]
fn what_nobody_asks_for_and_nobody_drains() {
    check(&[OTHER], "unused-component", "nothing ever asks `other`", "other");
    let unused = [("operations", ", pay: [ { compute: 1ms } ]")];
    check(&unused, "unused-operation", "nothing calls `shop.pay`", "pay");
    assert_eq!(said(&design(&unused))[0].severity, Severity::Warning);
    let jobs = [("steps", ", { enqueue: jobs, times: 3 }"), ("components", "  jobs: { kind: queue }")];
    check(&jobs, "undrained-queue", "the queue `jobs`: it grows by 150/s", "jobs");
    let topic = EVENTS.replace("STEPS", ", { publish: done }");
    check(
        &[("steps", ", { publish: placed }"), ("components", &topic)],
        "undrained-queue",
        "the topic `done`: it grows by 50/s",
        "{}",
    );
}

#[test]
fn a_fault_aimed_at_nothing() {
    let fault = |fault: &str, code: &str, words: &str, at: &str| {
        let text = format!("experiments: [ {{ name: e, duration: 10min, faults: [ {{ {fault} }} ] }} ]");
        check(
            &[("experiments", &text), ("load", ", { name: u, operation: shop.browse, users: 5, think: 1s }")],
            code,
            words,
            at,
        );
    };
    fault("at: 1min, crash: shp", "unknown-component", "no component is called `shp`", "shp");
    fault("at: 1min, crash: shop/3", "unknown-replica", "no replica `3`", "shop/3");
    fault("at: 1min, zone-loss: eu/b", "fault-at-nothing", "no replica stands in `eu/b`", "eu/b");
    fault(
        "at: 10min, crash: shop",
        "fault-at-nothing",
        "begins at 10min, when the experiment of 10min is over",
        "crash",
    );
    fault("at: 1min, for: 0s, slow: { what: shop, factor: 2x }", "fault-at-nothing", "lasts no time", "slow");
    fault("at: 1min, consumer-stop: shop", "fault-at-nothing", "`shop` takes no records", "shop");
    fault("at: 1min, leader-loss: shop", "fault-at-nothing", "`shop` (service) has no leader", "shop");
    fault(
        "at: 1min, spike: { factor: 2x, load: u }",
        "fault-at-nothing",
        "only open loads grow",
        "{ factor: 2x, load: u }",
    );
    fault(
        "at: 1min, slow: { what: shop, factor: 1x }",
        "fault-at-nothing",
        "changes nothing",
        "{ what: shop, factor: 1x }",
    );
}

#[test]
fn an_experiment_that_is_too_short_or_looks_too_often() {
    for (times, code, words, at) in [
        (
            "duration: 0s",
            "experiment-too-short",
            "of 0s is too short to observe anything: the least is 1ms",
            "duration",
        ),
        ("duration: 1us", "experiment-too-short", "too short to observe anything", "duration"),
        ("duration: 100s, sample-every: 99us", "too-many-samples", "makes more than a million samples", "sample-every"),
    ] {
        check(&[("experiments", &format!("experiments: [ {{ name: e, {times} }} ]"))], code, words, at);
    }
}

#[test]
fn an_expectation_that_no_run_could_decide() {
    for (expectation, words) in [
        ("recovery(gateway.browse) <= 1min", "the experiment has no fault"),
        ("hit-ratio(db) >= 10%", "is no cache"),
        ("lost-writes(shop) == 0", "keeps no data"),
        ("duplicates(shop) == 0", "no records pass"),
        ("lag(db) <= 1s", "nobody takes records"),
        ("utilisation(db) <= 50%", "workers without limit"),
    ] {
        let text = format!("experiments: [ {{ name: e, duration: 10min, expect: [ {expectation} ] }} ]");
        check(&[("experiments", &text)], "vain-expectation", words, expectation);
    }
    let late = "experiments: [ { name: e, duration: 10min, faults: [ { at: 9min, for: 50s, crash: shop } ], expect: [ collapse(gateway.browse) <= 5% ] } ]";
    check(
        &[("experiments", late)],
        "vain-expectation",
        "lasts into the last quarter",
        "collapse(gateway.browse) <= 5%",
    );
}

#[test]
fn a_sample_that_is_never_taken() {
    let late = "experiments: [ { name: e, duration: 10s, sample-at: [5s, 20s], expect: [ mean(in-system(shop at 5s)) <= 9 ] } ]";
    check(&[("experiments", late)], "sample-never-taken", "over before it looks", "20s");
}

#[test]
fn a_load_beyond_an_hour() {
    let unlimited = [
        ("arrivals", "poisson(10M/s)"),
        ("components", "  big: { kind: service, operations: { o: [ { compute: 1ms } ] } }"),
    ];
    let text = design(&unlimited)
        .replace("to: shop", "routes: { browse: big.o }")
        .replace("gateway.browse, a", "gateway.browse, name: busy, a");
    let text = text.replace(" ]\n\n", ", { operation: shop.browse, arrivals: poisson(1/s) } ]\n\n");
    let found = said(&text);
    assert_eq!(found[0].code, "too-much-to-simulate", "{found:#?}\n{text}");
    assert!(found[0].headline.contains("would take about") && found[0].help.is_some(), "{found:#?}");
    let spike = "experiments: [ { name: e, duration: 10min, faults: [ { at: 1min, spike: { factor: 100000x } } ] } ]";
    // A spike that ends at the cap of what may wait is overload, and that is a result.
    fine(&[("experiments", spike)]);
    let refused = design(&[("experiments", spike)]).replace("workers: 8", "workers: 8, queue: 10");
    assert_eq!(said(&refused)[0].code, "too-much-to-simulate", "{refused}");
    for (what, text) in [
        ("replicas", design(&[]).replace("replicas: 2", "replicas: 1000000000")),
        ("replicas", design(&[]).replace("replicas: 2", "replicas: 0")),
        ("copies", design(&[]).replace("kind: database", "kind: database, copies: 5000")),
        ("users", design(&[("load", ", { name: u, operation: shop.browse, users: 1000000000, think: 1s }")])),
    ] {
        let found = said(&text);
        assert!(found[0].code == "out-of-range" && found[0].headline.contains(what), "{found:#?}\n{text}");
    }
}

/// All examples of the reference and the designs of the language.
fn examples() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for folder in ["components", "faults", "policies"].map(|name| root.join("../../examples/reference").join(name)) {
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        texts.extend(files.iter().map(|file| fs::read_to_string(file).unwrap()));
    }
    texts.push(include_str!("designs/shop.yaml").to_string());
    texts
}

#[test]
fn the_examples_are_free_of_complaints() {
    for text in examples() {
        assert_eq!(said(&text), [], "{text}");
    }
}

/// Words of a text with the white space and signs between them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut from = 0;
    for (at, sign) in text.char_indices() {
        if !sign.is_alphanumeric() && sign != '-' && sign != '.' && sign != '%' {
            words.push(&text[from..at]);
            words.push(&text[at..at + sign.len_utf8()]);
            from = at + sign.len_utf8();
        }
    }
    words.push(&text[from..]);
    words
}

/// Says all that can be said of a mutated design, and runs it for an instant if it may.
fn survive(text: &str) {
    let Some(design) = read_design(text, &VOCABULARY).value else { return };
    let Ok(compiled) = compile(&design) else { return };
    let short = Options { replications: 1, duration: Seconds(0.5), threads: Some(1), ..Options::default() };
    let _ = foresee(&design, &compiled, &short);
    if !compiled.pointless.is_empty() {
        return;
    }
    let events: f64 = (compiled.tables.sources.iter().zip(&compiled.traffic.events))
        .map(|(source, events)| compiled.traffic.visits(source.entry) * events)
        .sum();
    if events > 2e5 || compiled.tables.zones.len() > 10_000 || text.contains("at(") {
        return;
    }
    let spec = RunSpec {
        seed: 1,
        replication: 0,
        warm_up: Seconds(0.1),
        window: Seconds(0.4),
        drain_cap: Seconds(0.1),
        experiment: (!compiled.tables.experiments.is_empty()).then_some(0),
        segment_width: Seconds(0.1),
    };
    let record = replicate(&compiled, &spec);
    for entry in &record.entries {
        assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "each request ends once\n{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn mutated_examples_never_panic(
        example in 0usize..1000,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..6), 1..5),
    ) {
        let examples = examples();
        let text = &examples[example % examples.len()];
        let mut parts: Vec<String> = words(text).into_iter().map(str::to_string).collect();
        for (at, other, how) in changes {
            let names: Vec<usize> = (0..parts.len()).filter(|nth| parts[*nth].chars().any(char::is_alphanumeric)).collect();
            let (Some(at), Some(other)) = (names.get(at.index(names.len().max(1))), names.get(other.index(names.len().max(1)))) else { break };
            match how {
                0 => parts[*at] = parts[*other].clone(),
                1 => { let (one, two) = (parts[*at].clone(), parts[*other].clone()); parts[*at] = two; parts[*other] = one; }
                2 => parts[*at] = "0".into(),
                3 => parts[*at] = parts[*at].replace(|sign: char| sign.is_ascii_digit(), "0"),
                4 => parts[*at] = parts[*at].replace(|sign: char| sign.is_ascii_digit(), "99"),
                _ => { parts.remove(*at); }
            }
        }
        survive(&parts.concat());
    }
}
