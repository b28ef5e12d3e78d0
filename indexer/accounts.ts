import type pg from 'pg'
import type { ChainBlock } from './chain/blocks.ts'
import { isOfAccount } from './decode.ts'

/**
 * The blocks without what only looks like a participant's account: any contract can emit the same events. An account counts from its
 * participant's admission on, so that batches of any size leave out the same.
 * @param admitted Accounts that the transaction admits; gets those of these blocks
 */
export async function withoutStrangers(
  client: pg.Client,
  blocks: readonly ChainBlock[],
  admitted: Set<string>
): Promise<readonly ChainBlock[]> {
  const told = new Set(blocks.flatMap(({ events }) => events.filter(isOfAccount).map(({ address }) => address)))
  const known = told.size === 0 ? new Set<string>() : await accountsAmong(client, [...told])
  return blocks.map((block) => {
    const events = block.events.filter((event) => {
      if (event.name === 'ParticipantAdmitted') admitted.add(event.args.account)
      return !isOfAccount(event) || known.has(event.address) || admitted.has(event.address)
    })
    return events.length === block.events.length ? block : { ...block, events }
  })
}

async function accountsAmong(client: pg.Client, addresses: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ account: string }>({
    name: 'participant_accounts',
    text: 'select account from participant where account = any($1)',
    values: [addresses]
  })
  return new Set(rows.map(({ account }) => account))
}
