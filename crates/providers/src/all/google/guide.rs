//! What to know before the first mailbox is made at Google.

use crate::descriptor::Guide;

/// See <https://support.google.com/a/answer/162106>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://developers.google.com/workspace/admin/directory/v1/guides/delegation",
    example: &[
        ("admin", "\"admin@acme-tenant.com\""),
        ("licence", "\"automatic\""),
        ("oauth_client_id", "\"4711.apps.googleusercontent.com\""),
    ],
    credentials: &[
        "At <https://console.cloud.google.com/> make a project, and enable in it the **Admin SDK API** and the **Site Verification API**; \
         with a `licence` of your own also the **Enterprise License Manager API**.",
        "Under IAM & Admin › Service Accounts make a service account. It needs no role in the project. On its page, under Keys, add a \
         key of the type JSON: that file is `key`.",
        "On the same page copy the **client ID**, a number of 21 digits.",
        "In the Admin console of the tenant (<https://admin.google.com/>) open Security › Access and data control › API controls › \
         Manage domain-wide delegation › Add new, and give the client ID these scopes: \
         `https://www.googleapis.com/auth/admin.directory.domain`, `https://www.googleapis.com/auth/admin.directory.user`, \
         `https://www.googleapis.com/auth/siteverification`, and with a `licence` of your own \
         `https://www.googleapis.com/auth/apps.licensing`.",
        "`admin` is a super administrator of that tenant who has signed in once and accepted the terms. A user of its own for this costs \
         a licence, and does not leave with somebody.",
        "Under Billing › License settings switch automatic licensing on, and leave `licence` out; or name the product and the SKU.",
        "For a sequencer that is let in by consent: in the same project, under APIs & Services › OAuth consent screen, choose **Internal** \
         and add the scope `https://mail.google.com/`; under Credentials make an OAuth client of the type **Web application**, whose \
         authorised redirect address is `public_url` and `/consent/callback`. Its ID is `oauth_client_id`, its secret \
         `oauth_client_secret`. A sequencer of your own name (Smartlead's whitelabel) has to be given the same client: a refresh token \
         is worth something only to the client that it was given to.",
    ],
    limits: &[
        "Each user costs a licence from the day it is made. A flexible plan ends it with the user, an annual one does not.",
        "With a `licence` of your own each look at a domain asks whether its users have it still: whoever moves them to another one sets \
         `licence` to that.",
        "No interface says how many licences are left: where you have bought a number of them, `most_users` of the account is that number.",
        "2,400 requests a minute; they are kept to here. A limit of the tenant itself is lower, cannot be raised, and is waited out.",
        "600 domains for each tenant.",
    ],
    traps: &[
        "Google has no interface for DKIM. Each domain asks once for a person: Apps › Google Workspace › Gmail › Authenticate email, \
         Generate new record (2048 bit, prefix `google`), and Start authentication when the record is published. Leave the prefix as it \
         is: no key of another name is looked for. A new domain may have to wait up to three days before its key can be made.",
        "The proof of a name belongs to `admin`: another administrator gets another one. Change `admin` only between orders.",
        "A name that is in somebody else's tenant, be it one that nobody uses, cannot be added: its administrator has to remove it there, \
         or whoever owns the name reclaims it with Google's help. Nobody is told before the domain is added, so it shows only after the \
         name was bought.",
        "A deleted user keeps its address for 20 days. When the same customer wants the address again in \
         that time, the user comes back, with its old mail; anybody else gets the next address of the pattern.",
        "Users whom somebody has made by hand under an address that is ordered are taken as they are; the external IDs \
         of those that are made here have `mailwright` and the customer's id.",
        "A domain that is given up loses all its users, also those made by hand.",
        "A consent is given by the inbox itself, and one of another account is not taken. An application that is internal has no list of \
         people to be let in, and its refresh tokens do not run out after seven days, as those of one in testing do. Whoever changes \
         `oauth_client_id` asks every inbox again that is not linked yet.",
    ],
    sandbox: "Google has none. A tenant in its trial of 14 days takes everything that a paid one takes, and ten users.",
};
