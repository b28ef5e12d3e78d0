import { defineText, useText } from '../i18n/language.ts'

/** Words of every state of receivables, notes and intents; colour is never the only sign. */
const text = defineText({
  registered: { en: 'Registered', zh: '已登记' },
  confirmed: { en: 'Confirmed', zh: '已确权' },
  rejected: { en: 'Rejected', zh: '已拒绝' },
  withdrawn: { en: 'Withdrawn', zh: '已撤回' },
  settled: { en: 'Settled', zh: '已清分' },
  live: { en: 'Live', zh: '持有中' },
  offered: { en: 'Offered', zh: '待签收' },
  locked: { en: 'Locked', zh: '已锁定' },
  pledged: { en: 'Pledged', zh: '已质押' },
  cancelled: { en: 'Cancelled', zh: '已冲减' },
  frozen: { en: 'Frozen', zh: '已冻结' },
  disputed: { en: 'Disputed', zh: '有争议' },
  open: { en: 'Open', zh: '待报价' },
  valid: { en: 'Open', zh: '有效' },
  quoted: { en: 'Quoted', zh: '已报价' },
  accepted: { en: 'Accepted', zh: '已接受' },
  funded: { en: 'Funded', zh: '已放款' },
  declined: { en: 'Declined', zh: '已谢绝' },
  lapsed: { en: 'Lapsed', zh: '已失效' },
  expired: { en: 'Expired', zh: '已过期' },
  closed: { en: 'Went elsewhere', zh: '已选他人' },
  held: { en: 'Held', zh: '持有' },
  returned: { en: 'Recourse demanded', zh: '追索中' },
  'awaiting-signatures': { en: 'Awaiting signatures', zh: '待签名' },
  recorded: { en: 'Recorded', zh: '已受理' },
  sent: { en: 'Sent', zh: '已发送' },
  mined: { en: 'In a block', zh: '已上链' },
  projected: { en: 'Done', zh: '已完成' },
  refused: { en: 'Refused', zh: '被拒绝' }
})

export type ShownState = keyof ReturnType<typeof text>

export function StateChip({ state }: { state: ShownState }) {
  const t = useText(text)
  return <span class={`chip state-${state}`}>{t[state]}</span>
}

/** The word alone, for pictures. */
export function stateWord(state: ShownState): string {
  return text()[state]
}
