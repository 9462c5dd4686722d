//! The constraints that few briefs speak of, as a table: a line each with path, unit, domain and the field it is. To add
//! one: a line in `KEYS`.
//!
//! A `*` stands for the name of an item: `tenants.tiers.*.count`. What a brief doesn't speak of is no constraint of it:
//! `get` finds nothing there.

use super::{Domain, recovery, set_recovery};
use groundplan_model::brief::{Brief, Isolation, Lost};
use groundplan_model::quantity::{Dist, Ranged, Target};
use groundplan_model::units::{Bytes, PerSecond, Seconds, Share, YEAR};

/// A numeric or ordered key of a brief.
pub struct Key {
    /// Its path; `*` for a name.
    pub path: &'static str,
    /// Unit of its numbers.
    pub unit: &'static str,
    /// The values it may take.
    pub domain: Domain,
    /// How many items have it; one for what stands once.
    pub count: fn(&Brief) -> usize,
    /// Names of the items that have it, in order; one empty name for what stands once.
    pub names: fn(&Brief) -> Vec<String>,
    /// Its value for the nth item, where the brief says it. Words count from zero.
    pub get: fn(&Brief, usize) -> Option<f64>,
    /// Sets it for the nth item; nothing where the brief doesn't speak of it.
    pub set: fn(&mut Brief, usize, f64),
}

/// A key by its path.
#[must_use]
pub fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

impl Key {
    /// The values of all items that say it.
    pub fn values<'a>(&'a self, brief: &'a Brief) -> impl Iterator<Item = f64> + 'a {
        (0..(self.count)(brief)).filter_map(move |n| (self.get)(brief, n))
    }
}

/// Something that is a number of a constraint.
trait Field {
    fn number(&self) -> Option<f64>;
    fn put(&mut self, value: f64);
}

macro_rules! fields {
    ($($kind:ty: $get:expr, $make:expr;)*) => {
        $(impl Field for $kind {
            fn number(&self) -> Option<f64> {
                const GET: fn(&$kind) -> f64 = $get;
                Some(GET(self))
            }
            fn put(&mut self, value: f64) {
                const MAKE: fn(f64) -> $kind = $make;
                *self = MAKE(value);
            }
        })*
    };
}

fields! {
    f64: |field| *field, |value| value;
    u64: |field| *field as f64, |value| value as u64;
    bool: |field| f64::from(u8::from(*field)), |value| value >= 1.0;
    Seconds: |field| field.0, Seconds;
    PerSecond: |field| field.0, PerSecond;
    Bytes: |field| field.0, Bytes;
    Share: |field| field.0, Share;
    Ranged<Share>: |field| field.mid().0, |value| Ranged::exactly(Share(value));
    Target<Seconds>: |field| field.must.0, |value| Target::must(Seconds(value));
    Dist: Dist::mean, Dist::Const;
    Isolation: |field| f64::from(*field as u8), |value| {
        [Isolation::Shared, Isolation::OwnSchema, Isolation::OwnStore, Isolation::OwnCell][(value as usize).min(3)]
    };
}

/// A field that the brief doesn't say is no number, and stays unsaid.
impl<T: Field> Field for Option<T> {
    fn number(&self) -> Option<f64> {
        self.as_ref().and_then(Field::number)
    }
    fn put(&mut self, value: f64) {
        if let Some(field) = self {
            field.put(value);
        }
    }
}

/// `[outer inner] field`: optional parts on the way, then the field; `list(name of an item) [parts] field` for each item
/// of a list on the way.
macro_rules! key {
    ($path:literal, $unit:literal, $domain:expr, [$($part:ident)*] $field:ident) => {
        Key {
            path: $path,
            unit: $unit,
            domain: $domain,
            count: |_| 1,
            names: |_| vec![String::new()],
            get: |brief, _| {
                let at = brief;
                $(let at = at.$part.as_ref()?;)*
                at.$field.number()
            },
            set: |brief, _, value| {
                let at = brief;
                $(let Some(at) = at.$part.as_mut() else { return };)*
                at.$field.put(value);
            },
        }
    };
    ($path:literal, $unit:literal, $domain:expr, [$($part:ident)*] $list:ident($name:expr) [$($inner:ident)*] $field:ident) => {
        Key {
            path: $path,
            unit: $unit,
            domain: $domain,
            count: |brief| {
                let at = Some(brief);
                $(let at = at.and_then(|at| at.$part.as_ref());)*
                at.map_or(0, |at| at.$list.len())
            },
            names: |brief| {
                let at = Some(brief);
                $(let at = at.and_then(|at| at.$part.as_ref());)*
                at.map(|at| at.$list.iter().map($name).collect()).unwrap_or_default()
            },
            get: |brief, n| {
                let at = brief;
                $(let at = at.$part.as_ref()?;)*
                let at = at.$list.get(n)?;
                $(let at = at.$inner.as_ref()?;)*
                at.$field.number()
            },
            set: |brief, n, value| {
                let at = brief;
                $(let Some(at) = at.$part.as_mut() else { return };)*
                let Some(at) = at.$list.get_mut(n) else { return };
                $(let Some(at) = at.$inner.as_mut() else { return };)*
                at.$field.put(value);
            },
        }
    };
}

