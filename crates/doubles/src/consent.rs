//! The page on which people let an application into their mailbox, and the grants that come of it (RFC 6749, section 4.1; RFC 7636):
//! the same at Google and at Microsoft, but for their words. Whoever opens the page is a person who answers at once.

use std::collections::{BTreeMap, VecDeque};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use url::Url;

use crate::server::{Asked, Said};

/// The application's number.
pub const CLIENT: &str = "4711-inboxes.apps.example.com";
/// Its secret.
pub const SECRET: &str = "oauth~secret-4711";

/// How long a code is good, in seconds.
const GOOD: i64 = 600;
/// How long an access token is good, in seconds.
const LASTS: i64 = 3_599;

/// What a person does on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// Says yes, as whom they were asked to sign in.
    Agrees,
    /// Says yes, and is signed in as somebody else.
    AgreesAs(String),
    /// Says yes to less than was asked for.
    AgreesPartly,
    /// Says no.
    Declines,
}

/// What an application was given, and for what.
#[derive(Clone, Debug)]
struct Given {
    email: String,
    scope: String,
    challenge: String,
    redirect_uri: String,
    until: i64,
}

/// The consents at a host.
pub(crate) struct Consents {
    /// Where people are sent back to, as the application's owner has registered it.
    pub(crate) redirects: Vec<String>,
    /// What the next people do; others agree.
    pub(crate) people: VecDeque<Person>,
    /// What whoever has consented is told to be.
    claims: fn(&str) -> Value,
    /// Which scopes it tells of: those that let somebody into a mailbox.
    tells: fn(&str) -> bool,
    /// Whether a refresh token is good once, and another comes with each grant.
    rotates: bool,
    codes: BTreeMap<String, Given>,
    refresh: BTreeMap<String, Given>,
    access: BTreeMap<String, (String, i64)>,
    drawn: u64,
}

impl Consents {
    pub(crate) fn new(claims: fn(&str) -> Value, tells: fn(&str) -> bool, rotates: bool) -> Self {
        Self {
            redirects: vec![],
            people: VecDeque::new(),
            claims,
            tells,
            rotates,
            codes: BTreeMap::new(),
            refresh: BTreeMap::new(),
            access: BTreeMap::new(),
            drawn: 0,
        }
    }

    /// A person opens the page. Answers who has agreed, and where they are sent.
    pub(crate) fn page(&mut self, asked: &Asked, now: i64) -> (Option<String>, Said) {
        let said = |name: &str| asked.parameter(name).unwrap_or_default().to_owned();
        let is_asked_well = said("client_id") == CLIENT
            && said("response_type") == "code"
            && said("code_challenge_method") == "S256"
            && said("code_challenge").len() == 43
            && self.redirects.contains(&said("redirect_uri"));
        if asked.method != "GET" || !is_asked_well {
            // Nobody is sent to an address that is not registered.
            return (None, refused("invalid_request", "The page shows an error."));
        }
        let person = self.people.pop_front().unwrap_or(Person::Agrees);
        let hint = said("login_hint");
        let email = match &person {
            Person::Declines => {
                return (None, sent(&said("redirect_uri"), &[("error", "access_denied"), ("state", &said("state"))]));
            }
            Person::AgreesAs(email) => email.clone(),
            Person::Agrees | Person::AgreesPartly => hint,
        };
        let scope = match person {
            Person::AgreesPartly => "openid".to_owned(),
            _ => said("scope"),
        };
        let code = format!("4/code-{}", self.draw());
        let (challenge, redirect_uri) = (said("code_challenge"), said("redirect_uri"));
        let given =
            Given { email: email.clone(), scope, challenge, redirect_uri: redirect_uri.clone(), until: now + GOOD };
        self.codes.insert(code.clone(), given);
        (Some(email), sent(&redirect_uri, &[("code", &code), ("state", &said("state"))]))
    }

    /// A grant is asked for; `None` where it is of another type than those of consents.
    pub(crate) fn grant(&mut self, asked: &Asked, now: i64) -> Option<Said> {
        let field = |name: &str| asked.body[name].as_str().unwrap_or_default().to_owned();
        let by_code = match field("grant_type").as_str() {
            "authorization_code" => true,
            "refresh_token" => false,
            _ => return None,
        };
        if field("client_id") != CLIENT || field("client_secret") != SECRET {
            let said = refused("invalid_client", "The client is not known.");
            return Some(Said { status: 401, ..said });
        }
        let given = match by_code {
            true => self.codes.remove(&field("code")).filter(|given| {
                let proof = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, field("code_verifier").as_bytes()));
                given.until > now && given.challenge == proof && given.redirect_uri == field("redirect_uri")
            }),
            false if self.rotates => self.refresh.remove(&field("refresh_token")),
            false => self.refresh.get(&field("refresh_token")).cloned(),
        };
        let Some(given) = given else { return Some(refused("invalid_grant", "Bad Request")) };
        Some(self.granted(given, by_code, now))
    }

    fn granted(&mut self, given: Given, by_code: bool, now: i64) -> Said {
        let (access, refresh) = (format!("at-{}", self.draw()), format!("1//rt-{}", self.draw()));
        self.access.insert(access.clone(), (given.email.clone(), now + LASTS));
        let scope: Vec<_> = given.scope.split(' ').filter(|scope| (self.tells)(scope)).collect();
        let mut body = json!({
            "access_token": access, "expires_in": LASTS, "token_type": "Bearer", "scope": scope.join(" "),
        });
        if by_code {
            let mut claims = (self.claims)(&given.email);
            claims["aud"] = CLIENT.into();
            body["id_token"] = format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string())).into();
        }
        if by_code || self.rotates {
            self.refresh.insert(refresh.clone(), given);
            body["refresh_token"] = refresh.into();
        }
        Said { status: 200, headers: vec![], body: Some(body) }
    }

    /// Whose mailbox an access token opens.
    pub(crate) fn opens(&self, access: &str, now: i64) -> Option<String> {
        self.access.get(access).filter(|(_, until)| *until > now).map(|(email, _)| email.clone())
    }

    /// Whose mailbox a refresh token opens, for whoever has the application's secret.
    pub(crate) fn holds(&self, refresh: &str) -> Option<String> {
        self.refresh.get(refresh).map(|given| given.email.clone())
    }

    /// Somebody takes back what they have consented to.
    pub(crate) fn revoke(&mut self, email: &str) {
        self.refresh.retain(|_, given| given.email != email);
        self.access.retain(|_, (owner, _)| owner != email);
    }

    /// Everything that was given and that nobody else may see.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.codes.keys().chain(self.refresh.keys()).chain(self.access.keys()).cloned().collect()
    }

    fn draw(&mut self) -> String {
        self.drawn += 1;
        format!("{:016x}", u128::from(self.drawn) * 7_919_004_711)
    }
}

fn sent(address: &str, with: &[(&str, &str)]) -> Said {
    let location = Url::parse_with_params(address, with).map(String::from).unwrap_or_default();
    Said { status: 302, headers: vec![("location".into(), location)], body: None }
}

fn refused(error: &str, words: &str) -> Said {
    Said { status: 400, headers: vec![], body: Some(json!({ "error": error, "error_description": words })) }
}
