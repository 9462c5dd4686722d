//! How a database's copies follow its leader: words, what a write waits for, who takes over, which copy answers a read.
//!
//! What becomes of it in a run stands in `kernel::machines::copies`. Not here: locks, transactions, time of statements.

use super::super::count_or;
use crate::kernel::machines::copies::{self, Group, Mode};
use crate::kernel::tables::{Act, NONE, Operand, Step};
use crate::lower::{Ask, From, Lowering, nanoseconds, unknown};
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::Span;
use groundplan_model::units::Seconds;
use groundplan_model::value::Settings;
use groundplan_model::vocabulary::{Key, Shape};

const PLACE: Shape = Shape::Reference("place");

/// Copies of the data, the leader included.
pub(super) const COPIES: Key = Key::default(
    "copies",
    Shape::Count,
    "1",
    "Copies of the data, the leader included, over the zones in order; with `copies-in` one more than it names.",
);
/// Where the followers are.
pub(super) const COPIES_IN: Key = Key::optional(
    "copies-in",
    Shape::List(&PLACE),
    "Where the followers are, one after the other: `[us-east/b, us-west]`. Of a region, its zones in order. Without it the \
     copies stand in the zones of `place`.",
);
/// What a write waits for.
pub(super) const REPLICATION: Key = Key::default(
    "replication",
    Shape::Word(&["sync", "quorum", "semi-sync", "async"]),
    "async",
    "What a write waits for: nothing (`async`), one follower that has received it (`semi-sync`), as many as make a majority \
     with the leader that have flushed it (`quorum`), or all (`sync`).",
);
/// Followers that are waited for.
pub(super) const ACKNOWLEDGEMENTS: Key = Key::optional(
    "acknowledgements",
    Shape::Count,
    "Followers that `semi-sync` (1) or `quorum` (half the copies) waits for.",
);
/// Patience of writes.
pub(super) const ACK_TIMEOUT: Key = Key::default(
    "ack-timeout",
    Shape::Duration,
    "10s",
    "How long writes wait for acknowledgements that don't come. Then `semi-sync` goes on as `async`, and `sync` without the \
     copies that don't answer, until they have caught up (`fallbacks` counts both); with `quorum` the write fails.",
);
/// How far copies are behind.
pub(super) const LAG: Key = Key::optional(
    "lag",
    Shape::Duration,
    "How much later than by the network alone followers have a write: with `async` (1s) in their log, else (0s) for who \
     reads there.",
);
/// Time of applying.
pub(super) const APPLY_TIME: Key = Key::default(
    "apply-time",
    Shape::Distribution,
    "0s",
    "Time in which a follower applies one write, one after the other: the queue before it is its lag.",
);
/// Time of a flush at followers.
pub(super) const FLUSH_TIME: Key = Key::default(
    "flush-time",
    Shape::Duration,
    "0s",
    "Time a follower takes to flush what it has received; `sync` and `quorum` wait for it.",
);
/// From loss to another leader.
pub(super) const FAILOVER: Key = Key::optional(
    "failover",
    Shape::Either(&[Shape::Duration, Shape::Word(&["none"])]),
    "Time from the loss of a leader until a copy leads in its place: `detection` and `promotion` together (30s), with \
     `hold-down` added. `none`: no copy ever does.",
);
/// Its first part.
pub(super) const DETECTION: Key =
    Key::optional("detection", Shape::Duration, "Time until the loss of a leader is noticed (10s).");
/// Its second part.
pub(super) const PROMOTION: Key = Key::optional(
    "promotion",
    Shape::Duration,
    "Time from then until a copy leads (20s); it first applies what it has received.",
);
/// Patience with a leader.
pub(super) const HOLD_DOWN: Key = Key::default(
    "hold-down",
    Shape::Duration,
    "0s",
    "How long a leader that was noticed to be lost must stay lost before a copy is promoted: cuts that are shorter cause no \
     failover.",
);
/// Whether another region may lead.
pub(super) const ACROSS_REGIONS: Key =
    Key::default("across-regions", Shape::Flag, "yes", "Whether a copy in another region may lead.");
