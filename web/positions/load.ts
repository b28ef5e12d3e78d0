/** What a holder has: its notes with the receivables that they are parts of. */
import type { Api } from '../../client/api.ts'
import type { Note, Receivable } from '../../client/operations.generated.ts'
import { everyPage } from '../live/pages.ts'
import { session } from '../login/session.ts'

export interface Positions {
  notes: readonly Note[]
  /** Those of the notes and those that the reader registered, newest first. */
  receivables: readonly (Receivable & { isOwn: boolean })[]
  /** Of open notes, by currency. */
  totals: readonly { currency: number; amount: bigint }[]
}

const final = ['settled', 'cancelled']

export async function loadPositions(api: Api, signal: AbortSignal): Promise<Positions> {
  const [notes, known] = await Promise.all([
    everyPage((after) => api.call('listNotes', { role: 'holder', ...after }, { signal })),
    everyPage((after) => api.call('listReceivables', { ...after }, { signal }))
  ])
  const me = session.value?.participantId
  const held = new Set(notes.map(({ receivableId }) => receivableId))
  const receivables = known
    .filter((one) => one.creditor === me || held.has(one.receivableId))
    .map((one) => ({ ...one, isOwn: one.creditor === me }))
    .sort((a, b) => b.registeredAt - a.registeredAt)
  const currencies = new Map(receivables.map(({ receivableId, currency }) => [receivableId, currency]))
  const sums = new Map<number, bigint>()
  for (const { state, amount, receivableId } of notes) {
    const currency = currencies.get(receivableId)
    if (currency === undefined || final.includes(state)) continue
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount))
  }
  const totals = [...sums].map(([currency, amount]) => ({ currency, amount }))
  // A note without its receivable in the same answer is one block newer: it is there at the next look.
  return { notes: notes.filter(({ receivableId }) => currencies.has(receivableId)), receivables, totals }
}
