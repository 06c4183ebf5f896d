//! Where log lines go: a thread of its own writes them, so that a disk that is full or a pipe that nobody reads
//! costs lines and nothing else. What cannot be written is dropped and counted; as soon as a line can be written
//! again, one before it says how many were lost.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use super::LogFormat;

/// The most lines, and the most bytes, that wait to be written.
const MOST_LINES: usize = 8_192;
const MOST_BYTES: usize = 4 << 20;

/// The most bytes of a line, its end not counted.
const LONGEST: usize = 16 << 10;

/// How long a writer that was told to come again waits.
const AGAIN: Duration = Duration::from_millis(20);

/// Takes lines from anybody and never makes them wait. Clones share it.
#[derive(Clone)]
pub(super) struct Log(Arc<Shared>);

/// What a line looks like that says how many were lost.
pub(super) type Notice = fn(u64) -> String;

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    notice: Notice,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    is_writing: bool,
    /// Lines lost that nobody has been told of.
    untold: u64,
    lost: u64,
}

impl Log {
    /// A log that is written to `sink`, by a thread that lives as long as the process.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn to(sink: impl Write + Send + 'static, notice: Notice) -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), notice });
        let log = Self(shared.clone());
        std::thread::Builder::new().name("log".into()).spawn(move || shared.write_for_ever(sink))?;
        Ok(log)
    }

    /// Takes a line, or drops it when too much is waiting.
    pub(super) fn push(&self, line: &[u8]) {
        let mut state = self.0.lock();
        if state.waiting.len() >= MOST_LINES || state.bytes + line.len() > MOST_BYTES {
            state.lose(1);
            return;
        }
        state.bytes += line.len();
        state.waiting.push_back(line.to_vec());
        drop(state);
        self.0.changed.notify_all();
    }

    /// How many lines could not be written since the start.
    #[must_use]
    pub(super) fn lost(&self) -> u64 {
        self.0.lock().lost
    }

    /// Waits until everything is written, at most so long.
    pub(super) fn flush(&self, most: Duration) {
        let state = self.0.lock();
        let is_busy = |state: &mut State| state.is_writing || !state.waiting.is_empty();
        drop(self.0.changed.wait_timeout_while(state, most, is_busy));
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_for_ever(&self, mut sink: impl Write) {
        // Whether a line stands there half, so that the next one would go on where it ended.
        let mut is_torn = false;
        loop {
            let (line, untold) = self.next();
            let notice = if untold == 0 { String::new() } else { (self.notice)(untold) };
            let start = if is_torn { "\n" } else { "" };
            let whole = [start.as_bytes(), notice.as_bytes(), &line].concat();
            let (written, result) = write(&mut sink, &whole);
            let (said, torn) = came_through(&whole, written, start.len() + notice.len());
            is_torn = if written == 0 { is_torn } else { torn };
            let mut state = self.lock();
            state.is_writing = false;
            if said {
                state.untold -= untold;
            }
            if result.is_err() {
                state.lose(1);
            }
            drop(state);
            self.changed.notify_all();
        }
    }

    fn next(&self) -> (Vec<u8>, u64) {
        let state = self.lock();
        let waited = self.changed.wait_while(state, |state| state.waiting.is_empty());
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let line = state.waiting.pop_front().unwrap_or_default();
        state.bytes -= line.len();
        state.is_writing = true;
        // While they come faster than they go, it would have to be said before each line.
        let is_calm = state.waiting.len() <= MOST_LINES / 2 && state.bytes <= MOST_BYTES / 2;
        (line, if is_calm { state.untold } else { 0 })
    }
}

/// Writes all of it, or says how much came through. A sink that does not block is asked again.
fn write(sink: &mut impl Write, mut rest: &[u8]) -> (usize, io::Result<()>) {
    let all = rest.len();
    while !rest.is_empty() {
        match sink.write(rest) {
            Ok(0) => return (all - rest.len(), Err(ErrorKind::WriteZero.into())),
            Ok(count) => rest = &rest[count.min(rest.len())..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::park_timeout(AGAIN),
            Err(error) => return (all - rest.len(), Err(error)),
        }
    }
    (all, sink.flush())
}

/// Whether the notice is out, which ends at `notice_end`, and whether what was written ends within a line.
fn came_through(whole: &[u8], written: usize, notice_end: usize) -> (bool, bool) {
    (written >= notice_end, written > 0 && whole[written - 1] != b'\n')
}

impl State {
    const fn lose(&mut self, lines: u64) {
        self.untold += lines;
        self.lost += lines;
    }
}

/// One event of the log: formatters write it in one piece.
pub(super) struct Line<'a>(&'a Lines);

