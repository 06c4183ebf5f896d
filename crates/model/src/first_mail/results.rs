//! What a receiving server writes on top of a mail about who sent it (RFC 8601). It was written for machines, and parts of it by
//! whoever sent the mail: nothing is taken for what it may only look like.

/// More than any server writes, in bytes.
const LONGEST: usize = 16 * 1024;
/// More methods than any server has.
const MOST_METHODS: usize = 64;

/// What one server says of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results {
    /// Which server, in lower case.
    pub authserv_id: String,
    /// What each of its methods came to, in its order.
    pub methods: Vec<Method>,
}

/// What a method came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name in lower case, such as `dkim`.
    pub name: String,
    /// What it came to in lower case, such as `pass`; empty where that cannot be read.
    pub result: String,
    /// What it looked at, such as `header.d`, in lower case, and what was there.
    pub properties: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Equals,
    Semicolon,
}

impl Results {
    /// Reads the value of an `Authentication-Results` header; `None` where it does not even say whose it is.
    ///
    /// A method that cannot be read has come to nothing, and one of another version of the format is not understood.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        if value.len() > LONGEST {
            return None;
        }
        let tokens = tokens(value)?;
        let mut parts = tokens.split(|token| *token == Token::Semicolon);
        let (authserv_id, is_understood) = match parts.next()? {
            [Token::Word(id) | Token::Quoted(id)] => (id, true),
            [Token::Word(id) | Token::Quoted(id), Token::Word(version)] => (id, version == "1"),
            _ => return None,
        };
        let methods = parts.filter(|_| is_understood).take(MOST_METHODS).filter_map(method).collect();
        Some(Self { authserv_id: authserv_id.to_ascii_lowercase(), methods })
    }
}

/// One method; `None` where nothing is said.
fn method(part: &[Token]) -> Option<Method> {
    let [Token::Word(first), rest @ ..] = part else { return None };
    // A version of the method may follow its name.
    let name = first.split('/').next().unwrap_or(first).to_ascii_lowercase();
    let (Some(result), Some(properties)) = (result(rest), rest.get(2..).and_then(properties)) else {
        let is_nothing = rest.is_empty() && name == "none";
        return (!is_nothing).then_some(Method { name, result: String::new(), properties: vec![] });
    };
    Some(Method { name, result, properties })
}

fn result(rest: &[Token]) -> Option<String> {
    match rest {
        [Token::Equals, Token::Word(result) | Token::Quoted(result), ..] => Some(result.to_ascii_lowercase()),
        _ => None,
    }
}

fn properties(mut rest: &[Token]) -> Option<Vec<(String, String)>> {
    let mut found = vec![];
    while let [first, after @ ..] = rest {
        let (Token::Word(key), [Token::Equals, value, others @ ..]) = (first, after) else { return None };
        let (value, others) = match (value, others) {
            // What stands before the `@` of an address may be quoted.
            (Token::Quoted(local), [Token::Word(domain), others @ ..]) if domain.starts_with('@') => {
                (format!("{local}{domain}"), others)
            }
            (Token::Word(value) | Token::Quoted(value), others) => (value.clone(), others),
            _ => return None,
        };
        found.push((key.to_ascii_lowercase(), value));
        rest = others;
    }
    Some(found)
}

/// The parts without comments; `None` where a comment or a quote never ends.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let (mut found, mut letters) = (vec![], text.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '(' => skip_comment(&mut letters)?,
            '"' => found.push(Token::Quoted(quoted(&mut letters)?)),
            ';' => found.push(Token::Semicolon),
            '=' => found.push(Token::Equals),
            blank if blank.is_ascii_whitespace() => {}
            first => {
                let mut word = String::from(first);
                while let Some(next) = letters.next_if(|next| !next.is_ascii_whitespace() && !"()\";=".contains(*next))
                {
                    word.push(next);
                }
                found.push(Token::Word(word));
            }
        }
    }
    Some(found)
}

