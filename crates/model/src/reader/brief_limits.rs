//! What the figures of a brief say together: shares, contradictions, and what no design can do.
//!
//! Only what is impossible for *every* design is refused here (arithmetic, light). What some designs can't meet is for
//! the plan to say.

use super::Reader;
use crate::brief::{Answer, Brief, Consistency, DomainOperation, LoadEntry};
use crate::diagnostic::Diagnostic;
use crate::physics;
use crate::quantity::{Dist, Target};
use crate::span::Span;
use crate::text::shown;
use crate::units::{Bytes, PerSecond, Seconds, Share, significant};
use crate::yaml::Node;
use std::collections::{HashMap, HashSet};

/// The highest load that is planned for. Unit: per second.
pub(super) const MAX_LOAD: f64 = 1e9;
/// Shares may miss 100% by this, for thirds written with one decimal.
pub(super) const SHARE_SLACK: f64 = 1.001e-3;

/// The most operations that are followed from one entry point.
const MAX_REACH: usize = 2_000;

impl Reader<'_> {
    pub(super) fn check_regions(&mut self, brief: &Brief, root: &Node) {
        let said = root.get("regions").map(Node::entries).unwrap_or_default();
        if said.is_empty() || said.len() != brief.regions.len() {
            return;
        }
        let sum: f64 = brief.regions.iter().map(|(_, share)| share.0).sum();
        if (sum - 1.0).abs() > SHARE_SLACK {
            let terms: Vec<String> = brief.regions.iter().map(|(_, share)| share.to_string()).collect();
            let diagnostic = self
                .error(
                    "shares-not-whole",
                    format!("the shares of the regions add up to {}, not 100%", significant(sum * 100.0) + "%"),
                    self.key_span(root, &["regions"]),
                )
                .note(format!("{} = {}%", terms.join(" + "), significant(sum * 100.0)));
            self.push(diagnostic);
        }
    }

    pub(super) fn check_load(&mut self, brief: &Brief, root: &Node) {
        if brief.load.is_empty() && !self.diagnostics.iter().any(|diagnostic| diagnostic.headline.contains("`load`")) {
            self.push(
                Diagnostic::error("no-load", "nobody asks for anything: `load` is empty")
                    .help("write `load: [ { operation: module.operation, rate: 30/s } ]`"),
            );
        }
        let years = brief.horizon.0 / crate::units::YEAR.0;
        let growth = libm::pow(1.0 + brief.growth.high, years);
        for entry in &brief.load {
            let (rate, peak) = (entry.rate.high.0, entry.peak.high);
            if entry.peak.low < 1.0 {
                let diagnostic = self
                    .error(
                        "peak-below-mean",
                        format!("the peak of {} lies below its mean", shown(&entry.operation)),
                        entry_span(root, entry, "peak"),
                    )
                    .help("a peak is at least `1x`");
                self.push(diagnostic);
                continue;
            }
            // A day's mean can't be less than its peak alone brings.
            if let Some(lasts) = entry.peak_lasts {
                let share = lasts.0.min(86_400.0) / 86_400.0;
                let brought = entry.peak.low * share;
                if brought > 1.0 {
                    let diagnostic = self
                        .error("rate-contradicts-itself", format!("the rate of {} contradicts its peak", shown(&entry.operation)), entry_span(root, entry, "peak"))
                        .note(format!(
                            "a peak of {} times the mean for {} of 24h is {} times the mean of the day by itself: {} x {} = {}",
                            significant(entry.peak.low),
                            lasts,
                            significant(brought),
                            significant(entry.peak.low),
                            significant(share),
                            significant(brought)
                        ))
                        .help(format!("with this length the peak is at most {}x", significant(1.0 / share)));
                    self.push(diagnostic);
                }
            }
            let top = rate * peak * growth;
            if top > MAX_LOAD || !top.is_finite() {
                let diagnostic = self
                    .error(
                        "load-too-high",
                        format!("the load of {} is beyond what can be planned", shown(&entry.operation)),
                        entry_span(root, entry, "rate"),
                    )
                    .note(format!(
                        "{} x {} at the peak x {} for growth over {} years = {}",
                        PerSecond(rate),
                        significant(peak),
                        significant(growth),
                        significant(years),
                        if top.is_finite() { PerSecond(top).to_string() } else { "beyond all numbers".into() }
                    ))
                    .help("at most 1G/s");
                self.push(diagnostic);
            }
        }
    }

    pub(super) fn check_targets(&mut self, brief: &Brief, root: &Node) {
        let mut found: Vec<Diagnostic> = Vec::new();
        for entry in &brief.load {
            let mut worse = |what: &str, must: String, want: String| {
                found.push(
                    Diagnostic::error(
                        "want-worse-than-must",
                        format!("the {what} wanted of {} is worse than the one it must have", shown(&entry.operation)),
                    )
                    .at(entry.operation.span, "")
                    .note(format!("must: {must}, want: {want}"))
                    .help("swap them, or leave one out"),
                );
            };
            for (what, target) in
                [("p99", entry.p99), ("accepted p99", entry.accepted_p99), ("settled p99", entry.settled_p99)]
            {
                if let Some(Target { must, want: Some(want) }) =
                    target.filter(|target| target.want.is_some_and(|want| want > target.must))
                {
                    worse(what, must.to_string(), want.to_string());
                }
            }
            if let Some(Target { must, want: Some(want) }) =
                entry.availability.filter(|target| target.want.is_some_and(|want| want < target.must))
            {
                worse("availability", must.to_string(), want.to_string());
            }
            if let (Some(accepted), Some(settled)) = (entry.accepted_p99, entry.settled_p99)
                && accepted.must > settled.must
            {
                found.push(
                    Diagnostic::error(
                        "settled-before-accepted",
                        format!("{} must be settled before it is accepted", shown(&entry.operation)),
                    )
                    .at(entry.operation.span, "")
                    .note(format!("accepted within {}, settled within {}", accepted.must, settled.must))
                    .help("`accepted` comes first and is the shorter"),
                );
            }
            if entry.p99.is_some() && entry.accepted_p99.is_some() {
                found.push(
                    Diagnostic::error(
                        "two-answers",
                        format!("{} has both `p99` and `accepted`", shown(&entry.operation)),
                    )
                    .at(entry.operation.span, "")
                    .help(
                        "`p99` is for an answer after the work, `accepted` and `settled` for one before it: keep one",
                    ),
                );
            }
            for target in [entry.p99, entry.accepted_p99, entry.settled_p99].into_iter().flatten() {
                if target.must.0 <= 0.0 {
                    found.push(
                        Diagnostic::error("no-time", format!("{} has no time to answer", shown(&entry.operation)))
                            .at(entry.operation.span, "")
                            .help("a p99 is above `0ms`"),
                    );
                }
            }
            found.extend(work_beyond_target(brief, entry, root));
        }
        let availability_span = self.key_span(root, &["availability"]);
        let perfect = |share: Share| share.0 >= 1.0;
        if perfect(brief.availability.must) {
            found.push(
                Diagnostic::error("never-fails", "no system answers 100% of its requests")
                    .at(availability_span, "")
                    .note("a single failed request in all its life would break it")
                    .help("write a share such as `99.99%`"),
            );
        }
        for entry in brief.load.iter().filter(|entry| entry.availability.is_some_and(|target| perfect(target.must))) {
            found.push(
                Diagnostic::error("never-fails", format!("no system answers 100% of {}", shown(&entry.operation)))
                    .at(entry.operation.span, "")
                    .help("write a share such as `99.99%`"),
            );
        }
        self.diagnostics.append(&mut found);
    }

    pub(super) fn check_data(&mut self, brief: &Brief) {
        let mut found: Vec<Diagnostic> = Vec::new();
        for data in &brief.data {
            if let (Some(item), Some(items)) = (data.item, data.items) {
                let product: Bytes = item * items;
                if product.0 > data.size.0 * 1.01 {
                    found.push(
                        Diagnostic::error(
                            "size-contradicts-items",
                            format!("{} is smaller than its items", shown(&data.name)),
                        )
                        .at(data.name.span, "")
                        .note(format!(
                            "{} items x {item} = {product}, and its size is {}",
                            significant(items),
                            data.size
                        ))
                        .help("leave `size` out, or correct `items` or `item`"),
                    );
                }
            }
            if let (Some(items), Some(popular)) = (data.items, data.popularity.and_then(|popularity| popularity.items))
                && popular > items
            {
                found.push(
                    Diagnostic::error(
                        "popularity-contradicts-items",
                        format!("the popularity of {} is over more items than it has", shown(&data.name)),
                    )
                    .at(data.name.span, "")
                    .note(format!(
                        "{} items, and a popularity over {}",
                        significant(items),
                        significant(popular)
                    )),
                );
            }
        }
        for (module, operation) in
            brief.modules.iter().flat_map(|module| module.operations.iter().map(move |operation| (module, operation)))
        {
            for access in operation.reads.iter().chain(&operation.writes) {
                if !(1.0..=1e6).contains(&access.times) {
                    found.push(
                        Diagnostic::error(
                            "out-of-range",
                            format!("{} can't be touched {} times", shown(&access.to), significant(access.times)),
                        )
                        .at(access.to.span, "")
                        .help("`times` is between 1 and 1000000"),
                    );
                }
            }
            if operation.atomic.len() == 1 {
                found.push(
                    Diagnostic::warning(
                        "atomic-alone",
                        format!("{} is atomic with nothing else", shown(&operation.atomic[0])),
                    )
                    .at(operation.atomic[0].span, "")
                    .help("name the data sets that must change together"),
                );
            }
            for call in &operation.calls {
                if let Answer::FollowsWithin(Seconds(0.0)) = call.answer {
                    found.push(
                        Diagnostic::error(
                            "no-time",
                            format!(
                                "`{}.{}` leaves {} no time to follow",
                                *module.name,
                                *operation.name,
                                shown(&call.to)
                            ),
                        )
                        .at(call.to.span, "")
                        .help("write `answer: needed`, or a time above `0s`"),
                    );
                }
            }
        }
        for outside in &brief.outside {
            if outside.limit.is_some_and(|limit| limit.0 <= 0.0) {
                found.push(
                    Diagnostic::error("out-of-range", format!("{} may never be called", shown(&outside.name)))
                        .at(outside.name.span, "")
                        .help("leave `limit` out"),
                );
            }
        }
        self.diagnostics.append(&mut found);
    }

    pub(super) fn check_team(&mut self, brief: &Brief, root: &Node) {
        let span = self.key_span(root, &["team", "teams"]);
        let (engineers, teams) = (brief.team.engineers, brief.team.teams);
        if engineers == 0 || teams == 0 {
            let place = if engineers == 0 { self.key_span(root, &["team", "engineers"]) } else { span };
            let diagnostic = self.error("no-team", "nobody builds it", place).help("at least one engineer in one team");
            self.push(diagnostic);
        } else if teams > engineers {
            let diagnostic = self
                .error("teams-without-people", "there are more teams than engineers", span)
                .note(format!("{teams} teams, {engineers} engineers"));
            self.push(diagnostic);
        }
        let mut seen = HashSet::new();
        if let Some(twice) = brief.priorities.iter().find(|concern| !seen.insert(concern.as_str())) {
            let diagnostic = self.error(
                "duplicate-name",
                format!("{} stands twice in `priorities`", shown(twice)),
                self.key_span(root, &["priorities"]),
            );
            self.push(diagnostic);
        }
        if brief.horizon.0 <= 0.0 || brief.horizon_years() > 30.0 {
            let diagnostic = self
                .error(
                    "out-of-range",
                    format!("a horizon of {} can't be planned", brief.horizon),
                    self.key_span(root, &["horizon"]),
                )
                .help("a horizon is above `0d` and at most `30 years`");
            self.push(diagnostic);
        }
    }

    /// Strong writes that users in far regions must see answered faster than light goes there and back.
    pub(super) fn check_light(&mut self, brief: &Brief) {
        let mut found: Vec<Diagnostic> = Vec::new();
        if brief.regions.len() < 2 && brief.residency.is_empty() {
            return;
        }
        let mut operations: HashMap<String, &DomainOperation> = HashMap::new();
        for module in &brief.modules {
            for operation in &module.operations {
                operations.insert(format!("{}.{}", *module.name, *operation.name), operation);
            }
        }
        for entry in &brief.load {
            let Some(target) = entry.p99.map(|target| target.must) else { continue };
            for data in written_strongly(brief, &operations, &entry.operation) {
                let Some(data) = brief.data_set(&data) else { continue };
                let pinned =
                    data.holds.iter().find_map(|class| brief.residency.iter().find(|(pinned, _)| pinned == class));
                let bound = match pinned {
                    Some((_, home)) => pinned_bound(brief, home),
                    None => free_bound(brief),
                };
                let Some((bound, from, to, share)) = bound else { continue };
                if target >= bound {
                    continue;
                }
                let km = physics::distance_km(&from, &to).unwrap_or(0.0);
                let arithmetic = format!(
                    "{} to {} is {} km; light in fibre does {} km/s",
                    from,
                    to,
                    significant(km),
                    significant(physics::FIBRE_KM_PER_SECOND)
                );
                let why = match pinned {
                    Some((class, home)) => format!(
                        "{} must stay in {} ({}), and {share} of the requests come from {from}: there and back takes at least {bound}",
                        shown(&data.name),
                        shown(home),
                        shown(class)
                    ),
                    None => format!(
                        "two writes of one item, in {from} and in {to}, can both end in less than {bound} only if neither knows of the other: they aren't strong then"
                    ),
                };
                found.push(
                    Diagnostic::error(
                        "faster-than-light",
                        format!(
                            "{} can't write {} strongly within {target}",
                            shown(&entry.operation),
                            shown(&data.name)
                        ),
                    )
                    .at(entry.operation.span, "")
                    .at(data.name.span, "strong")
                    .note(why)
                    .note(arithmetic)
                    .help(format!(
                        "a p99 of at least {bound}, a weaker `consistency`, or `accepted` and `settled` targets"
                    )),
                );
                break;
            }
        }
        self.diagnostics.append(&mut found);
    }
}

