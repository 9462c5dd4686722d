//! Projections keep the domain: whatever the style, each outside dependency is called as often, each data set is read and
//! written as often, what must change together does or says that it does not, and the simulator takes the design.

#![allow(clippy::unwrap_used)]

use groundplan_knowledge::Knowledge;
use groundplan_model::brief::Brief;
use groundplan_model::design::{Design, Step, Verb};
use groundplan_model::reader::read_brief;
use groundplan_model::units::Seconds;
use groundplan_planner::demand::{Demand, LoadLevel};
use groundplan_planner::flows::flows;
use groundplan_planner::parameters::Parameters;
use groundplan_planner::project::project;
use groundplan_planner::topology::{self, Topology};
use groundplan_sim::lower::compile;

/// A callee that writes an atomic set, writes another, and calls outside.
const NESTED: &str = "kind: brief
version: 1
name: Nested
load:
  - operation: shop.order
    rate: 20/s
    peak: 2x
    p99: 500ms
domain:
  shop:
    operations:
      order: { work: 2ms, writes: [orders], atomic: [orders, stock], calls: [stock.reserve, agency], effect: once }
  stock:
    operations:
      reserve: { work: 1ms, writes: [stock, moves], calls: [mail] }
data:
  orders: { owner: shop, size: 1 GB, item: 1 KB, growth: 1 GB/year, consistency: strong }
  stock: { owner: stock, size: 1 GB, items: 100k, consistency: strong }
  moves: { owner: stock, size: 1 GB, items: 100k, growth: 1 GB/year }
outside:
  mail: { latency: exp(80ms) }
  agency: { latency: exp(50ms), errors: 1% }
availability: 95%
regions: { eu-west: 100% }
";

/// Calls three deep that write an atomic set; mail from two teams that may follow; two handlers of one event.
const TWO_MAILERS: &str = "kind: brief
version: 1
name: Two mailers
about: Two modules send mail that may follow; one event has two handlers in one module; a read crosses modules.

load:
  - operation: shop.order
    rate: 20/s
    peak: 2x
    p99: 500ms
  - operation: account.sign-up
    rate: 10/s
    peak: 2x
    p99: 500ms

domain:
  shop:
    team: a
    operations:
      order: { work: 2ms, reads: [people], writes: [orders, lines], atomic: [orders, stock], calls: [stock.reserve, { to: mail, follows-within: 1min }], effect: once, emits: [ordered] }
  stock:
    team: a
    operations:
      reserve: { work: 1ms, calls: [stock.take] }
      take: { work: 1ms, writes: [stock, moves] }
      count: { handles: ordered, work: 1ms, writes: [moves] }
      warn: { handles: ordered, work: 1ms, calls: [ { to: mail, follows-within: 1min } ] }
  account:
    team: b
    operations:
      sign-up: { work: 2ms, writes: [people], calls: [ { to: mail, follows-within: 1min } ] }

data:
  orders: { owner: shop, size: 1 GB, item: 1 KB, growth: 1 GB/year, consistency: strong }
  lines: { owner: shop, size: 1 GB, items: 1M, growth: 1 GB/year, consistency: strong }
  stock: { owner: stock, size: 1 GB, items: 100k, consistency: strong }
  moves: { owner: stock, size: 1 GB, items: 100k, growth: 1 GB/year }
  people: { owner: account, size: 1 GB, items: 100k }

outside:
  mail: { latency: exp(80ms), availability: 99% }

availability: 99.9%
recovery: [ { lost: data, rto: 24h, rpo: 1h }, { lost: zone, rto: 2min, rpo: 0s } ]
regions: { eu-west: 100% }
team: { engineers: 12, teams: 2, maturity: medium }
platform: { ci-cd: yes, observability: yes, infrastructure-as-code: yes, kubernetes: yes, brokers: yes }
horizon: 1 year
";

/// An operation that handles an event and is also called later.
const BOTH_WAYS: &str = "kind: brief
version: 1
name: Both ways
load:
  - { operation: shop.order, rate: 20/s, peak: 2x, p99: 500ms }
  - { operation: shop.fix, rate: 5/s, peak: 2x, p99: 500ms }
domain:
  shop: { team: a, operations: { order: { work: 2ms, writes: [orders], emits: [ordered] }, fix: { work: 1ms, writes: [orders], calls: [ { to: stock.count, follows-within: 1min } ] } } }
  stock: { team: b, operations: { count: { handles: ordered, work: 3ms, writes: [stock] } } }
