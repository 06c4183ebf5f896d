//! The vendor's services, each with tokens of its own.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    Graph,
    Exchange,
}

impl Service {
    pub(super) const ALL: [Self; 2] = [Self::Graph, Self::Exchange];

    /// What a token is asked for: everything that the application was granted there.
    pub(super) const fn scope(self) -> &'static str {
        match self {
            Self::Graph => "https://graph.microsoft.com/.default",
            Self::Exchange => "https://outlook.office365.com/.default",
        }
    }
}
