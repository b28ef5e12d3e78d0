import { useState } from 'preact/hooks'
import { defineText, useText } from '../i18n/language.ts'

const text = defineText({
  copy: { en: (value: string) => `Copy ${value}`, zh: (value: string) => `复制 ${value}` },
  copied: { en: 'copied', zh: '已复制' }
})

/** A long hex value by its head and tail; a click copies all of it. */
export function Hash({ value }: { value: string }) {
  const t = useText(text)
  const [isCopied, setCopied] = useState(false)
  const short = value.length > 22 ? `${value.slice(0, 10)}…${value.slice(-6)}` : value
  return (
    <button
      type="button"
      class="hash"
      title={value}
      aria-label={t.copy(short)}
      onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
    >
      <code>{short}</code>
      <span role="status">{isCopied ? ` ${t.copied}` : ''}</span>
    </button>
  )
}
