/**
 * Who is signed in, for this tab. With a key file: a challenge is signed in the page, and the token that comes back is renewed until it can
 * not be; then the key is asked for again and the page stays. The key file stays sealed here; its key is opened for one signature at a
 * time and forgotten. With a wallet: its key never comes here. With an API key: to look, and to propose what others sign.
 */
import { effect, signal } from '@preact/signals'
import { Api } from '../../client/api.ts'
import type { KeyFile } from '../../client/key-file.ts'
import { ProblemError } from '../../client/problem.ts'
import type { Known } from '../../client/review.ts'
import type { Role } from '../../domain/participant/roles.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'

type Permission = 'read' | 'propose' | 'sign' | 'administer'

/** A key in a wallet of this browser, and what was found out at the login: what a key file has in it. */
export interface WalletHold {
  /** Reverse domain name of the wallet's maker, by which it is found again. */
  rdns: string
  /** Of the wallet. */
  name: string
  /** Lower case. */
  address: string
  participantId: number
  participantName: string
  duty: SignerDuty
  known: Known
}

export interface Session {
  participantId: number
  name: string
  account: string
  roles: Role[]
  /** What this credential may do. */
  permissions: Permission[]
  credential: string
  /** When the token ends, unix seconds; an API key has none. */
  expiresAt?: number
  /** The participant's own key file, sealed; absent for who only reads. */
  keyFile?: KeyFile
  /** The wallet that signs instead of a key file. */
  wallet?: WalletHold
}

const storageKey = 'tallystick.session'
/** A token is renewed so long before its end, seconds. */
const RENEW_BEFORE = 60
/** Timers of a page that sleeps come late: the end is looked at so often, milliseconds. */
const LOOK_MS = 15_000

/** Of this tab: gone when it is closed. */
function restored(): Session | undefined {
  try {
    const text = sessionStorage.getItem(storageKey)
    const session = text === null ? undefined : (JSON.parse(text) as Session)
    return session?.permissions ? session : undefined
  } catch {
    return undefined
  }
}

export const session = signal<Session | undefined>(restored())
/** A session that ended by itself: who comes back with the same key file needs its passphrase only. */
export const ended = signal<Pick<Session, 'keyFile'> | undefined>(undefined)

/** The api of this page's own origin, as who is signed in. */
export const api = new Api({ baseUrl: '', credential: () => session.value?.credential, onRefused: isReplaced })

/** To look, and to propose what others sign. */
export async function signInWithApiKey(apiKey: string): Promise<void> {
  await begin({ credential: apiKey })
}

/** @param credential An API key, or the token of a login */
export async function begin(granted: Pick<Session, 'credential' | 'expiresAt' | 'keyFile' | 'wallet'>): Promise<void> {
  const me = await new Api({ baseUrl: '', credential: () => granted.credential }).call('getMe', {})
  const { participantId, name, account, permissions } = me
  keep({ participantId, name, account, roles: me.roles as Role[], permissions, ...granted })
  ended.value = undefined
}

function keep(next: Session): void {
  sessionStorage.setItem(storageKey, JSON.stringify(next))
  session.value = next
}

export function signOut(): void {
  // The token is good for nothing from then on; if nobody answers it ends by itself.
  if (session.value?.expiresAt !== undefined) void api.download('endSession', {}).catch(() => undefined)
  ended.value = undefined
  forget()
}

/** The credential ended. Who has a key file is asked for its passphrase, at the page where it was. */
export function endSession(): void {
  const { keyFile } = session.value ?? {}
  ended.value = session.value && (keyFile ? { keyFile } : {})
  forget()
}

function forget(): void {
  sessionStorage.removeItem(storageKey)
  session.value = undefined
}

let renewing: Promise<void> | undefined

/** Renews the token when its end is near. */
function look(): void {
  const current = session.value
  if (current?.expiresAt === undefined || renewing) return
  if (current.expiresAt - RENEW_BEFORE > Date.now() / 1000) return
  renewing = renew(current).finally(() => (renewing = undefined))
}

async function renew(current: Session): Promise<void> {
  try {
    const { token, expiresAt } = await new Api({ baseUrl: '', credential: () => current.credential }).call(
      'renewSession',
      {}
    )
    if (session.value === current) keep({ ...current, credential: token, expiresAt })
  } catch (error) {
    // An outage passes: the token may outlive it.
    const isRefused = error instanceof ProblemError && error.problem.status === 401
    if (isRefused && session.value === current) endSession()
  }
}

/**
 * A token ends with its renewal, also for requests that are under way with it: they are made again with the new one. Where there is none,
 * the session is over.
 */
export async function isReplaced(refused: string | undefined): Promise<boolean> {
  await renewing
  if (session.value === undefined) return false
  if (session.value.credential !== refused) return true
  endSession()
  return false
}

effect(() => {
  if (session.value?.expiresAt !== undefined) look()
})
setInterval(look, LOOK_MS)
document.addEventListener('visibilitychange', look)

export function hasRole(...roles: readonly Role[]): boolean {
  return roles.some((role) => session.value?.roles.includes(role))
}

/** Whether the credential in hand may do so; what has to be signed is checked by the contracts all the same. */
export function may(permission: Permission): boolean {
  return session.value?.permissions.includes(permission) ?? false
}
