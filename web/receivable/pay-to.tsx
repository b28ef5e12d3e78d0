import { useState } from 'preact/hooks'
import type { Receivable } from '../../client/operations.generated.ts'
import type { PayToStatement } from '../../domain/evidence/certificate/statement.ts'
import { money, moment } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { useAct } from '../ui/act.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Download } from '../ui/download.tsx'
import { Problem } from '../ui/problem.tsx'

const text = defineText({
  ask: { en: 'Whom to pay', zh: '查询付款对象' },
  caption: { en: 'Pay-to statement', zh: '付款指示' },
  asOf: {
    en: (block: number, time: string) => `As of block ${block}, ${time}.`,
    zh: (block: number, time: string) => `截至区块 ${block}，${time}。`
  },
  final: {
    en: 'Final: no act of a participant changes it any more.',
    zh: '最终：参与方的任何操作均不再改变付款对象。'
  },
  notFinal: { en: 'Not final yet: notes still move until maturity.', zh: '尚非最终：到期前凭证仍可流转。' },
  payee: { en: 'Payee', zh: '收款人' },
  account: { en: 'Account', zh: '收款账户' },
  noAccount: { en: 'none on record', zh: '未登记' },
  amount: { en: 'Amount', zh: '金额' },
  download: { en: 'Download the certificate', zh: '下载证明' },
  check: { en: 'Check it', zh: '核验' }
})

/** The signed statement of whom the debtor pays, as the registry proves it from the newest block. */
export function PayTo({ receivable }: { receivable: Receivable }) {
  const t = useText(text)
  const { receivableId, currency } = receivable
  const [answer, setAnswer] = useState<{ bytes: Uint8Array; statement: PayToStatement }>()
  const { isBusy, error, run } = useAct()
  const ask = (): Promise<void> =>
    run(async () => {
      const bytes = await api.download('getPayToStatement', { receivableId })
      const { statement } = JSON.parse(new TextDecoder().decode(bytes)) as { statement: PayToStatement }
      setAnswer({ bytes, statement })
    })
  if (!answer) {
    return (
      <div class="commands">
        <button type="button" disabled={isBusy} aria-busy={isBusy} onClick={() => void ask()}>
          {t.ask}
        </button>
        <Problem error={error} />
      </div>
    )
  }
  const { bytes, statement } = answer
  return (
    <section>
      <DataTable
        caption={t.caption}
        rows={sumsOf(statement)}
        keyOf={({ participantId }) => String(participantId)}
        columns={[
          { title: t.payee, cell: ({ name, participantId }) => `${name} (#${participantId})` },
          { title: t.account, cell: ({ account }) => (account === null ? t.noAccount : <code>{account}</code>) },
          { title: t.amount, isNumber: true, cell: ({ amount }) => money(amount, currency) }
        ]}
      />
      <p>
        {t.asOf(statement.asOf.number, moment(Date.parse(statement.asOf.time) / 1000))}{' '}
        {statement.isFinal ? t.final : t.notFinal}
      </p>
      <div class="commands">
        <Download
          label={t.download}
          fileName={`pay-to-${receivableId.slice(2, 14)}.json`}
          type="application/json"
          load={async () => bytes}
        />
        <a class="button" href="/verify">
          {t.check}
        </a>
      </div>
    </section>
  )
}

/** Open spans summed by payee. */
function sumsOf({ spans, payees }: PayToStatement) {
  return payees
    .map((payee) => {
      const own = spans.filter((span) => span.payee === payee.participantId && span.state !== 'cancelled')
      return { ...payee, amount: own.reduce((sum, { start, end }) => sum + BigInt(end) - BigInt(start), 0n) }
    })
    .filter(({ amount }) => amount > 0n)
}
