/** Leaves of the log that belong to a package, and what keeps them from being complete. */
import type { Call } from '../../domain/intent/commands.ts'
import { recoveryEvents } from '../../domain/participant/recovery-events.ts'
import type { Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'

export interface Leaf {
  leafIndex: number
  record: Uint8Array
}

/**
 * Of a receivable only what its own registry version told: an earlier one may have had, and ended, the same id. A claim's word has
 * the number of the version after its zeros and its reason.
 */
const told = `exists (
  select from projection.receivable r join projection.registry v using (registry)
   where r.receivable_id = $1
     and (e.address = v.address or substr(e.args ->> 'claim', 9, 2) = lpad(to_hex(v.registry), 2, '0')))`

/** Events that no leaf is made of: anchors are evidence themselves, and what accounts tell of their keys is about no receivable. */
export const withoutLeaf: readonly string[] = ['HeadAnchored', ...recoveryEvents]

/** State and cut leaves of events that the projection shows: blocks that the chain gave up stay in the log, proving nothing. */
export async function placedLeaves(
  tx: Transaction,
  of: { receivableId: string } | { txHash: string }
): Promise<{ states: Leaf[]; cuts: Leaf[] }> {
  const [column, value, isTold] =
    'txHash' in of ? ['tx_hash = $1', of.txHash, 'true'] : ['receivable_ids @> array[$1]', of.receivableId, told]
  const { rows } = await tx.query<{ index: string; kind: string; record: Buffer }>({
    name: `evidence.placed-leaves-of-${'txHash' in of ? 'transaction' : 'receivable'}`,
    text: `select l.leaf_index as index, l.kind, l.record
             from app.evidence_leaf l
            where l.${column} and l.kind in ('state', 'cut') and exists (
                  select from projection.event e join projection.block b on b.number = e.block_number
                   where e.tx_hash = l.tx_hash and e.log_index = l.log_index and b.hash = l.block_hash
                     and ${isTold})
            order by l.leaf_index`,
    values: [value]
  })
  const leaves = (kind: string): Leaf[] => rows.filter((row) => row.kind === kind).map(leafOf)
  return { states: leaves('state'), cuts: leaves('cut') }
}

/** Leaves of the documents. */
export async function documentLeaves(tx: Transaction, documentIds: readonly string[]): Promise<Leaf[]> {
  const { rows } = await tx.query<{ index: string; record: Buffer }>({
    name: 'evidence.document-leaves',
    text: `select leaf_index as index, record from app.evidence_leaf
            where kind = 'document' and document_id = any($1::uuid[]) order by leaf_index`,
    values: [documentIds]
  })
  return rows.map(leafOf)
}

/** Leaves of what was granted of a document: to the reader, or all for who granted it and for a regulator. */
export async function grantLeaves(
  tx: Transaction,
  documentId: string,
  { participantId, roles }: Caller
): Promise<Leaf[]> {
  const { rows } = await tx.query<{ index: string; record: Buffer }>({
    name: 'evidence.grant-leaves',
    text: `select l.leaf_index as index, l.record from app.evidence_leaf l
            where l.kind = 'grant' and l.document_id = $1 and ($3 or l.participant_id = $2 or exists (
                  select from app.document d where d.document_id = l.document_id and d.participant_id = $2))
            order by l.leaf_index`,
    values: [documentId, participantId, roles.includes('regulator')]
  })
  return rows.map(leafOf)
}

/** Leaves of what a factor did about a quote of its: signatures and a withdrawal. Who may read the quote may read them. */
export async function quoteLeaves(tx: Transaction, quoteId: string): Promise<Leaf[]> {
  const { rows } = await tx.query<{ index: string; record: Buffer }>({
    name: 'evidence.quote-leaves',
    text: `select leaf_index as index, record from app.evidence_leaf
            where kind in ('signature', 'withdrawal') and document_id = $1 order by leaf_index`,
    values: [quoteId]
  })
  return rows.map(leafOf)
}

/** Leaves of decisions on a receivable's alarms: the reader's own, or all for a regulator. */
export async function decisionLeaves(
  tx: Transaction,
  receivableId: string,
  { participantId, roles }: Caller
): Promise<Leaf[]> {
  const { rows } = await tx.query<{ index: string; record: Buffer }>({
    name: 'evidence.decision-leaves',
    text: `select leaf_index as index, record from app.evidence_leaf
            where kind = 'decision' and receivable_ids @> array[$1] and ($3 or participant_id = $2)
            order by leaf_index`,
    values: [receivableId, participantId, roles.includes('regulator')]
  })
  return rows.map(leafOf)
}

export interface CommandLeaf extends Leaf {
  intentId: string
  participantId: number
  calls: Call[]
}

/** Leaves of the commands that were carried out as these intents, with all their calls. */
export async function commandLeaves(tx: Transaction, intentIds: readonly string[]): Promise<CommandLeaf[]> {
  const { rows } = await tx.query<CommandRow>({
    name: 'evidence.command-leaves',
    text: `select l.leaf_index as index, l.record, i.intent_id as "intentId", i.participant_id as "participantId",
                  i.typed_data -> 'message' -> 'calls' as calls
             from app.evidence_leaf l join app.intent i using (intent_id)
            where l.kind = 'command' and l.intent_id = any($1::uuid[]) order by l.leaf_index`,
    values: [intentIds]
  })
  return rows.map(({ intentId, participantId, calls, ...leaf }) => {
    return { ...leafOf(leaf), intentId, participantId: Number(participantId), calls }
  })
}

interface CommandRow {
  index: string
  record: Buffer
  intentId: string
  participantId: number
  calls: Call[]
}

/** Events that are projected and have no leaf yet. */
export async function missingLeaves(
  tx: Transaction,
  of: { receivableId: string } | { txHash: string }
): Promise<number> {
  const [column, value] = 'txHash' in of ? ['tx_hash', of.txHash] : ['receivable_id', of.receivableId]
  const { rows } = await tx.query<{ missing: string }>({
    name: `evidence.missing-leaves-of-${column}`,
    text: `select count(*) as missing
             from projection.event e join projection.block b on b.number = e.block_number
            where e.${column} = $1 and e.name <> all($2) and not exists (
                  select from app.evidence_leaf l
                   where l.kind = 'state' and l.tx_hash = e.tx_hash and l.log_index = e.log_index and l.block_hash = b.hash)`,
    values: [value, withoutLeaf]
  })
  return Number(rows[0]!.missing)
}

function leafOf({ index, record }: { index: string; record: Buffer }): Leaf {
  return { leafIndex: Number(index), record: new Uint8Array(record) }
}
