import { ZeroHash } from 'ethers'
import type { Command } from '../../domain/intent/commands.ts'
import type { NoteState } from '../../domain/note/note-states.ts'
import type { Role } from '../../domain/participant/roles.ts'
import {
  accept,
  confirmed,
  dilutionOf,
  finance,
  financed,
  freezeOf,
  lockOf,
  offerOf,
  recall,
  refuse,
  settle,
  type Confirmed
} from './notes.ts'
import { DAY, fingerprintOf, hashOf, nextAt, now, type Name, type World } from './world.ts'

/** One receivable whose notes are in every state and purpose there is, after maturity; each span is named. */
export const notes = {
  /** The root note, in the word of its receivable. */
  root: { start: 0n, state: 'live' },
  settled: { start: 3_500n, state: 'settled' },
  /** Two neighbours that could be merged before maturity. */
  live: { start: 4_000n, state: 'live' },
  next: { start: 4_500n, state: 'live' },
  /** Offered back to its assignor. */
  returned: { start: 5_000n, state: 'offered' },
  /** Held by the factor, with recourse to the supplier. */
  financed: { start: 5_500n, state: 'live' },
  cancelled: { start: 6_000n, state: 'cancelled' },
  pledged: { start: 6_500n, state: 'pledged' },
  locked: { start: 7_000n, state: 'locked' },
  dilution: { start: 7_500n, state: 'offered' },
  tradeOffer: { start: 8_000n, state: 'offered' },
  offered: { start: 9_000n, state: 'offered' },
  /** Nothing starts there. */
  nothing: { start: 1n, state: 'none' }
} as const satisfies Record<string, { start: bigint; state: NoteState }>
export type NoteName = keyof typeof notes

export const tradeFingerprint = fingerprintOf('trade invoice')

/** Brings a receivable into the states of {notes}. */
export async function notesInEachState(world: World): Promise<Confirmed> {
  const { supplier, secondSupplier, thirdSupplier, factor, debtor, clearing } = world
  const first = await confirmed(world)
  const root = first.noteId
  const trade = { purpose: 'trade-transfer', tradeDocument: tradeFingerprint } as const
  await supplier.act(await offerOf(root, 1_000n, secondSupplier))
  await supplier.act(await offerOf(root, 1_000n, secondSupplier, trade))
  await supplier.act(await dilutionOf(root, 500n))
  await supplier.act(await lockOf(root, 500n, factor))
  await financed(world, supplier, root, 500n, 'pledge')
  await supplier.act(await dilutionOf(root, 500n))
  await debtor.act({ kind: 'acceptDilution', noteId: first.at(6_000n) })
  await financed(world, supplier, root, 500n, 'recourse-assignment')
  await financed(world, supplier, root, 500n, 'recourse-assignment')
  for (const start of [4_500n, 4_000n]) {
    await supplier.act(await offerOf(root, 500n, thirdSupplier))
    await supplier.act(recall(first.at(start)))
  }
  await nextAt(first.terms.maturity)
  await clearing.act(settle(root, 500n))
  await factor.act(returnNote(first.at(5_000n), await now()))
  return first
}

function returnNote(noteId: bigint, time: number): Command {
  return { kind: 'returnNote', noteId, deadline: time + 10 * DAY, demand: hashOf('demand') }
}

/** One function of the registry that takes a note. */
export interface Verb {
  /** A note in the state that it needs. */
  on: NoteName
  /** Who may, and the roles one of which it must have. */
  by: Name
  roles: Role[]
  /** Whose business it is not, though it has such a role; none where the role alone decides. */
  stranger?: Name
  /** The state that it requires; `settled` where it asks whether the note can still be settled. */
  requires: NoteState
  /** Decides by the word of the note alone, without the receivable: its deadline lies before maturity. */
  readsOwnWord?: true
  command(world: World, noteId: bigint, other: bigint): Promise<Command>
}

const holders: Role[] = ['debtor', 'supplier', 'factor']
const ofHolder = { on: 'live', by: 'supplier', roles: holders, stranger: 'secondSupplier', requires: 'live' } as const
const ofLender = {
  on: 'pledged',
  by: 'factor',
  roles: ['factor'] as Role[],
  stranger: 'otherFactor',
  requires: 'pledged'
} as const

export const verbs: Record<string, Verb> = {
  transfer: { ...ofHolder, command: (world, noteId) => offerOf(noteId, 1n, world.thirdSupplier) },
  'trade transfer': {
    ...ofHolder,
    command: (world, noteId) =>
      offerOf(noteId, 1n, world.thirdSupplier, {
        purpose: 'trade-transfer',
        tradeDocument: fingerprintOf('another trade invoice')
      })
  },
  lock: { ...ofHolder, command: (world, noteId) => lockOf(noteId, 1n, world.factor) },
  merge: { ...ofHolder, command: async (_, noteId, nextId) => ({ kind: 'merge', noteId, nextId }) },
  offerDilution: { ...ofHolder, roles: ['supplier'], command: (_, noteId) => dilutionOf(noteId, 1n) },
  accept: {
    on: 'offered',
    by: 'secondSupplier',
    roles: holders,
    stranger: 'supplier',
    requires: 'offered',
    readsOwnWord: true,
    command: async (_, noteId) => accept(noteId)
  },
  refuse: {
    on: 'tradeOffer',
    by: 'secondSupplier',
    roles: holders,
    stranger: 'supplier',
    requires: 'offered',
    command: async (_, noteId) => refuse(noteId, tradeFingerprint)
  },
  recall: {
    on: 'offered',
    by: 'supplier',
    roles: holders,
    stranger: 'secondSupplier',
    requires: 'offered',
    command: async (_, noteId) => recall(noteId, ZeroHash)
  },
  acceptDilution: {
    on: 'dilution',
    by: 'debtor',
    roles: ['debtor'],
    stranger: 'otherDebtor',
    requires: 'offered',
    readsOwnWord: true,
    command: async (_, noteId) => ({ kind: 'acceptDilution', noteId })
  },
  acceptReturn: {
    on: 'returned',
    by: 'supplier',
    roles: holders,
    stranger: 'secondSupplier',
    requires: 'offered',
    command: async (_, noteId) => ({ kind: 'acceptReturn', noteId })
  },
  unlock: {
    on: 'locked',
    by: 'factor',
    roles: holders,
    stranger: 'otherFactor',
    requires: 'locked',
    command: async (_, noteId) => ({ kind: 'unlock', noteId })
  },
  finance: {
    on: 'locked',
    by: 'factor',
    roles: ['factor'],
    stranger: 'otherFactor',
    requires: 'locked',
    readsOwnWord: true,
    command: async (_, noteId) => finance(noteId)
  },
  release: {
    ...ofLender,
    command: async (_, noteId) => ({ kind: 'release', noteId, repayment: hashOf('repayment') })
  },
  foreclose: { ...ofLender, command: async (_, noteId) => ({ kind: 'foreclose', noteId }) },
  returnNote: {
    ...ofLender,
    on: 'financed',
    requires: 'live',
    command: async (_, noteId) => returnNote(noteId, await now())
  },
  settle: {
    on: 'live',
    by: 'clearing',
    roles: ['clearing'],
    requires: 'settled',
    command: async (_, noteId) => settle(noteId, 1n)
  },
  freeze: {
    on: 'live',
    by: 'regulator',
    roles: ['regulator'],
    requires: 'settled',
    command: (world, noteId) => freezeOf(world, noteId, 1n)
  }
}
