//! Chance: keyed draws, sequential streams and the laws that durations, sizes and choices follow.
//!
//! A keyed draw is a pure function of a frame's key and of a site (the hash of a stable name): nothing that happens
//! elsewhere can move it. Streams are for what has no request to belong to: arrivals and failures. All transcendental
//! functions come from `libm`, so that every machine draws the same.

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Odd multiplier that spreads sites over the keys.
const SITE: u64 = 0xD134_2543_DE82_EF95;
/// Weyl increment between the words of one draw.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64: every bit of the result depends on every bit of `word`.
#[inline(always)]
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// The key of what follows from a key at a site: the key of a callee's frame, of one turn of a loop, of one record.
#[inline(always)]
#[must_use]
pub fn derive(key: u64, site: u32, turn: u32) -> u64 {
    mix(key.wrapping_add((u64::from(site) << 32 | u64::from(turn)).wrapping_mul(SITE)))
}

/// The site of a stable name (FNV-1a, folded to 32 bits; never zero, which means "no site").
#[must_use]
pub const fn site(name: &str) -> u32 {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    let mut rest = name.as_bytes();
    while let [byte, after @ ..] = rest {
        hash = (hash ^ *byte as u64).wrapping_mul(0x0000_0100_0000_01B3);
        rest = after;
    }
    let folded = mix(hash) as u32;
    if folded == 0 { 1 } else { folded }
}

/// A source of words: keyed or sequential.
pub trait Words {
    /// The next 64 random bits.
    fn word(&mut self) -> u64;
    /// Uniform on the open interval from 0 to 1.
    #[inline(always)]
    fn unit(&mut self) -> f64 {
        ((self.word() >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0)
    }
}

/// The words of one keyed draw.
#[derive(Debug, Clone, Copy)]
pub struct Keyed(u64);

impl Keyed {
    /// The draw of a key at a site.
    #[inline(always)]
    #[must_use]
    pub fn new(key: u64, site: u32) -> Keyed {
        Keyed(key.wrapping_add(u64::from(site).wrapping_mul(SITE)))
    }
}

impl Words for Keyed {
    #[inline(always)]
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }
}

/// A sequential stream of its own for a load source or a failure process.
#[derive(Debug, Clone)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream of a source in a replication of a seed.
    #[must_use]
    pub fn new(seed: u64, replication: u64, source: u32) -> Stream {
        let key = mix(mix(seed).wrapping_add(replication.wrapping_mul(GOLDEN))) ^ u64::from(source).wrapping_mul(SITE);
        Stream(Xoshiro256PlusPlus::seed_from_u64(mix(key)))
    }
}

