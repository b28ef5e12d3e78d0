import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noteStates, type NoteState } from '../../domain/note/note-states.ts'
import { encodeNoteWord, type NoteFields, type NotePurpose } from '../../domain/note/note-word.ts'
import { noteIdOf, noteIdToHex, receivableIdToHex } from '../../domain/note/span.ts'
import { connect } from '../../indexer/database.ts'
import type { EventName, PlacedEvent } from '../../indexer/decode.ts'
import { migrateProjection } from '../../indexer/migrate.ts'
import { fold } from '../../indexer/project-block.ts'
import { startDatabase, type Database } from '../../scripts/instance/database.ts'

// Only what the contracts would never do shows that a guard is there. So events are made up here, and no chain is needed.

const dir = mkdtempSync(join(tmpdir(), 'tallystick-guards-'))
let database: Database
let client: pg.Client
beforeAll(async () => {
  database = await startDatabase({ dir })
  await migrateProjection(database.url, 'guards')
  client = await connect(database.url, 'guards')
  await client.query(`insert into registry values (1, 'first', 1, ''), (2, 'second', 1, '')`)
})
afterAll(async () => {
  await client.end()
  await database.stop()
  rmSync(dir, { recursive: true, force: true })
})

const [creditor, debtor, holder, other, escrow, time] = [1, 2, 3, 4, 5, 1_000]
const receivableId = receivableIdToHex(7n)
const noteId = noteIdToHex(noteIdOf(7n, 10n))
const hash = `0x${'ab'.repeat(32)}`

/** A note in the middle of a receivable of 30, live and unfrozen. */
const live: NoteFields = {
  end: 20n,
  holder,
  counterparty: 0,
  assignor: creditor,
  deadline: 0,
  frozenUntil: 0,
  tier: 1,
  state: 'live',
  purpose: 'none',
  hasRecourse: false
}
const bound = (state: NoteState, purpose: NotePurpose, counterparty: number): NoteFields => ({
  ...live,
  state,
  purpose,
  counterparty,
  deadline: state === 'pledged' ? 0 : 2_000
})
const taken = (by: number, from: number, more: Partial<NoteFields> = {}) => ({
  ...live,
  holder: by,
  assignor: from,
  ...more
})

/** Every state and purpose that a note can be in. */
const stored: Record<string, NoteFields> = {
  live,
  'live with recourse': { ...live, hasRecourse: true },
  'live of the creditor': { ...live, holder: creditor, assignor: 0, tier: 0 },
  'offered by transfer': bound('offered', 'transfer', other),
  'offered by trade transfer': bound('offered', 'trade-transfer', other),
  'offered for dilution': bound('offered', 'dilution', debtor),
  'offered for return': bound('offered', 'return', creditor),
  'locked for assignment': bound('locked', 'assignment', other),
  'locked for recourse': bound('locked', 'recourse-assignment', other),
  'locked for a pledge': bound('locked', 'pledge', other),
  pledged: bound('pledged', 'pledge', other),
  settled: { ...live, state: 'settled', counterparty: holder },
  cancelled: { ...live, state: 'cancelled' }
}
const anyLive = ['live', 'live with recourse', 'live of the creditor']
const transfers = ['offered by transfer', 'offered by trade transfer']
const offers = [...transfers, 'offered for dilution', 'offered for return']
const locks = ['locked for assignment', 'locked for recourse', 'locked for a pledge']
const open = [...anyLive, ...offers, ...locks, 'pledged']

interface Rule {
  event: EventName
  /** From where it is allowed. */
  from: string[]
  /** The word that it stores. */
  after: (before: NoteFields) => NoteFields
  more?: Record<string, unknown>
}
const freed = (before: NoteFields): NoteFields => ({
  ...before,
  state: 'live',
  purpose: 'none',
  counterparty: 0,
  deadline: 0
})
const binding =
  (state: NoteState, purpose: NotePurpose, counterparty: number) =>
  (before: NoteFields): NoteFields => ({ ...before, ...bound(state, purpose, counterparty), ...hands(before) })
const hands = ({ holder, assignor, tier, hasRecourse }: NoteFields) => ({ holder, assignor, tier, hasRecourse })

