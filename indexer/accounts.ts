import type { ChainBlock } from './chain/blocks.ts'
import type { Queryable } from './database.ts'
import { isOfAccount } from './decode.ts'

/**
 * The blocks without what only looks like a participant's account: any contract can emit the same events. An account counts from its
 * participant's admission on, so that batches of any size leave out the same.
 * @param admitted Accounts that the transaction admits; gets those of these blocks
 */
export async function withoutStrangers(
  client: Queryable,
  blocks: readonly ChainBlock[],
  admitted: Set<string>
): Promise<readonly ChainBlock[]> {
  const told = new Set<string>()
  const newcomers: string[] = []
  for (const { events } of blocks) {
    for (const event of events) {
      if (event.name === 'ParticipantAdmitted') newcomers.push(event.args.account)
      else if (isOfAccount(event)) told.add(event.address)
    }
  }
  const own = told.size === 0 ? blocks : await known(client, blocks, told, admitted)
  for (const account of newcomers) admitted.add(account)
  return own
}

async function known(
  client: Queryable,
  blocks: readonly ChainBlock[],
  told: ReadonlySet<string>,
  admitted: ReadonlySet<string>
): Promise<ChainBlock[]> {
  const accounts = new Set([...admitted, ...(await accountsAmong(client, [...told]))])
  return blocks.map((block) => {
    const events = block.events.filter((event) => {
      if (event.name === 'ParticipantAdmitted') accounts.add(event.args.account)
      return !isOfAccount(event) || accounts.has(event.address)
    })
    return { ...block, events }
  })
}

async function accountsAmong(client: Queryable, addresses: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ account: string }>({
    name: 'participant_accounts',
    text: 'select account from participant where account = any($1)',
    values: [addresses]
  })
  return new Set(rows.map(({ account }) => account))
}
