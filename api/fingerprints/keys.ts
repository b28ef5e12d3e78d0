/** The consortium's fingerprint keys, as the api is given them, and which of them it still needs. */
import { fromHex } from '../../domain/crypto/bytes.ts'
import { contracts } from '../../domain/chain/contracts.ts'
import { epochOf, keyRingOf, type KeyRing } from '../../domain/fingerprint/keys.ts'
import type { ExecuteTypedData } from '../../domain/intent/typed-data.ts'
import { notePurposes } from '../../domain/note/note-word.ts'
import { readKey, type ApiConfig } from '../config.ts'
import type { Pool, Transaction } from '../database.ts'

/** Reads the keys. Throws FINGERPRINT_KEYS_INVALID with what is wrong, never with a key. */
export async function openKeyRing(configured: ApiConfig['fingerprintKeys']): Promise<KeyRing> {
  try {
    const keys = configured.map(async ({ file, epoch }) => ({ key: keyOf(file, await readKey(file)), epoch }))
    return keyRingOf(await Promise.all(keys))
  } catch (error) {
    throw new Error(`FINGERPRINT_KEYS_INVALID: fingerprintKeys can't be used: ${(error as Error).message}`, {
      cause: error
    })
  }
}

function keyOf(file: string, text: string): Uint8Array {
  const hex = text.replace(/^0x/, '')
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) throw new RangeError(`${file} does not hold 32 bytes in hex`)
  return fromHex(hex)
}

const epochSql = (claim: string) => `('x' || substr(${claim}.fingerprint, 3, 4))::bit(16)::int`

/** Live claims of one epoch. */
export interface EpochUse {
  epoch: number
  claims: number
  /** Of those that no claim of a newer key repeats, and of which what they stand for is not settled: they need their key. */
  alone: number
  /** One of the latter. */
  example: string | null
}

/**
 * How far each key is needed, by the projection. A claim's twin is one under another key for the same subject, made in the same
 * transaction, as a registration and an outside claim do. A claim under a key alone needs it until its receivable, or the one of the note that a trade
 * document backs, has settled.
 * @param kept epochs of the keys that stay; without it, each epoch is asked whether the newer ones repeat it
 */
export async function epochsInUse(client: Pool | Transaction, kept?: readonly number[]): Promise<EpochUse[]> {
  const { rows } = await client.query<EpochUse>(
    // Twins are looked up by the index on subjects: a join of all claims with all would be their square.
    `with judged as (
       select ${epochSql('one')} as epoch, one.fingerprint,
              not exists (select from projection.fingerprint_claim twin
                           where twin.subject = one.subject and twin.registry = one.registry and twin.claimant = one.claimant
                             and twin.changed_tx = one.changed_tx and twin.state = 'claimed'
                             and case when $1::int[] is null then ${epochSql('twin')} > ${epochSql('one')}
                                 else ${epochSql('twin')} = any($1) end)
              and not exists (select from projection.receivable r where r.state = 'settled' and r.receivable_id = case one.reason
                when 'receivable' then one.subject
                when 'trade-document' then (select e.receivable_id from projection.event e where e.tx_hash = one.changed_tx
                  and e.name = 'NoteOffered' and e.args ->> 'tradeDocument' = one.fingerprint limit 1)
                end) as is_alone
         from projection.fingerprint_claim one
        where one.state = 'claimed' and ($1::int[] is null or ${epochSql('one')} <> all($1)))
     select epoch, count(*)::int as claims, (count(*) filter (where is_alone))::int as alone,
            min(fingerprint) filter (where is_alone) as example
       from judged group by epoch order by epoch`,
    [kept ?? null]
  )
  return rows
}

/**
 * Throws FINGERPRINT_KEY_IN_USE when the projection shows a claim that none of the keys repeats, or when an order is open that would make
 * one: without its key the same document could be claimed again.
 */
export async function requireKeysOfClaims(pool: Pool, ring: KeyRing): Promise<void> {
  const epochs = ring.map(({ epoch }) => epoch)
  const needed = (await epochsInUse(pool, epochs)).filter(({ alone }) => alone > 0)
  const words = needed.map(({ epoch, alone, example }) => `epoch ${epoch}: ${alone}, e.g. ${String(example)}`)
  const open = await openOrdersAlone(pool, epochs)
  if (open.length > 0) words.push(`orders that can still be carried out: ${open.length}, e.g. intent ${open[0]}`)
  if (words.length === 0) return
  throw new Error(
    `FINGERPRINT_KEY_IN_USE: claims live under keys that fingerprintKeys lacks, and under no other (${words.join('; ')}): add those keys`
  )
}

/** Intents that may still claim fingerprints, none of them under a key that stays. */
async function openOrdersAlone(pool: Pool, kept: readonly number[]): Promise<string[]> {
  const { rows } = await pool.query<{ intentId: string; typedData: ExecuteTypedData }>(
    `select intent_id as "intentId", typed_data as "typedData" from app.intent
      where kind in ('register', 'issue', 'claim', 'transfer')
        and (state in ('awaiting-signatures', 'recorded', 'sent') or block_number > (select block_number from projection.cursor))
        and (typed_data -> 'message' ->> 'deadline')::bigint >= (select block_time from projection.cursor)
      order by intent_id`
  )
  return rows.flatMap(({ intentId, typedData }) => {
    const claimed = typedData.message.calls.flatMap(({ data }) => claimedBy(data)).map(epochOf)
    return claimed.length > 0 && !claimed.some((epoch) => kept.includes(epoch)) ? [intentId] : []
  })
}

/** Fingerprints that a call claims. Arguments by place. */
function claimedBy(data: string): string[] {
  const call = contracts.receivables.parseTransaction({ data }) ?? contracts.fingerprints.parseTransaction({ data })
  switch (call?.name) {
    case 'register':
    case 'issue':
      return [...(call.args[1] as string[])]
    case 'claim':
      return [call.args[0] as string]
    case 'transfer':
      return notePurposes[Number(call.args[4])] === 'trade-transfer' ? [call.args[5] as string] : []
    default:
      return []
  }
}
