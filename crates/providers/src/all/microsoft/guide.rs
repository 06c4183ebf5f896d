//! What to know before the first mailbox is made at Microsoft.

use crate::descriptor::Guide;

/// See <https://learn.microsoft.com/entra/identity-platform/quickstart-register-app>.
pub(super) const GUIDE: Guide = Guide {
    docs: "https://learn.microsoft.com/graph/api/overview",
    example: &[
        ("tenant", "\"00000000-1111-2222-3333-444444444444\""),
        ("client", "\"55555555-6666-7777-8888-999999999999\""),
        ("usage_location", "\"US\""),
        ("licence", "\"EXCHANGESTANDARD\""),
        ("exchange", "\"by_hand\""),
        ("oauth_client_id", "\"66666666-7777-8888-9999-aaaaaaaaaaaa\""),
    ],
    credentials: &[
        "At <https://entra.microsoft.com/> open Identity › Applications › App registrations › New registration: any name, accounts in this \
         directory only, no redirect address. Its overview shows the application ID, `client`, and the directory ID, `tenant`.",
        "Under API permissions › Add a permission › Microsoft Graph › **Application permissions** add `Domain.ReadWrite.All`, \
         `User.ReadWrite.All` and `Organization.Read.All`; then **Grant admin consent**, which only a Global Administrator can.",
        "Under Certificates & secrets make a client secret. Its **value**, which is shown once, is `secret`; note when it runs out.",
        "Buy licences in the admin center (Billing › Your products). `licence` is the SKU's name, `EXCHANGESTANDARD` for Exchange Online \
         (Plan 1), or its number; `mailwright doctor` says how many are left.",
        "For `exchange = \"automatic\"`: under APIs my organization uses › Office 365 Exchange Online › Application permissions add \
         `Exchange.ManageAsApp`, grant it, and under Roles & admins give the application the role Exchange Administrator.",
        "For a sequencer that is let in by consent: register another application in the tenant, with a redirect address of the type **Web** \
         that is `public_url` and `/consent/callback`; under API permissions › APIs my organization uses › Office 365 Exchange Online › \
         **Delegated permissions** add `SMTP.Send` and `IMAP.AccessAsUser.All`, and **Grant admin consent** for this application too: in most \
         tenants users may not consent to them themselves. Its number is `oauth_client_id`, a client secret of it \
         `oauth_client_secret`. A sequencer of your own name has to be given the same application.",
    ],
    limits: &[
        "Each user takes a licence from those that were bought; buying more is a person's act. How many are left is asked before a domain is \
         given the tenant, and one that has too few is passed over while another has enough.",
        "3,000 requests in 150 seconds; they are kept to here, and `Retry-After` is.",
        "A tenant may send to 500 × licences^0.7 + 9,500 outside recipients a day, one in its trial to 5,000.",
    ],
    traps: &[
        "`automatic` uses the interface that the vendor's own PowerShell module uses, and that it does not support. It may change without \
         notice; `by_hand` asks a person for DKIM once for each domain.",
        "By hand: in Exchange Online PowerShell `New-DkimSigningConfig -DomainName acme.com -KeySize 2048 -Enabled $false`, then \
         `Get-DkimSigningConfig acme.com | Format-List Selector*CNAME`; when both are published, `Set-DkimSigningConfig acme.com -Enabled \
         $true`. Where the names lead is chosen by the vendor and cannot be known before. The pending action is answered twice, once with each \
         name.",
        "An address that a renamed mailbox had stays with it. To give it to another mailbox, it has to be taken away first, which only \
         `automatic` can; by hand it is done in the Exchange admin center.",
        "A deleted user is kept for 30 days. When the same customer wants its address in that time, and it is not free, the user comes \
         back, with its old mail; anybody else gets the next address of the pattern. The employee type of those that are made here is \
         `mailwright` and the customer's id.",
        "Users whom somebody has made by hand under an address that is ordered are taken as they are. A domain that is given up loses \
         all its users, also those.",
        "A name that is verified in somebody else's tenant cannot be: its administrator has to remove it there. Where people log in, \
         Microsoft tells everybody which tenant has a name; that is asked before a name is bought, and nothing is bought then. When it \
         does not answer, it is asked a few times more, and the name is bought all the same: somebody else might be faster.",
        "Logging in over SMTP is switched off in new tenants, for passwords and for consents. With `smtp_auth = true` and `automatic` it is \
         switched on for each mailbox that is made (`Set-CASMailbox -SmtpClientAuthenticationDisabled $false`). By hand nobody is asked \
         before it is seen to be in the way: when the sequencer is still shut out half an hour after the inboxes were made, the pending \
         action `smtp_auth_needed` of the domain has the commands, and ends by itself when the sequencer gets in. Once \
         `Set-TransportConfig -SmtpClientAuthenticationDisabled $false` is pasted in Exchange Online PowerShell, it is on for the whole \
         tenant, and no later domain is asked about. Where nothing logs in, as with a hand-off by CSV, nothing is asked: paste it \
         before whoever takes the file does.",
        "Security defaults ask new users for a second factor, and keep passwords out over SMTP whatever was pasted. Microsoft has announced \
         to end passwords over SMTP; leave `smtp_auth` out where your sequencer needs none.",
        "Nobody has to give an application rights to mailboxes in Exchange (`New-ServicePrincipal`, `Add-MailboxPermission`): that is for \
         applications that enter in their own name, and none does here. A sequencer gets in as the inbox itself, by its owner's consent or \
         with its app password.",
        "`cloud = \"us_government\"` and `cloud = \"china\"` ask the services of those clouds; `login_url`, `graph_url` and `exchange_url` \
         name single ones, such as those of the Department of Defense.",
        "A consent is given by the inbox itself, and one of a guest or of another account is not taken. A mailbox whose authenticated \
         SMTP is switched off lets nobody send, whatever was consented to.",
    ],
    sandbox: "Microsoft has none. The developer program has tenants with 25 licences for those who qualify.",
};
