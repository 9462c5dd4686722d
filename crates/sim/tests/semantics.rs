//! What the words of the language mean, on designs so small that the right answer is known to the nanosecond.
#![allow(clippy::unwrap_used)]

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_sim::lower::{Compiled, RunSpec, VOCABULARY, compile, replicate};
use groundplan_sim::record::{ComponentRecord, Ending, Record};

struct Run {
    compiled: Compiled,
    record: Record,
}

impl Run {
    /// A design without its head, for 100 s from the first instant; with its experiment if it has one.
    fn of(body: &str) -> Run {
        let text = format!("kind: design\nversion: 1\nname: small\n{body}");
        let read = read_design(&text, &VOCABULARY);
        assert_eq!(read.errors().count(), 0, "{:#?}", read.diagnostics);
        let design = read.value.unwrap();
        let compiled = compile(&design).unwrap();
        let spec = RunSpec {
            seed: 5,
            replication: 0,
            warm_up: Seconds(0.0),
            window: Seconds(100.0),
            drain_cap: Seconds(100.0),
            experiment: (!design.experiments.is_empty()).then_some(0),
            segment_width: Seconds(1.0),
        };
        let record = replicate(&compiled, &spec);
        for entry in &record.entries {
            assert_eq!(entry.arrived, entry.ended.iter().sum::<u64>(), "every request ends once");
        }
        Run { compiled, record }
    }

    fn component(&self, name: &str) -> &ComponentRecord {
        let index = self.compiled.names.components.iter().position(|known| known == name).unwrap();
        &self.record.components[index]
    }

    fn ended(&self, ending: Ending) -> u64 {
        self.record.entries[0].ended[ending as usize]
    }

    fn attempts(&self, pair: &str) -> u64 {
        let index = self.compiled.names.calls.iter().position(|known| known == pair).unwrap();
        self.record.calls[index].attempts
    }

    /// Latencies of the ok requests: sum and maximum in ms.
    fn latency_ms(&self) -> (f64, f64) {
        let latency = &self.record.entries[0].latency;
        (latency.sum() as f64 / 1e6, latency.max() as f64 / 1e6)
    }
}

/// One service `s` with an operation `serve`, asked for by a load with these settings.
fn one(service: &str, steps: &str, load: &str) -> Run {
    Run::of(&format!(
        "components: {{ s: {{ kind: service, {service} operations: {{ serve: [ {steps} ] }} }} }}\nload: [ {{ operation: s.serve, {load} }} ]\n"
    ))
}

#[test]
fn a_timeout_leaves_the_callee_at_work() {
    let run = one("workers: 1,", "{ compute: const(100ms) }", "timeout: 30ms, arrivals: at(0s 1)");
    assert_eq!(run.ended(Ending::Timeout), 1);
    assert_eq!(run.component("s").ended[Ending::Ok as usize], 1);
    assert_eq!(run.component("s").wasted, 100_000_000);
}

#[test]
fn cancelling_frees_the_worker_at_once() {
    let run = one("workers: 1,", "{ compute: const(100ms) }", "timeout: 30ms, cancel: running, arrivals: at(0s 2)");
    // The second waits for the first to be dropped and is itself dropped at the same instant, still in the queue or not.
    assert_eq!(run.ended(Ending::Timeout), 2);
    assert_eq!(run.component("s").ended[Ending::Cancelled as usize], 2);
    assert_eq!(run.component("s").busy, 30_000_000);
}

#[test]
fn pauses_double_and_attempts_count_the_first() {
    let run =
        one("", "{ compute: const(10ms), fail: 100% }", "retry: { attempts: 3, backoff: 100ms }, arrivals: at(0s 1)");
    assert_eq!(run.ended(Ending::Error), 1);
    assert_eq!(run.component("s").ended[Ending::Error as usize], 3);
    let run = one(
        "",
        "{ compute: const(10ms), fail: 100% }",
        "retry: { attempts: 3, backoff: 100ms }, fallback: [ { wait: 1ms } ], arrivals: at(0s 1)",
    );
    assert_eq!(run.ended(Ending::Ok), 1);
    assert_eq!(run.latency_ms(), (331.0, 331.0), "10 + 100 + 10 + 200 + 10, and 1 for the fallback");
}

