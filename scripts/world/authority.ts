import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getBytes } from 'ethers'
import { issueCertificate, issueRoot, type KeyUsage, type Name } from '../../domain/crypto/certificate.ts'
import { toPem } from '../../domain/crypto/pem.ts'
import { publicKeyOf, SigningKey } from '../../domain/crypto/sm2.ts'
import { cast, operator } from './cast.ts'
import type { WorldKeys } from './keys.ts'

/** Certificates of the embedded world, base64 of DER. In production a licensed authority issues them. */
export interface WorldCertificates {
  root: string
  issuing: string
  /** Of the key that signs log heads. */
  log: string
  /** Of the key that signs certificates about the chain. */
  statements: string
  participants: Record<string, ParticipantCertificates>
}

export interface ParticipantCertificates {
  /** Of its SM2 signers, by duty; empty for who has none. */
  signers: Record<string, string>
  /** Of the key that documents are sealed to. */
  encryption: string
}

const DAY_MS = 24 * 3600 * 1000
const YEAR_MS = 365 * DAY_MS
const signing: readonly KeyUsage[] = ['digitalSignature', 'nonRepudiation']

/**
 * Reads the certificates, or has them issued on the first start. They are kept before anything is sent to the chain, since
 * an admission names their digest and each issue is another one: a start that was cut off goes on with the same.
 */
export async function ensureCertificates(dataDir: string, keys: WorldKeys): Promise<WorldCertificates> {
  const file = join(dataDir, 'certificates.json')
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  const certificates = known === undefined ? await issueAll(keys) : (JSON.parse(known) as WorldCertificates)
  if (known === undefined) await writeWhole(file, `${JSON.stringify(certificates, null, 2)}\n`)
  const folder = join(dataDir, 'certificates')
  await mkdir(folder, { recursive: true })
  for (const [name, pems] of filesOf(certificates)) await writeWhole(join(folder, name), pems)
  return certificates
}

/** Where the PEM files are: `authority` is what others trust, the services' files begin with their own certificate. */
export const certificateFiles = (dataDir: string) => ({
  authority: join(dataDir, 'certificates', 'root.pem'),
  log: join(dataDir, 'certificates', 'log.pem'),
  statements: join(dataDir, 'certificates', 'statements.pem')
})

export function derOf(certificate: string): Uint8Array {
  return new Uint8Array(Buffer.from(certificate, 'base64'))
}

/** All of a participant's. */
export function certificatesOf({ signers, encryption }: ParticipantCertificates): Uint8Array[] {
  return [...Object.values(signers), encryption].map(derOf)
}

async function issueAll(keys: WorldKeys): Promise<WorldCertificates> {
  const now = Math.floor(Date.now() / 1000) * 1000
  const from = (years: number) => ({ notBefore: new Date(now - DAY_MS), notAfter: new Date(now + years * YEAR_MS) })
  const [rootKey, issuingKey] = [keyOf(keys.authority.root), keyOf(keys.authority.issuing)]
  const authority = { organization: 'Tallystick demonstration authority', country: 'CN' }
  const root = await issueRoot({ ...authority, commonName: 'Demonstration root' }, rootKey, from(20))
  const issuing = await issueCertificate(
    {
      subject: { ...authority, commonName: 'Demonstration issuing authority' },
      publicKey: issuingKey.publicKey,
      ...from(15),
      usages: ['keyCertSign', 'cRLSign'],
      authority: { pathLength: 0 }
    },
    root,
    rootKey
  )
  const leaf = async (subject: Name, privateKey: string, usages: readonly KeyUsage[] = signing) => {
    const publicKey = publicKeyOf(getBytes(privateKey))
    return base64(await issueCertificate({ subject, publicKey, ...from(5), usages }, issuing, issuingKey))
  }
  const participants: WorldCertificates['participants'] = {}
  for (const { slug, name, country, identifiers } of cast) {
    const { signers, encryption } = keys.participants[slug]!
    const subject = { organization: name, country, organizationIdentifier: identifiers[0] as string }
    const issued: Record<string, string> = {}
    for (const { kind, duty, privateKey } of signers) {
      if (kind === 'sm2') issued[duty] = await leaf({ ...subject, commonName: `${slug} ${duty}` }, privateKey)
    }
    const sealing = await leaf({ ...subject, commonName: `${slug} documents` }, encryption, ['keyEncipherment'])
    participants[slug] = { signers: issued, encryption: sealing }
  }
  return {
    root: base64(root),
    issuing: base64(issuing),
    log: await leaf({ ...operator, commonName: 'Tallystick evidence log' }, keys.log.signing),
    statements: await leaf({ ...operator, commonName: 'Tallystick certificates' }, keys.statements.signing),
    participants
  }
}

function filesOf({ root, issuing, log, statements, participants }: WorldCertificates): [string, string][] {
  const pem = (...list: string[]) => list.map((one) => toPem('CERTIFICATE', derOf(one))).join('')
  return [
    ['root.pem', pem(root)],
    ['issuing.pem', pem(issuing)],
    ['log.pem', pem(log, issuing)],
    ['statements.pem', pem(statements, issuing)],
    ...Object.entries(participants).flatMap(([slug, { signers, encryption }]): [string, string][] => [
      ...Object.entries(signers).map(([duty, one]): [string, string] => [`${slug}.${duty}.pem`, pem(one, issuing)]),
      [`${slug}.encryption.pem`, pem(encryption, issuing)]
    ])
  ]
}

function keyOf(privateKey: string): SigningKey {
  return new SigningKey(getBytes(privateKey))
}

function base64(der: Uint8Array): string {
  return Buffer.from(der).toString('base64')
}

async function writeWhole(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content, { mode: 0o644 })
  await rename(`${file}.new`, file)
}
