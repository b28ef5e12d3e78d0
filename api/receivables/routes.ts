import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import { currencyNumberOf } from '../../domain/money/currency.ts'
import { AMOUNT_MAX } from '../../domain/note/span.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { canReceivableMove, type ReceivableState } from '../../domain/receivable/receivable-states.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { findConflicts, findDocument, type StoredDocument } from '../documents/repository.ts'
import { ApiError } from '../errors.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import { findByParty, rolesOf } from '../participants/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import {
  AsOf,
  CommandHeaders,
  IntentSchema,
  ParticipantId,
  ReceivableId,
  refusals,
  strict,
  Text,
  UnixSeconds,
  Uuid
} from '../schemas.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { asOf, eventsOf, findReceivable, listReceivables, notesOf, type ReceivableView } from './repository.ts'
import { NoteSchema, ReceivableSchema } from './schemas.ts'

const MAX_TENOR = 366 * 24 * 3600

const RegisterBody = Type.Object(
  {
    documentId: Uuid,
    debtor: Type.Optional(ParticipantId),
    maturity: Type.Optional(UnixSeconds)
  },
  strict
)
const ListQuery = Type.Object(
  {
    role: Type.Optional(Type.Enum(['creditor', 'debtor'])),
    state: Type.Optional(Type.Enum(['registered', 'confirmed', 'rejected', 'withdrawn', 'settled'])),
    after: Type.Optional(ReceivableId),
    limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
  },
  strict
)
const Params = Type.Object({ receivableId: ReceivableId })
const command = { tags: ['receivable'], headers: CommandHeaders, response: { ...refusals, 202: IntentSchema } }

export function receivableRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, config } = services
  return async (app) => {
    app.post(
      '/receivables',
      {
        config: { roles: ['supplier'] },
        schema: {
          ...command,
          operationId: 'registerReceivable',
          summary: 'Register a receivable from a document of yours',
          body: RegisterBody
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 202,
          body: await register(tx, services, request.caller, request.body)
        }))) as IntentView
    )

    app.post(
      '/receivables/:receivableId/confirmation',
      {
        config: { roles: ['debtor'] },
        schema: { ...command, operationId: 'confirmReceivable', summary: 'Promise to pay at maturity', params: Params }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { id, currency } = await movable(tx, request.params.receivableId, request.caller, 'debtor', 'confirmed')
          const proposal = {
            command: { kind: 'confirm', receivableId: id },
            receivableId: id,
            currency,
            request: {}
          } as const
          return { status: 202, body: await createIntent(tx, config.deployment, request.caller, proposal) }
        })) as IntentView
    )

    app.post(
      '/receivables/:receivableId/rejection',
      {
        config: { roles: ['debtor'] },
        schema: {
          ...command,
          operationId: 'rejectReceivable',
          summary: 'Refuse to confirm, with a reason; frees the document',
          params: Params,
          body: Type.Object({ reason: Text }, strict)
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { id, currency, view } = await movable(
            tx,
            request.params.receivableId,
            request.caller,
            'debtor',
            'rejected'
          )
          const { contentCommitment, fingerprints } = view
          const reason = commitmentTo(view.receivableId, request.body.reason)
          const order = { kind: 'reject', receivableId: id, contentCommitment, fingerprints, reason } as const
          const proposal = { command: order, receivableId: id, currency, request: request.body }
          return { status: 202, body: await createIntent(tx, config.deployment, request.caller, proposal) }
        })) as IntentView
    )

    app.post(
      '/receivables/:receivableId/withdrawal',
      {
        config: { roles: ['supplier'] },
        schema: {
          ...command,
          operationId: 'withdrawReceivable',
          summary: 'Take an unconfirmed receivable back',
          params: Params
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { id, currency, view } = await movable(
            tx,
            request.params.receivableId,
            request.caller,
            'creditor',
            'withdrawn'
          )
          const { contentCommitment, fingerprints } = view
          const order = { kind: 'withdraw', receivableId: id, contentCommitment, fingerprints } as const
          const proposal = { command: order, receivableId: id, currency, request: {} }
          return { status: 202, body: await createIntent(tx, config.deployment, request.caller, proposal) }
        })) as IntentView
    )

    app.get(
      '/receivables',
      {
        schema: {
          operationId: 'listReceivables',
          tags: ['receivable'],
          summary: 'Receivables that you are or were a party of',
          querystring: ListQuery,
          response: {
            ...refusals,
            200: Type.Object(
              { asOf: AsOf, items: Type.Array(ReceivableSchema), next: Type.Union([ReceivableId, Type.Null()]) },
              strict
            )
          }
        }
      },
      async (request) => {
        const limit = Math.min(Number(request.query.limit ?? '50'), 200)
        const block = await asOf(pool)
        if (!block) throw new ApiError('PROJECTION_BEHIND')
        const items = await listReceivables(pool, request.caller, { ...request.query, limit })
        return { asOf: block, items, next: items.length === limit ? items.at(-1)!.receivableId : null }
      }
    )

    app.get(
      '/receivables/:receivableId',
      {
        schema: {
          operationId: 'getReceivable',
          tags: ['receivable'],
          summary: 'A receivable with the notes that partition it',
          params: Params,
          response: {
            ...refusals,
            200: Type.Object({ asOf: AsOf, receivable: ReceivableSchema, notes: Type.Array(NoteSchema) }, strict)
          }
        }
      },
      async (request) => {
        const block = await asOf(pool)
        if (!block) throw new ApiError('PROJECTION_BEHIND')
        const receivable = visible(
          await findReceivable(pool, request.params.receivableId, request.caller),
          request.params.receivableId
        )
        return { asOf: block, receivable, notes: await notesOf(pool, receivable.receivableId) }
      }
    )

    app.get(
      '/receivables/:receivableId/history',
      {
        schema: {
          operationId: 'getReceivableHistory',
          tags: ['receivable'],
          summary: 'Every event of a receivable and its notes, in chain order',
          params: Params,
          response: { ...refusals, 200: Type.Object({ items: Type.Array(Type.Any()) }, strict) }
        }
      },
      async (request) => {
        const { receivableId } = visible(
          await findReceivable(pool, request.params.receivableId, request.caller),
          request.params.receivableId
        )
        return { items: await eventsOf(pool, receivableId) }
      }
    )
  }
}

