//! An event store: streams of events that are only ever appended to, one a key; a read folds a stream to its state.
//!
//! What a stream holds is its length alone (`kernel::machines::streams`). Appends by the expected version go by the versions of
//! rows (`kernel::machines::locks`), what projections read by topics with partitions (`kernel::flows`), as of a log.

use super::{Kind, count_or, stores};
use crate::kernel::machines::streams::{self, Store};
use crate::kernel::tables::{Act, Operand, Step};
use crate::lower::{Ask, Lowering, nanoseconds, repairs, sharding};
use crate::record::Word;
use groundplan_model::design;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Partitions of what projections read.
const PARTITIONS: u64 = 12;

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "event-store",
    manual: "Streams of events, one for each key, that are only ever appended to. A `write` appends an event, with `write-if` \
             only where its stream has no newer one than was read (`read-version`); else it ends as `conflict`. A `read` \
             folds its stream: it takes `read-time` and `fold-time` for each event since the last snapshot. Each event is a \
             record for projections as well, which are operations that `handles` events `from` the store: those of a stream \
             come in order, and can be read anew (`replay`). What is not asked for by its key is asked of a projection.",
    keys: &[
        stores::HOLDS,
        Key::required(
            "keys",
            Shape::Popularity,
            "How many streams there are and how often each is asked for. Without it each event would be a stream of its own.",
        ),
        Key::default("start-events", Shape::Count, "0", "Events of each stream before the run."),
        Key::optional(
            "snapshot-every",
            Shape::Count,
            "Events from one snapshot of a stream to the next: a read folds those since. Without it, all of the stream.",
        ),
        Key::default("read-time", Shape::Distribution, "exp(2ms)", "Time to read a stream, its folding aside."),
        Key::default("fold-time", Shape::Duration, "10us", "CPU time of a read for each event that it folds."),
        Key::default("write-time", Shape::Distribution, "exp(3ms)", "Time to append an event, its copies aside."),
        Key::default(
            "partitions",
            Shape::Count,
            "12",
            "What a projection may handle at once: the streams are spread over so many, each handled in order.",
        ),
        sharding::SHARDS,
        stores::WORKERS,
        stores::CORES,
        stores::QUEUE,
        stores::DISCIPLINE,
        stores::QUEUE_TIMEOUT,
        stores::COPIES,
        stores::FAILOVER,
        stores::RESTART,
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
        stores::SIZE,
    ],
    leaves_out: &[
        "The time in which snapshots are written, and readers that find none yet.",
        "Streams that are archived or cut short, and events whose schema has changed since.",
        "Streams that are longer than others before the run.",
        "Events from before the run when a projection is built anew.",
        "What a read folds where queues go by the size of work (`sjf`, `srpt`): it counts for its `read-time`.",
        "With copies, data lost by their failures: `fails` takes a shard's leader.",
    ],
    goes_with: &["write-if", "replay", "log", "database"],
    example: crate::lower::example!("components/event-store"),
    without: &["components.ledger.snapshot-every"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

/// Partitions of the events of a component that projections read; zero where it is no event store.
pub(crate) fn partitions(component: &design::Component) -> u64 {
    if component.kind.value != WORDS.name {
        return 0;
    }
    count_or(&component.settings, "partitions", PARTITIONS).max(1)
}

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    for (key, why, help) in [
        ("snapshot-every", "a snapshot after no event never ends", "write `snapshot-every: 100`, or leave it out"),
        ("partitions", "events in no partition reach no projection", "write at least `partitions: 1`"),
    ] {
        if settings.count(key) == Some(0) {
            let diagnostic = Diagnostic::error("out-of-range", format!("`{key}: 0`: {why}"))
                .at(settings.span(key), "not one")
                .help(help);
            lowering.diagnostics.push(diagnostic);
        }
    }
    stores::declare(lowering, part, Word::EventsFolded.bit());
    stores::versions(lowering, part);
    lowering.tables.machines.streams.stores.push(Store {
        component: part,
        start: count_or(settings, "start-events", 0),
        every: count_or(settings, "snapshot-every", 0),
        fold: nanoseconds(settings.duration("fold-time").unwrap_or(Seconds(1e-5))),
    });
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Read | Ask::Write(_) => Ok(()),
        _ => Err(stores::refuse(
            lowering,
            part,
            ask,
            "one stream is appended to at once or not at all: make what must change together one stream, or take steps that \
             can be undone (a saga)",
            "it reads a stream by its key; for all else let an operation that `handles` its events write to a store that \
             can be asked so (a projection)",
        )),
    }
}

/// Asks something of the streams of a component.
fn ask_streams(lowering: &mut Lowering<'_>, part: u32, act: streams::Act) {
    let stores = &lowering.tables.machines.streams.stores;
    if let Some(unit) = stores.iter().position(|store| store.component == part) {
        let at = Operand { unit: unit as u32, ..Operand::default() };
        lowering.push(Step::Machine { act: Act::Streams(act), at });
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    match ask {
        Ask::Read => {
            stores::cost(lowering, part, "read-time", Dist::Exp(0.002));
            // The version is that of the events to fold: what is appended in the time that folding takes moves it.
            stores::note(lowering, part);
            ask_streams(lowering, part, streams::Act::Fold);
            lowering.push(Step::Return);
        }
        Ask::Write(topics) => {
            let copies = count_or(settings, "copies", 1).clamp(1, 1000) as u32;
            stores::write(lowering, part, |lowering| {
                stores::cost(lowering, part, "write-time", Dist::Exp(0.003));
                stores::check(lowering, part);
                stores::acknowledged(lowering, part, copies, copies / 2);
                ask_streams(lowering, part, streams::Act::Append);
            });
            stores::written(lowering, topics);
        }
        _ => {}
    }
}
