import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Contract, id, JsonRpcProvider, Wallet } from 'ethers'
import { digestOfKey } from '../../api/access/credentials.ts'
import { keyScopes } from '../../api/access/rules.ts'
import { contracts } from '../../domain/chain/contracts.ts'
import { rolesToBits } from '../../domain/participant/roles.ts'
import { signerDuties } from '../../domain/participant/signers.ts'
import { Applicant, line, told } from './applicant.ts'
import { invoiceOf } from './invoice.ts'
import type { BenchInstance } from './instance.ts'

/** Calls in one request to the node, and steps that wait for their blocks together. */
const BATCH = 100

/** Admits suppliers with an account and one key each, on chain and in the directory, as a registrar would. */
export async function admit(instance: BenchInstance, count: number): Promise<Applicant[]> {
  const { chain, config, keys, sql, apiUrl } = instance
  const { deployment } = config
  const provider = new JsonRpcProvider(chain.url, deployment.chainId, {
    staticNetwork: true,
    batchMaxCount: BATCH,
    batchStallTime: 0
  })
  const registrar = new Wallet(keys.registrar, provider)
  const factory = new Contract(deployment.accountFactory, contracts.accountFactory, provider)
  const { rows } = await sql.query<{ first: number }>('select max(participant_id) + 1 as first from app.participant')
  const [first, base] = [rows[0]!.first, await registrar.getNonce()]
  const members: Applicant[] = []
  for (let at = 0; at < count; at += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - at) }, (_, i) => at + i)
    const admitted = await Promise.all(
      indexes.map(async (i) => {
        const key = Wallet.createRandom()
        const order = [
          [{ signer: key.address, duty: signerDuties.indexOf('maker') }],
          { makers: 1, checkers: 0 },
          id(`crowd ${first + i}`)
        ]
        const account = String(await factory.getFunction('addressOf')(...order))
        const steps = [
          [deployment.accountFactory, contracts.accountFactory.encodeFunctionData('create', order)],
          [
            deployment.participants,
            contracts.participants.encodeFunctionData('admit', [
              ...[account, rolesToBits(['supplier']), id(`crowd identity ${first + i}`), id('no certificate')]
            ])
          ]
        ] as const
        const signed = await Promise.all(
          steps.map(([to, data], step) => {
            const nonce = base + 2 * i + step
            const common = { type: 0, chainId: deployment.chainId, gasLimit: 10_000_000n, gasPrice: 0n }
            return registrar.signTransaction({ ...common, to, data, nonce })
          })
        )
        const vat = `DE8${String(i).padStart(8, '0')}`
        return { key, account, signed, vat, participantId: first + i, apiKey: `ts_crowd_${first + i}_${key.address}` }
      })
    )
    await Promise.all(
      admitted.flatMap(({ signed }) => signed).map((raw) => provider.send('eth_sendRawTransaction', [raw]))
    )
    while ((await registrar.getNonce('latest')) < base + 2 * (at + indexes.length)) await delay(50)
    const codes = await Promise.all(admitted.map(({ account }) => provider.getCode(account)))
    if (codes.includes('0x')) throw new Error('an account was not created')
    for (const { key, account, vat, participantId, apiKey } of admitted) {
      const signer = { signer: key.address.toLowerCase(), duty: 'maker' }
      await sql.query(
        `with supplier as (
           insert into app.participant (participant_id, account, name, country, legal_identity, roles, signers,
                                        makers_required, checkers_required, encryption_key)
           select $1, $2, $3, 'DE', 'VAT:' || $4, '{supplier}', $5, 1, 0, encryption_key
             from app.participant where name like 'Alder%'
         ), key as (
           insert into app.api_key (key_id, participant_id, sha256, prefix, name, scopes, created_by)
           values (gen_random_uuid(), $1, $6, 'ts_crowd', 'bench', $7, 'bench'))
         insert into app.participant_identifier (scheme, value, participant_id) values ('VAT', $4, $1)`,
        [
          ...[participantId, account, `Crowd ${participantId}`, vat, JSON.stringify([signer]), digestOfKey(apiKey)],
          keyScopes
        ]
      )
      const own = { duty: 'maker', kind: 'secp256k1', privateKey: key.privateKey } as const
      members.push(new Applicant(apiUrl, { vat, participantId, apiKey, signer: own }, deployment))
    }
  }
  const expected = first + count - 1
  const directory = new Contract(deployment.participants, contracts.participants, provider)
  const last = String(await directory.getFunction('accountOf')(expected))
  provider.destroy()
  if (/^0x0*$/.test(last)) throw new Error(`participant ${expected} was not admitted`)
  return members
}

