//! Print then read is the identity; no bytes make the reader panic; every default is valid.
#![allow(clippy::unwrap_used)]

mod common;

use common::{MM1, SERVICES, SHOP, VOCABULARY, WHOLE};
use groundplan_model::calendar::{self, Clock, Days, Hours, Month};
use groundplan_model::design::{
    Component, Design, Experiment, Fault, Keep, Load, Network, Operation, OperationTarget, Place, Route, Step, Stop,
    Verb, Year, YearlyFault,
};
use groundplan_model::quantity::{Amount, Arrivals, Dist, OfNumbers, Popularity, Ranged, Recorded, Trace};
use groundplan_model::reader::{kind_of, laws, quantities, read_brief, read_design};
use groundplan_model::render::{Look, to_json, to_text};
use groundplan_model::units::{Bytes, PerSecond, Seconds, Share};
use groundplan_model::value::{Settings, Value};
use groundplan_model::writer::write_design;
use groundplan_model::yaml;
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    "[a-zé][a-z0-9_-]{0,9}"
}

fn time() -> impl Strategy<Value = f64> {
    prop_oneof![1e-9..1e9, (0u32..100_000).prop_map(f64::from), (1u32..5000).prop_map(|ms| f64::from(ms) / 1e3)]
}

fn law() -> impl Strategy<Value = Dist> {
    prop_oneof![
        time().prop_map(Dist::Const),
        time().prop_map(Dist::Exp),
        (time(), time()).prop_map(|(a, b)| Dist::Uniform(a.min(b), a.max(b))),
        (1u32..=1000, time()).prop_map(|(k, mean)| Dist::Erlang(k, mean)),
        (time(), 1.0..1e6).prop_map(|(mean, scv)| Dist::HyperExp(mean, scv)),
        (1e-9..1e3, 1.0..1e4).prop_map(|(p50, by)| Dist::LogNormal { p50, p99: p50 * by }),
        (1e-9..1e3, 0.0..1e4).prop_map(|(mean, scv)| Dist::LogNormalMean { mean, scv }),
        (1e-3..99.0, 1e-9..1.0, 1.1..1e6).prop_map(|(a, min, by)| Dist::Pareto(a, min, min * by)),
        (1.0..1e9).prop_map(Dist::Geometric),
        time().prop_map(Dist::HalfNormal),
        (time(), time()).prop_map(|(mean, sd)| Dist::Normal(mean, sd)),
        "[a-z]{1,8}\\.csv".prop_map(|file| Dist::Empirical(Recorded::unread(&file))),
        (0.0..=1.0, time(), time())
            .prop_map(|(p, a, b)| Dist::Mixture(vec![(p, Dist::Exp(a)), (1.0 - p, Dist::Const(b))])),
    ]
}

fn share() -> impl Strategy<Value = Share> {
    prop_oneof![0.0..=1.0, (0u32..=10_000).prop_map(|part| f64::from(part) / 10_000.0)].prop_map(Share)
}

fn arrivals() -> impl Strategy<Value = Arrivals> {
    let rate = || (0.0..1e9).prop_map(PerSecond);
    prop_oneof![
        rate().prop_map(Arrivals::Poisson),
        rate().prop_map(Arrivals::Constant),
        (1u32..1000, rate()).prop_map(|(size, rate)| Arrivals::Batch(size, Box::new(Arrivals::Poisson(rate)))),
        (rate(), 1e-3..1e6, rate(), 1e-3..1e6).prop_map(|(a, b, c, d)| Arrivals::Mmpp(a, Seconds(b), c, Seconds(d))),
        (time(), 0u32..1000).prop_map(|(at, count)| Arrivals::At(Seconds(at), count)),
        (rate(), rate(), 1e-3..1e6).prop_map(|(from, to, over)| Arrivals::Ramp(from, to, Seconds(over))),
        prop::collection::vec((1e-6..1e3, rate()), 1..6).prop_map(|steps: Vec<(f64, PerSecond)>| {
            let mut at = -steps[0].0;
            let step = |(gap, rate)| {
                at += gap;
                (Seconds(at), rate)
            };
            Arrivals::Steps(steps.into_iter().map(step).collect())
        }),
        "[a-z]{1,8}/[a-z0-9_]{1,8}\\.csv".prop_map(|file| Arrivals::Replay(Trace::unread(&file))),
    ]
}

