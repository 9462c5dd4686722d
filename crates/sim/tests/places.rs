//! Places: where clients are, which way their messages take, round trips measured in public, global steering.
//!
//! Designs so small that the answer is known to the nanosecond, or to a share within an interval.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_sim::kernel::engine::{Engine, Leftovers, Plan};
use groundplan_sim::lower::{Compiled, VOCABULARY, compile};
use groundplan_sim::record::{Ending, Record};

fn compiled(body: &str) -> Result<Compiled, Vec<Diagnostic>> {
    let read = read_design(&format!("kind: design\nversion: 1\nname: places\n{body}"), &VOCABULARY);
    let errors: Vec<Diagnostic> = read.errors().cloned().collect();
    match read.value {
        Some(design) if errors.is_empty() => compile(&design),
        _ => Err(errors),
    }
}

struct Run {
    record: Record,
}

impl Run {
    /// A design without its head, for 100 s from the first instant; with its experiment if it has one.
    fn of(body: &str) -> Run {
        let compiled = compiled(body).unwrap_or_else(|found| panic!("{found:#?}"));
        let plan = Plan {
            seed: 5,
            replication: 0,
            warm_up: 0,
            window: 100_000_000_000,
            drain_cap: 100_000_000_000,
            slice: 1_000_000_000,
            experiment: (!compiled.tables.experiments.is_empty()).then_some(0),
        };
        let (record, leftovers) = Engine::new(&compiled.tables, plan).run_and_look();
        assert!(body.contains("constant(") || leftovers == Leftovers::default(), "{leftovers:?} are held in the end");
        for entry in &record.entries {
            assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "every request ends once");
        }
        Run { record }
    }

    fn ended(&self, entry: usize, ending: Ending) -> u64 {
        self.record.entries[entry].ended[ending as usize]
    }

    /// Mean and maximum of the latencies of the ok requests. Unit: ms.
    fn latency_ms(&self, entry: usize) -> (f64, f64) {
        let latency = &self.record.entries[entry].latency;
        (latency.sum() as f64 / latency.count() as f64 / 1e6, latency.max() as f64 / 1e6)
    }
}

/// Two regions 70 ms apart, their zones 2 ms; a shop of 10 ms in each; `load` stands behind the components.
fn two_regions(network: &str, rest: &str) -> String {
    format!(
        "places: {{ eu: {{ zones: [x] }}, us: {{ zones: [x] }} }}\n\
         network: {{ between-zones: 2ms, between-regions: {{ eu: {{ us: 70ms }} }} {network} }}\n\
         components:\n  shop: {{ kind: service, place: eu, operations: {{ ask: [ {{ compute: const(10ms) }} ] }} }}\n\
         {rest}"
    )
}

#[test]
fn a_client_waits_for_the_way_from_where_it_is() {
    let latency = |from: &str| {
        let load = format!("load: [ {{ operation: shop.ask, {from} arrivals: at(1s 1) }} ]\n");
        Run::of(&two_regions("", &load)).latency_ms(0)
    };
    assert_eq!(latency(""), (10.0, 10.0), "nowhere");
    assert_eq!(latency("from: eu,"), (12.0, 12.0), "the edge is as far as another zone");
    assert_eq!(latency("from: us,"), (80.0, 80.0), "over the ocean and back");
}

#[test]
fn clients_are_spread_over_regions_by_their_shares() {
    let load = "load: [ { operation: shop.ask, from: { eu: 70%, us: 30% }, arrivals: at(1s 20000) } ]\n";
    let (mean, max) = Run::of(&two_regions("", load)).latency_ms(0);
    assert_eq!(max, 80.0);
    // 12 + 68 x share of us; four standard deviations of a share of 30% among 20,000.
    let share = (mean - 12.0) / 68.0;
    assert!((share - 0.3).abs() < 4.0 * (0.21f64 / 20_000.0).sqrt(), "{share}");
}

#[test]
fn steps_of_a_client_and_attempts_under_policies_take_the_same_way() {
    let steps =
        "load: [ { name: both, from: us, steps: [ { call: shop.ask }, { call: shop.ask } ], arrivals: at(1s 1) } ]\n";
    assert_eq!(Run::of(&two_regions("", steps)).latency_ms(0).0, 160.0);
    let parallel = "load: [ { name: both, from: us, steps: [ { parallel: [ { call: shop.ask }, { call: shop.ask } ] } ], arrivals: at(1s 1) } ]\n";
    assert_eq!(Run::of(&two_regions("", parallel)).latency_ms(0).0, 80.0);
    let tried = "load: [ { operation: shop.ask, from: us, timeout: 79ms, retry: { attempts: 2, backoff: 0s }, arrivals: at(1s 1) } ]\n";
    assert_eq!(Run::of(&two_regions("", tried)).ended(0, Ending::Timeout), 1, "80 ms are too long twice");
}

