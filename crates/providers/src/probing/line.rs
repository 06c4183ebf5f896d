//! A conversation in lines, bounded: whoever answers may say whatever they like.

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};

/// The most that is read in a conversation, in bytes.
const MOST: u64 = 2 * 1024 * 1024;
/// The longest line, in bytes.
const LONGEST: u64 = 16 * 1024;

/// The other side has gone, or says what is none of the protocol.
#[derive(Debug)]
pub(super) struct Lost;

impl From<io::Error> for Lost {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// A conversation.
pub(super) struct Line<S> {
    stream: BufReader<S>,
    left: u64,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream: BufReader::new(stream), left: MOST }
    }

    /// Says something, whole lines of it.
    pub(super) async fn say(&mut self, text: &str) -> Result<(), Lost> {
        self.stream.write_all(text.as_bytes()).await?;
        self.stream.flush().await?;
        Ok(())
    }

    /// The next line, without its end.
    pub(super) async fn hear(&mut self) -> Result<String, Lost> {
        let (mut line, most) = (vec![], LONGEST.min(self.left));
        let read = (&mut self.stream).take(most).read_until(b'\n', &mut line).await?;
        self.left -= u64::try_from(read).map_err(|_| Lost)?;
        let line = line.strip_suffix(b"\n").ok_or(Lost)?;
        Ok(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned())
    }

    /// So many bytes, as text.
    pub(super) async fn hear_bytes(&mut self, count: u64) -> Result<String, Lost> {
        self.left = self.left.checked_sub(count).ok_or(Lost)?;
        let mut bytes = vec![];
        let read = (&mut self.stream).take(count).read_to_end(&mut bytes).await?;
        let is_whole = u64::try_from(read).is_ok_and(|read| read == count);
        is_whole.then(|| String::from_utf8_lossy(&bytes).into_owned()).ok_or(Lost)
    }

    /// What is below. Nothing may have been said that was not asked for: it would be taken for what is said later.
    pub(super) fn into_inner(self) -> Result<S, Lost> {
        self.stream.buffer().is_empty().then(|| self.stream.into_inner()).ok_or(Lost)
    }
}
