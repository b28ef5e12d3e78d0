import { useState } from 'preact/hooks'
import { csvColumns, type CsvColumn } from '../../domain/settlement/csv-columns.ts'
import { defineText, useText } from '../i18n/language.ts'
import { Field } from '../ui/field.tsx'

const text = defineText({
  title: { en: (name: string) => `Columns of ${name}`, zh: (name: string) => `${name} 的列` },
  lead: {
    en: 'A CSV does not say of which account it is, nor what its columns are. Name either one amount column, or credit and debit.',
    zh: 'CSV 不含账户与列的含义。请指定一个金额列，或分别指定收入列与支出列。'
  },
  account: { en: 'Account (IBAN or number)', zh: '账户（IBAN 或账号）' },
  currency: { en: 'Currency', zh: '币种' },
  encoding: { en: 'Encoding', zh: '编码' },
  decimal: { en: 'Decimal sign', zh: '小数点' },
  point: { en: 'point', zh: '点' },
  comma: { en: 'comma', zh: '逗号' },
  dateFormat: { en: 'Date format', zh: '日期格式' },
  dateHint: {
    en: 'Only where day and month could be mixed up, such as DD/MM/YYYY.',
    zh: '仅在日月可能混淆时填写，例如 DD/MM/YYYY。'
  },
  notThere: { en: '– not in the file –', zh: '– 文件中没有 –' },
  go: { en: 'Read the statement', zh: '读取对账单' },
  day: { en: 'Day of booking', zh: '入账日' },
  valueDay: { en: 'Value day', zh: '起息日' },
  amount: { en: 'Amount (money that left is negative)', zh: '金额（支出为负）' },
  credit: { en: 'Credit', zh: '收入' },
  debit: { en: 'Debit', zh: '支出' },
  reference: { en: 'Bank reference', zh: '银行流水号' },
  endToEndId: { en: 'Our reference (end to end)', zh: '端到端编号' },
  debtor: { en: 'Payer', zh: '付款人' },
  debtorAccount: { en: 'Payer’s account', zh: '付款账户' },
  creditor: { en: 'Payee', zh: '收款人' },
  creditorAccount: { en: 'Payee’s account', zh: '收款账户' },
  text: { en: 'Text', zh: '摘要' }
})

const encodings = ['utf-8', 'latin-1', 'gb18030'] as const
type Encoding = (typeof encodings)[number]

/** Titles that exports commonly have; a guess that the reader of the form may change. */
const guesses: Partial<Record<CsvColumn, RegExp>> = {
  day: /^(day|date|booking|buchung|交易日期|记账日期|入账日)/i,
  amount: /^(amount|betrag|金额|交易金额)/i,
  credit: /^(credit|haben|收入|贷方)/i,
  debit: /^(debit|soll|支出|借方)/i,
  reference: /^(bank )?(ref|reference|流水)/i,
  endToEndId: /^end.?to.?end/i,
  debtor: /^(payer|debtor|付款人|对方户名)/i,
  text: /^(text|purpose|remittance|verwendung|摘要|附言|用途)/i
}

/** The first row's titles, cut at the sign that it has most of: the mapping names it, so that the reader cuts at the same. */
function headOf(bytes: Uint8Array, encoding: Encoding): { delimiter: string; titles: string[] } {
  const label = encoding === 'latin-1' ? 'windows-1252' : encoding
  const [line = ''] = new TextDecoder(label).decode(bytes.subarray(0, 64_000)).split(/\r\n|\r|\n/, 1)
  const plain = line.replace(/"[^"]*"/g, '')
  const [delimiter] = [',', ';', '\t', '|'].sort((a, b) => plain.split(b).length - plain.split(a).length)
  const titles = line.split(delimiter!).map((title) => title.trim().replace(/^"(.*)"$/, '$1'))
  return { delimiter: delimiter!, titles }
}

interface CsvMappingFormProps {
  name: string
  bytes: Uint8Array
  isBusy: boolean
  onMapping: (mapping: object) => void
}

/** Says what the columns of a CSV are. */
export function CsvMappingForm({ name, bytes, isBusy, onMapping }: CsvMappingFormProps) {
  const t = useText(text)
  const [encoding, setEncoding] = useState<Encoding>('utf-8')
  const { delimiter, titles } = headOf(bytes, encoding)
  const [account, setAccount] = useState('')
  const [currency, setCurrency] = useState('EUR')
  const [decimal, setDecimal] = useState<'.' | ','>('.')
  const [dateFormat, setDateFormat] = useState('')
  const [chosen, setChosen] = useState<Partial<Record<CsvColumn, string>>>({})
  const columnOf = (column: CsvColumn): string =>
    chosen[column] ?? titles.find((title) => guesses[column]?.test(title)) ?? ''
  const submit = (): void => {
    const named = csvColumns.flatMap((column) => (columnOf(column) === '' ? [] : [[column, columnOf(column)]]))
    onMapping({
      account: account.replaceAll(' ', ''),
      currency: currency.toUpperCase(),
      columns: Object.fromEntries(named) as object,
      encoding,
      delimiter,
      decimal,
      // Where one of the two signs stands before decimals, exports put the other between thousands.
      thousands: decimal === '.' ? ',' : '.',
      ...(dateFormat === '' ? {} : { dateFormat })
    })
  }
  return (
    <form
      aria-labelledby="mapping-title"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <h2 id="mapping-title">{t.title(name)}</h2>
      <p class="hint">{t.lead}</p>
      <div class="field-row">
        <Field label={t.account}>
          {(attributes) => (
            <input
              {...attributes}
              required
              maxLength={64}
              value={account}
              onInput={(event) => setAccount(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={t.currency}>
          {(attributes) => (
            <input
              {...attributes}
              required
              pattern="[A-Za-z]{3}"
              value={currency}
              onInput={(event) => setCurrency(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={t.encoding}>
          {(attributes) => (
            <select
              {...attributes}
              value={encoding}
              onChange={(event) => setEncoding(event.currentTarget.value as Encoding)}
            >
              {encodings.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t.decimal}>
          {(attributes) => (
            <select
              {...attributes}
              value={decimal}
              onChange={(event) => setDecimal(event.currentTarget.value as '.' | ',')}
            >
              <option value=".">{t.point}</option>
              <option value=",">{t.comma}</option>
            </select>
          )}
        </Field>
        <Field label={t.dateFormat} hint={t.dateHint}>
          {(attributes) => (
            <input
              {...attributes}
              maxLength={20}
              value={dateFormat}
              onInput={(event) => setDateFormat(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <div class="field-row">
        {csvColumns.map((column) => (
          <Field key={column} label={t[column]}>
            {(attributes) => (
              <select
                {...attributes}
                value={columnOf(column)}
                onChange={(event) => setChosen({ ...chosen, [column]: event.currentTarget.value })}
              >
                <option value="">{t.notThere}</option>
                {titles.map((title) => (
                  <option key={title}>{title}</option>
                ))}
              </select>
            )}
          </Field>
        ))}
      </div>
      <button type="submit" class="primary" disabled={isBusy} aria-busy={isBusy}>
        {t.go}
      </button>
    </form>
  )
}
