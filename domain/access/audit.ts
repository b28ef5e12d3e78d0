/** The audit log's chain: each entry carries the SM3 of itself and of the entry before, so that none can be changed or left out unseen. */
import { getBytes, hexlify } from 'ethers'
import { concat } from '../crypto/bytes.ts'
import { sm3 } from '../crypto/hash.ts'
import { canonicalBytes } from '../fingerprint/fingerprint.ts'

/** What was done. Names of people and firms, request bodies and query strings are no part of it. */
export interface AuditEntry {
  /** ISO 8601, UTC, milliseconds. */
  at: string
  participantId: number
  /** The credential in words: the beginning of a key, a signer, a user's id. */
  actor: string
  requestId: string
  /** Operation id of the route; `signByManagedKey` for a use of a key in custody, beside the request that asked for it. */
  operation: string
  /** Of the request; of such a use, the key and the digest that it signed. */
  path: string
  /** HTTP status of the answer. */
  status: number
  /** Of the refusal; null when it was none. */
  code: string | null
}

export interface ChainedEntry extends AuditEntry {
  /** From 1, without gaps. */
  seq: number
  /** Of the entry before, 0x-hex; zeros before the first. */
  previous: string
  hash: string
}

export const AUDIT_START = `0x${'00'.repeat(32)}`

/** v1: SM3 over the hash before and the RFC 8785 array of the fields as text. One changed byte breaks every log: add a version instead. */
export function auditHash(seq: number, entry: AuditEntry, previous: string): string {
  const { at, participantId, actor, requestId, operation, path, status, code } = entry
  const fields = ['1', seq, at, participantId, actor, requestId, operation, path, status, code ?? ''].map(String)
  return hexlify(sm3(concat(getBytes(previous), canonicalBytes(fields))))
}

/** What is wrong with the first entry that does not follow from those before; undefined for a chain that holds. */
export function auditFault(
  entry: ChainedEntry,
  before: Pick<ChainedEntry, 'seq' | 'hash'> | undefined
): string | undefined {
  const expected = (before?.seq ?? 0) + 1
  if (entry.seq !== expected) return `entry ${expected} is missing`
  if (entry.previous !== (before?.hash ?? AUDIT_START)) return `entry ${entry.seq} does not follow the one before`
  if (auditHash(entry.seq, entry, entry.previous) !== entry.hash) return `entry ${entry.seq} was changed`
  return undefined
}
