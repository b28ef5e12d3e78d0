import { concat, getBytes, hexlify } from 'ethers'
import { describe, expect, it } from 'vitest'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import type { UserIdOptions } from '../../../domain/crypto/sm2.ts'
import type { TrustAnchors } from '../../../domain/evidence/anchors.ts'
import { digestsOf, type Manifest } from '../../../domain/evidence/package.ts'
import type { CommandRecord, EvidenceRecord } from '../../../domain/evidence/record.ts'
import { canonicalBytes, unixSeconds } from '../../../domain/evidence/shape.ts'
import { verifyPackage } from '../../../domain/evidence/verify.ts'
import { certificateOf, issuing, sm2KeyOf, type Wish } from './authority.ts'
import { acts, deployment, makePackage, people, placeIn, recordsOf } from './story.ts'

const transfer = 2
const commandAt = 1 + 2 * transfer
const organizationIdentifier = 'USCC:91310000MA1CREDIT0'
const key = sm2KeyOf('creditor')
const signer = hexlify(concat([deployment.sm2Verifier, key.publicKey])).toLowerCase()
/** When the block that carried the transfer out was. */
const signedAt = new Date(unixSeconds(placeIn(acts[transfer]!, transfer).blockTime) * 1000)
const before = (date: Date) => new Date(date.getTime() - 1000)
const after = (date: Date) => new Date(date.getTime() + 1000)

/** The story, where the creditor orders its transfer with an SM2 key. */
function records(userId: UserIdOptions = {}): EvidenceRecord[] {
  const all = recordsOf()
  const command = all[commandAt] as CommandRecord
  command.signatures = [{ signer, signature: hexlify(key.sign(getBytes(command.digest), userId)) }]
  return all
}

function knowing({ participants, ...anchors }: TrustAnchors): TrustAnchors {
  const creditor = (one: (typeof participants)[number]) => ({
    ...one,
    legalIdentity: organizationIdentifier,
    signers: [...one.signers, signer]
  })
  return { ...anchors, participants: participants.map((one) => (one.id === people.creditor ? creditor(one) : one)) }
}

const own = (wish: Wish = {}) => certificateOf(key, { organizationIdentifier, ...wish })

async function reportOf(certificates: readonly Uint8Array[], told = records(), change: Partial<TrustAnchors> = {}) {
  const { bytes, anchors } = await makePackage(told, { certificates })
  const report = await verifyPackage(bytes, { ...knowing(anchors), ...change })
  return { ...report, codes: report.checks.flatMap(({ code }) => code ?? []) }
}

