import { useState } from 'preact/hooks'
import type { ApplicationReview } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { moment } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { directoryPace } from './pace.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Empty } from '../ui/empty.tsx'
import { Field } from '../ui/field.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { rolesInWords } from './roles.ts'
import { StandingChip, type Standing } from './standing-chip.tsx'

const text = defineText({
  title: { en: 'Applications', zh: '准入申请' },
  lead: {
    en: 'Who wants to be a participant, what each check says, and what was decided.',
    zh: '申请成为参与方的机构、各项核查结果与决定。'
  },
  caption: { en: 'Applications, the oldest first', zh: '申请（最早在前）' },
  name: { en: 'Applicant', zh: '申请人' },
  roles: { en: 'Applies as', zh: '申请角色' },
  submitted: { en: 'Submitted', zh: '提交时间' },
  checks: { en: 'Checks', zh: '核查' },
  state: { en: 'State', zh: '状态' },
  show: { en: 'Show', zh: '显示' },
  toDecide: { en: 'To decide', zh: '待决定' },
  accepted: { en: 'Admission under way', zh: '准入办理中' },
  admitted: { en: 'Admitted', zh: '已准入' },
  refused: { en: 'Refused', zh: '已拒绝' },
  more: { en: 'There are more: these are the oldest.', zh: '还有更多：此处为最早的申请。' },
  none: { en: 'No applications of this kind', zh: '暂无此类申请' },
  noneHint: {
    en: 'Whoever applies at the registry’s address for applications is listed here at once.',
    zh: '任何机构提交准入申请后会立即显示在此。'
  }
})

/** Each outcome once, the worst first. */
function outcomesOf({ checks }: ApplicationReview): Standing[] {
  const order: Standing[] = ['failed', 'hit', 'not-screened', 'none', 'passed']
  return order.filter((state) => checks.some(({ outcome }) => outcome === state))
}

/** Home of the registrar. */
export function ApplicationsPage() {
  const t = useText(text)
  const [state, setState] = useState<ApplicationReview['state']>('submitted')
  const live = useLive(
    `applications ${state}`,
    (signal) => api.call('listApplications', { state, limit: '200' }, { signal }),
    directoryPace
  )
  return (
    <Page title={t.title} lead={t.lead}>
      <Field label={t.show}>
        {(attributes) => (
          <select
            {...attributes}
            value={state}
            onChange={(event) => setState(event.currentTarget.value as ApplicationReview['state'])}
          >
            <option value="submitted">{t.toDecide}</option>
            <option value="accepted">{t.accepted}</option>
            <option value="admitted">{t.admitted}</option>
            <option value="refused">{t.refused}</option>
          </select>
        )}
      </Field>
      <Loaded live={live}>
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty title={t.none}>
              <p>{t.noneHint}</p>
            </Empty>
          ) : (
            <>
              {next !== null && <p>{t.more}</p>}
              <DataTable
                caption={t.caption}
                rows={items}
                keyOf={({ applicationId }) => applicationId}
                columns={[
                  {
                    title: t.name,
                    cell: ({ applicationId, name, country }) => (
                      <>
                        <Link to={`/app/applications/${applicationId}`}>{name}</Link> ({country})
                      </>
                    )
                  },
                  { title: t.roles, cell: ({ roles }) => rolesInWords(roles) },
                  { title: t.submitted, cell: ({ submittedAt }) => moment(Date.parse(submittedAt) / 1000) },
                  {
                    title: t.checks,
                    cell: (one) =>
                      outcomesOf(one).map((state) => (
                        <span key={state}>
                          <StandingChip state={state} />{' '}
                        </span>
                      ))
                  },
                  { title: t.state, cell: ({ state }) => <StandingChip state={state} /> }
                ]}
              />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}
