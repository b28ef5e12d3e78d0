/**
 * Blocks of events as contracts could emit them, made up: many receivables on their way through all that can happen to one, in turns, so
 * that what one event changes another one changes long after.
 */
import { createHash } from 'node:crypto'
import { claimReasons, type ClaimReason } from '../../domain/fingerprint/claim-word.ts'
import { encodeNoteWord, type NoteFields } from '../../domain/note/note-word.ts'
import { noteIdOf, noteIdToHex, receivableIdToHex } from '../../domain/note/span.ts'
import type { ChainBlock } from '../../indexer/chain/blocks.ts'
import type { EventArgs, EventName, PlacedEvent } from '../../indexer/decode.ts'
import { checksummed } from '../../domain/chain/address.ts'

/** 32 bytes of something, spread as hashes are: what may be stored is told by any of their digits. */
const hashOf = (kind: number, number: number): string =>
  `0x${createHash('sha256').update(`${kind} ${number}`).digest('hex')}`
const addressOf = (number: number): string => checksummed(`0x${number.toString(16).padStart(40, 'a')}`)

export const baseBlock = { number: 9, hash: hashOf(1, 9) }
const timeOf = (block: number): number => 1_700_000_000 + 10 * block
const [participants, fingerprints] = [addressOf(1), addressOf(2)]
/** Registry versions 1 and 2. */
const registries = [addressOf(3), addressOf(4)] as const
const [creditor, debtor, escrow, authority, PARTIES] = [1, 2, 3, 4, 9]

