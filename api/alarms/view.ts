import { Type, type Static } from 'typebox'
import { alarmRules, sharedFacts } from '../../domain/alarms/rules.ts'
import { alarmWords } from '../../domain/alarms/words.ts'
import type { Pool, Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import { notesOf } from '../receivables/repository.ts'
import { Amount, ParticipantId, ReceivableId, strict, Text, UnixSeconds, Uuid } from '../schemas.ts'
import type { AlarmSide, StoredAlarm } from './repository.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

export const AlarmRuleSchema = Type.Enum([...alarmRules])
export const Score = Type.Integer({ minimum: 0, maximum: 100 })
export const DecisionSchema = Type.Enum(['accepted', 'rejected'])

const AlarmDocumentSchema = Type.Object(
  {
    documentId: Nullable(Uuid),
    class: Type.Enum(['R', 'C']),
    number: Type.String(),
    issueDate: Nullable(Type.String()),
    currency: Nullable(Type.String()),
    gross: Nullable(Amount),
    receivableId: Nullable(ReceivableId),
    registeredAt: Nullable(UnixSeconds)
  },
  { ...strict, description: 'Whoever is no party of it sees the number and when it was registered, and no more' }
)

const ProposalSchema = Type.Object(
  {
    participantId: ParticipantId,
    path: Type.String(),
    body: Type.Any()
  },
  {
    ...strict,
    description:
      'The command that answers a credit note, and whose it is: dilution of what was not sold, else a dispute'
  }
)

export const AlarmSchema = Type.Object(
  {
    alarmId: Type.Integer({ minimum: 1 }),
    rule: AlarmRuleSchema,
    score: Score,
    words: Type.Object({ en: Type.String(), zh: Type.String() }, strict),
    shared: Type.Array(Type.Enum([...sharedFacts]), { description: 'What both documents say alike' }),
    documents: Type.Array(AlarmDocumentSchema),
    state: Type.Enum(['open', 'accepted', 'rejected'], { description: 'By your own newest decision' }),
    reason: Nullable(Text),
    decidedAt: Nullable(Type.String({ format: 'date-time' })),
    threshold: Type.Integer({ minimum: 0, maximum: 101, description: 'From this score on it stops you' }),
    stops: Type.Boolean({ description: 'You can neither finance nor settle before you accept it' }),
    proposal: Nullable(ProposalSchema),
    createdAt: Type.String({ format: 'date-time' })
  },
  strict
)
export type AlarmView = Static<typeof AlarmSchema>

/** Whether the caller has to decide before it finances or settles. */
export function isStopping({ score, threshold, decision }: StoredAlarm): boolean {
  return score >= threshold && decision?.decision !== 'accepted'
}

export async function viewOf(client: Pool | Transaction, caller: Caller, alarm: StoredAlarm): Promise<AlarmView> {
  const { alarmId, rule, score, shared, threshold, decision, sides } = alarm
  const known = sides.map(({ facts, isParty }) => ({ ...facts, gross: isParty ? facts.gross : null }))
  return {
    alarmId,
    rule,
    score,
    words: alarmWords(rule, known[0]!, known[1]),
    shared,
    documents: sides.map((side) => shownSide(side, caller)),
    state: decision?.decision ?? 'open',
    reason: decision?.reason ?? null,
    decidedAt: decision ? new Date(decision.decidedAt).toISOString() : null,
    threshold,
    stops: isStopping(alarm),
    proposal: await proposalOf(client, alarm),
    createdAt: new Date(alarm.createdAt).toISOString()
  }
}

function shownSide({ documentId, owner, facts, receivable, isParty }: AlarmSide, caller: Caller) {
  return {
    documentId: owner === caller.participantId ? documentId : null,
    class: facts.class,
    number: facts.number,
    issueDate: isParty ? (facts.issueDate ?? null) : null,
    currency: isParty ? facts.currency : null,
    gross: isParty ? String(facts.gross) : null,
    receivableId: isParty ? (receivable?.receivableId ?? null) : null,
    registeredAt: receivable?.registeredAt ?? null
  }
}

/**
 * A credit note over a registered invoice is never met with silence: the creditor dilutes what it did not sell, or else the debtor
 * disputes. Nothing is left to do once so much is cancelled.
 */
async function proposalOf(client: Pool | Transaction, { rule, sides }: StoredAlarm): Promise<AlarmView['proposal']> {
  const credit = sides.find(({ facts }) => facts.class === 'C')
  const invoice = sides.find(({ facts, receivable }) => facts.class === 'R' && receivable)
  if (rule !== 'names-preceding' || !credit || !invoice?.isParty) return null
  const { receivableId, creditor, debtor, cancelled } = invoice.receivable!
  const amount = credit.facts.gross - BigInt(cancelled)
  if (amount <= 0n) return null
  const unsold = (await notesOf(client, receivableId)).find((note) => {
    return note.state === 'live' && note.tier === 0 && note.assignor === null && BigInt(note.amount) >= amount
  })
  if (unsold) {
    const body = { amount: String(amount), creditNote: credit.facts.number }
    return { participantId: creditor, path: `/v1/notes/${unsold.noteId}/dilutions`, body }
  }
  const body = { reason: `Credit note ${credit.facts.number}` }
  return { participantId: debtor, path: `/v1/receivables/${receivableId}/dispute`, body }
}