impl Words for Stream {
    #[inline(always)]
    fn word(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// The ziggurat for the exponential law (Marsaglia and Tsang, 2000), 256 layers.
#[derive(Debug, Clone)]
pub struct Ziggurat {
    /// Of each layer its width, in units of 2^-53, and the width of the layer above, below which a point is inside.
    layers: [(f64, f64); 256],
    f: [f64; 257],
}

/// 2^-53.
const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;

/// Where the tail begins, and the area of one layer.
const TAIL: f64 = 7.697_117_470_131_05;
const AREA: f64 = 0.003_949_659_822_581_572;

impl Ziggurat {
    /// Computes the layers.
    #[must_use]
    pub fn new() -> Box<Ziggurat> {
        let mut x = [0.0; 257];
        x[0] = AREA / libm::exp(-TAIL);
        x[1] = TAIL;
        for layer in 2..256 {
            x[layer] = -libm::log(AREA / x[layer - 1] + libm::exp(-x[layer - 1]));
        }
        let mut f = [0.0; 257];
        for layer in 0..257 {
            f[layer] = libm::exp(-x[layer]);
        }
        let mut layers = [(0.0, 0.0); 256];
        for (layer, place) in layers.iter_mut().enumerate() {
            *place = (x[layer] * STEP, x[layer + 1]);
        }
        Box::new(Ziggurat { layers, f })
    }

    /// An exponential draw of mean 1. Cost: 3 ns, one word in 99 of 100 draws.
    #[inline(always)]
    pub fn exponential(&self, words: &mut impl Words) -> f64 {
        loop {
            let word = words.word();
            let layer = (word & 255) as usize;
            let (width, inside) = self.layers[layer];
            let x = (word >> 11) as f64 * width;
            if x < inside {
                return x;
            }
            if let Some(x) = self.edge(layer, x, words.unit()) {
                return x;
            }
        }
    }

    #[cold]
    fn edge(&self, layer: usize, x: f64, unit: f64) -> Option<f64> {
        if layer == 0 {
            return Some(TAIL - libm::log(unit));
        }
        let y = self.f[layer] + unit * (self.f[layer + 1] - self.f[layer]);
        (y < libm::exp(-x)).then_some(x)
    }
}

/// A law of durations (ns), sizes or counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Law {
    /// Always the same.
    Const(u64),
    /// Exponential with this mean.
    Exp(f64),
    /// Uniform from `low`, this wide.
    Uniform {
        /// Lower end.
        low: f64,
        /// Upper end minus lower end.
        width: f64,
    },
    /// Sum of exponential phases, of this mean together.
    Erlang {
        /// Number of phases.
        phases: u32,
        /// Mean of the sum.
        mean: f64,
    },
    /// Exponential of one mean with probability `share`, else of another.
    HyperExp {
        /// Probability of the first mean.
        share: f64,
        /// First mean.
        one: f64,
        /// Second mean.
        two: f64,
    },
    /// Exponential of a normal.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// Pareto with this exponent, cut at both ends.
    Pareto {
        /// Exponent.
        a: f64,
        /// Smallest value.
        min: f64,
        /// 1 - (min / max)^a.
        norm: f64,
    },
    /// Geometric on 1, 2, ...
    Geometric {
        /// ln(1 - 1 / mean); zero for a mean of one.
        ln_q: f64,
        /// What one counts for.
        unit: f64,
    },
    /// Absolute value of a normal of mean zero.
    HalfNormal(f64),
    /// Absolute value of a normal with this mean and standard deviation.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// One of several laws: a range of `Laws::parts`.
    Mixture {
        /// First part.
        first: u32,
        /// Number of parts.
        count: u32,
    },
    /// One of several values, each as likely: a range of `Laws::points`.
    Empirical {
        /// First point.
        first: u32,
        /// Number of points, at least one.
        count: u32,
    },
}

/// The nearest whole number of a duration that is not negative, up to 292 years. (To `i64` first: that is one instruction.)
#[inline(always)]
#[must_use]
pub fn whole(duration: f64) -> u64 {
    (duration + 0.5) as i64 as u64
}

/// All laws of a design with what the composed ones refer to.
#[derive(Debug, Clone, Default)]
pub struct Laws {
    /// The laws, by number.
    pub laws: Vec<Law>,
    /// Parts of mixtures: share added up from the first part on, and the law.
    pub parts: Vec<(f64, u16)>,
    /// Points of empirical laws.
    pub points: Vec<f64>,
}

impl Laws {
    /// A draw of a law. Unit: that of the law; rounded to a whole number.
    #[inline(always)]
    pub fn draw(&self, ziggurat: &Ziggurat, law: u16, words: &mut impl Words) -> u64 {
        match self.laws[law as usize] {
            Law::Exp(mean) => whole(ziggurat.exponential(words) * mean),
            Law::Const(value) => value,
            other => whole(self.composed(ziggurat, other, words)),
        }
    }

    #[inline(never)]
    fn composed(&self, ziggurat: &Ziggurat, law: Law, words: &mut impl Words) -> f64 {
        match law {
            Law::Const(value) => value as f64,
            Law::Exp(mean) => ziggurat.exponential(words) * mean,
            Law::Uniform { low, width } => low + width * words.unit(),
            Law::Erlang { phases, mean } => {
                let sum: f64 = (0..phases).map(|_| ziggurat.exponential(words)).sum();
                sum * mean / f64::from(phases)
            }
            Law::HyperExp { share, one, two } => {
                let mean = if words.unit() < share { one } else { two };
                ziggurat.exponential(words) * mean
            }
            Law::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal(words)),
            Law::Pareto { a, min, norm } => min * libm::pow(1.0 - words.unit() * norm, -1.0 / a),
            Law::Geometric { ln_q: 0.0, unit } => unit,
            Law::Geometric { ln_q, unit } => libm::ceil(libm::log(words.unit()) / ln_q).max(1.0) * unit,
            Law::HalfNormal(sd) => sd * libm::fabs(normal(words)),
            Law::Normal { mean, sd } => libm::fabs(mean + sd * normal(words)),
            Law::Mixture { first, count } => {
                let parts = &self.parts[first as usize..(first + count) as usize];
                let unit = words.unit();
                let law = parts.iter().find(|part| unit < part.0).or(parts.last());
                law.map_or(0.0, |part| self.composed(ziggurat, self.laws[part.1 as usize], words))
            }
            Law::Empirical { first, count } => {
                let points = &self.points[first as usize..(first + count) as usize];
                points[(words.unit() * points.len() as f64) as usize]
            }
        }
    }
}

