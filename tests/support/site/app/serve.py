"""How gunicorn serves a test site: on a free loopback port, with a log of every request as the site saw it.

Prints {"port":N} once it listens. Ends when its standard input does.
"""

import json
import os
import signal
import sqlite3
import sys
import threading
import time
from pathlib import Path

folder = Path(os.environ["SITE_DIR"])
bind = "127.0.0.1:0"
threads = 8
errorlog = str(folder / "error.log")
graceful_timeout = 2


def when_ready(server):
    port = server.LISTENERS[0].getsockname()[1]
    with sqlite3.connect(folder / "db.sqlite3") as database:
        database.execute("UPDATE django_site SET domain = ?", (f"127.0.0.1:{port}",))
    threading.Thread(target=end_with_input, daemon=True).start()
    print(json.dumps({"port": port}), flush=True)


def end_with_input():
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def pre_request(worker, request):
    request.began_at = time.time()


def post_request(worker, request, environ, response):
    headers = dict(request.headers)
    line = {
        "at": request.began_at,
        "took": time.time() - request.began_at,
        "method": request.method,
        "path": request.uri,
        "status": int(str(response.status).split()[0]) if response else 0,
        "user_agent": headers.get("USER-AGENT"),
        "if_none_match": headers.get("IF-NONE-MATCH"),
        "if_modified_since": headers.get("IF-MODIFIED-SINCE"),
    }
    # One write to a file opened for appending: lines of threads don't mix.
    with open(folder / "access.jsonl", "ab", buffering=0) as log:
        log.write(json.dumps(line).encode() + b"\n")
