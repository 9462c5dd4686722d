//! Measures of what few briefs speak of: regulated work, people, labels and models, tenants, the system of today, and
//! how single data sets are asked. Where a brief doesn't say something, the value stands for "no limit" or "none".

use super::{FIXED, FOREVER, LOAD, MIX, Measure, Way, module, of, ratio, set};
use crate::constraint::{self, Class, keys};
use crate::rule::Scope::{Brief, Module, Set};
use crate::view::{Subject, View};
use groundplan_model::brief::{CoupledBy, Isolation};

/// What the brief says at a path of the table, or something else where it says nothing.
fn said(view: &View, path: &str, unsaid: f64) -> f64 {
    values(view, path).next().unwrap_or(unsaid)
}

/// The largest of what the brief says at the paths of all items.
fn most(view: &View, path: &str, unsaid: f64) -> f64 {
    values(view, path).reduce(f64::max).unwrap_or(unsaid)
}

/// The smallest.
fn least(view: &View, path: &str, unsaid: f64) -> f64 {
    values(view, path).reduce(f64::min).unwrap_or(unsaid)
}

fn values<'a>(view: &'a View, path: &str) -> impl Iterator<Item = f64> + use<'a> {
    keys::find(path).into_iter().flat_map(|key| key.values(view.brief))
}

fn flag(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// A measure that is what one key says: `which` picks among several items of the same key.
macro_rules! key {
    ($name:literal, $unit:literal, $which:ident, $path:literal, $unsaid:expr, $manual:literal) => {
        of(Brief, $name, $unit, &[(Class::Key($path), Way::Up)], $manual, |view, _| $which(view, $path, $unsaid))
    };
}

/// A measure that no numeric constraint moves.
macro_rules! fixed {
    ($name:literal, $manual:literal, |$view:ident| $value:expr) => {
        of(Brief, $name, "1", FIXED, $manual, |$view, _| $value)
    };
}

/// How often a data set is asked in one way.
macro_rules! access {
    ($name:literal, $place:literal, $kind:literal, $manual:literal) => {
        of(Set, $name, "/s", &[(Class::Access($place), Way::Up)], $manual, |view, subject| {
            constraint::access(view.brief, set(subject), $kind)
        })
    };
}

const TIER_COUNT: (Class, Way) = (Class::Key("tenants.tiers.*.count"), Way::Up);
const PEOPLE: &[(Class, Way)] = &[
    (Class::Key("people.count"), Way::Up),
    (Class::Key("people.active-at-peak"), Way::Up),
    (Class::Key("people.each"), Way::Up),
];

const PEOPLE_AT_PEAK: &[(Class, Way)] = &[PEOPLE[0], PEOPLE[1]];
const TOKENS: &[(Class, Way)] = &[
    PEOPLE[0],
    PEOPLE[1],
    PEOPLE[2],
    LOAD[0],
    LOAD[1],
    LOAD[2],
    LOAD[3],
    (Class::Key("ai.answer.tokens-out"), Way::Up),
];

/// Requests at the peak: those of the people where the brief counts them, else those of the load at the horizon.
fn asked(view: &View) -> f64 {
    view.brief.people.map_or_else(|| view.rate.iter().sum(), |people| people.rate().0)
}

fn in_tiers(view: &View, holds: impl Fn(&groundplan_model::brief::Tier) -> bool) -> f64 {
    view.brief.tenants.as_ref().map_or(0.0, |tenants| tenants.in_tiers(holds) as f64)
}

/// Size of the answers that the entry points give in a second, at the horizon's peak. Unit: bytes per second.
fn answer_flow(view: &View) -> f64 {
    let size = |entry: usize| {
        let (m, o) = view.frame.ops[view.frame.entry_op[entry]?];
        Some(view.brief.modules[m].operations[o].response.0)
    };
    (0..view.rate.len()).map(|entry| view.rate[entry] * size(entry).unwrap_or(0.0)).sum()
}

/// The strictest p99 until an answer, or until it is accepted.
fn strictest(view: &View) -> f64 {
    let targets = view.brief.load.iter().flat_map(|entry| [entry.p99, entry.accepted_p99]).flatten();
    targets.map(|target| target.must.0).fold(FOREVER, f64::min)
}

/// Classes of data that must stay in a region where fewer users are than in the largest.
fn outside_main(view: &View) -> f64 {
    let largest = view.brief.regions.iter().map(|(_, share)| share.0).fold(0.0, f64::max);
    let main = view.brief.regions.iter().find(|(_, share)| share.0 >= largest).map(|(region, _)| region);
    view.brief.residency.iter().filter(|(_, region)| main.is_some_and(|main| main != region)).count() as f64
}

fn operations<'a>(view: &'a View) -> impl Iterator<Item = &'a groundplan_model::brief::DomainOperation> {
    view.brief.modules.iter().flat_map(|module| &module.operations)
}

