//! The vendor's services, each with tokens of its own.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Graph,
    Exchange,
}

impl Service {
    pub(super) const ALL: [Self; 2] = [Self::Graph, Self::Exchange];
}
