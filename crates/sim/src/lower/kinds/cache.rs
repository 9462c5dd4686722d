//! A cache in front of a store: a hit takes `hit`, a miss also reads what it is a cache of.
//!
//! What it holds is followed item by item (`caching`, `kernel::machines::caches`). Writes through it go to the store and drop
//! the row, put it in as well, or are stored later.

use super::{Kind, cannot, count_or, service};
use crate::kernel::draws;
use crate::kernel::machines::repairs::Falls;
use crate::kernel::machines::{behind, caches};
use crate::kernel::tables::{Act, Component, Operand, Step, share_bits};
use crate::lower::caching::{self, Memory};
use crate::lower::steps::Context;
use crate::lower::{Ask, From, Lowering, nanoseconds, repairs};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::quantity::Dist;
use groundplan_model::span::Located;
use groundplan_model::vocabulary::{Key, KindWords, Shape};

/// Words of the component.
pub const WORDS: KindWords = KindWords {
    name: "cache",
    manual: "Holds the popular part of a store: a hit takes `hit`, a miss reads the store besides and fills in what it \
             got. It is followed item by item by the rows that are read, up to 4M items over all caches of a design; \
             beyond, and where `hit-ratio` is given without `capacity`, hits are drawn by their share. It begins in its \
             steady state; a crash or a `flush` empties it. What is written through it is dropped (`around`), held as it \
             is now (`through`), or acknowledged at once and stored later (`behind`).",
    keys: &[
        Key::required("of", Shape::Reference("store"), "The store, or a data set in one, that a miss reads."),
        caching::CAPACITY,
        caching::KEYS,
        caching::HIT_RATIO,
        caching::EVICTION,
        caching::TTL,
        caching::TTL_RESET,
        caching::TTL_JITTER,
        caching::EARLY_REFRESH,
        caching::SERVE_STALE,
        caching::SINGLE_FLIGHT,
        caching::FILL,
        caching::START,
        caching::EACH_HOLDS,
        Key::default(
            "writes",
            Shape::Word(&["around", "through", "behind"]),
            "around",
            "What a write through it does: the store has it and the item is dropped, or both have it, or the cache has it and stores it later.",
        ),
        Key::default("store-every", Shape::Duration, "1s", "With `writes: behind`: longest wait until it is stored."),
        Key::default("store-batch", Shape::Count, "100", "With `writes: behind`: rows that one write stores."),
        Key::default("hit", Shape::Distribution, "exp(0.3ms)", "Time to look up an item."),
        Key::default("replicas", Shape::Count, "1", "Copies, over the zones of the place in order."),
        Key::default("workers", Shape::CountOrUnlimited, "unlimited", "Look-ups in work at once, per replica."),
        Key::optional("cores", Shape::CountOrUnlimited, "CPU cores; as many as workers where it is missing."),
        Key::default("queue", Shape::CountOrUnlimited, "unlimited", "Look-ups that may wait, per replica."),
        Key::default("restart", Shape::Duration, "10s", "Time until a crashed replica works again."),
        repairs::FAILS,
        repairs::REPAIR,
        repairs::REPAIRERS,
    ],
    leaves_out: &[
        "Sizes of items: capacity counts them.",
        "Writes that go past it to the store: what it holds stays as it was until its `ttl` is over.",
        "A read that began before a write and fills in the old value after it.",
        "A flush or restart of one that is not followed: its share of hits stays.",
    ],
    goes_with: &["database", "flush", "fallback", "crash"],
    example: crate::lower::example!("components/cache"),
    without: &["components.products", "components.shop.operations.browse.0.read = catalogue"],
};

/// The kind.
pub(crate) const KIND: Kind =
    Kind { words: WORDS, has_operations: false, hop: false, declare, answers, emit, balances: None };

fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let settings = &lowering.parts[part as usize].component.settings;
    let replicas = count_or(settings, "replicas", 1).clamp(1, 10_000) as u32;
    let restart = nanoseconds(settings.duration("restart").unwrap_or(service::RESTART));
    let followed = settings.get("capacity").is_some();
    let behind = settings.text("writes") == Some("behind");
    for key in ["store-every", "store-batch"].into_iter().filter(|key| !behind && settings.get(key).is_some()) {
        lowering.diagnostics.push(
            Diagnostic::warning("idle-key", format!("`{key}` says nothing where the cache stores nothing later"))
                .at(settings.span(key), "without `writes: behind`")
                .help("write `writes: behind`, or leave it out"),
        );
    }
    let keeps = if followed { lowering.kept_by_cache(part) } else { 0 };
    lowering.declare(part, Component { restart, keeps, ..service::row(settings) }, replicas);
    lowering.parts[part as usize].rows = followed;
    lowering.repairs(part, replicas, 0, Falls::Each);
    lowering.check_cache(part);
}