#[test]
fn no_attempt_is_made_after_the_deadline() {
    let run = one(
        "",
        "{ compute: const(10ms), fail: 100% }",
        "deadline: 150ms, retry: { attempts: 5, backoff: 100ms }, arrivals: at(0s 1)",
    );
    assert_eq!(run.component("s").ended[Ending::Error as usize], 2);
    let run = one("", "{ compute: const(10s) }", "deadline: 150ms, fallback: skip, arrivals: at(0s 1)");
    assert_eq!(run.latency_ms(), (150.0, 150.0));
}

#[test]
fn a_budget_bounds_retries() {
    let run =
        one("", "{ compute: const(1ms), fail: 100% }", "retry: { attempts: 2, budget: 10% }, arrivals: constant(10/s)");
    let attempts = run.component("s").ended[Ending::Error as usize];
    // 1,000 requests earn 100 retries; ten were saved up.
    assert!((1_105..=1_111).contains(&attempts), "{attempts}");
}

#[test]
fn an_open_breaker_spares_the_callee() {
    let run = one(
        "",
        "{ compute: const(1ms), fail: 100% }",
        "breaker: { open-at: 50%, window: 10s, minimum: 10, cool-down: 20s }, arrivals: constant(10/s)",
    );
    let attempts = run.component("s").ended[Ending::Error as usize];
    // Ten to open it, then one trial every twenty seconds.
    assert!((13..=15).contains(&attempts), "{attempts}");
    assert_eq!(run.ended(Ending::Refused) + run.ended(Ending::Error), 1_000);
}

#[test]
fn a_rate_limit_refuses_or_lets_wait() {
    let limited = |excess: &str| {
        one(
            &format!("rate-limit: {{ rate: 10/s, burst: 4, excess: {excess} }},"),
            "{ compute: const(1ms) }",
            "arrivals: at(0s 10)",
        )
    };
    let run = limited("refuse");
    assert_eq!((run.ended(Ending::Ok), run.ended(Ending::Refused)), (4, 6));
    let run = limited("wait");
    assert_eq!(run.ended(Ending::Ok), 10);
    assert_eq!(run.latency_ms().1, 601.0, "the tenth is the sixth after the burst");
}

#[test]
fn a_bulkhead_refuses_and_a_connection_pool_lets_wait() {
    let run = one("", "{ compute: const(10ms) }", "max-requests: 2, arrivals: at(0s 5)");
    assert_eq!((run.ended(Ending::Ok), run.ended(Ending::Refused)), (2, 3));
    let run = one("", "{ compute: const(10ms) }", "connections: 1, arrivals: at(0s 3)");
    assert_eq!(run.latency_ms(), (60.0, 30.0));
    let run = one("", "{ compute: const(10ms) }", "connections: 1, pool-timeout: 15ms, arrivals: at(0s 3)");
    assert_eq!((run.ended(Ending::Ok), run.ended(Ending::Refused)), (2, 1));
}

#[test]
fn a_module_has_its_own_permits() {
    let run = Run::of(
        "components:\n  app:\n    kind: service\n    workers: 10\n    modules: { slow: { permits: 2 } }\n    operations:\n      pay: { as: slow.pay, steps: [ { wait: const(1s) } ] }\n      look: { as: quick.look, steps: [ { wait: const(1ms) } ] }\n\
         load:\n  - { operation: app.pay, arrivals: at(0s 20) }\n  - { operation: app.look, arrivals: at(500ms 5) }\n",
    );
    assert_eq!((run.ended(Ending::Ok), run.ended(Ending::Refused)), (2, 18));
    assert_eq!(run.record.entries[1].ended[Ending::Ok as usize], 5);
    assert_eq!(run.record.entries[1].latency.max(), 1_000_000, "no worker is taken by those without a permit");
}

#[test]
fn a_transaction_keeps_its_worker() {
    let run = Run::of(
        "components:\n  app: { kind: service, operations: { order: [ { transaction: db, steps: [ { write: db }, { compute: const(50ms) }, { write: db } ] } ] } }\n  db: { kind: database, workers: 1, write-time: const(10ms) }\n\
         load: [ { operation: app.order, arrivals: at(0s 2) } ]\n",
    );
    assert_eq!(run.latency_ms(), (210.0, 140.0));
    assert_eq!(run.component("db").busy, 140_000_000);
    assert_eq!(run.component("db").ended[Ending::Ok as usize], 2);
}

