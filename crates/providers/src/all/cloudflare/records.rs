//! Records as the vendor has them, and as they are to be.

use model::dns::{Data, RrSet, RrType};
use model::domain::DomainName;
use serde::Deserialize;
use serde_json::{Value, json};

use super::zone::Zone;
use super::{Cloudflare, Right};
use crate::trouble::{Refused, Trouble};
use crate::vendor::{Method, Request};

/// As many records as one page has.
const PER_PAGE: u64 = 500;
/// More pages than a zone of ours has, whatever the vendor says.
const MOST_PAGES: u64 = 20;
/// How long an automatic record is kept, in seconds, and how the vendor writes that.
const AUTOMATIC: (u32, u32) = (300, 1);
/// The least and the most that a record may be kept here, in seconds.
const KEPT: (u32, u32) = (60, 86_400);
/// The longest string of a text, in bytes (RFC 1035, section 3.3).
const STRING: usize = 255;
/// What is written beside a record that only lets the vendor stand before a web address.
pub(super) const MARK: &str = "Lets the web address be redirected";

/// A record.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    /// Its full name.
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) rtype: String,
    #[serde(default)]
    content: Option<String>,
    pub(super) ttl: u32,
    #[serde(default)]
    priority: Option<u16>,
    #[serde(default)]
    data: Option<Value>,
    #[serde(default)]
    proxied: Option<bool>,
    #[serde(default)]
    comment: Option<String>,
}

impl Record {
    /// Whether the vendor stands before what it says.
    pub(super) fn is_proxied(&self) -> bool {
        self.proxied == Some(true)
    }

    /// Whether it is there only for a redirect.
    pub(super) fn is_mark(&self) -> bool {
        self.comment.as_deref() == Some(MARK)
    }

    /// Whether it says where a host is.
    pub(super) fn is_address(&self) -> bool {
        matches!(self.rtype.as_str(), "A" | "AAAA" | "CNAME")
    }

    /// What it says; `None` of what zones of ours do not have.
    pub(super) fn says(&self) -> Option<Data> {
        let rtype = RrType::parse(&self.rtype)?;
        let content = self.content.as_deref().unwrap_or_default();
        let part = |name: &str| self.data.as_ref().and_then(|data| data.get(name));
        let value = match rtype {
            RrType::Mx => format!("{} {content}", self.priority?),
            RrType::Srv => match (part("priority"), part("weight"), part("port"), part("target")) {
                (Some(priority), Some(weight), Some(port), Some(Value::String(target))) => {
                    format!("{priority} {weight} {port} {target}")
                }
                _ => content.to_owned(),
            },
            RrType::Caa => match (part("flags"), part("tag"), part("value")) {
                (Some(flags), Some(Value::String(tag)), Some(Value::String(value))) => {
                    format!("{flags} {tag} {}", quoted(value))
                }
                _ => content.to_owned(),
            },
            _ => content.to_owned(),
        };
        Data::parse(rtype, &value).ok()
    }

    /// How long it may be kept, in seconds.
    pub(super) const fn kept(&self) -> u32 {
        let (seconds, automatic) = AUTOMATIC;
        if self.ttl == automatic { seconds } else { self.ttl }
    }
}

/// A record as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) data: Data,
    pub(super) ttl: u32,
    pub(super) proxied: bool,
}

impl Wanted {
    /// As the vendor wants it written.
    pub(super) fn written(&self) -> Value {
        let mut value = json!({ "name": self.name, "type": self.data.rtype().as_str(), "ttl": self.ttl });
        let host = |name: &str| if name.is_empty() { ".".to_owned() } else { name.to_owned() };
        match &self.data {
            Data::A(address) => value["content"] = address.to_string().into(),
            Data::Aaaa(address) => value["content"] = address.to_string().into(),
            Data::Cname(name) | Data::Ns(name) => value["content"] = name.as_str().into(),
            Data::Mx(preference, name) => {
                value["content"] = host(name).into();
                value["priority"] = (*preference).into();
            }
            Data::Txt(text) => value["content"] = in_quotes(text).into(),
            Data::Srv(priority, weight, port, name) => {
                value["data"] = json!({ "priority": priority, "weight": weight, "port": port, "target": host(name) });
            }
            Data::Caa(flags, tag, text) => value["data"] = json!({ "flags": flags, "tag": tag, "value": text }),
        }
        if matches!(self.data, Data::A(_) | Data::Aaaa(_) | Data::Cname(_)) {
            value["proxied"] = self.proxied.into();
        }
        value
    }
}

