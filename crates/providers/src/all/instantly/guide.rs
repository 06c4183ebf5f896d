//! What to know before the first inbox is linked to Instantly.

use crate::descriptor::Guide;

/// See <https://developer.instantly.ai/>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://developer.instantly.ai/api/v2",
    example: &[("warmup_per_day", "30"), ("daily_limit", "30")],
    credentials: &[
        "None of your own: accounts belong to your resellers, whose API keys come with their orders.",
        "Each reseller opens *Settings*, *Integrations*, *API Keys* in their Instantly workspace, makes a key of version 2 with the scope \
         `accounts:all`, and gives it to you, or sends it with an order as `sequencer.api_key`.",
    ],
    limits: &[
        "Instantly counts by workspace: 100 calls in a second and 6,000 in a minute, whichever of its keys is used.",
        "An inbox takes two calls, and up to a hundred of them one more to be warmed up.",
    ],
    traps: &[
        "It takes inboxes by a password over SMTP and IMAP. Consent is given on its own pages, by hand, and cannot be handed on.",
        "It makes an account before it has logged in, and says afterwards that it cannot. Such an inbox is not linked: it is tried again.",
        "It takes no other password for an account. One that cannot log in is made anew, and leaves the campaigns that it was in.",
        "With a wrong `provider_code` an account does not work: `host` says that Google or Microsoft hosts it, `custom` that it is any \
         mailbox.",
        "An address is an account once in a workspace; `client_id` means nothing here, for a key belongs to one workspace.",
        "A login e-mail and password cannot be exchanged for a key.",
    ],
    sandbox: "It has none that remembers anything. A reseller's own test workspace does, with one inbox that may be linked and removed.",
};
