import { useState } from 'preact/hooks'
import type { Alarm } from '../../client/operations.generated.ts'
import { day, moneyOf } from '../i18n/format.ts'
import { defineText, language, useText } from '../i18n/language.ts'
import { touch, useLive } from '../live/live.ts'
import { api, may } from '../login/session.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'

const text = defineText({
  title: { en: 'Alarms', zh: '预警' },
  none: { en: 'No alarm stands against this receivable.', zh: '该应收账款没有预警。' },
  score: { en: (score: number) => `score ${score} of 100`, zh: (score: number) => `${score} 分（满分 100）` },
  stops: {
    en: 'It stops you from financing or settling until you accept it with a reason.',
    zh: '在您附理由接受之前，无法放款或清分。'
  },
  document: {
    en: (number: string, registered: string) => `${number}, registered ${registered}`,
    zh: (number: string, registered: string) => `${number}，登记于 ${registered}`
  },
  unregistered: { en: 'not registered', zh: '未登记' },
  accepted: { en: (reason: string) => `You accepted it: ${reason}`, zh: (reason: string) => `您已接受：${reason}` },
  rejected: { en: (reason: string) => `You rejected it: ${reason}`, zh: (reason: string) => `您已否决：${reason}` },
  reason: { en: 'Your reason', zh: '理由' },
  reasonHint: {
    en: 'Accept: you looked, they are two debts, and you go on. Reject: they are one, and you do not.',
    zh: '接受：经核查并非重复，可以继续；否决：确属重复，不予继续。'
  },
  accept: { en: 'Accept', zh: '接受' },
  reject: { en: 'Reject', zh: '否决' }
})

/** Near-duplicate alarms on a receivable: why they ring, on what evidence, and what its reader decided. */
export function AlarmDecisions({ receivableId }: { receivableId: string }) {
  const t = useText(text)
  const live = useLive(`alarms of ${receivableId}`, (signal) => api.call('listAlarms', { receivableId }, { signal }))
  const items = live.data?.items
  if (items?.length === 0) return <p class="hint">{t.none}</p>
  return (
    <section class="notice" aria-labelledby="alarms-title">
      <h3 id="alarms-title">{t.title}</h3>
      <Problem error={live.error} />
      {items?.map((alarm) => (
        <AlarmItem key={alarm.alarmId} alarm={alarm} />
      ))}
    </section>
  )
}

function AlarmItem({ alarm }: { alarm: Alarm }) {
  const t = useText(text)
  const [reason, setReason] = useState('')
  const decide = (decision: 'accepted' | 'rejected') => async () => {
    await api.call('decideAlarm', { alarmId: String(alarm.alarmId), body: { decision, reason } })
    touch()
  }
  return (
    <article>
      <p>
        <strong>{alarm.words[language.value]}</strong> ({t.score(alarm.score)})
      </p>
      <ul>
        {alarm.documents.map((document) => (
          <li key={`${document.number} ${document.registeredAt}`}>
            {t.document(document.number, document.registeredAt === null ? t.unregistered : day(document.registeredAt))}
            {document.gross !== null &&
              document.currency !== null &&
              ` · ${moneyOf(document.gross, document.currency)} · ${document.issueDate ?? ''}`}
          </li>
        ))}
      </ul>
      {alarm.state !== 'open' && <p>{t[alarm.state](alarm.reason ?? '')}</p>}
      {alarm.stops && <p>{t.stops}</p>}
      {alarm.state !== 'accepted' && may('propose') && (
        <>
          <TextField label={t.reason} hint={t.reasonHint} value={reason} isOptional onValue={setReason} />
          <div class="commands">
            <ActionButton label={t.accept} isDisabled={reason.trim() === ''} act={decide('accepted')} />
            <ActionButton label={t.reject} isDisabled={reason.trim() === ''} act={decide('rejected')} />
          </div>
        </>
      )}
    </article>
  )
}
