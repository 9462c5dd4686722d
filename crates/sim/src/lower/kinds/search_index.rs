//! A search index: words to documents, kept in shards that are all asked, and that show a document a moment after it came.
//!
//! A search waits for the slowest shard; what is indexed is found from the next refresh on (near real time), and takes the
//! cores that searches need.

use super::{Kind, stores};
use crate::kernel::machines::views::View;
use crate::kernel::tables::Step;
use crate::lower::{Ask, By, Lowering, nanoseconds, repairs, sharding};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "search-index",
    manual: "Finds documents by their words. A read is a search: it asks all `shards` at once and waits for the slowest, or \
             for as many as the step's `need` says. A write indexes one document in one shard; searches find it from the next \
             `refresh` on, until then they miss it (`staleness`, `stale-reads`). `by: key` reads one document at one shard \
             and sees it at once.",
    keys: &[
        stores::HOLDS,
        sharding::SHARDS,
        stores::WORKERS,
        stores::CORES,
        stores::QUEUE,
        stores::DISCIPLINE,
        stores::QUEUE_TIMEOUT,
        Key::default("search-time", Shape::Distribution, "exp(10ms)", "Time in which a shard finds its best matches."),
        Key::default("index-time", Shape::Distribution, "exp(5ms)", "Time to take in a document."),
        Key::default("read-time", Shape::Distribution, "exp(2ms)", "Time to read a document by its key."),
        Key::default(
            "refresh",
            Shape::Duration,
            "1s",
            "Time between two refreshes, from which on searches find what was indexed before.",
        ),
        stores::KEYS,
        stores::RESTART,
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
    ],
    leaves_out: &[
        "Copies of shards, which would answer searches side by side and each take in every document.",
        "Work of a refresh and of merging segments, and that shards refresh at different instants.",
        "A second round for the documents themselves after the best matches are known.",
        "Which words are asked for: a search concerns the document that its key names.",
        "That what is indexed must come from somewhere: it is not the truth, and can be built anew.",
    ],
    goes_with: &["document", "database", "outbox", "log"],
    example: crate::lower::example!("components/search-index"),
    without: &["components.catalogue.shards"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    stores::declare(lowering, part, 0);
    let store = &mut lowering.parts[part as usize];
    store.everywhere = &[By::Search];
    store.usual = Some(By::Search);
    let beat = nanoseconds(settings.duration("refresh").unwrap_or(Seconds(1.0)));
    if beat > 0 {
        stores::view(lowering, View { component: part, delay: 0, beat, leader: 0, lost: false });
    }
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Read | Ask::ReadBy(By::Search) | Ask::Write(_) => Ok(()),
        _ => Err(stores::refuse(
            lowering,
            part,
            ask,
            "it takes in one document at a time, and is not where the truth is kept; write to a `database` first",
            "it searches, or reads one document by key; take a `document` store or a `database` for the rest",
        )),
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    match ask {
        Ask::Read => stores::cost(lowering, part, "read-time", Dist::Exp(0.002)),
        Ask::ReadBy(_) => {
            stores::looks(lowering, part);
            stores::cost(lowering, part, "search-time", Dist::Exp(0.01));
        }
        Ask::Write(topics) => {
            stores::cost(lowering, part, "index-time", Dist::Exp(0.005));
            stores::wrote(lowering, part);
            stores::written(lowering, topics);
            return;
        }
        _ => return,
    }
    lowering.push(Step::Return);
}
