/** Rows of the projection for downloads, a page at a time: memory does not grow with what is exported. */
import { csvLine } from '../../domain/documents/csv-write.ts'
import { asService, type Pool } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import { isPartyOfEvent, isPartyOfNote } from '../receivables/branches.ts'

export const datasets = ['receivables', 'notes', 'events'] as const
export type Dataset = (typeof datasets)[number]
export const exportFormats = ['csv', 'ndjson'] as const
export type ExportFormat = (typeof exportFormats)[number]

type Cell = string | number | boolean | null
type Row = { cursor: string } & Record<string, Cell | object>

const PAGE = 500

/** What reads by id show: a regulator all, a clearing agent what a debtor has promised to pay, others what they are or were a party of. */
const isPromised = `($5::boolean and r.state in ('confirmed', 'settled'))`

const nameOf = (id: string) => `(select p.name from app.participant p where p.participant_id = ${id})`

/** Columns in the order of the file. A cursor's text sorts as the rows do, or is a place in the chain. */
const queries: Record<Dataset, { columns: readonly string[]; text: string }> = {
  receivables: {
    columns: [
      'receivableId',
      'state',
      'creditor',
      'creditorName',
      'debtor',
      'debtorName',
      'currency',
      'amount',
      'settled',
      'cancelled',
      'maturity',
      'isDisputed',
      'registeredAt',
      'confirmedAt',
      'changedBlock',
      'changedTx',
      'registry'
    ],
    text: `select r.receivable_id as cursor, r.receivable_id as "receivableId", r.state, r.creditor,
                  ${nameOf('r.creditor')} as "creditorName", r.debtor, ${nameOf('r.debtor')} as "debtorName", r.currency,
                  r.amount::text, r.settled::text, r.cancelled::text, r.maturity::float8 as maturity,
                  r.disputed as "isDisputed", r.registered_at::float8 as "registeredAt",
                  r.confirmed_at::float8 as "confirmedAt", r.changed_block::float8 as "changedBlock", r.changed_tx as "changedTx",
                  r.registry
             from projection.receivable r
            where ($1::boolean or ${isPromised} or exists (select from projection.receivable_party v
                   where v.receivable_id = r.receivable_id and v.participant_id = $2))
              and ($3::text is null or r.receivable_id > $3) and $4::bigint is not null
            order by r.receivable_id limit ${PAGE}`
  },
  notes: {
    columns: [
      'noteId',
      'receivableId',
      'start',
      'end',
      'amount',
      'currency',
      'state',
      'purpose',
      'tier',
      'holder',
      'holderName',
      'counterparty',
      'assignor',
      'deadline',
      'frozenUntil',
      'hasRecourse',
      'isFinanced',
      'payee',
      'maturity',
      'changedBlock',
      'changedTx',
      'registry'
    ],
    text: `select n.note_id as cursor, n.note_id as "noteId", n.receivable_id as "receivableId", lower(n.span)::text as start,
                  upper(n.span)::text as "end", (upper(n.span) - lower(n.span))::text as amount, r.currency, n.state, n.purpose,
                  n.tier, n.holder, ${nameOf('n.holder')} as "holderName", n.counterparty, n.assignor,
                  n.deadline::float8 as deadline, n.frozen_until::float8 as "frozenUntil", n.has_recourse as "hasRecourse",
                  n.disbursement is not null as "isFinanced", n.payee, r.maturity::float8 as maturity,
                  n.changed_block::float8 as "changedBlock", n.changed_tx as "changedTx", n.registry
             from projection.note n join projection.receivable r using (receivable_id)
            where ($1::boolean or ${isPromised} or ${isPartyOfNote('n')})
              and ($3::text is null or n.note_id > $3) and $4::bigint is not null
            order by n.note_id limit ${PAGE}`
  },
  events: {
    columns: ['block', 'logIndex', 'time', 'txHash', 'name', 'receivableId', 'args'],
    text: `select e.block_number || '-' || e.log_index as cursor, e.block_number::float8 as block, e.log_index as "logIndex",
                  b.time::float8 as time, e.tx_hash as "txHash", e.name, e.receivable_id as "receivableId", e.args
             from projection.event e join projection.block b on b.number = e.block_number
            where ($1::boolean or (e.receivable_id is not null and (${isPartyOfEvent('e')}
                   or exists (select from projection.receivable r where r.receivable_id = e.receivable_id and ${isPromised}))))
              and ($3::text is null or (e.block_number, e.log_index) >
                   (split_part($3, '-', 1)::bigint, split_part($3, '-', 2)::integer))
              and e.block_number <= $4
            order by e.block_number, e.log_index limit ${PAGE}`
  }
}

/** What a cursor of each looks like. */
export const cursorPatterns: Record<Dataset, RegExp> = {
  receivables: /^0x[0-9a-f]{48}$/,
  notes: /^0x[0-9a-f]{64}$/,
  events: /^[0-9]{1,15}-[0-9]{1,9}$/
}

/**
 * The rows after a cursor as text, a page at a time; the next page is read when the reader has taken the one before. Each line of NDJSON
 * has the cursor to go on from. Events are those up to block `upTo`; of the others each row is as it is when it is read.
 */
export async function* exportRows(
  pool: Pool,
  { roles, participantId }: Caller,
  { dataset, format, after, upTo }: { dataset: Dataset; format: ExportFormat; after?: string | undefined; upTo: number }
): AsyncGenerator<string> {
  const { columns, text } = queries[dataset]
  if (format === 'csv' && after === undefined) yield csvLine(columns)
  for (let cursor = after ?? null; ;) {
    const values = [roles.includes('regulator'), participantId, cursor, upTo, roles.includes('clearing')]
    // A stream goes on when its reader has room, which is nobody's request: rows must not go missing because of that.
    const { rows } = await asService(pool, (service) => service.query<Row>({ name: `export.${dataset}`, text, values }))
    if (rows.length > 0) yield rows.map((row) => lineOf(row, columns, format)).join('')
    if (rows.length < PAGE) return
    cursor = rows.at(-1)!.cursor
  }
}

function lineOf(row: Row, columns: readonly string[], format: ExportFormat): string {
  if (format === 'ndjson') return `${JSON.stringify(row)}\n`
  return csvLine(columns.map((name) => cellOf(row[name] ?? null)))
}

function cellOf(value: Cell | object): Cell {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}
