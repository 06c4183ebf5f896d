//! A site as it is answered.

use http::{HeaderValue, StatusCode, Uri};
use model::redirect::{Site, SiteFault};

/// A site as it is answered.
#[derive(Clone, Debug)]
pub struct Rendered {
    pub(super) host: Box<str>,
    pub(super) status: StatusCode,
    pub(super) hsts: Option<HeaderValue>,
    leads: Leads,
}

/// Where it leads.
#[derive(Clone, Debug)]
enum Leads {
    /// To one address.
    There(HeaderValue),
    /// Below an address.
    Below {
        /// Up to where the path that was asked for goes on, without a last slash.
        base: Box<str>,
        /// What stands in the target's own query.
        query: Option<Box<str>>,
        /// What stands after the `#`.
        fragment: Option<Box<str>>,
    },
}

impl Rendered {
    /// Renders a site.
    ///
    /// # Errors
    /// Why it cannot be served.
    pub fn of(site: &Site) -> Result<Self, SiteFault> {
        let target = site.check()?;
        let fault = |_| SiteFault { host: site.host.clone(), reason: "the target cannot stand in a header" };
        let whole = HeaderValue::from_str(target.as_str()).map_err(fault)?;
        let leads = if site.keeps_path {
            let base = &target[..url::Position::AfterPath];
            Leads::Below {
                base: base.strip_suffix('/').unwrap_or(base).into(),
                query: target.query().map(Into::into),
                fragment: target.fragment().map(Into::into),
            }
        } else {
            Leads::There(whole)
        };
        let hsts = site.hsts.map(|seconds| HeaderValue::from_str(&format!("max-age={seconds}")).map_err(fault));
        let status = StatusCode::from_u16(site.status.code()).unwrap_or(StatusCode::MOVED_PERMANENTLY);
        Ok(Self { host: site.host.as_str().into(), status, hsts: hsts.transpose()?, leads })
    }

    /// Where it leads somebody who asked for something. `None` where that cannot stand in a header, which cannot be.
    pub(super) fn location(&self, asked: &Uri) -> Option<HeaderValue> {
        let (base, query, fragment) = match &self.leads {
            Leads::There(target) => return Some(target.clone()),
            Leads::Below { base, query, fragment } => (base, query, fragment),
        };
        let mut location = String::with_capacity(base.len() + 64);
        location.push_str(base);
        // A path is never empty here: it would end the host's name with whatever comes next.
        let path = asked.path();
        if !path.starts_with('/') {
            location.push('/');
        }
        if path != "*" {
            push(&mut location, path);
        }
        let mut mark = '?';
        for query in [query.as_deref(), asked.query()].into_iter().flatten() {
            location.push(mark);
            push(&mut location, query);
            mark = '&';
        }
        if let Some(fragment) = fragment {
            location.push('#');
            push(&mut location, fragment);
        }
        HeaderValue::try_from(location).ok()
    }
}

/// Adds a part of an address, of which whatever may not stand in one (RFC 3986 §3.3, §3.4) is percent-encoded: a stranger wrote it.
fn push(location: &mut String, part: &str) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if part.bytes().all(is_plain) {
        location.push_str(part);
        return;
    }
    for byte in part.bytes() {
        if is_plain(byte) {
            location.push(char::from(byte));
        } else {
            let digits = [byte >> 4, byte & 15].map(|digit| char::from(DIGITS[usize::from(digit)]));
            location.extend(['%', digits[0], digits[1]]);
        }
    }
}

/// Whether a byte may stand in a path or a query. What is encoded already stays as it is.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
                | b'/'
                | b'?'
                | b'%'
        )
}
