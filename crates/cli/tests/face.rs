//! The face from outside: exit statuses, bad input, the folder, pipes and interruption, on the real binary.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const MM1: &str = "kind: design\nversion: 1\nname: M/M/1\ncomponents:\n  server: { kind: service, replicas: 1, workers: 1, \
                   operations: { serve: [ { compute: exp(10ms) } ] } }\nload: [ { operation: server.serve, arrivals: poisson(80/s) } ]\n";

fn groundplan(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_groundplan")).args(arguments).current_dir(folder).output().unwrap()
}

fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    path.canonicalize().unwrap().to_string_lossy().into_owned()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Everything in a folder, hidden names too.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// A folder with the M/M/1 design in it.
fn workshop() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let design = folder.path().join("mm1.yaml");
    fs::write(&design, MM1).unwrap();
    (folder, design)
}

#[test]
fn bad_input_is_refused_with_status_two_and_no_panic() {
    let (folder, _) = workshop();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("empty.yaml", b"");
    write("binary.yaml", &[0, 159, 146, 150, 0, 1, 2]);
    write("deep.yaml", "[".repeat(100_000).as_bytes());
    write("self.yaml", b"kind: brief\nversion: 1\na: &a [ *a, *a ]\n");
    write("unknown.yaml", MM1.replace("workers", "wrokers").as_bytes());
    write("unit.yaml", MM1.replace("10ms", "10").as_bytes());
    write("negative.yaml", MM1.replace("80/s", "-80/s").as_bytes());
    write(
        "evil.yaml",
        "kind: design\nversion: 1\nname: \"\u{1b}[31m<b>\"\ncomponents: { \"\\e]0;x\\a'<\\\"\": { kind: nothing } }\n"
            .as_bytes(),
    );
    for name in ["empty", "binary", "deep", "self", "unknown", "unit", "negative", "evil", "missing"] {
        let file = format!("{name}.yaml");
        for command in ["design", "simulate", "check"] {
            let output = groundplan(folder.path(), &[command, &file]);
            let complaint = text(&output.stderr);
            assert_eq!(status(&output), 2, "{command} {file}: {complaint}");
            assert!(complaint.contains("error"), "{command} {file}: {complaint}");
            assert!(!complaint.contains("panicked") && !complaint.contains('\u{1b}'), "{command} {file}: {complaint}");
        }
    }
    assert!(
        names(folder.path()).iter().all(|name| name.ends_with(".yaml")),
        "nothing was written: {:?}",
        names(folder.path())
    );
}

#[test]
fn what_can_not_be_run_says_so_before_it_runs() {
    let (folder, _) = workshop();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("alone.yaml", &MM1.replace("load:", "  alone: { kind: database }\nload:"));
    write(
        "fault.yaml",
        &format!("{MM1}experiments: [ {{ name: e, duration: 60s, faults: [ {{ at: 61s, crash: server }} ] }} ]\n"),
    );
    let hour = MM1.replace("80/s", "50M/s").replace("workers: 1", "workers: 1, queue: 10");
    write("hour.yaml", &hour);
    for (name, code, place) in [
        ("alone.yaml", "unused-component", "alone.yaml:6:3"),
        ("fault.yaml", "fault-at-nothing", "fault.yaml:7:63"),
        ("hour.yaml", "too-much-to-simulate", "hour.yaml:6:46"),
    ] {
        for command in ["check", "simulate"] {
            let output = groundplan(folder.path(), &[command, name]);
            let complaint = text(&output.stderr);
            assert_eq!(status(&output), 2, "{command} {name}: {complaint}");
            assert!(complaint.contains(code) && complaint.contains(place), "{command} {name}: {complaint}");
        }
    }
    // Shorter, it can be run; more than can be served is a result.
    let output = groundplan(folder.path(), &["simulate", "hour.yaml", "--duration", "10ms", "--replications", "4"]);
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
}

#[test]
fn a_hundred_megabytes_are_refused_unread() {
    let (folder, _) = workshop();
    let file = fs::File::create(folder.path().join("big.yaml")).unwrap();
    file.set_len(100_000_000).unwrap();
    let output = groundplan(folder.path(), &["check", "big.yaml"]);
    assert_eq!(status(&output), 2);
    assert!(text(&output.stderr).contains("100000000 bytes"), "{}", text(&output.stderr));
}

#[test]
fn wrong_arguments_get_status_two_and_help_gets_zero() {
    let (folder, _) = workshop();
    for arguments in [
        &["desing", "x"][..],
        &[],
        &["simulate"],
        &["simulate", "mm1.yaml", "--duration", "5"],
        &["knowledge", "show", "nobody"],
    ] {
        assert_eq!(status(&groundplan(folder.path(), arguments)), 2, "{arguments:?}");
    }
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["design", "--help"],
        &["knowledge", "list"],
        &["schema", "brief"],
        &["schema", "design"],
    ] {
        let output = groundplan(folder.path(), arguments);
        assert_eq!(status(&output), 0, "{arguments:?}");
        assert!(!output.stdout.is_empty());
    }
}

