/** A core enterprise's program: confirms what its own books say it owes, and asks whom to pay. */
import { carryOut, type Receivable } from '../client/index.ts'
import { fromCommandLine, type Firm } from './open.ts'

/** Confirms every registered receivable that `isOwed` approves. Returns their ids. */
export async function confirmAll(firm: Firm, isOwed: (receivable: Receivable) => boolean): Promise<string[]> {
  const { api, signers, known } = firm
  const { items } = await api.call('listReceivables', { role: 'debtor', state: 'registered' })
  const confirmed: string[] = []
  for (const { receivableId } of items.filter(isOwed)) {
    const intent = await api.call('confirmReceivable', { receivableId }, { key: `confirm/${receivableId}` })
    await carryOut(api, intent, signers, known)
    confirmed.push(receivableId)
  }
  return confirmed
}

/** The signed statement of whom to pay, byte by byte as it verifies: keep it with the payment. */
export function payTo({ api }: Firm, receivableId: string): Promise<Uint8Array> {
  return api.download('getPayToStatement', { receivableId })
}

if (import.meta.main) {
  const { firm } = await fromCommandLine()
  console.log('confirmed', await confirmAll(firm, () => true))
}
