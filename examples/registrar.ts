/** A registrar's program: admits whose checks have passed and whom the firm's own register knows, and suspends. */
import { carryOut, follow, sign } from '../client/index.ts'
import type { ApplicationReview } from '../client/operations.generated.ts'
import { fromCommandLine, type Firm } from './open.ts'

/** What the registrar's own look at the firm came to: the reason to admit it; undefined leaves it for people. */
export type Register = (review: ApplicationReview) => Promise<string | undefined>

/**
 * Decides on what waits: whatever failed, or is on a list, is left for people.
 * @param despite Screening services without which it may go on when they do not answer.
 * @returns Ids of the applications that were admitted
 */
export async function admitAll(
  { api, signers, known }: Firm,
  register: Register,
  despite: string[] = []
): Promise<string[]> {
  const { items } = await api.call('listApplications', { state: 'submitted' })
  const admitted: string[] = []
  for (const review of items) {
    const { applicationId } = review
    const isOpen = ({ outcome, service }: ApplicationReview['checks'][number]): boolean =>
      outcome === 'failed' || outcome === 'hit' || (outcome === 'not-screened' && !despite.includes(service ?? ''))
    const reason = review.checks.some(isOpen) ? undefined : await register(review)
    if (reason === undefined) continue
    const missing = review.checks.filter(({ outcome }) => outcome === 'not-screened').map(({ service }) => service!)
    const body = { reason, despite: missing }
    const intent = await api.call('admitApplicant', { applicationId, body }, { key: `admit/${applicationId}` })
    // What is signed has to be an account of the keys that were applied with, whatever the api says.
    await sign(api, intent, signers, known, (commands) => {
      const account = commands.find((command) => command.kind === 'createAccount')
      const keys = account?.signers.map(({ signer }) => signer.toLowerCase()).sort()
      const own = review.signers.map(({ signer }) => signer.toLowerCase()).sort()
      if (JSON.stringify(keys) !== JSON.stringify(own))
        throw new Error(`${applicationId}: other keys than it applied with`)
    })
    await follow(api, intent.intentId)
    admitted.push(applicationId)
  }
  return admitted
}

/** Suspends a participant, by both people of the registrar. */
export async function suspend({ api, signers, known }: Firm, participantId: number, reason: string): Promise<void> {
  const intent = await api.call('suspendParticipant', { participantId: String(participantId), body: { reason } })
  await carryOut(api, intent, signers, known)
}

if (import.meta.main) {
  const { firm } = await fromCommandLine()
  const admitted = await admitAll(
    firm,
    async ({ name, identifiers }) => `${name}, ${identifiers[0]}: by the command line`
  )
  console.log(`${admitted.length} admitted`)
}
