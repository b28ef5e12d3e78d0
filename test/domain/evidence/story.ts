/** A small story as evidence tells it: real keys, real typed data, events encoded and decoded by the contracts' ABIs. */
import { hexlify, id as keccakOf, Wallet, type LogDescription } from 'ethers'
import { contracts } from '../../../domain/chain/contracts.ts'
import { sha256, sm3 } from '../../../domain/crypto/hash.ts'
import type { TrustAnchors } from '../../../domain/evidence/anchors.ts'
import { signHead, type SignedHead } from '../../../domain/evidence/head.ts'
import { leafHash, MemoryLog } from '../../../domain/evidence/merkle.ts'
import { buildPackage, type PackageInput } from '../../../domain/evidence/package.ts'
import {
  commandRecord,
  documentRecord,
  eventOf,
  recordBytes,
  rfc3339,
  stateRecord,
  type EvidenceRecord,
  type StateEvent,
  type StateRecord
} from '../../../domain/evidence/record.ts'
import { callOf, type Call, type Command } from '../../../domain/intent/commands.ts'
import { digestOfTypedData, executeTypedData, hashOfCall, nonceOfIntent } from '../../../domain/intent/typed-data.ts'
import { encodeNoteWord, type NoteFields } from '../../../domain/note/note-word.ts'
import { cutNoteId, noteIdOf, noteIdToHex, receivableIdToHex } from '../../../domain/note/span.ts'
import { receivableIdOf, type Terms } from '../../../domain/receivable/terms.ts'
import { authorities, hexOf, logSigner, statementSigner } from './authority.ts'

const key = (name: string): Wallet => new Wallet(keccakOf(`tallystick test key of ${name}`))
const address = (name: string): string => key(name).address
const hash = (name: string): string => keccakOf(`tallystick test hash of ${name}`)

export const strangerKey = key('a stranger').privateKey

/** Participants by number. */
export const people = { creditor: 1, debtor: 2, supplier: 3, factor: 4, clearing: 5, regulator: 6 } as const
const names = ['creditor', 'debtor', 'supplier', 'factor', 'clearing', 'regulator'] as const

export const deployment = {
  chainId: 31337,
  genesisHash: hash('genesis'),
  evidenceLog: address('evidence log'),
  receivables: address('receivables'),
  participants: address('participants'),
  fingerprints: address('fingerprints'),
  p256Verifier: address('p256 verifier'),
  sm2Verifier: address('sm2 verifier')
}

const start = 1_795_000_000
const day = 86_400
export const maturity = start + 90 * day
export const invoice = new TextEncoder().encode('<Invoice><ID>INV-1</ID></Invoice>')
export const fingerprints = [`0x0001${hash('fingerprint').slice(6)}`]
export const terms: Terms = {
  creditor: people.creditor,
  debtor: people.debtor,
  amount: 10_000n,
  currency: 156,
  maturity,
  contentCommitment: hash('content')
}
export const receivableId = receivableIdOf(terms, fingerprints)
export const receivableHex = receivableIdToHex(receivableId)
export const firstNote = noteIdOf(receivableId, 0n)
/** 3,000 cut off the end for the supplier, of which the factor finances 1,000. */
export const suppliersNote = cutNoteId(firstNote, 10_000n, 3_000n)
export const factorsNote = cutNoteId(suppliersNote, 10_000n, 1_000n)
export const factorsNoteHex = noteIdToHex(factorsNote)

type Emitted = [name: string, args: unknown[]]

/** One act of the story: who orders what, and what the contract emits. */
export interface Act {
  by: keyof typeof people
  command: Command
  events: Emitted[]
  /** Days after the first. */
  day: number
}

const root: NoteFields = {
  end: 10_000n,
  holder: people.creditor,
  counterparty: 0,
  assignor: 0,
  deadline: 0,
  frozenUntil: 0,
  tier: 0,
  state: 'live',
  purpose: 'none',
  hasRecourse: false
}
/** The word of a note that differs from the root note so. */
export const word = (change: Partial<NoteFields> = {}): bigint => encodeNoteWord({ ...root, ...change })

