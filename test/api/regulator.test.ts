import { parse } from 'csv-parse/sync'
import { getBytes } from 'ethers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EvidenceCheck, Hit, Statistics } from '../../api/regulator/schemas.ts'
import { openSealed, unwrapWith } from '../../domain/crypto/envelope.ts'
import { verifyInclusion } from '../../domain/evidence/merkle.ts'
import { sealingContext } from '../../domain/evidence/sealed.ts'
import { concentrationOf } from '../../domain/money/concentration.ts'
import { orderText } from '../../domain/note/order.ts'
import { identifierGuesses } from '../../domain/participant/spellings.ts'
import { commitmentTo } from '../../api/intents/commitment.ts'
import type { Intent } from '../../scripts/demo/client.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { signWith } from '../../scripts/world/signing.ts'
import { signatureBody } from '../../client/signers.ts'
import { inSeconds, startInstance, until, type Instance, type Registered } from './instance.ts'
import { invoice, ublId } from './invoices.ts'

/** What a regulator finds, checks, counts, takes home and orders; and what others see of the same. */
let tally: Instance
let line: Registered
let beichens: string
const DAY = 86_400
const NUMBER = 'SEARCH-0042/A'
const bytes = invoice({ number: NUMBER, order: 'PO-S1', issued: '2026-05-05' })
const [meridian, beichen, alder, corvale, lindqvist, jiangan] = (
  ['meridian', 'beichen', 'alder', 'corvale', 'lindqvist', 'jiangan'] as const
).map(participantIdOf) as [number, number, number, number, number, number]
const to = (verb: string, noteId: string) => `/v1/notes/${noteId}/${verb}`

beforeAll(async () => {
  tally = await startInstance()
  line = await tally.register({ number: NUMBER, order: 'PO-S1', issued: '2026-05-05' }, inSeconds(20 * DAY))
  await tally.done('meridian', `/v1/receivables/${line.receivableId}/confirmation`)
  const offer = { assignee: corvale, amount: '1000000', tradeDocument: 'Order' }
  const { noteId } = await tally.done('alder', to('transfers', line.rootNote), offer)
  await tally.done('corvale', to('acceptance', noteId!))
  const lock = { factor: lindqvist, amount: '2500000', purpose: 'assignment', quote: 'Q' }
  const locked = await tally.done('alder', to('locks', line.rootNote), lock)
  await tally.done('lindqvist', to('financing', locked.noteId!), { disbursement: 'SEPA 1' })
  const lei = ublId('0199', '999900TALLYBEICH0048')
  const { documentId } = await tally.upload({ buyerVat: '', buyerIds: lei, payable: '70000.00' })
  const maturity = inSeconds(200 * DAY)
  beichens = (await tally.done('alder', '/v1/receivables', { documentId, maturity })).receivableId!
  await tally.done('beichen', `/v1/receivables/${beichens}/confirmation`)
  await tally.register()
}, 180_000)
afterAll(async () => {
  const troubles = tally?.troubles()
  await tally?.stop()
  expect(troubles).toEqual([])
})