data:
  orders: { owner: shop, size: 1 GB, item: 1 KB }
  stock: { owner: stock, size: 1 GB, items: 100k }
";

/// One event, three handlers, three teams.
const THREE_HANDLERS: &str = "kind: brief
version: 1
name: Three handlers
about: An order is taken; stock, billing and mailing follow, each by another team.

load:
  - operation: orders.take
    rate: 50/s
    peak: 4x
    p99: 600ms
    availability: 99.9%
  - operation: orders.show
    rate: 120/s
    p99: 150ms

domain:
  orders:
    team: front
    changes: daily
    operations:
      take:
        work: 4ms
        in: 2 KB
        writes: [orders]
        calls:
          - { to: pricing.quote, answer: needed }
          - { to: crm.note, follows-within: 5min }
        emits: [order-taken]
      show: { work: 2ms, reads: [orders], calls: [pricing.quote] }
  pricing:
    team: front
    operations:
      quote: { work: 1ms, reads: [prices] }
  stock:
    team: warehouse
    operations:
      pick: { handles: order-taken, work: 3ms, writes: [stock] }
  billing:
    team: money
    operations:
      invoice: { handles: order-taken, work: 5ms, writes: [invoices], calls: [ { to: bank, follows-within: 10min } ] }
  crm:
    team: people
    operations:
      note: { work: 2ms, writes: [notes] }
      greet: { handles: order-taken, work: 1ms, calls: [ { to: mail, follows-within: 1min } ] }

data:
  orders: { owner: orders, size: 100 GB, item: 1 KB, growth: 50 GB/year, consistency: strong }
  prices: { owner: pricing, size: 1 GB, items: 100k, consistency: { eventual-within: 1min } }
  stock: { owner: stock, size: 1 GB, items: 100k, consistency: strong }
  invoices: { owner: billing, size: 20 GB, item: 1 KB, consistency: strong }
  notes: { owner: crm, size: 5 GB, item: 500 B }

outside:
  bank: { latency: exp(200ms), availability: 99%, limit: 100/s }
  mail: { latency: exp(80ms), errors: 1% }

availability: 99.9%
regions: { eu-west: 100% }
team: { engineers: 40, teams: 4, maturity: high }
platform: { ci-cd: yes, observability: yes, infrastructure-as-code: yes, sre: yes, kubernetes: yes, brokers: yes }
budget: 12k USD/month
priorities: [release-independence, isolation]
horizon: 1 years
";

/// A data set called `events`, an outside dependency called `gateway`, an event called as a data set.
const AWKWARD_NAMES: &str = "kind: brief
version: 1
name: Ticket sale
load:
  - { operation: sale.buy, rate: 20/s, peak: 6x, p99: 900ms }
  - { operation: events.list, rate: 150/s, peak: 4x, p99: 250ms }
domain:
  events: { team: front, operations: { list: { work: 2ms, reads: [events], out: 12 KB } } }
  sale: { team: sale, changes: daily, operations: { buy: { work: 4ms, writes: [orders], calls: [seats.hold, gateway], atomic: [orders, seats], effect: once, emits: [orders] } } }
  seats: { team: sale, operations: { hold: { work: 1ms, writes: [seats] } } }
  mailing: { team: front, operations: { confirm: { handles: orders, work: 1ms, calls: [ { to: mail, follows-within: 2min } ] } } }
data:
  events: { owner: events, size: 1 GB, items: 20k, popularity: zipf(1.0), consistency: { eventual-within: 10s } }
  orders: { owner: sale, size: 20 GB, item: 1 KB, consistency: strong }
  seats: { owner: seats, size: 2 GB, items: 5M, consistency: strong }
outside: { gateway: { latency: lognormal(p50 200ms p99 700ms), availability: 99.95% }, mail: { latency: exp(60ms) } }
team: { engineers: 10, teams: 2, maturity: medium }
recovery: { rto: 30min, rpo: 0s }
horizon: 1 year
";

fn examples() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".brief.yaml"))
        .collect();
    files.sort();
    let mut texts: Vec<(String, String)> = files
        .iter()
        .map(|path| (path.to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap()))
        .collect();
    for (name, text) in [
        ("nested", NESTED),
        ("two mailers", TWO_MAILERS),
        ("both ways", BOTH_WAYS),
        ("three handlers", THREE_HANDLERS),
        ("awkward names", AWKWARD_NAMES),
    ] {
        texts.push((name.to_string(), text.to_string()));
    }
    texts
}

