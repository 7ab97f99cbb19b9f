"""Changes the listing site through its own web forms, as a person who posts there would.

  mutate.py BASE edit PK TEXT | delete PK | create TITLE TEXT

Prints {"url":…}: where the site led afterwards.
"""

import html
import http.cookiejar
import json
import re
import sys
import urllib.parse
import urllib.request


class Visitor:
    def __init__(self, base):
        self.base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar)

    def form(self, path, control):
        """The fields, as filled in, of the first form on the page that has this control."""
        page = self.opener.open(self.base + path).read().decode()
        for form in re.findall(r"<form.*?</form>", page, re.S):
            if f'name="{control}"' in form:
                return fields(form)
        raise SystemExit(f"{path} has no form with {control}")

    def post(self, path, values):
        data = urllib.parse.urlencode(values).encode()
        request = urllib.request.Request(self.base + path, data, {"Referer": self.base + path})
        led_to = self.opener.open(request).geturl()
        if led_to == self.base + path:
            raise SystemExit(f"{path} refused {sorted(values)}")
        return led_to


def fields(form):
    values = {}
    for tag in re.findall(r"<input[^>]*>", form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = given.get("type")
        ticked = kind not in ("checkbox", "radio") or "checked" in tag
        if given.get("name") and kind not in ("file", "submit") and ticked:
            values[given["name"]] = html.unescape(given.get("value", "on" if kind == "checkbox" else ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        values[name] = html.unescape(text).lstrip("\r\n")
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)"[^>]*selected', options)
        offered = re.findall(r'value="([^"]+)"', options)
        values[name] = chosen and chosen[1] or (offered or [""])[0]
    return values


def main(base, what, *given):
    visitor = Visitor(base.rstrip("/"))
    login = visitor.form("/admin/login/", "username")
    visitor.post("/admin/login/?next=/user/", login | {"username": "admin", "password": "admin-pass"})
    if what == "edit":
        path = f"/edit/{given[0]}/"
        led_to = visitor.post(path, visitor.form(path, "description") | {"description": given[1]})
    elif what == "delete":
        path = f"/user/my/delete/{given[0]}/"
        led_to = visitor.post(path, visitor.form(path, "csrfmiddlewaretoken"))
    elif what == "create":
        new = {"title": given[0], "description": given[1], "price": "50"}
        led_to = visitor.post("/new/", visitor.form("/new/", "description") | new)
    else:
        raise SystemExit(__doc__)
    print(json.dumps({"url": led_to}))


main(*sys.argv[1:])
