import { useState } from 'preact/hooks'
import { Link } from '../app/link.tsx'
import { defineText, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { ReasonButton } from '../ui/reason-button.tsx'
import { AssignDialog } from './assign-dialog.tsx'
import { dayText, entryLabel, entryMoney, EntryText } from './entry-text.tsx'
import { loadQueue, type Entry, type Match, type SettlementException } from './load.ts'
import { MatchParts, MatchReasons } from './match-parts.tsx'
import { exceptionWords, findingWords } from './words.ts'

const text = defineText({
  title: { en: 'Matching', zh: '匹配' },
  lead: {
    en: 'Payments that need a person. Only what leaves nothing to judge is taken without one.',
    zh: '需人工判断的入账。只有毫无疑问的才会自动接受。'
  },
  proposed: { en: 'Proposed matches', zh: '建议的匹配' },
  unmatched: { en: 'Payments without a note', zh: '未找到凭证的入账' },
  over: { en: 'Over: more came than was taken for notes', zh: '余款：入账多于用于凭证的金额' },
  exceptions: { en: 'What no match can put right', zh: '匹配无法解决的情况' },
  entry: { en: 'Entry', zh: '入账' },
  day: { en: 'Day', zh: '日期' },
  amount: { en: 'Amount', zh: '金额' },
  left: { en: 'Not taken', zh: '未使用' },
  pays: { en: 'Pays', zh: '支付' },
  why: { en: 'Why, and what is in doubt', zh: '理由与疑点' },
  finding: { en: 'What it is', zh: '判定' },
  what: { en: 'What happened, what to do', zh: '情况与处理' },
  notes: { en: 'Notes', zh: '凭证' },
  note: { en: (index: number) => `Note ${index}`, zh: (index: number) => `凭证 ${index}` },
  decide: { en: 'Decision', zh: '决定' },
  accept: { en: 'Accept', zh: '接受' },
  reject: { en: 'Reject', zh: '否决' },
  assign: { en: 'Assign', zh: '指定凭证' },
  close: { en: 'Close', zh: '关闭' },
  none: { en: 'Nothing waits for you', zh: '没有待判断的入账' },
  noneHint: {
    en: 'Bring a statement: what can not be matched with certainty appears here.',
    zh: '上传对账单后，无法确定的入账会显示在此。'
  },
  statements: { en: 'Bring a statement', zh: '上传对账单' }
})

/** The queue of people: proposals to judge, payments to assign, exceptions to close. */
export function QueuePage() {
  const t = useText(text)
  const live = useLive('queue', (signal) => loadQueue(api, signal))
  return (
    <Page title={t.title} lead={t.lead}>
      <Loaded live={live}>
        {({ proposed, unmatched, over, exceptions }) => (
          <>
            {proposed.length + unmatched.length + over.length + exceptions.length === 0 && (
              <Empty title={t.none}>
                <p>{t.noneHint}</p>
                <p>
                  <Link to="/app/bank/statements" class="button">
                    {t.statements}
                  </Link>
                </p>
              </Empty>
            )}
            <ProposedTable matches={proposed} />
            <EntryTable caption={t.unmatched} entries={unmatched} />
            <ExceptionTable exceptions={exceptions} />
            <EntryTable caption={t.over} entries={over} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function ProposedTable({ matches }: { matches: readonly Match[] }) {
  const t = useText(text)
  if (matches.length === 0) return null
  const aboutOf = (match: Match): string => entryLabel(match.entry)
  return (
    <DataTable
      caption={t.proposed}
      rows={matches}
      keyOf={({ matchId }) => String(matchId)}
      columns={[
        { title: t.entry, cell: ({ entry }) => <EntryText entry={entry} /> },
        { title: t.day, cell: ({ entry }) => dayText(entry.day) },
        { title: t.amount, isNumber: true, cell: ({ entry }) => entryMoney(entry.amount, entry.currency) },
        { title: t.pays, cell: (match) => <MatchParts match={match} /> },
        { title: t.why, cell: (match) => <MatchReasons match={match} /> },
        {
          title: t.decide,
          cell: (match) => (
            <div class="commands">
              <ReasonButton
                label={t.accept}
                about={aboutOf(match)}
                isPrimary
                tell={(reason) => api.call('acceptMatch', { matchId: String(match.matchId), body: { reason } })}
              />
              <ReasonButton
                label={t.reject}
                about={aboutOf(match)}
                tell={(reason) => api.call('rejectMatch', { matchId: String(match.matchId), body: { reason } })}
              />
            </div>
          )
        }
      ]}
    />
  )
}

function EntryTable({ caption, entries }: { caption: string; entries: readonly Entry[] }) {
  const t = useText(text)
  const findings = useText(findingWords)
  const [assigned, setAssigned] = useState<Entry>()
  if (entries.length === 0) return null
  return (
    <>
      <DataTable
        caption={caption}
        rows={entries}
        keyOf={({ entryId }) => String(entryId)}
        columns={[
          { title: t.entry, cell: (entry) => <EntryText entry={entry} /> },
          { title: t.day, cell: ({ day }) => dayText(day) },
          { title: t.amount, isNumber: true, cell: ({ amount, currency }) => entryMoney(amount, currency) },
          {
            title: t.left,
            isNumber: true,
            cell: ({ amount, allocated, currency }) => entryMoney(BigInt(amount) - BigInt(allocated), currency)
          },
          { title: t.finding, cell: ({ finding }) => findings[finding] },
          {
            title: t.decide,
            cell: (entry) =>
              may('propose') && (
                <button
                  type="button"
                  aria-label={`${t.assign}: ${entryLabel(entry)}`}
                  onClick={() => setAssigned(entry)}
                >
                  {t.assign}
                </button>
              )
          }
        ]}
      />
      {assigned && <AssignDialog entry={assigned} onClose={() => setAssigned(undefined)} />}
    </>
  )
}

function ExceptionTable({ exceptions }: { exceptions: readonly SettlementException[] }) {
  const t = useText(text)
  const words = useText(exceptionWords)
  if (exceptions.length === 0) return null
  return (
    <DataTable
      caption={t.exceptions}
      rows={exceptions}
      keyOf={({ exceptionId }) => String(exceptionId)}
      columns={[
        { title: t.entry, cell: ({ entry }) => <EntryText entry={entry} /> },
        { title: t.amount, isNumber: true, cell: ({ entry }) => entryMoney(entry.amount, entry.currency) },
        { title: t.what, cell: ({ kind }) => words[kind] },
        {
          title: t.notes,
          cell: ({ noteIds }) => (
            <ul class="plain">
              {noteIds.map((noteId, index) => (
                <li key={noteId}>
                  <Link to={`/app/notes/${noteId}`}>{t.note(index + 1)}</Link>
                </li>
              ))}
            </ul>
          )
        },
        {
          title: t.decide,
          cell: ({ exceptionId, entry }) => (
            <ReasonButton
              label={t.close}
              about={entryLabel(entry)}
              tell={(reason) =>
                api.call('closeSettlementException', { exceptionId: String(exceptionId), body: { reason } })
              }
            />
          )
        }
      ]}
    />
  )
}
