//! A key-value store: items by their key and by nothing else, cut into shards that each have a quota.
//!
//! It promises little and costs the same at any size: one access is one item at one shard. What it can't do (indexes, ranges,
//! joins, several items at once) is refused, and a scan reads everything.

use super::{Kind, count_or, stores};
use crate::kernel::machines::views::View;
use crate::kernel::tables::{Step, share_bits};
use crate::lower::{Ask, By, Lowering, nanoseconds, repairs, sharding};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::units::{Bytes, PerSecond, Seconds};
use groundplan_model::value::Settings;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "key-value",
    manual: "Items that are read and written by their key and by nothing else. The keys are spread over `shards` by hash; each \
             has workers, a queue and a quota of its own, so that one key never gets more than one shard gives. A write waits \
             for a majority of the copies; a read at the leader sees it, one with `reads: eventual` may not. A scan asks every \
             shard. A write may expect a version (`write-if`).",
    keys: &[
        stores::HOLDS,
        sharding::SHARDS,
        stores::WORKERS,
        stores::CORES,
        stores::QUEUE,
        stores::DISCIPLINE,
        stores::QUEUE_TIMEOUT,
        Key::default("read-time", Shape::Distribution, "exp(2ms)", "Time to read an item."),
        Key::default("write-time", Shape::Distribution, "exp(3ms)", "Time to write an item, its copies aside."),
        Key::default(
            "scan-time",
            Shape::Distribution,
            "exp(1s)",
            "Time in which a shard reads all it has (`by: scan`).",
        ),
        stores::COPIES,
        Key::default(
            "reads",
            Shape::Word(&["strong", "eventual"]),
            "strong",
            "`strong` at the leader; `eventual` at any copy, for half the units, and without what it does not have yet.",
        ),
        Key::default("lag", Shape::Duration, "10ms", "With `reads: eventual`: how far the other copies are behind."),
        Key::default(
            "item",
            Shape::Size,
            "1 KB",
            "Size of an item: a read takes a unit for each 4 KB of it, a write for each 1 KB.",
        ),
        Key::optional(
            "read-units",
            Shape::Rate,
            "Read units that a shard gives; beyond, it refuses. DynamoDB gives 3000/s.",
        ),
        Key::optional(
            "write-units",
            Shape::Rate,
            "Write units that a shard gives; beyond, it refuses. DynamoDB gives 1000/s.",
        ),
        Key::default(
            "burst",
            Shape::Duration,
            "1s",
            "Units not used that may be saved up, as a time. DynamoDB keeps up to 300 s, and promises none of it.",
        ),
        stores::KEYS,
        stores::FAILOVER,
        stores::RESTART,
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
        stores::SIZE,
    ],
    leaves_out: &[
        "A version that an eventual read sees: it is that of the leader.",
        "Eventual reads spare the leader nothing: they take its workers as well.",
        "Quotas that are lent to a hot shard, and shards that are split when they grow.",
        "A copy that leads with less than it acknowledged: a majority has every write.",
        "With copies, data lost by their failures: `fails` takes a shard's leader.",
    ],
    goes_with: &["cache", "hot-key", "rebalance", "document", "database"],
    example: crate::lower::example!("components/key-value"),
    without: &["components.sessions.shards"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

fn eventual(settings: &Settings) -> bool {
    settings.text("reads") == Some("eventual")
}

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let (_, copies) = stores::declare(lowering, part, 0);
    stores::versions(lowering, part);
    lowering.parts[part as usize].everywhere = &[By::Scan];
    if eventual(settings) && copies == 1 {
        let diagnostic = Diagnostic::error("nothing-behind", "eventual reads go to copies, and there is only one")
            .at(settings.span("reads"), "")
            .help("write `copies: 3`, or leave `reads` out");
        lowering.diagnostics.push(diagnostic);
    }
    if eventual(settings) {
        let delay = nanoseconds(settings.duration("lag").unwrap_or(Seconds(0.01)));
        let leader = share_bits(1.0 / f64::from(copies));
        stores::view(lowering, View { component: part, delay, beat: 0, leader, lost: false });
    }
    let burst = settings.duration("burst").unwrap_or(Seconds(1.0));
    for key in ["read-units", "write-units"] {
        if let Some(rate) = settings.rate(key) {
            // In halves: what an eventual read takes.
            stores::limit(lowering, part, PerSecond(rate.0 * 2.0), burst);
        }
    }
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Read | Ask::ReadBy(By::Scan) | Ask::Write(_) => Ok(()),
        _ => Err(stores::refuse(
            lowering,
            part,
            ask,
            "one item is written at once or not at all; for several take a `database`, or steps that can be undone (a saga)",
            "it finds items by key, or scans everything; take a `document` store for an index, `wide-column` for a range, a \
             `database` for a join",
        )),
    }
}

/// The limits of reads and of writes, where they are said.
fn limits(lowering: &Lowering<'_>, part: u32) -> [Option<u32>; 2] {
    let settings = &lowering.parts[part as usize].component.settings;
    let mut found = stores::limits_of(lowering, part).into_iter();
    ["read-units", "write-units"].map(|key| settings.rate(key).and_then(|_| found.next()))
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let item = settings.size("item").unwrap_or(Bytes(1e3));
    let [reads, writes] = limits(lowering, part);
    match ask {
        Ask::Read => {
            let halves = if eventual(settings) { 1 } else { 2 };
            stores::take(lowering, reads, halves * stores::units(item, 4e3));
            stores::looks(lowering, part);
            stores::cost(lowering, part, "read-time", Dist::Exp(0.002));
            stores::note(lowering, part);
            lowering.push(Step::Return);
        }
        Ask::ReadBy(_) => {
            stores::cost(lowering, part, "scan-time", Dist::Exp(1.0));
            lowering.push(Step::Return);
        }
        Ask::Write(topics) => {
            stores::take(lowering, writes, 2 * stores::units(item, 1e3));
            let copies = count_or(settings, "copies", 1).clamp(1, 1000) as u32;
            stores::write(lowering, part, |lowering| {
                stores::cost(lowering, part, "write-time", Dist::Exp(0.003));
                stores::check(lowering, part);
                stores::acknowledged(lowering, part, copies, copies / 2);
            });
            stores::wrote(lowering, part);
            stores::written(lowering, topics);
        }
        _ => {}
    }
}