fn topologies(brief: &Brief) -> Vec<Topology> {
    let hybrids = brief.modules.iter().map(|module| topology::hybrid(brief, std::slice::from_ref(&module.name.value)));
    std::iter::once(topology::modular_monolith(brief))
        .chain(topology::microservices(brief))
        .chain(topology::event_driven(brief))
        .chain(hybrids)
        .collect()
}

fn check(each: impl Fn(&str, &Brief, &Topology, &Design)) {
    let parameters = Parameters::from_knowledge(&Knowledge::embedded());
    for (name, text) in examples() {
        let read = read_brief(&text);
        let brief = read.value.unwrap_or_else(|| panic!("{name}: {:#?}", read.diagnostics));
        for topology in topologies(&brief) {
            let label = format!("{name}, {} ({})", topology.style.title(), topology.variant);
            each(&label, &brief, &topology, &project(&brief, &topology, &parameters).design);
        }
    }
}

#[test]
fn the_simulator_takes_every_projection() {
    check(|label, _, _, design| {
        if let Err(found) = compile(design) {
            panic!("{label}: {found:#?}");
        }
    });
}

#[test]
fn every_style_does_as_much() {
    check(|label, brief, _, design| {
        let demand = Demand::of(brief, LoadLevel::PeakAtHorizon);
        let work = flows(design, &indexmap::IndexMap::new(), Seconds(0.0));
        for (outside, wanted) in &demand.outside {
            let called = work.components[outside].rate.0;
            assert!(
                (called / wanted.0 - 1.0).abs() < 1e-9,
                "{label}: {outside} is called {called}/s, not {}/s",
                wanted.0
            );
        }
        let reads: f64 = work.components.values().map(|flow| flow.reads.0).sum();
        let wanted: f64 = demand.reads.values().map(|rate| rate.0).sum();
        assert!((reads - wanted).abs() < 1e-6 * wanted.max(1.0), "{label}: {reads} reads a second, not {wanted}");
        let writes: f64 = work.components.values().filter(|flow| flow.at_once > 0.0).map(|flow| flow.writes.0).sum();
        let wanted: f64 = demand.writes.values().map(|rate| rate.0).sum();
        assert!(writes >= wanted * (1.0 - 1e-9), "{label}: {writes} writes a second, fewer than {wanted}");
    });
}

/// Data sets written by a step, operations in process included.
fn written(design: &Design, at: &str, step: &Step) -> Vec<String> {
    let inner = |steps: &[Step]| steps.iter().flat_map(|step| written(design, at, step)).collect::<Vec<_>>();
    match &step.verb {
        Verb::Write(data) => vec![data.value.clone()],
        Verb::Transaction(_, steps) | Verb::Repeat(_, steps) | Verb::Parallel(steps) => inner(steps),
        Verb::Local(name) => {
            let component = design.components.iter().find(|component| component.name.value == at).unwrap();
            let operation = component.operations.iter().find(|operation| operation.name.value == name.value).unwrap();
            inner(&operation.steps)
        }
        _ => Vec::new(),
    }
}

#[test]
fn what_must_change_together_does_or_says_how() {
    check(|label, brief, topology, design| {
        for module in &brief.modules {
            for operation in module.operations.iter().filter(|operation| operation.atomic.len() > 1) {
                let sets: Vec<String> = operation.atomic.iter().map(|data| data.value.clone()).collect();
                let keep = design.keeps.iter().find(|keep| keep.atomic == sets);
                let keep = keep.unwrap_or_else(|| panic!("{label}: nothing is said of {sets:?}"));
                if keep.by == "saga" {
                    continue;
                }
                let unit = topology.unit_of(&module.name).unwrap();
                let service =
                    design.components.iter().filter(|component| component.kind.value == "service").nth(unit).unwrap();
                let at = service.name.value.as_str();
                let together = service.operations.iter().flat_map(|operation| &operation.steps).any(|step| {
                    matches!(step.verb, Verb::Transaction(..)) && {
                        let written = written(design, at, step);
                        sets.iter().all(|set| written.contains(set))
                    }
                });
                assert!(together, "{label}: {sets:?} by {} in no transaction of {at}", keep.by);
            }
        }
    });
}
