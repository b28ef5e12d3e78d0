/** The projection against the contracts' own answers, row by row as of one block. */
import type { Result } from 'ethers'
import type pg from 'pg'
import { contracts, type Deployment } from '../domain/chain/contracts.ts'
import { registryAddresses } from '../domain/chain/registries.ts'
import { claimReasons } from '../domain/fingerprint/claim-word.ts'
import { noteStates } from '../domain/note/note-states.ts'
import { notePurposes } from '../domain/note/note-word.ts'
import { receivableIdToHex } from '../domain/note/span.ts'
import { receivableStates } from '../domain/receivable/receivable-states.ts'
import { headersOf } from './chain/blocks.ts'
import type { Cursor } from './project-block.ts'
import type { Rpc } from './rpc.ts'

const CALLS_AT_ONCE = 100

export interface Difference {
  table: string
  /** The first row that differs, as JSON text; undefined where that side has none. */
  live: string | undefined
  other: string | undefined
}

type Table = 'receivable' | 'note' | 'fingerprint_claim'

interface DirectQuery {
  table: Table
  contract: 'receivables' | 'fingerprints'
  view: string
  /**
   * Rows of `id`, `args` (the call's arguments as JSON) and `shown`: what the contract should answer, as text by name. Those
   * that `receivables` is asked about have their `registry`: the version of it that answers.
   */
  sql: string
  /** Names for the enums among the answer. */
  names: Record<string, readonly string[]>
}

const blockTime = '(select block_time from cursor)'
/** Whom an open note is paid to now: what the contract's payeeOf should say. */
const payeeNow = `case when frozen_until > ${blockTime} then freeze_escrow when state = 'pledged' then counterparty else holder end`
const texts = (...columns: string[]) => `jsonb_build_object(${columns.join(', ')})`
/** The contracts say zero where the projection says null. */
const orZero = (name: string, column: string) => `'${name}', coalesce(${column}, 0)::text`
const terms = `jsonb_build_array(maturity, creditor, debtor, amount::text, currency, content_commitment)`

const queries: readonly DirectQuery[] = [
  {
    table: 'receivable',
    contract: 'receivables',
    view: 'receivableOf',
    names: { state: receivableStates },
    sql: `select receivable_id as id, registry, jsonb_build_array(receivable_id) as args, ${texts(
      `'amount', amount::text, 'creditor', creditor::text, 'debtor', debtor::text, 'maturity', maturity::text`,
      `'currency', currency::text, 'state', state, 'isDisputed', disputed::text`
    )} as shown from receivable where state <> 'registered'`
  },
  {
    // A registered receivable is only the claim on its fingerprints: it can only be asked with its terms.
    table: 'receivable',
    contract: 'receivables',
    view: 'stateOf',
    names: { state: receivableStates },
    sql: `select receivable_id as id, registry, jsonb_build_array(${terms}, fingerprints) as args, ${texts(`'state', state`)} as shown
      from receivable where state = 'registered'`
  },
  {
    table: 'note',
    contract: 'receivables',
    view: 'noteOf',
    names: { state: noteStates, purpose: notePurposes },
    sql: `select note_id as id, registry, jsonb_build_array(note_id) as args, ${texts(
      `'end', upper(span)::text, 'holder', holder::text`,
      `${orZero('counterparty', 'counterparty')}, ${orZero('assignor', 'assignor')}, ${orZero('deadline', 'deadline')}, 'tier', tier::text`,
      orZero('frozenUntil', `case when frozen_until > ${blockTime} then frozen_until end`),
      `'state', state, 'purpose', purpose, 'hasRecourse', has_recourse::text`
    )} as shown from note`
  },
  {
    table: 'note',
    contract: 'receivables',
    view: 'payeeOf',
    names: {},
    sql: `select note_id as id, registry, jsonb_build_array(note_id) as args, ${texts(
      orZero('payee', `case when state not in ('settled', 'cancelled') then ${payeeNow} end`)
    )} as shown from note`
  },
  {
    table: 'note',
    contract: 'receivables',
    view: 'freezeOf',
    names: {},
    sql: `select note_id as id, registry, jsonb_build_array(note_id) as args, ${texts(
      `'order', freeze_order, 'escrow', freeze_escrow::text, 'authority', freeze_authority::text`
    )} as shown from note where frozen_until > ${blockTime}`
  },
  {
    table: 'fingerprint_claim',
    contract: 'fingerprints',
    view: 'claimOf',
    names: { reason: claimReasons },
    sql: `select fingerprint as id, jsonb_build_array(fingerprint) as args, case state when 'claimed' then ${texts(
      `'subject', subject, 'claimant', claimant::text, 'registry', registry::text, 'reason', reason`
    )} else ${texts(
      `'subject', '${receivableIdToHex(0n)}', 'claimant', '0', 'registry', '0', 'reason', 'none'`
    )} end as shown from fingerprint_claim`
  }
]

