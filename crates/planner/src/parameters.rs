//! What the projections assume beyond the brief: hops, stores, brokers, headroom. Each with its range and source.
//!
//! All styles share one set; `Mechanisms` switches single ones off, for the tests against rigging.

use groundplan_knowledge::Knowledge;
use groundplan_model::brief::Assumption;
use groundplan_model::units::{Bytes, Seconds, Share};

/// An assumed input: the value that results are computed with, and the ends of its range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// What results are computed with.
    pub middle: Seconds,
    /// Lower end.
    pub low: Seconds,
    /// Upper end.
    pub high: Seconds,
}

impl Parameter {
    /// The value that results are computed with.
    #[must_use]
    pub fn mid(&self) -> Seconds {
        self.middle
    }

    /// The same value without a range.
    #[must_use]
    pub fn exactly(value: Seconds) -> Parameter {
        Parameter { middle: value, low: value, high: value }
    }
}

impl std::fmt::Display for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} to {})", self.middle, self.low, self.high)
    }
}

/// Everything that is assumed the same for all styles.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// CPU of one message on one side, whatever its size. Unit: seconds of one core.
    pub hop_cpu: Parameter,
    /// CPU per KB of payload on one side. Unit: seconds of one core.
    pub hop_cpu_per_kb: Parameter,
    /// Round trip within a zone.
    pub within_zone: Seconds,
    /// Round trip between zones of a region.
    pub between_zones: Seconds,
    /// Time of one simple read in a database, in one of its workers.
    pub store_read: Parameter,
    /// Time of one simple write in a database, in one of its workers.
    pub store_write: Parameter,
    /// Workers of a database per vCPU.
    pub store_workers_per_vcpu: f64,
    /// Until a database's standby has taken over.
    pub failover: Seconds,
    /// Until a new copy of a service of one module takes requests.
    pub start_up: Seconds,
    /// The same for a large application, of ten modules or more.
    pub start_up_large: Seconds,
    /// Requests that may wait in each copy of a service before more are refused, where nothing else is said.
    pub waiting: u64,
    /// How long a caller waits for an answer where nothing else is said.
    pub call_timeout: Seconds,
    /// Highest planned use of cores at the peak of the horizon.
    pub planned_use: Share,
    /// Highest use of what remains after a zone is lost.
    pub use_after_zone_loss: Share,
    /// Fewest copies of a service.
    pub fewest_copies: u64,
    /// Zones of a region.
    pub zones: u64,
    /// Sizes that a copy may have. Unit: vCPU.
    pub vcpu_sizes: Vec<f64>,
    /// Memory per vCPU.
    pub memory_per_vcpu: Bytes,
    /// Which mechanisms are on.
    pub mechanisms: Mechanisms,
}

/// What differs between styles, each of which can be switched off to see what it contributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mechanisms {
    /// CPU and round trips of calls between deployables.
    pub hops: bool,
    /// Fewest copies and whole instance sizes.
    pub minimum_sizes: bool,
    /// Queues for workers and cores; off means that nothing ever waits for either.
    pub contention: bool,
    /// A database per deployable; off means one for all.
    pub data_split: bool,
}

impl Mechanisms {
    /// Everything on: what plans are made with.
    pub const ALL: Mechanisms = Mechanisms { hops: true, minimum_sizes: true, contention: true, data_split: true };
    /// Everything off: the styles must agree.
    pub const NONE: Mechanisms = Mechanisms { hops: false, minimum_sizes: false, contention: false, data_split: false };
}

impl Parameters {
    /// CPU of one message on one side. Unit: seconds of one core.
    #[must_use]
    pub fn hop_cpu_of(&self, payload: Bytes) -> Seconds {
        if !self.mechanisms.hops {
            return Seconds(0.0);
        }
        let cpu = self.hop_cpu.mid() + self.hop_cpu_per_kb.mid() * (payload.0 / 1_000.0);
        // Whole nanoseconds: what a design states is what it runs.
        Seconds((cpu.0 * 1e9).round() / 1e9)
    }