const rules: Rule[] = [
  { event: 'NoteOffered', from: anyLive, after: binding('offered', 'transfer', other), more: { tradeDocument: hash } },
  { event: 'NoteAccepted', from: transfers, after: () => taken(other, holder, { tier: 2 }) },
  { event: 'NoteRefused', from: offers, after: freed, more: { reason: hash } },
  { event: 'NoteRecalled', from: offers, after: freed },
  {
    event: 'NoteDilutionOffered',
    from: ['live of the creditor'],
    after: binding('offered', 'dilution', debtor),
    more: { creditNote: hash }
  },
  {
    event: 'NoteCancelled',
    from: ['offered for dilution'],
    after: (before) => ({ ...freed(before), state: 'cancelled' })
  },
  { event: 'NoteLocked', from: anyLive, after: binding('locked', 'assignment', other), more: { quote: hash } },
  { event: 'NoteUnlocked', from: locks, after: freed },
  {
    event: 'NoteFinanced',
    from: ['locked for assignment'],
    after: () => taken(other, holder),
    more: { disbursement: hash }
  },
  {
    event: 'NoteFinanced',
    from: ['locked for recourse'],
    after: () => taken(other, holder, { hasRecourse: true }),
    more: { disbursement: hash }
  },
  {
    event: 'NoteFinanced',
    from: ['locked for a pledge'],
    after: (before) => ({ ...before, ...bound('pledged', 'pledge', other), ...hands(before) }),
    more: { disbursement: hash }
  },
  { event: 'NoteReleased', from: ['pledged'], after: freed, more: { repayment: hash } },
  { event: 'NoteForeclosed', from: ['pledged'], after: () => taken(other, holder) },
  {
    event: 'NoteReturnOffered',
    from: ['live with recourse'],
    after: binding('offered', 'return', creditor),
    more: { demand: hash }
  },
  { event: 'NoteReturned', from: ['offered for return'], after: () => taken(creditor, holder) },
  {
    event: 'NoteFrozen',
    from: open,
    after: (before) => ({ ...before, frozenUntil: time + 1 }),
    more: { freeze: { order: hash, escrow: String(escrow), authority: '6' } }
  },
  {
    event: 'NoteSettled',
    from: open,
    after: (before) => ({
      ...freed(before),
      state: 'settled',
      counterparty: before.state === 'pledged' ? before.counterparty : before.holder
    }),
    more: { payment: hash }
  }
]

async function store(note: NoteFields): Promise<void> {
  await client.query(
    `insert into receivable (receivable_id, registry, creditor, debtor, amount, settled, cancelled, currency, maturity,
       content_commitment, fingerprints, state, disputed, registered_at, registered_block, registered_tx, confirmed_at,
       changed_at, changed_block, changed_tx)
     values ($1, 1, ${creditor}, ${debtor}, 30, 0, 0, 156, 5000, '', '{}', 'confirmed', false, 1, 1, '', 1, 1, 1, '')`,
    [receivableId]
  )
  const isFinal = note.state === 'settled'
  await client.query(
    `insert into note (note_id, receivable_id, registry, span, holder, counterparty, assignor, deadline, frozen_until, tier, state,
       purpose, has_recourse, freeze_order, freeze_escrow, freeze_authority, payment, payee, opened_block, changed_at,
       changed_block, changed_tx)
     values ($1, $2, 1, int8range(10, $3), $4, nullif($5, 0), nullif($6, 0), nullif($7, 0), nullif($8, 0), $9, $10, $11, $12,
       $13, $14, $15, $16, $17, 1, 1, 1, '')`,
    [
      noteId,
      receivableId,
      note.end,
      ...[note.holder, note.counterparty, note.assignor, note.deadline, note.frozenUntil, note.tier],
      ...[note.state, note.purpose, note.hasRecourse],
      ...(note.frozenUntil ? [hash, escrow, 6] : [null, null, null]),
      ...(isFinal ? [hash, note.holder] : [null, null])
    ]
  )
}

/** Folds the event over the stored note and takes all back; the error's code when it is refused. */
async function outcome(
  before: NoteFields,
  rule: Rule,
  after: NoteFields,
  id = noteId,
  prepare = async () => {},
  address = 'first'
): Promise<string> {
  await client.query('begin')
  try {
    await store(before)
    await prepare()
    const args = { noteId: id, note: noteIdToHex(encodeNoteWord(after)), ...rule.more }
    const placement = { blockNumber: 9, blockTime: time, logIndex: 0, txHash: hash, txIndex: 0, address }
    await fold(client, [{ ...placement, name: rule.event, args, receivableId } as unknown as PlacedEvent])
    return 'folded'
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    await client.query('rollback')
  }
}

