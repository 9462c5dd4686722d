//! How a failure travels: up from the frame whose step failed to the first caller that has a say in it.

use super::engine::Engine;
use super::frames::flag;
use super::tables::NONE;
use crate::record::Ending;

impl Engine<'_> {
    /// Carries a failure up from a frame whose step has failed, to the first caller that has a say in it.
    #[inline(never)]
    pub(super) fn unwind(&mut self, mut f: u32, ending: Ending) -> u32 {
        while f != NONE {
            let frame = &mut self.frames[f as usize];
            if frame.attempt > 0 {
                frame.status = ending as u8;
                return f;
            }
            f = self.fail_frame(f, ending);
        }
        NONE
    }

    /// A frame's operation fails, whatever its step would say. Returns the frame that goes on.
    pub(super) fn fail(&mut self, f: u32, ending: Ending) -> u32 {
        self.frames[f as usize].attempt = 0;
        self.unwind(f, ending)
    }

    /// Ends a frame with a failure and returns its caller.
    fn fail_frame(&mut self, f: u32, ending: Ending) -> u32 {
        let frame = self.frames[f as usize];
        if self.trace.is_some() {
            self.trace_fails(f, ending);
        }
        if let Some(session) = self.cold.get(f as usize).map(|cold| cold.session).filter(|session| *session != NONE) {
            self.roll_back(session);
        }
        self.abort_session(f);
        if frame.flags & flag::ROOT != 0 {
            self.end_request(f, ending);
            return NONE;
        }
        if frame.flags & flag::LOCAL != 0 {
            self.give_permit(f);
            return self.deliver(f, ending);
        }
        if frame.flags & flag::WORKER != 0 {
            self.left(f);
            self.frames[f as usize].flags &= !flag::WORKER;
            self.release(frame.replica);
        }
        if frame.flags & flag::ANSWERED != 0 {
            self.release_frame(f);
            return NONE;
        }
        self.finish(f, ending)
    }
}
