import { Chain } from './chain.ts'
import { operations } from './operations.ts'
import { World } from './world.ts'

/** Gas of each single operation, to the unit: `contracts/gas-snapshot.json`. Half a second's work. */
export async function gasSnapshot(): Promise<Record<string, number>> {
  const chain = await Chain.start()
  try {
    const world = await World.deploy(chain)
    const snapshot: Record<string, number> = {}
    for (const [name, run] of Object.entries(operations)) snapshot[name] = (await run(world)).gas
    return snapshot
  } finally {
    await chain.stop()
  }
}
