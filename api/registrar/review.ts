/** What the registrar sees of an application: what was applied with, and what each check says. */
import { hexlify } from 'ethers'
import { Type } from 'typebox'
import { CertificateError, parseCertificate } from '../../domain/crypto/certificate.ts'
import { fromPem } from '../../domain/crypto/pem.ts'
import type { StoredApplication } from '../applications/repository.ts'
import { applicationStates } from '../applications/repository.ts'
import { KeysFields } from '../applications/keys.ts'
import { ApiError } from '../errors.ts'
import { requireSound } from '../applications/check.ts'
import type { ApiConfig } from '../config.ts'
import { ParticipantId, strict, Uuid } from '../schemas.ts'

const Moment = Type.String({ format: 'date-time' })
const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])

const CheckSchema = Type.Object(
  {
    check: Type.Enum(['form', 'identifiers-free', 'certificates', 'screening']),
    outcome: Type.Enum(['passed', 'failed', 'hit', 'not-screened', 'none'], {
      description:
        'not-screened: the service did not answer, or none is configured; none: nothing was brought to be checked'
    }),
    service: maybe(Type.String()),
    detail: maybe(Type.String()),
    at: maybe(Moment)
  },
  strict
)

export const ReviewSchema = Type.Object(
  {
    applicationId: Uuid,
    state: Type.Enum([...applicationStates]),
    participantId: maybe(ParticipantId),
    submittedAt: Moment,
    decidedAt: maybe(Moment),
    decidedBy: maybe(Type.String()),
    reason: maybe(Type.String()),
    name: Type.String(),
    country: Type.String(),
    roles: Type.Array(Type.String()),
    identifiers: Type.Array(Type.String()),
    ...KeysFields,
    encryptionKey: Type.String(),
    certificates: Type.Array(
      Type.Object(
        {
          subject: Type.String(),
          organizationIdentifier: maybe(Type.String()),
          notAfter: Moment,
          isOfItsKeys: Type.Boolean({ description: 'Of one of the keys that it applied with' })
        },
        strict
      )
    ),
    checks: Type.Array(CheckSchema),
    intentId: maybe(Uuid)
  },
  strict
)

interface Check {
  check: 'form' | 'identifiers-free' | 'certificates' | 'screening'
  outcome: 'passed' | 'failed' | 'hit' | 'not-screened' | 'none'
  service: string | null
  detail: string | null
  at: string | null
}

/** @param taken Of its identifiers, those of a participant, or of another whose admission is under way */
export function reviewOf(
  stored: StoredApplication,
  taken: readonly string[],
  intentId: string | null,
  config: Pick<ApiConfig, 'deployment' | 'authorities'>
) {
  const { application, screenings, submittedAt, decidedAt, ...rest } = stored
  const { certificates, ...applied } = application
  return {
    ...rest,
    ...applied,
    submittedAt: submittedAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    certificates: certificatesOf(application),
    checks: [
      plain('form', formFault(stored, config)),
      plain('identifiers-free', taken.length > 0 ? taken.join(', ') : undefined),
      ...(certificates === undefined ? [{ ...plain('certificates', undefined), outcome: 'none' as const }] : []),
      ...screenings.map(({ service, outcome, detail, at }): Check => ({
        check: 'screening',
        outcome: outcome === 'clear' ? 'passed' : outcome,
        service,
        detail,
        at
      }))
    ],
    intentId
  }
}

function plain(check: Check['check'], fault: string | undefined): Check {
  return { check, outcome: fault === undefined ? 'passed' : 'failed', service: null, detail: fault ?? null, at: null }
}

/** Checked again: a certificate may have run out, or an authority may have gone since it was applied with. */
function formFault(
  { application }: StoredApplication,
  { deployment, authorities }: Pick<ApiConfig, 'deployment' | 'authorities'>
): string | undefined {
  try {
    requireSound(application, deployment, authorities)
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { field, required } = error.details
    return `${field ?? ''}: ${String(required)}`
  }
}

function certificatesOf({ certificates, signers, encryptionKey }: StoredApplication['application']) {
  if (certificates === undefined) return []
  const keys = [...signers.map(({ signer }) => `0x${signer.slice(42)}`), encryptionKey].map((key) => key.toLowerCase())
  return fromPem(certificates)
    .flatMap(({ der }) => {
      try {
        return [parseCertificate(der)]
      } catch (error) {
        if (error instanceof CertificateError) return []
        throw error
      }
    })
    .filter(({ isAuthority }) => !isAuthority)
    .map(({ subject, organizationIdentifier, notAfter, publicKey }) => ({
      subject,
      organizationIdentifier: organizationIdentifier ?? null,
      notAfter: notAfter.toISOString(),
      isOfItsKeys: keys.includes(hexlify(publicKey))
    }))
}
