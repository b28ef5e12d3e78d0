import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { all, first, only, stepsOf, valueOf } from '../../../domain/documents/fields.ts'
import { parseXml, type XmlElement } from '../../../domain/documents/xml.ts'
import { minorFromDecimal } from '../../../domain/money/amount.ts'
import { keyOfAccount, keysOf, parseAccount } from '../../../domain/settlement/account.ts'
import { endToEndIdOf, endToEndIdsIn, readEndToEndId } from '../../../domain/settlement/end-to-end.ts'
import { writePain001 } from '../../../domain/settlement/pain001.ts'
import {
  payeeOf,
  planPayments,
  totalsOf,
  type PayableNote,
  type PayeeRecord
} from '../../../domain/settlement/payments.ts'

const maturity = Date.UTC(2026, 11, 24, 23, 59, 59) / 1000
const note = (start: number, fields: Partial<PayableNote> = {}): PayableNote => ({
  noteId: `0x${'ab'.repeat(24)}${start.toString(16).padStart(16, '0')}`,
  receivableId: `0x${'ab'.repeat(24)}`,
  end: BigInt(start) + 1000n,
  amount: 1000n,
  currency: 978,
  maturity,
  state: 'live',
  holder: 5,
  counterparty: null,
  frozenUntil: null,
  freezeEscrow: null,
  ...fields
})
const payees = new Map<number, PayeeRecord>([
  [1, { name: 'Tallystick Registry', account: 'IBAN:DE00999999990000000001' }],
  [5, { name: 'Alder & Finch <Castings> GmbH', account: 'IBAN:DE00999999990000551209' }],
  [9, { name: '汇川商业保理有限公司', account: 'CN:999120118001:6200990000000004' }],
  [12, { name: '江岸清算银行', account: 'CN:999420100001:6200990000000005' }],
  [20, { name: 'Nobody told us', account: null }],
  [21, { name: 'Badly told', account: 'PAYPAL:x' }]
])
const context = { time: maturity, debtor: 3, payees, operators: new Set([1]), ordered: new Set<string>() }
const plan = (notes: PayableNote[], ordered = new Set<string>()) => planPayments(notes, { ...context, ordered })

describe('the payee', () => {
  it('is the escrow of a freeze in force, the lender of a pledge, else the holder', () => {
    const bound = { holder: 5, counterparty: 9, frozenUntil: maturity, freezeEscrow: 12 }
    expect(payeeOf({ ...bound, state: 'pledged' }, maturity - 1)).toBe(12)
    expect(payeeOf({ ...bound, state: 'pledged' }, maturity)).toBe(9)
    expect(payeeOf({ ...bound, state: 'offered' }, maturity)).toBe(5)
    expect(payeeOf({ ...bound, state: 'locked' }, maturity)).toBe(5)
  })
})

describe('a payment run', () => {
  it('has one payment for each open note, on the business day, with a reference of its own', () => {
    const { payments, unpayable } = plan([
      note(0),
      note(1000, { state: 'pledged', counterparty: 9 }),
      note(2000, { state: 'settled', counterparty: 5 }),
      note(3000, { state: 'cancelled' }),
      note(4000, { frozenUntil: maturity + 1, freezeEscrow: 12, maturity: maturity + 86_400 })
    ])
    expect(unpayable).toEqual([])
    expect(payments.map(({ payee, paymentDay, currency }) => [payee, paymentDay, currency])).toEqual([
      [5, '2026-12-24', 'EUR'],
      [9, '2026-12-24', 'EUR'],
      // 25 December is a holiday, 26 and 27 are a weekend.
      [12, '2026-12-28', 'EUR']
    ])
    expect(new Set(payments.map(({ endToEndId }) => endToEndId)).size).toBe(3)
    expect(totalsOf(payments)).toEqual([
      { currency: 'EUR', paymentDay: '2026-12-24', count: 2, amount: 2000n },
      { currency: 'EUR', paymentDay: '2026-12-28', count: 1, amount: 1000n }
    ])
  })

  it.each([
    ['payee-is-operator', { holder: 1 }],
    ['payee-is-operator', { frozenUntil: maturity + 1, freezeEscrow: 1 }],
    ['payee-is-operator', { state: 'pledged', counterparty: 1 }],
    ['payee-is-debtor', { holder: 3 }],
    ['payee-unknown', { holder: 77 }],
    ['account-missing', { holder: 20 }],
    ['account-unusable', { holder: 21 }]
  ] as const)('lists what can not be paid: %s', (reason, fields) => {
    const { payments, unpayable } = plan([note(0, fields)])
    expect(payments).toEqual([])
    expect(unpayable).toMatchObject([{ reason, amount: 1000n, currency: 'EUR' }])
  })

  it('orders nothing twice, but the rest of a note that was paid in part and the same note to another payee', () => {
    const ordered = new Set([endToEndIdOf(note(0).noteId, 1000n, 5)])
    expect(plan([note(0)], ordered).unpayable).toMatchObject([{ reason: 'in-another-run' }])
    expect(plan([note(0, { end: 600n, amount: 600n })], ordered).payments).toHaveLength(1)
    expect(plan([note(0, { holder: 9 })], ordered).payments).toHaveLength(1)
  })

  it('never pays the operator, whoever holds what', () => {
    const parties = fc.record({
      holder: fc.integer({ min: 1, max: 12 }),
      counterparty: fc.integer({ min: 1, max: 12 }),
      freezeEscrow: fc.integer({ min: 1, max: 12 }),
      frozenUntil: fc.constantFrom(null, maturity - 1, maturity + 1),
      state: fc.constantFrom('live', 'offered', 'locked', 'pledged', 'settled', 'cancelled')
    })
    fc.assert(
      fc.property(fc.array(parties, { maxLength: 20 }), (all) => {
        const notes = all.map((fields, index) => note(index * 1000, fields as Partial<PayableNote>))
        const { payments, unpayable } = plan(notes)
        const open = notes.filter(({ state }) => state !== 'settled' && state !== 'cancelled')
        expect(payments.length + unpayable.length).toBe(open.length)
        expect(payments.some(({ payee }) => payee === 1)).toBe(false)
      })
    )
  })
})

