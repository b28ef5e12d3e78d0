import type pg from 'pg'
import { noteMoves } from '../../domain/note/note-states.ts'
import type { Queryable } from '../database.ts'
import type { PlacedEvent } from '../decode.ts'
import { PartySet } from './parties.ts'
import type { ClaimRow, LogHeadRow, NoteRow, ParticipantRow, ReceivableRow, RegistryRow } from './rows.ts'
import type { PendingRows } from './pending-rows.ts'
import { RowSet } from './row-set.ts'
import { FEW_ROWS, quoted, type Script } from './script.ts'
import type { StoredKeys } from './stored-keys.ts'
import { deleteRows, deleteRowsBy, insertRows, insertRowsBy, selectRows, type Selection } from './store.ts'
import {
  claimTable,
  logHeadTable,
  noteTable,
  participantTable,
  partyTable,
  receivableTable,
  registryTable
} from './tables.ts'

/** The notes of a batch's receivables: found by id, and by receivable. */
class NoteSet extends RowSet<NoteRow> {
  readonly #byReceivable = new Map<string, Set<NoteRow>>()

  constructor() {
    super(noteTable)
  }

  override load(note: NoteRow): void {
    super.load(note)
    this.#list(note)
  }

  override put(note: NoteRow): NoteRow | undefined {
    const before = super.put(note)
    if (before === note) return before
    if (before) this.#byReceivable.get(note.receivable_id)!.delete(before)
    this.#list(note)
    return before
  }

  override remove(note: NoteRow): void {
    super.remove(note)
    this.#byReceivable.get(note.receivable_id)?.delete(note)
  }

  of(receivableId: string): Iterable<NoteRow> {
    return this.#byReceivable.get(receivableId) ?? []
  }

  #list(note: NoteRow): void {
    const notes = this.#byReceivable.get(note.receivable_id)
    if (notes) notes.add(note)
    else this.#byReceivable.set(note.receivable_id, new Set([note]))
  }
}

/** The registry versions: found by number, and by address. */
class RegistrySet extends RowSet<RegistryRow> {
  readonly #byAddress = new Map<string, number>()

  constructor() {
    super(registryTable)
  }

  override load(row: RegistryRow): void {
    super.load(row)
    this.#byAddress.set(row.address, row.registry)
  }

  override put(row: RegistryRow): RegistryRow | undefined {
    this.#byAddress.set(row.address, row.registry)
    return super.put(row)
  }

  /** Number of the version at an address; undefined for one that Fingerprints has not announced. */
  at(address: string): number | undefined {
    return this.#byAddress.get(address)
  }
}

/** All rows that events may read or change, as far as they were loaded. */
export interface WorkingSet {
  participants: RowSet<ParticipantRow>
  registries: RegistrySet
  claims: RowSet<ClaimRow>
  receivables: RowSet<ReceivableRow>
  notes: NoteSet
  parties: PartySet
  logHeads: RowSet<LogHeadRow>
  /** What was looked up already, there or not. */
  loaded: Record<'receivables' | 'claims' | 'participants', Set<string>> & { registries: boolean; logHeads: boolean }
  /** Whether it has all rows that there are: nothing is stored yet. */
  isAll: boolean
  /** What may be stored of receivables and claims; anything, when absent. */
  stored: StoredKeys | undefined
  /** How many rows it holds. */
  size(): number
}

export function createWorkingSet(isAll = false, stored?: StoredKeys): WorkingSet {
  const receivables = new RowSet(receivableTable)
  const notes = new NoteSet()
  const parties = new PartySet()
  const claims = new RowSet(claimTable)
  return {
    participants: new RowSet(participantTable),
    registries: new RegistrySet(),
    claims,
    receivables,
    notes,
    parties,
    logHeads: new RowSet(logHeadTable),
    loaded: {
      receivables: new Set(),
      claims: new Set(),
      participants: new Set(),
      registries: false,
      logHeads: false
    },
    isAll,
    stored,
    size: () => receivables.size + notes.size + parties.size + claims.size
  }
}

