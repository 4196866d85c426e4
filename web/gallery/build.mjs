/** Builds the gallery into the folder that is named: `node gallery/build.mjs DIR`. Every screen, for eyes and for tests. */
import { resolve } from 'node:path';
import { build } from 'vite';

await build({
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'warn',
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { outDir: resolve(process.argv[2]), emptyOutDir: true },
});
