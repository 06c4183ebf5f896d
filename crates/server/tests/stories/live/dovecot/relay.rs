//! Where mail goes that Dovecot is given to send, and who receives it: it lies in the mailbox that it is for, with what its receiver wrote
//! on top.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A server that takes every mail.
pub(super) struct Relay {
    pub(super) address: SocketAddr,
    folder: PathBuf,
    on_top: Mutex<String>,
    taken: Mutex<usize>,
}

impl Relay {
    /// The mailboxes are in this folder.
    pub(super) fn start(folder: PathBuf) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let relay = Arc::new(Self { address, folder, on_top: Mutex::default(), taken: Mutex::default() });
        let own = relay.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let relay = own.clone();
                std::thread::spawn(move || relay.serve(stream));
            }
        });
        relay
    }

    /// What is written on top of each mail from now on. `DOMAIN` is that of its sender.
    pub(super) fn write_on_top(&self, headers: &str) {
        headers.clone_into(&mut self.on_top.lock().unwrap());
    }

    /// How many mails it was given.
    pub(super) fn taken(&self) -> usize {
        *self.taken.lock().unwrap()
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.write_all(b"220 relay\r\n")?;
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let (mut from, mut to) = (String::new(), String::new());
        while let Some(line) = lines.next().transpose()? {
            let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "QUIT" => "221 bye",
                "MAIL" => {
                    from = address(&line);
                    "250 fine"
                }
                "RCPT" => {
                    to = address(&line);
                    "250 fine"
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n")?;
                    let text = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".");
                    self.take((&from, &to), &text.collect::<Vec<_>>().join("\r\n"));
                    "250 taken"
                }
                _ => "250 relay",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes())?;
        }
        Ok(())
    }

    /// Whoever reads the mailbox is not who writes into it.
    fn take(&self, (from, to): (&str, &str), text: &str) {
        let mut taken = self.taken.lock().unwrap();
        *taken += 1;
        let mailbox = self.folder.join(to);
        for part in ["", "tmp", "new", "cur"] {
            open_folder(&mailbox.join(part));
        }
        let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
        let on_top = self.on_top.lock().unwrap().replace("DOMAIN", domain);
        let (unfinished, whole) =
            (mailbox.join(format!("tmp/{taken}.relay")), mailbox.join(format!("new/{taken}.relay")));
        fs::write(&unfinished, format!("{on_top}{text}\r\n")).unwrap();
        fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o666)).unwrap();
        fs::rename(unfinished, whole).unwrap();
    }
}

fn open_folder(path: &Path) {
    if !path.is_dir() {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
}

/// The address in a command.
fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or("", |(address, _)| address).to_owned()
}
