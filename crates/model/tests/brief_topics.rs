//! What few briefs speak of, said wrongly: every key refuses what it can't be, and statements that contradict one
//! another are told with their arithmetic.
#![allow(clippy::unwrap_used)]

mod common;

use common::WHOLE;
use groundplan_model::diagnostic::Severity;
use groundplan_model::edit::set;
use groundplan_model::reader::read_brief;
use groundplan_model::render::{Look, to_text};
use groundplan_model::span::Span;
use groundplan_model::yaml::{self, Node, NodeKind};

/// What is said of the whole brief with these values at these paths.
fn told(changes: &[(&str, &str)]) -> String {
    let mut text = WHOLE.to_string();
    for (path, value) in changes {
        text = set(&text, path, value).unwrap_or_else(|diagnostic| panic!("{path}: {diagnostic:?}"));
    }
    let diagnostics = read_brief(&text).diagnostics;
    to_text("whole.yaml", &text, &diagnostics, Look { colour: false, width: 100 })
}

/// Places of all values that are scalars.
fn scalars(node: &Node, all: &mut Vec<Span>) {
    match &node.kind {
        NodeKind::Scalar(..) => all.push(node.span),
        NodeKind::Map(entries) => entries.iter().for_each(|(_, value)| scalars(value, all)),
        NodeKind::List(items) => items.iter().for_each(|item| scalars(item, all)),
    }
}

#[test]
fn every_value_refuses_what_it_can_not_be_at_its_place() {
    let mut places = Vec::new();
    scalars(&yaml::parse(WHOLE).0.unwrap(), &mut places);
    assert!(places.len() > 120, "{}", places.len());
    for place in places {
        let (from, to) = (place.start as usize, place.end as usize);
        let text = format!("{}\"what? no\"{}", &WHOLE[..from], &WHOLE[to..]);
        let diagnostics = read_brief(&text).diagnostics;
        let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error);
        let here = |span: &Span| span.start as usize <= from + 1 && from < span.end as usize;
        let placed = errors.flat_map(|error| &error.labels).any(|label| here(&label.span));
        let line = WHOLE[..from].rsplit('\n').next().unwrap();
        assert!(placed || line == "name: ", "{line}{}: {diagnostics:#?}", &WHOLE[from..to]);
    }
}

#[test]
fn the_whole_brief_has_only_the_findings_it_is_made_to_have() {
    insta::assert_snapshot!(told(&[]));
}

#[test]
fn names_that_nobody_declared() {
    insta::assert_snapshot!(told(&[
        ("domain.ledger.waits-for-deploy-of", "[biling]"),
        ("audit.of", "[leger]"),
        ("labels.may-leave", "[publik]"),
        ("labels.places", "{ secrets: on-premises, internal: eu-cental }"),
        ("load.ledger.post.from", "{ eu-west: 70%, us-eats: 30% }"),
        ("today.measured", "{ ledger.pst: { p99: 1s } }"),
        ("today.deployables.erp.modules", "[billing, stok]"),
        ("today.stores.main.holds", "[orderz]"),
        ("today.fixed", "[ { keep: mian } ]"),
        ("today.trouble", "[ { deploy-blocked: billing, by: stck, times: 3/month } ]"),
        ("today.coupling", "[ { from: biling, to: stock, by: table } ]"),
        ("tenants.tiers.gold", "{ count: 12, isolation: own-stor, key: own }"),
        ("ai.rights.filter", "before"),
        ("vendors.on-premises", "[keys, cards]"),
        ("platform.data-center", "yes"),
    ]));
}

#[test]
fn quantities_and_times_of_another_kind() {
    insta::assert_snapshot!(told(&[
        ("schedule.settlement.at", "6pm"),
        ("schedule.settlement.done-within", "45"),
        ("change-control.freeze", "[12/20..01/05]"),
        ("outside.scheme.hours", "7-18"),
        ("outside.fraud.if-down.accept-below", "50"),
        ("today.fixed.main.until", "June 2027"),
        ("ai.answer.tokens-in", "lognormal(p50 2k)"),
        ("ai.agents.steps", "many"),
        ("ai.gpus", "16"),
        ("people.count", "1.5"),
        ("tenants.promise.others-p99", "120%"),
        ("releases.failed", "20%..5%"),
        ("vendors.largest-share", "0.7"),
    ]));
}

