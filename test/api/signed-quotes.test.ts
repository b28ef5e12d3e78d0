import { unzipSync, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TrustAnchors } from '../../domain/evidence/anchors.ts'
import type { Report } from '../../domain/evidence/checks.ts'
import { parseRecord, recordBytes, type EvidenceRecord } from '../../domain/evidence/record.ts'
import type { PackageInput } from '../../domain/evidence/package.ts'
import { verifyPackage } from '../../domain/evidence/verify.ts'
import { newPrivateKey } from '../../domain/participant/private-key.ts'
import { signerOf } from '../../domain/participant/private-key.ts'
import { peopleOf, terms } from './factoring.ts'
import { inSeconds, startInstance, until, type Instance } from './instance.ts'
import { admitFactor, forged, signingOf, type SignableQuote } from './signed-quotes.ts'

let tally: Instance
let factor: number
beforeAll(async () => {
  tally = await startInstance()
  factor = await admitFactor(tally, 'nordahl')
})
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

const { ask, requestOf, quoteOf, accept, ...people } = peopleOf(() => tally)
const { keyOf, accountOf, bodyOf, partOf, pathOf, digestOf, signed } = signingOf(() => tally)

async function give(ask_: object = {}, as = 'nordahl', changes: object = {}): Promise<SignableQuote> {
  const { rootNote } = await tally.confirmed()
  const { requestId } = await ask(rootNote, ask_)
  return (await people.give(requestId, as, changes)) as SignableQuote
}

/** The package as soon as so many records of it are anchored, and what the verifier says of it. */
async function evidenceOf(quoteId: string, records: number): Promise<{ zip: Uint8Array; report: Report }> {
  const path = `/v1/quotes/${quoteId}/evidence`
  let zip = new Uint8Array()
  await until(async () => {
    if ((await tally.call(path)).status !== 200) return false
    zip = new Uint8Array(await tally.as('alder').download(path))
    return Object.keys(unzipSync(zip)).filter((name) => name.startsWith('records/')).length === records
  })
  return { zip, report: await verifyPackage(zip, await anchors()) }
}
const anchors = () => tally.as('alder').get<TrustAnchors>('/v1/trust-anchors')
const checkOf = ({ checks }: Report, name: string) => checks.find((one) => one.name === name)

