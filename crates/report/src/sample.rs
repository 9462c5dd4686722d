//! A plan made by hand for the tests of this crate. Its figures mean nothing; they are never part of an output.

use groundplan_knowledge::constraint::Setting;
use groundplan_knowledge::decision::{Confidence, Decision, Decisions, Flip, FlipSide, NotYet, Question, Reason};
use groundplan_knowledge::fact::Mark;
use groundplan_knowledge::rule::{Cite, Concern, Evidence, Grade, Origin, Side, Source, SourceKind};
use groundplan_model::brief::{
    Assumption, Brief, Consistency, DataSet, Degree, Level, LoadEntry, Lost, OnCall, Recovery, Team,
};
use groundplan_model::design::{Component, Design, Experiment, Fault, Load, Operation, Place, Step, Verb};
use groundplan_model::estimate::{Estimate, Provenance};
use groundplan_model::quantity::{Arrivals, Dist, Ranged, Target};
use groundplan_model::units::{Bytes, Money, PerSecond, Seconds, Share};
use groundplan_model::value::{Settings, Value};
use groundplan_planner::closed::{ClosedForm, Measure};
use groundplan_planner::plan::*;
use groundplan_sim::expectation::Holds as SimHolds;
use groundplan_sim::verdict::{
    BlastRadius, CallVerdict, ComponentVerdict, ExpectationVerdict, ExperimentVerdict, Faulty, Latency,
    OperationVerdict, SelfChecks, Series, SeriesVerdict, Times, Verdict, WarmUpVerdict,
};
use indexmap::IndexMap;

/// A figure with an interval of five percent.
fn about(value: f64) -> Estimate {
    Estimate::new(value, value * 0.97, value * 1.04)
}

/// The sources that the sample cites.
pub fn sources() -> Vec<Source> {
    let source = |id: &str, title: &str, author: &str, read_at: &str| Source {
        id: id.into(),
        title: title.into(),
        author: author.into(),
        year: 2019,
        kind: SourceKind::Expert,
        read_at: read_at.into(),
        mark: Mark::Primary,
        ..Source::default()
    };
    vec![
        source("newman-2019", "Monolith to Microservices", "Sam Newman", "https://example.org/m2m?a=1&b=<2>"),
        source("sre-2016", "Site Reliability Engineering", "Betsy Beyer and others", "O'Reilly, 2016"),
    ]
}

fn reason(option: &str, side: Side, grade: Grade, concern: Concern, text: &str) -> Reason {
    Reason {
        rule: format!("{option}-{}", concern.word()),
        option: option.into(),
        side,
        concern,
        grade,
        veto: None,
        lowered: false,
        text: text.into(),
        about: vec!["checkout".into()],
        sources: vec![Cite { source: "newman-2019".into(), evidence: Evidence::Expert }],
        because: vec!["team.teams < 6".into()],
        held: vec![],
        counts: true,
        contested: false,
        lifted_by: None,
        origin: Origin::Groundplan,
    }
}

fn decision(dimension: &str, subject: Option<&str>, option: &str, runner_up: &str, reasons: Vec<Reason>) -> Decision {
    Decision {
        dimension: dimension.into(),
        subject: subject.map(Into::into),
        option: option.into(),
        runner_up: Some(runner_up.into()),
        reasons,
        flips: vec![
            Flip {
                constraint: "team.engineers".into(),
                unit: "1",
                now: Setting::Number(14.0),
                at: Setting::Number(45.0),
                side: FlipSide::AtOrAbove,
                option: runner_up.into(),
                shown: "45".into(),
                shown_now: "14".into(),
            },
            Flip {
                constraint: "load.catalogue.browse.rate".into(),
                unit: "/s",
                now: Setting::Number(900.0),
                at: Setting::Number(8200.0),
                side: FlipSide::AtOrAbove,
                option: runner_up.into(),
                shown: "8200/s".into(),
                shown_now: "900/s".into(),
            },
        ],
        explanation: "It has no strong objection, while the runner-up has one about operability: three teams without an SRE would run nine deployables.".into(),
        confidence: Confidence { word: "medium", text: "decided at the first position; the nearest flip is far; two inputs assumed".into() },
        overruled: vec![],
        tie: false,
        ranking: vec![],
        not_yet: vec![NotYet {
            option: "microservices".into(),
            lacks: vec!["an SRE".into()],
            ready_when: vec!["observability is there, and somebody is on call at night".into()],
        }],
        ..Decision::default()
    }
}