#[test]
fn sizes_of_a_clients_messages_take_their_time() {
    let rest = "load: [ { name: big, from: us, steps: [ { call: shop.ask, request: 1 MB } ], arrivals: at(1s 1) } ]\n";
    // 8 Mbit at 100 Mbit/s.
    assert_eq!(Run::of(&two_regions(", bandwidth: 100 Mbit/s", rest)).latency_ms(0).0, 160.0);
}

#[test]
fn the_edge_of_a_region_can_be_cut_off_and_is_not_the_region() {
    let lost = |between: &str| {
        let rest = format!(
            "load: [ {{ operation: shop.ask, from: us, timeout: 1s, arrivals: at(10s 7) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 5s, for: 20s, partition: {{ between: {between} }} }} ] }} ]\n"
        );
        compiled(&two_regions("", &rest)).map(|_| Run::of(&two_regions("", &rest)).ended(0, Ending::Timeout))
    };
    assert_eq!(lost("[us/edge, eu]").unwrap(), 7);
    assert_eq!(lost("[shop, us/edge]").unwrap(), 7);
    // Nothing of ours stands in us, and its clients are not in the region.
    assert_eq!(lost("[us, eu]").unwrap_err()[0].code, "cut-through-nothing");
    assert_eq!(lost("[eu/edge, eu]").unwrap_err()[0].code, "unknown-place", "no client is there");
}

#[test]
fn public_round_trips_are_those_of_the_table() {
    let body = "places: { eu-west-1: { zones: [a] } }\nnetwork: { between-regions: public }\n\
                components:\n  shop: { kind: service, place: eu-west-1, operations: { ask: [ { compute: const(10ms) } ] } }\n\
                load: [ { operation: shop.ask, from: ap-southeast-2, arrivals: at(1s 1) } ]\n";
    assert_eq!(Run::of(body).latency_ms(0).0, 265.742);
}

#[test]
fn places_that_make_no_sense_are_refused_with_line_and_column() {
    let found = |body: &str| {
        let found = compiled(body).err().unwrap_or_default();
        let text = format!("kind: design\nversion: 1\nname: places\n{body}");
        let first = found.first().unwrap_or_else(|| panic!("nothing found in\n{text}"));
        let (line, column) = groundplan_model::render::position(&text, first.labels[0].span.start as usize);
        (first.code, line, column, first.headline.clone())
    };
    let from = |from: &str| {
        two_regions("", &format!("load: [ {{ operation: shop.ask, from: {from}, arrivals: at(1s 1) }} ]\n"))
    };
    for (body, expected) in [
        (from("{ eu: 70%, us: 20% }"), "shares-not-whole"),
        (from("{}"), "shares-not-whole"),
        (from("{ eu: 70%, mars: 30% }"), "unknown-place"),
        (from("mars"), "unknown-place"),
    ] {
        let (code, line, column, headline) = found(&body);
        assert_eq!(code, expected, "{headline}");
        assert!(line == 8 && column > 20, "{line}:{column} {headline}");
    }
    let unknown = "places: { eu-west-1: { zones: [a] }, atlantis: { zones: [a] } }\nnetwork: { between-regions: public }\n\
                   components:\n  a: { kind: service, place: eu-west-1, operations: { ask: [ { call: b.ask } ] } }\n  b: { kind: service, place: atlantis, operations: { ask: [ { compute: const(1ms) } ] } }\n\
                   load: [ { operation: a.ask, arrivals: at(1s 1) } ]\n";
    let (code, line, _, headline) = found(unknown);
    assert_eq!((code, line), ("no-round-trip", 4), "{headline}");
    assert!(headline.contains("eu-west-1") && headline.contains("atlantis"), "{headline}");
}

