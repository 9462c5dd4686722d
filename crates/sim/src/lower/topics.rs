//! What is published where, and who consumes it: logs by their topics, queues by their name, outboxes by their data set.

use super::kinds::count_or;
use super::{Ask, From, Lowering, nanoseconds, unknown};
use crate::kernel::machines::relays::Relay;
use crate::kernel::tables::{Group, NONE, Topic};
use crate::record::Word;
use groundplan_model::design::Component;
use groundplan_model::diagnostic::Diagnostic;
use groundplan_model::span::{Located, Span};
use groundplan_model::units::Seconds;
use groundplan_model::value::Value;

/// Time until another consumer takes over from a dead one: `session.timeout.ms` since Kafka 3.0 (KIP-735).
pub(crate) const SESSION: Seconds = Seconds(45.0);
/// Time of a rebalance: members hear of it with their next heartbeat, `heartbeat.interval.ms` of Kafka.
const REBALANCE: Seconds = Seconds(3.0);
/// Most records of a poll: `max.poll.records` of Kafka.
const BATCH: u64 = 500;
/// Time of a transactional commit.
const TRANSACTION: Seconds = Seconds(0.01);
/// Pause before a failed record is delivered again.
const PAUSE: Seconds = Seconds(1.0);
/// How long a queue hides a record that one has in hand: the default of Amazon SQS.
const VISIBILITY: Seconds = Seconds(30.0);
/// Deliveries where dead letters have a place and nothing else is said.
const DELIVERIES: u64 = 5;
/// Partitions of a topic that does not say.
const PARTITIONS: u64 = 12;
/// Records in work at once at a consumer of a queue with unlimited workers.
const PREFETCH: u64 = 100;

/// Where records come from, by name.
#[derive(Debug, Default)]
pub(crate) struct Topics {
    /// Component and name of each topic; an outbox goes by its data set.
    pub names: Vec<(u32, String)>,
}

impl Topics {
    fn find(&self, name: &str) -> Option<u32> {
        self.names.iter().position(|(_, known)| known == name).map(|index| index as u32)
    }
}

