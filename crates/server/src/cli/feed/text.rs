//! Takes a stream of server-sent events apart.

use super::Told;

/// What has come in so far.
#[derive(Debug, Default)]
pub(super) struct Blocks(Vec<u8>);

/// One block of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// An event.
    Event(Told),
    /// Only the mark to go on after.
    Mark(String),
    /// A comment, or something that we do not know.
    Other,
}

impl Blocks {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The next whole block.
    pub(super) fn next(&mut self) -> Option<Block> {
        let end = self.0.windows(2).position(|pair| pair == b"\n\n")?;
        let block: Vec<u8> = self.0.drain(..end + 2).collect();
        Some(read(&String::from_utf8_lossy(&block)))
    }
}

fn read(block: &str) -> Block {
    let values = |name: &str| {
        let lines = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        lines.map(|value| value.strip_prefix(' ').unwrap_or(value)).collect::<Vec<_>>()
    };
    let (ids, kinds, data) = (values("id"), values("event"), values("data"));
    let last = |values: &[&str]| values.last().map(|value| (*value).to_owned());
    match (last(&ids), last(&kinds), data.is_empty()) {
        (Some(id), Some(kind), false) => Block::Event(Told { id, kind, body: data.join("\n") }),
        (Some(id), _, true) => Block::Mark(id),
        _ => Block::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_out_whole_however_they_come_in() {
        let text = "id: evt_0\n\n: still here\n\nid: evt_1\nevent: order.failed\ndata: {\"a\":\"ë: x\"}\n\nid: evt_2";
        let mut blocks = Blocks::default();
        let mut seen = vec![];
        for byte in text.as_bytes() {
            blocks.push(&[*byte]);
            seen.extend(blocks.next());
        }
        let told = Told { id: "evt_1".into(), kind: "order.failed".into(), body: r#"{"a":"ë: x"}"#.into() };
        assert_eq!(seen, [Block::Mark("evt_0".into()), Block::Other, Block::Event(told)]);
    }
}