/// The p99 of a law where it has a simple one: what the work alone takes.
fn least_p99(dist: &Dist) -> Option<Seconds> {
    match dist {
        Dist::Const(value) => Some(Seconds(*value)),
        // -ln(0.01)
        Dist::Exp(mean) => Some(Seconds(mean * 4.605_170_185_988_091)),
        Dist::Uniform(low, high) => Some(Seconds(low + 0.99 * (high - low))),
        Dist::LogNormal { p99, .. } => Some(Seconds(*p99)),
        _ => None,
    }
}

/// The strong data sets that an operation writes before it answers, by itself or through calls whose answer it needs.
fn written_strongly(brief: &Brief, operations: &HashMap<String, &DomainOperation>, operation: &str) -> Vec<String> {
    let (mut todo, mut seen, mut written) = (vec![operation.to_string()], HashSet::new(), Vec::new());
    while let Some(path) = todo.pop() {
        if seen.len() >= MAX_REACH || !seen.insert(path.clone()) {
            continue;
        }
        let Some(operation) = operations.get(path.as_str()) else { continue };
        for access in &operation.writes {
            let strong = brief.data_set(&access.to).is_some_and(|data| data.consistency == Consistency::Strong);
            if strong && !written.contains(&access.to.value) {
                written.push(access.to.value.clone());
            }
        }
        todo.extend(
            operation.calls.iter().filter(|call| call.answer == Answer::Needed).map(|call| call.to.value.clone()),
        );
    }
    written
}

