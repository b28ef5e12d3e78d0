import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import {
  isSignedBy,
  issueCertificate,
  issueRoot,
  parseCertificate,
  parseRequest,
  requestCertificate,
  verifyChain,
  type ChainPolicy,
  type KeyUsage
} from '../../../domain/crypto/certificate.ts'
import { encode, encodeOid, encodeSequence, tags } from '../../../domain/crypto/der.ts'
import { fromPem, importPrivateKey } from '../../../domain/crypto/keys.ts'
import { oids } from '../../../domain/crypto/oids.ts'
import { newPrivateKey, publicKeyOf, sign, signatureToDer, SigningKey } from '../../../domain/crypto/sm2.ts'
import { certificatesOf, codeOf, hasVectors, readText } from './vectors.ts'

const day = (text: string): Date => new Date(`${text}T00:00:00Z`)
const validity = { notBefore: day('2026-01-01'), notAfter: day('2027-01-01') }
const newKey = (): SigningKey => new SigningKey(newPrivateKey())
const [rootKey, issuingKey, leafKey] = [newKey(), newKey(), newKey()]
const root = await issueRoot({ commonName: '登记机构根', country: 'CN' }, rootKey, validity)
const issuing = await authority(root, rootKey, issuingKey, 0)
const leaf = await leafOf(issuing, issuingKey)
const now: ChainPolicy = { at: day('2026-06-01'), usage: 'digitalSignature' }
const chain = (der: Uint8Array, between: Uint8Array[], anchors = [root], policy = now) =>
  codeOf(() => verifyChain(der, between, anchors, policy))

function authority(above: Uint8Array, signer: SigningKey, key: SigningKey, pathLength?: number, name = 'issuing') {
  const request = { subject: { commonName: name }, publicKey: key.publicKey, ...validity }
  const limit = pathLength === undefined ? {} : { pathLength }
  return issueCertificate({ ...request, usages: ['keyCertSign', 'cRLSign'], authority: limit }, above, signer)
}

function leafOf(above: Uint8Array, signer: SigningKey, usages: KeyUsage[] = ['digitalSignature', 'nonRepudiation']) {
  const subject = { commonName: '甲供应链', organizationIdentifier: '91310000MA1FL00000' }
  return issueCertificate({ subject, publicKey: leafKey.publicKey, ...validity, usages }, above, signer)
}

describe('certificates of the small authority', () => {
  it('say what was asked for', () => {
    const certificate = parseCertificate(leaf)
    expect(certificate).toMatchObject({
      commonName: '甲供应链',
      organizationIdentifier: '91310000MA1FL00000',
      issuer: 'CN=issuing',
      isAuthority: false,
      usages: ['digitalSignature', 'nonRepudiation'],
      ...validity
    })
    expect(toHex(certificate.publicKey)).toBe(toHex(leafKey.publicKey))
    expect(toHex(certificate.authorityKeyId!)).toBe(toHex(parseCertificate(issuing).subjectKeyId!))
    expect(parseCertificate(issuing)).toMatchObject({ isAuthority: true, pathLength: 0 })
  })

  it('have other serials each time', async () => {
    const serials = await Promise.all(Array.from({ length: 10 }, () => leafOf(issuing, issuingKey)))
    expect(new Set(serials.map((der) => parseCertificate(der).serial)).size).toBe(10)
  })

  it('are not issued by a leaf, by another key, or with times the wrong way round', async () => {
    await expect(leafOf(leaf, leafKey)).rejects.toThrow(RangeError)
    await expect(leafOf(issuing, rootKey)).rejects.toThrow(RangeError)
    const backwards = { notBefore: validity.notAfter, notAfter: validity.notBefore }
    await expect(issueRoot({ commonName: 'x' }, rootKey, backwards)).rejects.toThrow(RangeError)
  })

  it('stand beyond 2050 as well', async () => {
    const late = await issueRoot({ commonName: 'x' }, rootKey, {
      notBefore: day('2049-12-31'),
      notAfter: day('2060-01-01')
    })
    expect(parseCertificate(late)).toMatchObject({ notBefore: day('2049-12-31'), notAfter: day('2060-01-01') })
  })
})

