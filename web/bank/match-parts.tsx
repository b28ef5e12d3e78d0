import { Link } from '../app/link.tsx'
import { ParticipantName } from '../directory/participant-name.tsx'
import { defineText, useText } from '../i18n/language.ts'
import { entryMoney } from './entry-text.tsx'
import type { Match } from './load.ts'
import { reasonWords, ruleWords } from './words.ts'

const text = defineText({
  score: { en: (score: number) => `${score} of 100`, zh: (score: number) => `${score} 分（满分 100）` },
  to: { en: 'to', zh: '收款人' },
  byRule: { en: 'taken without people', zh: '自动接受' }
})

/** Which notes a match pays, each with its payee. */
export function MatchParts({ match: { parts, entry } }: { match: Match }) {
  const t = useText(text)
  return (
    <ul class="plain">
      {parts.map(({ noteId, settledNoteId, payee, amount }) => (
        <li key={noteId}>
          <Link to={`/app/notes/${settledNoteId ?? noteId}`}>{entryMoney(amount, entry.currency)}</Link> {t.to}{' '}
          <ParticipantName id={payee} />
        </li>
      ))}
    </ul>
  )
}

/** Why the registry thinks so: rule, score and each reason. */
export function MatchReasons({ match: { rule, score, reasons, isByRule, decision } }: { match: Match }) {
  const t = useText(text)
  const rules = useText(ruleWords)
  const words = useText(reasonWords)
  return (
    <>
      <p>
        {rules[rule]} ({t.score(score)}){isByRule && `, ${t.byRule}`}
      </p>
      <p class="hint">{reasons.map((reason) => words[reason]).join(' · ')}</p>
      {decision !== null && <p>“{decision}”</p>}
    </>
  )
}