function visible(receivable: ReceivableView | undefined, presented: string): ReceivableView {
  if (!receivable) throw new ApiError('RECEIVABLE_NOT_FOUND', { presented })
  return receivable
}

/** The receivable if the caller is the party that may move it to `to`. The contract decides; this tells at once. */
async function movable(
  tx: Transaction,
  receivableId: string,
  caller: Caller,
  party: 'debtor' | 'creditor',
  to: ReceivableState
) {
  const view = visible(await findReceivable(tx, receivableId, caller), receivableId)
  if (view[party] !== caller.participantId) {
    throw new ApiError('RECEIVABLE_PARTY_WRONG', { presented: caller.participantId, required: view[party] })
  }
  if (!canReceivableMove(view.state, to)) {
    throw new ApiError('RECEIVABLE_STATE_WRONG', { presented: view.state, required: `a state that can become ${to}` })
  }
  return { id: BigInt(view.receivableId), currency: view.currency, view }
}

async function register(
  tx: Transaction,
  { config }: Services,
  caller: Caller,
  body: Static<typeof RegisterBody>
): Promise<IntentView> {
  const document = await findDocument(tx, body.documentId, caller.participantId)
  if (!document) throw new ApiError('DOCUMENT_NOT_FOUND', { field: 'body/documentId', presented: body.documentId })
  if (document.invoice.class !== 'R') {
    throw new ApiError('DOCUMENT_NOT_RECEIVABLE', { presented: document.invoice.class, required: 'R' })
  }
  const amount = BigInt(document.invoice.payable)
  if (amount <= 0n || amount > AMOUNT_MAX) {
    throw new ApiError('AMOUNT_INVALID', { presented: document.invoice.payable, required: `1 to ${AMOUNT_MAX}` })
  }
  const conflicts = await findConflicts(tx, document)
  if (conflicts[0]) throw conflictOf(document, conflicts[0])
  const terms: Terms = {
    creditor: caller.participantId,
    debtor: await debtorOf(tx, document, body.debtor),
    amount,
    currency: currencyNumberOf(document.invoice.currency),
    maturity: maturityOf(document, body.maturity),
    contentCommitment: document.contentCommitment
  }
  const receivableId = receivableIdOf(terms, [document.fingerprint])
  return createIntent(tx, config.deployment, caller, {
    command: { kind: 'register', terms, fingerprints: [document.fingerprint] },
    receivableId,
    currency: terms.currency,
    request: body
  })
}

/** The same identity with other content is never a silent duplicate: it names the fields that differ. */
function conflictOf(
  document: StoredDocument,
  registered: { receivableId: string; invoice: StoredDocument['invoice'] }
): ApiError {
  const fields = ['number', 'issueDate', 'currency', 'payable', 'gross', 'buyer'] as const
  const differing = fields.filter(
    (field) => JSON.stringify(document.invoice[field]) !== JSON.stringify(registered.invoice[field])
  )
  const pick = (invoice: StoredDocument['invoice']) =>
    Object.fromEntries(differing.map((field) => [field, invoice[field]]))
  return new ApiError('IDENTITY_CONFLICT', {
    presented: pick(document.invoice),
    required: pick(registered.invoice),
    reason: `receivable ${registered.receivableId} stands on a document of the same identity`
  })
}

async function debtorOf(tx: Transaction, document: StoredDocument, named: number | undefined): Promise<number> {
  const found = await findByParty(tx, document.invoice.buyer as never)
  if (found.length > 1)
    throw new ApiError('BUYER_UNKNOWN', { reason: 'the identifiers belong to several participants' })
  const byDocument = found[0]?.participantId
  if (named !== undefined && byDocument !== undefined && named !== byDocument) {
    throw new ApiError('DEBTOR_MISMATCH', { field: 'body/debtor', presented: named, required: byDocument })
  }
  const debtor = named ?? byDocument
  if (debtor === undefined)
    throw new ApiError('BUYER_UNKNOWN', { field: 'body/debtor', presented: document.invoice.buyer })
  const roles = await rolesOf(tx, debtor)
  if (!roles) throw new ApiError('PARTICIPANT_UNKNOWN', { field: 'body/debtor', presented: debtor })
  if (!roles.includes('debtor'))
    throw new ApiError('ROLE_MISSING', { field: 'body/debtor', presented: roles, required: ['debtor'] })
  return debtor
}

/** The end of the due day in UTC, unless the parties agreed on another moment. */
function maturityOf(document: StoredDocument, agreed: number | undefined): number {
  const due = document.invoice.dueDate
  if (agreed === undefined && !due) throw new ApiError('MATURITY_MISSING', { field: 'body/maturity' })
  const maturity = agreed ?? Math.floor(Date.parse(`${due}T23:59:59Z`) / 1000)
  const now = Math.floor(Date.now() / 1000)
  if (maturity <= now || maturity > now + MAX_TENOR) {
    throw new ApiError('MATURITY_INVALID', {
      field: 'body/maturity',
      presented: maturity,
      required: [now + 1, now + MAX_TENOR]
    })
  }
  return maturity
}