describe('a search', () => {
  const found = async (q: string, as = 'regulator'): Promise<Hit[]> => {
    const { status, body } = await tally.call(`/v1/search?q=${encodeURIComponent(q)}`, { as })
    expect(status, JSON.stringify(body)).toBe(200)
    return body['items'] as Hit[]
  }

  it.each([
    'Alder',
    'finch castings',
    'VAT:DE900551209',
    'DE 900 551 209',
    'de900551209',
    '9930:DE900551209',
    '9520 0000 0003 5',
    '999900TALLYALDER0307',
    'LEG:DE:HRB900551',
    'DE:HRB 900551',
    'HRB900551',
    'invoices@alder-finch.example',
    String(participantIdOf('alder'))
  ])('finds a participant by %s', async (q) => {
    const hits = await found(q, 'tormel')
    expect(hits).toContainEqual(expect.objectContaining({ kind: 'participant', id: String(alder) }))
  })

  it('finds nobody by a number with wrong check digits, or by signs of SQL', async () => {
    expect(identifierGuesses('9520000000036')).toEqual([])
    for (const q of ['9520000000036', '%%', '__', "' or true --", '\\%']) {
      expect(
        (await found(q)).filter(({ kind }) => kind === 'participant'),
        q
      ).toEqual([])
    }
    await tally.refused('REQUEST_INVALID', '/v1/search?q=')
    expect(await found('a')).toEqual([])
    await tally.refused('REQUEST_INVALID', '/v1/search?q=ab%00')
  })

  it('finds what is behind an id, a digest or a number, each with a link that answers', async () => {
    const { rows } = await tally.sql.query<{ sha256: string; sm3: string; fingerprint: string; tx: string }>(
      `select d.sha256, d.sm3, d.fingerprints[1] as fingerprint, r.changed_tx as tx
         from app.document d join projection.receivable r using (content_commitment) where r.receivable_id = $1`,
      [line.receivableId]
    )
    const { sha256, sm3, fingerprint, tx } = rows[0]!
    const check = (await tally.call(`/v1/evidence-checks/${sha256}`, { as: 'regulator' })).body as EvidenceCheck
    const queries: [string, Hit['kind']][] = [
      [line.receivableId, 'receivable'],
      [line.receivableId.slice(2).toUpperCase(), 'receivable'],
      [line.rootNote, 'note'],
      [tx, 'transaction'],
      [fingerprint, 'fingerprint'],
      [fingerprint, 'document'],
      [sha256, 'document'],
      [sm3, 'document'],
      [check.records[0]!.leafHash, 'leaf'],
      [NUMBER, 'document'],
      ['search 0042 a', 'document']
    ]
    for (const [q, kind] of queries) {
      const hits = (await found(q)).filter((hit) => hit.kind === kind)
      expect(hits, `${kind} by ${q}`).toHaveLength(1)
      if (kind === 'document') expect(hits[0]).toMatchObject({ receivableId: line.receivableId })
      // Evidence may wait for its head; what matters is that the link is one of ours and the caller's.
      if (kind !== 'leaf' && kind !== 'transaction') {
        expect((await tally.call(hits[0]!.link!, { as: 'regulator' })).status, hits[0]!.link!).toBe(200)
      }
      expect((await found(q, 'alder')).filter((hit) => hit.kind === kind)).toHaveLength(1)
      // A stranger finds what is open to all: the directory and the leaves of the log.
      expect((await found(q, 'hualing')).filter((hit) => hit.kind === kind)).toHaveLength(kind === 'leaf' ? 1 : 0)
    }
    expect(await found('SEARCH-0042')).toEqual([])
  })
})

describe('an evidence check', () => {
  it('says where a file is recorded, and proves it', async () => {
    let check = {} as EvidenceCheck
    await until(async () => {
      check = (await tally.call('/v1/evidence-checks', { as: 'regulator', body: bytes })).body as EvidenceCheck
      return check.records[0]!.head !== null
    })
    expect(check).toMatchObject({ isRecorded: true, digests: [expect.any(String), expect.any(String)] })
    const [{ leafIndex, leafHash, record, head, proof }] = check.records as [EvidenceCheck['records'][number]]
    expect(record).toMatchObject({ kind: 'document', documentId: line.documentId, sha256: check.digests[0] })
    const path = proof.map((hash) => getBytes(hash))
    expect(verifyInclusion(leafIndex, head!.size, getBytes(leafHash), path, getBytes(head!.root))).toBe(true)
    expect(head!.block).toBeGreaterThan(0)
    for (const digest of [...check.digests, leafHash]) {
      const { body } = await tally.call(`/v1/evidence-checks/${digest}`, { as: 'regulator' })
      expect(body['records']).toEqual(check.records)
    }
    const { body } = await tally.call('/v1/evidence-checks', { as: 'hualing', body: bytes })
    expect(body['records']).toEqual([{ ...check.records[0], record: null }])
  })

  it('says as of which size of the log a file is not recorded, and keeps nothing of it', async () => {
    const before = await tally.written()
    const body = new TextEncoder().encode('never seen')
    const { body: answer } = await tally.call('/v1/evidence-checks', { as: 'hualing', body })
    expect(answer).toMatchObject({ isRecorded: false, records: [], logSize: expect.any(Number) })
    expect((answer as EvidenceCheck).logSize).toBeGreaterThan(5)
    expect(await tally.written()).toEqual(before)
    await tally.refused('MEDIA_TYPE_UNSUPPORTED', '/v1/evidence-checks', { method: 'POST' })
    await tally.refused('REQUEST_INVALID', '/v1/evidence-checks/0x00')
  })
})

