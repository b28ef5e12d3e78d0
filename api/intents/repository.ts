import type { Call } from '../../domain/intent/commands.ts'
import type { ExecuteTypedData, SignerPart } from '../../domain/intent/typed-data.ts'
import type { AccountSigner, Quorum } from '../../domain/participant/signers.ts'
import type { Pool, Transaction } from '../database.ts'
import { currentTraceParent } from '../operation/tracing.ts'
import type { SignerOfUser } from './signature.ts'

export type IntentState = 'awaiting-signatures' | 'recorded' | 'sent' | 'mined' | 'projected' | 'refused'

/** An intent as the api shows it. */
export interface IntentView {
  intentId: string
  kind: string
  state: IntentState
  participantId: number
  words: { en: string; zh: string }
  typedData: ExecuteTypedData
  digest: string
  deadline: number
  signersRequired: Quorum
  signatures: string[]
  receivableId: string | null
  noteId: string | null
  refusal: { code: string; args: Record<string, string> } | null
  txHash: string | null
  blockNumber: number | null
  createdAt: string
}

export interface NewIntent {
  intentId: string
  participantId: number
  kind: string
  /** The request in its own words, for people and audits. */
  command: object
  typedData: ExecuteTypedData
  digest: string
  words: { en: string; zh: string }
  /** Null for a claim of a fingerprint that stands for no receivable. */
  receivableId: string | null
  noteId: string | null
}

/**
 * `projected` is not stored: it is `mined` seen from a projection that holds the block. By its hash, because a projection
 * that has not yet followed a chain back may stand beyond the number. Blocks with events of ours are kept for ever, others (of what moves
 * only an account's keys) for the last 256: an older one that is not there any more was there.
 */
const view = `
  select i.intent_id, i.kind, i.participant_id, i.words_en, i.words_zh, i.typed_data, i.digest, i.receivable_id, i.note_id,
         i.refusal, i.tx_hash, i.block_number, i.created_at,
         p.makers_required, p.checkers_required,
         case when i.state = 'mined' and (b.number is not null
                 or i.block_number < (select block_number - 256 from projection.cursor)
                    and not exists (select from projection.block other where other.number = i.block_number))
              then 'projected' else i.state end as state,
         coalesce((select array_agg(s.signer order by s.signer) from app.intent_signature s where s.intent_id = i.intent_id),
                  '{}') as signatures
    from app.intent i
    join app.participant p using (participant_id)
    left join projection.block b on b.number = i.block_number and b.hash = i.block_hash`

interface Row {
  intent_id: string
  kind: string
  participant_id: number
  words_en: string
  words_zh: string
  typed_data: ExecuteTypedData
  digest: string
  receivable_id: string | null
  note_id: string | null
  refusal: { code: string; args: Record<string, string> } | null
  tx_hash: string | null
  block_number: string | null
  created_at: Date
  makers_required: number
  checkers_required: number
  state: IntentState
  signatures: string[]
}

function toView(row: Row): IntentView {
  return {
    intentId: row.intent_id,
    kind: row.kind,
    state: row.state,
    participantId: row.participant_id,
    words: { en: row.words_en, zh: row.words_zh },
    typedData: row.typed_data,
    digest: row.digest,
    deadline: row.typed_data.message.deadline,
    signersRequired: { makers: row.makers_required, checkers: row.checkers_required },
    signatures: row.signatures,
    receivableId: row.receivable_id,
    noteId: row.note_id,
    refusal: row.refusal,
    txHash: row.tx_hash,
    blockNumber: row.block_number === null ? null : Number(row.block_number),
    createdAt: row.created_at.toISOString()
  }
}

export async function insertIntent(tx: Transaction, intent: NewIntent): Promise<void> {
  await tx.query({
    name: 'intent.insert',
    text: `insert into app.intent (intent_id, participant_id, kind, command, typed_data, digest, words_en, words_zh,
                                   receivable_id, note_id, trace_parent, state)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'awaiting-signatures')`,
    values: [
      intent.intentId,
      intent.participantId,
      intent.kind,
      JSON.stringify(intent.command),
      JSON.stringify(intent.typedData),
      intent.digest,
      intent.words.en,
      intent.words.zh,
      intent.receivableId,
      intent.noteId,
      currentTraceParent()
    ]
  })
}

