/**
 * SWIFT MT940 customer statement and MT942 interim report, as banks write them: with or without the blocks around,
 * one or more statements in a file, balances that may be missing, entry dates without a year.
 */
import { minorFromDecimal, AmountRefused } from '../money/amount.ts'
import { isCurrency } from '../money/currency.ts'
import { present } from './fields.ts'
import { DocumentRefused } from './refusal.ts'
import type { Effect, Statement, StatementBalance, StatementEntry } from './statement.ts'
import { decodeLatin1 } from './text.ts'

/** Of one line, in which U+2028 is a character like others. */
const TAG = /^:([0-9]{2}[A-Z]?|NS):([^]*)$/
/** Of all statements of a file. */
const FIELDS_MAX = 50_000
const LINE_MAX = 10_000
const LINES_MAX = 200_000
/** Value date, entry date, mark (R for reversal), funds code, amount, type, reference, and the bank's own. */
const ENTRY =
  /^([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{4}|[ ]{4})?(R?[CD])([A-Z])?[ ]*([0-9]{1,20}(?:,[0-9]{0,5})?)(?:[ ]*([A-Z][A-Z0-9]{3}))?([^]*)$/
const BALANCE = /^([CD])([0-9]{2})([0-9]{2})([0-9]{2})([A-Z]{3})([0-9]{1,20}(?:,[0-9]{0,5})?)/
const KINDS: Readonly<Record<string, string>> = { '60': 'OPBD', '62': 'CLBD', '64': 'CLAV', '65': 'FWAV' }

interface Field {
  readonly tag: string
  readonly value: string
}

/** Told by its first field near the beginning: :20: or another tag of a statement at the start of a line. */
export function isMt940(bytes: Uint8Array): boolean {
  const head = decodeLatin1(bytes.subarray(0, 1000))
  if (/^\s*</.test(head)) return false
  return /(^|[\r\n]):(20|25|28C?|60[FM]|61|62[FM]|86|940):/.test(head)
}

/** Throws `DocumentRefused`, STATEMENT_MISSING among others. */
export function readMt940(bytes: Uint8Array): Statement[] {
  const statements = statementsOf(textOf(bytes)).map(readStatement)
  if (statements.length > 0) return statements
  throw new DocumentRefused('STATEMENT_MISSING', { presented: 'MT940 without a statement' })
}

/** UTF-8 where it is, else one byte a letter: banks send both, and the tags are ASCII in each. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return decodeLatin1(bytes)
  }
}

/**
 * Fields of each statement. A new one begins with :20:, or after a line that ends a message. A tag inside a narrative
 * counts only at the start of a line, which is where a bank cannot put text either (SWIFT: no colon or hyphen there).
 */
function statementsOf(text: string): Field[][] {
  const statements: Field[][] = []
  let current: Field[] = []
  const end = (): void => {
    if (current.length > 0) statements.push(current)
    current = []
  }
  const lines = text.split(/\r\n|\r|\n/, LINES_MAX + 1)
  if (lines.length > LINES_MAX) throw new DocumentRefused('DOCUMENT_TOO_LARGE', { required: `${LINES_MAX} lines` })
  let count = 0
  for (const line of lines) {
    if (line.length > LINE_MAX) throw new DocumentRefused('FIELD_TOO_LONG', { required: `lines of ${LINE_MAX}` })
    const tag = TAG.exec(line)
    if (tag) {
      if (tag[1] === '20') end()
      current.push({ tag: tag[1]!, value: tag[2]! })
      count += 1
    } else if (/^-\}?|^\{/.test(line)) end()
    else if (current.length > 0) {
      const last = current.pop()!
      current.push({ tag: last.tag, value: `${last.value}\n${line}` })
    }
    if (count > FIELDS_MAX) throw new DocumentRefused('DOCUMENT_TOO_LARGE', { required: `${FIELDS_MAX} fields` })
  }
  end()
  return statements
}

function readStatement(fields: readonly Field[]): Statement {
  const balances = fields.flatMap(({ tag, value }) => (/^6[0245]/.test(tag) ? [balanceOf(tag, value)] : []))
  const account = fields
    .find(({ tag }) => tag === '25')
    ?.value.split('\n')[0]!
    .trim()
  const limit = fields.find(({ tag }) => tag === '34F')?.value.slice(0, 3)
  const inAccount = account?.slice(-3)
  const currency = [balances[0]?.currency, limit, inAccount].find((each) => each !== undefined && isCurrency(each))
  const isInterim = fields.some(({ tag }) => tag === '34F' || tag === '13D' || tag === '13')
  const entries: StatementEntry[] = []
  for (const [index, { tag, value }] of fields.entries()) {
    if (tag !== '61') continue
    entries.push(entryOf(value, informationAfter(fields, index), currency, isInterim))
  }
  const id = fields.find(({ tag }) => tag === '20')?.value.trim()
  return {
    format: 'MT940',
    balances,
    entries,
    ...present({ id: id || undefined, account: account || undefined, currency })
  }
}

/** Every :86: (and :NS: of some banks) that follows the entry, in one line. */
function informationAfter(fields: readonly Field[], index: number): string | undefined {
  const parts: string[] = []
  for (let next = index + 1; next < fields.length && ['86', 'NS'].includes(fields[next]!.tag); next++) {
    parts.push(fields[next]!.value.replaceAll('\n', ''))
  }
  return parts.length === 0 ? undefined : parts.join('\n')
}

function minorOf(field: string, decimal: string, currency: string): bigint {
  try {
    return minorFromDecimal(
      decimal
        .replace(/^0+(?=[0-9])/, '')
        .replace(/,$/, '')
        .replace(',', '.'),
      currency
    )
  } catch (error) {
    if (error instanceof AmountRefused) {
      throw new DocumentRefused(error.code, { field, presented: decimal, required: error.required })
    }
    throw error
  }
}

function balanceOf(tag: string, value: string): StatementBalance {
  const match = BALANCE.exec(value)
  if (!match) throw new DocumentRefused('AMOUNT_MALFORMED', { field: `:${tag}:`, presented: value })
  const [, mark, year, month, day, currency, amount] = match
  if (!isCurrency(currency!)) throw new DocumentRefused('CURRENCY_UNKNOWN', { field: `:${tag}:`, presented: currency! })
  return {
    kind: KINDS[tag.slice(0, 2)] ?? tag,
    amount: minorOf(`:${tag}:`, amount!, currency!),
    currency: currency!,
    effect: effectOf(mark!),
    date: dayOf(year!, month!, day!, `:${tag}:`)
  }
}

/** The reversal of a credit takes money, that of a debit gives it back. */
function effectOf(mark: string): Effect {
  return mark === 'C' || mark === 'RD' ? 'credit' : 'debit'
}

/** Years of two digits: up to 79 in this century (SWIFT). A day 29 to 31 beyond the month is its last day. */
function dayOf(year: string, month: string, day: string, field: string): string {
  const full = Number(year) + (Number(year) < 80 ? 2000 : 1900)
  const last = new Date(Date.UTC(full, Number(month), 0)).getUTCDate()
  const isMonth = Number(month) >= 1 && Number(month) <= 12
  const isDay = Number(day) >= 1 && Number(day) <= (month === '02' ? 30 : last)
  if (isMonth && isDay) return `${full}-${month}-${String(Math.min(Number(day), last)).padStart(2, '0')}`
  throw new DocumentRefused('DATE_MALFORMED', { field, presented: year + month + day, required: 'YYMMDD' })
}

/** The entry date has no year: the one that brings it nearest to the value date. */
function bookingDateOf(valueDate: string, entryDate: string | undefined): string | undefined {
  if (entryDate === undefined || entryDate.trim() === '') return undefined
  const year = Number(valueDate.slice(0, 4))
  const around = Date.parse(valueDate)
  const candidates = [year - 1, year, year + 1].flatMap((each) => {
    const two = String(each % 100).padStart(2, '0')
    try {
      return [dayOf(two, entryDate.slice(0, 2), entryDate.slice(2), ':61: entry date')]
    } catch {
      return []
    }
  })
  candidates.sort((left, right) => Math.abs(Date.parse(left) - around) - Math.abs(Date.parse(right) - around))
  if (candidates[0] !== undefined) return candidates[0]
  throw new DocumentRefused('DATE_MALFORMED', { field: ':61: entry date', presented: entryDate, required: 'MMDD' })
}

function entryOf(
  value: string,
  information: string | undefined,
  currency: string | undefined,
  isInterim: boolean
): StatementEntry {
  // Some files break the line in the middle of the amount.
  const match = ENTRY.exec(value) ?? ENTRY.exec(value.replace('\n', ''))
  if (!match) throw new DocumentRefused('ENTRY_MALFORMED', { field: ':61:', presented: value })
  const [, year, month, day, entryDate, mark, , amount, , rest = ''] = match
  if (currency === undefined) throw new DocumentRefused('FIELD_MISSING', { field: 'currency', required: 'a balance' })
  const valueDate = dayOf(year!, month!, day!, ':61:')
  const reference = rest.replaceAll('\n', ' ').trim()
  return {
    amount: minorOf(':61:', amount!, currency),
    currency,
    effect: effectOf(mark!),
    reversal: mark!.startsWith('R'),
    status: isInterim ? 'interim' : 'booked',
    valueDate,
    transactions: information === undefined ? [] : [transactionOf(information)],
    ...present({
      bookingDate: bookingDateOf(valueDate, entryDate),
      reference: reference || undefined,
      information
    })
  }
}

/**
 * Sub-fields ?20 to ?29 and ?60 to ?63 are the remittance text, ?31 the account of the other party, ?32 and ?33 its name (DFÜ
 * agreement of the DK).
 */
function transactionOf(information: string): StatementEntry['transactions'][number] {
  const parts = /^[0-9]{3}\?/.test(information) ? information.slice(3).split(/\?(?=[0-9]{2})/) : []
  const text = (pattern: RegExp): string =>
    parts.flatMap((part) => (pattern.test(part.slice(0, 2)) ? [part.slice(2)] : [])).join('')
  const remittance = text(/^(2[0-9]|6[0-3])$/)
  const endToEndId = endToEndIdIn(remittance)
  return {
    remittance: parts.length === 0 ? [information] : remittance === '' ? [] : [remittance],
    creditorReferences: [],
    documentNumbers: [],
    ...present({ endToEndId, otherAccount: text(/^31$/).trim() || undefined })
  }
}

/** Text after the first EREF+ up to the next keyword or line. One pass: an expression over both ends is quadratic. */
function endToEndIdIn(remittance: string): string | undefined {
  const start = remittance.indexOf('EREF+')
  if (start < 0) return undefined
  const rest = remittance.slice(start + 5)
  const end = rest.search(/\n|(?:KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC)[+:]/)
  return (end < 0 ? rest : rest.slice(0, end)).trim() || undefined
}
