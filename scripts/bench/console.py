"""Asks the served console for every page as twenty people at once do: console.py FOLDER PROCESS SECONDS

Makes the first account where there is none, finds pages to ask for by following links, and lets wrk ask for each."""
import json, pathlib, re, subprocess, sys, time, urllib.parse, urllib.request

folder, process, seconds = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
USERS = 20
# How long a person looks at a page before the next, in ms, and how long nobody does; wrk's own summary has no 95th percentile.
LUA = """
function delay()
  return PAUSE == 0 and 0 or math.random(PAUSE / 2, PAUSE * 3 / 2)
end
function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format('{"p50": %f, "p95": %f, "asked": %d, "failed": %d}\\n',
    latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    summary.requests, failed))
end
"""


class Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(Stays)


def ask(path, form=None, cookie=None, accept=None):
    """Status, headers and body of an answer; a redirect is an answer."""
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(base + path, body)
    request.add_header("Origin", base)
    if cookie:
        request.add_header("Cookie", cookie)
    if accept:
        request.add_header("Accept-Encoding", accept)
    try:
        with opener.open(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def cookie_of(headers):
    return headers["Set-Cookie"].split(";")[0]


def session():
    """The cookie of an administrator, who may see all pages."""
    me = {"name": "bench", "password": "a long enough password for the bench"}
    link = told["first_account"]
    path = urllib.parse.urlparse(pathlib.Path(link).read_text().strip()).path if link else "/sign-in"
    status, headers, body = ask(path, me)
    assert status == 303, body
    return cookie_of(headers)


def first_line():
    """What `serve` says of itself, once it listens."""
    for _ in range(600):
        for line in (folder / "serve.log").read_text().splitlines():
            record = json.loads(line) if line.startswith("{") else {}
            if "listening" in record or "console" in record:
                return record
        time.sleep(0.1)
    sys.exit(f"the console does not start: {folder / 'serve.log'}")


told = first_line()
base = (told.get("console") or told["listening"]).rstrip("/")
cookie = session()


def links(path):
    status, _, body = ask(path, cookie=cookie)
    assert status == 200, (path, status)
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"]*)"', body.decode())]


def a_link(path, pattern):
    found = [link for link in links(path) if re.fullmatch(pattern, link)]
    if not found:
        sys.exit(f"{path} has no link like {pattern}")
    return found[-1]


alert = a_link("/", r"/alerts/[^/?]+")
entry = a_link(alert, r"/entries/[^/?]+")
listing = a_link(alert, r"/listings/[^/?]+")
run = a_link("/sources", r"/runs/[^/?]+")
source = a_link(run, r"/sources/[^/?]+")
watchlist = a_link("/watchlists", r"/watchlists/(?!due)[^/?]+")
pages = [
    ("inbox", "/"), ("inbox, next page", a_link("/", r"/\?.*after=.*")), ("alert", alert),
    ("watchlists", "/watchlists"), ("a list of 100,000 entries", watchlist),
    ("its next page", a_link(watchlist, r"/watchlists/[^/?]+\?.*after=.*")), ("reviews due", "/watchlists/due"),
    ("entry", entry), ("listing", listing),
    ("selector in 4 listings", "/selectors?kind=email&value=seller7%40mail.example"),
    ("selector in 100 listings", "/selectors?kind=handle&value=telegram%2Fpopular7"),
    ("selector in 20,000 listings", "/selectors?kind=email&value=hotline7%40popular.example"),
    ("search: a selector", "/search?q=seller7%40mail.example"), ("search: a rare word", "/search?q=springfield"),
    ("search: a word of all listings", "/search?q=discreet"), ("search: a phrase", "/search?q=%22ask+for+rates%22"),
    ("search: beginnings of words", "/search?q=park*+house*"),
    ("sources", "/sources"), ("source", source), ("run", run), ("deliveries", "/deliveries"),
    ("accounts", "/accounts"), ("sessions", "/sessions"), ("audit log", "/audit"),
]


def asked(path, pause):
    """What twenty connections met that asked for a page for a while, each waiting `pause` ms on average between two."""
    script = folder / "ask.lua"
    script.write_text(LUA.replace("PAUSE", str(pause)))
    wrk = ["wrk", "-t1", f"-c{USERS}", f"-d{seconds}", "--timeout", "30", "-s", script, "-H", f"Cookie: {cookie}", base + path]
    out = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
    return json.loads(out[out.index("{"):])


def peak():
    """The most memory that the console has had resident since `forget_peak`, in MB."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def forget_peak():
    # proc(5): 5 sets the peak to what is resident now.
    pathlib.Path(f"/proc/{process}/clear_refs").write_text("5")


print("| page | p50, ms | p95, ms | p50 without a pause | p95 without a pause | answers/s | kB | peak, MB |")
print("| --- | --- | --- | --- | --- | --- | --- | --- |")
failed, most = [], peak()
for name, path in pages:
    status, _, body = ask(path, cookie=cookie)
    if status != 200:
        failed.append(f"{name} ({path}) is answered with {status}")
        continue
    forget_peak()
    calm, hasty = asked(path, 1000), asked(path, 0)
    most = max(most, peak())
    if calm["failed"] + hasty["failed"]:
        failed.append(f"{name} ({path}): {calm['failed'] + hasty['failed']} of {calm['asked'] + hasty['asked']} failed")
    print(f"| {name} | {calm['p50']:.1f} | {calm['p95']:.1f} | {hasty['p50']:.1f} | {hasty['p95']:.1f} "
          f"| {hasty['asked'] / seconds:.0f} | {len(body) / 1e3:.0f} | {peak():.0f} |", flush=True)

_, _, page = ask("/", cookie=cookie)
assets = re.findall(r'(?:href|src)="(/assets/[^"]*)"', page.decode())
wire = len(page) + sum(len(ask(asset, accept="gzip")[2]) for asset in assets)
print(f"\nfirst load: {wire / 1e3:.0f} kB over the wire; peak memory: {most:.0f} MB")
if failed:
    sys.exit("\n".join(failed))
