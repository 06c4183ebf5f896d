//! Who runs a command, as the system knows them: what the environment says of it anybody can set.

use std::fs;

/// The name and number, such as `alex (1000)`; the number alone where no name is known.
pub(super) fn system_user() -> String {
    let number = rustix::process::getuid().as_raw();
    let known = fs::read_to_string("/etc/passwd").unwrap_or_default();
    match name_of(&known, number) {
        Some(name) => format!("{name} ({number})"),
        None => number.to_string(),
    }
}

/// The name that a table of users (passwd(5)) has for a number.
fn name_of(table: &str, number: u32) -> Option<&str> {
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _, has) = (fields.next()?, fields.next()?, fields.next()?);
        (has.parse() == Ok(number)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_name_that_the_table_says() {
        let table = "root:x:0:0:root:/root:/bin/bash\n\nbroken\nalex:x:1000:1000::/home/alex:/bin/sh\n";
        assert_eq!((name_of(table, 1000), name_of(table, 0), name_of(table, 7)), (Some("alex"), Some("root"), None));
    }
}
