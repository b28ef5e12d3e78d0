import { expect } from 'chai'
import { ZeroHash, type BaseContract, type LogDescription, type TransactionResponse } from 'ethers'
import type { Command, LockPurpose, TransferPurpose } from '../../domain/intent/commands.ts'
import { noteStates, type NoteState } from '../../domain/note/note-states.ts'
import {
  decodeNoteWord,
  encodeNoteWord,
  notePurposes,
  type NoteFields,
  type NotePurpose
} from '../../domain/note/note-word.ts'
import { cutNoteId, noteIdOf } from '../../domain/note/span.ts'
import { receivableStates, type ReceivableState } from '../../domain/receivable/receivable-states.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { DAY, fingerprintOf, hashOf, now, type Actor, type World } from './world.ts'

/** Numbers of states and purposes in the contracts. */
export const state = (name: NoteState): number => noteStates.indexOf(name)
export const purpose = (name: NotePurpose): number => notePurposes.indexOf(name)
export const receivableState = (name: ReceivableState): number => receivableStates.indexOf(name)

/** Legal terms between the world's supplier and debtor, due in 90 days. */
export async function termsOf(world: World, changed: Partial<Terms> = {}): Promise<Terms> {
  return {
    creditor: world.supplier.id,
    debtor: world.debtor.id,
    amount: 10_000n,
    currency: 156,
    maturity: (await now()) + 90 * DAY,
    contentCommitment: hashOf('content'),
    ...changed
  }
}

/** The terms as events give them, in the contract's order. */
export function termsTuple({ maturity, creditor, debtor, amount, currency, contentCommitment }: Terms): unknown[] {
  return [maturity, creditor, debtor, amount, currency, contentCommitment]
}

export interface Registered {
  terms: Terms
  fingerprints: string[]
  receivableId: bigint
}

export interface Confirmed extends Registered {
  /** The first note, `[0, amount)`. */
  noteId: bigint
  /** The note that starts there. */
  at(start: bigint): bigint
}

let documents = 0

/** Registers a receivable of a document of its own. */
export async function register(world: World, changed: Partial<Terms> = {}): Promise<Registered> {
  const terms = await termsOf(world, changed)
  const fingerprints = [fingerprintOf(`document ${++documents}`)]
  await world.supplier.act({ kind: 'register', terms, fingerprints })
  return { terms, fingerprints, receivableId: receivableIdOf(terms, fingerprints) }
}

/** Registers and confirms: the supplier holds the first note. */
export async function confirmed(world: World, changed: Partial<Terms> = {}): Promise<Confirmed> {
  const registered = await register(world, changed)
  const { terms, fingerprints, receivableId } = registered
  await world.debtor.act({ kind: 'confirm', terms, fingerprints })
  const at = (start: bigint) => noteIdOf(receivableId, start)
  return { ...registered, noteId: at(0n), at }
}

/** A transfer that is legal unless changed. */
export async function offerOf(
  noteId: bigint,
  amount: bigint,
  assignee: Actor,
  changed: { deadline?: number; purpose?: TransferPurpose; tradeDocument?: string } = {}
): Promise<Command & { kind: 'transfer' }> {
  return {
    kind: 'transfer',
    noteId,
    amount,
    assignee: assignee.id,
    deadline: (await now()) + DAY,
    purpose: 'transfer',
    tradeDocument: hashOf('trade'),
    ...changed
  }
}

/** A lock that is legal unless changed. */
export async function lockOf(
  noteId: bigint,
  amount: bigint,
  factor: Actor,
  changed: { deadline?: number; purpose?: LockPurpose } = {}
): Promise<Command & { kind: 'lock' }> {
  return {
    kind: 'lock',
    noteId,
    amount,
    factor: factor.id,
    deadline: (await now()) + DAY,
    purpose: 'assignment',
    quote: hashOf('quote'),
    ...changed
  }
}

export async function dilutionOf(
  noteId: bigint,
  amount: bigint,
  deadline?: number
): Promise<Command & { kind: 'offerDilution' }> {
  const until = deadline ?? (await now()) + DAY
  return { kind: 'offerDilution', noteId, amount, deadline: until, creditNote: hashOf('credit note') }
}

/** A freeze for 30 days whose escrow is the second supplier, unless changed. */
export async function freezeOf(
  world: World,
  noteId: bigint,
  amount: bigint,
  changed: { until?: number; escrow?: number } = {}
): Promise<Command & { kind: 'freeze' }> {
  const [until, escrow] = [(await now()) + 30 * DAY, world.secondSupplier.id]
  return { kind: 'freeze', noteId, amount, until, escrow, order: hashOf('order'), ...changed }
}

