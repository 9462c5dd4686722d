//! What stores that are cut into shards have in common: their words, their rows, what their accesses cost.
//!
//! What one of them can do and another can't stands in the file of each.

use super::database::locks;
use super::{cannot, count_or, database, service};
use crate::kernel::draws;
use crate::kernel::machines::locks::Act as LockAct;
use crate::kernel::machines::quotas::{self, Limit};
use crate::kernel::machines::repairs::Falls;
use crate::kernel::machines::shards;
use crate::kernel::machines::views::{self, View};
use crate::kernel::tables::{Act, Component, NONE, Operand, Step};
use crate::lower::policies::write_if;
use crate::lower::{Ask, Lowering, nanoseconds, serving};
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::units::{Bytes, PerSecond, Seconds};
use groundplan_model::vocabulary::{Key, Shape};

/// Data sets.
pub(super) const HOLDS: Key =
    Key::optional("holds", Shape::List(&Shape::Name), "Data sets in it; steps may name them instead of the store.");
/// Workers of a shard.
pub(super) const WORKERS: Key =
    Key::default("workers", Shape::CountOrUnlimited, "unlimited", "Accesses in work at once, per shard.");
/// Cores of a shard.
pub(super) const CORES: Key =
    Key::optional("cores", Shape::CountOrUnlimited, "CPU cores of a shard; as many as workers where it is missing.");
/// Places in the queue.
pub(super) const QUEUE: Key = Key::default(
    "queue",
    Shape::CountOrUnlimited,
    "unlimited",
    "Accesses that may wait, per shard; beyond, they are refused.",
);
/// Patience.
pub(super) const QUEUE_TIMEOUT: Key =
    Key::optional("queue-timeout", Shape::Distribution, "Longest wait for a worker; a law is drawn for each attempt.");
/// Copies.
pub(super) const COPIES: Key = Key::default(
    "copies",
    Shape::Count,
    "1",
    "Copies of each shard, the leader included, over the zones in order. They answer and lead when the leader is lost.",
);
/// How keys are asked for.
pub(super) const KEYS: Key =
    Key::optional("keys", Shape::Popularity, "How often each key is asked for; that of the load where it is missing.");
/// Time until another copy leads.
pub(super) const FAILOVER: Key = Key::default(
    "failover",
    Shape::Duration,
    "10s",
    "Time until a copy leads a shard in place of a dead leader (detection and promotion).",
);
/// Time until a shard is back.
pub(super) const RESTART: Key =
    Key::default("restart", Shape::Duration, "30s", "Time until a shard works again after a crash, without copies.");
const SIZE_KEYS: &[Key] = &[
    Key::optional("vcpu", Shape::Count, "Virtual cores of a machine, for its price."),
    Key::optional("memory", Shape::Size, "Memory of a machine, for its price."),
    Key::optional("storage", Shape::Size, "Storage of a machine, for its price."),
];
/// The machine.
pub(super) const SIZE: Key =
    Key::optional("size", Shape::Record(SIZE_KEYS), "The machine of a shard; priced, not simulated.");

/// What `serving` says, which all of them share.
pub(super) const DISCIPLINE: Key = serving::DISCIPLINE;

/// Adds the row of a store whose shards each lead their part of the data, and lets them fail where it says so. Returns into
/// how many it is cut at most and how many copies each has.
pub(super) fn declare(lowering: &mut Lowering<'_>, part: u32, keeps: u64) -> (u32, u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let copies = count_or(settings, "copies", 1).clamp(1, 1000) as u32;
    let failover = nanoseconds(settings.duration("failover").unwrap_or(Seconds(10.0)));
    let restart = nanoseconds(settings.duration("restart").unwrap_or(Seconds(30.0)));
    let row = service::row(settings);
    lowering.parts[part as usize].rows = true;
    let shards = lowering.shards(part);
    let row = Component {
        failover: (copies > 1).then_some(failover),
        each_leads: copies > 1,
        restart,
        keeps: keeps | lowering.keeps_shards(part),
        ..row
    };
    let row = lowering.serve(part, row);
    lowering.declare(part, row, shards);
    // Which shard's copies are left is not followed: with several, each shard's leader is a unit that fails over.
    lowering.repairs(part, shards, u32::from(copies == 1) * shards, Falls::Each);
    (shards, copies)
}

