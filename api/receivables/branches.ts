/** Which notes of a receivable somebody sees who is a party of some of them only: those on spans that it has or had a part in. */
import { decodeNoteHex } from '../../domain/note/note-word.ts'
import { startOfNote, type Span } from '../../domain/note/span.ts'
import type { Pool, Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'

type Parties = Pick<Caller, 'participantId' | 'roles'>

/** Debtor, creditor and regulators see a receivable as a whole, and so do clearing agents those that they find. */
export function seesWhole({ participantId, roles }: Parties, of: { creditor: number; debtor: number }): boolean {
  const isOverseer = roles.includes('regulator') || roles.includes('clearing')
  return isOverseer || participantId === of.creditor || participantId === of.debtor
}

/**
 * The spans that a participant ever held, was offered, took as a lender, passed on or was named as escrow of, minor units. What became
 * of them under others is in them (descendants), and the notes that they were cut off (ancestors) as long as they were part of those.
 */
export async function spansOf(
  client: Pool | Transaction,
  receivableId: string,
  participantId: number
): Promise<readonly Span[]> {
  const { rows } = await client.query<{ noteId: string; word: string; escrow: string | null }>({
    name: 'note.words-of-receivable',
    text: `select args->>'noteId' as "noteId", args->>'note' as word, args->'freeze'->>'escrow' as escrow
             from projection.event where receivable_id = $1 and args ? 'noteId' and args ? 'note'`,
    values: [receivableId]
  })
  return rows.flatMap(({ noteId, word, escrow }) => {
    const { end, holder, counterparty, assignor } = decodeNoteHex(word)
    const isParty = [holder, counterparty, assignor, Number(escrow ?? 0)].includes(participantId)
    return isParty ? [{ start: startOfNote(BigInt(noteId)), end }] : []
  })
}

/** Whether a note is on one of these spans, or on part of one. */
export function isOn(
  spans: readonly Span[],
  { start, end }: { start: string | bigint; end: string | bigint }
): boolean {
  return spans.some((span) => BigInt(start) < span.end && span.start < BigInt(end))
}
