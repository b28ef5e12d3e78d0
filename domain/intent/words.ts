import type { ClaimReason, ReleaseReason } from '../fingerprint/claim-word.ts'
import { decimalFromMinor } from '../money/amount.ts'
import { currencyOfNumber } from '../money/currency.ts'
import { noteIdToHex, receivableIdToHex } from '../note/span.ts'
import type { Command, LockPurpose, RegistryCommand } from './commands.ts'
import { directoryWordsOf, isDirectoryCommand } from './directory.ts'

export interface Words {
  en: string
  zh: string
}

/** What the words need beyond the command itself. */
export interface WordsContext {
  /** Name of a participant, by number. */
  nameOf: (participantId: number) => string
  /** Name of the participant that an account acts for; undefined for nobody's. */
  nameOfAccount?: (account: string) => string | undefined
  /** What is known of an account's key, such as that the service keeps it; undefined for nothing. */
  nameOfKey?: (signer: string) => Words | undefined
  /** ISO 4217 number of the receivable concerned. Not read for commands that name no amount of it. */
  currency: number
}

type Of<K extends RegistryCommand['kind']> = Extract<RegistryCommand, { kind: K }>
type Registration = Of<'register' | 'issue' | 'confirm' | 'reject' | 'withdraw'>
type Amounted = Of<'transfer' | 'lock' | 'offerDilution' | 'settle' | 'freeze'>
type OfReceivable = Of<'dispute' | 'liftDispute' | 'settleReceivable' | 'close'>
type OfFingerprint = Of<'claim' | 'releaseClaim'>
type OfNote = Exclude<RegistryCommand, Registration | Amounted | OfReceivable | OfFingerprint>

/** What will happen when the intent is signed, for the person who signs. */
export function wordsOf(command: Command, context: WordsContext): Words {
  if (isDirectoryCommand(command)) return directoryWordsOf(command, context)
  switch (command.kind) {
    case 'register':
    case 'issue':
    case 'confirm':
    case 'reject':
    case 'withdraw':
      return registrationWords(command, context)
    case 'transfer':
    case 'lock':
    case 'offerDilution':
    case 'settle':
    case 'freeze':
      return amountedWords(command, context)
    case 'dispute':
    case 'liftDispute':
    case 'settleReceivable':
    case 'close':
      return receivableWords(command)
    case 'claim':
    case 'releaseClaim':
      return fingerprintWords(command)
    default:
      return noteWords(command)
  }
}

/** These restate the terms, so the words say them: who signs sees the sum and the day, and not just a hash. */
function registrationWords(command: Registration, { nameOf: name }: WordsContext): Words {
  const { terms } = command
  const sum = moneyOf(terms.amount, terms.currency)
  const due = dayOf(terms.maturity)
  const [creditor, debtor] = [name(terms.creditor), name(terms.debtor)]
  const words: Record<Registration['kind'], Words> = {
    register: {
      en: `Register a receivable of ${sum} against ${debtor}, due ${due}`,
      zh: `登记对${debtor}的应收账款 ${sum}，到期日 ${due}`
    },
    issue: {
      en: `Issue a receivable of ${sum} to ${creditor}, due ${due}`,
      zh: `向${creditor}签发应收账款 ${sum}，到期日 ${due}`
    },
    confirm: {
      en: `Confirm the receivable of ${sum} owed to ${creditor}, and promise to pay its holders on ${due}`,
      zh: `确权${creditor}的应收账款 ${sum}，承诺于到期日 ${due} 向持有人付款`
    },
    reject: {
      en: `Reject the receivable of ${sum} that ${creditor} registered, due ${due}`,
      zh: `拒绝确权${creditor}登记的应收账款 ${sum}，到期日 ${due}`
    },
    withdraw: {
      en: `Withdraw the receivable of ${sum} against ${debtor}, due ${due}`,
      zh: `撤回对${debtor}的应收账款 ${sum}，到期日 ${due}`
    }
  }
  return words[command.kind]
}

const lockWords: Record<LockPurpose, Words> = {
  assignment: { en: 'take it by assignment without recourse', zh: '无追索权转让' },
  'recourse-assignment': { en: 'take it by assignment with recourse to you', zh: '有追索权转让' },
  pledge: { en: 'lend on it as a pledge', zh: '质押' }
}

function amountedWords(command: Amounted, { nameOf: name, currency }: WordsContext): Words {
  const sum = moneyOf(command.amount, currency)
  const note = short(command.noteId)
  const part = { en: `${sum} off note ${note}`, zh: `债权凭证 ${note} 中的 ${sum}` }
  switch (command.kind) {
    case 'transfer': {
      const claims = command.purpose === 'trade-transfer'
      return {
        en: `Offer ${part.en} to ${name(command.assignee)}${claims ? ' and claim the trade document' : ''}`,
        zh: `将${part.zh} 转让给${name(command.assignee)}，待签收${claims ? '，并占用贸易单据' : ''}`
      }
    }
    case 'lock': {
      const how = lockWords[command.purpose]
      const factor = name(command.factor)
      return { en: `Lock ${part.en} for ${factor} to ${how.en}`, zh: `为${factor}锁定${part.zh}，方式：${how.zh}` }
    }
    case 'offerDilution':
      return { en: `Offer the debtor to cancel ${part.en}`, zh: `向债务人提出冲减${part.zh}` }
    case 'settle':
      return { en: `Record that the debtor paid ${part.en}`, zh: `清分${part.zh}` }
    case 'freeze': {
      const [escrow, until] = [name(command.escrow), dayOf(command.until)]
      return {
        en: `Freeze ${part.en} until ${until}; settlement goes to ${escrow}`,
        zh: `冻结${part.zh} 至 ${until}，清分款项付至${escrow}提存`
      }
    }
  }
}

