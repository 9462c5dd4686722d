//! What machines with state count and time beside what every component does: conflicts, staleness, flushes and the like.
//!
//! One list of words: from it come the columns of a run, the verdict's JSON, the text, the measures of expectations and the
//! manual. A machine says which words a component keeps (`Component::keeps`); a word that is kept and never counted is zero.
//! Not here: hits, lost writes, duplicates and lag, which the record of every component has.

use crate::histogram::Coarse;

/// How a word is made of what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Times it happened, per run.
    Count(Count),
    /// One count over another. Unit: share.
    Share(Count, Count),
    /// One count over another, as a number: a mean of what was added up.
    Mean(Count, Count),
    /// Sum of times, per run. Counted in ns, shown in seconds.
    Total(Count),
    /// Times, of which any quantile may be asked. Counted in ns, shown in seconds.
    Time(Timed),
}

/// One word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptWord {
    /// As expectations write it; the JSON has `_` for `-`.
    pub name: &'static str,
    /// How it is made.
    pub how: How,
    /// An expectation that uses it.
    pub example: &'static str,
    /// What it means.
    pub manual: &'static str,
}

macro_rules! kept {
    (counts { $($(#[$count_doc:meta])* $count:ident,)* } times { $($(#[$time_doc:meta])* $time:ident,)* }
     words { $($word:ident: $name:literal, $how:expr, $example:literal, $manual:literal;)* }) => {
        /// What is counted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Count { $($(#[$count_doc])* $count,)* }
        /// What is timed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Timed { $($(#[$time_doc])* $time,)* }
        const COUNTS: usize = [$(Count::$count),*].len();
        const TIMES: usize = [$(Timed::$time),*].len();
        /// A word by its place in `KEPT`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Word { $(#[doc = $manual] $word,)* }
        /// Every word, in the order of the manual. To add one: its counts or times above, and a line here.
        pub const KEPT: &[KeptWord] = &[$(KeptWord { name: $name, how: $how, example: $example, manual: $manual },)*];
    };
}

kept! {
    counts {
        /// Writes acknowledged by a leader before its copies had them.
        Unreplicated,
        /// Writes acknowledged.
        Acknowledged,
        /// Other copies that have become leaders.
        Failovers,
        /// Times that writes stopped waiting for copies that don't answer.
        Fallbacks,
        /// Writes of a replaced leader that contradict those of the one in its place.
        Conflicting,
        /// Reads of data whose copies answer them.
        Reads,
        /// Those that missed a write.
        StaleReads,
        /// Writes that they missed.
        VersionsBehind,
        /// Those that missed a write of their own session.
        BrokenOwnWrites,
        /// Those that saw less than their session had seen.
        BrokenMonotonic,
        /// Those that went to the leader for the sake of a guarantee.
        Redirected,
        /// Replicas, copies or chunks that failed by themselves.
        Failures,
        /// Times that fewer units were left than data needs.
        DataLosses,
        /// Writes that found that another had changed what they rest on.
        Conflicts,
        /// Writes that expected a version.
        Conditional,
        /// Writes that asked for the lock of their row.
        Locked,
        /// Those that had to wait for it.
        LockWaits,
        /// Circles of transactions that waited for each other.
        Deadlocks,
        /// Writes that gave up waiting for the lock of their row.
        LockTimeouts,
        /// Most records that a consumer group was behind.
        LagMost,
        /// Integral of the records behind. Unit: record us.
        LagArea,
        /// Time over which it was taken. Unit: us.
        LagOver,
        /// Age of the oldest record that a consumer took. Unit: ns.
        LagOldest,
        /// Records handled after a later one of the same key.
        OutOfOrder,
        /// Records that could not be handled and were given up.
        DeadLetters,
        /// Records that became too old before they were consumed, or items before they were read.
        Expired,
        /// Records refused because consumers could not read them.
        Incompatible,
        /// Records that a relay published again after a crash.
        Republished,
        /// Writes whose record was never published.
        LostEvents,
        /// Records of windows that were over.
        LateRecords,
        /// Processes that died.
        Crashes,
        /// Processes that died of what they were asked.
        Killed,
        /// Writes that found the disk full.
        NoSpace,
        /// Items that gave way to others.
        Evictions,
        /// Reads that missed.
        Misses,
        /// Reads that missed and waited for another's fetch.
        Coalesced,
        /// Looks into a cache that may serve what has expired.
        Looks,
        /// Reads that were served what had expired.
        StaleHits,
        /// Items fetched anew before anybody had to wait for them.
        Refreshes,
        /// Reads of the store for what was missed or refreshed.
        StoreReads,
        /// Times that an item was fetched, together with all fetches of it that overlap.
        Fetches,
        /// Accesses that went to the shard of their key.
        ShardAccesses,
        /// Those of the shard that had most.
        HottestShard,
        /// Those of the shard that has the most popular key.
        TopKeyShard,
        /// Those of the most popular key.
        TopKey,
        /// Accesses of keys on the move from one shard to another.
        Moving,
        /// Accesses that took of a quota, or would have.
        Metered,
        /// Those that were refused.
        Throttled,
        /// Times that a shard merged its files.
        Compactions,
        /// Reads of streams of events.
        Folds,
        /// Events that they went through.
        Folded,
        /// Operations that began at a component with versions.
        Entered,
        /// Operations that a version other than the first met.
        Exposed,
        /// Releases that were taken back.
        RolledBack,
        /// Releases that did not begin.
        Stopped,
        /// Stages of releases at whose end the judge had nothing to say.
        Undecided,
        /// Calls that a component did not understand.
        NotUnderstood,
    }
    times {
        /// Age of what was lost with a leader, at its loss.
        LostAge,
        /// From the loss of a leader until another led.
        FailoverTime,
        /// From a write until a copy showed it.
        ReplicaLag,
        /// Age of the oldest write that a read missed.
        Staleness,
        /// Time until data was lost, since it was last whole.
        DataLost,
        /// Wait for the lock of a row, of those that had to wait.
        LockWait,
        /// How long the lock of a row was held.
        LockHeld,
        /// From when a group goes on until it has handled what had waited.
        CatchUp,
        /// From when a group stood still until it has handled what had waited.
        Behind,
        /// From the end of a window until its results are out.
        WindowDelay,
        /// From the acknowledgement of a write to its being stored.
        FlushLag,
        /// From the beginning of a release until nothing of it was left.
        RolledBack,
        /// From the onset of the first fault until a balancer took a replica out.
        Noticed,
    }
    words {
        Unreplicated: "unreplicated", How::Share(Count::Unreplicated, Count::Acknowledged), "unreplicated(orders) <= 10%",
            "writes acknowledged before any copy had them, over all that were acknowledged";
        LostAge: "lost-age", How::Time(Timed::LostAge), "lost-age-mean(orders) <= 5s",
            "age of the lost writes when their leader was lost (the recovery point), 99th percentile";
        Failovers: "failovers", How::Count(Count::Failovers), "failovers(orders) == 1",
            "times that another copy became the leader, per run";
        FailoverTime: "failover-time", How::Time(Timed::FailoverTime), "failover-time-mean(orders) <= 40s",
            "from the loss of a leader until another led, as it came out, 99th percentile";
        Fallbacks: "fallbacks", How::Count(Count::Fallbacks), "fallbacks(orders) == 0",
            "times that writes stopped waiting for copies that did not answer, per run";
        ConflictingWrites: "conflicting-writes", How::Count(Count::Conflicting), "conflicting-writes(orders) == 0",
            "writes of a leader that had been replaced and did not know, which contradict those of the new one, per run";
        ReplicaLag: "replica-lag", How::Time(Timed::ReplicaLag), "replica-lag(orders) <= 2s",
            "from a write until a copy shows it, over all copies in reach, 99th percentile";
        Staleness: "staleness", How::Time(Timed::Staleness), "staleness(orders) <= 1s",
            "age of the oldest acknowledged write that a read misses, zero where it misses none, 99th percentile";
        StaleReads: "stale-reads", How::Share(Count::StaleReads, Count::Reads), "stale-reads(orders) <= 1%",
            "reads that miss an acknowledged write, over all reads";
        VersionsBehind: "versions-behind", How::Mean(Count::VersionsBehind, Count::Reads), "versions-behind(orders) <= 2",
            "acknowledged writes that a read misses, on average";
        BrokenOwnWrites: "broken-read-your-writes", How::Count(Count::BrokenOwnWrites), "broken-read-your-writes(orders) == 0",
            "reads that miss a write of their own session, per run";
        BrokenMonotonic: "broken-monotonic-reads", How::Count(Count::BrokenMonotonic), "broken-monotonic-reads(orders) == 0",
            "reads that see less than their session has seen, per run";
        RedirectedReads: "redirected-reads", How::Share(Count::Redirected, Count::Reads), "redirected-reads(orders) <= 5%",
            "reads that went to the leader because no copy had what their session was promised, over all reads";
        Failures: "failures", How::Count(Count::Failures), "failures(shop) <= 3",
            "replicas, copies or chunks that failed by themselves (`fails`), per run";
        DataLosses: "data-losses", How::Count(Count::DataLosses), "data-losses(orders) == 0",
            "times that fewer copies or chunks were left than the data needs, per run";
        DataLost: "data-lost", How::Time(Timed::DataLost), "data-lost(orders) >= 1h",
            "time until data was lost, since it was last whole; 99th percentile, `data-lost-mean` is the mean time to data loss";
        Conflicts: "conflicts", How::Count(Count::Conflicts), "conflicts(orders) == 0",
            "writes that found that another had changed what they rest on, per run";
        ConditionalWrites: "conditional-writes", How::Count(Count::Conditional), "conditional-writes(orders) <= 1000",
            "writes that expected a version (`write-if`), those that found another included, per run";
        LockWaits: "lock-waits", How::Share(Count::LockWaits, Count::Locked), "lock-waits(orders) <= 5%",
            "writes that had to wait for the lock of their row, over all writes that took one";
        LockWait: "lock-wait", How::Time(Timed::LockWait), "lock-wait(orders) <= 100ms",
            "wait for the lock of a row, of those that had to wait, however the wait ended, 99th percentile";
        LockHeld: "lock-held", How::Time(Timed::LockHeld), "lock-held(orders) <= 50ms",
            "how long the lock of a row was held, 99th percentile; its mean bounds the writes of one row a second";
        Deadlocks: "deadlocks", How::Count(Count::Deadlocks), "deadlocks(orders) == 0",
            "circles of transactions that waited for each other's locks, each broken by aborting its youngest, per run";
        LockTimeouts: "lock-timeouts", How::Count(Count::LockTimeouts), "lock-timeouts(orders) == 0",
            "writes that gave up waiting for the lock of their row, per run";
        LagRecords: "lag-records", How::Count(Count::LagMost), "lag-records(events) <= 10k",
            "most records that a consumer group was behind at once";
        LagRecordsMean: "lag-records-mean", How::Mean(Count::LagArea, Count::LagOver), "lag-records-mean(events) <= 100",
            "records that consumer groups were behind, on average over the window";
        LagOldest: "oldest", How::Total(Count::LagOldest), "oldest(events) <= 20min",
            "age of the oldest record that a consumer took";
        CatchUp: "catch-up", How::Time(Timed::CatchUp), "catch-up-mean(events) <= 40min",
            "time from when consumers that had stood still went on until nothing was left of what had waited";
        Behind: "disturbance", How::Time(Timed::Behind), "disturbance-mean(events) <= 1h",
            "time from when consumers stood still until nothing was left of what had waited";
        OutOfOrder: "order-violations", How::Count(Count::OutOfOrder), "order-violations(mailer) == 0",
            "records handled after a later one of the same key, replays after a crash left out";
        DeadLetters: "dead-letters", How::Count(Count::DeadLetters), "dead-letters(mailer) <= 10",
            "records given up after too many deliveries";
        Expired: "expired", How::Count(Count::Expired), "expired(events) == 0",
            "records that passed the retention before a group had consumed them; items of a cache that a read found expired";
        Incompatible: "incompatible", How::Count(Count::Incompatible), "incompatible(events) >= 1",
            "records refused by a registry because consumers could not read them";
        Republished: "republished", How::Count(Count::Republished), "republished(relay) == 0",
            "records that a relay published again after a crash";
        LostEvents: "lost-events", How::Count(Count::LostEvents), "lost-events(events) == 0",
            "writes whose operation went before it had published the record that tells them (a topic's `of`)";
        Noticed: "detected-by-checks", How::Time(Timed::Noticed), "detected-by-checks-mean(shop) <= 15s",
            "from the onset of the first fault until a balancer first took a replica of it out, by checks or for failing in a row; one time a run, so ask for its mean";
        WindowDelay: "window-delay", How::Time(Timed::WindowDelay), "window-delay-mean(counts) <= 5s",
            "time from the end of a window until its results are out, 99th percentile";
        LateRecords: "late-records", How::Count(Count::LateRecords), "late-records(counts) <= 100",
            "records dropped because their window was over";
        Crashes: "crashes", How::Count(Count::Crashes), "crashes(shop) <= 3",
            "times that a process of it went down by a fault of an experiment, per run";
        Killed: "killed", How::Count(Count::Killed), "killed(shop) == 0",
            "times that a process of it died of an input, per run";
        NoSpace: "no-space", How::Count(Count::NoSpace), "no-space(orders) == 0",
            "writes that failed because its disk was full, per run";
        Evictions: "evictions", How::Count(Count::Evictions), "evictions(products) == 0",
            "items that gave way to others in a cache";
        Coalesced: "coalesced", How::Share(Count::Coalesced, Count::Misses), "coalesced(products) >= 10%",
            "misses that waited for a fetch of the same item under way, over all misses";
        StaleServed: "stale-served", How::Share(Count::StaleHits, Count::Looks), "stale-served(products) <= 1%",
            "look-ups that were served an expired item, over all";
        Refreshes: "refreshes", How::Count(Count::Refreshes), "refreshes(products) >= 1",
            "items fetched anew before anybody had to wait for them";
        Stampede: "stampede", How::Mean(Count::StoreReads, Count::Fetches), "stampede(products) <= 1.1",
            "reads of the store for each time that an item was fetched: overlapping ones are one time, so 1 is one after the other";
        FlushLag: "flush-lag", How::Time(Timed::FlushLag), "flush-lag(products) <= 2s",
            "time from the acknowledgement of a write to its being stored (write-behind), 99th percentile";
        HottestShard: "hottest-shard", How::Share(Count::HottestShard, Count::ShardAccesses), "hottest-shard(orders) <= 15%",
            "share of the accesses by key that went to the shard with most of them";
        TopKeyShard: "top-key-shard", How::Share(Count::TopKeyShard, Count::ShardAccesses), "top-key-shard(orders) <= 15%",
            "share of the accesses by key that went to the shard of the most popular key";
        TopKey: "top-key", How::Share(Count::TopKey, Count::ShardAccesses), "top-key(orders) <= 10%",
            "share of the accesses by key that concerned the key that is usually the hottest: the first in popularity, not one that a fault makes hot";
        Moving: "on-the-move", How::Share(Count::Moving, Count::ShardAccesses), "on-the-move(orders) <= 20%",
            "accesses of keys on their way from one shard to another, over all by key";
        Throttled: "throttled", How::Share(Count::Throttled, Count::Metered), "throttled(orders) <= 0.1%",
            "accesses that a shard's or prefix's quota refused, over all that it counts";
        Compactions: "compactions", How::Count(Count::Compactions), "compactions(orders) <= 20",
            "times that a shard merged its files, per run";
        EventsFolded: "events-folded", How::Mean(Count::Folded, Count::Folds), "events-folded(ledger) <= 60",
            "events that a read of a stream goes through: those since its last snapshot, on average";
        Exposed: "exposed", How::Share(Count::Exposed, Count::Entered), "exposed(shop) <= 10%",
            "operations that met a version other than the one that ran first, over all of the component";
        RolledBack: "rolled-back", How::Count(Count::RolledBack), "rolled-back(shop) == 1",
            "releases that were taken back, per run";
        TimeToRollback: "time-to-rollback", How::Time(Timed::RolledBack), "time-to-rollback-mean(shop) <= 3min",
            "from the beginning of a release until all replicas ran the old version again; 99th percentile, `time-to-rollback-mean` is its mean";
        ReleasesStopped: "releases-stopped", How::Count(Count::Stopped), "releases-stopped(shop) == 1",
            "releases that did not begin, because contract tests failed or another release was under way, per run";
        Undecided: "undecided", How::Count(Count::Undecided), "undecided(shop) == 0",
            "stages of releases at whose end their judge had seen too little to say anything, per run";
        NotUnderstood: "not-understood", How::Count(Count::NotUnderstood), "not-understood(payments) == 0",
            "calls that a component did not understand, because its caller's version speaks otherwise, per run";
    }
}

impl Timed {
    /// Whether a run has one such time or few: too few for a high quantile.
    #[must_use]
    pub const fn is_rare(self) -> bool {
        use Timed::{Behind, CatchUp, FailoverTime, LostAge, Noticed, RolledBack};
        matches!(self, LostAge | FailoverTime | CatchUp | Behind | RolledBack | Noticed)
    }
}

impl Word {
    /// Its bit among the words that a component keeps.
    #[must_use]
    pub const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// The columns of one component.
#[derive(Debug, Clone)]
pub struct Kept {
    counts: [u64; COUNTS],
    times: [Coarse; TIMES],
}

impl Default for Kept {
    fn default() -> Kept {
        Kept { counts: [0; COUNTS], times: std::array::from_fn(|_| Coarse::default()) }
    }
}

impl Kept {
    /// Counts some.
    #[inline]
    pub fn add(&mut self, what: Count, many: u64) {
        self.counts[what as usize] += many;
    }

    /// Counts a time. Unit: ns.
    #[inline]
    pub fn time(&mut self, what: Timed, ns: u64) {
        self.times[what as usize].add(ns);
    }

    /// How often it was counted.
    #[must_use]
    pub fn count(&self, what: Count) -> u64 {
        self.counts[what as usize]
    }

    /// The times. Unit: ns.
    #[must_use]
    pub fn times(&self, what: Timed) -> &Coarse {
        &self.times[what as usize]
    }

    /// Adds another run's.
    pub(super) fn absorb(&mut self, other: &Kept) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        for (mine, theirs) in self.times.iter_mut().zip(&other.times) {
            mine.merge(theirs);
        }
    }
}

/// Nothing kept.
pub static NOTHING: std::sync::LazyLock<Kept> = std::sync::LazyLock::new(Kept::default);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_a_manual_an_example_and_one_name() {
        assert!(KEPT.len() <= 64, "words are bits of a number of 64");
        for (nth, word) in KEPT.iter().enumerate() {
            assert!(!word.manual.is_empty() && word.example.starts_with(word.name), "{}", word.name);
            assert!(KEPT[nth + 1..].iter().all(|other| other.name != word.name), "{}", word.name);
        }
    }
}
