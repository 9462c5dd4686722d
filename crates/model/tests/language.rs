//! Every brief and design on the language's own page reads without an error.
#![allow(clippy::unwrap_used)]

mod common;

use common::{MM1, SERVICES, SHOP, VOCABULARY};
use groundplan_model::brief::{Answer, Consistency, Degree, Lost};
use groundplan_model::design::Verb;
use groundplan_model::quantity::{Arrivals, Dist};
use groundplan_model::reader::{FileKind, kind_of, read_brief, read_design, with_defaults};
use groundplan_model::units::{PerSecond, Seconds, Share};

#[test]
fn the_web_shop_reads() {
    let read = read_brief(SHOP);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let brief = read.value.unwrap();
    assert_eq!(kind_of(SHOP), Ok(FileKind::Brief));
    assert_eq!(brief.load[0].rate.mid(), PerSecond(900.0));
    assert_eq!(brief.load[1].peak.mid(), 10.0);
    assert_eq!(brief.load[1].peak_lasts, Some(Seconds(1800.0)));
    assert_eq!(brief.load[1].availability.unwrap().must, Share(0.995));
    assert_eq!(brief.growth.mid(), 0.6);
    let (module, operation) = brief.operation("checkout.place-order").unwrap();
    assert_eq!(module.team, "orders");
    assert_eq!(operation.work, Dist::Exp(0.008));
    assert_eq!(operation.calls.len(), 2);
    assert!(operation.effect_once);
    assert_eq!(operation.atomic.len(), 2);
    let (_, receipt) = brief.operation("notification.send-receipt").unwrap();
    assert_eq!(receipt.calls[0].answer, Answer::FollowsWithin(Seconds(60.0)));
    assert_eq!(brief.handlers("order-placed").count(), 1);
    assert_eq!(brief.data_set("products").unwrap().consistency, Consistency::EventualWithin(Seconds(5.0)));
    assert!(brief.data_set("orders").unwrap().replay);
    assert_eq!(brief.recovery[0].lost, Lost::Zone);
    assert_eq!(brief.regions[1], ("us-east".to_string(), Share(0.3)));
    assert_eq!(brief.platform["ci-cd"], Degree::Yes);
    assert_eq!(brief.platform["canary"], Degree::No);
    assert_eq!(brief.priorities[0], "time-to-market");
    assert!(brief.growth_factor() > 2.5);
    let assumed = |path: &str| brief.assumptions.iter().filter(|assumption| assumption.path == path).count();
    assert_eq!(assumed("domain.*.operations.*.work"), 1);
    assert_eq!(assumed("platform.canary"), 1);
    assert_eq!(assumed("domain.*.operations.*.in"), 1);
    assert_eq!(assumed("risk"), 0);
}

#[test]
fn a_brief_needs_only_load_and_domain() {
    let text = "kind: brief\nversion: 1\nname: Shop\nload: [ { operation: shop.sell, rate: 30/s } ]\ndomain: { shop: { operations: { sell: { work: 5ms } } } }\n";
    let read = read_brief(text);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let brief = read.value.unwrap();
    assert_eq!(brief.availability.must, Share(0.999));
    assert_eq!(brief.team.engineers, 8);
    assert_eq!(brief.recovery[0].rto, Seconds(3600.0));
    assert_eq!(brief.load[0].peak.mid(), 3.0);
    for path in [
        "load.shop.sell.peak",
        "team.engineers",
        "availability",
        "recovery",
        "regions",
        "horizon",
        "priorities",
        "risk",
        "growth",
        "domain.shop.changes",
        "domain.shop.team",
    ] {
        assert!(brief.assumptions.iter().any(|assumption| assumption.path == path), "{path}: {:#?}", brief.assumptions);
    }
}