/// A step whose references resolve in the design below.
fn step() -> impl Strategy<Value = Step> {
    let leaf = prop_oneof![
        law().prop_map(Verb::Compute),
        law().prop_map(Verb::Wait),
        Just(Verb::Call("mail".into())),
        Just(Verb::Send("mail".into())),
        Just(Verb::Read("store".into())),
        Just(Verb::Write("orders".into())),
        Just(Verb::Publish("done".into())),
        Just(Verb::Enqueue("jobs".into())),
        Just(Verb::Local("main".into())),
        Just(Verb::Answer("accepted".into())),
    ];
    let settings =
        (prop::option::of(time()), prop::option::of(1u64..10), prop::option::of(share()), prop::option::of(name()));
    let leaf = (leaf, settings).prop_map(|(verb, (timeout, attempts, budget, key))| {
        let mut step = Step::new(verb);
        if let Some(timeout) = timeout {
            step =
                step.with("timeout", Value::Duration(Ranged { low: Seconds(timeout), high: Seconds(timeout * 1.5) }));
        }
        if let Some(attempts) = attempts {
            let mut retry = Settings::new().with("attempts", Value::Count(attempts));
            if let Some(budget) = budget {
                retry = retry.with("budget", Value::Share(Ranged::exactly(budget)));
            }
            step = step.with("retry", Value::Map(retry));
        }
        if let Some(key) = key {
            step = step.with("key", Value::Text(key));
        }
        step
    });
    leaf.prop_recursive(3, 20, 4, |inner| {
        let steps = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            steps().prop_map(|steps| Step::new(Verb::Parallel(steps))),
            (0u64..100, steps()).prop_map(|(times, steps)| Step::new(Verb::Repeat(times, steps))),
            steps().prop_map(|steps| Step::new(Verb::Transaction("store".into(), steps))),
            (0.001..0.499, steps(), steps())
                .prop_map(|(p, a, b)| Step::new(Verb::Branch(vec![(Share(p), a), (Share(1.0 - p), b)]))),
        ]
    })
}

/// A walk between two stops that some leave.
fn route(share: Share) -> Route {
    let stop = |name: &str, operation: &str, next: &[(&str, Share)]| Stop {
        name: name.into(),
        step: Step::new(Verb::Call(operation.into()))
            .with("timeout", Value::Duration(Ranged::exactly(Seconds(share.0)))),
        next: next.iter().map(|(name, share)| ((*name).into(), *share)).collect(),
    };
    Route {
        start: vec![("first".into(), share), ("second".into(), Share(1.0 - share.0))],
        stops: vec![
            stop("first", "shop.main", &[("second", share), ("first", Share((1.0 - share.0) / 2.0))]),
            stop("second", "mail", &[("first", Share(share.0 / 2.0))]),
        ],
    }
}

