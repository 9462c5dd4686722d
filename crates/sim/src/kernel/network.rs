//! Messages between replicas: one-way delays, sizes over bandwidth, loss that becomes delay, partitions.
//!
//! One event a message, or an entry of a lane where the delay is constant: no event per packet. Calls that meet neither
//! sizes nor faults of the network know the way from their zones alone. Left out: messages that share a link and hold each
//! other up, packets that overtake, and partitions that a balancer's health checks would notice.

use super::draws::{Keyed, Words as _, derive, mix};
use super::engine::{Engine, chance};
use super::events::Tag;
use super::frames::{Frame, NOWHERE, flag};
use super::tables::NONE;

/// How long a sender waits for an acknowledgement before it sends a message again; doubled each time. Unit: ns.
const RETRANSMIT: u64 = 200_000_000;
/// The longest that it waits before it sends a message again (Linux's `TCP_RTO_MAX`). Unit: ns.
const RETRANSMIT_MOST: u64 = 120_000_000_000;
/// Retransmissions after which a connection is given up (as Linux does).
const GIVEN_UP: u32 = 15;

/// What messages of one call site meet beyond a plain way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Message {
    /// Where the ways of its requests begin in `ways`: they take their size into account.
    pub request: u32,
    /// Where the ways of its answers begin in `ways`.
    pub answer: u32,
    /// Site of the draws that say whether a request is lost; the next two are those of the answer and of a cancel.
    pub site: u32,
}

/// One side of a partition: a component, or zones side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Side {
    /// The component; `NONE` for zones.
    pub component: u32,
    /// First zone.
    pub zone: u16,
    /// Number of zones.
    pub zones: u16,
}

impl Side {
    /// Whether a component's replica (or a client, which is of none) in a zone stands on it.
    #[must_use]
    pub fn has(&self, (component, zone): (u32, u16)) -> bool {
        if self.component != NONE { self.component == component } else { zone.wrapping_sub(self.zone) < self.zones }
    }
}

/// What befalls messages from one side to the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// From here ...
    pub from: Side,
    /// ... to there,
    pub to: Side,
    /// and back, unless this is set.
    pub one_way: bool,
    /// Which of the pairs of replicas it lies between.
    pub pairs: Pairs,
    /// What happens to them.
    pub effect: Effect,
}

/// The pairs of replicas that a cut lies between: all of them, or a share that is drawn once for a fault and pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pairs {
    /// Probability of a pair to be among them, in units of 2^-32; `NONE` for all.
    pub share: u32,
    /// Site of the draw: the fault's own.
    pub site: u32,
}

impl Pairs {
    /// Every pair.
    pub const ALL: Pairs = Pairs { share: NONE, site: 0 };
}

/// What happens to a message that meets a cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// It is gone.
    Drop,
    /// It arrives once the cut is healed; where it never is, it is gone.
    Hold,
    /// It is lost with a probability each time it is sent.
    Lose(f64),
}

/// Marks a caller that is a client and no replica: its zone stands in the low half.
const CLIENT: u32 = 1 << 31;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It takes no time: it is there.
    There,
    /// Its frame waits for it to arrive.
    Travels,
    /// It never arrives.
    Gone,
}