fn decisions() -> Decisions {
    use Concern::{Consistency, Isolation, Latency, Operability, ReleaseIndependence, TimeToMarket};
    use Grade::{Normal, Slight, Strong};
    let style = vec![
        reason(
            "modular-monolith",
            Side::For,
            Strong,
            Consistency,
            "Orders and stock must change together; in one process one transaction does it, across services it takes a saga with anomalies that users see.",
        ),
        reason(
            "modular-monolith",
            Side::For,
            Normal,
            TimeToMarket,
            "Three teams share one release train without waiting for one another more than once a week.",
        ),
        reason(
            "modular-monolith",
            Side::Against,
            Normal,
            Isolation,
            "A leak in one module takes the whole process with it.",
        ),
        reason(
            "microservices",
            Side::Against,
            Strong,
            Operability,
            "Nine deployables need a platform and people on call that this team does not have.",
        ),
        reason("microservices", Side::For, Slight, ReleaseIndependence, "Catalogue changes daily, checkout weekly."),
    ];
    let storage = vec![reason(
        "relational",
        Side::For,
        Strong,
        Consistency,
        "Strong consistency over several sets in one transaction.",
    )];
    let messaging =
        vec![reason("queue", Side::For, Normal, Latency, "Only the receipt may follow, and nobody replays it.")];
    Decisions {
        decisions: vec![
            decision("architecture-style", None, "modular-monolith", "microservices", style),
            decision("storage", Some("orders"), "relational", "distributed-sql", storage.clone()),
            decision("storage", Some("products"), "relational", "document", storage),
            decision("messaging", None, "queue", "log", messaging),
        ],
        questions: vec![Question {
            constraint: "data.products.access".into(),
            assumed: "get only".into(),
            dimension: "storage".into(),
            subject: Some("products".into()),
            now: "relational".into(),
            otherwise: vec![],
            text: "Are products searched by text, and how often?".into(),
            ..Question::default()
        }],
        ..Decisions::default()
    }
}

/// The brief of the sample.
pub fn brief() -> Brief {
    let entry = |operation: &str, rate: f64, peak: f64, p99: f64| LoadEntry {
        operation: operation.into(),
        rate: Ranged::exactly(PerSecond(rate)),
        peak: Ranged::exactly(peak),
        peak_lasts: None,
        p99: Some(Target::must(Seconds(p99))),
        availability: None,
        accepted_p99: None,
        settled_p99: None,
        by: None,
        from: Vec::new(),
    };
    let data = |name: &str, size: f64| DataSet {
        name: name.into(),
        owner: "checkout".into(),
        size: Bytes(size),
        item: None,
        items: None,
        growth: None,
        popularity: None,
        consistency: Consistency::Strong,
        holds: vec![],
        keep: None,
        replay: false,
        access: vec![],
    };
    let assumption =
        |path: &str, value: &str, why: &str| Assumption { path: path.into(), value: value.into(), why: why.into() };
    Brief {
        name: "Web shop".into(),
        about: "Sells two million products to shoppers in Europe and North America.".into(),
        load: vec![entry("catalogue.browse", 900.0, 4.0, 0.2), entry("checkout.place-order", 30.0, 10.0, 2.0)],
        growth: Ranged::exactly(0.6),
        modules: vec![],
        data: vec![data("products", 40e9), data("orders", 300e9)],
        outside: vec![],
        availability: Target::must(Share(0.999)),
        outages: None,
        errors: None,
        recovery: vec![Recovery { lost: Lost::Zone, rto: Seconds(900.0), rpo: Seconds(0.0), offline_copy: false }],
        regions: vec![("eu-west".into(), Share(0.7)), ("us-east".into(), Share(0.3))],
        residency: vec![("pii".into(), "eu-west".into())],
        compliance: vec!["gdpr".into(), "pci-dss".into()],
        team: Team {
            engineers: 14,
            teams: 3,
            maturity: Level::Medium,
            on_call: OnCall::BusinessHours,
            skills: vec!["java".into()],
        },
        platform: [("ci-cd".to_string(), Degree::Yes)].into_iter().collect(),
        budget: Some(Target::must(Money(15_000.0))),
        priorities: vec!["time-to-market".into()],
        risk: Level::Low,
        horizon: Seconds(2.0 * 31_536_000.0),
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
        assumptions: vec![
            assumption("domain.catalogue.operations.browse.in", "1 KB", "size of a request"),
            assumption(
                "outside.payment-provider.outages",
                "one a month of 43min",
                "99.9% as one outage a month of the matching length",
            ),
            assumption("releases.failed", "5%..20%", "DORA reports 5 to 40% of deployments"),
        ],
    }
}

