//! Where replicas stand, and how long a message takes between two places: half the round trip, one lane a delay.
//!
//! What has no place (an outside dependency, a client) stands in a zone of its own that is no time away from anything:
//! its latency is said elsewhere. Left out: bandwidth and loss.

use super::{Lowering, nanoseconds};
use crate::kernel::tables::{NONE, Purpose};
use groundplan_model::design::Design;
use groundplan_model::units::Seconds;

/// All zones of a design by number; the last is nowhere.
#[derive(Debug)]
pub(crate) struct Places {
    /// Region and zone.
    zones: Vec<(String, String)>,
}

impl Places {
    pub fn new(design: &Design) -> Places {
        let zones = design
            .places
            .iter()
            .flat_map(|place| place.zones.iter().map(|zone| (place.name.value.clone(), zone.clone())));
        Places { zones: zones.collect() }
    }

    fn nowhere(&self) -> u16 {
        self.zones.len() as u16
    }

    /// Zones that `region` or `region/zone` means.
    pub fn within(&self, place: &str) -> Vec<u16> {
        let (region, zone) = match place.split_once('/') {
            Some((region, zone)) => (region, Some(zone)),
            None => (place, None),
        };
        let fits = |at: &(String, String)| at.0 == region && zone.is_none_or(|zone| at.1 == zone);
        (0..self.zones.len() as u16).filter(|nth| fits(&self.zones[*nth as usize])).collect()
    }

    /// All `region/zone`.
    pub fn names(&self) -> Vec<String> {
        self.zones.iter().map(|(region, zone)| format!("{region}/{zone}")).collect()
    }
}

impl Lowering<'_> {
    /// The zones of a component's replicas: those of its place in order.
    pub(crate) fn zones_of(&self, part: u32, replicas: u32) -> Vec<u16> {
        let place = self.parts[part as usize].component.place.as_ref();
        let zones = place.map_or_else(Vec::new, |place| self.places.within(place));
        if zones.is_empty() {
            return vec![self.places.nowhere(); replicas as usize];
        }
        (0..replicas as usize).map(|nth| zones[nth % zones.len()]).collect()
    }

    /// The round trip between two zones.
    pub(crate) fn round_trip(&self, from: u16, to: u16) -> Seconds {
        let network = &self.design.network;
        let nowhere = self.places.nowhere();
        if from == nowhere || to == nowhere {
            return Seconds(0.0);
        }
        if from == to {
            return network.within_zone;
        }
        let (from, to) = (&self.places.zones[from as usize].0, &self.places.zones[to as usize].0);
        if from == to {
            return network.between_zones;
        }
        let known = network.between_regions.iter().find(|(a, b, _)| (a == from && b == to) || (a == to && b == from));
        known.map_or(Seconds(0.0), |(_, _, time)| *time)
    }

    pub(crate) fn lower_network(&mut self) {
        let count = self.places.nowhere() + 1;
        let pairs: Vec<Seconds> = (0..count)
            .flat_map(|from| (0..count).map(move |to| (from, to)))
            .map(|(from, to)| self.round_trip(from, to) / 2.0)
            .collect();
        self.tables.zone_count = count;
        if pairs.iter().all(|delay| nanoseconds(*delay) == 0) {
            return;
        }
        self.tables.ways = pairs
            .into_iter()
            .map(|delay| if nanoseconds(delay) == 0 { NONE } else { self.lane(delay, Purpose::Message) })
            .collect();
    }

    /// How long data with so many copies waits for `acknowledgements` of the others: a round trip to the nearest ones.
    pub(crate) fn replication_wait(&self, part: u32, copies: u32, acknowledgements: u32) -> Seconds {
        let zones = self.zones_of(part, copies.max(1));
        let mut trips: Vec<f64> = zones.iter().skip(1).map(|zone| self.round_trip(zones[0], *zone).0).collect();
        trips.sort_by(f64::total_cmp);
        let last = (acknowledgements as usize).min(trips.len());
        if last == 0 { Seconds(0.0) } else { Seconds(trips[last - 1]) }
    }
}
