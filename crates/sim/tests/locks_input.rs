//! What can be wrong with row locks, versions of rows, retries after conflicts and connections of transactions.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_sim::lower::{VOCABULARY, compile};

fn design(steps: &str, db: &str, load: &str) -> String {
    format!(
        "kind: design\nversion: 1\nname: x\ncomponents:\n  shop: {{ kind: service, operations: {{ order: [ {steps} ] }} }}\n  \
         db: {{ kind: database{db} }}\n  near: {{ kind: cache, of: db, hit-ratio: 50% }}\n\
         load: [ {{ operation: shop.order{load}, arrivals: poisson(10/s) }}, {{ name: others, steps: [ {{ read: near }}, {{ write: db }} ], arrivals: poisson(1/s) }} ]\n"
    )
}

fn said(text: &str) -> Vec<Diagnostic> {
    let read = read_design(text, &VOCABULARY);
    let mut found = read.diagnostics;
    if let Some(design) = read.value {
        match compile(&design) {
            Ok(compiled) => found.extend(compiled.warnings),
            Err(errors) => found.extend(errors),
        }
    }
    found
}

/// One diagnostic, with this code and these words, at this text.
#[track_caller]
fn check(steps: &str, db: &str, load: &str, code: &str, words: &str, at: &str) {
    let text = design(steps, db, load);
    let found = said(&text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    let diagnostic = &found[0];
    assert_eq!(diagnostic.code, code, "{diagnostic:#?}");
    assert!(diagnostic.headline.contains(words), "{diagnostic:#?}");
    assert!(diagnostic.help.is_some(), "what would be right is said: {diagnostic:#?}");
    let span = diagnostic.labels[0].span;
    assert_eq!(&text[span.start as usize..span.end as usize], at, "{diagnostic:#?}");
}

const PAIR: &str = "{ read: db, read-version: seen }, { write: db, write-if: seen }";

#[test]
fn what_is_right_is_let_through() {
    for (steps, db, load) in [
        (PAIR, "", ""),
        (PAIR, ", keys: zipf(0.9 1000), lock-timeout: 5s", ", retry: { on: [conflict, timeout] }"),
        (PAIR, ", lock-timeout: unlimited", ""),
        ("{ read: db, key: a, read-version: seen }, { write: db, key: a, write-if: seen }", "", ""),
        ("{ transaction: db, connections: 4, pool-timeout: 1s, connect: 5ms, steps: [ { write: db } ] }", "", ""),
        (&format!("{{ transaction: db, steps: [ {PAIR} ] }}"), "", ""),
        (
            "{ branch: { 40%: [ { read: db, read-version: seen } ], 60%: [ { read: db, read-version: seen } ] } }, { write: db, write-if: seen }",
            "",
            "",
        ),
    ] {
        let text = design(steps, db, load);
        assert_eq!(said(&text), [], "{text}");
    }
}

#[test]
fn locks_that_let_no_one_wait_or_are_none() {
    check(
        "{ write: db }",
        ", keys: uniform(9), lock-timeout: 0s",
        "",
        "lock-timeout-zero",
        "would let no write wait",
        "0s",
    );
    check("{ write: db }", ", lock-timeout: 5s", "", "idle-lock-timeout", "`db` locks no rows", "5s");
    check(
        "{ write: db }",
        ", keys: uniform(9), locks: none, lock-timeout: 5s",
        "",
        "idle-lock-timeout",
        "`db` locks no rows",
        "5s",
    );
    check("{ transaction: near, steps: [ { read: near } ] }", "", "", "wrong-component", "has no transactions", "near");
}

#[test]
fn versions_that_no_one_has_read() {
    let unread = "reads a version";
    check("{ write: db, write-if: seen }", "", "", "unread-version", unread, "seen");
    let typo = "{ read: db, read-version: seen }, { write: db, write-if: sen }";
    check(typo, "", "", "unread-version", "`sen`", "sen");
    let late = "{ write: db, write-if: seen }, { read: db, read-version: seen }";
    check(late, "", "", "unread-version", unread, "seen");
    // A block is a frame of its own; so is what goes on after an early answer.
    let block = "{ read: db, read-version: seen }, { repeat: 2, steps: [ { write: db, write-if: seen } ] }";
    check(block, "", "", "unread-version", unread, "seen");
    let answered = "{ read: db, read-version: seen }, { answer: accepted }, { write: db, write-if: seen }";
    check(answered, "", "", "unread-version", unread, "seen");
    let beside = "{ parallel: [ { read: db, read-version: seen }, { write: db, write-if: seen } ] }";
    check(beside, "", "", "unread-version", unread, "seen");
}

#[test]
fn versions_of_something_else() {
    let held = ", holds: [a, b]";
    let other = "{ read: a, read-version: seen }, { write: b, write-if: seen }";
    check(other, held, "", "other-version", "a row of `a`, not of `b`", "b");
    let row = "{ read: db, key: x, read-version: seen }, { write: db, key: y, write-if: seen }";
    check(row, "", "", "other-version", "with `key: x`, another row", "y");
    check("{ read: near, read-version: seen }", "", "", "no-versions", "`near` (cache) has no versions", "seen");
    check(PAIR, ", locks: none", "", "versions-without-rows", "`db`, which says that it has none", "none");
    check("{ read: db, write-if: seen }", "", "", "stray-version", "`write-if` says nothing on `read`", "seen");
    check(
        "{ write: db, read-version: seen }",
        "",
        "",
        "stray-version",
        "`read-version` says nothing on `write`",
        "seen",
    );
    check("{ write: db }", "", ", write-if: seen", "stray-version", "`write-if` says nothing on a load", "seen");
}

#[test]
fn retries_that_can_not_help() {
    let vain = "{ read: db, read-version: seen }, { write: db, write-if: seen, retry: { on: [timeout, conflict] } }";
    check(vain, "", "", "retries-in-vain", "has moved for good", "conflict");
    check("{ write: db }", "", ", retry: { on: [] }", "retry-on-nothing", "no failure is tried again", "[]");
    let text = design("{ write: db }", "", ", retry: { on: [confict] }");
    let found = said(&text);
    assert!(found.iter().any(|one| one.help.as_ref().is_some_and(|help| help.contains("conflict"))), "{found:#?}");
}

#[test]
fn policies_of_transactions() {
    let steps = |settings: &str| format!("{{ transaction: db, {settings}, steps: [ {{ write: db }} ] }}");
    check(&steps("timeout: 1s"), "", "", "idle-policy", "`timeout` says nothing on `transaction`", "1s");
    check(&steps("pool-timeout: 1s"), "", "", "idle-policy", "names no `connections`", "1s");
}
