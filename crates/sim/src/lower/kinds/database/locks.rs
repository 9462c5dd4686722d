//! Row locks of a database, and versions of rows where steps ask for them: which databases have them, and what they emit.
//!
//! Rows are told apart where the database says `keys`, or where a step reads a version of it. What steps say of versions, and
//! what is wrong with that, stands in `policies::write_if`; what locks and versions do, in `kernel::machines::locks`.

use crate::kernel::machines::locks;
use crate::kernel::tables::{Act, NONE, Operand, Purpose, Step};
use crate::lower::Lowering;
use crate::lower::policies::write_if;
use crate::record::Word;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::units::Seconds;
use groundplan_model::value::Value;
use groundplan_model::vocabulary::{Key, Shape};

/// Whether rows are locked.
pub(super) const LOCKS: Key = Key::optional(
    "locks",
    Shape::Word(&["rows", "none"]),
    "`rows`: a write takes the exclusive lock of its row, first come first served, and holds it to its own end or its \
     transaction's. So by itself where the database says `keys` or a step reads a version; elsewhere every write would be of \
     a row of its own, unless the load says `keys` or steps say `key`.",
);
/// The longest wait. InnoDB waits 50 s (`innodb_lock_wait_timeout`, MySQL 8.0 reference manual, InnoDB startup options);
/// PostgreSQL waits for ever (`lock_timeout` is 0, PostgreSQL 16 documentation, 20.11). What waits for ever in a run hides
/// what a design lacks, so the finite one of the two is the default.
pub(super) const LOCK_TIMEOUT: Key = Key::default(
    "lock-timeout",
    Shape::Either(&[Shape::Duration, Shape::Word(&["unlimited"])]),
    "50s",
    "Longest wait for the lock of a row; then the write fails with `conflict`, and its transaction with it.",
);

/// Whether a database locks its rows.
fn has(lowering: &Lowering<'_>, part: u32) -> bool {
    let component = lowering.parts[part as usize].component;
    match component.settings.text("locks") {
        Some(said) => said == "rows",
        None => {
            component.settings.get("keys").is_some()
                || write_if::asked_of(lowering.design, &component.name.value, &component.settings)
        }
    }
}

/// What a database keeps count of because of its locks: bits of `record::KEPT`.
pub(in crate::lower::kinds) fn keeps(lowering: &Lowering<'_>, part: u32) -> u64 {
    let component = lowering.parts[part as usize].component;
    if !has(lowering, part) {
        return 0;
    }
    let locks = [Word::LockWaits, Word::LockWait, Word::LockHeld, Word::Deadlocks, Word::LockTimeouts];
    let versions = [Word::Conflicts, Word::ConditionalWrites];
    let bits = |words: &[Word]| words.iter().fold(0, |bits, word| bits | word.bit());
    let asked = write_if::asked_of(lowering.design, &component.name.value, &component.settings);
    bits(&locks) | if asked { bits(&versions) } else { 0 }
}

/// Gives a database its locks, where it has some.
pub(in crate::lower::kinds) fn declare(lowering: &mut Lowering<'_>, part: u32) {
    let component = lowering.parts[part as usize].component;
    let settings = &component.settings;
    let versions = write_if::asked_of(lowering.design, &component.name.value, settings);
    let timeout = settings.duration("lock-timeout");
    if timeout.is_some_and(|timeout| timeout.0 <= 0.0) {
        let diagnostic = Diagnostic::error("lock-timeout-zero", "a `lock-timeout` of zero would let no write wait")
            .at(settings.span("lock-timeout"), "")
            .help("write how long a write may wait, such as `lock-timeout: 5s`, or `unlimited`");
        lowering.diagnostics.push(diagnostic);
    }
    if !has(lowering, part) {
        if versions {
            let diagnostic = Diagnostic::error(
                "versions-without-rows",
                format!("a step reads versions of rows of `{}`, which says that it has none", component.name.value),
            )
            .at(settings.span("locks"), "")
            .help("leave out `locks: none`");
            lowering.diagnostics.push(diagnostic);
        } else if timeout.is_some() || matches!(settings.get("lock-timeout"), Some(Value::Text(_))) {
            let diagnostic = Diagnostic::warning(
                "idle-lock-timeout",
                format!("`{}` locks no rows, so `lock-timeout` says nothing", component.name.value),
            )
            .at(settings.span("lock-timeout"), "")
            .help("say how its rows are asked for, such as `keys: zipf(0.9 2M)`, or `locks: rows`");
            lowering.diagnostics.push(diagnostic);
        }
        return;
    }
    let patience = match settings.get("lock-timeout") {
        Some(Value::Text(_)) => NONE,
        _ => lowering.lane(timeout.unwrap_or(Seconds(50.0)), Purpose::LockWait),
    };
    lowering.parts[part as usize].rows = true;
    lowering.tables.machines.locks.stores.push(locks::Store { component: part, patience, versions });
}

/// The store of a database among those that lock rows.
fn store(lowering: &Lowering<'_>, part: u32) -> Option<(u32, locks::Store)> {
    let stores = lowering.tables.machines.locks.stores.iter();
    stores.enumerate().find(|(_, store)| store.component == part).map(|(unit, store)| (unit as u32, *store))
}

/// Emits something that a database asks of its locks, where it has some.
pub(in crate::lower::kinds) fn ask(lowering: &mut Lowering<'_>, part: u32, act: locks::Act) {
    let Some((unit, store)) = store(lowering, part) else {
        return;
    };
    if store.versions || matches!(act, locks::Act::Lock | locks::Act::Commit) {
        lowering.push(Step::Machine { act: Act::Locks(act), at: Operand { unit, ..Operand::default() } });
    }
}
