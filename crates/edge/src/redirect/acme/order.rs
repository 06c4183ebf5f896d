//! One order, from its beginning to the certificate.

use instant_acme::{Account, Error, Identifier, NewOrder, Order};
use model::certificate::Made;
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use secrecy::SecretString;

use super::super::certified::{Certified, Kept};
use super::authority::Authority;
use super::keeper::{Held, Keeper};
use super::proof::{self, ASKING};
use super::renewal;
use super::trouble::Trouble;

/// Orders a certificate for the names that are next.
pub(super) async fn order(authority: &Authority, keeper: &dyn Keeper, held: &Held) -> Result<(Kept, Made), Trouble> {
    let account = authority.account(keeper).await?;
    let names = held.certificate.next_names();
    let mut order = match begin(&account, &names, held).await {
        Err(error) if authority.forget(keeper, &error, &account).await? => {
            begin(&authority.account(keeper).await?, &names, held).await?
        }
        begun => begun?,
    };
    let way = authority.way(held.certificate.failures);
    proof::prove(&mut order, way, keeper, held.until).await?;
    let kept = finish(&mut order, &held.certificate.host, &names).await?;
    let certified = Certified::of(&kept).map_err(|fault| Trouble::Made(fault.to_string()))?;
    if !names.iter().all(|name| certified.names().any(|one| one == name)) {
        return Err(Trouble::Made("it is not for the names that were asked for".into()));
    }
    let suggested = renewal::suggested(&account, &kept.chain).await;
    let made = Made { names, begins_at: certified.begins_at(), ends_at: certified.ends_at(), suggested };
    Ok((kept, made))
}

/// Says which names a certificate is wanted for, and which one it takes the place of, where the authority wants to know (RFC 9773 §5).
async fn begin(account: &Account, names: &[String], held: &Held) -> Result<Order, Trouble> {
    let names: Vec<_> = names.iter().cloned().map(Identifier::Dns).collect();
    if let Some(old) = held.chain.as_deref().and_then(renewal::identifier) {
        match account.new_order(&NewOrder::new(&names).replaces(old)).await {
            Err(Error::Unsupported(_)) => {}
            // Somebody has replaced it already, or it was another authority's.
            Err(Error::Api(problem)) if is_about_the_old_one(problem.r#type.as_deref()) => {}
            begun => return Ok(begun?),
        }
    }
    Ok(account.new_order(&NewOrder::new(&names)).await?)
}

fn is_about_the_old_one(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| kind.ends_with(":alreadyReplaced") || kind.ends_with(":malformed"))
}

/// Has the certificate made, with a key of its own.
async fn finish(order: &mut Order, host: &str, names: &[String]) -> Result<Kept, Trouble> {
    let fault = |error: rcgen::Error| Trouble::Asked(Error::Other(Box::new(error)));
    let mut wanted = CertificateParams::new(names).map_err(fault)?;
    wanted.distinguished_name = DistinguishedName::new();
    let key = KeyPair::generate().map_err(fault)?;
    let request = wanted.serialize_request(&key).map_err(fault)?;
    order.finalize_csr(request.der()).await?;
    let chain = order.poll_certificate(&ASKING).await?;
    Ok(Kept { host: host.to_owned(), chain, key: SecretString::from(key.serialize_pem()) })
}
