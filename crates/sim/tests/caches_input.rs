//! Caches that make no sense say why before they run.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::{Diagnostic, Severity};
use groundplan_model::reader::read_design;
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, foresee};

fn design(cache: &str, rest: &str) -> String {
    format!(
        "kind: design\nversion: 1\nname: x\nplaces: {{ eu: {{ zones: [a] }} }}\ncomponents:\n  \
         near: {{ {cache} }}\n  db: {{ kind: database, keys: zipf(0.9 10k) }}\n  \
         out: {{ kind: external, latency: exp(1ms) }}\n\
         load: [ {{ name: reads, steps: [ {{ read: near }}, {{ write: db }}, {{ call: out }} ], arrivals: poisson(50/s) }} ]\n{rest}\n"
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

/// A design gets a diagnostic with this code and these words first, at this text of it.
#[track_caller]
fn check(text: &str, code: &str, words: &str, at: &str) {
    let found = said(text);
    assert!(!found.is_empty(), "{text}");
    let diagnostic = &found[0];
    assert_eq!(diagnostic.code, code, "{text}\n{found:#?}");
    assert!(diagnostic.headline.contains(words), "{diagnostic:#?}");
    assert!(diagnostic.help.is_some() || !diagnostic.notes.is_empty(), "what would be right is said: {diagnostic:#?}");
    let span = diagnostic.labels[0].span;
    assert_eq!(&text[span.start as usize..span.end as usize], at, "{diagnostic:#?}");
}

#[test]
fn what_is_right_is_let_through() {
    for cache in [
        "kind: cache, of: db, capacity: 1k",
        "kind: cache, of: db, capacity: 1k, ttl: 1min, ttl-jitter: 20%, early-refresh: 1, serve-stale: 1min",
        "kind: cache, of: db, hit-ratio: 90%",
        "kind: cache, of: db, hit-ratio: 90%, capacity: 1k, single-flight: yes",
        "kind: cache, of: db, capacity: 1k, writes: behind",
    ] {
        assert_eq!(said(&design(cache, "")), [], "{cache}");
    }
}

#[test]
fn values_out_of_range() {
    let plain = |more: &str| design(&format!("kind: cache, of: db, {more}"), "");
    check(&plain("capacity: 0"), "out-of-range", "holds nothing", "0");
    check(&plain("capacity: 1k, ttl: 0s"), "out-of-range", "`ttl` of zero", "0s");
    check(&plain("capacity: 1k, ttl: 1min, early-refresh: 0"), "out-of-range", "refreshes nothing", "0");
    for (more, at) in [("ttl-jitter: 150%", "150%"), ("keys: zipf(0.9 0)", "zipf(0.9 0)")] {
        let text = plain(&format!("capacity: 1k, ttl: 1min, {more}"));
        let found = said(&text);
        assert_eq!(found[0].severity, Severity::Error, "{text}");
        let span = found[0].labels[0].span;
        assert!(at.contains(&text[span.start as usize..span.end as usize]), "{found:#?}");
    }
}

#[test]
fn words_that_say_nothing() {
    for word in ["ttl-jitter: 10%", "early-refresh: 1", "serve-stale: 1min"] {
        let at = word.split(": ").nth(1).unwrap();
        check(&design(&format!("kind: cache, of: db, capacity: 1k, {word}"), ""), "idle-key", "never expire", at);
    }
    check(&design("kind: cache, of: db, hit-ratio: 90%, ttl: 1min", ""), "idle-key", "`hit-ratio` is given", "1min");
}

#[test]
fn a_cache_of_nothing_that_can_be_read_or_written() {
    check(
        &design("kind: cache, of: out, capacity: 1k, keys: zipf(1 1k)", ""),
        "wrong-component",
        "can't be read",
        "out",
    );
    let nobody = design("kind: cache, of: db, capacity: 1k", "").replace(", keys: zipf(0.9 10k)", "");
    check(&nobody, "unknown-hit-ratio", "nothing says how often", "near");
    let behind = design("kind: cache, of: db, hit-ratio: 90%, writes: behind", "").replace("write: db", "write: near");
    check(&behind, "unfollowed-cache", "until it stores it", "behind");
}

#[test]
fn a_flush_of_what_holds_nothing() {
    let rest =
        |what: &str| format!("experiments: [ {{ name: y, duration: 1min, faults: [ {{ at: 1s, flush: {what} }} ] }} ]");
    check(&design("kind: cache, of: db, capacity: 1k", &rest("db")), "fault-at-nothing", "is no cache", "db");
    check(&design("kind: cache, of: db, hit-ratio: 90%", &rest("near")), "fault-at-nothing", "not followed", "near");
}

#[test]
fn a_cache_too_large_to_be_followed_says_so() {
    let large = design("kind: cache, of: db, capacity: 5M", "").replace("zipf(0.9 10k)", "zipf(0.9 50M)");
    let found = said(&large);
    assert_eq!((found.len(), found[0].code, found[0].severity), (1, "approximated", Severity::Warning), "{found:#?}");
    // What there is of it fits, however much it could hold.
    assert_eq!(said(&design("kind: cache, of: db, capacity: 5M", "")), []);
}

#[test]
fn edges_that_make_no_sense() {
    let cdn = |more: &str| {
        design("kind: cache, of: db, capacity: 1k", "").replace(
            "  out:",
            &format!("  shop: {{ kind: service, operations: {{ browse: [ {{ compute: 1ms }} ] }} }}\n  edge: {{ kind: cdn, {more} }}\n  out:"),
        ).replace("load: [", "load: [ { operation: edge.browse, arrivals: poisson(5/s), keys: uniform(10) },")
    };
    let right = "to: shop, caches: browse, capacity: 10";
    assert_eq!(said(&cdn(&format!("{right}, places: [eu]"))), []);
    check(&cdn(&format!("{right}, places: [mars]")), "unknown-place", "mars", "mars");
    check(&cdn(&format!("{right}, places: []")), "no-edges", "no edge", "[]");
    check(&cdn(&format!("{right}, places: [eu], place: eu")), "place-of-edges", "several places", "eu");
    check(
        &cdn("routes: { browse: shop.browse }, caches: search, capacity: 10, places: [eu]"),
        "leads-nowhere",
        "`search`",
        "search",
    );
}
