// An investigator's day: the inbox is open when an alert is raised; it is read, taken, commented on and closed. Then a
// second one is dealt with in a browser that runs no script.
//   node investigator.mjs LINK
import { check, judge, judgePrint, makeAccount, openPage, picture, signIn, tell, withBrowser } from "./browser.mjs";

const [link] = process.argv.slice(2);
const [name, password] = ["Avery", "a few unrelated words"];

await withBrowser(async (browser) => {
  const page = await openPage(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  const codes = await makeAccount(page, link, name, password);
  await page.getByText("Nothing waits for you.").waitFor();
  await judge(page, "empty inbox");

  // The crawl raises an alert while the inbox is open: it is told without a reload, and nothing jumps.
  await tell("inbox open");
  const bar = page.getByRole("link", { name: "News of 1 alert" });
  await bar.waitFor();
  await page.getByText("Nothing waits for you.").waitFor();
  await bar.click();
  await page.locator("[data-line]").waitFor();
  await judge(page, "inbox");
  await picture(page, "inbox");
  await judgePrint(page, ["[data-line]", "thead th"]);

  // By keyboard alone.
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/alerts\//);
  const marked = await page.locator("mark").allInnerTexts();
  check(marked.includes("2O2-555-Ol23"), `what was found is marked as it was written: ${marked}`);
  await judge(page, "alert");
  await picture(page, "alert");
  // What is folded away is on paper.
  await judgePrint(page, ["mark", ".inferred", "h1"]);
  await page.keyboard.press("a");
  await page.getByText("acknowledged by Avery").waitFor();
  const address = page.locator("code", { hasText: "hxxp" }).first();
  await page.getByRole("button", { name: "Copy" }).first().click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  check(copied === await address.innerText(), `the address is copied as it is shown: ${copied}`);

  // Handed back, it is taken in the inbox: as the line that is marked, or as what is ticked.
  await page.getByRole("button", { name: "Hand it back" }).click();
  await page.getByRole("button", { name: "Acknowledge" }).waitFor();
  const alert = page.url();
  for (const keys of ["ja", "jxa"]) {
    await page.goto(new URL("/", link).href);
    for (const key of keys) await page.keyboard.press(key);
    await page.getByText("Nothing waits for you.").waitFor();
    await page.goto(alert);
    await page.getByText("acknowledged by Avery").waitFor();
    if (keys === "jxa") break;
    await page.getByRole("button", { name: "Hand it back" }).click();
    await page.getByRole("button", { name: "Acknowledge" }).waitFor();
  }
  await page.getByLabel("Comment").fill("Called the hotline. <script>alert(1)</script>");
  await page.getByRole("button", { name: "Say it" }).click();
  await page.getByText("Called the hotline. <script>alert(1)</script>").waitFor();
  // A key opens the form, ready to be filled in.
  await page.keyboard.press("c");
  const first = await page.evaluate(() => document.activeElement?.getAttribute("name"));
  check(first === "as", `the first field of the form has the focus: ${first}`);
  // From the inbox a key leads to the form.
  for (const [key, field] of [["s", "For how long"], ["c", "confirmed: it was"]]) {
    await page.goto(new URL("/?tab=acknowledged", link).href);
    await page.keyboard.press("j");
    await page.keyboard.press(key);
    await page.getByLabel(field).waitFor();
  }
  await page.getByLabel("confirmed: it was").check();
  await page.getByRole("button", { name: "Close it" }).click();
  await page.getByText("closed", { exact: true }).first().waitFor();
  await judge(page, "closed alert");

  // An inbox whose stream is cut off says so, and comes to life again by itself.
  const cut = await page.context().newPage();
  await cut.route("**/events?*", (route) => route.fulfill({ status: 502 }));
  await cut.goto(new URL("/", link).href);
  const silent = cut.getByRole("link", { name: /^Not live since/ });
  await silent.waitFor();
  await cut.unroute("**/events?*");
  await silent.waitFor({ state: "hidden" });
  await cut.close();

  // Without script: the same, by forms alone.
  await tell("closed");
  const plain = await openPage(browser, { javaScriptEnabled: false });
  await signIn(plain, new URL("/", link).href, name, password, codes[0]);
  await plain.locator("[data-open]").click();
  await plain.getByRole("button", { name: "Acknowledge" }).click();
  await plain.getByText("acknowledged by Avery").waitFor();
  await plain.locator("summary", { hasText: "Close" }).click();
  await plain.getByLabel("rejected: it was").check();
  await plain.getByRole("button", { name: "Close it" }).click();
  await plain.getByText("closed", { exact: true }).first().waitFor();
  check(page.errors.length === 0, page.errors.join("; "));
});
console.log("done");
