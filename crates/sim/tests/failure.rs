//! What breaks: faults of processes, inputs, certificates, configurations, disks and clocks, on designs so small that what
//! must happen is known to the instant; and systems that come back whatever befell them.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_sim::kernel::draws::{Stream, Words as _};
use groundplan_sim::kernel::engine::{Engine, Plan};
use groundplan_sim::lower::{Compiled, VOCABULARY, compile};
use groundplan_sim::record::{Count, Ending, Record, Timed};

const SECOND: u64 = 1_000_000_000;

fn compiled(body: &str) -> Compiled {
    let read = read_design(&format!("kind: design\nversion: 1\nname: failure\n{body}"), &VOCABULARY);
    assert_eq!(read.errors().count(), 0, "{body}\n{:#?}", read.diagnostics);
    compile(&read.value.unwrap()).unwrap_or_else(|found| panic!("{body}\n{found:#?}"))
}

struct Run {
    compiled: Compiled,
    record: Record,
}

impl Run {
    /// A design without its head, for 100 s from the first instant, with its experiment.
    fn of(body: &str) -> Run {
        let compiled = compiled(body);
        let plan = Plan {
            seed: 5,
            replication: 0,
            warm_up: 0,
            window: 100 * SECOND,
            drain_cap: 10 * SECOND,
            slice: SECOND,
            experiment: Some(0),
        };
        let (record, _) = Engine::new(&compiled.tables, plan).run_and_look();
        Run { compiled, record }
    }

    /// Requests of the first load that ended so, of those that came in a second.
    fn at(&self, second: usize, ending: Ending) -> u64 {
        let entry = &self.record.entries[0];
        match ending {
            Ending::Ok => entry.segments[second].ok,
            other => entry.failed.get(second).map_or(0, |failed| failed[other as usize]),
        }
    }

    /// Seconds in which nothing ended ok, of one request every 100 ms.
    fn away(&self) -> Vec<usize> {
        (0..100).filter(|second| self.at(*second, Ending::Ok) == 0).collect()
    }

    fn ended(&self, entry: usize, ending: Ending) -> u64 {
        self.record.entries[entry].ended[ending as usize]
    }

    /// How often a component timed something, and the longest. Unit: seconds.
    fn times(&self, component: &str, what: Timed) -> (u64, f64) {
        let index = self.compiled.names.components.iter().position(|known| known == component).unwrap();
        let kept = self.record.components[index].kept.as_ref();
        kept.map_or((0, 0.0), |kept| (kept.times(what).count(), kept.times(what).max() as f64 / 1e9))
    }

    fn count(&self, component: &str, what: Count) -> u64 {
        let index = self.compiled.names.components.iter().position(|known| known == component).unwrap();
        self.record.components[index].kept.as_ref().map_or(0, |kept| kept.count(what))
    }
}

/// A service asked ten times a second, each time for a millisecond, and what befalls it.
fn shop(settings: &str, fault: &str) -> Run {
    Run::of(&format!(
        "components:\n  shop: {{ kind: service, restart: 1s, {settings} operations: {{ ask: [ {{ compute: const(1ms) }} ] }} }}\n\
         load: [ {{ operation: shop.ask, arrivals: constant(10/s) }} ]\n\
         experiments: [ {{ name: x, duration: 100s, faults: [ {fault} ] }} ]\n"
    ))
}

#[test]
fn a_restart_loop_waits_twice_as_long_each_time_and_starts_once_more_when_it_is_over() {
    let run = shop("", "{ at: 10s, for: 25s, restart-loop: { what: shop, every: 2s, backoff: 1s, cap: 4s } }");
    let downs = [10..12, 14..17, 19..24, 26..31, 33..36];
    assert_eq!(run.away(), downs.into_iter().flatten().collect::<Vec<usize>>());
    assert_eq!(run.count("shop", Count::Crashes), 5);
    assert_eq!(run.ended(0, Ending::Error), 180);
    // Without an end it goes on: longer and longer away, up to the cap.
    let run = shop("", "{ at: 10s, restart-loop: { what: shop, every: 2s, backoff: 10s, cap: 20s } }");
    let downs = [10..21, 23..44, 46..67, 69..90, 92..100];
    assert_eq!(run.away(), downs.into_iter().flatten().collect::<Vec<usize>>());
}

