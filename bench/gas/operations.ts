/** Our operations, each measured as one transaction from a state in which every slot is cold. */
import type { Mined } from './chain.ts'
import { AMOUNT, DAY, noteAt, PART, type World } from './world.ts'

const none = `0x${'0'.repeat(64)}`

/** Prepares what the operation needs and carries it out. */
type Run = (world: World) => Promise<Mined>

/** Name → what is measured. The names are those of the bills in bill.ts. */
export const operations: Record<string, Run> = {
  async register(world) {
    const { terms, fingerprints } = world.terms()
    return world.act('supplier', { kind: 'register', terms, fingerprints })
  },
  async issue(world) {
    const { terms, fingerprints } = world.terms()
    return world.act('debtor', { kind: 'issue', terms, fingerprints })
  },
  async confirm(world) {
    const [{ terms, fingerprints }] = await one(world.registered(1))
    return world.act('debtor', { kind: 'confirm', terms, fingerprints })
  },
  async reject(world) {
    const [{ terms, fingerprints }] = await one(world.registered(1))
    return world.act('debtor', { kind: 'reject', terms, fingerprints, reason: world.hash() })
  },
  async withdraw(world) {
    const [{ terms, fingerprints }] = await one(world.registered(1))
    return world.act('supplier', { kind: 'withdraw', terms, fingerprints })
  },
  async 'split off the root'(world) {
    const [{ rootId }] = await one(world.issued(1))
    return world.act('supplier', world.transfer(rootId, PART, 'second'))
  },
  async 'split off a note'(world) {
    const [noteId] = await one(world.held(1))
    return world.act('second', world.transfer(noteId, 1_000_000_007n, 'third'))
  },
  async 'split with a claimed trade document'(world) {
    const [{ rootId }] = await one(world.issued(1))
    return world.act('supplier', world.transfer(rootId, PART, 'second', 'trade-transfer'))
  },
  async 'transfer a whole note'(world) {
    const [noteId] = await one(world.held(1))
    return world.act('second', world.transfer(noteId, PART, 'third'))
  },
  async 'transfer the whole root'(world) {
    const [{ rootId }] = await one(world.issued(1))
    return world.act('supplier', world.transfer(rootId, AMOUNT, 'second'))
  },
  async accept(world) {
    const [noteId] = await one(world.offered(1))
    return world.act('second', { kind: 'accept', noteId })
  },
  async refuse(world) {
    const [noteId] = await one(world.offered(1))
    return world.act('second', { kind: 'refuse', noteId, tradeFingerprint: none, reason: world.hash() })
  },
  async 'refuse a claimed trade document'(world) {
    const [registered] = await one(world.issued(1))
    const offer = world.transfer(registered.rootId, PART, 'second', 'trade-transfer')
    await world.act('supplier', offer)
    const tradeFingerprint = offer.kind === 'transfer' ? offer.tradeDocument : none
    const noteId = world.pieceOf(registered)
    return world.act('second', { kind: 'refuse', noteId, tradeFingerprint, reason: world.hash() })
  },
  async recall(world) {
    const [noteId] = await one(world.offered(1))
    return world.act('supplier', { kind: 'recall', noteId, tradeFingerprint: none })
  },
  async 'merge two notes'(world) {
    const { notes } = await world.heldOfOne(2)
    return world.act('second', { kind: 'merge', noteId: notes[1]!, nextId: notes[0]! })
  },
  async 'merge onto the root'(world) {
    const [registered] = await one(world.issued(1))
    const nextId = world.pieceOf(registered)
    await world.act('supplier', world.transfer(registered.rootId, PART, 'second'))
    await world.act('supplier', { kind: 'recall', noteId: nextId, tradeFingerprint: none })
    return world.act('supplier', { kind: 'merge', noteId: registered.rootId, nextId })
  },
  async 'lock a whole note'(world) {
    const [noteId] = await one(world.held(1))
    return world.act('second', world.lock(noteId, PART))
  },
  async 'lock off the root'(world) {
    const [{ rootId }] = await one(world.issued(1))
    return world.act('supplier', world.lock(rootId, PART))
  },
  async unlock(world) {
    const [noteId] = await one(world.locked(1))
    return world.act('factor', { kind: 'unlock', noteId })
  },
  async 'finance by assignment'(world) {
    const [noteId] = await one(world.locked(1))
    return world.act('factor', { kind: 'finance', noteId, disbursement: world.hash() })
  },
  async 'finance by pledge'(world) {
    const [noteId] = await one(world.locked(1, 'pledge'))
    return world.act('factor', { kind: 'finance', noteId, disbursement: world.hash() })
  },
  async release(world) {
    const noteId = await world.financed('pledge')
    return world.act('factor', { kind: 'release', noteId, repayment: world.hash() })
  },
  async foreclose(world) {
    const noteId = await world.financed('pledge')
    world.mature()
    return world.act('factor', { kind: 'foreclose', noteId })
  },
  async 'return by recourse'(world) {
    const noteId = await world.financed('recourse-assignment')
    world.mature()
    const deadline = world.chain.time + DAY
    return world.act('factor', { kind: 'returnNote', noteId, deadline, demand: world.hash() })
  },
  async 'accept a return'(world) {
    const noteId = await world.financed('recourse-assignment')
    world.mature()
    const deadline = world.chain.time + DAY
    await world.act('factor', { kind: 'returnNote', noteId, deadline, demand: world.hash() })
    return world.act('second', { kind: 'acceptReturn', noteId })
  },
  async 'offer dilution off the root'(world) {
    const [{ rootId }] = await one(world.issued(1))
    return world.act('supplier', dilutionOf(world, rootId))
  },
  async 'consent to dilution'(world) {
    const [registered] = await one(world.issued(1))
    await world.act('supplier', dilutionOf(world, registered.rootId))
    return world.act('debtor', { kind: 'acceptDilution', noteId: world.pieceOf(registered) })
  },
  async 'freeze a whole note'(world) {
    const [noteId] = await one(world.held(1))
    return world.act('regulator', freezeOf(world, noteId))
  },
  async unfreeze(world) {
    const [noteId] = await one(world.held(1))
    await world.act('regulator', freezeOf(world, noteId))
    return world.act('regulator', { kind: 'unfreeze', noteId, order: world.hash() })
  },
  async 'settle a note'(world) {
    const [noteId] = await one(world.held(1))
    world.mature()
    return world.act('clearing', { kind: 'settle', noteId, amount: PART, payment: world.hash() })
  },
  async "settle the root's rest"(world) {
    const [noteId] = await one(world.held(1))
    world.mature()
    const rest = AMOUNT - PART
    return world.act('clearing', { kind: 'settle', noteId: noteAt(noteId, 0n), amount: rest, payment: world.hash() })
  },
  async 'settle a part'(world) {
    const [noteId] = await one(world.held(1))
    world.mature()
    return world.act('clearing', { kind: 'settle', noteId, amount: 1_000_000_007n, payment: world.hash() })
  },
  'settle a receivable of 1 note': (world) => settleReceivable(world, 0),
  'settle a receivable of 10 notes': (world) => settleReceivable(world, 9),
  'settle a receivable of 100 notes': (world) => settleReceivable(world, 99),
  async 'close with 10 notes'(world) {
    const { receivable, notes, size } = await world.heldOfOne(9)
    world.mature()
    const rest = AMOUNT - size * 9n
    await world.actAll('clearing', [
      { kind: 'settle', noteId: receivable.rootId, amount: rest, payment: world.hash() },
      ...notes.map((noteId) => ({ kind: 'settle', noteId, amount: size, payment: world.hash() }) as const)
    ])
    return world.act('clearing', { kind: 'close', receivableId: receivable.receivableId })
  },
  async dispute(world) {
    const [{ receivableId }] = await one(world.issued(1))
    return world.act('debtor', { kind: 'dispute', receivableId, reason: world.hash() })
  },
  async 'lift a dispute'(world) {
    const [{ receivableId }] = await one(world.issued(1))
    await world.act('debtor', { kind: 'dispute', receivableId, reason: world.hash() })
    return world.act('debtor', { kind: 'liftDispute', receivableId, reason: world.hash() })
  },
  async 'claim for elsewhere'(world) {
    const subject = BigInt(world.hash()) >> 64n
    return world.act('factor', {
      kind: 'claim',
      fingerprint: world.fingerprint(),
      subject,
      reason: 'assigned-elsewhere'
    })
  }
}

/** The bill of an operation: those on receivables of different sizes have one. */
export function billNameOf(operation: string): string {
  return operation.startsWith('settle a receivable') ? 'settle a receivable' : operation
}

async function one<Item>(items: Promise<Item[]>): Promise<[Item]> {
  return [(await items)[0]!]
}

function dilutionOf(world: World, noteId: bigint) {
  const deadline = world.chain.time + DAY
  return { kind: 'offerDilution', noteId, amount: PART, deadline, creditNote: world.hash() } as const
}

function freezeOf(world: World, noteId: bigint) {
  const until = world.chain.time + 30 * DAY
  const escrow = world.parties.clearing.id
  return { kind: 'freeze', noteId, amount: PART, until, escrow, order: world.hash() } as const
}

async function settleReceivable(world: World, pieces: number): Promise<Mined> {
  const { receivable } = await world.heldOfOne(pieces)
  world.mature()
  const { receivableId } = receivable
  return world.act('clearing', { kind: 'settleReceivable', receivableId, payment: world.hash() })
}
