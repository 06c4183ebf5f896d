//! A client that costs next to nothing: one kept connection, one request at a time.

use anyhow::{Context as _, bail};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server_process::Server;

/// What ends an answer's head.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A kept connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    headers: String,
    received: Vec<u8>,
}

/// An answer, as far as anybody here wants to know.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body's `data`, when all went well.
    pub(crate) fn data(&self) -> anyhow::Result<Value> {
        Ok(self.json()?["data"].take())
    }

    /// The whole body, when all went well.
    pub(crate) fn json(&self) -> anyhow::Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!("the server answered {}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(server: &Server) -> anyhow::Result<Self> {
        Self::open_as(server, &server.key).await
    }

    /// Connects as whoever has a key.
    pub(crate) async fn open_as(server: &Server, key: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(&server.address).await?;
        stream.set_nodelay(true)?;
        let headers = format!("host: {}\r\nauthorization: Bearer {key}\r\n", server.address);
        Ok(Self { stream, headers, received: vec![] })
    }

    /// Asks for something.
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        let request = format!("GET {path} HTTP/1.1\r\n{}\r\n", self.headers);
        self.exchange(request.as_bytes()).await
    }

    /// Sends a body.
    pub(crate) async fn post(&mut self, path: &str, body: &str) -> anyhow::Result<Answer> {
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\n{}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            self.headers
        );
        self.exchange(request.as_bytes()).await
    }

    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.stream.write_all(request).await?;
        let head = self.read_head().await?;
        let text = std::str::from_utf8(&head)?;
        let status = text.split(' ').nth(1).context("an answer without a status")?.parse()?;
        let length: usize = content_length(text).unwrap_or("0").parse()?;
        while self.received.len() < length {
            self.read_more().await?;
        }
        let rest = self.received.split_off(length);
        Ok(Answer { status, body: std::mem::replace(&mut self.received, rest) })
    }

    async fn read_head(&mut self) -> anyhow::Result<Vec<u8>> {
        loop {
            let end = self.received.windows(END_OF_HEAD.len()).position(|bytes| bytes == END_OF_HEAD);
            if let Some(end) = end {
                let rest = self.received.split_off(end + END_OF_HEAD.len());
                return Ok(std::mem::replace(&mut self.received, rest));
            }
            self.read_more().await?;
        }
    }

    async fn read_more(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.received).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

fn content_length(head: &str) -> Option<&str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.find(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, value)| value.trim())
}
