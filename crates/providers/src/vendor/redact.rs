//! What is shown of an exchange: everything but what is secret.
//!
//! Three nets, one behind the other: the account's own secrets wherever they stand, in each form they travel in; values
//! whose names say that they are secret; and where neither can be told, nothing is shown but how much there is.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::request::Body;
use super::settings::Auth;

/// What stands for what is not shown.
const HIDDEN: &str = "[redacted]";

/// Words that are secret wherever they are part of a name.
const SECRET: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "authorization",
    "credential",
    "privatekey",
    "authcode",
    "signature",
    "cookie",
    "session",
    // Sequencers' words about a login that failed: mail servers repeat what they were told.
    "statusmessage",
    "failureerror",
    "assertion",
];
/// Names that are secret, or end so.
const SECRET_ENDS: [&str; 4] = ["key", "auth", "pass", "pwd"];
/// Names that end so, and are what a request is found by.
const NOT_SECRET: [&str; 2] = ["idempotencykey", "xidempotencykey"];

/// Knows what is secret of an account.
pub(super) struct Redactor {
    secrets: Vec<SecretString>,
}

impl Redactor {
    pub(super) fn new(auth: &Auth) -> Self {
        let mut forms: Vec<String> = auth.secrets().into_iter().flat_map(forms).collect();
        if let Auth::Basic(user, secret) = auth {
            forms.push(BASE64_STANDARD.encode(format!("{user}:{}", secret.expose_secret())));
        }
        Self::of(forms)
    }

    /// The same, of an account's request that carries more secrets.
    pub(super) fn and(&self, more: &[SecretString]) -> Self {
        let known = self.secrets.iter().map(|secret| secret.expose_secret().to_owned());
        Self::of(known.chain(more.iter().flat_map(|secret| forms(secret.expose_secret()))).collect())
    }

    fn of(mut forms: Vec<String>) -> Self {
        forms.retain(|form| !form.is_empty());
        // A secret that is part of another must not leave the rest of it standing.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Self { secrets: forms.into_iter().map(SecretString::from).collect() }
    }

    /// An address: parameters that are secret are not shown.
    pub(super) fn url(&self, url: &Url) -> String {
        let mut shown = url.clone();
        if url.query().is_some() {
            let pairs = url.query_pairs().map(|(name, value)| match is_secret(&name) {
                true => (name.into_owned(), HIDDEN.to_owned()),
                false => (name.into_owned(), self.known(&value)),
            });
            let pairs: Vec<_> = pairs.collect();
            shown.query_pairs_mut().clear().extend_pairs(pairs);
        }
        self.known(shown.as_str())
    }

    /// Headers: values of those that are secret are not shown.
    pub(super) fn headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        let shown = |(name, value): &(String, String)| match is_secret(name) {
            true => (name.clone(), HIDDEN.to_owned()),
            false => (name.clone(), self.known(value)),
        };
        headers.iter().map(shown).collect()
    }

    /// What is sent: a form as the object that it is, and of a picture only how much there is.
    pub(super) fn sent(&self, body: &Body) -> String {
        match body {
            Body::Form(fields) => {
                let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())));
                self.body(Value::Object(fields.collect()).to_string().as_bytes())
            }
            Body::Bytes(media_type, bytes) => format!("({} bytes, {media_type})", bytes.len()),
            Body::Json(value) => self.body(value.to_string().as_bytes()),
        }
    }

    /// A body: of JSON everything but secret values, which stay texts and numbers; of other texts everything where nothing
    /// in it speaks of a secret.
    pub(super) fn body(&self, body: &[u8]) -> String {
        if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
            self.value(&mut value, false);
            return value.to_string();
        }
        let text = String::from_utf8_lossy(body);
        match speaks_of_secrets(&text) {
            true => format!("({} bytes, not shown: they may hold a secret)", body.len()),
            false => self.known(&text),
        }
    }

    fn value(&self, value: &mut Value, is_hidden: bool) {
        match value {
            Value::String(text) if is_hidden => HIDDEN.clone_into(text),
            Value::String(text) => *text = self.known(text),
            Value::Number(_) if is_hidden => *value = Value::from(0),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, is_hidden)),
            Value::Object(fields) => {
                let shown = std::mem::take(fields).into_iter().map(|(name, mut inner)| {
                    self.value(&mut inner, is_hidden || is_secret(&name));
                    (self.known(&name), inner)
                });
                *fields = shown.collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A text without the account's own secrets.
    fn known(&self, text: &str) -> String {
        let hide = |text: String, secret: &SecretString| match text.contains(secret.expose_secret()) {
            true => text.replace(secret.expose_secret(), HIDDEN),
            false => text,
        };
        self.secrets.iter().fold(text.to_owned(), hide)
    }
}

/// A secret as it may stand in headers, in addresses and in JSON.
fn forms(secret: &str) -> [String; 4] {
    let escaped: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = Value::from(secret).to_string();
    let json = json.trim_matches('"').to_owned();
    [secret.to_owned(), escaped, BASE64_STANDARD.encode(secret), json]
}

