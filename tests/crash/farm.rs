//! A listing site and a webhook receiver in one small server of the test's own: fast enough for hundreds of crawls. It
//! writes down all that it was asked, for promises are judged by what others saw.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Ads on a page of the list.
const PER_PAGE: usize = 50;

/// The server; it takes nothing more once this is dropped.
pub struct Farm {
    port: u16,
    ground: Arc<Ground>,
}

struct Ground {
    /// The ads that it shows.
    ads: usize,
    /// How long it thinks about each page.
    thinks: Duration,
    /// What it answers to a message; 0: nothing, ever.
    answer: AtomicU16,
    is_over: AtomicBool,
    seen: Mutex<Seen>,
}

/// What it was asked.
#[derive(Clone, Default)]
pub struct Seen {
    /// The pages that were asked for, with the instant.
    pub pages: Vec<(Instant, String)>,
    /// All that it was asked for but to take messages, robots.txt included, with the instant.
    pub asked: Vec<(Instant, String)>,
    /// The `webhook-id` of each message, and whether it was accepted.
    pub hooks: Vec<(String, bool)>,
}

impl Farm {
    /// A site with so many ads, each with the address `ad-N@farm.example`; N counts from 1.
    pub fn start(ads: usize, thinks: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let ground = Arc::new(Ground {
            ads,
            thinks,
            answer: AtomicU16::new(204),
            is_over: AtomicBool::new(false),
            seen: Mutex::default(),
        });
        let on_it = Arc::clone(&ground);
        thread::spawn(move || {
            for visitor in listener.incoming() {
                if on_it.is_over.load(Ordering::Relaxed) {
                    break;
                }
                let on_it = Arc::clone(&on_it);
                // A visitor who goes away in the middle is what these tests are about.
                thread::spawn(move || visitor.and_then(|visitor| on_it.serve(visitor)));
            }
        });
        Self { port, ground }
    }

    /// How many ads it shows.
    pub fn ads(&self) -> usize {
        self.ground.ads
    }

    /// The address of an ad, as entries have it.
    pub fn address(number: usize) -> String {
        format!("ad-{number}@farm.example")
    }

    /// Where it is.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on it answers messages so; 0: it takes them, and is silent.
    pub fn answer(&self, status: u16) {
        self.ground.answer.store(status, Ordering::Relaxed);
    }

    /// All that it was asked until now.
    pub fn seen(&self) -> Seen {
        self.ground
            .seen
            .lock()
            .expect("nothing panics there")
            .clone()
    }

    /// As if it had been asked nothing.
    pub fn forget(&self) {
        *self.ground.seen.lock().expect("nothing panics there") = Seen::default();
    }

    /// How many pages it was asked for, and how many messages came.
    pub fn count(&self) -> (usize, usize) {
        let seen = self.ground.seen.lock().expect("nothing panics there");
        (seen.pages.len(), seen.hooks.len())
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        self.ground.is_over.store(true, Ordering::Relaxed);
        // So that it looks up.
        _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Ground {
    fn serve(&self, visitor: TcpStream) -> std::io::Result<()> {
        visitor.set_nodelay(true)?;
        let mut answers = visitor.try_clone()?;
        let mut requests = BufReader::new(visitor);
        loop {
            let mut line = String::new();
            if requests.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let mut id = String::new();
            let mut length = 0;
            loop {
                let mut header = String::new();
                requests.read_line(&mut header)?;
                let Some((name, value)) = header.trim_end().split_once(':') else {
                    break;
                };
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.trim().parse().unwrap_or(0),
                    "webhook-id" => value.trim().clone_into(&mut id),
                    _ => {}
                }
            }
            std::io::copy(&mut requests.by_ref().take(length), &mut std::io::sink())?;
            let mut words = line.split(' ');
            let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            let (status, body) = match method {
                "POST" => match self.take_message(id) {
                    None => return Ok(()),
                    Some(status) => (status, String::new()),
                },
                _ => self.page(path),
            };
            write!(
                answers,
                "HTTP/1.1 {status} -\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )?;
        }
    }

    /// None if it stays silent until the visitor is gone.
    fn take_message(&self, id: String) -> Option<u16> {
        let status = self.answer.load(Ordering::Relaxed);
        let mut seen = self.seen.lock().expect("nothing panics there");
        seen.hooks.push((id, status == 204));
        drop(seen);
        while status == 0
            && self.answer.load(Ordering::Relaxed) == 0
            && !self.is_over.load(Ordering::Relaxed)
        {
            thread::sleep(Duration::from_millis(5));
        }
        (status > 0).then_some(status)
    }

    fn page(&self, path: &str) -> (u16, String) {
        let mut seen = self.seen.lock().expect("nothing panics there");
        let now = Instant::now();
        seen.asked.push((now, path.to_owned()));
        if path == "/robots.txt" {
            return (404, String::new());
        }
        seen.pages.push((now, path.to_owned()));
        drop(seen);
        thread::sleep(self.thinks);
        if let Some(number) = path.strip_prefix("/ads/") {
            let body = format!(
                "<h1>Ad {number}</h1><p>New in town. Write to ad-{number}@farm.example any time.</p>"
            );
            return (200, page(&body));
        }
        let first: usize = path
            .strip_prefix("/list/")
            .and_then(|first| first.parse().ok())
            .unwrap_or(1);
        let last = (first + PER_PAGE - 1).min(self.ads);
        let mut body: String = (first..=last)
            .map(|number| format!("<a class=ad href='/ads/{number}'>{number}</a> "))
            .collect();
        if last < self.ads {
            body.push_str(&format!("<a class=next href='/list/{}'>next</a>", last + 1));
        }
        (200, page(&body))
    }
}

fn page(body: &str) -> String {
    format!("<!doctype html><title>Farm</title><body>{body}</body>")
}
