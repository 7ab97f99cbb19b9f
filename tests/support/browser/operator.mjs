// An operator's day: a source has drifted; a changed selector is tried on the test bench, and the source's file is put right;
// it is crawled and well. Then its schedule, politeness, and a message that could not be sent. The repair once more in a
// browser that runs no script.
//   node operator.mjs LINK
import { check, judge, makeAccount, openPage, picture, signIn, tell, withBrowser } from "./browser.mjs";

const [link] = process.argv.slice(2);
const [name, password] = ["Kim", "quite different unrelated words"];

await withBrowser(async (browser) => {
  const page = await openPage(browser);
  const codes = await makeAccount(page, link, name, password);
  await page.waitForURL((url) => url.pathname === "/");
  const press = (button) => page.getByRole("button", { name: button, exact: true }).click();
  const until = async (holds, why) => {
    for (let tries = 0; !(await holds()); tries += 1) {
      check(tries < 120, why);
      await page.waitForTimeout(250);
      await page.reload();
    }
  };

  // It found something yesterday, and nothing today.
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.waitForURL(/\/sources$/);
  await page.getByText("drifted").waitFor();
  await judge(page, "sources");
  await picture(page, "sources");
  await page.getByRole("link", { name: "board", exact: true }).click();
  await page.getByRole("heading", { name: /board: .*drifted/ }).waitFor();
  await judge(page, "source");
  const source = page.url();
  await page.locator("[data-open]").first().click();
  await page.waitForURL(/\/runs\//);
  await judge(page, "run");

  // The bench: nothing is found by what its file says, and both ads by another selector, which is not saved yet.
  await page.goto(source + "/test");
  await judge(page, "bench");
  await press("Try it");
  await page.getByText("0 listings, 0 links").waitFor();
  await page.goto(source + "/edit");
  await page.getByText("It is sound").waitFor();
  const text = page.getByLabel("What it says (TOML)");
  const was = await text.inputValue();
  await text.fill(was.replace("a.ad", "a.listing["));
  await page.getByText(/^line \d+$/).waitFor();
  await judge(page, "editor, with a problem");
  await picture(page, "editor");
  await text.fill(was.replace("a.ad", "a.listing"));
  await page.getByText("It is sound").waitFor();
  await judge(page, "editor");
  await press("Try it on a page");
  await judge(page, "bench, from the editor");
  await press("Try it");
  await page.getByText("2 links to detail pages").waitFor();
  await judge(page, "bench, with what is found");
  await picture(page, "bench");
  await press("Take them back to the editor");
  await page.getByLabel("Why you change it").fill("the board names its links otherwise");
  await press("Save");
  await page.getByText("the board names its links otherwise").waitFor();
  await page.getByText("in the file now").waitFor();
  await page.getByText("What changed").first().click();
  await judge(page, "editor, saved");

  // Run now: it is crawled by what was just saved, in this process.
  await page.goto(source);
  await page.keyboard.press("r");
  await page.waitForURL(/\/runs\//);
  await until(async () => (await page.getByText("complete").count()) > 0, "the run does not end");
  await page.goto(source);
  await page.getByRole("heading", { name: /board: ok/ }).waitFor();
  await judge(page, "source, well");

  // When it is crawled: the next ten, and what the clock does to one of them or, within 13 months, to a later one.
  await page.getByRole("link", { name: "Schedule" }).click();
  await page.getByLabel("Or at a steady pace").fill("");
  await page.getByLabel("At times of day, as cron has them").fill("30 2 * * *");
  await page.getByLabel("By the clock of").fill("Europe/Pariss");
  await page.locator("#plan").getByText("1 problem").waitFor();
  await page.getByLabel("By the clock of").fill("Europe/Paris");
  await page.locator("#plan li").nth(9).waitFor();
  await page.locator("#plan").getByText(/the clock goes (forward|back) by 1 h/).first().waitFor();
  await judge(page, "schedule");
  await picture(page, "schedule");
  await press("Save");
  await page.getByText("By the clock of Europe/Paris.").waitFor();
  await page.getByRole("heading", { name: "Politeness" }).waitFor();

  // A message that was given up is sent again, once its receiver is there.
  await page.goto(new URL("/deliveries?state=dead", link).href);
  await page.getByRole("button", { name: "Send it again" }).first().waitFor();
  await judge(page, "deliveries");
  await picture(page, "deliveries");
  await tell("message is dead");
  const again = page.getByRole("button", { name: "Use it again" });
  if (await again.count()) await again.click();
  await page.goto(new URL("/deliveries?state=dead", link).href);
  while (await page.getByRole("button", { name: "Send it again" }).count()) {
    await page.getByRole("button", { name: "Send it again" }).first().click();
    await page.goto(new URL("/deliveries?state=dead", link).href);
  }
  await page.getByText("No message was given up.").waitFor();
  await page.goto(new URL("/deliveries?state=delivered", link).href);
  await until(async () => (await page.getByText("team").count()) > 1, "it is not sent again");

  // Administration.
  for (const part of ["account", "accounts", "sessions", "audit"]) {
    await page.goto(new URL("/" + part, link).href);
    await judge(page, part);
  }

  // Without script: a slip is told with its line, what was typed stays, and what was is brought back.
  const plain = await openPage(browser, { javaScriptEnabled: false });
  await signIn(plain, new URL("/", link).href, name, password, codes[0]);
  await plain.goto(source + "/edit");
  const field = plain.getByLabel("What it says (TOML)");
  const now = await field.inputValue();
  await field.fill("strat = 1\n" + now);
  await plain.getByRole("button", { name: "Check" }).click();
  await plain.getByText("did you mean `start`?").waitFor();
  await plain.getByRole("button", { name: "Save" }).click();
  await plain.getByText("did you mean `start`?").waitFor();
  check((await field.inputValue()).startsWith("strat = 1"), "what was typed stays");
  await field.fill("# the board\n" + now);
  await plain.getByRole("button", { name: "Save" }).click();
  await plain.getByText("in the file now").waitFor();
  await plain.getByRole("link", { name: "Go back to this" }).first().click();
  check((await field.inputValue()) === now, "what it said is there again");
  await plain.getByRole("button", { name: "Save" }).click();
  await plain.getByText("back to what it said on").waitFor();
  await plain.goto(source + "/schedule");
  await plain.getByLabel("Only on these days").fill("mon-fri");
  await plain.getByRole("button", { name: "Show the next runs" }).click();
  await plain.locator("#plan li").nth(9).waitFor();
  await plain.getByRole("button", { name: "Save" }).click();
  await plain.getByRole("heading", { name: "Next runs" }).waitFor();
  check(page.errors.length === 0, page.errors.join("; "));
});
console.log("done");
