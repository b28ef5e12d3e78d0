/** A regulator's program: takes the evidence of a receivable and verifies it itself, freezes a part of a note by order. */
import { carryOut } from '../client/index.ts'
import { parseTrustAnchors, verifyPackage, type Report, type TrustAnchors } from '../domain/evidence/index.ts'
import { fromCommandLine, type Firm } from './open.ts'

/** Verifies against anchors that came from elsewhere than the registry. */
export async function audit({ api }: Firm, receivableId: string, anchors: TrustAnchors): Promise<Report> {
  const bytes = await api.download('getReceivableEvidence', { receivableId })
  return verifyPackage(bytes, anchors, undefined, { subject: receivableId })
}

/** By what order: its reference, the court, and the file of it. */
export interface CourtOrder {
  reference: string
  court: string
  file: Uint8Array
}

/** Freezes `amount` minor units of a note for so many days; settlement then goes to the escrow. Returns the frozen part. */
export async function freeze(firm: Firm, noteId: string, amount: string, escrow: number, by: CourtOrder, days = 90) {
  const { api, signers, known } = firm
  const until = Math.floor(Date.now() / 1000) + days * 86_400
  const { sha256 } = await api.call('createOrder', { body: by.file })
  const order = { order: by.reference, court: by.court, document: sha256 }
  const intent = await api.call('freezeNote', { noteId, body: { amount, until, escrow, ...order } })
  return (await carryOut(api, intent, signers, known)).noteId!
}

if (import.meta.main) {
  const { firm, rest } = await fromCommandLine()
  const anchors = parseTrustAnchors(await firm.api.call('getTrustAnchors', {}))
  for (const receivableId of rest) console.log((await audit(firm, receivableId, anchors)).summary)
}
