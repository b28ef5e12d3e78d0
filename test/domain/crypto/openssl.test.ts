/** Both ways with the openssl command: another implementation, another process. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../domain/crypto/bytes.ts'
import {
  isSignedBy,
  issueCertificate,
  issueRoot,
  parseCertificate,
  parseRequest,
  requestCertificate,
  verifyChain
} from '../../../domain/crypto/certificate.ts'
import { sm3 } from '../../../domain/crypto/hash.ts'
import {
  exportPkcs8EncryptedPem,
  exportPkcs8Pem,
  exportSpkiPem,
  fromPem,
  importPrivateKey,
  importPublicKey,
  toPem
} from '../../../domain/crypto/keys.ts'
import { randomBytes, sm4CbcEncrypt, sm4Ctr } from '../../../domain/crypto/native.ts'
import {
  newPrivateKey,
  publicKeyOf,
  sign,
  signatureFromDer,
  signatureToDer,
  SigningKey,
  verify
} from '../../../domain/crypto/sm2.ts'
import { decryptWith, encryptTo } from '../../../domain/crypto/sm2-encryption.ts'

const version = spawnSync('openssl', ['version']).stdout?.toString() ?? ''
const hasOpenssl = /^OpenSSL [3-9]/.test(version)
if (!hasOpenssl) console.log('skipped: no openssl 3 command on the PATH, so nothing is compared with it')

const folder = mkdtempSync(join(tmpdir(), 'tallystick-openssl-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content)
  return at(name)
}
const ID = 'distid:1234567812345678'

function openssl(...args: string[]): { ok: boolean; out: Buffer; text: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args)
  return { ok: status === 0, out: stdout, text: `${stdout.toString()}${stderr.toString()}` }
}
function must(...args: string[]): Buffer {
  const { ok, out, text } = openssl(...args)
  if (!ok) throw new Error(`openssl ${args[0]}: ${text}`)
  return out
}

describe.skipIf(!hasOpenssl)(`openssl (${version.trim() || 'missing'})`, () => {
  it('verifies our signatures and we its, with default and other user ids; each rejects another id', () => {
    for (let i = 0; i < 20; i++) {
      const privateKey = newPrivateKey()
      const publicKey = publicKeyOf(privateKey)
      const userId = i % 2 === 0 ? '1234567812345678' : `company-${i}`
      const message = randomBytes(i * 11)
      const [key, pub, file] = [
        put('key.pem', exportPkcs8Pem(privateKey)),
        put('pub.pem', exportSpkiPem(publicKey)),
        put('message', message)
      ]
      const common = ['-rawin', '-digest', 'sm3', '-in', file, '-pkeyopt', `distid:${userId}`]
      must('pkeyutl', '-sign', ...common, '-inkey', key, '-out', at('theirs'))
      const theirs = signatureFromDer(new Uint8Array(readFileSync(at('theirs'))))
      expect(verify(publicKey, message, theirs, { userId })).toBe(true)
      expect(verify(publicKey, message, theirs, { userId: 'other' })).toBe(false)
      const ours = put('ours', signatureToDer(sign(privateKey, message, { userId })))
      expect(openssl('pkeyutl', '-verify', ...common, '-pubin', '-inkey', pub, '-sigfile', ours).ok).toBe(true)
      const wrong = [...common.slice(0, -1), 'distid:other']
      expect(openssl('pkeyutl', '-verify', ...wrong, '-pubin', '-inkey', pub, '-sigfile', ours).ok).toBe(false)
    }
  })

  it('decrypts our ciphertexts and we its', () => {
    for (let i = 1; i <= 10; i++) {
      const privateKey = newPrivateKey()
      const publicKey = publicKeyOf(privateKey)
      const message = randomBytes(i * 9)
      const key = put('key.pem', exportPkcs8Pem(privateKey))
      const pub = put('pub.pem', exportSpkiPem(publicKey))
      const theirs = must('pkeyutl', '-encrypt', '-pubin', '-inkey', pub, '-in', put('plain', message))
      expect(toHex(decryptWith(privateKey, new Uint8Array(theirs)))).toBe(toHex(message))
      const ours = put('cipher', encryptTo(publicKey, message))
      expect(toHex(must('pkeyutl', '-decrypt', '-inkey', key, '-in', ours))).toBe(toHex(message))
    }
  })

  it('reads our keys and we its: PKCS#8 plain and encrypted, the older forms, SPKI', () => {
    const privateKey = newPrivateKey()
    const spki = exportSpkiPem(publicKeyOf(privateKey))
    const encrypted = put('encrypted.pem', exportPkcs8EncryptedPem(privateKey, '口令'))
    expect(must('pkey', '-in', encrypted, '-passin', 'pass:口令', '-pubout').toString()).toBe(spki)
    const key = put('key.pem', exportPkcs8Pem(privateKey))
    expect(must('pkey', '-in', key, '-pubout').toString()).toBe(spki)
    for (const args of [
      ['pkcs8', '-topk8', '-v2', 'sm4-cbc', '-passout', 'pass:x'],
      ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'pass:x'],
      ['ec', '-param_enc', 'named_curve'],
      ['pkey', '-traditional']
    ]) {
      const { ok, out } = openssl(...args, '-in', key)
      if (!ok) continue
      expect(toHex(importPrivateKey(out.toString(), 'x'))).toBe(toHex(privateKey))
    }
    const generated = must('genpkey', '-algorithm', 'SM2').toString()
    const theirs = must('pkey', '-in', put('generated.pem', generated), '-pubout').toString()
    expect(toHex(importPublicKey(theirs))).toBe(toHex(publicKeyOf(importPrivateKey(generated))))
  })

  it('accepts our certificates, link by link, and our request', async () => {
    const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) }
    const [rootKey, issuingKey, leafKey] = [0, 1, 2].map(() => new SigningKey(newPrivateKey()))
    const root = await issueRoot({ commonName: 'root', country: 'CN' }, rootKey!, validity)
    const base = { ...validity, subject: { commonName: 'issuing' }, publicKey: issuingKey!.publicKey }
    const issuing = await issueCertificate({ ...base, usages: ['keyCertSign'], authority: {} }, root, rootKey!)
    const leafBase = { ...validity, subject: { commonName: '甲' }, publicKey: leafKey!.publicKey }
    const leaf = await issueCertificate({ ...leafBase, usages: ['digitalSignature'] }, issuing, issuingKey!)
    const [rootPem, issuingPem, leafPem] = [root, issuing, leaf].map((der, i) =>
      put(`certificate${i}.pem`, toPem('CERTIFICATE', der))
    )
    must('verify', '-vfyopt', ID, '-CAfile', rootPem!, issuingPem!)
    must('verify', '-vfyopt', ID, '-partial_chain', '-CAfile', issuingPem!, leafPem!)
    expect(openssl('verify', '-vfyopt', ID, '-partial_chain', '-CAfile', rootPem!, leafPem!).ok).toBe(false)
    const request = put(
      'request.pem',
      toPem('CERTIFICATE REQUEST', await requestCertificate({ commonName: '乙' }, leafKey!))
    )
    must('req', '-in', request, '-verify', '-noout', '-vfyopt', ID)
  })

  it('makes certificates, requests and chains that we accept', () => {
    const [rootKey, leafKey] = [newPrivateKey(), newPrivateKey()]
    const [rootFile, leafFile] = [put('rk.pem', exportPkcs8Pem(rootKey)), put('lk.pem', exportPkcs8Pem(leafKey))]
    const sm3Opts = ['-sm3', '-sigopt', ID]
    must(
      'req',
      '-x509',
      '-new',
      '-key',
      rootFile,
      '-subj',
      '/CN=openssl root',
      '-days',
      '2',
      ...sm3Opts,
      '-out',
      at('r.pem')
    )
    must('req', '-new', '-key', leafFile, '-subj', '/CN=openssl leaf', ...sm3Opts, '-out', at('l.csr'))
    const extensions = put(
      'ext',
      'keyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\nauthorityKeyIdentifier=keyid\n'
    )
    must(
      'x509',
      '-req',
      '-in',
      at('l.csr'),
      '-CA',
      at('r.pem'),
      '-CAkey',
      rootFile,
      '-set_serial',
      '0x7001',
      '-days',
      '1',
      '-extfile',
      extensions,
      ...sm3Opts,
      '-vfyopt',
      ID,
      '-out',
      at('l.pem')
    )
    const [root, leaf, request] = ['r.pem', 'l.pem', 'l.csr'].map(
      (name) => fromPem(readFileSync(at(name), 'utf8'))[0]!.der
    )
    const policy = { at: new Date(Date.now() + 5000), usage: 'digitalSignature' } as const
    expect(verifyChain(leaf!, [], [root!], policy).map(({ subject }) => subject)).toEqual([
      'CN=openssl leaf',
      'CN=openssl root'
    ])
    expect(parseCertificate(leaf!).serial).toBe('7001')
    expect(isSignedBy(parseCertificate(root!), parseCertificate(root!))).toBe(true)
    expect(parseRequest(request!).commonName).toBe('openssl leaf')
  })

  it('hashes and encrypts as we do', () => {
    const message = randomBytes(1000)
    const [key, iv] = [randomBytes(16), randomBytes(16)]
    const file = put('message', message)
    expect(must('dgst', '-sm3', '-binary', file).equals(sm3(message))).toBe(true)
    const options = ['-K', toHex(key), '-iv', toHex(iv), '-in', file]
    expect(must('enc', '-sm4-ctr', ...options).equals(sm4Ctr(key, iv, message))).toBe(true)
    expect(must('enc', '-sm4-cbc', ...options).equals(sm4CbcEncrypt(key, iv, message))).toBe(true)
    expect(toHex(utf8('口'))).toBe('e58fa3')
  })
})
