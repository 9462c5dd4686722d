//! Properties that hold for every queue, group and cache, not only for those of the validation set.

#![allow(clippy::unwrap_used)]

use groundplan_analysis::attempts::{Attempts, slowest_mean};
use groundplan_analysis::availability::{Availability, at_least, in_parallel, in_series};
use groundplan_analysis::cache::Popularity;
use groundplan_analysis::distributions::Law;
use groundplan_analysis::queues::{
    BoundedQueue, Gaps, GeneralServer, OfferedLoad, ServerPool, SingleServer, SmoothArrivals, approximate_mean_wait,
    erlang_b, erlang_c, hypoexponential_tail,
};
use groundplan_analysis::quorum::KthExponential;
use groundplan_analysis::sizing::{Need, in_flight, smallest_pool, smallest_split};
use groundplan_model::units::{PerSecond, Seconds, Share};
use proptest::prelude::*;

fn near(one: f64, other: f64, relative: f64) -> bool {
    (one - other).abs() <= relative * one.abs().max(other.abs()).max(1e-300)
}

/// A stable pool: its servers, the rate of one, and the arrivals.
fn pools() -> impl Strategy<Value = (u32, f64, f64)> {
    (1_u32..200, 1e-3..1e4, 0.001..0.999)
        .prop_map(|(servers, service, load)| (servers, service, f64::from(servers) * service * load))
}

