/** Random lives of receivables, told to the contracts by their participants: every kind of move of a note, several in a block at times. */
import { Contract, id, ZeroHash } from 'ethers'
import { contracts } from '../../../domain/chain/contracts.ts'
import { notePurposes } from '../../../domain/note/note-word.ts'
import { noteIdOf } from '../../../domain/note/span.ts'
import { askChain } from '../../../scripts/instance/chain.ts'
import {
  cast,
  confirmed,
  DAY,
  now,
  numberOf,
  register,
  waitUntil,
  type Actor,
  type World
} from '../../indexer/world.ts'
import type { Random } from '../../faults/random.ts'

/** An act of somebody: a function of Receivables with its arguments. */
type Act = [actor: Actor, name: string, ...args: unknown[]]
type Rows = <T extends object>(sql: string, values?: unknown[]) => Promise<T[]>

interface Note {
  noteId: string
  receivableId: string
  start: string
  end: string
  holder: number
  counterparty: number
  state: string
  purpose: string
  recourse: boolean
  tier: number
  frozen: boolean
  maturity: number
}

const SHORT = 2 * DAY
const actorOf = (participant: number) => Object.keys(cast)[participant - 1] as Actor
const purpose = (name: (typeof notePurposes)[number]) => notePurposes.indexOf(name)
/** So that it is chosen so many times as often. */
const often = (times: number, act: Act): Act[] => Array.from({ length: times }, () => act)
const takers = ['supplier', 'second', 'third', 'escrow'] as const

/**
 * Registers a few receivables and moves their notes at random, half of them beyond maturity, until everything is settled that can be.
 * `rows` asks the projection, which `told` brings to the chain's head after each block.
 */
