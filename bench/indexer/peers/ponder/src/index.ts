import { ponder, type Context } from 'ponder:registry'
import { claim, note, receivable } from 'ponder:schema'
import { close, confirm, keep, keepPiece, register, type Tables } from '../../projection.ts'

const tablesOf = ({ db }: Context): Tables => ({
  receivable: {
    get: async (id) => (await db.find(receivable, { id })) ?? undefined,
    set: (row) => db.insert(receivable).values(row).onConflictDoUpdate(row)
  },
  note: {
    get: async (id) => (await db.find(note, { id })) ?? undefined,
    set: (row) => db.insert(note).values(row).onConflictDoUpdate(row)
  }
})

ponder.on('Fingerprints:FingerprintClaimed', async ({ event, context }) => {
  await context.db.insert(claim).values({ id: event.args.fingerprint, word: event.args.claim })
})
ponder.on('Receivables:ReceivableRegistered', async ({ event, context }) => {
  const { amount, creditor, debtor } = event.args.terms
  await register(tablesOf(context), event.args.receivableId, amount, creditor, debtor)
})
ponder.on('Receivables:ReceivableConfirmed', async ({ event, context }) =>
  confirm(tablesOf(context), event.args.receivableId)
)
ponder.on('Receivables:ReceivableClosed', async ({ event, context }) =>
  close(tablesOf(context), event.args.receivableId)
)
for (const name of ['NoteOffered', 'NoteLocked']) {
  ponder.on(`Receivables:${name}`, async ({ event, context }) =>
    keepPiece(tablesOf(context), event.args.noteId, event.args.note)
  )
}
for (const name of ['NoteAccepted', 'NoteFinanced', 'NoteSettled']) {
  ponder.on(`Receivables:${name}`, async ({ event, context }) =>
    keep(tablesOf(context), event.args.noteId, event.args.note)
  )
}