describe('a package with commands signed by SM2', () => {
  it('is verified by the certificate of the key that signed', async () => {
    const report = await reportOf([await own(), issuing])
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.result).toBe('verified')
  })

  it('says nothing of certificates where no authority is trusted', async () => {
    const { bytes, anchors } = await makePackage(records(), { certificates: [await own(), issuing] })
    const { authorities: _, ...without } = knowing(anchors)
    const report = await verifyPackage(bytes, without)
    expect(report.result).toBe('consistent')
    expect(report.checks.filter(({ ok }) => ok === null).map(({ name }) => name)).toEqual(['certificates'])
  })

  it.each<[string, string, () => Promise<Uint8Array[]>]>([
    ['an expired one', 'CERT_EXPIRED', async () => [await own({ notAfter: before(signedAt) }), issuing]],
    ['one not yet valid', 'CERT_NOT_YET_VALID', async () => [await own({ notBefore: after(signedAt) }), issuing]],
    ['one for encryption', 'CERT_USAGE', async () => [await own({ usages: ['keyEncipherment'] }), issuing]],
    ["a stranger's", 'CERT_UNTRUSTED', async () => [await own({ isUntrusted: true }), issuing]],
    ['none between it and the authority', 'CERT_UNTRUSTED', async () => [await own()]],
    ['none', 'CERT_MISSING', async () => []],
    [
      'one of another key of the same firm',
      'CERT_MISMATCH',
      async () => [await certificateOf(sm2KeyOf('another'), { organizationIdentifier }), issuing]
    ],
    [
      'one in the name of another',
      'CERT_MISMATCH',
      async () => [await own({ organizationIdentifier: 'USCC:X' }), issuing]
    ],
    ['one that names nobody', 'CERT_MISMATCH', async () => [await certificateOf(key), issuing]],
    ['bytes that are none', 'CERT_MALFORMED', async () => [await own(), issuing, Uint8Array.of(0x30, 0)]]
  ])('and %s is refused as %s', async (_, code, certificates) => {
    expect((await reportOf(await certificates())).codes).toEqual([code])
  })

  it('counts the moment of signing: in the very last second a certificate still holds, in the first already', async () => {
    for (const wish of [{ notAfter: signedAt }, { notBefore: signedAt }]) {
      expect((await reportOf([await own(wish), issuing])).result).toBe('verified')
    }
  })

  it('takes whichever certificate of the key was valid then', async () => {
    const old = await own({ notAfter: before(signedAt) })
    expect((await reportOf([old, await own({ notBefore: before(signedAt) }), issuing])).result).toBe('verified')
  })

  it('takes the number of the firm without its scheme, as licensed authorities write it', async () => {
    const bare = await own({ organizationIdentifier: organizationIdentifier.split(':')[1]! })
    expect((await reportOf([bare, issuing])).result).toBe('verified')
  })

  it('carries no certificate of a key that did not sign', async () => {
    const stray = await certificateOf(sm2KeyOf('another'), { organizationIdentifier: 'USCC:X' })
    expect((await reportOf([await own(), stray, issuing])).codes).toEqual(['CERT_MISMATCH'])
    expect((await reportOf([stray, issuing], recordsOf())).codes).toEqual(['CERT_MISMATCH'])
  })

  it('has each of many signatures of one key under a certificate, though not each is looked at', async () => {
    const clearing = sm2KeyOf('clearing')
    const identifier = 'USCC:91310000MA1CLEAR00'
    const by = hexlify(concat([deployment.sm2Verifier, clearing.publicKey])).toLowerCase()
    const told = recordsOf()
    const days = acts.flatMap((act, i) => (act.by === 'clearing' ? [i] : []))
    for (const i of days) {
      const command = told[1 + 2 * i] as CommandRecord
      command.signatures = [{ signer: by, signature: hexlify(clearing.sign(getBytes(command.digest))) }]
    }
    const [first, second, third] = days.map((i) => new Date(unixSeconds(placeIn(acts[i]!, i).blockTime) * 1000)) as [
      Date,
      Date,
      Date
    ]
    const codesWith = async (...wishes: Wish[]) => {
      const certificates = await Promise.all(
        wishes.map((wish) => certificateOf(clearing, { organizationIdentifier: identifier, ...wish }))
      )
      const { bytes, anchors } = await makePackage(told, { certificates: [...certificates, issuing] })
      const participants = anchors.participants.map((one) =>
        one.id === people.clearing ? { ...one, legalIdentity: identifier, signers: [by] } : one
      )
      const { checks } = await verifyPackage(bytes, { ...anchors, participants })
      return checks.flatMap(({ code }) => code ?? [])
    }
    const [early, late] = [{ notAfter: first }, { notBefore: third }]
    expect(await codesWith({})).toEqual([])
    expect(await codesWith(early, late)).toEqual([expect.stringMatching(/^CERT_(EXPIRED|NOT_YET_VALID)$/)])
    expect(await codesWith(early, { notBefore: before(second), notAfter: second }, late)).toEqual([])
  })

  it('whose certificate was signed by nobody is refused', async () => {
    const bent = (await own()).slice()
    bent[bent.length - 1]! ^= 1
    expect((await reportOf([bent, issuing])).codes).toEqual(['CERT_SIGNATURE_INVALID'])
  })

  it('that was signed under no user id is told so, under another one not', async () => {
    const certificates = [await own(), issuing]
    const empty = records({ userId: '', allowsEmptyUserId: true })
    expect((await reportOf(certificates, empty)).codes).toEqual(['USER_ID_WRONG'])
    expect((await reportOf(certificates, records({ userId: 'ALICE' }))).codes).toEqual(['SIGNATURE_INVALID'])
  })

  it('can not have a certificate under the name of another', async () => {
    const { bytes, anchors } = await makePackage(records(), { certificates: [await own(), issuing] })
    const files = unzipSync(bytes)
    const manifest = JSON.parse(strFromU8(files['manifest.json']!)) as Manifest
    const [first, second] = manifest.certificates as [string, string]
    const swapped = files[first]!
    files[first] = files[second]!
    files[second] = swapped
    for (const member of manifest.members) Object.assign(member, digestsOf(files[member.path]!))
    files['manifest.json'] = strToU8(new TextDecoder().decode(canonicalBytes(manifest)))
    const report = await verifyPackage(zipSync(files), knowing(anchors))
    expect(report.checks.flatMap(({ code }) => code ?? [])).toEqual(['DIGEST_MISMATCH'])
  })
})
