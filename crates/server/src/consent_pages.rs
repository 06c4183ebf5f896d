//! The pages on which owners of inboxes consent, as the API may know them: it asks nobody there.

use std::sync::Arc;

use app::consents::{ConsentSource, Told};
use model::access::AccessKind;
use model::clock::Clock;
use model::domain::{Domain, MailProvider};
use model::role::Role;
use providers::kind::Opened;
use providers::roles::{ConsentAsk, MailHost, Sequencer};
use providers::roster::Providers;

use crate::accounts;
use crate::config::Config;

/// The mail hosts of all worlds.
pub(crate) struct ConsentPages(pub(crate) Providers);

impl ConsentSource for ConsentPages {
    fn page(&self, domain: &Domain, provider: MailProvider, told: Told<'_>) -> Option<String> {
        let cast = self.0.cast(&domain.world, &domain.accounts)?;
        page(&**cast.mail(provider), &*cast.sequencer, told)
    }
}

/// The two accounts that one domain's consents are about, for a command beside the server.
pub(crate) struct OfOneDomain {
    mail: Opened,
    sequencer: Opened,
}

impl OfOneDomain {
    /// Opens them without asking anybody; `None` where the domain has none.
    ///
    /// # Errors
    /// A sentence that begins with the setting that will not do.
    pub(crate) fn open(config: &Config, domain: &Domain, clock: &Arc<dyn Clock>) -> Result<Option<Self>, String> {
        let (mail, sequencer) = (domain.accounts.get(Role::Mail), domain.accounts.get(Role::Sequencer));
        let (Some(mail), Some(sequencer)) = (mail, sequencer) else { return Ok(None) };
        let opened = |name| accounts::opened(config, name, clock);
        Ok(Some(Self { mail: opened(mail)?, sequencer: opened(sequencer)? }))
    }
}

impl ConsentSource for OfOneDomain {
    fn page(&self, _: &Domain, provider: MailProvider, told: Told<'_>) -> Option<String> {
        page(&*self.mail.mail(provider)?, self.sequencer.sequencer.as_deref()?, told)
    }
}

fn page(host: &dyn MailHost, sequencer: &dyn Sequencer, told: Told<'_>) -> Option<String> {
    if !sequencer.takes().contains(&AccessKind::Oauth) {
        return None;
    }
    let Told { email, redirect_uri, state, challenge } = told;
    host.consent_page(&ConsentAsk { email, redirect_uri, state, challenge })
}