/// Whether the old leader refuses.
pub(super) const FENCING: Key = Key::default(
    "fencing",
    Shape::Flag,
    "yes",
    "Whether a leader that was replaced while it was cut off refuses. Without, it goes on for the callers that reach it and \
     not the new one; once the two meet again its own writes are discarded: `lost-writes`, and `conflicting-writes` where both wrote \
     (the same row, where rows are told apart).",
);
/// Who answers reads.
pub(super) const READ_FROM: Key = Key::default(
    "read-from",
    Shape::Word(&["leader", "replica", "nearest"]),
    "leader",
    "Who answers reads outside transactions: the leader, any copy, or the copy that a message reaches soonest.",
);
/// What sessions are promised.
pub(super) const GUARANTEE: Key = Key::default(
    "guarantee",
    Shape::Word(&["none", "read-your-writes", "monotonic-reads", "session"]),
    "none",
    "What reads at copies promise a session (the load's `sessions`, else the request): to see its own writes, never to see \
     less than before, or both (`session`).",
);
/// How long reads wait for it.
pub(super) const GUARANTEE_WAIT: Key = Key::default(
    "guarantee-wait",
    Shape::Duration,
    "1s",
    "How long a read waits at a copy for what its session was promised; then it is passed on to the leader.",
);

/// Followers that a write waits for.
fn acknowledgements(replication: &str, said: Option<u64>, copies: u32) -> u32 {
    match replication {
        "sync" => copies - 1,
        "quorum" => said.map_or(copies / 2, |said| said as u32),
        "semi-sync" => said.map_or(1, |said| said as u32),
        _ => 0,
    }
}

/// Copies that settings ask for.
pub(super) fn copies(settings: &Settings) -> u32 {
    let named = settings.texts("copies-in").len() as u64;
    count_or(settings, "copies", 1 + named).clamp(1, 1000) as u32
}

/// Replicas that stand by.
pub(super) fn standby(settings: &Settings) -> u32 {
    if matches!(settings.text("read-from"), Some("replica" | "nearest")) { 0 } else { copies(settings) - 1 }
}