export const accept = (noteId: bigint): Command => ({ kind: 'accept', noteId })
export const refuse = (noteId: bigint, tradeFingerprint: string = ZeroHash): Command => ({
  kind: 'refuse',
  noteId,
  tradeFingerprint,
  reason: hashOf('reason')
})
export const recall = (noteId: bigint, tradeFingerprint: string = ZeroHash): Command => ({
  kind: 'recall',
  noteId,
  tradeFingerprint
})
export const finance = (noteId: bigint): Command => ({ kind: 'finance', noteId, disbursement: hashOf('disbursement') })
export const settle = (noteId: bigint, amount: bigint): Command => ({
  kind: 'settle',
  noteId,
  amount,
  payment: hashOf('payment')
})

/** Has the supplier offer the end of its note and the assignee accept it; returns the piece. */
export async function transferred(
  world: World,
  from: Actor,
  noteId: bigint,
  amount: bigint,
  to: Actor
): Promise<bigint> {
  const { end } = await noteAt(world, noteId)
  await from.act(await offerOf(noteId, amount, to))
  const piece = cutNoteId(noteId, end, amount)
  await to.act(accept(piece))
  return piece
}

/** Has the end of a note locked and financed by the world's factor; returns the piece. */
export async function financed(
  world: World,
  holder: Actor,
  noteId: bigint,
  amount: bigint,
  way: LockPurpose
): Promise<bigint> {
  const { end } = await noteAt(world, noteId)
  await holder.act(await lockOf(noteId, amount, world.factor, { purpose: way }))
  const piece = cutNoteId(noteId, end, amount)
  await world.factor.act(finance(piece))
  return piece
}

const nothing: NoteFields = {
  end: 0n,
  holder: 0,
  counterparty: 0,
  assignor: 0,
  deadline: 0,
  frozenUntil: 0,
  tier: 0,
  state: 'none',
  purpose: 'none',
  hasRecourse: false
}

/** All the fields of a note; zero where nothing is given. */
export function fieldsOf(given: Partial<NoteFields> = {}): NoteFields {
  return { ...nothing, ...given }
}

/** The note as `noteOf` shows it. */
export async function noteAt({ receivables }: Pick<World, 'receivables'>, noteId: bigint): Promise<NoteFields> {
  const note = await receivables.getFunction('noteOf')(noteId)
  return {
    end: note.end,
    holder: Number(note.holder),
    counterparty: Number(note.counterparty),
    assignor: Number(note.assignor),
    deadline: Number(note.deadline),
    frozenUntil: Number(note.frozenUntil),
    tier: Number(note.tier),
    state: noteStates[Number(note.state)]!,
    purpose: notePurposes[Number(note.purpose)]!,
    hasRecourse: note.hasRecourse
  }
}

export async function payeeOf(world: World, noteId: bigint): Promise<number> {
  return Number(await world.receivables.getFunction('payeeOf')(noteId))
}

export async function receivableStateOf(world: World, receivableId: bigint): Promise<ReceivableState> {
  return receivableStates[Number((await world.receivables.getFunction('receivableOf')(receivableId)).state)]!
}

/** The transaction is refused with exactly this error. */
export async function refused(
  acting: Promise<unknown>,
  by: BaseContract,
  error: string,
  ...args: unknown[]
): Promise<void> {
  await expect(acting)
    .to.be.revertedWithCustomError(by, error)
    .withArgs(...args)
}

/** The events of this name that `contract` emitted in the transaction. */
export async function eventsOf(
  contract: BaseContract,
  sent: TransactionResponse,
  name: string
): Promise<LogDescription[]> {
  const receipt = await sent.wait()
  const address = await contract.getAddress()
  const own = receipt!.logs.filter((log) => log.address === address)
  return own.map((log) => contract.interface.parseLog(log)!).filter((event) => event.name === name)
}

/**
 * The transaction emits this one event of this note, whose word says exactly what `noteOf` says and what is expected;
 * `more` are the event's other arguments.
 */
export async function moves(
  world: Pick<World, 'receivables'>,
  acting: Promise<TransactionResponse>,
  event: string,
  noteId: bigint,
  expected: Partial<NoteFields>,
  ...more: unknown[]
): Promise<void> {
  const events = await eventsOf(world.receivables, await acting, event)
  expect(events.map(({ args }) => args['noteId'])).to.deep.equal([noteId])
  const [, word, ...rest] = events[0]!.args as unknown as [bigint, bigint, ...unknown[]]
  expect(rest.map((value) => (Array.isArray(value) ? [...value] : value))).to.deep.equal(more)
  const fields = decodeNoteWord(word)
  expect(fields).to.deep.equal(fieldsOf(expected))
  expect(encodeNoteWord(fields)).to.equal(word)
  expect(await noteAt(world, noteId)).to.deep.equal(fields)
}
