//! How requests wait at a component and how its cores are given away: words that kinds with workers share, and their meaning.

use super::Lowering;
use super::kinds::count_or;
use crate::kernel::tables::{Component, Discipline, NONE, Queueing, Sharing, Shed, WhenFull};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::units::Seconds;
use groundplan_model::value::{Settings, Value};
use groundplan_model::vocabulary::{Key, Shape};

const CODEL: &[Key] = &[
    Key::default("target", Shape::Duration, "5ms", "Wait that is put up with."),
    Key::default("interval", Shape::Duration, "100ms", "How long waits may stay above it before one is dropped."),
];
const SHED: &[Key] = &[
    Key::default("priority", Shape::Count, "2", "Requests of this priority number and beyond are refused."),
    Key::optional("queue", Shape::Count, "While so many wait at the replica."),
    Key::optional("wait", Shape::Duration, "While the next to be served has waited so long."),
];
const SHED_RULE: Shape = Shape::Record(SHED);

/// Who is served next.
pub(crate) const DISCIPLINE: Key = Key::default(
    "discipline",
    Shape::Word(&["fifo", "lifo", "codel", "priority", "sjf", "srpt", "edf"]),
    "fifo",
    "Who gets the next free worker: by arrival (`codel` drops who waited too long for too long), `priority` of the load, \
     CPU time (`sjf`), CPU time left (`srpt`, on cores), deadline (`edf`; without one last).",
);
/// Parameters of CoDel.
pub(crate) const CODEL_KEY: Key = Key::optional("codel", Shape::Record(CODEL), "Parameters of `discipline: codel`.");
/// Whether the best takes over.
pub(crate) const PREEMPTIVE: Key = Key::default(
    "preemptive",
    Shape::Word(&["no", "resume"]),
    "no",
    "With `resume` the discipline gives away cores: who is better takes over, who is put off resumes later. All requests \
     are then in work at once, unless `workers` is above `cores`.",
);
/// What happens at a full queue.
pub(crate) const WHEN_FULL: Key = Key::default(
    "when-full",
    Shape::Word(&["refuse", "drop-oldest", "block"]),
    "refuse",
    "What a request meets at a full queue: it is refused, the oldest waiter is, or it waits before the queue and holds up \
     its caller (also one that sends and is not over a network).",
);
/// Whether replicas share a queue.
pub(crate) const SHARED_QUEUE: Key = Key::default(
    "shared-queue",
    Shape::Flag,
    "no",
    "One queue for all replicas, which outlives them; `queue` is then its length.",
);
/// Load that is shed.
pub(crate) const SHED_KEY: Key = Key::optional(
    "shed",
    Shape::OneOrMany(&SHED_RULE),
    "Requests of low priority that are refused while the replica is busy: `{ priority: 2, queue: 50 }`.",
);

impl Lowering<'_> {
    /// Fills in how requests wait at a component and share its cores.
    pub(crate) fn serve(&mut self, part: u32, row: Component) -> Component {
        let component = self.parts[part as usize].component;
        let settings = &component.settings;
        let mut row = row;
        let discipline = discipline(settings);
        let preempts = settings.text("preemptive") == Some("resume") || discipline == Discipline::Remaining;
        let when_full = match settings.text("when-full") {
            Some("drop-oldest") => WhenFull::DropOldest,
            Some("block") => WhenFull::Block,
            _ => WhenFull::Refuse,
        };
        let shared = settings.flag("shared-queue") == Some(true);
        if preempts && matches!(discipline, Discipline::Fifo | Discipline::Codel { .. }) {
            let diagnostic = Diagnostic::error("nothing-preempts", "in order of arrival nobody takes over")
                .at(settings.span("preemptive"), "asked for here")
                .help("give a `discipline` such as `priority`, or leave `preemptive` out");
            self.diagnostics.push(diagnostic);
        }
        if preempts {
            row.sharing = Sharing::Ranked(discipline);
            row.shares = row.cores != NONE;
            if row.workers <= row.cores && row.cores != NONE {
                // No more than had workers run at once.
                row.cores = row.workers;
                // In work are those on cores and those put off; `queue` counts the latter.
                row.workers = if row.queue == NONE { NONE } else { row.cores.saturating_add(row.queue) };
                row.queue = if row.queue == NONE { NONE } else { 0 };
            }
        }
        // No one waits for a worker where workers are unlimited.
        let waits = row.workers != NONE;
        if shared && !waits {
            let diagnostic = Diagnostic::error("nothing-waits", "replicas share a queue, but no one ever waits in it")
                .at(settings.span("shared-queue"), "workers are unlimited")
                .help("say how many `workers` a replica has");
            self.diagnostics.push(diagnostic);
        }
        let queueing = Queueing { discipline, when_full, shared };
        if waits && queueing != Queueing::default() {
            row.queueing = Some(queueing);
        }
        let first = self.tables.sheds.len() as u32;
        let rules: Vec<&Settings> = match settings.get("shed") {
            Some(Value::Map(rule)) => vec![rule],
            _ => {
                let maps = settings.list("shed").iter();
                maps.filter_map(|rule| if let Value::Map(rule) = &rule.value { Some(rule) } else { None }).collect()
            }
        };
        for rule in &rules {
            if rule.get("queue").is_none() && rule.get("wait").is_none() {
                let diagnostic = Diagnostic::error("sheds-always", "this sheds load without saying when")
                    .at(settings.span("shed"), "")
                    .help("add `queue: 50` or `wait: 20ms`");
                self.diagnostics.push(diagnostic);
            }
            self.tables.sheds.push(Shed {
                priority: count_or(rule, "priority", 2).clamp(1, 255) as u8,
                waiting: rule.count("queue").map_or(NONE, |count| count.min(u64::from(NONE)) as u32),
                wait: rule.duration("wait").map_or(u64::MAX, super::nanoseconds),
            });
        }
        row.sheds = (first, rules.len() as u32);
        row
    }
}

fn discipline(settings: &Settings) -> Discipline {
    match settings.text("discipline") {
        Some("lifo") => Discipline::Lifo,
        Some("priority") => Discipline::Priority,
        Some("sjf") => Discipline::Size,
        Some("srpt") => Discipline::Remaining,
        Some("edf") => Discipline::Deadline,
        Some("codel") => {
            let said = settings.map("codel");
            let time = |key, otherwise| said.and_then(|said| said.duration(key)).unwrap_or(Seconds(otherwise));
            let interval = super::nanoseconds(time("interval", 0.1)).max(1);
            Discipline::Codel { target: super::nanoseconds(time("target", 0.005)), interval }
        }
        _ => Discipline::Fifo,
    }
}
