// What can be seen of a page without touching it.

/** The most that a page may weigh, unpacked, with all that it loads. */
const HEAVIEST = 300 * 1024;

/** Watches what a page loads and complains about; the function that it returns says what was wrong. */
export function watch(page, server) {
  const faults = [];
  const sizes = [];
  let status = 0;
  page.on('pageerror', (error) => faults.push(`a script failed: ${error.message}`));
  page.on('console', (message) => {
    const isItself = status === 404 && message.text().includes('404');
    if (['error', 'warning'].includes(message.type()) && !isItself) faults.push(`the console says: ${message.text()}`);
  });
  page.on('requestfailed', (request) => faults.push(`${request.url()} did not come`));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${server}/`)) faults.push(`it asks another host: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.request().isNavigationRequest()) status = response.status();
    sizes.push(response.body().then((body) => body.length, () => 0));
    const kind = response.headers()['content-type'] ?? '';
    const isKept = response.headers().etag !== undefined;
    if (/html|css|javascript/.test(kind) && isKept && response.headers()['content-encoding'] !== 'gzip') {
      faults.push(`${response.url()} is not packed`);
    }
  });
  return async () => {
    const weight = (await Promise.all(sizes)).reduce((sum, one) => sum + one, 0);
    if (weight > HEAVIEST) faults.push(`it weighs ${Math.round(weight / 1024)} KB`);
    return faults;
  };
}

/** What is wrong with a page as it stands; where only colours have changed, with its colours. */
export async function findOnPage(page, axeSource, onlyColours) {
  const faults = await page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const faults = [];
    if (document.documentElement.scrollWidth > wide) {
      const culprits = [...document.querySelectorAll('body *')]
        .filter((one) => one.getBoundingClientRect().right > wide + 1 && !one.closest('.scroll, pre, .skip, .unseen'));
      const named = culprits.slice(0, 3).map((one) => `${one.tagName}.${one.className} ${one.textContent.slice(0, 40)}`);
      faults.push(`it is wider than the window: ${named.join(' | ')}`);
    }
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
    for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) faults.push(`two have the id ${id}`);
    return faults;
  });
  const rules = onlyColours ? ['color-contrast'] : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(
    (runOnly) => globalThis.axe.run(document, { runOnly, resultTypes: ['violations'] }), rules,
  );
  for (const one of violations) {
    const where = one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.any.map((any) => any.message).join(' ')}`);
    faults.push(`${one.id} (${one.nodes.length}): ${where.join(' | ')}`);
  }
  return faults;
}