fn call(name: &str, rate: f64, p99: f64) -> (String, CallVerdict) {
    let latency = Times { mean: about(p99 / 3.0), p50: about(p99 / 4.0), p99: about(p99) };
    let figures = CallVerdict {
        rate: about(rate),
        amplification: about(1.02),
        errors: Estimate::new(0.0, 0.0, 1e-6),
        refused_here: None,
        wasted: None,
        latency,
    };
    (name.to_string(), figures)
}

fn operation(p50: f64, p99: f64, rate: f64) -> OperationVerdict {
    OperationVerdict {
        latency: Latency {
            mean: about(p50 * 1.2),
            p50: about(p50),
            p90: about(p50 * 2.5),
            p99: about(p99),
            p999: Estimate::unknown("fewer than 30 sections with 10 requests beyond it"),
        },
        arrivals: about(rate),
        throughput: about(rate * 0.9995),
        goodput: about(rate * 0.993),
        availability: Estimate::new(0.9994, 0.9991, 0.9996),
        errors: [("timeout".to_string(), about(0.0004))].into_iter().collect(),
        settled: None,
    }
}

fn component(use_: f64) -> ComponentVerdict {
    let times = || Times { mean: about(0.001), p50: about(0.0004), p99: about(0.009) };
    ComponentVerdict {
        utilisation: about(use_),
        core_utilisation: about(use_),
        saturation: about(use_ * use_),
        queue: about(0.3),
        queue_max: 9,
        in_system: about(3.0),
        wait: times(),
        time: times(),
        refused: None,
        wasted: None,
        hit_ratio: None,
        lost_writes: None,
        duplicates: None,
        lag: None,
        kept: IndexMap::new(),
    }
}

const ENTRIES: [&str; 2] = ["catalogue.browse", "checkout.place-order"];

fn experiment(name: &str, harm: f64) -> ExperimentVerdict {
    let share = |slice: usize| {
        let bad = match slice {
            12..24 => harm,
            24..30 => harm * 0.4,
            _ => 0.004,
        };
        Some(1.0 - bad)
    };
    let series = || Series {
        arrivals: vec![930.0; 48],
        ok: (0..48).map(share).collect(),
        in_time: (0..48).map(share).collect(),
        errors: IndexMap::new(),
        p50: vec![Some(0.01); 48],
        p99: vec![Some(0.1); 48],
    };
    let each = |figure: fn(f64) -> Estimate, value: f64| {
        ENTRIES.iter().map(|entry| (entry.to_string(), figure(value))).collect()
    };
    ExperimentVerdict {
        detected_by_alert: IndexMap::new(),
        alert: None,
        inputs: Vec::new(),
        name: name.into(),
        duration: Seconds(240.0),
        replications: 16,
        faulty: Some(Faulty { from: Seconds(60.0), until: Some(Seconds(120.0)) }),
        operations: [(ENTRIES[0].to_string(), operation(0.011, 0.3, 930.0))].into_iter().collect(),
        components: IndexMap::new(),
        calls: IndexMap::new(),
        expectations: vec![ExpectationVerdict {
            text: "recovery(catalogue.browse) <= 30s".into(),
            holds: SimHolds::Undecided,
            measured: Estimate::new(28.0, 20.0, 40.0),
            threshold: 30.0,
            runs_needed: Some(64),
        }],
        series: SeriesVerdict {
            slice: Seconds(5.0),
            operations: ENTRIES.iter().map(|entry| (entry.to_string(), series())).collect(),
            components: IndexMap::new(),
        },
        recovery: each(about, 40.0),
        blast_radius: ENTRIES
            .iter()
            .map(|entry| (entry.to_string(), BlastRadius { peak: about(harm), bad_user_minutes: about(harm * 1.2) }))
            .collect(),
        blast_radius_total: None,
        collapse: None,
        regimes: vec![],
        self_checks: SelfChecks::default(),
        precision: None,
        interrupted: None,
        set: IndexMap::new(),
        corners: Vec::new(),
    }
}