/// Data that must stay at home: the largest bound that more than 1% of the requests exceed or meet.
fn pinned_bound(brief: &Brief, home: &str) -> Option<(Seconds, String, String, Share)> {
    let mut far: Vec<(Seconds, &str, Share)> = brief
        .regions
        .iter()
        .filter(|(region, _)| region != home)
        .filter_map(|(region, share)| Some((physics::fibre_round_trip(region, home)?, region.as_str(), *share)))
        .collect();
    far.sort_by(|a, b| b.0.0.total_cmp(&a.0.0));
    let mut beyond = 0.0;
    for (bound, region, share) in far {
        beyond += share.0;
        if beyond > 0.01 {
            return Some((bound, region.to_string(), home.to_string(), share));
        }
    }
    None
}

/// Data that may be anywhere: the longest one-way trip between two regions with more than 1% of the requests each.
fn free_bound(brief: &Brief) -> Option<(Seconds, String, String, Share)> {
    let large: Vec<&(String, Share)> = brief.regions.iter().filter(|(_, share)| share.0 > 0.01).take(64).collect();
    let mut best: Option<(Seconds, String, String, Share)> = None;
    for (nth, (a, share)) in large.iter().enumerate() {
        for (b, _) in &large[nth + 1..] {
            let Some(bound) = physics::fibre_round_trip(a, b).map(|trip| trip / 2.0) else { continue };
            if best.as_ref().is_none_or(|(most, ..)| bound > *most) {
                best = Some((bound, a.clone(), b.clone(), *share));
            }
        }
    }
    best
}

