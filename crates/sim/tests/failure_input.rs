//! Faults that strike nothing or say nothing: named before anything runs, where they stand.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_sim::lower::{VOCABULARY, compile};

/// A small design with this fault gets one diagnostic, with this code and these words, at this text of it.
#[track_caller]
fn check(fault: &str, code: &str, words: &str, at: &str) {
    let text = format!(
        "kind: design\nversion: 1\nname: small\ncomponents:\n\
         \x20 gateway: {{ kind: load-balancer, to: shop }}\n\
         \x20 shop: {{ kind: service, replicas: 2, operations: {{ browse: [ {{ read: db }} ] }} }}\n\
         \x20 db: {{ kind: database }}\n\
         load: [ {{ operation: gateway.browse, arrivals: poisson(50/s) }} ]\n\
         experiments: [ {{ name: x, duration: 1min, faults: [ {{ at: 10s, {fault} }} ] }} ]\n"
    );
    let read = read_design(&text, &VOCABULARY);
    let mut found = read.diagnostics;
    if let Some(design) = read.value {
        match compile(&design) {
            Ok(compiled) => found.extend(compiled.pointless),
            Err(errors) => found.extend(errors),
        }
    }
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    let diagnostic = &found[0];
    assert_eq!(diagnostic.code, code, "{diagnostic:#?}");
    assert!(diagnostic.headline.contains(words), "{diagnostic:#?}");
    assert!(diagnostic.help.is_some(), "what would be right is said: {diagnostic:#?}");
    let span = diagnostic.labels[0].span;
    assert_eq!(&text[span.start as usize..span.end as usize], at, "{diagnostic:#?}");
}

#[test]
fn faults_of_nothing_that_is_there() {
    check("restart-loop: { what: shp }", "unknown-component", "`shp`", "shp");
    check("restart-loop: { what: shop/3 }", "unknown-replica", "no replica `3`", "shop/3");
    check("flapping: { what: shop/0, up: 5s }", "unknown-replica", "no replica `0`", "shop/0");
    check("config-push: { what: [shop, dbb], errors: 10% }", "unknown-component", "`dbb`", "dbb");
    check("poison-input: { what: shop.brwse, share: 1% }", "unknown-operation", "no operation `brwse`", "shop.brwse");
    check("certificate-expiry: { what: bank }", "unknown-component", "`bank`", "bank");
    check("disk-full: dbb", "unknown-component", "`dbb`", "dbb");
    check("clock-skew: { what: dbb, skew: 1s }", "unknown-component", "`dbb`", "dbb");
}

#[test]
fn faults_that_would_change_nothing() {
    check("config-push: { what: shop }", "missing-key", "does nothing", "{ what: shop }");
    check("config-push: { what: shop, errors: 0% }", "fault-at-nothing", "0%", "{ what: shop, errors: 0% }");
    check("config-push: { what: shop, slow: 1x }", "fault-at-nothing", "1x", "{ what: shop, slow: 1x }");
    check("for: 0s, config-push: { what: shop, crash: yes }", "fault-at-nothing", "no time", "config-push");
    let (none, hop) = ("{ what: shop.browse, share: 0% }", "{ what: gateway, share: 1% }");
    check(&format!("poison-input: {none}"), "fault-at-nothing", "no request", none);
    check(&format!("poison-input: {hop}"), "fault-at-nothing", "passes its inputs on", hop);
    check("disk-full: shop", "fault-at-nothing", "nothing writes to `shop`", "shop");
    check("disk-full: db", "fault-at-nothing", "nothing writes to `db`", "db");
    let skew = "{ what: shop, skew: 1s }";
    check(&format!("clock-skew: {skew}"), "fault-at-nothing", "nothing compares the clocks", skew);
    let warned = "{ what: shop, warned: 2min }";
    check(&format!("for: 2min, certificate-expiry: {warned}"), "fault-at-nothing", "it is renewed in 2min", warned);
}

#[test]
fn faults_that_come_and_go() {
    let outage = "{ what: shop, every: 10s, last: 10s }";
    check(&format!("outage: {outage}"), "fault-at-nothing", "comes every 10s and lasts 10s", outage);
    check("outage: { what: shop, every: 10s }", "missing-key", "no `last`", "{ what: shop, every: 10s }");
    check("outage: { what: shop, last: 10s }", "missing-key", "no `every`", "{ what: shop, last: 10s }");
    let fast = "{ what: shop, up: 1ms, down: 1ms }";
    check(&format!("flapping: {fast}"), "fault-at-nothing", "comes every 2ms", fast);
}
