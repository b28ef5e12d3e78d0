/** Quotes signed by keys in custody of a factor: by the person whose key it is, in its duty, and written down. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { bearer, Firm, type Key, type Person } from './custody.ts'
import { peopleOf } from './factoring.ts'
import { startInstance, until, type Instance, type Request } from './instance.ts'
import { startProvider, type IdentityProvider } from './provider.ts'
import { admitFactor, signingOf, type SignableQuote } from './signed-quotes.ts'

let tally: Instance
let provider: IdentityProvider
let factor: Firm
let olga: Person
let anna: Person
let bert: Person
let both: Person
let makerKey: Key
let checkerKey: Key

const { ask, give } = peopleOf(() => tally)
const { keyOf, bodyOf, pathOf } = signingOf(() => tally)

async function quoted(): Promise<SignableQuote> {
  const { rootNote } = await tally.confirmed()
  return (await give((await ask(rootNote)).requestId, 'nordahl')) as SignableQuote
}
const by = ({ token }: Person, body: object): Request => ({ ...bearer(token), body })

beforeAll(async () => {
  ;[tally, provider] = await Promise.all([startInstance(), startProvider()])
  const clientSecretFile = join(tally.dir, 'keys', 'sso.secret')
  writeFileSync(clientSecretFile, `${provider.clientSecret}\n`, { mode: 0o600 })
  await admitFactor(tally, 'nordahl')
  factor = new Firm(tally, provider, 'nordahl')
  const { issuer, clientId, redirectUri } = provider
  const sso = [{ participantId: factor.participantId, issuer, clientId, clientSecretFile, redirectUri }]
  await tally.restartApi({ ...tally.config, sso, limits: { ...tally.config.limits, loginsPerMinute: 1_000 } })
  olga = await factor.hire('olga', ['admin'])
  anna = await factor.hire('anna', ['maker'])
  bert = await factor.hire('bert', ['checker'])
  both = await factor.hire('both', ['maker', 'checker'])
  makerKey = await factor.choose(olga.token, anna, 'maker', 'p256')
  checkerKey = await factor.choose(olga.token, bert, 'checker', 'secp256k1')
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await Promise.all([tally?.stop(), provider?.stop()])
  expect(troubles).toEqual([])
})

describe('a quote signed by keys in custody', () => {
  it('is signed by each in the session of its user, is in the list of its uses, and verifies', async () => {
    const quote = await quoted()
    const path = pathOf(quote.quoteId)
    const half = await tally.call(path, by(anna, { managedKey: makerKey.managedKeyId }))
    expect(half.body, half.text).toMatchObject({
      signedAt: null,
      signatures: [{ signer: makerKey.signer, duty: 'maker' }]
    })
    const whole = await tally.call(path, by(bert, { managedKey: checkerKey.managedKeyId }))
    expect(whole.body, whole.text).toMatchObject({ signedAt: expect.any(Number), signatures: [{}, {}] })
    expect(await factor.usesOf(olga.token, makerKey)).toMatchObject([
      { intentId: null, quoteId: quote.quoteId, userId: anna.userId, digest: quote.digest }
    ])
    const { body: audit } = await tally.call('/v1/audit?order=newest&limit=200', bearer(olga.token))
    const entries = audit['items'] as { path: string; operation: string; actor: string }[]
    const used = `/v1/managed-keys/${makerKey.managedKeyId}/uses/${quote.digest}`
    expect(entries.filter((one) => one.path === used)).toMatchObject([
      { operation: 'signByManagedKey', actor: `user ${anna.userId}` }
    ])
    const evidence = `/v1/quotes/${quote.quoteId}/evidence`
    const anchors = () => tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
    let report: Awaited<ReturnType<typeof verifyPackage>> | undefined
    await until(async () => {
      if ((await tally.call(evidence)).status !== 200) return false
      report = await verifyPackage(await tally.as('alder').download(evidence), await anchors())
      return report.result === 'verified'
    })
    const { detail } = report!.checks.find(({ name }) => name === 'quote signatures')!
    expect(detail).toContain(makerKey.signer)
    expect(detail).toContain(checkerKey.signer)
  })

  it('is refused to another person, to no person, of an unknown key, and of a suspended one', async () => {
    const quote = await quoted()
    const path = pathOf(quote.quoteId)
    const body = { managedKey: makerKey.managedKeyId }
    await tally.refused('MANAGED_KEY_NOT_YOURS', path, by(bert, body))
    await tally.refused('MANAGED_KEY_NOT_YOURS', path, { as: 'nordahl', body })
    await tally.refused('MANAGED_KEY_NOT_FOUND', path, by(anna, { managedKey: quote.quoteId }))
    expect((await factor.act(olga.token, makerKey, 'suspension')).status).toBe(200)
    await tally.refused('MANAGED_KEY_STATE_WRONG', path, by(anna, body))
    expect((await factor.act(olga.token, makerKey, 'reinstatement')).status).toBe(200)
    expect((await tally.call(path, by(anna, body))).status).toBe(200)
  })

  it('is not signed in both duties by one person who has a key in custody', async () => {
    const quote = await quoted()
    const path = pathOf(quote.quoteId)
    expect((await tally.call(path, by(anna, { managedKey: makerKey.managedKeyId }))).status).toBe(200)
    // A checker's own key, brought in the session of the maker's owner.
    const own = bodyOf(keyOf('nordahl', 'checker'), quote.digest)
    await tally.refused('SIGNER_SAME_USER', path, by(anna, own))
    expect((await tally.call(path, by(both, own))).body).toMatchObject({ signedAt: expect.any(Number) })
  })
})
