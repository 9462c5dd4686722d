//! What people see when a file is wrong.
#![allow(clippy::unwrap_used)]

mod common;

use common::VOCABULARY;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::reader::{kind_of, read_brief, read_design};
use groundplan_model::render::{Look, to_json, to_text};

fn shown(text: &str, diagnostics: &[Diagnostic]) -> String {
    to_text("shop.yaml", text, diagnostics, Look { colour: false, width: 100 })
}

fn brief(text: &str) -> String {
    shown(text, &read_brief(text).diagnostics)
}

fn design(text: &str) -> String {
    shown(text, &read_design(text, &VOCABULARY).diagnostics)
}

const HEAD: &str = "kind: brief\nversion: 1\nname: Shop\n";

fn small(rest: &str) -> String {
    format!(
        "{HEAD}load: [ {{ operation: shop.sell, rate: 30/s, p99: 2s }} ]\ndomain: {{ shop: {{ operations: {{ sell: {{ work: 5ms, writes: [orders] }} }} }} }}\ndata: {{ orders: {{ owner: shop, holds: [pii] }} }}\n{rest}"
    )
}

#[test]
fn all_errors_of_a_brief_at_once() {
    insta::assert_snapshot!(brief(
        "kind: brief
version: 1
name: Shop
load:
  - operation: shop.brows
    rate: 900 rps
    peak: 0.5x
    p99: 150
  - operation: shop.browse
    rate: 2G/s
domain:
  shop:
    changes: dayly
    operations:
      browse: { work: exp(3), reads: [product], calls: [payments.take, mail] }
data:
  products: { owner: shpo, size: 40 gb, consistency: { eventual-within: 5 } }
outside:
  mail: { latency: expo(80ms) }
avilability: 99.9%
platform: { ci-cd: on, kubernets: yes }
budget: 12k EUR/month
"
    ));
}

#[test]
fn a_comma_in_parentheses() {
    insta::assert_snapshot!(brief(&small("outside: { mail: { latency: lognormal(p50 2ms, p99 9ms) } }\n")));
}

#[test]
fn a_circle_of_operations() {
    insta::assert_snapshot!(brief(&format!(
        "{HEAD}load: [ {{ operation: a.x, rate: 1/s }} ]
domain:
  a: {{ operations: {{ x: {{ calls: [b.y] }} }} }}
  b: {{ operations: {{ y: {{ emits: [done] }} }} }}
  c: {{ operations: {{ z: {{ handles: done, calls: [a.x] }} }} }}
"
    )));
}

#[test]
fn faster_than_light() {
    let text = small("regions: { eu-west: 70%, us-east: 30% }\n").replace("p99: 2s", "p99: 25ms");
    insta::assert_snapshot!(brief(&text));
}

#[test]
fn faster_than_light_to_where_data_must_stay() {
    let text =
        small("regions: { eu-west: 70%, us-east: 30% }\nresidency: { pii: eu-west }\n").replace("p99: 2s", "p99: 50ms");
    insta::assert_snapshot!(brief(&text));
}

#[test]
fn rates_and_sizes_that_contradict_themselves() {
    let text = small("")
        .replace("work: 5ms", "work: exp(5ms)")
        .replace("p99: 2s", "p99: 20ms, peak: { factor: 10x, for: 6h }")
        .replace("owner: shop,", "owner: shop, size: 1 GB, items: 2M, item: 2 KB,");
    insta::assert_snapshot!(brief(&text));
}

#[test]
fn shares_that_miss_the_whole() {
    insta::assert_snapshot!(brief(&small("regions: { eu-west: 70%, us-east: 20% }\n")));
}

#[test]
fn what_is_said_twice() {
    let text = small("name: Shop again\npriorities: [cost, cost]\n")
        .replace("} ]\n", "}, { operation: shop.sell, rate: 1/s } ]\n");
    insta::assert_snapshot!(brief(&text));
}

#[test]
fn indentation_and_tabs() {
    insta::assert_snapshot!(brief("kind: brief\nversion: 1\nload:\n\t- operation: a.b\n"));
}

#[test]
fn what_is_missing() {
    insta::assert_snapshot!(brief("kind: brief\nversion: 2\nload:\ndomain: { shop: {} }\n"));
}

#[test]
fn all_errors_of_a_design_at_once() {
    insta::assert_snapshot!(design(
        "kind: design
version: 1
name: Broken
places: { eu-west: { zones: [a, b] } }
components:
  gateway: { kind: load-balancer, place: eu-west/c, to: shp }
  shop:
    kind: service
    wrokers: 4
    operations:
      browse:
        - call: databse
          timeout: 3
        - compute: exp(3ms)
          write: database
        - timeout: 3s
        - publish: order-placd
      order: { compute: exp(1ms) }
      pay: { steps: [ { branch: { 90%: [], 5%: [ { local: brows } ] } } ] }
  database: { kind: databse }
  events: { kind: log, topics: { order-placed: {} } }
load:
  - { operation: shop.brows, arrivals: 900/s }
  - { operation: shop.browse }
experiments:
  - name: lost
    faults: [ { at: 3min, zone-los: eu-west/a }, { slow: database } ]
"
    ));
}

#[test]
fn a_name_that_steers_the_terminal() {
    insta::assert_snapshot!(brief(&small(
        "about: \"plain\\e[31mred\"\noutside: { \"a\\e]0;b\": { latency: 1s } }\nrisk: hi\u{202e}gh\n"
    )));
}

#[test]
fn words_that_can_not_be_what_they_stand_for() {
    insta::assert_snapshot!(brief(&small(
        "team: { engineers: many, on-call: 24x7 }\nrecovery: fast\ncompliance: { gdpr: yes }\nresidency: [eu]\ngrowth: 60%\nhorizon: 2\n"
    )));
}

#[test]
fn files_of_another_kind() {
    let text = "kind: desing\nversion: 1\n";
    insta::assert_snapshot!(shown(text, &kind_of(text).unwrap_err()));
    insta::assert_snapshot!(brief("kind: design\nversion: 1\n"));
}

#[test]
fn json_says_line_and_column() {
    let text = small("risk: huge\n");
    insta::assert_json_snapshot!(to_json("shop.yaml", &text, &read_brief(&text).diagnostics));
}

#[test]
fn coloured_text_is_the_plain_text_with_colours() {
    let text = small("risk: huge\n");
    let diagnostics = read_brief(&text).diagnostics;
    let coloured = to_text("shop.yaml", &text, &diagnostics, Look { colour: true, width: 100 });
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(plain, shown(&text, &diagnostics));
}

#[test]
fn a_thousand_errors_are_counted_and_not_all_shown() {
    let text = small(&(0..1000).map(|nth| format!("wrong{nth}: 1\n")).collect::<String>());
    let read = read_brief(&text);
    assert_eq!(read.diagnostics.len(), 201);
    assert_eq!(read.diagnostics[200].headline, "800 more findings aren't shown");
    assert!(read.value.is_none());
}

#[test]
fn a_brief_names_no_recordings() {
    for law in ["empirical(times.csv)", "mixture(50% exp(1ms) 50% empirical(times.csv))"] {
        let told = brief(&small("").replace("work: 5ms", &format!("work: {law}")));
        assert!(told.contains("error[recording-in-brief]") && told.contains("lognormal(p50"), "{told}");
    }
}
