/** Bank statements that came in: the file sealed, its digest in the log, each of its entries once. */
import { randomUUID } from 'node:crypto'
import { hexlify } from 'ethers'
import type { Static } from 'typebox'
import { sha256, sm3 } from '../../domain/crypto/hash.ts'
import type { Statement } from '../../domain/documents/statement.ts'
import { documentRecord } from '../../domain/evidence/record.ts'
import { keyOfAccount } from '../../domain/settlement/account.ts'
import { checkBalances, type BalanceCheck } from '../../domain/settlement/balances.ts'
import {
  contentOf,
  digestOfEntries,
  digestOfEntry,
  keyOfEntry,
  ordinalsOf,
  referencesIn
} from '../../domain/settlement/entry.ts'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecord } from '../evidence/log.ts'
import type { Caller } from '../plugins/auth.ts'
import type { Vault } from '../vault.ts'
import { insertEntries, lockBank, type NewEntry } from './entries.ts'
import { matchEntries } from './matching.ts'
import type { StatementSchema } from './schemas.ts'

/** Entries of one file at most: they are judged in one transaction. */
const ENTRIES_MAX = 5_000

export interface Delivery {
  bytes: Uint8Array
  mediaType: string
  statements: readonly Statement[]
}

type StatementView = Static<typeof StatementSchema>

/** One statement of a file, ready to be kept. */
interface Part {
  account: string
  currency: string
  balances: BalanceCheck
  entries: Omit<NewEntry, 'accountId'>[]
}

/**
 * Keeps a file and judges what is new in it. The same file again is the same statement.
 * @throws ApiError STATEMENT_ACCOUNT_MISSING, STATEMENT_TOO_LONG
 */
export async function keepStatements(
  tx: Transaction,
  services: Services,
  caller: Caller,
  { bytes, mediaType, statements }: Delivery
): Promise<{ status: number; body: StatementView }> {
  const { vault } = services
  const { participantId } = caller
  const digest = hexlify(sha256(bytes))
  // The same file twice at once: the second waits and finds the first's.
  await lockBank(tx, participantId)
  const known = await findStatement(tx, vault, participantId, { sha256: digest })
  if (known) return { status: 200, body: known }
  const parts = statements.map(partOf)
  const count = parts.reduce((sum, { entries }) => sum + entries.length, 0)
  if (count > ENTRIES_MAX)
    throw new ApiError('STATEMENT_TOO_LONG', { presented: count, required: `at most ${ENTRIES_MAX}` })
  const statementId = randomUUID()
  const accounts = await lockAccounts(tx, vault, participantId, parts)
  const fresh: number[] = []
  for (const [index, part] of parts.entries()) {
    const accountOf = (currency: string): number => accounts.get(`${part.account} ${currency}`)!
    const entries = part.entries.map((entry) => ({ ...entry, accountId: accountOf(entry.content.currency) }))
    const kept = await insertEntries(tx, vault, { participantId, statementId }, entries)
    await insertPart(tx, statementId, index, accountOf(part.currency), part, kept.size)
    fresh.push(...kept)
  }
  await matchEntries(tx, services, fresh)
  const entriesDigest = digestOfEntries(parts.flatMap(({ entries }) => entries.map((entry) => entry.digest)))
  const file = { statementId, format: statements[0]!.format, mediaType, byteLength: bytes.length, sha256: digest }
  const record = documentRecord({
    documentId: statementId,
    mediaType,
    format: file.format,
    byteLength: String(bytes.length),
    sha256: digest,
    sm3: hexlify(sm3(bytes)),
    fingerprints: [],
    contentCommitment: entriesDigest
  })
  const leafIndex = await appendRecord(tx, record, { documentId: statementId, receivableIds: [] })
  await tx.query(
    `insert into app.statement_file (statement_id, participant_id, format, media_type, byte_length, sha256, sm3, entries_digest,
                                     leaf_index, sealed)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      statementId,
      participantId,
      file.format,
      mediaType,
      bytes.length,
      digest,
      record.sm3,
      entriesDigest,
      leafIndex,
      vault.seal(Buffer.from(bytes).toString('base64'), `statement ${statementId}`)
    ]
  )
  return { status: 201, body: (await findStatement(tx, vault, participantId, { statementId }))! }
}

function partOf(statement: Statement, index: number): Part {
  const account = keyOfAccount(statement.account ?? '')
  const currency = statement.currency ?? statement.entries[0]?.currency ?? statement.balances[0]?.currency
  if (account === '' || currency === undefined) {
    throw new ApiError('STATEMENT_ACCOUNT_MISSING', {
      field: `statement ${index + 1}`,
      presented: { account: statement.account ?? null, currency: currency ?? null },
      required: 'an account and its currency'
    })
  }
  const balances = checkBalances({ ...statement, currency })
  const contents = statement.entries.map((entry) => contentOf(statement, entry))
  const keys = contents.map(keyOfEntry)
  const ordinals = ordinalsOf(keys)
  return {
    account,
    currency,
    balances,
    entries: contents.map((content, at) => ({
      key: keys[at]!,
      ordinal: ordinals[at]!,
      digest: digestOfEntry(content, ordinals[at]!),
      content,
      references: referencesIn(content),
      isTrusted: balances.check !== 'unbalanced'
    }))
  }
}

const accountPlace = (digest: Buffer, currency: string) => `bank account ${digest.toString('hex')} ${currency}`

/** Rows of all accounts of a file, locked in one order: deliveries of an account queue. An entry may be in another currency. */
async function lockAccounts(
  tx: Transaction,
  vault: Vault,
  participantId: number,
  parts: readonly Part[]
): Promise<Map<string, number>> {
  const wanted = new Map<string, { account: string; currency: string }>()
  for (const { account, currency, entries } of parts) {
    for (const one of new Set([currency, ...entries.map(({ content }) => content.currency)])) {
      wanted.set(`${account} ${one}`, { account, currency: one })
    }
  }
  const ids = new Map<string, number>()
  for (const [name, { account, currency }] of [...wanted].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const digest = vault.digest([account], 'bank account')
    await tx.query(
      `insert into app.bank_account (participant_id, digest, currency, fields) values ($1, $2, $3, $4) on conflict do nothing`,
      [participantId, digest, currency, vault.seal(account, accountPlace(digest, currency))]
    )
    const { rows } = await tx.query<{ id: number }>(
      `select account_id::float8 as id from app.bank_account where participant_id = $1 and digest = $2 and currency = $3 for update`,
      [participantId, digest, currency]
    )
    ids.set(name, rows[0]!.id)
  }
  return ids
}

/** The number of an account, as kept. */
export function openAccount(vault: Vault, row: { digest: Buffer; currency: string; fields: Buffer }): string {
  return vault.open(row.fields, accountPlace(row.digest, row.currency)) as string
}

async function insertPart(
  tx: Transaction,
  statementId: string,
  index: number,
  accountId: number,
  { balances, entries }: Part,
  fresh: number
): Promise<void> {
  const { opening, closing, closingDay, movement, check, difference } = balances
  const days = entries.flatMap(({ content }) => (content.status === 'booked' ? (content.day ?? []) : [])).sort()
  const firstDay = days[0] ?? closingDay
  await tx.query(
    `insert into app.statement_part (statement_id, part, account_id, opening, closing, first_day, closing_day, movement, outcome,
                                     difference, entries, fresh)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      statementId,
      index,
      accountId,
      opening,
      closing,
      firstDay,
      closingDay,
      movement,
      check,
      difference,
      entries.length,
      fresh
    ]
  )
}

