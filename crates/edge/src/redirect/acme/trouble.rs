//! What can be in the way of a certificate, and what it means.

use instant_acme::{Error, Problem};
use model::certificate::{Failure, FailureKind};
use model::clock::Time;

/// What all kinds of problems begin with (RFC 8555 §6.7).
const ERRORS: &str = "urn:ietf:params:acme:error:";
/// How much of an authority's words is shown, in characters.
const WORDS: usize = 300;

/// What is in the way of a certificate.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The authority said no, or said nothing.
    #[error("the authority: {0}")]
    Asked(#[from] Error),
    /// It did not accept names, and said of each why.
    #[error("names: {0:?}")]
    Names(Vec<(String, String)>),
    /// What it made is not what was ordered.
    #[error("what was made: {0}")]
    Made(String),
    /// It took too long.
    #[error("it took too long")]
    Late,
    /// Where everything is kept there was no answer.
    #[error("keeping: {0}")]
    Kept(Box<dyn std::error::Error + Send + Sync>),
    /// Something of ours, which only the operator can mend.
    #[error("ours: {0}")]
    Ours(String),
}

impl Trouble {
    /// What it means for a certificate, and a sentence about it.
    pub(super) fn failure(&self, not_before: Option<Time>) -> Failure {
        let (kind, sentence, refused) = match self {
            Self::Asked(Error::Api(problem)) => asked(problem),
            Self::Asked(_) => (FailureKind::Silent, "The certificate authority gave no clear answer.".into(), vec![]),
            Self::Names(names) => {
                let said = names.iter().map(|(name, why)| format!("{name}: {}", words(why)));
                let said: Vec<_> = said.collect();
                let sentence = format!("The certificate authority did not accept {}.", said.join("; "));
                (FailureKind::Refused, sentence, names.iter().map(|(name, _)| name.clone()).collect())
            }
            Self::Made(why) => {
                (FailureKind::Refused, format!("The certificate authority made something else: {why}."), vec![])
            }
            Self::Late => (FailureKind::Silent, "The certificate authority took too long.".into(), vec![]),
            Self::Kept(_) => {
                (FailureKind::Silent, "What is needed for the certificate could not be kept.".into(), vec![])
            }
            Self::Ours(why) => (FailureKind::Silent, format!("The operator has to act: {why}."), vec![]),
        };
        let not_before = not_before.filter(|_| kind != FailureKind::Refused);
        Failure { kind, sentence, refused, not_before }
    }
}

/// What an authority's problem means (RFC 8555 §6.7).
fn asked(problem: &Problem) -> (FailureKind, String, Vec<String>) {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    let kind = match kind.strip_prefix(ERRORS).unwrap_or(kind) {
        "rateLimited" => FailureKind::TooMuch,
        "badNonce" | "serverInternal" | "about:blank" | "" => FailureKind::Silent,
        _ => FailureKind::Refused,
    };
    let named = problem.subproblems.iter().filter_map(|one| match one.identifier.as_ref()? {
        instant_acme::Identifier::Dns(name) => Some(name.clone()),
        _ => None,
    });
    let said = problem.detail.as_deref().unwrap_or("it gave no reason");
    (kind, format!("The certificate authority said no: {}.", words(said)), named.collect())
}

/// What somebody else has said, as a part of a sentence: short, on one line.
fn words(text: &str) -> String {
    let plain: String = text.chars().map(|one| if one.is_control() { ' ' } else { one }).take(WORDS).collect();
    plain.trim().trim_end_matches('.').to_owned()
}

/// Whether the authority does not know the account (RFC 8555 §6.7).
pub(super) fn is_no_account(trouble: &Trouble) -> bool {
    let Trouble::Asked(Error::Api(problem)) = trouble else { return false };
    problem.r#type.as_deref().and_then(|kind| kind.strip_prefix(ERRORS)) == Some("accountDoesNotExist")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &str) -> Trouble {
        Trouble::Asked(Error::Api(serde_json::from_str(json).unwrap()))
    }

    #[test]
    fn problems_are_told_apart_by_what_is_to_be_done() {
        for (kind, meant) in [
            ("urn:ietf:params:acme:error:rateLimited", FailureKind::TooMuch),
            ("urn:ietf:params:acme:error:badNonce", FailureKind::Silent),
            ("urn:ietf:params:acme:error:serverInternal", FailureKind::Silent),
            ("urn:ietf:params:acme:error:caa", FailureKind::Refused),
            ("urn:ietf:params:acme:error:rejectedIdentifier", FailureKind::Refused),
            ("urn:example:new", FailureKind::Refused),
        ] {
            assert_eq!(problem(&format!(r#"{{"type":"{kind}"}}"#)).failure(None).kind, meant, "{kind}");
        }
        assert!(is_no_account(&problem(r#"{"type":"urn:ietf:params:acme:error:accountDoesNotExist"}"#)));
        assert!(!is_no_account(&problem(r#"{"type":"urn:ietf:params:acme:error:caa"}"#)));
    }

    #[test]
    fn sentences_are_short_plain_and_about_names() {
        let long = format!(r#"{{"type":"urn:x","detail":"No.\nSet-Cookie: {}"}}"#, "é".repeat(1_000));
        let sentence = problem(&long).failure(None).sentence;
        assert!(sentence.starts_with("The certificate authority said no: No. Set-Cookie: éé"), "{sentence}");
        assert!(sentence.chars().count() < 400 && !sentence.contains('\n'));
        let names = Trouble::Names(vec![("www.acme.com".into(), "Nobody is there.".into())]).failure(None);
        assert_eq!(names.sentence, "The certificate authority did not accept www.acme.com: Nobody is there.");
        assert_eq!(names.refused, ["www.acme.com"]);
        let subproblems = r#"{"type":"urn:ietf:params:acme:error:rejectedIdentifier","subproblems":[{"identifier":{"type":"dns","value":"www.acme.com"}}]}"#;
        assert_eq!(problem(subproblems).failure(None).refused, ["www.acme.com"]);
    }
}
