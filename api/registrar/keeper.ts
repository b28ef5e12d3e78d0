/**
 * Carries into the directory what the registrar's intents have become on chain: admitted participants, and the fate of proposed keys; and
 * of keys in custody what participants' intents have. Runs in each api process; rows are taken by one at a time. What it learns is the chain's: an admission by the projected account, keys by
 * what the account's contract says.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { getBytes, hexlify } from 'ethers'
import { parseCertificate } from '../../domain/crypto/certificate.ts'
import { sha256 } from '../../domain/crypto/hash.ts'
import { fromPem } from '../../domain/crypto/pem.ts'
import { parseIdentifier } from '../../domain/participant/identifiers.ts'
import { bitsToRoles } from '../../domain/participant/roles.ts'
import { lockApplication, markAdmitted, type StoredApplication } from '../applications/repository.ts'
import { inTransaction, type Pool, type Transaction } from '../database.ts'
import { followManagedKeys } from '../managed-keys/follow.ts'
import { endCredentials, lockKeys, replaceKeys } from '../participants/keys.ts'
import { chainTime } from '../receivables/repository.ts'
import type { Vault } from '../vault.ts'
import type { AccountNode } from './node.ts'
import { recoveriesOf, type StoredRecovery } from './repository.ts'

/** How often it looks, and how often at accounts with proposed keys. */
const LOOK_MS = 200
const RETRY_MS = 1_000

export interface KeeperParts {
  /** Of the service. */
  pool: Pool
  vault: Vault
  node: AccountNode
  complain: (message: string) => void
}

export function startKeeper(parts: KeeperParts): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const running = run(parts, stopping.signal)
  return {
    async stop() {
      stopping.abort()
      await running
    }
  }
}

async function run(parts: KeeperParts, stopping: AbortSignal): Promise<void> {
  const { pool, vault, node, complain } = parts
  let last = ''
  while (!stopping.aborted) {
    let pause = LOOK_MS
    try {
      const works = [
        () => admitProjected(pool, vault),
        () => carryRecoveries(pool, node),
        () => followRecoveries(pool, vault, node),
        () => followManagedKeys(pool, node)
      ]
      await each(works, (work) => work())
      last = ''
    } catch (error) {
      const { message } = error as Error
      if (message !== last) complain(message)
      last = message
      pause = RETRY_MS
    }
    await delay(pause, undefined, { signal: stopping }).catch(() => undefined)
  }
}

