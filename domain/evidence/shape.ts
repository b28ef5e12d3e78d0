/** The shapes evidence is parsed into: unknown fields refused, every string with its pattern, canonical bytes only. */
import canonicalize from 'canonicalize'
import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { EvidenceError, type EvidenceErrorCode } from './errors.ts'

/** Evidence nests about six deep. */
const maxDepth = 32

export const closed = { additionalProperties: false } as const

export const Address = Type.String({ pattern: '^0x[0-9a-fA-F]{40}$' })
export const Bytes32 = Type.String({ pattern: '^0x[0-9a-f]{64}$' })
export const Hex = Type.String({ pattern: '^0x([0-9a-fA-F]{2})*$', maxLength: 65_536 })
/** A non-negative integer of any size without leading zeros. */
export const Decimal = Type.String({ pattern: '^(0|[1-9][0-9]{0,77})$' })
export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' })
/** RFC 3339 in UTC, to the second. */
export const Time = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$' })
export const ReceivableId = Type.String({ pattern: '^0x[0-9a-f]{48}$' })
export const NoteId = Type.String({ pattern: '^0x[0-9a-f]{64}$' })
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** Which registry the evidence is about. The verifiers tell which of its signers are P-256 and SM2 keys. */
export const DeploymentShape = Type.Object(
  {
    chainId: Count,
    genesisHash: Bytes32,
    evidenceLog: Address,
    receivables: Address,
    participants: Address,
    fingerprints: Address,
    p256Verifier: Address,
    sm2Verifier: Address
  },
  closed
)
export type EvidenceDeployment = Static<typeof DeploymentShape>

/** Addresses and keys are hex: case carries no meaning. */
export function isSameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** Only what evidence needs of a deployment. */
export function evidenceDeployment(deployment: EvidenceDeployment): EvidenceDeployment {
  const { chainId, genesisHash, evidenceLog, receivables, participants, fingerprints } = deployment
  const { p256Verifier, sm2Verifier } = deployment
  return { chainId, genesisHash, evidenceLog, receivables, participants, fingerprints, p256Verifier, sm2Verifier }
}

/** Throws with `code` and the first place that does not fit. */
export function requireShape<T extends TSchema>(
  schema: T,
  value: unknown,
  code: EvidenceErrorCode
): asserts value is Static<T> {
  if (Value.Check(schema, value)) return
  const error = Value.Errors(schema, value)[0]
  throw new EvidenceError(code, `${error?.instancePath || '/'} ${error?.message ?? 'has an unknown shape'}`)
}

/** UTF-8 of RFC 8785 JSON. */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('value has no JSON form')
  return new TextEncoder().encode(text)
}

/**
 * Reads canonical JSON; `checked` refuses another shape. Bytes that say the same in another way (spaces, order, doubled
 * keys) are refused, so that one statement has one digest.
 */
export function parseCanonical<T>(bytes: Uint8Array, code: EvidenceErrorCode, checked: (value: unknown) => T): T {
  let value: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    // Checked before parsing: everything after works by recursion.
    if (depthOf(text) > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth}`)
    value = JSON.parse(text)
  } catch (error) {
    throw new EvidenceError(code, `not JSON in UTF-8: ${(error as Error).message}`)
  }
  const known = checked(value)
  const canonical = canonicalBytes(known)
  if (canonical.length !== bytes.length || !canonical.every((byte, i) => byte === bytes[i])) {
    throw new EvidenceError(code, 'not the canonical form of RFC 8785')
  }
  return known
}

/** Depth of brackets in JSON text, those within strings left out. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isString = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (isString) {
      if (char === '\\') i++
      else if (char === '"') isString = false
    } else if (char === '"') isString = true
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth)
    else if (char === ']' || char === '}') depth--
  }
  return deepest
}

/** RFC 3339 in UTC of unix seconds. */
export function rfc3339(unixSeconds: number | bigint): string {
  return `${new Date(Number(unixSeconds) * 1000).toISOString().slice(0, 19)}Z`
}

/** Unix seconds of a time in the form of {@link rfc3339}; NaN for a day that does not exist. */
export function unixSeconds(time: string): number {
  const milliseconds = Date.parse(time)
  return Number.isNaN(milliseconds) || rfc3339(milliseconds / 1000) !== time ? Number.NaN : milliseconds / 1000
}
