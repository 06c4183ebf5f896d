//! Everything that is served, from our rows: sites (`sites`), certificates (`certificates`), and what orders need (`book`).

mod book;
mod certificates;
mod sites;

pub use self::book::Book;
pub use self::certificates::CertificateRows;
pub use self::sites::{Manner, SiteRows};
