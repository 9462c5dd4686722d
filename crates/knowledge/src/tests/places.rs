//! Briefs whose stores, places, growth and answers to faults are clear: small ones first.

use super::knowledge;
use crate::decision::Decisions;
use groundplan_model::reader;

/// What is decided of the sample with these keys laid over it.
fn decided(keys: &str) -> Decisions {
    let tree = groundplan_model::yaml::parse(keys).0.unwrap();
    let read = reader::read_brief(&crate::sample::over(&tree));
    knowledge().decide(&read.value.unwrap_or_else(|| panic!("{:?}", read.diagnostics)))
}

/// Storage of a set, deployment, scaling, resilience.
fn answers(keys: &str, set: &str) -> [String; 4] {
    let decisions = decided(keys);
    let option = |dimension: &str, set: Option<&str>| decisions.of(dimension, set).unwrap().option.clone();
    [option("storage", Some(set)), option("deployment", None), option("scaling", None), option("resilience", None)]
}

#[test]
fn twelve_people_at_three_hundred_a_second_get_what_is_ordinary() {
    for set in ["items", "orders", "stock"] {
        assert_eq!(answers("{}", set), ["relational", "single-region", "horizontal", "zone-redundancy"], "{set}");
    }
    // Without a promise that one machine can't keep, one larger machine does.
    let modest = "{ availability: 99.5%, team: { engineers: 2 } }";
    assert_eq!(answers(modest, "orders"), ["relational", "single-region", "vertical", "zone-redundancy"]);
}

#[test]
fn a_lost_region_that_must_be_back_is_answered_by_both_dimensions() {
    let able =
        "team: { maturity: high, on-call: always }, platform: { observability: yes, infrastructure-as-code: yes }";
    let hour = "recovery: [ { lost: zone, rto: 5min, rpo: 0s }, { lost: region, rto: 1h, rpo: 10s } ]";
    let [_, place, _, fault] = answers(&format!("{{ {able}, {hour} }}"), "orders");
    assert_eq!([place, fault], ["active-passive", "active-passive"]);
    let moment = "recovery: [ { lost: zone, rto: 5min, rpo: 0s }, { lost: region, rto: 30s, rpo: 10s } ]";
    let weak = "data: { orders: { consistency: eventual }, stock: { consistency: eventual } }";
    let [_, place, _, fault] = answers(&format!("{{ {able}, {moment}, {weak} }}"), "orders");
    assert_eq!([place, fault], ["active-active", "active-active"]);
}

#[test]
fn a_hot_item_under_a_tight_tail_gets_a_store_without_pauses_and_one_read_at_a_time() {
    let brief = |rate: &str| {
        format!(
            "{{ load: [ {{ operation: front.ask, rate: {rate}, peak: 2x, p99: 30ms }}, {{ operation: orders.place, rate: 10/s }} ], \
             data: {{ items: {{ size: 60 TB, items: 1M, popularity: zipf(1.1), access: {{ range: 1k/s }} }} }} }}"
        )
    };
    let [store, _, _, fault] = answers(&brief("100k/s"), "items");
    assert_eq!([store, fault], ["wide-column-pause-free", "request-coalescing"]);
    let [store, _, _, fault] = answers(&brief("1k/s"), "items");
    assert_ne!(store, "wide-column-pause-free");
    assert_eq!(fault, "zone-redundancy");
}

#[test]
fn machines_are_bought_for_what_is_steady_large_and_can_be_run() {
    let place = |keys: &str| decided(keys).option("deployment").unwrap().to_string();
    let brief = |rate: &str, peak: &str, growth: &str, racks: &str| {
        format!(
            "{{ load: [ {{ operation: front.ask, rate: {rate}, peak: {peak} }} ], growth: {growth}, platform: {{ data-centre: {racks} }} }}"
        )
    };
    assert_eq!(place(&brief("900k/s", "2x", "5%/year", "yes")), "owned-hardware");
    assert_eq!(place(&brief("9k/s", "2x", "5%/year", "yes")), "single-region", "too little");
    assert_eq!(place(&brief("900k/s", "20x", "5%/year", "yes")), "single-region", "spiky");
    assert_eq!(place(&brief("900k/s", "2x", "150%/year", "yes")), "single-region", "growing");
    assert_eq!(place(&brief("900k/s", "2x", "5%/year", "no")), "single-region", "no racks");
}

#[test]
fn tenants_share_until_a_contract_puts_walls_between_them() {
    let grown = |keys: &str| decided(keys).option("scaling").unwrap().to_string();
    assert_eq!(grown("{ tenants: { count: 4000 } }"), "multi-tenant");
    let walls = "tenants: { count: 4000, promise: { others-p99: 1.2x, when-one: 3x } }";
    let able = "platform: { ci-cd: yes, observability: yes, infrastructure-as-code: yes }";
    assert_eq!(grown(&format!("{{ {walls}, {able} }}")), "cells");
    assert_ne!(grown(&format!("{{ {walls} }}")), "cells", "cells by hand drift apart");
}

#[test]
fn what_is_audited_untouched_and_alone_is_kept_as_events() {
    let audit = "audit: { of: [items], order: total, tamper-evident: yes, keep: 10 years }";
    let store = |keys: &str, set: &str| answers(keys, set)[0].clone();
    assert_eq!(store(&format!("{{ {audit} }}"), "items"), "event-store");
    assert_eq!(store("{ audit: { of: [items], keep: 10 years } }", "items"), "relational");
    // What changes together with other data stays where one transaction is.
    let ledger = "audit: { of: [orders], order: total, tamper-evident: yes, keep: 10 years }, \
                  domain: { orders: { operations: { place: { atomic: [orders, stock] } } } }";
    assert_eq!(store(&format!("{{ {ledger} }}"), "orders"), "relational");
}