#[test]
fn a_failed_transaction_gives_its_worker_back() {
    let run = Run::of(
        "components:\n  app: { kind: service, operations: { order: [ { transaction: db, steps: [ { write: db }, { compute: const(50ms), fail: 100% } ] } ] } }\n  db: { kind: database, workers: 1, write-time: const(10ms) }\n\
         load: [ { operation: app.order, arrivals: at(0s 3) } ]\n",
    );
    assert_eq!(run.ended(Ending::Error), 3);
    assert_eq!(run.component("db").busy, 180_000_000);
}

#[test]
fn a_crash_is_heard_and_a_lost_machine_is_not() {
    let broken = |fault: &str, load: &str| {
        Run::of(&format!(
            "components: {{ s: {{ kind: service, restart: 2s, operations: {{ serve: [ {{ compute: const(1s) }} ] }} }} }}\nload: [ {{ operation: s.serve, {load} arrivals: at(0s 3) }} ]\n\
             experiments: [ {{ name: broken, duration: 100s, faults: [ {{ at: 500ms, for: 10s, {fault}: s }} ] }} ]\n"
        ))
    };
    let run = broken("crash", "");
    assert_eq!(run.ended(Ending::Error), 3);
    let run = broken("crash", "retry: { attempts: 2, backoff: 3s },");
    assert_eq!(run.ended(Ending::Ok), 3);
    assert_eq!(run.latency_ms().1, 4_500.0);
    let run = broken("machine-loss", "timeout: 2s,");
    assert_eq!(run.ended(Ending::Timeout), 3);
    let run = broken("machine-loss", "");
    assert_eq!(run.ended(Ending::Lost), 3);
    let run = broken("machine-loss", "timeout: 2s, retry: { attempts: 2, backoff: 11s },");
    assert_eq!(run.ended(Ending::Ok), 3);
}

#[test]
fn an_asynchronous_leader_takes_its_last_writes_with_it() {
    let lost = |replication: &str| {
        let run = Run::of(&format!(
            "components:\n  app: {{ kind: service, operations: {{ put: [ {{ write: db, fallback: skip }} ] }} }}\n  db: {{ kind: database, copies: 2, replication: {replication}, lag: 2s, failover: 5s, write-time: const(1ms) }}\n\
             load: [ {{ operation: app.put, arrivals: constant(10/s) }} ]\nexperiments: [ {{ name: gone, duration: 100s, faults: [ {{ at: 50s, leader-loss: db }} ] }} ]\n"
        ));
        run.component("db").lost_writes
    };
    assert_eq!(lost("async"), 20);
    assert_eq!(lost("sync"), 0);
}

#[test]
fn the_network_takes_half_a_round_trip_each_way() {
    let between = |place: &str| {
        let run = Run::of(&format!(
            "places: {{ eu: {{ zones: [a, b] }}, us: {{ zones: [x] }} }}\nnetwork: {{ within-zone: 2ms, between-zones: 10ms, between-regions: {{ eu: {{ us: 80ms }} }} }}\n\
             components:\n  s: {{ kind: service, place: eu/a, operations: {{ serve: [ {{ call: t.serve }} ] }} }}\n  t: {{ kind: service, place: {place}, operations: {{ serve: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: s.serve, arrivals: at(0s 1) }} ]\n"
        ));
        run.latency_ms().1
    };
    assert_eq!(between("eu/a"), 3.0);
    assert_eq!(between("eu/b"), 11.0);
    assert_eq!(between("us"), 81.0);
}

const CONSUMERS: &str = "components:\n  app: { kind: service, operations: { place: [ { publish: placed } ] } }\n  events: { kind: log, append-time: const(1ms), topics: { placed: { partitions: 4 } } }\n";

#[test]
fn a_log_hands_every_record_to_every_group() {
    let run = Run::of(&format!(
        "{CONSUMERS}  mail: {{ kind: service, operations: {{ send: {{ handles: placed, steps: [ {{ compute: const(10ms) }} ] }} }} }}\n  stock: {{ kind: service, operations: {{ take: {{ handles: placed, steps: [ {{ compute: const(20ms) }} ] }} }} }}\n\
         load: [ {{ operation: app.place, arrivals: constant(10/s) }} ]\n"
    ));
    assert_eq!(run.latency_ms().1, 1.0, "the publisher waits for the log alone");
    let (mail, stock) = (run.component("mail"), run.component("stock"));
    assert!(mail.accepted >= 999 && stock.accepted >= 999, "{} {}", mail.accepted, stock.accepted);
    assert_eq!(mail.duplicates, 0);
}

