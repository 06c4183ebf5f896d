//! What to know before the first inbox is linked to Smartlead.

use crate::descriptor::Guide;

/// See <https://api.smartlead.ai/reference/welcome>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://api.smartlead.ai/reference/welcome",
    example: &[
        ("login_exchange", "\"off\""),
        ("warmup_per_day", "30"),
        ("daily_limit", "30"),
        ("plan", "\"standard\""),
    ],
    credentials: &[
        "None of your own: accounts belong to your resellers, whose API keys come with their orders.",
        "Each reseller opens *Settings*, then *API keys*, in their Smartlead account, and gives you the key, or sends it with an order as \
         `sequencer.api_key`.",
        "Where inboxes are linked by consent, register your application at Smartlead as a white label: it renews the consent, and can \
         only do so in the name of the application that got it. Without one set `own_application = \"off\"`.",
    ],
    limits: &[
        "Smartlead counts by key: 60 calls in a minute and 1,000 in an hour on its standard plan, 120 and 3,000 on the one called Pro \
         (`plan`), and never more than 10 in a second.",
        "An inbox takes two calls, one more with consent and warm-up: some 300 to 500 inboxes an hour of each key. What does not fit \
         waits and goes on by itself.",
        "Smartlead logs in while it is told of an inbox, which may take two minutes.",
    ],
    traps: &[
        "It takes no inbox of Google or Microsoft by its usual password: consent, or an app password.",
        "It takes the same inbox twice. An address is looked for before it is told of one, and again when the answer was lost; an account \
         that appears later than two minutes after that may be there twice.",
        "What is there already is kept: suspended accounts are brought back, accounts of another client are given to that of the order, \
         and a login that fails is replaced. Limits that somebody has set there stay as they are.",
        "Its key stands in the address of every request, and it shows the passwords of its accounts to whoever has the key. Proxies in \
         between must not log addresses.",
        "Its pages call inboxes with consent GMAIL and OUTLOOK, its description gmail and microsoft (`oauth_types`).",
        "With `login_exchange = \"on\"` an order's login e-mail and password are exchanged for the key once, in a way that Smartlead does not \
         document and may end; the password is shredded then. With `\"off\"` orders without a key wait for one.",
        "An account that is removed leaves its campaigns; they do not come back when the inbox is linked again.",
    ],
    sandbox: "It has none. A reseller's own test account does, with one inbox that may be linked and removed.",
};