/// A verdict with everything in it.
pub fn verdict(slow: f64) -> Verdict {
    Verdict {
        schema_version: 1,
        design: "Web shop".into(),
        seed: 1,
        replications: 32,
        events: 48_123_456,
        duration: Seconds(60.0),
        warm_up: WarmUpVerdict { dropped: Seconds(12.0), steady: true, growth: None },
        operations: [
            (ENTRIES[0].to_string(), operation(0.0061 * slow, 0.048 * slow, 9216.0)),
            (ENTRIES[1].to_string(), operation(0.151 * slow, 1.12 * slow, 768.0)),
        ]
        .into_iter()
        .collect(),
        components: [
            ("shop".to_string(), component(0.52)),
            ("main-db".to_string(), component(0.38)),
            ("gateway".to_string(), component(0.1)),
        ]
        .into_iter()
        .collect(),
        calls: [
            call("gateway->shop", 9984.0, 0.05 * slow),
            call("shop->main-db", 19_400.0, 0.011),
            call("shop->payment-provider", 768.0, 0.9),
            call("shop->receipts", 768.0, 0.008),
        ]
        .into_iter()
        .collect(),
        targets: vec![ExpectationVerdict {
            text: "p99(catalogue.browse) <= 200ms".into(),
            holds: SimHolds::Yes,
            measured: about(0.048 * slow),
            threshold: 0.2,
            runs_needed: None,
        }],
        headroom: None,
        sensitivity: None,
        experiments: vec![experiment("zone-loss", 0.34 * slow.min(2.0)), experiment("slow payment-provider", 0.08)],
        collapse: None,
        regimes: vec![],
        self_checks: SelfChecks { held: 2048, ..SelfChecks::default() },
        precision: None,
        interrupted: None,
        not_run: vec![],
    }
}