/** Unix seconds of a day of the story. */
export const at = (days: number): number => start + days * day
export const deadline = at(30)
export const suppliers = { holder: people.supplier, assignor: people.creditor, tier: 1 }
export const factors = { holder: people.factor, assignor: people.supplier, tier: 1 }
const settled = { state: 'settled' } as const

export const acts: Act[] = [
  {
    by: 'creditor',
    command: { kind: 'register', terms, fingerprints },
    events: [['ReceivableRegistered', [receivableId, terms, fingerprints]]],
    day: 0
  },
  {
    by: 'debtor',
    command: { kind: 'confirm', terms, fingerprints },
    events: [['ReceivableConfirmed', [receivableId]]],
    day: 1
  },
  {
    by: 'creditor',
    command: {
      kind: 'transfer',
      noteId: firstNote,
      amount: 3_000n,
      assignee: people.supplier,
      deadline,
      purpose: 'transfer',
      tradeDocument: hash('trade')
    },
    events: [
      [
        'NoteOffered',
        [
          suppliersNote,
          word({ state: 'offered', counterparty: people.supplier, deadline, purpose: 'transfer' }),
          hash('trade')
        ]
      ]
    ],
    day: 2
  },
  {
    by: 'supplier',
    command: { kind: 'accept', noteId: suppliersNote },
    events: [['NoteAccepted', [suppliersNote, word(suppliers)]]],
    day: 3
  },
  {
    by: 'supplier',
    command: {
      kind: 'lock',
      noteId: suppliersNote,
      amount: 1_000n,
      factor: people.factor,
      deadline,
      purpose: 'assignment',
      quote: hash('quote')
    },
    events: [
      [
        'NoteLocked',
        [
          factorsNote,
          word({ ...suppliers, state: 'locked', counterparty: people.factor, deadline, purpose: 'assignment' }),
          hash('quote')
        ]
      ]
    ],
    day: 4
  },
  {
    by: 'factor',
    command: { kind: 'finance', noteId: factorsNote, disbursement: hash('disbursement') },
    events: [['NoteFinanced', [factorsNote, word(factors), hash('disbursement')]]],
    day: 5
  },
  {
    by: 'clearing',
    command: { kind: 'settle', noteId: firstNote, amount: 7_000n, payment: hash('payment 1') },
    events: [
      ['NoteSettled', [firstNote, word({ ...settled, end: 7_000n, counterparty: people.creditor }), hash('payment 1')]]
    ],
    day: 90
  },
  {
    by: 'clearing',
    command: { kind: 'settle', noteId: suppliersNote, amount: 2_000n, payment: hash('payment 2') },
    events: [
      [
        'NoteSettled',
        [
          suppliersNote,
          word({ ...suppliers, ...settled, end: 9_000n, counterparty: people.supplier }),
          hash('payment 2')
        ]
      ]
    ],
    day: 91
  },
  {
    by: 'clearing',
    command: { kind: 'settleReceivable', receivableId, payment: hash('payment 3') },
    events: [['ReceivableSettled', [receivableId, hash('payment 3')]]],
    day: 92
  }
]

/** An event as it comes off a chain: encoded, then decoded by the ABI. */
export function eventIn([name, args]: Emitted, logIndex: number): StateEvent {
  const { data, topics } = contracts.receivables.encodeEventLog(name, args)
  return eventOf('receivables', logIndex, contracts.receivables.parseLog({ data, topics }) as LogDescription)
}