/// Forty callers and a callee of one replica: a pair can talk, or can't, for as long as the fault lasts.
#[test]
fn a_partial_partition_parts_whole_pairs_and_not_single_messages() {
    let body = |share: &str| {
        format!(
            "components:\n  gate: {{ kind: load-balancer, to: a, algorithm: round-robin }}\n  \
             a: {{ kind: service, replicas: 400, operations: {{ ask: [ {{ call: b.serve, timeout: 100ms }} ] }} }}\n  \
             b: {{ kind: service, operations: {{ serve: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: gate.ask, arrivals: at(10s 8000) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 5s, for: 20s, partition: {{ between: [a, b], share: {share} }} }} ] }} ]\n"
        )
    };
    assert_eq!(Run::of(&body("100%")).ended(0, Ending::Timeout), 8_000);
    let lost = Run::of(&body("30%")).ended(0, Ending::Timeout);
    // Each caller asks twenty times and is lost every time or never.
    assert_eq!(lost % 20, 0, "a pair is parted or it is not: {lost}");
    let (pairs, sd) = (lost as f64 / 20.0, (400.0f64 * 0.3 * 0.7).sqrt());
    assert!((pairs - 120.0).abs() < 4.0 * sd, "{pairs} of 400 pairs");
    let found = compiled(&body("0%")).unwrap();
    assert_eq!(found.pointless[0].code, "fault-at-nothing");
}

/// Two regions 70 ms apart behind one name; each answers at once. `more` stands in the name, `load` and the rest behind.
fn steered(more: &str, rest: &str) -> String {
    format!(
        "places: {{ eu: {{ zones: [x] }}, us: {{ zones: [x] }} }}\n\
         network: {{ between-regions: {{ eu: {{ us: 70ms }} }} }}\n\
         components:\n  name: {{ kind: dns, to: {{ eu: europe, us: america }}, {more} }}\n  \
         europe: {{ kind: service, place: eu, operations: {{ ask: [ {{ compute: const(1ms) }} ] }} }}\n  \
         america: {{ kind: service, place: us, operations: {{ ask: [ {{ compute: const(2ms) }} ] }} }}\n{rest}"
    )
}

#[test]
fn a_name_leads_to_the_nearest_and_the_way_is_the_clients_own() {
    let latency = |more: &str, from: &str| {
        let load = format!("load: [ {{ operation: name.ask, from: {from}, arrivals: at(1s 10) }} ]\n");
        Run::of(&steered(more, &load)).latency_ms(0)
    };
    assert_eq!(latency("ttl: 30s", "eu"), (1.0, 1.0));
    assert_eq!(latency("ttl: 30s", "us"), (2.0, 2.0));
    assert_eq!(latency("policy: failover", "us"), (71.0, 71.0), "the first that is up, however far");
}

#[test]
fn weights_are_kept_within_chance() {
    let weighted = "policy: weighted, weights: { eu: 80%, us: 20% }";
    let load = "load: [ { operation: name.ask, from: eu, arrivals: at(1s 20000) } ]\n";
    let (mean, _) = Run::of(&steered(weighted, load)).latency_ms(0);
    // 1 ms at home, 72 ms over the ocean.
    let share = (mean - 1.0) / 71.0;
    assert!((share - 0.2).abs() < 4.0 * (0.16f64 / 20_000.0).sqrt(), "{share}");
}

/// Lost at 10 s, found out at once at the next check (every 1 ms): the share of clients with the old answer falls from all
/// to none over the time to live.
#[test]
fn after_a_region_is_lost_old_answers_expire_evenly_over_the_time_to_live() {
    let failed = |at: &str, more: &str| {
        let body = format!(
            "load: [ {{ operation: name.ask, from: eu, timeout: 100ms, arrivals: at({at} 4000) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, region-loss: eu }} ] }} ]\n"
        );
        let more = format!("ttl: 20s, health: {{ every: 1ms, unhealthy-after: 1 }} {more}");
        Run::of(&steered(&more, &body)).ended(0, Ending::Timeout) as f64 / 4000.0
    };
    assert_eq!(failed("9s", ""), 0.0);
    let near = |found: f64, expected: f64| {
        let sd = (expected * (1.0 - expected) / 4000.0).sqrt().max(1e-3);
        assert!((found - expected).abs() < 4.0 * sd, "{found} against {expected}");
    };
    near(failed("10.002s", ""), 1.0);
    near(failed("15s", ""), 0.75);
    near(failed("20s", ""), 0.5);
    assert_eq!(failed("30.1s", ""), 0.0, "every answer has expired");
    // A tenth keep theirs for 60 s: 20 s after the loss two thirds of them still have it.
    near(failed("30.1s", ", ignores-ttl: 10%, keeps-for: 60s"), 0.1 * (1.0 - 20.1 / 60.0));
}