describe('a quote that the factor signs', () => {
  it('shows what is to be signed, and after maker (secp256k1) and checker (P-256) to both sides that it is', async () => {
    const quote = await give()
    expect(quote).toMatchObject({ digest: await digestOf(quote), signedAt: null, signatures: [] })
    expect(quote.typedData.message).toMatchObject({ text: quote.text, account: await accountOf('nordahl') })
    const half = await signed(quote, 'nordahl', ['maker'])
    expect(half).toMatchObject({ signedAt: null, signatures: [{ duty: 'maker' }] })
    const whole = await signed(quote, 'nordahl', ['checker'])
    expect(whole).toMatchObject({ state: 'open', signedAt: expect.any(Number), signatures: [{}, {}] })
    expect(whole.text).toBe(quote.text)
    for (const as of ['alder', 'nordahl']) {
      expect(await quoteOf(quote.quoteId, as)).toMatchObject({
        signedAt: whole.signedAt,
        signatures: whole.signatures,
        digest: quote.digest
      })
    }
    const { requestId } = JSON.parse(quote.text) as { requestId: string }
    expect((await requestOf(requestId)).quotes).toMatchObject([{ signedAt: whole.signedAt }])
    const { report } = await evidenceOf(quote.quoteId, 3)
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(report.result).toBe('verified')
    const { detail } = checkOf(report, 'quote signatures')!
    expect(detail).toContain(`the secp256k1 key ${partOf(keyOf('nordahl'), quote.digest).signer} at`)
    expect(detail).toContain(`the P-256 key ${partOf(keyOf('nordahl', 'checker'), quote.digest).signer} at`)
    expect(checkOf(report, 'quote signers')!.detail).toContain('is not proven offline')
  })

  it('with SM2 keys has their certificates in its package', async () => {
    const quote = await give({}, 'huichuan')
    expect(await signed(quote, 'huichuan')).toMatchObject({ signedAt: expect.any(Number) })
    const { zip, report } = await evidenceOf(quote.quoteId, 3)
    expect(report.checks.filter(({ ok }) => ok !== true)).toEqual([])
    expect(checkOf(report, 'quote signatures')!.detail).toContain('the SM2 key')
    expect(checkOf(report, 'certificates')!.detail).toContain('2 SM2 keys had valid certificates')
    const bare = await verifyPackage(
      forged(zip, (input) => (input.certificates = [])),
      await anchors()
    )
    expect(checkOf(bare, 'certificates')).toMatchObject({ ok: false, code: 'CERT_MISSING' })
  })

  it('takes a signature of each key once, however often and from how many at once', async () => {
    const quote = await give()
    const [maker, checker] = (['maker', 'checker'] as const).map((duty) => bodyOf(keyOf('nordahl', duty), quote.digest))
    const bodies = [maker!, checker!, maker!, checker!, maker!]
    const answers = await Promise.all(bodies.map((body) => tally.call(pathOf(quote.quoteId), { as: 'nordahl', body })))
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200))
    const again = await tally.call(pathOf(quote.quoteId), { as: 'nordahl', body: maker! })
    expect(again.body).toMatchObject({ signedAt: expect.any(Number), signatures: [{}, {}] })
    const { rows } = await tally.sql.query(
      `select count(*)::int as leaves from app.evidence_leaf where document_id = $1 and kind = 'signature'`,
      [quote.quoteId]
    )
    expect(rows).toEqual([{ leaves: 2 }])
  })

  it('says plainly of what nobody signed, or not enough, that it is not', async () => {
    const quote = await give()
    const unsigned = (await evidenceOf(quote.quoteId, 1)).report
    expect(unsigned.result).toBe('consistent')
    expect(checkOf(unsigned, 'quote signatures')).toMatchObject({
      ok: null,
      detail: expect.stringContaining('signed it')
    })
    await signed(quote, 'nordahl', ['maker'])
    const half = (await evidenceOf(quote.quoteId, 2)).report
    expect(half.result).toBe('consistent')
    expect(checkOf(half, 'quote signers')).toMatchObject({
      ok: null,
      detail: expect.stringContaining('0 of 1 checkers')
    })
  })
})

