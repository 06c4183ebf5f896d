//! Opens the operator's mailbox that first mails are sent to.

use std::sync::Arc;

use providers::probing::{Dial, ProbeMailbox, ProbeSettings, Prober};

use super::secret;
use crate::probing::ProbeConfig;

/// Whoever sends and finds first mails; `None` where no mailbox is named. Nobody is asked.
///
/// # Errors
/// A sentence that begins with the setting that will not do.
pub fn open(config: &ProbeConfig, dial: Arc<dyn Dial>) -> Result<Option<Arc<dyn Prober>>, String> {
    if config.mailbox.is_empty() {
        return Ok(None);
    }
    let password = secret::fetch(&config.password).map_err(|fault| format!("probe.password {fault}"))?;
    let settings = ProbeSettings {
        mailbox: config.mailbox.clone(),
        authserv_id: config.authserv_id.clone(),
        imap_host: config.imap_host.clone(),
        imap_port: config.imap_port,
        user: config.user().to_owned(),
        password,
        folders: config.folders.clone(),
    };
    let opened = ProbeMailbox::new(settings, dial).map_err(|fault| format!("probe.mailbox cannot be used: {fault}"))?;
    Ok(Some(Arc::new(opened)))
}

#[cfg(test)]
mod tests {
    use providers::probing::Directly;

    use super::*;
    use crate::probing::tests::probe;

    #[test]
    fn it_is_off_without_a_mailbox_and_wants_its_password_with_one() {
        let off = open(&ProbeConfig { mailbox: String::new(), ..probe() }, Arc::new(Directly));
        assert!(off.is_ok_and(|prober| prober.is_none()));
        let told = open(&probe(), Arc::new(Directly)).err().unwrap();
        assert!(told.starts_with("probe.password") && told.contains("not set"), "{told}");
    }
}
