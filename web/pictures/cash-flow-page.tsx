import type { Api } from '../../client/api.ts'
import { addDays, dayOfSeconds } from '../../domain/calendar/day.ts'
import { Link } from '../app/link.tsx'
import { moneyOf } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { lengthOf } from './bar-chart.tsx'
import { flowsOf, type MonthFlow } from './cash-flow.ts'
import { shifted } from './month.ts'
import { viewpoints } from './viewpoint.ts'

const text = defineText({
  title: { en: 'Cash flow', zh: '现金流' },
  lead: {
    en: 'What your notes bring you and what you owe on them, by month of payment: ninety days back, nine months ahead.',
    zh: '凭证带来的收入与应付支出（按付款月份）：前九十天至后九个月。'
  },
  calendar: { en: 'Maturity calendar', zh: '到期日历' },
  picture: {
    en: (currency: string) =>
      `Cash flow in ${currency}: what comes in stands up, what goes out hangs down. The table says the same.`,
    zh: (currency: string) => `${currency} 现金流：收入向上，支出向下。表格内容相同。`
  },
  caption: { en: (currency: string) => `By month, ${currency}`, zh: (currency: string) => `按月（${currency}）` },
  month: { en: 'Month (UTC)', zh: '月份（UTC）' },
  comesIn: { en: 'Comes in', zh: '收入' },
  goesOut: { en: 'Goes out', zh: '支出' },
  net: { en: 'Net', zh: '净额' },
  past: { en: 'Months before this one: due and not settled yet.', zh: '本月以前的月份：已到期但尚未清分。' },
  none: { en: 'Nothing falls due', zh: '没有到期款项' },
  noneHint: {
    en: 'Confirmed receivables appear here by the day on which they are paid.',
    zh: '已确权的应收账款按付款日显示在此。'
  }
})

const [BACK, AHEAD] = [90, 270]

async function loadFlows(client: Api, signal: AbortSignal) {
  const today = dayOfSeconds(Date.now() / 1000)
  const span = { from: addDays(today, -BACK), to: addDays(today, AHEAD), limit: '1' }
  const totalsOf = async (as: 'holder' | 'debtor') =>
    viewpoints().includes(as) ? (await client.call('listMaturities', { as, ...span }, { signal })).totals : []
  const [incoming, outgoing] = await Promise.all([totalsOf('holder'), totalsOf('debtor')])
  return flowsOf(incoming, outgoing, (month) => shifted(month, 1))
}

/** Money by month, for holders and debtors. */
export function CashFlowPage() {
  const t = useText(text)
  const live = useLive('cash flow', (signal) => loadFlows(api, signal))
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <Link to="/app/calendar" class="button">
          {t.calendar}
        </Link>
      }
    >
      <Loaded live={live}>
        {(flows) => (
          <>
            {flows.length === 0 && (
              <Empty title={t.none}>
                <p>{t.noneHint}</p>
              </Empty>
            )}
            {flows.map(({ currency, months }) => (
              <section key={currency}>
                <FlowChart currency={currency} months={months} />
                <ul class="legend">
                  <li class="flow-in">{t.comesIn}</li>
                  <li class="flow-out">{t.goesOut}</li>
                </ul>
                <FlowTable currency={currency} months={months} />
              </section>
            ))}
            {flows.length > 0 && <p class="hint">{t.past}</p>}
          </>
        )}
      </Loaded>
    </Page>
  )
}

interface FlowProps {
  currency: string
  months: readonly MonthFlow[]
}

const [COLUMN, HALF] = [56, 100]

function FlowChart({ currency, months }: FlowProps) {
  const t = useText(text)
  const longest = months.reduce(
    (most, { comesIn, goesOut }) => [most, comesIn, goesOut].reduce((a, b) => (a > b ? a : b)),
    0n
  )
  const width = months.length * COLUMN + 8
  const heightOf = (value: bigint): number => lengthOf(value, longest) * (HALF / 100)
  // A half in which nothing would stand is left out.
  const axis = months.some(({ comesIn }) => comesIn > 0n) ? HALF : 0
  const bottom = axis + (months.some(({ goesOut }) => goesOut > 0n) ? HALF : 0)
  return (
    <svg
      class="flow"
      role="img"
      aria-label={t.picture(currency)}
      width={width}
      viewBox={`0 0 ${width} ${bottom + 34}`}
      preserveAspectRatio="xMinYMin meet"
    >
      {months.map(({ month, comesIn, goesOut }, index) => (
        <g key={month}>
          <rect
            class="flow-in"
            x={index * COLUMN + 8}
            y={axis - heightOf(comesIn)}
            width={COLUMN - 16}
            height={heightOf(comesIn)}
          />
          <rect class="flow-out" x={index * COLUMN + 8} y={axis} width={COLUMN - 16} height={heightOf(goesOut)} />
          <text x={index * COLUMN + COLUMN / 2} y={bottom + 24} text-anchor="middle">
            {month.slice(2)}
          </text>
        </g>
      ))}
      <line class="flow-axis" x1="0" x2={width} y1={axis} y2={axis} />
    </svg>
  )
}

function FlowTable({ currency, months }: FlowProps) {
  const t = useText(text)
  return (
    <DataTable
      caption={t.caption(currency)}
      rows={months}
      keyOf={({ month }) => month}
      columns={[
        { title: t.month, cell: ({ month }) => <Link to={`/app/calendar/${month}`}>{month}</Link> },
        { title: t.comesIn, isNumber: true, cell: ({ comesIn }) => moneyOf(comesIn, currency) },
        { title: t.goesOut, isNumber: true, cell: ({ goesOut }) => moneyOf(goesOut, currency) },
        { title: t.net, isNumber: true, cell: ({ comesIn, goesOut }) => moneyOf(comesIn - goesOut, currency) }
      ]}
    />
  )
}
