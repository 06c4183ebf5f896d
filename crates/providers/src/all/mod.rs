//! Every provider. A new one is a folder here and two lines below; who plays in which environment is said where the
//! server is joined.

use crate::descriptor::Descriptor;

pub mod dnsimple;
pub mod sim;

/// What every provider says of itself. Read by nobody yet: the live providers will be found here.
pub const DESCRIPTORS: &[&Descriptor] = &[&sim::DESCRIPTOR, &dnsimple::DESCRIPTOR];
