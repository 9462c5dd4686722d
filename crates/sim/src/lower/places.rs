//! Where replicas stand, and how long a message takes between two places: half the round trip, one lane a delay.
//!
//! What has no place (an outside dependency, a client of whom nothing is said) stands in a zone of its own that is no time
//! away from anything: its latency is said elsewhere. Clients whose load says `from` stand at the edge of a region: a zone of
//! its own, as far from the region's other zones as these are from one another. A message of a size has ways of its own, with the time it takes to put it on the wire.

use super::{Ask, From, Lowering, nanoseconds};
use crate::kernel::draws;
use crate::kernel::network::Message;
use crate::kernel::tables::{NONE, Purpose, share_bits};
use groundplan_model::design::{Design, Load};
use groundplan_model::units::Seconds;
use groundplan_model::value::Settings;

/// The zone of a region in which its clients stand: `partition: { between: [eu-west/edge, us-east] }`.
const EDGE: &str = "edge";

/// All zones of a design by number; behind them the edges where clients are; the last is nowhere.
#[derive(Debug)]
pub(crate) struct Places {
    /// Region and zone.
    zones: Vec<(String, String)>,
    /// Number of those in which replicas may stand.
    real: usize,
}

impl Places {
    pub fn new(design: &Design) -> Places {
        let zones = design
            .places
            .iter()
            .flat_map(|place| place.zones.iter().map(|zone| (place.name.value.clone(), zone.clone())));
        let mut zones: Vec<(String, String)> = zones.collect();
        let real = zones.len();
        for (region, _) in design.load.iter().flat_map(|load| load.homes()) {
            if !zones[real..].iter().any(|(known, _)| known == region) {
                zones.push((region.to_string(), EDGE.to_string()));
            }
        }
        Places { zones, real }
    }

    /// The edge of a region, where its clients are; none where no load has clients there.
    pub fn edge(&self, region: &str) -> Option<u16> {
        let at = self.zones[self.real..].iter().position(|(known, _)| known == region)?;
        Some((self.real + at) as u16)
    }

    fn nowhere(&self) -> u16 {
        self.zones.len() as u16
    }

    /// Zones that `region` or `region/zone` means; the edge of a region only by its own name.
    pub fn within(&self, place: &str) -> Vec<u16> {
        let (region, zone) = match place.split_once('/') {
            Some((region, zone)) => (region, Some(zone)),
            None => (place, None),
        };
        let fits = |at: &(String, String)| at.0 == region && zone.is_none_or(|zone| at.1 == zone);
        let real: Vec<u16> = (0..self.real as u16).filter(|nth| fits(&self.zones[*nth as usize])).collect();
        match zone {
            Some(EDGE) if real.is_empty() => self.edge(region).into_iter().collect(),
            _ => real,
        }
    }

    /// A number for the region of a zone: that of its first zone.
    pub fn region_of(&self, zone: u16) -> u16 {
        let region = self.zones.get(zone as usize).map(|(region, _)| region);
        self.zones.iter().position(|(other, _)| Some(other) == region).map_or(zone, |first| first as u16)
    }

