//! What no design can beat: light in fibre between the regions of the world.
//!
//! The bound is the great circle there and back at the speed of light over the refractive index of fibre, 1.468. Real
//! round trips are 1.3 to 2.6 times as long; measured ones are facts of `knowledge`, not of this table.

use crate::units::Seconds;

/// Speed of light in fibre: 299 792.458 km/s over 1.468. Unit: km/s.
pub const FIBRE_KM_PER_SECOND: f64 = 299_792.458 / 1.468;

/// Radius of the earth (mean). Unit: km.
const EARTH_KM: f64 = 6_371.0;

/// Regions with latitude and longitude of their city. Unit: degrees.
pub const REGIONS: &[(&str, f64, f64)] = &[
    ("eu-west", 53.349_8, -6.260_3),
    ("eu-west-2", 51.507_4, -0.127_8),
    ("eu-west-3", 48.856_6, 2.352_2),
    ("eu-central", 50.110_9, 8.682_1),
    ("eu-north", 59.329_3, 18.068_6),
    ("eu-south", 45.464_2, 9.190_0),
    ("us-east", 39.043_8, -77.487_4),
    ("us-east-2", 39.961_2, -82.998_8),
    ("us-central", 41.261_9, -95.860_8),
    ("us-west", 45.839_9, -119.700_6),
    ("us-west-1", 37.354_1, -121.955_2),
    ("ca-central", 45.501_7, -73.567_3),
    ("sa-east", -23.550_5, -46.633_3),
    ("ap-south", 19.076_0, 72.877_7),
    ("ap-southeast", 1.352_1, 103.819_8),
    ("ap-southeast-2", -33.868_8, 151.209_3),
    ("ap-northeast", 35.676_2, 139.650_3),
    ("ap-northeast-2", 37.566_5, 126.978_0),
    ("ap-east", 22.319_3, 114.169_4),
    ("me-south", 26.066_7, 50.557_7),
    ("af-south", -33.924_9, 18.424_1),
];

fn region(name: &str) -> Option<(f64, f64)> {
    let find = |name: &str| REGIONS.iter().find(|(known, ..)| *known == name).map(|(_, lat, lon)| (*lat, *lon));
    // `eu-west-1` is the first of `eu-west`.
    find(name)
        .or_else(|| find(name.strip_suffix("-1")?))
        .or_else(|| if name == "us-west-2" { find("us-west") } else { None })
}

/// The great circle between two regions, if both are known. Unit: km.
#[must_use]
pub fn distance_km(a: &str, b: &str) -> Option<f64> {
    let (a, b) = (region(a)?, region(b)?);
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let (dlat, dlon) = (lat_b - lat_a, (b.1 - a.1).to_radians());
    let (sin_lat, sin_lon) = (libm::sin(dlat / 2.0), libm::sin(dlon / 2.0));
    let h = sin_lat * sin_lat + libm::cos(lat_a) * libm::cos(lat_b) * sin_lon * sin_lon;
    Some(2.0 * EARTH_KM * libm::asin(h.min(1.0).sqrt()))
}

/// The least time a message takes from one region to the other and back, if both are known.
#[must_use]
pub fn fibre_round_trip(a: &str, b: &str) -> Option<Seconds> {
    distance_km(a, b).map(|km| Seconds(2.0 * km / FIBRE_KM_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bounds published for these pairs, from eu-west. Unit: ms.
    #[test]
    fn bounds_are_those_published() {
        let check = |to: &str, expected: f64| {
            let bound = fibre_round_trip("eu-west-1", to).expect("both are known").0 * 1e3;
            assert!((bound / expected - 1.0).abs() < 0.01, "{to}: {bound} against {expected}");
        };
        check("eu-central-1", 10.654);
        check("us-east-1", 53.483);
        check("us-west-2", 71.640);
        check("ap-south-1", 74.460);
        check("sa-east-1", 91.989);
        check("ap-southeast-1", 109.679);
        check("ap-northeast-1", 93.867);
        check("ap-southeast-2", 168.589);
        assert_eq!(fibre_round_trip("eu-west", "the-moon"), None);
    }
}