/// Whether an entry point whose requests are parted by tenant reaches a data set.
fn by_tenant(view: &View, set: usize) -> bool {
    let tenants = |entry: &usize| view.brief.load[*entry].by.as_deref() == Some("tenant");
    (0..view.brief.load.len()).filter(tenants).any(|entry| {
        let visited = |op: &usize| view.frame.visits[entry][*op] > 0.0;
        (0..view.frame.ops.len()).filter(visited).any(|op| view.touches(op, set))
    })
}

fn today<T>(view: &View, value: impl Fn(&groundplan_model::brief::Today) -> T) -> T
where
    T: Default,
{
    view.brief.today.as_ref().map(value).unwrap_or_default()
}

/// How many times its target an entry point takes today.
fn late(view: &View, measured: &groundplan_model::brief::Measured) -> Option<f64> {
    let entry = view.brief.load.iter().find(|entry| entry.operation.value == measured.operation.value)?;
    let target = entry.p99.or(entry.accepted_p99)?.must.0;
    Some(measured.p99?.0 / target.max(1e-9))
}

/// The worst co-change of one module with any other.
fn co_change(view: &View, name: &str) -> f64 {
    today(view, |today| {
        let own = today.coupling.iter().filter(|one| one.from.value == name || one.to.value == name);
        own.filter_map(|one| one.co_change).map(|share| share.0).fold(0.0, f64::max)
    })
}

/// How often deployments of one module wait for others. Unit: per second.
fn blocked(view: &View, name: &str) -> f64 {
    today(view, |today| {
        today.trouble.iter().filter(|one| one.blocked.value == name).map(|one| one.times.0).sum::<f64>()
    })
}

fn name_of(view: &View, subject: Subject) -> String {
    view.brief.modules[module(subject)].name.value.clone()
}

