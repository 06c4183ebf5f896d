//! Vendors of mailboxes and of links, and what a server says of its accounts there.

use std::fmt::Write as _;
use std::sync::Arc;

use doubles::{google, graph, instantly, smartlead};
use providers::probing::{Dial, Directly};
use tempfile::TempDir;

use super::stage::{Beside, Live};
use crate::support::NOW;

/// Tenants at Google and Microsoft, as many of each, and two sequencers.
#[derive(Clone)]
pub(super) struct Houses {
    pub(super) google: Vec<Arc<google::Google>>,
    pub(super) graph: Vec<Arc<graph::Graph>>,
    pub(super) smartlead: Arc<smartlead::Smartlead>,
    pub(super) instantly: Arc<instantly::Instantly>,
    secrets: Arc<TempDir>,
}

impl Houses {
    pub(super) async fn new(tenants_of_each: usize) -> Self {
        let now = NOW.seconds();
        let smartlead = Arc::new(smartlead::Smartlead::new(now).await);
        let instantly = Arc::new(instantly::Instantly::new(now).await);
        let (mut google, mut graph) = (vec![], vec![]);
        for _ in 0..tenants_of_each {
            google.push(Arc::new(google::Google::new(now).await));
            graph.push(Arc::new(graph::Graph::new(now).await));
        }
        let tenants = graph.clone();
        smartlead.ask_hosts_with(move |login| smtp_is_on(&tenants, &login.email));
        let secrets = tempfile::tempdir().unwrap();
        for (number, tenant) in google.iter().enumerate() {
            std::fs::write(secrets.path().join(format!("google{number}")), tenant.key_file()).unwrap();
        }
        std::fs::write(secrets.path().join("graph"), graph::SECRET).unwrap();
        Self { google, graph, smartlead, instantly, secrets: Arc::new(secrets) }
    }

    /// A server that has accounts at all of them, beside the usual ones; their clocks go with its.
    pub(super) async fn live(&self, change: impl FnOnce(String) -> String) -> Live {
        self.live_dialling(change, Arc::new(Directly)).await
    }

    /// The same, which reaches the servers of first mails like this.
    pub(super) async fn live_dialling(&self, change: impl FnOnce(String) -> String, dial: Arc<dyn Dial>) -> Live {
        let live = Live::beside(|usual| change(self.configured(&usual)), (self.clocks(), dial)).await;
        let host = live.dnsimple.clone();
        self.look_with(move |name| [host.hosted(name, "TXT"), host.hosted(name, "CNAME")].concat());
        live
    }

    pub(super) fn clocks(&self) -> Beside {
        let all = self.clone();
        Arc::new(move |now| {
            all.google.iter().for_each(|one| one.pass_to(now));
            all.graph.iter().for_each(|one| one.pass_to(now));
            all.smartlead.reach(now);
            all.instantly.reach(now);
        })
    }

    /// They find in the DNS what a look finds.
    pub(super) fn look_with(&self, look: impl Fn(&str) -> Vec<String> + Clone + Send + Sync + 'static) {
        self.google.iter().for_each(|one| one.look_with(look.clone()));
        self.graph.iter().for_each(|one| one.look_with(look.clone()));
    }

    fn configured(&self, usual: &str) -> String {
        let folder = self.secrets.path().display();
        let (mut accounts, mut mail) = (String::new(), vec![]);
        for (number, tenant) in self.google.iter().enumerate() {
            let (base, admin) = (tenant.server.base(), google::ADMIN);
            mail.push(format!("\"workspace{number}\""));
            write!(
                accounts,
                "[accounts.workspace{number}]\nkind = \"google\"\nbase_url = \"{base}\"\nadmin = \"{admin}\"\n\
                 key = {{ file = \"{folder}/google{number}\" }}\n\n"
            )
            .unwrap();
        }
        for (number, tenant) in self.graph.iter().enumerate() {
            let (base, id, client) = (tenant.server.base(), graph::TENANT, graph::CLIENT);
            mail.push(format!("\"office{number}\""));
            write!(
                accounts,
                "[accounts.office{number}]\nkind = \"microsoft\"\nbase_url = \"{base}\"\ntenant = \"{id}\"\nclient = \"{client}\"\n\
                 secret = {{ file = \"{folder}/graph\" }}\nusage_location = \"US\"\nlicence = \"EXCHANGESTANDARD\"\n\
                 exchange = \"automatic\"\n\n"
            )
            .unwrap();
        }
        let (first, second) = (self.smartlead.server.base(), self.instantly.server.base());
        write!(
            accounts,
            "[accounts.sender]\nkind = \"smartlead\"\nbase_url = \"{first}/api\"\nlogin_exchange = \"on\"\n\n\
             [accounts.other]\nkind = \"instantly\"\nbase_url = \"{second}/api/v2\"\n\n\
             [live]\nmail = [{}]\nsequencer = [\"sender\", \"other\"]\nspread = \"even\"\n",
            mail.join(", ")
        )
        .unwrap();
        usual.replace("[live]\n", &accounts)
    }
}

/// What Microsoft's servers say, as <https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission>
/// has it.
fn smtp_is_on(tenants: &[Arc<graph::Graph>], email: &str) -> Result<(), String> {
    match tenants.iter().any(|tenant| tenant.lets_smtp(email) == Some(false)) {
        true => {
            Err("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.".into())
        }
        false => Ok(()),
    }
}