#[test]
fn a_check_reads_both_kinds() {
    let (folder, _) = workshop();
    let output = groundplan(folder.path(), &["check", &example("pastebin.brief.yaml"), "mm1.yaml"]);
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("a brief") && text(&output.stdout).contains("a design"));
    let output = groundplan(folder.path(), &["check", "mm1.yaml", "missing.yaml", "--format", "json"]);
    assert_eq!(status(&output), 2);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["files"][0]["ok"], true);
    assert_eq!(json["files"][1]["diagnostics"][0]["code"], "no-such-file");
}

#[test]
fn an_expectation_that_fails_gets_status_one() {
    let (folder, design) = workshop();
    let run = |limit: &str| {
        let experiments =
            format!("experiments: [ {{ name: plain, duration: 60s, expect: [ p99(server.serve) <= {limit} ] }} ]\n");
        fs::write(&design, format!("{MM1}{experiments}")).unwrap();
        groundplan(folder.path(), &["simulate", "mm1.yaml", "--replications", "32", "--format", "json"])
    };
    let holds = run("5s");
    assert_eq!(status(&holds), 0, "{}", text(&holds.stderr));
    let json: serde_json::Value = serde_json::from_slice(&holds.stdout).unwrap();
    assert_eq!(json["experiments"][0]["expectations"][0]["holds"], "yes");
    assert_eq!(status(&run("1ms")), 1);
}

#[test]
fn a_brief_becomes_a_folder_and_its_designs_run() {
    let (folder, _) = workshop();
    let output = groundplan(folder.path(), &["design", &example("pastebin.brief.yaml"), "--out", "out"]);
    assert!(status(&output) <= 1, "{}", text(&output.stderr));
    assert_eq!(names(folder.path()), ["mm1.yaml", "out"]);
    let printed = text(&output.stdout);
    assert!(printed.contains("Build ") && !printed.contains('\u{1b}'), "a pipe gets no colours");
    assert!(printed.lines().all(|line| line.chars().count() <= 80));
    let mut files = names(&folder.path().join("out"));
    files.retain(|name| !name.starts_with("design-"));
    assert_eq!(files, ["crib-sheet.md", "crib-sheet.pdf", "diagram.svg", "plan.html", "plan.json"]);
    for style in ["modular-monolith", "microservices", "event-driven", "hybrid"] {
        let file = format!("out/design-{style}.yaml");
        let check = groundplan(folder.path(), &["check", &file]);
        assert_eq!(status(&check), 0, "{}", text(&check.stderr));
        let run = groundplan(folder.path(), &["simulate", &file, "--duration", "10s", "--replications", "2"]);
        assert!(status(&run) <= 1, "{style}: {}", text(&run.stderr));
    }
    let plan: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/plan.json")).unwrap()).unwrap();
    assert_eq!(plan["designs"].as_array().unwrap().len(), 4);
    assert_eq!(plan["decisions"][0]["dimension"], "architecture-style");
}

