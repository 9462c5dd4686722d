//! Kinds of components: what a design calls them, what the manual says, what they do with what is asked of them.

pub mod cache;
pub mod cdn;
pub mod change_capture;
pub mod database;
pub mod dns;
pub mod document;
pub mod event_store;
pub mod external;
pub mod key_value;
pub mod load_balancer;
pub mod log;
pub mod object_store;
pub mod outbox;
pub mod queue;
pub mod schema_registry;
pub mod search_index;
pub mod service;
mod stores;
pub mod stream_processor;
pub mod wide_column;

use super::{Ask, Lowering};
use crate::kernel::tables::{Balancer, NONE};
use groundplan_model::design::Component;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::value::{Settings, Value};
use groundplan_model::vocabulary::KindWords;

/// One kind of component.
pub struct Kind {
    /// Its name, manual and keys.
    pub words: KindWords,
    /// Whether it has operations of its own.
    pub has_operations: bool,
    /// Whether it only passes requests on, with the luck they came with.
    pub hop: bool,
    /// Adds its row and replicas.
    pub(crate) declare: fn(&mut Lowering<'_>, u32),
    /// Whether it answers what is asked; else what is wrong.
    pub(crate) answers: fn(&Lowering<'_>, u32, &Ask) -> Result<(), Diagnostic>,
    /// Emits the code that answers: component, what is asked, index of the target.
    pub(crate) emit: fn(&mut Lowering<'_>, u32, &Ask, u32),
    /// How it chooses among the replicas it calls; none for at random.
    pub(crate) balances: Option<fn(&Lowering<'_>, u32) -> Balancer>,
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.words.name)
    }
}

/// Every kind, in the order of the manual. To add one: a file beside this one and a line here.
pub static KINDS: &[Kind] = &[
    service::KIND,
    load_balancer::KIND,
    dns::KIND,
    database::KIND,
    key_value::KIND,
    document::KIND,
    wide_column::KIND,
    object_store::KIND,
    search_index::KIND,
    event_store::KIND,
    cache::KIND,
    cdn::KIND,
    log::KIND,
    queue::KIND,
    outbox::KIND,
    change_capture::KIND,
    schema_registry::KIND,
    stream_processor::KIND,
    external::KIND,
];

/// The words of every kind.
pub const WORDS: &[KindWords] = &{
    let mut words = [KINDS[0].words; KINDS.len()];
    let mut at = 1;
    while at < words.len() {
        words[at] = KINDS[at].words;
        at += 1;
    }
    words
};

/// What an operation is called behind a component that passes requests on, by its `routes` or its `to`: several where it
/// chooses among them.
pub(crate) fn passed_on(component: &Component, operation: &str) -> Vec<String> {
    let settings = &component.settings;
    if let Some(to) = settings.map("routes").and_then(|routes| routes.text(operation)) {
        return vec![to.to_string()];
    }
    let whole = |to: &str| if to.contains('.') { to.to_string() } else { format!("{to}.{operation}") };
    match settings.get("to") {
        Some(Value::Text(to)) => vec![whole(to)],
        Some(Value::Map(by_region)) => by_region.0.keys().filter_map(|key| by_region.text(key)).map(whole).collect(),
        _ => settings.texts("to").iter().map(|to| whole(to)).collect(),
    }
}

/// Components in a row that a name is looked for behind.
const HOPS: usize = 8;

/// Whether what a name stands for behind others is answered; else what is wrong.
pub(crate) fn answered_behind(lowering: &Lowering<'_>, reference: &str) -> Result<(), Diagnostic> {
    answered_within(lowering, reference, HOPS)
}

fn answered_within(lowering: &Lowering<'_>, reference: &str, hops: usize) -> Result<(), Diagnostic> {
    let (name, operation) = reference.split_once('.').map_or((reference, None), |(name, rest)| (name, Some(rest)));
    let Some(part) = lowering.parts.iter().position(|part| part.component.name.value == name) else {
        return Ok(());
    };
    let (part, found) = (part as u32, &lowering.parts[part]);
    let Some(kind) = found.kind else {
        return Ok(());
    };
    let Some(operation) = operation.filter(|_| kind.hop) else {
        let ask = operation.map_or(Ask::Whole, |operation| Ask::Operation(operation.to_string()));
        return (kind.answers)(lowering, part, &ask);
    };
    if hops == 0 {
        return Err(Diagnostic::error("call-cycle", format!("`{reference}` is passed on without end"))
            .at(found.component.name.span, "this one stands in the circle")
            .note(format!("behind {HOPS} components that pass it on no operation is reached"))
            .help("let the last of them lead to a component that has the operation"));
    }
    let behind = passed_on(found.component, operation);
    if behind.is_empty() {
        return Err(cannot(lowering, part, &Ask::Operation(operation.to_string()))
            .help("say where it goes with `to` or `routes`"));
    }
    behind.iter().try_for_each(|next| answered_within(lowering, next, hops - 1))
}

/// A count, or what is taken for `unlimited` or where nothing is said.
pub(crate) fn count_or(settings: &Settings, key: &str, otherwise: u64) -> u64 {
    settings.count(key).unwrap_or(otherwise)
}

/// A count as the tables hold it: `NONE` for `unlimited` and where nothing is said.
pub(crate) fn limit(settings: &Settings, key: &str) -> u32 {
    match settings.get(key) {
        Some(Value::Count(count)) => (*count).min(u64::from(NONE) - 1) as u32,
        _ => NONE,
    }
}

/// What is wrong with asking a component for something that its kind does not do.
pub(crate) fn cannot(lowering: &Lowering<'_>, part: u32, ask: &Ask) -> Diagnostic {
    let component = lowering.parts[part as usize].component;
    let (name, kind) = (&component.name.value, &component.kind.value);
    let what = match ask {
        Ask::Operation(operation) | Ask::Local(operation) => format!("has no operation `{operation}`"),
        Ask::Whole => "is called by one of its operations".to_string(),
        Ask::Read | Ask::ReadWithin => "can't be read".to_string(),
        Ask::ReadBy(by) => format!("can't be read by {}", by.word()),
        Ask::Write(_) | Ask::WriteWithin => "can't be written".to_string(),
        Ask::Begin | Ask::Commit(_) => "has no transactions".to_string(),
        Ask::Append(_) => "takes no events".to_string(),
    };
    let diagnostic = Diagnostic::error("wrong-component", format!("`{name}` ({kind}) {what}"));
    let known: Vec<&str> = component.operations.iter().map(|operation| operation.name.value.as_str()).collect();
    match ask {
        Ask::Operation(operation) | Ask::Local(operation) => {
            match groundplan_model::diagnostic::guess(operation, known.iter().copied()) {
                Some(right) => diagnostic.help(format!("did you mean `{name}.{right}`?")),
                None => diagnostic,
            }
        }
        Ask::Begin | Ask::Commit(_) => diagnostic.help("transactions are of a `database`"),
        Ask::Whole if !known.is_empty() => {
            diagnostic.help(format!("say which: {}", groundplan_model::text::one_of(known, 12)))
        }
        _ => diagnostic,
    }
}
