/** Payment runs: what a debtor orders its bank to pay, to whom, and as of which block that was right. */
import { randomUUID } from 'node:crypto'
import type { Static } from 'typebox'
import { secondsOf } from '../../domain/calendar/day.ts'
import { isNoteOpen } from '../../domain/note/note-states.ts'
import { parseAccount, type BankAccount } from '../../domain/settlement/account.ts'
import { payeeOf, planPayments, totalsOf, type Payment, type Unpayable } from '../../domain/settlement/payments.ts'
import type { Services } from '../app.ts'
import { serviceQuery, type Pool, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { Caller } from '../plugins/auth.ts'
import { asOf, chainTime, type AsOf } from '../receivables/repository.ts'
import type { Vault } from '../vault.ts'
import { findNotes, listDue, operatorsOf } from './due.ts'
import { numberOf, requireDay } from './maturities.ts'
import type { PaymentRunSchema } from './schemas.ts'

/** Payments of one run at most: a bank takes no file without end. */
const PAYMENTS_MAX = 5_000

export interface NewRun {
  upTo: string
  receivables?: string[]
  currency?: string
  account?: string
}

/** What is sealed of a run and of a payment. */
interface RunFields {
  account: string
  unpayable: (Omit<Unpayable, 'amount'> & { amount: string })[]
}
interface PaymentFields {
  payeeName: string
  account: string
}

/** paid: settled on chain. stale: it would be wrong now. */
export type PaymentState = 'open' | 'paid' | 'stale'

export interface Run {
  runId: string
  debtor: number
  upTo: string
  asOf: AsOf
  createdAt: Date
  isCancelled: boolean
  account: string
  unpayable: RunFields['unpayable']
  payments: (Payment & { state: PaymentState })[]
}

/**
 * Makes a run of everything that falls due up to a day, or of the receivables named, and keeps it.
 * @throws ApiError PAYMENT_RUN_EMPTY, ACCOUNT_INVALID, DAY_INVALID, PROJECTION_BEHIND, REQUEST_INVALID
 */
export async function createRun(tx: Transaction, services: Services, caller: Caller, body: NewRun): Promise<Run> {
  const { participantId } = caller
  // Two runs of one debtor at once would both find nothing ordered.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 3))', [`payment run ${participantId}`])
  const block = await asOf(tx)
  if (!block) throw new ApiError('PROJECTION_BEHIND')
  const account = await accountOf(tx, participantId, body.account)
  const time = await chainTime(tx)
  const notes = await listDue(tx, {
    viewpoint: 'debtor',
    participantId,
    time,
    from: 0,
    to: secondsOf(requireDay('body/upTo', body.upTo)) + 86_399,
    currency: body.currency === undefined ? undefined : numberOf(body.currency),
    receivableIds: body.receivables,
    limit: PAYMENTS_MAX
  })
  const payees = await recordsOf(tx, [...new Set(notes.map((note) => payeeOf(note, time)))])
  const ordered = await orderedOf(tx, notes.map(({ noteId }) => noteId)) // prettier-ignore
  const operators = await operatorsOf(tx)
  const plan = planPayments(notes, { time, debtor: participantId, payees, operators, ordered })
  if (plan.payments.length === 0) {
    const presented = plan.unpayable.slice(0, 20).map(({ noteId, reason }) => ({ noteId, reason }))
    throw new ApiError('PAYMENT_RUN_EMPTY', { presented, required: `an open note due up to ${body.upTo}` })
  }
  const runId = randomUUID()
  await insertRun(tx, services.vault, { runId, participantId, upTo: body.upTo, block, account, ...plan })
  return (await findRun(tx, services.vault, participantId, runId))!
}

/** Of the request, else the one on record. */
async function accountOf(tx: Transaction, participantId: number, given: string | undefined): Promise<string> {
  const record = (await recordsOf(tx, [participantId])).get(participantId)
  const account = given ?? record?.account ?? null
  if (account !== null && parseAccount(account)) return account
  const required = 'IBAN:<iban> or CN:<12 digits>:<number>, as none is on record of you'
  throw new ApiError('ACCOUNT_INVALID', { field: 'body/account', presented: account, required })
}

export async function recordsOf(
  client: Pool | Transaction,
  ids: readonly number[]
): Promise<Map<number, { name: string; account: string | null }>> {
  const { rows } = await serviceQuery<{ id: number; name: string; account: string | null }>(client, {
    name: 'payment.payees',
    text: `select participant_id as id, name, payment_account as account from app.participant
            where participant_id = any($1::bigint[])`,
    values: [ids]
  })
  return new Map(rows.map(({ id, ...record }) => [id, record]))
}

async function orderedOf(tx: Transaction, noteIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await serviceQuery<{ id: string }>(
    tx,
    'select end_to_end_id as id from app.payment where note_id = any($1) and not is_cancelled',
    [noteIds]
  )
  return new Set(rows.map(({ id }) => id))
}

const runPlace = (runId: string) => `payment run ${runId}`
const paymentPlace = (runId: string, endToEndId: string) => `payment ${runId} ${endToEndId}`

async function insertRun(
  tx: Transaction,
  vault: Vault,
  run: {
    runId: string
    participantId: number
    upTo: string
    block: AsOf
    account: string
    payments: Payment[]
    unpayable: Unpayable[]
  }
): Promise<void> {
  const { runId, block, account, payments } = run
  const unpayable = run.unpayable.map((one) => ({ ...one, amount: String(one.amount) }))
  const fields: RunFields = { account, unpayable }
  await tx.query(
    `insert into app.payment_run (run_id, participant_id, up_to, block_number, block_hash, block_time, fields)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [runId, run.participantId, run.upTo, block.block, block.hash, block.time, vault.seal(fields, runPlace(runId))]
  )
  for (const payment of payments) {
    const { endToEndId, payeeName } = payment
    const sealed: PaymentFields = { payeeName, account: writtenAccount(payment.account) }
    await tx.query(
      `insert into app.payment (run_id, end_to_end_id, note_id, note_end, receivable_id, payee, amount, currency, payment_day,
                                is_day_published, fields)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        runId,
        endToEndId,
        payment.noteId,
        payment.noteEnd,
        payment.receivableId,
        payment.payee,
        payment.amount,
        payment.currency,
        payment.paymentDay,
        payment.isDayPublished,
        vault.seal(sealed, paymentPlace(runId, endToEndId))
      ]
    )
  }
}

