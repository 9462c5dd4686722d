//! An object store: whole objects by name, slow to answer and wide to read, as durable as its chunks.
//!
//! An access takes a time to its first byte and the object's size over a bandwidth; it never waits for a worker. A prefix of
//! names gives so many accesses a second and refuses the rest. Limits: 3,500 writes and 5,500 reads a second for each prefix
//! (Amazon S3 user guide, Best practices design patterns: optimizing Amazon S3 performance).

use super::{Kind, count_or, database, stores};
use crate::kernel::draws;
use crate::kernel::machines::repairs::Falls;
use crate::kernel::machines::views::View;
use crate::kernel::tables::{Component, Step};
use crate::lower::{Ask, By, Lowering, nanoseconds, repairs};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::units::{Bytes, PerSecond, Seconds};
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const ERASURE: &[Key] = &[
    Key::required("chunks", Shape::Count, "Chunks that an object is stored as."),
    Key::required("needed", Shape::Count, "Chunks from which it can be read."),
];

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "object-store",
    manual: "Whole objects by name. An access takes a time to the first byte and the size of the object over `bandwidth`, and \
             never waits for others. Each of `prefixes` takes so many writes and reads a second and refuses the rest. A read \
             sees every write; a listing (`by: list`) may be behind by `listing-lag`. Chunks that `fails` and `repair` \
             speak of say after what time data is lost.",
    keys: &[
        stores::HOLDS,
        Key::default(
            "prefixes",
            Shape::Count,
            "1",
            "Prefixes that the names begin with; names are spread over them by hash.",
        ),
        Key::default(
            "read-time",
            Shape::Distribution,
            "lognormal(p50 30ms p99 200ms)",
            "Time to the first byte of an object.",
        ),
        Key::default(
            "write-time",
            Shape::Distribution,
            "lognormal(p50 50ms p99 300ms)",
            "Time of a write beside that of its bytes.",
        ),
        Key::default(
            "list-time",
            Shape::Distribution,
            "lognormal(p50 60ms p99 400ms)",
            "Time of a listing; counts as a read.",
        ),
        Key::default("object", Shape::Size, "100 KB", "Size of an object."),
        Key::default("bandwidth", Shape::Bandwidth, "80 MB/s", "Bytes of one access a second."),
        Key::default("read-limit", Shape::Rate, "5500/s", "Reads and listings of a prefix; beyond, it refuses."),
        Key::default("write-limit", Shape::Rate, "3500/s", "Writes of a prefix; beyond, it refuses."),
        Key::default("burst", Shape::Duration, "1s", "Accesses not made that may be made up for, as a time."),
        Key::default("listing-lag", Shape::Duration, "0s", "How much later than a read a listing shows a write."),
        Key::optional(
            "erasure",
            Shape::Record(ERASURE),
            "Chunks of an object and how many it needs: `{ chunks: 9, needed: 6 }`.",
        ),
        Key::default(
            "copies",
            Shape::Count,
            "3",
            "Without `erasure`: whole copies of an object, of which one is needed.",
        ),
        stores::KEYS,
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
        stores::RESTART,
    ],
    leaves_out: &[
        "Its machines and their load: an access takes its time however many there are.",
        "Limits that grow as a prefix is used more, gradually.",
        "Chunks of one object stand for all: objects whose chunks lie elsewhere are lost at other times.",
        "Parts of an object, versions, and classes of storage that answer after hours.",
    ],
    goes_with: &["cache", "queue", "key-value", "database"],
    example: crate::lower::example!("components/object-store"),
    without: &["components.pictures.prefixes"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    lowering.parts[part as usize].rows = true;
    let prefixes = lowering.hashed(part, "prefixes");
    let restart = nanoseconds(settings.duration("restart").unwrap_or(Seconds(30.0)));
    let keeps = lowering.keeps_shards(part);
    lowering.declare(part, Component { restart, keeps, ..Component::default() }, prefixes);
    let erasure = settings.map("erasure");
    let (units, needed) = match erasure {
        Some(said) => (count_or(said, "chunks", 1), count_or(said, "needed", 1)),
        None => (count_or(settings, "copies", 3), 1),
    };
    let key = if erasure.is_some() { "erasure" } else { "copies" };
    if needed == 0 || units < needed || units > 1000 {
        let diagnostic = Diagnostic::error("out-of-range", format!("{needed} of {units} chunks make no object"))
            .at(settings.span(key), "")
            .help("write at least as many `chunks` as are `needed`, as `erasure: { chunks: 9, needed: 6 }`");
        lowering.diagnostics.push(diagnostic);
    } else {
        lowering.repairs(part, units as u32, needed as u32, Falls::Whole);
    }
    let burst = settings.duration("burst").unwrap_or(Seconds(1.0));
    for (key, otherwise) in [("read-limit", 5500.0), ("write-limit", 3500.0)] {
        let rate = settings.rate(key).unwrap_or(PerSecond(otherwise));
        stores::limit(lowering, part, rate, burst);
    }
    let delay = nanoseconds(settings.duration("listing-lag").unwrap_or(Seconds(0.0)));
    if delay > 0 {
        stores::view(lowering, View { component: part, delay, beat: 0, leader: 0, lost: false });
    }
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Read | Ask::ReadBy(By::List) | Ask::Write(_) => Ok(()),
        _ => Err(stores::refuse(
            lowering,
            part,
            ask,
            "an object is written as a whole, several are not written together; keep what must agree in a `database`",
            "it finds objects by name, or lists a prefix (`by: list`); keep an index of them in a `database`",
        )),
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let limits = stores::limits_of(lowering, part);
    let bytes = settings.size("object").unwrap_or(Bytes(1e5)).0;
    let over = settings.bandwidth("bandwidth").unwrap_or(Bytes(8e7)).0.max(1.0);
    let wait = |lowering: &mut Lowering<'_>, key: &str, p50: f64, p99: f64, whole: bool| {
        let time = database::time(lowering, part, key, lognormal(p50, p99));
        lowering.push(time);
        if whole {
            let law = lowering.law(&Dist::Const(bytes / over));
            lowering.push(Step::Wait { law, site: draws::site("bytes") });
        }
    };
    match ask {
        Ask::Read => {
            stores::take(lowering, limits.first().copied(), 1);
            wait(lowering, "read-time", 0.03, 0.2, true);
            lowering.push(Step::Return);
        }
        Ask::ReadBy(_) => {
            stores::take(lowering, limits.first().copied(), 1);
            stores::looks(lowering, part);
            wait(lowering, "list-time", 0.06, 0.4, false);
            lowering.push(Step::Return);
        }
        Ask::Write(topics) => {
            stores::take(lowering, limits.get(1).copied(), 1);
            wait(lowering, "write-time", 0.05, 0.3, true);
            stores::wrote(lowering, part);
            stores::written(lowering, topics);
        }
        _ => {}
    }
}

/// The lognormal law with this median and 99th percentile. Unit: s.
fn lognormal(p50: f64, p99: f64) -> Dist {
    Dist::LogNormal { p50, p99 }
}
