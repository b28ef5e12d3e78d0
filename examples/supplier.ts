/** A supplier's program: registers e-invoices from its ERP, and pays its own suppliers with parts of what it holds. */
import { readFile } from 'node:fs/promises'
import { carryOut } from '../client/index.ts'
import { fromCommandLine, type Firm } from './open.ts'

/** Registers an invoice; the key makes a repeated run find the same registration. Returns the receivable's id. */
export async function registerInvoice(
  firm: Firm,
  invoice: Uint8Array,
  key: string,
  maturity?: number
): Promise<string> {
  const { api, signers, known } = firm
  const document = await api.call('uploadDocument', { body: invoice }, { key: `${key}/upload` })
  for (const { rule, score } of document.alarms) console.log(`alarm ${rule}, score ${score}`)
  const body = { documentId: document.documentId, ...(maturity === undefined ? {} : { maturity }) }
  const intent = await api.call('registerReceivable', { body }, { key: `${key}/register` })
  const done = await carryOut(api, intent, signers, known)
  return done.receivableId!
}

/** Offers a part of a note to another participant. Returns the id of the part. */
export async function payWith(
  firm: Firm,
  noteId: string,
  assignee: number,
  amount: string,
  reason: string
): Promise<string> {
  const { api, signers, known } = firm
  const body = { assignee, amount, tradeDocument: reason }
  const done = await carryOut(api, await api.call('transferNote', { noteId, body }), signers, known)
  return done.noteId!
}

if (import.meta.main) {
  const { firm, rest } = await fromCommandLine()
  for (const path of rest) console.log(path, await registerInvoice(firm, await readFile(path), `register/${path}`))
}
