/** Carries into the directory and the custody what accounts say of keys in custody, once an intent about one is on chain. */
import type { ManagedKeyState } from '../../domain/participant/managed-key.ts'
import type { AccountSigner } from '../../domain/participant/signers.ts'
import { inTransaction, type Pool } from '../database.ts'
import { lockKeys, replaceKeys } from '../participants/keys.ts'
import { chainTime } from '../receivables/repository.ts'
import type { AccountNode } from '../registrar/node.ts'
import { accountKeysOf, moveManagedKey } from './repository.ts'

interface Open {
  managedKeyId: string
  participantId: number
  account: string
  signer: string
  duty: string
  state: ManagedKeyState
  choice: string
  deadline: string
  /** What the intents about it add. */
  added: (AccountSigner[] | null)[]
}

/** Keys of which the directory may not say what their account says. The chain is asked for these alone. */
const openKeys = `
  select k.managed_key_id as "managedKeyId", k.participant_id as "participantId", p.account, k.signer, k.duty, k.state, c.state as choice,
         c.typed_data #>> '{message,deadline}' as deadline, json_build_array(c.command -> 'added', r.command -> 'added') as added
    from app.managed_key k
    join app.participant p using (participant_id)
    join app.intent c on c.intent_id = k.intent_id
    left join app.intent r on r.intent_id = k.removal_intent_id
   where k.state = 'proposed'
      or k.state in ('active', 'suspended', 'ended') and c.state = 'mined' and (r.state = 'mined'
         or not exists (select from jsonb_array_elements(p.signers) one where lower(one ->> 'signer') = k.signer))
   order by k.created_at`

/** @param pool Of the service */
export async function followManagedKeys(pool: Pool, node: AccountNode): Promise<void> {
  const { rows } = await pool.query<Open>({ name: 'managed-key.open', text: openKeys })
  for (const key of rows) {
    if (key.choice === 'mined') await follow(pool, node, key)
    else if (await isOver(pool, key)) await moveManagedKey(pool, key.managedKeyId, ['proposed'], 'lapsed')
  }
}

async function isOver(pool: Pool, { choice, deadline }: Open): Promise<boolean> {
  if (choice === 'refused') return true
  return choice === 'awaiting-signatures' && Number(deadline) < (await chainTime(pool))
}

async function follow(pool: Pool, node: AccountNode, key: Open): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await lockKeys(tx, key.participantId)
    const { signers: known } = await accountKeysOf(tx, key.participantId)
    const named = [...known, ...key.added.flatMap((some) => some ?? [])].map(({ signer }) => signer.toLowerCase())
    const signers: AccountSigner[] = []
    for (const signer of new Set(named)) {
      const duty = await node.dutyOf(key.account, signer)
      if (duty) signers.push({ signer, duty })
    }
    const isHeld = signers.some(({ signer, duty }) => signer === key.signer && duty === key.duty)
    await replaceKeys(tx, key.participantId, signers, await node.quorumOf(key.account))
    if (!isHeld) await moveManagedKey(tx, key.managedKeyId, [key.state], 'removed')
    else if (key.state === 'proposed') await moveManagedKey(tx, key.managedKeyId, ['proposed'], 'active')
  })
}
