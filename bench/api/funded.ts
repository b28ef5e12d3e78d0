import { participantIdOf } from '../../scripts/world/prepare.ts'
import { invoiceOf } from './invoice.ts'
import type { BenchInstance } from './instance.ts'

/**
 * From the upload of an invoice to the money, by people who are scripts and do not think: the supplier registers, the debtor
 * confirms with both its people, a factor is asked and quotes, the supplier accepts, the factor pays. Four commands, one block each at least.
 * @returns Seconds
 */
export async function uploadToFunded(instance: BenchInstance, round: number): Promise<number> {
  const [supplier, debtor, factor] = [instance.as('alder'), instance.as('meridian'), instance.as('lindqvist')]
  const key = (step: string) => `funded-${round}/${step}`
  const started = performance.now()
  const now = Math.floor(Date.now() / 1000)
  const maturity = now + 60 * 86_400
  // Amounts a quarter apart: nearly the same one from the same seller to the same buyer would ring an alarm.
  const invoice = invoiceOf('DE900551209', 200_000 + 50_000 * round)
  const { documentId } = await supplier.post<{ documentId: string }>('/v1/documents', key('file'), invoice)
  const registered = await supplier.command('/v1/receivables', key('register'), { documentId, maturity })
  const { receivableId } = registered
  await debtor.command(`/v1/receivables/${receivableId}/confirmation`, key('confirm'))
  const { notes } = await supplier.get<{ notes: { noteId: string }[] }>(`/v1/receivables/${receivableId}`)
  const asked = await supplier.post<{ requestId: string }>('/v1/funding-requests', key('ask'), {
    noteId: notes[0]!.noteId,
    factors: [participantIdOf('lindqvist')]
  })
  const quote = await factor.post<{ quoteId: string }>(`/v1/funding-requests/${asked.requestId}/quotes`, key('quote'), {
    ...{ purpose: 'assignment', advanceBp: 9_000, reserveBp: 1_000, annualRateBp: 600, dayCount: 'ACT/360' },
    ...{ interestDue: 'funding', fees: [], isFirm: true, expiresAt: now + 86_400, fundBy: now + 3 * 86_400 }
  })
  const locked = await supplier.command(`/v1/quotes/${quote.quoteId}/acceptance`, key('accept'))
  const paid = await factor.command(`/v1/notes/${locked.noteId}/financing`, key('pay'), { disbursement: key('SEPA') })
  const refused = [registered, locked, paid].find(({ state }) => state !== 'projected')
  if (refused) throw new Error(`${refused.state}: ${JSON.stringify(refused.refusal)}`)
  return (performance.now() - started) / 1000
}
