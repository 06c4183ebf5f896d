//! What one record says, read from its value.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::host::hostname;
use super::text::joined;
use super::{RrSet, RrType};

/// What one record says. Names are in lower case and without the last dot; the root is the empty name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Data {
    /// An address.
    A(Ipv4Addr),
    /// An address.
    Aaaa(Ipv6Addr),
    /// The name that this one stands for.
    Cname(String),
    /// Where mail goes: preference and host; `0 .` means nowhere (RFC 7505).
    Mx(u16, String),
    /// A name server.
    Ns(String),
    /// A text, plain.
    Txt(String),
    /// Where a service is: priority, weight, port, host; `.` means nowhere (RFC 2782).
    Srv(u16, u16, u16, String),
    /// Who may issue certificates: flags, tag, value (RFC 8659).
    Caa(u8, String, String),
}

impl Data {
    /// What a value of a type says.
    ///
    /// # Errors
    /// What such a value looks like, when this one does not.
    pub fn parse(rtype: RrType, value: &str) -> Result<Self, &'static str> {
        let words: Vec<_> = value.split_whitespace().collect();
        match (rtype, words.as_slice()) {
            (RrType::Txt, _) => Ok(Self::Txt(joined(value))),
            (RrType::A, [one]) => one.parse().map(Self::A).map_err(|_| "an IPv4 address, like 192.0.2.1"),
            (RrType::A, _) => Err("an IPv4 address, like 192.0.2.1"),
            (RrType::Aaaa, [one]) => one.parse().map(Self::Aaaa).map_err(|_| "an IPv6 address, like 2001:db8::1"),
            (RrType::Aaaa, _) => Err("an IPv6 address, like 2001:db8::1"),
            (RrType::Cname, [one]) => hostname(one).map(Self::Cname).ok_or("a name, like www.example.com"),
            (RrType::Ns, [one]) => hostname(one).map(Self::Ns).ok_or("a name server, like ns1.example.com"),
            (RrType::Cname, _) => Err("a name, like www.example.com"),
            (RrType::Ns, _) => Err("a name server, like ns1.example.com"),
            (RrType::Mx, words) => mx(words).ok_or("preference and host, like 10 mx.example.com"),
            (RrType::Srv, words) => srv(words).ok_or("priority, weight, port and host, like 0 5 443 www.example.com"),
            (RrType::Caa, _) => caa(value).ok_or("flags, tag and value, like 0 issue \"letsencrypt.org\""),
        }
    }

    /// What the records of a set say, in its order.
    ///
    /// # Errors
    /// The value that cannot be read, and what it should look like.
    pub fn of(set: &RrSet) -> Result<Vec<Self>, (&str, &'static str)> {
        set.values.iter().map(|value| Self::parse(set.rtype, value).map_err(|like| (value.as_str(), like))).collect()
    }

    /// Its type.
    #[must_use]
    pub const fn rtype(&self) -> RrType {
        match self {
            Self::A(_) => RrType::A,
            Self::Aaaa(_) => RrType::Aaaa,
            Self::Cname(_) => RrType::Cname,
            Self::Mx(..) => RrType::Mx,
            Self::Ns(_) => RrType::Ns,
            Self::Txt(_) => RrType::Txt,
            Self::Srv(..) => RrType::Srv,
            Self::Caa(..) => RrType::Caa,
        }
    }
}

/// A host, or the root, which stands for none.
fn host_or_none(text: &str) -> Option<String> {
    if text == "." { Some(String::new()) } else { hostname(text) }
}

fn mx(words: &[&str]) -> Option<Data> {
    let [preference, host] = words else { return None };
    Some(Data::Mx(preference.parse().ok()?, host_or_none(host)?))
}

fn srv(words: &[&str]) -> Option<Data> {
    let [priority, weight, port, host] = words else { return None };
    Some(Data::Srv(priority.parse().ok()?, weight.parse().ok()?, port.parse().ok()?, host_or_none(host)?))
}

fn caa(value: &str) -> Option<Data> {
    let (flags, rest) = value.trim().split_once(char::is_whitespace)?;
    let (tag, value) = rest.trim_start().split_once(char::is_whitespace)?;
    let is_tag = (1..=15).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_tag.then_some(Data::Caa(flags.parse().ok()?, tag.to_ascii_lowercase(), joined(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        let host = |text: &str| text.to_owned();
        for (rtype, value, data) in [
            (RrType::A, "192.0.2.1", Data::A(Ipv4Addr::new(192, 0, 2, 1))),
            (RrType::Aaaa, "2001:DB8::1", Data::Aaaa("2001:db8::1".parse().unwrap())),
            (RrType::Cname, "Shop.Example.COM.", Data::Cname(host("shop.example.com"))),
            (RrType::Mx, "10  MX.example.com.", Data::Mx(10, host("mx.example.com"))),
            (RrType::Mx, "0 .", Data::Mx(0, host(""))),
            (RrType::Ns, "ns1.example.com", Data::Ns(host("ns1.example.com"))),
            (RrType::Txt, "v=spf1 -all", Data::Txt(host("v=spf1 -all"))),
            (RrType::Txt, r#""Ab" "Cd""#, Data::Txt(host("AbCd"))),
            (RrType::Txt, "", Data::Txt(host(""))),
            (RrType::Srv, "0 5 443 www.example.com.", Data::Srv(0, 5, 443, host("www.example.com"))),
            (RrType::Caa, r#"0 issue "ca.example; a=b""#, Data::Caa(0, host("issue"), host("ca.example; a=b"))),
            (RrType::Caa, "128 IODEF mailto:a@b.example", Data::Caa(128, host("iodef"), host("mailto:a@b.example"))),
        ] {
            assert_eq!(Data::parse(rtype, value), Ok(data.clone()), "{value}");
            assert_eq!(data.rtype(), rtype);
        }
    }

    #[test]
    fn what_is_no_value_of_its_type_is_refused() {
        for (rtype, value) in [
            (RrType::A, "192.0.2"),
            (RrType::A, "192.0.2.1 192.0.2.2"),
            (RrType::Aaaa, "192.0.2.1"),
            (RrType::Cname, "."),
            (RrType::Cname, "two words"),
            (RrType::Ns, "192 0"),
            (RrType::Mx, "mx.example.com"),
            (RrType::Mx, "70000 mx.example.com"),
            (RrType::Mx, "10 mx..example.com"),
            (RrType::Srv, "0 5 www.example.com"),
            (RrType::Caa, "0 issue"),
            (RrType::Caa, "0 is-sue x"),
            (RrType::Caa, "256 issue x"),
        ] {
            assert!(Data::parse(rtype, value).is_err(), "{} {value}", rtype.as_str());
        }
    }
}
