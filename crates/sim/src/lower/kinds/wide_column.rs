//! A wide-column store: partitions by key, in each the rows in order, and a choice of how many copies an access waits for.
//!
//! Writes go to a log and are cheap; files are merged later, and a shard is slow meanwhile. With `consistency: one` nobody
//! waits for the other copies: reads may miss writes, and a lost machine takes what only it had.

use super::{Kind, count_or, stores};
use crate::kernel::machines::compactions::{self, Rule};
use crate::kernel::machines::views::View;
use crate::kernel::tables::{Act, Operand, Step, share_bits};
use crate::lower::{Ask, By, Lowering, nanoseconds, repairs, sharding};
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::units::Seconds;
use groundplan_model::value::Settings;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

const COMPACTION: &[Key] = &[
    Key::required("after", Shape::Count, "Writes of a shard between two compactions."),
    Key::required("for", Shape::Duration, "How long one lasts."),
    Key::default("slow", Shape::Factor, "2x", "How many times as long accesses of the shard take meanwhile."),
];

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "wide-column",
    manual: "Rows in order within partitions, which are spread over `shards` by hash of their key. A read takes a row, or a \
             range of the rows of one partition (`by: range`). Writes are cheap and paid later, by compactions. `consistency` \
             says how many copies an access waits for: with `one` reads may miss writes for `lag`, and what only a lost \
             machine had is lost; with `quorum` and `all` neither.",
    keys: &[
        stores::HOLDS,
        sharding::SHARDS,
        stores::WORKERS,
        stores::CORES,
        stores::QUEUE,
        stores::DISCIPLINE,
        stores::QUEUE_TIMEOUT,
        Key::default(
            "read-time",
            Shape::Distribution,
            "exp(4ms)",
            "Time to read a row, which may lie in several files.",
        ),
        Key::default("write-time", Shape::Distribution, "exp(1ms)", "Time to write a row to log and memory."),
        Key::default("range-time", Shape::Distribution, "exp(8ms)", "Time to read a range of the rows of a partition."),
        Key::default(
            "scan-time",
            Shape::Distribution,
            "exp(1s)",
            "Time in which a shard reads all it has (`by: scan`).",
        ),
        stores::COPIES,
        Key::default(
            "consistency",
            Shape::Word(&["one", "quorum", "all"]),
            "quorum",
            "Copies that a read or write waits for: the nearest, a majority, all.",
        ),
        Key::default("lag", Shape::Duration, "10ms", "With `consistency: one`: how far the other copies are behind."),
        Key::optional(
            "compaction",
            Shape::Record(COMPACTION),
            "Merging of files: `{ after: 10k, for: 2s, slow: 3x }`.",
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
        "Copies that serve side by side: one of each shard has its workers, the others are waits (the quorum store is another model).",
        "Writes that overtake one another by skewed clocks, hints and repair between copies.",
        "Reads that grow dearer until the next compaction, and partitions that grow too large.",
        "Accesses that name a `consistency` of their own.",
        "With copies, data lost by their failures: `fails` takes a shard's leader.",
    ],
    goes_with: &["key-value", "document", "hot-key", "zone-loss"],
    example: crate::lower::example!("components/wide-column"),
    without: &["components.events.consistency"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

/// Copies besides the first that an access waits for.
fn others(settings: &Settings, copies: u32) -> u32 {
    match settings.text("consistency") {
        Some("one") => 0,
        Some("all") => copies - 1,
        _ => copies / 2,
    }
}

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let (shards, copies) = stores::declare(lowering, part, 0);
    lowering.parts[part as usize].everywhere = &[By::Scan];
    if settings.text("consistency") == Some("one") && copies > 1 {
        let delay = nanoseconds(settings.duration("lag").unwrap_or(Seconds(0.01)));
        let leader = share_bits(1.0 / f64::from(copies));
        stores::view(lowering, View { component: part, delay, beat: 0, leader, lost: true });
    }
    let Some(said) = settings.map("compaction") else { return };
    let slow = said.number("slow").unwrap_or(2.0);
    if slow <= 0.0 || said.count("after") == Some(0) {
        let diagnostic = Diagnostic::error("out-of-range", "a compaction comes after some writes, and takes some time")
            .at(settings.span("compaction"), "")
            .help("write `compaction: { after: 10k, for: 2s, slow: 3x }`");
        lowering.diagnostics.push(diagnostic);
        return;
    }
    let row = &mut lowering.tables.components[part as usize];
    row.keeps |= Word::Compactions.bit();
    let first = row.first;
    let compactions = &mut lowering.tables.machines.compactions;
    compactions.rules.push(Rule {
        component: part,
        first,
        place: compactions.replicas,
        after: count_or(said, "after", 10_000).max(1),
        lasts: nanoseconds(said.duration("for").unwrap_or(Seconds(2.0))),
        slow,
    });
    compactions.replicas += shards;
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Read | Ask::ReadBy(By::Range | By::Scan) | Ask::Write(_) => Ok(()),
        _ => Err(stores::refuse(
            lowering,
            part,
            ask,
            "one partition is written at a time, and nothing is undone; for several rows at once take a `database`",
            "it finds rows by key, by a range of one partition, or by scan; keep a second table by the other key, or take a \
             `document` store for an index, a `database` for a join",
        )),
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let copies = count_or(settings, "copies", 1).clamp(1, 1000) as u32;
    let others = others(settings, copies);
    match ask {
        Ask::Read | Ask::ReadBy(_) => {
            let (key, otherwise) = match ask {
                Ask::ReadBy(By::Range) => ("range-time", 0.008),
                Ask::ReadBy(_) => ("scan-time", 1.0),
                _ => ("read-time", 0.004),
            };
            if !matches!(ask, Ask::ReadBy(By::Scan)) {
                stores::looks(lowering, part);
            }
            stores::cost(lowering, part, key, Dist::Exp(otherwise));
            stores::acknowledged(lowering, part, copies, others);
            lowering.push(Step::Return);
        }
        Ask::Write(topics) => {
            stores::cost(lowering, part, "write-time", Dist::Exp(0.001));
            stores::acknowledged(lowering, part, copies, others);
            stores::wrote(lowering, part);
            let rules = &lowering.tables.machines.compactions.rules;
            if let Some(unit) = rules.iter().position(|rule| rule.component == part) {
                let act = Act::Compactions(compactions::Act::Wrote);
                lowering.push(Step::Machine { act, at: Operand { unit: unit as u32, ..Operand::default() } });
            }
            stores::written(lowering, topics);
        }
        _ => {}
    }
}