describe('an order', () => {
  const file = new TextEncoder().encode('%PDF-1.7 Amtsgericht Hamburg, 1 O 9/26')

  it('is named by every freeze and lifting, with its file', async () => {
    const freeze = { amount: '1000', until: inSeconds(DAY), escrow: jiangan, order: '1 O 9/26' }
    const path = to('freezes', line.rootNote)
    const as = 'regulator'
    await tally.refused('REQUEST_INVALID', path, { as, body: freeze })
    const unknown = `0x${'12'.repeat(32)}`
    await tally.refused('ORDER_UNKNOWN', path, { as, body: { ...freeze, court: 'C', document: unknown } })
    await tally.refused('REQUEST_INVALID', to('unfreeze', line.rootNote), { as, body: { order: 'x' } })
    await tally.done('beichen', `/v1/receivables/${beichens}/dispute`, { reason: 'Wet' })
    const lifting = `/v1/receivables/${beichens}/dispute-lifting`
    await tally.refused('ORDER_MISSING', lifting, { as, body: { reason: '1 O 9/26' } })
    await tally.done('regulator', lifting, { reason: '1 O 9/26', ...(await tally.order()) })
    expect(await tally.receivable(beichens)).toMatchObject({ isDisputed: false })
    const { body } = await tally.call(`/v1/receivables/${beichens}/history`)
    const items = body['items'] as { name: string; order: object | null }[]
    expect(items.find(({ name }) => name === 'ReceivableDisputeLifted')!.order).toMatchObject({
      reference: '1 O 9/26',
      court: 'Court of Hamburg'
    })
    expect(items.filter(({ name, order }) => name !== 'ReceivableDisputeLifted' && order !== null)).toEqual([])
  })

  it('freezes nothing by one signature, and is shown to the parties once two have signed', async () => {
    const brought = await tally.call('/v1/orders', { as: 'regulator', body: file })
    expect(brought.status).toBe(201)
    const { sha256, orderId } = brought.body as { sha256: string; orderId: string }
    expect(await tally.call('/v1/orders', { as: 'regulator', body: file })).toMatchObject({
      status: 200,
      body: { orderId }
    })
    const order = { reference: '1 O 9/26', court: 'Amtsgericht Hamburg', document: sha256 }
    const until = inSeconds(DAY)
    const intent = await tally.propose('regulator', to('freezes', line.rootNote), {
      amount: '1000',
      until,
      escrow: jiangan,
      order: order.reference,
      court: order.court,
      document: sha256
    })
    const noteId = intent.noteId!
    const [maker] = tally.keys.participants['regulator']!.signers
    const part = await signWith(maker!, intent.typedData, tally.config.deployment)
    const signed = await tally.call(`/v1/intents/${intent.intentId}/signatures`, {
      as: 'regulator',
      body: signatureBody(part)
    })
    expect(signed.body).toMatchObject({ state: 'awaiting-signatures', signersRequired: { makers: 1, checkers: 1 } })
    const { rows } = await tally.sql.query('select from app.outbox where intent_id = $1', [intent.intentId])
    expect(rows).toEqual([])
    await tally.refused('NOTE_NOT_FOUND', `/v1/notes/${noteId}`)

    const done = await tally.as('regulator').followUp(intent as Intent, tally.newKey())
    expect(done.state).toBe('projected')
    for (const as of ['alder', 'meridian']) {
      const { body } = await tally.call(`/v1/notes/${noteId}`, { as })
      expect(body['note']).toMatchObject({ frozenUntil: until, freezeOrder: order })
    }
    const chain = await tally.sql.query<{ order: string }>(
      'select freeze_order as "order" from projection.note where note_id = $1',
      [noteId]
    )
    expect(chain.rows[0]!.order).toBe(commitmentTo(line.receivableId, orderText(order)))
    const history = (await tally.call(`/v1/notes/${noteId}/history`)).body['items'] as { name: string }[]
    expect(history.at(-1)).toMatchObject({ name: 'NoteFrozen', order })
    const offer = { assignee: corvale, amount: '1', tradeDocument: 'x' }
    expect(await tally.refused('NOTE_FROZEN', to('transfers', noteId), { body: offer })).toMatchObject({
      reason: 'by order 1 O 9/26 of Amtsgericht Hamburg'
    })
  })

  it('is evidence like a document, sealed to the regulator and found by its digest', async () => {
    const { body } = await tally.call('/v1/evidence-checks', { as: 'regulator', body: file })
    const { records, digests } = body as EvidenceCheck
    expect(records[0]!.record).toMatchObject({ kind: 'document', format: 'order', sha256: digests[0] })
    const orderId = records[0]!.record!['documentId'] as string
    const hits = (await tally.call(`/v1/search?q=${digests[0]}`, { as: 'regulator' })).body['items'] as Hit[]
    expect(hits).toMatchObject([{ kind: 'order', id: orderId }])
    expect((await tally.call(`/v1/search?q=${digests[0]}`)).body['items']).toEqual([])
    const sealed = (await tally.call(`/v1/orders/${orderId}/sealed`, { as: 'regulator' })).body as Record<
      string,
      string
    >
    const secret = unwrapWith(getBytes(tally.keys.participants['regulator']!.encryption))
    const content = new Uint8Array(Buffer.from(sealed['sealed']!, 'base64'))
    const context = sealingContext(digests[0]!)
    expect(await openSealed(content, getBytes(sealed['wrapped']!), secret, context)).toEqual(file)
    await tally.refused('ROLE_MISSING', `/v1/orders/${orderId}/sealed`)
    await tally.refused('ROLE_MISSING', '/v1/orders', { body: file })
  })
})