/** An intent of the participant itself; others do not see it. */
export async function findIntent(
  client: Pool | Transaction,
  intentId: string,
  participantId: number
): Promise<IntentView | undefined> {
  const { rows } = await client.query<Row>({
    name: 'intent.find',
    text: `${view} where i.intent_id = $1 and i.participant_id = $2`,
    values: [intentId, participantId]
  })
  return rows[0] && toView(rows[0])
}

/** Newest first; `before` is the last id of the page before (ids are UUIDs of version 7, so they sort by time). */
export async function listIntents(
  pool: Pool,
  participantId: number,
  page: { limit: number; before?: string }
): Promise<IntentView[]> {
  const { rows } = await pool.query<Row>({
    name: 'intent.list',
    text: `${view} where i.participant_id = $1 and ($2::uuid is null or i.intent_id < $2) order by i.intent_id desc limit $3`,
    values: [participantId, page.before ?? null, page.limit]
  })
  return rows.map(toView)
}

export interface Signable {
  typedData: ExecuteTypedData
  digest: string
  state: string
  signers: AccountSigner[]
  quorum: Quorum
  receivableId: string | null
}

/** What is to be signed and who may, with the intent's row locked for the rest of the transaction. */
export async function lockIntentForSigning(
  tx: Transaction,
  intentId: string,
  participantId: number
): Promise<Signable | undefined> {
  const { rows } = await tx.query<Signable>({
    name: 'intent.lock-for-signing',
    text: `select i.typed_data as "typedData", i.digest, i.state, p.signers, i.receivable_id as "receivableId",
                  json_build_object('makers', p.makers_required, 'checkers', p.checkers_required) as quorum
             from app.intent i join app.participant p using (participant_id)
            where i.intent_id = $1 and i.participant_id = $2
              for update of i`,
    values: [intentId, participantId]
  })
  return rows[0]
}

/**
 * Stores a signature; one of each signer counts. `userId`: the person in whose session it came, if it is one's.
 * @returns all that the intent has now
 */
export async function addSignature(
  tx: Transaction,
  intentId: string,
  { signer, signature }: SignerPart,
  userId: string | undefined
): Promise<SignerPart[]> {
  const { rows } = await tx.query<SignerPart>({
    name: 'intent.add-signature',
    text: `with added as (
             insert into app.intent_signature (intent_id, signer, signature, user_id) values ($1, $2, $3, $4) on conflict do nothing
             returning signer, signature)
           select signer, signature from app.intent_signature where intent_id = $1
            union all select signer, signature from added order by signer`,
    values: [intentId, signer, signature, userId ?? null]
  })
  return rows
}

/** Signers of an intent whose signatures came in sessions of one user, and whether each is a key in custody. */
export async function signersOfUser(tx: Transaction, intentId: string, userId: string): Promise<SignerOfUser[]> {
  const { rows } = await tx.query<SignerOfUser>({
    name: 'intent.signers-of-user',
    text: `select s.signer, exists (select from app.managed_key k where k.signer = s.signer) as "isManaged"
             from app.intent_signature s where s.intent_id = $1 and s.user_id = $2`,
    values: [intentId, userId]
  })
  return rows
}

/** All signatures are there: the intent is final and its transaction waits for the relayer. */
export async function recordIntent(tx: Transaction, intentId: string, call: Call): Promise<void> {
  const { rowCount } = await tx.query({
    name: 'intent.record',
    text: `with recorded as (
             update app.intent set state = 'recorded', changed_at = now()
              where intent_id = $1 and state = 'awaiting-signatures' returning intent_id)
           insert into app.outbox (purpose, intent_id, target, data) select 'intent', intent_id, $2, $3 from recorded`,
    values: [intentId, call.target, call.data]
  })
  if (rowCount !== 1) throw new Error(`intent ${intentId} was recorded twice`)
}
