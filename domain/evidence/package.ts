/**
 * The evidence package: a zip with `manifest.json`, `records/<leafIndex>.json`, `calls/<EIP-712 hash>.json` for the calls
 * of commands that concern the subject, `certificates/<sha256>.der` of the keys that signed, and `documents/<sha256>.<ext>`, or `sealed/<sha256>.sealed` for who has not the
 * key. The manifest says what belongs to it, so nothing can be added or left out; the log's proofs and the anchored head say that it is true.
 */
import { getBytes, hexlify } from 'ethers'
import { Type, type Static } from 'typebox'
import type { WrappedKey } from '../crypto/envelope.ts'
import { sha256, sm3 } from '../crypto/hash.ts'
import type { Call } from '../intent/commands.ts'
import { hashOfCall } from '../intent/typed-data.ts'
import { EvidenceError } from './errors.ts'
import { SignedHeadShape, type SignedHead } from './head.ts'
import { parseRecord } from './record.ts'
import {
  Address,
  Bytes32,
  canonicalBytes,
  closed,
  Count,
  DeploymentShape,
  evidenceDeployment,
  Hex,
  NoteId,
  parseCanonical,
  ReceivableId,
  requireShape,
  Uuid,
  type EvidenceDeployment
} from './shape.ts'
import { readZip, writeZip } from './zip.ts'

/** What a package may cost its reader. */
export const packageLimits = { members: 20_000, totalBytes: 64 * 1024 * 1024, ratio: 100 } as const

const manifestName = 'manifest.json'
const Path = Type.String({
  pattern:
    '^(records/(0|[1-9][0-9]{0,15})\\.json|calls/[0-9a-f]{64}\\.json|certificates/[0-9a-f]{64}\\.der|documents/[0-9a-f]{64}\\.[a-z0-9]{1,8}|sealed/[0-9a-f]{64}\\.sealed)$'
})

/** A sealed document: what it is in clear, and its data key as each reader has it (GM/T 0009 DER). */
const SealedShape = Type.Object(
  {
    path: Path,
    sha256: Bytes32,
    extension: Type.String({ pattern: '^[a-z0-9]{1,8}$' }),
    keys: Type.Array(Type.Object({ keyId: Type.String({ pattern: '^[0-9a-f]{64}$' }), wrapped: Hex }, closed))
  },
  closed
)

const ManifestShape = Type.Object(
  {
    v: Type.Literal(1),
    subject: Type.Union([
      Type.Object({ kind: Type.Literal('receivable'), id: ReceivableId }, closed),
      Type.Object({ kind: Type.Literal('note'), id: NoteId }, closed),
      Type.Object({ kind: Type.Literal('document'), id: Uuid }, closed),
      Type.Object({ kind: Type.Literal('transaction'), id: Bytes32 }, closed)
    ]),
    deployment: DeploymentShape,
    members: Type.Array(Type.Object({ path: Path, sha256: Bytes32, sm3: Bytes32, bytes: Count }, closed)),
    records: Type.Array(
      Type.Object({ path: Path, leafIndex: Count, proof: Type.Array(Bytes32, { maxItems: 64 }) }, closed),
      { minItems: 1 }
    ),
    calls: Type.Array(Path),
    certificates: Type.Optional(Type.Array(Path, { minItems: 1 })),
    documents: Type.Array(Path),
    sealed: Type.Optional(Type.Array(SealedShape, { minItems: 1 })),
    head: SignedHeadShape,
    extends: Type.Optional(
      Type.Object({ size: Count, root: Bytes32, proof: Type.Array(Bytes32, { maxItems: 128 }) }, closed)
    ),
    anchor: Type.Optional(Type.Object({ txHash: Bytes32, blockNumber: Count, blockHash: Bytes32 }, closed))
  },
  closed
)

export type Manifest = Static<typeof ManifestShape>
/** What the package proves something about: a receivable or note by its hex id, a document, a transaction by its hash. */
export type Subject = Manifest['subject']