#[test]
fn checks_take_their_time_and_a_region_that_is_back_is_used_again() {
    let slow = |at: &str, more: &str| {
        let body = format!(
            "load: [ {{ operation: name.ask, from: eu, timeout: 100ms, arrivals: at({at} 100) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, for: 30s, region-loss: eu }} ] }} ]\n"
        );
        let run = Run::of(&steered(
            &format!("ttl: 1ms, health: {{ every: 5s, unhealthy-after: 3, healthy-after: 2 }} {more}"),
            &body,
        ));
        (run.ended(0, Ending::Timeout), run.latency_ms(0).1)
    };
    // The third check in a row fails 10 s to 15 s after the loss.
    assert_eq!(slow("19.9s", "").0, 100);
    assert_eq!(slow("25.1s", ""), (0, 72.0), "sent over the ocean");
    // Europe starts at 40 s and 10 s later it works; two good checks come 5 s to 10 s after that.
    assert_eq!(slow("54.9s", ""), (0, 72.0));
    assert_eq!(slow("60.1s", ""), (0, 1.0));
}

#[test]
fn with_no_region_left_all_are_answered_with() {
    let body = "load: [ { operation: name.ask, from: eu, timeout: 100ms, arrivals: at(50s 10) } ]\n\
                experiments: [ { name: x, duration: 100s, faults: [ { at: 10s, region-loss: eu }, { at: 10s, region-loss: us } ] } ]\n";
    assert_eq!(Run::of(&steered("ttl: 1s", body)).ended(0, Ending::Timeout), 10);
}

#[test]
fn a_service_asks_a_name_from_where_it_stands_and_clients_of_a_name_can_be_cut_off() {
    let body = steered(
        "ttl: 30s",
        "  shop: { kind: service, place: us, operations: { go: [ { call: name.ask } ] } }\n\
                        load: [ { operation: shop.go, arrivals: at(1s 5) } ]\n",
    );
    let read = compiled(&body).unwrap();
    assert!(read.pointless.is_empty(), "{:#?}", read.pointless);
    assert_eq!(Run::of(&body).latency_ms(0), (2.0, 2.0), "the region it stands in");
    let cut = "load: [ { operation: name.ask, from: us, timeout: 1s, arrivals: at(10s 7) } ]\n\
               experiments: [ { name: x, duration: 100s, faults: [ { at: 5s, for: 20s, partition: { between: [us/edge, us] } } ] } ]\n";
    assert_eq!(Run::of(&steered("ttl: 30s", cut)).ended(0, Ending::Timeout), 7);
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    let load = "load: [ { operation: name.ask, from: eu, arrivals: at(1s 1) } ]\n";
    for (more, expected) in [
        ("ttl: 0s", "out-of-range"),
        ("ttl: 30s, health: { every: 0s }", "out-of-range"),
        ("place: eu", "place-of-a-name"),
        ("policy: weighted", "missing-key"),
        ("policy: weighted, weights: { eu: 80%, us: 30% }", "shares-not-whole"),
        ("policy: weighted, weights: { eu: 80%, mars: 20% }", "unknown-place"),
        ("weights: { eu: 80%, us: 20% }", "stray-weights"),
    ] {
        let found = compiled(&steered(more, load)).unwrap_err();
        assert_eq!(found[0].code, expected, "{more}: {found:#?}");
        let text = format!("kind: design\nversion: 1\nname: places\n{}", steered(more, load));
        assert_eq!(groundplan_model::render::position(&text, found[0].labels[0].span.start as usize).0, 7, "{more}");
    }
    let nowhere = steered("ttl: 1s", load).replace("to: { eu: europe, us: america }", "to: {}");
    assert_eq!(compiled(&nowhere).unwrap_err()[0].code, "leads-nowhere");
    let mars = steered("ttl: 1s", load).replace("us: america }", "mars: america }");
    assert_eq!(compiled(&mars).unwrap_err()[0].code, "unknown-place");
    let blind = steered("ttl: 1s", "load: [ { operation: name.ask, arrivals: at(1s 1) } ]\n");
    assert!(compiled(&blind).unwrap().warnings.iter().any(|warning| warning.code == "nearest-to-nowhere"));
    let other = steered("ttl: 1s", "load: [ { operation: name.buy, from: eu, arrivals: at(1s 1) } ]\n");
    assert!(compiled(&other).is_err(), "nothing behind has such an operation");
}