#[test]
fn a_consumer_that_dies_leaves_its_record_to_another() {
    let run = Run::of(&format!(
        "{CONSUMERS}  mail: {{ kind: service, replicas: 2, operations: {{ send: {{ handles: placed, session-timeout: 10s, rebalance-time: 0s, commit: each, steps: [ {{ compute: const(80ms) }} ] }} }} }}\n\
         load: [ {{ operation: app.place, arrivals: constant(40/s) }} ]\n\
         experiments: [ {{ name: crash, duration: 100s, faults: [ {{ at: 50s, crash: mail/1 }} ] }} ]\n"
    ));
    let mail = run.component("mail");
    assert!((1..=2).contains(&mail.duplicates), "{}", mail.duplicates);
    // Ten seconds of two partitions have to be caught up with at a load of 0.8.
    assert!(mail.ended[Ending::Ok as usize] > 3_900, "{:?}", mail.ended);
    assert!(run.component("events").lag.max() > 9_000_000_000, "the session timeout");
}

#[test]
fn what_fails_too_often_is_parked() {
    let run = Run::of(
        "components:\n  app: { kind: service, operations: { ask: [ { enqueue: jobs } ] } }\n  jobs: { kind: queue, append-time: const(1ms) }\n  parked: { kind: queue }\n  worker: { kind: service, workers: 2, operations: { work: { handles: jobs, dead-letters: parked, steps: [ { compute: const(10ms), fail: 100% } ] } } }\n  clerk: { kind: service, operations: { look: { handles: parked, steps: [ { compute: const(1ms) } ] } } }\n\
         load: [ { operation: app.ask, arrivals: at(0s 3) } ]\n",
    );
    assert_eq!(run.component("worker").ended[Ending::Error as usize], 15, "five deliveries each");
    assert_eq!(run.component("clerk").ended[Ending::Ok as usize], 3);
    assert_eq!(run.component("worker").duplicates, 12);
}

#[test]
fn an_outbox_hands_on_what_was_committed_at_its_next_look() {
    let run = Run::of(
        "components:\n  app:\n    kind: service\n    operations:\n      order: { as: shop.order, steps: [ { transaction: db, steps: [ { write: orders }, { write: placed-outbox } ] } ] }\n      send: { handles: placed, from: placed-outbox, settles: shop.order, steps: [ { compute: const(5ms) } ] }\n  db: { kind: database, holds: [orders, placed-outbox], write-time: const(10ms) }\n\
         load: [ { operation: app.order, arrivals: at(0s 1) } ]\n",
    );
    assert_eq!(run.latency_ms().1, 20.0);
    assert_eq!(run.record.entries[0].settled.max(), 105_000_000, "the look at 100 ms and 5 ms of work");
}

#[test]
fn an_early_answer_goes_on_with_the_work() {
    let run = one(
        "workers: 1,",
        "{ compute: const(5ms) }, { answer: accepted }, { compute: const(50ms) }",
        "arrivals: at(0s 2)",
    );
    assert_eq!(run.latency_ms(), (65.0, 60.0), "the second waits for the first one's worker");
    assert_eq!(run.component("s").busy, 110_000_000);
}

#[test]
fn blocks_do_what_they_say() {
    let run = one("", "{ repeat: 3, steps: [ { compute: const(2ms) }, { wait: const(1ms) } ] }", "arrivals: at(0s 1)");
    assert_eq!(run.latency_ms().1, 9.0);
    let run = one("", "{ compute: const(2ms), times: 5 }", "arrivals: at(0s 1)");
    assert_eq!(run.latency_ms().1, 10.0);
    let run = one(
        "",
        "{ branch: { 75%: [ { compute: const(1ms) } ], 25%: [ { compute: const(3ms) } ] } }",
        "arrivals: constant(100/s)",
    );
    let mean = run.latency_ms().0 / 10_000.0;
    assert!((mean - 1.5).abs() < 0.04, "{mean}");
    let run = one(
        "",
        "{ parallel: [ { wait: const(1ms) }, { wait: const(9ms) }, { wait: const(4ms) } ], need: 2 }",
        "arrivals: at(0s 1)",
    );
    assert_eq!(run.latency_ms().1, 4.0);
}