/** Intent ids that are the same in each run. */
export function intentIdOf(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`
}

export const documentOf = (bytes: Uint8Array, contentCommitment: string = terms.contentCommitment): EvidenceRecord =>
  documentRecord({
    documentId: intentIdOf(999),
    mediaType: 'application/xml',
    format: 'ubl',
    byteLength: String(bytes.length),
    sha256: hexlify(sha256(bytes)),
    sm3: hexlify(sm3(bytes)),
    fingerprints,
    contentCommitment,
    receivableId: receivableHex
  })

/** The call that an act orders. */
export const callIn = (act: Act): Call => callOf(act.command, deployment)

export function commandIn(act: Act, index: number, signer: Wallet = key(act.by)): EvidenceRecord {
  const intentId = intentIdOf(index)
  const account = address(`account of ${act.by}`)
  const call = callIn(act)
  const deadline = start + act.day * day + 3_600
  const typedData = executeTypedData(31337, account, [call], nonceOfIntent(intentId), deadline)
  const digest = digestOfTypedData(typedData)
  const signature = signer.signingKey.sign(digest).serialized
  return commandRecord({
    intentId,
    participantId: String(people[act.by]),
    account,
    chainId: 31337,
    deadline,
    calls: [hashOfCall(call)],
    digest,
    signatures: [{ signer: signer.address.toLowerCase(), signature }]
  })
}

/** Where an act is on the chain: each in a block of its own. */
export const placeIn = (act: Act, index: number) => ({
  txHash: hash(`transaction ${index}`),
  blockNumber: String(100 + index),
  blockHash: hash(`block ${100 + index}`),
  blockTime: rfc3339(start + act.day * day)
})

/** The records of an act's events. */
export function statesIn(act: Act, index: number): StateRecord[] {
  return act.events.map((event, i) =>
    stateRecord({ intentId: intentIdOf(index), ...placeIn(act, index), event: eventIn(event, i) })
  )
}

/** Of an act with one event. */
export function stateIn(act: Act, index: number): StateRecord {
  return statesIn(act, index)[0] as StateRecord
}

const whole = [documentOf(invoice), ...acts.flatMap((act, index) => [commandIn(act, index), stateIn(act, index)])]

/** The records of the first acts, as a log would have them: the document, then each command and what came of it. */
export function recordsOf(played: readonly Act[] = acts): EvidenceRecord[] {
  return structuredClone(whole.slice(0, 1 + 2 * played.length))
}

export interface Made {
  input: PackageInput
  bytes: Uint8Array
  anchors: TrustAnchors
  head: SignedHead
}

/** Logs the records among others' leaves, anchors the head and packs them. */
export async function makePackage(
  records: readonly EvidenceRecord[] = recordsOf(),
  change: Partial<PackageInput> = {}
): Promise<Made> {
  const log = new MemoryLog()
  const placed: { leafIndex: number; bytes: Uint8Array }[] = []
  for (const record of records) {
    await log.append(leafHash(Uint8Array.of(log.size)))
    const bytes = recordBytes(record)
    placed.push({ leafIndex: await log.append(leafHash(bytes)), bytes })
  }
  const root = hexlify(await log.root())
  const { chainId, evidenceLog } = deployment
  const head = await signHead(
    { logId: 'test', chainId, evidenceLog, size: log.size, root, time: rfc3339(start) },
    logSigner
  )
  const anchor = { txHash: hash('anchor'), blockNumber: 500, blockHash: hash('block 500') }
  const input: PackageInput = {
    subject: { kind: 'receivable', id: receivableHex },
    deployment,
    records: await Promise.all(placed.map(async (one) => ({ ...one, proof: await log.inclusionProof(one.leafIndex) }))),
    head,
    anchor,
    calls: acts.filter((_, index) => hasCommand(records, index)).map(callIn),
    documents: [{ bytes: invoice, extension: 'xml' }],
    ...change
  }
  const anchors: TrustAnchors = {
    version: 1,
    deployment,
    logKeys: [hexOf(logSigner)],
    certificateKeys: [hexOf(statementSigner)],
    authorities,
    participants: names.map((name) => ({
      id: people[name],
      account: address(`account of ${name}`),
      name,
      signers: [address(name)]
    })),
    heads: [{ size: head.size, root: head.root, blockNumber: anchor.blockNumber, txHash: anchor.txHash }]
  }
  return { input, bytes: buildPackage(input), anchors, head }
}

/** Whether an act's own call is one of a command's. */
function hasCommand(records: readonly EvidenceRecord[], index: number): boolean {
  const wanted = hashOfCall(callIn(acts[index] as Act))
  return records.some((record) => record.kind === 'command' && record.calls.includes(wanted))
}

export { hash, key }