#[test]
fn a_flapping_replica_is_back_as_soon_as_it_is_up() {
    let run = shop("", "{ at: 10s, for: 30s, flapping: { what: shop, up: 7s, down: 3s } }");
    assert_eq!(run.away(), [10, 11, 12, 20, 21, 22, 30, 31, 32]);
    // Its last time away ends with the fault.
    let run = shop("", "{ at: 10s, for: 12s, flapping: { what: shop, up: 7s, down: 3s } }");
    assert_eq!(run.away(), [10, 11, 12, 20, 21]);
}

#[test]
fn outages_come_again_and_again() {
    let run = shop("", "{ at: 5s, outage: { what: shop, every: 30s, last: 2s } }");
    assert_eq!(run.away(), [5, 6, 35, 36, 65, 66, 95, 96]);
    let run = shop("", "{ at: 5s, for: 50s, outage: { what: shop, every: 30s, last: 2s } }");
    assert_eq!(run.away(), [5, 6, 35, 36]);
}

#[test]
fn a_bad_configuration_is_everywhere_at_once_and_who_died_of_it_must_start() {
    let run = shop("replicas: 5,", "{ at: 10s, for: 20s, config-push: { what: shop, crash: yes } }");
    assert_eq!(run.away(), (10..31).collect::<Vec<usize>>());
    assert_eq!(run.count("shop", Count::Crashes), 5);
    let run = shop("replicas: 5,", "{ at: 10s, for: 20s, config-push: { what: [shop], errors: 100% } }");
    assert_eq!(run.away(), (10..30).collect::<Vec<usize>>());
    // A millisecond of work takes half a second with it.
    let run = shop("workers: 1,", "{ at: 10s, for: 20s, config-push: { what: [shop], slow: 500x } }");
    let latency = &run.record.entries[0].latency;
    assert!(latency.max() > 10 * SECOND, "{}", latency.max());
    assert_eq!(run.ended(0, Ending::Ok), 1000);
}

/// A caller of three replicas of one program, one after the other, which tries again.
fn poisoned(attempts: u32, share: &str, more: &str) -> Run {
    Run::of(&format!(
        "components:\n  a: {{ kind: service, operations: {{ ask: [ {{ call: shop.ask, retry: {{ attempts: {attempts} }}, balance: {{ algorithm: round-robin }} }} ] }} }}\n\
         \x20 shop: {{ kind: service, replicas: 3, restart: 5s, operations: {{ ask: [ {{ compute: const(1ms) }} ], other: [ {{ compute: const(1ms) }} ] }} }}\n\
         load: [ {{ operation: a.ask, arrivals: constant(10/s) }} ]\n\
         experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, for: 100ms, poison-input: {{ what: shop.ask, share: {share}{more} }} }} ] }} ]\n"
    ))
}

#[test]
fn a_poisoned_request_kills_one_copy_for_each_time_it_is_tried() {
    // One request comes in 100 ms, and it is poison.
    for attempts in 1..=3 {
        let run = poisoned(attempts, "100%", "");
        assert_eq!(run.count("shop", Count::Killed), u64::from(attempts));
        let away = if attempts == 3 { vec![10, 11, 12, 13, 14] } else { vec![] };
        assert_eq!(run.away(), away, "{attempts} attempts");
        let mended = run.ended(0, Ending::Ok) + run.ended(0, Ending::Error);
        assert_eq!(mended, 1000);
    }
    let run = poisoned(3, "100%", ", kills: no");
    assert_eq!((run.count("shop", Count::Killed), run.ended(0, Ending::Error)), (0, 1));
}

#[test]
fn poison_is_in_a_share_of_the_requests_and_in_the_same_ones_whoever_handles_them() {
    let run = |attempts: u32| {
        Run::of(&format!(
            "components:\n  a: {{ kind: service, operations: {{ ask: [ {{ call: shop.ask, retry: {{ attempts: {attempts} }} }} ] }} }}\n\
             \x20 shop: {{ kind: service, replicas: 9, operations: {{ ask: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: a.ask, arrivals: constant(200/s) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ poison-input: {{ what: shop, share: 5%, kills: no }} }} ] }} ]\n"
        ))
    };
    let (once, thrice) = (run(1).ended(0, Ending::Error), run(3).ended(0, Ending::Error));
    // Of 20,000 requests 1,000, give or take four standard deviations; trying again is no help.
    assert!((877..1123).contains(&once), "{once}");
    assert_eq!(once, thrice);
}

