//! Writes a site of classified ads, its images, the ads' texts and watchlists: the same ones from the same seed.
//! `gen DIR [PORT] [INDEX PAGES] [ADS EACH] [IMAGES] [SEED]`
//!
//! Every number is from a range kept for fiction and every mail address is at an `example` domain. There are few such
//! numbers, so ads have even ones and the watchlists' filling odd ones: otherwise every ad would be a sighting.
use peers::Rng;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
const WORDS: &str = "the and for with you your this that from have will can our are not all new used good great condition sale price contact call text message please only cash pickup delivery available today week month year old very nice clean car bike house room apartment rent flat kitchen bathroom garden parking near city center station bus train walk minutes quiet area street view floor bedroom living furniture table chair sofa bed mattress desk lamp mirror carpet washing machine fridge oven dishwasher television phone laptop computer tablet camera lens battery charger cable screen keyboard mouse printer headphones speaker guitar piano drums book books collection vintage antique rare original box papers warranty receipt bought sold selling moving must go asap offer offers negotiable firm serious buyers no time wasters thanks looking wanted need help service services professional experienced reliable friendly affordable quality work job jobs hiring part full hours weekend evening morning night shift driver cleaner cook nanny tutor teacher lessons english spanish french math music dance fitness personal trainer massage relax beauty hair nails salon independent visiting town hotel incall outcall private discreet sweet gentlemen young mature blonde brunette classy upscale real photos recent verified reviews donation special rates hour half dog puppy cat kitten horse saddle bird cage fish tank garden tools drill saw hammer ladder paint wood metal steel plastic glass leather cotton wool silk dress shirt jeans shoes boots jacket coat bag watch ring necklace gold silver diamond size small medium large extra black white red blue green yellow brown grey pink purple miles kilometres engine diesel petrol automatic manual gearbox clutch brake tyre wheel alloy leather seats heated navigation parking sensor service history owner owners mot insurance registered export import ship shipping worldwide tracked postage included free bonus discount deal bargain urgent reduced final last chance";
const CITIES: &[&str] = &[
    "Springfield",
    "Riverton",
    "Oakdale",
    "Lakeside",
    "Fairview",
    "Brookhaven",
    "Milton",
    "Ashford",
    "Kingsport",
    "Westbury",
    "Halden",
    "Norwick",
];
struct Seller {
    phones: Vec<String>,
    email: String,
    handle: String,
}
fn name(r: &mut Rng) -> String {
    let c = [
        "b", "br", "c", "d", "dr", "f", "g", "j", "k", "l", "m", "n", "p", "r", "s", "st", "t",
        "v", "z", "sh",
    ];
    let v = ["a", "e", "i", "o", "u", "ia", "ee", "ou"];
    let mut s = String::new();
    for _ in 0..r.range(2, 3) {
        s += r.ps(&c);
        s += r.ps(&v);
    }
    s
}
/// Telephone areas of the United States; in each, 555-0100 to 555-0199 are for fiction.
const AREAS: &str = "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 225 228 229 231 234 239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 312 313 314 315 316 317 318 319 320 321 323 325 330 334 336 337 352 360 361 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 425 432 434 435 440 443 469 478 479 480 501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 540 541 559 561 562 563 570 571 573 574 580 585 586";
/// Who a made-up person is for.
#[derive(Clone, Copy)]
enum For {
    Ads,
    Filling,
}
/// `digits` with a last digit that is even in ads and odd in what only fills a watchlist.
fn last(digits: &str, whose: For) -> String {
    let (front, end) = digits.split_at(digits.len() - 1);
    let end: u8 = end.parse::<u8>().unwrap() / 2 * 2 + u8::from(matches!(whose, For::Filling));
    format!("{front}{end}")
}
fn seller(r: &mut Rng, whose: For) -> Seller {
    let n = name(r);
    let k = r.range(1, 9999);
    let phones = (0..r.range(1, 2))
        .map(|_| match r.below(10) {
            // The draws, and the lengths of the numbers, are those of numbers of all kinds.
            0..=5 => {
                let (_, area, digits) = (r.below(14), r.range(220, 989), r.digits(4));
                let areas: Vec<&str> = AREAS.split(' ').collect();
                format!(
                    "+1{}55501{}",
                    areas[area as usize % areas.len()],
                    last(&digits[2..], whose)
                )
            }
            6 | 7 => {
                r.below(7);
                format!("+447700900{}", last(&r.digits(6)[3..], whose))
            }
            8 => {
                r.below(5);
                format!("+4915228817{}", last(&r.digits(7)[4..], whose))
            }
            _ => format!("+3363998{}", last(&r.digits(8)[4..], whose)),
        })
        .collect();
    let dom = r.ps(&[
        "a.example",
        "b.example",
        "one.example",
        "c.example",
        "mail.example.org",
        "two.example",
    ]);
    Seller {
        phones,
        email: format!("{}{}{}@{}", n, r.ps(&["", ".", "_"]), k, dom),
        handle: format!("@{}{}{}", n, r.ps(&["_", "", "x"]), r.range(1, 99999)),
    }
}
fn fmt_phone(r: &mut Rng, e: &str) -> String {
    if let Some(d) = e.strip_prefix("+1") {
        let (a, b, c) = (&d[..3], &d[3..6], &d[6..]);
        match r.below(9) {
            0 => format!("({a}) {b}-{c}"),
            1 => format!("{a}-{b}-{c}"),
            2 => format!("{a}.{b}.{c}"),
            3 => format!("{a} {b} {c}"),
            4 => format!("+1 {a} {b} {c}"),
            5 => format!("1-{a}-{b}-{c}"),
            6 => d.to_string(),
            7 => format!("+1{d}"),
            _ => format!("{a} {b}{c}"),
        }
    } else if let Some(d) = e.strip_prefix("+44") {
        match r.below(4) {
            0 => format!("0{d}"),
            1 => format!("0{} {}", &d[..4], &d[4..]),
            2 => format!("+44 {} {}", &d[..4], &d[4..]),
            _ => format!("0044{d}"),
        }
    } else {
        let cc = &e[..3];
        let d = &e[3..];
        match r.below(3) {
            0 => e.to_string(),
            1 => format!("{} {} {}", cc, &d[..3], &d[3..]),
            _ => format!("{} {}-{}-{}", cc, &d[..3], &d[3..6], &d[6..]),
        }
    }
}
fn sentence(r: &mut Rng, w: &[&str], extra: &[String]) -> String {
    let n = r.range(5, 16);
    let mut s = String::new();
    for i in 0..n {
        if i > 0 {
            s.push(' ')
        }
        if r.chance(0.12) {
            s += r.pick::<String>(extra)
        } else {
            let z = r.f();
            let k = ((w.len() as f64) * z * z) as usize;
            s += w[k.min(w.len() - 1)];
        }
        if r.chance(0.04) {
            let _ = write!(s, " {}", r.range(1, 2500));
        }
    }
    if let Some(c) = s.get_mut(0..1) {
        c.make_ascii_uppercase()
    }
    s.push_str(r.ps(&[". ", "! ", ". ", ", ", ".\n"]));
    s
}
fn main() -> std::io::Result<()> {
    let a: Vec<String> = std::env::args().collect();
    let out = a[1].clone();
    let g = |i: usize, d: u64| a.get(i).and_then(|s| s.parse().ok()).unwrap_or(d);
    let (port, ni, per, nimg, seed) = (g(2, 8081), g(3, 200), g(4, 50), g(5, 1500), g(6, 1));
    let mut r = Rng::new(seed);
    for d in ["site/list", "site/ad", "site/img", "site/static"] {
        fs::create_dir_all(format!("{out}/{d}"))?;
    }
    let words: Vec<&str> = WORDS.split(' ').collect();
    let extra: Vec<String> = (0..4000).map(|_| name(&mut r)).collect();
    let sellers: Vec<Seller> = (0..6000).map(|_| seller(&mut r, For::Ads)).collect();
    let n_ads = ni * per;
    let mut bodies = std::io::BufWriter::new(fs::File::create(format!("{out}/bodies.txt"))?);
    let nav: String = (0..60).map(|i| format!("<li class=\"nav-item depth-{}\"><a class=\"nav-link\" href=\"/c/{}\" data-track=\"nav|{}\"><span class=\"ico ico-{}\"></span><span class=\"lbl\">{} {}</span></a></li>\n", i % 3, i, i, i % 17, words[i * 3 % words.len()], CITIES[i % 12])).collect();
    let foot: String = (0..40)
        .map(|i| {
            format!(
                "<li><a rel=\"nofollow\" href=\"/help/{i}\">{} {}</a></li>\n",
                words[(i * 7 + 5) % words.len()],
                words[(i * 5 + 1) % words.len()]
            )
        })
        .collect();
    let css: String = (0..45)
        .map(|i| {
            format!(
                ".c{i}{{margin:{}px;padding:{}px 4px;color:#{:06x};display:flex}}\n",
                i % 9,
                i % 7,
                i * 45317 % 0xffffff
            )
        })
        .collect();
    let head = |title: &str, url: &str| {
        format!("<!doctype html>\n<html lang=\"en\" class=\"no-js\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<link rel=\"canonical\" href=\"http://127.0.0.1:{port}{url}\">\n<meta property=\"og:title\" content=\"{title}\">\n<style>\n{css}</style>\n<script>window.dataLayer=window.dataLayer||[];(function(w,d,s){{w[s]=w[s]||[];w[s].push({{'gtm.start':1}});var f=d.getElementsByTagName('script')[0];if(f && 1<2){{f.x=\"</div>\"}}}})(window,document,'dl');</script>\n</head>\n<body class=\"page\">\n<header id=\"top\"><div class=\"wrap\"><a class=\"logo\" href=\"/\"><img src=\"/static/logo.png\" alt=\"Logo\"></a><form action=\"/search\" method=\"get\"><input type=\"search\" name=\"q\" placeholder=\"Search\"><select name=\"cat\"><option>All<option selected>Classifieds</select><button>Go</button></form></div>\n<nav><ul class=\"menu\">{nav}</ul></nav></header>\n<main>\n<ol class=\"crumbs\"><li><a href=\"/\">Home</a></li><li><a href=\"/list/1.html\">Ads</a></li></ol>\n")
    };
    let tail = format!("</main>\n<footer><div class=\"cols\"><ul>{foot}</ul></div><p class=\"legal\">&copy; 2026 Example Classifieds &mdash; loopback test site. All listings are synthetic.</p></footer>\n<script defer src=\"/static/app.js\"></script>\n</body>\n</html>\n");
    let mut titles = Vec::with_capacity(n_ads as usize);
    let mut total = 0usize;
    let mut watch: Vec<String> = vec![];
    for s in sellers.iter().take(120) {
        watch.push(s.email.clone());
        watch.push(s.handle.clone());
        for p in &s.phones {
            for _ in 0..3 {
                watch.push(fmt_phone(&mut r, p));
            }
        }
    }
    for id in 0..n_ads {
        let s = r.pick(&sellers);
        let s2 = r.pick(&sellers);
        let title = {
            let mut t = sentence(&mut r, &words, &extra);
            t.retain(|c| c != '\n');
            t.trim_end_matches([' ', ',', '.']).to_string()
        };
        let mut body = String::new();
        for _ in 0..r.range(4, 22) {
            body += &sentence(&mut r, &words, &extra);
            if r.chance(0.05) {
                body += "<br>\n"
            }
        }
        for p in &s.phones {
            let f = fmt_phone(&mut r, p);
            let _ = write!(
                body,
                "{} {} {}",
                r.ps(&["Call", "Text me at", "Tel:", "whatsapp", "ph", "phone"]),
                f,
                r.ps(&[". ", "\n", " any time. ", " (no blocked calls) "])
            );
        }
        if r.chance(0.5) {
            let _ = write!(
                body,
                "{} {} ",
                r.ps(&["Email", "mail me:", "contact"]),
                s.email
            );
        }
        if r.chance(0.5) {
            let _ = write!(
                body,
                "{} {} ",
                r.ps(&["Telegram", "snap", "IG", "kik"]),
                s.handle
            );
        }
        if r.chance(0.1) {
            let f = fmt_phone(&mut r, &s2.phones[0]);
            let _ = write!(body, "or ask my friend on {f} ");
        }
        if r.chance(0.2) {
            let _ = write!(
                body,
                "Ref #{}-{} posted 2026-{:02}-{:02}, {}x{}cm. ",
                r.digits(5),
                r.digits(3),
                r.range(1, 11),
                r.range(1, 28),
                r.range(10, 300),
                r.range(10, 300)
            );
        }
        for _ in 0..r.range(1, 4) {
            body += &sentence(&mut r, &words, &extra);
        }
        writeln!(bodies, "{}", body.replace("<br>", " ").replace('\n', " "))?;
        let url = format!("/ad/{id}.html");
        let price = r.range(10, 25000);
        let date = format!(
            "2026-{:02}-{:02}T{:02}:{:02}:00Z",
            r.range(1, 11),
            r.range(1, 28),
            r.below(24),
            r.below(60)
        );
        let mut h = head(&title, &url);
        let _ = write!(h, "<article class=\"ad\" id=\"ad-{id}\" itemscope itemtype=\"http://schema.org/Product\">\n<div class=\"row\"><div class=\"col c1\"><h1 class=\"ad-title\" itemprop=\"name\">{title}</h1>\n<div class=\"meta\"><span class=\"price\" data-amount=\"{price}\">${price}</span> <time class=\"posted\" datetime=\"{date}\">{}</time> <span class=\"loc\">{}</span></div>\n<div class=\"gallery\">", &date[..10], r.ps(CITIES));
        for _ in 0..r.range(1, 4) {
            let k = r.below(nimg);
            let _ = write!(h, "<figure class=\"c3\"><a href=\"/img/{k}.jpg\"><img class=\"photo\" loading=\"lazy\" src=\"/img/{k}.jpg\" alt=\"photo\" width=640 height=480></a></figure>");
        }
        let _ = write!(h, "</div>\n<section class=\"ad-body\" itemprop=\"description\"><div><p>{}</p></div></section>\n<table class=\"attrs\">", body.replace(". ", ".</p>\n<p>"));
        for i in 0..r.range(4, 12) {
            let _ = write!(
                h,
                "<tr><th>{}<td>{} {}",
                words[(i * 11) as usize % words.len()],
                r.ps(&words),
                r.range(1, 99)
            );
        }
        h += "</table></div><aside class=\"col c2\"><h3>Related</h3><ul class=\"related\">\n";
        let target = r.range(15_000, 60_000) as usize;
        let mut n = 0;
        while h.len() + tail.len() + 200 < target || n < 4 {
            n += 1;
            let k = r.below(n_ads);
            let _ = write!(h, "<li class=\"card\"><div class=\"c{}\"><a class=\"rel\" href=\"/ad/{k}.html?src=rel\"><div class=\"thumb\"><img data-src=\"/img/{}.jpg\" alt=\"\"></div><div class=\"txt\"><h4>{}</h4><p class=\"sub\">{}</p><span class=\"badge b{}\">${}</span><!-- slot {n} --></div></a></div></li>\n", n % 45, r.below(nimg), sentence(&mut r, &words, &extra), sentence(&mut r, &words, &extra), n % 5, r.range(5, 9000));
            if n % 9 == 0 {
                let _ = write!(h, "<script type=\"application/json\">{{\"ad\":{k},\"imp\":[{}],\"t\":\"{}\"}}</script>\n", r.digits(12), r.digits(40));
            }
        }
        h += "</ul></aside></div></article>\n";
        h += &tail;
        total += h.len();
        fs::write(format!("{out}/site{url}"), &h)?;
        titles.push(title);
    }
    for i in 1..=ni {
        let mut h = head(&format!("Ads page {i}"), &format!("/list/{i}.html"));
        h += "<ul class=\"results\">\n";
        for k in (i - 1) * per..i * per {
            let _ = write!(h, "<li class=\"result c{}\"><a class=\"ad-link\" href=\"/ad/{k}.html\"><h2>{}</h2><img data-src=\"/img/{}.jpg\"></a><p class=\"sub\">{}</p></li>\n", k % 45, titles[k as usize], k % nimg, sentence(&mut r, &words, &extra));
        }
        h += "</ul><div class=\"pager\">";
        if i > 1 {
            let _ = write!(
                h,
                "<a class=\"prev\" href=\"/list/{}.html\">Prev</a>",
                i - 1
            );
        }
        if i < ni {
            let _ = write!(
                h,
                "<a class=\"next\" href=\"/list/{}.html\">Next</a>",
                i + 1
            );
        }
        h += "</div>\n";
        h += &tail;
        fs::write(format!("{out}/site/list/{i}.html"), &h)?;
    }
    bodies.flush()?;
    // images: smooth gradients, shapes and texture at 640x480, each distinct
    for k in 0..nimg {
        let mut q = Rng::new(seed * 1_000_003 + k);
        let (w, h) = (640usize, 480usize);
        let mut b = vec![0u8; w * h * 3];
        let p: Vec<f64> = (0..24).map(|_| q.f()).collect();
        let sh: Vec<(f64, f64, f64, [f64; 3])> = (0..q.range(5, 30))
            .map(|_| {
                (
                    q.f() * 640.,
                    q.f() * 480.,
                    10. + q.f() * 120.,
                    [q.f() * 255., q.f() * 255., q.f() * 255.],
                )
            })
            .collect();
        for y in 0..h {
            for x in 0..w {
                let (fx, fy) = (x as f64 / 640., y as f64 / 480.);
                let mut c = [0f64; 3];
                for ch in 0..3 {
                    c[ch] = 128.
                        + 60. * ((p[ch] * 9. * fx + p[ch + 3] * 7. * fy + p[ch + 6] * 6.).sin())
                        + 40. * ((p[ch + 9] * 23. * fx * fy + p[ch + 12] * 5.).cos());
                }
                b[(y * w + x) * 3] = c[0] as u8;
                b[(y * w + x) * 3 + 1] = c[1] as u8;
                b[(y * w + x) * 3 + 2] = c[2] as u8;
            }
        }
        for (i, (sx, sy, rad, c)) in sh.iter().enumerate() {
            let (x0, x1) = ((sx - rad).max(0.) as usize, (sx + rad).min(640.) as usize);
            let (y0, y1) = ((sy - rad).max(0.) as usize, (sy + rad).min(480.) as usize);
            for y in y0..y1 {
                for x in x0..x1 {
                    let d = (x as f64 - sx).powi(2) + (y as f64 - sy).powi(2);
                    if i % 2 == 0 || d < rad * rad {
                        for ch in 0..3 {
                            let o = &mut b[(y * w + x) * 3 + ch];
                            *o = (*o as f64 * 0.3 + c[ch] * 0.7) as u8;
                        }
                    }
                }
            }
        }
        for v in b.iter_mut() {
            *v = v.saturating_add((q.0 >> 40) as u8 & 15);
            q.next();
        }
        let f = fs::File::create(format!("{out}/site/img/{k}.jpg"))?;
        let mut e =
            image::codecs::jpeg::JpegEncoder::new_with_quality(std::io::BufWriter::new(f), 75);
        e.encode(&b, w as u32, h as u32, image::ExtendedColorType::Rgb8)
            .unwrap();
    }
    // watchlists
    for n in [100_000usize, 1_000_000] {
        let mut q = Rng::new(seed + 77);
        let mut set: std::collections::HashSet<String> = watch.iter().cloned().collect();
        let mut v: Vec<String> = set.iter().cloned().collect();
        v.sort();
        while v.len() < n {
            let s = seller(&mut q, For::Filling);
            for c in [fmt_phone(&mut q, &s.phones[0]), s.email, s.handle] {
                if v.len() < n && c.len() >= 6 && set.insert(c.clone()) {
                    v.push(c);
                }
            }
        }
        fs::write(format!("{out}/watch_{n}.txt"), v.join("\n") + "\n")?;
    }
    println!("ads {n_ads} bytes {total} mean {}", total as u64 / n_ads);
    Ok(())
}