/// Lets conditional writes of a declared store find what others wrote, where some step asks for a version. Writes of an item
/// come one after the other then.
pub(super) fn versions(lowering: &mut Lowering<'_>, part: u32) {
    let component = lowering.parts[part as usize].component;
    if write_if::asked_of(lowering.design, &component.name.value, &component.settings) {
        let keeps = locks::keeps(lowering, part);
        lowering.tables.components[part as usize].keeps |= keeps;
        locks::declare(lowering, part);
    }
}

/// The time of a write, its copies included, between which the version of its item is looked at.
pub(super) fn write(lowering: &mut Lowering<'_>, part: u32, work: impl FnOnce(&mut Lowering<'_>)) {
    locks::ask(lowering, part, LockAct::Lock);
    work(lowering);
    locks::ask(lowering, part, LockAct::Commit);
}

/// Fails a write where its item is not of the version that it expects.
pub(super) fn check(lowering: &mut Lowering<'_>, part: u32) {
    locks::ask(lowering, part, LockAct::Check);
}

/// Tells who asked the version of an item.
pub(super) fn note(lowering: &mut Lowering<'_>, part: u32) {
    locks::ask(lowering, part, LockAct::Note);
}

/// The time of an access, twice where its key is on the move to another shard.
pub(super) fn cost(lowering: &mut Lowering<'_>, part: u32, key: &str, otherwise: Dist) {
    let once = database::time(lowering, part, key, otherwise.clone());
    if !lowering.may_move(part) {
        lowering.push(once);
        return;
    }
    let again = match once {
        Step::Compute { law, .. } => Step::Compute { law, site: draws::site(&format!("{key} again")) },
        Step::Share { law, .. } => Step::Share { law, site: draws::site(&format!("{key} again")) },
        other => other,
    };
    let (here, unit) = (lowering.here(), lowering.parts[part as usize].map);
    let act = Act::Shards(shards::Act::IfMoving);
    lowering.push(Step::Machine { act, at: Operand { unit, site: 0, to: here + 3 } });
    lowering.push(once);
    lowering.push(Step::Jump { to: here + 5 });
    lowering.push(once);
    lowering.push(again);
}

/// What a write costs for one index.
pub(super) fn index_write(lowering: &mut Lowering<'_>, part: u32, nth: u64) {
    let site = draws::site(&format!("index-write-time {nth}"));
    let step = match database::time(lowering, part, "index-write-time", Dist::Exp(0.0005)) {
        Step::Compute { law, .. } => Step::Compute { law, site },
        Step::Share { law, .. } => Step::Share { law, site },
        other => other,
    };
    lowering.push(step);
}

/// A wait for so many of the other copies: a round trip to the nearest of them.
pub(super) fn acknowledged(lowering: &mut Lowering<'_>, part: u32, copies: u32, others: u32) {
    let wait = lowering.replication_wait(part, copies, others);
    if wait.0 > 0.0 {
        let law = lowering.law(&Dist::Const(wait.0));
        lowering.push(Step::Wait { law, site: 1 });
    }
}

