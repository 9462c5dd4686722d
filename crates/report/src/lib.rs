//! report: tells finished values as text, HTML, PDF, SVG and JSON; never computes what it tells.
pub mod diagram;
