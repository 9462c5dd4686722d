//! A document store: documents by key at one shard, or by indexes that each shard keeps of its own documents.
//!
//! An index costs every write something, and a read by it asks all shards: what one shard answers in time, a hundred answer
//! as late as the slowest of them. One document changes at once or not at all; several do not.

use super::{Kind, count_or, stores};
use crate::kernel::tables::Step;
use crate::lower::{Ask, By, Lowering, repairs, sharding};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "document",
    manual: "Documents that are read and written by key at one of `shards`, or found by an index (`by: index`, `by: range`), \
             which each shard keeps of its own documents: all shards are asked, and the slowest is waited for. Every write \
             keeps every index. A document changes as a whole; a write waits for a majority of the copies.",
    keys: &[
        stores::HOLDS,
        sharding::SHARDS,
        sharding::SHARDING,
        sharding::SPLIT_POINTS,
        stores::WORKERS,
        stores::CORES,
        stores::QUEUE,
        stores::DISCIPLINE,
        stores::QUEUE_TIMEOUT,
        Key::default("read-time", Shape::Distribution, "exp(3ms)", "Time to read a document by its key."),
        Key::default(
            "write-time",
            Shape::Distribution,
            "exp(4ms)",
            "Time to write a document, its indexes and copies aside.",
        ),
        Key::default("indexes", Shape::Count, "1", "Indexes that a write keeps."),
        Key::default("index-write-time", Shape::Distribution, "exp(0.5ms)", "Time of a write for each index."),
        Key::default(
            "index-time",
            Shape::Distribution,
            "exp(3ms)",
            "Time in which a shard finds what an index leads to.",
        ),
        Key::default(
            "range-time",
            Shape::Distribution,
            "exp(10ms)",
            "Time in which a shard finds a range of an index.",
        ),
        Key::default(
            "scan-time",
            Shape::Distribution,
            "exp(1s)",
            "Time in which a shard reads all it has (`by: scan`).",
        ),
        stores::COPIES,
        stores::KEYS,
        stores::FAILOVER,
        stores::RESTART,
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
        stores::SIZE,
    ],
    leaves_out: &[
        "Transactions over several documents: they are refused.",
        "Indexes of all shards together, which would be behind instead of asking everywhere.",
        "Reads at copies, and how far these are behind.",
        "Sizes of documents and of what an index leads to: every read takes its time.",
        "With copies, data lost by their failures: `fails` takes a shard's leader.",
    ],
    goes_with: &["key-value", "database", "search-index", "cache"],
    example: crate::lower::example!("components/document"),
    without: &["components.shop.operations.account.0.by"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    stores::declare(lowering, part, 0);
    stores::versions(lowering, part);
    lowering.parts[part as usize].everywhere = &[By::Index, By::Range, By::Scan];
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    let settings = &lowering.parts[part as usize].component.settings;
    match ask {
        Ask::ReadBy(By::Index | By::Range) if settings.count("indexes") == Some(0) => {
            Err(stores::refuse(lowering, part, ask, "", "it keeps no index: write `indexes: 1`, or read by key"))
        }
        Ask::Read | Ask::ReadBy(By::Index | By::Range | By::Scan) | Ask::Write(_) => Ok(()),
        _ => Err(stores::refuse(
            lowering,
            part,
            ask,
            "a document changes as a whole by one `write`: put together what must change together, or take a `database`",
            "it finds documents by key, index, range of an index, or scan; take a `database` for a join, a `search-index` for words",
        )),
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    match ask {
        Ask::Read => {
            stores::cost(lowering, part, "read-time", Dist::Exp(0.003));
            stores::note(lowering, part);
        }
        Ask::ReadBy(By::Index) => stores::cost(lowering, part, "index-time", Dist::Exp(0.003)),
        Ask::ReadBy(By::Range) => stores::cost(lowering, part, "range-time", Dist::Exp(0.01)),
        Ask::ReadBy(_) => stores::cost(lowering, part, "scan-time", Dist::Exp(1.0)),
        Ask::Write(topics) => {
            let copies = count_or(settings, "copies", 1).clamp(1, 1000) as u32;
            stores::write(lowering, part, |lowering| {
                stores::cost(lowering, part, "write-time", Dist::Exp(0.004));
                for nth in 0..count_or(settings, "indexes", 1).min(64) {
                    stores::index_write(lowering, part, nth);
                }
                stores::check(lowering, part);
                stores::acknowledged(lowering, part, copies, copies / 2);
            });
            stores::written(lowering, topics);
            return;
        }
        _ => return,
    }
    lowering.push(Step::Return);
}