describe('a reference', () => {
  it('has 35 characters and is read back from what banks make of it', () => {
    const reference = endToEndIdOf(note(0).noteId, 1000n, 5)
    expect(reference).toMatch(/^TS[A-Z2-7]{33}$/)
    expect(readEndToEndId(` ${reference.toLowerCase().slice(0, 16)} ${reference.slice(16)}`)).toBe(reference)
    expect(endToEndIdsIn(`EREF+${reference}SVWZ+Rechnung`)).toEqual([reference])
    expect([undefined, '', 'NOTPROVIDED', reference.slice(1), `${reference}X`].map(readEndToEndId)).toEqual(
      Array.from({ length: 5 }, () => undefined)
    )
  })

  it('differs with note, end and payee', () => {
    const ids = [note(0).noteId, note(1).noteId].flatMap((noteId) =>
      [10n, 11n].flatMap((end) => [5, 6].map((payee) => endToEndIdOf(noteId, end, payee)))
    )
    expect(new Set(ids).size).toBe(8)
  })
})

describe('an account', () => {
  it('is found by every spelling that statements have', () => {
    expect(keyOfAccount('DE00 9999 9999 0000 5512 09')).toBe('DE00999999990000551209')
    expect(keyOfAccount('DE00999999990000551209EUR')).toBe('DE00999999990000551209')
    expect(keysOf(parseAccount('CN:999420100001:6200990000000005')!)).toContain(
      keyOfAccount('999420100001/6200990000000005')
    )
    expect(['', 'IBAN:', 'IBAN:de00999999990000551209', 'CN:1:2', 'X:1'].map(parseAccount)).toEqual(
      Array.from({ length: 5 }, () => undefined)
    )
  })
})

const at = stepsOf('urn:iso:std:iso:20022:tech:xsd:pain.001.001.09')

/** Order of the elements that the message may have where ours has them (pain.001.001.09, PaymentInstruction30 and below). */
const ORDER: Record<string, string[]> = {
  CstmrCdtTrfInitn: ['GrpHdr', 'PmtInf'],
  GrpHdr: ['MsgId', 'CreDtTm', 'NbOfTxs', 'CtrlSum', 'InitgPty'],
  PmtInf: [
    'PmtInfId',
    'PmtMtd',
    'BtchBookg',
    'NbOfTxs',
    'CtrlSum',
    'PmtTpInf',
    'ReqdExctnDt',
    'Dbtr',
    'DbtrAcct',
    'DbtrAgt',
    'UltmtDbtr',
    'ChrgBr',
    'CdtTrfTxInf'
  ],
  CdtTrfTxInf: [
    'PmtId',
    'PmtTpInf',
    'Amt',
    'ChrgBr',
    'UltmtDbtr',
    'CdtrAgt',
    'Cdtr',
    'CdtrAcct',
    'UltmtCdtr',
    'RmtInf'
  ],
  FinInstnId: ['BICFI', 'ClrSysMmbId', 'LEI', 'Nm', 'PstlAdr', 'Othr'],
  ClrSysMmbId: ['ClrSysId', 'MmbId']
}

