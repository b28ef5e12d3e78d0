import { describe, expect, it } from 'vitest'
import type { StateRecord } from '../../../domain/evidence/record.ts'
import { replay, type Replayed } from '../../../domain/evidence/replay.ts'
import { encodeNoteWord, type NoteFields, type NotePurpose } from '../../../domain/note/note-word.ts'
import { noteIdOf } from '../../../domain/note/span.ts'
import { receivableIdOf, type Terms } from '../../../domain/receivable/terms.ts'
import {
  acts,
  at,
  deadline,
  factorsNote,
  fingerprints,
  firstNote,
  hash,
  maturity,
  people,
  receivableId,
  statesIn,
  suppliers,
  suppliersNote,
  terms,
  word,
  type Act
} from './story.ts'

const { creditor, debtor, supplier, factor, clearing, regulator } = people
const [register, confirm, transfer, accept, lock] = acts as [Act, Act, Act, Act, Act]
/** Making a record takes longer than replaying it, and the same histories are told hundreds of times. */
const made = new WeakMap<Act, StateRecord[][]>()
const told = (...played: Act[]): StateRecord[] =>
  played.flatMap((act, i) => {
    if (!made.has(act)) made.set(act, [])
    return (made.get(act)![i] ??= statesIn(act, i))
  })
const act = (day: number, ...events: Act['events']): Act => ({ ...register, day, events })
const play = (...played: Act[]): Replayed => replay(receivableId, told(...played))
const mismatch = expect.objectContaining({ code: 'STATE_MISMATCH' })
const incomplete = expect.objectContaining({ code: 'LINEAGE_INCOMPLETE' })
const MATURITY = 90
const opened = [register, confirm]

/** An event about the last 3,000, with the word that it stores. */
const piece = (day: number, name: string, fields: Partial<NoteFields>, ...more: unknown[]): Act =>
  act(day, [name, [suppliersNote, word(fields), ...more]])
const bound = (state: NoteFields['state'], purpose: NotePurpose, counterparty: number): Partial<NoteFields> => ({
  state,
  purpose,
  counterparty,
  deadline: state === 'pledged' ? 0 : deadline
})

/** How the last 3,000 come into each state; every history ends with them there. */
const live = [...opened, transfer, accept]
const creditors = [...opened, transfer, piece(3, 'NoteRefused', {}, hash('r'))]
const recourseOf = { holder: factor, assignor: supplier, tier: 1, hasRecourse: true }
const lockFor = (purpose: NotePurpose): Act[] => [
  ...live,
  piece(4, 'NoteLocked', { ...suppliers, ...bound('locked', purpose, factor) }, hash('q'))
]
const recourse = [...lockFor('recourse-assignment'), piece(5, 'NoteFinanced', recourseOf, hash('d'))]
const dilution = [...creditors, piece(4, 'NoteDilutionOffered', bound('offered', 'dilution', debtor), hash('c'))]
const pledged = [
  ...lockFor('pledge'),
  piece(5, 'NoteFinanced', { ...suppliers, ...bound('pledged', 'pledge', factor) }, hash('d'))
]
const returning: Partial<NoteFields> = { ...recourseOf, ...bound('offered', 'return', supplier), deadline: at(120) }
const histories: Record<string, Act[]> = {
  live,
  'live of the creditor': creditors,
  'live with recourse': recourse,
  'offered by transfer': [...opened, transfer],
  'offered by trade transfer': [
    ...opened,
    piece(2, 'NoteOffered', bound('offered', 'trade-transfer', supplier), hash('t'))
  ],
  'offered for dilution': dilution,
  'offered for return': [...recourse, piece(91, 'NoteReturnOffered', returning, hash('m'))],
  'locked for assignment': [...live, ...lockFor('assignment').slice(-1)],
  'locked for recourse': lockFor('recourse-assignment'),
  'locked for a pledge': lockFor('pledge'),
  pledged,
  settled: [...live, piece(91, 'NoteSettled', { ...suppliers, state: 'settled', counterparty: supplier }, hash('p'))],
  cancelled: [...dilution, piece(5, 'NoteCancelled', { state: 'cancelled' })]
}
const anyLive = ['live', 'live of the creditor', 'live with recourse']
const transfers = ['offered by transfer', 'offered by trade transfer']
const offers = [...transfers, 'offered for dilution', 'offered for return']
const locks = ['locked for assignment', 'locked for recourse', 'locked for a pledge']
const open = [...anyLive, ...offers, ...locks, 'pledged']