/// A standard normal draw (Box and Muller, 1958).
fn normal(words: &mut impl Words) -> f64 {
    let radius = (-2.0 * libm::log(words.unit())).sqrt();
    radius * libm::cos(std::f64::consts::TAU * words.unit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_scv(law: Law, laws: Laws) -> (f64, f64) {
        let ziggurat = Ziggurat::new();
        let laws = Laws { laws: [&laws.laws[..], &[law]].concat(), ..laws };
        let last = (laws.laws.len() - 1) as u16;
        let n = 400_000u64;
        let (mut sum, mut squares) = (0.0, 0.0);
        for key in 0..n {
            let x = laws.draw(&ziggurat, last, &mut Keyed::new(mix(key), site("test"))) as f64;
            sum += x;
            squares += x * x;
        }
        let mean = sum / n as f64;
        (mean, squares / n as f64 / (mean * mean) - 1.0)
    }

    /// Five standard errors of the mean, and 5% of a moderate scv, must cover the exact values.
    fn check(law: Law, mean: f64, scv: f64) {
        let laws = Laws {
            laws: vec![Law::Exp(1e6), Law::Exp(9e6)],
            parts: vec![(0.9, 0), (1.0, 1)],
            points: vec![0.0, 1e6, 4e6],
        };
        let (found_mean, found_scv) = mean_and_scv(law, laws);
        let error = 5.0 * mean * (scv / 400_000.0).sqrt() + 0.5;
        assert!((found_mean - mean).abs() <= error, "{law:?}: mean {found_mean} against {mean} +- {error}");
        assert!((found_scv - scv).abs() <= 0.05 * scv.max(0.02), "{law:?}: scv {found_scv} against {scv}");
    }

    #[test]
    fn laws_have_their_mean_and_variation() {
        check(Law::Const(10), 10.0, 0.0);
        check(Law::Exp(1e7), 1e7, 1.0);
        check(Law::Uniform { low: 1e6, width: 2e6 }, 2e6, 1.0 / 12.0);
        check(Law::Erlang { phases: 4, mean: 1e7 }, 1e7, 0.25);
        check(Law::HyperExp { share: 0.5, one: 1e6, two: 3e6 }, 2e6, 1.5);
        let sigma = 0.8f64;
        check(Law::LogNormal { mu: 14.0, sigma }, libm::exp(14.0 + 0.32), libm::exp(sigma * sigma) - 1.0);
        check(Law::HalfNormal(1e6), 1e6 * (2.0 / std::f64::consts::PI).sqrt(), std::f64::consts::PI / 2.0 - 1.0);
        check(Law::Normal { mean: 1e7, sd: 2e6 }, 1e7, 0.04);
        check(
            Law::Normal { mean: 0.0, sd: 1e6 },
            1e6 * (2.0 / std::f64::consts::PI).sqrt(),
            std::f64::consts::PI / 2.0 - 1.0,
        );
        check(Law::Geometric { ln_q: libm::log(0.99), unit: 1.0 }, 100.0, 0.99);
        check(Law::Geometric { ln_q: libm::log(0.5), unit: 1e9 }, 2e9, 0.5);
        check(Law::Geometric { ln_q: 0.0, unit: 1e9 }, 1e9, 0.0);
        check(Law::Mixture { first: 0, count: 2 }, 1.8e6, (0.9 * 2e12 + 0.1 * 162e12) / 3.24e12 - 1.0);
        // 0, 1 and 4: mean 5/3, second moment 17/3.
        check(Law::Empirical { first: 0, count: 3 }, 5e6 / 3.0, 17.0 * 3.0 / 25.0 - 1.0);
        // Exponent 3 between 1 and 10: moments a / (a - n) * (1 - 10^(n - a)) / (1 - 10^-a).
        let norm = 1.0 - 1e-3;
        let mean = 1.5 * (1.0 - 1e-2) / norm;
        let second = 3.0 * (1.0 - 1e-1) / norm;
        check(Law::Pareto { a: 3.0, min: 1e6, norm }, 1e6 * mean, second / (mean * mean) - 1.0);
    }

    #[test]
    fn a_draw_depends_on_key_and_site_alone() {
        let draw = |key, name: &str| Keyed::new(key, site(name)).word();
        assert_eq!(draw(7, "shop.browse"), draw(7, "shop.browse"));
        assert_ne!(draw(7, "shop.browse"), draw(8, "shop.browse"));
        assert_ne!(draw(7, "shop.browse"), draw(7, "shop.brows"));
    }

    #[test]
    fn exponential_tails_are_right() {
        let ziggurat = Ziggurat::new();
        let mut stream = Stream::new(1, 0, 0);
        let n = 2_000_000;
        let beyond = (0..n).filter(|_| ziggurat.exponential(&mut stream) > 8.0).count() as f64;
        let expected = libm::exp(-8.0) * f64::from(n);
        assert!((beyond - expected).abs() < 5.0 * expected.sqrt(), "{beyond} against {expected}");
    }
}
