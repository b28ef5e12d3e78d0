/** A clearing bank's program: records that the debtor paid, each open note to its payee. */
import { carryOut } from '../client/index.ts'
import { fromCommandLine, type Firm } from './open.ts'

/** @param payment The entry of the bank statement; the chain sees a commitment to it. */
export async function settle(firm: Firm, receivableId: string, payment: string): Promise<void> {
  const { api, signers, known } = firm
  const intent = await api.call(
    'settleReceivable',
    { receivableId, body: { payment } },
    { key: `settle/${receivableId}` }
  )
  await carryOut(api, intent, signers, known)
}

if (import.meta.main) {
  const { firm, rest } = await fromCommandLine()
  const [receivableId, payment] = rest
  if (receivableId === undefined || payment === undefined) throw new Error('give a receivable and a payment reference')
  await settle(firm, receivableId, payment)
}