const unbound = { counterparty: 0, deadline: 0, purpose: 'none' } as const
const taken = (note: NoteFields, more: Partial<NoteFields> = {}): Partial<NoteFields> => ({
  ...unbound,
  state: 'live',
  holder: note.counterparty,
  assignor: note.holder,
  hasRecourse: false,
  ...more
})
const freed = (): Partial<NoteFields> => ({ ...unbound, state: 'live' })

interface Rule {
  name: string
  from: string[]
  day: number
  after: (note: NoteFields) => Partial<NoteFields>
  more?: unknown[]
  /** Fields that the caller chooses. */
  free?: (keyof NoteFields)[]
}
const bind = (state: 'offered' | 'locked', purpose: NotePurpose, counterparty: number) => (note: NoteFields) =>
  bound(state, purpose, note.holder === counterparty ? clearing : counterparty)
const rules: Rule[] = [
  {
    name: 'NoteOffered',
    from: anyLive,
    day: 20,
    after: bind('offered', 'transfer', supplier),
    more: [hash('t')],
    free: ['counterparty', 'deadline']
  },
  { name: 'NoteAccepted', from: transfers, day: 20, after: (note) => taken(note, { tier: note.tier + 1 }) },
  { name: 'NoteRefused', from: offers, day: 20, after: freed, more: [hash('r')] },
  { name: 'NoteRecalled', from: offers, day: 20, after: freed },
  {
    name: 'NoteDilutionOffered',
    from: ['live of the creditor'],
    day: 20,
    after: () => bound('offered', 'dilution', debtor),
    more: [hash('c')],
    free: ['deadline']
  },
  {
    name: 'NoteCancelled',
    from: ['offered for dilution'],
    day: 20,
    after: () => ({ ...unbound, state: 'cancelled' })
  },
  {
    name: 'NoteLocked',
    from: anyLive,
    day: 20,
    after: bind('locked', 'assignment', factor),
    more: [hash('q')],
    free: ['counterparty', 'deadline', 'purpose']
  },
  { name: 'NoteUnlocked', from: locks, day: 20, after: freed },
  { name: 'NoteFinanced', from: ['locked for assignment'], day: 20, after: (note) => taken(note), more: [hash('d')] },
  {
    name: 'NoteFinanced',
    from: ['locked for recourse'],
    day: 20,
    after: (note) => taken(note, { hasRecourse: true }),
    more: [hash('d')]
  },
  {
    name: 'NoteFinanced',
    from: ['locked for a pledge'],
    day: 20,
    after: () => ({ state: 'pledged', deadline: 0, purpose: 'pledge' }),
    more: [hash('d')]
  },
  { name: 'NoteReleased', from: ['pledged'], day: 20, after: freed, more: [hash('y')] },
  { name: 'NoteForeclosed', from: ['pledged'], day: MATURITY, after: (note) => taken(note) },
  {
    name: 'NoteReturnOffered',
    from: ['live with recourse'],
    day: MATURITY,
    after: (note) => ({ ...bound('offered', 'return', note.assignor), deadline: at(120) }),
    more: [hash('m')],
    free: ['deadline']
  },
  { name: 'NoteReturned', from: ['offered for return'], day: MATURITY, after: (note) => taken(note) },
  {
    name: 'NoteFrozen',
    from: open,
    day: 20,
    after: () => ({ frozenUntil: at(100) }),
    more: [{ order: hash('o'), escrow: clearing, authority: regulator }],
    free: ['frozenUntil']
  },
  {
    name: 'NoteSettled',
    from: open,
    day: MATURITY,
    after: (note) => ({
      ...unbound,
      state: 'settled',
      counterparty: note.state === 'pledged' ? note.counterparty : note.holder
    }),
    more: [hash('p')]
  }
]

