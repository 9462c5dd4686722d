//! Round trips between regions as they were measured in public, by the names that clouds give regions.
//!
//! A dated table for designs that say `between-regions: public`. It is one operator's network, seen from virtual machines;
//! what moves by some per cent from year to year. No pair is guessed: one that nobody measured is not known here. The bound
//! that no measurement can beat is in `physics`; what other operators publish are facts of `knowledge`.

use crate::units::Seconds;

/// What the table rests on, for those who show it.
pub const SOURCE: &str = "from eu-west-1: medians between AWS regions, as shipped with a public mechanism estimator (validation O-61); \
                          the others: mean of pings between AWS regions, 2020-06-05 and 2021-02-13 (data of fantoch on GitHub, latency_aws)";

/// Two regions and the round trip between them, in either direction. Unit: ms.
pub const MEASURED: &[(&str, &str, f64)] = &[
    ("eu-west-1", "eu-central-1", 27.456),
    ("eu-west-1", "us-east-1", 69.736),
    ("eu-west-1", "us-west-2", 118.55),
    ("eu-west-1", "ap-south-1", 125.89),
    ("eu-west-1", "sa-east-1", 178.206),
    ("eu-west-1", "ap-southeast-1", 178.534),
    ("eu-west-1", "ap-northeast-1", 202.282),
    ("eu-west-1", "ap-southeast-2", 255.742),
    ("us-east-1", "us-east-2", 10.549),
    ("us-east-1", "ca-central-1", 15.118),
    ("us-east-1", "us-west-1", 59.911),
    ("us-east-1", "us-west-2", 72.501),
    ("us-east-1", "eu-west-2", 76.466),
    ("us-east-1", "eu-west-3", 78.177),
    ("us-east-1", "eu-central-1", 85.629),
    ("us-east-1", "eu-north-1", 105.048),
    ("us-east-1", "sa-east-1", 113.022),
    ("us-east-1", "ap-northeast-1", 152.425),
    ("us-east-1", "ap-south-1", 181.766),
    ("us-east-1", "ap-southeast-2", 198.034),
    ("us-east-1", "ap-southeast-1", 235.767),
    ("eu-central-1", "eu-west-3", 8.894),
    ("eu-central-1", "eu-west-2", 14.748),
    ("eu-central-1", "eu-north-1", 19.966),
    ("eu-central-1", "us-east-2", 96.068),
    ("eu-central-1", "ca-central-1", 99.503),
    ("eu-central-1", "ap-south-1", 111.508),
    ("eu-central-1", "us-west-1", 145.572),
    ("eu-central-1", "us-west-2", 157.562),
    ("eu-central-1", "ap-southeast-1", 177.981),
    ("eu-central-1", "sa-east-1", 203.112),
    ("eu-central-1", "ap-northeast-1", 243.943),
    ("eu-central-1", "ap-southeast-2", 281.921),
    ("ap-south-1", "ap-southeast-1", 63.097),
    ("ap-south-1", "eu-west-3", 106.825),
    ("ap-south-1", "eu-west-2", 113.386),
    ("ap-south-1", "eu-north-1", 131.122),
    ("ap-south-1", "ap-northeast-1", 136.717),
    ("ap-south-1", "ap-southeast-2", 143.297),
    ("ap-south-1", "us-east-2", 189.382),
    ("ap-south-1", "ca-central-1", 196.616),
    ("ap-south-1", "us-west-2", 223.248),
    ("ap-south-1", "us-west-1", 231.051),
    ("ap-south-1", "sa-east-1", 299.45),
    ("ap-southeast-2", "ap-southeast-1", 90.457),
    ("ap-southeast-2", "ap-northeast-1", 104.075),
    ("ap-southeast-2", "us-west-1", 137.104),
    ("ap-southeast-2", "us-west-2", 138.526),
    ("ap-southeast-2", "us-east-2", 187.857),
    ("ap-southeast-2", "ca-central-1", 195.688),
    ("ap-southeast-2", "eu-west-3", 272.578),
    ("ap-southeast-2", "eu-west-2", 273.771),
    ("ap-southeast-2", "eu-north-1", 294.779),
    ("ap-southeast-2", "sa-east-1", 308.82),
    ("us-west-1", "us-west-2", 21.129),
    ("us-west-1", "us-east-2", 50.641),
    ("us-west-1", "ca-central-1", 78.381),
    ("us-west-1", "ap-northeast-1", 111.696),
    ("us-west-1", "eu-west-2", 136.595),
    ("us-west-1", "eu-west-3", 137.721),
    ("us-west-1", "eu-north-1", 162.927),
    ("us-west-1", "ap-southeast-1", 181.314),
    ("us-west-1", "sa-east-1", 190.18),
    ("ap-northeast-1", "ap-southeast-1", 77.029),
    ("ap-northeast-1", "us-west-2", 100.869),
    ("ap-northeast-1", "ca-central-1", 154.75),
    ("ap-northeast-1", "us-east-2", 155.474),
    ("ap-northeast-1", "eu-west-2", 209.185),
    ("ap-northeast-1", "eu-west-3", 243.571),
    ("ap-northeast-1", "eu-north-1", 265.304),
    ("ap-northeast-1", "sa-east-1", 267.884),
    ("eu-west-2", "eu-west-3", 7.784),
    ("eu-west-2", "eu-north-1", 26.653),
    ("eu-west-2", "us-east-2", 85.814),
    ("eu-west-2", "ca-central-1", 88.873),
    ("eu-west-2", "us-west-2", 145.186),
    ("eu-west-2", "ap-southeast-1", 170.311),
    ("eu-west-2", "sa-east-1", 194.157),
    ("eu-west-2", "eu-west-1", 10.476),
    ("eu-west-1", "ca-central-1", 72.241),
    ("eu-west-1", "us-west-1", 135.9),
    ("sa-east-1", "ca-central-1", 124.296),
    ("ap-southeast-1", "ca-central-1", 205.97),
    ("sa-east-1", "ap-southeast-1", 321.086),
];

