//! To whom a name is delegated.

/// Whether a delegation is to these nameservers, in whatever order, letters and with or without the final point.
pub(crate) fn is(delegation: &[String], nameservers: &[String]) -> bool {
    sorted(delegation) == sorted(nameservers)
}

fn sorted(servers: &[String]) -> Vec<String> {
    let mut servers: Vec<_> = servers.iter().map(|one| one.trim_end_matches('.').to_ascii_lowercase()).collect();
    servers.sort();
    servers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_servers_are_the_same_however_they_are_written() {
        let own = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        assert!(is(&own(&["B.example.", "a.example"]), &own(&["a.example", "b.example"])));
        assert!(!is(&own(&["a.example"]), &own(&["a.example", "b.example"])));
    }
}
