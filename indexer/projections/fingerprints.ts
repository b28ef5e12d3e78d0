import { decodeClaimHex, releaseReasons } from '../../domain/fingerprint/claim-word.ts'
import { subjectOf } from '../chain/known-values.ts'
import { changedBy, requireState, type Handlers } from './handler.ts'

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
    const { registry, claimant, reason } = decodeClaimHex(claim)
    claims.put({
      fingerprint,
      registry,
      subject: subjectOf(claim),
      claimant,
      reason,
      state: 'claimed',
      claimed_at: event.blockTime,
      released_at: null,
      release_reason: null,
      changed_block: event.blockNumber,
      changed_tx: event.txHash
    })
  },
  FingerprintReleased(event, { claims }) {
    const { fingerprint, claim, reason } = event.args
    const before = claims.get(fingerprint)
    const told = decodeClaimHex(claim)
    const isSame =
      before?.state === 'claimed' &&
      before.registry === told.registry &&
      before.subject === subjectOf(claim) &&
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
