import { Type, type Static } from 'typebox'
import { notePurposes } from '../../domain/note/note-word.ts'
import { obstacles } from '../../domain/note/obstacles.ts'
import { NoteSchema, StoredNoteState } from '../receivables/schemas.ts'
import { Amount, AsOf, NoteId, ParticipantId, ReceivableId, strict, UnixSeconds } from '../schemas.ts'

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

/** A sum of many amounts may be larger than one can be. */
export const Total = Type.String({ pattern: '^(0|[1-9][0-9]{0,37})$', description: 'Minor units, decimal' })
const Count = Type.Integer({ minimum: 0 })
export const sum = { amount: Total, notes: Count }
export const Sum = Type.Object(sum, strict)
const Month = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}$', description: 'ISO 8601 month of maturity, UTC' })
const Day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'ISO 8601 day of maturity, UTC' })
const Currency = Type.Integer({ description: 'ISO 4217 number' })

export const clock = {
  asOf: AsOf,
  at: { ...UnixSeconds, description: 'The time that deadlines, freezes and maturities are compared with' }
}

/** The largest, and the rest in one row without a number. */
export const ByParticipant = Type.Array(
  Type.Object({ participantId: OrNull(ParticipantId), name: OrNull(Type.String()), ...sum }, strict),
  { description: 'The 200 largest, then all others in one row without a participant' }
)
export const ByState = Type.Array(Type.Object({ state: StoredNoteState, ...sum }, strict))
export const ByTier = Type.Array(Type.Object({ tier: Type.Integer(), ...sum }, strict))
export const ByMonth = Type.Array(Type.Object({ month: Month, ...sum }, strict))
const ByDay = Type.Array(Type.Object({ day: Day, ...sum }, strict))
const Unconfirmed = Type.Object({ amount: Total, receivables: Count }, strict)

export const PayablesSchema = Type.Object(
  {
    ...clock,
    participantId: ParticipantId,
    currencies: Type.Array(
      Type.Object(
        {
          currency: Currency,
          open: { ...Sum, description: 'Owed now: notes neither settled nor cancelled' },
          disputed: { ...Sum, description: 'The part of it that you dispute' },
          frozen: { ...Sum, description: 'The part of it that an order freezes' },
          overdue: { ...Sum, description: 'The part of it that has matured' },
          unconfirmed: { ...Unconfirmed, description: 'Registered against you and not answered' },
          byState: { ...ByState, description: 'Every note there is, also settled and cancelled ones' },
          byTier: ByTier,
          byMonth: ByMonth,
          byDay: ByDay,
          byCreditor: ByParticipant,
          byHolder: ByParticipant
        },
        strict
      )
    )
  },
  strict
)
export type Payables = Static<typeof PayablesSchema>

export const ObstacleSchema = Type.Enum([...obstacles], {
  description:
    'bound: offered, locked or pledged; frozen: by order; disputed: by the debtor; matured: paid or to be paid, not to be financed'
})

export const HoldingsSchema = Type.Object(
  {
    ...clock,
    participantId: ParticipantId,
    currencies: Type.Array(
      Type.Object(
        {
          currency: Currency,
          held: { ...Sum, description: 'What you hold' },
          financeable: { ...Sum, description: 'The part of it that a factor could lock now' },
          notFinanceable: Type.Array(Type.Object({ obstacle: ObstacleSchema, ...sum }, strict), {
            description: 'The rest, each note once, by the first thing that stands against it'
          }),
          byState: ByState,
          byMonth: ByMonth,
          byDebtor: ByParticipant,
          waitingForYou: Type.Array(
            Type.Object({ state: StoredNoteState, purpose: Type.Enum([...notePurposes]), ...sum }, strict),
            { description: 'Offered to you, locked for you or pledged to you, while you can still act on it' }
          ),
          owed: Type.Array(Type.Object({ as: Type.Enum(['debtor', 'assignor']), month: Month, ...sum }, strict), {
            description: 'By you: as the debtor, and as the assignor who answers for the debtor (recourse)'
          }),
          unconfirmed: { ...Unconfirmed, description: 'Registered by you, not confirmed: nothing to hold yet' }
        },
        strict
      )
    )
  },
  strict
)
export type Holdings = Static<typeof HoldingsSchema>

export const HeldNotesSchema = Type.Object(
  {
    ...clock,
    items: Type.Array(
      Type.Object(
        {
          note: NoteSchema,
          debtor: ParticipantId,
          currency: Currency,
          maturity: UnixSeconds,
          isDisputed: Type.Boolean(),
          mayFinance: Type.Boolean({ description: 'A factor could lock it now' }),
          obstacles: Type.Array(ObstacleSchema, { description: 'Everything that stands against it' })
        },
        strict
      )
    ),
    next: OrNull(NoteId)
  },
  strict
)

export const UnconfirmedSchema = Type.Object(
  {
    ...clock,
    days: Type.Integer({ description: 'After so many calendar days of silence acceptance would be presumed' }),
    presumes: Type.Literal(false, {
      description:
        'This registry never presumes: no state changes by silence. What the law makes of the day is for the parties and the court'
    }),
    items: Type.Array(
      Type.Object(
        {
          receivableId: ReceivableId,
          creditor: ParticipantId,
          debtor: ParticipantId,
          amount: Amount,
          currency: Currency,
          maturity: UnixSeconds,
          silentSince: { ...UnixSeconds, description: 'When it was registered: the debtor has not answered since' },
          daysSilent: Type.Integer(),
          presumedOn: { ...Day, description: 'The day on which silence would be taken for acceptance, UTC' },
          isPast: Type.Boolean({ description: 'That day has come' })
        },
        strict
      )
    ),
    next: OrNull(ReceivableId)
  },
  strict
)
