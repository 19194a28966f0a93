import assert from "node:assert/strict";
import { Chromium, findChromium } from "./chromium";
import { Holder } from "./holder";
import { waitFor } from "../rig/wait";

const PHONE = { width: 390, height: 844 };
const HEADING = "document.querySelector('h1')?.textContent";
const NOW = "document.querySelector('li.now')?.textContent";

describe("the page of a wake, in a real browser", function () {
  this.timeout(120_000);
  let browser: Chromium;
  let holder: Holder | undefined;

  before(async function () {
    const program = findChromium();
    if (program === undefined) {
      console.log("    skipped: no chromium on the PATH");
      this.skip();
    }
    browser = await Chromium.open(program);
  });
  afterEach(async () => {
    await holder?.stop();
    holder = undefined;
  });
  after(async () => {
    await (browser as Chromium | undefined)?.close();
  });

  const shows = async (expression: string, wanted: string): Promise<void> => {
    await waitFor(`${expression} to be ${wanted}`, async () => {
      return (await browser.evaluate(expression)) === wanted;
    });
  };

  for (const scripts of [true, false]) {
    const how = scripts ? "by its script" : "without JavaScript";
    it(`shows each step as it happens and goes over to the address that was asked for, ${how}`, async () => {
      holder = await Holder.start();
      const address = "/web/index.html?id=7#/movies";
      await browser.visit(`${holder.url}${address}`, { ...PHONE, scripts });
      await shows(HEADING, "Jellyfin is waking up");
      await shows(NOW, "nas switches on");
      holder.tell("answer");
      await shows(NOW, "The cluster takes nas back");
      holder.tell("ready");
      await shows(HEADING, "Jellyfin is starting");
      await shows(NOW, "Jellyfin starts");
      holder.tell("app");
      await shows(HEADING, "This is the app");
      await shows("document.getElementById('path').textContent", "/web/index.html?id=7");
      // What is behind the # is the app's script's; without scripts nobody reads it.
      const [asked = ""] = address.split("#");
      const wanted = holder.url + (scripts ? address : asked);
      assert.equal(await browser.evaluate("location.href"), wanted);
    });
  }

  it("says what to do where the machine does not wake", async () => {
    holder = await Holder.start(undefined, { WAKE_TIMEOUT: "2" });
    await browser.visit(`${holder.url}/`, PHONE);
    await shows(HEADING, "Jellyfin could not be woken");
    const items = await browser.evaluate("document.querySelectorAll('ul.help li').length");
    assert.equal(items, 4);
  });

  it("fits a phone, a computer and a television, and fetches nothing", async () => {
    holder = await Holder.start();
    for (const view of [{ width: 320, height: 568 }, PHONE, { width: 1920, height: 1080 }]) {
      await browser.visit(`${holder.url}/`, view);
      await shows(HEADING, "Jellyfin is waking up");
      const wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      assert.equal(await browser.evaluate(wide), 0, String(view.width));
      const asked = await browser.evaluate("performance.getEntriesByType('resource').length");
      assert.equal(asked, 0);
      const size = await browser.evaluate("parseFloat(getComputedStyle(document.body).fontSize)");
      assert.ok(Number(size) >= (view.width > 1800 ? 28 : 16), String(size));
    }
  });
});
