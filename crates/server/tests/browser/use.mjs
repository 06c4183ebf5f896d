// What people do with the pages: walk through them with the keyboard, copy, search, and all of it without scripts.

/** Walks through a page with the Tab key alone. */
export async function useKeyboard(context, server, path) {
  const faults = [];
  const page = await context.newPage();
  await page.goto(server + path, { waitUntil: 'load' });
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.className);
  if (first !== 'skip') faults.push(`the first stop is ${first}, not the link to the content`);
  await page.keyboard.press('Enter');
  if (!await page.evaluate(() => document.activeElement.id === 'content')) faults.push('the skip link skips nothing');
  faults.push(...await walk(page));
  const copy = page.locator('.code button').first();
  if (await copy.count() > 0) {
    await copy.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.code button').textContent === 'Copied');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const shown = await page.locator('.code code').first().textContent();
    if (copied.trim() !== shown.trim()) faults.push('what is copied is not what is shown');
  }
  await page.close();
  return faults.map((fault) => `${path} with the keyboard at ${page.viewportSize().width}: ${fault}`);
}

/** From the page's start through every stop to its end. */
async function walk(page) {
  await page.evaluate(() => {
    document.activeElement.blur();
    globalThis.getSelection().removeAllRanges();
    globalThis.stops = new Set();
    globalThis.unseen = [];
  });
  // From the very beginning, wherever the last step has led.
  await page.locator('.skip').focus();
  let last = null;
  for (let n = 0; n < 2000; n++) {
    const stop = await page.evaluate(() => {
      const here = document.activeElement;
      if (!here || here === document.body) return 'end';
      const isAgain = globalThis.stops.has(here);
      globalThis.stops.add(here);
      const style = getComputedStyle(here);
      const box = here.getBoundingClientRect();
      const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && box.width > 0
        && box.bottom > 0 && box.top < globalThis.innerHeight;
      if (!isSeen) globalThis.unseen.push(here.outerHTML.slice(0, 80));
      return isAgain ? 'again' : 'new';
    });
    last = stop;
    if (stop !== 'new') break;
    await page.keyboard.press('Tab');
  }
  return page.evaluate((last) => {
    const faults = [];
    if (last === 'new') faults.push('it never ends');
    const isShown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('details:not([open]) > :not(summary)');
    const reachable = [...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')].filter(isShown);
    const missed = reachable.filter((one) => !globalThis.stops.has(one));
    if (missed.length > 0) faults.push(`${missed.length} are not reached: ${missed[0].outerHTML.slice(0, 90)}`);
    if (globalThis.unseen.length > 0) faults.push(`${globalThis.unseen.length} show no focus: ${globalThis.unseen[0]}`);
    if (reachable.length < 8) faults.push('there is hardly anything to reach');
    return faults;
  }, last);
}

/** Searches with the keyboard and follows what is found. */
export async function useSearch(context, server) {
  const faults = [];
  const page = await context.newPage();
  await page.goto(`${server}/docs`, { waitUntil: 'load' });
  await page.keyboard.press('/');
  await page.keyboard.type('place an order');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/guides/search?q=place+an+order');
  await page.locator('.found a').first().click();
  await page.waitForURL('**/docs/orders#create_order');
  await page.goto(`${server}/docs/#/Orders/create_order`);
  await page.waitForURL('**/docs/orders#create_order');
  const top = await page.evaluate(() => document.getElementById('create_order').getBoundingClientRect().top);
  if (top < 0 || top > 450) faults.push(`an anchor leads ${top} px beside its heading`);
  await page.close();
  return faults;
}

/** The pages are whole without scripts. */
export async function useWithoutScript(browser, server) {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${server}/guides/getting-started`);
  await page.locator('header input[type=search]').fill('webhook');
  await page.locator('header button').click();
  await page.waitForURL('**/guides/search?q=webhook');
  const found = await page.locator('.found li').count();
  await page.goto(`${server}/`);
  const arrived = new URL(page.url()).pathname;
  await context.close();
  const faults = [];
  if (found < 5) faults.push(`without scripts the search finds ${found}`);
  if (arrived !== '/guides/getting-started') faults.push(`/ leads to ${arrived}`);
  return faults;
}