/// Whether what has this name must not be shown.
fn is_secret(name: &str) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    let is_one = SECRET.iter().any(|word| name.contains(word)) || SECRET_ENDS.iter().any(|end| name.ends_with(end));
    is_one && !NOT_SECRET.contains(&name.as_str())
}

/// Whether some word of a text is a secret's name.
fn speaks_of_secrets(text: &str) -> bool {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter))).any(is_secret)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redactor() -> Redactor {
        Redactor::new(&Auth::Query(vec![("api_key", "p&ss w\"rd".into())]))
    }

    #[test]
    fn a_secret_is_not_shown_in_any_form_it_travels_in() {
        let basic = Redactor::new(&Auth::Basic("me".into(), "hush!".into()));
        let sent = BASE64_STANDARD.encode("me:hush!");
        assert_eq!(basic.body(sent.as_bytes()), HIDDEN);
        let url = Url::parse_with_params("https://a.example/x", [("api_key", "p&ss w\"rd"), ("page", "2")]).unwrap();
        assert_eq!(redactor().url(&url), "https://a.example/x?api_key=%5Bredacted%5D&page=2");
        let odd = Url::parse_with_params("https://a.example/x", [("q", "p&ss w\"rd")]).unwrap();
        assert!(!redactor().url(&odd).contains("p%26ss"), "under any name");
        for echo in [r#"bad: p&ss w"rd"#, "bad: p%26ss+w%22rd", r#"{"said":"p&ss w\"rd"}"#] {
            let shown = redactor().body(echo.as_bytes());
            assert!(shown.contains(HIDDEN) && !shown.contains("ss w") && !shown.contains("26ss"), "{shown}");
        }
    }

    #[test]
    fn what_a_request_carries_is_hidden_beside_the_accounts_own() {
        let shown = redactor().and(&["hunter2".into()]).body(br#"{"error":"535 jane / hunter2, p&ss w\"rd"}"#);
        assert_eq!(shown, r#"{"error":"535 jane / [redacted], [redacted]"}"#);
    }

    #[test]
    fn names_say_what_is_secret() {
        for name in [
            "Authorization",
            "X-API-Key",
            "x-auth-key",
            "secretapikey",
            "smtp_password",
            "access_token",
            "Set-Cookie",
            "auth_code",
            "privateKey",
            "pwd",
            "webhook_secret",
            "passphrase",
            "smtp_failure_error",
            "status_message",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in
            ["Content-Type", "domain", "X-Idempotency-Key", "author", "keyword", "x-request-id", "price", "passed"]
        {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_form_is_shown_without_its_secrets_and_a_picture_not_at_all() {
        let form =
            Body::Form(vec![("grant_type", "x".into()), ("client_secret", "hush".into()), ("assertion", "a.b".into())]);
        let shown: Value = serde_json::from_str(&redactor().sent(&form)).unwrap();
        assert_eq!(shown, serde_json::json!({ "grant_type": "x", "client_secret": HIDDEN, "assertion": HIDDEN }));
        assert_eq!(redactor().sent(&Body::Bytes("image/png", b"hush".to_vec())), "(4 bytes, image/png)");
    }

    #[test]
    fn json_keeps_its_shape() {
        let body = r#"{"id":7,"password":"x","auth":{"codes":[1,"2",null,true]},"name":"Jane"}"#;
        let shown: Value = serde_json::from_str(&redactor().body(body.as_bytes())).unwrap();
        let expected = serde_json::json!({
            "id": 7, "password": HIDDEN, "auth": { "codes": [0, HIDDEN, null, true] }, "name": "Jane"
        });
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_cannot_be_read_is_shown_only_where_it_speaks_of_nothing_secret() {
        assert_eq!(redactor().body(b"502 Bad Gateway"), "502 Bad Gateway");
        for text in [r#"{"data":{"password":"x"#, "user=me&password=x", "<input name=csrf-token value=x>"] {
            let shown = redactor().body(text.as_bytes());
            assert!(shown.contains("not shown") && !shown.contains('x'), "{shown}");
        }
    }

    proptest! {
        #[test]
        fn nothing_shown_ever_holds_the_secret(secret in "[!-~]{6,24}", before in "\\PC{0,12}", name in "[a-z]{1,8}") {
            let redactor = Redactor::new(&Auth::Bearer(secret.clone().into()));
            let body = serde_json::json!({ &name: format!("{before}{secret}"), "list": [&secret] }).to_string();
            let url = Url::parse_with_params("https://a.example/", [(&name, &format!("{before}{secret}"))]).unwrap();
            let headers = redactor.headers(&[(name.clone(), format!("Bearer {secret}"))]);
            let shown = format!("{}\n{}\n{}", redactor.body(body.as_bytes()), redactor.url(&url), headers[0].1);
            // What the mark itself holds is no leak.
            let rest = shown.replace(HIDDEN, "").replace("%5Bredacted%5D", "");
            prop_assert!(!rest.contains(&secret), "{}", shown);
        }
    }
}
