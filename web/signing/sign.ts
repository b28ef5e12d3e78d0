/** Signing: the private key of a file is in memory for as long as this takes, and goes nowhere; a wallet's never comes here. */
import { follow, isEnded, sign } from '../../client/intents.ts'
import type { Intent } from '../../client/operations.generated.ts'
import { CommandRefused } from '../../client/problem.ts'
import { touch } from '../live/live.ts'
import { api } from '../login/session.ts'
import { opened, type Opening } from './holder.ts'

/** Signs each intent with each key that has not signed it yet, after a look with what that key's owner knows. */
export async function signAll(intents: readonly Intent[], openings: readonly Opening[]): Promise<Intent[]> {
  // All are opened before anything is signed: a wrong passphrase leaves nothing half signed.
  const holders = []
  for (const opening of openings) holders.push(await opened(opening))
  const signed: Intent[] = []
  for (const proposed of intents) {
    let intent = proposed
    for (const { signer, known } of holders) intent = await sign(api, intent, [signer], known)
    signed.push(intent)
  }
  touch()
  return signed
}

/** Follows the intents that have all their signatures; told of every step. */
export async function followAll(
  intents: readonly Intent[],
  onChange: (seen: readonly Intent[]) => void
): Promise<void> {
  const seen = new Map(intents.map((intent) => [intent.intentId, intent]))
  const show = (intent: Intent): void => {
    seen.set(intent.intentId, intent)
    onChange([...seen.values()])
  }
  const going = intents.filter((intent) => intent.state !== 'awaiting-signatures' && !isEnded(intent))
  await Promise.all(
    going.map(async ({ intentId }) => {
      try {
        show(await follow(api, intentId, { onState: show }))
      } catch (error) {
        if (!(error instanceof CommandRefused)) throw error
        show(await api.call('getIntent', { intentId }))
      }
    })
  )
  touch()
}