const noteIn = (replayed: Replayed): NoteFields => replayed.notes.find(({ noteId }) => noteId === suppliersNote)!
/** A rule's event behind a history, its word changed. */
function after(history: Act[], rule: Rule, change: Partial<NoteFields> = {}, day?: number): Act[] {
  const note = noteIn(play(...history))
  const stored = encodeNoteWord({ ...note, ...rule.after(note), ...change })
  const when = day ?? Math.max(rule.day, history.at(-1)!.day + 1)
  return [...history, act(when, [rule.name, [suppliersNote, stored, ...(rule.more ?? [])]])]
}

describe.each(rules)('the replay of $name over $from', (rule) => {
  const history = histories[rule.from[0]!]!

  it.each(Object.keys(histories))('folds or refuses by the contract’s table a note that is %s', (name) => {
    const run = () => play(...after(histories[name]!, rule))
    if (rule.from.includes(name)) expect(noteIn(run())).toMatchObject(rule.after(noteIn(play(...histories[name]!))))
    else expect(run).toThrow(mismatch)
  })

  it.each<[keyof NoteFields, Partial<NoteFields>]>([
    ['end', { end: 9_999n }],
    ['holder', { holder: regulator }],
    ['counterparty', { counterparty: regulator }],
    ['assignor', { assignor: regulator }],
    ['deadline', { deadline: deadline - 1 }],
    ['frozenUntil', { frozenUntil: at(99) }],
    ['tier', { tier: 9 }],
    ['state', { state: 'none' }],
    ['purpose', { purpose: 'recourse-assignment' }],
    ['hasRecourse', { hasRecourse: !noteIn(play(...after(history, rule))).hasRecourse }]
  ])('refuses a word with another %s, unless its caller may choose that', (field, change) => {
    const run = () => play(...after(history, rule, change))
    // That deadline was over before maturity.
    const isFree = rule.free?.includes(field) && !(rule.name === 'NoteReturnOffered' && field === 'deadline')
    if (isFree) expect(run).not.toThrow()
    else expect(run).toThrow(mismatch)
  })

  it('refuses it while the note is frozen, but for settlement, which goes to the escrow', () => {
    const note = noteIn(play(...history))
    const until = at(Math.max(rule.day, history.at(-1)!.day + 1)) + 5
    const freeze = { order: hash('o'), escrow: regulator, authority: regulator }
    const stored = encodeNoteWord({ ...note, frozenUntil: until })
    const frozen = [...history, act(history.at(-1)!.day, ['NoteFrozen', [suppliersNote, stored, freeze]])]
    if (rule.name === 'NoteSettled') {
      expect(() => play(...after(frozen, rule, { frozenUntil: 0 }))).toThrow(mismatch)
      const paid = play(...after(frozen, rule, { frozenUntil: 0, counterparty: regulator }))
      expect(paid.notes.at(-1)).toMatchObject({ state: 'settled', payee: regulator })
    } else {
      expect(() => play(...after(frozen, rule))).toThrow(mismatch)
    }
  })

  it('refuses it of a note that no record opens', () => {
    const note = noteIn(play(...history))
    const stored = encodeNoteWord({ ...note, ...rule.after(note) })
    const nowhere = [noteIdOf(receivableId, 10_000n), stored, ...(rule.more ?? [])]
    expect(() => play(...history, act(history.at(-1)!.day + 1, [rule.name, nowhere]))).toThrow(incomplete)
  })
})

const ruleOf = (name: string, from: string): Rule =>
  rules.find((rule) => rule.name === name && rule.from.includes(from))!

