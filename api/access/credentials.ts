/** From a bearer credential to who calls: what the participant is and what this credential may do for it, as of now. */
import { createHash, randomBytes } from 'node:crypto'
import { bitsToRoles, rolesToBits, type Role } from '../../domain/participant/roles.ts'
import type { AccountSigner } from '../../domain/participant/signers.ts'
import { asService, type Pool } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import { permissionsOf, type Duty, type KeyScope, type Permission } from './rules.ts'
import { ApiError } from '../errors.ts'
import type { Session, Tokens } from './tokens.ts'

interface Participant {
  participantId: number
  account: string
  name: string
  roles: Role[]
  recoveries: number
}

/** The chain's word on roles and suspension, as of what is projected; null where nothing is (a rebuild): then the directory's holds. */
interface OnChain {
  bits: number | null
  status: 'active' | 'suspended' | null
}
const onChain = 'c.roles as bits, c.status'
const chainJoin = 'left join projection.participant c on c.participant_id = p.participant_id'

function standingOf({ bits, status }: OnChain, roles: Role[]): { roles: Role[]; isSuspended: boolean } {
  return { roles: bits === null ? roles : bitsToRoles(bits), isSuspended: status === 'suspended' }
}

/** What the holder of one of the account's signing keys may do by that alone. */
export const signerPermissions: Record<AccountSigner['duty'], readonly Permission[]> = {
  maker: ['read', 'propose', 'sign', 'administer'],
  checker: ['read', 'sign', 'administer']
}
/** A registered certificate's key that is none of the account's signers. */
export const certificatePermissions: readonly Permission[] = ['read', 'propose', 'administer']

