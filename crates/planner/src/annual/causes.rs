//! What may fail in a year, how often and for how long: from the design's own words, else from facts.
//!
//! One cause a unit of failure (a process, a machine, a zone, a region, a change, what is outside); units that are alike are
//! one line with the rate of all of them. What a run can't show is charged in full and has no strike.

use groundplan_knowledge::Knowledge;
use groundplan_model::design::{Component, Design, YearlyFault};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Ranged;
use groundplan_model::span::Located;
use groundplan_model::units::{MONTH, Seconds, Share, YEAR};
use groundplan_model::value::{Settings, Value};
use groundplan_sim::lower::Compiled;
use groundplan_sim::statistics::performability::Spread;
use std::collections::BTreeMap;

use super::HELD;

/// How long a process takes to start again where its component does not say it.
const RESTART: Seconds = Seconds(10.0);
/// How much slower a node of a grey failure is.
const SLOW: f64 = 10.0;
/// Nodes that a rate of grey failures is stated for.
const PER_NODES: f64 = 10.0;

/// One fault of an episode.
#[derive(Debug, Clone)]
pub struct Strike {
    /// The word of the fault.
    pub kind: String,
    /// What stands behind it.
    pub argument: Located<Value>,
    /// Whether it ends by itself.
    pub instant: bool,
    /// The same at another unit of those that are alike.
    pub spare: Option<Located<Value>>,
}

/// Something that fails.
#[derive(Debug, Clone)]
pub struct Cause {
    /// What happens.
    pub name: String,
    /// How often a year, all units together, as a 95% range.
    pub rate: Spread,
    /// How long it lasts, as a 95% range. Unit: seconds.
    pub lasts: Spread,
    /// Where both come from.
    pub source: String,
    /// What is done to the design; nothing where all of it is charged as a total outage.
    pub strikes: Vec<Strike>,
    /// Units that are alike.
    pub units: u32,
    /// How much of its length comes by itself once the strike is over: a process that starts again. Unit: seconds.
    pub tail: f64,
}

impl Cause {
    /// How long it is held in a run, its tail left out.
    pub(super) fn held(&self) -> Seconds {
        Seconds((self.lasts.value - self.tail).clamp(0.0, HELD.0))
    }

    /// The strikes of two causes at once, each at a unit of its own; none where there are not two units.
    pub(super) fn beside(&self, other: &Cause, same: bool) -> Option<(Strike, Strike)> {
        let (first, mut second) = (self.strikes.first()?.clone(), other.strikes.first()?.clone());
        let at_one = super::subject(&first.argument.value) == super::subject(&second.argument.value);
        match second.spare.take() {
            Some(spare) if same || at_one => second.argument = spare,
            _ if same => return None,
            _ => {}
        }
        Some((first, second))
    }
}

/// A design in which nothing fails by itself, without experiments.
pub(super) fn without_own_failures(design: &Design) -> Design {
    let mut calm = design.clone();
    calm.experiments.clear();
    calm.variants.clear();
    calm.year = None;
    for component in &mut calm.components {
        let own: &[&str] = match component.kind.value.as_str() {
            "external" => &["availability", "outages"],
            _ => &["fails", "repair", "repairers"],
        };
        for key in own {
            component.settings.0.shift_remove(*key);
        }
    }
    calm
}

/// Everything that may fail: what the design says, then facts of the rest.
pub(super) fn causes(design: &Design, counts: &Counts, knowledge: &Knowledge) -> Result<Vec<Cause>, Vec<Diagnostic>> {
    let mut causes = Vec::new();
    let mut wrong = Vec::new();
    let said: &[YearlyFault] = design.year.as_ref().map_or(&[], |year| &year.faults);
    for yearly in said {
        match stated(design, yearly) {
            Ok(cause) => causes.push(cause),
            Err(diagnostic) => wrong.push(*diagnostic),
        }
    }
    for component in &design.components {
        causes.extend(own_failures(component, units(component, counts)));
        causes.extend(own_outages(component));
    }
    if !design.year.as_ref().is_some_and(|year| year.alone) {
        let facts = Facts { design, counts, knowledge, said };
        for component in &design.components {
            facts.component(component, &mut causes);
        }
        facts.places(&mut causes);
        facts.all(&mut causes);
    }
    if wrong.is_empty() { Ok(causes) } else { Err(wrong) }
}

