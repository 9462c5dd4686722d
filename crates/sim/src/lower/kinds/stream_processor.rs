//! A stream processor: gathers the records of a topic into windows of event time and publishes a result when one is over.

use super::{Kind, cannot, count_or, database};
use crate::kernel::machines::windows::{self, Processor};
use crate::kernel::tables::{Act, Component, NONE, Operand, Step};
use crate::lower::{Ask, Lowering, nanoseconds};
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::units::Seconds;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Time between checkpoints where nothing is said.
pub(crate) const CHECKPOINT: Seconds = Seconds(30.0);

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "stream-processor",
    manual: "Reads a topic and gathers its records into windows of event time: when their requests came. A window is over \
             when no partition has records from before its end; then each partition gives one result, to `to`. Records of a \
             window that is over are late and dropped. State and positions are kept at each checkpoint: after a crash the \
             state is restored, which takes its time, and what came since the checkpoint is handled again.",
    keys: &[
        Key::required("reads", Shape::Reference("topic"), "The topic."),
        Key::optional("to", Shape::Reference("topic"), "Topic of the results."),
        Key::required("window", Shape::Duration, "Length of a window."),
        Key::optional(
            "slide",
            Shape::Duration,
            "From one window to the next, less than its length: windows overlap (hop).",
        ),
        Key::default(
            "allowed-lateness",
            Shape::Duration,
            "0s",
            "How long after its end a window waits for its records.",
        ),
        Key::default("process-time", Shape::Distribution, "exp(0.1ms)", "CPU time of a record."),
        Key::default("workers", Shape::CountOrUnlimited, "unlimited", "Partitions that it handles at once."),
        Key::default("checkpoint", Shape::Duration, "30s", "Time between checkpoints."),
        Key::optional("state", Shape::Size, "Size of its state."),
        Key::default("restore-rate", Shape::Bandwidth, "100 MB/s", "How fast its state is read back after a crash."),
        Key::default(
            "restart",
            Shape::Duration,
            "30s",
            "Time until its process works again; its state is restored then.",
        ),
        Key::default("exactly-once", Shape::Flag, "no", "Whether results go out with their checkpoint, once each."),
    ],
    leaves_out: &[
        "Several processes that share the partitions: it crashes and restarts as a whole.",
        "The time of a checkpoint, and one that fails.",
        "Keys: each partition gives one result a window.",
        "Dead letters: a record that can't be handled is not told apart from others.",
        "Windows that never close, for want of later records: they are in no delay.",
    ],
    goes_with: &["log"],
    example: crate::lower::example!("components/stream-processor"),
    without: &["components.counts.exactly-once", "components.counts.allowed-lateness"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let time = |key: &str, otherwise: Seconds| settings.duration(key).unwrap_or(otherwise);
    let state = settings.size("state").map_or(0.0, |size| size.0);
    let rate = settings.bandwidth("restore-rate").map_or(1e8, |rate| rate.0).max(1.0);
    let restart = nanoseconds(time("restart", Seconds(30.0))) + nanoseconds(Seconds(state / rate));
    let workers = count_or(settings, "workers", u64::from(NONE)).min(u64::from(NONE)) as u32;
    let row = Component { restart, workers, cores: workers, ..Component::default() };
    for (key, why) in [
        ("window", "no record lies in it"),
        ("slide", "one would follow another without end"),
        ("checkpoint", "it would do nothing else"),
    ] {
        if settings.duration(key).is_some_and(|time| time.0 <= 0.0) {
            lowering.diagnostics.push(
                Diagnostic::error("no-time", format!("`{key}: 0s`: {why}"))
                    .at(settings.span(key), "no time at all")
                    .help(format!("write a time, as `{key}: 1min`")),
            );
        }
    }
    let window = time("window", Seconds(60.0));
    if settings.duration("slide").is_some_and(|slide| slide.0 > window.0) {
        lowering.diagnostics.push(
            Diagnostic::error("windows-with-gaps", "between two windows records would fall through")
                .at(settings.span("slide"), format!("longer than the window of {window}"))
                .help("let windows follow one another at their length or sooner"),
        );
    }
    lowering.declare(part, row, 1);
    lowering.tables.components[part as usize].keeps |=
        Word::WindowDelay.bit() | Word::LateRecords.bit() | Word::Republished.bit();
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    Err(cannot(lowering, part, ask))
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, _target: u32) {
    if *ask != Ask::Whole {
        return;
    }
    let process = database::time(lowering, part, "process-time", Dist::Exp(0.0001));
    lowering.push(process);
    let processors = &lowering.tables.machines.windows.processors;
    if let Some(unit) = processors.iter().position(|processor| processor.component == part) {
        let act = Act::Windows(windows::Act::Add);
        lowering.push(Step::Machine { act, at: Operand { unit: unit as u32, ..Operand::default() } });
    }
    lowering.push(Step::Return);
}

/// Its row as a processor, reading in a group.
pub(crate) fn processor(lowering: &Lowering<'_>, part: u32, group: u32, to: u32) -> Processor {
    let settings = &lowering.parts[part as usize].component.settings;
    let time = |key: &str, otherwise: Seconds| nanoseconds(settings.duration(key).unwrap_or(otherwise));
    let size = time("window", Seconds(60.0)).max(1);
    Processor {
        component: part,
        group,
        to,
        size,
        slide: settings.duration("slide").map_or(size, nanoseconds).max(1),
        lateness: time("allowed-lateness", Seconds(0.0)),
        checkpoint: time("checkpoint", CHECKPOINT).max(1),
        once: settings.flag("exactly-once").unwrap_or(false),
    }
}
