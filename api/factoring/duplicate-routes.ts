import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { CHECK_BATCH_MAX } from '../../domain/factoring/duplicates.ts'
import { DocumentRefused } from '../../domain/documents/refusal.ts'
import type { NormalisedInvoice, Party } from '../../domain/documents/invoice.ts'
import { isCurrency } from '../../domain/money/currency.ts'
import { receivableStates } from '../../domain/receivable/receivable-states.ts'
import { AlarmRuleSchema } from '../alarms/view.ts'
import type { Services } from '../app.ts'
import { DocumentReading } from '../documents/reading.ts'
import { asProblem } from '../documents/store.ts'
import { ApiError } from '../errors.ts'
import { Amount, Fingerprint, ProblemRef, refusals, strict, Text } from '../schemas.ts'
import {
  countCheck,
  findDuplicates,
  keepAnswers,
  partyNames,
  soughtOf,
  type Finding,
  type PartyNames,
  type Sought
} from './duplicates.ts'

/** A batch of files as base64, five of the largest that are read. */
const BODY_LIMIT = 8 << 20

const Day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' })
const PartyFields = Type.Object(
  {
    vat: Type.Optional(Text),
    uscc: Type.Optional({ ...Text, description: '统一社会信用代码' }),
    tax: Type.Optional(Text),
    name: Type.Optional(Text),
    country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$' }))
  },
  { ...strict, minProperties: 1, description: 'By what the document says of it; identifiers count before the name' }
)

const FieldsItem = Type.Object(
  {
    seller: PartyFields,
    buyer: Type.Optional(PartyFields),
    number: Text,
    invoiceCode: Type.Optional({ ...Text, description: '发票代码, for Chinese invoices that have one' }),
    issueDate: Day,
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    gross: { ...Amount, description: 'Total with tax, minor units' },
    orders: Type.Optional(Type.Array(Text, { maxItems: 20 })),
    isChinese: Type.Optional(Type.Boolean({ description: 'A number that the Chinese state issued' }))
  },
  strict
)
const Item = Type.Union(
  [
    Type.Object({ fingerprint: Fingerprint }, strict),
    Type.Object({ fields: FieldsItem }, strict),
    Type.Object(
      { file: Type.String({ contentEncoding: 'base64', minLength: 4, pattern: '^[A-Za-z0-9+/]+={0,2}$' }) },
      strict
    )
  ],
  { description: 'A fingerprint that the seller gave you, what the document says, or the file itself' }
)

const AnswerSchema = Type.Object(
  {
    status: Type.Enum(['unknown', 'registered', 'trade-document', 'claimed-elsewhere', 'unreadable'], {
      description:
        'unknown: nobody has claimed it. registered: a receivable here stands on it. trade-document: it backs a transfer here. claimed-elsewhere: a factor finances it outside of this registry. unreadable: not a document that is read here, see problem'
    }),
    state: Type.Union([Type.Enum(receivableStates.filter((state) => state !== 'none')), Type.Null()], {
      description: 'Of the receivable, when it is registered'
    }),
    nearDuplicates: Type.Union(
      [Type.Array(Type.Object({ rule: AlarmRuleSchema, count: Type.Integer({ minimum: 1 }) }, strict)), Type.Null()],
      {
        description:
          'How many registered documents look like the same debt under another number, by rule; null: not looked for'
      }
    ),
    problem: Type.Union([Type.String(), Type.Null()])
  },
  strict
)
type AnswerView = Static<typeof AnswerSchema>

/** Is it free? Without showing a book, and without learning anything of others but that. */
export function duplicateRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool } = services
  return async (app) => {
    const reading = new DocumentReading()
    app.addHook('onClose', () => reading.close())

    app.post(
      '/duplicate-checks',
      {
        bodyLimit: BODY_LIMIT,
        schema: {
          operationId: 'checkDuplicates',
          tags: ['factoring'],
          summary: 'Ask of up to 100 documents whether they are registered or claimed, or look like others that are',
          description:
            'A question, not a command: it needs no Idempotency-Key. Answers come in your order. Nothing of your documents is kept, only how many you asked about; within an hour 2,000 at most (429, CHECKS_TOO_MANY).',
          body: Type.Object({ documents: Type.Array(Item, { minItems: 1, maxItems: CHECK_BATCH_MAX }) }, strict),
          response: { ...refusals, 429: ProblemRef, 200: Type.Object({ answers: Type.Array(AnswerSchema) }, strict) }
        }
      },
      async ({ caller, body: { documents } }) => {
        const counted = countCheck(pool, caller.participantId, documents.length)
        // Nobody learns anything of a question that is refused, so what only looks need not wait; reading files is dear.
        counted.catch(() => {})
        if (documents.some((item) => 'file' in item)) await counted
        const nameOf = partyNames(pool)
        const read = []
        for (const item of documents) read.push(await look(item, nameOf))
        const sought = read.filter((one): one is Sought => !(one instanceof DocumentRefused))
        const findings = await findDuplicates(pool, services, sought)
        await keepAnswers(pool, await counted, findings)
        return {
          answers: read.map((one) => (one instanceof DocumentRefused ? unreadable(one) : viewOf(findings.shift()!)))
        }
      }
    )

    /** One document that can't be read does not spoil the batch. */
    async function look(item: Static<typeof Item>, nameOf: PartyNames): Promise<Sought | DocumentRefused> {
      try {
        if ('fingerprint' in item) return { fingerprints: [item.fingerprint] }
        if ('fields' in item) return await soughtOf(services, nameOf, invoiceOf(item.fields), undefined)
        const bytes = new Uint8Array(Buffer.from(item.file, 'base64'))
        return await soughtOf(services, nameOf, await reading.read(bytes), bytes)
      } catch (error) {
        if (error instanceof DocumentRefused) return error
        throw asProblem(error)
      }
    }
  }
}

function viewOf({ standing, nearDuplicates }: Finding): AnswerView {
  const state = standing.status === 'registered' ? (standing.state as AnswerView['state']) : null
  return { status: standing.status, state, nearDuplicates, problem: null }
}

function unreadable({ code, message }: DocumentRefused): AnswerView {
  return { status: 'unreadable', state: null, nearDuplicates: null, problem: `${code}: ${message}` }
}

/** What was typed in, as a reader would give it. */
function invoiceOf(fields: Static<typeof FieldsItem>): NormalisedInvoice {
  const { seller, buyer, number, invoiceCode, issueDate, currency, gross, orders } = fields
  if (!isCurrency(currency))
    throw new ApiError('REQUEST_INVALID', {
      field: 'body/documents',
      presented: currency,
      required: 'an ISO 4217 currency'
    })
  const party = (named: Static<typeof PartyFields> | undefined): Party => ({ ...named, ids: [] })
  return {
    format: fields.isChinese ? 'CN-CSV' : 'CSV',
    class: 'R',
    number,
    ...(invoiceCode === undefined ? {} : { invoiceCode }),
    issueDate,
    currency,
    payable: BigInt(gross),
    gross: BigInt(gross),
    seller: party(seller),
    buyer: party(buyer),
    preceding: [],
    ...(orders ? { orders } : {}),
    provenance: {}
  }
}
