//! Records on their way: logs with partitions and consumer groups, queues, relays of an outbox.
//!
//! A consumer slot handles one record at a time: a partition of a log for its group, or one of the places of a queue's
//! consumers. A record whose consumer dies is given to another after the session timeout and counted as a duplicate,
//! unless the consumer recognises it. Left out: batches of a poll, the pause of a rebalance (only what a dead consumer
//! had waits), visibility timeouts shorter than a handler, and a relay's own load on its database.

use super::draws::derive;
use super::engine::Engine;
use super::events::Tag;
use super::faults::Control;
use super::frames::{Cold, Frame, Health, flag};
use super::tables::{NONE, Tables};
use crate::record::Ending;
use std::collections::VecDeque;

/// One record.
#[derive(Debug, Clone, Copy)]
struct Record {
    at: u64,
    key: u64,
    born: u64,
    deliveries: u32,
    /// Whether a consumer had it before.
    handled: bool,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    group: u32,
    /// Index into `queues`.
    queue: u32,
    owner: u32,
    taken: Option<Record>,
    /// Waits for the pause after a failure.
    paused: bool,
}

/// All logs, queues and relays.
#[derive(Debug)]
pub struct Flows {
    queues: Vec<VecDeque<Record>>,
    /// First queue of each group.
    group_queues: Vec<u32>,
    slots: Vec<Slot>,
    /// First slot of each group, and their number.
    group_slots: Vec<(u32, u32)>,
    /// Where the search for a free place of a queue's consumers begins.
    cursors: Vec<u32>,
    /// Records that wait for a relay's tick, by topic.
    staged: Vec<Vec<Record>>,
    /// Whether consumers of a component have been stopped.
    stopped: Vec<u32>,
}

impl Flows {
    /// Nothing on its way.
    #[must_use]
    pub fn new(tables: &Tables) -> Flows {
        let mut flows = Flows {
            queues: Vec::new(),
            group_queues: Vec::new(),
            slots: Vec::new(),
            group_slots: Vec::new(),
            cursors: vec![0; tables.groups.len()],
            staged: vec![Vec::new(); tables.topics.len()],
            stopped: vec![0; tables.components.len()],
        };
        for (id, group) in tables.groups.iter().enumerate() {
            let site = &tables.sites[group.site as usize];
            let first_queue = flows.queues.len() as u32;
            flows.group_queues.push(first_queue);
            let of_log = group.partitions > 0;
            let queues = group.partitions.max(1);
            flows.queues.extend((0..queues).map(|_| VecDeque::new()));
            let slots = if of_log { group.partitions } else { site.count * group.prefetch.max(1) };
            flows.group_slots.push((flows.slots.len() as u32, slots));
            flows.slots.extend((0..slots).map(|nth| Slot {
                group: id as u32,
                queue: first_queue + if of_log { nth } else { 0 },
                owner: site.first + nth % site.count.max(1),
                taken: None,
                paused: false,
            }));
        }
        flows
    }
}