/** Does all of them, whatever becomes of one; then throws what became of the first that failed. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  for (const item of items) await work(item).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

interface Projected {
  applicationId: string
  participantId: number
  account: string
  bits: number
}

async function admitProjected(pool: Pool, vault: Vault): Promise<void> {
  const { rows } = await pool.query<Projected>({
    name: 'keeper.admitted',
    text: `select a.application_id as "applicationId", c.participant_id as "participantId", c.account, c.roles as bits
             from app.application p join app.admission a using (application_id)
             join projection.participant c on c.account = a.account
            where p.state = 'accepted'`
  })
  await each(rows, (row) =>
    inTransaction(pool, async (tx) => {
      const stored = await lockApplication(tx, vault, row.applicationId)
      if (stored?.state !== 'accepted') return
      await enter(tx, row, stored.application)
      await markAdmitted(tx, row.applicationId, row.participantId)
    })
  )
}

/** The newcomer into the directory, as it applied. */
async function enter(
  tx: Transaction,
  { participantId, account, bits }: Projected,
  application: StoredApplication['application']
): Promise<void> {
  const { name, country, identifiers, signers, quorum, encryptionKey, certificates } = application
  await tx.query(
    `insert into app.participant (participant_id, account, name, country, legal_identity, roles, signers, makers_required,
                                  checkers_required, encryption_key)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      participantId,
      account,
      name,
      country,
      identifiers[0],
      bitsToRoles(bits),
      JSON.stringify(signers.map(({ signer, duty }) => ({ signer: signer.toLowerCase(), duty }))),
      quorum.makers,
      quorum.checkers,
      encryptionKey
    ]
  )
  for (const text of identifiers) {
    const { scheme, value } = parseIdentifier(text)
    await tx.query('insert into app.participant_identifier (scheme, value, participant_id) values ($1, $2, $3)', [
      scheme,
      value,
      participantId
    ])
  }
  const ders = certificates === undefined ? [] : fromPem(certificates).map(({ der }) => getBytes(der))
  const intermediates = ders.filter((der) => parseCertificate(der).isAuthority).map((der) => Buffer.from(der))
  for (const der of ders) {
    const { isAuthority, publicKey, usages } = parseCertificate(der)
    if (isAuthority) continue
    await tx.query(
      `insert into app.participant_certificate (sha256, participant_id, public_key, use, der, intermediates)
       values ($1, $2, $3, $4, $5, $6) on conflict (sha256) do nothing`,
      [
        Buffer.from(sha256(der)),
        participantId,
        hexlify(publicKey),
        usages?.includes('digitalSignature') ? 'signature' : 'encryption',
        Buffer.from(der),
        intermediates
      ]
    )
  }
}

interface Recovered {
  participantId: number
  account: string
  txHash: string
  blockHash: string
  /** As of which the projection is. */
  block: number
}

/**
 * Recoveries that the chain carried out, proposed and finished here or past the api: the directory gets the keys, and what was made before
 * ends, once. Where a fork moved one to another block it gets them again, since the node may have answered as of either branch; if it
 * had others meanwhile, these may have let somebody in.
 */
async function carryRecoveries(pool: Pool, node: AccountNode): Promise<void> {
  const { rows } = await pool.query<Recovered>({
    name: 'keeper.recovered',
    text: `select p.participant_id as "participantId", p.account, e.tx_hash as "txHash", b.hash as "blockHash", c.block_number::float8 as block
             from projection.event e join app.participant p on p.account = e.address join projection.block b on b.number = e.block_number
                  cross join projection.cursor c
            where e.name = 'RecoveryEnded' and (e.args -> 'isDone')::boolean and not exists (
                  select from app.account_recovery r where r.participant_id = p.participant_id and r.tx_hash = e.tx_hash
                     and coalesce(r.block_hash, b.hash) = b.hash)
            order by e.block_number, e.log_index`
  })
  await each(rows, async ({ participantId, account, txHash, blockHash, block }) =>
    inTransaction(pool, async (tx) => {
      await lockKeys(tx, participantId)
      const { rows: carried } = await tx.query<{ isFirst: boolean }>(
        `insert into app.account_recovery as r (participant_id, tx_hash, block_hash) values ($1, $2, $3)
         on conflict (participant_id, tx_hash) do update set block_hash = excluded.block_hash
           where r.block_hash <> excluded.block_hash
         returning xmax = 0 as "isFirst"`,
        [participantId, txHash, blockHash]
      )
      if (!carried[0]) return
      const { signers, quorum } = await node.keysOf(account, block)
      const hadOthers = await replaceKeys(tx, participantId, signers, quorum)
      if (carried[0].isFirst || hadOthers) await endCredentials(tx, participantId)
    })
  )
}

async function followRecoveries(pool: Pool, vault: Vault, node: AccountNode): Promise<void> {
  const { rows } = await pool.query<{ open: boolean }>({
    name: 'keeper.open-recoveries',
    text: `select exists (select from app.recovery where ended_at is null) as open`
  })
  if (!rows[0]!.open) return
  await each(await recoveriesOf(pool, vault, undefined, true), (recovery) =>
    recovery.state === 'proposed' ? followProposed(pool, node, recovery) : followPending(pool, node, recovery)
  )
}

async function followProposed(pool: Pool, node: AccountNode, recovery: StoredRecovery): Promise<void> {
  const { rows } = await pool.query<{ state: string; deadline: string }>(
    `select state, typed_data #>> '{message,deadline}' as deadline from app.intent where intent_id = $1`,
    [recovery.intentId]
  )
  const { state, deadline } = rows[0]!
  const isUnsigned = state === 'awaiting-signatures' && Number(deadline) < (await chainTime(pool))
  if (state === 'refused' || isUnsigned) return end(pool, recovery, 'lapsed')
  if (state !== 'mined') return
  const found = await node.recoveryOf(recovery.account)
  if (found?.proposal !== recovery.proposal) return end(pool, recovery, 'cancelled')
  const lastAt = found.readyAt + (await node.recoveryDelay())
  await inTransaction(pool, async (tx) => {
    // A second proposal replaces the first, on chain too.
    await tx.query(
      `update app.recovery set state = 'cancelled', ended_at = now() where participant_id = $1 and state = 'pending'`,
      [recovery.participantId]
    )
    await tx.query(
      `update app.recovery set state = 'pending', ready_at = $2, last_at = $3 where intent_id = $1 and state = 'proposed'`,
      [recovery.intentId, found.readyAt, lastAt]
    )
  })
}

async function followPending(pool: Pool, node: AccountNode, recovery: StoredRecovery): Promise<void> {
  const found = await node.recoveryOf(recovery.account)
  if (found?.proposal === recovery.proposal && found.readyAt === recovery.readyAt) {
    if ((await chainTime(pool)) > recovery.lastAt!) await end(pool, recovery, 'lapsed')
    return
  }
  if (await node.hasKeys(recovery.account, recovery)) return finish(pool, recovery)
  // Only the registrar and the account itself can end it.
  const { rows } = await pool.query<{ isRegistrars: boolean }>(
    `select exists (select from app.intent where kind = 'cancelRecovery' and state = 'mined'
                       and (command ->> 'participantId')::bigint = $1 and created_at >= $2) as "isRegistrars"`,
    [recovery.participantId, recovery.proposedAt]
  )
  await end(pool, recovery, found || rows[0]!.isRegistrars ? 'cancelled' : 'vetoed')
}

async function end(pool: Pool, { intentId }: StoredRecovery, state: 'vetoed' | 'cancelled' | 'lapsed'): Promise<void> {
  await pool.query(
    `update app.recovery set state = $2, ended_at = now() where intent_id = $1 and state in ('proposed', 'pending')`,
    [intentId, state]
  )
}

/** The account has the new keys. It is told once the directory has them too, and what was made before has ended. */
async function finish(pool: Pool, { intentId }: StoredRecovery): Promise<void> {
  await pool.query(
    `update app.recovery r set state = 'finished', ended_at = now() where intent_id = $1 and state = 'pending' and exists (
       select from app.account_recovery a where a.participant_id = r.participant_id and a.ended_at >= r.created_at)`,
    [intentId]
  )
}
