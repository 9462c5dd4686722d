//! Briefs made in code, for tests.

use groundplan_model::brief::{
    Access, Answer, Brief, Consistency, DataSet, Degree, DomainCall, DomainOperation, Level, LoadEntry, Lost, Module,
    OnCall, Recovery, Team,
};
use groundplan_model::quantity::{Dist, Ranged, Target};
use groundplan_model::units::{Bytes, PerSecond, Seconds, Share, YEAR};
use indexmap::IndexMap;

const DAY: f64 = 86_400.0;

/// A small team with a small system: nothing is special about it.
pub(crate) fn brief() -> Brief {
    Brief {
        name: "sample".into(),
        about: String::new(),
        load: vec![load("front.ask", 200.0, 3.0), load("orders.place", 100.0, 3.0)],
        growth: Ranged::exactly(0.2),
        modules: vec![
            module("front", "one", vec![operation("ask", 3.0, &["items"], &[], &["stock.look"])]),
            module("orders", "one", vec![operation("place", 5.0, &[], &["orders"], &["stock.take"])]),
            module(
                "stock",
                "one",
                vec![operation("look", 1.0, &["stock"], &[], &[]), operation("take", 2.0, &[], &["stock"], &[])],
            ),
        ],
        data: vec![
            set("items", "front", 10e9, Consistency::EventualWithin(Seconds(5.0))),
            set("orders", "orders", 100e9, Consistency::Strong),
            set("stock", "stock", 1e9, Consistency::Strong),
        ],
        outside: Vec::new(),
        availability: Target::must(Share(0.999)),
        outages: None,
        errors: None,
        recovery: vec![Recovery { lost: Lost::Zone, rto: Seconds(900.0), rpo: Seconds(0.0), offline_copy: false }],
        regions: vec![("eu-west".into(), Share(1.0))],
        residency: Vec::new(),
        compliance: Vec::new(),
        team: Team {
            engineers: 12,
            teams: 1,
            maturity: Level::Medium,
            on_call: OnCall::BusinessHours,
            skills: Vec::new(),
        },
        platform: IndexMap::new(),
        budget: None,
        priorities: Vec::new(),
        risk: Level::Medium,
        horizon: Seconds(2.0 * YEAR.0),
        releases: None,
        audit: None,
        schedule: Vec::new(),
        vendors: None,
        change_control: None,
        people: None,
        labels: None,
        ai: None,
        tenants: None,
        today: None,
        assumptions: Vec::new(),
    }
}

/// Sets one thing the platform can do.
pub(crate) fn can(brief: &mut Brief, names: &[&str], degree: Degree) {
    for name in names {
        brief.platform.insert((*name).to_string(), degree);
    }
}

pub(crate) fn load(operation: &str, rate: f64, peak: f64) -> LoadEntry {
    LoadEntry {
        operation: operation.into(),
        rate: Ranged::exactly(PerSecond(rate)),
        peak: Ranged::exactly(peak),
        peak_lasts: None,
        p99: Some(Target::must(Seconds(0.5))),
        availability: None,
        accepted_p99: None,
        settled_p99: None,
        by: None,
        from: Vec::new(),
    }
}

pub(crate) fn module(name: &str, team: &str, operations: Vec<DomainOperation>) -> Module {
    Module {
        name: name.into(),
        team: team.into(),
        changes: PerSecond(1.0 / (7.0 * DAY)),
        polyglot: false,
        waits_for: Vec::new(),
        operations,
    }
}

/// Work in milliseconds; calls are needed.
pub(crate) fn operation(name: &str, work_ms: f64, reads: &[&str], writes: &[&str], calls: &[&str]) -> DomainOperation {
    let access = |names: &[&str]| names.iter().map(|name| Access { to: (*name).into(), times: 1.0 }).collect();
    DomainOperation {
        name: name.into(),
        work: Dist::Exp(work_ms / 1e3),
        request: Bytes(1_000.0),
        response: Bytes(2_000.0),
        reads: access(reads),
        writes: access(writes),
        calls: calls.iter().map(|to| DomainCall { to: (*to).into(), answer: Answer::Needed }).collect(),
        emits: Vec::new(),
        handles: None,
        atomic: Vec::new(),
        effect_once: false,
        order_per: None,
    }
}

