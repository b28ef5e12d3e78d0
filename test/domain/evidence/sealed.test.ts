import { hexlify } from 'ethers'
import { unzipSync, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { keyIdOf, sealFor, unwrapWith } from '../../../domain/crypto/envelope.ts'
import { sha256 } from '../../../domain/crypto/hash.ts'
import { newPrivateKey, publicKeyOf } from '../../../domain/crypto/sm2.ts'
import { openPackage } from '../../../domain/evidence/package.ts'
import { sealingContext, unsealPackage } from '../../../domain/evidence/sealed.ts'
import { canonicalBytes } from '../../../domain/evidence/shape.ts'
import { verifyPackage } from '../../../domain/evidence/verify.ts'
import { invoice, makePackage } from './story.ts'

const readerOf = (secret: Uint8Array) => ({ publicKey: publicKeyOf(secret), keyId: keyIdOf(publicKeyOf(secret)) })
const [owner, debtor, stranger] = [newPrivateKey(), newPrivateKey(), newPrivateKey()]
const digest = hexlify(sha256(invoice))

async function sealedPackage(plain = invoice, context = digest) {
  const { sealed, keys } = sealFor(plain, [readerOf(owner), readerOf(debtor)], sealingContext(context))
  return makePackage(undefined, { documents: [], sealed: [{ bytes: sealed, sha256: digest, extension: 'xml', keys }] })
}
const made = await sealedPackage()
const open = (bytes: Uint8Array, secret: Uint8Array) => unsealPackage(bytes, readerOf(secret).keyId, unwrapWith(secret))
const code = (name: string) => expect.objectContaining({ code: name })

/** The package with its manifest changed, digests made to fit. */
function tampered(change: (manifest: ReturnType<typeof openPackage>['manifest']) => void): Uint8Array {
  const { manifest } = openPackage(made.bytes)
  change(manifest)
  return zipSync({ ...unzipSync(made.bytes), 'manifest.json': canonicalBytes(manifest) })
}

describe('a package with a sealed document', () => {
  it('verifies as it is, and says what it did not look into', async () => {
    const report = await verifyPackage(made.bytes, made.anchors)
    expect(report.result).toBe('verified')
    const check = report.checks.find(({ name }) => name === 'documents')
    expect(check?.detail).toContain('1 more sealed to readers and not looked into')
  })

  it('has no piece of the document in it', () => {
    const all = Buffer.concat(Object.values(unzipSync(made.bytes)))
    for (const piece of [
      'INV-1',
      '<Invoice',
      Buffer.from('INV-1').toString('base64'),
      Buffer.from('INV-1').toString('hex')
    ]) {
      expect(all.includes(piece), piece).toBe(false)
    }
  })

  it.each([
    ['its owner', owner],
    ['the debtor', debtor]
  ])('opens to %s as the package in clear, which verifies', async (_, secret) => {
    const clear = await open(made.bytes, secret)
    const plain = await makePackage()
    expect(openPackage(clear).manifest.documents).toEqual(openPackage(plain.bytes).manifest.documents)
    const report = await verifyPackage(clear, made.anchors)
    expect(report.result).toBe('verified')
    expect(report.checks.find(({ name }) => name === 'documents')?.detail).toMatch(/^1 of 1 recorded documents/)
  })

  it('does not open to anybody else', async () => {
    await expect(open(made.bytes, stranger)).rejects.toThrow(code('READER_NOT_ENTITLED'))
    await expect(unsealPackage(made.bytes, readerOf(owner).keyId, unwrapWith(stranger))).rejects.toThrow(
      code('DOCUMENT_MISMATCH')
    )
  })

  it('is refused when another document is sealed in it, or the keys of the readers are swapped', async () => {
    const other = await sealedPackage(new TextEncoder().encode('<Invoice><ID>INV-2</ID></Invoice>'))
    await expect(open(other.bytes, owner)).rejects.toThrow(code('DOCUMENT_MISMATCH'))
    const misplaced = await sealedPackage(invoice, `0x${'11'.repeat(32)}`)
    await expect(open(misplaced.bytes, owner)).rejects.toThrow(code('DOCUMENT_MISMATCH'))
    const swapped = tampered(({ sealed }) => {
      const [first, second] = sealed![0]!.keys
      ;[first!.wrapped, second!.wrapped] = [second!.wrapped, first!.wrapped]
    })
    await expect(open(swapped, owner)).rejects.toThrow(code('DOCUMENT_MISMATCH'))
  })

  it('is refused when the sealed member is of no recorded document, changed or not declared', async () => {
    const renamed = tampered(({ sealed }) => (sealed![0]!.sha256 = `0x${'22'.repeat(32)}`))
    const codes = async (bytes: Uint8Array) =>
      (await verifyPackage(bytes, made.anchors)).checks.flatMap((check) => check.code ?? [])
    expect(await codes(renamed)).toEqual(['DOCUMENT_MISMATCH'])
    const members = unzipSync(made.bytes)
    const path = Object.keys(members).find((name) => name.startsWith('sealed/'))!
    members[path]![40]! ^= 1
    expect(await codes(zipSync(members))).toEqual(['DIGEST_MISMATCH'])
    await expect(open(zipSync(members), owner)).rejects.toThrow(code('DOCUMENT_MISMATCH'))
    expect(await codes(tampered((manifest) => delete manifest.sealed))).toEqual(['MANIFEST_MALFORMED'])
  })
})