/// Lets a declared database's replicas follow a leader; its diagnostics.
pub(super) fn follow(lowering: &mut Lowering<'_>, part: u32) {
    let component = lowering.parts[part as usize].component;
    let settings = &component.settings;
    place_copies(lowering, part);
    check(lowering, part);
    let copies = copies(settings);
    if copies < 2 {
        return;
    }
    let replication = settings.text("replication").unwrap_or("async");
    let (mode, lag) = match replication {
        "sync" => (Mode::Sync, 0.0),
        "quorum" => (Mode::Quorum, 0.0),
        "semi-sync" => (Mode::SemiSync, 0.0),
        _ => (Mode::Async, 1.0),
    };
    let time = |key: &str, otherwise: f64| nanoseconds(settings.duration(key).unwrap_or(Seconds(otherwise)));
    let (detection, promotion) = failover(settings);
    let apply = settings.dist("apply-time").filter(|dist| dist.mean() > 0.0).cloned();
    let apply = apply.map_or(u16::MAX, |dist| lowering.law(&dist));
    let reads = matches!(settings.text("read-from"), Some("replica" | "nearest"));
    let fencing = settings.flag("fencing") != Some(false);
    let keyed =
        settings.get("keys").is_some() || lowering.design.load.iter().any(|load| load.settings.get("keys").is_some());
    let by_row = keyed && (reads || !fencing);
    lowering.parts[part as usize].rows |= by_row;
    let said = settings.text("guarantee").unwrap_or("none");
    let first = lowering.parts[part as usize].first;
    let group = Group {
        component: part,
        first,
        copies,
        mode,
        need: acknowledgements(replication, settings.count("acknowledgements"), copies),
        lag: time("lag", lag),
        apply,
        flush: time("flush-time", 0.0),
        patience: time("ack-timeout", 10.0),
        failover: nanoseconds(detection + promotion).saturating_add(time("hold-down", 0.0)),
        detection: nanoseconds(detection),
        hold_down: time("hold-down", 0.0),
        promotes: settings.text("failover") != Some("none"),
        across: settings.flag("across-regions") != Some(false),
        fencing,
        reads,
        own_writes: matches!(said, "read-your-writes" | "session"),
        monotonic: matches!(said, "monotonic-reads" | "session"),
        guarantee_wait: time("guarantee-wait", 1.0),
        by_row,
        regions: 0,
    };
    let zones = &lowering.tables.zones[first as usize..(first + copies) as usize];
    let regions: Vec<u16> = zones.iter().map(|zone| lowering.places.region_of(*zone)).collect();
    lowering.tables.machines.copies.add(group, &regions);
    let mut keeps = Word::Unreplicated.bit()
        | Word::LostAge.bit()
        | Word::ReplicaLag.bit()
        | Word::Failovers.bit()
        | Word::FailoverTime.bit();
    if matches!(mode, Mode::SemiSync | Mode::Sync) {
        keeps |= Word::Fallbacks.bit();
    }
    if !fencing {
        keeps |= Word::ConflictingWrites.bit();
    }
    if reads {
        keeps |= Word::Staleness.bit()
            | Word::StaleReads.bit()
            | Word::VersionsBehind.bit()
            | Word::BrokenOwnWrites.bit()
            | Word::BrokenMonotonic.bit();
    }
    if reads && (group.own_writes || group.monotonic) {
        keeps |= Word::RedirectedReads.bit();
    }
    lowering.tables.components[part as usize].keeps |= keeps;
}

/// Detection and promotion: what is said, or the rest of the whole, or 10s and 20s.
fn failover(settings: &Settings) -> (Seconds, Seconds) {
    let said = |key| settings.duration(key);
    match (said("failover"), said("detection"), said("promotion")) {
        (Some(whole), None, None) => (Seconds(0.0), whole),
        (Some(whole), Some(detection), _) => (detection, Seconds((whole - detection).0.max(0.0))),
        (Some(whole), None, Some(promotion)) => (Seconds((whole - promotion).0.max(0.0)), promotion),
        (None, detection, promotion) => (detection.unwrap_or(Seconds(10.0)), promotion.unwrap_or(Seconds(20.0))),
    }
}

/// Puts the followers where `copies-in` says.
fn place_copies(lowering: &mut Lowering<'_>, part: u32) {
    let component = lowering.parts[part as usize].component;
    let named = component.settings.texts("copies-in");
    if named.is_empty() {
        return;
    }
    let mut taken: Vec<(String, usize)> = Vec::new();
    let mut zones = Vec::new();
    for name in &named {
        let within = lowering.places.within(&name.value);
        if within.is_empty() {
            let places = lowering.places.names();
            let headline_of = unknown("place", "unknown-place", name, places.iter().map(String::as_str));
            lowering.tell_once(headline_of.note(format!("a copy of `{}` is to stand there", component.name.value)));
            continue;
        }
        let used = taken.iter().position(|(known, _)| *known == name.value).unwrap_or_else(|| {
            taken.push((name.value.clone(), 0));
            taken.len() - 1
        });
        zones.push(within[taken[used].1 % within.len()]);
        taken[used].1 += 1;
    }
    let (first, count) = (lowering.parts[part as usize].first as usize, lowering.parts[part as usize].count as usize);
    if zones.is_empty() {
        return;
    }
    for nth in 1..count {
        lowering.tables.zones[first + nth] = zones[(nth - 1) % zones.len()];
    }
}

