//! Every run held against itself: what came in went out or is still in, times add up, every request ended once.
//!
//! These are identities of whole numbers, true of any run whatever its luck: one that does not hold is a mistake of
//! ours, not of the design. They cost nothing while a run goes on, so that they are made in every one. Not here: whether
//! the model is right, which theory judges in the tests.

use crate::record::{ComponentRecord, Ending, EntryRecord, Record};
use crate::verdict::Labels;
use serde::{Deserialize, Serialize};

/// What rounding may do; the identities are exact.
const TOLERANCE: f64 = 1e-9;
/// Violations that are told one by one.
const TOLD: usize = 20;

/// How the runs stand to what must be true of each.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SelfChecks {
    /// Checks that held, over all runs.
    pub held: u64,
    /// Checks that did not.
    pub violated: u64,
    /// The largest difference of two sides that must be equal, relative to the larger one.
    pub worst: f64,
    /// Those that did not hold; the first twenty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
}

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Violation {
    /// What must be true.
    pub check: Check,
    /// The entry of the load or the component.
    pub subject: String,
    /// The run's place among those of its load.
    pub run: u64,
    /// One side.
    pub one: f64,
    /// The other.
    pub other: f64,
}

/// What must be true of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Every request of an entry ended exactly once: arrivals = ends, the unfinished included.
    OneEnd,
    /// What a component let in is what left it and what is still in.
    Flow,
    /// Little's law: the integral of the number in a component = the sum of the times spent there. Unit: ns.
    Little,
    /// Little's law for the queue alone. Unit: ns.
    LittleQueue,
}

impl Check {
    /// What must be true, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Check::OneEnd => "every request ends exactly once",
            Check::Flow => "what comes in goes out or is still in",
            Check::Little => "Little's law",
            Check::LittleQueue => "Little's law of the queue",
        }
    }
}

impl SelfChecks {
    /// Checks all runs of one load.
    #[must_use]
    pub fn of(records: &[Record], labels: &Labels) -> SelfChecks {
        let mut checks = SelfChecks::default();
        let name = |names: &[String], nth: usize| names.get(nth).cloned().unwrap_or_default();
        for (run, record) in records.iter().enumerate() {
            for (nth, entry) in record.entries.iter().enumerate() {
                let (one, other) = one_end(entry);
                checks.hold(Check::OneEnd, one, other, run, || name(&labels.operations, nth));
            }
            for (nth, component) in record.components.iter().enumerate() {
                let subject = || name(&labels.components, nth);
                let (one, other) = flow(component);
                checks.hold(Check::Flow, one, other, run, subject);
                let (one, other) = little_queue(component);
                checks.hold(Check::LittleQueue, one, other, run, subject);
                // Times of what was held up begin before it was in.
                if !component.books.held_up {
                    let (one, other) = little(component);
                    checks.hold(Check::Little, one, other, run, subject);
                }
            }
        }
        checks
    }

    /// Adds those of other runs.
    pub fn add(&mut self, other: &SelfChecks) {
        self.held += other.held;
        self.violated += other.violated;
        self.worst = self.worst.max(other.worst);
        let room = TOLD.saturating_sub(self.violations.len());
        self.violations.extend(other.violations.iter().take(room).cloned());
    }

    fn hold(&mut self, check: Check, one: i128, other: i128, run: usize, subject: impl Fn() -> String) {
        let larger = one.unsigned_abs().max(other.unsigned_abs()).max(1) as f64;
        let error = (one - other).unsigned_abs() as f64 / larger;
        self.worst = self.worst.max(error);
        if error <= TOLERANCE {
            self.held += 1;
            return;
        }
        self.violated += 1;
        if self.violations.len() < TOLD {
            let (one, other) = (one as f64, other as f64);
            self.violations.push(Violation { check, subject: subject(), run: run as u64, one, other });
        }
    }
}

fn one_end(entry: &EntryRecord) -> (i128, i128) {
    (i128::from(entry.arrived), entry.ended.iter().map(|count| i128::from(*count)).sum())
}

fn flow(part: &ComponentRecord) -> (i128, i128) {
    let books = &part.books;
    let ended: u64 = Ending::ALL.iter().map(|ending| part.ended[*ending as usize]).sum();
    let came = part.accepted + books.at_start + books.went_on;
    let left = i128::from(ended) - i128::from(books.outside) + i128::from(books.went);
    (i128::from(came), left + i128::from(books.at_end))
}

fn little(part: &ComponentRecord) -> (i128, i128) {
    let books = &part.books;
    let spent = part.time.sum() + books.time_of_others + books.time_at_end;
    ((part.busy + part.queued) as i128, spent as i128 - books.time_at_start as i128)
}

fn little_queue(part: &ComponentRecord) -> (i128, i128) {
    let books = &part.books;
    let waited = part.wait.sum() + books.wait_of_others + books.wait_at_end;
    (part.queued as i128, waited as i128 - books.wait_at_start as i128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::testing::record_with;

    fn labels() -> Labels {
        Labels { operations: vec!["shop.browse".into()], components: vec!["shop".into()], ..Labels::default() }
    }

    #[test]
    fn a_record_that_adds_up_holds() {
        let found = SelfChecks::of(&[record_with(60, 100, |slice| u64::from(slice == 3))], &labels());
        assert_eq!((found.held, found.violated, found.worst), (4, 0, 0.0), "{found:?}");
    }

    /// Breaks a record in one place and says which checks notice.
    fn broken(spoil: impl Fn(&mut Record)) -> Vec<Check> {
        let mut records = vec![record_with(60, 100, |_| 0), record_with(60, 100, |_| 0)];
        spoil(&mut records[1]);
        let found = SelfChecks::of(&records, &labels());
        assert!(found.worst > 0.0 && found.held + found.violated == 8, "{found:?}");
        assert!(found.violations.iter().all(|violation| violation.run == 1 && !violation.subject.is_empty()));
        found.violations.iter().map(|violation| violation.check).collect()
    }

    #[test]
    fn a_broken_record_is_caught() {
        assert_eq!(broken(|record| record.entries[0].arrived += 1), [Check::OneEnd], "a request that never ended");
        assert_eq!(broken(|record| record.entries[0].ended[0] += 1), [Check::OneEnd], "one that ended twice");
        assert_eq!(broken(|record| record.components[0].accepted -= 1), [Check::Flow], "one let in uncounted");
        assert_eq!(broken(|record| record.components[0].ended[2] += 1), [Check::Flow], "one that left twice");
        assert_eq!(broken(|record| record.components[0].books.at_start += 1), [Check::Flow], "one that was forgotten");
        assert_eq!(broken(|record| record.components[0].busy += 1_000_000), [Check::Little], "a worker kept too long");
        assert_eq!(broken(|record| record.components[0].time.add(20_000)), [Check::Little], "a time too many");
        let waits = broken(|record| record.components[0].queued += 1_000_000);
        assert_eq!(waits, [Check::LittleQueue, Check::Little], "a waiter too many");
        assert_eq!(broken(|record| record.components[0].wait.add(20_000)), [Check::LittleQueue], "a wait too many");
    }
}