fn text(name: &str) -> Located<Value> {
    Value::Text(name.to_string()).into()
}

fn strike(kind: &str, argument: Located<Value>) -> Strike {
    Strike { kind: kind.into(), argument, instant: kind == "crash", spare: None }
}

/// A fault of the design's `year`.
fn stated(design: &Design, yearly: &YearlyFault) -> Result<Cause, Box<Diagnostic>> {
    let YearlyFault { fault, rate, lasts } = yearly;
    let kind = fault.kind.value.as_str();
    let subject = super::subject(&fault.argument.value).unwrap_or_default();
    let spread = |range: &Ranged<Seconds>| Spread { low: range.low.0, value: range.mid().0, high: range.high.0 };
    let component = subject.split_once('/').map_or(subject, |(component, _)| component);
    let lasts = match (kind, lasts) {
        ("crash", Some(_)) => {
            return Err(Box::new(
                Diagnostic::error("stray-length", "a crash ends by itself: its process starts again")
                    .at(fault.kind.span, "has a `for`")
                    .help("say `restart` of the component, or write `machine-loss` with `for`"),
            ));
        }
        ("crash", None) => Spread::exactly(restart(design.components.iter().find(|one| one.name.value == component))),
        (_, Some(lasts)) => spread(lasts),
        (_, None) => {
            return Err(Box::new(
                Diagnostic::error("missing-key", format!("nothing says how long `{kind}` lasts each time"))
                    .at(fault.kind.span, "")
                    .help("write such as `for: 20min`, or a range, `for: 5min..1h`"),
            ));
        }
    };
    Ok(Cause {
        name: if subject.is_empty() { kind.to_string() } else { format!("{kind} {subject}") },
        rate: Spread { low: rate.low.0, value: rate.mid().0, high: rate.high.0 }.times(YEAR.0),
        lasts,
        source: "stated in the design".into(),
        strikes: vec![Strike { argument: fault.argument.clone(), ..strike(kind, text(subject)) }],
        units: 1,
        tail: 0.0,
    })
}

fn restart(component: Option<&Component>) -> f64 {
    component.and_then(|component| component.settings.duration("restart")).unwrap_or(RESTART).0
}

/// Whether a component keeps data in copies, of which the first leads.
fn has_copies(component: &Component) -> bool {
    matches!(component.kind.value.as_str(), "database" | "log" | "queue")
}

/// How many replicas each component has as it is compiled, by name.
pub(super) type Counts = BTreeMap<String, u32>;

/// The replicas of a design.
pub(super) fn counts(compiled: &Compiled) -> Counts {
    let counts = compiled.tables.components.iter().map(|component| component.count);
    compiled.names.components.iter().cloned().zip(counts).collect()
}

/// Units of a component that fail one by one; none for what others run or that has no machines of its own.
fn units(component: &Component, counts: &Counts) -> u32 {
    match component.kind.value.as_str() {
        "external" | "load-balancer" | "dns" | "outbox" => 0,
        _ => counts.get(&component.name.value).copied().unwrap_or(1),
    }
}

/// Failures of a component's units, `each` the rate of one: leaders of data apart from those that follow.
fn of_units(
    component: &Component,
    units: u32,
    what: &str,
    each: Spread,
    lasts: Spread,
    source: &str,
    of: &dyn Fn(&str) -> Strike,
) -> Vec<Cause> {
    let name = component.name.value.as_str();
    let copies = if has_copies(component) { component.settings.count("copies").unwrap_or(1) } else { 1 };
    let groups: Vec<(String, u32, u32)> = match copies {
        2.. => vec![
            (format!("{what} of the leader of {name}"), 1, 1),
            (format!("{what} of a copy of {name}"), 2, units.saturating_sub(1)),
        ],
        _ => vec![(format!("{what} of {name}"), 1, units)],
    };
    let cause = |(title, first, count): (String, u32, u32)| {
        let unit = |nth: u32| of(&format!("{name}/{nth}"));
        let spare = (count > 1).then(|| unit(first + 1).argument);
        Cause {
            name: title,
            rate: each.times(f64::from(count)),
            lasts,
            source: if count > 1 { format!("{source}; {count} of them") } else { source.to_string() },
            strikes: vec![Strike { spare, ..unit(first) }],
            units: count,
            tail: 0.0,
        }
    };
    groups.into_iter().filter(|(.., count)| *count > 0).map(cause).collect()
}

