//! CPU time where every frame that computes has a core of its own: counted whole when a compute begins, so what of it
//! lies beyond an instant is found here, when the window begins or ends and when a frame is dropped. Shared cores keep
//! their own account: see `cores`.

use super::engine::Engine;
use super::events::{self, Tag};
use super::frames::{Frame, flag};
use super::machines::{Act, streams};
use super::rules::{Cancel, Others};
use super::tables::{Fault, Harm, Step, Tables};

/// Whether frames may be dropped in the midst of their work: by a caller's policies, or by a fault.
pub(super) fn may_drop(tables: &Tables, faults: &[Fault]) -> bool {
    let downs = |fault: &Fault| {
        matches!(
            fault.harm,
            Harm::Crash { .. }
                | Harm::Loss { .. }
                | Harm::ZoneLoss { .. }
                | Harm::LeaderLoss { .. }
                | Harm::Down { .. }
                | Harm::RestartLoop(_)
                | Harm::PoisonInput(_)
                | Harm::Release { .. }
                | Harm::Poison { crashes: true, .. }
        )
    };
    tables.policies.iter().any(|policy| policy.cancel != Cancel::None || policy.others != Others::RunOn)
        || faults.iter().any(downs)
        || !tables.machines.repairs.groups.is_empty()
}

impl Engine<'_> {
    /// The time of a compute where a replica is slow or frames may be dropped. Unit: ns.
    #[cold]
    pub(super) fn compute_time(&mut self, f: u32, replica: u32, time: u64) -> u64 {
        let time = self.stretch(replica, time);
        if self.drops {
            if self.computed_at.len() <= f as usize {
                self.computed_at.resize(f as usize + 1, 0);
            }
            self.computed_at[f as usize] = self.now.saturating_add(time);
        }
        time
    }

    /// A frame computes for a time that a machine says, on shared cores or on one of its own. Unit: ns of CPU.
    pub(super) fn compute(&mut self, f: u32, work: u64) {
        let Frame { replica, site, .. } = self.frames[f as usize];
        let component = self.tables.sites[site as usize].component;
        if self.tables.components[component as usize].shares {
            self.share(f, work);
            return;
        }
        let time = if self.slowed { self.compute_time(f, replica, work) } else { work };
        if let Some(cpu) = self.cpu.get_mut(replica as usize) {
            *cpu += time;
        }
        self.resume_at(self.now.saturating_add(time), f);
    }

    /// Whether the last instruction of a frame that waits was a compute.
    fn computes(&self, f: u32) -> bool {
        let frame = &self.frames[f as usize];
        let last = frame.pc.checked_sub(1).and_then(|pc| self.tables.code.get(pc as usize));
        let computes = |step: &Step| {
            matches!(step, Step::Compute { .. } | Step::Machine { act: Act::Streams(streams::Act::Fold), .. })
        };
        frame.attempt == 0 && last.is_some_and(computes)
    }

    /// For each replica, how much of the computes under way is still to come. Unit: ns.
    pub(super) fn still_to_compute(&self) -> Vec<u64> {
        let mut rests = vec![0; self.replicas.len()];
        self.events.each(|key| {
            let f = events::slot(key);
            if Tag::of(key) == Tag::Resume
                && let Some(frame) = self.frames.get(f as usize)
                && frame.awaits == events::number(key)
                && self.computes(f)
                && let Some(rest) = rests.get_mut(frame.replica as usize)
            {
                *rest += events::time(key).saturating_sub(self.now);
            }
        });
        rests
    }

    /// A frame is dropped: what is left of its compute is never done.
    pub(super) fn stop_computing(&mut self, f: u32) {
        let frame = &self.frames[f as usize];
        let at_work = frame.flags & (flag::WORKER | flag::LOCAL) != 0 && self.computes(f);
        if let Some(end) = self.computed_at.get(f as usize).filter(|_| at_work)
            && let Some(cpu) = self.cpu.get_mut(frame.replica as usize)
        {
            *cpu = cpu.saturating_sub(end.saturating_sub(self.now));
        }
    }
}