describe('a signature that is not the factor’s under this quote', () => {
  it('is refused, and leaves nothing behind', async () => {
    const quote = await give()
    const other = await give()
    const path = pathOf(quote.quoteId)
    const as = 'nordahl'
    const [key, card] = [keyOf('nordahl'), keyOf('nordahl', 'checker')]
    const { chainId } = tally.config.deployment
    const foreign = { ...key, privateKey: newPrivateKey('secp256k1') }
    const huichuan = bodyOf(keyOf('huichuan'), quote.digest)
    const unknown = [
      bodyOf(foreign, quote.digest),
      bodyOf(keyOf('alder'), quote.digest),
      huichuan,
      // Recovered to a stranger: over another quote, for another chain, registry or account.
      bodyOf(key, other.digest),
      bodyOf(key, await digestOf(quote, as, { chainId: chainId + 1 })),
      bodyOf(key, await digestOf(quote, as, { registry: `0x${'ab'.repeat(20)}` })),
      bodyOf(key, await digestOf(quote, as, { account: await accountOf('huichuan') }))
    ]
    for (const body of unknown) await tally.refused('SIGNER_UNKNOWN', path, { as, body })
    const invalid = [
      bodyOf(card, other.digest),
      bodyOf(card, await digestOf(quote, as, { chainId: chainId + 1 })),
      bodyOf(card, await digestOf(quote, as, { account: await accountOf('huichuan') })),
      { ...bodyOf(card, quote.digest), signature: `0x${'00'.repeat(64)}` },
      { signature: `0x${'11'.repeat(64)}05` }
    ]
    for (const body of invalid) await tally.refused('SIGNATURE_INVALID', path, { as, body })
    await tally.refused('REQUEST_INVALID', path, { as, body: { signature: '0x' } })
    const good = bodyOf(key, quote.digest)
    await tally.refused('QUOTE_NOT_FOUND', path, { as: 'huichuan', body: huichuan })
    await tally.refused('ROLE_MISSING', path, { as: 'alder', body: good })
    expect(await quoteOf(quote.quoteId)).toMatchObject({ signatures: [], signedAt: null })
  })

  it('is refused of a key that the directory has and the account has not', async () => {
    const quote = await give()
    const stale = { ...keyOf('nordahl'), privateKey: newPrivateKey('secp256k1') }
    const signer = signerOf('secp256k1', stale.privateKey, tally.config.deployment)
    const keys = `update app.participant set signers = $2 where participant_id = $1`
    const id = factor
    const { rows } = await tally.sql.query<{ signers: object[] }>(
      'select signers from app.participant where participant_id = $1',
      [id]
    )
    const before = rows[0]!.signers
    await tally.sql.query(keys, [id, JSON.stringify([...before, { signer, duty: 'maker' }])])
    try {
      const body = bodyOf(stale, quote.digest)
      const answer = await tally.refused('SIGNER_UNKNOWN', pathOf(quote.quoteId), { as: 'nordahl', body })
      expect(answer['required']).toContain('on chain')
    } finally {
      await tally.sql.query(keys, [id, JSON.stringify(before)])
    }
  })

  it('is refused once the quote was withdrawn, accepted or expired', async () => {
    const withdrawn = await give()
    await tally.as('nordahl').post(`/v1/quotes/${withdrawn.quoteId}/withdrawal`, tally.newKey())
    const accepted = await give()
    await accept(accepted.quoteId)
    for (const quote of [withdrawn, accepted]) {
      const body = bodyOf(keyOf('nordahl'), quote.digest)
      await tally.refused('QUOTE_STATE_WRONG', pathOf(quote.quoteId), { as: 'nordahl', body })
    }
  })
})

describe('a holder that takes signed quotes only', () => {
  it('is refused the others by name, until enough keys have signed', async () => {
    const quote = await give({ signedQuotesOnly: true })
    const path = `/v1/quotes/${quote.quoteId}/acceptance`
    const { requestId } = JSON.parse(quote.text) as { requestId: string }
    for (const as of ['alder', 'nordahl'])
      expect(await requestOf(requestId, as)).toMatchObject({ signedQuotesOnly: true })
    await tally.refused('QUOTE_NOT_SIGNED', path, { method: 'POST' })
    await signed(quote, 'nordahl', ['maker'])
    await tally.refused('QUOTE_NOT_SIGNED', path, { method: 'POST' })
    await signed(quote, 'nordahl', ['checker'])
    expect(await accept(quote.quoteId)).toMatchObject({ state: 'projected' })
    expect(await quoteOf(quote.quoteId)).toMatchObject({ state: 'locked', signedAt: expect.any(Number) })
  })
})

describe('a signed text', () => {
  it('is changed by no process, nor are its signatures', async () => {
    const quote = await signed(await give())
    const asService = async (sql: string): Promise<unknown> => {
      const client = await tally.sql.connect()
      try {
        await client.query('begin; set local role tallystick_service')
        return await client.query(sql).catch((error: Error) => error.message)
      } finally {
        await client.query('rollback')
        client.release()
      }
    }
    for (const column of ['text', 'commitment', 'expires_at', 'is_firm', 'factor']) {
      expect(await asService(`update app.quote set ${column} = ${column}`)).toContain('permission denied')
    }
    expect(await asService(`update app.quote_signature set signer = signer`)).toContain('permission denied')
    expect(await asService(`delete from app.quote_signature`)).toContain('permission denied')
    await expect(tally.sql.query('update app.quote_signature set duty = duty')).rejects.toThrow()
    expect((await quoteOf(quote.quoteId)).text).toBe(quote.text)
  })
})

