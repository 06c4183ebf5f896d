//! What to know before the first name is bought, hosted or redirected at Cloudflare.

use crate::descriptor::Guide;

/// See <https://developers.cloudflare.com/registrar/registrar-api/> and
/// <https://developers.cloudflare.com/fundamentals/api/get-started/create-token/>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://developers.cloudflare.com/registrar/registrar-api/",
    example: &[("account", "\"0123456789abcdef0123456789abcdef\"")],
    credentials: &[
        "Sign in at <https://dash.cloudflare.com/>. The address of the account's pages has its identifier: 32 characters behind \
         `dash.cloudflare.com/`. It is `account`.",
        "To buy names: set a way to pay at `https://dash.cloudflare.com/<account>/billing/payment-info`, and a default contact at \
         `https://dash.cloudflare.com/<account>/domains/registrations`, where the terms are agreed to. Both can be done on these \
         pages only.",
        "Open Manage Account, API Tokens, and create a custom token.",
        "Give it Zone › Zone › Edit, Zone › DNS › Edit, Zone › Single Redirect › Edit for all zones of the account, and, to buy \
         names, Account › Registrar › Edit. It may have less: `mailwright doctor` says what it cannot do.",
        "The token is shown once. Write it into a file of its own.",
    ],
    limits: &[
        "Names cost what the registry asks. A purchase is charged to the card and **cannot be taken back**.",
        "500 names in an account; older pages of the vendor say 100. Hosting zones and redirecting is free; how many zones an account \
         may have is not published.",
        "1,200 requests in five minutes, counted together with what you do on its pages. Beyond that it refuses everything for five \
         minutes.",
        "200 changes of records at once on the free plan.",
        "Not every ending can be bought over the API, and no premium names.",
    ],
    traps: &[
        "A name that is bought here can be served by Cloudflare's own name servers only, of the same account. So the account has to be \
         in `dns` too; if it is not, its names are bought and do not get on.",
        "Nobody can buy a year: a name renews by itself or not at all. It is switched on here thirty days before the end, after the \
         price was held against the caps, and off again when the year has come or the price has risen.",
        "A purchase may take minutes to days; it is waited for. One that stops for a person waits for you: look at its pages.",
        "The zone of a name that was bought here cannot be deleted. It is emptied and paused.",
        "A redirect needs Cloudflare to stand before the web address (`proxied`). A host that mail or SRV records point to is \
         refused.",
        "A rule of yours is never changed: ours are written beside it.",
        "An account with too many zones that are not in use yet gets no more (1118) until some are.",
    ],
    sandbox: "`sandbox = true` orders names at `registrar-sandbox` of the same address: nothing is paid for, `.com` and `.net` only, the \
              registrant has to be given in full, and a name that was ordered once stays taken for everybody. The token needs that \
              permission besides. There are no zones and no redirects in it.",
};
