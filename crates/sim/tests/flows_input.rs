//! What consumers, logs, queues, relays and their faults may not say: code, what is named, and where it stands.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_sim::lower::{VOCABULARY, compile};

const DESIGN: &str = "kind: design
version: 1
name: small
components:
  app: { kind: service, operations: { place: [ { write: orders }, { publish: placed }, { enqueue: jobs } ] } }
  orders: { kind: database }
  events: { kind: log, topics: { placed: { partitions: 4 }, changed: { partitions: 4 } } }
  jobs: { kind: queue }
  parked: { kind: queue }
  mail: { kind: service, operations: { send: { handles: placed, steps: [ { compute: 1ms } ] } } }
  work: { kind: service, operations: { do: { handles: jobs, steps: [ { compute: 1ms } ] } } }
  index: { kind: service, operations: { put: { handles: changed, steps: [ { compute: 1ms } ] } } }
  capture: { kind: change-capture, of: orders, to: events }
load: [ { operation: app.place, arrivals: poisson(10/s) } ]
experiments: [ { name: x, duration: 10min, faults: [ { at: 1min, for: 1min, poison: { topic: placed } } ] } ]
";

/// Codes and headlines of what is wrong after a change, with the text at its first label.
fn found(from: &str, to: &str) -> Vec<(String, String, String)> {
    assert!(DESIGN.contains(from), "{from}");
    let text = DESIGN.replacen(from, to, 1);
    let read = read_design(&text, &VOCABULARY);
    let mut all: Vec<_> = read.diagnostics.clone();
    if let Some(design) = read.value {
        match compile(&design) {
            Ok(compiled) => all.extend(compiled.warnings.into_iter().chain(compiled.pointless)),
            Err(diagnostics) => all.extend(diagnostics),
        }
    }
    all.into_iter()
        .map(|one| {
            let at = one
                .labels
                .first()
                .map_or("", |label| text.get(label.span.start as usize..label.span.end as usize).unwrap_or(""));
            (one.code.to_string(), one.headline.clone(), at.to_string())
        })
        .collect()
}

fn check(from: &str, to: &str, code: &str, headline: &str, at: &str) {
    let all = found(from, to);
    let hit = all.iter().any(|(c, h, a)| c == code && h.contains(headline) && a.contains(at));
    assert!(hit, "{to}: {all:#?}");
}

#[test]
fn the_design_itself_is_fine() {
    // The queue for what is given up waits for its letters.
    let all = found("small", "small");
    assert!(all.iter().all(|(_, headline, _)| headline.contains("`parked`")), "{all:#?}");
}

#[test]
fn consumers_of_nothing_and_of_no_time() {
    let send = "{ handles: placed, ";
    check(send, "{ group: mailers, ", "group-without-topic", "handles no topic", "mailers");
    check(send, "{ handles: placed, batch: 0, ", "out-of-range", "`batch: 0`", "0");
    check(send, "{ handles: placed, deliveries: 0, ", "out-of-range", "`deliveries: 0`", "0");
    check(
        "jobs: { kind: queue }",
        "jobs: { kind: queue, visibility: 0s }",
        "no-time",
        "before it could be handled",
        "0s",
    );
    check("jobs: { kind: queue }", "jobs: { kind: queue, limit: 0 }", "out-of-range", "takes nothing", "0");
    check("events: { kind: log, ", "events: { kind: log, retention: 20s, ", "retention-too-short", "after 45s", "20s");
    check("of: orders, to", "flush: 0s, of: orders, to", "no-time", "without end", "0s");
}

#[test]
fn dead_letters_go_somewhere_and_stay() {
    let send = "{ handles: placed, ";
    check(send, "{ handles: placed, dead-letters: placed, ", "dead-letters-in-a-circle", "comes back", "placed");
    check(send, "{ handles: placed, dead-letters: orders, ", "wrong-component", "no queue", "orders");
    check(
        "handles: jobs, steps: [ { compute: 1ms } ] } } }",
        "handles: jobs, dead-letters: parked, steps: [ { compute: 1ms } ] }, again: { handles: parked, dead-letters: jobs, steps: [ { compute: 1ms } ] } } }",
        "dead-letters-in-a-circle",
        "`parked`, then to `jobs`",
        "parked",
    );
}

#[test]
fn relays_and_registries_stand_between_the_right_things() {
    check("of: orders, to: events", "of: mail, to: events", "wrong-component", "not a database", "mail");
    check("of: orders, to: events", "of: orders, to: orders", "wrong-component", "not a log", "orders");
    check("load:", "  gate: { kind: schema-registry, of: jobs }\nload:", "wrong-component", "not a log", "jobs");
}

#[test]
fn spoilt_records_have_a_topic_and_a_share() {
    let fault = "poison: { topic: placed }";
    check(fault, "poison: { share: 1% }", "missing-key", "`topic`", "");
    check(fault, "poison: { topic: nothing }", "unknown-topic", "nothing", "nothing");
    check(fault, "poison: { topic: placed, share: 0% }", "fault-at-nothing", "spoils nothing", "placed");
    check(fault, "poison: { topic: parked }", "fault-at-nothing", "nobody handles", "parked");
}