pub(crate) fn handler(name: &str, event: &str, work_ms: f64) -> DomainOperation {
    DomainOperation { handles: Some(event.into()), ..operation(name, work_ms, &[], &[], &[]) }
}

pub(crate) fn set(name: &str, owner: &str, size: f64, consistency: Consistency) -> DataSet {
    DataSet {
        name: name.into(),
        owner: owner.into(),
        size: Bytes(size),
        item: Some(Bytes(1_000.0)),
        items: None,
        growth: None,
        popularity: None,
        consistency,
        holds: Vec::new(),
        keep: None,
        replay: false,
        access: Vec::new(),
    }
}

/// Eight modules of as many teams who know what they do.
pub(crate) fn many_teams() -> Brief {
    let mut many = brief();
    many.modules = (0..10)
        .map(|n| {
            let calls: Vec<String> = if n == 0 { (1..4).map(|to| format!("m{to}.do")).collect() } else { Vec::new() };
            let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
            let mut made = module(&format!("m{n}"), &format!("t{n}"), vec![operation("do", 10.0, &[], &[], &calls)]);
            made.changes = PerSecond(2.0 / DAY);
            made
        })
        .collect();
    many.load = (0..10).map(|n| load(&format!("m{n}.do"), 400.0, 3.0)).collect();
    many.data = (0..10).map(|n| set(&format!("d{n}"), &format!("m{n}"), 50e9, Consistency::Strong)).collect();
    many.team = Team { engineers: 90, teams: 12, maturity: Level::High, on_call: OnCall::Always, skills: Vec::new() };
    let all = ["ci-cd", "observability", "infrastructure-as-code", "sre", "kubernetes", "contract-tests"];
    can(&mut many, &all, Degree::Yes);
    many
}

/// Measurements stream in, are kept and replayed by several consumers.
pub(crate) fn intake() -> Brief {
    let mut intake = brief();
    let mut take = operation("take", 0.2, &[], &["readings"], &[]);
    take.emits = vec!["reading-taken".into()];
    intake.modules = vec![
        module("intake", "one", vec![take]),
        module("alerts", "one", vec![handler("watch", "reading-taken", 0.3)]),
        module("history", "two", vec![handler("keep", "reading-taken", 0.2)]),
        module("reports", "two", vec![handler("count", "reading-taken", 0.2), operation("show", 20.0, &[], &[], &[])]),
    ];
    intake.load = vec![load("intake.take", 40_000.0, 2.0), load("reports.show", 10.0, 2.0)];
    let mut readings = set("readings", "intake", 5e12, Consistency::Eventual);
    readings.replay = true;
    readings.item = Some(Bytes(300.0));
    intake.data = vec![readings];
    intake.team =
        Team { engineers: 25, teams: 3, maturity: Level::Medium, on_call: OnCall::Always, skills: Vec::new() };
    can(&mut intake, &["ci-cd", "observability", "infrastructure-as-code", "brokers", "schema-registry"], Degree::Yes);
    intake
}

/// Several teams, one module that changes daily, a platform half built.
pub(crate) fn one_hot_module() -> Brief {
    let mut mid = brief();
    mid.modules[0].changes = PerSecond(3.0 / DAY);
    for (module, team) in mid.modules.iter_mut().zip(["a", "b", "c"]) {
        module.team = team.into();
    }
    mid.team =
        Team { engineers: 30, teams: 4, maturity: Level::Medium, on_call: OnCall::BusinessHours, skills: vec![] };
    can(&mut mid, &["ci-cd", "observability"], Degree::Partial);
    mid
}
