/**
 * Opens one URL in Debian's Firefox and reports as JSON what it plays. Run by test_firefox.py, with the page's node_modules:
 *   node firefox.mjs URL SECONDS
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(import.meta.dirname, '../../web/package.json'));
const { default: puppeteer } = await import(require.resolve('puppeteer-core'));
const [url, seconds] = process.argv.slice(2);

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: '/usr/bin/firefox-esr',
  headless: true,
  extraPrefsFirefox: { 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0 },
});
try {
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(url);
  const found = async () =>
    page.evaluate(() => {
      const video = document.querySelector('video.shown');
      return {
        ...(globalThis.humaReport?.() ?? {}),
        time: video?.currentTime ?? 0,
        frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
        sound: video?.mozHasAudio ?? null,
        width: video?.videoWidth ?? 0,
        text: document.body.innerText,
      };
    });
  const until = Date.now() + 1000 * Number(seconds);
  let first = null;
  while (Date.now() < until) {
    const now = await found();
    if (first === null && now.scene === 'playing' && now.time > 0) first = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (first !== null && now.time - first.time > 4) break;
  }
  console.log(JSON.stringify({ first, last: await found(), errors }));
} finally {
  await browser.close();
}
