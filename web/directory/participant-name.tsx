import { nameOf } from './directory.ts'
import { session } from '../login/session.ts'
import { defineText, useText } from '../i18n/language.ts'

const text = defineText({ you: { en: 'you', zh: '本方' } })

/** A participant by name, with "you" beside one's own. */
export function ParticipantName({ id }: { id: number }) {
  const t = useText(text)
  return (
    <span>
      {nameOf(id)}
      {id === session.value?.participantId && <span class="you"> ({t.you})</span>}
    </span>
  )
}
