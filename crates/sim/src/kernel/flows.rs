//! Records on their way: logs with partitions and consumer groups, queues, and the outboxes they come from.
//!
//! A consumer slot handles one record at a time. A partition of a log has one slot in each group: its owner polls a batch,
//! handles it in order and commits the offset. A queue has as many slots as its consumers have places: a record is hidden
//! from the others while one handles it. What lies there stands in `shelf`, who takes part in `members`, how records are
//! chosen and what becomes of them in `taking`, here what comes in and what is counted. Records cost an event where they
//! are handled and none where they lie. Left out: fetches as messages of their own, and a consumer's buffer of what it has
//! fetched.

mod members;
mod shelf;
mod taking;

use self::shelf::{Latest, Shelf, Spare};
use super::draws::{derive, mix};
use super::engine::{Engine, Plan, chance};
use super::events::Tag;
use super::frames::Health;
use super::tables::{Harm, NONE, Tables, Topic};
use crate::record::{Count, Ending, Timed};
pub(in crate::kernel) use shelf::{More, Record};
use std::collections::{BTreeMap, VecDeque};

/// Never.
const NEVER: u64 = u64::MAX;
/// Records that a partition moves on before it is looked at what can be forgotten.
const TIDY: u64 = 256;

/// A record in a consumer's hands, or on its way back into them.
#[derive(Debug, Clone, Copy)]
struct Taken {
    record: Record,
    offset: u64,
    /// Deliveries, this one included.
    deliveries: u32,
    /// Whether a consumer had it before.
    again: bool,
    /// Whether it comes out of turn: it had failed, or was hidden too long.
    returned: bool,
}

/// A record that came back, and from when it can be taken.
#[derive(Debug, Clone, Copy)]
struct Back {
    due: u64,
    taken: Taken,
}

/// A partition as a group sees it, or a whole queue.
#[derive(Debug, Default)]
struct Line {
    shelf: u32,
    /// Where the next consumer would begin.
    committed: u64,
    /// The next record, or the one in hand.
    next: u64,
    /// Below, a consumer has had them before.
    given: u64,
    /// Up to where records have been looked through for what can be forgotten.
    tidied: u64,
    /// Whether it has still to catch up.
    catching: bool,
    /// Where positions go with checkpoints: the last one.
    checkpoint: u64,
    /// What came back, by when it can be taken.
    back: VecDeque<Back>,
    /// Keys of which a record is in hand, with those that wait for it: queues in order by key.
    locked: BTreeMap<u64, VecDeque<Taken>>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    group: u32,
    /// Index into `lines`.
    line: u32,
    owner: u32,
    taken: Option<Taken>,
    /// Until when it waits; zero if it does not.
    wakes: u64,
    /// Whether its wait is that of a commit.
    commits: bool,
    /// Of the batch that it has polled: records left.
    left: u32,
    /// When it polled.
    polled: u64,
    /// Deliveries of the record at hand so far.
    tries: u32,
    /// From when on the record in hand can be taken by others; `NEVER` once it has come back.
    hidden: u64,
}

/// How far a group is.
#[derive(Debug, Clone, Copy)]
struct Progress {
    /// Records that it has not handled.
    behind: u64,
    most: u64,
    /// Age of the oldest record taken. Unit: ns.
    oldest: u64,
    /// Integral of `behind`, brought up to date at `since`. Unit: record ns.
    area: u128,
    since: u64,
    /// Until when a rebalance stops it.
    halted: u64,
    /// When its alarm is due; `NEVER` for none.
    armed: u64,
    /// Lines that have still to catch up, since when they do, and since when the group stood still.
    lagging: u32,
    from: u64,
    stood: u64,
    /// Where the search for a free place of a queue's consumers begins.
    cursor: u32,
}

/// Records of a topic that consumers can't handle.
#[derive(Debug, Clone, Copy)]
struct Curse {
    topic: u32,
    from: u64,
    until: u64,
    /// Unit: 2^-32.
    share: u32,
    /// Whether they can be handled once the fault is over, and are refused where a registry stands before the topic.
    schema: bool,
    /// Whether they take the consumer's process down.
    crashes: bool,
}

