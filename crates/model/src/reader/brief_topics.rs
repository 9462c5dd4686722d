//! What few briefs speak of, from its settings: regulated work, labels and models, tenants, the system of today. The
//! rest of a brief is read in `brief`.

use super::brief::{Places, located_text, plain, records, share_of};
use crate::brief::{
    Agents, Ai, AnswerTargets, Audit, ChangeControl, Corpus, CoupledBy, Coupling, Deployable, Fixed, IfDown, Isolation,
    Labels, Measured, Move, Opening, Outages, People, PromptLog, Quality, Releases, RestoreOne, Rights, RightsBy, Run,
    Store, TenantPromise, TenantShare, Tenants, Tier, Today, Tool, Trouble, Vendors,
};
use crate::calendar::Clock;
use crate::quantity::{Dist, Popularity};
use crate::span::Located;
use crate::units::{MONTH, PerSecond, Seconds, Share};
use crate::value::{Settings, Value};

/// The records of a list.
fn items<'s>(settings: &'s Settings, key: &str) -> impl Iterator<Item = &'s Settings> {
    settings.list(key).iter().filter_map(|item| match &item.value {
        Value::Map(record) => Some(record),
        _ => None,
    })
}

/// A count; where it is wrong, one stands in for it, which contradicts nothing.
fn counted(settings: &Settings, key: &str) -> f64 {
    settings.count(key).unwrap_or(1) as f64
}

/// A time; where it is wrong, an hour stands in for it.
fn time(settings: &Settings, key: &str) -> Seconds {
    settings.duration(key).unwrap_or(Seconds(3_600.0))
}

pub(super) fn outages(settings: &Settings) -> Option<Outages> {
    let map = settings.map("availability")?.map("outages")?;
    Some(Outages { every: map.duration("every").unwrap_or(MONTH), last: map.duration("last").unwrap_or_default() })
}

pub(super) fn releases(settings: &Settings) -> Option<Releases> {
    let map = settings.map("releases")?;
    let failed = match map.get("failed") {
        Some(Value::Share(share)) => Some(*share),
        _ => None,
    };
    Some(Releases { failed, restore: map.duration("restore") })
}

pub(super) fn audit(settings: &Settings) -> Option<Audit> {
    let map = settings.map("audit")?;
    Some(Audit {
        of: map.texts("of"),
        total_order: map.text("order") == Some("total"),
        tamper_evident: map.flag("tamper-evident").unwrap_or(false),
        keep: map.duration("keep"),
        one_owner: map.flag("one-owner").unwrap_or(false),
    })
}

pub(super) fn schedule(settings: &Settings) -> Vec<Run> {
    let midnight = || Clock { minute: 0, zone: "UTC".into() };
    items(settings, "schedule")
        .map(|run| Run {
            name: located_text(run, "run"),
            at: match run.get("at") {
                Some(Value::Clock(clock)) => clock.clone(),
                _ => midnight(),
            },
            items: counted(run, "items"),
            done_within: time(run, "done-within"),
        })
        .collect()
}

pub(super) fn vendors(settings: &Settings) -> Option<Vendors> {
    let map = settings.map("vendors")?;
    Some(Vendors {
        exit_within: map.duration("exit-within"),
        largest_share: map.share("largest-share"),
        on_premises: map.texts("on-premises"),
    })
}

pub(super) fn change_control(settings: &Settings) -> Option<ChangeControl> {
    let map = settings.map("change-control")?;
    let freeze = map.list("freeze").iter().filter_map(|item| match item.value {
        Value::Days(days) => Some(days),
        _ => None,
    });
    Some(ChangeControl { two_person: map.text("approval") == Some("two-person"), freeze: freeze.collect() })
}

/// When something outside is open, and what may be done while it is down.
pub(super) fn opening(outside: &Settings) -> Opening {
    Opening {
        hours: match outside.get("hours") {
            Some(Value::Hours(hours)) => Some(hours.clone()),
            _ => None,
        },
        if_down: outside.map("if-down").map(|map| IfDown {
            accept_below: match map.get("accept-below") {
                Some(Value::Amount(amount)) => Some(amount.clone()),
                _ => None,
            },
            hold: map.duration("hold"),
        }),
    }
}

pub(super) fn people(settings: &Settings) -> Option<People> {
    let map = settings.map("people")?;
    Some(People {
        count: counted(map, "count"),
        active_at_peak: map.share("active-at-peak").unwrap_or_default(),
        each: map.rate("each").unwrap_or_default(),
    })
}

pub(super) fn labels(settings: &Settings) -> Option<Labels> {
    let map = settings.map("labels")?;
    let places = map.map("places").into_iter().flat_map(|places| &places.0).filter_map(|(label, place)| {
        let Value::Text(text) = &place.value else { return None };
        // The place of a label's name isn't kept by settings; that of what it is bound to is near enough.
        Some((Located::new(label.clone(), place.span), Located::new(text.clone(), place.span)))
    });
    Some(Labels {
        order: map.texts("order"),
        share: map.list("share").iter().filter_map(|item| share_of(&item.value)).collect(),
        may_leave: map.texts("may-leave"),
        places: places.collect(),
    })
}

