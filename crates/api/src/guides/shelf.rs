//! Every page.

/// A guide.
pub(super) struct Guide {
    /// Its name in addresses.
    pub(super) slug: &'static str,
    /// What it is about, in one line.
    pub(super) about: &'static str,
    /// Where its text is in the folder `docs`.
    pub(super) file: &'static str,
    /// Its Markdown, as it stands in the repository.
    pub(super) text: &'static str,
}

macro_rules! pages {
    ($($slug:literal $file:literal $about:literal;)*) => {
        /// The pages, in the order in which they are read.
        pub(super) const PAGES: &[Guide] = &[$(Guide {
            slug: $slug,
            about: $about,
            file: $file,
            text: include_str!(concat!("../../../../docs/", $file)),
        }),*];
    };
}

pages! {
    "getting-started" "guides/getting-started.md" "a key, a shorthand for the shell, where to go on";
    "buying" "guides/buying.md" "bundle, availability, quote, order, and what goes on by itself";
    "importing" "guides/importing.md" "domains that the customer has already";
    "forwarding" "guides/forwarding.md" "where web addresses lead";
    "swapping" "guides/swapping.md" "another name for a worn-out domain";
    "renaming" "guides/renaming.md" "other names for inboxes";
    "evidence" "guides/evidence.md" "what connected means, how it is looked after, and how to check who said it";
    "cancelling" "guides/cancelling.md" "ending an order or a part of it, and taking that back";
    "webhooks" "guides/webhooks.md" "endpoints, verification in four languages, deliveries, the event feed";
    "sandbox-and-clock" "guides/sandbox-and-clock.md" "testing a year in seconds";
    "errors" "guides/errors.md" "one shape, and what to do about each kind";
    "lists" "guides/lists.md" "pages, filters, and walking through all of a list";
    "money" "guides/money.md" "what is charged when, and how to check a bill to the cent";
    "volumes-and-addresses" "guides/volumes-and-addresses.md" "how many domains a volume needs, and how addresses are made";
    "keys-and-versions" "guides/keys-and-versions.md" "what a key may do, how fast, and what stays as it is";
    "sandbox" "sandbox.md" "what each name does in the sandbox";
    "timeline" "timeline.md" "where an order is, step by step";
    "calls" "calls.md" "every call";
    "codes" "errors.md" "every error code";
    "events" "events.md" "every event";
    "steps" "steps.md" "every workflow and its steps";
    "operating" "operating.md" "for whoever runs the server";
    "metrics" "metrics.md" "every metric";
    "notices" "notices.md" "every kind of notice";
    "settings" "settings.md" "every setting";
    "commands" "commands.md" "every command";
}

/// The API in short.
pub(super) const CALLS: &str = include_str!("../../../../docs/calls.md");
