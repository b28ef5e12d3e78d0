import { useText } from '../i18n/language.ts'
import { DataTable } from '../ui/data-table.tsx'
import type { Verified } from './verify-file.ts'
import { text } from './text.ts'

type Judged = Extract<Verified, { report: unknown }>

/** What was checked and what not, check by check, with the named reason of each refusal. */
export function ReportView({ verified: { kind, name, report } }: { verified: Judged }) {
  const t = useText(text)
  const { result, checks } = report
  const history =
    kind === 'certificate' ? report.certificate?.words : 'outcome' in report ? report.outcome?.history : undefined
  return (
    <section class={`report report-${result}`} aria-labelledby="report-title">
      <h2 id="report-title">
        {t[result]}: {name}
      </h2>
      <p>{t[`${result}Means`]}</p>
      <p class="summary" lang="en">
        {printable(report.summary)}
      </p>
      <DataTable
        caption={t.checks}
        rows={checks}
        keyOf={(check) => check.name}
        columns={[
          { title: t.check, cell: (check) => <span lang="en">{check.name}</span> },
          {
            title: t.result,
            cell: ({ ok }) => <span class="verdict">{ok === null ? t.open : ok ? t.ok : t.wrong}</span>
          },
          {
            title: t.detail,
            cell: ({ code, detail }) => (
              <span lang="en">
                {code !== undefined && <code class="alert-code">{code}</code>} {printable(detail)}
              </span>
            )
          }
        ]}
      />
      {history !== undefined && history.length > 0 && (
        <>
          <h3>{t.history}</h3>
          <ul lang="en">
            {history.map((line) => (
              <li key={line}>{printable(line)}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

/** Names may come from the package: nothing in them may steer the reading order. */
function printable(words: string): string {
  return words.replaceAll(/[\p{Cc}\p{Cf}]/gu, '�')
}
