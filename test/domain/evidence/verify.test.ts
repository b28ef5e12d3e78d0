import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { p256 } from '@noble/curves/p256'
import { concat, hexlify, Interface, Wallet } from 'ethers'
import { describe, expect, it } from 'vitest'
import { contracts } from '../../../domain/chain/contracts.ts'
import type { TrustAnchors } from '../../../domain/evidence/anchors.ts'
import { signHead } from '../../../domain/evidence/head.ts'
import { digestsOf, type Manifest } from '../../../domain/evidence/package.ts'
import { logSigner, strangeSigner } from './authority.ts'
import {
  decisionRecord,
  grantRecord,
  type CommandRecord,
  type EvidenceRecord,
  type StateRecord
} from '../../../domain/evidence/record.ts'
import { canonicalBytes } from '../../../domain/evidence/shape.ts'
import { verifyPackage } from '../../../domain/evidence/verify.ts'
import type { Call } from '../../../domain/intent/commands.ts'
import { digestOfCalls, hashOfCall, nonceOfIntent } from '../../../domain/intent/typed-data.ts'
import { noteIdOf, noteIdToHex, receivableIdToHex } from '../../../domain/note/span.ts'
import {
  acts,
  callIn,
  commandIn,
  deadline,
  deployment,
  documentOf,
  firstNote,
  hash,
  intentIdOf,
  invoice,
  key,
  makePackage,
  people,
  receivableId,
  recordsOf,
  stateIn,
  strangerKey,
  terms,
  type Act,
  type Made
} from './story.ts'

const made = await makePackage()

/** Codes of the failed checks of a package under the story's anchors. */
async function codesOf(bytes: Uint8Array, anchors: TrustAnchors | undefined = made.anchors): Promise<string[]> {
  const report = await verifyPackage(bytes, anchors)
  expect(report.result).toBe(report.checks.some(({ ok }) => ok === false) ? 'failed' : 'verified')
  return [...new Set(report.checks.flatMap(({ ok, code }) => (ok === false ? [code as string] : [])))]
}

/** Makes a package of other records, logged, anchored and trusted like the true one: only their content is wrong. */
async function codesOfRecords(records: EvidenceRecord[]): Promise<string[]> {
  const { bytes, anchors } = await makePackage(records)
  return codesOf(bytes, anchors)
}

/** Rewrites a package's members and manifest; with `redigest` the manifest's digests are made to fit again. */
function tamper(
  { bytes }: Made,
  change: (files: Record<string, Uint8Array>, manifest: Manifest) => void,
  redigest = false
): Uint8Array {
  const files = unzipSync(bytes)
  const manifest = JSON.parse(strFromU8(files['manifest.json']!)) as Manifest
  change(files, manifest)
  if (redigest) {
    manifest.members = manifest.members.map(({ path }) => ({ path, ...digestsOf(files[path]!) }))
  }
  files['manifest.json'] = new Uint8Array(canonicalBytes(manifest))
  return zipSync(files)
}

const replaced = <T extends EvidenceRecord>(at: number, change: (record: T) => void): EvidenceRecord[] => {
  const records = recordsOf()
  change(records[at] as T)
  return records
}
const commandAt = (act: number): number => 1 + 2 * act
const stateAt = (act: number): number => 2 + 2 * act
const [register, confirm, transfer, accept] = acts as [Act, Act, Act, Act]
const without = (...dropped: number[]): EvidenceRecord[] => recordsOf().filter((_, i) => !dropped.includes(i))

