//! What a mail host is told and says of consents.

use model::clock::Time;
use model::consent::ConsentStatus;
use secrecy::SecretString;

/// What an owner is asked for.
#[derive(Clone, Copy, Debug)]
pub struct ConsentAsk<'a> {
    /// The inbox, as whom they have to sign in.
    pub email: &'a str,
    /// Where they are sent back to.
    pub redirect_uri: &'a str,
    /// What they bring back.
    pub state: &'a str,
    /// The digest of what is shown when the code is exchanged (RFC 7636).
    pub challenge: &'a str,
}

/// What an owner was sent back with.
#[derive(Clone, Debug)]
pub struct ConsentCode {
    /// The inbox: a grant of anybody else is none.
    pub email: String,
    /// Where they were sent back to.
    pub redirect_uri: String,
    /// The code.
    pub code: SecretString,
    /// What the challenge is the digest of.
    pub verifier: SecretString,
}

/// What a consent has come to.
#[derive(Clone, Debug)]
pub enum Consented {
    /// It lets somebody in.
    Granted(OauthGrant),
    /// It does not, and the owner has to be asked again.
    Not(ConsentStatus),
}

/// What the inbox's owner has consented to.
#[derive(Clone, Debug)]
pub struct OauthGrant {
    /// The application that may use it, as its host knows it.
    pub client_id: String,
    /// What buys access tokens.
    pub refresh_token: SecretString,
    /// The last access token.
    pub access_token: SecretString,
    /// When that runs out.
    pub expires_at: Time,
    /// What it lets in to, separated by spaces.
    pub scope: String,
}
