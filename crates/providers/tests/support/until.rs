//! When a purchase runs out.

use model::clock::Time;
use providers::roles::Bought;
use providers::trouble::Trouble;

/// The date of a purchase, where only that matters.
pub(crate) trait Until<T> {
    fn until(self) -> Result<T, Trouble>;
}

impl Until<Time> for Result<Bought, Trouble> {
    fn until(self) -> Result<Time, Trouble> {
        self.map(|bought| bought.expires_at)
    }
}

impl Until<Option<Time>> for Result<Option<Bought>, Trouble> {
    fn until(self) -> Result<Option<Time>, Trouble> {
        self.map(|bought| bought.map(|bought| bought.expires_at))
    }
}
