/** The samples of domain/documents/samples with odd inputs put into them, and a PDF that a library would not write. */
import { zlibSync } from 'fflate'
import { writeCii } from '../../../domain/documents/samples/cii.ts'
import { writeEdifact } from '../../../domain/documents/samples/edifact.ts'
import { writeEInvoice } from '../../../domain/documents/samples/einvoice.ts'
import { writeFatturaPa } from '../../../domain/documents/samples/fatturapa.ts'
import type { SampleInvoice } from '../../../domain/documents/samples/model.ts'
import { ofdAttachedMembers, ofdTaggedMembers, zipOfd, type OfdMembers } from '../../../domain/documents/samples/ofd.ts'
import { blueInvoice, euroInvoice, vatInvoice } from '../../../domain/documents/samples/set.ts'
import { writeUbl, type UblDocument } from '../../../domain/documents/samples/ubl.ts'

/** Put in raw: markup in them is markup. */
export interface Sample {
  readonly number: string
  readonly issueDate: string
  readonly payable: string
  readonly vat: string
  readonly typeCode: string
  readonly currency: string
  /** Inserted after the root's opening tag. */
  readonly extra: string
}

const { dueDate: _dueDate, order: _order, ...plain } = euroInvoice
const SAMPLE: SampleInvoice = {
  ...plain,
  seller: { vat: 'DE811907980', name: 'Lindenmoor Feinguss GmbH', ids: [] },
  buyer: { endpoint: { v: '4099887000012', scheme: '0088' }, name: 'Hafenkran Werke AG', ids: [] }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** Replaces every occurrence; throws when there is none, so that no sample silently stays as it was. */
function put(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the sample has no ${from}`)
  return text.replaceAll(from, () => to)
}

/** The document with the value of every element that holds `from` replaced. */
function putValue(text: string, from: string, to: string | undefined): string {
  return to === undefined ? text : put(text, `>${from}</`, `>${to}</`)
}

function withChanges(text: string, root: string, { currency, extra = '', ...changes }: Partial<Sample>): string {
  let changed = putValue(text, SAMPLE.number, changes.number)
  changed = putValue(changed, '1190.00', changes.payable)
  changed = putValue(changed, 'DE811907980', changes.vat)
  if (changes.typeCode !== undefined) changed = put(changed, 'TypeCode>380<', `TypeCode>${changes.typeCode}<`)
  if (currency !== undefined) changed = putValue(put(changed, '"EUR"', `"${currency}"`), 'EUR', currency)
  return changed.replace(new RegExp(`<${root}[^>]*>`), (tag) => tag + extra)
}

export function ubl(changes: Partial<Sample> = {}, root: UblDocument = 'Invoice'): string {
  const text = textOf(writeUbl(SAMPLE, root))
  return withChanges(putValue(text, SAMPLE.issueDate, changes.issueDate), root, changes)
}

export function cii(changes: Partial<Sample> = {}): string {
  const text = textOf(writeCii(SAMPLE))
  const day = changes.issueDate?.replaceAll('-', '')
  return withChanges(putValue(text, '20260305', day), 'rsm:CrossIndustryInvoice', changes)
}

export interface ChineseSample {
  readonly id: string
  readonly number: string
  readonly total: string
  readonly label: string
}

/** With a tax of asterisks, as some invoices have. */
export function einvoice({ id, number, total, label }: Partial<ChineseSample> = {}): string {
  const issued = blueInvoice.number
  let text = put(textOf(writeEInvoice(blueInvoice)), '<TotalTaxAm>1300.00<', '<TotalTaxAm>***<')
  text = put(text, `<EIid>${issued}<`, `<EIid>${id ?? number ?? issued}<`)
  text = put(text, `<InvoiceNumber>${issued}<`, `<InvoiceNumber>${number ?? issued}<`)
  text = put(text, '<InIssuType><LabelCode>Y<', `<InIssuType><LabelCode>${label ?? 'Y'}<`)
  return put(text, '<TotalTax-includedAmount>11300.00<', `<TotalTax-includedAmount>${total ?? '11300.00'}<`)
}

/** A PDF without pages that embeds the files: name to content. */
export function pdf(files: Readonly<Record<string, Uint8Array>>, trailerEntries = ''): Uint8Array {
  const entries = Object.entries(files)
  const specifications = entries.map(([name], index) => `(${name}) ${3 + 2 * index} 0 R`)
  const objects: (string | Uint8Array)[][] = [
    ['<< /Type /Catalog /Names << /EmbeddedFiles 2 0 R >> >>'],
    [`<< /Names [ ${specifications.join(' ')} ] >>`]
  ]
  entries.forEach(([name, content], index) => {
    const data = zlibSync(content)
    objects.push([`<< /Type /Filespec /F (${name}) /EF << /F ${4 + 2 * index} 0 R >> >>`])
    objects.push([`<< /Filter /FlateDecode /Length ${data.length} >>\nstream\n`, data, '\nendstream'])
  })
  const parts: Uint8Array[] = [bytesOf('%PDF-1.7\n')]
  const offsets: number[] = []
  const size = (): number => parts.reduce((sum, part) => sum + part.length, 0)
  objects.forEach((pieces, index) => {
    offsets.push(size())
    for (const piece of [`${index + 1} 0 obj\n`, ...pieces, '\nendobj\n']) {
      parts.push(typeof piece === 'string' ? bytesOf(piece) : piece)
    }
  })
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
  const start = size()
  parts.push(bytesOf(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows.join('')}`))
  parts.push(bytesOf(`trailer << /Root 1 0 R ${trailerEntries} >>\nstartxref\n${start}\n%%EOF`))
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** Members with texts in them replaced: member to pairs. */
function patched(
  members: OfdMembers,
  patches: Readonly<Record<string, readonly (readonly [string, string])[]>>
): Record<string, Uint8Array> {
  const changed = { ...members }
  for (const [member, pairs] of Object.entries(patches)) {
    changed[member] = bytesOf(pairs.reduce((text, [from, to]) => put(text, from, to), textOf(members[member]!)))
  }
  return changed
}