    /// Until a new copy of a deployable with so many modules takes requests: between the two facts, in equal steps.
    #[must_use]
    pub fn start_up_of(&self, modules: usize) -> Seconds {
        let part = (modules.max(1) - 1).min(9) as f64 / 9.0;
        let seconds = self.start_up.0 + (self.start_up_large.0 - self.start_up.0) * part;
        Seconds((seconds * 10.0).round() / 10.0)
    }

    /// What is assumed beyond the brief, for the plan's list.
    #[must_use]
    pub fn assumptions(&self) -> Vec<Assumption> {
        let line = |path: &str, value: String, why: &str| Assumption {
            path: format!("planner.{path}"),
            value,
            why: why.to_string(),
        };
        vec![
            line("hop.cpu", self.hop_cpu.to_string(), "CPU of a message on each side, without a mesh"),
            line("hop.cpu-per-kb", self.hop_cpu_per_kb.to_string(), "CPU to write or read 1 KB of payload"),
            line("network.within-zone", self.within_zone.to_string(), "round trip in a zone"),
            line("network.between-zones", self.between_zones.to_string(), "round trip between zones of a region"),
            line("database.read", self.store_read.to_string(), "a simple indexed read, held by one worker"),
            line("database.write", self.store_write.to_string(), "a small committed write, held by one worker"),
            line(
                "database.workers",
                format!("{} per vCPU", self.store_workers_per_vcpu),
                "reads and writes in work at once",
            ),
            line("database.failover", self.failover.to_string(), "until a standby has taken over"),
            line(
                "service.start-up",
                format!("{} to {}", self.start_up, self.start_up_large),
                "until a new copy takes requests: one module to ten and more",
            ),
            line(
                "call.timeout",
                self.call_timeout.to_string(),
                "of every call and of the callers themselves, before mitigations",
            ),
            line("planned-use", self.planned_use.to_string(), "highest use of cores at the peak of the horizon"),
            line(
                "use-after-zone-loss",
                self.use_after_zone_loss.to_string(),
                "highest use of what is left without a zone",
            ),
            line("fewest-copies", self.fewest_copies.to_string(), "of every service"),
            line("zones", self.zones.to_string(), "of the region everything stands in"),
        ]
    }

    /// These parameters with some mechanisms off.
    #[must_use]
    pub fn with(mut self, mechanisms: Mechanisms) -> Parameters {
        if !mechanisms.hops {
            self.within_zone = Seconds(0.0);
            self.between_zones = Seconds(0.0);
        }
        if !mechanisms.minimum_sizes {
            self.fewest_copies = 1;
        }
        self.mechanisms = mechanisms;
        self
    }

    /// The parameters of the knowledge's facts.
    #[must_use]
    pub fn from_knowledge(knowledge: &Knowledge) -> Parameters {
        let time = |id: &str| Seconds(knowledge.fact(id).value);
        let range = |id: &str, part: f64| {
            let fact = knowledge.fact(id);
            Parameter {
                middle: Seconds(fact.value * part),
                low: Seconds(fact.low * part),
                high: Seconds(fact.high * part),
            }
        };
        Parameters {
            // The fact is for both sides together.
            hop_cpu: range("hop-cpu", 0.5),
            hop_cpu_per_kb: range("serialisation-per-kb", 1.0),
            within_zone: time("rtt-in-zone"),
            between_zones: time("rtt-between-zones"),
            store_read: range("database-read", 1.0),
            store_write: range("database-write", 1.0),
            failover: time("database-failover"),
            start_up: time("service-start"),
            start_up_large: time("monolith-start"),
            store_workers_per_vcpu: 4.0,
            waiting: 1_000,
            call_timeout: Seconds(10.0),
            planned_use: Share(0.6),
            use_after_zone_loss: Share(0.9),
            fewest_copies: 2,
            zones: 3,
            vcpu_sizes: vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
            memory_per_vcpu: Bytes(4e9),
            mechanisms: Mechanisms::ALL,
        }
    }
}
