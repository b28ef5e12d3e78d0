/** Whose the SM2 keys are that signed a package's commands or quote, by the certificates that it carries. */
import { hexlify } from 'ethers'
import { CertificateError, parseCertificate, type Certificate } from '../crypto/certificate.ts'
import { sha256 } from '../crypto/hash.ts'
import type { Verifiers } from '../participant/signers.ts'
import type { TrustAnchors } from './anchors.ts'
import type { Verdict } from './checks.ts'
import { EvidenceError } from './errors.ts'
import type { OpenedPackage } from './package.ts'
import type { Records } from './package-checks.ts'
import { requireCertified } from './signed.ts'
import { isSameAddress, unixSeconds } from './shape.ts'

/** One signature by an SM2 key: what of, for whom, and by when. */
interface Use {
  title: string
  participantId: string
  publicKey: string
  time: string
}

/**
 * Each SM2 key that signed a command or a quote has a certificate for exactly that key, which names the participant and was valid, for
 * signing and up to an authority of the anchors, in the block that carried the command out or when the quote was signed.
 * @throws EvidenceError CERT_*, DIGEST_MISMATCH for a member that is not what its name says
 */
export function checkCertificates(
  opened: OpenedPackage,
  records: Records,
  verifiers: Verifiers,
  anchors?: TrustAnchors
): Verdict<void> {
  const certificates = certificatesIn(opened)
  const signed = usesIn(records, opened.manifest.head.time).flatMap(({ signer, ...use }) =>
    signer.length > 42 && isSameAddress(signer.slice(0, 42), verifiers.sm2Verifier)
      ? [{ ...use, publicKey: `0x${signer.slice(42).toLowerCase()}` }]
      : []
  )
  const keysOfSigners = new Set(signed.map(({ publicKey }) => publicKey))
  const stray = certificates.find((one) => !one.isAuthority && !keysOfSigners.has(hexlify(one.publicKey)))
  if (stray) {
    const message = `the certificate of ${stray.subject} is for a key that signed nothing here`
    throw new EvidenceError('CERT_MISMATCH', message, { presented: hexlify(stray.publicKey) })
  }
  if (signed.length === 0) return { detail: 'nothing is signed by an SM2 key' }
  const authorities = anchors?.authorities
  if (!authorities) {
    const count = `${signed.length} signatures by SM2 keys`
    return { unchecked: `${count}; no authorities are trusted whose certificates would say whose they are` }
  }
  for (const own of Map.groupBy(signed, (use) => `${use.participantId} ${use.publicKey}`).values()) {
    const inTime = own.toSorted((a, b) => unixSeconds(a.time) - unixSeconds(b.time))
    requireThroughout(inTime, (use) => requireOwn(use, certificates, authorities, anchors))
  }
  return { detail: `${keysOfSigners.size} SM2 keys had valid certificates of their participants when they signed` }
}

function usesIn(
  { commands, placed, quoteActs }: Records,
  latest: string
): (Omit<Use, 'publicKey'> & { signer: string })[] {
  const times = new Map(placed.flatMap((one) => (one.kind === 'state' ? [[one.intentId, one.blockTime] as const] : [])))
  return [
    ...commands.flatMap(({ intentId, participantId, signatures }) => {
      // Without a block, as in no package of ours, the head's time is the latest that the command can be of.
      const time = times.get(intentId) ?? latest
      return signatures.map(({ signer }) => ({ title: `command ${intentId}`, participantId, signer, time }))
    }),
    ...quoteActs.flatMap((act) => {
      if (act.kind !== 'signature') return []
      const { documentId, participantId, signer, at } = act
      return [{ title: `quote ${documentId}`, participantId, signer, time: at }]
    })
  ]
}

/**
 * Uses of one key in the order of time. A path that holds at the first moment and at the last holds between, since each of
 * its links is valid without a break: a key that signed a thousand times costs two paths, not a thousand.
 */
function requireThroughout<T>(uses: readonly T[], pathAt: (use: T) => string): void {
  const [first, last] = [uses[0] as T, uses.at(-1) as T]
  if (pathAt(first) === pathAt(last) || uses.length <= 2) return
  const middle = uses.length >> 1
  requireThroughout(uses.slice(0, middle), pathAt)
  requireThroughout(uses.slice(middle), pathAt)
}

/** Names the path from a certificate of the key to an authority. Throws CERT_* when there is none that held then. */
function requireOwn(
  { title: signed, participantId, publicKey, time }: Use,
  certificates: readonly Certificate[],
  authorities: readonly string[],
  anchors: TrustAnchors
): string {
  const title = `certificate of participant ${participantId} for ${signed}`
  const participant = anchors.participants.find(({ id }) => String(id) === participantId)
  const required = participant?.legalIdentity
  // Licensed authorities write the number alone, ours with its scheme.
  const names = required === undefined ? [] : [required, required.slice(required.indexOf(':') + 1)]
  const isNamed = ({ organizationIdentifier }: Certificate) => names.includes(organizationIdentifier ?? '')
  const own = certificates.filter((one) => !one.isAuthority && hexlify(one.publicKey) === publicKey)
  if (own.length === 0) {
    const isSwapped = required !== undefined && certificates.some(isNamed)
    const message = isSwapped ? 'is of another key' : 'is not in the package'
    throw new EvidenceError(isSwapped ? 'CERT_MISMATCH' : 'CERT_MISSING', `${title} ${message}`, {
      required: publicKey
    })
  }
  const named = required === undefined ? own : own.filter(isNamed)
  if (named.length === 0) {
    const presented = own[0]?.organizationIdentifier ?? 'nobody'
    throw new EvidenceError('CERT_MISMATCH', `${title} names another`, { presented, required })
  }
  // A key may have a new certificate after an old one: one that was good then is enough.
  let refusal: unknown
  const between = certificates.filter(({ isAuthority }) => isAuthority).map(({ der }) => der)
  for (const one of named) {
    try {
      const path = requireCertified(title, one.der, between, authorities, time)
      return path.map(({ fingerprint }) => fingerprint).join()
    } catch (error) {
      refusal ??= error
    }
  }
  throw refusal
}

function certificatesIn({ manifest, members }: OpenedPackage): Certificate[] {
  return (manifest.certificates ?? []).map((path) => {
    const der = members.get(path) as Uint8Array
    const digest = hexlify(sha256(der)).slice(2)
    if (!path.includes(digest)) {
      throw new EvidenceError('DIGEST_MISMATCH', `${path} is another certificate`, { presented: digest })
    }
    try {
      return parseCertificate(der)
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error
      throw new EvidenceError('CERT_MALFORMED', `${path}: ${error.message}`)
    }
  })
}
