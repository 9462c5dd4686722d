//! Bounded permits with waiters: connections, bulkheads, the permits of a module.

use super::engine::Engine;
use super::frames::flag;
use super::tables::NONE;
use crate::record::Ending;

/// The state of one pool.
#[derive(Debug, Clone, Copy)]
pub struct PoolState {
    /// Permits not taken.
    free: u32,
    head: u32,
    tail: u32,
    queued: u32,
}

impl PoolState {
    /// All permits free.
    #[must_use]
    pub fn new(permits: u32) -> PoolState {
        PoolState { free: permits, head: NONE, tail: NONE, queued: 0 }
    }
}

/// What a pool says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    /// Here it is.
    Given,
    /// The frame waits for one.
    Queued,
    /// None is free and no one may wait.
    Refused,
}

impl Engine<'_> {
    /// Asks for a permit; a waiting frame is linked by its `next` and `prev`, and leaves after the lane of its patience.
    pub(super) fn take_permit(&mut self, pool: u32, patience: u32, f: u32) -> Permit {
        let rule = self.tables.pools[pool as usize];
        let state = &mut self.pools[pool as usize];
        if state.free > 0 {
            state.free -= 1;
            return Permit::Given;
        }
        if state.queued >= rule.queue {
            return Permit::Refused;
        }
        let tail = state.tail;
        state.tail = f;
        state.queued += 1;
        if tail == NONE {
            state.head = f;
        } else {
            self.frames[tail as usize].next = f;
        }
        let number = self.next_number() as u32;
        let frame = &mut self.frames[f as usize];
        frame.prev = tail;
        frame.next = NONE;
        frame.flags |= flag::POOL_QUEUED;
        frame.awaits = number;
        if self.pool_of.len() <= f as usize {
            self.pool_of.resize(f as usize + 1, NONE);
        }
        self.pool_of[f as usize] = pool;
        if patience != NONE {
            self.lane_push_awaits(patience, f);
        }
        Permit::Queued
    }

    /// Takes a waiter out of its pool's queue.
    pub(super) fn unlink_pool(&mut self, f: u32) {
        let pool = self.pool_of[f as usize];
        let frame = self.frames[f as usize];
        let state = &mut self.pools[pool as usize];
        state.queued -= 1;
        if frame.prev == NONE {
            state.head = frame.next;
        } else {
            self.frames[frame.prev as usize].next = frame.next;
        }
        if frame.next == NONE {
            state.tail = frame.prev;
        } else {
            self.frames[frame.next as usize].prev = frame.prev;
        }
        self.frames[f as usize].flags &= !flag::POOL_QUEUED;
    }

    /// A permit comes back: the next waiter goes on with it.
    pub(super) fn return_permit(&mut self, pool: u32) {
        let head = self.pools[pool as usize].head;
        if head == NONE {
            let state = &mut self.pools[pool as usize];
            state.free = (state.free + 1).min(self.tables.pools[pool as usize].permits);
            return;
        }
        self.unlink_pool(head);
        self.frames[head as usize].status = Ending::Ok as u8;
        self.granted(head);
        self.wake(head);
    }

    /// Permits in use, of all pools.
    pub(super) fn permits_out(&self) -> usize {
        let used = self.tables.pools.iter().zip(&self.pools).map(|(rule, state)| rule.permits - state.free);
        used.map(|used| used as usize).sum()
    }

    /// All permits of a pool are free and no one waits: its process is new.
    pub(super) fn reset_pool(&mut self, pool: u32) {
        self.pools[pool as usize] = PoolState::new(self.tables.pools[pool as usize].permits);
    }

    /// The pool of a module's permits that an operation in process of this frame's replica needs.
    pub(super) fn module_pool(&self, f: u32) -> u32 {
        let frame = &self.frames[f as usize];
        let site = &self.tables.sites[frame.site as usize];
        if frame.flags & flag::ROOT != 0 || site.pool == NONE || frame.replica == NONE {
            return NONE;
        }
        let first = self.tables.components[site.component as usize].first;
        site.pool + (frame.replica - first)
    }

    /// An operation in process gives its module's permit back.
    pub(super) fn give_permit(&mut self, f: u32) {
        if self.frames[f as usize].flags & flag::POOL_QUEUED != 0 {
            return;
        }
        let pool = self.module_pool(f);
        if pool != NONE {
            self.return_permit(pool);
        }
    }
}
