//! Stations in a row as tables, built by hand: the systems whose exact answers are known.
#![allow(dead_code)]

use groundplan_sim::kernel::draws::{Law, Laws, site};
use groundplan_sim::kernel::engine::{Engine, Plan};
use groundplan_sim::kernel::tables::{
    Algorithm, Arrivals, Balancer, Component, Lane, NONE, Policy, Purpose, Site, Source, Step, Tables,
};
use groundplan_sim::record::Record;

/// Nanoseconds of one mean service.
pub const UNIT: f64 = 1e7;

/// A row of equal stations.
#[derive(Clone, Copy)]
pub struct Row {
    pub stations: u32,
    pub replicas: u32,
    pub servers: u32,
    pub law: Law,
    /// Arrivals per mean service.
    pub arrivals: Arrivals,
    pub batch: u32,
    pub queue: u32,
    /// Longest wait in a queue, in mean services.
    pub patience: Option<f64>,
    pub attempts: u8,
    pub algorithm: Option<Algorithm>,
    /// Processor sharing on one core instead of servers.
    pub sharing: bool,
}

impl Row {
    pub fn new(stations: u32, servers: u32, load: f64) -> Row {
        Row {
            stations,
            replicas: 1,
            servers,
            law: Law::Exp(UNIT),
            arrivals: Arrivals::Poisson(UNIT / load),
            batch: 1,
            queue: NONE,
            patience: None,
            attempts: 1,
            algorithm: None,
            sharing: false,
        }
    }

    pub fn tables(&self) -> Tables {
        let mut tables = Tables { laws: Laws { laws: vec![self.law], ..Laws::default() }, ..Tables::default() };
        let patience = match self.patience {
            Some(units) => {
                tables.lanes.push(Lane { delay: (units * UNIT) as u64, purpose: Purpose::Patience });
                0
            }
            None => NONE,
        };
        if self.attempts > 1 {
            tables.policies.push(Policy { attempts: self.attempts, ..Policy::default() });
        }
        for station in 0..self.stations {
            let name = format!("station {station}");
            tables.components.push(Component {
                first: station * self.replicas,
                count: self.replicas,
                workers: if self.sharing { NONE } else { self.servers },
                cores: if self.sharing { 1 } else { self.servers },
                shares: self.sharing,
                queue: self.queue,
                ..Component::default()
            });
            let balancer = match self.algorithm {
                Some(algorithm) => {
                    let counts = tables.balancer_counts;
                    tables.balancer_counts += self.replicas;
                    tables.balancers.push(Balancer { algorithm, counts, site: site("choice"), ..Balancer::default() });
                    tables.balancers.len() as u32 - 1
                }
                None => NONE,
            };
            tables.sites.push(Site {
                entry: tables.code.len() as u32,
                component: station,
                first: station * self.replicas,
                count: self.replicas,
                key: site(&name),
                patience,
                balancer,
                ..Site::default()
            });
            let work = site("work");
            tables.code.push(if self.sharing {
                Step::Share { law: 0, site: work }
            } else {
                Step::Compute { law: 0, site: work }
            });
            tables.code.push(Step::Return);
        }
        let entry = tables.code.len() as u32;
        for station in 0..self.stations {
            let site = station + 1;
            tables.code.push(if self.attempts > 1 { Step::Guarded { site, policy: 0 } } else { Step::Call { site } });
        }
        tables.code.push(Step::End);
        tables.sources.push(Source {
            arrivals: self.arrivals,
            batch: self.batch,
            entry,
            name: site("load"),
            ..Source::default()
        });
        tables
    }

    /// One replication of so many mean services.
    pub fn run(&self, seed: u64, replication: u64, window: f64) -> Record {
        let warm_up = (window * 0.1).max(2_000.0);
        let plan = Plan {
            seed,
            replication,
            warm_up: (warm_up * UNIT) as u64,
            window: (window * UNIT) as u64,
            drain_cap: (1e5 * UNIT) as u64,
            slice: (window * UNIT / 64.0) as u64 + 1,
            experiment: None,
        };
        Engine::new(&self.tables(), plan).run()
    }
}
