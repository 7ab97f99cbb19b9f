//! The bare loop of checking for changes: conditional requests with the ETags that were kept in `watch.db`.
//! `recheck BASE [PAGES] [CONCURRENCY]`
use std::sync::Arc;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let base = a[1].clone();
    let n: usize = a.get(2).and_then(|s| s.parse().ok()).unwrap_or(1000);
    let conc: usize = a.get(3).and_then(|s| s.parse().ok()).unwrap_or(32);
    let c = rusqlite::Connection::open("watch.db").unwrap();
    c.execute_batch("pragma journal_mode=wal; create table if not exists w(id integer primary key, etag text, hash integer, checked integer)").unwrap();
    let old: Vec<Option<String>> = (0..n)
        .map(|i| {
            c.query_row("select etag from w where id=?", [i as i64], |r| r.get(0))
                .ok()
        })
        .collect();
    let rt = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let t = std::time::Instant::now();
    let res: Vec<(usize, u16, String, u64)> = rt.block_on(async {
        let cl = reqwest::Client::builder().no_proxy().build().unwrap();
        let sem = Arc::new(tokio::sync::Semaphore::new(conc));
        let mut js = tokio::task::JoinSet::new();
        for i in 0..n {
            let p = sem.clone().acquire_owned().await.unwrap();
            let cl = cl.clone();
            let u = format!("{base}/ad/{i}.html");
            let e = old[i].clone();
            js.spawn(async move {
                let mut r = cl.get(u);
                if let Some(e) = e {
                    r = r.header("if-none-match", e)
                }
                let r = r.send().await.unwrap();
                let st = r.status().as_u16();
                let et = r
                    .headers()
                    .get("etag")
                    .map(|v| v.to_str().unwrap().to_string())
                    .unwrap_or_default();
                let b = r.bytes().await.unwrap();
                let mut h = 0u64;
                if st == 200 {
                    let s = String::from_utf8_lossy(&b);
                    let d = scraper::Html::parse_document(&s);
                    let q = scraper::Selector::parse(".ad-body").unwrap();
                    for e in d.select(&q) {
                        for x in e.text() {
                            for y in x.bytes() {
                                h = (h ^ y as u64).wrapping_mul(0x100000001b3)
                            }
                        }
                    }
                }
                drop(p);
                (i, st, et, h)
            });
        }
        let mut v = vec![];
        while let Some(r) = js.join_next().await {
            v.push(r.unwrap())
        }
        v
    });
    let n304 = res.iter().filter(|r| r.1 == 304).count();
    c.execute_batch("begin").unwrap();
    for (i, st, e, h) in &res {
        if *st == 304 {
            c.execute("update w set checked=checked+1 where id=?", [*i as i64])
                .unwrap();
        } else {
            c.execute(
                "insert or replace into w values(?,?,?,1)",
                (*i as i64, e, *h as i64),
            )
            .unwrap();
        }
    }
    c.execute_batch("commit").unwrap();
    println!(
        "{n} pages, {n304} unchanged, {:.3} s",
        t.elapsed().as_secs_f64()
    );
}
