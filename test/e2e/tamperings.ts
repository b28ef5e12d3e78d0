/** What somebody may do to a true package, each with the code that the verifier has to give for it. */
import { hexlify } from 'ethers'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import type { SigningKey } from '../../domain/crypto/sm2.ts'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import type { EvidenceErrorCode } from '../../domain/evidence/errors.ts'
import type { LogHead, SignedHead } from '../../domain/evidence/head.ts'
import { leafHash, MemoryLog } from '../../domain/evidence/merkle.ts'
import { digestsOf, type Manifest } from '../../domain/evidence/package.ts'
import { parseRecord, recordBytes, type CommandRecord, type EvidenceRecord } from '../../domain/evidence/record.ts'
import { canonicalBytes, rfc3339, unixSeconds } from '../../domain/evidence/shape.ts'

export interface True {
  /** The package with its documents in clear, and the anchors under which it is verified. */
  bytes: Uint8Array
  anchors: TrustAnchors
  /** Signs as the log's operator does: what an operator that lies can do. */
  sign: (head: LogHead) => Promise<SignedHead>
  /** Signs as somebody else, whom the same authority certified. */
  forge: (head: LogHead) => Promise<SignedHead>
  /** The authority that certified the participants. */
  issuing: { certificate: Uint8Array; key: SigningKey }
  /** The participants' own keys: what they could have signed otherwise. */
  keys: readonly SigningKey[]
}

export interface Tampered {
  bytes: Uint8Array
  anchors?: TrustAnchors
  /** What the verifier was told that the package is about. */
  subject?: string
}

export interface Tampering {
  name: string
  code: EvidenceErrorCode
  make: (original: True) => Tampered | Promise<Tampered>
}

export type Files = Record<string, Uint8Array>

export const manifestOf = (files: Files): Manifest => JSON.parse(strFromU8(files['manifest.json']!)) as Manifest
const firstOf = (files: Files, folder: string): string =>
  Object.keys(files)
    .filter((path) => path.startsWith(`${folder}/`))
    .sort()[0]!

/** Changes members and manifest; with `isRedigested` the digests are made to fit again. */
export function edited(
  { bytes }: True,
  change: (files: Files, manifest: Manifest) => void | Promise<void>,
  isRedigested = false
): Tampered | Promise<Tampered> {
  const files = unzipSync(bytes)
  const manifest = manifestOf(files)
  const finish = (): Tampered => {
    if (isRedigested) {
      manifest.members = Object.keys(files)
        .filter((path) => path !== 'manifest.json')
        .sort()
        .map((path) => ({ path, ...digestsOf(files[path]!) }))
    }
    files['manifest.json'] = canonicalBytes(manifest) as Uint8Array<ArrayBuffer>
    return { bytes: zipSync(files) }
  }
  const waited = change(files, manifest)
  return waited ? waited.then(finish) : finish()
}

const flipped = (bytes: Uint8Array): Uint8Array => {
  const copy = bytes.slice()
  copy[copy.length >> 1]! ^= 1
  return copy
}

/** An operator that lies: other records, in a log of their own whose head it signs and the anchors take for true. */
export async function relogged(
  original: True,
  change: (records: EvidenceRecord[], files: Files, manifest: Manifest) => void
): Promise<Tampered> {
  const files = unzipSync(original.bytes)
  const manifest = manifestOf(files)
  const records = manifest.records.map(({ path }) => parseRecord(files[path]!))
  for (const { path } of manifest.records) delete files[path]
  change(records, files, manifest)
  const log = new MemoryLog()
  const placed: { leafIndex: number; bytes: Uint8Array }[] = []
  for (const record of records) {
    const bytes = recordBytes(record)
    placed.push({ leafIndex: await log.append(leafHash(bytes)), bytes })
  }
  manifest.records = []
  for (const { leafIndex, bytes } of placed) {
    const path = `records/${leafIndex}.json`
    files[path] = bytes as Uint8Array<ArrayBuffer>
    const proof = (await log.inclusionProof(leafIndex)).map((hash) => hexlify(hash))
    manifest.records.push({ path, leafIndex, proof })
  }
  manifest.head = await original.sign({ ...plain(manifest.head), size: log.size, root: hexlify(await log.root()) })
  const members = Object.keys(files).filter((path) => path !== 'manifest.json')
  manifest.members = members.sort().map((path) => ({ path, ...digestsOf(files[path]!) }))
  files['manifest.json'] = canonicalBytes(manifest) as Uint8Array<ArrayBuffer>
  const { size, root } = manifest.head
  const { txHash, blockNumber } = manifest.anchor!
  return { bytes: zipSync(files), anchors: { ...original.anchors, heads: [{ size, root, blockNumber, txHash }] } }
}

function plain({ logId, chainId, evidenceLog, size, root, time }: LogHead): LogHead {
  return { logId, chainId, evidenceLog, size, root, time }
}

