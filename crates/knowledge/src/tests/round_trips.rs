//! Round trips between regions: the model's measured table and the facts come from different networks and tell one story.

use super::knowledge;
use groundplan_model::round_trips::measured;

/// Facts of another operator's backbone or of another year, between the cities of the table's regions.
#[test]
fn facts_and_the_measured_table_agree() {
    for (fact, a, b) in [
        ("rtt-us-east-us-west", "us-east-1", "us-west-1"),
        ("rtt-us-east-uk", "us-east-1", "eu-west-2"),
        ("rtt-us-east-eu-frankfurt", "us-east-1", "eu-central-1"),
        ("rtt-uk-eu-frankfurt", "eu-west-2", "eu-central-1"),
        ("rtt-us-east-tokyo", "us-east-1", "ap-northeast-1"),
        ("rtt-eu-frankfurt-tokyo", "eu-central-1", "ap-northeast-1"),
        ("rtt-us-east-sydney", "us-east-1", "ap-southeast-2"),
        ("rtt-uk-sydney", "eu-west-2", "ap-southeast-2"),
        ("rtt-us-east-sao-paulo", "us-east-1", "sa-east-1"),
        ("rtt-eu-us-east", "eu-west-1", "us-east-1"),
        ("rtt-eu-us-west", "eu-west-1", "us-west-2"),
        ("rtt-eu-singapore", "eu-west-1", "ap-southeast-1"),
        ("rtt-us-west-singapore", "us-west-1", "ap-southeast-1"),
        ("rtt-tokyo-sydney", "ap-northeast-1", "ap-southeast-2"),
    ] {
        let said = knowledge().fact(fact);
        let table = measured(a, b).unwrap_or_else(|| panic!("{a} to {b}")).0;
        let ratio = table / said.value;
        assert!((0.8..1.25).contains(&ratio), "{fact} says {} s, the table {table} s", said.value);
    }
}
