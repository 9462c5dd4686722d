//! What an experiment tells of a recovery as given: the times that a fault makes a run wait for, and no others.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_sim::lower::inputs::inputs;
use groundplan_sim::lower::{VOCABULARY, compile};

/// The names of what is given, with its times: `db detection 5`.
fn given(components: &str, fault: &str) -> Vec<String> {
    let text = format!(
        "kind: design\nversion: 1\nname: t\nplaces: {{ east: {{ zones: [a, b, c] }}, west: {{ zones: [a] }} }}\nnetwork: {{ between-regions: {{ east: {{ west: 60ms }} }} }}\n\
         components:\n{components}load: [ {{ operation: app.go, arrivals: poisson(10/s) }} ]\n\
         experiments: [ {{ name: e, duration: 3min, faults: [ {{ at: 5s, {fault} }} ], expect: [ availability(app.go) >= 1% ] }} ]\n"
    );
    let read = read_design(&text, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:?}\n{text}", read.diagnostics);
    let design = read.value.unwrap();
    let compiled = compile(&design).unwrap_or_else(|found| panic!("{found:?}\n{text}"));
    let all = inputs(&design.experiments[0], 0, &compiled);
    all.iter().map(|one| format!("{} {} {}", one.component.as_deref().unwrap_or("-"), one.name, one.value.0)).collect()
}

fn with_database(database: &str, fault: &str) -> Vec<String> {
    let app = "\x20 app: { kind: service, place: east/a, operations: { go: [ { write: db, timeout: 1s } ] } }\n";
    let mut all = given(&format!("{app}\x20 db: {{ kind: database, {database} }}\n"), fault);
    all.retain(|one| one.starts_with("db "));
    all
}

#[test]
fn a_database_with_copies_fails_over_before_it_restarts() {
    let parts = "place: east, copies: 3, detection: 4s, promotion: 5s, hold-down: 2s";
    let told = ["db detection 4", "db hold-down 2", "db promotion 5"];
    for fault in ["leader-loss: db", "crash: db/1", "machine-loss: db/1", "zone-loss: east/a"] {
        assert_eq!(with_database(parts, fault), told, "{fault}");
    }
    assert_eq!(with_database("place: east, copies: 3, failover: 7s", "leader-loss: db"), ["db failover 7"]);
    // No copy is left, none may lead, or the leader is back before: it is the restart that counts.
    assert_eq!(with_database(parts, "crash: db"), ["db restart 30"]);
    assert_eq!(with_database("place: east, copies: 3, failover: none", "crash: db/1"), ["db restart 30"]);
    assert_eq!(with_database(&format!("{parts}, restart: 6s"), "crash: db/1"), ["db restart 6"]);
    // A follower leads nothing.
    assert_eq!(with_database(parts, "crash: db/2"), ["db restart 30"]);
}

#[test]
fn a_cut_leads_to_a_failover_where_half_of_the_copies_are_beyond_it() {
    let cut = "for: 60s, partition: { between: [east, west] }";
    let told = ["db detection 10", "db promotion 20"];
    assert_eq!(with_database("place: east/a, copies-in: [west, west]", cut), told);
    assert!(with_database("place: east/a, copies-in: [east/b, west]", cut).is_empty());
    assert!(with_database("place: east/a, copies-in: [west, west], hold-down: 60s", cut).is_empty());
}

#[test]
fn names_inputs_and_releases_wait_for_times_too() {
    let service = |name: &str, place: &str| {
        format!(
            "\x20 {name}: {{ kind: service, place: {place}, restart: 8s, operations: {{ go: [ {{ compute: const(1ms) }} ] }} }}\n"
        )
    };
    let app = service("app", "east");
    assert_eq!(given(&app, "poison-input: { what: app.go, share: 1% }"), ["app restart 8"]);
    assert!(given(&app, "poison-input: { what: app.go, share: 1%, kills: no }").is_empty());
    assert_eq!(given(&app, "bad-release: { what: app, errors: 20% }"), ["app restart 8"]);
    let steered = format!(
        "{}{}\x20 app: {{ kind: dns, to: {{ east: one, west: two }}, policy: failover, ttl: 40s, health: {{ every: 5s, unhealthy-after: 3 }} }}\n",
        service("one", "east"),
        service("two", "west")
    );
    let told = given(&steered, "region-loss: east");
    for one in ["app ttl 40", "app checks take out after 15"] {
        assert!(told.iter().any(|told| told == one), "{one}: {told:?}");
    }
    assert!(!given(&steered, "outage: one").iter().any(|told| told.starts_with("app")));
}
