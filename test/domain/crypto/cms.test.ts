import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import { issueCertificate, issueRoot, verifyChain } from '../../../domain/crypto/certificate.ts'
import { envelopMessage, openMessage, signMessage, verifyMessage } from '../../../domain/crypto/cms.ts'
import { encodeOid } from '../../../domain/crypto/der.ts'
import { unwrapWith } from '../../../domain/crypto/envelope.ts'
import { sm3 } from '../../../domain/crypto/hash.ts'
import { oids } from '../../../domain/crypto/oids.ts'
import { newPrivateKey, publicKeyOf, sign, SigningKey } from '../../../domain/crypto/sm2.ts'
import { codeOf, codeOfAsync } from './vectors.ts'

const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2027-01-01') }
const rootKey = new SigningKey(newPrivateKey())
const root = await issueRoot({ commonName: 'root' }, rootKey, validity)
const [annKey, bobKey] = [newPrivateKey(), newPrivateKey()]
const ann = await leafOf('ann', annKey)
const bob = await leafOf('bob', bobKey)
const content = utf8('付款指示 42')
const signer = new SigningKey(annKey)
const at = new Date('2026-06-01T12:00:00Z')

function leafOf(commonName: string, key: Uint8Array): Promise<Uint8Array> {
  const request = { subject: { commonName }, publicKey: publicKeyOf(key), ...validity }
  return issueCertificate({ ...request, usages: ['digitalSignature', 'keyEncipherment'] }, root, rootKey)
}
const swap = (der: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array =>
  fromHex(toHex(der).replace(toHex(from), toHex(to)))

describe('signed messages', () => {
  it('verify, attached and detached, and give content, signer and time', async () => {
    const attached = verifyMessage(await signMessage(content, ann, signer, { signingTime: at, intermediates: [root] }))
    expect(toHex(attached.content)).toBe(toHex(content))
    expect(attached.signingTime).toEqual(at)
    expect(attached.intermediates.map(toHex)).toEqual([toHex(root)])
    expect(verifyChain(attached.certificate.der, [], [root], { at, usage: 'digitalSignature' })).toHaveLength(2)
    const detached = await signMessage(content, ann, signer, { isDetached: true })
    expect(toHex(detached)).not.toContain(toHex(content))
    expect(verifyMessage(detached, content)).toMatchObject({
      signingTime: undefined,
      certificate: { commonName: 'ann' }
    })
  })

  it('bear the object ids of GM/T 0010', async () => {
    const message = toHex(await signMessage(content, ann, signer))
    expect(message.slice(8, 8 + 24)).toBe(toHex(encodeOid(oids.gmSignedData)))
    expect(message).toContain(toHex(encodeOid(oids.gmData)))
    expect(message).toContain(toHex(encodeOid(oids.sm2Sign)))
  })

  it('are refused with other content, none, or content that differs from the one inside', async () => {
    const detached = await signMessage(content, ann, signer, { isDetached: true })
    const attached = await signMessage(content, ann, signer)
    expect(codeOf(() => verifyMessage(detached))).toBe('CMS_CONTENT_MISSING')
    expect(codeOf(() => verifyMessage(detached, utf8('other')))).toBe('CMS_DIGEST_MISMATCH')
    expect(codeOf(() => verifyMessage(attached, utf8('other')))).toBe('CMS_CONTENT_MISMATCH')
    expect(codeOf(() => verifyMessage(swap(attached, utf8('42'), utf8('43'))))).toBe('CMS_DIGEST_MISMATCH')
  })

  it('are refused with an altered attribute or signature, or a certificate swapped for another', async () => {
    const message = await signMessage(content, ann, signer, { signingTime: at })
    const digest = swap(swap(message, utf8('42'), utf8('43')), sm3(content), sm3(utf8('付款指示 43')))
    expect(codeOf(() => verifyMessage(digest))).toBe('CMS_SIGNATURE_INVALID')
    expect(codeOf(() => verifyMessage(swap(message, utf8('260601120000Z'), utf8('260601120001Z'))))).toBe(
      'CMS_SIGNATURE_INVALID'
    )
    expect(codeOf(() => verifyMessage(message.with(message.length - 1, message.at(-1)! ^ 1)))).toBe(
      'CMS_SIGNATURE_INVALID'
    )
    // Same name and serial, another key: what an attacker would put in.
    const swapped = swap(message, publicKeyOf(annKey), publicKeyOf(bobKey))
    expect(codeOf(() => verifyMessage(swapped))).toBe('CMS_CERTIFICATES_MISMATCH')
    if (bob.length === ann.length) {
      expect(codeOf(() => verifyMessage(swap(message, ann, bob)))).toBe('CMS_SIGNER_MISSING')
    }
  })

  it('are refused when only the hash without Z was signed', async () => {
    const withoutZ = {
      publicKey: publicKeyOf(annKey),
      sign: (message: Uint8Array) => sign(annKey, message, { userId: '', allowsEmptyUserId: true })
    }
    expect(codeOf(() => verifyMessage(new Uint8Array()))).toBe('CMS_MALFORMED')
    const message = await signMessage(content, ann, withoutZ)
    expect(codeOf(() => verifyMessage(message))).toBe('USER_ID_WRONG')
  })

  it("are not made with somebody else's certificate", async () => {
    expect(await codeOfAsync(() => signMessage(content, bob, signer))).toBe('KEY_PAIR_MISMATCH')
  })

  it('of another kind, cut short or with bytes behind are refused', async () => {
    const message = await signMessage(content, ann, signer)
    expect(codeOf(() => verifyMessage(concat(message, Uint8Array.of(0))))).toBe('CMS_MALFORMED')
    expect(codeOf(() => verifyMessage(envelopMessage(content, [ann])))).toBe('CMS_MALFORMED')
    for (let length = 0; length < message.length; length += 7) {
      expect(codeOf(() => verifyMessage(message.subarray(0, length)))).toBe('CMS_MALFORMED')
    }
  })

  it('do not verify with any one byte altered', async () => {
    const message = await signMessage(content, ann, signer, { intermediates: [root] })
    for (let byte = 0; byte < message.length; byte++) {
      for (const mask of [0x01, 0x21, 0x80]) {
        const bytes = message.with(byte, message[byte]! ^ mask)
        expect(
          codeOf(() => verifyMessage(bytes)),
          `byte ${byte} ^ ${mask}`
        ).toMatch(/^(CMS|CERT|SIGNATURE|KEY|PUBLIC)_/)
      }
    }
  })
})

describe('enveloped messages', () => {
  it('open for each recipient and for nobody else', async () => {
    const message = envelopMessage(content, [ann, bob])
    expect(toHex(await openMessage(message, ann, unwrapWith(annKey)))).toBe(toHex(content))
    expect(toHex(await openMessage(message, bob, unwrapWith(bobKey)))).toBe(toHex(content))
    expect(await codeOfAsync(() => openMessage(message, root, unwrapWith(annKey)))).toBe('CMS_RECIPIENT_UNKNOWN')
    expect(await codeOfAsync(() => openMessage(message, ann, unwrapWith(bobKey)))).toBe('CIPHERTEXT_MISMATCH')
    expect(toHex(message)).not.toContain(toHex(content))
  })

  it('are refused without recipients, cut, or of another kind', async () => {
    expect(codeOf(() => envelopMessage(content, []))).toBe('READERS_INVALID')
    const message = envelopMessage(content, [ann])
    const opening = (bytes: Uint8Array) => codeOfAsync(() => openMessage(bytes, ann, unwrapWith(annKey)))
    expect(await opening(message.subarray(0, -1))).toBe('CMS_MALFORMED')
    expect(await opening(await signMessage(content, ann, signer))).toBe('CMS_MALFORMED')
    const cipher = swap(message, encodeOid(oids.sm4Cbc), encodeOid('1.2.156.10197.1.104.1'))
    expect(await opening(cipher)).toBe('CMS_ALGORITHM_REFUSED')
  })
})
