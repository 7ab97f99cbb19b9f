// An analyst's day: a list is made and its rules are set, a file is imported after a look at what would come of it, an entry
// is added with its preview, a colleague's change is not overwritten; then a crawl raises an alert in the open inbox. The
// core once more in a browser that runs no script. In the end they have forgotten their password.
//   node analyst.mjs LINK EMAIL ROUTE… -- ROUTE…
// EMAIL is an address that stored ads of the site show; the routes are those of all pages that links lead to, and those of
// the others.
import { allJudged, check, judge, makeAccount, openPage, picture, signIn, tell, walk, withBrowser } from "./browser.mjs";

const [link, email, ...routes] = process.argv.slice(2);
const unlinked = routes.splice(routes.indexOf("--")).slice(1);
const [name, password] = ["Robin", "some other unrelated words"];
const file = [
  "Rufnummer;Fall;Notiz;Farbe",
  "+1 202 555 0147;24-117;tall;red",
  "202 555 0148;24-117;;red",
  "not a number;24-118;;blue",
  "+1 202 555 0147;24-119;twice;blue",
].join("\n");

await withBrowser(async (browser) => {
  const page = await openPage(browser);
  const codes = await makeAccount(page, link, name, password);
  await page.waitForURL((url) => url.pathname === "/");
  const go = (part) => page.getByRole("navigation", { name: "Parts" }).getByRole("link", { name: part }).click();
  const press = (button) => page.getByRole("button", { name: button, exact: true }).click();

  // The help, and the keys that lead from part to part.
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keys" }).waitFor();
  await judge(page, "keys");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("w");
  await page.waitForURL(/\/watchlists$/);
  await judge(page, "watchlists");

  // A list, with a slip that is told at its field.
  await page.getByRole("link", { name: "Make a watchlist" }).click();
  await judge(page, "new watchlist");
  await page.getByLabel("Name", { exact: true }).fill("Operation Jade");
  await page.getByLabel("Purpose").fill("find missing persons");
  await page.getByLabel("Legal basis").fill("consent of the family");
  await page.getByLabel("Owner").fill("R. Analyst");
  await page.getByLabel("Whose they are thought to be").selectOption("victim");
  await page.getByLabel("Days until the first review").fill("900");
  await page.getByRole("group", { name: "Channels" }).getByLabel("desk").check();
  await page.getByLabel("A new alert waits for more").fill("0");
  await press("Make it");
  await page.getByText("900 days is out of range; give a number from 1 to 730", { exact: true }).waitFor();
  await judge(page, "new watchlist, refused");
  check((await page.getByLabel("Owner").inputValue()) === "R. Analyst", "what was typed stays");
  await page.getByLabel("Days until the first review").fill("90");
  await press("Make it");
  await page.getByRole("heading", { name: "Operation Jade" }).waitFor();
  const list = page.url();
  await page.getByText("What it tells, and whom").click();
  await page.getByText("desk is told").waitFor();
  await judge(page, "watchlist");

  // A file: what its columns mean, what would come of it, and then it is imported.
  await page.getByRole("link", { name: "Import a file" }).click();
  await judge(page, "import");
  await page.getByLabel("File", { exact: true }).setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(file) });
  await page.getByLabel("Kind of rows that name none").selectOption("phone");
  await page.getByLabel("Country of national numbers").fill("US");
  await press("Look at it");
  // That the numbers' column is called so is nothing that the program knows.
  await page.locator("select[id^=map-], #map").first().waitFor();
  const columns = page.getByLabel("Rufnummer", { exact: true });
  if (await columns.count()) {
    await columns.selectOption("Rufnummer=value");
    await page.getByLabel("Fall", { exact: true }).selectOption("Fall=case_reference");
    await page.getByLabel("Notiz", { exact: true }).selectOption("Notiz=note");
    await page.getByLabel("Farbe", { exact: true }).selectOption("Farbe=-");
  } else {
    await page.getByLabel("What a column means").fill("Rufnummer=value");
  }
  await press("Look again");
  await page.getByText("would be added").waitFor();
  await judge(page, "import, foreseen");
  await picture(page, "import");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the refused rows" }).click();
  check((await download).suggestedFilename().endsWith(".csv"), "the refused rows are a file");
  await page.getByRole("button", { name: "Import 2 entries" }).click();
  await page.getByText("Imported into").waitFor();
  await judge(page, "imported");

  // An entry: what it would be, where it stands already, and what it would have raised, as it is typed.
  await page.goto(list + "/add");
  await judge(page, "add");
  await page.getByLabel("Kind", { exact: true }).selectOption("phone");
  await page.getByLabel("What is looked for").fill("(202) 555-0147");
  await page.getByLabel("Country of national numbers").fill("US");
  await page.getByText("It stands on").waitFor();
  await page.getByLabel("Kind", { exact: true }).selectOption("email");
  await page.getByLabel("What is looked for").fill(" " + email.toUpperCase());
  await page.locator("#preview strong").getByText(email, { exact: true }).waitFor();
  await page.getByText(/It would have raised [1-9]/).waitFor();
  await judge(page, "add, previewed");
  await picture(page, "add");
  await press("Add it");
  await page.getByRole("heading", { name: email }).waitFor();
  const entry = page.url();

  // What stands in the store already is told of in the inbox, without a reload.
  await page.goto(new URL("/", link).href);
  await page.locator("[data-line]").first().waitFor({ state: "attached" }).catch(() => {});
  for (let tries = 0; (await page.locator("[data-line]").count()) === 0; tries += 1) {
    check(tries < 60, "the hunt raised no alert");
    const bar = page.getByRole("link", { name: /News of/ });
    await bar.waitFor({ timeout: 500 }).then(() => bar.click()).catch(() => page.reload());
  }
  await page.locator("[data-open]").first().click();
  await page.waitForURL(/\/alerts\//);
  const alert = page.url();
  await judge(page, "alert");
  check((await page.locator("svg.timeline, .timeline").count()) > 0, "where it was seen before stands on a time line");
  if (await page.getByRole("button", { name: "Show them" }).count()) {
    await page.keyboard.press("b");
    await page.getByRole("link", { name: "Veil them again" }).waitFor();
  } else check(false, "the site's ads have images");
  await judge(page, "alert, images shown");

  // What the ad says, where it is from, and everything seen of the address.
  await page.goto(entry);
  await judge(page, "entry");
  await picture(page, "entry");
  await page.getByRole("link", { name: "everything seen of it" }).click();
  await judge(page, "selector");
  await page.goto(entry);
  await page.locator("[data-open]").first().click();
  await page.waitForURL(/\/listings\//);
  await judge(page, "listing");
  await page.getByRole("link", { name: "classified" }).click();
  await page.waitForURL(/\/sources\//);
  await page.goto(new URL("/search?q=the", link).href);
  await judge(page, "search");
  await page.goto(new URL("/watchlists/due", link).href);
  await judge(page, "due");

  // Two edit the entry at once; the later one is shown what the earlier changed, and overwrites nothing.
  const other = await page.context().newPage();
  await other.goto(entry + "/edit");
  await page.goto(entry + "/edit");
  await judge(page, "edit an entry");
  await page.getByLabel("Case").fill("24-120");
  await press("Save");
  await page.getByText("edited it:").waitFor();
  await other.getByLabel("Note").fill("seen in spring");
  await other.getByRole("button", { name: "Save" }).click();
  await other.getByText("Meanwhile it was changed by").waitFor();
  check((await other.getByLabel("Note").inputValue()) === "seen in spring", "what was typed stays");
  check((await other.getByLabel("Case").inputValue()) === "24-120", "what was not touched follows");
  await judge(other, "edit an entry, after a colleague");
  await other.getByRole("button", { name: "Save" }).click();
  await other.getByText("seen in spring").first().waitFor();
  await other.close();
  await page.goto(list + "/edit");
  await judge(page, "edit a watchlist");
  await picture(page, "rules");

  // The site gets a new ad while the inbox is open.
  await page.goto(new URL("/", link).href);
  const before = await page.locator("[data-line]").count();
  await tell("inbox open");
  await page.getByRole("link", { name: "News of 1 alert" }).waitFor();
  check((await page.locator("[data-line]").count()) === before, "the list keeps its place");
  await page.getByRole("link", { name: "News of 1 alert" }).click();
  await page.locator("[data-line]", { hasText: "555" }).first().waitFor();

  // Without script: a look, then the entry; a rule of the list; and what a slip is told.
  const plain = await openPage(browser, { javaScriptEnabled: false });
  await signIn(plain, new URL("/", link).href, name, password, codes[0]);
  await plain.goto(alert);
  await plain.locator("[data-copy]").first().waitFor({ state: "attached" });
  check((await plain.locator("[data-copy]:visible").count()) === 0, "what needs a script is not shown without one");
  await plain.goto(list + "/add");
  await plain.getByLabel("Kind", { exact: true }).selectOption("phone");
  await plain.getByLabel("What is looked for").fill("2025550199");
  await plain.getByRole("button", { name: "Preview" }).click();
  await plain.locator("p.fault, .faults").first().waitFor();
  await plain.getByLabel("What is looked for").fill("+1 (202) 555-0199");
  await plain.getByRole("button", { name: "Preview" }).click();
  await plain.getByText("+12025550199", { exact: true }).waitFor();
  await plain.getByRole("button", { name: "Add it" }).click();
  await plain.getByRole("heading", { name: "+12025550199" }).waitFor();
  await plain.getByRole("link", { name: "Edit", exact: true }).click();
  await plain.getByLabel("Tags").fill("north, lorry parks");
  await plain.getByRole("button", { name: "Save" }).click();
  await plain.getByText("lorry parks, north").first().waitFor();
  await plain.goto(list + "/edit");
  await plain.getByLabel("Remind while nobody acknowledges").fill("2 h");
  await plain.getByRole("button", { name: "Save" }).click();
  await plain.getByText("What it tells, and whom").click();
  await plain.getByText("Reminded every 2 hours").waitFor();

  // With everything that the day left behind: every page there is.
  await page.goto(new URL("/search?q=posted", link).href);
  await walk(page, routes);

  // Whoever has forgotten their password is given a link.
  await page.goto(new URL("/accounts", link).href);
  await page.getByText("Password forgotten").click();
  await page.getByRole("group").filter({ hasText: "Password forgotten" }).getByRole("button", { name: "Make a link" }).click();
  await judge(page, "a reset link");
  const back = await openPage(browser);
  await back.goto(await page.locator("code.letters").innerText());
  await judge(back, "reset");
  await back.getByLabel("New password").fill("yet another four words");
  await back.getByRole("button", { name: "Set it" }).click();
  await back.getByRole("heading", { name: "Sign in" }).waitFor();
  allJudged(unlinked);
  check(page.errors.length === 0, page.errors.join("; "));
});
console.log("done");