describe('the replay by the clock', () => {
  it.each<[string, string, string, number, Partial<NoteFields>]>([
    ['an offer at the second of maturity', 'NoteOffered', 'live', MATURITY, { deadline: maturity }],
    ['an offer whose deadline is the maturity', 'NoteOffered', 'live', 20, { deadline: maturity }],
    ['an offer whose deadline is over', 'NoteOffered', 'live', 20, { deadline: at(20) - 1 }],
    ['a lock whose deadline is the maturity', 'NoteLocked', 'live', 20, { deadline: maturity }],
    ['a dilution after its deadline', 'NoteCancelled', 'offered for dilution', 31, {}],
    ['a dilution offered until maturity', 'NoteDilutionOffered', 'live of the creditor', 20, { deadline: maturity }],
    ['an acceptance after the deadline', 'NoteAccepted', 'offered by transfer', 31, {}],
    ['a financing after the deadline', 'NoteFinanced', 'locked for assignment', 31, {}],
    ['a foreclosure before maturity', 'NoteForeclosed', 'pledged', MATURITY - 1, {}],
    ['a return before maturity', 'NoteReturnOffered', 'live with recourse', MATURITY - 1, {}],
    ['a return with a deadline of over a year', 'NoteReturnOffered', 'live with recourse', 91, { deadline: at(458) }],
    ['a return accepted too late', 'NoteReturned', 'offered for return', 121, {}],
    ['a settlement before maturity', 'NoteSettled', 'live', MATURITY - 1, {}],
    ['a freeze that is over', 'NoteFrozen', 'live', 20, { frozenUntil: at(20) }],
    ['a freeze of more than three years', 'NoteFrozen', 'live', 20, { frozenUntil: at(20 + 1_096) }]
  ])('refuses %s', (_, name, from, day, change) => {
    expect(() => play(...after(histories[from]!, ruleOf(name, from), change, day))).toThrow(mismatch)
  })

  it('takes the second of a deadline as the last, and that of maturity as the first', () => {
    const last = after(histories['offered by transfer']!, ruleOf('NoteAccepted', 'offered by transfer'), {}, 30)
    expect(noteIn(play(...last))).toMatchObject({ holder: supplier })
    const first = after(histories['pledged']!, ruleOf('NoteForeclosed', 'pledged'), {}, MATURITY)
    expect(noteIn(play(...first))).toMatchObject({ holder: factor })
  })

  it('lets a freeze end by itself, and lifts only one that is in force, by who ordered it', () => {
    const freeze = ruleOf('NoteFrozen', 'live')
    const frozen = after(live, freeze, { frozenUntil: at(25) }, 20)
    const lifted = (day: number) => [...frozen, piece(day, 'NoteUnfrozen', suppliers, hash('o'))]
    expect(() => play(...lifted(25))).toThrow(mismatch)
    expect(() => play(...live, piece(21, 'NoteUnfrozen', suppliers, hash('o')))).toThrow(mismatch)
    expect(play(...lifted(24)).steps.at(-1)?.actors).toEqual([regulator])
    const offered = { ...suppliers, ...bound('offered', 'transfer', factor) }
    expect(noteIn(play(...frozen, piece(25, 'NoteOffered', offered, hash('t'))))).toMatchObject({ state: 'offered' })
    expect(() => play(...frozen, piece(24, 'NoteOffered', offered, hash('t')))).toThrow(mismatch)
  })
})

