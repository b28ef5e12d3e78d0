import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDocument } from '../../../domain/documents/read.ts'
import { contentCommitmentOf } from '../../../domain/fingerprint/commitment.ts'
import { DEVELOPMENT_FINGERPRINT_KEY, canonicalBytes, fingerprintOf } from '../../../domain/fingerprint/fingerprint.ts'
import { chineseIdentityOf, identitiesOf, identityOf, partyKeyOf } from '../../../domain/fingerprint/identity.ts'
import { idNumberKey, normaliseText, skeleton } from '../../../domain/fingerprint/normalise.ts'
import { bytesOf, cii, einvoice, ubl, type Sample } from '../documents/samples.ts'

const KEY = DEVELOPMENT_FINGERPRINT_KEY

function identity(changes: Partial<Sample> = {}): readonly string[] {
  return identityOf(readDocument(bytesOf(ubl(changes))))
}

describe('identityOf', () => {
  it('refuses a number without a letter or digit', () => {
    expect(() => identity({ number: '---' })).toThrow(expect.objectContaining({ code: 'NUMBER_MALFORMED' }))
  })

  it('refuses a seller whom the directory does not know, whatever the document calls it', () => {
    const invoice = readDocument(bytesOf(ubl()))
    expect(() => identityOf(invoice, () => undefined)).toThrow(expect.objectContaining({ code: 'SELLER_UNIDENTIFIED' }))
  })

  it('is seller, number and year, the same in UBL and CII', () => {
    expect(identity()).toEqual(['R', 'VAT:DE811907980', 'LM20260017', '2026'])
    expect(identityOf(readDocument(bytesOf(cii())))).toEqual(identity())
  })

  it('is the number alone where a state issues it', () => {
    expect(identityOf(readDocument(bytesOf(einvoice())))).toEqual(['CN-DE', '26312000009990000017'])
  })

  it('is code and number in the VAT invoices before 数电票, with their zeros', () => {
    const invoice = { ...readDocument(bytesOf(einvoice())), invoiceCode: '031001900511', number: '4875996' }
    expect(identityOf(invoice)).toEqual(['CN-VAT', '031001900511', '04875996'])
  })

  it('is both of an invoice on paper that has 20 digits beside code and number', () => {
    const invoice = readDocument(bytesOf(einvoice()))
    const alias = { invoiceCode: '031001900511', number: '4875996' }
    const both = identitiesOf({ ...invoice, alias })
    expect(both).toEqual([
      identityOf(invoice),
      identityOf({ ...invoice, invoiceCode: '031001900511', number: '04875996' })
    ])
    expect(identitiesOf(invoice)).toEqual([identityOf(invoice)])
    const cut = { invoiceCode: '263120000099', number: '90000017' }
    expect(identitiesOf({ ...invoice, alias: cut })).toEqual([identityOf(invoice)])
  })

  it('is the number of 20 digits when a program has cut it into a code of 12 and a number of 8', () => {
    const whole = chineseIdentityOf({ number: '26312000009990000017' })
    expect(chineseIdentityOf({ invoiceCode: '263120000099', number: '90000017' })).toEqual(whole)
    expect(chineseIdentityOf({ invoiceCode: '144031539110', number: '90000017' })[0]).toBe('CN-VAT')
  })

  it('does not change with amount, day, due date or buyer, because a cent must not buy a second financing', () => {
    expect(identity({ payable: '1190.01', issueDate: '2026-03-06' })).toEqual(identity())
  })

  it.each([
    { vat: 'DE 811 907 980' },
    { vat: 'de811907980' },
    { number: 'lm\u20102026/0017' },
    { number: 'LM-2026\u200b/0017' }
  ])('does not change with the writing %o', (changes) => {
    expect(identity(changes)).toEqual(identity())
  })

  it.each([{ number: 'LM-2026/0018' }, { vat: 'DE811907981' }, { issueDate: '2025-03-05' }, { typeCode: '381' }])(
    'changes with %o',
    (changes) => {
      expect(identity(changes)).not.toEqual(identity())
    }
  )
})

describe('partyKeyOf', () => {
  it.each([
    [{ vat: '123456789MVA', country: 'NO', ids: [] }, 'VAT:NO123456789MVA'],
    [{ vat: 'NL8200.98.395.B.01', country: 'NL', ids: [] }, 'VAT:NL820098395B01'],
    [{ uscc: '91350100M000100Y43', name: '甲', ids: [] }, 'USCC:91350100M000100Y43'],
    [{ tax: '201/113/40209', country: 'DE', ids: [] }, 'TAX:DE:20111340209'],
    [{ tax: 'Godkänd för F-skatt', legal: { v: '5566778899', scheme: '0007' }, ids: [] }, 'LEG:0007:5566778899'],
    [{ ids: [{ v: '20000000001', scheme: 'PE-6' }] }, 'ID:PE-6:20000000001'],
    [{ endpoint: { v: 'a@example.org', scheme: 'EM' }, ids: [] }, 'EP:EM:AEXAMPLEORG'],
    [{ name: '青岛（测试）', ids: [] }, 'NAME:青岛测试'],
    [{ tax: 'no number', name: ' - ', ids: [] }, undefined]
  ])('names %o %s', (party, key) => {
    expect(partyKeyOf(party)).toBe(key)
  })
})

