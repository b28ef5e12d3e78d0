/**
 * What of a receivable somebody sees who is a party of some of its notes only: those on spans that it has or had a part in. One rule
 * for reads, exports, and the feed, which holds it against each event's block (docs/adr/0041-the-feed-goes-by-branch.md).
 */
import type { Span } from '../../domain/note/span.ts'
import type { Pool, Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'

type Parties = Pick<Caller, 'participantId' | 'roles'>

/** Debtor, creditor and regulators see a receivable as a whole, and so do clearing agents those that they find. */
export function seesWhole({ participantId, roles }: Parties, of: { creditor: number; debtor: number }): boolean {
  const isOverseer = roles.includes('regulator') || roles.includes('clearing')
  return isOverseer || participantId === of.creditor || participantId === of.debtor
}

/**
 * The spans that a participant ever held, was offered, took as a lender, passed on, or was named of as escrow or authority, minor units.
 * What became of them under others is in them (descendants), and the notes that they were cut off (ancestors) as long as they were part
 * of those.
 */
export async function spansOf(
  client: Pool | Transaction,
  receivableId: string,
  participantId: number
): Promise<readonly Span[]> {
  const { rows } = await client.query<{ start: string; end: string }>({
    name: 'receivable.spans-of-party',
    text: `select span_start::text as start, span_end::text as "end" from projection.receivable_party
            where receivable_id = $1 and participant_id = $2`,
    values: [receivableId, participantId]
  })
  return rows.map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) }))
}

/** Whether a note is on one of these spans, or on part of one. */
export function isOn(
  spans: readonly Span[],
  { start, end }: { start: string | bigint; end: string | bigint }
): boolean {
  return spans.some((span) => BigInt(start) < span.end && span.start < BigInt(end))
}

/** The same in SQL: whether participant `$2` is or was a party of a receivable, and of a note of it where there is one. */
export function isParty(receivableId: string, note: { start: string; end: string; isAbsent?: string }): string {
  const overlaps = `(v.span_start < ${note.end} and ${note.start} < v.span_end)`
  return `exists (select from projection.receivable_party v where v.receivable_id = ${receivableId} and v.participant_id = $2
    and ${note.isAbsent ? `(${note.isAbsent} or ${overlaps})` : overlaps})`
}

/** {@link isParty} of a row of `projection.note`. */
export const isPartyOfNote = (n: string): string =>
  isParty(`${n}.receivable_id`, { start: `lower(${n}.span)`, end: `upper(${n}.span)` })

const units = (hex: string): string => `('x' || substr(${hex}, 51, 16))::bit(64)::bigint`

/** {@link isParty} of a row of `projection.event`: of the note that it tells of, or of its receivable. */
export const isPartyOfEvent = (e: string): string =>
  isParty(`${e}.receivable_id`, {
    start: units(`${e}.args ->> 'noteId'`),
    end: units(`${e}.args ->> 'note'`),
    isAbsent: `not ${e}.args ? 'note'`
  })
