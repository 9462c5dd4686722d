//! Recordings beside a design: found relative to its file from wherever the binary runs, and refused with their lines.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn groundplan(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_groundplan")).args(arguments).current_dir(folder).output().unwrap()
}

const DESIGN: &str = "kind: design\nversion: 1\nname: replayed\ncomponents:\n  s: { kind: service, operations: { serve: [ { wait: empirical(data/times.csv) } ], look: [ { wait: 1ms } ] } }\nload: [ { name: day, arrivals: replay(data/trace.csv) } ]\n";

#[test]
fn a_design_is_simulated_with_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(folder.path().join("designs").join(name), text).unwrap();
    fs::create_dir_all(folder.path().join("designs/data")).unwrap();
    write("replayed.yaml", DESIGN.as_bytes());
    let trace: String =
        (0..600).map(|nth| format!("{},s.{}\n", f64::from(nth) / 10.0, ["serve", "look"][nth as usize % 2])).collect();
    write("data/trace.csv", trace.as_bytes());
    write("data/times.csv", b"20ms\n20ms\n40ms\n40ms\n");
    let simulate =
        ["simulate", "designs/replayed.yaml", "--duration", "60s", "--replications", "32", "--format", "json"];
    let output = groundplan(folder.path(), &simulate);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stderr));
    let verdict: serde_json::Value = serde_json::from_str(&told).unwrap();
    let figure = |name: &str, figure: &str| verdict["operations"][name][figure]["value"].as_f64();
    assert!((figure("day/s.serve", "throughput").unwrap() - 5.0).abs() < 0.01, "{told}");
    let mean = verdict["operations"]["day/s.serve"]["latency"]["mean"]["value"].as_f64().unwrap();
    assert!((mean - 0.03).abs() < 0.001, "{mean}");

    let refused = |headline: &str| {
        for command in ["check", "simulate"] {
            let output = groundplan(folder.path(), &[command, "designs/replayed.yaml"]);
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{command}: {told}");
            assert!(told.contains(headline), "{command}: {told}");
        }
    };
    write("data/trace.csv", b"0,s.serve\n5,s.serve\n4,s.serve\n");
    refused("line 3 of `data/trace.csv` goes back in time: 4 after 5");
    write("data/trace.csv", b"\xff\xfe");
    refused("`data/trace.csv` can't be read: it is no text in UTF-8");
    fs::remove_file(folder.path().join("designs/data/trace.csv")).unwrap();
    refused("`data/trace.csv` can't be read: there is no such file");
    fs::create_dir(folder.path().join("designs/data/trace.csv")).unwrap();
    refused("`data/trace.csv` can't be read: it is a folder");
}