describe('a package changed after it was made', () => {
  const paths = Object.keys(unzipSync(made.bytes)).filter((path) => path !== 'manifest.json')

  it.each(paths)('is refused when a byte of %s is flipped', async (path) => {
    const flipped = tamper(made, (files) => (files[path]![files[path]!.length >> 1]! ^= 1))
    expect(await codesOf(flipped)).toContain('DIGEST_MISMATCH')
  })

  it.each(paths.filter((path) => path.startsWith('records/')))(
    'is refused when %s is altered and the digests are made anew',
    async (path) => {
      const altered = tamper(
        made,
        (files) => {
          files[path] = strToU8(
            strFromU8(files[path]!)
              .replace(/(0x[0-9a-f]{20})./, '$10')
              .replace(/(0x[0-9a-f]{19})./, '$11')
          )
        },
        true
      )
      expect(await codesOf(altered)).toContain('LEAF_NOT_IN_LOG')
    }
  )

  it('is refused when the document is another with its digests made anew', async () => {
    const other = strToU8('<Invoice><ID>INV-2</ID></Invoice>')
    const path = paths.find((one) => one.startsWith('documents/'))!
    expect(await codesOf(tamper(made, (files) => (files[path] = new Uint8Array(other)), true))).toEqual([
      'DOCUMENT_MISMATCH'
    ])
  })

  it('is refused when two members are swapped', async () => {
    const swapped = tamper(made, (files) => {
      ;[files['records/1.json'], files['records/3.json']] = [files['records/3.json']!, files['records/1.json']!]
    })
    expect(await codesOf(swapped)).toEqual(['DIGEST_MISMATCH', 'LEAF_NOT_IN_LOG'])
  })

  it('is refused when a member is dropped or added', async () => {
    expect(await codesOf(tamper(made, (files) => delete files['records/1.json']))).toEqual(['MEMBER_MISSING'])
    expect(await codesOf(tamper(made, (files) => (files['x.txt'] = strToU8('x'))))).toEqual(['MEMBER_UNDECLARED'])
  })

  it('is refused when a proof is replaced, shortened or of another leaf', async () => {
    const bent = (change: (records: Manifest['records']) => void) => tamper(made, (_, { records }) => change(records))
    expect(await codesOf(bent((records) => (records[0]!.proof[0] = hash('other'))))).toEqual(['LEAF_NOT_IN_LOG'])
    expect(await codesOf(bent((records) => records[0]!.proof.pop()))).toEqual(['LEAF_NOT_IN_LOG'])
    expect(await codesOf(bent((records) => (records[0]!.proof = records[1]!.proof)))).toEqual(['LEAF_NOT_IN_LOG'])
  })

  it('is refused when the head is altered, or signed by another key', async () => {
    const larger = tamper(made, (_, { head }) => (head.size += 1))
    expect(await codesOf(larger)).toEqual(['HEAD_SIGNATURE_INVALID', 'HEAD_NOT_ANCHORED', 'LEAF_NOT_IN_LOG'])
    const foreign = await signHead(made.head, strangeSigner)
    const forged = tamper(made, (_, manifest) => (manifest.head = foreign))
    expect(await codesOf(forged)).toEqual(['HEAD_SIGNATURE_INVALID'])
  })

  it('is refused when it names another anchor', async () => {
    expect(await codesOf(tamper(made, (_, { anchor }) => (anchor!.txHash = hash('x'))))).toEqual(['HEAD_NOT_ANCHORED'])
  })

  it.each([
    'chainId',
    'genesisHash',
    'evidenceLog',
    'receivables',
    'participants',
    'fingerprints',
    'p256Verifier',
    'sm2Verifier'
  ] as const)('is refused when it names another %s', async (part) => {
    const other = tamper(made, (_, manifest) => {
      Object.assign(manifest.deployment, {
        [part]: part === 'chainId' ? 1 : part === 'genesisHash' ? hash('x') : key('x').address
      })
    })
    expect(await codesOf(other)).toEqual(['DEPLOYMENT_MISMATCH'])
  })

  it('is refused when its subject is another', async () => {
    const subject = { kind: 'receivable', id: `0x${'ab'.repeat(24)}` } as const
    expect(await codesOf(tamper(made, (_, manifest) => (manifest.subject = subject)))).toEqual([
      'COMMAND_MISMATCH',
      'LINEAGE_INCOMPLETE'
    ])
    const note = { kind: 'note', id: noteIdToHex(noteIdOf(receivableId, 5n)) } as const
    expect(await codesOf(tamper(made, (_, manifest) => (manifest.subject = note)))).toEqual(['LINEAGE_INCOMPLETE'])
  })

  it('is refused when it is not a zip', async () => {
    expect(await codesOf(strToU8('nothing'))).toEqual(['PACKAGE_UNREADABLE'])
  })
})

