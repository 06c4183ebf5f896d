//! What a vendor finds in the DNS.

use std::collections::BTreeMap;

type Look = dyn Fn(&str) -> Vec<String> + Send + Sync;

/// Values at names, as they were told or as a look finds them.
#[derive(Default)]
pub(crate) struct Visible {
    told: BTreeMap<String, Vec<String>>,
    look: Option<Box<Look>>,
}

impl Visible {
    /// There are these values at a name, and no others.
    pub(crate) fn put(&mut self, name: &str, values: Vec<String>) {
        self.told.insert(name.into(), values);
    }

    /// Names of which nothing was told are looked at with this.
    pub(crate) fn look_with(&mut self, look: impl Fn(&str) -> Vec<String> + Send + Sync + 'static) {
        self.look = Some(Box::new(look));
    }

    pub(crate) fn at(&self, name: &str) -> Vec<String> {
        let look = || self.look.as_ref().map(|look| look(name)).unwrap_or_default();
        self.told.get(name).cloned().unwrap_or_else(look)
    }
}
