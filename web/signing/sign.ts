/** Signing with opened key files: a private key is in memory for as long as this takes, and goes nowhere. */
import { follow, isEnded, sign } from '../../client/intents.ts'
import { knownOf, openKeyFile, signerOfFile, type KeyFile } from '../../client/key-file.ts'
import type { Intent } from '../../client/operations.generated.ts'
import { CommandRefused } from '../../client/problem.ts'
import type { Known } from '../../client/review.ts'
import type { IntentSigner } from '../../client/signers.ts'
import { touch } from '../live/live.ts'
import { api } from '../login/session.ts'

export interface Opening {
  file: KeyFile
  passphrase: string
}

/** Signs each intent with each key that has not signed it yet, after a look with what that key's own file knows. */
export async function signAll(intents: readonly Intent[], openings: readonly Opening[]): Promise<Intent[]> {
  const opened: { signer: IntentSigner; known: Known }[] = []
  // All are opened before anything is signed: a wrong passphrase leaves nothing half signed.
  for (const { file, passphrase } of openings) {
    opened.push({ signer: signerOfFile(file, await openKeyFile(file, passphrase)), known: knownOf(file) })
  }
  const signed: Intent[] = []
  for (const proposed of intents) {
    let intent = proposed
    for (const { signer, known } of opened) intent = await sign(api, intent, [signer], known)
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
