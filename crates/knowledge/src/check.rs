//! What `knowledge check` needs.
