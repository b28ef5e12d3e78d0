import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Pool, Transaction } from '../database.ts'
import type { Vault } from '../vault.ts'
import type { Application } from './check.ts'
import type { Screening } from './screening.ts'

export const applicationStates = ['submitted', 'accepted', 'refused', 'admitted'] as const
export type ApplicationState = (typeof applicationStates)[number]

export interface StoredApplication {
  applicationId: string
  state: ApplicationState
  screenings: Screening[]
  submittedAt: Date
  decidedAt: Date | null
  decidedBy: string | null
  /** Once it is admitted. */
  participantId: number | null
  application: Application
  reason: string | null
}

const contentPlace = (id: string) => `application ${id}`
const reasonPlace = (id: string) => `application ${id} reason`

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export async function keepApplication(
  service: Pool | Transaction,
  vault: Vault,
  application: Application,
  screenings: readonly Screening[]
): Promise<{ applicationId: string; secret: string }> {
  const applicationId = randomUUID()
  const secret = randomBytes(24).toString('base64url')
  await service.query(
    'insert into app.application (application_id, secret_sha256, content, screenings) values ($1, $2, $3, $4)',
    [applicationId, digestOf(secret), vault.seal(application, contentPlace(applicationId)), JSON.stringify(screenings)]
  )
  return { applicationId, secret }
}

type Row = Omit<StoredApplication, 'application' | 'reason'> & { content: Buffer; sealedReason: Buffer | null }

const columns = `application_id as "applicationId", state, screenings, submitted_at as "submittedAt", decided_at as "decidedAt",
  decided_by as "decidedBy", participant_id as "participantId", content, reason as "sealedReason"`

function storedOf(vault: Vault, { content, sealedReason, ...row }: Row): StoredApplication {
  return {
    ...row,
    application: vault.open(content, contentPlace(row.applicationId)) as Application,
    reason: sealedReason && (vault.open(sealedReason, reasonPlace(row.applicationId)) as string)
  }
}

/** For the applicant, by its secret. */
export async function findApplication(
  service: Pool | Transaction,
  vault: Vault,
  applicationId: string,
  secret: string
): Promise<StoredApplication | undefined> {
  const { rows } = await service.query<Row>(
    `select ${columns} from app.application where application_id = $1 and secret_sha256 = $2`,
    [applicationId, digestOf(secret)]
  )
  return rows[0] && storedOf(vault, rows[0])
}

/** For the registrar: of one state, or all; the oldest first. `after` is the last id of the page before. */
export async function listApplications(
  service: Pool | Transaction,
  vault: Vault,
  state?: ApplicationState,
  page: { limit?: number; after?: string | undefined } = {}
): Promise<StoredApplication[]> {
  const { rows } = await service.query<Row>(
    `select ${columns} from app.application
      where ($1::text is null or state = $1)
        and ($2::uuid is null or (submitted_at, application_id) >
             (select last.submitted_at, last.application_id from app.application last where last.application_id = $2))
      order by submitted_at, application_id limit $3`,
    [state ?? null, page.after ?? null, page.limit ?? null]
  )
  return rows.map((row) => storedOf(vault, row))
}

/** For the registrar, whose decision no other is to cross: the row is locked for the rest of the transaction. */
export async function lockApplication(
  service: Transaction,
  vault: Vault,
  applicationId: string
): Promise<StoredApplication | undefined> {
  const { rows } = await service.query<Row>(
    `select ${columns} from app.application where application_id = $1 for update`,
    [applicationId]
  )
  return rows[0] && storedOf(vault, rows[0])
}

export async function keepScreenings(
  service: Transaction,
  applicationId: string,
  screenings: readonly Screening[]
): Promise<void> {
  await service.query('update app.application set screenings = $2 where application_id = $1', [
    applicationId,
    JSON.stringify(screenings)
  ])
}

/** The directory has it now. @returns false when another process was faster */
export async function markAdmitted(
  service: Transaction,
  applicationId: string,
  participantId: number
): Promise<boolean> {
  const { rowCount } = await service.query(
    `update app.application set state = 'admitted', participant_id = $2 where application_id = $1 and state = 'accepted'`,
    [applicationId, participantId]
  )
  return rowCount === 1
}

/**
 * Records a decision, once.
 * @param from In which states it still can be decided: an accepted one too, where its admission came to nothing
 * @returns false when it was decided before, or does not exist
 */
export async function decideApplication(
  service: Pool | Transaction,
  vault: Vault,
  applicationId: string,
  decision: { state: 'accepted' | 'refused'; by: string; reason: string },
  from: readonly ApplicationState[] = ['submitted']
): Promise<boolean> {
  const { rowCount } = await service.query(
    `update app.application set state = $2, decided_by = $3, reason = $4, decided_at = now()
      where application_id = $1 and state = any($5::text[])`,
    [applicationId, decision.state, decision.by, vault.seal(decision.reason, reasonPlace(applicationId)), from]
  )
  return rowCount === 1
}