/// Adds a limit of units a second to each shard of a component, after it is declared. Returns its number.
pub(super) fn limit(lowering: &mut Lowering<'_>, part: u32, rate: PerSecond, burst: Seconds) -> u32 {
    let row = &mut lowering.tables.components[part as usize];
    row.keeps |= Word::Throttled.bit();
    let (first, count) = (row.first, row.count);
    let quotas = &mut lowering.tables.machines.quotas;
    let spacing = (1e9 / rate.0.max(1e-9) + 0.5).max(1.0) as u64;
    // What may come at once after a pause is what was saved up, and one unit at least.
    let burst = nanoseconds(burst).saturating_sub(spacing);
    quotas.limits.push(Limit { component: part, first, bucket: quotas.buckets, spacing, burst });
    quotas.buckets += count;
    quotas.limits.len() as u32 - 1
}

/// Takes units of the `nth` limit of a component, where it has one.
pub(super) fn take(lowering: &mut Lowering<'_>, limit: Option<u32>, units: u32) {
    if let Some(unit) = limit {
        let act = Act::Quotas(quotas::Act::Take);
        lowering.push(Step::Machine { act, at: Operand { unit, site: units, to: 0 } });
    }
}

/// The limits of a component, in the order in which they were added.
pub(super) fn limits_of(lowering: &Lowering<'_>, part: u32) -> Vec<u32> {
    let limits = lowering.tables.machines.quotas.limits.iter().enumerate();
    limits.filter(|(_, limit)| limit.component == part).map(|(nth, _)| nth as u32).collect()
}

/// Units of so many bytes that an item takes, one at least.
pub(super) fn units(item: Bytes, of: f64) -> u32 {
    (item.0 / of).ceil().clamp(1.0, 1e6) as u32
}

/// Lets readers of a component see writes later than they are acknowledged.
pub(super) fn view(lowering: &mut Lowering<'_>, view: View) {
    let row = &mut lowering.tables.components[view.component as usize];
    row.keeps |= Word::Staleness.bit() | Word::StaleReads.bit() | if view.lost { Word::LostAge.bit() } else { 0 };
    lowering.tables.machines.views.views.push(view);
}

fn view_of(lowering: &Lowering<'_>, part: u32) -> Option<u32> {
    let views = &lowering.tables.machines.views.views;
    views.iter().position(|view| view.component == part).map(|nth| nth as u32)
}

/// A write is acknowledged, where some readers see it later.
pub(super) fn wrote(lowering: &mut Lowering<'_>, part: u32) {
    if let Some(unit) = view_of(lowering, part) {
        let act = Act::Views(views::Act::Wrote);
        lowering.push(Step::Machine { act, at: Operand { unit, ..Operand::default() } });
    }
}

/// A read looks at what it can see.
pub(super) fn looks(lowering: &mut Lowering<'_>, part: u32) {
    if let Some(unit) = view_of(lowering, part) {
        let act = Act::Views(views::Act::Look);
        let site = draws::site("copy that answers");
        lowering.push(Step::Machine { act, at: Operand { unit, site, to: 0 } });
    }
}

/// The end of a write: records for these topics go out with it.
pub(super) fn written(lowering: &mut Lowering<'_>, topics: &[u32]) {
    for topic in topics {
        let name = format!("record-{}", lowering.topics.names[*topic as usize].1);
        lowering.push(Step::Append { topic: *topic, site: draws::site(&name) });
    }
    lowering.push(Step::Return);
}

/// What is wrong with asking a store for what its kind does not do, and what would do instead.
pub(super) fn refuse(lowering: &Lowering<'_>, part: u32, ask: &Ask, transactions: &str, reads: &str) -> Diagnostic {
    let diagnostic = cannot(lowering, part, ask);
    match ask {
        Ask::Begin | Ask::Commit(_) | Ask::ReadWithin | Ask::WriteWithin => diagnostic.help(transactions),
        Ask::ReadBy(_) => diagnostic.help(reads),
        _ => diagnostic,
    }
}

impl Lowering<'_> {
    /// Whether keys of a component move to other shards in some experiment.
    fn may_move(&self, part: u32) -> bool {
        let part = &self.parts[part as usize];
        part.map != NONE && self.tables.machines.shards.maps[part.map as usize].shards < part.count
    }
}
