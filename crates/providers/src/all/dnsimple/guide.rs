//! What to know before the first name is bought, hosted or redirected at DNSimple.

use crate::descriptor::Guide;

/// See <https://developer.dnsimple.com/v2/> and <https://support.dnsimple.com/articles/api-access-token/>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://developer.dnsimple.com/v2/",
    example: &[("account", "1385"), ("registrant", "2715")],
    credentials: &[
        "Sign in at <https://dnsimple.com/> choose a plan, and give a way to pay.",
        "Open the account's page. Its address is `https://dnsimple.com/a/<number>/…`: that number is `account`.",
        "Make a contact under Contacts. Its page's address ends with its number: that is `registrant`.",
        "Open API & Access (older pages: Access Tokens), and generate a token **of the account**, not of your user. Plans with \
         scopes: it needs full access to domains, zones and contacts, and to read billing (`mailwright reconcile` looks at the charges).",
        "The token is shown once. Write it into a file of its own.",
    ],
    limits: &[
        "Names are charged to the account's way to pay, beside the plan's fee. Charges that were made by mistake over the API are not \
         given back.",
        "2,400 requests an hour for the account; they are kept to here.",
        "Availability is asked name by name, eight at a time.",
    ],
    traps: &[
        "The registrant is the contact with the number in `registrant`; `[live.registrant]` is not sent.",
        "It keeps nothing of ours with what it makes: whatever lies in this account counts as bought by us. Use an account of its own, \
         not the one with your company's names.",
        "A renewal that was accepted may not show for minutes, and the vendor knows it by no name of ours. One without a clear answer \
         is therefore only looked for during three days, by the name's date, before it is asked for again.",
        "A name that ran out can be renewed for some weeks, and then only restored, at a fee of its own: we never do that. Restore it on \
         its page there; its renewal goes on by itself.",
        "A redirect is a record of the zone (`URL`), so it works only for zones that are served here.",
        "Deleting the zone of a name that is registered here would give up the name. It is emptied and not served instead.",
    ],
    sandbox: "<https://sandbox.dnsimple.com/> has accounts, contacts and tokens of its own; nothing in it costs money. Put its numbers \
              and its token in place of the others and add `sandbox = true`.",
};
