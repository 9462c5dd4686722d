//! Closed forms beside simulated figures: each exact one lies in the run's interval, and a bent assumption is said.

use groundplan_model::reader::read_design;
use groundplan_model::units::Seconds;
use groundplan_planner::closed::{ClosedForm, Measure, closed_forms};
use groundplan_sim::lower::{VOCABULARY, compile};
use groundplan_sim::run::{Options, simulate};

fn forms(body: &str) -> Vec<ClosedForm> {
    forms_of_runs(body, Seconds(600.0))
}

fn forms_of_runs(body: &str, duration: Seconds) -> Vec<ClosedForm> {
    let text = format!("kind: design\nversion: 1\nname: beside\n{body}");
    let read = read_design(&text, &VOCABULARY);
    let design = read.value.expect("the design reads");
    let compiled = compile(&design).expect("the design compiles");
    let options = Options { duration, confidence: 0.999, experiments: false, ..Options::default() };
    let verdict = simulate(&design, &compiled, &options, &|_| ()).expect("the design runs");
    closed_forms(&design, &verdict)
}

/// Each form of this design: subject, measure, model, value to four digits, exact or not; exact ones agree.
fn check(body: &str, expected: &[(&str, Measure, &str, f64, bool)]) {
    let forms = forms(body);
    let told: Vec<_> = forms.iter().map(|form| (form.subject.as_str(), form.measure, form.model.as_str())).collect();
    let wanted: Vec<_> = expected.iter().map(|(subject, measure, model, ..)| (*subject, *measure, *model)).collect();
    assert_eq!(told, wanted);
    for (form, (_, _, _, value, exact)) in forms.iter().zip(expected) {
        assert!((form.value / value - 1.0).abs() < 1e-4, "{form:?} should be {value}");
        assert_eq!(form.approximate.is_none(), *exact, "{form:?}");
        let (low, high) = (form.simulated.low.expect("an interval"), form.simulated.high.expect("an interval"));
        if *exact {
            assert!(low <= form.value && form.value <= high, "{form:?}");
        }
    }
}

#[test]
fn one_server() {
    check(
        "components:
  s: { kind: service, workers: 1, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { operation: s.serve, arrivals: poisson(80/s) } ]",
        &[
            ("s", Measure::Utilisation, "utilisation law", 0.8, true),
            ("s", Measure::MeanWait, "M/M/1", 0.04, true),
            ("s", Measure::WaitP99, "M/M/1", 0.219_101_33, true),
        ],
    );
}

#[test]
fn a_mixture_of_operations_waits_by_its_second_moment() {
    // Mean 8 ms, second moment (0.5 x 2 x 100 + 0.5 x 36) = 118 ms^2: wait = 80 x 118e-6 / (2 x 0.36).
    check(
        "components:
  s: { kind: service, workers: 1, operations: { a: [ { compute: exp(10ms) } ], b: [ { compute: const(6ms) } ] } }
load:
  - { operation: s.a, arrivals: poisson(40/s) }
  - { operation: s.b, arrivals: poisson(40/s) }",
        &[
            ("s", Measure::Utilisation, "utilisation law", 0.64, true),
            ("s", Measure::MeanWait, "M/G/1", 80.0 * 118e-6 / 0.72, true),
        ],
    );
}

#[test]
fn stations_in_a_row_and_split_at_random() {
    let forms = forms(
        "components:
  a: { kind: service, workers: 2, operations: { serve: [ { compute: exp(10ms) } ] } }
  b: { kind: service, replicas: 2, workers: 1, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { name: row, steps: [ { call: a.serve }, { call: b.serve } ], arrivals: poisson(120/s) } ]",
    );
    let waits: Vec<_> = forms.iter().filter(|form| form.measure == Measure::MeanWait).collect();
    assert_eq!(waits.len(), 2);
    for form in &waits {
        assert!(form.approximate.is_none(), "{form:?}");
        let (low, high) = (form.simulated.low.expect("an interval"), form.simulated.high.expect("an interval"));
        assert!(low <= form.value && form.value <= high, "{form:?}");
    }
    assert!((waits[1].value - 0.015).abs() < 1e-9, "each of the two is an M/M/1 at 0.6");
}

#[test]
fn sharing_unlimited_bounded_and_retried() {
    check(
        "components:
  ps: { kind: service, cores: 1, operations: { serve: [ { compute: lognormal(mean 10ms scv 4) } ] } }
  inf: { kind: service, operations: { serve: [ { wait: const(50ms) } ] } }
load:
  - { operation: ps.serve, arrivals: poisson(50/s) }
  - { operation: inf.serve, arrivals: poisson(100/s) }",
        &[
            ("ps", Measure::CoreUtilisation, "utilisation law", 0.5, true),
            ("ps", Measure::MeanTime, "M/G/1-PS", 0.02, true),
            ("inf", Measure::InSystem, "Little's law", 5.0, true),
        ],
    );
    check(
        "components:
  s: { kind: service, workers: 1, queue: 9, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { operation: s.serve, arrivals: poisson(90/s) } ]",
        &[("s", Measure::Refused, "M/M/1/10", 0.050_813_7, true)],
    );
    let forms = forms(
        "components:
  front: { kind: service, operations: { ask: [ { call: back.serve, fail: 20%, retry: { attempts: 3 } } ] } }
  back: { kind: service, workers: 4, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { operation: front.ask, arrivals: poisson(100/s) } ]",
    );
    let calls = forms.iter().find(|form| form.measure == Measure::Amplification).expect("attempts have a form");
    assert!((calls.value - 1.24).abs() < 1e-9 && calls.approximate.is_none(), "{calls:?}");
    assert!(forms.iter().all(|form| form.measure != Measure::MeanWait), "retries add a quarter: {forms:?}");
}

