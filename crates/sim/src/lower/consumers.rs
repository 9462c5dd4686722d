//! What consumers and queues say that can't be: no time, no deliveries, letters that come back for ever, groups of nothing.
//!
//! That a handler's topic exists is checked where topics are declared.

use super::Lowering;
use groundplan_model::design::{Component, Operation};
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::text::shown;
use groundplan_model::units::Seconds;

/// Settings of consumers that must not be zero.
const COUNTED: &[&str] = &["batch", "deliveries", "prefetch"];
/// Settings of operations that say something of consumers alone.
const OF_CONSUMERS: &[&str] = &[
    "group",
    "dedupe",
    "dead-letters",
    "from",
    "batch",
    "poll",
    "commit",
    "commit-time",
    "exactly-once",
    "session-timeout",
    "rebalance",
    "rebalance-time",
    "deliveries",
    "redeliver-after",
    "on-failure",
    "prefetch",
];

impl Lowering<'_> {
    /// Looks at all consumers, logs and queues.
    pub(crate) fn check_flows(&mut self) {
        let design = self.design;
        for component in &design.components {
            self.check_carrier(component);
            for operation in &component.operations {
                self.check_consumer(operation);
            }
        }
        self.check_letters();
    }

    fn check_carrier(&mut self, component: &Component) {
        let settings = &component.settings;
        for key in ["visibility", "retention", "flush", "poll"] {
            if settings.duration(key).is_some_and(|time| time.0 <= 0.0) {
                let why = match key {
                    "visibility" => "a message would come back before it could be handled",
                    "retention" => "no record would live to be consumed",
                    _ => "it would happen without end at one instant",
                };
                self.diagnostics.push(
                    Diagnostic::error("no-time", format!("`{key}: 0s` of {}: {why}", shown(&component.name.value)))
                        .at(settings.span(key), "no time at all")
                        .help(format!("write a time, as `{key}: 30s`")),
                );
            }
        }
        if settings.count("limit") == Some(0) {
            self.diagnostics.push(
                Diagnostic::error("out-of-range", format!("{} takes nothing", shown(&component.name.value)))
                    .at(settings.span("limit"), "room for none")
                    .help("write at least 1, or leave `limit` out"),
            );
        }
    }

    fn check_consumer(&mut self, operation: &Operation) {
        let settings = &operation.settings;
        let name = shown(&operation.name.value);
        for key in COUNTED {
            if settings.count(key) == Some(0) {
                self.diagnostics.push(
                    Diagnostic::error("out-of-range", format!("`{key}: 0` of {name} handles nothing"))
                        .at(settings.span(key), "counted here")
                        .help("write at least 1"),
                );
            }
        }
        let Some(handles) = &operation.handles else {
            if let Some(key) = OF_CONSUMERS.iter().find(|key| settings.get(key).is_some()) {
                self.diagnostics.push(
                    Diagnostic::error(
                        "group-without-topic",
                        format!("{name} says `{key}` and handles no topic or queue"),
                    )
                    .at(settings.span(key), "of a consumer")
                    .help("say what it consumes, as `handles: order-placed`, or take it away"),
                );
            }
            return;
        };
        let source = settings.text("from").unwrap_or(&handles.value);
        let Some((part, _)) = self.topics.names.iter().find(|(_, known)| known == source) else {
            return;
        };
        let carrier = self.parts[*part as usize].component;
        let retention = carrier.settings.duration("retention").unwrap_or(Seconds(f64::INFINITY));
        let session = settings.duration("session-timeout").unwrap_or(super::topics::SESSION);
        if carrier.kind.value == "log" && retention.0 > 0.0 && retention.0 < session.0 {
            self.diagnostics.push(
                Diagnostic::warning(
                    "retention-too-short",
                    format!(
                        "{} keeps records for {retention}, and a dead consumer is missed only after {session}",
                        shown(&carrier.name.value)
                    ),
                )
                .at(carrier.settings.span("retention"), "records are gone before another takes over")
                .help("keep them longer than the `session-timeout` of every consumer"),
            );
        }
    }

    /// Dead letters must have a place, and must not come back to who gave them up.
    fn check_letters(&mut self) {
        let design = self.design;
        let consumers = || design.components.iter().flat_map(|component| &component.operations);
        let source = |operation: &Operation| -> Option<String> {
            let handles = operation.handles.as_ref()?;
            Some(operation.settings.text("from").unwrap_or(&handles.value).to_string())
        };
        for operation in consumers() {
            let (Some(from), Some(to)) = (source(operation), operation.settings.text("dead-letters")) else {
                continue;
            };
            let span = operation.settings.span("dead-letters");
            if !self.topics.names.iter().any(|(_, known)| known == to) {
                if design.components.iter().any(|component| component.name.value == to) {
                    self.diagnostics.push(
                        Diagnostic::error("wrong-component", format!("{} is no queue and no topic", shown(to)))
                            .at(span, "asked for here")
                            .help("name a queue, or a topic of a log"),
                    );
                }
                continue;
            }
            // From letter to letter: as many steps as there are topics at most.
            let mut way = vec![to.to_string()];
            while way.len() <= self.topics.names.len() {
                let last = &way[way.len() - 1];
                if *last == from {
                    let round = way.iter().map(|name| shown(name).to_string()).collect::<Vec<_>>().join(", then to ");
                    self.diagnostics.push(
                        Diagnostic::error(
                            "dead-letters-in-a-circle",
                            format!(
                                "what {} gives up comes back to it: it goes to {round}",
                                shown(&operation.name.value)
                            ),
                        )
                        .at(span, "this closes the circle")
                        .help("park them in a queue of their own"),
                    );
                    break;
                }
                let next = consumers().find(|other| source(other).as_ref() == Some(last));
                let Some(next) = next.and_then(|other| other.settings.text("dead-letters")) else { break };
                way.push(next.to_string());
            }
        }
    }
}
