import { randomBytes } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { getBytes, hexlify } from 'ethers'
import { Type } from 'typebox'
import { parseCertificate } from '../../domain/crypto/certificate.ts'
import { fromPem } from '../../domain/crypto/pem.ts'
import type { Command } from '../../domain/intent/commands.ts'
import { certificateHashOf } from '../../domain/participant/certificates.ts'
import { legalIdentityHashOf } from '../../domain/participant/identity-hash.ts'
import { admissibleRoles } from '../../domain/participant/roles.ts'
import {
  applicationStates,
  decideApplication,
  keepScreenings,
  listApplications,
  lockApplication,
  type ApplicationState,
  type StoredApplication
} from '../applications/repository.ts'
import { screen } from '../applications/screening.ts'
import type { Services } from '../app.ts'
import { asService, inTransaction, type Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { chainTime } from '../receivables/repository.ts'
import { CommandHeaders, IntentSchema, refusals, strict, Text, Uuid } from '../schemas.ts'
import type { AccountNode } from './node.ts'
import { admissionOf, keepAdmission, takenIdentifiers } from './repository.ts'
import { reviewOf, ReviewSchema } from './review.ts'

const Params = Type.Object({ applicationId: Uuid })
const tags = ['registrar']
const open: readonly ApplicationState[] = ['submitted', 'accepted']
/** Two admissions of one identity at once: the second sees the first. */
const ADMISSION_LOCK = 7_115_005

const AdmissionBody = Type.Object(
  {
    reason: Text,
    roles: Type.Optional(
      Type.Array(Type.Enum(admissibleRoles), {
        minItems: 1,
        maxItems: admissibleRoles.length,
        uniqueItems: true,
        description: 'Where it is not admitted as what it applied for'
      })
    ),
    despite: Type.Optional(
      Type.Array(Type.String({ maxLength: 100 }), {
        maxItems: 20,
        description: 'Screening services that did not answer, or have a hit, and despite which you admit: each by name'
      })
    )
  },
  strict
)

/** The registrar decides on applications; an admission is an intent that its people sign. */
export function registrarApplicationRoutes(services: Services, node: AccountNode): FastifyPluginAsyncTypebox {
  const { pool, config, vault, fingerprintKeys } = services
  return async (app) => {
    app.get(
      '/applications',
      {
        schema: {
          operationId: 'listApplications',
          tags,
          summary: 'Applications, the oldest first, with what each check says',
          querystring: Type.Object(
            {
              state: Type.Optional(Type.Enum([...applicationStates])),
              after: Type.Optional(Uuid),
              limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
            },
            strict
          ),
          response: {
            ...refusals,
            200: Type.Object({ items: Type.Array(ReviewSchema), next: Type.Union([Uuid, Type.Null()]) }, strict)
          }
        }
      },
      async ({ query: { state, after, limit: wanted = '50' } }) => {
        const limit = Math.min(Number(wanted), 200)
        const items = await inTransaction(pool, (tx) =>
          asService(tx, async (service) => {
            const reviews = []
            for (const one of await listApplications(service, vault, state, { limit, after }))
              reviews.push(await review(service, one))
            return reviews
          })
        )
        return { items, next: items.length === limit ? items.at(-1)!.applicationId : null }
      }
    )

    app.get(
      '/applications/:applicationId/review',
      {
        schema: {
          operationId: 'reviewApplication',
          tags,
          summary: 'An application as a whole',
          params: Params,
          response: { ...refusals, 200: ReviewSchema }
        }
      },
      async ({ params: { applicationId } }) => inTransaction(pool, (tx) => reviewById(tx, applicationId))
    )

    app.post(
      '/applications/:applicationId/screening',
      {
        schema: {
          operationId: 'screenApplication',
          tags,
          summary: 'Ask the screening services again, such as those that did not answer',
          params: Params,
          headers: CommandHeaders,
          response: { ...refusals, 200: ReviewSchema }
        }
      },
      async (request, reply) => {
        const { applicationId } = request.params
        // Outside of the transaction: a service may take seconds. One that is not there is refused inside, behind a key used before.
        const applicant = await inTransaction(pool, (tx) =>
          asService(tx, (service) => lockApplication(service, vault, applicationId))
        )
        const screenings = applicant ? await screen(config.screening ?? [], applicant.application) : []
        return (await once(pool, request, reply, async (tx) => {
          await asService(tx, async (service) => {
            const stored = await locked(service, applicationId)
            if (!open.includes(stored.state)) throw decided(stored)
            await keepScreenings(service, applicationId, screenings)
          })
          return { status: 200, body: await reviewById(tx, applicationId) }
        })) as Awaited<ReturnType<typeof reviewById>>
      }
    )

    app.post(
      '/applications/:applicationId/admission',
      {
        schema: {
          operationId: 'admitApplicant',
          tags,
          summary: 'Admit: its account is created and admitted on chain by one intent of yours',
          params: Params,
          headers: CommandHeaders,
          body: AdmissionBody,
          response: { ...refusals, 202: IntentSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => ({
          status: 202,
          body: await admit(tx, request.caller, request.params.applicationId, request.body)
        }))) as IntentView
    )

    app.post(
      '/applications/:applicationId/refusal',
      {
        schema: {
          operationId: 'refuseApplicant',
          tags,
          summary: 'Refuse. The applicant is told that, and not why',
          params: Params,
          headers: CommandHeaders,
          body: Type.Object({ reason: Text }, strict),
          response: { ...refusals, 200: ReviewSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { applicationId } = request.params
          await asService(tx, async (service) => {
            await undecided(service, applicationId)
            const decision = { state: 'refused', by: request.caller.actor, reason: request.body.reason } as const
            await decideApplication(service, vault, applicationId, decision, open)
          })
          return { status: 200, body: await reviewById(tx, applicationId) }
        })) as Awaited<ReturnType<typeof reviewById>>
    )
  }

  async function review(service: Transaction, stored: StoredApplication) {
    const at = await chainTime(service)
    const isOpen = open.includes(stored.state)
    const taken = isOpen ? await takenIdentifiers(service, vault, stored, at) : []
    const intentId = await admissionOf(service, stored.applicationId, at)
    return reviewOf(stored, taken, intentId ?? null, config)
  }

  function reviewById(tx: Transaction, applicationId: string) {
    return asService(tx, async (service) => review(service, await locked(service, applicationId)))
  }

  async function locked(service: Transaction, applicationId: string): Promise<StoredApplication> {
    const stored = await lockApplication(service, vault, applicationId)
    if (!stored) throw new ApiError('APPLICATION_NOT_FOUND', { presented: applicationId })
    return stored
  }

  /** One that nobody decided on, or whose admission came to nothing. @throws ApiError APPLICATION_NOT_FOUND, APPLICATION_STATE_WRONG */
  async function undecided(service: Transaction, applicationId: string): Promise<StoredApplication> {
    const found = await locked(service, applicationId)
    const isUnderWay = (await admissionOf(service, applicationId, await chainTime(service))) !== undefined
    if (isUnderWay || !open.includes(found.state)) throw decided(found)
    return found
  }

  /** @throws ApiError APPLICATION_NOT_FOUND, APPLICATION_STATE_WRONG, IDENTIFIER_TAKEN, SCREENING_OPEN, CHAIN_UNAVAILABLE */
  async function admit(
    tx: Transaction,
    caller: Caller,
    applicationId: string,
    { reason, roles: otherRoles, despite = [] }: { reason: string; roles?: typeof admissibleRoles; despite?: string[] }
  ): Promise<IntentView> {
    const stored = await asService(tx, async (service) => {
      await service.query('select pg_advisory_xact_lock($1)', [ADMISSION_LOCK])
      const found = await undecided(service, applicationId)
      const taken = await takenIdentifiers(service, vault, found, await chainTime(service))
      if (taken.length > 0) {
        throw new ApiError('IDENTIFIER_TAKEN', { presented: taken, required: 'identifiers of nobody else' })
      }
      return found
    })
    const unclear = stored.screenings.filter(
      ({ outcome, service }) => outcome !== 'clear' && !despite.includes(service)
    )
    if (unclear.length > 0) {
      throw new ApiError('SCREENING_OPEN', {
        field: 'body/despite',
        presented: unclear.map(({ service, outcome }) => `${service} ${outcome}`),
        required: unclear.map(({ service }) => service)
      })
    }
    const { application } = stored
    const roles = otherRoles ?? (application.roles as typeof admissibleRoles)
    const { account, commands } = await admissionCommands(application, roles)
    const intent = await createIntent(tx, config.deployment, caller, {
      commands,
      receivableId: null,
      currency: 0,
      request: { applicationId, roles, despite },
      // The applicant's own text, so in quotes.
      accountNames: new Map([[account, JSON.stringify(application.name)]])
    })
    await asService(tx, async (service) => {
      const decision = { state: 'accepted', by: caller.actor, reason } as const
      await decideApplication(service, vault, applicationId, decision, open)
      await keepAdmission(service, { intentId: intent.intentId, applicationId, account, roles })
    })
    return intent
  }

  async function admissionCommands(
    application: StoredApplication['application'],
    roles: typeof admissibleRoles
  ): Promise<{ account: string; commands: [Command, ...Command[]] }> {
    const { signers, quorum, identifiers } = application
    const salt = hexlify(randomBytes(32))
    const account = await node.addressOf({ signers, quorum }, salt)
    const sm2 = config.deployment.sm2Verifier.toLowerCase()
    const keys = signers.map(({ signer }) => signer.toLowerCase()).filter((signer) => signer.startsWith(sm2))
    return {
      account,
      commands: [
        {
          kind: 'admit',
          account,
          roles,
          legalIdentityHash: legalIdentityHashOf(identifiers, fingerprintKeys[0].key),
          certificateHash: certificateHashOf(leavesOf(application.certificates))
        },
        { kind: 'createAccount', signers, quorum, salt },
        ...keys.map((signer): Command => ({ kind: 'prepareKey', key: `0x${signer.slice(42)}` }))
      ]
    }
  }
}

function decided({ applicationId, state }: StoredApplication): ApiError {
  return new ApiError('APPLICATION_STATE_WRONG', {
    presented: { applicationId, state },
    required: 'submitted, or accepted with an admission that came to nothing'
  })
}

/** Certificates of its own keys, without those of authorities; DER. */
export function leavesOf(pem: string | undefined): Uint8Array[] {
  if (pem === undefined) return []
  return fromPem(pem)
    .map(({ der }) => getBytes(der))
    .filter((der) => !parseCertificate(der).isAuthority)
}
