//! The files of `validation/` that the binary carries, in their registered order. To add one: a file and a line here.

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../validation/", $path)))),*]
    };
}

/// Name under `validation/` and text.
pub static FILES: &[(&str, &str)] = files![
    "o-01.yaml",
    "o-02.yaml",
    "o-03.yaml",
    "o-04.yaml",
    "o-05.yaml",
    "o-06.yaml",
    "o-07.yaml",
    "o-08.yaml",
    "o-09.yaml",
    "o-10.yaml",
    "o-11.yaml",
    "o-12.yaml",
    "o-13.yaml",
    "o-14.yaml",
    "o-15.yaml",
    "o-16.yaml",
    "o-17.yaml",
    "o-18.yaml",
    "o-19.yaml",
    "o-20.yaml",
    "o-21.yaml",
    "o-22.yaml",
    "o-24.yaml",
    "o-25.yaml",
    "o-26.yaml",
    "o-27.yaml",
    "o-28.yaml",
    "o-29.yaml",
    "o-30.yaml",
    "o-31.yaml",
    "o-32.yaml",
    "o-35.yaml",
    "o-40.yaml",
    "o-41.yaml",
    "o-42.yaml",
    "o-43.yaml",
    "o-44.yaml",
    "o-45.yaml",
    "o-47.yaml",
    "o-48.yaml",
    "o-49.yaml",
    "o-50.yaml",
    "o-51.yaml",
    "o-55.yaml",
    "o-56.yaml",
    "o-57.yaml",
    "o-59.yaml",
    "o-60.yaml",
];
