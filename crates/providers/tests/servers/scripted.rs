//! A name server that says what a test wants it to: silence, lies, other people's names.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

/// What it says to a question over UDP (`false`) or TCP (`true`); nothing is silence.
type Script = Arc<dyn Fn(&Message, bool) -> Option<Message> + Send + Sync>;

/// The server; it ends when this is dropped.
pub(crate) struct Scripted {
    asked: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Scripted {
    /// Listens at an address.
    pub(crate) async fn at(
        address: SocketAddr,
        script: impl Fn(&Message, bool) -> Option<Message> + Send + Sync + 'static,
    ) -> Self {
        let (script, asked): (Script, _) = (Arc::new(script), Arc::new(Mutex::new(vec![])));
        let mut tasks = JoinSet::new();
        tasks.spawn(udp(UdpSocket::bind(address).await.unwrap(), script.clone(), asked.clone()));
        tasks.spawn(tcp(TcpListener::bind(address).await.unwrap(), script, asked.clone()));
        Self { asked, _tasks: tasks }
    }

    /// What it was asked, in order: name and type.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn udp(socket: UdpSocket, script: Script, asked: Arc<Mutex<Vec<String>>>) {
    let mut buffer = vec![0; 65_535];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let question = Message::from_vec(&buffer[..length]).unwrap();
        asked.lock().unwrap().push(said(&question));
        if let Some(answer) = script(&question, false) {
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    }
}

async fn tcp(listener: TcpListener, script: Script, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let Ok(length) = stream.read_u16().await else { continue };
        let mut bytes = vec![0; length.into()];
        stream.read_exact(&mut bytes).await.unwrap();
        let question = Message::from_vec(&bytes).unwrap();
        asked.lock().unwrap().push(said(&question));
        if let Some(answer) = script(&question, true) {
            let answer = answer.to_vec().unwrap();
            stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    }
}

fn said(question: &Message) -> String {
    let query = &question.queries[0];
    format!("{} {}", query.name().to_lowercase(), query.query_type())
}

/// An answer with authority to a question.
pub(crate) fn answer(question: &Message, code: ResponseCode) -> Message {
    let mut answer = question.clone();
    answer.metadata.message_type = MessageType::Response;
    answer.metadata.authoritative = true;
    answer.metadata.response_code = code;
    answer
}

/// The same with a record of the name that was asked for.
pub(crate) fn with(question: &Message, data: RData) -> Message {
    let mut answer = answer(question, ResponseCode::NoError);
    answer.add_answer(Record::from_rdata(question.queries[0].name().clone(), 300, data));
    answer
}

/// The type that was asked for.
pub(crate) fn asked_type(question: &Message) -> RecordType {
    question.queries[0].query_type()
}

/// A name.
pub(crate) fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}