pub(super) fn ai(settings: &Settings, places: &Places) -> Option<Ai> {
    let map = settings.map("ai")?;
    let law = |map: &Settings, key: &str, usual: f64| map.numbers(key).cloned().unwrap_or(Dist::Const(usual));
    Some(Ai {
        corpus: map.map("corpus").map(|corpus| Corpus {
            documents: counted(corpus, "documents"),
            size: corpus.size("size"),
            changes: corpus.rate("changes"),
            freshness: corpus.duration("freshness"),
        }),
        rights: map.map("rights").map(|rights| Rights {
            by: match rights.text("by") {
                Some("label") => RightsBy::Label,
                Some("collection") => RightsBy::Collection,
                _ => RightsBy::Document,
            },
            changes: rights.rate("changes"),
            revoked_within: rights.duration("revoked-within"),
            before_retrieval: rights.text("filter") != Some("after-retrieval"),
        }),
        answer: map.map("answer").map(|answer| {
            let p95 = |key: &str| answer.map(key).and_then(|map| map.duration("p95"));
            AnswerTargets {
                first_token: p95("first-token"),
                done: p95("done"),
                tokens_in: law(answer, "tokens-in", 2_000.0),
                tokens_out: law(answer, "tokens-out", 300.0),
            }
        }),
        quality: map.map("quality").map(|quality| Quality {
            grounded: quality.share("grounded"),
            recall: quality.share("recall-at-10"),
            leaked: quality.count("leaked"),
        }),
        reindex_every: map.duration("reindex-every"),
        gpus: map.map("gpus").map(|gpus| counted(gpus, "at-most")),
        prompt_log: map
            .map("prompt-log")
            .map(|log| PromptLog { keep: time(log, "keep"), redact: plain(log, "redact") }),
        agents: map.map("agents").map(|agents| Agents {
            steps: law(agents, "steps", 4.0),
            tools: records(agents, "tools")
                .into_iter()
                .map(|(name, tool)| Tool {
                    name: places.named("ai.agents.tools", name),
                    effect_once: tool.text("effect") == Some("once"),
                    approved_within: tool.map("approve").and_then(|approve| approve.duration("within")),
                })
                .collect(),
        }),
    })
}

pub(super) fn tenants(settings: &Settings, places: &Places) -> Option<Tenants> {
    let map = settings.map("tenants")?;
    let factor = |map: &Settings, key: &str| map.number(key).unwrap_or(1.0);
    Some(Tenants {
        count: map.count("count").unwrap_or(u64::MAX),
        share: map.map("share").map(|share| TenantShare {
            biggest: share.share("biggest").unwrap_or(Share(0.5)),
            rest: share.popularity("rest").unwrap_or(Popularity { exponent: 1.0, items: None }),
        }),
        tiers: records(map, "tiers")
            .into_iter()
            .map(|(name, tier)| Tier {
                name: places.named("tenants.tiers", name),
                count: tier.count("count").unwrap_or(0),
                isolation: match tier.text("isolation") {
                    Some("own-schema") => Isolation::OwnSchema,
                    Some("own-store") => Isolation::OwnStore,
                    Some("own-cell") => Isolation::OwnCell,
                    _ => Isolation::Shared,
                },
                own_keys: tier.text("keys") == Some("own"),
                residency: tier.text("residency").map(str::to_string),
            })
            .collect(),
        promise: map.map("promise").map(|promise| TenantPromise {
            others_p99: factor(promise, "others-p99"),
            when_one: factor(promise, "when-one"),
        }),
        restore_one: map.map("restore-one").map(|one| RestoreOne { rto: time(one, "rto"), rpo: time(one, "rpo") }),
        delete_within: map.duration("delete-within"),
    })
}

pub(super) fn today(settings: &Settings, places: &Places) -> Option<Today> {
    let map = settings.map("today")?;
    Some(Today {
        deployables: records(map, "deployables")
            .into_iter()
            .map(|(name, one)| Deployable {
                name: places.named("today.deployables", name),
                modules: one.texts("modules"),
                replicas: one.count("replicas"),
                release_every: one.duration("release-every"),
                failed: one.share("failed"),
                restore: one.duration("restore"),
            })
            .collect(),
        stores: records(map, "stores")
            .into_iter()
            .map(|(name, one)| Store {
                name: places.named("today.stores", name),
                holds: one.texts("holds"),
                size: one.size("size"),
                cpu_at_peak: one.share("cpu-at-peak"),
            })
            .collect(),
        coupling: items(map, "coupling")
            .map(|one| Coupling {
                from: located_text(one, "from"),
                to: located_text(one, "to"),
                by: match one.text("by") {
                    Some("shared-table") => Some(CoupledBy::SharedTable),
                    Some("shared-library") => Some(CoupledBy::SharedLibrary),
                    Some("call") => Some(CoupledBy::Call),
                    Some("event") => Some(CoupledBy::Event),
                    _ => None,
                },
                co_change: one.share("co-change"),
                calls_per_request: one.number("calls-per-request"),
            })
            .collect(),
        measured: records(map, "measured")
            .into_iter()
            .map(|(name, one)| Measured {
                operation: places.named("today.measured", name),
                p99: one.duration("p99"),
                availability: one.share("availability"),
            })
            .collect(),
        trouble: items(map, "trouble")
            .map(|one| Trouble {
                blocked: located_text(one, "deploy-blocked"),
                by: located_text(one, "by"),
                times: one.rate("times").unwrap_or(PerSecond(0.0)),
            })
            .collect(),
        fixed: items(map, "fixed")
            .map(|one| Fixed {
                keep: located_text(one, "keep"),
                until: match one.get("until") {
                    Some(Value::Month(month)) => Some(*month),
                    _ => None,
                },
            })
            .collect(),
        moving: map.map("move").map(|one| Move {
            people: one.count("people").unwrap_or(1),
            within: time(one, "within"),
            downtime: one.duration("downtime"),
        }),
    })
}
