//! Whether a database file and the log beside it (`-wal`) belong together.
//!
//! SQLite does not ask: it lays whatever log it finds over the file, and a backup that was copied over the file of a
//! server that was killed comes apart. So every group of writes counts up `user_version`, which stands in the first
//! page (see [`crate::group`]). The log then says by itself from which count on it goes: the file has to stand at the
//! count before the log's first one, or, where a part of the log was copied into it already, at one of the log's.
//!
//! See <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::file_modes::beside;

/// The bytes of a database file before its first table.
const FILE_HEADER: usize = 100;
/// The bytes of a log before its first frame.
const LOG_HEADER: usize = 32;
/// The bytes of a frame before its page.
const FRAME_HEADER: usize = 24;
/// Where `user_version` stands in the first page.
const COUNT: usize = 60;
/// How often files that somebody is writing to are read again.
const LOOKS: usize = 8;

/// What a log has to do with the file beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    /// There is none, or nothing in it.
    None,
    /// It goes on where the file ends.
    Fits,
    /// It is another file's.
    Foreign,
    /// It was written before anybody counted.
    Uncounted,
}

/// Looks at both files. Somebody may be writing to them, who has looked before us; then what was seen is not one
/// moment, and is looked at again.
pub(crate) fn look(database: &Path) -> io::Result<Log> {
    let mut before = Seen::of(database)?;
    for _ in 0..LOOKS {
        let log = before.log();
        if log != Log::Foreign {
            return Ok(log);
        }
        let after = Seen::of(database)?;
        if after == before {
            return Ok(log);
        }
        before = after;
    }
    Ok(Log::Fits)
}

/// The counts of both files.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    file: Option<u32>,
    salts: [u8; 8],
    frames: usize,
    /// The first and the last count in the log.
    counts: Option<(u32, u32)>,
}

impl Seen {
    fn of(database: &Path) -> io::Result<Self> {
        let mut seen = Self { file: count_of(database)?, salts: [0; 8], frames: 0, counts: None };
        if let Some(file) = open(&beside(database, "-wal"))? {
            seen.read(BufReader::with_capacity(1 << 16, file))?;
        }
        Ok(seen)
    }

    fn log(&self) -> Log {
        match (self.file, self.counts) {
            _ if self.frames == 0 => Log::None,
            (Some(file), Some((first, last))) if last != 0 => {
                let base = first.wrapping_sub(1);
                if file.wrapping_sub(base) <= last.wrapping_sub(base) { Log::Fits } else { Log::Foreign }
            }
            _ => Log::Uncounted,
        }
    }

    /// Reads as far as what was committed reaches: what is torn behind it never happened.
    fn read(&mut self, mut log: impl Read) -> io::Result<()> {
        let mut header = [0; LOG_HEADER];
        if !fill(&mut log, &mut header)? || number(&header, 0) & !1 != 0x377f_0682 {
            return Ok(());
        }
        let mut sum = Sum { is_big: number(&header, 0) & 1 == 1, at: (0, 0) };
        sum.add(&header[..24]);
        if !sum.is(&header[24..]) {
            return Ok(());
        }
        self.salts.copy_from_slice(&header[16..24]);
        let mut frame = vec![0; FRAME_HEADER + usize::try_from(number(&header, 8)).unwrap_or_default()];
        let (mut frames, mut waiting) = (0, None);
        while fill(&mut log, &mut frame)? && frame[8..16] == self.salts {
            let (head, page) = frame.split_at(FRAME_HEADER);
            sum.add(&head[..8]);
            sum.add(page);
            if !sum.is(&head[16..]) {
                break;
            }
            frames += 1;
            if number(head, 0) == 1 {
                let count = number(page, COUNT);
                waiting = Some((waiting.map_or(count, |(first, _)| first), count));
            }
            if number(head, 4) != 0 {
                self.frames = frames;
                if let Some((first, last)) = waiting.take() {
                    self.counts = Some((self.counts.map_or(first, |(first, _)| first), last));
                }
            }
        }
        Ok(())
    }
}

/// The count in a database file's first page, log aside.
fn count_of(database: &Path) -> io::Result<Option<u32>> {
    let mut header = [0; FILE_HEADER];
    let Some(mut file) = open(database)? else { return Ok(None) };
    let is_ours = fill(&mut file, &mut header)? && header.starts_with(b"SQLite format 3\0");
    Ok(is_ours.then(|| number(&header, COUNT)))
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

/// Whether there was enough left to fill it.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(buffer) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        read => read.map(|()| true),
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// The log's running checksum.
struct Sum {
    is_big: bool,
    at: (u32, u32),
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        let word = |four: &[u8]| {
            let four = four.try_into().unwrap_or_default();
            if self.is_big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
        };
        self.at = bytes.chunks_exact(8).fold(self.at, |(one, two), eight| {
            let one = one.wrapping_add(word(&eight[..4])).wrapping_add(two);
            (one, two.wrapping_add(word(&eight[4..])).wrapping_add(one))
        });
    }

    fn is(&self, stored: &[u8]) -> bool {
        (number(stored, 0), number(stored, 4)) == self.at
    }
}
