import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getBytes, hexlify, JsonRpcProvider, Wallet } from 'ethers'
import pg from 'pg'
import type { ApiConfig, RelayerConfig } from '../../api/config.ts'
import { digestOfKey } from '../../api/access/credentials.ts'
import { keyScopes } from '../../api/access/rules.ts'
import { migrateApp } from '../../api/migrate.ts'
import { publicKeyOf } from '../../domain/crypto/sm2.ts'
import type { Deployment } from '../../domain/chain/contracts.ts'
import { parseIdentifier } from '../../domain/participant/identifiers.ts'
import { migrateProjection } from '../../indexer/migrate.ts'
import { certificateFiles, derOf, ensureCertificates, type WorldCertificates } from './authority.ts'
import { buildContracts } from './build.ts'
import { cast, participantIdOf } from './cast.ts'
import { deployWorld, type Baseline, type World } from './deploy.ts'
import { ensureKeys, keyFiles, type WorldKeys } from './keys.ts'
import { seedCertificates } from './seed-certificates.ts'
import { accountSignerOf, quorumOf } from './signing.ts'

export interface PrepareOptions {
  rpcUrl: string
  databaseUrl: string
  dataDir: string
  apiPort: number
  /** Where the indexer's metrics are read; absent: nowhere. */
  metricsPort?: number
  /** Where traces go; nowhere when absent. */
  otlpEndpoint?: string | undefined
  /** Of the built console; none is served without it. */
  consoleFolder?: string
  /** Told what is being done. */
  report: (step: string) => void
}

export interface PreparedWorld {
  configs: { indexer: object; relayer: RelayerConfig; api: ApiConfig }
  /** Lines for people: addresses and participants. */
  summary: string[]
}

export { participantIdOf } from './cast.ts'

/** Compiles, deploys, migrates and seeds; each part only as far as it is missing. */
export async function prepareWorld(options: PrepareOptions): Promise<PreparedWorld> {
  const { rpcUrl, databaseUrl, dataDir, report } = options
  report('contracts compiled')
  await buildContracts()
  const keys = await ensureKeys(dataDir)
  const certificates = await ensureCertificates(dataDir, keys)
  report('contracts deployed')
  const base = await baselineOf(rpcUrl, dataDir, keys)
  const world = await deployWorld(rpcUrl, keys, certificates.participants, base)
  await writeJson(join(dataDir, 'deployment.json'), world.deployment)
  report('database migrated')
  await migrateProjection(databaseUrl)
  await migrateApp(databaseUrl)
  report('participants seeded')
  await seedParticipants(databaseUrl, keys, world)
  await seedCertificates(databaseUrl, certificates)
  return { configs: configsOf(options, world.deployment, keys, certificates), summary: summaryOf(world) }
}

/** Asked once: a node that was started again no longer knows the state of its older blocks. */
async function baselineOf(rpcUrl: string, dataDir: string, keys: WorldKeys): Promise<Baseline> {
  const file = join(dataDir, 'baseline.json')
  const known = await readFile(file, 'utf8').catch(() => undefined)
  if (known) return JSON.parse(known) as Baseline
  const provider = new JsonRpcProvider(rpcUrl, undefined, { staticNetwork: true })
  try {
    const count = (key: string) => provider.getTransactionCount(new Wallet(key).address)
    const [deployer, registrar] = [await count(keys.deployer), await count(keys.registrar)]
    const base = { deployer, registrar, block: await provider.getBlockNumber() }
    await writeJson(file, base)
    return base
  } finally {
    provider.destroy()
  }
}

