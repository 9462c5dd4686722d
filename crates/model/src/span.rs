//! Where a value stood in its file. Equality of values ignores it.

use serde::{Serialize, Serializer};

/// A range of bytes in one file. `Span::NONE` marks values that no file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of values that were made, not read.
    pub const NONE: Span = Span { start: 0, end: 0 };

    /// Whether this is the span of a made value.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Span::NONE
    }
}

/// A value that remembers where it stood.
#[derive(Debug, Clone, Default)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stood.
    pub span: Span,
}

impl<T> Located<T> {
    /// A value with its place.
    pub fn new(value: T, span: Span) -> Located<T> {
        Located { value, span }
    }
}

impl<T> From<T> for Located<T> {
    fn from(value: T) -> Located<T> {
        Located { value, span: Span::NONE }
    }
}

impl From<&str> for Located<String> {
    fn from(value: &str) -> Located<String> {
        value.to_string().into()
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Located<T>) -> bool {
        self.value == other.value
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Serialize> Serialize for Located<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}
