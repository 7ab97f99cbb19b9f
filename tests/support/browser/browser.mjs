// A browser as a person uses it: Debian's Chromium, a window of its own, and judges of what is on the page.
import { createHash, createHmac } from "node:crypto";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

// Packages lie where scripts/tools put them, not beside this file.
const require = createRequire(process.env.BROWSER_PACKAGES + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
// What WCAG 2.2 asks at the levels A and AA, as axe-core names it.
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

/** Starts the browser, lets `story` use it, and ends it whatever happens. */
export async function withBrowser(story) {
  const executablePath = process.env.SIGHTLINE_TEST_CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    await story(browser);
  } finally {
    await browser.close();
    // What is waited for no more must not keep the story from ending.
    process.stdin.destroy();
  }
}

/** A page in a window of its own that fails the story on any error in the console: a refused script among them. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("console", (message) => {
    // A form that is shown again with what is wrong in it, or changed meanwhile, is answered with 422 or 409: browsers tell
    // of that, too.
    if (message.type() === "error" && !/status of (422|409)/.test(message.text())) page.errors.push(message.text());
  });
  return page;
}

/** The paths of the pages that were judged so far. */
const judged = new Set();

/** How pages are looked at: by day and by night, in half a window, and on a narrow telephone. */
const LOOKS = [[1280, "light"], [1280, "dark"], [720, "light"], [360, "light"]];

