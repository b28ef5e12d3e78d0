/** Asks services outside whether a name or number is on a list. What could not be asked is `not-screened`: never taken for clear. */
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { ScreeningService } from '../config.ts'

export interface Screening {
  service: string
  outcome: 'clear' | 'hit' | 'not-screened'
  /** The service's own reference, or why it was not screened. */
  detail: string | null
  at: string
}

const Answer = Type.Object({
  outcome: Type.Enum(['clear', 'hit']),
  reference: Type.Optional(Type.String({ maxLength: 200 }))
})
const TIMEOUT_MS = 5_000

/** One of each service, in their order. None configured: one that says so. */
export async function screen(
  services: readonly ScreeningService[],
  subject: { name: string; country: string; identifiers: readonly string[] }
): Promise<Screening[]> {
  const at = new Date().toISOString()
  if (services.length === 0)
    return [{ service: 'none', outcome: 'not-screened', detail: 'no service is configured', at }]
  return Promise.all(
    services.map(async ({ name, url }) => {
      const body = JSON.stringify(subject)
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, redirect: 'error' } as const
      try {
        const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
        const found: unknown = answer.ok ? await answer.json() : undefined
        if (!Value.Check(Answer, found)) throw new Error(`it answered ${answer.status}, and nothing that is an outcome`)
        return { service: name, outcome: found.outcome, detail: found.reference ?? null, at }
      } catch (error) {
        return { service: name, outcome: 'not-screened' as const, detail: `not asked: ${(error as Error).name}`, at }
      }
    })
  )
}
