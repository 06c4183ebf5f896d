//! A live world in which one Cloudflare account sells, serves and redirects every name.

use std::sync::Arc;

use async_trait::async_trait;
use doubles::cloudflare::{ACCOUNT, Cloudflare, TOKEN};
use model::clock::{Clock, HandClock, Time};
use model::dns::RrType;
use providers::call::Call;
use providers::roles::{Fetched, Observer};
use providers::trouble::Trouble;
use server::accounts;
use tempfile::TempDir;

use super::stage::{read, with_mail};
use super::vendors_zones;
use crate::support::{NOW, Rig};

/// One account for everything but mail and links.
const ACCOUNTS: &str = r#"
[accounts.edge]
kind = "cloudflare"
base_url = "EDGE/client/v4"
account = "ACCOUNT"
token = { file = "FOLDER/token" }

[live]
registrar = ["edge"]
dns = ["edge"]
redirect = ["edge"]
margin_cents = 0
day_cap_cents = 10000000
month_cap_cents = 10000000
"#;

/// A server that does everything at one double.
pub(super) struct Edge {
    pub(super) rig: Rig,
    pub(super) double: Arc<Cloudflare>,
    _folder: TempDir,
}

impl Edge {
    pub(super) async fn new() -> Self {
        let double = Arc::new(Cloudflare::new(NOW.seconds()).await);
        double.limit_names(1_000);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), TOKEN).unwrap();
        let text = ACCOUNTS
            .replace("EDGE", &double.server.base())
            .replace("ACCOUNT", ACCOUNT)
            .replace("FOLDER", &folder.path().display().to_string());
        let said = read(&text, folder.path());
        let accounts = |hand: &Arc<HandClock>| {
            let clock: Arc<dyn Clock> = Arc::new(Shared { hand: hand.clone(), double: double.clone() });
            with_mail(accounts::live(&said, &clock, Arc::new(Eyes(double.clone()))).unwrap().unwrap())
        };
        let rig = Rig::live_at(said.clone(), accounts).await;
        Self { rig, double, _folder: folder }
    }
}

/// The server's clock; the vendor's goes with it.
struct Shared {
    hand: Arc<HandClock>,
    double: Arc<Cloudflare>,
}

impl Clock for Shared {
    fn now(&self) -> Time {
        let now = self.hand.now();
        self.double.pass_to(now.seconds());
        now
    }
}

/// Sees what the double serves.
struct Eyes(Arc<Cloudflare>);

#[async_trait]
impl Observer for Eyes {
    async fn dns(&self, _: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        if rtype != RrType::Ns {
            let served = |name: &str, rtype: RrType| self.0.served(name, rtype.as_str());
            return Ok(vendors_zones::texts(name, rtype, served).unwrap_or_else(|| served(name, rtype)));
        }
        let zone = self.0.zone(name).unwrap_or_default();
        let servers = zone["name_servers"].as_array().into_iter().flatten();
        Ok(servers.filter_map(|one| one.as_str().map(str::to_owned)).collect())
    }

    async fn is_signed(&self, _: &Call, _: &str) -> Result<bool, Trouble> {
        Ok(false)
    }

    async fn fetch(&self, _: &Call, _: &str, _: usize) -> Result<Fetched, Trouble> {
        Ok(Fetched { status: 200, content_type: None, body: vec![] })
    }
}