describe('chains', () => {
  it('lead from the leaf over the issuing authority to the anchor, whatever the order of the rest', async () => {
    const stray = await issueRoot({ commonName: 'stray' }, newKey(), validity)
    const path = verifyChain(leaf, [stray, leaf, utf8('no certificate'), issuing], [stray, root], now)
    expect(path.map(({ subject }) => subject)).toEqual([
      '2.5.4.97=91310000MA1FL00000, CN=甲供应链',
      'CN=issuing',
      'C=CN, CN=登记机构根'
    ])
  })

  it('end at an anchor that is no root', () => {
    expect(verifyChain(leaf, [], [issuing], now)).toHaveLength(2)
  })

  it.each([
    ['before its first second', new Date(validity.notBefore.getTime() - 1), 'CERT_NOT_YET_VALID'],
    ['in its first second', validity.notBefore, 'not refused'],
    ['in its last second', new Date(validity.notAfter.getTime() + 999), 'not refused'],
    ['after its last second', new Date(validity.notAfter.getTime() + 1000), 'CERT_EXPIRED']
  ])('%s: %s gives %s', (_, at, expected) => {
    expect(chain(leaf, [issuing], [root], { ...now, at })).toBe(expected)
  })

  it('a moment that is no date is refused, not passed', () => {
    expect(() => verifyChain(leaf, [issuing], [root], { ...now, at: new Date('never') })).toThrow(RangeError)
  })

  it('an expired authority spoils a valid leaf', async () => {
    const old = { ...validity, notAfter: day('2026-02-01') }
    const request = { subject: { commonName: 'issuing' }, publicKey: issuingKey.publicKey, ...old }
    const expired = await issueCertificate({ ...request, usages: ['keyCertSign'], authority: {} }, root, rootKey)
    expect(chain(await leafOf(expired, issuingKey), [expired])).toBe('CERT_EXPIRED')
  })

  it('a certificate for encryption does not sign, and the other way round', async () => {
    const forEncryption = await leafOf(issuing, issuingKey, ['keyEncipherment', 'dataEncipherment'])
    expect(chain(forEncryption, [issuing])).toBe('CERT_USAGE')
    expect(chain(forEncryption, [issuing], [root], { ...now, usage: 'keyEncipherment' })).toBe('not refused')
    expect(chain(leaf, [issuing], [root], { ...now, usage: 'keyEncipherment' })).toBe('CERT_USAGE')
    expect(chain(issuing, [], [root])).toBe('CERT_USAGE')
  })

  it('no anchor, a missing link, or another anchor of the same name lead nowhere', async () => {
    const namesake = await issueRoot({ commonName: '登记机构根', country: 'CN' }, newKey(), validity)
    expect(chain(leaf, [issuing], [])).toBe('CERT_UNTRUSTED')
    expect(chain(leaf, [])).toBe('CERT_UNTRUSTED')
    expect(chain(leaf, [issuing], [namesake])).toBe('CERT_UNTRUSTED')
  })

  it('a signature of somebody else, and any altered byte of what was signed, are found', async () => {
    const fake = await issueRoot({ commonName: 'issuing' }, issuingKey, validity)
    expect(chain(leaf, [fake])).toBe('CERT_UNTRUSTED')
    const bytes = leaf.slice()
    const at = Buffer.from(leaf).indexOf(Buffer.from('甲供应链'))
    bytes[at + 2]! ^= 1
    expect(chain(bytes, [issuing])).toBe('CERT_SIGNATURE_INVALID')
    const signature = leaf.with(leaf.length - 1, leaf.at(-1)! ^ 1)
    expect(chain(signature, [issuing])).toBe('CERT_SIGNATURE_INVALID')
  })

  it('a leaf cannot issue', async () => {
    // Made by hand: our own authority refuses to.
    const forged = handMade(leaf, issuingKey.publicKey, leafKey)
    expect(chain(forged, [leaf, issuing])).toBe('CERT_CA_REQUIRED')
  })

  it('a path length is kept', async () => {
    const [secondKey] = [newKey()]
    const second = await authority(issuing, issuingKey, secondKey, undefined, 'second')
    const below = await leafOf(second, secondKey)
    expect(chain(below, [second, issuing])).toBe('CERT_PATH_LENGTH')
    const free = await authority(root, rootKey, issuingKey)
    expect(
      chain(await leafOf(await authority(free, issuingKey, secondKey, 0, 'second'), secondKey), [
        await authority(free, issuingKey, secondKey, 0, 'second'),
        free
      ])
    ).toBe('not refused')
  })

  it('two authorities that issued for each other end the search', async () => {
    const [a, b] = [newKey(), newKey()]
    const selfA = await issueRoot({ commonName: 'a' }, a, validity)
    const selfB = await issueRoot({ commonName: 'b' }, b, validity)
    const bByA = await authority(selfA, a, b, undefined, 'b')
    const aByB = await authority(selfB, b, a, undefined, 'a')
    expect(chain(await leafOf(aByB, a), [aByB, bByA, selfA, selfB])).toBe('CERT_UNTRUSTED')
  })
})

