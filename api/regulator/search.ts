/** Everything that a word could be the name, number or digest of, as far as the caller may see it. */
import { getBytes } from 'ethers'
import { searchTraitsFor } from '../../domain/alarms/traits.ts'
import { bareNumber, identifierGuesses } from '../../domain/participant/spellings.ts'
import { digested } from '../alarms/repository.ts'
import type { Transaction } from '../database.ts'
import { withoutLeaf } from '../evidence/leaves.ts'
import { leafIndexOf } from '../evidence/log.ts'
import type { Caller } from '../plugins/auth.ts'
import { isPartyOfEvent, isPartyOfNote } from '../receivables/branches.ts'
import type { Vault } from '../vault.ts'
import type { Hit } from './schemas.ts'

/** Hits of one kind. */
const LIMIT = 20

/** A document that the caller brought, has a key of, or that a receivable of its stands on. */
const seesDocument = `($1::boolean or d.participant_id = $2
  or exists (select from app.document_key k where k.document_id = d.document_id and k.participant_id = $2 and k.withdrawn_at is null)
  or exists (select from projection.receivable r join projection.receivable_party v using (receivable_id)
              where r.content_commitment = d.content_commitment and v.participant_id = $2))`

const seesReceivable = (id: string) => `($1::boolean or exists (select from projection.receivable_party v
  where v.receivable_id = ${id} and v.participant_id = $2))`

type Viewer = [isRegulator: boolean, participantId: number]

export async function search(tx: Transaction, vault: Vault, caller: Caller, text: string): Promise<Hit[]> {
  const viewer: Viewer = [caller.roles.includes('regulator'), caller.participantId]
  const hex = /^(?:0x)?([0-9a-fA-F]+)$/.exec(text.trim())?.[1]?.toLowerCase()
  const id = hex === undefined ? undefined : `0x${hex}`
  const finders = [
    participants(tx, text),
    invoiceNumbers(tx, vault, viewer, text),
    ...(id?.length === 50 ? [receivables(tx, viewer, id)] : []),
    ...(id?.length === 66
      ? [
          notes(tx, viewer, id),
          transactions(tx, viewer, id),
          fingerprints(tx, viewer, id),
          digests(tx, viewer, id),
          orders(tx, viewer, id),
          leaves(tx, id)
        ]
      : [])
  ]
  const hits: Hit[] = []
  for (const finder of finders) hits.push(...(await finder))
  return hits
}

/** By number, by a part of the name, or by an identifier in any spelling. The directory is open to every participant. */
async function participants(tx: Transaction, text: string): Promise<Hit[]> {
  const guesses = identifierGuesses(text)
  const part = text.trim()
  const number = /^[1-9][0-9]{0,9}$/.test(part) ? Number(part) : null
  const { rows } = await tx.query<{ id: number; name: string; identifier: string | null }>({
    name: 'search.participants',
    text: `select p.participant_id as id, p.name, (
                    select i.scheme || ':' || i.value from app.participant_identifier i
                     where i.participant_id = p.participant_id
                       and ((i.scheme, i.value) in (select * from unnest($3::text[], $4::text[]))
                            or i.value = $5 or i.value like '__:' || $5) limit 1) as identifier
             from app.participant p
            where p.participant_id = $1::bigint or p.name ilike $2
               or p.participant_id in (
                    select i.participant_id from app.participant_identifier i
                     where (i.scheme, i.value) in (select * from unnest($3::text[], $4::text[]))
                        or i.value = $5 or i.value like '__:' || $5)
            order by p.participant_id limit ${LIMIT}`,
    values: [
      number,
      part.length < 2 ? null : `%${part.replace(/[\\%_]/g, '\\$&')}%`,
      guesses.map(({ scheme }) => scheme),
      guesses.map(({ value }) => value),
      bareNumber(text) ?? null
    ]
  })
  return rows.map(({ id, name, identifier }) => ({
    kind: 'participant',
    id: String(id),
    title: name,
    matched: identifier ?? (id === number ? 'number' : 'name'),
    link: '/v1/participants'
  }))
}

async function receivables(tx: Transaction, viewer: Viewer, id: string): Promise<Hit[]> {
  const { rows } = await tx.query<{ state: string }>({
    name: 'search.receivable',
    text: `select r.state from projection.receivable r where r.receivable_id = $3 and ${seesReceivable('r.receivable_id')}`,
    values: [...viewer, id]
  })
  return rows.map(({ state }) => hit('receivable', id, `Receivable, ${state}`, 'id', `/v1/receivables/${id}`))
}

async function notes(tx: Transaction, viewer: Viewer, id: string): Promise<Hit[]> {
  const { rows } = await tx.query<{ state: string; tier: number }>({
    name: 'search.note',
    text: `select n.state, n.tier from projection.note n where n.note_id = $3 and ($1::boolean or ${isPartyOfNote('n')})`,
    values: [...viewer, id]
  })
  return rows.map(({ state, tier }) => hit('note', id, `Note of tier ${tier}, ${state}`, 'id', `/v1/notes/${id}`))
}