describe('statistics', () => {
  const statistics = async (query = ''): Promise<Statistics> =>
    (await tally.call(`/v1/statistics${query}`, { as: 'regulator' })).body as Statistics

  it('are the sums of the projection, by everything that they are broken down', async () => {
    const seeded = (await statistics()).currencies[0]!
    expect(seeded.byDebtorGroup).toEqual([{ group: '北辰集团 Beichen Group', amount: '7000000', notes: 1 }])
    expect(seeded.concentrationByGroup).toEqual(seeded.concentration)
    await tally.sql.query(
      `insert into app.participant_group values ($1, 'Group M'), ($2, 'Group M')
       on conflict (participant_id) do update set name = excluded.name`,
      [meridian, beichen]
    )
    const { rows } = await tally.sql.query<{
      debtor: number
      tier: number
      month: string
      amount: string
      financed: boolean
    }>(
      `select r.debtor, n.tier, to_char(to_timestamp(r.maturity) at time zone 'utc', 'YYYY-MM') as month,
              (upper(span) - lower(span))::text as amount, n.disbursement is not null as financed
         from projection.note n join projection.receivable r using (receivable_id)
        where n.state not in ('settled', 'cancelled')`
    )
    const [euro, ...others] = (await statistics()).currencies
    expect(others).toEqual([])
    expect(euro!.outstanding).toEqual(sumOf(rows))
    expect(euro!.financed).toEqual(sumOf(rows.filter(({ financed }) => financed)))
    expect(euro!.financed.amount).toBe('2500000')
    for (const tier of [0, 1]) {
      const sum = sumOf(rows.filter((row) => row.tier === tier))
      expect(euro!.byTier).toContainEqual({ tier, ...sum })
    }
    for (const month of new Set(rows.map((row) => row.month))) {
      expect(euro!.byMonth).toContainEqual({ month, ...sumOf(rows.filter((row) => row.month === month)) })
    }
    expect(euro!.byDebtor.map(({ participantId, amount }) => [participantId, amount])).toEqual([
      [meridian, '10000000'],
      [beichen, '7000000']
    ])
    expect(euro!.byDebtorGroup).toEqual([{ group: 'Group M', ...sumOf(rows) }])
    expect(euro!.concentration).toEqual({ top1: 5882, top5: 10_000, top10: 10_000, hhi: 5155 })
    expect(euro!.concentrationByGroup).toMatchObject({ top1: 10_000, hhi: 10_000 })
    expect(euro!.receivables).toContainEqual({ state: 'confirmed', amount: '17000000', receivables: 2 })
    expect(euro!.overdue.every(({ amount }) => amount === '0')).toBe(true)
  })

  it('have the notes behind each figure, with the same sum', async () => {
    const [euro] = (await statistics()).currencies
    const behind = async (query: string) =>
      (await tally.call(`/v1/outstanding-notes?currency=978&${query}`, { as: 'regulator' })).body as {
        totals: { amount: string; notes: number }[]
        items: { note: { noteId: string; amount: string }; debtor: number }[]
        next: string | null
      }
    const figures: [string, { amount: string; notes: number }][] = [
      ['limit=200', euro!.outstanding],
      ['only=financed', euro!.financed],
      ['only=disputed', euro!.disputed],
      ['only=frozen', euro!.frozen],
      ...euro!.byTier.map(({ tier, ...sum }): [string, typeof sum] => [`tier=${tier}`, sum]),
      ...euro!.byState.map(({ state, ...sum }): [string, typeof sum] => [`state=${state}`, sum]),
      ...euro!.byMonth.map(({ month, ...sum }): [string, typeof sum] => [`month=${month}`, sum]),
      ...euro!.byDebtor.map(({ participantId, amount, notes }): [string, { amount: string; notes: number }] => {
        return [`debtor=${participantId}`, { amount, notes }]
      }),
      ...euro!.byDebtorGroup.map(({ group, ...sum }): [string, typeof sum] => [
        `group=${encodeURIComponent(group)}`,
        sum
      ])
    ]
    for (const [query, { amount, notes }] of figures) {
      const { totals, items } = await behind(query)
      expect(totals[0] ?? { amount: '0', notes: 0 }, query).toMatchObject({ amount, notes })
      const sum = items.reduce((total, one) => total + BigInt(one.note.amount), 0n)
      expect([String(sum), items.length], query).toEqual([amount, notes])
    }
    const first = await behind('limit=1')
    expect(first.next).toBe(first.items[0]!.note.noteId)
    const second = await behind(`limit=1&after=${first.next}`)
    expect(second.items[0]!.note.noteId > first.items[0]!.note.noteId).toBe(true)
    expect(second.totals).toEqual(first.totals)
    await tally.refused('ROLE_MISSING', '/v1/outstanding-notes')
    await tally.refused('REQUEST_INVALID', '/v1/outstanding-notes?only=everything', { as: 'regulator' })
  })

  it('count as concentrated what lies with few', () => {
    expect(concentrationOf([])).toEqual({ top1: 0, top5: 0, top10: 0, hhi: 0 })
    expect(concentrationOf(Array.from({ length: 20 }, () => 5n))).toEqual({
      top1: 500,
      top5: 2500,
      top10: 5000,
      hhi: 500
    })
    expect(concentrationOf([1n, 3n])).toEqual({ top1: 7500, top5: 10_000, top10: 10_000, hhi: 6250 })
  })

  it('are for regulators', async () => {
    await tally.refused('ROLE_MISSING', '/v1/statistics')
    await tally.refused('REQUEST_INVALID', '/v1/statistics?from=20&to=20', { as: 'regulator' })
    await tally.refused('REQUEST_INVALID', '/v1/statistics?from=yesterday', { as: 'regulator' })
  })

  it('age with what is not paid, and count in the turnover of a period what happened in it', async () => {
    const maturity = (await tally.receivable(line.receivableId))['maturity'] as number
    await tally.turnClock(maturity + 35 * DAY)
    const [late] = (await statistics()).currencies
    expect(late!.overdue.find(({ days }) => days === '31-60')).toMatchObject({ amount: '10000000' })
    for (const [query, notes] of [
      ['overdue=31-60', 1],
      ['only=overdue', 1],
      ['overdue=1-30', 0]
    ] as const) {
      const { body } = await tally.call(`/v1/outstanding-notes?${query}`, { as: 'regulator' })
      if (notes > 0) expect(body['totals'], query).toMatchObject([{ amount: '10000000' }])
      else expect(body['totals'], query).toEqual([])
    }
    expect(late!.overdue.filter(({ days }) => days !== '31-60').every(({ amount }) => amount === '0')).toBe(true)
    await tally.done('jiangan', to('settlement', line.rootNote), { amount: '500', payment: 'P1' })
    await tally.done('jiangan', `/v1/receivables/${line.receivableId}/settlement`, { payment: 'P2' })
    const { at, currencies } = await statistics()
    expect(currencies[0]!.overdue.every(({ amount }) => amount === '0')).toBe(true)
    expect(currencies[0]!.turnover).toMatchObject({ settled: { amount: '10000000' }, registered: { amount: '0' } })
    const whole = (await statistics(`?from=1&to=${at + 10 * DAY}`)).currencies[0]!.turnover
    expect(whole).toMatchObject({
      registered: { amount: '27000000', notes: 3 },
      confirmed: { amount: '17000000', notes: 2 },
      transferred: { amount: '1000000', notes: 1 },
      financed: { amount: '2500000', notes: 1 },
      settled: { amount: '10000000' },
      cancelled: { amount: '0', notes: 0 }
    })
  })
})

