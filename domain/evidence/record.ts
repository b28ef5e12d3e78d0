/**
 * Evidence records: what the log's leaves say. Canonical bytes are the UTF-8 of RFC 8785 JSON. Amounts and numbers are
 * decimal strings and times RFC 3339 UTC; the only JSON numbers are the version and those of the signed typed data.
 * One changed byte breaks every proof: add a version instead.
 */
import { ParamType, type LogDescription } from 'ethers'
import { Type, type Static } from 'typebox'
import { contracts } from '../chain/contracts.ts'
import { EvidenceError } from './errors.ts'
import { leafHash } from './merkle.ts'
import {
  Address,
  Bytes32,
  canonicalBytes,
  closed,
  Count,
  Decimal,
  Hex,
  parseCanonical,
  ReceivableId,
  requireShape,
  Time,
  unixSeconds,
  Uuid
} from './shape.ts'

const DocumentShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('document'),
    documentId: Type.String({ minLength: 1, maxLength: 128 }),
    mediaType: Type.String({ minLength: 1, maxLength: 128 }),
    format: Type.String({ minLength: 1, maxLength: 64 }),
    byteLength: Decimal,
    sha256: Bytes32,
    sm3: Bytes32,
    fingerprints: Type.Array(Bytes32, { maxItems: 16 }),
    contentCommitment: Type.Optional(Bytes32),
    receivableId: Type.Optional(ReceivableId)
  },
  closed
)

const CommandShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('command'),
    intentId: Uuid,
    participantId: Decimal,
    account: Address,
    chainId: Count,
    /** Unix seconds. */
    deadline: Count,
    calls: Type.Array(Bytes32, { minItems: 1, maxItems: 1_000 }),
    digest: Bytes32,
    signatures: Type.Array(Type.Object({ signer: Hex, signature: Hex }, closed), { minItems: 1, maxItems: 64 })
  },
  closed
)

/** Contracts of a registry whose events are state. The log's own heads are not: each would make the next one. */
export const registryContracts = ['receivables', 'fingerprints', 'participants'] as const

const EventShape = Type.Object(
  {
    contract: Type.Enum([...registryContracts]),
    logIndex: Decimal,
    name: Type.String({ minLength: 1, maxLength: 64 }),
    args: Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())
  },
  closed
)

/** Where on the chain it happened: one log of one transaction. */
const place = { txHash: Bytes32, blockNumber: Decimal, blockHash: Bytes32, blockTime: Time }

const StateShape = Type.Object(
  { v: Type.Literal(1), kind: Type.Literal('state'), intentId: Type.Optional(Uuid), ...place, event: EventShape },
  closed
)

const CutShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('cut'),
    ...place,
    logIndex: Decimal,
    receivableId: ReceivableId,
    at: Decimal
  },
  closed
)

const StatementShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('statement'),
    chainId: Count,
    block: Type.Object({ number: Count, hash: Bytes32, time: Time }, closed),
    statementKind: Type.String({ minLength: 1, maxLength: 32 }),
    sha256: Bytes32
  },
  closed
)

const DecisionShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('decision'),
    alarmId: Decimal,
    rule: Type.String({ minLength: 1, maxLength: 64 }),
    score: Decimal,
    participantId: Decimal,
    receivableId: ReceivableId,
    decision: Type.Enum(['accepted', 'rejected']),
    reason: Bytes32,
    decidedAt: Time
  },
  closed
)

const GrantShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('grant'),
    grantId: Uuid,
    documentId: Uuid,
    grantedBy: Decimal,
    grantedTo: Decimal,
    sections: Type.Array(Type.String({ pattern: '^[a-z]{1,32}$' }), { minItems: 1, maxItems: 16 }),
    state: Type.Enum(['given', 'withdrawn']),
    at: Time,
    until: Type.Optional(Time)
  },
  closed
)

/** How many of each duty an account wants, as it counted when the record was made. */
const QuorumShape = Type.Object({ makers: Decimal, checkers: Decimal }, closed)

const SignatureShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('signature'),
    documentId: Uuid,
    participantId: Decimal,
    account: Address,
    chainId: Count,
    registry: Address,
    digest: Bytes32,
    signer: Hex,
    signature: Hex,
    duty: Type.Enum(['maker', 'checker']),
    quorum: QuorumShape,
    at: Time
  },
  closed
)

const WithdrawalShape = Type.Object(
  {
    v: Type.Literal(1),
    kind: Type.Literal('withdrawal'),
    documentId: Uuid,
    participantId: Decimal,
    at: Time
  },
  closed
)

const AuditShape = Type.Object(
  { v: Type.Literal(1), kind: Type.Literal('audit'), size: Decimal, head: Bytes32 },
  closed
)

const shapes = {
  document: DocumentShape,
  command: CommandShape,
  state: StateShape,
  cut: CutShape,
  statement: StatementShape,
  decision: DecisionShape,
  grant: GrantShape,
  signature: SignatureShape,
  withdrawal: WithdrawalShape,
  audit: AuditShape
}

