//! What the service account has to be allowed, each by itself: a tenant that does not allow one can still use the others.

/// A scope of Google's, see <https://developers.google.com/identity/protocols/oauth2/scopes>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Domains,
    Users,
    Sites,
    Licences,
}

impl Scope {
    pub(super) const ALL: [Self; 4] = [Self::Domains, Self::Users, Self::Sites, Self::Licences];

    /// As it is asked for, and allowed in the Admin console.
    pub(super) const fn address(self) -> &'static str {
        match self {
            Self::Domains => "https://www.googleapis.com/auth/admin.directory.domain",
            Self::Users => "https://www.googleapis.com/auth/admin.directory.user",
            Self::Sites => "https://www.googleapis.com/auth/siteverification",
            Self::Licences => "https://www.googleapis.com/auth/apps.licensing",
        }
    }

    /// The interface that has to be switched on in the service account's project.
    pub(super) const fn interface(self) -> &'static str {
        match self {
            Self::Domains | Self::Users => "Admin SDK API",
            Self::Sites => "Site Verification API",
            Self::Licences => "Enterprise License Manager API",
        }
    }
}