describe('a log operator that lies', () => {
  it('can not show a log that was never anchored', async () => {
    const other = await makePackage(recordsOf(acts.slice(0, 4)))
    expect(await codesOf(other.bytes)).toEqual(['HEAD_NOT_ANCHORED'])
    const fork = await signHead({ ...made.head, root: hash('fork') }, logSigner)
    expect(await codesOf(tamper(made, (_, manifest) => (manifest.head = fork)))).toContain('HEAD_FORKED')
    const rumour = await signHead({ ...made.head, root: hash('fork') }, strangeSigner)
    const codes = await codesOf(tamper(made, (_, manifest) => (manifest.head = rumour)))
    expect(codes).toEqual(expect.arrayContaining(['HEAD_SIGNATURE_INVALID', 'HEAD_NOT_ANCHORED']))
  })

  it('can not log what is no record', async () => {
    const bytes = tamper(
      await makePackage(),
      (files) => (files['records/3.json'] = strToU8('{"kind":"rumour","v":1}')),
      true
    )
    expect(await codesOf(bytes)).toContain('RECORD_MALFORMED')
  })

  it('can not sign for a participant, by another key or in another name', async () => {
    const records = recordsOf()
    records[commandAt(2)] = commandIn(transfer, 2, new Wallet(strangerKey))
    expect(await codesOfRecords(records)).toEqual(['SIGNER_UNKNOWN'])
    const renamed = replaced<CommandRecord>(commandAt(2), ({ signatures }) => {
      signatures[0]!.signature = commandSignature(3)
    })
    expect(await codesOfRecords(renamed)).toEqual(['SIGNATURE_INVALID'])
    const broken = replaced<CommandRecord>(commandAt(2), ({ signatures }) => (signatures[0]!.signature = '0x1234'))
    expect(await codesOfRecords(broken)).toEqual(['SIGNATURE_INVALID'])
    const other = replaced<CommandRecord>(commandAt(2), (command) => (command.participantId = String(people.factor)))
    expect(await codesOfRecords(other)).toEqual(['SIGNER_UNKNOWN', 'COMMAND_MISMATCH'])
  })

  it('can not count one signature twice, or let one command act twice', async () => {
    const doubled = replaced<CommandRecord>(commandAt(2), ({ signatures }) => signatures.push({ ...signatures[0]! }))
    expect(await codesOfRecords(doubled)).toEqual(['SIGNATURE_INVALID'])
    const again = replaced<StateRecord>(stateAt(8), (state) => (state.intentId = intentIdOf(7)))
    expect(await codesOfRecords(again)).toEqual(['COMMAND_MISMATCH'])
  })

  const encode = (name: string, args: unknown[]) => contracts.receivables.encodeFunctionData(name, args)

  it('can not change what was signed', async () => {
    const toFactor = encode('transfer', [firstNote, 3_000, people.factor, terms.maturity - 1, 1, hash('trade')])
    const call = { target: deployment.receivables, data: toFactor }
    const records = replaced<CommandRecord>(commandAt(2), (command) => (command.calls = [hashOfCall(call)]))
    const others = acts.filter((act) => act !== transfer).map(callIn)
    const { bytes, anchors } = await makePackage(records, { calls: [...others, call] })
    expect(await codesOf(bytes, anchors)).toEqual(['SIGNATURE_INVALID', 'COMMAND_MISMATCH'])
    const digest = replaced<CommandRecord>(commandAt(2), (command) => (command.digest = hash('x')))
    expect(await codesOfRecords(digest)).toEqual(['SIGNATURE_INVALID'])
    const later = replaced<CommandRecord>(commandAt(2), (command) => (command.deadline += 1))
    expect(await codesOfRecords(later)).toEqual(['SIGNATURE_INVALID'])
  })

  it('can not show a call under the name of another, or one that no command gives', async () => {
    const [path, other] = Object.keys(unzipSync(made.bytes)).filter((name) => name.startsWith('calls/'))
    const exchanged = tamper(made, (files) => (files[path!] = files[other!]!), true)
    expect(await codesOf(exchanged)).toEqual(['COMMAND_MISMATCH'])
    const stray = { target: deployment.receivables, data: encode('accept', [firstNote]) }
    const { bytes, anchors } = await makePackage(recordsOf(), { calls: [...acts.map(callIn), stray] })
    expect(await codesOf(bytes, anchors)).toEqual(['COMMAND_MISMATCH'])
  })

  it('can not hide a call that the subject is about', async () => {
    const calls = acts.filter((act) => act !== transfer).map(callIn)
    const { bytes, anchors } = await makePackage(recordsOf(), { calls })
    expect(await codesOf(bytes, anchors)).toEqual(['COMMAND_MISMATCH'])
  })

  /** Signs a changed command anew with the participant's own key, and shows its new call: only what it says is wrong. */
  const resigned = async (act: number, change: (command: CommandRecord, call: Call) => void): Promise<string[]> => {
    const call = { ...callIn(acts[act]!) }
    const records = replaced<CommandRecord>(commandAt(act), (command) => {
      change(command, call)
      command.calls = [hashOfCall(call)]
      const { chainId, account, calls, intentId, deadline } = command
      command.digest = digestOfCalls(chainId, account, calls, nonceOfIntent(intentId), deadline)
      command.signatures[0]!.signature = key(acts[act]!.by).signingKey.sign(command.digest).serialized
    })
    const calls = acts.map((one, i) => (i === act ? call : callIn(one)))
    const { bytes, anchors } = await makePackage(records, { calls })
    return codesOf(bytes, anchors)
  }

  it.each<[string, (command: CommandRecord, call: Call) => void, string[]]>([
    ['another chain', (command) => (command.chainId = 1), ['COMMAND_MISMATCH']],
    ['another contract', (_, call) => (call.target = key('x').address), ['COMMAND_MISMATCH']],
    ['another account', (command) => (command.account = key('x').address), ['SIGNER_UNKNOWN']],
    ['another intent', (command) => (command.intentId = intentIdOf(77)), ['COMMAND_MISMATCH']],
    ['an unknown function', (_, call) => (call.data = '0x12345678'), ['COMMAND_MISMATCH']],
    ['cut arguments', (_, call) => (call.data = call.data.slice(0, 74)), ['COMMAND_MISMATCH']],
    [
      'a function that is no command',
      (_, call) => (call.data = new Interface(['function noteOf(uint256)']).encodeFunctionData('noteOf', [1])),
      ['COMMAND_MISMATCH']
    ],
    ['another subject', (_, call) => (call.data = encode('accept', [1n << 70n])), ['COMMAND_MISMATCH']],
    [
      'less than what happened',
      (_, call) => (call.data = encode('transfer', [firstNote, 2_999, people.supplier, deadline, 1, hash('trade')])),
      ['COMMAND_MISMATCH']
    ]
  ])('can not pass off a command for %s', async (_, change, codes) => {
    expect(await resigned(2, change)).toEqual(codes)
  })

  it('can not tell of a transaction whose command is missing, or which two carried out', async () => {
    expect(await codesOfRecords(without(commandAt(3)))).toEqual(['COMMAND_MISMATCH'])
    expect(await codesOfRecords([...recordsOf(), commandIn(accept, 3)])).toEqual(['COMMAND_MISMATCH'])
  })

  const story = (...played: Act[]): Promise<string[]> =>
    codesOfRecords([documentOf(invoice), ...played.flatMap((act, i) => [commandIn(act, i), stateIn(act, i)])])

  it('can not leave out what came before', async () => {
    expect(await story(confirm)).toContain('LINEAGE_INCOMPLETE')
    expect(await codesOfRecords(without(commandAt(2), stateAt(2)))).toContain('LINEAGE_INCOMPLETE')
    expect(await codesOfRecords(without(commandAt(3), stateAt(3)))).toContain('STATE_MISMATCH')
  })

  it('can not tell of what the contracts refuse (see replay.test.ts for each rule)', async () => {
    expect(await story(register, confirm, confirm)).toContain('STATE_MISMATCH')
    const early = { ...(acts[6] as Act), day: 89 }
    expect(await story(register, confirm, transfer, early)).toContain('STATE_MISMATCH')
  })

  it('can not tell of one block in two ways, of time that runs back, or of a transaction twice', async () => {
    const change = (key: keyof StateRecord, value: string) =>
      codesOfRecords(replaced<StateRecord>(stateAt(3), (state) => Object.assign(state, { [key]: value })))
    expect(await change('blockNumber', '102')).toContain('STATE_MISMATCH')
    expect(await change('blockTime', '2026-11-18T00:00:00Z')).toContain('STATE_MISMATCH')
    expect(await change('txHash', hash('transaction 2'))).toContain('STATE_MISMATCH')
  })

  it('can not put a document of other content under the claimed fingerprint', async () => {
    const records = recordsOf()
    records[0] = documentOf(invoice, hash('other content'))
    expect(await codesOfRecords(records)).toEqual(['DOCUMENT_MISMATCH'])
  })

  it('can not hand over a document that was never recorded', async () => {
    const { bytes, anchors } = await makePackage(without(0))
    expect(await codesOf(bytes, anchors)).toEqual(['DOCUMENT_MISMATCH'])
  })
})