function requireOrder(element: XmlElement): void {
  const order = ORDER[element.name]
  if (order) {
    const places = element.children.map(({ name }) => order.indexOf(name))
    expect(places, element.path).not.toContain(-1)
    expect(places, element.path).toEqual([...places].sort((left, right) => left - right))
  }
  for (const child of element.children) requireOrder(child)
}

describe('the order to the bank', () => {
  const mixed = plan([
    note(0),
    note(1000, { holder: 9 }),
    note(2000, { holder: 9, currency: 156 }),
    note(3000, { maturity: maturity + 86_400, amount: 12_345_678_901n, end: 12_345_681_901n })
  ]).payments
  const root = parseXml(
    writePain001({
      messageId: 'TS-0190c2a4b1f27abc',
      createdAt: '2026-12-20T08:00:00Z',
      debtor: 'Meridian & Söhne <SE>',
      debtorAccount: parseAccount('IBAN:DE00999999990000417723')!,
      payments: mixed
    })
  )
  const header = only(root, at('CstmrCdtTrfInitn'), at('GrpHdr'))
  const blocks = all(root, at('CstmrCdtTrfInitn'), at('PmtInf'))

  it('has its elements in the order of the message, and no text beyond its length', () => {
    requireOrder(root)
    const lengths = { MsgId: 35, PmtInfId: 35, EndToEndId: 35, Nm: 140, Ustrd: 140, MmbId: 35, Id: 34 }
    const visit = (element: XmlElement): void => {
      const most = lengths[element.name as keyof typeof lengths]
      if (most && element.children.length === 0) expect(element.text.length, element.path).toBeLessThanOrEqual(most)
      element.children.forEach(visit)
    }
    visit(root)
  })

  it('has one block for each currency and payment day, whose count and sum are those of its transfers', () => {
    expect(blocks).toHaveLength(3)
    let count = 0
    for (const block of blocks) {
      const transfers = all(block, at('CdtTrfTxInf'))
      const amounts = transfers.map((one) => only(one, at('Amt'), at('InstdAmt'))!)
      const [currency, other] = new Set(amounts.map(({ attributes }) => attributes.get('Ccy')!))
      expect(other).toBeUndefined()
      const minor = (element: XmlElement | undefined) => minorFromDecimal(valueOf(element)!, currency!)
      expect(minor(only(block, at('CtrlSum')))).toBe(amounts.reduce((sum, one) => sum + minor(one), 0n))
      expect(valueOf(only(block, at('NbOfTxs')))).toBe(String(transfers.length))
      expect(valueOf(only(block, at('ReqdExctnDt'), at('Dt')))).toMatch(/^2026-12-2[48]$/)
      expect(valueOf(only(block, at('Dbtr'), at('Nm')))).toBe('Meridian & Söhne <SE>')
      count += transfers.length
    }
    expect(valueOf(only(header, at('NbOfTxs')))).toBe(String(count))
    expect(count).toBe(mixed.length)
  })

  it('names each payee with its account, by IBAN or by clearing member and number, and the note in its text', () => {
    const transfers = blocks.flatMap((block) => all(block, at('CdtTrfTxInf')))
    for (const payment of mixed) {
      const transfer = transfers.find((one) => valueOf(only(one, at('PmtId'), at('EndToEndId'))) === payment.endToEndId)
      expect(valueOf(only(transfer, at('Cdtr'), at('Nm')))).toBe(payment.payeeName)
      expect(valueOf(only(transfer, at('RmtInf'), at('Ustrd')))).toContain(payment.noteId)
      const id = only(transfer, at('CdtrAcct'), at('Id'))
      const member = first(transfer, at('CdtrAgt'), at('FinInstnId'), at('ClrSysMmbId'))
      const { account } = payment
      if (account.scheme === 'IBAN') {
        expect([valueOf(only(id, at('IBAN'))), member]).toEqual([account.iban, undefined])
      } else {
        expect(valueOf(only(id, at('Othr'), at('Id')))).toBe(account.number)
        expect(valueOf(only(member, at('MmbId')))).toBe(account.bankCode)
        expect(valueOf(only(member, at('ClrSysId'), at('Cd')))).toBe('CNAPS')
      }
    }
  })

  it('is refused without payments, and with a name that the message has no room for', () => {
    const order = { createdAt: 'x', debtor: 'x', debtorAccount: parseAccount('IBAN:DE00999999990000417723')! }
    expect(() => writePain001({ ...order, messageId: 'x', payments: [] })).toThrow(RangeError)
    expect(() => writePain001({ ...order, messageId: 'x'.repeat(32), payments: mixed })).toThrow(RangeError)
  })
})
