//! Names: as a question has them, as the wire has them, and as a zone finds them.

/// The longest name on the wire (RFC 1035 §2.3.4).
const LONGEST: usize = 255;
/// The most labels that such a name can have.
const MOST_LABELS: usize = 128;

/// A name in lower case, whose ends can be looked at.
pub(super) struct Lower {
    /// Its wire form, the root included.
    bytes: [u8; LONGEST],
    /// Where each label begins, and last the root.
    starts: [u8; MOST_LABELS],
    labels: usize,
}

impl Lower {
    /// From labels; `None` where they are too long together.
    pub(super) fn of<'l>(labels: impl Iterator<Item = &'l [u8]>) -> Option<Self> {
        let mut name = Self { bytes: [0; LONGEST], starts: [0; MOST_LABELS], labels: 0 };
        let mut at = 0;
        for label in labels {
            let end = at + 1 + label.len();
            let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
            // One byte is left for the root.
            let place = name.bytes.get_mut(at..end).filter(|_| end < LONGEST)?;
            place[0] = length;
            place[1..].copy_from_slice(label);
            place[1..].make_ascii_lowercase();
            name.labels += 1;
            *name.starts.get_mut(name.labels)? = u8::try_from(end).ok()?;
            at = end;
        }
        Some(name)
    }

    /// From wire form without pointers.
    pub(super) fn read(wire: &[u8]) -> Option<Self> {
        Self::of(labels(wire))
    }

    /// How many labels it has, the root not counted.
    pub(super) const fn labels(&self) -> usize {
        self.labels
    }

    /// The wire form of what is left without its first labels.
    pub(super) fn without(&self, labels: usize) -> &[u8] {
        let [start, end] = [labels, self.labels].map(|label| usize::from(self.starts[label]));
        &self.bytes[start..=end]
    }

    fn label(&self, at: usize) -> &[u8] {
        let [start, end] = [at, at + 1].map(|label| usize::from(self.starts[label]));
        &self.bytes[start + 1..end]
    }
}

/// The labels of a name in wire form without pointers.
pub(super) fn labels(wire: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = wire;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first()?;
        let (label, after) = after.split_at_checked(usize::from(*length)).filter(|_| *length > 0)?;
        rest = after;
        Some(label)
    })
}

/// The wire form of a name that the model has checked: lower case, no last dot; the empty name is the root.
pub(super) fn to_wire(name: &str) -> Vec<u8> {
    let mut wire = Vec::with_capacity(name.len() + 2);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        wire.push(u8::try_from(label.len()).unwrap_or_default());
        wire.extend_from_slice(label.as_bytes());
    }
    wire.push(0);
    wire
}

/// A name as a zone finds it: the labels below the zone's own name, the last one first, with zeros between them. In the order
/// of such keys whatever is below a name comes right after it, and a key begins with those of the names above.
pub(super) struct Key {
    bytes: [u8; LONGEST],
    /// Where the key of each name ends, from the zone's own name down.
    ends: [u8; MOST_LABELS],
    depth: usize,
}

/// What stands between labels. No label of a zone has it.
pub(super) const BETWEEN: u8 = 0;

impl Key {
    /// The key of a name whose first `depth` labels are below the zone's.
    pub(super) fn of(name: &Lower, depth: usize) -> Self {
        let mut key = Self { bytes: [0; LONGEST], ends: [0; MOST_LABELS], depth };
        let mut at = 0;
        for (n, label) in (0..depth).rev().map(|n| name.label(n)).enumerate() {
            if n > 0 {
                at += 1;
            }
            for byte in label {
                // A question may hold any byte: this one must not part it in two. No name of a zone has either.
                key.bytes[at] = if *byte == BETWEEN { 1 } else { *byte };
                at += 1;
            }
            key.ends[n + 1] = u8::try_from(at).unwrap_or(u8::MAX);
        }
        key
    }

    /// How many labels are below the zone's own name.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// The key of the name above that has so many labels below the zone's own.
    pub(super) fn above(&self, depth: usize) -> &[u8] {
        &self.bytes[..usize::from(self.ends[depth])]
    }
}

/// The wire form of the name with this key in a zone.
pub(super) fn owner(key: &[u8], apex: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(key.len() + 1 + apex.len());
    for label in key.rsplit(|byte| *byte == BETWEEN).filter(|label| !label.is_empty()) {
        wire.push(u8::try_from(label.len()).unwrap_or_default());
        wire.extend_from_slice(label);
    }
    wire.extend_from_slice(apex);
    wire
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lower(name: &str) -> Lower {
        Lower::of(name.split('.').map(str::as_bytes)).unwrap()
    }

    #[test]
    fn a_name_is_looked_at_from_its_end() {
        let name = lower("WWW.Acme.com");
        assert_eq!(name.labels(), 3);
        assert_eq!(name.without(0), b"\x03www\x04acme\x03com\0");
        assert_eq!(name.without(1), b"\x04acme\x03com\0");
        assert_eq!(name.without(3), b"\0");
        assert_eq!(to_wire("acme.com"), name.without(1));
        assert_eq!(to_wire(""), b"\0");
        assert_eq!(Lower::read(b"\x03www\x04acme\x03com\0").unwrap().without(0), name.without(0));
    }

    #[test]
    fn the_longest_names_fit_and_longer_ones_do_not() {
        let one = [&b"a"[..]];
        assert_eq!(Lower::of(one.into_iter().cycle().take(127)).unwrap().without(0).len(), 255);
        assert!(Lower::of(one.into_iter().cycle().take(128)).is_none());
        let long = [b'a'; 63];
        assert!(Lower::of([&long[..]; 4].into_iter()).is_none());
        assert!(Lower::of([&[b'a'; 64][..]].into_iter()).is_none());
        assert!(Lower::of([&b""[..]].into_iter()).is_none());
        let name = Lower::of(one.into_iter().cycle().take(127)).unwrap();
        assert_eq!(Key::of(&name, 127).above(127).len(), 253);
    }

    #[test]
    fn keys_go_from_the_zone_down() {
        let key = Key::of(&lower("a.b.acme.com"), 2);
        assert_eq!(key.depth(), 2);
        assert_eq!([key.above(0), key.above(1), key.above(2)], [&b""[..], b"b", b"b\0a"]);
        assert_eq!(owner(key.above(2), &to_wire("acme.com")), to_wire("a.b.acme.com"));
        assert_eq!(owner(key.above(0), &to_wire("acme.com")), to_wire("acme.com"));
        let odd = Lower::of([&b"a\0b"[..], b"com"].into_iter()).unwrap();
        assert_eq!(Key::of(&odd, 1).above(1), b"a\x01b", "one label stays one");
    }
}
