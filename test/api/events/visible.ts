import { decodeClaimWord } from '../../../domain/fingerprint/claim-word.ts'
import { decodeNoteHex } from '../../../domain/note/note-word.ts'
import { startOfNote, type Span } from '../../../domain/note/span.ts'
import type { Reader } from '../../../api/streams/feed.ts'

/** An event as it is stored. */
export interface Told {
  block: number
  logIndex: number
  name: string
  args: Record<string, unknown>
  receivableId: string | null
}

export const toldSql = `select block_number::int as block, log_index as "logIndex", name, args, receivable_id as "receivableId"
  from projection.event order by 1, 2`

/**
 * Which events somebody may see, made out anew from the words of the events themselves: what the feed, the reads and the exports are
 * held against.
 * @param when As the feed has it: each by the end of its block; or as the history has it: by all events
 */
export function visibleTo(events: readonly Told[], reader: Reader, when: 'then' | 'now'): Told[] {
  const byReceivable = Map.groupBy(events, ({ receivableId }) => receivableId)
  return events.filter((event) => {
    const { block, receivableId, args } = event
    if (reader.roles.includes('regulator')) return true
    if (receivableId === null) return !('claim' in args) || claimantOf(event) === reader.participantId
    const known = byReceivable.get(receivableId)!.filter((other) => when === 'now' || other.block <= block)
    const isConfirmed = known.some(({ name }) => name === 'ReceivableConfirmed' || name === 'ReceivableIssued')
    if (reader.roles.includes('clearing') && isConfirmed) return true
    if (known.some((other) => termsOf(other).includes(reader.participantId))) return true
    const [span] = spansOf([event])
    const own = spansOf(known.filter((other) => isNamed(other, reader.participantId)))
    return own.some(({ start, end }) => !span || (start < span.end && span.start < end))
  })
}

export const spansOf = (events: readonly Told[]): Span[] =>
  events.flatMap(({ args: { noteId, note } }) =>
    typeof noteId === 'string' && typeof note === 'string'
      ? [{ start: startOfNote(BigInt(noteId)), end: decodeNoteHex(note).end }]
      : []
  )

function claimantOf({ args }: Told): number {
  return Number(decodeClaimWord(BigInt(args['claim'] as string)).claimant)
}

function termsOf({ args }: Told): number[] {
  const { creditor, debtor } = (args['terms'] ?? {}) as Record<string, string>
  return [Number(creditor), Number(debtor)]
}

function isNamed({ args: { note, freeze } }: Told, participantId: number): boolean {
  if (typeof note !== 'string') return false
  const { holder, counterparty, assignor } = decodeNoteHex(note)
  const { escrow, authority } = (freeze ?? {}) as Record<string, string>
  return [holder, counterparty, assignor, Number(escrow), Number(authority)].includes(participantId)
}