describe('the replay of a receivable refuses', () => {
  it.each<[string, Partial<Terms>]>([
    ['an amount of zero', { amount: 0n }],
    ['an amount that no span can hold', { amount: 1n << 63n }],
    ['a creditor that is its own debtor', { creditor: people.debtor }],
    ['no currency', { currency: 0 }],
    ['a currency of four digits', { currency: 1_000 }],
    ['a maturity over a year away', { maturity: at(367) }]
  ])('terms with %s, though the id fits them', (_, change) => {
    const changed = { ...terms, ...change }
    const id = receivableIdOf(changed, fingerprints)
    expect(() => replay(id, told(act(0, ['ReceivableRegistered', [id, changed, fingerprints]])))).toThrow(mismatch)
  })

  it('no fingerprint, and more than four', () => {
    for (const count of [0, 5]) {
      const many = Array.from({ length: count }, (_, i) => hash(`${i}`))
      const id = receivableIdOf(terms, many)
      expect(() => replay(id, told(act(0, ['ReceivableRegistered', [id, terms, many]])))).toThrow(mismatch)
    }
  })

  it('terms of another id, a registration and a confirmation at maturity, and a second confirmation', () => {
    const other = act(0, ['ReceivableRegistered', [receivableId, { ...terms, amount: 1n }, fingerprints]])
    expect(() => play(other)).toThrow(mismatch)
    expect(() => play({ ...register, day: MATURITY })).toThrow(mismatch)
    expect(() => play(register, { ...confirm, day: MATURITY })).toThrow(mismatch)
    expect(() => play(register, confirm, { ...confirm, day: 2 })).toThrow(mismatch)
  })

  it('moves of a receivable that was rejected or withdrawn', () => {
    for (const end of [
      act(1, ['ReceivableRejected', [receivableId, hash('r')]]),
      act(1, ['ReceivableWithdrawn', [receivableId]])
    ]) {
      expect(() => play(register, end, { ...confirm, day: 2 })).toThrow(mismatch)
      expect(() => play(register, end, { ...transfer, day: 2 })).toThrow(incomplete)
      expect(() => play(register, confirm, { ...end, day: 2 })).toThrow(mismatch)
    }
  })

  it('a dispute twice, a lifting without one, and offers and locks meanwhile', () => {
    const dispute = act(4, ['ReceivableDisputed', [receivableId, hash('r')]])
    const lift = act(5, ['ReceivableDisputeLifted', [receivableId, hash('r')]])
    expect(() => play(...live, dispute, dispute)).toThrow(mismatch)
    expect(() => play(...live, lift)).toThrow(mismatch)
    expect(() => play(register, { ...dispute, day: 1 })).toThrow(mismatch)
    expect(() => play(...live, dispute, { ...lock, day: 5 })).toThrow(mismatch)
    expect(() => play(...opened, { ...dispute, day: 1 }, transfer)).toThrow(mismatch)
    expect(play(...live, dispute)).toMatchObject({ isDisputed: true })
    expect(play(...live, dispute, lift, { ...lock, day: 6 })).toMatchObject({ isDisputed: false })
    // An offer of before goes on.
    expect(play(...opened, transfer, { ...dispute, day: 2 }, accept)).toMatchObject({ isDisputed: true })
  })

  it('a settlement at once before maturity or twice, and any move after it', () => {
    const settle = (day: number) => act(day, ['ReceivableSettled', [receivableId, hash('p')]])
    expect(() => play(...live, settle(MATURITY - 1))).toThrow(mismatch)
    expect(() => play(register, settle(MATURITY))).toThrow(mismatch)
    expect(() => play(...live, settle(MATURITY), settle(91))).toThrow(mismatch)
    const one = { ...suppliers, state: 'settled', counterparty: supplier } as const
    expect(() => play(...live, settle(MATURITY), piece(91, 'NoteSettled', one, hash('p')))).toThrow(mismatch)
    expect(() =>
      play(
        ...pledged,
        settle(MATURITY),
        piece(91, 'NoteForeclosed', taken({ counterparty: factor, holder: supplier } as never))
      )
    ).toThrow(mismatch)
  })

  it('to close while a note is open', () => {
    const close = act(93, ['ReceivableClosed', [receivableId]])
    expect(() => play(...acts.slice(0, 8), close)).toThrow(mismatch)
  })

  it('to say anything of a receivable that no record opens', () => {
    expect(() => replay(receivableId, [])).toThrow(incomplete)
    expect(() => play(transfer)).toThrow(incomplete)
    expect(() => replay(receivableId + 1n, told(...acts))).toThrow(incomplete)
  })
})

