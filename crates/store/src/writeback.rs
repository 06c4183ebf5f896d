//! Puts a file on the disk while somebody writes it. The system would wait and then put down all of it at once, and whoever commits
//! meanwhile would wait for that.

use std::fs::File;
use std::future::Future;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// So many bytes are put down at once.
const PIECE: u64 = 4 << 20;

/// How often it is looked whether there are as many.
const LOOK: Duration = Duration::from_millis(5);

/// Does what writes a file that is there, and has the file put down in pieces meanwhile. That all of it is on the disk is still to be
/// made sure of afterwards.
pub(crate) async fn beside<T>(file: &Path, writing: impl Future<Output = T>) -> T {
    let (going, ended) = channel();
    if let Ok(file) = File::open(file) {
        tokio::task::spawn_blocking(move || {
            put_down(&ended, || file.metadata().map_or(0, |found| found.len()), || file.sync_data().is_ok());
        });
    }
    let written = writing.await;
    // Whoever puts it down ends by this; so it does when nobody waits for the writing any more.
    drop(going);
    written
}

/// Until nobody writes any more.
fn put_down(ended: &Receiver<()>, size: impl Fn() -> u64, mut put: impl FnMut() -> bool) {
    let mut down = 0;
    while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        let now = size();
        if now >= down + PIECE && put() {
            down = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    #[test]
    fn whole_pieces_are_put_down_until_nobody_writes_any_more() {
        let (going, ended) = channel();
        let (going, looks, puts) = (Cell::new(Some(going)), Cell::new(0), RefCell::new(vec![]));
        let sizes = [0, PIECE - 1, PIECE + 7, PIECE + 9, 2 * PIECE + 6, 2 * PIECE + 7];
        let size = || {
            let look = looks.replace(looks.get() + 1);
            if look + 1 == sizes.len() {
                going.take();
            }
            sizes[look]
        };
        let put = || {
            puts.borrow_mut().push(looks.get() - 1);
            true
        };
        put_down(&ended, size, put);
        assert_eq!(*puts.borrow(), [2, 5]);
    }

    #[tokio::test]
    async fn what_the_writing_comes_to_is_what_it_comes_to() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("draft");
        assert_eq!(beside(&file, async { 7 }).await, 7, "no file is no reason not to write");
        std::fs::write(&file, "some").unwrap();
        assert_eq!(beside(&file, async { 8 }).await, 8);
    }
}
