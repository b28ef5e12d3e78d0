import { readFile } from 'node:fs/promises'
import { Type, type Static, type TObject } from 'typebox'
import { Value } from 'typebox/value'
import type { Deployment } from '../domain/chain/contracts.ts'
import type { StreamSettings } from './streams/stream.ts'
import type { WebhookSettings } from './webhooks/settings.ts'

/**
 * What the api's processes are given: one JSON file each, read once and held against its schema. Secrets are named by file, never
 * inlined. docs/CONFIG.md is generated from here.
 */
const strict = { additionalProperties: false } as const
const File = (description: string) => Type.String({ minLength: 1, description })
const Milliseconds = (description: string, value: number) =>
  Type.Optional(Type.Integer({ minimum: 1, default: value, description: `${description}, milliseconds` }))

/** A process's own SM2 key. Each process has a store of its own: who breaks into one can't sign as the other. */
const SigningFilesSchema = Type.Object(
  {
    keyStoreFile: File('Made by `SoftwareKeyStore.toFile`, sealed under the key of the next file'),
    keyEncryptionKeyFile: File(
      '32 bytes hex. In production handed over by another system, never kept beside the store'
    ),
    certificateFile: File('PEM: the certificate of the key that signs, then those between it and an authority')
  },
  strict
)
export type SigningFiles = Static<typeof SigningFilesSchema>

const SsoSchema = Type.Object(
  {
    participantId: Type.Integer({ minimum: 1, description: 'Whose staff' }),
    issuer: Type.String({
      pattern: '^https?://',
      description: 'As its tokens name it; its discovery document is below'
    }),
    clientId: Type.String({ minLength: 1 }),
    clientSecretFile: Type.Optional(File('The client’s secret; a public client has none')),
    redirectUri: Type.String({
      pattern: '^https?://',
      description: 'Where the provider sends people back: a page that hands code and state to the api'
    }),
    subjectClaim: Type.Optional(Type.String({ default: 'sub', description: 'The claim that names the user' }))
  },
  strict
)
/** The identity provider of one participant's staff. */
export type SsoIssuer = Static<typeof SsoSchema>

const ScreeningSchema = Type.Object(
  { name: Type.String({ minLength: 1 }), url: Type.String({ pattern: '^https?://' }) },
  strict
)
/** Answers `POST {name, country, identifiers}` with `{outcome: clear | hit, reference?}`. */
export type ScreeningService = Static<typeof ScreeningSchema>

const LimitsSchema = Type.Object(
  {
    requestsPerMinute: Type.Optional(
      Type.Integer({
        minimum: 1,
        default: 60_000,
        description: 'Of one participant at one process; beyond, RATE_LIMITED'
      })
    ),
    loginsPerMinute: Type.Optional(
      Type.Integer({
        minimum: 1,
        default: 120,
        description: 'Challenges and logins each, of one address at one process'
      })
    ),
    requestsWaiting: Type.Optional(
      Type.Integer({
        minimum: 1,
        default: 100,
        description: 'Requests of one process that wait for the database; beyond, SERVER_BUSY'
      })
    ),
    eventLoopDelayMs: Milliseconds('From which delay of its event loop on a process answers SERVER_BUSY', 5_000),
    headersTimeoutMs: Milliseconds('For the head of a request', 10_000),
    requestTimeoutMs: Milliseconds('For a whole request with its body', 60_000)
  },
  strict
)

const DeploymentSchema = Type.Unsafe<Deployment>({
  type: 'object',
  required: ['chainId', 'participants', 'receivables'],
  description: 'deployment.json as the deployment wrote it: chain, addresses, code hashes'
})
const Url = (description: string) => Type.String({ minLength: 1, description })
const Hexes = (description: string) => Type.Array(Type.String({ pattern: '^0x[0-9a-fA-F]+$' }), { description })

/** Of OpenTelemetry, in each process that traces. */
const OtlpEndpoint = Type.Optional(
  Type.String({
    pattern: '^https?://',
    description:
      'Base URL of an OTLP/HTTP receiver that traces go to (`OTEL_EXPORTER_OTLP_ENDPOINT` of `npm start`); without it there are none (docs/adr/0038)'
  })
)

