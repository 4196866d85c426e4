import { defineConfig } from 'vite';

/** For `vite` and vitest; what is shipped is described in build.mjs. */
export default defineConfig({ root: import.meta.dirname });
