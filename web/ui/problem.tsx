import { ApiUnreachable, ProblemError } from '../../client/problem.ts'
import { defineText, useText } from '../i18n/language.ts'

const text = defineText({
  unreachable: {
    en: 'The registry does not answer. Check the connection; nothing is lost, what you sent can be sent again.',
    zh: '登记系统没有应答。请检查网络；不会丢失任何内容，可以重新提交。'
  },
  later: { en: 'Try again in a moment.', zh: '请稍后重试。' },
  presented: { en: 'presented', zh: '提交值' },
  required: { en: 'required', zh: '要求' },
  signIn: { en: 'Sign in again.', zh: '请重新登录。' }
})

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What went wrong, in the refusal's own words, and what to do. Read aloud when it appears. */
export function Problem({ error }: { error: unknown }) {
  const t = useText(text)
  if (error === undefined || error === null) return null
  if (error instanceof ApiUnreachable) return <Alert code={error.code} lines={[t.unreachable]} />
  if (!(error instanceof ProblemError)) {
    const { code, message } = error as { code?: string; message?: string }
    return <Alert code={code} lines={[message ?? String(error)]} />
  }
  const { code, title, reason, field, presented, required, retry, status } = error.problem
  const values = [
    presented === undefined || presented === null ? undefined : `${t.presented}: ${shown(presented)}`,
    required === undefined || required === null ? undefined : `${t.required}: ${shown(required)}`
  ].filter((value) => value !== undefined)
  const lines = [title, reason, [field, ...values].filter(Boolean).join(' · ')]
  if (status === 401) lines.push(t.signIn)
  if (retry === 'later') lines.push(t.later)
  return <Alert code={code} lines={lines} />
}

function Alert({ code, lines }: { code: string | undefined; lines: readonly (string | undefined)[] }) {
  return (
    <div class="alert" role="alert">
      {code !== undefined && <code class="alert-code">{code}</code>}
      {lines.map((line) => line && <p key={line}>{line}</p>)}
    </div>
  )
}
