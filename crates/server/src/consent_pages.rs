//! The pages on which owners of inboxes consent, as the API may know them: it asks nobody there.

use app::consents::{ConsentSource, Told};
use model::access::AccessKind;
use model::domain::{Domain, MailProvider};
use providers::roles::ConsentAsk;
use providers::roster::Providers;

/// The mail hosts of all worlds.
pub(crate) struct ConsentPages(pub(crate) Providers);

impl ConsentSource for ConsentPages {
    fn page(&self, domain: &Domain, provider: MailProvider, told: Told<'_>) -> Option<String> {
        let cast = self.0.cast(&domain.world, &domain.accounts)?;
        if !cast.sequencer.takes().contains(&AccessKind::Oauth) {
            return None;
        }
        let Told { email, redirect_uri, state, challenge } = told;
        cast.mail(provider).consent_page(&ConsentAsk { email, redirect_uri, state, challenge })
    }
}