/// A key of what must be recovered when the data itself is lost.
macro_rules! data_lost {
    ($path:literal, $unit:literal, $domain:expr, $field:ident) => {
        Key {
            path: $path,
            unit: $unit,
            domain: $domain,
            count: |_| 1,
            names: |_| vec![String::new()],
            get: |brief, _| recovery(brief, Lost::Data)?.$field.number(),
            set: |brief, _, value| set_recovery(brief, Lost::Data, |item| item.$field.put(value)),
        }
    };
}

const TIME: Domain = Domain::Real(0.0, 1e3 * YEAR.0);
const SHARE: Domain = Domain::Real(0.0, 1.0);
const RATE: Domain = Domain::Real(0.0, 1e9);
const SIZE: Domain = Domain::Real(0.0, 1e18);
const AMOUNT: Domain = Domain::Real(0.0, 1e12);
const FACTOR: Domain = Domain::Real(0.0, 1e6);
const COUNT: Domain = Domain::Whole(0, 1_000_000_000_000);
/// What the language wants one of at least.
const SOME: Domain = Domain::Whole(1, 1_000_000_000_000);
const FLAG: Domain = Domain::Words(super::FLAGS);

/// What a tenant has for itself, the least first.
pub const ISOLATION: &[&str] = &["shared", "own-schema", "own-store", "own-cell"];

