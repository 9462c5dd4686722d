//! knowledge: rules, facts and sources as data, and how they become decisions; never projects, sizes or simulates.