/// `fails` and `repair` of a component.
fn own_failures(component: &Component, units: u32) -> Vec<Cause> {
    let settings = &component.settings;
    let (Some(fails), Some(repair)) = (settings.dist("fails"), settings.dist("repair")) else {
        return Vec::new();
    };
    let (works, away) = (fails.mean(), repair.mean());
    if works + away <= 0.0 {
        return Vec::new();
    }
    // Renewals: it works, then it is repaired.
    let each = Spread::exactly(YEAR.0 / (works + away));
    let source = "`fails` and `repair` in the design";
    let lost = |unit: &str| strike("machine-loss", text(unit));
    let mut causes = of_units(component, units, "failure", each, Spread::exactly(away), source, &lost);
    // A repaired unit works at once; one whose machine is back starts first.
    causes.iter_mut().for_each(|cause| cause.tail = restart(Some(component)).min(away));
    causes
}

/// `outages` or `availability` of what is outside.
fn own_outages(component: &Component) -> Option<Cause> {
    if component.kind.value != "external" {
        return None;
    }
    let settings = &component.settings;
    let (every, last, source) = match settings.map("outages") {
        Some(said) => (said.duration("every")?, said.duration("last")?, "its `outages` in the design".to_string()),
        None => {
            let share = settings.share("availability")?;
            let last = Seconds((1.0 - share.0) * MONTH.0);
            (MONTH, last, format!("its availability of {share} in the design: one outage a month"))
        }
    };
    (last.0 > 0.0 && every.0 > 0.0)
        .then(|| outage(component, Spread::exactly(YEAR.0 / every.0), Spread::exactly(last.0), source))
}

fn outage(component: &Component, rate: Spread, lasts: Spread, source: String) -> Cause {
    let name = &component.name.value;
    let strikes = vec![strike("outage", text(name))];
    Cause { name: format!("outage of {name}"), rate, lasts, source, strikes, units: 1, tail: 0.0 }
}

/// What facts say of a design.
struct Facts<'a> {
    design: &'a Design,
    counts: &'a Counts,
    knowledge: &'a Knowledge,
    said: &'a [YearlyFault],
}

