// Opens every page of a running server at the width of a phone and of a desk, by day and by night, and fails on whatever
// would be in a reader's way. `node visit.mjs URL [FOLDER]`; with a folder it leaves a picture of each page there.
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { findOnPage, watch } from './look.mjs';
import { useKeyboard, useSearch, useWithoutScript } from './use.mjs';

const [server, pictures] = process.argv.slice(2);
if (!server) throw new Error('node visit.mjs URL [FOLDER]');
const faults = [];
const started = Date.now();

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

/** Every page that links lead to, from the two ways in. */
async function allPages() {
  const found = new Set(['/docs', '/guides/getting-started']);
  for (const path of found) {
    const html = await (await fetch(server + path)).text();
    for (const [, link] of html.matchAll(/<a [^>]*href="(\/(?:docs|guides)[^"#]*)/g)) {
      const path = link.replaceAll('&amp;', '&');
      if (!path.endsWith('.md') && path !== '/guides') found.add(path);
    }
  }
  return [...found, '/guides/search', '/guides/search?q=order', '/guides/search?q=%3Cb%3Enothing', '/docs/no-such-page'];
}

async function inEachLook(pages) {
  const context = await browser.newContext();
  const left = [...pages];
  const worker = async () => {
    for (let path = left.shift(); path; path = left.shift()) await visit(context, path);
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
}

async function visit(context, path) {
  const page = await context.newPage();
  const loaded = watch(page, server);
  await page.goto(server + path, { waitUntil: 'load' });
  for (const width of [360, 1440]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      if (pictures) await picture(page, `${width}-${colorScheme}`, path);
      const found = await findOnPage(page, axe.source, colorScheme === 'dark');
      faults.push(...found.map((fault) => `${path} at ${width}, ${colorScheme}: ${fault}`));
    }
  }
  faults.push(...(await loaded()).map((fault) => `${path}: ${fault}`));
  await page.close();
}

async function picture(page, name, path) {
  const { width } = page.viewportSize();
  const height = Math.min(6000, await page.evaluate(() => document.documentElement.scrollHeight));
  const file = `${path.slice(1).replaceAll(/[^a-z0-9-]+/gi, '_')}-${name}.png`;
  await page.screenshot({ path: join(pictures, file), fullPage: true, clip: { x: 0, y: 0, width, height } });
}

try {
  if (pictures) await mkdir(pictures, { recursive: true });
  const pages = await allPages();
  await inEachLook(pages);
  for (const width of [360, 1440]) {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server });
    for (const path of ['/guides/webhooks', '/docs', '/docs/webhooks', '/guides/search?q=order']) {
      faults.push(...await useKeyboard(context, server, path));
    }
    faults.push(...await useSearch(context, server));
  }
  faults.push(...await useWithoutScript(browser, server));
  console.log(`${pages.length} pages in ${Math.round((Date.now() - started) / 1000)} s`);
} finally {
  await browser.close();
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(`${faults.length} faults`);
  process.exitCode = 1;
}
