import { fromNow, moment } from '../i18n/format.ts'
import { defineText, language, useText } from '../i18n/language.ts'
import { directoryPace } from './pace.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { CommandButton } from '../signing/command-button.tsx'
import { KeysTable } from './keys-table.tsx'

const text = defineText({
  title: { en: 'Other keys are proposed for your account', zh: '登记处提议更换您的账户密钥' },
  unless: {
    en: 'If you have your keys, veto it: whoever has the new keys would act for you.',
    zh: '如您仍持有密钥，请予否决：持有新密钥者将可代您办理。'
  },
  until: {
    en: (when: string, left: string) => `They can be put in force from ${when} (${left}).`,
    zh: (when: string, left: string) => `新密钥自 ${when}（${left}）起可生效。`
  },
  keys: { en: 'Proposed keys', zh: '提议的密钥' },
  veto: { en: 'Veto', zh: '否决' }
})

/** Shown while the registrar's proposal for the own account can be vetoed. */
export function VetoAlert() {
  const t = useText(text)
  const live = useLive('own-recoveries', (signal) => api.call('listOwnRecoveries', {}, { signal }), directoryPace)
  const pending = live.data?.items.find(({ state }) => state === 'pending')
  if (!pending) return null
  return (
    <section class="alert" role="alert">
      <h2>{t.title}</h2>
      <p>{pending.words[language.value]}</p>
      <p>
        {t.until(moment(pending.readyAt!), fromNow(pending.readyAt!))} {t.unless}
      </p>
      <KeysTable caption={t.keys} of={pending} />
      <CommandButton label={t.veto} isPrimary propose={() => api.call('vetoRecovery', {})} />
    </section>
  )
}
