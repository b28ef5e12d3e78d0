import { defineText, useText } from '../i18n/language.ts'

/** Words of applications, checks, participants and proposed keys; colour is never the only sign. */
const text = defineText({
  submitted: { en: 'To decide', zh: '待决定' },
  accepted: { en: 'Admission under way', zh: '准入办理中' },
  admitted: { en: 'Admitted', zh: '已准入' },
  refused: { en: 'Refused', zh: '已拒绝' },
  passed: { en: 'Passed', zh: '通过' },
  failed: { en: 'Failed', zh: '未通过' },
  hit: { en: 'On a list', zh: '命中名单' },
  'not-screened': { en: 'Not screened', zh: '未筛查' },
  none: { en: 'Nothing brought', zh: '未提交' },
  active: { en: 'Active', zh: '正常' },
  suspended: { en: 'Suspended', zh: '已暂停' },
  proposed: { en: 'Proposed', zh: '已提议' },
  pending: { en: 'Can be vetoed', zh: '可否决' },
  ready: { en: 'Delay is over', zh: '延迟期已满' },
  finished: { en: 'In force', zh: '已生效' },
  vetoed: { en: 'Vetoed', zh: '已否决' },
  cancelled: { en: 'Taken back', zh: '已撤回' },
  lapsed: { en: 'Lapsed', zh: '已失效' }
})
export type Standing = keyof ReturnType<typeof text>

/** The colours of web/style/states.css. */
const colours: Record<Standing, string> = {
  submitted: 'offered',
  accepted: 'locked',
  admitted: 'live',
  refused: 'refused',
  passed: 'live',
  failed: 'refused',
  hit: 'refused',
  'not-screened': 'offered',
  none: 'cancelled',
  active: 'live',
  suspended: 'refused',
  proposed: 'locked',
  pending: 'offered',
  ready: 'locked',
  finished: 'live',
  vetoed: 'refused',
  cancelled: 'cancelled',
  lapsed: 'cancelled'
}

export function StandingChip({ state }: { state: Standing }) {
  const t = useText(text)
  return <span class={`chip state-${colours[state]}`}>{t[state]}</span>
}
