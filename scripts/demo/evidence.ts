import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unzipSync, zipSync } from 'fflate'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { getBytes } from 'ethers'
import { keyIdOf, unwrapWith } from '../../domain/crypto/envelope.ts'
import { publicKeyOf } from '../../domain/crypto/sm2.ts'
import { unsealPackage } from '../../domain/evidence/sealed.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import type { Stage, StoryState } from './stage.ts'

interface Play extends Stage {
  state: StoryState
  step: <T>(who: string, what: string, work: () => Promise<T & { tx?: string; detail?: string }>) => Promise<T>
}

/** Exports the package, verifies it with nothing but the trust anchors, and shows that a tampered copy fails. */
export async function exportAndVerify(play: Play, receivableId: string): Promise<void> {
  const folder = join(play.dataDir, 'evidence')
  const file = join(folder, `receivable-${play.state.run}.zip`)
  const forgedFile = join(folder, `receivable-${play.state.run}-tampered.zip`)
  await mkdir(folder, { recursive: true })
  const sealed = await play.step('alder', 'exports the evidence, its documents sealed to their readers', async () => {
    const content = await play.as('alder').download(`/v1/receivables/${receivableId}/evidence`)
    await writeFile(join(folder, `receivable-${play.state.run}-sealed.zip`), content)
    return Object.assign(content, { detail: `${content.length} bytes` })
  })
  const bytes = await play.step('alder', 'opens them with its own key, for the court', async () => {
    const secret = getBytes(play.keys.participants['alder']!.encryption)
    const content = await unsealPackage(sealed, keyIdOf(publicKeyOf(secret)), unwrapWith(secret))
    await writeFile(file, content)
    return Object.assign(content, { detail: file })
  })
  const anchors = await play.as('alder').get<TrustAnchors>('/v1/trust-anchors')
  await writeFile(join(play.dataDir, 'trust-anchors.json'), `${JSON.stringify(anchors, null, 2)}\n`)
  await play.step('anyone', 'verifies it offline', async () => {
    const report = await verifyPackage(bytes, anchors)
    const open = report.outcome?.notes.filter((note) => note.state !== 'settled') ?? []
    if (report.result === 'verified' && open.length > 0)
      throw new Error('the package does not know the newest settlement')
    if (report.result !== 'verified')
      throw new Error(`not verified: ${JSON.stringify(report.checks.filter((check) => !check.ok))}`)
    return { detail: `${report.checks.length} checks, ${report.result}` }
  })
  await play.step('anyone', 'verifies a copy with one digit changed', async () => {
    const forged = tampered(bytes)
    await writeFile(forgedFile, forged)
    const report = await verifyPackage(forged, anchors)
    const failure = report.checks.find((check) => check.ok === false)
    if (report.result !== 'failed' || !failure) throw new Error('a tampered package was verified')
    return { detail: `refused, ${failure.code}: ${failure.detail}` }
  })
}

/** The invoice's total with another first digit, everything else as it was. */
function tampered(bytes: Uint8Array): Uint8Array {
  const members = unzipSync(bytes)
  const name = Object.keys(members).find((path) => path.startsWith('documents/'))!
  const text = new TextDecoder().decode(members[name])
  members[name] = new TextEncoder().encode(text.replace('100000.00', '900000.00'))
  return zipSync(members)
}
