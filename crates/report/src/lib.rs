//! report: tells finished values as text, HTML, PDF, SVG and JSON; never computes what it tells.

pub mod catalogue;
pub mod charts;
pub mod clean;
pub mod crib;
pub mod diagram;
pub mod figure;
pub mod html;
pub mod markdown;
pub mod measured;
pub mod pdf;
pub mod picture;
pub mod reference;
pub mod sheet;
pub mod terminal;
pub mod text;
pub mod told;
pub mod wire;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