describe('the replay of a merge', () => {
  const mergeInto = (noteId: bigint, mergedId: bigint, fields: Partial<NoteFields> = {}, day = 4): Act =>
    act(day, ['NotesMerged', [noteId, word(fields), mergedId]])

  it('refuses unlike notes, notes that are no neighbours, another end, and maturity', () => {
    expect(() => play(...live, mergeInto(firstNote, suppliersNote))).toThrow(mismatch)
    expect(() => play(...creditors, mergeInto(suppliersNote, firstNote))).toThrow(mismatch)
    expect(() => play(...creditors, mergeInto(firstNote, firstNote))).toThrow(mismatch)
    const offered = act(4, ['NoteOffered', [factorsNote, word(bound('offered', 'transfer', supplier)), hash('t')]])
    const three = [...creditors, offered, act(5, ['NoteRecalled', [factorsNote, word()]])]
    expect(() => play(...three, mergeInto(firstNote, factorsNote, {}, 6))).toThrow(mismatch)
    expect(play(...three, mergeInto(suppliersNote, factorsNote, {}, 6)).notes).toHaveLength(2)
    expect(() => play(...creditors, mergeInto(firstNote, suppliersNote, { end: 9_999n }))).toThrow(mismatch)
    expect(() => play(...creditors, mergeInto(firstNote, suppliersNote, {}, MATURITY))).toThrow(mismatch)
    expect(() => play(...opened, transfer, mergeInto(firstNote, suppliersNote))).toThrow(mismatch)
    expect(() => play(...opened, mergeInto(firstNote, suppliersNote))).toThrow(incomplete)
  })

  it('joins the spans, and the merged id may be opened again by a later cut', () => {
    const merged = [...creditors, mergeInto(firstNote, suppliersNote)]
    expect(play(...merged).notes).toMatchObject([{ noteId: firstNote, start: 0n, end: 10_000n, state: 'live' }])
    expect(play(...merged).steps.at(-1)).toMatchObject({ actors: [creditor], from: firstNote })
    const again = { ...transfer, day: 5 }
    expect(play(...merged, again).notes.map(({ noteId, state }) => [noteId, state])).toEqual([
      [firstNote, 'live'],
      [suppliersNote, 'offered']
    ])
  })
})

