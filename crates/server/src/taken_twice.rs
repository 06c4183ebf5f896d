//! Addresses that two listeners are to have: a server could not start.

use crate::config::Config;

/// Addresses that two listeners are to have.
pub(crate) fn taken_twice(config: &Config) -> Vec<String> {
    let (sandbox, redirect) = (&config.sandbox, &config.redirect);
    let tables: [(&str, &[String]); 8] = [
        ("listen", std::slice::from_ref(&config.listen)),
        ("operator_listen", std::slice::from_ref(&config.operator_listen)),
        ("dns.listen", &config.dns.listen),
        ("redirect.http_listen", &redirect.http_listen),
        ("redirect.https_listen", &redirect.https_listen),
        ("sandbox.dns_listen", std::slice::from_ref(&sandbox.dns_listen)),
        ("sandbox.redirect_listen", std::slice::from_ref(&sandbox.redirect_listen)),
        ("sandbox.https_listen", std::slice::from_ref(&sandbox.https_listen)),
    ];
    let all = tables.iter().flat_map(|(key, texts)| texts.iter().map(move |text| (*key, text)));
    let fixed = all.filter(|(_, text)| !text.is_empty() && !text.ends_with(":0"));
    let mut seen: Vec<(&str, &String)> = vec![];
    let mut problems = vec![];
    for (key, text) in fixed {
        match seen.iter().find(|(_, other)| *other == text) {
            Some((other, _)) => {
                problems.push(format!("{key} has {text}, which {other} has already; give each its own"))
            }
            None => seen.push((key, text)),
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    #[test]
    fn an_address_is_one_listeners() {
        let mut config = Config::load(None, &Flags::default()).expect("the defaults");
        assert_eq!(taken_twice(&config), Vec::<String>::new());
        config.sandbox.https_listen.clone_from(&config.listen);
        config.dns.listen = vec!["192.0.2.1:53".into(), "192.0.2.2:53".into(), "192.0.2.1:53".into()];
        (config.sandbox.dns_listen, config.sandbox.redirect_listen) = ("127.0.0.1:0".into(), "127.0.0.1:0".into());
        let found = taken_twice(&config);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("dns.listen has 192.0.2.1:53, which dns.listen has already"), "{found:?}");
        assert!(found[1].contains("which listen has already"), "{found:?}");
    }
}