#[test]
fn who_is_connected_outlives_a_certificate() {
    let body = |what: &str, lives: &str, more: &str| {
        format!(
            "components:\n  a: {{ kind: service, replicas: 400, operations: {{ ask: [ {{ call: b.serve }} ] }} }}\n  b: {{ kind: service, restart: 1s, operations: {{ serve: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: a.ask, arrivals: constant(200/s) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, for: 40s, certificate-expiry: {{ what: {what}{lives} }} }}{more} ] }} ]\n"
        )
    };
    // Users connect anew each time; services don't.
    assert_eq!(Run::of(&body("a", "", "")).ended(0, Ending::Error), 40 * 200);
    assert_eq!(Run::of(&body("b", "", "")).ended(0, Ending::Error), 0);
    // A process that starts has no connections.
    let run = Run::of(&body("b", "", ", { at: 20s, crash: b }"));
    assert_eq!(run.ended(0, Ending::Error), 30 * 200);
    // Connections of any age up to 80 s: after 40 s half of them are gone, a quarter of the requests on the way there.
    let run = Run::of(&body("b", ", lives: 80s", ""));
    let failed = run.ended(0, Ending::Error) as f64 / (40.0 * 200.0);
    assert!((0.2..0.3).contains(&failed), "{failed}");
    let last = run.at(49, Ending::Error) as f64 / 200.0;
    assert!((0.38..0.62).contains(&last), "{last}");
    // Warned 15 s before, it is renewed 25 s after.
    assert_eq!(Run::of(&body("a", ", warned: 15s", "")).ended(0, Ending::Error), 25 * 200);
}

#[test]
fn a_full_disk_fails_writes_alone() {
    let run = |step: &str| {
        Run::of(&format!(
            "components:\n  a: {{ kind: service, operations: {{ ask: [ {step} ] }} }}\n  db: {{ kind: database, write-time: const(1ms), read-time: const(1ms) }}\n\
             \x20 events: {{ kind: log, topics: {{ done: {{ partitions: 2 }} }} }}\n\
             \x20 sink: {{ kind: service, operations: {{ take: {{ handles: done, steps: [ {{ compute: const(1ms) }} ] }} }} }}\n\
             load: [ {{ operation: a.ask, arrivals: constant(10/s) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, for: 20s, disk-full: db }}, {{ at: 50s, for: 10s, disk-full: events }} ] }} ]\n"
        ))
    };
    assert_eq!(run("{ read: db }, { publish: done }").ended(0, Ending::Error), 100);
    assert_eq!(run("{ write: db }").ended(0, Ending::Error), 200);
    assert_eq!(run("{ transaction: db, steps: [ { read: db } ] }").ended(0, Ending::Error), 0);
    let run = run("{ transaction: db, steps: [ { read: db }, { write: db } ] }");
    assert_eq!((run.ended(0, Ending::Error), run.count("db", Count::NoSpace)), (200, 200));
}

#[test]
fn a_clock_that_is_ahead_finds_everything_late_and_one_that_is_behind_nothing() {
    let run = |what: &str, skew: &str, work: &str| {
        Run::of(&format!(
            "components:\n  a: {{ kind: service, operations: {{ ask: [ {{ call: b.serve, deadline: 1s, propagate: yes }} ] }} }}\n  b: {{ kind: service, operations: {{ serve: [ {{ compute: const({work}) }}, {{ call: c.serve }} ] }} }}\n\
             \x20 c: {{ kind: service, operations: {{ serve: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: a.ask, arrivals: constant(10/s) }} ]\n\
             experiments: [ {{ name: x, duration: 100s, faults: [ {{ at: 10s, for: 20s, clock-skew: {{ what: {what}, skew: {skew} }} }} ] }} ]\n"
        ))
    };
    let calls = |run: &Run| {
        let at = run.compiled.names.calls.iter().position(|name| name == "b->c").unwrap();
        run.record.calls[at].attempts
    };
    // A second ahead: nothing is left of a second. A little less: enough is left.
    assert_eq!(run("b", "1s", "1ms").ended(0, Ending::Timeout), 200);
    assert_eq!(run("b", "990ms", "1ms").ended(0, Ending::Timeout), 0);
    // All clocks that are wrong by the same agree with each other, but not with the one that sets the deadline.
    assert_eq!(run("a", "5s", "1ms").ended(0, Ending::Timeout), 0, "who sets it knows its own clock");
    // What takes too long asks no more of others, unless its clock is behind.
    let (right, behind) = (run("c", "1ms", "1100ms"), run("b", "1s, behind: yes", "1100ms"));
    assert_eq!(right.ended(0, Ending::Timeout), 1000);
    assert_eq!(calls(&right), 0);
    // c's clock is right: it turns down what b sent too late.
    assert!((199..=201).contains(&calls(&behind)), "{}", calls(&behind));
}