function receivableWords(command: OfReceivable): Words {
  const words: Record<OfReceivable['kind'], Words> = {
    dispute: { en: 'Dispute receivable', zh: '对应收账款提出争议' },
    liftDispute: { en: 'Lift the dispute of receivable', zh: '解除应收账款的争议' },
    settleReceivable: {
      en: 'Record that the debtor paid every open note of receivable',
      zh: '一次性清分全部未结债权凭证，应收账款'
    },
    close: { en: 'Close the books of receivable', zh: '结清应收账款' }
  }
  return named(words[command.kind], head(receivableIdToHex(command.receivableId)))
}

function noteWords(command: OfNote): Words {
  const words: Record<OfNote['kind'], Words> = {
    accept: { en: 'Accept note', zh: '签收债权凭证' },
    refuse: { en: 'Refuse note', zh: '拒收债权凭证' },
    recall: { en: 'Recall the offer of note', zh: '撤回转让债权凭证' },
    merge: { en: 'Merge note', zh: '合并债权凭证' },
    acceptDilution: { en: 'Consent to the cancellation of note', zh: '同意冲减债权凭证' },
    unlock: { en: 'Unlock note', zh: '解除锁定债权凭证' },
    finance: { en: 'Funds were paid: take or lend on note', zh: '已放款，受让或受质债权凭证' },
    release: { en: 'The loan was repaid: release note', zh: '已还款，解除质押债权凭证' },
    foreclose: { en: 'The loan was not repaid: foreclose note', zh: '未还款，实现质权，取得债权凭证' },
    returnNote: { en: 'Return for recourse note', zh: '追索，退回债权凭证' },
    acceptReturn: { en: 'Repaid: take back note', zh: '已回购，收回债权凭证' },
    unfreeze: { en: 'Lift the freeze of note', zh: '解除冻结债权凭证' }
  }
  const id = short(command.noteId)
  if (command.kind !== 'merge') return named(words[command.kind], id)
  const next = short(command.nextId)
  return { en: `${words.merge.en} ${id} with the next one ${next}`, zh: `${words.merge.zh} ${id} 与 ${next}` }
}

/** Only the reasons that a factor may give. */
const claimWords: Partial<Record<ClaimReason, Words>> = {
  'assigned-elsewhere': { en: 'assigned elsewhere', zh: '已在他处转让' },
  'pledged-elsewhere': { en: 'pledged elsewhere', zh: '已在他处质押' },
  'reserved-elsewhere': { en: 'reserved elsewhere', zh: '已在他处预留' }
}
const releaseWords: Partial<Record<ReleaseReason, Words>> = {
  repaid: { en: 'repaid', zh: '已还款' },
  declined: { en: 'declined', zh: '未放款' },
  'claimed-in-error': { en: 'claimed in error', zh: '误占用' }
}

function fingerprintWords(command: OfFingerprint): Words {
  const id = head(command.fingerprint)
  if (command.kind === 'claim') {
    const why = claimWords[command.reason] ?? unknown(command.reason)
    return { en: `Claim fingerprint ${id}: ${why.en}`, zh: `占用指纹 ${id}：${why.zh}` }
  }
  const why = releaseWords[command.reason] ?? unknown(command.reason)
  return { en: `Release your claim on fingerprint ${id}: ${why.en}`, zh: `解除占用指纹 ${id}：${why.zh}` }
}

/** The contract refuses the other reasons; the words must not make them sound right. */
function unknown(reason: string): Words {
  return { en: `${reason} (not a factor's reason)`, zh: `${reason}（非保理商理由）` }
}

function named({ en, zh }: Words, id: string): Words {
  return { en: `${en} ${id}`, zh: `${zh} ${id}` }
}

/** `EUR 12.50`. */
export function moneyOf(minor: bigint, currencyNumber: number): string {
  const currency = currencyOfNumber(currencyNumber)
  return `${currency} ${decimalFromMinor(minor, currency)}`
}

/** The receivable's head and the span's start: enough for a person to tell notes apart. */
function short(noteId: bigint): string {
  return `${head(noteIdToHex(noteId))}@${(noteId & ((1n << 64n) - 1n)).toString()}`
}

function head(hex: string): string {
  return `${hex.slice(0, 12)}…`
}

/** The day in UTC. */
export function dayOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString().slice(0, 10)
}
