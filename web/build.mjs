/**
 * Builds the pages into src/huma/pages:
 *
 *   index.html + assets/   the page: its first chunk stands inside the HTML (one round trip less on a long line)
 *   local.html             the same, allowed to reach http mirrors: for loopback and home networks
 *   player.html            everything in one file, for file: and for pinning
 *   embed.js               <huma-player> for other people's sites
 *   sw.js                  keeps the page
 *   demo.html              both players side by side, for huma demo; its policy is written by its server
 *   console.html           the technician's page of huma live, everything in one file
 *   desk.html              the organiser's page of huma desk, everything in one file
 *
 * Two builds of one source give the same bytes (promise 11): no time, path or random name goes in.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

const WEB = import.meta.dirname;
const PLACE = process.env.HUMA_PAGES ?? join(WEB, '../src/huma/pages');
/** Built apart and moved to their place whole: whoever serves them meanwhile serves one build, old or new. */
const OUT = join(WEB, 'dist', `pages-${process.pid}`);
const TARGET = ['chrome94', 'firefox93', 'safari16.4'];
/** First visit on a thin line: what must arrive before the page can say how things stand, and before it can play. */
const BUDGETS = { 'index.html': 85, 'assets/hlsjs': 195 };

const common = {
  root: WEB,
  configFile: false,
  logLevel: 'warn',
  base: './',
  esbuild: undefined,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
};
const shipped = { outDir: OUT, emptyOutDir: false, target: TARGET, modulePreload: false, reportCompressedSize: false };

/**
 * What is loaded later, each a file that needs no other: the first chunk stands inside the HTML, where nothing can import
 * from it. A function or two stands twice for that.
 */
const LATER = { 'hls.js': 'hls.js', uqr: 'uqr', './noble': './src/io/noble.ts', '../protocol/words': './src/protocol/words.ts' };

async function buildLater(specifier, entry) {
  const result = await build({
    ...common,
    build: {
      ...shipped,
      write: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: 'strict', output: { format: 'es', codeSplitting: false } },
    },
  });
  const { code } = [result].flat()[0].output[0];
  if (/(?:from|import)\s*["'][./]/.test(code)) throw new Error(`${entry} needs another file`);
  const name = specifier.replace(/[^a-z]/g, '').replace('protocol', '');
  const file = `assets/${name}-${createHash('sha256').update(code).digest('hex').slice(0, 8)}.js`;
  write(file, code);
  return file;
}

async function buildPage() {
  const later = new Map();
  for (const [specifier, entry] of Object.entries(LATER)) later.set(specifier, await buildLater(specifier, entry));
  await build({
    ...common,
    define: { __SINGLE_FILE__: 'false' },
    plugins: [
      {
        name: 'huma-later',
        resolveDynamicImport: (specifier) => (later.has(specifier) ? { id: `./${later.get(specifier)}`, external: true } : null),
      },
    ],
    build: {
      ...shipped,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: join(WEB, 'index.html'),
        output: { entryFileNames: '[name]-[hash].js', assetFileNames: 'assets/[name]-[hash][extname]', chunkFileNames: 'unexpected/[name].js' },
      },
    },
  });
  if (listed().some((file) => file.startsWith('unexpected/'))) throw new Error('a dynamic import that LATER does not list');
}

async function buildSingleFile(page = 'index.html') {
  const outDir = join(OUT, 'single');
  await build({
    ...common,
    define: { __SINGLE_FILE__: 'true' },
    plugins: [viteSingleFile({ removeViteModuleLoader: true })],
    build: { ...shipped, outDir, assetsInlineLimit: 1e8, rolldownOptions: { input: join(WEB, page) } },
  });
  const html = read(`single/${page}`);
  rmSync(outDir, { recursive: true });
  return html;
}

async function buildScript(entry, file, define = {}) {
  await build({
    ...common,
    define,
    build: {
      ...shipped,
      lib: { entry: join(WEB, entry), formats: ['iife'], name: 'huma', fileName: () => file },
    },
  });
}

const read = (file) => readFileSync(join(OUT, file), 'utf8');
const write = (file, text) => {
  mkdirSync(dirname(join(OUT, file)), { recursive: true });
  writeFileSync(join(OUT, file), text);
};
const listed = () =>
  readdirSync(OUT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(OUT, join(entry.parentPath, entry.name)))
    .sort();

