//! What to do about a domain, where that is more than its reason says: commands with its name in them.

use super::ActionReason;
use crate::domain::{Domain, MailProvider};

/// What somebody is to do about a domain.
#[must_use]
pub(crate) fn words(domain: &Domain, reason: ActionReason) -> String {
    match (reason, domain.provider) {
        (ActionReason::DkimNeedsEnabling, Some(MailProvider::Microsoft)) => dkim_at_microsoft(domain.name.as_str()),
        (ActionReason::SmtpAuthNeeded, Some(MailProvider::Microsoft)) => smtp_at_microsoft(domain.name.as_str()),
        _ => reason.sentence().to_owned(),
    }
}

/// See <https://learn.microsoft.com/defender-office-365/email-authentication-dkim-configure>. Where the records lead cannot be known
/// before the vendor has chosen it.
fn dkim_at_microsoft(name: &str) -> String {
    format!(
        "DKIM has to be switched on by whoever runs the mail tenant. In Exchange Online PowerShell paste \
         `New-DkimSigningConfig -DomainName {name} -KeySize 2048 -Enabled $false`, then \
         `Get-DkimSigningConfig -Identity {name} | Format-List Selector1CNAME, Selector2CNAME`. Send what it shows as `dkim_record`, \
         one after the other: selector1._domainkey.{name} and selector2._domainkey.{name}, each of type CNAME. Once both are \
         published, paste `Set-DkimSigningConfig -Identity {name} -Enabled $true`. It goes on when both records that were sent are \
         published."
    )
}

/// See <https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission>. What is said
/// of a mailbox counts before what is said of the tenant.
fn smtp_at_microsoft(name: &str) -> String {
    format!(
        "The sequencer does not get into the inboxes of {name}. Logging in over SMTP is switched off in new tenants: whoever runs the \
         mail tenant pastes in Exchange Online PowerShell, once for all its domains, \
         `Set-TransportConfig -SmtpClientAuthenticationDisabled $false`; or, for the mailboxes of this domain alone, \
         `Get-Mailbox -ResultSize Unlimited | Where-Object {{ $_.PrimarySmtpAddress -like '*@{name}' }} | \
         Set-CASMailbox -SmtpClientAuthenticationDisabled $false`. It takes some minutes to be known everywhere. Where the first command \
         shows no effect, security defaults or an authentication policy of the tenant keep passwords out. If a password is wrong, send \
         `logins` with a new one. Nothing has to be sent otherwise; it is looked at again every ten minutes, and goes on when the \
         sequencer gets in."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DomainName, DomainStatus};
    use crate::run::tests::domain;

    /// Every question about a mail host, as somebody reads it.
    fn told() -> Vec<String> {
        let about_mail = |reason: &&ActionReason| reason.action_type() == super::super::ActionType::MailProvider;
        let reasons = ActionReason::ALL.iter().filter(about_mail);
        let of = |provider| {
            let name = DomainName::stored("acme.com");
            Domain { provider: Some(provider), name, ..domain(DomainStatus::Connecting, true) }
        };
        let both = [MailProvider::Google, MailProvider::Microsoft].map(of);
        reasons.flat_map(|reason| both.each_ref().map(|domain| words(domain, *reason))).collect()
    }

    #[test]
    fn whoever_is_asked_about_mail_reads_who_acts_where_what_is_sent_and_what_ends_it() {
        let all = told();
        assert!(all.len() >= 12, "{all:?}");
        let has = |text: &str, any: &[&str]| any.iter().any(|one| text.contains(one));
        for text in all {
            assert!(has(&text, &["hoever runs", "An administrator", "Only the operator"]), "who acts? {text}");
            assert!(has(&text, &["admin console", "PowerShell", "security settings"]), "where? {text}");
            let is_sent = has(&text, &["end what it shows as `", "`dkim_record`", "`logins`", "as `mailboxes`"]);
            assert!(is_sent || text.contains("Nothing has to be sent"), "what is sent? {text}");
            assert!(text.contains("goes on when"), "how is it known that it is done? {text}");
        }
    }

    #[test]
    fn commands_have_the_name_in_them_and_can_be_pasted() {
        let domain = Domain {
            provider: Some(MailProvider::Microsoft),
            name: DomainName::stored("acme.com"),
            ..domain(DomainStatus::Connecting, true)
        };
        for (reason, command) in [
            (
                ActionReason::DkimNeedsEnabling,
                "`New-DkimSigningConfig -DomainName acme.com -KeySize 2048 -Enabled $false`",
            ),
            (ActionReason::DkimNeedsEnabling, "`Set-DkimSigningConfig -Identity acme.com -Enabled $true`"),
            (ActionReason::SmtpAuthNeeded, "`Set-TransportConfig -SmtpClientAuthenticationDisabled $false`"),
            (
                ActionReason::SmtpAuthNeeded,
                "`Get-Mailbox -ResultSize Unlimited | Where-Object { $_.PrimarySmtpAddress -like '*@acme.com' } | \
                 Set-CASMailbox -SmtpClientAuthenticationDisabled $false`",
            ),
        ] {
            let text = words(&domain, reason);
            assert!(text.contains(command), "{text}");
        }
    }
}
