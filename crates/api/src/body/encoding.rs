//! Bodies that are sent packed. They are unpacked here, after it is known who sends them, so that the reader knows only
//! what was meant, and how much of it there may be.

use std::borrow::Cow;
use std::io::Read as _;

use axum::http::{HeaderMap, HeaderValue, header};
use flate2::bufread::GzDecoder;
use model::refusal::{Code, Fault};

use super::LIMIT;
use crate::problem::too_large;

/// The body as it was before it was packed, without a byte-order mark.
pub(super) fn unpacked<'a>(headers: &HeaderMap, sent: &'a [u8]) -> Result<Cow<'a, [u8]>, Fault> {
    let bytes = match coding(headers)? {
        // Whoever sends nothing has packed nothing.
        Coding::Gzip if !sent.is_empty() => Cow::Owned(gunzipped(sent)?),
        Coding::Gzip | Coding::Identity => Cow::Borrowed(sent),
    };
    Ok(without_mark(bytes))
}

enum Coding {
    Identity,
    Gzip,
}

/// How the body is packed (RFC 9110 §8.4): once or not at all.
fn coding(headers: &HeaderMap) -> Result<Coding, Fault> {
    let lines: Vec<_> = headers.get_all(header::CONTENT_ENCODING).iter().map(HeaderValue::as_bytes).collect();
    let all = lines.join(&b","[..]).to_ascii_lowercase();
    let packings = all.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let mut packings = packings.filter(|packing| !packing.is_empty() && *packing != b"identity");
    match (packings.next(), packings.next()) {
        (None, _) => Ok(Coding::Identity),
        (Some(b"gzip" | b"x-gzip"), None) => Ok(Coding::Gzip),
        _ => {
            let message = "The body is packed in a way that is not understood here. Send it as it is, or with \
                           `Content-Encoding: gzip`, packed once.";
            Err(Fault::new(Code::UnsupportedMediaType, message))
        }
    }
}

/// Unpacks one member; never more than a body may have, whatever it would become.
fn gunzipped(sent: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut packed = GzDecoder::new(sent);
    let mut bytes = vec![];
    let damaged = "The body is not whole gzip, as `Content-Encoding: gzip` says. Pack it again, or send it as it is \
                   without that header.";
    let damaged = || Fault::new(Code::InvalidRequest, damaged);
    packed.by_ref().take(LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(|_| damaged())?;
    match packed.into_inner() {
        _ if bytes.len() > LIMIT => Err(too_large()),
        [] => Ok(bytes),
        _ => Err(damaged()),
    }
}

/// Some editors and libraries begin a text with a byte-order mark; a reader of JSON may pass it over (RFC 8259 §8.1).
fn without_mark(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.strip_prefix(MARK).unwrap_or(bytes)),
        Cow::Owned(bytes) if bytes.starts_with(MARK) => Cow::Owned(bytes[MARK.len()..].to_vec()),
        Cow::Owned(bytes) => Cow::Owned(bytes),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(vec![], Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(codings: &[&str], sent: &[u8]) -> Result<Vec<u8>, Code> {
        let mut headers = HeaderMap::new();
        for coding in codings {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_str(coding).unwrap());
        }
        unpacked(&headers, sent).map(Cow::into_owned).map_err(|fault| fault.code)
    }

    #[test]
    fn what_is_packed_once_is_unpacked() {
        let body = packed(b"{}");
        for codings in [&["gzip"][..], &["GZIP"], &["x-gzip"], &["identity, gzip"], &["identity", " gzip "]] {
            assert_eq!(read(codings, &body), Ok(b"{}".to_vec()), "{codings:?}");
        }
        for codings in [&[][..], &["identity"], &[""], &["identity,"]] {
            assert_eq!(read(codings, b"\xef\xbb\xbf{}"), Ok(b"{}".to_vec()), "{codings:?}");
        }
        assert_eq!(read(&["gzip"], &packed(b"\xef\xbb\xbf{}")), Ok(b"{}".to_vec()));
        assert_eq!(read(&["gzip"], b""), Ok(vec![]));
        for codings in [&["br"][..], &["deflate"], &["gzip, gzip"], &["gzip", "gzip"], &["gzip;q=1"], &["zstd"]] {
            assert_eq!(read(codings, &body), Err(Code::UnsupportedMediaType), "{codings:?}");
        }
    }

    #[test]
    fn what_is_not_whole_gzip_is_said_to_be_so() {
        let body = packed(br#"{"name": "Small"}"#);
        for length in 1..body.len() {
            assert_eq!(read(&["gzip"], &body[..length]), Err(Code::InvalidRequest), "{length}");
        }
        let mut wrong_sum = body.clone();
        wrong_sum[body.len() - 5] ^= 1;
        for damaged in [b"{}".to_vec(), wrong_sum, [&body[..], b"x"].concat(), [&body[..], &body[..]].concat()] {
            assert_eq!(read(&["gzip"], &damaged), Err(Code::InvalidRequest));
        }
    }

    #[test]
    fn no_more_is_unpacked_than_a_body_may_have() {
        assert_eq!(read(&["gzip"], &packed(&vec![b' '; LIMIT])).map(|body| body.len()), Ok(LIMIT));
        for bytes in [LIMIT + 1, 64 * LIMIT] {
            assert_eq!(read(&["gzip"], &packed(&vec![b' '; bytes])), Err(Code::PayloadTooLarge), "{bytes}");
        }
    }
}
