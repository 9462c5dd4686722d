//! The books of a window: who is inside at its ends, and who leaves otherwise than by ending well.
//!
//! With them the flow of frames and Little's law are exact identities of each component, which `verdict` holds every run
//! against. Nothing here runs for a request that goes well. Not here: what is observed for its own sake (`observe`).

use super::engine::Engine;
use super::frames::{Frame, flag};
use crate::record::{Books, Ending};
use std::collections::BTreeMap;

/// Frames inside a component, the time they have spent there, and the time that those who wait have waited. Unit: ns.
pub(super) type Inside = (u64, u128, u128);

impl Engine<'_> {
    /// Who is inside now, by component. Cost: one look at every frame.
    pub(super) fn inside(&self) -> BTreeMap<u32, Inside> {
        let mut inside: BTreeMap<u32, Inside> = BTreeMap::new();
        for frame in &self.frames {
            let Frame { flags, start, mark, site, .. } = *frame;
            let there = flags & (flag::WORKER | flag::QUEUED) != 0;
            if flags & flag::ALIVE == 0 || flags & (flag::ROOT | flag::LOCAL) != 0 || !there {
                continue;
            }
            let (count, time, wait) = inside.entry(self.tables.sites[site as usize].component).or_default();
            *count += 1;
            *time += u128::from(self.now - start);
            if flags & flag::QUEUED != 0 {
                *wait += u128::from(self.now - mark);
            }
        }
        inside
    }

    fn books(&mut self, c: u32) -> &mut Books {
        let component = self.tables.sites[self.frames[c as usize].site as usize].component;
        &mut self.watch.components[component as usize].books
    }

    /// A frame ends that was never let in.
    pub(super) fn outside(&mut self, c: u32) {
        self.books(c).outside += 1;
    }

    /// A frame is held up before it is let in.
    pub(super) fn held_up(&mut self, c: u32) {
        self.books(c).held_up = true;
    }

    /// A frame that has answered goes on.
    pub(super) fn went_on(&mut self, c: u32) {
        self.books(c).went_on += 1;
    }

    /// A frame leaves its queue without a worker. It must still be marked as waiting.
    pub(super) fn left_queue(&mut self, c: u32) {
        let waited = u128::from(self.now - self.frames[c as usize].mark);
        self.books(c).wait_of_others += waited;
        self.left(c);
    }

    /// A frame leaves its component otherwise than by ending well.
    pub(super) fn left(&mut self, c: u32) {
        let Frame { start, flags, .. } = self.frames[c as usize];
        let spent = u128::from(self.now - start);
        let books = self.books(c);
        books.time_of_others += spent;
        books.went += u64::from(flags & flag::ANSWERED != 0);
    }

    /// A frame that is taken away ends as cancelled, unless it has ended before: lost, answered, or with its answer on its way.
    pub(super) fn cancelled(&mut self, c: u32) {
        let Frame { site, flags, .. } = self.frames[c as usize];
        let there = flags & (flag::WORKER | flag::QUEUED) != 0;
        let over = flags & (flag::GHOST | flag::ANSWERED) != 0 || (flags & flag::OUTBOUND != 0 && !there);
        if over || flags & (flag::ROOT | flag::LOCAL) != 0 {
            return;
        }
        let component = self.tables.sites[site as usize].component;
        self.watch.components[component as usize].ended[Ending::Cancelled as usize] += 1;
        if !there {
            self.outside(c);
        }
    }
}
