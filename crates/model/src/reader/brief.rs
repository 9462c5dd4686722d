//! A brief from its nodes. What the whole file says is checked in `brief_checks`.
//!
//! Where a value is wrong (and was reported) a stand-in takes its place, so that the checks can go on; such a brief
//! never leaves the reader.

use super::{FileKind, Read, Reader, brief_topics as topics};
use crate::brief::{
    Access, Answer, Brief, Consistency, DataSet, Degree, DomainCall, DomainOperation, Level, LoadEntry, Lost, Module,
    OnCall, Outside, Recovery, Team,
};
use crate::quantity::{Dist, Ranged, Target};
use crate::span::{Located, Span};
use crate::units::{Bytes, Money, PerSecond, Seconds, Share, YEAR};
use crate::value::{Settings, Value};
use crate::words::brief as words;
use crate::yaml::Node;
use std::collections::HashMap;

/// A brief, read and checked, with every default that was taken.
///
/// ```
/// let read = groundplan_model::reader::read_brief(
///     "kind: brief\nversion: 1\nname: Shop\nload: [ { operation: shop.sell, rate: 30/s } ]\n\
///      domain: { shop: { operations: { sell: { work: 5ms } } } }\n",
/// );
/// let brief = read.value.expect("it is a small, correct brief");
/// assert!(brief.assumptions.iter().any(|assumption| assumption.path == "team.engineers"));
/// ```
#[must_use]
pub fn read_brief(text: &str) -> Read<Brief> {
    let mut reader = Reader::new(text, Dist::Exp);
    reader.defaults = true;
    let Some(root) = reader.root() else {
        return reader.finish(None);
    };
    read_root(reader, &root)
}

/// A brief from the root of its nodes.
pub(super) fn read_root(mut reader: Reader<'_>, root: &Node) -> Read<Brief> {
    if !reader.right_kind(root, FileKind::Brief) {
        return reader.finish(None);
    }
    let brief = reader.brief(root);
    reader.check_brief(&brief, root);
    let brief = Brief { assumptions: std::mem::take(&mut reader.assumptions), ..brief };
    reader.finish(Some(brief))
}

fn must_want<T>(settings: Option<&Settings>, take: impl Fn(&Value) -> Option<T>) -> Option<Target<T>> {
    let settings = settings?;
    Some(Target { must: take(settings.get("must")?)?, want: settings.get("want").and_then(take) })
}

fn duration_of(value: &Value) -> Option<Seconds> {
    if let Value::Duration(duration) = value { Some(duration.mid()) } else { None }
}
pub(super) fn share_of(value: &Value) -> Option<Share> {
    if let Value::Share(share) = value { Some(share.mid()) } else { None }
}
fn money_of(value: &Value) -> Option<Money> {
    if let Value::Money(money) = value { Some(money.mid()) } else { None }
}

pub(super) fn plain(settings: &Settings, key: &str) -> Vec<String> {
    settings.texts(key).into_iter().map(|text| text.value).collect()
}

pub(super) fn located_text(settings: &Settings, key: &str) -> Located<String> {
    Located::new(settings.text(key).unwrap_or("").to_string(), settings.span(key))
}

/// A map of the settings as pairs of a name and its record.
pub(super) fn records<'s>(settings: &'s Settings, key: &str) -> Vec<(&'s str, &'s Settings)> {
    settings
        .map(key)
        .map(|map| {
            map.0
                .iter()
                .filter_map(|(name, value)| match &value.value {
                    Value::Map(record) => Some((name.as_str(), record)),
                    _ => None,
                })
                .collect()
        })
        .unwrap_or_default()
}

fn level(word: Option<&str>) -> Level {
    match word {
        Some("low") => Level::Low,
        Some("high") => Level::High,
        _ => Level::Medium,
    }
}

