//! What a brief says about outages, origins, proof, clocks and vendors, held against itself and the rest of the brief.
//! Labels, models, tenants and the system of today are checked in `brief_people_checks`.
//!
//! An error is what contradicts itself or what no design can do, with the arithmetic; a warning is what binds nothing,
//! or what two keys ask for that only an odd design could give both.

use super::Reader;
use super::brief_limits::{MAX_LOAD, SHARE_SLACK, entry_span};
use crate::brief::{Brief, Lost};
use crate::diagnostic::Diagnostic;
use crate::span::{Located, Span};
use crate::text::shown;
use crate::units::{Seconds, Share, significant};
use crate::yaml::{Node, NodeKind};
use std::collections::{HashMap, HashSet};

/// Sections that say nothing where they are empty.
const SECTIONS: &[&[&str]] =
    &[&["releases"], &["vendors"], &["change-control"], &["ai"], &["ai", "quality"], &["today"]];

impl Reader<'_> {
    pub(super) fn check_topics(&mut self, brief: &Brief, root: &Node) {
        self.check_empty(root);
        self.check_outages(brief, root);
        self.check_recovery(brief, root);
        self.check_origins(brief, root);
        self.check_waiting(brief);
        self.check_opening(brief, root);
        self.check_audit(brief, root);
        self.check_schedule(brief, root);
        self.check_vendors(brief, root);
        if let Some(labels) = &brief.labels {
            self.check_labels(labels, root);
        }
        self.check_people(brief, root);
        if let Some(ai) = &brief.ai {
            self.check_ai(brief, ai, root);
        }
        if let Some(tenants) = &brief.tenants {
            self.check_brief_tenants(brief, tenants, root);
        }
        if let Some(today) = &brief.today {
            self.check_today(brief, today, root);
        }
        self.check_homes(brief, root);
    }

    pub(super) fn refuse(
        &mut self,
        code: &'static str,
        headline: String,
        span: Span,
        note: Option<String>,
        help: &str,
    ) {
        let mut diagnostic = self.error(code, headline, span);
        diagnostic.notes.extend(note);
        if !help.is_empty() {
            diagnostic = diagnostic.help(help.to_string());
        }
        self.push(diagnostic);
    }

    pub(super) fn warn(&mut self, code: &'static str, headline: String, span: Span, note: Option<String>, help: &str) {
        let mut diagnostic = Diagnostic::warning(code, headline);
        if !span.is_none() {
            diagnostic = diagnostic.at(crate::yaml::first_line(self.text, span), "");
        }
        diagnostic.notes.extend(note);
        if !help.is_empty() {
            diagnostic = diagnostic.help(help.to_string());
        }
        self.push(diagnostic);
    }

    pub(super) fn twice(&mut self, list: &str, names: &[(String, Span)]) {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for (name, span) in names.iter().filter(|(name, _)| !name.is_empty()) {
            if let Some(first) = seen.get(name.as_str()) {
                let diagnostic = self
                    .error("duplicate-name", format!("{} stands twice in `{list}`", shown(name)), *span)
                    .at(*first, "first here")
                    .help("keep one of them");
                self.push(diagnostic);
            } else {
                seen.insert(name, *span);
            }
        }
    }

    fn check_empty(&mut self, root: &Node) {
        for path in SECTIONS {
            let node = path.iter().try_fold(root, |node, key| node.get(key));
            if node.is_some_and(|node| matches!(&node.kind, NodeKind::Map(entries) if entries.is_empty())) {
                let span = self.key_span(root, path);
                let what = path.join(".");
                self.warn(
                    "says-nothing",
                    format!("`{what}` says nothing"),
                    span,
                    None,
                    "say one of its keys, or leave it out",
                );
            }
        }
    }

    fn check_outages(&mut self, brief: &Brief, root: &Node) {
        let span = self.key_span(root, &["availability", "outages"]);
        let allowed = 1.0 - brief.availability.must.0;
        let share = |value: f64| format!("{}%", significant(value * 100.0));
        if let Some(outages) = brief.outages {
            if outages.every.0 <= 0.0 || outages.last.0 >= outages.every.0 {
                self.refuse(
                    "outages-without-end",
                    "an outage may last until the next one begins".into(),
                    span,
                    Some(format!("one every {}, each of {}", outages.every, outages.last)),
                    "`last` is shorter than `every`",
                );
            } else if outages.last.0 / outages.every.0 > allowed * 1.01 {
                let down = outages.last.0 / outages.every.0;
                self.warn(
                    "binds-nothing",
                    "the outages allowed are more than the availability allows".into(),
                    span,
                    Some(format!(
                        "{} every {} is {} of the time; {} leaves {}",
                        outages.last,
                        outages.every,
                        share(down),
                        brief.availability.must,
                        share(allowed)
                    )),
                    "shorten `last`, or lower `share`",
                );
            }
        }
        if let Some(errors) = brief.errors.filter(|errors| errors.0 > allowed * 1.01) {
            let span = self.key_span(root, &["availability", "errors"]);
            let note = format!("{errors} may fail, and {} leaves {}", brief.availability.must, share(allowed));
            let headline = "the errors allowed are more than the availability allows".into();
            self.warn("binds-nothing", headline, span, Some(note), "lower `errors`, or lower `share`");
        }
    }

    fn check_recovery(&mut self, brief: &Brief, root: &Node) {
        let span = self.key_span(root, &["recovery"]);
        for item in brief.recovery.iter().filter(|item| item.offline_copy) {
            if item.lost != Lost::Data {
                let headline = format!("an offline copy doesn't help when a {} is lost", told(item.lost));
                let help = "say `copy: offline` where the `data` itself is lost";
                self.warn("binds-nothing", headline, span, None, help);
            } else if item.rpo.0 <= 0.0 {
                let note = "a copy that nobody reaches from the running system was made before the last write; what was \
                            written since is lost with the data";
                self.refuse(
                    "copy-behind-the-last-write",
                    "an offline copy can't have the last write".into(),
                    span,
                    Some(note.into()),
                    "say an `rpo` above `0s` for lost data: the time from one copy to the next",
                );
            }
        }
        let of = |lost: Lost| brief.recovery.iter().find(|item| item.lost == lost);
        if let (Some(zone), Some(region)) = (of(Lost::Zone), of(Lost::Region)) {
            for (what, zone, region) in [("rto", zone.rto, region.rto), ("rpo", zone.rpo, region.rpo)] {
                if zone > region {
                    let headline = format!("a lost zone may take more than a lost region ({what})");
                    let note = format!("zone: {zone}, region: {region}; with the region each of its zones is lost");
                    let help = "what holds for a region holds for each of its zones: lower the one of the zone";
                    self.warn("binds-nothing", headline, span, Some(note), help);
                }
            }
        }
    }

    /// Where requests come from, and what they are parted by.
    fn check_origins(&mut self, brief: &Brief, root: &Node) {
        for entry in &brief.load {
            let span = entry_span(root, entry, "from");
            if !entry.from.is_empty() {
                let sum: f64 = entry.from.iter().map(|(_, share)| share.0).sum();
                if (sum - 1.0).abs() > SHARE_SLACK {
                    let whole = significant(sum * 100.0);
                    let terms: Vec<String> = entry.from.iter().map(|(_, share)| share.to_string()).collect();
                    self.refuse(
                        "shares-not-whole",
                        format!(
                            "where the requests of {} come from adds up to {whole}%, not 100%",
                            shown(&entry.operation)
                        ),
                        span,
                        Some(format!("{} = {whole}%", terms.join(" + "))),
                        "",
                    );
                }
                for (region, _) in &entry.from {
                    if !brief.regions.iter().any(|(known, _)| known == region) {
                        let known: Vec<String> = brief.regions.iter().map(|(region, _)| shown(region)).collect();
                        self.refuse(
                            "unknown-region",
                            format!(
                                "requests of {} come from {}, where no user is",
                                shown(&entry.operation),
                                shown(region)
                            ),
                            span,
                            Some(format!("`regions` says where the users are: {}", known.join(", "))),
                            "add it to `regions` with its share, or take it away here",
                        );
                    }
                }
            }
            if entry.by.as_deref() == Some("tenant") && brief.tenants.is_none() {
                let headline =
                    format!("{} is parted by tenant, and the brief has no `tenants`", shown(&entry.operation));
                self.warn("no-tenants", headline, entry.operation.span, None, "write `tenants: { count: ... }`");
            }
        }
    }

    /// Modules that wait for one another's deployment.
    fn check_waiting(&mut self, brief: &Brief) {
        let index: HashMap<&str, usize> =
            brief.modules.iter().enumerate().map(|(n, module)| (module.name.as_str(), n)).collect();
        for module in &brief.modules {
            let names: Vec<(String, Span)> =
                module.waits_for.iter().map(|name| (name.value.clone(), name.span)).collect();
            self.twice("waits-for-deploy-of", &names);
        }
        // Each module that can be reached from itself, told once: the first of its circle in file order.
        let mut told: HashSet<usize> = HashSet::new();
        for start in 0..brief.modules.len() {
            if told.contains(&start) || self.is_full() {
                continue;
            }
            let (mut came, mut todo) = (HashMap::new(), vec![start]);
            while let Some(n) = todo.pop() {
                for next in brief.modules[n].waits_for.iter().filter_map(|name| index.get(name.as_str())) {
                    if !came.contains_key(next) {
                        came.insert(*next, n);
                        todo.push(*next);
                    }
                }
            }
            if !came.contains_key(&start) {
                continue;
            }
            let mut circle = vec![start];
            let mut at = came[&start];
            while at != start && circle.len() <= brief.modules.len() {
                circle.push(at);
                at = came[&at];
            }
            circle.push(start);
            told.extend(&circle);
            circle.reverse();
            let names: Vec<String> = circle.iter().map(|n| shown(&brief.modules[*n].name)).collect();
            self.refuse(
                "cycle",
                format!("{} waits for its own deployment", names[0]),
                brief.modules[start].name.span,
                Some(names.join(" waits for ")),
                "modules that wait for one another are one deployment: merge them, or break the circle",
            );
        }
    }

    fn check_opening(&mut self, brief: &Brief, root: &Node) {
        for outside in &brief.outside {
            let Some(if_down) = &outside.opening.if_down else { continue };
            let span = self.key_span(root, &["outside", outside.name.as_str(), "if-down"]);
            let said = root.get("outside").and_then(|all| all.get(&outside.name)).and_then(|one| one.get("if-down"));
            if said.is_some_and(|node| matches!(&node.kind, NodeKind::Map(entries) if entries.is_empty())) {
                self.refuse(
                    "says-nothing",
                    format!("what may be done while {} is down isn't said", shown(&outside.name)),
                    span,
                    None,
                    "write `if-down: { hold: 4h }` or `if-down: { accept-below: 50 EUR }`",
                );
            }
            if if_down.hold == Some(Seconds(0.0)) {
                let headline = format!("what is meant for {} is kept for no time", shown(&outside.name));
                self.refuse("no-time", headline, span, None, "write a time above `0s`, or leave `hold` out");
            }
        }
    }

    fn check_audit(&mut self, brief: &Brief, root: &Node) {
        let Some(audit) = &brief.audit else { return };
        let span = self.key_span(root, &["audit"]);
        if audit.of.is_empty() {
            let help = "write `of: [ ... ]` with the data sets whose changes must be provable";
            self.refuse("says-nothing", "the audit is of nothing".into(), span, None, help);
        }
        let names: Vec<(String, Span)> = audit.of.iter().map(|name| (name.value.clone(), name.span)).collect();
        self.twice("audit.of", &names);
        for (nth, set) in audit.of.iter().enumerate() {
            if audit.of[..nth].iter().any(|earlier| earlier.value == set.value) {
                continue;
            }
            let writes = |module: &crate::brief::Module| {
                let mut writes = module.operations.iter().flat_map(|operation| &operation.writes);
                writes.any(|write| write.to.value == set.value)
            };
            let writers: Vec<&crate::brief::Module> = brief.modules.iter().filter(|module| writes(module)).collect();
            if audit.one_owner && writers.len() > 1 {
                let names = writers.iter().map(|module| module.name.as_str());
                self.refuse(
                    "two-writers",
                    format!("one module alone may write {}, and {} do", shown(set), writers.len()),
                    set.span,
                    Some(format!("it is written by {}", names.map(shown).collect::<Vec<_>>().join(", "))),
                    "let the others call its owner, or take `one-owner` away",
                );
            }
            let kept = brief.data_set(set).and_then(|data| data.keep);
            if let (Some(kept), Some(keep)) = (kept, audit.keep)
                && kept < keep
            {
                self.warn(
                    "kept-too-short",
                    format!("{} is gone before its audit ends", shown(set)),
                    set.span,
                    Some(format!("its items are kept for {kept}, entries of the audit for {keep}")),
                    "keep both as long, or keep the entries where they say all that must be provable",
                );
            }
        }
    }

    fn check_schedule(&mut self, brief: &Brief, root: &Node) {
        const DAY: f64 = 86_400.0;
        let names: Vec<(String, Span)> =
            brief.schedule.iter().map(|run| (run.name.value.clone(), run.name.span)).collect();
        self.twice("schedule", &names);
        for run in &brief.schedule {
            let rate = run.rate();
            if run.done_within.0 <= 0.0 {
                let headline = format!("{} has no time to be done in", shown(&run.name));
                self.refuse("no-time", headline, run.name.span, None, "`done-within` is above `0s`");
            } else if rate.0 > MAX_LOAD {
                self.refuse(
                    "load-too-high",
                    format!("{} is beyond what can be planned", shown(&run.name)),
                    run.name.span,
                    Some(format!("{} items in {} = {rate}", significant(run.items), run.done_within)),
                    "at most 1G/s",
                );
            } else if run.done_within.0 > DAY {
                self.warn(
                    "runs-overlap",
                    format!("{} may still be at work when it begins again", shown(&run.name)),
                    run.name.span,
                    Some(format!("it begins every day and may take {}", run.done_within)),
                    "at most `24h`, or say how several runs share the work",
                );
            }
        }
        let Some(control) = &brief.change_control else { return };
        let frozen: u32 = control.freeze.iter().map(|days| u32::from(days.count())).sum();
        if frozen >= 365 {
            let each: Vec<String> = control.freeze.iter().map(|days| format!("{days} ({})", days.count())).collect();
            self.refuse(
                "never-changes",
                "nothing is ever changed: the freezes fill the year".into(),
                self.key_span(root, &["change-control", "freeze"]),
                Some(format!("{} = {frozen} of 365 days", each.join(" + "))),
                "shorten `freeze`",
            );
        }
    }

    fn check_vendors(&mut self, brief: &Brief, root: &Node) {
        let Some(vendors) = &brief.vendors else { return };
        if vendors.largest_share == Some(Share(0.0))
            && brief.platform.get("data-centre").is_none_or(|own| *own == crate::brief::Degree::No)
        {
            let span = self.key_span(root, &["vendors", "largest-share"]);
            self.refuse(
                "nobody-carries-it",
                "no vendor may carry anything, and there is no data centre of our own".into(),
                span,
                Some("`vendors.largest-share: 0%` with `platform.data-centre: no`".into()),
                "raise the share, or say `data-centre: yes`",
            );
        }
        for class in vendors.on_premises.iter().filter(|class| class.value != "keys") {
            self.check_held(brief, class, "on-premises");
        }
    }

    /// A class of data that no data set holds binds nothing.
    pub(super) fn check_held(&mut self, brief: &Brief, class: &Located<String>, what: &str) {
        if brief.data.iter().any(|data| data.holds.contains(&class.value)) {
            return;
        }
        self.warn(
            "binds-nothing",
            format!("no data set holds {}, so `{what}` binds nothing", shown(class)),
            class.span,
            None,
            &format!("write `holds: [{}]` at the data sets that hold it", class.value),
        );
    }
}

fn told(lost: Lost) -> &'static str {
    match lost {
        Lost::Zone => "zone",
        Lost::Region => "region",
        Lost::Data => "data set",
    }
}
