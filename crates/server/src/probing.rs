//! The operator's mailbox to which domains send a first mail, as the configuration says it.

use std::path::PathBuf;

use serde::Deserialize;

use crate::account_settings::Kept;

/// See the table `probe` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct ProbeConfig {
    pub mailbox: String,
    pub authserv_id: String,
    pub imap_host: String,
    pub imap_port: u16,
    pub user: String,
    pub password: Kept,
    pub folders: Vec<String>,
}

impl ProbeConfig {
    /// What is wrong with it, each sentence beginning with its setting.
    pub(crate) fn problems(&self) -> Vec<String> {
        if self.mailbox.is_empty() {
            return vec![];
        }
        let mut problems = vec![];
        if !is_address(&self.mailbox) {
            problems.push(format!(
                "probe.mailbox = {:?} is not an address of e-mail; write it as probe@example.com, and leave it empty for none",
                self.mailbox
            ));
        }
        for (key, value) in [("authserv_id", &self.authserv_id), ("imap_host", &self.imap_host)] {
            if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte)) {
                problems
                    .push(format!("probe.{key} = {value:?} is not the name of a server; write it as mx.example.com"));
            }
        }
        if self.imap_port == 0 {
            problems.push("probe.imap_port = 0 is not a port; most often it is 993".into());
        }
        // It would be read as more than a name.
        let is_name = |folder: &String| {
            !folder.is_empty() && folder.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte))
        };
        if self.folders.is_empty() || !self.folders.iter().all(is_name) {
            problems.push(
                "probe.folders has a folder without a name, or none at all; write it as [\"INBOX\", \"Junk\"]".into(),
            );
        }
        problems
    }

    /// The login's name: the mailbox itself, where nothing else is said.
    pub(crate) fn user(&self) -> &str {
        if self.user.is_empty() { &self.mailbox } else { &self.user }
    }

    /// The file that holds its password.
    pub(crate) fn secret_file(&self) -> Option<PathBuf> {
        self.password.file.clone()
    }
}

/// Whether it is an address that goes into a command as it is.
fn is_address(text: &str) -> bool {
    let fine = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte))
    };
    text.split_once('@').is_some_and(|(local, domain)| fine(local) && fine(domain) && domain.contains('.'))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn probe() -> ProbeConfig {
        ProbeConfig {
            mailbox: "probe@operator.example".into(),
            authserv_id: "mx.operator.example".into(),
            imap_host: "imap.operator.example".into(),
            imap_port: 993,
            user: String::new(),
            password: Kept { file: None, env: Some("MAILWRIGHT_NOBODY_SETS_THIS".into()), credential: None },
            folders: vec!["INBOX".into()],
        }
    }

    #[test]
    fn what_will_not_do_is_said_in_one_sentence_each() {
        assert_eq!(probe().problems(), [] as [&str; 0]);
        assert_eq!(ProbeConfig { mailbox: String::new(), imap_port: 0, ..probe() }.problems(), [] as [&str; 0]);
        for (said, setting) in [
            (ProbeConfig { mailbox: "probe".into(), ..probe() }, "probe.mailbox"),
            (ProbeConfig { mailbox: "a@b.example>\r\nRSET".into(), ..probe() }, "probe.mailbox"),
            (ProbeConfig { authserv_id: String::new(), ..probe() }, "probe.authserv_id"),
            (ProbeConfig { imap_host: "a b".into(), ..probe() }, "probe.imap_host"),
            (ProbeConfig { imap_port: 0, ..probe() }, "probe.imap_port"),
            (ProbeConfig { folders: vec![], ..probe() }, "probe.folders"),
            (ProbeConfig { folders: vec!["a\" \"b".into()], ..probe() }, "probe.folders"),
        ] {
            let found = said.problems();
            assert!(found.len() == 1 && found[0].starts_with(setting), "{found:?}");
        }
    }
}