export const ApiConfigSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'Address to listen on' }),
    port: Type.Integer({ minimum: 0, maximum: 65_535 }),
    metricsPort: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        description: 'Prometheus metrics at /metrics, on a port that only the inside reaches; without it none'
      })
    ),
    otlpEndpoint: OtlpEndpoint,
    databaseUrl: Url('Postgres; the login is a member of tallystick_api and tallystick_service'),
    rpcUrl: Url('JSON-RPC of the chain'),
    deployment: DeploymentSchema,
    fingerprintKeys: Type.Array(
      Type.Object({ file: File('32 bytes hex'), epoch: Type.Integer({ minimum: 1, maximum: 65_535 }) }, strict),
      {
        description:
          'The consortium’s fingerprint keys: the one of the highest epoch is current, the others are those under which claims may still live (docs/adr/0016)'
      }
    ),
    serviceKeyFile: File(
      'The service’s key, 32 bytes hex: what was read from documents is sealed under it, and keys in custody are'
    ),
    otherServiceKeyFiles: Type.Optional(
      Type.Array(File('32 bytes hex'), {
        description:
          'Service keys under which something may still be sealed, or will be: the old ones, and the next one before it takes over (docs/adr/0037)'
      })
    ),
    digestKeyFile: Type.Optional(
      File('The service key that there was first, once another seals: kept digests go on being found by it')
    ),
    sessionKeyFile: File(
      'The key that signs session tokens, PKCS#8 in PEM. Made at the first start; replicas share it'
    ),
    sso: Type.Optional(Type.Array(SsoSchema, { description: 'Single sign-on of participants’ staff' })),
    screening: Type.Optional(Type.Array(ScreeningSchema, { description: 'Services that are asked about applicants' })),
    signing: SigningFilesSchema,
    logKeys: Hexes('SM2 keys (x‖y) that may sign log heads: several while one follows another'),
    certificateKeys: Hexes('SM2 keys that may sign certificates'),
    authorities: Hexes('DER of the authorities whose certificates participants and the service itself have'),
    consoleFolder: Type.Optional(
      File('Folder of the built web console, which is then served at `/`; without it there is none')
    ),
    limits: Type.Optional(LimitsSchema),
    streams: Type.Optional(
      Type.Unsafe<Partial<StreamSettings>>({
        type: 'object',
        description: 'Of server-sent events; `streamDefaults` where absent'
      })
    ),
    webhooks: Type.Optional(
      Type.Unsafe<Partial<WebhookSettings>>({
        type: 'object',
        description: 'Of webhooks; `webhookDefaults` where absent'
      })
    )
  },
  strict
)
export type ApiConfig = Static<typeof ApiConfigSchema>

export const RelayerConfigSchema = Type.Object(
  {
    databaseUrl: Url('Postgres; the login is a member of tallystick_service'),
    rpcUrl: Url('JSON-RPC of the chain'),
    deployment: DeploymentSchema,
    keyFile: File('Private key (0x-hex) that pays for transactions and anchors'),
    signing: SigningFilesSchema,
    pollMs: Type.Integer({ minimum: 1, description: 'How often to look, milliseconds' }),
    otlpEndpoint: OtlpEndpoint
  },
  strict
)
export type RelayerConfig = Static<typeof RelayerConfigSchema>

/** Limits with their defaults. */
export function limitsOf({ limits }: ApiConfig): Required<NonNullable<ApiConfig['limits']>> {
  return Value.Default(LimitsSchema, { ...limits }) as Required<NonNullable<ApiConfig['limits']>>
}

/**
 * Reads `--config FILE`.
 * @throws Error that names the field that does not fit, and never what stands there
 */
export async function readConfig<S extends TObject>(args: readonly string[], schema: S): Promise<Static<S>> {
  const at = args.indexOf('--config')
  const file = at >= 0 ? args[at + 1] : undefined
  if (!file) throw new Error('give the configuration: --config FILE')
  const config: unknown = JSON.parse(await readFile(file, 'utf8'))
  const [fault] = Value.Errors(schema, config)
  if (fault) throw new Error(`CONFIG_INVALID: ${file} ${fault.instancePath || '/'} ${fault.message} (docs/CONFIG.md)`)
  return config as Static<S>
}

/** First line of a key file, without white space. */
export async function readKey(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}
