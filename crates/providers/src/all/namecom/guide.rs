//! What to know before the first name is bought at name.com.

use crate::descriptor::Guide;

/// See <https://docs.name.com/guides/testing-environment>, <https://docs.name.com/guides/funding-your-namecom-account> and
/// <https://www.name.com/account/settings/api>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://docs.name.com/",
    example: &[("username", "\"acme\"")],
    credentials: &[
        "Sign in at <https://www.name.com/> and put credit into the account at <https://www.name.com/account/credit>: purchases are \
         paid from it.",
        "Open <https://www.name.com/account/settings/api> (Account Settings, API Tokens) and generate a token. The page shows two: one \
         for production, one for the test environment.",
        "If the account asks for a second factor, see whether that page allows tokens beside it: name.com has said that such accounts \
         cannot use the API.",
        "Write the production token into a file of its own. `username` is the name that you sign in with.",
        "Give the registrant in `[live.registrant]`. Without one, names are registered for the account's own contact, which is yours.",
    ],
    limits: &[
        "A year of a name costs what name.com asks of your account for its ending; it is asked each time and nothing is assumed.",
        "An account may buy for 2,500 USD unless name.com has raised that; write to reseller@name.com.",
        "20 requests a second and 3,000 an hour; they are kept to here, so that a large order takes its time.",
        "50 names in one question about availability.",
        "A name can be given back within the first days of its registration for most endings, on name.com's pages; nothing here does \
         that.",
    ],
    traps: &[
        "What is paid includes tax where it is due, so that a name can cost more than its cap by the tax. `mailwright costs` has what \
         was really paid.",
        "The price of an ordinary name is not pinned at the purchase: it is asked right before. Premium names are not bought.",
        "The registry may take a name out of the internet whose registrant does not answer the mail that asks for confirmation. \
         `mailwright doctor` names those that wait, with the day.",
        "A renewal may take an hour to show. Until then it is looked for and never bought again.",
        "name.com renews by itself where the account is set so. That is switched off after each purchase; `mailwright reconcile` finds \
         names where it is on.",
        "Every contact needs a `state`; where the registrant has none the city is sent in its place.",
        "A name that has expired cannot be changed any more, only renewed.",
    ],
    sandbox: "The test environment is another host, has tokens of its own and credit to play with. Write the test token into the \
              file, keep `username` as it is (`-test` is put behind it for you), and add `sandbox = true`. New test tokens may take \
              15 minutes to work. Which names are free and what they cost differs from production.",
};
