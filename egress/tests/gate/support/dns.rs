//! A name server (RFC 1035, UDP) that answers as a test tells it.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::net::UdpSocket;

/// What a name server says to a question.
pub enum Said {
    /// These addresses, to be forgotten at once (TTL 0).
    Addresses(Vec<IpAddr>),
    /// There is no such name.
    Nothing,
    /// Not a word.
    Silence,
}

pub struct Dns {
    pub address: SocketAddr,
    /// Questions for IPv4 addresses so far.
    asked: Arc<AtomicUsize>,
}

const A: u16 = 1;
const AAAA: u16 = 28;

impl Dns {
    /// Starts one. `say` is told the name, and how many times an IPv4 address was asked for before.
    pub async fn start(say: impl Fn(&str, usize) -> Said + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut question = [0; 1_500];
            while let Ok((length, from)) = socket.recv_from(&mut question).await {
                let (name, kind, end) = read(&question[..length]);
                let before = match kind {
                    A => count.fetch_add(1, Ordering::SeqCst),
                    _ => count.load(Ordering::SeqCst),
                };
                if let Some(reply) = write(&question[..end], kind, say(&name, before)) {
                    socket.send_to(&reply, from).await.unwrap();
                }
            }
        });
        Self { address, asked }
    }

    /// One that knows a few names.
    pub async fn with(names: &'static [(&'static str, &'static [&'static str])]) -> Self {
        Self::start(move |asked, _| {
            names
                .iter()
                .find(|(name, _)| *name == asked)
                .map_or(Said::Nothing, |(_, addresses)| {
                    Said::Addresses(addresses.iter().map(|text| text.parse().unwrap()).collect())
                })
        })
        .await
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// The name that is asked for, the kind of record, and where the question ends.
fn read(question: &[u8]) -> (String, u16, usize) {
    let mut at = 12;
    let mut labels = Vec::new();
    while question[at] != 0 {
        let length = usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..=at + length]).to_ascii_lowercase());
        at += length + 1;
    }
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    (labels.join("."), kind, at + 5)
}

fn write(question: &[u8], kind: u16, said: Said) -> Option<Vec<u8>> {
    let (code, addresses) = match said {
        Said::Addresses(addresses) => (0, addresses),
        Said::Nothing => (3, Vec::new()),
        Said::Silence => return None,
    };
    let fitting: Vec<Vec<u8>> = addresses
        .into_iter()
        .filter_map(|address| match (address, kind) {
            (IpAddr::V4(v4), A) => Some(v4.octets().to_vec()),
            (IpAddr::V6(v6), AAAA) => Some(v6.octets().to_vec()),
            _ => None,
        })
        .collect();
    let mut reply = question[..2].to_vec();
    reply.extend([0x81, 0x80 | code, 0, 1, 0, fitting.len() as u8, 0, 0, 0, 0]);
    reply.extend(&question[12..]);
    for octets in fitting {
        reply.extend([0xc0, 12]);
        reply.extend(kind.to_be_bytes());
        reply.extend([0, 1, 0, 0, 0, 0, 0, octets.len() as u8]);
        reply.extend(octets);
    }
    Some(reply)
}