#[test]
fn a_parallel_step_fails_once_too_few_can_succeed() {
    let run = one(
        "",
        "{ parallel: [ { wait: const(1ms), fail: 100% }, { wait: const(2ms), fail: 100% }, { wait: const(9ms) } ], need: 2 }",
        "fallback: skip, arrivals: at(0s 1)",
    );
    assert_eq!(run.latency_ms().1, 2.0);
}

#[test]
fn faults_do_what_they_say_for_as_long_as_they_say() {
    let faulty = |fault: &str| {
        Run::of(&format!(
            "components: {{ s: {{ kind: service, operations: {{ serve: [ {{ compute: const(10ms) }} ] }} }} }}\nload: [ {{ operation: s.serve, arrivals: constant(10/s) }} ]\n\
             experiments: [ {{ name: faulty, duration: 100s, faults: [ {{ at: 20s, for: 50s, {fault} }} ] }} ]\n"
        ))
    };
    let run = faulty("slow: { what: s, factor: 3x }");
    assert_eq!(run.latency_ms(), (20_000.0, 30.0));
    let run = faulty("latency: { what: s, add: 7ms }");
    assert_eq!(run.latency_ms(), (13_500.0, 17.0));
    let run = faulty("outage: s");
    assert_eq!((run.ended(Ending::Ok), run.ended(Ending::Error)), (500, 500));
    let run = faulty("errors: { what: s, share: 40% }");
    assert!((150..250).contains(&run.ended(Ending::Error)), "{}", run.ended(Ending::Error));
    let run = faulty("spike: { factor: 3x }");
    let arrived = run.record.entries[0].arrived;
    assert!((1_998..=2_002).contains(&arrived), "{arrived}");
}

#[test]
fn a_balancer_avoids_a_lost_replica_once_it_knows() {
    let run = Run::of(
        "components:\n  lb: { kind: load-balancer, to: s, health: { every: 2s, unhealthy-after: 2 } }\n  s: { kind: service, replicas: 4, operations: { serve: [ { compute: const(1ms) } ] } }\n\
         load: [ { operation: lb.serve, timeout: 100ms, arrivals: constant(100/s) } ]\n\
         experiments: [ { name: lost, duration: 100s, faults: [ { at: 50s, machine-loss: s/2 } ] } ]\n",
    );
    let timeouts = run.ended(Ending::Timeout);
    // A quarter of 400 requests in the four seconds until it knows.
    assert!((70..130).contains(&timeouts), "{timeouts}");
}

/// The same domain, in one process and in two: every request has the same luck in both.
#[test]
fn two_designs_of_one_domain_share_their_luck() {
    let latencies = |text: &str| {
        let run = Run::of(text);
        (run.record.entries[0].arrived, run.record.entries[0].latency.sum())
    };
    let monolith = latencies(
        "components: { app: { kind: service, operations: { order: { as: shop.order, steps: [ { compute: exp(3ms), as: shop.order.work }, { local: reserve } ] }, reserve: { as: stock.reserve, steps: [ { compute: exp(5ms), as: stock.reserve.work } ] } } } }\n\
         load: [ { operation: app.order, arrivals: poisson(50/s) } ]\n",
    );
    let services = latencies(
        "components:\n  gateway: { kind: load-balancer, routes: { buy: shop.place } }\n  stock: { kind: service, replicas: 3, operations: { take: { as: stock.reserve, steps: [ { compute: exp(5ms), as: stock.reserve.work } ] } } }\n  shop: { kind: service, replicas: 2, operations: { place: { as: shop.order, steps: [ { compute: exp(3ms), as: shop.order.work }, { call: stock.take } ] } } }\n\
         load: [ { operation: gateway.buy, arrivals: poisson(50/s) } ]\n",
    );
    assert_eq!(monolith, services);
}

