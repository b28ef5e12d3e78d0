/** Signing quotes as outside programs do: by their own digest, with the keys of the cast. */
import type { SignatureRecord } from '../../domain/evidence/record.ts'
import { buildPackage, openPackage, proofOf, type PackageInput } from '../../domain/evidence/package.ts'
import { quoteDigest, quoteTypedData, type QuoteTypedData } from '../../domain/factoring/signing.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'
import { signatureBody } from '../../client/signers.ts'
import { signDigest, type SignerKey } from '../../scripts/world/signing.ts'
import type { QuoteView } from './factoring.ts'
import type { Answer, Instance } from './instance.ts'
import { newKey, Newcomer } from './newcomer.ts'

export interface SignableQuote extends QuoteView {
  typedData: QuoteTypedData
  digest: string
  signedAt: number | null
  signatures: Pick<SignatureRecord, 'signer' | 'signature' | 'duty'>[]
}

export function signingOf(tally: () => Instance) {
  const keyOf = (slug: string, duty: SignerDuty = 'maker'): SignerKey =>
    tally().keys.participants[slug]!.signers.find((key) => key.duty === duty)!
  const accountOf = async (slug: string): Promise<string> =>
    (await tally().as(slug).get<{ account: string }>('/v1/me')).account
  const partOf = (key: SignerKey, digest: string) => signDigest(key, digest, tally().config.deployment)
  const bodyOf = (key: SignerKey, digest: string) => signatureBody(partOf(key, digest))
  return {
    keyOf,
    accountOf,
    partOf,
    bodyOf,
    pathOf: (quoteId: string) => `/v1/quotes/${quoteId}/signatures`,
    /** Computed here from the text alone. */
    async digestOf(quote: Pick<QuoteView, 'text'>, slug = 'nordahl', changes: object = {}): Promise<string> {
      const { chainId, fingerprints } = tally().config.deployment
      const given = { chainId, registry: fingerprints, account: await accountOf(slug), ...changes }
      return quoteDigest(quoteTypedData(given.chainId, given.registry, given.account, quote.text))
    },
    /** With each of these keys of the factor. */
    async signed(quote: SignableQuote, slug = 'nordahl', duties: SignerDuty[] = ['maker', 'checker']) {
      let answer: Answer | undefined
      for (const duty of duties) {
        const body = bodyOf(keyOf(slug, duty), quote.digest)
        answer = await tally().call(`/v1/quotes/${quote.quoteId}/signatures`, { as: slug, body })
        if (answer.status !== 200) throw new Error(answer.text)
      }
      return answer!.body as unknown as SignableQuote
    }
  }
}

/** Admits a factor whose maker has a secp256k1 key and whose checker a P-256 key. @returns its number */
export async function admitFactor(tally: Instance, slug: string): Promise<number> {
  const keys = [newKey('secp256k1', 'maker'), newKey('p256', 'checker')]
  const newcomer = new Newcomer(tally, 'Nordahl Faktor AB', ['VAT:SE990077123401'], keys)
  const applied = await newcomer.apply({ roles: ['factor'] })
  const review = await tally.call(`/v1/applications/${applied.applicationId}/review`, { as: 'registrar' })
  const checks = review.body['checks'] as { service: string | null; outcome: string }[]
  const despite = checks.flatMap(({ service, outcome }) => (service && outcome === 'not-screened' ? [service] : []))
  await tally.done('registrar', `/v1/applications/${applied.applicationId}/admission`, { reason: 'Known', despite })
  const id = await newcomer.admitted(applied)
  const session = await newcomer.session(id)
  tally.join(slug, id, { apiKey: session.body['token'] as string, signers: keys })
  return id
}

/** The same package with other records, calls or files: what a forger has who can do all but sign and write to the log. */
export function forged(zip: Uint8Array, change: (input: PackageInput) => void): Uint8Array {
  const { manifest, members } = openPackage(zip)
  const { subject, deployment, head } = manifest
  const input: PackageInput = {
    subject,
    deployment,
    records: manifest.records.map((one) => ({
      leafIndex: one.leafIndex,
      bytes: members.get(one.path)!,
      proof: proofOf(one)
    })),
    calls: [],
    certificates: (manifest.certificates ?? []).map((path) => members.get(path)!),
    head,
    ...(manifest.anchor && { anchor: manifest.anchor }),
    documents: manifest.documents.map((path) => ({ bytes: members.get(path)!, extension: 'json' }))
  }
  change(input)
  return buildPackage(input)
}
