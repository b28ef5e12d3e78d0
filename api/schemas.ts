import { Type } from 'typebox'
import { errors, type ErrorCode } from './errors.ts'

/** Shared shapes. `additionalProperties: false` everywhere: an unknown field is refused, never dropped. */
export const strict = { additionalProperties: false } as const

export const ReceivableId = Type.String({ pattern: '^0x[0-9a-f]{48}$', description: 'Receivable, 24 bytes' })
export const NoteId = Type.String({
  pattern: '^0x[0-9a-f]{64}$',
  description: 'Note: receivable id and start of the span'
})
export const Bytes32 = Type.String({ pattern: '^0x[0-9a-f]{64}$' })
export const Fingerprint = Type.String({
  pattern: '^0x(?!0000)[0-9a-f]{64}$',
  description: 'Key epoch (2 bytes, from 1) and 30 bytes of the keyed hash of a document'
})
/** In a query string, so a decimal string. */
export const Count = Type.String({ pattern: '^(0|[1-9][0-9]{0,14})$' })
export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' })
export const Amount = Type.String({ pattern: '^(0|[1-9][0-9]{0,18})$', description: 'Minor units, decimal' })
export const UnixSeconds = Type.Integer({ minimum: 1, maximum: 1_099_511_627_775, description: 'Unix seconds, UTC' })
export const ParticipantId = Type.Integer({ minimum: 1, maximum: 4_294_967_295 })
/** For people. Without NUL and halves of surrogate pairs, which Postgres keeps neither as text nor in JSON. */
export const Text = Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\u0000\\ud800-\\udfff]*$' })

export const CommandHeaders = Type.Object({ 'idempotency-key': Type.Optional(Type.String()) })

export const AsOf = Type.Object(
  { block: Type.Integer(), hash: Bytes32, time: UnixSeconds },
  { ...strict, description: 'The block as of which the answer holds' }
)

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(errors) as ErrorCode[]),
    retry: Type.Enum(['never', 'later']),
    field: Type.Optional(Type.String()),
    presented: Type.Optional(Type.Any()),
    required: Type.Optional(Type.Any()),
    reason: Type.Optional(Type.String())
  },
  { $id: 'Problem', description: 'Problem details, RFC 9457' }
)

/** Registered once by the app; every answer points to it. */
export const ProblemRef = Type.Ref('Problem#')

/** Answers that every command route may give beside its own. */
export const refusals = {
  400: ProblemRef,
  401: ProblemRef,
  403: ProblemRef,
  404: ProblemRef,
  409: ProblemRef,
  413: ProblemRef,
  415: ProblemRef,
  422: ProblemRef,
  429: ProblemRef,
  500: ProblemRef,
  503: ProblemRef
} as const

/** An answer of bytes, of one of these media types. */
export function bytesOf(description: string, ...mediaTypes: string[]) {
  return { description, content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: Type.Any() }])) }
}

/** A body that is a file, and nothing that a schema could say of it. */
export function fileBody(mediaTypes: readonly string[]) {
  return { content: Object.fromEntries(mediaTypes.map((type) => [type, { schema: Type.Unsafe<unknown>({}) }])) }
}

export const IntentSchema = Type.Object(
  {
    intentId: Uuid,
    kind: Type.String(),
    state: Type.Enum(['awaiting-signatures', 'recorded', 'sent', 'mined', 'projected', 'refused']),
    participantId: ParticipantId,
    words: Type.Object({ en: Type.String(), zh: Type.String() }, strict),
    typedData: Type.Any({ description: 'EIP-712 typed data to sign' }),
    digest: Bytes32,
    deadline: UnixSeconds,
    signersRequired: Type.Object({ makers: Type.Integer(), checkers: Type.Integer() }, strict),
    signatures: Type.Array(Type.String({ description: 'ERC-7913 signers that have signed' })),
    receivableId: Type.Union([ReceivableId, Type.Null()]),
    noteId: Type.Union([NoteId, Type.Null()]),
    refusal: Type.Union([Type.Null(), Type.Object({ code: Type.String(), args: Type.Any() })]),
    txHash: Type.Union([Bytes32, Type.Null()]),
    blockNumber: Type.Union([Type.Integer(), Type.Null()]),
    createdAt: Type.String({ format: 'date-time' })
  },
  strict
)
