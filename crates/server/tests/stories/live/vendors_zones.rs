//! What mail providers have in zones of their own: who sends for them, and the keys that their customers' names lead to.

use model::dns::RrType;

/// A public key of 1024 bits.
pub(super) const KEY: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";

/// What a name has that is a provider's, or that a zone which is served by `hosted` leads to one.
pub(super) fn texts(name: &str, rtype: RrType, hosted: impl Fn(&str, RrType) -> Vec<String>) -> Option<Vec<String>> {
    match name {
        _ if rtype != RrType::Txt => None,
        "_spf.google.com" => Some(vec!["v=spf1 ip4:192.0.2.0/24 ~all".into()]),
        "old.example" | "news.example" => Some(vec!["v=spf1 ip4:203.0.113.0/24 -all".into()]),
        "spf.protection.outlook.com" => Some(vec!["v=spf1 ip4:198.51.100.0/24 -all".into()]),
        _ => hosted(name, RrType::Cname).first().map(|_| vec![KEY.to_owned()]),
    }
}