/// What settings of copies contradict.
fn check(lowering: &mut Lowering<'_>, part: u32) {
    let component = lowering.parts[part as usize].component;
    let (name, settings) = (&component.name.value, &component.settings);
    let copies = copies(settings);
    let mut found = Vec::new();
    let mut error = |code: &'static str, headline: String, key: &str, label: &str, help: String| {
        found.push(Diagnostic::error(code, headline).at(settings.span(key), label.to_string()).help(help));
    };
    let named = settings.texts("copies-in").len() as u64;
    if named > 0
        && let Some(said) = settings.count("copies").filter(|said| *said != named + 1)
    {
        let headline = format!("`{name}` has {said} copies, but places for {}", named + 1);
        error(
            "copies-without-places",
            headline,
            "copies-in",
            "the leader stands in `place`",
            "leave `copies` out".into(),
        );
    }
    let replication = settings.text("replication").unwrap_or("async");
    if let Some(need) = settings.count("acknowledgements") {
        if matches!(replication, "async" | "sync") {
            let headline = format!("`{replication}` does not ask how many copies answer");
            let help = "write `replication: semi-sync` or `replication: quorum`, or leave it out".into();
            error("idle-acknowledgements", headline, "acknowledgements", "", help);
        } else if need >= u64::from(copies) || need == 0 {
            let followers = copies - 1;
            let headline = match need {
                0 => format!("writes of `{name}` wait for no copy at all"),
                _ => format!("writes of `{name}` wait for {need} followers, but it has {followers}"),
            };
            let help = match followers {
                0 => "give it `copies: 3`".to_string(),
                _ => format!("write a number from 1 to {followers}, or give it more `copies`"),
            };
            error("quorum-too-large", headline, "acknowledgements", "asked for here", help);
        }
    }
    if copies < 2 {
        let alone = ["hold-down", "fencing", "across-regions", "apply-time", "guarantee", "detection", "promotion"];
        if let Some(key) = alone.into_iter().find(|key| settings.get(key).is_some()) {
            let headline = format!("`{name}` has one copy, of which `{key}` says nothing");
            error("no-copies", headline, key, "", "give it `copies: 3`, or leave it out".into());
        }
        if let Some(from @ ("replica" | "nearest")) = settings.text("read-from") {
            let headline = format!("`{name}` has one copy: there is no other to read from");
            let help = "give it `copies: 3`, or leave it out".into();
            error("no-copies", headline, "read-from", &format!("`{from}` asked for here"), help);
        }
    }
    let whole = settings.duration("failover");
    for key in ["detection", "promotion"] {
        let part = settings.duration(key);
        if let (Some(whole), Some(part)) = (whole, part)
            && part > whole
        {
            let headline = format!("a failover of {whole} is faster than its {key} of {part}");
            let help = format!("`failover` is both together: give it more than {part}, or leave it out");
            error("failover-too-fast", headline, "failover", "shorter than a part of it", help);
        }
    }
    if let (Some(whole), Some(detection), Some(promotion)) =
        (whole, settings.duration("detection"), settings.duration("promotion"))
        && detection <= whole
        && promotion <= whole
        && ((detection + promotion).0 - whole.0).abs() > 1e-9
    {
        let headline = format!("a failover of {whole} is not {detection} and {promotion} together");
        error("failover-too-fast", headline, "failover", "", "leave one of the three out".into());
    }
    let reads = matches!(settings.text("read-from"), Some("replica" | "nearest"));
    if !reads && let Some(said) = settings.text("guarantee").filter(|said| *said != "none") {
        let headline = format!("the leader of `{name}` answers all reads: `{said}` is kept anyway");
        let help = "write `read-from: replica` or `read-from: nearest`, or leave it out".into();
        error("idle-guarantee", headline, "guarantee", "", help);
    }
    found.extend(idle(name, settings, copies, replication));
    for diagnostic in found {
        lowering.tell_once(diagnostic);
    }
    if copies < 2
        && let Some(says @ ("sync" | "quorum" | "semi-sync")) = settings.text("replication")
    {
        let diagnostic =
            Diagnostic::warning("no-copies", format!("`{name}` has one copy: `{says}` has nobody to wait for"))
                .at(settings.span("replication"), "")
                .help("give it `copies: 3`, or leave it out");
        lowering.tell_once(diagnostic);
    }
}

