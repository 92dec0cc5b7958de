//! The catalog: every target an installation knows, and how to find one by what people type.

use std::collections::BTreeMap;

use super::names::TargetName;
use super::target::Target;

/// Every target, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The targets.
    pub targets: BTreeMap<TargetName, Target>,
}

/// What one catalog changes against another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// In the new one only.
    pub added: Vec<TargetName>,
    /// In the old one only.
    pub removed: Vec<TargetName>,
    /// In both, not alike: the target, and the names of the parts that differ.
    pub changed: Vec<(TargetName, Vec<&'static str>)>,
}
