/** From a proposed command to its end on chain. */
import type { Command } from '../domain/intent/commands.ts'
import type { Api } from './api.ts'
import type { Intent } from './operations.generated.ts'
import { CommandRefused } from './problem.ts'
import { commandsOf, type Known } from './review.ts'
import { signatureBody, type IntentSigner } from './signers.ts'

export interface FollowOptions {
  /** Between two looks, milliseconds. */
  interval?: number
  /** Milliseconds until `FollowTimeout`; the intent goes on all the same. */
  timeout?: number
  signal?: AbortSignal
  /** Told of each state it is seen in. */
  onState?: (intent: Intent) => void
}

/** The intent did not come to its end in the time given. Follow it again: it is not lost. */
export class FollowTimeout extends Error {
  override readonly name = 'FollowTimeout'
  readonly code = 'FOLLOW_TIMEOUT'
}

/** Whether nothing more happens to it by itself. */
export function isEnded({ state }: Pick<Intent, 'state'>): boolean {
  return state === 'projected' || state === 'refused'
}

/**
 * Looks at an intent until it is projected.
 * @throws CommandRefused when a contract refuses it, FollowTimeout
 */
export async function follow(api: Api, intentId: string, options: FollowOptions = {}): Promise<Intent> {
  const { interval = 150, timeout = 60_000, signal, onState } = options
  const deadline = Date.now() + timeout
  let seen: string | undefined
  for (;;) {
    const intent = await api.call('getIntent', { intentId }, signal ? { signal } : {})
    if (intent.state !== seen) onState?.(intent)
    seen = intent.state
    if (intent.refusal) throw new CommandRefused(intent.refusal)
    if (isEnded(intent)) return intent
    if (Date.now() > deadline) throw new FollowTimeout(`intent ${intentId} is still ${intent.state}`)
    await new Promise((resolve) => setTimeout(resolve, interval))
  }
}

/**
 * Signs an intent after a look at what it would do, with each signer that has not signed yet.
 * @param approve Given the commands as decoded; throws to refuse. Left out: they need only be the registry's.
 */
export async function sign(
  api: Api,
  proposed: Intent,
  signers: readonly IntentSigner[],
  known: Known,
  approve?: (commands: readonly Command[]) => void
): Promise<Intent> {
  let intent = proposed
  const commands = commandsOf(intent, known)
  approve?.(commands)
  for (const signer of signers) {
    if (intent.state !== 'awaiting-signatures') break
    if (intent.signatures.includes(signer.signer)) continue
    const part = await signer.sign(intent.typedData)
    // The key is the part's own, so that a repeated signature is the same request.
    const key = `signature/${part.signer.slice(-64)}/${part.signature.slice(2, 66)}`
    intent = await api.call('signIntent', { intentId: intent.intentId, body: signatureBody(part) }, { key })
  }
  return intent
}

/** Signs and follows to the end. Safe to call again with the same intent after a crash. */
export async function carryOut(
  api: Api,
  proposed: Intent,
  signers: readonly IntentSigner[],
  known: Known,
  options: FollowOptions = {}
): Promise<Intent> {
  const current = await api.call('getIntent', { intentId: proposed.intentId })
  await sign(api, current, signers, known)
  return follow(api, proposed.intentId, options)
}