/// The name of a region as the table has it: `eu-west` is `eu-west-1`, `us-west` (Oregon) is `us-west-2`.
fn full(name: &str) -> String {
    match name {
        "us-west" => "us-west-2".to_string(),
        _ if name.ends_with(|last: char| last.is_ascii_digit()) => name.to_string(),
        _ => format!("{name}-1"),
    }
}

/// The measured round trip between two regions, if somebody measured it.
#[must_use]
pub fn measured(a: &str, b: &str) -> Option<Seconds> {
    let (a, b) = (full(a), full(b));
    let fits = |(from, to, _): &&(&str, &str, f64)| (*from == a && *to == b) || (*from == b && *to == a);
    MEASURED.iter().find(fits).map(|(_, _, ms)| Seconds(ms / 1e3))
}

/// The regions that the table knows, in the order of their names.
#[must_use]
pub fn regions() -> Vec<&'static str> {
    let mut names: Vec<&str> = MEASURED.iter().flat_map(|(from, to, _)| [*from, *to]).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The regions whose round trip to this one was measured, in the order of their names.
#[must_use]
pub fn measured_from(name: &str) -> Vec<&'static str> {
    regions().into_iter().filter(|other| measured(name, other).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics;

    #[test]
    fn every_pair_stands_once_and_is_slower_than_light_in_fibre() {
        for (nth, (a, b, ms)) in MEASURED.iter().enumerate() {
            let again = MEASURED[nth + 1..].iter().any(|(c, d, _)| (c, d) == (a, b) || (c, d) == (b, a));
            assert!(!again && a != b, "{a} and {b}");
            let bound = physics::fibre_round_trip(a, b).expect("the places of all of them are known").0 * 1e3;
            assert!((1.05..5.0).contains(&(ms / bound)), "{a} to {b}: {ms} ms, light takes {bound} ms");
        }
    }

    /// Published ratios to the bound from eu-west-1 are 1.30 to 2.58 (validation O-61).
    #[test]
    fn ratios_to_the_bound_are_those_published() {
        let from_ireland = MEASURED.iter().filter(|(a, ..)| *a == "eu-west-1").take(8);
        let ratio = |(a, b, ms): &(&str, &str, f64)| {
            ms / 1e3 / physics::fibre_round_trip(a, b).map_or(f64::NAN, |bound| bound.0)
        };
        let ratios: Vec<f64> = from_ireland.map(ratio).collect();
        let (low, high) =
            ratios.iter().fold((f64::MAX, 0.0f64), |(low, high), ratio| (low.min(*ratio), high.max(*ratio)));
        assert!((low - 1.30).abs() < 0.02 && (high - 2.58).abs() < 0.03, "{low}..{high}");
    }

    #[test]
    fn names_are_those_of_clouds_or_short() {
        assert_eq!(measured("eu-west", "us-east"), Some(Seconds(0.069_736)));
        assert_eq!(measured("us-west", "eu-west-1"), Some(Seconds(0.118_55)));
        assert_eq!(measured("eu-west", "the-moon"), None);
        assert!(measured_from("eu-west").contains(&"ap-southeast-2"));
    }
}
