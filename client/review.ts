/** What an intent would do, read from the bytes that are signed. Nothing that the api says about it is believed. */
import { commandOf, type Targets } from '../domain/intent/decode.ts'
import type { Command } from '../domain/intent/commands.ts'
import { digestOfTypedData, nonceOfIntent, executeTypedData } from '../domain/intent/typed-data.ts'
import type { Intent } from './operations.generated.ts'

/** What the signer knows from elsewhere: its own account, and where the registry is. */
export interface Known extends Targets {
  chainId: number
  account: string
}

export type ReviewCode =
  | 'REVIEW_ACCOUNT'
  | 'REVIEW_CHAIN'
  | 'REVIEW_DIGEST'
  | 'REVIEW_FORM'
  | 'REVIEW_NONCE'
  | 'REVIEW_SIGNATURE'
  | 'REVIEW_TERMS'

/** The intent is not what it should be: it must not be signed. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError'
  readonly code: ReviewCode

  constructor(code: ReviewCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * The commands of an intent, in order.
 * @throws ReviewError, or CallUnknown for a call that is no command of the registry
 */
export function commandsOf(intent: Pick<Intent, 'intentId' | 'typedData' | 'digest'>, known: Known): Command[] {
  const { typedData, digest, intentId } = intent
  const { domain, message } = typedData
  if (domain.chainId !== known.chainId) {
    throw new ReviewError('REVIEW_CHAIN', `it is for chain ${domain.chainId}, yours is ${known.chainId}`)
  }
  if (domain.verifyingContract.toLowerCase() !== known.account.toLowerCase()) {
    throw new ReviewError(
      'REVIEW_ACCOUNT',
      `it is for the account ${domain.verifyingContract}, yours is ${known.account}`
    )
  }
  const nonce = nonceOfIntent(intentId)
  if (message.nonce !== nonce.toString()) throw new ReviewError('REVIEW_NONCE', 'its nonce is not that of its id')
  const calls = message.calls.map(({ target, data }) => ({ target, data }))
  // Made anew from its parts, so that no type and no field of it comes from elsewhere.
  const own = executeTypedData(domain.chainId, domain.verifyingContract, calls, nonce, message.deadline)
  const ownDigest = digestOfTypedData(own)
  if (digestOfTypedData(typedData) !== ownDigest)
    throw new ReviewError('REVIEW_FORM', 'its typed data has another form')
  if (digest !== ownDigest) throw new ReviewError('REVIEW_DIGEST', 'its digest is not that of its typed data')
  return calls.map((call) => commandOf(call, known))
}