export async function liveAtRandom(
  world: World,
  random: Random,
  steps: number,
  rows: Rows,
  told: () => Promise<void>
): Promise<void> {
  const one = <T>(of: readonly T[]): T => of[random.between(0, of.length - 1)]!
  const name = `lives ${random.between(0, 2 ** 30)}`
  for (const tenor of [SHORT, SHORT, 30 * DAY]) {
    const story = await confirmed(world, `${name} ${tenor} ${random.between(0, 2 ** 30)}`, 1_000n, tenor)
    await told()
    for (const of of ['pledge', 'recourse-assignment'] as const) {
      const { root, terms } = story
      await mine(world, [
        ['supplier', 'lock', root, numberOf('factor'), 100n, terms.maturity - 1, purpose(of), id('quote')],
        ['factor', 'finance', noteIdOf(story.receivableId, of === 'pledge' ? 900n : 800n), id('paid')]
      ])
      await told()
    }
  }
  await register(world, `${name} only registered`)
  await told()
  for (let step = 0; step < steps; step++) {
    const time = await now(world)
    // From half of it on the short ones are due.
    if (step === Math.floor(steps / 2)) await waitUntil(world, time + SHORT)
    const notes = await rows<Note>(
      `select n.note_id as "noteId", n.receivable_id as "receivableId", lower(n.span)::text as start, upper(n.span)::text as "end",
         n.holder, coalesce(n.counterparty, 0) as counterparty, n.state, n.purpose, n.has_recourse as recourse, n.tier,
         coalesce(n.frozen_until > $1, false) as frozen, r.maturity::int as maturity
       from projection.note n join projection.receivable r using (receivable_id)
       where n.state not in ('settled', 'cancelled') order by r.registered_block, lower(n.span)`,
      [time]
    )
    if (notes.length === 0) break
    const acts = Array.from({ length: random.between(1, 4) === 4 ? 3 : 1 }, () => one(actsOf(one(notes), notes, time)))
    await mine(world, acts)
    await told()
  }
  const open = await rows<{ receivableId: string }>(
    `select receivable_id as "receivableId" from projection.receivable where state = 'confirmed' and maturity <= $1`,
    [await now(world)]
  )
  for (const { receivableId } of open) {
    const taken = await rows<{ noteId: string; state: string; assignor: number }>(
      `select note_id as "noteId", state, coalesce(assignor, 0) as assignor from projection.note
       where receivable_id = $1 and (state = 'pledged' or (state = 'live' and has_recourse))`,
      [receivableId]
    )
    const deadline = (await now(world)) + 3_600
    const [pledged, returned] = [
      taken.filter(({ state }) => state === 'pledged'),
      taken.filter(({ state }) => state === 'live')
    ]
    const ends: Act[][] = [
      pledged.map(({ noteId }) => ['factor', 'foreclose', noteId]),
      returned.map(({ noteId }) => ['factor', 'returnNote', noteId, deadline, id('demand')]),
      returned.map(({ noteId, assignor }) => [actorOf(assignor), 'acceptReturn', noteId])
    ]
    for (const acts of ends) {
      await mine(world, acts)
      await told()
    }
    await mine(world, [['clearing', 'settleReceivable', receivableId, id('payment')]])
    await told()
  }

  function actsOf(note: Note, notes: readonly Note[], time: number): Act[] {
    const { noteId, holder, counterparty, state } = note
    const own = actorOf(holder)
    const other = counterparty === 0 ? own : actorOf(counterparty)
    const size = BigInt(note.end) - BigInt(note.start)
    const amount = random.between(0, 3) === 0 ? size : BigInt(random.between(1, Number(size)))
    const isDue = note.maturity <= time + 60
    const deadline = isDue ? time + 3_600 : note.maturity - 1
    if (note.frozen && random.between(0, 2) > 0) return [['regulator', 'unfreeze', noteId, id('lifted')]]
    const freeze: Act = ['regulator', 'freeze', noteId, amount, time + 3 * DAY, numberOf(one(takers)), id('order')]
    const settle: Act[] = isDue ? [['clearing', 'settle', noteId, amount, id('payment')]] : []
    switch (state) {
      case 'offered':
        if (note.purpose === 'dilution') return [['debtor', 'acceptDilution', noteId], refuse('debtor'), freeze]
        if (note.purpose === 'return') return [...often(3, [other, 'acceptReturn', noteId]), refuse(other)]
        return [[other, 'accept', noteId], [other, 'accept', noteId], refuse(other), recall(), freeze, ...settle]
      case 'locked':
        return [
          [other, 'finance', noteId, id('paid')],
          [other, 'finance', noteId, id('paid')],
          [other, 'unlock', noteId]
        ]
      case 'pledged':
        if (isDue) return [[other, 'foreclose', noteId]]
        return [[other, 'release', noteId, id('repaid')], freeze]
      default: {
        if (isDue) return note.recourse ? [[own, 'returnNote', noteId, deadline, id('demand')]] : settle
        const next = notes.find(
          (each) =>
            each.receivableId === note.receivableId &&
            each.start === note.end &&
            each.state === 'live' &&
            each.holder === holder
        )
        // Rarely possible, so taken often.
        const merges: Act[] = next ? often(5, [own, 'merge', noteId, next.noteId]) : []
        const offers = takers.filter((taker) => taker !== own).map((taker) => offer(own, taker))
        const locks = (['assignment', 'recourse-assignment', 'pledge'] as const).map((of): Act => [
          own,
          'lock',
          noteId,
          numberOf('factor'),
          amount,
          deadline,
          purpose(of),
          id('quote')
        ])
        return [
          ...offers,
          ...(own === 'factor' ? [] : locks),
          ...merges,
          ...(note.tier === 0
            ? [[own, 'offerDilution', noteId, amount, deadline, id('credit note')] satisfies Act]
            : []),
          freeze
        ]
      }
    }

    function offer(from: Actor, to: Actor): Act {
      const isTrade = random.between(0, 5) === 0
      const document = id(`order ${random.between(0, 2 ** 30)}`)
      const named = isTrade ? `0x0001${document.slice(2, 62)}` : document
      return [
        from,
        'transfer',
        noteId,
        numberOf(to),
        amount,
        deadline,
        purpose(isTrade ? 'trade-transfer' : 'transfer'),
        named
      ]
    }
    function refuse(actor: Actor): Act {
      return [actor, 'refuse', noteId, ZeroHash, id('reason')]
    }
    function recall(): Act {
      return [own, 'recall', noteId, ZeroHash]
    }
  }
}

/** Mines acts as one block; what the contracts refuse leaves no event. */
async function mine(world: World, acts: readonly Act[]): Promise<void> {
  await askChain(world.chain.url, 'evm_setAutomine', [false])
  try {
    for (const [actor, name, ...args] of acts) {
      const contract = new Contract(world.deployment.receivables, contracts.receivables, world.wallets[actor])
      await contract.getFunction(name).send(...args, { gasPrice: 0, gasLimit: 2_000_000 })
    }
    await askChain(world.chain.url, 'evm_mine')
  } finally {
    await askChain(world.chain.url, 'evm_setAutomine', [true])
  }
}
