//! Root finding shared by the closed forms; not part of the crate's face.
//!
//! Every function inverted here is monotone, so bisection is enough and never fails.

/// The smallest `t >= 0` at which a tail that falls from `tail(0)` towards 0 is at most `beyond`.
///
/// `step` is a first guess of the scale of `t` and must be positive. Cost: about 120 calls of `tail`.
/// Precision: the last bit or two of `t`.
pub(crate) fn fall_below(tail: impl Fn(f64) -> f64, beyond: f64, step: f64) -> f64 {
    debug_assert!(step > 0.0 && beyond > 0.0);
    if tail(0.0) <= beyond {
        return 0.0;
    }
    let mut low = 0.0;
    let mut high = step;
    while tail(high) > beyond {
        low = high;
        high *= 2.0;
        if !high.is_finite() {
            return f64::INFINITY;
        }
    }
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return high;
        }
        if tail(middle) > beyond {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// `(1 - e^(-x)) / x` without loss near zero, where it is 1.
pub(crate) fn mean_decay(x: f64) -> f64 {
    if x.abs() < 1e-12 { 1.0 } else { -libm::expm1(-x) / x }
}

/// Whether a value can be a rate, a time or another positive amount.
pub(crate) fn positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

/// Whether a value is a share of a whole, both ends included.
pub(crate) fn share(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

/// What a quantile of this share leaves beyond it: a share strictly inside 0 and 1, else nothing.
pub(crate) fn beyond(quantile: f64) -> Option<f64> {
    (quantile > 0.0 && quantile < 1.0).then_some(1.0 - quantile)
}