export const isCommand = (record: EvidenceRecord): record is CommandRecord => record.kind === 'command'
const isEvent = (record: EvidenceRecord, name: string): boolean => record.kind === 'state' && record.event.name === name
const dropped = (records: EvidenceRecord[], which: (record: EvidenceRecord) => boolean): void => {
  records.splice(records.findIndex(which), 1)
}
/** Another r‖s in the first signature of the first command. */
const resigned = (change: (signature: string) => string) => (original: True) =>
  relogged(original, (records) => {
    const part = records.find(isCommand)!.signatures[0]!
    part.signature = change(part.signature)
  })
const SM2_N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n
const word = (value: bigint): string => value.toString(16).padStart(64, '0')
const other = `0x${'ab'.repeat(32)}`

export const tamperings: readonly Tampering[] = [
  { name: 'no zip', code: 'PACKAGE_UNREADABLE', make: () => ({ bytes: strToU8('evidence') }) },
  { name: 'cut short', code: 'PACKAGE_TRUNCATED', make: ({ bytes }) => ({ bytes: bytes.slice(0, -7) }) },
  {
    name: 'bytes after its end',
    code: 'PACKAGE_TRUNCATED',
    make: ({ bytes }) => ({ bytes: new Uint8Array(Buffer.concat([bytes, Buffer.from([0])])) })
  },
  {
    name: 'a zip bomb',
    code: 'PACKAGE_LIMIT',
    make: (original) => edited(original, (files) => void (files['records/0.json'] = new Uint8Array(32 << 20)))
  },
  {
    name: 'a member twice',
    code: 'MEMBER_DUPLICATE',
    make: ({ bytes }) => {
      const files = unzipSync(bytes)
      const path = firstOf(files, 'records')
      const twin = path.replace('records', 'recordz')
      const zipped = zipSync({ ...files, [twin]: files[path]! })
      return {
        bytes: new Uint8Array(Buffer.from(Buffer.from(zipped).toString('latin1').replaceAll(twin, path), 'latin1'))
      }
    }
  },
  {
    name: 'a member outside its folder',
    code: 'PACKAGE_UNREADABLE',
    make: (original) => edited(original, (files) => void (files['../manifest.json'] = strToU8('{}')))
  },
  {
    name: 'a member left out',
    code: 'MEMBER_MISSING',
    make: (original) => edited(original, (files) => void delete files[firstOf(files, 'records')])
  },
  {
    name: 'a member put in',
    code: 'MEMBER_UNDECLARED',
    make: (original) => edited(original, (files) => void (files['records/999999.json'] = strToU8('{}')))
  },
  {
    name: 'a manifest of another version',
    code: 'MANIFEST_VERSION_UNKNOWN',
    make: (original) => edited(original, (_, manifest) => void Object.assign(manifest, { v: 2 }))
  },
  {
    name: 'an unknown field in the manifest',
    code: 'MANIFEST_MALFORMED',
    make: (original) => edited(original, (_, manifest) => void Object.assign(manifest, { note: 'trust me' }))
  },
  {
    name: 'a byte of a record',
    code: 'DIGEST_MISMATCH',
    make: (original) =>
      edited(original, (files) => void (files[firstOf(files, 'records')] = flipped(files[firstOf(files, 'records')]!)))
  },
  {
    name: 'a byte of a document',
    code: 'DIGEST_MISMATCH',
    make: (original) =>
      edited(
        original,
        (files) => void (files[firstOf(files, 'documents')] = flipped(files[firstOf(files, 'documents')]!))
      )
  },
  {
    name: 'another document with digests made anew',
    code: 'DOCUMENT_MISMATCH',
    make: (original) =>
      edited(original, (files) => void (files[firstOf(files, 'documents')] = strToU8('<Invoice/>')), true)
  },
  {
    name: 'another amount in a record with digests made anew',
    code: 'LEAF_NOT_IN_LOG',
    make: (original) =>
      edited(
        original,
        (files) => {
          for (const path of Object.keys(files)) {
            const text = path.startsWith('records/') ? strFromU8(files[path]!) : ''
            if (text.includes('ReceivableRegistered')) {
              files[path] = strToU8(text.replace(/"amount":"(\d)/, (_, digit) => `"amount":"${9 - Number(digit)}`))
            }
          }
        },
        true
      )
  },
  {
    name: 'an inclusion proof of another leaf',
    code: 'LEAF_NOT_IN_LOG',
    make: (original) => edited(original, (_, { records }) => void (records[0]!.proof = records.at(-1)!.proof))
  },
  {
    name: 'what is no record',
    code: 'RECORD_MALFORMED',
    make: (original) =>
      edited(original, (files) => void (files[firstOf(files, 'records')] = strToU8('{"kind":"rumour","v":1}')), true)
  },
  {
    name: 'another root in the head',
    code: 'HEAD_SIGNATURE_INVALID',
    make: (original) => edited(original, (_, { head }) => void (head.root = other))
  },
  {
    name: 'a head signed by another key',
    code: 'HEAD_SIGNATURE_INVALID',
    make: (original) =>
      edited(original, async (_, manifest) => {
        manifest.head = await original.forge(plain(manifest.head))
      })
  },
  {
    name: 'a second head of the same size, by the operator itself',
    code: 'HEAD_FORKED',
    make: (original) =>
      edited(original, async (_, manifest) => {
        manifest.head = await original.sign({ ...plain(manifest.head), root: other })
      })
  },
  {
    name: 'a head that was never anchored',
    code: 'HEAD_NOT_ANCHORED',
    make: (original) =>
      edited(original, async (_, manifest) => {
        manifest.head = await original.sign({ ...plain(manifest.head), size: manifest.head.size + 1_000 })
      })
  },
  {
    name: 'another anchoring transaction',
    code: 'HEAD_NOT_ANCHORED',
    make: (original) => edited(original, (_, { anchor }) => void (anchor!.txHash = other))
  },
  {
    name: 'an earlier head that it does not extend',
    code: 'LOG_NOT_CONSISTENT',
    make: (original) =>
      edited(original, (_, manifest) => void (manifest.extends = { size: 1, root: other, proof: [other] }))
  },
  {
    name: 'another registry',
    code: 'DEPLOYMENT_MISMATCH',
    make: (original) => edited(original, (_, { deployment }) => void (deployment.receivables = deployment.fingerprints))
  },
  {
    name: 'shown for another receivable than it is about',
    code: 'SUBJECT_MISMATCH',
    make: ({ bytes }) => ({ bytes, subject: `0x${'cd'.repeat(24)}` })
  },
  {
    name: 'about another receivable than its records',
    code: 'COMMAND_MISMATCH',
    make: (original) =>
      edited(original, (_, { subject }) => void Object.assign(subject, { id: `0x${'cd'.repeat(24)}` }))
  },
  {
    name: 'the call of another command under a name',
    code: 'COMMAND_MISMATCH',
    make: (original) => edited(original, (files, { calls }) => void (files[calls[0]!] = files[calls[1]!]!), true)
  },
  {
    name: 'a call kept back',
    code: 'COMMAND_MISMATCH',
    make: (original) =>
      edited(
        original,
        (files, manifest) => {
          delete files[manifest.calls[0]!]
          manifest.calls.shift()
        },
        true
      )
  },
  {
    name: 'one byte of a signature',
    code: 'SIGNATURE_INVALID',
    make: resigned((signature) => `${signature.slice(0, -2)}${signature.endsWith('00') ? '01' : '00'}`)
  },
  {
    name: 'a signature with s = 0',
    code: 'SIGNATURE_INVALID',
    make: resigned((one) => `${one.slice(0, 66)}${word(0n)}`)
  },
  {
    name: 'a signature with r + s = n',
    code: 'SIGNATURE_INVALID',
    make: resigned((one) => `${one.slice(0, 66)}${word(SM2_N - BigInt(one.slice(0, 66)))}`)
  },
  {
    name: 'a signature with s beyond the order',
    code: 'SIGNATURE_INVALID',
    make: resigned((one) => `${one.slice(0, 66)}${word(SM2_N)}`)
  },
  {
    name: 'a signature in DER',
    code: 'SIGNATURE_INVALID',
    make: resigned((one) => `0x3046022100${one.slice(2, 66)}022100${one.slice(66)}`)
  },
  {
    name: 'one signer twice, the other not',
    code: 'SIGNATURE_INVALID',
    make: (original) =>
      relogged(original, (records) => {
        const { signatures } = records.find(isCommand)!
        signatures[1] = { ...signatures[0]! }
      })
  },
  {
    name: 'a later deadline than was signed',
    code: 'SIGNATURE_INVALID',
    make: (original) => relogged(original, (records) => void (records.find(isCommand)!.deadline += 1))
  },
  {
    name: 'a key that is not the participant’s',
    code: 'SIGNER_UNKNOWN',
    make: ({ bytes, anchors }) => {
      const participants = anchors.participants.map((one) => ({ ...one, signers: [] }))
      return { bytes, anchors: { ...anchors, participants } }
    }
  },
  {
    name: 'a command kept back',
    code: 'COMMAND_MISMATCH',
    make: (original) => relogged(original, (records) => dropped(records, isCommand))
  },
  {
    name: 'a command told twice',
    code: 'COMMAND_MISMATCH',
    make: (original) => relogged(original, (records) => void records.push(structuredClone(records.find(isCommand)!)))
  },
  {
    name: 'the confirmation kept back',
    code: 'LINEAGE_INCOMPLETE',
    make: (original) => relogged(original, (records) => dropped(records, (one) => isEvent(one, 'ReceivableConfirmed')))
  },
  {
    name: 'a transfer kept back',
    code: 'STATE_MISMATCH',
    make: (original) => relogged(original, (records) => dropped(records, (one) => isEvent(one, 'NoteAccepted')))
  },
  {
    name: 'a confirmation before the registration',
    code: 'STATE_MISMATCH',
    make: (original) =>
      relogged(original, (records) => {
        for (const record of records) {
          if (record.kind !== 'state' || record.event.name !== 'ReceivableConfirmed') continue
          record.blockTime = rfc3339(unixSeconds(record.blockTime) - 3_600)
        }
      })
  },
  {
    name: 'another content than was committed to',
    code: 'DOCUMENT_MISMATCH',
    make: (original) =>
      relogged(original, (records) => {
        for (const record of records) if (record.kind === 'document') record.contentCommitment = other
      })
  }
]