fn skip_comment(letters: &mut impl Iterator<Item = char>) -> Option<()> {
    let mut depth = 1_usize;
    while depth > 0 {
        match letters.next()? {
            '\\' => _ = letters.next()?,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
    }
    Some(())
}

fn quoted(letters: &mut impl Iterator<Item = char>) -> Option<String> {
    let mut text = String::new();
    loop {
        match letters.next()? {
            '\\' => text.push(letters.next()?),
            '"' => return Some(text),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn methods(value: &str) -> Vec<(String, String)> {
        let results = Results::parse(value).unwrap();
        results.methods.into_iter().map(|one| (one.name, one.result)).collect()
    }

    fn property(value: &str, key: &str) -> Option<String> {
        let results = Results::parse(value).unwrap();
        let found = results.methods.iter().flat_map(|one| &one.properties).find(|(name, _)| name == key)?;
        Some(found.1.clone())
    }

    /// As Google's servers write it, which name no `header.d`.
    const GOOGLE: &str = "mx.google.com;\r\n       dkim=pass header.i=@acme.com header.s=google header.b=\"Xy/+12ab\";\r\n       \
        spf=pass (google.com: domain of alex@acme.com designates 209.85.220.41 as permitted sender) smtp.mailfrom=alex@acme.com;\r\n       \
        dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=acme.com";

    #[test]
    fn what_servers_write_is_read() {
        let pass = |name: &str| (name.to_owned(), "pass".to_owned());
        assert_eq!(methods(GOOGLE), [pass("dkim"), pass("spf"), pass("dmarc")]);
        assert_eq!(property(GOOGLE, "header.b").as_deref(), Some("Xy/+12ab"));
        assert_eq!(property(GOOGLE, "smtp.mailfrom").as_deref(), Some("alex@acme.com"));
        assert_eq!(Results::parse(GOOGLE).unwrap().authserv_id, "mx.google.com");
        assert_eq!(methods("mx.example 1; none"), []);
        assert_eq!(methods("MX.Example (a; dkim=pass) ; SPF/1 = Pass reason = \"it (is); fine\" ;"), [pass("spf")]);
        let odd = "mx.example; spf=fail smtp.mailfrom=\"a; dkim=pass header.d=acme.com\"@evil.example";
        assert_eq!(methods(odd), [("spf".to_owned(), "fail".to_owned())]);
        assert_eq!(property(odd, "smtp.mailfrom").as_deref(), Some("a; dkim=pass header.d=acme.com@evil.example"));
    }

    #[test]
    fn what_cannot_be_read_has_come_to_nothing() {
        for value in ["", ";dkim=pass", "= ; dkim=pass", "a b c; dkim=pass", "mx.example (never", "mx.example; a=\"b"] {
            assert_eq!(Results::parse(value), None, "{value}");
        }
        let long = format!("mx.example; dkim=pass ({})", "x".repeat(LONGEST));
        assert_eq!(Results::parse(&long), None);
        assert_eq!(methods("mx.example 2; dkim=pass"), [], "another version of the format");
        for part in ["dkim", "dkim=", "dkim pass", "dkim=pass header.d", "dkim=pass header.d=", "dkim=pass pass"] {
            assert_eq!(methods(&format!("mx.example; {part}; spf=pass"))[0], ("dkim".into(), String::new()), "{part}");
        }
        assert_eq!(methods(&format!("mx.example{}", "; dkim=pass".repeat(999))).len(), MOST_METHODS);
        assert_eq!(methods(&format!("mx.example {}dkim=pass{}; spf=fail", "(".repeat(999), ")".repeat(999))).len(), 1);
    }

    proptest! {
        /// Whatever a stranger has put into a comment or a quoted text says nothing of its own.
        #[test]
        fn what_is_quoted_is_never_a_method(text in "[^\\\\\"]{0,200}") {
            let value = format!("mx.example; spf=fail smtp.mailfrom=\"{text}\"");
            prop_assert_eq!(methods(&value), [("spf".to_owned(), "fail".to_owned())]);
        }

        #[test]
        fn nothing_makes_it_fall(text in "\\PC{0,400}", odd in "[()\"\\\\;=a-z@ .]{0,400}") {
            let _ = Results::parse(&text);
            let _ = Results::parse(&odd);
            if let Some(found) = Results::parse(&format!("mx.example; {odd}")) {
                prop_assert_eq!(found.authserv_id, "mx.example");
            }
        }
    }
}
