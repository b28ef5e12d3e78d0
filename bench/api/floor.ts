/** The floor of reads, a process of its own: the same statements behind a handler that asks for no credential and checks nothing. */
import fastify from 'fastify'
import { inSnapshot, openServicePool } from '../../api/database.ts'
import type { Caller } from '../../api/plugins/auth.ts'
import { heldSums, owedSums, unconfirmedSums, waitingSums } from '../../api/positions/repository.ts'
import { namesOf } from '../../api/participants/repository.ts'
import {
  asOf,
  findNote,
  findWithNotes,
  listNotes,
  listReceivables,
  timeAfter
} from '../../api/receivables/repository.ts'
import { listDue, sumDue } from '../../api/settlement/due.ts'

const [databaseUrl, port, callerJson] = process.argv.slice(2)
const pool = openServicePool(databaseUrl!)
const caller = JSON.parse(callerJson!) as Caller
const { participantId } = caller
const app = fastify()
app.get('/v1/receivables', async () => {
  const block = await asOf(pool)
  return { asOf: block, items: await listReceivables(pool, caller, { limit: 50 }) }
})
app.get<{ Params: { receivableId: string } }>('/v1/receivables/:receivableId', async ({ params }) => {
  const block = await asOf(pool)
  return { asOf: block, ...(await findWithNotes(pool, params.receivableId, caller)) }
})
app.get('/v1/notes', async () => {
  const block = await asOf(pool)
  return { asOf: block, items: await listNotes(pool, caller, { role: 'holder', limit: 50 }) }
})
app.get<{ Params: { noteId: string } }>('/v1/notes/:noteId', async ({ params }) => {
  const block = await asOf(pool)
  return { asOf: block, note: await findNote(pool, params.noteId, caller) }
})
app.get('/v1/positions/holdings', () =>
  inSnapshot(pool, async (tx) => {
    const block = await asOf(tx)
    const now = timeAfter(block)
    const held = await heldSums(tx, participantId, now)
    const waiting = await waitingSums(tx, participantId, now)
    const owed = await owedSums(tx, participantId)
    const unconfirmed = await unconfirmedSums(tx, 'creditor', participantId)
    const debtors = held.filter(({ dimension }) => dimension === 'debtor').map(({ value }) => Number(value))
    return { asOf: block, held, waiting, owed, unconfirmed, names: [...(await namesOf(tx, debtors))] }
  })
)
app.get('/v1/maturities', async () => {
  const block = await asOf(pool)
  const time = timeAfter(block)
  const from = Math.floor(time / 86_400) * 86_400
  const filter = { viewpoint: 'holder', participantId, time, from, to: from + 32 * 86_400 - 1 } as const
  const items = await listDue(pool, { ...filter, limit: 50 })
  const totals = await sumDue(pool, filter)
  const plain = [...items, ...totals].map((one) => ({ ...one, amount: String(one.amount), end: undefined }))
  return { asOf: block, items: plain }
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
process.send?.({ type: 'ready' })
process.on('disconnect', () => process.exit(0))
