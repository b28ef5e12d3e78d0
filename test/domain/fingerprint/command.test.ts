import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { fingerprintCommand } from '../../../scripts/commands/fingerprint.ts'
import { cii, ubl } from '../documents/samples.ts'

const MAPPING = {
  columns: { number: 'Beleg', issueDate: 'Tag', gross: 'Summe' },
  currency: 'EUR',
  dateFormat: 'M/D/YYYY',
  decimal: ',',
  seller: { vat: 'DE811907980' }
}

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerprint-'))
  writeFileSync(join(folder, 'ubl.xml'), ubl())
  writeFileSync(join(folder, 'cii.xml'), cii())
  writeFileSync(join(folder, 'bad.xml'), '<Order/>')
  writeFileSync(join(folder, 'steer.xml'), ubl({ number: 'A\u202e1\u009b2J' }))
  writeFileSync(join(folder, 'nobody.xml'), cii().replaceAll('SellerTradeParty', 'Nobody'))
  writeFileSync(join(folder, 'key.hex'), `${'0f'.repeat(32)}\n`)
  writeFileSync(join(folder, 'next.hex'), `0x${'1e'.repeat(32)}\n`)
  writeFileSync(join(folder, 'short.hex'), '5ec7e7')
  writeFileSync(
    join(folder, 'ledger.csv'),
    'Beleg;Tag;Summe\nLM-2026/0017;3/5/2026;1190,00\nLM-2026/0018;3/6/2026;-1,00\n'
  )
  writeFileSync(join(folder, 'mapping.json'), JSON.stringify(MAPPING))
  writeFileSync(join(folder, 'wrong.json'), JSON.stringify({ ...MAPPING, dateFormat: 'DD/MM' }))
})

afterAll(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((written.out += text), true))
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((written.err += text), true))
  try {
    const code = await fingerprintCommand(
      args.map((arg) => (/\.(xml|hex|csv|json)$/.test(arg) ? join(folder, arg) : arg))
    )
    return { code, ...written }
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

describe('tallystick fingerprint', () => {
  it.each([
    [[]],
    [['ubl.xml', '--unknown']],
    [['ubl.xml', '--epoch', '0']],
    [['ubl.xml', '--epoch', '65536']],
    [['ubl.xml', '--epoch', '1e2']],
    [['ubl.xml', '--key-file', 'absent.hex']],
    [['ubl.xml', '--epoch', '1', '--epoch', '2']],
    [['ubl.xml', '--key-file', 'key.hex', '--key-file', 'next.hex', '--epoch', '1']],
    [['ubl.xml', '--key-file', 'key.hex', '--key-file', 'key.hex', '--epoch', '1', '--epoch', '2']],
    [['ubl.xml', '--key-file', 'key.hex', '--key-file', 'next.hex', '--epoch', '2', '--epoch', '2']],
    [['ledger.csv', '--mapping', 'absent.json']],
    [['ledger.csv', '--mapping', 'wrong.json']]
  ])('gives usage and exit code 2 for %j', async (args) => {
    const { code, out, err } = await run(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Usage: tallystick fingerprint')
  })

  it('does not repeat a key that has the wrong form', async () => {
    const { code, err } = await run('ubl.xml', '--key-file', 'short.hex')
    expect(code).toBe(2)
    expect(err).not.toContain('5ec7e7')
  })

  it('gives an error object for each refused or absent file and goes on, with exit code 1', async () => {
    const { code, out } = await run('bad.xml', 'absent.xml', 'ubl.xml', '--json')
    expect(code).toBe(1)
    const objects = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(objects).toMatchObject([
      { file: join(folder, 'bad.xml'), error: { code: 'DOCUMENT_KIND_UNKNOWN', presented: 'Order' } },
      { error: { code: 'FILE_UNREADABLE' } },
      { number: 'LM-2026/0017' }
    ])
  })

  it('shows what a document without a seller says, and why it has no fingerprint', async () => {
    const { code, out } = await run('nobody.xml', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      number: 'LM-2026/0017',
      identity: null,
      fingerprint: null,
      identityError: { code: 'SELLER_UNIDENTIFIED' }
    })
  })

  it('prints the same identity and fingerprint for the same invoice in two formats', async () => {
    const { code, out } = await run('ubl.xml', 'cii.xml', '--json')
    expect(code).toBe(0)
    const [first, second] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const fingerprint = expect.stringMatching(/^0x0001[0-9a-f]{60}$/)
    expect(first).toEqual({
      file: join(folder, 'ubl.xml'),
      format: 'UBL',
      type: 'R',
      number: 'LM-2026/0017',
      issueDate: '2026-03-05',
      currency: 'EUR',
      payable: '119000',
      gross: '119000',
      seller: { vat: 'DE811907980', name: 'Lindenmoor Feinguss GmbH' },
      buyer: { endpoint: { v: '4099887000012', scheme: '0088' }, name: 'Hafenkran Werke AG' },
      identity: ['R', 'VAT:DE811907980', 'LM20260017', '2026'],
      fingerprint
    })
    expect(second).toEqual({ ...first, file: join(folder, 'cii.xml'), format: 'CII' })
  })

  it('prints each invoice of a ledger by its mapping, with the fingerprint of the same e-invoice', async () => {
    const [{ code, out }, invoice] = [
      await run('ledger.csv', '--mapping', 'mapping.json', '--json'),
      await run('ubl.xml', '--json')
    ]
    expect(code).toBe(0)
    const [first, second] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(first.fingerprint).toBe(JSON.parse(invoice.out).fingerprint)
    expect(second).toMatchObject({
      row: 3,
      number: 'LM-2026/0018',
      type: 'C',
      issueDate: '2026-03-06',
      payable: '-100'
    })
    const unmapped = await run('ledger.csv', '--json')
    expect([unmapped.code, JSON.parse(unmapped.out).error.code]).toEqual([1, 'CSV_COLUMN_MISSING'])
  })

  it('puts the epoch in front and uses the key of the file', async () => {
    const [own, other] = [
      await run('ubl.xml', '--json'),
      await run('ubl.xml', '--json', '--key-file', 'key.hex', '--epoch', '2')
    ]
    const [first, second] = [JSON.parse(own.out).fingerprint, JSON.parse(other.out).fingerprint]
    expect(second.slice(0, 6)).toBe('0x0002')
    expect(second.slice(6)).not.toBe(first.slice(6))
  })

  it('gives a fingerprint under each key in force, the newest first, and says their epochs', async () => {
    const keys = ['--key-file', 'key.hex', '--epoch', '1', '--key-file', 'next.hex', '--epoch', '2']
    const both = JSON.parse((await run('ubl.xml', '--json', ...keys)).out)
    const old = JSON.parse((await run('ubl.xml', '--json', '--key-file', 'key.hex')).out)
    expect(both.fingerprints).toEqual([both.fingerprint, old.fingerprint])
    const { out } = await run('ubl.xml', ...keys)
    expect(out).toContain(`fingerprint  ${both.fingerprint} (epoch 2)\n  fingerprint  ${old.fingerprint} (epoch 1)`)
  })

  it('prints a block for people, with control characters of the document shown instead of sent', async () => {
    const { code, out } = await run('steer.xml')
    expect(code).toBe(0)
    expect(out).toContain('A\\u{202e}1\\u{9b}2J')
    expect(out).toContain('1190.00 EUR')
    expect(out).not.toMatch(/[\u009b\u202e]/)
  })
})
