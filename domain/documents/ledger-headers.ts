/** Headers that exports in English, German and Chinese use, so that a plain one needs no mapping. */
import type { LedgerField } from './ledger-mapping.ts'

const NAMES: Readonly<Partial<Record<LedgerField, readonly string[]>>> = {
  number: [
    'invoice number|invoice no|invoice nr|invoice num|document number|document no|bill number',
    'rechnungsnummer|rechnungsnr|rechnung nr|rechnungs nr|belegnummer|belegnr',
    '发票号码|发票号'
  ],
  invoiceCode: ['发票代码'],
  digitalNumber: ['数电票号码|数电发票号码|全电发票号码'],
  type: ['invoice type code|document type code'],
  issueDate: [
    'invoice date|issue date|date of issue|document date',
    'rechnungsdatum|belegdatum|ausstellungsdatum',
    '开票日期'
  ],
  dueDate: [
    'due date|payment due date|date due',
    'fälligkeitsdatum|faelligkeitsdatum|fälligkeit|faelligkeit|fällig am|zahlbar bis',
    '到期日|到期日期|付款到期日'
  ],
  currency: ['currency|currency code|document currency', 'währung|waehrung|währungscode', '币种|货币'],
  // Never `amount` or 金额 alone: whether tax is in it, nobody knows, and 金额 in Chinese exports is without.
  gross: [
    'invoice amount|gross amount|gross|total amount|amount with tax|amount incl tax|amount incl vat|tax inclusive amount',
    'rechnungsbetrag|bruttobetrag|brutto|gesamtbetrag',
    '价税合计'
  ],
  payable: ['amount due|payable|payable amount', 'zahlbetrag', '应付金额'],
  preceding: ['preceding invoice|preceding invoice number', 'ursprüngliche rechnung'],
  order: ['order number|purchase order|purchase order number|po number', 'bestellnummer', '订单号'],
  contract: ['contract number', 'vertragsnummer', '合同号|合同编号'],
  status: ['发票状态'],
  'seller.name': [
    'seller|seller name|supplier|supplier name|vendor|vendor name',
    'verkäufer|verkaeufer|lieferant|rechnungssteller',
    '销方名称|销售方名称|销货单位名称'
  ],
  'seller.vat': ['seller vat|seller vat id|seller vat number|supplier vat id|supplier vat number', 'ust id verkäufer'],
  'seller.uscc': ['销方税号|销方识别号|销方纳税人识别号|销售方税号|销售方识别号|销售方纳税人识别号'],
  'seller.country': ['seller country'],
  'buyer.name': [
    'buyer|buyer name|customer|customer name',
    'käufer|kaeufer|kunde|kundenname|debitor',
    '购方名称|购买方名称|购货单位名称'
  ],
  'buyer.vat': ['buyer vat|buyer vat id|buyer vat number|customer vat id|customer vat number', 'ust id kunde'],
  'buyer.uscc': ['购方税号|购方识别号|购方纳税人识别号|购买方税号|购买方识别号|购买方纳税人识别号'],
  'buyer.id': [
    'customer id|customer number|customer no|buyer id',
    'kundennummer|kundennr|debitorennummer|debitorennr',
    '客户编号'
  ],
  'buyer.country': ['buyer country|country code|customer country'],
  'payee.name': ['payee|payee name', 'zahlungsempfänger', '收款方名称']
}

const FIELDS: ReadonlyMap<string, LedgerField> = new Map(
  Object.entries(NAMES).flatMap(([field, lists]) =>
    lists.flatMap((list) => list.split('|').map((name) => [headerKeyOf(name), field as LedgerField] as const))
  )
)

/** Letters and digits: `Invoice No.`, `invoice_no` and `InvoiceNo` are one name. */
function headerKeyOf(header: string): string {
  return header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]/gu, '')
}

/** What a column of that name holds, where the name is one that many exports use. */
export function fieldOfHeader(header: string): LedgerField | undefined {
  return FIELDS.get(headerKeyOf(header))
}

/** Whether the name is Chinese and well known: a ledger with one is numbered by the state and in CNY. */
export function isChineseHeader(header: string): boolean {
  return fieldOfHeader(header) !== undefined && /\p{Script=Han}/u.test(header)
}