/// A balancer that checks two replicas every second by an operation of 10 ms, and what it does to the users' work.
fn checked(health: &str, shop: &str, fault: &str) -> Run {
    Run::of(&format!(
        "components:\n  g: {{ kind: load-balancer, to: shop, {health} }}\n\
         \x20 shop: {{ kind: service, replicas: 2, restart: 1s, {shop} operations: {{ ask: [ {{ compute: const(1ms) }} ], health: [ {{ compute: const(10ms) }} ] }} }}\n\
         load: [ {{ operation: g.ask, arrivals: constant(100/s) }} ]\n\
         experiments: [ {{ name: x, duration: 100s, faults: [ {fault} ] }} ]\n"
    ))
}

#[test]
fn a_real_check_takes_workers_and_cores_and_no_requests_of_its_own() {
    let none = "{ at: 99s, for: 1s, latency: { what: shop, add: 1us } }";
    let plain = checked("health: { every: 1s }", "workers: 4,", none);
    let real = checked("health: { every: 1s, check: shop.health }", "workers: 4,", none);
    let busy = |run: &Run| {
        let at = run.compiled.names.components.iter().position(|name| name == "shop").unwrap();
        run.record.components[at].busy
    };
    // Two replicas, a hundred checks each of 10 ms.
    assert_eq!(busy(&real) - busy(&plain), 200 * 10_000_000);
    assert_eq!(real.record.entries[0].arrived, plain.record.entries[0].arrived);
    let calls = |run: &Run| run.record.calls.iter().map(|call| call.attempts).sum::<u64>();
    assert_eq!(calls(&real), calls(&plain), "checks are no calls of the load");
    assert_eq!(real.ended(0, Ending::Ok), 10_000);
}

#[test]
fn checks_that_ask_find_a_slow_replica_and_put_it_back() {
    // 200 times as slow: a check takes 2 s, and gives up after one. Two in a row take it out, two good ones put it back.
    let fault = "{ at: 20s, for: 30s, slow: { what: shop/2, factor: 200x } }";
    let real = checked("health: { every: 1s, timeout: 1s, check: shop.health }", "", fault);
    let plain = checked("health: { every: 1s }", "", fault);
    let late = |run: &Run, seconds: std::ops::Range<usize>| {
        let segments = &run.record.entries[0].segments[seconds];
        segments
            .iter()
            .map(|segment| segment.latency.count() as f64 * (1.0 - segment.latency.share_at_most(100_000_000)))
            .sum::<f64>()
    };
    assert!(late(&plain, 30..48) > 800.0, "{}", late(&plain, 30..48));
    assert!(late(&real, 24..48) < 1.0, "{}", late(&real, 24..48));
    let noticed = real.times("shop", Timed::Noticed);
    assert_eq!(noticed.0, 1);
    // The second of two checks ends a second after it began.
    assert!((2.0..4.1).contains(&noticed.1), "{noticed:?}");
    assert_eq!(plain.times("shop", Timed::Noticed).0, 0);
    let back = real.record.entries[0].segments[55].ok;
    assert_eq!(back, 100);
}

#[test]
fn a_check_of_a_replica_that_is_down_fails_at_once_or_after_its_timeout() {
    let health = "health: { every: 1s, timeout: 500ms, check: shop.health }";
    let noticed =
        |fault: &str| checked(health, "", &format!("{{ at: 20s, for: 40s, {fault} }}")).times("shop", Timed::Noticed);
    // The second of two checks begins one to two seconds after.
    let (times, reset) = noticed("flapping: { what: shop/2, up: 60s, down: 40s }");
    assert!(times == 1 && (1.0..=2.0).contains(&reset), "{reset}");
    let (times, silent) = noticed("machine-loss: shop/2");
    assert!(times == 1 && (silent - reset - 0.5).abs() < 1e-6, "{silent}");
}