/** Fails where somebody could not use the page, however it is looked at. */
export async function judge(page, name) {
  judged.add(new URL(page.url()).pathname);
  const size = page.viewportSize();
  for (const [width, colorScheme] of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: size.height });
    await page.evaluate(axe);
    const result = await page.evaluate((rules) => axe.run(document, { runOnly: rules }), RULES);
    const found = result.violations.map((violation) => {
      const places = violation.nodes.map((node) => node.html + "\n      " + node.failureSummary).join("\n    ");
      return `  ${violation.id}: ${violation.help}\n    ${places}`;
    });
    check(found.length === 0, `${name}, ${width} px, ${colorScheme}:\n${found.join("\n")}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  check(width <= 360, `${name} is ${width} px wide on a screen of 360`);
  const lost = await page.evaluate(unseen);
  check(lost.length === 0, `${name}, 360 px: ${lost.join("; ")}`);
  await page.setViewportSize(size);
  const errors = page.errors ?? [];
  check(errors.length === 0, `${name}: ${errors.join("; ")}`);
}

/**
 * What nobody sees on a narrow telephone: text and what can be pressed, squeezed to a strip or outside of its row, and cells that
 * don't say of which column they are.
 */
function unseen() {
  const words = (one) => `<${one.localName}> '${(one.textContent || one.value || "").trim().replaceAll(/\s+/g, " ").slice(0, 60)}'`;
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".hidden, .skip, svg, option");
  const says = (one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const all = [...document.querySelectorAll("body *")].filter((one) => says(one) || one.matches("button, input:not([type=hidden]), select, textarea"));
  const lost = [];
  for (const one of all.filter(isShown)) {
    const box = one.getBoundingClientRect();
    const { left, right } = (one.closest("tr") ?? document.documentElement).getBoundingClientRect();
    // Text that has room for a letter or two goes down the page, letter under letter.
    const isStrip = box.width < 1 || (box.width < 30 && box.height > 4 * box.width);
    if (isStrip) lost.push(`${words(one)} is ${box.width} px wide and ${box.height} px high`);
    // What scrolls in a field of its own is seen there.
    const scrolls = one.closest("table:not(.lines)")?.closest(".scroll");
    if (!scrolls && (box.left < left - 1 || box.right > right + 1)) lost.push(`${words(one)} lies outside of its row`);
  }
  // Within a text that runs from right to left, what was found keeps its own order.
  const turned = [...document.querySelectorAll("mark")].filter((one) => getComputedStyle(one).unicodeBidi !== "isolate");
  lost.push(...turned.map((one) => `${words(one)} takes the order of the text around it`));
  for (const table of document.querySelectorAll(".lines")) {
    const names = [...table.querySelectorAll("th")].map((one) => (one.querySelector(".hidden") ? "" : one.textContent));
    for (const cell of [...table.querySelectorAll("td")].filter(isShown)) {
      const name = cell.dataset.label ?? "";
      if (name !== names[cell.cellIndex]) lost.push(`${words(cell)} is called '${name}', its column '${names[cell.cellIndex]}'`);
      else if (name && !cell.textContent.trim() && !cell.firstElementChild) lost.push(`nothing stands behind '${name}'`);
    }
  }
  return lost;
}

/** What the path of a page of this route looks like. */
const pattern = (route) => new RegExp("^" + route.replaceAll(/\{\w+\}/g, "[^/]+") + "$");

/** Fails where a story has judged no page of one of `routes`. */
export function allJudged(routes) {
  const missed = routes.filter((route) => ![...judged].some((path) => pattern(route).test(path)));
  check(missed.length === 0, `nobody judged ${missed.join(", ")}`);
}

/**
 * Follows every link from where the page is and from the inbox, and judges the first page of each of `routes`, such as
 * `/alerts/{id}`, that it comes to; what a link takes away as a file is had, and not looked at. Fails where no link leads to one of them.
 */
export async function walk(page, routes) {
  // `/watchlists/new` is no `/watchlists/{id}`: the more of a route is written out, the sooner it is the one.
  const words = (route) => route.split("/").filter((word) => word && !word.startsWith("{")).length;
  const patterns = routes.toSorted((one, other) => words(other) - words(one)).map((route) => [route, pattern(route)]);
  const missed = new Set(routes), files = new Set(), waiting = [page.url(), new URL("/", page.url()).href];
  for (let at = waiting.shift(); at; at = waiting.shift()) {
    const path = new URL(at).pathname;
    const [route] = patterns.find(([, pattern]) => pattern.test(path)) ?? [];
    if (!missed.delete(route)) continue;
    if (files.has(at)) {
      const file = await page.request.get(at);
      check(file.ok(), `${path} answers ${file.status()}`);
      continue;
    }
    const answer = await page.goto(at);
    check(answer.ok(), `${path} answers ${answer.status()}`);
    // What is folded away is judged as well.
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    await judge(page, path);
    // To be looked at by whoever changes how pages look.
    const folder = process.env.BROWSER_WALK;
    const size = page.viewportSize();
    for (const width of folder ? [size.width, 360] : []) {
      await page.setViewportSize({ width, height: size.height });
      await page.screenshot({ path: `${folder}/${path.replaceAll(/[^a-z0-9]+/g, "-")}-${width}.png`, fullPage: true });
    }
    await page.setViewportSize(size);
    const links = await page.locator("a[href]").evaluateAll((links) => links.map((link) => [link.href, link.hasAttribute("download")]));
    for (const [href, isFile] of links) {
      if (isFile) files.add(href);
      waiting.push(href);
    }
  }
  check(missed.size === 0, `no link leads to ${[...missed].join(", ")}`);
}

/**
 * Fails where the picture of this page in the guides is stale: beside it stands what it shows, and the digest of the picture that
 * was taken of that. Takes both anew where that is asked for.
 */
export async function picture(page, name) {
  const [path, beside] = ["png", "txt"].map((ending) => `${process.env.BROWSER_PICTURES}/${name}.${ending}`);
  const shown = await page.evaluate(landmarks);
  const digest = () => createHash("sha256").update(readFileSync(path)).digest("hex");
  const said = () => [...shown, `picture: ${digest()}`, ""].join("\n");
  if (process.env.BROWSER_BLESS) {
    await page.screenshot({ path });
    writeFileSync(beside, said());
  }
  const was = existsSync(beside) ? readFileSync(beside, "utf8").split("\n") : [];
  const now = said().split("\n");
  const only = (some, others, sign) => some.filter((line) => !others.includes(line)).map((line) => `  ${sign} ${line}`);
  const changed = [...only(was, now, "-"), ...only(now, was, "+")].join("\n");
  check(was.join() === now.join(), `the picture ${name} in the guides is stale; SIGHTLINE_BLESS=1 takes it anew:\n${changed}`);
}

/**
 * What a page shows wherever it is shown: where one can go, headings, what can be pressed, unfolded and filled in, columns.
 * Without what is of the day, or of whoever is looked for.
 */
function landmarks() {
  const sorts = [
    ["part", "nav a"], ["heading", "h1, h2, h3"], ["unfolds", "summary"], ["button", "button, .button"],
    ["column", "th"], ["field", "label, legend"],
  ];
  const words = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll(".count, .hint, select, input, textarea, .hidden").forEach((one) => one.remove());
    copy.querySelectorAll("time, bdi, code").forEach((one) => one.replaceWith("…"));
    return copy.textContent.replaceAll(/\s+/g, " ").replaceAll(/\d+/g, "#").trim();
  };
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".hidden");
  const all = [...document.querySelectorAll(sorts.map(([, selector]) => selector).join())].filter(isShown);
  const lines = all.map((element) => {
    const [sort] = sorts.find(([, selector]) => element.matches(selector));
    return `${sort}: ${words(element)}`;
  });
  return [...new Set(lines)].filter((line) => !line.endsWith(": "));
}

/** Fails where paper does not have `shown`, or has what can only be pressed; or says how long ago something was. */
export async function judgePrint(page, shown) {
  await page.emulateMedia({ media: "print" });
  for (const selector of shown) check(await page.locator(selector).first().isVisible(), `${selector} is not printed`);
  for (const selector of [".top nav", ".who", ".top form", "main button", "main input"]) {
    const visible = await page.locator(`${selector}:visible`).count();
    check(visible === 0, `${selector} is printed`);
  }
  const times = await page.locator("main time").evaluateAll((times) => times.map((time) => [
    getComputedStyle(time, "::after").content, getComputedStyle(time).fontSize]));
  check(times.length > 0 && times.every(([after, size]) => /UTC/.test(after) && size === "0px"), `times are printed as ${times}`);
  await page.emulateMedia({ media: "screen" });
}

/** The six digits that belong to a secret now (RFC 6238). */
export function sixDigits(secret, now = Date.now()) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(/[^A-Z2-7]/g, "")].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const digest = createHmac("sha1", Buffer.from(bytes)).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** Makes an account by a link, with a second factor; what lets it in without a telephone. */
export async function makeAccount(page, link, name, password) {
  await page.goto(new URL("/sign-in", link).href);
  await judge(page, "sign in");
  await page.goto(link);
  await judge(page, "welcome");
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Make the account" }).click();
  const secret = await page.locator("code.letters").innerText();
  await judge(page, "second factor");
  await page.getByRole("textbox", { name: "Code" }).fill(sixDigits(secret));
  await page.getByRole("button", { name: "Finish" }).click();
  const codes = await page.locator(".codes code").allInnerTexts();
  await judge(page, "recovery codes");
  await page.getByRole("link", { name: "I have kept them" }).click();
  return codes;
}

/** Signs in, as somebody who has a code at hand. */
export async function signIn(page, address, name, password, code) {
  await page.goto(address);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("textbox", { name: "Code" }).fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Tells the test how far the story is, and waits until it says that it did its part. */
export async function tell(word) {
  console.log(word);
  const answer = await lines.next();
  check(!answer.done, `the test went away after "${word}"`);
  return answer.value;
}
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export function check(holds, message) {
  if (!holds) throw new Error(message);
}
