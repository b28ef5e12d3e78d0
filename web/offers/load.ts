/** Open offers with their receivables. */
import type { Api } from '../../client/api.ts'
import type { Note, Receivable } from '../../client/operations.generated.ts'
import { everyPage } from '../live/pages.ts'

export interface Offer {
  note: Note
  receivable: Receivable
}

export async function loadOffers(api: Api, signal: AbortSignal): Promise<{ toMe: Offer[]; byMe: Offer[] }> {
  const notesOf = (role: 'counterparty' | 'holder') =>
    everyPage((page) => api.call('listNotes', { role, state: 'offered', ...page }, { signal }))
  const [toMe, byMe, receivables] = await Promise.all([
    notesOf('counterparty'),
    notesOf('holder'),
    everyPage((page) => api.call('listReceivables', { ...page }, { signal }))
  ])
  const known = new Map(receivables.map((receivable) => [receivable.receivableId, receivable]))
  const withReceivable = (notes: Note[]): Offer[] =>
    notes.flatMap((note) => {
      const receivable = known.get(note.receivableId)
      return receivable ? [{ note, receivable }] : []
    })
  return { toMe: withReceivable(toMe), byMe: withReceivable(byMe) }
}
