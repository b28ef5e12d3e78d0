import { useState } from 'preact/hooks'
import type { Receivable } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api, may } from '../login/session.ts'
import { requestSignatures } from '../signing/request.ts'
import { useAct } from '../ui/act.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Problem } from '../ui/problem.tsx'

const text = defineText({
  caption: { en: 'Waiting for your confirmation', zh: '待您确权' },
  choose: { en: 'Choose', zh: '选择' },
  chooseOne: {
    en: (amount: string, creditor: string) => `Choose ${amount} of ${creditor}`,
    zh: (amount: string, creditor: string) => `选择 ${creditor} 的 ${amount}`
  },
  amount: { en: 'Amount', zh: '金额' },
  creditor: { en: 'Creditor', zh: '原始债权人' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  all: { en: 'Choose all', zh: '全选' },
  none: { en: 'Choose none', zh: '全不选' },
  confirm: { en: (count: number) => `Confirm ${count} chosen`, zh: (count: number) => `确权所选 ${count} 笔` },
  proposing: { en: 'Preparing …', zh: '准备中…' }
})

/** Confirms many by one signature: the api puts them into as few intents as the chain takes, each done as a whole or not at all. */
export function ConfirmMany({ receivables }: { receivables: readonly Receivable[] }) {
  const t = useText(text)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const { isBusy, error, run } = useAct()
  const toggle = (receivableId: string): void => {
    const next = new Set(chosen)
    if (!next.delete(receivableId)) next.add(receivableId)
    setChosen(next)
  }
  const waiting = receivables.filter(({ receivableId }) => chosen.has(receivableId))
  const confirm = (): Promise<void> =>
    run(async () => {
      const receivableIds = waiting.map(({ receivableId }) => receivableId)
      const { intents } = await api.call('confirmReceivables', { body: { receivableIds } })
      await requestSignatures(intents)
      setChosen(new Set())
    })
  const isAll = waiting.length === receivables.length
  const choice = {
    title: t.choose,
    cell: ({ receivableId, amount, currency, creditor }: Receivable) => (
      <input
        type="checkbox"
        aria-label={t.chooseOne(money(amount, currency), `#${creditor}`)}
        checked={chosen.has(receivableId)}
        onChange={() => toggle(receivableId)}
      />
    )
  }
  return (
    <section>
      <DataTable
        caption={t.caption}
        rows={receivables}
        keyOf={({ receivableId }) => receivableId}
        columns={[
          ...(may('propose') ? [choice] : []),
          {
            title: t.amount,
            isNumber: true,
            cell: (one) => <Link to={`/app/receivables/${one.receivableId}`}>{money(one.amount, one.currency)}</Link>
          },
          { title: t.creditor, cell: (one) => <ParticipantName id={one.creditor} /> },
          { title: t.maturity, cell: (one) => day(one.maturity) }
        ]}
      />
      {may('propose') && (
        <div class="commands">
          <button
            type="button"
            class="primary"
            disabled={waiting.length === 0 || isBusy}
            aria-busy={isBusy}
            onClick={() => void confirm()}
          >
            {isBusy ? t.proposing : t.confirm(waiting.length)}
          </button>
          <button
            type="button"
            onClick={() => setChosen(new Set(isAll ? [] : receivables.map(({ receivableId }) => receivableId)))}
          >
            {isAll ? t.none : t.all}
          </button>
        </div>
      )}
      <Problem error={error} />
    </section>
  )
}
