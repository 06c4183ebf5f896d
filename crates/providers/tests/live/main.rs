//! Adapters at their vendors' own sandboxes. Nothing here is asked unless it is wanted (`just live`), and only of vendors whose
//! variables are set; what it would do there is done at doubles whenever tests are run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod at_doubles;
mod at_vendors;
mod passing;
mod profile;
mod variables;
