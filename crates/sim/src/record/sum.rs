//! Adding up the records of independent runs: counts, integrals and histograms are sums, so that nothing is lost but which
//! run it was.

use super::{Books, CallRecord, ComponentRecord, Details, EntryRecord, Levels, Record, Sample, Segment, Waits, Within};

impl Record {
    /// Adds another run of the same load.
    pub fn absorb(&mut self, other: &Record) {
        self.window += other.window;
        zip(&mut self.entries, &other.entries, EntryRecord::absorb);
        zip(&mut self.components, &other.components, ComponentRecord::absorb);
        zip(&mut self.calls, &other.calls, CallRecord::absorb);
        // Numbers by slice are for warm-up detection, which looks at single runs.
        self.in_system.clear();
        // Where one broke off, no later slice is known of all.
        self.levels.truncate(other.levels.len());
        zip(&mut self.levels, &other.levels, |mine, theirs| (0..2).for_each(|nth| mine[nth] += theirs[nth]));
        self.details.absorb(&other.details);
        self.runs += other.runs;
        self.events += other.events;
        self.unbounded |= other.unbounded;
        self.growth = self.growth.max(other.growth);
    }
}

fn zip<T>(mine: &mut [T], theirs: &[T], add: impl Fn(&mut T, &T)) {
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        add(mine, theirs);
    }
}

fn add_all(mine: &mut [u64], theirs: &[u64]) {
    zip(mine, theirs, |mine, theirs| *mine += theirs);
}

impl EntryRecord {
    fn absorb(&mut self, other: &EntryRecord) {
        self.arrived += other.arrived;
        add_all(&mut self.ended, &other.ended);
        self.in_time += other.in_time;
        self.latency.merge(&other.latency);
        self.longest += other.longest;
        zip(&mut self.segments, &other.segments, Segment::absorb);
        self.settled.merge(&other.settled);
        zip(&mut self.failed, &other.failed, |mine, theirs| add_all(mine, theirs));
    }
}

impl Segment {
    fn absorb(&mut self, other: &Segment) {
        self.arrived += other.arrived;
        self.ok += other.ok;
        self.in_time += other.in_time;
        self.cancelled += other.cancelled;
        self.latency_sum += other.latency_sum;
        self.latency.merge(&other.latency);
    }
}

impl ComponentRecord {
    fn absorb(&mut self, other: &ComponentRecord) {
        self.busy += other.busy;
        self.slots += other.slots;
        self.cores_busy += other.cores_busy;
        self.cores += other.cores;
        self.queued += other.queued;
        self.in_system += other.in_system;
        self.accepted += other.accepted;
        add_all(&mut self.ended, &other.ended);
        self.wait.merge(&other.wait);
        self.time.merge(&other.time);
        self.queue_max = self.queue_max.max(other.queue_max);
        self.wasted += other.wasted;
        self.hits += other.hits;
        self.misses += other.misses;
        self.lost_writes += other.lost_writes;
        self.duplicates += other.duplicates;
        if let (Some(mine), Some(theirs)) = (&mut self.kept, &other.kept) {
            mine.absorb(theirs);
        }
        self.lag.merge(&other.lag);
        self.books.absorb(&other.books);
    }
}

impl Books {
    fn absorb(&mut self, other: &Books) {
        self.at_start += other.at_start;
        self.at_end += other.at_end;
        self.outside += other.outside;
        self.went_on += other.went_on;
        self.went += other.went;
        self.time_at_start += other.time_at_start;
        self.time_at_end += other.time_at_end;
        self.time_of_others += other.time_of_others;
        self.wait_at_start += other.wait_at_start;
        self.wait_at_end += other.wait_at_end;
        self.wait_of_others += other.wait_of_others;
        self.held_up |= other.held_up;
    }
}

impl CallRecord {
    fn absorb(&mut self, other: &CallRecord) {
        self.calls += other.calls;
        self.attempts += other.attempts;
        self.refused_here += other.refused_here;
        add_all(&mut self.ended, &other.ended);
        self.latency.merge(&other.latency);
        self.unheard += other.unheard;
        self.ejections += other.ejections;
        self.ejected += other.ejected;
    }
}

impl Details {
    fn absorb(&mut self, other: &Details) {
        zip(&mut self.limits, &other.limits, |mine, theirs| zip(mine, theirs, Within::absorb));
        zip(&mut self.waits, &other.waits, |mine, theirs| {
            if let (Some(mine), Some(theirs)) = (mine, theirs) {
                mine.absorb(theirs);
            }
        });
        zip(&mut self.samples, &other.samples, Sample::absorb);
    }
}

impl Within {
    fn absorb(&mut self, other: &Within) {
        if self.count.len() < other.count.len() {
            self.count.resize(other.count.len(), 0);
        }
        add_all(&mut self.count, &other.count);
    }
}

impl Waits {
    fn absorb(&mut self, other: &Waits) {
        self.waits.merge(&other.waits);
        zip(&mut self.within, &other.within, Within::absorb);
    }
}

impl Sample {
    fn absorb(&mut self, other: &Sample) {
        zip(&mut self.components, &other.components, Levels::absorb);
        zip(&mut self.entries, &other.entries, |mine, theirs| mine.merge(theirs));
    }
}

impl Levels {
    fn absorb(&mut self, other: &Levels) {
        self.total.merge(&other.total);
        self.each.merge(&other.each);
        self.all_busy += other.all_busy;
    }
}
