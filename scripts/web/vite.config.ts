import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const file = (name: string) => fileURLToPath(new URL(`../../web/${name}`, import.meta.url))

/** Two pages: the console, and the verifier, which needs nothing of the console and stays small. Nothing is inlined: the CSP forbids it. */
export default defineConfig({
  root: file(''),
  logLevel: 'warn',
  resolve: { alias: { '@adraffy/ens-normalize': fileURLToPath(new URL('no-names.ts', import.meta.url)) } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: file('dist'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: { index: file('index.html'), verify: file('verify.html') } }
  }
})