/** `text` with one thing put in place of another; never by pattern, since code is full of `$&`. */
function replaced(text, what, by) {
  const at = text.indexOf(what);
  if (at < 0) throw new Error(`not found: ${what}`);
  return text.slice(0, at) + by + text.slice(at + what.length);
}

/** The first chunk and the style into the HTML itself. */
function inlined(html) {
  const script = /<script type="module"[^>]*src="\.\/([^"]+)"><\/script>/.exec(html);
  const style = /<link rel="stylesheet"[^>]*href="\.\/([^"]+)">/.exec(html);
  const code = read(script[1]).replaceAll('</script', '<\\/script').trimEnd();
  // assets/ of a style are named from its own folder
  const css = read(style[1]).trimEnd().replaceAll('url(./', 'url(./assets/');
  rmSync(join(OUT, script[1]));
  rmSync(join(OUT, style[1]));
  let page = replaced(html, script[0], '');
  page = replaced(page, style[0], `<style>${css}</style>`);
  return replaced(page, '</body>', `<script type="module">${code}</script>\n  </body>`);
}

const sourceHash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const bodiesOf = (html, tag) =>
  [...html.matchAll(new RegExp(`<${tag}(?![^>]*application/json)[^>]*>([^]*?)</${tag}>`, 'g'))].map((match) => match[1]);

/** Only this very code and this very style may run; nothing may be fetched but from mirrors. */
function withPolicy(html, { connect, files }) {
  const own = files ? " 'self'" : '';
  const policy = [
    "default-src 'none'",
    `script-src${own} ${bodiesOf(html, 'script').map(sourceHash).join(' ')}`,
    `style-src ${bodiesOf(html, 'style').map(sourceHash).join(' ')}`,
    `font-src${own || ' data:'}`,
    "img-src data:",
    'media-src blob:',
    `worker-src ${files ? "'self'" : "'none'"}`,
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return replaced(html, '%POLICY%', policy);
}

function report(files) {
  const gzipped = (file) => gzipSync(readFileSync(join(OUT, file)), { level: 9 }).length / 1000;
  let over = false;
  for (const file of files) {
    const kilobytes = gzipped(file);
    const [, budget] = Object.entries(BUDGETS).find(([name]) => file.startsWith(name)) ?? [];
    over ||= budget !== undefined && kilobytes > budget;
    const limit = budget === undefined ? '' : ` (at most ${budget})`;
    console.log(`${file.padEnd(44)} ${kilobytes.toFixed(1).padStart(7)} kB gzipped${limit}`);
  }
  const first = ['index.html', ...files.filter((file) => file.startsWith('assets/hlsjs'))].map(gzipped);
  console.log(`first visit: ${first[0].toFixed(1)} kB to say how things stand, ${(first[0] + first[1]).toFixed(1)} kB to a picture`);
  if (over) throw new Error('a page is over its budget');
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(dirname(OUT), { recursive: true });
const single = await buildSingleFile();
await buildPage();
const page = inlined(read('index.html'));
write('index.html', withPolicy(page, { connect: "'self' https:", files: true }));
write('local.html', withPolicy(page, { connect: "'self' https: http:", files: true }));
write('player.html', withPolicy(single, { connect: 'https: http:', files: false }));
await buildScript('src/player/embed.ts', 'embed.js');
write('demo.html', await buildSingleFile('demo.html'));
for (const name of ['console.html', 'desk.html']) {
  write(name, withPolicy(await buildSingleFile(name), { connect: "'self'", files: false }));
}
const kept = listed().filter((file) => !['player.html', 'embed.js', 'demo.html', 'console.html', 'desk.html'].includes(file));
const version = createHash('sha256').update(kept.map((file) => createHash('sha256').update(readFileSync(join(OUT, file))).digest('hex')).join()).digest('hex').slice(0, 16);
await buildScript('src/player/worker/sw.ts', 'sw.js', { __KEPT_FILES__: JSON.stringify(kept), __VERSION__: JSON.stringify(version) });
report(listed());
rmSync(PLACE, { recursive: true, force: true });
try {
  renameSync(OUT, PLACE);
} catch {
  // another file system
  cpSync(OUT, PLACE, { recursive: true });
  rmSync(OUT, { recursive: true });
}