/// The rate that a word for a rhythm means. A week has five working days: `daily` is every day of the week here.
fn rhythm(value: Option<&Value>) -> PerSecond {
    let every = |seconds: f64| PerSecond(1.0 / seconds);
    match value {
        Some(Value::Rate(rate)) => rate.mid(),
        Some(Value::Text(word)) => match word.as_str() {
            "hourly" => every(3_600.0),
            "daily" | "nightly" => every(86_400.0),
            "monthly" => every(30.0 * 86_400.0),
            "quarterly" => every(YEAR.0 / 4.0),
            "yearly" => every(YEAR.0),
            _ => every(7.0 * 86_400.0),
        },
        _ => every(7.0 * 86_400.0),
    }
}

/// Where the names of modules, operations, data sets and outside dependencies stand, by path.
pub(super) struct Places(HashMap<String, Span>);

impl Places {
    fn of(root: &Node) -> Places {
        let mut places = HashMap::new();
        let nested = ["today.deployables", "today.stores", "today.measured", "tenants.tiers", "ai.agents.tools"];
        for section in ["domain", "data", "outside"].into_iter().chain(nested) {
            let node = section.split('.').try_fold(root, |node, key| node.get(key));
            for (key, value) in node.map(Node::entries).unwrap_or_default() {
                let path = format!("{section}.{}", key.text().unwrap_or(""));
                for (key, _) in value.get("operations").map(Node::entries).unwrap_or_default() {
                    places.insert(format!("{path}.{}", key.text().unwrap_or("")), key.span);
                }
                places.insert(path, key.span);
            }
        }
        Places(places)
    }
    pub(super) fn named(&self, section: &str, name: &str) -> Located<String> {
        let span = self.0.get(&format!("{section}.{name}")).copied().unwrap_or(Span::NONE);
        Located::new(name.to_string(), span)
    }
}

