//! analysis: closed forms only; never simulates.
//!
//! Every number here follows from a formula whose source stands beside it, so it serves twice: the planner
//! sizes with it, and the simulator is held against it. The two meet in tests only. A type whose constructor
//! answers `Option` has been checked; its methods need no checks. Means and quantiles that have no formula
//! (retries that cause overload, failover, sharing of cores with limits) are not here.

pub mod attempts;
pub mod availability;
pub mod cache;
pub mod distributions;
pub mod queues;
pub mod quorum;
pub mod sizing;
mod solve;