#[test]
fn the_smallest_design_reads() {
    let read = read_design(MM1, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    assert_eq!(design.components[0].operations[0].steps[0].verb, Verb::Compute(Dist::Exp(0.01)));
    assert_eq!(design.load[0].arrivals.as_ref().unwrap().value, Arrivals::Poisson(PerSecond(80.0)));
    assert_eq!(design.components[0].settings.count("replicas"), Some(1));
}

#[test]
fn two_services_and_a_log_read() {
    let read = read_design(SERVICES, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    assert_eq!(design.components.len(), 11);
    let shop = &design.components[1];
    let order = &shop.operations[1];
    assert_eq!(order.stands_for.as_ref().unwrap().value, "checkout.place-order");
    assert_eq!(order.target.unwrap().p99, Some(Seconds(2.0)));
    assert_eq!(order.steps.len(), 4);
    assert_eq!(order.steps[1].settings.map("retry").unwrap().count("attempts"), Some(2));
    assert_eq!(design.experiments[1].faults[0].kind.value, "zone-loss");
    assert_eq!(design.experiments[1].expect.len(), 3);
    assert_eq!(design.components[4].settings.count("capacity"), Some(200_000));
}

#[test]
fn modules_branches_and_sagas_read() {
    let text = "kind: design
version: 1
name: parts
components:
  shop:
    kind: service
    modules: { checkout: { permits: 24 } }
    operations:
      place-order:
        as: checkout.place-order
        steps:
          - compute: exp(8ms)
          - call: payment-provider
            timeout: 2s
            idempotency-key: order
          - transaction: main
            steps: [ { write: orders }, { local: reserve }, { write: outbox } ]
          - answer: accepted
          - repeat: 3
            steps: [ { wait: 1ms }, { parallel: [ { read: stock }, { read: products } ], need: 1 } ]
      reserve: { as: inventory.reserve, steps: [ { compute: exp(2ms) }, { write: stock } ] }
      hold:
        handles: order-placed
        group: inventory
        dedupe: order
        steps:
          - branch: { 98%: [ { publish: stock-reserved } ], 2%: [ { publish: stock-refused } ] }
      send-receipt: { handles: order-placed, from: outbox, steps: [ { call: payment-provider } ] }
      cancel: { handles: stock-refused, compensates: place-order, steps: [ { write: orders } ] }
      confirm: { handles: stock-reserved, settles: checkout.place-order, steps: [ { write: orders } ] }
  main: { kind: database, holds: [products, orders, stock, outbox], copies: 3, replication: sync }
  relay: { kind: outbox, of: main, to: events, poll: 50ms }
  events: { kind: log, topics: { order-placed: {}, stock-reserved: {}, stock-refused: {} } }
  payment-provider: { kind: external }
load:
  - name: tandem
    steps: [ { call: shop.place-order }, { call: shop.reserve } ]
    arrivals: poisson(100/s)
  - { operation: shop.reserve, users: 50, think: exp(1s) }
keeps: [ { atomic: [orders, stock], by: saga } ]
";
    let read = read_design(text, &VOCABULARY);
    assert!(read.diagnostics.is_empty(), "{:#?}", read.diagnostics);
    let design = read.value.unwrap();
    assert!(matches!(&design.components[0].operations[2].steps[0].verb, Verb::Branch(ways) if ways.len() == 2));
    assert!(
        matches!(&design.components[0].operations[0].steps[2].verb, Verb::Transaction(name, steps) if name.value == "main" && steps.len() == 3)
    );
    assert_eq!(design.load[1].users, Some(50));
    assert_eq!(design.keeps[0].by, "saga");
}

#[test]
fn what_is_not_read_yet_is_a_warning() {
    let full = format!(
        "{SHOP}\ntenants: {{ count: 4000 }}\ntoday: {{ stores: {{ main: {{ size: 2 TB }} }} }}\naudit: {{ order: total }}\n"
    );
    let read = read_brief(&full);
    assert!(read.value.is_some());
    let codes: Vec<&str> = read.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["not-read-yet"; 3]);
}

#[test]
fn availability_and_recovery_read_in_full() {
    let text = SHOP
        .replace("availability: 99.9%\n", "availability: { share: 99.9%, outages: { every: 30d, last: 43min }, errors: 0.01% }\n")
        .replace("recovery: { rto: 15min, rpo: 0s }\n", "recovery: [ { lost: zone, rto: 0s, rpo: 0s }, { lost: region, rto: 2h, rpo: 0s }, { lost: data, rto: 24h, rpo: 1h, copy: offline } ]\n")
        .replace("p99: 2s\n", "accepted: { p99: 300ms }\n    settled: { p99: 30s }\n    by: tenant\n")
        .replace("keep: 7 years,", "keep: 7 years, access: { get: 900/s, join: 5/s, search: 2/s, scan: nightly },");
    let read = read_brief(&text);
    assert!(read.errors().next().is_none(), "{:#?}", read.diagnostics);
    let brief = read.value.unwrap();
    assert_eq!(brief.availability.must, Share(0.999));
    assert_eq!(brief.recovery.len(), 3);
    assert_eq!(brief.load[1].settled_p99.unwrap().must, Seconds(30.0));
    assert_eq!(brief.data_set("orders").unwrap().access.len(), 4);
}

#[test]
fn defaults_of_a_design_are_filled_in_and_listed() {
    let text = MM1.replace("replicas: 1, ", "").replace("compute: exp(10ms)", "call: server.serve, retry: {}");
    let design = read_design(&text, &VOCABULARY).value.unwrap();
    assert_eq!(design.components[0].settings.count("replicas"), None);
    let (full, assumptions) = with_defaults(&design, &VOCABULARY);
    assert_eq!(full.components[0].settings.count("replicas"), Some(1));
    assert_eq!(full.components[0].operations[0].steps[0].settings.map("retry").unwrap().count("attempts"), Some(2));
    let paths: Vec<&str> = assumptions.iter().map(|assumption| assumption.path.as_str()).collect();
    assert_eq!(paths, ["components.server.replicas", "components.server.operations.serve.1.retry.attempts"]);
}