/// Every such key, in the order of the language.
pub static KEYS: &[Key] = &[
    key!("load.*.accepted.p99", "s", TIME, [] load(|one| one.operation.value.clone()) [] accepted_p99),
    key!("data.*.keep", "s", TIME, [] data(|one| one.name.value.clone()) [] keep),
    key!("outside.*.availability", "share", SHARE, [] outside(|one| one.name.value.clone()) [] availability),
    key!("availability.outages.every", "s", TIME, [outages] every),
    key!("availability.outages.last", "s", TIME, [outages] last),
    key!("availability.errors", "share", SHARE, [] errors),
    data_lost!("recovery.data.rto", "s", TIME, rto),
    data_lost!("recovery.data.rpo", "s", TIME, rpo),
    data_lost!("recovery.data.copy", "word", Domain::Words(&["none", "offline"]), offline_copy),
    key!("releases.failed", "share", SHARE, [releases] failed),
    key!("releases.restore", "s", TIME, [releases] restore),
    key!("audit.order", "word", Domain::Words(&["per-item", "total"]), [audit] total_order),
    key!("audit.tamper-evident", "word", FLAG, [audit] tamper_evident),
    key!("audit.keep", "s", TIME, [audit] keep),
    key!("audit.one-owner", "word", FLAG, [audit] one_owner),
    key!("schedule.*.items", "1", COUNT, [] schedule(|one| one.name.value.clone()) [] items),
    key!("schedule.*.done-within", "s", TIME, [] schedule(|one| one.name.value.clone()) [] done_within),
    key!("vendors.exit-within", "s", TIME, [vendors] exit_within),
    key!("vendors.largest-share", "share", SHARE, [vendors] largest_share),
    key!("change-control.approval", "word", Domain::Words(&["one-person", "two-person"]), [change_control] two_person),
    key!("people.count", "people", SOME, [people] count),
    key!("people.active-at-peak", "share", SHARE, [people] active_at_peak),
    key!("people.each", "/s", RATE, [people] each),
    key!("ai.corpus.documents", "1", SOME, [ai corpus] documents),
    key!("ai.corpus.size", "B", SIZE, [ai corpus] size),
    key!("ai.corpus.changes", "/s", RATE, [ai corpus] changes),
    key!("ai.corpus.freshness", "s", TIME, [ai corpus] freshness),
    key!("ai.rights.changes", "/s", RATE, [ai rights] changes),
    key!("ai.rights.revoked-within", "s", TIME, [ai rights] revoked_within),
    key!("ai.rights.filter", "word", Domain::Words(&["after-retrieval", "before-retrieval"]), [ai rights] before_retrieval),
    key!("ai.answer.first-token.p95", "s", TIME, [ai answer] first_token),
    key!("ai.answer.done.p95", "s", TIME, [ai answer] done),
    key!("ai.answer.tokens-in", "1", AMOUNT, [ai answer] tokens_in),
    key!("ai.answer.tokens-out", "1", AMOUNT, [ai answer] tokens_out),
    key!("ai.quality.grounded", "share", SHARE, [ai quality] grounded),
    key!("ai.quality.recall-at-10", "share", SHARE, [ai quality] recall),
    key!("ai.quality.leaked", "1", COUNT, [ai quality] leaked),
    key!("ai.reindex-every", "s", TIME, [ai] reindex_every),
    key!("ai.gpus.at-most", "1", COUNT, [ai] gpus),
    key!("ai.prompt-log.keep", "s", TIME, [ai prompt_log] keep),
    key!("ai.agents.steps", "1", AMOUNT, [ai agents] steps),
    key!("ai.agents.tools.*.effect", "word", Domain::Words(&["any", "once"]), [ai agents] tools(|one| one.name.value.clone()) [] effect_once),
    key!("ai.agents.tools.*.approve.within", "s", TIME, [ai agents] tools(|one| one.name.value.clone()) [] approved_within),
    key!("tenants.count", "1", SOME, [tenants] count),
    key!("tenants.share.biggest", "share", SHARE, [tenants share] biggest),
    key!("tenants.tiers.*.count", "1", COUNT, [tenants] tiers(|one| one.name.value.clone()) [] count),
    key!("tenants.tiers.*.isolation", "word", Domain::Words(ISOLATION), [tenants] tiers(|one| one.name.value.clone()) [] isolation),
    key!("tenants.tiers.*.keys", "word", Domain::Words(&["shared", "own"]), [tenants] tiers(|one| one.name.value.clone()) [] own_keys),
    key!("tenants.promise.others-p99", "x", FACTOR, [tenants promise] others_p99),
    key!("tenants.promise.when-one", "x", FACTOR, [tenants promise] when_one),
    key!("tenants.restore-one.rto", "s", TIME, [tenants restore_one] rto),
    key!("tenants.restore-one.rpo", "s", TIME, [tenants restore_one] rpo),
    key!("tenants.delete-within", "s", TIME, [tenants] delete_within),
    key!("today.deployables.*.release-every", "s", TIME, [today] deployables(|one| one.name.value.clone()) [] release_every),
    key!("today.deployables.*.failed", "share", SHARE, [today] deployables(|one| one.name.value.clone()) [] failed),
    key!("today.deployables.*.restore", "s", TIME, [today] deployables(|one| one.name.value.clone()) [] restore),
    key!("today.stores.*.size", "B", SIZE, [today] stores(|one| one.name.value.clone()) [] size),
    key!("today.stores.*.cpu-at-peak", "share", SHARE, [today] stores(|one| one.name.value.clone()) [] cpu_at_peak),
    key!("today.coupling.*.co-change", "share", SHARE, [today] coupling(|one| format!("{}.{}", *one.from, *one.to)) [] co_change),
    key!("today.coupling.*.calls-per-request", "1", AMOUNT, [today] coupling(|one| format!("{}.{}", *one.from, *one.to)) [] calls_per_request),
    key!("today.measured.*.p99", "s", TIME, [today] measured(|one| one.operation.value.clone()) [] p99),
    key!("today.trouble.*.times", "/s", RATE, [today] trouble(|one| format!("{}.{}", *one.blocked, *one.by)) [] times),
    key!("today.move.people", "people", SOME, [today moving] people),
    key!("today.move.within", "s", TIME, [today moving] within),
    key!("today.move.downtime", "s", TIME, [today moving] downtime),
];