impl Engine<'_> {
    /// A record for every group of a topic.
    pub(super) fn append(&mut self, topic: u32, key: u64, born: u64) {
        let record = Record { at: self.now, key, born, deliveries: 0, handled: false };
        let poll = self.tables.topics[topic as usize].poll;
        if poll == 0 {
            self.distribute(topic, record);
            return;
        }
        let staged = &mut self.flows.staged[topic as usize];
        staged.push(record);
        if staged.len() == 1 {
            let tick = (self.now / poll + 1) * poll;
            self.at(tick, Tag::Flow, topic);
        }
    }

    fn distribute(&mut self, topic: u32, record: Record) {
        let topic = self.tables.topics[topic as usize];
        for group in topic.first_group..topic.first_group + topic.groups {
            let partitions = u64::from(self.tables.groups[group as usize].partitions.max(1));
            let partition = (((record.key >> 32) * partitions) >> 32) as u32;
            let queue = self.flows.group_queues[group as usize] + partition;
            self.flows.queues[queue as usize].push_back(record);
            self.offer(group, partition);
        }
    }

    /// A queue of a group has something: whoever may take it does.
    fn offer(&mut self, group: u32, partition: u32) {
        let (first, count) = self.flows.group_slots[group as usize];
        if self.tables.groups[group as usize].partitions > 0 {
            self.take(first + partition);
            return;
        }
        for nth in 0..count {
            let slot = first + (self.flows.cursors[group as usize] + nth) % count;
            if self.take(slot) {
                self.flows.cursors[group as usize] = (slot - first + 1) % count;
                return;
            }
        }
    }

    /// A slot takes the next record, if it is free, its owner lives and there is one.
    fn take(&mut self, id: u32) -> bool {
        let slot = self.flows.slots[id as usize];
        let group = self.tables.groups[slot.group as usize];
        let site = &self.tables.sites[group.site as usize];
        let idle = slot.taken.is_none() && !slot.paused && self.flows.stopped[site.component as usize] == 0;
        if !idle || self.conditions[slot.owner as usize].health != Health::Up {
            return false;
        }
        let Some(mut record) = self.flows.queues[slot.queue as usize].pop_front() else {
            return false;
        };
        record.deliveries += 1;
        self.watch.components[group.broker as usize].lag.add(self.now - record.at);
        if record.handled && !group.dedupe {
            self.watch.components[site.component as usize].duplicates += 1;
        }
        self.flows.slots[id as usize].taken = Some(record);
        let c = self.alloc(Frame {
            start: self.now,
            mark: self.now,
            key: derive(record.key, site.key, record.deliveries - 1),
            parent: NONE,
            ticket: id,
            awaits: 0,
            next: NONE,
            prev: NONE,
            timer: 0,
            replica: slot.owner,
            pc: site.entry,
            site: group.site,
            attempt: 0,
            status: 0,
            flags: flag::ALIVE | flag::CONSUMER,
        });
        if c == NONE {
            return true;
        }
        if self.tables.cold {
            self.cold[c as usize] = Cold { born: record.born, ..Cold::default() };
        }
        let started = self.admit(c, site);
        if started != NONE {
            self.wake(started);
        }
        true
    }

    /// A consumer has handled its record, well or badly; its frame goes.
    pub(super) fn handled(&mut self, c: u32, ending: Ending) {
        let id = self.frames[c as usize].ticket;
        self.release_frame(c);
        let Some(mut record) = self.flows.slots[id as usize].taken.take() else {
            return;
        };
        let slot = self.flows.slots[id as usize];
        let group = self.tables.groups[slot.group as usize];
        if ending != Ending::Ok {
            record.handled = true;
            if record.deliveries >= group.deliveries {
                if group.dead_letters != NONE {
                    self.append(group.dead_letters, record.key, record.born);
                }
            } else {
                let queue = &mut self.flows.queues[slot.queue as usize];
                if group.partitions > 0 {
                    queue.push_front(record)
                } else {
                    queue.push_back(record)
                }
                self.flows.slots[id as usize].paused = true;
                let flow = self.tables.topics.len() as u32 + id;
                self.at(self.now + group.pause.max(1_000_000), Tag::Flow, flow);
                return;
            }
        }
        self.take(id);
    }

    /// A consumer's frame is gone without a word: its record waits for another consumer.
    pub(super) fn record_lost(&mut self, c: u32) {
        let id = self.frames[c as usize].ticket;
        if let Some(mut record) = self.flows.slots[id as usize].taken.take() {
            record.handled = true;
            let queue = self.flows.slots[id as usize].queue;
            self.flows.queues[queue as usize].push_front(record);
        }
    }

    /// A relay's tick, or the end of a pause.
    pub(super) fn flow_due(&mut self, flow: u32) {
        let topics = self.tables.topics.len() as u32;
        if flow >= topics {
            let id = flow - topics;
            self.flows.slots[id as usize].paused = false;
            self.take(id);
            return;
        }
        let staged = std::mem::take(&mut self.flows.staged[flow as usize]);
        for record in &staged {
            self.distribute(flow, *record);
        }
        // Hand the allocation back, unless a consumer has staged something meanwhile.
        let kept = &mut self.flows.staged[flow as usize];
        if kept.is_empty() {
            *kept = staged;
            kept.clear();
        }
    }

    /// Consumers of these replicas have died: after the session timeout others take over.
    pub(super) fn consumers_lost(&mut self, lost: impl Fn(u32) -> bool) {
        for group in 0..self.tables.groups.len() as u32 {
            let (first, count) = self.flows.group_slots[group as usize];
            let hit = (first..first + count).any(|id| lost(self.flows.slots[id as usize].owner));
            if hit {
                let when = self.now + self.tables.groups[group as usize].session;
                self.schedule(when, Control::Reassign { group });
            }
        }
    }

    /// A component's consumers have come back: they get their share again.
    pub(super) fn consumers_back(&mut self, component: u32) {
        for group in 0..self.tables.groups.len() as u32 {
            let site = self.tables.groups[group as usize].site;
            if self.tables.sites[site as usize].component == component {
                self.reassign(group);
            }
        }
    }

    /// Gives the partitions of a group to the consumers that live.
    pub(super) fn reassign(&mut self, group: u32) {
        let rule = self.tables.groups[group as usize];
        let site = &self.tables.sites[rule.site as usize];
        let alive: Vec<u32> = (site.first..site.first + site.count)
            .filter(|r| self.conditions[*r as usize].health == Health::Up)
            .collect();
        let (first, count) = self.flows.group_slots[group as usize];
        for nth in 0..count {
            if rule.partitions > 0 && !alive.is_empty() {
                self.flows.slots[(first + nth) as usize].owner = alive[nth as usize % alive.len()];
            }
            self.take(first + nth);
        }
    }

    /// Stops or starts the consumers of a component.
    pub(super) fn stop_consumers(&mut self, component: u32, stop: bool) {
        let stopped = &mut self.flows.stopped[component as usize];
        *stopped = if stop { *stopped + 1 } else { stopped.saturating_sub(1) };
        if !stop {
            self.consumers_back(component);
        }
    }
}
