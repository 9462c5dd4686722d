//! Lanes: a FIFO for each constant delay (timeouts, network ways). Only the head of a lane is in the event set.
//!
//! Entries die silently when their frame has gone on; dead ones are skipped when the head is due.

use super::engine::Engine;
use super::events::{self, Tag};
use super::frames::flag;
use super::tables::{self, Purpose};
use crate::record::Ending;
use std::collections::VecDeque;

/// The entries of one lane.
#[derive(Debug)]
pub struct Lane {
    rule: tables::Lane,
    /// Events of the lane, with the frame in place of the lane.
    entries: VecDeque<u128>,
    /// Whether the head is in the event set, or is being worked on.
    armed: bool,
}

impl Lane {
    /// An empty lane.
    #[must_use]
    pub fn new(rule: tables::Lane) -> Lane {
        Lane { rule, entries: VecDeque::new(), armed: false }
    }
}

impl Engine<'_> {
    #[inline(always)]
    fn lane_push(&mut self, lane: u32, f: u32) -> u32 {
        let number = self.next_number();
        let entries = &mut self.lanes[lane as usize];
        let entry = events::key(self.now.saturating_add(entries.rule.delay), number, Tag::Lane, f);
        entries.entries.push_back(entry);
        if !entries.armed {
            entries.armed = true;
            self.events.push(events::of_slot(entry, lane));
        }
        number as u32
    }

    /// The frame waits for what the lane brings.
    #[inline(always)]
    pub(super) fn lane_push_awaits(&mut self, lane: u32, f: u32) {
        let number = self.lane_push(lane, f);
        self.frames[f as usize].awaits = number;
    }

    /// The frame's caller waits no longer than the lane.
    #[inline(always)]
    pub(super) fn lane_push_timer(&mut self, lane: u32, f: u32) {
        let number = self.lane_push(lane, f);
        self.frames[f as usize].timer = number;
    }

    /// The frame's attempt gets another copy when the lane says so.
    pub(super) fn lane_push_hedge(&mut self, lane: u32, f: u32) {
        let number = self.lane_push(lane, f);
        self.tries[f as usize].hedge = number;
    }

    fn lane_alive(&self, purpose: Purpose, entry: u128) -> bool {
        let f = events::slot(entry);
        let frame = &self.frames[f as usize];
        let number = events::number(entry);
        match purpose {
            Purpose::Timeout => frame.timer == number,
            Purpose::Hedge => frame.flags & flag::ALIVE != 0 && self.tries[f as usize].hedge == number,
            _ => frame.awaits == number,
        }
    }

    /// The head of a lane is due.
    pub(super) fn lane_due(&mut self, id: u32) {
        let purpose = self.lanes[id as usize].rule.purpose;
        if let Some(entry) = self.lanes[id as usize].entries.pop_front()
            && self.lane_alive(purpose, entry)
        {
            self.lane_fire(purpose, events::slot(entry));
        }
        loop {
            let Some(&entry) = self.lanes[id as usize].entries.front() else {
                self.lanes[id as usize].armed = false;
                return;
            };
            if self.lane_alive(purpose, entry) {
                self.events.push(events::of_slot(entry, id));
                return;
            }
            self.lanes[id as usize].entries.pop_front();
        }
    }

    /// A frame has waited too long for a worker.
    pub(super) fn lose_patience(&mut self, f: u32) {
        self.unlink(f);
        // It had no worker: nothing was for nothing.
        self.frames[f as usize].mark = self.now;
        let caller = self.finish(f, Ending::Timeout);
        let f = self.unwind(caller, Ending::Timeout);
        self.exec(f);
    }

    fn lane_fire(&mut self, purpose: Purpose, f: u32) {
        match purpose {
            Purpose::Message => self.message(f),
            Purpose::Resume => self.exec(f),
            Purpose::Timeout => self.give_up_waiting(f),
            Purpose::Hedge => self.send_copy(f),
            Purpose::Patience => self.lose_patience(f),
            Purpose::PoolPatience => {
                self.unlink_pool(f);
                let f = self.refuse_attempt(f);
                self.exec(f);
            }
            Purpose::LockWait => self.lock_timeout(f),
            Purpose::Silence => {
                // Whatever it had done is long over.
                self.frames[f as usize].mark = self.now;
                let caller = self.deliver(f, Ending::Lost);
                let f = self.unwind(caller, Ending::Lost);
                self.exec(f);
            }
        }
    }
}
