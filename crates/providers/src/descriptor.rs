//! How a provider describes itself: data for checks, documentation and forms.

pub use model::role::Role;

/// What a provider says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Descriptor {
    /// Its name in the configuration.
    pub name: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    /// The parts it can play.
    pub roles: &'static [Role],
    /// What the operator has to give it.
    pub fields: &'static [Field],
    /// Calls that may be under way at once.
    pub max_in_flight: usize,
    /// What somebody has to know who uses it for the first time.
    pub guide: Guide,
}

/// What an operator has to know of a kind of account: its page in `docs/providers` is made of this. Texts are Markdown, a
/// sentence or two each.
#[derive(Clone, Copy, Debug)]
pub struct Guide {
    /// Where it is described by whoever makes it.
    pub docs: &'static str,
    /// What the fields are in the example, by their keys: what stands behind the `=` in the configuration. Those that are left
    /// out of it are left out of the example; secrets are never in it.
    pub example: &'static [(&'static str, &'static str)],
    /// What to do, step by step, to get what the fields ask for.
    pub credentials: &'static [&'static str],
    /// What it costs, and what it allows.
    pub limits: &'static [&'static str],
    /// How it may surprise.
    pub traps: &'static [&'static str],
    /// How it is tried out without money.
    pub sandbox: &'static str,
}

impl Guide {
    /// Of a kind that nobody configures.
    pub const NONE: Self = Self { docs: "", example: &[], credentials: &[], limits: &[], traps: &[], sandbox: "" };
}

/// A value that a provider needs.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its key in the configuration.
    pub key: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// Whether it must not be shown.
    pub secret: bool,
    /// Whether it may be left out.
    pub optional: bool,
}

impl Field {
    /// A value that has to be given and may be shown.
    #[must_use]
    pub const fn plain(key: &'static str, label: &'static str) -> Self {
        Self { key, label, secret: false, optional: false }
    }

    /// A value that has to be given and must not be shown.
    #[must_use]
    pub const fn secret(key: &'static str, label: &'static str) -> Self {
        Self { secret: true, ..Self::plain(key, label) }
    }

    /// The same, where it may be left out.
    #[must_use]
    pub const fn or_none(self) -> Self {
        Self { optional: true, ..self }
    }
}
