import { defineConfig } from 'vitest/config'

/** The contracts' tests with Hardhat's counters: see scripts/checks/coverage.ts. */
export default defineConfig({
  test: {
    include: ['test/contracts/**/*.test.ts'],
    setupFiles: ['scripts/checks/coverage-setup.ts'],
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000
  }
})
