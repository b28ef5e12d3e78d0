/** Logging in by a key of the participant's account: a challenge of the registry is signed, a token comes back. */
import { loginTypedData } from '../domain/participant/login.ts'
import type { Api, Output } from './api.ts'
import { signatureBody, type IntentSigner } from './signers.ts'

export type SessionToken = Output<'createSession'>

interface Challenge {
  domain: { verifyingContract: string }
}

/**
 * What is signed is made anew from its parts and is of a domain of its own: no answer to a challenge can be an order, whatever the
 * server asks for. Only which registry it is for is the server's word.
 * @param chainId From the key file or another source that is not the api.
 * @throws ProblemError LOGIN_REFUSED, whatever was wrong
 */
export async function logIn(
  api: Api,
  { participantId, chainId }: { participantId: number; chainId: number },
  signer: IntentSigner
): Promise<SessionToken> {
  const { nonce, expiresAt, typedData } = await api.call('createLoginChallenge', { body: { participantId } })
  const { verifyingContract } = (typedData as Challenge).domain
  const part = await signer.sign(loginTypedData(chainId, verifyingContract, participantId, nonce, expiresAt))
  return api.call('createSession', { body: { participantId, nonce, ...signatureBody(part) } })
}
