import type pg from 'pg'
import type { PlacedEvent } from '../decode.ts'
import type { ClaimRow, LogHeadRow, NoteRow, ParticipantRow, PartyRow, ReceivableRow, RegistryRow } from './rows.ts'
import { RowSet } from './row-set.ts'
import { deleteRows, insertRows, selectRows } from './store.ts'
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

  override put(note: NoteRow): void {
    super.put(note)
    this.#list(note)
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

/** All rows that a batch of events may read or change. */
export interface WorkingSet {
  participants: RowSet<ParticipantRow>
  registries: RowSet<RegistryRow>
  claims: RowSet<ClaimRow>
  receivables: RowSet<ReceivableRow>
  notes: NoteSet
  parties: RowSet<PartyRow>
  logHeads: RowSet<LogHeadRow>
}

/** Loads what the events may touch. */
export async function loadWorkingSet(client: pg.Client, events: readonly PlacedEvent[]): Promise<WorkingSet> {
  const rows: WorkingSet = {
    participants: new RowSet(participantTable),
    registries: new RowSet(registryTable),
    claims: new RowSet(claimTable),
    receivables: new RowSet(receivableTable),
    notes: new NoteSet(),
    parties: new RowSet(partyTable),
    logHeads: new RowSet(logHeadTable)
  }
  const receivables = new Set<string>()
  const fingerprints = new Set<string>()
  const participants = new Set<string>()
  let hasRegistry = false
  let hasHead = false
  for (const { name, args, receivableId } of events) {
    if ('fingerprint' in args) fingerprints.add(args.fingerprint)
    else if (receivableId !== null) receivables.add(receivableId)
    else if (name === 'HeadAnchored') hasHead = true
    else if (name === 'RegistryAuthorised') hasRegistry = true
    else if ('id' in args) participants.add(args.id)
  }
  if (receivables.size > 0) {
    const ids = [...receivables]
    await selectRows(client, rows.receivables, 'receivable_id = any($1)', [ids])
    await selectRows(client, rows.notes, 'receivable_id = any($1)', [ids])
    await selectRows(client, rows.parties, 'receivable_id = any($1)', [ids])
  }
  if (fingerprints.size > 0) await selectRows(client, rows.claims, 'fingerprint = any($1)', [[...fingerprints]])
  if (participants.size > 0) {
    await selectRows(client, rows.participants, 'participant_id = any($1::integer[])', [[...participants]])
  }
  if (hasRegistry) await selectRows(client, rows.registries, 'true', [])
  if (hasHead) await selectRows(client, rows.logHeads, 'size = (select max(size) from log_head)', [])
  return rows
}

/** Stores what the batch made of the rows. */
export async function storeWorkingSet(client: pg.Client, rows: WorkingSet): Promise<void> {
  const { participants, registries, claims, receivables, notes, parties, logHeads } = rows
  await store(client, participants)
  await store(client, registries)
  await store(client, claims)
  await store(client, receivables)
  await store(client, notes)
  await store(client, parties)
  await store(client, logHeads)
}

async function store<R extends object>(client: pg.Client, rows: RowSet<R>): Promise<void> {
  const { gone, kept } = rows.changes()
  await deleteRows(client, rows.table, gone)
  await insertRows(client, rows.table, kept)
}