/// Site of the draw of which records are cursed.
const CURSED: u32 = super::draws::site("cursed record");

/// All logs and queues.
#[derive(Debug)]
pub struct Flows {
    /// Whether records say whose they are.
    whole: bool,
    shelves: Vec<Shelf>,
    /// First shelf of each topic.
    topic_shelves: Vec<u32>,
    spare: Spare,
    lines: Vec<Line>,
    /// First line of each group.
    group_lines: Vec<u32>,
    slots: Vec<Slot>,
    /// First slot of each group, and their number.
    group_slots: Vec<(u32, u32)>,
    progress: Vec<Progress>,
    /// For groups that are to keep an order by key: the time of the latest record handled, by key.
    latest: Vec<Latest>,
    curses: Vec<Curse>,
    /// Records that wait for a relay's tick, by topic.
    staged: Vec<Vec<Record>>,
    /// Whether consumers of a component have been stopped.
    stopped: Vec<u32>,
    /// The slot whose record is being handed to its consumer; `NONE` for none.
    beginning: u32,
}

impl Flows {
    /// Nothing on its way.
    #[must_use]
    pub fn new(tables: &Tables, plan: &Plan) -> Flows {
        let mut flows = Flows {
            whole: tables.records_whole,
            shelves: Vec::new(),
            topic_shelves: Vec::new(),
            spare: Spare::default(),
            lines: Vec::new(),
            group_lines: Vec::new(),
            slots: Vec::new(),
            group_slots: Vec::new(),
            progress: Vec::new(),
            latest: Vec::new(),
            curses: curses(tables, plan),
            staged: vec![Vec::new(); tables.topics.len()],
            stopped: vec![0; tables.components.len()],
            beginning: NONE,
        };
        for topic in &tables.topics {
            flows.topic_shelves.push(flows.shelves.len() as u32);
            flows.shelves.extend((0..topic.partitions.max(1)).map(|_| Shelf::default()));
        }
        for (id, group) in tables.groups.iter().enumerate() {
            let site = &tables.sites[group.site as usize];
            let first_line = flows.lines.len() as u32;
            flows.group_lines.push(first_line);
            let of_log = group.partitions > 0;
            let shelves = flows.topic_shelves[group.topic as usize];
            let lines = (0..group.partitions.max(1)).map(|nth| Line { shelf: shelves + nth, ..Line::default() });
            flows.lines.extend(lines);
            let slots = if of_log { group.partitions } else { site.count * group.prefetch.max(1) };
            flows.group_slots.push((flows.slots.len() as u32, slots));
            flows.slots.extend((0..slots).map(|nth| Slot {
                group: id as u32,
                line: first_line + if of_log { nth } else { 0 },
                owner: site.first + nth % site.count.max(1),
                taken: None,
                wakes: 0,
                commits: false,
                left: 0,
                polled: 0,
                tries: 0,
                hidden: NEVER,
            }));
            flows.progress.push(Progress {
                behind: 0,
                most: 0,
                oldest: 0,
                area: 0,
                since: 0,
                halted: 0,
                armed: NEVER,
                lagging: 0,
                from: 0,
                stood: NEVER,
                cursor: 0,
            });
            flows.latest.push(Latest::default());
        }
        flows
    }
}

/// What the faults of an experiment do to records.
fn curses(tables: &Tables, plan: &Plan) -> Vec<Curse> {
    let faults = plan.experiment.and_then(|id| tables.experiments.get(id)).map_or(&[][..], Vec::as_slice);
    let curse = |fault: &super::tables::Fault| match fault.harm {
        Harm::Poison { topic, share, schema, crashes } => Some(Curse {
            topic,
            from: plan.warm_up.saturating_add(fault.at),
            until: plan.warm_up.saturating_add(fault.until),
            share,
            schema,
            crashes,
        }),
        _ => None,
    };
    faults.iter().filter_map(curse).collect()
}