/** A document as it came in: its digests, what it is identified by on chain, and the receivable it founded. */
export type DocumentRecord = Static<typeof DocumentShape>
/**
 * What a participant ordered, with its signatures. `calls` are the EIP-712 hashes of its calls, so that a package shows
 * those that concern its subject and nothing of the others; with account, intent and deadline they make the `digest` that
 * was signed ({@link digestOfCalls}).
 */
export type CommandRecord = Static<typeof CommandShape>
/** One event of the chain. `intentId` is absent when no intent of ours caused it. */
export type StateRecord = Static<typeof StateShape>
/**
 * That the event at this place cut a piece beginning at `at` (minor units) off the note around it: all that the history of
 * what is left has to know of another's piece.
 */
export type CutRecord = Static<typeof CutShape>
/**
 * That a certificate was handed out: the digest of its statement's canonical bytes, and the block whose state it is about.
 * Under an anchored head, that block's state root can be trusted without a node.
 */
export type StatementRecord = Static<typeof StatementShape>
/**
 * That a participant accepted or rejected a near-duplicate alarm on a receivable, for itself: the rule and the score that it had then.
 * `reason` is SHA-256 over the receivable's id, a line feed and the reason, so that who is told the reason can hold it against this.
 */
export type DecisionRecord = Static<typeof DecisionShape>
/** That a participant showed sections of a document to another (`file`: the file itself), or withdrew that. */
export type GrantRecord = Static<typeof GrantShape>
/**
 * That a key of a factor signed the text of a quote, the document of that id (domain/factoring/signing.ts). `registry` is the deployment's
 * `Fingerprints`. What the signature does not prove is the registry's word: the key's duty, the account's quorum, and the time.
 */
export type SignatureRecord = Static<typeof SignatureShape>
/** That a factor took a quote back, the document of that id. */
export type WithdrawalRecord = Static<typeof WithdrawalShape>
/** The head of the registry's audit log after `size` entries: nobody can change one of them after that (domain/access/audit.ts). */
export type AuditRecord = Static<typeof AuditShape>
/** One event, its arguments by the ABI: integers as decimal strings, bytes as hex, tuples as objects. */
export type StateEvent = Static<typeof EventShape>
export type EvidenceRecord =
  | DocumentRecord
  | CommandRecord
  | StateRecord
  | CutRecord
  | StatementRecord
  | DecisionRecord
  | GrantRecord
  | SignatureRecord
  | WithdrawalRecord
  | AuditRecord
export type ContractName = StateEvent['contract']

/** Block times as records state them. */
export { rfc3339 } from './shape.ts'

type Fields<T extends EvidenceRecord> = {
  [K in keyof Omit<T, 'v' | 'kind'>]: undefined extends T[K] ? T[K] | undefined : T[K]
}

/** A document record. Throws RECORD_MALFORMED when a field does not fit. */
export function documentRecord(fields: Fields<DocumentRecord>): DocumentRecord {
  return recordOf('document', fields) as DocumentRecord
}

/** A command record. Throws RECORD_MALFORMED when a field does not fit. */
export function commandRecord(fields: Fields<CommandRecord>): CommandRecord {
  return recordOf('command', fields) as CommandRecord
}

/** A state record. Throws RECORD_MALFORMED when a field does not fit or an event is not as its ABI says. */
export function stateRecord(fields: Fields<StateRecord>): StateRecord {
  return recordOf('state', fields) as StateRecord
}

/** A cut record. Throws RECORD_MALFORMED when a field does not fit. */
export function cutRecord(fields: Fields<CutRecord>): CutRecord {
  return recordOf('cut', fields) as CutRecord
}

/** A statement record. Throws RECORD_MALFORMED when a field does not fit. */
export function statementRecord(fields: Fields<StatementRecord>): StatementRecord {
  return recordOf('statement', fields) as StatementRecord
}

/** A decision record. Throws RECORD_MALFORMED when a field does not fit. */
export function decisionRecord(fields: Fields<DecisionRecord>): DecisionRecord {
  return recordOf('decision', fields) as DecisionRecord
}

/** A grant record. Throws RECORD_MALFORMED when a field does not fit. */
export function grantRecord(fields: Fields<GrantRecord>): GrantRecord {
  return recordOf('grant', fields) as GrantRecord
}

/** A record of a signature under a quote. Throws RECORD_MALFORMED when a field does not fit. */
export function signatureRecord(fields: Fields<SignatureRecord>): SignatureRecord {
  return recordOf('signature', fields) as SignatureRecord
}

/** A record of a quote's withdrawal. Throws RECORD_MALFORMED when a field does not fit. */
export function withdrawalRecord(fields: Fields<WithdrawalRecord>): WithdrawalRecord {
  return recordOf('withdrawal', fields) as WithdrawalRecord
}