impl Facts<'_> {
    /// A rate a year, and its source.
    fn rate(&self, id: &str) -> (Spread, String) {
        let fact = self.knowledge.fact(id);
        let rate = Spread { low: fact.low, value: fact.value, high: fact.high };
        (rate.times(YEAR.0), format!("{} ({}, {})", fact.name, fact.source, fact.date))
    }

    fn length(&self, id: &str) -> Spread {
        let fact = self.knowledge.fact(id);
        Spread { low: fact.low, value: fact.value, high: fact.high }
    }

    /// Whether the design states this fault of this component or place itself.
    fn is_said(&self, kind: &str, name: &str) -> bool {
        self.said.iter().any(|yearly| {
            let subject = super::subject(&yearly.fault.argument.value).unwrap_or_default();
            let whole = subject.split_once('/').map_or(subject, |(whole, _)| whole);
            yearly.fault.kind.value == kind && (subject == name || whole == name)
        })
    }

    fn component(&self, component: &Component, causes: &mut Vec<Cause>) {
        let name = component.name.value.as_str();
        let kind = component.kind.value.as_str();
        if kind == "external" {
            let says = ["availability", "outages"].iter().any(|key| component.settings.get(key).is_some());
            if !says && !self.is_said("outage", name) {
                let (rate, source) = self.rate("dependency-outages");
                causes.push(outage(component, rate, self.length("dependency-outage-lasts"), source));
            }
            return;
        }
        let units = units(component, self.counts);
        if units == 0 {
            return;
        }
        if !self.is_said("crash", name) {
            let (rate, source) = self.rate("process-crashes");
            let lasts = Spread::exactly(restart(Some(component)));
            causes
                .extend(of_units(component, units, "crash", rate, lasts, &source, &|unit| strike("crash", text(unit))));
        }
        if !self.is_said("machine-loss", name) && component.settings.get("fails").is_none() {
            let (rate, source) = self.rate("machine-failures");
            let lasts = self.length("machine-replaced");
            let lost = |unit: &str| strike("machine-loss", text(unit));
            causes.extend(of_units(component, units, "loss of a machine", rate, lasts, &source, &lost));
        }
        if matches!(kind, "service" | "database") && !self.is_said("slow", name) {
            let (rate, source) = self.rate("slow-nodes");
            let lasts = self.length("slow-node-lasts");
            let slow = |unit: &str| {
                let factor = Value::Factor(Ranged::exactly(SLOW));
                let argument = Settings::new().with("what", Value::Text(unit.to_string())).with("factor", factor);
                strike("slow", Value::Map(argument).into())
            };
            causes.extend(of_units(
                component,
                units,
                "grey failure",
                rate.times(1.0 / PER_NODES),
                lasts,
                &source,
                &slow,
            ));
        }
        if kind == "service" && !self.is_said("config-push", name) {
            let (rate, source) = self.rate("bad-changes");
            let all = Value::Share(Ranged::exactly(Share(1.0)));
            let argument = Settings::new().with("what", Value::Text(name.to_string())).with("errors", all);
            causes.push(Cause {
                name: format!("bad change of {name}"),
                rate,
                lasts: self.length("bad-change-lasts"),
                source,
                strikes: vec![strike("config-push", Value::Map(argument).into())],
                units: 1,
                tail: 0.0,
            });
        }
    }

    /// Zones and regions in which something stands.
    fn places(&self, causes: &mut Vec<Cause>) {
        let mut zones: Vec<(String, String)> = Vec::new();
        for component in &self.design.components {
            let Some(place) = &component.place else { continue };
            let (region, zone) =
                place.value.split_once('/').map_or((place.value.as_str(), None), |(r, z)| (r, Some(z)));
            let Some(declared) = self.design.places.iter().find(|known| known.name.value == region) else { continue };
            let count = match units(component, self.counts) {
                0 => declared.zones.len(),
                count => count as usize,
            };
            let used = declared.zones.iter().filter(|known| zone.is_none_or(|zone| zone == known.as_str())).take(count);
            for zone in used {
                let at = (region.to_string(), zone.clone());
                if !zones.contains(&at) {
                    zones.push(at);
                }
            }
        }
        let mut lost = |kind: &str, title: String, place: &str, strikes: Vec<Strike>, ids: [&str; 2]| {
            if !self.is_said(kind, place) {
                let (rate, source) = self.rate(ids[0]);
                causes.push(Cause {
                    name: title,
                    rate,
                    lasts: self.length(ids[1]),
                    source,
                    strikes,
                    units: 1,
                    tail: 0.0,
                });
            }
        };
        let (of_zone, of_region) = (["zone-losses", "zone-loss-lasts"], ["region-losses", "region-loss-lasts"]);
        if zones.is_empty() {
            lost("zone-loss", "loss of the zone (no place is said)".into(), "", Vec::new(), of_zone);
            lost("region-loss", "loss of the region (no place is said)".into(), "", Vec::new(), of_region);
        }
        for (region, zone) in &zones {
            let place = format!("{region}/{zone}");
            lost(
                "zone-loss",
                format!("loss of zone {place}"),
                &place,
                vec![strike("zone-loss", text(&place))],
                of_zone,
            );
        }
        let mut regions: Vec<&String> = Vec::new();
        for (region, _) in &zones {
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        for region in regions {
            let strikes = vec![strike("region-loss", text(region))];
            lost("region-loss", format!("loss of region {region}"), region, strikes, of_region);
        }
        if zones.len() > 1 {
            let any = self.said.iter().any(|yearly| yearly.fault.kind.value == "partition");
            let ids = ["network-partitions", "partition-lasts"];
            if !any {
                lost("partition", "partition of the network".into(), "", Vec::new(), ids);
            }
        }
    }

    /// What takes all of it at once.
    fn all(&self, causes: &mut Vec<Cause>) {
        if self.said.iter().any(|yearly| yearly.fault.kind.value == "certificate-expiry") {
            return;
        }
        let (rate, source) = self.rate("certificate-expiries");
        causes.push(Cause {
            name: "an expired certificate".into(),
            rate,
            lasts: self.length("certificate-outage-lasts"),
            source,
            strikes: Vec::new(),
            units: 1,
            tail: 0.0,
        });
    }
}