/// The records of a set as they are to be.
pub(super) fn wanted(zone: &DomainName, set: &RrSet) -> Result<Vec<Wanted>, Trouble> {
    let cannot = |what: String| Trouble::Refused(Refused::ForGood(format!("{} {what}.", set.name)));
    let name = set.name.trim_end_matches('.').to_ascii_lowercase();
    let is_inside = name == zone.as_str() || name.ends_with(&format!(".{zone}"));
    if !is_inside {
        return Err(cannot("is not a name of this zone".into()));
    }
    if name == zone.as_str() && set.rtype == RrType::Ns {
        return Err(cannot("has the nameservers that Cloudflare gave its zone, and cannot have others".into()));
    }
    let data = Data::of(set);
    let data = data.map_err(|(_, like)| cannot(format!("has a {} record that is not {like}", set.rtype.as_str())))?;
    let ttl = set.ttl.clamp(KEPT.0, KEPT.1);
    Ok(data.into_iter().map(|data| Wanted { name: name.clone(), data, ttl, proxied: false }).collect())
}

/// A text in the strings that it is cut into, each in quotes. Where a letter would be cut, the string ends before it: the
/// vendor takes letters, and not bytes.
fn in_quotes(text: &str) -> String {
    let mut cut = vec![String::new()];
    for letter in text.chars() {
        if cut.last().is_none_or(|one| one.len() + letter.len_utf8() > STRING) {
            cut.push(String::new());
        }
        if let Some(last) = cut.last_mut() {
            last.push(letter);
        }
    }
    cut.iter().map(|one| quoted(one)).collect::<Vec<_>>().join(" ")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What a record says, as the value of a set of ours.
pub(super) fn value(data: &Data) -> String {
    let host = |name: &str| if name.is_empty() { ".".to_owned() } else { name.to_owned() };
    match data {
        Data::A(address) => address.to_string(),
        Data::Aaaa(address) => address.to_string(),
        Data::Cname(name) | Data::Ns(name) => name.clone(),
        Data::Mx(preference, name) => format!("{preference} {}", host(name)),
        // A text that begins like strings in quotes would be read as those.
        Data::Txt(text) if text.trim() != text || text.starts_with('"') => in_quotes(text),
        Data::Txt(text) => text.clone(),
        Data::Srv(priority, weight, port, name) => format!("{priority} {weight} {port} {}", host(name)),
        Data::Caa(flags, tag, text) => format!("{flags} {tag} {}", quoted(text)),
    }
}

/// The record sets that these records are; what is the host's own, and what zones of ours do not have, is left out.
pub(super) fn sets(zone: &DomainName, records: &[Record]) -> Vec<RrSet> {
    let mut sets: Vec<RrSet> = vec![];
    for record in records.iter().filter(|record| !record.is_mark()) {
        let Some(data) = record.says() else { continue };
        let (name, rtype, ttl) = (record.name.to_ascii_lowercase(), data.rtype(), record.kept());
        if rtype == RrType::Ns && name == zone.as_str() {
            continue;
        }
        match sets.iter_mut().find(|set| set.name == name && set.rtype == rtype) {
            Some(set) => set.values.push(value(&data)),
            None => sets.push(RrSet { name, rtype, ttl, values: vec![value(&data)] }),
        }
    }
    sets
}

impl Cloudflare {
    /// Every record of a zone.
    pub(super) async fn all_records(&self, zone: &Zone) -> Result<Vec<Record>, Trouble> {
        let (mut all, mut page) = (vec![], 1);
        loop {
            let request = Request::new("list_records", Method::Get, &["zones", &zone.id, "dns_records"]);
            let request = request.query("per_page", PER_PAGE.to_string()).query("page", page.to_string());
            let read = match self.ask::<Vec<Record>>(request).await? {
                Ok(read) => read,
                Err(no) => return Err(self.refused(&no, Right::Records)),
            };
            let pages = read.result_info.total_pages.unwrap_or(1).min(MOST_PAGES);
            all.extend(read.only()?);
            if page >= pages {
                return Ok(all);
            }
            page += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(value: Value) -> Record {
        serde_json::from_value(value).unwrap()
    }

    fn set(rtype: RrType, values: &[&str]) -> RrSet {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        RrSet { name: "Acme.com".into(), rtype, ttl: 30, values }
    }

    fn zone() -> DomainName {
        DomainName::stored("acme.com")
    }

    #[test]
    fn each_type_is_written_and_read_again() {
        for (rtype, value) in [
            (RrType::A, "192.0.2.1"),
            (RrType::Aaaa, "2001:db8::1"),
            (RrType::Cname, "shop.example.com"),
            (RrType::Mx, "10 mx.example.net"),
            (RrType::Mx, "0 ."),
            (RrType::Txt, "v=DKIM1; p=AbC+/="),
            (RrType::Srv, "0 5 443 www.example.com"),
            (RrType::Caa, r#"0 issue "ca.example; a=b""#),
        ] {
            let wanted = wanted(&zone(), &set(rtype, &[value])).unwrap().remove(0);
            let mut written = wanted.written();
            assert_eq!((wanted.name.as_str(), written["ttl"].as_u64()), ("acme.com", Some(60)), "{value}");
            written["id"] = json!("1");
            let read = record(written);
            assert_eq!(read.says(), Some(wanted.data), "{value}");
            assert_eq!(sets(&zone(), &[read])[0].values, [value]);
        }
    }

    #[test]
    fn services_and_authorities_are_read_from_their_text_where_they_come_without_parts() {
        let one = |rtype: &str, content: &str| {
            record(json!({ "id": "1", "name": "a.b", "type": rtype, "content": content, "ttl": 1 }))
        };
        assert_eq!(one("SRV", "0 5 443 www.example.com").says(), Some(Data::Srv(0, 5, 443, "www.example.com".into())));
        let caa = Data::Caa(0, "issue".into(), "ca.example".into());
        assert_eq!(one("CAA", r#"0 issue "ca.example""#).says(), Some(caa));
        assert_eq!(one("MX", "mx.example.com").says(), None, "a preference is not made up");
        assert_eq!(one("HTTPS", "1 . alpn=h2").says(), None);
        assert_eq!(one("TXT", "x").kept(), 300);
    }

    #[test]
    fn what_cannot_be_written_here_is_refused_in_words() {
        let strange = RrSet { name: "acme.net".into(), ..set(RrType::Txt, &["x"]) };
        for (set, word) in [
            (strange, "not a name of this zone"),
            (set(RrType::Ns, &["ns1.example.com"]), "nameservers"),
            (set(RrType::A, &["here"]), "IPv4"),
        ] {
            let Err(Trouble::Refused(Refused::ForGood(words))) = wanted(&zone(), &set) else { panic!("{set:?}") };
            assert!(words.contains(word), "{words}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_cut_on_the_wire_and_comes_together_again(text in "[\"\\\\ -~é]{0,700}") {
            let cut = in_quotes(&text);
            prop_assert_eq!(&model::dns::joined(&cut), &text);
            let wanted = Wanted { name: "acme.com".into(), data: Data::Txt(text.clone()), ttl: 300, proxied: false };
            let mut written = wanted.written();
            written["id"] = json!("1");
            prop_assert_eq!(record(written).says(), Some(Data::Txt(text.clone())));
            prop_assert_eq!(Data::parse(RrType::Txt, &value(&Data::Txt(text.clone()))), Ok(Data::Txt(text)));
        }
    }
}
