//! A walk from stop to stop, by chance: what a client does at each, and where it goes on.
//!
//! A walk may come to a stop again, and has new luck each time: its key is drawn anew between two stops. Whether walks
//! end is checked when a design is read.

use super::Lowering;
use super::steps::Context;
use crate::kernel::draws;
use crate::kernel::tables::{NONE, Step, share_bits};
use groundplan_model::design::Route;
use groundplan_model::span::Located;
use groundplan_model::units::Share;

impl<'d> Lowering<'d> {
    /// Emits the stops of a walk in line; what leaves goes to the instruction behind them.
    pub(crate) fn route(&mut self, title: &str, route: &'d Route) {
        // Jumps to stops that are emitted later: instruction and stop; none for the way out.
        let mut ways: Vec<(u32, Option<usize>)> = Vec::new();
        let rekey = draws::site(&format!("{title} next stop"));
        self.ways(&mut ways, route, &route.start, &format!("{title} start"));
        let mut entries = Vec::new();
        for stop in &route.stops {
            entries.push(self.here());
            let mut context = Context::client(&format!("{title} {}", stop.name.value));
            self.steps(&mut context, std::slice::from_ref(&stop.step));
            self.push(Step::Rekey { site: rekey });
            self.ways(&mut ways, route, &stop.next, &format!("{title} {} next", stop.name.value));
        }
        let end = self.here();
        for (at, stop) in ways {
            let target = stop.and_then(|stop| entries.get(stop).copied()).unwrap_or(end);
            match &mut self.tables.code[at as usize] {
                Step::Chance { to, .. } | Step::Jump { to } => *to = target,
                _ => {}
            }
        }
    }

    /// One of several ways on by their shares, or out.
    fn ways(
        &mut self,
        ways: &mut Vec<(u32, Option<usize>)>,
        route: &Route,
        next: &[(Located<String>, Share)],
        name: &str,
    ) {
        let mut left = 1.0;
        for (nth, (stop, share)) in next.iter().enumerate() {
            let of_left = if left > 1e-12 { (share.0 / left).min(1.0) } else { 1.0 };
            let last = nth + 1 == next.len() && left - share.0 < 1e-9;
            let bits = if last { NONE } else { share_bits(of_left) };
            let site = draws::site(&format!("{name}/{nth}"));
            ways.push((self.push(Step::Chance { share: bits, to: 0, site }), route.stop(stop)));
            left -= share.0;
        }
        ways.push((self.push(Step::Jump { to: 0 }), None));
    }
}
