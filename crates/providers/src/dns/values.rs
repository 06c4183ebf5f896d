//! Values of records, between their presentation form and the wire.

use hickory_proto::rr::rdata::{A, AAAA, CAA, CNAME, MX, NS, SRV, TXT};
use hickory_proto::rr::{Name, RData, RecordType};
use model::dns::{Data, RrType, joined, strings};

/// A type as the wire has it.
pub(crate) const fn record_type(rtype: RrType) -> RecordType {
    match rtype {
        RrType::A => RecordType::A,
        RrType::Aaaa => RecordType::AAAA,
        RrType::Cname => RecordType::CNAME,
        RrType::Mx => RecordType::MX,
        RrType::Ns => RecordType::NS,
        RrType::Txt => RecordType::TXT,
        RrType::Srv => RecordType::SRV,
        RrType::Caa => RecordType::CAA,
    }
}

/// The types that have values of ours.
pub(crate) const TYPES: [RrType; 8] =
    [RrType::A, RrType::Aaaa, RrType::Cname, RrType::Mx, RrType::Ns, RrType::Txt, RrType::Srv, RrType::Caa];

/// One of our types; `None` of others.
pub(crate) fn known_type(rtype: RecordType) -> Option<RrType> {
    TYPES.into_iter().find(|one| record_type(*one) == rtype)
}

