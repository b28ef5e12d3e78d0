import type { StateRecord } from '../../domain/evidence/record.ts'
import { rfc3339 } from '../../domain/evidence/shape.ts'
import { decodeNoteHex } from '../../domain/note/note-word.ts'
import type { Order } from '../../domain/note/order.ts'
import { startOfNote } from '../../domain/note/span.ts'
import type { Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import { isOn, seesWhole, spansOf } from '../receivables/branches.ts'
import type { ReceivableView } from '../receivables/repository.ts'
import type { HistoryItem, NoteAfter } from './schemas.ts'

/** Before the order behind it is looked up. */
type BareItem = Omit<HistoryItem, 'order'>

export interface Place {
  block: number
  logIndex: number
}

interface EventRow extends Place {
  blockHash: string
  time: number
  txHash: string
  address: string
  name: string
  args: HistoryItem['args']
}

const columns = `e.block_number::float8 as block, b.hash as "blockHash", e.log_index as "logIndex", b.time::float8 as time,
  e.tx_hash as "txHash", e.address, e.name, e.args`

/** `123-4` as block 123, log 4. */
export function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined
  const [block, logIndex] = cursor.split('-').map(Number) as [number, number]
  return { block, logIndex }
}

export function cursorOf({ block, logIndex }: Place): string {
  return `${block}-${logIndex}`
}

/**
 * A page of a receivable's events and of the claims on its documents, in chain order, and those of it that the caller sees: not those
 * of other branches. The caller has checked that the receivable is visible.
 */
export async function eventsFor(
  tx: Transaction,
  receivable: ReceivableView,
  caller: Caller,
  { after, limit }: { after: Place | undefined; limit: number }
): Promise<{ items: BareItem[]; told: BareItem[] }> {
  const { receivableId } = receivable
  const { rows } = await tx.query<EventRow>({
    name: 'history.of-receivable',
    text: `select ${columns} from projection.event e join projection.block b on b.number = e.block_number
            where e.receivable_id = $1 and ($2::bigint is null or (e.block_number, e.log_index) > ($2, $3::integer))
            order by e.block_number, e.log_index limit $4`,
    values: [receivableId, after?.block ?? null, after?.logIndex ?? null, limit]
  })
  const items = rows.map(itemOf)
  const spans = seesWhole(caller, receivable) ? undefined : await spansOf(tx, receivableId, caller.participantId)
  return { items, told: items.filter(({ note }) => !note || !spans || isOn(spans, note)) }
}

/**
 * All events of a receivable by its registry version, as the records of the log would tell them, whether they have a leaf already
 * or not.
 */
export async function recordsOf(tx: Transaction, receivableId: string): Promise<StateRecord[]> {
  const { rows } = await tx.query<EventRow>({
    name: 'history.records-of-receivable',
    text: `select ${columns} from projection.event e join projection.block b on b.number = e.block_number
              join projection.receivable r on r.receivable_id = e.receivable_id join projection.registry v using (registry)
            where e.receivable_id = $1 and e.address = v.address order by e.block_number, e.log_index`,
    values: [receivableId]
  })
  return rows.map(({ block, blockHash, time, txHash, logIndex, name, args }) => ({
    v: 1,
    kind: 'state',
    txHash,
    blockNumber: String(block),
    blockHash,
    blockTime: rfc3339(time),
    event: { contract: 'receivables', logIndex: String(logIndex), name, args }
  }))
}

/** The orders of authorities that events hold commitments to, told with them. */
export async function withOrders(tx: Transaction, items: readonly BareItem[]): Promise<HistoryItem[]> {
  const commitments = items.flatMap((item) => commitmentOf(item) ?? [])
  const { rows } = await tx.query<Order & { commitment: string }>({
    name: 'history.orders',
    text: `select commitment, reference, court, document from app.order_reference where commitment = any($1)`,
    values: [commitments]
  })
  const orders = new Map(rows.map(({ commitment, ...order }) => [commitment, order]))
  return items.map((item) => ({ ...item, order: orders.get(commitmentOf(item) ?? '') ?? null }))
}

function commitmentOf({ name, args }: BareItem): string | undefined {
  const { freeze, order, reason } = args as { freeze?: { order: string }; order?: string; reason?: string }
  if (name === 'NoteFrozen') return freeze?.order
  if (name === 'NoteUnfrozen') return order
  return name === 'ReceivableDisputeLifted' ? reason : undefined
}

/** An event as a record told it, in the form of a history. */
export function itemOfRecord({ blockNumber, blockTime, txHash, event }: StateRecord): BareItem {
  const { name, logIndex } = event
  const args = event.args as HistoryItem['args']
  const time = Math.floor(Date.parse(blockTime) / 1000)
  return { block: Number(blockNumber), time, txHash, logIndex: Number(logIndex), name, args, note: noteOf(args) }
}

function itemOf({ block, logIndex, time, txHash, name, args }: EventRow): BareItem {
  return { block, time, txHash, logIndex, name, args, note: noteOf(args) }
}

/** Events of notes carry the word that was stored. */
function noteOf({ noteId, note }: HistoryItem['args']): NoteAfter | null {
  if (typeof noteId !== 'string' || typeof note !== 'string') return null
  const { end, holder, counterparty, assignor, deadline, frozenUntil, state, ...rest } = decodeNoteHex(note)
  return {
    noteId,
    start: String(startOfNote(BigInt(noteId))),
    end: String(end),
    holder,
    counterparty: counterparty || null,
    assignor: assignor || null,
    deadline: deadline || null,
    frozenUntil: frozenUntil || null,
    state: state as NoteAfter['state'],
    ...rest
  }
}
