import type { Span } from '../../domain/note/span.ts'
import type { PlacedEvent } from '../decode.ts'
import type { PartyRow } from './rows.ts'
import type { TableOf } from './tables.ts'
import { partyTable } from './tables.ts'
import type { WorkingSet } from './working-set.ts'

/**
 * The parties of a batch's receivables. Rows are only ever added, and looked up by receivable and participant: hashing keys of four parts
 * would cost a fold more than all else about them.
 */
export class PartySet {
  readonly table: TableOf<PartyRow> = partyTable
  readonly #byReceivable = new Map<string, Map<number, PartyRow[]>>()
  readonly #added: PartyRow[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Takes in a row as it is stored. */
  load(row: PartyRow): void {
    let parties = this.#byReceivable.get(row.receivable_id)
    if (!parties) this.#byReceivable.set(row.receivable_id, (parties = new Map()))
    const own = parties.get(row.participant_id)
    if (own) own.push(row)
    else parties.set(row.participant_id, [row])
    this.#size++
  }

  /** Adds a row, unless an older one of the same participant has its span within. */
  add(row: PartyRow): void {
    const own = this.#byReceivable.get(row.receivable_id)?.get(row.participant_id)
    if (own?.some((older) => older.span_start <= row.span_start && older.span_end >= row.span_end)) return
    this.load(row)
    this.#added.push(row)
  }

  /** As {@link RowSet.settle}: each row is final. */
  settle(): PartyRow[] {
    return this.#added.splice(0)
  }

  /** As {@link RowSet.changes}. */
  changes(): { gone: string[]; kept: PartyRow[] } {
    return { gone: [], kept: this.#added }
  }
}

/** Records that a participant is or was a party of a span, from the block where it became one. */
export function joinAsParty(
  { parties }: WorkingSet,
  event: PlacedEvent,
  participantId: number,
  { start, end }: Span
): void {
  parties.add({
    receivable_id: event.receivableId!,
    participant_id: participantId,
    since_block: event.blockNumber,
    span_start: start,
    span_end: end
  })
}