/** A certificate by a key that may not issue, in the form that our builder has. */
function handMade(issuer: Uint8Array, publicKey: Uint8Array, signer: SigningKey): Uint8Array {
  const inner = parseCertificate(leaf)
  const name = parseCertificate(issuer)
  const text = toHex(inner.tbs)
  const tbs = fromHex(
    text
      .replace(toHex(inner.issuerDer), 'II')
      .replace(toHex(inner.publicKey), toHex(publicKey))
      .replace(toHex(inner.authorityKeyId!), toHex(name.subjectKeyId!))
      .replace('II', toHex(name.subjectDer))
  )
  // The length of the sequence changed with the name.
  const content = tbs.subarray(text.startsWith('3082') ? 4 : 3)
  const body = encodeSequence(content)
  const bits = encode(tags.bitString, Uint8Array.of(0), signatureToDer(sign(signer, body)))
  return encodeSequence(body, encodeSequence(encodeOid(oids.sm2WithSm3)), bits)
}

describe('malformed certificates', () => {
  it.each([
    ['bytes after the end', concat(leaf, Uint8Array.of(0)), 'CERT_MALFORMED'],
    ['a cut end', leaf.subarray(0, -1), 'CERT_MALFORMED'],
    ['nothing', new Uint8Array(), 'CERT_MALFORMED'],
    ['text', utf8('-----BEGIN CERTIFICATE-----'), 'CERT_MALFORMED'],
    ['another algorithm', replaced(leaf, '2a811ccf55018375', '2a811ccf55018376'), 'CERT_ALGORITHM'],
    ['another curve', replaced(leaf, '2a811ccf5501822d', '2a811ccf5501822e'), 'CERT_ALGORITHM'],
    ['a key off the curve', replaced(leaf, toHex(leafKey.publicKey).slice(0, 8), '00000000'), 'CERT_MALFORMED'],
    ['a critical extension that nobody knows', replaced(leaf, '0603551d0f', '0603551d7f'), 'CERT_EXTENSION_UNKNOWN']
  ])('%s', (_, der, code) => {
    expect(codeOf(() => parseCertificate(der))).toBe(code)
  })

  it('no prefix of a certificate gives another error than a refusal', () => {
    for (let length = 0; length < leaf.length; length++) {
      expect(codeOf(() => parseCertificate(leaf.subarray(0, length)))).toMatch(/^CERT_/)
    }
  })

  it('no altered byte gives another error than a refusal', () => {
    for (let at = 0; at < leaf.length; at++) {
      expect(chain(leaf.with(at, leaf[at]! ^ 0x41), [issuing])).toMatch(/^CERT_/)
    }
  })
})

function replaced(der: Uint8Array, from: string, to: string): Uint8Array {
  return fromHex(toHex(der).replaceAll(from, to))
}