describe('an export', () => {
  const lines = async (path: string, as: string) => {
    const answer = await tally.call(path, { as })
    expect(answer.status).toBe(200)
    return answer
  }

  it('is CSV that no spreadsheet calculates with, and has every row once', async () => {
    await tally.sql.query(
      `update app.participant set name = '=HYPERLINK("http://x","y"), Alder' where participant_id = $1`,
      [alder]
    )
    // More than a page, past the end of the registry's own ids.
    await tally.sql.query(
      `insert into projection.receivable
       select '0xf' || lpad(to_hex(n), 47, '0'), creditor, debtor, amount, 0, 0, currency, maturity, '0xf' || lpad(to_hex(n), 63, '0'),
              fingerprints, 'registered', null, false, null, null, registered_at, registered_block, registered_tx, null,
              changed_at, changed_block, changed_tx, registry
         from projection.receivable, generate_series(1, 1100) n where receivable_id = $1`,
      [beichens]
    )
    const answer = await lines('/v1/exports/receivables', 'regulator')
    expect(answer.headers.get('content-type')).toContain('text/csv')
    expect(Number(answer.headers.get('tallystick-as-of-block'))).toBeGreaterThan(0)
    expect(answer.text.split('\r\n')[0]).toContain('receivableId,state,creditor,creditorName')
    const rows: Record<string, string>[] = parse(answer.text, { columns: true, record_delimiter: '\r\n' })
    expect(rows).toHaveLength(1103)
    expect(new Set(rows.map((row) => row['receivableId'])).size).toBe(1103)
    expect(rows[0]!['creditorName']).toBe(`'=HYPERLINK("http://x","y"), Alder`)
    expect(rows.find((row) => row['receivableId'] === line.receivableId)).toMatchObject({
      state: 'settled',
      amount: '10000000',
      settled: '10000000'
    })
  })

  it('goes on from the cursor of any line', async () => {
    for (const dataset of ['receivables', 'notes', 'events']) {
      const path = `/v1/exports/${dataset}?format=ndjson`
      const whole = (await lines(path, 'regulator')).text.trimEnd().split('\n')
      const { cursor } = JSON.parse(whole[1]!) as { cursor: string }
      const rest = (await lines(`${path}&after=${cursor}`, 'regulator')).text.trimEnd().split('\n')
      expect(rest).toEqual(whole.slice(2))
    }
    for (const after of ['x', '0x00', '1-'])
      await tally.refused('REQUEST_INVALID', `/v1/exports/events?after=${after}`, { as: 'regulator' })
    await tally.refused('REQUEST_INVALID', '/v1/exports/participants', { as: 'regulator' })
  })

  it('has of the registry what the caller is a party of', async () => {
    const of = async (dataset: string, as: string) => {
      const { text } = await lines(`/v1/exports/${dataset}?format=ndjson`, as)
      return text
        .trimEnd()
        .split('\n')
        .filter(Boolean)
        .map((one) => JSON.parse(one) as { receivableId: string })
    }
    for (const dataset of ['receivables', 'notes', 'events']) {
      const corvales = new Set((await of(dataset, 'corvale')).map(({ receivableId }) => receivableId))
      expect(corvales).toEqual(new Set([line.receivableId]))
      expect(await of(dataset, 'hualing')).toEqual([])
    }
    const whole = await lines('/v1/exports/events?format=ndjson', 'regulator')
    const block = Number(whole.headers.get('tallystick-as-of-block'))
    const { rows } = await tally.sql.query<{ count: number }>(
      'select count(*)::int as count from projection.event where block_number <= $1',
      [block]
    )
    expect(whole.text.trimEnd().split('\n')).toHaveLength(rows[0]!.count)
  })
})

function sumOf(amounts: readonly { amount: string }[]): { amount: string; notes: number } {
  return { amount: String(amounts.reduce((sum, { amount }) => sum + BigInt(amount), 0n)), notes: amounts.length }
}
