//! Releases that make no sense are named with their place before anything runs.
#![allow(clippy::unwrap_used)]

use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::read_design;
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, foresee};

/// A shop of so many replicas that calls payments; what it says of itself, and the faults of an experiment of 5 minutes.
fn text(replicas: u32, shop: &str, faults: &str) -> String {
    format!(
        "kind: design\nversion: 1\nname: x\ncomponents:\n  \
         shop: {{ kind: service, replicas: {replicas}, workers: 8, operations: {{ buy: [ {{ call: payments.pay }} ] }}, versions: {{ v2: {{ errors: 5% }} }}{shop} }}\n  \
         payments: {{ kind: service, operations: {{ pay: [ {{ compute: 1ms }} ] }} }}\n  \
         other: {{ kind: service, operations: {{ x: [ {{ compute: 1ms }} ] }} }}\n  db: {{ kind: database }}\n\
         load: [ {{ operation: shop.buy, arrivals: poisson(50/s) }}, {{ operation: other.x, arrivals: poisson(1/s) }}, {{ name: c, steps: [ {{ write: db }} ], arrivals: poisson(1/s) }} ]\n\
         experiments: [ {{ name: e, duration: 5min, faults: [ {{ at: 10s, {faults} }} ] }} ]\n"
    )
}

fn said(text: &str) -> Vec<Diagnostic> {
    let read = read_design(text, &VOCABULARY);
    let mut found = read.diagnostics;
    if let Some(design) = read.value {
        match compile(&design) {
            Ok(compiled) => {
                found.extend(foresee(&design, &compiled, &Options { threads: Some(1), ..Options::default() }));
                found.extend(compiled.warnings);
            }
            Err(errors) => found.extend(errors),
        }
    }
    found
}

/// One diagnostic, with this code and these words, at this text.
#[track_caller]
fn check(text: &str, code: &str, words: &str, at: &str) {
    let found = said(text);
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    let diagnostic = &found[0];
    assert_eq!(diagnostic.code, code, "{diagnostic:#?}");
    assert!(diagnostic.headline.contains(words), "{diagnostic:#?}");
    assert!(diagnostic.help.is_some(), "{diagnostic:#?}");
    let span = diagnostic.labels[0].span;
    assert_eq!(&text[span.start as usize..span.end as usize], at, "{diagnostic:#?}");
}

const RELEASE: &str = "release: { what: shop, version: v2 }";

#[track_caller]
fn how(replicas: u32, release: &str, code: &str, words: &str, at: &str) {
    check(&text(replicas, &format!(", release: {{ {release} }}"), RELEASE), code, words, at);
}

#[test]
fn what_is_right_is_let_through() {
    for release in [
        "strategy: canary, canary: 10%, weight: 5%, judge: { window: 1min, delay: 30s }",
        "strategy: rolling, step: 100%, surge: yes, rollback: none",
        "strategy: blue-green, contract-tests: yes",
        "in-place: yes",
    ] {
        let text = text(4, &format!(", release: {{ {release} }}"), RELEASE);
        assert_eq!(said(&text), [], "{text}");
    }
    assert_eq!(said(&text(1, "", "contract-break: { from: shop, to: payments }")), []);
    assert_eq!(said(&text(1, "", &format!("{RELEASE} }}, {{ at: 20s, kill-switch: shop"))), []);
}

#[test]
fn versions_and_components_that_are_not_there() {
    check(&text(4, "", "release: { what: shop, version: v3 }"), "unknown-version", "no version is called `v3`", "v3");
    check(
        &text(4, "", "release: { what: payments, version: v2 }"),
        "unknown-version",
        "no version is called `v2`",
        "v2",
    );
    check(&text(4, "", "release: { what: db, version: v2 }"), "no-release", "`db` (database) has no versions", "db");
    check(&text(4, "", "bad-release: { what: shop }"), "fault-at-nothing", "nothing is wrong", "{ what: shop }");
    let nothing = "no-contract";
    check(&text(4, "", "contract-break: { from: shop, to: other }"), nothing, "do not call each other", "other");
    check(&text(4, "", "contract-break: { from: shop, to: db }"), nothing, "only services do", "db");
    let breaks = text(4, "", RELEASE).replace("errors: 5%", "breaks: [payments.charge]");
    check(&breaks, "unknown-operation", "no operation is called `charge`", "payments.charge");
    let steps = text(4, "", RELEASE).replace("{ errors: 5% }", "{ operations: { sell: [ { compute: 1ms } ] } }");
    check(&steps, "unknown-operation", "`sell`", "{ operations: { sell: [ { compute: 1ms } ] } }");
    check(&text(4, "", "kill-switch: shop"), "fault-at-nothing", "nothing of `shop` was released before", "shop");
}

#[test]
fn stages_that_are_none() {
    how(4, "strategy: rolling, step: 0%", "release-step", "in steps of 0% never ends", "0%");
    how(4, "strategy: canary, canary: 0%", "no-canary", "has no replica", "0%");
    how(4, "strategy: canary, canary: 90%", "canary-of-all", "4 of 4 replicas", "90%");
    how(1, "strategy: canary", "canary-of-one", "one replica", "canary");
    how(4, "strategy: canary, weight: 100%", "canary-weight", "gets 100% of the requests", "100%");
    how(4, "strategy: rolling, weight: 5%", "idle-release-key", "`weight` says nothing", "5%");
    how(4, "step: 10%", "idle-release-key", "`step` says nothing", "10%");
    how(4, "strategy: blue-green, in-place: yes", "release-manner", "needs no replicas beside them", "yes");
}

#[test]
fn judges_that_say_nothing() {
    how(4, "judge: { window: 4min, delay: 1min }", "judge-never-speaks", "when the experiment of 5min is over", "4min");
    how(4, "judge: { window: 0s }", "judge-window", "sees nothing", "0s");
    how(4, "judge: { above: 100% }", "judge-never-speaks", "more than 100%", "100%");
    how(4, "rollback: automatic", "rollback-without-judge", "nobody watches", "automatic");
}

#[test]
fn what_can_not_be_simulated() {
    let shared = ", shared-queue: yes";
    check(&text(4, shared, RELEASE), "no-release", "share a queue", "shop");
    check(
        &text(4, &format!("{shared}, release: {{ strategy: rolling }}"), RELEASE),
        "release-of-shared-queue",
        "share a queue",
        "rolling",
    );
    let consumer = text(4, ", release: { strategy: blue-green }", RELEASE)
        .replace("  db: {", "  jobs: { kind: queue }\n  db: {")
        .replace("operations: { buy:", "operations: { work: { handles: jobs, steps: [ { compute: 1ms } ] }, buy:")
        .replace("{ write: db }", "{ write: db }, { enqueue: jobs }");
    check(&consumer, "release-of-consumers", "handles records", "blue-green");
}