impl Reader<'_> {
    fn brief(&mut self, root: &Node) -> Brief {
        let start = Span { start: root.span.start, end: root.span.start };
        let settings = self.record(root, &[words::BRIEF], start);
        self.check_version(&settings);
        if self.bare_used {
            let path = "domain.*.operations.*.work".to_string();
            let why = "a duration without a distribution is read as the mean of an exponential one".to_string();
            self.assumptions.push(crate::brief::Assumption { path, value: "exp".into(), why });
        }
        let team = self.team(&settings);
        let places = Places::of(root);
        let modules = self.modules(&settings, &places, &team);
        let mut brief = Brief {
            name: settings.text("name").unwrap_or("").to_string(),
            about: settings.text("about").unwrap_or("").to_string(),
            load: settings.list("load").iter().filter_map(load_entry).collect(),
            growth: match settings.get("growth") {
                Some(Value::Share(share)) => Ranged { low: share.low.0, high: share.high.0 },
                _ => Ranged::exactly(0.0),
            },
            modules,
            data: Vec::new(),
            outside: self.outside(&settings, &places),
            availability: availability(&settings),
            outages: topics::outages(&settings),
            errors: settings.map("availability").and_then(|map| map.share("errors")),
            recovery: recovery(&settings),
            regions: shares(settings.map("regions")),
            residency: settings
                .map("residency")
                .map(|map| {
                    map.0
                        .iter()
                        .filter_map(|(class, region)| match &region.value {
                            Value::Text(region) => Some((class.clone(), region.clone())),
                            _ => None,
                        })
                        .collect()
                })
                .unwrap_or_default(),
            compliance: plain(&settings, "compliance"),
            team,
            platform: words::PLATFORM
                .iter()
                .map(|key| {
                    let degree = match settings.map("platform").and_then(|platform| platform.text(key.name)) {
                        Some("yes") => Degree::Yes,
                        Some("partial") => Degree::Partial,
                        _ => Degree::No,
                    };
                    (key.name.to_string(), degree)
                })
                .collect(),
            budget: must_want(settings.map("budget"), money_of),
            priorities: plain(&settings, "priorities"),
            risk: level(settings.text("risk")),
            horizon: settings.duration("horizon").unwrap_or(YEAR),
            releases: topics::releases(&settings),
            audit: topics::audit(&settings),
            schedule: topics::schedule(&settings),
            vendors: topics::vendors(&settings),
            change_control: topics::change_control(&settings),
            people: topics::people(&settings),
            labels: topics::labels(&settings),
            ai: topics::ai(&settings, &places),
            tenants: topics::tenants(&settings, &places),
            today: topics::today(&settings, &places),
            assumptions: Vec::new(),
        };
        brief.data = self.data(&settings, root, &places);
        brief
    }

    fn team(&mut self, settings: &Settings) -> Team {
        let none = Settings::new();
        let team = settings.map("team").unwrap_or(&none);
        Team {
            engineers: team.count("engineers").unwrap_or(8),
            teams: team.count("teams").unwrap_or(1),
            maturity: level(team.text("maturity")),
            on_call: match team.text("on-call") {
                Some("none") => OnCall::None,
                Some("always") => OnCall::Always,
                _ => OnCall::BusinessHours,
            },
            skills: plain(team, "skills"),
        }
    }

    fn modules(&mut self, settings: &Settings, places: &Places, team: &Team) -> Vec<Module> {
        let mut modules = Vec::new();
        for (name, record) in records(settings, "domain") {
            let mut operations = Vec::new();
            for (operation, record) in records(record, "operations") {
                operations.push(domain_operation(places.named(&format!("domain.{name}"), operation), record));
            }
            let owner = match record.text("team") {
                Some(owner) => owner.to_string(),
                None => {
                    let (owner, why) = if team.teams > 1 {
                        (name.to_string(), "with several teams, each module has its own")
                    } else {
                        ("team".to_string(), "there is one team")
                    };
                    self.path = vec!["domain".into(), name.into(), "team".into()];
                    self.assume(&owner, why);
                    self.path.clear();
                    owner
                }
            };
            modules.push(Module {
                name: places.named("domain", name),
                team: owner,
                changes: rhythm(record.get("changes")),
                polyglot: record.text("polyglot").is_some(),
                waits_for: record.texts("waits-for-deploy-of"),
                operations,
            });
        }
        modules
    }

    fn data(&mut self, settings: &Settings, root: &Node, places: &Places) -> Vec<DataSet> {
        let mut sets = Vec::new();
        let data_node = root.get("data");
        for (name, record) in records(settings, "data") {
            let item = record.size("item");
            let items = record.count("items").map(|items| items as f64);
            let size = match (record.size("size"), item, items) {
                (Some(size), ..) => size,
                (None, Some(item), Some(items)) => item * items,
                _ => {
                    let said = data_node.and_then(|data| data.get(name)).is_some_and(|node| node.get("size").is_some());
                    if !said && !self.is_full() {
                        self.path = vec!["data".into(), name.into(), "size".into()];
                        self.assume("10 GB", "neither its size nor its items are said");
                        self.path.clear();
                    }
                    Bytes(10e9)
                }
            };
            sets.push(DataSet {
                name: places.named("data", name),
                owner: located_text(record, "owner"),
                size,
                item,
                items,
                growth: match record.get("growth") {
                    Some(Value::Growth(growth)) => Some(*growth),
                    _ => None,
                },
                popularity: record.popularity("popularity"),
                consistency: match record.get("consistency") {
                    Some(Value::Text(word)) if word == "eventual" => Consistency::Eventual,
                    Some(Value::Text(word)) if word == "read-your-writes" => Consistency::ReadYourWrites,
                    Some(Value::Map(map)) => {
                        Consistency::EventualWithin(map.duration("eventual-within").unwrap_or_default())
                    }
                    _ => Consistency::Strong,
                },
                holds: plain(record, "holds"),
                keep: record.duration("keep"),
                replay: record.flag("replay").unwrap_or(false),
                access: record
                    .map("access")
                    .map(|map| {
                        map.0.iter().map(|(pattern, value)| (pattern.clone(), rhythm(Some(&value.value)))).collect()
                    })
                    .unwrap_or_default(),
            });
        }
        sets
    }

    fn outside(&mut self, settings: &Settings, places: &Places) -> Vec<Outside> {
        records(settings, "outside")
            .into_iter()
            .map(|(name, record)| Outside {
                name: places.named("outside", name),
                latency: record.dist("latency").cloned().unwrap_or(Dist::Exp(0.1)),
                availability: record.share("availability"),
                errors: record.share("errors"),
                limit: record.rate("limit"),
                opening: topics::opening(record),
            })
            .collect()
    }
}