    /// All `region/zone`, the edges where clients are among them.
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
        network.between(from, to).unwrap_or(Seconds(0.0))
    }

    /// The clients of the load at hand call a component.
    pub(crate) fn note_clients(&mut self, part: u32) {
        let homes = self.tables.homes.last().map_or(&[][..], Vec::as_slice);
        self.client_calls.extend(homes.iter().map(|(_, zone)| (*zone, part)));
    }

    /// Where the clients of a load are: an index into `homes`, `NONE` where that is not said.
    pub(crate) fn homes_of(&mut self, load: &Load) -> u32 {
        let mut sum = 0.0;
        let homes = load.homes().into_iter().filter_map(|(region, share)| {
            sum += share.0;
            Some((share_bits(sum), self.places.edge(region)?))
        });
        let homes: Vec<(u32, u16)> = homes.collect();
        if homes.is_empty() {
            return NONE;
        }
        self.tables.far = true;
        self.tables.homes.push(homes);
        self.tables.homes.len() as u32 - 1
    }

    pub(crate) fn lower_network(&mut self) {
        self.tables.zone_count = self.places.nowhere() + 1;
        self.tables.loss = self.design.network.loss.0.clamp(0.0, 1.0);
        let before = self.tables.lanes.len();
        self.ways_of(0);
        if self.tables.lanes.len() == before && self.design.network.bandwidth.is_none() {
            // Nothing takes any time.
            self.tables.ways.clear();
            self.ways.clear();
        }
    }

    /// Where the ways of messages of a size begin: a lane for each pair of zones. Unit of `size`: bytes.
    fn ways_of(&mut self, size: u64) -> u32 {
        if let Some(first) = self.ways.get(&size) {
            return *first;
        }
        let (count, nowhere) = (self.tables.zone_count, self.places.nowhere());
        let wire = self.design.network.bandwidth.map_or(0.0, |bandwidth| size as f64 / bandwidth.0);
        let mut ways = Vec::new();
        for (from, to) in (0..count).flat_map(|from| (0..count).map(move |to| (from, to))) {
            let placed = from != nowhere && to != nowhere;
            let delay = self.round_trip(from, to) / 2.0 + Seconds(if placed { wire } else { 0.0 });
            ways.push(if nanoseconds(delay) == 0 { NONE } else { self.lane(delay, Purpose::Message) });
        }
        let first = self.tables.ways.len() as u32;
        self.tables.ways.extend(ways);
        self.ways.insert(size, first);
        first
    }

    /// The sizes of request and answer that an operation says itself. Unit: bytes.
    pub(crate) fn sizes_of(&self, part: u32, ask: &Ask) -> [u64; 2] {
        let Ask::Operation(name) = ask else {
            return [0; 2];
        };
        let reference = format!("{}.{name}", self.parts[part as usize].component.name.value);
        let settings = self.entry_operation(&reference).map(|(_, operation)| &operation.settings);
        ["in", "out"].map(|key| settings.and_then(|settings| settings.size(key)).map_or(0, |size| size.0 as u64))
    }

    /// What messages of a call meet: their sizes, loss, faults of the network.
    pub(crate) fn messages_of(&mut self, site: u32, placed: bool, sizes: [u64; 2], key: &str) {
        let sized = placed && self.design.network.bandwidth.is_some() && sizes != [0; 2];
        if !(sized || self.cut || placed && self.tables.loss > 0.0) {
            return;
        }
        let [request, answer] = if self.tables.ways.is_empty() { [0; 2] } else { sizes.map(|size| self.ways_of(size)) };
        let component = self.tables.sites[site as usize].component;
        // A hop has no name of its own: its component's will do.
        let name = if key.is_empty() { &self.parts[component as usize].component.name.value } else { key };
        let message = Message { request, answer, site: draws::site(&format!("{name} message")) };
        self.tables.messages.push(message);
        let row = &mut self.tables.sites[site as usize];
        row.message = self.tables.messages.len() as u32 - 1;
        row.networked = true;
    }

    /// A call site of a step, which may say the sizes of its messages itself.
    pub(crate) fn site_of_step(&mut self, from: From, part: u32, ask: Ask, key: &str, settings: &Settings) -> u32 {
        let own = self.sizes_of(part, &ask);
        let caller = from.part;
        let site = self.site(from, part, ask, key);
        let said = ["request", "response"].map(|key| settings.size(key).map(|size| size.0 as u64));
        let caller_placed = caller.map_or(self.homed, |caller| self.parts[caller as usize].placed);
        if said != [None; 2] && (caller.is_some() || self.homed) {
            let placed = caller_placed && self.parts[part as usize].placed;
            self.messages_of(site, placed, [said[0].unwrap_or(own[0]), said[1].unwrap_or(own[1])], key);
        }
        site
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
