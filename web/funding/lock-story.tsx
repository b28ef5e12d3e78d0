import { Link } from '../app/link.tsx'
import { fromNow, moment, money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { nameOf } from '../directory/directory.ts'
import { Hash } from '../ui/hash.tsx'
import type { Quote } from './types.ts'

const text = defineText({
  title: { en: 'What happens with the accepted quote', zh: '已接受报价的进展' },
  accepted: {
    en: 'Accepted. The lock waits for its signatures, under “Signatures”, until the quote expires.',
    zh: '已接受。锁定指令在“签名”页等待签名，至报价到期为止。'
  },
  locked: {
    en: (amount: string, name: string) => `${amount} locked for ${name}: nobody else can have it`,
    zh: (amount: string, name: string) => `${amount} 已为 ${name} 锁定，他人不可再取得`
  },
  waits: {
    en: (name: string, deadline: string) => `${name} pays until ${deadline}; after that the note is yours again`,
    zh: (name: string, deadline: string) => `${name} 须在 ${deadline} 前放款；逾期凭证恢复由您持有`
  },
  financed: {
    en: (name: string) => `${name} says that it paid, and took the note. Look at your account.`,
    zh: (name: string) => `${name} 已声明放款并取得凭证，请核对到账。`
  },
  unlocked: { en: 'Unlocked: the note is its holder’s again', zh: '已解除锁定，凭证恢复由持有人支配' },
  settled: { en: 'Settled', zh: '已清分' },
  note: { en: 'Open the note', zh: '查看凭证' }
})

/** From acceptance to the money, each step with its transaction. */
export function LockStory({ quote: { lock, factor, amount, currency } }: { quote: Quote }) {
  const t = useText(text)
  const name = nameOf(factor)
  return (
    <section aria-labelledby="lock-title">
      <h2 id="lock-title">{t.title}</h2>
      {lock === null ? (
        <p role="status">{t.accepted}</p>
      ) : (
        <>
          <ol class="timeline">
            <Step words={t.locked(money(amount, currency), name)} at={lock.at} txHash={lock.txHash} />
            {lock.next && (
              <Step
                words={lock.next.event === 'financed' ? t.financed(name) : t[lock.next.event]}
                at={lock.next.at}
                txHash={lock.next.txHash}
              />
            )}
          </ol>
          {!lock.next && <p role="status">{t.waits(name, `${moment(lock.deadline)} (${fromNow(lock.deadline)})`)}</p>}
          <p>
            <Link to={`/app/notes/${lock.noteId}`}>{t.note}</Link>
          </p>
        </>
      )}
    </section>
  )
}

function Step({ words, at, txHash }: { words: string; at: number; txHash: string }) {
  return (
    <li>
      <p>
        <strong>{words}</strong>
      </p>
      <p class="proof">
        <time dateTime={new Date(at * 1000).toISOString()}>{moment(at)}</time> · <Hash value={txHash} />
      </p>
    </li>
  )
}
