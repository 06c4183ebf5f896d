//! Bodies that come packed, although nobody asked for that.

use std::io::Read;

use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

/// How many bytes may be read beyond those that are wanted, so that what is packed badly is seen too.
const HEADROOM: usize = 4 * 1024;

/// How a body is packed (RFC 9110 §8.4.1). Others are kept as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Deflate,
}

/// The beginning of a body, unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unpacked {
    pub(super) body: Vec<u8>,
    /// Whether it is all of it.
    pub(super) complete: bool,
}

/// How many bytes have to be read for so many of what is packed in them. Of what nobody wants, none.
pub(super) const fn room(packing: Option<Packing>, limit: usize) -> usize {
    match packing {
        Some(_) if limit > 0 => limit.saturating_add(HEADROOM),
        _ => limit,
    }
}

impl Packing {
    /// What a `Content-Encoding` names.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            _ => None,
        }
    }

    /// At most `limit` bytes of what is packed, however much that is; `None` when nothing is: it only says so.
    pub(super) fn unpack(self, packed: &[u8], limit: usize) -> Option<Unpacked> {
        match self {
            Self::Gzip => beginning(GzDecoder::new(packed), limit),
            Self::Deflate if has_zlib_header(packed) => beginning(ZlibDecoder::new(packed), limit),
            Self::Deflate => beginning(DeflateDecoder::new(packed), limit),
        }
    }
}

/// Some servers leave out the header that the standard wants (RFC 1950 §2.2).
fn has_zlib_header(packed: &[u8]) -> bool {
    let [method, check, ..] = packed else { return false };
    method & 0x0f == 8 && u16::from_be_bytes([*method, *check]).is_multiple_of(31)
}

fn beginning(unpacking: impl Read, limit: usize) -> Option<Unpacked> {
    let mut body = Vec::new();
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    // What was unpacked before something broke is kept.
    let end = unpacking.take(one_more).read_to_end(&mut body);
    if body.is_empty() && end.is_err() {
        return None;
    }
    let complete = end.is_ok() && body.len() <= limit;
    body.truncate(limit);
    Some(Unpacked { body, complete })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"the endpoint says what it thinks";

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packing = GzEncoder::new(Vec::new(), Compression::default());
        packing.write_all(text).unwrap();
        packing.finish().unwrap()
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT).unwrap();
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::default());
        bare.write_all(TEXT).unwrap();
        for (name, packed) in [
            ("gzip", gzip(TEXT)),
            (" X-GZIP ", gzip(TEXT)),
            ("deflate", zlib.finish().unwrap()),
            ("Deflate", bare.finish().unwrap()),
        ] {
            let unpacked = Packing::of(name).unwrap().unpack(&packed, 1024);
            assert_eq!(unpacked, Some(Unpacked { body: TEXT.to_vec(), complete: true }), "{name}");
        }
        for name in ["", "identity", "br", "zstd", "gzip, gzip", "*"] {
            assert_eq!(Packing::of(name), None, "{name}");
        }
    }

    #[test]
    fn a_bomb_is_no_larger_than_anything_else() {
        let bomb = gzip(&vec![b'x'; 20_000_000]);
        let unpacked = Packing::Gzip.unpack(&bomb, 1024).unwrap();
        assert_eq!((unpacked.body.len(), unpacked.body.capacity() < 100_000, unpacked.complete), (1024, true, false));
    }

    #[test]
    fn what_breaks_off_is_kept_as_far_as_it_came_and_what_is_not_packed_as_it_is() {
        let lines: String = (0..1_000).map(|n| format!("line {n} of many\n")).collect();
        let packed = gzip(lines.as_bytes());
        let unpacked = Packing::Gzip.unpack(&packed[..packed.len() / 2], 1_000_000).unwrap();
        assert!(!unpacked.complete && unpacked.body.len() > 100 && lines.as_bytes().starts_with(&unpacked.body));
        for packing in [Packing::Gzip, Packing::Deflate] {
            assert_eq!(packing.unpack(TEXT, 1024), None);
        }
        assert_eq!(Packing::Gzip.unpack(b"\x1f\x8b", 1024), None);
    }
}
