//! The reference distributions that intervals are read from: normal, Student t, gamma and Poisson.
//!
//! Own implementations over a pure-Rust libm, so that every machine prints the same last digit. Nothing here knows about
//! replications. Quantiles are found by bisection of the distribution function to full precision: they are read a few
//! hundred times per verdict, so a thousand steps each cost nothing that shows.

/// Standard normal distribution function.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// Standard normal quantile. Range of `p`: 0 < p < 1.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a quantile is asked for strictly between 0 and 1, not at {p}");
    bisect(-40.0, 40.0, |x| normal_cdf(x) < p)
}

/// Student t distribution function with `freedom` degrees of freedom (at least 1).
#[must_use]
pub fn student_cdf(x: f64, freedom: f64) -> f64 {
    let tail = 0.5 * incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + x * x));
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Student t quantile: `student_quantile(0.975, 31.0)` is the factor of a 95% interval over 32 replications.
#[must_use]
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a quantile is asked for strictly between 0 and 1, not at {p}");
    assert!(freedom >= 1.0, "Student's t needs a degree of freedom");
    if p < 0.5 {
        return -student_quantile(1.0 - p, freedom);
    }
    // In the upper half the tail is what carries the digits.
    let tail = 1.0 - p;
    bisect(0.0, 1e9, |x| 0.5 * incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + x * x)) > tail)
}

/// Regularised lower incomplete gamma function P(shape, x): the distribution function of a gamma variable of scale 1.
#[must_use]
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = libm::exp(shape * libm::log(x) - x - libm::lgamma(shape));
    if x < shape + 1.0 {
        let (mut term, mut sum, mut step) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-17 {
            step += 1.0;
            term *= x / step;
            sum += term;
        }
        (sum * front).min(1.0)
    } else {
        // Continued fraction for the upper part, by Lentz's method.
        let mut b = x + 1.0 - shape;
        let mut c = 1e300;
        let mut d = 1.0 / b;
        let mut fraction = d;
        for i in 1..10_000 {
            let a = -f64::from(i) * (f64::from(i) - shape);
            b += 2.0;
            d = 1.0 / floor_tiny(a * d + b);
            c = floor_tiny(b + a / c);
            let factor = d * c;
            fraction *= factor;
            if (factor - 1.0).abs() < 1e-16 {
                break;
            }
        }
        (1.0 - front * fraction).max(0.0)
    }
}

/// Chi-square quantile with `freedom` degrees of freedom.
#[must_use]
pub fn chi_square_quantile(p: f64, freedom: f64) -> f64 {
    assert!(p > 0.0 && p < 1.0, "a quantile is asked for strictly between 0 and 1, not at {p}");
    let high = freedom + 40.0 * (2.0 * freedom).sqrt() + 200.0;
    bisect(0.0, high, |x| gamma_cdf(freedom / 2.0, x / 2.0) < p)
}

/// Exact (Garwood) bounds on the mean of a Poisson count after `count` was seen.
/// Source: Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936).
#[must_use]
pub fn poisson_bounds(count: u64, confidence: f64) -> (f64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    let count = count as f64;
    let low = if count == 0.0 { 0.0 } else { chi_square_quantile(tail, 2.0 * count) / 2.0 };
    (low, chi_square_quantile(1.0 - tail, 2.0 * count + 2.0) / 2.0)
}

/// Wilson's interval for a share: `hits` of `trials` independent trials.
/// Source: Wilson, Probable inference, JASA 22 (1927).
#[must_use]
pub fn wilson(hits: u64, trials: u64, confidence: f64) -> (f64, f64) {
    if trials == 0 {
        return (0.0, 1.0);
    }
    let z = normal_quantile(0.5 + confidence / 2.0);
    let n = trials as f64;
    let p = hits as f64 / n;
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the formula is exactly 0 or 1; rounding must not move it.
    let low = if hits == 0 { 0.0 } else { (centre - half).max(0.0) };
    let high = if hits == trials { 1.0 } else { (centre + half).min(1.0) };
    (low, high)
}

/// Regularised incomplete beta function. Source: the continued fraction of Abramowitz and Stegun 26.5.8, by Lentz's method.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front =
        libm::exp(libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x));
    let mut c = 1.0;
    let mut d = 1.0 / floor_tiny(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / floor_tiny(1.0 + even * d);
        c = floor_tiny(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / floor_tiny(1.0 + odd * d);
        c = floor_tiny(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * fraction / a
}

fn floor_tiny(value: f64) -> f64 {
    if value.abs() < 1e-300 { 1e-300 } else { value }
}

/// The point where `below` turns from true to false.
fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
        // Twelve digits are more than any interval shows.
        if (high - low) <= 1e-13 * high.abs().max(low.abs()).max(1e-3) {
            return low + (high - low) / 2.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, digits: f64) {
        assert!((found - expected).abs() <= digits, "found {found}, table says {expected}");
    }

    #[test]
    fn normal_quantiles_agree_with_the_tables() {
        close(normal_quantile(0.975), 1.959_963_985, 1e-9);
        close(normal_quantile(0.995), 2.575_829_304, 1e-9);
        close(normal_quantile(0.5), 0.0, 1e-12);
        close(normal_quantile(0.001), -3.090_232_306, 1e-9);
    }

    #[test]
    fn student_quantiles_agree_with_the_tables() {
        close(student_quantile(0.975, 1.0), 12.706_205, 1e-6);
        close(student_quantile(0.975, 4.0), 2.776_445, 1e-6);
        close(student_quantile(0.975, 9.0), 2.262_157, 1e-6);
        close(student_quantile(0.975, 31.0), 2.039_513, 1e-6);
        close(student_quantile(0.9995, 31.0), 3.633_456, 1e-5);
        close(student_quantile(0.95, 10.0), 1.812_461, 1e-6);
        close(student_quantile(0.025, 4.0), -2.776_445, 1e-6);
        close(student_quantile(0.975, 1e6), 1.959_966, 1e-5);
        close(student_cdf(2.262_157, 9.0), 0.975, 1e-7);
    }

    #[test]
    fn chi_square_quantiles_agree_with_the_tables() {
        close(chi_square_quantile(0.95, 1.0), 3.841_459, 1e-6);
        close(chi_square_quantile(0.975, 10.0), 20.483_177, 1e-6);
        close(chi_square_quantile(0.025, 10.0), 3.246_973, 1e-6);
        close(chi_square_quantile(0.95, 100.0), 124.342_113, 1e-5);
    }

    #[test]
    fn poisson_bounds_agree_with_garwoods_table() {
        let check = |count, low: f64, high: f64| {
            let bounds = poisson_bounds(count, 0.95);
            close(bounds.0, low, 1e-3);
            close(bounds.1, high, 1e-3);
        };
        check(0, 0.0, 3.689);
        check(1, 0.025_3, 5.572);
        check(5, 1.623, 11.668);
        check(9, 4.115, 17.085);
    }

    #[test]
    fn wilson_agrees_with_the_worked_example() {
        let (low, high) = wilson(81, 263, 0.95);
        close(low, 0.255_3, 1e-4);
        close(high, 0.366_2, 1e-4);
        assert_eq!(wilson(0, 100, 0.95).0, 0.0);
        assert_eq!(wilson(100, 100, 0.95).1, 1.0);
    }
}
