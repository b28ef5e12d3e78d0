import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type, type Static } from 'typebox'
import type { Services } from '../app.ts'
import type { Pool, Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { once } from '../plugins/idempotency.ts'
import { holdKeys } from '../participants/keys.ts'
import { CommandHeaders, refusals, strict, Text, Uuid } from '../schemas.ts'
import { digestOfKey, newApiKey } from './credentials.ts'
import { duties, keyScopes, type Duty } from './rules.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])
const When = Type.String({ format: 'date-time' })
const DutySchema = Type.Enum(Object.keys(duties) as Duty[])
const Duties = Type.Array(DutySchema, { minItems: 1, maxItems: 4, uniqueItems: true })
const Scopes = Type.Array(Type.Enum([...keyScopes]), { minItems: 1, maxItems: 3, uniqueItems: true })
const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000-\\u001f\\ud800-\\udfff]*$' })

const UserSchema = Type.Object(
  {
    userId: Uuid,
    name: Name,
    duties: Duties,
    identity: Nullable(
      Type.Object(
        { issuer: Type.String(), subject: Type.String() },
        { ...strict, description: 'Who it is at single sign-on' }
      )
    ),
    isActive: Type.Boolean(),
    createdAt: When
  },
  strict
)
type User = Static<typeof UserSchema>

const UserBody = Type.Object(
  {
    name: Name,
    duties: Duties,
    identity: Type.Optional(
      Type.Object({ issuer: Type.String({ maxLength: 500 }), subject: { ...Text, maxLength: 255 } }, strict)
    )
  },
  strict
)
const UserChange = Type.Object(
  { duties: Type.Optional(Duties), isActive: Type.Optional(Type.Boolean()) },
  { ...strict, minProperties: 1 }
)

const keyFields = {
  keyId: Uuid,
  prefix: Type.String({ description: 'How it begins' }),
  name: Name,
  scopes: Scopes,
  createdBy: Type.String(),
  createdAt: When,
  expiresAt: Nullable(When),
  revokedAt: Nullable(When),
  endedByRecovery: Type.Boolean({ description: 'Revoked because the keys of your account were recovered' }),
  lastUsedAt: Nullable(When)
}
const KeySchema = Type.Object(keyFields, strict)
type Key = Static<typeof KeySchema>
const NewKeySchema = Type.Object(
  { ...keyFields, key: Nullable(Type.String({ description: 'Shown this once; null when the request is repeated' })) },
  strict
)
const KeyBody = Type.Object(
  {
    name: Name,
    scopes: Scopes,
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366, description: 'Until it ends' }))
  },
  strict
)

const userColumns = `user_id as "userId", name, duties, is_active as "isActive", created_at as "createdAt",
  case when subject is not null then json_build_object('issuer', issuer, 'subject', subject) end as identity`
const keyColumns = `key_id as "keyId", prefix, name, scopes, created_by as "createdBy", created_at as "createdAt",
  expires_at as "expiresAt", revoked_at as "revokedAt", ended_by_recovery as "endedByRecovery", last_used_at as "lastUsedAt"`

const access = { tags: ['access'] }
const command = { ...access, headers: CommandHeaders }

