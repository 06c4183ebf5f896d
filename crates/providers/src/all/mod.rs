//! Every provider. A new one is a folder here and two lines below.

use crate::descriptor::Descriptor;

pub mod sim;

/// What every provider says of itself.
pub const DESCRIPTORS: &[&Descriptor] = &[&sim::DESCRIPTOR];
