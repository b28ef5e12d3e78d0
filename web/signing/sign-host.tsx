import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Problem } from '../ui/problem.tsx'
import { signingRequest, type SigningRequest } from './request.ts'

/** With the cryptography that pages do without until something is signed. */
const load = () => import('./sign-dialog.tsx')

/** Shown while something waits to be signed. One in the whole console. */
export function SignDialogHost() {
  const request = signingRequest.value
  const [loaded, setLoaded] = useState<{ SignDialog: ComponentType<{ request: SigningRequest }> }>()
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    if (request && !loaded) load().then(setLoaded, setError)
  }, [request])
  if (!request) return null
  return loaded ? <loaded.SignDialog key={request.intents[0]?.intentId} request={request} /> : <Problem error={error} />
}