#[test]
fn what_stands_in_the_way_is_told_before_the_work() {
    let (folder, _) = workshop();
    let brief = example("pastebin.brief.yaml");
    fs::create_dir(folder.path().join("mine")).unwrap();
    for out in ["mm1.yaml", "mine", "missing/out", "mm1.yaml/out", "/", ".."] {
        let output = groundplan(folder.path(), &["design", &brief, "--out", out]);
        assert_eq!(status(&output), 2, "{out}: {}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("runs of"), "{out} was planned first");
    }
    assert_eq!(names(folder.path()), ["mine", "mm1.yaml"]);
    // A file system that takes no folders.
    if Path::new("/proc/self").exists() {
        let output = groundplan(folder.path(), &["design", &brief, "--out", "/proc/plan"]);
        assert!(matches!(status(&output), 2 | 3), "{}", text(&output.stderr));
        assert!(text(&output.stderr).starts_with("error: "), "{}", text(&output.stderr));
    }
}

#[test]
fn standard_input_is_a_file() {
    let (folder, _) = workshop();
    let mut child = Command::new(env!("CARGO_BIN_EXE_groundplan"))
        .args(["check", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(MM1.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(status(&output), 0);
    assert!(text(&output.stdout).contains("standard input: a design"));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let (folder, _) = workshop();
    let mut child = Command::new(env!("CARGO_BIN_EXE_groundplan"))
        .args(["knowledge", "list", "--format", "json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut first = [0; 16];
    out.read_exact(&mut first).unwrap();
    drop(out);
    let output = child.wait_with_output().unwrap();
    assert_eq!((status(&output), text(&output.stderr)), (0, String::new()));
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing() {
    let (folder, _) = workshop();
    let child = Command::new(env!("CARGO_BIN_EXE_groundplan"))
        .args(["design", &example("web-shop.brief.yaml"), "--out", "out"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(status(&output), 130, "{}", text(&output.stderr));
    assert_eq!(names(folder.path()), ["mm1.yaml"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_simulation_keeps_what_is_finished() {
    let (folder, design) = workshop();
    // Far more runs than anybody waits for.
    let experiments = "experiments: [ { name: later, duration: 1h, expect: [ p99(server.serve) <= 5s ] } ]\n";
    fs::write(&design, format!("{MM1}{experiments}")).unwrap();
    for format in ["text", "json"] {
        let child = Command::new(env!("CARGO_BIN_EXE_groundplan"))
            .args(["simulate", "mm1.yaml", "--replications", "100000", "--format", format])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2500));
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(status(&output), 130, "{}", text(&output.stderr));
        let said = text(&output.stdout);
        if format == "text" {
            assert!(
                said.contains("Interrupted: ") && said.contains(" of 100000 runs of the plain load are in"),
                "{said}"
            );
            assert!(said.contains("not run: `later`"), "{said}");
            continue;
        }
        let verdict: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(verdict["interrupted"]["of"], 100_000);
        assert_eq!(verdict["interrupted"]["finished"], verdict["replications"]);
        assert!(verdict["operations"]["server.serve"]["latency"]["mean"]["value"].is_number(), "{said}");
        assert_eq!(verdict["not_run"][0], "later");
    }
}

#[test]
fn two_designs_are_compared() {
    let (folder, _) = workshop();
    fs::write(folder.path().join("quick.yaml"), MM1.replace("10ms", "9ms").replace("M/M/1", "Quicker")).unwrap();
    fs::write(folder.path().join("other.yaml"), MM1.replace("serve", "other")).unwrap();
    let run = |other: &str, format: &str| {
        let short = ["--duration", "60s", "--format", format];
        groundplan(folder.path(), &[&["compare", "mm1.yaml", other], &short[..]].concat())
    };
    let output = run("quick.yaml", "json");
    assert_eq!(status(&output), 0, "{}", text(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mean = &json["operations"]["server.serve"]["mean"];
    // 1 / (1/0.009 - 80) - 1 / (1/0.010 - 80) = -17.9 ms.
    let ends = [&mean["difference"]["low"], &mean["difference"]["high"]].map(|end| end.as_f64().unwrap());
    assert!(ends[0] < -0.0179 && -0.0179 < ends[1] && ends[1] < 0.0, "{mean}");
    assert!(mean["variance_ratio"].as_f64().unwrap() > 1.0, "{mean}");
    assert_eq!(json["second"]["design"], "Quicker");
    let told = text(&run("quick.yaml", "text").stdout);
    assert!(told.contains("B less A") && told.contains("32 pairs of runs"), "{told}");
    let output = run("other.yaml", "text");
    assert_eq!(status(&output), 2);
    assert!(text(&output.stderr).contains("no operation in common"), "{}", text(&output.stderr));
    assert_eq!(status(&run("missing.yaml", "text")), 2);
}

#[test]
fn a_year_is_reckoned_and_decides_the_status() {
    let (folder, _) = workshop();
    let server = "kind: design\nversion: 1\nname: One that fails\ncomponents:\n  server: { kind: service, fails: exp(1000h), repair: exp(1h), \
                  operations: { serve: [ { compute: const(5ms) } ] } }\n\
                  load: [ { operation: server.serve, timeout: 1s, arrivals: poisson(20/s) } ]\nyear: { others: none }\n";
    fs::write(folder.path().join("fails.yaml"), server).unwrap();
    let run = |more: &[&str]| groundplan(folder.path(), &[&["availability", "fails.yaml"], more].concat());
    let kept = run(&["--target", "99.5%", "--format", "json"]);
    assert_eq!(status(&kept), 0, "{}", text(&kept.stderr));
    let json: serde_json::Value = serde_json::from_slice(&kept.stdout).unwrap();
    let lost = &json["operations"]["server.serve"]["unavailability"];
    // An hour away of every 1001.
    assert!((lost["value"].as_f64().unwrap() * 1001.0 - 1.0).abs() < 0.01, "{lost}");
    assert_eq!((json["ledger"][0]["how"].as_str(), json["valid"].as_bool()), (Some("extended"), Some(true)));
    let same = run(&["--target", "99.5%", "--format", "json", "--threads", "1"]);
    assert_eq!(kept.stdout, same.stdout, "the same bytes on any number of threads");
    let failed = run(&["--target", "99.95%"]);
    assert_eq!(status(&failed), 1);
    let told = text(&failed.stdout);
    assert!(told.contains("do not hold over a year") && told.contains("far apart"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    assert_eq!(status(&run(&[])), 0, "without a target there is nothing to fail");
    fs::write(
        folder.path().join("fails.yaml"),
        server.replace("others: none", "faults: [ { machine-loss: server, rate: 2/year } ]"),
    )
    .unwrap();
    let refused = run(&[]);
    assert_eq!(status(&refused), 2);
    assert!(text(&refused.stderr).contains("missing-key"), "{}", text(&refused.stderr));
}
