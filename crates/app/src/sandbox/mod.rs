//! The sandbox's clock and its end.

mod advance;
mod reset;

use model::refusal::{Code, Fault, Refusal};
use model::world::Scope;

pub use advance::AdvanceClock;
pub use reset::ResetSandbox;

use crate::Core;

/// Whether the sandbox is ours alone, to be moved in time and begun anew.
fn is_ours(core: &Core, scope: &Scope) -> Result<(), Refusal> {
    if !core.vendor_sandboxes.contains(&scope.partner) {
        return Ok(());
    }
    let message = "The operator has put your sandbox at vendors' own ones: its clock is theirs, and what was made there stays. \
                   Use other names for the next test, or ask the operator for a sandbox without vendors.";
    Err(Fault::new(Code::Conflict, message).with("reason", "vendor_sandbox").into())
}
