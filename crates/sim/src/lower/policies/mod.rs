//! Policies of callers: settings of a step or a load that stand around its call.

pub mod balance;
pub mod breaker;
pub mod bulkhead;
pub mod cancel;
pub mod connections;
pub mod deadline;
pub mod fallback;
pub mod hedge;
pub mod idempotency;
pub mod queue_timeout;
pub mod rate_limit;
pub mod retry;
pub mod throttle;
pub mod timeout;
pub mod write_if;

use super::Lowering;
use crate::kernel::tables;
use groundplan_model::design;
use groundplan_model::value::Settings;
use groundplan_model::vocabulary::KindWords;

/// The policies of one call while they are gathered.
#[derive(Debug)]
pub(crate) struct Draft<'d> {
    /// What the tables will hold.
    pub policy: tables::Policy,
    /// Who calls: the name of the component, or of the load.
    pub caller: String,
    /// Replicas of the caller: each has a state of its own.
    pub callers: u32,
    /// Site of the call.
    pub site: u32,
    /// What to do instead after the last failure.
    pub steps: &'d [design::Step],
    /// Whether to go on as if nothing had failed.
    pub skip: bool,
    /// How this call chooses among replicas, where it says so itself.
    pub balance: Option<tables::Balancer>,
    /// Whether any policy applies.
    pub guarded: bool,
}

/// One policy.
pub struct Policy {
    /// Its name, manual and keys.
    pub words: KindWords,
    /// Adds what settings say to the draft.
    pub(crate) apply: for<'d> fn(&mut Lowering<'d>, &'d Settings, &mut Draft<'d>),
}

/// Every policy, outermost first. To add one: a file beside this one and a line here.
pub static POLICIES: &[Policy] = &[
    fallback::POLICY,
    deadline::POLICY,
    retry::POLICY,
    hedge::POLICY,
    breaker::POLICY,
    throttle::POLICY,
    rate_limit::POLICY,
    timeout::POLICY,
    queue_timeout::POLICY,
    cancel::POLICY,
    bulkhead::POLICY,
    connections::POLICY,
    balance::POLICY,
    idempotency::POLICY,
    write_if::POLICY,
];

/// The words of every policy.
pub const WORDS: &[KindWords] = &{
    let mut words = [POLICIES[0].words; POLICIES.len()];
    let mut at = 1;
    while at < words.len() {
        words[at] = POLICIES[at].words;
        at += 1;
    }
    words
};