#[test]
fn steps_done_several_times_count_as_often() {
    // 20/s x (3 + 3 + 2 replicas) x 2 ms over 2 replicas of a core.
    check(
        "components:
  front: { kind: service, operations: { ask: [ { call: back.serve, times: 3 }, { parallel: [ { call: back.serve, times: 3 }, { call: back.serve, to: each-replica } ] } ] } }
  back: { kind: service, replicas: 2, workers: 1, operations: { serve: [ { compute: exp(2ms) } ] } }
load: [ { operation: front.ask, arrivals: poisson(20/s) } ]",
        &[("back", Measure::Utilisation, "utilisation law", 0.16, true)],
    );
}

#[test]
fn replicas_with_one_queue_are_one_station() {
    check(
        "components:
  s: { kind: service, replicas: 2, workers: 1, shared-queue: yes, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { operation: s.serve, arrivals: poisson(160/s) } ]",
        &[
            ("s", Measure::Utilisation, "utilisation law", 0.8, true),
            ("s", Measure::MeanWait, "M/M/2", 0.8 * 0.8 / 0.36 * 0.01, true),
            ("s", Measure::WaitP99, "M/M/2", f64::ln(0.8 * 1.6 / 1.8 / 0.01) / 40.0, true),
        ],
    );
}

/// The measures of one server's forms, with these arrivals, settings of the server and of the call to it.
fn measures(arrivals: &str, server: &str, call: &str) -> Vec<Measure> {
    let body = format!(
        "components:
  front: {{ kind: service, operations: {{ ask: [ {{ call: s.serve{call} }} ] }} }}
  s: {{ kind: service, replicas: 2, workers: 1{server}, operations: {{ serve: [ {{ compute: exp(5ms) }} ] }} }}
load: [ {{ operation: front.ask, arrivals: {arrivals} }} ]"
    );
    let forms = forms_of_runs(&body, Seconds(20.0));
    forms.iter().filter(|form| form.subject == "s").map(|form| form.measure).collect()
}

#[test]
fn what_does_not_apply_at_all_is_left_out() {
    let all = [Measure::Utilisation, Measure::MeanWait, Measure::WaitP99];
    assert_eq!(measures("poisson(200/s)", "", ""), all);
    assert_eq!(measures("poisson(200/s)", "", ", timeout: 1s, retry: { attempts: 2 }"), all);
    // Whatever the arrivals and the choice among replicas, so much is in use.
    for arrivals in ["batch(10 poisson(20/s))", "constant(200/s)", "mmpp(300/s 1s 100/s 1s)"] {
        assert_eq!(measures(arrivals, "", ""), [Measure::Utilisation], "{arrivals}");
    }
    let chosen = ", balance: { algorithm: least-connections }";
    assert_eq!(measures("poisson(200/s)", "", chosen), [Measure::Utilisation]);
    for call in [", hedge: { after: 10ms }", ", throttle: {}", ", rate-limit: { rate: 150/s }", ", timeout: 8ms"] {
        assert_eq!(measures("poisson(200/s)", "", call), [], "{call}");
    }
    for server in [", discipline: sjf", ", rate-limit: { rate: 150/s }"] {
        assert_eq!(measures("poisson(200/s)", server, ""), [], "{server}");
    }
}

#[test]
fn nothing_is_claimed_of_closed_loads() {
    let forms = forms(
        "components:
  s: { kind: service, workers: 1, operations: { serve: [ { compute: exp(10ms) } ] } }
load: [ { operation: s.serve, users: 5, think: exp(1s) } ]",
    );
    assert_eq!(forms, []);
}

#[test]
fn a_load_that_hardly_ever_tries_again_takes_nothing_away() {
    let of = |timeout: &str| {
        let body = format!(
            "components:
  s: {{ kind: service, workers: 2, operations: {{ serve: [ {{ compute: exp(5ms) }} ] }} }}
load: [ {{ operation: s.serve, arrivals: poisson(200/s), timeout: {timeout}, retry: {{ attempts: 2, backoff: 10ms }} }} ]"
        );
        forms_of_runs(&body, Seconds(20.0)).into_iter().filter(|form| form.subject == "s").count()
    };
    assert_eq!(of("1s"), 3);
    assert_eq!(of("8ms"), 0);
}