#[test]
fn without_fail_open_checks_that_fail_take_everything_out() {
    // The check becomes slow on all replicas, the users' work hardly.
    let fault = "{ at: 20s, for: 30s, slow: { what: shop, factor: 200x } }";
    let health = "every: 1s, timeout: 1s, check: shop.health";
    let open = checked(&format!("health: {{ {health} }}"), "", fault);
    let shut = checked(&format!("panic: 0%, health: {{ {health} }}"), "", fault);
    assert_eq!(open.ended(0, Ending::Ok), 10_000);
    let refused = shut.ended(0, Ending::Refused);
    assert!((2_600..3_200).contains(&refused), "{refused}");
}

/// Faults at random, one upon the other, and then quiet: everything is as it was, and everything works.
#[test]
fn whatever_befell_it_a_system_comes_back() {
    let faults = [
        "crash: s",
        "crash: s/2",
        "machine-loss: s/1",
        "zone-loss: eu/a",
        "region-loss: eu",
        "leader-loss: db",
        "slow: { what: s, factor: 3x }",
        "slow: { what: s/2, factor: 7x }",
        "latency: { what: s, add: 20ms }",
        "errors: { what: db, share: 30% }",
        "outage: s",
        "outage: { what: db, every: 900ms, last: 300ms }",
        "flapping: { what: s/3, up: 300ms, down: 200ms }",
        "restart-loop: { what: s, every: 100ms, backoff: 50ms, cap: 400ms }",
        "restart-loop: { what: db, every: 200ms, backoff: 30ms }",
        "config-push: { what: [s, g], errors: 20%, slow: 3x }",
        "config-push: { what: [s, db], crash: yes }",
        "poison-input: { what: s.ask, share: 10% }",
        "poison-input: { what: db, share: 5%, kills: no }",
        "certificate-expiry: { what: g }",
        "certificate-expiry: { what: s, lives: 1s }",
        "disk-full: db",
        "clock-skew: { what: s, skew: 1s }",
        "clock-skew: { what: db, skew: 1s, behind: yes }",
        "partition: { between: [g, s] }",
        "partition: { between: [s, db], hold: yes }",
        "loss: { between: [g, s], share: 40% }",
    ];
    for seed in 0..300 {
        let mut stream = Stream::new(seed, 0, 0);
        let mut below = |n: u64| stream.word() % n;
        let many = 2 + below(4);
        let drawn: Vec<String> = (0..many)
            .map(|_| {
                let what = faults[below(faults.len() as u64) as usize];
                format!("{{ at: {}ms, for: {}ms, {what} }}", below(2_000), 100 + below(3_000))
            })
            .collect();
        let copies = 1 + below(2);
        let body = format!(
            "places: {{ eu: {{ zones: [a, b] }} }}\nnetwork: {{ between-zones: 1ms }}\ncomponents:\n\
             \x20 g: {{ kind: load-balancer, place: eu, to: s, health: {{ every: 200ms }}, outlier: {{ consecutive: 2, sweep: 200ms, base: 300ms, max: 600ms }} }}\n\
             \x20 s: {{ kind: service, place: eu, replicas: 3, workers: 4, restart: 300ms, operations: {{ ask: [ {{ compute: exp(3ms) }}, {{ write: db, timeout: 200ms, retry: {{ attempts: 3, backoff: 10ms }}, deadline: 400ms, propagate: yes }} ] }} }}\n\
             \x20 db: {{ kind: database, place: eu, copies: {copies}, failover: 400ms, restart: 500ms, write-time: exp(1ms) }}\n\
             load:\n  - {{ operation: g.ask, timeout: 500ms, arrivals: poisson(50/s) }}\n\
             experiments: [ {{ name: x, duration: 40s, faults: [ {} ] }} ]\n",
            drawn.join(", ")
        );
        let compiled = compiled(&body);
        let plan = Plan {
            seed,
            replication: 0,
            warm_up: 0,
            window: 40 * SECOND,
            drain_cap: 40 * SECOND,
            slice: SECOND,
            experiment: Some(0),
        };
        let mut engine = Engine::new(&compiled.tables, plan);
        engine.advance(39 * SECOND);
        assert_eq!(engine.in_force(), 0, "seed {seed}\n{body}");
        let (record, _) = engine.run_and_look();
        let late: Vec<u64> = (30..38).map(|second| record.entries[0].segments[second].ok).collect();
        let came: Vec<u64> = (30..38).map(|second| record.entries[0].segments[second].arrived).collect();
        assert_eq!(late, came, "all is well again: seed {seed}\n{body}");
    }
}
