import fc from 'fast-check'
import { zipSync } from 'fflate'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readAny, readDocument } from '../../../domain/documents/read.ts'
import { euroStatement } from '../../../domain/documents/samples/set.ts'
import { writeCamt053, writeMt940 } from '../../../domain/documents/samples/statement.ts'
import { identityOf } from '../../../domain/fingerprint/identity.ts'
import { bytesOf, cii, edifact, einvoice, fattura, ofd, ofdTagged, pdf, ubl } from './samples.ts'

/** Read, or refused with a code. Anything else that is thrown fails the test that calls it. */
function outcomeOf(bytes: Uint8Array): string {
  try {
    return readAny(bytes).kind
  } catch (error) {
    const { name, code } = error as { name: string; code: string }
    if (name !== 'DocumentRefused') throw error
    expect(code).toMatch(/^[A-Z0-9_]+$/)
    return code
  }
}

const samples: Readonly<Record<string, Uint8Array>> = {
  UBL: bytesOf(ubl()),
  CII: bytesOf(cii()),
  数电票: bytesOf(einvoice()),
  PDF: pdf({ 'factur-x.xml': bytesOf(cii()) }),
  OFD: ofd(),
  'OFD with tags': ofdTagged(),
  FatturaPA: bytesOf(fattura(['17/A'])),
  EDIFACT: bytesOf(edifact()),
  'VAT code': bytesOf('01,10,011001605111,80100798,64.9,20161018,85342965681116380258'),
  ledger: bytesOf(
    'Invoice No;Invoice Date;Currency;Gross;Seller\n"A;1";2026-03-05;EUR;1190,00;B\nA2;5.3.2026;EUR;1;C\n'
  ),
  camt: writeCamt053(euroStatement),
  MT940: writeMt940(euroStatement)
}

const RUNS = { numRuns: 150 }
const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe.each(Object.entries(samples))('%s', (_, sample) => {
  it('is read', () => {
    expect(outcomeOf(sample)).toMatch(/^(invoices|reference|statements)$/)
  })

  it('with flipped bits is read or refused with a code', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(position, fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 8 }),
        (flips) => {
          const bytes = sample.slice()
          for (const [at, bit] of flips) bytes[Math.floor(at * bytes.length)]! ^= 1 << bit
          outcomeOf(bytes)
        }
      ),
      RUNS
    )
  })

  it('cut off, or with a piece of itself repeated, is read or refused with a code', () => {
    fc.assert(
      fc.property(position, position, fc.boolean(), (a, b, repeats) => {
        const [from, to] = [Math.floor(a * sample.length), Math.floor(b * sample.length)]
        outcomeOf(sample.slice(0, from))
        if (repeats) outcomeOf(Buffer.concat([sample.subarray(0, from), sample.subarray(Math.min(from, to))]))
      }),
      RUNS
    )
  })
})

/** Random trees with the names and values of invoices in them, so that readers get behind the root. */
const tree = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom('A-1', '100.00', '2026-03-05', 'EUR', '-1', '', '1e3', 'N', '&#0;', '<![CDATA[x]]>', '<!-- c -->'),
    fc
      .tuple(
        fc.constantFrom('cbc:ID', 'cbc:IssueDate', 'cac:LegalMonetaryTotal', 'cbc:PayableAmount', 'cac:Party', 'x'),
        fc.array(tie('node'), { maxLength: 4 })
      )
      .map(([name, inner]) => `<${name}>${inner.join('')}</${name}>`)
  )
})).node

describe('random input', () => {
  it('of XML under the root of an invoice is read or refused with a code', () => {
    fc.assert(
      fc.property(tree, (extra) => void outcomeOf(bytesOf(ubl({ extra })))),
      { numRuns: 400 }
    )
  })

  it('of bytes behind the mark of each format is refused or read', () => {
    const marks = ['%PDF-1.7\n', 'PK\u0003\u0004', '<?xml version="1.0"?>', '01,10,', ':20:', "UNA:+.?*'UNB+", '']
    fc.assert(
      fc.property(fc.constantFrom(...marks), fc.uint8Array({ maxLength: 400 }), (mark, rest) => {
        outcomeOf(Buffer.concat([Buffer.from(mark, 'latin1'), rest]))
      }),
      { numRuns: 600 }
    )
  })

  it('of members in a zip is refused with a code', () => {
    const names = fc.constantFrom('OFD.xml', 'Doc_0/Document.xml', '../x', 'a', 'A', '', '/abs', 'a/b')
    fc.assert(
      fc.property(fc.dictionary(names, fc.uint8Array({ maxLength: 60 }), { maxKeys: 5 }), (members) => {
        expect(outcomeOf(zipSync(members))).not.toBe('invoices')
      }),
      { numRuns: 200 }
    )
  })
})

describe('a change that keeps the document well formed', () => {
  it('never gives another identity than the number, seller and year that are written', () => {
    const text = fc.stringMatching(/^[A-Z0-9][A-Za-z0-9/-]{0,11}$/)
    fc.assert(
      fc.property(text, text, (number, other) => {
        const decoys = `<x xmlns="urn:evil"><ID>${other}</ID></x><cbc:Note>${other}</cbc:Note><!-- ${other.replaceAll('-', '')} -->`
        const identity = identityOf(readDocument(bytesOf(ubl({ number, extra: decoys }))))
        expect(identity).toEqual(identityOf(readDocument(bytesOf(ubl({ number })))))
      }),
      { numRuns: 200 }
    )
  })
})

const units = new URL('../../../../shared/data/unit/', import.meta.url)

describe.skipIf(!existsSync(units))('the invalid cases of the standards', () => {
  const files = ['en16931', 'peppol'].flatMap((folder) =>
    readdirSync(new URL(folder, units)).map((name) => `${folder}/${name}`)
  )

  it.each(files)('%s is read or refused with a code', (file) => {
    outcomeOf(readFileSync(new URL(file, units)))
  })
})
