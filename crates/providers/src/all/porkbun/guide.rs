//! What to know before the first name is bought at Porkbun.

use crate::descriptor::Guide;

/// See <https://porkbun.com/llms-full.txt> and the API's own description, <https://api.porkbun.com/api/json/v3/spec>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://porkbun.com/api/json/v3/documentation",
    example: &[],
    credentials: &[
        "Sign in at <https://porkbun.com/> and confirm the account's e-mail address and telephone number.",
        "Buy one name on its pages: the API sells nothing to an account that has never bought anything.",
        "Put money into the account: purchases are paid from its credit.",
        "Open <https://porkbun.com/account/api> and create a key. It has two halves, `pk1_…` and `sk1_…`; the second is shown once. \
         Each goes into a file of its own.",
        "On the same page set the monthly limit as high as you want to buy. Only a person can raise it.",
    ],
    limits: &[
        "One question about a name in ten seconds, unless Porkbun has raised that for your key (`check_seconds`). Names beyond that are \
         answered `errored` at once.",
        "10 purchases and 25 renewals a day, one purchase in ten seconds.",
        "Accounts that are new to buying over the API may spend about 100 USD a month. `mailwright doctor` shows what is left.",
        "Names are bought and renewed for the least term of their ending, which is more than a year for some.",
    ],
    traps: &[
        "The registrant is always the account's own contact; `[live.registrant]` is not sent.",
        "Endings with rules of their own are sold on its pages only: .us, .ca, .eu, .au, .uk and others.",
        "A name cannot be renewed within 30 days of its purchase or its last renewal.",
        "An answer about a name is believed for five minutes, because the price is part of the purchase and a wrong one is refused.",
        "It is not a reseller's interface in ICANN's sense, and comes without a promise to be up. Have a second registrar.",
        "Each name has a switch for API access on its page under Domain Management. Where it is off, the name is neither renewed nor \
         given other name servers from here.",
        "A purchase is kept under its key for a day, so that one whose answer was lost is not made again.",
    ],
    sandbox: "Keys that begin with `pk1_sb_` belong to the sandbox, which is at the same address and has 1,000 USD of play money. \
              Anybody gets them without an account, with `POST https://api.porkbun.com/api/json/v3/apikey/request`. Add \
              `sandbox = true`; a key of the other kind is refused at the start.",
};
