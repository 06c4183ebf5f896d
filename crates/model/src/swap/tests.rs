//! What swaps mean.