#[test]
fn an_outside_dependency_is_away_as_much_as_it_says() {
    let (mut ok, mut all) = (0, 0);
    for seed in 0..200 {
        let text = "kind: design\nversion: 1\nname: small\ncomponents: { p: { kind: external, latency: const(1ms), outages: { every: 100s, last: 10s } } }\nload: [ { operation: p, arrivals: constant(1/s) } ]\n";
        let compiled = compile(&read_design(text, &VOCABULARY).value.unwrap()).unwrap();
        let spec = RunSpec {
            seed,
            replication: 0,
            warm_up: Seconds(0.0),
            window: Seconds(200.0),
            drain_cap: Seconds(10.0),
            experiment: None,
            segment_width: Seconds(10.0),
        };
        let record = replicate(&compiled, &spec);
        ok += record.entries[0].ended[Ending::Ok as usize];
        all += record.entries[0].arrived;
    }
    let share = ok as f64 / all as f64;
    assert!((share - 0.9).abs() < 0.015, "{share}");
}

#[test]
fn every_mistake_of_a_design_is_reported() {
    let text = "kind: design\nversion: 1\nname: wrong\ncomponents:\n  lb: { kind: load-balancer, to: s, algorithm: least-connection }\n  s: { kind: service, operations: { serve: [ { call: t.serve } ] } }\n  t: { kind: service, operations: { serve: [ { call: s.serve } ] } }\nload: [ { operation: lb.serv, arrivals: poisson(1/s) } ]\nexperiments: [ { name: x, duration: 1min, faults: [ { crash: s/3 } ] } ]\n";
    let read = read_design(text, &VOCABULARY);
    let diagnostics = compile(&read.value.unwrap()).unwrap_err();
    let codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["unknown-algorithm", "wrong-component", "call-cycle", "unknown-replica"]);
    assert_eq!(diagnostics[0].help.as_deref(), Some("did you mean `least-connections`?"));
}

#[test]
fn attempts_are_counted_by_pair() {
    let run = Run::of(
        "components:\n  a: { kind: service, operations: { go: [ { call: b.go, retry: { attempts: 4 } } ] } }\n  b: { kind: service, operations: { go: [ { compute: const(1ms), fail: 50% } ] } }\n\
         load: [ { operation: a.go, arrivals: constant(100/s) } ]\n",
    );
    let mean = run.attempts("a->b") as f64 / 10_000.0;
    assert!((mean - 1.875).abs() < 0.04, "{mean}");
    let failed = run.ended(Ending::Error) as f64 / 10_000.0;
    assert!((failed - 0.0625).abs() < 0.01, "{failed}");
}

#[test]
fn an_overload_without_bound_ends_the_run_and_is_said() {
    let run = one("workers: 1,", "{ compute: const(1s) }", "arrivals: poisson(1M/s)");
    assert!(run.record.unbounded);
    // A frame for the request and one for its call.
    assert!(run.ended(Ending::Censored) > 2_000_000);
    assert!((run.record.growth / 1e6 - 1.0).abs() < 0.01, "{}/s in, one a second out", run.record.growth);
    let run = one("workers: 1,", "{ compute: const(1ms) }", "arrivals: poisson(100/s)");
    assert!(!run.record.unbounded && run.record.growth == 0.0);
}

#[test]
fn a_client_that_tries_again_is_a_caller() {
    let run = Run::of(
        "components:\n  b: { kind: service, operations: { go: [ { compute: const(1ms), fail: 50% } ] } }\nload:\n  - { name: l, steps: [ { call: b.go, retry: { attempts: 4 } } ], arrivals: poisson(200/s) }\n  - { operation: b.go, arrivals: poisson(1/s) }\n",
    );
    assert_eq!(run.compiled.names.calls, ["l->b"], "only calls with policies count");
    let calls = &run.record.calls[0];
    let amplification = calls.attempts as f64 / calls.calls as f64;
    assert!((amplification - 1.875).abs() < 0.05, "{amplification}");
}

#[test]
fn more_successes_than_branches_are_refused() {
    let text = "kind: design\nversion: 1\nname: wrong\ncomponents:\n  s: { kind: service, operations: { serve: [ { parallel: [ { wait: 1ms }, { wait: 1ms } ], need: 3 } ] } }\nload: [ { operation: s.serve, arrivals: poisson(1/s) } ]\n";
    let diagnostics = compile(&read_design(text, &VOCABULARY).value.unwrap()).unwrap_err();
    assert_eq!(diagnostics[0].code, "need-never-met");
    assert_eq!(diagnostics[0].help.as_deref(), Some("write at most `need: 2`"));
}