export interface PackageInput {
  subject: Subject
  deployment: EvidenceDeployment
  /** `bytes` exactly as the log hashed them, `proof` the inclusion proof in the tree of `head.size` leaves. */
  records: { leafIndex: number; bytes: Uint8Array; proof: Uint8Array[] }[]
  /** Calls of the commands that are shown. */
  calls: readonly Call[]
  /** X.509 of the SM2 keys that signed commands, and of those above them; DER, each once or several times. */
  certificates?: readonly Uint8Array[]
  head: SignedHead
  /** An earlier head of the log, with the RFC 9162 proof that `head` only added to it. */
  extends?: { size: number; root: string; proof: readonly Uint8Array[] }
  /** The transaction that anchored the head. */
  anchor?: { txHash: string; blockNumber: number; blockHash: string }
  /** In clear. `extension` without the dot. */
  documents: { bytes: Uint8Array; extension: string }[]
  /** `sha256` of the clear bytes, 0x-hex. */
  sealed?: { bytes: Uint8Array; sha256: string; extension: string; keys: readonly WrappedKey[] }[]
}

/** What came out of a package: its manifest and the members it declares, by path. */
export interface OpenedPackage {
  manifest: Manifest
  members: Map<string, Uint8Array>
}

/** Writes a package. The same input gives the same bytes. Throws EvidenceError when a part does not fit. */
export function buildPackage(input: PackageInput): Uint8Array {
  const members = new Map<string, Uint8Array>()
  const sorted = [...input.records].sort((a, b) => a.leafIndex - b.leafIndex)
  const records = sorted.map(({ leafIndex, bytes, proof }) => {
    parseRecord(bytes)
    const path = `records/${leafIndex}.json`
    if (members.has(path)) throw new EvidenceError('MANIFEST_MALFORMED', `two records are leaf ${leafIndex}`)
    members.set(path, bytes)
    return { path, leafIndex, proof: proof.map((hash) => hexlify(hash)) }
  })
  for (const call of input.calls) members.set(pathOfCall(call), canonicalBytes(callFile(call)))
  for (const der of input.certificates ?? []) members.set(`certificates/${hexlify(sha256(der)).slice(2)}.der`, der)
  for (const { bytes, extension } of input.documents) {
    // The same file handed in twice is one member.
    members.set(`documents/${hexlify(sha256(bytes)).slice(2)}.${extension}`, bytes)
  }
  const sealed = [...(input.sealed ?? [])]
    .sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))
    .map(({ bytes, sha256: digest, extension, keys }) => {
      const path = `sealed/${digest.slice(2)}.sealed`
      members.set(path, bytes)
      return {
        path,
        sha256: digest,
        extension,
        keys: keys.map(({ keyId, wrapped }) => ({ keyId, wrapped: hexlify(wrapped) }))
      }
    })
  const paths = [...members.keys()].sort()
  const certificates = paths.filter((path) => path.startsWith('certificates/'))
  const { extends: earlier } = input
  const manifest: Manifest = {
    v: 1,
    subject: input.subject,
    deployment: evidenceDeployment(input.deployment),
    members: paths.map((path) => ({ path, ...digestsOf(members.get(path) as Uint8Array) })),
    records,
    calls: paths.filter((path) => path.startsWith('calls/')),
    ...(certificates.length > 0 && { certificates }),
    documents: paths.filter((path) => path.startsWith('documents/')),
    ...(sealed.length > 0 && { sealed }),
    head: input.head,
    ...(earlier && { extends: { ...earlier, proof: earlier.proof.map((hash) => hexlify(hash)) } }),
    ...(input.anchor && { anchor: input.anchor })
  }
  checkedManifest(manifest)
  members.set(manifestName, canonicalBytes(manifest))
  const totalBytes = [...members.values()].reduce((sum, bytes) => sum + bytes.length, 0)
  requireLimit('members', members.size, packageLimits.members)
  requireLimit('bytes', totalBytes, packageLimits.totalBytes)
  return writeZip(members)
}

/**
 * Opens a package from anywhere. Compares the members' names with the manifest, not yet their digests.
 * @throws EvidenceError PACKAGE_UNREADABLE, PACKAGE_TRUNCATED, PACKAGE_LIMIT, MANIFEST_MALFORMED, MANIFEST_VERSION_UNKNOWN,
 * MEMBER_MISSING, MEMBER_UNDECLARED, MEMBER_DUPLICATE
 */
