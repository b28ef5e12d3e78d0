/** Claims in force, and what a claim that is to be made has to name while one key follows another. */
import { epochOf, type KeyRing } from '../../domain/fingerprint/keys.ts'
import { asService, type Pool, type Transaction } from '../database.ts'
import { fingerprintsBeside } from '../documents/repository.ts'
import { ApiError } from '../errors.ts'

/** `registry` 0: a factor made it itself. */
export interface LiveClaim {
  fingerprint: string
  claimant: number
  registry: number
  subject: string
}

export async function findClaims(client: Pool | Transaction, fingerprints: readonly string[]): Promise<LiveClaim[]> {
  const { rows } = await asService(client, (service) =>
    service.query<LiveClaim>({
      name: 'claim.find',
      text: `select fingerprint, claimant, registry, subject from projection.fingerprint_claim
            where fingerprint = any($1) and state = 'claimed' order by fingerprint`,
      values: [fingerprints]
    })
  )
  return rows
}

/**
 * What a factor claimed itself: this fingerprint, and the ones under other keys that it claimed with it for the same subject. Who claims
 * several documents for one subject by its own program frees each by its own name.
 */
export async function findOwnClaims(
  client: Pool | Transaction,
  fingerprint: string,
  claimant: number
): Promise<LiveClaim[]> {
  const { rows } = await client.query<LiveClaim>({
    name: 'claim.own',
    text: `select also.fingerprint, also.claimant, also.registry, also.subject
             from projection.fingerprint_claim named
             join projection.fingerprint_claim also using (subject, claimant, registry, changed_tx)
            where named.fingerprint = $1 and claimant = $2::bigint and registry = 0
              and named.state = 'claimed' and also.state = 'claimed' order by also.fingerprint desc`,
    values: [fingerprint, claimant]
  })
  const isOneAnEpoch = new Set(rows.map((one) => epochOf(one.fingerprint))).size === rows.length
  return isOneAnEpoch ? rows : rows.filter((one) => one.fingerprint === fingerprint)
}

/** Throws FINGERPRINT_EPOCH_WRONG unless the fingerprints are of each key in force and of no other. */
export function requireEveryEpoch(ring: KeyRing, fingerprints: readonly string[]): void {
  const presented = [...new Set(fingerprints.map(epochOf))].sort((one, other) => other - one)
  const required = ring.map(({ epoch }) => epoch)
  if (presented.join() !== required.join()) throw new ApiError('FINGERPRINT_EPOCH_WRONG', { presented, required })
}

/**
 * A transfer claims its trade document under one key, since the contract takes one. It has to be the current one, or the old key could
 * never be retired; and a document that is stored here must be free under the others too. Throws FINGERPRINT_EPOCH_WRONG or
 * FINGERPRINT_CLAIMED.
 */
export async function requireFreeTrade(tx: Transaction, ring: KeyRing, fingerprint: string): Promise<void> {
  const field = 'body/tradeFingerprint'
  const [presented, required] = [epochOf(fingerprint), ring[0].epoch]
  if (presented !== required) throw new ApiError('FINGERPRINT_EPOCH_WRONG', { field, presented, required })
  const others = (await fingerprintsBeside(tx, fingerprint)).filter((other) => other !== fingerprint)
  if ((await findClaims(tx, others)).length > 0) {
    throw new ApiError('FINGERPRINT_CLAIMED', {
      field,
      presented: fingerprint,
      required: 'a free document',
      reason: 'it is claimed under another key'
    })
  }
}
