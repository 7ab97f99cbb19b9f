//! The bare loop: what is left of a crawl without robots.txt, evidence, identifiers, history or alerts. It follows the index
//! pages, fetches the ads, reads five fields and inserts 500 rows at a time. `crawl BASE DB [CONCURRENCY]`
use peers::Ad;
use std::sync::Arc;
use tokio::sync::{mpsc, Semaphore};
fn scrape(url: &str, html: &str, s: &Sels) -> Ad {
    let d = scraper::Html::parse_document(html);
    let t = |q: &scraper::Selector| {
        d.select(q)
            .next()
            .map(|e| e.text().collect::<String>())
            .unwrap_or_default()
    };
    Ad {
        url: url.into(),
        title: t(&s.title),
        body: t(&s.body),
        price: d
            .select(&s.price)
            .next()
            .and_then(|e| e.value().attr("data-amount"))
            .unwrap_or("")
            .into(),
        date: d
            .select(&s.date)
            .next()
            .and_then(|e| e.value().attr("datetime"))
            .unwrap_or("")
            .into(),
        images: d
            .select(&s.img)
            .filter_map(|e| e.value().attr("src"))
            .map(String::from)
            .collect(),
    }
}
struct Sels {
    title: scraper::Selector,
    body: scraper::Selector,
    price: scraper::Selector,
    date: scraper::Selector,
    img: scraper::Selector,
    link: scraper::Selector,
    next: scraper::Selector,
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let base = a[1].clone();
    let db = a[2].clone();
    let conc: usize = a.get(3).and_then(|s| s.parse().ok()).unwrap_or(32);
    let t0 = std::time::Instant::now();
    let (tx, mut rx) = mpsc::channel::<Ad>(1024);
    let w = std::thread::spawn(move || {
        let _ = std::fs::remove_file(&db);
        let _ = std::fs::remove_file(format!("{db}-wal"));
        let _ = std::fs::remove_file(format!("{db}-shm"));
        let mut c = rusqlite::Connection::open(&db).unwrap();
        c.execute_batch("pragma journal_mode=wal; pragma synchronous=normal; create table ads(url text primary key,title,body,price,date,images)").unwrap();
        let mut n = 0u64;
        while let Some(f) = rx.blocking_recv() {
            let tr = c.transaction().unwrap();
            {
                let mut s = tr
                    .prepare_cached("insert or replace into ads values(?,?,?,?,?,?)")
                    .unwrap();
                let mut k = 0;
                let mut x = Some(f);
                while let Some(r) = x {
                    s.execute((
                        &r.url,
                        &r.title,
                        &r.body,
                        &r.price,
                        &r.date,
                        r.images.join(" "),
                    ))
                    .unwrap();
                    n += 1;
                    k += 1;
                    if k >= 500 {
                        break;
                    }
                    x = rx.try_recv().ok();
                }
            }
            tr.commit().unwrap();
        }
        n
    });
    let rt = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let pages = rt.block_on(async move {
        let cl = reqwest::Client::builder()
            .pool_max_idle_per_host(conc)
            .no_proxy()
            .build()
            .unwrap();
        let p = |s: &str| scraper::Selector::parse(s).unwrap();
        let s = Arc::new(Sels {
            title: p("h1.ad-title"),
            body: p(".ad-body"),
            price: p("span.price"),
            date: p("time.posted"),
            img: p(".gallery img.photo"),
            link: p("a.ad-link"),
            next: p("a.next"),
        });
        let sem = Arc::new(Semaphore::new(conc));
        let mut js = tokio::task::JoinSet::new();
        let mut next = Some("/list/1.html".to_string());
        let mut pages = 0u64;
        while let Some(u) = next.take() {
            let b = cl
                .get(format!("{base}{u}"))
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap();
            pages += 1;
            let links: Vec<String> = {
                let d = scraper::Html::parse_document(&b);
                next = d
                    .select(&s.next)
                    .next()
                    .and_then(|e| e.value().attr("href"))
                    .map(String::from);
                d.select(&s.link)
                    .filter_map(|e| e.value().attr("href"))
                    .map(String::from)
                    .collect()
            };
            for l in links {
                let pm = sem.clone().acquire_owned().await.unwrap();
                let (cl, s, tx, base) = (cl.clone(), s.clone(), tx.clone(), base.clone());
                pages += 1;
                js.spawn(async move {
                    let b = cl
                        .get(format!("{base}{l}"))
                        .send()
                        .await
                        .unwrap()
                        .bytes()
                        .await
                        .unwrap();
                    let ad = scrape(&l, &String::from_utf8_lossy(&b), &s);
                    drop(pm);
                    tx.send(ad).await.unwrap();
                });
            }
            while let Some(r) = js.try_join_next() {
                r.unwrap()
            }
        }
        while let Some(r) = js.join_next().await {
            r.unwrap()
        }
        drop(tx);
        pages
    });
    let n = w.join().unwrap();
    let e = t0.elapsed().as_secs_f64();
    println!("{pages} pages, {n} rows, {e:.3} s");
}
