import { Link } from '../app/link.tsx'
import { defineText, useText } from '../i18n/language.ts'

const text = defineText({
  calendar: { en: 'Maturity calendar', zh: '到期日历' },
  flow: { en: 'Cash flow', zh: '现金流' },
  lineage: { en: 'Lineage', zh: '流转谱系' }
})

/** From positions and payables to when they are paid. */
export function MaturityLinks() {
  const t = useText(text)
  return (
    <>
      <Link to="/app/calendar" class="button">
        {t.calendar}
      </Link>
      <Link to="/app/cash-flow" class="button">
        {t.flow}
      </Link>
    </>
  )
}

/** From a receivable or a note to its family tree. */
export function LineageLink({ of, id }: { of: 'receivables' | 'notes'; id: string }) {
  const t = useText(text)
  return (
    <Link to={`/app/${of}/${id}/lineage`} class="button">
      {t.lineage}
    </Link>
  )
}
