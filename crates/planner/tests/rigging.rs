//! Tests against rigging: the comparison of styles must find nothing where there is nothing to find.
//!
//! (a) A brief with one module gives four designs without a difference. (b) With hops, minimum sizes, contention and the
//! split of data off, the styles agree within their intervals. (c) Each mechanism switched off in turn, as a table of what
//! it contributes; run with `--nocapture` to read it.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use groundplan_knowledge::Knowledge;
use groundplan_model::brief::Brief;
use groundplan_model::reader::read_brief;
use groundplan_model::units::Seconds;
use groundplan_planner::candidate::{Frame, draft};
use groundplan_planner::measure::{Effort, Steady};
use groundplan_planner::parameters::{Mechanisms, Parameters};
use groundplan_planner::plan::Style;
use groundplan_planner::topology::{self, Topology};
use groundplan_planner::{Options, plan};
use groundplan_sim::run::paired;

const ONE_MODULE: &str = "
kind: brief
version: 1
name: One module
load:
  - { operation: notes.write, rate: 40/s, peak: 2x, p99: 300ms }
  - { operation: notes.read, rate: 200/s, peak: 2x, p99: 200ms }
domain:
  notes:
    operations:
      write: { work: 3ms, writes: [notes] }
      read: { work: 2ms, reads: [notes] }
data:
  notes: { owner: notes, size: 10 GB, item: 1 KB, consistency: strong }
";

/// Three modules of three teams with calls between them, one transaction over two of them, and no events.
const THREE_MODULES: &str = "
kind: brief
version: 1
name: Three modules
load:
  - { operation: orders.place, rate: 60/s, peak: 2x, p99: 500ms }
  - { operation: catalogue.browse, rate: 300/s, peak: 2x, p99: 200ms }
domain:
  orders:
    team: one
    operations:
      place: { work: 4ms, reads: [products], writes: [orders], calls: [stock.reserve], atomic: [orders, stock] }
  catalogue:
    team: two
    operations:
      browse: { work: 2ms, reads: [products] }
  stock:
    team: three
    operations:
      reserve: { work: 1ms, writes: [stock] }
data:
  products: { owner: catalogue, size: 4 GB, item: 2 KB, consistency: { eventual-within: 5s } }
  orders: { owner: orders, size: 30 GB, item: 2 KB, consistency: strong }
  stock: { owner: stock, size: 1 GB, item: 100 B, consistency: strong }
team: { engineers: 15, teams: 3 }
";

fn brief(text: &str) -> Brief {
    let read = read_brief(text);
    read.value.unwrap_or_else(|| panic!("{:#?}", read.diagnostics))
}

fn effort() -> Effort {
    Effort {
        seed: 7,
        steady_replications: 32,
        steady: Seconds(20.0),
        warm_up: Seconds(5.0),
        fault_replications: 4,
        steady_requests: 0.0,
        fault_requests: 0.0,
    }
}

fn run(brief: &Brief, topology: Topology, mechanisms: Mechanisms) -> Steady {
    let knowledge = Knowledge::embedded();
    let parameters = Parameters::from_knowledge(&knowledge).with(mechanisms);
    let effort = effort();
    let frame = Frame { brief, knowledge: &knowledge, parameters: &parameters, effort: &effort, listener: &|_| {} };
    draft(&frame, topology).unwrap().steady
}

#[test]
fn one_module_gives_four_times_the_same() {
    let brief = brief(ONE_MODULE);
    let plan = plan(&brief, &Knowledge::embedded(), &Options::default(), &|_| {}).unwrap();
    for candidate in &plan.candidates[1..] {
        assert_eq!(candidate.same_as, Some(Style::ModularMonolith), "{}", candidate.style.title());
        assert_eq!(candidate.cost.total, plan.candidates[0].cost.total);
    }
    // Marked the same is not enough: built and run by itself, the service shows no difference either.
    let monolith = run(&brief, topology::modular_monolith(&brief), Mechanisms::ALL);
    let services = run(&brief, topology::microservices(&brief).remove(0), Mechanisms::ALL);
    for (entry, difference) in paired(&monolith.records, &services.records, &[(0, 0), (1, 1)], 0.999).iter().enumerate()
    {
        let (mean, p99) = (&difference.mean.difference, &difference.p99.difference);
        assert!(mean.contains(0.0), "entry {entry}: mean differs by {mean:?}");
        assert!(p99.contains(0.0), "entry {entry}: p99 differs by {p99:?}");
    }
}

#[test]
fn without_what_differs_the_styles_agree() {
    let brief = brief(THREE_MODULES);
    let monolith = run(&brief, topology::modular_monolith(&brief), Mechanisms::NONE);
    let others = [
        topology::microservices(&brief).remove(0),
        topology::event_driven(&brief).remove(0),
        topology::hybrid(&brief, &["catalogue".to_string()]),
    ];
    for topology in others {
        let name = topology.variant.clone();
        let other = run(&brief, topology, Mechanisms::NONE);
        for (entry, difference) in
            paired(&monolith.records, &other.records, &[(0, 0), (1, 1)], 0.999).iter().enumerate()
        {
            let mean = &difference.mean.difference;
            let base = monolith.verdict.operations[entry].latency.mean.value.unwrap();
            let (low, high) = (mean.low.unwrap(), mean.high.unwrap());
            assert!(low <= 1e-6 && high >= -1e-6, "{name}, entry {entry}: mean {base} differs by {mean:?}");
            assert!(high - low < 0.02 * base, "{name}, entry {entry}: the interval {mean:?} is too wide to say so");
        }
    }
}

#[test]
fn each_mechanism_contributes_what_it_says() {
    let brief = brief(THREE_MODULES);
    let gap = |mechanisms: Mechanisms| {
        let monolith = run(&brief, topology::modular_monolith(&brief), mechanisms);
        let services = run(&brief, topology::microservices(&brief).remove(0), mechanisms);
        paired(&monolith.records, &services.records, &[(0, 0)], 0.95)[0].mean.difference.clone()
    };
    let all = gap(Mechanisms::ALL);
    let rows = [
        ("everything on", all.clone()),
        ("without hops", gap(Mechanisms { hops: false, ..Mechanisms::ALL })),
        ("without minimum sizes", gap(Mechanisms { minimum_sizes: false, ..Mechanisms::ALL })),
        ("without contention", gap(Mechanisms { contention: false, ..Mechanisms::ALL })),
        ("without the split of data", gap(Mechanisms { data_split: false, ..Mechanisms::ALL })),
        ("everything off", gap(Mechanisms::NONE)),
    ];
    println!("mean of orders.place, services by module minus monolith");
    for (name, difference) in &rows {
        let ms = |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{:+.3} ms", value * 1e3));
        println!("{name:>28}: {} ({} to {})", ms(difference.value), ms(difference.low), ms(difference.high));
    }
    let value = |nth: usize| rows[nth].1.value.unwrap();
    assert!(rows[0].1.low.unwrap() > 0.0, "calls between deployables cost time: {all:?}");
    assert!(value(1) < value(0), "without hops the gap must shrink");
    assert!(value(5).abs() < 0.05 * value(0), "with everything off next to nothing may be left");
}
