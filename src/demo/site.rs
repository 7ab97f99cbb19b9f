//! The board as a web site: list pages, offers, pictures and robots.txt, each with an ETag.

use std::{
    fmt::Write as _,
    io::{self, Cursor},
    sync::{Arc, RwLock},
};

use image::{ImageFormat, Rgb, RgbImage};
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    board::{Board, Offer},
    http::{Request, Response, Server},
};

/// A picture's size in pixels.
const PICTURE: (u32, u32) = (120, 80);

/// The running site.
#[derive(Debug)]
pub struct Site {
    board: Arc<RwLock<Board>>,
    server: Server,
}

impl Site {
    /// Opens the site on a free port of 127.0.0.1.
    pub async fn open(board: Board) -> io::Result<Self> {
        let board = Arc::new(RwLock::new(board));
        let shown = Arc::clone(&board);
        let server = Server::start(move |request| {
            answer(
                &shown.read().unwrap_or_else(|broken| broken.into_inner()),
                &request,
            )
        })
        .await?;
        Ok(Self { board, server })
    }

    /// The first page of the board.
    pub fn start(&self) -> String {
        format!("http://{}/offers", self.server.address())
    }

    /// Changes what the board shows from now on.
    pub fn change(&self, change: impl FnOnce(&mut Board)) {
        change(
            &mut self
                .board
                .write()
                .unwrap_or_else(|broken| broken.into_inner()),
        );
    }
}

fn answer(board: &Board, request: &Request) -> Response {
    if request.method != "GET" {
        return Response::empty(404);
    }
    let found = match place(&request.target) {
        Some(Place::Robots) => Some((
            b"User-agent: *\nDisallow: /members/\n".to_vec(),
            "text/plain",
        )),
        Some(Place::Page(page)) => board
            .page(page)
            .map(|offers| (list_page(&offers, page, board.pages()).into_bytes(), HTML)),
        Some(Place::Offer(number)) => board
            .offer(number)
            .map(|offer| (offer_page(offer).into_bytes(), HTML)),
        Some(Place::Picture(number)) => board
            .offer(number)
            .and_then(|_| picture(number))
            .map(|png| (png, "image/png")),
        None => None,
    };
    match found {
        Some((body, media_type)) => tagged(request, body, media_type),
        None => Response {
            body: b"<!doctype html><title>Not here</title>".to_vec(),
            ..Response::empty(404)
        },
    }
}

const HTML: &str = "text/html; charset=utf-8";

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Robots,
    Page(usize),
    Offer(u32),
    Picture(u32),
}

fn place(target: &str) -> Option<Place> {
    // The request target is a path; any host makes it a URL that can be taken apart.
    let url = Url::parse("http://board.example").ok()?.join(target).ok()?;
    match url.path() {
        "/robots.txt" => Some(Place::Robots),
        "/offers" => {
            let page = url.query_pairs().find(|(name, _)| name == "page");
            page.map_or(Some(1), |(_, number)| number.parse().ok())
                .map(Place::Page)
        }
        path => match path.strip_prefix("/offers/") {
            Some(number) => number.parse().ok().map(Place::Offer),
            None => path
                .strip_prefix("/pictures/")?
                .strip_suffix(".png")?
                .parse()
                .ok()
                .map(Place::Picture),
        },
    }
}

/// 304 where the client has this very body, and the body where it has not.
fn tagged(request: &Request, body: Vec<u8>, media_type: &'static str) -> Response {
    let digest = Sha256::digest(&body);
    let tag = digest
        .iter()
        .take(8)
        .fold(String::from("\""), |mut tag, byte| {
            // Writing to a String cannot fail.
            let _ = write!(tag, "{byte:02x}");
            tag
        })
        + "\"";
    let known = request.header("if-none-match") == Some(tag.as_str());
    let headers = vec![("ETag", tag), ("Content-Type", media_type.to_owned())];
    if known {
        return Response {
            headers,
            ..Response::empty(304)
        };
    }
    Response {
        status: 200,
        headers,
        body,
    }
}

fn list_page(offers: &[&Offer], page: usize, pages: usize) -> String {
    let mut rows = String::new();
    for Offer {
        number,
        title,
        price,
        town,
        ..
    } in offers
    {
        let _ = writeln!(
            rows,
            "<li class=\"offer\"><a href=\"/offers/{number}\">{title}</a> <span class=\"price\">{price}</span> <span class=\"town\">{town}</span></li>"
        );
    }
    let next = if page < pages {
        format!(
            "<a rel=\"next\" href=\"/offers?page={}\">Next page</a>",
            page + 1
        )
    } else {
        String::new()
    };
    document(
        "Harbour Board",
        &format!("<h1>Offers, page {page} of {pages}</h1><ul>\n{rows}</ul><nav>{next}</nav>"),
    )
}

fn offer_page(offer: &Offer) -> String {
    let Offer {
        number,
        title,
        price,
        town,
        contact,
        text,
    } = offer;
    let text: String = text
        .iter()
        .map(|paragraph| format!("<p>{paragraph}</p>"))
        .collect();
    document(
        title,
        &format!(
            "<article><h1>{title}</h1><p><span class=\"price\">{price}</span> in <span class=\"town\">{town}</span></p>\
             <div class=\"text\">{text}<p class=\"contact\">{contact}</p></div>\
             <img class=\"picture\" src=\"/pictures/{number}.png\" alt=\"\"></article>"
        ),
    )
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>{body}\n\
         <footer>Harbour Board is invented. <a href=\"/members/\">Members</a></footer></body></html>\n"
    )
}

/// The picture of an offer: two colours that run into each other, drawn from its number.
fn picture(number: u32) -> Option<Vec<u8>> {
    let (width, height) = PICTURE;
    let colour = |turn: u32| (number.wrapping_mul(37).wrapping_add(turn) % 200) as u8;
    let drawn = RgbImage::from_fn(width, height, |x, y| {
        Rgb([colour(x), colour(y * 2), colour(x + y)])
    });
    let mut png = Cursor::new(Vec::new());
    drawn.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(target: &str, tag: Option<&str>) -> Response {
        let headers = tag
            .map(|tag| ("if-none-match".to_owned(), tag.to_owned()))
            .into_iter()
            .collect();
        let request = Request {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers,
            body: Vec::new(),
        };
        answer(&Board::opened(), &request)
    }

    #[test]
    fn addresses_lead_where_they_say() {
        for (target, status, holds) in [
            ("/robots.txt", 200, "Disallow: /members/"),
            ("/offers", 200, "page 1 of 6"),
            ("/offers?page=6", 200, "/offers/1\""),
            ("/offers?page=7", 404, ""),
            ("/offers/17", 200, "(202) 555-0147"),
            ("/offers/61", 404, ""),
            ("/pictures/x.png", 404, ""),
            ("/members/", 404, ""),
        ] {
            let response = get(target, None);
            assert_eq!(response.status, status, "{target}");
            assert!(
                String::from_utf8_lossy(&response.body).contains(holds),
                "{target}"
            );
        }
    }

    #[test]
    fn a_page_is_sent_once_and_then_known_by_its_tag() {
        let first = get("/pictures/3.png", None);
        let tag = first
            .headers
            .iter()
            .find(|(name, _)| *name == "ETag")
            .map(|(_, tag)| tag.clone());
        assert_eq!(get("/pictures/3.png", tag.as_deref()).status, 304);
        assert_eq!(get("/pictures/4.png", tag.as_deref()).status, 200);
        let read = image::load_from_memory(&first.body).unwrap();
        assert_eq!((read.width(), read.height()), PICTURE);
    }
}
