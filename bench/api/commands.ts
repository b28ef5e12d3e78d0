import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { hexlify, id, JsonRpcProvider, randomBytes, Wallet } from 'ethers'
import { contracts } from '../../domain/chain/contracts.ts'
import { callOf } from '../../domain/intent/commands.ts'
import { encodeMultiSignature, executeTypedData, type ExecuteTypedData } from '../../domain/intent/typed-data.ts'
import { signatureBody } from '../../client/signers.ts'
import { type Intent } from '../../scripts/demo/client.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { signWith } from '../../scripts/world/signing.ts'
import type { BenchInstance } from './instance.ts'

/** A factor with one key: its claims of fingerprints are the leanest command there is, so nothing hides what we add. */
const FACTOR = 'lindqvist'
/** Requests at a time. */
const CONNECTIONS = 16
/** Transactions in one request to the node. */
const BATCH = 100

export interface Drained {
  count: number
  /** From the first submission to the last block, seconds. */
  seconds: number
  /** Of the chain and of who sends, where the system tells (Linux). */
  cpuSeconds: number
}

/** The same calls signed and handed to the node by a loop that keeps nothing, estimates nothing and looks at nothing. */
export async function submitRaw(instance: BenchInstance, count: number): Promise<Drained> {
  const { chain, config, keys } = instance
  const { deployment } = config
  const account = await accountOf(instance)
  const signer = keys.participants[FACTOR]!.signers[0]!
  const deadline = Math.floor(Date.now() / 1000) + 86_400
  const orders: string[] = []
  for (let i = 0; i < count; i++) {
    const nonce = BigInt(hexlify(randomBytes(24))) << 64n
    const command = {
      kind: 'claim',
      fingerprint: newFingerprint(),
      reason: 'assigned-elsewhere',
      subject: BigInt(id('bench')) >> 64n
    } as const
    const typed = executeTypedData(deployment.chainId, account, [callOf(command, deployment)], nonce, deadline)
    const packed = encodeMultiSignature([await signWith(signer, typed, deployment)])
    orders.push(
      contracts.participantAccount.encodeFunctionData('execute', [typed.message.calls, nonce, deadline, packed])
    )
  }
  const provider = new JsonRpcProvider(chain.url, deployment.chainId, {
    staticNetwork: true,
    batchMaxCount: BATCH,
    batchStallTime: 0
  })
  const wallet = Wallet.createRandom()
  const cpu = cpuOf([chain.pid, process.pid])
  const started = performance.now()
  for (let at = 0; at < count; at += BATCH) {
    const signed = await Promise.all(
      orders.slice(at, at + BATCH).map((data, i) =>
        wallet.signTransaction({
          ...{ type: 0, chainId: deployment.chainId, nonce: at + i, to: account, data },
          ...{ gasLimit: 500_000n, gasPrice: 0n, value: 0n }
        })
      )
    )
    await Promise.all(signed.map((raw) => provider.send('eth_sendRawTransaction', [raw])))
  }
  while ((await provider.getTransactionCount(wallet.address, 'latest')) < count) await delay(20)
  const seconds = (performance.now() - started) / 1000
  provider.destroy()
  return { count, seconds, cpuSeconds: cpuOf([chain.pid, process.pid]) - cpu }
}

/** Proposes and signs over HTTP. Returns commands per second that were accepted. */
export async function acceptCommands(instance: BenchInstance, count: number): Promise<number> {
  const client = instance.as(FACTOR)
  const { keys, config } = instance
  const signer = keys.participants[FACTOR]!.signers[0]!
  const run = hexlify(randomBytes(8))
  const started = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let i = next++; i < count; i = next++) {
        const path = `/v1/fingerprints/${newFingerprint()}/claim`
        const body = { reason: 'assigned-elsewhere', reference: 'bench' }
        const intent = await client.post<Intent>(path, `${run}-${i}`, body)
        const part = await signWith(signer, intent.typedData as ExecuteTypedData, config.deployment)
        await client.post(`/v1/intents/${intent.intentId}/signatures`, `${run}-${i}/s`, signatureBody(part))
      }
    })
  )
  return count / ((performance.now() - started) / 1000)
}

/** Starts the relayer over what was accepted and waits until all of it is in blocks and projected. */
export async function drain(instance: BenchInstance): Promise<Drained & { projectedSeconds: number }> {
  const { sql, chain } = instance
  const open = async (states: string[]): Promise<number> => {
    const { rows } = await sql.query<{ count: number }>(
      `select count(*)::int as count from app.outbox where purpose = 'intent' and state = any($1)`,
      [states]
    )
    return rows[0]!.count
  }
  const count = await open(['queued'])
  const relayer = await instance.start('relayer')
  const cpu = cpuOf([chain.pid, relayer.pid])
  const started = performance.now()
  while ((await open(['queued', 'sent'])) > 0) await delay(20)
  const seconds = (performance.now() - started) / 1000
  const cpuSeconds = cpuOf([chain.pid, relayer.pid]) - cpu
  const projected = async () => {
    const { rows } = await sql.query<{ isThere: boolean }>(
      `select coalesce(max(o.block_number), 0) <= (select block_number from projection.cursor) as "isThere"
         from app.outbox o where o.purpose = 'intent'`
    )
    return rows[0]!.isThere
  }
  while (!(await projected())) await delay(10)
  const projectedSeconds = (performance.now() - started) / 1000
  await relayer.stop()
  const { rows } = await sql.query<{ count: number }>(
    `select count(*)::int as count from app.outbox where purpose = 'intent' and state = 'refused'`
  )
  if (rows[0]!.count > 0) throw new Error(`${rows[0]!.count} commands were refused`)
  return { count, seconds, projectedSeconds, cpuSeconds }
}

/** Time that the processors have given to processes until now, seconds; NaN where /proc is not. */
function cpuOf(pids: readonly number[]): number {
  try {
    const times = pids.map((pid) => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // Behind the name, which may have spaces: fields 14 and 15, in ticks of a hundredth.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[11]) + Number(fields[12])) / 100
    })
    return times.reduce((sum, time) => sum + time, 0)
  } catch {
    return Number.NaN
  }
}

async function accountOf({ sql }: BenchInstance): Promise<string> {
  const { rows } = await sql.query<{ account: string }>(
    'select account from app.participant where participant_id = $1',
    [participantIdOf(FACTOR)]
  )
  return rows[0]!.account
}

function newFingerprint(): string {
  return `0x0001${hexlify(randomBytes(30)).slice(2)}`
}