describe('the replay', () => {
  it('leaves the rest of a note that is cut as it was', () => {
    const { notes } = play(...opened, transfer, accept, lock)
    expect(notes.map(({ start, end, state, holder }) => [start, end, state, holder])).toEqual([
      [0n, 7_000n, 'live', creditor],
      [7_000n, 9_000n, 'live', supplier],
      [9_000n, 10_000n, 'locked', supplier]
    ])
  })

  it('ends the offer of the piece that a freeze cuts off a trade transfer, and keeps that of the rest', () => {
    const offered = histories['offered by trade transfer']!
    const frozen = { end: 10_000n, frozenUntil: at(20) }
    const freeze = { order: hash('o'), escrow: clearing, authority: regulator }
    const half = act(3, ['NoteFrozen', [factorsNote, word(frozen), freeze]])
    expect(play(...offered, half).notes.slice(1)).toMatchObject([
      { start: 7_000n, end: 9_000n, state: 'offered', purpose: 'trade-transfer', frozenUntil: 0 },
      { start: 9_000n, end: 10_000n, state: 'live', frozenUntil: at(20), freeze: { escrow: clearing } }
    ])
    const stillOffered = { ...bound('offered', 'trade-transfer', supplier), frozenUntil: at(20) }
    const kept = act(3, ['NoteFrozen', [factorsNote, word(stillOffered), freeze]])
    expect(() => play(...offered, kept)).toThrow(mismatch)
  })

  it('settles all at once: each open note to its escrow, its lender or its holder', () => {
    const freeze = { order: hash('o'), escrow: regulator, authority: regulator }
    const frozen = act(6, [
      'NoteFrozen',
      [noteIdOf(receivableId, 6_000n), word({ end: 7_000n, frozenUntil: at(200) }), freeze]
    ])
    const settle = act(91, ['ReceivableSettled', [receivableId, hash('p')]])
    const replayed = play(...pledged, frozen, settle)
    expect(replayed).toMatchObject({ state: 'settled', settled: 10_000n, cancelled: 0n })
    expect(replayed.notes.map(({ start, state, payee, counterparty }) => [start, state, payee, counterparty])).toEqual([
      [0n, 'settled', creditor, 0],
      [6_000n, 'settled', regulator, 0],
      [7_000n, 'settled', factor, factor]
    ])
  })

  it('closes what is settled and cancelled note by note, in parts too', () => {
    const part = (day: number, start: bigint, end: bigint) =>
      act(day, [
        'NoteSettled',
        [noteIdOf(receivableId, start), word({ end, state: 'settled', counterparty: creditor }), hash('p')]
      ])
    const cancelled = histories['cancelled']!
    const close = act(95, ['ReceivableClosed', [receivableId]])
    const rest = [part(91, 5_000n, 7_000n), part(92, 0n, 5_000n)]
    expect(play(...cancelled, ...rest)).toMatchObject({ state: 'confirmed', settled: 7_000n, cancelled: 3_000n })
    expect(play(...cancelled, ...rest, close)).toMatchObject({ state: 'settled', settled: 7_000n, cancelled: 3_000n })
    expect(() => play(...cancelled, rest[0]!, close)).toThrow(mismatch)
  })

  it('opens an issued receivable in one transaction', () => {
    const issued = act(0, ['ReceivableIssued', [receivableId, terms, fingerprints]])
    expect(play(issued)).toMatchObject({ state: 'confirmed', notes: [{ state: 'live', holder: creditor }] })
    expect(play(issued).steps[0]?.actors).toEqual([debtor])
  })

  it('leaves out what the same transactions did to other receivables', () => {
    const other = { ...terms, amount: 1n }
    const id = receivableIdOf(other, fingerprints)
    const batch = act(0, ...register.events, ['ReceivableRegistered', [id, other, fingerprints]])
    expect(play(batch).steps).toHaveLength(1)
    expect(replay(id, told(batch)).terms.amount).toBe(1n)
  })

  it('names who may have caused each event', () => {
    const { steps } = play(...acts)
    expect(steps.map(({ event, actors }) => [event.name, actors])).toEqual([
      ['ReceivableRegistered', [creditor]],
      ['ReceivableConfirmed', [debtor]],
      ['NoteOffered', [creditor]],
      ['NoteAccepted', [supplier]],
      ['NoteLocked', [supplier]],
      ['NoteFinanced', [factor]],
      ['NoteSettled', undefined],
      ['NoteSettled', undefined],
      ['ReceivableSettled', undefined]
    ])
    const actorsOf = (name: string, from: string) =>
      play(...after(histories[from]!, ruleOf(name, from))).steps.at(-1)?.actors
    expect(actorsOf('NoteRefused', 'offered for return')).toEqual([supplier])
    expect(actorsOf('NoteRecalled', 'offered for return')).toEqual([factor])
    expect(actorsOf('NoteCancelled', 'offered for dilution')).toEqual([debtor])
    expect(actorsOf('NoteReleased', 'pledged')).toEqual([factor])
    expect(actorsOf('NoteForeclosed', 'pledged')).toEqual([factor])
    expect(actorsOf('NoteReturnOffered', 'live with recourse')).toEqual([factor])
    expect(actorsOf('NoteReturned', 'offered for return')).toEqual([supplier])
    expect(actorsOf('NoteFrozen', 'live')).toEqual([regulator])
    expect(actorsOf('NoteDilutionOffered', 'live of the creditor')).toEqual([creditor])
  })

  it('lets the holder unlock only after the deadline', () => {
    const unlock = (day: number) => act(day, ['NoteUnlocked', [factorsNote, word(suppliers)]])
    const actors = (day: number) => play(...live, lock, unlock(day)).steps.at(-1)?.actors
    expect(actors(30)).toEqual([factor])
    expect(actors(31)).toEqual([factor, supplier])
  })

  it('refuses an offer to the holder itself, to the debtor, and to nobody', () => {
    for (const counterparty of [creditor, debtor, 0]) {
      const offered = bound('offered', 'transfer', counterparty)
      expect(() => play(...opened, piece(2, 'NoteOffered', offered, hash('t')))).toThrow(mismatch)
    }
  })
})
