/** Names of participants. Read for each sign-in, and where a new one is met: participants are admitted seldom. */
import { effect, signal } from '@preact/signals'
import type { Participant } from '../../client/operations.generated.ts'
import { api, session } from '../login/session.ts'

export const directory = signal<readonly Participant[]>([])

async function read(): Promise<void> {
  await api.call('listParticipants', {}).then(
    ({ items }) => (directory.value = items),
    () => undefined
  )
}

effect(() => {
  if (session.value) void read()
})

/** Reads again where one of these has no name yet: it came in after the sign-in. */
export async function refreshDirectory(ids: readonly number[]): Promise<void> {
  if (ids.some((id) => !directory.value.some(({ participantId }) => participantId === id))) await read()
}

/** Whom an account acts for; undefined for nobody's. */
export function nameOfAccount(account: string): string | undefined {
  const found = directory.value.find((one) => one.account.toLowerCase() === account.toLowerCase())
  return found && `${found.name} (#${found.participantId})`
}

/** The name, or the number while it is not known. */
export function nameOf(participantId: number): string {
  return directory.value.find((one) => one.participantId === participantId)?.name ?? `#${participantId}`
}

/** Everybody but oneself with one of the roles. */
export function othersWith(...roles: readonly string[]): Participant[] {
  return directory.value.filter(
    (one) => one.participantId !== session.value?.participantId && one.roles.some((role) => roles.includes(role))
  )
}