/// Gives formatters a place to write to.
pub(super) struct Lines {
    log: Log,
    is_coloured: bool,
    format: LogFormat,
}

impl Lines {
    /// Lines for a log; `is_coloured` when the formatter paints them.
    #[must_use]
    pub(super) const fn new(log: Log, is_coloured: bool, format: LogFormat) -> Self {
        Self { log, is_coloured, format }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(self)
    }
}

impl Write for Line<'_> {
    /// Takes it all, always: nobody who logs has to care.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let plain = model::shown::spelled(line, |letter| letter == '\u{1b}' && self.0.is_coloured);
        let bounded = bounded(&plain, self.0.format);
        self.0.log.push(format!("{bounded}\n").as_bytes());
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line of at most [`LONGEST`] bytes: what is longer is cut, and says so.
fn bounded(line: &str, format: LogFormat) -> Cow<'_, str> {
    if line.len() <= LONGEST {
        return Cow::Borrowed(line);
    }
    match format {
        LogFormat::Text => {
            let mark = format!("… (cut, {} bytes)", line.len());
            Cow::Owned(format!("{}{mark}", &line[..line.floor_char_boundary(LONGEST - mark.len())]))
        }
        LogFormat::Json => Cow::Owned(cut_json(line).to_string()),
    }
}

/// The same as a JSON value that still is one: each text in it is shortened until all fit. Where even short ones are too
/// many, only what every line has is kept.
fn cut_json(line: &str) -> Value {
    let whole: Value = serde_json::from_str(line).unwrap_or_else(|_| json!({ "message": line }));
    let texts = [LONGEST / 4, LONGEST / 16, LONGEST / 64];
    let mut shorter = texts.into_iter().map(|longest| {
        let mut value = whole.clone();
        shorten(&mut value, longest);
        value["cut_bytes"] = line.len().into();
        value
    });
    shorter.find(|value| value.to_string().len() <= LONGEST).unwrap_or_else(|| {
        let mut kept = json!({ "timestamp": whole["timestamp"], "level": whole["level"], "message": whole["message"],
            "target": whole["target"], "cut_bytes": line.len() });
        shorten(&mut kept, LONGEST / 16);
        kept
    })
}

