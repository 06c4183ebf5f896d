//! An authority of our own, for sites that no real one makes certificates of: those of a sandbox, whose names nobody has bought. It
//! looks at nothing, and whoever was not told to trusts nothing that it makes.

use std::error::Error;

use model::certificate::Made;
use model::clock::{DAY, Time};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::super::certified::{Certified, Kept};
use super::keeper::{Held, Keeper};
use super::trouble::Trouble;

/// What it is called where certificates and accounts are kept by their authority.
pub const OWN: &str = "own";
/// How long its certificates count, in microseconds.
const LASTS: i64 = 90 * DAY;
/// How long its own does.
const ROOT_LASTS: i64 = 3_650 * DAY;
/// Clocks of this machine's other programs may be a little behind.
const BEFORE: i64 = DAY;

/// Its key, with the certificate that says so.
struct Root {
    /// In PEM.
    certificate: String,
    key: KeyPair,
}

/// Its certificate in PEM, for those who are to trust it. It is made where nobody has made it yet; all processes have the same.
///
/// # Errors
/// When it cannot be kept or read.
pub async fn own_root(keeper: &dyn Keeper, now: Time) -> Result<String, Box<dyn Error + Send + Sync>> {
    Ok(root(keeper, now).await?.certificate)
}

/// Makes the certificate that is due.
pub(super) async fn order(keeper: &dyn Keeper, held: &Held, now: Time) -> Result<(Kept, Made), Trouble> {
    let root = root(keeper, now).await.map_err(Trouble::Kept)?;
    let names = held.certificate.next_names();
    let (chain, key) = signed(root, &names, now).map_err(|fault| Trouble::Made(fault.to_string()))?;
    let kept = Kept { host: held.certificate.host.clone(), chain, key: SecretString::from(key) };
    let certified = Certified::of(&kept).map_err(|fault| Trouble::Made(fault.to_string()))?;
    let (begins_at, ends_at) = (certified.begins_at(), certified.ends_at());
    Ok((kept, Made { names, begins_at, ends_at, suggested: None }))
}

async fn root(keeper: &dyn Keeper, now: Time) -> Result<Root, Box<dyn Error + Send + Sync>> {
    let kept = match keeper.account(OWN).await? {
        Some(kept) => kept,
        None => keeper.keep_account(OWN, made(now)?, None).await?,
    };
    let read: Value = serde_json::from_str(kept.expose_secret())?;
    let part = |name: &str| read[name].as_str().ok_or("the authority of our own is kept in a form that is not ours");
    Ok(Root { certificate: part("certificate")?.to_owned(), key: KeyPair::from_pem(part("key")?)? })
}

fn made(now: Time) -> Result<SecretString, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut wanted = of_root();
    last(&mut wanted, now.plus(-BEFORE), now.plus(ROOT_LASTS));
    let certificate: Certificate = wanted.self_signed(&key)?;
    Ok(SecretString::from(json!({ "certificate": certificate.pem(), "key": key.serialize_pem() }).to_string()))
}

/// What the root says of itself: those that it signs say the same of it.
fn of_root() -> CertificateParams {
    let mut wanted = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, "Mailwright sandbox");
    wanted.distinguished_name = name;
    wanted.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    wanted
}

fn signed(root: Root, names: &[String], now: Time) -> Result<(String, String), rcgen::Error> {
    let mut wanted = CertificateParams::new(names)?;
    wanted.distinguished_name = DistinguishedName::new();
    last(&mut wanted, now.plus(-BEFORE), now.plus(LASTS));
    let (issuer, key) = (Issuer::new(of_root(), root.key), KeyPair::generate()?);
    let certificate = wanted.signed_by(&key, &issuer)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// Has a certificate count from the day of a time to that of another one.
fn last(wanted: &mut CertificateParams, from: Time, until: Time) {
    let [from, until] = [from, until].map(|time| {
        let date = time.date();
        let mut parts = date.split('-').map(|part| part.parse::<u16>().unwrap_or_default());
        let mut part = || parts.next().unwrap_or_default();
        (i32::from(part()), part().to_le_bytes()[0], part().to_le_bytes()[0])
    });
    wanted.not_before = date_time_ymd(from.0, from.1, from.2);
    wanted.not_after = date_time_ymd(until.0, until.1, until.2);
}
