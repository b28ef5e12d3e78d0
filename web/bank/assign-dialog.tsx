import { useState } from 'preact/hooks'
import { addDays, dayOfSeconds } from '../../domain/calendar/day.ts'
import { currencyNumberOf } from '../../domain/money/currency.ts'
import { nameOf } from '../directory/directory.ts'
import { day } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { touch, useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { AmountField } from '../note/amount-field.tsx'
import { useAct } from '../ui/act.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { entryLabel, entryMoney, EntryText } from './entry-text.tsx'
import { loadDue, type DueNote, type Entry } from './load.ts'

const text = defineText({
  title: { en: 'Say which notes it pays', zh: '指定所支付的凭证' },
  rest: {
    en: (money: string) => `${money} of it is not taken for a note yet.`,
    zh: (money: string) => `其中 ${money} 尚未用于凭证。`
  },
  find: { en: 'Find by debtor, payee, amount or number', zh: '按债务人、收款人、金额或编号查找' },
  note: { en: (index: number) => `Note ${index}`, zh: (index: number) => `凭证 ${index}` },
  choose: { en: '– choose –', zh: '– 请选择 –' },
  option: {
    en: (amount: string, debtor: string, payee: string, due: string) => `${amount}, ${debtor} → ${payee}, due ${due}`,
    zh: (amount: string, debtor: string, payee: string, due: string) => `${amount}，${debtor} → ${payee}，到期 ${due}`
  },
  another: { en: 'Another note', zh: '再加一张凭证' },
  reason: { en: 'Reason', zh: '理由' },
  reasonHint: { en: 'How you know it; kept with the match.', zh: '依据；与匹配一同留存。' },
  go: { en: 'Match by hand', zh: '人工匹配' },
  none: {
    en: 'No confirmed note of this currency is open within half a year. Nothing of it can be matched here.',
    zh: '半年内没有该币种的未结凭证，无法在此匹配。'
  }
})

/** Days before and after the entry in which notes are looked for. */
const REACH = 180

interface Row {
  noteId: string
  amount: bigint
}

/** Assigns a payment to notes by hand, one or several, each with its part. */
export function AssignDialog({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const t = useText(text)
  const around = entry.day ?? dayOfSeconds(Date.now() / 1000)
  const live = useLive(`due ${entry.currency} ${around}`, (signal) =>
    loadDue(api, entry.currency, addDays(around, -REACH), addDays(around, REACH), signal)
  )
  return (
    <Dialog title={t.title} onClose={onClose}>
      <p>{entryLabel(entry)}</p>
      <EntryText entry={entry} />
      <Loaded live={live}>
        {(due) => (due.length === 0 ? <p>{t.none}</p> : <AssignForm entry={entry} due={due} onClose={onClose} />)}
      </Loaded>
    </Dialog>
  )
}

function AssignForm({ entry, due, onClose }: { entry: Entry; due: readonly DueNote[]; onClose: () => void }) {
  const t = useText(text)
  const rest = BigInt(entry.amount) - BigInt(entry.allocated)
  const [rows, setRows] = useState<readonly Row[]>([{ noteId: '', amount: rest }])
  const [wanted, setWanted] = useState('')
  const [reason, setReason] = useState('')
  const { isBusy, error, run } = useAct()
  const labelOf = ({ amount, debtor, payee, maturity }: DueNote): string =>
    t.option(entryMoney(amount, entry.currency), nameOf(debtor), nameOf(payee), day(maturity))
  const isShown = (one: DueNote): boolean =>
    rows.some(({ noteId }) => noteId === one.noteId) ||
    `${labelOf(one)} ${one.noteId} ${one.amount}`.toLowerCase().includes(wanted.trim().toLowerCase())
  const change = (index: number, row: Partial<Row>): void =>
    setRows(rows.map((one, at) => (at === index ? { ...one, ...row } : one)))
  const choose = (index: number, noteId: string): void => {
    const open = BigInt(due.find((one) => one.noteId === noteId)?.amount ?? '0')
    const left = rows.reduce((sum, { amount }, at) => (at === index ? sum : sum - amount), rest)
    change(index, { noteId, amount: open < left ? open : left })
  }
  const go = (): Promise<void> =>
    run(async () => {
      const parts = rows.map(({ noteId, amount }) => ({ noteId, amount: String(amount) }))
      await api.call('matchByHand', { body: { entryId: entry.entryId, parts, reason } })
      touch()
      onClose()
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void go()
      }}
    >
      <p>{t.rest(entryMoney(rest, entry.currency))}</p>
      <Field label={t.find}>
        {(attributes) => (
          <input {...attributes} value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        )}
      </Field>
      {rows.map((row, index) => (
        <fieldset key={index}>
          <legend>{t.note(index + 1)}</legend>
          <Field label={t.note(index + 1)}>
            {(attributes) => (
              <select
                {...attributes}
                required
                value={row.noteId}
                onChange={(event) => choose(index, event.currentTarget.value)}
              >
                <option value="">{t.choose}</option>
                {due.filter(isShown).map((one) => (
                  <option key={one.noteId} value={one.noteId}>
                    {labelOf(one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {row.noteId !== '' && (
            <AmountField
              total={rest}
              part={row.amount}
              currency={currencyNumberOf(entry.currency)}
              onChange={(amount) => change(index, { amount })}
            />
          )}
        </fieldset>
      ))}
      <button type="button" onClick={() => setRows([...rows, { noteId: '', amount: 0n }])}>
        {t.another}
      </button>
      <TextField label={t.reason} hint={t.reasonHint} value={reason} onValue={setReason} />
      <Problem error={error} />
      <button type="submit" class="primary" disabled={isBusy} aria-busy={isBusy}>
        {t.go}
      </button>
    </form>
  )
}