describe.each(rules)('$event over $from', (rule) => {
  const { from, after } = rule
  test.each(Object.keys(stored))('is folded or refused by the table when the note is %s', async (name) => {
    const before = stored[name]!
    expect(await outcome(before, rule, after(before))).toBe(from.includes(name) ? 'folded' : 'PROJECTION_CONFLICT')
  })

  const before = stored[from[0]!]!
  test.each<[string, Partial<NoteFields>]>([
    ['another holder', { holder: 6 }],
    ['another assignor', { assignor: 6 }],
    ['another tier', { tier: 5 }],
    ['another recourse', { hasRecourse: !after(before).hasRecourse }],
    ['an end that no span has', { end: 19n }],
    ['another state', { state: after(before).state === 'locked' ? 'pledged' : 'locked' }]
  ])('is refused with %s', async (_, change) => {
    expect(await outcome(before, rule, { ...after(before), ...change })).toBe('PROJECTION_CONFLICT')
  })

  test('is refused for a note that is not there and can’t be cut off one', async () => {
    const elsewhere = noteIdToHex(noteIdOf(7n, 25n))
    expect(await outcome(before, rule, { ...after(before), end: 30n }, elsewhere)).toBe('PROJECTION_CONFLICT')
  })

  test('is refused while the note is frozen, unless it settles to the escrow', async () => {
    const frozen = { ...before, frozenUntil: time + 10 }
    expect(await outcome(frozen, rule, after(frozen))).toBe('PROJECTION_CONFLICT')
    const paid = { ...after(frozen), counterparty: escrow, frozenUntil: 0 }
    if (rule.event === 'NoteSettled') expect(await outcome(frozen, rule, paid)).toBe('folded')
    const over = { ...before, frozenUntil: time }
    expect(await outcome(over, rule, after({ ...over, frozenUntil: 0 }))).toBe('folded')
  })
})

test('a freeze is lifted only while it is in force', async () => {
  const rule: Rule = {
    event: 'NoteUnfrozen',
    from: [],
    after: (note) => ({ ...note, frozenUntil: 0 }),
    more: { order: hash }
  }
  expect(await outcome(live, rule, live)).toBe('PROJECTION_CONFLICT')
  expect(await outcome({ ...live, frozenUntil: time }, rule, live)).toBe('PROJECTION_CONFLICT')
  expect(await outcome({ ...live, frozenUntil: time + 1 }, rule, live)).toBe('folded')
})

test('is refused of another registry version than the receivable’s, and of one that nobody announced', async () => {
  const rule = rules.find(({ event }) => event === 'NoteRecalled')!
  const before = stored['offered by transfer']!
  const from = (address: string) => outcome(before, rule, rule.after(before), noteId, undefined, address)
  expect(await from('first')).toBe('folded')
  expect(await from('second')).toBe('PROJECTION_CONFLICT')
  expect(await from('third')).toBe('PROJECTION_CONFLICT')
})

describe('a merge', () => {
  /** Stores a note before it at [0, 10) that differs so, and folds a merge of the two. */
  async function merged(difference: Partial<NoteFields>, gone: Partial<NoteFields> = {}, id = noteId): Promise<string> {
    const rootId = noteIdToHex(noteIdOf(7n, 0n))
    const kept = { ...live, ...difference }
    const rule: Rule = { event: 'NotesMerged', from: [], after: (note) => note, more: { mergedId: id } }
    const before = { ...live, ...gone }
    return outcome(before, rule, { ...kept, end: 20n, frozenUntil: 0 }, rootId, async () => {
      await client.query(
        `insert into note select (jsonb_populate_record(note, jsonb_build_object('note_id', $1::text, 'span', '[0,10)',
           'holder', $2::int, 'assignor', $3::int, 'tier', $4::int, 'has_recourse', $5::boolean,
           'frozen_until', $6::int, 'freeze_order', '', 'freeze_escrow', 1, 'freeze_authority', 1))).* from note`,
        [rootId, kept.holder, kept.assignor, kept.tier, kept.hasRecourse, kept.frozenUntil || null]
      )
    })
  }
  test.each<[string, Partial<NoteFields>, Partial<NoteFields>]>([
    ['of two holders', { holder: other }, {}],
    ['of two assignors', { assignor: other }, {}],
    ['of two tiers', { tier: 2 }, {}],
    ['of which one has recourse', { hasRecourse: true }, {}],
    ['of which the first is frozen', { frozenUntil: time + 1 }, {}],
    ['of which the second is frozen', {}, { frozenUntil: time + 1 }],
    ['of which the second is on offer', {}, bound('offered', 'transfer', other)]
  ])('is refused of notes %s', async (_, kept, gone) => {
    expect(await merged(kept, gone)).toBe('PROJECTION_CONFLICT')
  })
  test('is refused of a note that is not there', async () => {
    expect(await merged({}, {}, noteIdToHex(noteIdOf(7n, 11n)))).toBe('PROJECTION_CONFLICT')
  })
  test('is folded of neighbours that are alike, also when a freeze is over', async () => {
    expect(await merged({})).toBe('folded')
    expect(await merged({ frozenUntil: time }, {})).toBe('folded')
  })
})

test('every state is tried', () => {
  const tried = new Set(Object.values(stored).map(({ state }) => state))
  expect(noteStates.filter((state) => state !== 'none' && !tried.has(state))).toEqual([])
})