export interface Crowd {
  suppliers: number
  /** Until each has its answer that the command is recorded, and until all are projected. Seconds. */
  acceptedSeconds: number
  projectedSeconds: number
  /** Of a supplier's whole application from the moment in which all began. Milliseconds. */
  medianMs: number
  p95Ms: number
  failed: number
  /** Answers that said to come again: SERVER_BUSY, and others. */
  busy: number
  otherwise: number
  /** Receivables in the projection, and of them those of one supplier too many. */
  projected: number
  doubles: number
  /** A factor's duplicate checks meanwhile. */
  checks: { count: number; medianMs: number; p95Ms: number }
}

/** Every supplier applies in the same moment; impatient, each asks for its registration twice. A factor checks documents meanwhile. */
export async function applyAtOnce(instance: BenchInstance, members: readonly Applicant[]): Promise<Crowd> {
  const { sql } = instance
  const maturity = Math.floor(Date.now() / 1000) + 60 * 86_400
  const times: number[] = []
  let failed = 0
  const endFactor = await startFactor(instance)
  const started = performance.now()
  const progress = setInterval(() => {
    console.log(
      `  ${times.length} of ${members.length} after ${seconds(started)} s, ${line.waiting} requests wait in line`
    )
  }, 15_000)
  await Promise.all(
    members.map(async (member, i) => {
      try {
        await member.apply(invoiceOf(member.vat, i), maturity)
      } catch (error) {
        if (failed++ === 0) console.error(`${member.vat}: ${(error as Error).message}`)
      }
      times.push(performance.now() - started)
    })
  )
  const acceptedSeconds = seconds(started)
  clearInterval(progress)
  const checks = await endFactor()
  const first = members[0]!.participantId
  const count = async () => {
    const { rows } = await sql.query<{ projected: number; suppliers: number }>(
      `select count(*)::int as projected, count(distinct creditor)::int as suppliers
         from projection.receivable where creditor >= $1`,
      [first]
    )
    return rows[0]!
  }
  let now = await count()
  const patience = Date.now() + 600_000
  while (now.suppliers < members.length - failed && Date.now() < patience) {
    await delay(100)
    now = await count()
  }
  return {
    suppliers: members.length,
    acceptedSeconds,
    projectedSeconds: seconds(started),
    medianMs: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    failed,
    ...told,
    projected: now.projected,
    doubles: now.projected - now.suppliers,
    checks
  }
}

/** A factor that has begun to check; it ends with its times. */
async function startFactor({ apiUrl, keys }: BenchInstance): Promise<() => Promise<Crowd['checks']>> {
  const entry = fileURLToPath(new URL('factor.ts', import.meta.url))
  const factor = fork(entry, [apiUrl, keys.participants['huichuan']!.apiKey], { env: {} })
  const isEnded = once(factor, 'exit').then(() => Promise.reject(new Error('the factor ended before it was told to')))
  isEnded.catch(() => {})
  await Promise.race([once(factor, 'message'), isEnded])
  const told = once(factor, 'message') as Promise<[number[]]>
  told.catch(() => {})
  return async () => {
    if (factor.connected) factor.send('end')
    const [times] = await Promise.race([told, isEnded])
    factor.disconnect()
    return { count: times.length, medianMs: quantile(times, 0.5), p95Ms: quantile(times, 0.95) }
  }
}

function seconds(since: number): number {
  return Math.round(performance.now() - since) / 1000
}

function quantile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN
}
