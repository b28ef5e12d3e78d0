import type { Role } from '../../domain/participant/roles.ts'
import { bitsToRoles } from '../../domain/participant/roles.ts'
import type { Recovery, RecoveryState } from '../../domain/participant/recovery.ts'
import type { AccountSigner, Quorum } from '../../domain/participant/signers.ts'
import type { StoredApplication } from '../applications/repository.ts'
import { listApplications } from '../applications/repository.ts'
import type { Pool, Transaction } from '../database.ts'
import type { Vault } from '../vault.ts'

/** Every query here looks across participants: to be called as the service. */
type Service = Pool | Transaction

/** Whether an intent may still come to something: `at` is the chain's time. */
const isLive = `(i.state in ('recorded', 'sent', 'mined')
  or i.state = 'awaiting-signatures' and (i.typed_data #>> '{message,deadline}')::bigint >= $2)`

/** The intent by which an application is being admitted; undefined when none is under way. */
export async function admissionOf(service: Service, applicationId: string, at: number): Promise<string | undefined> {
  const { rows } = await service.query<{ intentId: string }>(
    `select i.intent_id as "intentId" from app.admission a join app.intent i using (intent_id)
      where a.application_id = $1 and ${isLive} order by i.intent_id desc limit 1`,
    [applicationId, at]
  )
  return rows[0]?.intentId
}

/** Of these identifiers, those of a participant, or of another application whose admission is under way; `SCHEME:value`. */
export async function takenIdentifiers(
  service: Service,
  vault: Vault,
  { applicationId, application: { identifiers } }: StoredApplication,
  at: number
): Promise<string[]> {
  const { rows } = await service.query<{ identifier: string }>(
    `select scheme || ':' || value as identifier from app.participant_identifier
      where scheme || ':' || value = any($1::text[])`,
    [identifiers]
  )
  const taken = new Set(rows.map(({ identifier }) => identifier))
  for (const other of await listApplications(service, vault, 'accepted')) {
    if (other.applicationId === applicationId) continue
    const shared = other.application.identifiers.filter((one) => identifiers.includes(one))
    if (shared.length === 0 || (await admissionOf(service, other.applicationId, at)) === undefined) continue
    for (const one of shared) taken.add(one)
  }
  return identifiers.filter((one) => taken.has(one))
}

export async function keepAdmission(
  service: Service,
  admission: { intentId: string; applicationId: string; account: string; roles: readonly Role[] }
): Promise<void> {
  await service.query('insert into app.admission (intent_id, application_id, account, roles) values ($1, $2, $3, $4)', [
    admission.intentId,
    admission.applicationId,
    admission.account,
    admission.roles
  ])
}

/** A participant as the registrar sees it. */
export interface Standing {
  participantId: number
  account: string
  name: string
  country: string
  roles: Role[]
  state: 'active' | 'suspended'
  identifiers: string[]
  signers: AccountSigner[]
  quorum: Quorum
}

type StandingRow = Omit<Standing, 'quorum'> & { bits: number | null; makers: number; checkers: number }

export async function standingsOf(service: Service, participantId?: number): Promise<Standing[]> {
  const { rows } = await service.query<StandingRow>(
    `select p.participant_id as "participantId", p.account, p.name, p.country, p.roles, c.roles as bits,
            coalesce(c.status, 'active') as state, p.signers, p.makers_required as makers, p.checkers_required as checkers,
            coalesce((select array_agg(n.scheme || ':' || n.value order by n.scheme || ':' || n.value <> p.legal_identity, n.scheme, n.value)
                        from app.participant_identifier n where n.participant_id = p.participant_id), '{}') as identifiers
       from app.participant p left join projection.participant c using (participant_id)
      where $1::bigint is null or p.participant_id = $1 order by p.participant_id`,
    [participantId ?? null]
  )
  return rows.map(({ bits, makers, checkers, ...row }) => ({
    ...row,
    roles: bits === null ? row.roles : bitsToRoles(bits),
    quorum: { makers, checkers }
  }))
}

