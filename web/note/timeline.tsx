import { decodeNoteHex } from '../../domain/note/note-word.ts'
import { startOfNote } from '../../domain/note/span.ts'
import { nameOf } from '../directory/directory.ts'
import { money, moment } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api, hasRole } from '../login/session.ts'
import { Download } from '../ui/download.tsx'
import { Hash } from '../ui/hash.tsx'
import { eventWords } from './event-words.ts'
import type { ChainEvent } from './load.ts'

const text = defineText({
  title: { en: 'How it came to be so', zh: '变动历程' },
  block: { en: (block: number) => `block ${block}`, zh: (block: number) => `区块 ${block}` },
  held: {
    en: (amount: string, holder: string) => `${amount}, held by ${holder}`,
    zh: (amount: string, holder: string) => `${amount}，持有人 ${holder}`
  },
  evidence: { en: 'Evidence', zh: '存证' },
  order: {
    en: (reference: string, court: string) => `By order ${reference}, ${court}`,
    zh: (reference: string, court: string) => `依据文书 ${reference}，${court}`
  }
})

/** Where the proof of a transaction is: an evidence package that has it. */
export interface Proof {
  fileName: string
  load: () => Promise<Uint8Array>
}

interface TimelineProps {
  events: readonly ChainEvent[]
  currency: number
  /** Undefined where the reader may have none. */
  proofOf: (txHash: string) => Proof | undefined
}

/** Each state change with its transaction, its block and the evidence package that proves it. */
export function Timeline({ events, currency, proofOf }: TimelineProps) {
  const t = useText(text)
  const words = useText(eventWords)
  return (
    <section aria-labelledby="timeline-title">
      <h2 id="timeline-title">{t.title}</h2>
      <ol class="timeline">
        {events.map(({ name, args, time, txHash, block, logIndex, order }) => (
          <li key={`${block} ${logIndex}`}>
            <p>
              <strong>{(words as Record<string, string>)[name] ?? name}</strong>{' '}
              {args['note'] !== undefined && t.held(...heldBy(args as { noteId: string; note: string }, currency))}
            </p>
            {order && <p>{t.order(order.reference, order.court)}</p>}
            <p class="proof">
              <time dateTime={new Date(time * 1000).toISOString()}>{moment(time)}</time> · {t.block(block)} ·{' '}
              <Hash value={txHash} />
              <ProofButton proof={proofOf(txHash)} />
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

function ProofButton({ proof }: { proof: Proof | undefined }) {
  const t = useText(text)
  return proof ? <Download label={t.evidence} type="application/zip" {...proof} /> : null
}

/**
 * The reader's own transaction, and every one for a regulator, by a package of its own; those of others by the package of what they
 * changed, which has them too.
 */
export function proofFrom(ownTransactions: ReadonlySet<string>, whole: Proof | undefined): TimelineProps['proofOf'] {
  return (txHash) =>
    ownTransactions.has(txHash) || hasRole('regulator')
      ? {
          fileName: `transaction-${txHash.slice(2, 14)}.zip`,
          load: () => api.download('getTransactionEvidence', { txHash })
        }
      : whole
}

function heldBy({ noteId, note }: { noteId: string; note: string }, currency: number): [string, string] {
  const { end, holder } = decodeNoteHex(note)
  return [money(end - startOfNote(BigInt(noteId)), currency), nameOf(holder)]
}
