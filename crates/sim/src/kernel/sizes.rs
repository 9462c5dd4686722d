//! What an operation will compute, told when it arrives: the very draws that its steps will make, made ahead of time.
//!
//! Counted is the CPU time on the way that its own branches will take, operations in process, blocks and loops included,
//! as if every call went well. Time at callees and waits is not size.

use super::draws::{Keyed, derive};
use super::engine::{Engine, chance};
use super::tables::Step;

/// Instructions looked at for one frame; more are not counted.
const MOST: u32 = 256;

impl Engine<'_> {
    /// CPU time of a frame's operation. Unit: ns.
    pub(super) fn size_of(&self, f: u32) -> u64 {
        let frame = &self.frames[f as usize];
        let mut looked = 0;
        match self.tables.sites.get(frame.site as usize) {
            Some(site) => self.size_from(site.entry, frame.key, &mut looked),
            None => 0,
        }
    }

    fn size_from(&self, entry: u32, key: u64, looked: &mut u32) -> u64 {
        let mut size = 0u64;
        let mut pc = entry;
        while *looked < MOST {
            *looked += 1;
            let Some(step) = self.tables.code.get(pc as usize) else {
                return size;
            };
            pc += 1;
            match *step {
                Step::Compute { law, site } | Step::Share { law, site } => {
                    size = size.saturating_add(self.tables.laws.draw(&self.ziggurat, law, &mut Keyed::new(key, site)));
                }
                Step::Chance { share, to, site } | Step::Lookup { share, to, site } if chance(key, site, share) => {
                    pc = to
                }
                Step::Jump { to } => pc = to,
                Step::Local { site } => {
                    let site = &self.tables.sites[site as usize];
                    let inner = if site.key == 0 { key } else { derive(key, site.key, 0) };
                    size = size.saturating_add(self.size_from(site.entry, inner, looked));
                }
                Step::Split { first, count, .. } => {
                    for branch in &self.tables.branches[first as usize..(first + u32::from(count)) as usize] {
                        let inner = if branch.site == 0 { key } else { derive(key, branch.site, 0) };
                        size = size.saturating_add(self.size_from(branch.entry, inner, looked));
                    }
                }
                Step::Repeat { entry, times, site } => {
                    for turn in 0..times {
                        if *looked >= MOST {
                            break;
                        }
                        let inner = if site == 0 { key } else { derive(key, site, turn) };
                        size = size.saturating_add(self.size_from(entry, inner, looked));
                    }
                }
                Step::Fail { .. } | Step::Leave | Step::Return | Step::Back | Step::End | Step::Yield => return size,
                _ => {}
            }
        }
        size
    }
}
