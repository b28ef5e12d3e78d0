import { defineText, useText } from '../i18n/language.ts'

const text = defineText({ again: { en: 'Read again', zh: '刷新' } })

/** For pages that do not follow the chain by themselves: `useRead`. */
export function AgainButton({ onAgain }: { onAgain: () => void }) {
  const t = useText(text)
  return (
    <button type="button" onClick={onAgain}>
      {t.again}
    </button>
  )
}
