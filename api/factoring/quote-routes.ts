import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { randomBytes } from 'node:crypto'
import { hexlify } from 'ethers'
import { Type, type Static } from 'typebox'
import { sha256, sm3 } from '../../domain/crypto/hash.ts'
import { documentRecord, rfc3339, withdrawalRecord } from '../../domain/evidence/record.ts'
import { faultOf } from '../../domain/factoring/fit.ts'
import { QUOTE_FORMAT } from '../../domain/factoring/signing.ts'
import { quoteStateOf, requestStateOf } from '../../domain/factoring/states.ts'
import { quoteText, type Quote } from '../../domain/factoring/terms.ts'
import type { Services } from '../app.ts'
import { inTransaction, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecordLast } from '../evidence/log.ts'
import { packageOf } from '../evidence/package.ts'
import { commitmentTo } from '../intents/commitment.ts'
import { newIntentId } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import { SignatureBody } from '../intents/signature.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { chainTime } from '../receivables/repository.ts'
import { accountNode } from '../registrar/node.ts'
import { bytesOf, CommandHeaders, Count, IntentSchema, refusals, strict, Text, UnixSeconds, Uuid } from '../schemas.ts'
import { acceptQuote, findQuote } from './acceptance.ts'
import { findRequest, insertQuote, lockRequest, withdrawQuote } from './repository.ts'
import { signableOf, signQuote } from './signing.ts'
import { Turnstile } from './turnstile.ts'
import { priceSchema, quoteViewOf, SignableQuoteSchema, type SignableQuoteView } from './view.ts'

/** A factor may offer alternatives, and not flood the holder. */
const QUOTES_MAX = 5
/** Acceptances that are worked on at a time, of the ten connections of a process. */
const ACCEPTANCES_MAX = 4

const QuoteBody = Type.Object(
  {
    ...priceSchema,
    isFirm: Type.Boolean({ description: 'true: you can not withdraw it before it expires' }),
    expiresAt: { ...UnixSeconds, description: 'Until then it can be accepted; not after the request expires' },
    fundBy: { ...UnixSeconds, description: 'Until then you pay, once it was accepted; within what the request wants' },
    remark: Type.Optional(Text)
  },
  strict
)
const RequestParams = Type.Object({ requestId: Uuid })
const Params = Type.Object({ quoteId: Uuid })
const command = { tags: ['factoring'], headers: CommandHeaders }

