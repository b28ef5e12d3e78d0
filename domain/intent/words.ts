import { currencyOfNumber } from '../money/currency.ts'
import { decimalFromMinor } from '../money/amount.ts'
import { noteIdToHex, receivableIdToHex } from '../note/span.ts'
import type { Command } from './commands.ts'

export interface Words {
  en: string
  zh: string
}

/** What the words need beyond the command itself. */
export interface WordsContext {
  /** Name of a participant, by number. */
  nameOf: (participantId: number) => string
  /** ISO 4217 number of the receivable concerned. */
  currency: number
}

/** What will happen when the intent is signed, for the person who signs. */
export function wordsOf(command: Command, context: WordsContext): Words {
  const money = (minor: bigint): string => {
    const currency = currencyOfNumber(context.currency)
    return `${currency} ${decimalFromMinor(minor, currency)}`
  }
  const name = context.nameOf
  switch (command.kind) {
    case 'register':
    case 'issue': {
      const { terms } = command
      const due = dayOf(terms.maturity)
      const sum = money(terms.amount)
      return command.kind === 'register'
        ? {
            en: `Register a receivable of ${sum} against ${name(terms.debtor)}, due ${due}`,
            zh: `登记对${name(terms.debtor)}的应收账款 ${sum}，到期日 ${due}`
          }
        : {
            en: `Issue a receivable of ${sum} to ${name(terms.creditor)}, due ${due}`,
            zh: `向${name(terms.creditor)}签发应收账款 ${sum}，到期日 ${due}`
          }
    }
    case 'confirm':
      return of(command.receivableId, 'Confirm receivable', '确权应收账款')
    case 'reject':
      return of(command.receivableId, 'Reject receivable', '拒绝确权应收账款')
    case 'withdraw':
      return of(command.receivableId, 'Withdraw receivable', '撤回应收账款')
    case 'transfer':
      return {
        en: `Offer ${money(command.amount)} off note ${short(command.noteId)} to ${name(command.assignee)}`,
        zh: `将债权凭证 ${short(command.noteId)} 中的 ${money(command.amount)} 转让给${name(command.assignee)}，待签收`
      }
    case 'lock':
      return {
        en: `Lock ${money(command.amount)} off note ${short(command.noteId)} for ${name(command.factor)}`,
        zh: `为${name(command.factor)}锁定债权凭证 ${short(command.noteId)} 中的 ${money(command.amount)}`
      }
    case 'accept':
      return ofNote(command.noteId, 'Accept note', '签收债权凭证')
    case 'refuse':
      return ofNote(command.noteId, 'Refuse note', '拒收债权凭证')
    case 'recall':
      return ofNote(command.noteId, 'Recall the offer of note', '撤回转让债权凭证')
    case 'unlock':
      return ofNote(command.noteId, 'Unlock note', '解除锁定债权凭证')
    case 'finance':
      return ofNote(command.noteId, 'Funds were paid: take by assignment note', '已放款，受让债权凭证')
    case 'settle':
      return ofNote(command.noteId, 'Record that the debtor paid the holder of note', '清分债权凭证')
  }
}

function of(receivableId: bigint, en: string, zh: string): Words {
  const id = `${receivableIdToHex(receivableId).slice(0, 12)}…`
  return { en: `${en} ${id}`, zh: `${zh} ${id}` }
}

function ofNote(noteId: bigint, en: string, zh: string): Words {
  return { en: `${en} ${short(noteId)}`, zh: `${zh} ${short(noteId)}` }
}

/** The receivable's head and the span's start: enough for a person to tell notes apart. */
function short(noteId: bigint): string {
  return `${noteIdToHex(noteId).slice(0, 12)}…@${(noteId & ((1n << 64n) - 1n)).toString()}`
}

function dayOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10)
}
