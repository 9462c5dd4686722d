//! Lists the example briefs for `src/examples.rs`: every `*.brief.yaml` of `examples/` and of the folders in it, by path.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut folders = vec![root.clone()];
    let mut paths: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            // Golden files are written by tests; the reference holds designs.
            if path.is_dir() && name != "golden" && name != "reference" {
                folders.push(path);
            } else if name.ends_with(".brief.yaml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let mut text = String::from("&[\n");
    for path in &paths {
        let name = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let full = path.to_string_lossy();
        writeln!(text, "    ({:?}, include_str!({full:?})),", name.trim_end_matches(".brief.yaml"))
            .map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(Path::new(&out).join("examples.rs"), text)
}