impl Engine<'_> {
    /// From where a frame calls: its replica, a client's zone, or `NONE`.
    pub(super) fn caller(&self, f: u32) -> u32 {
        let replica = self.frames.get(f as usize).map_or(NONE, |frame| frame.replica);
        if self.tables.far { self.caller_behind(f, replica) } else { replica }
    }

    /// From where a frame calls that may be a client's, or at a name that only says where to go.
    fn caller_behind(&self, mut f: u32, mut replica: u32) -> u32 {
        while replica != NONE {
            let component = self.conditions[replica as usize].component;
            if !self.tables.components[component as usize].steers {
                return replica;
            }
            let Frame { parent, ticket, .. } = self.frames[f as usize];
            // A caller that has gone is a stranger by now.
            match self.frames.get(parent as usize).filter(|caller| caller.awaits == ticket) {
                Some(caller) => (f, replica) = (parent, caller.replica),
                None => break,
            }
        }
        match self.cold.get(f as usize).map_or(NOWHERE, |cold| cold.home) {
            NOWHERE => NONE,
            home => CLIENT | u32::from(home),
        }
    }

    /// The component and the zone of a caller or a replica; a client is of no component.
    pub(super) fn spot(&self, caller: u32) -> (u32, u16) {
        if caller & CLIENT != 0 {
            return (NONE, caller as u16);
        }
        let condition = &self.conditions[caller as usize];
        (condition.component, condition.zone)
    }

    /// The lane of a message between a caller and a replica; `NONE` where it takes no time.
    pub(super) fn way(&self, caller: u32, replica: u32, ways: u32) -> u32 {
        if caller == NONE || replica == NONE || self.tables.ways.is_empty() {
            return NONE;
        }
        let (_, from) = self.spot(caller);
        let to = self.conditions[replica as usize].zone;
        self.tables.ways[ways as usize + from as usize * self.tables.zone_count as usize + to as usize]
    }

    /// Sends a frame's request, or its answer, between its caller's replica and its own.
    pub(super) fn dispatch(&mut self, c: u32, site: u32, caller: u32, answer: bool) -> Fate {
        let message = self.tables.sites[site as usize].message;
        if message != NONE && caller != NONE {
            return self.dispatch_by(c, message, caller, answer);
        }
        match self.way(caller, self.frames[c as usize].replica, 0) {
            NONE => Fate::There,
            lane => {
                self.lane_push_awaits(lane, c);
                Fate::Travels
            }
        }
    }

    fn dispatch_by(&mut self, c: u32, message: u32, caller: u32, answer: bool) -> Fate {
        if self.trace.is_some() && !answer {
            self.trace_departs(c);
        }
        let rule = self.tables.messages[message as usize];
        let lane = self.way(caller, self.frames[c as usize].replica, if answer { rule.answer } else { rule.request });
        let Some(late) = self.late(c, rule.site.wrapping_add(u32::from(answer)), caller, answer) else {
            return Fate::Gone;
        };
        if late == 0 {
            if lane == NONE {
                return Fate::There;
            }
            self.lane_push_awaits(lane, c);
        } else {
            let time = self.now.saturating_add(late).saturating_add(self.delay(lane));
            let number = self.at(time, Tag::Message, c);
            self.frames[c as usize].awaits = number;
        }
        Fate::Travels
    }

    /// Whether no cut stops what one sends to another. `f`: a frame of the client, where one of the two is one.
    pub(super) fn passes(&self, from: u32, to: u32, f: u32) -> bool {
        let (caller, replica) = if to & CLIENT != 0 { (to, from) } else { (from, to) };
        let (from, to) = (self.spot(from), self.spot(to));
        self.cuts.iter().all(|(cut, _)| {
            let along = cut.from.has(from) && cut.to.has(to);
            let against = !cut.one_way && cut.from.has(to) && cut.to.has(from);
            let stops = (along || against) && self.parts(cut.pairs, caller, replica, f);
            matches!(cut.effect, Effect::Lose(_)) || !stops
        })
    }

    /// One-way delay of a small message between two replicas. Unit: ns.
    pub(super) fn delay_between(&self, from: u32, to: u32) -> u64 {
        self.delay(self.way(from, to, 0))
    }

    fn delay(&self, lane: u32) -> u64 {
        self.tables.lanes.get(lane as usize).map_or(0, |lane| lane.delay)
    }

    /// How long the message takes that a frame is not needed any more; none if it never arrives. Unit: ns.
    pub(super) fn cancel_delay(&mut self, c: u32, site: u32, caller: u32) -> Option<u64> {
        let message = self.tables.sites[site as usize].message;
        let late = match self.tables.messages.get(message as usize) {
            Some(rule) if caller != NONE => self.late(c, rule.site.wrapping_add(2), caller, false)?,
            _ => 0,
        };
        Some(late.saturating_add(self.delay(self.way(caller, self.frames[c as usize].replica, 0))))
    }

    /// How much later than by its plain way a message comes; none if it never does. Unit: ns.
    fn late(&self, c: u32, site: u32, caller: u32, answer: bool) -> Option<u64> {
        if self.cuts.is_empty() && self.tables.loss == 0.0 {
            return Some(0);
        }
        let (replica, key) = (self.frames[c as usize].replica, self.frames[c as usize].key);
        let (from, to) =
            if answer { (self.spot(replica), self.spot(caller)) } else { (self.spot(caller), self.spot(replica)) };
        let nowhere = self.tables.zone_count.saturating_sub(1);
        let placed = from.1 != nowhere && to.1 != nowhere;
        let mut arrives = if placed { 1.0 - self.tables.loss } else { 1.0 };
        let mut healed = self.now;
        let meets = |cut: &Cut| {
            let along = cut.from.has(from) && cut.to.has(to);
            let against = !cut.one_way && cut.from.has(to) && cut.to.has(from);
            (along || against) && self.parts(cut.pairs, caller, replica, c)
        };
        let always = arrives;
        for (cut, until) in &self.cuts {
            match cut.effect {
                _ if !meets(cut) => {}
                Effect::Lose(share) => arrives *= 1.0 - share,
                Effect::Hold if *until != u64::MAX => healed = healed.max(*until),
                Effect::Hold | Effect::Drop => return None,
            }
        }
        let mut late = healed - self.now;
        if arrives < 1.0 {
            let mut words = Keyed::new(key, site);
            let mut lost = 0;
            while words.unit() >= arrives {
                if lost == GIVEN_UP {
                    return None;
                }
                late += RETRANSMIT_MOST.min(RETRANSMIT << lost);
                lost += 1;
                // What is sent again meets the faults that are still there.
                arrives = always;
                for (cut, until) in &self.cuts {
                    if let Effect::Lose(share) = cut.effect
                        && self.now + late < *until
                        && meets(cut)
                    {
                        arrives *= 1.0 - share;
                    }
                }
            }
        }
        Some(late)
    }

    /// Whether a cut lies between a caller and a replica. A client is one of its own: it is known by its request.
    fn parts(&self, pairs: Pairs, caller: u32, replica: u32, c: u32) -> bool {
        if pairs.share == NONE {
            return true;
        }
        let one = match caller & CLIENT {
            0 => u64::from(caller.min(replica)),
            _ => self.cold.get(c as usize).map_or(0, |cold| cold.request) | 1 << 63,
        };
        let run = derive(mix(self.plan.seed) ^ mix(self.plan.replication), pairs.site, caller.max(replica) & !CLIENT);
        chance(mix(run ^ mix(one)), pairs.site, pairs.share)
    }

    /// A request is gone: no answer will come.
    pub(super) fn request_gone(&mut self, c: u32) {
        self.outside(c);
        self.haunt(c);
    }

    /// An answer is gone: what was done for it was for nothing, and its caller hears nothing.
    pub(super) fn answer_gone(&mut self, c: u32) {
        self.wasted(c);
        self.ghost(c);
    }

    /// A message of a session is gone, and the session with it: rolled back, its worker free, its caller none the wiser.
    pub(super) fn session_gone(&mut self, c: u32) {
        let replica = self.frames[c as usize].replica;
        self.cancelled(c);
        self.left(c);
        self.wasted(c);
        self.abort_session(c);
        self.frames[c as usize].flags &= !flag::WORKER;
        self.release(replica);
        self.forget_session(c);
        self.ghost(c);
    }
}