export function digestOfKey(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** A new API key, and the beginning that people know it by. */
export function newApiKey(): { key: string; prefix: string } {
  const key = `ts_${randomBytes(24).toString('base64url')}`
  return { key, prefix: key.slice(0, 9) }
}

export interface Found {
  caller: Caller
  /** When the credential ends by itself, unix milliseconds. */
  endsAt: number | null
}

/**
 * Whoever the credential is of; undefined for one that is unknown, ended, revoked, or of somebody who has left.
 * @throws ApiError CREDENTIAL_RECOVERED for one from before a recovery of the account's keys
 */
export async function callerOf(pool: Pool, tokens: Tokens, credential: string): Promise<Found | undefined> {
  if (credential.split('.').length !== 3) return byApiKey(pool, credential)
  const session = await tokens.read(credential)
  const caller = session && (await bySession(pool, session))
  return caller && { caller, endsAt: session.expiresAt * 1000 }
}

type KeyRow = Participant &
  OnChain & {
    keyId: string
    prefix: string
    scopes: KeyScope[]
    isStale: boolean
    endedByRecovery: boolean
    expiresAt: Date | null
  }

async function byApiKey(pool: Pool, key: string): Promise<Found | undefined> {
  return asService(pool, async (service) => {
    const { rows } = await service.query<KeyRow>({
      name: 'credential.by-api-key',
      text: `select p.participant_id as "participantId", p.account, p.name, p.roles, p.recoveries, k.key_id as "keyId", k.prefix, k.scopes, k.expires_at as "expiresAt", ${onChain},
                    coalesce(k.last_used_at < now() - interval '1 minute', true) as "isStale", k.ended_by_recovery as "endedByRecovery"
               from app.api_key k join app.participant p using (participant_id) ${chainJoin}
              where k.sha256 = $1 and (k.revoked_at is null or k.ended_by_recovery) and (k.expires_at is null or k.expires_at > now())`,
      values: [digestOfKey(key)]
    })
    const row = rows[0]
    if (!row) return undefined
    const { keyId, prefix, scopes, isStale, endedByRecovery, expiresAt, bits, status, ...participant } = row
    if (endedByRecovery) throw new ApiError('CREDENTIAL_RECOVERED')
    if (isStale) await service.query('update app.api_key set last_used_at = now() where key_id = $1', [keyId])
    const caller: Caller = {
      ...participant,
      ...standingOf({ bits, status }, participant.roles),
      permissions: scopes,
      actor: `api-key ${prefix}…`,
      credential: { kind: 'api-key', keyId }
    }
    return { caller, endsAt: expiresAt?.getTime() ?? null }
  })
}

type SessionRow = Participant &
  OnChain & {
    isRevoked: boolean
    signers: AccountSigner[]
    keys: string[] | null
    duties: Duty[] | null
  }

async function bySession(pool: Pool, session: Session): Promise<Caller | undefined> {
  const userId = 'userId' in session.by ? session.by.userId : null
  const { rows } = await asService(pool, (service) =>
    service.query<SessionRow>({
      name: 'credential.by-session',
      text: `select p.participant_id as "participantId", p.account, p.name, p.roles, p.recoveries, p.signers, ${onChain},
                    exists (select from app.revoked_session where session_id = $2) as "isRevoked",
                    (select array_agg(public_key) from app.participant_certificate c
                      where c.participant_id = p.participant_id and c.use = 'signature' and c.revoked_at is null) as keys,
                    (select duties from app.participant_user u
                      where u.user_id = $3 and u.participant_id = p.participant_id and u.is_active) as duties
               from app.participant p ${chainJoin} where p.participant_id = $1::bigint`,
      values: [session.participantId, session.sessionId, userId]
    })
  )
  const row = rows[0]
  if (!row || row.isRevoked) return undefined
  if (row.recoveries !== session.recoveries) throw new ApiError('CREDENTIAL_RECOVERED')
  const { isRevoked: _, signers, keys, duties, bits, status, ...known } = row
  const participant = { ...known, ...standingOf({ bits, status }, known.roles) }
  const credential = { kind: 'session', session } as const
  if ('userId' in session.by) {
    if (!duties) return undefined
    return { ...participant, permissions: permissionsOf(duties), actor: `user ${session.by.userId}`, credential }
  }
  const { signer } = session.by
  const permissions = permissionsOfSigner(signer, signers, keys ?? [])
  return (
    permissions && {
      ...participant,
      permissions,
      actor: `signer ${signer.slice(0, 42)}…${signer.slice(-8)}`,
      credential
    }
  )
}

/**
 * Whether a credential has been taken back since it let somebody in: revoked, its user let go, or the account's keys recovered; or the
 * roles are others now. A session that was renewed or has run out has not been.
 */
export async function isTakenBack(
  pool: Pool,
  { participantId, recoveries, roles, credential }: Caller
): Promise<boolean> {
  const keyId = credential.kind === 'api-key' ? credential.keyId : null
  const userId =
    credential.kind === 'session' && 'userId' in credential.session.by ? credential.session.by.userId : null
  const { rows } = await asService(pool, (service) =>
    service.query<{ bits: number | null }>({
      name: 'credential.is-taken-back',
      text: `select c.roles as bits from app.participant p ${chainJoin} where p.participant_id = $1 and p.recoveries = $2
                and ($3::uuid is null or exists (select from app.api_key where key_id = $3 and revoked_at is null))
                and ($4::uuid is null or exists (select from app.participant_user where user_id = $4 and is_active))`,
      values: [participantId, recoveries, keyId, userId]
    })
  )
  const [row] = rows
  return row === undefined || (row.bits !== null && rolesToBits(bitsToRoles(row.bits)) !== rolesToBits(roles))
}

/** By the account's signers, else by the registered certificates' keys (x ‖ y); undefined for neither. */
export function permissionsOfSigner(
  signer: string,
  signers: readonly AccountSigner[],
  certifiedKeys: readonly string[]
): readonly Permission[] | undefined {
  const known = signers.find((one) => one.signer.toLowerCase() === signer)
  if (known) return signerPermissions[known.duty]
  return signer.length > 42 && certifiedKeys.includes(`0x${signer.slice(42)}`) ? certificatePermissions : undefined
}