export function writtenAccount(account: BankAccount): string {
  return account.scheme === 'IBAN' ? `IBAN:${account.iban}` : `CN:${account.bankCode}:${account.number}`
}

interface PaymentRow {
  endToEndId: string
  noteId: string
  noteEnd: string
  receivableId: string
  payee: number
  amount: string
  currency: string
  paymentDay: string
  isDayPublished: boolean
  fields: Buffer
}

/** A run of the participant's own, each payment held against the projection of now. */
export async function findRun(
  client: Pool | Transaction,
  vault: Vault,
  participantId: number,
  runId: string
): Promise<Run | undefined> {
  const { rows } = await client.query<{
    upTo: string
    block: number
    hash: string
    time: number
    fields: Buffer
    createdAt: Date
    isCancelled: boolean
  }>({
    name: 'payment-run.find',
    text: `select up_to as "upTo", block_number::float8 as block, block_hash as hash, block_time::float8 as time, fields,
                  created_at as "createdAt", cancelled_at is not null as "isCancelled"
             from app.payment_run where run_id = $1 and participant_id = $2`,
    values: [runId, participantId]
  })
  const row = rows[0]
  if (!row) return undefined
  const { account, unpayable } = vault.open(row.fields, runPlace(runId)) as RunFields
  const { upTo, block, hash, time, createdAt, isCancelled } = row
  const payments = await paymentsOf(client, vault, runId)
  return {
    runId,
    debtor: participantId,
    upTo,
    asOf: { block, hash, time },
    createdAt,
    isCancelled,
    account,
    unpayable,
    payments
  }
}

