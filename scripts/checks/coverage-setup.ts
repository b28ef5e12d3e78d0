import { markTestWorkerDone } from 'hardhat/internal/coverage'
import { afterAll } from 'vitest'

/** After each file: what its chain counted goes to disk. */
afterAll(() => markTestWorkerDone('vitest'))
