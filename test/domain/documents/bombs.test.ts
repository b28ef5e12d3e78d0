/** Small files that ask a reader for a lot of work. Each hangs or breaks a reader that does not count, which ends its test. */
import { zipSync, zlibSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { readAny, readStatements } from '../../../domain/documents/read.ts'
import { bytesOf, cii, ofd, ubl } from './samples.ts'

function codeOf(bytes: Uint8Array): string {
  try {
    return readAny(bytes).kind
  } catch (error) {
    const { name, code } = error as { name: string; code: string }
    if (name !== 'DocumentRefused') throw error
    return code
  }
}

/** A PDF of these objects, the first of which is the catalog. */
function pdfOf(objects: readonly string[]): Uint8Array {
  let text = '%PDF-1.7\n'
  const rows = objects.map((object, index) => {
    const row = `${String(text.length).padStart(10, '0')} 00000 n \n`
    text += `${index + 1} 0 obj\n${object}\nendobj\n`
    return row
  })
  const start = text.length
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}trailer << /Root 1 0 R >>\n`
  return Buffer.from(`${text}startxref\n${start}\n%%EOF`, 'latin1')
}

const CATALOG = '<< /Names << /EmbeddedFiles 2 0 R >> >>'
const INVOICE = '<< /F (factur-x.xml) /EF << /F 4 0 R >> >>'

function streamOf(data: string, entries = ''): string {
  return `<< ${entries} /Length ${data.length} >>\nstream\n${data}\nendstream`
}

describe('a PDF', () => {
  const embedded = streamOf(cii())

  it('that names one file in the tree twice is read', () => {
    expect(codeOf(pdfOf([CATALOG, '<< /Names [ (a) 3 0 R (b) 3 0 R ] >>', INVOICE, embedded]))).toBe('invoices')
  })

  it('that names one file 200,000 times is refused', () => {
    const names = `<< /Names [ ${'(a) 3 0 R '.repeat(200_000)} ] >>`
    expect(codeOf(pdfOf([CATALOG, names, INVOICE, embedded]))).toBe('PDF_REFUSED')
  })

  it('with a node that is its own child 900 times is refused', () => {
    const node = `<< /Kids [ ${'2 0 R '.repeat(900)} ] /Names [ ${'(a) 3 0 R '.repeat(20_000)} ] >>`
    expect(codeOf(pdfOf([CATALOG, node, INVOICE, embedded]))).toBe('PDF_REFUSED')
  })

  it('with nodes that are long to read, again and again, is refused', () => {
    const node = `<< /Kids [ ${'2 0 R '.repeat(900)} ] /Other [ ${'1 '.repeat(100_000)} ] >>`
    expect(codeOf(pdfOf([CATALOG, node, INVOICE, embedded]))).toBe('PDF_REFUSED')
  })

  it('that embeds more than a document may have is refused', () => {
    const long = Buffer.from(zlibSync(bytesOf(cii({ extra: ' '.repeat(6 << 20) })))).toString('latin1')
    const objects = [CATALOG, '<< /Names [ (a) 3 0 R ] >>', INVOICE, streamOf(long, '/Filter /FlateDecode')]
    expect(codeOf(pdfOf(objects))).toBe('DOCUMENT_TOO_LARGE')
  })

  it('of 100,000 objects in one place of an object stream is read as far as it is asked for', () => {
    const head = Array.from({ length: 99_999 }, (_, index) => `${index + 10} 0 `).join('')
    const packed = zlibSync(bytesOf(`${head}[ ${'1 '.repeat(400_000)}]`))
    const data = Buffer.from(packed).toString('latin1')
    const stream = streamOf(data, `/N 99999 /First ${head.length} /Filter /FlateDecode`)
    const start = '%PDF-1.7\n'.length
    const section = start + `2 0 obj\n${stream}\nendobj\n`.length
    const row = (kind: number, place: number): string =>
      String.fromCharCode(kind, (place >> 16) & 255, (place >> 8) & 255, place & 255, 0)
    const rows = row(0, 0) + row(2, 2) + row(1, start) + row(1, section)
    const xref = streamOf(rows, '/Type /XRef /Size 4 /W [1 3 1] /Root 1 0 R')
    const text = `%PDF-1.7\n2 0 obj\n${stream}\nendobj\n3 0 obj\n${xref}\nendobj\nstartxref\n${section}\n%%EOF`
    expect(codeOf(Buffer.from(text, 'latin1'))).toBe('PDF_WITHOUT_INVOICE')
  })

  it('with a cross-reference of entries without width is refused', () => {
    const xref = streamOf('xx', '/Type /XRef /Index [/x 999999999999] /W [0 0 0] /Root 1 0 R')
    const text = `%PDF-1.7\n3 0 obj\n${xref}\nendobj\nstartxref\n9\n%%EOF`
    expect(codeOf(Buffer.from(text, 'latin1'))).toBe('PDF_REFUSED')
  })
})

describe('an OFD', () => {
  const name = 'xmlns:ofd="http://www.ofdspec.org/2016"'
  const texts = '<ofd:TextObject ID="1"><ofd:TextCode>a</ofd:TextCode></ofd:TextObject>'
  const pages = (count: number, tags: number, size: number): Uint8Array =>
    zipSync(
      {
        'OFD.xml': bytesOf(`<ofd:OFD ${name}><ofd:DocBody><ofd:DocRoot>D.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`),
        'D.xml': bytesOf(
          `<ofd:Document ${name}><ofd:Pages>${'<ofd:Page BaseLoc="P.xml"/>'.repeat(count)}</ofd:Pages><ofd:CustomTags>L.xml</ofd:CustomTags></ofd:Document>`
        ),
        'L.xml': bytesOf(
          `<ofd:CustomTags ${name}>${'<ofd:CustomTag><ofd:FileLoc>T.xml</ofd:FileLoc></ofd:CustomTag>'.repeat(tags)}</ofd:CustomTags>`
        ),
        'T.xml': bytesOf('<eInvoice><InvoiceNo/></eInvoice>'),
        'P.xml': bytesOf(`<ofd:Page ${name}>${texts.repeat(size)}</ofd:Page>`)
      },
      { level: 0 }
    )

  it('is read', () => {
    expect(codeOf(ofd())).toBe('invoices')
  })

  it('that shows one long page 200 times is refused: bytes count each time, packed or not', () => {
    expect(codeOf(pages(200, 1, 10_000))).toBe('ARCHIVE_REFUSED')
  })

  it('with 1,000 tags is refused', () => {
    expect(codeOf(pages(1, 1000, 1))).toBe('DOCUMENT_TOO_LARGE')
  })
})

describe('XML', () => {
  it('of 1,200,000 elements, which need far more memory than their bytes, is refused', () => {
    expect(codeOf(bytesOf(ubl({ extra: '<a/>'.repeat(1_200_000) })))).toBe('DOCUMENT_TOO_LARGE')
  })
})

describe('MT940', () => {
  const head = ':20:A\n:25:B\n:60F:C251231EUR0,\n'
  const entry = ':61:2512311231C1,NTRFX\n'

  it('has the first end-to-end reference of a text with very many', () => {
    const text = `:86:166?20EREF+A1 SVWZ+x${('EREF+'.repeat(1500) + '\n').repeat(550)}:86:x\n`
    const [statement] = readStatements(bytesOf(`${head}${entry}${text}:62F:C251231EUR1,\n-\n`))
    expect(statement!.entries[0]!.transactions[0]!.endToEndId).toBe('A1')
  })

  it('with very many references and no keyword behind them is read', () => {
    const text = `:86:166?20${('EREF+'.repeat(1500) + '\n').repeat(550)}:86:x\n`
    expect(codeOf(bytesOf(`${head}${entry}${text}:62F:C251231EUR1,\n-\n`))).toBe('statements')
  })

  it('of 150,000 statements is refused: fields of all statements count', () => {
    expect(codeOf(bytesOf(head.repeat(150_000)))).toBe('DOCUMENT_TOO_LARGE')
  })

  it('of 2,000,000 lines is refused', () => {
    expect(codeOf(bytesOf(`${head}:86:${'x\n'.repeat(2_000_000)}`))).toBe('DOCUMENT_TOO_LARGE')
  })
})
