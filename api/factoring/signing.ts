/** Keys of the factor sign the text of its quote: checked like an intent's signatures, and each kept in the evidence log. */
import type { FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { signatureRecord, rfc3339 } from '../../domain/evidence/record.ts'
import { quoteStateOf } from '../../domain/factoring/states.ts'
import { quoteDigest, quoteTypedData, type QuoteTypedData } from '../../domain/factoring/signing.ts'
import type { SignerPart } from '../../domain/intent/typed-data.ts'
import { isQuorumReached, type AccountSigner, type Quorum } from '../../domain/participant/signers.ts'
import type { Services } from '../app.ts'
import { asService, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { appendRecordLast } from '../evidence/log.ts'
import { requireOtherPerson, requireSignature, type SignatureBody } from '../intents/signature.ts'
import { accountKeysOf } from '../managed-keys/repository.ts'
import { signByManagedKey } from '../managed-keys/sign.ts'
import { accountOf } from '../participants/repository.ts'
import { userOf } from '../plugins/auth.ts'
import { chainTime } from '../receivables/repository.ts'
import type { AccountNode } from '../registrar/node.ts'
import { findQuote } from './acceptance.ts'
import { addQuoteSignature, completeQuote, lockRequest, quoteSignersOfUser, type StoredQuote } from './repository.ts'

/** What the factor's keys sign of a quote. */
export async function signableOf(
  tx: Transaction,
  { config: { deployment } }: Pick<Services, 'config'>,
  { factor, text }: Pick<StoredQuote, 'factor' | 'text'>
): Promise<{ typedData: QuoteTypedData; digest: string }> {
  const account = await accountOf(tx, factor)
  const typedData = quoteTypedData(deployment.chainId, deployment.fingerprints, account, text)
  return { typedData, digest: quoteDigest(typedData) }
}

/**
 * Adds a signature of one of the factor's keys to a quote that stands. One of each key counts; the same again changes nothing.
 * @throws ApiError QUOTE_NOT_FOUND, FUNDING_PARTY_WRONG, PARTICIPANT_SUSPENDED, SIGNER_UNKNOWN, SIGNATURE_INVALID, QUOTE_STATE_WRONG,
 *   SIGNER_SAME_USER, and those of keys in custody
 */
export async function signQuote(
  tx: Transaction,
  services: Services,
  node: AccountNode,
  request: FastifyRequest,
  quoteId: string,
  body: Static<typeof SignatureBody>
): Promise<void> {
  const { caller } = request
  const { participantId } = caller
  const { request: seen } = await findQuote(tx, services, caller, quoteId, await chainTime(tx))
  // Acceptance and withdrawal wait here, or this waits for them.
  await lockRequest(tx, seen.requestId)
  const now = await chainTime(tx)
  const found = await findQuote(tx, services, caller, quoteId, now)
  const { quote } = found
  if (quote.factor !== participantId)
    throw new ApiError('FUNDING_PARTY_WRONG', { presented: participantId, required: quote.factor })
  if (caller.isSuspended) throw new ApiError('PARTICIPANT_SUSPENDED', { presented: participantId, required: 'active' })
  const { signers } = await asService(tx, (service) => accountKeysOf(service, participantId))
  const { typedData, digest } = await signableOf(tx, services, quote)
  const signable = { digest, signers }
  // As of an intent: whose signature it is is told first, and a key in custody signs nothing that takes none.
  const presented = 'managedKey' in body ? body : requireSignature(signable, body, services.config.deployment)
  const state = quoteStateOf(quote, found.request, now)
  if (state !== 'open') throw new ApiError('QUOTE_STATE_WRONG', { presented: state, required: 'open' })
  const isManaged = 'managedKey' in presented
  const part = isManaged
    ? await signByManagedKey(services, node, tx, request, {
        of: { quoteId },
        signable,
        managedKeyId: presented.managedKey
      })
    : presented
  const userId = userOf(caller)
  if (userId !== undefined) {
    const before = await quoteSignersOfUser(tx, quoteId, userId)
    requireOtherPerson(signers, before, { signer: part.signer, isManaged })
  }
  // An intent's signatures are checked by the account in the end. Nothing but this asks it of a quote's.
  const duty = await node.dutyOf(caller.account, part.signer)
  if (duty === undefined)
    throw new ApiError('SIGNER_UNKNOWN', { presented: part.signer, required: `a signer of ${caller.account} on chain` })
  // A chain that goes back takes its time back with it; nothing is signed before it was said.
  const at = Math.max(now, quote.terms.issuedAt)
  const isNew = await addQuoteSignature(tx, quoteId, { ...part, duty, userId, signedAt: at })
  if (!isNew) return
  const quorum = await node.quorumOf(caller.account)
  const standing = [{ signer: part.signer, duty }, ...(await stillHeld(node, caller.account, quote.signatures))]
  const isComplete = isQuorumReached(
    standing.map(({ signer }) => signer),
    standing,
    quorum
  )
  if (isComplete) await completeQuote(tx, quoteId, at)
  keep(tx, { quoteId, participantId, typedData, digest, part, duty, quorum, at })
}

/** A key that the account let go meanwhile, or gave another duty, counts no more. */
async function stillHeld(
  node: AccountNode,
  account: string,
  signatures: readonly AccountSigner[]
): Promise<AccountSigner[]> {
  const duties = await Promise.all(signatures.map(({ signer }) => node.dutyOf(account, signer)))
  return signatures.filter(({ duty }, i) => duties[i] === duty)
}

interface Kept {
  quoteId: string
  participantId: number
  typedData: QuoteTypedData
  digest: string
  part: SignerPart
  duty: AccountSigner['duty']
  quorum: Quorum
  at: number
}

function keep(tx: Transaction, { quoteId, participantId, typedData, digest, part, duty, quorum, at }: Kept): void {
  const { domain, message } = typedData
  const record = signatureRecord({
    documentId: quoteId,
    participantId: String(participantId),
    account: message.account,
    chainId: domain.chainId,
    registry: domain.verifyingContract,
    digest,
    ...part,
    duty,
    quorum: { makers: String(quorum.makers), checkers: String(quorum.checkers) },
    at: rfc3339(at)
  })
  appendRecordLast(tx, record, { documentId: quoteId, receivableIds: [] })
}
