import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import mantine from 'postcss-preset-mantine';

/**
 * Builds into `out/`: `main/` (the shell, and the station's process and its workers as entries of their
 * own), `preload/` and `renderer/`. The loopback host and the command line run from the sources and need
 * only `out/renderer`.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node20',
      // These exist as ES modules only, which CommonJS cannot load in every supported Electron.
      externalizeDeps: { exclude: ['@orpc/client', '@orpc/contract', '@orpc/server', 'uuid'] },
      rollupOptions: {
        input: {
          index: 'electron/main/index.ts',
          station: 'electron/station/utility.ts',
          'evidence-worker': 'electron/station/evidence/worker.ts',
        },
        // CommonJS is evaluated at once: the shell has things to set before Electron is ready.
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: 'electron/preload/index.ts' },
        // A sandboxed preload must be CommonJS, and `.cjs` because the package is made of ES modules.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    // Places inside the app have paths of several parts; files are always found from the origin's root.
    base: '/',
    plugins: [react()],
    css: { postcss: { plugins: [mantine()] } },
    build: {
      outDir: 'out/renderer',
      // Half as much to read at each start.
      minify: true,
      target: 'chrome130',
      // The page's policy takes files of its own origin only: no fonts or scripts inside others.
      assetsInlineLimit: 0,
      rollupOptions: { input: 'renderer/index.html' },
    },
  },
});