#[test]
fn a_callee_of_tied_copies_alone_is_called() {
    let text = "kind: design\nversion: 1\nname: tied\ncomponents:\n  c: { kind: service, operations: { a: [ { call: s.a, hedge: { after: 0s, copies: 2, cancel: on-start } } ] } }\n  s: { kind: service, replicas: 2, workers: 1, operations: { a: [ { compute: exp(1ms) } ] } }\nload: [ { operation: c.a, arrivals: poisson(100/s) } ]\n";
    let compiled = compile(&read_design(text, &VOCABULARY).value.unwrap()).unwrap();
    let codes: Vec<&str> = compiled.warnings.iter().chain(&compiled.pointless).map(|found| found.code).collect();
    assert!(codes.is_empty(), "{codes:?}");
}

#[test]
fn faults_that_overlap_add_up_and_end_each_by_itself() {
    let run = Run::of(
        "components: { s: { kind: service, workers: 100, operations: { serve: [ { compute: const(1ms) } ] } } }\n\
         load: [ { operation: s.serve, arrivals: constant(1000/s) } ]\n\
         experiments: [ { name: both, duration: 100s, faults: [ { at: 0s, for: 60s, errors: { what: s, share: 50% } }, { at: 20s, for: 20s, errors: { what: s, share: 20% } } ] } ]\n",
    );
    let failed = |from: usize, to: usize| {
        let slices = &run.record.entries[0].segments[from..to];
        1.0 - slices.iter().map(|slice| slice.ok).sum::<u64>() as f64
            / slices.iter().map(|slice| slice.arrived).sum::<u64>() as f64
    };
    for (from, to, share) in [(0, 20, 0.5), (20, 40, 0.6), (40, 60, 0.5), (60, 100, 0.0)] {
        let error = 4.0 * (share * (1.0 - share) / ((to - from) as f64 * 1000.0)).sqrt();
        assert!((failed(from, to) - share).abs() <= error, "{from}..{to} s: {} for {share}", failed(from, to));
    }
}

#[test]
fn a_replica_is_back_when_the_last_fault_that_holds_it_ends() {
    let ok = |more: &str| {
        let run = Run::of(&format!(
            "places: {{ eu: {{ zones: [a, b] }} }}\n\
             components:\n  c: {{ kind: service, place: eu/b, replicas: 2, operations: {{ go: [ {{ call: s.serve, timeout: 100ms }} ] }} }}\n  s: {{ kind: service, place: eu, replicas: 2, restart: 1s, workers: 100, operations: {{ serve: [ {{ compute: const(1ms) }} ] }} }}\n\
             load: [ {{ operation: c.go, arrivals: constant(10/s) }} ]\n\
             experiments: [ {{ name: both, duration: 100s, faults: [ {{ at: 10s, for: 80s, zone-loss: eu/a }}, {{ at: 40s, for: 40s, machine-loss: s/2 }}{more} ] }} ]\n",
        ));
        let slices = &run.record.entries[0].segments;
        [0..10, 10..40, 42..80, 82..90, 92..100].map(|range| slices[range].iter().map(|slice| slice.ok).sum::<u64>())
    };
    let alone = ok("");
    assert_eq!(alone[2], 0, "{alone:?}");
    assert_eq!((alone[0], alone[4]), (100, 80), "{alone:?}");
    for more in ["20s, for: 5s", "50s, for: 5s"] {
        assert_eq!(ok(&format!(", {{ at: {more}, machine-loss: s/1 }}")), alone, "{more}");
    }
    // The machine is lost again while its process starts.
    assert_eq!(ok(", { at: 80.5s, for: 9s, machine-loss: s/2 }")[3], 0);
}

#[test]
fn a_slow_fault_may_say_its_factor_without_a_unit() {
    for factor in ["10x", "10"] {
        let run = Run::of(&format!(
            "components:\n  s: {{ kind: service, operations: {{ go: [ {{ compute: const(1ms) }} ] }} }}\nload: [ {{ operation: s.go, arrivals: at(1s 1) }} ]\nexperiments: [ {{ name: x, duration: 10s, faults: [ {{ at: 0s, for: 5s, slow: {{ what: s, factor: {factor} }} }} ] }} ]\n"
        ));
        assert_eq!(run.latency_ms().1, 10.0, "{factor}");
    }
}