const reasonPlace = (intentId: string) => `reason ${intentId}`

export async function keepReason(
  service: Service,
  vault: Vault,
  { intentId, participantId, reason }: { intentId: string; participantId: number; reason: string }
): Promise<void> {
  await service.query('insert into app.standing_reason (intent_id, participant_id, reason) values ($1, $2, $3)', [
    intentId,
    participantId,
    vault.seal(reason, reasonPlace(intentId))
  ])
}

/** What the registrar did, or wants to do, about a participant. */
export interface Act {
  intentId: string
  kind: string
  state: string
  words: { en: string; zh: string }
  reason: string
  at: string
}

/** Newest first. */
export async function actsOn(service: Service, vault: Vault, participantId: number): Promise<Act[]> {
  const { rows } = await service.query<
    Omit<Act, 'reason' | 'words' | 'at'> & { sealed: Buffer; en: string; zh: string; at: Date }
  >(
    `select r.intent_id as "intentId", i.kind, i.state, i.words_en as en, i.words_zh as zh, r.reason as sealed, i.created_at as at
       from app.standing_reason r join app.intent i using (intent_id)
      where r.participant_id = $1 order by r.intent_id desc limit 50`,
    [participantId]
  )
  return rows.map(({ sealed, en, zh, at, ...row }) => ({
    ...row,
    words: { en, zh },
    reason: vault.open(sealed, reasonPlace(row.intentId)) as string,
    at: at.toISOString()
  }))
}

export interface StoredRecovery extends Recovery {
  intentId: string
  participantId: number
  account: string
  proposal: string
  state: RecoveryState
  signers: AccountSigner[]
  quorum: Quorum
  reason: string
  proposedBy: string
  proposedAt: string
  endedAt: string | null
}

export type NewRecovery = Pick<
  StoredRecovery,
  'intentId' | 'participantId' | 'proposal' | 'signers' | 'quorum' | 'reason' | 'proposedBy'
>

export async function keepRecovery(service: Service, vault: Vault, recovery: NewRecovery): Promise<void> {
  const { intentId, participantId, proposal, signers, quorum, reason, proposedBy } = recovery
  await service.query(
    `insert into app.recovery (intent_id, participant_id, proposal, signers, makers_required, checkers_required, reason, proposed_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      intentId,
      participantId,
      proposal,
      JSON.stringify(signers),
      quorum.makers,
      quorum.checkers,
      vault.seal(reason, reasonPlace(intentId)),
      proposedBy
    ]
  )
}

type RecoveryRow = Omit<StoredRecovery, 'quorum' | 'reason' | 'proposedAt' | 'endedAt'> & {
  makers: number
  checkers: number
  sealed: Buffer
  proposedAt: Date
  endedAt: Date | null
}

/** Newest first; of one participant, or of all; open ones only where asked for. */
export async function recoveriesOf(
  service: Service,
  vault: Vault,
  participantId?: number,
  isOpenOnly = false
): Promise<StoredRecovery[]> {
  const { rows } = await service.query<RecoveryRow>(
    `select r.intent_id as "intentId", r.participant_id as "participantId", p.account, r.proposal, r.state, r.signers,
            r.makers_required as makers, r.checkers_required as checkers, r.reason as sealed, r.proposed_by as "proposedBy",
            r.ready_at::float8 as "readyAt", r.last_at::float8 as "lastAt", r.created_at as "proposedAt", r.ended_at as "endedAt"
       from app.recovery r join app.participant p using (participant_id)
      where ($1::bigint is null or r.participant_id = $1) and (not $2 or r.ended_at is null) order by r.intent_id desc limit 200`,
    [participantId ?? null, isOpenOnly]
  )
  return rows.map(({ makers, checkers, sealed, proposedAt, endedAt, ...row }) => ({
    ...row,
    quorum: { makers, checkers },
    reason: vault.open(sealed, reasonPlace(row.intentId)) as string,
    proposedAt: proposedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null
  }))
}