describe('requests', () => {
  it('show possession of the key', async () => {
    const request = await requestCertificate({ commonName: '乙公司', country: 'CN' }, leafKey)
    const { subject, subjectDer, publicKey, commonName } = parseRequest(request)
    expect([subject, commonName]).toEqual(['C=CN, CN=乙公司', '乙公司'])
    const der = await issueCertificate(
      { subject: subjectDer, publicKey, ...validity, usages: ['digitalSignature'] },
      issuing,
      issuingKey
    )
    expect(parseCertificate(der).subject).toBe(subject)
    expect(chain(der, [issuing])).toBe('not refused')
  })

  it('are refused with an altered name, a foreign key, or another user id', async () => {
    const request = await requestCertificate({ commonName: 'company' }, leafKey)
    const name = replaced(request, toHex(utf8('company')), toHex(utf8('Company')))
    expect(codeOf(() => parseRequest(name))).toBe('CERT_SIGNATURE_INVALID')
    const key = replaced(request, toHex(leafKey.publicKey), toHex(publicKeyOf(newPrivateKey())))
    expect(codeOf(() => parseRequest(key))).toBe('CERT_SIGNATURE_INVALID')
    expect(codeOf(() => parseRequest(request, { userId: 'ALICE' }))).toBe('CERT_SIGNATURE_INVALID')
    expect(codeOf(() => parseRequest(request.subarray(1)))).toBe('CERT_MALFORMED')
  })
})

describe.skipIf(!hasVectors)('the certificates of Tongsuo', () => {
  const at = day('2025-01-01')

  it.each([
    ['client_sign.crt', 'digitalSignature', 'not refused'],
    ['server_sign.crt', 'digitalSignature', 'not refused'],
    ['client_enc.crt', 'keyEncipherment', 'not refused'],
    ['server_enc.crt', 'keyEncipherment', 'not refused'],
    ['client_enc.crt', 'digitalSignature', 'CERT_USAGE'],
    ['client_sign_expire.crt', 'digitalSignature', 'CERT_EXPIRED']
  ] as const)('%s for %s: %s', (file, usage, expected) => {
    const authorities = certificatesOf('chain-ca.crt')
    const anchors = authorities.filter((der) => {
      const { subject, issuer } = parseCertificate(der)
      return subject === issuer
    })
    expect(anchors).toHaveLength(1)
    expect(chain(certificatesOf(file)[0]!, authorities, anchors, { at, usage })).toBe(expected)
  })

  it('the expired one had no chain in its year either: its authorities began later', () => {
    const authorities = certificatesOf('chain-ca.crt')
    const expired = certificatesOf('client_sign_expire.crt')[0]!
    expect(chain(expired, authorities, authorities, { ...now, at: day('2000-06-01') })).toBe('CERT_NOT_YET_VALID')
  })

  it('a leaf of three levels, by an anchor, with its key', () => {
    const [middle, top] = certificatesOf('sm2-chain-ca.crt')
    const der = certificatesOf('sm2-leaf.crt')[0]!
    expect(verifyChain(der, [middle!], [top!], { ...now, at })).toHaveLength(3)
    const key = importPrivateKey(readText('tongsuo/sm2-leaf.key'))
    expect(toHex(parseCertificate(der).publicKey)).toBe(toHex(publicKeyOf(key)))
  })

  it('the self-signed root signs itself, and the leaf and request beside it hold', () => {
    const top = parseCertificate(certificatesOf('sm2-root-cert.pem')[0]!)
    expect(isSignedBy(top, top)).toBe(true)
    expect(isSignedBy(top, top, { userId: '', allowsEmptyUserId: true })).toBe(false)
    const below = parseCertificate(certificatesOf('sm2-cert.pem')[0]!)
    expect(isSignedBy(below, top)).toBe(true)
    expect(isSignedBy(below, below)).toBe(false)
    const [request] = fromPem(readText('tongsuo/sm2-csr.pem'))
    expect(parseRequest(request!.der).commonName).toBe('SM2 certificate signing key')
  })
})