/** Numbers below a limit, the same ones for the same seed (Mulberry32). */
export type Draw = (below: number) => number
export function drawFrom(seed: number): Draw {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

interface Told {
  address: string
  name: EventName
  args: object
  receivableId: string | null
}
function told<N extends EventName>(address: string, name: N, args: EventArgs[N], receivableId: string | null): Told {
  return { address, name, args, receivableId }
}

interface Note extends NoteFields {
  start: bigint
}
const unbound = { counterparty: 0, deadline: 0, state: 'live', purpose: 'none' } as const

/** A receivable's story: each step is what one transaction tells at a time. Ends when it has no more to tell. */
function* tellStory(story: number, draw: Draw): Generator<Told[], void, number> {
  const id = BigInt(hashOf(2, story)) & ((1n << 192n) - 1n)
  const receivableId = receivableIdToHex(id)
  const amount = 1_000n
  const fingerprint = hashOf(3, story)
  let document = 0
  const nextHash = (): string => hashOf(4, 1_000 * story + document++)
  let version = 1
  const tell = <N extends EventName>(name: N, args: EventArgs[N]): Told =>
    told(registries[version - 1]!, name, args, receivableId)
  const claim = (of: string, reason: ClaimReason, registry = version): Told => {
    const word = (BigInt(claimReasons.indexOf(reason)) << 232n) | (BigInt(registry) << 224n) | (1n << 192n) | id
    const args = { fingerprint: of, claim: noteIdToHex(word) }
    return told(fingerprints, 'FingerprintClaimed', args, reason === 'receivable' ? receivableId : null)
  }
  const release = ({ args, receivableId }: Told, reason: number): Told => {
    const { fingerprint, claim } = args as EventArgs['FingerprintClaimed']
    return told(fingerprints, 'FingerprintReleased', { fingerprint, claim, reason: String(reason) }, receivableId)
  }
  let time = yield []
  const terms = {
    creditor: String(creditor),
    debtor: String(debtor),
    amount: String(amount),
    currency: '156',
    maturity: String(time),
    contentCommitment: hashOf(5, story)
  }
  const registration = { receivableId, terms, fingerprints: [fingerprint, hashOf(6, story)] }
  let own = claim(fingerprint, 'receivable')
  const isIssued = draw(4) === 0
  time = yield [own, tell(isIssued ? 'ReceivableIssued' : 'ReceivableRegistered', registration)]
  if (!isIssued && draw(4) === 0) {
    const end = draw(2)
      ? tell('ReceivableWithdrawn', { receivableId })
      : tell('ReceivableRejected', { receivableId, reason: nextHash() })
    time = yield [release(own, 1), end]
    if (draw(4) === 0) return
    version = 2
    own = claim(fingerprint, 'receivable')
    time = yield [own, tell('ReceivableRegistered', registration)]
  }
  if (!isIssued) time = yield [tell('ReceivableConfirmed', { receivableId })]

  let notes: Note[] = [
    { start: 0n, end: amount, holder: creditor, assignor: 0, tier: 0, frozenUntil: 0, hasRecourse: false, ...unbound }
  ]
  const word = ({ start, ...note }: Note) => ({
    noteId: noteIdToHex(noteIdOf(id, start)),
    note: noteIdToHex(encodeNoteWord(note))
  })
  const isLive = ({ state, frozenUntil }: Note): boolean => state === 'live' && frozenUntil <= time
  const free = (note: Note): Note => Object.assign(note, unbound)
  /** Half of a note off its end, or all of it. */
  const pieceOf = (note: Note): Note => {
    if (note.end - note.start < 2n || draw(3) === 0) return note
    const start = (note.start + note.end) / 2n
    const piece = { ...note, start }
    note.end = start
    notes.push(piece)
    return piece
  }
  const take = (note: Note, more: Partial<Note> = {}): Note => {
    const [holder, assignor] = [note.counterparty, note.holder]
    return Object.assign(note, unbound, { holder, assignor, hasRecourse: false, frozenUntil: 0, ...more })
  }
  const bind = (note: Note, purpose: Note['purpose'], state: Note['state'], counterparty: number): Note =>
    Object.assign(note, { purpose, state, counterparty, deadline: time + 100, frozenUntil: 0 })

  for (let step = draw(14); step > 0; step--) {
    const whole = notes.filter(isLive)[0]
    if (!whole) break
    const stranger = 5 + draw(PARTIES - 4)
    switch (draw(7)) {
      case 0: {
        const trade = hashOf(7, story)
        const isTrade = draw(2) === 0
        const note = bind(pieceOf(whole), isTrade ? 'trade-transfer' : 'transfer', 'offered', stranger)
        const paper = claim(trade, 'trade-document')
        time = yield [
          ...(isTrade ? [paper] : []),
          tell('NoteOffered', { ...word(note), tradeDocument: isTrade ? trade : nextHash() })
        ]
        const freed = isTrade ? [release(paper, 3)] : []
        const outcome = draw(3)
        if (outcome === 0) time = yield [tell('NoteAccepted', word(take(note, { tier: note.tier + 1 }))), ...freed]
        else if (outcome === 1)
          time = yield [...freed, tell('NoteRefused', { ...word(free(note)), reason: nextHash() })]
        else time = yield [...freed, tell('NoteRecalled', word(free(note)))]
        break
      }
      case 1: {
        const purpose = draw(2) ? 'assignment' : 'recourse-assignment'
        const note = bind(pieceOf(whole), purpose, 'locked', stranger)
        time = yield [tell('NoteLocked', { ...word(note), quote: nextHash() })]
        if (draw(3) === 0) {
          time = yield [tell('NoteUnlocked', word(free(note)))]
          break
        }
        const bought = take(note, { hasRecourse: purpose === 'recourse-assignment' })
        time = yield [tell('NoteFinanced', { ...word(bought), disbursement: nextHash() })]
        if (!bought.hasRecourse || draw(2)) break
        bind(bought, 'return', 'offered', bought.assignor)
        time = yield [tell('NoteReturnOffered', { ...word(bought), demand: nextHash() })]
        time = yield [tell('NoteReturned', word(take(bought)))]
        break
      }
      case 2: {
        const note = bind(pieceOf(whole), 'pledge', 'locked', stranger)
        time = yield [tell('NoteLocked', { ...word(note), quote: nextHash() })]
        Object.assign(note, { state: 'pledged', deadline: 0 })
        time = yield [tell('NoteFinanced', { ...word(note), disbursement: nextHash() })]
        const outcome = draw(3)
        if (outcome === 0) time = yield [tell('NoteReleased', { ...word(free(note)), repayment: nextHash() })]
        else if (outcome === 1) time = yield [tell('NoteForeclosed', word(take(note)))]
        break
      }
      case 3: {
        const note = notes.find((each) => isLive(each) && each.tier === 0 && each.assignor === 0)
        if (!note) break
        const piece = bind(pieceOf(note), 'dilution', 'offered', debtor)
        time = yield [tell('NoteDilutionOffered', { ...word(piece), creditNote: nextHash() })]
        if (draw(2)) time = yield [tell('NoteCancelled', word(Object.assign(free(piece), { state: 'cancelled' })))]
        else time = yield [tell('NoteRefused', { ...word(free(piece)), reason: nextHash() })]
        break
      }
      case 4: {
        const note = Object.assign(pieceOf(whole), { frozenUntil: time + 1_000_000 })
        const freeze = { order: nextHash(), escrow: String(escrow), authority: String(authority) }
        time = yield [tell('NoteFrozen', { ...word(note), freeze })]
        if (draw(2))
          time = yield [tell('NoteUnfrozen', { ...word(Object.assign(note, { frozenUntil: 0 })), order: nextHash() })]
        break
      }
      case 5: {
        time = yield [tell('ReceivableDisputed', { receivableId, reason: nextHash() })]
        time = yield [tell('ReceivableDisputeLifted', { receivableId, reason: nextHash() })]
        break
      }
      default: {
        const alike = (a: Note, b: Note) =>
          a.end === b.start &&
          (['holder', 'assignor', 'tier', 'hasRecourse'] as const).every((each) => a[each] === b[each])
        const kept = notes.find((note) => isLive(note) && notes.some((next) => isLive(next) && alike(note, next)))
        const gone = kept && notes.find((next) => isLive(next) && alike(kept, next))
        if (!gone) break
        notes = notes.filter((note) => note !== gone)
        kept.end = gone.end
        time = yield [tell('NotesMerged', { ...word(kept), mergedId: word(gone).noteId })]
      }
    }
  }
  if (draw(4) === 0) return
  const open = (): Note[] => notes.filter(({ state }) => state !== 'settled' && state !== 'cancelled')
  const singly = draw(3) === 0 ? open().length : draw(open().length + 1)
  for (const note of open().slice(0, singly)) {
    const payee = note.frozenUntil > time ? escrow : note.state === 'pledged' ? note.counterparty : note.holder
    Object.assign(note, unbound, { state: 'settled', counterparty: payee, frozenUntil: 0 })
    time = yield [tell('NoteSettled', { ...word(note), payment: nextHash() })]
  }
  const end = open().length
    ? tell('ReceivableSettled', { receivableId, payment: nextHash() })
    : tell('ReceivableClosed', { receivableId })
  if (draw(2)) return void (yield [end])
  yield [end, release(own, 2)]
  if (draw(2)) yield [claim(fingerprint, 'assigned-elsewhere', 0)]
}

/** What a deployment leaves: two registry versions, and the cast. */
function beginning(): Told[] {
  const announced = registries.map((registry, i) =>
    told(fingerprints, 'RegistryAuthorised', { number: String(i + 1), registry }, null)
  )
  const admitted = Array.from({ length: PARTIES }, (_, i) => {
    const args = {
      id: String(i + 1),
      account: addressOf(100 + i),
      roles: '2',
      legalIdentityHash: hashOf(8, i),
      certificateHash: hashOf(9, i)
    }
    return told(participants, 'ParticipantAdmitted', args, null)
  })
  return [...announced, ...admitted]
}

/** Consecutive blocks after {@link baseBlock} with at least so many events in all, some blocks without any. */
export function longStories(seed: number, least: number, open = 500): ChainBlock[] {
  const draw = drawFrom(seed)
  const blocks: ChainBlock[] = []
  const running: ReturnType<typeof tellStory>[] = []
  let [stories, events, statuses] = [0, 0, 0]
  while (events < least) {
    const number = baseBlock.number + 1 + blocks.length
    const time = timeOf(number)
    const transactions: Told[][] = blocks.length === 0 ? [beginning()] : []
    for (let wanted = draw(8) === 0 ? 0 : draw(60); wanted > 0; wanted--) {
      if (running.length < open) running.push(tellStory(stories++, draw))
      const at = draw(running.length)
      const { value, done } = running[at]!.next(time)
      if (done) running.splice(at, 1)
      else transactions.push(value)
    }
    if (draw(20) === 0) {
      const args = { id: String(1 + draw(PARTIES)), status: String(1 + (statuses++ % 2)) }
      transactions.push([told(participants, 'ParticipantStatusChanged', args, null)])
    }
    const block = blockOf(number, time, transactions)
    events += block.events.length
    blocks.push(block)
  }
  return blocks
}

function blockOf(number: number, time: number, transactions: readonly Told[][]): ChainBlock {
  let logIndex = 0
  const events = transactions.flatMap((transaction, txIndex) =>
    transaction.map((event) => {
      const place = { blockNumber: number, blockTime: time, logIndex: logIndex++, txIndex }
      return { ...place, txHash: hashOf(10, 1_000 * number + txIndex), ...event } as PlacedEvent
    })
  )
  const [hash, parentHash] = [hashOf(1, number), hashOf(1, number - 1)]
  return { number, hash, parentHash, time, bloom: new Uint8Array(256), receiptsRoot: hashOf(11, number), events }
}