/// A name, whole, as the wire has it; `None` where it is none.
pub(crate) fn name(text: &str) -> Option<Name> {
    let mut name = Name::from_ascii(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// A name in lower case and without the last dot; the root is a dot.
pub(crate) fn host(name: &Name) -> String {
    let text = name.to_lowercase().to_ascii();
    match text.strip_suffix('.') {
        Some("") | None => text,
        Some(whole) => whole.to_owned(),
    }
}

/// The value of a record in presentation form; `None` of a type that has none of ours.
pub(crate) fn value(data: &RData) -> Option<String> {
    Some(match data {
        RData::A(A(address)) => address.to_string(),
        RData::AAAA(AAAA(address)) => address.to_string(),
        RData::CNAME(CNAME(name)) | RData::NS(NS(name)) => host(name),
        RData::MX(mx) => format!("{} {}", mx.preference, host(&mx.exchange)),
        RData::SRV(srv) => format!("{} {} {} {}", srv.priority, srv.weight, srv.port, host(&srv.target)),
        RData::TXT(txt) => text(&txt.txt_data.concat()),
        RData::CAA(caa) => format!("{} {} {}", caa.flags(), caa.tag.to_ascii_lowercase(), quoted(&letters(&caa.value))),
        _ => return None,
    })
}

/// A text as the value of a TXT record: plain where it is read back as what it is, in quotes otherwise.
fn text(bytes: &[u8]) -> String {
    let text = letters(bytes);
    if joined(&text) == text { text } else { quoted(&text) }
}

/// Bytes as letters: those of UTF-8 where they are, else each for itself, as a zone file's `\DDD` is read.
fn letters(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// A value as a zone file has it, names whole and texts in strings of 255 bytes (RFC 1035 §5.1).
pub(crate) fn written(data: &Data) -> String {
    let whole = |name: &String| format!("{name}.");
    match data {
        Data::A(address) => address.to_string(),
        Data::Aaaa(address) => address.to_string(),
        Data::Cname(name) | Data::Ns(name) => whole(name),
        Data::Mx(preference, host) => format!("{preference} {}", whole(host)),
        Data::Srv(priority, weight, port, host) => format!("{priority} {weight} {port} {}", whole(host)),
        Data::Txt(text) => strings(text).map(escaped).collect::<Vec<_>>().join(" "),
        Data::Caa(flags, tag, value) => format!("{flags} {tag} {}", escaped(value.as_bytes())),
    }
}

/// The value that a zone file's words mean; `None` of what is no value of its type.
pub(crate) fn read(rtype: RrType, words: &str) -> Option<String> {
    match rtype {
        RrType::Txt => Some(text(&unescaped(words))),
        _ => value(&rdata(&Data::parse(rtype, words).ok()?)?),
    }
}

fn escaped(string: &[u8]) -> String {
    let byte = |byte: &u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        _ => format!("\\{byte:03}"),
    };
    format!("\"{}\"", string.iter().map(byte).collect::<String>())
}

/// The bytes of strings in quotes, put together.
fn unescaped(words: &str) -> Vec<u8> {
    let (mut bytes, mut quoted, mut rest) = (vec![], false, words.trim().as_bytes());
    let bare = !rest.starts_with(b"\"");
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' if !bare => quoted = !quoted,
            b'\\' => {
                let digits = rest.get(..3).and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u8>().ok());
                let (one, length) = digits.map_or((rest.first().copied(), 1), |one| (Some(one), 3));
                bytes.extend(one);
                rest = rest.get(length..).unwrap_or_default();
            }
            _ if quoted || bare => bytes.push(*byte),
            _ => {}
        }
    }
    bytes
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What a record says, as the wire has it; `None` where a name in it is too long.
pub(crate) fn rdata(data: &Data) -> Option<RData> {
    Some(match data {
        Data::A(address) => RData::A(A(*address)),
        Data::Aaaa(address) => RData::AAAA(AAAA(*address)),
        Data::Cname(target) => RData::CNAME(CNAME(name(target)?)),
        Data::Ns(server) => RData::NS(NS(name(server)?)),
        Data::Mx(preference, exchange) => RData::MX(MX::new(*preference, name(exchange)?)),
        Data::Srv(priority, weight, port, target) => RData::SRV(SRV::new(*priority, *weight, *port, name(target)?)),
        Data::Txt(text) => RData::TXT(TXT::from_bytes(strings(text).collect())),
        Data::Caa(flags, tag, value) => {
            let mut caa = CAA::new_issue(flags & 0x80 != 0, None, vec![]);
            caa.reserved_flags = flags & 0x7f;
            caa.tag.clone_from(tag);
            caa.value = value.clone().into_bytes();
            RData::CAA(caa)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(rtype: RrType, written: &str) -> String {
        value(&rdata(&Data::parse(rtype, written).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn values_come_back_from_the_wire_as_they_were() {
        let long = "Ab".repeat(300);
        for (rtype, value) in [
            (RrType::A, "192.0.2.1"),
            (RrType::Aaaa, "2001:db8::1"),
            (RrType::Cname, "shop.example.com"),
            (RrType::Mx, "10 mx.example.com"),
            (RrType::Mx, "0 ."),
            (RrType::Ns, "ns1.example.com"),
            (RrType::Txt, "v=spf1 -all"),
            (RrType::Txt, "p=AbC; x"),
            (RrType::Txt, &long),
            (RrType::Txt, ""),
            (RrType::Srv, "0 5 443 www.example.com"),
            (RrType::Caa, "128 issue \"ca.example; a=b\""),
            (RrType::Caa, "1 iodef \"mailto:a@b.example\""),
        ] {
            assert_eq!(there_and_back(rtype, value), value);
        }
        assert_eq!(there_and_back(RrType::Cname, "Shop.Example.COM."), "shop.example.com");
        assert_eq!(there_and_back(RrType::Txt, r#""Ab" "Cd""#), "AbCd");
    }

    #[test]
    fn a_zone_files_words_are_written_and_read_back() {
        for (rtype, value, words) in [
            (RrType::Cname, "shop.example.com", "shop.example.com."),
            (RrType::Mx, "0 .", "0 ."),
            (RrType::Srv, "0 5 443 .", "0 5 443 ."),
            (RrType::Txt, "a b;c", "\"a b;c\""),
            (RrType::Txt, "é", "\"\\195\\169\""),
            (RrType::Txt, "\\", "\"\\\\\""),
            (RrType::Caa, "0 issue \"ca.example\"", "0 issue \"ca.example\""),
        ] {
            assert_eq!(written(&Data::parse(rtype, value).unwrap()), words);
            assert_eq!(read(rtype, words).as_deref(), Some(value));
        }
        let long = "Ab".repeat(200);
        assert_eq!(read(RrType::Txt, &written(&Data::Txt(long.clone()))), Some(long));
        assert_eq!(read(RrType::Txt, r#""never ends\"#).as_deref(), Some("never ends"), "hostile words do no harm");
        assert_eq!(read(RrType::A, "1.2.3"), None);
    }

    #[test]
    fn a_text_that_looks_quoted_or_has_blanks_around_it_is_read_back_as_itself() {
        for one in ["\"v=spf1 -all\"", " -all", "a\\b ", "\"a\\"] {
            assert_eq!(joined(&text(one.as_bytes())), one, "{one}");
        }
        assert_eq!(text(&[b'a', 0xff]), "a\u{ff}", "what is no UTF-8 has its bytes");
    }
}
