/**
 * Registry versions in evidence. What a version is needs no list: it is what Fingerprints created with that nonce, so anchors of
 * before it was created know its address too (docs/adr/0040-registry-versions-side-by-side.md).
 */
import { registryCodeFault } from '../chain/registry-code.ts'
import { registryAddresses, registryNumberOf } from '../chain/registries.ts'
import { decodeClaimWord } from '../fingerprint/claim-word.ts'
import { receivableIdToHex } from '../note/span.ts'
import { EvidenceError } from './errors.ts'
import type { Subject } from './package.ts'
import { registryContracts, type ContractName } from './record.ts'
import type { PlacedRecord } from './record-order.ts'
import { isSameAddress, type EvidenceDeployment } from './shape.ts'

/** A deployment as a package is read by it. */
export interface ReadDeployment extends EvidenceDeployment {
  /** Where calls and events of Receivables count: at the subject's own version, or for what is about none of them at any. */
  versions: readonly string[]
}

/** The contract of a registry that stands at an address; undefined for another one. */
export function contractAt(address: string, deployment: ReadDeployment): ContractName | undefined {
  if (deployment.versions.some((one) => isSameAddress(one, address))) return 'receivables'
  return registryContracts.find((name) => name !== 'receivables' && isSameAddress(deployment[name], address))
}

/**
 * The version that a package or certificate names, where it is another one than the trusted deployment does.
 * @throws EvidenceError DEPLOYMENT_MISMATCH for one that the trusted Fingerprints can't have created
 */
export function requireVersion(
  title: string,
  { receivables }: Pick<EvidenceDeployment, 'receivables'>,
  trusted: EvidenceDeployment
): number | undefined {
  if (isSameAddress(receivables, trusted.receivables)) return undefined
  const number = registryNumberOf(trusted.fingerprints, receivables)
  if (number !== undefined) return number
  throw new EvidenceError('DEPLOYMENT_MISMATCH', `${title} names another receivables`, {
    presented: receivables,
    required: `${trusted.receivables}, or another version that ${trusted.fingerprints} creates`
  })
}

/**
 * Holds a version's code against that of Receivables: versions differ in their immutables alone.
 * @throws EvidenceError DEPLOYMENT_MISMATCH
 */
export function requireVersionCode(code: string, number: number, deployment: EvidenceDeployment): void {
  const fault = registryCodeFault(code, number, deployment)
  if (fault === undefined) return
  const title = `registry version ${number} is no Receivables that this verifier knows: ${fault}`
  throw new EvidenceError('DEPLOYMENT_MISMATCH', title, { presented: deployment.receivables })
}

/** A deployment whose events count at every version. */
export function everyVersion(deployment: EvidenceDeployment): ReadDeployment {
  const { receivables, fingerprints } = deployment
  return { ...deployment, versions: [receivables, ...registryAddresses(fingerprints)] }
}

/** How a package is read: contracts by the anchors where given, and of the versions those that its subject concerns. */
export function readBy(
  subject: Subject,
  stated: EvidenceDeployment,
  trusted: EvidenceDeployment = stated
): ReadDeployment {
  if (subject.kind !== 'receivable' && subject.kind !== 'note') return everyVersion(trusted)
  const isKnown = registryNumberOf(trusted.fingerprints, stated.receivables) !== undefined
  const receivables = isKnown ? stated.receivables : trusted.receivables
  return { ...trusted, receivables, versions: [receivables] }
}

/**
 * Holds the claims of a receivable's documents against the version that the package names: each claim's word has the number of
 * the version that made it. A version that the anchors do not name must have made one, or nothing here would speak of it.
 * @throws EvidenceError DEPLOYMENT_MISMATCH, LINEAGE_INCOMPLETE
 */
export function requireClaimedBy(
  { fingerprints, receivables }: EvidenceDeployment,
  placed: readonly PlacedRecord[],
  receivableId: bigint,
  trusted?: EvidenceDeployment
): void {
  const number = registryNumberOf(fingerprints, receivables)
  if (number === undefined) return
  const claims = placed.flatMap((record) => {
    const claim = record.kind === 'state' ? record.event.args['claim'] : undefined
    return typeof claim === 'string' ? [decodeClaimWord(BigInt(claim))] : []
  })
  const own = claims.filter(({ reason, subject }) => reason === 'receivable' && subject === receivableId)
  const other = own.find(({ registry }) => registry !== number)
  const title = `the documents of receivable ${receivableIdToHex(receivableId)}`
  if (other) {
    const values = { presented: number, required: other.registry }
    throw new EvidenceError('DEPLOYMENT_MISMATCH', `${title} were claimed by another registry version`, values)
  }
  if (own.length === 0 && trusted && !isSameAddress(receivables, trusted.receivables)) {
    const values = { required: number }
    throw new EvidenceError(
      'LINEAGE_INCOMPLETE',
      `no record tells that registry version ${number} claimed ${title}`,
      values
    )
  }
}