describe('idNumberKey', () => {
  const number = fc.stringMatching(/^[A-Z0-9]{1,12}$/)
  const noise = fc.constantFrom(
    '',
    ' ',
    '-',
    '–',
    '—',
    '\u2212',
    '\u200b',
    '\u200d',
    '\u202e',
    '\u2066',
    '\u00ad',
    '/',
    '.'
  )

  it('is the same with blanks, dashes, invisible characters, small letters and full width put in', () => {
    fc.assert(
      fc.property(
        number,
        fc.array(noise, { minLength: 13, maxLength: 13 }),
        fc.boolean(),
        fc.boolean(),
        (plain, noises, small, wide) => {
          const characters = [...plain].map((character, index) => {
            const cased = small ? character.toLowerCase() : character
            return (wide ? String.fromCharCode(cased.charCodeAt(0) + 0xfee0) : cased) + noises[index]!
          })
          expect(idNumberKey(characters.join(''))).toBe(idNumberKey(plain))
        }
      )
    )
  })

  it('is the same with zeros in front of digits only, and never empty for them', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{1,12}$/), fc.nat(8), (digits, zeros) => {
        expect(idNumberKey('0'.repeat(zeros) + digits)).toBe(idNumberKey(digits))
        expect(idNumberKey(digits)).not.toBe('')
      })
    )
  })

  it('drops letters that nobody sees', () => {
    expect(idNumberKey('A\u31641\u115f')).toBe('A1')
    expect(normaliseText('A\u200b \u202eB')).toBe('A B')
  })

  it('keeps zeros in front of a number with letters', () => {
    expect(idNumberKey('00A1')).not.toBe(idNumberKey('A1'))
  })

  it('is its own normal form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(idNumberKey(idNumberKey(text))).toBe(idNumberKey(text))
      })
    )
  })
})

describe('skeleton', () => {
  it('joins what looks alike, for alerts', () => {
    expect(skeleton('LO-l0O1')).toBe(skeleton('100-1O01'))
    expect(skeleton('АВ-15')).toBe(skeleton('AB-IS'))
  })

  it('leaves the identity apart from what looks alike', () => {
    expect(idNumberKey('A0')).not.toBe(idNumberKey('AO'))
    expect(normaliseText('A–1')).toBe('A-1')
  })
})

describe('fingerprintOf', () => {
  it.each([0, -1, 1.5, 65536, Number.NaN])('refuses the epoch %s', (epoch) => {
    expect(() => fingerprintOf(['CN-DE', '1'], KEY, epoch)).toThrow(RangeError)
  })

  it('refuses a short key', () => {
    expect(() => fingerprintOf(['CN-DE', '1'], new Uint8Array(15), 1)).toThrow(RangeError)
  })

  it('is the epoch and 30 bytes of HMAC-SM3 as OpenSSL computes it, fixed for good', () => {
    const first = fingerprintOf(['CN-DE', '26312000009990000017'], KEY, 1)
    expect(first).toBe('0x000131ae15a74289bdc9c46cf11c09109744027bdf1b4b3580db1422ecf4a76f')
    expect(fingerprintOf(['CN-DE', '26312000009990000017'], KEY, 258)).toBe(`0x0102${first.slice(6)}`)
  })

  it('is over RFC 8785 bytes', () => {
    expect(new TextDecoder().decode(canonicalBytes(['R', 'NAME:Ä"\u0001', '1', '2026']))).toBe(
      '["R","NAME:Ä\\"\\u0001","1","2026"]'
    )
  })
})

describe('contentCommitmentOf', () => {
  const salt = new Uint8Array(32).fill(7)
  const commitment = (text: string, by = salt): string => contentCommitmentOf(readDocument(bytesOf(text)), by)

  it('refuses a salt of another length', () => {
    expect(() => commitment(ubl(), new Uint8Array(31))).toThrow(RangeError)
  })

  it('is the same for the same content in another format', () => {
    expect(commitment(cii())).toBe(commitment(ubl()))
    expect(commitment(ubl({ payable: '1190' }))).toBe(commitment(ubl()))
  })

  it('is the same for a credit note written as 381 with plus and 380 with minus', () => {
    expect(commitment(cii({ typeCode: '381' }))).toBe(commitment(ubl({ payable: '-1190.00' })))
  })

  it.each([{ payable: '1190.01' }, { issueDate: '2026-03-06' }, { number: 'LM-2026/0018' }, { typeCode: '381' }])(
    'changes with %o',
    (changes) => {
      expect(commitment(ubl(changes))).not.toBe(commitment(ubl()))
    }
  )

  it('changes with the salt', () => {
    expect(commitment(ubl(), new Uint8Array(32))).not.toBe(commitment(ubl()))
  })
})