fn design(style: Style) -> Design {
    let steps = vec![
        Step::new(Verb::Compute(Dist::Exp(0.003))),
        Step::new(Verb::Call("payment-provider".into())),
        Step::new(Verb::Transaction("main-db".into(), vec![Step::new(Verb::Write("orders".into()))])),
        Step::new(Verb::Enqueue("receipts".into())),
    ];
    let mut shop = Component::new("shop", "service").placed("eu-west").with("replicas", Value::Count(9));
    shop.operations = vec![
        Operation::new("place-order", steps),
        Operation::new("browse", vec![Step::new(Verb::Read("products".into()))]),
    ];
    let mut receipt = Operation::new("send-receipt", vec![Step::new(Verb::Call("mail".into()))]);
    receipt.handles = Some("receipts".into());
    shop.operations.push(receipt);
    let holds = Value::List(vec![Value::Text("orders".into()).into(), Value::Text("products".into()).into()]);
    let routes = Settings::new().with("browse", Value::Text("shop.browse".into()));
    let fault = |name: &str, kind: &str| Experiment {
        name: name.into(),
        duration: Seconds(240.0),
        faults: vec![Fault {
            kind: kind.into(),
            argument: Value::Text("eu-west/a".into()).into(),
            at: Seconds(60.0),
            lasts: Some(Seconds(60.0)),
        }],
        expect: vec![],
        settings: Settings::new(),
    };
    let load = |operation: &str, name: &str, rate: f64| Load {
        name: Some(name.into()),
        operation: Some(operation.into()),
        steps: vec![],
        arrivals: Some(Arrivals::Poisson(PerSecond(rate)).into()),
        ..Load::default()
    };
    Design {
        name: format!("Web shop, {}", style.title().to_lowercase()),
        places: vec![Place { name: "eu-west".into(), zones: vec!["a".into(), "b".into(), "c".into()] }],
        components: vec![
            Component::new("gateway", "load-balancer").placed("eu-west").with("routes", Value::Map(routes)),
            shop,
            Component::new("main-db", "database")
                .placed("eu-west")
                .with("holds", holds)
                .with("copies", Value::Count(3))
                .with("replication", Value::Text("sync".into())),
            Component::new("receipts", "queue").placed("eu-west"),
            Component::new("payment-provider", "external"),
            Component::new("mail", "external"),
        ],
        load: vec![load("gateway.browse", ENTRIES[0], 9216.0), load("gateway.place-order", ENTRIES[1], 768.0)],
        experiments: vec![fault("zone-loss", "zone-loss"), fault("slow payment-provider", "slow")],
        ..Design::default()
    }
}

