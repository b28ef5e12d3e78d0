/** The one way a command leaves the console: propose it, then ask for signatures in the dialog. */
import { signal } from '@preact/signals'
import type { Intent } from '../../client/operations.generated.ts'

/** What waits for its signatures in the dialog. */
export interface SigningRequest {
  intents: readonly Intent[]
  /** The dialog was closed: with the intents as they were seen last. */
  end: (intents: readonly Intent[]) => void
}

export const signingRequest = signal<SigningRequest | undefined>(undefined)

/** Opens the dialog for proposed intents; resolves when it is closed, with the intents as they were seen last. */
export function requestSignatures(intents: readonly Intent[]): Promise<readonly Intent[]> {
  return new Promise((resolve) => {
    signingRequest.value = {
      intents,
      end: (seen) => {
        signingRequest.value = undefined
        resolve(seen)
      }
    }
  })
}
