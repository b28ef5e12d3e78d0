/** What both peers do with an event: the floor's receivables and notes, by keys alone, as their own guides advise. */
import { decodeNoteWord } from '../../../domain/note/note-word.ts'
import { noteIdToHex, receivableIdOfNote, receivableIdToHex, startOfNote } from '../../../domain/note/span.ts'

export interface ReceivableRow {
  id: string
  amount: bigint
  creditor: number
  debtor: number
  state: string
  /** Where its notes start: a piece is cut off the last one that starts before it. */
  starts: readonly bigint[]
}

export interface NoteRow {
  id: string
  receivable: string
  start: bigint
  stop: bigint
  holder: number
  state: string
}

export interface Table<Row> {
  get(id: string): Promise<Row | undefined>
  set(row: Row): unknown
}

export interface Tables {
  receivable: Table<ReceivableRow>
  note: Table<NoteRow>
}

async function known<Row>(table: Table<Row>, id: string): Promise<Row> {
  const row = await table.get(id)
  if (!row) throw new Error(`no row ${id}`)
  return row
}

const idOf = (receivable: bigint, start: bigint): string => noteIdToHex((receivable << 64n) | start)

export async function register(
  { receivable }: Tables,
  id: bigint,
  amount: bigint,
  creditor: number,
  debtor: number
): Promise<void> {
  await receivable.set({ id: receivableIdToHex(id), amount, creditor, debtor, state: 'registered', starts: [] })
}

export async function confirm({ receivable, note }: Tables, id: bigint): Promise<void> {
  const row = await known(receivable, receivableIdToHex(id))
  await receivable.set({ ...row, state: 'confirmed', starts: [0n] })
  const span = { start: 0n, stop: row.amount }
  await note.set({ id: idOf(id, 0n), receivable: row.id, ...span, holder: row.creditor, state: 'live' })
}

export async function close({ receivable }: Tables, id: bigint): Promise<void> {
  const row = await known(receivable, receivableIdToHex(id))
  await receivable.set({ ...row, state: 'settled' })
}

/** A note's event, which carries its word: the note as it is now. */
export async function keep({ note }: Tables, noteId: bigint, word: bigint): Promise<void> {
  const { end, holder, state } = decodeNoteWord(word)
  const receivable = receivableIdToHex(receivableIdOfNote(noteId))
  await note.set({ id: noteIdToHex(noteId), receivable, start: startOfNote(noteId), stop: end, holder, state })
}

/** The same where a piece may have been cut off: the note that spanned its start ends there now. */
export async function keepPiece(tables: Tables, noteId: bigint, word: bigint): Promise<void> {
  const start = startOfNote(noteId)
  const row = await known(tables.receivable, receivableIdToHex(receivableIdOfNote(noteId)))
  if (!row.starts.includes(start)) {
    const before = row.starts.filter((each) => each < start).reduce((last, each) => (each > last ? each : last), 0n)
    const cut = await known(tables.note, idOf(receivableIdOfNote(noteId), before))
    await tables.note.set({ ...cut, stop: start })
    await tables.receivable.set({ ...row, starts: [...row.starts, start] })
  }
  await keep(tables, noteId, word)
}
