//! What a brief says about tenants: how many, how unequal, what is kept apart and what each is promised.

use crate::quantity::Popularity;
use crate::span::Located;
use crate::units::{Seconds, Share};

/// Tenants, their tiers and promises.
#[derive(Debug, Clone, PartialEq)]
pub struct Tenants {
    /// How many.
    pub count: u64,
    /// How the load is spread over them.
    pub share: Option<TenantShare>,
    /// Tiers with promises of their own, in file order.
    pub tiers: Vec<Tier>,
    /// What holds for the others when one asks too much.
    pub promise: Option<TenantPromise>,
    /// How fast one tenant's data can be restored alone.
    pub restore_one: Option<RestoreOne>,
    /// The time in which one tenant's data is gone after it asks for that.
    pub delete_within: Option<Seconds>,
}

impl Tenants {
    /// Tenants of all tiers for which something holds.
    #[must_use]
    pub fn in_tiers(&self, holds: impl Fn(&Tier) -> bool) -> u64 {
        self.tiers.iter().filter(|tier| holds(tier)).fold(0, |sum, tier| sum.saturating_add(tier.count))
    }
}

/// How the load is spread over the tenants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TenantShare {
    /// Share of the load that the biggest brings.
    pub biggest: Share,
    /// How the rest is spread over the others.
    pub rest: Popularity,
}

/// Tenants with promises of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Its name.
    pub name: Located<String>,
    /// How many tenants are in it.
    pub count: u64,
    /// What they have for themselves.
    pub isolation: Isolation,
    /// Whether each has keys of its own.
    pub own_keys: bool,
    /// Where their data must stay.
    pub residency: Option<String>,
}

/// What the tenants of a tier have for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isolation {
    /// Nothing: rows of the same tables.
    Shared,
    /// A schema each, in the same store.
    OwnSchema,
    /// A store each.
    OwnStore,
    /// The whole system each.
    OwnCell,
}

/// What holds for the others when one tenant asks too much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TenantPromise {
    /// Their p99 is at most this many times what it is otherwise.
    pub others_p99: f64,
    /// While one asks this many times what it asks otherwise.
    pub when_one: f64,
}

/// How fast one tenant's data can be restored alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestoreOne {
    /// Time until it is back.
    pub rto: Seconds,
    /// How much of it may be lost, as age.
    pub rpo: Seconds,
}