/** Seen by a regulator, by who ordered it, and by a party of what it was about. */
async function transactions(tx: Transaction, viewer: Viewer, hash: string): Promise<Hit[]> {
  const { rows } = await tx.query<{ block: number; names: string[]; isOwn: boolean; receivableId: string | null }>({
    name: 'search.transaction',
    text: `select e.block_number::float8 as block, array_agg(e.name order by e.log_index) as names,
                  max(e.receivable_id) filter (where $1::boolean or ${isPartyOfEvent('e')}) as "receivableId",
                  $1 or exists (select from app.outbox o join app.intent i using (intent_id)
                                 where o.tx_hash = $3 and o.purpose = 'intent' and i.participant_id = $2) as "isOwn"
             from projection.event e where e.tx_hash = $3 group by e.block_number`,
    values: [...viewer, hash]
  })
  return rows
    .filter(({ isOwn, receivableId }) => isOwn || receivableId !== null)
    .map(({ block, names, isOwn, receivableId }) => {
      const hasEvidence = names.some((name) => !withoutLeaf.includes(name))
      const own = hasEvidence ? `/v1/transactions/${hash}/evidence` : null
      const link = isOwn ? own : `/v1/receivables/${receivableId}/history`
      const shown = isOwn ? `, ${names.join(', ')}` : ''
      return hit('transaction', hash, `Transaction of block ${block}${shown}`, 'hash', link)
    })
}

async function fingerprints(tx: Transaction, viewer: Viewer, id: string): Promise<Hit[]> {
  const { rows } = await tx.query<{ state: string; reason: string; receivableId: string | null }>({
    name: 'search.fingerprint',
    text: `select c.state, c.reason, r.receivable_id as "receivableId"
             from projection.fingerprint_claim c
             left join projection.receivable r on r.receivable_id = c.subject and $3 = any(r.fingerprints)
            where c.fingerprint = $3 and ($1::boolean or c.claimant = $2 or ${seesReceivable('r.receivable_id')})`,
    values: [...viewer, id]
  })
  return rows.map(({ state, reason, receivableId }) => {
    const link = receivableId ? `/v1/receivables/${receivableId}` : null
    return hit('fingerprint', id, `Fingerprint, ${state} (${reason})`, 'fingerprint', link)
  })
}

interface DocumentRow {
  documentId: string
  format: string
  isOwn: boolean
  isReader: boolean
  receivableId: string | null
  matched: string
}

const documentColumns = `d.document_id as "documentId", d.format, d.participant_id = $2 as "isOwn",
  exists (select from app.document_key k where k.document_id = d.document_id and k.participant_id = $2 and k.withdrawn_at is null) as "isReader",
  (select max(r.receivable_id) from projection.receivable r where r.content_commitment = d.content_commitment
     and ${seesReceivable('r.receivable_id')}) as "receivableId"`

/** By the SHA-256 or SM3 of the file, by the content's commitment on chain, or by a fingerprint. */
async function digests(tx: Transaction, viewer: Viewer, digest: string): Promise<Hit[]> {
  const { rows } = await tx.query<DocumentRow>({
    name: 'search.document-digest',
    text: `select ${documentColumns}, case $3 when d.sha256 then 'sha256' when d.sm3 then 'sm3'
                    when d.content_commitment then 'content commitment' else 'fingerprint' end as matched
             from app.document d
            where (d.sha256 = $3 or d.sm3 = $3 or d.content_commitment = $3 or d.fingerprints @> array[$3])
              and ${seesDocument} order by d.document_id limit ${LIMIT}`,
    values: [...viewer, digest]
  })
  return rows.map(documentHit)
}

/** Orders are for regulators. */
async function orders(tx: Transaction, [isRegulator]: Viewer, digest: string): Promise<Hit[]> {
  if (!isRegulator) return []
  const { rows } = await tx.query<{ orderId: string; matched: string }>({
    name: 'search.order-digest',
    text: `select order_id as "orderId", case $1 when sha256 then 'sha256' else 'sm3' end as matched
             from app.order_document where sha256 = $1 or sm3 = $1 limit ${LIMIT}`,
    values: [digest]
  })
  return rows.map(({ orderId, matched }) => hit('order', orderId, 'Order', matched, `/v1/orders/${orderId}/sealed`))
}

/** The log is open to everybody. */
async function leaves(tx: Transaction, hash: string): Promise<Hit[]> {
  const index = await leafIndexOf(tx, getBytes(hash))
  if (index === undefined) return []
  return [
    hit('leaf', String(index), `Leaf ${index} of the evidence log`, 'leaf hash', `/v1/log/inclusion?hash=${hash}`)
  ]
}

/** The whole number of an invoice, exactly but for blanks and signs: documents are sealed, so there is only its keyed digest. */
async function invoiceNumbers(tx: Transaction, vault: Vault, viewer: Viewer, text: string): Promise<Hit[]> {
  const { rows } = await tx.query<DocumentRow>({
    name: 'search.invoice-number',
    text: `select ${documentColumns}, 'invoice number' as matched
             from app.document d
            where d.document_id in (select t.document_id from app.alarm_trait t where t.kind = 'search' and t.digest = any($3::bytea[]))
              and ${seesDocument}
            order by d.document_id limit ${LIMIT}`,
    values: [...viewer, digested(vault, searchTraitsFor(text)).digests]
  })
  return rows.map(documentHit)
}

function documentHit({ documentId, format, isOwn, isReader, receivableId, matched }: DocumentRow): Hit {
  const sealed = isReader ? `/v1/documents/${documentId}/sealed` : null
  const link = isOwn ? `/v1/documents/${documentId}` : (sealed ?? (receivableId && `/v1/receivables/${receivableId}`))
  return {
    ...hit('document', documentId, `Document, ${format}`, matched, link),
    ...(receivableId ? { receivableId } : {})
  }
}

function hit(kind: Hit['kind'], id: string, title: string, matched: string, link: string | null): Hit {
  return { kind, id, title, matched, link }
}