fn design() -> impl Strategy<Value = Design> {
    let operations = prop::collection::vec(prop::collection::vec(step(), 0..6), 1..4);
    let title = "[ -~é…]{1,40}";
    (
        title,
        title,
        operations,
        prop::collection::vec(arrivals(), 1..4),
        prop::option::of((time(), share())),
        (time(), share()),
        any::<bool>(),
    )
        .prop_map(|(title, about, operations, loads, target, (seconds, share), placed)| {
            let mut shop = Component::new("shop", "service")
                .with("replicas", Value::Count(3))
                .with("workers", Value::Unlimited)
                .with(
                    "size",
                    Value::Map(
                        Settings::new()
                            .with("vcpu", Value::Count(8))
                            .with("memory", Value::Size(Ranged::exactly(Bytes(seconds.floor())))),
                    ),
                );
            if placed {
                shop = shop.placed("eu-west/a");
            }
            let names: Vec<String> = (0..operations.len())
                .map(|nth| if nth == 0 { "main".to_string() } else { format!("op-{nth}") })
                .collect();
            for (name, steps) in names.iter().zip(operations) {
                let mut operation = Operation::new(name, steps);
                operation.target = target.map(|(p99, availability)| OperationTarget {
                    p99: Some(Seconds(p99)),
                    availability: Some(availability),
                });
                if name != "main" {
                    operation.handles = Some("done".into());
                    operation.settings.set("group", Value::Text("shop".into()));
                }
                shop.operations.push(operation);
            }
            let topics = Settings::new().with("done", Value::Map(Settings::new().with("partitions", Value::Count(12))));
            let what = Settings::new()
                .with("what", Value::Text("store".into()))
                .with("factor", Value::Number(Ranged::exactly(seconds)));
            Design {
                name: title.trim().to_string(),
                about: about.trim().to_string(),
                places: vec![
                    Place { name: "eu-west".into(), zones: vec!["a".into(), "b".into()] },
                    Place { name: "us-east".into(), zones: vec!["a".into()] },
                ],
                network: Network {
                    within_zone: Seconds(seconds),
                    between_zones: Seconds(0.001),
                    between_regions: if placed {
                        Vec::new()
                    } else {
                        vec![("eu-west".into(), "us-east".into(), Seconds(0.07))]
                    },
                    public: placed,
                    bandwidth: placed.then_some(Bytes(1.25e9 * (1.0 + share.0))),
                    loss: share,
                },
                components: vec![
                    shop,
                    Component::new("store", "database")
                        .with("read-time", Value::Dist(Dist::Exp(0.004)))
                        .with("keys", Value::Popularity(Popularity { exponent: 0.9, items: Some(2e6) }))
                        .with("holds", Value::List(vec![Value::Text("orders".into()).into()])),
                    Component::new("events", "log").with("topics", Value::Map(topics)),
                    Component::new("jobs", "queue"),
                    Component::new("mail", "external").with(
                        "limit",
                        Value::Rate(Ranged { low: PerSecond(1.0), high: PerSecond(seconds.clamp(1.0, 1e9)) }),
                    ),
                ],
                load: loads
                    .into_iter()
                    .enumerate()
                    .map(|(nth, law)| Load {
                        name: Some(format!("load-{nth}").as_str().into()),
                        operation: Some("shop.main".into()),
                        steps: Vec::new(),
                        arrivals: Some(law.into()),
                        ..Load::default()
                    })
                    .chain([Load {
                        name: None,
                        operation: None,
                        steps: vec![Step::new(Verb::Call("shop.main".into()))],
                        arrivals: None,
                        users: Some(50),
                        think: Some(Dist::Exp(1.0)),
                        settings: Settings::new()
                            .with("keys", Value::Popularity(Popularity { exponent: 0.9, items: Some(2e6) })),
                        ..Load::default()
                    }])
                    .chain([
                        Load {
                            name: Some("walk".into()),
                            route: Some(route(share)),
                            users: Some(7),
                            ..Load::default()
                        },
                        Load {
                            name: Some("mixed".into()),
                            arrivals: Some(Arrivals::Replay(Trace::unread("a/trace.csv")).into()),
                            settings: Settings::new().with(
                                "mix",
                                Value::Map(
                                    Settings::new()
                                        .with("shop.main", Value::Share(Ranged::exactly(share)))
                                        .with("mail", Value::Share(Ranged::exactly(Share(1.0 - share.0)))),
                                ),
                            ),
                            ..Load::default()
                        },
                    ])
                    .collect(),
                tenants: placed.then(|| {
                    Settings::new()
                        .with("count", Value::Count(4000))
                        .with("biggest", Value::Share(Ranged::exactly(share)))
                        .with("rest", Value::Popularity(Popularity { exponent: 1.1, items: None }))
                }),
                experiments: vec![Experiment {
                    name: format!("{} again", title.trim()).as_str().into(),
                    duration: Seconds(seconds),
                    faults: vec![
                        Fault {
                            kind: "zone-loss".into(),
                            argument: Value::Text("eu-west/a".into()).into(),
                            at: Seconds(seconds),
                            lasts: Some(Seconds(60.0)),
                        },
                        Fault { kind: "slow".into(), argument: Value::Map(what).into(), at: Seconds(0.0), lasts: None },
                    ],
                    expect: vec!["p99(shop.main) <= 200ms".into(), "lost-writes(store) == 0".into()],
                    settings: Settings::new().with("start", Value::Text("empty".into())),
                }],
                variants: vec![],
                year: placed.then(|| Year {
                    faults: vec![YearlyFault {
                        fault: Fault {
                            kind: "crash".into(),
                            argument: Value::Text("store".into()).into(),
                            at: Seconds(0.0),
                            lasts: Some(Seconds(300.0)),
                        },
                        rate: Ranged { low: PerSecond(1.0 / 31_536_000.0), high: PerSecond(4.0 / 31_536_000.0) },
                        lasts: Some(Ranged::exactly(Seconds(300.0))),
                    }],
                    alone: seconds > 1.0,
                }),
                keeps: vec![Keep { atomic: vec!["orders".into(), "stock".into()], by: "saga".into() }],
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_the_same(design in design()) {
        let text = write_design(&design);
        let read = read_design(&text, &VOCABULARY);
        prop_assert!(read.errors().next().is_none(), "{}\n{}", text, to_text("d", &text, &read.diagnostics, Look::default()));
        prop_assert_eq!(read.value.unwrap(), design, "{}", text);
    }

    /// Times, days, months, amounts and laws of numbers are read as they are shown.
    #[test]
    fn what_a_brief_says_reads_as_it_is_shown(
        minutes in (0u16..1440, 1u16..1440),
        days in (1u8..=12, 1u8..=28, 1u8..=12, 1u8..=28),
        month in (1970u16..3000, 1u8..=12),
        value in prop_oneof![0.0..1e9, (0u32..100_000).prop_map(f64::from)],
        law in law(),
    ) {
        let zone = if minutes.0 % 2 == 0 { "UTC" } else { "America/Argentina/Buenos_Aires" }.to_string();
        let clock = Clock { minute: minutes.0, zone: zone.clone() };
        prop_assert_eq!(calendar::clock(&clock.to_string()), Ok(clock));
        let hours = Hours { from: minutes.0, to: (minutes.0 + minutes.1) % 1440, zone };
        prop_assert!((1..=1440).contains(&hours.minutes()));
        prop_assert_eq!(calendar::hours(&hours.to_string()), Ok(hours));
        let days = Days { from: (days.0, days.1), to: (days.2, days.3) };
        prop_assert!((1..=365).contains(&days.count()));
        prop_assert_eq!(calendar::days(&days.to_string()), Ok(days));
        let month = Month { year: month.0, month: month.1 };
        prop_assert_eq!(calendar::month(&month.to_string()), Ok(month));
        let amount = Amount { value, currency: "CHF".into() };
        prop_assert_eq!(quantities::sum_of_money(&amount.to_string()), Ok(amount));
        prop_assert_eq!(laws::numbers(&OfNumbers(&law).to_string()), Ok(law));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(text) = yaml::decode(&bytes) {
            read_everything(text);
        }
        read_everything(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_words_of_the_language_make_the_reader_panic(words in prop::collection::vec(word(), 0..60)) {
        read_everything(&words.concat());
    }

    #[test]
    fn no_change_of_an_example_makes_the_reader_panic(
        which in 0usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), word()), 1..5),
    ) {
        let mut chars: Vec<char> = [SHOP, SERVICES, MM1, WHOLE][which].chars().collect();
        for (from, length, word) in changes {
            let from = from.index(chars.len());
            let to = (from + length.index(12)).min(chars.len());
            chars.splice(from..to, word.chars());
        }
        read_everything(&chars.into_iter().collect::<String>());
    }
}

fn word() -> impl Strategy<Value = String> {
    let words = "kind: brief\n|kind: design\n|load:\n|  - |domain: |{ |} |[ |] |: |, |\n|\n  |\n    |steps: |compute: |branch: |exp(|)|uniform(1ms 2ms)|3x|5k/s|..|-|1e309|9999999999999999999999|99.9%|!|&a |*a |<<: |\"|'|| >\n|# |\t|\u{feff}|é|\u{1b}|\0|~|null|components: |operations: |a.b|rate: |data: |owner: |recovery: |regions: |must: |1e-400s|0|00|.|%|/s|k|zipf(|mixture(50% |today: |tenants: |ai: |labels: |order: |share: |schedule: |at: |\"18:00|Europe/|07:00-|12-20..|02-29|2027-13| EUR|geometric(|from: |to: |deploy-blocked: |keep: |waits-for-deploy-of: |outages: |people: ";
    prop::sample::select(words.split('|').map(str::to_string).collect::<Vec<_>>())
}

/// Reads a text in every way there is and renders what is said of it; nothing may panic.
fn read_everything(text: &str) {
    let _ = kind_of(text);
    let mut all = read_brief(text).diagnostics;
    let brief = read_design(&text.replace("kind: brief", "kind: design"), &VOCABULARY);
    all.extend(brief.diagnostics);
    assert_eq!(to_text("f", text, &all, Look { colour: false, width: 80 }).is_empty(), all.is_empty());
    assert_eq!(to_json("f", text, &all).as_array().unwrap().len(), all.len());
    for diagnostic in &all {
        assert!(!diagnostic.headline.contains(|c: char| c.is_control()), "{diagnostic:?}");
    }
}

#[test]
fn the_examples_survive_a_round_trip() {
    for text in [MM1, SERVICES] {
        let design = read_design(text, &VOCABULARY).value.unwrap();
        let again = read_design(&write_design(&design), &VOCABULARY);
        assert!(again.diagnostics.is_empty(), "{:#?}", again.diagnostics);
        assert_eq!(again.value.unwrap(), design);
    }
    insta::assert_snapshot!(write_design(&read_design(MM1, &VOCABULARY).value.unwrap()));
    insta::assert_snapshot!(write_design(&read_design(SERVICES, &VOCABULARY).value.unwrap()));
}
