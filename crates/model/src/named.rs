//! Enums whose variants have a name in rows and on the wire.

/// An enum that `named!` made.
pub trait Named: Copy {
    /// The name in rows and answers.
    fn name(self) -> &'static str;
    /// Reads a name.
    fn named(text: &str) -> Option<Self>;
}

/// Makes an enum, its list of all variants, and both ways between variants and their names, in JSON too.
macro_rules! named {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident $text:tt),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant),* }

        impl $name {
            /// Every variant.
            pub const ALL: &[Self; [$($text),*].len()] = &[$(Self::$variant),*];

            /// The name in rows and answers.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads a name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }

        impl $crate::named::Named for $name {
            fn name(self) -> &'static str {
                self.as_str()
            }

            fn named(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }
    };
}
pub(crate) use named;