fn shorten(value: &mut Value, longest: usize) {
    match value {
        Value::String(text) if text.len() > longest => {
            text.truncate(text.floor_char_boundary(longest));
            text.push('…');
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shorten(item, longest)),
        Value::Object(fields) => fields.values_mut().for_each(|field| shorten(field, longest)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    /// A sink that asks the test what to do with each piece: how many bytes to take, or how to fail.
    struct Asking {
        asks: Sender<Vec<u8>>,
        told: Receiver<io::Result<usize>>,
    }

    impl Write for Asking {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            let _gone = self.asks.send(piece.to_vec());
            self.told.recv().unwrap_or(Ok(piece.len()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn asking() -> (Log, impl Fn() -> String, Sender<io::Result<usize>>) {
        let (asks, asked) = channel();
        let (tell, told) = channel();
        let log = Log::to(Asking { asks, told }, |lost| format!("lost {lost}\n")).expect("a thread");
        (log, move || String::from_utf8(asked.recv_timeout(LONG).expect("it writes")).expect("text"), tell)
    }

    fn full() -> io::Result<usize> {
        Err(ErrorKind::StorageFull.into())
    }

    #[test]
    fn a_disk_that_is_full_costs_lines_and_says_so_when_it_has_room() {
        let (log, written, tell) = asking();
        for (line, whole) in [("a\n", "a\n"), ("b\n", "lost 1\nb\n")] {
            log.push(line.as_bytes());
            assert_eq!(written(), whole);
            tell.send(full()).unwrap();
        }
        log.push(b"c\n");
        assert_eq!(written(), "lost 2\nc\n");
        tell.send(Ok(9)).unwrap();
        log.push(b"d\n");
        assert_eq!(written(), "d\n");
        assert_eq!(log.lost(), 2);
    }

    #[test]
    fn a_line_that_came_half_does_not_run_into_the_next() {
        let (log, written, tell) = asking();
        log.push(b"abc\n");
        assert_eq!(written(), "abc\n");
        tell.send(Ok(2)).unwrap();
        assert_eq!(written(), "c\n");
        tell.send(full()).unwrap();
        log.push(b"d\n");
        assert_eq!(written(), "\nlost 1\nd\n");
        tell.send(Ok(8)).unwrap();
        assert_eq!(written(), "d\n");
        tell.send(full()).unwrap();
        log.push(b"e\n");
        assert_eq!(written(), "lost 1\ne\n", "the first loss has been told");
    }

    #[test]
    fn nobody_waits_for_a_pipe_that_is_not_read() {
        let (log, written, tell) = asking();
        log.push(b"first\n");
        assert_eq!(written(), "first\n");
        for _ in 0..MOST_LINES + 10 {
            log.push(b"more\n");
        }
        assert_eq!(log.lost(), 10);
        log.flush(Duration::ZERO);
        drop(tell);
        let texts: Vec<_> = (0..MOST_LINES).map(|_| written()).collect();
        assert_eq!(texts.iter().filter(|text| text.as_str() == "lost 10\nmore\n").count(), 1);
        log.flush(LONG);
        assert_eq!(log.lost(), 10);
    }

    #[test]
    fn what_waits_is_bounded_in_bytes_too() {
        let (log, written, _tell) = asking();
        log.push(b"first\n");
        written();
        let long = vec![b'x'; MOST_BYTES / 4];
        for _ in 0..6 {
            log.push(&long);
        }
        assert_eq!(log.lost(), 2);
        log.push(b"one that fits not\n");
        assert_eq!(log.lost(), 3);
    }

    #[test]
    fn a_sink_that_does_not_block_is_asked_again() {
        let (log, written, tell) = asking();
        log.push(b"a\n");
        written();
        tell.send(Err(ErrorKind::WouldBlock.into())).unwrap();
        assert_eq!(written(), "a\n");
        tell.send(Ok(2)).unwrap();
        log.flush(LONG);
        assert_eq!(log.lost(), 0);
    }

    #[test]
    fn an_event_is_one_line_that_hides_nothing() {
        let (log, written, _tell) = asking();
        let lines = Lines::new(log, true, LogFormat::Text);
        lines.make_writer().write_all("\u{1b}[32mred\u{1b}[0m a\nforged \u{202e}b\n".as_bytes()).unwrap();
        assert_eq!(written(), "\u{1b}[32mred\u{1b}[0m a\\nforged \\u202eb\n");
    }

    #[test]
    fn a_line_is_bounded_and_says_that_it_was_cut() {
        let long = "é".repeat(LONGEST);
        let line = bounded(&long, LogFormat::Text);
        assert!(line.len() <= LONGEST && line.ends_with("é… (cut, 32768 bytes)"), "{line}");
        assert_eq!(bounded("short", LogFormat::Text), "short");
        let many: Vec<_> = (0..LONGEST).map(|n| json!({ "n": n })).collect();
        for fields in [
            json!({ "words": long }),
            json!({ "spans": [{ "order": "ord_1", "path": long }] }),
            json!({ "many": many }),
        ] {
            let mut whole = json!({ "level": "INFO", "message": long });
            whole.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            let whole = whole.to_string();
            let line = bounded(&whole, LogFormat::Json).into_owned();
            let cut: Value = serde_json::from_str(&line).expect("still JSON");
            assert!(line.len() <= LONGEST && cut["cut_bytes"] == whole.len(), "{line}");
            assert!(cut["level"] == "INFO" && cut["message"].as_str().is_some_and(|text| text.len() > 500), "{line}");
        }
    }
}