/// Settings of copies that say nothing beside the others.
fn idle(name: &str, settings: &Settings, copies: u32, replication: &str) -> Vec<Diagnostic> {
    let asynchronous = copies > 1 && replication == "async";
    let never = copies > 1 && settings.text("failover") == Some("none");
    let promised = settings.text("guarantee").is_some_and(|said| said != "none");
    let alone = format!("`{name}` has one copy");
    let (waits, whole) = ("writes wait for no copy with `replication: async`", "no copy leads with `failover: none`");
    let more = "give it `copies: 3`, or leave it out";
    let sync = "write `replication: semi-sync`, `quorum` or `sync`, or leave it out";
    let leads = "write such as `failover: 30s`, or leave it out";
    let list = [
        ("failover", copies < 2, alone.as_str(), more),
        ("lag", copies < 2, &alone, more),
        ("ack-timeout", copies < 2, &alone, more),
        ("flush-time", copies < 2, &alone, more),
        ("ack-timeout", asynchronous, waits, sync),
        ("flush-time", asynchronous, waits, sync),
        ("hold-down", never, whole, leads),
        (
            "guarantee-wait",
            !promised,
            "no session was promised anything",
            "write `guarantee: session`, or leave it out",
        ),
    ];
    let said = list.into_iter().filter(|(key, idle, ..)| *idle && settings.get(key).is_some());
    said.map(|(key, _, why, help)| {
        Diagnostic::warning("idle-key", format!("`{key}` says nothing: {why}")).at(settings.span(key), "").help(help)
    })
    .collect()
}

/// Does something with the group of a database, if it has copies.
fn act(lowering: &mut Lowering<'_>, part: u32, act: copies::Act, to: u32) -> Option<u32> {
    let unit = lowering.tables.machines.copies.unit(part);
    (unit != NONE).then(|| {
        let at = Operand { unit, to, ..Operand::default() };
        lowering.push(Step::Machine { act: Act::Copies(act), at })
    })
}

/// Only a leader goes on.
pub(crate) fn lead(lowering: &mut Lowering<'_>, part: u32) {
    act(lowering, part, copies::Act::Lead, NONE);
}

/// A write enters the log and waits for its copies.
pub(crate) fn replicate(lowering: &mut Lowering<'_>, part: u32) {
    act(lowering, part, copies::Act::Commit, NONE);
}

/// A read at whichever copy answers it: `emit` emits the read itself, with its end.
pub(super) fn read(lowering: &mut Lowering<'_>, part: u32, ask: &Ask, emit: impl FnOnce(&mut Lowering<'_>)) {
    let unit = lowering.tables.machines.copies.unit(part);
    let Some(group) = lowering.tables.machines.copies.groups.get(unit as usize).copied() else {
        return emit(lowering);
    };
    if !group.reads {
        lead(lowering, part);
        return emit(lowering);
    }
    let looks = act(lowering, part, copies::Act::Read, NONE);
    emit(lowering);
    if !(group.own_writes || group.monotonic) {
        return;
    }
    // The copy passes the read on to the leader, with its own luck.
    let from = From { part: None, target: None, span: Span::NONE, waits: false };
    let site = lowering.site(from, part, ask.clone(), "");
    let placed = lowering.parts[part as usize].placed;
    let row = &mut lowering.tables.sites[site as usize];
    (row.count, row.balancer) = (group.copies, NONE);
    row.networked = placed && !lowering.tables.ways.is_empty();
    lowering.messages_of(site, placed, [0; 2], "");
    let to = lowering.push(Step::Call { site });
    lowering.push(Step::Return);
    if let Some(Step::Machine { at, .. }) = looks.and_then(|looks| lowering.tables.code.get_mut(looks as usize)) {
        at.to = to;
    }
}