interface Row {
  id: string
  args: unknown[]
  shown: Record<string, string>
  registry?: number
}

export interface DirectComparison {
  /** First difference from what the contracts answer. */
  direct: Difference | undefined
  /** Rows compared. */
  receivables: number
  notes: number
  claims: number
}

/** Compares all rows, or `sample` of each kind, with the contracts as of the cursor's block. */
export async function compareWithContracts(
  live: pg.Client,
  cursor: Cursor,
  { rpc, deployment, sample }: { rpc: Rpc; deployment: Deployment; sample?: number | undefined }
): Promise<DirectComparison> {
  const counts: Record<Table, number> = { receivable: 0, note: 0, fingerprint_claim: 0 }
  let direct: Difference | undefined
  for (const query of queries) {
    const { rows } = await live.query<Row>(`select * from (${query.sql}) as rows order by md5(id) limit $1`, [
      sample ?? null
    ])
    if (query.view !== 'payeeOf' && query.view !== 'freezeOf') counts[query.table] += rows.length
    for (let i = 0; i < rows.length; i += CALLS_AT_ONCE) {
      const page = rows.slice(i, i + CALLS_AT_ONCE)
      const answers = await read({ rpc, deployment }, cursor, query, page)
      for (const [j, { id, shown }] of page.entries()) {
        const answer = answers[j]!
        if (Object.keys(shown).every((key) => shown[key] === answer[key])) continue
        const there = Object.fromEntries(Object.keys(shown).map((key) => [key, answer[key]]))
        direct ??= {
          table: query.table,
          live: JSON.stringify({ id, ...shown }),
          other: JSON.stringify({ id, ...there })
        }
      }
    }
  }
  return { direct, receivables: counts.receivable, notes: counts.note, claims: counts.fingerprint_claim }
}

async function read(
  { rpc, deployment }: { rpc: Rpc; deployment: Deployment },
  cursor: Cursor,
  { contract, view, names }: DirectQuery,
  rows: readonly Row[]
): Promise<Record<string, string>[]> {
  const abi = contracts[contract]
  const versions = registryAddresses(deployment.fingerprints)
  const requests = rows.map(({ args, registry }) => ({
    to: registry === undefined ? deployment.fingerprints : versions[registry - 1]!,
    data: abi.encodeFunctionData(view, args)
  }))
  const call = (request: object, block: string) => ({ method: 'eth_call', params: [request, block] })
  const answers = await asOf(rpc, cursor, (block) => rpc.batch(requests.map((request) => call(request, block))))
  return answers.map((answer) => {
    const [result] = abi.decodeFunctionResult(view, answer as string)
    // A view of one value has no name for it in the ABI: it is the one that is asked for.
    const fields =
      typeof result === 'object' ? (result as Result).toObject() : { [view === 'stateOf' ? 'state' : 'payee']: result }
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, textOf(key, value, names)]))
  })
}

function textOf(key: string, value: unknown, names: DirectQuery['names']): string {
  if (key === 'subject') return receivableIdToHex(value as bigint)
  return names[key]?.[Number(value)] ?? String(value)
}

/** Nodes forget old state (a restarted anvil all but the newest): then the newest serves as long as it is the cursor's. */
async function asOf<T>(rpc: Rpc, cursor: Cursor, work: (block: string) => Promise<T>): Promise<T> {
  try {
    return await work(`0x${cursor.number.toString(16)}`)
  } catch (error) {
    const isNewest = async () => (await headersOf(rpc, ['latest']))[0]?.hash === cursor.hash
    if (!(await isNewest())) throw error
    const result = await work('latest')
    if (!(await isNewest())) throw error
    return result
  }
}