impl Engine<'_> {
    /// An operation appends a record to a topic. Returns the frame that goes on.
    pub(super) fn appends(&mut self, f: u32, topic: u32, site: u32) -> u32 {
        let key = derive(self.frames[f as usize].key, site, 0);
        let more = self.cold.get(f as usize).map_or(More::default(), |cold| More {
            born: cold.born,
            request: cold.request,
            row: cold.row,
        });
        let record = Record { at: self.now, key, more };
        let rule = &self.tables.topics[topic as usize];
        if rule.limit != NEVER && self.is_full(topic) {
            return self.fail(f, Ending::Refused);
        }
        if rule.registered && !self.flows.curses.is_empty() && self.cursed(topic, &record, |curse| curse.schema) {
            self.watch.tally(rule.component, Count::Incompatible, 1);
            return self.fail(f, Ending::Error);
        }
        self.append(topic, record);
        f
    }

    /// Whether a fault has made a record such that it can't be handled.
    fn cursed(&self, topic: u32, record: &Record, of: impl Fn(&Curse) -> bool) -> bool {
        self.flows.curses.iter().any(|curse| {
            curse.topic == topic
                && of(curse)
                && (curse.from..curse.until).contains(&record.at)
                && (!curse.schema || self.now < curse.until)
                && chance(record.key, CURSED, curse.share)
        })
    }

    /// Whether the group that is furthest behind leaves no room.
    fn is_full(&self, topic: u32) -> bool {
        let rule = &self.tables.topics[topic as usize];
        let groups = rule.first_group as usize..(rule.first_group + rule.groups) as usize;
        self.flows.progress[groups].iter().any(|progress| progress.behind >= rule.limit)
    }

    /// A record for every group of a topic, at once or by its relay.
    fn append(&mut self, topic: u32, record: Record) {
        let Topic { poll, relay, .. } = self.tables.topics[topic as usize];
        if relay != NONE {
            self.stage(relay, topic, record);
            return;
        }
        if poll == 0 {
            self.distribute(topic, record, false);
            return;
        }
        let staged = &mut self.flows.staged[topic as usize];
        staged.push(record);
        if staged.len() == 1 {
            let tick = (self.now / poll + 1) * poll;
            self.at(tick, Tag::Flow, topic);
        }
    }

    /// Puts a record where its consumers take it. `echo`: it lies there once already.
    pub(in crate::kernel) fn distribute(&mut self, topic: u32, record: Record, echo: bool) {
        let tables = self.tables;
        let rule = &tables.topics[topic as usize];
        if rule.groups == 0 {
            return;
        }
        let hash = if rule.keyed && record.more.row != 0 { mix(record.more.row) } else { record.key };
        let partition = (((hash >> 32) * u64::from(rule.partitions.max(1))) >> 32) as u32;
        let flows = &mut self.flows;
        let shelf = &mut flows.shelves[(flows.topic_shelves[topic as usize] + partition) as usize];
        shelf.push(record, flows.whole, echo, &mut flows.spare);
        for group in rule.first_group..rule.first_group + rule.groups {
            self.more_behind(group, 1);
            if rule.retention != NEVER {
                let line = self.flows.group_lines[group as usize] + partition;
                self.expire(group, line);
            }
            self.offer(group, partition);
        }
    }

    /// A line of a group has something: whoever may take it does.
    fn offer(&mut self, group: u32, partition: u32) {
        let (first, count) = self.flows.group_slots[group as usize];
        if self.tables.groups[group as usize].partitions > 0 {
            self.take(first + partition);
            return;
        }
        for nth in 0..count {
            let slot = first + (self.flows.progress[group as usize].cursor + nth) % count;
            if self.take(slot) {
                self.flows.progress[group as usize].cursor = (slot - first + 1) % count;
                return;
            }
        }
    }

    /// Records that are older than the retention and that nobody has in hand are gone.
    fn expire(&mut self, group: u32, line: u32) {
        let rule = self.tables.groups[group as usize];
        let retention = self.tables.topics[rule.topic as usize].retention;
        let Some(horizon) = self.now.checked_sub(retention) else {
            return;
        };
        let (first, _) = self.flows.group_slots[group as usize];
        let slot = first + line - self.flows.group_lines[group as usize];
        if rule.partitions == 0 || self.flows.slots[slot as usize].taken.is_some() {
            return;
        }
        let at = &mut self.flows.lines[line as usize];
        let shelf = &self.flows.shelves[at.shelf as usize];
        let from = at.next;
        while shelf.at(at.next).is_some_and(|came| came < horizon) {
            at.next += 1;
        }
        let gone = at.next - from;
        if gone > 0 {
            at.committed = at.next;
            at.given = at.given.max(at.next);
            let slot = &mut self.flows.slots[slot as usize];
            (slot.left, slot.tries) = (0, 0);
            self.less_behind(group, gone);
            self.watch.tally(rule.broker, Count::Expired, gone);
            self.watch.tally(self.tables.sites[rule.site as usize].component, Count::Expired, gone);
            self.tidy(group, line);
        }
    }

    fn more_behind(&mut self, group: u32, many: u64) {
        let progress = &mut self.flows.progress[group as usize];
        progress.area += u128::from(progress.behind) * u128::from(self.now - progress.since);
        progress.since = self.now;
        progress.behind += many;
        progress.most = progress.most.max(progress.behind);
    }

    fn less_behind(&mut self, group: u32, many: u64) {
        let progress = &mut self.flows.progress[group as usize];
        progress.area += u128::from(progress.behind) * u128::from(self.now - progress.since);
        progress.since = self.now;
        progress.behind = progress.behind.saturating_sub(many);
    }

    /// Forgets what no group of the topic will ask for again.
    fn tidy(&mut self, group: u32, line: u32) {
        let at = &mut self.flows.lines[line as usize];
        if at.committed < at.tidied + TIDY || self.tables.topics[self.tables.groups[group as usize].topic as usize].kept
        {
            return;
        }
        at.tidied = at.committed;
        let shelf = at.shelf;
        let partition = line - self.flows.group_lines[group as usize];
        let rule = &self.tables.topics[self.tables.groups[group as usize].topic as usize];
        let groups = rule.first_group as usize..(rule.first_group + rule.groups) as usize;
        let firsts = self.flows.group_lines[groups].iter();
        let before = firsts.map(|first| self.flows.lines[(first + partition) as usize].committed).min();
        if let Some(before) = before {
            self.flows.shelves[shelf as usize].forget(before, &mut self.flows.spare);
        }
    }

    /// A relay's look, the end of a slot's wait, or a group's alarm.
    pub(super) fn flow_due(&mut self, flow: u32) {
        let (topics, slots) = (self.tables.topics.len() as u32, self.flows.slots.len() as u32);
        if flow < topics {
            self.relay(flow);
        } else if flow < topics + slots {
            self.slot_due(flow - topics);
        } else {
            self.group_due(flow - topics - slots);
        }
    }

    fn relay(&mut self, topic: u32) {
        let rule = &self.tables.topics[topic as usize];
        let carrier = self.tables.components[rule.component as usize].first;
        let away = self.impairments[rule.component as usize].outages > 0
            || self.conditions[carrier as usize].health != Health::Up;
        if away {
            // What can't be handed on waits where it is.
            self.at(self.now + rule.poll.max(1), Tag::Flow, topic);
            return;
        }
        let staged = std::mem::take(&mut self.flows.staged[topic as usize]);
        for record in &staged {
            self.distribute(topic, *record, false);
        }
        // Hand the allocation back, unless a consumer has staged something meanwhile.
        let kept = &mut self.flows.staged[topic as usize];
        if kept.is_empty() {
            *kept = staged;
            kept.clear();
        }
    }

    /// The partition of the record that a consumer has in hand. `ticket`: of its frame.
    pub(in crate::kernel) fn partition_in_hand(&self, ticket: u32) -> u32 {
        let slot = &self.flows.slots[ticket as usize];
        slot.line - self.flows.group_lines[slot.group as usize]
    }

    /// Whether records of a partition wait behind the one in hand.
    pub(in crate::kernel) fn has_more(&self, group: u32, partition: u32) -> bool {
        let line = &self.flows.lines[(self.flows.group_lines[group as usize] + partition) as usize];
        let slot = &self.flows.slots[(self.flows.group_slots[group as usize].0 + partition) as usize];
        self.flows.shelves[line.shelf as usize].end() > line.next + u64::from(slot.taken.is_some())
    }

    /// Lets a group look after its records at a time.
    fn arm(&mut self, group: u32, time: u64) {
        let progress = &mut self.flows.progress[group as usize];
        if time < progress.armed {
            progress.armed = time;
            let flow = (self.tables.topics.len() + self.flows.slots.len()) as u32 + group;
            self.at(time, Tag::Flow, flow);
        }
    }

    /// The leader of a log is gone: what its copies did not have is lost.
    pub(super) fn logs_lose(&mut self, replica: u32) {
        for (topic, rule) in self.tables.topics.iter().enumerate() {
            if rule.tail == 0 || self.tables.components[rule.component as usize].first != replica {
                continue;
            }
            let horizon = self.now.saturating_sub(rule.tail);
            let first = self.flows.topic_shelves[topic];
            for partition in 0..rule.partitions.max(1) {
                let groups = rule.first_group..rule.first_group + rule.groups;
                let lines: Vec<u32> =
                    groups.clone().map(|group| self.flows.group_lines[group as usize] + partition).collect();
                let shelf = &mut self.flows.shelves[(first + partition) as usize];
                // Consumers see only what the copies have.
                let given = lines.iter().map(|line| self.flows.lines[*line as usize].given).max().unwrap_or(0);
                let mut from = shelf.end();
                while from > given && shelf.at(from - 1).is_some_and(|at| at > horizon) {
                    from -= 1;
                }
                let ages: Vec<u64> = (from..shelf.end()).filter_map(|offset| shelf.at(offset)).collect();
                let gone = shelf.cut(from);
                let now = self.now;
                self.watch.components[rule.component as usize].lost_writes += gone;
                for at in ages {
                    self.watch.timed(rule.component, Timed::LostAge, now - at);
                }
                groups.for_each(|group| self.less_behind(group, gone));
            }
        }
    }

    /// The window begins: how far groups are is counted from here.
    pub(super) fn flows_begin(&mut self) {
        for progress in &mut self.flows.progress {
            (progress.area, progress.since, progress.most, progress.oldest) = (0, self.now, progress.behind, 0);
        }
    }

    /// The window ends: how far groups were goes to their components.
    pub(super) fn flows_tell(&mut self) {
        let window = self.now.saturating_sub(self.plan.warm_up).min(self.plan.window) / 1000;
        let mut of_broker: BTreeMap<u32, (u64, u64, u64)> = BTreeMap::new();
        for (group, rule) in self.tables.groups.iter().enumerate() {
            self.more_behind(group as u32, 0);
            let Progress { area, most, oldest, .. } = self.flows.progress[group];
            let area = (area / 1000) as u64;
            let consumer = self.tables.sites[rule.site as usize].component;
            self.tell_lag(consumer, (most, area, oldest), window);
            let all = of_broker.entry(rule.broker).or_default();
            *all = (all.0.max(most), all.1.saturating_add(area), all.2.max(oldest));
        }
        for (broker, all) in of_broker {
            self.tell_lag(broker, all, window);
        }
    }

    fn tell_lag(&mut self, component: u32, (most, area, oldest): (u64, u64, u64), window: u64) {
        self.watch.tally(component, Count::LagMost, most);
        self.watch.tally(component, Count::LagArea, area);
        self.watch.tally(component, Count::LagOver, window);
        self.watch.tally(component, Count::LagOldest, oldest);
    }
}
