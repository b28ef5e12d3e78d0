import { close, confirm, keep, keepPiece, register, type Tables } from '../../../projection.ts'
// Made by `envio codegen` in front of a run.
import { Fingerprints, Receivables } from '../../generated/index.js'

interface Context {
  Receivable: Tables['receivable']
  Note: Tables['note']
}
interface Handled<Params> {
  event: { params: Params }
  context: Context
}
type OfReceivable = Handled<{ receivableId: bigint }>
type OfNote = Handled<{ noteId: bigint; note: bigint }>
type Terms = readonly [bigint, bigint, bigint, bigint, bigint, string]

const tablesOf = ({ Receivable, Note }: Context): Tables => ({ receivable: Receivable, note: Note })

Fingerprints.FingerprintClaimed.handler(
  async ({ event, context }: Handled<{ fingerprint: string; claim: bigint }> & { context: { Claim: ClaimTable } }) => {
    context.Claim.set({ id: event.params.fingerprint, word: event.params.claim })
  }
)
interface ClaimTable {
  set(row: { id: string; word: bigint }): void
}

Receivables.ReceivableRegistered.handler(
  async ({ event, context }: Handled<{ receivableId: bigint; terms: Terms }>) => {
    const [, creditor, debtor, amount] = event.params.terms
    await register(tablesOf(context), event.params.receivableId, amount, Number(creditor), Number(debtor))
  }
)
Receivables.ReceivableConfirmed.handler(({ event, context }: OfReceivable) =>
  confirm(tablesOf(context), event.params.receivableId)
)
Receivables.ReceivableClosed.handler(({ event, context }: OfReceivable) =>
  close(tablesOf(context), event.params.receivableId)
)
for (const name of ['NoteOffered', 'NoteLocked'] as const) {
  Receivables[name].handler(({ event, context }: OfNote) =>
    keepPiece(tablesOf(context), event.params.noteId, event.params.note)
  )
}
for (const name of ['NoteAccepted', 'NoteFinanced', 'NoteSettled'] as const) {
  Receivables[name].handler(({ event, context }: OfNote) =>
    keep(tablesOf(context), event.params.noteId, event.params.note)
  )
}
