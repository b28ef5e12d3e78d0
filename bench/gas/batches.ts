/** Fifty of our operations in one transaction, by the registry's multicall. */
import type { Mined } from './chain.ts'
import { noteAt, PART, type Registered, type World } from './world.ts'

export const COUNT = 50

export interface BatchCase {
  /** Which operation's bill is that of one item. */
  readonly bill: string
  /** Slots that all items have in common, by the bill's names. */
  readonly shared: readonly string[]
  readonly run: (world: World) => Promise<Mined>
}

const receivable = "the receivable's word"

export const batches: Record<string, BatchCase> = {
  'register ×50': {
    bill: 'register',
    shared: [],
    run: (world) => {
      const all = Array.from({ length: COUNT }, () => world.terms())
      return world.actAll(
        'supplier',
        all.map(({ terms, fingerprints }) => ({ kind: 'register', terms, fingerprints }))
      )
    }
  },
  'confirm ×50': {
    bill: 'confirm',
    shared: [],
    run: async (world) => {
      const all = await world.registered(COUNT)
      return world.actAll(
        'debtor',
        all.map(({ terms, fingerprints }) => ({ kind: 'confirm', terms, fingerprints }))
      )
    }
  },
  'split of 50 roots': {
    bill: 'split off the root',
    shared: [],
    run: async (world) => {
      const all = await world.issued(COUNT)
      return world.actAll(
        'supplier',
        all.map(({ rootId }) => world.transfer(rootId, PART, 'second'))
      )
    }
  },
  'split of 50 notes': {
    bill: 'split off a note',
    shared: [],
    run: async (world) => {
      const notes = await world.held(COUNT)
      return world.actAll(
        'second',
        notes.map((noteId) => world.transfer(noteId, 1_000_000_007n, 'third'))
      )
    }
  },
  'split of one root ×50': {
    bill: 'split off the root',
    shared: [receivable],
    run: async (world) => {
      const [{ rootId }] = (await world.issued(1)) as [Registered]
      return world.actAll(
        'supplier',
        Array.from({ length: COUNT }, () => world.transfer(rootId, 500_000_003n, 'second'))
      )
    }
  },
  'split of one note ×50': {
    bill: 'split off a note',
    shared: [receivable, "the note's word"],
    run: async (world) => {
      const [noteId] = (await world.held(1)) as [bigint]
      return world.actAll(
        'second',
        Array.from({ length: COUNT }, () => world.transfer(noteId, 50_000_003n, 'third'))
      )
    }
  },
  'accept ×50': {
    bill: 'accept',
    shared: [],
    run: async (world) => {
      const notes = await world.offered(COUNT)
      return world.actAll(
        'second',
        notes.map((noteId) => ({ kind: 'accept', noteId }))
      )
    }
  },
  'transfer of whole notes of 50 receivables': {
    bill: 'transfer a whole note',
    shared: [],
    run: async (world) => {
      const notes = await world.held(COUNT)
      return world.actAll(
        'second',
        notes.map((noteId) => world.transfer(noteId, PART, 'third'))
      )
    }
  },
  'transfer of 50 notes of one receivable': {
    bill: 'transfer a whole note',
    shared: [receivable],
    run: async (world) => {
      const { notes, size } = await world.heldOfOne(COUNT)
      return world.actAll(
        'second',
        notes.map((noteId) => world.transfer(noteId, size, 'third'))
      )
    }
  },
  'finance ×50': {
    bill: 'finance by assignment',
    shared: [],
    run: async (world) => {
      const notes = await world.locked(COUNT)
      return world.actAll(
        'factor',
        notes.map((noteId) => ({ kind: 'finance', noteId, disbursement: world.hash() }))
      )
    }
  },
  'settle notes of 50 receivables': {
    bill: 'settle a note',
    shared: [],
    run: async (world) => {
      const notes = await world.held(COUNT)
      world.mature()
      return world.actAll(
        'clearing',
        notes.map((noteId) => ({ kind: 'settle', noteId, amount: PART, payment: world.hash() }))
      )
    }
  },
  'settle 50 notes of one receivable': {
    bill: 'settle a note',
    shared: [receivable],
    run: async (world) => {
      const { notes, size } = await world.heldOfOne(COUNT)
      world.mature()
      return world.actAll(
        'clearing',
        notes.map((noteId) => ({ kind: 'settle', noteId, amount: size, payment: world.hash() }))
      )
    }
  },
  'settle 50 receivables': {
    bill: 'settle a receivable',
    shared: [],
    run: async (world) => {
      const notes = await world.held(COUNT)
      world.mature()
      return world.actAll(
        'clearing',
        notes.map((noteId) => ({
          kind: 'settleReceivable',
          receivableId: noteAt(noteId, 0n) >> 64n,
          payment: world.hash()
        }))
      )
    }
  }
}