describe('a true package', () => {
  it('is verified offline with trust anchors, and says who holds what', async () => {
    const report = await verifyPackage(made.bytes, made.anchors)
    expect(report.result).toBe('verified')
    expect(report.checks.every(({ ok, code }) => ok === true && code === undefined)).toBe(true)
    expect(report.outcome?.notes.map(({ start, end, state, holderName }) => [start, end, state, holderName])).toEqual([
      ['0', '7000', 'settled', 'creditor'],
      ['7000', '9000', 'settled', 'supplier'],
      ['9000', '10000', 'settled', 'factor']
    ])
  })

  it('is only consistent without trust anchors', async () => {
    const report = await verifyPackage(made.bytes)
    expect(report.result).toBe('consistent')
    expect(report.checks.filter(({ ok }) => ok === null).map(({ name }) => name)).toEqual([
      'deployment',
      'head signature',
      'anchoring',
      'signers'
    ])
  })

  describe('signed by a P-256 key', () => {
    const secret = `0x${'12'.repeat(32)}`
    const point = hexlify(p256.getPublicKey(secret.slice(2), false).slice(1))
    /** The transfer's command signed by that key of a verifier; the anchors know the key. */
    async function signed(verifier: string, change = (signature: string) => signature) {
      const signer = concat([verifier, point])
      const records = replaced<CommandRecord>(commandAt(2), (command) => {
        const signature = p256.sign(command.digest.slice(2), secret.slice(2), { lowS: true })
        command.signatures = [{ signer, signature: change(`0x${signature.toCompactHex()}`) }]
      })
      const { bytes, anchors } = await makePackage(records)
      const participants = anchors.participants.map((one) => ({ ...one, signers: [...one.signers, signer] }))
      return verifyPackage(bytes, { ...anchors, participants })
    }
    const byName = (report: Awaited<ReturnType<typeof signed>>) =>
      report.checks.find(({ name }) => name === 'signatures')

    it('is refused when another byte stands in the signature', async () => {
      const report = await signed(deployment.p256Verifier, (signature) => `${signature.slice(0, -2)}00`)
      expect(byName(report)).toMatchObject({ ok: false, code: 'SIGNATURE_INVALID' })
    })

    it('is only consistent when the verifier is one that is not known here', async () => {
      const report = await signed(key('another verifier').address)
      expect(report.result).toBe('consistent')
      expect(byName(report)).toMatchObject({ ok: null })
    })

    it('is verified offline', async () => {
      expect((await signed(deployment.p256Verifier)).result).toBe('verified')
    })
  })

  it('is only consistent when a transaction came without a signed command', async () => {
    const records = replaced<StateRecord>(stateAt(3), (state) => delete state.intentId)
    const { bytes, anchors } = await makePackage(records)
    const report = await verifyPackage(bytes, anchors)
    expect(report.result).toBe('consistent')
    expect(report.checks.filter(({ ok }) => ok === null).map(({ name }) => name)).toEqual(['authority'])
  })

  it('is verified with a decision on its receivable, and not with one on another', async () => {
    const decisionOn = (id: string) =>
      decisionRecord({
        alarmId: '7',
        rule: 'look-alike-number',
        score: '99',
        participantId: String(people.factor),
        receivableId: id,
        decision: 'accepted',
        reason: hash('asked the debtor'),
        decidedAt: '2026-12-01T10:00:00Z'
      })
    const { bytes, anchors } = await makePackage([...recordsOf(), decisionOn(receivableIdToHex(receivableId))])
    const report = await verifyPackage(bytes, anchors)
    expect(report.result).toBe('verified')
    expect(report.checks.find(({ name }) => name === 'decisions')?.detail).toBe(
      'participant 4 accepted look-alike-number (99) at 2026-12-01T10:00:00Z'
    )
    expect(await codesOfRecords([...recordsOf(), decisionOn(`0x${'ab'.repeat(24)}`)])).toEqual(['SUBJECT_MISMATCH'])
  })

  it('is not verified with a grant of a document: that belongs to the document’s own', async () => {
    const grant = grantRecord({
      grantId: '01900000-0000-7000-8000-000000000001',
      documentId: '01900000-0000-7000-8000-000000000002',
      grantedBy: '3',
      grantedTo: '4',
      sections: ['numbers'],
      state: 'given',
      at: '2026-12-01T10:00:00Z'
    })
    expect(await codesOfRecords([...recordsOf(), grant])).toEqual(['SUBJECT_MISMATCH'])
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is verified after %i acts', async (count) => {
    const { bytes, anchors } = await makePackage(recordsOf(acts.slice(0, count)))
    expect((await verifyPackage(bytes, anchors)).result).toBe('verified')
  })

  it('is verified whatever the order of its leaves', async () => {
    const { bytes, anchors } = await makePackage(recordsOf().reverse())
    expect((await verifyPackage(bytes, anchors)).result).toBe('verified')
  })
})

function commandSignature(act: number): string {
  return (recordsOf()[commandAt(act)] as CommandRecord).signatures[0]!.signature
}
