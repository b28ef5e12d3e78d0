import { requestStateOf, quoteStateOf } from '../../domain/factoring/states.ts'
import { cutNoteId, noteIdToHex } from '../../domain/note/span.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import { requireCounterparty, subjectOf } from '../notes/verb.ts'
import { lockVerb } from '../notes/verbs-financing.ts'
import type { Caller } from '../plugins/auth.ts'
import { chainTime } from '../receivables/repository.ts'
import { requireRoom } from './limits.ts'
import { findRequest, lockRequest, orderQuote, promisedOf, type StoredQuote, type StoredRequest } from './repository.ts'

/** The request that a quote answers, and the quote, if the caller may see it: its factor, or who asked. */
export async function findQuote(
  client: Transaction,
  { vault }: Services,
  caller: Caller,
  quoteId: string,
  now: number
): Promise<{ request: StoredRequest; quote: StoredQuote }> {
  const request = await findRequest(client, vault, caller, now, { quoteId })
  const quote = request?.quotes.find((one) => one.quoteId === quoteId)
  const isParty = quote && [request!.requester, quote.factor].includes(caller.participantId)
  if (!isParty) throw new ApiError('QUOTE_NOT_FOUND', { presented: quoteId })
  return { request: request!, quote }
}

/**
 * The order to lock by a quote, exactly as it says. Acceptances of one request queue at its row, those of one receivable at a lock, those
 * of one factor at its limits: the first passes, each after it is refused by what it finds.
 */
export async function acceptQuote(
  tx: Transaction,
  services: Services,
  caller: Caller,
  quoteId: string
): Promise<IntentView> {
  const soon = await chainTime(tx)
  const { request: seen, quote: early } = await findQuote(tx, services, caller, quoteId, soon)
  if (seen.requester !== caller.participantId)
    throw new ApiError('FUNDING_PARTY_WRONG', { presented: caller.participantId, required: seen.requester })
  // Who comes too late is told before it queues.
  requireOpen(seen, early, soon)
  await lockRequest(tx, seen.requestId)
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 3))', [seen.receivableId])
  const now = await chainTime(tx)
  const { request, quote } = await findQuote(tx, services, caller, quoteId, now)
  requireOpen(request, quote, now)
  const amount = BigInt(request.amount)
  const promised = (await promisedOf(tx, [request.noteId], now)).get(request.noteId) ?? 0n
  const subject = await subjectOf(tx, request.noteId, caller, lockVerb)
  if (amount + promised > BigInt(subject.note.amount)) {
    const code = promised > 0n ? 'NOTE_PROMISED' : 'AMOUNT_INVALID'
    throw new ApiError(code, {
      presented: request.amount,
      required: `at most ${BigInt(subject.note.amount) - promised}`
    })
  }
  await requireCounterparty(tx, subject, 'quoteId', quote.factor, ['factor'])
  const { debtor, currency, receivableId } = request
  await requireRoom(tx, { factor: quote.factor, debtor, seller: caller.participantId, currency, amount }, now)
  const intent = await createIntent(tx, services.config.deployment, caller, {
    commands: [
      {
        kind: 'lock',
        noteId: subject.id,
        amount,
        factor: quote.factor,
        deadline: quote.terms.fundBy,
        purpose: quote.terms.purpose,
        quote: quote.commitment
      }
    ],
    receivableId,
    currency,
    noteId: noteIdToHex(cutNoteId(subject.id, BigInt(subject.note.end), amount)),
    request: { quoteId, requestId: request.requestId },
    // A quote that has expired can not be locked by, however late a signature comes.
    latest: quote.expiresAt
  })
  await orderQuote(tx, quoteId, intent.intentId)
  return intent
}

/** Of many acceptances one comes first; whatever it was, the others hear the same. */
function requireOpen(request: StoredRequest, quote: StoredQuote, now: number): void {
  const state = requestStateOf(request, now)
  if (state === 'accepted' || state === 'locked')
    throw new ApiError('NOTE_PROMISED', { presented: state, required: 'quoted' })
  if (state !== 'quoted') throw new ApiError('FUNDING_REQUEST_STATE_WRONG', { presented: state, required: 'quoted' })
  const own = quoteStateOf(quote, request, now)
  if (own !== 'open') throw new ApiError('QUOTE_STATE_WRONG', { presented: own, required: 'open' })
  if (request.signedQuotesOnly && quote.signedAt === null) {
    const presented = quote.signatures.map(({ signer }) => signer)
    throw new ApiError('QUOTE_NOT_SIGNED', { presented, required: 'as many keys of the factor as its account wants' })
  }
}
