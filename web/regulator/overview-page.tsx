import type { ComponentChildren } from 'preact'
import type { Output } from '../../client/api.ts'
import { currencyOfNumber } from '../../domain/money/currency.ts'
import { Link } from '../app/link.tsx'
import { money, moment, number } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api } from '../login/session.ts'
import { BarChart } from '../pictures/bar-chart.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { stateWord } from '../ui/state-chip.tsx'
import { AgainButton } from './again-button.tsx'
import { listOf, type Dimension } from './outstanding.ts'
import { useRead } from './use-read.ts'

const text = defineText({
  title: { en: 'Overview', zh: '总览' },
  lead: {
    en: 'What is outstanding, with whom it lies, and what is overdue. Each figure leads to the notes behind it.',
    zh: '未结金额、分布与逾期情况。每个数字均可查看其背后的凭证。'
  },
  outstanding: { en: 'Outstanding', zh: '未结' },
  financed: { en: 'Financed', zh: '已融资' },
  disputed: { en: 'Disputed', zh: '有争议' },
  frozen: { en: 'Frozen', zh: '已冻结' },
  overdue: { en: 'Overdue', zh: '逾期' },
  in: { en: (currency: string) => `In ${currency}`, zh: (currency: string) => `${currency} 计` },
  notes: { en: 'Notes', zh: '凭证数' },
  amount: { en: 'Amount', zh: '金额' },
  share: { en: 'Share', zh: '占比' },
  byDebtor: { en: 'Outstanding by debtor', zh: '按债务人' },
  debtor: { en: 'Debtor', zh: '债务人' },
  others: { en: 'All others', zh: '其他合计' },
  byGroup: { en: 'Outstanding by group of debtors', zh: '按债务人集团' },
  group: { en: 'Group', zh: '集团' },
  byTier: { en: 'Outstanding by tier', zh: '按流转层级' },
  tier: { en: 'Tier', zh: '层级' },
  tierOf: { en: (tier: number) => `Tier ${tier}`, zh: (tier: number) => `第 ${tier} 层` },
  byMonth: { en: 'Outstanding by month of maturity', zh: '按到期月份' },
  month: { en: 'Month (UTC)', zh: '月份（UTC）' },
  byState: { en: 'Outstanding by state', zh: '按状态' },
  state: { en: 'State', zh: '状态' },
  byOverdue: { en: 'Overdue by days past due', zh: '逾期天数分布' },
  days: { en: 'Days past due', zh: '逾期天数' },
  concentration: { en: 'Concentration by debtor', zh: '债务人集中度' },
  concentrationGroup: { en: 'Concentration by group', zh: '集团集中度' },
  top1: { en: 'Largest', zh: '最大' },
  top5: { en: 'Five largest', zh: '前五' },
  top10: { en: 'Ten largest', zh: '前十' },
  hhi: { en: 'Herfindahl index (10,000: one alone)', zh: '赫芬达尔指数（10,000 为独占）' },
  turnover: { en: 'Turnover', zh: '期间发生额' },
  period: {
    en: (from: string, to: string) => `${from} to ${to}`,
    zh: (from: string, to: string) => `${from} 至 ${to}`
  },
  registered: { en: 'Registered', zh: '登记' },
  confirmed: { en: 'Confirmed', zh: '确权' },
  transferred: { en: 'Transferred', zh: '流转' },
  financedIn: { en: 'Financed', zh: '融资' },
  settled: { en: 'Settled', zh: '清分' },
  cancelled: { en: 'Cancelled', zh: '冲减' },
  events: {
    en: 'The events behind it are under “Audit trail”, as an export.',
    zh: '对应的链上事件可在“审计轨迹”页导出。'
  },
  none: { en: 'Nothing is outstanding', zh: '没有未结债权' },
  noneHint: {
    en: 'Figures appear with the first confirmed receivable.',
    zh: '首笔应收账款确权后即显示数据。'
  }
})

type Currency = Output<'getStatistics'>['currencies'][number]

