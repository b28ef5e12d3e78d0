import type { ComponentChildren } from 'preact'
import { Link } from '../app/link.tsx'
import { defineText, useText } from '../i18n/language.ts'
import { DataTable, type Column } from '../ui/data-table.tsx'

const text = defineText({
  compared: { en: 'Beside the largest', zh: '与最大项相比' },
  percent: { en: (percent: string) => `${percent} %`, zh: (percent: string) => `${percent}%` }
})

export interface Bar {
  key: string
  label: string
  /** Its length; never shown. */
  value: bigint
  /** As it is read. */
  shown: string
  /** The list behind the figure. */
  to?: string | undefined
  /** Class of its colour. */
  tone?: string
  /** More columns of the table, by title. */
  more?: Readonly<Record<string, ComponentChildren>>
}

interface BarChartProps {
  title: string
  /** What the rows are of, as the title of the first column. */
  of: string
  /** Title of the column of amounts. */
  figure: string
  bars: readonly Bar[]
}

/** Share of the longest in hundredths of a percent, in integers until then: sums can be beyond what floating point holds. */
export function lengthOf(value: bigint, longest: bigint): number {
  return longest === 0n ? 0 : Number((value * 10_000n) / longest) / 100
}

/** A table with a bar in each row: picture and words in one. Figures are links to the lists behind them. */
export function BarChart({ title, of, figure, bars }: BarChartProps) {
  const t = useText(text)
  const longest = bars.reduce((most, { value }) => (value > most ? value : most), 0n)
  const extra = [...new Set(bars.flatMap(({ more }) => Object.keys(more ?? {})))]
  const columns: Column<Bar>[] = [
    { title: of, cell: ({ label }) => label },
    {
      title: figure,
      isNumber: true,
      cell: ({ shown, to, label }) =>
        to === undefined ? (
          shown
        ) : (
          <Link to={to} label={`${label}: ${shown}`}>
            {shown}
          </Link>
        )
    },
    ...extra.map((name): Column<Bar> => ({ title: name, isNumber: true, cell: ({ more }) => more?.[name] })),
    {
      title: t.compared,
      cell: ({ value, tone }) => {
        const length = lengthOf(value, longest)
        return (
          <svg
            class="chart"
            role="img"
            aria-label={t.percent(length.toFixed(0))}
            viewBox="0 0 100 10"
            preserveAspectRatio="none"
          >
            <rect class="chart-ground" width="100" height="10" />
            <rect class={`chart-bar ${tone ?? ''}`} width={length === 0 ? 0 : Math.max(length, 0.5)} height="10" />
          </svg>
        )
      }
    }
  ]
  return <DataTable caption={title} rows={bars} keyOf={({ key }) => key} columns={columns} />
}