async function seedParticipants(databaseUrl: string, keys: WorldKeys, world: World): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('begin')
    for (const member of cast) {
      const { signers, apiKey, encryption } = keys.participants[member.slug]!
      const participantId = participantIdOf(member.slug)
      const quorum = quorumOf(member.signers)
      await client.query(
        `insert into app.participant (participant_id, account, name, country, legal_identity, roles, signers,
                                      makers_required, checkers_required, payment_account, encryption_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (participant_id) do nothing`,
        [
          participantId,
          world.accounts[member.slug],
          member.name,
          member.country,
          member.identifiers[0],
          member.roles,
          JSON.stringify(signers.map((key) => accountSignerOf(key, world.deployment))),
          quorum.makers,
          quorum.checkers,
          member.paymentAccount ?? null,
          hexlify(publicKeyOf(getBytes(encryption)))
        ]
      )
      if (member.group) {
        await client.query(
          'insert into app.participant_group (participant_id, name) values ($1, $2) on conflict do nothing',
          [participantId, member.group]
        )
      }
      await client.query(
        `insert into app.api_key (key_id, participant_id, sha256, prefix, name, scopes, created_by)
         values (gen_random_uuid(), $1, $2, $3, 'embedded world', $4, 'first start') on conflict (sha256) do nothing`,
        [participantId, digestOfKey(apiKey), apiKey.slice(0, 9), keyScopes]
      )
      for (const identifier of member.identifiers) {
        // Checked here: a spelling that no document has would leave its owner unfound.
        const { scheme, value } = parseIdentifier(identifier)
        await client.query(
          'insert into app.participant_identifier (scheme, value, participant_id) values ($1, $2, $3) on conflict do nothing',
          [scheme, value, participantId]
        )
      }
    }
    await client.query('commit')
  } finally {
    await client.end()
  }
}

function configsOf(
  options: PrepareOptions,
  deployment: Deployment,
  keys: WorldKeys,
  certificates: WorldCertificates
): PreparedWorld['configs'] {
  const { rpcUrl, databaseUrl, dataDir, apiPort, consoleFolder } = options
  const files = keyFiles(dataDir)
  const traces = options.otlpEndpoint === undefined ? {} : { otlpEndpoint: options.otlpEndpoint }
  const signing = (name: 'log' | 'statements') => {
    return { ...files.stores[name], certificateFile: certificateFiles(dataDir)[name] }
  }
  const publicKey = (privateKey: string) => hexlify(publicKeyOf(getBytes(privateKey)))
  return {
    indexer: {
      rpcUrl,
      databaseUrl,
      deployment,
      pollMs: 50,
      ...(options.metricsPort !== undefined && { metrics: { port: options.metricsPort } })
    },
    relayer: {
      rpcUrl,
      databaseUrl,
      deployment,
      keyFile: files.operator,
      signing: signing('log'),
      pollMs: 50,
      ...traces
    },
    api: {
      host: '127.0.0.1',
      port: apiPort,
      ...traces,
      rpcUrl,
      databaseUrl,
      deployment,
      fingerprintKeys: [{ file: files.fingerprint, epoch: 1 }],
      serviceKeyFile: files.service,
      sessionKeyFile: files.session,
      signing: signing('statements'),
      logKeys: [publicKey(keys.log.signing)],
      certificateKeys: [publicKey(keys.statements.signing)],
      authorities: [hexlify(derOf(certificates.root))],
      // Everything of such an instance is on one machine.
      webhooks: { allowLoopback: true },
      ...(consoleFolder === undefined ? {} : { consoleFolder })
    }
  }
}

function summaryOf({ deployment, accounts }: World): string[] {
  const addresses = (
    [
      'participants',
      'fingerprints',
      'receivables',
      'evidenceLog',
      'accountFactory',
      'p256Verifier',
      'sm2Verifier'
    ] as const
  ).map((name) => `  ${name.padEnd(14)} ${deployment[name]}`)
  const people = cast.map((member) => {
    const tier = member.tier ? `, tier ${member.tier}` : ''
    const id = String(participantIdOf(member.slug)).padStart(3)
    return `  ${id}  ${member.slug.padEnd(10)} ${accounts[member.slug]}  ${member.roles.join(', ')}${tier}  ${member.name}`
  })
  return [`Contracts (chain ${deployment.chainId}):`, ...addresses, 'Participants:', ...people]
}

async function writeJson(file: string, content: object): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}
