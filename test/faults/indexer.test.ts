import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseFaults } from './database-faults.ts'
import { judge, type Fault } from './fault.ts'
import { processFaults } from './process-faults.ts'
import { Rig } from './rig.ts'
import { rpcFaults } from './rpc-faults.ts'

// The cheapest faults of each kind; `npm run test:faults -- indexer` injects all.
const names = [
  'one log left out',
  'connection half open: nothing comes through, nobody closes it',
  'server is read-only for a while, as after a failover to a standby',
  'deadlock',
  'kill -9 between insert and commit'
]
const all: Fault[] = [...rpcFaults, ...databaseFaults, ...processFaults]

let rig: Rig
beforeAll(async () => {
  rig = await Rig.open(1, 20)
})
afterAll(() => rig.close())

test.each(names)('%s: the digest is that of the undisturbed run', async (name) => {
  const fault = all.find((each) => each.name === name)!
  expect(await judge(rig, fault, 1)).toMatchObject({ survived: true, isEqual: true, reason: '' })
})
