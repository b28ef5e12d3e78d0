import { describe, expect, it } from 'vitest'
import { contracts } from '../../../domain/chain/contracts.ts'
import { isDeedOf, orderOf, type Order } from '../../../domain/evidence/orders.ts'
import type { StateRecord } from '../../../domain/evidence/record.ts'
import type { Step } from '../../../domain/evidence/replay-book.ts'
import { callOf, type Command } from '../../../domain/intent/commands.ts'
import { decodeNoteWord, type NoteFields } from '../../../domain/note/note-word.ts'
import { noteIdOf, startOfNote } from '../../../domain/note/span.ts'
import { acts, deployment, fingerprints, firstNote, hash, receivableId, stateIn, terms, word } from './story.ts'

const piece = noteIdOf(receivableId, 7_000n)
const record = stateIn(acts[0]!, 0) as StateRecord

/** What the replay makes of an event about a note of the story. */
function step(
  name: string,
  noteId: bigint,
  from: bigint,
  fields: Partial<NoteFields>,
  args: Record<string, unknown>
): Step {
  const note = decodeNoteWord(word(fields))
  const span = { start: startOfNote(noteId), end: note.end }
  const event = { contract: 'receivables' as const, logIndex: '0', name, args }
  return { record, event, actors: [], span, from, note: { ...note, ...span, noteId, payee: 0, freeze: undefined } }
}
function whole(name: string, args: Record<string, unknown> = {}): Step {
  const event = { contract: 'receivables' as const, logIndex: '0', name, args }
  return { record, event, actors: [], span: undefined }
}

const h = hash('a')
const other = hash('b')
const deadline = 1_796_000_000
const bound = { counterparty: 3, deadline }
const order = { order: h, escrow: '5', authority: '6' }

/** A command, what it does, and what else may be ordered that does something else. */
const cases: [Command, Step, Record<string, unknown>][] = [
  [{ kind: 'register', terms, fingerprints }, whole('ReceivableRegistered'), { terms: { ...terms, amount: 1n } }],
  [{ kind: 'issue', terms, fingerprints }, whole('ReceivableIssued'), { fingerprints: [other] }],
  [{ kind: 'confirm', terms, fingerprints }, whole('ReceivableConfirmed'), { terms: { ...terms, debtor: 9 } }],
  [{ kind: 'reject', terms, fingerprints, reason: h }, whole('ReceivableRejected', { reason: h }), { reason: other }],
  [{ kind: 'withdraw', terms, fingerprints }, whole('ReceivableWithdrawn'), { terms: { ...terms, maturity: 1 } }],
  [{ kind: 'dispute', receivableId, reason: h }, whole('ReceivableDisputed', { reason: h }), { reason: other }],
  [
    { kind: 'liftDispute', receivableId, reason: h },
    whole('ReceivableDisputeLifted', { reason: h }),
    { reason: other }
  ],
  [
    {
      kind: 'transfer',
      noteId: firstNote,
      amount: 3_000n,
      assignee: 3,
      deadline,
      purpose: 'transfer',
      tradeDocument: h
    },
    step('NoteOffered', piece, firstNote, { ...bound, purpose: 'transfer' }, { tradeDocument: h }),
    { noteId: piece, amount: 2_999n, assignee: 4, deadline: 1, purpose: 'trade-transfer', tradeDocument: other }
  ],
  [
    { kind: 'lock', noteId: firstNote, amount: 3_000n, factor: 3, deadline, purpose: 'pledge', quote: h },
    step('NoteLocked', piece, firstNote, { ...bound, purpose: 'pledge' }, { quote: h }),
    { noteId: piece, amount: 2_999n, factor: 4, deadline: 1, purpose: 'assignment', quote: other }
  ],
  [
    { kind: 'offerDilution', noteId: firstNote, amount: 3_000n, deadline, creditNote: h },
    step('NoteDilutionOffered', piece, firstNote, bound, { creditNote: h }),
    { noteId: piece, amount: 1n, deadline: 1, creditNote: other }
  ],
  [
    { kind: 'settle', noteId: firstNote, amount: 3_000n, payment: h },
    step('NoteSettled', piece, firstNote, {}, { payment: h }),
    { noteId: piece, amount: 1n, payment: other }
  ],
  [
    { kind: 'freeze', noteId: firstNote, amount: 3_000n, until: deadline, escrow: 5, order: h },
    step('NoteFrozen', piece, firstNote, { frozenUntil: deadline }, { freeze: order }),
    { noteId: piece, amount: 1n, until: 1, escrow: 6, order: other }
  ],
  [
    { kind: 'returnNote', noteId: piece, deadline, demand: h },
    step('NoteReturnOffered', piece, piece, bound, { demand: h }),
    { noteId: firstNote, deadline: 1, demand: other }
  ],
  [
    { kind: 'refuse', noteId: piece, tradeFingerprint: other, reason: h },
    step('NoteRefused', piece, piece, {}, { reason: h }),
    { noteId: firstNote, reason: other }
  ],
  [
    { kind: 'merge', noteId: firstNote, nextId: piece },
    step('NotesMerged', firstNote, firstNote, {}, { mergedId: String(piece) }),
    { noteId: piece, nextId: firstNote }
  ],
  [
    { kind: 'finance', noteId: piece, disbursement: h },
    step('NoteFinanced', piece, piece, {}, { disbursement: h }),
    { noteId: firstNote, disbursement: other }
  ],
  [
    { kind: 'release', noteId: piece, repayment: h },
    step('NoteReleased', piece, piece, {}, { repayment: h }),
    { noteId: firstNote, repayment: other }
  ],
  [
    { kind: 'unfreeze', noteId: piece, order: h },
    step('NoteUnfrozen', piece, piece, {}, { order: h }),
    { noteId: firstNote, order: other }
  ],
  ...(
    [
      ['accept', 'NoteAccepted'],
      ['acceptDilution', 'NoteCancelled'],
      ['unlock', 'NoteUnlocked'],
      ['foreclose', 'NoteForeclosed'],
      ['acceptReturn', 'NoteReturned']
    ] as const
  ).map(([kind, name]): [Command, Step, Record<string, unknown>] => [
    { kind, noteId: piece },
    step(name, piece, piece, {}, {}),
    { noteId: firstNote }
  ]),
  [
    { kind: 'recall', noteId: piece, tradeFingerprint: other },
    step('NoteRecalled', piece, piece, {}, {}),
    { noteId: firstNote }
  ],
  [
    { kind: 'settleReceivable', receivableId, payment: h },
    whole('ReceivableSettled', { payment: h }),
    { payment: other }
  ],
  [{ kind: 'close', receivableId }, whole('ReceivableClosed'), { receivableId: 1n }]
]

