//! What a brief says about people, labels, models, tenants and the system of today, held against itself and the rest of
//! the brief.

use super::Reader;
use super::brief_limits::SHARE_SLACK;
use crate::brief::{Ai, Brief, Labels, Lost, Tenants, Today};
use crate::physics;
use crate::span::{Located, Span};
use crate::text::shown;
use crate::units::{PerSecond, Seconds, Share, significant};
use crate::yaml::Node;
use std::collections::HashSet;

impl Reader<'_> {
    pub(super) fn check_labels(&mut self, labels: &Labels, root: &Node) {
        let span = self.key_span(root, &["labels"]);
        if labels.order.is_empty() {
            let help = "write `order: [public, internal]`";
            self.refuse("says-nothing", "there are no labels".into(), span, None, help);
            return;
        }
        let list = |names: &[Located<String>]| -> Vec<(String, Span)> {
            names.iter().map(|name| (name.value.clone(), name.span)).collect()
        };
        self.twice("labels.order", &list(&labels.order));
        self.twice("labels.may-leave", &list(&labels.may_leave));
        let share_span = self.key_span(root, &["labels", "share"]);
        if !labels.share.is_empty() {
            let sum: f64 = labels.share.iter().map(|share| share.0).sum();
            let terms: Vec<String> = labels.share.iter().map(Share::to_string).collect();
            if labels.share.len() != labels.order.len() {
                self.refuse(
                    "shares-not-whole",
                    format!("there are {} labels and {} shares", labels.order.len(), labels.share.len()),
                    share_span,
                    None,
                    "one share for each label, in the same order",
                );
            } else if (sum - 1.0).abs() > SHARE_SLACK {
                let whole = significant(sum * 100.0);
                self.refuse(
                    "shares-not-whole",
                    format!("the shares of the labels add up to {whole}%, not 100%"),
                    share_span,
                    Some(format!("{} = {whole}%", terms.join(" + "))),
                    "",
                );
            }
        }
        let declared: Vec<(&str, Span)> = labels.order.iter().map(|label| (label.value.as_str(), label.span)).collect();
        for (label, place) in &labels.places {
            if !declared.iter().any(|(known, _)| *known == label.value) {
                let diagnostic = self.unknown_name("unknown-label", "label", label, &declared);
                self.push(diagnostic);
            }
            // Others may have machines in a region; nobody else has any on our premises.
            if place.value == "on-premises" && labels.may_leave.iter().any(|free| free.value == label.value) {
                self.refuse(
                    "bound-and-free",
                    format!("{} must stay in {} and may leave", shown(label), shown(place)),
                    place.span,
                    None,
                    "take it out of `may-leave` or of `places`",
                );
            }
        }
        let free = |label: &Located<String>| labels.may_leave.iter().any(|free| free.value == label.value);
        for pair in labels.order.windows(2) {
            if !free(&pair[0]) && free(&pair[1]) {
                self.warn(
                    "label-out-of-order",
                    format!("{} may leave and {}, which more may see, may not", shown(&pair[1]), shown(&pair[0])),
                    pair[1].span,
                    None,
                    "`order` begins with what all may see",
                );
            }
        }
    }

    pub(super) fn check_people(&mut self, brief: &Brief, root: &Node) {
        let Some(people) = brief.people else { return };
        let span = self.key_span(root, &["people"]);
        if people.count < 1.0 {
            self.refuse("nobody", "nobody uses it".into(), span, None, "at least one of `people.count`");
            return;
        }
        let peaks: f64 = brief.load.iter().map(|entry| entry.rate.high.0 * entry.peak.high).sum();
        let asked = people.rate().0;
        if peaks > 0.0 && asked > peaks * 1.5 {
            self.warn(
                "people-ask-more",
                "the people ask for more than the load says".into(),
                span,
                Some(format!(
                    "{} people x {} x {} = {} at the peak; the peaks of the load add up to {}",
                    significant(people.count),
                    people.active_at_peak,
                    people.each,
                    PerSecond(asked),
                    PerSecond(peaks)
                )),
                "raise the rates of `load`, or lower `active-at-peak` or `each`",
            );
        }
    }

    pub(super) fn check_ai(&mut self, brief: &Brief, ai: &Ai, root: &Node) {
        let at = |reader: &Self, path: &[&str]| reader.key_span(root, path);
        if let Some(corpus) = ai.corpus {
            if corpus.documents < 1.0 {
                let span = at(self, &["ai", "corpus", "documents"]);
                self.refuse(
                    "nothing-to-search",
                    "the corpus has no documents".into(),
                    span,
                    None,
                    "leave `corpus` out",
                );
            }
            if let (Some(freshness), Some(every)) = (corpus.freshness, ai.reindex_every)
                && freshness > every
            {
                let span = at(self, &["ai", "corpus", "freshness"]);
                self.warn(
                    "binds-nothing",
                    "everything is embedded anew before a change must be found".into(),
                    span,
                    Some(format!("found within {freshness}, embedded anew every {every}")),
                    "`reindex-every` is for a new model and is the longer of the two",
                );
            }
        }
        if ai.reindex_every == Some(Seconds(0.0)) {
            let span = at(self, &["ai", "reindex-every"]);
            self.refuse(
                "no-time",
                "everything is embedded anew without a pause".into(),
                span,
                None,
                "a time above `0s`",
            );
        }
        if let Some(answer) = &ai.answer {
            if let (Some(first), Some(done)) = (answer.first_token, answer.done)
                && first > done
            {
                self.refuse(
                    "first-after-last",
                    "the first token may come after the last".into(),
                    at(self, &["ai", "answer", "first-token"]),
                    Some(format!("first within {first}, last within {done} (p95 of both)")),
                    "`first-token` is the shorter",
                );
            }
            for (key, target) in [("first-token", answer.first_token), ("done", answer.done)] {
                if target == Some(Seconds(0.0)) {
                    let span = at(self, &["ai", "answer", key]);
                    self.refuse("no-time", format!("there is no time for `{key}`"), span, None, "a p95 is above `0ms`");
                }
            }
            if answer.tokens_out.mean() <= 0.0 {
                let span = at(self, &["ai", "answer", "tokens-out"]);
                self.refuse("out-of-range", "an answer has no tokens".into(), span, None, "at least one token");
            }
        }
        if let Some(quality) = ai.quality {
            for (key, share) in [("grounded", quality.grounded), ("recall-at-10", quality.recall)] {
                if share.is_some_and(|share| share.0 >= 1.0) {
                    self.refuse(
                        "never-fails",
                        format!("no model reaches 100% of `{key}`"),
                        at(self, &["ai", "quality", key]),
                        Some(
                            "it is measured on a sample of questions, and one miss in all of them would break it"
                                .into(),
                        ),
                        "write a share such as `97%`",
                    );
                }
            }
        }
        if let Some(log) = &ai.prompt_log {
            let span = at(self, &["ai", "prompt-log", "redact"]);
            for class in &log.redact {
                self.check_held(brief, &Located::new(class.clone(), span), "redact");
            }
            if let Some(delete) = brief.tenants.as_ref().and_then(|tenants| tenants.delete_within)
                && delete < log.keep
            {
                self.warn(
                    "kept-too-long",
                    "questions and answers outlive the tenant who asked".into(),
                    at(self, &["ai", "prompt-log", "keep"]),
                    Some(format!("kept for {}, and a tenant's data is gone within {delete}", log.keep)),
                    "keep them shorter, or delete them by tenant",
                );
            }
        }
        if let Some(agents) = &ai.agents
            && agents.steps.mean() < 1.0
        {
            let span = at(self, &["ai", "agents", "steps"]);
            self.refuse(
                "out-of-range",
                "a request takes less than one step".into(),
                span,
                None,
                "at least 1 on average",
            );
        }
    }

    pub(super) fn check_brief_tenants(&mut self, brief: &Brief, tenants: &Tenants, root: &Node) {
        let at = |reader: &Self, path: &[&str]| reader.key_span(root, path);
        if tenants.count == 0 {
            let span = at(self, &["tenants", "count"]);
            self.refuse("nobody", "there are no tenants".into(), span, None, "leave `tenants` out");
            return;
        }
        let in_tiers = tenants.in_tiers(|_| true);
        if in_tiers > tenants.count {
            let each: Vec<String> =
                tenants.tiers.iter().map(|tier| format!("{} in {}", tier.count, shown(&tier.name))).collect();
            self.refuse(
                "more-than-there-are",
                "more tenants are in tiers than there are".into(),
                at(self, &["tenants", "tiers"]),
                Some(format!("{} = {in_tiers}, and `count` is {}", each.join(" + "), tenants.count)),
                "raise `count`, or lower the counts of the tiers",
            );
        }
        if let Some(share) = tenants.share {
            let least = 1.0 / tenants.count as f64;
            if share.biggest.0 < least * 0.999 {
                self.refuse(
                    "biggest-below-mean",
                    "the biggest tenant brings less than the mean one".into(),
                    at(self, &["tenants", "share", "biggest"]),
                    Some(format!(
                        "{} tenants: the mean one brings {}, the biggest {}",
                        tenants.count,
                        Share(least),
                        share.biggest
                    )),
                    "raise `biggest`",
                );
            } else if share.biggest.0 >= 1.0 && tenants.count > 1 {
                self.refuse(
                    "shares-not-whole",
                    "the biggest tenant brings all of the load".into(),
                    at(self, &["tenants", "share", "biggest"]),
                    Some(format!("the other {} bring nothing", tenants.count - 1)),
                    "lower `biggest`",
                );
            }
        }
        if let Some(promise) = tenants.promise {
            for (key, value, why) in [
                ("others-p99", promise.others_p99, "nothing gets faster because one tenant asks more"),
                ("when-one", promise.when_one, "a tenant that asks less disturbs nobody"),
            ] {
                if value < 1.0 {
                    let span = at(self, &["tenants", "promise", key]);
                    let headline = format!("`{key}` is below 1x");
                    self.refuse("out-of-range", headline, span, Some(why.into()), "at least `1x`");
                }
            }
            if tenants.count == 1 {
                let span = at(self, &["tenants", "promise"]);
                self.warn("binds-nothing", "there are no other tenants to promise anything".into(), span, None, "");
            }
        }
        let whole = brief.recovery.iter().find(|item| item.lost == Lost::Data);
        if let (Some(one), Some(whole)) = (tenants.restore_one, whole) {
            for (what, one, whole) in [("rto", one.rto, whole.rto), ("rpo", one.rpo, whole.rpo)] {
                if one > whole {
                    self.warn(
                        "binds-nothing",
                        format!("one tenant may wait longer than all together ({what})"),
                        at(self, &["tenants", "restore-one"]),
                        Some(format!("one tenant: {one}; all data lost: {whole}")),
                        "`restore-one` is for a single tenant's mistake and is usually the shorter",
                    );
                }
            }
        }
        if let Some(delete) = tenants.delete_within {
            let span = at(self, &["tenants", "delete-within"]);
            if delete.0 <= 0.0 {
                self.refuse("no-time", "a tenant's data is gone in no time".into(), span, None, "a time above `0s`");
            }
            if let Some(keep) = brief.audit.as_ref().and_then(|audit| audit.keep).filter(|keep| *keep > delete) {
                self.warn(
                    "kept-too-long",
                    "entries of the audit outlive the tenant they speak of".into(),
                    span,
                    Some(format!("kept for {keep}, and a tenant's data is gone within {delete}")),
                    "keep in the audit what doesn't name the tenant, or encrypt it with a key that is destroyed",
                );
            }
        }
    }

    pub(super) fn check_today(&mut self, brief: &Brief, today: &Today, root: &Node) {
        let at = |reader: &Self, path: &[&str]| reader.key_span(root, path);
        let pairs = |list: Vec<(&Located<String>, &Located<String>)>| -> Vec<(String, Span)> {
            list.into_iter()
                .filter(|(one, other)| !one.is_empty() && !other.is_empty())
                .map(|(one, other)| (format!("{}.{}", one.value, other.value), one.span))
                .collect()
        };
        self.twice("today.coupling", &pairs(today.coupling.iter().map(|one| (&one.from, &one.to)).collect()));
        self.twice("today.trouble", &pairs(today.trouble.iter().map(|one| (&one.blocked, &one.by)).collect()));
        let fixed: Vec<(String, Span)> =
            today.fixed.iter().map(|one| (one.keep.value.clone(), one.keep.span)).collect();
        self.twice("today.fixed", &fixed);
        let alone = today.coupling.iter().map(|one| (&one.from, &one.to));
        for (one, other) in alone.chain(today.trouble.iter().map(|one| (&one.blocked, &one.by))) {
            if one.value == other.value && !one.is_empty() {
                let headline = format!("{} is named twice here", shown(one));
                self.refuse("with-itself", headline, one.span, None, "name two modules, or take the line away");
            }
        }
        for one in &today.coupling {
            if one.calls_per_request.is_some_and(|calls| !(0.0..=1e6).contains(&calls)) {
                let headline = format!("{} can't call {} so often for one request", shown(&one.from), shown(&one.to));
                self.refuse("out-of-range", headline, one.from.span, None, "between 0 and 1000000");
            }
        }
        for one in today.deployables.iter().filter(|one| one.replicas == Some(0)) {
            let headline = format!("{} doesn't run", shown(&one.name));
            self.refuse("out-of-range", headline, one.name.span, None, "at least 1 of `replicas`");
        }
        let mut operations: Vec<(String, Span)> = Vec::new();
        for module in &brief.modules {
            let paths = module.operations.iter().map(|one| (format!("{}.{}", *module.name, *one.name), one.name.span));
            operations.extend(paths);
        }
        let declared: Vec<(&str, Span)> = operations.iter().map(|(name, span)| (name.as_str(), *span)).collect();
        for measured in &today.measured {
            if !declared.iter().any(|(known, _)| *known == measured.operation.value) && !self.is_full() {
                let diagnostic = self.unknown_name("unknown-operation", "operation", &measured.operation, &declared);
                self.push(diagnostic);
            }
        }
        let Some(moving) = today.moving else { return };
        if moving.people > brief.team.engineers {
            self.refuse(
                "more-than-there-are",
                "more people move it than there are".into(),
                at(self, &["today", "move", "people"]),
                Some(format!("{} to move it, {} engineers", moving.people, brief.team.engineers)),
                "raise `team.engineers`, or lower `people`",
            );
        }
        if moving.people == 0 {
            let span = at(self, &["today", "move", "people"]);
            self.refuse("nobody", "nobody moves it".into(), span, None, "at least one, or leave `move` out");
        }
        if moving.within.0 <= 0.0 {
            let span = at(self, &["today", "move", "within"]);
            self.refuse("no-time", "there is no time to move it in".into(), span, None, "a time above `0d`");
        } else if moving.downtime.is_some_and(|downtime| downtime >= moving.within) {
            self.warn(
                "binds-nothing",
                "it may stand still for as long as the move takes".into(),
                at(self, &["today", "move", "downtime"]),
                Some(format!("still for {}, moved within {}", moving.downtime.unwrap_or_default(), moving.within)),
                "leave `downtime` out, or shorten it",
            );
        }
    }

    /// Regions that data must stay in: where nobody knows where they are, no bound of light is checked.
    pub(super) fn check_homes(&mut self, brief: &Brief, root: &Node) {
        let mut homes: Vec<(&str, Span)> = Vec::new();
        let span = self.key_span(root, &["residency"]);
        homes.extend(brief.residency.iter().map(|(_, region)| (region.as_str(), span)));
        for tier in brief.tenants.iter().flat_map(|tenants| &tenants.tiers) {
            homes.extend(tier.residency.as_deref().map(|region| (region, tier.name.span)));
        }
        for (_, place) in brief.labels.iter().flat_map(|labels| &labels.places) {
            if place.value != "on-premises" {
                homes.push((place.value.as_str(), place.span));
            }
        }
        let known = |region: &str| {
            brief.regions.iter().any(|(known, _)| known == region) || physics::distance_km(region, "eu-west").is_some()
        };
        let mut told = HashSet::new();
        for (region, span) in homes {
            if !known(region) && told.insert(region.to_string()) {
                let names = physics::REGIONS.iter().map(|(name, ..)| *name);
                let near = crate::diagnostic::guess(region, names);
                let help = match near {
                    Some(near) => format!("did you mean {}?", shown(near)),
                    None => "name a region of `regions`, or one whose place is known, such as `eu-central`".into(),
                };
                self.warn(
                    "unknown-place",
                    format!("nobody knows where {} is", shown(region)),
                    span,
                    Some("no user is there, and no distance to it is known: light is not held against it".into()),
                    &help,
                );
            }
        }
    }
}
