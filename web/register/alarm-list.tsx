import type { ReadDocument } from '../../client/operations.generated.ts'
import { defineText, language, useText } from '../i18n/language.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { Problem } from '../ui/problem.tsx'

const text = defineText({
  title: { en: 'Alarms', zh: '预警' },
  lead: {
    en: 'This may be a debt that is registered already. Whoever finances or settles it has to decide; you may go on.',
    zh: '该债权可能已被登记。资金方与清分机构须作出判断；您可以继续。'
  },
  score: { en: (score: number) => `score ${score} of 100`, zh: (score: number) => `${score} 分（满分 100）` }
})

/** What a document rings, each in a sentence. */
export function AlarmList({ alarms }: { alarms: ReadDocument['alarms'] }) {
  const t = useText(text)
  const ids = alarms.map(({ alarmId }) => alarmId).join()
  const live = useLive(`alarms ${ids}`, (signal) =>
    Promise.all(alarms.map(({ alarmId }) => api.call('getAlarm', { alarmId: String(alarmId) }, { signal })))
  )
  if (alarms.length === 0) return null
  return (
    <section class="notice" aria-labelledby="alarms-title">
      <h2 id="alarms-title">{t.title}</h2>
      <p>{t.lead}</p>
      <Problem error={live.error} />
      <ul>
        {live.data?.map(({ alarmId, words, score }) => (
          <li key={alarmId}>
            {words[language.value]} ({t.score(score)})
          </li>
        ))}
      </ul>
    </section>
  )
}