/** Users and API keys of the caller's participant. */
export function userRoutes({ pool }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/users',
      {
        schema: {
          ...access,
          operationId: 'listUsers',
          summary: 'The people of your participant',
          response: { ...refusals, 200: Type.Object({ items: Type.Array(UserSchema) }, strict) }
        }
      },
      async ({ caller }) => ({ items: await usersOf(pool, caller.participantId) })
    )

    app.post(
      '/users',
      {
        schema: {
          ...command,
          operationId: 'createUser',
          summary: 'Add a person with its duties, and who it is at your single sign-on',
          body: UserBody,
          response: { ...refusals, 201: UserSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          await holdKeys(tx, request.caller)
          const { name, duties: held, identity } = request.body
          const userId = randomUUID()
          const { rowCount } = await tx.query(
            `insert into app.participant_user (user_id, participant_id, name, duties, issuer, subject)
             values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
            [userId, request.caller.participantId, name, held, identity?.issuer ?? null, identity?.subject ?? null]
          )
          if (rowCount !== 1) throw new ApiError('USER_EXISTS', { field: 'body/identity', presented: identity })
          return { status: 201, body: await userOf(tx, request.caller.participantId, userId) }
        })) as User
    )

    app.post(
      '/users/:userId',
      {
        schema: {
          ...command,
          operationId: 'changeUser',
          summary: 'Change the duties of a person, or let it in no more: at once, also for sessions that are open',
          params: Type.Object({ userId: Uuid }),
          body: UserChange,
          response: { ...refusals, 200: UserSchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          await holdKeys(tx, request.caller)
          const { userId } = request.params
          const { participantId } = request.caller
          await tx.query(
            `update app.participant_user set duties = coalesce($3, duties), is_active = coalesce($4, is_active)
              where participant_id = $1 and user_id = $2`,
            [participantId, userId, request.body.duties ?? null, request.body.isActive ?? null]
          )
          return { status: 200, body: await userOf(tx, participantId, userId) }
        })) as User
    )

    app.get(
      '/api-keys',
      {
        schema: {
          ...access,
          operationId: 'listApiKeys',
          summary: 'The API keys of your participant: how they begin, never the keys',
          response: { ...refusals, 200: Type.Object({ items: Type.Array(KeySchema) }, strict) }
        }
      },
      async ({ caller }) => ({ items: await keysOf(pool, caller.participantId) })
    )

    app.post(
      '/api-keys',
      {
        schema: {
          ...command,
          operationId: 'createApiKey',
          summary: 'Make an API key for a program of yours',
          body: KeyBody,
          response: { ...refusals, 201: NewKeySchema }
        }
      },
      async (request, reply) => {
        const { key, prefix } = newApiKey()
        let isNew = false
        const made = await once(pool, request, reply, async (tx) => {
          await holdKeys(tx, request.caller)
          const { name, scopes, days } = request.body
          const { participantId, actor } = request.caller
          const keyId = randomUUID()
          await tx.query(
            `insert into app.api_key (key_id, participant_id, sha256, prefix, name, scopes, created_by, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(days => $8))`,
            [keyId, participantId, digestOfKey(key), prefix, name, scopes, actor, days ?? null]
          )
          isNew = true
          const [row] = await keysOf(tx, participantId, keyId)
          return { status: 201, body: row! }
        })
        // The key itself is kept nowhere, not even among the answers to commands.
        return { ...(made as Key), key: isNew ? key : null } as never
      }
    )

    app.post(
      '/api-keys/:keyId/revocation',
      {
        schema: {
          ...command,
          operationId: 'revokeApiKey',
          summary: 'Take an API key back, at once and for good',
          params: Type.Object({ keyId: Uuid }),
          response: { ...refusals, 200: KeySchema }
        }
      },
      async (request, reply) =>
        (await once(pool, request, reply, async (tx) => {
          const { participantId } = request.caller
          const { keyId } = request.params
          await tx.query(
            'update app.api_key set revoked_at = coalesce(revoked_at, now()) where participant_id = $1 and key_id = $2',
            [participantId, keyId]
          )
          const [row] = await keysOf(tx, participantId, keyId)
          if (!row) throw new ApiError('API_KEY_NOT_FOUND', { presented: keyId })
          return { status: 200, body: row }
        })) as Key
    )
  }
}

async function usersOf(client: Pool | Transaction, participantId: number, userId?: string): Promise<User[]> {
  const { rows } = await client.query<Omit<User, 'createdAt'> & { createdAt: Date }>(
    `select ${userColumns} from app.participant_user
      where participant_id = $1 and ($2::uuid is null or user_id = $2) order by created_at, user_id`,
    [participantId, userId ?? null]
  )
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }))
}

async function userOf(client: Transaction, participantId: number, userId: string): Promise<User> {
  const [user] = await usersOf(client, participantId, userId)
  if (!user) throw new ApiError('USER_NOT_FOUND', { presented: userId })
  return user
}

async function keysOf(client: Pool | Transaction, participantId: number, keyId?: string): Promise<Key[]> {
  const { rows } = await client.query<{ [K in keyof Key]: Key[K] | Date }>(
    `select ${keyColumns} from app.api_key
      where participant_id = $1 and ($2::uuid is null or key_id = $2) order by created_at, key_id`,
    [participantId, keyId ?? null]
  )
  const text = (value: unknown) => (value instanceof Date ? value.toISOString() : value)
  return rows.map(
    (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, text(value)])) as unknown as Key
  )
}
