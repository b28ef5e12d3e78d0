/** How a holder gets money in the story: it asks, factors quote, it compares and accepts one. */
import { decimalFromMinor } from '../../domain/money/amount.ts'
import { currencyOfNumber } from '../../domain/money/currency.ts'
import { participantIdOf } from '../world/prepare.ts'
import type { Intent } from './client.ts'
import { inWords, type Play } from './play.ts'

export interface Asking {
  /** Begins the idempotency keys of its steps. */
  name: string
  holder: string
  noteId: string
  /** Minor units. */
  amount: string
  kind: 'assignment' | 'recourse-assignment' | 'pledge'
  /** When the receivable matures, unix seconds. */
  maturity: number
  /** What each factor offers. */
  offers: readonly { factor: string; price: object }[]
  /** Whose quote is taken. */
  taken: string
}

interface Quote {
  quoteId: string
  currency: number
  cost: { proceeds: string; total: string; effectiveRateBp: number | null }
}

/** Returns the intent that locked the note. */
export async function getQuotesAndAccept(play: Play, asking: Asking): Promise<Intent> {
  const { name, holder, noteId, amount, kind, maturity, offers, taken } = asking
  const expiresAt = maturity - 2
  const { requestId } = await play.step(holder, `asks ${offers.map(({ factor }) => factor).join(' and ')}`, () => {
    const body = {
      noteId,
      amount,
      kinds: [kind],
      factors: offers.map(({ factor }) => participantIdOf(factor)),
      expiresAt
    }
    return play.as(holder).post<{ requestId: string }>('/v1/funding-requests', play.key(`${name}/ask`), body)
  })
  const quotes = new Map<string, Quote>()
  for (const { factor, price } of offers) {
    const quote = await play.step(factor, 'quotes, for this holder alone', async () => {
      const body = { purpose: kind, isFirm: true, expiresAt, fundBy: maturity - 1, ...price }
      const path = `/v1/funding-requests/${requestId}/quotes`
      const given = await play.as(factor).post<Quote>(path, play.key(`${name}/quote/${factor}`), body)
      return { ...given, detail: costOf(given) }
    })
    quotes.set(factor, quote)
  }
  return play.step(holder, `accepts ${taken}'s quote: the note is locked`, async () => {
    const path = `/v1/quotes/${quotes.get(taken)!.quoteId}/acceptance`
    return inWords(await play.as(holder).command(path, play.key(`${name}/accept`)))
  })
}

function costOf({ currency, cost }: Quote): string {
  const money = (minor: string): string => {
    const letters = currencyOfNumber(currency)
    return `${letters} ${decimalFromMinor(BigInt(minor), letters)}`
  }
  const rate = cost.effectiveRateBp === null ? '' : `, ${(cost.effectiveRateBp / 100).toFixed(2)} % a year in all`
  return `${money(cost.proceeds)} now, costs ${money(cost.total)}${rate}`
}