export interface OfdSample {
  readonly number: string
  /** The number in OFD.xml. */
  readonly cover: string
  readonly attachments: number
}

/** A VAT e-invoice of the layout of 2020, attached under a name of its own, with a byte order mark and CDATA. */
export function ofd(changes: Partial<OfdSample> = {}): Uint8Array {
  const number = changes.number ?? vatInvoice.number
  const { cover, attachments } = { cover: number, attachments: 1, ...changes }
  const folder = 'Doc_0/Attachs'
  const attachment = '<ofd:Attachment ID="1" Name="original_invoice"><ofd:FileLoc>i.xml</ofd:FileLoc></ofd:Attachment>'
  const { [`${folder}/original_invoice.xml`]: invoice, ...members } = patched(ofdAttachedMembers(vatInvoice), {
    'OFD.xml': [[`>${vatInvoice.number}<`, `>${cover}<`]],
    [`${folder}/Attachments.xml`]: [
      ['original_invoice.xml', 'i.xml'],
      [attachment, attachment.repeat(attachments)]
    ],
    [`${folder}/original_invoice.xml`]: [
      [`>${vatInvoice.number}<`, `>${number}<`],
      ['2026年03月05日', '<![CDATA[2026年03月05日]]>'],
      ['>1300.00<', '>***<'],
      ['<?xml', '\ufeff<?xml']
    ]
  })
  return zipOfd({ ...members, [`${folder}/i.xml`]: invoice! }, vatInvoice.issueDate)
}

export interface OfdTaggedSample {
  readonly number: string
  readonly total: string
  readonly open: string
  readonly close: string
}

/** A 数电票 as some are issued: an empty prefix, a name in two pieces, a page named from the archive's root. */
export function ofdTagged(changes: Partial<OfdTaggedSample> = {}): Uint8Array {
  const { number, total, open, close } = {
    number: blueInvoice.number,
    total: '11300.00',
    open: '<:eInvoice xmlns:="">',
    close: '</:eInvoice>',
    ...changes
  }
  const page = 'Pages/Page_0/Content.xml'
  const pieces = '临港云杉铸造</ofd:TextCode><ofd:TextCode X="9" Y="2">有限公司'
  const members = patched(ofdTaggedMembers(blueInvoice), {
    'Doc_0/Document.xml': [[`"${page}"`, `"/Doc_0/${page}"`]],
    'Doc_0/Tags/CustomTag.xml': [
      ['<eInvoice>', open],
      ['</eInvoice>', close]
    ],
    [`Doc_0/${page}`]: [[`>${blueInvoice.number}<`, `>${number}<`]],
    'Doc_0/Tpls/Tpl_0/Content.xml': [
      ['临港云杉铸造有限公司', pieces],
      ['>11300.00<', `>${total}<`]
    ]
  })
  // The cover of issued files names the producer instead of the number.
  const cover = put(
    textOf(members['OFD.xml']!),
    `Name="发票号码">${blueInvoice.number}<`,
    'Name="native-producer">Test<'
  )
  return zipOfd({ ...members, 'OFD.xml': bytesOf(cover) }, blueInvoice.issueDate)
}

const ITALIAN: SampleInvoice = {
  ...plain,
  gross: 122000n,
  tax: 22000n,
  preceding: '9/A',
  seller: { vat: 'IT01234567897', name: 'Fonderia Lago Srl', ids: [] },
  buyer: { tax: '09876543217', name: 'Gru Nord Spa', ids: [] }
}

/** FatturaPA 1.2 with one body a number; the total is to be added up, the payment comes in two instalments. */
export function fattura(numbers: readonly string[], kind = 'TD01'): string {
  const [first, ...others] = numbers.map((number) => ({ ...ITALIAN, number }))
  const instalment = (day: string, amount: string): string =>
    `<DettaglioPagamento><DataScadenzaPagamento>${day}</DataScadenzaPagamento>` +
    `<ImportoPagamento>${amount}</ImportoPagamento></DettaglioPagamento>`
  const text = put(textOf(writeFatturaPa(first!, ...others)), '>TD01<', `>${kind}<`).replaceAll(
    /<DettaglioPagamento>.*?<\/DettaglioPagamento>/g,
    instalment('2026-06-05', '720.00') + instalment('2026-05-05', '500.00')
  )
  return put(text, '<ImportoTotaleDocumento>1220.00</ImportoTotaleDocumento>', '')
}

/** With separators in the number, a payee, and an address. */
export function edifact(): string {
  const text = textOf(
    writeEdifact({
      ...SAMPLE,
      number: "LM+2026'17",
      dueDate: '2026-06-05',
      preceding: 'LM16',
      seller: { ...SAMPLE.seller, ids: [{ v: '4000001000005', scheme: '0088' }], country: 'DE' },
      payee: { name: 'Factor AG', ids: [] }
    })
  )
  return put(text, 'GmbH+++++DE', 'GmbH+Weg 1+Moor++1+DE')
}
