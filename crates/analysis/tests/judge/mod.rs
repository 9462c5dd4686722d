//! The validation set as data: each figure's expected value, what the closed form says, and how close a run of
//! the same setup must come. The judges beside this folder print it as one table, each with its own columns.
//!
//! An item's letters follow the set: O-01 and so on. Expected values were computed or read independently of
//! this crate; each is kept as it is printed there, so that "exact" means to the last digit given.

mod items;

pub use items::rows;

/// One figure of one item.
pub struct Row {
    /// The item: `O-01`. A run's figure joins on `item` and `figure`.
    pub item: &'static str,
    /// What is figured, with its case.
    pub figure: &'static str,
    /// The expected value as the set prints it.
    pub expected: &'static str,
    /// What the closed form gives.
    pub closed: f64,
    /// Relative half-width that the 95% interval of a run may have; 0 where no run is asked for.
    pub tolerance: f64,
}

/// Figures whose last printed digit is off by one, and why: nothing else is let off.
pub const ROUNDED: [(&str, &str, &str); 3] = [
    ("O-21", "(b) loss", "0.2 x 1.2^10 / (1.2^11 - 1) is 0.19258650 to eight digits but 0.192586 to six"),
    ("O-61", "eu-central-1", "the set prints the distance to 0.1 km, which is 0.001 ms"),
    ("O-61", "ap-southeast-2", "the set prints the distance to 0.1 km, which is 0.001 ms"),
];

impl Row {
    /// The expected value, and half a unit of its last printed digit.
    pub fn expected(&self) -> (f64, f64) {
        let value: f64 = self.expected.parse().expect("the set prints numbers");
        let (digits, exponent) = self.expected.split_once('e').unwrap_or((self.expected, "0"));
        let decimals = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let exponent: f64 = exponent.parse().expect("an exponent is a number");
        let half_digit = 0.5 * libm::pow(10.0, exponent - decimals as f64);
        // A value printed without decimals is exact, as 4 is; rounding of the arithmetic is all that is left.
        let slack = if decimals == 0 { 1e-9 * value.abs() } else { half_digit + 1e-12 * value.abs() };
        (value, slack)
    }

    /// Whether the closed form agrees to the last printed digit, or to one unit of it where [`ROUNDED`] says
    /// why.
    pub fn agrees(&self) -> bool {
        let (value, slack) = self.expected();
        let units = if self.rounded() { 2.0 } else { 1.0 };
        (self.closed - value).abs() <= slack * units
    }

    fn rounded(&self) -> bool {
        ROUNDED.iter().any(|&(item, figure, _)| (item, figure) == (self.item, self.figure))
    }
}