describe('the evidence of a signed quote', () => {
  it('has its withdrawal, and nothing after that', async () => {
    const quote = await signed(await give())
    await tally.as('nordahl').post(`/v1/quotes/${quote.quoteId}/withdrawal`, tally.newKey())
    const { zip, report } = await evidenceOf(quote.quoteId, 4)
    expect(report.result).toBe('verified')
    expect(checkOf(report, 'quote')!.detail).toContain('withdrawn at')
    const swapped = forged(zip, ({ records }) => {
      // The withdrawal before the signature of the checker.
      ;[records[2]!.bytes, records[3]!.bytes] = [records[3]!.bytes, records[2]!.bytes]
    })
    expect(checkOf(await verifyPackage(swapped, await anchors()), 'quote')).toMatchObject({ code: 'QUOTE_MISMATCH' })
  })

  const changeOf = (index: number, change: (record: Record<string, unknown>) => void) => (input: PackageInput) => {
    const record = parseRecord(input.records[index]!.bytes) as unknown as Record<string, unknown>
    change(record)
    input.records[index]!.bytes = recordBytes(record as unknown as EvidenceRecord)
  }
  const changeText = (from: string | RegExp, to: string) => (input: PackageInput) => {
    const text = new TextDecoder().decode(input.documents[0]!.bytes)
    expect(text).not.toBe(text.replace(from, to))
    input.documents[0]!.bytes = new TextEncoder().encode(text.replace(from, to))
  }

  it('is refused for each thing that was changed, by name', async () => {
    const quote = await signed(await give({}, 'nordahl', { isFirm: true }))
    const other = await signed(await give())
    const { zip, report } = await evidenceOf(quote.quoteId, 3)
    expect(report.result).toBe('verified')
    const withdrawal = {
      v: 1,
      kind: 'withdrawal',
      documentId: quote.quoteId,
      participantId: String(factor)
    }
    const alderAt = await accountOf('alder')
    const cases: [string, (input: PackageInput) => void, string, string][] = [
      ['a digit of the text', changeText('"annualRateBp":600', '"annualRateBp":500'), 'quote', 'DOCUMENT_MISMATCH'],
      ['a space in the text', changeText('{', '{ '), 'quote', 'DOCUMENT_MISMATCH'],
      ['no text', (input) => (input.documents = []), 'quote', 'DOCUMENT_MISMATCH'],
      [
        'the signature',
        changeOf(1, (one) => (one['signature'] = other.signatures[0]!.signature)),
        'quote signatures',
        'SIGNATURE_INVALID'
      ],
      ['the digest', changeOf(1, (one) => (one['digest'] = other.digest)), 'quote signatures', 'SIGNATURE_INVALID'],
      ['the signer', changeOf(1, (one) => (one['signer'] = alderAt)), 'quote signatures', 'SIGNATURE_INVALID'],
      ['the chain', changeOf(1, (one) => (one['chainId'] = 1)), 'quote signatures', 'DEPLOYMENT_MISMATCH'],
      ['the registry', changeOf(1, (one) => (one['registry'] = alderAt)), 'quote signatures', 'DEPLOYMENT_MISMATCH'],
      ['the account', changeOf(1, (one) => (one['account'] = alderAt)), 'quote signatures', 'SIGNATURE_INVALID'],
      ['the participant', changeOf(1, (one) => (one['participantId'] = '1')), 'quote', 'QUOTE_MISMATCH'],
      ['the quote', changeOf(1, (one) => (one['documentId'] = other.quoteId)), 'quote', 'SUBJECT_MISMATCH'],
      [
        'a time after it expired',
        changeOf(1, (one) => (one['at'] = '2199-01-01T00:00:00Z')),
        'quote',
        'QUOTE_MISMATCH'
      ],
      [
        'a signature told twice',
        (input) => (input.records[2]!.bytes = input.records[1]!.bytes),
        'quote signatures',
        'SIGNATURE_INVALID'
      ],
      [
        'a signature before the text',
        ({ records }) => ([records[0]!.bytes, records[1]!.bytes] = [records[1]!.bytes, records[0]!.bytes]),
        'quote',
        'QUOTE_MISMATCH'
      ],
      [
        'a firm quote withdrawn',
        ({ records }) => {
          const { at } = parseRecord(records[2]!.bytes) as { at: string }
          records[2]!.bytes = recordBytes({ ...withdrawal, at } as EvidenceRecord)
        },
        'quote',
        'QUOTE_MISMATCH'
      ]
    ]
    for (const [what, change, name, code] of cases) {
      const found = await verifyPackage(forged(zip, change), await anchors())
      expect(found.result, what).toBe('failed')
      expect(checkOf(found, name), what).toMatchObject({ ok: false, code })
      // Beyond that the log has no such leaf, or the text has another digest.
      if (what !== 'no text')
        expect(
          found.checks.some(({ code: one }) => one === 'LEAF_NOT_IN_LOG' || one === 'DOCUMENT_MISMATCH'),
          what
        ).toBe(true)
    }
    const half = await verifyPackage(
      forged(zip, ({ records }) => void (records as unknown[]).splice(1)),
      await anchors()
    )
    expect(half.result, 'signatures left out').toBe('consistent')
  })

  it('is of keys that the trust anchors know as the factor’s', async () => {
    const quote = await signed(await give())
    const { zip, report } = await evidenceOf(quote.quoteId, 3)
    expect(report.result).toBe('verified')
    const known = await anchors()
    const changed = (change: (one: TrustAnchors['participants'][number]) => object) => ({
      ...known,
      participants: known.participants.map((one) => (one.id === factor ? { ...one, ...change(one) } : one))
    })
    const found = async (one: TrustAnchors | undefined) => checkOf(await verifyPackage(zip, one), 'quote signers')
    expect(await found(changed(({ signers }) => ({ signers: signers.slice(1) })))).toMatchObject({
      code: 'SIGNER_UNKNOWN'
    })
    expect(await found(changed(() => ({ account: `0x${'ab'.repeat(20)}` })))).toMatchObject({ code: 'SIGNER_UNKNOWN' })
    expect(await found(changed(() => ({ id: 999_999 })))).toMatchObject({ code: 'SIGNER_UNKNOWN' })
    expect(await found(undefined)).toMatchObject({ ok: null })
  })

  it('shows a change of any byte of its records and text', async () => {
    const quote = await signed(await give())
    const { zip } = await evidenceOf(quote.quoteId, 3)
    const known = await anchors()
    const members = unzipSync(zip)
    let changed = 0
    for (const name of Object.keys(members).filter((one) => one !== 'manifest.json')) {
      const bytes = members[name]!
      for (let at = 0; at < bytes.length; at += 61) {
        const other = bytes.slice()
        other[at]! ^= 1
        const found = await verifyPackage(zipSync({ ...members, [name]: other }, { level: 0 }), known)
        expect(found.result, `${name} ${at}`).toBe('failed')
        changed++
      }
    }
    expect(changed).toBeGreaterThan(30)
  })
})

describe('a quote whose time is over', () => {
  it('takes no signature any more', async () => {
    const { rootNote } = await tally.confirmed()
    const { requestId } = await ask(rootNote)
    const expiresAt = inSeconds(3600)
    const body = terms({ expiresAt, fundBy: inSeconds(2 * 86_400) })
    const quote = await tally
      .as('nordahl')
      .post<SignableQuote>(`/v1/funding-requests/${requestId}/quotes`, tally.newKey(), body)
    await tally.turnClock(expiresAt + 1)
    await tally.refused('QUOTE_STATE_WRONG', pathOf(quote.quoteId), {
      as: 'nordahl',
      body: bodyOf(keyOf('nordahl'), quote.digest)
    })
  })
})
