import { decodeClaimWord, releaseReasons } from '../../domain/fingerprint/claim-word.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import { changedBy, requireState, type Handlers } from './handler.ts'

/** What a claim's word says. Subjects have the width of receivable ids. */
function claimOf(word: string): { registry: number; subject: string; claimant: number; reason: string } {
  const { registry, subject, claimant, reason } = decodeClaimWord(BigInt(word))
  return { registry, subject: receivableIdToHex(subject), claimant, reason }
}

/** Claims of all registry versions and of factors, not only ours. */
export const fingerprintHandlers: Handlers<'RegistryAuthorised' | 'FingerprintClaimed' | 'FingerprintReleased'> = {
  RegistryAuthorised(event, { registries }) {
    const { number, registry } = event.args
    requireState(registries.get(number) === undefined, event, () => `registry ${number} is authorised already`)
    registries.put({ registry: Number(number), address: registry, ...changedBy(event) })
  },
  FingerprintClaimed(event, { claims }) {
    const { fingerprint, claim } = event.args
    const before = claims.get(fingerprint)
    requireState(before === undefined || before.state === 'released', event, () => `${fingerprint} is claimed already`)
    claims.put({
      fingerprint,
      ...claimOf(claim),
      state: 'claimed',
      claimed_at: event.blockTime,
      released_at: null,
      release_reason: null,
      ...changedBy(event)
    })
  },
  FingerprintReleased(event, { claims }) {
    const { fingerprint, claim, reason } = event.args
    const before = claims.get(fingerprint)
    const told = claimOf(claim)
    const isSame =
      before?.state === 'claimed' &&
      before.registry === told.registry &&
      before.subject === told.subject &&
      before.claimant === told.claimant &&
      before.reason === told.reason
    requireState(isSame, event, () => `${fingerprint} has no such claim`)
    claims.put({
      ...before!,
      state: 'released',
      released_at: event.blockTime,
      release_reason: releaseReasons[Number(reason)] ?? null,
      ...changedBy(event)
    })
  }
}