fn load_entry(item: &Located<Value>) -> Option<LoadEntry> {
    let Value::Map(record) = &item.value else {
        return None;
    };
    let (peak, peak_lasts) = match record.get("peak") {
        Some(Value::Factor(peak)) => (*peak, None),
        Some(Value::Map(map)) => {
            let factor = match map.get("factor") {
                Some(Value::Factor(factor)) => *factor,
                _ => Ranged::exactly(1.0),
            };
            (factor, map.duration("for"))
        }
        _ => (Ranged::exactly(1.0), None),
    };
    let p99 = |key: &str| record.map(key).and_then(|map| must_want(map.map("p99"), duration_of));
    Some(LoadEntry {
        operation: located_text(record, "operation"),
        rate: match record.get("rate") {
            Some(Value::Rate(rate)) => *rate,
            _ => Ranged::exactly(PerSecond(0.0)),
        },
        peak,
        peak_lasts,
        p99: must_want(record.map("p99"), duration_of),
        availability: must_want(record.map("availability"), share_of),
        accepted_p99: p99("accepted"),
        settled_p99: p99("settled"),
        by: record.text("by").map(str::to_string),
        from: shares(record.map("from")),
    })
}

fn domain_operation(name: Located<String>, record: &Settings) -> DomainOperation {
    let accesses = |key: &str| {
        record
            .list(key)
            .iter()
            .filter_map(|item| match &item.value {
                Value::Map(map) => {
                    Some(Access { to: located_text(map, "to"), times: map.number("times").unwrap_or(1.0) })
                }
                _ => None,
            })
            .collect()
    };
    let optional = |key: &str| record.text(key).map(|text| Located::new(text.to_string(), record.span(key)));
    DomainOperation {
        name,
        work: record.dist("work").cloned().unwrap_or(Dist::Exp(0.003)),
        request: record.size("in").unwrap_or(Bytes(1_000.0)),
        response: record.size("out").unwrap_or(Bytes(2_000.0)),
        reads: accesses("reads"),
        writes: accesses("writes"),
        calls: record
            .list("calls")
            .iter()
            .filter_map(|item| match &item.value {
                Value::Map(map) => Some(DomainCall {
                    to: located_text(map, "to"),
                    answer: map.duration("follows-within").map_or(Answer::Needed, Answer::FollowsWithin),
                }),
                _ => None,
            })
            .collect(),
        emits: record.texts("emits"),
        handles: optional("handles"),
        atomic: record.texts("atomic"),
        effect_once: record.text("effect") == Some("once"),
        order_per: record.text("order-per").map(str::to_string),
    }
}

fn availability(settings: &Settings) -> Target<Share> {
    let map = settings.map("availability");
    // In full, the target stands under `share`.
    let map = map.and_then(|map| map.map("share")).or(map);
    must_want(map, share_of).unwrap_or(Target::must(Share(0.999)))
}

fn recovery(settings: &Settings) -> Vec<Recovery> {
    let one = |map: &Settings| Recovery {
        lost: match map.text("lost") {
            Some("region") => Lost::Region,
            Some("data") => Lost::Data,
            _ => Lost::Zone,
        },
        rto: map.duration("rto").unwrap_or(Seconds(3_600.0)),
        rpo: map.duration("rpo").unwrap_or(Seconds(300.0)),
        offline_copy: map.text("copy") == Some("offline"),
    };
    match settings.get("recovery") {
        Some(Value::Map(map)) => vec![one(map)],
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|item| match &item.value {
                Value::Map(map) => Some(one(map)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn shares(map: Option<&Settings>) -> Vec<(String, Share)> {
    map.map(|map| map.0.iter().filter_map(|(region, share)| Some((region.clone(), share_of(&share.value)?))).collect())
        .unwrap_or_default()
}
