//! The measures of the language: each declared once, with its units, its range, its words and what people write instead.

/// A unit: the text's number, shifted by powers of ten, times a whole factor.
#[derive(Debug)]
pub struct Unit {
    /// As written.
    pub name: &'static str,
    /// Powers of ten.
    pub shift: i32,
    /// Then times this.
    pub times: f64,
    /// Then divided by this.
    pub per: f64,
}

const fn unit(name: &'static str, shift: i32, times: f64, per: f64) -> Unit {
    Unit { name, shift, times, per }
}

/// A measure: what it is called, its units, its range with words, and what people write by mistake.
#[derive(Debug)]
pub struct Measure {
    /// `a duration`.
    pub what: &'static str,
    /// One of its texts.
    pub example: &'static str,
    /// Its units; none for plain numbers.
    pub units: &'static [Unit],
    /// The unit to guess where none stands.
    pub usual: &'static str,
    /// The smallest value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
    /// The range in words.
    pub range: &'static str,
    /// Wrong units and the right ones.
    pub slips: &'static [(&'static str, &'static str)],
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;
const THIRTY_DAYS: f64 = 30.0 * DAY;
const YEAR_DAYS: f64 = 365.0 * DAY;

/// Durations, in seconds.
pub static DURATION: Measure = Measure {
    what: "a duration",
    example: "150ms",
    units: &[
        unit("ns", -9, 1.0, 1.0),
        unit("us", -6, 1.0, 1.0),
        unit("µs", -6, 1.0, 1.0),
        unit("ms", -3, 1.0, 1.0),
        unit("s", 0, 1.0, 1.0),
        unit("min", 0, MINUTE, 1.0),
        unit("h", 0, HOUR, 1.0),
        unit("d", 0, DAY, 1.0),
        unit("day", 0, DAY, 1.0),
        unit("days", 0, DAY, 1.0),
        unit("week", 0, 7.0 * DAY, 1.0),
        unit("weeks", 0, 7.0 * DAY, 1.0),
        unit("month", 0, THIRTY_DAYS, 1.0),
        unit("months", 0, THIRTY_DAYS, 1.0),
        unit("year", 0, YEAR_DAYS, 1.0),
        unit("years", 0, YEAR_DAYS, 1.0),
    ],
    usual: "ms",
    low: 0.0,
    high: 1000.0 * YEAR_DAYS,
    range: "between 0s and 1000 years",
    slips: &[
        ("m", "min"),
        ("M", "months"),
        ("sec", "s"),
        ("secs", "s"),
        ("second", "s"),
        ("seconds", "s"),
        ("S", "s"),
        ("msec", "ms"),
        ("MS", "ms"),
        ("millis", "ms"),
        ("mins", "min"),
        ("minute", "min"),
        ("minutes", "min"),
        ("hr", "h"),
        ("hrs", "h"),
        ("hour", "h"),
        ("hours", "h"),
        ("H", "h"),
        ("D", "d"),
        ("w", "weeks"),
        ("y", "years"),
        ("yr", "years"),
    ],
};

/// Rates, per second.
pub static RATE: Measure = Measure {
    what: "a rate",
    example: "5k/s",
    units: &[
        unit("/s", 0, 1.0, 1.0),
        unit("/min", 0, 1.0, MINUTE),
        unit("/h", 0, 1.0, HOUR),
        unit("/d", 0, 1.0, DAY),
        unit("/day", 0, 1.0, DAY),
        unit("/week", 0, 1.0, 7.0 * DAY),
        unit("/month", 0, 1.0, THIRTY_DAYS),
        unit("/year", 0, 1.0, YEAR_DAYS),
    ],
    usual: "/s",
    low: 0.0,
    high: 1e9,
    range: "between 0/s and 1G/s",
    slips: &[
        ("rps", "/s"),
        ("qps", "/s"),
        ("tps", "/s"),
        ("req/s", "/s"),
        ("reqs/s", "/s"),
        ("requests/s", "/s"),
        ("per second", "/s"),
        ("/sec", "/s"),
        ("/second", "/s"),
        ("/m", "/min"),
        ("/minute", "/min"),
        ("/hour", "/h"),
        ("hz", "/s"),
        ("Hz", "/s"),
        ("/ms", "k/s"),
    ],
};

/// Amounts of data, in bytes.
pub static SIZE: Measure = Measure {
    what: "a size",
    example: "2 TB",
    units: &[
        unit("B", 0, 1.0, 1.0),
        unit("KB", 3, 1.0, 1.0),
        unit("MB", 6, 1.0, 1.0),
        unit("GB", 9, 1.0, 1.0),
        unit("TB", 12, 1.0, 1.0),
        unit("PB", 15, 1.0, 1.0),
        unit("KiB", 0, 1024.0, 1.0),
        unit("MiB", 0, 1_048_576.0, 1.0),
        unit("GiB", 0, 1_073_741_824.0, 1.0),
        unit("TiB", 0, 1_099_511_627_776.0, 1.0),
        unit("PiB", 0, 1_125_899_906_842_624.0, 1.0),
    ],
    usual: " GB",
    low: 0.0,
    high: 1e18,
    range: "between 0 B and 1000 PB",
    slips: &[
        ("kB", "KB"),
        ("kb", "KB"),
        ("Kb", "KB"),
        ("mb", "MB"),
        ("Mb", "MB"),
        ("gb", "GB"),
        ("Gb", "GB"),
        ("tb", "TB"),
        ("b", "B"),
        ("K", "KB"),
        ("M", "MB"),
        ("G", "GB"),
        ("T", "TB"),
        ("bytes", "B"),
        ("byte", "B"),
        ("Gi", "GiB"),
        ("Mi", "MiB"),
        ("Ki", "KiB"),
        ("Ti", "TiB"),
    ],
};

/// Data per second, in bytes.
pub static BANDWIDTH: Measure = Measure {
    what: "a bandwidth",
    example: "10 Gbit/s",
    units: &[
        unit("B/s", 0, 1.0, 1.0),
        unit("KB/s", 3, 1.0, 1.0),
        unit("MB/s", 6, 1.0, 1.0),
        unit("GB/s", 9, 1.0, 1.0),
        unit("TB/s", 12, 1.0, 1.0),
        unit("PB/s", 15, 1.0, 1.0),
        unit("bit/s", 0, 1.0, 8.0),
        unit("kbit/s", 3, 1.0, 8.0),
        unit("Mbit/s", 6, 1.0, 8.0),
        unit("Gbit/s", 9, 1.0, 8.0),
        unit("Tbit/s", 12, 1.0, 8.0),
    ],
    usual: " Gbit/s",
    low: 1.0,
    high: 1e15,
    range: "between 1 B/s and 1000 TB/s",
    slips: &[
        ("Gbps", "Gbit/s"),
        ("Mbps", "Mbit/s"),
        ("kbps", "kbit/s"),
        ("Gb/s", "Gbit/s"),
        ("Mb/s", "Mbit/s"),
        ("GBps", "GB/s"),
        ("MBps", "MB/s"),
        ("kB/s", "KB/s"),
        ("GB", "GB/s"),
        ("MB", "MB/s"),
    ],
};

/// Shares of a whole.
pub static SHARE: Measure = Measure {
    what: "a share",
    example: "99.95%",
    units: &[unit("%", -2, 1.0, 1.0)],
    usual: "%",
    low: 0.0,
    high: 1.0,
    range: "between 0% and 100%",
    slips: &[("percent", "%"), ("pct", "%")],
};

/// Growth of a rate per year, compound.
pub static GROWTH: Measure = Measure {
    what: "a growth",
    example: "60%/year",
    units: &[unit("%/year", -2, 1.0, 1.0)],
    usual: "%/year",
    low: 0.0,
    high: 1000.0,
    range: "between 0%/year and 100000%/year",
    slips: &[("%", "%/year"), ("x/year", "%/year"), ("%/y", "%/year"), ("%/month", "%/year"), ("% per year", "%/year")],
};

/// Growth of an amount of data per year, in bytes.
pub static GROWTH_AMOUNT: Measure = Measure {
    what: "a growth",
    example: "200 GB/year",
    units: &[
        unit("B/year", 0, 1.0, 1.0),
        unit("KB/year", 3, 1.0, 1.0),
        unit("MB/year", 6, 1.0, 1.0),
        unit("GB/year", 9, 1.0, 1.0),
        unit("TB/year", 12, 1.0, 1.0),
        unit("PB/year", 15, 1.0, 1.0),
        unit("MB/month", 6, 365.0, 30.0),
        unit("GB/month", 9, 365.0, 30.0),
        unit("TB/month", 12, 365.0, 30.0),
        unit("MB/day", 6, 365.0, 1.0),
        unit("GB/day", 9, 365.0, 1.0),
        unit("TB/day", 12, 365.0, 1.0),
    ],
    usual: " GB/year",
    low: 0.0,
    high: 1e18,
    range: "between 0 B/year and 1000 PB/year",
    slips: &[("GB", "GB/year"), ("TB", "TB/year"), ("MB", "MB/year")],
};

/// Factors.
pub static FACTOR: Measure = Measure {
    what: "a factor",
    example: "3x",
    units: &[unit("x", 0, 1.0, 1.0)],
    usual: "x",
    low: 0.0,
    high: 1e6,
    range: "between 0x and 1000000x",
    slips: &[("X", "x"), ("×", "x"), ("times", "x")],
};

/// Money per month, in US dollars.
pub static MONEY: Measure = Measure {
    what: "money per month",
    example: "15k USD/month",
    units: &[unit("USD/month", 0, 1.0, 1.0), unit("USD/year", 0, 30.0, 365.0)],
    usual: " USD/month",
    low: 0.0,
    high: 1e12,
    range: "between 0 and 1000G USD/month",
    slips: &[("$", "USD/month"), ("USD", "USD/month"), ("$/month", "USD/month"), ("usd/month", "USD/month")],
};

/// Plain numbers.
pub static NUMBER: Measure = Measure {
    what: "a number",
    example: "1.5",
    units: &[],
    usual: "",
    low: -1e15,
    high: 1e15,
    range: "between -1e15 and 1e15",
    slips: &[],
};

/// Plain numbers that are not negative, whole or not, such as tokens.
pub static PLAIN: Measure = Measure {
    what: "a number",
    example: "2k",
    units: &[],
    usual: "",
    low: 0.0,
    high: 1e12,
    range: "between 0 and 1000G",
    slips: &[],
};

/// Counts.
pub static COUNT: Measure = Measure {
    what: "a whole number",
    example: "200k",
    units: &[],
    usual: "",
    low: 0.0,
    high: 1e15,
    range: "between 0 and 1000000G",
    slips: &[],
};
