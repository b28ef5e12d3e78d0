import { useState } from 'preact/hooks'
import { addDays, dayOfSeconds, secondsOf } from '../../domain/calendar/day.ts'
import { calendarOf } from '../../domain/calendar/calendars.ts'
import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { day, moneyOf } from '../i18n/format.ts'
import { defineText, language, locales, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Field } from '../ui/field.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { boundsOf, isMonth, shifted, weeksOf, type CalendarDay } from './month.ts'
import { viewpoints, type Viewpoint } from './viewpoint.ts'

const text = defineText({
  title: { en: 'Maturity calendar', zh: '到期日历' },
  lead: {
    en: 'What is paid on which day: maturities move to the next business day of their currency.',
    zh: '每日应付款：到期日遇非营业日顺延至该币种的下一营业日。'
  },
  debtor: { en: 'What you owe', zh: '应付' },
  holder: { en: 'What you are paid', zh: '应收' },
  clearing: { en: 'All that falls due', zh: '全部到期' },
  as: { en: 'Seen as', zh: '视角' },
  currency: { en: 'Currency', zh: '币种' },
  before: { en: 'Month before', zh: '上月' },
  after: { en: 'Month after', zh: '下月' },
  flow: { en: 'Cash flow', zh: '现金流' },
  calendar: {
    en: (month: string, currency: string, name: string) => `${month}, ${currency}: business days of ${name}`,
    zh: (month: string, currency: string, name: string) => `${month}（${currency}）：${name} 营业日`
  },
  ownCalendar: { en: 'no calendar, weekends only', zh: '无日历，仅计周末' },
  weekend: { en: 'weekend', zh: '周末' },
  holiday: { en: 'holiday', zh: '假日' },
  'worked-weekend': { en: 'worked', zh: '调休上班' },
  unpublished: {
    en: 'The calendar of some of these days is not published yet: only weekends are left out, and payment days may move.',
    zh: '部分日期的日历尚未公布：目前仅排除周末，付款日可能变动。'
  },
  count: { en: (count: number) => (count === 1 ? '1 note' : `${count} notes`), zh: (count: number) => `${count} 张` },
  notes: { en: 'Notes of this month', zh: '本月凭证' },
  none: { en: 'Nothing is paid in this month.', zh: '本月没有付款。' },
  amount: { en: 'Amount', zh: '金额' },
  paymentDay: { en: 'Paid on', zh: '付款日' },
  maturity: { en: 'Maturity (UTC)', zh: '到期日（UTC）' },
  owes: { en: 'Debtor', zh: '债务人' },
  payee: { en: 'Payee', zh: '收款人' },
  first: { en: 'The first 200 are listed.', zh: '仅列前 200 张。' }
})

/** Payments of a month that mature before it: the longest run of days off is shorter. */
const CARRIED = 14

/** What is paid when, in a table of weeks. */
export function CalendarPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const wanted = params['month'] ?? ''
  const month = isMonth(wanted) ? wanted : dayOfSeconds(Date.now() / 1000).slice(0, 7)
  const [as, setAs] = useState<Viewpoint>(viewpoints()[0] ?? 'holder')
  const [chosen, setChosen] = useState('')
  const { first, last } = boundsOf(month)
  const live = useLive(`calendar ${month} ${as}`, (signal) =>
    api.call('listMaturities', { as, from: addDays(first, -CARRIED), to: last, limit: '200' }, { signal })
  )
  const monthOf = (of: string): string =>
    new Intl.DateTimeFormat(locales[language.value], { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
      secondsOf(`${of}-01`) * 1000
    )
  const to = (months: number): string => `/app/calendar/${shifted(month, months)}`
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <Link to="/app/cash-flow" class="button">
          {t.flow}
        </Link>
      }
    >
      <Loaded live={live}>
        {({ totals, items, next }) => {
          const currencies = [...new Set([...totals.map((one) => one.currency), 'EUR', 'CNY'])]
          const currency = currencies.includes(chosen) ? chosen : currencies[0]!
          const weeks = weeksOf(month, currency, totals)
          const name = calendarOf(currency)
          const shown = items.filter((one) => one.currency === currency && one.paymentDay.startsWith(month))
          return (
            <>
              <div class="field-row">
                {viewpoints().length > 1 && (
                  <Field label={t.as}>
                    {(attributes) => (
                      <select
                        {...attributes}
                        value={as}
                        onChange={(event) => setAs(event.currentTarget.value as Viewpoint)}
                      >
                        {viewpoints().map((one) => (
                          <option key={one} value={one}>
                            {t[one]}
                          </option>
                        ))}
                      </select>
                    )}
                  </Field>
                )}
                <Field label={t.currency}>
                  {(attributes) => (
                    <select {...attributes} value={currency} onChange={(event) => setChosen(event.currentTarget.value)}>
                      {currencies.map((one) => (
                        <option key={one}>{one}</option>
                      ))}
                    </select>
                  )}
                </Field>
              </div>
              <div class="commands">
                <Link to={to(-1)} class="button">
                  {t.before}
                </Link>
                <Link to={to(1)} class="button">
                  {t.after}
                </Link>
              </div>
              <MonthTable
                caption={t.calendar(monthOf(month), currency, name === 'NONE' ? t.ownCalendar : name)}
                weeks={weeks}
              />
              {weeks.flat().some(({ isInMonth, kind }) => isInMonth && !kind.isPublished) && (
                <p class="notice">{t.unpublished}</p>
              )}
              {shown.length === 0 ? (
                <p>{t.none}</p>
              ) : (
                <DataTable
                  caption={`${t.notes}, ${t[as]}`}
                  rows={shown}
                  keyOf={({ noteId }) => noteId}
                  columns={[
                    { title: t.paymentDay, cell: (one) => day(secondsOf(one.paymentDay)) },
                    { title: t.maturity, cell: (one) => day(one.maturity) },
                    {
                      title: t.amount,
                      isNumber: true,
                      cell: (one) => <Link to={`/app/notes/${one.noteId}`}>{moneyOf(one.amount, one.currency)}</Link>
                    },
                    { title: t.owes, cell: (one) => <ParticipantName id={one.debtor} /> },
                    { title: t.payee, cell: (one) => <ParticipantName id={one.payee} /> }
                  ]}
                />
              )}
              {next !== null && <p class="hint">{t.first}</p>}
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}

function MonthTable({ caption, weeks }: { caption: string; weeks: readonly (readonly CalendarDay[])[] }) {
  const weekday = new Intl.DateTimeFormat(locales[language.value], { weekday: 'short', timeZone: 'UTC' })
  return (
    <table class="calendar">
      <caption>{caption}</caption>
      <thead>
        <tr>
          {weeks[0]!.map(({ day: one }) => (
            <th key={one} scope="col">
              {weekday.format(secondsOf(one) * 1000)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]!.day}>
            {week.map((one) => (
              <DayCell key={one.day} of={one} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function DayCell({ of: { day: one, isInMonth, kind, total } }: { of: CalendarDay }) {
  const t = useText(text)
  if (!isInMonth) return <td class="outside" />
  return (
    <td class={`${kind.isBusiness ? '' : 'off'} ${total ? 'paid' : ''}`}>
      <time dateTime={one}>{Number(one.slice(8))}</time>
      {kind.reason && <span class="hint"> {t[kind.reason]}</span>}
      {total && (
        <p>
          <strong>{moneyOf(total.amount, total.currency)}</strong>
          <br />
          <span class="hint">{t.count(total.count)}</span>
        </p>
      )}
    </td>
  )
}
