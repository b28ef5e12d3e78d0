/** Key files of the embedded world's people, for the console. In production every firm makes its own and nobody else sees the key. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sealKeyFile } from '../../client/key-file.ts'
import type { Deployment } from '../../domain/chain/contracts.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'
import { cast, participantIdOf } from './cast.ts'
import { readKeys } from './keys.ts'
import { accountSignerOf } from './signing.ts'

export interface KeyFileRequest {
  dataDir: string
  slug: string
  duty: SignerDuty
  passphrase: string
  /** The participant's account: the chain knows it, the data folder does not. */
  account: string
  iterations?: number
}

/** The text of a cast member's key file with its API key sealed in it; undefined when it has no key of that duty. */
export async function castKeyFile(request: KeyFileRequest): Promise<string | undefined> {
  const { dataDir, slug, duty, passphrase, account, iterations } = request
  const member = cast.find((one) => one.slug === slug)
  const keys = (await readKeys(dataDir)).participants[slug]
  const key = keys?.signers.find((one) => one.duty === duty)
  if (!member || !keys || !key) return undefined
  const deployment = JSON.parse(await readFile(join(dataDir, 'deployment.json'), 'utf8')) as Deployment
  const { chainId, receivables, fingerprints, p256Verifier, sm2Verifier, participants, accountFactory } = deployment
  const content = {
    participantId: participantIdOf(slug),
    participantName: member.name,
    duty,
    kind: key.kind,
    signer: accountSignerOf(key, deployment).signer,
    account,
    registry: { chainId, receivables, fingerprints, p256Verifier, sm2Verifier, participants, accountFactory }
  }
  return sealKeyFile(content, { privateKey: key.privateKey, apiKey: keys.apiKey }, passphrase, iterations)
}