#[test]
fn what_contradicts_itself_in_regulated_work() {
    insta::assert_snapshot!(told(&[
        ("availability.outages", "{ every: 1d, last: 2d }"),
        ("recovery.data.rpo", "0s"),
        (
            "schedule",
            "[ { run: a, at: \"18:00\", items: 4M, done-within: 0s }, { run: a, at: \"18:00\", items: 1, done-within: 1h } ]"
        ),
        ("change-control.freeze", "[01-01..06-30, 07-01..12-31]"),
        ("outside.fraud.if-down", "{}"),
        ("outside.scheme.if-down.hold", "0s"),
        ("vendors.largest-share", "0%"),
        ("platform.data-centre", "no"),
        (
            "domain.billing",
            "{ waits-for-deploy-of: ledger, operations: { bill: { handles: posted, writes: [ledger] } } }"
        ),
        ("load.ledger.post.from", "{ eu-west: 70%, us-east: 20% }"),
        ("audit.of", "[ledger, ledger]"),
    ]));
}

#[test]
fn what_contradicts_itself_about_labels_models_and_tenants() {
    insta::assert_snapshot!(told(&[
        ("people.count", "0"),
        ("labels.share", "[60%, 30%, 9%, 2%]"),
        ("labels.may-leave", "[public, internal, secret]"),
        ("ai.corpus.documents", "0"),
        ("ai.answer.first-token.p95", "9s"),
        ("ai.quality.recall-at-10", "100%"),
        ("ai.agents.steps", "0.5"),
        ("ai.reindex-every", "0s"),
        ("tenants.count", "10"),
        ("tenants.share.biggest", "5%"),
        ("tenants.promise.when-one", "0.5x"),
        ("tenants.delete-within", "0s"),
    ]));
}

#[test]
fn what_contradicts_itself_about_today() {
    insta::assert_snapshot!(told(&[
        ("today.deployables.erp.replicas", "0"),
        (
            "today.coupling",
            "[ { from: billing, to: billing }, { from: stock, to: billing, calls-per-request: -1 }, { from: stock, to: billing } ]"
        ),
        ("today.fixed", "[ { keep: main }, { keep: main } ]"),
        ("today.move", "{ people: 9, within: 0d }"),
        ("labels.share", "[60%, 40%]"),
        ("tenants", "{ count: 0 }"),
    ]));
}

#[test]
fn what_binds_nothing_is_a_warning() {
    let changes = [
        ("availability.outages.last", "3h"),
        ("availability.errors", "1%"),
        (
            "recovery",
            "[ { lost: zone, rto: 1h, rpo: 0s, copy: offline }, { lost: region, rto: 10min, rpo: 0s }, { lost: data, rto: 1h, rpo: 1min } ]",
        ),
        ("schedule.settlement.done-within", "30h"),
        ("data.ledger.keep", "7 years"),
        ("ai.reindex-every", "1min"),
        ("ai.prompt-log.keep", "90d"),
        ("labels.may-leave", "[internal]"),
        ("people.each", "6/s"),
        ("today.move.downtime", "2 years"),
        ("load.ledger.post.by", "tenant"),
    ];
    insta::assert_snapshot!(told(&changes));
    let mut text = WHOLE.to_string();
    for (path, value) in changes {
        text = set(&text, path, value).unwrap();
    }
    assert!(read_brief(&text).value.is_some());
    for empty in ["ai", "today", "vendors", "releases", "change-control"] {
        let text = set(WHOLE, empty, "{}").unwrap();
        assert!(read_brief(&text).diagnostics.iter().any(|one| one.code == "says-nothing"), "{empty}");
    }
}

#[test]
fn growth_far_below_what_is_written_is_told_with_its_arithmetic() {
    let told = |growth: &str, more: &str| {
        let text = format!(
            "kind: brief
version: 1
name: Payments
load: [ {{ operation: payments.submit, rate: 300/s }} ]
domain:
  payments:
    operations:
      submit: {{ work: 4ms, emits: [accepted] }}
      keep: {{ handles: accepted, work: 1ms, writes: [payments] }}
data:
  payments: {{ owner: payments, size: 1.5 TB, item: 2 KB, growth: {growth}{more} }}
horizon: 3 years
"
        );
        let diagnostics = read_brief(&text).diagnostics;
        to_text("payments.yaml", &text, &diagnostics, Look { colour: false, width: 100 })
    };
    insta::assert_snapshot!(told("600 GB/year", ", keep: 10 years"));
    assert!(told("10%/year", "").contains("300/s x 2 KB x 31.5M s in a year = 18.9 TB, 126 times the 150 GB stated"));
    assert!(told("0%/year", "").contains("18.9 TB, and 0 B is stated"), "{}", told("0%/year", ""));
    assert!(!told("1.9 TB/year", "").contains("growth-below-writes"));
    // What is kept for a month is full: as much leaves as comes.
    assert!(!told("600 GB/year", ", keep: 30d").contains("growth-below-writes"));
}
