/** What a clearing bank looks at, put together from the pages of the api. */
import type { Api, Output } from '../../client/api.ts'
import type { EntryContent } from '../../domain/settlement/entry.ts'
import { everyPage } from '../live/pages.ts'

export type Statement = Output<'getStatement'>
export type Entry = Output<'listStatementEntries'>['items'][number]
export type Match = Output<'listMatches'>['items'][number]
export type SettlementException = Output<'listSettlementExceptions'>['items'][number]
export type DueNote = Output<'listMaturities'>['items'][number]
export type Books = Output<'getReconciliation'>

/** What the bank says of an entry beyond amount and day. */
export type EntryDetails = Pick<EntryContent, 'valueDay' | 'reference' | 'addsUp' | 'transactions'>

/** Lists whose rows have numbers are paged by them. */
function everyNumbered<T>(
  load: (page: { limit: string; after?: string }) => Promise<{ items: T[]; next: number | null }>
): Promise<T[]> {
  return everyPage(async (page) => {
    const { items, next } = await load(page)
    return { items, next: next === null ? null : String(next) }
  })
}

/** A statement with the entries that it brought, and the matches of each. */
export async function loadStatement(api: Api, statementId: string, signal: AbortSignal) {
  const [statement, entries, matches] = await Promise.all([
    api.call('getStatement', { statementId }, { signal }),
    everyNumbered((page) => api.call('listStatementEntries', { statementId, ...page }, { signal })),
    everyNumbered((page) => api.call('listMatches', { statementId, ...page }, { signal }))
  ])
  return { statement, entries, matches }
}

/** Findings that people have to look at, beside what is proposed to them. */
const unanswered = ['no-open-note', 'parts-differ', 'no-amount'] as const

export interface Queue {
  proposed: readonly Match[]
  /** Credits that no note was found for. */
  unmatched: readonly Entry[]
  /** Credits of which more came than was taken for notes. */
  over: readonly Entry[]
  exceptions: readonly SettlementException[]
}

export async function loadQueue(api: Api, signal: AbortSignal): Promise<Queue> {
  const entriesOf = (finding: Entry['finding']) =>
    everyNumbered((page) => api.call('listStatementEntries', { finding, ...page }, { signal }))
  const [proposed, exceptions, matched, ...others] = await Promise.all([
    everyNumbered((page) => api.call('listMatches', { state: 'proposed', ...page }, { signal })),
    everyNumbered((page) => api.call('listSettlementExceptions', { state: 'open', ...page }, { signal })),
    entriesOf('matched'),
    ...unanswered.map(entriesOf)
  ])
  const isCredit = ({ effect }: Entry): boolean => effect === 'credit'
  return {
    proposed,
    exceptions,
    unmatched: others.flat().filter(isCredit),
    over: matched.filter((entry) => isCredit(entry) && BigInt(entry.allocated) < BigInt(entry.amount))
  }
}

/** Accepted matches by how far they are. */
export async function loadAccepted(api: Api, signal: AbortSignal) {
  const accepted = await everyNumbered((page) => api.call('listMatches', { state: 'accepted', ...page }, { signal }))
  const isAt = ({ parts }: Match, progress: Match['parts'][number]['progress']): boolean =>
    parts.some((part) => part.progress === progress)
  return {
    waiting: accepted.filter((match) => isAt(match, 'waiting')),
    ordered: accepted.filter((match) => isAt(match, 'ordered') && !isAt(match, 'waiting')),
    settled: accepted.filter(({ parts }) => parts.every(({ progress }) => progress === 'settled')).reverse()
  }
}

/** Notes that an entry could pay: everything of its currency that falls due half a year around. */
export async function loadDue(api: Api, currency: string, from: string, to: string, signal: AbortSignal) {
  return everyPage((page) => api.call('listMaturities', { as: 'clearing', currency, from, to, ...page }, { signal }))
}