export function openPackage(bytes: Uint8Array): OpenedPackage {
  requireLimit('bytes of the archive', bytes.length, packageLimits.totalBytes)
  const members = readZip(bytes, packageLimits)
  const manifestBytes = members.get(manifestName)
  if (!manifestBytes)
    throw new EvidenceError('MEMBER_MISSING', `${manifestName} is missing`, { required: manifestName })
  members.delete(manifestName)
  const manifest = parseCanonical(manifestBytes, 'MANIFEST_MALFORMED', checkedManifest)
  const declared = new Set(manifest.members.map(({ path }) => path))
  for (const path of declared) {
    if (!members.has(path)) throw new EvidenceError('MEMBER_MISSING', `${path} is missing`, { required: path })
  }
  for (const path of members.keys()) {
    if (!declared.has(path)) {
      throw new EvidenceError('MEMBER_UNDECLARED', `${path} is not in the manifest`, { presented: path })
    }
  }
  return { manifest, members }
}

/** The calls that a package shows, by their EIP-712 hash. Throws COMMAND_MISMATCH for one that its name does not fit. */
export function callsOf({ manifest, members }: OpenedPackage): Map<string, Call> {
  return new Map(
    manifest.calls.map((path) => {
      const call = parseCanonical(members.get(path) as Uint8Array, 'COMMAND_MISMATCH', (value) => {
        requireShape(CallShape, value, 'COMMAND_MISMATCH')
        return value
      })
      if (pathOfCall(call) !== path) {
        throw new EvidenceError('COMMAND_MISMATCH', `${path} is another call`, { presented: pathOfCall(call) })
      }
      return [hashOfCall(call), call]
    })
  )
}

const CallShape = Type.Object({ target: Address, data: Type.String({ pattern: '^0x([0-9a-f]{2})*$' }) }, closed)

function callFile({ target, data }: Call): Call {
  return { target, data: data.toLowerCase() }
}

function pathOfCall(call: Call): string {
  return `calls/${hashOfCall(call).slice(2)}.json`
}

/** Digests and length as the manifest states them. */
export function digestsOf(bytes: Uint8Array): { sha256: string; sm3: string; bytes: number } {
  return { sha256: hexlify(sha256(bytes)), sm3: hexlify(sm3(bytes)), bytes: bytes.length }
}

/** The proof of a manifest's record as bytes. */
export function proofOf(record: Manifest['records'][number]): Uint8Array[] {
  return record.proof.map((hash) => getBytes(hash))
}

/** What the shape alone can't say: paths are unique and in order, and each is listed once more as what it is. */
function checkedManifest(manifest: unknown): Manifest {
  const version = (manifest as { v?: unknown } | null)?.v
  if (typeof version === 'number' && version !== 1) {
    const values = { presented: version, required: 1 }
    throw new EvidenceError('MANIFEST_VERSION_UNKNOWN', 'the manifest is of a version that this verifier lacks', values)
  }
  requireShape(ManifestShape, manifest, 'MANIFEST_MALFORMED')
  requireAscending(
    'members',
    manifest.members.map(({ path }) => path)
  )
  requireAscending('calls', manifest.calls)
  requireAscending('certificates', manifest.certificates ?? [])
  requireAscending('documents', manifest.documents)
  const paths = manifest.records.map(({ path }) => path)
  requireAscending('records', [...paths].sort())
  for (const { path, leafIndex } of manifest.records) {
    if (path !== `records/${leafIndex}.json`) malformed(`record ${path} is not named by its leaf`, path, leafIndex)
  }
  const sealed = (manifest.sealed ?? []).map(({ path }) => path)
  requireAscending('sealed', sealed)
  const { calls, certificates = [], documents } = manifest
  const listed = [...paths, ...calls, ...certificates, ...documents, ...sealed].sort().join('\n')
  const members = manifest.members.map(({ path }) => path).join('\n')
  if (listed !== members)
    malformed('members are not exactly the records, calls, certificates, documents and sealed documents')
  return manifest
}

function requireAscending(title: string, paths: string[]): void {
  const index = paths.findIndex((path, i) => i > 0 && path <= (paths[i - 1] as string))
  if (index > 0) malformed(`${title} must be in order and named once`, paths[index])
}

function requireLimit(title: string, presented: number, required: number): void {
  if (presented <= required) return
  throw new EvidenceError('PACKAGE_LIMIT', `package has ${presented} ${title}`, { presented, required })
}

function malformed(message: string, presented?: unknown, required?: unknown): never {
  throw new EvidenceError('MANIFEST_MALFORMED', message, { presented, required })
}