/** Quotes: confidential between the factor and the holder, and committed to on chain by the lock. */
export function quoteRoutes(services: Services): FastifyPluginAsyncTypebox {
  const { pool, vault, config } = services
  const node = accountNode(config.rpcUrl, config.deployment.accountFactory)
  const turnstile = new Turnstile(ACCEPTANCES_MAX)
  return async (app) => {
    app.post(
      '/funding-requests/:requestId/quotes',
      {
        schema: {
          ...command,
          operationId: 'giveQuote',
          summary: 'Offer to finance what a holder asked for; only that holder reads it',
          description:
            'The amount is that of the request. advanceBp is paid out at funding, reserveBp when the debtor has paid; what both leave of 10,000 is your discount. A pledge has no discount. The answer has the terms in their one form: keep that text, the lock commits to it on chain. Have your keys sign typedData (POST /v1/quotes/{quoteId}/signatures): then anybody who is shown the text can tell offline that you offered it.',
          params: RequestParams,
          body: QuoteBody,
          response: { ...refusals, 201: SignableQuoteSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const quoteId = await give(tx, request.caller, request.params.requestId, request.body)
          return { status: 201, body: await shown(tx, request.caller, quoteId) }
        })) as SignableQuoteView
    )

    app.get(
      '/quotes/:quoteId',
      {
        schema: {
          operationId: 'getQuote',
          tags: ['factoring'],
          summary: 'A quote with what it truly costs: for the factor that gave it and the holder that asked',
          params: Params,
          response: { ...refusals, 200: SignableQuoteSchema }
        }
      },
      async ({ caller, params }) => inTransaction(pool, (tx) => shown(tx, caller, params.quoteId))
    )

    app.get(
      '/quotes/:quoteId/evidence',
      {
        schema: {
          operationId: 'getQuoteEvidence',
          tags: ['factoring'],
          summary:
            'The evidence package of a quote: its text, who signed it, and that it was recorded when it was given',
          description:
            'A zip for `tallystick verify`, offline. SHA-256 over the receivable’s id, a line feed and the text is what the lock says on chain. With each signature under it, and a withdrawal.',
          params: Params,
          querystring: Type.Object({ since: Type.Optional(Count) }, strict),
          response: { ...refusals, 200: bytesOf('The package', 'application/zip') }
        }
      },
      async ({ caller, params, query }, reply) => {
        const { quote } = await inTransaction(pool, async (tx) =>
          findQuote(tx, services, caller, params.quoteId, await chainTime(tx))
        )
        const since = query.since === undefined ? undefined : Number(query.since)
        const text = { bytes: new TextEncoder().encode(quote.text), extension: 'json' }
        const subject = { kind: 'document', id: params.quoteId } as const
        const bytes = await packageOf(pool, config.deployment, subject, caller, since, [text])
        return reply.type('application/zip').send(Buffer.from(bytes) as never)
      }
    )

    app.post(
      '/quotes/:quoteId/signatures',
      {
        schema: {
          ...command,
          operationId: 'signQuote',
          summary: 'Sign a quote of yours with a key of your account, or have your key in custody sign',
          description:
            'Over the digest of its typedData, while it stands: not once it was withdrawn, accepted or expired. One signature of each key; the same again changes nothing. signedAt is set when as many makers and checkers have signed as your account wants.',
          params: Params,
          body: SignatureBody,
          response: { ...refusals, 200: SignableQuoteSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { quoteId } = request.params
          await signQuote(tx, services, node, request, quoteId, request.body)
          return { status: 200, body: await shown(tx, request.caller, quoteId) }
        })) as SignableQuoteView
    )

    app.post(
      '/quotes/:quoteId/withdrawal',
      {
        schema: {
          ...command,
          operationId: 'withdrawQuote',
          summary: 'Take a quote of yours back that is not firm and was not accepted',
          params: Params,
          response: { ...refusals, 200: SignableQuoteSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          await withdraw(tx, request.caller, request.params.quoteId)
          return { status: 200, body: await shown(tx, request.caller, request.params.quoteId) }
        })) as SignableQuoteView
    )

    app.post(
      '/quotes/:quoteId/acceptance',
      {
        schema: {
          ...command,
          operationId: 'acceptQuote',
          summary: 'Accept a quote: the intent locks exactly its amount for its factor, until it has to have paid',
          description:
            'Sign the intent before the quote expires. Of several acceptances for one note the first wins, the others are refused with NOTE_PROMISED. LIMIT_EXHAUSTED: the factor has no room at the moment. Once the lock is projected, the other quotes of the request lapse. The factor then pays and finances the note (POST /v1/notes/{noteId}/financing), or declines (…/unlock).',
          params: Params,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) =>
        (await turnstile.through(() =>
          once(pool, request, reply, async (tx) => ({
            status: 202,
            body: await acceptQuote(tx, services, request.caller, request.params.quoteId)
          }))
        )) as IntentView
    )
  }

  async function shown(tx: Transaction, caller: Caller, quoteId: string): Promise<SignableQuoteView> {
    const now = await chainTime(tx)
    const { quote, request } = await findQuote(tx, services, caller, quoteId, now)
    return { ...quoteViewOf(quote, request, caller.participantId, now), ...(await signableOf(tx, services, quote)) }
  }

  async function give(
    tx: Transaction,
    caller: Caller,
    requestId: string,
    body: Static<typeof QuoteBody>
  ): Promise<string> {
    await lockRequest(tx, requestId)
    const now = await chainTime(tx)
    const request = await findRequest(tx, vault, caller, now, { requestId })
    if (!request) throw new ApiError('FUNDING_REQUEST_NOT_FOUND', { presented: requestId })
    const { participantId: factor } = caller
    const { requester, receivableId, noteId, amount, currency } = request
    if (factor === requester)
      throw new ApiError('FUNDING_PARTY_WRONG', { presented: factor, required: 'a factor that it was sent to' })
    const state = requestStateOf(request, now)
    if (state !== 'open' && state !== 'quoted')
      throw new ApiError('FUNDING_REQUEST_STATE_WRONG', { presented: state, required: ['open', 'quoted'] })
    const standing = request.quotes.filter(
      (quote) => quote.factor === factor && quoteStateOf(quote, request, now) === 'open'
    )
    if (standing.length >= QUOTES_MAX)
      throw new ApiError('QUOTES_TOO_MANY', { presented: standing.length, required: `less than ${QUOTES_MAX}` })
    const { remark = '', ...price } = body
    const quote: Quote = {
      v: 1,
      kind: 'quote',
      quoteId: newIntentId(),
      ...{ requestId, factor, requester, receivableId, noteId, amount, currency },
      ...price,
      issuedAt: now,
      remark,
      salt: hexlify(randomBytes(32))
    }
    const fault = faultOf(quote, request, now)
    if (fault) throw new ApiError('FUNDING_TERMS_INVALID', { ...fault, field: `body/${fault.field}` })
    await keep(tx, quote)
    return quote.quoteId
  }

  /** With a leaf in the log: that these terms stood at that time, whoever keeps the text. */
  async function keep(tx: Transaction, quote: Quote): Promise<void> {
    const text = quoteText(quote)
    const bytes = new TextEncoder().encode(text)
    await insertQuote(tx, vault, quote, text, commitmentTo(quote.receivableId, text))
    const record = documentRecord({
      documentId: quote.quoteId,
      mediaType: 'application/json',
      format: QUOTE_FORMAT,
      byteLength: String(bytes.length),
      sha256: hexlify(sha256(bytes)),
      sm3: hexlify(sm3(bytes)),
      fingerprints: []
    })
    appendRecordLast(tx, record, { documentId: quote.quoteId, receivableIds: [] })
  }

  async function withdraw(tx: Transaction, caller: Caller, quoteId: string): Promise<void> {
    const { request: seen } = await findQuote(tx, services, caller, quoteId, await chainTime(tx))
    await lockRequest(tx, seen.requestId)
    const now = await chainTime(tx)
    const { request, quote } = await findQuote(tx, services, caller, quoteId, now)
    if (quote.factor !== caller.participantId)
      throw new ApiError('FUNDING_PARTY_WRONG', { presented: caller.participantId, required: quote.factor })
    const state = quoteStateOf(quote, request, now)
    if (state !== 'open') throw new ApiError('QUOTE_STATE_WRONG', { presented: state, required: 'open' })
    if (quote.terms.isFirm) throw new ApiError('QUOTE_FIRM', { presented: now, required: quote.expiresAt })
    const at = Math.max(now, quote.terms.issuedAt)
    await withdrawQuote(tx, quoteId, at)
    // Who is shown the signed text is also to be told that it was taken back, and when.
    const record = withdrawalRecord({ documentId: quoteId, participantId: String(quote.factor), at: rfc3339(at) })
    appendRecordLast(tx, record, { documentId: quoteId, receivableIds: [] })
  }
}
