// What makes the console live: the bar of news, and the keys. Every page works without it.
"use strict";

// What comes collects in a bar; the list keeps its place until its reader asks.
const bar = document.querySelector("[data-new]");
if (bar) {
  // Seconds until it is tried again, and the most that these grow to.
  const [SOON, LATE] = [5, 300];
  // Only a page that is looked at listens: a browser has six connections to a host, for all of its windows.
  let stream, again, wait = SOON, count = 0, lost;
  const tell = () => {
    const news = count > 0 && "News of " + (count === 1 ? "1 alert" : count + " alerts");
    const silent = lost && "Not live since " + lost.toTimeString().slice(0, 5) + ": reload";
    bar.hidden = !news && !silent;
    bar.firstElementChild.textContent = [news, silent].filter(Boolean).join(" · ");
  };
  const stop = () => {
    stream?.close();
    stream = undefined;
    clearTimeout(again);
  };
  const listen = () => {
    stop();
    if (document.hidden) return;
    stream = new EventSource(bar.dataset.new);
    stream.addEventListener("open", () => { wait = SOON; lost = undefined; clearTimeout(again); tell(); });
    stream.addEventListener("alerts", (event) => { count = Number(event.data); tell(); });
    // Where a stream ends or the line is cut, the browser comes again by itself, and is given a moment for it. Where it is answered
    // otherwise it gives up for good: by a gateway that restarts, or since the session is over.
    stream.addEventListener("error", (event) => {
      lost ??= new Date();
      clearTimeout(again);
      if (event.target.readyState !== EventSource.CLOSED) { again = setTimeout(tell, SOON * 1000); return; }
      tell();
      again = setTimeout(listen, wait * 1000);
      wait = Math.min(wait * 2, LATE);
    });
  };
  listen();
  addEventListener("visibilitychange", listen);
  addEventListener("pagehide", stop);
}

// j k move, Enter opens, x ticks; a acknowledges what is ticked, or else the marked line; on an alert a, c and s are its buttons, and
// c and s in a list open the marked alert at its form; g and a part's key goes to it; / searches; ? tells.
let lines = [];
let at = -1;
let went = 0;

function move(by) {
  lines = [...document.querySelectorAll("[data-line]")];
  if (lines.length === 0) return;
  lines[at]?.removeAttribute("data-current");
  at = Math.min(Math.max(at + by, 0), lines.length - 1);
  lines[at].setAttribute("data-current", "");
  lines[at].querySelector("[data-open]")?.focus();
}

// What acts on ticked lines acts on the marked one where none is ticked.
function tick(form) {
  const box = lines[at]?.querySelector("input[type=checkbox]");
  if (box && box.form === form && !form.querySelector("input[type=checkbox]:checked")) box.checked = true;
}

// The first field of a form that was opened, ready to be filled in.
function begin(details) {
  details?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function openAt(form) {
  const link = lines[at]?.querySelector("[data-open]");
  if (link?.pathname.startsWith("/alerts/")) location.assign(link.pathname + "#" + form);
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: () => { const box = lines[at]?.querySelector("input[type=checkbox]"); if (box) box.checked = !box.checked; },
  c: () => openAt("close"),
  s: () => openAt("silence"),
  "?": () => document.querySelector("#keys")?.showModal(),
  "/": () => document.querySelector("[type=search], .filters select")?.focus(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (document.querySelector("dialog[open]")) return;
  const part = went && Date.now() - went < 1000 && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  if (part) { event.preventDefault(); part.click(); return; }
  went = event.key === "g" ? Date.now() : 0;
  const own = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (own) { event.preventDefault(); tick(own.form); own.click(); begin(own.closest("details[open]")); return; }
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});

// A form that another page leads to stands open, ready to be filled in.
const asked = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
if (asked instanceof HTMLFormElement && asked.closest("details")) {
  asked.closest("details").open = true;
  begin(asked.closest("details"));
}

// What stands before the button is copied as it is shown; without script it can be marked by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const shown = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(shown.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(shown);
      button.textContent = "Marked: copy it";
    }
  });
}

// What was wrong in a form is read out first.
document.querySelector(".faults")?.focus();