type FileRow = Omit<StatementView, 'parts' | 'createdAt'> & { createdAt: Date }

const fileColumns = `f.statement_id as "statementId", f.format, f.sha256, f.sm3, f.entries_digest as "entriesDigest",
  f.leaf_index::float8 as "leafIndex", f.created_at as "createdAt"`

interface PartRow {
  statementId: string
  digest: Buffer
  currency: string
  fields: Buffer
  opening: string | null
  closing: string | null
  closingDay: string | null
  movement: string
  check: BalanceCheck['check']
  difference: string | null
  entries: number
  fresh: number
}

/** A statement of the participant's own, by its id or by the file's digest. */
export async function findStatement(
  client: Pool | Transaction,
  vault: Vault,
  participantId: number,
  by: { statementId?: string; sha256?: string }
): Promise<StatementView | undefined> {
  const { rows } = await client.query<FileRow>({
    name: 'statement.find',
    text: `select ${fileColumns} from app.statement_file f
            where f.participant_id = $1 and ($2::uuid is null or f.statement_id = $2) and ($3::text is null or f.sha256 = $3)`,
    values: [participantId, by.statementId ?? null, by.sha256 ?? null]
  })
  return (await withParts(client, vault, rows))[0]
}

/** The participant's own, newest first. */
export async function listStatements(
  pool: Pool,
  vault: Vault,
  participantId: number,
  limit: number
): Promise<StatementView[]> {
  const { rows } = await pool.query<FileRow>({
    name: 'statement.list',
    text: `select ${fileColumns} from app.statement_file f where f.participant_id = $1
            order by f.created_at desc, f.statement_id limit $2`,
    values: [participantId, limit]
  })
  return withParts(pool, vault, rows)
}

async function withParts(
  client: Pool | Transaction,
  vault: Vault,
  files: readonly FileRow[]
): Promise<StatementView[]> {
  const parts = await client.query<PartRow>({
    name: 'statement.parts',
    text: `select p.statement_id as "statementId", a.digest, a.currency, a.fields, p.opening::text, p.closing::text,
                  p.closing_day as "closingDay", p.movement::text, p.outcome as check, p.difference::text, p.entries, p.fresh
             from app.statement_part p join app.bank_account a using (account_id)
            where p.statement_id = any($1::uuid[]) order by p.part`,
    values: [files.map(({ statementId }) => statementId)]
  })
  return files.map((file) => ({
    ...file,
    createdAt: file.createdAt.toISOString(),
    parts: parts.rows
      .filter(({ statementId }) => statementId === file.statementId)
      .map(
        ({ digest, fields, currency, opening, closing, closingDay, movement, check, difference, entries, fresh }) => {
          const account = openAccount(vault, { digest, fields, currency })
          return { account, currency, opening, closing, closingDay, movement, check, difference, entries, fresh }
        }
      )
  }))
}
