//! What a link, and what comes back from a mail host, is known by: nobody can make either without the master key, and neither is
//! kept anywhere.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use model::consent::Consent;
use model::id::{ActionId, Id as _, InboxId};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::seal::Vault;

/// How many characters of a keyed hash make a text that nobody guesses: 128 bits.
const MARK: usize = 32;

/// What the link of an inbox ends with, for as long as a question is open.
#[must_use]
pub fn link(vault: &Vault, inbox: &InboxId, action: &ActionId) -> String {
    marked(vault, "consent link", format!("{inbox}.{action}"))
}

/// Which inbox and which question a link is of; `None` when we have not made it.
#[must_use]
pub fn read_link(vault: &Vault, text: &str) -> Option<(InboxId, ActionId)> {
    let (inbox, action) = genuine(vault, "consent link", text)?.split_once('.')?;
    Some((InboxId::opaque(inbox), ActionId::opaque(action)))
}

/// What a mail host sends back with its answer to a round (RFC 6749, section 10.12).
#[must_use]
pub fn state(vault: &Vault, consent: &Consent) -> String {
    marked(vault, "consent state", round(consent))
}

/// Which inbox and which round an answer is to; `None` when we have not asked.
#[must_use]
pub fn read_state(vault: &Vault, text: &str) -> Option<(InboxId, i64)> {
    let (inbox, round) = genuine(vault, "consent state", text)?.split_once('.')?;
    Some((InboxId::opaque(inbox), round.parse().ok()?))
}

/// What shows that whoever brings a round's code is whoever has begun it (RFC 7636).
#[must_use]
pub fn verifier(vault: &Vault, consent: &Consent) -> String {
    vault.keyed_hash("consent verifier", round(consent).as_bytes())
}

/// What a mail host is told of it beforehand: its SHA-256.
#[must_use]
pub fn challenge(vault: &Vault, consent: &Consent) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier(vault, consent)))
}

fn round(consent: &Consent) -> String {
    format!("{}.{}", consent.inbox, consent.round)
}

fn marked(vault: &Vault, purpose: &str, text: String) -> String {
    let hash = vault.keyed_hash(purpose, text.as_bytes());
    format!("{text}.{}", &hash[..MARK])
}

fn genuine<'a>(vault: &Vault, purpose: &str, text: &'a str) -> Option<&'a str> {
    let (said, mark) = text.rsplit_once('.')?;
    let hash = vault.keyed_hash(purpose, said.as_bytes());
    bool::from(hash.as_bytes()[..MARK].ct_eq(mark.as_bytes())).then_some(said)
}

#[cfg(test)]
mod tests {
    use model::clock::Time;
    use model::consent::ConsentStatus;
    use model::id::{DomainId, PartnerId};
    use model::world::World;

    use super::*;

    fn consent(inbox: &str, round: i64) -> Consent {
        Consent {
            inbox: InboxId::opaque(inbox),
            partner: PartnerId::opaque("org_1"),
            world: World::live(),
            domain: DomainId::opaque("dom_1"),
            status: ConsentStatus::Waiting,
            round,
            open_until: Time(0),
            redirect_uri: String::new(),
            code: None,
            granted: None,
            created_at: Time(0),
            version: 1,
        }
    }

    #[test]
    fn a_link_is_of_one_inbox_and_one_question_and_nobody_makes_it_up() {
        let (vault, other) = (Vault::with_key([1; 32]), Vault::with_key([2; 32]));
        let (inbox, action) = (InboxId::opaque("inb_1"), ActionId::opaque("act_1"));
        let text = link(&vault, &inbox, &action);
        assert_eq!(read_link(&vault, &text), Some((inbox, action)));
        assert_eq!(read_link(&other, &text), None);
        for none in ["", ".", "inb_1.act_1", "inb_1.act_1.", &text.replace("inb_1", "inb_2"), &text[..text.len() - 1]] {
            assert_eq!(read_link(&vault, none), None, "{none}");
        }
    }

    #[test]
    fn a_state_is_of_one_round_and_is_no_link() {
        let vault = Vault::with_key([1; 32]);
        let text = state(&vault, &consent("inb_1", 3));
        assert_eq!(read_state(&vault, &text), Some((InboxId::opaque("inb_1"), 3)));
        assert_eq!(read_state(&vault, &text.replace(".3.", ".4.")), None);
        assert_eq!(read_link(&vault, &text), None);
        assert_ne!(verifier(&vault, &consent("inb_1", 3)), verifier(&vault, &consent("inb_1", 4)));
    }

    #[test]
    fn a_verifier_is_as_long_as_it_has_to_be_and_its_challenge_is_its_digest() {
        let (vault, consent) = (Vault::with_key([1; 32]), consent("inb_1", 1));
        let (verifier, challenge) = (verifier(&vault, &consent), challenge(&vault, &consent));
        assert_eq!((verifier.len(), challenge.len()), (64, 43));
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(challenge).unwrap(), Sha256::digest(verifier).to_vec());
    }
}
