//! Every brief and design on the language's own page reads without an error.
#![allow(clippy::unwrap_used)]

mod common;

use common::{MM1, SERVICES, SHOP, VOCABULARY, WHOLE};
use groundplan_model::brief::{Answer, Consistency, Degree, Isolation, Lost, Outages};
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
fn the_whole_language_of_briefs_reads() {
    let read = read_brief(WHOLE);
    assert!(read.errors().next().is_none(), "{:#?}", read.diagnostics);
    let brief = read.value.unwrap();
    assert_eq!(brief.outages, Some(Outages { every: Seconds(2_592_000.0), last: Seconds(2_580.0) }));
    assert_eq!(brief.errors, Some(Share(0.0001)));
    assert!(brief.recovery[2].offline_copy && !brief.recovery[0].offline_copy);
    assert_eq!((brief.load[0].by.as_deref(), brief.load[0].from.len()), (Some("tenant"), 2));
    assert_eq!(brief.modules[0].waits_for[0].value, "billing");
    assert_eq!(brief.modules[0].operations[0].order_per.as_deref(), Some("account"));
    assert_eq!(brief.data[1].access[3], ("scan".to_string(), PerSecond(1.0 / 86_400.0)));
    assert!((brief.releases.unwrap().failed.unwrap().high.0 - 0.2).abs() < 1e-12);
    let audit = brief.audit.as_ref().unwrap();
    assert!(audit.total_order && audit.tamper_evident && audit.one_owner);
    assert_eq!(brief.schedule[0].at.to_string(), "18:00 Europe/Berlin");
    assert!((brief.schedule[0].rate().0 - 4e6 / 2_700.0).abs() < 1e-9);
    assert_eq!(brief.vendors.as_ref().unwrap().on_premises[0].value, "keys");
    assert_eq!(brief.change_control.as_ref().unwrap().freeze[0].count(), 17);
    let held = |name: &str| brief.outside(name).unwrap().opening.clone();
    assert_eq!(held("fraud").if_down.unwrap().accept_below.unwrap().to_string(), "50 EUR");
    assert_eq!(held("scheme").if_down.unwrap().hold, Some(Seconds(14_400.0)));
    assert_eq!(held("scheme").hours.unwrap().minutes(), 660);
    assert!((brief.people.unwrap().rate().0 - 200_000.0 * 0.04 * 6.0 / 3_600.0).abs() < 1e-9);
    assert!((brief.labels.as_ref().unwrap().kept_share().0 - 0.1).abs() < 1e-12);
    let ai = brief.ai.as_ref().unwrap();
    assert_eq!(ai.answer.as_ref().unwrap().tokens_out, Dist::LogNormal { p50: 300.0, p99: 1_200.0 });
    assert_eq!(ai.agents.as_ref().unwrap().tools[0].approved_within, Some(Seconds(14_400.0)));
    assert_eq!(brief.tenants.as_ref().unwrap().in_tiers(|tier| tier.isolation == Isolation::OwnStore), 12);
    let today = brief.today.as_ref().unwrap();
    assert_eq!(today.measured[0].operation.value, "ledger.post");
    assert_eq!(today.fixed[0].until.unwrap().to_string(), "2027-06");
    assert_eq!(today.moving.unwrap().people, 4);
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