/// Nothing is kept of a failure but its report: the case it prints is the one to write down as a test.
fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(settings(256))]

    #[test]
    fn erlang_c_is_a_share_above_erlang_b_and_falls_with_servers((servers, service, arrivals) in pools()) {
        let offered = OfferedLoad::new(PerSecond(arrivals), PerSecond(service)).unwrap();
        let waits = erlang_c(offered, servers).unwrap();
        prop_assert!((0.0..=1.0).contains(&waits.0));
        prop_assert!(waits >= erlang_b(offered, servers));
        prop_assert!(erlang_c(offered, servers + 1).unwrap() <= waits);
        prop_assert!(erlang_b(offered, servers + 1) <= erlang_b(offered, servers));
    }

    #[test]
    fn one_server_of_a_pool_is_the_single_server(service in 1e-3..1e4, load in 0.001..0.999, quantile in 0.001..0.9999) {
        let (arrivals, service, quantile) = (PerSecond(service * load), PerSecond(service), Share(quantile));
        let one = SingleServer::new(arrivals, service).unwrap();
        let pool = ServerPool::new(arrivals, service, 1).unwrap();
        prop_assert!(near(one.load().share().0, pool.share_waiting().0, 1e-12));
        prop_assert!(near(one.mean_wait().0, pool.mean_wait().0, 1e-9));
        prop_assert!(near(one.mean_sojourn().0, pool.mean_sojourn().0, 1e-9));
        let (one_q, pool_q) = (one.sojourn_quantile(quantile).unwrap(), pool.sojourn_quantile(quantile).unwrap());
        prop_assert!(near(one_q.0, pool_q.0, 1e-9), "{} {}", one_q.0, pool_q.0);
        let (one_q, pool_q) = (one.wait_quantile(quantile).unwrap(), pool.wait_quantile(quantile).unwrap());
        prop_assert!((one_q.0 - pool_q.0).abs() <= 1e-9 * one.mean_sojourn().0);
    }

    #[test]
    fn littles_law_holds((servers, service, arrivals) in pools(), spare in 0_u32..50) {
        let (arrivals, service) = (PerSecond(arrivals), PerSecond(service));
        let pool = ServerPool::new(arrivals, service, servers).unwrap();
        prop_assert!(near(pool.mean_in_system(), in_flight(arrivals, pool.mean_sojourn()), 1e-9));
        let single = SingleServer::new(arrivals / f64::from(servers), service).unwrap();
        prop_assert!(near(single.mean_in_system(), in_flight(arrivals / f64::from(servers), single.mean_sojourn()), 1e-9));
        // In a bounded queue the busy servers are the work let in, which is counted another way.
        let bounded = BoundedQueue::new(arrivals, service, servers, servers + spare).unwrap();
        prop_assert!(near(bounded.mean_busy(), in_flight(bounded.throughput(), Seconds(1.0 / service.0)), 1e-9));
    }

    #[test]
    fn a_bounded_queue_with_no_spare_room_is_erlangs_and_with_much_is_the_pool((servers, service, arrivals) in pools()) {
        let (arrivals, service) = (PerSecond(arrivals), PerSecond(service));
        let offered = OfferedLoad::new(arrivals, service).unwrap();
        let cut = BoundedQueue::new(arrivals, service, servers, servers).unwrap();
        prop_assert!(near(cut.loss().0, erlang_b(offered, servers).0, 1e-9));
        let pool = ServerPool::new(arrivals, service, servers).unwrap();
        let room = servers + (40.0 / -pool.load().0.ln()).ceil() as u32;
        let roomy = BoundedQueue::new(arrivals, service, servers, room).unwrap();
        prop_assert!(near(roomy.mean_sojourn().0, pool.mean_sojourn().0, 1e-6));
    }

    #[test]
    fn exponential_service_makes_the_general_server_the_single_one(service in 1e-3..1e4, load in 0.001..0.999) {
        let (arrivals, rate) = (PerSecond(service * load), PerSecond(service));
        let single = SingleServer::new(arrivals, rate).unwrap();
        let law = Law::exponential(Seconds(1.0 / service)).unwrap();
        let general = GeneralServer::new(arrivals, law.moments()).unwrap();
        prop_assert!(near(single.mean_wait().0, general.mean_wait().0, 1e-9));
        // Time in system is exponential, so its deviation is its mean.
        prop_assert!(near(general.sojourn_variance().sqrt(), single.mean_sojourn().0, 1e-9));
        let poisson = SmoothArrivals::new(arrivals, rate, Gaps::Erlang(1)).unwrap();
        prop_assert!(near(poisson.share_waiting().0, load, 1e-6));
    }

    #[test]
    fn the_approximation_is_exact_for_one_general_server(load in 0.01..0.99, scv in 1.0..50.0) {
        let pool = ServerPool::new(PerSecond(load), PerSecond(1.0), 1).unwrap();
        let moments = Law::hyperexponential(Seconds(1.0), scv).unwrap().moments();
        let exact = GeneralServer::new(PerSecond(load), moments).unwrap();
        prop_assert!(near(approximate_mean_wait(&pool, 1.0, scv).0, exact.mean_wait().0, 1e-9));
    }

    #[test]
    fn smoother_arrivals_wait_less(load in 0.05..0.98, stages in 1_u32..50) {
        let wait = |gaps| SmoothArrivals::new(PerSecond(load), PerSecond(1.0), gaps).unwrap().mean_wait();
        prop_assert!(wait(Gaps::Erlang(stages + 1)) < wait(Gaps::Erlang(stages)));
        prop_assert!(wait(Gaps::Constant) < wait(Gaps::Erlang(stages)));
    }

    #[test]
    fn sums_of_exponentials_agree_with_the_formulas_where_there_are_any(fast in 1.1..1e4, equal in 1_u32..12, at in 0.01..20.0) {
        let slow = PerSecond(1.0);
        let found = hypoexponential_tail(&[PerSecond(fast), slow], Seconds(at)).unwrap().0;
        let expected = (fast * (-at).exp() - (-fast * at).exp()) / (fast - 1.0);
        prop_assert!(near(found, expected, 1e-9), "{found} {expected}");
        let found = hypoexponential_tail(&vec![slow; equal as usize], Seconds(at)).unwrap().0;
        let expected = Law::erlang(equal, Seconds(f64::from(equal))).unwrap().tail(Seconds(at)).0;
        prop_assert!(near(found, expected, 1e-9), "{found} {expected}");
    }

    #[test]
    fn k_of_n_runs_from_parallel_to_series(ups in prop::collection::vec(0.0..=1.0, 1..12)) {
        let parts: Vec<_> = ups.iter().map(|&up| Availability::new(Share(up)).unwrap()).collect();
        let needed = parts.len() as u32;
        let close = |one: Availability, other: Availability| (one.down().0 - other.down().0).abs() < 1e-12;
        prop_assert!(close(at_least(needed, &parts).unwrap(), in_series(&parts)));
        prop_assert!(close(at_least(1, &parts).unwrap(), in_parallel(&parts)));
        for k in 1..needed {
            let (fewer, more) = (at_least(k, &parts).unwrap(), at_least(k + 1, &parts).unwrap());
            prop_assert!(fewer.down().0 <= more.down().0 + 1e-12);
        }
    }

    #[test]
    fn the_pool_found_is_the_smallest(arrivals in 0.1..3e3, ceiling in 0.3..1.0, share in 0.5..0.999, limit in 0.0..0.05, slots in 1_u32..8) {
        let rate = PerSecond(100.0);
        let need = Need::new(PerSecond(arrivals), rate, Share(ceiling)).unwrap()
            .wait_within(Seconds(limit), Share(share)).unwrap();
        let meets = |pool: &ServerPool| {
            pool.load().0 <= ceiling * (1.0 + 1e-12) && pool.wait_tail(Seconds(limit)).0 <= 1.0 - share
        };
        let pool = smallest_pool(&need).unwrap();
        prop_assert!(meets(&pool));
        let fewer = ServerPool::new(PerSecond(arrivals), rate, pool.servers() - 1);
        prop_assert!(!fewer.is_some_and(|fewer| meets(&fewer)));
        let (replicas, replica) = smallest_split(&need, slots).unwrap();
        prop_assert!(meets(&replica) && replicas * slots >= pool.servers());
        let fewer = ServerPool::new(PerSecond(arrivals) / f64::from(replicas - 1), rate, slots);
        prop_assert!(replicas == 1 || !fewer.is_some_and(|fewer| meets(&fewer)));
    }

    #[test]
    fn attempts_are_the_sum_of_the_chances_to_be_made(failing in 0.0..=1.0, most in 1_u32..40) {
        let attempts = Attempts::new(Share(failing), most).unwrap();
        let sum: f64 = (0..most).map(|made| failing.powi(made as i32)).sum();
        prop_assert!(near(attempts.mean(), sum, 1e-9), "{} {sum}", attempts.mean());
        prop_assert!((attempts.failed().0 + attempts.succeeded().0 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_last_of_all_is_the_slowest_leaf(leaves in 1_u32..300) {
        let kth = KthExponential::new(leaves, leaves, Seconds(1.0)).unwrap();
        prop_assert!(near(kth.mean().0, slowest_mean(Seconds(1.0), leaves).unwrap().0, 1e-12));
        let at = kth.quantile(Share(0.9)).unwrap().0;
        let all = (-(-at).exp()).ln_1p() * f64::from(leaves);
        prop_assert!(near(all.exp(), 0.9, 1e-9));
    }

    #[test]
    fn an_lru_cache_never_beats_the_best_fixed_choice(exponent in 0.0..2.0, keys in 2_u64..1_000_000, part in 0.0..1.0) {
        let popularity = Popularity::zipf(exponent, keys).unwrap();
        let entries = ((keys as f64 * part) as u64).max(1);
        let (hits, best) = (popularity.lru_hits(entries), popularity.best_static_hits(entries));
        prop_assert!(hits.0 <= best.0 + 1e-9, "{hits:?} {best:?}");
        prop_assert!(hits.0 >= entries as f64 / keys as f64 - 1e-9, "{hits:?}");
    }
}

proptest! {
    #![proptest_config(settings(16))]

    #[test]
    fn the_mean_is_the_area_under_the_tail((servers, service, arrivals) in pools()) {
        let pool = ServerPool::new(PerSecond(arrivals), PerSecond(service), servers).unwrap();
        let mean = pool.mean_sojourn().0;
        // Simpson's rule up to where the slower of the two exponentials has gone.
        let slowest = service.min(f64::from(servers) * service - arrivals);
        let steps = 40_000;
        let step = 40.0 / slowest / f64::from(steps);
        let area: f64 = (0..=steps).map(|index| {
            let weight = if index == 0 || index == steps { 1.0 } else if index % 2 == 1 { 4.0 } else { 2.0 };
            weight * pool.sojourn_tail(Seconds(f64::from(index) * step)).0
        }).sum::<f64>() * step / 3.0;
        prop_assert!(near(mean, area, 1e-6), "{mean} {area}");
    }

    #[test]
    fn a_law_has_the_mean_of_its_tail(scv in 1.01..5.0, stages in 1_u32..40, shape in 0.3..4.0) {
        let one = Seconds(1.0);
        for law in [
            Law::hyperexponential(one, scv).unwrap(),
            Law::erlang(stages, one).unwrap(),
            Law::uniform(Seconds(0.5), Seconds(1.5)).unwrap(),
            Law::bounded_pareto(shape, one, Seconds(50.0)).unwrap(),
        ] {
            let steps = 20_000;
            let step = 150.0 / f64::from(steps);
            let area: f64 = (0..steps).map(|index| law.tail(Seconds((f64::from(index) + 0.5) * step)).0).sum::<f64>() * step;
            prop_assert!(near(law.moments().mean().0, area, 1e-4), "{law:?}: {area}");
        }
    }
}
