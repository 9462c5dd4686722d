//! Incidents: each example says what happened without its mitigation and what does not happen with it, over a box of
//! parameters; all of it must hold.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn every_incident_happens_without_its_mitigation_and_not_with_it() {
    let folder = root().join("examples/incidents");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for incident in ["i2-", "i3-", "i4-", "i6-", "i8-", "i9-"] {
        let found = files.iter().any(|file| file.file_name().unwrap().to_str().unwrap().starts_with(incident));
        assert!(found, "no example shows incident {incident}");
    }
    for file in files {
        let found = Command::new(env!("CARGO_BIN_EXE_groundplan"))
            .args(["simulate", "--no-sensitivity", "--format", "json"])
            .arg(&file)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&found.stdout);
        let verdict: serde_json::Value =
            serde_json::from_str(&told).unwrap_or_else(|_| panic!("{}: {}", file.display(), told));
        let experiments = verdict["experiments"].as_array().unwrap();
        let boxed = experiments.iter().filter(|experiment| experiment["corners"].is_array()).count();
        assert!(boxed >= 2, "{}: one box without the mitigation and one with it", file.display());
        for experiment in experiments {
            for expectation in experiment["expectations"].as_array().unwrap() {
                assert_eq!(
                    expectation["holds"],
                    "yes",
                    "{}: {}: {}",
                    file.display(),
                    experiment["name"],
                    expectation["text"]
                );
            }
        }
        assert_eq!(found.status.code(), Some(0), "{}", file.display());
    }
}