const read = (command: Command): Order => orderOf('receivables', callOf(command, deployment).data) as Order

describe('an order', () => {
  it.each(cases.map(([command, ...rest]) => [command.kind, command, ...rest] as const))(
    '%s is done by its own event and by no other',
    (_, command, deed, changes) => {
      expect(read(command).receivableId).toBe(receivableId)
      expect(isDeedOf(read(command), deed)).toBe(true)
      for (const [, elsewhere] of cases.filter((one) => one[1] !== deed)) {
        expect(isDeedOf(read(command), elsewhere)).toBe(false)
      }
      for (const [name, value] of Object.entries(changes)) {
        const changed = read({ ...command, [name]: value } as Command)
        expect([name, changed.receivableId === receivableId && isDeedOf(changed, deed)]).toEqual([name, false])
      }
    }
  )

  it('is none in what is no command, and of no receivable in a factor’s own claim', () => {
    const { receivables, fingerprints: registry } = contracts
    expect(orderOf('receivables', '0x12345678')).toBeUndefined()
    expect(orderOf('receivables', receivables.encodeFunctionData('multicall', [[]]))).toBeUndefined()
    expect(orderOf('receivables', receivables.encodeFunctionData('accept', [piece]).slice(0, 30))).toBeUndefined()
    expect(orderOf('fingerprints', registry.encodeFunctionData('create', ['0x']))).toBeUndefined()
    const claim = callOf({ kind: 'claim', fingerprint: h, subject: 1n, reason: 'pledged-elsewhere' }, deployment)
    expect(orderOf('fingerprints', claim.data)).toEqual({ receivableId: undefined })
  })

  it('is read from every function that a command calls', () => {
    const functions = receivablesFunctions()
    const kinds = new Set(cases.map(([{ kind }]) => kind as string))
    expect(functions.filter((name) => !kinds.has(name))).toEqual(['multicall'])
  })
})

/** Functions that change something. */
function receivablesFunctions(): string[] {
  return contracts.receivables.fragments.flatMap((fragment) => {
    const { type, name, stateMutability } = fragment as unknown as Record<string, string>
    return type === 'function' && stateMutability === 'nonpayable' ? [name!] : []
  })
}