/// Every such quantity. To add one: a line here; a key of the brief that it moves with stands in `constraint::keys`.
pub(super) static TOPICS: &[Measure] = &[
    // Load, domain and regions.
    fixed!("load.by-tenant", "One if an entry point's requests are parted by tenant.", |v| flag(
        v.brief.load.iter().any(|entry| entry.by.as_deref() == Some("tenant"))
    )),
    of(Brief, "load.answer-flow", "B/s", LOAD, "Bytes of answers to the users at the horizon's peak.", |v, _| {
        answer_flow(v)
    }),
    of(
        Brief,
        "load.entry-p99-least",
        "s",
        &[(Class::P99, Way::Up), (Class::Key("load.*.accepted.p99"), Way::Up)],
        "The strictest p99 of an entry point, until its answer or until it is accepted; very long without one.",
        |v, _| strictest(v),
    ),
    of(Brief, "growth", "share", &[(Class::Growth, Way::Up)], "Growth of the load in a year, as a share.", |v, _| {
        v.brief.growth.mid()
    }),
    fixed!("domain.order-per", "Operations whose order must be kept for something.", |v| {
        operations(v).filter(|operation| operation.order_per.is_some()).count() as f64
    }),
    fixed!("domain.effect-once", "Operations that must not act twice.", |v| {
        operations(v).filter(|operation| operation.effect_once).count() as f64
    }),
    of(Brief, "domain.longest-work", "s", FIXED, "The longest mean work of one operation.", |v, _| {
        operations(v).map(|operation| operation.work.mean()).fold(0.0, f64::max)
    }),
    fixed!("domain.waits-for-deploy", "Modules that can't be released before another one is.", |v| {
        v.brief.modules.iter().filter(|module| !module.waits_for.is_empty()).count() as f64
    }),
    of(
        Brief,
        "regions.round-trip",
        "s",
        FIXED,
        "Light in fibre there and back between the two farthest regions with more than 1% of the users; zero with one.",
        |v, _| v.frame.round_trip,
    ),
    fixed!("residency.outside-main", "Classes of data that must stay in a region other than the largest.", |v| {
        outside_main(v)
    }),
    // Outages, recovery of data, releases.
    key!("outages.every", "s", said, "availability.outages.every", FOREVER, "The least time between two outages."),
    key!("outages.last", "s", said, "availability.outages.last", FOREVER, "How long an outage may last."),
    key!("outages.errors", "share", said, "availability.errors", 1.0, "Share that may fail outside of outages."),
    key!("recovery.data.rto", "s", said, "recovery.data.rto", FOREVER, "Time until lost data is back."),
    key!("recovery.data.rpo", "s", said, "recovery.data.rpo", FOREVER, "Age of what may be lost with the data."),
    key!("recovery.offline-copy", "1", said, "recovery.data.copy", 0.0, "One if a copy must lie offline."),
    key!("releases.failed", "share", said, "releases.failed", 0.0, "Share of releases that fail today."),
    key!("releases.restore", "s", said, "releases.restore", 0.0, "Time until a failed release is restored."),
    // Regulated work.
    fixed!("audit.sets", "Data sets whose changes must be provable.", |v| {
        v.brief.audit.as_ref().map_or(0.0, |audit| audit.of.len() as f64)
    }),
    key!("audit.total-order", "1", said, "audit.order", 0.0, "One if all entries must stand in one order."),
    key!("audit.tamper-evident", "1", said, "audit.tamper-evident", 0.0, "One if a later change must be seen."),
    key!("audit.one-owner", "1", said, "audit.one-owner", 0.0, "One if a single module may write entries."),
    key!("audit.keep", "s", said, "audit.keep", 0.0, "How long entries are kept."),
    fixed!("schedule.runs", "Runs by the clock.", |v| v.brief.schedule.len() as f64),
    of(
        Brief,
        "schedule.items-per-second",
        "/s",
        &[(Class::Key("schedule.*.items"), Way::Up), (Class::Key("schedule.*.done-within"), Way::Down)],
        "Items a second that the most pressing run must handle to be done in time.",
        |v, _| v.brief.schedule.iter().map(|run| run.rate().0).fold(0.0, f64::max),
    ),
    key!("vendors.exit-within", "s", said, "vendors.exit-within", FOREVER, "Time in which a vendor can be left."),
    key!("vendors.largest-share", "share", said, "vendors.largest-share", 1.0, "The most that one vendor may carry."),
    fixed!("vendors.on-premises", "Classes of data, or keys, that stay on machines of our own.", |v| {
        v.brief.vendors.as_ref().map_or(0.0, |vendors| vendors.on_premises.len() as f64)
    }),
    key!("change-control.two-person", "1", said, "change-control.approval", 0.0, "One if two persons must approve."),
    fixed!("change-control.freezes", "Stretches of the year without changes.", |v| {
        v.brief.change_control.as_ref().map_or(0.0, |control| control.freeze.len() as f64)
    }),
    fixed!("outside.count", "Things that are called and not owned.", |v| v.brief.outside.len() as f64),
    fixed!("outside.with-fallback", "Those for which the brief says what may be done while they are down.", |v| {
        v.brief.outside.iter().filter(|outside| outside.opening.if_down.is_some()).count() as f64
    }),
    fixed!("outside.with-hours", "Those that are open for some hours of the day only.", |v| {
        v.brief.outside.iter().filter(|outside| outside.opening.hours.is_some()).count() as f64
    }),
    key!("outside.weakest", "share", least, "outside.*.availability", 1.0, "The lowest availability among them."),
    // People and labels.
    key!("people.count", "people", said, "people.count", 0.0, "People who may use it."),
    of(Brief, "people.at-peak", "people", PEOPLE_AT_PEAK, "People who are at it at the peak.", |v, _| {
        v.brief.people.map_or(0.0, |people| people.at_peak())
    }),
    of(Brief, "people.rate", "/s", PEOPLE, "What they ask together at the peak.", |v, _| {
        v.brief.people.map_or(0.0, |people| people.rate().0)
    }),
    fixed!("labels.count", "Labels that items carry.", |v| {
        v.brief.labels.as_ref().map_or(0.0, |labels| labels.order.len() as f64)
    }),
    fixed!("labels.pinned", "Labels that are bound to a place.", |v| {
        v.brief.labels.as_ref().map_or(0.0, |labels| labels.places.len() as f64)
    }),
    of(Brief, "labels.may-not-leave-share", "share", FIXED, "Share of the items that may not go to others.", |v, _| {
        v.brief.labels.as_ref().map_or(0.0, |labels| labels.kept_share().0)
    }),
    // Retrieval and models.
    fixed!("ai.present", "One if the brief speaks of retrieval or models.", |v| flag(v.brief.ai.is_some())),
    key!("ai.documents", "1", said, "ai.corpus.documents", 0.0, "Documents that are searched."),
    key!("ai.corpus-size", "B", said, "ai.corpus.size", 0.0, "Their size."),
    key!("ai.corpus-changes", "/s", said, "ai.corpus.changes", 0.0, "How many are new or change."),
    key!("ai.freshness", "s", said, "ai.corpus.freshness", FOREVER, "Time in which a change must be found."),
    key!("ai.reindex-every", "s", said, "ai.reindex-every", FOREVER, "How often everything is embedded anew."),
    fixed!("ai.rights", "One if not everybody may see everything.", |v| {
        flag(v.brief.ai.as_ref().is_some_and(|ai| ai.rights.is_some()))
    }),
    key!("ai.rights-changes", "/s", said, "ai.rights.changes", 0.0, "Rights that are given or taken away."),
    key!("ai.revoked-within", "s", said, "ai.rights.revoked-within", FOREVER, "Time in which a lost right binds."),
    key!("ai.filter-before", "1", said, "ai.rights.filter", 0.0, "One if rights are applied before the search."),
    key!("ai.first-token", "s", said, "ai.answer.first-token.p95", FOREVER, "p95 until the first token."),
    key!("ai.done", "s", said, "ai.answer.done.p95", FOREVER, "p95 until the last token."),
    key!("ai.tokens-in", "1", said, "ai.answer.tokens-in", 0.0, "Tokens that go into an answer, mean."),
    key!("ai.tokens-out", "1", said, "ai.answer.tokens-out", 0.0, "Tokens that come out of one, mean."),
    of(
        Brief,
        "ai.tokens-out-at-peak",
        "/s",
        TOKENS,
        "Tokens a second that come out at the peak: of what the people ask, or the load at the horizon.",
        |v, _| asked(v) * said(v, "ai.answer.tokens-out", 0.0),
    ),
    key!("ai.grounded", "share", said, "ai.quality.grounded", 0.0, "Share of answers that documents must bear out."),
    key!("ai.recall", "share", said, "ai.quality.recall-at-10", 0.0, "Recall among the first ten found."),
    of(
        Brief,
        "ai.leaks-none",
        "1",
        &[(Class::Key("ai.quality.leaked"), Way::Down)],
        "One if no answer may show what the asker may not see.",
        |v, _| flag(said(v, "ai.quality.leaked", FOREVER) < 1.0),
    ),
    key!("ai.gpus", "1", said, "ai.gpus.at-most", FOREVER, "The most graphics processors that can be had."),
    fixed!("ai.prompt-log", "One if questions and answers are kept.", |v| {
        flag(v.brief.ai.as_ref().is_some_and(|ai| ai.prompt_log.is_some()))
    }),
    fixed!("ai.prompt-redact", "Classes of data that are taken out of what is kept.", |v| {
        let log = v.brief.ai.as_ref().and_then(|ai| ai.prompt_log.as_ref());
        log.map_or(0.0, |log| log.redact.len() as f64)
    }),
    key!("ai.prompt-log-keep", "s", said, "ai.prompt-log.keep", 0.0, "How long they are kept."),
    fixed!("ai.agents", "One if a model takes steps by itself.", |v| {
        flag(v.brief.ai.as_ref().is_some_and(|ai| ai.agents.is_some()))
    }),
    key!("ai.agent-steps", "1", said, "ai.agents.steps", 0.0, "Steps that one request takes, mean."),
    fixed!("ai.agent-tools", "Things that the model may do.", |v| {
        v.brief.ai.as_ref().and_then(|ai| ai.agents.as_ref()).map_or(0.0, |agents| agents.tools.len() as f64)
    }),
    of(
        Brief,
        "ai.tools-once",
        "1",
        &[(Class::Key("ai.agents.tools.*.effect"), Way::Up)],
        "Those that must not act twice.",
        |v, _| values(v, "ai.agents.tools.*.effect").sum(),
    ),
    fixed!("ai.approvals", "Those that a person approves before they act.", |v| {
        values(v, "ai.agents.tools.*.approve.within").count() as f64
    }),
    key!("ai.human-wait", "s", most, "ai.agents.tools.*.approve.within", 0.0, "The longest that an approval may take."),
    // Tenants.
    key!("tenants.count", "1", said, "tenants.count", 0.0, "Tenants."),
    fixed!("tenants.skew", "How unevenly the rest is spread: the exponent of its law, zero for evenly.", |v| {
        let share = v.brief.tenants.as_ref().and_then(|tenants| tenants.share);
        share.map_or(0.0, |share| share.rest.exponent)
    }),
    key!("tenants.biggest-share", "share", said, "tenants.share.biggest", 0.0, "Share of the biggest tenant."),
    of(
        Brief,
        "tenants.own-store",
        "1",
        &[TIER_COUNT, (Class::Key("tenants.tiers.*.isolation"), Way::Up)],
        "Tenants that have a store or the whole system for themselves.",
        |v, _| in_tiers(v, |tier| tier.isolation >= Isolation::OwnStore),
    ),
    of(
        Brief,
        "tenants.own-cell",
        "1",
        &[TIER_COUNT, (Class::Key("tenants.tiers.*.isolation"), Way::Up)],
        "Tenants that have the whole system for themselves.",
        |v, _| in_tiers(v, |tier| tier.isolation >= Isolation::OwnCell),
    ),
    of(
        Brief,
        "tenants.own-keys",
        "1",
        &[TIER_COUNT, (Class::Key("tenants.tiers.*.keys"), Way::Up)],
        "Tenants with keys of their own.",
        |v, _| in_tiers(v, |tier| tier.own_keys),
    ),
    of(Brief, "tenants.own-residency", "1", &[TIER_COUNT], "Tenants whose data must stay in a region.", |v, _| {
        in_tiers(v, |tier| tier.residency.is_some())
    }),
    key!("tenants.others-p99", "x", said, "tenants.promise.others-p99", FOREVER, "How much slower the others may get."),
    key!("tenants.when-one", "x", said, "tenants.promise.when-one", 1.0, "How much more one tenant asks meanwhile."),
    key!("tenants.restore-rto", "s", said, "tenants.restore-one.rto", FOREVER, "Time until one tenant's data is back."),
    key!("tenants.restore-rpo", "s", said, "tenants.restore-one.rpo", FOREVER, "Age of what one tenant may lose."),
    key!("tenants.delete-within", "s", said, "tenants.delete-within", FOREVER, "Time until a tenant's data is gone."),
    // The system of today.
    fixed!("today.present", "One if there is a system today.", |v| flag(v.brief.today.is_some())),
    fixed!("today.deployables", "What is deployed as one.", |v| today(v, |today| today.deployables.len() as f64)),
    fixed!("today.modules-together", "The most modules that are deployed as one.", |v| {
        today(v, |today| today.deployables.iter().map(|one| one.modules.len()).max().unwrap_or(0) as f64)
    }),
    key!("today.failed", "share", most, "today.deployables.*.failed", 0.0, "The worst share of failed releases."),
    key!("today.restore", "s", most, "today.deployables.*.restore", 0.0, "The longest time to restore one."),
    key!(
        "today.release-every",
        "s",
        most,
        "today.deployables.*.release-every",
        0.0,
        "The longest time between releases."
    ),
    fixed!("today.shared-tables", "Pairs of modules that use the same tables.", |v| {
        today(v, |today| today.coupling.iter().filter(|one| one.by == Some(CoupledBy::SharedTable)).count() as f64)
    }),
    fixed!("today.replicas", "The most copies that a deployable runs in today.", |v| {
        let deployables = v.brief.today.iter().flat_map(|today| &today.deployables);
        deployables.filter_map(|item| item.replicas).max().unwrap_or(0) as f64
    }),
    key!("today.co-change", "share", most, "today.coupling.*.co-change", 0.0, "The worst share of common changes."),
    key!(
        "today.calls-per-request",
        "1",
        most,
        "today.coupling.*.calls-per-request",
        0.0,
        "The most calls for one request."
    ),
    key!(
        "today.store-cpu",
        "share",
        most,
        "today.stores.*.cpu-at-peak",
        0.0,
        "The busiest store's processors, at the peak."
    ),
    key!("today.store-size", "B", most, "today.stores.*.size", 0.0, "The largest store."),
    of(
        Brief,
        "today.late",
        "x",
        &[
            (Class::Key("today.measured.*.p99"), Way::Up),
            (Class::P99, Way::Down),
            (Class::Key("load.*.accepted.p99"), Way::Down),
        ],
        "How many times its target the latest entry point takes today, at p99; zero where nothing is measured.",
        |v, _| today(v, |today| today.measured.iter().filter_map(|one| late(v, one)).fold(0.0, f64::max)),
    ),
    of(
        Brief,
        "today.blocked-deploys",
        "/s",
        &[(Class::Key("today.trouble.*.times"), Way::Up)],
        "How often deployments wait for others.",
        |v, _| values(v, "today.trouble.*.times").sum(),
    ),
    fixed!("today.fixed", "Parts of today that must stay.", |v| today(v, |today| today.fixed.len() as f64)),
    key!("today.move-people", "people", said, "today.move.people", 0.0, "People who move it."),
    key!("today.move-within", "s", said, "today.move.within", FOREVER, "The time in which it must be moved."),
    key!("today.downtime", "s", said, "today.move.downtime", FOREVER, "How long it may stand still for that."),
    // Data sets.
    access!("set.ranges", 3, "range", "Reads of neighbouring items."),
    access!("set.similar", 4, "similar", "Reads by likeness."),
    access!("set.traversals", 5, "traverse", "Walks along relations."),
    access!("set.aggregates", 6, "aggregate", "Sums and counts over many items."),
    access!("set.gets", 7, "get", "Reads of one item by its key."),
    access!("set.puts", 8, "put", "Writes of one item by its key."),
    of(
        Set,
        "set.hottest-reads",
        "/s",
        LOAD,
        "Reads of its most popular item at the horizon's peak, by its popularity; zero where its items aren't known.",
        |v, s| v.reads(set(s)) * v.frame.hottest[set(s)],
    ),
    of(Set, "set.personal", "1", FIXED, "One if it holds a class of data, such as `pii`.", |v, s| {
        flag(!v.brief.data[set(s)].holds.is_empty())
    }),
    of(Set, "set.keep", "s", &[(Class::Key("data.*.keep"), Way::Up)], "How long its items are kept.", |v, s| {
        v.brief.data[set(s)].keep.map_or(0.0, |keep| keep.0)
    }),
    of(Set, "set.audited", "1", FIXED, "One if its changes must be provable.", |v, s| {
        let name = &v.brief.data[set(s)].name.value;
        flag(v.brief.audit.as_ref().is_some_and(|audit| audit.of.iter().any(|one| one.value == *name)))
    }),
    of(Set, "set.order-per", "1", FIXED, "One if an operation that keeps an order writes it.", |v, s| {
        let name = &v.brief.data[set(s)].name.value;
        let ordered = |one: &&groundplan_model::brief::DomainOperation| one.order_per.is_some();
        flag(operations(v).filter(ordered).any(|one| one.writes.iter().any(|write| write.to.value == *name)))
    }),
    of(Set, "set.by-tenant", "1", FIXED, "One if requests that are parted by tenant reach it.", |v, s| {
        flag(by_tenant(v, set(s)))
    }),
    of(Set, "set.read-share", "share", MIX, "Share of reads among its reads and writes.", |v, s| {
        let (reads, writes) = (v.reads(set(s)), v.writes(set(s)));
        ratio(reads, reads + writes)
    }),
    of(Set, "set.pinned", "1", FIXED, "One if it holds a class of data that must stay in a region.", |v, s| {
        let pinned = |class: &String| v.brief.residency.iter().any(|(known, _)| known == class);
        flag(v.brief.data[set(s)].holds.iter().any(pinned))
    }),
    // Modules.
    of(Module, "module.waits-for-deploy", "1", FIXED, "Modules that must be released before it.", |v, s| {
        v.brief.modules[module(s)].waits_for.len() as f64
    }),
    of(
        Module,
        "module.co-change",
        "share",
        &[(Class::Key("today.coupling.*.co-change"), Way::Up)],
        "The worst share of its changes that come with a change of another module.",
        |v, s| co_change(v, &name_of(v, s)),
    ),
    of(
        Module,
        "module.blocked",
        "/s",
        &[(Class::Key("today.trouble.*.times"), Way::Up)],
        "How often its deployments wait for others.",
        |v, s| blocked(v, &name_of(v, s)),
    ),
];
