//! Queues with exact answers, and one approximation that says so in its name.
//!
//! Every queue is a type whose constructor is the only check: what exists is stable, so its means are finite
//! and its methods need no checks of their own. Arrivals are Poisson unless the type says otherwise; waiting
//! rooms are unbounded except in [`BoundedQueue`]; service is first come, first served except in
//! [`SharedServer`]. Left out: priorities, abandonment, time-dependent rates, networks with feedback.
//!
//! ```
//! use groundplan_analysis::queues::ServerPool;
//! use groundplan_model::units::{PerSecond, Seconds, Share};
//!
//! // Eight workers of 10 ms each under 600 requests a second.
//! let pool = ServerPool::new(PerSecond(600.0), PerSecond(100.0), 8).expect("six busy workers of eight");
//! assert!(pool.sojourn_quantile(Share(0.99)) < Some(Seconds(0.060)));
//! ```

mod bounded;
mod general;
mod markov;
mod smooth;
mod tandem;

pub use bounded::BoundedQueue;
pub use general::{GeneralServer, SharedServer, approximate_mean_wait, approximate_wait_quantile};
pub use markov::{
    OfferedLoad, ServerPool, SingleServer, StableLoad, erlang_b, erlang_c, unlimited_in_service_quantile,
};
pub(crate) use markov::{next_blocked, waiting_share};
pub use smooth::{Gaps, SmoothArrivals};
pub use tandem::{Tandem, hypoexponential_tail};
