import type { Output } from '../../client/api.ts'
import { AlarmDecisions } from '../alarms/alarm-decisions.tsx'
import { Link } from '../app/link.tsx'
import { defineText, useText } from '../i18n/language.ts'
import { DataTable } from '../ui/data-table.tsx'
import { entryLabel } from './entry-text.tsx'
import type { Match } from './load.ts'

const text = defineText({
  title: { en: 'Held back', zh: '暂缓清分' },
  what: { en: 'Payment', zh: '入账' },
  why: { en: 'Why, and what to do', zh: '原因与处理' },
  note: { en: 'Note', zh: '凭证' },
  NOTE_NOT_MATURED: {
    en: 'The note is not due yet: settle it after its maturity.',
    zh: '凭证尚未到期：请在到期后清分。'
  },
  NOTE_STATE_WRONG: {
    en: 'The note is settled, cancelled or in another settlement: take the match back, or wait for the other.',
    zh: '凭证已清分、已冲减或在另一清分中：请撤回匹配或等待。'
  },
  SETTLEMENT_PAYEE_CHANGED: {
    en: 'The note has another payee since the match: see “Matching”.',
    zh: '匹配后收款人已变更：请见“匹配”页。'
  },
  CURRENCY_MISMATCH: { en: 'Another currency: it has a settlement of its own.', zh: '币种不同：须另行清分。' },
  ALARM_OPEN: {
    en: 'An alarm says that this debt may stand twice. Look at it, then decide below.',
    zh: '预警提示该债权可能重复登记。请查看并在下方作出判断。'
  }
})

type Held = Output<'createSettlement'>['held']

/** What a settlement left waiting, the reason of each, and the alarms that people have to decide. */
export function HeldTable({ held, matches }: { held: Held; matches: readonly Match[] }) {
  const t = useText(text)
  if (held.length === 0) return null
  const matchOf = (matchId: number) => matches.find((one) => one.matchId === matchId)
  const alarmed = held.filter(({ code }) => code === 'ALARM_OPEN')
  const receivableIds = alarmed.flatMap(({ matchId, noteId }) => {
    const part = matchOf(matchId)?.parts.find((one) => one.noteId === noteId)
    return part ? [part.receivableId] : []
  })
  return (
    <>
      <DataTable
        caption={t.title}
        rows={held}
        keyOf={({ matchId, noteId }) => `${matchId} ${noteId}`}
        columns={[
          {
            title: t.what,
            cell: ({ matchId }) => {
              const match = matchOf(matchId)
              return match ? entryLabel(match.entry) : String(matchId)
            }
          },
          {
            title: t.note,
            cell: ({ noteId }) => (noteId === null ? '–' : <Link to={`/app/notes/${noteId}`}>{t.note}</Link>)
          },
          { title: t.why, cell: ({ code }) => (t as unknown as Record<string, string>)[code] ?? <code>{code}</code> }
        ]}
      />
      {[...new Set(receivableIds)].map((receivableId) => (
        <AlarmDecisions key={receivableId} receivableId={receivableId} />
      ))}
    </>
  )
}
