import { useState } from 'preact/hooks'
import type { ReadDocument } from '../../client/operations.generated.ts'
import { othersWith } from '../directory/directory.ts'
import { moneyOf } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Field } from '../ui/field.tsx'
import { Hash } from '../ui/hash.tsx'
import { AlarmList } from './alarm-list.tsx'
import { invoiceOf, partyWords, sourceOf } from './invoice.ts'

const text = defineText({
  caption: { en: 'What was read, and from where', zh: '读取内容及出处' },
  field: { en: 'Field', zh: '字段' },
  value: { en: 'Value', zh: '内容' },
  source: { en: 'Read from', zh: '出处' },
  number: { en: 'Invoice number', zh: '发票号码' },
  issued: { en: 'Issued', zh: '开票日期' },
  due: { en: 'Due', zh: '到期日' },
  amount: { en: 'Payable', zh: '应付金额' },
  seller: { en: 'Seller', zh: '销售方' },
  buyer: { en: 'Buyer', zh: '购买方' },
  payee: { en: 'Payee', zh: '收款人' },
  format: { en: 'Format', zh: '格式' },
  none: { en: 'not in the file', zh: '文件中没有' },
  fingerprint: { en: 'Fingerprint', zh: '指纹' },
  faults: { en: 'Identifiers left out of account', zh: '未采用的标识' },
  faultsHint: {
    en: 'They can be nobody’s: a check digit or the form is wrong.',
    zh: '校验位或格式有误，不属于任何主体。'
  },
  debtor: { en: 'Debtor', zh: '债务人' },
  debtorAsRead: { en: 'as the invoice names it', zh: '按发票所载' },
  maturity: { en: 'Maturity (end of the day, UTC)', zh: '到期日（当日结束，UTC）' },
  maturityHint: { en: 'Empty: the due day of the invoice.', zh: '留空则采用发票到期日。' },
  back: { en: 'Another file', zh: '更换文件' },
  go: { en: 'Continue to sign', zh: '继续签署' }
})

/** What the registrant decides where the invoice does not. */
export interface Choice {
  debtor?: number
  maturity?: number
}

interface ReadStepProps {
  document: ReadDocument
  isBusy: boolean
  onBack: () => void
  onRegister: (choice: Choice) => void
}

/** Every field with the element of the file that it was read from, then alarms and faults, then what is left to decide. */
export function ReadStep({ document, isBusy, onBack, onRegister }: ReadStepProps) {
  const t = useText(text)
  const invoice = invoiceOf(document)
  const [debtor, setDebtor] = useState('')
  const [maturity, setMaturity] = useState('')
  const rows = [
    [t.number, invoice.number, sourceOf(invoice, 'number')],
    [t.amount, moneyOf(invoice.payable, invoice.currency), sourceOf(invoice, 'payable', 'amount')],
    [t.issued, invoice.issueDate, sourceOf(invoice, 'issueDate')],
    [t.due, invoice.dueDate, sourceOf(invoice, 'dueDate')],
    [t.seller, partyWords(invoice.seller), sourceOf(invoice, 'seller')],
    [t.buyer, partyWords(invoice.buyer), sourceOf(invoice, 'buyer')],
    ...(invoice.payee ? [[t.payee, partyWords(invoice.payee), sourceOf(invoice, 'payee')]] : []),
    [t.format, document.format, undefined],
    [t.fingerprint, document.fingerprint, undefined]
  ] as [string, string | null, string | undefined][]
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onRegister({
          ...(debtor === '' ? {} : { debtor: Number(debtor) }),
          ...(maturity === '' ? {} : { maturity: Math.floor(Date.parse(`${maturity}T23:59:59Z`) / 1000) })
        })
      }}
    >
      <DataTable
        caption={t.caption}
        rows={rows}
        keyOf={([name]) => name}
        columns={[
          { title: t.field, cell: ([name]) => name },
          {
            title: t.value,
            cell: ([name, value]) =>
              name === t.fingerprint ? <Hash value={value!} /> : value === null ? <em>{t.none}</em> : value
          },
          { title: t.source, cell: ([, , source]) => (source === undefined ? '' : <code>{source}</code>) }
        ]}
      />
      <AlarmList alarms={document.alarms} />
      {document.identifierFaults.length > 0 && (
        <section class="notice">
          <h2>{t.faults}</h2>
          <p>{t.faultsHint}</p>
          <ul>
            {document.identifierFaults.map(({ field, code, presented }) => (
              <li key={field}>
                {field}: {presented} <code>{code}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="narrow">
        <Field label={t.debtor}>
          {(attributes) => (
            <select {...attributes} value={debtor} onChange={(event) => setDebtor(event.currentTarget.value)}>
              <option value="">{t.debtorAsRead}</option>
              {othersWith('debtor').map(({ participantId, name }) => (
                <option key={participantId} value={participantId}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t.maturity} hint={t.maturityHint}>
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              required={invoice.dueDate === null}
              value={maturity}
              onInput={(event) => setMaturity(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <div class="commands">
        <button type="submit" class="primary" disabled={isBusy} aria-busy={isBusy}>
          {t.go}
        </button>
        <button type="button" onClick={onBack}>
          {t.back}
        </button>
      </div>
    </form>
  )
}
