/** A factor's program: looks whether a document is free, offers under its own signature, and finances what was locked for it. */
import { carryOut, CommandRefused, signQuote, type Input, type Note, type Output } from '../client/index.ts'
import { fromCommandLine, type Firm } from './open.ts'

/** Whether nobody has claimed the document, here or elsewhere, as of the newest block. */
export async function isFree({ api }: Firm, fingerprint: string): Promise<boolean> {
  const certificate = await api.download('getFingerprintCertificate', { fingerprint })
  const { statement } = JSON.parse(new TextDecoder().decode(certificate)) as { statement: { kind: string } }
  return statement.kind === 'no-claim'
}

/** Offers on a funding request, and signs the quote's text with all our keys: whoever is shown it can tell that it is ours. */
export async function offer(
  { api, signers, known }: Firm,
  requestId: string,
  body: Input<'giveQuote'>['body'],
  run: string
): Promise<Output<'signQuote'>> {
  const quote = await api.call('giveQuote', { requestId, body }, { key: `quote/${run}` })
  return signQuote(api, quote, signers, known, body)
}

/** Pays out by `disburse` and takes each note that is locked for us. A note that somebody else took is left out. */
export async function financeLocked(firm: Firm, disburse: (note: Note) => Promise<string>): Promise<string[]> {
  const { api, signers, known } = firm
  const { items } = await api.call('listNotes', { role: 'counterparty', state: 'locked' })
  const financed: string[] = []
  for (const note of items) {
    const { noteId } = note
    const body = { disbursement: await disburse(note) }
    try {
      await carryOut(api, await api.call('financeNote', { noteId, body }, { key: `finance/${noteId}` }), signers, known)
      financed.push(noteId)
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error
      console.log(`${noteId} was refused: ${error.code}`)
    }
  }
  return financed
}

if (import.meta.main) {
  const { firm } = await fromCommandLine()
  console.log('financed', await financeLocked(firm, async ({ noteId }) => `payment order for ${noteId}`))
}
