/** The chain of the fault table: lives of receivables with every kind of event, and empty blocks between them. */
import { id } from 'ethers'
import { cutNoteId } from '../../domain/note/span.ts'
import { askChain } from '../../scripts/instance/chain.ts'
import {
  act,
  confirmed,
  DAY,
  lock,
  numberOf,
  offer,
  register,
  settle,
  startWorld,
  tell,
  type World
} from '../indexer/world.ts'

/** Genesis second, so that terms do not depend on today. */
const GENESIS_TIME = 1_790_000_000

/** A real chain and database, and so many rounds of the story. Each has about 35 blocks with events. */
export async function recordChain(rounds: number, emptyBlocks: number): Promise<World> {
  const world = await startWorld(['--timestamp', String(GENESIS_TIME)])
  for (let round = 0; round < rounds; round++) {
    await tellRound(world, `round ${round}`)
    await askChain(world.chain.url, 'anvil_mine', [`0x${emptyBlocks.toString(16)}`])
  }
  // The last blocks are dense: they are followed one by one.
  for (const name of ['the end', 'and another']) await tell(world, name)
  return world
}

async function tellRound(world: World, name: string): Promise<void> {
  const story = await tell(world, name)
  await act(
    world,
    'evidence',
    'evidenceLog',
    'append',
    BigInt(await world.provider.getBlockNumber()),
    id(`root ${name}`)
  )
  const rejected = await register(world, `${name} rejected`)
  await act(world, 'debtor', 'receivables', 'reject', rejected.terms, rejected.fingerprints, id('reason'))
  const diluted = await confirmed(world, `${name} diluted`)
  const deadline = diluted.terms.maturity - 1
  await act(world, 'supplier', 'receivables', 'offerDilution', diluted.root, 250n, deadline, id('credit note'))
  await act(world, 'debtor', 'receivables', 'acceptDilution', cutNoteId(diluted.root, 1_000n, 250n))
  const frozen = await confirmed(world, `${name} frozen`, 1_000n, 3 * DAY)
  const until = frozen.terms.maturity + DAY
  await act(world, 'regulator', 'receivables', 'freeze', frozen.root, 200n, until, numberOf('escrow'), id('order'))
  const pledged = await confirmed(world, `${name} pledged`, 1_000n, 3 * DAY)
  await lock(world, pledged, 'supplier', pledged.root, 300n, 'pledge')
  const pledge = cutNoteId(pledged.root, 1_000n, 300n)
  await act(world, 'factor', 'receivables', 'finance', pledge, id('disbursement'))
  await offer(world, pledged, 'supplier', pledged.root, 100n, 'second')
  await settle(world, story)
}