impl Lowering<'_> {
    /// Finds all topics and their consumers.
    pub(crate) fn declare_topics(&mut self) {
        let mut partitions = Vec::new();
        for part in 0..self.parts.len() as u32 {
            let component = self.parts[part as usize].component;
            match component.kind.value.as_str() {
                "log" => {
                    let of_log = component.settings.count("partitions").unwrap_or(PARTITIONS);
                    match component.settings.get("topics") {
                        Some(Value::Map(topics)) => {
                            for (name, topic) in &topics.0 {
                                let own = match &topic.value {
                                    Value::Map(topic) => topic.count("partitions"),
                                    _ => None,
                                };
                                self.topics.names.push((part, name.clone()));
                                partitions.push(own.unwrap_or(of_log));
                            }
                        }
                        _ => {
                            for name in component.settings.texts("topics") {
                                self.topics.names.push((part, name.value));
                                partitions.push(of_log);
                            }
                        }
                    }
                }
                "queue" => {
                    self.topics.names.push((part, component.name.value.clone()));
                    partitions.push(0);
                }
                _ => {}
            }
        }
        // Outboxes: data sets that a handler takes its events from, or that a relay takes along.
        let design = self.design;
        for component in &design.components {
            for operation in &component.operations {
                if let Some(from) = operation.settings.text("from")
                    && self.topics.find(from).is_none()
                    && let Some(part) = self.holder_of(from)
                {
                    self.topics.names.push((part, from.to_string()));
                    partitions.push(super::kinds::event_store::partitions(self.parts[part as usize].component));
                }
            }
        }
        self.declare_relays();
        self.add_topics(&partitions);
    }

    /// The store that holds a data set, or the component of that name.
    pub(crate) fn holder_of(&self, name: &str) -> Option<u32> {
        let named = self.parts.iter().position(|part| part.component.name.value == name);
        let holds =
            |part: &super::Part<'_>| part.component.settings.texts("holds").iter().any(|held| held.value == name);
        named.or_else(|| self.parts.iter().position(holds)).map(|index| index as u32)
    }

    fn add_topics(&mut self, partitions: &[u64]) {
        for (topic, partitions) in (0..self.topics.names.len()).zip(partitions) {
            let (part, name) = self.topics.names[topic].clone();
            let first_group = self.tables.groups.len() as u32;
            self.add_groups(part, &name, *partitions);
            let (poll, relay) = self.relay_of(part, &name);
            let row = self.topic_row(part, &name);
            self.tables.topics.push(Topic {
                first_group,
                groups: self.tables.groups.len() as u32 - first_group,
                poll,
                relay,
                partitions: (*partitions).min(100_000) as u32,
                ..row
            });
        }
    }

    /// Whether an experiment has a topic's consumers begin again.
    fn replayed(&self, topic: &str) -> bool {
        let reads = |component: &Component| {
            component.settings.text("reads") == Some(topic)
                || component.operations.iter().any(|operation| {
                    let from = operation.settings.text("from");
                    operation.handles.as_ref().is_some_and(|name| from.unwrap_or(&name.value) == topic)
                })
        };
        let faults = self.design.experiments.iter().flat_map(|experiment| &experiment.faults);
        let named =
            faults.filter(|fault| fault.kind.value == "replay").map(|fault| super::faults::subject(&fault.argument));
        let parts = named.filter_map(|name| self.parts.iter().find(|part| part.component.name.value == name.value));
        parts.into_iter().any(|part| reads(part.component))
    }

    /// Whether a registry stands before a log.
    fn registry_of(&self, log: &str) -> bool {
        let of = |other: &Component| other.kind.value == "schema-registry" && other.settings.text("of") == Some(log);
        self.design.components.iter().any(of)
    }

    /// The data set whose writes a topic tells (its `of`), if it says one. `nth`: among the topics.
    fn tells_of(&self, nth: usize) -> Option<&str> {
        let (part, name) = &self.topics.names[nth];
        match self.parts[*part as usize].component.settings.map("topics")?.get(name)? {
            Value::Map(topic) => topic.text("of"),
            _ => None,
        }
    }

    /// Whether a topic tells the writes to a data set.
    pub(crate) fn tells(&self, topic: &str) -> bool {
        self.topics.find(topic).is_some_and(|nth| self.tells_of(nth as usize).is_some())
    }

    /// The topic that tells each write to a data set.
    pub(crate) fn told_by(&self, data: &str) -> Option<u32> {
        (0..self.topics.names.len()).find(|nth| self.tells_of(*nth) == Some(data)).map(|nth| nth as u32)
    }

    /// What a topic's log or queue says of it.
    fn topic_row(&self, part: u32, topic: &str) -> Topic {
        let component = self.parts[part as usize].component;
        let settings = &component.settings;
        let time = |key: &str| settings.duration(key).map(nanoseconds);
        let copies = count_or(settings, "copies", 1) > 1;
        let carries = matches!(component.kind.value.as_str(), "log" | "queue");
        let waits = settings.text("acks").unwrap_or("all") == "all";
        let tail = if carries && copies && !waits { time("lag").unwrap_or(10_000_000) } else { 0 };
        Topic {
            component: part,
            first_group: 0,
            groups: 0,
            poll: 0,
            relay: NONE,
            partitions: 0,
            keyed: self.is_ordered(part, topic),
            kept: self.replayed(topic),
            registered: carries && self.registry_of(component.name.value.as_str()),
            delay: time("delay").unwrap_or(0).max(tail),
            retention: if carries { time("retention").unwrap_or(u64::MAX) } else { u64::MAX },
            limit: if carries { settings.count("limit").unwrap_or(u64::MAX) } else { u64::MAX },
            tail,
        }
    }

    /// The name of the key that a topic's records go by.
    fn key_of(&self, part: u32, topic: &str) -> Option<String> {
        let settings = &self.parts[part as usize].component.settings;
        let own = settings.map("topics").and_then(|topics| match topics.get(topic) {
            Some(Value::Map(topic)) => topic.text("key"),
            _ => None,
        });
        own.or_else(|| settings.text("group-by")).map(str::to_string)
    }

    /// Whether a key decides the order of a topic's records: its own, or the stream of an event store.
    fn is_ordered(&self, part: u32, topic: &str) -> bool {
        super::kinds::event_store::partitions(self.parts[part as usize].component) > 0
            || self.key_of(part, topic).is_some()
    }

    /// The name of the key that the records of a topic go by, by its index.
    pub(crate) fn record_key(&self, topic: u32) -> Option<String> {
        let (part, name) = &self.topics.names[topic as usize];
        self.key_of(*part, name)
    }

    /// How records of a topic leave an outbox: the poll interval of handlers that look into it themselves (unit: ns), and
    /// the relay that brings all of a log's topic.
    fn relay_of(&self, part: u32, topic: &str) -> (u64, u32) {
        let component = self.parts[part as usize].component;
        let own = component.name.value.as_str();
        let of_carrier = matches!(component.kind.value.as_str(), "log" | "queue");
        if of_carrier {
            let brings = |relay: &Relay| relay.carrier == part && !published(self.design).contains(&topic);
            let relay = self.tables.machines.relays.relays.iter().position(brings);
            return (0, relay.map_or(NONE, |nth| nth as u32));
        }
        if component.kind.value == "event-store" {
            return (0, NONE);
        }
        let looks = |other: &&Component| other.kind.value == "outbox" && other.settings.text("of") == Some(own);
        let said = self.design.components.iter().find(looks).and_then(|relay| relay.settings.duration("poll"));
        (nanoseconds(said.unwrap_or(super::kinds::outbox::POLL)), NONE)
    }

    /// Finds the relays between databases and logs.
    fn declare_relays(&mut self) {
        for part in 0..self.parts.len() as u32 {
            let component = self.parts[part as usize].component;
            let looks = component.kind.value == "outbox";
            if !looks && component.kind.value != "change-capture" {
                continue;
            }
            let named = |key: &str| component.settings.text(key).and_then(|name| self.holder_of(name));
            let (Some(store), Some(carrier)) = (named("of"), named("to")) else {
                continue;
            };
            let kind = |part: u32| self.parts[part as usize].component.kind.value.as_str();
            if kind(store) != "database" || !matches!(kind(carrier), "log" | "queue") {
                let (key, wanted) =
                    if kind(store) == "database" { ("to", "a log or queue") } else { ("of", "a database") };
                let name = component.settings.text(key).unwrap_or("");
                let diagnostic = Diagnostic::error("wrong-component", format!("`{name}` is not {wanted}"))
                    .at(component.settings.span(key), "asked for here")
                    .help(format!("`{}` takes records from a database to a log", component.name.value));
                self.diagnostics.push(diagnostic);
                continue;
            }
            let time =
                |key: &str, otherwise: Seconds| nanoseconds(component.settings.duration(key).unwrap_or(otherwise));
            let poll = if looks { time("poll", super::kinds::outbox::POLL).max(1) } else { 0 };
            let (lag, flush) = (time("lag", Seconds(0.1)), time("flush", super::kinds::change_capture::FLUSH));
            let (mut read, mut mark) = (NONE, NONE);
            if looks {
                let from = From { part: None, target: None, span: Span::NONE, waits: false };
                read = self.site(from, store, Ask::Read, &format!("{} look", component.name.value));
                mark = self.site(from, store, Ask::Write(Vec::new()), &format!("{} mark", component.name.value));
                for site in [read, mark] {
                    self.tables.sites[site as usize].networked = false;
                }
            }
            self.tables.components[part as usize].keeps |= Word::Republished.bit();
            let relay = Relay { component: part, store, carrier, poll, read, mark, lag, flush };
            self.tables.machines.relays.relays.push(relay);
        }
    }

    fn add_groups(&mut self, broker: u32, topic: &str, partitions: u64) {
        for part in 0..self.parts.len() as u32 {
            let component = self.parts[part as usize].component;
            if component.kind.value == "stream-processor" && component.settings.text("reads") == Some(topic) {
                self.add_processor(broker, part, partitions);
            }
            for operation in &component.operations {
                let Some(handles) = &operation.handles else { continue };
                let from = operation.settings.text("from");
                let source = from.unwrap_or(handles.value.as_str());
                if source != topic {
                    continue;
                }
                let ask = Ask::Operation(operation.name.value.clone());
                let key = format!("{}#0", self.stable_name(part, &ask));
                let site =
                    self.site(From { part: None, target: None, span: handles.span, waits: false }, part, ask, &key);
                self.tables.sites[site as usize].networked = false;
                let settings = &operation.settings;
                let time = |key: &str, otherwise: Seconds| nanoseconds(settings.duration(key).unwrap_or(otherwise));
                let workers = count_or(&component.settings, "workers", PREFETCH);
                let prefetch = settings.count("prefetch").unwrap_or(workers);
                let limited = settings.get("dead-letters").is_some().then_some(DELIVERIES);
                let deliveries = settings.count("deliveries").or(limited);
                let dead_letters = settings.text("dead-letters").and_then(|name| self.topics.find(name));
                let once = settings.flag("exactly-once").unwrap_or(false);
                let commit = time("commit-time", if once { TRANSACTION } else { Seconds(0.0) });
                let carrier = self.parts[broker as usize].component;
                let hides = carrier.kind.value == "queue";
                let visibility = carrier.settings.duration("visibility").unwrap_or(VISIBILITY);
                self.tables.groups.push(Group {
                    broker,
                    site,
                    topic: self.tables.topics.len() as u32,
                    partitions: partitions.min(100_000) as u32,
                    prefetch: prefetch.clamp(1, 10_000) as u32,
                    deliveries: deliveries.map_or(NONE, |count| count.min(u64::from(NONE)) as u32),
                    dead_letters: dead_letters.unwrap_or(NONE),
                    session: time("session-timeout", SESSION),
                    pause: time("redeliver-after", PAUSE),
                    dedupe: settings.get("dedupe").is_some(),
                    batch: settings.count("batch").unwrap_or(BATCH).clamp(1, u64::from(NONE)) as u32,
                    poll: time("poll", Seconds(0.0)),
                    commit,
                    checkpoint: 0,
                    each: settings.text("commit") == Some("each"),
                    once,
                    later: settings.text("on-failure") == Some("retry-later"),
                    eager: settings.text("rebalance") != Some("cooperative"),
                    rebalance: time("rebalance-time", REBALANCE),
                    visibility: if hides { nanoseconds(visibility) } else { u64::MAX },
                    grouped: carrier.settings.get("group-by").is_some(),
                    ordered: self.is_ordered(broker, topic),
                });
                self.keep_of_consumers(broker, part);
            }
        }
    }

    /// The group in which a stream processor reads.
    fn add_processor(&mut self, broker: u32, part: u32, partitions: u64) {
        let component = self.parts[part as usize].component;
        let settings = &component.settings;
        if partitions == 0 {
            let diagnostic = Diagnostic::error("wrong-component", "a stream processor reads a topic of a log")
                .at(settings.span("reads"), "not a topic of a log")
                .help("only a log keeps records in order for another reading");
            self.diagnostics.push(diagnostic);
            return;
        }
        let from = From { part: None, target: None, span: Span::NONE, waits: false };
        let key = format!("{} window", component.name.value);
        let site = self.site(from, part, Ask::Whole, &key);
        self.tables.sites[site as usize].networked = false;
        let to = settings.text("to").and_then(|name| self.topics.find(name)).unwrap_or(NONE);
        let row = super::kinds::stream_processor::processor(self, part, self.tables.groups.len() as u32, to);
        self.tables.groups.push(Group {
            broker,
            site,
            topic: self.tables.topics.len() as u32,
            partitions: partitions.min(100_000) as u32,
            prefetch: 1,
            deliveries: NONE,
            dead_letters: NONE,
            session: nanoseconds(SESSION),
            pause: nanoseconds(PAUSE),
            dedupe: false,
            batch: BATCH as u32,
            poll: 0,
            commit: 0,
            checkpoint: row.checkpoint,
            each: false,
            once: row.once,
            later: false,
            eager: true,
            rebalance: 0,
            visibility: u64::MAX,
            grouped: false,
            ordered: false,
        });
        self.tables.machines.windows.processors.push(row);
        self.keep_of_consumers(broker, part);
    }

    /// What is counted of records at their log or queue, and at their consumers.
    fn keep_of_consumers(&mut self, broker: u32, consumer: u32) {
        let lag = [Word::LagRecords, Word::LagRecordsMean, Word::LagOldest, Word::CatchUp, Word::Behind, Word::Expired];
        let lag = lag.iter().fold(0, |bits, word| bits | word.bit());
        let of_broker = &self.parts[broker as usize].component.settings;
        let loses = of_broker.get("acks").is_some_and(|_| of_broker.text("acks") != Some("all"));
        let tail = if loses { Word::LostAge.bit() } else { 0 };
        let name = self.parts[broker as usize].component.name.value.as_str();
        let refuses = if self.registry_of(name) { Word::Incompatible.bit() } else { 0 };
        self.tables.components[broker as usize].keeps |= lag | tail | refuses;
        self.tables.components[consumer as usize].keeps |= lag | Word::OutOfOrder.bit() | Word::DeadLetters.bit();
    }

    /// The topic that an event is published to, or a diagnostic.
    pub(crate) fn topic_named(&mut self, name: &Located<String>) -> Option<u32> {
        if let Some(topic) = self.topics.find(&name.value) {
            return Some(topic);
        }
        let known: Vec<String> = self.topics.names.iter().map(|(_, name)| name.clone()).collect();
        let diagnostic = unknown("topic", "unknown-topic", name, known.iter().map(String::as_str));
        self.diagnostics.push(diagnostic);
        None
    }

    /// Topics whose records leave with a write to a data set: its own outbox, or what a relay of its store takes along.
    pub(crate) fn topics_of_write(&self, part: u32, data: &str) -> Vec<u32> {
        if let Some(topic) = self.topics.find(data)
            && self.topics.names[topic as usize].0 == part
        {
            return vec![topic];
        }
        let store = self.parts[part as usize].component.name.value.as_str();
        let takes = |other: &&Component| match other.kind.value.as_str() {
            "outbox" => other.settings.text("outbox").unwrap_or("outbox") == data,
            "change-capture" => {
                let said = other.settings.texts("captures");
                said.is_empty() || said.iter().any(|name| name.value == data)
            }
            _ => false,
        };
        let of_store = |other: &&Component| other.settings.text("of") == Some(store);
        let relay = self.design.components.iter().filter(of_store).find(takes);
        let Some(log) = relay.and_then(|relay| relay.settings.text("to")) else {
            return Vec::new();
        };
        // Events of the relay's log that nothing publishes directly come from here.
        let published = published(self.design);
        let from_here = |(part, name): &&(u32, String)| {
            self.parts[*part as usize].component.name.value == log && !published.contains(&name.as_str())
        };
        let topics = self.topics.names.iter().filter(from_here);
        topics.filter_map(|(_, name)| self.topics.find(name)).collect()
    }

    /// Every handler must have something to handle.
    pub(crate) fn check_consumers(&mut self) {
        let design = self.design;
        for component in &design.components {
            for operation in &component.operations {
                let Some(handles) = &operation.handles else { continue };
                let from = operation.settings.text("from");
                let source = from.unwrap_or(handles.value.as_str());
                if self.topics.find(source).is_none() {
                    let span = if from.is_some() { operation.settings.span("from") } else { handles.span };
                    let known: Vec<&str> = self.topics.names.iter().map(|(_, name)| name.as_str()).collect();
                    let name = Located::new(source.to_string(), span);
                    let diagnostic = unknown("topic", "unknown-topic", &name, known);
                    self.diagnostics.push(diagnostic);
                }
            }
        }
    }
}

/// All events that steps publish by name.
fn published(design: &groundplan_model::design::Design) -> Vec<&str> {
    use groundplan_model::design::{Step, Verb};
    fn walk<'d>(steps: &'d [Step], found: &mut Vec<&'d str>) {
        for step in steps {
            match &step.verb {
                Verb::Publish(name) => found.push(&name.value),
                Verb::Parallel(inner) | Verb::Transaction(_, inner) | Verb::Repeat(_, inner) => walk(inner, found),
                Verb::Branch(branches) => branches.iter().for_each(|(_, inner)| walk(inner, found)),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    for component in &design.components {
        for operation in &component.operations {
            walk(&operation.steps, &mut found);
        }
    }
    found
}
