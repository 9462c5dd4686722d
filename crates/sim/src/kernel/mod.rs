//! The engine and its tables: no names, no files, no language. Imports nothing but the record and the histograms.
//!
//! `tables` says what can run, `engine` runs it; the files beside them hold one concern each. Here is the smallest
//! run, an M/M/1 queue, built by hand:
//!
//! ```
//! use groundplan_sim::kernel::draws::{Law, Laws, site};
//! use groundplan_sim::kernel::engine::{Engine, Plan};
//! use groundplan_sim::kernel::tables::{Arrivals, Component, NONE, Site, Source, Step, Tables};
//!
//! let millisecond = 1_000_000;
//! let tables = Tables {
//!     code: vec![
//!         Step::Call { site: 1 },
//!         Step::End,
//!         Step::Compute { law: 0, site: site("serve compute 0") },
//!         Step::Return,
//!     ],
//!     laws: Laws { laws: vec![Law::Exp(10e6)], ..Laws::default() },
//!     sites: vec![Site::default(), Site { entry: 2, key: site("serve"), ..Site::default() }],
//!     components: vec![Component { workers: 1, cores: 1, ..Component::default() }],
//!     zones: vec![0],
//!     sources: vec![Source {
//!         arrivals: Arrivals::Poisson(12.5e6),
//!         name: site("load"),
//!         ..Source::default()
//!     }],
//!     ..Tables::default()
//! };
//! let plan = Plan {
//!     seed: 1,
//!     replication: 0,
//!     warm_up: 1_000 * millisecond,
//!     window: 60_000 * millisecond,
//!     drain_cap: 10_000 * millisecond,
//!     slice: 1_000 * millisecond,
//!     experiment: None,
//! };
//! let record = Engine::new(&tables, plan).run();
//! assert_eq!(record.entries[0].arrived, record.entries[0].ended.iter().sum::<u64>());
//! ```

pub mod arrivals;
pub mod attempts;
pub mod balance;
pub mod balancing;
pub mod beliefs;
pub mod blocks;
pub mod books;
pub mod calls;
pub mod computing;
pub mod contents;
pub mod cores;
pub mod draws;
pub mod engine;
pub mod events;
pub mod failures;
pub mod faults;
pub mod flows;
pub mod frames;
pub mod giving_up;
pub mod guarded;
pub mod guards;
pub mod hedges;
mod ladder;
pub mod lanes;
pub mod lasting;
pub mod levels;
pub mod lines;
pub mod machines;
pub mod network;
pub mod observe;
pub mod pools;
pub mod popularity;
pub mod queues;
pub mod ranked;
pub mod rows;
pub mod rules;
pub mod samples;
pub mod serving;
pub mod shelf;
pub mod sizes;
pub mod sources;
pub mod tables;
pub mod trace;
