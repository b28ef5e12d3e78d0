import type { ComponentChildren } from 'preact'
import { defineText, useText } from '../i18n/language.ts'
import type { Live } from '../live/live.ts'
import { Problem } from './problem.tsx'

const text = defineText({ loading: { en: 'Loading …', zh: '加载中…' } })

/** What was read, or that it is being read, or why it was not. Data of before stay beside a new problem. */
export function Loaded<T>({ live, children }: { live: Live<T>; children: (data: T) => ComponentChildren }) {
  const t = useText(text)
  return (
    <>
      <Problem error={live.error} />
      {live.data !== undefined ? children(live.data) : live.error === undefined && <p role="status">{t.loading}</p>}
    </>
  )
}
