/** A note with its receivable and the events that made it what it is. */
import type { Api } from '../../client/api.ts'
import type { Note, Receivable } from '../../client/operations.generated.ts'
import { decodeNoteHex } from '../../domain/note/note-word.ts'
import { startOfNote } from '../../domain/note/span.ts'
import { everyPage } from '../live/pages.ts'

/** An event of the contracts, as the history has it. */
export interface ChainEvent {
  block: number
  logIndex: number
  /** Unix seconds. */
  time: number
  txHash: string
  name: string
  args: Record<string, string>
  /** Of a freeze or its lifting, as far as it came through the api. */
  order: { reference: string; court: string } | null
}

export interface NoteStory {
  note: Note
  receivable: Receivable
  /** Of the receivable and of every span that this note's minor units were part of, oldest first. */
  events: readonly ChainEvent[]
  /** Transactions that the reader ordered: evidence of each is its to have. */
  ownTransactions: ReadonlySet<string>
}

export async function loadNote(api: Api, noteId: string, signal: AbortSignal): Promise<NoteStory> {
  const { note } = await api.call('getNote', { noteId }, { signal })
  const { receivableId } = note
  const [{ receivable }, history, ownTransactions] = await Promise.all([
    api.call('getReceivable', { receivableId }, { signal }),
    loadHistory(api, receivableId, signal),
    loadOwnTransactions(api, signal)
  ])
  const events = history.filter((event) => concerns(event, note))
  return { note, receivable, events, ownTransactions }
}

/** All events of a receivable and its notes, oldest first. */
export function loadHistory(api: Api, receivableId: string, signal: AbortSignal): Promise<ChainEvent[]> {
  return everyPage(
    (page) =>
      api.call('getReceivableHistory', { receivableId, ...page }, { signal }) as Promise<{
        items: ChainEvent[]
        next: string | null
      }>
  )
}

/** Hashes of the newest transactions that the reader ordered. */
export async function loadOwnTransactions(api: Api, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { items } = await api.call('listIntents', { limit: '200' }, { signal })
  return new Set(items.flatMap(({ txHash }) => (txHash === null ? [] : [txHash])))
}

/** Every cent has one history: an event is the note's when its span and the note's overlap. */
export function concerns(
  { name, args }: Pick<ChainEvent, 'name' | 'args'>,
  note: Pick<Note, 'start' | 'end'>
): boolean {
  const { noteId, note: word } = args
  if (noteId === undefined || word === undefined) return name.startsWith('Receivable')
  return startOfNote(BigInt(noteId)) < BigInt(note.end) && decodeNoteHex(word).end > BigInt(note.start)
}
