//! What is wrong with copies of data in a design: named with a stable code, its line and column, and what would do.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_sim::lower::{VOCABULARY, compile};

/// The diagnostic of a database with these settings and faults: code, headline, and the text that it points at.
fn found(settings: &str, fault: &str) -> (String, String, String) {
    let text = format!(
        "kind: design\nversion: 1\nname: t\nplaces: {{ east: {{ zones: [a, b] }}, west: {{ zones: [a] }} }}\nnetwork: {{ between-regions: {{ east: {{ west: 60ms }} }} }}\n\
         components:\n\x20 app: {{ kind: service, place: east/a, operations: {{ go: [ {{ read: db }}, {{ write: db }} ] }} }}\n\
         \x20 db: {{ kind: database, place: east/a, {settings} }}\n\
         load: [ {{ operation: app.go, arrivals: poisson(10/s) }} ]\n\
         experiments: [ {{ name: e, duration: 1min, faults: [ {fault} ], expect: [ lost-writes(db) == 0 ] }} ]\n"
    );
    let read = read_design(&text, &VOCABULARY);
    let mut all = read.diagnostics.clone();
    if let Some(design) = &read.value {
        match compile(design) {
            Ok(compiled) => {
                all.extend(compiled.warnings);
                all.extend(compiled.pointless);
            }
            Err(errors) => all.extend(errors),
        }
    }
    let Some(first) = all.first() else { return Default::default() };
    let span = first.labels[0].span;
    (first.code.to_string(), first.headline.clone(), text[span.start as usize..span.end as usize].to_string())
}

#[test]
fn what_is_wrong_with_copies_is_told_where_it_stands() {
    let none = "{ at: 5s, leader-loss: db }";
    for (settings, code, headline, at) in [
        ("copies-in: [west, north]", "unknown-place", "no place is called `north`", "north"),
        (
            "copies: 2, copies-in: [west, east/b]",
            "copies-without-places",
            "`db` has 2 copies, but places for 3",
            "[west, east/b]",
        ),
        (
            "copies: 3, replication: quorum, acknowledgements: 3",
            "quorum-too-large",
            "writes of `db` wait for 3 followers, but it has 2",
            "3",
        ),
        (
            "replication: semi-sync, acknowledgements: 1",
            "quorum-too-large",
            "writes of `db` wait for 1 followers, but it has 0",
            "1",
        ),
        (
            "copies: 3, replication: quorum, acknowledgements: 0",
            "quorum-too-large",
            "writes of `db` wait for no copy at all",
            "0",
        ),
        ("copies: 3, acknowledgements: 1", "idle-acknowledgements", "`async` does not ask how many copies answer", "1"),
        (
            "copies: 2, failover: 5s, detection: 10s",
            "failover-too-fast",
            "a failover of 5s is faster than its detection of 10s",
            "5s",
        ),
        (
            "copies: 2, failover: 5s, promotion: 10s",
            "failover-too-fast",
            "a failover of 5s is faster than its promotion of 10s",
            "5s",
        ),
        (
            "copies: 2, failover: 5s, detection: 1s, promotion: 1s",
            "failover-too-fast",
            "a failover of 5s is not 1s and 1s together",
            "5s",
        ),
        ("read-from: replica", "no-copies", "`db` has one copy: there is no other to read from", "replica"),
        ("read-from: nearest", "no-copies", "`db` has one copy: there is no other to read from", "nearest"),
        ("fencing: no", "no-copies", "`db` has one copy, of which `fencing` says nothing", "no"),
        ("replication: sync", "no-copies", "`db` has one copy: `sync` has nobody to wait for", "sync"),
        (
            "copies: 2, guarantee: session",
            "idle-guarantee",
            "the leader of `db` answers all reads: `session` is kept anyway",
            "session",
        ),
    ] {
        assert_eq!(found(settings, none), (code.into(), headline.into(), at.into()), "{settings}");
    }
    assert_eq!(found("copies: 2, copies-in: [west]", none).0, "");
    assert_eq!(found("copies-in: [west], failover: 5s, detection: 5s", none).0, "");
}

#[test]
fn settings_that_say_nothing_are_told() {
    for (settings, headline, at) in [
        ("failover: 5s", "`failover` says nothing: `db` has one copy", "5s"),
        ("lag: 5s", "`lag` says nothing: `db` has one copy", "5s"),
        (
            "copies: 2, ack-timeout: 3s",
            "`ack-timeout` says nothing: writes wait for no copy with `replication: async`",
            "3s",
        ),
        (
            "copies: 2, flush-time: 3ms",
            "`flush-time` says nothing: writes wait for no copy with `replication: async`",
            "3ms",
        ),
        (
            "copies: 2, failover: none, hold-down: 3s",
            "`hold-down` says nothing: no copy leads with `failover: none`",
            "3s",
        ),
        (
            "copies: 2, read-from: replica, guarantee-wait: 3s",
            "`guarantee-wait` says nothing: no session was promised anything",
            "3s",
        ),
    ] {
        assert_eq!(
            found(settings, "{ at: 5s, crash: db }"),
            ("idle-key".into(), headline.into(), at.into()),
            "{settings}"
        );
    }
    for settings in [
        "copies: 2, lag: 5s, failover: 5s, hold-down: 1s",
        "copies: 2, replication: quorum, ack-timeout: 3s, flush-time: 3ms",
        "copies: 2, read-from: replica, guarantee: session, guarantee-wait: 3s",
    ] {
        assert_eq!(found(settings, "{ at: 5s, crash: db }").0, "", "{settings}");
    }
}

#[test]
fn faults_of_copies_strike_something() {
    let cut = "{ at: 5s, for: 5s, partition: { between: [east, west] } }";
    assert_eq!(found("copies-in: [west]", cut).0, "", "copies that can't follow are something");
    assert_eq!(found("copies: 1", cut).0, "cut-through-nothing");
    assert_eq!(found("copies-in: [east/a]", cut).0, "cut-through-nothing");
    let lag = "{ at: 5s, for: 5s, replica-lag: { what: db, lag: 2s } }";
    assert_eq!(found("copies: 2", lag).0, "");
    let (code, headline, at) = found("copies: 1", lag);
    assert_eq!((code.as_str(), at.as_str()), ("fault-at-nothing", "db"));
    assert_eq!(headline, "`replica-lag` strikes nothing: `db` has no copies that follow a leader");
    assert_eq!(found("copies: 2", &lag.replace("2s", "0s")).1, "`replica-lag` strikes nothing: it adds no time");
}