fn answers(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Result<(), Diagnostic> {
    match ask {
        Ask::Read | Ask::Write(_) => Ok(()),
        _ => Err(cannot(lowering, part, ask)),
    }
}

/// Something that the machine does for a cache.
fn act(lowering: &mut Lowering<'_>, act: caches::Act, unit: u32, to: u32) -> u32 {
    let at = Operand { unit, site: draws::site("miss"), to };
    lowering.push(Step::Machine { act: Act::Caches(act), at })
}

/// Emits a look and what a miss does: `backing` is the call that fetches.
pub(crate) fn look_through(lowering: &mut Lowering<'_>, memory: Memory, backing: Step) {
    let unit = match memory {
        Memory::Chance(miss) => {
            let to = lowering.here() + 2;
            lowering.push(Step::Lookup { share: share_bits(miss), to, site: draws::site("miss") });
            lowering.push(Step::Return);
            lowering.push(backing);
            lowering.push(Step::Return);
            return;
        }
        Memory::Followed(unit) => unit,
    };
    let to = lowering.here() + 2;
    act(lowering, caches::Act::Look, unit, to);
    lowering.push(Step::Return);
    lowering.push(backing);
    act(lowering, caches::Act::Fill, unit, 0);
    lowering.push(Step::Return);
    let row = &lowering.tables.machines.caches.units[unit as usize];
    if row.early > 0.0 || row.stale > 0 {
        lowering.tables.machines.caches.units[unit as usize].refresh = lowering.here();
        lowering.push(Step::Answer);
        act(lowering, caches::Act::Fetch, unit, 0);
        lowering.push(backing);
        act(lowering, caches::Act::Fill, unit, 0);
        lowering.push(Step::Leave);
    }
}

fn emit(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, target: u32) {
    let component = lowering.parts[part as usize].component;
    let Some(of) = component.settings.text("of") else {
        return;
    };
    let of = Located::new(of.to_string(), component.settings.span("of"));
    let Some(store) = lowering.holder_of(&of.value) else {
        let known: Vec<&str> = lowering.parts.iter().map(|part| part.component.name.value.as_str()).collect();
        let diagnostic = crate::lower::unknown("store", "unknown-component", &of, known);
        lowering.diagnostics.push(diagnostic);
        return;
    };
    let write = matches!(ask, Ask::Write(_));
    let how = component.settings.text("writes").unwrap_or("around");
    let backing = if write { Ask::Write(lowering.topics_of_write(store, &of.value)) } else { Ask::Read };
    let Some(kind) = lowering.parts[store as usize].kind else {
        return;
    };
    let mut asked = vec![&backing];
    let any_write = Ask::Write(Vec::new());
    if how == "behind" && !write {
        asked.push(&any_write);
    }
    for asked in asked {
        if let Err(diagnostic) = (kind.answers)(lowering, store, asked) {
            let diagnostic = diagnostic.at(of.span, "asked for here");
            lowering.tell_once(diagnostic.help("put the cache in front of a database, another store or another cache"));
            return;
        }
    }
    let behind = write && how == "behind";
    if behind && !matches!(&backing, Ask::Write(topics) if topics.is_empty()) {
        let name = &component.name.value;
        lowering.tell_once(
            Diagnostic::error(
                "records-behind",
                format!("records of writes to `{}` would leave only when `{name}` stores them", of.value),
            )
            .at(component.settings.span("writes"), "stored later")
            .help("write `writes: through`, or let steps write to the store itself"),
        );
        return;
    }
    let context = Context::operation(part, target, component.name.value.clone());
    let from = From { part: context.part, target: context.target, span: of.span, waits: !behind };
    let site = lowering.site(from, store, backing, &format!("{} behind", of.value));
    let dist = component.settings.dist("hit").cloned().unwrap_or(Dist::Exp(0.0003));
    let law = lowering.law(&dist);
    let look = lowering.compute_step(Some(part), law, draws::site("hit"));
    lowering.push(look);
    let memory = lowering.memory(part, &[(component.name.value.clone(), 1.0)], store);
    if !write {
        look_through(lowering, memory, Step::Call { site });
        return;
    }
    let unit = match memory {
        Memory::Followed(unit) => Some(unit),
        Memory::Chance(_) => None,
    };
    match (how, unit) {
        ("behind", Some(unit)) => write_behind(lowering, part, unit, site),
        ("behind", None) => lowering.tell_once(
            Diagnostic::error(
                "unfollowed-cache",
                format!("nothing says what `{}` holds until it stores it", component.name.value),
            )
            .at(component.settings.span("writes"), "")
            .help("give `capacity` and `keys`, of at most 4M items"),
        ),
        (_, None) => {
            lowering.push(Step::Call { site });
            lowering.push(Step::Return);
        }
        (how, Some(unit)) => {
            lowering.push(Step::Call { site });
            if !lowering.tables.machines.caches.units[unit as usize].fixed {
                act(lowering, if how == "through" { caches::Act::Put } else { caches::Act::Forget }, unit, 0);
            }
            lowering.push(Step::Return);
        }
    }
}

/// A write that is acknowledged at once, and the batch that stores it.
fn write_behind(lowering: &mut Lowering<'_>, part: u32, unit: u32, site: u32) {
    act(lowering, caches::Act::Keep, unit, 0);
    lowering.push(Step::Return);
    let entry = lowering.push(Step::Call { site });
    act(lowering, caches::Act::Stored, unit, 0);
    lowering.push(Step::Back);
    let component = lowering.parts[part as usize].component;
    let (batch, every) = caching::batches(&component.settings);
    let name = draws::site(&format!("{} batch", component.name.value));
    lowering.tables.machines.caches.units[unit as usize].behind =
        Some(behind::Rule { every, batch, entry, site: name });
}