async function paymentsOf(client: Pool | Transaction, vault: Vault, runId: string): Promise<Run['payments']> {
  const { rows } = await client.query<PaymentRow>({
    name: 'payment.of-run',
    text: `select end_to_end_id as "endToEndId", note_id as "noteId", note_end::text as "noteEnd", receivable_id as "receivableId",
                  payee, amount::text, currency, payment_day as "paymentDay", is_day_published as "isDayPublished", fields
             from app.payment where run_id = $1 order by payment_day, currency, note_id`,
    values: [runId]
  })
  const time = await chainTime(client)
  const notes = new Map((await findNotes(client, rows.map(({ noteId }) => noteId))).map((note) => [note.noteId, note])) // prettier-ignore
  return rows.map(({ fields, ...row }) => {
    const { payeeName, account } = vault.open(fields, paymentPlace(runId, row.endToEndId)) as PaymentFields
    const noteEnd = BigInt(row.noteEnd)
    const note = notes.get(row.noteId)
    const isRight = note?.end === noteEnd && (note.state === 'settled' || payeeOf(note, time) === row.payee)
    const state: PaymentState =
      !isRight || note.state === 'cancelled' ? 'stale' : isNoteOpen(note.state) ? 'open' : 'paid'
    return { ...row, noteEnd, amount: BigInt(row.amount), payeeName, account: parseAccount(account)!, state }
  })
}

/** Newest first. */
export async function listRuns(pool: Pool, vault: Vault, participantId: number, limit: number): Promise<Run[]> {
  const { rows } = await pool.query<{ runId: string }>({
    name: 'payment-run.list',
    text: `select run_id as "runId" from app.payment_run where participant_id = $1 order by created_at desc, run_id limit $2`,
    values: [participantId, limit]
  })
  const runs = []
  for (const { runId } of rows) runs.push((await findRun(pool, vault, participantId, runId))!)
  return runs
}

/** The order will not be carried out: its notes can be ordered again. Stays cancelled when it is already. */
export async function cancelRun(tx: Transaction, participantId: number, runId: string): Promise<void> {
  const { rowCount } = await tx.query(
    `update app.payment_run set cancelled_at = coalesce(cancelled_at, now()) where run_id = $1 and participant_id = $2`,
    [runId, participantId]
  )
  if (rowCount !== 1) throw new ApiError('PAYMENT_RUN_NOT_FOUND', { presented: runId })
  await tx.query('update app.payment set is_cancelled = true where run_id = $1', [runId])
}

/** Of its payments together: one that would go wrong makes the run stale. */
export function stateOf({ isCancelled, payments }: Run): Static<typeof PaymentRunSchema>['state'] {
  if (isCancelled) return 'cancelled'
  const states = new Set(payments.map(({ state }) => state))
  if (states.has('stale')) return 'stale'
  return states.size > 1 ? 'in-payment' : states.has('paid') ? 'paid' : 'open'
}

export function shownRun(run: Run): Static<typeof PaymentRunSchema> {
  const { runId, debtor, upTo, account, createdAt, payments, unpayable } = run
  const runState = stateOf(run)
  return {
    runId,
    state: runState,
    debtor,
    account,
    upTo,
    asOf: run.asOf,
    createdAt: createdAt.toISOString(),
    totals: totalsOf(payments).map((total) => ({ ...total, amount: String(total.amount) })),
    payments: payments.map((payment) => {
      const { endToEndId, noteId, receivableId, payee, payeeName, currency, paymentDay, isDayPublished, state } =
        payment
      const money = { account: writtenAccount(payment.account), amount: String(payment.amount), currency }
      return { endToEndId, noteId, receivableId, payee, payeeName, ...money, paymentDay, isDayPublished, state }
    }),
    unpayable,
    order: runState === 'open' ? `/v1/payment-runs/${runId}/pain.001` : null
  }
}

/** From which account each of these runs pays. */
export async function runAccountsOf(
  tx: Transaction,
  vault: Vault,
  runIds: readonly string[]
): Promise<Map<string, string>> {
  if (runIds.length === 0) return new Map()
  const { rows } = await serviceQuery<{ runId: string; fields: Buffer }>(
    tx,
    'select run_id as "runId", fields from app.payment_run where run_id = any($1)',
    [runIds]
  )
  return new Map(rows.map(({ runId, fields }) => [runId, (vault.open(fields, runPlace(runId)) as RunFields).account]))
}