fn candidate(style: Style, slow: f64) -> Candidate {
    let money = |low: f64| CostRange { low: Money(low * slow), high: Money(low * slow * 1.9) };
    let size = |component: &str, kind: &str, replicas: u64, vcpu: f64, storage: f64| Size {
        component: component.into(),
        kind: kind.into(),
        replicas,
        vcpu,
        memory: Bytes(vcpu * 2e9),
        storage: Bytes(storage),
        load: PerSecond(9984.0),
        utilisation: Share(if vcpu > 0.0 { 0.52 } else { 0.0 }),
        steps: vec!["9984/s arrive at the peak of the horizon".into(), "3.2ms of CPU each: 31.9 cores busy".into()],
        cost: money(vcpu * replicas as f64 * 25.0 + 20.0),
    };
    let fault = |name: &str, about_: &str, experiment: &str, harm: f64| FaultResult {
        name: name.into(),
        about: about_.into(),
        experiment: experiment.into(),
        blast_radius: about(harm * slow),
        bad_user_minutes: about(harm * slow * 1.2),
        bad_user_minutes_before: Some(about(harm * 4.0)),
        recovery: about(40.0),
        lost_writes: Estimate::exact(0.0),
        operations: ENTRIES
            .iter()
            .map(|entry| FaultOperation {
                operation: (*entry).into(),
                blast_radius: about(harm),
                bad_user_minutes: about(harm),
            })
            .collect(),
    };
    let slo = |name: &str, target: &str, measured: Estimate, holds: Holds, provenance| SloResult {
        name: name.into(),
        operation: None,
        target: target.into(),
        threshold: 0.2,
        measured,
        holds,
        must: true,
        provenance,
    };
    Candidate {
        style,
        variant: if style == Style::Microservices { "services by team".into() } else { String::new() },
        same_as: None,
        notes: if style == Style::EventDriven {
            vec!["nothing but the receipt moves to the log".into()]
        } else {
            vec![]
        },
        design: design(style),
        file: format!("design-{}.yaml", style.option()),
        deployables: if style == Style::ModularMonolith { 1 } else { 4 },
        stores: 1,
        brokers: 1,
        sizes: vec![
            size("gateway", "load-balancer", 0, 0.0, 0.0),
            size("shop", "service", 9, 8.0, 0.0),
            size("main-db", "database", 3, 16.0, 740e9),
        ],
        cost: Cost {
            total: money(4_310.0),
            parts: vec![
                CostPart {
                    name: "services".into(),
                    range: money(1_900.0),
                    steps: vec!["shop: 9 x 8 vCPU x 0.04 USD/vCPU-hour x 720 h".into()],
                },
                CostPart { name: "databases".into(), range: money(1_700.0), steps: vec![] },
                CostPart { name: "egress".into(), range: money(500.0), steps: vec![] },
                CostPart { name: "traffic between zones".into(), range: money(210.0), steps: vec![] },
            ],
            currency: "USD",
        },
        steady: verdict(slow),
        closed_forms: vec![ClosedForm {
            subject: "shop".to_string(),
            measure: Measure::CoreUtilisation,
            model: "utilisation law".to_string(),
            approximate: None,
            value: 0.412,
            simulated: Estimate::new(0.413, 0.410, 0.416),
        }],
        bands: vec![Band {
            operation: ENTRIES[0].into(),
            low: about(0.045 * slow),
            high: about(0.071 * slow),
            inputs: vec!["CPU of a message on each side 20us..200us".into()],
        }],
        faults: vec![
            fault("zone-loss", "zone a of eu-west is lost for 60s", "zone-loss", 0.34),
            fault(
                "slow-payment-provider",
                "payment-provider answers ten times slower for 60s",
                "slow payment-provider",
                0.08,
            ),
        ],
        trials: vec![
            Trial {
                against: "slow-payment-provider".into(),
                mitigation: "breaker".into(),
                about: "on every call of payment-provider: open at 50% over 10s".into(),
                measure: "bad user-minutes".into(),
                before: about(0.52),
                after: about(0.1),
                difference: Estimate::new(-0.42, -0.45, -0.39),
                kept: true,
                because: "the difference is below zero in every draw of the runs".into(),
            },
            Trial {
                against: "zone-loss".into(),
                mitigation: "bounded-queue".into(),
                about: "64 waiting at each copy of shop".into(),
                measure: "bad user-minutes".into(),
                before: about(0.4),
                after: about(0.39),
                difference: Estimate::new(-0.01, -0.05, 0.03),
                kept: false,
                because: "no difference that the runs could show".into(),
            },
        ],
        slos: vec![
            slo("p99 of catalogue.browse", "at most 200ms", about(0.048 * slow), Holds::Yes, Provenance::Simulated),
            slo(
                "availability of checkout.place-order over a year",
                "at least 99.9%",
                Estimate::new(0.9991, 0.9984, 0.9996),
                Holds::Undecided,
                Provenance::Computed,
            ),
            slo(
                "cost a month",
                "at most 15000 USD",
                Estimate::new(6_200.0, 4_310.0, 8_190.0),
                Holds::Yes,
                Provenance::Computed,
            ),
        ],
        year: vec![LedgerLine {
            fault: "zone-loss".into(),
            per_year: (0.2, 1.0),
            source: "sre-2016".into(),
            minutes_each: about(0.4),
            minutes_year: (0.07, 0.43),
        }],
        deliveries: Vec::new(),
        annual_availability: Estimate::new(0.9993, 0.9988, 0.9997),
        objections: vec![],
    }
}

