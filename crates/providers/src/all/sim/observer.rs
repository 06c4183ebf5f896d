//! What can be seen of the sandbox from outside.

use async_trait::async_trait;
use model::dns::RrType;

use super::Sim;
use super::behaviour::Moment;
use super::dns_host::host;
use super::estate::Estate;
use super::scene::Scene;
use crate::call::Call;
use crate::roles::{Fetched, Observer};
use crate::trouble::Trouble;

/// A picture of one grey pixel: every address in the sandbox leads to it.
const PIXEL: &[u8] = include_bytes!("pixel.png");
/// How references of the step end that looks at the target of a redirect.
const FORWARDING: &str = "/set_forwarding";

#[async_trait]
impl Observer for Sim {
    async fn dns(&self, call: &Call, name: &str, rtype: RrType) -> Result<Vec<String>, Trouble> {
        let name = host(name);
        self.turn(call, move |scene| Ok(resolve(scene, &name, rtype))).await
    }

    async fn fetch(&self, call: &Call, _url: &str, limit: usize) -> Result<Fetched, Trouble> {
        self.turn(call, move |scene| fetch(scene, limit)).await
    }
}

/// The delegation answers for itself; the rest is seen only where it leads to the zone that we serve.
fn resolve(scene: &Scene<'_>, name: &str, rtype: RrType) -> Vec<String> {
    let estate = &scene.estate;
    if rtype == RrType::Ns && name == scene.name().as_str() {
        return estate.delegation.clone();
    }
    match &estate.zone {
        Some(zone) if is_delegated(estate, &zone.nameservers) => zone.values(name, rtype).to_vec(),
        _ => vec![],
    }
}

fn is_delegated(estate: &Estate, nameservers: &[String]) -> bool {
    let sorted = |names: &[String]| {
        let mut names: Vec<_> = names.iter().map(|name| host(name)).collect();
        names.sort();
        names
    };
    sorted(&estate.delegation) == sorted(nameservers)
}

fn fetch(scene: &mut Scene<'_>, limit: usize) -> Result<Fetched, Trouble> {
    if scene.call.reference.ends_with(FORWARDING) {
        scene.ask(Moment::FetchingTarget)?;
    }
    let body = PIXEL[..limit.min(PIXEL.len())].to_vec();
    Ok(Fetched { status: 200, content_type: Some("image/png".into()), body })
}