/** Home of an authority. */
export function OverviewPage() {
  const t = useText(text)
  const live = useRead('statistics', (signal) => api.call('getStatistics', {}, { signal }))
  return (
    <Page title={t.title} lead={t.lead} actions={<AgainButton onAgain={live.again} />}>
      <Loaded live={live}>
        {({ currencies, from, to }) => (
          <>
            {currencies.length === 0 && (
              <Empty title={t.none}>
                <p>{t.noneHint}</p>
              </Empty>
            )}
            {currencies.map((of) => (
              <CurrencyOverview key={of.currency} of={of} period={t.period(moment(from), moment(to))} />
            ))}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function CurrencyOverview({ of, period }: { of: Currency; period: string }) {
  const t = useText(text)
  const { currency } = of
  const letters = currencyOfNumber(currency)
  const to = (by: Dimension, value?: string | number) => listOf(currency, by, value)
  const bar = (key: string | number, label: string, sum: { amount: string; notes: number }, link?: string) => ({
    key: String(key),
    label,
    value: BigInt(sum.amount),
    shown: money(sum.amount, currency),
    to: link,
    more: { [t.notes]: number(sum.notes) }
  })
  const overdue = of.overdue.reduce((sum, { amount }) => sum + BigInt(amount), 0n)
  return (
    <section aria-labelledby={`in-${currency}`}>
      <h2 id={`in-${currency}`}>{t.in(letters)}</h2>
      <dl class="figures">
        <Figure name={t.outstanding} to={to('all')}>
          {money(of.outstanding.amount, currency)}
        </Figure>
        <Figure name={t.financed} to={to('only', 'financed')}>
          {money(of.financed.amount, currency)}
        </Figure>
        <Figure name={t.overdue} to={to('only', 'overdue')}>
          {money(overdue, currency)}
        </Figure>
        <Figure name={t.disputed} to={to('only', 'disputed')}>
          {money(of.disputed.amount, currency)}
        </Figure>
        <Figure name={t.frozen} to={to('only', 'frozen')}>
          {money(of.frozen.amount, currency)}
        </Figure>
      </dl>
      <BarChart
        title={`${t.byDebtor}, ${letters}`}
        of={t.debtor}
        figure={t.amount}
        bars={of.byDebtor.map(({ participantId, name, ...sum }) =>
          participantId === null
            ? bar('others', t.others, sum)
            : bar(participantId, name ?? `#${participantId}`, sum, to('debtor', participantId))
        )}
      />
      <Concentration title={t.concentration} of={of.concentration} />
      {of.byDebtorGroup.length > 0 && (
        <>
          <BarChart
            title={`${t.byGroup}, ${letters}`}
            of={t.group}
            figure={t.amount}
            bars={of.byDebtorGroup.map(({ group, ...sum }) => bar(group, group, sum, to('group', group)))}
          />
          <Concentration title={t.concentrationGroup} of={of.concentrationByGroup} />
        </>
      )}
      <BarChart
        title={`${t.byTier}, ${letters}`}
        of={t.tier}
        figure={t.amount}
        bars={of.byTier.map(({ tier, ...sum }) => bar(tier, t.tierOf(tier), sum, to('tier', tier)))}
      />
      <BarChart
        title={`${t.byMonth}, ${letters}`}
        of={t.month}
        figure={t.amount}
        bars={of.byMonth.map(({ month, ...sum }) => bar(month, month, sum, to('month', month)))}
      />
      <BarChart
        title={`${t.byOverdue}, ${letters}`}
        of={t.days}
        figure={t.amount}
        bars={of.overdue.map(({ days, ...sum }) => ({ ...bar(days, days, sum, to('overdue', days)), tone: 'bad' }))}
      />
      <BarChart
        title={`${t.byState}, ${letters}`}
        of={t.state}
        figure={t.amount}
        bars={of.byState.map(({ state, ...sum }) => ({
          ...bar(state, stateWord(state), sum, to('state', state)),
          tone: `state-${state}`
        }))}
      />
      <h3>{`${t.turnover}, ${letters}`}</h3>
      <p class="hint">
        {period}. {t.events}
      </p>
      <dl class="figures">
        {(
          [
            [t.registered, of.turnover.registered],
            [t.confirmed, of.turnover.confirmed],
            [t.transferred, of.turnover.transferred],
            [t.financedIn, of.turnover.financed],
            [t.settled, of.turnover.settled],
            [t.cancelled, of.turnover.cancelled]
          ] as const
        ).map(([name, { amount }]) => (
          <Figure key={name} name={name} to="/app/audit">
            {money(amount, currency)}
          </Figure>
        ))}
      </dl>
    </section>
  )
}

function Figure({ name, to, children }: { name: string; to: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Link to={to}>{children}</Link>
      </dd>
    </div>
  )
}

/** Shares come in hundredths of a percent. */
function Concentration({ title, of: { top1, top5, top10, hhi } }: { title: string; of: Currency['concentration'] }) {
  const t = useText(text)
  const percent = (share: number): string => `${(share / 100).toFixed(2)} %`
  return (
    <dl class="figures">
      <div>
        <dt>{`${title}: ${t.top1}`}</dt>
        <dd>{percent(top1)}</dd>
      </div>
      <div>
        <dt>{t.top5}</dt>
        <dd>{percent(top5)}</dd>
      </div>
      <div>
        <dt>{t.top10}</dt>
        <dd>{percent(top10)}</dd>
      </div>
      <div>
        <dt>{t.hhi}</dt>
        <dd>{number(hhi)}</dd>
      </div>
    </dl>
  )
}
