//! What all pages for people share: how their text becomes HTML, the frame around it, how they are searched, and how they
//! are kept and sent.

use maud::Markup;

mod highlight;
pub(crate) mod kept;
pub(crate) mod prose;
pub(crate) mod search;
pub(crate) mod shell;

/// A page before it is framed.
pub(crate) struct Page {
    /// Its address.
    pub(crate) path: String,
    /// What it is called.
    pub(crate) title: String,
    /// What it is about, in one line.
    pub(crate) about: String,
    /// What it says.
    pub(crate) body: Markup,
    /// What stands under it in the list of its part, when it is open: address and name.
    pub(crate) within: Vec<(String, String)>,
    /// Its headings, for a list beside it.
    pub(crate) headings: Vec<Heading>,
    /// What a search finds in it.
    pub(crate) findable: Vec<Findable>,
    /// Where its Markdown is.
    pub(crate) markdown: Option<String>,
    /// The group of pages that it stands in.
    pub(crate) group: &'static str,
}

/// A heading that a link can lead to.
pub(crate) struct Heading {
    /// 1 is the page's own.
    pub(crate) level: u8,
    /// Its name in addresses.
    pub(crate) id: String,
    /// Its words.
    pub(crate) text: String,
}

/// Something that a search can lead to.
pub(crate) struct Findable {
    /// Where it is, with its anchor.
    pub(crate) address: String,
    /// Its own words.
    pub(crate) heading: String,
    /// What stands below it.
    pub(crate) text: String,
}