/// An answer can't come before the work it needs: its p99 is at least the p99 of the work.
fn work_beyond_target(brief: &Brief, entry: &LoadEntry, root: &Node) -> Option<Diagnostic> {
    let target = entry.p99?.must;
    let (_, operation) = brief.operation(&entry.operation)?;
    // Where the brief says a bare duration, its law is our assumption: only its mean is held against it.
    let said = entry.operation.split_once('.').and_then(|(module, operation)| {
        root.get("domain")?.get(module)?.get("operations")?.get(operation)?.get("work")?.text()
    });
    let (least, what) = match said {
        Some(text) if text.contains('(') => (least_p99(&operation.work)?, "a p99"),
        Some(_) => (Seconds(operation.work.mean()), "a mean"),
        None => return None,
    };
    if least.0 <= target.0 || target.0 <= 0.0 {
        return None;
    }
    Some(
        Diagnostic::error("work-beyond-target", format!("{} can't answer within {target}", shown(&entry.operation)))
            .at(entry_span(root, entry, "p99"), "")
            .note(format!(
                "its work alone has {what} of {least} on a core of nominal speed: `work: {}`",
                said.unwrap_or("")
            ))
            .help("raise the p99, lessen the work, or say when it must be `accepted` and `settled`"),
    )
}

/// Where a value of a load entry stands; its operation where it has no such key.
pub(super) fn entry_span(root: &Node, entry: &LoadEntry, key: &str) -> Span {
    let items = root.get("load").map(Node::items).unwrap_or_default();
    let item = items.iter().find(|item| item.get("operation").is_some_and(|node| node.span == entry.operation.span));
    item.and_then(|item| item.get(key)).map_or(entry.operation.span, |node| node.span)
}
