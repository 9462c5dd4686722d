//! Lists the files of `knowledge/` for `src/embedded.rs`: every YAML file of the folder, by path. Adding knowledge is
//! adding a file. Nothing is read or checked here; the loader and its tests do that.

// Cargo is told by lines on standard output.
#![allow(clippy::print_stdout)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge");
    let mut folders = vec![root.clone()];
    let mut paths: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") && !path.ends_with("sample.yaml") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let mut text = String::from("&[\n");
    for path in &paths {
        let name = path.strip_prefix(&root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let full = path.to_string_lossy();
        writeln!(text, "    ({name:?}, include_str!({full:?})),").map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    let file = Path::new(&out).join("embedded.rs");
    // Written anew, not over: where a target folder was copied by hard links, the old file is another's too.
    match fs::remove_file(&file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::write(file, text),
    }
}