/// A plan with everything in it.
pub fn plan() -> Plan {
    let mut event_driven = candidate(Style::EventDriven, 1.4);
    event_driven.file = "design-event-driven.yaml".into();
    let mut hybrid = candidate(Style::Hybrid, 1.0);
    hybrid.same_as = Some(Style::ModularMonolith);
    let risk = |title: &str, experiment: Option<&str>| Risk {
        title: title.into(),
        effect: "34.2% of requests fail or are late in the worst 10 s; 0.41 bad user-minutes".into(),
        mitigations: vec![
            "three copies in three zones, sized so that two carry the peak".into(),
            "breaker on every call of payment-provider".into(),
        ],
        experiment: experiment.map(Into::into),
        sources: vec!["newman-2019".into()],
    };
    Plan {
        brief: brief(),
        decisions: decisions(),
        estimate: vec![
            EstimateLine {
                name: "catalogue.browse: peak at the horizon".into(),
                value: 9216.0,
                unit: "per second",
                shown: "9216/s".into(),
                steps: vec!["900/s x peak 4 x growth 1.6^2 years (2.56x) = 9216/s".into()],
                provenance: Provenance::Computed,
            },
            EstimateLine {
                name: "orders: data at the horizon".into(),
                value: 740e9,
                unit: "bytes",
                shown: "740 GB".into(),
                steps: vec!["300 GB + 2 x 220 GB".into()],
                provenance: Provenance::Computed,
            },
        ],
        candidates: vec![
            candidate(Style::ModularMonolith, 1.0),
            candidate(Style::Microservices, 1.6),
            event_driven,
            hybrid,
        ],
        chosen: 0,
        chosen_because: "the rules chose it, and no measurement vetoes it".into(),
        outcome: Outcome::Undecided(vec![
            "availability of checkout.place-order over a year: 99.84% to 99.96% touches 99.9%".into(),
        ]),
        risks: vec![
            risk("A zone of eu-west is lost", Some("zone-loss")),
            risk("payment-provider slows down", Some("slow payment-provider")),
            risk("Modules grow together", None),
        ],
        rollout: vec![
            RolloutStage {
                title: "canary".into(),
                traffic: Share(0.05),
                lasts: Seconds(1800.0),
                gate: "p99 of catalogue.browse stays under 200ms".into(),
            },
            RolloutStage {
                title: "all".into(),
                traffic: Share(1.0),
                lasts: Seconds(86_400.0),
                gate: "the error budget burns at most twice as fast".into(),
            },
        ],
        drivers: vec![Driver {
            input: "CPU of a hop".into(),
            now: "20us..80us".into(),
            provenance: Provenance::Assumed,
            break_even: "microservices cost as much as the monolith below 4us".into(),
        }],
        limits: vec![
            "garbage collection, JIT and cache locality".into(),
            "compensations of a saga that fails halfway".into(),
        ],
        seed: 1,
    }
}

/// The same plan with every text of a user or of the knowledge replaced by something hostile and long.
pub fn hostile() -> Plan {
    let evil = "<script>alert('x')</script>\u{1b}[31m\u{202e} | **b** ](javascript:1) \u{7} ".repeat(6)
        + &"x".repeat(400)
        + " 漢字";
    let mut plan = plan();
    plan.brief.name = evil.clone();
    plan.brief.about = evil.clone();
    plan.chosen_because = evil.clone();
    plan.outcome = Outcome::Conditional(vec![evil.clone(); 12]);
    for entry in &mut plan.brief.load {
        entry.operation.value.push_str(&evil);
    }
    plan.brief.load = plan.brief.load.iter().cycle().take(30).cloned().collect();
    plan.brief.regions = vec![(evil.clone(), Share(0.1)); 40];
    for decision in &mut plan.decisions.decisions {
        decision.option = evil.clone();
        decision.subject = Some(evil.clone());
        decision.explanation = evil.clone();
        decision.reasons.iter_mut().for_each(|reason| reason.text = evil.clone());
        decision.reasons.iter_mut().for_each(|reason| reason.option = evil.clone());
        decision.flips.iter_mut().for_each(|flip| flip.constraint = evil.clone());
    }
    plan.decisions.decisions = plan.decisions.decisions.iter().cycle().take(40).cloned().collect();
    for risk in &mut plan.risks {
        risk.title = evil.clone();
        risk.effect = evil.clone();
        risk.mitigations = vec![evil.clone(); 9];
    }
    for candidate in &mut plan.candidates {
        candidate.variant = evil.clone();
        candidate.design.components.iter_mut().for_each(|component| component.name.value.push_str(&evil));
        candidate.sizes.iter_mut().for_each(|size| size.component = evil.clone());
        candidate.faults.iter_mut().for_each(|fault| fault.about = evil.clone());
        candidate.trials.iter_mut().for_each(|trial| trial.because = evil.clone());
        candidate.slos.iter_mut().for_each(|slo| slo.name = format!("p99 of {evil}"));
    }
    plan
}
