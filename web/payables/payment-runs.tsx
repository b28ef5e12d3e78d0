import { useState } from 'preact/hooks'
import type { Output } from '../../client/api.ts'
import { addDays, dayOfSeconds, secondsOf } from '../../domain/calendar/day.ts'
import { Link } from '../app/link.tsx'
import { nameOf } from '../directory/directory.ts'
import { day, moneyOf } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { touch, useLive } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { useAct } from '../ui/act.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Download } from '../ui/download.tsx'
import { Field } from '../ui/field.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Problem } from '../ui/problem.tsx'

const text = defineText({
  title: { en: 'Payments', zh: '付款' },
  lead: {
    en: 'Prepare what falls due as one order to your bank: each open note to whom it is to be paid now.',
    zh: '将到期应付汇成一份银行指令：每张未结凭证付给当前收款人。'
  },
  upTo: { en: 'What matures up to', zh: '到期日截至' },
  account: { en: 'From your account (IBAN, or CN:bank code:number)', zh: '付款账户（IBAN，或 CN:行号:账号）' },
  prepare: { en: 'Prepare payments', zh: '生成付款' },
  runs: { en: 'Prepared payments, newest first', zh: '付款批次（最新在前）' },
  state: { en: 'State', zh: '状态' },
  payments: { en: 'Payments', zh: '付款明细' },
  unpayable: { en: 'Not paid by it', zh: '未包含' },
  order: { en: 'Order to the bank', zh: '银行指令' },
  download: { en: 'Download pain.001', zh: '下载 pain.001' },
  cancel: { en: 'Not carried out', zh: '未执行' },
  cancelOf: {
    en: (upTo: string) => `Not carried out: payments up to ${upTo}`,
    zh: (upTo: string) => `未执行：截至 ${upTo} 的付款`
  },
  line: {
    en: (amount: string, payee: string, on: string) => `${amount} to ${payee} on ${on}`,
    zh: (amount: string, payee: string, on: string) => `${on} 付 ${payee} ${amount}`
  },
  more: { en: (count: number) => `and ${count} more`, zh: (count: number) => `及其余 ${count} 笔` },
  'payee-is-operator': { en: 'the registry itself never takes money', zh: '登记系统不收款' },
  'payee-is-debtor': { en: 'you are the payee: nothing has to move', zh: '收款人为本方，无需付款' },
  'payee-unknown': { en: 'the payee is not known', zh: '收款人未知' },
  'account-missing': {
    en: 'the payee has no account on record: ask it to name one to the registrar',
    zh: '收款人未登记账户：请其向登记机构登记'
  },
  'account-unusable': {
    en: 'the payee’s account is in no form that an order can name',
    zh: '收款账户格式无法用于银行指令'
  },
  'in-another-run': { en: 'is in another order of yours', zh: '已在另一付款批次中' },
  open: { en: 'To be carried out', zh: '待执行' },
  'in-payment': { en: 'Partly settled', zh: '部分已清分' },
  paid: { en: 'Settled', zh: '已清分' },
  stale: { en: 'Stale: a payee changed, prepare it anew', zh: '已失效：收款人变更，请重新生成' },
  cancelled: { en: 'Not carried out', zh: '未执行' }
})

type Run = Output<'getPaymentRun'>
const SHOWN = 5

/** A debtor's orders to its bank. */
export function PaymentRuns() {
  const t = useText(text)
  const live = useLive('payment runs', (signal) => api.call('listPaymentRuns', {}, { signal }))
  return (
    <section aria-labelledby="payments-title">
      <h2 id="payments-title">{t.title}</h2>
      <p class="lead">{t.lead}</p>
      {may('propose') && <PrepareForm />}
      <Loaded live={live}>{({ items }) => (items.length === 0 ? null : <RunTable runs={items} />)}</Loaded>
    </section>
  )
}

function PrepareForm() {
  const t = useText(text)
  const [upTo, setUpTo] = useState(addDays(dayOfSeconds(Date.now() / 1000), 31))
  const [account, setAccount] = useState('')
  const { isBusy, error, run } = useAct()
  const prepare = (): Promise<void> =>
    run(async () => {
      const plain = account.replaceAll(' ', '')
      await api.call('createPaymentRun', { body: { upTo, account: plain.includes(':') ? plain : `IBAN:${plain}` } })
      touch()
    })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void prepare()
      }}
    >
      <div class="field-row">
        <Field label={t.upTo}>
          {(attributes) => (
            <input
              {...attributes}
              type="date"
              required
              value={upTo}
              onInput={(event) => setUpTo(event.currentTarget.value)}
            />
          )}
        </Field>
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
      </div>
      <Problem error={error} />
      <button type="submit" disabled={isBusy} aria-busy={isBusy}>
        {t.prepare}
      </button>
    </form>
  )
}

function RunTable({ runs }: { runs: readonly Run[] }) {
  const t = useText(text)
  const dayOf = (iso: string): string => day(secondsOf(iso))
  return (
    <DataTable
      caption={t.runs}
      rows={runs}
      keyOf={({ runId }) => runId}
      columns={[
        { title: t.upTo, cell: ({ upTo }) => dayOf(upTo) },
        { title: t.state, cell: ({ state }) => t[state] },
        {
          title: t.payments,
          cell: ({ payments }) => (
            <ul class="plain">
              {payments.slice(0, SHOWN).map(({ noteId, amount, currency, payeeName, paymentDay }) => (
                <li key={noteId}>
                  <Link to={`/app/notes/${noteId}`}>
                    {t.line(moneyOf(amount, currency), payeeName, dayOf(paymentDay))}
                  </Link>
                </li>
              ))}
              {payments.length > SHOWN && <li>{t.more(payments.length - SHOWN)}</li>}
            </ul>
          )
        },
        {
          title: t.unpayable,
          cell: ({ unpayable }) =>
            unpayable.length === 0
              ? '–'
              : unpayable.map(({ noteId, amount, currency, payee, reason }) => (
                  <p key={noteId}>{`${moneyOf(amount, currency)}, ${nameOf(payee)}: ${t[reason]}`}</p>
                ))
        },
        {
          title: t.order,
          cell: ({ runId, state, order, upTo }) => (
            <div class="commands">
              {order !== null && (
                <Download
                  label={t.download}
                  fileName={`payments-${upTo}.xml`}
                  type="application/xml"
                  load={() => api.download('downloadPaymentOrder', { runId })}
                />
              )}
              {(state === 'open' || state === 'stale') && (
                <ActionButton
                  label={t.cancel}
                  description={t.cancelOf(dayOf(upTo))}
                  act={async () => {
                    await api.call('cancelPaymentRun', { runId })
                    touch()
                  }}
                />
              )}
            </div>
          )
        }
      ]}
    />
  )
}
