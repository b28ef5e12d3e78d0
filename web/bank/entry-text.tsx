import { secondsOf } from '../../domain/calendar/day.ts'
import { isCurrency } from '../../domain/money/currency.ts'
import { day, moneyOf } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import type { Entry, EntryDetails } from './load.ts'

const text = defineText({
  from: { en: (name: string) => `from ${name}`, zh: (name: string) => `付款人 ${name}` },
  reference: { en: (value: string) => `bank reference ${value}`, zh: (value: string) => `银行流水 ${value}` },
  number: { en: (value: number) => `entry ${value}`, zh: (value: number) => `入账 ${value}` }
})

/** ISO 20022 for a payment whose payer gave no id of its own. */
const NOT_PROVIDED = 'NOTPROVIDED'

/** A bank may name a currency that the registry does not know; its digits are shown as they are. */
export function entryMoney(minor: string | bigint, currency: string): string {
  return isCurrency(currency) ? moneyOf(minor, currency) : `${currency} ${minor}`
}

/** A day as the api writes it, in the reader's language. */
export function dayText(iso: string | null): string {
  return iso === null ? '–' : day(secondsOf(iso))
}

/** What an entry is, in one line: for labels of commands about it. */
export function entryLabel(entry: Entry): string {
  return `${text().number(entry.entryId)}, ${entryMoney(entry.amount, entry.currency)}, ${dayText(entry.day)}`
}

/** What the bank says of an entry: who paid, by what reference, with which words. */
export function EntryText({ entry }: { entry: Entry }) {
  const t = useText(text)
  const { reference, transactions } = entry.details as EntryDetails
  return (
    <div class="entry-text">
      {transactions.slice(0, 3).map((one, index) => (
        <p key={index}>
          {[
            one.debtor && t.from(one.debtor),
            one.endToEndId !== NOT_PROVIDED && one.endToEndId,
            ...one.remittance,
            ...one.documentNumbers
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      ))}
      <p class="hint">
        {[t.number(entry.entryId), entry.account, reference && t.reference(reference)].filter(Boolean).join(' · ')}
      </p>
    </div>
  )
}