/** The head of the audit log. Throws RECORD_MALFORMED when a field does not fit. */
export function auditRecord(fields: Fields<AuditRecord>): AuditRecord {
  return recordOf('audit', fields) as AuditRecord
}

/** Canonical bytes: exactly what the leaf hashes. Throws RECORD_MALFORMED. */
export function recordBytes(record: EvidenceRecord): Uint8Array {
  requireRecord(record)
  return canonicalBytes(record)
}

/** Reads canonical bytes. Throws RECORD_MALFORMED for another shape, an unknown field or non-canonical bytes. */
export function parseRecord(bytes: Uint8Array): EvidenceRecord {
  return parseCanonical(bytes, 'RECORD_MALFORMED', checkedRecord)
}

/** The record's leaf in the log (RFC 9162 leaf hash of its canonical bytes). */
export function leafOf(record: EvidenceRecord): Uint8Array {
  return leafHash(recordBytes(record))
}

/** A decoded log as evidence states it. */
export function eventOf(contract: ContractName, logIndex: number, description: LogDescription): StateEvent {
  const args = Object.fromEntries(
    description.fragment.inputs.map((input, i) => [input.name, argOf(input, description.args[i])])
  )
  return { contract, logIndex: String(logIndex), name: description.name, args }
}

function argOf(type: ParamType, value: unknown): unknown {
  if (type.isArray()) return [...(value as unknown[])].map((item) => argOf(type.arrayChildren, item))
  if (type.isTuple()) {
    return Object.fromEntries(type.components.map((part, i) => [part.name, argOf(part, (value as unknown[])[i])]))
  }
  return typeof value === 'boolean' ? value : String(value)
}

function recordOf(kind: EvidenceRecord['kind'], fields: object): EvidenceRecord {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return checkedRecord({ v: 1, kind, ...Object.fromEntries(present) })
}

function checkedRecord(record: unknown): EvidenceRecord {
  requireRecord(record)
  return record
}

/** The shape is chosen by the kind, so that a refusal names the field of that kind and not just "none of six". */
function requireRecord(record: unknown): asserts record is EvidenceRecord {
  const kind = (record as { kind?: unknown } | null)?.kind
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) malformed('/kind is unknown', kind)
  requireShape(shapes[kind as keyof typeof shapes], record, 'RECORD_MALFORMED')
  const known = record as EvidenceRecord
  const time = timeOf(known)
  if (time !== undefined && Number.isNaN(unixSeconds(time))) malformed('a time is no time', time)
  if (known.kind === 'state') requireEvent(known.event, '/event')
}

function timeOf(record: EvidenceRecord): string | undefined {
  if ('blockTime' in record) return record.blockTime
  if (record.kind === 'decision') return record.decidedAt
  if (record.kind === 'grant' || record.kind === 'signature' || record.kind === 'withdrawal') return record.at
  return record.kind === 'statement' ? record.block.time : undefined
}

function requireEvent(event: StateEvent, path: string): void {
  const fragment = contracts[event.contract].getEvent(event.name)
  if (!fragment || fragment.name !== event.name) malformed(`${path}/name is no event of ${event.contract}`, event.name)
  requireMembers(fragment.inputs, event.args, `${path}/args`)
}

function requireMembers(types: readonly ParamType[], value: unknown, path: string): void {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const names = isObject ? Object.keys(value).sort().join() : typeof value
  const required = types
    .map((type) => type.name)
    .sort()
    .join()
  if (names !== required) malformed(`${path} must have other members`, names, required)
  for (const type of types) requireArg(type, (value as Record<string, unknown>)[type.name], `${path}/${type.name}`)
}

function requireArg(type: ParamType, value: unknown, path: string): void {
  if (type.isArray()) {
    if (!Array.isArray(value)) malformed(`${path} must be an array`, typeof value)
    value.forEach((item, i) => requireArg(type.arrayChildren, item, `${path}/${i}`))
  } else if (type.isTuple()) {
    requireMembers(type.components, value, path)
  } else if (!isScalar(type.type, value)) {
    malformed(`${path} must be ${type.type}`, String(value), type.type)
  }
}

function isScalar(type: string, value: unknown): boolean {
  if (type === 'bool') return typeof value === 'boolean'
  if (typeof value !== 'string') return false
  if (type === 'address') return /^0x[0-9a-fA-F]{40}$/.test(value)
  if (type === 'string') return true
  const uint = /^uint(\d+)$/.exec(type)
  if (uint) return /^(0|[1-9]\d{0,77})$/.test(value) && BigInt(value) < 1n << BigInt(uint[1] as string)
  const bytes = /^bytes(\d*)$/.exec(type)
  return bytes !== null && /^0x([0-9a-f]{2})*$/.test(value) && (!bytes[1] || value.length === 2 + 2 * Number(bytes[1]))
}

function malformed(message: string, presented: unknown, required?: unknown): never {
  throw new EvidenceError('RECORD_MALFORMED', message, { presented, required })
}