/** Loads what the events may touch and is not there yet. */
export async function loadWorkingSet(
  client: Queryable,
  events: readonly PlacedEvent[],
  rows: WorkingSet
): Promise<void> {
  if (rows.isAll) return
  const { loaded, stored } = rows
  const receivables: string[] = []
  const fingerprints: string[] = []
  const participants: string[] = []
  // Whatever tells of a receivable comes from one of them.
  let hasRegistry = false
  let hasHead = false
  const miss = (known: Set<string>, missing: string[], key: string): void => {
    if (known.has(key)) return
    known.add(key)
    missing.push(key)
  }
  const missStored: typeof miss = (known, missing, key) => {
    if (!stored || stored.mayHave(key)) miss(known, missing, key)
  }
  for (const { name, args, receivableId } of events) {
    if ('fingerprint' in args) missStored(loaded.claims, fingerprints, args.fingerprint)
    else if (receivableId !== null) {
      missStored(loaded.receivables, receivables, receivableId)
      hasRegistry = true
    } else if (name === 'HeadAnchored') hasHead = true
    else if (name === 'RegistryAuthorised') hasRegistry = true
    else if ('id' in args) miss(loaded.participants, participants, args.id)
  }
  const selections: Selection<never>[] = []
  const select = <R extends object>(into: Selection<R>['into'], where: string): void =>
    void selections.push({ into, where } as unknown as Selection<never>)
  const among = (column: string, keys: readonly string[]): string =>
    `${column} = any(string_to_array(${quoted(keys.join(','))}, ','))`
  if (receivables.length > 0) {
    const byReceivable = among('receivable_id', receivables)
    select(rows.receivables, byReceivable)
    select(rows.notes, byReceivable)
    select(rows.parties, byReceivable)
  }
  if (fingerprints.length > 0) select(rows.claims, among('fingerprint', fingerprints))
  if (participants.length > 0) {
    select(rows.participants, `participant_id = any(${quoted(`{${participants.join(',')}}`)}::integer[])`)
  }
  if (hasRegistry && !loaded.registries) select(rows.registries, 'true')
  if (hasHead && !loaded.logHeads) select(rows.logHeads, 'size = (select max(size) from log_head)')
  await selectRows(client, selections)
  loaded.registries ||= hasRegistry
  loaded.logHeads ||= hasHead
}

/** Takes note of what is stored when the batch is. */
export function rememberStored({ stored, receivables, claims }: WorkingSet): void {
  if (!stored) return
  for (const { receivable_id } of receivables.values()) stored.add(receivable_id)
  for (const { fingerprint } of claims.values()) stored.add(fingerprint)
}

/** A table's rows as a batch changed them. */
type Changing = Pick<RowSet<never>, 'table' | 'changes'>

/**
 * Takes new rows that hardly change any more into what is sent while the batch goes on: the server has time then. What changes all the
 * same is stored again at the end.
 */
export function storeAhead(pending: PendingRows, { claims, receivables, notes, parties }: WorkingSet): void {
  insertRows(pending, claimTable, claims.settle())
  insertRows(
    pending,
    receivableTable,
    receivables.settle(({ state }) => state === 'settled')
  )
  insertRows(
    pending,
    noteTable,
    notes.settle(({ state }) => noteMoves[state].length === 0)
  )
  insertRows(pending, partyTable, parties.settle())
}

/** Rows that are written out at a time: what waits to be sent is as little. */
const SLICE = 2_000

/** Stores what the batch made of the rows: adds it to the script when it is little, or runs that first. */
export async function storeWorkingSet(
  client: pg.Client,
  rows: WorkingSet,
  script: Script,
  pending: PendingRows
): Promise<void> {
  await pending.end()
  const { participants, registries, claims, receivables, notes, parties, logHeads } = rows
  const sets = [participants, registries, claims, receivables, notes, parties, logHeads] as unknown as Changing[]
  const changes = sets.map((set) => ({ table: set.table, ...set.changes() }))
  if (changes.reduce((sum, { gone, kept }) => sum + gone.length + kept.length, 0) <= FEW_ROWS) {
    for (const { table, gone, kept } of changes) {
      deleteRowsBy(script, table, gone)
      insertRowsBy(script, table, kept)
    }
    return
  }
  await script.run(client)
  for (const { table, gone, kept } of changes) {
    await deleteRows(pending, table, gone)
    for (let from = 0; from < kept.length; from += SLICE) {
      insertRows(pending, table, kept.slice(from, from + SLICE))
      await pending.send()
    }
  }
  await pending.end()
}
